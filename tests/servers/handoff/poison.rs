//! A message that no server can hand out, and what follows it: docs/behaviour.md sections 7 and 12 (`trouble`).

use std::{fs, os::unix::fs::PermissionsExt, os::unix::fs::chown};

use super::letter::Letter;
use super::scene::{AMPLE, CALVIN_BOX, Scene, left, words};
use crate::support::{DANA, OPERATOR};

/// The file that holds the message with this text.
fn file_with(folder: &std::path::Path, text: &str) -> std::path::PathBuf {
    let files = ["new", "cur"].into_iter().flat_map(|part| fs::read_dir(folder.join(part)).unwrap());
    let mut files = files.map(|entry| entry.unwrap().path());
    files.find(|path| fs::read_to_string(path).is_ok_and(|found| found.contains(text))).unwrap()
}

#[test]
fn a_message_that_breaks_the_connection_is_set_aside_and_what_follows_is_read() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    let note = Letter::new("Eric Oz <eric@news.example>", &[DANA], "News", "Nothing that concerns anybody.");
    scene.mail_unfiled(&note);
    scene.bed.wait_for(DANA, "INBOX", 1, |mail| mail.text.contains(&note.id));
    let damaged = file_with(&scene.bed.path().join("mail").join(DANA), &note.id);
    let whose = fs::metadata(&damaged).unwrap();
    chown(&damaged, Some(0), Some(0)).unwrap();
    fs::set_permissions(&damaged, fs::Permissions::from_mode(0o0)).unwrap();
    let reply = Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah, let us look at it on Thursday.");
    scene.mail_unfiled(&reply);
    scene.start();
    let shown = scene.until(&acme.id, "the touch behind it, in either mailbox", |shown| {
        shown["touch"]["state"] == "touched" && shown["cc"]["state"] == "kept"
    });
    assert_eq!(left(&shown), ["intro", "record"]);
    let told = scene.bed.wait_for(OPERATOR, "INBOX", 1, |_| true).remove(0);
    assert!(words(&told).contains("INBOX") && words(&told).contains("account dana"), "{}", words(&told));
    use std::os::unix::fs::MetadataExt;
    chown(&damaged, Some(whose.uid()), Some(whose.gid())).unwrap();
    fs::set_permissions(&damaged, whose.permissions()).unwrap();
    scene.end(&[(OPERATOR, "baton: a message cannot be read")]);
}
