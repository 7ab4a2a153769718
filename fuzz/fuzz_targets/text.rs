//! A body's text by itself: the author's words in plain text and HTML, return dates, links, ids, answers' closings.

#![no_main]

use baton::mail::{away, chatter, links, text, thread};
use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: baton_fuzz::watch(), |bytes: &[u8]| {
    let words = baton_fuzz::text(bytes);
    let (plain, html) = words.split_once('\0').unwrap_or((&words, &words));
    let split = text::split(Some(plain), None);
    let _ = text::split(Some(plain), Some(html));
    let _ = text::base_subject(plain);
    let _ = away::until("", plain, DateTime::<Utc>::from_timestamp(1_795_000_000, 0));
    let links = links::in_text(plain);
    let _ = chatter::in_mail(&links, plain, &split.quoted_text);
    let _ = thread::ids(plain);
    let _ = thread::conversation(plain);
});
