//! A wall clock that cannot be believed accuses nobody: docs/behaviour.md section 7, the last point.

use baton::domain::judge::TouchState;
use baton::sandbox::{ProviderHabits, SmtpFault};
use baton::store::{OutboxState, Scope};
use chrono::{DateTime, TimeDelta, Utc};

use super::world::{CALVIN, DANA, OPERATOR, World};

#[tokio::test]
async fn the_servers_stamp_on_our_own_mail_confirms_a_clock_that_is_right() {
    let world = World::start().await;
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Breached, 1));
    assert_eq!(world.time_checks(), 0, "nothing waited");
    assert!(world.subjects(OPERATOR).is_empty());
}

#[tokio::test]
async fn a_clock_that_jumps_ahead_accuses_nobody_and_is_told_once() {
    let world = World::start().await;
    world.once().await;
    world.set_ahead(TimeDelta::hours(5));
    world.once().await;
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Waiting, 0));
    assert_eq!(world.told("has jumped ahead"), 1);
    // It is put right: nothing was amiss, and nothing is told.
    world.set_ahead(TimeDelta::zero());
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Breached, 1));
    assert_eq!(world.subjects(OPERATOR).len(), 1);
}

#[tokio::test]
async fn what_was_read_while_the_clock_was_ahead_was_not_read_past_the_deadline() {
    for restarts in [false, true] {
        let mut world = World::start().await;
        world.once().await;
        world.set_ahead(TimeDelta::hours(5));
        world.once().await;
        world.set_ahead(TimeDelta::zero());
        if restarts {
            world.restart();
        }
        world.pass(TimeDelta::minutes(10));
        world.once().await;
        // Before the true deadline the mailboxes go out of sight.
        world.sandbox.stop_imap().await;
        world.pass(TimeDelta::minutes(53));
        world.once_failing().await;
        assert_eq!((world.state().await, world.escalations()), (TouchState::CannotSee, 0));
        world.sandbox.start_imap().await.unwrap();
        world.once().await;
        assert_eq!((world.state().await, world.escalations()), (TouchState::Breached, 1));
    }
}

#[tokio::test]
async fn an_agent_that_starts_on_a_machine_whose_clock_has_jumped_sees_it_and_does_not_believe_it_for_having_started()
 {
    let mut world = World::start().await;
    world.once().await;
    world.set_ahead(TimeDelta::days(1));
    world.restart();
    world.once().await;
    assert_eq!((world.escalations(), world.told("has jumped ahead")), (0, 1));
    world.restart();
    world.once().await;
    assert_eq!((world.escalations(), world.told("has jumped ahead")), (0, 1), "nor for having started twice");
    // The system's time service takes the jump for its own.
    world.clock.say_synchronised(true);
    world.once().await;
    assert_eq!(world.escalations(), 1);
}

#[tokio::test]
async fn a_clock_that_is_set_back_and_put_right_again_is_no_jump() {
    let world = World::start().await;
    world.once().await;
    world.set_ahead(-TimeDelta::hours(3));
    world.once().await;
    world.news();
    world.once().await;
    world.set_ahead(TimeDelta::zero());
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    assert_eq!(world.escalations(), 1, "it is believed as before");
    assert!(world.subjects(OPERATOR).is_empty(), "{:?}", world.subjects(OPERATOR));
}

#[tokio::test]
async fn a_handoff_that_is_made_while_the_clock_is_behind_has_its_whole_time() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.once().await;
    world.news();
    world.once().await;
    world.set_ahead(-TimeDelta::hours(3));
    world.restart();
    world.handoff = world.hand_over().await;
    world.once().await;
    world.pass(TimeDelta::minutes(20));
    world.set_ahead(TimeDelta::zero());
    world.once().await;
    world.pass(TimeDelta::minutes(40));
    world.once().await;
    assert_eq!(
        (world.state().await, world.escalations()),
        (TouchState::Waiting, 0),
        "it is due after an hour"
    );
    world.pass(TimeDelta::minutes(3));
    world.once().await;
    assert_eq!(world.escalations(), 1);
}

/// What is dated by a clock that was 40 hours ahead is dated anew once that is put right.
#[tokio::test]
async fn a_handoff_that_is_made_while_the_clock_is_ahead_began_when_it_did() {
    for touches in [false, true] {
        let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
        world.once().await;
        world.news();
        world.once().await;
        world.set_ahead(TimeDelta::hours(40));
        world.once().await;
        world.handoff = world.hand_over().await;
        world.once().await;
        world.pass(TimeDelta::minutes(20));
        world.set_ahead(TimeDelta::zero());
        world.once().await;
        assert_eq!(world.state().await, TouchState::Waiting);
        world.pass(TimeDelta::minutes(10));
        if touches {
            world.write_to_the_prospect();
        }
        world.pass(TimeDelta::minutes(33));
        world.once().await;
        let wanted = if touches { (TouchState::Touched, 0) } else { (TouchState::Breached, 1) };
        assert_eq!((world.state().await, world.escalations()), wanted, "it is due after an hour");
        world.pass(TimeDelta::hours(41));
        world.once().await;
        assert_eq!((world.state().await, world.escalations()), wanted, "and no second time");
    }
}

