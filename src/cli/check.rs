//! `baton check`: whether records may be sent, every fault with its place, each condition with its proof.
//!
//! Reads the files and says what it found; what mail proves comes in as `ConditionProof`s, since mailboxes are the
//! agent's. Without any, a condition is *ticked*, no more. Sends nothing, stores nothing.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use clap::Args;

use crate::agent::proof::{ConditionProof, ProofVerdict};
use crate::clock::Zones;
use crate::config::Config;
use crate::diagnostics::{self, Fault, FaultStyle};
use crate::domain::handoff::Record;
use crate::domain::people::given_name;
use crate::domain::sla::{Deadline, deadline};
use crate::domain::zone::ZoneSource;
use crate::files;
use crate::record::{self, CONDITIONS, ParseContext, Parsed, condition_of};

use super::story::exact;

/// Options of `baton check`.
#[derive(Args, Clone, Debug, Default)]
pub struct CheckArgs {
    /// The records to check; `-` reads one from standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// What records are checked against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckContext<'a> {
    pub config: &'a Config,
    pub zones: &'a Zones,
    pub now: DateTime<Utc>,
}

/// One file and what came of it.
#[derive(Debug)]
pub(crate) struct CheckedFile {
    pub file: String,
    /// The record with its warnings, or why it is refused.
    pub found: Result<Parsed, Vec<Fault>>,
    pub warnings: Vec<Fault>,
    /// When the first touch would be due if the intro left now.
    pub deadline: Option<Deadline>,
    pub proofs: Vec<ConditionProof>,
}

impl CheckedFile {
    /// Whether the record may be sent as it is.
    pub(crate) fn is_ready(&self) -> bool {
        self.found.is_ok() && self.proofs.iter().all(|proof| proof.verdict == ProofVerdict::Proved)
    }
}

/// Reads one record. `send`, `preview` and `resend` read theirs through this too.
pub(crate) fn read(path: &Path, context: &CheckContext<'_>) -> CheckedFile {
    let CheckContext { config, zones, now } = *context;
    let file = path.display().to_string();
    let (name, bytes) = if file == "-" {
        ("standard input".to_owned(), read_enough(io::stdin().lock()))
    } else {
        (file.clone(), files::open_argument(path).and_then(read_enough))
    };
    let text = bytes
        .map_err(|error| vec![unreadable(&name, &error)])
        .and_then(|bytes| record::decode(&name, &bytes));
    let found = text.and_then(|text| {
        let context = ParseContext {
            people: &config.people,
            zones,
            now,
            extra_conditions: &config.conditions,
            path: &name,
        };
        record::parse(&text, &context)
    });
    let mut checked = CheckedFile { file, found, warnings: Vec::new(), deadline: None, proofs: Vec::new() };
    if let Ok(parsed) = &checked.found {
        checked.warnings.clone_from(&parsed.warnings);
        if let Some(ae) = config.person(&parsed.record.ae) {
            let due = deadline(&config.sla.policy, &ae.working, now);
            checked.warnings.extend(parsed.before_deadline(due.at, ae.working.zone.as_ref()));
            checked.deadline = Some(due);
        }
        diagnostics::sort(&mut checked.warnings);
    }
    checked
}

/// The bytes of a record, or so many of a longer text that it is refused as one, in UTF-16 too.
fn read_enough(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let enough = u64::try_from(record::MOST_BYTES).unwrap_or(u64::MAX).saturating_mul(2).saturating_add(2);
    from.take(enough).read_to_end(&mut bytes).map(|_| bytes)
}

fn unreadable(name: &str, error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => {
            Fault::of_file(name, "there is no such file").help("`baton new FILE` writes an empty record")
        }
        io::ErrorKind::IsADirectory => {
            Fault::of_file(name, "this is a folder, not a record").help("name the record in it")
        }
        io::ErrorKind::PermissionDenied => {
            Fault::of_file(name, "you may not read this file").help("ask its owner, or change its mode")
        }
        _ => {
            let fault = Fault::of_file(name, format!("the file cannot be read: {error}"));
            files::remedy(error).into_iter().fold(fault, Fault::help)
        }
    }
}

