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
    bed.submit(
        CALVIN,
        &[SARAH, DANA],
        &reply(CALVIN_BOX, SARAH, DANA, &intro, "Hi Sarah, the reporting pain first."),
    );
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

#[test]
fn silence_past_the_deadline_escalates_once_and_a_late_reply_brings_one_follow_up() {
    let bed = bed("policy = \"elapsed\"\nhours = \"3s\"\nremind_before = \"0\"\ngrace = \"1s\"", "");
    send(&bed, &in_two_days());
    let intro = bed.wait_for(SARAH, "INBOX", 1, |_| true).remove(0);
    let agent = bed.agent();
    let shown = shows(&bed, "the breach", |shown| {
        mails(shown, "escalation").iter().any(|mail| mail["state"] == "sent")
    });
    assert_eq!(shown["touch"]["state"], "breached");
    assert_eq!(mails(&shown, "escalation").len(), 1);
    assert_eq!(mails(&shown, "escalation")[0]["to"], serde_json::json!([MORGAN]));
    let flag = bed.wait_for(MORGAN, "INBOX", 1, |_| true).remove(0);
    assert!(flag.header("From").unwrap().contains(DANA), "written as the SDR");
    let words = flag.text.replace("=\r\n", "");
    assert!(words.contains("the Acme Corp handoff from"), "{words}");
    assert!(words.contains("hasn't been touched. Wanted to flag it."), "{words}");
    assert!(words.contains(CALVIN) || words.contains("Calvin"), "{words}");
    assert_eq!(agent.stop(), 0);

    let agent = bed.agent();
    shows(&bed, "another reading", |shown| shown["touch"]["state"] == "breached");
    bed.submit(CALVIN, &[SARAH, DANA], &reply(CALVIN_BOX, SARAH, DANA, &intro, "Sorry for the wait, Sarah."));
    let shown = shows(&bed, "the late touch", |shown| {
        mails(shown, "late-touch").iter().any(|mail| mail["state"] == "sent")
    });
    assert_eq!(shown["touch"]["state"], "touched");
    assert_eq!(shown["touch"]["late"], true);
    assert_eq!(mails(&shown, "escalation").len(), 1);
    let got = bed.wait_for(MORGAN, "INBOX", 2, |_| true);
    assert_eq!(got.len(), 2, "{:?}", subjects(&got));
    assert_eq!(agent.stop(), 0);
    bed.baton(&["run", "--once"]).expect_status(0);
    assert_eq!(inbox(&bed, MORGAN).len(), 2);
    assert_eq!(inbox(&bed, OPERATOR).len(), 0);
    assert_eq!(inbox(&bed, SARAH).len(), 2, "nothing but the intro and the answer to it");
}

