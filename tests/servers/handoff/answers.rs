//! The AE's answers to the record, and another AE: docs/behaviour.md sections 5 and 8.

use super::letter::Letter;
use super::scene::{
    AMPLE, CALVIN_BOX, DANA_BOX, NORA, NORA_BOX, Scene, due_within, instant, left, mails, words,
};
use crate::support::{CALVIN, DANA, MORGAN};

#[test]
fn a_human_answer_to_the_record_accepts_it_and_its_words_are_kept() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    let bolt = scene.hand_over("bolt.example");
    scene.run();
    let record = scene.got(CALVIN, &acme.id, "record");
    let answer = Letter::answer(
        &record,
        CALVIN_BOX,
        &[DANA_BOX],
        "Got it. I will open with the 20 minutes a day.\nowner updated",
    );
    scene.mail(&answer);
    let shown = scene.until(&acme.id, "the acceptance", |shown| shown["acceptance"]["state"] == "accepted");
    assert_eq!(shown["acceptance"]["owner_updated"], true);
    assert!(shown["acceptance"]["notes"].as_str().unwrap().contains("20 minutes a day"));
    assert_eq!(shown["touch"]["state"], "waiting", "reading the record is no touch");
    let record = scene.got(CALVIN, &bolt.id, "record");
    scene.mail(&Letter::answer(&record, CALVIN_BOX, &[DANA_BOX], "Which pipeline do they use?"));
    scene.mail(&Letter::answer(&record, CALVIN_BOX, &[DANA_BOX], "\u{1f44d}"));
    scene.until(&bolt.id, "the acceptance", |shown| shown["acceptance"]["state"] == "accepted");
    assert_eq!(left(&scene.show(&acme.id)), ["intro", "record"]);
    scene.end(&[]);
}

#[test]
fn a_refusal_is_told_to_sdr_and_manager_and_another_ae_takes_over_with_a_new_clock() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    let record = scene.got(CALVIN, &acme.id, "record");
    scene.mail(&Letter::answer(&record, CALVIN_BOX, &[DANA_BOX], "not mine"));
    let told = scene.got(DANA, &acme.id, "refused");
    assert!(told.header("Cc").unwrap().contains(MORGAN));
    assert_eq!(scene.show(&acme.id)["acceptance"]["state"], "refused");

    scene.bed.baton(&["reassign", &acme.id, "--ae", "Nora Lind", "--json"]).expect_status(0);
    let shown = scene.until(&acme.id, "the new record", |shown| {
        mails(shown, "record").iter().filter(|mail| mail["state"] == "sent").count() == 2
    });
    assert_eq!((&shown["ae"], &shown["acceptance"]["state"]), (&"Nora Lind".into(), &"none".into()));
    assert_eq!(shown["touch"]["state"], "waiting");
    assert!(instant(&shown["deadline"]) > instant(&acme.sent["deadline"]));
    let records = scene.bed.wait_for(NORA, "INBOX", 1, |_| true);
    assert!(words(&records[0]).contains("HANDOFF RECORD: Acme Corp"));
    assert!(words(&records[0]).contains("AE: Nora Lind"), "{}", words(&records[0]));

    // The former AE is a colleague now.
    scene.mail(&Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah, Nora takes over."));
    scene.until(&acme.id, "row 14", |shown| super::scene::has_rule(shown, 14));
    assert_eq!(scene.show(&acme.id)["touch"]["state"], "waiting");
    let nora =
        Letter::answer(&acme.intro, NORA_BOX, &[&acme.sarah()], "Hi Sarah, I am Nora.").cc(&[DANA_BOX]);
    scene.mail(&nora);
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(
        (&shown["touch"]["kind"], &shown["touch"]["message_id"]),
        (&"reply".into(), &nora.id.clone().into())
    );
    assert_eq!(left(&shown), ["intro", "record", "record", "refused"]);
    scene.end(&[]);
}

#[test]
fn done_in_answer_to_a_forwarded_escalation_counts_and_is_late() {
    let mut scene = Scene::new(&due_within(3));
    let acme = scene.hand_over("acme.example");
    scene.run();
    let flag = scene.got(MORGAN, &acme.id, "escalation");
    let forward =
        Letter::answer(&flag, "Morgan Hale <morgan@vendor.example>", &[CALVIN_BOX], "What about this one?");
    scene.mail(&forward);
    let forwarded = scene.bed.wait_for(CALVIN, "INBOX", 1, |mail| mail.text.contains(&forward.id)).remove(0);
    scene.mail(&Letter::answer(&forwarded, CALVIN_BOX, &["morgan@vendor.example", DANA_BOX], "done"));
    scene.got(DANA, &acme.id, "stated");
    scene.got(MORGAN, &acme.id, "late-touch");
    let shown = scene.show(&acme.id);
    assert_eq!((&shown["touch"]["kind"], &shown["touch"]["late"]), (&"stated".into(), &true.into()));
    scene.end(&[]);
}

#[test]
fn a_prospect_among_the_readers_of_the_record_is_told_to_ae_and_sdr() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    let record = scene.got(CALVIN, &acme.id, "record");
    let leak = Letter::answer(
        &record,
        CALVIN_BOX,
        &[DANA_BOX, &acme.sarah()],
        &format!("Got it.\n\n{}", words(&record)),
    );
    scene.mail(&leak);
    let told = scene.got(DANA, &acme.id, "record-leaked");
    assert!(told.header("To").unwrap().contains(CALVIN));
    let shown = scene.show(&acme.id);
    assert_eq!(mails(&shown, "record-leaked").len(), 1);
    scene.end(&[]);
}
