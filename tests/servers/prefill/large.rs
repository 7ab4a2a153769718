//! A mailbox that is generated: what is filled in is what was meant, from a small one inside the process and from a
//! large one on Dovecot, and what it costs.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use chrono::Utc;

use super::generated::{GeneratedMail, mailbox};
use super::stage::{Answer, Stage, begins};
use crate::support::agent::config_toml_with;
use crate::support::{CALVIN, DANA, TestBed};

#[tokio::test]
async fn a_generated_mailbox_fills_in_what_was_meant_and_nothing_else() {
    let stage = Stage::set().await;
    let (mails, expected) = mailbox(600, 15, begins());
    for mail in &mails {
        stage.put_at(mail.folder, mail.at, &mail.raw);
    }
    let mut wrong = Vec::new();
    for company in &expected {
        let form = stage.ask(&format!("handoff {}", company.named), "").await;
        wrong.extend(company.differs(&form));
        stage.later(5);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Writes messages into a Maildir, with the times at which they came.
fn fill(bed: &TestBed, mails: &[GeneratedMail]) {
    let mut client = bed.client(DANA);
    // Each makes its Maildir.
    client.command("EXAMINE Sent");
    client.command("EXAMINE INBOX");
    let maildir = bed.path().join("mail").join(DANA);
    for (number, mail) in mails.iter().enumerate() {
        let folder = if mail.folder == "INBOX" { maildir.clone() } else { maildir.join(mail.folder) };
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(mail.at.timestamp().try_into().unwrap());
        write(&folder.join("new").join(format!("{}.{number}.bed", mail.at.timestamp())), &mail.raw, at);
    }
}

fn write(path: &Path, raw: &str, at: SystemTime) {
    fs::write(path, raw).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    fs::File::options().append(true).open(path).unwrap().set_modified(at).unwrap();
}

/// The largest amount of memory that a process has had, in MiB, while it lives.
fn peak(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kib| kib / 1024)
}

/// `baton new --prospect`: its output, how long it took, and its largest memory.
#[expect(clippy::disallowed_methods, reason = "what is measured is how long it really takes")]
fn filled_in(bed: &TestBed, named: &str) -> (String, Duration, u64) {
    let started = Instant::now();
    let out = bed.work().join("form.txt");
    let file = fs::File::create(&out).unwrap();
    let mut child = bed.command(&["new", "--prospect", named]).stdout(file).spawn().unwrap();
    let mut most = 0;
    let status = loop {
        most = most.max(peak(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    assert!(status.success(), "{status}");
    (fs::read_to_string(out).unwrap(), started.elapsed(), most)
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the program under test reads the real clock")]
fn a_large_mailbox_on_dovecot_costs_one_search_for_each_folder() {
    let mut bed = TestBed::start();
    let long = std::env::var_os("BATON_LONG").is_some();
    let (mails, expected) =
        mailbox(if long { 20_000 } else { 1_500 }, if long { 200 } else { 20 }, Utc::now());
    fill(&bed, &mails);
    let accounts = bed.account_toml("dana", DANA) + &bed.account_toml("calvin", CALVIN);
    let config = config_toml_with(&accounts, "", "");
    bed.write_config(&format!(
        "{config}\n[record]\ncompetitors = [\"Salesforce\", \"HubSpot\", \"Close\"]\n"
    ));
    // The server has its own lists to make of so many files.
    bed.client(DANA).messages("Sent");
    bed.imap.stop();
    let said = bed.log_imap();
    bed.imap.start();
    let mut wrong = Vec::new();
    let mut commands_before = 0;
    for company in expected.iter().take(10) {
        let (text, took, most) = filled_in(&bed, &company.named);
        let form = Answer { subject: String::new(), id: String::new(), text, html: String::new() };
        wrong.extend(company.differs(&form));
        let log = said();
        let all = commands_of(&log);
        let commands = all.len() - commands_before;
        println!("{} in {} messages: {took:?}, {commands} commands, {most} MiB", company.named, mails.len());
        let searches = all.iter().skip(commands_before).filter(|line| line.contains("SEARCH")).count();
        assert_eq!(searches, 2, "one for each folder: {all:#?}");
        assert!(most < 200, "{most} MiB");
        commands_before = all.len();
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The commands that clients gave.
fn commands_of(log: &str) -> Vec<&str> {
    let verbs = [
        "LOGIN",
        "AUTHENTICATE",
        "CAPABILITY",
        "LIST",
        "EXAMINE",
        "UID SEARCH",
        "UID FETCH",
        "LOGOUT",
        "ID",
        "ENABLE",
        "NOOP",
        "NAMESPACE",
    ];
    log.lines().filter(|line| verbs.iter().any(|verb| line.contains(&format!(" {verb}")))).collect()
}
