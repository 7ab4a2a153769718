//! The headings and labels of a record, and which of them a line is, misspelt ones included.

use std::ops::Range;

use crate::diagnostics::nearest;

use super::text::{BLANKED, clean, trimmed};

/// A part of the record that has a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Section {
    Title,
    Conditions,
    Pain,
    Meeting,
    Stakeholders,
    Objections,
    Competitor,
    Intro,
    IntroStatus,
    FirstTouch,
}

impl Section {
    pub(crate) const ALL: [Section; 10] = [
        Section::Title,
        Section::Conditions,
        Section::Pain,
        Section::Meeting,
        Section::Stakeholders,
        Section::Objections,
        Section::Competitor,
        Section::Intro,
        Section::IntroStatus,
        Section::FirstTouch,
    ];

    /// The heading as it is printed.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Section::Title => "HANDOFF RECORD:",
            Section::Conditions => "TRIGGER CONDITIONS (check all before marking handed off):",
            Section::Pain => "1. PAIN (prospect's exact words):",
            Section::Meeting => "2. NEXT MEETING:",
            Section::Stakeholders => "3. STAKEHOLDER MAP:",
            Section::Objections => "4. OBJECTIONS SURFACED:",
            Section::Competitor => "5. COMPETITOR MENTIONED:",
            Section::Intro => "WARM INTRO EMAIL:",
            Section::IntroStatus => "WARM INTRO EMAIL STATUS:",
            Section::FirstTouch => "AE FIRST TOUCH:",
        }
    }

    /// How people write it, upper-case, without number, brackets and colon; the first is the right one.
    fn names(self) -> &'static [&'static str] {
        match self {
            Section::Title => &["HANDOFF RECORD"],
            Section::Conditions => &["TRIGGER CONDITIONS", "TRIGGER CONDITION", "CONDITIONS"],
            Section::Pain => &["PAIN", "PAINS"],
            Section::Meeting => &["NEXT MEETING", "MEETING", "NEXT MEETING DETAILS"],
            Section::Stakeholders => &["STAKEHOLDER MAP", "STAKEHOLDERS", "STAKEHOLDERS IDENTIFIED"],
            Section::Objections => &["OBJECTIONS SURFACED", "OBJECTIONS", "OBJECTION SURFACED"],
            Section::Competitor => {
                &["COMPETITOR MENTIONED", "COMPETITORS MENTIONED", "COMPETITOR", "COMPETITORS"]
            }
            Section::Intro => {
                &["WARM INTRO EMAIL", "WARM INTRO", "WARM INTRO E-MAIL", "INTRO", "INTRO EMAIL"]
            }
            Section::IntroStatus => &["WARM INTRO EMAIL STATUS", "WARM INTRO E-MAIL STATUS"],
            Section::FirstTouch => &["AE FIRST TOUCH"],
        }
    }

    /// Free text: a line there may look like anything.
    pub(crate) fn is_free_text(self) -> bool {
        matches!(self, Section::Pain | Section::Competitor)
    }
}

/// A labelled line, `Format: Zoom`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum RecordLabel {
    Sdr,
    Ae,
    DateTime,
    Format,
    Attendees,
    Agenda,
    Objection,
    Handled,
    To,
    Discussed,
    WhyThisAe,
    WhatToExpect,
}

impl RecordLabel {
    pub(crate) const ALL: [RecordLabel; 12] = [
        RecordLabel::Sdr,
        RecordLabel::Ae,
        RecordLabel::DateTime,
        RecordLabel::Format,
        RecordLabel::Attendees,
        RecordLabel::Agenda,
        RecordLabel::Objection,
        RecordLabel::Handled,
        RecordLabel::To,
        RecordLabel::Discussed,
        RecordLabel::WhyThisAe,
        RecordLabel::WhatToExpect,
    ];

