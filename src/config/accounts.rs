//! `[accounts.NAME]`: a mailbox that baton may read and send from.

use std::path::{Path, PathBuf};

use crate::diagnostics::nearest;
use crate::domain::message::Address;

use super::endpoints::{self, ConfiguredEndpoint, Protocol};
use super::secrets::{ConfiguredAuth, OAuth2, Provider, SecretSource};
use super::toml_fields::{ConfigFaults, TomlFields, TomlValue};
use super::values;

/// A mailbox that baton may read (IMAP) and send from (SMTP).
#[derive(Clone, Debug)]
pub struct Account {
    pub name: String,
    pub address: Address,
    pub imap: ConfiguredEndpoint,
    pub smtp: ConfiguredEndpoint,
    /// The address unless the file says otherwise.
    pub login: String,
    pub auth: ConfiguredAuth,
    /// `None`: INBOX and the `\Sent` folder, on Gmail `\All`.
    pub folders: Option<Vec<String>>,
    /// Whether baton appends the copy to Sent; `None`: found out by itself.
    pub save_sent: Option<bool>,
    /// Name under which its server writes Authentication-Results; `None`: learnt from its mail.
    pub authserv: Option<String>,
    /// One more root certificate, PEM.
    pub ca: Option<PathBuf>,
    /// The name to introduce oneself by at the submission server; `None`: one that tells nothing of the machine.
    pub helo: Option<String>,
}

/// `None` where something that it needs is missing or wrong; every reason is in `faults`.
pub(crate) fn read(
    name: &TomlValue<String>,
    mut fields: TomlFields<'_>,
    dir: &Path,
    faults: &mut ConfigFaults,
) -> Option<Account> {
    let address = fields
        .required("address", "address = \"dana@vendor.example\"", faults)
        .and_then(|text| values::address(&text, faults));
    let imap = endpoints::read(&mut fields, Protocol::Imap, faults);
    let smtp = endpoints::read(&mut fields, Protocol::Smtp, faults);
    let login = fields.string("login", faults).map(|login| login.value);
    let auth = auth(&mut fields, dir, faults);
    let folders = folders(&mut fields, faults);
    let save_sent = fields.boolean("save_sent", faults).map(|save| save.value);
    let authserv = fields.string("authserv", faults).map(|text| text.value.to_lowercase());
    let ca = certificate(&mut fields, dir, faults);
    let helo = helo(&mut fields, faults);
    fields.finish(faults);
    let address = address?;
    Some(Account {
        name: name.value.clone(),
        login: login.unwrap_or_else(|| address.to_string()),
        address,
        imap: imap?,
        smtp: smtp?,
        auth: auth?,
        folders,
        save_sent,
        authserv,
        ca,
        helo,
    })
}

/// A host name, or an address in brackets (RFC 5321 section 4.1.3).
fn helo(fields: &mut TomlFields<'_>, faults: &mut ConfigFaults) -> Option<String> {
    let name = fields.string("helo", faults)?;
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    if name.value.is_empty() || !name.value.chars().all(is_fit) {
        let fault = faults
            .error(&name.span, "this is no name that a mail server can be greeted by")
            .help("a host name, or an address in brackets; leave the line out unless the server refuses the usual one")
            .example("helo = \"laptop.vendor.example\"");
        faults.add(fault);
        return None;
    }
    Some(name.value)
}

fn folders(fields: &mut TomlFields<'_>, faults: &mut ConfigFaults) -> Option<Vec<String>> {
    let list = fields.strings("folders", faults)?;
    if list.is_empty() {
        let fault = faults
            .error(&fields.key_span("folders"), "without a folder nothing can be seen")
            .help("leave the line out for INBOX and the Sent folder")
            .example("folders = [\"INBOX\", \"Sent\"]");
        faults.add(fault);
        return None;
    }
    Some(list.into_iter().map(|folder| folder.value).collect())
}

fn certificate(fields: &mut TomlFields<'_>, dir: &Path, faults: &mut ConfigFaults) -> Option<PathBuf> {
    let ca = fields.string("ca", faults)?;
    let path = dir.join(&ca.value);
    match std::fs::read_to_string(&path) {
        Ok(text) if text.contains("-----BEGIN CERTIFICATE-----") => Some(path),
        Ok(_) => {
            let fault = faults
                .error(&ca.span, format!("{} holds no certificate", path.display()))
                .help("a certificate in PEM begins with -----BEGIN CERTIFICATE-----");
            faults.add(fault);
            None
        }
        Err(error) => {
            faults.add(unreadable(faults, &ca, &path, &error));
            None
        }
    }
}

pub(crate) fn unreadable(
    faults: &ConfigFaults,
    text: &TomlValue<String>,
    path: &Path,
    error: &std::io::Error,
) -> crate::diagnostics::Fault {
    let why = match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        std::io::ErrorKind::InvalidData => "it is not text in UTF-8".to_owned(),
        _ => error.to_string(),
    };
    faults
        .error(&text.span, format!("{} cannot be read: {why}", path.display()))
        .help("paths are relative to this file")
}

