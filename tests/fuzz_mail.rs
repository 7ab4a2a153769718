//! Hostile mail: mutations of the fixtures, and messages of 1 MB built to hurt, through every entry point of `mail`.
//!
//! Finds panics (overflow included, in debug builds) and hangs: a message of 1 MB may take 1 s in an optimised build
//! and ten times that in a debug one. The rounds are few by default, as a smoke run; by hand:
//! `BATON_FUZZ_ROUNDS=2000000 cargo test --release --test fuzz_mail`, with another `BATON_FUZZ_SEED` each time. A
//! message that fails is left as `target/fuzz-failure.eml`. No coverage guides the mutations; the targets in `fuzz/`
//! have that.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "what goes wrong here is the test itself")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use baton::mail::{ReadOptions, away, calendar, links, read, read_headers, text, thread};

/// Marsaglia's xorshift: the same seed gives the same run on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { (self.next() % end as u64) as usize }
    }
}

const WORDS: [&str; 40] = [
    "\r\n\r\n",
    "\n",
    "\r",
    "\0",
    "--b",
    "--b--\r\n",
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n",
    "Content-Type: message/rfc822\r\n\r\n",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n",
    "Content-Type: message/delivery-status\r\n\r\n",
    "Content-Type: text/html\r\n\r\n",
    "Content-Type: text/calendar; method=REQUEST\r\n\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n",
    "; charset=iso-2022-jp",
    "; format=flowed; delsp=yes",
    "=?utf-8?b?4pyT?=",
    "=?utf-8?q?=ff?=",
    "=?x?b?",
    "<",
    ">",
    "<a@b> ",
    "(((((",
    "\"",
    "\\",
    "Final-Recipient: rfc822; a@b\r\n",
    "Diagnostic-Code: smtp; 550 5.1.1 é\r\n",
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:u\r\n",
    "DTSTART;TZID=Europe/Berlin:20261025T023000\r\n",
    "RRULE:FREQ=YEARLY;BYDAY=-5SU;BYMONTH=13\r\n",
    "DURATION:P99999999999W\r\n",
    "until 31.02.",
    "back on 99/99/9999",
    "https://urldefense.com/v3/__https:/x**Z__;JSM!!",
    "https://x.safelinks.protection.outlook.com/?url=%",
    "From: ",
    "Subject: [[[[",
    "Thread-Index: ////",
    "\u{130}\u{df}\u{1f44d}",
    "<table><tr><td><div><blockquote>",
];

