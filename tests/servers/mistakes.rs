//! Mistakes that SDRs and operators make, each through the built binary: what it is answered with.
//!
//! Every answer says what is wrong, where (file, line and column where there is a file) and what to do, has
//! the exit status of the README, and never panics. With `--json` standard output stays empty or holds one
//! document. Those that need mail servers share one bed.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use crate::support::agent::{Ran, config_toml_with};
use crate::support::{CALVIN, DANA, PASSWORD, SARAH, TestBed};
use chrono::{TimeDelta, Utc};

const CONFIG: &str = "baton.toml";
const RECORD: &str = "acme.txt";

/// A record that may be sent.
pub(super) fn record() -> String {
    #[expect(clippy::disallowed_methods, reason = "the binary runs against real time")]
    let start = Utc::now() + TimeDelta::days(20);
    let date = start.format("%Y-%m-%d");
    format!(
        "HANDOFF RECORD: Acme Corp | 2026-11-24
SDR: Dana Fox | AE: Calvin Reyes

TRIGGER CONDITIONS (check all before marking handed off):
[x] Calendar invite accepted
[x] ICP criteria confirmed
[x] Qualification threshold met
[x] Meaningful contact established

1. PAIN (prospect's exact words):
\"Our reps spend 20 minutes a day updating Salesforce.\"

2. NEXT MEETING:
Date/Time: {date} 14:00 America/New_York, 30 min
Format: Zoom
Attendees: Sarah Lee <{SARAH}>
Agenda: walk through the reporting pain

3. STAKEHOLDER MAP:
Name | Title | Role in deal
--- | --- | ---
Sarah Lee | VP Sales | decision-maker

4. OBJECTIONS SURFACED:
none raised

5. COMPETITOR MENTIONED:
none mentioned

WARM INTRO EMAIL:
To: Sarah Lee <{SARAH}>
Discussed: we talked about the hours your reps lose to CRM upkeep
Why this AE: Calvin works with nobody but VP-level sales leaders
What to expect: a 30-minute Zoom, a short look at your reporting
"
    )
}

/// A configuration whose servers are not there.
pub(super) fn config() -> String {
    let account = format!(
        "[accounts.dana]
address = \"{DANA}\"
imap = \"imaps://127.0.0.1:1\"
smtp = \"smtps://127.0.0.1:1\"
login = \"{DANA}\"
password = {{ env = \"BED_PASSWORD\" }}
"
    );
    config_toml_with(&account, "", "").replace("account = \"calvin\"\n", "")
}

/// One mistake and the answer to it.
struct Mistake {
    /// For the reader of a failed test.
    name: &'static str,
    /// Files of the folder that it happens in, beside a right configuration and a right record.
    files: Vec<(&'static str, Vec<u8>)>,
    arguments: Vec<&'static str>,
    password: Option<&'static str>,
    status: i32,
    /// All of these are said.
    says: Vec<&'static str>,
}

fn mistake(name: &'static str, arguments: &[&'static str], status: i32, says: &[&'static str]) -> Mistake {
    Mistake {
        name,
        files: Vec::new(),
        arguments: arguments.to_vec(),
        password: Some(PASSWORD),
        status,
        says: says.to_vec(),
    }
}

impl Mistake {
    fn file(mut self, name: &'static str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((name, bytes.into()));
        self
    }

    /// The record with `from` replaced.
    fn record(self, from: &str, to: &str) -> Self {
        let right = record();
        assert!(right.contains(from), "{}: the record has no {from:?}", self.name);
        self.file(RECORD, right.replace(from, to))
    }

    /// The configuration with `from` replaced.
    fn config(self, from: &str, to: &str) -> Self {
        let right = config();
        assert!(right.contains(from), "{}: the configuration has no {from:?}", self.name);
        self.file(CONFIG, right.replace(from, to))
    }

    fn no_password(mut self) -> Self {
        self.password = None;
        self
    }

    /// Makes the mistake in a folder; what is not as it ought to be.
    fn make(&self, folder: &Path) -> Vec<String> {
        fs::create_dir_all(folder).unwrap();
        for (name, text) in [(CONFIG, config()), (RECORD, record())] {
            if !folder.join(name).exists() {
                fs::write(folder.join(name), text).unwrap();
            }
        }
        for (name, bytes) in &self.files {
            fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            fs::write(folder.join(name), bytes).unwrap();
        }
        let ran = run(folder, &self.arguments, self.password);
        let mut wrong = Vec::new();
        if ran.status != self.status {
            wrong.push(format!("status {} instead of {}", ran.status, self.status));
        }
        let said = format!("{}{}", ran.stdout, ran.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        for words in &self.says {
            if !said.contains(words) {
                wrong.push(format!("does not say {words:?}"));
            }
        }
        if said.contains("panicked") || said.contains('\u{1b}') {
            wrong.push("panics, or is coloured".to_owned());
        }
        let mut arguments = self.arguments.clone();
        arguments.push("--json");
        let as_json = run(folder, &arguments, self.password);
        let document = as_json.stdout.trim();
        if !document.is_empty() && serde_json::from_str::<serde_json::Value>(document).is_err() {
            wrong.push(format!("with --json, standard output holds {document:?}"));
        }
        if wrong.is_empty() {
            return wrong;
        }
        wrong.insert(0, format!("\n== {}: baton {}", self.name, self.arguments.join(" ")));
        wrong.push(format!("{}{}", ran.stdout, ran.stderr));
        wrong
    }
}

pub(super) fn run(folder: &Path, arguments: &[&str], password: Option<&str>) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("HOME", folder.join("home"))
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .stdin(Stdio::null());
    if let Some(password) = password {
        command.env("BED_PASSWORD", password);
    }
    let output = command.output().unwrap();
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Makes them all, each in a folder of its own; fails with everything that is wrong about the answers.
fn make_all(home: &Path, mistakes: &[Mistake]) {
    let mut wrong = Vec::new();
    for (number, mistake) in mistakes.iter().enumerate() {
        wrong.extend(mistake.make(&home.join(number.to_string())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn utf16(text: &str) -> Vec<u8> {
    "\u{feff}".chars().chain(text.chars()).flat_map(|c| (c as u32 as u16).to_le_bytes()).collect()
}

#[test]
fn a_wrong_record_is_answered_with_its_place_and_its_remedy() {
    let home = tempfile::tempdir().unwrap();
    let check = &["check", RECORD][..];
    make_all(
        home.path(),
        &[
            mistake(
                "no such record",
                &["check", "acne.txt"],
                3,
                &["there is no such file", "--> acne.txt", "`baton new FILE` writes an empty record"],
            ),
            mistake("a folder", &["check", "."], 3, &["this is a folder", "name the record in it"]),
            mistake("UTF-16, which is read", check, 0, &["acme.txt: ready to send"])
                .file(RECORD, utf16(&record())),
            mistake("a Word document", check, 3, &["Word document", "save it as plain text"])
                .file(RECORD, *b"PK\x03\x04rest\0\0"),
            mistake("another file", check, 3, &["too long for a handoff record", "the right file"])
                .file(RECORD, record() + &"and so on\n".repeat(3_000_000)),
            mistake(
                "two in one list",
                check,
                3,
                &["acme.txt:16:12", "`sarah` is not an email address", "write name and address"],
            )
            .record(
                "Attendees: Sarah Lee <",
                "Attendees: sarah, James Ortiz <james@acme.example>, Sarah Lee <",
            ),
            mistake("a comma", check, 3, &["a name with a comma needs quotes"])
                .record("Attendees: Sarah Lee <", "Attendees: Lee, Sarah <"),
            mistake("empty", check, 3, &["the file is empty", "`baton new FILE`"]).file(RECORD, ""),
            mistake(
                "unticked",
                check,
                3,
                &["acme.txt:6:1", "`ICP criteria confirmed` is not ticked", "example: [x] ICP"],
            )
            .record("[x] ICP", "[ ] ICP"),
            mistake(
                "a placeholder",
                check,
                3,
                &["acme.txt:17:9", "`[agenda]` says nothing", "example: Agenda:"],
            )
            .record("Agenda: walk through the reporting pain", "Agenda: [agenda]"),
            mistake(
                "an ambiguous date",
                check,
                3,
                &[
                    "acme.txt:14:12",
                    "1 February 2090 or 2 January 2090",
                    "write `2090-02-01` or `2090-01-02`",
                ],
            )
            .file(RECORD, dated("01/02/2090 14:00 America/New_York")),
            mistake(
                "in the past",
                check,
                3,
                &["acme.txt:14:12", "this meeting is in the past", "agreed now"],
            )
            .file(RECORD, dated("2025-01-26 14:00 America/New_York, 30 min")),
            mistake("no zone", check, 3, &["acme.txt:14:12", "no time zone", "name the place's zone"])
                .record(" America/New_York", ""),
            mistake("zone", check, 3, &["acme.txt:14:29", "did you mean `America/New_York`?"])
                .record("America/New_York", "America/NewYork"),
            mistake("AE", check, 3, &["acme.txt:2:21", "`Calvin Rayes`", "did you mean `Calvin Reyes`?"])
                .record("AE: Calvin Reyes", "AE: Calvin Rayes"),
            mistake(
                "a colleague as prospect",
                check,
                3,
                &["acme.txt:31:5", "your own company's mail domain", "the intro goes to prospects only"],
            )
            .record("To: Sarah Lee <sarah@acme.example>", "To: Sarah Lee <sarah@vendor.example>"),
            mistake(
                "nobody to ask",
                &["send", RECORD],
                3,
                &["no terminal to ask on", "`--yes` sends without asking"],
            ),
        ],
    );
}

/// The record with another `Date/Time`.
fn dated(value: &str) -> String {
    let lines = record();
    let lines = lines.lines().map(|line| match line.starts_with("Date/Time:") {
        true => format!("Date/Time: {value}\n"),
        false => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn a_record_may_look_as_programs_leave_it() {
    let home = tempfile::tempdir().unwrap();
    let ready = |name| mistake(name, &["check", RECORD], 0, &["acme.txt: ready to send"]);
    let headings = [
        ("TRIGGER CONDITIONS (check all before marking handed off):", "Trigger conditions"),
        ("1. PAIN (prospect's exact words):", "Pain"),
        ("2. NEXT MEETING:", "Next meeting"),
        ("3. STAKEHOLDER MAP:", "Stakeholder map"),
        ("4. OBJECTIONS SURFACED:", "Objections"),
        ("5. COMPETITOR MENTIONED:", "Competitor"),
        ("WARM INTRO EMAIL:", "Warm intro email"),
    ];
    let dressed = |before: &str, behind: &str| {
        let dress =
            |text: String, (from, to): (&str, &str)| text.replace(from, &format!("{before}{to}{behind}"));
        headings.into_iter().fold(record(), dress)
    };
    let quoted: String = record().lines().map(|line| format!("> {line}\r\n")).collect();
    let table = "Name | Title | Role in deal\n--- | --- | ---\nSarah Lee | VP Sales | decision-maker";
    make_all(
        home.path(),
        &[
            ready("headings of markdown").file(RECORD, dressed("## ", "")),
            ready("headings of markdown with colons").file(RECORD, dressed("### ", ":")),
            ready("headings in bold").file(RECORD, dressed("**", "**")),
            ready("headings in bold with colons").file(RECORD, dressed("**", ":**")),
            ready("several words and a colon").record("WARM INTRO EMAIL:", "Warm intro email:"),
            ready("a quotation").file(RECORD, quoted),
            ready("a block of code").file(RECORD, format!("```text\n{}```\n", record())),
            ready("a tick in round brackets").record("[x] ICP", "(x) ICP"),
            ready("a tick of a word processor").record("[x] ICP", "\u{2612} ICP"),
            ready("a tick behind").record("[x] ICP criteria confirmed", "ICP criteria confirmed: [x]"),
            ready("columns in another order")
                .record(table, "Role | Name | Title\n--- | --- | ---\ndecision-maker | Sarah Lee | VP Sales"),
            ready("a bar of mathematics")
                .record("Sarah Lee | VP Sales |", "Sarah Lee \u{2223} VP Sales \u{2223}"),
            ready("an address that is a link").record(
                "To: Sarah Lee <sarah@acme.example>",
                "To: Sarah Lee <sarah@acme.example<mailto:sarah@acme.example>>",
            ),
            ready("a link of markdown")
                .record("To: Sarah Lee <sarah@acme.example>", "To: [Sarah Lee](mailto:sarah@acme.example)"),
            mistake("open in round brackets", &["check", RECORD], 3, &["is not ticked"])
                .record("[x] ICP", "( ) ICP"),
        ],
    );
}

#[test]
fn a_wrong_configuration_is_answered_with_its_place_and_its_remedy() {
    let home = tempfile::tempdir().unwrap();
    let status = &["status"][..];
    make_all(
        home.path(),
        &[
            mistake(
                "no configuration",
                &["status", "--config", "batton.toml"],
                3,
                &["there is no such file", "--> batton.toml", "`--config FILE` names another"],
            ),
            mistake(
                "not TOML",
                status,
                3,
                &["baton.toml:1:9", "this is not TOML", "is this the configuration?"],
            )
            .file(CONFIG, record()),
            mistake("a key", status, 3, &["baton.toml:5:1", "no key `operater`", "did you mean `operator`?"])
                .config("operator", "operater"),
            mistake("a zone", status, 3, &["did you mean `America/New_York`?", "baton.toml:"])
                .config("zone = \"America/New_York\"", "zone = \"America/New_Yrok\""),
            mistake(
                "no manager",
                status,
                3,
                &["baton.toml:", "not as a manager", "add `manager` to the roles"],
            )
            .config("roles = [\"manager\"]", "roles = [\"ae\"]"),
            mistake("no AE", &["check", RECORD], 3, &["acme.txt:2:21", "is no AE", "add `ae` to the roles"])
                .config("roles = [\"ae\"]", "roles = [\"manager\"]"),
            mistake("one address", status, 3, &["baton.toml:", "belongs to Dana Fox already", "one person"])
                .config(CALVIN, DANA),
            mistake("no TLS", status, 3, &["baton.toml:", "without TLS", "example: imap = \"imaps://"])
                .config("imaps://127.0.0.1:1", "imap://imap.vendor.example:143"),
            mistake(
                "length",
                status,
                3,
                &["baton.toml:", "is not a length of time", "example: grace = \"90m\""],
            )
            .config("[sla]\n", "[sla]\ngrace = \"2 fortnights\"\n"),
            mistake(
                "no holidays",
                status,
                3,
                &["baton.toml:", "us.ics cannot be read", "relative to this file"],
            )
            .config("introduce =", "holidays = [\"us.ics\"]\nintroduce ="),
            mistake(
                "a password in it",
                status,
                3,
                &["baton.toml:", "don't put the password in this file", "{ env ="],
            )
            .config("{ env = \"BED_PASSWORD\" }", "\"hunter2\""),
            mistake(
                "no templates",
                status,
                3,
                &["baton.toml:", "no folder mails", "`baton templates --eject"],
            )
            .config("database =", "templates = \"mails\"\ndatabase ="),
            mistake(
                "an unknown variable",
                &["preview", RECORD],
                3,
                &["mails/intro.txt:1", "unknown variable `prospekt`", "`baton templates`"],
            )
            .config("database =", "templates = \"mails\"\ndatabase =")
            .file("mails/intro.txt", "Hi {{ prospekt }}"),
            mistake(
                "no folder",
                &["send", RECORD, "--yes"],
                3,
                &["no/baton.db cannot be created", "check `database`"],
            )
            .config("baton.db", "no/baton.db"),
            mistake("a look where there is none", status, 0, &["no open handoffs"])
                .config("baton.db", "no/baton.db"),
            mistake("no database", status, 3, &["acme.txt is no database", "check `database`"])
                .config("baton.db", RECORD),
            mistake(
                "a newer database",
                status,
                3,
                &["baton.db was written by a newer version", "999", "install the version of baton"],
            )
            .file("baton.db", newer_database()),
        ],
    );
}

/// A database whose format this version does not know.
fn newer_database() -> Vec<u8> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("newer.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE later (it TEXT); PRAGMA user_version = 999;").unwrap();
    connection.close().unwrap();
    fs::read(&path).unwrap()
}

#[test]
fn a_wrong_argument_is_answered_with_the_right_one() {
    let home = tempfile::tempdir().unwrap();
    let noon = "2026-11-24T10:00";
    make_all(
        home.path(),
        &[
            mistake("a verb", &["stauts"], 2, &["'stauts'", "similar subcommands", "'status'"]),
            mistake("no reason", &["touch", "acme"], 2, &["--why <TEXT>", "Usage: baton touch"]),
            mistake("a score", &["feedback", "acme", "--why", "x", "--score", "9"], 2, &["'9'", "1..=5"]),
            mistake(
                "an instant",
                &["sla", "yesterday"],
                3,
                &["`yesterday`", "write it like 2026-11-27T13:05"],
            ),
            mistake(
                "a zone",
                &["sla", noon, "--zone", "America/NewYork"],
                3,
                &["no time zone `America/NewYork`", "did you mean `America/New_York`?"],
            ),
            mistake("half a name", &["sla", noon, "--ae", "Calvn"], 3, &["did you mean `Calvin Reyes`?"]),
            mistake("a policy", &["sla", noon, "--policy", "play"], 3, &["did you mean `playbook`?"]),
            mistake(
                "a holiday",
                &["sla", noon, "--holiday", "xmas"],
                3,
                &["`xmas` is no date", "2026-11-26"],
            ),
            mistake("no mail", &["classify", "no.eml"], 3, &["cannot read no.eml", "check the name"]),
            mistake("a folder", &["classify", "."], 3, &["cannot read .", "name the messages in it"]),
            mistake("an id", &["show", "acme"], 3, &["no handoff `acme`", "`baton status --all` lists them"]),
            mistake("resend", &["resend", "acme"], 3, &["no handoff `acme`", "`baton status --all`"]),
            mistake(
                "outbox",
                &["outbox", "drop", "7"],
                3,
                &["no mail `7`", "`baton outbox` lists what waits"],
            ),
            mistake("nobody", &["new", "--sdr", "Nobody"], 3, &["no SDR `Nobody`", "there is Dana Fox"]),
            mistake("nearly", &["new", "--ae", "Calvn Reyes"], 3, &["no AE", "did you mean `Calvin Reyes`?"]),
            mistake("standard output", &["new", "-"], 0, &["HANDOFF RECORD:"]),
            mistake("no copy there", &["backup", "-"], 3, &["standard output", "name a file"]),
            mistake("a day", &["report", "--since", "10.11.2026"], 2, &["such as 2026-11-01"]),
            mistake("a day", &["audit", "--since", "yesterday"], 2, &["such as 2026-11-01"]),
            mistake("there already", &["new", RECORD], 3, &["acme.txt is there already", "--force"]),
            mistake(
                "a copy",
                &["backup", "no/copy.db"],
                1,
                &["no/copy.db", "name a file that does not exist"],
            ),
            #[cfg(feature = "demo")]
            mistake("a full folder", &["demo", "--keep", "."], 3, &[". is not empty", "name a folder"]),
        ],
    );
}

#[test]
fn one_document_stands_on_standard_output_and_no_copy_is_made_of_nothing() {
    let home = tempfile::tempdir().unwrap();
    let refused = |name, arguments, says| mistake(name, arguments, 3, says);
    make_all(
        home.path(),
        &[
            refused(
                "no mail",
                &["audit", "--mailbox", "notes.txt"],
                &["notes.txt cannot be read: it is no mbox"],
            )
            .file("notes.txt", "hello\n"),
            mistake("two of an audit", &["audit", "--csv", "-", "--json"], 2, &["only one document fits"]),
            mistake(
                "two of a report",
                &["report", "--csv", "-", "--html", "-"],
                2,
                &["only one document fits"],
            ),
            refused(
                "a copy of nothing",
                &["backup", "copy.db"],
                &["there is no database", "baton.db to copy"],
            )
            .file("copy.db", "whole"),
            refused("a copy of what is gone", &["backup", "copy.db"], &["is gone", "baton restore"])
                .file("baton.db.marker", "generation 1\n"),
            mistake(
                "a look at what is gone",
                &["doctor"],
                4,
                &["the database baton.db is gone", "baton restore"],
            )
            .file("baton.db.marker", "generation 1\n"),
            mistake("health of what is gone", &["health"], 1, &["is gone", "no agent"])
                .file("baton.db.marker", "generation 1\n"),
        ],
    );
}

#[test]
fn a_pass_that_could_read_no_mailbox_is_none() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(CONFIG), config()).unwrap();
    run(home.path(), &["run", "--once"], Some(PASSWORD)).expect_status(4);
    let health = run(home.path(), &["health", "--json"], None).expect_status(1).json();
    assert_eq!(health["agent"]["running"], false, "{health}");
    let metrics = run(home.path(), &["metrics"], None).expect_status(0).stdout;
    assert!(metrics.contains("baton_up 0\n"), "{metrics}");
}

#[test]
fn output_that_nobody_reads_is_no_reason_to_complain() {
    let home = tempfile::tempdir().unwrap();
    let bin = env!("CARGO_BIN_EXE_baton");
    fs::write(home.path().join("hi.eml"), "From: a@b.example\nSubject: hi\n\nhello\n").unwrap();
    for arguments in [
        "help",
        "man",
        "completions bash",
        "templates",
        "new",
        "sla 2026-11-24T10:00",
        "classify hi.eml",
        "classify --json hi.eml",
    ] {
        let script = format!("{{ '{bin}' {arguments}; echo \"status $?\" >&2; }} | true");
        let output =
            Command::new("sh").args(["-c", &script]).current_dir(home.path()).env_clear().output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(said, "status 0\n", "baton {arguments}");
    }
    // What a monitor goes by is the status, however little it reads.
    fs::write(home.path().join(CONFIG), config()).unwrap();
    let script = format!("{{ '{bin}' health; echo \"status $?\" >&2; }} | true");
    let output = Command::new("sh").args(["-c", &script]).current_dir(home.path()).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "status 1\n");
    let script = format!("'{bin}' completions bash > /dev/full; echo $?");
    let output = Command::new("sh").args(["-c", &script]).current_dir(home.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("the output cannot be written: No space left"), "{said}");
    assert_eq!(output.stdout, b"1\n");
}

#[test]
fn what_a_mail_server_refuses_is_told_with_its_name_and_a_remedy() {
    let bed = TestBed::start();
    let account = bed.account_toml("dana", DANA);
    let right = config_toml_with(&account, "", "").replace("account = \"calvin\"\n", "");
    let ca = account.lines().find(|line| line.starts_with("ca = ")).unwrap();
    let send = &["send", RECORD, "--yes"][..];
    let with = |mistake: Mistake, from: &str, to: &str| {
        assert!(right.contains(from), "{from}");
        mistake.file(CONFIG, right.replace(from, to))
    };
    let wrong = |mut mistake: Mistake| {
        mistake.password = Some("wrong");
        mistake
    };
    let doctor = "`baton doctor` looks at the account";
    let refused = ["refuses the login of dana@vendor.example", "127.0.0.1:", doctor, "nothing was recorded"];
    let password = ["BED_PASSWORD is not set", doctor];
    bed.answer_recipient(SARAH, "550 5.1.1 no such user here");
    make_all(
        &bed.work(),
        &[
            with(wrong(mistake("wrong password", send, 4, &refused)), "", ""),
            with(
                wrong(mistake(
                    "to the doctor",
                    &["doctor"],
                    4,
                    &["check `login` and the password", "checks failed (fix what is marked WRONG above)"],
                )),
                "",
                "",
            ),
            with(
                wrong(mistake(
                    "to the doctor, in JSON",
                    &["doctor", "--json"],
                    4,
                    &["checks failed (those that are not `ok`; `remedy` says how)"],
                )),
                "",
                "",
            ),
            with(wrong(mistake("to the agent", &["run", "--once"], 4, &["login", "`baton doctor`"])), "", ""),
            with(mistake("no password", send, 4, &password).no_password(), "", ""),
            with(mistake("no password", &["doctor"], 3, &["BED_PASSWORD", "export"]).no_password(), "", ""),
            with(
                mistake("no password file", send, 4, &["pw cannot be read", doctor]),
                "{ env = \"BED_PASSWORD\" }",
                "{ file = \"pw\" }",
            ),
            with(
                mistake("unknown certificate", send, 4, &["certificate that is not trusted", doctor]),
                ca,
                "",
            ),
            with(mistake("the same", &["doctor"], 4, &["certificate", "name its file as `ca`"]), ca, ""),
            with(
                mistake("a closed port", send, 4, &["127.0.0.1:1 cannot be reached", doctor]),
                &format!("smtps://127.0.0.1:{}", bed.ports.smtps),
                "smtps://127.0.0.1:1",
            ),
            with(
                mistake("the same", &["doctor"], 4, &["127.0.0.1:1 ", "check host and port of `smtp`"]),
                &format!("smtps://127.0.0.1:{}", bed.ports.smtps),
                "smtps://127.0.0.1:1",
            ),
            with(
                mistake(
                    "no such user",
                    send,
                    4,
                    &["sarah@acme.example", "no such user here", "check that address in the record"],
                ),
                "",
                "",
            ),
        ],
    );
    bed.answer_recipient(SARAH, "");
    let folder = bed.work().join("sent");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join(CONFIG), &right).unwrap();
    fs::write(folder.join(RECORD), record()).unwrap();
    let sent = run(&folder, &["send", RECORD, "--yes", "--json"], Some(PASSWORD)).expect_status(0).json();
    let id = sent["id"].as_str().unwrap().to_owned();
    let twice = run(&folder, send, Some(PASSWORD)).expect_status(3);
    assert!(twice.stderr.contains(&id) && twice.stderr.contains("`--again`"), "{}", twice.stderr);
    let typo = run(&folder, &["show", "acne corp"], None).expect_status(3);
    assert!(typo.stderr.contains("did you mean `Acme Corp`?"), "{}", typo.stderr);
    let name = run(&folder, &["reassign", "acme", "--ae", "Calvin Ryes"], None).expect_status(3);
    assert!(name.stderr.contains("did you mean `Calvin Reyes`?"), "{}", name.stderr);
    let at = run(&folder, &["touch", "acme", "--why", "x", "--at", "noon"], None).expect_status(3);
    assert!(
        at.stderr.contains("can't read `noon` as a date and time") && at.stderr.contains("write it like"),
        "{}",
        at.stderr
    );
}

#[test]
fn verbs_that_need_no_configuration_do_without_one_that_cannot_be_used() {
    let home = tempfile::tempdir().unwrap();
    let message = "From: a@b.example\nTo: c@d.example\nSubject: hi\n\nhello\n";
    fs::write(home.path().join("hi.eml"), message).unwrap();
    for wrong in ["x = [", "databse = \"x\"", "\u{0}"] {
        fs::write(home.path().join(CONFIG), wrong).unwrap();
        for verb in [
            &["new", "--json"][..],
            &["sla", "2026-11-24T10:00", "--json"],
            &["classify", "hi.eml", "--json"],
            &["templates", "--json"],
        ] {
            run(home.path(), verb, None).expect_status(0).json();
        }
        run(home.path(), &["help"], None).expect_status(0);
        run(home.path(), &["status"], None).expect_status(3);
        // Asked for by name, it has to be right; so has one that is needed after all.
        run(home.path(), &["new", "--config", CONFIG], None).expect_status(3);
        run(home.path(), &["sla", "2026-11-24T10:00", "--ae", "Calvin Reyes"], None).expect_status(3);
    }
    let told = run(home.path(), &["sla", "2026-11-24T10:00"], None).expect_status(0);
    assert!(told.stderr.contains("baton.toml cannot be used"), "{}", told.stderr);
}
