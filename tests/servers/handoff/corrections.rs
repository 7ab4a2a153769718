//! What a person says about a handoff on the command line: docs/interface.md (`touch` to `close`, `outbox`).

use serde_json::{Value, json};

use chrono::TimeDelta;

use super::scene::{AMPLE, NORA, Scene, in_two_days, mails, now, record, words};
use crate::support::DANA;

/// Runs a correction and returns what `--json` prints.
fn say(scene: &Scene, arguments: &[&str]) -> Value {
    let mut all = arguments.to_vec();
    all.extend(["--why", "so I was told", "--json"]);
    scene.bed.baton(&all).expect_status(0).json()
}

#[test]
fn of_two_corrections_within_a_second_the_later_one_counts() {
    let scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    let id = acme.id.as_str();
    for _ in 0..3 {
        let shown = say(&scene, &["touch", id]);
        assert_eq!(
            (&shown["touch"]["state"], &shown["touch"]["kind"]),
            (&json!("touched"), &json!("stated"))
        );
        assert_eq!(say(&scene, &["touch", id, "--not"])["touch"]["state"], "waiting");
        assert_eq!(say(&scene, &["close", id])["open"], false);
        assert_eq!(say(&scene, &["close", id, "--reopen"])["open"], true);
        assert_eq!(say(&scene, &["meeting", id, "--cancel"])["meeting"]["state"], "cancelled");
        let shown = say(&scene, &["meeting", id, "--start", "2090-01-02T10:00:00Z"]);
        assert_eq!(shown["meeting"]["start"], "2090-01-02T10:00:00Z");
        assert_eq!(
            say(&scene, &["accept", id, "--notes", "asks about cost"])["acceptance"]["state"],
            "accepted"
        );
        let shown = say(&scene, &["accept", id, "--owner-updated"]);
        assert_eq!(shown["acceptance"]["notes"], "asks about cost", "what it does not name stays");
        assert_eq!(say(&scene, &["accept", id, "--not"])["acceptance"]["state"], "none");
    }
    scene.end(&[]);
}

#[test]
fn corrections_that_cannot_be_are_refused() {
    let scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    let id = acme.id.as_str();
    let refused = |arguments: &[&str], words: &str| {
        let ran = scene.bed.baton(arguments).expect_status(3);
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
        assert_eq!(ran.stdout, "");
    };
    let why = ["--why", "so I was told", "--json"];
    let [why, reason, as_json] = why;
    refused(&["touch", id, "--at", "2020-01-02T10:00:00Z", why, reason, as_json], "before the intro");
    refused(&["touch", id, "--at", "2090-01-02T10:00:00Z", why, reason, as_json], "in the future");
    refused(&["touch", id, why, "  ", as_json], "needs its reason");
    say(&scene, &["feedback", id, "--outcome", "rescheduled"]);
    assert_eq!(scene.show(id)["touch"]["state"], "waiting");
    say(&scene, &["close", id]);
    refused(&["reassign", id, "--ae", "Nora Lind", as_json], "is closed");
    refused(&["resend", id, "--yes", as_json], "is closed");
    scene.end(&[]);
}

#[test]
fn a_handoff_that_would_close_again_at_once_is_not_opened_again() {
    let scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    let id = acme.id.as_str();
    // It took place earlier than planned, and is over.
    let began = (now() - TimeDelta::seconds(1)).to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let shown = say(&scene, &["meeting", id, "--start", &began, "--length", "1s"]);
    assert_eq!(shown["meeting"]["state"], "over");
    say(&scene, &["touch", id]);
    assert_eq!(say(&scene, &["feedback", id, "--outcome", "held"])["open"], false);
    let refused = scene.bed.baton(&["close", id, "--reopen", "--why", "not yet", "--json"]).expect_status(3);
    assert!(refused.stderr.contains("would close again at once"), "{}", refused.stderr);
    assert!(refused.stderr.contains("`baton send FILE`"), "{}", refused.stderr);
    assert_eq!(say(&scene, &["feedback", id, "--outcome", "rescheduled"])["open"], true);
    scene.end(&[]);
}

