//! The instant and length of a meeting, and dates, as people write them. docs/behaviour.md section 2.
//!
//! `2026-11-26 14:00 America/New_York, 30 min`, `Thu 26 Nov 2026 2pm ET`, `2026-11-26T14:00:00-05:00`. What
//! could mean two things is refused with both readings, never guessed. Written in English only.

mod dates;
mod local;
mod parts;
mod tokens;
mod zone_words;

use std::ops::Range;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::domain::zone::ZoneSource;
use crate::language::Role;

pub(crate) use local::{show, show_length};

use dates::DateReading;
use parts::{Parts, PlacedPart};
use tokens::{ClockFault, ClockToken, is_english, weekday_name};

/// Length of a meeting whose record does not say one, in seconds. docs/behaviour.md section 2.
pub(crate) const DEFAULT_LENGTH: u32 = 30 * 60;
/// A meeting longer than a day is a slip of the pen.
const LONGEST: u32 = 24 * 3600;

/// When a meeting takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MeetingTime {
    pub start: DateTime<Utc>,
    /// IANA name, or an offset such as `+01:00` where the text gives nothing else.
    pub zone: String,
    /// Seconds, 1 to 86,400.
    pub length_seconds: u32,
}

/// What is wrong with a date line; `span` counts bytes from the line's start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WhenFault {
    pub span: Range<usize>,
    pub message: String,
    pub label: String,
    pub help: Vec<String>,
    pub example: Option<String>,
}

impl WhenFault {
    fn new(span: &Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span: span.clone(),
            message: message.into(),
            label: String::new(),
            help: Vec::new(),
            example: None,
        }
    }

    fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Both readings of what is ambiguous, so that the writer can copy the one that was meant.
    fn readings(self, readings: impl IntoIterator<Item = String>) -> Self {
        let list: Vec<String> = readings.into_iter().map(|reading| format!("`{reading}`")).collect();
        self.help(format!("write {}", list.join(" or ")))
    }
}

/// Reads the line of a meeting: date, time and zone, and its length where it has one. `now` is only for
/// the dates that a refusal proposes.
pub(crate) fn read(
    line: &str,
    zones: &dyn ZoneSource,
    now: DateTime<Utc>,
) -> Result<MeetingTime, Vec<WhenFault>> {
    let mut parts = parts::collect(line);
    local::take_cities(&mut parts, zones);
    let whole = 0..line.trim_end().len();
    let mut faults: Vec<WhenFault> = parts.unknown.iter().map(|word| unknown_word(word, zones)).collect();
    let may_be_zone = parts.unknown.iter().any(|word| local::zone_like(&word.text, zones).is_some());
    let time = read_time(&parts, &whole, &mut faults);
    let date = read_day(&parts, &whole, now, &mut faults);
    let zone = match local::zone_of(&parts, zones) {
        Ok(zone) => zone,
        Err(found) => {
            faults.extend(found);
            None
        }
    };
    let length = read_length(&parts, time, &mut faults);
    if zone.is_none() && parts.zones.is_empty() && !may_be_zone {
        faults.push(no_zone(&whole, &parts, date, time, length));
    }
    let (Some(date), Some(time), Some(zone), Some(length)) = (date, time, zone, length) else {
        return Err(in_order(faults));
    };
    let place = over(&parts);
    match zone.resolve(NaiveDateTime::new(date, time), &place) {
        Ok(start) if faults.is_empty() => {
            Ok(MeetingTime { start, zone: zone.zone.name().to_owned(), length_seconds: length })
        }
        Ok(_) => Err(in_order(faults)),
        Err(fault) => {
            faults.push(fault);
            Err(in_order(faults))
        }
    }
}

/// Whether a text that begins with a number and a full stop is a date: `26. November`, `26. 11. 2026`.
pub(crate) fn opens_date(text: &str) -> bool {
    let words = tokens::words(text);
    let next = words.get(1).map_or("", |word| word.text.as_str());
    tokens::month(next).is_some() || next.starts_with(|c: char| c.is_ascii_digit())
}

/// Reads a date alone, with or without its weekday.
pub(crate) fn read_date(line: &str, now: DateTime<Utc>) -> Result<NaiveDate, Vec<WhenFault>> {
    let parts = parts::collect(line);
    let whole = 0..line.trim_end().len();
    let mut faults = Vec::new();
    for word in &parts.unknown {
        faults.push(WhenFault::new(&word.span, format!("`{}` is no part of a date", word.text)));
    }
    match read_day(&parts, &whole, now, &mut faults) {
        Some(date) if faults.is_empty() => Ok(date),
        _ => Err(in_order(faults)),
    }
}

