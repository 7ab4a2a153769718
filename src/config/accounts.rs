//! `[accounts.NAME]`: a mailbox that baton may read and send from; `[providers.NAME]`: what many of them share.
//!
//! A provider may hold every key of an account but its address; the account's own take precedence. `{address}` in
//! what names a login or a secret stands for the account's address.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::diagnostics::nearest;
use crate::domain::message::Address;

use super::endpoints::{self, ConfiguredEndpoint, Protocol};
use super::oauth2::{self, NamedClients, OAuth2};
use super::secrets::{ADDRESS, SecretSource, secret_source};
use super::toml_fields::{ConfigFaults, TomlFields, TomlValue};
use super::values::{self, unreadable};

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
    /// The provider that it was made with.
    pub provider: Option<String>,
    /// The provider whose grant counts where the account has none of its own.
    pub shared_grant: Option<String>,
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

impl Account {
    /// The file with its password, where there is one that this user may not read.
    pub(crate) fn unreadable_secret(&self) -> Option<&Path> {
        let ConfiguredAuth::Password(SecretSource::File(path)) = &self.auth else { return None };
        let access = rustix::fs::access(path, rustix::fs::Access::READ_OK);
        (access == Err(rustix::io::Errno::ACCESS)).then_some(path)
    }
}

/// How baton proves who it is to an account's servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfiguredAuth {
    Password(SecretSource),
    OAuth2(Box<OAuth2>),
}

/// What came of a key that something needs.
#[derive(Clone, Debug, Default)]
enum KeyOutcome<T> {
    #[default]
    Absent,
    /// Its fault was reported where it is.
    Faulty,
    Right(T),
}

impl<T: Clone> KeyOutcome<T> {
    fn read(is_there: bool, value: Option<T>) -> Self {
        match value {
            Some(value) => Self::Right(value),
            None if is_there => Self::Faulty,
            None => Self::Absent,
        }
    }

    /// This, or the provider's where this is absent.
    fn or(&self, shared: &Self) -> Self {
        if matches!(self, Self::Absent) { shared.clone() } else { self.clone() }
    }

    fn right(self) -> Option<T> {
        if let Self::Right(value) = self { Some(value) } else { None }
    }
}

/// The keys that an account and a provider have in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccountKeys {
    imap: KeyOutcome<ConfiguredEndpoint>,
    smtp: KeyOutcome<ConfiguredEndpoint>,
    auth: KeyOutcome<ConfiguredAuth>,
    /// `"google"` or `"microsoft"`, where `oauth2` is only that.
    named_client: Option<String>,
    login: Option<String>,
    folders: Option<Vec<String>>,
    save_sent: Option<bool>,
    authserv: Option<String>,
    ca: Option<PathBuf>,
    helo: Option<String>,
}

/// `[providers.NAME]`, by name.
pub(crate) type Providers = BTreeMap<String, AccountKeys>;

impl AccountKeys {
    fn read(
        fields: &mut TomlFields<'_>,
        clients: &NamedClients,
        dir: &Path,
        faults: &mut ConfigFaults,
    ) -> Self {
        let imap = endpoints::read(fields, Protocol::Imap, faults);
        let smtp = endpoints::read(fields, Protocol::Smtp, faults);
        let named_client = fields.text_of("oauth2").map(str::to_lowercase);
        let auth = auth(fields, clients, dir, faults);
        Self {
            imap: KeyOutcome::read(fields.has("imap"), imap),
            smtp: KeyOutcome::read(fields.has("smtp"), smtp),
            auth: KeyOutcome::read(fields.has("password") || fields.has("oauth2"), auth),
            named_client,
            login: fields.string("login", faults).map(|login| login.value),
            folders: folders(fields, faults),
            save_sent: fields.boolean("save_sent", faults).map(|save| save.value),
            authserv: fields.string("authserv", faults).map(|text| text.value.to_lowercase()),
            ca: certificate(fields, dir, faults),
            helo: helo(fields, faults),
        }
    }

    /// What tokens its accounts log in with.
    pub(crate) fn oauth2(&self) -> Option<&OAuth2> {
        match &self.auth {
            KeyOutcome::Right(ConfiguredAuth::OAuth2(oauth2)) => Some(oauth2),
            _ => None,
        }
    }

