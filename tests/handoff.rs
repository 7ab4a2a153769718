//! The handoff end to end, driven through the built binary against real servers: Dovecot and Postfix.
//!
//! People answer as their mail clients would. Policies are seconds long; waits are bounded and look at what
//! is, never at how long something takes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use support::client::Stored;
use support::{CALVIN, DANA, JAMES, MORGAN, OPERATOR, SARAH, TestBed, wait_until};

/// The record of the test handoff, its meeting starting at `start`, `seconds` long.
fn record(start: DateTime<Utc>, seconds: i64) -> String {
    format!(
        "HANDOFF RECORD: Acme Corp | 2026-11-24
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
Attendees: Sarah Lee <{SARAH}>, James Ortiz <{JAMES}>
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
none mentioned

WARM INTRO EMAIL:
To: Sarah Lee <{SARAH}>
Discussed: we talked about the hours your reps lose to CRM upkeep, and you wanted to see it fixed
Why this AE: Calvin works exclusively with VP-level sales leaders consolidating CRMs
What to expect: a 30-minute Zoom, a short look at your reporting, then the dashboard
",
        start.format("%Y-%m-%d %H:%M:%S")
    )
}

fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "these tests run against real time")]
    Utc::now()
}

/// A meeting that is far enough away to leave the touch alone.
fn in_two_days() -> String {
    record(now() + TimeDelta::days(2), 1800)
}

/// A bed with this SLA, and baton configured.
fn bed(sla: &str, feedback: &str) -> TestBed {
    let bed = TestBed::start();
    bed.write_config(&bed.config_toml(sla, feedback));
    bed
}

/// Sends the record; what `send --json` printed.
fn send(bed: &TestBed, record: &str) -> Value {
    bed.write_file("acme.txt", record);
    bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(0).json()
}

fn show(bed: &TestBed) -> Value {
    bed.baton(&["show", "acme", "--json"]).expect_status(0).json()
}

/// Waits until `show --json` fits, and returns it.
fn shows(bed: &TestBed, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    wait_until(what, || {
        last = show(bed);
        fits(&last)
    });
    last
}

/// Everything in a person's INBOX.
fn inbox(bed: &TestBed, address: &str) -> Vec<Stored> {
    bed.client(address).messages("INBOX")
}

fn subjects(messages: &[Stored]) -> Vec<String> {
    messages.iter().map(|message| message.header("Subject").unwrap_or_default()).collect()
}

/// A reply as a mail client writes it.
fn reply(from: &str, to: &str, cc: &str, original: &Stored, words: &str) -> String {
    let id = original.header("Message-ID").unwrap();
    let references = original.header("References").map(|ids| format!("{ids} ")).unwrap_or_default();
    let subject = original.header("Subject").unwrap();
    let unique = now().timestamp_nanos_opt().unwrap();
    let cc = if cc.is_empty() { String::new() } else { format!("Cc: {cc}\n") };
    format!(
        "From: {from}\nTo: {to}\n{cc}Subject: Re: {subject}\nMessage-ID: <{unique}@client.example>\n\
         In-Reply-To: {id}\nReferences: {references}{id}\nDate: {}\n\n{words}\n\n\
         On Tue, 24 Nov 2026 at 10:00, Dana Fox <{DANA}> wrote:\n> Hi Sarah,\n",
        now().to_rfc2822()
    )
}

/// The mails of one kind that baton made.
fn mails<'a>(shown: &'a Value, kind: &str) -> Vec<&'a Value> {
    shown["mails"].as_array().unwrap().iter().filter(|mail| mail["kind"] == kind).collect()
}

const CALVIN_BOX: &str = "Calvin Reyes <calvin@vendor.example>";

#[test]
fn a_handoff_that_is_touched_in_time_and_handed_over_cleanly() {
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"", "");
    let sent = send(&bed, &in_two_days());
    assert!(sent["deadline"].is_string() && sent["why"].is_string(), "{sent}");

    let intro = bed.wait_for(SARAH, "INBOX", 1, |_| true).remove(0);
    let weekday = (now() + TimeDelta::days(2)).format("%A").to_string();
    assert_eq!(intro.header("Subject").unwrap(), format!("Sarah, intro to Calvin + {weekday}'s agenda"));
    assert!(intro.header("To").unwrap().contains(SARAH));
    assert!(intro.header("Cc").unwrap().contains(CALVIN));
    assert!(intro.header("From").unwrap().contains(DANA));
    assert_eq!(intro.header("Message-ID").unwrap(), format!("<{}>", sent["message_id"].as_str().unwrap()));
    for mark in ["Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"] {
        assert_eq!(intro.header(mark), None);
    }
    assert!(!intro.text.contains("none mentioned") && !intro.text.contains("decision-maker"));
    let kept = bed.client(DANA).messages("Sent");
    assert_eq!(kept.len(), 1, "one copy in Sent: {:?}", subjects(&kept));
    let calvins = bed.wait_for(CALVIN, "INBOX", 2, |_| true);
    assert!(calvins.iter().any(|mail| mail.text.contains("HANDOFF RECORD: Acme Corp")), "the record mail");

    let agent = bed.agent();
    shows(&bed, "the intro in the timeline", |shown| shown["touch"]["state"] == "waiting");
    bed.submit(CALVIN, &[SARAH, DANA], &reply(CALVIN_BOX, SARAH, DANA, &intro, "Hi Sarah, the reporting pain first."));
    let shown = shows(&bed, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(shown["touch"]["kind"], "reply");
    assert_eq!(shown["touch"]["late"], false);
    assert_eq!(shown["cc"]["state"], "kept");

    bed.submit(CALVIN, &[SARAH], &reply(CALVIN_BOX, SARAH, "", &intro, "See you on Thursday."));
    // A copy that Bcc took to Dana would lie in her mailbox; there is none.
    bed.file_into(CALVIN, "Sent", &reply(CALVIN_BOX, SARAH, "", &intro, "See you on Thursday then."));
    let shown = shows(&bed, "the drop-off", |shown| shown["cc"]["state"] == "dropped");
    assert_eq!(shown["cc"]["first"], "kept");
    assert_eq!(mails(&shown, "escalation").len(), 0);
    assert_eq!(agent.stop(), 0);
}
