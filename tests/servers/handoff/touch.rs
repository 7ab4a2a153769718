//! What counts as the first touch, one handoff for each row of docs/behaviour.md section 5.
//!
//! Rows about calendars, absences, delivery failures and identities are in files of their own.

use super::letter::Letter;
use super::scene::{
    AMPLE, CALVIN_BOX, DANA_BOX, EVE_BOX, NORA_BOX, Scene, has_rule, instant, left, without_calvins_account,
    words,
};
use crate::support::{CALVIN, DANA};

#[test]
fn each_way_of_being_in_touch_has_its_name() {
    let mut scene = Scene::new(AMPLE);
    let thread = scene.hand_over("acme.example");
    let fresh = scene.hand_over("bolt.example");
    let video = scene.hand_over("coil.example");
    let delegate = scene.hand_over("dune.example");
    scene.run();
    scene.mail(&Letter::reply_all(&thread.intro, CALVIN_BOX, "Hi Sarah, all yours.\n\nCalvin"));
    let other_thread =
        Letter::new(CALVIN_BOX, &[&fresh.sarah()], "Your reporting", "Hi Sarah, I take over from Dana.");
    scene.mail(&other_thread);
    scene.mail(&Letter::reply_all(
        &video.intro,
        CALVIN_BOX,
        "Hi Sarah, I recorded this for you: https://www.loom.com/share/0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ));
    scene.mail(&Letter::reply_all(&delegate.intro, EVE_BOX, "Hi Sarah, I write for Calvin: Thursday it is."));
    for (handoff, kind, row) in
        [(&thread, "reply", 1), (&fresh, "new-thread", 2), (&video, "video", 10), (&delegate, "reply", 1)]
    {
        let shown = scene.until(&handoff.id, "the touch", |shown| shown["touch"]["state"] == "touched");
        assert_eq!(shown["touch"]["kind"], kind, "{}", handoff.domain);
        assert_eq!(shown["touch"]["late"], false);
        assert!(has_rule(&shown, row), "row {row}: {:#}", shown["events"]);
        assert_eq!(left(&shown), ["intro", "record"]);
    }
    scene.end(&[]);
}

#[test]
fn an_answer_that_the_prospect_did_not_get_is_no_touch_and_the_ae_hears_once() {
    let mut scene = Scene::new(AMPLE);
    let alone = scene.hand_over("acme.example");
    let empty = scene.hand_over("bolt.example");
    scene.run();
    let only_dana = Letter::answer(&alone.intro, CALVIN_BOX, &[DANA_BOX], "Hi Sarah, Thursday it is.");
    scene.mail(&only_dana);
    let quoting = Letter::reply_all(&empty.intro, CALVIN_BOX, "\n-- \nCalvin Reyes\nAccount Executive");
    scene.mail(&quoting);
    for (handoff, row) in [(&alone, 3), (&empty, 9)] {
        let note = scene.got(CALVIN, &handoff.id, "not-received");
        assert!(note.header("Cc").unwrap().contains(DANA));
        assert!(words(&note).contains("Sarah"), "{}", words(&note));
        let shown = scene.show(&handoff.id);
        assert_eq!(shown["touch"]["state"], "waiting");
        assert!(has_rule(&shown, row), "row {row}: {:#}", shown["events"]);
        assert_eq!(left(&shown), ["intro", "not-received", "record"]);
    }
    scene.end(&[]);
}

#[test]
fn what_others_write_is_recorded_and_stops_no_clock() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    scene.mail(&Letter::answer(
        &acme.intro,
        &acme.sarah(),
        &[DANA_BOX, CALVIN_BOX],
        "Great, thank you both.",
    ));
    scene.mail(&Letter::reply_all(&acme.intro, NORA_BOX, "Hi Sarah, I sit next to Calvin."));
    let receipt = Letter::answer(&acme.intro, CALVIN_BOX, &[DANA_BOX], "Your message was read.")
        .report("disposition-notification");
    scene.mail(&receipt);
    let shown = scene.until(&acme.id, "rows 11 and 14", |shown| has_rule(shown, 11) && has_rule(shown, 14));
    assert_eq!(shown["touch"]["state"], "waiting");
    let shown = scene.until(&acme.id, "row 7", |shown| has_rule(shown, 7));
    assert_eq!(shown["touch"]["state"], "waiting");
    assert_eq!(left(&shown), ["intro", "record"]);
    scene.end(&[]);
}

#[test]
fn where_the_aes_mailbox_is_not_watched_the_prospects_answer_proves_the_touch() {
    let mut scene = Scene::with(AMPLE, "", |toml| without_calvins_account(&toml));
    let acme = scene.hand_over("acme.example");
    scene.run();
    let unseen = Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah, Thursday it is.").without(DANA_BOX);
    scene.mail(&unseen);
    let sarahs = scene.bed.wait_for("sarah@acme.example", "INBOX", 2, |_| true);
    let calvins = sarahs.iter().find(|mail| mail.text.contains(&unseen.id)).unwrap();
    scene.mail(&Letter::answer(calvins, &acme.sarah(), &[CALVIN_BOX, DANA_BOX], "Thursday is fine."));
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!((&shown["touch"]["kind"], &shown["touch"]["indirect"]), (&"reply".into(), &true.into()));
    scene.end(&[]);
}

#[test]
fn done_is_the_aes_word_for_it_and_the_sdr_hears() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    let record = scene.got(CALVIN, &acme.id, "record");
    let answer = Letter::answer(&record, CALVIN_BOX, &[DANA_BOX], "done");
    scene.mail(&answer);
    let told = scene.got(DANA, &acme.id, "stated");
    assert!(words(&told).contains("Calvin"), "{}", words(&told));
    let shown = scene.show(&acme.id);
    assert_eq!((&shown["touch"]["state"], &shown["touch"]["kind"]), (&"touched".into(), &"stated".into()));
    assert_eq!(shown["touch"]["message_id"], answer.id);
    assert!(instant(&shown["touch"]["at"]) <= instant(&shown["deadline"]));
    assert_eq!(left(&shown), ["intro", "record", "stated"]);
    scene.end(&[]);
}

#[test]
fn a_person_corrects_a_verdict_with_a_reason() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    scene.bed.baton(&["touch", &acme.id, "--why", "Calvin met Sarah at the fair"]).expect_status(0);
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(shown["touch"]["kind"], "stated");
    assert!(shown["events"].to_string().contains("met Sarah at the fair"));
    scene.bed.baton(&["close", &acme.id, "--why", "they have merged"]).expect_status(0);
    let shown = scene.until(&acme.id, "the end", |shown| shown["open"] == false);
    assert_eq!(left(&shown).len(), 2 + super::scene::mails(&shown, "stated").len());
    scene.end(&[]);
}
