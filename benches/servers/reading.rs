//! The first reading of a large mailbox, and a pass in which nothing is new.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::measure::{percentile, run};
use super::raw::{RawClient, delayed};
use super::support::{MORGAN, TestBed};

const ROUNDS: usize = 3;
const ROUND_TRIP: Duration = Duration::from_millis(50);

/// What a summary of a header needs, which is what baton asks for, too.
const FIELDS: &str = "From Sender Reply-To To Cc Bcc Subject Date Message-ID In-Reply-To References Received \
                      Authentication-Results Return-Path Content-Type";

/// How the server is reached.
struct Way {
    name: &'static str,
    port: u16,
    ca: Option<Vec<u8>>,
    /// The port of the program's configuration, and how it is named there.
    scheme: &'static str,
}

pub(crate) fn print(count: usize) {
    let bed = TestBed::start();
    let config = bed.config_toml("policy = \"elapsed\"\nhours = \"8h\"", "");
    bed.write_config(&config);
    bed.write_file("record.txt", &record());
    run(&bed.work(), &["send", "record.txt", "--yes", "--again"]);
    run(&bed.work(), &["run", "--once"]);
    fill(&bed, count);
    let ca = bed.ca();
    let ways = [
        Way { name: "plain", port: bed.ports.imap, ca: None, scheme: "imap" },
        Way { name: "TLS", port: bed.ports.imaps, ca: Some(ca.clone()), scheme: "imaps" },
        Way {
            name: "TLS, 50 ms",
            port: delayed(bed.ports.imaps, ROUND_TRIP / 2),
            ca: Some(ca),
            scheme: "imaps",
        },
    ];
    drained(&ways[0]);
    println!("\nFirst reading of {count} headers, and a pass without news\n");
    println!(
        "            raw drain s  first reading s  ratio   CPU s  peak MB  above idle | raw login s  nothing new s  ratio"
    );
    for way in &ways {
        one(&bed, &config, way);
    }
}

fn record() -> String {
    let meeting = chrono::Utc::now() + chrono::TimeDelta::days(4);
    let people = [("dana fox", "Dana Fox"), ("calvin fox", "Calvin Reyes"), ("morgan fox", "Morgan Hale")];
    let text =
        include_str!("../handoff.txt").replace("{start}", &meeting.format("%Y-%m-%d %H:%M").to_string());
    people.iter().fold(text, |text, (before, after)| text.replace(before, after))
}

/// Puts messages of people whom nobody knows into an INBOX.
fn fill(bed: &TestBed, count: usize) {
    bed.client(MORGAN).command("EXAMINE INBOX");
    let new = bed.path().join("mail").join(MORGAN).join("new");
    for number in 0..count {
        // Names that differ as those of real deliveries do: Dovecot's table of them has few places for names that count on.
        let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let name = format!("{}.M{mixed:016x}P7.bed", 1_700_000_000 + number);
        std::fs::write(new.join(name), message(number)).unwrap();
    }
}

fn message(number: usize) -> String {
    let trace = "Received: from out.news.example (out.news.example [192.0.2.10])\n\tby mx.vendor.example (Postfix) with ESMTPS id 4Xy1z2\n\tfor <u@vendor.example>; Tue, 24 Nov 2026 15:04:06 +0000 (UTC)\n";
    let padding = "X-Spam-Report: nothing to be said about this one, which goes on for a while\n".repeat(12);
    format!(
        "{trace}{trace}DKIM-Signature: v=1; a=rsa-sha256; d=news.example; s=s1; bh=81jYmiJOr7Mm4WeiGCPdZfjiVpskaVPCq;\n{padding}From: Eric Oz <eric@news.example>\nTo: somebody@vendor.example\nSubject: Number {number}\nDate: Tue, 24 Nov 2026 15:04:05 +0000\nMessage-ID: <{number}@news.example>\nReferences: <{}@news.example>\n\nNothing that concerns anybody.\n",
        number / 7
    )
}

/// One FETCH of the header fields, read to its tag, after login and EXAMINE.
fn drained(way: &Way) -> f64 {
    let began = Instant::now();
    let mut client = RawClient::connect(way.port, way.ca.as_deref());
    client.log_in(MORGAN);
    client.ask("EXAMINE INBOX");
    client.ask(&format!(
        "UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({FIELDS})])"
    ));
    began.elapsed().as_secs_f64()
}

fn logged_in(way: &Way) -> f64 {
    let began = Instant::now();
    let mut client = RawClient::connect(way.port, way.ca.as_deref());
    client.log_in(MORGAN);
    client.ask("EXAMINE INBOX");
    client.ask("STATUS Sent (UIDNEXT UIDVALIDITY MESSAGES)");
    client.ask("LOGOUT");
    began.elapsed().as_secs_f64()
}

fn copied(dir: &Path, from: &str, to: &str) {
    for ending in ["", "-wal", "-shm"] {
        let (from, to) = (dir.join(format!("{from}{ending}")), dir.join(format!("{to}{ending}")));
        let _ = std::fs::remove_file(&to);
        if from.exists() {
            std::fs::copy(from, to).unwrap();
        }
    }
}

fn one(bed: &TestBed, config: &str, way: &Way) {
    let dir = bed.work();
    // The large mailbox is the agent's alone, so that nothing else is read.
    let mut text = config.to_owned();
    for name in ["dana", "calvin"] {
        let at = text.find(&format!("[accounts.{name}]")).unwrap();
        let end = text[at + 1..].find("\n[").map_or(text.len(), |end| at + 1 + end + 1);
        text.replace_range(at..end, "");
        text = text.replace(&format!("account = \"{name}\"\n"), "");
    }
    text = text.replace("[agent]\n", "[agent]\naccount = \"morgan\"\n");
    write!(
        text,
        "[accounts.morgan]\naddress = \"{MORGAN}\"\nimap = \"{}://127.0.0.1:{}\"\nsmtp = \"smtps://127.0.0.1:{}\"\nlogin = \"{MORGAN}\"\npassword = {{ env = \"BED_PASSWORD\" }}\nca = \"{}\"\n",
        way.scheme,
        way.port,
        bed.ports.smtps,
        bed.ca_path().display()
    )
    .unwrap();
    bed.write_config(&text);
    if !dir.join("before.db").exists() {
        copied(&dir, "baton.db", "before.db");
    }
    let (mut drains, mut firsts, mut ratios, mut peaks, mut cpus) = (vec![], vec![], vec![], vec![], vec![]);
    let (mut logins, mut nothings, mut idles) = (vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        copied(&dir, "before.db", "baton.db");
        let drain = drained(way);
        let first = run(&dir, &["run", "--once"]);
        let nothing = run(&dir, &["run", "--once"]);
        drains.push(drain);
        firsts.push(first.seconds);
        ratios.push(first.seconds / drain);
        peaks.push(first.peak_mb);
        cpus.push(first.cpu_ms / 1e3);
        logins.push(logged_in(way));
        nothings.push(nothing.seconds);
        idles.push(nothing.peak_mb);
    }
    let median = |values: Vec<f64>| percentile(values, 50);
    let (peak, idle, login, nothing) = (median(peaks), median(idles), median(logins), median(nothings));
    println!(
        "{:<11} {:>11.2}  {:>15.2}  {:>5.2}  {:>6.2}  {peak:>7.1}  {:>10.1} | {login:>11.3}  {nothing:>13.3}  {:>5.2}",
        way.name,
        median(drains),
        median(firsts),
        median(ratios),
        median(cpus),
        peak - idle,
        nothing / login
    );
}
