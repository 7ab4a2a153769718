//! A record that comes back in the quotation of an answer, apart from what was written between its lines or below it.
//!
//! People correct what they were shown by a line of their own where the old one stands: `Format: Teams` below the quoted
//! `Format: Zoom`. Such lines are corrections, not second lines of the record. What fills in an empty place stays in it, as
//! does what goes on from a quoted line. docs/behaviour.md section 13. Known limit: where the quotation has no marks
//! (Outlook), lines are told by their labels alone.

use std::collections::BTreeSet;

use super::amend::{Place, begins};
use super::fields::names_nobody;
use super::from_mail::{
    ends_record, goes_on_in, is_marked, is_note, is_unknown_label, opens_record, record_of, section_of,
    unlinked, without_marks,
};
use super::headings::{RecordLabel, Section};
use super::stakeholders::row_alone;
use super::text::{clean, is_placeholder};

/// What came back of a record that was shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReturnedRecord {
    /// The record as the quotation has it, with what was filled in.
    pub text: String,
    /// Labelled lines that its reader wrote beside those that were shown: own words, where they are not a signature's.
    pub written: Vec<String>,
    /// The same of lines that stand in the quotation itself, as where it has no marks.
    pub inserted: Vec<String>,
    /// Lines of the reader's own that fill places of the record in.
    pub filled_in: Vec<String>,
}

/// `shown` is the record that was quoted. Conditions that a team adds are `extra`.
pub(crate) fn returned(mail_text: &str, shown: &str, extra: &[String]) -> Option<ReturnedRecord> {
    let plain = unlinked(mail_text).replace("\r\n", "\n");
    let lines: Vec<&str> = plain.split(['\n', '\r']).collect();
    let opens = |line: &str| opens_record(without_marks(line));
    let marked = lines.iter().position(|line| is_marked(line) && opens(line));
    let begin = marked.or_else(|| lines.iter().position(|line| opens(line)))?;
    let is_own = |line: &str| marked.is_some() && !is_marked(line);
    let lines = lines.get(begin..)?;
    // Another record below it is that of an older mail.
    let next = lines.iter().skip(1).position(|line| !is_own(line) && opens(line));
    let lines = next.and_then(|next| lines.get(..=next)).unwrap_or(lines);
    let text = |line: &str| clean(without_marks(line));
    let shown: Vec<String> = shown.lines().map(clean).filter(|line| !line.is_empty()).collect();
    let quoted = lines.iter().filter(|line| !is_own(line)).map(|line| text(line));
    let unchanged: BTreeSet<String> = quoted.filter(|line| shown.contains(line)).collect();
    let mut reading = Reading {
        unchanged_labels: unchanged.iter().filter_map(|line| label_of(line, extra)).map(|it| it.0).collect(),
        shown,
        unchanged,
        extra,
        section: Section::Title,
        has_content: false,
        has_objection: false,
        empty_place: None,
        last: String::new(),
        run: Run::None,
        after_blank: false,
        kept: Vec::new(),
        found: ReturnedRecord::default(),
    };
    let last_quoted = lines.iter().rposition(|line| !is_own(line) && !text(line).is_empty());
    let mut has_ended = false;
    for (at, line) in lines.iter().enumerate() {
        if is_own(line) {
            reading.take_own(without_marks(line), !has_ended && last_quoted > Some(at));
        } else if !has_ended {
            let below = lines.get(at + 1..).unwrap_or_default();
            has_ended = !reading.take_quoted(without_marks(line), below);
        }
    }
    let kept: Vec<&str> = reading.kept.iter().map(String::as_str).collect();
    Some(ReturnedRecord { text: record_of(&kept), ..reading.found })
}

/// What became of the reader's own line right above.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    None,
    /// It is no part of the record.
    Apart,
    /// The same of a heading, below which a blank line may follow.
    ApartHeading,
    FilledIn,
}

