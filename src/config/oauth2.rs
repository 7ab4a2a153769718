//! `oauth2` of an account or a provider, and `[oauth2.google]`, `[oauth2.microsoft]`: which tokens are asked for, where,
//! and with which client.
//!
//! Endpoints are complete once this is done, so nobody else needs to know Google's from Microsoft's. A service account's
//! key file is looked at here, so that one that cannot work is named with its line; its secret is read when it is used.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use url::{Host, Url};

use crate::diagnostics::nearest;

use super::secrets::{SecretSource, secret_source};
use super::toml_fields::{ConfigFaults, TomlFields, TomlValue};
use super::values::unreadable;

const GOOGLE_AUTHORIZE: &str = "https://accounts.google.com/o/oauth2/v2/auth";
const GOOGLE_TOKEN: &str = "https://oauth2.googleapis.com/token";
/// The only one of Google's scopes that opens IMAP and SMTP.
const GOOGLE_MAIL: &str = "https://mail.google.com/";
const MICROSOFT_AUTHORITY: &str = "https://login.microsoftonline.com";
/// For a person's own grant; the last one makes it outlive the hour.
const MICROSOFT_DELEGATED: [&str; 3] = [
    "https://outlook.office.com/IMAP.AccessAsUser.All",
    "https://outlook.office.com/SMTP.Send",
    "offline_access",
];
/// For an application's own: whatever an administrator has consented to.
const MICROSOFT_APP_ONLY: &str = "https://outlook.office365.com/.default";

/// Who issues the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenProvider {
    Google,
    Microsoft,
    Custom,
}

/// Login by token: who issues it, and for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2 {
    pub provider: TokenProvider,
    pub flow: TokenFlow,
}

/// What a token is given for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenFlow {
    /// Assertions signed with a service account's key, for any mailbox of the domain (RFC 7523).
    ServiceAccount {
        /// Google's JSON file.
        key_file: PathBuf,
        scopes: Vec<String>,
    },
    /// The application's own secret, for any mailbox that it was given (RFC 6749 section 4.4).
    ClientCredentials { token: Url, client_id: String, client_secret: SecretSource, scopes: Vec<String> },
    /// What a person granted with `baton login`.
    Consent(ConsentClient),
}

/// The client that people give their consent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentClient {
    /// Where a browser goes (RFC 8252).
    pub authorize: Option<Url>,
    pub token: Url,
    /// Where codes for another device come from (RFC 8628).
    pub device: Option<Url>,
    pub client_id: String,
    pub client_secret: Option<SecretSource>,
    pub scopes: Vec<String>,
}

/// `[oauth2.google]` and `[oauth2.microsoft]`, for accounts that name only the provider.
#[derive(Debug, Default)]
pub(crate) struct NamedClients {
    google: NamedClient,
    microsoft: NamedClient,
}

/// What a table of a client came to.
#[derive(Debug, Default)]
enum NamedClient {
    #[default]
    Absent,
    /// Its faults were reported where it is.
    Faulty,
    Right(Box<OAuth2>),
}

impl NamedClient {
    fn read(found: Option<Option<OAuth2>>) -> Self {
        match found {
            None => Self::Absent,
            Some(None) => Self::Faulty,
            Some(Some(oauth2)) => Self::Right(Box::new(oauth2)),
        }
    }
}

/// The table `[oauth2]` of the configuration.
pub(crate) fn named_clients(
    root: &mut TomlFields<'_>,
    dir: &Path,
    faults: &mut ConfigFaults,
) -> NamedClients {
    let Some(mut table) = root.table("oauth2", faults) else { return NamedClients::default() };
    let google = table.table("google", faults).map(|fields| google(fields, dir, faults));
    let microsoft = table.table("microsoft", faults).map(|fields| microsoft(fields, dir, faults));
    table.finish(faults);
    NamedClients { google: NamedClient::read(google), microsoft: NamedClient::read(microsoft) }
}

