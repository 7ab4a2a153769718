//! The SDR in Cc and out of it: docs/behaviour.md section 6.

use super::letter::Letter;
use super::scene::{AMPLE, CALVIN_BOX, DANA_BOX, Scene, left, words};
use crate::support::{CALVIN, DANA};

#[test]
fn each_verdict_on_cc() {
    let mut scene = Scene::new(AMPLE);
    let early = scene.hand_over("acme.example");
    let bcc = scene.hand_over("bolt.example");
    let lingering = scene.hand_over("coil.example");
    scene.run();
    scene.mail(&Letter::reply_all(&early.intro, CALVIN_BOX, "Hi Sarah, Thursday it is.").without(DANA_BOX));
    let moved = Letter::reply_all(&bcc.intro, CALVIN_BOX, "Hi Sarah (Dana to Bcc).").without(DANA_BOX);
    scene.mail(&moved);
    scene.file(DANA, "INBOX", &moved);
    scene.mail(&Letter::reply_all(&lingering.intro, CALVIN_BOX, "Hi Sarah, Thursday it is."));
    scene.until(&lingering.id, "the first verdict", |shown| shown["cc"]["state"] == "kept");
    scene.mail(&Letter::reply_all(&lingering.intro, CALVIN_BOX, "And the agenda is the same."));

    let shown = scene.until(&early.id, "dropped early", |shown| shown["cc"]["state"] == "dropped-early");
    assert_eq!(shown["cc"]["first"], "dropped-early");
    let shown = scene.until(&bcc.id, "moved to Bcc", |shown| shown["cc"]["state"] == "moved-to-bcc");
    assert_eq!(shown["cc"]["first"], "moved-to-bcc");
    let note = scene.got(CALVIN, &lingering.id, "lingering");
    assert!(note.header("Cc").unwrap().contains(DANA));
    let shown = scene.show(&lingering.id);
    assert_eq!((&shown["cc"]["state"], &shown["cc"]["first"]), (&"lingering".into(), &"kept".into()));
    scene.mail(&Letter::reply_all(&lingering.intro, CALVIN_BOX, "One more thing.").without(DANA_BOX));
    let shown = scene.until(&lingering.id, "the drop-off", |shown| shown["cc"]["state"] == "dropped");
    assert_eq!(left(&shown), ["intro", "lingering", "record"]);
    scene.end(&[]);
}

#[test]
fn internal_chatter_to_the_prospect_is_told_to_its_author_alone() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    let text = "Hi Sarah, see https://vendor.slack.com/archives/C0123456789/p1700000000000100 for the rest.";
    scene.mail(&Letter::reply_all(&acme.intro, CALVIN_BOX, text));
    let warning = scene.got(CALVIN, &acme.id, "chatter");
    assert!(warning.header("Cc").is_none(), "private");
    assert!(words(&warning).to_lowercase().contains("slack"), "{}", words(&warning));
    let shown = scene.show(&acme.id);
    assert_eq!(shown["touch"]["state"], "touched");
    assert_eq!(left(&shown), ["chatter", "intro", "record"]);
    scene.end(&[]);
}
