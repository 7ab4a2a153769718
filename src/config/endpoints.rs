//! `imaps://host:993` and its like: where a server is, and how the way there is protected.

use std::net::IpAddr;

use crate::diagnostics::nearest;

use super::toml_fields::{ConfigFaults, TomlFields};

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// TLS from the first byte: `imaps`, `smtps`.
    Tls,
    /// TLS after STARTTLS, and nothing without it: `imap+starttls`, `smtp+starttls`.
    StartTls,
    /// None; only to this machine: `imap`, `smtp`.
    Plain,
}

/// A server to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfiguredEndpoint {
    pub protection: Protection,
    /// Host name or address, without brackets, lower-case.
    pub host: String,
    pub port: u16,
}

#[derive(Clone, Copy)]
pub(crate) enum Protocol {
    Imap,
    Smtp,
}

impl Protocol {
    fn key(self) -> &'static str {
        match self {
            Protocol::Imap => "imap",
            Protocol::Smtp => "smtp",
        }
    }

    pub(crate) fn example(self) -> &'static str {
        match self {
            Protocol::Imap => "imap = \"imaps://imap.vendor.example:993\"",
            Protocol::Smtp => "smtp = \"smtp+starttls://smtp.vendor.example:587\"",
        }
    }

    /// Scheme, protection and the port that is meant where none is given (RFC 8314, RFC 6409).
    fn schemes(self) -> [(&'static str, Protection, u16); 3] {
        match self {
            Protocol::Imap => [
                ("imaps", Protection::Tls, 993),
                ("imap+starttls", Protection::StartTls, 143),
                ("imap", Protection::Plain, 143),
            ],
            Protocol::Smtp => [
                ("smtps", Protection::Tls, 465),
                ("smtp+starttls", Protection::StartTls, 587),
                ("smtp", Protection::Plain, 25),
            ],
        }
    }
}

/// The server under the protocol's key, where there is one.
pub(crate) fn read(
    fields: &mut TomlFields<'_>,
    protocol: Protocol,
    faults: &mut ConfigFaults,
) -> Option<ConfiguredEndpoint> {
    let text = fields.string(protocol.key(), faults)?;
    match parse_endpoint(&text.value, protocol) {
        Ok(endpoint) => Some(endpoint),
        Err((message, help)) => {
            let fault = faults.error(&text.span, message);
            let fault = if help.is_empty() { fault } else { fault.help(help) };
            faults.add(fault.example(protocol.example()));
            None
        }
    }
}

/// What is wrong and what to do.
type RefusalReason = (String, String);

fn refusal(message: impl Into<String>, help: impl Into<String>) -> RefusalReason {
    (message.into(), help.into())
}

fn parse_endpoint(text: &str, protocol: Protocol) -> Result<ConfiguredEndpoint, RefusalReason> {
    let [(tls, ..), (starttls, ..), _] = protocol.schemes();
    let (scheme, rest) = text.split_once("://").ok_or_else(|| {
        refusal("this address lacks its scheme", format!("write `{tls}://` in front of the host"))
    })?;
    let scheme = scheme.to_lowercase();
    let known = protocol.schemes().into_iter().find(|(name, ..)| *name == scheme);
    let (_, protection, default_port) = known.ok_or_else(|| {
        let near = nearest(&scheme, protocol.schemes().iter().map(|(name, ..)| *name));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`{tls}` for TLS from the start, `{starttls}` for STARTTLS"),
        };
        refusal(format!("`{scheme}` is no way to connect"), help)
    })?;
    if rest.contains('@') {
        let help = "give them as `login` and `password`";
        return Err(refusal("login and password do not belong into the address", help));
    }
    let (host, port) = host_and_port(rest.strip_suffix('/').unwrap_or(rest))?;
    if protection == Protection::Plain && !is_loopback(&host) {
        return Err(refusal(
            format!("without TLS the password would be sent unencrypted to {host}"),
            format!("write `{tls}://` or `{starttls}://`; `{scheme}://` is for servers on this machine only"),
        ));
    }
    Ok(ConfiguredEndpoint { protection, host, port: port.unwrap_or(default_port) })
}

fn host_and_port(text: &str) -> Result<(String, Option<u16>), RefusalReason> {
    let (host, port) = match text.strip_prefix('[') {
        Some(inner) => {
            let closed = inner.split_once(']');
            let (host, rest) =
                closed.ok_or_else(|| refusal("the closing `]` of the address is missing", ""))?;
            (host, rest.strip_prefix(':'))
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let host = host.to_lowercase();
    if !is_host(&host) {
        let help = "a host is a name such as `mail.vendor.example`, without a path";
        return Err(refusal(format!("`{host}` is not the name of a host"), help));
    }
    let port = match port {
        None => None,
        Some(text) => Some(text.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(|| {
            refusal(format!("`{text}` is not a port"), "a port is a number from 1 to 65535")
        })?),
    };
    Ok((host, port))
}

fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    host.parse::<IpAddr>().is_ok()
        || (host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(is_label))
}

fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_have_their_usual_ports() {
        let imap = |text| parse_endpoint(text, Protocol::Imap);
        let smtp = |text| parse_endpoint(text, Protocol::Smtp);
        let endpoint =
            |protection, host: &str, port| Ok(ConfiguredEndpoint { protection, host: host.to_owned(), port });
        assert_eq!(
            imap("imaps://IMAP.vendor.example"),
            endpoint(Protection::Tls, "imap.vendor.example", 993)
        );
        assert_eq!(imap("imap://[::1]:1143/"), endpoint(Protection::Plain, "::1", 1143));
        assert_eq!(imap("imap://127.0.0.1:1143"), endpoint(Protection::Plain, "127.0.0.1", 1143));
        assert_eq!(smtp("smtp+starttls://s.example"), endpoint(Protection::StartTls, "s.example", 587));
        assert_eq!(smtp("smtp://localhost:2525"), endpoint(Protection::Plain, "localhost", 2525));
        assert_eq!(smtp("smtps://s.example:465"), endpoint(Protection::Tls, "s.example", 465));
    }

    #[test]
    fn what_cannot_be_connected_to_is_refused() {
        for text in [
            "imap.vendor.example",
            "imap://imap.vendor.example",
            "imap://10.0.0.1",
            "smtps://x.example",
            "imaps://",
            "imaps://host:0",
            "imaps://host:99999",
            "imaps://a b",
            "imaps://dana:pw@host",
            "imaps://host/path",
            "imap://[::1",
        ] {
            assert!(parse_endpoint(text, Protocol::Imap).is_err(), "{text}");
        }
    }
}
