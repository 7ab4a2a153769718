//! The people of the configuration and how one is recognised by an address.
//!
//! Made by `config`, already validated: every name that is referred to exists and no two people share an
//! address. Known limit: people of one name are told apart by nothing; `config` refuses them.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDate, Weekday};

use super::message::Address;
use super::zone::Zone;

/// What somebody is in the team; one person may be several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TeamRole {
    Sdr,
    Ae,
    Manager,
}

/// When a person works, in their own zone.
#[derive(Clone, Debug)]
pub struct WorkingTime {
    pub zone: Arc<dyn Zone>,
    pub workdays: Vec<Weekday>,
    /// Minutes after local midnight, 0 to 1440; `opens < closes`.
    pub opens: u16,
    pub closes: u16,
    pub holidays: BTreeSet<NaiveDate>,
}

#[derive(Clone, Debug)]
pub struct Person {
    /// Unique in a team; facts refer to people by it.
    pub name: String,
    pub roles: BTreeSet<TeamRole>,
    pub address: Address,
    pub aliases: Vec<Address>,
    pub delegates: Vec<Address>,
    /// Name of the account that baton may read for this person.
    pub account: Option<String>,
    pub working: WorkingTime,
    /// Name of this person's manager.
    pub manager: Option<String>,
    /// The standing line for `Why this AE`.
    pub introduce: Option<String>,
    /// What ends an intro of theirs.
    pub signature: Option<String>,
}

impl Person {
    pub(crate) fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.name)
    }

    /// An address, alias or delegate of theirs, exactly as it is spelt.
    pub(crate) fn has_address(&self, address: &Address) -> bool {
        self.address == *address || self.aliases.contains(address) || self.delegates.contains(address)
    }
}
