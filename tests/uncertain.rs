//! Deliveries whose end nobody saw, and processes that die: nothing is lost, nothing is sent twice.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use support::agent::config_toml_with;
use support::proxy::{Fault, Proxy};
use support::{CALVIN, DANA, OPERATOR, SARAH, TestBed, wait_until};

fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "these tests run against real time")]
    Utc::now()
}

fn record() -> String {
    let start = now() + TimeDelta::days(2);
    include_str!("support/record.txt")
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
