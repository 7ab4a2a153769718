//! A record with some of its lines written anew, as people correct it in an answer: `To: Sarah <sarah@acme.example>`.
//!
//! A correction is a line that begins with a label or a heading of the record, and what follows it up to the next one
//! or a blank line. A line that can stand in one place only needs neither: a row of the stakeholder map, `none raised`, a
//! quotation where the pain is missing; and what people write about one thing of it: `Company: Acme Europe`,
//! `ICP criteria confirmed: yes`, `Sarah: champion`. Every example that a fault gives is such a line. docs/behaviour.md section 13. What
//! it means is `super::parse`'s business.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostics::SourceText;
use crate::domain::answer;

use super::conditions::{condition_of, is_condition};
use super::fields::names_nobody;
use super::from_mail::{is_unknown_label, unlinked, without_marks};
use super::headings::{self, RecordLabel, Section};
use super::known_lines::{KnownLines, without_list_mark};
use super::layout::{self, LabelledValue, Layout};
use super::marks;
use super::stakeholders::row_alone;
use super::text::clean;

/// What came of a correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amended {
    pub text: String,
    /// The lines that were taken over, as they stand in the record now.
    pub understood: Vec<String>,
    /// Lines that begin with no label of the record.
    pub not_understood: Vec<String>,
}

/// Where a correction belongs.
pub(super) enum Place {
    Value(RecordLabel),
    Section(Section),
    /// The company in the title, whose date stays.
    Company,
    /// A condition's box.
    Condition(String),
    /// A row of the stakeholder map, and whose.
    Stakeholder(String),
}

/// A line of the record that is written anew, and what follows it.
pub(super) struct CorrectedPart {
    pub place: Place,
    pub lines: Vec<String>,
}

/// `record` with the corrections in `words`. Conditions that a team adds are `extra`.
pub(crate) fn amend(record: &str, words: &str, extra: &[String]) -> Amended {
    let (corrections, not_understood) = corrections(record, words, extra);
    let mut text = record.to_owned();
    let mut understood = Vec::new();
    let mut objection = None;
    for correction in corrections {
        let line = match &correction.place {
            Place::Value(label @ (RecordLabel::Objection | RecordLabel::Handled)) => {
                set_objection(&mut text, *label, &correction.lines, &mut objection)
            }
            Place::Value(label) => set_value(&mut text, *label, &correction.lines),
            Place::Stakeholder(name) => set_stakeholder(&mut text, name, &correction.lines.concat()),
            Place::Section(section) => set_section(&mut text, *section, &correction.lines),
            Place::Company => set_company(&mut text, &correction.lines.concat()),
            Place::Condition(name) => set_condition(&mut text, name, &correction.lines),
        };
        understood.push(line);
    }
    Amended { text, understood, not_understood }
}

fn corrections(record: &str, words: &str, extra: &[String]) -> (Vec<CorrectedPart>, Vec<String>) {
    let words = unlinked(words);
    let known = KnownLines::of(record);
    let mut found: Vec<CorrectedPart> = Vec::new();
    let mut other = Vec::new();
    let mut goes_on = false;
    for line in words.lines().flat_map(|line| lines_in(without_marks(line).trim())) {
        let last = found.last_mut();
        if line.is_empty() {
            // Below a heading its section begins, with a blank line between or not.
            goes_on &= last.is_some_and(|last| last.is_heading_alone());
        } else if let Some(correction) = begins(line, extra) {
            goes_on = correction.takes_lines();
            found.push(correction);
        } else if let Some(nothing) = last.as_ref().and_then(|last| known.nothing_below(last, line)) {
            goes_on = true;
            found.push(nothing);
        } else if let Some(row) = known.row(line) {
            match last {
                Some(map) if matches!(map.place, Place::Section(Section::Stakeholders)) => {
                    map.lines.extend(row.lines)
                }
                _ => found.push(row),
            }
            // A row is whole.
            goes_on = matches!(found.last(), Some(CorrectedPart { place: Place::Section(_), .. }));
        } else if let Some(last) = last.filter(|last| goes_on && !last.is_above(line)) {
            last.lines.push(line.to_owned());
        } else if let Some(value) = known.bare_value(without_list_mark(line)) {
            found.push(value);
            goes_on = true;
        } else {
            other.push(line.to_owned());
        }
    }
    (without_bare_headings(found), other)
}