/// Somebody who mends a clock that is ahead may set it too far back.
#[tokio::test]
async fn a_clock_that_was_ahead_and_is_behind_then_moves_nothing_that_was_dated_rightly() {
    let world = World::start().await;
    world.once().await;
    world.pass(TimeDelta::minutes(30));
    world.once().await;
    world.set_ahead(TimeDelta::hours(16));
    world.once().await;
    world.set_ahead(-TimeDelta::hours(4));
    world.once().await;
    world.pass(TimeDelta::minutes(20));
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Waiting, 0));
    world.set_ahead(TimeDelta::zero());
    world.once().await;
    world.pass(TimeDelta::minutes(13));
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Breached, 1));
}

/// The feedback request is about to leave.
async fn after_the_meeting(prepare: impl FnOnce(&World)) -> World {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.handoff = world.hand_over().await;
    world.once().await;
    world.write_to_the_prospect();
    // What else is to be said leaves before.
    for (at, prepare) in [("2026-12-01T13:00:00Z", None), ("2026-12-01T16:00:00Z", Some(prepare))] {
        if let Some(prepare) = prepare {
            prepare(&world);
        }
        world.pass(at.parse::<DateTime<Utc>>().unwrap() - world.truth.now());
        world.once().await;
    }
    world
}

/// A server that puts mail off has two days, by a clock that is right: docs/behaviour.md section 12.
#[tokio::test]
async fn mail_that_is_put_off_outlives_a_clock_that_was_ahead_and_leaves_once_it_is_put_right() {
    let world = after_the_meeting(|world| world.sandbox.refuse_recipient(CALVIN, "451 4.3.0 later", 3)).await;
    assert_eq!(world.row("feedback-request").await.state, OutboxState::Queued);
    world.set_ahead(TimeDelta::hours(49));
    for _ in 0..2 {
        world.pass(TimeDelta::minutes(1));
        world.once().await;
        let row = world.row("feedback-request").await;
        assert_eq!(row.state, OutboxState::Queued, "it has not been tried for two days");
    }
    world.set_ahead(TimeDelta::zero());
    world.pass(TimeDelta::minutes(1));
    world.once().await;
    assert_eq!(world.row("feedback-request").await.state, OutboxState::Sent);
}

/// A server that had all of a mail may still deliver it for a while, whatever the clock says meanwhile.
#[tokio::test]
async fn mail_of_unknown_fate_is_not_sent_again_for_a_clock_that_jumped() {
    let world = after_the_meeting(|world| world.sandbox.smtp_fault(SmtpFault::DropAtDot)).await;
    let state = async || world.row("feedback-request").await.state;
    assert_eq!(state().await, OutboxState::Uncertain);
    world.set_ahead(TimeDelta::hours(5));
    for _ in 0..2 {
        world.once().await;
        assert_eq!(state().await, OutboxState::Uncertain, "nothing proves that it has not left");
    }
    world.set_ahead(TimeDelta::zero());
    world.pass(TimeDelta::minutes(16));
    world.once().await;
    assert_eq!(state().await, OutboxState::Sent, "one look after a quarter of an hour proves it");
}

#[tokio::test]
async fn an_agent_that_starts_while_the_clock_is_behind_takes_its_own_mail_for_its_own() {
    let mut world = World::start().await;
    world.once().await;
    world.set_ahead(-TimeDelta::hours(3));
    world.restart();
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    // Nothing of what left before the start, by a clock that was right then, is another agent's.
    assert_eq!(world.escalations(), 1, "{:?}", world.subjects(OPERATOR));
    assert_eq!(world.told("another agent"), 0);
}

#[tokio::test]
async fn a_clock_that_is_set_back_is_right_where_the_system_says_so() {
    let world = World::start().await;
    world.once().await;
    world.set_ahead(-TimeDelta::hours(3));
    world.once().await;
    assert_eq!(world.app.now(), world.truth.now(), "what was confirmed counts");
    world.clock.say_synchronised(true);
    world.once().await;
    assert_eq!(world.app.now(), world.clock.now());
}

#[tokio::test]
async fn mail_that_a_server_stamps_with_the_present_ends_the_doubt_after_a_boot() {
    let mut world = World::start().await;
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    world.boot();
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Waiting, 0));
    world.news();
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Breached, 1));
    assert_eq!(world.time_checks(), 0);
    assert!(world.subjects(OPERATOR).is_empty());
}

