//! What a template is given: the mail's facts, turned into words for the person who reads it.
//!
//! The intro's variables come from `public` and from there alone: no other variable exists while it is
//! rendered, so nothing internal can be in it, whatever its template says. Instants become words in the
//! reader's zone here, not in templates.

mod delivery;
mod feedback;
mod global;
mod handoff;
mod letter;
mod public;
mod touch;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use minijinja::value::Value;

use super::{RenderContext, RenderError, words};
use crate::domain::mails::{HandoffBrief, MailBrief, Voice, WantedMail};
use crate::domain::message::{Address, Mailbox};
use crate::domain::people::Person;
use crate::domain::zone::Zone;
use handoff::HandoffContext;

/// The variables of one mail, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    values: BTreeMap<String, Value>,
    subject: Option<String>,
}

impl Variables {
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.values.insert(name.to_owned(), value.into());
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// A subject that no template may change.
    pub(crate) fn subject(&self) -> Option<String> {
        self.subject.clone()
    }

    pub(crate) fn as_value(&self) -> Value {
        Value::from(self.values.clone())
    }

    /// Name and value of each, in the order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value))
    }
}

/// A value with named parts, `{{ ae.first }}` in a template.
fn parts<const N: usize>(parts: [(&str, Value); N]) -> Value {
    Value::from(
        parts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<BTreeMap<String, Value>>(),
    )
}

/// A text, or nothing that an `{% if %}` can tell.
fn maybe(text: Option<String>) -> Value {
    text.map_or(Value::from(()), Value::from)
}

/// Every variable of `mail`. `handoff` is `None` for the kinds that belong to none.
pub(crate) fn variables(
    mail: &WantedMail,
    handoff: Option<&HandoffBrief>,
    context: &RenderContext<'_>,
) -> Result<Variables, RenderError> {
    let kind = mail.key.kind;
    if mail.brief.kind() != kind {
        return Err(RenderError::WrongBrief(kind));
    }
    let scene = MailContext { mail, context };
    let about = || HandoffContext::new(&scene, handoff.ok_or(RenderError::NoHandoff(kind))?);
    match &mail.brief {
        MailBrief::Intro { .. } => public::variables(handoff.ok_or(RenderError::NoHandoff(kind))?, context),
        MailBrief::CannotSee { account, since, companies } => {
            Ok(global::cannot_see(&scene, account, *since, companies))
        }
        MailBrief::CanSee { account, since, until } => Ok(global::can_see(&scene, account, *since, *until)),
        MailBrief::Trouble { what, detail, remedy } => Ok(global::trouble(&scene, what, detail, remedy)),
        MailBrief::TimeCheck { since } => Ok(global::time_check(&scene, *since)),
        MailBrief::Digest(digest) => Ok(global::digest(&scene, digest)),
        MailBrief::RecordForm(brief) => Ok(letter::form(&scene, brief)),
        MailBrief::RecordFaults(brief) => Ok(letter::record_faults(&scene, brief)),
        MailBrief::RecordReady(brief) => Ok(letter::record_ready(&scene, brief)),
        MailBrief::SendFailed(brief) => Ok(letter::send_failed(&scene, brief)),
        MailBrief::Done(brief) => Ok(letter::done(&scene, brief)),
        MailBrief::Overview(brief) => Ok(letter::overview(&scene, brief)),
        MailBrief::Help { reader } => Ok(letter::help(&scene, *reader)),
        brief => about_handoff(brief, &about()?),
    }
}

