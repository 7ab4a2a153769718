//! What does not arrive: docs/behaviour.md sections 3 and 5 (rows 12 and 13).

use std::{fs, thread, time::Duration};

use super::letter::Letter;
use super::scene::{
    AMPLE, CALVIN_BOX, DANA_BOX, Scene, has_rule, in_two_days, instant, left, mails, now, record, words,
};
use crate::support::{CALVIN, DANA, OPERATOR};

const LOST: &str = "gone.sarah@acme.example";

#[test]
fn an_intro_that_bounces_stops_the_clock_until_it_is_sent_again() {
    let mut scene = Scene::new(AMPLE);
    let right = record("acme.example", in_two_days(), 1800);
    let wrong = right.replace("To: Sarah Lee <sarah@acme.example>", &format!("To: Sarah Lee <{LOST}>"));
    scene.bed.write_file("wrong.txt", &wrong);
    scene.bed.write_file("right.txt", &right);
    scene.run();
    let sent = scene.bed.baton(&["send", "wrong.txt", "--yes", "--json"]).expect_status(0).json();
    let id = sent["id"].as_str().unwrap().to_owned();
    let told = scene.got(DANA, &id, "intro-bounced");
    assert!(told.header("Cc").unwrap().contains(CALVIN));
    assert!(words(&told).contains(LOST) && words(&told).contains("resend"), "{}", words(&told));
    let shown = scene.show(&id);
    assert_eq!(shown["touch"]["state"], "undelivered");
    assert!(shown["deadline"].is_null());
    assert!(has_rule(&shown, 12));

    // Instants are whole seconds: both within one would be due at the same.
    while now().timestamp() <= instant(&sent["sent_at"]).timestamp() {
        thread::sleep(Duration::from_millis(50));
    }
    let again = scene.bed.baton(&["resend", &id, "right.txt", "--yes", "--json"]).expect_status(0).json();
    assert_eq!(again["id"], sent["id"]);
    assert_ne!(again["message_id"], sent["message_id"]);
    assert!(instant(&again["deadline"]) > instant(&sent["deadline"]), "the clock starts afresh");
    let shown = scene.until(&id, "the corrected record", |shown| {
        mails(shown, "record").iter().filter(|mail| mail["state"] == "sent").count() == 2
    });
    assert_eq!(shown["touch"]["state"], "waiting");
    assert_eq!(shown["deadline"], again["deadline"]);
    let intro = scene.bed.wait_for("sarah@acme.example", "INBOX", 1, |_| true).remove(0);
    scene.mail(&Letter::reply_all(&intro, CALVIN_BOX, "Hi Sarah, Thursday it is."));
    scene.until(&id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(left(&scene.show(&id)), ["intro", "intro", "intro-bounced", "record", "record"]);
    scene.end(&[]);
}

#[test]
fn a_touch_that_bounces_is_withdrawn_and_the_ae_hears() {
    let mut scene = Scene::new(AMPLE);
    let text = record("acme.example", in_two_days(), 1800);
    let text = text.replace("James Ortiz <james@acme.example>", "James Ortiz <gone.james@acme.example>");
    let acme = scene.hand_over_with("acme.example", &text);
    scene.run();
    let reply =
        Letter::answer(&acme.intro, CALVIN_BOX, &["gone.james@acme.example"], "Hi James, Thursday it is.")
            .cc(&[DANA_BOX]);
    scene.mail(&reply);
    let told = scene.got(CALVIN, &acme.id, "touch-bounced");
    assert!(told.header("Cc").unwrap().contains(DANA));
    let shown = scene.show(&acme.id);
    assert_eq!(shown["touch"]["state"], "waiting", "withdrawn");
    assert!(has_rule(&shown, 13));
    assert!(instant(&shown["deadline"]) >= instant(&acme.sent["deadline"]));
    assert_eq!(left(&shown), ["intro", "record", "touch-bounced"]);
    scene.end(&[]);
}

#[test]
fn a_refused_recipient_leaves_no_handoff_and_nothing_leaves() {
    let scene = Scene::new(AMPLE);
    scene.bed.write_file("acme.txt", &record("acme.example", in_two_days(), 1800));
    scene.bed.answer_recipient("sarah@acme.example", "550 5.1.1 no such user here");
    let ran = scene.bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4);
    assert!(
        ran.stderr.contains("sarah@acme.example") && ran.stderr.contains("no such user here"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stdout, "");
    assert!(scene.all().is_empty());
    assert!(scene.bed.client(CALVIN).messages("INBOX").is_empty(), "to nobody");
    assert!(scene.bed.client(DANA).messages("Sent").is_empty());
    scene.bed.answer_recipient("sarah@acme.example", "");
    scene.hand_over("acme.example");
    scene.end(&[]);
}

#[test]
fn a_deferral_keeps_the_handoff_and_a_later_pass_sends_it() {
    let scene = Scene::new(AMPLE);
    scene.bed.write_file("acme.txt", &record("acme.example", in_two_days(), 1800));
    scene.bed.answer_recipient("sarah@acme.example", "451 4.7.1 come back later");
    let ran = scene.bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4);
    let sent = ran.json();
    assert!(ran.stderr.contains("come back later"), "{}", ran.stderr);
    for name in ["sent_at", "deadline", "why"] {
        assert!(sent[name].is_null(), "{name}");
    }
    let id = sent["id"].as_str().unwrap().to_owned();
    let shown = scene.show(&id);
    assert!(shown["deadline"].is_null() && shown["sent_at"].is_null());
    assert_eq!(mails(&shown, "intro")[0]["state"], "queued");
    assert!(scene.bed.client(CALVIN).messages("INBOX").is_empty(), "nothing has left yet");
    scene.bed.answer_recipient("sarah@acme.example", "");
    // Its next attempt is within 10 s.
    let shown = scene.until(&id, "the intro", |shown| {
        scene.once();
        shown["sent_at"].is_string()
    });
    assert_eq!(mails(&shown, "intro")[0]["message_id"], sent["message_id"]);
    assert_eq!(left(&scene.show(&id)), ["intro", "record"]);
    scene.end(&[]);
}

