//! From an endpoint to a logged-in session: TCP, TLS or STARTTLS, greeting, login.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_imap::{
    Authenticator, Client,
    imap_proto::{Capability, Outcome, Response, Status},
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use rustls::pki_types::ServerName;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::{
    error::{ImapError, means_later},
    exec::{CommandTimeouts, GuardedStream, ImapSession, Socket, text_of},
    guard::Guard,
    quirk::Quirks,
};
use crate::tls::{self, Auth, Security, ServerLogin, TokenMechanism};

impl ImapSession {
    /// Connects and logs in, all of it within `timeouts.connect`.
    pub async fn connect(endpoint: &ServerLogin, timeouts: CommandTimeouts) -> Result<Self, ImapError> {
        let established = async {
            let client = greet(endpoint, timeouts.connect).await?;
            let session = log_in(client, endpoint).await?;
            Self::over(session, timeouts, Quirks::of(&endpoint.host)).await
        };
        timeout(timeouts.connect, established).await.unwrap_or(Err(ImapError::Timeout { what: "connecting" }))
    }
}

async fn greet(endpoint: &ServerLogin, timeout_after: Duration) -> Result<Client<GuardedStream>, ImapError> {
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
            let stream = secure(endpoint, tcp).await?;
            Ok(Client::new(wire(Box::new(stream)))) // no second greeting after STARTTLS
        }
    }
}

