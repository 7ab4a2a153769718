//! What the fuzz targets share: which panics count, and people for a record to name.
//!
//! A panic inside mail-parser is none of ours: `mail::parsed_message` catches it and reads the header alone. Every
//! other one ends the run. Not part of `cargo test`; `tests/fuzz_mail.rs` is the smoke run.

use std::collections::BTreeSet;

use baton::clock;
use baton::domain::message::Address;
use baton::domain::people::{Person, TeamRole, WorkingTime};
use chrono::Weekday;

/// Lets panics through that are caught on purpose, and stops at every other.
pub fn watch() {
    let stop = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let caught = info.location().is_some_and(|place| place.file().contains("mail-parser"));
        if !caught {
            stop(info);
        }
    }));
}

/// `bytes` as the text that a file or a part would give.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The people of the record that the seeds hold.
pub fn people() -> Vec<Person> {
    [
        ("Dana Fox", "dana@vendor.example", TeamRole::Sdr),
        ("Calvin Reyes", "calvin@vendor.example", TeamRole::Ae),
        ("Morgan Hale", "morgan@vendor.example", TeamRole::Manager),
    ]
    .into_iter()
    .filter_map(|(name, address, role)| person(name, address, role))
    .collect()
}

fn person(name: &str, address: &str, role: TeamRole) -> Option<Person> {
    Some(Person {
        name: name.to_owned(),
        roles: BTreeSet::from([role]),
        address: Address::new(address)?,
        aliases: Vec::new(),
        delegates: Vec::new(),
        account: None,
        working: WorkingTime {
            zone: clock::utc(),
            workdays: vec![Weekday::Mon],
            opens: 540,
            closes: 1020,
            holidays: BTreeSet::new(),
        },
        manager: None,
        introduce: None,
    })
}