impl CorrectedPart {
    /// Whether a line that says nothing of its place may go on from this one: below some headings every line has a label.
    fn takes_lines(&self) -> bool {
        let is_labelled = matches!(
            self.place,
            Place::Section(Section::Title | Section::Conditions | Section::Meeting | Section::Intro)
        );
        !is_labelled || !self.lines.is_empty()
    }

    /// Whether a line below says something of its own: one with a label that the record does not know, or an item of a list
    /// below what is one thing.
    fn is_above(&self, line: &str) -> bool {
        let is_one_thing = matches!(self.place, Place::Value(RecordLabel::DateTime | RecordLabel::Format));
        let is_item = marks::list_mark(line) > 0;
        match self.place {
            Place::Value(label) => {
                is_unknown_label(line, label.section()) || (is_one_thing && is_item && !self.lines.is_empty())
            }
            Place::Section(section) => is_unknown_label(line, section),
            _ => false,
        }
    }

    fn is_heading_alone(&self) -> bool {
        matches!(self.place, Place::Section(_)) && self.lines.is_empty()
    }
}

/// A heading with nothing below it takes nothing away: `NEXT MEETING:` above one new line of the meeting is where that line
/// stands. Above objections it says that they are all.
fn without_bare_headings(found: Vec<CorrectedPart>) -> Vec<CorrectedPart> {
    let mut kept: Vec<CorrectedPart> = Vec::new();
    let mut rest = found.into_iter().peekable();
    while let Some(part) = rest.next() {
        let next = rest.peek().map(|next| &next.place);
        let begins_objections = matches!(part.place, Place::Section(Section::Objections))
            && matches!(next, Some(Place::Value(RecordLabel::Objection)));
        if !part.is_heading_alone() || begins_objections {
            kept.push(part);
        }
    }
    kept
}

/// The lines of a record that people write into one: `SDR: Dana Fox | AE: Calvin Reyes`, and an objection with how it was
/// handled.
fn lines_in(line: &str) -> Vec<&str> {
    let whole = 0..line.len();
    if let Some(both) = headings::objection_with_handled(line, &whole) {
        return both.into_iter().filter_map(|part| line.get(part)).collect();
    }
    let is_title = |part: &str| {
        let label =
            headings::label(part, &(0..part.len()), Section::Title).filter(|found| found.slip.is_none());
        label.is_some_and(|found| found.what.section() == Section::Title)
    };
    let parts: Vec<&str> = line.split('|').map(str::trim).collect();
    if parts.len() > 1 && parts.iter().all(|part| is_title(part)) { parts } else { vec![line] }
}

fn row_name(line: &str) -> Option<String> {
    row_alone(line).map(|row| row.name.to_lowercase())
}

