//! How much mail a person and a thread may get: docs/behaviour.md section 12.

use serde_json::Value;

use super::letter::Letter;
use super::scene::{AMPLE, CALVIN_BOX, DANA_BOX, Scene, due_within, left, mails};
use crate::support::{CALVIN, MORGAN, OPERATOR};

fn is_waiting(mail: &Value, why: &str) -> bool {
    mail["state"] == "queued" && mail["error"].as_str().is_some_and(|error| error.contains(why))
}

#[test]
fn the_eleventh_mail_of_an_hour_waits_and_an_escalation_does_not() {
    let mut scene = Scene::new(&due_within(30));
    let acme = scene.hand_over("acme.example");
    scene.run();
    for number in 0..10 {
        let words = format!("Dana, number {number}: I have a question before I write to them.");
        scene.mail(&Letter::answer(&acme.intro, CALVIN_BOX, &[DANA_BOX], &words));
    }
    scene.until(&acme.id, "ten mails and two that wait", |shown| {
        left(shown).len() == 10
            && mails(shown, "not-received").iter().filter(|it| is_waiting(it, "within an hour")).count() == 2
    });
    scene.got(MORGAN, &acme.id, "escalation");
    let told = scene.bed.wait_for(OPERATOR, "INBOX", 1, |_| true);
    assert_eq!(told.len(), 1, "once, however many wait");
    assert_eq!(scene.bed.client(CALVIN).messages("INBOX").len(), 10);
}

#[test]
fn the_hundred_and_first_mail_of_a_day_waits_and_an_intro_does_not() {
    let mut scene = Scene::new(AMPLE);
    for number in 0..10 {
        let handoff = scene.hand_over(&format!("acme{number}.example"));
        for question in 0..8 {
            let words = format!("Dana, question {question} before I write to them.");
            scene.mail_unfiled(&Letter::answer(&handoff.intro, CALVIN_BOX, &[DANA_BOX], &words));
        }
    }
    scene.run();
    for count in (20..=100).step_by(10) {
        scene.bed.wait_for(CALVIN, "INBOX", count, |_| true);
    }
    scene.stop();
    let last = scene.hand_over("more.example");
    scene.run();
    scene.until(&last.id, "an intro that has left and a record that waits", |shown| {
        let record = mails(shown, "record");
        mails(shown, "intro")[0]["state"] == "sent"
            && record
                .iter()
                .any(|mail| is_waiting(mail, "calvin@vendor.example has had 100 mails within a day"))
    });
    let told = scene.bed.wait_for(OPERATOR, "INBOX", 1, |_| true);
    assert_eq!(told.len(), 1, "once, however many wait");
    assert_eq!(scene.bed.client(CALVIN).messages("INBOX").len(), 101, "the intro is exempt");
}
