//! Dates, hours and lengths in the forms that people write them beside those of `tests.rs`.

use super::*;

/// A line, the local time that it means, read on 2026-11-24, and the length in minutes.
const WRITTEN: &[(&str, &str, u32)] = &[
    ("jeudi 26 novembre \u{e0} 9h CET", "2026-11-26 09:00:00", 30),
    ("quinta 26 nov \u{e0}s 9h CET, 45 min", "2026-11-26 09:00:00", 45),
    ("Do 26.11. 9h MEZ", "2026-11-26 09:00:00", 30),
    ("do 26 nov 9u CET", "2026-11-26 09:00:00", 30),
    ("do 26 nov om 10u CET, 1h", "2026-11-26 10:00:00", 60),
    ("gioved\u{ec} 26 novembre, 8h CET, 20 min", "2026-11-26 08:00:00", 20),
    ("2026-11-26, 1h, 9:30 CET", "2026-11-26 09:30:00", 60),
    ("1\u{b0} dicembre ore 14 CET", "2026-12-01 14:00:00", 30),
    ("2026-11-26 14:00 CET, 1\u{bd} h", "2026-11-26 14:00:00", 90),
    ("2026-11-26 14:00 CET, \u{bd} h", "2026-11-26 14:00:00", 30),
    ("2026-11-26 14:00 CET, 1,25 h", "2026-11-26 14:00:00", 75),
    ("jueves 26 nov a las 14:00 CET, una hora y media", "2026-11-26 14:00:00", 90),
    ("jeudi 26 novembre \u{e0} 14h CET, une heure et demie", "2026-11-26 14:00:00", 90),
    ("do 26 nov 14u30 CET, anderhalf uur", "2026-11-26 14:30:00", 90),
    ("gioved\u{ec} 26 novembre alle 14 CET, un'ora e mezza", "2026-11-26 14:00:00", 90),
    ("Do 26.11. 14 Uhr MEZ, anderthalb Stunden", "2026-11-26 14:00:00", 90),
    ("Thu 26 Nov 2pm CET, one and a half hours", "2026-11-26 14:00:00", 90),
    ("12.01.2027 14 Uhr MEZ", "2027-01-12 14:00:00", 30),
    ("12/01/2027 \u{e0} 14h CET", "2027-01-12 14:00:00", 30),
    ("12/01/2027 alle ore 14:00 CET", "2027-01-12 14:00:00", 30),
    ("Do 26.11. 14 Uhr Pariser Zeit CET", "", 0),
    ("26.11.2026, 14.00 - 15.30 h MEZ", "2026-11-26 14:00:00", 90),
    ("26.11.2026, 10.00 bis 11.30 h MEZ", "2026-11-26 10:00:00", 90),
];

#[test]
fn hours_and_lengths_are_read_as_they_are_written_from_lisbon_to_amsterdam() {
    let mut wrong = Vec::new();
    for (written, local, minutes) in WRITTEN {
        let found = when::read(written, &FewZones, now());
        let got = found.as_ref().ok().map(|found| {
            let zone = FewZones.zone(&found.zone).unwrap();
            (zone.local(found.start).naive_local().to_string(), found.length_seconds / 60)
        });
        let expected = (!local.is_empty()).then(|| ((*local).to_owned(), *minutes));
        if got != expected {
            wrong.push(format!("{written}: {got:?} {:#?}", found.err()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_hour_that_may_be_of_either_half_and_a_date_in_english_stay_what_they_are() {
    let help = |line: &str| when::read(line, &FewZones, now()).unwrap_err()[0].help.join(" ");
    assert_eq!(help("jeudi 26 novembre \u{e0} 3h CET"), "write `15:00` or `03:00`");
    assert_eq!(help("12/1/2027 2pm ET"), "write `2027-01-12` or `2027-12-01`");
    for line in ["2pm Eastern Time (US and Canada)", "2pm (UTC-05:00) Eastern Time (US & Canada)"] {
        let found = when::read(&format!("2026-11-26 {line}"), &FewZones, now()).unwrap();
        assert_eq!(
            (found.zone.as_str(), found.start.to_rfc3339().as_str()),
            ("America/New_York", "2026-11-26T19:00:00+00:00")
        );
    }
}