struct Reading<'a> {
    /// The lines of the record as it was shown.
    shown: Vec<String>,
    /// Those of them that came back in the quotation, and their labels.
    unchanged: BTreeSet<String>,
    unchanged_labels: Vec<RecordLabel>,
    extra: &'a [String],
    section: Section,
    /// The section has something in it that is no placeholder.
    has_content: bool,
    has_objection: bool,
    /// Where a line stands in `kept` that waits for its value, and its label where it has one.
    empty_place: Option<(usize, Option<RecordLabel>)>,
    /// The line above in the record, whole where a program wrapped it.
    last: String,
    run: Run,
    after_blank: bool,
    kept: Vec<String>,
    found: ReturnedRecord,
}

impl Reading<'_> {
    fn take_blank(&mut self) {
        self.after_blank = true;
        if !matches!(self.run, Run::ApartHeading | Run::FilledIn) {
            self.run = Run::None;
        }
        self.kept.push(String::new());
    }

    /// A line of the quotation, and what stands below it. Returns whether the record may go on.
    fn take_quoted(&mut self, line: &str, below: &[&str]) -> bool {
        let text = clean(line);
        if text.is_empty() {
            self.take_blank();
            return true;
        }
        if is_note(line) {
            self.empty_place = self.empty_place.filter(|_| !self.after_blank);
            return true;
        }
        if self.is_second_line(&text) {
            let inserted = self.set_apart(text);
            self.found.inserted.extend(inserted);
            return true;
        }
        if ends_record(line.trim(), self.section, self.after_blank) && !goes_on_in(below) {
            return false;
        }
        self.keep(line, text);
        self.section != Section::FirstTouch
    }

    fn keep(&mut self, line: &str, text: String) {
        self.run = Run::None;
        self.empty_place = None;
        if let Some(section) = section_of(line.trim()) {
            self.section = section;
            (self.has_content, self.has_objection) = (false, false);
        } else {
            let label = label_of(&text, self.extra);
            let value = label.as_ref().map_or(text.as_str(), |(_, value)| value);
            let is_row = self.section != Section::Stakeholders || row_alone(&text).is_some();
            self.has_content |= is_row && !is_placeholder(value);
            self.has_objection |= !is_placeholder(value)
                && !names_nobody(value)
                && matches!(label, Some((RecordLabel::Objection, _)));
            if is_placeholder(value) && (label.is_some() || self.section.is_free_text()) {
                self.empty_place = Some((self.kept.len(), label.map(|(label, _)| label)));
            }
        }
        let is_rest = self.ends_shown_line(&text);
        match self.kept.last_mut() {
            // By itself it would be a line that the record has no place for.
            Some(last) if is_rest && is_unknown_label(&text, self.section) => {
                last.push(' ');
                last.push_str(&text);
            }
            _ => self.kept.push(line.to_owned()),
        }
        self.last = if is_rest { format!("{} {text}", self.last) } else { text };
        self.after_blank = false;
    }

    /// A line of the reader's own. `is_between`: the quotation goes on below it.
    fn take_own(&mut self, line: &str, is_between: bool) {
        let text = clean(line);
        if text.is_empty() {
            return self.take_blank();
        }
        if is_note(line) {
            return;
        }
        let lost_its_mark = self.shown.contains(&text) && !self.unchanged.contains(&text);
        if lost_its_mark || self.goes_on(&text) {
            return self.keep(line, text);
        }
        if !self.fills_in(&text, is_between) {
            let written = self.set_apart(text);
            self.found.written.extend(written);
            return;
        }
        match self.empty_place.take() {
            Some((at, label)) => {
                let filled = label.map_or(text.clone(), |label| format!("{}: {text}", label.name()));
                if let Some(place) = self.kept.get_mut(at) {
                    *place = filled;
                }
                // Blank lines below the label part nothing.
                self.kept.truncate(at + 1);
            }
            None => {
                // Behind a blank line it would end the record.
                while self.run == Run::FilledIn && self.kept.last().is_some_and(String::is_empty) {
                    self.kept.pop();
                }
                self.kept.push(line.to_owned());
            }
        }
        self.last.clone_from(&text);
        self.found.filled_in.push(text);
        self.has_content = true;
        self.run = Run::FilledIn;
        self.after_blank = false;
    }

    /// No part of the record; the line itself where it has a label.
    fn set_apart(&mut self, text: String) -> Option<String> {
        let part = begins(&text, self.extra);
        self.run = match &part {
            Some(part) if matches!(part.place, Place::Section(_)) && part.lines.is_empty() => {
                Run::ApartHeading
            }
            _ => Run::Apart,
        };
        self.after_blank = false;
        part.map(|_| text)
    }

    /// Whether a line is the rest of the one above: of one that was shown, or of one that was changed where it stands.
    fn goes_on(&self, text: &str) -> bool {
        // `SDR: Dana Fox | AE:` waits for a name.
        if self.last.contains('|') && self.last.ends_with(':') && begins(text, self.extra).is_none() {
            return !self.after_blank && self.run == Run::None;
        }
        let is_changed = || !self.shown.iter().any(|line| line.contains(&self.last));
        let is_below = !self.after_blank && !self.last.is_empty() && self.run == Run::None;
        let is_rest = || begins(text, self.extra).is_none() && !is_unknown_label(text, self.section);
        self.ends_shown_line(text) || is_below && is_changed() && self.empty_place.is_none() && is_rest()
    }

    /// Whether the line above and this one are one that was shown: a program wrapped it.
    fn ends_shown_line(&self, text: &str) -> bool {
        let is_below = !self.after_blank && !self.last.is_empty() && self.run == Run::None;
        let both = [format!("{} {text}", self.last), format!("{}{text}", self.last)];
        is_below && self.shown.iter().any(|line| both.iter().any(|both| line.contains(both.as_str())))
    }

    /// A line with a label whose line as it was shown stands in the record, too.
    fn is_second_line(&self, text: &str) -> bool {
        if self.shown.iter().any(|line| line == text) {
            return false;
        }
        let Some((label, _)) = label_of(text, self.extra) else { return false };
        let may_repeat = matches!(label, RecordLabel::Objection | RecordLabel::Handled);
        !may_repeat && self.unchanged_labels.contains(&label)
    }

    /// Whether a line of the reader's own stands where the record is empty, or goes on from one that does.
    fn fills_in(&self, text: &str, is_between: bool) -> bool {
        match begins(text, self.extra).map(|part| part.place) {
            // One more of them, where they stand.
            Some(Place::Value(RecordLabel::Objection)) => {
                return self.section == Section::Objections && self.has_objection && is_between;
            }
            Some(Place::Value(RecordLabel::Handled)) => return self.run == Run::FilledIn,
            Some(_) => return false,
            None if is_unknown_label(text, self.section) => return false,
            None => {}
        }
        match self.run {
            Run::Apart | Run::ApartHeading => return false,
            // Paragraphs of the reader's own, up to the next line of the quotation.
            Run::FilledIn => return is_between || !self.after_blank,
            Run::None => {}
        }
        let is_quotation = text.starts_with(['"', '\u{201c}', '\u{201e}', '\u{ab}']);
        match self.section {
            _ if !is_between => false,
            Section::Pain => !self.has_content || is_quotation,
            // `none mentioned`, `none raised` say by themselves where they belong.
            Section::Competitor | Section::Objections | Section::Stakeholders if !self.has_content => {
                !names_nobody(text)
            }
            _ => matches!(self.empty_place, Some((_, Some(_)))),
        }
    }
}

