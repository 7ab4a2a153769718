//! Submission: hands messages to a server and names each outcome (RFC 5321, 4954, 3207, 6531).
//!
//! A client of its own, since what became of a mail hangs on things that libraries hide: which piece has been handed
//! over, which answer belongs to what, what was read before TLS. A delivery owns its phases: everything up to the end
//! of the message, then the caller's consent, then its last piece. 354 to DATA and 250 to the end count, nothing else.
//! Several messages may leave over one connection, in turn; who opens how many is the caller's business.

mod address;
mod answer;
mod auth;
mod capabilities;
mod connection;
mod failure;
mod hello;
mod outcome;

use std::time::Duration;

pub use self::connection::SmtpConnection;
pub use self::outcome::{DataDecision, Delivery, RefusalPolicy, RefusedRecipient};
use crate::tls::ServerLogin;

/// How long to wait for what, counted monotonically (RFC 5321 section 4.5.3.2, shortened where people
/// wait for it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SmtpTimeouts {
    /// TCP, TLS, greeting and EHLO, together.
    pub connect: Duration,
    /// Each command of the login and the envelope.
    pub command: Duration,
    /// For writing the message, and from its end to the answer.
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

/// A server to submit to.
#[derive(Clone, Copy, Debug)]
pub struct SubmissionServer<'a> {
    pub login: &'a ServerLogin,
    /// The name to introduce oneself by in EHLO; `None`: one that tells nothing of the machine.
    pub helo: Option<&'a str>,
}

impl<'a> From<&'a ServerLogin> for SubmissionServer<'a> {
    fn from(login: &'a ServerLogin) -> Self {
        Self { login, helo: None }
    }
}

/// A message and where it goes.
#[derive(Clone, Copy, Debug)]
pub struct Submission<'a> {
    /// The envelope's sender.
    pub from: &'a str,
    /// The envelope's recipients, those of To first, Cc and Bcc included.
    pub recipients: &'a [String],
    /// The message with CRLF line ends, without dot-stuffing.
    pub bytes: &'a [u8],
    /// What happens where some of the recipients are refused.
    pub on_refusal: RefusalPolicy,
}

/// Hands one message to the server over a connection of its own. `before_last_piece`: see [`SmtpConnection`]'s
/// `submit`.
pub async fn deliver<'a, F>(
    server: impl Into<SubmissionServer<'a>>,
    submission: Submission<'_>,
    timeouts: SmtpTimeouts,
    before_last_piece: impl FnOnce() -> F,
) -> Delivery
where
    F: Future<Output = DataDecision>,
{
    let mut connection = match SmtpConnection::open(server, timeouts).await {
        Ok(connection) => connection,
        Err(delivery) => return delivery,
    };
    let delivery = connection.submit(submission, |_| before_last_piece()).await;
    connection.leave().await;
    delivery
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
pub async fn probe<'a>(
    server: impl Into<SubmissionServer<'a>>,
    timeouts: SmtpTimeouts,
) -> Result<LoginOutcome, Delivery> {
    let server = server.into();
    let mut connection = SmtpConnection::open(server, timeouts).await?;
    let login = connection.login_outcome();
    if login == LoginOutcome::NotOffered && server.login.login.contains('@') {
        connection.ask_for_mail_without_login(&server.login.login).await?;
    }
    connection.leave().await;
    Ok(login)
}

/// Whether the message goes on, given who was refused.
fn consider(
    submission: Submission<'_>,
    refused: Vec<RefusedRecipient>,
) -> Result<Vec<RefusedRecipient>, Delivery> {
    let all = submission.recipients;
    let refusal_of = |address: &String| refused.iter().find(|one| one.address == *address);
    let (goes_on, permanent) = match submission.on_refusal {
        RefusalPolicy::AllOrNobody => {
            let is_for_good = refused.iter().any(|recipient| recipient.permanent);
            (refused.is_empty() && !all.is_empty(), is_for_good)
        }
        RefusalPolicy::OneAddressee { of } => {
            let mut addressees = all.iter().take(of).map(refusal_of);
            let goes_on = addressees.clone().any(|refusal| refusal.is_none());
            (goes_on, addressees.all(|refusal| refusal.is_some_and(|one| one.permanent)))
        }
    };
    if goes_on {
        return Ok(refused);
    }
    let decisive = refused.iter().find(|recipient| recipient.permanent == permanent);
    let text =
        decisive.map_or_else(|| "no recipients".to_owned(), |one| format!("{}: {}", one.address, one.text));
    Err(if permanent {
        Delivery::Refused { text, recipients: refused }
    } else {
        Delivery::Deferred { text, recipients: refused, message_was_sent: false }
    })
}

#[cfg(test)]
mod tests;