/// `oauth2` of an account or a provider: a name, or `{ google = .. }`, `{ microsoft = .. }` or `{ custom = .. }`.
pub(crate) fn read(
    fields: &mut TomlFields<'_>,
    clients: &NamedClients,
    dir: &Path,
    faults: &mut ConfigFaults,
) -> Option<OAuth2> {
    let mut table = match fields.table_or_string("oauth2", faults)? {
        Err(text) => return by_name(&text, clients, faults),
        Ok(table) => table,
    };
    let before = faults.list.len();
    let found = [
        table.table("google", faults).map(|fields| google(fields, dir, faults)),
        table.table("microsoft", faults).map(|fields| microsoft(fields, dir, faults)),
        table.table("custom", faults).map(|fields| custom(fields, dir, faults)),
    ];
    let span = table.span.clone();
    table.finish(faults);
    let mut named = found.into_iter().flatten();
    match (named.next(), named.next()) {
        (Some(one), None) => one,
        (None, _) if faults.list.len() > before => None,
        (first, _) => {
            let what = if first.is_some() { "names several providers" } else { "names no provider" };
            let fault = faults
                .error(&span, format!("`oauth2` {what}"))
                .help("it names one: google, microsoft or custom")
                .example("oauth2 = { google = { service_account = \"key.json\" } }");
            faults.add(fault);
            None
        }
    }
}

fn by_name(text: &TomlValue<String>, clients: &NamedClients, faults: &mut ConfigFaults) -> Option<OAuth2> {
    let name = text.value.to_lowercase();
    let client = match name.as_str() {
        "google" => &clients.google,
        "microsoft" => &clients.microsoft,
        other => {
            let fault = faults.error(&text.span, format!("`{}` is no provider that baton knows", text.value));
            let fault = match nearest(other, ["google", "microsoft"]) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault
                    .help("the providers are google and microsoft; for others name the endpoints")
                    .example("oauth2 = { custom = { authorize = \"https://..\", token = \"https://..\", client_id = \"..\" } }"),
            };
            faults.add(fault);
            return None;
        }
    };
    match client {
        NamedClient::Right(oauth2) => Some(OAuth2::clone(oauth2)),
        NamedClient::Faulty => None,
        NamedClient::Absent => {
            let fault = faults
                .error(&text.span, format!("the client for {name} is not configured"))
                .help(format!("add the table [oauth2.{name}] with the client that you registered there"))
                .example(match name.as_str() {
                    "google" => {
                        "[oauth2.google] with client_id = \"..\" and client_secret = { env = \"..\" }"
                    }
                    _ => "[oauth2.microsoft] with tenant = \"..\" and client_id = \"..\"",
                });
            faults.add(fault);
            None
        }
    }
}

fn google(mut fields: TomlFields<'_>, dir: &Path, faults: &mut ConfigFaults) -> Option<OAuth2> {
    fields.name = "oauth2 for google".to_owned();
    let key = fields.string("service_account", faults);
    let has_key = fields.has("service_account");
    let has_client = fields.has("client_id") || fields.has("client_secret");
    if !has_key && !has_client {
        let (before, span) = (faults.list.len(), fields.span.clone());
        fields.ask("client_id");
        fields.ask("client_secret");
        fields.finish(faults);
        if faults.list.len() == before {
            let fault = faults
                .error(&span, "there is neither a service account nor a client")
                .example("google = { service_account = \"key.json\" }");
            faults.add(fault);
        }
        return None;
    }
    let scopes = vec![GOOGLE_MAIL.to_owned()];
    let flow = if has_key && !has_client {
        let key_file = key.and_then(|text| key_file(&text, dir, faults));
        fields.ask("client_id");
        fields.ask("client_secret");
        key_file.map(|key_file| TokenFlow::ServiceAccount { key_file, scopes })
    } else {
        if has_key {
            let fault = faults
                .error(&fields.key_span("service_account"), "a service account needs no client")
                .help("keep either `service_account`, or `client_id` and `client_secret`");
            faults.add(fault);
        }
        let client_id = fields.required("client_id", "client_id = \"..apps.googleusercontent.com\"", faults);
        let client_secret = secret_source(&mut fields, "client_secret", dir, faults);
        let urls = Url::parse(GOOGLE_AUTHORIZE).ok().zip(Url::parse(GOOGLE_TOKEN).ok());
        client_id.zip(urls).filter(|_| !has_key).map(|(client_id, (authorize, token))| {
            TokenFlow::Consent(ConsentClient {
                authorize: Some(authorize),
                token,
                device: None,
                client_id: client_id.value,
                client_secret,
                scopes,
            })
        })
    };
    fields.finish(faults);
    Some(OAuth2 { provider: TokenProvider::Google, flow: flow? })
}

