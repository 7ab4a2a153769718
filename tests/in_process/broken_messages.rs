//! A server that cannot hand out the AE's mail, or part of it, brings no accusation that baton could know to be wrong.
//! docs/behaviour.md sections 5, 7 and 11.

use baton::domain::judge::TouchState;
use baton::sandbox::{BrokenMessage, ProviderHabits};
use chrono::TimeDelta;

use super::world::{CALVIN, DANA, SARAH, World};

const SUBJECT: &str = "Re: Sarah, intro to Calvin";

async fn handed_over() -> World {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.handoff = world.hand_over().await;
    world.once().await;
    world
}

/// Into Calvin's folder: mail of nobody's, what Calvin writes to Sarah, and mail of nobody's again.
async fn answered(world: &World, folder: &str, words: &str) {
    let intro = world.row("intro").await.message_id;
    let at = world.truth.now();
    let other = |number: u32| {
        format!(
            "From: Calvin Reyes <{CALVIN}>\r\nTo: them@elsewhere.example\r\nSubject: Number {number}\r\n\
             Message-ID: <other{number}@vendor.example>\r\nDate: {}\r\n\r\nNothing of importance.\r\n",
            at.to_rfc2822()
        )
    };
    let reply = format!(
        "From: Calvin Reyes <{CALVIN}>\r\nTo: {SARAH}\r\nSubject: {SUBJECT}\r\nMessage-ID: <reply@vendor.example>\r\n\
         In-Reply-To: <{intro}>\r\nReferences: <{intro}>\r\nDate: {}\r\n\r\n{words}\r\n",
        at.to_rfc2822()
    );
    for raw in [other(1), reply, other(2)] {
        world.sandbox.append(CALVIN, folder, raw.as_bytes(), &[], at).unwrap();
    }
}

/// The same, and nothing but that.
async fn answered_alone(world: &World, words: &str) {
    let intro = world.row("intro").await.message_id;
    let at = world.truth.now();
    let reply = format!(
        "From: Calvin Reyes <{CALVIN}>\r\nTo: {SARAH}\r\nSubject: {SUBJECT}\r\nMessage-ID: <reply@vendor.example>\r\n\
         In-Reply-To: <{intro}>\r\nReferences: <{intro}>\r\nDate: {}\r\n\r\n{words}\r\n",
        at.to_rfc2822()
    );
    world.sandbox.append(CALVIN, "\\Sent", reply.as_bytes(), &[], at).unwrap();
}

#[tokio::test]
async fn a_reply_without_a_text_that_is_the_only_new_message_is_seen_before_the_deadline() {
    let world = handed_over().await;
    world.pass(TimeDelta::minutes(20));
    world.sandbox.break_messages("does Thursday", BrokenMessage::WithoutText);
    answered_alone(&world, "Hi Sarah, does Thursday still work?").await;
    read(&world, 10).await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Touched, 0));
}

/// The agent reads so often, whether that fails or not.
async fn read(world: &World, times: u32) {
    for _ in 0..times {
        world.pass(TimeDelta::seconds(30));
        world.once_failing().await;
    }
}

#[tokio::test]
async fn a_reply_of_which_the_header_alone_can_be_had_is_a_touch() {
    for words in ["Hi Sarah, does Thursday still work?", "Bonjour Sarah, \u{e0} jeudi !"] {
        let world = handed_over().await;
        world.pass(TimeDelta::minutes(20));
        world.sandbox.break_messages(words, BrokenMessage::WithoutText);
        answered(&world, "\\Sent", words).await;
        read(&world, 8).await;
        world.pass(TimeDelta::minutes(50));
        read(&world, 4).await;
        assert_eq!((world.state().await, world.escalations()), (TouchState::Touched, 0), "{words}");
        assert_eq!(world.told("cannot be read"), 1, "the operator knows");
    }
}

#[tokio::test]
async fn a_message_at_which_the_connection_ends_is_stepped_over_and_keeps_nothing_from_being_read() {
    let world = handed_over().await;
    world.pass(TimeDelta::minutes(10));
    world.sandbox.break_messages("Number 1", BrokenMessage::Cuts);
    answered(&world, "\\Sent", "Hi Sarah, does Thursday still work?").await;
    read(&world, 14).await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Touched, 0));
    assert_eq!(world.told("cannot be read"), 1, "the operator knows");
}

#[tokio::test]
async fn a_reply_that_only_a_search_shows_holds_the_verdict_and_is_named_in_it() {
    let world = handed_over().await;
    world.pass(TimeDelta::minutes(20));
    world.sandbox.break_messages("does Thursday", BrokenMessage::PassedOver);
    answered(&world, "\\Sent", "Hi Sarah, does Thursday still work?").await;
    read(&world, 2).await;
    world.pass(TimeDelta::minutes(45));
    world.once_failing().await;
    assert_eq!(world.escalations(), 0, "the last look has found something that it cannot read");
    // It can be read again.
    world.sandbox.clear_faults();
    read(&world, 3).await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Touched, 0));
}

#[tokio::test]
async fn a_reply_that_no_index_knows_is_found_among_the_few_of_its_folder() {
    let world = handed_over().await;
    world.sandbox.add_folder(DANA, "Filed");
    world.sandbox.add_folder(CALVIN, "Filed");
    world.pass(TimeDelta::minutes(20));
    world.sandbox.break_messages("does Thursday", BrokenMessage::NotIndexed);
    answered(&world, "Filed", "Hi Sarah, does Thursday still work?").await;
    world.pass(TimeDelta::minutes(43));
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Touched, 0));
}
