//! A wall clock that cannot be believed accuses nobody: docs/behaviour.md section 7, the last point. The agent on mail
//! servers inside the process, whose stamps are the true time, and with a clock that is set as people and broken time
//! servers set them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::sync::Arc;

use baton::agent::app::App;
use baton::agent::once::run_once;
use baton::agent::send::{self, SendOutcome};
use baton::agent::setup;
use baton::agent::turn::judged;
use baton::clock::{Clock, Zones, utc};
use baton::config::{self, Surroundings};
use baton::domain::judge::TouchState;
use baton::record::{ParseContext, parse};
use baton::sandbox::Sandbox;
use baton::store::{LockOutcome, Scope};
use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

const DANA: &str = "dana@vendor.example";
const CALVIN: &str = "calvin@vendor.example";
const MORGAN: &str = "morgan@vendor.example";
const OPERATOR: &str = "ops@vendor.example";
const SARAH: &str = "sarah@acme.example";

/// Agent and servers. The servers' clock is the true one.
struct World {
    sandbox: Sandbox,
    truth: Clock,
    /// The machine's own clock.
    clock: Clock,
    app: Arc<App>,
    handoff: String,
    dir: TempDir,
}

impl World {
    /// Hands Acme over; the first touch is due after an hour.
    async fn start() -> Self {
        Self::start_ahead_by(TimeDelta::zero()).await
    }

    /// The same on a machine whose clock is ahead from the beginning.
    async fn start_ahead_by(ahead: TimeDelta) -> Self {
        let begins: DateTime<Utc> = "2026-11-24T15:00:00Z".parse().unwrap();
        let truth = Clock::standing_at(begins);
        let stamps = truth.clone();
        let sandbox = Sandbox::start(Arc::new(move || stamps.now())).await.unwrap();
        for address in [DANA, CALVIN, MORGAN, OPERATOR, SARAH] {
            sandbox.add_user(address, "pw");
        }
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("baton.toml"), configuration(&sandbox)).unwrap();
        fs::write(dir.path().join("password"), "pw").unwrap();
        let clock = Clock::standing_at(begins + ahead);
        clock.say_synchronised(false);
        let app = app(&dir, &clock);
        let mut world = Self { sandbox, truth, clock, app, handoff: String::new(), dir };
        world.handoff = world.hand_over().await;
        world
    }

    async fn hand_over(&self) -> String {
        let text = include_str!("support/record.txt")
            .replace("{start}", "2026-12-01 15:00:00 UTC")
            .replace("{length}", "30 min");
        let people = self.app.policy.people.clone();
        let zones = Zones::built_in();
        let context = ParseContext {
            people: &people,
            zones: &zones,
            now: self.clock.now(),
            extra_conditions: &[],
            path: "acme.txt",
        };
        let record = parse(&text, &context).unwrap_or_else(|faults| panic!("{faults:#?}")).record;
        let asked = send::commit(&self.app, record, text, false).await.unwrap().expect("no duplicate");
        match send::carry_out(&self.app, &asked).await.unwrap() {
            SendOutcome::Sent(intro) => intro.id,
            other => panic!("{other:?}"),
        }
    }

    /// Time passes for everybody.
    fn pass(&self, by: TimeDelta) {
        self.truth.advance_to(self.truth.now() + by);
        self.clock.advance_to(self.clock.now() + by);
    }

    /// Somebody sets the machine's clock.
    fn set_ahead(&self, by: TimeDelta) {
        self.clock.set(self.truth.now() + by);
    }

    /// The machine was booted anew: nothing is known of how its clock was set before.
    fn boot(&mut self) {
        let now = self.clock.now();
        self.clock = Clock::standing_at(now);
        self.clock.say_synchronised(false);
        self.restart();
    }

    /// The agent starts again on the same machine.
    fn restart(&mut self) {
        self.app = app(&self.dir, &self.clock);
    }

    /// One full pass of the agent.
    async fn once(&self) {
        let LockOutcome::Ours(lock) = self.app.store.lock().unwrap() else {
            panic!("somebody holds the lock")
        };
        let failures = run_once(&self.app).await.unwrap();
        drop(lock);
        assert!(failures.is_empty(), "{failures:?}");
    }

    fn subjects(&self, who: &str) -> Vec<String> {
        let subject = |raw: &[u8]| {
            let text = String::from_utf8_lossy(raw).into_owned();
            text.lines()
                .find_map(|line| line.strip_prefix("Subject: ").map(str::to_owned))
                .unwrap_or_default()
        };
        self.sandbox.mailbox(who, "INBOX").iter().map(|message| subject(&message.raw)).collect()
    }

    fn escalations(&self) -> usize {
        self.sandbox.mailbox(MORGAN, "INBOX").len()
    }

    fn told(&self, words: &str) -> usize {
        self.subjects(OPERATOR).iter().filter(|subject| subject.contains(words)).count()
    }

    /// Mails that baton has sent itself.
    fn time_checks(&self) -> usize {
        self.subjects(DANA).iter().filter(|subject| subject.contains("time check")).count()
    }

    async fn state(&self) -> TouchState {
        let (id, now) = (self.handoff.clone(), self.clock.now());
        self.app
            .read(move |app, tx| Ok(judged(tx, &app.policy, &id, now)?.unwrap().judgement.touch.state))
            .await
            .unwrap()
    }

    /// Mail that concerns no handoff reaches Dana, and her server stamps it.
    fn news(&self) {
        let mail = format!("From: {OPERATOR}\r\nTo: {DANA}\r\nSubject: news\r\n\r\nNothing.\r\n");
        self.sandbox.submit(OPERATOR, &[DANA], mail.as_bytes()).unwrap();
    }
}

