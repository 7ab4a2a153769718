//! Calendar parts: what is scheduled, by whom, with whom, and who answered (RFC 5545, RFC 5546).
//!
//! One event of a message is read: the series itself where there is one, else the first. Expands no recurrence.
//! `calendar_zone` knows the zones. A time without zone, a day without time, and a zone that nobody knows are no
//! instants; what is written is kept beside them. An event whose status is cancelled is one that is called off, whatever
//! the method. Limits: 1 MiB of a part, 1,000 attendees, 2,000 characters of a text.

use std::sync::LazyLock;

use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarParameterName,
    ICalendarProperty, ICalendarStatus, ICalendarValue,
};
use calcard::{Entry, Parser};
use chrono::TimeDelta;

use super::calendar_zone;
use crate::domain::message::{Address, Attendee, Calendar, CalendarMethod, CalendarTime, PartStat};
use crate::domain::zone::ZoneLookup;
use crate::pattern::{Pattern, pattern};

const MAX_PART: usize = 1024 * 1024;
const MAX_ATTENDEES: usize = 1_000;
const MAX_CHARS: usize = 2_000;

/// The event in `text`. `method` is the one in the part's Content-Type, which RFC 6047 wants to be there; the
/// body's own METHOD is taken where it is missing. `None` where no event with a UID is in it.
pub fn event(text: &str, method: Option<&str>, zones: Option<&ZoneLookup>) -> Option<Calendar> {
    let calendar = parse(text)?;
    let component = main_event(&calendar)?;
    let uid = text_of(component, &ICalendarProperty::Uid).filter(|uid| !uid.trim().is_empty())?;
    let time =
        |property| component.property(&property).and_then(|entry| written_time(entry, &calendar, zones));
    let start = time(ICalendarProperty::Dtstart);
    let start_at = start.as_ref().and_then(|start| start.at);
    let end = time(ICalendarProperty::Dtend)
        .and_then(|end| end.at)
        .or_else(|| start_at.and_then(|start| start.checked_add_signed(duration(component)?)));
    let body_method = calendar.components.first().and_then(|root| text_of(root, &ICalendarProperty::Method));
    let stated_method =
        method.and_then(method_named).or_else(|| body_method.as_deref().and_then(method_named));
    Some(Calendar {
        method: stated_method.map(|method| if is_cancelled(component) { cancelling(method) } else { method }),
        uid: clip(uid.trim()),
        sequence: component
            .property(&ICalendarProperty::Sequence)
            .and_then(|entry| entry.values.first())
            .and_then(ICalendarValue::as_integer)
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(0),
        start: start_at,
        end,
        written_start: start,
        instance: time(ICalendarProperty::RecurrenceId),
        organizer: component.property(&ICalendarProperty::Organizer).and_then(address),
        attendees: attendees(component),
        summary: text_of(component, &ICalendarProperty::Summary).map(|text| clip(&text)).unwrap_or_default(),
    })
}

/// Whether the event in `text` says of itself that it is called off.
pub(crate) fn is_called_off(text: &str) -> bool {
    parse(text).is_some_and(|calendar| main_event(&calendar).is_some_and(is_cancelled))
}

fn is_cancelled(event: &ICalendarComponent) -> bool {
    let status = event.property(&ICalendarProperty::Status).and_then(|entry| entry.values.first());
    match status {
        Some(ICalendarValue::Status(status)) => *status == ICalendarStatus::Cancelled,
        Some(other) => {
            let word = other.as_text().unwrap_or_default().trim().to_ascii_uppercase();
            matches!(word.as_str(), "CANCELLED" | "CANCELED")
        }
        None => false,
    }
}

/// What a message whose event has STATUS:CANCELLED does, whatever its method says (docs/behaviour.md section 5).
fn cancelling(method: CalendarMethod) -> CalendarMethod {
    match method {
        CalendarMethod::Reply | CalendarMethod::Counter => method,
        _ => CalendarMethod::Cancel,
    }
}

