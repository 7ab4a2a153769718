//! The agent as a process: small while nothing happens, quick when something does, gone when told so.

use std::time::{Duration, Instant};

use crate::support::agent::{Agent, config_toml_with};
use crate::support::{CALVIN, DANA, TestBed, wait_until};

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
    // An agent that waits for a busy server uses nothing either, and has not settled.
    wait_until("every mailbox to have been read", || {
        let log = bed.agent_log();
        ["dana", "calvin", "spare"]
            .iter()
            .all(|account| log.contains(&format!("read to the present account={account} ")))
    });
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

/// An agent with two good accounts and some whose password programs never answer.
fn agent_with_hanging_programs(bed: &TestBed, hanging: usize) -> Agent {
    let good = bed.account_toml("dana", DANA) + &bed.account_toml("calvin", CALVIN);
    let bad = (1..=hanging).map(|number| {
        let account = bed.account_toml(&format!("spare{number}"), &format!("spare{number}@vendor.example"));
        account.replace("password = { env = ", "password = { command = [\"sleep\", \"600\"] } # ")
    });
    let accounts = good + &bad.collect::<String>();
    bed.write_config(&config_toml_with(&accounts, "policy = \"elapsed\"\nhours = \"1h\"", ""));
    bed.agent()
}

fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "how long a process takes to end is real time")]
    Instant::now()
}

/// Hands a record over while the agent runs, which alone delivers then.
fn the_good_accounts_work(bed: &TestBed) {
    let record = include_str!("../support/record.txt")
        .replace("{start}", "2036-11-27 10:00:00 UTC")
        .replace("{length}", "30 min");
    bed.write_file("acme.txt", &record);
    bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(0);
    bed.wait_for(CALVIN, "INBOX", 2, |_| true);
    let touched = || bed.agent_log().contains("read to the present account=calvin");
    wait_until("the good mailbox to be read", touched);
}

fn ends_when_told(agent: Agent) {
    let told = now();
    assert_eq!(agent.stop(), 0);
    assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
}

#[test]
fn an_agent_that_waits_for_another_one_ends_when_told() {
    let bed = TestBed::start();
    let accounts = bed.account_toml("dana", DANA) + &bed.account_toml("calvin", CALVIN);
    bed.write_config(&config_toml_with(&accounts, "policy = \"elapsed\"\nhours = \"1h\"", ""));
    let first = bed.agent();
    wait_until("the first agent to watch", || bed.agent_log().contains("the agent watches"));
    let second = bed.agent();
    let waits = || bed.agent_log().contains("another baton is delivering");
    wait_until("the second agent to wait", waits);
    ends_when_told(second);
    ends_when_told(first);
}

#[test]
fn four_password_programs_that_hang_keep_nothing_else_waiting() {
    let bed = TestBed::start();
    let agent = agent_with_hanging_programs(&bed, 4);
    the_good_accounts_work(&bed);
    ends_when_told(agent);
}

#[test]
fn accounts_whose_password_programs_hang_are_known_to_be_out_while_others_go_on() {
    let bed = TestBed::start();
    let agent = agent_with_hanging_programs(&bed, 6);
    the_good_accounts_work(&bed);
    let database = rusqlite::Connection::open(bed.work().join("baton.db")).unwrap();
    let outages = || -> Vec<(String, String)> {
        let sql = "SELECT account, error FROM outages WHERE ended IS NULL ORDER BY account";
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let deadline = now() + Duration::from_secs(60);
    while outages().len() < 6 && now() < deadline {
        std::thread::sleep(Duration::from_millis(200));
    }
    let found = outages();
    assert_eq!(found.len(), 6, "{found:?}");
    for (account, error) in found {
        assert!(account.starts_with("spare"), "{account}");
        assert!(error.ends_with("the password program sleep gave no password within 30 s"), "{error}");
    }
    ends_when_told(agent);
}
