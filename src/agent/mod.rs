//! What baton does, one file for each use case: reading mail, judging, sending, watching.
//!
//! `turn` brings the outbox in line with the judgement, in one transaction with the facts that asked for it; `global`
//! does so for mail that concerns no single handoff. `reading` and `last_look` bring facts, `delivery` is the only
//! place that mail leaves from, `attempt` notes what became of it, `watching` keeps the mailboxes in sight over the few
//! connections that `connecting` allows, `daemon` and `once` run them all, `send` and `statement` are what people ask for,
//! `past_mail` reads mailboxes for an audit of handoffs that baton did not make, `seed` makes what the growth benchmark begins with. Decisions are the domain's.

mod adopted_mails;
pub mod app;
pub(crate) mod attempt;
mod attempt_alerts;
mod attempt_waits;
pub(crate) mod audited;
mod backoff;
pub(crate) mod catch_up;
pub(crate) mod clock_doubt;
mod clock_trust;
pub(crate) mod concerned;
pub mod connecting;
pub(crate) mod credential_error;
pub(crate) mod credentials;
pub(crate) mod daemon;
pub(crate) mod delivery;
pub mod delivery_right;
#[cfg(test)]
mod delivery_tests;
pub(crate) mod digest;
pub(crate) mod disk;
pub(crate) mod dispatch;
pub mod duplicates;
mod folder_watch;
pub mod folders;
pub(crate) mod free_memory;
pub mod global;
pub(crate) mod global_mails;
mod hand_over;
pub(crate) mod health;
mod housekeeping;
pub(crate) mod interest;
pub(crate) mod intro_fate;
pub(crate) mod kept_mailboxes;
pub mod last_look;
pub mod letters;
pub(crate) mod live_connections;
mod long_threads;
mod look_first;
pub(crate) mod narrator;
pub mod once;
pub(crate) mod own_mails;
mod parser_threads;
pub(crate) mod past_mail;
pub(crate) mod prefill;
pub(crate) mod presence;
pub(crate) mod proof;
mod proven_by_own_mail;
pub(crate) mod rate_limit;
pub mod reading;
pub(crate) mod reload;
pub(crate) mod remainder;
pub(crate) mod render;
pub(crate) mod reopen;
mod returned_mail;
pub(crate) mod search;
#[cfg(feature = "demo")]
pub mod seed;
pub mod send;
pub(crate) mod sent_copy;
pub mod setup;
mod shared_looks;
mod spelling;
pub mod statement;
pub(crate) mod submission_pool;
pub(crate) mod token_source;
pub(crate) mod tokens;
pub mod turn;
mod uncertain_intro;
pub(crate) mod unwritten;
pub(crate) mod watching;

use crate::imap::ImapError;
use crate::store::StoreError;

use credentials::CredentialError;

/// What can go wrong with the agent's work.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("account {account}: {source}")]
    Imap { account: String, source: ImapError },
    #[error("account {account}: no login: {source}")]
    Credentials { account: String, source: CredentialError },
    #[error("there is no account {account} in the configuration")]
    NoAccount { account: String },
    #[error("another baton is delivering: it holds the lock of {}", .0.display())]
    Locked(std::path::PathBuf),
    #[error("another baton is delivering: its lease in {} is alive until {}", path.display(), until.format("%H:%M:%S UTC"))]
    LeasedElsewhere { path: std::path::PathBuf, until: chrono::DateTime<chrono::Utc> },
    #[error("another baton has taken over the lease in {}", path.display())]
    LeaseLost { path: std::path::PathBuf },
    #[error("the database {} {what}, so baton ends", path.display())]
    DatabaseGone { path: std::path::PathBuf, what: &'static str },
    #[error("nothing leaves: another agent is running on a copy of the database")]
    AnotherAgent,
    #[error("nothing leaves before every mailbox was read, since the database is older than they are: {why}")]
    Behind { why: String },
    #[error("nothing was done, since nobody may act on two configurations: {why}")]
    OtherConfiguration { why: &'static str },
    #[error("{what}")]
    NotPossible { what: String },
    #[error("account {account}: a message could not be taken apart, which is a fault of baton's")]
    ParserPanicked { account: String },
    #[error("baton is ending")]
    Stopped,
}

impl AgentError {
    /// The account that failed, where others may not.
    pub(crate) fn account(&self) -> Option<&str> {
        match self {
            AgentError::Imap { account, .. }
            | AgentError::Credentials { account, .. }
            | AgentError::ParserPanicked { account } => Some(account),
            _ => None,
        }
    }

    /// What `baton login` has to be run with before another attempt can succeed.
    pub(crate) fn missing_grant(&self) -> Option<&str> {
        match self {
            AgentError::Credentials { source: CredentialError::NoGrant { login, .. }, .. } => Some(login),
            _ => None,
        }
    }

    /// Whether a person has to fix something before another attempt can succeed.
    pub(crate) fn is_refused_login(&self) -> bool {
        match self {
            AgentError::Imap { source, .. } => {
                matches!(source, ImapError::LoginRefused { .. } | ImapError::CertificateRejected { .. })
            }
            AgentError::Credentials { source, .. } => !source.may_pass(),
            _ => false,
        }
    }
}

/// An error and everything behind it, on one line, nothing said twice.
pub(crate) fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    text
}
