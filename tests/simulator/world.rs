//! What a plan is played on: the agent with its store and its delivery, mail servers inside the process, and two clocks,
//! the servers' true one and the machine's.
//!
//! Everything runs on one thread, and a pass serves one account after the other, so that a seed tells one story.
//! Known limits: the passes are those of `baton run --once`; the daemon's tasks, IDLE and its backoff are not played.
//! A server that keeps silent is not either, since no clock of the process would tell its time.

use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use baton::agent::app::App;
use baton::agent::global::reconcile_global_outbox;
use baton::agent::once::run_once;
use baton::agent::seed::WorkDone;
use baton::agent::send::{self, PendingIntro, SendOutcome};
use baton::agent::setup;
use baton::agent::statement;
use baton::agent::turn::judged;
use baton::clock::{Clock, Zones, utc};
use baton::config::{self, Surroundings};
use baton::domain::fact::{FactKind, Statement, StatementKind};
use baton::record::{ParseContext, parse};
use baton::sandbox::{ProviderHabits, Sandbox};
use baton::store::{LockOutcome, OutboxRow, OutboxState, Scope};
use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

use super::cast::{self, PASSWORD, Reloaded};
use super::faults::{self, Fault, Order};
use super::letters::{self, Answered};
use super::plan::{Act, Habit, Invitation, Kind, Letter, Place, Plan};

/// Nobody listens on it.
const NOBODYS_PORT: u16 = 1;
/// What lay in every folder before anything happened.
const OLD_MAILS: usize = 4;
/// A plan that needs more passes does not come to rest.
const MOST_PASSES: usize = 400;
/// How long after a pass that failed the next one comes.
const RETRY: TimeDelta = TimeDelta::hours(2);

/// A copy of a letter, as it was shown.
#[derive(Clone, Debug)]
pub(crate) struct ShownCopy {
    pub who: &'static str,
    pub place: Place,
    pub shown: DateTime<Utc>,
    pub internal: DateTime<Utc>,
}

/// A letter that was written.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    pub letter: Letter,
    pub id: String,
    pub at: DateTime<Utc>,
    pub copies: Vec<ShownCopy>,
    /// The letter that a failure report is about.
    pub about: Option<usize>,
}

/// One of baton's mails, as the servers took it.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    pub at: DateTime<Utc>,
    pub id: String,
    pub kind: String,
    pub about: String,
    /// The handoff's number.
    pub handoff: Option<usize>,
    /// Whose account it left from.
    pub login: String,
    pub to: Vec<String>,
    /// The handoff that an answer to a letter is about, by its prospect.
    pub company: Option<usize>,
}

/// One pass of the agent.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub at: DateTime<Utc>,
    /// Accounts that failed; `None`: the process was killed in it.
    pub failed: Option<Vec<String>>,
}

/// What became of `send`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    Stands,
    TakenBack,
    /// The handoff was not made: the machine was off.
    Never,
}

