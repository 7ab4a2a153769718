//! The configuration: a TOML file, checked once into types that cannot be wrong. docs/interface.md.
//!
//! Every fault of the file is named in one go, with file, line, column and remedy. Passwords are not read
//! here, only where they are to be found (`secrets`). Reads the files that it names (people, calendars,
//! certificates, keys) and nothing else; zones and the machine's zone are arguments.
//!
//! Known limit: where the file is no TOML, only that is reported.

mod accounts;
mod digest;
mod endpoints;
mod hiding;
mod holidays;
mod missing;
mod oauth2;
mod people;
mod people_file;
mod rules;
mod secrets;
mod toml_fields;
mod values;

#[cfg(test)]
mod page_tests;
#[cfg(test)]
mod team_tests;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use etcetera::BaseStrategy;

use crate::diagnostics::{self, Fault};
use crate::domain::freemail;
use crate::domain::judge::{AddressesInOrder, Policy};
use crate::domain::message::Address;
use crate::domain::people::Person;
use crate::domain::sla::SlaPolicy;
use crate::domain::zone::{Zone, ZoneSource};
use crate::files;

pub(crate) use accounts::{Account, ConfiguredAuth};
pub(crate) use digest::{ConfigReading, database_of, parts_of, read_all};
pub(crate) use endpoints::{ConfiguredEndpoint, Protection};
#[cfg(test)]
pub(crate) use oauth2::ConsentClient;
pub(crate) use oauth2::{OAuth2, TokenFlow, TokenProvider};
pub(crate) use people_file::people_of;
pub(crate) use secrets::{SecretError, SecretSource, fetch_secret};

pub(crate) use values::without_summer_time;

use toml_fields::{ConfigFaults, TomlFields};

/// What the configuration is read against.
#[derive(Clone)]
pub struct Surroundings<'a> {
    pub zones: &'a dyn ZoneSource,
    /// Zone of people whose entry names none.
    pub machine: Arc<dyn Zone>,
}

impl fmt::Debug for Surroundings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").field("machine", &self.machine.name()).finish_non_exhaustive()
    }
}

/// A configuration that passed every check: every name in it that refers to something does.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file that it was read from.
    pub path: PathBuf,
    pub database: PathBuf,
    /// Folder whose files override the built-in templates.
    pub templates: Option<PathBuf>,
    pub agent: Agent,
    /// Trigger conditions beyond the four.
    pub conditions: Vec<String>,
    /// Rivals to look for in the prospect's mail.
    pub competitors: Vec<String>,
    pub sla: Sla,
    pub feedback: FeedbackTimes,
    pub accounts: BTreeMap<String, Account>,
    /// Providers whose accounts log in by token, for `baton login`; `google` and `microsoft`, too, where accounts name
    /// only these.
    pub token_providers: BTreeMap<String, OAuth2>,
    /// Names of all `[providers.NAME]`.
    pub providers: BTreeSet<String>,
    pub people: Vec<Person>,
    /// Scheduling tools beyond those that baton knows.
    pub schedulers: Vec<Scheduler>,
    /// What works, but probably not as it was meant.
    pub warnings: Vec<Fault>,
    /// Of the file and of all that it names: two processes with the same act on the same configuration.
    pub digest: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Name of the account that baton's own mail leaves from.
    pub account: String,
    pub operator: Address,
}

/// When a first touch is due, and what happens around it. Lengths in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sla {
    /// The policy in force.
    pub policy: SlaPolicy,
    /// The playbook with the configured times, whichever policy is in force.
    pub playbook: SlaPolicy,
    /// Length of the other two policies.
    pub seconds: u32,
    /// 0: no reminder.
    pub remind_before: u32,
    pub grace: u32,
    pub blind_after: u32,
}

/// When feedback is due after a meeting's end. Lengths in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedbackTimes {
    pub due: u32,
    /// 0: no reminder.
    pub remind_before: u32,
}

/// A scheduling tool whose confirmations count as a touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheduler {
    pub name: String,
    /// Domains or addresses that its mail comes from, lower-case.
    pub senders: Vec<String>,
    /// Hosts, or hosts with the beginning of a path, of the links in its mail, lower-case.
    pub links: Vec<String>,
}

