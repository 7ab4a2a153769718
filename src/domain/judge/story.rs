//! The handoff as a story: what happened, with its evidence, and what comes next. behaviour.md section 5,
//! last bullets.

use chrono::{DateTime, Duration, Utc};

use super::super::fact::{Says, TouchKind, What};
use super::super::mails::MailKind;
use super::super::message::{Address, Kind};
use super::case::{Case, intro_key};
use super::feedback::Answer;
use super::rows::{ProofKind, Row, Writing, says_failed};
use super::seen::Seen;
use super::{Event, FeedbackState, MeetingState, TouchState};

fn own(at: DateTime<Utc>, what: &'static str, why: String) -> Event {
    Event { at, what, rule: None, message_id: None, folder: None, why }
}

fn listed(addresses: &[&Address]) -> String {
    addresses.iter().map(|address| address.as_str()).collect::<Vec<_>>().join(", ")
}

impl Case<'_> {
    pub fn story(&self) -> Vec<Event> {
        let mut events = Vec::new();
        self.tell_sendings(&mut events);
        self.tell_clocks(&mut events);
        events.extend(self.seen_rows().filter_map(|(seen, row)| self.tell_row(seen, row)));
        self.tell_answers(&mut events);
        self.tell_meeting(&mut events);
        self.tell_statements(&mut events);
        events.sort_by(|a, b| {
            (a.at, a.rule, a.what, &a.message_id).cmp(&(b.at, b.rule, b.what, &b.message_id))
        });
        events.dedup();
        events
    }

    fn tell_sendings(&self, events: &mut Vec<Event>) {
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
                events.push(own(
                    at,
                    "intro-refused",
                    "the mail server refused the intro for good".to_owned(),
                ));
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

    fn tell_clocks(&self, events: &mut Vec<Event>) {
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

    fn tell_row(&self, seen: &Seen, row: &Row) -> Option<Event> {
        let is_touch = self
            .touches
            .touch()
            .is_some_and(|touch| touch.name == seen.name() && touch.kind != TouchKind::Stated);
        let (what, why) = self.tell(seen, row)?;
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
    fn tell(&self, seen: &Seen, row: &Row) -> Option<(&'static str, String)> {
        let ae = self.epochs.ae(seen.epoch);
        let author = seen.from().map_or("somebody", |from| from.address.as_str());
        let prospects = listed(&self.mail.prospects_among(seen));
        Some(match row {
            Row::Before if prospects.is_empty() || !self.directory.is_ae(ae, &seen.from()?.address) => {
                return None;
            }
            Row::Before => {
                ("before", format!("{ae} wrote to {prospects} before the handoff, which is no touch of it"))
            }
            Row::Wrote(writing) => {
                let did = match writing {
                    Writing::Reply => format!("{ae} replied in the thread, to {prospects}"),
                    Writing::NewThread => {
                        format!(
                            "{ae} wrote to {prospects} outside the thread (the same thread would be better)"
                        )
                    }
                    Writing::Video => format!("{ae} sent {prospects} a link to a personal video"),
                };
                let has_sdr = seen.recipients().any(|one| self.directory.is_sdr(&one.address));
                let kept = if has_sdr { "with" } else { "without" };
                ("ae-wrote", format!("{did}, {kept} {} in To or Cc", self.handoff.record.sdr))
            }
            Row::MissedProspect => {
                ("not-received", format!("{ae} replied, but no prospect contact was among the recipients"))
            }
            Row::Away => match seen.body().and_then(|body| body.away_until) {
                Some(date) => ("away", format!("{ae} is away and says until {date}")),
                None => ("away", format!("{ae} is away and does not say until when")),
            },
            Row::Invite if self.mail.by_prospect(seen) => {
                ("invite", format!("{author} answered an invitation of {ae}"))
            }
            Row::Invite => ("invite", format!("{ae} invited a prospect contact")),
            Row::OwnMeeting => ("meeting-mail", "about the record's own meeting, no touch".to_owned()),
            Row::NoWords => (
                "no-touch",
                match seen.kind() {
                    Some(Kind::Receipt) => format!("{author} opened the mail, which is no touch"),
                    Some(Kind::Reaction) => format!("{author} reacted with an emoji, which is no touch"),
                    _ => format!("{author} answered an invitation, which is no touch"),
                },
            ),
            Row::Scheduled => ("scheduled", format!("a scheduling tool confirmed a meeting of {ae}")),
            Row::Empty => ("not-received", format!("{ae} replied with nothing but quotation and signature")),
            Row::ProspectWrote(None) => ("prospect-wrote", format!("{author} wrote")),
            Row::ProspectWrote(Some(proof)) => (
                "prospect-wrote",
                match proof.how {
                    ProofKind::Quoted => format!("{author} quotes {ae}, who must have written before"),
                    ProofKind::UnseenId => {
                        format!("{author} answers a mail that no watched mailbox holds, from {ae}'s company")
                    }
                },
            ),
            Row::IntroFailed { .. } if !says_failed(seen) => {
                ("delivery-report", "a report on the intro that is no failure".to_owned())
            }
            Row::IntroFailed { .. } => {
                ("intro-failed", format!("the intro could not be delivered to {}", failed(seen)))
            }
            Row::TouchFailed { .. } if !says_failed(seen) => {
                ("delivery-report", format!("a report on {ae}'s mail that is no failure"))
            }
            Row::TouchFailed { .. } => {
                ("touch-failed", format!("{ae}'s mail could not be delivered to {}", failed(seen)))
            }
            Row::Colleague => ("colleague-wrote", format!("{author} wrote, who is not the AE")),
            Row::Suspicious => {
                ("suspicious", format!("From says {author}, but the receiving server says that it is not"))
            }
            Row::LookAlike => ("who-is-this", format!("{author} writes under the name of {ae}")),
            Row::SdrWrote => {
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

    fn tell_answers(&self, events: &mut Vec<Event>) {
        let stances = [
            ("stated", "said that it is done", &self.stances.done),
            ("refused", "said that it is not theirs", &self.stances.refused),
            ("accepted", "acknowledged the record", &self.stances.accepted),
        ];
        for (what, says, list) in stances {
            for said in list {
                let ae = self.epochs.ae(said.epoch);
                events.push(Event {
                    message_id: said.message_id.clone(),
                    ..own(said.at, what, format!("{ae} {says}: {}", first_line(&said.words)))
                });
            }
        }
        for said in self.identities.values() {
            let (address, ae) = (&said.address, self.epochs.ae(said.epoch));
            let (what, is) = if said.is_ae { ("alias-learnt", "is") } else { ("alias-denied", "is not") };
            events.push(Event {
                message_id: said.message_id.clone(),
                ..own(said.at, what, format!("{} said that {address} {is} {ae}", self.handoff.record.sdr))
            });
        }
        let ae = self.feedback_ae().map_or(self.ae(), |person| person.name.as_str());
        for answer in &self.answers {
            let what = if answer.read.says_nothing() { "feedback-unread" } else { "feedback" };
            events.push(Event {
                message_id: answer.message_id.clone(),
                ..own(answer.at, what, format!("{ae} answered: {}", said_in(answer)))
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

    fn tell_meeting(&self, events: &mut Vec<Event>) {
        for stage in self.calendars.changes() {
            let what = if stage.cancelled { "meeting-cancelled" } else { "meeting-moved" };
            let zone = self.directory.person(self.ae()).map(|person| &person.working.zone);
            let start = match zone {
                Some(zone) => {
                    zone.local(stage.start).format("%a %-d %b %Y %H:%M").to_string() + " " + zone.name()
                }
                None => stage.start.format("%a %-d %b %Y %H:%M UTC").to_string(),
            };
            events.push(own(stage.since, what, format!("{}: {start}", stage.why)));
        }
    }

    fn tell_statements(&self, events: &mut Vec<Event>) {
        for fact in self.facts {
            let What::Said(statement) = &fact.what else { continue };
            let what = match &statement.says {
                Says::Touched { .. } => "touch-corrected",
                Says::NotTouched { .. } => "touch-denied",
                Says::Accepted { .. } => "acceptance-corrected",
                Says::NotAccepted => "acceptance-denied",
                Says::MeetingMoved { .. } | Says::MeetingCancelled => "meeting-corrected",
                Says::Feedback { .. } => "feedback-corrected",
                Says::Closed => "closed",
                Says::Reopened => "reopened",
                Says::Reassigned { .. } => "reassigned",
            };
            let why = match &statement.says {
                Says::Reassigned { ae } => format!("to {ae}: {}", statement.why),
                _ => statement.why.clone(),
            };
            events.push(own(fact.at, what, why));
        }
    }

    /// What happens next, and when.
    pub fn next_step(&self) -> Option<(DateTime<Utc>, String)> {
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

fn failed(seen: &Seen) -> String {
    let failed = seen.failed_recipients();
    let named: Vec<String> = failed
        .iter()
        .map(|(address, why)| if why.is_empty() { address.to_string() } else { format!("{address} ({why})") })
        .collect();
    if named.is_empty() { "its recipients".to_owned() } else { named.join(", ") }
}

/// The answer's own words; where the form's lines say it all, what was filled in there.
fn said_in(answer: &Answer) -> String {
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
