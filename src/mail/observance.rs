//! Local times by the offsets that a VTIMEZONE states (RFC 5545 section 3.6.5).
//!
//! An observance begins at its DTSTART, at each RDATE, and as often as its RRULE says: yearly, by month, by the nth
//! weekday, by a weekday among days of the month, by days of the month, with UNTIL and COUNT. A local time that a
//! change skips counts as the first instant after it, one that occurs twice as the later (docs/behaviour.md section 4).
//! Known limit: rules by days or weeks of the year begin at the day of their DTSTART. Limits: 50 observances of a zone,
//! 500 dates of each.

use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarRecurrenceRule,
    ICalendarValue, ICalendarWeekday,
};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc, Weekday};

const MAX_OBSERVANCES: usize = 50;
const MAX_DATES: usize = 500;
/// Days that a rule lists.
const MAX_LISTED: usize = 62;

/// A change of offset.
#[derive(Clone, Copy, Debug)]
struct OffsetChange {
    at: NaiveDateTime,
    /// What is added to UTC before it and from it on.
    before: TimeDelta,
    after: TimeDelta,
}

/// The VTIMEZONE called `tzid`; where none is called exactly so, case, blanks and quotation marks do not count.
pub(crate) fn zone_named<'c>(calendar: &'c ICalendar, tzid: &str) -> Option<&'c ICalendarComponent> {
    let named = |is_name: &dyn Fn(&str) -> bool| {
        calendar.timezones().find(|zone| {
            let name = zone.property(&ICalendarProperty::Tzid).and_then(|entry| entry.values.first());
            name.and_then(ICalendarValue::as_text).is_some_and(is_name)
        })
    };
    named(&|name| name == tzid).or_else(|| named(&|name| folded(name) == folded(tzid)))
}

fn folded(name: &str) -> String {
    let counts = |c: &char| !c.is_whitespace() && !matches!(c, '"' | '\'' | '_');
    name.chars().filter(counts).flat_map(char::to_lowercase).collect()
}

/// The instant of `local` by the rules of that VTIMEZONE; `None` where it states no offset.
pub(crate) fn instant(
    calendar: &ICalendar,
    zone: &ICalendarComponent,
    local: NaiveDateTime,
) -> Option<DateTime<Utc>> {
    let parts = zone.component_ids.iter().filter_map(|id| calendar.component_by_id(*id));
    let observances = parts.filter(|part| {
        matches!(part.component_type, ICalendarComponentType::Standard | ICalendarComponentType::Daylight)
    });
    let mut changes: Vec<OffsetChange> =
        observances.take(MAX_OBSERVANCES).flat_map(|part| changes(part, local)).collect();
    changes.sort_by_key(|change| change.at);
    changes.dedup_by_key(|change| change.at);
    resolve(&changes, local).map(|at| at.and_utc())
}

/// `local` in UTC, by `changes` in their order.
fn resolve(changes: &[OffsetChange], local: NaiveDateTime) -> Option<NaiveDateTime> {
    let first = changes.first()?;
    let in_force = |at: NaiveDateTime| {
        changes.iter().rev().find(|change| change.at <= at).map_or(first.before, |change| change.after)
    };
    let offsets = changes.iter().flat_map(|change| [change.before, change.after]);
    let readings = offsets.filter_map(|offset| {
        let at = local.checked_sub_signed(offset)?;
        (in_force(at) == offset).then_some(at)
    });
    let is_skipped = |change: &&OffsetChange| {
        let into = local - change.at;
        into >= change.before && into < change.after
    };
    readings.max().or_else(|| changes.iter().find(is_skipped).map(|change| change.at))
}

/// The changes that one observance makes around `local`.
fn changes(observance: &ICalendarComponent, local: NaiveDateTime) -> Vec<OffsetChange> {
    let start = date_times(observance, &ICalendarProperty::Dtstart).next();
    let after = offset(observance, &ICalendarProperty::Tzoffsetto);
    let (Some(start), Some(after)) = (start, after) else { return Vec::new() };
    let before = offset(observance, &ICalendarProperty::Tzoffsetfrom).unwrap_or(after);
    let rule = observance.property(&ICalendarProperty::Rrule).and_then(|entry| entry.values.first());
    let mut onsets = vec![start];
    if let Some(ICalendarValue::RecurrenceRule(rule)) = rule {
        onsets.extend(by_rule(rule, start, before, local.year()));
    }
    onsets.extend(date_times(observance, &ICalendarProperty::Rdate).take(MAX_DATES));
    let change =
        |onset: NaiveDateTime| Some(OffsetChange { at: onset.checked_sub_signed(before)?, before, after });
    onsets.into_iter().filter_map(change).collect()
}

fn date_times<'c>(
    observance: &'c ICalendarComponent,
    property: &'c ICalendarProperty,
) -> impl Iterator<Item = NaiveDateTime> + 'c {
    let values = observance.properties(property).flat_map(|entry| &entry.values);
    let written = values.filter_map(|value| match value {
        ICalendarValue::Period(period) => match period {
            calcard::icalendar::ICalendarPeriod::Range { start, .. }
            | calcard::icalendar::ICalendarPeriod::Duration { start, .. } => start.to_date_time(),
        },
        other => other.as_partial_date_time()?.to_date_time(),
    });
    written.map(|found| found.date_time)
}