#[test]
fn servers_that_cannot_be_used_are_named_and_no_handoff_remains() {
    let scene = Scene::new(AMPLE);
    let good = scene.toml(AMPLE, "");
    let smtps = format!("smtps://127.0.0.1:{}", scene.bed.ports.smtps);
    scene.bed.write_file("acme.txt", &record("acme.example", in_two_days(), 1800));
    scene.bed.write_file("strange.pem", &String::from_utf8(crate::support::authority::stranger()).unwrap());
    let ca = scene.bed.ca_path().display().to_string();
    for (what, toml) in [
        ("password", good.replacen("{ env = \"BED_PASSWORD\" }", "{ command = [\"echo\", \"wrong\"] }", 1)),
        ("connection", good.replacen(&smtps, "smtps://127.0.0.1:1", 1)),
        ("certificate", good.replacen(&ca, "strange.pem", 1)),
    ] {
        scene.bed.write_config(&toml);
        let ran = scene.bed.baton(&["send", "acme.txt", "--yes"]).expect_status(4);
        assert!(!ran.stderr.is_empty() && !ran.stderr.contains("secret"), "{what}: {}", ran.stderr);
        assert!(scene.all().is_empty(), "{what}: no handoff remains");
    }
    scene.bed.write_config(&good);
    scene.hand_over("acme.example");
    scene.end(&[]);
}

#[test]
fn what_send_has_reported_as_refused_is_told_by_nobody_else() {
    let mut scene = Scene::new(AMPLE);
    scene.bed.write_file("acme.txt", &record("acme.example", in_two_days(), 1800));
    scene.bed.answer_recipient("sarah@acme.example", "550 5.1.1 no such user here");
    // The agent delivers, and is at work again the moment that the server has refused.
    scene.run();
    for _ in 0..3 {
        let ran = scene.bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4);
        assert!(ran.stderr.contains("no such user here"), "{}", ran.stderr);
    }
    assert!(scene.all().is_empty());
    scene.bed.answer_recipient("sarah@acme.example", "");
    let acme = scene.hand_over("acme.example");
    scene.bed.answer_recipient("sarah@acme.example", "550 5.1.1 no such user here");
    let before = scene.until_sent(&acme.id, "record");
    scene.bed.baton(&["resend", &acme.id, "--yes"]).expect_status(4);
    let after = scene.show(&acme.id);
    assert_eq!(after["mails"], before["mails"], "the handoff is as it was");
    assert_eq!(after["deadline"], before["deadline"]);
    scene.end(&[]);
}