    pub(crate) fn name(self) -> &'static str {
        self.names().first().copied().unwrap_or_default()
    }

    fn names(self) -> &'static [&'static str] {
        match self {
            RecordLabel::Sdr => &["SDR"],
            RecordLabel::Ae => &["AE"],
            RecordLabel::DateTime => {
                &["Date/Time", "Date / Time", "DateTime", "Date and time", "Date & time", "Date", "When"]
            }
            RecordLabel::Format => &["Format"],
            RecordLabel::Attendees => &["Attendees", "Attendee"],
            RecordLabel::Agenda => &["Agenda"],
            RecordLabel::Objection => &["Objection"],
            RecordLabel::Handled => &["How handled", "Handled"],
            RecordLabel::To => &["To"],
            RecordLabel::Discussed => &["Discussed"],
            RecordLabel::WhyThisAe => &["Why this AE"],
            RecordLabel::WhatToExpect => &["What to expect"],
        }
    }

    pub(crate) fn section(self) -> Section {
        match self {
            RecordLabel::Sdr | RecordLabel::Ae => Section::Title,
            RecordLabel::DateTime | RecordLabel::Format | RecordLabel::Attendees | RecordLabel::Agenda => {
                Section::Meeting
            }
            RecordLabel::Objection | RecordLabel::Handled => Section::Objections,
            RecordLabel::To | RecordLabel::Discussed | RecordLabel::WhyThisAe | RecordLabel::WhatToExpect => {
                Section::Intro
            }
        }
    }

    pub(crate) fn of(section: Section) -> impl Iterator<Item = RecordLabel> {
        RecordLabel::ALL.into_iter().filter(move |label| label.section() == section)
    }
}

/// What a line turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LabelledLine<T> {
    pub what: T,
    /// The heading or label with its colon.
    pub name: Range<usize>,
    /// What follows it in the line, trimmed.
    pub rest: Range<usize>,
    /// It is misspelt, or lacks its colon: what is wrong.
    pub slip: Option<LabelMistake>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LabelMistake {
    Misspelt,
    NoColon,
}

struct Heading {
    /// Upper case, without number and brackets.
    name: String,
    numbered: bool,
    upper: bool,
    colon: bool,
    end: usize,
}

fn heading_of(text: &str, line: &Range<usize>) -> Option<Heading> {
    let slice = text.get(line.clone())?;
    let marks = ['*', '_', '=', '-', ' ', '\u{2022}', BLANKED];
    let bare = slice.trim_start_matches(marks);
    let offset = slice.len() - bare.len();
    let digits = bare.len() - bare.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let after = bare.get(digits..)?;
    let numbered = digits == 1 && after.starts_with(['.', ')', ':']);
    let (body, skipped) = if numbered { (after.get(1..)?, digits + 1) } else { (bare, 0) };
    let colon = colon(body);
    let before = body.get(..colon.map_or(body.len(), |(at, _)| at))?;
    let end = colon.map_or(slice.len(), |(at, width)| offset + skipped + at + width);
    let without_brackets = before.split('(').next().unwrap_or("");
    let name = clean(without_brackets.trim_matches(marks));
    let upper = name.chars().any(char::is_alphabetic) && !name.chars().any(char::is_lowercase);
    (!name.is_empty() && name.len() <= 60).then(|| Heading {
        name: name.to_uppercase(),
        numbered,
        upper,
        colon: colon.is_some(),
        end: line.start + end,
    })
}

/// Byte offset and width of the first colon, also a full-width one.
fn colon(text: &str) -> Option<(usize, usize)> {
    text.char_indices().find(|(_, c)| matches!(c, ':' | '\u{ff1a}')).map(|(at, c)| (at, c.len_utf8()))
}

/// The section that begins with this line. A number of the list alone, or capitals alone, make a line
/// look like a heading; in free text both are needed for a misspelt one.
pub(crate) fn section(text: &str, line: &Range<usize>, within: Section) -> Option<LabelledLine<Section>> {
    let heading = heading_of(text, line)?;
    let rest = trimmed(text, heading.end..line.end);
    let name = line.start..heading.end;
    let exact = Section::ALL.into_iter().find(|section| section.names().contains(&heading.name.as_str()));
    if let Some(section) = exact {
        let one_word = !heading.name.contains(' ');
        let looks_so = heading.numbered || heading.upper || (heading.colon && (!one_word || rest.is_empty()));
        // A name of several words that stands alone before its colon: `Warm intro email:`.
        let stands_alone = heading.colon && !one_word && rest.is_empty();
        // `Meeting: ..` or `Objection..` within a sentence is none; `HANDOFF RECORD` opens whatever its case.
        if !looks_so || (within.is_free_text() && !(heading.numbered || heading.upper || stands_alone)) {
            return None;
        }
        let slip = (!heading.colon && !heading.numbered && !heading.upper).then_some(LabelMistake::NoColon);
        return Some(LabelledLine { what: section, name, rest, slip });
    }
    let may_be_misspelt = heading.colon
        && (heading.upper || heading.numbered)
        && (!within.is_free_text() || (heading.upper && heading.name.len() > 3));
    if !may_be_misspelt
        || RecordLabel::ALL.iter().any(|label| label.name().eq_ignore_ascii_case(&heading.name))
    {
        return None;
    }
    let names = Section::ALL.into_iter().flat_map(|section| section.names().iter().copied());
    let near = nearest(&heading.name, names)?;
    let section = Section::ALL.into_iter().find(|section| section.names().contains(&near))?;
    Some(LabelledLine { what: section, name, rest, slip: Some(LabelMistake::Misspelt) })
}

