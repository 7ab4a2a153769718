//! A manager's week in a few lines: the score, who waits now, what to coach. docs/behaviour.md sections 10 and 12.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use super::super::mails::{DigestBrief, DigestWaiting};
use super::super::people::WorkingTime;
use super::super::zone::Zone;
use super::coaching::coaching;
use super::weeks::monday_of;
use super::{AuditedHandoff, TouchAnswer};

/// Whether a digest may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DigestTime {
    /// Now, about the week before the one that begins with `monday`.
    Now { monday: NaiveDate },
    /// Not before this instant.
    Later { at: DateTime<Utc> },
}

/// The manager's first working hours of the week, or the next of the same week: whenever they work.
pub(crate) fn digest_time(working: &WorkingTime, now: DateTime<Utc>) -> DigestTime {
    if working.is_open(now) {
        DigestTime::Now { monday: monday_of(working.zone.local(now).date_naive()) }
    } else {
        DigestTime::Later { at: working.following_open(now) }
    }
}

/// The Monday of the week whose first working hours have passed `now`, while others of the same week begin at `next`.
pub(crate) fn missed_week(
    working: &WorkingTime,
    now: DateTime<Utc>,
    next: DateTime<Utc>,
) -> Option<NaiveDate> {
    let monday = monday_of(working.zone.local(now).date_naive());
    let (_, begins) = week_before(monday, &*working.zone);
    let is_same_week = monday_of(working.zone.local(next).date_naive()) == monday;
    (is_same_week && working.next_open(begins) < now).then_some(monday)
}

/// The first instant of the week before the one that begins with `monday`, and the first after it.
pub(crate) fn week_before(monday: NaiveDate, zone: &dyn Zone) -> (DateTime<Utc>, DateTime<Utc>) {
    let start = |date: NaiveDate| zone.instant(date.and_time(NaiveTime::MIN));
    (start(days_before(monday, 7)), start(monday))
}

fn days_before(date: NaiveDate, days: u64) -> NaiveDate {
    date.checked_sub_days(Days::new(days)).unwrap_or(date)
}

/// When it was decided whether the first touch was in time: each handoff counts in one week, which may be the one after it
/// was made.
fn decided_at(handoff: &AuditedHandoff) -> Option<DateTime<Utc>> {
    match handoff.touch.answer {
        TouchAnswer::InTime => handoff.touch.at.or(handoff.deadline),
        TouchAnswer::Late | TouchAnswer::Never => handoff.deadline,
        TouchAnswer::CannotTell => None,
    }
}

/// What the week before `monday` was like, by handoffs that were open or new in it. `None`: there was none.
pub(crate) fn digest(handoffs: &[AuditedHandoff], monday: NaiveDate, zone: &dyn Zone) -> Option<DigestBrief> {
    let (from, until) = week_before(monday, zone);
    let own: Vec<AuditedHandoff> =
        handoffs.iter().filter(|one| one.sent_at.is_some_and(|at| at < until)).cloned().collect();
    if own.is_empty() {
        return None;
    }
    let is_in = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at >= from && at < until);
    let counted = |answers: Vec<Option<bool>>| {
        let settled: Vec<bool> = answers.into_iter().flatten().collect();
        (settled.iter().filter(|yes| **yes).count(), settled.len())
    };
    let new = own.iter().filter(|one| is_in(one.sent_at));
    let decided = own.iter().filter(|one| is_in(decided_at(one)));
    // What came late was missing in the week in which it was due, and is no week's afterwards.
    let settled =
        |one: &&AuditedHandoff| is_in([one.feedback.at, one.feedback.due].into_iter().flatten().min());
    let asked = own.iter().filter(settled);
    let mut waiting: Vec<DigestWaiting> = own
        .iter()
        .filter(|one| one.waits)
        .map(|one| DigestWaiting {
            company: one.company.clone(),
            sdr: one.sdr.clone(),
            ae: one.ae.clone(),
            deadline: one.deadline,
        })
        .collect();
    waiting.sort_by(|a, b| (a.deadline, &a.company).cmp(&(b.deadline, &b.company)));
    Some(DigestBrief {
        from: Some(days_before(monday, 7)),
        until: Some(days_before(monday, 1)),
        handoffs: new.count(),
        in_time: counted(decided.map(AuditedHandoff::was_in_time).collect()),
        feedback: counted(asked.map(AuditedHandoff::had_feedback).collect()),
        waiting,
        coaching: coaching(&own).into_iter().map(|point| point.what).collect(),
    })
}
