//! The stage of the week: mail servers inside the process, the agent as it is, and a clock that goes from one
//! thing that happens to the next: what people do, and what baton waits for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use baton::agent::app::App;
use baton::agent::global::wanted_global;
use baton::agent::setup;
use baton::clock::{Clock, Zones, utc};
use baton::config::{self, Surroundings};
use baton::sandbox::{ProviderHabits, Sandbox};
use baton::store::OutboxState;

use super::agent::Agent;
use super::cast::{self, PASSWORD, PEOPLE, address, key_of, listed};
use super::people::Run;
use super::proxy::Proxy;
use super::story::{Do, Story};

pub(crate) struct Stage {
    pub sandbox: Sandbox,
    pub app: Arc<App>,
    pub clock: Clock,
    /// Between baton and Rita's mailbox.
    pub proxy: Proxy,
    /// Accounts that cannot be read now, on purpose.
    pub down: BTreeSet<&'static str>,
    /// Every mail that people wrote and where a copy of it lies: address, folder, id.
    pub ledger: Vec<(String, &'static str, String)>,
    pub runs: BTreeMap<&'static str, Run>,
    pub letters: usize,
    agent: Agent,
}

impl Stage {
    pub(crate) async fn set(dir: &Path, begins: DateTime<Utc>, stories: &[&'static Story]) -> Self {
        let clock = Clock::standing_at(begins);
        let reading = clock.clone();
        let sandbox = Sandbox::start(Arc::new(move || reading.now())).await.unwrap();
        add_users(&sandbox, stories);
        let proxy = Proxy::to(sandbox.imap_port());
        let path = dir.join("baton.toml");
        let text = cast::configuration(sandbox.imap_port(), proxy.port, sandbox.smtp_port());
        std::fs::write(&path, text).unwrap();
        std::fs::write(dir.join("password"), PASSWORD).unwrap();
        let zones = Zones::built_in();
        let surroundings = Surroundings { zones: &zones, machine: utc() };
        let config = config::load(&path, &surroundings).unwrap();
        let app = Arc::new(setup::build_app(&config, clock.clone(), zones.clone()).unwrap());
        let runs = stories.iter().map(|story| (story.company, Run::of(story))).collect();
        Self {
            sandbox,
            app,
            clock,
            proxy,
            down: BTreeSet::new(),
            ledger: Vec::new(),
            runs,
            letters: 0,
            agent: Agent::default(),
        }
    }

    /// Plays all stories at the same time, until `ends`.
    pub(crate) async fn play(&mut self, stories: &[&'static Story], ends: DateTime<Utc>) {
        let mut acts: Vec<(DateTime<Utc>, &'static Story, &'static Do)> = Vec::new();
        for story in stories {
            let zone = cast::zone_of(story.ae);
            let mut before = None;
            for (when, what) in story.steps {
                let at = cast::instant(when, zone.as_ref());
                assert!(before <= Some(at), "{}: {when} stands too late", story.company);
                before = Some(at);
                if !matches!(what, Do::Mail(..)) {
                    acts.push((at, story, what));
                }
            }
        }
        acts.sort_by_key(|(at, ..)| *at);
        let mut acts = acts.into_iter().peekable();
        loop {
            let act = acts.peek().map(|(at, ..)| *at);
            let next = [act, self.wake().await, Some(ends)].into_iter().flatten().min().unwrap_or(ends);
            self.clock.advance_to(next);
            while let Some((_, story, what)) = acts.next_if(|(at, ..)| *at == next) {
                self.act(story, what).await;
            }
            self.agent.pass(&self.app, &self.sandbox, &self.down).await;
            if next == ends {
                assert!(acts.peek().is_none(), "the week ends too early");
                return;
            }
        }
    }

    /// The machine was off until then.
    pub(crate) async fn wake_up_at(&mut self, at: DateTime<Utc>) {
        self.clock.advance_to(at);
        self.agent = Agent::default();
        self.agent.pass(&self.app, &self.sandbox, &self.down).await;
    }

    /// When the agent would look again by itself.
    async fn wake(&self) -> Option<DateTime<Utc>> {
        let found = self.app.read(|app, tx| {
            let now = app.now();
            let queued = tx.in_state(OutboxState::Queued)?;
            let sending =
                queued.iter().map(|row| row.not_before.unwrap_or(row.next_attempt).max(row.next_attempt));
            let global_wake = wanted_global(app, tx, now)?.wake;
            Ok([tx.next_wake()?, global_wake, sending.min()].into_iter().flatten().min())
        });
        // A wake that has come and gone would hold the week up; it looks again a second later.
        found.await.unwrap().map(|wake| wake.max(self.clock.now() + TimeDelta::seconds(1)))
    }
}

/// Everybody has a mailbox: colleagues, prospects, and anyone else who writes or is written to.
fn add_users(sandbox: &Sandbox, stories: &[&'static Story]) {
    for person in &PEOPLE {
        let habits = match person.key {
            "ben" => ProviderHabits::gmail(),
            "priya" => ProviderHabits::microsoft(),
            _ => ProviderHabits::default(),
        };
        sandbox.add_user_with(&address(person.key, ""), PASSWORD, habits);
    }
    for other in cast::OTHERS {
        sandbox.add_user(other, PASSWORD);
    }
    for story in stories {
        let mut all: BTreeSet<String> = BTreeSet::new();
        for name in listed(story.to).into_iter().chain(listed(story.attendees)) {
            all.insert(address(&key_of(name), story.company));
        }
        for (_, what) in story.steps {
            match what {
                Do::ReplyFrom(who, ..) => all.extend([(*who).to_owned()]),
                Do::Resends(name) => all.extend([address(&key_of(name), story.company)]),
                Do::ReplyFiled(by, _, folder, _) => sandbox.add_folder(&address(by, story.company), folder),
                _ => {}
            }
        }
        for one in all {
            sandbox.add_user(&one, PASSWORD);
        }
    }
}
