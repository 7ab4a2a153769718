//! Invitations, changes, refusals and cancellations: docs/behaviour.md sections 5 (rows 5 to 8) and 9.

use chrono::TimeDelta;

use super::letter::{Letter, event};
use super::scene::{
    AMPLE, CALVIN_BOX, DANA_BOX, Scene, has_rule, in_two_days, instant, left, now, record, words,
};
use crate::support::{CALVIN, DANA};

#[test]
fn the_aes_own_invitation_is_a_touch_and_its_answer_is_not_needed() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    let call =
        event("call-1@mail.vendor.example", now() + TimeDelta::hours(5), 0, CALVIN, &["sarah@acme.example"]);
    let invitation = Letter::calendar(CALVIN_BOX, &[&acme.sarah()], "REQUEST", &call);
    scene.mail(&invitation);
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(
        (&shown["touch"]["kind"], &shown["touch"]["message_id"]),
        (&"invite".into(), &invitation.id.clone().into())
    );
    assert!(has_rule(&shown, 5));
    assert_eq!(shown["cc"]["state"], "waiting", "an invitation has no Cc verdict");
    assert_eq!(left(&shown), ["intro", "record"]);
    scene.end(&[]);
}

#[test]
fn an_invitation_that_only_the_prospects_answer_shows_is_a_touch_too() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    let call =
        event("call-2@google.com", now() + TimeDelta::hours(5), 0, CALVIN, &["sarah@acme.example ACCEPTED"]);
    let answer = Letter::calendar(&acme.sarah(), &[CALVIN_BOX], "REPLY", &call).subject("Accepted: a call");
    scene.mail(&answer);
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(
        (&shown["touch"]["kind"], &shown["touch"]["message_id"]),
        (&"invite".into(), &answer.id.clone().into())
    );
    scene.end(&[]);
}

#[test]
fn the_records_own_meeting_is_followed_wherever_the_calendar_takes_it() {
    let mut scene = Scene::new(AMPLE);
    let start = in_two_days();
    let uid = "meeting-1@mail.vendor.example";
    let people = ["sarah@acme.example", "james@acme.example", CALVIN];
    let first = Letter::calendar(
        DANA_BOX,
        &["sarah@acme.example", "james@acme.example", CALVIN],
        "REQUEST",
        &event(uid, start, 0, DANA, &people),
    );
    scene.mail(&first);
    let acme = scene.hand_over_with("acme.example", &record("acme.example", start, 1800));
    scene.run();
    let later = start + TimeDelta::hours(3);
    scene.mail(&Letter::calendar(
        DANA_BOX,
        &["sarah@acme.example", CALVIN],
        "REQUEST",
        &event(uid, later, 1, DANA, &people),
    ));
    let shown = scene.until(&acme.id, "the move", |shown| shown["meeting"]["state"] == "moved");
    assert_eq!(instant(&shown["meeting"]["start"]).timestamp(), later.timestamp());
    assert_eq!(shown["touch"]["state"], "waiting", "about the record's own meeting");
    assert!(has_rule(&shown, 6));

    for who in ["sarah@acme.example", "james@acme.example"] {
        let declined = format!("{who} DECLINED");
        let answer = event(uid, later, 1, DANA, &[&declined]);
        scene.mail(&Letter::calendar(who, &[DANA_BOX], "REPLY", &answer).subject("Declined: a call"));
    }
    let told = scene.got(DANA, &acme.id, "meeting-declined");
    assert!(told.header("Cc").unwrap().contains(CALVIN));
    assert!(words(&told).contains("Acme Corp"));

    scene.mail(&Letter::calendar(
        DANA_BOX,
        &["sarah@acme.example", CALVIN],
        "CANCEL",
        &event(uid, later, 2, DANA, &people),
    ));
    let shown = scene.until(&acme.id, "the end of it", |shown| shown["meeting"]["state"] == "cancelled");
    assert_eq!(shown["feedback"]["state"], "not-owed");
    assert_eq!(left(&shown), ["intro", "meeting-declined", "record"]);
    scene.end(&[]);
}

#[test]
fn a_prospects_answer_from_the_calendar_proves_a_condition_and_is_contradicted_by_refusals() {
    let scene = Scene::new(AMPLE);
    let start = in_two_days();
    let answer = |who: &str, status: &str| {
        let attendee = format!("{who} {status}");
        let reply = event("meeting-2@mail.vendor.example", start, 0, DANA, &[&attendee]);
        Letter::calendar(who, &[DANA_BOX], "REPLY", &reply).subject("an answer")
    };
    scene.mail(&answer("sarah@acme.example", "ACCEPTED"));
    scene.mail(&Letter::new("sarah@acme.example", &[DANA_BOX], "Hello", "I look forward to the demo."));
    scene.bed.wait_for(DANA, "INBOX", 2, |_| true);
    let text = record("acme.example", start, 1800);
    scene.bed.write_file("acme.txt", &text);
    let checked = scene.bed.baton(&["check", "acme.txt"]).expect_status(0);
    assert_eq!(checked.stdout.matches("proved").count(), 2, "{}", checked.stdout);
    assert!(checked.stdout.contains("ticked"), "{}", checked.stdout);
    for who in ["sarah@acme.example", "james@acme.example"] {
        scene.mail(&answer(who, "DECLINED"));
    }
    scene.bed.wait_for(DANA, "INBOX", 4, |_| true);
    let checked = scene.bed.baton(&["check", "acme.txt"]).expect_status(3);
    assert!(
        checked.stderr.contains("contradicted") || checked.stdout.contains("contradicted"),
        "{checked:?}"
    );
    scene.end(&[]);
}

#[test]
fn a_schedulers_confirmation_is_a_touch() {
    let mut scene = Scene::new(AMPLE);
    let acme = scene.hand_over("acme.example");
    scene.run();
    let text = format!(
        "Hi Calvin Reyes,\n\nA new event has been scheduled.\n\nEvent Type:\n30 Minute Meeting\n\nInvitee:\nSarah Lee\n\n\
         Invitee Email:\nsarah@acme.example\n\nEvent Date/Time:\n10:00 - {} (Eastern Time - US & Canada)\n\n\
         View event in Calendly:\nhttps://calendly.com/app/scheduled_events/user/me\n\
         https://calendly.com/cancellations/0a1b2c3d https://calendly.com/reschedulings/0a1b2c3d\n",
        (now() + TimeDelta::days(5)).format("%A, %B %-d, %Y")
    );
    let letter = Letter::new(
        "Calendly <notifications@calendly.com>",
        &[CALVIN_BOX],
        "New Event: Sarah Lee - 30 Minute Meeting",
        &text,
    )
    .header("Auto-Submitted: auto-generated");
    scene.file(CALVIN, "INBOX", &letter);
    let shown = scene.until(&acme.id, "the touch", |shown| shown["touch"]["state"] == "touched");
    assert_eq!(shown["touch"]["kind"], "scheduled");
    assert!(has_rule(&shown, 8));
    assert_eq!(left(&shown), ["intro", "record"]);
    scene.end(&[]);
}
