//! The one judgement: everything that is true of a handoff, computed from its facts.
//!
//! Pure and total. Any order of arrival and any duplication of facts gives the same judgement.
//! docs/behaviour.md sections 4 to 9 and 12.
//!
//! `history` reads the facts in stages, whatever the time is: who is who, what was written, what was answered,
//! the meeting, the row of each message, clocks and touches. `verdicts` says what is true of that by now,
//! `wanted` names the mails, `story` describes it. A file imports only what stands before it in that order;
//! `tests/structure.rs` checks that there is no circle.

mod acceptance;
mod calendars;
mod candidates;
mod cc;
mod claim;
mod configured_addresses;
mod correspondence;
mod deadlines;
mod deliveries;
mod directory;
mod feedback;
mod feedback_answers;
mod history;
mod identities;
mod judgement;
mod keys;
mod leaks;
mod meeting_steps;
mod merge;
mod open;
mod own_mails;
mod participants;
mod policy;
mod possible_mails;
mod reading_progress;
mod records;
mod row;
mod rows;
mod seen_message;
mod sendings;
mod stances;
mod story;
mod tenures;
mod touch;
mod touch_verdict;
mod verdicts;
mod wake;
mod wanted;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::fact::Fact;
use super::handoff::{Handoff, Record};
use super::mails::HandoffBrief;
use super::message::MessageId;
pub use configured_addresses::AddressesInOrder;
pub(crate) use configured_addresses::ConfiguredAddresses;
pub use judgement::*;
pub(crate) use keys::sending_of;
pub(crate) use merge::own_time;
pub use policy::Policy;
pub(crate) use possible_mails::{PossibleMail, possible_mails};
pub(crate) use records::record_of_sending;
pub(crate) use story::takes_over;
pub(crate) use tenures::{FormerAe, former_ae};

use claim::claim;
use history::History;
use story::StoryInputs;
use verdicts::Verdicts;
use wake::Wake;
use wanted::MailInputs;

#[cfg(test)]
mod tests;

/// Judges one handoff. `facts` may come in any order and more than once.
pub fn judge(policy: &Policy, handoff: &Handoff, facts: &[Fact], now: DateTime<Utc>) -> Judgement {
    let wake = Wake::new(now);
    let history = &History::read(policy, handoff, facts);
    let verdicts = Verdicts::of(history, policy, facts, &wake);
    let mails = MailInputs { policy, history, verdicts: &verdicts, wake: &wake }.wanted_mails();
    let story = StoryInputs { facts, history, verdicts: &verdicts };
    let (participants, clock) = (history.participants(), history.touches.clock_to_show());
    let record = history.record_as_it_stands();
    Judgement {
        sent_at: history.handed_over,
        intro_failed: history.deliveries.last_failed(),
        deadline: clock.map(|clock| clock.deadline),
        deadline_why: clock.map(|clock| clock.why.clone()),
        ae: participants.ae().to_owned(),
        prospects: history.mail.prospects.list().to_vec(),
        fixed_deadlines: history.touches.fixed_deadlines.clone(),
        away_until: history.rows.away_until(&history.mail, history.tenures.last()),
        story: story.story(),
        mails,
        claim: claim(&history.records, &history.mail, &participants, &history.calendars),
        learnt_aliases: history.identities.confirmed(&history.mail, &history.tenures),
        next: story.next_step(),
        evidence: evidence(history),
        brief: brief(handoff, record.clone(), history, &verdicts),
        wake: wake.next(),
        record,
        touch: verdicts.touch,
        cc: verdicts.cc.cc,
        acceptance: verdicts.acceptance,
        meeting: verdicts.meeting,
        feedback: verdicts.feedback,
        awaits: verdicts.progress.awaits(),
        open: verdicts.is_open,
        last_look: verdicts.last_look,
        awaits_clock: verdicts.awaits_clock,
    }
}

/// Mails whose words the verdicts rest on: the answers to ours. Of any other, what it is says enough.
fn evidence(history: &History) -> BTreeSet<MessageId> {
    let answers = history.mail.seen.iter().filter(|seen| history.mail.is_answer(seen));
    answers.flat_map(|seen| seen.ids.iter().cloned()).collect()
}

/// Everything about the handoff that any mail may mention.
fn brief(handoff: &Handoff, record: Record, history: &History, verdicts: &Verdicts) -> HandoffBrief {
    HandoffBrief {
        id: handoff.id.clone(),
        record,
        ae: history.participants().ae().to_owned(),
        introduced: history.introduced().to_owned(),
        meeting: verdicts.meeting_brief(),
        is_cancelled: verdicts.meeting.state == MeetingState::Cancelled,
        sent_at: history.handed_over,
        intro_id: history.intro_id(),
    }
}
