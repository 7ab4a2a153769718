//! Mail servers inside the process, a virtual clock, the agent and its store: what a scenario is played on.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use baton::agent::app::App;
use baton::agent::global::reconcile_global_outbox;
use baton::agent::once::run_once;
use baton::agent::send::{self, PendingIntro, SendOutcome};
use baton::agent::setup;
use baton::agent::turn::judged;
use baton::cli::args::{Cli, Verb};
use baton::cli::drafts::{self, DraftsAction, DraftsArgs};
use baton::cli::failure::Failure;
use baton::cli::open::CommandContext;
use baton::cli::{correct, json, send as sending};
use baton::clock::{Clock, Zones, utc};
use baton::config::{self, Surroundings};
use baton::diagnostics::FaultStyle;
use baton::record::{ParseContext, Ticks, parse, print};
use baton::sandbox::{ProviderHabits, Sandbox, SmtpFault};
use baton::store::{LockOutcome, OutboxRow, Scope};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Parser;
use futures::executor::block_on;
use serde_json::Value;
use tempfile::TempDir;

use super::cast::{self, PASSWORD};
use super::format::{Changes, HandOver, OwnTemplate, Refuse};
use super::letter::Original;

/// More passes than any scenario needs: time that does not get on is a fault.
const PASSES: usize = 4000;

pub(crate) struct Stage {
    pub sandbox: Sandbox,
    pub app: Arc<App>,
    pub clock: Clock,
    /// Company and id of every handoff, in order.
    pub handoffs: Vec<(String, String)>,
    /// What people wrote, by name.
    pub letters: BTreeMap<String, Original>,
    /// The ports of servers that nobody reaches now, by account; `smtp` for everybody's submission.
    down: BTreeMap<String, u16>,
    setting: CommandContext,
    dir: TempDir,
}

/// Nobody listens on it: connections are refused.
const NOBODYS_PORT: u16 = 1;

