//! Whom a subject or a command line names: addresses, or a company's mail domain. docs/behaviour.md section 13.
//!
//! A provider's domain of private mail, and one of our own, name no company. Known limit: a company that is named by
//! nothing but its name is not looked for.

use crate::domain::freemail::is_freemail;
use crate::domain::judge::Policy;
use crate::domain::message::Address;
use crate::domain::registered_domain::registered_domain;
use crate::mail::classify::automated::is_unread;
use crate::record::address_of;

/// Whom a form is filled in for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedProspect {
    /// As the notes call it: the address, else the domain.
    pub shown: String,
    /// Those that were named, all at `domain`; none where the domain was.
    pub addresses: Vec<Address>,
    pub domain: String,
}

impl NamedProspect {
    /// Whether an address is of the company: at its domain, or at one below that.
    pub(super) fn has(&self, address: &Address) -> bool {
        is_at(address.domain(), &self.domain)
    }
}

fn is_at(domain: &str, company: &str) -> bool {
    domain == company || domain.strip_suffix(company).is_some_and(|below| below.ends_with('.'))
}

/// The prospect that `written` names, or why there is none, a sentence.
pub(super) fn prospect(policy: &Policy, written: &str) -> Result<NamedProspect, String> {
    let addresses: Vec<Address> = words(written).filter_map(|word| address_of(&word).ok()).collect();
    let is_own = |address: &Address| is_configured(policy, address) || is_ours(policy, address.domain());
    // `handoff to calvin@vendor.example: sarah@acme.example` is about Sarah.
    let outside = addresses.iter().find(|address| !is_own(address));
    let first = outside.or(addresses.first()).cloned();
    let domain = match &first {
        Some(first) => first.domain().to_owned(),
        None => words(written).find_map(|word| domain_in(&word)).ok_or_else(|| {
            "name an address or a mail domain of theirs, as in: handoff sarah@acme.example".to_owned()
        })?,
    };
    let shown = first.as_ref().map_or_else(|| domain.clone(), Address::to_string);
    if is_freemail(&domain) || policy.freemail.contains(&domain) {
        return Err(format!("{domain} is for everybody's private mail, so it doesn't tell me a company"));
    }
    if is_ours(policy, &domain) || first.as_ref().is_some_and(is_own) {
        return Err(format!("{shown} is one of our own"));
    }
    let addresses = addresses.into_iter().filter(|address| address.domain() == domain).collect();
    Ok(NamedProspect { shown, addresses, domain })
}

/// Whether words name an address or a mail domain, whosever it is.
pub(crate) fn names_a_mailbox(written: &str) -> bool {
    words(written).any(|word| address_of(&word).is_ok() || domain_in(&word).is_some())
}

/// Those whom a text names beside `notifier`, which sent it for somebody: addresses outside of ours that people read, where
/// all are of one company.
pub(crate) fn one_prospect_in(policy: &Policy, text: &str, notifier: &Address) -> Option<String> {
    let is_notifiers = |address: &Address| {
        let company = registered_domain(notifier.domain());
        registered_domain(address.domain()) == company
    };
    let mut found: Vec<Address> = Vec::new();
    for address in words(text).filter(|word| word.contains('@')).filter_map(|word| address_of(&word).ok()) {
        let is_ours = is_configured(policy, &address) || is_ours(policy, address.domain());
        if !is_ours && !is_unread(address.local()) && !is_notifiers(&address) && !found.contains(&address) {
            found.push(address);
        }
    }
    let first = found.first()?;
    let is_one = found.iter().all(|address| address.domain() == first.domain());
    is_one.then(|| found.iter().map(Address::to_string).collect::<Vec<_>>().join(", "))
}

/// Whether our people have addresses at this domain.
pub(super) fn is_ours(policy: &Policy, domain: &str) -> bool {
    let addresses = policy.people.iter().flat_map(|person| person.aliases.iter().chain([&person.address]));
    let others = policy.account_addresses.iter().chain([&policy.agent_address]);
    let is_shared = is_freemail(domain) || policy.freemail.contains(domain);
    !is_shared && addresses.chain(others).any(|address| is_at(domain, address.domain()))
}

/// An address of the configuration.
pub(super) fn is_configured(policy: &Policy, address: &Address) -> bool {
    policy.person_at(address).is_some()
        || *address == policy.operator
        || *address == policy.agent_address
        || policy.account_addresses.contains(address)
}

/// Words without the brackets and signs around them, in small letters.
fn words(written: &str) -> impl Iterator<Item = String> + '_ {
    let parts =
        |c: char| c.is_whitespace() || matches!(c, ',' | ';' | '<' | '>' | '(' | ')' | '[' | ']' | '"');
    written.split(parts).map(|word| {
        let word = word.trim_matches(|c: char| matches!(c, '\'' | '.' | ':' | '*' | '\u{201c}' | '\u{201d}'));
        let word = word.to_lowercase();
        word.strip_prefix("mailto:").map(str::to_owned).unwrap_or(word)
    })
}

