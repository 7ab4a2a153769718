//! A week of which there is nothing to tell a manager is settled once: docs/behaviour.md section 12.

use baton::sandbox::ProviderHabits;
use chrono::TimeDelta;

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
