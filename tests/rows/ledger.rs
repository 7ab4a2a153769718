//! Every mail that left, held against the scenario's list and against section 12, and shown in full.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use baton::domain::mails::MailKind;
use baton::sandbox::AcceptedMail;
use baton::store::{OutboxRow, Scope};
use chrono::{DateTime, Utc};
use mail_parser::MessageParser;

use super::cast::{address, short};
use super::format::Scenario;
use super::letter::Original;
use super::stage::Stage;
use super::times::{Times, is_time};

/// One mail of baton's that a server took.
struct Left {
    at: DateTime<Utc>,
    row: OutboxRow,
    accepted: AcceptedMail,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/rows")
}

/// What has left, and the subjects of what left without standing in the outbox.
fn left(stage: &Stage) -> (Vec<Left>, Vec<String>) {
    let rows = stage.rows();
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for accepted in stage.sandbox.all_delivered() {
        let original = Original::of(&accepted.raw);
        match rows.iter().find(|row| row.message_id.as_str() == original.id) {
            Some(row) => known.push(Left { at: accepted.at, row: row.clone(), accepted }),
            None => unknown.push(original.subject),
        }
    }
    known.sort_by(|a, b| {
        (a.at, a.row.key.kind, &a.row.key.about, a.row.seq).cmp(&(
            b.at,
            b.row.key.kind,
            &b.row.key.about,
            b.row.seq,
        ))
    });
    (known, unknown)
}

fn names(list: &[baton::domain::message::Mailbox]) -> String {
    list.iter().map(|one| short(one.address.as_str())).collect::<Vec<_>>().join(", ")
}

fn line(mail: &Left, times: &Times) -> String {
    let mut line =
        format!("{} {} to {}", times.show(mail.at), mail.row.key.kind.name(), names(&mail.row.recipients.to));
    if !mail.row.recipients.cc.is_empty() {
        line.push_str(&format!(" cc {}", names(&mail.row.recipients.cc)));
    }
    line
}

/// Mail that left and is not listed, that is listed and did not leave, and that section 12 does not allow.
pub(crate) fn faults(scenario: &Scenario, stage: &Stage, times: &Times) -> Vec<String> {
    let (left, unknown) = left(stage);
    let mut faults: Vec<String> =
        unknown.iter().map(|subject| format!("a mail left that stands in no outbox: {subject}")).collect();
    let mut wanted: Vec<String> = scenario.mails.iter().map(|line| normal(line, times)).collect();
    for mail in &left {
        let line = line(mail, times);
        match wanted.iter().position(|one| *one == line) {
            Some(at) => drop(wanted.remove(at)),
            None => faults.push(format!("a mail left that is not listed: {line}")),
        }
        faults.extend(of_section_12(mail, &left, stage).into_iter().map(|fault| format!("{line}: {fault}")));
    }
    faults.extend(wanted.into_iter().map(|line| format!("listed, but it did not leave: {line}")));
    faults
}

/// `Tue 16:00:00 ..` and `2026-12-01 16:00 ..` as they are shown.
fn normal(line: &str, times: &Times) -> String {
    let words: Vec<&str> = line.splitn(3, ' ').collect();
    let [day, time, rest] = words.as_slice() else { return line.to_owned() };
    let when = format!("{day} {time}");
    if !is_time(&when) {
        return line.to_owned();
    }
    let at = Times::new().next(&when);
    format!("{} {rest}", times.show(at))
}

fn of_section_12(mail: &Left, all: &[Left], stage: &Stage) -> Vec<String> {
    let mut faults = Vec::new();
    let kind = mail.row.key.kind;
    let is_intro = kind == MailKind::Intro;
    let raw = String::from_utf8_lossy(&mail.accepted.raw).replace("\r\n", "\n");
    let head = raw.split("\n\n").next().unwrap_or_default().replace("\n ", " ");
    let has = |name: &str| head.lines().any(|line| line.to_lowercase().starts_with(&format!("{name}:")));
    for mark in ["auto-submitted", "x-auto-response-suppress"] {
        if has(mark) == is_intro {
            faults.push(format!("{mark} is wrong"));
        }
    }
    let mut named: Vec<String> = mail.row.recipients.addresses().iter().map(ToString::to_string).collect();
    let mut reached = mail.accepted.to.clone();
    named.sort();
    reached.sort();
    if named != reached {
        faults.push(format!("the envelope goes to {reached:?}"));
    }
    let is_inside = |who: &&String| who.ends_with("@vendor.example") && who.as_str() != "pat@vendor.example";
    if !is_intro && !reached.iter().all(|who| is_inside(&who)) {
        faults.push("to somebody outside the configuration".to_owned());
    }
    let cites: Vec<&str> = head
        .lines()
        .filter(|line| {
            let line = line.to_lowercase();
            line.starts_with("references:") || line.starts_with("in-reply-to:")
        })
        .collect();
    let mut of_thread: Vec<String> = stage.letters.values().map(|letter| letter.id.clone()).collect();
    of_thread.extend(
        all.iter()
            .filter(|one| one.row.key.kind == MailKind::Intro)
            .map(|one| one.row.message_id.to_string()),
    );
    if let Some(id) =
        of_thread.iter().find(|id| !id.is_empty() && cites.iter().any(|line| line.contains(id.as_str())))
    {
        faults.push(format!("cites the thread: {id}"));
    }
    if all.iter().filter(|one| one.row.message_id == mail.row.message_id).count() > 1 {
        faults.push("it left twice".to_owned());
    }
    let copies = stage
        .sandbox
        .mailbox(&address("dana"), "\\Sent")
        .iter()
        .map(|stored| Original::of(&stored.raw).id)
        .filter(|id| {
            *id == mail.row.message_id.as_str()
                || mail.accepted.replaced_id.as_ref().is_some_and(|own| own.trim_matches(['<', '>']) == id)
        })
        .count();
    let as_sdr =
        matches!(kind, MailKind::Intro | MailKind::Escalation | MailKind::LateTouch | MailKind::Withdrawal);
    // What the SDR gets as the manager comes from the agent, whose account is hers too.
    let as_sdr = as_sdr && mail.accepted.from == address("dana") && !reached.contains(&address("dana"));
    // Microsoft's Sent keeps everything that leaves through it.
    let keeps_all = mail.accepted.replaced_id.is_some() && mail.accepted.from == address("dana");
    if copies != usize::from(as_sdr || keeps_all) {
        faults.push(format!("{copies} copies in the SDR's Sent"));
    }
    faults
}