impl Stage {
    pub(crate) async fn set(changes: &Changes, begins: DateTime<Utc>) -> Self {
        let clock = Clock::standing_at(begins);
        let reading = clock.clone();
        let sandbox = Sandbox::start(Arc::new(move || reading.now())).await.expect("servers");
        for address in cast::addresses() {
            let is_microsofts = changes.microsoft.iter().any(|who| cast::address(who) == address);
            let habits = if is_microsofts { ProviderHabits::microsoft() } else { ProviderHabits::default() };
            sandbox.add_user_with(address, PASSWORD, habits);
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("baton.toml");
        let text = cast::configuration(changes, sandbox.imap_port(), sandbox.smtp_port());
        fs::write(&path, &text).unwrap();
        fs::write(dir.path().join("password"), PASSWORD).unwrap();
        let zones = Zones::built_in();
        let surroundings = Surroundings { zones: &zones, machine: utc() };
        let config = config::load(&path, &surroundings)
            .unwrap_or_else(|faults| panic!("the configuration: {faults:#?}\n{text}"));
        let mut app = setup::build_app(&config, clock.clone(), zones.clone()).expect("an app");
        app.default_zone = utc();
        let setting = CommandContext {
            config_flag: Some(path),
            json: false,
            clock: clock.clone(),
            zones,
            style: FaultStyle { colour: false, width: 100 },
        };
        Self {
            sandbox,
            app: Arc::new(app),
            clock,
            handoffs: Vec::new(),
            letters: BTreeMap::new(),
            down: BTreeMap::new(),
            setting,
            dir,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    // Time.

    /// Lets time pass until `at`, with a pass of the agent whenever it would wake.
    pub(crate) async fn wait_until(&self, at: DateTime<Utc>) {
        for _ in 0..PASSES {
            let Some(wake) = self.wake().await.filter(|wake| *wake < at) else {
                self.clock.advance_to(at);
                return;
            };
            self.clock.advance_to(wake.max(self.now() + TimeDelta::seconds(1)));
            self.pass().await;
        }
        panic!("the agent wakes without end before {at}");
    }

    async fn wake(&self) -> Option<DateTime<Utc>> {
        let wake = self
            .app
            .write(|app, tx| {
                let global_wake = reconcile_global_outbox(app, tx, app.now())?;
                Ok([global_wake, tx.next_wake()?, tx.next_sending()?].into_iter().flatten().min())
            })
            .await
            .unwrap();
        // What cannot be reached is tried again all the time.
        let retry = (!self.down.is_empty()).then(|| self.now() + TimeDelta::minutes(5));
        [wake, retry].into_iter().flatten().min()
    }

    /// One full pass of the agent.
    pub(crate) async fn pass(&self) {
        let LockOutcome::Ours(lock) = self.app.store.lock().unwrap() else {
            panic!("somebody holds the lock")
        };
        let failures = run_once(&self.app).await.unwrap();
        drop(lock);
        for (account, error) in failures {
            assert!(self.down.contains_key(&account), "account {account}: {error}");
        }
    }

    pub(crate) fn set_down(&mut self, account: &str, is_down: bool) {
        let app = Arc::get_mut(&mut self.app).expect("nothing runs between two passes");
        let mut found = false;
        for one in app.accounts.values_mut() {
            let server = match account {
                "smtp" => &mut one.smtp,
                name if name == one.name => &mut one.imap,
                _ => continue,
            };
            found = true;
            if is_down {
                let port = std::mem::replace(&mut server.port, NOBODYS_PORT);
                if port != NOBODYS_PORT {
                    self.down.insert(account.to_owned(), port);
                }
            } else if let Some(port) = self.down.get(account) {
                server.port = *port;
            }
        }
        assert!(found, "there is no account `{account}`");
        if !is_down {
            self.down.remove(account);
        }
    }

    pub(crate) fn refuse(&self, refuse: &Refuse) {
        self.sandbox.refuse_recipient(&cast::address(&refuse.who), &refuse.answer, refuse.times);
    }

    pub(crate) fn smtp_fault(&self, name: &str) {
        self.sandbox.smtp_fault(match name {
            "swallow-answer" => SmtpFault::SwallowAck,
            "lose-mail" => SmtpFault::DropAtDot,
            "refuse-mail" => SmtpFault::RefuseMail("550 5.7.1 not wanted here".to_owned()),
            "refuse-login" => SmtpFault::RefuseLogin("535 5.7.8 wrong password".to_owned()),
            _ => panic!("no fault `{name}`"),
        });
    }

    /// The agent goes on with another configuration.
    pub(crate) fn reconfigure(&mut self, changes: &[(String, String)]) {
        let path = self.dir.path().join("baton.toml");
        let mut text = fs::read_to_string(&path).unwrap();
        for (old, new) in changes {
            assert!(text.contains(old.as_str()), "the configuration holds no `{old}`:\n{text}");
            text = text.replace(old.as_str(), new);
        }
        fs::write(&path, &text).unwrap();
        let surroundings = Surroundings { zones: &self.setting.zones, machine: utc() };
        let config = config::load(&path, &surroundings)
            .unwrap_or_else(|faults| panic!("the configuration: {faults:#?}\n{text}"));
        let mut app =
            setup::build_app(&config, self.clock.clone(), self.setting.zones.clone()).expect("an app");
        app.default_zone = utc();
        self.app = Arc::new(app);
    }

    /// Writes templates of the operator's own, which the configuration then names.
    pub(crate) fn write_templates(&mut self, templates: &[OwnTemplate]) {
        let folder = self.dir.path().join("templates");
        let is_named = folder.exists();
        fs::create_dir_all(&folder).unwrap();
        for template in templates {
            let built_in = format!("{}/templates/{}", env!("CARGO_MANIFEST_DIR"), template.name);
            let mut text = fs::read_to_string(built_in).unwrap();
            for (old, new) in &template.replace {
                assert!(text.contains(old.as_str()), "{} holds no `{old}`:\n{text}", template.name);
                text = text.replace(old.as_str(), new);
            }
            fs::write(folder.join(&template.name), text).unwrap();
        }
        let named = [("database =".to_owned(), "templates = \"templates\"\ndatabase =".to_owned())];
        self.reconfigure(if is_named { &[] } else { &named });
    }

    /// What `baton drafts` lists: state and company, the last letter first.
    pub(crate) async fn drafts(&self) -> Vec<String> {
        let listed = drafts::listed(&self.app).await.unwrap();
        let word = |draft: &Value, key: &str| draft[key].as_str().unwrap().to_owned();
        listed.iter().map(|draft| format!("{} {}", word(draft, "state"), word(draft, "company"))).collect()
    }

    pub(crate) async fn drop_draft(&self, company: &str) {
        let listed = drafts::listed(&self.app).await.unwrap();
        let draft = listed.iter().find(|draft| draft["company"] == company).expect("such a draft");
        let id = draft["id"].as_str().unwrap().to_owned();
        let args = DraftsArgs { action: Some(DraftsAction::Drop { id }) };
        drafts::drafts(&self.setting, &args).await.unwrap_or_else(|failure| panic!("{failure:?}"));
    }

    // What people ask baton for.

    pub(crate) async fn hand_over(&mut self, of: &HandOver) {
        let text = cast::record(of);
        let context = ParseContext {
            people: &self.app.policy.people,
            zones: &self.app.zones,
            now: self.now(),
            extra_conditions: &[],
            path: "the record",
        };
        let record = parse(&text, &context).unwrap_or_else(|faults| panic!("{faults:#?}\n{text}")).record;
        let printed = print(&record, &Ticks { intro_sent: false, first_touch: false }, &self.app.zones);
        let committed = send::commit(&self.app, record, printed, of.again).await.unwrap();
        let asked = committed.unwrap_or_else(|duplicate| panic!("refused: {duplicate:?}"));
        self.handoffs.push((of.company.clone(), asked.handoff.clone()));
        self.carry_out(&asked, of.outcome.as_deref()).await;
    }

    async fn carry_out(&self, asked: &PendingIntro, wanted: Option<&str>) {
        let outcome = send::carry_out(&self.app, asked).await.unwrap();
        let name = match &outcome {
            SendOutcome::Sent(_) => "sent",
            SendOutcome::Deferred { .. } => "deferred",
            SendOutcome::Uncertain { .. } => "uncertain",
            SendOutcome::Waiting { .. } => "waiting",
            SendOutcome::Refused { .. } => "refused",
        };
        assert_eq!(name, wanted.unwrap_or("sent"), "{outcome:?}");
    }

    /// Notices handoffs that letters have made.
    pub(crate) async fn discover(&mut self) {
        let all = self.app.read(|_, tx| tx.handoffs()).await.unwrap();
        for stored in all {
            let handoff = stored.handoff;
            if !self.handoffs.iter().any(|(_, id)| *id == handoff.id) {
                self.handoffs.push((handoff.record.company, handoff.id));
            }
        }
    }

    /// A verb of the command line, its arguments read as in the program.
    pub(crate) async fn run(&self, words: &[String]) {
        let cli = Cli::try_parse_from(std::iter::once("baton").chain(words.iter().map(String::as_str)))
            .unwrap_or_else(|error| panic!("{error}"));
        let outcome: Result<(), Failure> = match &cli.verb {
            Verb::Touch(args) => correct::touch(&self.setting, args).await,
            Verb::Accept(args) => correct::accept(&self.setting, args).await,
            Verb::Meeting(args) => correct::meeting(&self.setting, args).await,
            Verb::Feedback(args) => correct::feedback(&self.setting, args).await,
            Verb::Close(args) => correct::close(&self.setting, args).await,
            Verb::Reassign(args) => sending::reassign(&self.setting, args).await,
            Verb::Resend(args) => {
                assert!(args.file.is_none(), "a corrected record is no part of a scenario");
                let asked = send::commit_again(&self.app, &self.id_of(&args.id), None).await.unwrap();
                self.carry_out(&asked, None).await;
                Ok(())
            }
            _ => panic!("`{}` is no part of a scenario", words.join(" ")),
        };
        outcome.unwrap_or_else(|failure| panic!("baton {}: {failure:?}", words.join(" ")));
    }

    /// A handoff's id by its company's name, or by the beginning of that.
    pub(crate) fn id_of(&self, company: &str) -> String {
        let folded = company.to_lowercase();
        let found = self.handoffs.iter().rev().find(|(name, _)| name.to_lowercase().starts_with(&folded));
        found.unwrap_or_else(|| panic!("no handoff of `{company}`")).1.clone()
    }

    // What there is.

    /// Every mail of the outbox, of all handoffs and of none.
    pub(crate) fn rows(&self) -> Vec<OutboxRow> {
        block_on(self.app.read(|_, tx| {
            let mut rows = tx.outbox(&Scope::Global)?;
            rows.extend(tx.outbox(&Scope::Letter)?);
            for stored in tx.handoffs()? {
                rows.extend(tx.outbox(&Scope::Handoff(stored.handoff.id))?);
            }
            Ok(rows)
        }))
        .unwrap()
    }

    /// `baton show --json`.
    pub(crate) fn show(&self, id: &str) -> Value {
        let (id, now) = (id.to_owned(), self.now());
        block_on(self.app.read(move |app, tx| {
            let judged = judged(tx, &app.policy, &id, now)?.expect("a handoff");
            let mails = tx.outbox(&Scope::Handoff(id))?;
            Ok(json::whole(app, &judged, &mails))
        }))
        .unwrap()
    }

    /// What somebody answers: a letter by its name, or the newest mail of a kind, as in `intro:Globex`.
    pub(crate) fn original(&self, name: &str) -> Original {
        if let Some(letter) = self.letters.get(name) {
            return letter.clone();
        }
        let (kind, company) = name.split_once(':').map_or((name, None), |(kind, of)| (kind, Some(of)));
        let scope = company.map(|company| Scope::Handoff(self.id_of(company)));
        let ids: Vec<String> = self
            .rows()
            .into_iter()
            .filter(|row| {
                row.key.kind.name() == kind && scope.as_ref().is_none_or(|scope| row.scope == *scope)
            })
            .map(|row| row.message_id.as_str().to_owned())
            .collect();
        let delivered = self.sandbox.all_delivered();
        let found =
            delivered.iter().rev().map(|one| Original::of(&one.raw)).find(|one| ids.contains(&one.id));
        found.unwrap_or_else(|| panic!("there is no letter and no mail `{name}`"))
    }

    /// The token of the newest mail of a kind; of the first one, `record-ready#1`.
    pub(crate) fn token(&self, kind: &str) -> String {
        if let Some((kind, place)) = kind.split_once('#') {
            let mut rows: Vec<OutboxRow> =
                self.rows().into_iter().filter(|row| row.key.kind.name() == kind).collect();
            rows.sort_by_key(|row| row.seq);
            let place: usize = place.parse().expect("a number");
            return rows.swap_remove(place - 1).token;
        }
        let id = self.original(kind).id;
        let row = self.rows().into_iter().find(|row| row.message_id.as_str() == id);
        row.unwrap_or_else(|| panic!("`{kind}` is no mail of baton's")).token
    }

    /// The id that a name stands for; what names nothing is an id itself.
    pub(crate) fn id(&self, name: &str) -> String {
        if name.contains('@') { name.to_owned() } else { self.original(name).id }
    }

    /// A mail with what a server writes above it, put into a folder.
    pub(crate) fn file(&self, who: &str, folder: &str, raw: &str, internal_date: DateTime<Utc>) {
        let name =
            if folder == "Sent" || folder == "Drafts" { format!("\\{folder}") } else { folder.to_owned() };
        let flags: &[&str] = match folder {
            "Sent" => &["\\Seen"],
            "Drafts" => &["\\Draft"],
            _ => &[],
        };
        if !["INBOX", "Sent", "Drafts"].contains(&folder) {
            self.sandbox.add_folder(&cast::address(who), folder);
        }
        self.sandbox
            .append(&cast::address(who), &name, raw.as_bytes(), flags, internal_date)
            .unwrap_or_else(|error| panic!("{who}/{folder}: {error}"));
    }

    /// Where the database lies, to look at it when a scenario fails.
    pub(crate) fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }
}
