//! What the prospect will read, where that may not be what the SDR meant: odd names, shared mailboxes, lines that make
//! no sentence. docs/behaviour.md section 2.
//!
//! Each warning shows the words as they will be read. Known limit: whether a line makes a sentence is told from its
//! first words alone.

use std::ops::Range;

use crate::diagnostics::Fault;
use crate::domain::handoff::Record;
use crate::domain::intro_sentences;
use crate::domain::message::Mailbox;
use crate::domain::people::given_name;
use crate::language::{Role, is_word};

use super::addresses::{self, AddressEntry};
use super::fields::RecordReader;
use super::headings::RecordLabel;
use super::people::{AddressStanding, standing};

/// Warns of a prospect's name that greets oddly and of an address that is nobody's own.
pub(crate) fn odd_prospect(reader: &mut RecordReader<'_>, entry: &AddressEntry) {
    let Mailbox { name, address } = &entry.mailbox;
    let greeting = format!("the prospect reads: `Hi {},`", given_name(name));
    let warn =
        |message: String| Fault::warning(&reader.source, entry.span.clone(), message).help(greeting.clone());
    let mut found = Vec::new();
    if let Some(case) = single_case(name) {
        found.push(
            warn(format!("the name `{name}` is in {case} only"))
                .help(format!("write `{}`", capitalized(name))),
        );
    }
    let local = address.as_str().split('@').next().unwrap_or("");
    let local = local.split('+').next().unwrap_or(local);
    if is_shared(local) {
        found.push(
            warn(format!("{address} looks like a shared mailbox, not a person's"))
                .help("an intro is read by the person who knows you; use their own address"),
        );
    }
    reader.warnings.extend(found);
}

fn is_shared(local: &str) -> bool {
    const ROLES: [Role; 4] =
        [Role::SharedAddresses, Role::UnreadAddresses, Role::CampaignAddresses, Role::HelpAddresses];
    ROLES.into_iter().any(|role| is_word(role, local))
}

/// Which case all letters of a name have, where it has more than initials.
fn single_case(name: &str) -> Option<&'static str> {
    let cased: Vec<char> = name.chars().filter(|c| c.is_uppercase() || c.is_lowercase()).collect();
    if cased.len() < 3 {
        return None;
    }
    if cased.iter().all(|c| c.is_uppercase()) {
        Some("capitals")
    } else if cased.iter().all(|c| c.is_lowercase()) {
        Some("small letters")
    } else {
        None
    }
}

/// `sarah.lee` is the name of a mailbox: its words are taken apart.
fn capitalized(name: &str) -> String {
    let mut begins = true;
    let is_one_word = !name.contains(char::is_whitespace);
    let apart = if is_one_word { name.replace(['.', '_'], " ") } else { name.to_owned() };
    apart
        .trim()
        .chars()
        .map(|c| {
            let letter = if begins { upper(c) } else { c.to_lowercase().to_string() };
            begins = !c.is_alphanumeric();
            letter
        })
        .collect()
}

fn upper(c: char) -> String {
    c.to_uppercase().to_string()
}

/// Warns of a prospect whom the intro is written to and who does not come to the meeting.
pub(crate) fn no_attendee(reader: &mut RecordReader<'_>, record: &Record) {
    let people = reader.ctx.people;
    let attends =
        |mailbox: &Mailbox| record.meeting.attendees.iter().any(|other| other.address == mailbox.address);
    let somebody = record
        .meeting
        .attendees
        .iter()
        .any(|other| matches!(standing(&other.address, people), AddressStanding::Outside));
    let Some(place) = reader.place(RecordLabel::To).filter(|_| somebody) else { return };
    let names: Vec<&str> = record.meeting.attendees.iter().map(shown_name).collect();
    for mailbox in record.to.iter().filter(|mailbox| !attends(mailbox)) {
        let message = format!("{} is not among the attendees", addresses::show(mailbox));
        let fault = Fault::warning(&reader.source, place.clone(), message)
            .help(format!("the prospect reads of the meeting: `With: {}`", names.join(", ")))
            .help("is this the `To` of another record?");
        reader.warnings.push(fault);
    }
}

fn shown_name(mailbox: &Mailbox) -> &str {
    if mailbox.name.is_empty() { mailbox.address.as_str() } else { &mailbox.name }
}

/// Warns of a line of the intro that makes no sentence, as it will be read. `ae` is the AE's first name.
pub(crate) fn no_sentence(
    reader: &mut RecordReader<'_>,
    label: RecordLabel,
    text: &str,
    span: Range<usize>,
    ae: &str,
) {
    let (read, write) = match label {
        RecordLabel::Discussed => {
            (intro_sentences::discussed(text), "begin it with `we talked about`, or with who did what")
        }
        RecordLabel::WhyThisAe => {
            (intro_sentences::why_this_ae(text, ae), "say what the AE does: `works with ..`, `has led ..`")
        }
        _ => return,
    };
    // `Calvin leads` is a sentence, `CRM upkeep` is none.
    let fewest = if label == RecordLabel::Discussed { 3 } else { 2 };
    if !is_fragment(text) && text.split_whitespace().count() >= fewest {
        return;
    }
    let fault = Fault::warning(&reader.source, span, "this may not read as a sentence")
        .help(format!("the prospect reads: `{read}`"))
        .help(write);
    reader.warnings.push(fault);
}

/// Whether a line begins as a part of a sentence does, and nobody speaks in it.
fn is_fragment(text: &str) -> bool {
    let lower = text.to_lowercase().replace('\u{2019}', "'");
    let mut words =
        lower.split(|c: char| !(c.is_alphanumeric() || c == '\'')).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let opens = is_word(Role::FragmentOpenings, first)
        || first.chars().all(|c| c.is_ascii_digit())
        || (first.len() > 5 && first.ends_with("ing"));
    opens && !words.any(|word| is_word(Role::FirstPerson, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_is_told_from_a_sentence() {
        for text in [
            "the hours your reps lose",
            "an expert in CRMs",
            "our CRM lead",
            "20 years",
            "consolidating CRMs",
        ] {
            assert!(is_fragment(text), "{text}");
        }
        for text in [
            "we talked about the hours",
            "works with VPs",
            "Calvin works with VPs",
            "the team told us about it",
            "has led ten teams",
            "he's the best",
        ] {
            assert!(!is_fragment(text), "{text}");
        }
    }

    #[test]
    fn names_in_one_case_are_known() {
        assert_eq!(single_case("SARAH LEE"), Some("capitals"));
        assert_eq!(single_case("sarah lee"), Some("small letters"));
        assert_eq!(
            (single_case("JP"), single_case("Sarah"), single_case("\u{674e}\u{5a1c}")),
            (None, None, None)
        );
        assert_eq!(capitalized("SARAH O'NEIL-lee"), "Sarah O'Neil-Lee");
        assert!(is_shared("no-reply") && is_shared("Sales") && !is_shared("sarah"));
    }
}
