//! `baton init` against a real mailbox: what was answered is a configuration that works.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::io::Write;
use std::process::{Output, Stdio};

use support::{CALVIN, DANA, MORGAN, TestBed};

fn answer(bed: &TestBed, arguments: &[&str], lines: &str) -> Output {
    let mut command = bed.command(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn lines(bed: &TestBed, variable: &str) -> String {
    let (imap, smtp) = (bed.ports.imap, bed.ports.submission);
    format!(
        "Dana Fox\n{DANA}\nimap://127.0.0.1:{imap}\nsmtp://127.0.0.1:{smtp}\n\n{variable}\n\nCalvin Reyes\n{CALVIN}\n\
         America/New_York\nMorgan Hale\n{MORGAN}\n"
    )
}

#[test]
fn the_answers_make_a_configuration_with_which_everything_works() {
    let bed = TestBed::start();
    let said = answer(&bed, &["init", "team"], &lines(&bed, "BED_PASSWORD"));
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
    assert!(String::from_utf8_lossy(&said.stdout).contains("dana: mailbox"));
    let written = bed.work().join("team/baton.toml");
    let text = std::fs::read_to_string(&written).unwrap();
    assert!(text.contains("password = { env = \"BED_PASSWORD\" }"), "{text}");
    bed.baton(&["doctor", "--send", "--config", "team/baton.toml"]).expect_status(0);
    let again = answer(&bed, &["init", "team"], &lines(&bed, "BED_PASSWORD"));
    assert_eq!(again.status.code(), Some(3));
    assert_eq!(std::fs::read_to_string(&written).unwrap(), text);
}

#[test]
fn a_password_that_is_not_known_yet_and_a_server_that_is_not_there_are_told_apart() {
    let bed = TestBed::start();
    let said = answer(&bed, &["init", "later", "--json"], &lines(&bed, "NOT_SET_YET"));
    assert_eq!(said.status.code(), Some(0));
    let document: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(document["checks"], serde_json::Value::Null);
    assert!(String::from_utf8_lossy(&said.stderr).contains("export NOT_SET_YET="));
    let closed = lines(&bed, "BED_PASSWORD")
        .replace(&format!("imap://127.0.0.1:{}", bed.ports.imap), "imap://127.0.0.1:1");
    let said = answer(&bed, &["init", "closed", "--json"], &closed);
    assert_eq!(said.status.code(), Some(4));
    let document: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(document["checks"][0]["ok"], false);
    assert!(bed.work().join("closed/baton.toml").exists(), "the answers are not lost");
    let said = answer(&bed, &["init", "unfinished"], "Dana Fox\n");
    assert_eq!(said.status.code(), Some(3));
    assert!(!bed.work().join("unfinished").exists());
}
