//! From an endpoint to a logged-in session: TCP, TLS or STARTTLS, greeting, what is offered.

use std::{collections::HashSet, sync::Arc, time::Duration};

use rustls::pki_types::ServerName;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    error::ImapError,
    exec::{AnnouncedCapabilities, CommandTimeouts, ImapSession, LiveConnection, ResponseStep, capabilities},
    grammar::{ReplyStatus, ServerAnswer, words},
    login::{self, named_capabilities},
    quirk::Quirks,
    wire::{Socket, Wire},
};
use crate::tls::{self, Security, ServerLogin};

/// A connection before the login.
struct Greeted {
    link: LiveConnection,
    /// What the greeting says that the server offers.
    offered: HashSet<String>,
}

impl ImapSession {
    /// Connects and logs in, all of it within `timeouts.connect`.
    pub async fn connect(endpoint: &ServerLogin, timeouts: CommandTimeouts) -> Result<Self, ImapError> {
        let established = async {
            let greeted = greet(endpoint, timeouts.connect).await?;
            let (link, announced) = log_in(greeted, endpoint, timeouts).await?;
            Self::over(link, announced, timeouts, Quirks::of(&endpoint.host)).await
        };
        timeout(timeouts.connect, established)
            .await
            .unwrap_or_else(|_| Err(unreachable(endpoint, "no answer in time")))
    }
}

async fn greet(endpoint: &ServerLogin, timeout_after: Duration) -> Result<Greeted, ImapError> {
    let tcp =
        tls::dial(endpoint, timeout_after).await.map_err(|error| unreachable(endpoint, error.to_string()))?;
    match endpoint.security {
        Security::Plain => welcome(endpoint, Box::new(tcp)).await,
        Security::Tls => {
            let stream = secure(endpoint, tcp).await?;
            welcome(endpoint, Box::new(stream)).await
        }
        Security::StartTls => {
            let tcp = ask_for_tls(endpoint, tcp).await?;
            let stream: Box<dyn Socket> = Box::new(secure(endpoint, tcp).await?);
            // There is no second greeting after STARTTLS, and what the first one offered does not count any more.
            Ok(Greeted { link: LiveConnection::new(Wire::new(stream)), offered: HashSet::new() })
        }
    }
}

fn unreachable(endpoint: &ServerLogin, reason: impl Into<String>) -> ImapError {
    ImapError::Unreachable { endpoint: endpoint.to_string(), reason: reason.into() }
}

async fn secure(endpoint: &ServerLogin, tcp: TcpStream) -> Result<TlsStream<TcpStream>, ImapError> {
    let config = tls::client_config(endpoint.extra_ca.as_deref()).map_err(ImapError::Tls)?;
    let name = ServerName::try_from(endpoint.host.clone())
        .map_err(|_| unreachable(endpoint, "the name cannot stand in a certificate"))?;
    TlsConnector::from(Arc::clone(&config)).connect(name, tcp).await.map_err(|error| {
        match tls::certificate_reason(&error) {
            Some(reason) => ImapError::CertificateRejected { endpoint: endpoint.to_string(), reason },
            None => unreachable(endpoint, format!("no TLS: {error}")),
        }
    })
}

async fn welcome(endpoint: &ServerLogin, socket: Box<dyn Socket>) -> Result<Greeted, ImapError> {
    let mut wire = Wire::new(socket);
    let offered = read_greeting(endpoint, &mut wire).await?;
    Ok(Greeted { link: LiveConnection::new(wire), offered })
}

/// Lines that a server may say before its greeting.
const BANNER: usize = 50;

/// The capabilities that the greeting names; mostly none.
async fn read_greeting<S: Socket>(
    endpoint: &ServerLogin,
    wire: &mut Wire<S>,
) -> Result<HashSet<String>, ImapError> {
    for _ in 0..BANNER {
        let place = match wire.answer().await {
            Ok(Some(place)) => place,
            Ok(None) => return Err(unreachable(endpoint, "it closed the connection without a greeting")),
            Err(_) => return Err(unreachable(endpoint, "the connection was lost before a greeting came")),
        };
        let line = wire.bytes(&place);
        let greeting = match ServerAnswer::read(line) {
            ServerAnswer::Condition { status: ReplyStatus::Ok, text } => Ok(named_capabilities(text)),
            ServerAnswer::Condition { status: ReplyStatus::PreAuth, .. } => {
                // Whose mailbox it is, nobody has proved; and who stands in between may say so as well.
                Err(unreachable(
                    endpoint,
                    "it lets one in before a login (PREAUTH), which baton does not use",
                ))
            }
            // A full or closing server says so instead of a welcome.
            ServerAnswer::Condition { text, .. } => Err(ImapError::Temporary { text: words(text) }),
            _ if line.starts_with(b"*") => {
                wire.consume();
                continue;
            }
            _ => Err(not_imap(endpoint, line)),
        };
        wire.consume();
        return greeting;
    }
    Err(not_imap(endpoint, b"line after line"))
}

