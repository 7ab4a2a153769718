//! Dates in an export: ISO 8601, those of the usual countries, names of months in the languages that are known, Excel's
//! and Unix's numbers. Whether day or month comes first, all dates of a column tell together.

use std::sync::Arc;

use chrono::{DateTime, Days, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::domain::zone::Zone;
use crate::language::{Role, is_word, meanings};

/// How a date stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WrittenDate {
    Known(NaiveDate),
    /// Two numbers of which either may be the day, and the year.
    TwoNumbers(u32, u32, i32),
}

/// A cell, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrittenTime {
    date: WrittenDate,
    time: Option<NaiveTime>,
    offset: Option<FixedOffset>,
    instant: Option<DateTime<Utc>>,
}

/// Which of the two numbers is the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayMonthOrder {
    DayFirst,
    MonthFirst,
}

/// Why a column's order cannot be told: lines of rows that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OrderFault {
    /// Every date can be read in two ways.
    Unknown { lines: Vec<u64> },
    /// These can only have the day first, those only the month.
    Both { day_first: Vec<u64>, month_first: Vec<u64> },
}

/// An instant, or a day of which no time is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellTime {
    pub at: DateTime<Utc>,
    /// The last second of the day, where there is no time.
    pub latest: Option<DateTime<Utc>>,
}

/// Abbreviations that exports write, in hours from UTC.
const ABBREVIATIONS: [(&str, i32); 16] = [
    ("utc", 0),
    ("gmt", 0),
    ("z", 0),
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
    ("pdt", -7),
    ("cet", 1),
    ("cest", 2),
    ("bst", 1),
    ("ist", 5),
    ("jst", 9),
];

/// Day 0 of spreadsheets (1900 is no leap year, whatever they say).
fn spreadsheet_epoch() -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(1899, 12, 30)
}

/// Reads a cell; `None`: it is no date.
pub(crate) fn written(cell: &str) -> Option<WrittenTime> {
    if let Some(known) = number(cell.trim()) {
        return Some(known);
    }
    let text = spaced(cell);
    let (mut date, mut time, mut offset, mut half) = (None, None, None, None);
    let (mut month, mut numbers) = (None, Vec::new());
    for token in text.split_whitespace() {
        let word = token.trim_matches(['(', ')', ',']).to_lowercase();
        if let Some(found) = dated(&word) {
            date = date.or(Some(found));
        } else if let Some((found, rest)) = clock(&word) {
            time = Some(found);
            match rest {
                "am" | "a.m." => half = Some(false),
                "pm" | "p.m." => half = Some(true),
                "" => {}
                zone => offset = Some(offset_of(zone)?),
            }
        } else if matches!(word.as_str(), "am" | "a.m." | "pm" | "p.m.") {
            half = Some(word.starts_with('p'));
        } else if let Some(found) = offset_of(&word) {
            offset = Some(found);
        } else if let Some(found) = meanings(Role::Months).get(word.trim_end_matches('.')) {
            month = Some(u32::try_from(*found).ok()? + 1);
        } else if let Ok(number) = word.trim_end_matches(['.', 't', 'h', 's', 'n', 'd', 'r']).parse::<i32>() {
            numbers.push(number);
        } else if !is_filler(&word) {
            return None;
        }
    }
    let date = date.or_else(|| by_name(month?, &numbers))?;
    Some(WrittenTime { date, time: in_half(time, half)?, offset, instant: None })
}

/// Milliseconds or seconds of Unix, or a spreadsheet's days.
fn number(cell: &str) -> Option<WrittenTime> {
    let whole = cell.split('.').next().filter(|whole| whole.bytes().all(|byte| byte.is_ascii_digit()))?;
    let number: f64 = cell.parse().ok()?;
    let instant = match whole.len() {
        13 => DateTime::from_timestamp_millis(cell.parse().ok()?),
        10 => DateTime::from_timestamp(whole.parse().ok()?, 0),
        5 if (36_526.0..73_050.0).contains(&number) => {
            let date = spreadsheet_epoch()?.checked_add_days(Days::new(whole.parse().ok()?))?;
            let seconds = (number.fract() * 86_400.0).round();
            let time = (seconds > 0.0).then(|| NaiveTime::MIN + TimeDelta::seconds(seconds as i64));
            return Some(WrittenTime { date: WrittenDate::Known(date), time, offset: None, instant: None });
        }
        _ => None,
    }?;
    let date = WrittenDate::Known(instant.date_naive());
    Some(WrittenTime { date, time: Some(instant.time()), offset: None, instant: Some(instant) })
}

/// The `T` of ISO 8601 and commas as blanks.
fn spaced(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    let mut before = ' ';
    for c in cell.chars() {
        let is_t =
            (c == 'T' || c == 't') && before.is_ascii_digit() && cell.contains(':') && !out.contains(' ');
        let is_blank = is_t || matches!(c, ',' | '\u{a0}' | '\u{202f}');
        out.push(if is_blank { ' ' } else { c });
        before = c;
    }
    out
}

