//! `[[people]]`, `people_file` and `[defaults]`: who they are, how they are recognised, and when they work.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{NaiveDate, Weekday};

use crate::diagnostics::{Fault, SourceText, nearest};
use crate::domain::message::Address;
use crate::domain::people::{Person, TeamRole, WorkingTime};
use crate::domain::zone::Zone;

use super::accounts::{self, Account, AccountKeys, Providers};
use super::toml_fields::{ConfigFaults, TomlFields, TomlValue};
use super::{Surroundings, holidays, people_file, values};

const WEEK: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
const OPENS: u16 = 9 * 60;
const CLOSES: u16 = 17 * 60;

/// A person's entry: what a check between people needs, with its place, and the person where all is right.
struct PersonEntry {
    /// The file that it is in.
    source: Arc<SourceText>,
    name: TomlValue<String>,
    /// Address and aliases.
    addresses: Vec<TomlValue<Address>>,
    manager: Option<PlacedManager>,
    provider: Option<TomlValue<String>>,
    person: Option<Person>,
}

/// A manager's name, in this entry or in `[defaults]`.
#[derive(Clone)]
struct PlacedManager {
    name: TomlValue<String>,
    source: Arc<SourceText>,
}

impl PersonEntry {
    /// Somebody whose roles are not known is not told to lack one.
    fn may_manage(&self) -> bool {
        self.person.as_ref().is_none_or(|person| person.roles.contains(&TeamRole::Manager))
    }
}

/// `[defaults]`: what holds for every person that does not say otherwise.
#[derive(Default)]
pub(crate) struct PersonDefaults {
    roles: Option<BTreeSet<TeamRole>>,
    provider: Option<TomlValue<String>>,
    manager: Option<PlacedManager>,
    introduce: Option<String>,
    signature: Option<String>,
    zone: Option<Arc<dyn Zone>>,
    workdays: Option<Vec<Weekday>>,
    hours: Option<(u16, u16)>,
    holidays: Option<BTreeSet<NaiveDate>>,
}

/// What people are read against.
pub(crate) struct PeopleContext<'a> {
    pub providers: &'a Providers,
    pub dir: &'a Path,
    pub surroundings: &'a Surroundings<'a>,
}

/// The table `[defaults]`.
pub(crate) fn defaults(
    root: &mut TomlFields<'_>,
    context: &PeopleContext<'_>,
    faults: &mut ConfigFaults,
) -> PersonDefaults {
    let Some(mut fields) = root.table("defaults", faults) else { return PersonDefaults::default() };
    for key in ["name", "address", "aliases", "delegates", "account"] {
        if fields.has(key) {
            let fault = faults
                .error(&fields.key_span(key), format!("`{key}` is a person's own"))
                .help("give it under [[people]], or in a line of `people_file`");
            faults.add(fault);
            fields.ask(key);
        }
    }
    let source = Arc::clone(&faults.source);
    let defaults = PersonDefaults {
        roles: if fields.has("roles") { roles(&mut fields, faults) } else { None },
        provider: fields.string("provider", faults),
        manager: fields.string("manager", faults).map(|name| PlacedManager { name, source }),
        introduce: fields.string("introduce", faults).map(|text| text.value),
        signature: fields.string("signature", faults).map(|text| text.value),
        zone: zone(&mut fields, context, faults),
        workdays: workdays(&mut fields, faults),
        hours: fields.string("hours", faults).and_then(|text| values::hours(&text, faults)),
        holidays: own_holidays(&mut fields, context, faults),
    };
    fields.finish(faults);
    if let Some(text) = &defaults.provider {
        // Once, and not for every person.
        accounts::provider(text, context.providers, faults);
    }
    defaults
}

