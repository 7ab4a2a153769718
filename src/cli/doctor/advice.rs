//! What to do about an answer of a mail server, or about its silence.
//!
//! Servers say in words of their own what an administrator has to change; the well-known ones stand in a table. Of a port
//! that is not understood it is tried which kind of TLS it speaks.

use crate::cli::spoken::{SpokenProtocol, spoken};
use crate::tls::{Auth, Security, ServerLogin};

/// Whose answer it is, and which key of the account names the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal<'a> {
    pub endpoint: &'a ServerLogin,
    pub key: &'static str,
}

/// Words of servers that refuse a login, in lower case, and what to do. The first that fits counts.
const REFUSALS: [(&str, &str); 25] = [
    // Codes of RFC 5530.
    ("[privacyrequired]", "the server takes no password without TLS: write imaps:// or imap+starttls://"),
    (
        "[expired]",
        "the password has expired: set a new one with the provider, and put it where `password` says",
    ),
    ("[contactadmin]", "ask who runs the server: the account is locked or was never set up"),
    ("offers xoauth2", "this server wants a token: use `oauth2` instead of `password`"),
    (
        "by plain or login",
        "ask who runs the server to allow PLAIN over TLS; where it offers XOAUTH2 or OAUTHBEARER, use `oauth2`",
    ),
    (
        "application-specific password",
        "make an app password in the Google account (Security, 2-Step Verification) and use that, or use `oauth2`",
    ),
    (
        "via your web browser",
        "sign in to the account once in a browser, then use an app password or `oauth2`",
    ),
    ("web login required", "sign in to the account once in a browser, then use an app password or `oauth2`"),
    (
        "username and password not accepted",
        "Google takes app passwords only: make one in the Google account, or use `oauth2`",
    ),
    ("imap access is disabled", "an administrator has to turn IMAP on for this mailbox"),
    ("imap is disabled", "an administrator has to turn IMAP on for this mailbox"),
    ("not enabled for imap", "turn IMAP on in the mailbox's settings"),
    ("enable imap", "turn IMAP on in the mailbox's settings"),
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
    // Client Submission without passwords, from 2026 on.
    ("5.7.30", "Microsoft 365 takes no passwords: use `oauth2 = { microsoft = .. }`"),
    (
        "5.7.57",
        "the server has not seen a login: check `login`, and that submission is on port 587 with smtp+starttls://",
    ),
    (
        "5.7.3",
        "the token does not open this mailbox: for an application of its own, an administrator has to add the mailbox permission (Add-MailboxPermission)",
    ),
    (
        "authenticate failed",
        "if the token is an application's, an administrator has to register it in Exchange (New-ServicePrincipal) and add the mailbox permission",
    ),
    ("licen", "the mailbox has no licence: an administrator has to assign one"),
    ("too many", "close other mail programs of this mailbox, or try again later"),
    (
        "offers no login (auth)",
        "name the submission server, usually port 587 with smtp+starttls:// or 465 with smtps://; port 25 takes mail from servers only",
    ),
    ("takes no tokens", "this server wants a password instead of `oauth2`"),
];

/// Of these, those that mean a password and nothing else.
const PASSWORDS_ALONE: [&str; 3] =
    ["application-specific password", "username and password not accepted", "offers xoauth2"];

