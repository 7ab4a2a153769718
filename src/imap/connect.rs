//! From an endpoint to a logged-in session: TCP, TLS or STARTTLS, greeting, login.

use std::{collections::HashSet, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use rustls::pki_types::ServerName;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    command::Command,
    error::{ImapError, means_later},
    exec::{
        CommandStatus, CommandTimeouts, ImapSession, LiveConnection, ResponseStep, TaggedReply, capabilities,
    },
    grammar::{ReplyStatus, ServerAnswer, code, words},
    quirk::Quirks,
    wire::{Socket, Wire},
};
use crate::tls::{self, Auth, Security, ServerLogin, TokenMechanism};

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
        timeout(timeouts.connect, established).await.unwrap_or(Err(ImapError::Timeout { what: "connecting" }))
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

/// The capabilities that the greeting names; mostly none.
async fn read_greeting<S: Socket>(
    endpoint: &ServerLogin,
    wire: &mut Wire<S>,
) -> Result<HashSet<String>, ImapError> {
    let place = wire.answer().await.map_err(|_| not_imap(endpoint))?.ok_or_else(|| not_imap(endpoint))?;
    let greeting = match ServerAnswer::read(wire.bytes(&place)) {
        ServerAnswer::Condition { status: ReplyStatus::Ok, text } => Ok(named_capabilities(text)),
        // A full or closing server says so instead of a welcome.
        ServerAnswer::Condition { status: ReplyStatus::Bye, text } => {
            Err(ImapError::Temporary { text: words(text) })
        }
        _ => Err(not_imap(endpoint)),
    };
    wire.consume();
    greeting
}

/// `[CAPABILITY ..]` in front of a status text.
fn named_capabilities(text: &[u8]) -> HashSet<String> {
    match code(text) {
        Some((name, list)) if name == "CAPABILITY" => capabilities(list),
        _ => HashSet::new(),
    }
}

fn not_imap(endpoint: &ServerLogin) -> ImapError {
    unreachable(endpoint, "it does not greet as an IMAP server does")
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

/// Logs in. With the connection come the capabilities that the server announced with its welcome.
async fn log_in(
    greeted: Greeted,
    endpoint: &ServerLogin,
    timeouts: CommandTimeouts,
) -> Result<(LiveConnection, HashSet<String>), ImapError> {
    let Greeted { mut link, mut offered } = greeted;
    let mut announced = HashSet::new();
    let reply = match &endpoint.auth {
        Auth::XOAuth2(token) => {
            if offered.is_empty() {
                offered = offered_capabilities(&mut link).await?;
            }
            with_token(&mut link, endpoint, token, &offered, &mut announced).await?
        }
        Auth::Password(password) => {
            if offered.is_empty() {
                offered = offered_capabilities(&mut link).await?;
            }
            let secret = password.expose_secret();
            // A quoted string is ASCII without line ends; PLAIN takes everything but NUL.
            let quotable = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            let plain = offered.contains("AUTH=PLAIN");
            let login = !offered.contains("LOGINDISABLED");
            if login && quotable(&endpoint.login) && quotable(secret) || !plain {
                log_in_by_name(&mut link, &endpoint.login, password, timeouts, &mut announced).await?
            } else {
                let words = Zeroizing::new(format!("\0{}\0{secret}", endpoint.login));
                authenticate(&mut link, "AUTHENTICATE PLAIN", Some(words), "", &mut announced).await?.0
            }
        }
    };
    if reply.status != CommandStatus::Ok {
        return Err(login_error(endpoint, reply.text));
    }
    announced.extend(named_capabilities(reply.text.as_bytes()));
    // What comes with the login is no news of a folder.
    (link.news, link.exists) = (false, None);
    Ok((link, announced))
}

const LOGIN: &str = "the login";

fn noted(announced: &mut HashSet<String>) -> impl FnMut(&ServerAnswer<'_>) + Send {
    |answer: &ServerAnswer<'_>| match answer {
        ServerAnswer::Capability(list) => announced.extend(capabilities(list)),
        ServerAnswer::Condition { status: ReplyStatus::Ok, text } => {
            announced.extend(named_capabilities(text));
        }
        _ => {}
    }
}

async fn log_in_by_name(
    link: &mut LiveConnection,
    login: &str,
    password: &SecretString,
    timeouts: CommandTimeouts,
    announced: &mut HashSet<String>,
) -> Result<TaggedReply, ImapError> {
    let command = Command::new(LOGIN, "LOGIN ".to_owned(), timeouts.connect).string(login)?.text(" ");
    link.run(command.string(password.expose_secret())?, timeouts.connect, noted(announced)).await
}

/// Logs in by token, in one line where the server takes it so (RFC 4959).
async fn with_token(
    link: &mut LiveConnection,
    endpoint: &ServerLogin,
    token: &SecretString,
    offered: &HashSet<String>,
    announced: &mut HashSet<String>,
) -> Result<TaggedReply, ImapError> {
    let mechanism = TokenMechanism::among(|name| offered.contains(&format!("AUTH={name}")));
    let words = endpoint.token_response(mechanism, token);
    let command = format!("AUTHENTICATE {}", mechanism.name());
    let to_error = mechanism.answer_to_error();
    let (mut reply, challenge) = if offered.contains("SASL-IR") {
        let command = Zeroizing::new(format!("{command} {}", BASE64_STANDARD.encode(words.as_bytes())));
        authenticate(link, &command, None, to_error, announced).await?
    } else {
        authenticate(link, &command, Some(words), to_error, announced).await?
    };
    let refusal = challenge.and_then(|challenge| tls::token_refusal(&challenge));
    if let (true, Some(refusal)) = (reply.status != CommandStatus::Ok, refusal) {
        reply.text = format!("{refusal} ({})", reply.text);
    }
    Ok(reply)
}

/// Answers the first challenge with the credentials, where there are some left to say, and any other, by which a server
/// reports an error, with `to_error`, so that it can say NO. Gives back what the server reported so.
async fn authenticate(
    link: &mut LiveConnection,
    command: &str,
    mut words: Option<Zeroizing<String>>,
    to_error: &str,
    announced: &mut HashSet<String>,
) -> Result<(TaggedReply, Option<Vec<u8>>), ImapError> {
    let tag = link.begin(LOGIN, command.as_bytes()).await?;
    let mut reported = None;
    loop {
        match link.step(LOGIN, &tag, &mut noted(announced)).await? {
            ResponseStep::Untagged => {}
            ResponseStep::Done(reply) => return Ok((reply, reported)),
            ResponseStep::Continue(challenge) => {
                let answer = match words.take() {
                    Some(words) => Zeroizing::new(BASE64_STANDARD.encode(words.as_bytes())),
                    None => {
                        reported = BASE64_STANDARD.decode(challenge.trim_ascii()).ok();
                        Zeroizing::new(BASE64_STANDARD.encode(to_error))
                    }
                };
                link.write(LOGIN, answer.as_bytes()).await?;
            }
        }
    }
}

/// A NO to the login, in the server's words.
fn login_error(endpoint: &ServerLogin, text: String) -> ImapError {
    let text = if text.is_empty() { "without a reason".to_owned() } else { text };
    if means_later(&text) {
        ImapError::Temporary { text }
    } else {
        ImapError::LoginRefused { login: endpoint.login.clone(), text }
    }
}