#[test]
fn a_mailbox_that_cannot_be_read_accuses_nobody() {
    let mut bed = bed("policy = \"elapsed\"\nhours = \"4s\"\nremind_before = \"0\"\ngrace = \"1s\"", "");
    send(&bed, &in_two_days());
    let intro = bed.wait_for(SARAH, "INBOX", 1, |_| true).remove(0);
    let agent = bed.agent();
    shows(&bed, "a first reading", |shown| shown["touch"]["state"] == "waiting");
    bed.imap.stop();
    bed.submit(CALVIN, &[SARAH, DANA], &reply(CALVIN_BOX, SARAH, DANA, &intro, "Hi Sarah, Thursday it is."));
    let shown = shows(&bed, "blindness past the deadline", |shown| shown["touch"]["state"] == "cannot-see");
    assert_eq!(mails(&shown, "escalation").len(), 0);
    bed.imap.start();
    let shown = shows(&bed, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(shown["touch"]["late"], false);
    assert_eq!(shown["touch"]["kind"], "reply");
    assert_eq!(mails(&shown, "escalation").len(), 0);
    assert_eq!(inbox(&bed, MORGAN).len(), 0);
    assert_eq!(agent.stop(), 0);
}

#[test]
fn a_reply_that_a_filter_filed_away_is_found_by_the_last_look() {
    let bed = bed("policy = \"elapsed\"\nhours = \"4s\"\nremind_before = \"0\"\ngrace = \"1s\"", "");
    send(&bed, &in_two_days());
    let intro = bed.wait_for(SARAH, "INBOX", 1, |_| true).remove(0);
    let answer = reply(CALVIN_BOX, SARAH, DANA, &intro, "Hi Sarah, Thursday it is.");
    bed.client(CALVIN).create("Customers");
    bed.file_into(CALVIN, "Customers", &answer);
    let agent = bed.agent();
    let shown = shows(&bed, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(shown["touch"]["late"], false);
    let event = shown["events"].as_array().unwrap().iter().find(|event| event["rule"] == 1).unwrap().clone();
    assert_eq!(event["folder"], "calvin/Customers");
    assert_eq!(mails(&shown, "escalation").len(), 0);
    assert_eq!(agent.stop(), 0);
}

#[test]
fn a_reply_to_the_sdr_alone_is_no_touch_and_the_ae_is_told_once() {
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"\nremind_before = \"0\"", "");
    send(&bed, &in_two_days());
    let intro = bed.wait_for(SARAH, "INBOX", 1, |_| true).remove(0);
    let agent = bed.agent();
    bed.submit(CALVIN, &[DANA], &reply(CALVIN_BOX, DANA, "", &intro, "Thanks, on it."));
    let shown = shows(&bed, "the note", |shown| {
        mails(shown, "not-received").iter().any(|mail| mail["state"] == "sent")
    });
    assert_eq!(shown["touch"]["state"], "waiting");
    let note = mails(&shown, "not-received")[0];
    assert_eq!((&note["to"], &note["cc"]), (&serde_json::json!([CALVIN]), &serde_json::json!([DANA])));
    let away = format!(
        "From: {CALVIN_BOX}\nTo: {DANA}\nSubject: Automatic reply: away\nAuto-Submitted: auto-replied\n\
         Message-ID: <away@client.example>\nDate: {}\n\nI am out of the office until 30 November 2030.\n",
        now().to_rfc2822()
    );
    bed.submit(CALVIN, &[DANA], &away);
    bed.submit(CALVIN, &[DANA], &away.replace("<away@", "<away-again@"));
    let shown = shows(&bed, "the absence", |shown| {
        mails(shown, "away").iter().any(|mail| mail["state"] == "sent") && shown["away_until"].is_string()
    });
    assert_eq!(shown["touch"]["state"], "waiting");
    let away = mails(&shown, "away");
    assert_eq!(away.len(), 1, "{away:?}");
    assert_eq!((&away[0]["to"], &away[0]["cc"]), (&serde_json::json!([DANA]), &serde_json::json!([MORGAN])));
    assert_eq!(agent.stop(), 0);
    bed.baton(&["run", "--once"]).expect_status(0);
    let shown = show(&bed);
    assert_eq!((mails(&shown, "away").len(), mails(&shown, "not-received").len()), (1, 1));
}

#[test]
fn feedback_is_asked_for_once_read_from_one_line_and_handed_to_the_sdr() {
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"\nremind_before = \"0\"", "");
    send(&bed, &record(now() + TimeDelta::seconds(4), 1));
    let agent = bed.agent();
    let asked =
        bed.wait_for(CALVIN, "INBOX", 1, |mail| mail.text.contains("Outcome (held, rescheduled, no-show):"));
    assert_eq!(asked.len(), 1);
    let answer = reply(CALVIN_BOX, DANA, "", &asked[0], "held 4, James has left");
    bed.submit(CALVIN, &[DANA], &answer);
    let shown = shows(&bed, "the feedback", |shown| {
        mails(shown, "feedback-thanks").iter().any(|mail| mail["state"] == "sent")
    });
    let feedback = &shown["feedback"];
    assert_eq!(feedback["state"], "received");
    assert_eq!(feedback["outcome"], "held");
    assert_eq!(feedback["score"], 4);
    assert_eq!(feedback["wrong"], "James has left");
    assert_eq!(mails(&shown, "feedback-request").len(), 1);
    assert_eq!(mails(&shown, "feedback-thanks")[0]["cc"], serde_json::json!([DANA]));
    bed.wait_for(DANA, "INBOX", 1, |mail| {
        mail.text.contains("James has left") && mail.text.contains("baton")
    });
    assert_eq!(agent.stop(), 0);
}

#[test]
fn a_record_with_eight_faults_is_refused_whole() {
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"", "");
    let faulty = in_two_days()
        .replace("[x] ICP", "[ ] ICP")
        .replace("AE: Calvin Reyes", "AE: Calvin Rayes")
        .replace(
            "\"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\"",
            "TBD",
        )
        .replace("Format: Zoom", "Format: ...")
        .replace("decision-maker", "boss")
        .replace("How handled: Said the demo covers ROI; did not push further.\n", "")
        .replace("none mentioned", "n/a")
        .replace("To: Sarah Lee <sarah@acme.example>", "To: Sarah Lee <sarah at acme>");
    bed.write_file("acme.txt", &faulty);
    for verb in [&["check", "acme.txt"][..], &["send", "acme.txt", "--yes"]] {
        let ran = bed.baton(verb).expect_status(3);
        let places = ran.stderr.matches("acme.txt:").count();
        assert!(places >= 8, "{places} places in {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(bed.baton(&["status", "--all", "--json"]).json(), serde_json::json!([]));
    assert_eq!(inbox(&bed, SARAH).len() + inbox(&bed, CALVIN).len(), 0);
}

#[test]
fn looking_changes_no_flag_and_opens_folders_for_reading_only() {
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"", "");
    bed.imap.configure("protocol imap {\n  imap_id_log = *\n}\nmail_debug = no\n");
    send(&bed, &in_two_days());
    let intro = bed.wait_for(SARAH, "INBOX", 1, |_| true).remove(0);
    bed.submit(CALVIN, &[SARAH, DANA], &reply(CALVIN_BOX, SARAH, DANA, &intro, "Hi Sarah."));
    bed.wait_for(DANA, "INBOX", 1, |_| true);
    bed.baton(&["run", "--once"]).expect_status(0);
    assert_eq!(show(&bed)["touch"]["state"], "touched");
    for person in [DANA, CALVIN, SARAH] {
        for message in inbox(&bed, person) {
            assert_eq!(message.flags, Vec::<String>::new(), "{person}: {:?}", message.header("Subject"));
        }
    }
}

