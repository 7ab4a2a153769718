//! A whole message, as a mailbox gives it: everything that is read of it, its headers alone, and its kind.

#![no_main]

use baton::mail::{ReadOptions, read, read_headers};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: baton_fuzz::watch(), |bytes: &[u8]| {
    let options = ReadOptions::default();
    let (headers, body) = read::read(bytes, &options);
    let summary = read_headers(bytes, &options);
    assert_eq!(read::kind(bytes, &options), body.kind);
    assert!(body.author_text.len() <= 4 * bytes.len() + 1024, "the text outgrows the message");
    drop((headers, summary));
});
