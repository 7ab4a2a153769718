//! Who an address is in one handoff: AE, delegate, SDR, colleague or outsider. docs/behaviour.md sections 1
//! and 5.

use std::collections::{BTreeMap, BTreeSet};

use super::super::message::{Address, Mailbox};
use super::super::people::Person;
use super::policy::Policy;
use super::tenures::Tenures;

/// The configured people by address, with the aliases that were taught.
#[derive(Debug)]
pub(super) struct Directory<'a> {
    policy: &'a Policy,
    sdr: &'a str,
    all_aes: BTreeSet<String>,
    /// Mailbox to the name of the person whose address or alias it is.
    owners: BTreeMap<Address, String>,
    /// Person to the mailboxes of their delegates.
    delegates: BTreeMap<String, BTreeSet<Address>>,
    domains: BTreeSet<String>,
    ours: BTreeSet<Address>,
}

impl<'a> Directory<'a> {
    pub(crate) fn new(
        policy: &'a Policy,
        sdr: &'a str,
        tenures: &Tenures,
        taught: &[(String, Address)],
    ) -> Self {
        let mut owners = BTreeMap::new();
        let mut delegates: BTreeMap<String, BTreeSet<Address>> = BTreeMap::new();
        let mut domains = BTreeSet::new();
        for person in &policy.people {
            for address in person.aliases.iter().chain([&person.address]) {
                owners.insert(address.canonical(), person.name.clone());
                domains.insert(address.domain().to_owned());
            }
            let theirs = delegates.entry(person.name.clone()).or_default();
            theirs.extend(person.delegates.iter().map(Address::canonical));
        }
        domains.retain(|domain| !policy.freemail.contains(domain));
        for (person, address) in taught {
            owners.entry(address.canonical()).or_insert_with(|| person.clone());
        }
        let mut ours: BTreeSet<Address> = policy.account_addresses.iter().map(Address::canonical).collect();
        ours.insert(policy.agent_address.canonical());
        ours.insert(policy.operator.canonical());
        let tenure_aes = (0..=tenures.last()).map(|tenure| tenures.ae(tenure).to_owned()).collect();
        Self { policy, sdr, all_aes: tenure_aes, owners, delegates, domains, ours }
    }

    pub(crate) fn person(&self, name: &str) -> Option<&'a Person> {
        self.policy.person(name)
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
        self.owners.get(&address.canonical()).map(String::as_str)
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
        self.owner(address) == Some(ae)
            || self.delegates.get(ae).is_some_and(|them| them.contains(&address.canonical()))
    }

    /// A configured person's address, alias or delegate.
    pub(crate) fn is_person(&self, address: &Address) -> bool {
        let mailbox = address.canonical();
        self.owners.contains_key(&mailbox) || self.delegates.values().any(|them| them.contains(&mailbox))
    }

    /// In the configuration: a person's address, alias or delegate, an account, the operator.
    pub(crate) fn is_configured(&self, address: &Address) -> bool {
        self.is_person(address) || self.ours.contains(&address.canonical())
    }

    /// In the configuration, or at a mail domain of the configured people.
    pub(crate) fn is_colleague(&self, address: &Address) -> bool {
        self.is_configured(address) || self.domains.contains(address.domain())
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
        let taught =
            self.owners.iter().filter(|(_, owner)| *owner == name).map(|(address, _)| address.clone());
        list.extend(taught);
        list.sort();
        list.dedup();
        list
    }

    pub(crate) fn delegates_of(&self, name: &str) -> Vec<Address> {
        self.person(name).map(|person| person.delegates.clone()).unwrap_or_default()
    }
}

fn words_of(name: &str) -> BTreeSet<String> {
    name.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Whether a display name is a person's: the same words in any order and case (`Reyes, Calvin`), further
/// words such as a middle name, a company or a title aside. A single word is nobody's full name.
pub(super) fn is_same_name(display: &str, name: &str) -> bool {
    let (display, name) = (words_of(display), words_of(name));
    if name.len() < 2 {
        return !name.is_empty() && display == name;
    }
    name.is_subset(&display)
}

/// Whether a display name may be a person's with all but one word cut to its initial: `C. Reyes`, `Calvin R.`
fn is_abbreviated_name(display: &str, name: &str) -> bool {
    let (display, name) = (words_of(display), words_of(name));
    let stands = |word: &String| {
        display.contains(word)
            || word.chars().next().is_some_and(|initial| display.contains(&initial.to_string()))
    };
    name.len() >= 2 && name.iter().all(stands) && name.iter().any(|word| display.contains(word))
}
