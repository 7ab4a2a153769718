//! What people answer to baton's mails: stance, yes or no, feedback, a new time.

#![no_main]

use baton::clock;
use baton::domain::answer::{KnownNames, feedback, new_start, stance, yes_or_no};
use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: baton_fuzz::watch(), |bytes: &[u8]| {
    let words = baton_fuzz::text(bytes);
    let (own, quoted) = words.split_once('\0').unwrap_or((&words, ""));
    let zone = clock::utc();
    let at = DateTime::<Utc>::from_timestamp(1_795_000_000, 0).unwrap_or_default();
    let _ = stance(own, None, &KnownNames::default());
    let _ = yes_or_no(own);
    let _ = feedback(own, quoted, at, &*zone);
    let _ = feedback(quoted, own, at, &*zone);
    let _ = new_start(own, at, &*zone);
});