/// Whether a body names a METHOD by itself, as mail programs write it, one line.
pub(crate) fn body_method(text: &str) -> Option<CalendarMethod> {
    let line = text
        .lines()
        .take(200)
        .find(|line| line.get(..7).is_some_and(|head| head.eq_ignore_ascii_case("METHOD:")))?;
    method_named(line.get(7..).unwrap_or_default())
}

pub(crate) fn method_named(name: &str) -> Option<CalendarMethod> {
    Some(match name.trim().trim_matches('"').to_ascii_uppercase().as_str() {
        "REQUEST" => CalendarMethod::Request,
        "REPLY" => CalendarMethod::Reply,
        "CANCEL" => CalendarMethod::Cancel,
        "COUNTER" => CalendarMethod::Counter,
        "DECLINECOUNTER" => CalendarMethod::DeclineCounter,
        "PUBLISH" => CalendarMethod::Publish,
        "ADD" => CalendarMethod::Add,
        "REFRESH" => CalendarMethod::Refresh,
        _ => return None,
    })
}

/// The first calendar in `text`. One that was cut off is closed by hand, so that what came through counts.
pub(super) fn parse(text: &str) -> Option<ICalendar> {
    let text = &mended(clipped(text, MAX_PART));
    if let Some(found) = first_calendar(text) {
        return Some(found);
    }
    let opened = text.matches("BEGIN:").count();
    if opened == 0 || opened > 200 {
        return None;
    }
    first_calendar(&format!("{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", text.trim_end()))
}

fn first_calendar(text: &str) -> Option<ICalendar> {
    let mut parser = Parser::new(text);
    for _ in 0..200 {
        match parser.entry() {
            Entry::ICalendar(found) if found.components.iter().any(is_event) => return Some(found),
            Entry::Eof | Entry::UnterminatedComponent(_) | Entry::TooManyComponents => return None,
            _ => {}
        }
    }
    None
}

fn is_event(component: &ICalendarComponent) -> bool {
    component.component_type == ICalendarComponentType::VEvent
}

pub(super) fn main_event(calendar: &ICalendar) -> Option<&ICalendarComponent> {
    let mut events = calendar.components.iter().filter(|component| is_event(component));
    events.clone().find(|component| !component.is_recurrence_override()).or_else(|| events.next())
}

pub(super) fn text_of(component: &ICalendarComponent, property: &ICalendarProperty) -> Option<String> {
    component.property(property)?.values.first()?.as_text().map(str::to_owned)
}

fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_CHARS).collect()
}

