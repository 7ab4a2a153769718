//! What the agent can and cannot see: outages, refused logins, folders made anew, and mail that is none of
//! its business.

use crate::support::client::Stored;
use crate::support::{CALVIN, DANA, MORGAN, OPERATOR, SARAH, TestBed, wait_until};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

fn now() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "these tests run against real time")]
    Utc::now()
}

fn bed(sla: &str) -> TestBed {
    let bed = TestBed::start();
    bed.write_config(&bed.config_toml(sla, ""));
    bed
}

/// Hands Acme over; the intro as Sarah got it.
fn hand_over(bed: &TestBed) -> Stored {
    let start = now() + TimeDelta::days(2);
    let record = include_str!("../support/record.txt")
        .replace("{start}", &start.format("%Y-%m-%d %H:%M:%S UTC").to_string())
        .replace("{length}", "30 min");
    bed.write_file("acme.txt", &record);
    bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(0);
    bed.wait_for(SARAH, "INBOX", 1, |_| true).remove(0)
}

fn show(bed: &TestBed) -> Value {
    bed.baton(&["show", "acme", "--json"]).expect_status(0).json()
}

fn reply(intro: &Stored, id: &str, words: &str) -> String {
    let original = intro.header("Message-ID").unwrap();
    format!(
        "From: Calvin Reyes <{CALVIN}>\nTo: {SARAH}\nCc: {DANA}\nSubject: Re: intro\nMessage-ID: <{id}@client.example>\n\
         In-Reply-To: {original}\nReferences: {original}\nDate: {}\n\n{words}\n",
        now().to_rfc2822()
    )
}

fn subjects(bed: &TestBed, address: &str) -> Vec<String> {
    let messages = bed.client(address).messages("INBOX");
    messages.iter().map(|message| message.header("Subject").unwrap_or_default()).collect()
}

#[test]
fn an_outage_is_told_once_to_sdr_and_operator_and_its_end_to_the_operator() {
    let mut bed = bed("policy = \"elapsed\"\nhours = \"1h\"\nblind_after = \"3s\"");
    hand_over(&bed);
    let agent = bed.agent();
    wait_until("a first reading", || bed.baton(&["outbox", "--json"]).json() == serde_json::json!([]));
    wait_until("the folders to be read", || show(&bed)["touch"]["state"] == "waiting" && agent_reads(&bed));
    bed.imap.stop();
    wait_until("blindness", || show(&bed)["touch"]["state"] == "cannot-see");
    // Delivery goes on while IMAP is down; what arrived is looked at afterwards.
    wait_until("the mails to have left", || {
        let log = bed.postfix.log();
        log.lines().filter(|line| line.contains(OPERATOR) && line.contains("status=sent")).count() >= 2
    });
    bed.imap.start();
    wait_until("sight", || show(&bed)["touch"]["state"] == "waiting");
    assert_eq!(agent.stop(), 0);
    bed.baton(&["run", "--once"]).expect_status(0);
    let told = subjects(&bed, OPERATOR);
    assert_eq!(told.len(), 4, "two accounts out of sight, each with its end: {told:?}");
    let sdr = subjects(&bed, DANA);
    assert_eq!(sdr.len(), 3, "once for each account, beside the record's copy: {sdr:?}");
    assert_eq!(subjects(&bed, MORGAN).len(), 0, "the manager is not told");
}

/// Whether the agent has said that it reads.
fn agent_reads(bed: &TestBed) -> bool {
    bed.client(DANA).messages("Sent").len() == 1
}

#[test]
fn what_can_never_come_right_by_waiting_ends_the_agent_at_once() {
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"");
    let toml = bed.config_toml("policy = \"elapsed\"\nhours = \"1h\"", "");
    let (before, after) = toml.split_once("[accounts.calvin]").unwrap();
    let after = after.replacen("BED_PASSWORD", "NOBODYS_PASSWORD", 1);
    bed.write_config(&format!("{before}[accounts.calvin]{after}"));
    for arguments in [&["run"][..], &["run", "--once"]] {
        let ran = bed.baton(arguments).expect_status(3);
        assert!(ran.stderr.contains("NOBODYS_PASSWORD"), "{}", ran.stderr);
    }
    assert_eq!(subjects(&bed, OPERATOR).len(), 0);
    let ran = bed.baton(&["doctor", "--json"]);
    assert_ne!(ran.status, 0);
    assert!(ran.stdout.contains("NOBODYS_PASSWORD"), "{}", ran.stdout);
}

