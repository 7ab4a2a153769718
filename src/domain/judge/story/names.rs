//! How people are called in a story: by their names.

use super::super::super::message::{Address, Mailbox};
use super::super::correspondence::Correspondence;
use super::super::participants::Participants;
use super::super::seen_message::SeenMessage;

#[derive(Clone, Copy, Debug)]
pub(super) struct Names<'a> {
    pub participants: Participants<'a>,
    pub mail: &'a Correspondence,
}

impl Names<'_> {
    /// The name of whoever has an address; the address where nobody knows it.
    pub(crate) fn of(&self, address: &Address) -> String {
        self.known(address).unwrap_or_else(|| address.to_string())
    }

    /// Several, each once.
    pub(crate) fn listed(&self, addresses: &[&Address]) -> String {
        let mut names: Vec<String> = Vec::new();
        for address in addresses {
            let name = self.of(address);
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }

    /// Who wrote a mail. Who is not known is called what the mail says.
    pub(crate) fn author(&self, seen: &SeenMessage) -> String {
        let Some(from) = seen.from() else { return "somebody".to_owned() };
        self.known(&from.address).or_else(|| shown_name(from)).unwrap_or_else(|| from.address.to_string())
    }

    fn known(&self, address: &Address) -> Option<String> {
        let directory = self.participants.directory;
        if let Some(name) = directory.owner(address) {
            return Some(name.to_owned());
        }
        let contact = self.mail.prospects.find(address);
        let contact = contact.and_then(|known| {
            self.mail.prospects.list().iter().find(|contact| contact.address == *known).and_then(shown_name)
        });
        contact.or_else(|| (address == directory.operator()).then(|| "the operator".to_owned()))
    }
}

fn shown_name(mailbox: &Mailbox) -> Option<String> {
    let name = mailbox.name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}
