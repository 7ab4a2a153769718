//! What many mailboxes cost, and what a first reading costs, on the mail servers of `sandbox`.
//!
//! `cargo bench --bench fleet` prints two tables. The agent is the built program, a process of its own, measured by
//! /proc; the servers are in this one. `-- 3 200` chooses numbers of mailboxes, `-- read 10000` a number of messages. The
//! first reading stands beside a raw drain of the same header fields by one FETCH, on the same server and in the same run.
//! Known limit: no TLS, no round-trip time; memory and CPU are the agent's, wall time is shared with the servers.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot be set up has nothing to say; it measures real time"
)]

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use baton::sandbox::Sandbox;

const PASSWORD: &str = "secret";
const PEOPLE: [(&str, &str); 3] = [("sdr", "dana"), ("ae", "calvin"), ("manager", "morgan")];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let numbers: Vec<usize> = words.iter().filter_map(|word| word.parse().ok()).collect();
    let reads = words.iter().any(|word| word == "read");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        if !reads {
            println!("mailboxes | all read s | start CPU ms | RSS MB | CPU ms a minute, quiet | CPU ms a foreign mail");
            for count in if numbers.is_empty() { vec![3, 50, 200] } else { numbers.clone() } {
                fleet(count).await;
            }
        }
        if reads || numbers.is_empty() {
            println!("messages | raw drain s | first reading s | ratio | peak RSS MB | nothing new s, MB");
            for count in if reads && !numbers.is_empty() { numbers } else { vec![10_000] } {
                first_reading(count).await;
            }
        }
    });
}

/// A sandbox with `count` mailboxes and a configuration for them in `dir`.
async fn set_up(dir: &Path, count: usize) -> Sandbox {
    let sandbox = Sandbox::start(Arc::new(chrono::Utc::now)).await.unwrap();
    std::fs::write(dir.join("password"), PASSWORD).unwrap();
    let mut names: Vec<String> = PEOPLE.iter().map(|(_, name)| (*name).to_owned()).collect();
    names.extend((names.len()..count).map(|number| format!("u{number}")));
    let mut text = "database = \"baton.db\"\n[agent]\naccount = \"dana\"\noperator = \"ops@vendor.example\"\n[sla]\npolicy = \"elapsed\"\nhours = \"8h\"\n".to_owned();
    for name in names.iter().take(count.max(3)) {
        let address = format!("{name}@vendor.example");
        sandbox.add_user(&address, PASSWORD);
        write!(
            text,
            "[accounts.{name}]\naddress = \"{address}\"\nimap = \"imap://127.0.0.1:{}\"\nsmtp = \"smtp://127.0.0.1:{}\"\nlogin = \"{address}\"\npassword = {{ file = \"password\" }}\n",
            sandbox.imap_port(),
            sandbox.smtp_port()
        )
        .unwrap();
    }
    for (role, name) in PEOPLE {
        write!(
            text,
            "[[people]]\nname = \"{name} fox\"\nroles = [\"{role}\"]\naddress = \"{name}@vendor.example\"\naccount = \"{name}\"\nzone = \"America/New_York\"\nhours = \"00:00-24:00\"\nworkdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\n{}",
            if role == "ae" { "manager = \"morgan fox\"\n" } else { "" }
        )
        .unwrap();
    }
    sandbox.add_user("ops@vendor.example", PASSWORD);
    sandbox.add_user("sarah@acme.example", PASSWORD);
    std::fs::write(dir.join("baton.toml"), text).unwrap();
    let record = include_str!("handoff.txt").replace("{start}", &in_two_days());
    std::fs::write(dir.join("record.txt"), record).unwrap();
    run(dir, &["send", "record.txt", "--yes", "--again"]);
    sandbox
}

fn in_two_days() -> String {
    (chrono::Utc::now() + chrono::TimeDelta::days(2)).format("%Y-%m-%d %H:%M").to_string()
}

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
    command.args(arguments).current_dir(dir).env("BATON_CONFIG", dir.join("baton.toml"));
    command.env("BATON_LOG", "debug").stdin(Stdio::null());
    command
}

fn run(dir: &Path, arguments: &[&str]) {
    let output = command(dir, arguments).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {words} {}", String::from_utf8_lossy(&output.stdout));
}

/// Runs to the end; wall time and peak resident memory in MB.
fn timed(dir: &Path, arguments: &[&str]) -> (f64, f64) {
    let began = Instant::now();
    let mut child = command(dir, arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak = 0.0_f64;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(memory(&child));
        std::thread::sleep(Duration::from_millis(5));
    }
    (began.elapsed().as_secs_f64(), peak)
}