fn app(dir: &TempDir, clock: &Clock) -> Arc<App> {
    let zones = Zones::built_in();
    let surroundings = Surroundings { zones: &zones, machine: utc() };
    let config = config::load(&dir.path().join("baton.toml"), &surroundings)
        .unwrap_or_else(|faults| panic!("{faults:#?}"));
    Arc::new(setup::build_app(&config, clock.clone(), zones).unwrap())
}

fn configuration(sandbox: &Sandbox) -> String {
    let account = |name: &str, address: &str| {
        format!(
            "[accounts.{name}]\naddress = \"{address}\"\nimap = \"imap://127.0.0.1:{}\"\n\
             smtp = \"smtp://127.0.0.1:{}\"\nlogin = \"{address}\"\npassword = {{ file = \"password\" }}\n\
             save_sent = true\n\n",
            sandbox.imap_port(),
            sandbox.smtp_port()
        )
    };
    let person = |name: &str, role: &str, address: &str, more: &str| {
        format!("[[people]]\nname = \"{name}\"\nroles = [\"{role}\"]\naddress = \"{address}\"\n{more}\n")
    };
    let managed = |account: &str| format!("account = \"{account}\"\nmanager = \"Morgan Hale\"\n");
    [
        format!("database = \"baton.db\"\n[agent]\naccount = \"dana\"\noperator = \"{OPERATOR}\"\n"),
        "[sla]\npolicy = \"elapsed\"\nhours = \"1h\"\nremind_before = \"0\"\n\n".to_owned(),
        account("dana", DANA),
        account("calvin", CALVIN),
        person("Dana Fox", "sdr", DANA, &managed("dana")),
        person("Calvin Reyes", "ae", CALVIN, &managed("calvin")),
        person("Morgan Hale", "manager", MORGAN, ""),
    ]
    .concat()
}

#[tokio::test]
async fn the_servers_stamp_on_our_own_mail_confirms_a_clock_that_is_right() {
    let world = World::start().await;
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Breached, 1));
    assert_eq!(world.time_checks(), 0, "nothing waited");
    assert!(world.subjects(OPERATOR).is_empty());
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_accuses_nobody_and_is_told_once() {
    let world = World::start().await;
    world.once().await;
    world.set_ahead(TimeDelta::hours(5));
    world.once().await;
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Waiting, 0));
    assert_eq!(world.told("has jumped ahead"), 1);
    // It is put right: nothing was amiss, and nothing is told.
    world.set_ahead(TimeDelta::zero());
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Breached, 1));
    assert_eq!(world.subjects(OPERATOR).len(), 1);
}