fn microsoft(mut fields: TomlFields<'_>, dir: &Path, faults: &mut ConfigFaults) -> Option<OAuth2> {
    fields.name = "oauth2 for microsoft".to_owned();
    let tenant = fields.required("tenant", "tenant = \"vendor.example\"", faults);
    let client_id = fields.required("client_id", "client_id = \"..\"", faults);
    let is_app_only = fields.has("client_secret");
    let client_secret = secret_source(&mut fields, "client_secret", dir, faults);
    let authority = match fields.string("authority", faults) {
        Some(text) => endpoint(&text, faults)?,
        None => Url::parse(MICROSOFT_AUTHORITY).ok()?,
    };
    fields.finish(faults);
    let (tenant, client_id) = (tenant?.value, client_id?.value);
    let endpoint = |name: &str| {
        let mut url = authority.clone();
        url.path_segments_mut().ok()?.pop_if_empty().extend([tenant.as_str(), "oauth2", "v2.0", name]);
        Some(url)
    };
    let token = endpoint("token")?;
    let flow = if is_app_only {
        let scopes = vec![MICROSOFT_APP_ONLY.to_owned()];
        TokenFlow::ClientCredentials { token, client_id, client_secret: client_secret?, scopes }
    } else {
        TokenFlow::Consent(ConsentClient {
            authorize: endpoint("authorize"),
            token,
            device: endpoint("devicecode"),
            client_id,
            client_secret: None,
            scopes: MICROSOFT_DELEGATED.map(str::to_owned).to_vec(),
        })
    };
    Some(OAuth2 { provider: TokenProvider::Microsoft, flow })
}

fn custom(mut fields: TomlFields<'_>, dir: &Path, faults: &mut ConfigFaults) -> Option<OAuth2> {
    fields.name = "oauth2 for custom".to_owned();
    let before = faults.list.len();
    let mut url =
        |key, faults: &mut ConfigFaults| fields.string(key, faults).and_then(|text| endpoint(&text, faults));
    let (authorize, device) = (url("authorize", faults), url("device", faults));
    let token = fields.required("token", "token = \"https://login.vendor.example/token\"", faults);
    let token = token.and_then(|text| endpoint(&text, faults));
    let client_id = fields.required("client_id", "client_id = \"..\"", faults);
    let client_secret = secret_source(&mut fields, "client_secret", dir, faults);
    let scopes = fields.strings("scopes", faults).unwrap_or_default();
    let scopes = scopes.into_iter().map(|scope| scope.value).collect();
    let asks_people = fields.has("authorize") || fields.has("device");
    let span = fields.span.clone();
    fields.finish(faults);
    let (token, client_id) = (token?, client_id?.value);
    let flow = match client_secret {
        Some(client_secret) if !asks_people => {
            TokenFlow::ClientCredentials { token, client_id, client_secret, scopes }
        }
        client_secret if asks_people => {
            TokenFlow::Consent(ConsentClient { authorize, token, device, client_id, client_secret, scopes })
        }
        _ => {
            if faults.list.len() == before {
                let fault = faults
                    .error(&span, "there is no way to get a token")
                    .help("name `authorize` for `baton login` with a browser, `device` for `baton login --device`, or a `client_secret` where the application has rights of its own");
                faults.add(fault);
            }
            return None;
        }
    };
    Some(OAuth2 { provider: TokenProvider::Custom, flow })
}