/// Whether what stands behind the `#` of markdown is a heading of the record: `1. Pain`, `Handoff record: Acme`.
pub(crate) fn is_markdown_heading(text: &str) -> bool {
    let line = trimmed(text, 0..text.len());
    heading_of(text, &line).is_some_and(|heading| {
        Section::ALL.into_iter().any(|section| section.names().contains(&heading.name.as_str()))
    })
}

/// Whether a line looks like a heading though it is near to none: `6. BUDGET:`.
pub(crate) fn looks_like_heading(text: &str, line: &Range<usize>) -> bool {
    heading_of(text, line).is_some_and(|heading| heading.numbered && heading.upper && heading.colon)
}

/// The label that this line begins with.
pub(crate) fn label(text: &str, line: &Range<usize>, within: Section) -> Option<LabelledLine<RecordLabel>> {
    let slice = text.get(line.clone())?;
    let marks = ['*', '_', '-', ' ', '\u{2022}', BLANKED];
    let Some((at, width)) = colon(slice) else {
        return label_without_colon(slice, line, within);
    };
    let written = clean(slice.get(..at)?.trim_matches(marks));
    let end = line.start + at + width;
    let rest = trimmed(text, end..line.end);
    let name = line.start..end;
    let exact = RecordLabel::ALL
        .into_iter()
        .find(|label| label.names().iter().any(|known| known.eq_ignore_ascii_case(&written)));
    if let Some(label) = exact {
        return Some(LabelledLine { what: label, name, rest, slip: None });
    }
    if written.is_empty() || written.len() > 20 {
        return label_without_colon(slice, line, within);
    }
    let names = RecordLabel::of(within).map(RecordLabel::name);
    match nearest(&written, names)
        .and_then(|near| RecordLabel::ALL.into_iter().find(|label| label.name() == near))
    {
        Some(label) => Some(LabelledLine { what: label, name, rest, slip: Some(LabelMistake::Misspelt) }),
        None => label_without_colon(slice, line, within),
    }
}

/// Whether a line has the form of a label, known or not: `Location: Berlin`, `**Budget:** 10k`. A sentence with a colon, or
/// a link, is none.
pub(crate) fn looks_like_label(line: &str) -> bool {
    let marks = ['*', '_', ' '];
    clean(line).trim_start_matches(marks).split_once(':').is_some_and(|(name, rest)| {
        let name = name.trim_end_matches(marks);
        let rest = rest.trim_start_matches(['*', '_']);
        name.chars().next().is_some_and(char::is_uppercase)
            && name.len() <= 24
            && name.split_whitespace().count() <= 3
            && name.chars().all(|c| c.is_alphabetic() || c.is_whitespace() || c == '/' || c == '-')
            && (rest.is_empty() || rest.starts_with(char::is_whitespace))
    })
}

/// `Objection: Asked about the cost / How handled: Said the demo covers it`: the two lines that stand in this one.
pub(crate) fn objection_with_handled(text: &str, line: &Range<usize>) -> Option<[Range<usize>; 2]> {
    label(text, line, Section::Objections)
        .filter(|found| found.what == RecordLabel::Objection && found.slip.is_none())?;
    let slice = text.get(line.clone())?;
    let name = RecordLabel::Handled.name();
    // Lower case of ASCII alone, so that every place stays where it is.
    let at = slice.to_ascii_lowercase().rfind(&format!("{}:", name.to_ascii_lowercase()))?;
    let objection = slice.get(..at)?;
    let is_parted = objection.ends_with(|c: char| c.is_whitespace() || matches!(c, '/' | '|' | ';'));
    let end = objection.trim_end_matches(['/', '|', ';', ',', '-', '\u{2013}', '\u{2014}', ' ', '\t']).len();
    is_parted.then(|| [line.start..line.start + end, line.start + at..line.end])
}

