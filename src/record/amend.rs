//! A record with some of its lines written anew, as people correct it in an answer: `To: Sarah <sarah@acme.example>`.
//!
//! A correction is a line that begins with a label or a heading of the record, and what follows it up to the next one
//! or a blank line. docs/behaviour.md section 13. What it means is `super::parse`'s business.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostics::SourceText;

use super::conditions::condition_of;
use super::from_mail::{unlinked, without_marks};
use super::headings::{self, RecordLabel, Section};
use super::layout::{self, Layout};
use super::marks;
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

enum Place {
    Value(RecordLabel),
    Section(Section),
    /// A condition's box.
    Condition(String),
}

struct CorrectedPart {
    place: Place,
    lines: Vec<String>,
}

/// `record` with the corrections in `words`. Conditions that a team adds are `extra`.
pub(crate) fn amend(record: &str, words: &str, extra: &[String]) -> Amended {
    let (corrections, not_understood) = corrections(words, extra);
    let mut text = record.to_owned();
    let mut understood = Vec::new();
    for correction in corrections {
        let line = match &correction.place {
            Place::Value(label) => set_value(&mut text, *label, &correction.lines),
            Place::Section(section) => set_section(&mut text, *section, &correction.lines),
            Place::Condition(name) => set_condition(&mut text, name, &correction.lines),
        };
        understood.push(line);
    }
    Amended { text, understood, not_understood }
}

fn corrections(words: &str, extra: &[String]) -> (Vec<CorrectedPart>, Vec<String>) {
    let words = unlinked(words);
    let mut found: Vec<CorrectedPart> = Vec::new();
    let mut other = Vec::new();
    let mut goes_on = false;
    for line in words.lines().map(|line| without_marks(line).trim()) {
        if line.is_empty() {
            goes_on = false;
        } else if let Some(correction) = begins(line, extra) {
            found.push(correction);
            goes_on = true;
        } else if let (true, Some(last)) = (goes_on, found.last_mut()) {
            last.lines.push(line.to_owned());
        } else {
            other.push(line.to_owned());
        }
    }
    (found, other)
}

fn begins(line: &str, extra: &[String]) -> Option<CorrectedPart> {
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
    let section = headings::section(bare, &whole, Section::Title).filter(|found| found.slip.is_none());
    if let Some(found) = section {
        return Some(CorrectedPart { place: Place::Section(found.what), lines: rest(&found.rest) });
    }
    // A person writes `Pain: ..` where the record has a heading.
    let (name, value) = bare.split_once(':')?;
    let heading = format!("{}:", name.trim().to_uppercase());
    let found =
        headings::section(&heading, &(0..heading.len()), Section::Title).filter(|it| it.slip.is_none())?;
    let place = match found.what {
        Section::Meeting => Place::Value(RecordLabel::DateTime),
        section => Place::Section(section),
    };
    Some(CorrectedPart { place, lines: vec![value.trim().to_owned()] })
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

fn layout_of(record: &str) -> (String, Layout) {
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
    fn talk_corrects_nothing() {
        let amended = amend(RECORD, "Can Calvin bring the deck?\nI think 3pm is better.", &[]);
        assert_eq!(amended.text, RECORD);
        assert_eq!(amended.understood, Vec::<String>::new());
        assert_eq!(amended.not_understood.len(), 2);
    }
}
