//! The submission server: one session, RFC 5321 with AUTH PLAIN, LOGIN and XOAUTH2 (RFC 4954), on smtp-proto.
//!
//! Takes mail for local users only, after a login. Known limits: no TLS, no CHUNKING, no DSN; the sender's
//! address is not compared with the login.

use std::io;
use std::sync::Arc;

use smtp_proto::request::receiver::DataReceiver;
use smtp_proto::{
    AUTH_LOGIN, AUTH_PLAIN, AUTH_XOAUTH2, EXT_8BIT_MIME, EXT_AUTH, EXT_ENHANCED_STATUS_CODES, EXT_PIPELINING,
    EXT_SIZE, EXT_SMTP_UTF8, EhloResponse, Error, Request,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::MAX_MAIL;
use super::faults::SmtpFault;
use super::mailbox::{IncomingMail, SharedState};
use super::sasl::{self, SaslLogin};

const MAX_LINE: usize = 4096;
const MAX_RECIPIENTS: usize = 1000;
const HOST: &str = "smtp.sandbox.test";

/// Whether the session goes on.
enum SmtpFlow {
    Go,
    Close,
}

struct FakeSmtpSession {
    stream: TcpStream,
    shared: Arc<SharedState>,
    /// Bytes read and not yet used.
    input: Vec<u8>,
    helo: String,
    login: Option<String>,
    from: Option<String>,
    to: Vec<String>,
}

/// Serves one connection until it ends. Errors are those of the socket.
pub(super) async fn serve(stream: TcpStream, shared: Arc<SharedState>) -> io::Result<()> {
    let mut session = FakeSmtpSession {
        stream,
        shared,
        input: Vec::new(),
        helo: String::new(),
        login: None,
        from: None,
        to: Vec::new(),
    };
    if session.fault(|fault| (*fault == SmtpFault::DropAtGreeting).then_some(())).is_some() {
        return Ok(());
    }
    session.send_line(&format!("220 {HOST} ESMTP")).await?;
    while let Some(line) = session.line().await? {
        session.shared.step()?;
        let mut bytes = line.iter();
        let next = match Request::parse(&mut bytes) {
            Ok(request) => session.answer(request.into_owned()).await?,
            Err(error) => session.complain(&error).await?,
        };
        if matches!(next, SmtpFlow::Close) {
            break;
        }
    }
    Ok(())
}

impl FakeSmtpSession {
    async fn send_line(&mut self, line: &str) -> io::Result<SmtpFlow> {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        Ok(SmtpFlow::Go)
    }

    fn fault<T>(&self, wanted: impl Fn(&SmtpFault) -> Option<T>) -> Option<T> {
        self.shared.lock().faults.smtp(wanted)
    }

    /// More input; `false` at the end of the stream.
    async fn read(&mut self) -> io::Result<bool> {
        Ok(self.stream.read_buf(&mut self.input).await? > 0)
    }

    /// One line with its end; `None` at the end of the stream or where a line is too long.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = self.input.iter().take(MAX_LINE).position(|b| *b == b'\n') {
                return Ok(Some(self.input.drain(..=end).collect()));
            }
            if self.input.len() >= MAX_LINE {
                self.send_line("500 5.5.2 line too long").await?;
                return Ok(None);
            }
            if !self.read().await? {
                return Ok(None);
            }
        }
    }

    async fn complain(&mut self, error: &Error) -> io::Result<SmtpFlow> {
        let answer = match error {
            Error::UnknownCommand => "500 5.5.1 unknown command",
            Error::InvalidSenderAddress => "501 5.1.7 that is no sender address",
            Error::InvalidRecipientAddress => "501 5.1.3 that is no recipient address",
            _ => "501 5.5.4 syntax error",
        };
        self.send_line(answer).await
    }

    async fn answer(&mut self, request: Request<String>) -> io::Result<SmtpFlow> {
        match request {
            Request::Ehlo { host } => {
                self.helo = host;
                self.reset();
                self.greet().await
            }
            Request::Helo { host } => {
                self.helo = host;
                self.reset();
                self.send_line(&format!("250 {HOST}")).await
            }
            Request::Auth { mechanism, initial_response } => {
                self.authenticate(mechanism, initial_response).await
            }
            Request::Mail { from } => self.mail(from.address).await,
            Request::Rcpt { to } => self.rcpt(to.address).await,
            Request::Data => self.data().await,
            Request::Rset => {
                self.reset();
                self.send_line("250 2.0.0 forgotten").await
            }
            Request::Noop { .. } => self.send_line("250 2.0.0 nothing done").await,
            Request::Vrfy { .. } => self.send_line("252 2.5.0 send it and see").await,
            Request::Quit => {
                if self.fault(|fault| (*fault == SmtpFault::StallQuit).then_some(())).is_some() {
                    return self.stall().await;
                }
                self.send_line("221 2.0.0 bye").await?;
                Ok(SmtpFlow::Close)
            }
            _ => self.send_line("502 5.5.1 not here").await,
        }
    }

    fn reset(&mut self) {
        self.from = None;
        self.to.clear();
    }

    async fn greet(&mut self) -> io::Result<SmtpFlow> {
        let mut greeting = EhloResponse::new(HOST);
        greeting.capabilities =
            EXT_AUTH | EXT_8BIT_MIME | EXT_PIPELINING | EXT_SIZE | EXT_SMTP_UTF8 | EXT_ENHANCED_STATUS_CODES;
        greeting.auth_mechanisms = AUTH_PLAIN | AUTH_LOGIN | AUTH_XOAUTH2;
        greeting.size = MAX_MAIL;
        let mut answer = Vec::new();
        greeting.write(&mut answer)?;
        self.stream.write_all(&answer).await?;
        Ok(SmtpFlow::Go)
    }

    /// The client's base64 answer to a challenge, decoded; `None` where it is none.
    async fn challenge(&mut self, challenge: &str) -> io::Result<Option<String>> {
        self.send_line(&format!("334 {challenge}")).await?;
        let line = self.line().await?.unwrap_or_default();
        Ok(sasl::decoded(&String::from_utf8_lossy(&line)))
    }

    async fn authenticate(&mut self, mechanism: u64, initial: String) -> io::Result<SmtpFlow> {
        let proof = match mechanism {
            AUTH_PLAIN | AUTH_XOAUTH2 => {
                let words =
                    if initial.is_empty() { self.challenge("").await? } else { sasl::decoded(&initial) };
                words.and_then(|words| {
                    if mechanism == AUTH_PLAIN { sasl::plain(&words) } else { sasl::xoauth2(&words) }
                })
            }
            AUTH_LOGIN => {
                let login = if initial.is_empty() {
                    self.challenge("VXNlcm5hbWU6").await?
                } else {
                    sasl::decoded(&initial)
                };
                let secret = self.challenge("UGFzc3dvcmQ6").await?;
                login.zip(secret).map(|(login, secret)| SaslLogin { login, secret })
            }
            _ => return self.send_line("504 5.5.4 PLAIN, LOGIN or XOAUTH2").await,
        };
        let refusal = self.fault(|fault| match fault {
            SmtpFault::RefuseLogin(answer) => Some(answer.clone()),
            _ => None,
        });
        if let Some(answer) = refusal {
            return self.send_line(&answer).await;
        }
        self.login = proof.and_then(|proof| self.shared.lock().login(&proof.login, &proof.secret));
        if self.login.is_none() && mechanism == AUTH_XOAUTH2 {
            self.challenge(sasl::XOAUTH2_FAILURE).await?;
        }
        match self.login {
            Some(_) => self.send_line("235 2.7.0 welcome").await,
            None => self.send_line("535 5.7.8 user name or password is wrong").await,
        }
    }

    async fn mail(&mut self, from: String) -> io::Result<SmtpFlow> {
        if self.login.is_none() {
            return self.send_line("530 5.7.0 log in first").await;
        }
        if self.from.is_some() {
            return self.send_line("503 5.5.1 there is a sender already").await;
        }
        let refusal = self.fault(|fault| match fault {
            SmtpFault::RefuseSender(answer) => Some(answer.clone()),
            _ => None,
        });
        if let Some(answer) = refusal {
            return self.send_line(&answer).await;
        }
        self.from = Some(from);
        self.send_line("250 2.1.0 sender noted").await
    }

    async fn rcpt(&mut self, to: String) -> io::Result<SmtpFlow> {
        if self.from.is_none() {
            return self.send_line("503 5.5.1 MAIL first").await;
        }
        if self.to.len() >= MAX_RECIPIENTS {
            return self.send_line("452 4.5.3 too many recipients").await;
        }
        let (refusal, known) = {
            let mut state = self.shared.lock();
            (state.faults.recipient(&to), state.user(&to).is_some())
        };
        match refusal {
            Some(answer) => self.send_line(&answer).await,
            None if !known => self.send_line(&format!("550 5.1.1 <{to}>: no such user here")).await,
            None => {
                self.to.push(to);
                self.send_line("250 2.1.5 recipient noted").await
            }
        }
    }

    async fn data(&mut self) -> io::Result<SmtpFlow> {
        if self.from.is_none() || self.to.is_empty() {
            return self.send_line("503 5.5.1 MAIL and RCPT first").await;
        }
        let refusal = self.fault(|fault| match fault {
            SmtpFault::RefuseData(answer) => Some(answer.clone()),
            _ => None,
        });
        if let Some(answer) = refusal {
            return self.send_line(&answer).await;
        }
        self.send_line("354 end with a dot").await?;
        if self.fault(|fault| (*fault == SmtpFault::DropInData).then_some(())).is_some() {
            self.read().await?;
            return Ok(SmtpFlow::Close);
        }
        match self.body().await? {
            None => Ok(SmtpFlow::Close),
            Some(raw) if raw.len() > MAX_MAIL => {
                self.reset();
                self.send_line("552 5.3.4 too big").await
            }
            Some(raw) => self.accept(&raw).await,
        }
    }

    /// The mail without its dots; over [`MAX_MAIL`] bytes only as many as show that. `None`: the stream ended.
    async fn body(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut receiver = DataReceiver::new();
        // The receiver looks for dots after a line end: a dot in the very first line needs one before it.
        receiver.ingest(&mut b"\r\n".iter(), &mut Vec::new());
        let mut raw = Vec::new();
        let mut too_big = false;
        loop {
            let mut bytes = self.input.iter();
            let done = receiver.ingest(&mut bytes, &mut raw);
            let left = bytes.as_slice().len();
            self.input.drain(..self.input.len() - left);
            if raw.len() > MAX_MAIL {
                too_big = true;
            }
            if too_big && !done {
                raw.truncate(1);
            }
            if done {
                raw.resize(if too_big { MAX_MAIL + 1 } else { raw.len() }, 0);
                return Ok(Some(raw));
            }
            if !self.read().await? {
                return Ok(None);
            }
        }
    }

    async fn accept(&mut self, raw: &[u8]) -> io::Result<SmtpFlow> {
        let fault = self.fault(|fault| match fault {
            SmtpFault::DropAtDot
            | SmtpFault::SwallowAck
            | SmtpFault::StallAck
            | SmtpFault::AcceptAndSay(_)
            | SmtpFault::RefuseMail(_) => Some(fault.clone()),
            _ => None,
        });
        match &fault {
            Some(SmtpFault::DropAtDot) => return Ok(SmtpFlow::Close),
            Some(SmtpFault::RefuseMail(answer)) => {
                self.reset();
                return self.send_line(answer).await;
            }
            _ => (),
        }
        let answer = self.shared.accept(&IncomingMail {
            login: self.login.as_deref(),
            helo: &self.helo,
            from: self.from.as_deref().unwrap_or_default(),
            to: &self.to,
            raw,
            authentication: None,
        });
        self.reset();
        self.shared.step()?;
        match fault {
            Some(SmtpFault::SwallowAck) => Ok(SmtpFlow::Close),
            Some(SmtpFault::AcceptAndSay(answer)) => self.send_line(&answer).await,
            Some(_) => self.stall().await,
            None => self.send_line(&format!("250 2.0.0 {answer}")).await,
        }
    }

    /// Silence until the client goes.
    async fn stall(&mut self) -> io::Result<SmtpFlow> {
        while self.read().await? {
            self.input.clear();
        }
        Ok(SmtpFlow::Close)
    }
}