#[tokio::test]
async fn where_no_sign_comes_for_five_minutes_baton_mails_itself_and_reads_the_stamp() {
    let mut world = World::start().await;
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    world.boot();
    world.once().await;
    world.pass(TimeDelta::seconds(299));
    world.once().await;
    assert_eq!((world.time_checks(), world.escalations()), (0, 0));
    world.pass(TimeDelta::seconds(1));
    world.once().await;
    assert_eq!((world.time_checks(), world.escalations()), (1, 1), "asked and answered in one pass");
    world.once().await;
    assert_eq!((world.time_checks(), world.escalations()), (1, 1));
    let checks = world.app.read(|_, tx| tx.outbox(&Scope::Global)).await.unwrap();
    let checks: Vec<_> = checks.iter().filter(|row| row.key.kind.name() == "time-check").collect();
    assert_eq!(checks[0].recipients.addresses()[0].as_str(), DANA, "to the agent itself");
}

#[tokio::test]
async fn a_doubt_lasts_over_passes_that_are_processes_of_their_own() {
    for jump in [TimeDelta::zero(), TimeDelta::hours(5)] {
        let mut world = World::start().await;
        world.once().await;
        if jump.is_zero() {
            world.pass(TimeDelta::minutes(63));
            world.boot();
        } else {
            world.set_ahead(jump);
        }
        for minutes in 0..5 {
            world.restart();
            world.once().await;
            assert_eq!((world.time_checks(), world.escalations()), (0, 0), "after {minutes} min");
            world.pass(TimeDelta::minutes(1));
        }
        world.restart();
        world.once().await;
        assert_eq!(world.time_checks(), 1, "ahead by {jump}");
        // Nothing is told of a clock that the stamp has confirmed; one that has jumped is told once.
        assert_eq!(world.escalations(), usize::from(jump.is_zero()));
        assert_eq!(world.told("has jumped ahead"), usize::from(!jump.is_zero()));
    }
}

/// Passes of a machine that is paused in between, or that nothing tells one boot from another on.
#[tokio::test]
async fn a_clock_that_every_pass_finds_set_ahead_again_is_asked_about_and_told_all_the_same() {
    let mut world = World::start().await;
    world.once().await;
    let mut ahead = TimeDelta::minutes(63);
    world.set_ahead(ahead);
    world.restart();
    world.once().await;
    for minutes in [3, 3, 12, 12] {
        assert_eq!((world.escalations(), world.told("nothing confirms")), (0, 0), "ahead by {ahead}");
        ahead += TimeDelta::minutes(minutes);
        world.set_ahead(ahead);
        world.restart();
        world.once().await;
    }
    assert_eq!(
        (world.escalations(), world.told("nothing confirms")),
        (0, 1),
        "{:?}",
        world.subjects(OPERATOR)
    );
    assert_eq!(world.time_checks(), 1);
}

#[tokio::test]
async fn nobody_is_asked_for_the_time_while_no_escalation_is_due() {
    let mut world = World::start().await;
    world.once().await;
    world.boot();
    for _ in 0..4 {
        world.pass(TimeDelta::minutes(10));
        world.once().await;
    }
    assert_eq!(world.time_checks(), 0);
    assert!(world.subjects(OPERATOR).is_empty());
}

#[tokio::test]
async fn a_clock_that_no_stamp_agrees_with_is_told_after_half_an_hour() {
    let world = World::start_ahead_by(TimeDelta::hours(2)).await;
    world.once().await;
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    world.pass(TimeDelta::minutes(28));
    world.once().await;
    assert_eq!((world.time_checks(), world.subjects(OPERATOR).len()), (1, 0));
    world.pass(TimeDelta::minutes(1));
    world.once().await;
    world.once().await;
    assert_eq!((world.escalations(), world.time_checks()), (0, 1));
    assert_eq!(world.told("nothing confirms"), 1, "{:?}", world.subjects(OPERATOR));
    // The clock is put right: the doubt ends by itself, and the deadline has not passed.
    world.set_ahead(TimeDelta::zero());
    world.news();
    world.once().await;
    assert_eq!(world.escalations(), 0);
}

#[tokio::test]
async fn a_copy_that_somebody_filed_is_no_servers_stamp() {
    let mut world = World::start().await;
    world.once().await;
    world.pass(TimeDelta::minutes(10));
    world.boot();
    world.set_ahead(TimeDelta::hours(2));
    world.once().await;
    // A mail program on this machine files its copy with this machine's time.
    let mail = format!("From: {DANA}\r\nTo: {OPERATOR}\r\nSubject: numbers\r\n\r\nHere.\r\n");
    world.sandbox.append(DANA, "Sent", mail.as_bytes(), &["\\Seen"], world.clock.now()).unwrap();
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Waiting, 0));
}
