//! The three answers for a handoff that baton made, from its judgement: what `baton show` says of it, and no more.
//!
//! Known limit: how a handoff was prepared is known only from mail that was claimed for it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::super::fact::{Fact, FactKind};
use super::super::judge::{
    AcceptanceState, Event, FeedbackState, Judgement, Meeting, MeetingState, TouchState,
};
use super::super::message::{Address, CalendarMethod, Headers, Message, MessageId, MessageKind, PartStat};
use super::{
    AuditSource, AuditedFeedback, AuditedHandoff, AuditedTouch, FeedbackAnswer, Preparation, RecordAnswer,
    TouchAnswer,
};

/// Events of the story that an answer rests on.
const EVIDENCE: [&str; 13] = [
    "accepted",
    "breached",
    "feedback",
    "feedback-corrected",
    "intro-failed",
    "invite",
    "meeting-cancelled",
    "no-touch",
    "scheduled",
    "stated",
    "touch",
    "touch-corrected",
    "touch-failed",
];

/// The answers for one handoff, as of `now`.
pub(crate) fn audited(
    id: &str,
    judgement: &Judgement,
    preparation: Option<Preparation>,
    now: DateTime<Utc>,
) -> AuditedHandoff {
    let mut evidence = Vec::new();
    let touch = touch(judgement, &mut evidence);
    let feedback = feedback(judgement, now, &mut evidence);
    evidence.splice(0..0, judgement.story.iter().filter(|event| is_evidence(event)).map(sentence));
    AuditedHandoff {
        id: Some(id.to_owned()),
        company: judgement.record.company.clone(),
        sdr: judgement.record.sdr.clone(),
        ae: judgement.ae.clone(),
        prospects: judgement.prospects.iter().map(|one| one.address.clone()).collect(),
        sent_at: judgement.sent_at,
        deadline: judgement.deadline,
        // None other is ever sent.
        record: RecordAnswer::Complete,
        touch,
        feedback,
        acknowledged: judgement.sent_at.map(|_| judgement.acceptance.state == AcceptanceState::Accepted),
        cc_first: judgement.cc.first,
        cc: judgement.cc.state,
        preparation,
        waits: judgement.open
            && judgement.sent_at.is_some()
            && matches!(
                judgement.touch.state,
                TouchState::Waiting | TouchState::Breached | TouchState::CannotSee
            ),
        source: AuditSource::Baton,
        evidence,
        line: None,
    }
}

fn is_evidence(event: &Event) -> bool {
    EVIDENCE.contains(&event.what.as_ref())
}

fn sentence(event: &Event) -> String {
    let mut text = event.why.clone();
    if let Some(id) = &event.message_id {
        text.push_str(&format!(" (<{id}>)"));
    }
    text
}

fn touch(judgement: &Judgement, evidence: &mut Vec<String>) -> AuditedTouch {
    let touch = &judgement.touch;
    let answer = match touch.state {
        TouchState::Touched if touch.late => TouchAnswer::Late,
        TouchState::Touched => TouchAnswer::InTime,
        TouchState::Breached => TouchAnswer::Never,
        TouchState::Waiting if touch.late => TouchAnswer::Late,
        TouchState::Waiting => {
            let why = match (judgement.sent_at, judgement.open) {
                (Some(_), true) => "the deadline of the first touch has not been decided yet",
                (Some(_), false) => {
                    "the handoff was closed before the deadline of the first touch was decided"
                }
                (None, true) => "the intro has not left yet",
                (None, false) => "the handoff was closed before its intro had left",
            };
            evidence.push(why.to_owned());
            TouchAnswer::CannotTell
        }
        TouchState::CannotSee => {
            evidence.push("a mailbox that would hold the first touch could not be read".to_owned());
            TouchAnswer::CannotTell
        }
        TouchState::Undelivered => {
            evidence.push("the intro could not be delivered, so no clock runs".to_owned());
            TouchAnswer::CannotTell
        }
    };
    AuditedTouch { answer, at: touch.at, kind: touch.kind, personal: touch.personal }
}

