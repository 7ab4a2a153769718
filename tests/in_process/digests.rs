//! A week of which there is nothing to tell a manager is settled once: docs/behaviour.md section 12.

use baton::sandbox::ProviderHabits;
use chrono::{DateTime, TimeDelta, Utc};

use super::world::{MORGAN, World};

/// Every later event would read the handoffs of two weeks again.
#[tokio::test]
async fn a_week_without_a_handoff_is_settled_also_when_its_first_hours_were_missed() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    // Tuesday night: of this week nobody has asked yet, and the first handoff belongs to the next digest.
    world.pass(TimeDelta::hours(15));
    world.handoff = world.hand_over().await;
    world.once().await;
    assert_eq!(world.remembered("empty-digest Morgan Hale").as_deref(), Some("2026-W48"));
    world.pass(TimeDelta::hours(5));
    world.once().await;
    assert!(!world.subjects(MORGAN).iter().any(|subject| subject.contains("week")));
}

/// It was refused, and when it is tried again the manager's day is over.
#[tokio::test]
async fn a_digest_that_waits_for_the_morning_is_not_due_all_night() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), false).await;
    world.handoff = world.hand_over().await;
    world.once().await;
    let until =
        |world: &World, at: &str| world.pass(at.parse::<DateTime<Utc>>().unwrap() - world.truth.now());
    until(&world, "2026-11-29T12:00:00Z");
    world.once().await;
    until(&world, "2026-11-30T15:30:00Z");
    world.sandbox.refuse_recipient(MORGAN, "550 5.7.1 not now", 1);
    world.once().await;
    until(&world, "2026-12-01T02:00:00Z");
    world.once().await;
    let digests =
        |world: &World| world.subjects(MORGAN).iter().filter(|one| one.contains("handoffs")).count();
    assert_eq!(digests(&world), 0, "{:?}", world.subjects(MORGAN));
    let next = world.app.read(|_, tx| tx.next_sending()).await.unwrap().unwrap();
    assert!(next > world.clock.now() + TimeDelta::hours(1), "{next}");
    world.pass(next - world.truth.now());
    world.once().await;
    assert_eq!(digests(&world), 1, "{:?}", world.subjects(MORGAN));
}