/// Checks every file. `proofs` tells what mail proves of a record that is otherwise right; it may know
/// nothing. Results go to `out`, faults and warnings for people to `err`. Returns the exit status: 0 where
/// every record may be sent, else 3.
pub(crate) fn run(
    args: &CheckArgs,
    context: &CheckContext<'_>,
    proofs: &mut dyn FnMut(&Record) -> Vec<ConditionProof>,
    show: CheckOutput,
    mut out: impl Write,
    mut err: impl Write,
) -> io::Result<u8> {
    let mut all = Vec::new();
    for path in &args.files {
        let mut checked = read(path, context);
        if let Ok(parsed) = &checked.found {
            checked.proofs = proofs(&parsed.record);
        }
        all.push(checked);
    }
    if show.json {
        let documents: serde_json::Value = all.iter().map(|checked| to_json(checked, context)).collect();
        writeln!(out, "{documents:#}")?;
    } else {
        for (index, checked) in all.iter().enumerate() {
            if index > 0 {
                writeln!(out)?;
            }
            for_people(checked, context, show.style, &mut out, &mut err)?;
        }
    }
    Ok(if all.iter().all(CheckedFile::is_ready) { 0 } else { 3 })
}

/// How results are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CheckOutput {
    pub json: bool,
    /// Of the faults on standard error.
    pub style: FaultStyle,
}

/// The conditions of the record, each with what mail says of it.
fn conditions<'a>(
    checked: &'a CheckedFile,
    record: &'a Record,
    extra: &[String],
) -> Vec<(&'a str, Option<&'a ConditionProof>)> {
    let proof = |text: &str| {
        let name = CONDITIONS.get(condition_of(text, extra)?)?;
        checked.proofs.iter().find(|proof| proof.condition.name() == *name)
    };
    record.conditions.iter().map(|text| (text.as_str(), proof(text))).collect()
}

