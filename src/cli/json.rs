//! A handoff as the JSON of docs/interface.md (`baton show`, `baton status`). Fields may be added, never changed.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::agent::app::App;
use crate::agent::render::record_text;
use crate::agent::turn::JudgedHandoff;
use crate::domain::judge::{AcceptanceState, CcState, Event, FeedbackState, MeetingState, TouchState};
use crate::store::OutboxRow;

/// RFC 3339 in UTC, whole seconds.
pub(crate) fn utc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// RFC 3339 with the offset of the AE's zone, as `baton sla` prints deadlines.
pub(crate) fn deadline(app: &App, ae: &str, at: DateTime<Utc>) -> String {
    match app.policy.person(ae) {
        Some(person) => person.working.zone.local(at).to_rfc3339_opts(SecondsFormat::Secs, true),
        None => utc(at),
    }
}

pub(crate) fn touch_state(state: TouchState) -> &'static str {
    match state {
        TouchState::Waiting => "waiting",
        TouchState::Touched => "touched",
        TouchState::Breached => "breached",
        TouchState::CannotSee => "cannot-see",
        TouchState::Undelivered => "undelivered",
    }
}

pub(crate) fn cc_state(state: CcState) -> &'static str {
    match state {
        CcState::Waiting => "waiting",
        CcState::Kept => "kept",
        CcState::MovedToBcc => "moved-to-bcc",
        CcState::DroppedEarly => "dropped-early",
        CcState::Dropped => "dropped",
        CcState::DroppedAssumed => "dropped-assumed",
        CcState::Lingering => "lingering",
    }
}

pub(crate) fn acceptance_state(state: AcceptanceState) -> &'static str {
    match state {
        AcceptanceState::None => "none",
        AcceptanceState::Accepted => "accepted",
        AcceptanceState::Refused => "refused",
    }
}

pub(crate) fn meeting_state(state: MeetingState) -> &'static str {
    match state {
        MeetingState::Planned => "planned",
        MeetingState::Moved => "moved",
        MeetingState::Cancelled => "cancelled",
        MeetingState::Over => "over",
    }
}

pub(crate) fn feedback_state(state: FeedbackState) -> &'static str {
    match state {
        FeedbackState::NotDue => "not-due",
        FeedbackState::Requested => "requested",
        FeedbackState::Received => "received",
        FeedbackState::Overdue => "overdue",
        FeedbackState::NotOwed => "not-owed",
    }
}

/// One element of `baton status --json`.
pub fn summary(app: &App, judged: &JudgedHandoff) -> Value {
    let judgement = &judged.judgement;
    let (touch, feedback) = (&judgement.touch, &judgement.feedback);
    let manager = app.policy.person(&judgement.ae).and_then(|ae| ae.manager.clone());
    json!({
        "id": judged.stored.handoff.id,
        "company": judgement.record.company,
        "sdr": judgement.record.sdr,
        "ae": judgement.ae,
        "manager": manager,
        "prospects": judgement.prospects.iter().map(|one| one.address.as_str()).collect::<Vec<_>>(),
        "sent_at": judgement.sent_at.map(utc),
        "deadline": judgement.deadline.map(|at| deadline(app, &judgement.ae, at)),
        "deadline_why": judgement.deadline_why,
        "touch": {
            "state": touch_state(touch.state),
            "kind": touch.kind.map(|kind| kind.name()),
            "at": touch.at.map(utc),
            "late": touch.late,
            "indirect": touch.indirect,
            "personal": touch.personal,
            "message_id": touch.message_id.as_ref().map(|id| id.as_str()),
        },
        "cc": {
            "state": cc_state(judgement.cc.state),
            "first": judgement.cc.first.map(cc_state),
        },
        "acceptance": {
            "state": acceptance_state(judgement.acceptance.state),
            "at": judgement.acceptance.at.map(utc),
            "owner_updated": judgement.acceptance.owner_updated,
            "notes": judgement.acceptance.notes,
        },
        "meeting": {
            "start": utc(judgement.meeting.start),
            "end": utc(judgement.meeting.end),
            "state": meeting_state(judgement.meeting.state),
        },
        "feedback": {
            "state": feedback_state(feedback.state),
            "outcome": feedback.outcome.map(|outcome| outcome.name()),
            "score": feedback.score,
            "wrong": feedback.wrong,
            "at": feedback.at.map(utc),
            "due": feedback.due.map(utc),
        },
        "away_until": judgement.away_until.map(|date| date.to_string()),
        "open": judgement.open,
        "next": judgement.next.as_ref().map(|(at, what)| json!({"at": utc(*at), "what": what})),
    })
}

/// `baton show --json`.
pub fn whole(app: &App, judged: &JudgedHandoff, mails: &[OutboxRow]) -> Value {
    let mut document = summary(app, judged);
    if let Some(object) = document.as_object_mut() {
        object.insert("events".to_owned(), judged.judgement.story.iter().map(event).collect());
        object.insert("mails".to_owned(), mails.iter().map(mail).collect());
        object.insert("record".to_owned(), Value::from(record_text(app, judged)));
    }
    document
}

fn event(event: &Event) -> Value {
    json!({
        "at": utc(event.at),
        "what": event.what,
        "rule": event.rule,
        "message_id": event.message_id.as_ref().map(|id| id.as_str()),
        "folder": event.folder,
        "why": event.why,
    })
}

/// One mail of the outbox.
pub(crate) fn mail(row: &OutboxRow) -> Value {
    let addresses = |list: &[crate::domain::message::Mailbox]| {
        list.iter().map(|one| Value::from(one.address.as_str())).collect::<Vec<_>>()
    };
    let at = match row.sent_at {
        Some(at) => at,
        None => row.not_before.unwrap_or(row.made_at),
    };
    json!({
        "kind": row.key.kind.name(),
        "about": row.key.about,
        "to": addresses(&row.recipients.to),
        "cc": addresses(&row.recipients.cc),
        "state": row.state.name(),
        "message_id": row.message_id.as_str(),
        "at": utc(at),
        "error": row.error,
    })
}