fn in_order(mut faults: Vec<WhenFault>) -> Vec<WhenFault> {
    faults.sort_by_key(|fault| fault.span.start);
    faults
}

/// From the first to the last part of the instant itself.
fn over(parts: &Parts) -> Range<usize> {
    let spans = || {
        let dates = parts.dates.iter().map(|p| &p.span);
        let clocks = parts.clocks.iter().map(|p| &p.span);
        dates.chain(clocks).chain(parts.zones.iter().map(|p| &p.span))
    };
    let start = spans().map(|span| span.start).min().unwrap_or(0);
    let end = spans().map(|span| span.end).max().unwrap_or(start);
    start..end
}

fn unknown_word(word: &tokens::LineWord, zones: &dyn ZoneSource) -> WhenFault {
    let text = word.text.as_str();
    if is_english(Role::MovingDays, text) {
        return WhenFault::new(&word.span, format!("`{text}` means another day whenever it is read"))
            .help("write the date, such as `2026-11-26`");
    }
    if is_english(Role::Midnight, text) {
        return WhenFault::new(&word.span, format!("`{text}` can be the beginning or the end of the day"))
            .readings(["00:00".to_owned(), "23:59".to_owned()]);
    }
    let fault = WhenFault::new(&word.span, format!("`{text}` is not understood as part of a date"));
    match local::zone_like(text, zones) {
        Some(zone) => fault.help(format!("if it is the time zone, write `{zone}`")),
        None => fault.help("write date, time, zone and length, nothing else"),
    }
}

fn read_time(parts: &Parts, whole: &Range<usize>, faults: &mut Vec<WhenFault>) -> Option<NaiveTime> {
    let Some(clock) = parts.clocks.first() else {
        if !parts.unknown.iter().any(|word| is_english(Role::Midnight, &word.text)) {
            faults
                .push(WhenFault::new(whole, "the time of day is missing").help("add it as `14:00` or `2pm`"));
        }
        return None;
    };
    if let Some(second) = parts.clocks.get(1) {
        faults
            .push(WhenFault::new(&second.span, "this is a second time of day").help("leave one of them out"));
    }
    match clock.value.time() {
        Ok(time) => Some(time),
        Err(fault) => {
            faults.push(clock_fault(clock, &fault));
            None
        }
    }
}

fn clock_fault(clock: &PlacedPart<ClockToken>, fault: &ClockFault) -> WhenFault {
    let ClockToken { hour, minute, .. } = clock.value;
    match fault {
        ClockFault::OutOfRange => WhenFault::new(&clock.span, "there is no such time of day")
            .help("hours go from 00 to 23, minutes and seconds from 00 to 59"),
        ClockFault::HalfAndTwentyFour => {
            let fault = WhenFault::new(&clock.span, "am or pm goes with the hours 1 to 12");
            if (13..24).contains(&hour) {
                fault.readings([format!("{hour}:{minute:02}"), format!("{}:{minute:02} pm", hour - 12)])
            } else {
                fault.help("write `00:00` or `12:00 am`")
            }
        }
        ClockFault::EitherHalf => WhenFault::new(&clock.span, "this can be in the night or in the afternoon")
            .label("am or pm?")
            .readings([format!("{:02}:{minute:02}", hour + 12), format!("{hour:02}:{minute:02}")]),
    }
}

fn read_day(
    parts: &Parts,
    whole: &Range<usize>,
    now: DateTime<Utc>,
    faults: &mut Vec<WhenFault>,
) -> Option<NaiveDate> {
    let Some(date) = parts.dates.first() else {
        faults.push(no_date(parts, whole, now));
        return None;
    };
    if let Some(second) = parts.dates.iter().skip(1).find(|other| other.value != date.value) {
        faults.push(WhenFault::new(&second.span, "this is a second date").help("leave one of them out"));
        return None;
    }
    let weekday = parts.weekdays.first();
    let found = match &date.value {
        DateReading::One(found) => *found,
        DateReading::Either(a, b) => match weekday {
            Some(day) if day.value == a.weekday() => *a,
            Some(day) if day.value == b.weekday() => *b,
            _ => {
                faults.push(either(date, *a, *b));
                return None;
            }
        },
        other => {
            faults.push(half_a_date(date, other, now));
            return None;
        }
    };
    let actual = found.weekday();
    if let Some(day) = parts.weekdays.iter().find(|day| day.value != actual) {
        let fault = WhenFault::new(
            &day.span,
            format!("{} is a {}, not a {}", found, weekday_name(actual), weekday_name(day.value)),
        );
        let near = (-3..=3).map(|days| found + TimeDelta::days(days));
        let meant = near.filter(|near| near.weekday() == day.value).map(dated);
        faults.push(
            fault.label("which of the two is right?").readings([dated(found)].into_iter().chain(meant)),
        );
        return None;
    }
    Some(found)
}