fn for_people(
    checked: &CheckedFile,
    context: &CheckContext<'_>,
    style: FaultStyle,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<()> {
    let CheckContext { config, zones, .. } = *context;
    err.write_all(diagnostics::render(&checked.warnings, style).as_bytes())?;
    let parsed = match &checked.found {
        Ok(parsed) => parsed,
        Err(faults) => {
            err.write_all(diagnostics::render(faults, style).as_bytes())?;
            let count = match faults.len() {
                1 => "1 thing to fix".to_owned(),
                many => format!("{many} things to fix"),
            };
            return writeln!(err, "\n{}: {count}", checked.file);
        }
    };
    let record = &parsed.record;
    let verdict = if checked.is_ready() {
        "ready to send"
    } else {
        "contradicted by what mail says; it cannot be sent"
    };
    writeln!(out, "{}: {verdict}", checked.file)?;
    writeln!(out, "  {}, from {} to {}", record.company, record.sdr, record.ae)?;
    if let Some(zone) = zones.zone(&record.meeting.zone) {
        let local = zone.local(record.meeting.start);
        let length = record::show_length(record.meeting.length_seconds);
        let (date, zone) = (local.format("%a %-d %b %Y %H:%M"), zone.name());
        writeln!(out, "  meeting  {date} {zone}, {length}, {}", record.meeting.format)?;
    }
    let to: Vec<String> = record.to.iter().map(record::show_mailbox).collect();
    writeln!(out, "  intro    to {}", to.join(", "))?;
    if let Some((due, ae)) = checked.deadline.as_ref().zip(config.person(&record.ae)) {
        let (first_name, at) = (given_name(&record.ae), exact(due.at, ae.working.zone.as_ref()));
        writeln!(out, "  if sent now, {first_name}'s first touch is due {at} ({})", due.why)?;
    }
    for (text, proof) in conditions(checked, record, &config.conditions) {
        match proof {
            None => writeln!(out, "  [x] {text}: ticked")?,
            Some(ConditionProof { verdict, why, message_id, .. }) => {
                let (mark, word) = match verdict {
                    ProofVerdict::Proved => ("[x]", "proved"),
                    ProofVerdict::Contradicted => ("[!]", "contradicted"),
                };
                let id = message_id.as_ref().map(|id| format!(" <{id}>")).unwrap_or_default();
                writeln!(out, "  {mark} {text}: {word}, {why}{id}")?;
            }
        }
    }
    Ok(())
}

/// `{"file","ready","record":{..}|null,"conditions":[{"text","state","message_id","why"}],"deadline","why",
/// "faults":[..],"warnings":[..]}`
fn to_json(checked: &CheckedFile, context: &CheckContext<'_>) -> serde_json::Value {
    let CheckContext { config, zones, .. } = *context;
    let (record, faults) = match &checked.found {
        Ok(parsed) => (Some(&parsed.record), diagnostics::to_json(&[])),
        Err(faults) => (None, diagnostics::to_json(faults)),
    };
    let conditions: Option<Vec<serde_json::Value>> = record.map(|record| {
        conditions(checked, record, &config.conditions)
            .into_iter()
            .map(|(text, proof)| {
                let state = match proof.map(|proof| proof.verdict) {
                    None => "ticked",
                    Some(ProofVerdict::Proved) => "proved",
                    Some(ProofVerdict::Contradicted) => "contradicted",
                };
                serde_json::json!({
                    "text": text,
                    "state": state,
                    "message_id": proof.and_then(|proof| proof.message_id.as_deref()),
                    "why": proof.map(|proof| proof.why.as_str()),
                })
            })
            .collect()
    });
    let ae = record.and_then(|record| config.person(&record.ae));
    let due = checked.deadline.as_ref().zip(ae).map(|(due, ae)| ae.working.zone.local(due.at).to_rfc3339());
    serde_json::json!({
        "file": checked.file,
        "ready": checked.is_ready(),
        "record": record.map(|record| record_json(record, zones)),
        "conditions": conditions.unwrap_or_default(),
        "deadline": due,
        "why": checked.deadline.as_ref().map(|due| due.why.as_str()),
        "faults": faults,
        "warnings": diagnostics::to_json(&checked.warnings),
    })
}

fn record_json(record: &Record, zones: &Zones) -> serde_json::Value {
    let start = zones.zone(&record.meeting.zone).map_or_else(
        || record.meeting.start.to_rfc3339(),
        |zone| zone.local(record.meeting.start).to_rfc3339(),
    );
    let addresses = |list: &[crate::domain::message::Mailbox]| -> Vec<String> {
        list.iter().map(|mailbox| mailbox.address.to_string()).collect()
    };
    serde_json::json!({
        "company": record.company,
        "date": record.date.to_string(),
        "sdr": record.sdr,
        "ae": record.ae,
        "meeting": {
            "start": start,
            "zone": record.meeting.zone,
            "length_seconds": record.meeting.length_seconds,
            "attendees": addresses(&record.meeting.attendees),
        },
        "to": addresses(&record.to),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::proof::Condition;
    use crate::config::{Surroundings, parse};

    const CONFIG: &str = r#"
[agent]
account = "dana"
operator = "ops@vendor.example"
[accounts.dana]
address = "dana@vendor.example"
imap = "imaps://mail.vendor.example"
smtp = "smtps://mail.vendor.example"
password = { env = "DANA_PASSWORD" }
[[people]]
name = "Dana Fox"
roles = ["sdr"]
address = "dana@vendor.example"
account = "dana"
[[people]]
name = "Calvin Reyes"
roles = ["ae"]
address = "calvin@vendor.example"
zone = "America/New_York"
holidays = ["2026-11-26"]
"#;
    const RECORD: &str = include_str!("../record/fixtures/acme.txt");

    struct Said {
        status: u8,
        out: String,
        err: String,
    }

    fn check(records: &[&str], json: bool, proofs: &[ConditionProof]) -> Said {
        let zones = Zones::built_in();
        let surroundings = Surroundings { zones: &zones, machine: zones.get("UTC").unwrap() };
        let config = parse(CONFIG, Path::new("baton.toml"), &surroundings).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        for (index, text) in records.iter().enumerate() {
            let path = dir.path().join(format!("{index}.txt"));
            std::fs::write(&path, text).unwrap();
            files.push(path);
        }
        let now = "2026-11-24T15:00:00Z".parse().unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let show = CheckOutput { json, style: FaultStyle::PLAIN };
        let mut proved = |_: &Record| proofs.to_vec();
        let args = CheckArgs { files };
        let context = CheckContext { config: &config, zones: &zones, now };
        let status = run(&args, &context, &mut proved, show, &mut out, &mut err).unwrap();
        let plain = |bytes: Vec<u8>| {
            String::from_utf8(bytes).unwrap().replace(&format!("{}/", dir.path().display()), "")
        };
        Said { status, out: plain(out), err: plain(err) }
    }

    fn invitation(verdict: ProofVerdict, why: &str) -> ConditionProof {
        ConditionProof {
            condition: Condition::InvitationAccepted,
            verdict,
            message_id: Some("1@acme.example".to_owned()),
            why: why.to_owned(),
        }
    }

    #[test]
    fn a_right_record_is_told_to_be_ready_with_what_mail_proves() {
        let proofs = [invitation(ProofVerdict::Proved, "Sarah Lee accepted on Mon 23 Nov")];
        let output = check(&[RECORD], false, &proofs);
        assert_eq!((output.status, output.err.as_str()), (0, ""));
        insta::assert_snapshot!("ready", output.out);
        let output = check(&[RECORD], true, &proofs);
        let documents: serde_json::Value = serde_json::from_str(&output.out).unwrap();
        assert_eq!(documents[0]["conditions"][0]["state"], "proved");
        assert_eq!(documents[0]["conditions"][0]["message_id"], "1@acme.example");
        assert_eq!(documents[0]["conditions"][1]["state"], "ticked");
        assert_eq!(documents[0]["deadline"], "2026-11-24T17:00:00-05:00");
        assert_eq!(documents[0]["record"]["meeting"]["start"], "2026-11-26T14:00:00-05:00");
    }

    #[test]
    fn a_contradicted_condition_and_a_fault_are_refused() {
        let proofs = [invitation(ProofVerdict::Contradicted, "everybody who answered has declined")];
        let output = check(&[RECORD], false, &proofs);
        assert_eq!(output.status, 3);
        assert!(
            output.out.contains("[!] Calendar invite accepted: contradicted, everybody who answered"),
            "{}",
            output.out
        );
        let wrong = RECORD.replace("Format: Zoom", "Format: TBD");
        let output = check(&[RECORD, &wrong], false, &[]);
        assert_eq!(output.status, 3);
        assert!(output.out.starts_with("0.txt: ready to send"));
        assert!(output.err.contains("--> 1.txt:15:9"), "{}", output.err);
        assert!(output.err.ends_with("1.txt: 1 thing to fix\n"), "{}", output.err);
        let output = check(&[&wrong], true, &[]);
        let documents: serde_json::Value = serde_json::from_str(&output.out).unwrap();
        assert_eq!((output.status, output.err.as_str()), (3, ""));
        assert_eq!(documents[0]["faults"][0]["line"], 15);
        assert_eq!(documents[0]["record"], serde_json::Value::Null);
    }

    #[test]
    fn a_meeting_before_the_deadline_is_warned_about() {
        let soon = RECORD.replace("2026-11-26 14:00", "2026-11-24 14:00");
        let output = check(&[&soon], false, &[]);
        assert_eq!(output.status, 0);
        assert!(
            output.err.contains("warning: the meeting comes before the first touch is due"),
            "{}",
            output.err
        );
    }

    #[test]
    fn a_file_that_is_not_there_says_so() {
        let zones = Zones::built_in();
        let surroundings = Surroundings { zones: &zones, machine: zones.get("UTC").unwrap() };
        let config = parse(CONFIG, Path::new("baton.toml"), &surroundings).unwrap();
        let now = "2026-11-24T15:00:00Z".parse().unwrap();
        let checked =
            read(Path::new("/no/such/acme.txt"), &CheckContext { config: &config, zones: &zones, now });
        assert_eq!(checked.found.unwrap_err()[0].to_string(), "/no/such/acme.txt: there is no such file");
    }
}
