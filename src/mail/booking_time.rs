//! When a booking is, from the English forms in which scheduling tools write it.
//!
//! Takes a line with a full date, with a time of day and a zone on it or beside it; anything less gives nothing. An
//! abbreviation such as `CST` is taken as the American one.

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use regex::Regex;

use super::calendar;
use super::pattern::pattern;
use crate::domain::zone::ZoneLookup;

/// `10:00am - Thursday, November 26, 2026 (Eastern Time - US & Canada)`, and the date before the time.
static CLOCK: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)\b(\d{1,2})(?::(\d{2}))?\s?(am|pm|a\.m\.|p\.m\.)?\b"));
static DAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?(?:(?P<m1>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (?P<d1>\d{1,2})(?:st|nd|rd|th)?,? (?P<y1>\d{4})|(?P<d2>\d{1,2})(?:st|nd|rd|th)? (?P<m2>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,? (?P<y2>\d{4}))",
    )
});
static ZONE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\b([A-Z][a-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?)\b|\b(eastern|central|mountain|pacific) (?:standard |daylight )?time\b|\b(UTC|GMT)\b(?:\s?([+-]\d{1,2})(?::?(\d{2}))?)?|\b(E[SD]T|C[SD]T|M[SD]T|P[SD]T|CES?T|BST)\b|\b(uk, ireland, lisbon|central european|eastern european|india standard) time\b",
    )
});

/// The start in the first line (and the next) that has a date, a time of day and a zone.
pub(crate) fn start_in(text: &str, zones: Option<&ZoneLookup>) -> Option<DateTime<Utc>> {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(400).collect();
    lines.iter().enumerate().find_map(|(place, line)| {
        let day = DAY.captures(line)?;
        let around = [
            place.checked_sub(1).and_then(|before| lines.get(before)).copied().unwrap_or_default(),
            line,
            lines.get(place + 1).copied().unwrap_or_default(),
        ];
        let date = date_of(&day)?;
        let without = line.replace(day.get(0)?.as_str(), " ");
        let time = time_of(&without).or_else(|| time_of(around.last().copied().unwrap_or_default()))?;
        let zone_text =
            around.iter().skip(1).chain(around.iter().take(1)).find(|part| ZONE.is_match(part))?;
        instant(date.and_time(time), zone_text, zones)
    })
}

fn date_of(found: &regex::Captures<'_>) -> Option<NaiveDate> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = |one: &str, two: &str| {
        found.name(one).or_else(|| found.name(two)).map(|part| part.as_str().to_lowercase())
    };
    let month = MONTHS.iter().position(|known| name("m1", "m2").as_deref() == Some(known))?;
    NaiveDate::from_ymd_opt(
        name("y1", "y2")?.parse().ok()?,
        u32::try_from(month).ok()? + 1,
        name("d1", "d2")?.parse().ok()?,
    )
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

fn instant(local: NaiveDateTime, zone_text: &str, zones: Option<&ZoneLookup>) -> Option<DateTime<Utc>> {
    let found = ZONE.captures(zone_text)?;
    if found.get(3).is_some() {
        let hours: i32 = found.get(4).map_or(Some(0), |part| part.as_str().parse().ok())?;
        let minutes: i32 = found.get(5).map_or(Some(0), |part| part.as_str().parse().ok())?;
        let seconds = hours * 3_600
            + if hours < 0 || found.get(4).is_some_and(|part| part.as_str().starts_with('-')) {
                -minutes * 60
            } else {
                minutes * 60
            };
        return chrono::FixedOffset::east_opt(seconds)?
            .from_local_datetime(&local)
            .single()
            .map(|at| at.with_timezone(&Utc));
    }
    let words = found.get(0)?.as_str();
    let name = match words.to_lowercase().as_str() {
        short if short.starts_with("eastern european") => "Europe/Athens",
        short if short.starts_with("central european") || short == "cet" || short == "cest" => {
            "Europe/Berlin"
        }
        short if short.starts_with("eastern") || short == "est" || short == "edt" => "America/New_York",
        short if short.starts_with("central") || short == "cst" || short == "cdt" => "America/Chicago",
        short if short.starts_with("mountain") || short == "mst" || short == "mdt" => "America/Denver",
        short if short.starts_with("pacific") && !short.contains('/') || short == "pst" || short == "pdt" => {
            "America/Los_Angeles"
        }
        short if short.starts_with("uk,") || short == "bst" => "Europe/London",
        short if short.starts_with("india") && !short.contains('/') => "Asia/Kolkata",
        _ => words,
    };
    calendar::in_zone(name, local, zones)
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
    fn half_a_time_is_none() {
        assert_eq!(start("Thursday, November 26, 2026 (Eastern Time)"), None);
        assert_eq!(start("10:00am Eastern Time"), None);
    }
}
