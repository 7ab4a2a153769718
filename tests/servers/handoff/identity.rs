//! Whether it is really the AE: docs/behaviour.md section 5, rows 15 and 16.

use super::letter::Letter;
use super::scene::{AMPLE, CALVIN_BOX, DANA_BOX, Scene, has_rule, instant, left, mails, words};
use crate::support::{DANA, OPERATOR};

#[test]
fn a_forged_mail_is_no_touch_and_is_told_to_sdr_and_operator() {
    let mut scene = Scene::with(AMPLE, "", |toml| {
        toml.replacen(
            "login = \"dana@vendor.example\"\n",
            "login = \"dana@vendor.example\"\nauthserv = \"mx.vendor.example\"\n",
            1,
        )
    });
    let acme = scene.hand_over("acme.example");
    scene.run();
    let forged = Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah, please pay here.")
        .header("Authentication-Results: mx.vendor.example; dkim=none; spf=fail; dmarc=fail header.from=vendor.example");
    scene.file(DANA, "INBOX", &forged);
    let told = scene.got(DANA, &acme.id, "suspicious");
    assert!(told.header("To").unwrap().contains(OPERATOR));
    let shown = scene.show(&acme.id);
    assert_eq!(shown["touch"]["state"], "waiting");
    assert!(has_rule(&shown, 15));
    assert_eq!(left(&shown), ["intro", "record", "suspicious"]);
    // The same words from Calvin's own Sent folder are his.
    let real = Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah, Thursday it is.");
    scene.mail(&real);
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(shown["touch"]["message_id"], real.id);
    scene.end(&[]);
}

#[test]
fn an_outside_address_under_the_aes_name_is_asked_about_and_yes_counts_at_its_own_time() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    let bolt = scene.hand_over("bolt.example");
    scene.run();
    let home = "Calvin Reyes <calvin.reyes@home.example>";
    let away = Letter::reply_all(&acme.intro, home, "Hi Sarah, from my own phone.");
    scene.mail(&away);
    let asked = scene.got(DANA, &acme.id, "who-is-this");
    assert!(words(&asked).contains("calvin.reyes@home.example"), "{}", words(&asked));
    let shown = scene.show(&acme.id);
    assert_eq!(shown["touch"]["state"], "waiting");
    assert!(has_rule(&shown, 16));
    scene.mail(&Letter::answer(&asked, DANA_BOX, &[DANA_BOX], "yes"));
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(shown["touch"]["message_id"], away.id);
    assert_eq!(shown["touch"]["kind"], "reply");
    assert!(instant(&shown["touch"]["at"]) < instant(&shown["deadline"]));
    assert_eq!(left(&shown), ["intro", "record", "who-is-this"]);

    let other =
        Letter::reply_all(&bolt.intro, "Calvin Reyes <cr@stranger.example>", "Hi Sarah, wire the money.");
    scene.mail(&other);
    let asked = scene.got(DANA, &bolt.id, "who-is-this");
    scene.mail(&Letter::answer(&asked, DANA_BOX, &[DANA_BOX], "no"));
    scene.mail(&Letter::reply_all(&bolt.intro, "Calvin Reyes <cr@stranger.example>", "Hi Sarah, again."));
    scene.bed.wait_for(DANA, "INBOX", 1, |mail| mail.text.contains("Hi Sarah, again."));
    scene.stop();
    scene.once();
    let shown = scene.show(&bolt.id);
    assert_eq!(shown["touch"]["state"], "waiting");
    assert_eq!(mails(&shown, "who-is-this").len(), 1);
    scene.end(&[]);
}
