//! A calendar part: its event, with the method of the header or its own, zones of any name and rules. And the dates of
//! an absence notice.

#![no_main]

use baton::mail::{ReadOptions, away, calendar, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: baton_fuzz::watch(), |bytes: &[u8]| {
    let words = baton_fuzz::text(bytes);
    let _ = calendar::event(&words, None, None);
    let _ = calendar::event(&words, Some("REQUEST"), None);
    // The bytes as the name of a zone, as its rules, and as a part of a message.
    let zone = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let named = format!(
        "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Custom\r\n{words}\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTART;TZID={zone}:20261126T140000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let _ = calendar::event(&named, None, None);
    let _ = calendar::event(&named.replace(&format!("TZID={zone}"), "TZID=custom"), None, None);
    let part = format!(
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/calendar\n\n{words}\n--b--\n"
    );
    let _ = read(part.as_bytes(), &ReadOptions::default());
    let _ = away::until("", &words, chrono::DateTime::from_timestamp(1_790_000_000, 0));
});
