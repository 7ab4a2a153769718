//! The trigger conditions: the four of the playbook, those that a team adds, and their ticks.
//!
//! A note behind a condition's name is kept: `[x] ICP criteria confirmed (120 people, SaaS)`.

use std::ops::Range;

use crate::diagnostics::{Fault, nearest};
use crate::language::{Role, is_word};

use super::fields::RecordReader;
use super::headings::Section;
use super::text::clean;

/// The conditions of every handoff, in the order of the record. docs/behaviour.md section 2.
pub(crate) const CONDITIONS: [&str; 4] =
    [INVITE_ACCEPTED, "ICP criteria confirmed", "Qualification threshold met", CONTACT_ESTABLISHED];

/// The two that mail can prove.
pub(crate) const INVITE_ACCEPTED: &str = "Calendar invite accepted";
pub(crate) const CONTACT_ESTABLISHED: &str = "Meaningful contact established";

/// Which of the demanded conditions a line of the record (or of [`crate::domain::handoff::Record`]) is:
/// its index among [`CONDITIONS`] and `extra` behind them.
pub(crate) fn condition_of(line: &str, extra: &[String]) -> Option<usize> {
    let line = line.to_lowercase();
    demanded(extra)
        .enumerate()
        .filter(|(_, name)| {
            let rest = line.strip_prefix(&clean(name).to_lowercase());
            rest.is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        })
        // Of `Budget confirmed` and `Budget confirmed in writing` the longer is meant.
        .max_by_key(|(_, name)| name.len())
        .map(|(index, _)| index)
}

/// Whether the words are nothing but a condition's name.
pub(crate) fn is_condition(words: &str, extra: &[String]) -> bool {
    let words = words.to_lowercase();
    demanded(extra).any(|name| clean(name).to_lowercase() == words)
}

fn demanded(extra: &[String]) -> impl Iterator<Item = &str> {
    CONDITIONS.into_iter().chain(extra.iter().map(String::as_str))
}

/// Signs that are a tick by themselves. U+2612 is what word processors put into a box that was clicked.
const TICKS: [char; 7] =
    ['\u{2611}', '\u{2612}', '\u{2705}', '\u{2714}', '\u{2713}', '\u{1f5f9}', '\u{1f5f8}'];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tick {
    Ticked,
    Open,
    /// Something is in the box that is neither.
    Unclear,
    NoBox,
}

struct ConditionLine {
    tick: Tick,
    /// The box, or the whole line where there is none.
    mark: Range<usize>,
    text: String,
    span: Range<usize>,
}

/// The conditions of the record, the demanded ones first and in their order.
pub(crate) fn read(reader: &mut RecordReader<'_>) -> Vec<String> {
    let Some(block) = reader.section(Section::Conditions) else { return Vec::new() };
    let extra = reader.ctx.extra_conditions;
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut seen: Vec<usize> = Vec::new();
    let count = CONDITIONS.len() + extra.len();
    for (place, span) in block.lines.iter().enumerate() {
        let line = line(reader.text, span);
        let Some(index) = known(reader, &line, &seen) else {
            if tick_fault(reader, &line) {
                found.push((count + place, line.text));
            }
            continue;
        };
        if seen.contains(&index) {
            reader.fault(
                Fault::error(&reader.source, line.span, "this condition appears twice")
                    .help("keep one of the two"),
            );
            continue;
        }
        seen.push(index);
        if tick_fault(reader, &line) {
            found.push((index, canonical(&line.text, index, extra)));
        }
    }
    for (index, name) in demanded(extra).enumerate() {
        if !seen.contains(&index) {
            let fault = Fault::error(
                &reader.source,
                block.heading.clone(),
                format!("the trigger condition `{name}` is missing"),
            )
            .help("every condition needs a line with its tick before a lead is handed off")
            .example(format!("[x] {name}"));
            reader.fault(fault);
        }
    }
    found.sort();
    found.into_iter().map(|(_, text)| text).collect()
}

/// The condition's name as it is demanded, with the note that follows it.
fn canonical(text: &str, index: usize, extra: &[String]) -> String {
    let name = demanded(extra).nth(index).map(clean).unwrap_or_default();
    let note: String = text.chars().skip(name.chars().count()).collect();
    format!("{name}{}", note.trim_end_matches(['.', ';', ',', ' ']))
}

/// Which condition the line is; one that is misspelt is reported and counts as there.
fn known(reader: &mut RecordReader<'_>, line: &ConditionLine, seen: &[usize]) -> Option<usize> {
    let extra = reader.ctx.extra_conditions;
    if let Some(index) = condition_of(&line.text, extra) {
        return Some(index);
    }
    let open = demanded(extra).enumerate().filter(|(index, _)| !seen.contains(index)).map(|(_, name)| name);
    let near = nearest(&line.text, open)?;
    let fault = Fault::error(&reader.source, line.span.clone(), "this is not one of the trigger conditions")
        .help(format!("did you mean `{near}`?"));
    reader.fault(fault);
    demanded(extra).position(|name| name == near)
}