/// Everybody who is right by themselves, from `[[people]]` and from `people_file`, whose mailboxes become `accounts`;
/// the faults of the rest and between them are in `faults`.
pub(crate) fn read(
    root: &mut TomlFields<'_>,
    accounts: &mut BTreeMap<String, Account>,
    account_names: &mut Vec<String>,
    context: &PeopleContext<'_>,
    faults: &mut ConfigFaults,
) -> Vec<Person> {
    let defaults = defaults(root, context, faults);
    let file = root.string("people_file", faults);
    let file = file.and_then(|text| people_file::read(&text, context.dir, faults));
    let mut entries: Vec<PersonEntry> = root
        .tables("people", faults)
        .into_iter()
        .filter_map(|table| one(table, account_names, &defaults, context, faults))
        .collect();
    if let Some(mut file) = file {
        let mut of_file = ConfigFaults::new(Arc::clone(&file.source));
        of_file.list = std::mem::take(&mut file.faults);
        let tables = file.tables().into_iter();
        entries.extend(tables.filter_map(|row| one(row, account_names, &defaults, context, &mut of_file)));
        // Examples show the form of the configuration, which these lines have not.
        faults.list.extend(of_file.list.into_iter().map(|fault| Fault { example: None, ..fault }));
        faults.warnings.extend(of_file.warnings);
        faults.files.extend(of_file.files);
    }
    make_accounts(&entries, accounts, account_names, context.providers, faults);
    names_differ(&entries, faults);
    addresses_differ(&entries, faults);
    managers_exist(&entries, faults);
    for entry in &entries {
        advise(entry, accounts, faults);
    }
    entries.into_iter().filter_map(|entry| entry.person).collect()
}

/// The account of everybody who names a provider, under the name of their address.
fn make_accounts(
    entries: &[PersonEntry],
    accounts: &mut BTreeMap<String, Account>,
    account_names: &mut Vec<String>,
    providers: &Providers,
    faults: &mut ConfigFaults,
) {
    let mut incomplete = BTreeSet::new();
    let mut made = BTreeSet::new();
    for entry in entries {
        let (Some(person), Some(text)) = (&entry.person, &entry.provider) else { continue };
        let name = person.address.to_string();
        let Some((provider, keys)) = providers.get_key_value(&text.value) else {
            // That is a fault already; what names the account is none.
            account_names.push(name);
            continue;
        };
        if made.contains(&name) {
            // Two people under one address, which is told as that.
            continue;
        }
        if account_names.contains(&name) {
            let fault = Fault::error(&entry.source, text.span.clone(), format!("there is an account `{name}` already"))
                .help("the mailbox of somebody with a `provider` is an account named by the address; keep one of the two");
            faults.add(fault);
            continue;
        }
        let lacking = keys.lacking();
        if !lacking.is_empty() && incomplete.insert(provider) {
            let lacking = lacking.join(", ");
            let message = format!("the provider `{provider}` lacks {lacking}, so it makes no accounts");
            let fault = Fault::error(&entry.source, text.span.clone(), message);
            faults.add(fault.help(format!("add it to [providers.{provider}]")));
        }
        account_names.push(name.clone());
        made.insert(name.clone());
        let own = AccountKeys::default();
        if let Some(account) = own.account(&name, person.address.clone(), Some((provider, keys))) {
            accounts.insert(name, account);
        }
    }
}

