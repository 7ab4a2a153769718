//! What understanding mail costs, beside mail-parser alone on the same bytes in the same run.
//!
//! `cargo bench --bench classify` prints the time for each message and the ratio to parsing. The goals, on the 10,000
//! messages: the kind of a message costs 1.5 in all, the author's text with everything else 3. Built as packages are
//! (`[profile.bench]` inherits `dist`). Messages: the fixtures, and 10,000 made from them with texts of the lengths
//! that mail has. The best of five rounds counts, since other work only adds.
//!
//! `-- parse 1`, `-- kind 1` and `-- all 1` run that phase alone, once over every eleventh message, for a profiler;
//! instructions counted so (`valgrind --tool=callgrind`) do not depend on what else the machine does. What the second
//! and third round cost (`3` less `1`) is free of making the corpus and of compiling patterns. `-- kind 1 fixtures`
//! takes the fixtures instead.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot read its corpus has nothing to say"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use baton::mail::{ReadOptions, read};
use mail_parser::MessageParser;

fn fixtures() -> Vec<Vec<u8>> {
    let mut paths: Vec<_> =
        std::fs::read_dir("fixtures").unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "eml"));
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// Every kind of mail in turn: trace headers as real mail has them in front, and mail of people with text, quotation
/// and HTML of growing length.
fn corpus(fixtures: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let trace = "Received: from out.vendor.example (out.vendor.example [192.0.2.10])\r\n\tby mx.acme.example (Postfix) with ESMTPS id 4Xy1z2\r\n\tfor <sarah@acme.example>; Tue, 24 Nov 2026 15:04:06 +0000 (UTC)\r\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=vendor.example; s=s1;\r\n\th=from:to:subject:date:message-id; bh=81jYmiJOr7Mm4WeiGCPdZfjiVpskaVPCq/8xviYRXZI=;\r\n\tb=cz3+rpdNHtySvWPxC7tlEfmwqiLO8TfUtMj2ICe21wvGVmEmFStRsQQ1idN2ME1PKi\r\n";
    (0..10_000)
        .map(|number| match number % 4 {
            0 => [trace.repeat(3).as_bytes(), &fixtures[number / 4 % fixtures.len()]].concat(),
            kind => person(trace, kind, number),
        })
        .collect()
}

fn person(trace: &str, kind: usize, number: usize) -> Vec<u8> {
    let line = "Thursday works for me, and I will start with the hours that your reps lose every day.\r\n";
    let own = line.repeat(2 + number % 9);
    let quoted = format!("> {line}").repeat(4 + number % 40);
    let plain = format!(
        "Hi Sarah,\r\n\r\n{own}\r\nBest,\r\nCalvin\r\n\r\nOn Tue, 24 Nov 2026 at 09:12, Dana Fox <dana@vendor.example> wrote:\r\n{quoted}"
    );
    let head = format!(
        "{}From: Calvin Reyes <calvin@vendor.example>\r\nTo: Sarah Lee <sarah@acme.example>\r\nCc: Dana Fox <dana@vendor.example>\r\nSubject: Re: Sarah, intro to Calvin\r\nDate: Tue, 24 Nov 2026 15:04:05 +0000\r\nMessage-ID: <{number}@vendor.example>\r\nIn-Reply-To: <intro@vendor.example>\r\nReferences: <token@vendor.example> <intro@vendor.example>\r\nMIME-Version: 1.0\r\n",
        trace.repeat(3)
    );
    if kind == 1 {
        return format!("{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{plain}").into_bytes();
    }
    let html = format!(
        "<html><head><style>p {{ margin: 0 }}</style></head><body><div dir=\"ltr\"><p>Hi Sarah,</p><p>{}</p></div><br><div class=\"gmail_quote\"><div class=\"gmail_attr\">On Tue, 24 Nov 2026 at 09:12, Dana Fox wrote:<br></div><blockquote>{}</blockquote></div></body></html>",
        own.replace("\r\n", "<br>\r\n"),
        quoted.replace("> ", "<p>")
    );
    format!("{head}Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{plain}\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b--\r\n").into_bytes()
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn best_of_five(messages: &[Vec<u8>], work: impl Fn(&[u8])) -> Duration {
    (0..5)
        .map(|_| {
            let start = Instant::now();
            messages.iter().for_each(|raw| work(raw));
            start.elapsed()
        })
        .min()
        .unwrap()
}

fn parse(raw: &[u8]) {
    black_box(MessageParser::default().parse(raw));
}

/// 11 and the four kinds of message have no divisor in common.
fn every_eleventh(messages: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    messages.into_iter().step_by(11).collect()
}

fn profile(phase: &str, rounds: usize, messages: &[Vec<u8>], options: &ReadOptions) {
    for raw in (0..rounds).flat_map(|_| messages) {
        match phase {
            "parse" => parse(raw),
            "kind" => {
                black_box(read::kind(raw, options));
            }
            _ => drop(black_box(read(raw, options))),
        }
    }
}

fn main() {
    let options = ReadOptions::default();
    let fixtures = fixtures();
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| !one.starts_with('-')).collect();
    if let [phase, rounds, rest @ ..] = arguments.as_slice() {
        let messages = if rest.is_empty() { every_eleventh(corpus(&fixtures)) } else { fixtures };
        return profile(phase, rounds.parse().unwrap(), &messages, &options);
    }
    let many = fixtures.iter().cycle().take(fixtures.len() * 50).cloned().collect();
    for (name, messages) in [("fixtures", many), ("10,000 messages", corpus(&fixtures))] {
        let parsing = best_of_five(&messages, parse);
        let kind = best_of_five(&messages, |raw| {
            black_box(read::kind(raw, &options));
        });
        let all = best_of_five(&messages, |raw| {
            black_box(read(raw, &options));
        });
        let each = |time: Duration| time.as_secs_f64() * 1e6 / messages.len() as f64;
        let ratio = |time: Duration| time.as_secs_f64() / parsing.as_secs_f64();
        println!(
            "{name}: parse {:.1} us, kind {:.1} us (ratio {:.2}), everything {:.1} us (ratio {:.2})",
            each(parsing),
            each(kind),
            ratio(kind),
            each(all),
            ratio(all)
        );
    }
}
