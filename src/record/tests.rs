//! The record as a whole: the example of section 2, eight faults at once, likely slips, round trips.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};
use proptest::prelude::*;

use super::*;
use crate::diagnostics::Style;
use crate::domain::handoff::{DealRole, Objection, PlannedMeeting, Stakeholder};
use crate::domain::message::{Address, Mailbox};
use crate::domain::people::{Role, WorkingTime};
use crate::domain::zone::FixedZone;

pub const ACME: &str = r#"HANDOFF RECORD: Acme Corp | 2026-11-24
SDR: Dana Fox | AE: Calvin Reyes

TRIGGER CONDITIONS (check all before marking handed off):
[x] Calendar invite accepted
[x] ICP criteria confirmed
[x] Qualification threshold met
[x] Meaningful contact established

1. PAIN (prospect's exact words):
"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields."

2. NEXT MEETING:
Date/Time: 2026-11-26 14:00 America/New_York, 30 min
Format: Zoom
Attendees: Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>
Agenda: walk through the reporting pain and demo the pipeline dashboard

3. STAKEHOLDER MAP:
Name | Title | Role in deal
--- | --- | ---
Sarah Lee | VP Sales | decision-maker
James Ortiz | Sales Ops | evaluator

4. OBJECTIONS SURFACED:
Objection: Asked about cost against the current tool.
How handled: Said the demo covers ROI; did not push further.

5. COMPETITOR MENTIONED:
none mentioned

WARM INTRO EMAIL:
To: Sarah Lee <sarah@acme.example>
Discussed: we talked about the hours your reps lose to CRM upkeep, and you wanted to see it fixed
Why this AE: Calvin works exclusively with VP-level sales leaders consolidating CRMs
What to expect: a 30-minute Zoom, a short look at your reporting, then the dashboard

WARM INTRO EMAIL STATUS: [ ] Sent by SDR
AE FIRST TOUCH: [ ] Completed within SLA
"#;

/// A zone with daylight saving time between two instants of 2026, or none.
#[derive(Debug)]
struct Summer {
    name: &'static str,
    winter: i32,
    summer: i32,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    abbreviations: [&'static str; 2],
}

impl Summer {
    fn is_summer(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.until
    }
}

impl Zone for Summer {
    fn name(&self) -> &str {
        self.name
    }

    fn offset_at(&self, at: DateTime<Utc>) -> FixedOffset {
        let hours = if self.is_summer(at) { self.summer } else { self.winter };
        FixedOffset::east_opt(hours * 3600).unwrap()
    }

    fn abbreviation_at(&self, at: DateTime<Utc>) -> String {
        self.abbreviations[usize::from(self.is_summer(at))].to_owned()
    }

    fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let late = local.and_utc() - TimeDelta::hours(self.winter.into());
        let early = local.and_utc() - TimeDelta::hours(self.summer.into());
        if !self.is_summer(late) && late >= self.from {
            return late;
        }
        if self.is_summer(early) || early >= self.until { early } else if late >= self.from { self.from } else { late }
    }
}

struct FewZones;

impl ZoneSource for FewZones {
    fn zone(&self, name: &str) -> Option<Arc<dyn Zone>> {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let zone = |name, winter, from, until, abbreviations| -> Option<Arc<dyn Zone>> {
            Some(Arc::new(Summer { name, winter, summer: winter + 1, from: at(from), until: at(until), abbreviations }))
        };
        match name {
            "America/New_York" => {
                zone("America/New_York", -5, "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", ["EST", "EDT"])
            }
            "Europe/Paris" => zone("Europe/Paris", 1, "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", ["CET", "CEST"]),
            "America/Chicago" => {
                zone("America/Chicago", -6, "2026-03-08T08:00:00Z", "2026-11-01T07:00:00Z", ["CST", "CDT"])
            }
            name => FixedZone::parse(name).map(|zone| Arc::new(zone) as Arc<dyn Zone>),
        }
    }

    fn names(&self) -> Vec<String> {
        ["America/Chicago", "America/New_York", "Europe/Paris", "UTC"].map(str::to_owned).to_vec()
    }
}

fn address(text: &str) -> Address {
    Address::new(text).unwrap()
}

fn person(name: &str, mail: &str, roles: &[Role], introduce: Option<&str>) -> Person {
    Person {
        name: name.to_owned(),
        roles: roles.iter().copied().collect(),
        address: address(mail),
        aliases: vec![],
        delegates: vec![],
        account: None,
        working: WorkingTime {
            zone: FewZones.zone("America/New_York").unwrap(),
            workdays: vec![Weekday::Mon],
            opens: 540,
            closes: 1020,
            holidays: BTreeSet::new(),
        },
        manager: None,
        introduce: introduce.map(str::to_owned),
    }
}

fn people() -> Vec<Person> {
    vec![
        person("Dana Fox", "dana@vendor.example", &[Role::Sdr], None),
        person("Calvin Reyes", "calvin@vendor.example", &[Role::Ae], None),
        person("Robin Vale", "robin@gmail.com", &[Role::Ae], Some("knows every CRM there is")),
        person("Morgan Hale", "morgan@vendor.example", &[Role::Manager], None),
    ]
}

fn now() -> DateTime<Utc> {
    "2026-11-24T15:00:00Z".parse().unwrap()
}

fn parse_with(text: &str, extra: &[String]) -> Result<Parsed, Vec<Fault>> {
    let people = people();
    parse(text, &ParseContext { people: &people, zones: &FewZones, now: now(), extra_conditions: extra, path: "acme.txt" })
}

fn parse_text(text: &str) -> Result<Parsed, Vec<Fault>> {
    parse_with(text, &[])
}

/// The faults in one line each.
fn faults(text: &str) -> Vec<String> {
    match parse_text(text) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

fn with(from: &str, to: &str) -> String {
    assert!(ACME.contains(from), "{from}");
    ACME.replacen(from, to, 1)
}

#[test]
fn the_example_is_taken_without_a_warning_and_printed_back_to_the_letter() {
    let parsed = parse_text(ACME).unwrap();
    assert_eq!(parsed.warnings, []);
    assert_eq!(print(&parsed.record, &Ticks::default(), &FewZones), ACME);
    let ticked = print(&parsed.record, &Ticks { intro_sent: true, first_touch: true }, &FewZones);
    assert!(ticked.ends_with("STATUS: [x] Sent by SDR\nAE FIRST TOUCH: [x] Completed within SLA\n"));
    assert_eq!(parse_text(&ticked).unwrap().record, parsed.record);
}
