//! What every mail about a handoff may say: who is who, the company, the meeting.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use minijinja::value::Value;

use super::{MailContext, RenderError, Variables, maybe, parts};
use crate::domain::answer::{self, Request};
use crate::domain::fact::TouchKind;
use crate::domain::mails::{ClockBrief, HandoffBrief, MeetingBrief, ReadBrief, TouchBrief, TouchEvidence};
use crate::domain::message::{Address, Mailbox};
use crate::domain::people::{Person, TeamRole};
use crate::domain::zone::Zone;
use crate::templates::words;

/// A mail and the handoff that it is about.
pub(crate) struct HandoffContext<'a> {
    pub scene: &'a MailContext<'a>,
    pub handoff: &'a HandoffBrief,
    pub reader_zone: Arc<dyn Zone>,
    pub ae_zone: Arc<dyn Zone>,
    /// The zone that the record gives the meeting in: the prospect's, as far as is known.
    pub meeting_zone: Arc<dyn Zone>,
}

impl<'a> HandoffContext<'a> {
    pub(crate) fn new(scene: &'a MailContext<'a>, handoff: &'a HandoffBrief) -> Result<Self, RenderError> {
        let name = &handoff.record.meeting.zone;
        let meeting_zone = (scene.context.zones)(name).ok_or_else(|| RenderError::Zone(name.clone()))?;
        let reader_zone = scene.reader_zone();
        let ae_zone =
            scene.person_named(&handoff.ae).map_or_else(|| reader_zone.clone(), |ae| ae.working.zone.clone());
        Ok(Self { scene, handoff, reader_zone, ae_zone, meeting_zone })
    }

    pub(crate) fn variables(&self) -> Variables {
        let record = &self.handoff.record;
        let first_names: Vec<&str> = record.to.iter().map(|to| words::first_name(&to.name)).collect();
        let sdr_first = self.scene.called(&record.sdr);
        let signature = if self.scene.as_sdr() { sdr_first } else { format!("baton, for {sdr_first}") };
        // Nobody is told to settle something with themselves.
        let manager = self
            .scene
            .person_named(&self.handoff.ae)
            .and_then(|ae| ae.manager.as_deref())
            .filter(|name| *name != self.handoff.ae && *name != record.sdr);
        Variables::default()
            .with("hello", self.scene.hello())
            .with("signature", signature)
            .with("as_sdr", self.scene.as_sdr())
            .with("company", words::one_line(&record.company))
            .with("id", self.handoff.id.as_str())
            .with("sdr", self.scene.person(&record.sdr))
            .with("ae", self.scene.person(&self.handoff.ae))
            .with("manager", manager.map_or(Value::from(()), |name| self.scene.person(name)))
            .with("prospects", words::one_line(&words::join_and(&first_names)))
            .with(
                "intro_subject",
                crate::templates::intro_subject(
                    record,
                    words::first_name(&self.handoff.introduced),
                    &*self.meeting_zone,
                ),
            )
            .with("another_ae", maybe(self.another_ae("")))
            .with("reassigned", self.handoff.ae != self.handoff.introduced)
            .with("meeting", self.meeting(&self.handoff.meeting))
            .with("meeting_cancelled", self.handoff.is_cancelled)
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.scene.context.now
    }

    /// An AE who could take the handoff over, as an answer may name them: for an example alone. One whom these words name
    /// goes before all others.
    pub(crate) fn another_ae(&self, said: &str) -> Option<String> {
        let people = self.scene.context.policy.people.iter();
        let others = people.filter(|person| {
            let name = &person.name;
            let has_part = [&self.handoff.ae, &self.handoff.record.sdr].contains(&name);
            person.roles.contains(&TeamRole::Ae) && !has_part
        });
        let asked = match answer::request(said) {
            Some(Request::OverTo { name }) => name.to_lowercase(),
            _ => String::new(),
        };
        let is_asked_for = |person: &&&Person| {
            let name = person.name.to_lowercase();
            !asked.is_empty() && (name == asked || words::first_name(&name) == asked)
        };
        let is_named = |person: &&&Person| {
            let first = words::first_name(&person.name);
            said.split(|c: char| !c.is_alphanumeric() && c != '-').any(|word| word == first)
        };
        let others: Vec<&Person> = others.collect();
        let named = others.iter().find(is_asked_for).or_else(|| others.iter().find(is_named));
        named.or(others.first()).map(|person| self.scene.called(&person.name))
    }

    /// For what has just happened: in the reader's zone, which is named only where another reader's clock differs.
    pub(crate) fn day_and_time(&self, at: DateTime<Utc>) -> String {
        let mine = &*self.reader_zone;
        let recently = words::recently(at, mine, self.now());
        let others = self.scene.mail.to.iter().chain(&self.scene.mail.cc);
        let mut zones = others.filter_map(|other| Some(&self.scene.person_at(&other.address)?.working.zone));
        match zones.find(|zone| zone.offset_at(at) != mine.offset_at(at)) {
            Some(zone) => format!("{recently}, {}", words::place_beside(at, mine, &**zone)),
            None => recently,
        }
    }

