//! The one judgement: everything that is true of a handoff, computed from its facts.
//!
//! Pure and total. Any order of arrival and any duplication of facts gives the same judgement.
//! behaviour.md sections 4 to 9 and 12.
//!
//! `seen` merges and places the mail, `directory` knows who is who, `rows` decides each message's row,
//! `meeting`, `deadlines`, `touch`, `cc`, `acceptance` and `feedback` fold the rows into verdicts, `reading_progress` knows what could
//! be seen, `wanted` names the mails, `story` describes it.

mod acceptance;
mod case;
mod cc;
mod deadlines;
mod directory;
mod feedback;
mod meeting;
mod policy;
mod reading_progress;
mod rows;
mod seen_messages;
mod story;
mod touch;
mod verdict;
mod wake;
mod wanted;

use chrono::{DateTime, Utc};

use super::fact::Fact;
use super::handoff::Handoff;
use super::mails::HandoffBrief;
pub(crate) use case::record_of_sending;

use case::HandoffCase;
pub use policy::Policy;
pub use verdict::*;

#[cfg(test)]
mod tests;

/// Judges one handoff. `facts` may come in any order and more than once.
pub fn judge(policy: &Policy, handoff: &Handoff, facts: &[Fact], now: DateTime<Utc>) -> Judgement {
    let case = HandoffCase::open(policy, handoff, facts, now);
    let mails = case.wanted_mails();
    let look = case.last_look_due();
    Judgement {
        sent_at: case.sent_at,
        deadline: case.deadline(),
        deadline_why: case.deadline_why(),
        record: case.record_as_it_stands(),
        ae: case.ae().to_owned(),
        prospects: case.mail.prospects.clone(),
        fixed: case.touches.fixed.clone(),
        touch: case.touch(),
        cc: case.cc.cc.clone(),
        acceptance: case.acceptance.clone(),
        meeting: case.meeting.clone(),
        feedback: case.feedback_now(),
        away_until: case.away_until(),
        open: case.is_open(),
        story: case.story(),
        mails,
        look,
        claim: case.claim(),
        learnt: case.learnt(),
        next: case.next_step(),
        brief: HandoffBrief {
            id: handoff.id.clone(),
            record: case.record_as_it_stands(),
            ae: case.ae().to_owned(),
            introduced: case.introduced().to_owned(),
            meeting: case.meeting_brief(),
            sent_at: case.sent_at,
            intro_id: case.intro_id(),
        },
        wake: case.wake.next(),
    }
}
