//! The configuration that `baton init` writes, and what it adds to one that is there already, whose comments and order
//! stay as they are.

use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

/// How an account reaches its mailbox.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NewMailbox {
    /// Its own servers, and the variable that holds its password.
    Servers { imap: String, smtp: String, login: String, variable: String },
    /// A provider of the configuration.
    Provider(String),
}

impl NewMailbox {
    /// The variable that holds its password.
    pub(crate) fn variable(&self) -> Option<&str> {
        match self {
            Self::Servers { variable, .. } => Some(variable),
            Self::Provider(_) => None,
        }
    }

    /// As a table in the file's text.
    fn text(&self, name: &str, address: &str) -> String {
        let head = format!("\n[accounts.{name}]\n");
        match self {
            Self::Provider(provider) => {
                format!("{head}provider = {}\naddress = {}\n", quoted(provider), quoted(address))
            }
            Self::Servers { imap, smtp, login, variable } => format!(
                "{head}address = {}\nimap = {}\nsmtp = {}\nlogin = {}\n\
                 password = {{ env = {} }}  # or {{ file = \"..\" }}, {{ command = [\"..\"] }}, {{ keyring = true }}\n",
                quoted(address),
                quoted(imap),
                quoted(smtp),
                quoted(login),
                quoted(variable)
            ),
        }
    }

    fn table(&self, address: &str) -> Table {
        let mut table = Table::new();
        match self {
            Self::Provider(provider) => {
                table.insert("provider", value(provider.as_str()));
                table.insert("address", value(address));
            }
            Self::Servers { imap, smtp, login, variable } => {
                table.insert("address", value(address));
                table.insert("imap", value(imap));
                table.insert("smtp", value(smtp));
                table.insert("login", value(login));
                let mut source = toml_edit::InlineTable::new();
                source.insert("env", variable.as_str().into());
                table.insert("password", value(source));
            }
        }
        table
    }
}

/// An account to write down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NewAccount {
    pub name: String,
    pub address: String,
    pub mailbox: NewMailbox,
}

impl NewAccount {
    fn add_to(&self, document: &mut DocumentMut) -> Option<()> {
        let accounts = document.entry("accounts").or_insert_with(|| {
            let mut accounts = Table::new();
            accounts.set_implicit(true);
            Item::Table(accounts)
        });
        accounts.as_table_like_mut()?.insert(&self.name, Item::Table(self.mailbox.table(&self.address)));
        Some(())
    }
}

/// Gives somebody of the file an account. `None`: they are not in the file itself.
pub(crate) fn give_account(document: &mut DocumentMut, person: &str, account: &NewAccount) -> Option<()> {
    let people = document.get_mut("people")?.as_array_of_tables_mut()?;
    let is_it = |table: &&mut Table| {
        table.get("name").and_then(Item::as_str).is_some_and(|name| name.trim() == person)
    };
    people.iter_mut().find(is_it)?.insert("account", value(&account.name));
    account.add_to(document)
}

/// Baton's own mail leaves from this account.
pub(crate) fn make_agent(document: &mut DocumentMut, account: &NewAccount) -> Option<()> {
    let named = document.get_mut("agent")?.as_table_like_mut()?.get_mut("account")?.as_value_mut()?;
    let decor = named.decor().clone();
    *named = account.name.as_str().into();
    *named.decor_mut() = decor;
    account.add_to(document)
}

/// A person to write down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NewPerson {
    pub name: String,
    pub roles: Vec<String>,
    pub address: String,
    /// The account's name, and how it is reached; none where baton does not read the mailbox.
    pub account: Option<(String, NewMailbox)>,
    pub zone: Option<String>,
    pub manager: Option<String>,
}

/// How people log in at a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderLogin {
    /// One key or secret for every mailbox.
    EveryMailbox,
    /// Each person's own consent.
    Consent,
}

/// Who has a provider's mailboxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderKind {
    Google,
    Microsoft,
    /// Anybody else: a password for each mailbox.
    Passwords,
}