    /// Names of the keys that an account cannot do without and that are not here.
    pub(crate) fn lacking(&self) -> Vec<&'static str> {
        let absent = [
            ("imap", matches!(self.imap, KeyOutcome::Absent)),
            ("smtp", matches!(self.smtp, KeyOutcome::Absent)),
            ("password", matches!(self.auth, KeyOutcome::Absent)),
        ];
        absent.into_iter().filter(|(_, absent)| *absent).map(|(key, _)| key).collect()
    }

    /// The account with these keys, `shared` standing in for those that it has not.
    pub(crate) fn account(
        &self,
        name: &str,
        address: Address,
        shared: Option<(&str, &AccountKeys)>,
    ) -> Option<Account> {
        let none = AccountKeys::default();
        let (provider, theirs) = shared.map_or((None, &none), |(name, keys)| (Some(name), keys));
        let shared_grant = match &self.auth {
            KeyOutcome::Absent => provider.map(str::to_owned),
            _ => self.named_client.clone(),
        };
        let login = self.login.as_ref().or(theirs.login.as_ref());
        let auth = self.auth.or(&theirs.auth).right()?;
        Some(Account {
            name: name.to_owned(),
            imap: self.imap.or(&theirs.imap).right()?,
            smtp: self.smtp.or(&theirs.smtp).right()?,
            login: login
                .map_or_else(|| address.to_string(), |login| login.replace(ADDRESS, address.as_str())),
            auth: match auth {
                ConfiguredAuth::Password(source) => {
                    ConfiguredAuth::Password(source.for_address(address.as_str()))
                }
                oauth2 @ ConfiguredAuth::OAuth2(_) => oauth2,
            },
            address,
            provider: provider.map(str::to_owned),
            shared_grant,
            folders: self.folders.clone().or_else(|| theirs.folders.clone()),
            save_sent: self.save_sent.or(theirs.save_sent),
            authserv: self.authserv.clone().or_else(|| theirs.authserv.clone()),
            ca: self.ca.clone().or_else(|| theirs.ca.clone()),
            helo: self.helo.clone().or_else(|| theirs.helo.clone()),
        })
    }
}

/// Every `[providers.NAME]`.
pub(crate) fn providers(
    root: &mut TomlFields<'_>,
    clients: &NamedClients,
    dir: &Path,
    faults: &mut ConfigFaults,
) -> Providers {
    let mut providers = Providers::new();
    for (name, mut fields) in root.named_tables("providers", faults) {
        if fields.has("address") {
            let fault = faults
                .error(&fields.key_span("address"), "a provider has no address of its own")
                .help("each of its accounts has one: [accounts.NAME], or a line of `people_file`");
            faults.add(fault);
            fields.ask("address");
        }
        let keys = AccountKeys::read(&mut fields, clients, dir, faults);
        fields.finish(faults);
        providers.insert(name.value, keys);
    }
    providers
}

/// The provider that `text` names; `None` where there is none, which is reported.
pub(crate) fn provider<'p>(
    text: &TomlValue<String>,
    providers: &'p Providers,
    faults: &mut ConfigFaults,
) -> Option<(&'p str, &'p AccountKeys)> {
    if let Some((name, keys)) = providers.get_key_value(&text.value) {
        return Some((name, keys));
    }
    let fault = faults.error(&text.span, format!("there is no provider `{}`", text.value));
    let names = || providers.keys().map(String::as_str);
    let fault = match nearest(&text.value, names()) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None if providers.is_empty() => {
            fault.help("add it as a table").example(format!("[providers.{}]", text.value))
        }
        None => fault.help(format!("the providers are {}", names().collect::<Vec<_>>().join(", "))),
    };
    faults.add(fault);
    None
}

/// `None` where something that it needs is missing or wrong; every reason is in `faults`.
pub(crate) fn read(
    name: &TomlValue<String>,
    mut fields: TomlFields<'_>,
    providers: &Providers,
    clients: &NamedClients,
    dir: &Path,
    faults: &mut ConfigFaults,
) -> Option<Account> {
    let address = fields
        .required("address", "address = \"dana@vendor.example\"", faults)
        .and_then(|text| values::address(&text, faults));
    let named = fields.string("provider", faults);
    let shared = named.as_ref().and_then(|text| provider(text, providers, faults));
    let own = AccountKeys::read(&mut fields, clients, dir, faults);
    // Whoever names a provider that does not exist has been told so, and needs to hear nothing else.
    if !fields.has("provider") || shared.is_some() {
        let theirs = shared.map_or_else(|| AccountKeys::default().lacking(), |(_, keys)| keys.lacking());
        for key in own.lacking().into_iter().filter(|key| theirs.contains(key)) {
            match key {
                "imap" => fields.missing(key, Protocol::Imap.example()),
                "smtp" => fields.missing(key, Protocol::Smtp.example()),
                _ => no_login(&fields, faults),
            }
        }
    }
    fields.finish(faults);
    own.account(&name.value, address?, shared)
}

fn no_login(fields: &TomlFields<'_>, faults: &mut ConfigFaults) {
    let fault = faults
        .error(&fields.span, format!("{} has neither a password nor oauth2", fields.name))
        .help("say where the password is to be found; it never stands in this file itself")
        .example("password = { env = \"DANA_PASSWORD\" }");
    faults.add(fault);
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
    faults.files.push(path.clone());
    match crate::files::read_text(&path) {
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

fn auth(
    fields: &mut TomlFields<'_>,
    clients: &NamedClients,
    dir: &Path,
    faults: &mut ConfigFaults,
) -> Option<ConfiguredAuth> {
    let both = fields.has("password") && fields.has("oauth2");
    let password = secret_source(fields, "password", dir, faults);
    let oauth2 = oauth2::read(fields, clients, dir, faults);
    if both {
        let span = fields.key_span("oauth2");
        let fault = faults
            .error(&span, format!("{} has both a password and oauth2", fields.name))
            .help("keep one of the two");
        faults.add(fault);
        return None;
    }
    password.map(ConfiguredAuth::Password).or(oauth2.map(|oauth2| ConfiguredAuth::OAuth2(Box::new(oauth2))))
}
