//! What people said on the command line, or in a letter: who corrected what to what, and why.
//!
//! Known limit: a letter's writer stands in its reason, as it is stored, and is read from there.

use std::collections::BTreeSet;

use super::super::super::fact::{Fact, FactKind, Statement, StatementKind};
use super::super::super::message::MessageId;
use super::super::calendars::MeetingRevision;
use super::super::judgement::Event;
use super::super::participants::Participants;
use super::event::{event, zoned};

/// Whoever uses the command line runs baton.
const OPERATOR: &str = "the operator";

/// A reason as it was given, and who gave it.
struct GivenReason<'a> {
    by: &'a str,
    words: &'a str,
    is_by_letter: bool,
}

impl<'a> GivenReason<'a> {
    fn of(statement: &'a Statement, participants: Participants<'_>) -> Self {
        let by_letter = statement.why.strip_suffix(", by email)").and_then(|why| why.rsplit_once(" ("));
        let Some((words, writer)) = by_letter else {
            return Self { by: OPERATOR, words: &statement.why, is_by_letter: false };
        };
        let is_operator = writer == participants.directory.operator().as_str();
        Self { by: if is_operator { OPERATOR } else { writer }, words, is_by_letter: true }
    }

    /// Where somebody asked for it in so many words, those are no reason: the sentence has said it.
    fn is_told(&self, says: &StatementKind) -> bool {
        match says {
            StatementKind::Reassigned { ae } => {
                self.words.is_empty()
                    || self.words == takes_over(ae)
                    || (self.is_by_letter && self.words.starts_with("over to "))
            }
            StatementKind::MeetingMoved { .. } | StatementKind::MeetingCancelled => {
                self.is_by_letter && self.words.starts_with("meeting ")
            }
            _ => self.words.is_empty(),
        }
    }
}

/// The reason of a `reassign` that was given none.
pub(crate) fn takes_over(ae: &str) -> String {
    format!("{ae} takes over")
}

pub(super) fn add_statements(facts: &[Fact], participants: Participants<'_>, events: &mut Vec<Event>) {
    let mut given = BTreeSet::new();
    for fact in facts {
        let FactKind::Said(statement) = &fact.what else { continue };
        if let StatementKind::Reassigned { ae } = &statement.says
            && !given.insert((fact.at, ae))
        {
            // Noted once more for when it was read.
            continue;
        }
        let (what, done) = done(fact, &statement.says, participants);
        let reason = GivenReason::of(statement, participants);
        let mut why = format!("{} {done}", reason.by);
        if !reason.is_told(&statement.says) {
            why.push_str(&format!(": {}", reason.words));
        }
        // The letter was for baton, whomever the mail that it answers had asked.
        let is_letters = |known: &Event| known.message_id.is_some() && known.message_id == statement.letter;
        events.retain(|known| known.what != "ignored" || !is_letters(known));
        events.push(Event { message_id: statement.letter.clone(), ..event(fact.at, what, why) });
    }
}

/// The event's name, and what the person did, for a sentence that begins with who it was.
fn done(fact: &Fact, says: &StatementKind, participants: Participants<'_>) -> (&'static str, String) {
    // A touch is told of whoever had the handoff at its time.
    let about = match says {
        StatementKind::Touched { at, .. } => fact.at.min(*at),
        _ => fact.at,
    };
    let ae = participants.tenures.ae(participants.tenures.at(about));
    match says {
        StatementKind::Touched { at, kind, message } => {
            let (kind, at) = (kind.name().replace('-', " "), zoned(participants, *at));
            let seen = message.as_ref().map(|id| format!(", {}", bracketed(id))).unwrap_or_default();
            ("touch-corrected", format!("noted a first touch by {ae} on {at} ({kind}{seen})"))
        }
        StatementKind::NotTouched { message: Some(message) } => {
            ("touch-denied", format!("noted that {} is no first touch", bracketed(message)))
        }
        StatementKind::NotTouched { message: None } => {
            ("touch-denied", format!("noted that {ae} has not been in touch yet"))
        }
        StatementKind::Accepted { notes, owner_updated } => {
            let mut done = format!("noted that {ae} has acknowledged the record");
            if *owner_updated {
                done.push_str(", with the owner updated");
            }
            if let Some(notes) = notes {
                done.push_str(&format!(" (\u{201c}{notes}\u{201d})"));
            }
            ("acceptance-corrected", done)
        }
        StatementKind::NotAccepted => {
            ("acceptance-denied", format!("noted that {ae} has not acknowledged the record"))
        }
        StatementKind::MeetingMoved { start, .. } => {
            ("meeting-corrected", format!("moved the meeting to {}", zoned(participants, *start)))
        }
        StatementKind::MeetingCancelled => ("meeting-corrected", "cancelled the meeting".to_owned()),
        StatementKind::Feedback { outcome, score, wrong } => {
            let parts = [
                outcome.map(|outcome| outcome.name().to_owned()),
                score.map(|score| format!("score {score}")),
                wrong.as_ref().map(|wrong| format!("wrong in the record: {wrong}")),
            ];
            let parts: Vec<String> = parts.into_iter().flatten().collect();
            ("feedback-corrected", format!("noted {ae}'s feedback ({})", parts.join(", ")))
        }
        StatementKind::Closed => ("closed", "closed the handoff".to_owned()),
        StatementKind::Reopened => ("reopened", "opened the handoff again".to_owned()),
        StatementKind::Reassigned { ae } => ("reassigned", format!("gave the handoff to {ae}")),
    }
}

fn bracketed(id: &MessageId) -> String {
    format!("<{id}>")
}

/// A person's word has made this revision of the meeting, and its own event tells of it.
pub(super) fn is_stated(facts: &[Fact], revision: &MeetingRevision) -> bool {
    facts.iter().any(|fact| match &fact.what {
        FactKind::Said(Statement { says: StatementKind::MeetingMoved { start, .. }, .. }) => {
            fact.at == revision.since && *start == revision.start && !revision.cancelled
        }
        FactKind::Said(Statement { says: StatementKind::MeetingCancelled, .. }) => {
            fact.at == revision.since && revision.cancelled
        }
        _ => false,
    })
}