fn is_filler(word: &str) -> bool {
    let roles = [Role::DateFillers, Role::BeforeHours, Role::HourMarks, Role::BeforeMonths];
    matches!(word, "-" | "")
        || roles.into_iter().any(|role| is_word(role, word))
        || meanings(Role::Weekdays).contains_key(word.trim_end_matches('.'))
}

fn dated(word: &str) -> Option<WrittenDate> {
    let separator = word.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let parts: Vec<&str> = word.trim_end_matches('.').split(separator).collect();
    let [a, b, c] = parts.as_slice() else { return None };
    if let Some(month) = meanings(Role::Months).get(*b) {
        // `24-Nov-2026`
        return by_name(u32::try_from(*month).ok()? + 1, &[a.parse().ok()?, c.parse().ok()?]);
    }
    let number = |text: &str| -> Option<u32> {
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
    };
    let (first, second, third) = (number(a)?, number(b)?, number(c)?);
    if a.len() == 4 {
        return NaiveDate::from_ymd_opt(i32::try_from(first).ok()?, second, third).map(WrittenDate::Known);
    }
    let year = full_year(i32::try_from(third).ok()?, c.len())?;
    if separator == '.' {
        return NaiveDate::from_ymd_opt(year, second, first).map(WrittenDate::Known);
    }
    let is_date = |month: u32, day: u32| NaiveDate::from_ymd_opt(year, month, day).is_some();
    (is_date(first, second) || is_date(second, first)).then_some(WrittenDate::TwoNumbers(first, second, year))
}

fn full_year(year: i32, digits: usize) -> Option<i32> {
    match digits {
        4 => Some(year),
        2 => Some(2000 + year),
        _ => None,
    }
}

/// A month by its name, with the day and the year in either order.
fn by_name(month: u32, numbers: &[i32]) -> Option<WrittenDate> {
    let (day, year) = match numbers {
        [year, day] if *year > 31 => (*day, *year),
        [day, year] => (*day, if *year < 100 { 2000 + *year } else { *year }),
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, month, u32::try_from(day).ok()?).map(WrittenDate::Known)
}

/// A time of day at the begin of a word, and what follows it there.
fn clock(word: &str) -> Option<(NaiveTime, &str)> {
    let end = word.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(word.len());
    // `5:00p.m.`
    let digits = word.get(..end)?.trim_end_matches('.');
    let rest = word.get(digits.len()..)?;
    let mut parts = digits.split(':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    let second = parts.next().map_or("0", |second| second.split('.').next().unwrap_or("0"));
    let time = NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?)?;
    Some((time, rest))
}

/// Twelve hours and their half as a time; the outer `None`: there is no such time.
fn in_half(time: Option<NaiveTime>, is_afternoon: Option<bool>) -> Option<Option<NaiveTime>> {
    use chrono::Timelike;
    let (Some(time), Some(is_afternoon)) = (time, is_afternoon) else { return Some(time) };
    let hour = match (time.hour(), is_afternoon) {
        (12, false) => 0,
        (12, true) => 12,
        (hour @ 0..=11, true) => hour + 12,
        (hour @ 0..=11, false) => hour,
        _ => return None,
    };
    time.with_hour(hour).map(Some)
}

/// `Z`, `+01:00`, `-0500`, `GMT+1`, `EST`.
fn offset_of(word: &str) -> Option<FixedOffset> {
    let word = word.trim();
    if let Some((_, hours)) = ABBREVIATIONS.iter().find(|(name, _)| *name == word) {
        return FixedOffset::east_opt(hours * 3600);
    }
    let signed = word.strip_prefix("gmt").or_else(|| word.strip_prefix("utc")).unwrap_or(word);
    let sign = match signed.chars().next()? {
        '+' => 1,
        '-' | '−' => -1,
        _ => return None,
    };
    let digits: String = signed.chars().filter(char::is_ascii_digit).collect();
    if signed.chars().skip(1).any(|c| !c.is_ascii_digit() && c != ':') {
        return None;
    }
    let (hours, minutes): (i32, i32) = match digits.len() {
        1 | 2 => (digits.parse().ok()?, 0),
        4 => (digits.get(..2)?.parse().ok()?, digits.get(2..)?.parse().ok()?),
        _ => return None,
    };
    FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60))
}

