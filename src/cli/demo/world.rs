//! The stage of the demo: mail servers inside the process, a clock that is set forward from one event to the
//! next, and the same agent as in production.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::DemoError;
use super::calendar::DemoCalendar;
use super::output::{DeliveredMail, StoryEntry};
use super::script::{BEGINS, DemoAction, DemoScene, PASSWORD, PEOPLE, configuration};
use crate::agent::app::App;
use crate::agent::once::run_once;
use crate::agent::send::{carry_out, commit};
use crate::agent::setup;
use crate::agent::turn::judged;
use crate::clock::{Clock, Zones, utc};
use crate::config::{self, Surroundings};
use crate::mail::{ReadOptions, read};
use crate::record::{ParseContext, parse};
use crate::sandbox::Sandbox;
use crate::store::LockOutcome;

/// Everything that the story needs to go on.
pub(crate) struct DemoWorld {
    pub sandbox: Sandbox,
    app: Arc<App>,
    clock: Clock,
    calendar: DemoCalendar,
    delivered: usize,
    seen_events: BTreeSet<String>,
    printed: usize,
}

impl DemoWorld {
    pub(crate) async fn set(dir: &Path, calendar: DemoCalendar) -> Result<Self, DemoError> {
        let clock = Clock::standing_at(calendar.instant(BEGINS));
        let reading = clock.clone();
        let sandbox = Sandbox::start(Arc::new(move || reading.now())).await?;
        for (address, _) in PEOPLE {
            sandbox.add_user(address, PASSWORD);
        }
        let path = dir.join("baton.toml");
        let text = configuration(sandbox.imap_port(), sandbox.smtp_port());
        std::fs::write(&path, text).map_err(|source| DemoError::File { path: path.clone(), source })?;
        let secret = dir.join("password");
        std::fs::write(&secret, PASSWORD).map_err(|source| DemoError::File { path: secret, source })?;
        let zones = Zones::built_in();
        let surroundings = Surroundings { zones: &zones, machine: utc() };
        let config = config::load(&path, &surroundings)
            .map_err(|faults| DemoError::Setup(faults.iter().map(|one| one.message.clone()).collect()))?;
        let app = setup::build_app(&config, clock.clone(), zones.clone())?;
        Ok(Self {
            sandbox,
            app: Arc::new(app),
            clock,
            calendar,
            delivered: 0,
            seen_events: BTreeSet::new(),
            printed: 0,
        })
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Lets time pass until `at`, with a pass of the agent whenever a judgement asks for one. Gives what
    /// happened on the way.
    pub(crate) async fn wait_until(&mut self, at: DateTime<Utc>) -> Result<Vec<StoryEntry>, DemoError> {
        let mut entries = Vec::new();
        loop {
            let next = self.app.read(|_, tx| tx.next_wake()).await?;
            let Some(wake) = next.filter(|wake| *wake < at) else { break };
            // A wake that has come and gone would hold the story up; it looks again a second later.
            let wake = wake.max(self.now() + TimeDelta::seconds(1));
            self.clock.advance_to(wake);
            entries.extend(self.pass().await?);
        }
        self.clock.advance_to(at);
        Ok(entries)
    }

    /// One pass of the agent; gives what it brought about.
    pub(crate) async fn pass(&mut self) -> Result<Vec<StoryEntry>, DemoError> {
        let lock = match self.app.store.lock()? {
            LockOutcome::Ours(lock) => lock,
            _ => return Err(DemoError::Locked),
        };
        let failures = run_once(&self.app).await?;
        drop(lock);
        if let Some((account, error)) = failures.into_iter().next() {
            return Err(DemoError::Pass { account, source: error });
        }
        self.news().await
    }

    /// What has been delivered, and what the stories have gained, since this was last asked.
    async fn news(&mut self) -> Result<Vec<StoryEntry>, DemoError> {
        let mut entries = Vec::new();
        let all = self.sandbox.all_delivered();
        for accepted in all.iter().skip(self.delivered) {
            entries.push(StoryEntry::Mail(DeliveredMail::read(accepted)));
        }
        self.delivered = all.len();
        let stories = self
            .app
            .read(|app, tx| {
                let mut stories = Vec::new();
                for stored in tx.handoffs()? {
                    if let Some(judged) = judged(tx, &app.policy, &stored.handoff.id, app.now())? {
                        stories.push(judged.judgement);
                    }
                }
                Ok(stories)
            })
            .await?;
        for judgement in stories {
            for event in &judgement.story {
                let name = format!("{} {} {} {}", judgement.brief.id, event.at, event.what, event.why);
                let is_letter = event.why.contains(" mail sent to ") || event.what == "intro-accepted";
                if self.seen_events.insert(name) && !is_letter {
                    let company = judgement.record.company.clone();
                    entries.push(StoryEntry::Event { company, event: event.clone() });
                }
            }
        }
        entries.sort_by_key(StoryEntry::order);
        Ok(entries)
    }

    /// Lets a person do something.
    pub(crate) async fn act(&mut self, scene: &DemoScene) -> Result<(), DemoError> {
        match &scene.act {
            DemoAction::HandOver(record) => self.hand_over(&self.calendar.text(record)).await,
            DemoAction::Answer { by, subject, to, cc, words } => {
                self.answer(by, subject, to, cc, &self.calendar.text(words))
            }
        }
    }

    async fn hand_over(&mut self, text: &str) -> Result<(), DemoError> {
        let context = ParseContext {
            people: &self.app.policy.people,
            zones: &self.app.zones,
            now: self.now(),
            extra_conditions: &[],
            path: "the demo's record",
        };
        let parsed = parse(text, &context).map_err(|faults| {
            DemoError::Record(faults.first().map(|one| one.message.clone()).unwrap_or_default())
        })?;
        let asked = commit(&self.app, parsed.record, text.to_owned(), false)
            .await?
            .map_err(|_| DemoError::Record("it was sent before".to_owned()))?;
        carry_out(&self.app, &asked).await?;
        Ok(())
    }

    fn answer(
        &mut self,
        by: &str,
        subject: &str,
        to: &[&str],
        cc: &[&str],
        words: &str,
    ) -> Result<(), DemoError> {
        let mut mail = self.sandbox.mailbox(by, "INBOX");
        mail.extend(self.sandbox.mailbox(by, "\\Sent"));
        let options = ReadOptions::default();
        let newest = mail
            .iter()
            .map(|stored| (stored.internal_date, stored.uid, read(&stored.raw, &options).0))
            .filter(|(_, _, headers)| headers.subject.contains(subject))
            .max_by_key(|(at, uid, _)| (*at, *uid));
        let Some((_, _, original)) = newest else {
            return Err(DemoError::NothingToAnswer { by: by.to_owned(), subject: subject.to_owned() });
        };
        self.printed += 1;
        let now = self.now();
        let mut references: Vec<String> = original.references.iter().map(|id| format!("<{id}>")).collect();
        references.extend(original.id.iter().map(|id| format!("<{id}>")));
        let name = |address: &str| {
            let known = PEOPLE.iter().find(|(one, _)| *one == address).map_or("", |(_, name)| *name);
            format!("{known} <{address}>")
        };
        let list = |people: &[&str]| people.iter().map(|one| name(one)).collect::<Vec<_>>().join(", ");
        let mut raw = format!("From: {}\r\nTo: {}\r\n", name(by), list(to));
        if !cc.is_empty() {
            raw.push_str(&format!("Cc: {}\r\n", list(cc)));
        }
        let domain = by.rsplit('@').next().unwrap_or("example");
        raw.push_str(&format!(
            "Subject: Re: {}\r\nDate: {}\r\nMessage-ID: <letter-{}@{domain}>\r\nIn-Reply-To: {}\r\n\
             References: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n",
            original.base_subject,
            now.to_rfc2822(),
            self.printed,
            references.last().map_or("", String::as_str),
            references.join(" "),
        ));
        let everybody: Vec<&str> = to.iter().chain(cc).copied().collect();
        self.sandbox.submit(by, &everybody, raw.as_bytes())?;
        self.sandbox.append(by, "\\Sent", raw.as_bytes(), &["\\Seen"], now)?;
        Ok(())
    }
}
