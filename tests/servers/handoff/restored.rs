//! Mailboxes that were put back from a backup: docs/behaviour.md section 15.

use std::{path::PathBuf, process::Command};

use super::letter::Letter;
use super::scene::{AMPLE, CALVIN_BOX, Handoff, Scene, instant};
use crate::support::{CALVIN, MORGAN};

/// The AE's mailbox as it lies on the server's disk.
fn files(scene: &Scene) -> PathBuf {
    scene.bed.path().join("mail").join(CALVIN)
}

fn backup(scene: &Scene) -> PathBuf {
    scene.bed.path().join("backup")
}

fn copy(from: PathBuf, to: PathBuf) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

fn back_up(scene: &mut Scene) {
    scene.bed.imap.stop();
    copy(files(scene), backup(scene));
    scene.bed.imap.start();
}

fn restore(scene: &mut Scene) {
    scene.bed.imap.stop();
    std::fs::remove_dir_all(files(scene)).unwrap();
    copy(backup(scene), files(scene));
    scene.bed.imap.start();
}

/// Mail of the AE's that concerns no handoff.
fn aside(scene: &Scene, number: u32) {
    let text = format!(
        "From: {CALVIN_BOX}\nTo: {MORGAN}\nSubject: lunch {number}\nMessage-ID: <aside-{number}@client.example>\n\nLunch?\n"
    );
    scene.wrote.borrow_mut().insert(format!("aside-{number}@client.example"));
    scene.bed.client(CALVIN).append("Sent", "", None, &text);
}

/// The AE's answer to the prospect alone: nobody but the AE's own Sent folder has it.
fn reply(scene: &Scene, handoff: &Handoff) -> Letter {
    let reply =
        Letter::reply_all(&handoff.intro, CALVIN_BOX, "Hi Sarah, let us look at the 20 minutes a day first.");
    let reply = reply.without("dana@vendor.example");
    scene.note_written(&reply);
    scene.bed.client(CALVIN).append("Sent", "", None, &reply.text());
    reply
}

fn uids(scene: &Scene) -> Vec<u32> {
    scene.bed.client(CALVIN).messages("Sent").iter().map(|message| message.uid).collect()
}

#[test]
fn a_reply_at_a_place_that_was_read_before_the_mailbox_was_put_back_is_a_touch() {
    let mut scene = Scene::new(AMPLE);
    aside(&scene, 1);
    let acme = scene.hand_over("acme.example");
    scene.once().expect_status(0);
    back_up(&mut scene);
    aside(&scene, 2);
    aside(&scene, 3);
    scene.once().expect_status(0);
    assert_eq!(uids(&scene), [1, 2, 3]);
    restore(&mut scene);
    let reply = reply(&scene, &acme);
    assert_eq!(uids(&scene), [1, 2], "it lies where lunch 2 lay");
    scene.once().expect_status(0);
    let shown = scene.show(&acme.id);
    assert_eq!(
        (&shown["touch"]["state"], &shown["touch"]["message_id"]),
        (&"touched".into(), &reply.id.into())
    );
    scene.end(&[]);
}

#[test]
fn a_mailbox_that_has_grown_past_what_was_read_since_it_was_put_back_is_read_afresh() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    aside(&scene, 1);
    back_up(&mut scene);
    aside(&scene, 2);
    aside(&scene, 3);
    scene.run();
    scene.stop();
    restore(&mut scene);
    reply(&scene, &acme);
    for number in 4..8 {
        aside(&scene, number);
    }
    assert_eq!(uids(&scene), [1, 2, 3, 4, 5, 6], "UIDNEXT is ahead of what was read");
    scene.run();
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(shown["touch"]["late"], false);
    assert!(instant(&shown["touch"]["at"]) < instant(&shown["deadline"]));
    scene.end(&[]);
}

#[test]
fn mail_that_was_seen_before_the_mailbox_was_put_back_is_known_again() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    reply(&scene, &acme);
    back_up(&mut scene);
    aside(&scene, 1);
    scene.once().expect_status(0);
    let before = scene.show(&acme.id);
    assert_eq!(before["touch"]["state"], "touched");
    restore(&mut scene);
    aside(&scene, 2);
    scene.once().expect_status(0);
    let after = scene.show(&acme.id);
    assert_eq!((&after["touch"], &after["mails"]), (&before["touch"], &before["mails"]));
    let touches = |shown: &serde_json::Value| {
        shown["events"].as_array().unwrap().iter().filter(|event| event["rule"] == 1).count()
    };
    assert_eq!(touches(&after), touches(&before), "nothing is replayed");
    scene.end(&[]);
}
