//! The people of the configuration and how one is recognised by an address.
//!
//! Made by `config`, already validated: every name that is referred to exists and no two people share an
//! address. Known limit: people of one name are told apart by nothing; `config` refuses them.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDate, Weekday};

use super::message::Address;
use super::zone::Zone;
use crate::language::{Role, is_word};

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
        given_name(&self.name)
    }

    /// An address, alias or delegate of theirs, exactly as it is spelt.
    pub(crate) fn has_address(&self, address: &Address) -> bool {
        self.address == *address || self.aliases.contains(address) || self.delegates.contains(address)
    }
}

/// What somebody is called: `Sarah` for `Sarah Lee`, `Dr. Sarah Lee`, `Frau Sarah Lee` and `Lee, Sarah`. Known limit: names
/// whose family name comes first without a comma are taken the wrong way round.
pub(crate) fn given_name(name: &str) -> &str {
    let given = match name.split_once(',') {
        Some((_, after)) if !after.trim().is_empty() => after,
        _ => name,
    };
    let is_title = |word: &&str| is_word(Role::FormOfAddress, word.trim_end_matches('.'));
    let mut words = given.split_whitespace();
    words.clone().find(|word| !is_title(word)).or_else(|| words.next()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_nobodys_first_name() {
        for name in [
            "Sarah Lee",
            "Dr. Sarah Lee",
            "Frau Dr. Sarah Lee",
            "Mme Sarah Lee",
            "Sra. Sarah Lee",
            "Dott.ssa Sarah Lee",
            "Mevr. Sarah Lee",
            "Lee, Sarah",
            "Lee, Dr. Sarah",
            "Prof. Dr. Sarah Lee",
        ] {
            assert_eq!(given_name(name), "Sarah", "{name}");
        }
        assert_eq!((given_name("Dr."), given_name("M. Lee"), given_name("")), ("Dr.", "Lee", ""));
    }
}
