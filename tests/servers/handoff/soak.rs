//! Mail that never stops, a server that starts anew, a configuration that changes: the agent misses nothing and does not
//! grow. A quarter of a minute with a few mailboxes; with BATON_LONG set half an hour with 200, or as many minutes as
//! BATON_LONG says, if those are at least six.

use std::fmt::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::letter::Letter;
use crate::support::{OPERATOR, TestBed, agent::Agent, wait_until};

/// How long, and how much of everything.
struct Plan {
    pairs: usize,
    length: Duration,
    settling: Duration,
    reload: Duration,
    restart: Duration,
    /// Between two handoffs; between two messages it is a second.
    handoff: Duration,
}

impl Plan {
    fn of_this_run() -> Self {
        let long = std::env::var("BATON_LONG").ok().filter(|value| !value.is_empty() && value != "0");
        if let Some(long) = long {
            let minutes = |count: u64| Duration::from_secs(60 * count);
            Self {
                pairs: 100,
                length: minutes(long.parse().ok().filter(|length| *length >= 6).unwrap_or(30)),
                settling: minutes(5),
                reload: minutes(1),
                restart: minutes(5),
                handoff: Duration::from_secs(15),
            }
        } else {
            let seconds = Duration::from_secs;
            Self {
                pairs: 3,
                length: seconds(15),
                settling: seconds(5),
                reload: seconds(5),
                restart: seconds(7),
                handoff: seconds(4),
            }
        }
    }
}

fn sdr(pair: usize) -> String {
    format!("sdr{pair}@vendor.example")
}

fn ae(pair: usize) -> String {
    format!("ae{pair}@vendor.example")
}

/// `grace`: what changes from one configuration to the next.
fn configuration(bed: &TestBed, pairs: usize, grace: u64) -> String {
    let mut text = format!(
        "database = \"baton.db\"\n\n[agent]\naccount = \"agent\"\noperator = \"{OPERATOR}\"\n\n[sla]\npolicy = \
         \"elapsed\"\nhours = \"1h\"\nremind_before = \"0\"\ngrace = \"{grace}s\"\n\n{}",
        bed.account_toml("agent", "agent@vendor.example")
    );
    for pair in 0..pairs {
        text += &bed.account_toml(&format!("sdr{pair}"), &sdr(pair));
        text += &bed.account_toml(&format!("ae{pair}"), &ae(pair));
    }
    text +=
        "[[people]]\nname = \"Morgan Hale\"\nroles = [\"manager\"]\naddress = \"morgan@vendor.example\"\n";
    for pair in 0..pairs {
        for (role, name, address) in [("sdr", "Dana", sdr(pair)), ("ae", "Calvin", ae(pair))] {
            write!(
                text,
                "[[people]]\nname = \"{name} Number{pair}\"\nroles = [\"{role}\"]\naddress = \
                 \"{address}\"\naccount = \"{role}{pair}\"\nmanager = \"Morgan Hale\"\n"
            )
            .unwrap();
        }
    }
    text
}

fn record(number: usize, pair: usize) -> String {
    include_str!("../../support/record.txt")
        .replace("{start}", "2036-11-27 10:00:00 UTC")
        .replace("{length}", "30 min")
        .replace("Dana Fox", &format!("Dana Number{pair}"))
        .replace("Calvin Reyes", &format!("Calvin Number{pair}"))
        .replace("Acme Corp", &format!("Company{number} Corp"))
        .replace("@acme.example", &format!("@company{number}.example"))
}

/// What is resident of the agent's own, without its code, in KiB.
fn memory(agent: &Agent) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", agent.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("RssAnon")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "how long the test runs, not a decision")]
    Instant::now()
}

/// Something that comes round again.
struct Every {
    period: Duration,
    next: Instant,
}

impl Every {
    fn of(period: Duration) -> Self {
        Self { period, next: now() + period }
    }

    fn is_due(&mut self) -> bool {
        let due = now() >= self.next;
        if due {
            self.next += self.period;
        }
        due
    }
}

struct Soak {
    bed: TestBed,
    plan: Plan,
    handoffs: usize,
    /// Numbers of handoffs whose AE has yet to reply.
    unanswered: Vec<usize>,
    reloads: u64,
    restarts: u64,
    messages: u64,
}

impl Soak {
    fn pair(&self, handoff: usize) -> usize {
        handoff % self.plan.pairs
    }

