//! What providers do that no capability announces, as a table of data.
//!
//! Matched by the host's name, so a company's own name for a hosted server goes unnoticed; the defaults
//! are safe everywhere.

use std::time::Duration;

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

const NETEASE: Quirks = Quirks { wants_id: true, ..USUAL };
const KEEPS_SENT: Quirks = Quirks { sent_copy: SentCopy::ByProvider, ..USUAL };

const TABLE: [(&str, Quirks); 12] = [
    ("gmail.com", KEEPS_SENT),
    ("googlemail.com", KEEPS_SENT),
    ("office365.com", KEEPS_SENT),
    ("outlook.com", KEEPS_SENT),
    ("163.com", NETEASE),
    ("126.com", NETEASE),
    ("yeah.net", NETEASE),
    ("188.com", NETEASE),
    ("rambler.ru", Quirks { idle_at_most: Duration::from_secs(55), ..USUAL }),
    ("yahoo.com", Quirks { idle_at_most: Duration::from_secs(180), ..USUAL }),
    ("yahoo.co.jp", Quirks { idle_at_most: Duration::from_secs(180), ..USUAL }),
    ("aol.com", Quirks { idle_at_most: Duration::from_secs(180), ..USUAL }),
];

impl Quirks {
    /// The ways of the provider that runs this host.
    pub(crate) fn of(host: &str) -> Self {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let of_domain = |domain: &str| {
            host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        TABLE.iter().find(|(domain, _)| of_domain(domain)).map_or(USUAL, |(_, quirks)| *quirks)
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