#[test]
fn the_same_record_is_refused_unless_asked_for_again() {
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"", "");
    let text = in_two_days();
    let first = send(&bed, &text);
    let id = first["id"].as_str().unwrap();
    let ran = bed.baton(&["send", "acme.txt", "--yes"]).expect_status(3);
    assert!(ran.stderr.contains(id), "{}", ran.stderr);
    bed.write_file("other.txt", &text.replace("walk through", "go through"));
    let ran = bed.baton(&["send", "other.txt", "--yes"]).expect_status(3);
    assert!(ran.stderr.contains(id), "{}", ran.stderr);
    bed.baton(&["send", "other.txt", "--yes", "--again", "--json"]).expect_status(0);
    bed.wait_for(SARAH, "INBOX", 2, |_| true);
    assert_eq!(bed.baton(&["status", "--json"]).json().as_array().unwrap().len(), 2);
}

#[test]
fn what_cannot_leave_for_good_leaves_no_handoff_and_a_deferral_keeps_it() {
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"", "");
    bed.write_file("acme.txt", &in_two_days());
    bed.answer_recipient(SARAH, "550 5.1.1 no such user");
    let ran = bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4);
    assert!(ran.stderr.contains(SARAH) && ran.stderr.contains("5.1.1"), "{}", ran.stderr);
    assert_eq!(bed.baton(&["status", "--all", "--json"]).json(), serde_json::json!([]));
    assert_eq!(inbox(&bed, CALVIN).len(), 0, "it leaves to nobody");

    bed.answer_recipient(SARAH, "451 4.7.1 come back later");
    let ran = bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4);
    let sent = ran.json();
    assert_eq!(sent["sent_at"], Value::Null);
    assert_eq!(sent["deadline"], Value::Null);
    assert_eq!(sent["why"], Value::Null);
    assert_eq!(show(&bed)["deadline"], Value::Null);
    bed.answer_recipient(SARAH, "");
    let agent = bed.agent();
    let shown = shows(&bed, "the intro", |shown| shown["sent_at"].is_string());
    assert_eq!(mails(&shown, "intro")[0]["message_id"], sent["message_id"]);
    bed.wait_for(CALVIN, "INBOX", 2, |_| true);
    assert_eq!(agent.stop(), 0);
}

#[test]
fn a_running_agent_delivers_what_send_commits() {
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"", "");
    let agent = bed.agent();
    wait_until("the lock", || bed.work().join("baton.db.lock").exists());
    let sent = send(&bed, &in_two_days());
    assert!(sent["sent_at"].is_string(), "{sent}");
    bed.wait_for(SARAH, "INBOX", 1, |_| true);
    bed.wait_for(DANA, "Sent", 1, |_| true);
    bed.wait_for(CALVIN, "INBOX", 2, |_| true);
    assert_eq!(agent.stop(), 0);
    assert_eq!(bed.client(DANA).messages("Sent").len(), 1);
}

#[test]
fn a_crash_at_any_moment_neither_loses_nor_repeats_a_mail() {
    let bed = bed("policy = \"elapsed\"\nhours = \"2s\"\nremind_before = \"0\"\ngrace = \"1s\"", "");
    send(&bed, &in_two_days());
    for millis in [300, 600, 900, 1200, 1500, 2000, 2500, 3000] {
        let agent = bed.agent();
        std::thread::sleep(std::time::Duration::from_millis(millis));
        agent.crash();
    }
    let agent = bed.agent();
    shows(&bed, "the escalation", |shown| {
        mails(shown, "escalation").iter().any(|mail| mail["state"] == "sent" || mail["state"] == "uncertain")
    });
    assert_eq!(agent.stop(), 0);
    let got = inbox(&bed, MORGAN);
    assert_eq!(got.len(), 1, "{:?}", subjects(&got));
    assert_eq!(inbox(&bed, SARAH).len(), 1);
}
