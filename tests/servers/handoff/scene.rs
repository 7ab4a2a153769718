//! A scene: a bed of real servers, baton configured on it, handoffs, and people who write.
//!
//! The scene keeps a ledger of what people wrote and read. `end` (in `ledger`) holds every mailbox
//! against it.

use std::{cell::RefCell, collections::BTreeSet, fs, thread, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::letter::Letter;
use super::letters::BATON;
use crate::support::{
    CALVIN, DANA, MORGAN, OPERATOR, TestBed,
    agent::{Agent, Ran},
    client::Stored,
};

pub(crate) const CALVIN_BOX: &str = "Calvin Reyes <calvin@vendor.example>";
pub(crate) const DANA_BOX: &str = "Dana Fox <dana@vendor.example>";
pub(crate) const NORA: &str = "nora@vendor.example";
pub(crate) const NORA_BOX: &str = "Nora Lind <nora@vendor.example>";
pub(crate) const EVE_BOX: &str = "Eve Park <ea-calvin@vendor.example>";

/// A touch is far from due, and no reminder comes.
pub(crate) const AMPLE: &str = "policy = \"elapsed\"\nhours = \"1h\"\nremind_before = \"0\"\ngrace = \"1s\"";

/// A touch is due within these seconds, and no reminder comes.
pub(crate) fn due_within(seconds: u32) -> String {
    format!("policy = \"elapsed\"\nhours = \"{seconds}s\"\nremind_before = \"0\"\ngrace = \"1s\"")
}

pub(crate) fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "these tests run against real time")]
    Utc::now()
}

/// A configuration in which Calvin's mailbox is not watched.
pub(crate) fn without_calvins_account(toml: &str) -> String {
    let (before, rest) = toml.split_once("[accounts.calvin]").unwrap();
    let (_, after) = rest.split_once("[accounts.nora]").unwrap();
    format!("{before}[accounts.nora]{after}").replace("account = \"calvin\"\n", "")
}

/// An instant of baton's JSON.
pub(crate) fn instant(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap_or_else(|| panic!("no instant: {value}")).parse().unwrap()
}

/// The first text part of a mail, decoded.
pub(crate) fn words(mail: &Stored) -> String {
    let parsed = mail_parser::MessageParser::default().parse(mail.text.as_bytes()).unwrap();
    parsed.body_text(0).unwrap_or_default().replace("\r\n", "\n")
}

