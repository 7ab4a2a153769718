//! `[[people]]`: who they are, how they are recognised, and when they work.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use chrono::Weekday;

use crate::diagnostics::nearest;
use crate::domain::message::Address;
use crate::domain::people::{Person, Role, WorkingTime};

use super::toml_fields::{Faults, Fields, Placed};
use super::{Account, Surroundings, holidays, values};

const WEEK: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
const OPENS: u16 = 9 * 60;
const CLOSES: u16 = 17 * 60;

/// A person and the places in the file that a check between people points to.
struct Placing {
    person: Person,
    name: Range<usize>,
    addresses: Vec<Placed<Address>>,
    manager: Option<Placed<String>>,
}

/// Everybody who is right by themselves and among the others; the faults of the rest are in `faults`.
pub fn read(
    tables: Vec<Fields<'_>>,
    accounts: &BTreeMap<String, Account>,
    account_names: &[String],
    dir: &Path,
    surroundings: &Surroundings<'_>,
    faults: &mut Faults,
) -> Vec<Person> {
    // Names of entries that something else is wrong with: whoever refers to them is not wrong.
    let mut broken: Vec<String> = Vec::new();
    let mut found: Vec<Placing> = Vec::new();
    for table in tables {
        match one(table, account_names, dir, surroundings, faults) {
            Ok(placing) => found.push(placing),
            Err(name) => broken.extend(name),
        }
    }
    names_differ(&found, faults);
    addresses_differ(&found, faults);
    managers_exist(&found, &broken, faults);
    for placing in &found {
        advise(placing, accounts, faults);
    }
    found.into_iter().map(|placing| placing.person).collect()
}

/// `Err` holds the name, where there is one.
fn one(
    mut fields: Fields<'_>,
    accounts: &[String],
    dir: &Path,
    surroundings: &Surroundings<'_>,
    faults: &mut Faults,
) -> Result<Placing, Option<String>> {
    let name = fields.required("name", "name = \"Dana Fox\"", faults);
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
    let (Some(name), Some(address), Some(roles), Some(working)) = (name.clone(), address, roles, working)
    else {
        return Err(name.map(|name| name.value));
    };
    let mut own = vec![address.clone()];
    own.extend(aliases);
    let person = Person {
        name: name.value.split_whitespace().collect::<Vec<_>>().join(" "),
        roles,
        address: address.value,
        aliases: own.iter().skip(1).map(|alias| alias.value.clone()).collect(),
        delegates: delegates.into_iter().map(|delegate| delegate.value).collect(),
        account: account.map(|account| account.value),
        working,
        manager: manager.as_ref().map(|manager| manager.value.clone()),
        introduce,
    };
    Ok(Placing { person, name: name.span, addresses: own, manager })
}

fn placed_address(text: Placed<String>, faults: &mut Faults) -> Option<Placed<Address>> {
    values::address(&text, faults).map(|value| Placed { value, span: text.span })
}

fn addresses(fields: &mut Fields<'_>, key: &'static str, faults: &mut Faults) -> Vec<Placed<Address>> {
    let list = fields.strings(key, faults).unwrap_or_default();
    list.into_iter().filter_map(|text| placed_address(text, faults)).collect()
}

