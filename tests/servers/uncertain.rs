//! Deliveries whose end nobody saw, and processes that die: nothing is lost, nothing is sent twice.

use crate::support::agent::config_toml_with;
use crate::support::proxy::{Fault, Proxy};
use crate::support::{CALVIN, DANA, OPERATOR, SARAH, TestBed, wait_until};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "these tests run against real time")]
    Utc::now()
}

fn record() -> String {
    let start = now() + TimeDelta::days(2);
    include_str!("../support/record.txt")
        .replace("{start}", &start.format("%Y-%m-%d %H:%M:%S UTC").to_string())
        .replace("{length}", "30 min")
}

/// A bed whose submission for Dana goes through a proxy; Calvin's mailbox is watched only if `watched`.
fn bed_behind_proxy(watched: bool) -> (TestBed, Proxy) {
    let bed = TestBed::start();
    let proxy = Proxy::to(bed.ports.submission);
    let imap = format!("imaps://127.0.0.1:{}", bed.ports.imaps);
    let smtp = format!("smtp://127.0.0.1:{}", proxy.port);
    let mut accounts = bed.account_toml_at("dana", DANA, &imap, &smtp);
    if watched {
        accounts.push_str(&bed.account_toml("calvin", CALVIN));
    }
    let mut toml = config_toml_with(&accounts, "policy = \"elapsed\"\nhours = \"1h\"", "");
    if !watched {
        toml = toml.replace("account = \"calvin\"\n", "");
    }
    bed.write_config(&toml);
    (bed, proxy)
}

fn show(bed: &TestBed) -> Value {
    bed.baton(&["show", "acme", "--json"]).expect_status(0).json()
}

fn intro(shown: &Value) -> Value {
    shown["mails"].as_array().unwrap().iter().find(|mail| mail["kind"] == "intro").unwrap().clone()
}

#[test]
fn an_intro_whose_acknowledgement_was_lost_is_found_in_the_aes_mailbox_and_starts_the_clock() {
    let (bed, proxy) = bed_behind_proxy(true);
    bed.write_file("acme.txt", &record());
    proxy.set(Fault::SwallowFinalAnswer);
    let ran = bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4);
    let sent = ran.json();
    assert_eq!((&sent["sent_at"], &sent["deadline"]), (&Value::Null, &Value::Null));
    proxy.set(Fault::None);
    bed.wait_for(CALVIN, "INBOX", 1, |_| true);
    let agent = bed.agent();
    let mut shown = Value::Null;
    wait_until("the intro to be found", || {
        shown = show(&bed);
        shown["sent_at"].is_string()
    });
    assert_eq!(intro(&shown)["state"], "sent");
    assert_eq!(intro(&shown)["message_id"], sent["message_id"]);
    bed.wait_for(CALVIN, "INBOX", 2, |_| true);
    assert_eq!(agent.stop(), 0);
    assert_eq!(bed.client(SARAH).messages("INBOX").len(), 1, "it was not sent twice");
}

#[test]
fn an_intro_that_never_reached_the_server_is_held_and_not_repeated() {
    let (bed, proxy) = bed_behind_proxy(false);
    bed.write_file("acme.txt", &record());
    proxy.set(Fault::SwallowFinalAnswer);
    bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4);
    proxy.set(Fault::None);
    let shown = show(&bed);
    assert_eq!(intro(&shown)["state"], "uncertain");
    for arguments in [&["status"][..], &["show", "acme"]] {
        let told = bed.baton(arguments).expect_status(0).stdout;
        assert!(!told.contains("not sent yet"), "{told}");
        assert!(told.contains("may have left") || told.contains("nobody can tell yet"), "{told}");
    }
    bed.baton(&["run", "--once"]).expect_status(0);
    assert_eq!(intro(&show(&bed))["state"], "uncertain");
    assert_eq!(bed.client(SARAH).messages("INBOX").len(), 1);
    let listed = bed.baton(&["outbox", "--json"]).expect_status(0).json();
    let id = listed[0]["id"].as_i64().unwrap().to_string();
    bed.baton(&["outbox", "retry", &id]).expect_status(0);
    bed.baton(&["run", "--once"]).expect_status(0);
    let got = bed.wait_for(SARAH, "INBOX", 2, |_| true);
    assert_eq!(got[0].header("Message-ID"), got[1].header("Message-ID"), "the identical mail, as asked");
    assert_eq!(bed.client(OPERATOR).messages("INBOX").len(), 0);
}

/// Mails that ask the SDR not to send the intro again.
fn warnings(bed: &TestBed) -> Vec<String> {
    let mails = bed.client(DANA).messages("INBOX").into_iter();
    mails
        .filter(|mail| mail.header("Subject").is_some_and(|s| s.contains("unclear")))
        .map(|mail| mail.text)
        .collect()
}