/// The correction that a line begins: with a label, a box or a heading.
pub(super) fn begins(line: &str, extra: &[String]) -> Option<CorrectedPart> {
    let line = line.get(marks::mark_before_label(line, Section::Intro)..).unwrap_or(line).trim_start();
    let bare = line.trim_start_matches(['-', '*', '•', '_', '#', ' ']);
    let whole = 0..bare.len();
    let rest = |range: &Range<usize>| {
        let rest = bare.get(range.clone()).unwrap_or_default().trim_matches(['*', '_', ' ']);
        if rest.is_empty() { Vec::new() } else { vec![rest.to_owned()] }
    };
    for section in [Section::Intro, Section::Meeting, Section::Objections, Section::Title] {
        let label = headings::label(bare, &whole, section).filter(|found| found.slip.is_none());
        if let Some(found) = label {
            return Some(CorrectedPart { place: Place::Value(found.what), lines: rest(&found.rest) });
        }
    }
    if let Some((ticked, name)) = box_of(line)
        && condition_of(name, extra).is_some()
    {
        let tick = if ticked { "x" } else { " " };
        return Some(CorrectedPart {
            place: Place::Condition(name.to_owned()),
            lines: vec![format!("[{tick}] {name}")],
        });
    }
    if let Some(condition) = condition_in_words(bare, extra) {
        return Some(condition);
    }
    let section = headings::section(bare, &whole, Section::Title).filter(|found| found.slip.is_none());
    if let Some(found) = section {
        let lines = rest(&found.rest);
        // `Next meeting: Thursday 3pm ET` is its time.
        let place = match found.what {
            Section::Meeting if !lines.is_empty() => Place::Value(RecordLabel::DateTime),
            section => Place::Section(section),
        };
        return Some(CorrectedPart { place, lines });
    }
    // A person writes `Pain: ..` where the record has a heading.
    let (name, value) = bare.split_once(':')?;
    if matches!(
        name.trim_matches(['*', '_', ' ']).to_lowercase().as_str(),
        "company" | "company name" | "account"
    ) {
        let company = value.trim_matches(['*', '_', ' ']).to_owned();
        return Some(CorrectedPart { place: Place::Company, lines: vec![company] });
    }
    let heading = format!("{}:", name.trim().to_uppercase());
    let found =
        headings::section(&heading, &(0..heading.len()), Section::Title).filter(|it| it.slip.is_none())?;
    let place = match found.what {
        Section::Meeting => Place::Value(RecordLabel::DateTime),
        section => Place::Section(section),
    };
    Some(CorrectedPart { place, lines: vec![value.trim().to_owned()] })
}

/// `ICP criteria confirmed`, with `: yes` or `: no` behind it or nothing: a condition without its box.
fn condition_in_words(line: &str, extra: &[String]) -> Option<CorrectedPart> {
    let (name, answer) = line.split_once([':', '=', '\u{2013}']).unwrap_or((line, ""));
    let (name, answer) = (clean(name), clean(answer));
    let name = name.trim_end_matches(['.', '!']).to_owned();
    let is_whole = is_condition(&name, extra);
    let ticked = match answer.to_lowercase().as_str() {
        "" | "x" | "done" | "ticked" | "true" => true,
        "open" | "false" | "pending" | "not yet" => false,
        _ => answer::yes_or_no(&answer)?,
    };
    let tick = if ticked { "x" } else { " " };
    is_whole.then(|| CorrectedPart { lines: vec![format!("[{tick}] {name}")], place: Place::Condition(name) })
}

/// `[x] ICP criteria confirmed`: whether it is ticked, and what.
fn box_of(line: &str) -> Option<(bool, &str)> {
    let line = line.trim_start_matches(['-', '*', '•', ' ']);
    let signs = [("☑", true), ("☒", true), ("✓", true), ("✔", true), ("✅", true), ("☐", false)];
    if let Some((sign, ticked)) = signs.iter().find(|(sign, _)| line.starts_with(sign)) {
        return Some((*ticked, line.get(sign.len()..)?.trim_start_matches('\u{fe0f}').trim()));
    }
    let (inside, name) = line.strip_prefix(['[', '('])?.split_once([']', ')'])?;
    let inside = inside.trim();
    (inside.chars().count() <= 3).then(|| (!inside.is_empty(), name.trim()))
}

pub(super) fn layout_of(record: &str) -> (String, Layout) {
    let working = marks::without_marks(record);
    let source = Arc::new(SourceText::new("", record));
    let layout = layout::read(&source, &working);
    (working, layout)
}

fn set_value(record: &mut String, label: RecordLabel, lines: &[String]) -> String {
    let line = format!("{}: {}", label.name(), lines.join(" "));
    let line = line.trim_end().to_owned();
    let (_, layout) = layout_of(record);
    match layout.value(label) {
        Some(known) => {
            let end = known.span.end.max(known.name.end);
            record.replace_range(known.name.start..end, &line);
        }
        None => insert_below(record, &layout, label.section(), &line),
    }
    line
}