/// What to do about a login that was refused in these words.
pub(crate) fn for_refusal(text: &str, refusal: Refusal<'_>) -> String {
    let text = text.to_lowercase();
    let is_token = matches!(refusal.endpoint.auth, Auth::XOAuth2(_));
    // Google says of a token what it says of a password.
    let says_something =
        |words: &str| text.contains(words) && !(is_token && PASSWORDS_ALONE.contains(&words));
    if let Some((_, remedy)) = REFUSALS.iter().find(|(words, _)| says_something(words)) {
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
    // What follows these words are names of hosts, which may hold any word.
    let is_anothers = reason.contains("not valid for name") || reason.contains("notvalidforname");
    if is_anothers || reason.contains("name") && !reason.contains("issuer") {
        return "use the name that the certificate is for, as the provider gives it".to_owned();
    }
    if reason.contains("expired") || reason.contains("notvalidyet") || reason.contains("not valid yet") {
        return "whoever runs the server has to renew its certificate; check this machine's clock".to_owned();
    }
    // Trusted by nobody, whatever `ca` names: what `openssl req -x509` makes where nothing else is said.
    if reason.contains("causedasendentity") {
        return "the server shows an authority's certificate as its own: whoever runs it has to make one with `basicConstraints=CA:FALSE`".to_owned();
    }
    "if the company has its own certificate authority, name its file as `ca` in the account".to_owned()
}

/// The same where it is known who issued it.
pub(crate) fn for_certificate_by(reason: &str, issuer: Option<&str>) -> String {
    let advice = for_certificate(reason);
    match issuer {
        Some(issuer) if advice.contains("`ca`") => {
            format!("{advice}: the root certificate of {issuer}, in PEM, which whoever runs the server has")
        }
        _ => advice,
    }
}

/// Words of token endpoints, in lower case, and what to do; the numbers are Microsoft's. The first that fits counts.
const TOKEN_REFUSALS: [(&str, &str); 12] = [
    (
        "aadsts53003",
        "a Conditional Access policy of the tenant forbids it: an administrator has to except the application or this machine; `baton login` without `--device` may be allowed",
    ),
    (
        "conditional access",
        "an administrator has to except the application from the Conditional Access policy",
    ),
    (
        "aadsts65001",
        "consent is missing: an administrator has to grant it to the application (Entra admin centre, API permissions), or the mailbox's owner by `baton login`",
    ),
    ("aadsts7000215", "put the client secret's value, not its ID, where `client_secret` says"),
    ("aadsts7000222", "the client secret has expired: make a new one and put it where `client_secret` says"),
    (
        "aadsts7000112",
        "the application is disabled: an administrator has to enable it (Entra admin centre, enterprise applications, properties)",
    ),
    ("aadsts700016", "check `client_id` and `tenant`: that directory has no such application"),
    ("aadsts90002", "check `tenant`: there is no such directory"),
    ("aadsts50034", "check `login`: that directory has no such user"),
    ("aadsts50076", "a second factor is wanted: sign in again with `baton login`"),
    ("aadsts50126", "the password was wrong: sign in again with `baton login`"),
    (
        "admin_policy_enforced",
        "an administrator of the Workspace has to trust the application (Security, API controls)",
    ),
];

/// What to do about a token endpoint that refuses in these words. `None`: they are not known.
pub(crate) fn for_token_refusal(reason: &str) -> Option<&'static str> {
    let reason = reason.to_ascii_lowercase();
    TOKEN_REFUSALS.iter().find(|(words, _)| reason.contains(words)).map(|(_, remedy)| *remedy)
}

/// What to do about a password or key that cannot be had.
pub(crate) fn for_credentials(reason: &str) -> String {
    if let Some(remedy) = for_token_refusal(reason) {
        return remedy.to_owned();
    }
    let text = match reason {
        reason if reason.contains("chmod") => "set the file's mode as said, then run it again",
        reason if reason.contains("environment variable") => {
            "`export` it where baton runs; for a service, in its environment file (/etc/baton/secrets)"
        }
        reason if reason.contains("the keyring cannot be asked") => {
            "install it (Debian: libsecret-tools), or use { file = \"..\" } or { command = [\"..\"] } instead of { keyring = true }"
        }
        reason if reason.contains("the keyring gives") => {
            "type that in the session that baton runs in; where there is no desktop session, use { file = \"..\" } instead"
        }
        reason if reason.contains("password program") => {
            "run what `password` names by hand: it has to print the password and nothing else"
        }
        reason if reason.contains("gives no token") => "see `oauth2` of the account or its provider",
        _ => "see `password` or `oauth2` of the account",
    };
    text.to_owned()
}

