//! What is unwise in a record but sent all the same. docs/behaviour.md section 2.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::diagnostics::{Fault, SourceText};
use crate::domain::handoff::Record;
use crate::domain::zone::Zone;
use crate::language::{Role, matcher};

use super::fields::RecordReader;
use super::headings::RecordLabel;
use super::people::{AddressStanding, standing};
use super::when::MeetingTime;

/// Words in an intro sentence above which it is too long for a phone.
const LONGEST_SENTENCE: usize = 40;

/// Warns where the pain reads as somebody's summary. A guess: quotation marks around some words, or a
/// first person, make a quotation; what begins with the prospect in the third person is none.
pub(crate) fn interpreted_pain(reader: &mut RecordReader<'_>, pain: &str, span: Range<usize>) {
    if reads_as_quotation(pain) {
        return;
    }
    let fault = Fault::warning(
        &reader.source,
        span,
        "this reads as an interpretation, not as the prospect's own words",
    )
    .help("the AE can only echo what was really said; quote the sentence itself")
    .example("\"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\"");
    reader.warnings.push(fault);
}

fn reads_as_quotation(pain: &str) -> bool {
    let lower = pain.to_lowercase().replace('\u{2019}', "'");
    let words: Vec<&str> =
        lower.split(|c: char| !(c.is_alphanumeric() || c == '\'')).filter(|word| !word.is_empty()).collect();
    if words.iter().any(|word| matcher(Role::FirstPerson).is_all_of(word)) {
        return true;
    }
    // `They need ..`, `the prospect wants ..`, within quotation marks or not.
    quoted_words(pain) >= 3 && !matcher(Role::SpeaksOfProspect).is_in(&words.join(" "))
}

/// Words between the first quotation mark and the next one.
fn quoted_words(text: &str) -> usize {
    let marks = [
        '"', '\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}', '\u{bb}', '\u{2018}', '\u{201a}', '\u{300c}',
        '\u{300d}',
    ];
    let inside = text.split(marks).skip(1).step_by(2).map(|inside| inside.split_whitespace().count()).max();
    // The single mark of the keyboard is an apostrophe as well: it quotes only what it stands around as a whole.
    let whole = text.trim().strip_prefix('\'').and_then(|rest| rest.trim_end_matches('.').strip_suffix('\''));
    inside.unwrap_or(0).max(whole.map_or(0, |inside| inside.split_whitespace().count()))
}

/// Warns of every sentence of the intro that is longer than a reader takes in at once.
pub(crate) fn long_sentences(reader: &mut RecordReader<'_>, text: &str, span: Range<usize>) {
    let longest = sentences(text).into_iter().map(words_in).max().unwrap_or(0);
    if longest > LONGEST_SENTENCE {
        let fault = Fault::warning(
            &reader.source,
            span,
            format!("a sentence of {longest} words is hard to read on a phone"),
        )
        .help(format!("make two of it, or leave something out: {LONGEST_SENTENCE} words are plenty"));
        reader.warnings.push(fault);
    }
}

fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let ends = matches!(c, '.' | '!' | '?' | '\u{2026}')
            && chars.peek().is_none_or(|(_, next)| next.is_whitespace() || matches!(next, '"' | '\u{201d}'));
        if ends {
            found.extend(text.get(start..at + c.len_utf8()));
            start = at + c.len_utf8();
        }
    }
    found.extend(text.get(start..));
    found
}

fn words_in(sentence: &str) -> usize {
    sentence.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

/// Warns where nobody from outside comes to the meeting: its invitation could not be recognised.
pub(crate) fn attendees(reader: &mut RecordReader<'_>, record: &Record) {
    let people = reader.ctx.people;
    let outside = |address| matches!(standing(address, people), AddressStanding::Outside);
    if record.meeting.attendees.iter().any(|mailbox| outside(&mailbox.address)) {
        return;
    }
    let Some(place) = reader.place(RecordLabel::Attendees) else { return };
    let fault = Fault::warning(&reader.source, place, "no prospect is among the attendees")
        .help("baton knows the meeting's invitation by the prospects who were invited");
    reader.warnings.push(fault);
}

/// A meeting longer than this is probably a slip, in seconds.
const LONG_MEETING: u32 = 4 * 3600;
/// A meeting further ahead than this, in days, is probably in another year than it was meant.
const FAR_AHEAD: i64 = 90;

/// Warns of what is odd about a meeting's time though it can be read.
pub(crate) fn odd_meeting(reader: &mut RecordReader<'_>, when: &MeetingTime, span: &Range<usize>) {
    let mut found = Vec::new();
    for odd in &when.warnings {
        let place = span.start + odd.span.start..span.start + odd.span.end;
        let mut fault = Fault::warning(&reader.source, place, odd.message.clone()).label(odd.label.clone());
        fault.help.clone_from(&odd.help);
        found.push(fault);
    }
    if when.length_seconds > LONG_MEETING {
        let hours = f64::from(when.length_seconds) / 3600.0;
        let message = format!("a meeting of {hours:.1} hours is a long one");
        found.push(
            Fault::warning(&reader.source, span.clone(), message)
                .help("the AE is asked how it went after its end; write the length as `30 min` or `1 h`"),
        );
    }
    let days = (when.start - reader.ctx.now).num_days();
    if days > FAR_AHEAD {
        let message = format!("this meeting is {days} days ahead");
        found.push(
            Fault::warning(&reader.source, span.clone(), message)
                .help("check the month and the year of its date"),
        );
    }
    reader.warnings.extend(found);
}

/// Warns where the meeting begins before the first touch is due.
pub(crate) fn before_deadline(
    record: &Record,
    deadline: DateTime<Utc>,
    zone: &dyn Zone,
    source: &Arc<SourceText>,
    place: Range<usize>,
) -> Option<Fault> {
    if record.meeting.start >= deadline {
        return None;
    }
    let due = zone.local(deadline).format("%a %Y-%m-%d %H:%M");
    let fault = Fault::warning(source, place, "the meeting comes before the first touch is due")
        .label(format!("due {due} {}", zone.name()))
        .help(format!("{} is reminded before the meeting instead", record.ae));
    Some(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_told_from_an_interpretation() {
        for text in [
            "\"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\"",
            "We lose two days a month",
            "\u{201c}Reps spend 20 minutes a day on it\u{201d}",
            "Sarah said \"the forecast is always wrong\" and laughed",
            "\u{201e}Unsere Leute pflegen zwei Systeme\u{201c}",
            "'Reps spend 20 minutes a day on it.'",
        ] {
            assert!(reads_as_quotation(text), "{text}");
        }
        for text in [
            "They need better pipeline visibility",
            "\"They need better pipeline visibility\"",
            "Better reporting",
            "The prospect wants an \"easy\" CRM",
        ] {
            assert!(!reads_as_quotation(text), "{text}");
        }
    }

    #[test]
    fn sentences_end_at_their_full_stops_and_not_inside_numbers() {
        assert_eq!(sentences("A b. C 2.5 d? E").len(), 3);
        assert_eq!(words_in("one - two, three"), 3);
    }
}
