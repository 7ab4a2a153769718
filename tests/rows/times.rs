//! Instants as a scenario writes them, local time of New York: `2026-12-01 10:00`, `Tue 10:00`, `10:00:30`.
//!
//! A weekday or a time alone is the first such instant at or after the last one that was told. Built-in zone
//! rules count, so the machine's own zone and database change nothing.

use std::sync::Arc;

use baton::clock::Zones;
use baton::domain::zone::Zone;
use chrono::{DateTime, Datelike, Days, NaiveDateTime, NaiveTime, Utc, Weekday};

pub(crate) const NEW_YORK: &str = "America/New_York";

/// Tells instants, each after the one before.
#[derive(Clone, Debug)]
pub(crate) struct Times {
    pub zone: Arc<dyn Zone>,
    last: DateTime<Utc>,
}

impl Times {
    /// Begins on Monday, 30 November 2026: the Tuesday of most scenarios is the next day.
    pub(crate) fn new() -> Self {
        let zone = Zones::built_in().get(NEW_YORK).expect("a zone that is built in");
        let last = zone.instant("2026-11-30T00:00:00".parse().unwrap());
        Self { zone, last }
    }

    /// The instant, which the next one is told from.
    pub(crate) fn next(&mut self, text: &str) -> DateTime<Utc> {
        self.last = self.after(text, self.last);
        self.last
    }

    /// The instant nearest to the last one that fits: it may lie before or after it.
    pub(crate) fn near(&self, text: &str, around: DateTime<Utc>) -> DateTime<Utc> {
        let week = chrono::TimeDelta::days(7);
        let half = if weekday(text).is_some() { week / 2 } else { chrono::TimeDelta::hours(12) };
        self.after(text, around - half)
    }

    /// The first instant at or after `from` that fits.
    pub(crate) fn after(&self, text: &str, from: DateTime<Utc>) -> DateTime<Utc> {
        if let Some(local) = whole(text) {
            return self.zone.instant(local);
        }
        let (day, time) = match weekday(text) {
            Some((day, rest)) => (Some(day), rest),
            None => (None, text),
        };
        let time = clock_time(time).unwrap_or_else(|| panic!("`{text}` is no instant"));
        let first = self.zone.local(from).date_naive();
        (0..15)
            .filter_map(|days| first.checked_add_days(Days::new(days)))
            .filter(|date| day.is_none_or(|day| date.weekday() == day))
            .map(|date| self.zone.instant(date.and_time(time)))
            .find(|at| *at >= from)
            .unwrap_or_else(|| panic!("`{text}` does not come"))
    }

    /// `Tue 10:00`, with seconds where there are any; with the date from a week after the beginning on.
    pub(crate) fn show(&self, at: DateTime<Utc>) -> String {
        let local = self.zone.local(at);
        let seconds = if local.format("%S").to_string() == "00" { "" } else { ":%S" };
        let is_first_week = local.date_naive() < "2026-12-07".parse().unwrap();
        let date = if is_first_week { "%a" } else { "%Y-%m-%d" };
        local.format(&format!("{date} %H:%M{seconds}")).to_string()
    }
}

fn whole(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
}

fn weekday(text: &str) -> Option<(Weekday, &str)> {
    let (day, rest) = text.split_once(' ')?;
    Some((day.parse().ok()?, rest))
}

fn clock_time(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

/// Whether a text is one of the three forms.
pub(crate) fn is_time(text: &str) -> bool {
    whole(text).is_some()
        || weekday(text).is_some_and(|(_, rest)| clock_time(rest).is_some())
        || clock_time(text).is_some()
}
