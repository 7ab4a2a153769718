//! The AE's automatic answers: docs/behaviour.md section 5, row 4.

use super::letter::Letter;
use super::scene::{AMPLE, CALVIN_BOX, DANA_BOX, Scene, has_rule, left, mails, words};
use crate::support::{DANA, MORGAN};

#[test]
fn an_absence_is_told_once_to_sdr_and_manager_and_is_no_touch() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    let away = "I am out of the office until 30 November 2030 and read no mail.";
    scene.mail_unfiled(&Letter::automatic(CALVIN_BOX, DANA_BOX, away));
    scene.mail_unfiled(&Letter::automatic(CALVIN_BOX, &acme.sarah(), away));
    let told = scene.got(DANA, &acme.id, "away");
    assert!(told.header("Cc").unwrap().contains(MORGAN));
    assert!(words(&told).contains("November 30"), "{}", words(&told));
    scene.mail_unfiled(&Letter::automatic(CALVIN_BOX, DANA_BOX, away));
    scene.bed.wait_for(DANA, "INBOX", 3, |_| true);
    let shown = scene.until(&acme.id, "row 4", |shown| has_rule(shown, 4));
    assert_eq!(shown["touch"]["state"], "waiting");
    assert!(shown["away_until"].as_str().unwrap().starts_with("2030-11-30"), "{}", shown["away_until"]);
    scene.stop();
    scene.run();
    assert_eq!(mails(&scene.show(&acme.id), "away").len(), 1);
    assert_eq!(left(&scene.show(&acme.id)), ["away", "intro", "record"]);
    scene.end(&[]);
}
