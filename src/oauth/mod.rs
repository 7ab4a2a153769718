//! Tokens for logins (RFC 6749): how a person gives consent, how tokens are asked for, and where they are kept.
//!
//! `request` asks a token endpoint for an access token, by any of four kinds of grant. `browser` and `device` are the two
//! ways by which a person gives one; `assertion` is a service account's. `grant_file` keeps what was given, one file for
//! all, with a lock for each grant that holds across processes. `http` is the one client for all of it, and for whoever
//! else needs a document from the web.
//!
//! It knows nothing of accounts: `agent::tokens` says which grant is whose. The crate oauth2 is not used, since it has
//! no assertions (RFC 7523) and brings thirty crates for forms of five fields. Known limits: no proxies; answers are
//! not encrypted or signed (no OpenID Connect).

pub(crate) mod assertion;
pub(crate) mod browser;
pub(crate) mod device;
pub(crate) mod grant_file;
pub(crate) mod http;
pub(crate) mod request;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::rand::{SecureRandom, SystemRandom};

/// A random text of 256 bits that may be in an address.
fn random_text() -> Result<String, request::TokenError> {
    let mut bytes = [0_u8; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| request::TokenError::later("the system gives no random numbers"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
