//! When a booking is, from the forms in which scheduling tools write it, in languages that write `26 November 2026`.
//!
//! Takes a line with a date, with a time of day and a zone on it or beside it; anything less gives nothing. The year may be
//! left out beside a weekday (`Thursday, November 12 at 2:00pm EST`): the first one, from when the mail was written, in
//! which that day has that name. An abbreviation such as `CST` is taken as the American one.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use regex::Captures;

use super::calendar_zone;
use crate::domain::zone::ZoneLookup;
use crate::domain::zone_words::{ZoneWord, zone_word};
use crate::language::{Role, alternation, meanings};
use crate::pattern::{LETTER, Pattern, around_words, pattern};

/// `10:00am - Thursday, November 26, 2026 (Eastern Time - US & Canada)`, and the date before the time.
static CLOCK: Pattern = LazyLock::new(|| pattern(r"(?i)\b(\d{1,2})(?::(\d{2}))?\s?(am|pm|a\.m\.|p\.m\.)?\b"));
/// `November 26, 2026` and `26 November 2026`, whatever the word in the place of the month.
static MONTH_FIRST: Pattern = LazyLock::new(|| {
    around_words(&format!(
        r"\b(?P<month>(?-i:[{LETTER}]){{3,10}})\.? (?P<day>\d{{1,2}}){}?\b(?:,? (?P<year>\d{{4}})\b)?",
        alternation(Role::OrdinalEndings)
    ))
});
static DAY_FIRST: Pattern = LazyLock::new(|| {
    around_words(&format!(
        r"\b(?P<day>\d{{1,2}})(?:{}|\.)? (?:{of})?(?P<month>(?-i:[{LETTER}]){{3,10}})\b\.?(?:,? (?:{of})?(?P<year>\d{{4}})\b)?",
        alternation(Role::OrdinalEndings),
        of = alternation(Role::OfMonth)
    ))
});
static ZONE: Pattern = LazyLock::new(|| {
    around_words(&format!(
        r"\b(?P<iana>[A-Z][a-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?)\b|\b(?P<utc>UTC|GMT)\b(?:\s?(?P<hours>[+-]\d{{1,2}})(?::?(?P<minutes>\d{{2}}))?)?|\b(?P<named>{})\b",
        alternation(Role::ZoneNames)
    ))
});

/// Nobody books further ahead without the year.
const FURTHEST: TimeDelta = TimeDelta::days(330);
/// A short name right behind a time of day: `2:00 PM Eastern`, `2pm ET`.
static ZONE_BEHIND: Pattern = LazyLock::new(|| {
    pattern(r"\d\s?(?:[AaPp]\.?[Mm]\.?)?\s?\(?\b(Eastern|Central|Mountain|Pacific|[A-Z]{2,5})\b")
});

/// The zones that `booking.zones` of the language files names, in its order.
const ZONES: [&str; 8] = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Athens",
    "Asia/Kolkata",
];

/// The start in the first line (and the next) that has a date, a time of day and a zone; a date with its year goes before
/// one without. `written`: when the mail was.
pub(crate) fn start_in(
    text: &str,
    written: Option<DateTime<Utc>>,
    zones: Option<&ZoneLookup>,
) -> Option<DateTime<Utc>> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(400).collect();
    in_lines(&lines, &|line| date_in(line, dated), zones)
        .or_else(|| in_lines(&lines, &|line| date_in(line, |found| yearless(found, line, written?)), zones))
}

fn in_lines<'t>(
    lines: &[&'t str],
    date_in: &dyn Fn(&'t str) -> Option<(NaiveDate, &'t str)>,
    zones: Option<&ZoneLookup>,
) -> Option<DateTime<Utc>> {
    lines.iter().enumerate().find_map(|(place, line)| {
        let (date, written) = date_in(line)?;
        let around = [
            place.checked_sub(1).and_then(|before| lines.get(before)).copied().unwrap_or_default(),
            line,
            lines.get(place + 1).copied().unwrap_or_default(),
        ];
        let without = line.replace(written, " ");
        let time = time_of(&without).or_else(|| time_of(around.last().copied().unwrap_or_default()))?;
        // `Date/Time` has the form of a zone's name and is none: the first that is one counts.
        let places = || around.iter().skip(1).chain(around.iter().take(1));
        let mut named = places().flat_map(|part| ZONE.captures_iter(part));
        let start = named.find_map(|zone| instant(date.and_time(time), &zone, zones));
        let mut short = places().filter_map(|part| zone_behind(part));
        start.or_else(|| calendar_zone::in_zone(short.next()?, date.and_time(time), zones))
    })
}

