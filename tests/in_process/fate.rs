//! What becomes of mail that a server puts off, refuses, loses the answer to, or takes and refuses all the same.
//! docs/behaviour.md sections 12 and 15. Hours and days pass at once.

use std::time::Duration;

use baton::agent::send::SendOutcome;
use baton::domain::judge::TouchState;
use baton::sandbox::{ImapFault, ProviderHabits, SmtpFault};
use baton::store::OutboxState;
use chrono::{DateTime, TimeDelta, Utc};

use super::world::{CALVIN, DANA, MORGAN, OPERATOR, SARAH, World};

/// Acme was handed over, and the escalation is about to leave.
async fn breached(prepare: impl FnOnce(&World)) -> World {
    breached_at(ProviderHabits::default(), prepare).await
}

async fn breached_at(habits: ProviderHabits, prepare: impl FnOnce(&World)) -> World {
    let mut world = World::set(TimeDelta::zero(), habits, true).await;
    world.handoff = world.hand_over().await;
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    prepare(&world);
    world.once().await;
    assert_eq!(world.state().await, TouchState::Breached);
    world
}

fn inbox(world: &World, who: &str) -> Vec<String> {
    let mails = world.sandbox.mailbox(who, "INBOX").into_iter();
    mails.map(|mail| String::from_utf8_lossy(&mail.raw).into_owned()).collect()
}

#[tokio::test]
async fn a_mail_put_off_is_tried_again_soon_then_ever_more_rarely_for_two_days() {
    let world = breached(|world| world.sandbox.refuse_recipient(MORGAN, "451 4.7.1 later", 100_000)).await;
    let first = world.row("escalation").await;
    let began = first.first_tried.unwrap();
    let mut waits = vec![first.next_attempt - began];
    let mut row = first;
    while row.state == OutboxState::Queued {
        world.pass(row.next_attempt - world.clock.now());
        world.send_due().await;
        row = world.row("escalation").await;
        waits.push(row.next_attempt - world.clock.now());
    }
    assert!(waits[0] <= TimeDelta::seconds(10), "{}", waits[0]);
    let tries = waits.len() - 1;
    for pair in waits[..tries].windows(2) {
        assert!(pair[1] <= pair[0] * 2 && pair[1] <= TimeDelta::minutes(15), "{} after {}", pair[1], pair[0]);
    }
    assert_eq!(row.state, OutboxState::Failed);
    let lasted = world.clock.now() - began;
    assert!(lasted >= TimeDelta::hours(48) && lasted < TimeDelta::minutes(48 * 60 + 15), "{lasted}");
    // Two days of deferral count as a refusal.
    world.sandbox.refuse_recipient(MORGAN, "451 4.7.1 later", 0);
    world.pass(TimeDelta::minutes(59));
    world.send_due().await;
    assert_eq!(world.row("escalation").await.state, OutboxState::Failed);
    world.pass(TimeDelta::minutes(1));
    world.send_due().await;
    assert_eq!(world.row("escalation").await.state, OutboxState::Sent, "tried again after an hour");
}

#[tokio::test]
async fn a_mail_refused_for_good_is_tried_after_1_6_and_24_hours_the_last_time_from_another_account() {
    let world = breached(|world| world.sandbox.refuse_recipient(MORGAN, "550 5.2.2 full", 3)).await;
    let began = world.clock.now();
    let mut tried = Vec::new();
    for _ in 0..30 * 6 {
        let before = world.row("escalation").await;
        assert_eq!(before.state, OutboxState::Failed);
        world.pass(TimeDelta::minutes(10));
        world.send_due().await;
        let after = world.row("escalation").await;
        if after.state != OutboxState::Failed || after.first_tried != before.first_tried {
            tried.push((world.clock.now() - began).num_hours());
        }
        if after.state == OutboxState::Sent {
            break;
        }
    }
    assert_eq!(tried, [1, 6, 24]);
    let got = inbox(&world, MORGAN);
    assert_eq!(got.len(), 1);
    let from = got[0].lines().find(|line| line.starts_with("From:")).unwrap();
    assert!(from.contains(CALVIN) && !from.contains(DANA), "under that account's own address: {from}");
    assert!(got[0].contains("Dana Fox"), "whose mail it is: {}", got[0]);
    world.once().await;
    assert_eq!(world.told("could not be sent"), 1, "{:?}", world.subjects(OPERATOR));
}

