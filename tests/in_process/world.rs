//! Agent, servers and time: what is played on.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use baton::agent::app::App;
use baton::agent::once::{run_once, send_from};
use baton::agent::send::{self, SendOutcome};
use baton::agent::setup;
use baton::agent::statement;
use baton::agent::turn::judged;
use baton::clock::{Clock, Zones, utc};
use baton::config::{self, Surroundings};
use baton::domain::fact::StatementKind;
use baton::domain::judge::{Judgement, TouchState};
use baton::record::{ParseContext, parse};
use baton::sandbox::{ProviderHabits, Sandbox};
use baton::store::{LockOutcome, OutboxRow, RestoreOutcome, Scope, restore};
use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

pub(crate) const DANA: &str = "dana@vendor.example";
pub(crate) const CALVIN: &str = "calvin@vendor.example";
pub(crate) const RITA: &str = "rita@vendor.example";
pub(crate) const MORGAN: &str = "morgan@vendor.example";
pub(crate) const OPERATOR: &str = "ops@vendor.example";
pub(crate) const SARAH: &str = "sarah@acme.example";

/// Agent and servers. The servers' clock is the true one.
pub(crate) struct World {
    pub sandbox: Sandbox,
    pub truth: Clock,
    /// The machine's own clock.
    pub clock: Clock,
    pub app: Arc<App>,
    pub handoff: String,
    dir: TempDir,
}

impl World {
    /// Hands Acme over; the first touch is due after an hour.
    pub(crate) async fn start() -> Self {
        Self::start_ahead_by(TimeDelta::zero()).await
    }

    /// The same on a machine whose clock is ahead from the beginning.
    pub(crate) async fn start_ahead_by(ahead: TimeDelta) -> Self {
        let mut world = Self::set(ahead, ProviderHabits::default(), true).await;
        world.handoff = world.hand_over().await;
        world
    }

