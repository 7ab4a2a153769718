//! A mail with several readers reaches each of them once, whatever a server says of one of them. docs/behaviour.md section
//! 12. Hours and days pass at once.

use baton::sandbox::ProviderHabits;
use chrono::{DateTime, TimeDelta, Utc};

use super::world::{CALVIN, DANA, OPERATOR, World};

fn records(world: &World, who: &str) -> usize {
    world.subjects(who).iter().filter(|subject| subject.contains("handoff record")).count()
}

/// The record's mail, to Calvin and in copy to Dana, whose address the server does not take so often. What is put off is
/// tried once more as the agent begins.
async fn recorded(answer: &str, times: u32) -> World {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.sandbox.refuse_recipient(DANA, answer, times);
    world.handoff = world.hand_over().await;
    world.once().await;
    assert_eq!((records(&world, CALVIN), records(&world, DANA)), (1, 0), "the others do not wait");
    world
}

/// When Dana got it, looked at every so often for so long.
async fn got_after(world: &World, every: TimeDelta, within: TimeDelta) -> Option<TimeDelta> {
    let began: DateTime<Utc> = world.clock.now();
    while world.clock.now() - began < within {
        world.pass(every);
        world.send_due().await;
        if records(world, DANA) > 0 {
            return Some(world.clock.now() - began);
        }
    }
    None
}

#[tokio::test]
async fn whoever_is_put_off_gets_the_mail_by_themselves_within_ten_seconds() {
    for answer in ["450 4.7.1 try again in 5 minutes", "451 4.3.0 mailbox busy", "452 4.2.2 over quota"] {
        let world = recorded(answer, 2).await;
        let got = got_after(&world, TimeDelta::seconds(5), TimeDelta::minutes(1)).await;
        assert_eq!(got, Some(TimeDelta::seconds(10)));
        for _ in 0..5 {
            world.pass(TimeDelta::hours(1));
            world.once().await;
        }
        assert_eq!(
            (records(&world, CALVIN), records(&world, DANA)),
            (1, 1),
            "{answer}: to each of them once"
        );
        assert_eq!(
            world.told("did not reach everybody"),
            0,
            "nothing to tell: {:?}",
            world.subjects(OPERATOR)
        );
    }
}

#[tokio::test]
async fn a_deferral_that_lasts_two_days_is_told_and_counts_as_a_refusal() {
    let world = recorded("451 4.7.1 later", 100_000).await;
    assert_eq!(got_after(&world, TimeDelta::minutes(10), TimeDelta::hours(47)).await, None);
    assert_eq!(world.told("did not reach everybody"), 0);
    assert_eq!(got_after(&world, TimeDelta::minutes(10), TimeDelta::minutes(90)).await, None);
    world.once().await;
    assert_eq!(world.told("did not reach everybody"), 1, "{:?}", world.subjects(OPERATOR));
    world.sandbox.refuse_recipient(DANA, "451 4.7.1 later", 0);
    let got = got_after(&world, TimeDelta::minutes(10), TimeDelta::hours(2)).await;
    assert!(got.is_some_and(|after| after <= TimeDelta::minutes(70)), "{got:?}");
    assert_eq!((records(&world, CALVIN), records(&world, DANA)), (1, 1));
}

#[tokio::test]
async fn whoever_is_refused_for_good_is_tried_after_1_6_and_24_hours() {
    for (times, after) in [(1, Some(1)), (2, Some(6)), (3, Some(24)), (4, None)] {
        let world = recorded("550 5.2.2 full", times).await;
        world.once().await;
        assert_eq!(world.told("did not reach everybody"), 1, "{:?}", world.subjects(OPERATOR));
        let got = got_after(&world, TimeDelta::minutes(20), TimeDelta::hours(40)).await;
        assert_eq!(got.map(|after| after.num_hours()), after);
        assert_eq!(records(&world, CALVIN), 1);
        assert_eq!(world.told("did not reach everybody"), 1, "once, whatever becomes of it");
    }
}

#[tokio::test]
async fn what_a_restart_finds_waiting_is_tried_at_once_and_leaves_once() {
    let mut world = recorded("451 4.7.1 later", 7).await;
    // After 10, 20, 40 and 80 s, then after 160.
    assert_eq!(got_after(&world, TimeDelta::seconds(10), TimeDelta::seconds(160)).await, None);
    world.restart();
    for _ in 0..3 {
        world.once().await;
        world.pass(TimeDelta::hours(1));
    }
    assert_eq!((records(&world, CALVIN), records(&world, DANA)), (1, 1));
}
