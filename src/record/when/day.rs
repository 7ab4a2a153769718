//! Which day a line means: of the readings that its words have, the one that is still ahead.
//!
//! A year may be left out where only one reading lies within the next eleven months; a weekday alone is the next one
//! that is still ahead, today included. A weekday beside a date has to be that date's. docs/behaviour.md section 2.

use std::ops::Range;

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

use super::WhenFault;
use super::dates::DateReading;
use super::parts::{Parts, PlacedPart};
use super::tokens::weekday_name;

/// How far ahead a day may be whose year is left out.
const AHEAD: Months = Months::new(11);
/// How far from today a record's own date is looked for where its words allow several.
const AROUND: i64 = 60;

/// Whose date it is, and what that says of it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader {
    /// A meeting: it is still ahead of `now` in its zone, if its time is known.
    Meeting { now: NaiveDateTime, time: Option<NaiveTime> },
    /// The record itself: it was written about today.
    Record { today: NaiveDate },
}

impl Reader {
    fn today(self) -> NaiveDate {
        match self {
            Reader::Meeting { now, .. } => now.date(),
            Reader::Record { today } => today,
        }
    }
}

/// The day that the parts of a line mean; what is missing and what is wrong is told apart.
pub(crate) fn read_day(
    parts: &Parts,
    whole: &Range<usize>,
    reader: Reader,
    missing: &mut Vec<WhenFault>,
    faults: &mut Vec<WhenFault>,
) -> Option<NaiveDate> {
    let Some(date) = parts.dates.first() else {
        return match (parts.weekdays.first(), reader) {
            (Some(day), Reader::Meeting { now, time }) => next_weekday(day, now, time, faults),
            _ => {
                let fault = WhenFault::new(whole, "the date is missing");
                missing.push(fault.help(format!("write it as year-month-day, such as `{}`", reader.today())));
                None
            }
        };
    };
    if let Some(second) = parts.dates.iter().skip(1).find(|other| other.value != date.value) {
        faults.push(WhenFault::new(&second.span, "this is a second date").help("leave one of them out"));
        return None;
    }
    let readings = readings(&date.value, reader);
    let agrees = |found: &NaiveDate| parts.weekdays.iter().all(|day| day.value.contains(&found.weekday()));
    let agreeing: Vec<NaiveDate> = readings.iter().copied().filter(agrees).collect();
    let fault = match (agreeing.as_slice(), readings.as_slice()) {
        ([only], _) => return Some(*only),
        ([], [only]) => wrong_weekday(parts, *only)?,
        ([], []) => no_reading(date, reader),
        ([], several) | (several, _) => ambiguous(date, several),
    };
    faults.push(fault);
    None
}

/// The days that can be meant, those in the past left out where others remain.
fn readings(reading: &DateReading, reader: Reader) -> Vec<NaiveDate> {
    let today = reader.today();
    let all = match reading {
        DateReading::AnyOf(days) => days.clone(),
        DateReading::NoYear(days) => {
            let years = [today.year() - 1, today.year(), today.year() + 1];
            let with_year = |year| {
                days.iter().filter_map(move |(month, day)| NaiveDate::from_ymd_opt(year, *month, *day))
            };
            years.into_iter().flat_map(with_year).collect()
        }
        DateReading::OfMonth(day) => return next_of_month(*day, today),
    };
    let without_year = matches!(reading, DateReading::NoYear(_));
    let near: Vec<NaiveDate> = match reader {
        Reader::Meeting { .. } => {
            let last = today.checked_add_months(AHEAD).unwrap_or(NaiveDate::MAX);
            all.iter().copied().filter(|day| *day >= today && (!without_year || *day <= last)).collect()
        }
        Reader::Record { .. } => {
            let within = |days: i64| {
                all.iter().copied().filter(move |day| (*day - today).num_days().abs() <= days).collect()
            };
            // Who fills in a record writes the day it is, in whatever order: no other reading is one beside that. It may be
            // tomorrow already where the writer is.
            let of_today: Vec<NaiveDate> = within(1);
            if of_today.is_empty() { within(AROUND) } else { of_today }
        }
    };
    if near.is_empty() && !without_year { all } else { near }
}

/// `the 7th`: of this month where it is still ahead, else of the next that has one.
fn next_of_month(day: u32, today: NaiveDate) -> Vec<NaiveDate> {
    let first = today.with_day(1).into_iter();
    let months =
        first.flat_map(|first| (0..=2).filter_map(move |count| first.checked_add_months(Months::new(count))));
    months.filter_map(|month| month.with_day(day)).find(|date| *date >= today).into_iter().collect()
}

/// `Tuesday`: the next one that is still ahead.
fn next_weekday(
    day: &PlacedPart<Vec<Weekday>>,
    now: NaiveDateTime,
    time: Option<NaiveTime>,
    faults: &mut Vec<WhenFault>,
) -> Option<NaiveDate> {
    let next = |weekday: Weekday| {
        let first = i64::from(time.is_some_and(|time| time <= now.time()));
        (first..first + 7)
            .map(|days| now.date() + TimeDelta::days(days))
            .find(|date| date.weekday() == weekday)
    };
    if let [only] = day.value.as_slice() {
        return next(*only);
    }
    let readings = day.value.iter().filter_map(|weekday| next(*weekday)).map(dated);
    faults.push(WhenFault::new(&day.span, "this can be more than one day of the week").readings(readings));
    None
}

fn wrong_weekday(parts: &Parts, found: NaiveDate) -> Option<WhenFault> {
    let actual = found.weekday();
    let day = parts.weekdays.iter().find(|day| !day.value.contains(&actual))?;
    let named = *day.value.first()?;
    let fault = WhenFault::new(
        &day.span,
        format!("{} is a {}, not a {}", found, weekday_name(actual), weekday_name(named)),
    );
    let near = (-3..=3).map(|days| found + TimeDelta::days(days));
    let meant = near.filter(|near| near.weekday() == named).map(dated);
    Some(fault.label("which of the two is right?").readings([dated(found)].into_iter().chain(meant)))
}

/// `Thu 2026-11-26`
fn dated(date: NaiveDate) -> String {
    date.format("%a %Y-%m-%d").to_string()
}

fn ambiguous(date: &PlacedPart<DateReading>, readings: &[NaiveDate]) -> WhenFault {
    let named: Vec<String> = readings.iter().map(|day| day.format("%-d %B %Y").to_string()).collect();
    WhenFault::new(&date.span, format!("this date can be {}", named.join(" or ")))
        .label("day or month first?")
        .readings(readings.iter().map(ToString::to_string))
}

fn no_reading(date: &PlacedPart<DateReading>, reader: Reader) -> WhenFault {
    let today = reader.today();
    let days: &[(u32, u32)] = match &date.value {
        DateReading::NoYear(days) => days,
        DateReading::AnyOf(_) | DateReading::OfMonth(_) => &[],
    };
    let years = [today.year(), today.year() + 1];
    let readings: Vec<String> = years
        .into_iter()
        .flat_map(|year| {
            days.iter().filter_map(move |(month, day)| NaiveDate::from_ymd_opt(year, *month, *day))
        })
        .filter(|day| *day >= today)
        .map(|day| day.to_string())
        .collect();
    if readings.is_empty() {
        return WhenFault::new(&date.span, "there is no such day in the calendar")
            .help(format!("write it as year-month-day, such as `{today}`"));
    }
    WhenFault::new(&date.span, "which year? This day is over, or almost a year ahead").readings(readings)
}
