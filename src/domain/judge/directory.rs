//! Who an address is in one handoff: AE, delegate, SDR, colleague or outsider. docs/behaviour.md sections 1
//! and 5.

use std::collections::{BTreeMap, BTreeSet};

use super::super::address_book::{AddressBook, AddressBookOver};
use super::super::message::{Address, Mailbox};
use super::super::name_spelling::{is_mark, is_same_word};
use super::super::people::Person;
use super::configured_addresses::ConfiguredAddresses;
use super::policy::Policy;
use super::tenures::Tenures;

/// Addresses that are known beside the configuration, with the names of their owners.
#[derive(Debug)]
pub(super) struct KnownAddresses<'k> {
    /// What people of the handoff had while it was open.
    pub held: &'k [(String, Address)],
    /// Delegates that its AEs had while it was open.
    pub delegates: &'k [(String, Address)],
    /// Learnt by row 16.
    pub taught: &'k [(String, Address)],
    /// Of the record's prospect contacts.
    pub record: &'k [Address],
}

/// The configured people by address, with the aliases that were taught.
#[derive(Debug)]
pub(super) struct Directory<'a> {
    policy: &'a Policy,
    configured: &'a ConfiguredAddresses,
    sdr: &'a str,
    all_aes: BTreeSet<String>,
    /// By AE, what was theirs in this handoff whatever the configuration says now.
    held_delegates: BTreeMap<String, AddressBook<()>>,
    /// Name of the person whose address or alias it is; `None`: the record's, or only the company's.
    owners: AddressBookOver<'a, Option<String>>,
}

impl<'a> Directory<'a> {
    pub(crate) fn new(policy: &'a Policy, sdr: &'a str, tenures: &Tenures, known: &KnownAddresses) -> Self {
        let configured = policy.addresses();
        let mut owners = owners(policy, known.held);
        for address in known.record.iter().filter(|address| configured.ours.exactly(address).is_none()) {
            owners.add(address, None);
        }
        for (person, address) in known.taught {
            owners.add(address, Some(person.clone()));
        }
        let mut held_delegates: BTreeMap<String, AddressBook<()>> = BTreeMap::new();
        for (ae, address) in known.delegates {
            held_delegates.entry(ae.clone()).or_default().add(address, ());
        }
        let tenure_aes = (0..=tenures.last()).map(|tenure| tenures.ae(tenure).to_owned()).collect();
        Self { policy, configured, sdr, all_aes: tenure_aes, held_delegates, owners }
    }

    pub(crate) fn person(&self, name: &str) -> Option<&'a Person> {
        self.policy.person(name)
    }

    /// Everybody in the configuration.
    pub(crate) fn people(&self) -> impl Iterator<Item = &'a Person> {
        self.policy.people.iter()
    }

    /// Name of the handoff's SDR.
    pub(crate) fn sdr(&self) -> &'a str {
        self.sdr
    }

    /// Where the operator is written to.
    pub(crate) fn operator(&self) -> &'a Address {
        &self.policy.operator
    }

    pub(crate) fn owner(&self, address: &Address) -> Option<&str> {
        self.owners.get(address)?.as_deref()
    }

    pub(crate) fn is_sdr(&self, address: &Address) -> bool {
        self.owner(address) == Some(self.sdr)
    }

    /// The person's own address or alias; in a handoff its SDR is never read as AE.
    pub(crate) fn is_self(&self, ae: &str, address: &Address) -> bool {
        !self.is_sdr(address) && self.owner(address) == Some(ae)
    }

    /// The AE or a delegate of theirs.
    pub(crate) fn is_ae(&self, ae: &str, address: &Address) -> bool {
        if self.is_sdr(address) {
            return false;
        }
        let speaks = |of: &BTreeMap<String, AddressBook<()>>| {
            of.get(ae).is_some_and(|them| them.get(address).is_some())
        };
        self.owner(address) == Some(ae)
            || (!self.is_in_record(address)
                && (speaks(&self.configured.delegates) || speaks(&self.held_delegates)))
    }

    /// A configured person's address, alias or delegate.
    pub(crate) fn is_person(&self, address: &Address) -> bool {
        let mut delegates = self.configured.delegates.values().chain(self.held_delegates.values());
        self.owner(address).is_some()
            || (!self.is_in_record(address) && delegates.any(|them| them.get(address).is_some()))
    }

    /// A person has an address with the same mailbox: further ones with it say nothing of whose they are.
    pub(crate) fn shares_mailbox(&self, address: &Address) -> bool {
        self.owners.has_mailbox(address, Option::is_some)
    }

    /// The record names this very address as somebody's outside of the configuration.
    fn is_in_record(&self, address: &Address) -> bool {
        self.owners.exactly(address) == Some(&None)
    }

    /// In the configuration: a person's address, alias or delegate, an account, the operator.
    pub(crate) fn is_configured(&self, address: &Address) -> bool {
        self.is_person(address)
            || (!self.is_in_record(address) && self.configured.ours.get(address).is_some())
    }

    /// In the configuration, or at a mail domain of the configured people.
    pub(crate) fn is_colleague(&self, address: &Address) -> bool {
        self.is_configured(address) || self.configured.domains.contains(address.domain())
    }

    /// Somebody outside the company who does not bear the name of one of the handoff's AEs.
    pub(crate) fn is_outside(&self, mailbox: &Mailbox) -> bool {
        !self.is_colleague(&mailbox.address) && !self.all_aes.iter().any(|ae| self.goes_by(mailbox, ae))
    }

    /// Whether a sender or recipient goes by a person's name; where no name stands, by what stands before the
    /// `@`, as in `calvin.reyes@`. Initials do for an address at a freemail provider: elsewhere they are as
    /// likely somebody else's.
    pub(crate) fn goes_by(&self, mailbox: &Mailbox, name: &str) -> bool {
        let address = &mailbox.address;
        let shown = if mailbox.name.trim().is_empty() { address.local() } else { &mailbox.name };
        let is_private = self.policy.freemail.contains(address.domain());
        is_same_name(shown, name) || (is_private && is_abbreviated_name(shown, name))
    }

    /// The SDR, or one of the handoff's AEs or their delegates.
    pub(crate) fn is_party(&self, address: &Address) -> bool {
        self.is_sdr(address) || self.all_aes.iter().any(|ae| self.is_ae(ae, address))
    }

    /// Addresses and aliases of a person, taught ones included.
    pub(crate) fn addresses_of(&self, name: &str) -> Vec<Address> {
        let mut list: Vec<Address> = self
            .person(name)
            .map(|person| person.aliases.iter().chain([&person.address]).cloned().collect())
            .unwrap_or_default();
        let taught = self.owners.added().filter(|(_, owner)| owner.as_deref() == Some(name));
        let taught = taught.map(|(address, _)| address.clone());
        list.extend(taught);
        list.sort();
        list.dedup();
        list
    }

    pub(crate) fn delegates_of(&self, name: &str) -> Vec<Address> {
        let configured = self.person(name).into_iter().flat_map(|person| &person.delegates);
        let held = self.held_delegates.get(name).into_iter().flat_map(AddressBook::addresses);
        let mut list: Vec<Address> = configured.chain(held).cloned().collect();
        list.sort();
        list.dedup();
        list
    }
}

