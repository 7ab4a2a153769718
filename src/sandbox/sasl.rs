//! What a client proves itself with: the words of PLAIN (RFC 4616) and XOAUTH2, for both servers.
//!
//! Known limit: a bearer token is compared with the user's password; nothing expires.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What XOAUTH2 servers say before they refuse, in base64.
pub(super) const XOAUTH2_FAILURE: &str = "eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=";

/// A login and what proves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SaslLogin {
    pub login: String,
    pub secret: String,
}

/// `[authzid] NUL login NUL password`.
pub(super) fn plain(words: &str) -> Option<SaslLogin> {
    let mut parts = words.split('\0').skip(1).map(str::to_owned);
    Some(SaslLogin { login: parts.next()?, secret: parts.next()? })
}

/// `user=LOGIN ^A auth=Bearer TOKEN ^A ^A`.
pub(super) fn xoauth2(words: &str) -> Option<SaslLogin> {
    let mut parts = words.split('\x01');
    let login = parts.next()?.strip_prefix("user=")?.to_owned();
    let secret = parts.next()?.strip_prefix("auth=Bearer ")?.to_owned();
    Some(SaslLogin { login, secret })
}

pub(super) fn decoded(text: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(text.trim()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_and_secret_are_found_in_either_form() {
        let proof = Some(SaslLogin { login: "a@b".to_owned(), secret: "s".to_owned() });
        assert_eq!(plain("\0a@b\0s"), proof);
        assert_eq!(xoauth2("user=a@b\x01auth=Bearer s\x01\x01"), proof);
        assert_eq!(plain("a@b"), None);
        assert_eq!(xoauth2("user=a@b"), None);
    }
}
