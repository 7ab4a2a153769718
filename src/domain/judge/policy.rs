//! What a judgement is given beside the facts: the people and the rules, from the configuration.

use std::collections::BTreeSet;

use super::super::message::Address;
use super::super::people::Person;
use super::super::sla::SlaPolicy;
use super::configured_addresses::{AddressesInOrder, AllAddresses, ConfiguredAddresses};

/// The policy, from the configuration.
#[derive(Clone, Debug)]
pub struct Policy {
    pub people: Vec<Person>,
    pub operator: Address,
    /// Name and address of the agent's account.
    pub agent_account: String,
    pub agent_address: Address,
    /// Addresses of all configured accounts.
    pub account_addresses: Vec<Address>,
    pub sla: SlaPolicy,
    /// Seconds; 0: no reminder.
    pub remind_before: u32,
    pub grace: u32,
    pub blind_after: u32,
    pub feedback_due: u32,
    /// Seconds; 0: no reminder.
    pub feedback_remind_before: u32,
    /// Mail domains that belong to everybody (gmail.com, ...).
    pub freemail: BTreeSet<String>,
    /// Whether words take up something of the given texts. docs/behaviour.md section 5, *personal*.
    pub takes_up: fn(words: &str, texts: &[&str]) -> bool,
    /// Made when it is first needed.
    pub in_order: AddressesInOrder,
}

impl Policy {
    /// The person of that name; names are unique.
    pub(crate) fn person(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.name == name)
    }

    /// The policy is not to change from then on.
    pub(crate) fn addresses(&self) -> &ConfiguredAddresses {
        self.in_order.of(&AllAddresses {
            people: &self.people,
            accounts: &self.account_addresses,
            agent: &self.agent_address,
            operator: &self.operator,
            freemail: &self.freemail,
        })
    }

    /// Whose address, alias or delegate this is, exactly as it is spelt.
    pub(crate) fn person_at(&self, address: &Address) -> Option<&Person> {
        self.people.iter().find(|person| person.has_address(address))
    }

    /// Who writes from this very address, aliases and delegates aside.
    pub(crate) fn person_writing_from(&self, address: &Address) -> Option<&Person> {
        self.people.iter().find(|person| person.address == *address)
    }

    /// Name of the account that baton may read for the person of that name.
    pub(crate) fn account_of(&self, name: &str) -> Option<&str> {
        self.person(name).and_then(|person| person.account.as_deref())
    }
}
