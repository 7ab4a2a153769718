//! Holidays: single dates and calendar files (RFC 5545).
//!
//! From a calendar file the whole-day events count (DTSTART;VALUE=DATE), each day of those that last
//! several (DTEND is the first day after), repeated as RRULE, RDATE and EXDATE say. Cancelled events and
//! events with a time of day do not count. Known limits: a rule without an end is followed for 200
//! repetitions; a changed single repetition (RECURRENCE-ID) counts beside the original.

use std::collections::BTreeSet;
use std::path::Path;

use calcard::common::timezone::Tz;
use calcard::icalendar::dates::TimeOrDelta;
use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarProperty, ICalendarStatus};
use calcard::{Entry, Parser};
use chrono::NaiveDate;

use super::toml_fields::{ConfigFaults, TomlValue};
use super::values::unreadable;

/// Repetitions of an event without an end that are followed.
const REPETITIONS: usize = 200;
/// No holiday lasts longer; a slip in DTEND would fill the calendar.
const LONGEST_DAYS: usize = 366;

/// The days of a person's `holidays` list.
pub(crate) fn read(list: &[TomlValue<String>], dir: &Path, faults: &mut ConfigFaults) -> BTreeSet<NaiveDate> {
    let mut days = BTreeSet::new();
    for entry in list {
        if entry.value.to_lowercase().ends_with(".ics") {
            days.extend(file(entry, dir, faults));
            continue;
        }
        match NaiveDate::parse_from_str(&entry.value, "%Y-%m-%d") {
            Ok(date) => {
                days.insert(date);
            }
            Err(_) => {
                let fault = faults
                    .error(&entry.span, format!("`{}` is neither a date nor a calendar file", entry.value))
                    .help("a date is written year-month-day; the name of a calendar file ends in .ics")
                    .example("holidays = [\"2026-11-26\", \"holidays-us.ics\"]");
                faults.add(fault);
            }
        }
    }
    days
}

fn file(entry: &TomlValue<String>, dir: &Path, faults: &mut ConfigFaults) -> BTreeSet<NaiveDate> {
    let path = dir.join(&entry.value);
    faults.files.push(path.clone());
    let text = match crate::files::read(&path, crate::files::MOST_BYTES) {
        // Only dates are read; a wrong letter in a holiday's name does no harm.
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => {
            faults.add(unreadable(faults, entry, &path, &error));
            return BTreeSet::new();
        }
    };
    match calendar(&text) {
        Some(days) if !days.is_empty() => days,
        found => {
            let what = if found.is_none() { "is no calendar" } else { "has no whole-day event in it" };
            let fault = faults
                .error(&entry.span, format!("{} {what}", path.display()))
                .help("a holiday is an event with `DTSTART;VALUE=DATE:20261126`");
            faults.add(fault);
            BTreeSet::new()
        }
    }
}

/// The days of a calendar's whole-day events; `None`: it is no calendar.
fn calendar(text: &str) -> Option<BTreeSet<NaiveDate>> {
    let mut parser = Parser::new(text);
    let mut days = None;
    loop {
        match parser.entry() {
            Entry::ICalendar(calendar) => {
                let days = days.get_or_insert_with(BTreeSet::new);
                for component in &calendar.components {
                    days.extend(event(component));
                }
            }
            Entry::Eof => return days,
            _ => {}
        }
    }
}

fn event(component: &ICalendarComponent) -> BTreeSet<NaiveDate> {
    let whole_day = component
        .property(&ICalendarProperty::Dtstart)
        .and_then(|entry| entry.values.first())
        .and_then(|value| value.as_partial_date_time())
        .is_some_and(|start| start.has_date() && !start.has_time());
    let cancelled = component.status() == Some(&ICalendarStatus::Cancelled);
    if !component.component_type.is_event() || !whole_day || cancelled {
        return BTreeSet::new();
    }
    // Alone, so that an event without an end does not use up the repetitions of the others.
    let alone = ICalendar { components: vec![component.clone()] };
    let mut days = BTreeSet::new();
    for occurrence in alone.expand_dates(Tz::Floating, REPETITIONS).events {
        let first = occurrence.start.naive_local().date();
        let end = match occurrence.end {
            TimeOrDelta::Time(end) => end.naive_local().date(),
            TimeOrDelta::Delta(length) => (occurrence.start.naive_local() + length).date(),
        };
        days.insert(first);
        days.extend(first.iter_days().take_while(|day| *day < end).take(LONGEST_DAYS));
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(events: &str) -> Vec<String> {
        let text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n");
        calendar(&text).unwrap().iter().map(ToString::to_string).collect()
    }

    fn one(lines: &str) -> Vec<String> {
        days(&format!("BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n{lines}END:VEVENT\r\n"))
    }

    #[test]
    fn a_whole_day_counts_with_and_without_its_end() {
        assert_eq!(one("DTSTART;VALUE=DATE:20261126\r\nSUMMARY:Thanksgiving\r\n"), ["2026-11-26"]);
        assert_eq!(one("DTSTART;VALUE=DATE:20261126\r\nDTEND;VALUE=DATE:20261127\r\n"), ["2026-11-26"]);
        assert_eq!(
            one("DTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261227\r\n"),
            ["2026-12-24", "2026-12-25", "2026-12-26"]
        );
        assert_eq!(one("DTSTART;VALUE=DATE:20261224\r\nDURATION:P2D\r\n"), ["2026-12-24", "2026-12-25"]);
    }

    #[test]
    fn what_repeats_every_year_is_a_holiday_every_year() {
        let found = one("DTSTART;VALUE=DATE:20201225\r\nRRULE:FREQ=YEARLY\r\n");
        assert!(found.contains(&"2020-12-25".to_owned()) && found.contains(&"2099-12-25".to_owned()));
        let fourth_thursday =
            one("DTSTART;VALUE=DATE:20251127\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=3\r\n");
        assert_eq!(fourth_thursday, ["2025-11-27", "2026-11-26", "2027-11-25"]);
        assert_eq!(
            one(
                "DTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY;UNTIL=20280101\r\nEXDATE;VALUE=DATE:20270101\r\n"
            ),
            ["2026-01-01", "2028-01-01"]
        );
    }

    #[test]
    fn an_endless_event_leaves_room_for_the_others() {
        let endless =
            "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=DAILY\r\nEND:VEVENT\r\n";
        let single = "BEGIN:VEVENT\r\nUID:2\r\nDTSTART;VALUE=DATE:20300505\r\nEND:VEVENT\r\n";
        assert!(days(&format!("{endless}{single}")).contains(&"2030-05-05".to_owned()));
    }

    #[test]
    fn meetings_and_cancelled_events_are_no_holidays() {
        assert!(one("DTSTART:20261126T100000Z\r\nDTEND:20261126T110000Z\r\n").is_empty());
        assert!(one("DTSTART;VALUE=DATE:20261126\r\nSTATUS:CANCELLED\r\n").is_empty());
        assert_eq!(calendar("hello"), None);
    }
}
