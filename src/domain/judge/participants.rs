//! Who takes part in a handoff, by their role in it, and which of them wrote a message.
//!
//! Needs no calendar: the meeting is read from mail whose authors are known.

use chrono::{DateTime, Utc};

use super::super::message::{Address, Mailbox};
use super::super::people::Person;
use super::directory::Directory;
use super::seen_message::SeenMessage;
use super::tenures::Tenures;

/// The people of the handoff; a message counts by whose turn it was as AE at its time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Participants<'a> {
    pub directory: &'a Directory<'a>,
    pub tenures: &'a Tenures,
}

impl<'a> Participants<'a> {
    /// Name of the AE who has the handoff now.
    pub(crate) fn ae(&self) -> &'a str {
        self.tenures.current_ae()
    }

    pub(crate) fn ae_person(&self) -> Option<&'a Person> {
        self.directory.person(self.ae())
    }

    pub(crate) fn ae_account(&self) -> Option<&'a str> {
        self.ae_person().and_then(|person| person.account.as_deref())
    }

    /// Name of the handoff's SDR.
    pub(crate) fn sdr(&self) -> &'a str {
        self.directory.sdr()
    }

    pub(crate) fn sdr_person(&self) -> Option<&'a Person> {
        self.directory.person(self.sdr())
    }

    pub(crate) fn sdr_account(&self) -> Option<&'a str> {
        self.sdr_person().and_then(|person| person.account.as_deref())
    }

    /// The AE at `at`.
    pub(crate) fn ae_person_at(&self, at: DateTime<Utc>) -> Option<&'a Person> {
        self.directory.person(self.tenures.ae(self.tenures.at(at)))
    }

    /// Whether the address is the AE's of that tenure, or a delegate's.
    pub(crate) fn is_ae(&self, tenure: usize, address: &Address) -> bool {
        self.directory.is_ae(self.tenures.ae(tenure), address)
    }

    /// The AE's manager; where that is the AE, or nobody, the operator hears instead.
    pub(crate) fn manager_of(&self, ae: &str) -> Mailbox {
        let manager = self.directory.person(ae).and_then(|ae| ae.manager.as_deref());
        match manager.and_then(|name| self.directory.person(name)) {
            Some(person) if person.name != ae => mailbox(person),
            _ => self.operator(),
        }
    }

    pub(crate) fn operator(&self) -> Mailbox {
        Mailbox { name: String::new(), address: self.directory.operator().clone() }
    }

    /// Name of the AE at the message's time.
    pub(crate) fn ae_of(&self, seen: &SeenMessage) -> &'a str {
        self.tenures.ae(seen.tenure)
    }

    /// The account of the AE at the message's time.
    pub(crate) fn account_of_ae(&self, seen: &SeenMessage) -> Option<&'a str> {
        self.directory.person(self.ae_of(seen)).and_then(|person| person.account.as_deref())
    }

    /// All authors are the AE or a delegate of theirs.
    pub(crate) fn by_ae(&self, seen: &SeenMessage) -> bool {
        seen.has_authors(|address| self.is_ae(seen.tenure, address))
    }

    /// All authors are the AE's own addresses, delegates aside.
    pub(crate) fn by_ae_alone(&self, seen: &SeenMessage) -> bool {
        seen.has_authors(|address| self.directory.is_self(self.ae_of(seen), address))
    }

    /// All authors are the SDR's addresses.
    pub(crate) fn by_sdr(&self, seen: &SeenMessage) -> bool {
        seen.has_authors(|address| self.directory.is_sdr(address))
    }

    /// An author is the AE, the receiving server says that it is not, and the AE's own Sent folder has no copy.
    pub(crate) fn is_forged(&self, seen: &SeenMessage) -> bool {
        let names_ae = seen.headers().from.iter().any(|from| self.is_ae(seen.tenure, &from.address));
        names_ae && seen.fails_authenticity(self.account_of_ae(seen))
    }

    /// The receiving server says that the author did not write it, whoever that is, and no Sent folder of AE or SDR
    /// has a copy.
    pub(crate) fn is_disbelieved(&self, seen: &SeenMessage) -> bool {
        seen.fails_authenticity(self.account_of_ae(seen)) && seen.fails_authenticity(self.sdr_account())
    }

    /// The AE of that tenure wrote it, by all that is known.
    pub(crate) fn is_written_by_ae_of(&self, seen: &SeenMessage, tenure: usize) -> bool {
        seen.has_authors(|address| self.is_ae(tenure, address))
            && !seen.fails_authenticity(self.account_of_ae(seen))
    }
}

/// The person's main address under their name.
pub(super) fn mailbox(person: &Person) -> Mailbox {
    Mailbox { name: person.name.clone(), address: person.address.clone() }
}
