//! A team with servers inside the process, an SDR's mailbox to put mail into, and an agent that answers letters.

use std::fs;
use std::sync::Arc;

use baton::agent::app::App;
use baton::agent::once::run_once;
use baton::agent::setup;
use baton::clock::{Clock, Zones, utc};
use baton::config::{self, Surroundings};
use baton::sandbox::Sandbox;
use chrono::{DateTime, TimeDelta, Utc};
use mail_parser::MessageParser;
use tempfile::TempDir;

const PASSWORD: &str = "secret";
pub(crate) const DANA: &str = "dana@vendor.example";
pub(crate) const BATON: &str = "baton@vendor.example";

const ACCOUNTS: [&str; 3] = ["baton", "dana", "calvin"];

pub(crate) struct Stage {
    pub app: Arc<App>,
    pub sandbox: Sandbox,
    pub clock: Clock,
    _dir: TempDir,
}

/// Tuesday 24 November 2026, 15:00 UTC, 10:00 in New York.
pub(crate) fn begins() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_532_400, 0).unwrap()
}

pub(crate) fn configuration(imap: u16, smtp: u16) -> String {
    let mut text = String::from(
        "database = \"baton.db\"\n\n[agent]\naccount = \"baton\"\noperator = \"ops@vendor.example\"\n\n\
         [record]\ncompetitors = [\"Salesforce\", \"HubSpot\", \"Close\"]\n\n",
    );
    for login in ACCOUNTS {
        text.push_str(&format!(
            "[accounts.{login}]\naddress = \"{login}@vendor.example\"\nimap = \"imap://127.0.0.1:{imap}\"\n\
             smtp = \"smtp://127.0.0.1:{smtp}\"\nlogin = \"{login}@vendor.example\"\n\
             password = {{ file = \"password\" }}\nsave_sent = true\n\n"
        ));
    }
    for (name, role, login, account) in [
        ("Dana Fox", "sdr", "dana", "account = \"dana\"\n"),
        ("Sam Poe", "sdr", "sam", ""),
        ("Calvin Reyes", "ae", "calvin", "account = \"calvin\"\n"),
        ("Rita Vale", "ae", "rita", ""),
    ] {
        text.push_str(&format!(
            "[[people]]\nname = \"{name}\"\nroles = [\"{role}\"]\naddress = \"{login}@vendor.example\"\n{account}\
             zone = \"America/New_York\"\nmanager = \"Morgan Hale\"\n\n"
        ));
    }
    text.push_str(
        "[[people]]\nname = \"Morgan Hale\"\nroles = [\"manager\"]\naddress = \"morgan@vendor.example\"\n",
    );
    text
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let clock = Clock::standing_at(begins());
        let reading = clock.clone();
        let sandbox = Sandbox::start(Arc::new(move || reading.now())).await.unwrap();
        for login in ACCOUNTS.into_iter().chain(["sam", "rita", "morgan", "ops"]) {
            sandbox.add_user(&format!("{login}@vendor.example"), PASSWORD);
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("baton.toml");
        fs::write(&path, configuration(sandbox.imap_port(), sandbox.smtp_port())).unwrap();
        fs::write(dir.path().join("password"), PASSWORD).unwrap();
        let zones = Zones::built_in();
        let config = config::load(&path, &Surroundings { zones: &zones, machine: utc() })
            .unwrap_or_else(|faults| panic!("the configuration: {faults:#?}"));
        let app = Arc::new(setup::build_app(&config, clock.clone(), zones).unwrap());
        // So that no folder is new when the first letter comes.
        assert!(run_once(&app).await.unwrap().is_empty());
        Self { app, sandbox, clock, _dir: dir }
    }

    /// Puts a mail into a folder of Dana's, as of so long ago.
    pub(crate) fn put(&self, folder: &str, ago: TimeDelta, raw: &str) {
        let at = begins() - ago;
        let raw = raw.replace("\r\n", "\n").replace("{date}", &at.to_rfc2822()).replace('\n', "\r\n");
        self.sandbox.append(DANA, folder, raw.as_bytes(), &[], at).unwrap();
    }

    /// Puts a mail there as it is.
    pub(crate) fn put_at(&self, folder: &str, at: DateTime<Utc>, raw: &str) {
        self.sandbox.append(DANA, folder, raw.replace('\n', "\r\n").as_bytes(), &[], at).unwrap();
    }

    /// A letter of Dana's to the agent, and what she gets for it.
    pub(crate) async fn ask(&self, subject: &str, body: &str) -> Answer {
        self.ask_with(&format!("Subject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{body}\n"))
            .await
    }

    /// The same, with headers and body of its own.
    pub(crate) async fn ask_with(&self, rest: &str) -> Answer {
        let before = self.answers().len();
        let id = format!("letter-{before}-{}@vendor.example", self.clock.now().timestamp());
        let date = self.clock.now().to_rfc2822();
        let raw = format!("Message-ID: <{id}>\nDate: {date}\nFrom: Dana Fox <{DANA}>\nTo: {BATON}\n{rest}");
        let raw = raw.replace("\r\n", "\n").replace('\n', "\r\n");
        self.sandbox.deliver(DANA, &[BATON], raw.as_bytes(), None).unwrap();
        let failures = run_once(&self.app).await.unwrap();
        assert!(failures.is_empty(), "{failures:?}");
        let answers = self.answers();
        assert_eq!(answers.len(), before + 1, "one answer for one letter: {answers:#?}");
        self.later(1);
        answers.into_iter().next_back().unwrap()
    }

    /// So many minutes pass.
    pub(crate) fn later(&self, minutes: i64) {
        self.clock.advance_to(self.clock.now() + TimeDelta::minutes(minutes));
    }

    fn answers(&self) -> Vec<Answer> {
        let inbox = self.sandbox.mailbox(DANA, "INBOX");
        let parsed = inbox.iter().filter_map(|stored| MessageParser::default().parse(&*stored.raw));
        let from_agent = |address: &mail_parser::Message<'_>| {
            address.from().and_then(|from| from.first()).and_then(|from| from.address()) == Some(BATON)
        };
        parsed
            .filter(from_agent)
            .map(|mail| Answer {
                subject: mail.subject().unwrap_or_default().to_owned(),
                id: mail.message_id().unwrap_or_default().to_owned(),
                text: mail.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
                html: mail.body_html(0).unwrap_or_default().into_owned(),
            })
            .collect()
    }
}