/// What stands before a country's ending where companies have their domains below both.
const REGISTRIES: [&str; 9] = ["co", "com", "net", "org", "ac", "gov", "edu", "or", "ne"];

/// `acme.example` of `https://www.acme.example/about`, `@acme.example`, `www.acme.example`.
fn domain_in(word: &str) -> Option<String> {
    let word = word.split_once("://").map_or(word, |(_, rest)| rest);
    let word = word.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let word = word.trim_start_matches('@');
    let word = word.strip_prefix("www.").unwrap_or(word).trim_end_matches('.');
    let labels: Vec<&str> = word.split('.').collect();
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let ending = labels.last()?;
    let is_ending = ending.starts_with("xn--")
        || (ending.chars().count() >= 2 && ending.chars().all(char::is_alphabetic));
    // `co.uk` is where others have their domains.
    let is_registrys = labels.len() == 2
        && ending.len() == 2
        && labels.first().is_some_and(|first| REGISTRIES.contains(first));
    let is_domain =
        labels.len() >= 2 && is_ending && !is_registrys && labels.iter().all(|label| is_label(label));
    is_domain.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::prefill::tests::policy;

    fn named(written: &str) -> Result<(Vec<String>, String), String> {
        let found = prospect(&policy(), written)?;
        Ok((found.addresses.iter().map(Address::to_string).collect(), found.domain))
    }

    #[test]
    fn an_address_or_a_domain_is_read_in_every_form_in_which_people_write_it() {
        for written in [
            "sarah@acme.example",
            "Sarah Lee <sarah@acme.example>",
            "<sarah@acme.example>",
            "\"Lee, Sarah\" <Sarah@ACME.example>",
            "sarah@acme.example (VP Sales)",
            "mailto:sarah@acme.example.",
            "for sarah lee <sarah@acme.example",
            "to calvin@vendor.example: sarah@acme.example",
        ] {
            let expected = (vec!["sarah@acme.example".to_owned()], "acme.example".to_owned());
            assert_eq!(named(written), Ok(expected), "{written}");
        }
        for written in [
            "acme.example",
            "@acme.example",
            "www.acme.example",
            "https://www.acme.example/about?x=1",
            "acme (acme.example)",
            "ACME.example.",
        ] {
            assert_eq!(named(written), Ok((Vec::new(), "acme.example".to_owned())), "{written}");
        }
        let two = named("sarah@acme.example, james@acme.example").unwrap();
        assert_eq!(two.0, ["sarah@acme.example", "james@acme.example"]);
    }

    #[test]
    fn what_names_no_company_says_why() {
        for (written, why) in [
            ("gmail.com", "private mail"),
            ("sarah@gmail.com", "private mail"),
            ("sarah@yahoo.de", "private mail"),
            ("vendor.example", "our own"),
            ("dana@vendor.example", "our own"),
            ("eu.vendor.example", "our own"),
            ("acme", "name an address"),
            ("version 2.0", "name an address"),
            ("co.uk", "name an address"),
            ("com.br", "name an address"),
            ("", "name an address"),
        ] {
            let error = named(written).unwrap_err();
            assert!(error.contains(why), "{written}: {error}");
        }
    }

    #[test]
    fn a_notice_of_a_program_names_its_prospect_or_nobody() {
        let notifier = Address::new("noreply@notifications.crm.example").unwrap();
        let named = |text: &str| one_prospect_in(&policy(), text, &notifier);
        for text in [
            "Sarah Lee (sarah@acme.example) replied to dana@vendor.example. Questions? support@crm.example",
            "E-Mail: sarah@acme.example<mailto:sarah@acme.example>",
            "An: Dana <dana@vendor.example>\n> Von: no-reply@acme.example\n> Contact : SARAH@acme.example.",
        ] {
            assert_eq!(named(text).as_deref(), Some("sarah@acme.example"), "{text}");
        }
        let two = named("sarah@acme.example, james@acme.example").unwrap();
        assert_eq!(two, "sarah@acme.example, james@acme.example");
        for text in
            ["", "A deal was won", "sarah@acme.example or tom@globex.example", "calvin@vendor.example"]
        {
            assert_eq!(named(text), None, "{text}");
        }
    }

    #[test]
    fn a_company_is_its_domain_and_those_below_it() {
        let acme = prospect(&policy(), "acme.example").unwrap();
        let has = |address: &str| acme.has(&Address::new(address).unwrap());
        assert!(has("a@acme.example") && has("a@eu.acme.example"));
        assert!(!has("a@notacme.example") && !has("a@acme.example.evil.example"));
    }
}
