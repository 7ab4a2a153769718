//! What is true of a handoff by now, from its history: one verdict after the other.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::super::fact::Fact;
use super::super::mails::MeetingBrief;
use super::acceptance::acceptance;
use super::cc::{CcInputs, CcVerdict};
use super::claim;
use super::feedback::{FeedbackInputs, FeedbackVerdict};
use super::history::History;
use super::judgement::{Acceptance, Feedback, LastLook, Meeting, MeetingState, Touch};
use super::open::OpenInputs;
use super::participants::Participants;
use super::policy::Policy;
use super::reading_progress::ReadingProgress;
use super::touch_verdict::{TouchVerdict, TouchVerdictInputs};
use super::wake::Wake;

#[derive(Debug)]
pub(super) struct Verdicts<'h> {
    pub progress: ReadingProgress,
    pub meeting: Meeting,
    /// What decided on the first touch, and the touch itself.
    pub first_touch: TouchVerdict,
    pub touch: Touch,
    pub cc: CcVerdict,
    pub acceptance: Acceptance,
    /// What the answers say of the feedback, and how it stands by now.
    pub answered: FeedbackVerdict<'h>,
    pub feedback: Feedback,
    pub is_open: bool,
    pub last_look: Option<LastLook>,
    pub awaits_clock: Option<DateTime<Utc>>,
}

impl<'h> Verdicts<'h> {
    pub(crate) fn of(history: &'h History, policy: &Policy, facts: &[Fact], wake: &Wake) -> Self {
        let History { mail, touches, calendars, handed_over, .. } = history;
        let participants = history.participants();
        let progress = ReadingProgress::from_facts(facts, accounts(policy, &participants));
        let meeting = meeting(history, wake);
        let first = TouchVerdictInputs { policy, wake, mail, touches, progress: &progress };
        let first_touch = first.verdict();
        let cc = CcInputs {
            mail,
            rows: &history.rows,
            participants,
            touches,
            meeting_begun: meeting.state != MeetingState::Cancelled && meeting.start <= wake.now,
        };
        let answers = &history.answers;
        let answered =
            FeedbackInputs { policy, facts, own: &mail.own, answers, calendars, meeting: &meeting }
                .verdict(&participants);
        let open = OpenInputs {
            facts,
            wake,
            mail,
            ae: participants.ae(),
            tenure: participants.tenures.last(),
            handed_over: *handed_over,
            touches,
            touch: &first_touch,
            calendars,
            meeting: &meeting,
            feedback: &answered,
        };
        let is_open = open.is_open();
        let last_look = first
            .awaits_last_look(&first_touch)
            .filter(|_| is_open)
            .map(|clock| claim::last_look(clock, &progress, mail, &participants, *handed_over));
        let awaits_clock = first.awaits_clock(&first_touch).filter(|_| is_open);
        Self {
            touch: first.touch(first_touch.state, history.records.current()),
            cc: cc.verdict(),
            acceptance: acceptance(&history.stances, facts, &history.tenures),
            feedback: answered.as_of(wake, &progress, *handed_over, is_open),
            progress,
            meeting,
            first_touch,
            answered,
            is_open,
            last_look,
            awaits_clock,
        }
    }

    pub(crate) fn meeting_brief(&self) -> MeetingBrief {
        MeetingBrief { start: self.meeting.start, end: self.meeting.end }
    }
}

/// The accounts that hold the handoff's mail.
fn accounts(policy: &Policy, participants: &Participants) -> BTreeSet<String> {
    participants
        .sdr_account()
        .into_iter()
        .chain(participants.ae_account())
        .chain([policy.agent_account.as_str()])
        .map(str::to_owned)
        .collect()
}

fn meeting(history: &History, wake: &Wake) -> Meeting {
    let meeting = history.calendars.meeting(wake.now);
    for at in [meeting.start, meeting.end] {
        wake.has_come(at);
    }
    meeting
}
