//! A handoff record as somebody typed it; one that is taken must print and be taken again.

#![no_main]

use std::sync::LazyLock;

use baton::clock::Zones;
use baton::domain::people::Person;
use baton::record::{ParseContext, Ticks, parse, print};
use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;

static ZONES: LazyLock<Zones> = LazyLock::new(Zones::built_in);
static PEOPLE: LazyLock<Vec<Person>> = LazyLock::new(baton_fuzz::people);

fuzz_target!(init: baton_fuzz::watch(), |bytes: &[u8]| {
    let text = baton_fuzz::text(bytes);
    let context = ParseContext {
        people: &PEOPLE,
        zones: &*ZONES,
        now: DateTime::<Utc>::from_timestamp(1_795_000_000, 0).unwrap_or_default(),
        extra_conditions: &[],
        path: "record.txt",
    };
    if let Ok(parsed) = parse(&text, &context) {
        let printed = print(&parsed.record, &Ticks::default(), &*ZONES);
        let again = parse(&printed, &context);
        assert!(again.is_ok(), "{printed}");
    }
});