#[test]
fn a_folder_that_was_made_anew_replays_nothing() {
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"");
    let intro = hand_over(&bed);
    bed.submit(CALVIN, &[SARAH, DANA], &reply(&intro, "one", "Hi Sarah, Thursday it is."));
    bed.wait_for(DANA, "INBOX", 1, |_| true);
    bed.baton(&["run", "--once"]).expect_status(0);
    let before = show(&bed);
    assert_eq!(before["touch"]["state"], "touched");
    bed.imap.change_uid_validity(DANA, "INBOX", 77);
    bed.submit(
        CALVIN,
        &[SARAH],
        &reply(&intro, "two", "One more thing.").replace(&format!("Cc: {DANA}\n"), ""),
    );
    bed.baton(&["run", "--once"]).expect_status(0);
    let after = show(&bed);
    assert_eq!(after["touch"], before["touch"]);
    assert_eq!(after["mails"], before["mails"]);
    let touches =
        |shown: &Value| shown["events"].as_array().unwrap().iter().filter(|e| e["rule"] == 1).count();
    assert_eq!(touches(&after), touches(&before));
}

#[test]
fn mail_that_concerns_no_handoff_leaves_no_trace_in_the_database() {
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"");
    let intro = hand_over(&bed);
    let letter = |from: &str, to: &str, id: &str, words: &str| {
        format!(
            "From: Somebody <{from}>\nTo: {to}\nSubject: xylophone subject\nMessage-ID: <{id}@elsewhere.example>\n\
             Date: {}\n\n{words}\n",
            now().to_rfc2822()
        )
    };
    bed.file_into(DANA, "INBOX", &letter("news@shop.example", DANA, "news", "quetzal offers"));
    bed.file_into(CALVIN, "INBOX", &letter("friend@home.example", CALVIN, "friend", "quetzal dinner"));
    bed.file_into(DANA, "INBOX", &letter(CALVIN, DANA, "lunch", "quetzal lunch"));
    bed.file_into(DANA, "INBOX", &reply(&intro, "touch", "Hi Sarah, zebra crossing."));
    bed.baton(&["run", "--once"]).expect_status(0);
    assert_eq!(show(&bed)["touch"]["state"], "touched");
    bed.baton(&["backup", "copy.db"]).expect_status(0);
    let kept = std::fs::read(bed.work().join("copy.db")).unwrap();
    let holds = |words: &str| kept.windows(words.len()).any(|window| window == words.as_bytes());
    assert!(holds("zebra crossing"), "what concerns the handoff is kept");
    assert!(!holds("quetzal"), "no text of any other mail");
    assert!(!holds("friend@home.example") && !holds("news@shop.example"));
}

#[test]
fn a_wrong_number_of_days_of_silence_loses_nothing() {
    // The agent was not there when the answers came; the first reading of a folder begins before them.
    let bed = bed("policy = \"elapsed\"\nhours = \"1h\"");
    let intro = hand_over(&bed);
    bed.fill(DANA, "INBOX", 300);
    bed.submit(
        CALVIN,
        &[DANA],
        &reply(&intro, "aside", "Thanks, Dana.")
            .replace(&format!("To: {SARAH}\nCc: {DANA}"), &format!("To: {DANA}")),
    );
    bed.wait_for(DANA, "INBOX", 301, |_| true);
    bed.baton(&["run", "--once"]).expect_status(0);
    let shown = show(&bed);
    assert_eq!(shown["touch"]["state"], "waiting");
    let kinds: Vec<&str> =
        shown["mails"].as_array().unwrap().iter().map(|mail| mail["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"not-received"), "{kinds:?}");
}