fn wire(socket: Box<dyn Socket>) -> GuardedStream {
    Guard::new(socket)
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

async fn welcome(
    endpoint: &ServerLogin,
    socket: Box<dyn Socket>,
) -> Result<Client<GuardedStream>, ImapError> {
    let mut client = Client::new(wire(socket));
    read_greeting(endpoint, &mut client).await?;
    Ok(client)
}

async fn read_greeting<S: Socket>(
    endpoint: &ServerLogin,
    client: &mut Client<Guard<S>>,
) -> Result<(), ImapError> {
    let greeting =
        client.read_response().await.map_err(|_| not_imap(endpoint))?.ok_or_else(|| not_imap(endpoint))?;
    match greeting.parsed() {
        Response::Data { status: Status::Ok, .. } => Ok(()),
        // A full or closing server says so instead of a welcome.
        Response::Data { status: Status::Bye, outcome } => {
            Err(ImapError::Temporary { text: text_of(outcome) })
        }
        _ => Err(not_imap(endpoint)),
    }
}

fn not_imap(endpoint: &ServerLogin) -> ImapError {
    unreachable(endpoint, "it does not greet as an IMAP server does")
}

async fn ask_for_tls(endpoint: &ServerLogin, tcp: TcpStream) -> Result<TcpStream, ImapError> {
    let mut client = Client::new(Guard::new(tcp));
    read_greeting(endpoint, &mut client).await?;
    let (accepted, _) = before_login(&mut client, "STARTTLS").await?;
    if !accepted {
        return Err(ImapError::NoStartTls { endpoint: endpoint.to_string() });
    }
    Ok(client.into_inner().into_inner())
}

/// One command before the login: whether it was OK, and the capabilities that came along.
///
/// The library's own way of running commands throws untagged answers away at this stage.
async fn before_login<S: Socket>(
    client: &mut Client<Guard<S>>,
    command: &'static str,
) -> Result<(bool, Vec<String>), ImapError> {
    let closed = |_| ImapError::Closed { what: command, text: None };
    let line = format!("B1 {command}\r\n");
    client.get_mut().write_all(line.as_bytes()).await.map_err(closed)?;
    client.get_mut().flush().await.map_err(closed)?;
    let mut capabilities = Vec::new();
    loop {
        let data = client
            .read_response()
            .await
            .map_err(|_| ImapError::Protocol { what: command })?
            .ok_or(ImapError::Closed { what: command, text: None })?;
        match data.parsed() {
            Response::Capabilities(list) => {
                capabilities.extend(list.iter().map(|capability| match capability {
                    Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
                    Capability::Auth(name) => format!("AUTH={}", name.to_uppercase()),
                    Capability::Atom(name) => name.to_uppercase(),
                }))
            }
            Response::Data { status: Status::Bye, outcome: Outcome { information, .. } } => {
                let text = information.as_deref().unwrap_or_default().to_owned();
                return Err(ImapError::Temporary { text });
            }
            Response::Done { status, .. } => return Ok((*status == Status::Ok, capabilities)),
            _ => {}
        }
    }
}

async fn log_in(
    mut client: Client<GuardedStream>,
    endpoint: &ServerLogin,
) -> Result<async_imap::Session<GuardedStream>, ImapError> {
    let outcome = match &endpoint.auth {
        Auth::XOAuth2(token) => return with_token(client, endpoint, token).await,
        Auth::Password(password) => {
            let (_, offered) = before_login(&mut client, "CAPABILITY").await?;
            let password = password.expose_secret();
            // A quoted string is ASCII without line ends; PLAIN takes everything but NUL.
            let quotable = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
            let plain = offered.iter().any(|name| name == "AUTH=PLAIN");
            let login = !offered.iter().any(|name| name == "LOGINDISABLED");
            if login && quotable(&endpoint.login) && quotable(password) || !plain {
                client.login(&endpoint.login, password).await
            } else {
                let words = Zeroizing::new(format!("\0{}\0{password}", endpoint.login));
                client.authenticate("PLAIN", SingleResponse::new(words)).await
            }
        }
    };
    outcome.map_err(|(error, _)| login_error(endpoint, error))
}

/// Logs in by token, in one line where the server takes it so (RFC 4959).
async fn with_token(
    mut client: Client<GuardedStream>,
    endpoint: &ServerLogin,
    token: &SecretString,
) -> Result<async_imap::Session<GuardedStream>, ImapError> {
    let (_, offered) = before_login(&mut client, "CAPABILITY").await?;
    let offers = |name: &str| offered.iter().any(|offered| offered == name);
    let mechanism = TokenMechanism::among(|name| offers(&format!("AUTH={name}")));
    let words = endpoint.token_response(mechanism, token);
    let refusal = Arc::new(Mutex::new(None));
    let answers = TokenAnswers { words: None, mechanism, refusal: Arc::clone(&refusal) };
    let outcome = if offers("SASL-IR") {
        // The library sends what follows the mechanism's name along with it.
        let command = Zeroizing::new(format!("{} {}", mechanism.name(), BASE64.encode(words.as_bytes())));
        client.authenticate(command.as_str(), answers).await
    } else {
        client.authenticate(mechanism.name(), TokenAnswers { words: Some(words), ..answers }).await
    };
    outcome.map_err(|(error, _)| {
        let error = login_error(endpoint, error);
        let refusal = refusal.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (error, refusal) {
            (ImapError::LoginRefused { login, text }, Some(refusal)) => {
                ImapError::LoginRefused { login, text: format!("{refusal} ({text})") }
            }
            (error, _) => error,
        }
    })
}

/// Answers the first challenge with the token, unless it was sent already, and an error so that the server can say NO.
struct TokenAnswers {
    words: Option<Zeroizing<String>>,
    mechanism: TokenMechanism,
    /// The server's error, in words.
    refusal: Arc<Mutex<Option<String>>>,
}

impl Authenticator for TokenAnswers {
    type Response = Zeroizing<String>;

    fn process(&mut self, challenge: &[u8]) -> Zeroizing<String> {
        if let Some(words) = self.words.take() {
            return words;
        }
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = tls::token_refusal(challenge);
        Zeroizing::new(self.mechanism.answer_to_error().to_owned())
    }
}

fn login_error(endpoint: &ServerLogin, error: async_imap::error::Error) -> ImapError {
    use async_imap::error::Error;
    match error {
        Error::No(text) | Error::Bad(text) => {
            let text = words(&text);
            if means_later(&text) {
                ImapError::Temporary { text }
            } else {
                ImapError::LoginRefused { login: endpoint.login.clone(), text }
            }
        }
        Error::Io(_) | Error::ConnectionLost => ImapError::Closed { what: "the login", text: None },
        Error::Validate(_) => ImapError::BadArgument { what: "the login" },
        _ => ImapError::Protocol { what: "the login" },
    }
}

/// The server's words out of the library's `code: .., info: Some("..")`.
fn words(text: &str) -> String {
    let inner = text.split_once("info: Some(\"").and_then(|(_, rest)| rest.strip_suffix("\")"));
    inner.map_or_else(|| "without a reason".to_owned(), |inner| inner.replace("\\\"", "\""))
}

/// Answers the first challenge with the credentials, and any other with nothing.
struct SingleResponse(Option<Zeroizing<String>>);

impl SingleResponse {
    fn new(words: Zeroizing<String>) -> Self {
        Self(Some(words))
    }
}

impl Authenticator for SingleResponse {
    type Response = Zeroizing<String>;

    fn process(&mut self, _: &[u8]) -> Zeroizing<String> {
        self.0.take().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn the_servers_words_are_found_in_the_librarys_error() {
        assert_eq!(
            words(r#"code: None, info: Some("[AUTHENTICATIONFAILED] No.")"#),
            "[AUTHENTICATIONFAILED] No."
        );
        assert_eq!(words("code: None, info: None"), "without a reason");
    }
}