/// `None`: there is no name to know the entry by.
fn one(
    mut fields: TomlFields<'_>,
    accounts: &[String],
    defaults: &PersonDefaults,
    context: &PeopleContext<'_>,
    faults: &mut ConfigFaults,
) -> Option<PersonEntry> {
    let name = fields.required("name", "name = \"Dana Fox\"", faults);
    let name = name.map(|name| TomlValue {
        value: name.value.split_whitespace().collect::<Vec<_>>().join(" "),
        span: name.span,
    });
    if let Some(name) = &name {
        fields.name = format!("the entry of {}", name.value);
    }
    let roles = match &defaults.roles {
        Some(roles) if !fields.has("roles") => Some(roles.clone()),
        _ => roles(&mut fields, faults),
    };
    let address = fields.required("address", "address = \"dana@vendor.example\"", faults);
    let address = address.and_then(|text| placed_address(text, faults));
    let aliases = addresses(&mut fields, "aliases", faults);
    let delegates = addresses(&mut fields, "delegates", faults);
    let (account, provider) = mailbox(&mut fields, accounts, defaults, context.providers, faults);
    let manager = manager(&mut fields, name.as_ref(), defaults, faults);
    let introduce = fields.string("introduce", faults).map(|text| text.value);
    let signature = fields.string("signature", faults).map(|text| text.value);
    let working = working(&mut fields, defaults, context, faults);
    fields.finish(faults);
    let name = name?;
    let addresses = address.iter().chain(&aliases).cloned().collect();
    let complete = address.zip(roles).zip(working);
    let person = complete.map(|((address, roles), working)| Person {
        name: name.value.clone(),
        roles,
        account: match &provider {
            Some(_) => Some(address.value.to_string()),
            None => account,
        },
        address: address.value,
        aliases: aliases.into_iter().map(|alias| alias.value).collect(),
        delegates: delegates.into_iter().map(|delegate| delegate.value).collect(),
        working,
        manager: manager.as_ref().map(|manager| manager.name.value.clone()),
        introduce: introduce.or_else(|| defaults.introduce.clone()),
        signature: signature.or_else(|| defaults.signature.clone()),
    });
    Some(PersonEntry { source: Arc::clone(&faults.source), name, addresses, manager, provider, person })
}

/// The account that is named, or the provider that one is to be made of.
fn mailbox(
    fields: &mut TomlFields<'_>,
    accounts: &[String],
    defaults: &PersonDefaults,
    providers: &Providers,
    faults: &mut ConfigFaults,
) -> (Option<String>, Option<TomlValue<String>>) {
    let account = fields.string("account", faults);
    let provider = fields.string("provider", faults);
    match (account, provider) {
        (Some(account), Some(provider)) => {
            let fault = faults
                .error(&account.span, format!("{} has both an account and a provider", fields.name))
                .help("keep `account` for one of [accounts.NAME]; with `provider` the address is the account's name");
            faults.add(fault);
            (None, Some(provider))
        }
        (Some(account), None) => {
            account_exists(&account, accounts, faults);
            (Some(account.value), None)
        }
        (None, Some(provider)) => {
            accounts::provider(&provider, providers, faults);
            (None, Some(provider))
        }
        (None, None) => {
            let place = fields.span.clone();
            let provider = defaults.provider.as_ref().filter(|text| providers.contains_key(&text.value));
            (None, provider.map(|text| TomlValue { value: text.value.clone(), span: place }))
        }
    }
}

/// Who they report to; nobody reports to themselves because everybody does.
fn manager(
    fields: &mut TomlFields<'_>,
    name: Option<&TomlValue<String>>,
    defaults: &PersonDefaults,
    faults: &mut ConfigFaults,
) -> Option<PlacedManager> {
    let source = Arc::clone(&faults.source);
    let own = fields.string("manager", faults).map(|name| PlacedManager { name, source });
    let is_somebody_else = |other: &PlacedManager| name.is_none_or(|name| name.value != other.name.value);
    own.or_else(|| defaults.manager.clone().filter(is_somebody_else))
}

fn placed_address(text: TomlValue<String>, faults: &mut ConfigFaults) -> Option<TomlValue<Address>> {
    values::address(&text, faults).map(|value| TomlValue { value, span: text.span })
}

fn addresses(
    fields: &mut TomlFields<'_>,
    key: &'static str,
    faults: &mut ConfigFaults,
) -> Vec<TomlValue<Address>> {
    let list = fields.strings(key, faults).unwrap_or_default();
    list.into_iter().filter_map(|text| placed_address(text, faults)).collect()
}

