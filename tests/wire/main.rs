//! The IMAP and SMTP rooms against servers that fail on demand: whatever a server does, the outcome has the
//! right name, and nothing that was lost on the way is taken for a success.
//!
//! The servers are those of `sandbox`. Known limit: no TLS here.

#![expect(
    clippy::unwrap_used,
    reason = "what a test prepares may fail it, outside the test's own function too"
)]

mod imap;
mod odd_smtp;
mod smtp;

use std::sync::Arc;

use baton::sandbox::{ProviderHabits, Sandbox};
use baton::tls::{Auth, Security, ServerLogin};
use secrecy::SecretString;

const DANA: &str = "dana@vendor.example";
const SARAH: &str = "sarah@acme.example";
const JAMES: &str = "james@acme.example";
const MAIL: &[u8] = b"From: Dana Fox <dana@vendor.example>\r\nTo: Sarah Lee <sarah@acme.example>\r\n\
    Subject: Sarah, intro to Calvin\r\nMessage-ID: <one@vendor.example>\r\n\
    Date: Tue, 24 Nov 2026 10:00:00 -0500\r\n\r\nHello\r\n.a dot\r\n..two\r\n";

async fn sandbox_of(habits: ProviderHabits) -> Sandbox {
    let sandbox = Sandbox::start(Arc::new(|| "2026-11-24T15:00:00Z".parse().unwrap())).await.unwrap();
    sandbox.add_user_with(DANA, "secret", habits);
    sandbox.add_user(SARAH, "s");
    sandbox.add_user(JAMES, "j");
    sandbox
}

async fn sandbox() -> Sandbox {
    sandbox_of(ProviderHabits::default()).await
}

fn endpoint(port: u16, auth: Auth) -> ServerLogin {
    ServerLogin {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::Plain,
        extra_ca: None,
        login: DANA.to_owned(),
        auth,
    }
}

fn password(text: &str) -> Auth {
    Auth::Password(SecretString::from(text))
}
