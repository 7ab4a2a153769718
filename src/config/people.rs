//! `[[people]]`: who they are, how they are recognised, and when they work.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::Weekday;

use crate::diagnostics::{Fault, nearest};
use crate::domain::message::Address;
use crate::domain::people::{Person, TeamRole, WorkingTime};

use super::toml_fields::{ConfigFaults, TomlFields, TomlValue};
use super::{Account, Surroundings, holidays, values};

const WEEK: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
const OPENS: u16 = 9 * 60;
const CLOSES: u16 = 17 * 60;

/// A person's entry: what a check between people needs, with its place, and the person where all is right.
struct PersonEntry {
    name: TomlValue<String>,
    /// Address and aliases.
    addresses: Vec<TomlValue<Address>>,
    manager: Option<TomlValue<String>>,
    person: Option<Person>,
}

impl PersonEntry {
    /// Somebody whose roles are not known is not told to lack one.
    fn may_manage(&self) -> bool {
        self.person.as_ref().is_none_or(|person| person.roles.contains(&TeamRole::Manager))
    }
}

/// Everybody who is right by themselves; the faults of the rest and between them are in `faults`.
pub(crate) fn read(
    tables: Vec<TomlFields<'_>>,
    accounts: &BTreeMap<String, Account>,
    account_names: &[String],
    dir: &Path,
    surroundings: &Surroundings<'_>,
    faults: &mut ConfigFaults,
) -> Vec<Person> {
    let entries: Vec<PersonEntry> =
        tables.into_iter().filter_map(|table| one(table, account_names, dir, surroundings, faults)).collect();
    names_differ(&entries, faults);
    addresses_differ(&entries, faults);
    managers_exist(&entries, faults);
    for entry in &entries {
        advise(entry, accounts, faults);
    }
    entries.into_iter().filter_map(|entry| entry.person).collect()
}

/// `None`: there is no name to know the entry by.
fn one(
    mut fields: TomlFields<'_>,
    accounts: &[String],
    dir: &Path,
    surroundings: &Surroundings<'_>,
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
    let roles = roles(&mut fields, faults);
    let address = fields.required("address", "address = \"dana@vendor.example\"", faults);
    let address = address.and_then(|text| placed_address(text, faults));
    let aliases = addresses(&mut fields, "aliases", faults);
    let delegates = addresses(&mut fields, "delegates", faults);
    let account = fields.string("account", faults);
    if let Some(account) = &account {
        account_exists(account, accounts, faults);
    }
    let manager = fields.string("manager", faults);
    let introduce = fields.string("introduce", faults).map(|text| text.value);
    let working = working(&mut fields, dir, surroundings, faults);
    fields.finish(faults);
    let name = name?;
    let addresses = address.iter().chain(&aliases).cloned().collect();
    let complete = address.zip(roles).zip(working);
    let person = complete.map(|((address, roles), working)| Person {
        name: name.value.clone(),
        roles,
        address: address.value,
        aliases: aliases.into_iter().map(|alias| alias.value).collect(),
        delegates: delegates.into_iter().map(|delegate| delegate.value).collect(),
        account: account.map(|account| account.value),
        working,
        manager: manager.as_ref().map(|manager| manager.value.clone()),
        introduce,
    });
    Some(PersonEntry { name, addresses, manager, person })
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

fn working(
    fields: &mut TomlFields<'_>,
    dir: &Path,
    surroundings: &Surroundings<'_>,
    faults: &mut ConfigFaults,
) -> Option<WorkingTime> {
    let zone = match fields.string("zone", faults) {
        Some(text) => values::zone(&text, surroundings.zones, faults),
        None => Some(surroundings.machine.clone()),
    };
    let workdays = match fields.strings("workdays", faults) {
        Some(list) => values::workdays(&list, &fields.key_span("workdays"), faults),
        None => Some(WEEK.to_vec()),
    };
    let hours = match fields.string("hours", faults) {
        Some(text) => values::hours(&text, faults),
        None => Some((OPENS, CLOSES)),
    };
    let list = fields.strings_or_dates("holidays", faults).unwrap_or_default();
    let holidays = holidays::read(&list, dir, faults);
    let (opens, closes) = hours?;
    Some(WorkingTime { zone: zone?, workdays: workdays?, opens, closes, holidays })
}

fn names_differ(entries: &[PersonEntry], faults: &mut ConfigFaults) {
    for (index, later) in entries.iter().enumerate() {
        let same =
            |earlier: &&PersonEntry| earlier.name.value.to_lowercase() == later.name.value.to_lowercase();
        if let Some(first) = entries.iter().take(index).find(same) {
            let line = faults.source.position(first.name.span.start).line;
            let fault = faults
                .error(&later.name.span, format!("there are two people called {}", later.name.value))
                .label(format!("the first is in line {line}"))
                .help("people are known by their names: add an initial or a middle name to one of them");
            faults.add(fault);
        }
    }
}

/// Addresses and aliases belong to one person. A delegate may serve several, and may be somebody here.
fn addresses_differ(entries: &[PersonEntry], faults: &mut ConfigFaults) {
    let mut owners: BTreeMap<Address, &PersonEntry> = BTreeMap::new();
    for entry in entries {
        for address in &entry.addresses {
            let first = *owners.entry(address.value.clone()).or_insert(entry);
            if first.name.span == entry.name.span {
                continue;
            }
            let fault = faults
                .error(&address.span, format!("{} belongs to {} already", address.value, first.name.value))
                .help("whoever writes from an address is known by it, so it belongs to one person")
                .help("somebody who writes for another is a delegate: delegates = [\"..\"]");
            faults.add(fault);
        }
    }
}

fn managers_exist(entries: &[PersonEntry], faults: &mut ConfigFaults) {
    let managers: Vec<&str> =
        entries.iter().filter(|entry| entry.may_manage()).map(|entry| entry.name.value.as_str()).collect();
    for manager in entries.iter().filter_map(|entry| entry.manager.as_ref()) {
        if managers.contains(&manager.value.as_str()) {
            continue;
        }
        let fault = if entries.iter().any(|entry| entry.name.value == manager.value) {
            faults
                .error(&manager.span, format!("{} is here, but not as a manager", manager.value))
                .help(format!("add `manager` to the roles of {}", manager.value))
        } else {
            let fault = faults.error(&manager.span, format!("there is no manager `{}`", manager.value));
            match nearest(&manager.value, managers.iter().copied()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault.help("add an entry of their own under [[people]] with roles = [\"manager\"]"),
            }
        };
        faults.add(fault);
    }
}

/// What works, but probably not as it was meant.
fn advise(entry: &PersonEntry, accounts: &BTreeMap<String, Account>, faults: &mut ConfigFaults) {
    let Some(person) = &entry.person else { return };
    let warn = |message: String, help: &str, faults: &mut ConfigFaults| {
        let fault = Fault::warning(&faults.source, entry.name.span.clone(), message).help(help);
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