impl Config {
    pub(crate) fn person(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.name == name)
    }

    /// The account that baton's own mail leaves from.
    pub(crate) fn agent_account(&self) -> Option<&Account> {
        self.accounts.get(&self.agent.account)
    }

    /// The policy for [`crate::domain::judge::judge`]. `takes_up` compares words with texts.
    pub(crate) fn policy(&self, takes_up: fn(&str, &[&str]) -> bool) -> Policy {
        let own = |person: &Person| {
            let aliases = person.aliases.iter().map(|alias| alias.domain().to_owned());
            aliases.chain([person.address.domain().to_owned()]).collect::<Vec<_>>()
        };
        let domains: Vec<String> = self.people.iter().flat_map(own).collect();
        Policy {
            people: self.people.clone(),
            operator: self.agent.operator.clone(),
            agent_account: self.agent.account.clone(),
            agent_address: self
                .agent_account()
                .map_or_else(|| self.agent.operator.clone(), |account| account.address.clone()),
            account_addresses: self.accounts.values().map(|account| account.address.clone()).collect(),
            sla: self.sla.policy,
            remind_before: self.sla.remind_before,
            grace: self.sla.grace,
            blind_after: self.sla.blind_after,
            feedback_due: self.feedback.due,
            feedback_remind_before: self.feedback.remind_before,
            freemail: freemail::among(domains.iter().map(String::as_str)),
            takes_up,
            in_order: AddressesInOrder::default(),
        }
    }
}

/// Name of the file in the working folder and in the user's configuration folder.
const FILE_NAME: &str = "baton.toml";

/// The configuration file: `flag` (`--config`), else `$BATON_CONFIG`, else `baton.toml` in `here`, else the
/// one in the user's configuration folder. `Err` names every place that was looked at.
pub(crate) fn find(
    flag: Option<&Path>,
    env: &dyn Fn(&str) -> Option<String>,
    here: &Path,
) -> Result<PathBuf, Box<Fault>> {
    let named = flag
        .map(Path::to_owned)
        .or_else(|| env("BATON_CONFIG").filter(|path| !path.is_empty()).map(PathBuf::from));
    if let Some(path) = named {
        return Ok(path);
    }
    let local = here.join(FILE_NAME);
    let of_user = user_file(env);
    let places: Vec<PathBuf> = std::iter::once(local).chain(of_user).collect();
    if let Some(found) = places.iter().find(|path| path.is_file()) {
        // The shorter name of a file in the working folder reads better in messages.
        return Ok(found.strip_prefix(here).map_or_else(|_| found.clone(), Path::to_owned));
    }
    let looked = places.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" and ");
    let fault = Fault::of_file(FILE_NAME, "there is no configuration")
        .help(format!("looked for {looked}"))
        .help("`baton init` writes one; `--config FILE` or $BATON_CONFIG names another place");
    Err(Box::new(fault))
}

fn user_file(env: &dyn Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let folder = env("XDG_CONFIG_HOME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let folder =
        folder.or_else(|| etcetera::choose_base_strategy().ok().map(|strategy| strategy.config_dir()));
    folder.map(|folder| folder.join("baton").join(FILE_NAME))
}

/// Reads and checks the file; every fault in one go.
pub fn load(path: &Path, surroundings: &Surroundings<'_>) -> Result<Config, Vec<Fault>> {
    read_all(path, surroundings).config
}

/// The text of the file.
fn text_of(path: &Path) -> Result<String, Vec<Fault>> {
    let name = path.display().to_string();
    match files::read(path, files::MOST_BYTES) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(text),
            Err(_) => Err(vec![
                Fault::of_file(name, "the file is not UTF-8 text")
                    .help("save it again with the encoding UTF-8"),
            ]),
        },
        Err(error) => {
            let fault = match error.kind() {
                std::io::ErrorKind::NotFound => Fault::of_file(name, "there is no such file")
                    .help("`baton init` writes a configuration; `--config FILE` names another"),
                std::io::ErrorKind::IsADirectory => Fault::of_file(name, "this is a folder")
                    .help(format!("perhaps {}", path.join(FILE_NAME).display())),
                std::io::ErrorKind::PermissionDenied => {
                    Fault::of_file(name, "the file may not be read by you")
                        .help("run baton as its owner, or change its mode")
                }
                _ => {
                    let fault = Fault::of_file(name, format!("the file cannot be read: {error}"));
                    files::remedy(&error).into_iter().fold(fault, Fault::help)
                }
            };
            Err(vec![fault])
        }
    }
}

