//! Who plays in the week: five SDRs, four AEs in three zones, two managers, the operator.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use baton::clock::Zones;
use baton::domain::zone::Zone;
use std::sync::Arc;

pub(crate) const PASSWORD: &str = "secret";
pub(crate) const OPERATOR: &str = "ops@vendor.example";
/// baton's own mail leaves from here.
pub(crate) const AGENT: &str = "baton@vendor.example";

const NEW_YORK: &str = "America/New_York";
const MADRID: &str = "Europe/Madrid";
/// Seven hours behind UTC all year since 2026.
const VANCOUVER: &str = "America/Vancouver";

pub(crate) struct Person {
    /// The part of the address before the `@`, and the account's name.
    pub key: &'static str,
    pub name: &'static str,
    pub role: &'static str,
    pub zone: &'static str,
    pub is_watched: bool,
    /// Further lines of the configuration.
    pub more: &'static str,
}

const fn person(key: &'static str, name: &'static str, role: &'static str, zone: &'static str) -> Person {
    Person { key, name, role, zone, is_watched: true, more: "" }
}

pub(crate) const PEOPLE: [Person; 11] = [
    person("dana", "Dana Fox", "sdr", NEW_YORK),
    // Ben's mailbox is at a provider like Gmail, Priya's at one like Microsoft 365.
    person("ben", "Ben Osei", "sdr", NEW_YORK),
    person("priya", "Priya Nair", "sdr", MADRID),
    person("luis", "Luis Prado", "sdr", MADRID),
    person("kim", "Kim Tran", "sdr", VANCOUVER),
    Person {
        // Thursday is Thanksgiving.
        more: "manager = \"Morgan Hale\"\nholidays = [\"2026-11-26\"]\ndelegates = [\"eve@vendor.example\"]\n",
        ..person("calvin", "Calvin Reyes", "ae", NEW_YORK)
    },
    Person { more: "manager = \"Morgan Hale\"\n", ..person("kay", "Kay Lindqvist", "ae", VANCOUVER) },
    Person {
        // The Monday after is a holiday in Rita's town.
        more: "manager = \"Inés Duarte\"\nholidays = [\"2026-11-30\"]\n",
        ..person("rita", "Rita Vale", "ae", MADRID)
    },
    Person {
        // Omar works from Sunday to Thursday, and his mailbox is not watched.
        more: "manager = \"Inés Duarte\"\nworkdays = [\"sun\", \"mon\", \"tue\", \"wed\", \"thu\"]\n",
        is_watched: false,
        ..person("omar", "Omar Haddad", "ae", MADRID)
    },
    Person { is_watched: false, ..person("morgan", "Morgan Hale", "manager", NEW_YORK) },
    Person { is_watched: false, ..person("ines", "Inés Duarte", "manager", MADRID) },
];

/// Colleagues who are in nobody's configuration but have a mailbox.
pub(crate) const OTHERS: [&str; 3] = [OPERATOR, AGENT, "eve@vendor.example"];

pub(crate) fn find(key: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.key == key)
}

pub(crate) fn zone_of(key: &str) -> Arc<dyn Zone> {
    let name = find(key).map_or("UTC", |person| person.zone);
    Zones::built_in().get(name).unwrap_or_else(|| panic!("no zone {name}"))
}

/// `Mon 23 09:10` in a zone; days up to 10 are December's.
pub(crate) fn instant(text: &str, zone: &dyn Zone) -> DateTime<Utc> {
    let mut parts = text.split(' ');
    let (weekday, day, time) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let day: u32 = day.parse().unwrap_or_else(|_| panic!("no day: {text}"));
    let date = NaiveDate::from_ymd_opt(2026, if day > 10 { 11 } else { 12 }, day).unwrap();
    assert_eq!(date.format("%a").to_string(), weekday, "{text}");
    zone.instant(date.and_time(NaiveTime::parse_from_str(time, "%H:%M").unwrap()))
}

/// The inverse of `instant`.
pub(crate) fn local(at: DateTime<Utc>, zone: &dyn Zone) -> String {
    zone.local(at).format("%a %-d %H:%M").to_string()
}

/// The configuration. Rita's mailbox is behind a port of its own, so that it alone can be cut off.
pub(crate) fn configuration(imap: u16, ritas_imap: u16, smtp: u16) -> String {
    let mut text = format!(
        "database = \"baton.db\"\n[agent]\naccount = \"baton\"\noperator = \"{OPERATOR}\"\n{}",
        account("baton", imap, smtp, "true")
    );
    for person in PEOPLE.iter().filter(|person| person.is_watched) {
        let port = if person.key == "rita" { ritas_imap } else { imap };
        let saves = if matches!(person.key, "ben" | "priya") { "false" } else { "true" };
        text.push_str(&account(person.key, port, smtp, saves));
    }
    for Person { key, name, role, zone, is_watched, more } in PEOPLE {
        text.push_str(&format!(
            "[[people]]\nname = \"{name}\"\nroles = [\"{role}\"]\naddress = \"{key}@vendor.example\"\n\
             zone = \"{zone}\"\n{more}"
        ));
        if is_watched {
            text.push_str(&format!("account = \"{key}\"\n"));
        }
    }
    text
}

fn account(name: &str, imap: u16, smtp: u16, save_sent: &str) -> String {
    format!(
        "[accounts.{name}]\naddress = \"{name}@vendor.example\"\nimap = \"imap://127.0.0.1:{imap}\"\n\
         smtp = \"smtp://127.0.0.1:{smtp}\"\nlogin = \"{name}@vendor.example\"\npassword = {{ file = \"password\" }}\n\
         save_sent = {save_sent}\nauthserv = \"mx.vendor.example\"\n"
    )
}

/// The address of a person in a story about `company`.
pub(crate) fn address(key: &str, company: &str) -> String {
    let is_colleague =
        find(key).is_some() || OTHERS.iter().any(|other| other.starts_with(&format!("{key}@")));
    match key {
        _ if key.contains('@') => key.to_owned(),
        _ if is_colleague => format!("{key}@vendor.example"),
        _ => format!("{key}@{}", domain(company)),
    }
}

pub(crate) fn domain(company: &str) -> String {
    format!("{}.example", company.split(' ').next().unwrap_or_default().to_lowercase())
}

/// `sarah` of `Sarah Lee`.
pub(crate) fn key_of(name: &str) -> String {
    name.split(' ').next().unwrap_or(name).to_lowercase()
}

pub(crate) fn listed(list: &str) -> Vec<&str> {
    list.split(',').map(str::trim).filter(|one| !one.is_empty()).collect()
}