fn roles(fields: &mut TomlFields<'_>, faults: &mut ConfigFaults) -> Option<BTreeSet<TeamRole>> {
    const EXAMPLE: &str = "roles = [\"sdr\"]";
    if !fields.has("roles") {
        // Asked for, so that a misspelt key is told what it should be.
        let _ = fields.strings("roles", faults);
        fields.missing("roles", EXAMPLE);
        return None;
    }
    let list = fields.strings("roles", faults)?;
    let mut roles = BTreeSet::new();
    for entry in &list {
        match entry.value.to_lowercase().as_str() {
            "sdr" => roles.insert(TeamRole::Sdr),
            "ae" => roles.insert(TeamRole::Ae),
            "manager" => roles.insert(TeamRole::Manager),
            other => {
                let fault = faults.error(&entry.span, format!("`{}` is not a role", entry.value));
                let fault = match nearest(other, ["sdr", "ae", "manager"]) {
                    Some(near) => fault.help(format!("did you mean `{near}`?")),
                    None => fault.help("the roles are sdr, ae and manager"),
                };
                faults.add(fault);
                continue;
            }
        };
    }
    if list.is_empty() {
        let fault =
            faults.error(&fields.key_span("roles"), format!("{} has no role", fields.name)).example(EXAMPLE);
        faults.add(fault);
    }
    (!roles.is_empty()).then_some(roles)
}

pub(crate) fn account_exists(
    account: &TomlValue<String>,
    accounts: &[String],
    faults: &mut ConfigFaults,
) -> bool {
    if accounts.contains(&account.value) {
        return true;
    }
    let fault = faults.error(&account.span, format!("there is no account `{}`", account.value));
    let fault = match nearest(&account.value, accounts.iter().map(String::as_str)) {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None if accounts.is_empty() => {
            fault.help("add it as a table").example(format!("[accounts.{}]", account.value))
        }
        None => fault.help(format!("the accounts are {}", accounts.join(", "))),
    };
    faults.add(fault);
    false
}

fn zone(
    fields: &mut TomlFields<'_>,
    context: &PeopleContext<'_>,
    faults: &mut ConfigFaults,
) -> Option<Arc<dyn Zone>> {
    fields.string("zone", faults).and_then(|text| values::zone(&text, context.surroundings.zones, faults))
}

fn workdays(fields: &mut TomlFields<'_>, faults: &mut ConfigFaults) -> Option<Vec<Weekday>> {
    let list = fields.strings("workdays", faults)?;
    values::workdays(&list, &fields.key_span("workdays"), faults)
}

fn own_holidays(
    fields: &mut TomlFields<'_>,
    context: &PeopleContext<'_>,
    faults: &mut ConfigFaults,
) -> Option<BTreeSet<NaiveDate>> {
    let list = fields.strings_or_dates("holidays", faults)?;
    Some(holidays::read(&list, context.dir, faults))
}

fn working(
    fields: &mut TomlFields<'_>,
    defaults: &PersonDefaults,
    context: &PeopleContext<'_>,
    faults: &mut ConfigFaults,
) -> Option<WorkingTime> {
    let before = faults.list.len();
    let zone = zone(fields, context, faults).or_else(|| defaults.zone.clone());
    let workdays = workdays(fields, faults).or_else(|| defaults.workdays.clone());
    let hours =
        fields.string("hours", faults).and_then(|text| values::hours(&text, faults)).or(defaults.hours);
    let holidays = own_holidays(fields, context, faults).or_else(|| defaults.holidays.clone());
    if faults.list.len() > before {
        return None;
    }
    let (opens, closes) = hours.unwrap_or((OPENS, CLOSES));
    Some(WorkingTime {
        zone: zone.unwrap_or_else(|| Arc::clone(&context.surroundings.machine)),
        workdays: workdays.unwrap_or_else(|| WEEK.to_vec()),
        opens,
        closes,
        holidays: holidays.unwrap_or_default(),
    })
}