impl ProviderKind {
    /// Of `--provider`.
    pub(crate) fn named(name: &str) -> Self {
        if name == "google" { Self::Google } else { Self::Microsoft }
    }

    /// What the table is called where nobody has named it.
    pub(crate) fn table_name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Passwords => "mail",
        }
    }
}

/// A provider to write down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NewProvider {
    /// Of its table.
    pub name: String,
    pub kind: ProviderKind,
    pub login: ProviderLogin,
    pub imap: String,
    pub smtp: String,
    /// Microsoft's directory.
    pub tenant: String,
}

/// All of a new configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct NewConfig {
    pub agent: String,
    pub operator: String,
    /// Baton's own mailbox.
    pub own: Option<NewAccount>,
    pub people_file: Option<String>,
    /// The provider of everybody who names none.
    pub provider_of_all: Option<String>,
    pub provider: Option<NewProvider>,
    pub people: Vec<NewPerson>,
}

/// A name in a table's head: bare where it may be.
fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { quoted(name) }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

impl NewConfig {
    /// The file's text, with comments.
    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "# Whose mail baton reads and sends, and who the people are. docs/interface.md has every key; `baton doctor`
# checks all of it.

database = \"baton.db\"            # relative to this file
{people}
[agent]
account = {agent}                 # where baton's own mail leaves from and answers come back to; best a mailbox of its
                                 # own, needed as soon as a second SDR hands off by mail
operator = {operator}  # hears when baton cannot see or send

[sla]
policy = \"playbook\"              # before noon: the same day 17:00; later: the next working day 10:00
",
            people = self.people_file.as_ref().map_or(String::new(), |file| {
                format!("people_file = {}      # a line each; the column `provider` makes a mailbox watched\n", quoted(file))
            }),
            agent = quoted(&self.agent),
            operator = quoted(&self.operator),
        );
        if let Some(provider) = &self.provider {
            text.push_str(&provider.text());
        }
        if let Some(name) = &self.provider_of_all {
            text.push_str(&format!(
                "\n[defaults]                       # for everybody who does not say otherwise\nprovider = {}\n",
                quoted(name)
            ));
        }
        if let Some(own) = &self.own {
            text.push_str(&own.mailbox.text(&own.name, &own.address));
        }
        for (person, (name, mailbox)) in
            self.people.iter().filter_map(|one| Some((one, one.account.as_ref()?)))
        {
            text.push_str(&mailbox.text(name, &person.address));
        }
        for person in &self.people {
            text.push_str(&person.text());
        }
        text
    }
}

impl NewProvider {
    pub(crate) fn text(&self) -> String {
        let tenant = quoted(&self.tenant);
        let login = match (self.kind, self.login) {
            (ProviderKind::Passwords, _) => "password = { file = \"passwords/{address}\" }   # or env, or command".to_owned(),
            (ProviderKind::Google, ProviderLogin::EveryMailbox) => {
                "oauth2 = { google = { service_account = \"key.json\" } }   # its key; allow it domain-wide delegation".to_owned()
            }
            (ProviderKind::Google, ProviderLogin::Consent) => {
                "oauth2 = { google = { client_id = \"CLIENT-ID\", client_secret = { env = \"GOOGLE_CLIENT_SECRET\" } } }"
                    .to_owned()
            }
            (ProviderKind::Microsoft, ProviderLogin::EveryMailbox) => format!(
                "oauth2 = {{ microsoft = {{ tenant = {tenant}, client_id = \"CLIENT-ID\", client_secret = {{ env = \"MICROSOFT_CLIENT_SECRET\" }} }} }}",
            ),
            (ProviderKind::Microsoft, ProviderLogin::Consent) => format!(
                "oauth2 = {{ microsoft = {{ tenant = {tenant}, client_id = \"CLIENT-ID\" }} }}   # each person: `baton login ACCOUNT`",
            ),
        };
        format!(
            "\n[providers.{}]\nimap = {}\nsmtp = {}\n{login}\n",
            key(&self.name),
            quoted(&self.imap),
            quoted(&self.smtp)
        )
    }
}