    /// Nothing is handed over yet. Dana's provider has these habits; Calvin's mailbox is read only if `watched`.
    pub(crate) async fn set(ahead: TimeDelta, habits: ProviderHabits, watched: bool) -> Self {
        let begins: DateTime<Utc> = "2026-11-24T15:00:00Z".parse().unwrap();
        let truth = Clock::standing_at(begins);
        let stamps = truth.clone();
        let sandbox = Sandbox::start(Arc::new(move || stamps.now())).await.unwrap();
        sandbox.add_user_with(DANA, "pw", habits);
        for address in [CALVIN, RITA, MORGAN, OPERATOR, SARAH] {
            sandbox.add_user(address, "pw");
        }
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("baton.toml"), configuration(&sandbox, habits.keeps_sent, watched))
            .unwrap();
        fs::write(dir.path().join("password"), "pw").unwrap();
        let clock = Clock::standing_at(begins + ahead);
        clock.say_synchronised(false);
        let app = app(&dir, &clock);
        Self { sandbox, truth, clock, app, handoff: String::new(), dir }
    }

    /// From now on the AE is reminded ten minutes before the first touch is due.
    pub(crate) fn remind(&mut self) {
        self.reconfigure(|text| text.replace("remind_before = \"0\"", "remind_before = \"10m\""));
    }

    /// The agent starts again on another configuration.
    pub(crate) fn reconfigure(&mut self, change: impl FnOnce(&str) -> String) {
        let path = self.dir.path().join("baton.toml");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, change(&text)).unwrap();
        self.restart();
    }

    pub(crate) async fn hand_over(&self) -> String {
        match self.send().await {
            SendOutcome::Sent(intro) => intro.id,
            other => panic!("{other:?}"),
        }
    }

    /// What Dana hands over.
    pub(crate) fn record() -> String {
        include_str!("../support/record.txt")
            .replace("{start}", "2026-12-01 15:00:00 UTC")
            .replace("{length}", "30 min")
    }

    pub(crate) async fn send(&self) -> SendOutcome {
        self.send_record(Self::record()).await
    }

    /// Another handoff between the same two, whose meeting is two weeks later.
    pub(crate) async fn hand_over_another(&self) {
        let other = Self::record().replace("Acme Corp", "Globex").replace("2026-12-01", "2026-12-15");
        self.sandbox.add_user("sarah@globex.example", "pw");
        match self.send_record(other.replace("acme.example", "globex.example")).await {
            SendOutcome::Sent(_) => {}
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn send_record(&self, text: String) -> SendOutcome {
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
        send::carry_out(&self.app, &asked).await.unwrap()
    }

    /// By command.
    pub(crate) async fn send_again(&self) {
        let asked = send::commit_again(&self.app, &self.handoff, None).await.unwrap();
        send::carry_out(&self.app, &asked).await.unwrap();
    }

    /// By command.
    pub(crate) async fn give_to_rita(&self) {
        let says = StatementKind::Reassigned { ae: "Rita Voss".to_owned() };
        statement::record_statement(&self.app, &self.handoff, "Calvin is ill", says).await.unwrap();
    }

    /// Time passes for everybody.
    pub(crate) fn pass(&self, by: TimeDelta) {
        self.truth.advance_to(self.truth.now() + by);
        self.clock.advance_to(self.clock.now() + by);
    }

    /// Somebody sets the machine's clock.
    pub(crate) fn set_ahead(&self, by: TimeDelta) {
        self.clock.set(self.truth.now() + by);
    }

    /// The machine was booted anew: nothing is known of how its clock was set before.
    pub(crate) fn boot(&mut self) {
        let now = self.clock.now();
        self.clock = Clock::standing_at(now);
        self.clock.say_synchronised(false);
        self.restart();
    }

    /// The agent starts again on the same machine.
    pub(crate) fn restart(&mut self) {
        self.app = app(&self.dir, &self.clock);
    }

    /// Puts a copy of the database aside while the agent stands still.
    pub(crate) fn put_aside(&mut self) {
        self.while_closed(|dir| {
            fs::copy(dir.join("baton.db"), dir.join("aside.db")).unwrap();
        });
    }

    /// Puts that copy in the place of the database, and starts on it.
    pub(crate) fn restore(&mut self) {
        self.while_closed(|dir| {
            fs::copy(dir.join("aside.db"), dir.join("baton.db")).unwrap();
        });
    }

    /// `baton backup`, while the agent lives.
    pub(crate) async fn back_up(&self) {
        self.app.store.back_up(&self.dir.path().join("backup.db"), self.clock.now()).await.unwrap();
    }

    /// `baton restore` of it, while no agent lives.
    pub(crate) fn restore_backup(&mut self) {
        let now = self.clock.now();
        self.while_closed(|dir| {
            let restored = restore(&dir.join("backup.db"), &dir.join("baton.db"), now);
            assert!(matches!(restored, Ok(RestoreOutcome::Done(_))), "{restored:?}");
        });
    }

    /// Begins with another database on the same mailboxes, as after a new installation.
    pub(crate) fn begin_anew(&mut self) {
        self.while_closed(|dir| {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                let is_kept = ["baton.toml", "password"].iter().any(|name| path.ends_with(name));
                if !is_kept && path.is_file() {
                    fs::remove_file(path).unwrap();
                }
            }
        });
    }

    /// What the database remembers under this name.
    pub(crate) fn remembered(&self, name: &str) -> Option<String> {
        let database = rusqlite::Connection::open(self.dir.path().join("baton.db")).unwrap();
        let mut rows = database.prepare("SELECT value FROM meta WHERE key = ?1").unwrap();
        rows.query_map([name], |row| row.get(0)).unwrap().next().map(Result::unwrap)
    }

    /// Where the database holds these words: `table.column`, in order.
    pub(crate) fn places_of(&self, words: &str) -> Vec<String> {
        let database = rusqlite::Connection::open(self.dir.path().join("baton.db")).unwrap();
        let sql = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
             WHERE t.type = 'table' ORDER BY 1, 2";
        let mut columns = database.prepare(sql).unwrap();
        let columns = columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let columns: Vec<(String, String)> = columns.map(Result::unwrap).collect();
        let holds = |(table, column): &(String, String)| {
            let sql =
                format!("SELECT 1 FROM \"{table}\" WHERE instr(CAST(\"{column}\" AS TEXT), ?1) LIMIT 1");
            database.prepare(&sql).unwrap().exists([words]).unwrap()
        };
        columns
            .iter()
            .filter(|place| holds(place))
            .map(|(table, column)| format!("{table}.{column}"))
            .collect()
    }

    /// Whether the database's file holds these words anywhere, free pages included.
    pub(crate) fn is_in_file(&self, words: &str) -> bool {
        let path = self.dir.path().join("baton.db");
        let database = rusqlite::Connection::open(&path).unwrap();
        database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
        let bytes = fs::read(path).unwrap();
        bytes.windows(words.len()).any(|window| window == words.as_bytes())
    }

    fn while_closed(&mut self, work: impl FnOnce(&Path)) {
        // A database is closed once nobody has it any more: meanwhile there is another one.
        let elsewhere = TempDir::new().unwrap();
        for file in ["baton.toml", "password"] {
            fs::copy(self.dir.path().join(file), elsewhere.path().join(file)).unwrap();
        }
        self.app = app(&elsewhere, &self.clock);
        work(self.dir.path());
        self.restart();
    }

    /// The mail of one kind that concerns the handoff, or no handoff.
    pub(crate) async fn row(&self, kind: &str) -> OutboxRow {
        let (id, kind) = (self.handoff.clone(), kind.to_owned());
        self.app
            .read(move |_, tx| {
                let mut rows = tx.outbox(&Scope::Handoff(id))?;
                rows.extend(tx.outbox(&Scope::Global)?);
                rows.retain(|row| row.key.kind.name() == kind);
                Ok(rows.pop().unwrap_or_else(|| panic!("no mail `{kind}`")))
            })
            .await
            .unwrap()
    }

    /// Sends what is due from every account.
    pub(crate) async fn send_due(&self) {
        let accounts: Vec<String> = self.app.accounts.keys().cloned().collect();
        for account in accounts {
            send_from(&self.app, &account).await.unwrap();
        }
    }

    /// One full pass of the agent.
    pub(crate) async fn once(&self) {
        assert_eq!(self.once_failing().await, Vec::<String>::new());
    }

    /// The same where accounts may fail: which did.
    pub(crate) async fn once_failing(&self) -> Vec<String> {
        let LockOutcome::Ours(lock) = self.app.store.lock().unwrap() else {
            panic!("somebody holds the lock")
        };
        let failures = run_once(&self.app).await.unwrap();
        drop(lock);
        failures.into_keys().collect()
    }

    pub(crate) fn subjects(&self, who: &str) -> Vec<String> {
        let subject = |raw: &[u8]| {
            let text = String::from_utf8_lossy(raw).into_owned();
            text.lines()
                .find_map(|line| line.strip_prefix("Subject: ").map(str::to_owned))
                .unwrap_or_default()
        };
        self.sandbox.mailbox(who, "INBOX").iter().map(|message| subject(&message.raw)).collect()
    }

    /// An answer to the last mail that somebody got, citing it as programs do that keep no References.
    pub(crate) fn answer(&self, who: &str, to: &str, words: &str) -> String {
        let mails = self.sandbox.mailbox(who, "INBOX");
        let last = String::from_utf8_lossy(&mails.last().unwrap().raw).into_owned();
        let id = last.lines().find_map(|line| line.strip_prefix("Message-ID: ")).unwrap();
        let now = self.truth.now();
        format!(
            "From: {who}\r\nTo: {to}\r\nSubject: Re: it\r\nMessage-ID: <answer-{}-{}@vendor.example>\r\n\
             In-Reply-To: {id}\r\nDate: {}\r\n\r\n{words}\r\n",
            mails.len(),
            now.timestamp(),
            now.to_rfc2822()
        )
    }

    pub(crate) fn escalations(&self) -> usize {
        self.sandbox.mailbox(MORGAN, "INBOX").len()
    }

    pub(crate) fn told(&self, words: &str) -> usize {
        self.subjects(OPERATOR).iter().filter(|subject| subject.contains(words)).count()
    }

    /// Mails that baton has sent itself.
    pub(crate) fn time_checks(&self) -> usize {
        self.subjects(DANA).iter().filter(|subject| subject.contains("time check")).count()
    }

    pub(crate) async fn state(&self) -> TouchState {
        let (id, now) = (self.handoff.clone(), self.clock.now());
        self.app
            .read(move |app, tx| Ok(judged(tx, &app.policy, &id, now)?.unwrap().judgement.touch.state))
            .await
            .unwrap()
    }

    pub(crate) async fn judgement(&self) -> Judgement {
        let (id, now) = (self.handoff.clone(), self.clock.now());
        let judged = self.app.read(move |app, tx| judged(tx, &app.policy, &id, now)).await;
        judged.unwrap().unwrap().judgement
    }

    /// Calvin writes to the prospect, in no thread, with Dana in copy.
    pub(crate) fn write_to_the_prospect(&self) {
        let now = self.truth.now();
        let mail = format!(
            "From: {CALVIN}\r\nTo: {SARAH}\r\nCc: {DANA}\r\nSubject: Thursday\r\nMessage-ID: <new-{}@vendor.example>\r\n\
             Date: {}\r\n\r\nHi Sarah, I look forward to it.\r\n",
            now.timestamp(),
            now.to_rfc2822()
        );
        self.sandbox.submit(CALVIN, &[SARAH, DANA], mail.as_bytes()).unwrap();
    }

    /// Mail that concerns no handoff reaches Dana, and her server stamps it.
    pub(crate) fn news(&self) {
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

fn configuration(sandbox: &Sandbox, keeps_sent: bool, watched: bool) -> String {
    // What a provider keeps by itself is found out.
    let save_sent = if keeps_sent { "" } else { "save_sent = true\n" };
    let account = |name: &str, address: &str| {
        format!(
            "[accounts.{name}]\naddress = \"{address}\"\nimap = \"imap://127.0.0.1:{}\"\n\
             smtp = \"smtp://127.0.0.1:{}\"\nlogin = \"{address}\"\npassword = {{ file = \"password\" }}\n\
             {save_sent}\n",
            sandbox.imap_port(),
            sandbox.smtp_port()
        )
    };
    let person = |name: &str, role: &str, address: &str, more: &str| {
        format!("[[people]]\nname = \"{name}\"\nroles = [\"{role}\"]\naddress = \"{address}\"\n{more}\n")
    };
    let managed = |account: &str| {
        let is_read = watched || account == "dana";
        let account = if is_read { format!("account = \"{account}\"\n") } else { String::new() };
        format!("{account}manager = \"Morgan Hale\"\n")
    };
    [
        format!("database = \"baton.db\"\n[agent]\naccount = \"dana\"\noperator = \"{OPERATOR}\"\n"),
        "[sla]\npolicy = \"elapsed\"\nhours = \"1h\"\nremind_before = \"0\"\n\n".to_owned(),
        account("dana", DANA),
        if watched { account("calvin", CALVIN) } else { String::new() },
        person("Dana Fox", "sdr", DANA, &managed("dana")),
        person("Calvin Reyes", "ae", CALVIN, &managed("calvin")),
        person("Rita Voss", "ae", RITA, "manager = \"Morgan Hale\"\n"),
        person("Morgan Hale", "manager", MORGAN, ""),
    ]
    .concat()
}
