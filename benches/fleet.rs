//! What many mailboxes cost, on the mail servers of `sandbox`: 3, 200 and 2,000 of them. It measures and asserts nothing.
//!
//! `cargo bench --bench fleet` prints a table. The agent is the built program, a process of its own, measured by /proc; the
//! servers are in this one. `-- 3 200` chooses numbers of mailboxes, `-- quiet 330` how many seconds it is left alone
//! (IDLE is renewed within 330), `-- works` prints what held the database for more than 50 ms. The start stands beside a
//! client that does nothing but log in as often, as many at a time as the agent.
//! Known limits: no TLS; wall time is shared with the servers. `benches/servers.rs` has real ones.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot be set up has nothing to say; it measures real time"
)]

mod measure;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use baton::sandbox::Sandbox;
use measure::{Agent, pause, run};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const PASSWORD: &str = "secret";
const PEOPLE: [(&str, &str); 3] = [("sdr", "dana"), ("ae", "calvin"), ("manager", "morgan")];

/// Logins that the agent has under way at the same time at one host.
const AT_A_TIME: usize = 8;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let after = |name: &str| {
        words.iter().position(|word| word == name).and_then(|at| words.get(at + 1)?.parse().ok())
    };
    let quiet: u64 = after("quiet").unwrap_or(20);
    let is_number = |(at, word): (usize, &String)| {
        let is_of_quiet = at > 0 && words[at - 1] == "quiet";
        word.parse().ok().filter(|_| !is_of_quiet)
    };
    let numbers: Vec<usize> = words.iter().enumerate().filter_map(is_number).collect();
    let shows_works = words.iter().any(|word| word == "works");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        println!(
            "mailboxes | connections | logins alone s | all read s | start CPU ms | RSS MB | quiet CPU ms a minute | foreign \
             mail CPU ms | touch CPU ms | writes over 50 ms: start, later"
        );
        for count in if numbers.is_empty() { vec![3, 200, 2_000] } else { numbers } {
            fleet(count, quiet, shows_works).await;
        }
    });
}

/// A sandbox with `count` mailboxes and a configuration for them in `dir`.
async fn set_up(dir: &Path, count: usize) -> (Sandbox, String) {
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
    tokio::task::block_in_place(|| run(dir, &["send", "record.txt", "--yes", "--again"]));
    let sent = sandbox.mailbox("sarah@acme.example", "INBOX").pop().unwrap();
    let head = String::from_utf8_lossy(&sent.raw).into_owned();
    let id = head.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
    (sandbox, id.to_owned())
}

fn in_two_days() -> String {
    (chrono::Utc::now() + chrono::TimeDelta::days(2)).format("%Y-%m-%d %H:%M").to_string()
}

async fn fleet(count: usize, quiet: u64, shows_works: bool) {
    let dir = tempfile::tempdir().unwrap();
    let (sandbox, intro) = set_up(dir.path(), count).await;
    let logins = logins_alone(sandbox.imap_port(), count.max(3)).await;
    let mut agent = Agent::start(dir.path());
    let all_read = agent.has_read(2 * count.max(3)).await;
    pause(Duration::from_secs(2)).await;
    let (start_cpu, resident) = (agent.cpu(), agent.memory());
    let at_start = agent.take_long_writes();
    agent.has_come_to_rest().await;
    let before = agent.cpu();
    pause(Duration::from_secs(quiet)).await;
    let a_minute = (agent.cpu() - before) * 60.0 / quiet as f64;
    let connections = agent.descriptors();
    let deliver =
        |raw: String, to: &str| sandbox.deliver("eric@news.example", &[to], raw.as_bytes(), None).unwrap();
    const MAILS: usize = 200;
    let others = count.saturating_sub(3).max(1);
    let somebody = |number: usize| match count {
        0..=3 => "morgan@vendor.example".to_owned(),
        _ => format!("u{}@vendor.example", 3 + number * 37 % others),
    };
    let each = each(&agent, MAILS, |number| deliver(foreign(number), &somebody(number))).await;
    let touch = each_touch(&agent, &sandbox, &intro).await;
    let later = agent.take_long_writes();
    println!(
        "{count} | {connections} | {logins:.2} | {all_read:.2} | {start_cpu:.0} | {resident:.1} | {a_minute:.0} | {each:.2} | {touch:.2} | {}, {}",
        measure::longest(&at_start),
        measure::longest(&later)
    );
    if shows_works {
        measure::print_long_works(&at_start);
        measure::print_long_works(&later);
        let mut warnings: BTreeMap<String, usize> = BTreeMap::new();
        for line in agent.seen().warnings {
            *warnings
                .entry(line.split("  ").last().unwrap_or_default().chars().take(70).collect())
                .or_default() += 1;
        }
        println!("  {warnings:?}");
    }
}

/// CPU of the agent for each of some mails, each of which it has read before the next comes, in milliseconds.
async fn each(agent: &Agent, mails: usize, mut deliver: impl FnMut(usize)) -> f64 {
    let before = agent.cpu();
    for number in 0..mails {
        agent.reads_for(|| deliver(number)).await;
    }
    pause(Duration::from_secs(1)).await;
    (agent.cpu() - before) / mails as f64
}

/// The same of mails by the AE in the thread, in the SDR's INBOX.
async fn each_touch(agent: &Agent, sandbox: &Sandbox, intro: &str) -> f64 {
    each(agent, 60, |number| {
        let raw = format!(
            "From: <calvin@vendor.example>\r\nTo: <sarah@acme.example>\r\nCc: <dana@vendor.example>\r\nSubject: Re: intro\r\n\
             Message-ID: <touch-{number}@x.example>\r\nIn-Reply-To: {intro}\r\nReferences: {intro}\r\n\r\nHello Sarah, does Thursday work?\r\n"
        );
        sandbox.deliver("calvin@vendor.example", &["dana@vendor.example"], raw.as_bytes(), None).unwrap();
    })
    .await
}

/// How long a client takes that only logs in, twice to each mailbox.
async fn logins_alone(port: u16, mailboxes: usize) -> f64 {
    let began = Instant::now();
    let mut names: Vec<String> = PEOPLE.iter().map(|(_, name)| (*name).to_owned()).collect();
    names.extend((names.len()..mailboxes).map(|number| format!("u{number}")));
    let names = Arc::new(names);
    let clients = (0..AT_A_TIME).map(|client| {
        let names = Arc::clone(&names);
        tokio::spawn(async move {
            let mut open = Vec::new();
            for at in (client..2 * names.len()).step_by(AT_A_TIME) {
                let mut stream = BufReader::new(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
                let mut line = String::new();
                stream.read_line(&mut line).await.unwrap();
                let login = format!("a LOGIN {}@vendor.example {PASSWORD}\r\n", names[at / 2]);
                stream.get_mut().write_all(login.as_bytes()).await.unwrap();
                while !line.starts_with("a ") {
                    line.clear();
                    stream.read_line(&mut line).await.unwrap();
                }
                assert!(line.starts_with("a OK"), "{line}");
                open.push(stream);
            }
            open
        })
    });
    let open = futures::future::join_all(clients).await;
    let took = began.elapsed().as_secs_f64();
    drop(open);
    took
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
