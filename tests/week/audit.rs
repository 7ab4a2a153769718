//! What `baton audit` says of the week's handoffs is what `baton show` says of each. docs/behaviour.md section 10.

use std::path::Path;
use std::process::Command;

use chrono::{DateTime, Utc};
use serde_json::Value;

/// Every handoff of the audit that `show` tells otherwise.
pub(crate) fn differences(folder: &Path, handoffs: usize) -> Vec<String> {
    let audit = baton(folder, &["audit", "--last", "1000"]);
    let audited = audit["handoffs"].as_array().unwrap();
    let mut found = Vec::new();
    if audited.len() != handoffs {
        found.push(format!("{} handoffs are audited, there are {handoffs}", audited.len()));
    }
    for one in audited {
        let shown = baton(folder, &["show", one["id"].as_str().unwrap()]);
        let expected = [
            ("/company", shown["company"].clone()),
            ("/sdr", shown["sdr"].clone()),
            ("/ae", shown["ae"].clone()),
            ("/prospects", shown["prospects"].clone()),
            ("/sent_at", shown["sent_at"].clone()),
            ("/deadline", shown["deadline"].clone()),
            ("/record", "complete".into()),
            ("/source", "baton".into()),
            ("/touch/answer", touch(&shown).into()),
            ("/touch/at", shown["touch"]["at"].clone()),
            ("/touch/kind", shown["touch"]["kind"].clone()),
            ("/feedback/answer", feedback(&shown, &one["feedback"]["answer"]).into()),
            ("/feedback/at", shown["feedback"]["at"].clone()),
        ];
        for (path, value) in expected {
            if one.pointer(path) != Some(&value) {
                let is = one.pointer(path);
                found.push(format!("{}: {path} is {is:?}, shown is {value}", one["id"]));
            }
        }
    }
    found
}

fn touch(shown: &Value) -> &'static str {
    let touch = &shown["touch"];
    match (touch["state"].as_str().unwrap(), touch["late"] == true) {
        ("touched" | "waiting", true) => "late",
        ("touched", false) => "in time",
        ("breached", _) => "never",
        _ => "cannot tell",
    }
}

fn feedback(shown: &Value, shown_answer: &Value) -> &'static str {
    let feedback = &shown["feedback"];
    let instant = |value: &Value| -> Option<DateTime<Utc>> { value.as_str()?.parse().ok() };
    let due = instant(&feedback["due"]);
    let is_late = |at: Option<DateTime<Utc>>| at.zip(due).is_some_and(|(at, due)| at > due);
    match feedback["state"].as_str().unwrap() {
        "received" if is_late(instant(&feedback["at"])) => "late",
        "received" => "in time",
        "overdue" => "never",
        // Until it is due nothing is wrong; past that the mailboxes would have to be read.
        "requested" if shown_answer == "cannot tell" => "cannot tell",
        _ => "not due",
    }
}

fn baton(folder: &Path, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_baton"))
        .args(["--config", folder.join("baton.toml").to_str().unwrap(), "--json"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .env("TZ", "UTC")
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
