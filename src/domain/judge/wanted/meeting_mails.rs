//! Mails about the first meeting: that it was declined, and the feedback on it. docs/behaviour.md section 9.

use chrono::{DateTime, Duration, Utc};

use super::super::super::mails::{FeedbackQuestion, MailBrief, MailKind, MeetingBrief, Voice, WantedMail};
use super::super::super::message::Mailbox;
use super::super::calendars::Calendars;
use super::super::correspondence::Correspondence;
use super::super::feedback::{FeedbackResponse, FeedbackVerdict};
use super::super::judgement::{Meeting, MeetingState};
use super::super::keys::{about_meeting, new_time_key};
use super::super::participants::mailbox;
use super::super::policy::Policy;
use super::super::reading_progress::ReadingProgress;
use super::draft::MailDraft;
use super::readers::Readers;

#[derive(Debug)]
pub(super) struct MeetingMails<'a> {
    pub readers: Readers<'a>,
    pub policy: &'a Policy,
    pub mail: &'a Correspondence,
    /// Who was to attend, as the record says.
    pub attendees: &'a [Mailbox],
    pub handed_over: Option<DateTime<Utc>>,
    pub calendars: &'a Calendars,
    pub progress: &'a ReadingProgress,
    pub meeting: &'a Meeting,
    pub brief: MeetingBrief,
    pub feedback: &'a FeedbackVerdict<'a>,
}

impl MeetingMails<'_> {
    pub(crate) fn add_to(&self, mails: &mut Vec<Option<WantedMail>>) {
        mails.push(self.meeting_declined());
        self.add_feedback(mails);
    }

    fn meeting_declined(&self) -> Option<WantedMail> {
        if matches!(self.meeting.state, MeetingState::Cancelled | MeetingState::Over) {
            return None;
        }
        let (_, declined) = self.calendars.declined(self.mail, self.attendees, self.handed_over?)?;
        let brief = MailBrief::MeetingDeclined { meeting: self.brief.clone(), declined };
        MailDraft::new(MailKind::MeetingDeclined, about_meeting(self.meeting.start), Voice::Agent, brief)
            .to(self.readers.sdr())
            .cc(self.readers.ae())
            .done()
    }

    fn add_feedback(&self, mails: &mut Vec<Option<WantedMail>>) {
        mails.extend(self.feedback.responses.iter().map(|response| self.response(response)));
        let is_owed = self.meeting.state == MeetingState::Over
            && self.feedback.settled_at.is_none()
            && !self.feedback.waits_for_time;
        if !is_owed {
            return;
        }
        let (meeting, key, due) = (self.brief.clone(), about_meeting(self.meeting.start), self.feedback.due);
        mails.push(
            MailDraft::new(
                MailKind::FeedbackRequest,
                key.clone(),
                Voice::Agent,
                MailBrief::FeedbackRequest {
                    meeting: meeting.clone(),
                    due: self.feedback.due_if_asked(self.readers.wake.now),
                },
            )
            .to(self.feedback.owed_by.map(mailbox))
            .done(),
        );
        // What was not asked for is not overdue: a request that waits in the outbox owes nothing yet.
        let (Some(ae), Some(_)) = (self.feedback.owed_by, self.feedback.asked_at) else { return };
        let overdue_at =
            if ae.working.is_open(due) { due } else { ae.working.next_open(due) + Duration::hours(1) };
        let before = self.policy.feedback_remind_before;
        let remind_at = ae.working.next_open(due - Duration::seconds(i64::from(before)));
        let is_reminded = before > 0
            && before < self.policy.feedback_due
            && self.readers.wake.has_come(remind_at)
            && !self.readers.wake.has_come(overdue_at);
        if is_reminded {
            let brief = MailBrief::FeedbackReminder { meeting: meeting.clone(), due };
            mails.push(
                MailDraft::new(MailKind::FeedbackReminder, key.clone(), Voice::Agent, brief)
                    .to(Some(mailbox(ae)))
                    .not_before(self.readers.working_hours(Some(ae)))
                    .done(),
            );
        }
        if self.readers.wake.has_come(overdue_at) && self.progress.has_read(overdue_at) {
            let read = self.progress.mailboxes();
            let brief = MailBrief::FeedbackOverdue { ae: ae.name.clone(), meeting, due, read };
            mails.push(
                MailDraft::new(MailKind::FeedbackOverdue, key, Voice::Agent, brief)
                    .to(Some(self.readers.participants.manager_of(&ae.name)))
                    .not_before(self.readers.working_hours(Some(ae)))
                    .done(),
            );
        }
    }

    fn response(&self, response: &FeedbackResponse) -> Option<WantedMail> {
        let meeting = self.brief.clone();
        // Nothing is owed for a meeting that was called off, or that another has taken the place of.
        let is_off = self.meeting.state == MeetingState::Cancelled;
        let is_asked = |asked: &DateTime<Utc>| {
            self.feedback.settled_at.is_none() && !is_off && *asked == self.meeting.start
        };
        let ae = self.feedback.owed_by.map(mailbox);
        match response {
            FeedbackResponse::Thanks { meeting: asked, name, tenure, feedback, words } => {
                let brief =
                    MailBrief::FeedbackThanks { feedback: feedback.clone(), meeting, words: words.clone() };
                let key = format!("{} {name}", about_meeting(*asked));
                MailDraft::new(MailKind::FeedbackThanks, key, Voice::Agent, brief)
                    .to(self.readers.ae_of(*tenure))
                    .cc(self.readers.sdr())
                    .done()
            }
            FeedbackResponse::AskAgain { meeting: asked, words, .. } if is_asked(asked) => {
                let question = FeedbackQuestion::Unreadable;
                let brief = MailBrief::FeedbackQuestion { question, meeting, words: words.clone() };
                let key = format!("{} unreadable", about_meeting(*asked));
                MailDraft::new(MailKind::FeedbackQuestion, key, Voice::Agent, brief).to(ae.clone()).done()
            }
            FeedbackResponse::AskNewTime { meeting: asked, words, .. }
                if self.feedback.waits_for_time && !is_off =>
            {
                let question = FeedbackQuestion::NewTime;
                let brief = MailBrief::FeedbackQuestion { question, meeting, words: words.clone() };
                let key = new_time_key(*asked);
                MailDraft::new(MailKind::FeedbackQuestion, key, Voice::Agent, brief)
                    .to(ae.clone())
                    .cc(self.readers.sdr())
                    .done()
            }
            FeedbackResponse::AskAgain { .. } | FeedbackResponse::AskNewTime { .. } => None,
        }
    }
}
