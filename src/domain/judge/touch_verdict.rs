//! The verdict on the first touch by `now`: waiting, touched, breached, undelivered, or that nobody can tell.
//! docs/behaviour.md sections 4 and 7.
//!
//! A breach may be called one only once everything was read past it and the last look was taken.

use chrono::{DateTime, Duration, Utc};

use super::super::handoff::Record;
use super::super::mails::MailKind;
use super::super::message::DROPPED_TEXT;
use super::super::outcomes::TouchKind;
use super::candidates::TouchCandidate;
use super::correspondence::Correspondence;
use super::judgement::{Touch, TouchState};
use super::policy::Policy;
use super::reading_progress::ReadingProgress;
use super::touch::{SlaClock, Touches};
use super::wake::Wake;

#[derive(Debug)]
pub(super) struct TouchVerdictInputs<'a> {
    pub policy: &'a Policy,
    pub wake: &'a Wake,
    pub mail: &'a Correspondence,
    pub touches: &'a Touches,
    pub progress: &'a ReadingProgress,
}

/// The verdict, and the clock that it is about.
#[derive(Debug)]
pub(super) struct TouchVerdict {
    pub state: TouchState,
    /// The running clock, once its deadline and the grace after it have passed.
    pub expired: Option<SlaClock>,
    /// The expired clock, once it may be called a breach.
    pub breach: Option<SlaClock>,
}

impl TouchVerdictInputs<'_> {
    pub(crate) fn verdict(&self) -> TouchVerdict {
        let running = self.touches.running();
        let expired = running.filter(|clock| self.wake.has_come(self.after_grace(clock)));
        let breach = expired.filter(|clock| self.is_breach(clock));
        let state = match running {
            _ if self.touches.touch().is_some() => TouchState::Touched,
            _ if self.touches.undelivered.is_some() => TouchState::Undelivered,
            Some(_) if breach.is_some() => TouchState::Breached,
            Some(clock) if self.is_blind(clock) => TouchState::CannotSee,
            _ => TouchState::Waiting,
        };
        TouchVerdict { state, expired: expired.cloned(), breach: breach.cloned() }
    }

    fn after_grace(&self, clock: &SlaClock) -> DateTime<Utc> {
        clock.deadline + Duration::seconds(i64::from(self.policy.grace))
    }

    fn is_breach(&self, clock: &SlaClock) -> bool {
        let has_left = self.mail.own.left(MailKind::Escalation, &clock.key()).is_some();
        let is_proved = self.progress.has_read(self.after_grace(clock))
            && self.progress.last_look(clock.deadline).is_some()
            && !self.progress.clock_in_doubt;
        is_proved || has_left
    }

    /// An outage hides what may have happened.
    fn is_blind(&self, clock: &SlaClock) -> bool {
        let from = self.progress.blind_from(clock.deadline, self.policy.blind_after);
        from.is_some_and(|from| self.wake.has_come(from))
    }

    /// The expired clock for which the last look is due.
    pub(crate) fn awaits_last_look<'v>(&self, verdict: &'v TouchVerdict) -> Option<&'v SlaClock> {
        verdict.expired.as_ref().filter(|clock| {
            self.progress.has_read(self.after_grace(clock))
                && self.progress.last_look(clock.deadline).is_none()
        })
    }

    /// Since when the verdict waits for nothing but the clock to be confirmed.
    pub(crate) fn awaits_clock(&self, verdict: &TouchVerdict) -> Option<DateTime<Utc>> {
        let clock = verdict.expired.as_ref().filter(|_| verdict.breach.is_none())?;
        let waits = self.progress.clock_in_doubt
            && self.progress.has_read(self.after_grace(clock))
            && self.progress.last_look(clock.deadline).is_some();
        waits.then(|| self.after_grace(clock))
    }

    /// The verdict with the touch that stands.
    pub(crate) fn touch(&self, state: TouchState, record: &Record) -> Touch {
        let touch = self.touches.touch();
        let personal =
            touch.filter(|touch| !touch.indirect).and_then(|touch| self.is_personal(touch, record));
        Touch {
            state,
            kind: touch.map(|touch| touch.kind),
            at: touch.map(|touch| touch.at),
            late: self.touches.is_late(),
            indirect: touch.is_some_and(|touch| touch.indirect),
            personal,
            message_id: touch.and_then(|touch| touch.message_id.clone()),
        }
    }

    /// Whether the touch's words take up the record's; `None` also where they are not kept any more.
    fn is_personal(&self, touch: &TouchCandidate, record: &Record) -> Option<bool> {
        if !matches!(touch.kind, TouchKind::Reply | TouchKind::NewThread | TouchKind::Video) {
            return None;
        }
        let seen = self.mail.seen.iter().find(|seen| seen.name() == touch.name)?;
        if seen.words() == DROPPED_TEXT {
            return None;
        }
        Some((self.policy.takes_up)(seen.words(), &[&record.pain, &record.meeting.agenda]))
    }
}
