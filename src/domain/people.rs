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

/// What stands behind a name, and begins as a name does.
const NAME_SUFFIXES: [&str; 9] = ["jr", "sr", "jnr", "snr", "esq", "phd", "mba", "cpa", "msc"];
/// Two letters behind a comma that are nobody's initials.
const DEGREES: [&str; 14] =
    ["MD", "JD", "RN", "PE", "MA", "BA", "BS", "MS", "II", "IV", "VP", "PM", "HR", "IT"];

/// Titles that are somebody's first name where no full stop stands behind them (`Eng Wei Lim`, `Arch Lee`).
const TITLES: [&str; 9] = ["adv", "arch", "arq", "eng", "geom", "kand", "mgr", "pfr", "rev"];

/// What somebody is called: `Sarah` for `Sarah Lee`, `Dr. Sarah Lee`, `Lee, Sarah`, `LEE Sarah` and `Sarah Lee, PhD`. Known
/// limit: names whose family name comes first without a comma or capitals are taken the wrong way round.
pub(crate) fn given_name(name: &str) -> &str {
    let mut parts = name.split(',').map(str::trim).filter(|part| !part.is_empty());
    let (Some(front), behind) = (parts.next(), parts.next()) else { return name };
    let given = behind.filter(|behind| begins_with_given_name(front, behind)).unwrap_or(front);
    let mut words = words_of_name(given);
    match words.next() {
        // Family names in capitals, as they are written from France to Vietnam; `AJ` is what people are called.
        Some(first) if in_capitals(first) && !first.contains('.') => {
            let rest: Vec<&str> = words.collect();
            let capitals = rest.iter().take_while(|word| in_capitals(word)).count();
            let (family, given) = rest.split_at(capitals);
            let is_particle = |word: &&str| is_word(Role::NameParticle, word);
            let is_family = match family.len() {
                0 => first.chars().count() > 2,
                // `SARAH LEE` goes before whatever else.
                _ => [&[first], family].concat().iter().any(is_particle),
            };
            let is_given = |word: &&str| is_capitalised(word) && !is_suffix(word);
            let other = given.first().filter(|_| is_family && given.iter().all(is_given));
            other.copied().unwrap_or(first)
        }
        Some(first) => first,
        None => given.split_whitespace().next().unwrap_or(name),
    }
}

/// Whether what stands behind the first comma is how `Lee, Sarah` goes on, and no `PhD`, `Jr.`, `CPA` or `VP Sales`.
fn begins_with_given_name(front: &str, behind: &str) -> bool {
    let Some(first) = words_of_name(behind).next() else { return false };
    if is_suffix(first) {
        return false;
    }
    let is_caseless = !first.chars().any(|c| c.is_lowercase() || c.is_uppercase());
    let is_alone = words_of_name(front).nth(1).is_none();
    let is_small = |text: &str| !text.chars().any(char::is_uppercase);
    let letters = first.chars().count();
    let may_be_name = in_capitals(front) || letters > 3 || letters == 2 && !DEGREES.contains(&first);
    is_caseless
        || is_capitalised(first)
        || is_alone && in_capitals(first) && may_be_name
        || is_alone && is_small(front) && is_small(first)
}

fn is_suffix(word: &str) -> bool {
    NAME_SUFFIXES.contains(&word.trim_end_matches('.').to_lowercase().as_str())
}

/// `Sarah Lee` for `Lee, Sarah`; `None` for every other name.
pub(crate) fn in_reading_order(name: &str) -> Option<String> {
    let (family, given) = name.split_once(',')?;
    let (family, given) = (family.trim(), given.trim());
    let is_name = |word: &str| is_capitalised(word) && !is_suffix(word);
    let mut words = given.split_whitespace();
    let is_given = words.clone().count() <= 2
        && (words.clone().all(is_name) || in_capitals(name) && words.clone().all(in_capitals));
    (is_given && words.next().is_some_and(|_| begins_with_given_name(family, given)))
        .then(|| format!("{given} {family}"))
}

/// The words of a name without forms of address and academic titles: `Prof. Dr.-Ing.`, `Dr. rer. nat.`.
fn words_of_name(name: &str) -> impl Iterator<Item = &str> {
    let is_title = |word: &&str| {
        let bare = word.trim_end_matches('.');
        let is_short = word.ends_with('.') && word.starts_with(char::is_lowercase);
        let is_joined = word.contains(".-") || bare.contains('.') && word.len() < 6;
        is_word(Role::FormOfAddress, bare) || is_short || is_joined && !is_initials(word)
    };
    let is_abbreviated = |word: &&str| {
        word.strip_suffix('.').is_some_and(|bare| TITLES.contains(&bare.to_lowercase().as_str()))
    };
    name.split(|c: char| c.is_whitespace() || c == '_')
        .filter(|word| !word.is_empty())
        .skip_while(move |word| is_title(word) || is_abbreviated(word))
}

