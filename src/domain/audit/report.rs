//! The handoffs of a span, counted for a manager: by week, by person, by time to touch, by Cc and feedback.
//! docs/behaviour.md section 10.

use chrono::NaiveDate;

use super::super::judge::CcState;
use super::super::zone::Zone;
use super::coaching::{CoachingPoint, coaching};
use super::figures::{PersonFigures, median, people, share};
use super::weeks::{WeekFigures, by_week};
use super::{AuditedHandoff, FeedbackAnswer, newest_first};

/// Upper ends of the groups by time to touch, in seconds; the last group has none.
const TIME_GROUPS: [i64; 8] =
    [15 * 60, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 24 * 3600, 48 * 3600, 7 * 24 * 3600];

/// Verdicts on the AE's first email, as `Report::cc` counts them.
const CC_VERDICTS: [CcState; 3] = [CcState::Kept, CcState::MovedToBcc, CcState::DroppedEarly];
const FEEDBACK_ANSWERS: [FeedbackAnswer; 5] = [
    FeedbackAnswer::InTime,
    FeedbackAnswer::Late,
    FeedbackAnswer::Never,
    FeedbackAnswer::NotDue,
    FeedbackAnswer::CannotTell,
];

/// Handoffs that were touched within a group of times.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TimeGroup {
    /// Seconds; more than the group before, and not more than this. `None`: any more.
    pub up_to_s: Option<i64>,
    pub in_time: Vec<String>,
    pub late: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    /// The first and the last day of the span, in the reader's zone.
    pub since: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    /// Newest first.
    pub handoffs: Vec<AuditedHandoff>,
    pub in_time: Option<f64>,
    /// Share of the feedback owed that was given.
    pub feedback_given: Option<f64>,
    pub weeks: Vec<WeekFigures>,
    pub people: Vec<PersonFigures>,
    pub waiting: Vec<String>,
    pub coaching: Vec<CoachingPoint>,
    pub times: Vec<TimeGroup>,
    /// Median of the seconds that the SLA allowed.
    pub allowed_s: Option<i64>,
    /// Each verdict on the AE's first email, with its handoffs.
    pub cc: Vec<(CcState, Vec<String>)>,
    /// Handoffs whose SDR was kept in Cc after the first email.
    pub lingering: Vec<String>,
    pub feedback: Vec<(FeedbackAnswer, Vec<String>)>,
}

/// The name under which documents refer to a handoff.
pub(crate) fn reference(handoff: &AuditedHandoff) -> String {
    handoff.id.clone().unwrap_or_else(|| handoff.company.clone())
}

/// Counts handoffs. The span is what was asked for; where nobody asked, from the first handoff to `today`.
pub(crate) fn report(
    mut handoffs: Vec<AuditedHandoff>,
    (since, until): (Option<NaiveDate>, Option<NaiveDate>),
    today: NaiveDate,
    zone: &dyn Zone,
) -> Report {
    newest_first(&mut handoffs);
    let first = handoffs.iter().filter_map(|one| one.sent_at).min();
    let which = |is: &dyn Fn(&AuditedHandoff) -> bool| -> Vec<String> {
        handoffs.iter().filter(|one| is(one)).map(reference).collect()
    };
    let allowed: Vec<f64> =
        handoffs.iter().filter_map(|one| one.seconds_allowed().map(|seconds| seconds as f64)).collect();
    Report {
        since: since.or_else(|| first.map(|at| zone.local(at).date_naive())),
        until: until.or(Some(today)),
        in_time: share(handoffs.iter().map(AuditedHandoff::was_in_time)),
        feedback_given: share(handoffs.iter().map(AuditedHandoff::had_feedback)),
        weeks: by_week(&handoffs, zone),
        people: people(&handoffs),
        waiting: which(&|one| one.waits),
        coaching: coaching(&handoffs),
        times: times(&handoffs),
        allowed_s: median(&allowed).map(|seconds| seconds.round() as i64),
        cc: CC_VERDICTS.map(|state| (state, which(&|one| one.cc_first == Some(state)))).into(),
        lingering: which(&|one| one.cc == CcState::Lingering),
        feedback: FEEDBACK_ANSWERS.map(|answer| (answer, which(&|one| one.feedback.answer == answer))).into(),
        handoffs,
    }
}

fn times(handoffs: &[AuditedHandoff]) -> Vec<TimeGroup> {
    let ends = TIME_GROUPS.into_iter().map(Some).chain([None]);
    let mut from = None;
    ends.map(|up_to_s| {
        let above = std::mem::replace(&mut from, up_to_s);
        let is_in = |seconds: i64| {
            above.is_none_or(|above| seconds > above) && up_to_s.is_none_or(|end| seconds <= end)
        };
        let of = |wanted: bool| {
            let own = handoffs.iter().filter(|one| one.seconds_to_touch().is_some_and(is_in));
            own.filter(|one| one.was_in_time() == Some(wanted)).map(reference).collect()
        };
        TimeGroup { up_to_s, in_time: of(true), late: of(false) }
    })
    .collect()
}
