//! Silence, and what only looks like it: docs/behaviour.md section 7.

use chrono::TimeDelta;

use super::letter::Letter;
use super::scene::{
    CALVIN_BOX, DANA_BOX, Scene, due_within, has_rule, instant, left, mails, without_calvins_account, words,
};
use crate::support::{CALVIN, DANA, MORGAN, OPERATOR};

#[test]
fn silence_escalates_once_to_the_manager_alone_and_a_late_reply_brings_one_follow_up() {
    let mut scene = Scene::new(&due_within(3));
    let acme = scene.hand_over("acme.example");
    scene.run();
    let flag = scene.got(MORGAN, &acme.id, "escalation");
    assert!(flag.header("From").unwrap().contains(DANA), "written as the SDR");
    let text = words(&flag);
    assert!(text.starts_with("Hey, the Acme Corp handoff from "), "{text}");
    assert!(text.contains("hasn't been touched. Wanted to flag it."), "{text}");
    for named in ["my mailbox up to", "Calvin's mailbox up to", "done"] {
        assert!(text.contains(named), "{named} in {text}");
    }
    let shown = scene.show(&acme.id);
    assert_eq!(shown["touch"]["state"], "breached");
    assert_eq!(mails(&shown, "escalation")[0]["to"], serde_json::json!([MORGAN]));
    assert_eq!(left(&shown), ["escalation", "intro", "record"]);
    scene.stop();

    scene.run();
    assert_eq!(left(&scene.show(&acme.id)), ["escalation", "intro", "record"], "a restart adds none");
    scene.mail(&Letter::reply_all(&acme.intro, CALVIN_BOX, "Sorry for the wait, Sarah."));
    let follow_up = scene.got(MORGAN, &acme.id, "late-touch");
    assert!(words(&follow_up).contains("late"), "{}", words(&follow_up));
    let shown = scene.show(&acme.id);
    assert_eq!(shown["touch"]["state"], "touched");
    assert_eq!(shown["touch"]["late"], true);
    assert!(instant(&shown["touch"]["at"]) > instant(&shown["deadline"]));
    assert_eq!(left(&shown), ["escalation", "intro", "late-touch", "record"]);
    assert!(scene.bed.client(OPERATOR).messages("INBOX").is_empty());
    scene.end(&[]);
}

#[test]
fn a_mailbox_that_cannot_be_read_accuses_nobody() {
    let mut scene = Scene::new(&due_within(6));
    let acme = scene.hand_over("acme.example");
    scene.run();
    scene.bed.imap.crash();
    let reply = Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah, Thursday it is.");
    scene.mail_unfiled(&reply);
    let shown = scene.until(&acme.id, "blindness", |shown| shown["touch"]["state"] == "cannot-see");
    assert_eq!(left(&shown), ["intro", "record"]);
    scene.bed.imap.start();
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(shown["touch"]["late"], false);
    assert_eq!(shown["touch"]["kind"], "reply");
    assert_eq!(shown["touch"]["message_id"], reply.id);
    assert_eq!(left(&shown), ["intro", "record"]);
    scene.end(&[]);
}

#[test]
fn a_reply_that_a_filter_filed_away_is_found_by_the_last_look() {
    // Dana is kept out of it, so that only Calvin's own folders can tell.
    let mut scene = Scene::new(&due_within(4));
    scene.bed.client(CALVIN).create("Customers/Acme");
    let acme = scene.hand_over("acme.example");
    let reply = Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah, Thursday it is.").without(DANA_BOX);
    scene.file(CALVIN, "Customers/Acme", &reply);
    scene.run();
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(shown["touch"]["late"], false);
    assert!(has_rule(&shown, 1));
    let events = shown["events"].as_array().unwrap();
    let found = events.iter().find(|event| event["rule"] == 1).unwrap();
    assert!(found["folder"].as_str().unwrap().contains("Customers/Acme"), "{found}");
    assert_eq!(left(&shown), ["intro", "record"]);
    scene.end(&[]);
}

#[test]
fn a_draft_is_no_touch_not_even_for_the_last_look() {
    let mut scene = Scene::new(&due_within(3));
    let acme = scene.hand_over("acme.example");
    let draft = Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah, Thursd");
    scene.file(CALVIN, "Drafts", &draft);
    scene.run();
    scene.got(MORGAN, &acme.id, "escalation");
    assert_eq!(scene.show(&acme.id)["touch"]["state"], "breached");
    scene.end(&[]);
}

#[test]
fn where_the_aes_mailbox_is_not_watched_the_flag_says_only_what_can_be_seen() {
    let mut scene = Scene::with(&due_within(3), "", |toml| without_calvins_account(&toml));
    let acme = scene.hand_over("acme.example");
    scene.run();
    let text = words(&scene.got(MORGAN, &acme.id, "escalation"));
    assert!(text.contains("No reply has reached my mailbox"), "{text}");
    assert!(text.contains("Calvin's own is not watched"), "{text}");
    scene.end(&[]);
}

#[test]
fn a_touch_that_turns_up_after_the_escalation_withdraws_it() {
    let mut scene = Scene::new(&due_within(3));
    let acme = scene.hand_over("acme.example");
    let reply = Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah.").without(DANA_BOX);
    let wrote_at = super::scene::now();
    scene.run();
    scene.got(MORGAN, &acme.id, "escalation");
    scene.note_written(&reply);
    let date = wrote_at.format("%d-%b-%Y %H:%M:%S +0000").to_string();
    scene.bed.client(CALVIN).append("INBOX", "", Some(&date), &reply.text());
    scene.got(MORGAN, &acme.id, "withdrawal");
    let shown = scene.show(&acme.id);
    assert_eq!((&shown["touch"]["state"], &shown["touch"]["late"]), (&"touched".into(), &false.into()));
    assert_eq!(left(&shown), ["escalation", "intro", "record", "withdrawal"]);
    scene.end(&[]);
}

#[test]
fn the_ae_is_reminded_once_before_the_deadline_with_the_record() {
    let sla = "policy = \"elapsed\"\nhours = \"16s\"\nremind_before = \"8s\"\ngrace = \"1s\"";
    let mut scene = Scene::new(sla);
    let acme = scene.hand_over("acme.example");
    scene.run();
    scene.mail(&Letter::answer(
        &acme.intro,
        &acme.sarah(),
        &[DANA_BOX, CALVIN_BOX],
        "Looking forward to it.",
    ));
    let reminder = scene.got(CALVIN, &acme.id, "reminder");
    assert!(words(&reminder).contains("HANDOFF RECORD: Acme Corp"), "{}", words(&reminder));
    assert!(words(&reminder).contains("Acme Corp has written"), "{}", words(&reminder));
    scene.mail(&Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah, so am I."));
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert!(has_rule(&shown, 11));
    assert_eq!(left(&shown), ["intro", "record", "reminder"]);
    scene.end(&[]);
}

#[test]
fn a_deadline_is_fixed_at_the_start_whatever_the_configuration_says_later() {
    let scene = Scene::new(&due_within(3600));
    let acme = scene.hand_over("acme.example");
    let later =
        scene.toml(&due_within(1), "").replacen("hours = \"00:00-24:00\"", "hours = \"09:00-10:00\"", 3);
    scene.bed.write_config(&later);
    scene.once();
    let shown = scene.show(&acme.id);
    assert_eq!(shown["deadline"], acme.sent["deadline"]);
    assert_eq!(shown["touch"]["state"], "waiting");
    let other = scene.hand_over("other.example");
    assert_eq!(instant(&other.sent["deadline"]) - instant(&other.sent["sent_at"]), TimeDelta::seconds(1));
}