fn offset(observance: &ICalendarComponent, property: &ICalendarProperty) -> Option<TimeDelta> {
    let at = observance.property(property)?.values.first()?.as_partial_date_time()?;
    let minutes = i64::from(at.tz_hour?) * 60 + i64::from(at.tz_minute.unwrap_or(0));
    TimeDelta::try_minutes(if at.tz_minus { -minutes } else { minutes })
}

/// The dates of a yearly rule up to the end of `year`, the last ones of it where there are many.
fn by_rule(
    rule: &ICalendarRecurrenceRule,
    start: NaiveDateTime,
    before: TimeDelta,
    year: i32,
) -> Vec<NaiveDateTime> {
    // UNTIL is in UTC (RFC 5545 section 3.3.10); a date, or a time without its mark, is taken as local.
    let until = rule
        .until
        .as_ref()
        .and_then(|until| until.to_date_time())
        .map(|until| if until.offset.is_some() { until.date_time + before } else { until.date_time });
    let last = until.map_or(year, |until| until.year().min(year));
    let step = usize::from(rule.interval.unwrap_or(1).max(1));
    let count = rule.count.map(|count| usize::try_from(count).unwrap_or(MAX_DATES).min(MAX_DATES));
    // A count is counted from the begin; without one the last years are enough.
    let span = i32::try_from(step).unwrap_or(1).saturating_mul(2);
    let is_recent = |year: &i32| count.is_some() || *year >= last.saturating_sub(span);
    let years = (start.year()..=last).step_by(step).filter(is_recent).take(MAX_DATES);
    let dates = years.flat_map(|year| days_in(rule, year, start)).map(|date| date.and_time(start.time()));
    let in_time = dates.filter(|at| *at >= start && until.is_none_or(|until| *at <= until));
    in_time.take(count.unwrap_or(MAX_DATES)).collect()
}

/// The days that a rule names in `year`, in their order.
fn days_in(rule: &ICalendarRecurrenceRule, year: i32, start: NaiveDateTime) -> Vec<NaiveDate> {
    let months: Vec<u32> = match rule.bymonth.as_slice() {
        [] => vec![start.month()],
        some => some.iter().map(|month| u32::from(month.month())).collect(),
    };
    let mut days: Vec<NaiveDate> =
        months.into_iter().take(12).flat_map(|month| days_in_month(rule, year, month, start)).collect();
    days.sort_unstable();
    days.dedup();
    days
}

fn days_in_month(
    rule: &ICalendarRecurrenceRule,
    year: i32,
    month: u32,
    start: NaiveDateTime,
) -> Vec<NaiveDate> {
    let Some(first) = NaiveDate::from_ymd_opt(year, month, 1) else { return Vec::new() };
    let days = first.iter_days().take_while(|day| day.month() == month);
    let length = i8::try_from(first.num_days_in_month()).unwrap_or(31);
    let is_day_of_month = |date: &NaiveDate| {
        let day = i8::try_from(date.day()).unwrap_or(0);
        rule.bymonthday.iter().take(MAX_LISTED).any(|wanted| *wanted == day || *wanted == day - length - 1)
    };
    let is_weekday = |date: &NaiveDate| {
        rule.byday.iter().take(MAX_LISTED).any(|wanted| {
            weekday(wanted.weekday) == date.weekday()
                && wanted.ordwk.is_none_or(|nth| nth_weekday(year, month, date.weekday(), nth) == Some(*date))
        })
    };
    let named: Vec<NaiveDate> = match (rule.byday.is_empty(), rule.bymonthday.is_empty()) {
        (true, true) => days.filter(|date| date.day() == start.day()).collect(),
        (false, true) => days.filter(is_weekday).collect(),
        (true, false) => days.filter(is_day_of_month).collect(),
        (false, false) => days.filter(|date| is_weekday(date) && is_day_of_month(date)).collect(),
    };
    if rule.bysetpos.is_empty() {
        // `BYDAY=SU` alone would be every Sunday; a change of offset is once.
        let is_once = rule.bymonthday.is_empty() && rule.byday.iter().all(|day| day.ordwk.is_none());
        return if is_once { named.into_iter().take(1).collect() } else { named };
    }
    let at_place = |place: &i32| {
        let index = if *place > 0 { *place - 1 } else { i32::try_from(named.len()).ok()? + *place };
        named.get(usize::try_from(index).ok()?).copied()
    };
    rule.bysetpos.iter().take(MAX_LISTED).filter_map(at_place).collect()
}

/// `nth` counts from the end where it is negative; 0 is taken as the last.
fn nth_weekday(year: i32, month: u32, weekday: Weekday, nth: i16) -> Option<NaiveDate> {
    if nth > 0 {
        return NaiveDate::from_weekday_of_month_opt(year, month, weekday, u8::try_from(nth).ok()?);
    }
    let back = u64::from(nth.unsigned_abs().saturating_sub(1));
    let last = (1..=5).rev().find_map(|n| NaiveDate::from_weekday_of_month_opt(year, month, weekday, n))?;
    last.checked_sub_days(Days::new(7 * back))
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
