//! Which AE a letter names: `Rita`, `Rita Vale`, `Jean Claude`, `Rita V.`, `rita@vendor.example`. docs/behaviour.md
//! section 14.
//!
//! Names are compared without case; where nobody is called so exactly, without the marks of Latin letters as well (`Zoe`
//! for `Zoë`), which not every keyboard has, and with two letters for one (`Mueller`). Who is meant is never guessed: two
//! that fit are two.

use crate::domain::message::Address;
use crate::domain::name_spelling::{with_doubled_letters, without_marks};
use crate::domain::people::Person;

/// Who is meant by a name.
#[derive(Debug)]
pub(super) enum NamedAe<'a> {
    Nobody,
    One(&'a Person),
    Several,
}

pub(super) fn named<'a>(aes: &[&'a Person], written: &str) -> NamedAe<'a> {
    let written = written.trim_matches(|c: char| !c.is_alphanumeric());
    if let Some(address) = Address::new(written) {
        return only_one(aes.iter().filter(|ae| ae.address == address || ae.aliases.contains(&address)));
    }
    let spellings = [str::to_lowercase, without_marks, with_doubled_letters];
    let mut found = spellings.into_iter().map(|plain| by_name(aes, written, plain));
    found.find(|found| !matches!(found, NamedAe::Nobody)).unwrap_or(NamedAe::Nobody)
}

/// The full name goes before first names, and these before longer beginnings of names.
fn by_name<'a>(aes: &[&'a Person], written: &str, plain: fn(&str) -> String) -> NamedAe<'a> {
    let written = plain(written);
    let full = only_one(aes.iter().filter(|ae| plain(&ae.name) == written));
    if !matches!(full, NamedAe::Nobody) {
        return full;
    }
    let first = only_one(aes.iter().filter(|ae| plain(ae.first_name()) == written));
    match first {
        NamedAe::Nobody => only_one(aes.iter().filter(|ae| is_begun_by(&plain(&ae.name), &written))),
        found => found,
    }
}

/// Whether `written` is the begin of a name: whole words, of which the last may be an initial.
fn is_begun_by(name: &str, written: &str) -> bool {
    let mut names = name.split_whitespace();
    let mut words = written.split_whitespace().peekable();
    let mut count = 0;
    while let Some(word) = words.next() {
        let Some(name) = names.next() else { return false };
        let is_initial =
            words.peek().is_none() && word.chars().count() == 1 && name.starts_with(word) && count > 0;
        if word != name && !is_initial {
            return false;
        }
        count += 1;
    }
    count > 1
}

fn only_one<'a, 'p: 'a>(mut found: impl Iterator<Item = &'a &'p Person>) -> NamedAe<'p> {
    match (found.next(), found.next()) {
        (None, _) => NamedAe::Nobody,
        (Some(one), None) => NamedAe::One(one),
        (Some(_), Some(_)) => NamedAe::Several,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    use crate::clock::utc;
    use crate::domain::people::{TeamRole, WorkingTime};

    fn called(name: &str, address: &str) -> Person {
        let working = WorkingTime {
            zone: utc(),
            workdays: vec![chrono::Weekday::Mon],
            opens: 0,
            closes: 1440,
            holidays: BTreeSet::new(),
        };
        Person {
            name: name.to_owned(),
            roles: BTreeSet::from([TeamRole::Ae]),
            address: Address::new(address).unwrap(),
            aliases: Vec::new(),
            delegates: Vec::new(),
            account: None,
            working,
            manager: None,
            introduce: None,
            signature: None,
        }
    }

    #[test]
    fn names_are_found_as_people_write_them() {
        let people = [
            called("Rita Vale", "rita@vendor.example"),
            called("Zoë Müller-Łukasz", "zoe@vendor.example"),
            called("Jean Claude Petit", "jc@vendor.example"),
            called("Jean Marc Petit", "jm@vendor.example"),
            called("José Núñez", "jose@vendor.example"),
            called("山田 太郎", "yamada@vendor.example"),
            called("Иван Петров", "ivan@vendor.example"),
        ];
        let aes: Vec<&Person> = people.iter().collect();
        for (written, name) in [
            ("rita", "Rita Vale"),
            ("Rita V.", "Rita Vale"),
            ("@Rita", "Rita Vale"),
            ("\"Rita Vale\"", "Rita Vale"),
            ("RITA@vendor.example", "Rita Vale"),
            ("Zoe", "Zoë Müller-Łukasz"),
            ("zoë muller-lukasz", "Zoë Müller-Łukasz"),
            ("Jean Claude", "Jean Claude Petit"),
            ("Jose\u{301} Nunez", "José Núñez"),
            ("山田 太郎", "山田 太郎"),
            ("山田", "山田 太郎"),
            ("иван", "Иван Петров"),
        ] {
            let NamedAe::One(found) = named(&aes, written) else { panic!("{written}") };
            assert_eq!(found.name, name, "{written}");
        }
        assert!(matches!(named(&aes, "Jean"), NamedAe::Several));
        for written in ["", "R", "Vale", "Rita X", "Ms. Vale", "rita@outside.example"] {
            assert!(matches!(named(&aes, written), NamedAe::Nobody), "{written}");
        }
    }
}
