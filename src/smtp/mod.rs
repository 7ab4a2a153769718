//! Submission: hands one message to one server and names the outcome. lettre's connection stays in here.
//!
//! Every delivery has a connection of its own and owns its phases: everything up to the answers to RCPT,
//! then the caller's consent, then DATA. lettre's `send` is not used: it gives the same error for a
//! connection lost before DATA and after the final dot, and one refused recipient ends it. Nor is its
//! pool, which goes on with a desynchronised connection after a cancelled delivery.
//!
//! Known limits: SIZE is not announced (lettre does not report the extension; our mails are small); no
//! PIPELINING, CHUNKING or DSN; it introduces itself as `[127.0.0.1]`, so no machine's name leaks.

mod outcome;

use std::{
    error::Error as _,
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, TlsParameters},
        commands::{Data, Ehlo, Mail, Quit, Rcpt, Rset},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
        response::Response,
    },
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;

pub use self::outcome::{DataDecision, Delivery, RefusalPolicy, RefusedRecipient};
use self::outcome::{is_permanent, provider_id};
use crate::tls::{self, Auth, Security, ServerLogin, TokenMechanism};

/// How long to wait for what, counted monotonically (RFC 5321 section 4.5.3.2, shortened where people
/// wait for it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmtpTimeouts {
    /// TCP, TLS, greeting and EHLO, together.
    pub connect: Duration,
    /// The login, and each of MAIL, RCPT and DATA.
    pub command: Duration,
    /// From the first byte of the message to the answer to the final dot.
    pub final_dot: Duration,
    pub quit: Duration,
}

impl Default for SmtpTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(60),
            command: Duration::from_secs(120),
            final_dot: Duration::from_secs(600),
            quit: Duration::from_secs(3),
        }
    }
}

/// A message and where it goes.
#[derive(Clone, Copy, Debug)]
pub struct Submission<'a> {
    /// The envelope's sender.
    pub from: &'a str,
    /// The envelope's recipients, Cc and Bcc included.
    pub recipients: &'a [String],
    /// The message with CRLF line ends, without dot-stuffing.
    pub bytes: &'a [u8],
    /// What happens where some of the recipients are refused.
    pub on_refusal: RefusalPolicy,
}

/// Hands a message to the server. `before_data` is awaited when all is ready, right before DATA: the
/// place to commit that the message is about to leave. A future that is dropped after that leaves the fate
/// of the message unknown; dropped before, the message has left to nobody.
pub async fn deliver<F>(
    endpoint: &ServerLogin,
    submission: Submission<'_>,
    timeouts: SmtpTimeouts,
    before_data: impl FnOnce() -> F,
) -> Delivery
where
    F: Future<Output = DataDecision>,
{
    match submit(endpoint, submission, timeouts, before_data).await {
        Ok(delivery) | Err(delivery) => delivery,
    }
}

/// What a server had to do with the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginOutcome {
    LoggedIn,
    /// A relay that knows its neighbours. One that does not says 530 to MAIL.
    NotOffered,
}

/// Connects and logs in, and leaves again: whether submission would work, else the outcome that a delivery would have
/// had. A server that offers no login is asked whether it takes mail of this sender without one.
pub async fn probe(endpoint: &ServerLogin, timeouts: SmtpTimeouts) -> Result<LoginOutcome, Delivery> {
    let mut line = SmtpConnection::open(endpoint, timeouts).await?;
    let login = line.log_in(endpoint).await?;
    if let (LoginOutcome::NotOffered, Ok(from)) = (login, endpoint.login.parse::<Address>()) {
        match line.command(Mail::new(Some(from), Vec::new())).await {
            Err(CommandFailure::Answer { permanent: true, text, .. }) => {
                let text = format!("it offers no login (AUTH), and takes no mail without one: {text}");
                return Err(Delivery::LoginRefused { text });
            }
            Err(other) => return Err(other.into_delivery()),
            Ok(_) => {}
        }
    }
    line.leave().await;
    Ok(login)
}

async fn submit<F>(
    endpoint: &ServerLogin,
    submission: Submission<'_>,
    timeouts: SmtpTimeouts,
    before_data: impl FnOnce() -> F,
) -> Result<Delivery, Delivery>
where
    F: Future<Output = DataDecision>,
{
    let mut line = SmtpConnection::open(endpoint, timeouts).await?;
    line.log_in(endpoint).await?;
    let refused = match line.envelope(submission).await {
        Ok(refused) => refused,
        Err(delivery) => {
            line.leave().await;
            return Err(delivery);
        }
    };
    if before_data().await == DataDecision::Stop {
        line.leave().await;
        return Ok(Delivery::Stopped);
    }
    line.command(Data).await.map_err(CommandFailure::into_delivery)?;
    let answer = line.content(submission.bytes).await?;
    line.leave().await;
    let text = words(&answer);
    Ok(Delivery::Accepted { provider_id: provider_id(&endpoint.host, &text), answer: text, refused })
}