/// The first date that names a month, and how it is written.
fn date_in<'t>(
    line: &'t str,
    read: impl Fn(&Captures<'t>) -> Option<NaiveDate>,
) -> Option<(NaiveDate, &'t str)> {
    let found = MONTH_FIRST.captures_iter(line).chain(DAY_FIRST.captures_iter(line));
    let dates = found.filter_map(|found| {
        let whole = found.get(0)?;
        Some((whole.start(), read(&found)?, whole.as_str()))
    });
    dates.min_by_key(|(start, ..)| *start).map(|(_, date, written)| (date, written))
}

/// The month and the day of the month.
fn month_and_day(found: &Captures<'_>) -> Option<(u32, u32)> {
    let month = meanings(Role::Months).get(&found.name("month")?.as_str().to_lowercase())?;
    Some((u32::try_from(month + 1).ok()?, found.name("day")?.as_str().parse().ok()?))
}

fn dated(found: &Captures<'_>) -> Option<NaiveDate> {
    let (month, day) = month_and_day(found)?;
    NaiveDate::from_ymd_opt(found.name("year")?.as_str().parse().ok()?, month, day)
}

/// A date without its year, beside its weekday in `line`.
fn yearless(found: &Captures<'_>, line: &str, written: DateTime<Utc>) -> Option<NaiveDate> {
    let (month, day) = month_and_day(found).filter(|_| found.name("year").is_none())?;
    let words = line.split(|c: char| !c.is_alphabetic());
    let weekdays: Vec<u32> = words
        .filter_map(|word| meanings(Role::Weekdays).get(&word.to_lowercase()))
        .filter_map(|weekday| u32::try_from(*weekday).ok())
        .collect();
    let first = written.date_naive() - TimeDelta::days(1);
    (first.year()..=first.year() + 1)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .filter(|date| *date >= first && *date - first < FURTHEST)
        .find(|date| weekdays.contains(&date.weekday().num_days_from_monday()))
}

/// The zone that a short name right behind a time of day means.
fn zone_behind(line: &str) -> Option<&'static str> {
    ZONE_BEHIND.captures_iter(line).take(10).find_map(|found| {
        match zone_word(&found.get(1)?.as_str().to_lowercase())? {
            ZoneWord::Named(name) | ZoneWord::Season(name, _) => Some(name),
            ZoneWord::Ambiguous(_) | ZoneWord::Offset(_) => None,
        }
    })
}

/// The first time of day: one with minutes or with am or pm.
fn time_of(line: &str) -> Option<NaiveTime> {
    CLOCK.captures_iter(line).take(10).find_map(|found| {
        let hour: u32 = found.get(1)?.as_str().parse().ok()?;
        let minute: u32 = found.get(2).map_or(Some(0), |part| part.as_str().parse().ok())?;
        let half = found.get(3).map(|part| part.as_str().to_lowercase().starts_with('p'));
        if half.is_none() && found.get(2).is_none() {
            return None;
        }
        let hour = match half {
            Some(_) if hour == 0 || hour > 12 => return None,
            Some(after) => hour % 12 + if after { 12 } else { 0 },
            None => hour,
        };
        NaiveTime::from_hms_opt(hour, minute, 0)
    })
}