#[tokio::test]
async fn a_server_that_takes_a_mail_and_answers_an_error_gets_it_once() {
    for answer in ["451 4.3.0 queue file write error", "421 4.4.2 time-out", "554 5.7.1 filtered"] {
        let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
        world.sandbox.smtp_fault(SmtpFault::AcceptAndSay(answer.to_owned()));
        let outcome = world.send().await;
        let SendOutcome::Deferred { intro, .. } = outcome else {
            // A refusal takes the handoff back; a person decides what to do about it.
            assert!(answer.starts_with('5') && matches!(outcome, SendOutcome::Refused { .. }), "{outcome:?}");
            continue;
        };
        world.handoff = intro.id;
        world.pass(TimeDelta::seconds(119));
        world.once().await;
        world.pass(TimeDelta::seconds(2));
        world.once().await;
        assert_eq!(world.row("intro").await.state, OutboxState::Sent, "{answer}");
        assert_eq!(world.sandbox.mailbox(SARAH, "INBOX").len(), 1, "{answer}");
    }
}

#[tokio::test]
async fn what_only_a_mailbox_that_is_out_of_reach_could_show_waits_for_it() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.handoff = world.hand_over().await;
    world.once().await;
    let until =
        |world: &World, at: &str| world.pass(at.parse::<DateTime<Utc>>().unwrap() - world.truth.now());
    until(&world, "2026-12-01T14:00:00Z");
    world.once().await;
    world.sandbox.set_password(CALVIN, "another");
    for at in ["2026-12-01T14:10:00Z", "2026-12-01T14:50:00Z", "2026-12-01T16:00:00Z"] {
        assert_eq!(world.once_failing().await, ["calvin"]);
        until(&world, at);
    }
    // The meeting is over, and all that there is to say of the mailbox is said.
    let asked = |world: &World| world.subjects(CALVIN).iter().filter(|one| one.contains("go?")).count();
    world.sandbox.smtp_fault(SmtpFault::AcceptAndSay("451 4.3.0 queue file write error".to_owned()));
    for minutes in [0, 3, 10, 60, 240] {
        world.pass(TimeDelta::minutes(minutes));
        assert_eq!(world.once_failing().await, ["calvin"]);
    }
    assert_eq!(
        world.row("feedback-request").await.state,
        OutboxState::Queued,
        "{:?}",
        world.subjects(CALVIN)
    );
    world.sandbox.set_password(CALVIN, "pw");
    world.pass(TimeDelta::minutes(10));
    world.once().await;
    assert_eq!(world.row("feedback-request").await.state, OutboxState::Sent);
    assert_eq!(asked(&world), 1, "{:?}", world.subjects(CALVIN));
}

#[tokio::test]
async fn what_no_mailbox_can_tell_is_told_once_and_looked_for_on_and_on() {
    let world = breached(|world| world.sandbox.smtp_fault(SmtpFault::DropAtDot)).await;
    assert_eq!(world.row("escalation").await.state, OutboxState::Uncertain);
    assert_eq!(world.told("nobody can tell"), 1, "within a minute: {:?}", world.subjects(OPERATOR));
    for minutes in [1, 5, 10, 60, 180] {
        world.pass(TimeDelta::minutes(minutes));
        world.once().await;
    }
    let row = world.row("escalation").await;
    assert_eq!((row.state, world.told("nobody can tell")), (OutboxState::Uncertain, 1));
    assert!(row.searches > 5, "{} searches", row.searches);
    // The copy turns up hours later.
    let copy = format!("From: {DANA}\r\nTo: {MORGAN}\r\nMessage-ID: <{}>\r\n\r\nHey\r\n", row.message_id);
    world.sandbox.append(DANA, "Sent", copy.as_bytes(), &["\\Seen"], world.truth.now()).unwrap();
    world.pass(TimeDelta::hours(1));
    world.once().await;
    assert_eq!(world.row("escalation").await.state, OutboxState::Sent);
    assert_eq!(world.escalations(), 0, "it did not leave again");
}

#[tokio::test]
async fn a_provider_that_keeps_copies_proves_what_has_left_and_what_has_not() {
    let gmail = ProviderHabits { keeps_sent: true, ..ProviderHabits::default() };
    let left = breached_at(gmail, |world| world.sandbox.smtp_fault(SmtpFault::SwallowAck)).await;
    left.once().await;
    assert_eq!((left.row("escalation").await.state, left.escalations()), (OutboxState::Sent, 1));
    assert!(left.subjects(OPERATOR).is_empty(), "found at once: {:?}", left.subjects(OPERATOR));
    let lost = breached_at(gmail, |world| world.sandbox.smtp_fault(SmtpFault::DropAtDot)).await;
    for minutes in [1, 4, 10, 1] {
        lost.pass(TimeDelta::minutes(minutes));
        lost.once().await;
    }
    assert_eq!((lost.row("escalation").await.state, lost.escalations()), (OutboxState::Sent, 1));
}