fn names_differ(entries: &[PersonEntry], faults: &mut ConfigFaults) {
    for (index, later) in entries.iter().enumerate() {
        let same =
            |earlier: &&PersonEntry| earlier.name.value.to_lowercase() == later.name.value.to_lowercase();
        if let Some(first) = entries.iter().take(index).find(same) {
            let line = first.source.position(first.name.span.start).line;
            let place = if Arc::ptr_eq(&first.source, &later.source) {
                format!("the first is in line {line}")
            } else {
                format!("the first is in line {line} of {}", first.source.name())
            };
            let message = format!("there are two people called {}", later.name.value);
            let fault = Fault::error(&later.source, later.name.span.clone(), message)
                .label(place)
                .help("people are known by their names: add an initial or a middle name to one of them");
            faults.add(fault);
        }
    }
}

/// Addresses and aliases belong to one person. A delegate may serve several, and may be somebody here.
fn addresses_differ(entries: &[PersonEntry], faults: &mut ConfigFaults) {
    let mut owners: BTreeMap<Address, (usize, &PersonEntry)> = BTreeMap::new();
    for (index, entry) in entries.iter().enumerate() {
        for address in &entry.addresses {
            let (owner, first) = *owners.entry(address.value.clone()).or_insert((index, entry));
            if owner == index {
                continue;
            }
            let message = format!("{} belongs to {} already", address.value, first.name.value);
            let fault = Fault::error(&entry.source, address.span.clone(), message)
                .help("whoever writes from an address is known by it, so it belongs to one person")
                .help("somebody who writes for another is a delegate: delegates = [\"..\"]");
            faults.add(fault);
        }
    }
}

fn managers_exist(entries: &[PersonEntry], faults: &mut ConfigFaults) {
    let managers: Vec<&str> =
        entries.iter().filter(|entry| entry.may_manage()).map(|entry| entry.name.value.as_str()).collect();
    for PlacedManager { name, source } in entries.iter().filter_map(|entry| entry.manager.as_ref()) {
        if managers.contains(&name.value.as_str()) {
            continue;
        }
        let error = |message: String| Fault::error(source, name.span.clone(), message);
        let fault = if entries.iter().any(|entry| entry.name.value == name.value) {
            error(format!("{} is here, but not as a manager", name.value))
                .help(format!("add `manager` to the roles of {}", name.value))
        } else {
            let fault = error(format!("there is no manager `{}`", name.value));
            match nearest(&name.value, managers.iter().copied()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help("add an entry of their own under [[people]] with roles = [\"manager\"]"),
            }
        };
        // The one of `[defaults]` is named once, whoever has it.
        if !faults.list.contains(&fault) {
            faults.add(fault);
        }
    }
}

/// What works, but probably not as it was meant.
fn advise(entry: &PersonEntry, accounts: &BTreeMap<String, Account>, faults: &mut ConfigFaults) {
    let Some(person) = &entry.person else { return };
    let warn = |message: String, help: &str, faults: &mut ConfigFaults| {
        let fault = Fault::warning(&entry.source, entry.name.span.clone(), message).help(help);
        faults.warnings.push(fault);
    };
    if person.roles.contains(&TeamRole::Ae) && person.manager.is_none() {
        let help = "a handoff to them that goes untouched is told to the operator instead";
        warn(format!("{} has no manager", person.name), help, faults);
    }
    if person.roles.contains(&TeamRole::Sdr) && person.account.is_none() {
        let help = "without one they can send no intro through baton";
        warn(format!("{} has no account", person.name), help, faults);
    }
    let account = person.account.as_ref().and_then(|name| accounts.get(name));
    if let Some(account) = account
        && entry.addresses.iter().all(|own| own.value != account.address)
    {
        let address = &account.address;
        let help = "mail that leaves through it may be rewritten or refused by its server";
        warn(
            format!("the account of {} has the address {address}, which is not theirs", person.name),
            help,
            faults,
        );
    }
}