    /// `my mailbox` in the SDR's own mail, else `Dana's mailbox`. One that several people share is, of them, the AE's whom
    /// the mail is about.
    pub(crate) fn mailbox_of(&self, account: &str) -> String {
        let owned_by = |name: &str| {
            self.scene.person_named(name).filter(|person| person.account.as_deref() == Some(account))
        };
        let sdr = owned_by(&self.handoff.record.sdr);
        if sdr.is_some() && self.scene.as_sdr() {
            return "my mailbox".to_owned();
        }
        match owned_by(&self.handoff.ae).or(sdr) {
            Some(owner) => self.scene.mailbox_named_after(owner),
            None => self.scene.mailbox_of(account),
        }
    }

    /// Which mailboxes were read, and up to when.
    pub(crate) fn read(&self, read: &[ReadBrief]) -> Value {
        let line = |read: &ReadBrief| {
            let until = words::until_when(read.read_until, &*self.reader_zone, self.now());
            parts([("mailbox", self.mailbox_of(&read.account).into()), ("until", until.into())])
        };
        Value::from(read.iter().map(line).collect::<Vec<_>>())
    }

    /// A deadline is the AE's: their time stands beside the reader's.
    pub(crate) fn deadline(&self, at: DateTime<Utc>) -> String {
        words::when_beside(at, &*self.reader_zone, &*self.ae_zone, self.now())
    }

    /// The deadline's time, with its day only where that is another one: `5:00 pm, New York`.
    fn deadline_time(&self, at: DateTime<Utc>, ae_zone: &dyn Zone) -> String {
        let mine = &*self.reader_zone;
        let time = words::until_when(at, mine, self.now());
        format!("{time}, {}", words::place_beside(at, mine, ae_zone))
    }

    pub(crate) fn meeting(&self, meeting: &MeetingBrief) -> Value {
        let zone = &*self.reader_zone;
        parts([
            ("day", words::day(meeting.start, zone, self.now()).into()),
            ("when", words::when_beside(meeting.start, zone, &*self.meeting_zone, self.now()).into()),
            ("format", words::fragment(&self.handoff.record.meeting.format).into()),
            ("agenda", words::fragment(&self.handoff.record.meeting.agenda).into()),
            ("over", (meeting.end <= self.now()).into()),
        ])
    }

    pub(crate) fn clock(&self, clock: &ClockBrief, variables: &mut Variables) {
        // What is said of a clock is said of whoever had the handoff while it ran.
        variables.set("ae", self.scene.person(&clock.ae));
        let ae = self.scene.person_named(&clock.ae);
        let ae_zone = ae.map_or_else(|| self.ae_zone.clone(), |ae| ae.working.zone.clone());
        let deadline = words::when_beside(clock.deadline, &*self.reader_zone, &*ae_zone, self.now());
        variables.set("deadline", deadline);
        variables.set("deadline_time", self.deadline_time(clock.deadline, &*ae_zone));
        variables.set("deadline_why", words::deadline_why(&clock.why));
        variables.set("handed_over", words::ago(clock.handed_over, &*self.reader_zone, self.now()));
        let left = clock.deadline - self.now();
        variables.set("time_left", maybe((left > TimeDelta::zero()).then(|| words::length(left))));
    }

    /// How the touch was made, as the end of `Calvin ...`.
    pub(crate) fn touch(&self, touch: &TouchBrief) -> Value {
        let contacts = self.contacts();
        let did = match touch.kind {
            TouchKind::Reply => format!("replied to {contacts}"),
            TouchKind::NewThread => format!("wrote to {contacts}"),
            TouchKind::Invite => format!("sent {contacts} an invitation"),
            TouchKind::Scheduled => format!("booked a time with {contacts}"),
            TouchKind::Video => format!("sent {contacts} a video"),
            TouchKind::Stated => format!("has been in touch with {contacts}"),
        };
        parts([
            ("did", did.into()),
            ("when", self.day_and_time(touch.at).into()),
            ("stated", (touch.kind == TouchKind::Stated).into()),
            ("told", (touch.evidence == TouchEvidence::AnothersWord).into()),
            ("answered", (touch.evidence == TouchEvidence::ProspectsAnswer).into()),
        ])
    }

    pub(crate) fn contacts(&self) -> String {
        let first_names: Vec<&str> =
            self.handoff.record.to.iter().map(|to| words::first_name(&to.name)).collect();
        words::one_line(&words::join_and(&first_names))
    }

    /// Whom an address belongs to, as people say it: a first name, or the address itself.
    pub(crate) fn who(&self, address: &Address) -> String {
        if let Some(person) = self.scene.person_at(address) {
            return self.scene.called(&person.name);
        }
        let record = &self.handoff.record;
        let known = record.to.iter().chain(&record.meeting.attendees).find(|known| known.address == *address);
        match known {
            Some(Mailbox { name, .. }) if !name.trim().is_empty() => words::one_line(words::first_name(name)),
            _ => address.to_string(),
        }
    }

    pub(crate) fn all(&self, addresses: &[Address]) -> String {
        let names: Vec<String> = addresses.iter().map(|address| self.who(address)).collect();
        words::join_and(&names)
    }

    /// Addresses and why each could not be reached.
    pub(crate) fn failed(&self, failed: &[(Address, String)]) -> Value {
        let line = |(address, reason): &(Address, String)| {
            let reason = words::one_line(reason);
            parts([
                ("address", address.to_string().into()),
                ("reason", maybe((!reason.is_empty()).then_some(reason))),
            ])
        };
        Value::from(failed.iter().map(line).collect::<Vec<_>>())
    }
}