#[tokio::test]
async fn an_intro_is_never_sent_again_for_want_of_a_copy() {
    let gmail = ProviderHabits { keeps_sent: true, ..ProviderHabits::default() };
    let mut world = World::set(TimeDelta::zero(), gmail, false).await;
    world.sandbox.smtp_fault(SmtpFault::DropAtDot);
    let SendOutcome::Uncertain { intro, .. } = world.send().await else { panic!("the answer was lost") };
    world.handoff = intro.id;
    for minutes in [1, 5, 10, 60, 600, 1440] {
        world.pass(TimeDelta::minutes(minutes));
        world.once().await;
    }
    assert_eq!(world.row("intro").await.state, OutboxState::Uncertain);
    assert!(world.sandbox.mailbox(SARAH, "INBOX").is_empty());
    let warnings = world.subjects(DANA).iter().filter(|subject| subject.contains("unclear")).count();
    assert_eq!(warnings, 1, "the SDR is asked once not to send it again: {:?}", world.subjects(DANA));
    assert_eq!(world.told("nobody can tell"), 1, "{:?}", world.subjects(OPERATOR));
}

#[tokio::test]
async fn an_intro_of_unknown_fate_left_when_its_copy_says_unless_that_was_imported() {
    for (copied_after, left_after) in [(11, 11), (-5, 0), (3 * 24 * 60, 0)] {
        let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
        world.sandbox.smtp_fault(SmtpFault::DropAtDot);
        let SendOutcome::Uncertain { intro, .. } = world.send().await else { panic!("the answer was lost") };
        world.handoff = intro.id;
        let row = world.row("intro").await;
        let tried = row.uncertain_since.unwrap();
        world.pass(TimeDelta::minutes(15));
        let copied = tried + TimeDelta::minutes(copied_after);
        let whole = world.app.read(move |_, tx| tx.outbox_row(row.seq)).await.unwrap();
        let bytes = whole.and_then(|row| row.bytes).unwrap();
        world.sandbox.append(DANA, "Sent", &bytes, &["\\Seen"], copied).unwrap();
        world.once().await;
        let found = world.row("intro").await;
        assert_eq!(found.state, OutboxState::Sent);
        let after = found.sent_at.unwrap() - tried;
        let expected = TimeDelta::minutes(left_after);
        assert!((after - expected).abs() < TimeDelta::seconds(5), "{copied_after}: {after}");
    }
}

#[tokio::test]
async fn copies_that_a_full_mailbox_refuses_are_told_once_and_tried_ever_more_rarely() {
    let full = || ImapFault::No("[OVERQUOTA] the mailbox is full".to_owned());
    let world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    for _ in 0..3 {
        world.sandbox.imap_fault("APPEND", full());
    }
    world.hand_over().await;
    world.once().await;
    assert_eq!(world.sandbox.faults_waiting(), 2, "one upload");
    world.once().await;
    assert_eq!(world.sandbox.faults_waiting(), 2, "no other half a second later");
    for seconds in [31, 61] {
        world.pass(TimeDelta::seconds(seconds));
        world.once().await;
    }
    assert_eq!(world.sandbox.faults_waiting(), 0);
    assert_eq!(world.told("copies of sent mail"), 1, "{:?}", world.subjects(OPERATOR));
    world.pass(TimeDelta::seconds(121));
    world.once().await;
    assert_eq!(world.sandbox.mailbox(DANA, "Sent").len(), 1, "there is room again");
}