#[tokio::test]
async fn an_agent_that_starts_on_a_machine_whose_clock_has_jumped_sees_it_and_does_not_believe_it_for_having_started()
 {
    let mut world = World::start().await;
    world.once().await;
    world.set_ahead(TimeDelta::days(1));
    world.restart();
    world.once().await;
    assert_eq!((world.escalations(), world.told("has jumped ahead")), (0, 1));
    world.restart();
    world.once().await;
    assert_eq!((world.escalations(), world.told("has jumped ahead")), (0, 1), "nor for having started twice");
    // The system's time service takes the jump for its own.
    world.clock.say_synchronised(true);
    world.once().await;
    assert_eq!(world.escalations(), 1);
}

#[tokio::test]
async fn a_clock_that_is_set_back_and_put_right_again_is_no_jump() {
    let world = World::start().await;
    world.once().await;
    world.set_ahead(-TimeDelta::hours(3));
    world.once().await;
    world.news();
    world.once().await;
    world.set_ahead(TimeDelta::zero());
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    assert_eq!(world.escalations(), 1, "it is believed as before");
    assert!(world.subjects(OPERATOR).is_empty(), "{:?}", world.subjects(OPERATOR));
}

#[tokio::test]
async fn mail_that_a_server_stamps_with_the_present_ends_the_doubt_after_a_boot() {
    let mut world = World::start().await;
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    world.boot();
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Waiting, 0));
    world.news();
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Breached, 1));
    assert_eq!(world.time_checks(), 0);
    assert!(world.subjects(OPERATOR).is_empty());
}

#[tokio::test]
async fn where_no_sign_comes_for_five_minutes_baton_mails_itself_and_reads_the_stamp() {
    let mut world = World::start().await;
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    world.boot();
    world.once().await;
    world.pass(TimeDelta::seconds(299));
    world.once().await;
    assert_eq!((world.time_checks(), world.escalations()), (0, 0));
    world.pass(TimeDelta::seconds(1));
    world.once().await;
    assert_eq!((world.time_checks(), world.escalations()), (1, 1), "asked and answered in one pass");
    world.once().await;
    assert_eq!((world.time_checks(), world.escalations()), (1, 1));
    let checks = world.app.read(|_, tx| tx.outbox(&Scope::Global)).await.unwrap();
    let checks: Vec<_> = checks.iter().filter(|row| row.key.kind.name() == "time-check").collect();
    assert_eq!(checks[0].recipients.addresses()[0].as_str(), DANA, "to the agent itself");
}

#[tokio::test]
async fn nobody_is_asked_for_the_time_while_no_escalation_is_due() {
    let mut world = World::start().await;
    world.once().await;
    world.boot();
    for _ in 0..4 {
        world.pass(TimeDelta::minutes(10));
        world.once().await;
    }
    assert_eq!(world.time_checks(), 0);
    assert!(world.subjects(OPERATOR).is_empty());
}

#[tokio::test]
async fn a_clock_that_no_stamp_agrees_with_is_told_after_half_an_hour() {
    let world = World::start_ahead_by(TimeDelta::hours(2)).await;
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    world.pass(TimeDelta::minutes(28));
    world.once().await;
    assert_eq!((world.time_checks(), world.subjects(OPERATOR).len()), (1, 0));
    world.pass(TimeDelta::minutes(1));
    world.once().await;
    world.once().await;
    assert_eq!((world.escalations(), world.time_checks()), (0, 1));
    assert_eq!(world.told("nothing confirms"), 1, "{:?}", world.subjects(OPERATOR));
    // The clock is put right: the doubt ends by itself, and the deadline has not passed.
    world.set_ahead(TimeDelta::zero());
    world.news();
    world.once().await;
    assert_eq!(world.escalations(), 0);
}

#[tokio::test]
async fn a_copy_that_somebody_filed_is_no_servers_stamp() {
    let mut world = World::start().await;
    world.once().await;
    world.pass(TimeDelta::minutes(10));
    world.boot();
    world.set_ahead(TimeDelta::hours(2));
    world.once().await;
    // A mail program on this machine files its copy with this machine's time.
    let mail = format!("From: {DANA}\r\nTo: {OPERATOR}\r\nSubject: numbers\r\n\r\nHere.\r\n");
    world.sandbox.append(DANA, "Sent", mail.as_bytes(), &["\\Seen"], world.clock.now()).unwrap();
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Waiting, 0));
}