/// A mail of the agent's to Dana.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub subject: String,
    pub id: String,
    pub text: String,
    pub html: String,
}

impl Answer {
    /// The value of a record's line.
    pub(crate) fn value(&self, label: &str) -> String {
        let record = self.record();
        let line = record.lines().find_map(|line| line.strip_prefix(label));
        line.unwrap_or_else(|| panic!("no line `{label}` in\n{record}")).trim().to_owned()
    }

    /// From its first note on.
    pub(crate) fn record(&self) -> String {
        let at = self.text.find("#:").unwrap_or(0);
        self.text.get(at..).unwrap_or_default().to_owned()
    }

    /// The record's lines of a section that are no notes, blank ones left out.
    pub(crate) fn section(&self, heading: &str) -> Vec<String> {
        let record = self.record();
        let after =
            record.split_once(heading).map(|(_, after)| after).unwrap_or_else(|| panic!("no {heading}"));
        let section = after.split_once('\n').map_or("", |(_, rest)| rest);
        let is_heading = |line: &str| {
            line.starts_with(|c: char| c.is_ascii_digit()) && line.contains(". ") && line.ends_with(':')
                || line == "WARM INTRO EMAIL:"
        };
        section
            .lines()
            .take_while(|line| !is_heading(line))
            .filter(|line| !line.trim().is_empty() && !line.starts_with("#:"))
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    /// All notes on one line.
    pub(crate) fn notes(&self) -> String {
        let record = self.record();
        let notes = record.lines().filter_map(|line| line.strip_prefix("#:"));
        notes.map(str::trim).collect::<Vec<_>>().join(" ")
    }
}
