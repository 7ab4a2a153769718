//! No mail is made for somebody who is not configured: docs/behaviour.md section 15.

use baton::sandbox::{ProviderHabits, SmtpFault};
use baton::store::OutboxState;
use chrono::TimeDelta;

use super::world::{DANA, RITA, World};

#[tokio::test]
async fn mail_for_an_ae_who_is_not_configured_any_more_waits_until_she_is_again() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.handoff = world.hand_over().await;
    world.once().await;
    let (record, before) = (world.row("record").await.seq, world.subjects(DANA).len());
    world.sandbox.smtp_fault(SmtpFault::RefuseMail("451 4.3.0 come back later".to_owned()));
    world.give_to_rita().await;
    let rita = format!(
        "[[people]]\nname = \"Rita Voss\"\nroles = [\"ae\"]\naddress = \"{RITA}\"\nmanager = \"Morgan Hale\"\n"
    );
    let mut removed = String::new();
    world.reconfigure(|text| {
        assert!(text.contains(&rita), "{text}");
        removed = text.to_owned();
        text.replace(&rita, "")
    });
    for _ in 0..3 {
        world.pass(TimeDelta::minutes(2));
        world.once_failing().await;
    }
    let row = world.row("record").await;
    assert_eq!((row.state, row.seq == record), (OutboxState::Queued, false), "the record for Rita waits");
    assert_eq!(
        (world.subjects(RITA).len(), world.subjects(DANA).len()),
        (0, before),
        "nobody gets a copy of it"
    );
    world.reconfigure(|_| removed.clone());
    world.pass(TimeDelta::minutes(20));
    world.once().await;
    assert_eq!(world.subjects(RITA).len(), 1);
}
