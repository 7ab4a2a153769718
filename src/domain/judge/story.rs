//! The handoff as a story: what happened, with its evidence, and what comes next. behaviour.md section 5,
//! last bullets.

use chrono::{DateTime, Duration, Utc};

use super::super::fact::{FactKind, StatementKind, TouchKind};
use super::super::mails::MailKind;
use super::super::message::{Address, MessageKind};
use super::case::{HandoffCase, intro_key};
use super::cc;
use super::feedback::FeedbackAnswer;
use super::rows::{AeWriting, MessageRow, TouchProofKind, reports_failure};
use super::seen_messages::SeenMessage;
use super::{Event, FeedbackState, MeetingState, TouchState};

fn own(at: DateTime<Utc>, what: &'static str, why: String) -> Event {
    Event { at, what, rule: None, message_id: None, folder: None, why }
}

fn listed(addresses: &[&Address]) -> String {
    addresses.iter().map(|address| address.as_str()).collect::<Vec<_>>().join(", ")
}

impl HandoffCase<'_> {
    pub(crate) fn story(&self) -> Vec<Event> {
        let mut events = Vec::new();
        self.add_sendings(&mut events);
        self.add_clocks(&mut events);
        events.extend(self.seen_rows().filter_map(|(seen, row)| self.row_event(seen, row)));
        self.add_answers(&mut events);
        self.add_meeting(&mut events);
        self.add_statements(&mut events);
        events.sort_by(|a, b| {
            (a.at, a.rule, a.what, &a.message_id).cmp(&(b.at, b.rule, b.what, &b.message_id))
        });
        events.dedup();
        events
    }

    fn add_sendings(&self, events: &mut Vec<Event>) {
        for (number, sending) in &self.sendings {
            if let Some(at) = sending.accepted {
                let to: Vec<&Address> = sending.to.iter().collect();
                let why = format!("the mail server accepted the intro to {}", listed(&to));
                events.push(Event {
                    message_id: self.mail.own.get(&intro_key(*number)).map(|own| own.message_id.clone()),
                    ..own(at, if *number == 1 { "intro-accepted" } else { "intro-sent-again" }, why)
                });
            }
            if let Some(at) = sending.refused {
                let why = "the mail server refused the intro for good".to_owned();
                // By now it had been deferred: the same as a delivery failure, row 12.
                events.push(Event { rule: Some(12), ..own(at, "intro-refused", why) });
            }
        }
        for mail in self.mail.own.all().filter(|mail| mail.key.kind != MailKind::Intro) {
            if let Some(at) = mail.left_at {
                let to: Vec<&Address> = mail.to.iter().collect();
                events.push(Event {
                    message_id: Some(mail.message_id.clone()),
                    ..own(
                        at,
                        mail.key.kind.name(),
                        format!("{} mail sent to {}", mail.key.kind.name(), listed(&to)),
                    )
                });
            }
        }
    }

    fn add_clocks(&self, events: &mut Vec<Event>) {
        for clock in &self.touches.clocks {
            events.push(own(clock.started, "clock-started", clock.why.clone()));
            let another_began = |at| self.touches.clocks.iter().any(|other| other.started == at);
            if let Some(at) = clock.stopped.filter(|at| !another_began(*at)) {
                events.push(own(at, "clock-stopped", "the clock stands".to_owned()));
            }
        }
        if let Some(clock) = self.breach() {
            let at = clock.deadline + Duration::seconds(1);
            let why = "every watched mailbox was read past the deadline and no touch was found";
            events.push(own(at, "breached", why.to_owned()));
        }
    }

    fn row_event(&self, seen: &SeenMessage, row: &MessageRow) -> Option<Event> {
        let is_touch = self
            .touches
            .touch()
            .is_some_and(|touch| touch.name == seen.name() && touch.kind != TouchKind::Stated);
        let (what, mut why) = self.describe_row(seen, row)?;
        let name = seen.name();
        if let Some((_, state)) = self.cc.steps.iter().find(|(step, _)| *step == name) {
            why.push_str("; ");
            why.push_str(&cc::in_words(*state, &self.handoff.record.sdr));
        }
        Some(Event {
            at: seen.at,
            what: if is_touch { "touch" } else { what },
            rule: row.number(),
            message_id: seen.headers().id.clone(),
            folder: seen.folder(),
            why,
        })
    }

    /// Name and sentence of a row. Of the mail from before the handoff only the AE's own is told, since its
    /// author may well take it for the touch.
    fn describe_row(&self, seen: &SeenMessage, row: &MessageRow) -> Option<(&'static str, String)> {
        let ae = self.tenures.ae(seen.tenure);
        let author = seen.from().map_or("somebody", |from| from.address.as_str());
        let prospects = listed(&self.mail.prospects_among(seen));
        Some(match row {
            MessageRow::Before
                if prospects.is_empty() || !self.directory.is_ae(ae, &seen.from()?.address) =>
            {
                return None;
            }
            MessageRow::Before => {
                ("before", format!("{ae} wrote to {prospects} before the handoff, which is no touch of it"))
            }
            MessageRow::Wrote(AeWriting::Reply) => {
                ("ae-wrote", format!("{ae} replied in the thread, to {prospects}"))
            }
            MessageRow::Wrote(AeWriting::NewThread) => (
                "ae-wrote",
                format!("{ae} wrote to {prospects} outside the thread (the same thread would be better)"),
            ),
            MessageRow::Wrote(AeWriting::Video) => {
                ("ae-wrote", format!("{ae} sent {prospects} a link to a personal video"))
            }
            MessageRow::MissedProspect => {
                ("not-received", format!("{ae} replied, but no prospect contact was among the recipients"))
            }
            MessageRow::Away => match seen.body().and_then(|body| body.away_until) {
                Some(date) => ("away", format!("{ae} is away and says until {date}")),
                None => ("away", format!("{ae} is away and does not say until when")),
            },
            MessageRow::Invite if self.mail.by_prospect(seen) => {
                ("invite", format!("{author} answered an invitation of {ae}"))
            }
            MessageRow::Invite => ("invite", format!("{ae} invited a prospect contact")),
            MessageRow::OwnMeeting => ("meeting-mail", "about the record's own meeting, no touch".to_owned()),
            MessageRow::NoWords => (
                "no-touch",
                match seen.kind() {
                    Some(MessageKind::Receipt) => format!("{author} opened the mail, which is no touch"),
                    Some(MessageKind::Reaction) => {
                        format!("{author} reacted with an emoji, which is no touch")
                    }
                    _ => format!("{author} answered an invitation, which is no touch"),
                },
            ),
            MessageRow::Scheduled => ("scheduled", format!("a scheduling tool confirmed a meeting of {ae}")),
            MessageRow::Empty => {
                ("not-received", format!("{ae} replied with nothing but quotation and signature"))
            }
            MessageRow::ProspectWrote(None) => ("prospect-wrote", format!("{author} wrote")),
            MessageRow::ProspectWrote(Some(proof)) => (
                "prospect-wrote",
                match proof.how {
                    TouchProofKind::Quoted => format!("{author} quotes {ae}, who must have written before"),
                    TouchProofKind::UnseenId => {
                        format!("{author} answers a mail that no watched mailbox holds, from {ae}'s company")
                    }
                },
            ),
            MessageRow::IntroFailed { .. } if !reports_failure(seen) => {
                ("delivery-report", "a report on the intro that is no failure".to_owned())
            }
            MessageRow::IntroFailed { .. } => {
                ("intro-failed", format!("the intro could not be delivered to {}", failed(seen)))
            }
            MessageRow::TouchFailed { .. } if !reports_failure(seen) => {
                ("delivery-report", format!("a report on {ae}'s mail that is no failure"))
            }
            MessageRow::TouchFailed { .. } => {
                ("touch-failed", format!("{ae}'s mail could not be delivered to {}", failed(seen)))
            }
            MessageRow::Colleague => ("colleague-wrote", format!("{author} wrote, who is not the AE")),
            MessageRow::Suspicious => {
                ("suspicious", format!("From says {author}, but the receiving server says that it is not"))
            }
            MessageRow::LookAlike => ("who-is-this", format!("{author} writes under the name of {ae}")),
            MessageRow::SdrWrote => {
                let is_after = self.cc.first_at.is_some_and(|first| seen.at > first);
                let sdr = &self.handoff.record.sdr;
                if is_after {
                    ("sdr-wrote-after-drop-off", format!("{sdr} wrote after the first email of {ae}"))
                } else {
                    ("sdr-wrote", format!("{sdr} wrote in the thread"))
                }
            }
        })
    }

    fn add_answers(&self, events: &mut Vec<Event>) {
        let stances = [
            ("stated", "said that it is done", &self.stances.done),
            ("refused", "said that it is not theirs", &self.stances.refused),
            ("accepted", "acknowledged the record", &self.stances.accepted),
        ];
        for (what, says, list) in stances {
            for said in list {
                let ae = self.tenures.ae(said.tenure);
                events.push(Event {
                    message_id: said.message_id.clone(),
                    ..own(said.at, what, format!("{ae} {says}: {}", first_line(&said.words)))
                });
            }
        }
        for said in self.identities.values() {
            let (address, ae) = (&said.address, self.tenures.ae(said.tenure));
            let (what, is) = if said.is_ae { ("alias-learnt", "is") } else { ("alias-denied", "is not") };
            events.push(Event {
                message_id: said.message_id.clone(),
                ..own(said.at, what, format!("{} said that {address} {is} {ae}", self.handoff.record.sdr))
            });
        }
        let ae = self.feedback_ae().map_or(self.ae(), |person| person.name.as_str());
        for answer in &self.answers {
            let what = if answer.read.is_empty() { "feedback-unread" } else { "feedback" };
            events.push(Event {
                message_id: answer.message_id.clone(),
                ..own(answer.at, what, format!("{ae} answered: {}", feedback_text(answer)))
            });
        }
        for seen in self.ignored_answers() {
            let author = seen.from().map_or("somebody", |from| from.address.as_str());
            events.push(Event {
                message_id: seen.headers().id.clone(),
                folder: seen.folder(),
                ..own(seen.at, "ignored", format!("{author} answered a mail that asked somebody else"))
            });
        }
        for seen in self.leaks() {
            events.push(Event {
                message_id: seen.headers().id.clone(),
                folder: seen.folder(),
                ..own(seen.at, "record-leaked", "a prospect contact is among the people of the record".into())
            });
        }
    }

    fn add_meeting(&self, events: &mut Vec<Event>) {
        for revision in self.calendars.changes() {
            let what = if revision.cancelled { "meeting-cancelled" } else { "meeting-moved" };
            let start = match self.ae_person().map(|ae| &ae.working.zone) {
                Some(zone) => {
                    format!("{} {}", zone.local(revision.start).format("%a %-d %b %Y %H:%M"), zone.name())
                }
                None => revision.start.format("%a %-d %b %Y %H:%M UTC").to_string(),
            };
            events.push(own(revision.since, what, format!("{}: {start}", revision.why)));
        }
    }

    fn add_statements(&self, events: &mut Vec<Event>) {
        for fact in self.facts {
            let FactKind::Said(statement) = &fact.what else { continue };
            let what = match &statement.says {
                StatementKind::Touched { .. } => "touch-corrected",
                StatementKind::NotTouched { .. } => "touch-denied",
                StatementKind::Accepted { .. } => "acceptance-corrected",
                StatementKind::NotAccepted => "acceptance-denied",
                StatementKind::MeetingMoved { .. } | StatementKind::MeetingCancelled => "meeting-corrected",
                StatementKind::Feedback { .. } => "feedback-corrected",
                StatementKind::Closed => "closed",
                StatementKind::Reopened => "reopened",
                StatementKind::Reassigned { .. } => "reassigned",
            };
            let why = match &statement.says {
                StatementKind::Reassigned { ae } => format!("to {ae}: {}", statement.why),
                _ => statement.why.clone(),
            };
            events.push(own(fact.at, what, why));
        }
    }

    /// What happens next, and when.
    pub(crate) fn next_step(&self) -> Option<(DateTime<Utc>, String)> {
        if !self.is_open() || self.sent_at.is_none() {
            return None;
        }
        let ae = self.ae();
        match self.touch().state {
            TouchState::Waiting | TouchState::CannotSee => {
                let clock = self.touches.running()?;
                return Some((clock.deadline, format!("{ae}'s first touch is due")));
            }
            TouchState::Undelivered => return None,
            TouchState::Touched | TouchState::Breached => {}
        }
        match (self.meeting.state, self.feedback.feedback.state) {
            (MeetingState::Cancelled, _) => None,
            (MeetingState::Planned | MeetingState::Moved, _) => {
                Some((self.meeting.end, format!("the meeting ends, {ae} is asked for feedback")))
            }
            (MeetingState::Over, FeedbackState::Requested) => {
                Some((self.feedback_due, format!("{ae}'s feedback is due")))
            }
            (MeetingState::Over, _) => None,
        }
    }
}

fn failed(seen: &SeenMessage) -> String {
    let failed = seen.failed_recipients();
    let named: Vec<String> = failed
        .iter()
        .map(|(address, why)| if why.is_empty() { address.to_string() } else { format!("{address} ({why})") })
        .collect();
    if named.is_empty() { "its recipients".to_owned() } else { named.join(", ") }
}

/// The answer's own words; where the form's lines say it all, what was filled in there.
fn feedback_text(answer: &FeedbackAnswer) -> String {
    if !answer.words.is_empty() {
        return first_line(&answer.words);
    }
    let outcome = answer.read.outcome.map(|outcome| outcome.name().to_owned());
    let score = answer.read.score.map(|score| score.to_string());
    [outcome, score, answer.read.wrong.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn first_line(words: &str) -> String {
    let line = words.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let mut cut: String = line.chars().take(120).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut
}