/// The label that a line begins with, and what follows it.
fn label_of(text: &str, extra: &[String]) -> Option<(RecordLabel, String)> {
    let part = begins(text, extra)?;
    match part.place {
        Place::Value(label) => Some((label, part.lines.concat())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::comparable;
    use super::*;

    const RECORD: &str = include_str!("fixtures/acme.txt");

    fn quoted(record: &str) -> String {
        record.lines().map(|line| format!("> {line}\n")).collect()
    }

    /// What came back where `own` stands right below the quoted line that begins with `above`.
    fn with(record: &str, above: &str, own: &str) -> ReturnedRecord {
        let mut text = "Am 10.11.26 schrieb baton:\n".to_owned();
        for line in record.lines() {
            text.push_str(&format!("> {line}\n"));
            if line.starts_with(above) {
                text.push_str(&format!("{own}\n"));
            }
        }
        returned(&text, record, &[]).unwrap()
    }

    #[test]
    fn what_is_written_between_or_below_quoted_lines_is_no_part_of_the_record() {
        for own in ["Format: Teams", "* Format: Teams", "\u{25aa} Format: Teams", "\nFormat: Teams\n"] {
            for above in ["Format", "Agenda", "1. PAIN", "WARM INTRO EMAIL:", "SDR"] {
                let found = with(RECORD, above, own);
                assert_eq!(comparable(&found.text), comparable(RECORD), "{above}: {own}");
                assert_eq!(found.written, [clean(own)], "{above}");
                assert_eq!(found.filled_in, Vec::<String>::new());
            }
            let below = returned(&format!("{}\n{own}\n\nBest\nSam\n", quoted(RECORD)), RECORD, &[]).unwrap();
            assert_eq!((comparable(&below.text), below.written), (comparable(RECORD), vec![clean(own)]));
        }
        for own in ["Teams please", "is that still right?", "\nTeams please\n", "Sarah: champion"] {
            let found = with(RECORD, "Format", own);
            assert_eq!((comparable(&found.text), found.written), (comparable(RECORD), vec![]), "{own}");
        }
        let section = with(RECORD, "Agenda", "4. OBJECTIONS SURFACED:\n\nnone raised");
        assert_eq!(comparable(&section.text), comparable(RECORD));
        assert_eq!(section.written, ["4. OBJECTIONS SURFACED:"]);
    }

    #[test]
    fn lines_that_a_program_wrapped_or_whose_mark_was_lost_are_quoted() {
        let agenda = RECORD.lines().find(|line| line.starts_with("Agenda:")).unwrap();
        let (first, second) = agenda.split_at(agenda.rfind(' ').unwrap());
        let wrapped = quoted(RECORD).replace(agenda, &format!("{first}\n{}", second.trim()));
        let lost = quoted(RECORD).replace(&format!("> {agenda}"), agenda);
        let changed = quoted(RECORD).replace(agenda, "Agenda: a whole new\nplan");
        for text in [&wrapped, &lost] {
            let found = returned(text, RECORD, &[]).unwrap();
            assert_eq!((comparable(&found.text), found.written), (comparable(RECORD), vec![]), "{text}");
        }
        let found = returned(&changed, RECORD, &[]).unwrap();
        assert!(found.text.contains("\nAgenda: a whole new plan\n"), "{}", found.text);
    }

    #[test]
    fn what_fills_an_empty_place_stays_in_it() {
        let line = |label: &str| RECORD.lines().find(|line| line.starts_with(label)).unwrap().to_owned();
        for (label, empty) in [("Agenda:", ""), ("Agenda:", " TBD"), ("Format:", "")] {
            let shown = RECORD.replace(&line(label), &format!("{label}{empty}"));
            for own in ["pricing", "\npricing\n"] {
                let found = with(&shown, label, own);
                assert!(found.text.contains(&format!("\n{label} pricing\n")), "{}", found.text);
                assert_eq!(found.filled_in, ["pricing"]);
            }
            let below = returned(&format!("{}\npricing\n", quoted(&shown)), &shown, &[]).unwrap();
            assert_eq!((comparable(&below.text), below.filled_in), (comparable(&shown), vec![]));
        }
        let second = with(RECORD, "How handled", "Objection: No time.\nHow handled: Half an hour.");
        assert!(second.text.contains("Objection: No time.\nHow handled: Half an hour."), "{}", second.text);
    }

    #[test]
    fn what_has_a_label_of_its_own_is_no_rest_of_a_line_unless_it_was_shown_so() {
        for above in ["Format", "Agenda", "Discussed"] {
            let found = with(RECORD, above, "Budget: 10k");
            assert_eq!((comparable(&found.text), found.filled_in), (comparable(RECORD), vec![]), "{above}");
        }
        let agenda = RECORD.lines().find(|line| line.starts_with("Agenda:")).unwrap();
        let shown = RECORD.replace(agenda, "Agenda: two things, then Pricing: what it costs");
        let emptied = shown.replace("Format: Zoom", "Format:");
        let found = with(&emptied, "Format", "Budget: 10k");
        assert_eq!((comparable(&found.text), found.filled_in), (comparable(&emptied), vec![]));
        let wrapped = quoted(&shown).replace("then Pricing", "then\n> Pricing");
        let found = returned(&wrapped, &shown, &[]).unwrap();
        assert_eq!(comparable(&found.text), comparable(&shown));
    }

    #[test]
    fn a_value_in_a_paragraph_of_its_own_stays_in_a_quotation_without_marks() {
        let line = |label: &str| RECORD.lines().find(|line| line.starts_with(label)).unwrap().to_owned();
        for label in ["To:", "Discussed:", "Why this AE:", "What to expect:"] {
            let shown = RECORD.replace(&line(label), label);
            let value = line(label).split_off(label.len() + 1);
            let text = shown.replace(&format!("\n{label}\n"), &format!("\n{label}\n\n{value}\n\n"));
            let text = format!("From: baton\nSent: Tuesday\nTo: Dana\nSubject: Acme\n\n{text}");
            let found = returned(&text, &shown, &[]).unwrap();
            let found = found.text.replace(&format!("{label}\n\n"), &format!("{label} "));
            assert_eq!(comparable(&found), comparable(RECORD), "{label}");
        }
    }

    #[test]
    fn paragraphs_below_an_empty_place_and_a_name_behind_a_label_fill_the_record_in() {
        let discussed = RECORD.lines().find(|line| line.starts_with("Discussed:")).unwrap();
        let shown = RECORD.replace(discussed, "Discussed:");
        let found = with(&shown, "Discussed:", "We talked about the hours.\n\nYou wanted to see it fixed.");
        assert_eq!(found.filled_in, ["We talked about the hours.", "You wanted to see it fixed."]);
        let filled = found.text.split("Discussed:").nth(1).unwrap();
        let words = filled.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.starts_with("We talked about the hours. You wanted to see it fixed."), "{words}");
        let names = RECORD.lines().find(|line| line.starts_with("SDR:")).unwrap();
        let (sdr, ae) = names.split_once("AE:").unwrap();
        let shown = RECORD.replace(names, &format!("{sdr}AE:"));
        let found = with(&shown, "SDR:", ae.trim());
        assert!(found.text.contains(names), "{}", found.text);
    }

    #[test]
    fn without_marks_a_second_line_of_a_label_is_a_correction() {
        let text = format!(
            "From: baton\nSent: Tuesday\nTo: Dana\nSubject: Acme\n\n{}",
            RECORD.replace("\nAttendees", "\nFormat: Teams\nAttendees")
        );
        let found = returned(&text, RECORD, &[]).unwrap();
        assert_eq!(
            (comparable(&found.text), found.inserted),
            (comparable(RECORD), vec!["Format: Teams".into()])
        );
        let edited = RECORD.replace("Format: Zoom", "Format: Teams");
        let thread = format!("{edited}\n\nFrom: Dana\nTo: baton\n\n{RECORD}");
        let found = returned(&thread, RECORD, &[]).unwrap();
        assert_eq!((comparable(&found.text), found.written), (comparable(&edited), vec![]));
    }
}
