//! A calendar part: its event, with the method of the header or its own.

#![no_main]

use baton::mail::calendar;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: baton_fuzz::watch(), |bytes: &[u8]| {
    let words = baton_fuzz::text(bytes);
    let _ = calendar::event(&words, None, None);
    let _ = calendar::event(&words, Some("REQUEST"), None);
});