#[test]
fn what_is_shown_of_a_resend_is_what_leaves() {
    let scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    let id = acme.id.as_str();
    let again = scene.bed.baton(&["resend", id, "--yes"]).expect_status(0);
    assert!(!again.stderr.contains("the record goes to"), "{}", again.stderr);
    let shown = scene.show(id);
    assert_eq!((mails(&shown, "intro").len(), mails(&shown, "record").len()), (2, 1));
    let corrected = record("acme.example", in_two_days(), 1800).replace("Zyxware", "Pipedrive");
    scene.bed.write_file("corrected.txt", &corrected);
    let again = scene.bed.baton(&["resend", id, "corrected.txt", "--yes"]).expect_status(0);
    assert!(again.stderr.contains("Then the record goes to calvin@vendor.example and"), "{}", again.stderr);
    let shown = scene.show(id);
    assert_eq!((mails(&shown, "intro").len(), mails(&shown, "record").len()), (3, 2));
    // A record of somebody else's makes no other handoff of this one.
    scene.bed.write_file("globex.txt", &record("globex.example", in_two_days(), 1800));
    let other = scene.bed.baton(&["resend", id, "globex.txt", "--yes"]).expect_status(3);
    assert!(other.stderr.contains("that record is of Globex Corp"), "{}", other.stderr);
    assert!(other.stderr.contains("`baton send FILE`"), "{}", other.stderr);
    assert_eq!(mails(&scene.show(id), "intro").len(), 3);
}

#[test]
fn what_becomes_of_mail_that_is_retried_or_dropped_is_one_document() {
    let scene = Scene::new(AMPLE);
    scene.bed.write_file("acme.txt", &record("acme.example", in_two_days(), 1800));
    scene.bed.answer_recipient("sarah@acme.example", "451 4.7.1 come back later");
    let sent = scene.bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4).json();
    let waiting = scene.bed.baton(&["outbox", "--json"]).expect_status(0).json();
    assert_eq!(waiting[0]["message_id"], sent["message_id"]);
    let number = waiting[0]["id"].to_string();
    let retried = scene.bed.baton(&["outbox", "retry", &number, "--json"]).expect_status(0).json();
    assert_eq!((&retried["state"], &retried["id"]), (&json!("queued"), &waiting[0]["id"]));
    let dropped = scene.bed.baton(&["outbox", "drop", &number, "--json"]).expect_status(0).json();
    assert_eq!(dropped["state"], "failed");
    let shown = scene.show(sent["id"].as_str().unwrap());
    assert_eq!(shown["touch"]["state"], "undelivered");
    let events = shown["events"].as_array().unwrap();
    let refused = events.iter().find(|event| event["what"] == "intro-refused").unwrap();
    assert_eq!(refused["why"], "the operator took the intro out of the outbox; it did not leave");
    // Who hears of it hears what was done, not that something came back.
    scene.once();
    let told = words(&scene.got(DANA, sent["id"].as_str().unwrap(), "intro-bounced"));
    assert!(told.contains("took it out of the outbox by hand before it left"), "{told}");
    assert!(!told.contains("came back") && !told.contains("fix Calvin's address"), "{told}");
}

#[test]
fn what_the_record_says_of_the_former_ae_is_not_said_of_the_next() {
    let scene = Scene::with(AMPLE, "", |toml| {
        toml.replace("name = \"Nora Lind\"", "name = \"Nora Lind\"\nintroduce = \"knows every CRM there is\"")
    });
    scene.bed.write_file("acme.txt", &record("acme.example", in_two_days(), 1800));
    scene.bed.answer_recipient("sarah@acme.example", "451 4.7.1 come back later");
    let sent = scene.bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4).json();
    let id = sent["id"].as_str().unwrap();
    let given = scene.bed.baton(&["reassign", id, "--ae", "Nora Lind", "--json"]).expect_status(0).json();
    assert!(given["sent_at"].is_null() && given["deadline"].is_null() && given["why"].is_null());
    scene.bed.answer_recipient("sarah@acme.example", "");
    scene.until(id, "the intro", |shown| {
        scene.once();
        shown["sent_at"].is_string()
    });
    let intro = scene.bed.wait_for("sarah@acme.example", "INBOX", 1, |_| true).remove(0);
    assert!(intro.header("Cc").unwrap().contains(NORA));
    let text = words(&intro);
    assert!(text.contains("Nora knows every CRM there is.") && !text.contains("Calvin"), "{text}");
    let record = words(&scene.got(NORA, id, "record"));
    assert!(record.contains("Why this AE: knows every CRM there is"), "{record}");
    scene.end(&[]);
}
