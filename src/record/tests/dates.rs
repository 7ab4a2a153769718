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

/// A line of 2026-11-24, the local time that it means and the length in minutes.
const SPANS: &[(&str, &str, u32)] = &[
    ("jeudi 26 nov 9h \u{e0} 10h CET", "2026-11-26 09:00:00", 60),
    ("jueves 26 nov 9h - 10h CET", "2026-11-26 09:00:00", 60),
    ("jueves 26 nov 9h \u{2013} 10h CET", "2026-11-26 09:00:00", 60),
    ("quinta 26 nov 9h \u{e0}s 10h CET", "2026-11-26 09:00:00", 60),
    ("quinta 26 nov das 9h \u{e0}s 10h30 CET", "2026-11-26 09:00:00", 90),
    ("quinta 26 nov 14h30 \u{e0}s 15h CET", "2026-11-26 14:30:00", 30),
    ("quinta 26 nov 9h at\u{e9} \u{e0}s 10h CET", "2026-11-26 09:00:00", 60),
    ("quinta 26 nov das 9 \u{e0}s 10 horas CET", "2026-11-26 09:00:00", 60),
    ("quinta 26 nov das 9 \u{e0}s 10 CET", "2026-11-26 09:00:00", 60),
    ("gioved\u{ec} 26 nov dalle 9h alle 10h CET", "2026-11-26 09:00:00", 60),
    ("gioved\u{ec} 26 nov dalle 14 alle 15 CET", "2026-11-26 14:00:00", 60),
    ("gio 26 nov dalle ore 9 alle ore 10 CET", "2026-11-26 09:00:00", 60),
    ("gio 26 nov ore 9-10 CET", "2026-11-26 09:00:00", 60),
    ("gio 26 nov 14-15 CET", "2026-11-26 14:00:00", 60),
    ("gio 26 nov tra le 9 e le 10 CET", "2026-11-26 09:00:00", 60),
    ("gio 26 nov fra 9 e 10 CET", "2026-11-26 09:00:00", 60),
    ("gioved\u{ec} 26 novembre ore 14 per 1 ora CET", "2026-11-26 14:00:00", 60),
    ("jeudi 26 nov de 9h \u{e0} 9h30 CET", "2026-11-26 09:00:00", 30),
    ("jeudi 26 nov de 14h \u{e0} 15h CET", "2026-11-26 14:00:00", 60),
    ("jeudi 26 nov de 14 h \u{e0} 15 h 30 CET", "2026-11-26 14:00:00", 90),
    ("jeudi 26 nov 16 heures \u{e0} 17 heures CET", "2026-11-26 16:00:00", 60),
    ("jeu 26 nov 10h00 \u{e0} 11h00 (CET)", "2026-11-26 10:00:00", 60),
    ("jeudi 26 nov 9h jusqu'\u{e0} 10h CET", "2026-11-26 09:00:00", 60),
    ("jeudi 26 nov \u{e0} partir de 9h CET", "2026-11-26 09:00:00", 30),
    ("jeudi 26 nov entre 14h et 15h CET", "2026-11-26 14:00:00", 60),
    ("jeudi 26 nov 22h \u{e0} 23h30 CET", "2026-11-26 22:00:00", 90),
    ("jeudi 26 nov 23h \u{e0} 0h30 CET", "2026-11-26 23:00:00", 90),
    ("jeu 26 nov 9h \u{2192} 10h CET", "2026-11-26 09:00:00", 60),
    ("jeu 26 nov 9h/10h CET", "2026-11-26 09:00:00", 60),
    ("jeudi 26 nov \u{e0} 9h pour 1h CET", "2026-11-26 09:00:00", 60),
    ("jeudi 26 nov 10h CET, dur\u{e9}e : 45 minutes", "2026-11-26 10:00:00", 45),
    ("jueves 26 nov 9h, duraci\u{f3}n 1h CET", "2026-11-26 09:00:00", 60),
    ("qui 26 nov 10h, dura\u{e7}\u{e3}o 1h CET", "2026-11-26 10:00:00", 60),
    ("gio 26 nov ore 10, durata 1 ora CET", "2026-11-26 10:00:00", 60),
    ("do 26 nov 10u CET, duur: 45 minuten", "2026-11-26 10:00:00", 45),
    ("Do 26.11. 10 Uhr MEZ, Dauer: 45 Minuten", "2026-11-26 10:00:00", 45),
    ("Thu 26 Nov 10:00 CET, duration: 45 minutes", "2026-11-26 10:00:00", 45),
    ("jueves 26 nov de 16 a 17 horas CET", "2026-11-26 16:00:00", 60),
    ("jueves 26 nov de 9 a 10 h CET", "2026-11-26 09:00:00", 60),
    ("jueves 26 nov de 9 a 10 CET", "2026-11-26 09:00:00", 60),
    ("jueves 26 nov desde las 9h hasta las 10h CET", "2026-11-26 09:00:00", 60),
    ("jueves 26 nov entre las 9 y las 10 CET", "2026-11-26 09:00:00", 60),
    ("do 26 nov 9 tot 10 uur CET", "2026-11-26 09:00:00", 60),
    ("do 26 nov tussen 9 en 10 uur CET", "2026-11-26 09:00:00", 60),
    ("do 26 nov van 9h tot 10h CET", "2026-11-26 09:00:00", 60),
    ("do 26 nov 14u, 1u CET", "2026-11-26 14:00:00", 60),
    ("do 26 nov 14u, 1u30 CET", "2026-11-26 14:00:00", 90),
    ("Do 26.11. 9 - 10 Uhr MEZ", "2026-11-26 09:00:00", 60),
    ("Do 26.11. 14-15 Uhr MEZ", "2026-11-26 14:00:00", 60),
    ("Do 26.11. 9h-10h MEZ", "2026-11-26 09:00:00", 60),
    ("Do 26.11. zwischen 9 und 10 Uhr MEZ", "2026-11-26 09:00:00", 60),
    ("Do 26.11. 14h bis 14h45 MEZ", "2026-11-26 14:00:00", 45),
    ("Thu 26 Nov between 2 and 3 pm CET", "2026-11-26 14:00:00", 60),
    ("Thu 26 Nov 14h to 15h CET", "2026-11-26 14:00:00", 60),
    ("Thu 26 Nov 2pm to 3 CET", "2026-11-26 14:00:00", 60),
    ("Thu 26 Nov 11am to 12 CET", "2026-11-26 11:00:00", 60),
    ("Thu 26 Nov from 9 to 10am CET", "2026-11-26 09:00:00", 60),
    ("Thu 26 Nov 10am to 5pm CET", "2026-11-26 10:00:00", 420),
    ("Thu 26 Nov 1430 CET", "2026-11-26 14:30:00", 30),
    ("Thu 26 Nov 0900 CET, 45 min", "2026-11-26 09:00:00", 45),
    // An hour that is a length all the same.
    ("jeu 26 nov 9h - 1h CET", "2026-11-26 09:00:00", 60),
    ("jeu 26 nov, 1h \u{e0} 14h CET", "2026-11-26 14:00:00", 60),
    ("Thu 26 Nov 14:00 - 30 min CET", "2026-11-26 14:00:00", 30),
    ("Thu 26 Nov 9:00 CET, 9 hours", "2026-11-26 09:00:00", 540),
    // A day of the month that is no hour.
    ("vendredi 4 \u{e0} 16h CET", "2026-12-04 16:00:00", 30),
    ("viernes 4 a las 16h CET", "2026-12-04 16:00:00", 30),
    ("Freitag den 4. um 16 Uhr MEZ", "2026-12-04 16:00:00", 30),
    ("venerd\u{ec} 4 alle 16 CET", "2026-12-04 16:00:00", 30),
    ("venerd\u{ec} 4 ore 9-10 CET", "2026-12-04 09:00:00", 60),
    ("vendredi 4 de 9h \u{e0} 10h CET", "2026-12-04 09:00:00", 60),
    ("viernes 4 de 9 a 10h CET", "2026-12-04 09:00:00", 60),
    ("Freitag 4. 9-10 Uhr MEZ", "2026-12-04 09:00:00", 60),
    ("Fri 4 9am CET", "2026-12-04 09:00:00", 30),
    ("Friday the 4th from 9 to 10am CET", "2026-12-04 09:00:00", 60),
    ("viernes 9 a 10h CET", "2026-11-27 09:00:00", 60),
    ("Fr 14 Uhr MEZ, 1h", "2026-11-27 14:00:00", 60),
    ("Fri 9 am CET for 1 h", "2026-11-27 09:00:00", 60),
    ("Fri 9 to 10am CET", "2026-11-27 09:00:00", 60),
    ("vendredi 16 h CET, 1 h", "2026-11-27 16:00:00", 60),
    ("Thu 26 Nov 1430h CET", "2026-11-26 14:30:00", 30),
    ("Monday the 7th at 2pm CET", "2026-12-07 14:00:00", 30),
    ("Monday 7th 2pm CET", "2026-12-07 14:00:00", 30),
    ("Monday Dec. the 7th, 2pm CET", "2026-12-07 14:00:00", 30),
    ("maandag 7-12 14:00 CET", "2026-12-07 14:00:00", 30),
    ("lundi 7-12 \u{e0} 14h CET", "2026-12-07 14:00:00", 30),
    ("Mon 11-30 2pm CET", "2026-11-30 14:00:00", 30),
    ("Wed 12.2 2pm CET", "2026-12-02 14:00:00", 30),
    // What may mean another thing is not taken: the 12th of July is a Monday, too.
    ("Mon 12-07 2pm CET", "", 0),
    ("venerd\u{ec} 5 alle 16 CET", "", 0),
    ("jeu 26 nov 15h, 16h CET", "", 0),
    ("jeu 26 nov 8h30 9h30 CET", "", 0),
    ("jeu 26 nov 10h \u{e0} 9h CET", "", 0),
    ("jeu 26 nov 3h \u{e0} 4h CET", "", 0),
    ("vendredi 5 \u{e0} 16h CET", "", 0),
    ("Monday the 8th at 2pm CET", "", 0),
];

