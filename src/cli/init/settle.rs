//! Which protection a server wants: what answers is tried at once, and decides between TLS and STARTTLS.
//!
//! Known limits: domains that nobody can own (RFC 2606) are not tried; where nobody answers, the usual protection of
//! the port is written down and said to be untried.

use std::net::IpAddr;

use crate::cli::spoken::{SpokenProtocol, spoken};
use crate::cli::terminal::print_note;

use super::discover::is_reserved;

/// A server as somebody names it: with or without scheme and port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct NamedServer {
    scheme: Option<String>,
    /// Without brackets.
    host: String,
    port: Option<u16>,
}

impl NamedServer {
    fn read(answer: &str) -> Option<Self> {
        let (scheme, rest) = match answer.split_once("://") {
            Some((scheme, rest)) => (Some(scheme.to_lowercase()), rest),
            None => (None, answer),
        };
        let rest = rest.trim_end_matches('/');
        let (host, port) = match rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
            Some((host, rest)) => (host, rest.strip_prefix(':')),
            None => rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
        };
        let port = match port {
            Some(text) => Some(text.parse::<u16>().ok().filter(|port| *port > 0)?),
            None => None,
        };
        (!host.is_empty()).then(|| Self { scheme, host: host.to_owned(), port })
    }

    fn url(&self, scheme: &str, port: u16) -> String {
        let host = &self.host;
        if host.contains(':') {
            format!("{scheme}://[{host}]:{port}")
        } else {
            format!("{scheme}://{host}:{port}")
        }
    }
}

/// The ports that are tried where none is named, the better first.
fn usual_ports(protocol: &str) -> [u16; 2] {
    if protocol == "imap" { [993, 143] } else { [465, 587] }
}

/// The scheme of a port that nobody could ask.
fn usual_scheme(protocol: &str, port: u16) -> String {
    let is_starttls = matches!(port, 143 | 587 | 25 | 2525);
    format!("{protocol}{}", if is_starttls { "+starttls" } else { "s" })
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The URL to write down for what was answered (`imap` or `smtp`). Says where it differs from the answer, and where
/// nobody answers.
pub(crate) async fn settled(answer: &str, protocol: &str) -> String {
    let Some(named) = NamedServer::read(answer) else { return answer.to_owned() };
    let ports = named.port.map_or_else(|| usual_ports(protocol).to_vec(), |port| vec![port]);
    let is_tried =
        named.host.parse::<IpAddr>().is_ok() || named.host == "localhost" || !is_reserved(&named.host);
    let found = if is_tried { first_spoken(&named.host, &ports).await } else { None };
    let Some((port, spoken)) = found else {
        let port = ports.first().copied().unwrap_or_default();
        let scheme = named.scheme.clone().unwrap_or_else(|| usual_scheme(protocol, port));
        if is_tried {
            print_note(format!("    nobody answers at {}\n", named.url(&scheme, port)));
        }
        return if named.scheme.is_some() { answer.to_owned() } else { named.url(&scheme, port) };
    };
    let scheme = scheme_for(&named, protocol, spoken);
    let url = named.url(&scheme, port);
    if named.scheme.as_deref() != Some(scheme.as_str()) {
        print_note(format!("    {} answers there: {url}\n", words_for(spoken)));
    }
    url
}

fn scheme_for(named: &NamedServer, protocol: &str, spoken: SpokenProtocol) -> String {
    let is_plain_wanted = named.scheme.as_deref() == Some(protocol);
    match spoken {
        SpokenProtocol::Tls => format!("{protocol}s"),
        // Whoever names a server of this machine without TLS has a reason.
        SpokenProtocol::StartTls if is_plain_wanted && is_loopback(&named.host) => protocol.to_owned(),
        SpokenProtocol::Plain if is_loopback(&named.host) => protocol.to_owned(),
        SpokenProtocol::StartTls | SpokenProtocol::Plain => format!("{protocol}+starttls"),
    }
}

fn words_for(spoken: SpokenProtocol) -> &'static str {
    match spoken {
        SpokenProtocol::Tls => "TLS",
        SpokenProtocol::StartTls => "STARTTLS",
        SpokenProtocol::Plain => "a server without TLS",
    }
}

/// All ports at once; the first of the list that answers counts.
async fn first_spoken(host: &str, ports: &[u16]) -> Option<(u16, SpokenProtocol)> {
    let asked = ports.iter().map(|port| async move { Some((*port, spoken(host, *port).await?)) });
    futures::future::join_all(asked).await.into_iter().flatten().next()
}

/// Among hosts that a domain may have its servers on, the first that answers, as a URL.
pub(crate) async fn first_answering(hosts: &[String], protocol: &str) -> Option<String> {
    let tries = hosts.iter().map(|host| async move {
        let (port, spoken) = first_spoken(host, &usual_ports(protocol)).await?;
        let named = NamedServer { scheme: None, host: host.clone(), port: None };
        Some(named.url(&scheme_for(&named, protocol, spoken), port))
    });
    futures::future::join_all(tries).await.into_iter().flatten().next()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn servers_are_named_in_many_ways() {
        let read = |text: &str| NamedServer::read(text).map(|one| (one.scheme, one.host, one.port));
        let named =
            |scheme: Option<&str>, host: &str, port| Some((scheme.map(str::to_owned), host.to_owned(), port));
        assert_eq!(read("mail.x.org"), named(None, "mail.x.org", None));
        assert_eq!(read("mail.x.org:587"), named(None, "mail.x.org", Some(587)));
        assert_eq!(read("IMAPS://mail.x.org/"), named(Some("imaps"), "mail.x.org", None));
        assert_eq!(read("smtp+starttls://[::1]:2525"), named(Some("smtp+starttls"), "::1", Some(2525)));
        for wrong in ["", "imaps://", "mail.x.org:0", "mail.x.org:x"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[tokio::test]
    async fn who_cannot_be_asked_gets_the_usual_protection_of_the_port() {
        for (answer, protocol, url) in [
            ("mail.vendor.example:587", "smtp", "smtp+starttls://mail.vendor.example:587"),
            ("mail.vendor.example:465", "smtp", "smtps://mail.vendor.example:465"),
            ("mail.vendor.example:143", "imap", "imap+starttls://mail.vendor.example:143"),
            ("mail.vendor.example", "imap", "imaps://mail.vendor.example:993"),
            ("imaps://mail.vendor.example", "imap", "imaps://mail.vendor.example"),
            ("imap://127.0.0.1:1", "imap", "imap://127.0.0.1:1"),
        ] {
            assert_eq!(settled(answer, protocol).await, url, "{answer}");
        }
    }

    #[tokio::test]
    async fn what_answers_decides() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.write_all(b"220 hello\r\n").await.unwrap();
                let mut buffer = [0; 64];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(b"250-hello\r\n250 STARTTLS\r\n").await;
            }
        });
        for answer in [format!("localhost:{port}"), format!("smtps://localhost:{port}")] {
            assert_eq!(settled(&answer, "smtp").await, format!("smtp+starttls://localhost:{port}"));
        }
        let plain = format!("smtp://127.0.0.1:{port}");
        assert_eq!(settled(&plain, "smtp").await, plain, "asked for, on this machine");
    }
}