/// `Format Zoom`
fn label_without_colon(
    slice: &str,
    line: &Range<usize>,
    within: Section,
) -> Option<LabelledLine<RecordLabel>> {
    let found = RecordLabel::of(within).find(|label| {
        let name = label.name();
        // Short names are ordinary words: `To begin with`.
        name.len() > 5
            && slice.get(..name.len()).is_some_and(|start| start == name)
            && slice.get(name.len()..).is_some_and(|rest| rest.starts_with(char::is_whitespace))
    })?;
    let end = line.start + found.name().len();
    let rest = slice.get(found.name().len()..)?;
    let start = end + (rest.len() - rest.trim_start().len());
    Some(LabelledLine {
        what: found,
        name: line.start..end,
        rest: start..line.end,
        slip: Some(LabelMistake::NoColon),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str, within: Section) -> Option<(Section, bool)> {
        section(line, &(0..line.len()), within).map(|found| (found.what, found.slip.is_some()))
    }

    #[test]
    fn headings_are_known_however_they_are_dressed() {
        for (line, expected) in [
            ("1. PAIN (prospect's exact words):", Section::Pain),
            ("**1. Pain:**", Section::Pain),
            ("2) Next meeting", Section::Meeting),
            ("3. STAKEHOLDER MAP", Section::Stakeholders),
            ("Trigger conditions:", Section::Conditions),
            ("OBJECTIONS", Section::Objections),
            ("Handoff Record: Acme | 2026-11-24", Section::Title),
            ("WARM INTRO EMAIL STATUS: [ ] Sent by SDR", Section::IntroStatus),
            ("INTRO:", Section::Intro),
            ("CONDITIONS:", Section::Conditions),
            ("AE FIRST TOUCH: [x] Completed within SLA", Section::FirstTouch),
        ] {
            assert_eq!(found(line, Section::Title), Some((expected, false)), "{line}");
        }
    }

    #[test]
    fn headings_in_small_letters_end_what_was_said() {
        for (line, expected) in [
            ("Warm intro email:", Some((Section::Intro, false))),
            ("next meeting:", Some((Section::Meeting, false))),
            ("Stakeholder map:", Some((Section::Stakeholders, false))),
            ("Meeting:", None),
            ("Next meeting: we lose it every time", None),
            ("next meeting", None),
        ] {
            assert_eq!(found(line, Section::Pain), expected, "{line}");
        }
    }

    #[test]
    fn misspelt_headings_are_recognised_and_said_to_be() {
        assert_eq!(found("2. NXT MEETING:", Section::Pain), Some((Section::Meeting, true)));
        assert_eq!(found("4. OBJECTION SURFCED:", Section::Meeting), Some((Section::Objections, true)));
        assert_eq!(found("6. BUDGET:", Section::Meeting), None);
    }

    #[test]
    fn a_sentence_is_no_heading() {
        assert_eq!(found("Pain: it hurts", Section::Pain), None);
        assert_eq!(found("Agenda: one, two", Section::Meeting), None);
        assert_eq!(found("we meet every week", Section::Pain), None);
        assert_eq!(found("AE: Calvin Reyes", Section::Title), None);
    }

    #[test]
    fn labels_are_known_misspelt_or_without_their_colon() {
        let label =
            |line: &str, within| label(line, &(0..line.len()), within).map(|found| (found.what, found.slip));
        assert_eq!(label("format: Zoom", Section::Meeting), Some((RecordLabel::Format, None)));
        assert_eq!(
            label("Formt: Zoom", Section::Meeting),
            Some((RecordLabel::Format, Some(LabelMistake::Misspelt)))
        );
        assert_eq!(
            label("Attendees Sarah", Section::Meeting),
            Some((RecordLabel::Attendees, Some(LabelMistake::NoColon)))
        );
        assert_eq!(label("part two: the demo", Section::Meeting), None);
        assert_eq!(label("- How handled: well", Section::Objections), Some((RecordLabel::Handled, None)));
    }

    #[test]
    fn an_objection_may_say_in_its_own_line_how_it_was_handled() {
        let parts = |line: &str| {
            let parts = objection_with_handled(line, &(0..line.len()))?;
            Some(parts.map(|part| line.get(part).unwrap().to_owned()))
        };
        let both =
            Some(["Objection: The cost".to_owned(), "How handled: Said the demo covers it".to_owned()]);
        assert_eq!(parts("Objection: The cost / How handled: Said the demo covers it"), both);
        assert_eq!(parts("Objection: The cost | How handled: Said the demo covers it"), both);
        assert_eq!(parts("Objection: The cost. how handled: Not yet").unwrap()[1], "how handled: Not yet");
        for line in ["Objection: The cost", "How handled: Said so", "Agenda: the cost / How handled: Said so"]
        {
            assert_eq!(parts(line), None, "{line}");
        }
    }
}
