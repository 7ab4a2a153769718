//! Why there is nothing to log in with, by what has to be done about it.

use std::io::ErrorKind;

use crate::config::SecretError;

use super::error_chain;

/// Why there are no credentials. Never holds any part of a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// They will be missing until somebody changes something.
    #[error("{reason}")]
    NeedsPerson { reason: String },
    /// They will be missing until somebody runs `baton login` with this name.
    #[error("{reason}: run `baton login {login}`")]
    NoGrant { login: String, reason: String },
    /// Another attempt may have them.
    #[error("{reason}")]
    Later { reason: String },
    /// The same of a token: whoever gives it did not answer, or said to come back later.
    #[error("{reason}")]
    NoTokenYet { reason: String },
}

impl CredentialError {
    /// Whether another attempt may have them without anybody's doing.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self, Self::Later { .. } | Self::NoTokenYet { .. })
    }
}

impl From<SecretError> for CredentialError {
    fn from(error: SecretError) -> Self {
        let reason = error_chain(&error);
        let may_pass = match &error {
            SecretError::File { source, .. } | SecretError::Start { source, .. } => may_pass(source),
            // Killed, by us or by somebody else, before it could fail by itself.
            SecretError::Failed { status, .. } => status.code().is_none(),
            SecretError::Env { .. }
            | SecretError::EmptyFile { .. }
            | SecretError::Silent { .. }
            | SecretError::NoKeyring { .. }
            | SecretError::NotInKeyring { .. } => false,
        };
        if may_pass { Self::Later { reason } } else { Self::NeedsPerson { reason } }
    }
}

/// Whether a file or program that cannot be used now may be usable later without anybody's doing.
fn may_pass(error: &std::io::Error) -> bool {
    let is_passing_kind = matches!(
        error.kind(),
        ErrorKind::WouldBlock
            | ErrorKind::TimedOut
            | ErrorKind::OutOfMemory
            | ErrorKind::ResourceBusy
            | ErrorKind::ExecutableFileBusy
            | ErrorKind::StaleNetworkFileHandle
    );
    is_passing_kind || is_passing_errno(error)
}

/// Too many open files, here or in the whole system, and a device that stumbled: std has no kinds for these.
#[cfg(unix)]
fn is_passing_errno(error: &std::io::Error) -> bool {
    use rustix::io::Errno;
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE | Errno::IO))
}

#[cfg(not(unix))]
fn is_passing_errno(_error: &std::io::Error) -> bool {
    false
}
