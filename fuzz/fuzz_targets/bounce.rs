//! A delivery report, whatever its body: recipients, reasons and ids in form and in words.

#![no_main]

use baton::domain::message::MessageKind;
use baton::mail::{ReadOptions, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: baton_fuzz::watch(), |bytes: &[u8]| {
    let raw = [b"From: MAILER-DAEMON@mx.example\nTo: dana@vendor.example\n".as_slice(), bytes].concat();
    let (_, body) = read(&raw, &ReadOptions::default());
    assert_eq!(body.kind == MessageKind::Bounce, body.bounce.is_some());
    assert!(body.bounce.is_none_or(|bounce| bounce.recipients.len() <= 100));
});
