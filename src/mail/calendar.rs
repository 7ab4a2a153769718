//! Calendar parts: what is scheduled, by whom, with whom, and who answered (RFC 5545, RFC 5546).
//!
//! One event of a message is read: the series itself where there is one, else the first. Expands no recurrence.
//! Zones: an IANA or Windows name by the rules given (else chrono-tz's), a zone of the sender's own making
//! by the offsets in its VTIMEZONE. A time without zone counts in the calendar's only zone, else in UTC; a day
//! without time as its midnight. Limits: 1 MiB of a part, 1,000 attendees, 2,000 characters of a text.

use std::str::FromStr;

use calcard::common::timezone::Tz;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarEntry, ICalendarParameterName,
    ICalendarProperty, ICalendarValue,
};
use calcard::{Entry, Parser};
use chrono::{DateTime, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};

use super::observance;
use crate::domain::message::{Address, Attendee, Calendar, CalendarMethod, PartStat};
use crate::domain::zone::ZoneLookup;

const MAX_PART: usize = 1024 * 1024;
const MAX_ATTENDEES: usize = 1_000;
const MAX_CHARS: usize = 2_000;

/// The event in `text`. `method` is the one in the part's Content-Type, which RFC 6047 wants to be there; the
/// body's own METHOD is taken where it is missing. `None` where no event with a UID is in it.
pub fn event(text: &str, method: Option<&str>, zones: Option<&ZoneLookup>) -> Option<Calendar> {
    let calendar = parse(text)?;
    let component = main_event(&calendar)?;
    let uid = text_of(component, &ICalendarProperty::Uid).filter(|uid| !uid.trim().is_empty())?;
    let start_entry = component.property(&ICalendarProperty::Dtstart);
    let start = start_entry.and_then(|entry| instant(entry, &calendar, zones));
    let end = component
        .property(&ICalendarProperty::Dtend)
        .and_then(|entry| instant(entry, &calendar, zones))
        .or_else(|| start.and_then(|start| start.checked_add_signed(duration(component)?)));
    let body_method = calendar.components.first().and_then(|root| text_of(root, &ICalendarProperty::Method));
    Some(Calendar {
        method: method.and_then(method_named).or_else(|| body_method.as_deref().and_then(method_named)),
        uid: clip(uid.trim()),
        sequence: component
            .property(&ICalendarProperty::Sequence)
            .and_then(|entry| entry.values.first())
            .and_then(ICalendarValue::as_integer)
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(0),
        start,
        end,
        organizer: component.property(&ICalendarProperty::Organizer).and_then(address),
        attendees: attendees(component),
        summary: text_of(component, &ICalendarProperty::Summary).map(|text| clip(&text)).unwrap_or_default(),
    })
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
fn parse(text: &str) -> Option<ICalendar> {
    let text = clipped(text, MAX_PART);
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

fn main_event(calendar: &ICalendar) -> Option<&ICalendarComponent> {
    let mut events = calendar.components.iter().filter(|component| is_event(component));
    events.clone().find(|component| !component.is_recurrence_override()).or_else(|| events.next())
}

fn text_of(component: &ICalendarComponent, property: &ICalendarProperty) -> Option<String> {
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
fn address(entry: &ICalendarEntry) -> Option<Address> {
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

/// The instant of a DTSTART or DTEND.
fn instant(
    entry: &ICalendarEntry,
    calendar: &ICalendar,
    zones: Option<&ZoneLookup>,
) -> Option<DateTime<Utc>> {
    let found = entry.values.first()?.as_partial_date_time()?.to_date_time()?;
    if let Some(offset) = found.offset {
        return offset.from_local_datetime(&found.date_time).single().map(|at| at.with_timezone(&Utc));
    }
    let named = entry.tz_id().map(str::to_owned).or_else(|| only_zone(calendar));
    let Some(named) = named else { return Some(found.date_time.and_utc()) };
    let resolved = calendar.build_tz_resolver().resolve(&named).or_else(|| Tz::from_str(&named).ok());
    if let Some(Tz::Tz(tz)) = resolved {
        return in_zone(tz.name(), found.date_time, zones);
    }
    if let Some(at) = observance::instant(calendar, &named, found.date_time) {
        return Some(at);
    }
    match resolved {
        Some(fixed) => Some(later_of(fixed, found.date_time)),
        None => Some(found.date_time.and_utc()),
    }
}

/// The instant of `local` in the zone of that IANA or Windows name; `None` where the name is unknown.
pub(crate) fn in_zone(name: &str, local: NaiveDateTime, zones: Option<&ZoneLookup>) -> Option<DateTime<Utc>> {
    if let Some(zone) = zones.and_then(|lookup| lookup(name)) {
        return Some(zone.instant(local));
    }
    Tz::from_str(name).ok().map(|zone| later_of(zone, local))
}

/// The zone of a calendar that has exactly one, for times without zone.
fn only_zone(calendar: &ICalendar) -> Option<String> {
    let mut zones = calendar.timezones();
    let only = zones.next().filter(|_| zones.next().is_none())?;
    text_of(only, &ICalendarProperty::Tzid)
}

/// A local time that a clock change skips is the first instant after the gap, one that occurs twice the
/// later (docs/behaviour.md section 4).
fn later_of(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    if let Some(at) = zone.from_local_datetime(&local).latest() {
        return at.with_timezone(&Utc);
    }
    let before = zone.offset_from_utc_datetime(&(local - TimeDelta::days(1))).fix();
    let guess = before
        .from_local_datetime(&local)
        .single()
        .map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc));
    // Within a gap the guess lies after the change by as much as the local time lies in the gap.
    let after = zone.offset_from_utc_datetime(&guess.naive_utc()).fix();
    let into = TimeDelta::seconds(i64::from(after.local_minus_utc() - before.local_minus_utc()));
    let mut at = guess;
    for minute in 0..into.num_minutes().clamp(0, 180) {
        let earlier = guess - TimeDelta::minutes(minute + 1);
        if zone.offset_from_utc_datetime(&earlier.naive_utc()).fix() != after {
            break;
        }
        at = earlier;
    }
    at
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
}
