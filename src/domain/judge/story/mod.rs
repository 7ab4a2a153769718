//! The handoff as a story: what happened, with its evidence, and what comes next. docs/behaviour.md section 5,
//! last bullets.

mod answer_events;
mod event;
mod names;
mod row_events;
mod statement_events;

use chrono::{DateTime, Duration, Utc};

use super::super::fact::Fact;
use super::super::mails::{DroppedIntro, MailKind};
use super::super::message::Address;
use super::history::History;
use super::judgement::{Event, FeedbackState, MeetingState, TouchState};
use super::keys::intro_key;
use super::leaks::record_leaks;
use super::verdicts::Verdicts;
use answer_events::AnswerEvents;
use event::{event, meeting_event, zoned};
use names::Names;
use row_events::RowEvents;
pub(crate) use statement_events::takes_over;
use statement_events::{add_statements, is_stated};

/// What the story is told from.
#[derive(Debug)]
pub(super) struct StoryInputs<'a> {
    pub facts: &'a [Fact],
    pub history: &'a History<'a>,
    pub verdicts: &'a Verdicts<'a>,
}

impl StoryInputs<'_> {
    /// Every event, in the order of its time.
    pub(crate) fn story(&self) -> Vec<Event> {
        let mut events = Vec::new();
        self.add_sendings(&mut events);
        self.add_clocks(&mut events);
        self.add_messages(&mut events);
        self.add_meeting(&mut events);
        add_statements(self.facts, self.history.participants(), &mut events);
        // Ids of our own mail are made by chance: what stands in the story goes before them.
        let place = |event: &Event| (event.at, event.rule, event.what.clone());
        let own = &self.history.mail.own;
        let words = |event: &Event| {
            let is_own = event.message_id.as_ref().is_some_and(|id| own.named_by(id).is_some());
            (!is_own, is_own.then(|| event.why.clone()))
        };
        events.sort_by(|a, b| (place(a), words(a), &a.message_id).cmp(&(place(b), words(b), &b.message_id)));
        events.dedup();
        events
    }

    fn add_sendings(&self, events: &mut Vec<Event>) {
        let names = Names { participants: self.history.participants(), mail: &self.history.mail };
        for (number, sending) in self.history.deliveries.all() {
            if let Some(at) = sending.accepted {
                let to: Vec<&Address> = sending.to.iter().collect();
                let why = format!("the mail server accepted the intro to {}", names.listed(&to));
                events.push(Event {
                    message_id: self
                        .history
                        .mail
                        .own
                        .get(&intro_key(number))
                        .map(|own| own.message_id.clone()),
                    ..event(at, if number == 1 { "intro-accepted" } else { "intro-sent-again" }, why)
                });
            }
            if let Some(at) = sending.refused {
                let why = match (sending.dropped(), sending.held_back()) {
                    (Some(DroppedIntro::HasNotLeft), _) => {
                        "the operator took the intro out of the outbox; it did not leave".to_owned()
                    }
                    (Some(DroppedIntro::MayHaveLeft), _) => {
                        "the operator gave the intro up; nobody can tell whether it had left".to_owned()
                    }
                    (None, Some(reason)) => format!("the intro did not leave: {reason}"),
                    (None, None) => "the mail server refused the intro for good".to_owned(),
                };
                // By now it had been deferred: the same as a delivery failure, row 12.
                events.push(Event { rule: Some(12), ..event(at, "intro-refused", why) });
            }
        }
        for mail in self.history.mail.own.all().filter(|mail| mail.key.kind != MailKind::Intro) {
            if let Some(at) = mail.left_at {
                let to: Vec<&Address> = mail.to.iter().collect();
                let (kind, to) = (mail.key.kind.name(), names.listed(&to));
                let (at, why) = match mail.in_doubt_since {
                    Some(since) => {
                        (since, format!("nobody can tell whether the {kind} mail to {to} has left"))
                    }
                    None => (at, format!("{kind} mail sent to {to}")),
                };
                events.push(Event { message_id: Some(mail.message_id.clone()), ..event(at, kind, why) });
            }
        }
    }

    fn add_clocks(&self, events: &mut Vec<Event>) {
        for clock in &self.history.touches.clocks {
            events.push(event(clock.started, "clock-started", clock.why.clone()));
            let another_began = |at| self.history.touches.clocks.iter().any(|other| other.started == at);
            if let Some(at) = clock.stopped.filter(|at| !another_began(*at)) {
                events.push(event(at, "clock-stopped", "the clock is stopped".to_owned()));
            }
        }
        if let Some(clock) = &self.verdicts.first_touch.breach {
            let at = clock.deadline + Duration::seconds(1);
            let why = "every watched mailbox was read past the deadline and no touch was found";
            events.push(event(at, "breached", why.to_owned()));
        }
    }

    fn add_messages(&self, events: &mut Vec<Event>) {
        let History { mail, rows, touches, identities, stances, answers, calendars, handed_over, .. } =
            self.history;
        let participants = self.history.participants();
        let cc = &self.verdicts.cc;
        RowEvents { participants, mail, rows, touches, cc, calendars }.add_to(events);
        let leaks = record_leaks(mail, *handed_over);
        AnswerEvents { participants, mail, identities, stances, answers, leaks: &leaks }.add_to(events);
    }

    /// Changes of the meeting that neither the mail's own event nor the person's tells of already.
    fn add_meeting(&self, events: &mut Vec<Event>) {
        for revision in self.history.calendars.changes() {
            let what = meeting_event(revision);
            let is_told = events.iter().any(|event| event.what == what && event.at == revision.since);
            if is_told || is_stated(self.facts, revision) {
                continue;
            }
            let start = zoned(self.history.participants(), revision.start);
            events.push(event(revision.since, what, format!("{}: {start}", revision.why)));
        }
    }

    /// What happens next, and when.
    pub(crate) fn next_step(&self) -> Option<(DateTime<Utc>, String)> {
        if !self.verdicts.is_open || self.history.handed_over.is_none() {
            return None;
        }
        let ae = self.history.participants().ae();
        match self.verdicts.first_touch.state {
            TouchState::Waiting | TouchState::CannotSee => {
                let clock = self.history.touches.running()?;
                return Some((clock.deadline, format!("{ae}'s first touch is due")));
            }
            TouchState::Undelivered => return None,
            TouchState::Touched | TouchState::Breached => {}
        }
        let meeting = &self.verdicts.meeting;
        match (meeting.state, self.verdicts.answered.feedback.state) {
            (MeetingState::Cancelled, _) => None,
            (MeetingState::Planned | MeetingState::Moved, _) => {
                Some((meeting.end, format!("the meeting ends, {ae} is asked for feedback")))
            }
            (MeetingState::Over, FeedbackState::Requested) => {
                Some((self.verdicts.answered.due, format!("{ae}'s feedback is due")))
            }
            (MeetingState::Over, _) => None,
        }
    }
}
