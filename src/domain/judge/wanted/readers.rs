//! Whom baton writes to, and when they read.

use chrono::{DateTime, Utc};

use super::super::super::mails::WantedMail;
use super::super::super::message::Mailbox;
use super::super::super::people::Person;
use super::super::participants::{Participants, mailbox};
use super::super::wake::Wake;

#[derive(Clone, Copy, Debug)]
pub(super) struct Readers<'a> {
    pub participants: Participants<'a>,
    pub wake: &'a Wake,
}

impl Readers<'_> {
    /// Name of the AE who has the handoff.
    pub(crate) fn ae_name(&self) -> String {
        self.participants.ae().to_owned()
    }

    pub(crate) fn sdr(&self) -> Option<Mailbox> {
        self.participants.sdr_person().map(mailbox)
    }

    pub(crate) fn ae(&self) -> Option<Mailbox> {
        self.participants.ae_person().map(mailbox)
    }

    /// The AE of that tenure.
    pub(crate) fn ae_of(&self, tenure: usize) -> Option<Mailbox> {
        let Participants { directory, tenures } = self.participants;
        directory.person(tenures.ae(tenure)).map(mailbox)
    }

    pub(crate) fn operator(&self) -> Option<Mailbox> {
        Some(self.participants.operator())
    }

    /// The AE's manager; where that is the AE, the operator hears instead.
    pub(crate) fn manager(&self) -> Option<Mailbox> {
        Some(self.participants.manager_of(self.participants.ae()))
    }

    /// When a mail that waits may leave: at once in the reader's working hours, else when they next begin.
    pub(crate) fn working_hours(&self, reader: Option<&Person>) -> Option<DateTime<Utc>> {
        let opens = reader?.working.next_open(self.wake.now);
        (!self.wake.has_come(opens)).then_some(opens)
    }

    /// One person gets a mail once, whatever their addresses.
    pub(crate) fn once_each(&self, mail: &mut WantedMail) {
        let mut known: Vec<String> = Vec::new();
        let mut is_new = |mailbox: &Mailbox| {
            let owner = self.participants.directory.owner(&mailbox.address).map(str::to_owned);
            let who = owner.unwrap_or_else(|| mailbox.address.to_string());
            let is_new = !known.contains(&who);
            known.push(who);
            is_new
        };
        mail.to.retain(&mut is_new);
        mail.cc.retain(&mut is_new);
    }
}
