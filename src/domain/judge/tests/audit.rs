//! The audit says of a handoff what the judgement says, and so what `show` prints. docs/behaviour.md section 10.

use super::*;
use crate::domain::audit::own::{audited, preparation};
use crate::domain::audit::{AuditedHandoff, FeedbackAnswer, TouchAnswer};

fn audit(world: &World, now: &str) -> AuditedHandoff {
    let judgement = world.judge(now);
    let dana = address("dana@vendor.example");
    let preparation = preparation(&judgement, &[&dana], &world.facts);
    let audited = audited(&world.handoff.id, &judgement, preparation, at(now));
    assert_eq!((audited.touch.at, audited.touch.kind), (judgement.touch.at, judgement.touch.kind));
    assert_eq!(
        (audited.feedback.at, audited.feedback.score),
        (judgement.feedback.at, judgement.feedback.score)
    );
    assert_eq!((audited.sent_at, audited.deadline), (judgement.sent_at, judgement.deadline));
    audited
}

fn touched(when: &str) -> Mail {
    Mail::ae(when).to(&["sarah@acme.example"]).cc(&[DANA]).in_thread()
}

#[test]
fn a_touch_is_in_time_late_or_missing_as_the_judgement_has_it() {
    let mut world = World::new();
    let waits = audit(&world, "2026-11-24 12:00");
    assert_eq!((waits.touch.answer, waits.waits), (TouchAnswer::CannotTell, true));
    assert_eq!(waits.evidence, ["the deadline of the first touch has not been decided yet"]);
    let deadline = waits.deadline.unwrap().format("%Y-%m-%d %H:%M").to_string();
    world.read("2026-11-25 09:00").looked("2026-11-25 09:00", &deadline);
    let missed = audit(&world, "2026-11-25 09:00");
    assert_eq!((missed.touch.answer, missed.waits), (TouchAnswer::Never, true));
    world.mail(touched("2026-11-25 10:00"));
    let late = audit(&world, "2026-11-25 11:00");
    assert_eq!((late.touch.answer, late.waits), (TouchAnswer::Late, false));
    world.mail(touched("2026-11-24 10:00"));
    let in_time = audit(&world, "2026-11-25 11:00");
    assert_eq!(in_time.touch.answer, TouchAnswer::InTime);
    assert!(in_time.evidence.iter().any(|line| line.contains("Calvin") && line.contains('<')), "{in_time:?}");
}

#[test]
fn of_a_handoff_closed_before_its_deadline_nothing_is_awaited() {
    let mut world = World::new();
    world.states("2026-11-24 12:00", StatementKind::Closed);
    world.read("2026-11-27 09:00");
    let closed = audit(&world, "2026-11-27 09:00");
    assert_eq!((closed.touch.answer, closed.waits), (TouchAnswer::CannotTell, false));
    let why = "the handoff was closed before the deadline of the first touch was decided";
    assert!(closed.evidence.iter().any(|line| line == why), "{:?}", closed.evidence);
}

#[test]
fn feedback_is_not_due_in_time_late_or_missing_as_the_judgement_has_it() {
    let mut world = World::new();
    world.mail(touched("2026-11-24 10:00"));
    assert_eq!(audit(&world, "2026-11-26 12:00").feedback.answer, FeedbackAnswer::NotDue);
    world.left("2026-11-26 14:30", MailKind::FeedbackRequest, "meeting 2026-11-26T14:00:00Z", REQUEST_TOKEN);
    assert_eq!(audit(&world, "2026-11-26 15:00").feedback.answer, FeedbackAnswer::NotDue);
    let answer = |when: &str| Mail::ae(when).to(&[DANA]).answers(REQUEST_TOKEN).words("held 4");
    let mut late = World::new();
    late.facts = world.facts.clone();
    late.read("2026-11-28 09:00");
    assert_eq!(audit(&late, "2026-11-28 09:00").feedback.answer, FeedbackAnswer::Never);
    late.mail(answer("2026-11-28 10:00"));
    assert_eq!(audit(&late, "2026-11-28 11:00").feedback.answer, FeedbackAnswer::Late);
    world.mail(answer("2026-11-26 16:00"));
    let given = audit(&world, "2026-11-28 11:00");
    assert_eq!((given.feedback.answer, given.feedback.score), (FeedbackAnswer::InTime, Some(4)));
}

#[test]
fn the_intro_and_what_cites_it_are_no_contact_of_before_the_handoff() {
    let mut world = World::new();
    // The server had the copy in the second before the one in which it accepted the intro.
    let just_before = "2026-11-24 08:59";
    let copy = Mail::new(DANA, just_before).to(&["sarah@acme.example"]).cc(&["calvin@vendor.example"]);
    world.mail(copy.id(own_id(INTRO_TOKEN).as_str()));
    world.mail(Mail::new("sarah@acme.example", just_before).to(&[DANA]).in_thread());
    let found = audit(&world, "2026-11-24 12:00").preparation.unwrap();
    assert_eq!(
        (found.first_contact, found.proved),
        (None, 0),
        "nobody is told of a handoff that came too early"
    );
}

#[test]
fn the_first_contact_is_the_first_mail_between_sdr_and_prospect_before_the_handoff() {
    let mut world = World::new();
    world.mail(Mail::new("Dana Fox <dana@vendor.example>", "2026-11-14 09:00").to(&["sarah@acme.example"]));
    world.mail(Mail::new("Sarah Lee <sarah@acme.example>", "2026-11-16 09:00").to(&[DANA]));
    world.mail(touched("2026-11-24 10:00"));
    let found = audit(&world, "2026-11-24 12:00").preparation.unwrap();
    assert_eq!(found.first_contact, Some(at("2026-11-14 09:00")));
    assert_eq!((found.proved, found.only_ticked), (1, 1));
}