fn mutate(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(12) {
        let at = dice.below(bytes.len() + 1);
        match dice.below(8) {
            0 if at < bytes.len() => bytes[at] = dice.next() as u8,
            1 => {
                let end = (at + dice.below(80)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 => {
                let end = (at + dice.below(400)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                let to = dice.below(bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            3 => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len());
                let piece = other[from..(from + dice.below(600)).min(other.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            4 => {
                let word = WORDS[dice.below(WORDS.len())];
                bytes.splice(at..at, word.repeat(1 + dice.below(40)).into_bytes());
            }
            5 => bytes.truncate(at),
            _ => {
                bytes.splice(at..at, WORDS[dice.below(WORDS.len())].bytes());
            }
        }
        bytes.truncate(200_000);
    }
    bytes
}

fn through_every_entry(bytes: &[u8]) {
    let options = ReadOptions::default();
    let (headers, body) = read(bytes, &options);
    let _ = read_headers(bytes, &options);
    assert_eq!(read::kind(bytes, &options), body.kind);
    let words = String::from_utf8_lossy(bytes);
    let _ = thread::ids(&words);
    let _ = thread::conversation(&words);
    let _ = links::in_text(&words);
    let _ = calendar::event(&words, None, None);
    let _ = away::until(&headers.subject, &words, headers.date);
    let _ = text::split(Some(&words), Some(&words));
    let _ = text::html_to_text(&words);
}

fn seeds() -> Vec<Vec<u8>> {
    let mut paths: Vec<_> = std::fs::read_dir("fixtures")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "eml"))
        .collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[test]
fn no_mutation_of_a_fixture_panics() {
    let seeds = seeds();
    let mut dice = Dice(setting("BATON_FUZZ_SEED", 0x5eed) | 1);
    for round in 0..setting("BATON_FUZZ_ROUNDS", 400) {
        let bytes = mutate(&mut dice, &seeds);
        if catch_unwind(AssertUnwindSafe(|| through_every_entry(&bytes))).is_err() {
            std::fs::write("target/fuzz-failure.eml", &bytes).unwrap();
            panic!("round {round}: see target/fuzz-failure.eml");
        }
    }
}

fn hostile() -> Vec<(&'static str, String)> {
    let megabyte = |unit: &str| unit.repeat(1_000_000 / unit.len());
    let head = "From: a@b.example\nSubject: x\n";
    let mixed = format!("{head}Content-Type: multipart/mixed; boundary=b\n\n");
    let html = format!("{head}Content-Type: text/html\n\n");
    vec![
        ("nested messages", megabyte("Content-Type: message/rfc822\n\n")),
        (
            "nested multiparts",
            (0..20_000)
                .map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n"))
                .collect(),
        ),
        (
            "multiparts without their boundary",
            format!("{mixed}{}", megabyte("--b\nContent-Type: multipart/mixed; boundary=none\n\nx\n")),
        ),
        ("empty parts", format!("{mixed}{}", megabyte("--b\n\n"))),
        ("header fields", megabyte("a:\n")),
        ("one long field", format!("{head}References: {}\n\n", megabyte("<a@b> "))),
        ("addresses", format!("To: {}\n\n", megabyte("a@b.example, "))),
        ("groups", format!("To: {}\n\n", megabyte("g: a@b;, "))),
        ("comments", format!("From: {}\n\n", megabyte("("))),
        ("encoded words", format!("Subject: {}\n\n", megabyte("=?utf-8?q?a?= "))),
        ("authentication results", megabyte("Authentication-Results: mx; dmarc=fail (((\n")),
        ("received lines", megabyte("Received: from a by b.example; x\n")),
        ("unclosed tags", format!("{html}{}", megabyte("<"))),
        ("nested tags", format!("{html}{}", megabyte("<div>"))),
        ("nested quotations", format!("{html}{}", megabyte("<blockquote>"))),
        ("nested tables", format!("{html}{}", megabyte("<table><tr><td>"))),
        ("attributes", format!("{html}<a {}>", (0..130_000).map(|n| format!("n{n} ")).collect::<String>())),
        (
            "attributes behind a comment and a script",
            format!(
                "{html}<!-- <a b=\" --><script> <a b=' </script><a {}>",
                (0..100_000).map(|n| format!("n{n}='>' ")).collect::<String>()
            ),
        ),
        ("unclosed styles", format!("{html}{}", megabyte("<style>"))),
        ("entities", format!("{html}{}", megabyte("&amp;"))),
        ("quotation marks", format!("{head}\n{}", megabyte(">"))),
        ("one line", format!("{head}\n{}", megabyte("a"))),
        ("spaces", format!("{head}\n{}", megabyte(" "))),
        ("empty lines", format!("{head}\n{}", megabyte("\n"))),
        (
            "attributions",
            format!("{head}\n{}", megabyte("On Tue, Nov 24, 2026 at 10:00 AM a <a@b> wrote:\n")),
        ),
        ("header blocks", format!("{head}\n{}", megabyte("From: a@b\nSent: x\nTo: c@d\nSubject: y\n\n"))),
        ("signatures", format!("{head}\n{}", megabyte("-- \nDana\n"))),
        (
            "dates",
            format!(
                "{head}Auto-Submitted: auto-replied\nDate: Tue, 24 Nov 2026 10:00:00 +0000\n\n{}",
                megabyte("until 1 May to 2 June back ")
            ),
        ),
        ("links", format!("{head}\n{}", megabyte("https://x.example/a "))),
        ("at signs", format!("From: MAILER-DAEMON@x.example\n\n{}", megabyte("a@b.c "))),
        (
            "recipients",
            format!(
                "From: MAILER-DAEMON@x.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n{}",
                (0..20_000)
                    .map(|n| format!("Final-Recipient: rfc822; a{n}@b.example\nAction: failed\n\n"))
                    .collect::<String>()
            ),
        ),
        (
            "calendar parts",
            format!(
                "{mixed}{}",
                megabyte("--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n")
            ),
        ),
        (
            "nested components",
            format!("{head}Content-Type: text/calendar; method=REQUEST\n\n{}", megabyte("BEGIN:VEVENT\n")),
        ),
        (
            "attendees",
            format!(
                "{head}Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\n{}END:VEVENT\nEND:VCALENDAR\n",
                megabyte("ATTENDEE:mailto:a@b.example\n")
            ),
        ),
        ("brackets in a subject", format!("Subject: {}\n\n", megabyte("["))),
        ("reply prefixes", format!("Subject: {}\n\n", megabyte("Re: "))),
        (
            "base64 of a nested message",
            format!(
                "{head}Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{}",
                megabyte("Q29udGVudC1UeXBlOiBtZXNzYWdlL3JmYzgyMgoK")
            ),
        ),
        ("a chat", format!("{head}\n{}", megabyte("Dana Fox  10:32 AM\nhi\n"))),
    ]
}

/// What this thread has computed so far, to a hundredth of a second; what runs beside it makes that no longer. `None` where
/// the system does not tell so.
fn computed() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis(10 * (ticks()? + ticks()?)))
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the time that reading takes is what is tested")]
fn no_hostile_megabyte_takes_long() {
    let most = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 1 });
    let options = ReadOptions::default();
    let mut slow = Vec::new();
    for (name, raw) in hostile() {
        let (start, before) = (Instant::now(), computed());
        let _ = read(raw.as_bytes(), &options);
        let _ = read_headers(raw.as_bytes(), &options);
        let took = before.zip(computed()).map_or_else(|| start.elapsed(), |(before, after)| after - before);
        if std::env::var_os("BATON_FUZZ_TIMES").is_some() {
            eprintln!("{took:?}\t{name}");
        }
        if took > most {
            slow.push((name, took));
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}
