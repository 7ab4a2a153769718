//! An intro that a server puts off tells the prospect nothing that is not so any more when its turn comes, and mail that is
//! put off for days is tried as often as it is said to be. docs/behaviour.md section 12.

use baton::agent::send::SendOutcome;
use baton::agent::statement::record_statement;
use baton::domain::fact::StatementKind;
use baton::sandbox::ProviderHabits;
use baton::store::OutboxState;
use chrono::{DateTime, TimeDelta, Utc};

use super::world::{CALVIN, DANA, MORGAN, SARAH, World};

const LATER: &str = "451 4.7.1 try again later";

/// The intro waits; its meeting is on Tuesday, 1 December, at three in the afternoon.
async fn waiting() -> World {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.sandbox.refuse_recipient(SARAH, LATER, 1);
    let SendOutcome::Deferred { intro, .. } = world.send().await else { panic!("it was not put off") };
    world.handoff = intro.id;
    world
}

async fn say(world: &World, says: StatementKind) {
    record_statement(&world.app, &world.handoff, "they asked for it", says).await.unwrap();
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What Dana is told of it.
fn told(world: &World) -> String {
    let mails = world.sandbox.mailbox(DANA, "INBOX");
    let texts = mails.iter().map(|mail| String::from_utf8_lossy(&mail.raw).into_owned());
    texts.filter(|text| text.contains("intro didn't arrive")).collect()
}

#[tokio::test]
async fn an_intro_that_waits_leaves_once_it_may() {
    let world = waiting().await;
    world.pass(TimeDelta::minutes(5));
    world.once().await;
    assert_eq!((world.subjects(SARAH).len(), told(&world)), (1, String::new()));
}

#[tokio::test]
async fn an_intro_whose_meeting_was_moved_or_cancelled_while_it_waited_does_not_leave() {
    let moved = StatementKind::MeetingMoved { start: at("2026-12-03T15:00:00Z"), length_seconds: None };
    for (says, why) in
        [(moved, "has been moved since"), (StatementKind::MeetingCancelled, "has been cancelled")]
    {
        let world = waiting().await;
        say(&world, says).await;
        for _ in 0..3 {
            world.pass(TimeDelta::minutes(20));
            world.once().await;
        }
        assert_eq!(world.subjects(SARAH), Vec::<String>::new());
        assert_eq!(world.row("intro").await.state, OutboxState::Failed);
        assert!(told(&world).replace("\r\n", " ").contains(why), "{why}: {:?}", world.subjects(DANA));
    }
}

/// The SDR's invitation to the record's meeting, or what becomes of it, in Dana's Sent.
fn invite(world: &World, method: &str, sequence: u32, start: &str) {
    let status = if method == "CANCEL" { "STATUS:CANCELLED\r\n" } else { "" };
    let mail = format!(
        "From: Dana Fox <{DANA}>\r\nTo: Sarah Lee <{SARAH}>\r\nCc: {CALVIN}\r\nSubject: Acme and Vendor\r\n\
         Message-ID: <invite-{method}-{sequence}@vendor.example>\r\nDate: {}\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/calendar; charset=utf-8; method={method}\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
         PRODID:-//x//EN\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:acme-1\r\nSEQUENCE:{sequence}\r\nDTSTAMP:20261124T150000Z\r\n\
         DTSTART:{start}\r\nDURATION:PT30M\r\nSUMMARY:Acme and Vendor\r\n{status}ORGANIZER:mailto:{DANA}\r\n\
         ATTENDEE:mailto:{SARAH}\r\nATTENDEE:mailto:{CALVIN}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        world.truth.now().to_rfc2822()
    );
    world.sandbox.append(DANA, "\\Sent", mail.as_bytes(), &["\\Seen"], world.truth.now()).unwrap();
}

#[tokio::test]
async fn an_invitation_that_is_moved_or_taken_back_while_the_intro_waits_holds_it_back() {
    for (method, start, why) in [
        ("CANCEL", "20261201T150000Z", "has been cancelled"),
        ("REQUEST", "20261203T150000Z", "has been moved"),
    ] {
        let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
        invite(&world, "REQUEST", 0, "20261201T150000Z");
        world.pass(TimeDelta::minutes(5));
        world.once().await;
        world.sandbox.refuse_recipient(SARAH, LATER, 3);
        let SendOutcome::Deferred { intro, .. } = world.send().await else { panic!("it was not put off") };
        world.handoff = intro.id;
        world.pass(TimeDelta::minutes(5));
        invite(&world, method, 1, start);
        for _ in 0..4 {
            world.once().await;
            world.pass(TimeDelta::minutes(20));
        }
        assert_eq!(world.subjects(SARAH), Vec::<String>::new(), "{method}");
        assert!(told(&world).replace("\r\n", " ").contains(why), "{method}: {:?}", world.subjects(DANA));
    }
}

/// Asked for by mail, told to be deferred, moved by mail: the handoff stands, and the next sending names the new time.
#[tokio::test]
async fn what_was_said_of_the_meeting_outlives_an_intro_that_is_held_back() {
    let world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    let letter = format!(
        "From: Dana Fox <{DANA}>\r\nTo: {DANA}\r\nSubject: handoff\r\nMessage-ID: <record@vendor.example>\r\n\
         Date: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
        world.truth.now().to_rfc2822(),
        World::record().replace('\n', "\r\n")
    );
    world.sandbox.submit(DANA, &[DANA], letter.as_bytes()).unwrap();
    world.once().await;
    world.sandbox.refuse_recipient(SARAH, LATER, 1);
    for words in ["send", "meeting moved to Thu 3 Dec 2026 15:00 UTC"] {
        let said = world.answer(DANA, DANA, words);
        world.sandbox.submit(DANA, &[DANA], said.as_bytes()).unwrap();
        world.once().await;
    }
    world.pass(TimeDelta::minutes(20));
    world.once().await;
    world.once().await;
    assert_eq!(world.subjects(SARAH), Vec::<String>::new(), "{:?}", world.subjects(DANA));
    assert!(told(&world).replace("\r\n", " ").contains("has been moved"), "{:?}", world.subjects(DANA));
    for words in ["resend", "send"] {
        let said = world.answer(DANA, DANA, words);
        world.sandbox.submit(DANA, &[DANA], said.as_bytes()).unwrap();
        world.pass(TimeDelta::minutes(1));
        world.once().await;
    }
    let intro = world.sandbox.mailbox(SARAH, "INBOX");
    let text = String::from_utf8_lossy(&intro.last().expect("the intro").raw).into_owned();
    assert!(text.contains("Thursday") && !text.contains("Tuesday"), "{text}");
}

#[tokio::test]
async fn a_moved_meeting_is_the_one_that_the_intro_names_when_it_is_sent_again() {
    let world = waiting().await;
    say(&world, StatementKind::MeetingMoved { start: at("2026-12-03T15:00:00Z"), length_seconds: None })
        .await;
    world.pass(TimeDelta::minutes(5));
    world.once().await;
    world.send_again().await;
    let intro = world.sandbox.mailbox(SARAH, "INBOX");
    let text = String::from_utf8_lossy(&intro.last().expect("the intro").raw).into_owned();
    assert!(text.contains("Thursday") && !text.contains("Tuesday"), "{text}");
}

#[tokio::test]
async fn an_intro_that_could_not_leave_before_its_meeting_does_not_confirm_it() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    // Two days and more lie before the meeting.
    world.pass(at("2026-11-30T12:00:00Z") - world.truth.now());
    world.sandbox.refuse_recipient(SARAH, LATER, 10_000);
    let SendOutcome::Deferred { intro, .. } = world.send().await else { panic!("it was not put off") };
    world.handoff = intro.id;
    for _ in 0..26 {
        world.pass(TimeDelta::hours(1));
        world.once().await;
    }
    world.sandbox.refuse_recipient(SARAH, LATER, 0);
    for _ in 0..3 {
        world.pass(TimeDelta::hours(1));
        world.once().await;
    }
    assert_eq!(world.subjects(SARAH), Vec::<String>::new());
    assert!(told(&world).replace("\r\n", " ").contains("before the meeting"), "{:?}", world.subjects(DANA));
    assert!(
        !world.subjects(CALVIN).iter().any(|subject| subject.contains("how did")),
        "no meeting of theirs"
    );
}

/// Two days of deferral are one refusal; the attempts after 1 and 6 hours are one each, and the last one is another
/// account's.
#[tokio::test]
async fn attempts_after_two_days_of_deferral_are_one_each() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.handoff = world.hand_over().await;
    world.once().await;
    world.sandbox.refuse_recipient(MORGAN, LATER, 100_000);
    world.pass(TimeDelta::minutes(65));
    let began = world.truth.now();
    let state = |world: &World| world.truth.now() - began;
    let mut failed = Vec::new();
    while state(&world) < TimeDelta::hours(84) {
        world.once_failing().await;
        if world.row("escalation").await.state == OutboxState::Failed {
            failed.push(state(&world).num_hours());
        }
        world.pass(TimeDelta::minutes(30));
    }
    let first = *failed.first().expect("it fails");
    assert!((47..=50).contains(&first), "{failed:?}");
    // From then on it is refused, but for the last attempt's own two days.
    assert!(failed.contains(&(first + 3)) && failed.contains(&(first + 20)), "{failed:?}");
}