/// `Thu 2026-11-26`
fn dated(date: NaiveDate) -> String {
    date.format("%a %Y-%m-%d").to_string()
}

fn either(date: &PlacedPart<DateReading>, a: NaiveDate, b: NaiveDate) -> WhenFault {
    WhenFault::new(
        &date.span,
        format!("this date can be {} or {}", a.format("%-d %B %Y"), b.format("%-d %B %Y")),
    )
    .label("day or month first?")
    .readings([a.to_string(), b.to_string()])
}

fn no_date(parts: &Parts, whole: &Range<usize>, now: DateTime<Utc>) -> WhenFault {
    let Some(day) = parts.weekdays.first() else {
        return WhenFault::new(whole, "the date is missing")
            .help("write it as year-month-day, such as `2026-11-26`");
    };
    let today = now.date_naive();
    let next = (0..14).map(|days| today + TimeDelta::days(days)).filter(|date| date.weekday() == day.value);
    WhenFault::new(
        &day.span,
        format!("`{}` alone can be any {0}; the date is missing", weekday_name(day.value)),
    )
    .readings(next.map(dated))
}

fn half_a_date(date: &PlacedPart<DateReading>, reading: &DateReading, now: DateTime<Utc>) -> WhenFault {
    match reading {
        DateReading::ShortYear(meant) => {
            let fault = WhenFault::new(&date.span, "the year needs four digits");
            match meant {
                Some(meant) => fault.help(format!("if it is {}, write `{meant}`", meant.format("%-d %B %Y"))),
                None => fault.help("write it as year-month-day, such as `2026-11-26`"),
            }
        }
        DateReading::NoYear { month, day } => {
            let this_year = now.year();
            let years = [this_year, this_year + 1];
            let readings = years.into_iter().filter_map(|year| NaiveDate::from_ymd_opt(year, *month, *day));
            let fault = WhenFault::new(&date.span, "the year is missing");
            let coming: Vec<String> =
                readings.filter(|date| *date >= now.date_naive()).map(|date| date.to_string()).collect();
            if coming.is_empty() { fault.help("write it as `2026-11-26`") } else { fault.readings(coming) }
        }
        _ => WhenFault::new(&date.span, "there is no such day in the calendar")
            .help("write it as year-month-day, such as `2026-11-26`"),
    }
}

fn read_length(parts: &Parts, from: Option<NaiveTime>, faults: &mut Vec<WhenFault>) -> Option<u32> {
    let spanned = match (&parts.until, from) {
        (Some(until), Some(from)) => match until.value.time() {
            Ok(to) => {
                let seconds = (to - from).num_seconds().rem_euclid(i64::from(LONGEST));
                Some((u32::try_from(seconds).unwrap_or(0), until.span.clone()))
            }
            Err(fault) => {
                faults.push(clock_fault(until, &fault));
                return None;
            }
        },
        _ => None,
    };
    let mut lengths: Vec<_> = parts.lengths.iter().map(|p| (p.value, p.span.clone())).collect();
    lengths.extend(spanned);
    let Some((seconds, span)) = lengths.first().cloned() else { return Some(DEFAULT_LENGTH) };
    if let Some((_, other)) = lengths.iter().find(|(other, _)| *other != seconds) {
        faults.push(WhenFault::new(other, "the two lengths differ").help("leave one of them out"));
        return None;
    }
    if seconds == 0 || seconds > LONGEST {
        faults.push(
            WhenFault::new(&span, "a meeting lasts more than nothing and at most 24 hours")
                .help("write the length as `30 min` or `1 h`"),
        );
        return None;
    }
    Some(seconds)
}

fn no_zone(
    whole: &Range<usize>,
    parts: &Parts,
    date: Option<NaiveDate>,
    time: Option<NaiveTime>,
    length: Option<u32>,
) -> WhenFault {
    let span = if parts.dates.is_empty() && parts.clocks.is_empty() { whole.clone() } else { over(parts) };
    let mut fault = WhenFault::new(&span, "the meeting has no time zone")
        .label(time.map_or_else(|| "where?".to_owned(), |time| format!("{} where?", local::clock(time))))
        .help("name the place's zone, such as `America/New_York` or `Europe/Madrid`")
        .help("`ET`, `PT`, `CET`, `GMT` and `+01:00` are taken too");
    if let (Some(date), Some(time), Some(length)) = (date, time, length) {
        let clock = local::clock(time);
        fault.example = Some(format!("Date/Time: {date} {clock} America/New_York, {}", show_length(length)));
    }
    fault
}