fn clipped(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// `mailto:` value of ORGANIZER and ATTENDEE, else the EMAIL parameter (RFC 7986 section 6.2).
pub(super) fn address(entry: &ICalendarEntry) -> Option<Address> {
    let value = entry.values.first().and_then(ICalendarValue::as_text).unwrap_or_default().trim();
    let bare = value
        .get(..7)
        .filter(|head| head.eq_ignore_ascii_case("mailto:"))
        .and_then(|_| value.get(7..))
        .unwrap_or(value);
    let bare = bare.split('?').next().unwrap_or_default();
    let email = || {
        entry
            .parameters(&ICalendarParameterName::Email)
            .next()
            .and_then(|value| value.as_text())
            .and_then(|text| Address::new(text.trim_start_matches("mailto:")))
    };
    Address::new(bare).or_else(email)
}

fn attendees(component: &ICalendarComponent) -> Vec<Attendee> {
    component
        .properties(&ICalendarProperty::Attendee)
        .take(MAX_ATTENDEES)
        .filter_map(|entry| {
            let parameter =
                |name| entry.parameters(&name).next().and_then(|value| value.as_text().map(str::to_owned));
            Some(Attendee {
                address: address(entry)?,
                name: parameter(ICalendarParameterName::Cn).map(|name| clip(&name)).unwrap_or_default(),
                partstat: partstat(&parameter(ICalendarParameterName::Partstat).unwrap_or_default()),
            })
        })
        .collect()
}

fn partstat(name: &str) -> PartStat {
    match name.to_ascii_uppercase().as_str() {
        "ACCEPTED" => PartStat::Accepted,
        "DECLINED" => PartStat::Declined,
        "TENTATIVE" => PartStat::Tentative,
        "DELEGATED" => PartStat::Delegated,
        _ => PartStat::NeedsAction,
    }
}

fn duration(component: &ICalendarComponent) -> Option<TimeDelta> {
    let Some(ICalendarValue::Duration(length)) =
        component.property(&ICalendarProperty::Duration)?.values.first()
    else {
        return None;
    };
    let seconds = i64::from(length.weeks) * 604_800
        + i64::from(length.days) * 86_400
        + i64::from(length.hours) * 3_600
        + i64::from(length.minutes) * 60
        + i64::from(length.seconds);
    (!length.neg).then(|| TimeDelta::try_seconds(seconds)).flatten()
}

/// The time of a DTSTART, DTEND or RECURRENCE-ID. A day without a time, and a time without a zone, are no instants.
fn written_time(
    entry: &ICalendarEntry,
    calendar: &ICalendar,
    zones: Option<&ZoneLookup>,
) -> Option<CalendarTime> {
    let partial = entry.values.first()?.as_partial_date_time()?;
    let found = partial.to_date_time()?;
    let local = found.date_time;
    let at = match (found.offset, entry.tz_id()) {
        (Some(offset), _) => local.checked_sub_offset(offset).map(|at| at.and_utc()),
        (None, Some(tzid)) if partial.hour.is_some() => calendar_zone::instant(calendar, tzid, local, zones),
        (None, _) => None,
    };
    Some(CalendarTime { local, at, zone: entry.tz_id().map(clip) })
}

/// The begin of a time's line, with the zone that it names.
static ZONED_LINE: Pattern = LazyLock::new(|| {
    let times = "DTSTART|DTEND|DUE|RECURRENCE-ID|EXDATE|RDATE";
    pattern(&format!(
        r#"(?im)^((?:{times})(?:;[A-Z-]+=[^";:\r\n]*)*;TZID=)([^"\r\n]*?)((?:;[A-Z-]+=[^";:\r\n]*)*):(\d{{8}}(?:T\d{{6}}Z?)?(?:,[0-9TZ,]*)?)[ \t]*\r?$"#
    ))
});

/// The calendar with lines whole again (RFC 5545 section 3.1) and the names of zones in quotation marks, without which
/// the colon or comma in some of them ends the name.
fn mended(text: &str) -> String {
    let whole = text.replace("\r\n ", "").replace("\r\n\t", "").replace("\n ", "").replace("\n\t", "");
    ZONED_LINE.replace_all(&whole, "$1\"$2\"$3:$4").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ics(lines: &str) -> String {
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n{lines}END:VCALENDAR\r\n")
    }

    fn start(lines: &str) -> String {
        event(&ics(lines), None, None).unwrap().start.unwrap().to_rfc3339()
    }

    #[test]
    fn a_request_gives_all_that_matters() {
        let found = event(
            &ics("BEGIN:VEVENT\r\nUID:u1@x\r\nSEQUENCE:2\r\nDTSTART:20261126T190000Z\r\nDURATION:PT30M\r\nSUMMARY:Demo\\, short\r\nORGANIZER;CN=Calvin:mailto:Calvin@vendor.example\r\nATTENDEE;CN=\"Lee, Sarah\";PARTSTAT=ACCEPTED:MAILTO:sarah@acme.example\r\nEND:VEVENT\r\n"),
            None,
            None,
        )
        .unwrap();
        assert_eq!(found.method, Some(CalendarMethod::Request));
        assert_eq!((found.uid.as_str(), found.sequence), ("u1@x", 2));
        assert_eq!(found.end.unwrap().to_rfc3339(), "2026-11-26T19:30:00+00:00");
        assert_eq!(found.organizer.unwrap().as_str(), "calvin@vendor.example");
        assert_eq!(
            found.attendees.first().map(|one| (one.address.as_str(), one.name.as_str(), one.partstat)),
            Some(("sarah@acme.example", "Lee, Sarah", PartStat::Accepted))
        );
        assert_eq!(found.summary, "Demo, short");
    }

    #[test]
    fn the_headers_method_goes_before_the_bodys() {
        let found = event(&ics("BEGIN:VEVENT\r\nUID:u\r\nEND:VEVENT\r\n"), Some("cancel"), None).unwrap();
        assert_eq!(found.method, Some(CalendarMethod::Cancel));
    }

    #[test]
    fn zones_are_known_by_their_iana_and_windows_names() {
        assert_eq!(
            start("BEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID=America/New_York:20261126T140000\r\nEND:VEVENT\r\n"),
            "2026-11-26T19:00:00+00:00"
        );
        assert_eq!(
            start(
                "BEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID=Eastern Standard Time:20261126T140000\r\nEND:VEVENT\r\n"
            ),
            "2026-11-26T19:00:00+00:00"
        );
        assert_eq!(
            start(
                "BEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID=\"W. Europe Standard Time\":20260701T140000\r\nEND:VEVENT\r\n"
            ),
            "2026-07-01T12:00:00+00:00"
        );
    }

    #[test]
    fn a_zone_of_the_senders_own_making_counts_by_its_offsets() {
        let zone = "BEGIN:VTIMEZONE\r\nTZID:Customized Time Zone\r\nBEGIN:STANDARD\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nRRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";
        assert_eq!(
            start(&format!(
                "{zone}BEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID=Customized Time Zone:20261126T140000\r\nEND:VEVENT\r\n"
            )),
            "2026-11-26T19:00:00+00:00"
        );
        assert_eq!(
            start(&format!(
                "{zone}BEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID=Customized Time Zone:20260701T140000\r\nEND:VEVENT\r\n"
            )),
            "2026-07-01T18:00:00+00:00"
        );
    }

    #[test]
    fn a_skipped_local_time_is_the_first_instant_after_the_gap() {
        assert_eq!(
            start("BEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID=America/New_York:20260308T023000\r\nEND:VEVENT\r\n"),
            "2026-03-08T07:00:00+00:00"
        );
        assert_eq!(
            start("BEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID=America/New_York:20261101T013000\r\nEND:VEVENT\r\n"),
            "2026-11-01T06:30:00+00:00"
        );
    }

    #[test]
    fn a_calendar_that_was_cut_off_still_counts() {
        let found = event("BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART:20261126T190000Z\r\nSUMMARY:Dem", None, None).unwrap();
        assert_eq!(found.uid, "u");
    }

    #[test]
    fn the_series_goes_before_its_exception() {
        let found = event(&ics("BEGIN:VEVENT\r\nUID:u\r\nRECURRENCE-ID:20261203T190000Z\r\nDTSTART:20261204T190000Z\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:u\r\nRRULE:FREQ=WEEKLY\r\nDTSTART:20261126T190000Z\r\nEND:VEVENT\r\n"), None, None).unwrap();
        assert_eq!(found.start.unwrap().to_rfc3339(), "2026-11-26T19:00:00+00:00");
    }

    #[test]
    fn no_event_and_no_uid_are_no_calendar() {
        assert!(event("", None, None).is_none());
        assert!(event(&ics("BEGIN:VTODO\r\nUID:u\r\nEND:VTODO\r\n"), None, None).is_none());
        assert!(event(&ics("BEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\n"), None, None).is_none());
    }

    fn timed(time: &str) -> String {
        let lines = format!("BEGIN:VEVENT\r\nUID:u\r\n{time}\r\nEND:VEVENT\r\n");
        let found = event(&ics(&lines), None, None).unwrap();
        found.start.map_or_else(|| "unknown".to_owned(), |at| at.format("%m-%d %H:%M").to_string())
    }

    #[test]
    fn a_zone_is_known_by_every_name_that_programs_give_it() {
        for zone in [
            "America/New_York",
            "america/new_york",
            "America/New York",
            "America-New_York",
            "US-Eastern",
            "US/Eastern",
            "/freeassociation.sourceforge.net/America/New_York",
            "/freeassociation.sourceforge.net/Tzfile/America/New_York",
            "/mozilla.org/20050126_1/America/New_York",
            "\"http://www.tzurl.org/zoneinfo-outlook/America/New_York\"",
            "http://www.tzurl.org/zoneinfo/America/New_York",
            "Eastern Standard Time",
            "eastern standard time",
            "Eastern Daylight Time",
            "Eastern Time",
            "\"(UTC-05:00) Eastern Time (US & Canada)\"",
            "(UTC-05:00) Eastern Time (US & Canada)",
            "\"(GMT-05.00) Eastern Time (US & Canada)\"",
            "(UTC-05:00) Eastern Time..",
            "GMT-0500",
            "GMT-5",
            "UTC-05:00",
            "-0500",
            "Etc/GMT+5",
        ] {
            assert_eq!(timed(&format!("DTSTART;TZID={zone}:20261126T140000")), "11-26 19:00", "{zone}");
        }
        for (zone, right) in [
            ("tzone://Microsoft/Utc", "11-26 14:00"),
            ("tzone://Microsoft/UTC;VALUE=DATE-TIME", "11-26 14:00"),
            ("UTC", "11-26 14:00"),
            ("GMT", "11-26 14:00"),
            ("UTC+02:00", "11-26 12:00"),
            ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "11-26 08:30"),
            ("\"(UTC+01:00) Bruxelles, Copenhague, Madrid, Paris\"", "11-26 13:00"),
            ("\"(UTC+01:00) Amszterdam, Berlin, Bern, Róma, Stockholm, Bécs\"", "11-26 13:00"),
            ("W. Europe Standard Time", "11-26 13:00"),
        ] {
            assert_eq!(timed(&format!("DTSTART;TZID={zone}:20261126T140000")), right, "{zone}");
        }
    }

    #[test]
    fn what_nobody_knows_is_no_instant() {
        for time in [
            "DTSTART;TZID=tzone://Microsoft/Custom:20261126T140000",
            "DTSTART;TZID=Customized Time Zone:20261126T140000",
            "DTSTART;TZID=Vendor HQ:20261126T140000",
            "DTSTART;TZID=\"(UTC-05:00) Est (États-Unis et Canada)\":20261126T140000",
            "DTSTART;TZID=Custom/UTC+1/2:20261126T140000",
            "DTSTART:20261126T140000",
            "DTSTART;VALUE=DATE:20261126",
            "DTSTART;TZID=UTC+99:20261126T140000",
        ] {
            assert_eq!(timed(time), "unknown", "{time}");
        }
        let lines = "BEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID=Vendor HQ:20261126T140000\r\nEND:VEVENT\r\n";
        let written = event(&ics(lines), None, None).unwrap().written_start.unwrap();
        assert_eq!(written.local.to_string(), "2026-11-26 14:00:00");
        assert_eq!((written.at, written.zone.as_deref()), (None, Some("Vendor HQ")));
    }

    /// An event at 14:00 in a zone called `HQ time` that these observances describe.
    fn by_rules(observances: &str, start: &str) -> String {
        timed(&format!(
            "DTSTART;TZID=hq  TIME:{start}\r\nEND:VEVENT\r\nBEGIN:VTIMEZONE\r\nTZID:HQ time\r\n{observances}END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:z\r\nRECURRENCE-ID:20000101T000000Z"
        ))
    }

    #[test]
    fn a_zone_of_the_senders_own_is_read_by_all_its_rules() {
        let standard = |rule: &str| {
            format!(
                "BEGIN:STANDARD\r\nDTSTART:20070101T000000\r\n{rule}\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\nEND:STANDARD\r\n"
            )
        };
        let daylight = |rule: &str| {
            format!(
                "BEGIN:DAYLIGHT\r\nDTSTART:20070102T000000\r\n{rule}\r\nTZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nEND:DAYLIGHT\r\n"
            )
        };
        let both = |one: &str, other: &str| format!("{}{}", standard(one), daylight(other));
        for rules in [
            both("RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"),
            both(
                "RRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=1,2,3,4,5,6,7;BYDAY=SU",
                "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU",
            ),
            both(
                "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=SU;BYSETPOS=1",
                "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=SU;BYSETPOS=2",
            ),
            both("RDATE:20251102T000000,20261101T000000", "RDATE:20260308T000000\r\nRDATE:20270314T000000"),
            both("RRULE:FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=1", "RRULE:FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8"),
        ] {
            assert_eq!(by_rules(&rules, "20261126T140000"), "11-26 19:00", "{rules}");
            assert_eq!(by_rules(&rules, "20260701T140000"), "07-01 18:00", "{rules}");
        }
        // Summer time was given up in 2020.
        let ended = both(
            "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU;UNTIL=20201101T040000Z",
            "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU;UNTIL=20200308T050000Z",
        );
        assert_eq!(by_rules(&ended, "20260701T140000"), "07-01 19:00");
        let counted = both(
            "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU;COUNT=3",
            "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU;COUNT=3",
        );
        assert_eq!(by_rules(&counted, "20260701T140000"), "07-01 19:00");
        let gone = both("RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU");
        assert_eq!(by_rules(&gone, "20260308T003000"), "03-08 05:00");
        assert_eq!(by_rules(&gone, "20261031T233000"), "11-01 04:30");
        let located = "X-LIC-LOCATION:America/New_York\r\n";
        assert_eq!(by_rules(located, "20261126T140000"), "11-26 19:00");
        assert_eq!(by_rules("X-MICROSOFT-CDO-TZID:10\r\n", "20261126T140000"), "11-26 19:00");
        assert_eq!(by_rules("", "20261126T140000"), "unknown");
    }

    #[test]
    fn a_cancelled_event_is_called_off_whatever_the_method_says() {
        let of = |method: &str, status: &str| {
            let lines = format!("BEGIN:VEVENT\r\nUID:u\r\nSTATUS:{status}\r\nEND:VEVENT\r\n");
            event(&ics(&lines), Some(method), None).unwrap().method.unwrap()
        };
        assert_eq!(of("REQUEST", "CANCELLED"), CalendarMethod::Cancel);
        assert_eq!(of("PUBLISH", "cancelled"), CalendarMethod::Cancel);
        assert_eq!(of("REQUEST", "CANCELED"), CalendarMethod::Cancel);
        assert_eq!(of("REPLY", "CANCELLED"), CalendarMethod::Reply);
        assert_eq!(of("COUNTER", "CANCELLED"), CalendarMethod::Counter);
        assert_eq!(of("REQUEST", "CONFIRMED"), CalendarMethod::Request);
    }

    #[test]
    fn an_instance_of_a_series_says_which() {
        let lines = "BEGIN:VEVENT\r\nUID:u\r\nRECURRENCE-ID;TZID=Europe/Berlin:20261203T200000\r\nDTSTART:20261204T190000Z\r\nEND:VEVENT\r\n";
        let instance = event(&ics(lines), None, None).unwrap().instance.unwrap();
        assert_eq!(instance.at.unwrap().to_rfc3339(), "2026-12-03T19:00:00+00:00");
    }

    #[test]
    fn a_zones_name_may_be_wrapped() {
        let time = "DTSTART;TZID=\"(UTC-05:00) Eastern Time (US \r\n & Canada)\":20261126T140000";
        assert_eq!(timed(time), "11-26 19:00");
        assert_eq!(timed("DTSTART;TZID=tzone://Micro\r\n soft/Utc:20261126T140000"), "11-26 14:00");
    }
}
