//! What the AE owes the SDR after the meeting: docs/behaviour.md section 9.

use chrono::TimeDelta;

use super::letter::Letter;
use super::scene::{AMPLE, CALVIN_BOX, DANA_BOX, NORA_BOX, Scene, left, mails, now, record, words};
use crate::support::{CALVIN, DANA, MORGAN};

fn soon(domain: &str) -> String {
    record(domain, now() + TimeDelta::seconds(4), 1)
}

#[test]
fn one_line_is_enough_and_what_was_understood_goes_back_with_the_sdr_in_cc() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over_with("acme.example", &soon("acme.example"));
    let bolt = scene.hand_over_with("bolt.example", &soon("bolt.example"));
    let coil = scene.hand_over_with("coil.example", &soon("coil.example"));
    scene.run();
    let asked = scene.got(CALVIN, &acme.id, "feedback-request");
    let text = words(&asked);
    for line in ["Outcome (held, rescheduled, no-show):", "Score (1-5):", "Anything wrong in the record:"] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(text.contains("mailto:"), "one click: {text}");
    // Not the AE: noted, no answer.
    scene.mail(&Letter::answer(&asked, NORA_BOX, &[DANA_BOX], "held 1"));
    scene.mail(&Letter::answer(&asked, CALVIN_BOX, &[DANA_BOX], "held 4, James has left"));
    let thanks = scene.got(CALVIN, &acme.id, "feedback-thanks");
    assert!(thanks.header("Cc").unwrap().contains(DANA));
    assert!(words(&thanks).contains("James has left"), "{}", words(&thanks));
    let shown = scene.show(&acme.id);
    let feedback = &shown["feedback"];
    assert_eq!((&feedback["state"], &feedback["outcome"]), (&"received".into(), &"held".into()));
    assert_eq!(feedback["score"], 4);
    assert!(feedback["wrong"].as_str().unwrap().contains("James has left"), "{feedback}");
    assert_eq!(left(&shown), ["feedback-request", "feedback-thanks", "intro", "record", "stated"]);

    // By a link: a new message that cites nothing, with the token in its subject.
    let asked = scene.got(CALVIN, &bolt.id, "feedback-request");
    let text = words(&asked);
    let link =
        text.split_whitespace().find(|word| word.contains("mailto:") && word.contains("no-show")).unwrap();
    let url = url::Url::parse(link.trim_matches(['<', '>'])).unwrap();
    let field = |name: &str| url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    scene.mail(&Letter::new(CALVIN_BOX, &[url.path()], &field("subject"), &field("body")));
    scene.got(CALVIN, &bolt.id, "feedback-thanks");
    assert_eq!(scene.show(&bolt.id)["feedback"]["outcome"], "no-show");

    // What cannot be read is asked about once.
    let asked = scene.got(CALVIN, &coil.id, "feedback-request");
    scene.mail(&Letter::answer(&asked, CALVIN_BOX, &[DANA_BOX], "The weather was lovely.").unquoted());
    let question = scene.got(CALVIN, &coil.id, "feedback-question");
    scene.mail(&Letter::answer(&question, CALVIN_BOX, &[DANA_BOX], "Purple, I would say.").unquoted());
    scene.mail(&Letter::answer(&question, CALVIN_BOX, &[DANA_BOX], "held, 5").unquoted());
    scene.got(CALVIN, &coil.id, "feedback-thanks");
    let shown = scene.show(&coil.id);
    assert_eq!(mails(&shown, "feedback-question").len(), 1);
    assert_eq!(shown["feedback"]["score"], 5);
    scene.end(&[]);
}

#[test]
fn feedback_that_does_not_come_is_reminded_of_and_then_told_to_the_manager_once() {
    let mut scene = Scene::with(AMPLE, "due = \"8s\"\nremind_before = \"4s\"", |toml| toml);
    let acme = scene.hand_over_with("acme.example", &soon("acme.example"));
    scene.run();
    scene.mail(&Letter::reply_all(&acme.intro, CALVIN_BOX, "Hi Sarah, see you in a moment."));
    scene.got(CALVIN, &acme.id, "feedback-request");
    scene.got(CALVIN, &acme.id, "feedback-reminder");
    let overdue = scene.got(MORGAN, &acme.id, "feedback-overdue");
    assert!(overdue.header("To").unwrap().contains(MORGAN));
    let shown = scene.until(&acme.id, "being late", |shown| shown["feedback"]["state"] == "overdue");
    assert_eq!(
        left(&shown),
        ["feedback-overdue", "feedback-reminder", "feedback-request", "intro", "record"]
    );
    scene.end(&[]);
}

#[test]
fn a_rescheduled_meeting_is_asked_for_its_new_time_and_starts_over() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over_with("acme.example", &soon("acme.example"));
    scene.run();
    let asked = scene.got(CALVIN, &acme.id, "feedback-request");
    scene.mail(&Letter::answer(&asked, CALVIN_BOX, &[DANA_BOX], "rescheduled"));
    let question = scene.got(CALVIN, &acme.id, "feedback-question");
    assert!(question.header("Cc").unwrap().contains(DANA));
    let shown = scene.show(&acme.id);
    assert_eq!(
        (&shown["feedback"]["state"], &shown["feedback"]["outcome"]),
        (&"received".into(), &"rescheduled".into())
    );
    let new = now() + TimeDelta::days(3);
    let words = format!("{} UTC", new.format("%Y-%m-%d %H:%M"));
    scene.mail(&Letter::answer(&question, CALVIN_BOX, &[DANA_BOX], &words));
    let shown = scene.until(&acme.id, "the new time", |shown| shown["feedback"]["state"] == "not-due");
    assert!(shown["feedback"]["outcome"].is_null());
    scene.got(CALVIN, &acme.id, "feedback-thanks");
    assert!(shown["meeting"]["start"].as_str().unwrap().starts_with(&new.format("%Y-%m-%d").to_string()));
    scene.end(&[]);
}