#[test]
fn a_server_that_is_away_after_a_deferral_is_waited_for() {
    let mut scene = Scene::new(AMPLE);
    scene.bed.write_file("acme.txt", &record("acme.example", in_two_days(), 1800));
    scene.bed.answer_recipient("sarah@acme.example", "451 4.7.1 come back later");
    let sent = scene.bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4).json();
    let id = sent["id"].as_str().unwrap().to_owned();
    scene.bed.postfix.stop();
    scene.until(&id, "an attempt without a server", |shown| {
        scene.once();
        mails(shown, "intro")[0]["error"].as_str().unwrap().contains("cannot be reached")
    });
    let shown = scene.show(&id);
    assert_eq!((&shown["touch"]["state"], &shown["open"]), (&"waiting".into(), &true.into()));
    scene.bed.answer_recipient("sarah@acme.example", "");
    scene.bed.postfix.start();
    let shown = scene.until(&id, "the intro", |shown| {
        scene.once();
        shown["sent_at"].is_string()
    });
    assert_eq!(mails(&shown, "intro")[0]["message_id"], sent["message_id"]);
    assert_eq!(left(&scene.show(&id)), ["intro", "record"]);
    scene.end(&[]);
}

#[test]
fn a_refusal_after_a_deferral_is_a_delivery_failure() {
    let mut scene = Scene::new(AMPLE);
    scene.bed.write_file("acme.txt", &record("acme.example", in_two_days(), 1800));
    scene.bed.answer_recipient("sarah@acme.example", "451 4.7.1 come back later");
    let sent = scene.bed.baton(&["send", "acme.txt", "--yes", "--json"]).expect_status(4).json();
    let id = sent["id"].as_str().unwrap().to_owned();
    scene.bed.answer_recipient("sarah@acme.example", "550 5.1.1 no such user here");
    scene.run();
    let told = scene.got(DANA, &id, "intro-bounced");
    assert!(told.header("Cc").unwrap().contains(CALVIN));
    assert!(words(&told).contains("no such user here"), "{}", words(&told));
    let shown = scene.show(&id);
    assert_eq!(shown["touch"]["state"], "undelivered");
    assert!(shown["deadline"].is_null() && shown["sent_at"].is_null());
    assert!(has_rule(&shown, 12));
    scene.bed.answer_recipient("sarah@acme.example", "");
    let again = scene.bed.baton(&["resend", &id, "--yes", "--json"]).expect_status(0).json();
    assert_eq!(scene.until_sent(&id, "record")["deadline"], again["deadline"]);
    // `send` reported a deferral; that a mail has failed is news to the operator.
    scene.end(&[(OPERATOR, "baton: a mail could not be sent")]);
}

#[test]
fn a_mailbox_without_a_folder_for_sent_mail_gets_one() {
    let mut scene = Scene::new(AMPLE);
    scene.bed.imap.stop();
    scene.bed.imap.without_folder("Sent");
    fs::remove_dir_all(scene.bed.path().join("mail").join(DANA).join("Sent")).unwrap();
    scene.bed.imap.start();
    let listed = scene.bed.client(DANA).command("LIST \"\" \"*\"");
    assert!(!listed.contains("Sent"), "{listed}");
    scene.hand_over("acme.example");
    scene.bed.baton(&["run", "--once"]).expect_status(0);
    assert_eq!(scene.bed.client(DANA).messages("Sent").len(), 1, "one copy, there after the next pass");
    let subscribed = scene.bed.client(DANA).command("LSUB \"\" \"*\"");
    assert!(subscribed.contains("Sent"), "{subscribed}");
    scene.end(&[]);
}
