//! A mail in the making, and what a mail says of a clock.

use chrono::{DateTime, Utc};

use super::super::super::mails::{ClockBrief, MailBrief, MailKey, MailKind, Voice, WantedMail};
use super::super::super::message::Mailbox;
use super::super::touch::SlaClock;

pub(super) fn brief(clock: &SlaClock) -> ClockBrief {
    ClockBrief {
        ae: clock.ae.clone(),
        handed_over: clock.handed_over,
        deadline: clock.deadline,
        why: clock.why.clone(),
    }
}

/// A mail in the making: keeps one person from getting it twice.
#[derive(Debug)]
pub(super) struct MailDraft {
    mail: WantedMail,
}

impl MailDraft {
    pub(crate) fn new(kind: MailKind, about: String, from: Voice, brief: MailBrief) -> Self {
        let key = MailKey { kind, about };
        let mail = WantedMail { key, from, to: Vec::new(), cc: Vec::new(), not_before: None, brief };
        Self { mail }
    }

    fn has(&self, mailbox: &Mailbox) -> bool {
        let same = |other: &Mailbox| other.address == mailbox.address;
        self.mail.to.iter().any(same) || self.mail.cc.iter().any(same)
    }

    pub(crate) fn to(mut self, mailbox: Option<Mailbox>) -> Self {
        if let Some(mailbox) = mailbox.filter(|mailbox| !self.has(mailbox)) {
            self.mail.to.push(mailbox);
        }
        self
    }

    pub(crate) fn cc(mut self, mailbox: Option<Mailbox>) -> Self {
        if let Some(mailbox) = mailbox.filter(|mailbox| !self.has(mailbox)) {
            self.mail.cc.push(mailbox);
        }
        self
    }

    pub(crate) fn not_before(mut self, at: Option<DateTime<Utc>>) -> Self {
        self.mail.not_before = at;
        self
    }

    pub(crate) fn done(mut self) -> Option<WantedMail> {
        if self.mail.to.is_empty() {
            self.mail.to = std::mem::take(&mut self.mail.cc);
        }
        (!self.mail.to.is_empty()).then_some(self.mail)
    }
}
