//! What `done` says of a person's word, by the judgement after it was noted. docs/behaviour.md section 14.
//!
//! A letter that is found late may be older than what was said since: it counts at its own time, and may change nothing
//! any more.

use chrono::{DateTime, Utc};

use crate::domain::fact::StatementKind;
use crate::domain::judge::{FeedbackState, FormerAe, MeetingState, former_ae};
use crate::domain::letter::Letter;
use crate::domain::outcomes::TouchKind;
use crate::templates::words;

use super::super::app::App;
use super::super::turn::JudgedHandoff;

/// Whether it is so now, and what is.
pub(super) fn came_of(
    app: &App,
    after: &JudgedHandoff,
    says: &StatementKind,
    letter: &Letter,
) -> (bool, String) {
    let judgement = &after.judgement;
    let company = &judgement.record.company;
    match says {
        StatementKind::Reassigned { ae } => handed_over(app, after, ae),
        StatementKind::Closed if judgement.open => {
            (false, format!("{company} is open: it was opened again after this email of yours"))
        }
        StatementKind::Closed => (true, format!("{company} is closed; no more reminders or flags about it")),
        StatementKind::Touched { at, .. } => touched(app, after, *at, letter),
        StatementKind::MeetingMoved { start, .. } => {
            let is_so =
                judgement.meeting.start == *start && judgement.meeting.state != MeetingState::Cancelled;
            match is_so {
                true => (true, format!("{} now", meeting_as_it_stands(app, after))),
                false => (false, changed_since(app, after)),
            }
        }
        StatementKind::MeetingCancelled if judgement.meeting.state != MeetingState::Cancelled => {
            (false, changed_since(app, after))
        }
        StatementKind::MeetingCancelled => (
            true,
            match judgement.feedback.state {
                FeedbackState::Received => "the meeting is cancelled".to_owned(),
                _ => "the meeting is cancelled, and nobody will be asked how it went".to_owned(),
            },
        ),
        StatementKind::NotTouched { .. }
        | StatementKind::Accepted { .. }
        | StatementKind::NotAccepted
        | StatementKind::Feedback { .. }
        | StatementKind::Reopened => (true, "it's noted".to_owned()),
    }
}

/// `Rita Vale has Acme Corp now; the first email is due Tuesday, 5:00 pm`.
fn handed_over(app: &App, after: &JudgedHandoff, ae: &str) -> (bool, String) {
    let judgement = &after.judgement;
    let company = &judgement.record.company;
    if judgement.ae != ae {
        return (false, format!("{} has {company}: that was said after this email of yours", judgement.ae));
    }
    let due = judgement.deadline.map(|deadline| {
        let zone = app.zone_of(&judgement.ae);
        format!("; the first email is due {}", words::when(deadline, &*zone, app.now()))
    });
    (true, format!("{ae} has {company} now{}", due.unwrap_or_default()))
}

fn touched(app: &App, after: &JudgedHandoff, at: DateTime<Utc>, letter: &Letter) -> (bool, String) {
    let judgement = &after.judgement;
    let zone = app.zone_of(&letter.writer);
    let when = |at: DateTime<Utc>| words::when(at, &*zone, app.now());
    if let Some(former) = former_ae(&after.stored.handoff, &after.facts, at) {
        let FormerAe { name, until } = former;
        let (company, ae) = (&judgement.record.company, &judgement.ae);
        let due = judgement.deadline.filter(|_| judgement.open && judgement.touch.at.is_none());
        let due = due.map(|due| {
            let zone = app.zone_of(ae);
            format!(", and the first email is due {}", words::when(due, &*zone, app.now()))
        });
        let told = format!(
            "it counts for {name}, who had {company} then ({}); {ae} has had it since {}{}",
            when(at),
            when(until),
            due.unwrap_or_default()
        );
        return (true, told);
    }
    match judgement.touch.at {
        Some(first) if first == at && judgement.touch.kind == Some(TouchKind::Stated) => {
            (true, format!("it counts as touched ({}), and reports mark it as said, not seen", when(at)))
        }
        Some(first) => (true, format!("it's noted; the first touch stays the one of {}", when(first))),
        None => (
            false,
            format!(
                "{} counts as not touched yet: that was said after this email of yours",
                judgement.record.company
            ),
        ),
    }
}

/// `the meeting is on Friday, 3:00 pm`
fn meeting_as_it_stands(app: &App, after: &JudgedHandoff) -> String {
    let judgement = &after.judgement;
    if judgement.meeting.state == MeetingState::Cancelled {
        return "the meeting is cancelled".to_owned();
    }
    let zone = app.zone_or_default(&judgement.record.meeting.zone);
    format!("the meeting is on {}", words::when(judgement.meeting.start, &*zone, app.now()))
}

fn changed_since(app: &App, after: &JudgedHandoff) -> String {
    format!("{}: that change came after this email of yours", meeting_as_it_stands(app, after))
}
