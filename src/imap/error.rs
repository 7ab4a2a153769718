//! What can go wrong between us and an IMAP server, by what has to be done about it.
//!
//! Texts of servers are carried, since they are what the operator has to read; texts of the parser are
//! not, since they quote raw mail.

use super::folder::FolderName;

/// A failed operation on an IMAP server. `Display` is lower-case and does not name the account: the
/// caller knows which one it is.
#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    /// No connection: no such host, refused, no route, nothing answered, or it speaks something else.
    #[error("{endpoint} cannot be reached: {reason}")]
    Unreachable { endpoint: String, reason: String },
    #[error("{endpoint} has a certificate that is not trusted: {reason}")]
    CertificateRejected { endpoint: String, reason: String },
    #[error("{endpoint} does not offer STARTTLS")]
    NoStartTls { endpoint: String },
    /// Our own side of TLS: the additional root certificate, or no roots at all.
    #[error("TLS cannot be set up")]
    Tls(#[source] crate::tls::TlsError),
    /// The server does not take this login. It stays so until somebody changes something.
    #[error("the server refuses the login of {login}: {text}")]
    LoginRefused { login: String, text: String, by_token: bool },
    /// Throttled, too many connections, "authenticated but not connected", `[UNAVAILABLE]`: try later.
    #[error("the server asks to try later: {text}")]
    Temporary { text: String },
    #[error("no answer to {what} in time")]
    Timeout { what: &'static str },
    /// The connection ended, before or during a command. `text` is the text of the server's BYE, if it had one.
    #[error("the connection was lost during {what}{}", after_colon(.text.as_deref()))]
    Closed { what: &'static str, text: Option<String> },
    /// An answer that cannot be read, or one that the protocol does not allow here.
    #[error("the server's answer to {what} cannot be read")]
    Protocol { what: &'static str },
    #[error("there is no folder {folder}: {text}")]
    FolderMissing { folder: FolderName, text: String },
    /// RFC 3501 section 2.3.1.1 demands UIDVALIDITY; without it nothing can be remembered of a folder.
    #[error("the server gives no UIDVALIDITY for {folder}")]
    NoUidValidity { folder: FolderName },
    /// NO to a command that was not about a login or a missing folder. The session goes on.
    #[error("the server refuses {command}: {text}")]
    Refused { command: &'static str, text: String },
    /// BAD: the server takes the command for nonsense. The session is over.
    #[error("the server does not understand {command}: {text}")]
    Misunderstood { command: &'static str, text: String },
    /// An argument with CR, LF or NUL in it.
    #[error("{what} contains a character that cannot be sent")]
    BadArgument { what: &'static str },
}

fn after_colon(text: Option<&str>) -> String {
    text.map(|text| format!(": {text}")).unwrap_or_default()
}

impl ImapError {
    /// Whether another attempt, later, may succeed without anybody doing anything.
    pub fn passes_by_itself(&self) -> bool {
        match self {
            Self::Unreachable { .. }
            | Self::Temporary { .. }
            | Self::Timeout { .. }
            | Self::Closed { .. }
            | Self::Protocol { .. } => true,
            Self::CertificateRejected { .. }
            | Self::NoStartTls { .. }
            | Self::Tls(_)
            | Self::LoginRefused { .. }
            | Self::FolderMissing { .. }
            | Self::NoUidValidity { .. }
            | Self::Refused { .. }
            | Self::Misunderstood { .. }
            | Self::BadArgument { .. } => false,
        }
    }

    /// Whether the session can still be used after this.
    pub fn leaves_the_session(&self) -> bool {
        matches!(
            self,
            Self::FolderMissing { .. }
                | Self::NoUidValidity { .. }
                | Self::Refused { .. }
                | Self::BadArgument { .. }
        )
    }
}