/// Checks the text of a configuration; relative paths in it are relative to the folder of `path`.
pub(crate) fn parse(text: &str, path: &Path, surroundings: &Surroundings<'_>) -> Result<Config, Vec<Fault>> {
    parse_with_files(text, path, surroundings).0
}

/// The same, with the files that the text names.
fn parse_with_files(
    text: &str,
    path: &Path,
    surroundings: &Surroundings<'_>,
) -> (Result<Config, Vec<Fault>>, Vec<PathBuf>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (source, table) = toml_fields::parse(&path.display().to_string(), text);
    let table = match table {
        Ok(table) => table,
        Err(faults) => return (Err(faults), Vec::new()),
    };
    let mut faults = ConfigFaults::new(source);
    let root = TomlFields::new("the configuration", table.get_ref(), 0..0);
    let config = read(root, path, surroundings, &mut faults);
    diagnostics::sort(&mut faults.list);
    diagnostics::sort(&mut faults.warnings);
    let files = std::mem::take(&mut faults.files);
    let config = match config {
        Some(config) if faults.list.is_empty() => Ok(Config { warnings: faults.warnings, ..config }),
        _ => Err(faults.list),
    };
    (config, files)
}

fn read(
    mut root: TomlFields<'_>,
    path: &Path,
    surroundings: &Surroundings<'_>,
    faults: &mut ConfigFaults,
) -> Option<Config> {
    let dir = path.parent().unwrap_or(Path::new(""));
    let database = root.string("database", faults).map_or_else(|| "baton.db".to_owned(), |text| text.value);
    let templates = rules::templates(&mut root, dir, faults);
    let clients = oauth2::named_clients(&mut root, dir, faults);
    let providers = accounts::providers(&mut root, &clients, dir, faults);
    let tables = root.named_tables("accounts", faults);
    let mut account_names: Vec<String> = tables.iter().map(|(name, _)| name.value.clone()).collect();
    let mut accounts = BTreeMap::new();
    for (name, fields) in tables {
        if let Some(account) = accounts::read(&name, fields, &providers, &clients, dir, faults) {
            accounts.insert(name.value, account);
        }
    }
    let context = people::PeopleContext { providers: &providers, dir, surroundings };
    let people = people::read(&mut root, &mut accounts, &mut account_names, &context, faults);
    let agent = rules::agent(&mut root, &account_names, faults);
    let (conditions, competitors) = rules::record(&mut root, faults);
    let sla = rules::sla(root.table("sla", faults), faults);
    let feedback = rules::feedback(root.table("feedback", faults), faults);
    let schedulers = root
        .tables("schedulers", faults)
        .into_iter()
        .filter_map(|table| rules::scheduler(table, faults))
        .collect();
    root.finish(faults);
    Some(Config {
        path: path.to_owned(),
        database: dir.join(database),
        templates,
        agent: agent?,
        conditions,
        competitors,
        sla: sla?,
        feedback,
        token_providers: token_providers(&providers, &accounts),
        providers: providers.keys().cloned().collect(),
        accounts,
        people,
        schedulers,
        warnings: Vec::new(),
        digest: String::new(),
    })
}

/// Whose consent `baton login` can ask for, beside that of single accounts.
fn token_providers(
    providers: &accounts::Providers,
    accounts: &BTreeMap<String, Account>,
) -> BTreeMap<String, OAuth2> {
    let configured = providers.iter().filter_map(|(name, keys)| Some((name.clone(), keys.oauth2()?.clone())));
    let named_only = accounts.values().filter_map(|account| match (&account.shared_grant, &account.auth) {
        (Some(name), ConfiguredAuth::OAuth2(oauth2)) => Some((name.clone(), OAuth2::clone(oauth2))),
        _ => None,
    });
    named_only.chain(configured).collect()
}