enum Due {
    Act(usize),
    Show { letter: usize, copy: usize, raw: String },
    OutageEnds(&'static str),
    PasswordEnds(&'static str),
    ClockEnds,
    BackOn,
}

enum Kill {
    Steps(u32),
    Acceptance,
    Statements(u64),
}

pub(crate) struct World<'p> {
    pub plan: &'p Plan,
    pub sandbox: Sandbox,
    truth: Clock,
    clock: Clock,
    app: Option<Arc<App>>,
    dir: TempDir,
    zones: Zones,
    agenda: BTreeMap<(DateTime<Utc>, usize), Due>,
    counter: usize,
    down: BTreeMap<&'static str, usize>,
    off_until: Option<DateTime<Utc>>,
    kill: Option<Kill>,
    kill_send: Option<u32>,
    reloaded: Reloaded,
    pub ids: BTreeMap<usize, String>,
    pub sends: BTreeMap<usize, Sent>,
    /// Which handoffs Rita got by command, and when.
    pub reassigned: BTreeMap<usize, DateTime<Utc>>,
    pub happened: Vec<Happened>,
    pub passes: Vec<Pass>,
    /// Kind, key and handoff of every mail that the outbox ever had, by its id.
    known: BTreeMap<String, (String, String, Option<usize>)>,
    /// How many mails had left when the outbox was last looked at.
    looked_at: usize,
    /// When a configuration without Morgan took effect.
    pub removed: Option<DateTime<Utc>>,
    pub restored: Option<DateTime<Utc>>,
    pub backed_up: Option<DateTime<Utc>>,
    /// Every configuration, and since when it holds.
    pub reloads: Vec<(DateTime<Utc>, Reloaded)>,
    /// When which account's mailbox could not be reached.
    pub outages: Vec<(&'static str, DateTime<Utc>, DateTime<Utc>)>,
    pub log: Vec<String>,
}

impl<'p> World<'p> {
    async fn set(plan: &'p Plan) -> Self {
        let truth = Clock::standing_at(plan.begins);
        let stamps = truth.clone();
        let sandbox = Sandbox::start(Arc::new(move || stamps.now())).await.unwrap();
        for who in cast::COLLEAGUES.into_iter().chain(cast::prospects()) {
            let habit = match who {
                cast::DANA => plan.sdr_habit,
                cast::CALVIN => plan.ae_habit,
                _ => Habit::Plain,
            };
            let habits = match habit {
                Habit::Plain => ProviderHabits::default(),
                Habit::Gmail => ProviderHabits::gmail(),
                Habit::Microsoft => ProviderHabits::microsoft(),
            };
            sandbox.add_user_with(who, PASSWORD, habits);
            sandbox.add_folder(who, "Customers");
            for (folder, number) in ["INBOX", "\\Sent"]
                .iter()
                .flat_map(|folder| (0..OLD_MAILS).map(move |number| (folder, number)))
            {
                let at = plan.begins - TimeDelta::days(20);
                let mail = format!(
                    "From: Pat Moss <{}>\nTo: {who}\nSubject: Old\nMessage-ID: <old-{number}-{folder}@vendor.example>\n\nOld.\n",
                    cast::PAT
                );
                sandbox.append(who, folder, mail.as_bytes(), &[], at).unwrap();
            }
        }
        // Thousands of transactions: in memory, where that can be had.
        let dir = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        fs::write(dir.path().join("password"), PASSWORD).unwrap();
        let mut world = Self {
            plan,
            sandbox,
            clock: Clock::standing_at(plan.begins),
            truth,
            app: None,
            dir,
            zones: Zones::built_in(),
            agenda: BTreeMap::new(),
            counter: 0,
            down: BTreeMap::new(),
            off_until: None,
            kill: None,
            kill_send: None,
            reloaded: Reloaded::default(),
            ids: BTreeMap::new(),
            sends: BTreeMap::new(),
            reassigned: BTreeMap::new(),
            happened: Vec::new(),
            passes: Vec::new(),
            known: BTreeMap::new(),
            looked_at: 0,
            removed: None,
            restored: None,
            backed_up: None,
            reloads: Vec::new(),
            outages: Vec::new(),
            log: Vec::new(),
        };
        world.start();
        world
    }

    fn database(&self) -> PathBuf {
        self.dir.path().join("baton.db")
    }

    /// The process begins, on the configuration as it is now.
    fn start(&mut self) {
        self.app = None;
        let path = self.dir.path().join("baton.toml");
        let text =
            cast::configuration(self.plan, self.reloaded, self.sandbox.imap_port(), self.sandbox.smtp_port());
        fs::write(&path, &text).unwrap();
        let surroundings = Surroundings { zones: &self.zones, machine: utc() };
        let config =
            config::load(&path, &surroundings).unwrap_or_else(|faults| panic!("{faults:#?}\n{text}"));
        let mut app = setup::build_app(&config, self.clock.clone(), self.zones.clone()).unwrap();
        app.default_zone = utc();
        app.at_once = 1;
        self.app = Some(Arc::new(app));
        self.reach();
    }

    fn app(&self) -> Arc<App> {
        Arc::clone(self.app.as_ref().expect("it runs"))
    }

    /// Puts every server where it can be reached, or where it cannot.
    fn reach(&mut self) {
        let (imap, smtp) = (self.sandbox.imap_port(), self.sandbox.smtp_port());
        let down: Vec<&str> = self.down.keys().copied().collect();
        let app = Arc::get_mut(self.app.as_mut().expect("it runs")).expect("nothing runs between two passes");
        for account in app.accounts.values_mut() {
            let is_down = |name: &str| down.contains(&name);
            account.imap.port = if is_down(&account.name) { NOBODYS_PORT } else { imap };
            account.smtp.port = if is_down("smtp") { NOBODYS_PORT } else { smtp };
        }
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        self.truth.now()
    }

    fn due(&mut self, at: DateTime<Utc>, what: Due) {
        self.counter += 1;
        self.agenda.insert((at, self.counter), what);
    }

    fn note(&mut self, text: impl std::fmt::Display) {
        let line = format!("{} {text}", self.now().format("%a %d %H:%M:%S"));
        self.log.push(line);
    }

    fn advance(&mut self, to: DateTime<Utc>) {
        let by = (to - self.truth.now()).max(TimeDelta::zero());
        self.truth.advance_to(self.truth.now() + by);
        self.clock.advance_to(self.clock.now() + by);
    }

    async fn wake(&mut self) -> Option<DateTime<Utc>> {
        if self.off_until.is_some() {
            return None;
        }
        let app = self.app();
        let wake = app
            .write(|app, tx| {
                let global_wake = reconcile_global_outbox(app, tx, app.now())?;
                Ok([global_wake, tx.next_wake()?, tx.next_sending()?].into_iter().flatten().min())
            })
            .await
            .unwrap();
        let behind = self.truth.now() - app.now();
        drop(app);
        let wake = wake.map(|at| at + behind);
        let has_failed =
            self.passes.last().is_some_and(|pass| pass.failed.as_ref().is_none_or(|some| !some.is_empty()));
        let retry = has_failed.then(|| self.now() + RETRY);
        // What could not leave in a pass that failed waits for the next one.
        let wake = wake.filter(|at| *at > self.now() || !has_failed);
        [wake, retry].into_iter().flatten().min().map(|at| at.max(self.now() + TimeDelta::seconds(1)))
    }

    /// Lets time pass until `ends`, with what is to happen and a pass whenever the agent would wake.
    async fn run(&mut self, ends: DateTime<Utc>) -> Result<(), String> {
        loop {
            let act = self.agenda.first_key_value().map(|((at, _), _)| *at);
            let wake = self.wake().await;
            let next = [act, wake, Some(ends)].into_iter().flatten().min().unwrap_or(ends);
            self.advance(next);
            let mut is_news = wake == Some(next);
            while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= next) {
                let what = entry.remove();
                is_news |= self.carry_out(what).await;
            }
            if self.off_until.is_none() && (is_news || next == ends) {
                self.pass().await?;
            }
            if next >= ends {
                return Ok(());
            }
        }
    }

    /// Whether there is something for a pass to see.
    async fn carry_out(&mut self, what: Due) -> bool {
        match what {
            Due::Act(place) => {
                let plan = self.plan;
                match &plan.steps[place].what {
                    Act::HandOver(number) => self.hand_over(*number).await,
                    Act::Resend(number) => self.resend(*number).await,
                    Act::Reassign(number) => self.reassign(*number).await,
                    Act::Write(letter) => self.write(letter).await,
                    Act::Fault(fault) => return self.fault(fault.clone()).await,
                }
            }
            Due::Show { letter, copy, raw } => self.show(letter, copy, &raw),
            Due::OutageEnds(account) => {
                if let Some(count) = self.down.get_mut(account) {
                    *count -= 1;
                    if *count == 0 {
                        self.down.remove(account);
                    }
                }
                self.note(format_args!("{account} can be reached again"));
                self.reach();
            }
            Due::PasswordEnds(who) => self.sandbox.set_password(who, PASSWORD),
            Due::ClockEnds => {
                self.clock.set(self.truth.now());
                self.clock.say_synchronised(true);
                self.note("the clock is put right");
            }
            Due::BackOn => {
                if self.off_until.is_some_and(|until| until <= self.now()) {
                    self.off_until = None;
                    self.note("the machine is on again");
                    self.start();
                }
            }
        }
        true
    }

    async fn hand_over(&mut self, number: usize) {
        if self.off_until.is_some() || self.clock.now() != self.truth.now() {
            self.sends.insert(number, Sent::Never);
            return;
        }
        let planned = &self.plan.handoffs[number];
        let text = cast::record(number, planned.prospects, planned.meeting);
        let app = self.app();
        let context = ParseContext {
            people: &app.policy.people,
            zones: &app.zones,
            now: app.now(),
            extra_conditions: &[],
            path: "the record",
        };
        let record = parse(&text, &context).unwrap_or_else(|faults| panic!("{faults:#?}\n{text}")).record;
        let asked = send::commit(&app, record, text, false).await.unwrap().expect("no duplicate");
        drop(app);
        self.ids.insert(number, asked.handoff.clone());
        let outcome = self.deliver(&asked).await;
        let (sent, told) = match &outcome {
            None => (Sent::Stands, "killed"),
            Some(SendOutcome::Sent(_)) => (Sent::Stands, "sent"),
            Some(SendOutcome::Deferred { .. }) => (Sent::Stands, "deferred"),
            Some(SendOutcome::Uncertain { .. }) => (Sent::Stands, "uncertain"),
            Some(SendOutcome::Waiting { .. }) => (Sent::Stands, "waiting"),
            Some(SendOutcome::Refused { .. }) => (Sent::TakenBack, "refused"),
        };
        self.sends.insert(number, sent);
        self.note(format_args!("handoff {number} is sent: {told}"));
        if outcome.is_none() {
            self.start();
        }
        self.look_at_outbox().await;
    }

    /// Delivers an intro as a command does. `None`: it was killed.
    async fn deliver(&mut self, asked: &PendingIntro) -> Option<SendOutcome> {
        let app = self.app();
        match self.kill_send.take() {
            None => Some(send::carry_out(&app, asked).await.unwrap()),
            Some(steps) => {
                let sends = pin!(send::carry_out(&app, asked));
                tokio::select! {
                    biased;
                    () = self.sandbox.interrupted_after(steps) => None,
                    outcome = sends => Some(outcome.unwrap()),
                }
            }
        }
    }

    /// The handoff, where a command about it can be given now.
    fn commanded(&self, number: usize) -> Option<String> {
        let is_possible = self.off_until.is_none()
            && self.clock.now() == self.truth.now()
            && self.sends.get(&number) == Some(&Sent::Stands);
        self.ids.get(&number).filter(|_| is_possible).cloned()
    }

    async fn is_open(&self, id: &str) -> bool {
        let id = id.to_owned();
        let judged = self.app().read(move |app, tx| judged(tx, &app.policy, &id, app.now())).await.unwrap();
        judged.is_some_and(|judged| judged.judgement.open)
    }

    async fn resend(&mut self, number: usize) {
        let Some(id) = self.commanded(number) else { return };
        if !self.is_open(&id).await {
            return;
        }
        let app = self.app();
        let asked = send::commit_again(&app, &id, None).await.unwrap();
        drop(app);
        let outcome = self.deliver(&asked).await;
        self.note(format_args!("handoff {number} is sent again: {outcome:?}"));
        if outcome.is_none() {
            self.start();
        }
        self.look_at_outbox().await;
    }

    async fn reassign(&mut self, number: usize) {
        let Some(id) = self.commanded(number) else { return };
        if !self.is_open(&id).await {
            return;
        }
        let app = self.app();
        let says = StatementKind::Reassigned { ae: cast::name_of(cast::RITA).to_owned() };
        statement::record_statement(&app, &id, "Calvin has too much", says).await.unwrap();
        drop(app);
        self.reassigned.insert(number, self.now());
        self.note(format_args!("Rita has handoff {number}"));
        self.look_at_outbox().await;
    }

    /// What a letter answers, as it lies in somebody's mailbox; `None`: there is no such mail yet.
    fn answered(&self, letter: &Letter) -> Option<(Answered, Option<usize>)> {
        let (_, first, second) = cast::COMPANIES[letter.handoff];
        let newest = |who: &str, kind: &str| {
            let mails = self.sandbox.mailbox(who, "INBOX");
            let found = mails.into_iter().rev().find(|mail| {
                let id = original_id(&mail.raw);
                self.known.get(&id).is_some_and(|(one, _, of)| one == kind && *of == Some(letter.handoff))
            });
            found.map(|mail| Answered::of(&mail.raw, mail.internal_date))
        };
        match &letter.kind {
            kind if kind.answers_nothing() => None,
            Kind::SaysSend { .. } | Kind::Corrects => {
                let mails = self.sandbox.mailbox(cast::DANA, "INBOX");
                let offer = mails.into_iter().rev().find(|mail| {
                    let of = Answered::of(&mail.raw, mail.internal_date);
                    let is_offer = self
                        .known
                        .get(&original_id(&mail.raw))
                        .is_some_and(|(kind, ..)| kind == "record-ready");
                    is_offer && of.text.contains(first.1)
                });
                offer.map(|mail| (Answered::of(&mail.raw, mail.internal_date), None))
            }
            Kind::Says { by: cast::MORGAN, .. } => newest(cast::MORGAN, "escalation").map(|of| (of, None)),
            Kind::Says { by, .. } => newest(by, "record").map(|of| (of, None)),
            Kind::Accepts => newest(cast::CALVIN, "record").map(|of| (of, None)),
            Kind::SaysDone => newest(cast::CALVIN, "reminder")
                .or_else(|| newest(cast::CALVIN, "record"))
                .map(|of| (of, None)),
            Kind::Feedback => newest(cast::CALVIN, "feedback-request").map(|of| (of, None)),
            Kind::TouchBounces => {
                let place = self.happened.iter().rposition(|one| {
                    one.letter.handoff == letter.handoff && matches!(one.letter.kind, Kind::Touch { .. })
                })?;
                let touch = &self.happened[place];
                let raw = self.raw_of(&touch.id)?;
                Some((Answered::of(&raw, touch.at), Some(place)))
            }
            _ => newest(first.1, "intro").or_else(|| newest(second.1, "intro")).map(|of| (of, None)),
        }
    }

    /// A letter as its author wrote it.
    fn raw_of(&self, id: &str) -> Option<Vec<u8>> {
        [(cast::CALVIN, "\\Sent"), (cast::DANA, "INBOX"), (cast::DANA, "Customers")]
            .iter()
            .flat_map(|(who, folder)| self.sandbox.mailbox(who, folder))
            .find(|mail| String::from_utf8_lossy(&mail.raw).contains(id))
            .map(|mail| mail.raw.to_vec())
    }

    async fn write(&mut self, letter: &Letter) {
        let answered = self.answered(letter);
        let lacks_handoff =
            !letter.kind.needs_no_handoff() && self.sends.get(&letter.handoff) != Some(&Sent::Stands);
        // Whose first invitation found no handoff has none to move or to call off.
        let lacks_first =
            matches!(letter.kind, Kind::Invitation(Invitation::Moved { .. } | Invitation::Cancelled))
                && !self.happened.iter().any(|one| {
                    one.letter.handoff == letter.handoff
                        && one.letter.kind == Kind::Invitation(Invitation::First)
                });
        if answered.is_none() && !letter.kind.answers_nothing() || lacks_handoff || lacks_first {
            self.note(format_args!("{:?} has nothing to answer", letter.kind));
            return;
        }
        let now = self.now();
        let (of, about) = answered.map_or((None, None), |(of, about)| (Some(of), about));
        let written = letters::compose(self.plan, letter, now, of.as_ref());
        self.note(format_args!("handoff {}: {:?}", letter.handoff, letter.kind));
        let place = self.happened.len();
        self.happened.push(Happened {
            letter: letter.clone(),
            id: written.id,
            at: now,
            copies: Vec::new(),
            about,
        });
        for (copy, one) in letter.copies.iter().enumerate() {
            if one.shown_after.is_zero() {
                self.show(place, copy, &written.raw);
            } else {
                self.due(now + one.shown_after, Due::Show { letter: place, copy, raw: written.raw.clone() });
            }
        }
    }

    fn show(&mut self, letter: usize, copy: usize, raw: &str) {
        let now = self.now();
        let happened = &self.happened[letter];
        let planned = happened.letter.copies[copy].clone();
        let written = happened.at;
        let internal = if planned.stamped_late && planned.place != Place::Inbox { now } else { written };
        let is_forged = happened.letter.kind.is_forged();
        let author = letters::author(&happened.letter.kind, cast::COMPANIES[happened.letter.handoff].1.1);
        let (folder, flags): (&str, &[&str]) = match planned.place {
            Place::Inbox => ("INBOX", &[]),
            Place::Sent => ("\\Sent", &["\\Seen"]),
            Place::Filed => ("Customers", &[]),
            Place::Drafts => ("\\Drafts", &["\\Draft"]),
        };
        let bytes = match planned.place {
            Place::Inbox | Place::Filed => letters::received(raw, author, planned.who, written, is_forged),
            Place::Sent | Place::Drafts => raw.to_owned(),
        };
        self.sandbox.append(planned.who, folder, bytes.as_bytes(), flags, internal).unwrap();
        let shown = ShownCopy { who: planned.who, place: planned.place, shown: now, internal };
        self.happened[letter].copies.push(shown);
        self.note(format_args!("a copy of {letter} shows in {}/{:?}", planned.who, planned.place));
    }

    async fn fault(&mut self, fault: Fault) -> bool {
        self.note(format_args!("{fault:?}"));
        let now = self.now();
        match fault {
            // What waits for the agent's next pass is no reason for one.
            Fault::Smtp(fault) => {
                self.sandbox.smtp_fault(fault);
                return false;
            }
            Fault::Recipient { who, answer, times } => {
                self.sandbox.refuse_recipient(who, answer, times);
                return false;
            }
            Fault::Imap(command, fault) => {
                self.sandbox.imap_fault(command, fault);
                return false;
            }
            Fault::Outage { account, lasts } => {
                *self.down.entry(account).or_default() += 1;
                self.outages.push((account, now, now + lasts));
                self.due(now + lasts, Due::OutageEnds(account));
                if self.off_until.is_none() {
                    self.reach();
                }
            }
            Fault::Password { who, lasts } => {
                self.sandbox.set_password(who, "another");
                self.due(now + lasts, Due::PasswordEnds(who));
            }
            Fault::Off { lasts } => {
                self.off_until = Some(self.off_until.unwrap_or(now).max(now + lasts));
                self.due(now + lasts, Due::BackOn);
                return false;
            }
            Fault::KillAtStep(steps) => {
                self.kill = Some(Kill::Steps(steps));
                return false;
            }
            Fault::KillAtAcceptance => {
                self.kill = Some(Kill::Acceptance);
                return false;
            }
            Fault::KillAtStatement(statements) => {
                self.kill = Some(Kill::Statements(statements));
                return false;
            }
            Fault::KillSend(steps) => {
                self.kill_send = Some(steps);
                return false;
            }
            // More may come before anybody reads it again.
            Fault::Renumber { who, folder, order } => {
                match order {
                    Order::WithoutOldest => {
                        let mails = self.sandbox.mailbox(who, folder);
                        let old = mails.iter().filter(|mail| mail.internal_date < self.plan.begins).count();
                        self.sandbox.recreate(who, folder, old)
                    }
                    Order::NewestFirst => self.sandbox.recreate_newest_first(who, folder),
                }
                .unwrap_or_default();
                return false;
            }
            Fault::TakeBack { who, folder, count } => {
                // What nobody has read would be lost to everybody.
                let is_read = self.off_until.is_none() && self.down.is_empty() && self.pass().await.is_ok();
                let clean =
                    self.passes.last().is_some_and(|pass| pass.failed.as_ref().is_some_and(Vec::is_empty));
                if is_read && clean {
                    self.sandbox.take_back(who, folder, count).unwrap_or_default();
                }
            }
            Fault::BackUp if self.off_until.is_none() => {
                self.app = None;
                self.backed_up = Some(now);
                fs::copy(self.database(), self.dir.path().join("aside.db")).unwrap();
                self.start();
            }
            Fault::Restore if self.off_until.is_none() => {
                let aside = self.dir.path().join("aside.db");
                if !aside.exists() {
                    return false;
                }
                self.app = None;
                for end in ["-wal", "-shm"] {
                    let _ = fs::remove_file(self.dir.path().join(format!("baton.db{end}")));
                }
                fs::copy(aside, self.database()).unwrap();
                self.restored = Some(now);
                self.start();
            }
            Fault::BackUp | Fault::Restore => return false,
            Fault::Clock { ahead, lasts } => {
                self.clock.set(self.truth.now() + ahead);
                self.due(now + lasts, Due::ClockEnds);
            }
            Fault::Reload(reloaded) => {
                self.reloaded = reloaded;
                self.reloads.push((now, reloaded));
                self.removed = if reloaded.other_manager { self.removed.or(Some(now)) } else { None };
                if self.off_until.is_none() {
                    self.start();
                }
            }
        }
        true
    }

    /// One pass of the agent, which may be killed in it.
    async fn pass(&mut self) -> Result<(), String> {
        if self.passes.len() > MOST_PASSES {
            let last: Vec<String> =
                self.passes.iter().rev().take(3).map(|pass| pass.at.to_string()).collect();
            return Err(format!("the agent does not come to rest, last at {}", last.join(", ")));
        }
        let at = self.now();
        let app = self.app();
        let LockOutcome::Ours(lock) = app.store.lock().unwrap() else {
            return Err("somebody holds the lock".to_owned());
        };
        let kill = self.kill.take();
        let waits_for_mail = matches!(kill, Some(Kill::Acceptance));
        let mut is_spent = false;
        let outcome = {
            let mut pass = pin!(run_once(&app));
            match kill {
                None => Some(pass.await),
                Some(Kill::Steps(steps)) => tokio::select! {
                    biased;
                    () = self.sandbox.interrupted_after(steps) => None,
                    outcome = pass => Some(outcome),
                },
                Some(Kill::Acceptance) => {
                    let before = self.sandbox.all_delivered().len();
                    let outcome = std::future::poll_fn(|context| {
                        if self.sandbox.all_delivered().len() > before {
                            return Poll::Ready(None);
                        }
                        pass.as_mut().poll(context).map(Some)
                    })
                    .await;
                    is_spent = outcome.is_none();
                    outcome
                }
                Some(Kill::Statements(count)) => {
                    let begun = WorkDone::now();
                    std::future::poll_fn(|context| {
                        if WorkDone::now().since(begun).statements >= count {
                            return Poll::Ready(None);
                        }
                        pass.as_mut().poll(context).map(Some)
                    })
                    .await
                }
            }
        };
        drop(lock);
        drop(app);
        if waits_for_mail && !is_spent {
            self.kill = Some(Kill::Acceptance);
        }
        let failed = match outcome {
            None => {
                self.note("killed");
                self.start();
                None
            }
            Some(Ok(failures)) => Some(failures.into_keys().collect()),
            Some(Err(error)) => return Err(format!("a pass failed: {error:?}")),
        };
        let is_killed = failed.is_none();
        self.passes.push(Pass { at, failed });
        self.look_at_outbox().await;
        if is_killed {
            // It is started again at once.
            return Box::pin(self.pass()).await;
        }
        Ok(())
    }

    pub(crate) async fn rows(&self) -> Vec<OutboxRow> {
        self.app()
            .read(|_, tx| {
                let mut rows = tx.outbox(&Scope::Global)?;
                rows.extend(tx.outbox(&Scope::Letter)?);
                for stored in tx.handoffs()? {
                    rows.extend(tx.outbox(&Scope::Handoff(stored.handoff.id))?);
                }
                Ok(rows)
            })
            .await
            .unwrap()
    }

    async fn look_at_outbox(&mut self) {
        self.look_for_handoffs_by_mail().await;
        // What has left is all that anybody asks about.
        let left = self.sandbox.all_delivered().len();
        if std::mem::replace(&mut self.looked_at, left) == left {
            return;
        }
        for row in self.rows().await {
            let number = self.ids.iter().find(|(_, id)| *id == row.scope_name());
            // The number of a letter is one database's alone, the token of its answer that of every copy.
            let about = if row.scope == Scope::Letter { row.token.clone() } else { row.key.about.clone() };
            let known = (row.key.kind.name().to_owned(), about, number.map(|(number, _)| *number));
            self.known.insert(row.message_id.as_str().to_owned(), known);
        }
    }

    /// What came of letters that hand off.
    async fn look_for_handoffs_by_mail(&mut self) {
        if self.plan.handoffs.iter().all(|planned| !planned.by_mail) {
            return;
        }
        let stored = self.app().read(|_, tx| tx.handoffs()).await.unwrap();
        for (number, _) in self.plan.handoffs.iter().enumerate().filter(|(_, planned)| planned.by_mail) {
            let company = cast::COMPANIES[number].0;
            let found = stored.iter().rev().find(|one| one.handoff.record.company == company);
            match found {
                Some(one) => {
                    self.ids.insert(number, one.handoff.id.clone());
                    self.sends.insert(number, Sent::Stands);
                }
                None if self.sends.contains_key(&number) && self.restored.is_none() => {
                    self.sends.insert(number, Sent::TakenBack);
                }
                None => {}
            }
        }
    }

    /// When letters were read, by handoff, that gave one to another AE and were read long after they were written.
    pub(crate) async fn read_late(&self) -> BTreeMap<usize, DateTime<Utc>> {
        let mut late = BTreeMap::new();
        for (number, id) in self.ids.clone() {
            let facts = self.app().read(move |_, tx| tx.facts(&id)).await.unwrap();
            // What is noted once more was found to have been read before.
            let mut read = BTreeMap::new();
            for fact in facts {
                if let FactKind::Said(Statement { says: StatementKind::Reassigned { .. }, read_at, .. }) =
                    fact.what
                {
                    let first = read.entry(fact.at).or_insert(DateTime::<Utc>::MAX_UTC);
                    *first = read_at.unwrap_or(fact.at).min(*first);
                }
            }
            let read = read.into_iter().find_map(|(at, read)| (read > at).then_some(read));
            late.extend(read.map(|read| (number, read)));
        }
        late
    }

    /// baton's mails in the order in which servers took them. What left again for those alone whom a server had not taken
    /// it for is one mail.
    pub(crate) fn left(&self) -> Vec<Left> {
        let mut mails: Vec<Left> = Vec::new();
        for mail in self.taken() {
            let of = mails.iter_mut().find(|one| {
                one.id == mail.id && one.kind != "intro" && !one.to.iter().any(|to| mail.to.contains(to))
            });
            match of {
                Some(first) => first.to.extend(mail.to),
                None => mails.push(mail),
            }
        }
        mails
    }

    fn taken(&self) -> Vec<Left> {
        let all = self.sandbox.all_delivered().into_iter();
        all.map(|accepted| {
            let id = original_id(&accepted.raw);
            let (kind, about, handoff) =
                self.known.get(&id).cloned().unwrap_or_else(|| ("unknown".to_owned(), String::new(), None));
            // The number of an outage is one database's alone, too.
            let about = if kind == "can-see" { outage_in(&accepted.raw) } else { about };
            let is_answer = ["record-ready", "record-faults", "send-failed", "done"].contains(&kind.as_str());
            let company = is_answer.then(|| company_in(&accepted.raw)).flatten();
            Left {
                company,
                at: accepted.at,
                id,
                kind,
                about,
                handoff,
                login: accepted.login.unwrap_or_default(),
                to: accepted.to,
            }
        })
        .collect()
    }

    /// Whether a mail of baton's says what this line of a record does.
    pub(crate) fn holds(&self, mail: &Left, line: &str) -> bool {
        let words = line.split_once(": ").map_or(line, |(_, words)| words);
        self.sandbox.all_delivered().iter().any(|accepted| {
            original_id(&accepted.raw) == mail.id
                && Answered::of(&accepted.raw, accepted.at).text.contains(words)
        })
    }

    pub(crate) fn running(&self) -> Arc<App> {
        self.app()
    }

    /// Everything that went wrong is over: the agent has all the time that it needs.
    async fn recover(&mut self) -> Result<(), String> {
        self.agenda.retain(|_, due| matches!(due, Due::Show { .. }));
        for ((_, _), due) in std::mem::take(&mut self.agenda) {
            self.carry_out(due).await;
        }
        self.note("everything is put right");
        self.down.clear();
        let now = self.now();
        self.outages.iter_mut().for_each(|(_, _, to)| *to = (*to).min(now));
        for (_, who) in faults::accounts(self.plan) {
            self.sandbox.set_password(who, PASSWORD);
        }
        (self.kill, self.kill_send, self.off_until) = (None, None, None);
        self.sandbox.clear_faults();
        self.clock.set(self.truth.now());
        self.clock.say_synchronised(true);
        self.start();
        self.pass().await?;
        let until = self.now() + TimeDelta::hours(33);
        self.run(until).await
    }
}

/// The id that the author gave, also where the provider put another in its place.
fn original_id(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let header = text.split("\r\n\r\n").next().unwrap_or_default();
    let field = |name: &str| {
        let found = header.lines().find_map(|line| line.strip_prefix(name));
        found.map(|value| value.trim().trim_matches(['<', '>']).to_owned())
    };
    field("X-Microsoft-Original-Message-ID:").or_else(|| field("Message-ID:")).unwrap_or_default()
}

/// Which mailbox could not be read, and since when.
fn outage_in(raw: &[u8]) -> String {
    let Answered { subject, text, .. } = Answered::of(raw, DateTime::UNIX_EPOCH);
    let since = text.split_once(" from ").and_then(|(_, rest)| rest.split_once(" to "));
    format!("{subject} {}", since.map_or("", |(since, _)| since))
}

/// The handoff whose prospect or company a mail names.
fn company_in(raw: &[u8]) -> Option<usize> {
    let Answered { subject, text, .. } = Answered::of(raw, DateTime::UNIX_EPOCH);
    let position = |named: &str| {
        cast::COMPANIES
            .iter()
            .position(|(company, first, _)| named.contains(first.1) || named.contains(company))
    };
    // The text may quote another's.
    position(&subject).or_else(|| position(&text))
}

/// Plays the plan to its end. `Err`: it could not be played to its end.
pub(crate) async fn play(plan: &Plan) -> (World<'_>, Result<(), String>) {
    let mut world = World::set(plan).await;
    let outcome = world.play().await;
    (world, outcome)
}

impl World<'_> {
    async fn play(&mut self) -> Result<(), String> {
        // The agent runs before anything happens: folders are read from here on.
        self.pass().await?;
        for (place, step) in self.plan.steps.iter().enumerate() {
            self.due(step.at, Due::Act(place));
        }
        self.run(self.plan.ends).await?;
        self.recover().await?;
        let before = self.sandbox.all_delivered().len();
        self.pass().await?;
        let more: Vec<String> = self.left().into_iter().skip(before).map(|mail| mail.kind).collect();
        if self.sandbox.all_delivered().len() != before {
            return Err(format!("another pass, with nothing new, brings mail: {}", more.join(", ")));
        }
        Ok(())
    }

    pub(crate) async fn unsettled(&self) -> Vec<OutboxRow> {
        let rows = self.rows().await;
        rows.into_iter().filter(|row| row.state != OutboxState::Sent).collect()
    }
}