/// An endpoint that secrets may be sent to.
fn endpoint(text: &TomlValue<String>, faults: &mut ConfigFaults) -> Option<Url> {
    let refused = match Url::parse(&text.value) {
        Ok(url) if is_protected(&url) => return Some(url),
        Ok(url) if url.scheme() == "http" => {
            "without TLS the tokens would be sent unencrypted; write https:// (http:// is for this machine only)"
        }
        _ => "an endpoint is an address such as https://login.vendor.example/token",
    };
    let message = format!("`{}` cannot be used as an endpoint", text.value);
    faults.add(faults.error(&text.span, message).help(refused));
    None
}

/// https, or http to this machine.
fn is_protected(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => return false,
    };
    url.scheme() == "https" || url.scheme() == "http" && is_loopback
}

/// What a service account's key file has to hold; the key itself is not kept.
#[derive(Deserialize)]
struct KeyFile {
    client_email: Option<String>,
    private_key: Option<String>,
    token_uri: Option<String>,
}

fn key_file(text: &TomlValue<String>, dir: &Path, faults: &mut ConfigFaults) -> Option<PathBuf> {
    let path = dir.join(&text.value);
    faults.files.push(path.clone());
    let content = match crate::files::read_text(&path) {
        Ok(content) => secrecy::zeroize::Zeroizing::new(content),
        Err(error) => {
            faults.add(unreadable(faults, text, &path, &error));
            return None;
        }
    };
    // Editors of Windows put a byte order mark before a text.
    let content = content.trim_start_matches('\u{feff}');
    let shown = path.display();
    if is_writable_by_others(&path) {
        let fault = faults
            .error(&text.span, format!("others than its owner may write to {shown}"))
            .help(format!("whoever changes the key file decides where its keys go: `chmod 600 {shown}`"));
        faults.add(fault);
        return None;
    }
    let what = match key_fault(content) {
        None => return Some(path),
        Some(KeyFault::UnsafeEndpoint) => format!("the `token_uri` of {shown} is not https"),
        Some(KeyFault::NoKey(why)) => format!("{shown} is no key of a service account: {why}"),
    };
    let help = "download the key in the Google Cloud console: IAM, service accounts, keys, JSON";
    faults.add(faults.error(&text.span, what).help(help));
    None
}

/// What is wrong with a key file.
enum KeyFault {
    NoKey(String),
    UnsafeEndpoint,
}

fn key_fault(content: &str) -> Option<KeyFault> {
    let key: KeyFile = match serde_json::from_str(content) {
        Ok(key) => key,
        Err(error) => {
            // Its own words may quote the file.
            let place = format!("line {}, column {}", error.line(), error.column());
            let what = if error.is_data() { "its fields are no texts" } else { "it is not JSON" };
            return Some(KeyFault::NoKey(format!("{what} ({place})")));
        }
    };
    let fields = [
        ("client_email", &key.client_email),
        ("private_key", &key.private_key),
        ("token_uri", &key.token_uri),
    ];
    let is_missing = |value: &Option<String>| value.as_deref().is_none_or(str::is_empty);
    let missing: Vec<String> =
        fields.iter().filter(|(_, value)| is_missing(value)).map(|(name, _)| format!("`{name}`")).collect();
    if !missing.is_empty() {
        return Some(KeyFault::NoKey(format!("it lacks {}", missing.join(", "))));
    }
    if !key.private_key.is_some_and(|key| key.contains("PRIVATE KEY-----")) {
        return Some(KeyFault::NoKey("its `private_key` is not one".to_owned()));
    }
    let is_safe = key.token_uri.is_some_and(|uri| Url::parse(&uri).is_ok_and(|url| is_protected(&url)));
    (!is_safe).then_some(KeyFault::UnsafeEndpoint)
}

#[cfg(unix)]
fn is_writable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o022 != 0)
}

#[cfg(not(unix))]
fn is_writable_by_others(_path: &Path) -> bool {
    false
}
