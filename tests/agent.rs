//! The agent as a process: small while nothing happens, quick when something does, gone when told so.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::time::Duration;

use support::agent::config_toml_with;
use support::{CALVIN, DANA, TestBed, wait_until};

/// A field of /proc/PID/status, in KiB.
fn status_field(id: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// CPU time of a process so far, in hundredths of a second.
fn cpu(id: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

#[test]
fn an_idle_agent_is_small_and_ends_at_once_when_told() {
    let bed = TestBed::start();
    let accounts = bed.account_toml("dana", DANA)
        + &bed.account_toml("calvin", CALVIN)
        + &bed.account_toml("spare", "spare@vendor.example");
    bed.write_config(&config_toml_with(&accounts, "policy = \"elapsed\"\nhours = \"1h\"", ""));
    bed.fill(DANA, "INBOX", 500);
    let agent = bed.agent();
    wait_until("the agent to have settled", || {
        std::thread::sleep(Duration::from_millis(100));
        let before = cpu(agent.id());
        std::thread::sleep(Duration::from_millis(500));
        cpu(agent.id()) - before <= 1
    });
    let before = cpu(agent.id());
    std::thread::sleep(Duration::from_secs(5));
    let used = cpu(agent.id()) - before;
    let resident = status_field(agent.id(), "VmRSS");
    // The code of a debug build is most of what is resident; what the agent itself needs is not.
    let own = status_field(agent.id(), "RssAnon");
    println!(
        "resident {resident} KiB, {own} KiB of it not code; {used} hundredths of a second of CPU in 5 s"
    );
    assert!(own < 12 * 1024, "{own} KiB");
    assert!(used <= 10, "{used} hundredths of a second in 5 s");
    assert_eq!(agent.stop(), 0);
}
