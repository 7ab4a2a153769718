//! What mail servers say when they mean "not now", and not "never".
//!
//! Words of English, which is what servers answer in. What is not known is a refusal, and somebody is told.

/// Whether a server's words mean "not now" instead of "no". RFC 5530 codes, then the wording of the big
/// providers (Gmail, Microsoft 365, Yahoo), which use no codes.
pub(crate) fn means_later(text: &str) -> bool {
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

/// Whether a refused login is a matter of the server's state, and not of the login. What RFC 5530 and RFC 4954 (5.7.8) say
/// of the login itself outweighs words, unless they call it temporary; "try again" behind a wrong password means another
/// password.
pub(crate) fn login_may_pass_later(text: &str) -> bool {
    const OF_THE_LOGIN: [&str; 6] = [
        "5.7.8",
        "[authenticationfailed]",
        "[authorizationfailed]",
        "[expired]",
        "[privacyrequired]",
        "[noperm]",
    ];
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
    // Postfix, whatever the reason is.
    let text = text.to_lowercase().replace("(reason unavailable)", "");
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
            "535 5.7.8 Error: authentication failed: (reason unavailable)",
            "Error: authentication failed: (reason unavailable)",
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