#[test]
fn a_begin_and_an_end_are_never_a_length() {
    let mut wrong = Vec::new();
    for (written, local, minutes) in SPANS {
        let found = when::read(written, &FewZones, now());
        let got = found.as_ref().ok().map(|found| {
            let zone = FewZones.zone(&found.zone).unwrap();
            (zone.local(found.start).naive_local().to_string(), found.length_seconds / 60)
        });
        let expected = (!local.is_empty()).then(|| ((*local).to_owned(), *minutes));
        if got != expected {
            let why: Vec<String> = found.err().into_iter().flatten().map(|fault| fault.message).collect();
            wrong.push(format!("{written}: {got:?} {why:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn zones_are_taken_as_calendars_and_other_languages_name_them() {
    let zones = crate::clock::Zones::built_in();
    for (written, zone) in [
        ("gioved\u{ec} 26 novembre alle 14:30 ora di Roma", "Europe/Rome"),
        ("quinta 26 nov 14h30, hora de Lisboa", "Europe/Lisbon"),
        ("26/11 14h30 hor\u{e1}rio de Bras\u{ed}lia", "America/Sao_Paulo"),
        ("jeudi 26 nov 14h30 heure de Londres", "Europe/London"),
        ("26 Nov 14:30 (UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
        ("26 Nov 14:30 (UTC+01:00) Brussels, Copenhagen, Madrid, Paris", "Europe/Brussels"),
        ("26 Nov 14:30 (UTC-05:00) Eastern Time (US & Canada)", "America/New_York"),
        ("26 Nov 14:30 Time zone: America/New_York", "America/New_York"),
        ("26 Nov 14:30 Time zone: Eastern Time - New York", "America/New_York"),
        ("26 Nov 14:30 (GMT+01:00) Central European Time - Berlin", "Europe/Berlin"),
        ("Do 26.11. 14:30 MEZ (Berlin)", "Europe/Berlin"),
        ("26 Nov 1430 ET", "America/New_York"),
        ("26 Nov 14:30 EST / Toronto", "America/Toronto"),
    ] {
        let found = when::read(written, &zones, now()).map(|found| found.zone);
        assert_eq!(found.as_deref().ok(), Some(zone), "{written}: {found:?}");
    }
    let two = when::read("26 Nov 14:30 CET, New York", &zones, now()).unwrap_err();
    assert_eq!(two[0].message, "two time zones: Europe/Paris and America/New_York");
}

#[test]
fn a_records_own_date_is_today_where_it_can_be() {
    let today = "2026-11-10T14:00:00Z".parse().unwrap();
    let date = |text: &str| when::read_date(text, today).map(|date| date.to_string()).ok();
    for text in ["10.11.2026", "10/11/2026", "11/10/2026", "10-11-2026", "10.11.26", "2026-11-10"] {
        assert_eq!(date(text).as_deref(), Some("2026-11-10"), "{text}");
    }
    assert_eq!(date("9.11.2026").as_deref(), Some("2026-11-09"));
    assert_eq!(date("5.11.2026").as_deref(), Some("2026-11-05"));
    assert_eq!(date("12.11.2026").as_deref(), Some("2026-11-12"));
    assert_eq!(date("5/11/2026").as_deref(), Some("2026-11-05"));
    assert_eq!(date("12/11/2026"), None);
}