/// Whose the addresses of the configuration are in one handoff: what a person had while it was open stays theirs in it,
/// whoever has it now.
fn owners<'a>(policy: &'a Policy, held: &[(String, Address)]) -> AddressBookOver<'a, Option<String>> {
    let configured = &policy.addresses().owners;
    let is_anothers = |person: &String, address: &Address| {
        configured.exactly(address).is_some_and(|owner| owner.as_ref() != Some(person))
    };
    let is_taken_over = held.iter().any(|(person, address)| is_anothers(person, address));
    let mut owners = AddressBookOver::new(Some(configured).filter(|_| !is_taken_over));
    for (person, address) in held {
        owners.add(address, Some(person.clone()));
    }
    if is_taken_over {
        for person in &policy.people {
            for address in person.aliases.iter().chain([&person.address]) {
                owners.add(address, Some(person.name.clone()));
            }
        }
    }
    owners
}

fn words_of(name: &str) -> BTreeSet<String> {
    name.split(|character: char| !character.is_alphanumeric() && !is_mark(character))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Whether one of these words is `word`, by whatever keyboard.
fn has_word(words: &BTreeSet<String>, word: &str) -> bool {
    words.contains(word) || words.iter().any(|one| is_same_word(one, word))
}

/// Whether a display name is a person's: the same words in any order and case (`Reyes, Calvin`), further
/// words such as a middle name, a company or a title aside. A single word is nobody's full name.
pub(super) fn is_same_name(display: &str, name: &str) -> bool {
    let (display, name) = (words_of(display), words_of(name));
    let has_all = name.iter().all(|word| has_word(&display, word));
    has_all && (name.len() > 1 || !name.is_empty() && display.len() == 1)
}

/// Whether a display name may be a person's with all but one word cut to its initial: `C. Reyes`, `Calvin R.`
fn is_abbreviated_name(display: &str, name: &str) -> bool {
    let (display, name) = (words_of(display), words_of(name));
    let stands = |word: &String| {
        has_word(&display, word)
            || word.chars().next().is_some_and(|initial| has_word(&display, &initial.to_string()))
    };
    name.len() >= 2 && name.iter().all(stands) && name.iter().any(|word| has_word(&display, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_without_its_marks_and_with_two_letters_for_one() {
        for display in
            ["Anke Müller", "Anke Mueller", "Anke Muller", "MUELLER, Anke", "Anke Mu\u{308}ller (privat)"]
        {
            assert!(is_same_name(display, "Anke Müller"), "{display}");
        }
        assert!(is_same_name("Anke Müller", "Anke Mueller"));
        assert!(is_same_name("Jose Nunez", "José Núñez"));
        assert!(is_abbreviated_name("A. Mueller", "Anke Müller"));
        assert!(!is_same_name("Anke Miller", "Anke Müller"));
        assert!(!is_same_name("Mueller", "Anke Müller"));
        assert!(!is_same_name("Anke Mueller", "Müller"));
    }
}
