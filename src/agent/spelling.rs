//! Addresses as SEARCH finds them however they are spelt: with a tag behind a plus, at Gmail with dots or without.
//!
//! What is found is a superset, as of every SEARCH: servers look for pieces of a field, so its pieces are asked for.

use crate::domain::message::Address;
use crate::imap::Search;

/// The ways in which a field may hold the address, for `Search::any`.
pub(super) fn spellings(address: &Address, field: fn(Search, &str) -> Search) -> Vec<Search> {
    let mailbox = address.canonical();
    if mailbox.domain() == "gmail.com" {
        return ["gmail.com", "googlemail.com"].map(|domain| field(Search::new(), domain)).to_vec();
    }
    // Servers know such a domain in either form, and not every one takes a search outside of ASCII.
    if !mailbox.domain().is_ascii() {
        return vec![field(Search::new(), mailbox.local())];
    }
    vec![field(field(Search::new(), mailbox.local()), mailbox.domain())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_and_gmails_dots_do_not_count() {
        let of = |address: &str| spellings(&Address::new(address).unwrap(), Search::to);
        let plain = vec![Search::new().to("tom").to("globex.example")];
        assert_eq!(of("tom@globex.example"), plain);
        assert_eq!(of("Tom+Sales@globex.example"), plain);
        let local = vec![Search::new().to("sarah")];
        assert_eq!(of("sarah@m\u{fc}ller.example"), local);
        assert_eq!(of("sarah@xn--mller-kva.example"), local);
        let gmail = vec![Search::new().to("gmail.com"), Search::new().to("googlemail.com")];
        assert_eq!(of("sarah.lee@gmail.com"), gmail);
        assert_eq!(of("s.arahlee+x@googlemail.com"), gmail);
    }
}
