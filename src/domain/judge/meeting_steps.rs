//! What happens to the meeting, in the order of its time: calendar and scheduler mail, what people said on the command
//! line, and what the AE said of its time in answers.

use chrono::{DateTime, Duration, Utc};

use super::super::fact::{Fact, FactKind, StatementKind};
use super::super::handoff::PlannedMeeting;
use super::super::message::MessageKind;
use super::correspondence::Correspondence;
use super::feedback_answers::{NewTime, TimeSaid};
use super::seen_message::SeenMessage;

#[derive(Debug)]
pub(super) enum MeetingStep<'a> {
    Mail(&'a SeenMessage),
    Moved {
        start: DateTime<Utc>,
        length: Option<Duration>,
        why: &'a str,
    },
    Cancelled {
        why: &'a str,
    },
    /// It was rescheduled, and nobody has said when to.
    TimeOpen {
        meeting: Option<DateTime<Utc>>,
    },
    /// It has been.
    Settled,
}

/// All steps; within one second a person's word comes first. `first`: the meeting of the first record.
pub(super) fn steps<'a>(
    mail: &'a Correspondence,
    first: &PlannedMeeting,
    facts: &'a [Fact],
    new_times: &[NewTime],
) -> Vec<(DateTime<Utc>, MeetingStep<'a>)> {
    let mut steps: Vec<(DateTime<Utc>, u8, &str, MeetingStep<'a>)> = Vec::new();
    let mut planned = first.start;
    for (at, meeting) in corrected(facts) {
        // A record that was corrected for another reason says nothing new of the time.
        if meeting.start != planned {
            planned = meeting.start;
            let length = Some(Duration::seconds(i64::from(meeting.length_seconds)));
            let why = "planned in the corrected record";
            steps.push((at, 0, "", MeetingStep::Moved { start: planned, length, why }));
        }
    }
    for fact in facts {
        let FactKind::Said(statement) = &fact.what else { continue };
        let step = match &statement.says {
            StatementKind::MeetingMoved { start, length_seconds } => MeetingStep::Moved {
                start: *start,
                length: length_seconds.map(|seconds| Duration::seconds(i64::from(seconds))),
                why: &statement.why,
            },
            StatementKind::MeetingCancelled => MeetingStep::Cancelled { why: &statement.why },
            _ => continue,
        };
        steps.push((fact.at, 0, &statement.id, step));
    }
    for time in new_times {
        let step = match time.says {
            TimeSaid::Start(start) => {
                MeetingStep::Moved { start, length: None, why: "the AE gave a new time" }
            }
            TimeSaid::Open { meeting } => MeetingStep::TimeOpen { meeting },
            TimeSaid::Settled => MeetingStep::Settled,
        };
        steps.push((time.at, 1, "", step));
    }
    for seen in &mail.seen {
        if seen.calendar().is_some() || seen.kind() == Some(MessageKind::Scheduler) {
            steps.push((seen.at, 2, "", MeetingStep::Mail(seen)));
        }
    }
    steps.sort_by(|a, b| (a.0, a.1, a.2).cmp(&(b.0, b.1, b.2)));
    steps.dedup_by(|a, b| a.1 == 0 && b.1 == 0 && (a.0, a.2) == (b.0, b.2));
    steps.into_iter().map(|(at, _, _, step)| (at, step)).collect()
}

/// The meetings of corrected records, and when each was given.
fn corrected(facts: &[Fact]) -> impl Iterator<Item = (DateTime<Utc>, &PlannedMeeting)> {
    let mut given: Vec<(u32, DateTime<Utc>, &PlannedMeeting)> = Vec::new();
    for fact in facts {
        if let FactKind::IntroAsked { sending, record: Some(record) } = &fact.what {
            given.push((*sending, fact.at, &record.meeting));
        }
    }
    given.sort_by_key(|(sending, at, _)| (*sending, *at));
    given.into_iter().map(|(_, at, meeting)| (at, meeting))
}
