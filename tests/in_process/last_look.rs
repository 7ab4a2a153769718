//! The last look before a breach finds mail however its addresses are spelt: docs/behaviour.md sections 2 and 7.

use std::sync::Arc;
use std::time::Duration;

use baton::agent::last_look::LookTimeouts;
use baton::domain::judge::TouchState;
use baton::sandbox::{ImapFault, ProviderHabits};
use chrono::TimeDelta;

use super::world::{CALVIN, DANA, MORGAN, SARAH, World};

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

#[tokio::test]
async fn a_folder_that_never_answers_is_named_and_holds_nothing_else_up() {
    for command in ["EXAMINE Calendar", "SEARCH Calendar"] {
        let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), false).await;
        world.sandbox.add_folder(DANA, "Calendar");
        world.sandbox.add_folder(DANA, "Filed");
        let app = Arc::get_mut(&mut world.app).unwrap();
        app.look_deadlines = LookTimeouts { folder: Duration::from_millis(300), ..LookTimeouts::default() };
        world.handoff = world.hand_over().await;
        world.once().await;
        world.pass(TimeDelta::minutes(20));
        let any =
            format!("From: {SARAH}\r\nTo: {DANA}\r\nSubject: x\r\nMessage-ID: <x@acme.example>\r\n\r\nx\r\n");
        for folder in ["Calendar", "Filed"] {
            world.sandbox.append(DANA, folder, any.as_bytes(), &[], world.truth.now()).unwrap();
        }
        for _ in 0..5 {
            world.sandbox.imap_fault(command, ImapFault::Silent);
        }
        world.pass(TimeDelta::minutes(43));
        world.once().await;
        assert!(world.sandbox.faults_waiting() < 5, "{command} was asked for");
        assert_eq!((world.state().await, world.escalations()), (TouchState::Breached, 1), "{command}");
        let escalation = world.sandbox.mailbox(MORGAN, "INBOX").pop().unwrap();
        let text = String::from_utf8_lossy(&escalation.raw).into_owned();
        assert!(text.contains("Calendar") && !text.contains("Filed"), "{command}: {text}");
    }
}
