//! How much mail a person and a thread may get: behaviour.md section 12.

use super::letter::Letter;
use super::scene::{CALVIN_BOX, DANA_BOX, Scene, due_within, left, mails};
use super::support::{CALVIN, MORGAN, OPERATOR};

#[test]
fn the_eleventh_mail_of_an_hour_waits_and_an_escalation_does_not() {
    let mut scene = Scene::new(&due_within(20));
    let acme = scene.hand_over("acme.example");
    scene.run();
    for number in 0..10 {
        let words = format!("Dana, number {number}: I have a question before I write to them.");
        scene.mail(&Letter::answer(&acme.intro, CALVIN_BOX, &[DANA_BOX], &words));
    }
    let shown = scene.until(&acme.id, "ten mails and two that wait", |shown| {
        left(shown).len() == 10 && mails(shown, "not-received").len() == 10
    });
    let waiting: Vec<_> =
        mails(&shown, "not-received").into_iter().filter(|it| it["state"] == "queued").collect();
    assert_eq!(waiting.len(), 2, "{shown:#}");
    assert!(waiting.iter().all(|mail| mail["error"].as_str().unwrap().contains("within an hour")));
    scene.got(MORGAN, &acme.id, "escalation");
    let told = scene.bed.wait_for(OPERATOR, "INBOX", 1, |_| true);
    assert_eq!(told.len(), 1, "once, however many wait");
    assert_eq!(scene.bed.client(CALVIN).messages("INBOX").len(), 10);
}