/// `J.R.`
fn is_initials(word: &str) -> bool {
    word.split('.').all(|part| part.is_empty() || part.chars().count() == 1 && in_capitals(part))
}

fn in_capitals(text: &str) -> bool {
    text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
}

/// `Sarah`, `Anne-Marie`, `D'Arcy`, `McKenzie`; neither `PhD` nor `CPA`.
fn is_capitalised(word: &str) -> bool {
    let mut letters = word.trim_end_matches('.').chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.next().is_some_and(|c| c.is_lowercase() || matches!(c, '\'' | '\u{2019}'))
        && letters.clone().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '\u{2019}'))
        && letters.next_back().is_none_or(|last| !last.is_uppercase())
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
            "Eng. Sarah Lee",
            "Arq. Sarah Lee",
            "Adv. Mgr. Sarah Lee",
            "Sarah P. Lee",
            "Sarah_Lee",
            "Mevr. Sarah Lee",
            "Lee, Sarah",
            "Lee, Dr. Sarah",
            "Prof. Dr. Sarah Lee",
        ] {
            assert_eq!(given_name(name), "Sarah", "{name}");
        }
        assert_eq!((given_name("Dr."), given_name("M. Lee"), given_name("")), ("Dr.", "Lee", ""));
    }

    #[test]
    fn what_looks_like_a_title_is_a_first_name_where_it_is_one() {
        for (name, given) in [
            ("Eng Wei Lim", "Eng"),
            ("Arch Lee", "Arch"),
            ("Joh. de Vries", "Joh."),
            ("Chr. P. Andersen", "Chr."),
            ("Fred. Smith Jr.", "Fred."),
        ] {
            assert_eq!(given_name(name), given, "{name}");
        }
    }

    #[test]
    fn what_stands_behind_a_comma_is_a_name_or_none() {
        for name in [
            "Sarah Lee, PhD",
            "Sarah Lee, CPA, MBA",
            "Sarah Lee, Jr.",
            "Sarah Lee, VP Sales",
            "Sarah Lee, III",
            "Sarah Lee, Ph.D.",
            "Lee, Sarah, PhD",
            "Dr. Sarah Lee, M.Sc.",
            "van der Lee, Sarah",
            "LEE, Sarah",
            "LEE Sarah",
            "Dr. LEE Sarah",
            "DE LA CRUZ Sarah",
            "Prof. Dr.-Ing. Sarah Lee",
            "Dr. rer. nat. Sarah Lee",
            "Dr. med. Sarah Lee",
            "Dipl.-Kfm. Sarah Lee",
        ] {
            assert_eq!(given_name(name), "Sarah", "{name}");
        }
        for (name, given) in [
            ("LEE, SARAH", "SARAH"),
            ("JAMES ORTIZ Jr.", "JAMES"),
            ("SARAH LEE - Acme", "SARAH"),
            ("SARAH LEE Acme", "SARAH"),
            ("Smith, AJ", "AJ"),
            ("Smith, MD", "Smith"),
            ("lee, sarah", "sarah"),
            ("sarah lee, phd", "sarah"),
            ("O'Neill, Pat", "Pat"),
            ("Smith, John (Acme)", "John"),
            ("SARAH LEE", "SARAH"),
            ("AJ Smith", "AJ"),
            ("J.R. Smith", "J.R."),
            ("D'Arcy Lee", "D'Arcy"),
            ("Lee, Anne-Marie", "Anne-Marie"),
            ("\u{5c71}\u{7530}, \u{592a}\u{90ce}", "\u{592a}\u{90ce}"),
            (",", ","),
        ] {
            assert_eq!(given_name(name), given, "{name}");
        }
    }

    #[test]
    fn names_are_put_into_reading_order_where_that_is_plain() {
        for (name, expected) in [
            ("Lee, Sarah", Some("Sarah Lee")),
            ("LEE, SARAH", Some("SARAH LEE")),
            ("van Dijk, Jan", Some("Jan van Dijk")),
            ("Smith, John (Acme)", None),
            ("Lee, Sarah (EXT)", None),
            ("Lee, Sarah PhD", None),
            ("Sarah Lee, PhD", None),
            ("\u{5c71}\u{7530}, \u{592a}\u{90ce}", None),
        ] {
            assert_eq!(in_reading_order(name).as_deref(), expected, "{name}");
        }
    }
}
