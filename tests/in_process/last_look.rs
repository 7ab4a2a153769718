//! The last look before a breach finds mail however its addresses are spelt: docs/behaviour.md sections 2 and 7.

use baton::domain::judge::TouchState;
use baton::sandbox::ProviderHabits;
use chrono::TimeDelta;

use super::world::{CALVIN, DANA, SARAH, World};

#[tokio::test]
async fn a_reply_to_a_tagged_address_that_a_filter_filed_away_is_found() {
    for from in [CALVIN, "Calvin+Sales@vendor.example"] {
        let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), false).await;
        world.sandbox.add_folder(DANA, "Filed");
        world.handoff = world.hand_over().await;
        world.once().await;
        world.pass(TimeDelta::minutes(20));
        let intro = world.row("intro").await.message_id;
        let reply = format!(
            "From: Calvin Reyes <{from}>\r\nTo: {}\r\nCc: {DANA}\r\nSubject: Re: Sarah, intro to Calvin\r\n\
             Message-ID: <reply@vendor.example>\r\nIn-Reply-To: <{intro}>\r\nReferences: <{intro}>\r\n\
             Date: {}\r\n\r\nHi Sarah, does Thursday still work?\r\n",
            SARAH.replace('@', "+vendor@"),
            world.truth.now().to_rfc2822()
        );
        world.sandbox.append(DANA, "Filed", reply.as_bytes(), &[], world.truth.now()).unwrap();
        world.pass(TimeDelta::minutes(43));
        world.once().await;
        assert_eq!((world.state().await, world.escalations()), (TouchState::Touched, 0), "{from}");
    }
}
