//! What baton does, one file for each use case: reading mail, judging, sending, watching.
//!
//! `turn` brings the outbox in line with the judgement, in one transaction with the facts that asked for it.
//! `reading` and `last_look` bring facts, `delivery` is the only place that mail leaves from, `daemon` and `once`
//! run them all, `send` and `statement` are what people ask for. Decisions are the domain's.

pub mod app;
pub(crate) mod daemon;
pub mod delivery;
pub(crate) mod disk;
pub mod global_mails;
pub(crate) mod interest;
pub mod last_look;
pub mod once;
pub(crate) mod proof;
pub mod reading;
pub(crate) mod render;
pub(crate) mod search;
pub mod send;
pub mod setup;
pub mod statement;
pub mod turn;

use crate::imap::ImapError;
use crate::store::StoreError;

/// What can go wrong with the agent's work.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("account {account}: {source}")]
    Imap { account: String, source: ImapError },
    #[error("account {account}: the password cannot be had: {reason}")]
    Secret { account: String, reason: String },
    #[error("there is no account {account} in the configuration")]
    NoAccount { account: String },
    #[error("another baton is delivering: it holds the lock of {}", .0.display())]
    Locked(std::path::PathBuf),
    #[error("{what}")]
    NotPossible { what: String },
    #[error("baton is ending")]
    Stopped,
}

impl AgentError {
    /// Whether a person has to fix something before another attempt can succeed.
    pub(crate) fn is_refused_login(&self) -> bool {
        match self {
            AgentError::Imap { source, .. } => {
                matches!(source, ImapError::LoginRefused { .. } | ImapError::CertificateRejected { .. })
            }
            AgentError::Secret { .. } => true,
            _ => false,
        }
    }
}