fn auth(fields: &mut TomlFields<'_>, dir: &Path, faults: &mut ConfigFaults) -> Option<ConfiguredAuth> {
    let both = fields.has("password") && fields.has("oauth2");
    let neither = !fields.has("password") && !fields.has("oauth2");
    let before = faults.list.len();
    let password = secret_source(fields, "password", dir, faults);
    let oauth2 = oauth2(fields, dir, faults);
    if both {
        let span = fields.key_span("oauth2");
        let fault = faults
            .error(&span, format!("{} has both a password and oauth2", fields.name))
            .help("keep one of the two");
        faults.add(fault);
        return None;
    }
    if neither {
        let fault = faults
            .error(&fields.span, format!("{} has neither a password nor oauth2", fields.name))
            .help("say where the password is to be found; it never stands in this file itself")
            .example("password = { env = \"DANA_PASSWORD\" }");
        faults.add(fault);
        return None;
    }
    debug_assert!(password.is_some() || oauth2.is_some() || faults.list.len() > before);
    password.map(ConfiguredAuth::Password).or(oauth2.map(ConfiguredAuth::OAuth2))
}

/// `{ env = ".." }`, `{ file = ".." }`, `{ command = [".."] }` or `{ keyring = true }`.
fn secret_source(
    fields: &mut TomlFields<'_>,
    key: &'static str,
    dir: &Path,
    faults: &mut ConfigFaults,
) -> Option<SecretSource> {
    let example = format!("{key} = {{ env = \"DANA_PASSWORD\" }}");
    let mut table = match fields.table_or_string(key, faults)? {
        Ok(table) => table,
        Err(text) => {
            let fault = faults
                .error(&text.span, "a password does not stand in this file")
                .help("say where it is to be found: { env = \"..\" }, { file = \"..\" }, { command = [\"..\"] } or { keyring = true }")
                .example(example);
            faults.add(fault);
            return None;
        }
    };
    let before = faults.list.len();
    let mut sources = Vec::new();
    sources.extend(table.string("env", faults).map(|name| SecretSource::Env(name.value)));
    sources.extend(table.string("file", faults).map(|path| SecretSource::File(dir.join(path.value))));
    let command =
        table.strings("command", faults).map(|words| words.into_iter().map(|word| word.value).collect());
    sources.extend(command.filter(|words: &Vec<String>| !words.is_empty()).map(SecretSource::Command));
    let keyring = table.boolean("keyring", faults).is_some_and(|keyring| keyring.value);
    sources.extend(keyring.then_some(SecretSource::Keyring));
    let span = table.span.clone();
    table.finish(faults);
    match (sources.len(), sources.pop()) {
        (1, found) => found,
        (0, _) if faults.list.len() > before => None,
        (count, _) => {
            let what = if count == 0 {
                "does not say where it is"
            } else {
                "is to be found in one place, not in several"
            };
            let fault = faults.error(&span, format!("the {key} {what}")).example(example);
            faults.add(fault);
            None
        }
    }
}

/// `"google"`, `"microsoft"`, or a table with `provider` and what a company's own registration needs.
fn oauth2(fields: &mut TomlFields<'_>, dir: &Path, faults: &mut ConfigFaults) -> Option<OAuth2> {
    match fields.table_or_string("oauth2", faults)? {
        Err(text) => provider(&text, faults).map(OAuth2::of),
        Ok(mut table) => {
            let named = table.required("provider", "provider = \"google\"", faults);
            let provider = named.and_then(|text| provider(&text, faults));
            let mut text = |key, faults: &mut ConfigFaults| table.string(key, faults).map(|text| text.value);
            let client_id = text("client_id", faults);
            let tenant = text("tenant", faults);
            let authorize_url = text("authorize_url", faults);
            let token_url = text("token_url", faults);
            let device_url = text("device_url", faults);
            let service_account = text("service_account", faults).map(|path| dir.join(path));
            let client_secret = secret_source(&mut table, "client_secret", dir, faults);
            table.finish(faults);
            Some(OAuth2 {
                provider: provider?,
                client_id,
                client_secret,
                tenant,
                authorize_url,
                token_url,
                device_url,
                service_account,
            })
        }
    }
}

fn provider(text: &TomlValue<String>, faults: &mut ConfigFaults) -> Option<Provider> {
    match text.value.to_lowercase().as_str() {
        "google" => Some(Provider::Google),
        "microsoft" => Some(Provider::Microsoft),
        other => {
            let fault = faults.error(&text.span, format!("`{}` is no provider that baton knows", text.value));
            let fault = match nearest(other, ["google", "microsoft"]) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help("the providers are google and microsoft; others take a password"),
            };
            faults.add(fault);
            None
        }
    }
}