/// One connection. Dropping it closes it; after any time-out that is the only thing left to do with it.
struct SmtpConnection {
    connection: AsyncSmtpConnection,
    timeouts: SmtpTimeouts,
}

impl SmtpConnection {
    async fn open(endpoint: &ServerLogin, timeouts: SmtpTimeouts) -> Result<Self, Delivery> {
        let address = (endpoint.host.as_str(), endpoint.port);
        let opening = async {
            let hello = ClientId::default();
            let direct = match endpoint.security {
                Security::Tls => Some(tls_parameters(endpoint)?),
                Security::StartTls | Security::Plain => None,
            };
            let opened =
                AsyncSmtpConnection::connect_tokio1(address, Some(timeouts.connect), &hello, direct, None)
                    .await;
            let mut connection = opened.map_err(opening_failed)?;
            if endpoint.security == Security::StartTls {
                if !connection.can_starttls() {
                    return Err(Delivery::Unreachable {
                        reason: format!("{endpoint} does not offer STARTTLS"),
                    });
                }
                connection.starttls(tls_parameters(endpoint)?, &hello).await.map_err(opening_failed)?;
            }
            Ok(Self { connection, timeouts })
        };
        let silent = || Delivery::Unreachable { reason: "no answer in time".to_owned() };
        timeout(timeouts.connect, opening).await.unwrap_or_else(|_| Err(silent()))
    }

    async fn log_in(&mut self, endpoint: &ServerLogin) -> Result<LoginOutcome, Delivery> {
        let mechanism = token_mechanism(&mut self.connection, &endpoint.auth).await;
        let server = self.connection.server_info();
        let mechanisms = [Mechanism::Plain, Mechanism::Login, Mechanism::Xoauth2];
        if mechanism.is_none()
            && !mechanisms.iter().any(|mechanism| server.supports_auth_mechanism(*mechanism))
        {
            return Ok(LoginOutcome::NotOffered);
        }
        let outcome = match &endpoint.auth {
            Auth::Password(password) => {
                // lettre takes the password as a plain string, which lives as long as this login.
                let credentials =
                    Credentials::new(endpoint.login.clone(), password.expose_secret().to_owned());
                let login = self.connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
                timeout(self.timeouts.command, login).await
            }
            Auth::XOAuth2(token) => {
                let Some(mechanism) = mechanism else {
                    let text = "the server takes no tokens: it offers neither XOAUTH2 nor OAUTHBEARER";
                    return Err(Delivery::LoginRefused { text: text.to_owned() });
                };
                let login = with_token(&mut self.connection, endpoint, mechanism, token);
                match timeout(self.timeouts.command, login).await {
                    Ok(Err(TokenLoginFailure::Refused(text))) => return Err(Delivery::LoginRefused { text }),
                    Ok(Err(TokenLoginFailure::Connection(error))) => Ok(Err(error)),
                    Ok(Ok(answer)) => Ok(Ok(answer)),
                    Err(late) => Err(late),
                }
            }
        };
        let Ok(outcome) = outcome else {
            return Err(CommandFailure::Lost("no answer to the login in time".to_owned()).into_delivery());
        };
        match outcome.map_err(CommandFailure::from) {
            Ok(_) => Ok(LoginOutcome::LoggedIn),
            Err(CommandFailure::Answer { permanent: true, text, .. }) => Err(Delivery::LoginRefused { text }),
            Err(CommandFailure::Ours(text)) => Err(Delivery::LoginRefused { text }),
            Err(other) => Err(other.into_delivery()),
        }
    }

    /// MAIL and all RCPT. The recipients that were refused, where the message may go on without them.
    async fn envelope(&mut self, submission: Submission<'_>) -> Result<Vec<RefusedRecipient>, Delivery> {
        let refuse = |text: String| Delivery::Refused { text, recipients: Vec::new() };
        let from: Address = submission
            .from
            .parse()
            .map_err(|_| refuse(format!("{} is not an address that can send", submission.from)))?;
        let mail = Mail::new(Some(from), self.mail_parameters(submission).map_err(refuse)?);
        match self.command(mail).await {
            Ok(_) => {}
            Err(CommandFailure::Answer { code: 530 | 535 | 538, text, .. }) => {
                return Err(Delivery::LoginRefused { text });
            }
            Err(other) => return Err(other.into_delivery()),
        }
        let mut refused = Vec::new();
        for address in submission.recipients {
            match self.recipient(address).await {
                Ok(()) => {}
                Err(CommandFailure::Answer { code: 421, text, .. }) => {
                    return Err(Delivery::Deferred { text, recipients: Vec::new() });
                }
                Err(CommandFailure::Answer { permanent, text, .. }) => {
                    refused.push(RefusedRecipient { address: address.clone(), permanent, text });
                }
                Err(other) => return Err(other.into_delivery()),
            }
        }
        consider(submission, refused)
    }

