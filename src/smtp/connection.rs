//! A connection to a submission server, from TCP to the login, and the mails that leave over it one after the other.
//!
//! What one mail leaves behind never reaches the next: a connection on which anything went otherwise than it should is
//! closed, one on which a mail was taken is reset before it is used again. Dropping it closes it.
//! Known limits: no PIPELINING, CHUNKING, SIZE or DSN.

use std::{io, sync::Arc};

use rustls::pki_types::ServerName;
use tokio::time::timeout;

use super::LoginOutcome;
use super::address::EnvelopeAddress;
use super::answer::{AnswerStream, SmtpAnswer, one_line};
use super::auth::log_in;
use super::capabilities::SmtpCapabilities;
use super::failure::CommandFailure;
use super::hello::{NAME_ADVICE, is_about_the_name, is_late_refusal_of_name, names_for_hello, with_advice};
use super::outcome::{DataDecision, Delivery, RefusedRecipient, is_permanent, provider_id};
use super::{SmtpTimeouts, Submission, SubmissionServer, consider};
use crate::tls::{self, Security, ServerLogin};

/// How much of a mail is written at once.
const PIECE: usize = 16 << 10;

/// A connection, logged in.
#[derive(Debug)]
pub struct SmtpConnection {
    stream: AnswerStream,
    capabilities: SmtpCapabilities,
    timeouts: SmtpTimeouts,
    host: String,
    /// Another mail may leave over it.
    is_usable: bool,
    login: LoginOutcome,
    /// Names to introduce oneself by that were not needed so far.
    other_names: Vec<String>,
}

/// At a domain that nobody has (RFC 2606).
const SOMEBODY_ELSE: &str = "postmaster@example.net";

/// Whether a recipient was refused because the server does not pass mail on.
fn is_no_relay(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("relay") || text.contains("5.7.") || text.contains("authenticat")
}