/// Which number is the day, by every date of a column with its line.
pub(crate) fn order(column: &[(u64, WrittenTime)]) -> Result<DayMonthOrder, OrderFault> {
    let (mut day_first, mut month_first, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for (line, cell) in column {
        match cell.date {
            WrittenDate::TwoNumbers(first, _, _) if first > 12 => day_first.push(*line),
            WrittenDate::TwoNumbers(_, second, _) if second > 12 => month_first.push(*line),
            WrittenDate::TwoNumbers(first, second, _) if first != second => unknown.push(*line),
            _ => {}
        }
    }
    match (day_first.is_empty(), month_first.is_empty()) {
        (false, false) => Err(OrderFault::Both { day_first, month_first }),
        (true, false) => Ok(DayMonthOrder::MonthFirst),
        (true, true) if !unknown.is_empty() => Err(OrderFault::Unknown { lines: unknown }),
        _ => Ok(DayMonthOrder::DayFirst),
    }
}

impl WrittenTime {
    /// The instant that is meant; without an offset of its own it is one of `zone`.
    pub(crate) fn read(&self, order: DayMonthOrder, zone: &Arc<dyn Zone>) -> Option<CellTime> {
        if let Some(at) = self.instant {
            return Some(CellTime { at, latest: None });
        }
        let date = match (self.date, order) {
            (WrittenDate::Known(date), _) => date,
            (WrittenDate::TwoNumbers(day, month, year), DayMonthOrder::DayFirst)
            | (WrittenDate::TwoNumbers(month, day, year), DayMonthOrder::MonthFirst) => {
                NaiveDate::from_ymd_opt(year, month, day)?
            }
        };
        let instant = |local: NaiveDateTime| match self.offset {
            Some(offset) => local.and_local_timezone(offset).single().map(|at| at.to_utc()),
            None => Some(zone.instant(local)),
        };
        match self.time {
            Some(time) => Some(CellTime { at: instant(date.and_time(time))?, latest: None }),
            None => {
                let next = instant(date.succ_opt()?.and_time(NaiveTime::MIN))?;
                let at = instant(date.and_time(NaiveTime::MIN))?;
                Some(CellTime { at, latest: Some(next - Duration::seconds(1)) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::zone::FixedZone;

    fn zone() -> Arc<dyn Zone> {
        Arc::new(FixedZone::new(FixedOffset::east_opt(3600).unwrap()))
    }

    #[test]
    fn dates_are_read_as_exports_write_them() {
        for (cell, order, expected) in [
            ("2026-11-24", DayMonthOrder::DayFirst, "2026-11-23T23:00:00+00:00"),
            ("2026-11-24 10:05", DayMonthOrder::DayFirst, "2026-11-24T09:05:00+00:00"),
            ("2026-11-24T10:05:30.000Z", DayMonthOrder::DayFirst, "2026-11-24T10:05:30+00:00"),
            ("2026-11-24T10:05:30.000+0000", DayMonthOrder::DayFirst, "2026-11-24T10:05:30+00:00"),
            ("2026-11-24 10:05 -0500", DayMonthOrder::DayFirst, "2026-11-24T15:05:00+00:00"),
            ("11/24/2026, 2:15 PM", DayMonthOrder::MonthFirst, "2026-11-24T13:15:00+00:00"),
            ("11/24/2026 12:15 AM", DayMonthOrder::MonthFirst, "2026-11-23T23:15:00+00:00"),
            ("24/11/26 14:15", DayMonthOrder::DayFirst, "2026-11-24T13:15:00+00:00"),
            ("24.11.2026, 14:15", DayMonthOrder::MonthFirst, "2026-11-24T13:15:00+00:00"),
            ("24.11.2026 14:15 Uhr", DayMonthOrder::MonthFirst, "2026-11-24T13:15:00+00:00"),
            ("Nov 24, 2026 2:15pm EST", DayMonthOrder::MonthFirst, "2026-11-24T19:15:00+00:00"),
            ("24. November 2026", DayMonthOrder::MonthFirst, "2026-11-23T23:00:00+00:00"),
            ("24-Nov-2026 08:00", DayMonthOrder::MonthFirst, "2026-11-24T07:00:00+00:00"),
            ("Tue, 24 Nov 2026 08:00:00 GMT", DayMonthOrder::MonthFirst, "2026-11-24T08:00:00+00:00"),
            ("2026-11-24 08:00 GMT+1", DayMonthOrder::MonthFirst, "2026-11-24T07:00:00+00:00"),
            ("1795521600000", DayMonthOrder::MonthFirst, "2026-11-24T12:00:00+00:00"),
            ("46350.5", DayMonthOrder::MonthFirst, "2026-11-24T11:00:00+00:00"),
        ] {
            let read = written(cell).and_then(|cell| cell.read(order, &zone()));
            assert_eq!(read.map(|read| read.at.to_rfc3339()).as_deref(), Some(expected), "{cell}");
        }
        for cell in ["", "soon", "2026-13-01", "31/31/2026", "Acme 2026", "17", "25:00 24.11.2026"] {
            assert_eq!(written(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_column_tells_its_order_or_is_refused() {
        let column = |cells: &[&str]| -> Result<DayMonthOrder, OrderFault> {
            let cells: Vec<(u64, WrittenTime)> =
                (2..).zip(cells.iter().filter_map(|cell| written(cell))).collect();
            order(&cells)
        };
        assert_eq!(column(&["03/04/2026", "24/04/2026"]), Ok(DayMonthOrder::DayFirst));
        assert_eq!(column(&["03/04/2026", "04/24/2026"]), Ok(DayMonthOrder::MonthFirst));
        assert_eq!(column(&["03/04/2026"]), Err(OrderFault::Unknown { lines: vec![2] }));
        assert_eq!(column(&["03/03/2026", "2026-04-03"]), Ok(DayMonthOrder::DayFirst));
        let both = OrderFault::Both { day_first: vec![2], month_first: vec![3] };
        assert_eq!(column(&["24/04/2026", "04/24/2026"]), Err(both));
    }
}
