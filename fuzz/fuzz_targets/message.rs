//! A whole message, as a mailbox gives it: everything that is read of it, its headers alone, and its kind. The same
//! bytes also as a text whose charset their first line names, and as an encoded word of that charset.

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
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (label, text) = bytes.split_at(end);
    let named = [
        b"From: a@b.example\nSubject: =?", label, b"?q?", text, b"?=\nContent-Type: text/html; charset=\"", label,
        b"\"\n\n", text,
    ]
    .concat();
    let (_, body) = read::read(&named, &options);
    // a byte of an old charset is three of UTF-8
    assert!(body.author_text.len() <= 4 * bytes.len() + 1024, "the text outgrows its bytes");
});