fn roles(fields: &mut Fields<'_>, faults: &mut Faults) -> Option<BTreeSet<Role>> {
    const EXAMPLE: &str = "roles = [\"sdr\"]";
    if !fields.has("roles") {
        // Asked for, so that a misspelt key is told what it should be.
        let _ = fields.strings("roles", faults);
        let fault = faults.error(&fields.span, format!("{} lacks `roles`", fields.name)).example(EXAMPLE);
        faults.add(fault);
        return None;
    }
    let list = fields.strings("roles", faults)?;
    let mut roles = BTreeSet::new();
    for entry in &list {
        match entry.value.to_lowercase().as_str() {
            "sdr" => roles.insert(Role::Sdr),
            "ae" => roles.insert(Role::Ae),
            "manager" => roles.insert(Role::Manager),
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

pub fn account_exists(account: &Placed<String>, accounts: &[String], faults: &mut Faults) -> bool {
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
    fields: &mut Fields<'_>,
    dir: &Path,
    surroundings: &Surroundings<'_>,
    faults: &mut Faults,
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

fn names_differ(people: &[Placing], faults: &mut Faults) {
    for (index, later) in people.iter().enumerate() {
        let same =
            |earlier: &&Placing| earlier.person.name.to_lowercase() == later.person.name.to_lowercase();
        if let Some(first) = people.iter().take(index).find(same) {
            let line = faults.source.position(first.name.start).line;
            let fault = faults
                .error(&later.name, format!("there are two people called {}", later.person.name))
                .label(format!("the first is in line {line}"))
                .help("people are known by their names: add an initial or a middle name to one of them");
            faults.add(fault);
        }
    }
}

/// Addresses and aliases belong to one person. A delegate may serve several, and may be somebody here.
fn addresses_differ(people: &[Placing], faults: &mut Faults) {
    let mut owners: BTreeMap<Address, &Placing> = BTreeMap::new();
    for placing in people {
        for address in &placing.addresses {
            match owners.get(&address.value.mailbox()) {
                Some(first) if first.name != placing.name => {
                    let fault = faults
                        .error(&address.span, format!("{} belongs to {} already", address.value, first.person.name))
                        .help("whoever writes from an address is known by it, so it belongs to one person; somebody who writes for another is a delegate");
                    faults.add(fault);
                }
                Some(_) => {}
                None => {
                    owners.insert(address.value.mailbox(), placing);
                }
            }
        }
    }
}

fn managers_exist(people: &[Placing], broken: &[String], faults: &mut Faults) {
    let managers: Vec<&str> = people
        .iter()
        .filter(|placing| placing.person.roles.contains(&Role::Manager))
        .map(|placing| placing.person.name.as_str())
        .collect();
    for manager in people.iter().filter_map(|placing| placing.manager.as_ref()) {
        if managers.contains(&manager.value.as_str()) || broken.contains(&manager.value) {
            continue;
        }
        let known = people.iter().find(|placing| placing.person.name == manager.value);
        let fault = match known {
            Some(_) => faults
                .error(&manager.span, format!("{} is here, but not as a manager", manager.value))
                .help(format!("add `manager` to the roles of {}", manager.value)),
            None => faults.error(&manager.span, format!("there is no manager `{}`", manager.value)),
        };
        let fault = match nearest(&manager.value, managers.iter().copied()) {
            Some(near) if known.is_none() => fault.help(format!("did you mean `{near}`?")),
            _ if known.is_some() => fault,
            _ => fault.help("add an entry of their own under [[people]] with roles = [\"manager\"]"),
        };
        faults.add(fault);
    }
}

/// What works, but probably not as it was meant.
fn advise(placing: &Placing, accounts: &BTreeMap<String, Account>, faults: &mut Faults) {
    let person = &placing.person;
    let works_deals = person.roles.contains(&Role::Ae);
    let warn = |message: String, help: &str, faults: &mut Faults| {
        let fault =
            crate::diagnostics::Fault::warning(&faults.source, placing.name.clone(), message).help(help);
        faults.warnings.push(fault);
    };
    if works_deals && person.manager.is_none() {
        warn(
            format!("{} has no manager", person.name),
            "a handoff to them that goes untouched is told to the operator instead",
            faults,
        );
    }
    if person.roles.contains(&Role::Sdr) && person.account.is_none() {
        warn(
            format!("{} has no account", person.name),
            "without one they can send no intro through baton",
            faults,
        );
    }
    let account = person.account.as_ref().and_then(|name| accounts.get(name));
    if let Some(account) = account
        && placing.addresses.iter().all(|own| own.value != account.address)
    {
        warn(
            format!(
                "the account of {} has the address {}, which is not theirs",
                person.name, account.address
            ),
            "mail that leaves through it may be rewritten or refused by its server",
            faults,
        );
    }
}
