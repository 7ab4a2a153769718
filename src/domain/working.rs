//! Working time: a person's days and hours, in their zone, exact to the second over clock changes.
//!
//! Hours of a day run from the instant of `opens` to the instant of `closes` as the zone has them, so a
//! clock change within them lengthens or shortens that day. Closing time itself is outside.
//!
//! Known limit: who has no working hour in the next `HORIZON_DAYS` days is treated as always available, since
//! mail that waits for ever helps nobody; each function says what it answers then.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::people::WorkingTime;

/// How far ahead working time is looked for: 400 years.
pub(crate) const HORIZON_DAYS: usize = 146_097;

const MINUTES_PER_DAY: u16 = 24 * 60;

impl WorkingTime {
    /// Whether `date` is one of the person's weekdays and no holiday.
    pub fn is_working_day(&self, date: NaiveDate) -> bool {
        self.is_workday(date) && !self.holidays.contains(&date)
    }

    /// Whether `date` is one of the person's weekdays, holidays aside.
    pub(crate) fn is_workday(&self, date: NaiveDate) -> bool {
        self.workdays.contains(&date.weekday())
    }

    /// Whether `at` is within working hours; their first second is, closing time is not.
    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        self.hours_from(at).next().is_some_and(|(opens, _)| opens <= at)
    }

    /// `at` itself when within working hours, else when they next begin; `at` where they never do.
    pub fn next_open(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.hours_from(at).next().map_or(at, |(opens, _)| opens.max(at))
    }

    /// When working hours next begin after `at`, also when `at` is within them; a day later where they
    /// never do.
    pub fn following_open(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        let next = self.hours_from(at).map(|(opens, _)| opens).find(|opens| *opens > at);
        next.unwrap_or_else(|| later(at, 24 * 60 * 60))
    }

    /// `seconds` of working hours after `at`, which run on over nights, weekends and holidays. When they
    /// end exactly at closing time, that is closing time. Plain time where there are not as many.
    pub fn add_working_seconds(&self, at: DateTime<Utc>, seconds: u32) -> DateTime<Utc> {
        self.working_seconds_after(at, seconds).unwrap_or_else(|| later(at, seconds))
    }

    /// Like `add_working_seconds`; `None` where the horizon holds too few working hours.
    pub(super) fn working_seconds_after(&self, at: DateTime<Utc>, seconds: u32) -> Option<DateTime<Utc>> {
        let at = whole_second(at);
        let mut left = TimeDelta::seconds(i64::from(seconds));
        for (opens, closes) in self.hours_from(at) {
            let start = opens.max(at);
            if left <= closes - start {
                return Some(start + left);
            }
            left -= closes - start;
        }
        None
    }

    /// Working hours that end after `at`, in order, each with its begin and end.
    fn hours_from(&self, at: DateTime<Utc>) -> impl Iterator<Item = (DateTime<Utc>, DateTime<Utc>)> {
        let today = self.zone.local(at).date_naive();
        // Hours that end at 24:00 may reach into the next date where a clock change repeats midnight.
        let first = today.pred_opt().unwrap_or(today);
        let horizon = if self.workdays.is_empty() { 0 } else { HORIZON_DAYS };
        let days = first.iter_days().take(horizon).filter(|date| self.is_working_day(*date));
        days.filter_map(|date| self.hours_on(date)).skip_while(move |(_, closes)| *closes <= at)
    }

    /// Begin and end of the hours of `date`, whether or not it is a working day; `None` where a clock
    /// change leaves nothing of them.
    fn hours_on(&self, date: NaiveDate) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let opens = self.minute_of(date, self.opens)?;
        let closes = self.minute_of(date, self.closes)?;
        (opens < closes).then_some((opens, closes))
    }

    /// The instant of a minute of the day; minute 1440 is the next midnight.
    fn minute_of(&self, date: NaiveDate, minute: u16) -> Option<DateTime<Utc>> {
        let date = date.checked_add_days(Days::new(u64::from(minute / MINUTES_PER_DAY)))?;
        let time = NaiveTime::MIN + TimeDelta::minutes(i64::from(minute % MINUTES_PER_DAY));
        Some(self.zone.instant(date.and_time(time)))
    }
}

/// `seconds` of plain time after `at`, or the end of time.
pub(super) fn later(at: DateTime<Utc>, seconds: u32) -> DateTime<Utc> {
    at.checked_add_signed(TimeDelta::seconds(i64::from(seconds))).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Fractions of a second dropped; a leap second is the second before it.
pub(super) fn whole_second(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}
