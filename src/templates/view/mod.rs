//! What a template is given: the mail's facts, turned into words for the person who reads it.
//!
//! The intro's variables come from `public` and from there alone: no other variable exists while it is
//! rendered, so nothing internal can be in it, whatever its template says. Instants become words in the
//! reader's zone here, not in templates.

mod delivery;
mod feedback;
mod global;
mod handoff;
mod public;
mod touch;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use minijinja::value::Value;

use super::{RenderContext, RenderError, words};
use crate::domain::mails::{HandoffBrief, MailBrief, MailKind, ReadBrief, Voice, WantedMail};
use crate::domain::message::{Address, Mailbox};
use crate::domain::people::Person;
use crate::domain::zone::Zone;

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
    if brief_kind(&mail.brief) != kind {
        return Err(RenderError::WrongBrief(kind));
    }
    let scene = MailContext { mail, context };
    match (&mail.brief, handoff) {
        (MailBrief::Intro { .. }, Some(handoff)) => public::variables(handoff, context),
        (
            MailBrief::CannotSee { .. }
            | MailBrief::CanSee { .. }
            | MailBrief::Trouble { .. }
            | MailBrief::Digest(_),
            _,
        ) => Ok(global::variables(&scene)),
        (_, None) => Err(RenderError::NoHandoff(kind)),
        (brief, Some(handoff)) => {
            let about = handoff::HandoffContext::new(&scene, handoff)?;
            let mut variables = about.variables();
            touch::add(brief, &about, &mut variables)?;
            delivery::add(brief, &about, &mut variables);
            feedback::add(brief, &about, &mut variables);
            Ok(variables)
        }
    }
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

    /// How the mail addresses whoever it is to: `Calvin`, `Calvin and Dana`, `Hello` where it knows no name.
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

    /// `Dana's mailbox`, or the account's name where it is nobody's.
    fn mailbox_of(&self, account: &str) -> String {
        let owner =
            self.context.policy.people.iter().find(|person| person.account.as_deref() == Some(account));
        match owner {
            Some(person) => format!("{}'s mailbox", self.called(&person.name)),
            None => format!("the mailbox \u{201c}{}\u{201d}", words::one_line(account)),
        }
    }

    /// Which mailboxes were read, and until when.
    fn read(&self, read: &[ReadBrief]) -> Value {
        let line = |read: &ReadBrief| {
            parts([
                ("mailbox", self.mailbox_of(&read.account).into()),
                ("until", self.when(read.read_until).into()),
            ])
        };
        Value::from(read.iter().map(line).collect::<Vec<_>>())
    }
}

fn brief_kind(brief: &MailBrief) -> MailKind {
    match brief {
        MailBrief::Intro { .. } => MailKind::Intro,
        MailBrief::Record { .. } => MailKind::Record,
        MailBrief::Reminder { .. } => MailKind::Reminder,
        MailBrief::Escalation { .. } => MailKind::Escalation,
        MailBrief::LateTouch { .. } => MailKind::LateTouch,
        MailBrief::Withdrawal { .. } => MailKind::Withdrawal,
        MailBrief::NotReceived { .. } => MailKind::NotReceived,
        MailBrief::Away { .. } => MailKind::Away,
        MailBrief::IntroBounced { .. } => MailKind::IntroBounced,
        MailBrief::TouchBounced { .. } => MailKind::TouchBounced,
        MailBrief::Suspicious { .. } => MailKind::Suspicious,
        MailBrief::WhoIsThis { .. } => MailKind::WhoIsThis,
        MailBrief::Stated { .. } => MailKind::Stated,
        MailBrief::Refused { .. } => MailKind::Refused,
        MailBrief::Lingering { .. } => MailKind::Lingering,
        MailBrief::Chatter { .. } => MailKind::Chatter,
        MailBrief::RecordLeaked { .. } => MailKind::RecordLeaked,
        MailBrief::MeetingDeclined { .. } => MailKind::MeetingDeclined,
        MailBrief::FeedbackRequest { .. } => MailKind::FeedbackRequest,
        MailBrief::FeedbackQuestion { .. } => MailKind::FeedbackQuestion,
        MailBrief::FeedbackThanks { .. } => MailKind::FeedbackThanks,
        MailBrief::FeedbackReminder { .. } => MailKind::FeedbackReminder,
        MailBrief::FeedbackOverdue { .. } => MailKind::FeedbackOverdue,
        MailBrief::CannotSee { .. } => MailKind::CannotSee,
        MailBrief::CanSee { .. } => MailKind::CanSee,
        MailBrief::Trouble { .. } => MailKind::Trouble,
        MailBrief::Digest(_) => MailKind::Digest,
    }
}
