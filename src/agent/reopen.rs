//! Whether a closed handoff can be opened again: what closes one by itself would close it once more at once.
//! docs/behaviour.md section 12, last paragraph.

use chrono::{DateTime, Utc};

use crate::domain::fact::{Fact, FactKind, Statement, StatementKind};
use crate::domain::judge::{FeedbackState, MeetingState, Policy, judge};

use super::turn::JudgedHandoff;

/// Why it closes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StaysClosed {
    /// The touch is settled and the feedback is in.
    AllIsSettled,
    FeedbackOverdue,
    MeetingCancelled,
}

/// Why a handoff would not be open after a person has opened it again; `None`: it would be.
pub(crate) fn stays_closed(
    policy: &Policy,
    judged: &JudgedHandoff,
    now: DateTime<Utc>,
) -> Option<StaysClosed> {
    let mut facts = judged.facts.clone();
    // Of two statements within one second the later one counts, by their ids: this one comes after all.
    let statement = Statement {
        id: "~".to_owned(),
        why: String::new(),
        says: StatementKind::Reopened,
        letter: None,
        read_at: None,
    };
    facts.push(Fact { at: now, what: FactKind::Said(statement) });
    let after = judge(policy, &judged.stored.handoff, &facts, now);
    if after.open {
        return None;
    }
    Some(match (after.feedback.state, after.meeting.state) {
        (FeedbackState::Received, _) => StaysClosed::AllIsSettled,
        (_, MeetingState::Cancelled) => StaysClosed::MeetingCancelled,
        _ => StaysClosed::FeedbackOverdue,
    })
}
