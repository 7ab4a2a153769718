//! What a command could not do, as people see it once: what failed, where, what to do, and the exit status.
//! docs/interface.md.

use std::io::Write;

use crate::agent::credentials::CredentialError;
use crate::agent::setup::SetupError;
use crate::agent::{AgentError, error_chain};
use crate::diagnostics::{self, Fault, FaultStyle};
use crate::imap::ImapError;
use crate::store::StoreError;

use super::terminal::{BAD, hanging, painted};

/// Exit statuses. docs/interface.md.
pub(crate) const FAILED: u8 = 1;
/// Arguments that cannot go together, which clap cannot tell.
pub(crate) const WRONG_USAGE: u8 = 2;
pub(crate) const REFUSED: u8 = 3;
pub(crate) const MAIL_SERVER: u8 = 4;
/// What shells expect of a program that SIGINT ended.
pub(crate) const INTERRUPTED: u8 = 130;

/// What to do where a password could not be had this time.
pub(crate) const NO_TOKEN_YET: &str =
    "check the network, and the endpoints of `oauth2` of that account or its provider, or try again later";
pub(crate) const NO_PASSWORD_YET: &str = "run what `password` of that account names by hand: it has to answer without asking anybody; then try again";

/// A command that did not do what it was asked.
#[derive(Debug)]
pub struct Failure {
    pub status: u8,
    pub message: String,
    pub hints: Vec<String>,
    /// Faults of a file, shown with their places instead of a message.
    pub faults: Vec<Fault>,
    /// The reader of the output has had enough, as `head` does: no reason to complain.
    pub is_unread: bool,
    /// The database cannot be had for now: it is locked, full, or mounted read-only.
    pub is_passing: bool,
}

impl Failure {
    pub(crate) fn new(status: u8, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, message, hints: Vec::new(), faults: Vec::new(), is_unread: false, is_passing: false }
    }

    /// From an error and everything behind it.
    pub(crate) fn of(status: u8, error: &(dyn std::error::Error + 'static)) -> Self {
        Self { is_unread: is_broken_pipe(error), ..Self::new(status, error_chain(error)) }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Faults of a file that was handed in.
    pub(crate) fn faults(faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::new(REFUSED, "") }
    }

    /// Shows it, once, and returns the exit status.
    pub(crate) fn show(&self, style: FaultStyle, mut err: impl Write) -> u8 {
        if self.is_unread {
            return 0;
        }
        let mut text = diagnostics::render(&self.faults, style);
        if !self.message.is_empty() {
            let error = if style.colour { painted(BAD, "error:") } else { "error:".to_owned() };
            text.push_str(&format!("{error} {}\n", self.message));
        }
        for hint in &self.hints {
            text.push_str(&hanging("  ", "  ", hint, anstyle::Style::new(), style.width));
        }
        // Nobody is left to tell where standard error is closed.
        let _ = err.write_all(text.as_bytes());
        self.status
    }
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe) {
            return true;
        }
        next = error.source();
    }
    false
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        let failure = Failure::of(FAILED, &error);
        Failure { message: format!("the output cannot be written: {error}"), ..failure }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let is_passing = error.may_be_opened_later();
        let failure = Failure { is_passing, ..Failure::new(FAILED, error_chain(&error)) };
        if error.is_disk_full() {
            return failure.hint("make room on the disk of the database; nothing is lost meanwhile");
        }
        match error {
            StoreError::ReadOnlyDisk { .. } => {
                failure.hint("have it mounted so that it can be written; nothing is lost meanwhile")
            }
            StoreError::Newer { .. } => Failure { status: REFUSED, ..failure }
                .hint("install the version of baton that wrote it, or name another `database`"),
            StoreError::Make { .. } | StoreError::Open { .. } | StoreError::Lock { .. } => {
                Failure { status: REFUSED, ..failure }
                    .hint("check `database` in the configuration: its folder has to exist, and to be yours")
            }
            StoreError::Gone { .. } => Failure { status: REFUSED, ..failure }.hint(
                "`baton restore FILE` puts a backup in its place; to begin anew, remove the file beside it that ends in \
                 `.marker`",
            ),
            StoreError::NotPermitted { .. } => Failure { status: REFUSED, ..failure },
            StoreError::OtherName { .. } => {
                failure.hint("call it by the name that the running agent uses; nothing was sent")
            }
            StoreError::NoBackup { .. } => Failure { status: REFUSED, ..failure }
                .hint("name a file that `baton backup` wrote, or a whole copy of a database of baton's"),
            StoreError::NoDatabase { .. } => Failure { status: REFUSED, ..failure }
                .hint("check `database` in the configuration: it names a file of another kind"),
            StoreError::OtherFile { .. } => Failure { status: REFUSED, ..failure }
                .hint("name a file that does not exist yet, or an earlier backup"),
            StoreError::Damaged { .. } => failure.hint("restore the last copy that `baton backup` wrote"),
            StoreError::Backup { .. } | StoreError::BackupFile { .. } => {
                failure.hint("name a file that does not exist yet, in a folder that is yours")
            }
            _ => failure,
        }
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::Store(error) => error.into(),
            SetupError::Grants { reason } => Failure::new(REFUSED, reason),
            SetupError::Templates(errors) => {
                let mut failure = Failure::new(REFUSED, "the templates cannot be used");
                failure.hints = errors.iter().map(|error| error_chain(error)).collect();
                failure.hint(
                    "`baton templates` checks them; `baton templates --eject DIR` writes the built-in ones",
                )
            }
        }
    }
}