/// The whole run, to be read where a scenario fails.
pub(crate) fn told(stage: &Stage, times: &Times) -> String {
    format!("--- what happened ({}) ---\n{}", stage.dir().display(), document(stage, times))
}

fn document(stage: &Stage, times: &Times) -> String {
    let (left, _) = left(stage);
    let mut out = String::new();
    for mail in &left {
        writeln!(out, "=== {}", line(mail, times)).unwrap();
        out.push_str(&letter(&mail.accepted));
        out.push('\n');
    }
    for (company, id) in &stage.handoffs {
        writeln!(out, "=== story of {company}").unwrap();
        let shown = stage.show(id);
        for event in shown["events"].as_array().unwrap() {
            let at = event["at"].as_str().unwrap().parse().unwrap();
            let rule = event["rule"].as_i64().map(|rule| format!(" (row {rule})")).unwrap_or_default();
            let folder = event["folder"].as_str().map(|folder| format!(" [{folder}]")).unwrap_or_default();
            let why = event["why"].as_str().unwrap_or_default();
            writeln!(out, "{} {}{rule}: {why}{folder}", times.show(at), event["what"].as_str().unwrap())
                .unwrap();
        }
    }
    short_of_usual(stable(out, stage))
}

/// What is in most scenarios word for word is in files of its own, so that a snapshot shows what is
/// particular to it. Anything that differs by a letter is shown.
fn short_of_usual(mut text: String) -> String {
    for name in ["intro.txt", "record.txt", "record-mail.txt"] {
        let usual = fs::read_to_string(folder().join("usual").join(name)).unwrap();
        text = text.replace(&usual, &format!("(usual/{name})\n"));
    }
    text
}

/// The header lines that matter and the text part.
fn letter(accepted: &AcceptedMail) -> String {
    let parsed = MessageParser::default().parse(&accepted.raw).expect("a mail");
    let mut out = String::new();
    for name in ["From", "To", "Cc", "Reply-To", "Subject", "In-Reply-To", "References", "Auto-Submitted"] {
        if let Some(value) = parsed.header_raw(name) {
            let value = if name == "Subject" { parsed.subject().unwrap_or_default() } else { value };
            let words: Vec<&str> = value.split_whitespace().collect();
            writeln!(out, "{name}: {}", words.join(" ")).unwrap();
        }
    }
    let text = parsed.body_text(0).unwrap_or_default().replace("\r\n", "\n");
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    format!("{out}\n{}\n", lines.join("\n"))
}

/// References without their seals, which no two runs have in common.
fn without_seals(text: &str) -> String {
    let seal = regex::Regex::new(r"(baton-[0-9a-z]{13})\.[0-9a-z]{29}\.ref@").unwrap();
    seal.replace_all(text, "$1.ref@").into_owned()
}

/// Tokens and ids, which are drawn at random, become names.
fn stable(text: String, stage: &Stage) -> String {
    let mut text = without_seals(&text);
    let mut counts = std::collections::BTreeMap::<String, u32>::new();
    let mut rows = stage.rows();
    let place = |row: &OutboxRow| match &row.scope {
        Scope::Global | Scope::Letter => 0,
        Scope::Handoff(id) => 1 + stage.handoffs.iter().position(|(_, one)| one == id).unwrap_or(0),
    };
    rows.sort_by_key(|row| (row.sent_at, row.key.kind, place(row), row.key.about.clone()));
    for row in &rows {
        let kind = row.key.kind.name();
        let count = counts.entry(kind.to_owned()).or_default();
        *count += 1;
        text = text.replace(row.token.as_str(), &format!("{kind}-{count}"));
    }
    for (index, (_, id)) in stage.handoffs.iter().enumerate() {
        let (word, _) = id.rsplit_once('-').unwrap();
        text = text.replace(id.as_str(), &format!("{word}-000{}", index + 1));
    }
    text
}

pub(crate) fn snapshot(name: &str, shows: &str, stage: &Stage, times: &Times) {
    let document = document(stage, times);
    insta::with_settings!({
        snapshot_path => folder().join("snapshots"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
        description => shows,
    }, {
        insta::assert_snapshot!(name, document);
    });
}

/// Snapshots of scenarios that are no more.
pub(crate) fn orphans() -> Result<(), String> {
    let stems = |dir: &str, extension: &str| -> BTreeSet<String> {
        fs::read_dir(folder().join(dir))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|one| one == extension))
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .collect()
    };
    let (scenarios, snapshots) = (stems("scenarios", "toml"), stems("snapshots", "snap"));
    let orphans: Vec<_> = snapshots.difference(&scenarios).collect();
    if orphans.is_empty() { Ok(()) } else { Err(format!("without a scenario: {orphans:?}")) }
}