impl NewPerson {
    fn text(&self) -> String {
        let roles: Vec<String> = self.roles.iter().map(|role| quoted(role)).collect();
        let mut text = format!(
            "\n[[people]]\nname = {}\nroles = [{}]\naddress = {}\n",
            quoted(&self.name),
            roles.join(", "),
            quoted(&self.address)
        );
        let account = self.account.as_ref().map(|(name, _)| name);
        for (key, value) in
            [("account", account), ("zone", self.zone.as_ref()), ("manager", self.manager.as_ref())]
        {
            if let Some(value) = value {
                text.push_str(&format!("{key} = {}\n", quoted(value)));
            }
        }
        if self.roles.iter().any(|role| role == "ae") {
            text.push_str("# aliases = [\"..\"]               # other addresses to write from\n");
            text.push_str("# holidays = [\"2026-12-25\", \"holidays.ics\"]\n");
            if self.account.is_none() {
                text.push_str(
                    "# account = \"..\"                 # with an [accounts...] of their own, baton sees every mail that they send\n",
                );
            }
        }
        text
    }

    /// Adds the person, and their account, to a configuration. `None`: its `people` or `accounts` are not tables.
    pub(crate) fn add_to(&self, document: &mut DocumentMut) -> Option<()> {
        if let Some((name, mailbox)) = &self.account {
            let (name, address) = (name.clone(), self.address.clone());
            NewAccount { name, address, mailbox: mailbox.clone() }.add_to(document)?;
        }
        let mut person = Table::new();
        person.insert("name", value(&self.name));
        person.insert("roles", value(self.roles.iter().map(String::as_str).collect::<Array>()));
        person.insert("address", value(&self.address));
        let account = self.account.as_ref().map(|(name, _)| name);
        for (key, text) in
            [("account", account), ("zone", self.zone.as_ref()), ("manager", self.manager.as_ref())]
        {
            if let Some(text) = text {
                person.insert(key, value(text));
            }
        }
        let people = document.entry("people").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        people.as_array_of_tables_mut()?.push(person);
        Some(())
    }
}

/// A short name for an account, from a person's first name.
pub(crate) fn key_of(name: &str) -> String {
    let first = name.split_whitespace().next().unwrap_or_default();
    let key: String = first.chars().filter(char::is_ascii_alphanumeric).collect();
    if key.is_empty() { "sdr".to_owned() } else { key.to_lowercase() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays_as_it_is() {
        let before = "# Ours.\ndatabase = \"x.db\"   # old\n\n[[people]] # first\nname = \"Dana Fox\"\n\n[accounts.dana]\naddress = \"d@v.example\"\n# the end\n";
        let mut document: DocumentMut = before.parse().unwrap();
        let servers = NewMailbox::Servers {
            imap: "imaps://i".to_owned(),
            smtp: "smtps://s".to_owned(),
            login: "c@v.example".to_owned(),
            variable: "CALVIN_PASSWORD".to_owned(),
        };
        let person = NewPerson {
            name: "Calvin \"C\" Reyes".to_owned(),
            roles: vec!["ae".to_owned()],
            address: "c@v.example".to_owned(),
            account: Some(("calvin".to_owned(), servers)),
            zone: Some("Europe/Madrid".to_owned()),
            manager: None,
        };
        person.add_to(&mut document).unwrap();
        let after = document.to_string();
        for line in before.lines() {
            assert!(after.contains(line), "{line:?} is gone:\n{after}");
        }
        for line in ["[accounts.calvin]", "password = { env = \"CALVIN_PASSWORD\" }", "roles = [\"ae\"]"] {
            assert!(after.contains(line), "{line:?} is missing:\n{after}");
        }
        let mut odd: DocumentMut = "people = 5".parse().unwrap();
        assert_eq!(person.add_to(&mut odd), None);
    }

    #[test]
    fn accounts_are_named_after_first_names() {
        assert_eq!(key_of("Łukasz Żak"), "ukasz");
        assert_eq!(key_of("李 明"), "sdr");
    }
}