impl From<AgentError> for Failure {
    fn from(error: AgentError) -> Self {
        let message = error_chain(&error);
        match error {
            AgentError::Store(error) => error.into(),
            AgentError::Imap { source, .. } => {
                let failure = Failure::new(MAIL_SERVER, message);
                match source {
                    ImapError::LoginRefused { by_token: true, .. } => failure.hint("check that the consent is this mailbox's (`baton login` again as its owner), or what the application may do; `baton doctor` says more"),
                    ImapError::LoginRefused { .. } => failure.hint("check `login` and the password in the configuration; `baton doctor` tries them"),
                    ImapError::CertificateRejected { .. } => failure.hint("if the company has its own certificate authority, name its file as `ca` in the account"),
                    _ => failure.hint("`baton doctor` looks at every account"),
                }
            }
            AgentError::Credentials { source: CredentialError::Later { .. }, .. } => {
                Failure::new(MAIL_SERVER, message).hint(NO_PASSWORD_YET)
            }
            AgentError::Credentials { source: CredentialError::NoTokenYet { .. }, .. } => {
                Failure::new(MAIL_SERVER, message).hint(NO_TOKEN_YET)
            }
            AgentError::Credentials { source: CredentialError::NeedsPerson { .. }, .. } => {
                Failure::new(REFUSED, message)
                    .hint("see `password` or `oauth2` of that account in the configuration")
            }
            // The message has the command.
            AgentError::Credentials { source: CredentialError::NoGrant { .. }, .. } => {
                Failure::new(REFUSED, message)
            }
            AgentError::NoAccount { .. } => Failure::new(REFUSED, message),
            AgentError::Locked(_) => Failure::new(FAILED, message)
                .hint("one process delivers at a time; `baton run` may be running as a service"),
            AgentError::LeasedElsewhere { .. } => Failure::new(FAILED, message)
                .hint("nothing was sent; the lease of an agent that has died lapses within a minute"),
            AgentError::LeaseLost { .. } => Failure::new(FAILED, message).hint(
                "it held the database while this process did not answer; nothing more leaves from here",
            ),
            AgentError::DatabaseGone { .. } => Failure::new(FAILED, message)
                .hint("put it back (`baton restore` takes a backup), then start baton again"),
            AgentError::AnotherAgent => Failure::new(FAILED, message)
                .hint("end one of the two; if this one is to go on, start it with `baton run --take-over`"),
            AgentError::Behind { .. } => Failure::new(MAIL_SERVER, message)
                .hint("nothing was sent; try again once the mailboxes can be read"),
            AgentError::OtherConfiguration { .. } => Failure::new(REFUSED, message).hint(
                "`baton health` says which configuration the agent has; correct the faults, or restart it",
            ),
            AgentError::NotPossible { .. } => Failure::new(REFUSED, message),
            AgentError::ParserPanicked { .. } | AgentError::Stopped => Failure::new(FAILED, message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_may_come_later_is_an_outage_and_one_that_is_missing_is_refused() {
        let failure = |source| Failure::from(AgentError::Credentials { account: "dana".to_owned(), source });
        let reason = "the password program pass gave no password within 30 s".to_owned();
        let later = failure(CredentialError::Later { reason: reason.clone() });
        assert_eq!((later.status, later.hints), (MAIL_SERVER, vec![NO_PASSWORD_YET.to_owned()]));
        let token = failure(CredentialError::NoTokenYet { reason: "no answer".to_owned() });
        assert_eq!((token.status, token.hints), (MAIL_SERVER, vec![NO_TOKEN_YET.to_owned()]));
        assert_eq!(failure(CredentialError::NeedsPerson { reason }).status, REFUSED);
    }

    #[test]
    fn a_token_that_is_refused_is_not_called_a_password() {
        for (by_token, says, not) in
            [(true, "`baton login`", "password"), (false, "the password", "`baton login`")]
        {
            let (login, text) = ("dana@vendor.example".to_owned(), "AUTHENTICATE failed".to_owned());
            let source = ImapError::LoginRefused { login, text, by_token };
            let failure = Failure::from(AgentError::Imap { account: "dana".to_owned(), source });
            let hints = failure.hints.concat();
            assert!(failure.status == MAIL_SERVER && hints.contains(says) && !hints.contains(not), "{hints}");
        }
    }
}
