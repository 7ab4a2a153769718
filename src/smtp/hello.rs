//! The name that EHLO gives: which ones are tried, and whether a server refuses one, then or as late as at a recipient.

use super::outcome::Delivery;

/// The names to introduce oneself by, one after the other where a server refuses one. A configured name is the only one.
/// Otherwise none of them tells what the machine is called: the literal that many mail programs give, then the domain
/// of the login, which servers accept that want a name with a dot.
pub(super) fn names_for_hello(configured: Option<&str>, login: &str) -> Vec<String> {
    if let Some(name) = configured {
        return vec![name.to_owned()];
    }
    let mut names = vec!["[127.0.0.1]".to_owned()];
    let domain = login.rsplit_once('@').and_then(|(_, domain)| super::address::ascii_domain(domain));
    names.extend(domain.filter(|domain| domain.contains('.')));
    names
}

/// Whether EHLO was refused for the name that it gave: 504 (RFC 5321 section 4.2.2), or words.
pub(super) fn is_about_the_name(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let words = ["name", "helo", "host", "domain", "fqdn", "dns", "access denied", "blocked"];
    text.starts_with("504") || words.iter().any(|word| text.contains(word))
}

/// What a person can do about it.
pub(super) const NAME_ADVICE: &str =
    "it wants another name to be greeted by, which `helo` of the account sets";

/// Nobody's address is at fault, so that nobody is named.
pub(super) fn with_advice(refusal: Delivery) -> Delivery {
    match refusal {
        Delivery::Refused { text, .. } => {
            Delivery::Refused { text: format!("{text} ({NAME_ADVICE})"), recipients: Vec::new() }
        }
        other => other,
    }
}

/// Whether a mail was refused for the name that EHLO gave: many servers judge it as late as that.
pub(super) fn is_late_refusal_of_name(delivery: &Delivery) -> bool {
    let (Delivery::Refused { text, .. } | Delivery::Deferred { text, message_was_sent: false, .. }) =
        delivery
    else {
        return false;
    };
    // The address that an answer is about, or that it repeats, may hold anything.
    let words = text.split_whitespace().filter(|word| !word.contains('@'));
    let words = words.flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric()));
    words.into_iter().any(|word| word.eq_ignore_ascii_case("helo") || word.eq_ignore_ascii_case("ehlo"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configured_name_is_the_only_one_and_no_name_is_the_machines() {
        assert_eq!(names_for_hello(Some("mx.vendor.example"), "dana@vendor.example"), ["mx.vendor.example"]);
        assert_eq!(names_for_hello(None, "dana@vendor.example"), ["[127.0.0.1]", "vendor.example"]);
        assert_eq!(names_for_hello(None, "dana@bücher.example"), ["[127.0.0.1]", "xn--bcher-kva.example"]);
        assert_eq!(names_for_hello(None, "dana"), ["[127.0.0.1]"]);
        assert_eq!(names_for_hello(None, "dana@localhost"), ["[127.0.0.1]"]);
    }

    #[test]
    fn a_name_may_be_refused_as_late_as_at_a_recipient() {
        let refused = |text: &str| Delivery::Refused { text: text.to_owned(), recipients: Vec::new() };
        for text in [
            "504 5.5.2 <[127.0.0.1]>: Helo command rejected: need fully-qualified hostname",
            "sarah@acme.example: 550 Access denied - Invalid HELO name (See RFC2821 4.1.1.1)",
            "550 5.7.1 EHLO/HELO argument does not resolve",
        ] {
            assert!(is_late_refusal_of_name(&refused(text)), "{text}");
            assert!(is_late_refusal_of_name(&Delivery::deferred(text.to_owned())), "{text}");
        }
        for text in [
            "550 5.1.1 no such user",
            "554 5.7.1 relay access denied",
            "james.batchelor@acme.example: 550 5.1.1 <james.batchelor@acme.example>: no such user",
            "550 5.1.1 the user batchelor is unknown",
        ] {
            assert!(!is_late_refusal_of_name(&refused(text)), "{text}");
        }
        let Delivery::Refused { text, .. } = with_advice(refused("550 bad HELO")) else { panic!("refused") };
        assert!(text.contains("`helo` of the account"), "{text}");
    }
}
