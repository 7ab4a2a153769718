//! Addresses and what each stands for, compared as providers deliver them. docs/behaviour.md section 5.
//!
//! One that is known counts exactly; what matches none is compared by its mailbox (`Address::canonical`). A mailbox
//! that several known addresses share is nobody's: `demo+sarah@` and `demo+james@` say nothing of `demo+tom@`.

use std::collections::BTreeMap;

use super::message::Address;

#[derive(Clone, Debug)]
pub(crate) struct AddressBook<T> {
    exact: BTreeMap<Address, T>,
    /// `None`: addresses of different things share it.
    by_mailbox: BTreeMap<Address, Option<T>>,
}

impl<T> Default for AddressBook<T> {
    fn default() -> Self {
        Self { exact: BTreeMap::new(), by_mailbox: BTreeMap::new() }
    }
}

impl<T: Clone + PartialEq> AddressBook<T> {
    /// Returns whether it was not known; the first to have an address keeps it.
    pub(crate) fn add(&mut self, address: &Address, what: T) -> bool {
        if self.exact.contains_key(address) {
            return false;
        }
        let slot = self.by_mailbox.entry(address.canonical()).or_insert_with(|| Some(what.clone()));
        if slot.as_ref() != Some(&what) {
            *slot = None;
        }
        self.exact.insert(address.clone(), what);
        true
    }

    /// The same of an address that counts only as it is spelt.
    pub(crate) fn add_exactly(&mut self, address: &Address, what: T) -> bool {
        if self.exact.contains_key(address) {
            return false;
        }
        self.by_mailbox.insert(address.canonical(), None);
        self.exact.insert(address.clone(), what);
        true
    }

    /// Whether known addresses with that mailbox stand for something that `is_wanted`, or for several things.
    pub(crate) fn has_mailbox(&self, address: &Address, is_wanted: impl Fn(&T) -> bool) -> bool {
        self.by_mailbox.get(&address.canonical()).is_some_and(|what| what.as_ref().is_none_or(is_wanted))
    }

    pub(crate) fn get(&self, address: &Address) -> Option<&T> {
        self.exact.get(address).or_else(|| self.by_mailbox.get(&address.canonical())?.as_ref())
    }

    /// The thing that is known under this very address.
    pub(crate) fn exactly(&self, address: &Address) -> Option<&T> {
        self.exact.get(address)
    }

    /// Every known address with what it stands for.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Address, &T)> {
        self.exact.iter()
    }
}

/// Which of `known` an address is: the one that is spelt alike, else the only one with the same mailbox.
pub(crate) fn among<'a>(address: &Address, known: impl Iterator<Item = &'a Address>) -> Option<&'a Address> {
    let mut book = AddressBook::default();
    known.for_each(|one| {
        book.add(one, one);
    });
    book.get(address).copied()
}

/// Whether a mail to one of them is a mail to the other. Two tags of one mailbox stand for two people.
pub(crate) fn is_one_mailbox(one: &Address, other: &Address) -> bool {
    let is_tagged = |address: &Address| address.local().contains('+');
    one == other || (one.canonical() == other.canonical() && !(is_tagged(one) && is_tagged(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::new(text).unwrap()
    }

    #[test]
    fn two_spellings_are_one_mailbox_but_two_tags_are_two_people() {
        let is_one = |one: &str, other: &str| is_one_mailbox(&address(one), &address(other));
        assert!(is_one("sarah@acme.example", "Sarah@Acme.example"));
        assert!(is_one("sarah+crm@acme.example", "sarah@acme.example"));
        assert!(is_one("sarah.lee@gmail.com", "sarahlee@googlemail.com"));
        assert!(!is_one("demo+sarah@acme.example", "demo+james@acme.example"));
        assert!(!is_one("sarah.lee@acme.example", "sarahlee@acme.example"));
    }

    #[test]
    fn an_address_counts_exactly_and_else_by_its_mailbox() {
        let mut book = AddressBook::default();
        for (known, who) in [
            ("demo+sarah@gmail.com", "sarah"),
            ("demo+james@gmail.com", "james"),
            ("Dana.Fox@vendor.example", "dana"),
            ("tom.lee@gmail.com", "tom"),
            ("rita+sales@vendor.example", "rita"),
        ] {
            assert!(book.add(&address(known), who));
        }
        assert!(!book.add(&address("dana.fox@vendor.example"), "pat"));
        for (asked, who) in [
            ("DEMO+Sarah@gmail.com", Some("sarah")),
            ("demo+james@gmail.com", Some("james")),
            ("demo+tom@gmail.com", None),
            ("demo@gmail.com", None),
            ("dana.fox+crm@vendor.example", Some("dana")),
            ("danafox@vendor.example", None),
            ("tomlee+x@googlemail.com", Some("tom")),
            ("rita@vendor.example", Some("rita")),
        ] {
            assert_eq!(book.get(&address(asked)).copied(), who, "{asked}");
        }
        assert_eq!(book.exactly(&address("tomlee@gmail.com")), None);
    }
}
