//! When a booking is, from the forms in which scheduling tools write it, in languages that write `26 November 2026`.
//!
//! Takes a line with a full date, with a time of day and a zone on it or beside it; anything less gives nothing. An
//! abbreviation such as `CST` is taken as the American one.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use regex::Captures;

use super::calendar_zone;
use crate::domain::zone::ZoneLookup;
use crate::language::{Role, alternation, meanings};
use crate::pattern::{LETTER, Pattern, around_words, pattern};

/// `10:00am - Thursday, November 26, 2026 (Eastern Time - US & Canada)`, and the date before the time.
static CLOCK: Pattern = LazyLock::new(|| pattern(r"(?i)\b(\d{1,2})(?::(\d{2}))?\s?(am|pm|a\.m\.|p\.m\.)?\b"));
/// `November 26, 2026` and `26 November 2026`, whatever the word in the place of the month.
static MONTH_FIRST: Pattern = LazyLock::new(|| {
    around_words(&format!(
        r"\b(?P<month>(?-i:[{LETTER}]){{3,10}})\.? (?P<day>\d{{1,2}}){}?,? (?P<year>\d{{4}})",
        alternation(Role::OrdinalEndings)
    ))
});
static DAY_FIRST: Pattern = LazyLock::new(|| {
    around_words(&format!(
        r"\b(?P<day>\d{{1,2}}){}? (?:{of})?(?P<month>(?-i:[{LETTER}]){{3,10}})\.?,? (?:{of})?(?P<year>\d{{4}})",
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

/// The start in the first line (and the next) that has a date, a time of day and a zone.
pub(crate) fn start_in(text: &str, zones: Option<&ZoneLookup>) -> Option<DateTime<Utc>> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(400).collect();
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
        let places = around.iter().skip(1).chain(around.iter().take(1));
        let mut named = places.flat_map(|part| ZONE.captures_iter(part));
        named.find_map(|zone| instant(date.and_time(time), &zone, zones))
    })
}

/// The first date that names a month, and how it is written.
fn date_in(line: &str) -> Option<(NaiveDate, &str)> {
    let found = MONTH_FIRST.captures_iter(line).chain(DAY_FIRST.captures_iter(line));
    let dates = found.filter_map(|found| {
        let month = meanings(Role::Months).get(&found.name("month")?.as_str().to_lowercase())?;
        let number = |name: &str| found.name(name)?.as_str().parse::<u32>().ok();
        let year = i32::try_from(number("year")?).ok()?;
        let date = NaiveDate::from_ymd_opt(year, u32::try_from(month + 1).ok()?, number("day")?)?;
        let whole = found.get(0)?;
        Some((whole.start(), date, whole.as_str()))
    });
    dates.min_by_key(|(start, ..)| *start).map(|(_, date, written)| (date, written))
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
        start_in(text, None).map(|at| at.to_rfc3339())
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
