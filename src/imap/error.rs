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
    LoginRefused { login: String, text: String },
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

/// Whether a server's words mean "not now" instead of "no". RFC 5530 codes, then the wording of the big
/// providers (Gmail, Microsoft 365, Yahoo), which use no codes.
pub(super) fn means_later(text: &str) -> bool {
    const LATER: [&str; 18] = [
        "[unavailable]",
        "[inuse]",
        "[limit]",
        "[serverbug]",
        // Dovecot, where a delivery makes the folder in the very moment in which it is opened.
        "[alreadyexists]",
        "[throttled]",
        "authenticated but not connected",
        "too many",
        "temporar",
        "try again",
        "throttl",
        "rate limit",
        // Gmail, for a day.
        "bandwidth limit",
        "command or bandwidth",
        "maximum number of connections",
        "server unavailable",
        "internal error",
        "timed out",
    ];
    let text = text.to_lowercase();
    LATER.iter().any(|words| text.contains(words))
}

/// Whether a refused login is a matter of the server's state, and not of the login. What RFC 5530 says of the login itself
/// outweighs words, unless they call it temporary; "try again" behind a wrong password means another password.
pub(super) fn login_may_pass_later(text: &str) -> bool {
    const OF_THE_LOGIN: [&str; 5] =
        ["[authenticationfailed]", "[authorizationfailed]", "[expired]", "[privacyrequired]", "[noperm]"];
    const OF_THE_SERVER: [&str; 20] = [
        "unavailable",
        "unreachable",
        "not reachable",
        "not available",
        "is down",
        "offline",
        "maintenance",
        "overload",
        "busy",
        "internal server",
        "server error",
        "lookup failed",
        "lookup timeout",
        "timeout",
        "connection refused",
        "connect failed",
        "being moved",
        "in a few minutes",
        "minutes",
        "simultaneous",
    ];
    const OF_A_PASSWORD: [&str; 4] = ["password", "credential", "username", "user name"];
    let text = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if text.contains("temporar") {
        return true;
    }
    if has(&OF_THE_LOGIN) {
        return false;
    }
    if has(&OF_THE_SERVER) {
        return true;
    }
    let again = text.replace("try again later", "later").replace("try again", "");
    means_later(if has(&OF_A_PASSWORD) { &again } else { &text }) || text.contains("retry")
}

#[cfg(test)]
mod tests {
    use super::{login_may_pass_later, means_later};

    #[test]
    fn a_login_that_a_server_out_of_order_refuses_is_no_wrong_password() {
        for text in [
            "[UNAVAILABLE] Temporary authentication failure.",
            "[AUTHENTICATIONFAILED] Temporary authentication failure",
            "Authentication service unreachable",
            "LDAP server is down",
            "System is under maintenance",
            "internal server error",
            "Login failed: backend lookup timeout",
            "The service is currently unavailable",
            "Server busy",
            "[ALERT] Lookup failed abc123",
            "mailbox is being moved, come back in a few minutes",
            "Overloaded",
            "Too many failed passwords, try again later",
        ] {
            assert!(login_may_pass_later(text), "{text}");
        }
        for text in [
            "[AUTHENTICATIONFAILED] Authentication failed.",
            "[AUTHENTICATIONFAILED] Login unavailable for you",
            "Invalid password, please try again",
            "LOGIN failed.",
            "[EXPIRED] password expired",
            "Wrong username or password. Try again.",
        ] {
            assert!(!login_may_pass_later(text), "{text}");
        }
    }

    #[test]
    fn providers_words_for_later_are_not_taken_for_a_refusal() {
        for text in [
            "[ALERT] Too many simultaneous connections. (Failure)",
            "User is authenticated but not connected.",
            "[UNAVAILABLE] Temporary authentication failure.",
            "Server Unavailable. 15",
        ] {
            assert!(means_later(text), "{text}");
        }
        for text in ["[AUTHENTICATIONFAILED] Invalid credentials (Failure)", "LOGIN failed."] {
            assert!(!means_later(text), "{text}");
        }
    }
}