impl SmtpConnection {
    /// Connects and logs in; otherwise the outcome that a delivery would have had.
    pub async fn open<'a>(
        server: impl Into<SubmissionServer<'a>>,
        timeouts: SmtpTimeouts,
    ) -> Result<Self, Delivery> {
        let server = server.into();
        let silent = || Delivery::Unreachable { reason: "no answer in time".to_owned() };
        let greeted = timeout(timeouts.connect, Self::greet(server, timeouts)).await;
        let mut connection = greeted.unwrap_or_else(|_| Err(silent()))?;
        connection.login = log_in(&mut connection, server.login).await?;
        Ok(connection)
    }

    /// TCP, TLS, greeting and EHLO.
    async fn greet(server: SubmissionServer<'_>, timeouts: SmtpTimeouts) -> Result<Self, Delivery> {
        let endpoint = server.login;
        let tcp = tls::dial(endpoint, timeouts.connect)
            .await
            .map_err(|error| Delivery::Unreachable { reason: error.to_string() })?;
        let mut connection = Self {
            stream: AnswerStream::new(tcp),
            capabilities: SmtpCapabilities::default(),
            timeouts,
            host: endpoint.host.clone(),
            is_usable: true,
            login: LoginOutcome::NotOffered,
            other_names: Vec::new(),
        };
        if endpoint.security == Security::Tls {
            connection = connection.secured(endpoint).await?;
        }
        let greeting = connection.answer().await.map_err(CommandFailure::into_delivery)?;
        if !greeting.is_positive() {
            return Err(not_served(&greeting));
        }
        let names = names_for_hello(server.helo, &endpoint.login);
        let name = connection.hello(&names).await?;
        if endpoint.security == Security::StartTls {
            if !connection.capabilities.starttls {
                return Err(Delivery::Unreachable { reason: format!("{endpoint} does not offer STARTTLS") });
            }
            connection.command("STARTTLS").await.map_err(|failure| match failure {
                CommandFailure::Answer { text, permanent: true, .. } => {
                    Delivery::Unreachable { reason: text }
                }
                other => other.into_delivery(),
            })?;
            connection = connection.secured(endpoint).await?;
            // What was said in the open is forgotten (RFC 3207 section 4.2).
            connection.hello(std::slice::from_ref(&name)).await?;
        }
        connection.other_names = names.into_iter().skip_while(|one| *one != name).skip(1).collect();
        Ok(connection)
    }

    async fn secured(self, endpoint: &ServerLogin) -> Result<Self, Delivery> {
        let fail = |reason: String| Delivery::Unreachable { reason };
        let config = tls::client_config(endpoint.extra_ca.as_deref())
            .map_err(|error| fail(format!("TLS cannot be set up: {error}")))?;
        let name = ServerName::try_from(endpoint.host.clone())
            .map_err(|_| fail("the name cannot stand in a certificate".to_owned()))?;
        let Self { stream, timeouts, host, .. } = self;
        let (stream, thrown_away) =
            stream.into_tls(Arc::clone(&config), name).await.map_err(|error| tls_failed(&error))?;
        if thrown_away > 0 {
            tracing::warn!(%endpoint, bytes = thrown_away, "what came in the open after STARTTLS was thrown away");
        }
        let capabilities = SmtpCapabilities::default();
        let (login, other_names) = (LoginOutcome::NotOffered, Vec::new());
        Ok(Self { stream, capabilities, timeouts, host, is_usable: true, login, other_names })
    }

    /// EHLO, else HELO, under the first of the names that is accepted; returns it.
    async fn hello(&mut self, names: &[String]) -> Result<String, Delivery> {
        let mut refusal: Option<(String, bool)> = None;
        // A server from before EHLO refuses it under every name, in any words.
        let ways = names.iter().map(|name| ("EHLO", name)).chain(names.iter().map(|name| ("HELO", name)));
        for (verb, name) in ways {
            if verb == "HELO" && refusal.as_ref().is_some_and(|(text, _)| is_about_the_name(text)) {
                break;
            }
            match self.command(&format!("{verb} {name}")).await {
                Ok(answer) => {
                    if verb == "EHLO" {
                        self.capabilities = SmtpCapabilities::of(&answer);
                    }
                    return Ok(name.clone());
                }
                Err(CommandFailure::Answer { code: 400..500, text, .. }) if refusal.is_none() => {
                    return Err(Delivery::deferred(text));
                }
                // What EHLO was answered says most.
                Err(CommandFailure::Answer { text, permanent, .. }) => {
                    refusal.get_or_insert((text, permanent));
                }
                // A server that refuses a name and closes has said why.
                Err(CommandFailure::Lost(_)) if refusal.is_some() => break,
                Err(other) => return Err(other.into_delivery()),
            }
        }
        let (text, permanent) = refusal.unwrap_or_default();
        Err(if permanent {
            Delivery::Unreachable { reason: format!("{text} ({NAME_ADVICE})") }
        } else {
            Delivery::deferred(text)
        })
    }

    pub(super) fn login_outcome(&self) -> LoginOutcome {
        self.login
    }

    /// Whether mail from this address would be taken although nobody has logged in.
    pub(super) async fn ask_for_mail_without_login(&mut self, from: &str) -> Result<(), Delivery> {
        self.is_usable = false;
        match self.command(&format!("MAIL FROM:<{from}>")).await {
            Ok(_) => {}
            Err(CommandFailure::Answer { permanent: true, text, .. }) => {
                let offer = self.capabilities.no_way_for_passwords();
                let offer = offer.unwrap_or_else(|| "it offers no login (AUTH)".to_owned());
                let text = format!("{offer}, and takes no mail without one: {text}");
                return Err(Delivery::LoginRefused { text });
            }
            Err(other) => return Err(other.into_delivery()),
        }
        // Between servers mail for oneself is taken, too; for others it is not. Nothing is sent.
        match self.command(&format!("RCPT TO:<{SOMEBODY_ELSE}>")).await {
            Err(CommandFailure::Answer { permanent: true, text, .. }) if is_no_relay(&text) => {
                let text =
                    format!("it offers no login (AUTH), and takes no mail for others without one: {text}");
                Err(Delivery::LoginRefused { text })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn capabilities(&self) -> &SmtpCapabilities {
        &self.capabilities
    }

    /// Whether another mail may leave over it.
    pub(crate) fn is_usable(&self) -> bool {
        self.is_usable && !self.stream.is_out_of_step()
    }

    /// Makes it ready for another mail, which finds out whether it is still there.
    pub(crate) async fn reset(&mut self) -> bool {
        self.is_usable = self.is_usable() && !self.stream.has_spoken() && self.command("RSET").await.is_ok();
        self.is_usable
    }

    /// Hands over one message. `before_last_piece` is awaited when all but the end of the message has been handed over
    /// and the server still listens: the place to commit that it is about to leave, to all but the recipients that it is
    /// called with. A future that is dropped after that
    /// leaves the fate of the message unknown; dropped before, the message has left to nobody.
    pub(crate) async fn submit<F>(
        &mut self,
        submission: Submission<'_>,
        before_last_piece: impl FnOnce(&[RefusedRecipient]) -> F,
    ) -> Delivery
    where
        F: Future<Output = DataDecision>,
    {
        match self.hand_over(submission, before_last_piece).await {
            Ok(delivery) | Err(delivery) => {
                // A server that has said no once is asked afresh: what it goes by may change with the connection.
                self.is_usable &= matches!(delivery, Delivery::Accepted { .. });
                delivery
            }
        }
    }

    async fn hand_over<F>(
        &mut self,
        submission: Submission<'_>,
        before_last_piece: impl FnOnce(&[RefusedRecipient]) -> F,
    ) -> Result<Delivery, Delivery>
    where
        F: Future<Output = DataDecision>,
    {
        let refused = self.envelope(submission).await?;
        let answer = self.exchange("DATA").await.map_err(CommandFailure::into_delivery)?;
        match answer.code {
            354 => {}
            200..400 => {
                let reason = format!("it answers DATA with {}", answer.text());
                return Err(Delivery::Unreachable { reason });
            }
            _ => return Err(CommandFailure::of_answer(&answer).into_delivery()),
        }
        let limit = self.timeouts.final_dot;
        let message = stuffed(submission.bytes);
        let writing = self.write_message(&message);
        timeout(limit, writing)
            .await
            .unwrap_or_else(|_| Err(unreachable("the message was not taken in time")))?;
        if before_last_piece(&refused).await == DataDecision::Stop {
            self.is_usable = false;
            return Ok(Delivery::Stopped);
        }
        let answer = match timeout(limit, self.end_message()).await {
            Ok(answer) => answer?,
            Err(_) => return Err(uncertain("no answer to the message in time")),
        };
        self.of_last_answer(&answer, refused)
    }

    /// 250 to the final dot is acceptance, and nothing else. A server that refuses by now has had all of the message.
    fn of_last_answer(
        &mut self,
        answer: &SmtpAnswer,
        refused: Vec<RefusedRecipient>,
    ) -> Result<Delivery, Delivery> {
        let text = answer.words();
        match answer.code {
            250 => {
                Ok(Delivery::Accepted { provider_id: provider_id(&self.host, &text), answer: text, refused })
            }
            400..600 if is_permanent(answer.code, &text) => {
                Err(Delivery::Refused { text: answer.text(), recipients: Vec::new() })
            }
            400..600 => {
                self.is_usable &= answer.code != 421;
                Err(Delivery::Deferred {
                    text: answer.text(),
                    recipients: Vec::new(),
                    message_was_sent: true,
                })
            }
            _ => Err(uncertain(&format!("it answers the message with {}", answer.text()))),
        }
    }

    /// All of the message but its end. A server that answers or goes meanwhile has not taken it.
    async fn write_message(&mut self, message: &[u8]) -> Result<(), Delivery> {
        for piece in message.chunks(PIECE) {
            self.stream.write(piece).await.map_err(|error| unreachable(&lost(&error)))?;
        }
        Ok(())
    }

    async fn end_message(&mut self) -> Result<SmtpAnswer, Delivery> {
        if self.stream.has_spoken() {
            self.is_usable = false;
            return match self.stream.answer().await {
                Ok(answer) if answer.code >= 400 => Err(CommandFailure::of_answer(&answer).into_delivery()),
                Ok(answer) => Err(unreachable(&format!("it answers before the end: {}", answer.text()))),
                Err(error) => Err(unreachable(&error.to_string())),
            };
        }
        self.stream.write(END).await.map_err(|error| uncertain(&lost(&error)))?;
        self.stream.answer().await.map_err(|error| uncertain(&error.to_string()))
    }

    /// MAIL and all RCPT, once more under each other name where the server refuses the one that it was greeted by. The
    /// recipients that were refused, where the message may go on without them.
    async fn envelope(&mut self, submission: Submission<'_>) -> Result<Vec<RefusedRecipient>, Delivery> {
        loop {
            let refusal = match self.envelope_under_this_name(submission).await {
                Err(delivery) if self.is_usable && is_late_refusal_of_name(&delivery) => delivery,
                ended => return ended,
            };
            if self.other_names.is_empty() {
                return Err(with_advice(refusal));
            }
            let name = self.other_names.remove(0);
            // EHLO begins anew, whatever was said of a mail (RFC 5321 section 4.1.4); the login stays.
            let Ok(answer) = self.command(&format!("EHLO {name}")).await else {
                self.is_usable = false;
                return Err(with_advice(refusal));
            };
            self.capabilities = SmtpCapabilities::of(&answer);
        }
    }

    async fn envelope_under_this_name(
        &mut self,
        submission: Submission<'_>,
    ) -> Result<Vec<RefusedRecipient>, Delivery> {
        let refuse = |text: String| Delivery::Refused { text, recipients: Vec::new() };
        let from = EnvelopeAddress::of(submission.from)
            .ok_or_else(|| refuse(format!("{} is not an address that can send", submission.from)))?;
        let to: Vec<_> = submission.recipients.iter().map(|address| EnvelopeAddress::of(address)).collect();
        let parameters = self.mail_parameters(submission, &from, &to).map_err(refuse)?;
        match self.command(&format!("MAIL FROM:<{}>{parameters}", from.text)).await {
            Ok(_) => {}
            Err(CommandFailure::Answer { code: 530 | 535 | 538, text, .. }) => {
                let no_way = self
                    .capabilities
                    .no_way_for_passwords()
                    .filter(|_| self.login == LoginOutcome::NotOffered);
                let text = no_way.map_or(text.clone(), |offer| format!("{offer}: {text}"));
                return Err(Delivery::LoginRefused { text });
            }
            Err(other) => return Err(self.ended(other)),
        }
        let mut refused = Vec::new();
        for (address, wire) in submission.recipients.iter().zip(to) {
            match self.recipient(wire).await {
                Ok(()) => {}
                Err(failure @ CommandFailure::Answer { code: 421, .. }) => return Err(self.ended(failure)),
                Err(CommandFailure::Answer { permanent, text, .. }) => {
                    refused.push(RefusedRecipient { address: address.clone(), permanent, text });
                }
                Err(other) => return Err(self.ended(other)),
            }
        }
        consider(submission, refused)
    }

    /// After 421 the server closes.
    fn ended(&mut self, failure: CommandFailure) -> Delivery {
        self.is_usable &= matches!(failure, CommandFailure::Answer { code, .. } if code != 421);
        failure.into_delivery()
    }

    fn mail_parameters(
        &self,
        submission: Submission<'_>,
        from: &EnvelopeAddress,
        to: &[Option<EnvelopeAddress>],
    ) -> Result<String, String> {
        let mut parameters = String::new();
        // A recipient that the server cannot take is refused by itself, in `recipient`.
        if from.needs_utf8 && !self.capabilities.smtp_utf8 {
            return Err(format!("{}: the server takes only addresses in ASCII", from.text));
        }
        if self.capabilities.smtp_utf8 && (from.needs_utf8 || to.iter().flatten().any(|one| one.needs_utf8)) {
            parameters.push_str(" SMTPUTF8");
        }
        if !submission.bytes.is_ascii() {
            if !self.capabilities.eight_bit_mime {
                // Such an address stands in the header as well.
                let reason = match to.iter().flatten().find(|one| one.needs_utf8) {
                    Some(one) => format!("{}: the server takes only addresses in ASCII", one.text),
                    None => "the server takes 7-bit mail only".to_owned(),
                };
                return Err(reason);
            }
            parameters.push_str(" BODY=8BITMIME");
        }
        Ok(parameters)
    }

    async fn recipient(&mut self, to: Option<EnvelopeAddress>) -> Result<(), CommandFailure> {
        let refuse =
            |text: &str| CommandFailure::Answer { code: 553, permanent: true, text: text.to_owned() };
        let to = to.ok_or_else(|| refuse("not an address that mail can be sent to"))?;
        if to.needs_utf8 && !self.capabilities.smtp_utf8 {
            return Err(refuse("the server takes only addresses in ASCII"));
        }
        self.command(&format!("RCPT TO:<{}>", to.text)).await.map(drop)
    }

    /// A command and its answer, which has to be a positive one.
    async fn command(&mut self, command: &str) -> Result<SmtpAnswer, CommandFailure> {
        let answer = self.exchange(command).await?;
        if answer.is_positive() { Ok(answer) } else { Err(CommandFailure::of_answer(&answer)) }
    }

    /// A command and its answer, whatever it is.
    pub(super) async fn exchange(&mut self, command: &str) -> Result<SmtpAnswer, CommandFailure> {
        let bytes = secrecy::zeroize::Zeroizing::new(format!("{command}\r\n"));
        let limit = self.timeouts.command;
        let exchanged = async {
            self.stream.write(bytes.as_bytes()).await.map_err(|error| CommandFailure::Lost(lost(&error)))?;
            self.stream.answer().await.map_err(CommandFailure::from)
        };
        match timeout(limit, exchanged).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(failure)) => {
                self.is_usable = false;
                Err(failure)
            }
            Err(_) => {
                self.is_usable = false;
                Err(CommandFailure::Lost("no answer in time".to_owned()))
            }
        }
    }

    async fn answer(&mut self) -> Result<SmtpAnswer, CommandFailure> {
        self.stream.answer().await.map_err(CommandFailure::from)
    }

    /// Says goodbye, without waiting long: nothing depends on it.
    pub(crate) async fn leave(mut self) {
        if self.is_usable() {
            let _ = timeout(self.timeouts.quit, self.exchange("QUIT")).await;
        }
    }
}