fn memory(child: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
}

/// CPU time so far, in milliseconds.
fn cpu(child: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) * 10.0
}

async fn pause(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

async fn fleet(count: usize) {
    let dir = tempfile::tempdir().unwrap();
    let sandbox = set_up(dir.path(), count).await;
    let began = Instant::now();
    let mut child =
        command(dir.path(), &["run"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let log = BufReader::new(child.stderr.take().unwrap());
    let (seen, mut read) = tokio::sync::watch::channel(0_usize);
    std::thread::spawn(move || {
        for line in log.lines().map_while(Result::ok) {
            seen.send_modify(|count| *count += usize::from(line.contains("read to the present")));
        }
    });
    read.wait_for(|read| *read >= 2 * count.max(3)).await.unwrap();
    let all_read = began.elapsed().as_secs_f64();
    pause(2).await;
    let (start_cpu, resident) = (cpu(&child), memory(&child));
    pause(20).await;
    let quiet = (cpu(&child) - start_cpu) * 3.0;
    let before = cpu(&child);
    const MAILS: usize = 40;
    for number in 0..MAILS {
        let to = format!("u{}@vendor.example", 3 + number % count.saturating_sub(3).max(1));
        let to = if count > 3 { to } else { "morgan@vendor.example".to_owned() };
        let raw = foreign(number);
        sandbox.deliver("eric@news.example", &[&to], raw.as_bytes(), None).unwrap();
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    pause(2).await;
    let each = (cpu(&child) - before) / MAILS as f64;
    println!("{count} | {all_read:.2} | {start_cpu:.0} | {resident:.1} | {quiet:.0} | {each:.2}");
    child.kill().unwrap();
    child.wait().unwrap();
}

fn foreign(number: usize) -> String {
    let trace = "Received: from out.news.example (out.news.example [192.0.2.10])\r\n\tby mx.vendor.example (Postfix) with ESMTPS id 4Xy1z2\r\n\tfor <u@vendor.example>; Tue, 24 Nov 2026 15:04:06 +0000 (UTC)\r\n";
    let padding =
        "X-Spam-Report: nothing to be said about this one, which goes on for a while\r\n".repeat(12);
    format!(
        "{trace}{trace}DKIM-Signature: v=1; a=rsa-sha256; d=news.example; s=s1; bh=81jYmiJOr7Mm4WeiGCPdZfjiVpskaVPCq;\r\n{padding}From: Eric Oz <eric@news.example>\r\nTo: somebody@vendor.example\r\nSubject: Number {number}\r\nDate: Tue, 24 Nov 2026 15:04:05 +0000\r\nMessage-ID: <{number}@news.example>\r\nReferences: <{}@news.example>\r\n\r\nNothing that concerns anybody.\r\n",
        number / 7
    )
}

async fn first_reading(count: usize) {
    let dir = tempfile::tempdir().unwrap();
    let sandbox = set_up(dir.path(), 3).await;
    run(dir.path(), &["run", "--once"]);
    let port = sandbox.imap_port();
    let nothing = tokio::task::block_in_place(|| timed(dir.path(), &["run", "--once"]));
    for number in 0..count {
        sandbox
            .append("morgan@vendor.example", "INBOX", foreign(number).as_bytes(), &[], chrono::Utc::now())
            .unwrap();
    }
    let drained = tokio::task::block_in_place(|| drain(port));
    let (took, peak) = tokio::task::block_in_place(|| timed(dir.path(), &["run", "--once"]));
    let net = took - nothing.0;
    println!(
        "{count} | {drained:.2} | {net:.2} | {:.1} | {peak:.1} | {:.2}, {:.1}",
        net / drained,
        nothing.0,
        nothing.1
    );
}

/// One FETCH of the header fields that a summary needs, read to its tag.
fn drain(port: u16) -> f64 {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let mut reader = BufReader::with_capacity(1 << 16, stream);
    let mut ask = |tag: &str, text: &str| {
        reader.get_mut().write_all(format!("{tag} {text}\r\n").as_bytes()).unwrap();
        let mut line = Vec::new();
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).unwrap();
            if line.starts_with(tag.as_bytes()) {
                return;
            }
        }
    };
    ask("a1", &format!("LOGIN morgan@vendor.example {PASSWORD}"));
    ask("a2", "EXAMINE INBOX");
    let began = Instant::now();
    ask(
        "a3",
        "UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER.FIELDS (From Sender Reply-To To Cc Bcc Subject Date Message-ID In-Reply-To References Received Authentication-Results Return-Path Content-Type)])",
    );
    began.elapsed().as_secs_f64()
}
