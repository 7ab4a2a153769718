//! The record as a whole: the example of section 2, eight faults at once, likely slips, round trips.

mod dates;
mod mistakes;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};
use proptest::prelude::*;

use super::*;
use crate::diagnostics::FaultStyle;
use crate::domain::handoff::{DealRole, Objection, PlannedMeeting, Stakeholder};
use crate::domain::message::{Address, Mailbox};
use crate::domain::people::{TeamRole, WorkingTime};
use crate::domain::zone::FixedZone;

pub(crate) const ACME: &str = include_str!("fixtures/acme.txt");

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
        if self.is_summer(early) || early >= self.until {
            early
        } else if late >= self.from {
            self.from
        } else {
            late
        }
    }
}

struct FewZones;

impl ZoneSource for FewZones {
    fn zone(&self, name: &str) -> Option<Arc<dyn Zone>> {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let zone = |name, winter, from, until, abbreviations| -> Option<Arc<dyn Zone>> {
            Some(Arc::new(Summer {
                name,
                winter,
                summer: winter + 1,
                from: at(from),
                until: at(until),
                abbreviations,
            }))
        };
        match name {
            "America/New_York" => {
                zone("America/New_York", -5, "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", ["EST", "EDT"])
            }
            "Europe/Paris" => {
                zone("Europe/Paris", 1, "2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", ["CET", "CEST"])
            }
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

fn person(name: &str, mail: &str, roles: &[TeamRole], introduce: Option<&str>) -> Person {
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
        signature: None,
    }
}

fn people() -> Vec<Person> {
    vec![
        person("Dana Fox", "dana@vendor.example", &[TeamRole::Sdr], None),
        person("Calvin Reyes", "calvin@vendor.example", &[TeamRole::Ae], None),
        person("Robin Vale", "robin@gmail.com", &[TeamRole::Ae], Some("knows every CRM there is")),
        person("Morgan Hale", "morgan@vendor.example", &[TeamRole::Manager], None),
    ]
}

fn now() -> DateTime<Utc> {
    "2026-11-24T15:00:00Z".parse().unwrap()
}

fn parse_with(text: &str, extra: &[String]) -> Result<Parsed, Vec<Fault>> {
    let people = people();
    parse(
        text,
        &ParseContext {
            people: &people,
            zones: &FewZones,
            now: now(),
            extra_conditions: extra,
            path: "acme.txt",
        },
    )
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

#[test]
fn eight_faults_give_eight_messages_with_line_and_column() {
    let text = ACME
        .replace("[x] ICP criteria confirmed", "[ ] ICP criteria confirmed")
        .replace("AE: Calvin Reyes", "AE: Calvin Rayes")
        .replace("14:00 America/New_York", "14:00")
        .replace("Format: Zoom", "Format: TBD")
        .replace("James Ortiz | Sales Ops | evaluator", "James Ortiz | Sales Ops | boss")
        .replace("How handled: Said the demo covers ROI; did not push further.\n", "")
        .replace("none mentioned", "")
        .replace("To: Sarah Lee <sarah@acme.example>", "To: Sarah Lee <sarah@acme>");
    assert_eq!(
        faults(&text),
        [
            "acme.txt:2:21: the AE `Calvin Rayes` is not in the configuration",
            "acme.txt:6:1: `ICP criteria confirmed` is not ticked",
            "acme.txt:14:12: the meeting has no time zone",
            "acme.txt:15:9: `TBD` says nothing: `Format` is still to be filled in",
            "acme.txt:23:27: `boss` is not a role in the deal",
            "acme.txt:26:1: this objection has no `How handled:` line",
            "acme.txt:28:1: the competitor is missing",
            "acme.txt:32:5: `Sarah Lee <sarah@acme>` is not an email address: `acme` lacks its ending, such as `.com`",
        ]
    );
    insta::assert_snapshot!(
        "eight_faults",
        crate::diagnostics::render(&parse_text(&text).unwrap_err(), FaultStyle::PLAIN)
    );
}

/// What was changed in the example, into what, and the whole list of faults.
const SLIPS: &[(&str, &str, &[&str])] = &[
    (
        "[x] Calendar invite accepted\n",
        "",
        &["4:1: the trigger condition `Calendar invite accepted` is missing"],
    ),
    (
        "[x] Calendar invite accepted",
        "[?] Calendar invite accepted",
        &["5:1: this is neither a tick nor an open box"],
    ),
    ("[x] Calendar invite accepted", "Calendar invite accepted", &["5:1: this line has no box to tick"]),
    (
        "[x] ICP criteria confirmed",
        "[x] ICP critera confirmed",
        &["6:1: this is not one of the trigger conditions"],
    ),
    ("SDR: Dana Fox", "SDR: ", &["2:1: `SDR` is empty"]),
    ("SDR: Dana Fox", "SDR: Morgan Hale", &["2:6: Morgan Hale is no SDR in the configuration"]),
    ("SDR: Dana Fox | AE: Calvin Reyes", "SDR: Dana Fox", &["1:1: the line `AE:` is missing"]),
    (" | 2026-11-24", "", &["1:26: the record's date is missing"]),
    ("| 2026-11-24", "| [Date]", &["1:29: the record's date is missing"]),
    ("Acme Corp | 2026", "[Company Name] | 2026", &["1:17: the company's name is missing"]),
    ("2026-11-24", "11/12/2026", &["1:29: this date can be 11 December 2026 or 12 November 2026"]),
    (
        "\"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\"\n",
        "",
        &["10:1: the pain is missing"],
    ),
    (
        "\"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\"",
        "...",
        &["11:1: `...` says nothing: the pain is still to be filled in"],
    ),
    ("2. NEXT MEETING:", "2. NXT MEETING:", &["13:1: unknown heading"]),
    ("Format: Zoom", "Formt: Zoom", &["15:1: unknown line"]),
    ("Format: Zoom", "Format Zoom", &["15:1: `Format` lacks its colon"]),
    ("Format: Zoom\n", "", &["13:1: the line `Format:` is missing"]),
    ("Format: Zoom", "Format: Zoom\nLocation: online", &["16:1: this line isn't part of the record"]),
    (
        "AE FIRST TOUCH: [ ] Completed within SLA",
        "AE FIRST TOUCH: [ ] Completed within SLA\nFormat: Zoom",
        &["40:1: this line is in the wrong section", "40:1: this line appears twice"],
    ),
    ("Format: Zoom", "Format: Zoom\nFormat: Teams", &["16:1: this line appears twice"]),
    (
        "Attendees: Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>",
        "Attendees: Sarah Lee, James Ortiz",
        &[
            "16:12: `Sarah Lee` is not an email address: there is no `@` in it",
            "16:23: `James Ortiz` is not an email address: there is no `@` in it",
        ],
    ),
    (
        "2026-11-26 14:00 America/New_York",
        "2026-11-24 09:00 America/New_York",
        &["14:12: this meeting is in the past"],
    ),
    (
        "2026-11-26 14:00 America/New_York",
        "Fri 26 Nov 2026 2pm ET",
        &["14:12: 2026-11-26 is a Thursday, not a Friday"],
    ),
    (
        "2026-11-26 14:00 America/New_York",
        "1/2/2027 2pm ET",
        &["14:12: this date can be 1 February 2027 or 2 January 2027"],
    ),
    (
        "2026-11-26 14:00 America/New_York",
        "20 Nov 2pm ET",
        &["14:12: which year? This day is over, or almost a year ahead"],
    ),
    (
        "2026-11-26 14:00 America/New_York",
        "sometime after lunch",
        &["14:12: can't read `sometime after lunch` as a date and time"],
    ),
    (
        "2026-11-26 14:00 America/New_York",
        "next Tuesday 2pm ET",
        &["14:12: `next` means another day whenever it is read"],
    ),
    (
        "2026-11-26 14:00 America/New_York",
        "2026-11-26 America/New_York",
        &["14:12: the time of day is missing"],
    ),
    (
        "2026-11-26 14:00 America/New_York",
        "2026-11-26 2:00 America/New_York",
        &["14:23: this can be in the night or in the afternoon"],
    ),
    (
        "2026-11-26 14:00 America/New_York",
        "2026-11-26 14:00 CST",
        &["14:29: this abbreviation stands for several time zones"],
    ),
    ("America/New_York", "America/NewYork", &["14:29: there is no time zone `America/NewYork`"]),
    (
        "2026-11-26 14:00 America/New_York, 30 min",
        "TBD",
        &["14:12: `TBD` says nothing: `Date/Time` is still to be filled in"],
    ),
    ("30 min", "0 min", &["14:47: a meeting lasts more than nothing and at most 24 hours"]),
    (
        "Sarah Lee | VP Sales | decision-maker",
        "Sarah Lee | decision-maker",
        &["22:1: a stakeholder needs a name, a title and a role, with bars between them"],
    ),
    (
        "Sarah Lee | VP Sales | decision-maker\nJames Ortiz | Sales Ops | evaluator\n",
        "",
        &["19:1: no stakeholder is listed"],
    ),
    (
        "Sarah Lee | VP Sales | decision-maker",
        "TBD | VP Sales | decision-maker",
        &["22:1: the stakeholder's name is missing"],
    ),
    (
        "Sarah Lee | VP Sales | decision-maker",
        "Sarah Lee | VP Sales |",
        &["22:21: the stakeholder's role is missing"],
    ),
    (
        "Objection: Asked about cost against the current tool.\nHow handled: Said the demo covers ROI; did not push further.\n",
        "",
        &["25:1: no objection is listed"],
    ),
    (
        "How handled: Said the demo covers ROI; did not push further.",
        "How handled: n/a",
        &["27:14: `n/a` says nothing: `How handled` is still to be filled in"],
    ),
    ("none mentioned", "not discussed", &["30:1: `not discussed` names no competitor"]),
    (
        "To: Sarah Lee <sarah@acme.example>",
        "To: sarah@acme.example",
        &["33:5: the name that belongs to sarah@acme.example is missing"],
    ),
    (
        "To: Sarah Lee <sarah@acme.example>",
        "To: Calvin Reyes <calvin@vendor.example>",
        &["33:5: calvin@vendor.example belongs to Calvin Reyes, who is not a prospect"],
    ),
    (
        "To: Sarah Lee <sarah@acme.example>",
        "To: Kim Ono <kim@vendor.example>",
        &["33:5: kim@vendor.example is at your own company's mail domain, so not a prospect's"],
    ),
    ("To: Sarah Lee <sarah@acme.example>", "To:", &["33:1: `To` is empty"]),
    (
        "Why this AE: Calvin works exclusively with VP-level sales leaders consolidating CRMs\n",
        "",
        &["32:1: `Why this AE` is empty, and Calvin has no standing line (`introduce`)"],
    ),
    (
        "5. COMPETITOR MENTIONED:\nnone mentioned\n",
        "",
        &["28:1: the section `5. COMPETITOR MENTIONED:` is missing"],
    ),
    ("5. COMPETITOR MENTIONED:", "6. BUDGET:\nplenty\n5. COMPETITOR MENTIONED:", &["29:1: unknown section"]),
    (
        "5. COMPETITOR MENTIONED:",
        "4. OBJECTIONS SURFACED:\nnone raised\n5. COMPETITOR MENTIONED:",
        &["29:1: this section appears twice"],
    ),
    (
        "AE FIRST TOUCH: [ ] Completed within SLA\n",
        "AE FIRST TOUCH: [ ] Completed within SLA\nSent from my phone\n",
        &["40:1: this line isn't part of the record"],
    ),
];

#[test]
fn likely_slips_are_each_named_where_they_stand() {
    let mut wrong = Vec::new();
    for (from, to, expected) in SLIPS {
        let expected: Vec<String> = expected.iter().map(|line| format!("acme.txt:{line}")).collect();
        let found = faults(&with(from, to));
        if found != expected {
            wrong.push(format!("{from:?} -> {to:?}\n  found {found:#?}\n  not {expected:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fault_says_what_to_do() {
    for (from, to, _) in SLIPS {
        for fault in parse_text(&with(from, to)).unwrap_err() {
            assert!(!fault.help.is_empty() || fault.example.is_some(), "{fault}");
        }
    }
}

#[test]
fn dates_are_taken_as_people_write_them() {
    for written in [
        "2026-11-26 14:00 America/New_York, 30 min",
        "Thu 26 Nov 2026 2pm ET",
        "Nov 26, 2026 at 2:00 PM EST",
        "Thursday, November 26th, 2026, 2 p.m. Eastern Time",
        "26.11.2026 14:00 America/New_York",
        "26/11/2026 14:00 EST 30min",
        "Thu 26.11.2026, 14:00 (America/New_York), 30 minutes",
        "2026-11-26T14:00:00-05:00 America/New_York",
        "2026-11-26 14:00-14:30 ET",
        "26 Nov 2026, 2-2:30pm ET",
        "2026-11-26 2:00 pm to 2:30 pm ET",
        "26.11.2026, 14.00 (New York time)",
        "26 Nov 2026 2pm\u{2013}2:30pm ET",
        "26-Nov-2026 14:00h EST (UTC-5)",
        "2pm ET on Thu 26 November 2026 for half an hour",
        "2026-11-26\u{a0}14:00\tamerica/new_york",
    ] {
        let parsed = parse_text(&with("2026-11-26 14:00 America/New_York, 30 min", written)).unwrap_or_else(
            |faults| panic!("{written}: {}", crate::diagnostics::render(&faults, FaultStyle::PLAIN)),
        );
        let meeting = parsed.record.meeting;
        assert_eq!(meeting.start.to_rfc3339(), "2026-11-26T19:00:00+00:00", "{written}");
        assert_eq!((meeting.zone.as_str(), meeting.length_seconds), ("America/New_York", 1800), "{written}");
    }
    for (written, start, zone, length) in [
        ("2026-11-26 14:00:30 GMT, 20 s", "2026-11-26T14:00:30+00:00", "UTC", 20),
        ("2026-11-26 14:00 +01:00, 1 h", "2026-11-26T13:00:00+00:00", "+01:00", 3600),
        ("2026-11-26 14:00 UTC+2, 1h30", "2026-11-26T12:00:00+00:00", "+02:00", 5400),
        ("2026-11-26T14:00:00Z, 90 min", "2026-11-26T14:00:00+00:00", "UTC", 5400),
        ("26 Nov 2026 14h30 CET, 1 hr 30 min", "2026-11-26T13:30:00+00:00", "Europe/Paris", 5400),
        ("2026-11-26 noon CST (America/Chicago)", "2026-11-26T18:00:00+00:00", "America/Chicago", 1800),
        ("2027-07-01 14:00 America/New_York", "2027-07-01T19:00:00+00:00", "America/New_York", 1800),
    ] {
        let text = with("2026-11-26 14:00 America/New_York, 30 min", written);
        let meeting = parse_text(&text)
            .unwrap_or_else(|faults| {
                panic!("{written}: {}", crate::diagnostics::render(&faults, FaultStyle::PLAIN))
            })
            .record
            .meeting;
        assert_eq!(
            (meeting.start.to_rfc3339().as_str(), meeting.zone.as_str(), meeting.length_seconds),
            (start, zone, length)
        );
    }
}

#[test]
fn what_a_clock_change_makes_unclear_is_refused_with_its_readings() {
    let early: DateTime<Utc> = "2026-01-05T00:00:00Z".parse().unwrap();
    let read = |line: &str| when::read(line, &FewZones, early);
    let help = |line: &str| read(line).unwrap_err().remove(0).help.join(" ");
    assert_eq!(
        help("2026-11-01 01:30 America/New_York"),
        "write `2026-11-01 01:30 -04:00 America/New_York` or `2026-11-01 01:30 -05:00 America/New_York`"
    );
    assert_eq!(read("2026-11-01 01:30 EDT").unwrap().start.to_rfc3339(), "2026-11-01T05:30:00+00:00");
    assert_eq!(
        read("2026-11-01 01:30 -05:00 America/New_York").unwrap().start.to_rfc3339(),
        "2026-11-01T06:30:00+00:00"
    );
    assert_eq!(help("2026-03-08 02:30 America/New_York"), "write `2026-03-08 03:00 America/New_York`");
    assert_eq!(
        help("2026-07-01 14:00 -05:00 America/New_York"),
        "write `2026-07-01 14:00 America/New_York` or `2026-07-01 14:00 -05:00`"
    );
    let summer = read("2026-07-01 2pm EST").unwrap();
    assert_eq!(summer.start.to_rfc3339(), "2026-07-01T18:00:00+00:00");
    assert_eq!(
        summer.warnings[0].help,
        [
            "it is read as `2026-07-01 14:00 America/New_York`; if UTC-05:00 is meant, write `2026-07-01 14:00 -05:00`"
        ]
    );
    assert_eq!(read("2026-11-26 14:00 New York time").unwrap().zone, "America/New_York");
    assert_eq!(read("2026-11-26 2pm Paris").unwrap().start.to_rfc3339(), "2026-11-26T13:00:00+00:00");
    assert_eq!(help("2026-11-26 14:00 Chigaco"), "if it is the time zone, write `America/Chicago`");
    assert_eq!(help("Thu 11/13/2026 2pm ET"), "write `Fri 2026-11-13` or `Thu 2026-11-12`");
    assert_eq!(read("Thu 11/12/2026 2pm ET").unwrap().start.to_rfc3339(), "2026-11-12T19:00:00+00:00");
}

/// All of them half an hour from 2026-11-26 14:00 in New York (EST) or Paris, read on 2026-11-24.
const FOREIGN: &[&str] = &[
    "Thu 26 Nov 2pm ET",
    "Thursday at 2pm ET",
    "Thursday, 2 PM Eastern",
    "26 Nov 2pm EST",
    "11/26 2pm ET",
    "26.11. 14:00 ET",
    "26.11.26 14:00 ET",
    "Do 26.11. 14 Uhr Paris",
    "Donnerstag, 26. November 2026, um 14 Uhr MEZ, 30 Minuten",
    "Thu 26 Nov 14 Uhr MEZ",
    "Donnerstag 14.00 Uhr MEZ, eine halbe Stunde",
    "26. November, 14 Uhr 00 MEZ",
    "jeudi 26 novembre \u{e0} 14h CET",
    "jeudi 26 novembre 2026 \u{e0} 14 h 00 CET, 30 minutes",
    "jeudi \u{e0} 14h00 CET, une demi-heure",
    "jueves 26 de noviembre de 2026 a las 14:00 CET, media hora",
    "jue 26 nov 14h CET",
    "gioved\u{ec} 26 novembre alle 14 CET, mezz'ora",
    "gio 26 nov 2026 ore 14:00 CET",
    "donderdag 26 november om 14 uur CET, half uur",
    "do 26 nov 14u00 CET",
    "quinta-feira, 26 de novembro \u{e0}s 14h CET, 30 minutos",
    "quinta \u{e0}s 14:00 CET",
    "2026-11-26 14:00 CET, 0,5 h",
    "2026-11-26 von 14 bis 14:30 CET",
    "torsdag den 26 november kl 14 CET, 30 minuter",
    "torsdag d. 26. november kl. 14.00 CET, 30 minutter",
    "torsdag 26. november kl 14 CET, en halv time",
    "czwartek 26 listopada o 14 CET, 30 minut",
    "torstai 26. marraskuuta klo 14 CET, 30 minuuttia",
    "\u{10d}tvrtek 26. listopadu v 14:00 CET, 30 minut",
];

#[test]
fn dates_are_read_in_thirteen_languages_and_without_their_year() {
    let mut wrong = Vec::new();
    for written in FOREIGN {
        match when::read(written, &FewZones, now()) {
            Ok(found) => {
                let zone = FewZones.zone(&found.zone).unwrap();
                let local = zone.local(found.start).naive_local().to_string();
                if (local.as_str(), found.length_seconds) != ("2026-11-26 14:00:00", 1800) {
                    wrong.push(format!("{written}: {found:?}"));
                }
            }
            Err(faults) => wrong.push(format!("{written}: {faults:#?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_reading_in_the_past_is_none() {
    let read = |line: &str, now: &str| {
        let found = when::read(line, &FewZones, now.parse().unwrap());
        found.map(|found| found.start.to_rfc3339()).map_err(|faults| faults[0].help.join(" "))
    };
    let december = "2026-12-01T12:00:00Z";
    assert_eq!(read("12/3/2026 2pm ET", december), Ok("2026-12-03T19:00:00+00:00".to_owned()));
    assert_eq!(read("3/12 2pm ET", december), Err("write `2026-12-03` or `2027-03-12`".to_owned()));
    assert_eq!(read("Dec 3rd at 2pm ET", december), Ok("2026-12-03T19:00:00+00:00".to_owned()));
    assert_eq!(read("Jan 7 2pm ET", december), Ok("2027-01-07T19:00:00+00:00".to_owned()));
    // In December 1 in New York it is Tuesday; the meeting at 7 there is at 12 in UTC.
    assert_eq!(read("Tuesday 10am ET", december), Ok("2026-12-01T15:00:00+00:00".to_owned()));
    assert_eq!(read("Tuesday 7am ET", december), Ok("2026-12-08T12:00:00+00:00".to_owned()));
    assert_eq!(read("Nov 20 2pm ET", december), Err("write `2027-11-20`".to_owned()));
    assert_eq!(read("Mar 3 dic 14h CET", "2027-11-20T00:00:00Z").map_err(|_| ()), Err(()));
}

#[test]
fn lengths_have_a_decimal_comma_and_are_warned_about_when_long() {
    let length = |written: &str| {
        let parsed = parse_text(&with("2026-11-26 14:00 America/New_York, 30 min", written)).unwrap();
        let warnings: Vec<String> = parsed.warnings.iter().map(|fault| fault.message.clone()).collect();
        (parsed.record.meeting.length_seconds / 60, warnings)
    };
    for written in ["1,5 h", "1,5h", "1.5 h", "1 h 30", "90 Minuten", "1,5 Std.", "1,5 heures", "1,5 uur"] {
        assert_eq!(length(&format!("2026-11-26 14:00 CET, {written}")), (90, vec![]), "{written}");
    }
    let long = vec!["a meeting of 15.0 hours is a long one".to_owned()];
    assert_eq!(length("2026-11-26 14:00 CET, 15 h"), (900, long));
    let far = vec!["this meeting is 365 days ahead".to_owned()];
    assert_eq!(length("2027-11-25 14:00 CET"), (30, far));
}

/// What a line of the example becomes, all of which read as the example does.
const SAME: &[(&str, &str)] = &[
    ("2. NEXT MEETING:", "## 2. NEXT MEETING: ##"),
    ("1. PAIN (prospect's exact words):", "1. PAIN (prospect's exact words):\n-----"),
    ("2. NEXT MEETING:", "---\n\n2. NEXT MEETING:"),
    ("HANDOFF RECORD: Acme", "HANDOFF RECORD: - Acme"),
    ("HANDOFF RECORD: Acme", "HANDOFF RECORD: [x] Acme"),
    ("To: Sarah", "To: [x] Sarah"),
    ("To: Sarah", "To: @Sarah"),
    ("To: Sarah Lee", "To: \u{ab}Sarah Lee\u{bb}"),
    ("Discussed: we", "Discussed: - [ ] we"),
    ("Discussed: we", "Discussed: \u{2611} we"),
    ("Discussed: we talked", "Discussed: ==we talked=="),
    ("To: Sarah Lee <sarah@acme.example>", "To:\n- Sarah Lee <sarah@acme.example>"),
    ("To: Sarah Lee <sarah@acme.example>", "To:\n\u{2022} **Sarah Lee** <sarah@acme.example>"),
    ("To: Sarah Lee <sarah@acme.example>", "**To:** *Sarah Lee* <mailto:sarah@acme.example>"),
    ("Format: Zoom", "**Format:** Zoom"),
    ("Format: Zoom", "- __Format__: _Zoom_"),
    ("Format: Zoom", "a) Format: `Zoom`"),
    ("HANDOFF RECORD:", "# HANDOFF RECORD:"),
    ("1. PAIN (prospect's exact words):", "## 1. Pain"),
    ("3. STAKEHOLDER MAP:", "### Stakeholders"),
    ("Acme Corp | 2026-11-24", "Acme Corp \u{2502} 2026-11-24"),
    ("Dana Fox | AE: Calvin Reyes", "Dana | AE: Calvin"),
    ("Dana Fox | AE: Calvin Reyes", "**Dana Fox**\tAE: Calvin Reyes"),
    ("Sarah Lee | VP Sales | decision-maker", "Sarah Lee\tVP Sales\tdecision-maker"),
    ("Sarah Lee | VP Sales | decision-maker", "Sarah Lee\t\tVP Sales\tdecision-maker"),
    ("Sarah Lee | VP Sales | decision-maker", "Sarah Lee \u{ff5c} VP Sales \u{a6} decision-maker"),
    ("Sarah Lee | VP Sales | decision-maker", "1) Sarah Lee | VP Sales | **Decision maker**"),
    ("none mentioned", "None"),
    ("none mentioned", "- none."),
    ("none mentioned", "keine"),
    ("none mentioned", "Nessuno"),
    (
        "Attendees: Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>",
        "Attendees:\n1. Sarah Lee <sarah@acme.example>\n2. James Ortiz <james@acme.example>",
    ),
    ("<sarah@acme.example>, James", "<sarah@acme.example> and James"),
    ("<sarah@acme.example>, James", "<sarah@acme.example> & James"),
    ("<sarah@acme.example>, James", "<sarah@acme.example> und James"),
    ("[x] ICP criteria confirmed", "\\[x\\] ICP criteria confirmed"),
    ("[x] ICP criteria confirmed", "* **[x]** ICP criteria confirmed"),
];

#[test]
fn marks_of_lists_tables_and_markdown_are_no_part_of_a_record() {
    let expected = parse_text(ACME).unwrap().record;
    let mut wrong = Vec::new();
    for (from, to) in SAME {
        match parse_text(&with(from, to)) {
            Ok(parsed) if parsed.record == expected && parsed.warnings.is_empty() => {}
            Ok(parsed) => wrong.push(format!("{to}: {:#?} {:?}", parsed.record, parsed.warnings)),
            Err(faults) => {
                wrong.push(format!("{to}: {}", crate::diagnostics::render(&faults, FaultStyle::PLAIN)))
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let agenda = "Agenda:\n- the reporting pain\n- a demo";
    let text = with("Agenda: walk through the reporting pain and demo the pipeline dashboard", agenda);
    assert_eq!(parse_text(&text).unwrap().record.meeting.agenda, "the reporting pain, a demo");
    let objection = "Objection: Asked about cost against the current tool.\nHow handled: Said the demo covers ROI; did not push further.";
    for none in ["None", "none raised", "Objection: none\nHow handled: n/a", "- keine Einw\u{e4}nde"] {
        assert_eq!(parse_text(&with(objection, none)).unwrap().record.objections, [], "{none}");
    }
}

/// What stands below a record may be meant for colleagues alone.
#[test]
fn what_a_blank_line_parts_from_the_intro_is_no_part_of_it() {
    let end = ACME.find("\nWARM INTRO EMAIL STATUS").unwrap();
    let open = ACME.get(..end).unwrap().trim_end();
    for below in [
        "\n\nCalvin, she is very price sensitive, start low.",
        "\n\n\nThanks,\nDana",
        "\n---\nshe is price sensitive",
        "\n-- \nDana Fox, Vendor",
        "\n\n**Notes**\nshe is price sensitive",
        "\n\n## Notes for Calvin\nshe is price sensitive",
        "\n# a note\n\nshe is price sensitive",
    ] {
        let faults = parse_text(&format!("{open}{below}\n")).unwrap_err();
        let told = crate::diagnostics::render(&faults, FaultStyle::PLAIN);
        assert!(told.contains("this line isn't part of the record"), "{below}: {told}");
    }
    let agenda = "Agenda: walk through the reporting pain and demo the pipeline dashboard";
    let apart = with(agenda, &format!("{agenda}\n\nthe CFO has no budget"));
    assert!(parse_text(&apart).is_err());
    // Directly below it goes on, also with a note between, and a value may stand below its label.
    let text = with(
        agenda,
        "Agenda:\n\nwalk through the reporting pain\n# said twice\nand demo the pipeline dashboard",
    );
    let read = parse_text(&text).unwrap().record.meeting.agenda;
    assert!(read.starts_with("walk through") && read.ends_with("the pipeline dashboard"), "{read}");
}

#[test]
fn the_text_may_be_typed_in_any_program() {
    let expected = parse_text(ACME).unwrap().record;
    let quoted = ACME.replace("\"Our", "\u{201c}Our").replace("fields.\"", "fields.\u{201d}");
    for (what, text) in [
        ("CRLF", ACME.replace('\n', "\r\n")),
        ("BOM", format!("\u{feff}{ACME}")),
        ("trailing blanks", ACME.replace('\n', "  \t\n")),
        ("indented", ACME.replace('\n', "\n  ")),
        ("NBSP", ACME.replace(": ", ":\u{a0}")),
        ("tabs", ACME.replace(": ", ":\t")),
        ("ticks", ACME.replace("[x]", "[\u{2713}]")),
        ("capital ticks", ACME.replace("[x]", " - [X]")),
        ("double spacing", ACME.replace('\n', "\n\n")),
        ("comments", ACME.replace('\n', "\n# a note: [ ] x\n")),
        ("no head", ACME.replace("Name | Title | Role in deal\n--- | --- | ---\n", "")),
        (
            "framed table",
            ACME.replace(
                "Sarah Lee | VP Sales | decision-maker",
                "| Sarah Lee | VP Sales | Decision Maker |",
            ),
        ),
        (
            "no last lines",
            ACME.replace(
                "WARM INTRO EMAIL STATUS: [ ] Sent by SDR\nAE FIRST TOUCH: [ ] Completed within SLA\n",
                "",
            ),
        ),
        (
            "names in any case",
            ACME.replace("SDR: Dana Fox | AE: Calvin Reyes", "sdr: dana fox\nae: CALVIN  REYES"),
        ),
        ("bold headings", ACME.replace("2. NEXT MEETING:", "**2. Next meeting**")),
        ("no final newline", ACME.trim_end().to_owned()),
        ("wrapped", ACME.replace("and demo the pipeline", "and demo\n  the pipeline")),
        ("attendees below each other", ACME.replace(">, James", ">,\n  James")),
    ] {
        let parsed = parse_text(&text).unwrap_or_else(|faults| {
            panic!("{what}: {}", crate::diagnostics::render(&faults, FaultStyle::PLAIN))
        });
        assert_eq!(parsed.record, expected, "{what}");
    }
    assert!(parse_text(&quoted).unwrap().record.pain.starts_with('\u{201c}'));
}

#[test]
fn other_files_are_told_to_be_none() {
    assert_eq!(faults("Hi Calvin,\nsee you tomorrow\n"), ["acme.txt:1:1: this is not a handoff record"]);
    assert_eq!(faults("\n \n"), ["acme.txt: the file is empty"]);
    assert_eq!(faults("database = \"x\"\n[agent]\n"), ["acme.txt:1:1: this is not a handoff record"]);
}

#[test]
fn a_record_that_breaks_off_is_told_everything_that_it_lacks() {
    let found = faults("HANDOFF RECORD: Acme Corp | 2026-11-24\n");
    assert_eq!(found.len(), 2 + 7, "{found:#?}");
}

#[test]
fn several_objections_and_none_are_both_read() {
    let second = with("\n5. COMP", "Objection: Too\nbusy\nHow handled: Waited.\n\n5. COMP");
    let objections = parse_text(&second).unwrap().record.objections;
    assert_eq!(objections.len(), 2);
    assert_eq!(objections[1].objection, "Too busy");
    let both = "Objection: Asked about cost against the current tool.\nHow handled: Said the demo covers ROI; did not push further.";
    for none in
        ["none raised", "None raised.", "Objection: none raised\nHow handled: -", "Objection: None raised"]
    {
        let record = parse_text(&with(both, none)).unwrap().record;
        assert_eq!(record.objections, [], "{none}");
    }
    assert_eq!(
        faults(&with(both, &format!("{both}\nnone raised"))),
        Vec::<String>::new(),
        "a line below is the end of the answer above"
    );
}

#[test]
fn a_title_may_be_unknown_and_a_colleague_may_attend() {
    let record =
        parse_text(&with("James Ortiz | Sales Ops | evaluator", "James Ortiz | | End User")).unwrap().record;
    assert_eq!(
        (record.stakeholders[1].title.as_str(), record.stakeholders[1].role),
        ("unknown", DealRole::EndUser)
    );
    let record = parse_text(&with(
        "Attendees: Sarah Lee <sarah@acme.example>",
        "Attendees: Calvin Reyes, Kim <kim@vendor.example>",
    ))
    .unwrap()
    .record;
    assert_eq!(record.meeting.attendees[0].address.as_str(), "calvin@vendor.example");
    // Robin's address is at gmail.com, which makes nobody a colleague.
    assert!(
        parse_text(&with("To: Sarah Lee <sarah@acme.example>", "To: Sarah Lee <sarah.lee@gmail.com>"))
            .is_ok()
    );
}

#[test]
fn the_standing_line_stands_in_for_why_this_ae() {
    let text = with("AE: Calvin Reyes", "AE: Robin Vale").replace(
        "Why this AE: Calvin works exclusively with VP-level sales leaders consolidating CRMs\n",
        "",
    );
    assert_eq!(parse_text(&text).unwrap().record.why_this_ae, "knows every CRM there is");
    let empty = with("AE: Calvin Reyes", "AE: Robin Vale").replace(
        "Why this AE: Calvin works exclusively with VP-level sales leaders consolidating CRMs",
        "Why this AE:",
    );
    assert_eq!(parse_text(&empty).unwrap().record.why_this_ae, "knows every CRM there is");
}

#[test]
fn a_team_may_demand_more_conditions() {
    let extra = ["Budget authority confirmed".to_owned()];
    let missing = parse_with(ACME, &extra).unwrap_err();
    assert_eq!(
        missing[0].to_string(),
        "acme.txt:4:1: the trigger condition `Budget authority confirmed` is missing"
    );
    let text = with(
        "[x] Calendar invite accepted",
        "[x] budget authority confirmed: by Sarah\n[x] Calendar invite accepted",
    );
    let record = parse_with(&text, &extra).unwrap().record;
    assert_eq!(record.conditions[0], "Calendar invite accepted");
    assert_eq!(record.conditions[4], "Budget authority confirmed: by Sarah");
}

#[test]
fn what_is_unwise_is_warned_about_and_taken() {
    let warnings = |text: &str| -> Vec<String> {
        parse_text(text).unwrap().warnings.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        warnings(&with(
            "\"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\"",
            "They need better pipeline visibility"
        )),
        ["acme.txt:11:1: this reads as an interpretation, not as the prospect's own words"]
    );
    let long = format!("Discussed: {}", "word ".repeat(41));
    assert_eq!(
        warnings(&with(
            "Discussed: we talked about the hours your reps lose to CRM upkeep, and you wanted to see it fixed",
            &long
        )),
        ["acme.txt:34:12: a sentence of 41 words is hard to read on a phone"]
    );
    assert_eq!(
        warnings(&with(
            "Attendees: Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>",
            "Attendees: Calvin Reyes"
        )),
        ["acme.txt:16:1: no prospect is among the attendees"]
    );
    let parsed = parse_text(ACME).unwrap();
    let zone = FewZones.zone("America/New_York").unwrap();
    let deadline = "2026-11-27T15:00:00Z".parse().unwrap();
    let warning = parsed.before_deadline(deadline, zone.as_ref()).unwrap();
    assert_eq!(warning.to_string(), "acme.txt:14:12: the meeting comes before the first touch is due");
    assert_eq!(parsed.before_deadline(parsed.record.meeting.start, zone.as_ref()), None);
}

#[test]
fn what_the_prospect_would_read_oddly_is_shown_as_it_will_be_read() {
    for (from, to, expected) in [
        (
            "To: Sarah Lee",
            "To: SARAH LEE",
            "the name `SARAH LEE` is in capitals only: the prospect reads: `Hi SARAH,`",
        ),
        (
            "To: Sarah Lee",
            "To: sarah lee",
            "the name `sarah lee` is in small letters only: the prospect reads: `Hi sarah,`",
        ),
        (
            "To: Sarah Lee <sarah@acme.example>",
            "To: Kim Ono <kim@acme.example>",
            "Kim Ono <kim@acme.example> is not among the attendees: the prospect reads of the meeting: `With: Sarah Lee, James Ortiz`",
        ),
        (
            "Discussed: we talked about the hours",
            "Discussed: the hours",
            "this may not read as a sentence: the prospect reads: `We talked about the hours your reps lose to CRM upkeep, and you wanted to see it fixed.`",
        ),
        (
            "Why this AE: Calvin works exclusively with",
            "Why this AE: an expert in",
            "this may not read as a sentence: the prospect reads: `Calvin is an expert in VP-level sales leaders consolidating CRMs.`",
        ),
    ] {
        let warnings = parse_text(&with(from, to)).unwrap().warnings;
        let shown: Vec<String> =
            warnings.iter().map(|fault| format!("{}: {}", fault.message, fault.help[0])).collect();
        assert_eq!(shown, [expected]);
    }
    let shared = ACME.replace("Sarah Lee <sarah@", "Sales <sales@");
    let warnings = parse_text(&shared).unwrap().warnings;
    assert_eq!(
        warnings[0].to_string(),
        "acme.txt:33:5: sales@acme.example looks like a shared mailbox, not a person's"
    );
}

#[test]
fn the_blank_record_explains_itself_and_says_what_is_missing() {
    let extra = ["Budget authority confirmed".to_owned()];
    let names = PrefilledNames { sdr: Some("Dana Fox"), ae: None, extra_conditions: &extra };
    let text = blank(&names, NaiveDate::from_ymd_opt(2026, 11, 24).unwrap());
    insta::assert_snapshot!("blank", text);
    let notes: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    assert!(notes.iter().all(|note| note.starts_with("#: ") && note.len() < 60), "{notes:#?}");
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let next = lines.peek().copied().unwrap_or_default();
        assert!(!line.starts_with('#') || next.starts_with('#') || next.is_empty(), "{line}");
    }
    let faults = parse_with(&text, &extra).unwrap_err();
    // Company, AE, five conditions, pain, four lines of the meeting, stakeholders, one objection's two
    // lines, competitor, three lines of the intro.
    assert_eq!(
        faults.len(),
        1 + 1 + 5 + 1 + 4 + 1 + 2 + 1 + 3,
        "{}",
        crate::diagnostics::render(&faults, FaultStyle::PLAIN)
    );
}

fn word() -> impl Strategy<Value = String> {
    "[A-Za-zäöüéß][a-zA-Z0-9äöü'.!?%&-]{0,9}"
}

fn sentence() -> impl Strategy<Value = String> {
    prop::collection::vec(word(), 1..8).prop_map(|words| words.join(" ")).prop_filter(
        "no placeholder, heading or denial",
        |text| {
            !text::is_placeholder(text)
                && !text.contains(':')
                && text.len() > 4
                && !text.to_lowercase().starts_with("no")
        },
    )
}

fn mailbox() -> impl Strategy<Value = Mailbox> {
    ("[A-Z][a-z]{1,8}( [A-Z][a-z]{1,8})?(, Jr)?", "[a-z]{1,8}(\\.[a-z]{1,4})?", "[a-z]{1,8}")
        .prop_map(|(name, local, host)| Mailbox {
            name,
            address: address(&format!("{local}@{host}.example")),
        })
        .prop_filter("outside", |mailbox| mailbox.address.domain() != "vendor.example")
}

fn distinct(mut list: Vec<Mailbox>) -> Vec<Mailbox> {
    let mut seen = BTreeSet::new();
    list.retain(|mailbox| seen.insert(mailbox.address.clone()));
    list
}

prop_compose! {
    fn records()(
        company in sentence(),
        date in 0..20_000_i64,
        (pain, competitor) in (prop::collection::vec(sentence(), 1..4), sentence()),
        (seconds, length) in (1..400_000_000_i64, 1..86_400_u32),
        zone in prop::sample::select(vec!["America/New_York", "Europe/Paris", "UTC", "-03:30"]),
        (format, agenda) in (sentence(), sentence()),
        attendees in prop::collection::vec(mailbox(), 1..4),
        to in prop::collection::vec(mailbox(), 1..3),
        people in prop::collection::vec((sentence(), sentence(), 0..5_usize), 1..4),
        objections in prop::collection::vec((sentence(), sentence()), 0..3),
        (discussed, why_this_ae, what_to_expect) in (sentence(), sentence(), sentence()),
    ) -> Record {
        let roles = [DealRole::DecisionMaker, DealRole::Evaluator, DealRole::Gatekeeper, DealRole::EndUser, DealRole::Champion];
        Record {
            company,
            date: NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + TimeDelta::days(date),
            sdr: "Dana Fox".into(),
            ae: "Calvin Reyes".into(),
            conditions: CONDITIONS.map(str::to_owned).to_vec(),
            pain: pain.join("\n"),
            meeting: PlannedMeeting {
                start: now() + TimeDelta::seconds(seconds),
                local_start: FewZones.zone(zone).map(|zone| zone.local(now() + TimeDelta::seconds(seconds)).naive_local()),
                length_seconds: length,
                zone: zone.into(),
                format,
                attendees: distinct(attendees),
                agenda,
            },
            stakeholders: people.into_iter().map(|(name, title, role)| Stakeholder { name, title, role: roles[role] }).collect(),
            objections: objections.into_iter().map(|(objection, handled)| Objection { objection, handled }).collect(),
            competitor,
            to: distinct(to),
            discussed,
            why_this_ae,
            what_to_expect,
        }
    }
}

proptest! {
    #[test]
    fn a_printed_record_reads_back_as_itself(record in records(), sent: bool, touched: bool) {
        let text = print(&record, &Ticks { intro_sent: sent, first_touch: touched }, &FewZones);
        match parse_text(&text) {
            Ok(parsed) => prop_assert_eq!(parsed.record, record),
            Err(faults) => prop_assert!(false, "{}\n{}", text, crate::diagnostics::render(&faults, FaultStyle::PLAIN)),
        }
    }

}

proptest! {
    // Each case is read three times over, and of most every fault is explained; `fuzz/` looks longer.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_it_panic(text in "(.|\n){0,200}", cut in 0..ACME.len(), put in "[\\PC\n\t|:<>\\[\\]\"]{0,12}") {
        let _ = parse_text(&text);
        let mut damaged = ACME.to_owned();
        damaged.insert_str(cut, &put);
        if let Err(faults) = parse_text(&damaged) {
            let _ = crate::diagnostics::render(&faults, FaultStyle { colour: true, width: 80 });
            prop_assert!(!faults.is_empty());
        }
        let _ = when::read(&text, &FewZones, now());
    }
}