fn not_imap(endpoint: &ServerLogin, said: &[u8]) -> ImapError {
    let said: String = words(said).chars().take(60).collect();
    unreachable(endpoint, format!("it does not greet as an IMAP server does, but says {said:?}"))
}

async fn ask_for_tls(endpoint: &ServerLogin, tcp: TcpStream) -> Result<TcpStream, ImapError> {
    const WHAT: &str = "STARTTLS";
    let mut wire = Wire::new(tcp);
    read_greeting(endpoint, &mut wire).await?;
    wire.write(b"B1 STARTTLS\r\n").await.map_err(|_| ImapError::Closed { what: WHAT, text: None })?;
    loop {
        let place = match wire.answer().await {
            Ok(Some(place)) => place,
            Ok(None) | Err(_) => return Err(ImapError::Closed { what: WHAT, text: None }),
        };
        match ServerAnswer::read(wire.bytes(&place)) {
            ServerAnswer::Condition { status: ReplyStatus::Bye, text } => {
                return Err(ImapError::Temporary { text: words(text) });
            }
            ServerAnswer::Tagged { status: ReplyStatus::Ok, .. } => return Ok(wire.into_inner()),
            ServerAnswer::Tagged { .. } => {
                return Err(ImapError::NoStartTls { endpoint: endpoint.to_string() });
            }
            _ => {}
        }
        wire.consume();
    }
}

/// Asked before the login, to choose how.
async fn offered_capabilities(link: &mut LiveConnection) -> Result<HashSet<String>, ImapError> {
    const WHAT: &str = "CAPABILITY";
    link.wire.write(b"B1 CAPABILITY\r\n").await.map_err(|_| link.closed(WHAT))?;
    let mut offered = HashSet::new();
    loop {
        let mut on = |answer: &ServerAnswer<'_>| {
            if let ServerAnswer::Capability(list) = answer {
                offered.extend(capabilities(list));
            }
        };
        let step = link.step(WHAT, "B1", &mut on).await;
        if let Some(text) = link.bye_text.take() {
            return Err(ImapError::Temporary { text });
        }
        if let ResponseStep::Done(_) = step? {
            return Ok(offered);
        }
    }
}

/// Logs in. With the connection come the capabilities that the server announced with its welcome, and those that it
/// offered before.
async fn log_in(
    greeted: Greeted,
    endpoint: &ServerLogin,
    timeouts: CommandTimeouts,
) -> Result<(LiveConnection, AnnouncedCapabilities), ImapError> {
    let Greeted { mut link, mut offered } = greeted;
    if offered.is_empty() {
        offered = offered_capabilities(&mut link).await?;
    }
    let mut with_login = HashSet::new();
    login::log_in(&mut link, endpoint, &offered, timeouts, &mut with_login).await?;
    // What comes with the login is no news of a folder.
    (link.news, link.exists) = (false, None);
    Ok((link, AnnouncedCapabilities { before: offered, with_login }))
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncWriteExt, duplex};

    use super::*;
    use crate::tls::Auth;

    fn endpoint() -> ServerLogin {
        ServerLogin {
            host: "mail.vendor.example".to_owned(),
            port: 143,
            security: Security::Plain,
            extra_ca: None,
            login: "dana".to_owned(),
            auth: Auth::Password("x".into()),
        }
    }

    async fn greeted_with(sent: &[u8]) -> Result<HashSet<String>, ImapError> {
        let (mut near, far) = duplex(1 << 16);
        near.write_all(sent).await.unwrap();
        drop(near);
        read_greeting(&endpoint(), &mut Wire::new(far)).await
    }

    #[tokio::test]
    async fn what_stands_before_a_greeting_is_passed_over() {
        for sent in [
            "* OK ready\r\n",
            "* CAPABILITY IMAP4rev1\r\n* OK ready\r\n",
            "\r\n* This system is private.\r\n* Be warned.\r\n* ok\r\n",
        ] {
            assert!(greeted_with(sent.as_bytes()).await.is_ok(), "{sent}");
        }
        let named = greeted_with(b"* ID NIL\r\n* OK [CAPABILITY IDLE] hi\r\n").await.unwrap();
        assert!(named.contains("IDLE"));
        assert!(greeted_with(&b"* and on\r\n".repeat(200)).await.is_err());
    }

    #[tokio::test]
    async fn a_greeting_that_is_none_is_told_as_it_came() {
        for (sent, told) in [
            ("220 mail.example ESMTP\r\n", "220 mail.example ESMTP"),
            ("+OK ready\r\n", "+OK ready"),
            ("* PREAUTH welcome\r\n", "PREAUTH"),
            ("* NO not today\r\n", "not today"),
            ("* BYE too busy\r\n", "too busy"),
            ("", "closed the connection"),
        ] {
            let error = greeted_with(sent.as_bytes()).await.unwrap_err().to_string();
            assert!(error.contains(told), "{sent}: {error}");
        }
    }
}