/// Reports what is wrong with the tick; true where it is right.
fn tick_fault(reader: &mut RecordReader<'_>, line: &ConditionLine) -> bool {
    let example = format!("[x] {}", line.text);
    let fault = match line.tick {
        Tick::Ticked => return true,
        Tick::Open => {
            Fault::error(&reader.source, line.mark.clone(), format!("`{}` is not ticked", line.text))
                .label("still open")
                .unfilled()
                .help("a lead is handed off when every condition is met; tick it once it is true")
        }
        Tick::Unclear => {
            Fault::error(&reader.source, line.mark.clone(), "this is neither a tick nor an open box")
                .help("a tick is an `x` between the brackets")
        }
        Tick::NoBox => Fault::error(&reader.source, line.mark.clone(), "this line has no box to tick")
            .help("every line under the trigger conditions begins with `[x]`"),
    };
    reader.fault(fault.example(example));
    false
}

fn line(text: &str, span: &Range<usize>) -> ConditionLine {
    let slice = text.get(span.clone()).unwrap_or("");
    let bare = slice.trim_start_matches(['-', '*', '\u{2022}', ' ', '\t']);
    let start = span.start + (slice.len() - bare.len());
    let (tick, width) = tick(bare);
    if tick == Tick::NoBox
        && let Some((tick, at)) = tick_behind(bare)
    {
        let mark = start + at..start + bare.len();
        let name = clean(bare.get(..at).unwrap_or(""));
        let text = name.trim_end_matches([':', ' ', '-', '\u{2013}']).to_owned();
        return ConditionLine { tick, mark, text, span: span.clone() };
    }
    let rest = bare.get(width..).unwrap_or("");
    let mark = if tick == Tick::NoBox { span.clone() } else { start..start + width };
    ConditionLine { tick, mark, text: clean(rest), span: span.clone() }
}

/// The box at the end of a line, where it has none in front, and where it begins. Round brackets there hold a note.
fn tick_behind(line: &str) -> Option<(Tick, usize)> {
    let line = line.trim_end();
    let at = line.rfind(|c: char| c == '[' || c == '\u{2610}' || TICKS.contains(&c))?;
    let (tick, width) = tick(line.get(at..)?);
    let ends = line.get(at + width..)?.chars().all(|c| c == '\u{fe0f}');
    (ends && at > 0 && matches!(tick, Tick::Ticked | Tick::Open)).then_some((tick, at))
}

/// The box at the start of a line and its width in bytes.
fn tick(line: &str) -> (Tick, usize) {
    for mark in TICKS {
        if let Some(rest) = line.strip_prefix(mark) {
            let rest = rest.strip_prefix('\u{fe0f}').unwrap_or(rest);
            return (Tick::Ticked, line.len() - rest.len());
        }
    }
    if line.starts_with('\u{2610}') {
        return (Tick::Open, '\u{2610}'.len_utf8());
    }
    let inside = [('[', ']'), ('(', ')')].iter().find_map(|(open, close)| {
        let (inside, _) = line.strip_prefix(*open)?.split_once(*close)?;
        (inside.chars().count() <= 5).then_some(inside)
    });
    let Some(inside) = inside else { return (Tick::NoBox, 0) };
    let width = inside.len() + 2;
    let value = clean(inside).to_lowercase();
    let tick = match value.trim_end_matches('\u{fe0f}') {
        "x" | "v" | "\u{d7}" | "\u{2713}" | "\u{2714}" | "\u{221a}" | "\u{2611}" | "\u{2612}"
        | "\u{2705}" | "y" | "yes" | "ok" | "done" => Tick::Ticked,
        word if is_word(Role::Yes, word) => Tick::Ticked,
        "" | "_" | "-" | "." => Tick::Open,
        word if is_word(Role::No, word) => Tick::Open,
        _ => Tick::Unclear,
    };
    (tick, width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_known_in_every_hand() {
        for text in [
            "[x] a",
            "[X] a",
            "[ x ] a",
            "[\u{2713}] a",
            "[\u{2714}\u{fe0f}] a",
            "(x) a",
            "\u{2705} a",
            "- [x] a",
            "[yes] a",
        ] {
            assert_eq!(line(text, &(0..text.len())).tick, Tick::Ticked, "{text}");
            assert_eq!(line(text, &(0..text.len())).text, "a", "{text}");
        }
        for text in ["[ ] a", "[] a", "[_] a", "\u{2610} a"] {
            assert_eq!(line(text, &(0..text.len())).tick, Tick::Open, "{text}");
        }
        for text in ["\u{2612} a", "[v] a", "[\u{2612}] a", "a [x]", "a \u{2705}", "a: [X]"] {
            assert_eq!(line(text, &(0..text.len())).tick, Tick::Ticked, "{text}");
        }
        assert_eq!(line("[oui] a", &(0..7)).tick, Tick::Ticked);
        assert_eq!(line("[nein] a", &(0..8)).tick, Tick::Open);
        for text in ["a [ ]", "a \u{2610}"] {
            assert_eq!(line(text, &(0..text.len())).tick, Tick::Open, "{text}");
        }
        assert_eq!(line("a (ok)", &(0..6)).tick, Tick::NoBox);
        assert_eq!(line("[?] a", &(0..5)).tick, Tick::Unclear);
        assert_eq!(line("ICP ok", &(0..6)).tick, Tick::NoBox);
    }

    #[test]
    fn a_condition_is_known_in_any_case_and_with_a_note() {
        let extra = ["Budget confirmed".to_owned(), "Budget confirmed in writing".to_owned()];
        assert_eq!(condition_of("icp criteria Confirmed (120 people)", &extra), Some(1));
        assert_eq!(condition_of("Budget confirmed in writing", &extra), Some(5));
        assert_eq!(condition_of("Budget confirmed.", &extra), Some(4));
        assert_eq!(condition_of("ICP criteria confirmedly", &extra), None);
    }
}
