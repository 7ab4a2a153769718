//! What to do about an answer of a mail server, or about its silence.
//!
//! Servers say in words of their own what an administrator has to change; the well-known ones stand in a table. Of a port
//! that is not understood it is tried which kind of TLS it speaks.

use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::tls::{self, Auth, Security, ServerLogin};

/// How long a server may take to say its first word.
const FIRST_WORD: Duration = Duration::from_secs(3);

/// Whose answer it is, and which key of the account names the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal<'a> {
    pub endpoint: &'a ServerLogin,
    pub key: &'static str,
}

/// Words of servers that refuse a login, in lower case, and what to do. The first that fits counts.
const REFUSALS: [(&str, &str); 16] = [
    (
        "application-specific password",
        "make an app password in the Google account (Security, 2-Step Verification) and use that, or use `oauth2`",
    ),
    ("web login required", "sign in to the account once in a browser, then use an app password or `oauth2`"),
    (
        "username and password not accepted",
        "Google takes app passwords only: make one in the Google account, or use `oauth2`",
    ),
    ("imap access is disabled", "an administrator has to turn IMAP on for this mailbox"),
    ("imap is disabled", "an administrator has to turn IMAP on for this mailbox"),
    ("not enabled for imap", "turn IMAP on in the mailbox's settings"),
    (
        "smtpclientauthentication is disabled",
        "an administrator has to allow authenticated SMTP for this mailbox: Set-CASMailbox ADDRESS -SmtpClientAuthenticationDisabled $false",
    ),
    (
        "5.7.139",
        "Microsoft 365 refuses this way to log in: allow authenticated SMTP for the mailbox, and use `oauth2`; security defaults or Conditional Access may forbid it",
    ),
    (
        "basic authentication is disabled",
        "Microsoft 365 takes no passwords: use `oauth2 = { microsoft = .. }`",
    ),
    ("logondenied-basicauthblocked", "Microsoft 365 takes no passwords: use `oauth2 = { microsoft = .. }`"),
    (
        "5.7.3",
        "the token does not open this mailbox: for an application of its own, an administrator has to add the mailbox permission (Add-MailboxPermission)",
    ),
    (
        "authenticate failed",
        "if the token is an application's, an administrator has to register it in Exchange (New-ServicePrincipal) and add the mailbox permission",
    ),
    ("license", "the mailbox has no licence: an administrator has to assign one"),
    ("too many", "close other mail programs of this mailbox, or try again later"),
    (
        "offers no login (auth)",
        "name the submission server, usually port 587 with smtp+starttls:// or 465 with smtps://; port 25 takes mail from servers only",
    ),
    ("takes no tokens", "this server wants a password instead of `oauth2`"),
];

/// What to do about a login that was refused in these words.
pub(crate) fn for_refusal(text: &str, refusal: Refusal<'_>) -> String {
    let text = text.to_lowercase();
    if let Some((_, remedy)) = REFUSALS.iter().find(|(words, _)| text.contains(words)) {
        return (*remedy).to_owned();
    }
    match &refusal.endpoint.auth {
        Auth::Password(_) => "check `login` and the password; Google, Yahoo, iCloud, Fastmail and Zoho want an app password, Microsoft 365 takes none".to_owned(),
        Auth::XOAuth2(_) => "check that the consent is this mailbox's (`baton login` again as its owner), and that `login` is its name".to_owned(),
    }
}

/// What to do about a certificate.
pub(crate) fn for_certificate(reason: &str) -> String {
    let reason = reason.to_lowercase();
    if reason.contains("name") && !reason.contains("issuer") {
        return "use the name that the certificate is for, as the provider gives it".to_owned();
    }
    if reason.contains("expired") || reason.contains("notvalidyet") || reason.contains("not valid yet") {
        return "whoever runs the server has to renew its certificate; check this machine's clock".to_owned();
    }
    "if the company has its own certificate authority, name its file as `ca` in the account".to_owned()
}

/// What to do about a password or key that cannot be had.
pub(crate) fn for_credentials(reason: &str) -> String {
    let text = match reason {
        reason if reason.contains("chmod") => "set the file's mode as said, then run it again",
        reason if reason.contains("environment variable") => {
            "`export` it where baton runs; for a service, in its environment file (/etc/baton/secrets)"
        }
        reason if reason.contains("secret-tool") => {
            "`keyring` needs the program secret-tool (Debian: libsecret-tools), or use { file = \"..\" }"
        }
        reason if reason.contains("password program") => {
            "run what `password` names by hand: it has to print the password and nothing else"
        }
        reason if reason.contains("gives no token") => "see `oauth2` of the account or its provider",
        _ => "see `password` or `oauth2` of the account",
    };
    text.to_owned()
}

/// What a port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SpokenProtocol {
    /// Words right away: plain, or STARTTLS.
    Words,
    Tls,
}

/// What to do about a server that cannot be reached or understood.
pub(crate) async fn for_silence(reason: &str, refusal: Refusal<'_>) -> String {
    let Refusal { endpoint, key } = refusal;
    match (endpoint.security, spoken(endpoint).await) {
        (Security::Tls, Some(SpokenProtocol::Words)) => {
            format!(
                "{endpoint} does not speak TLS from the start: write {key}+starttls:// instead of {key}s://"
            )
        }
        (Security::StartTls | Security::Plain, Some(SpokenProtocol::Tls)) => {
            format!("{endpoint} speaks TLS from the start: write {key}s:// in `{key}`")
        }
        (Security::StartTls, Some(SpokenProtocol::Words)) if reason.contains("STARTTLS") => {
            format!("write {key}s:// if the server has a port for it, or ask who runs it to offer STARTTLS")
        }
        (_, None) if reason.contains("lookup") || reason.contains("no address") => {
            format!("the name {} is not known: check the spelling in `{key}`, and the network", endpoint.host)
        }
        _ => format!("check host and port of `{key}`, and the network"),
    }
}

/// `None`: nobody answers, or neither of the two.
async fn spoken(endpoint: &ServerLogin) -> Option<SpokenProtocol> {
    let dial = || TcpStream::connect((endpoint.host.as_str(), endpoint.port));
    let mut stream = timeout(FIRST_WORD, dial()).await.ok()?.ok()?;
    let mut first = [0; 4];
    if let Ok(read) = timeout(FIRST_WORD, stream.read(&mut first)).await {
        let is_greeting = matches!(first.get(..read.ok()?)?, [b'*', ..] | [b'2', b'2', b'0', ..]);
        return is_greeting.then_some(SpokenProtocol::Words);
    }
    let stream = timeout(FIRST_WORD, dial()).await.ok()?.ok()?;
    let config = tls::client_config(endpoint.extra_ca.as_deref()).ok()?;
    let name = ServerName::try_from(endpoint.host.clone()).ok()?;
    match timeout(FIRST_WORD, TlsConnector::from(config).connect(name, stream)).await.ok()? {
        Ok(_) => Some(SpokenProtocol::Tls),
        Err(error) => tls::certificate_reason(&error).map(|_| SpokenProtocol::Tls),
    }
}