/// Writes an objection or how it was handled. `current` is the objection that the same letter named last: what it says of
/// handling is about that one. An objection that is not known takes the only one's place, unless this letter wrote that, else
/// it is one more.
fn set_objection(
    record: &mut String,
    label: RecordLabel,
    lines: &[String],
    current: &mut Option<String>,
) -> String {
    let line = format!("{}: {}", label.name(), lines.join(" "));
    let line = line.trim_end().to_owned();
    let (working, layout) = layout_of(record);
    let words = |span: &Range<usize>| clean(working.get(span.clone()).unwrap_or_default()).to_lowercase();
    let mut pairs: Vec<(&LabelledValue, Option<&LabelledValue>)> = Vec::new();
    for value in &layout.values {
        match (value.label, pairs.last_mut()) {
            (RecordLabel::Objection, _) if !names_nobody(&words(&value.span)) => pairs.push((value, None)),
            (RecordLabel::Handled, Some((_, handled))) => *handled = Some(value),
            _ => {}
        }
    }
    let is_first = current.is_none();
    if label == RecordLabel::Objection {
        *current = Some(clean(&lines.join(" ")).to_lowercase());
    }
    let named = pairs.iter().position(|(value, _)| Some(words(&value.span)) == *current);
    let place = match (label, named, pairs.as_slice()) {
        (RecordLabel::Objection, Some(at), _) => pairs.get(at).map(|(value, _)| *value),
        (RecordLabel::Objection, None, [(only, _)]) if is_first => Some(*only),
        (RecordLabel::Objection, None, []) => {
            // `none raised` does not stand beside one.
            set_section(record, Section::Objections, std::slice::from_ref(&line));
            return line;
        }
        (RecordLabel::Objection, None, _) => None,
        _ => {
            let open = pairs.iter().position(|(_, handled)| handled.is_none());
            let at = named.or(open).or(pairs.len().checked_sub(1));
            let pair = at.and_then(|at| pairs.get(at));
            match pair {
                Some((value, None)) => {
                    let end = value.span.end.max(value.name.end);
                    record.insert_str(end, &format!("\n{line}"));
                    return line;
                }
                Some((_, handled)) => *handled,
                None => None,
            }
        }
    };
    match place {
        Some(known) => record.replace_range(known.name.start..known.span.end.max(known.name.end), &line),
        None => insert_below(record, &layout, Section::Objections, &line),
    }
    line
}

/// A row in the place of that person's, else below the others.
fn set_stakeholder(record: &mut String, name: &str, row: &str) -> String {
    let (working, layout) = layout_of(record);
    let known = layout.sections.get(&Section::Stakeholders).and_then(|block| {
        let is_theirs = |span: &&Range<usize>| {
            working.get((*span).clone()).and_then(row_name).is_some_and(|known| known == name)
        };
        block.lines.iter().find(is_theirs).cloned()
    });
    match known {
        Some(span) => record.replace_range(span, row),
        None => insert_below(record, &layout, Section::Stakeholders, row),
    }
    row.to_owned()
}

/// Puts a line at the end of a section, and the section at the end of the record where it is missing.
fn insert_below(record: &mut String, layout: &Layout, section: Section, line: &str) {
    match extent(record, layout, section) {
        Some(place) => record.insert_str(place.end, &format!("\n{line}")),
        None => {
            let heading = section.heading();
            record.push_str(&format!("\n{heading}\n{line}\n"));
        }
    }
}

/// From a section's heading to the end of its last line that is not blank.
fn extent(record: &str, layout: &Layout, section: Section) -> Option<Range<usize>> {
    let block = layout.sections.get(&section)?;
    let next = layout.sections.values().map(|other| other.heading.start);
    let end = next.filter(|start| *start > block.heading.start).min().unwrap_or(record.len());
    let kept = record.get(block.heading.start..end)?.trim_end().len();
    Some(block.heading.start..block.heading.start + kept)
}

