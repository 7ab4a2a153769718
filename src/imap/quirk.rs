//! What providers do that no capability announces; `imap` in language/provider/*.toml.
//!
//! Matched by the host's name, so a company's own name for a hosted server goes unnoticed; the defaults
//! are safe everywhere.

use std::time::Duration;

use crate::language::provider::{self, ImapFacts};

/// Whether mail that leaves through a provider's submission appears in the Sent folder by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SentCopy {
    /// The provider keeps one (Gmail, Microsoft 365).
    ByProvider,
    /// Nothing is known; look before appending.
    Unknown,
}

/// A provider's ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quirks {
    /// The longest IDLE before it has to be renewed.
    pub idle_at_most: Duration,
    /// It opens folders only for clients that have named themselves (RFC 2971).
    pub wants_id: bool,
    pub sent_copy: SentCopy,
}

const USUAL: Quirks =
    Quirks { idle_at_most: Duration::from_secs(300), wants_id: false, sent_copy: SentCopy::Unknown };

impl Quirks {
    /// The ways of the provider that runs this host.
    pub(crate) fn of(host: &str) -> Self {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let is_under = |domain: &String| {
            host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        let known = provider::all().iter().filter_map(|file| file.facts.imap.as_ref());
        known.filter(|facts| facts.hosts.iter().any(is_under)).map(Self::from).next().unwrap_or(USUAL)
    }
}

impl From<&ImapFacts> for Quirks {
    fn from(facts: &ImapFacts) -> Self {
        Self {
            idle_at_most: facts.idle_seconds.map_or(USUAL.idle_at_most, Duration::from_secs),
            wants_id: facts.wants_id,
            sent_copy: if facts.keeps_sent { SentCopy::ByProvider } else { SentCopy::Unknown },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_known_by_its_domain_and_not_by_a_look_alike() {
        assert_eq!(Quirks::of("imap.Rambler.ru").idle_at_most, Duration::from_secs(55));
        assert_eq!(Quirks::of("imap.gmail.com").sent_copy, SentCopy::ByProvider);
        assert_eq!(Quirks::of("imap.notgmail.com"), USUAL);
        assert_eq!(Quirks::of("127.0.0.1"), USUAL);
    }
}