/// What to do about a server that cannot be reached or understood.
pub(crate) async fn for_silence(reason: &str, refusal: Refusal<'_>) -> String {
    let Refusal { endpoint, key } = refusal;
    match (endpoint.security, spoken(&endpoint.host, endpoint.port).await) {
        (Security::Tls, Some(SpokenProtocol::StartTls | SpokenProtocol::Plain)) => {
            format!(
                "{endpoint} does not speak TLS from the start: write {key}+starttls:// instead of {key}s://"
            )
        }
        (Security::StartTls | Security::Plain, Some(SpokenProtocol::Tls)) => {
            format!("{endpoint} speaks TLS from the start: write {key}s:// in `{key}`")
        }
        (Security::StartTls, Some(SpokenProtocol::Plain)) => {
            format!("write {key}s:// if the server has a port for it, or ask who runs it to offer STARTTLS")
        }
        _ if reason.to_ascii_lowercase().replace([' ', '_'], "").contains("protocolversion") => {
            "the server knows no TLS newer than 1.1: whoever runs it has to turn on TLS 1.2 or 1.3".to_owned()
        }
        (_, None) if reason.contains("lookup") || reason.contains("no address") => {
            format!("the name {} is not known: check the spelling in `{key}`, and the network", endpoint.host)
        }
        _ => format!("check host and port of `{key}`, and the network"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::pki_types::{ServerName, UnixTime};
    use rustls::{CertificateError, OtherError};
    use secrecy::SecretString;

    use super::*;

    #[test]
    fn what_is_wrong_with_a_certificate_is_told_apart_whatever_the_names_in_it() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let for_name = |presented: &[&str]| CertificateError::NotValidForNameContext {
            expected: ServerName::try_from("expired.issuer.example").unwrap(),
            presented: presented.iter().map(|name| (*name).to_owned()).collect(),
        };
        let (renew, other_name, authority) = ("has to renew", "use the name", "as `ca`");
        let made_anew = "basicConstraints=CA:FALSE";
        for (error, remedy) in [
            (CertificateError::Expired, renew),
            (CertificateError::ExpiredContext { time: at(20), not_after: at(10) }, renew),
            (CertificateError::NotValidYet, renew),
            (CertificateError::NotValidYetContext { time: at(10), not_before: at(20) }, renew),
            (CertificateError::NotValidForName, other_name),
            (for_name(&[]), other_name),
            (for_name(&["DnsName(\"mail.vendor.example\")"]), other_name),
            (for_name(&["DnsName(\"issuer.example\")", "DnsName(\"expired.example\")"]), other_name),
            (CertificateError::UnknownIssuer, authority),
            (CertificateError::BadSignature, authority),
            (
                CertificateError::Other(OtherError(std::sync::Arc::new(std::io::Error::other(
                    "CaUsedAsEndEntity",
                )))),
                made_anew,
            ),
        ] {
            let reason = error.to_string();
            let said = for_certificate(&reason);
            assert!(said.contains(remedy), "{reason}: {said}");
            let named = for_certificate_by(&reason, Some("R11 (Let's Encrypt)"));
            assert_eq!(named.contains("R11"), remedy == authority, "{reason}: {named}");
        }
    }

    #[test]
    fn words_of_servers_name_what_to_change() {
        let endpoint = ServerLogin {
            host: "mail.vendor.example".to_owned(),
            port: 587,
            security: Security::StartTls,
            extra_ca: None,
            login: "dana@vendor.example".to_owned(),
            auth: Auth::Password(SecretString::from("x")),
        };
        for (words, remedy) in [
            ("534 5.7.9 Application-specific password required. For more information, go to", "app password"),
            (
                "[ALERT] Please log in via your web browser: https://support.google.com/mail/",
                "once in a browser",
            ),
            ("535 5.7.8 Username and Password not accepted.", "app passwords only"),
            (
                "[ALERT] IMAP access is disabled for your domain. Please contact your administrator",
                "turn IMAP on",
            ),
            ("[ALERT] You are yet to enable IMAP for your account.", "turn IMAP on"),
            (
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
                "Set-CASMailbox",
            ),
            (
                "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria",
                "Conditional Access",
            ),
            ("550 5.7.30 Basic authentication is not supported for Client Submission.", "takes no passwords"),
            ("535 5.7.3 Authentication unsuccessful [X.prod.outlook.com]", "Add-MailboxPermission"),
            ("AUTHENTICATE failed.", "New-ServicePrincipal"),
            ("The mailbox has no valid license", "no licence"),
            ("Dieses Postfach hat keine Licence", "no licence"),
            ("[UNAVAILABLE] Too many simultaneous connections", "try again later"),
            ("[AUTHENTICATIONFAILED] Authentication failed.", "check `login` and the password"),
        ] {
            let said = for_refusal(words, Refusal { endpoint: &endpoint, key: "smtp" });
            assert!(said.contains(remedy), "{words}: {said}");
        }
        for (words, remedy) in [
            (
                "login.microsoftonline.com gives no token: invalid_grant: AADSTS53003: Access has been blocked by",
                "Conditional Access",
            ),
            (
                "x gives no token: invalid_grant: AADSTS65001: The user or administrator has not consented",
                "consent is missing",
            ),
            (
                "x gives no token: invalid_client: AADSTS7000222: The provided client secret keys are expired",
                "has expired",
            ),
            ("x gives no token: unauthorized_client: AADSTS7000112: Application is disabled.", "enable it"),
            ("x gives no token: access_denied: admin_policy_enforced", "trust the application"),
            ("x gives no token: invalid_request", "see `oauth2`"),
        ] {
            assert!(for_credentials(words).contains(remedy), "{words}");
        }
    }
}
