//! What people mail, and what becomes of it: docs/behaviour.md sections 13 and 14.

use baton::sandbox::ProviderHabits;
use chrono::TimeDelta;

use super::world::{DANA, SARAH, World};

#[tokio::test]
async fn an_intro_that_was_to_be_sent_again_and_was_refused_does_not_leave_without_another_yes() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.handoff = world.hand_over().await;
    world.once().await;
    let say = async |world: &World, words: &str| {
        let said = world.answer(DANA, DANA, words);
        world.sandbox.submit(DANA, &[DANA], said.as_bytes()).unwrap();
        world.pass(TimeDelta::minutes(1));
        world.once().await;
    };
    say(&world, "resend").await;
    world.sandbox.refuse_recipient(SARAH, "550 5.1.1 no such user", 1);
    say(&world, "send").await;
    let told = world.subjects(DANA).pop().unwrap();
    assert!(told.contains("could not be sent") || told.contains("couldn't be sent"), "{told}");
    for _ in 0..3 {
        world.pass(TimeDelta::hours(1));
        world.once().await;
    }
    assert_eq!(world.subjects(SARAH).len(), 1, "what was refused is not tried again by itself");
    // The same answer works once more.
    say(&world, "send").await;
    assert_eq!(world.subjects(SARAH).len(), 2, "{:?}", world.subjects(DANA));
}
