//! The instant and length of a meeting, and dates, as people write them. docs/behaviour.md section 2.
//!
//! `2026-11-26 14:00 America/New_York, 30 min`, `Thu 26 Nov 2026 2pm ET`, `Tuesday at 2pm ET`, `jeudi 26 novembre à
//! 14h CET`. What could mean two things is refused with its readings, never guessed; a reading in the past is none.

mod dates;
mod day;
mod local;
mod parts;
mod span;
mod tokens;

use std::ops::Range;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::domain::zone::ZoneSource;
use crate::language::Role;

pub(crate) use local::{show, show_length};

use day::{Reader, read_day};
use parts::{Parts, PlacedPart};
use tokens::{ClockFault, ClockToken, is_one_of};

/// Length of a meeting whose record does not say one, in seconds. docs/behaviour.md section 2.
pub(crate) const DEFAULT_LENGTH: u32 = 30 * 60;
/// A meeting longer than a day is a slip of the pen.
const LONGEST: u32 = 24 * 3600;

/// What begins in the evening and ends after midnight takes no longer, in seconds.
const OVERNIGHT: i64 = 12 * 3600;

/// When a meeting takes place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MeetingTime {
    pub start: DateTime<Utc>,
    /// IANA name, or an offset such as `+01:00` where the text gives nothing else.
    pub zone: String,
    /// Seconds, 1 to 86,400.
    pub length_seconds: u32,
    /// What is odd about the line though it can be read.
    pub warnings: Vec<WhenFault>,
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

/// Reads the line of a meeting: date, time and zone, and its length where it has one. `now` decides which of the
/// days is meant that a line can mean.
pub(crate) fn read(
    line: &str,
    zones: &dyn ZoneSource,
    now: DateTime<Utc>,
) -> Result<MeetingTime, Vec<WhenFault>> {
    let mut parts = parts::collect(line);
    local::take_cities(&mut parts, zones);
    let whole = 0..line.trim_end().len();
    let mut faults = unknown_words(&parts, zones);
    let understood = faults.is_empty();
    let may_be_zone = parts.unknown.iter().any(|word| local::zone_like(&word.text, zones).is_some());
    let mut missing = Vec::new();
    let time = read_time(&parts, &whole, &mut missing, &mut faults);
    let zone = match local::zone_of(&parts, zones, now) {
        Ok(zone) => zone,
        Err(found) => {
            faults.extend(found);
            None
        }
    };
    let here = zone.as_ref().map_or(now.naive_utc(), |zone| zone.zone.local(now).naive_local());
    let date = read_day(&parts, &whole, Reader::Meeting { now: here, time }, &mut missing, &mut faults);
    let length = read_length(&parts, time, &mut faults);
    if zone.is_none() && parts.zones.is_empty() && !may_be_zone {
        missing.push(no_zone(&whole, &parts, date, time, length));
    }
    // What is missing may be what is not understood: one fault says so.
    if understood {
        faults.extend(missing);
    }
    let (Some(date), Some(time), Some(zone), Some(length)) = (date, time, zone, length) else {
        return Err(in_order(faults));
    };
    match zone.resolve(NaiveDateTime::new(date, time), &over(&parts)) {
        Ok((start, odd)) if faults.is_empty() => {
            let zone = zone.zone.name().to_owned();
            let warnings = odd.into_iter().collect();
            Ok(MeetingTime { start, zone, length_seconds: length, warnings })
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
    let mut parts = parts::collect(line);
    let whole = 0..line.trim_end().len();
    let mut faults = Vec::new();
    for date in &mut parts.dates {
        // Dots are of countries that write the day first, unless it is the month first that gives today.
        let is_dotted = line.get(date.span.clone()).is_some_and(|written| written.contains('.'));
        if is_dotted && !date.value.is_about(now.date_naive()) {
            date.value.take_day_first();
        }
    }
    for word in &parts.unknown {
        faults.push(WhenFault::new(&word.span, format!("`{}` is not part of a date", word.text)));
    }
    let mut missing = Vec::new();
    let date =
        read_day(&parts, &whole, Reader::Record { today: now.date_naive() }, &mut missing, &mut faults);
    if faults.is_empty() {
        faults.append(&mut missing);
    }
    match date {
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

/// One fault for all that is not understood, unless a word says more by itself.
fn unknown_words(parts: &Parts, zones: &dyn ZoneSource) -> Vec<WhenFault> {
    let told: Vec<WhenFault> = parts.unknown.iter().filter_map(|word| telling_word(word, zones)).collect();
    if !told.is_empty() {
        return told;
    }
    let (Some(first), Some(last)) = (parts.unknown.first(), parts.unknown.last()) else { return Vec::new() };
    let words: Vec<&str> = parts.unknown.iter().map(|word| word.text.as_str()).collect();
    let lacks = parts.clocks.is_empty() || (parts.dates.is_empty() && parts.weekdays.is_empty());
    let message = if lacks {
        format!("can't read `{}` as a date and time", words.join(" "))
    } else {
        format!("`{}` is not understood as part of a date", words.join(" "))
    };
    vec![
        WhenFault::new(&(first.span.start..last.span.end), message)
            .help("write date, time, zone and length, nothing else"),
    ]
}

/// What is known of a word that is no part of a date.
fn telling_word(word: &tokens::LineWord, zones: &dyn ZoneSource) -> Option<WhenFault> {
    let text = word.text.as_str();
    if is_one_of(Role::MovingDays, text) {
        return Some(
            WhenFault::new(&word.span, format!("`{text}` means another day whenever it is read"))
                .help("write the weekday alone, or the date as year-month-day"),
        );
    }
    if is_one_of(Role::Midnight, text) {
        return Some(
            WhenFault::new(&word.span, format!("`{text}` can be the beginning or the end of the day"))
                .readings(["00:00".to_owned(), "23:59".to_owned()]),
        );
    }
    let zone = local::zone_like(text, zones)?;
    Some(
        WhenFault::new(&word.span, format!("`{text}` is not understood as part of a date"))
            .help(format!("if it is the time zone, write `{zone}`")),
    )
}

fn read_time(
    parts: &Parts,
    whole: &Range<usize>,
    missing: &mut Vec<WhenFault>,
    faults: &mut Vec<WhenFault>,
) -> Option<NaiveTime> {
    let Some(clock) = parts.clocks.first() else {
        missing.push(WhenFault::new(whole, "the time of day is missing").help("add it as `14:00` or `2pm`"));
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

fn read_length(parts: &Parts, from: Option<NaiveTime>, faults: &mut Vec<WhenFault>) -> Option<u32> {
    if let Some(span) = &parts.hour_or_length {
        faults.push(
            WhenFault::new(span, "this can be a time of day or the length")
                .label("the end, or how long it takes?")
                .help("write begin and end as `14:00 to 15:00`, a length of many hours as `9 hours`"),
        );
        return None;
    }
    let spanned = match (&parts.until, from) {
        (Some(until), Some(from)) => match until.value.time() {
            Ok(to) => {
                let seconds = (to - from).num_seconds().rem_euclid(i64::from(LONGEST));
                if to < from && seconds > OVERNIGHT {
                    faults.push(
                        WhenFault::new(&until.span, "this end is before the begin")
                            .help("write begin and end as `14:00 to 15:00`, or the length as `30 min`"),
                    );
                    return None;
                }
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
