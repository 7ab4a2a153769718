//! A service account's assertion: a JSON Web Token that its key signs (RFC 7523, RFC 7515, RS256).
//!
//! With Google's domain-wide delegation one key speaks for every mailbox of the domain; whose, the assertion says.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::files;

use super::request::TokenError;

/// The grant's name in the form.
pub(crate) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// How long an assertion is good for: the longest that Google takes.
const LIFETIME_SECONDS: i64 = 3600;

/// Google's key file, as far as it matters.
#[derive(Deserialize)]
struct ServiceKey {
    client_email: String,
    private_key: SecretString,
    private_key_id: Option<String>,
    token_uri: String,
}

/// An assertion and where it goes.
#[derive(Debug)]
pub(crate) struct SignedAssertion {
    pub token_uri: Url,
    pub text: SecretString,
}

/// An assertion that `subject` is who asks, for these scopes. Reads the key file and signs, which blocks.
pub(crate) fn sign(
    key_file: &Path,
    subject: &str,
    scopes: &[String],
    now: DateTime<Utc>,
) -> Result<SignedAssertion, TokenError> {
    let name = key_file.display();
    let content = files::read(key_file, files::MOST_BYTES)
        .map(Zeroizing::new)
        .map_err(|error| TokenError::refused(format!("the key file {name} cannot be read: {error}")))?;
    let content = content.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&content);
    let key: ServiceKey = serde_json::from_slice(content)
        .map_err(|_| TokenError::refused(format!("{name} is no key of a service account")))?;
    let token_uri = Url::parse(&key.token_uri)
        .map_err(|_| TokenError::refused(format!("the `token_uri` in {name} is no address")))?;
    let mut header = json!({ "alg": "RS256", "typ": "JWT" });
    if let (Some(id), Some(fields)) = (&key.private_key_id, header.as_object_mut()) {
        fields.insert("kid".to_owned(), json!(id));
    }
    let claims = json!({
        "iss": key.client_email,
        "sub": subject,
        "scope": scopes.join(" "),
        "aud": key.token_uri,
        "iat": now.timestamp(),
        "exp": now.timestamp() + LIFETIME_SECONDS,
    });
    let encoded = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encoded(&header), encoded(&claims));
    let broken = || TokenError::refused(format!("the private key in {name} cannot be used"));
    let pair = key_pair(key.private_key.expose_secret()).ok_or_else(broken)?;
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .map_err(|_| broken())?;
    let text = SecretString::from(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(&signature)));
    Ok(SignedAssertion { token_uri, text })
}

fn key_pair(pem: &str) -> Option<RsaKeyPair> {
    match PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()? {
        PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).ok(),
        PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()).ok(),
        _ => None,
    }
}