fn feedback(judgement: &Judgement, now: DateTime<Utc>, evidence: &mut Vec<String>) -> AuditedFeedback {
    let feedback = &judgement.feedback;
    let is_past_due = |at: DateTime<Utc>| feedback.due.is_some_and(|due| at > due);
    let answer = match feedback.state {
        FeedbackState::Received if feedback.at.is_some_and(is_past_due) => FeedbackAnswer::Late,
        FeedbackState::Received => FeedbackAnswer::InTime,
        FeedbackState::Overdue => FeedbackAnswer::Never,
        FeedbackState::Requested if is_past_due(now) => {
            evidence
                .push("the mailboxes have not been read past the time at which feedback was due".to_owned());
            FeedbackAnswer::CannotTell
        }
        FeedbackState::Requested | FeedbackState::NotDue => FeedbackAnswer::NotDue,
        FeedbackState::NotOwed => {
            if let Meeting { state: MeetingState::Cancelled, .. } = judgement.meeting {
                evidence.push("the meeting was cancelled, so no feedback is owed".to_owned());
            } else if !judgement.open {
                evidence.push("the handoff was closed before anybody was asked for feedback".to_owned());
            }
            FeedbackAnswer::NotDue
        }
    };
    AuditedFeedback {
        answer,
        at: feedback.at,
        due: feedback.due,
        outcome: feedback.outcome,
        score: feedback.score,
    }
}

/// How the SDR prepared the handoff, from the mail that was claimed for it. `sdr`: the SDR's addresses.
pub(crate) fn preparation(judgement: &Judgement, sdr: &[&Address], facts: &[Fact]) -> Option<Preparation> {
    let sent_at = judgement.sent_at?;
    let mut found = Preparation::default();
    let (mut is_accepted, mut has_written) = (false, false);
    let own = own_ids(facts);
    for fact in facts {
        let FactKind::MessageSeen(message) = &fact.what else { continue };
        // Servers stamp a copy of the intro, or a quick answer, with a second of before the one in which it was accepted.
        if ids_in(&message.headers).any(|id| own.contains(id)) {
            continue;
        }
        let Some(at) = first_had(message).filter(|at| *at < sent_at) else { continue };
        let Headers { from, to, cc, .. } = &message.headers;
        let is_prospect = |address: &Address| judgement.prospects.iter().any(|one| one.address == *address);
        let is_sdr = |address: &Address| sdr.contains(&address);
        let by = |is: &dyn Fn(&Address) -> bool| from.iter().any(|one| is(&one.address));
        let reaches = |is: &dyn Fn(&Address) -> bool| to.iter().chain(cc).any(|one| is(&one.address));
        let is_contact = by(&is_prospect) && reaches(&is_sdr) || by(&is_sdr) && reaches(&is_prospect);
        if is_contact && found.first_contact.is_none_or(|first| at < first) {
            found.first_contact = Some(at);
        }
        let Some(body) = &message.body else { continue };
        if by(&is_prospect) {
            has_written |= body.kind_by(true) == MessageKind::Human;
            let reply = body.calendar.as_ref().filter(|one| one.method == Some(CalendarMethod::Reply));
            is_accepted |= reply.is_some_and(|calendar| {
                calendar.start.is_none_or(|start| start == judgement.record.meeting.start)
                    && calendar.attendees.iter().any(|one| one.partstat == PartStat::Accepted)
            });
        }
    }
    found.proved = u32::from(is_accepted) + u32::from(has_written);
    found.only_ticked = 2 - found.proved;
    Some(found)
}

/// Every id of baton's own mails.
fn own_ids(facts: &[Fact]) -> BTreeSet<&MessageId> {
    let left = facts.iter().filter_map(|fact| match &fact.what {
        FactKind::MailLeft { message_id, ids, .. } => Some(ids.iter().chain([message_id])),
        _ => None,
    });
    left.flatten().collect()
}

/// The ids that a message bears, and those that it cites.
fn ids_in(headers: &Headers) -> impl Iterator<Item = &MessageId> {
    let Headers { id, earlier_ids, in_reply_to, references, .. } = headers;
    id.iter().chain(earlier_ids).chain(in_reply_to).chain(references)
}

/// When the server first had a message.
fn first_had(message: &Message) -> Option<DateTime<Utc>> {
    let copies = message
        .copies
        .iter()
        .map(|copy| copy.stamp.map_or(copy.internal_date, |stamp| stamp.min(copy.internal_date)));
    copies.min().or(message.headers.received).or(message.headers.date)
}
