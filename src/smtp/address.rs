//! Addresses as they stand in an envelope: domains as A-labels (RFC 5891), and whether the server has to take UTF-8.

/// An address in MAIL or RCPT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EnvelopeAddress {
    pub(super) text: String,
    /// What stands before the `@` is not ASCII: only a server with SMTPUTF8 (RFC 6531) takes it.
    pub(super) needs_utf8: bool,
}

impl EnvelopeAddress {
    /// `None` where it is no address that can be written to a server.
    pub(super) fn of(address: &str) -> Option<Self> {
        let (local, domain) = address.rsplit_once('@')?;
        let is_quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
        let is_fit = |c: char| !c.is_control() && !"<>\r\n".contains(c);
        let is_atom = |c: char| is_fit(c) && !c.is_whitespace() && !"()[]\\,;:\"@".contains(c);
        if local.is_empty() || !local.chars().all(|c| if is_quoted { is_fit(c) } else { is_atom(c) }) {
            return None;
        }
        let domain = ascii_domain(domain)?;
        Some(Self { text: format!("{local}@{domain}"), needs_utf8: !local.is_ascii() })
    }
}

/// The domain as it is looked up: labels outside of ASCII as A-labels, everything else as it is.
pub(super) fn ascii_domain(domain: &str) -> Option<String> {
    let is_literal = domain.starts_with('[') && domain.ends_with(']');
    let ascii = if domain.is_ascii() { domain.to_owned() } else { idna::domain_to_ascii(domain).ok()? };
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c) || is_literal && "[]:".contains(c);
    (!ascii.is_empty() && ascii.chars().all(is_fit)).then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(address: &str) -> Option<(String, bool)> {
        EnvelopeAddress::of(address).map(|found| (found.text, found.needs_utf8))
    }

    #[test]
    fn a_domain_outside_of_ascii_is_written_as_its_a_label() {
        for (address, expected) in [
            ("sarah@bücher.example", "sarah@xn--bcher-kva.example"),
            ("li@例え.example", "li@xn--r8jz45g.example"),
            ("a@Straße.example", "a@xn--strae-oqa.example"),
            ("a@почта.example", "a@xn--80a1acny.example"),
            ("dana@vendor.example", "dana@vendor.example"),
            ("dana+x_y@under_score.example", "dana+x_y@under_score.example"),
            ("dana@[192.0.2.1]", "dana@[192.0.2.1]"),
            ("\"a b\"@vendor.example", "\"a b\"@vendor.example"),
        ] {
            assert_eq!(wire(address), Some((expected.to_owned(), false)), "{address}");
        }
        assert_eq!(wire("søren@bücher.example"), Some(("søren@xn--bcher-kva.example".to_owned(), true)));
    }

    #[test]
    fn what_could_end_a_command_is_no_address() {
        for text in [
            "not an address",
            "a@",
            "@b",
            "a@b>\r\nDATA",
            "a b@c.example",
            "a<@b.example",
            "a@b c",
            "a,b@c.example",
            "a@b,c",
        ] {
            assert_eq!(wire(text), None, "{text:?}");
        }
    }
}