/// The title with another company and the date that it had. Where it had none, none is invented.
fn set_company(record: &mut String, company: &str) -> String {
    let (working, layout) = layout_of(record);
    let title = layout.sections.get(&Section::Title).and_then(|block| block.lines.first());
    let date = title.and_then(|span| working.get(span.clone())).and_then(|title| title.rsplit_once('|'));
    let line = date.map_or_else(|| company.to_owned(), |(_, date)| format!("{company} | {}", clean(date)));
    set_section(record, Section::Title, &[line])
}

fn set_section(record: &mut String, section: Section, lines: &[String]) -> String {
    let (_, layout) = layout_of(record);
    let heading = section.heading();
    let stays_in_line = matches!(section, Section::Title | Section::IntroStatus | Section::FirstTouch);
    let written = if stays_in_line {
        format!("{heading} {}", lines.join(" "))
    } else {
        let body = if section == Section::Stakeholders { with_table_head(lines) } else { lines.to_vec() };
        format!("{heading}\n{}", body.join("\n"))
    };
    let place = if section == Section::Title {
        layout.sections.get(&section).map(|block| {
            let end = block.lines.first().map_or(block.heading.end, |line| line.end);
            block.heading.start..end.max(block.heading.end)
        })
    } else {
        extent(record, &layout, section)
    };
    match place {
        Some(place) => record.replace_range(place, &written),
        None => record.push_str(&format!("\n{written}\n")),
    }
    format!("{} {}", heading, clean(&lines.join(" "))).trim_end().to_owned()
}

/// The heading row that baton writes, where the rows do not bring one.
fn with_table_head(lines: &[String]) -> Vec<String> {
    let has_head = lines.first().is_some_and(|line| line.to_lowercase().contains("role"));
    if has_head {
        return lines.to_vec();
    }
    let head = ["Name | Title | Role in deal", "--- | --- | ---"].map(str::to_owned);
    head.into_iter().chain(lines.iter().cloned()).collect()
}

