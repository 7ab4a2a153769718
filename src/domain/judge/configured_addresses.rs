//! The addresses of the configuration, put in order once for all judgements: there may be thousands, and a judgement asks
//! for a few.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::super::address_book::AddressBook;
use super::super::message::Address;
use super::super::people::Person;

/// What stands in the configuration.
#[derive(Debug)]
pub(super) struct AllAddresses<'p> {
    pub people: &'p [Person],
    pub accounts: &'p [Address],
    pub agent: &'p Address,
    pub operator: &'p Address,
    pub freemail: &'p BTreeSet<String>,
}

/// Whose the configured addresses are.
#[derive(Debug, PartialEq)]
pub(crate) struct ConfiguredAddresses {
    /// Name of the person whose address or alias it is.
    pub(super) owners: AddressBook<Option<String>>,
    /// The delegates of each person who has some.
    pub(super) delegates: BTreeMap<String, AddressBook<()>>,
    /// Of people, those that belong to everybody aside.
    pub(super) domains: BTreeSet<String>,
    /// Everything in the configuration.
    pub(super) ours: AddressBook<()>,
    /// The same without the operator's.
    company: BTreeSet<Address>,
}

impl ConfiguredAddresses {
    fn of(all: &AllAddresses<'_>) -> Self {
        let mut owners = AddressBook::default();
        let mut delegates: BTreeMap<String, AddressBook<()>> = BTreeMap::new();
        let mut domains = BTreeSet::new();
        let mut company: BTreeSet<Address> = all.accounts.iter().cloned().collect();
        company.insert(all.agent.clone());
        for person in all.people {
            for address in person.aliases.iter().chain([&person.address]) {
                owners.add(address, Some(person.name.clone()));
                domains.insert(address.domain().to_owned());
                company.insert(address.clone());
            }
            for address in &person.delegates {
                delegates.entry(person.name.clone()).or_default().add(address, ());
                company.insert(address.clone());
            }
        }
        domains.retain(|domain| !all.freemail.contains(domain));
        let mut ours = AddressBook::default();
        for address in company.iter().chain([all.operator]) {
            ours.add(address, ());
        }
        Self { owners, delegates, domains, ours, company }
    }

    /// An address of the company, exactly as it is spelt: a person's, alias and delegate included, or an account's.
    pub(crate) fn is_company(&self, address: &Address) -> bool {
        self.company.contains(address)
    }
}

/// Where a policy keeps them once they were asked for. A copy of it begins without.
#[derive(Debug, Default)]
pub struct AddressesInOrder(OnceLock<Box<ConfiguredAddresses>>);

impl Clone for AddressesInOrder {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl AddressesInOrder {
    /// What they were when they were first asked for: what they are made from is not to change after that.
    pub(super) fn of(&self, all: &AllAddresses<'_>) -> &ConfiguredAddresses {
        let known = self.0.get_or_init(|| Box::new(ConfiguredAddresses::of(all)));
        debug_assert_eq!(
            **known,
            ConfiguredAddresses::of(all),
            "the policy has changed since it was judged by"
        );
        known
    }
}
