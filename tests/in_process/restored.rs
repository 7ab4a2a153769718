//! A database is restored, and nothing leaves twice: what may have left since waits for a person, also where it would wait
//! for somebody's working hours or follows from a mail that may have left. docs/behaviour.md section 15.

use baton::sandbox::ProviderHabits;
use chrono::{DateTime, TimeDelta, Utc};

use super::world::{CALVIN, MORGAN, World};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The AE's mailbox is not watched, so that mail to AE and manager leaves no trace.
async fn handed_over() -> World {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), false).await;
    world.handoff = world.hand_over().await;
    world.once().await;
    world
}

/// Passes every half hour until then.
async fn runs_until(world: &World, until: &str) {
    while world.truth.now() < at(until) {
        world.pass(TimeDelta::minutes(30).min(at(until) - world.truth.now()));
        world.once().await;
    }
}

#[tokio::test]
async fn a_digest_that_left_before_a_restore_does_not_leave_again_the_next_morning() {
    let world = &mut handed_over().await;
    world.pass(at("2026-11-30T06:00:00Z") - world.truth.now());
    world.once().await;
    world.put_aside();
    runs_until(world, "2026-11-30T10:00:00Z").await;
    let told = world.subjects(MORGAN).len();
    world.pass(at("2026-11-30T20:00:00Z") - world.truth.now());
    world.restore();
    world.once().await;
    assert_eq!(world.told("the database was restored"), 1);
    runs_until(world, "2026-12-01T12:00:00Z").await;
    assert_eq!(world.subjects(MORGAN).len(), told, "{:?}", world.subjects(MORGAN));
}

#[tokio::test]
async fn what_goes_on_from_a_mail_that_may_have_left_may_have_left_as_well() {
    let world = &mut handed_over().await;
    // The meeting is at three in the afternoon.
    world.pass(at("2026-12-01T12:00:00Z") - world.truth.now());
    world.once().await;
    world.put_aside();
    runs_until(world, "2026-12-03T12:00:00Z").await;
    let told = |world: &World| (world.subjects(CALVIN), world.subjects(MORGAN));
    let before = told(world);
    assert!(before.0.len() >= 3, "request and reminder have left: {before:?}");
    world.pass(at("2026-12-03T20:00:00Z") - world.truth.now());
    world.restore();
    world.once().await;
    runs_until(world, "2026-12-04T18:00:00Z").await;
    assert_eq!(told(world), before);
}

#[tokio::test]
async fn the_end_of_an_outage_that_was_told_before_a_restore_is_not_told_again() {
    let world = &mut handed_over().await;
    world.sandbox.stop_imap().await;
    assert_eq!(world.once_failing().await, ["dana"]);
    world.pass(TimeDelta::minutes(31));
    world.once_failing().await;
    assert_eq!(world.told("can't be read"), 1);
    world.put_aside();
    world.sandbox.start_imap().await.unwrap();
    world.once().await;
    assert_eq!(world.told("can be read again"), 1);
    world.pass(TimeDelta::minutes(5));
    world.restore();
    world.once().await;
    assert_eq!(world.told("the database was restored"), 1);
    assert_eq!(world.told("can be read again"), 1);
}
