//! What a record is filled in with before a person gets it: values for its lines, each with a note that says where it
//! comes from. docs/behaviour.md section 13.
//!
//! Values and notes become lines of a text that is parsed again, so that nothing in them may begin a line of its own or
//! be taken for a mark. Notes are cut to lines shorter than 60 characters. Known limit: a word of a note that is longer
//! than a line is cut in two.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::conditions::CONDITIONS;
use super::show_mailbox;
use crate::domain::message::Mailbox;

/// The longest line of a note, `#: ` included.
const LONGEST_NOTE: usize = 58;

/// A line's value, and where it comes from: sentences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PrefilledLine {
    /// May be empty where only a note is to be given.
    pub value: String,
    pub notes: Vec<String>,
}

impl PrefilledLine {
    pub(crate) fn new(value: impl Into<String>, note: impl Into<String>) -> Self {
        Self { value: value.into(), notes: vec![note.into()] }
    }
}

/// Somebody for the stakeholder map; the role in the deal is the SDR's to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PrefilledStakeholder {
    pub name: String,
    /// Empty where no signature says it.
    pub title: String,
    pub note: String,
}

/// Sentences that a prospect wrote in one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct QuotedSentences {
    /// Who wrote them when.
    pub source: String,
    pub sentences: Vec<String>,
}

/// Everything that a form may be filled in with. What is `None` or empty stays empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PrefilledFields {
    /// Notes at the top of the form.
    pub opening: Vec<String>,
    pub company: Option<PrefilledLine>,
    /// Notes about the AE, whose name is among the people.
    pub ae_notes: Vec<String>,
    /// Conditions that mail proves, by their line, with how.
    pub proved: Vec<(&'static str, String)>,
    pub pain: Vec<QuotedSentences>,
    pub date_time: Option<PrefilledLine>,
    pub format: Option<PrefilledLine>,
    pub attendees: Option<PrefilledLine>,
    pub agenda: Option<PrefilledLine>,
    pub stakeholders: Vec<PrefilledStakeholder>,
    pub competitor: Option<PrefilledLine>,
    pub to: Option<PrefilledLine>,
}

impl PrefilledFields {
    /// Puts the values and their notes into the lines that follow the conditions.
    pub(super) fn filled(&self, fields: &str, example_day: NaiveDate) -> String {
        let mut out = String::with_capacity(fields.len());
        for line in fields.replace("{date}", &example_day.to_string()).lines() {
            self.write_line(line, &mut out);
        }
        out
    }

    fn write_line(&self, line: &str, out: &mut String) {
        let Some((start, name)) = line.split_once('{') else {
            out.push_str(line);
            out.push('\n');
            return;
        };
        let name = name.trim_end_matches('}');
        match name.strip_suffix(" notes") {
            Some(name) => self.write_notes(name, out),
            None if name == "stakeholders" => {
                for one in &self.stakeholders {
                    push_line(out, &format!("{} | {} | ", cell(&one.name), cell(&one.title)));
                }
            }
            None => {
                let value = self.line(name).map(|line| one_line(&line.value)).unwrap_or_default();
                push_line(out, &format!("{start}{value}"));
            }
        }
    }

    fn line(&self, name: &str) -> Option<&PrefilledLine> {
        match name {
            "date_time" => self.date_time.as_ref(),
            "format" => self.format.as_ref(),
            "attendees" => self.attendees.as_ref(),
            "agenda" => self.agenda.as_ref(),
            "competitor" => self.competitor.as_ref(),
            "to" => self.to.as_ref(),
            _ => None,
        }
    }

    fn write_notes(&self, name: &str, out: &mut String) {
        match name {
            "pain" => {
                for quoted in &self.pain {
                    write_note(&quoted.source, out);
                    for sentence in &quoted.sentences {
                        write_note(&format!("\u{201c}{}\u{201d}", one_line(sentence)), out);
                    }
                }
            }
            "stakeholders" => {
                self.stakeholders.iter().for_each(|one| write_note(&one.note, out));
            }
            _ => self.line(name).into_iter().flat_map(|line| &line.notes).for_each(|note| {
                write_note(note, out);
            }),
        }
    }

    /// How a condition is proved, by its place among the four.
    pub(super) fn proof(&self, place: usize) -> Option<&str> {
        let name = CONDITIONS.get(place)?;
        self.proved.iter().find(|(proved, _)| proved == name).map(|(_, how)| how.as_str())
    }
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// A note of any length as lines that no mail program wraps.
pub(super) fn write_note(note: &str, out: &mut String) {
    let mut line = String::from("#:");
    for word in one_line(note).split(' ') {
        let mut word = word;
        while !word.is_empty() {
            let room = LONGEST_NOTE.saturating_sub(line.chars().count() + 1);
            let length = word.chars().count();
            if length <= room {
                let _ = write!(line, " {word}");
                word = "";
            } else if line.len() > "#:".len() {
                push_line(out, &line);
                line.truncate("#:".len());
            } else {
                let end = word.char_indices().nth(room).map_or(word.len(), |(at, _)| at);
                let (piece, rest) = word.split_at(end);
                let _ = write!(line, " {piece}");
                word = rest;
            }
        }
    }
    if line.len() > "#:".len() {
        push_line(out, &line);
    }
}

/// Text of a mail that stays one line and shows what it is: no line breaks, nothing invisible.
pub(crate) fn one_line(text: &str) -> String {
    let shown = text.chars().map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c });
    let shown: String = shown.filter(|c| !is_invisible(*c)).collect();
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What has no width, and marks that change the direction of what follows.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A cell of a table holds no bar.
fn cell(text: &str) -> String {
    one_line(&text.replace('|', "/"))
}

/// A list of addresses as the record has it.
pub(crate) fn address_list(people: &[Mailbox]) -> String {
    people.iter().map(show_mailbox).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_of_any_length_has_short_lines() {
        let long = format!("Sarah wrote {} and \u{202e}more\nof it", "x".repeat(130));
        let mut out = String::new();
        write_note(&long, &mut out);
        assert!(out.lines().all(|line| line.starts_with("#: ") && line.chars().count() < 60), "{out}");
        let read: String = out.lines().map(|line| line.trim_start_matches("#:")).collect();
        assert_eq!(read.replace(' ', ""), long.replace([' ', '\n', '\u{202e}'], ""));
        let mut out = String::new();
        write_note(" ", &mut out);
        assert_eq!(out, "");
    }
}
