//! Addresses and what each stands for, compared as providers deliver them. docs/behaviour.md section 5.
//!
//! One that is known counts exactly; what matches none is compared by its mailbox (`Address::canonical`). A mailbox
//! that several known addresses share is nobody's: `demo+sarah@` and `demo+james@` say nothing of `demo+tom@`.

use std::collections::BTreeMap;

use super::message::Address;

#[derive(Clone, Debug, PartialEq)]
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

    pub(crate) fn get(&self, address: &Address) -> Option<&T> {
        self.exact.get(address).or_else(|| self.by_mailbox.get(&address.canonical())?.as_ref())
    }

    /// The thing that is known under this very address.
    pub(crate) fn exactly(&self, address: &Address) -> Option<&T> {
        self.exact.get(address)
    }

    /// All that are known, as they are spelt.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.exact.keys()
    }
}

/// A few addresses on top of a book that many share, as if all stood in one.
#[derive(Clone, Debug)]
pub(crate) struct AddressBookOver<'b, T> {
    below: Option<&'b AddressBook<T>>,
    own: AddressBook<T>,
}

impl<'b, T: Clone + PartialEq> AddressBookOver<'b, T> {
    pub(crate) fn new(below: Option<&'b AddressBook<T>>) -> Self {
        Self { below, own: AddressBook::default() }
    }

    /// Returns whether it was not known; the first to have an address keeps it.
    pub(crate) fn add(&mut self, address: &Address, what: T) -> bool {
        if self.exactly(address).is_some() {
            return false;
        }
        let mailbox = address.canonical();
        if !self.own.by_mailbox.contains_key(&mailbox)
            && let Some(shared) = self.below.and_then(|below| below.by_mailbox.get(&mailbox))
        {
            self.own.by_mailbox.insert(mailbox, shared.clone());
        }
        self.own.add(address, what)
    }

    fn of_mailbox(&self, address: &Address) -> Option<&Option<T>> {
        let mailbox = address.canonical();
        let below = || self.below.and_then(|below| below.by_mailbox.get(&mailbox));
        self.own.by_mailbox.get(&mailbox).or_else(below)
    }

    /// Whether known addresses with that mailbox stand for something that `is_wanted`, or for several things.
    pub(crate) fn has_mailbox(&self, address: &Address, is_wanted: impl Fn(&T) -> bool) -> bool {
        self.of_mailbox(address).is_some_and(|what| what.as_ref().is_none_or(is_wanted))
    }

    pub(crate) fn get(&self, address: &Address) -> Option<&T> {
        self.exactly(address).or_else(|| self.of_mailbox(address)?.as_ref())
    }

    /// The thing that is known under this very address.
    pub(crate) fn exactly(&self, address: &Address) -> Option<&T> {
        let below = || self.below.and_then(|below| below.exactly(address));
        self.own.exactly(address).or_else(below)
    }

    /// Every address that is not in the book below, with what it stands for.
    pub(crate) fn added(&self) -> impl Iterator<Item = (&Address, &T)> {
        self.own.exact.iter()
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn what_stands_on_top_of_a_book_is_as_if_it_stood_in_it(
            below in prop::collection::vec((0usize..6, 0u8..3), 0..5),
            own in prop::collection::vec((0usize..6, 0u8..3), 0..5),
        ) {
            const KNOWN: [&str; 6] = [
                "demo@gmail.com", "d.emo@gmail.com", "demo+sarah@gmail.com", "rita@vendor.example",
                "rita+a@vendor.example", "rita+b@vendor.example",
            ];
            let mut shared = AddressBook::default();
            for (at, who) in below {
                shared.add(&address(KNOWN[at]), who);
            }
            let mut one = shared.clone();
            let mut over = AddressBookOver::new(Some(&shared));
            for (at, who) in own {
                prop_assert_eq!(over.add(&address(KNOWN[at]), who), one.add(&address(KNOWN[at]), who));
            }
            for asked in KNOWN.into_iter().chain(["dem.o+x@gmail.com", "rita+c@vendor.example", "tom@x.example"]) {
                let asked = address(asked);
                prop_assert_eq!(over.get(&asked), one.get(&asked));
                prop_assert_eq!(over.exactly(&asked), one.exactly(&asked));
                let of_mailbox = one.by_mailbox.get(&asked.canonical());
                let is_shared = of_mailbox.is_some_and(|what| what.is_none_or(|who| who == 1));
                prop_assert_eq!(over.has_mailbox(&asked, |who| *who == 1), is_shared);
            }
        }
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
