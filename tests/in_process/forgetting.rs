//! What is forgotten in time, also where nothing but a full pass is made each day: docs/behaviour.md sections 13 and 15.

use baton::agent::statement;
use baton::agent::turn::shown;
use baton::domain::fact::StatementKind;
use baton::domain::judge::Touch;
use baton::sandbox::ProviderHabits;
use chrono::TimeDelta;

use super::world::{CALVIN, DANA, SARAH, World};

fn mail(world: &World, from: &str, to: &[&str], cited: &str, words: &str) {
    let now = world.truth.now();
    let mail = format!(
        "From: {from}\r\nTo: {}\r\nSubject: Re: Thursday\r\nMessage-ID: <{}-{from}>\r\nIn-Reply-To: <{cited}>\r\n\
         Date: {}\r\n\r\n{words}\r\n",
        to.join(", "),
        now.timestamp(),
        now.to_rfc2822()
    );
    world.sandbox.submit(from, to, mail.as_bytes()).unwrap();
}

async fn shown_touch(world: &World) -> Touch {
    let (id, now) = (world.handoff.clone(), world.clock.now());
    let shown = world.app.read(move |app, tx| shown(tx, &app.policy, &id, now)).await;
    shown.unwrap().unwrap().judgement.touch
}

/// The machine has been off meanwhile: the clock is in doubt until the pass has read something.
async fn next_day(world: &mut World) {
    world.pass(TimeDelta::days(1));
    world.boot();
    world.news();
    world.once().await;
}

#[tokio::test]
async fn the_record_of_a_draft_is_kept_fourteen_days() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.once().await;
    let letter = format!(
        "From: Dana Fox <{DANA}>\r\nTo: {DANA}\r\nSubject: handoff\r\nMessage-ID: <record@vendor.example>\r\n\
         Date: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
        world.truth.now().to_rfc2822(),
        World::record().replace("Acme Corp", "Walrus Corp").replace('\n', "\r\n")
    );
    world.sandbox.submit(DANA, &[DANA], letter.as_bytes()).unwrap();
    world.once().await;
    assert!(world.subjects(DANA).iter().any(|subject| subject.contains("Walrus")), "it is shown");
    for _ in 0..13 {
        next_day(&mut world).await;
    }
    assert!(world.places_of("HANDOFF RECORD: Walrus Corp").contains(&"drafts.record_text".to_owned()));
    next_day(&mut world).await;
    next_day(&mut world).await;
    assert_eq!(world.places_of("HANDOFF RECORD"), Vec::<String>::new());
    assert!(!world.is_in_file("HANDOFF RECORD: Walrus"), "nor in free pages");
    assert_eq!(
        world.places_of("Walrus Corp"),
        ["drafts.company", "letter_answers.brief"],
        "it is still listed"
    );
}

#[tokio::test]
async fn the_texts_behind_a_closed_handoff_are_kept_thirty_days_and_its_verdicts_stay() {
    let mut world = World::start().await;
    let intro = world.row("intro").await.message_id.to_string();
    let words = "Hi Sarah, zebra: how do your reps spend 20 minutes a day on updating Salesforce?";
    mail(&world, CALVIN, &[SARAH, DANA], &intro, words);
    world.pass(TimeDelta::minutes(1));
    mail(&world, SARAH, &[CALVIN, DANA], &intro, "Thursday is fine, said the giraffe.");
    world.once().await;
    let touch = shown_touch(&world).await;
    assert_eq!(touch.personal, Some(true));
    statement::record_statement(&world.app, &world.handoff, "they bought", StatementKind::Closed)
        .await
        .unwrap();
    for _ in 0..29 {
        next_day(&mut world).await;
    }
    assert_eq!((world.places_of("zebra").len(), world.places_of("giraffe").len()), (1, 1));
    next_day(&mut world).await;
    next_day(&mut world).await;
    assert_eq!(world.places_of("zebra"), Vec::<String>::new());
    assert_eq!(world.places_of("giraffe"), Vec::<String>::new());
    assert!(!world.is_in_file("zebra") && !world.is_in_file("giraffe"), "nor in free pages");
    assert_eq!(shown_touch(&world).await, touch);
    // Whatever has it judged once more.
    mail(&world, CALVIN, &[SARAH, DANA], &intro, "Hi Sarah, how is it going?");
    next_day(&mut world).await;
    assert_eq!(shown_touch(&world).await, touch);
}