    fn hand_over(&mut self) {
        let number = self.handoffs;
        let name = format!("{number}.txt");
        self.bed.write_file(&name, &record(number, self.pair(number)));
        self.bed.baton(&["send", &name, "--yes"]).expect_status(0);
        self.unanswered.push(number);
        self.handoffs += 1;
    }

    /// The AE replies to the oldest intro that has none, once it has arrived.
    fn reply(&mut self) {
        let Some(number) = self.unanswered.first().copied() else { return };
        let pair = self.pair(number);
        let prospect = format!("sarah@company{number}.example");
        let intro = self.bed.client(&prospect).messages("INBOX").into_iter().next();
        let Some(intro) = intro.filter(|intro| intro.header("Subject").unwrap().contains("intro to Calvin"))
        else {
            return;
        };
        let mailbox = format!("Calvin Number{pair} <{}>", ae(pair));
        let reply =
            Letter::reply_all(&intro, &mailbox, "Hi Sarah, 20 minutes a day is a lot. Looking forward!");
        let text = reply.text();
        let recipients = reply.recipients();
        let recipients: Vec<&str> = recipients.iter().map(String::as_str).collect();
        self.bed.submit(&ae(pair), &recipients, &text);
        self.unanswered.remove(0);
    }

    /// Mail that is nobody's business here.
    fn chatter(&mut self) {
        self.messages += 1;
        let to = match self.messages % 2 {
            0 => sdr(self.pair(self.messages as usize)),
            _ => ae(self.pair(self.messages as usize)),
        };
        let letter = Letter::new("Nina <nina@elsewhere.example>", &[&to], "lunch", &"Shall we? ".repeat(200));
        self.bed.submit("nina@elsewhere.example", &[&to], &letter.text());
    }

    fn status(&self) -> Vec<Value> {
        let shown = self.bed.baton(&["status", "--all", "--json"]).expect_status(0).json();
        shown.as_array().unwrap().clone()
    }
}

#[test]
fn mail_restarts_and_reloads_without_end_miss_nothing_and_cost_no_memory() {
    let plan = Plan::of_this_run();
    let bed = TestBed::start();
    bed.write_config(&configuration(&bed, plan.pairs, 1));
    let agent = bed.agent();
    wait_until("every mailbox to be read", || bed.baton(&["health", "--json"]).status == 0);
    let end = now() + plan.length;
    let settled_at = now() + plan.settling;
    let mut settled = None;
    let (mut reload, mut restart, mut handoff) =
        (Every::of(plan.reload), Every::of(plan.restart), Every::of(plan.handoff));
    let (mut message, mut minute) = (Every::of(Duration::from_secs(1)), Every::of(Duration::from_secs(60)));
    let mut soak =
        Soak { bed, plan, handoffs: 0, unanswered: Vec::new(), reloads: 0, restarts: 0, messages: 0 };
    soak.hand_over();
    while now() < end {
        if message.is_due() {
            soak.chatter();
            soak.reply();
        }
        if handoff.is_due() {
            soak.hand_over();
        }
        if reload.is_due() {
            soak.reloads += 1;
            let text = configuration(&soak.bed, soak.plan.pairs, 1 + soak.reloads % 5);
            soak.bed.write_config(&text);
        }
        if restart.is_due() {
            soak.restarts += 1;
            soak.bed.imap.stop();
            soak.bed.imap.start();
        }
        if minute.is_due() {
            println!("{} messages, {} restarts: {} KiB", soak.messages, soak.restarts, memory(&agent));
        }
        if settled.is_none() && now() >= settled_at {
            settled = Some(memory(&agent));
        }
        thread::sleep(Duration::from_millis(50));
    }
    wait_until("the last replies to be written", || {
        soak.reply();
        soak.unanswered.is_empty()
    });
    wait_until("every reply to be seen", || {
        soak.status()
            .iter()
            .all(|handoff| handoff["touch"]["state"] == "touched" && handoff["touch"]["late"] == false)
    });
    assert_eq!(soak.status().len(), soak.handoffs);
    let (before, after) = (settled.unwrap(), memory(&agent));
    println!(
        "{} mailboxes, {} handoffs, {} other messages, {} reloads, {} restarts: {before} KiB after the beginning, {after} \
         KiB at the end",
        2 * soak.plan.pairs,
        soak.handoffs,
        soak.messages,
        soak.reloads,
        soak.restarts
    );
    if soak.plan.pairs == 100 {
        assert!(after * 100 < before * 105, "{before} KiB have become {after}");
    }
    assert!(soak.bed.client("morgan@vendor.example").messages("INBOX").is_empty(), "somebody was accused");
    assert_eq!(agent.stop(), 0);
}