fn set_condition(record: &mut String, name: &str, lines: &[String]) -> String {
    let line = lines.join(" ");
    let wanted = clean(name).to_lowercase();
    let (_, layout) = layout_of(record);
    let known = layout.sections.get(&Section::Conditions).and_then(|block| {
        block.lines.iter().find(|span| {
            let slice = record.get((*span).clone()).unwrap_or_default();
            box_of(slice).is_some_and(|(_, text)| clean(text).to_lowercase().starts_with(&wanted))
        })
    });
    match known.cloned() {
        Some(span) => record.replace_range(span, &line),
        None => insert_below(record, &layout, Section::Conditions, &line),
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = include_str!("fixtures/acme.txt");

    #[test]
    fn a_labelled_line_takes_the_place_of_the_old_one() {
        let amended = amend(RECORD, "To: Sarah Lee <sarah.lee@acme.example>\nFormat: Teams", &[]);
        assert!(amended.text.contains("\nTo: Sarah Lee <sarah.lee@acme.example>\n"), "{}", amended.text);
        assert!(amended.text.contains("\nFormat: Teams\n") && !amended.text.contains("Format: Zoom"));
        assert_eq!(amended.understood, ["To: Sarah Lee <sarah.lee@acme.example>", "Format: Teams"]);
        assert_eq!(amended.not_understood, Vec::<String>::new());
        assert_eq!(amended.text.matches("\nTo:").count(), 1);
    }

    #[test]
    fn a_value_of_several_lines_is_replaced_whole_and_may_be_wrapped() {
        let words = "What to expect: a short call,\nthen the dashboard\n\nThanks for looking";
        let amended = amend(RECORD, words, &[]);
        assert!(amended.text.contains("\nWhat to expect: a short call, then the dashboard\n"));
        assert_eq!(amended.not_understood, ["Thanks for looking"]);
    }

    #[test]
    fn sections_boxes_and_the_title_can_be_written_anew() {
        let words = "PAIN: \"We lose two days a week.\"\n\n[ ] ICP criteria confirmed\n\n\
            STAKEHOLDER MAP:\nSarah Lee | VP Sales | champion\n\nHANDOFF RECORD: Acme Inc | 2026-11-24";
        let amended = amend(RECORD, words, &[]);
        let text = &amended.text;
        assert!(text.contains("1. PAIN (prospect's exact words):\n\"We lose two days a week.\"\n"), "{text}");
        assert!(text.contains("[ ] ICP criteria confirmed") && !text.contains("[x] ICP"), "{text}");
        assert!(text.contains("--- | --- | ---\nSarah Lee | VP Sales | champion\n"), "{text}");
        assert!(!text.contains("James Ortiz | Sales Ops"), "{text}");
        assert!(text.starts_with("HANDOFF RECORD: Acme Inc | 2026-11-24\nSDR:"), "{text}");
        assert_eq!(amended.understood.len(), 4);
    }

    #[test]
    fn one_thing_in_words_is_taken_over() {
        let is = |words: &str, wanted: &str| {
            let amended = amend(RECORD, words, &[]);
            assert!(amended.text.contains(wanted), "{words}: {}", amended.text);
            assert_eq!(amended.not_understood, Vec::<String>::new(), "{words}");
        };
        is("Company: Acme Europe", "HANDOFF RECORD: Acme Europe | 2026-11-24\n");
        is("- *Account:* Acme Europe", "HANDOFF RECORD: Acme Europe | 2026-11-24\n");
        is("ICP criteria confirmed: no", "\n[ ] ICP criteria confirmed");
        is("ICP criteria confirmed: not yet", "\n[ ] ICP criteria confirmed");
        let unticked = RECORD.replace("[x] ICP criteria", "[ ] ICP criteria");
        for words in [
            "ICP criteria confirmed",
            "icp criteria confirmed: yes",
            "ICP criteria confirmed: x",
            "- ICP criteria confirmed.",
        ] {
            let amended = amend(&unticked, words, &[]);
            assert!(
                amended.text.contains("[x] ") && !amended.text.contains("[ ] ICP"),
                "{words}: {}",
                amended.text
            );
            assert_eq!(amended.text.to_lowercase().matches("icp criteria").count(), 1);
        }
        for words in
            ["Sarah Lee: champion", "Sarah - champion", "Sarah Lee is the champion.", "sarah: Champion"]
        {
            is(words, "\nSarah Lee | VP Sales | champion\n");
        }
        // What is said about somebody or something is no correction.
        for words in [
            "ICP criteria confirmed by Ann last week",
            "Sarah Lee: out until Monday",
            "Ann Poe: champion",
            "The company is nice",
        ] {
            let amended = amend(RECORD, words, &[]);
            assert_eq!((amended.text.as_str(), amended.not_understood.len()), (RECORD, 1), "{words}");
        }
    }

    #[test]
    fn what_is_missing_is_added_where_it_belongs() {
        let without: String = RECORD
            .lines()
            .filter(|line| !line.starts_with("Format:"))
            .map(|line| format!("{line}\n"))
            .collect();
        let amended = amend(&without, "Format: Zoom", &[]);
        let meeting = amended.text.find("2. NEXT MEETING").unwrap();
        let stakeholders = amended.text.find("3. STAKEHOLDER").unwrap();
        let format = amended.text.find("Format: Zoom").unwrap();
        assert!(meeting < format && format < stakeholders, "{}", amended.text);
        let amended = amend("HANDOFF RECORD: Acme | 2026-11-24\n", "Competitor: none mentioned", &[]);
        assert!(amended.text.ends_with("5. COMPETITOR MENTIONED:\nnone mentioned\n"), "{}", amended.text);
    }

    #[test]
    fn a_row_of_the_map_is_a_line_of_its_own() {
        let words = "[x] ICP criteria confirmed\nSarah Lee | VP Sales | champion\nAnn Poe\tCFO\tgatekeeper\n\n\
            Dana Fox | SDR | Vendor";
        let amended = amend(RECORD, words, &[]);
        let text = &amended.text;
        assert!(text.contains("[x] ICP criteria confirmed\n"), "{text}");
        assert!(text.contains("--- | --- | ---\nSarah Lee | VP Sales | champion\nJames Ortiz |"), "{text}");
        assert!(text.contains("evaluator\nAnn Poe\tCFO\tgatekeeper\n\n4."), "{text}");
        assert_eq!(amended.not_understood, ["Dana Fox | SDR | Vendor"], "a card");
        // A role that is none is the record's to refuse, where the person is known.
        let amended = amend(RECORD, "James Ortiz | Sales Ops | boss", &[]);
        assert!(
            amended.text.contains("decision-maker\nJames Ortiz | Sales Ops | boss\n"),
            "{}",
            amended.text
        );
        // Below its heading the map is written anew, also behind a blank line.
        let amended = amend(RECORD, "STAKEHOLDER MAP:\n\nSarah Lee | VP Sales | champion", &[]);
        assert!(!amended.text.contains("James Ortiz | Sales Ops"), "{}", amended.text);
        assert!(amended.text.contains("Sarah Lee | VP Sales | champion"), "{}", amended.text);
    }

    #[test]
    fn a_heading_takes_nothing_away_by_itself() {
        let amended = amend(RECORD, "2. NEXT MEETING:\nFormat: Teams\n\nWARM INTRO EMAIL:\n\nSee you", &[]);
        assert_eq!(amended.text, RECORD.replace("Format: Zoom", "Format: Teams"));
        assert_eq!(
            (amended.understood, amended.not_understood),
            (vec!["Format: Teams".to_owned()], vec!["See you".to_owned()])
        );
        let anew = "OBJECTIONS SURFACED:\nObjection: No time\nHow handled: Half an hour";
        let amended = amend(RECORD, anew, &[]);
        assert!(
            amended.text.contains("SURFACED:\nObjection: No time\nHow handled: Half an hour\n"),
            "{}",
            amended.text
        );
        assert_eq!(amended.text.matches("Objection:").count(), 1);
        let amended = amend(RECORD, "PAIN:\n\n\"We lose two days.\"\n\nBest", &[]);
        assert!(amended.text.contains("exact words):\n\"We lose two days.\"\n"), "{}", amended.text);
        assert_eq!(amended.not_understood, ["Best"]);
        let amended = amend(RECORD, "Next meeting: 2026-12-01 15:00 Europe/Berlin", &[]);
        assert!(
            amended.text.contains("\nDate/Time: 2026-12-01 15:00 Europe/Berlin\nFormat:"),
            "{}",
            amended.text
        );
    }

    #[test]
    fn both_names_may_stand_in_one_line() {
        let amended = amend(RECORD, "SDR: Rita Moss | AE: Ann Poe", &[]);
        assert!(amended.text.contains("\nSDR: Rita Moss | AE: Ann Poe\n"), "{}", amended.text);
        assert_eq!(amended.text.matches("| AE: ").count(), 1, "{}", amended.text);
        assert_eq!(amended.understood, ["SDR: Rita Moss", "AE: Ann Poe"]);
    }

    #[test]
    fn values_that_can_stand_in_one_place_only_need_no_label() {
        let record = RECORD.replace("none mentioned", "Rival Inc");
        let amended = amend(&record, "none mentioned\n\nNone raised.", &[]);
        assert!(amended.text.contains("5. COMPETITOR MENTIONED:\nnone mentioned\n"), "{}", amended.text);
        assert!(amended.text.contains("4. OBJECTIONS SURFACED:\nNone raised.\n"), "{}", amended.text);
        let pain = "\"We lose two days a week.\"";
        assert_eq!(amend(RECORD, pain, &[]).not_understood, [pain], "there is a pain");
        let (above, rest) = RECORD.split_once("\"Our reps").unwrap();
        let (_, below) = rest.split_once('\n').unwrap();
        for missing in ["", "TBD"] {
            let record = format!("{above}{missing}\n{below}");
            let amended = amend(&record, pain, &[]);
            assert!(
                amended.text.contains(&format!("(prospect's exact words):\n{pain}\n")),
                "{}",
                amended.text
            );
            assert_eq!(amend(&record, "\"send\"", &[]).not_understood, ["\"send\""]);
        }
    }

    #[test]
    fn an_objection_is_corrected_by_its_own_words() {
        let (above, rest) = RECORD.split_once("Objection:").unwrap();
        let (_, below) = rest.split_once("\n\n5.").unwrap();
        let objections = |lines: &str, words: &str| {
            let record = format!("{above}{lines}\n\n5.{below}");
            let text = amend(&record, words, &[]).text;
            let (written, _) = text.split_once("\n\n5.").unwrap();
            written.strip_prefix(above).unwrap().trim_end().to_owned()
        };
        let cost = "Objection: The cost\nHow handled: Said so";
        let time = "Objection: No time\nHow handled: Half an hour";
        assert_eq!(objections("none raised", cost), cost);
        assert_eq!(objections("", "Objection: The cost / How handled: Said so"), cost);
        assert_eq!(objections(cost, time), time, "the only one");
        assert_eq!(
            objections(&format!("{cost}\n{time}"), "Objection: No time / How handled: Later"),
            format!("{cost}\nObjection: No time\nHow handled: Later")
        );
        assert_eq!(
            objections(&format!("{cost}\nObjection: No time"), "How handled: Half an hour"),
            format!("{cost}\n{time}")
        );
        assert_eq!(
            objections(&format!("{cost}\n{time}"), "Objection: Trust\nHow handled: A reference"),
            format!("{cost}\n{time}\nObjection: Trust\nHow handled: A reference")
        );
    }

    #[test]
    fn talk_corrects_nothing() {
        let amended = amend(RECORD, "Can Calvin bring the deck?\nI think 3pm is better.", &[]);
        assert_eq!(amended.text, RECORD);
        assert_eq!(amended.understood, Vec::<String>::new());
        assert_eq!(amended.not_understood.len(), 2);
    }

    #[test]
    fn a_line_with_a_label_of_its_own_goes_on_from_none() {
        for below in [
            "Competition: Gizmodrome",
            "Wettbewerb: Gizmodrome",
            "Concurrent : Gizmodrome",
            "**Notes:** very price sensitive",
            "- Budget: 10k",
            "Internal: do not mention price",
            "- and invite James",
        ] {
            for label in ["Format: Teams", "Format:\nTeams"] {
                let amended = amend(RECORD, &format!("{label}\n{below}"), &[]);
                assert_eq!(amended.text, RECORD.replace("Format: Zoom", "Format: Teams"), "{below}");
                assert_eq!(amended.not_understood, [below]);
            }
        }
        let record = RECORD.replace("none mentioned", "Rival Inc").replace("[x] ICP", "[ ] ICP");
        for words in [
            "1. [x] ICP criteria confirmed\n2. Format: Teams\n3. none mentioned",
            "[x] ICP criteria confirmed\nFormat: Teams\nnone mentioned",
        ] {
            let amended = amend(&record, words, &[]);
            assert_eq!(amended.text, RECORD.replace("Format: Zoom", "Format: Teams"), "{words}");
            assert_eq!(amended.not_understood, Vec::<String>::new());
        }
        let items = amend(RECORD, "Agenda:\n- pricing\n- rollout: when and where", &[]);
        assert!(items.text.contains("Agenda: - pricing - rollout: when and where\n"), "{}", items.text);
        let said = amend(RECORD, "PAIN:\n\"We lose two days.\nSupport: we are lost.\"", &[]);
        assert!(said.text.contains("\"We lose two days.\nSupport: we are lost.\"\n"), "{}", said.text);
    }
}