/// The record of a handoff of `sarah@{domain}` to Calvin; its meeting is `seconds` long.
pub(crate) fn record(domain: &str, start: DateTime<Utc>, seconds: i64) -> String {
    let company = company(domain);
    format!(
        "HANDOFF RECORD: {company} | 2026-11-24
SDR: Dana Fox | AE: Calvin Reyes

TRIGGER CONDITIONS (check all before marking handed off):
[x] Calendar invite accepted
[x] ICP criteria confirmed
[x] Qualification threshold met
[x] Meaningful contact established

1. PAIN (prospect's exact words):
\"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\"

2. NEXT MEETING:
Date/Time: {} UTC, {seconds} s
Format: Zoom
Attendees: Sarah Lee <sarah@{domain}>, James Ortiz <james@{domain}>
Agenda: walk through the reporting pain and demo the pipeline dashboard

3. STAKEHOLDER MAP:
Name | Title | Role in deal
--- | --- | ---
Sarah Lee | VP Sales | decision-maker
James Ortiz | Sales Ops | evaluator

4. OBJECTIONS SURFACED:
Objection: Asked about cost against the current tool.
How handled: Said the demo covers ROI; did not push further.

5. COMPETITOR MENTIONED:
Zyxware

WARM INTRO EMAIL:
To: Sarah Lee <sarah@{domain}>
Discussed: we talked about the hours your reps lose to CRM upkeep, and you wanted to see it fixed
Why this AE: Calvin works exclusively with VP-level sales leaders consolidating CRMs
What to expect: a 30-minute Zoom, a short look at your reporting, then the dashboard
",
        start.format("%Y-%m-%d %H:%M:%S")
    )
}

/// `acme.example` is `Acme Corp`.
fn company(domain: &str) -> String {
    let name = domain.split('.').next().unwrap();
    let mut letters = name.chars();
    let first = letters.next().unwrap().to_ascii_uppercase();
    format!("{first}{} Corp", letters.as_str())
}

pub(crate) fn in_two_days() -> DateTime<Utc> {
    now() + TimeDelta::days(2)
}

pub(crate) struct Scene {
    pub bed: TestBed,
    pub agent: Option<Agent>,
    /// Ids of what people wrote, without angle brackets.
    pub wrote: RefCell<BTreeSet<String>>,
    /// What people have read: address, folder, id.
    pub read: RefCell<BTreeSet<(String, String, String)>>,
}

/// One handoff of a scene.
#[derive(Clone, Debug)]
pub(crate) struct Handoff {
    pub id: String,
    /// What `baton send --json` printed.
    pub sent: Value,
    pub domain: String,
    /// As it lies in the prospect's mailbox.
    pub intro: Stored,
}

impl Handoff {
    pub(crate) fn sarah(&self) -> String {
        format!("Sarah Lee <sarah@{}>", self.domain)
    }
}

impl Scene {
    /// Dana and Calvin with accounts, everybody at work at all hours.
    pub(crate) fn new(sla: &str) -> Self {
        Self::with(sla, "", |toml| toml)
    }

    /// The same, with lines for `[feedback]` and a configuration that is changed before it counts.
    pub(crate) fn with(sla: &str, feedback: &str, change: impl FnOnce(String) -> String) -> Self {
        let bed = TestBed::start();
        let scene = Self { bed, agent: None, wrote: RefCell::default(), read: RefCell::default() };
        scene.bed.write_config(&change(scene.toml(sla, feedback)));
        scene
    }

    /// The agent has a mailbox of its own, which letters go to.
    pub(crate) fn with_own_mailbox(self, sla: &str) -> Self {
        let account = self.bed.account_toml("baton", BATON);
        let toml = self.toml(sla, "").replacen("account = \"dana\"", "account = \"baton\"", 1);
        self.bed.write_config(&toml.replacen("[accounts.dana]", &format!("{account}[accounts.dana]"), 1));
        self
    }

    pub(crate) fn toml(&self, sla: &str, feedback: &str) -> String {
        let accounts: String = [("dana", DANA), ("calvin", CALVIN), ("nora", NORA)]
            .map(|(name, address)| self.bed.account_toml(name, address))
            .concat();
        let always = "zone = \"America/New_York\"\nhours = \"00:00-24:00\"\n\
             workdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]";
        format!(
            "database = \"baton.db\"
[agent]
account = \"dana\"
operator = \"{OPERATOR}\"
[sla]
{sla}
[feedback]
{feedback}
{accounts}
[[people]]
name = \"Dana Fox\"
roles = [\"sdr\"]
address = \"{DANA}\"
account = \"dana\"
manager = \"Morgan Hale\"
{always}
[[people]]
name = \"Calvin Reyes\"
roles = [\"ae\"]
address = \"{CALVIN}\"
delegates = [\"ea-calvin@vendor.example\"]
account = \"calvin\"
manager = \"Morgan Hale\"
{always}
[[people]]
name = \"Nora Lind\"
roles = [\"ae\"]
address = \"{NORA}\"
account = \"nora\"
manager = \"Morgan Hale\"
{always}
[[people]]
name = \"Morgan Hale\"
roles = [\"manager\"]
address = \"{MORGAN}\"
{always}
"
        )
    }

    // Handing over and looking.

    /// A handoff to `sarah@{domain}` with a meeting in two days.
    pub(crate) fn hand_over(&self, domain: &str) -> Handoff {
        self.hand_over_with(domain, &record(domain, in_two_days(), 1800))
    }

    pub(crate) fn hand_over_with(&self, domain: &str, record: &str) -> Handoff {
        let file = format!("{domain}.txt");
        self.bed.write_file(&file, record);
        let sent = self.bed.baton(&["send", &file, "--yes", "--json"]).expect_status(0).json();
        let prospect = format!("sarah@{domain}");
        let intro = self.bed.wait_for(&prospect, "INBOX", 1, |_| true).remove(0);
        Handoff { id: sent["id"].as_str().unwrap().to_owned(), sent, domain: domain.to_owned(), intro }
    }

    pub(crate) fn show(&self, id: &str) -> Value {
        self.bed.baton(&["show", id, "--json"]).expect_status(0).json()
    }

    /// Waits until `show --json` fits, for 45 s at least: deadlines lie up to 30 s ahead.
    pub(crate) fn until(&self, id: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        for _ in 0..450 {
            last = self.show(id);
            if fits(&last) {
                return last;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("waited in vain for {what}: {last:#}\n{}", self.log_end());
    }

    /// Waits until a mail of this kind has left; the whole handoff then.
    pub(crate) fn until_sent(&self, id: &str, kind: &str) -> Value {
        self.until(id, &format!("a mail `{kind}` that has left"), |shown| {
            mails(shown, kind).iter().any(|mail| mail["state"] == "sent")
        })
    }

    /// Waits for the only mail of this kind in a person's INBOX.
    pub(crate) fn got(&self, who: &str, id: &str, kind: &str) -> Stored {
        let shown = self.until_sent(id, kind);
        let ids: Vec<String> = mails(&shown, kind).iter().map(|mail| angled(&mail["message_id"])).collect();
        let fits = |mail: &Stored| mail.header("Message-ID").is_some_and(|id| ids.contains(&id));
        let mut found = self.bed.wait_for(who, "INBOX", 1, fits);
        assert_eq!(found.len(), 1, "one `{kind}` for {who}");
        found.remove(0)
    }

    // The agent.

    /// Starts `baton run` and waits until it has read every watched folder.
    pub(crate) fn run(&mut self) {
        let folders =
            2 * fs::read_to_string(self.bed.work().join("baton.toml")).unwrap().matches("[accounts.").count();
        let before = self.bed.agent_log().len();
        self.start();
        for _ in 0..800 {
            let log = self.bed.agent_log();
            let read: BTreeSet<&str> = log
                .get(before..)
                .unwrap_or_default()
                .lines()
                .filter_map(|line| line.split_once("read to the present")?.1.split_once(" news="))
                .map(|(folder, _)| folder)
                .collect();
            if read.len() >= folders {
                return;
            }
            thread::sleep(Duration::from_millis(25));
        }
        panic!("the agent does not read {folders} folders: {}", self.log_end());
    }

    /// Starts `baton run` without waiting for anything.
    pub(crate) fn start(&mut self) {
        assert!(self.agent.is_none());
        self.agent = Some(self.bed.agent());
    }

    /// SIGTERM: it ends by itself within 5 s, with status 0.
    pub(crate) fn stop(&mut self) {
        let before = now();
        assert_eq!(self.agent.take().expect("a running agent").stop(), 0, "{}", self.log_end());
        assert!(now() - before < TimeDelta::seconds(5), "it took {}", now() - before);
    }

    pub(crate) fn crash(&mut self) {
        self.agent.take().expect("a running agent").crash();
    }

    pub(crate) fn once(&self) -> Ran {
        self.bed.baton(&["run", "--once"])
    }

    pub(crate) fn log_end(&self) -> String {
        let log = self.bed.agent_log();
        let lines: Vec<&str> = log.lines().collect();
        let end = |lines: &[&str]| lines[lines.len().saturating_sub(60)..].join("\n");
        let server = self.bed.imap.log();
        let server: Vec<&str> = server.lines().collect();
        format!("{}\nDovecot:\n{}", end(&lines), end(&server))
    }

    // People.

    /// Somebody sends a mail; their program keeps a copy in Sent.
    pub(crate) fn mail(&self, letter: &Letter) {
        self.mail_unfiled(letter);
        self.bed.client(&letter.author()).append("Sent", "\\Seen", None, &letter.text());
        self.note_read(&letter.author(), "Sent", &letter.id);
    }

    /// The same without a copy in Sent.
    pub(crate) fn mail_unfiled(&self, letter: &Letter) {
        self.note_written(letter);
        let to = letter.recipients();
        let to: Vec<&str> = to.iter().map(String::as_str).collect();
        self.bed.submit(&letter.author(), &to, &letter.text());
    }

    /// A letter lands in a folder, as a server puts it there.
    pub(crate) fn file(&self, who: &str, folder: &str, letter: &Letter) {
        self.note_written(letter);
        self.bed.file_into(who, folder, &letter.text());
    }

    pub(crate) fn note_written(&self, letter: &Letter) {
        self.wrote.borrow_mut().insert(letter.id.clone());
    }

    /// Somebody reads a message of theirs.
    pub(crate) fn reads(&self, who: &str, folder: &str, message: &Stored) {
        self.bed.client(who).flag(folder, message.uid, "\\Seen");
        self.note_read(who, folder, message.header("Message-ID").unwrap().trim_matches(['<', '>']));
    }

    fn note_read(&self, who: &str, folder: &str, id: &str) {
        self.read.borrow_mut().insert((who.to_owned(), folder.to_owned(), id.to_owned()));
    }
}

/// The mails of one kind that a handoff has.
pub(crate) fn mails<'a>(shown: &'a Value, kind: &str) -> Vec<&'a Value> {
    shown["mails"].as_array().unwrap().iter().filter(|mail| mail["kind"] == kind).collect()
}

/// The kinds of all mail of a handoff that has left, sorted.
pub(crate) fn left(shown: &Value) -> Vec<String> {
    let mails = shown["mails"].as_array().unwrap().iter().filter(|mail| mail["state"] == "sent");
    let mut kinds: Vec<String> = mails.map(|mail| mail["kind"].as_str().unwrap().to_owned()).collect();
    kinds.sort();
    kinds
}

/// Whether a verdict by this row of docs/behaviour.md section 5 is in the story.
pub(crate) fn has_rule(shown: &Value, rule: i64) -> bool {
    shown["events"].as_array().unwrap().iter().any(|event| event["rule"] == rule)
}

fn angled(id: &Value) -> String {
    format!("<{}>", id.as_str().unwrap())
}