#[test]
fn the_sdr_is_asked_once_not_to_send_an_intro_again_and_no_clock_runs() {
    let (bed, proxy) = bed_behind_proxy(false);
    bed.write_file("acme.txt", &record());
    proxy.set(Fault::SwallowFinalAnswer);
    let sent = bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4).json();
    assert_eq!((&sent["sent_at"], &sent["deadline"]), (&Value::Null, &Value::Null));
    proxy.set(Fault::None);
    let twice = bed.baton(&["send", "acme.txt", "--yes"]).expect_status(3);
    assert!(twice.stderr.contains("it may arrive twice"), "{}", twice.stderr);
    assert!(!twice.stderr.contains("--again"), "{}", twice.stderr);
    bed.baton(&["run", "--once"]).expect_status(0);
    bed.wait_for(DANA, "INBOX", 1, |_| true);
    bed.baton(&["run", "--once"]).expect_status(0);
    let warnings = warnings(&bed);
    assert_eq!(warnings.len(), 1, "once");
    assert!(warnings[0].contains("don't send the"), "{}", warnings[0]);
    let shown = show(&bed);
    assert_eq!((&shown["sent_at"], &shown["deadline"]), (&Value::Null, &Value::Null));
    let kinds: Vec<&str> =
        shown["mails"].as_array().unwrap().iter().map(|mail| mail["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["intro"], "the record waits for the intro");
    assert_eq!(bed.client(SARAH).messages("INBOX").len(), 1);
    // A person who asked a reader settles it.
    let id = bed.baton(&["outbox", "--json"]).json()[0]["id"].as_i64().unwrap().to_string();
    let dropped = bed.baton(&["outbox", "drop", &id]).expect_status(0).stdout;
    assert!(dropped.contains("may have left already"), "{dropped}");
    bed.baton(&["run", "--once"]).expect_status(0);
    assert_eq!(bed.client(SARAH).messages("INBOX").len(), 1, "nothing leaves again");
    let told = bed.wait_for(DANA, "INBOX", 1, |mail| {
        mail.header("Subject").is_some_and(|subject| subject.contains("did your intro arrive?"))
    });
    let told = &told.last().unwrap().text;
    assert!(told.contains("please find out") && !told.contains("came back"), "{told}");
    let shown = bed.baton(&["show", "acme"]).expect_status(0).stdout;
    assert!(shown.contains("nobody can tell whether it had left"), "{shown}");
}

#[test]
fn a_resend_of_unknown_fate_is_told_to_the_sdr_and_found_like_any_other() {
    let (bed, proxy) = bed_behind_proxy(true);
    bed.write_file("acme.txt", &record());
    bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(0);
    let first = show(&bed);
    proxy.set(Fault::SwallowFinalAnswer);
    bed.baton(&["resend", "acme", "--yes", "--json"]).expect_status(4);
    proxy.set(Fault::None);
    bed.wait_for(SARAH, "INBOX", 2, |_| true);
    let shown = show(&bed);
    assert_eq!(shown["deadline"], first["deadline"], "the clock of the first intro is what it was");
    bed.baton(&["run", "--once"]).expect_status(0);
    wait_until("the second intro to be found", || {
        bed.baton(&["run", "--once"]).expect_status(0);
        let shown = show(&bed);
        let mails = shown["mails"].as_array().unwrap().clone();
        mails.iter().filter(|mail| mail["kind"] == "intro").all(|mail| mail["state"] == "sent")
    });
    assert_eq!(bed.client(SARAH).messages("INBOX").len(), 2, "two were asked for, and two have left");
    assert!(warnings(&bed).len() <= 1);
}

#[test]
fn the_copy_of_an_intro_that_was_found_is_put_into_sent_once() {
    let (bed, proxy) = bed_behind_proxy(true);
    bed.write_file("acme.txt", &record());
    proxy.set(Fault::SwallowFinalAnswer);
    bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4);
    assert_eq!(bed.client(DANA).messages("Sent").len(), 0, "what may not have left has no copy");
    proxy.set(Fault::None);
    bed.wait_for(CALVIN, "INBOX", 1, |_| true);
    wait_until("the intro to be found", || {
        bed.baton(&["run", "--once"]).expect_status(0);
        show(&bed)["sent_at"].is_string()
    });
    bed.baton(&["run", "--once"]).expect_status(0);
    bed.baton(&["run", "--once"]).expect_status(0);
    assert_eq!(bed.client(DANA).messages("Sent").len(), 1);
}

#[test]
fn a_connection_cut_before_the_message_ended_leaves_nothing_and_no_handoff() {
    let (bed, proxy) = bed_behind_proxy(true);
    bed.write_file("acme.txt", &record());
    proxy.set(Fault::Cut);
    bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4);
    assert_eq!(bed.baton(&["status", "--all", "--json"]).json(), serde_json::json!([]));
    proxy.set(Fault::None);
    bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(0);
    bed.wait_for(SARAH, "INBOX", 1, |_| true);
}
