//! What keeps baton from seeing, folder by folder, and a record that goes outside as a file: docs/behaviour.md
//! sections 7 and 8.

use std::{fs, process::Command};

use super::letter::Letter;
use super::scene::{AMPLE, CALVIN_BOX, DANA_BOX, Scene, due_within, in_two_days, mails, now, record, words};
use crate::support::{CALVIN, DANA, MORGAN, OPERATOR};

fn subjects(scene: &Scene, who: &str, start: &str) -> usize {
    let subject = |mail: &crate::support::client::Stored| mail.header("Subject").unwrap_or_default();
    scene.bed.client(who).messages("INBOX").iter().filter(|mail| subject(mail).starts_with(start)).count()
}

#[test]
fn a_folder_that_refuses_the_last_look_is_named_and_trash_is_left_out() {
    let mut scene = Scene::new(&due_within(4));
    let filed = scene.hand_over("acme.example");
    let trashed = scene.hand_over("bolt.example");
    let mut calvin = scene.bed.client(CALVIN);
    for folder in ["Filed/Acme", "Secret", "Trash/old"] {
        calvin.create(folder);
    }
    let secret = scene.bed.path().join("mail").join(CALVIN).join("Secret");
    let mode = |mode: &str| assert!(Command::new("chmod").arg(mode).arg(&secret).status().unwrap().success());
    mode("000");
    for (handoff, folder) in [(&filed, "Filed/Acme"), (&trashed, "Trash/old")] {
        let reply = Letter::reply_all(&handoff.intro, CALVIN_BOX, "Hi Sarah, Thursday it is.");
        scene.file(CALVIN, folder, &reply);
    }
    scene.run();
    scene.until(&filed.id, "the filed touch", |shown| shown["touch"]["state"] == "touched");
    let flag = scene.got(MORGAN, &trashed.id, "escalation");
    assert!(words(&flag).contains("Secret in Calvin's mailbox"), "{}", words(&flag));
    assert!(mails(&scene.show(&filed.id), "escalation").is_empty());
    mode("755");
    scene.end(&[]);
}

#[test]
fn a_configured_folder_that_is_missing_accuses_nobody_and_hides_no_answer() {
    let sla = format!("{}\nblind_after = \"3s\"", due_within(4));
    let scene = Scene::with(&sla, "", |toml| {
        let login = "login = \"calvin@vendor.example\"";
        assert!(toml.contains(login));
        toml.replacen(login, &format!("{login}\nfolders = [\"Nowhere\", \"INBOX\", \"Sent\"]"), 1)
    });
    let acme = scene.hand_over("acme.example");
    assert_ne!(scene.once().status, 0);
    let record = scene.bed.wait_for(CALVIN, "INBOX", 1, |mail| {
        mail.header("Subject").is_some_and(|subject| subject.contains("record"))
    });
    scene.mail(&Letter::answer(&record[0], CALVIN_BOX, &[DANA_BOX], "got it"));
    let seen = |what: &str, fits: &dyn Fn(&serde_json::Value) -> bool| {
        scene.until(&acme.id, what, |shown| {
            scene.once();
            fits(shown)
        })
    };
    seen("the answer in INBOX", &|shown| shown["acceptance"]["state"] == "accepted");
    seen("blindness", &|shown| shown["touch"]["state"] == "cannot-see");
    seen("its telling", &|_| subjects(&scene, OPERATOR, "baton: Calvin's mailbox can't be read") > 0);
    assert_eq!(subjects(&scene, DANA, "baton: Calvin's mailbox can't be read"), 1);
    assert!(mails(&scene.show(&acme.id), "escalation").is_empty());
    scene.bed.client(CALVIN).create("Nowhere");
    seen("the escalation", &|shown| mails(shown, "escalation").iter().any(|mail| mail["state"] == "sent"));
    scene.end(&[
        (DANA, "baton: Calvin's mailbox can't be read"),
        (OPERATOR, "baton: Calvin's mailbox can't be read"),
        (OPERATOR, "baton: Calvin's mailbox can be read again"),
    ]);
}

#[test]
fn a_refused_login_is_told_as_blindness_as_soon_as_it_has_lasted() {
    let sla = format!("{}\nblind_after = \"3s\"", due_within(5));
    let mut scene = Scene::with(&sla, "", |toml| toml);
    let acme = scene.hand_over("acme.example");
    let path = scene.bed.work().join("baton.toml");
    let right = fs::read_to_string(&path).unwrap();
    let (before, calvins) = right.split_once("[accounts.calvin]").unwrap();
    let wrong = calvins.replacen("password = ", "password = { command = [\"echo\", \"wrong\"] } # ", 1);
    scene.bed.write_config(&format!("{before}[accounts.calvin]{wrong}"));
    scene.start();
    for who in [OPERATOR, DANA] {
        scene.bed.wait_for(who, "INBOX", 1, |mail| {
            mail.header("Subject").is_some_and(|subject| subject.contains("can't be read"))
        });
    }
    scene.until(&acme.id, "blindness", |shown| shown["touch"]["state"] == "cannot-see");
    assert!(mails(&scene.show(&acme.id), "escalation").is_empty());
    scene.stop();
    scene.bed.write_config(&right);
    scene.run();
    scene.got(MORGAN, &acme.id, "escalation");
    scene.end(&[
        (DANA, "baton: Calvin's mailbox can't be read"),
        (OPERATOR, "baton: Calvin's mailbox can't be read"),
        (OPERATOR, "baton: Calvin's mailbox can be read again"),
        (OPERATOR, "baton: the mailbox of the account calvin cannot be opened"),
    ]);
}

#[test]
fn a_record_that_goes_outside_as_a_file_or_as_a_whole_mail_is_told_at_once() {
    let mut scene = Scene::new(AMPLE);
    let as_mail = scene.hand_over("acme.example");
    let as_file = scene.hand_over("bolt.example");
    scene.run();
    let mail = scene.got(CALVIN, &as_mail.id, "record").text.replace("\r\n", "\n");
    let file = record(&as_file.domain, in_two_days(), 1800);
    for (handoff, part) in [
        (&as_mail, format!("Content-Type: message/rfc822\n\n{mail}")),
        (
            &as_file,
            format!(
                "Content-Type: text/plain\nContent-Disposition: attachment; filename=\"r.txt\"\n\n{file}"
            ),
        ),
    ] {
        let id = format!("outside-{}@mail.vendor.example", handoff.domain);
        scene.wrote.borrow_mut().insert(id.clone());
        let letter = format!(
            "From: {CALVIN_BOX}\nTo: {}\nCc: {DANA_BOX}\nSubject: our notes\nMessage-ID: <{id}>\nDate: {}\n\
             MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"part\"\n\n--part\nContent-Type: text/plain\n\n\
             Sarah, see what we have.\n--part\n{part}\n--part--\n",
            handoff.sarah(),
            now().to_rfc2822()
        );
        scene.bed.submit(CALVIN, &[DANA, &format!("sarah@{}", handoff.domain)], &letter);
        let told = scene.until_sent(&handoff.id, "record-leaked");
        assert_eq!(mails(&told, "record-leaked")[0]["to"], serde_json::json!([CALVIN, DANA]));
    }
    scene.end(&[]);
}