fn instant(local: NaiveDateTime, found: &Captures<'_>, zones: Option<&ZoneLookup>) -> Option<DateTime<Utc>> {
    if found.name("utc").is_some() {
        let number = |name: &str| found.name(name).map_or(Some(0), |part| part.as_str().parse::<i32>().ok());
        let west = found.name("hours").is_some_and(|hours| hours.as_str().starts_with('-'));
        let seconds = number("hours")?.abs() * 3_600 + number("minutes")? * 60;
        return chrono::FixedOffset::east_opt(if west { -seconds } else { seconds })?
            .from_local_datetime(&local)
            .single()
            .map(|at| at.with_timezone(&Utc));
    }
    let words = found.get(0)?.as_str();
    let named = meanings(Role::ZoneNames).get(&words.to_lowercase()).and_then(|place| ZONES.get(*place));
    let name = named.copied().unwrap_or(words);
    calendar_zone::in_zone(name, local, zones)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(text: &str) -> Option<String> {
        let written = "2026-11-10T14:00:00Z".parse().unwrap();
        start_in(text, Some(written), None).map(|at| at.to_rfc3339())
    }

    #[test]
    fn date_time_and_zone_are_read_in_the_orders_that_tools_write() {
        assert_eq!(
            start("10:00am - Thursday, November 26, 2026 (Eastern Time - US & Canada)").as_deref(),
            Some("2026-11-26T15:00:00+00:00")
        );
        assert_eq!(
            start("Thursday, 26 November 2026\n16:00 - 16:30 (Europe/Berlin)").as_deref(),
            Some("2026-11-26T15:00:00+00:00")
        );
        assert_eq!(
            start("When: Nov 26, 2026 2:00 PM - 2:30 PM (UTC+05:30)").as_deref(),
            Some("2026-11-26T08:30:00+00:00")
        );
    }

    #[test]
    fn dates_are_read_as_tools_write_them_in_other_languages_and_without_the_year() {
        for text in [
            "14:00 - Donnerstag, 12. November 2026 (Eastern Time - US & Canada)",
            "14:00 Do., 12. Nov. 2026\nEastern Time - US & Canada",
            "20:00 - Donnerstag, 12. November 2026 (Mitteleurop\u{e4}ische Zeit)",
            "14:00 - jeudi 12 novembre 2026 (Eastern Time)",
            "20:00 - jeudi 12 novembre 2026 (Heure d'Europe centrale)",
            "20:00 - jueves, 12 de noviembre de 2026 (Hora de Europa central)",
            "20:00 - gioved\u{ec} 12 novembre 2026 (Ora dell'Europa centrale)",
            "20:00 - donderdag 12 november 2026 (Midden-Europese tijd)",
            "20:00 - quinta-feira, 12 de novembro de 2026 (Hor\u{e1}rio da Europa Central)",
            "Sarah Lee scheduled 30 minutes with Calvin on Thursday, November 12 at 2:00pm EST.",
            "Sarah Lee booked Intro with Calvin Reyes, Nov 12, 2026 2:00 PM Eastern",
            "14:00 Thu 12 Nov 2026 (America/New_York)",
            "14:00 Thu 12 Nov 2026 ET",
            "Thursday 12 November, 14:00 - 14:30 (America/New_York)",
            "When: Thu, Nov 12, 2:00 PM ET\nReply by May 3, 2026",
        ] {
            assert_eq!(start(text).as_deref(), Some("2026-11-12T19:00:00+00:00"), "{text}");
        }
        for text in [
            "Friday, November 12 at 2:00pm EST",
            "November 12 at 2:00pm EST",
            "14:00 Thu 12 Nov 2026",
            "14:00 et 15:00 le jeudi 12 novembre 2026",
            "Thursday, November 12, 2pm, Grand Central",
        ] {
            assert_eq!(start(text), None, "{text}");
        }
        assert_eq!(start("Monday, January 4 at 2:00pm EST").as_deref(), Some("2027-01-04T19:00:00+00:00"));
    }

    #[test]
    fn a_label_with_a_slash_is_no_zone() {
        for text in [
            "Event Date/Time: 10:00am - Thursday, November 26, 2026 (Eastern Time - US & Canada)",
            "Date/Time: November 26, 2026 10:00am\nTime/Zone: America/New_York",
            "Start/End: 10:00am, 26 November 2026, Ort/Zoom, America/New_York",
        ] {
            assert_eq!(start(text).as_deref(), Some("2026-11-26T15:00:00+00:00"), "{text}");
        }
    }

    #[test]
    fn half_a_time_is_none() {
        assert_eq!(start("Thursday, November 26, 2026 (Eastern Time)"), None);
        assert_eq!(start("10:00am Eastern Time"), None);
    }
}