    fn mail_parameters(&self, submission: Submission<'_>) -> Result<Vec<MailParameter>, String> {
        let server = self.connection.server_info();
        let mut parameters = Vec::new();
        // An address that the server cannot take is refused one by one, in `recipient`.
        let international =
            !submission.from.is_ascii() || !submission.recipients.iter().all(|address| address.is_ascii());
        if international && server.supports_feature(Extension::SmtpUtfEight) {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !submission.bytes.is_ascii() {
            if !server.supports_feature(Extension::EightBitMime) {
                return Err("the server takes 7-bit mail only".to_owned());
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }

    async fn recipient(&mut self, address: &str) -> Result<(), CommandFailure> {
        let refuse =
            |text: &str| CommandFailure::Answer { code: 553, permanent: true, text: text.to_owned() };
        let to: Address = address.parse().map_err(|_| refuse("not an address that mail can be sent to"))?;
        if !address.is_ascii() && !self.connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(refuse("the server takes only addresses in ASCII"));
        }
        self.command(Rcpt::new(to, Vec::new())).await.map(|_| ())
    }

    async fn command(&mut self, command: impl fmt::Display) -> Result<Response, CommandFailure> {
        match timeout(self.timeouts.command, self.connection.command(command)).await {
            Ok(outcome) => outcome.map_err(CommandFailure::from),
            Err(_) => Err(CommandFailure::Lost("no answer in time".to_owned())),
        }
    }

    /// The message and the final dot. Lost before the dot is `Unreachable`, after it `Uncertain`.
    async fn content(&mut self, bytes: &[u8]) -> Result<Response, Delivery> {
        // lettre ends the message with CRLF and dot whether or not it ends with CRLF already; without
        // this every message would arrive an empty line longer than it was.
        let bytes = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
        let dot_is_next = AtomicBool::new(false);
        let pieces = bytes.chunks(16 << 10).map(Some).chain(std::iter::once(None)).map_while(|piece| {
            if piece.is_none() {
                dot_is_next.store(true, Ordering::Relaxed);
            }
            piece
        });
        let sending = self.connection.message_iter(pieces);
        let lost = match timeout(self.timeouts.final_dot, sending).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => match CommandFailure::from(error) {
                CommandFailure::Lost(reason) | CommandFailure::Ours(reason) => reason,
                answer @ CommandFailure::Answer { .. } => return Err(answer.into_delivery()),
            },
            Err(_) => "no answer to the message in time".to_owned(),
        };
        Err(if dot_is_next.load(Ordering::Relaxed) {
            Delivery::Uncertain { reason: lost }
        } else {
            Delivery::Unreachable { reason: lost }
        })
    }

    /// Takes back what was begun and says goodbye, without waiting long: nothing depends on it.
    async fn leave(mut self) {
        let quit = async {
            if self.connection.command(Rset).await.is_ok() {
                let _ = self.connection.command(Quit).await;
            }
        };
        let _ = timeout(self.timeouts.quit, quit).await;
    }
}

/// Whether the message goes on, given who was refused.
fn consider(
    submission: Submission<'_>,
    refused: Vec<RefusedRecipient>,
) -> Result<Vec<RefusedRecipient>, Delivery> {
    let some_are_left = refused.len() < submission.recipients.len();
    if some_are_left && (refused.is_empty() || submission.on_refusal == RefusalPolicy::AcceptedRecipientsOnly)
    {
        return Ok(refused);
    }
    let permanent = match submission.on_refusal {
        RefusalPolicy::AllOrNobody => refused.iter().any(|recipient| recipient.permanent),
        RefusalPolicy::AcceptedRecipientsOnly => refused.iter().all(|recipient| recipient.permanent),
    };
    let decisive = refused.iter().find(|recipient| recipient.permanent == permanent);
    let text =
        decisive.map_or_else(|| "no recipients".to_owned(), |one| format!("{}: {}", one.address, one.text));
    Err(if permanent {
        Delivery::Refused { text, recipients: refused }
    } else {
        Delivery::Deferred { text, recipients: refused }
    })
}

fn tls_parameters(endpoint: &ServerLogin) -> Result<TlsParameters, Delivery> {
    let fail = |error: Error| Delivery::Unreachable { reason: format!("TLS cannot be set up: {error}") };
    let mut builder = TlsParameters::builder(endpoint.host.clone());
    if let Some(pem) = &endpoint.extra_ca {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(fail)?);
    }
    builder.build_rustls().map_err(fail)
}

