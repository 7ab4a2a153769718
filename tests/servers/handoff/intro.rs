//! The intro as it leaves and the AE's answers to it: docs/behaviour.md sections 3, 5 (row 1), 6 and 11.

use chrono::TimeDelta;
use serde_json::json;

use super::letter::Letter;
use super::scene::{
    AMPLE, CALVIN_BOX, Scene, has_rule, in_two_days, instant, left, mails, now, record, words,
};
use crate::support::{CALVIN, DANA};

#[test]
fn the_intro_reads_like_the_sdrs_own_mail_and_a_reply_to_all_is_the_touch() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");

    let intro = &acme.intro;
    let weekday = in_two_days().format("%A").to_string();
    assert_eq!(intro.header("Subject").unwrap(), format!("Sarah, intro to Calvin + {weekday}'s agenda"));
    assert_eq!(
        intro.header("From").unwrap(),
        "Dana Fox <dana@vendor.example>".replace("Dana Fox", "\"Dana Fox\"")
    );
    assert!(intro.header("To").unwrap().contains("sarah@acme.example"));
    assert!(!intro.header("To").unwrap().contains("james@"), "to the record's To line alone");
    assert!(intro.header("Cc").unwrap().contains(CALVIN));
    assert_eq!(
        intro.header("Message-ID").unwrap(),
        format!("<{}>", acme.sent["message_id"].as_str().unwrap())
    );
    assert!(intro.header("Content-Type").unwrap().starts_with("multipart/alternative"));
    for secret in ["Zyxware", "decision-maker", "evaluator", "current tool", "covers ROI", "HANDOFF RECORD"] {
        assert!(!words(intro).contains(secret) && !intro.text.contains(secret), "{secret}");
    }
    let (accepted, deadline) = (instant(&acme.sent["sent_at"]), instant(&acme.sent["deadline"]));
    assert_eq!(deadline - accepted, TimeDelta::hours(1));
    assert!(!acme.sent["why"].as_str().unwrap().contains('\n'));
    let record = scene.got(CALVIN, &acme.id, "record");
    assert!(words(&record).contains("HANDOFF RECORD: Acme Corp"));
    assert!(record.header("Subject").unwrap().contains("internal"));

    scene.run();
    scene.bed.wait_for(DANA, "Sent", 1, |_| true);
    let reply = Letter::reply_all(
        intro,
        CALVIN_BOX,
        "Hi Sarah, let us look at the 20 minutes a day first.\n\nCalvin",
    );
    scene.mail(&reply);
    scene.bed.wait_for(DANA, "INBOX", 1, |mail| mail.text.contains(&reply.id));
    let delivered = now();
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    let took = now() - delivered;
    assert!(took < TimeDelta::milliseconds(2800), "{took} after delivery; IDLE tells half a second late");
    assert_eq!(shown["touch"]["kind"], "reply");
    assert_eq!((&shown["touch"]["late"], &shown["touch"]["indirect"]), (&json!(false), &json!(false)));
    assert_eq!(shown["touch"]["message_id"], reply.id);
    assert_eq!(shown["touch"]["personal"], true);
    assert!(has_rule(&shown, 1));
    scene.until(&acme.id, "the verdict on Cc", |shown| shown["cc"]["state"] == "kept");

    scene.mail(&Letter::reply_all(intro, CALVIN_BOX, "See you then.").without(DANA));
    let shown = scene.until(&acme.id, "the drop-off", |shown| shown["cc"]["state"] == "dropped");
    assert_eq!(shown["cc"]["first"], "kept");
    assert_eq!(left(&shown), ["intro", "record"]);
    scene.end(&[]);
}

#[test]
fn a_running_agent_delivers_what_send_commits() {
    let mut scene = Scene::new(AMPLE);
    scene.run();
    let acme = scene.hand_over("acme.example");
    assert!(acme.sent["sent_at"].is_string(), "{}", acme.sent);
    scene.bed.wait_for(DANA, "Sent", 1, |_| true);
    scene.got(CALVIN, &acme.id, "record");
    scene.end(&[]);
}

#[test]
fn the_same_handoff_a_second_time_is_refused_with_the_id_of_the_first() {
    let scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    let refused = scene.bed.baton(&["send", "acme.example.txt", "--yes"]).expect_status(3);
    assert!(refused.stderr.contains(&acme.id), "{}", refused.stderr);
    let text = record("acme.example", in_two_days(), 1800);
    scene.bed.write_file("other.txt", &text.replace("walk through", "go through"));
    let refused = scene.bed.baton(&["send", "other.txt", "--yes"]).expect_status(3);
    assert!(refused.stderr.contains(&acme.id), "{}", refused.stderr);
    let again = scene.bed.baton(&["send", "other.txt", "--yes", "--again", "--json"]).expect_status(0).json();
    assert_ne!(again["id"], acme.sent["id"]);
    scene.bed.wait_for("sarah@acme.example", "INBOX", 2, |_| true);
    assert_eq!(scene.all().len(), 2);
    scene.end(&[]);
}

#[test]
fn folders_are_opened_for_reading_only_and_no_flag_changes() {
    let mut scene = Scene::new(AMPLE);
    scene.bed.imap.stop();
    let raw = scene.bed.log_imap();
    scene.bed.imap.start();
    let acme = scene.hand_over("acme.example");
    scene.run();
    let calvins = scene.bed.wait_for(CALVIN, "INBOX", 2, |_| true);
    scene.reads(CALVIN, "INBOX", &calvins[0]);
    scene.mail(&Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah, Thursday it is."));
    scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    let shown = scene.show(&acme.id);
    assert_eq!(mails(&shown, "escalation").len(), 0);
    let said = raw();
    assert!(said.contains(" EXAMINE "), "the log holds what was said");
    // A person's program has to SELECT to flag a message; baton's tags are none of its.
    let other = |line: &&str| !line.split(' ').nth(1).is_some_and(|tag| tag.starts_with('t'));
    for forbidden in [" SELECT ", " STORE ", " EXPUNGE", " COPY ", " MOVE "] {
        let lines: Vec<&str> = said.lines().filter(other).filter(|line| line.contains(forbidden)).collect();
        assert_eq!(lines, Vec::<&str>::new());
    }
    scene.end(&[]);
}

#[test]
fn a_meeting_may_name_an_offset_instead_of_a_zone() {
    let scene = Scene::new(AMPLE);
    let start = in_two_days();
    let text = record("acme.example", start, 1800);
    let in_utc = format!("{} UTC", start.format("%Y-%m-%d %H:%M:%S"));
    let there = start + TimeDelta::hours(14);
    let text = text.replace(&in_utc, &there.format("%Y-%m-%dT%H:%M:%S+14:00").to_string());
    let acme = scene.hand_over_with("acme.example", &text);
    let weekday = there.format("%A").to_string();
    assert_eq!(acme.intro.header("Subject").unwrap(), format!("Sarah, intro to Calvin + {weekday}'s agenda"));
    assert!(words(&acme.intro).contains("(UTC+14:00)"), "{}", words(&acme.intro));
    let shown = scene.until_sent(&acme.id, "record");
    assert_eq!(instant(&shown["meeting"]["start"]).timestamp(), start.timestamp());
    scene.end(&[]);
}