/// The variables of every mail about a handoff that stays inside the company.
fn about_handoff(brief: &MailBrief, about: &HandoffContext<'_>) -> Result<Variables, RenderError> {
    let mut variables = about.variables();
    let set = &mut variables;
    match brief {
        MailBrief::Record { clock, corrected } => touch::record(about, clock.as_ref(), *corrected, set)?,
        MailBrief::Reminder { clock, prospect_wrote, meeting_first } => {
            touch::reminder(about, clock, *prospect_wrote, *meeting_first, set)?;
        }
        MailBrief::Escalation { .. } => touch::escalation(about, brief, set),
        MailBrief::LateTouch { clock, touch } => touch::late_touch(about, clock, touch, set),
        MailBrief::Withdrawal { clock, reason } => touch::withdrawal(about, clock, reason, set),
        MailBrief::WhoIsThis { name, address, at, words } => {
            touch::who_is_this(about, name, address, *at, words, set);
        }
        MailBrief::Stated { at, words } | MailBrief::Refused { at, words } => {
            touch::stance(about, *at, words, set);
        }
        MailBrief::NotReceived { at, to, empty } => delivery::not_received(about, *at, to, *empty, set),
        MailBrief::Away { until, clock } => delivery::away(about, *until, clock, set),
        MailBrief::IntroBounced { failed, also_failed, clock, dropped } => {
            delivery::intro_bounced(about, failed, also_failed, *clock, *dropped, set);
        }
        MailBrief::TouchBounced { at, failed, clock } => {
            delivery::touch_bounced(about, *at, failed, clock.as_ref(), set);
        }
        MailBrief::Suspicious { from, at, subject } => delivery::suspicious(about, from, *at, subject, set),
        MailBrief::Lingering { at } => set.set("at", about.day_and_time(*at)),
        MailBrief::Chatter { at, found } => delivery::chatter(about, *at, found, set),
        MailBrief::RecordLeaked { at, to } => delivery::record_leaked(about, *at, to, set),
        MailBrief::MeetingDeclined { meeting, declined } => {
            delivery::meeting_declined(about, meeting, declined, set);
        }
        MailBrief::FeedbackRequest { meeting, due } | MailBrief::FeedbackReminder { meeting, due } => {
            feedback::request(about, meeting, *due, set);
        }
        MailBrief::FeedbackQuestion { question, meeting, words } => {
            feedback::question(about, *question, meeting, words, set);
        }
        MailBrief::FeedbackThanks { feedback, meeting, words } => {
            feedback::thanks(about, feedback, meeting, words, set);
        }
        MailBrief::FeedbackOverdue { ae, meeting, due, read } => {
            feedback::overdue(about, ae, meeting, *due, read, set);
        }
        // Their variables are their own: nothing of a handoff's is among them.
        MailBrief::Intro { .. }
        | MailBrief::CannotSee { .. }
        | MailBrief::CanSee { .. }
        | MailBrief::Trouble { .. }
        | MailBrief::Digest(_)
        | MailBrief::TimeCheck { .. }
        | MailBrief::RecordForm(_)
        | MailBrief::RecordFaults(_)
        | MailBrief::RecordReady(_)
        | MailBrief::SendFailed(_)
        | MailBrief::Done(_)
        | MailBrief::Overview(_)
        | MailBrief::Help { .. } => {}
    }
    Ok(variables)
}

/// One mail, seen with its reader's eyes.
struct MailContext<'a> {
    mail: &'a WantedMail,
    context: &'a RenderContext<'a>,
}

impl<'a> MailContext<'a> {
    fn person_at(&self, address: &Address) -> Option<&'a Person> {
        self.context.policy.person_at(address)
    }

    fn person_named(&self, name: &str) -> Option<&'a Person> {
        self.context.policy.person(name)
    }

    /// What a mail calls a person: the first name, or the whole where two in the team share it.
    fn called(&self, name: &str) -> String {
        let first = words::first_name(name);
        let others = self.context.policy.people.iter().filter(|other| other.name != name);
        let shared = others.map(|other| words::first_name(&other.name)).any(|other| other == first);
        words::one_line(if shared { name } else { first })
    }

    fn person(&self, name: &str) -> Value {
        parts([("name", words::one_line(name).into()), ("first", self.called(name).into())])
    }

    /// The zone of the first in To.
    fn reader_zone(&self) -> Arc<dyn Zone> {
        let reader = self.mail.to.first().and_then(|to| self.person_at(&to.address));
        reader.map_or_else(|| self.context.default_zone.clone(), |person| person.working.zone.clone())
    }

    /// How the mail addresses its recipients: `Calvin`, `Calvin and Dana`, `Hello` where it knows no name.
    fn hello(&self) -> String {
        let name = |to: &Mailbox| match self.person_at(&to.address) {
            Some(person) => Some(words::first_name(&person.name).to_owned()),
            None => (!to.name.trim().is_empty()).then(|| words::first_name(&to.name).to_owned()),
        };
        let names: Vec<String> =
            self.mail.to.iter().filter_map(name).map(|name| words::one_line(&name)).collect();
        if names.is_empty() { "Hello".to_owned() } else { words::join_and(&names) }
    }

    fn when(&self, at: DateTime<Utc>) -> String {
        words::when(at, &*self.reader_zone(), self.context.now)
    }

    fn as_sdr(&self) -> bool {
        self.mail.from == Voice::Sdr
    }

    /// `Dana's mailbox`; the address, or the account's name, where it is nobody's.
    fn mailbox_of(&self, account: &str) -> String {
        match self.owner_of(account) {
            Some(person) => self.mailbox_named_after(person),
            // The agent's own, whose name nobody but the operator knows.
            None if account == self.context.policy.agent_account => {
                format!("the mailbox {}", self.context.policy.agent_address)
            }
            None => format!("the mailbox \u{201c}{}\u{201d}", words::one_line(account)),
        }
    }

    fn mailbox_named_after(&self, owner: &Person) -> String {
        format!("{}'s mailbox", self.called(&owner.name))
    }

    fn owner_of(&self, account: &str) -> Option<&'a Person> {
        self.context.policy.people.iter().find(|person| person.account.as_deref() == Some(account))
    }
}
