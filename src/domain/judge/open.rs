//! Whether a handoff is still open: something is owed, or may yet come. docs/behaviour.md section 12, last
//! paragraph.

use chrono::{DateTime, Duration, Utc};

use super::super::fact::{Fact, FactKind, StatementKind};
use super::super::mails::{MailKey, MailKind};
use super::calendars::Calendars;
use super::correspondence::Correspondence;
use super::feedback::FeedbackVerdict;
use super::judgement::{Meeting, MeetingState, TouchState};
use super::keys::about_meeting;
use super::touch::Touches;
use super::touch_verdict::TouchVerdict;
use super::wake::Wake;

/// A handoff stays open so long after its feedback fell due or its meeting was cancelled.
const LINGERS: Duration = Duration::days(14);

/// The longest that it waits for what could not be seen or said: by then nobody wants to hear of it.
const LINGERS_UNTOLD: Duration = Duration::days(60);

#[derive(Debug)]
pub(super) struct OpenInputs<'a> {
    pub facts: &'a [Fact],
    pub wake: &'a Wake,
    pub mail: &'a Correspondence,
    /// Name of the AE who has the handoff.
    pub ae: &'a str,
    /// Since which change of AE.
    pub tenure: usize,
    pub handed_over: Option<DateTime<Utc>>,
    pub touches: &'a Touches,
    pub touch: &'a TouchVerdict,
    pub calendars: &'a Calendars,
    pub meeting: &'a Meeting,
    pub feedback: &'a FeedbackVerdict<'a>,
}

impl OpenInputs<'_> {
    pub(crate) fn is_open(&self) -> bool {
        let last_word = last_word(self.facts);
        if last_word.is_some_and(|(_, closed)| closed) {
            return false;
        }
        if self.is_touch_settled() && self.feedback.settled_at.is_some() {
            return false;
        }
        let opened = last_word.map(|(at, _)| at);
        if self
            .feedback
            .settled_at
            .is_some_and(|at| self.was_touched(at) && opened.is_none_or(|opened| opened < at))
        {
            return false;
        }
        if let Some(since) = self.calendars.cancelled_since() {
            return !self.wake.has_come(since + LINGERS);
        }
        let is_owed = self.handed_over.is_some()
            && self.meeting.state == MeetingState::Over
            && self.feedback.settled_at.is_none();
        // Opened again, the handoff stays open for what could not be asked.
        let reopened = last_word.map(|(at, _)| at).filter(|_| self.feedback.asked_at.is_none());
        let due = reopened.map_or(self.feedback.due, |at| at.max(self.feedback.due));
        let is_over = self.wake.has_come(due + LINGERS) && self.is_delay_told();
        !(is_owed && (is_over || self.wake.has_come(due + LINGERS_UNTOLD)))
    }

    /// Nothing waits to be seen or said that is late: however long nobody was there, or a mailbox could not be read, it is
    /// asked for and flagged before the handoff counts as over.
    fn is_delay_told(&self) -> bool {
        let is_touch_told = match self.touch.state {
            TouchState::Waiting | TouchState::CannotSee => self.touches.running().is_none(),
            TouchState::Breached => self.is_breach_told(),
            TouchState::Touched | TouchState::Undelivered => true,
        };
        let about = about_meeting(self.meeting.start);
        let is_asked = self.feedback.asked_at.is_some();
        let last = if is_asked { MailKind::FeedbackOverdue } else { MailKind::FeedbackRequest };
        // Nobody is asked for a time that is not known yet.
        let is_nobodys = self.feedback.owed_by.is_none() || self.feedback.waits_for_time;
        is_touch_told && (is_nobodys || self.is_sent_or_refused(last, &about))
    }

    /// Nothing more is to be said of the first touch.
    fn is_touch_settled(&self) -> bool {
        match self.touch.state {
            // The SDR hears first of what was only said.
            TouchState::Touched => {
                self.touches.stated_in(self.mail).is_none()
                    || self.is_sent_or_refused(MailKind::Stated, self.ae)
            }
            // The manager hears of it first, and may still have somebody else take over: what was answered before says
            // nothing of the touch that is missed since.
            TouchState::Breached => {
                let breach = self.touch.breach.as_ref();
                breach.is_some_and(|clock| {
                    let is_answered_since = self.feedback.settled_at.is_some_and(|at| at >= clock.deadline);
                    self.is_breach_told()
                        && (is_answered_since || self.wake.has_come(clock.deadline + LINGERS))
                })
            }
            _ => false,
        }
    }

    /// A touch stood when the feedback came in, and the handoff was closed by both: that its mail came back after that opens
    /// nothing again.
    fn was_touched(&self, answered: DateTime<Utc>) -> bool {
        let mut withdrawn = self.touches.withdrawn();
        withdrawn.any(|one| {
            one.tenure == self.tenure && one.at <= answered && one.withdrawn.is_some_and(|at| at > answered)
        })
    }

    fn is_breach_told(&self) -> bool {
        let breach = self.touch.breach.as_ref();
        breach.is_some_and(|clock| self.is_sent_or_refused(MailKind::Escalation, &clock.key()))
    }

    /// The mail has left, or never will.
    fn is_sent_or_refused(&self, kind: MailKind, about: &str) -> bool {
        let key = MailKey { kind, about: about.to_owned() };
        let is_refused =
            |fact: &Fact| matches!(&fact.what, FactKind::MailRefused { key: of, .. } if *of == key);
        self.mail.own.left(key.kind, &key.about).is_some() || self.facts.iter().any(is_refused)
    }
}

/// When a person last closed it or opened it again, and whether they closed it.
fn last_word(facts: &[Fact]) -> Option<(DateTime<Utc>, bool)> {
    let mut last: Option<(DateTime<Utc>, &str, bool)> = None;
    for fact in facts {
        if let FactKind::Said(statement) = &fact.what {
            let closed = match statement.says {
                StatementKind::Closed => true,
                StatementKind::Reopened => false,
                _ => continue,
            };
            let this = (fact.at, statement.id.as_str(), closed);
            last = Some(last.map_or(this, |last| last.max(this)));
        }
    }
    last.map(|(at, _, closed)| (at, closed))
}
