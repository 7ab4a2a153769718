//! Calendar messages (RFC 5546) as programs send them: the method in Content-Type and in the body.

use chrono::{DateTime, TimeDelta, Utc};

use super::cast::address;
use super::format::Calendar;

/// The MIME part: its headers, an empty line, its body.
pub(crate) fn part(of: &Calendar, start: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("Content-Type: text/calendar; method={}; charset=utf-8\n\n{}", of.method, event(of, start, now))
}

fn event(of: &Calendar, start: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let stamp = |at: DateTime<Utc>| at.format("%Y%m%dT%H%M%SZ").to_string();
    let mut text = format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Scenario//EN\nMETHOD:{}\nBEGIN:VEVENT\nUID:{}\nSEQUENCE:{}\n\
         DTSTAMP:{}\nDTSTART:{}\nDTEND:{}\nSUMMARY:A call\nORGANIZER:mailto:{}\n",
        of.method,
        of.uid,
        of.sequence,
        stamp(now),
        stamp(start),
        stamp(start + TimeDelta::minutes(of.minutes)),
        address(&of.organizer),
    );
    for attendee in &of.attendees {
        let (who, status) = attendee.split_once(' ').unwrap_or((attendee, "NEEDS-ACTION"));
        text.push_str(&format!("ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT={status}:mailto:{}\n", address(who)));
    }
    if of.method == "CANCEL" {
        text.push_str("STATUS:CANCELLED\n");
    }
    text + "END:VEVENT\nEND:VCALENDAR\n"
}