fn opening_failed(error: Error) -> Delivery {
    match tls::certificate_reason(&error) {
        Some(reason) => Delivery::CertificateRejected { reason },
        None => CommandFailure::from(error).into_delivery(),
    }
}

/// How the server wants a token, if that is what there is and if it takes any.
async fn token_mechanism(connection: &mut AsyncSmtpConnection, auth: &Auth) -> Option<TokenMechanism> {
    let Auth::XOAuth2(_) = auth else { return None };
    if connection.server_info().supports_auth_mechanism(Mechanism::Xoauth2) {
        return Some(TokenMechanism::XOAuth2);
    }
    // lettre does not keep OAUTHBEARER of what the server said.
    let hello = connection.command(Ehlo::new(ClientId::default())).await.ok()?;
    let offers_bearer = hello.message().any(|line| {
        let mut words = line.split_whitespace();
        words.next().is_some_and(|word| word.eq_ignore_ascii_case("AUTH"))
            && words.any(|word| word.eq_ignore_ascii_case("OAUTHBEARER"))
    });
    offers_bearer.then_some(TokenMechanism::OAuthBearer)
}

/// Why a login by token came to nothing.
enum TokenLoginFailure {
    /// The server's reason, with what it said about the token.
    Refused(String),
    Connection(Error),
}

/// lettre gives up at the error challenge of the mechanisms for tokens; an answer to it brings the server's reason.
async fn with_token(
    connection: &mut AsyncSmtpConnection,
    endpoint: &ServerLogin,
    mechanism: TokenMechanism,
    token: &SecretString,
) -> Result<Response, TokenLoginFailure> {
    let words = BASE64.encode(endpoint.token_response(mechanism, token).as_bytes());
    let name = mechanism.name();
    let answer = connection.command(format!("AUTH {name} {words}\r\n")).await;
    let answer = answer.map_err(TokenLoginFailure::Connection)?;
    if !answer.has_code(334) {
        return Ok(answer);
    }
    let document = BASE64.decode(answer.first_word().unwrap_or_default()).unwrap_or_default();
    let refusal = tls::token_refusal(&document).unwrap_or_else(|| "the token was not taken".to_owned());
    let end = BASE64.encode(mechanism.answer_to_error());
    match connection.command(format!("{end}\r\n")).await.map_err(CommandFailure::from) {
        Ok(answer) => Ok(answer),
        Err(CommandFailure::Answer { permanent: true, text, .. }) => {
            Err(TokenLoginFailure::Refused(format!("{refusal} ({text})")))
        }
        Err(CommandFailure::Answer { .. } | CommandFailure::Lost(_) | CommandFailure::Ours(_)) => {
            Err(TokenLoginFailure::Refused(refusal))
        }
    }
}

/// Everything but a positive answer.
enum CommandFailure {
    Answer {
        code: u16,
        permanent: bool,
        text: String,
    },
    Lost(String),
    /// lettre's own refusal, before anything was sent.
    Ours(String),
}

impl From<Error> for CommandFailure {
    fn from(error: Error) -> Self {
        let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        match error.status() {
            Some(code) => {
                let code = u16::from(code);
                let text = one_line(&reason);
                Self::Answer { code, permanent: is_permanent(code, &text), text: format!("{code} {text}") }
            }
            None if error.is_client() => Self::Ours(one_line(&reason)),
            None if error.is_response() => {
                Self::Lost("the server's answer cannot be read, or is missing".to_owned())
            }
            None => Self::Lost(one_line(&reason)),
        }
    }
}

impl CommandFailure {
    /// As an outcome of anything before the message itself.
    fn into_delivery(self) -> Delivery {
        match self {
            Self::Answer { permanent: true, text, .. } => Delivery::Refused { text, recipients: Vec::new() },
            Self::Answer { text, .. } => Delivery::Deferred { text, recipients: Vec::new() },
            Self::Lost(reason) | Self::Ours(reason) => Delivery::Unreachable { reason },
        }
    }
}

fn words(response: &Response) -> String {
    one_line(&response.message().collect::<Vec<_>>().join(" "))
}

fn one_line(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(500).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests;