#[tokio::test]
async fn a_copy_that_is_refused_for_good_blocks_no_other() {
    let world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    let refused = || ImapFault::No("[CANNOT] this message is refused".to_owned());
    // The first of two, now and whenever it is tried again.
    world.sandbox.imap_fault("APPEND", refused());
    world.hand_over().await;
    world.hand_over_another().await;
    world.once().await;
    for wait in [0, 31, 61] {
        if wait > 0 {
            world.pass(TimeDelta::seconds(wait));
            world.sandbox.imap_fault("APPEND", refused());
        }
        world.once().await;
        assert_eq!(world.sandbox.faults_waiting(), 0, "after {wait} s");
        let copies = world.sandbox.mailbox(DANA, "Sent");
        let intros =
            copies.iter().filter(|mail| String::from_utf8_lossy(&mail.raw).contains("intro to Calvin"));
        assert_eq!(intros.count(), 1, "the other one is there");
    }
    assert_eq!(world.told("copies of sent mail"), 1, "{:?}", world.subjects(OPERATOR));
    world.pass(TimeDelta::seconds(121));
    world.once().await;
    let copies = world.sandbox.mailbox(DANA, "Sent");
    let intros = copies.iter().filter(|mail| String::from_utf8_lossy(&mail.raw).contains("intro to Calvin"));
    assert_eq!(intros.count(), 2);
}

/// An older mail of Dana's, which a server that ignores what it is asked for finds at once.
fn older_mail(world: &World) {
    let mail = format!(
        "From: {DANA}\r\nTo: {MORGAN}\r\nSubject: older\r\nMessage-ID: <older@vendor.example>\r\nDate: {}\r\n\r\nHey\r\n",
        world.truth.now().to_rfc2822()
    );
    world.sandbox.append(DANA, "Sent", mail.as_bytes(), &["\\Seen"], world.truth.now()).unwrap();
}

#[tokio::test]
async fn whatever_a_search_of_the_senders_mailbox_gives_nothing_is_taken_for_ours_that_is_not() {
    let odd: [fn() -> ImapFault; 2] =
        [|| ImapFault::FindsAll, || ImapFault::Bad("what is SEARCH?".to_owned())];
    for fault in odd {
        let searches = |world: &World| {
            for _ in 0..200 {
                world.sandbox.imap_fault("SEARCH", fault());
            }
        };
        // A copy of the intro is found in no folder, so one is put there, and one alone.
        let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), false).await;
        older_mail(&world);
        searches(&world);
        world.handoff = world.hand_over().await;
        world.once().await;
        world.once().await;
        let copies = world.sandbox.mailbox(DANA, "Sent");
        let intros =
            copies.iter().filter(|mail| String::from_utf8_lossy(&mail.raw).contains("intro to Calvin"));
        assert_eq!(intros.count(), 1, "{:?}", fault());

        world.pass(TimeDelta::minutes(63));
        searches(&world);
        world.sandbox.smtp_fault(SmtpFault::DropAtDot);
        for minutes in [0, 1, 5, 10] {
            world.pass(TimeDelta::minutes(minutes));
            world.once_failing().await;
        }
        assert_eq!(world.row("escalation").await.state, OutboxState::Uncertain, "{:?}", fault());
        assert_eq!(world.told("nobody can tell"), 1, "{:?}: {:?}", fault(), world.subjects(OPERATOR));
        assert!(world.sandbox.faults_waiting() > 0, "all of them were searches of this kind");
    }
}

#[tokio::test]
async fn a_notice_to_the_operator_of_unknown_fate_is_told() {
    let world = breached(|world| {
        world.sandbox.refuse_recipient(MORGAN, "550 5.1.1 no such user", 1);
        world.sandbox.smtp_fault(SmtpFault::DropAtDot);
    })
    .await;
    for minutes in [0, 1, 5, 10] {
        world.pass(TimeDelta::minutes(minutes));
        world.once().await;
    }
    assert_eq!(world.sandbox.faults_waiting(), 0, "{:?}", world.subjects(OPERATOR));
    assert_eq!(world.told("whether a notice to you has left"), 1, "{:?}", world.subjects(OPERATOR));
}

#[tokio::test]
async fn an_intro_whose_command_was_killed_at_its_end_is_told_within_a_minute() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), false).await;
    world.sandbox.smtp_fault(SmtpFault::StallAck);
    assert!(tokio::time::timeout(Duration::from_secs(1), world.send()).await.is_err(), "no answer came");
    assert_eq!(world.sandbox.mailbox(SARAH, "INBOX").len(), 1);
    world.restart();
    world.pass(TimeDelta::seconds(1));
    world.once().await;
    world.pass(TimeDelta::seconds(58));
    world.once().await;
    assert_eq!(world.told("nobody can tell"), 1, "{:?}", world.subjects(OPERATOR));
    let warned = world.subjects(DANA).iter().filter(|one| one.contains("unclear")).count();
    assert_eq!(warned, 1, "{:?}", world.subjects(DANA));
    assert_eq!(world.sandbox.mailbox(SARAH, "INBOX").len(), 1);
}