/// What ends a message (RFC 5321 section 4.1.1.4): in one piece, the message's own last line end included.
const END: &[u8] = b"\r\n.\r\n";

/// The message with its dots doubled (RFC 5321 section 4.5.2), without its last line end.
fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let bytes = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
    let mut message = Vec::with_capacity(bytes.len() + 16);
    let mut at_start = true;
    for byte in bytes {
        if at_start && *byte == b'.' {
            message.push(b'.');
        }
        message.push(*byte);
        at_start = *byte == b'\n';
    }
    message
}

fn unreachable(reason: &str) -> Delivery {
    Delivery::Unreachable { reason: reason.to_owned() }
}

fn uncertain(reason: &str) -> Delivery {
    Delivery::Uncertain { reason: reason.to_owned() }
}

fn lost(error: &io::Error) -> String {
    one_line(&error.to_string())
}

/// A greeting that is none: the server serves nobody, or not us, for now.
fn not_served(greeting: &SmtpAnswer) -> Delivery {
    if (500..600).contains(&greeting.code) {
        unreachable(&format!("it greets with {}", greeting.text()))
    } else {
        Delivery::deferred(greeting.text())
    }
}

fn tls_failed(error: &io::Error) -> Delivery {
    match tls::certificate_reason(error) {
        Some(reason) => Delivery::CertificateRejected { reason },
        None => unreachable(&format!("no TLS: {error}")),
    }
}
