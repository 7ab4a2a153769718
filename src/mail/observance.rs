//! Local times by the offsets that a VTIMEZONE states (RFC 5545 section 3.6.5), for zones of no known name.
//!
//! Yearly rules of one weekday in one month are understood, which is what mail programs write; an observance
//! without rule holds from its start. Other rules are left aside.

use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarRecurrenceRule,
    ICalendarValue, ICalendarWeekday,
};
use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Utc, Weekday};

/// A change of offset: from when, in local time, and to what.
#[derive(Debug)]
struct OffsetChange {
    at: NaiveDateTime,
    to: FixedOffset,
}

/// The instant of `local` in the VTIMEZONE called `tzid`; `None` where there is none or it states no offset.
pub(crate) fn instant(calendar: &ICalendar, tzid: &str, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    let zone = calendar.timezones().find(|zone| {
        zone.property(&ICalendarProperty::Tzid)
            .and_then(|entry| entry.values.first())
            .and_then(ICalendarValue::as_text)
            == Some(tzid)
    })?;
    let observances =
        zone.component_ids.iter().take(50).filter_map(|id| calendar.component_by_id(*id)).filter(|part| {
            matches!(part.component_type, ICalendarComponentType::Standard | ICalendarComponentType::Daylight)
        });
    let mut changes: Vec<OffsetChange> = observances.flat_map(|part| changes(part, local.year())).collect();
    changes.sort_by_key(|change| change.at);
    let current = changes.iter().rev().find(|change| change.at <= local).or_else(|| changes.first())?;
    current.to.from_local_datetime(&local).single().map(|at| at.with_timezone(&Utc))
}

/// The changes that one observance makes in `year` and the year before.
fn changes(observance: &ICalendarComponent, year: i32) -> Vec<OffsetChange> {
    let start = observance
        .property(&ICalendarProperty::Dtstart)
        .and_then(|entry| entry.values.first())
        .and_then(ICalendarValue::as_partial_date_time)
        .and_then(|at| at.to_date_time());
    let to = observance
        .property(&ICalendarProperty::Tzoffsetto)
        .and_then(|entry| entry.values.first())
        .and_then(ICalendarValue::as_partial_date_time)
        .and_then(|at| {
            let seconds = i32::from(at.tz_hour?) * 3_600 + i32::from(at.tz_minute.unwrap_or(0)) * 60;
            if at.tz_minus { FixedOffset::west_opt(seconds) } else { FixedOffset::east_opt(seconds) }
        });
    let (Some(start), Some(to)) = (start, to) else { return Vec::new() };
    let start = start.date_time;
    let rule = observance.property(&ICalendarProperty::Rrule).and_then(|entry| entry.values.first());
    let Some(ICalendarValue::RecurrenceRule(rule)) = rule else {
        return vec![OffsetChange { at: start, to }];
    };
    [year - 1, year]
        .into_iter()
        .filter_map(|year| day_in(rule, year, start))
        .filter(|at| *at >= start)
        .map(|at| OffsetChange { at, to })
        .collect()
}

fn day_in(rule: &ICalendarRecurrenceRule, year: i32, start: NaiveDateTime) -> Option<NaiveDateTime> {
    let month = rule.bymonth.first().map_or(start.month(), |month| u32::from(month.month()));
    let date = match rule.byday.first() {
        Some(day) => nth_weekday(year, month, weekday(day.weekday), day.ordwk.unwrap_or(1))?,
        None => NaiveDate::from_ymd_opt(year, month, start.day())?,
    };
    Some(date.and_time(start.time()))
}

/// `nth` counts from the end where it is negative.
fn nth_weekday(year: i32, month: u32, weekday: Weekday, nth: i16) -> Option<NaiveDate> {
    if nth > 0 {
        return NaiveDate::from_weekday_of_month_opt(year, month, weekday, u8::try_from(nth).ok()?);
    }
    let back = u8::try_from(nth.checked_neg()?).ok()?;
    let last = (1..=5).rev().find_map(|n| NaiveDate::from_weekday_of_month_opt(year, month, weekday, n))?;
    last.checked_sub_days(chrono::Days::new(7 * u64::from(back.saturating_sub(1))))
}

fn weekday(day: ICalendarWeekday) -> Weekday {
    match day {
        ICalendarWeekday::Sunday => Weekday::Sun,
        ICalendarWeekday::Monday => Weekday::Mon,
        ICalendarWeekday::Tuesday => Weekday::Tue,
        ICalendarWeekday::Wednesday => Weekday::Wed,
        ICalendarWeekday::Thursday => Weekday::Thu,
        ICalendarWeekday::Friday => Weekday::Fri,
        ICalendarWeekday::Saturday => Weekday::Sat,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sunday_is_counted_from_the_end() {
        assert_eq!(nth_weekday(2026, 10, Weekday::Sun, -1), NaiveDate::from_ymd_opt(2026, 10, 25));
        assert_eq!(nth_weekday(2026, 11, Weekday::Sun, 1), NaiveDate::from_ymd_opt(2026, 11, 1));
        assert_eq!(nth_weekday(2026, 11, Weekday::Sun, 0), NaiveDate::from_ymd_opt(2026, 11, 29));
    }
}
