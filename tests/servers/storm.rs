//! kill -9 of the agent and of every command at random moments, over several handoffs: nothing is lost, nothing leaves
//! twice. 20 kills; with BATON_LONG set 500. The seed is printed, and taken from BATON_SEED.

use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::support::agent::Agent;
use crate::support::{CALVIN, DANA, MORGAN, OPERATOR, TestBed, wait_until};
use serde_json::Value;

/// A generator of the same numbers for the same seed (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn seed() -> u64 {
    if let Some(seed) = std::env::var("BATON_SEED").ok().and_then(|seed| seed.parse().ok()) {
        return seed;
    }
    #[expect(clippy::disallowed_methods, reason = "another storm each time")]
    let now = std::time::SystemTime::now();
    u64::from(now.duration_since(std::time::UNIX_EPOCH).unwrap().subsec_nanos()) | 1
}

fn record(number: usize) -> String {
    include_str!("../support/record.txt")
        .replace("{start}", "2036-11-27 10:00:00 UTC")
        .replace("{length}", "30 min")
        .replace("Acme Corp", &format!("Company{number} Corp"))
        .replace("@acme.example", &format!("@company{number}.example"))
}

struct Storm {
    bed: TestBed,
    dice: Dice,
    agent: Option<Agent>,
    handed_over: usize,
}

impl Storm {
    fn pause(&mut self, most: u64) {
        // The moment of death is what is tried here; nothing is waited for.
        std::thread::sleep(Duration::from_millis(self.dice.below(most)));
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        self.bed.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Some command, as people give them.
    fn command(&mut self) -> Child {
        let number = if self.handed_over == 0 { 0 } else { self.dice.below(7) };
        let company = format!("company{}", self.dice.below(self.handed_over.max(1) as u64));
        match number {
            1 => self.spawn(&["touch", &company, "--why", "called her"]),
            2 => self.spawn(&["status"]),
            3 => self.spawn(&["feedback", &company, "--why", "she said so", "--wrong", "James has left"]),
            4 => self.spawn(&["outbox"]),
            5 => self.spawn(&["run", "--once"]),
            6 => self.spawn(&["backup", "backup.db"]),
            _ => {
                let name = format!("{}.txt", self.handed_over);
                self.bed.write_file(&name, &record(self.handed_over));
                self.handed_over += 1;
                self.spawn(&["send", &name, "--yes"])
            }
        }
    }

    fn kill_something(&mut self) {
        if self.dice.below(3) == 0 {
            let agent = match self.agent.take() {
                Some(agent) => agent,
                None => self.bed.agent(),
            };
            self.pause(2500);
            agent.crash();
            return;
        }
        if self.agent.is_none() && self.dice.below(2) == 0 {
            self.agent = Some(self.bed.agent());
        }
        let mut child = self.command();
        self.pause(1500);
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().unwrap();
    }

    fn outbox(&self) -> Vec<Value> {
        self.bed.baton(&["outbox", "--json"]).expect_status(0).json().as_array().unwrap().clone()
    }
}

#[test]
fn whatever_is_killed_nothing_is_lost_and_nothing_leaves_twice() {
    let is_long = std::env::var("BATON_LONG").is_ok_and(|value| !value.is_empty() && value != "0");
    let kills = if is_long { 500 } else { 20 };
    let seed = seed();
    println!("BATON_SEED={seed}, {kills} kills");
    let bed = TestBed::start();
    bed.write_config(&bed.config_toml("policy = \"elapsed\"\nhours = \"20s\"\ngrace = \"1s\"", ""));
    let mut storm = Storm { bed, dice: Dice(seed), agent: None, handed_over: 0 };
    for _ in 0..kills {
        storm.kill_something();
    }
    drop(storm.agent.take());
    let agent = storm.bed.agent();
    let is_at_rest =
        || storm.outbox().iter().all(|mail| mail["state"] != "queued" && mail["state"] != "sending");
    for _ in 0..8 {
        // Longer than one wait, since mail that was put off comes again after a while.
        if is_at_rest() {
            break;
        }
        std::thread::sleep(Duration::from_secs(5));
    }
    wait_until("everything to have left", is_at_rest);
    let handoffs = storm.bed.baton(&["status", "--all", "--json"]).expect_status(0).json();
    let mut uncertain = 0;
    let mut left: BTreeMap<String, String> = BTreeMap::new();
    for handoff in handoffs.as_array().unwrap() {
        let id = handoff["id"].as_str().unwrap();
        let shown = storm.bed.baton(&["show", id, "--json"]).expect_status(0).json();
        for mail in shown["mails"].as_array().unwrap() {
            uncertain += usize::from(mail["state"] == "uncertain");
            if mail["state"] == "sent" {
                let to = mail["to"][0].as_str().unwrap().to_owned();
                left.insert(mail["message_id"].as_str().unwrap().to_owned(), to);
            }
        }
    }
    assert_eq!(agent.stop(), 0);
    let mut readers: Vec<String> = [DANA, CALVIN, MORGAN, OPERATOR].map(str::to_owned).to_vec();
    readers.extend((0..storm.handed_over).map(|number| format!("sarah@company{number}.example")));
    let mut lost: BTreeMap<&String, &String> = left.iter().collect();
    for reader in &readers {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for message in storm.bed.client(reader).messages("INBOX") {
            let id = message.header("Message-ID").unwrap().trim_matches(['<', '>']).to_owned();
            *seen.entry(id).or_default() += 1;
        }
        for (id, count) in seen {
            assert_eq!(count, 1, "{id} came {count} times to {reader}; BATON_SEED={seed}");
            if left.get(&id).is_some_and(|to| to == reader) {
                lost.remove(&id);
            }
        }
        if reader.starts_with("sarah@") {
            let intros = storm.bed.client(reader).messages("INBOX").len();
            assert!(intros <= 1, "{intros} intros to {reader}; BATON_SEED={seed}");
        }
    }
    assert!(lost.is_empty(), "never came: {lost:?}; BATON_SEED={seed}");
    println!(
        "{} handoffs, {} mails left, {uncertain} uncertain",
        handoffs.as_array().unwrap().len(),
        left.len()
    );
    let database = rusqlite::Connection::open(storm.bed.work().join("baton.db")).unwrap();
    let said: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(said, "ok");
}
