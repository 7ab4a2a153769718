//! What people mail, and what becomes of it: docs/behaviour.md sections 13 and 14.

use baton::agent::send::{self, SendOutcome};
use baton::agent::turn::listed;
use baton::domain::judge::TouchState;
use baton::sandbox::ProviderHabits;
use chrono::TimeDelta;

use super::world::{CALVIN, DANA, MORGAN, SARAH, World};

/// Dana answers the last mail that she got.
async fn say(world: &World, words: &str) {
    let said = world.answer(DANA, DANA, words);
    world.sandbox.submit(DANA, &[DANA], said.as_bytes()).unwrap();
    world.pass(TimeDelta::minutes(1));
    world.once().await;
}

#[tokio::test]
async fn a_handoff_by_mail_stands_where_a_command_could_not_send_its_intro_again() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.once().await;
    let letter = format!(
        "From: Dana Fox <{DANA}>\r\nTo: {DANA}\r\nSubject: handoff\r\nMessage-ID: <record@vendor.example>\r\n\
         Date: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
        world.truth.now().to_rfc2822(),
        World::record().replace('\n', "\r\n")
    );
    world.sandbox.submit(DANA, &[DANA], letter.as_bytes()).unwrap();
    world.once().await;
    say(&world, "send").await;
    assert_eq!(world.subjects(SARAH).len(), 1, "{:?}", world.subjects(DANA));
    let stored = world.app.read(|app, tx| listed(tx, &app.policy, true, app.now())).await.unwrap();
    world.handoff = stored[0].stored.handoff.id.clone();
    world.sandbox.refuse_recipient(SARAH, "550 5.1.1 no such user", 1);
    let asked = send::commit_again(&world.app, &world.handoff, None).await.unwrap();
    let SendOutcome::Refused { reason, addresses } = send::carry_out(&world.app, &asked).await.unwrap()
    else {
        panic!("the server refuses it");
    };
    assert!(reason.contains("no such user"), "{reason}");
    assert_eq!(addresses.len(), 1);
    world.once().await;
    assert_eq!(world.state().await, TouchState::Waiting, "it is still there");
    assert!(!world.subjects(DANA).iter().any(|one| one.contains("could not be sent")));
}

#[tokio::test]
async fn an_intro_that_was_to_be_sent_again_and_was_refused_does_not_leave_without_another_yes() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.handoff = world.hand_over().await;
    world.once().await;
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
    let mails = world.sandbox.mailbox(DANA, "INBOX");
    let told = String::from_utf8_lossy(&mails.last().unwrap().raw).replace("=\r\n", "").replace("\r\n", " ");
    assert!(told.contains("the handoff stands as it did"), "{told}");
    // The same answer works once more.
    say(&world, "send").await;
    assert_eq!(world.subjects(SARAH).len(), 2, "{:?}", world.subjects(DANA));
}

#[tokio::test]
async fn the_example_of_a_fault_is_a_line_that_mends_it() {
    let world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.once().await;
    let record = World::record();
    let company = record.lines().next().unwrap();
    let row = record.lines().find(|line| line.ends_with("| evaluator")).unwrap();
    let faulty = record
        .replace(company, "HANDOFF RECORD: | 2026-11-24")
        .replace("[x] ICP criteria confirmed", "[ ] ICP criteria confirmed")
        .replace(row, &row.replace("evaluator", "boss"))
        .replace("none mentioned", "-");
    assert_ne!(faulty, record);
    let letter = format!(
        "From: Dana Fox <{DANA}>\r\nTo: {DANA}\r\nSubject: handoff\r\nMessage-ID: <record@vendor.example>\r\n\
         Date: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
        world.truth.now().to_rfc2822(),
        faulty.replace('\n', "\r\n")
    );
    world.sandbox.submit(DANA, &[DANA], letter.as_bytes()).unwrap();
    world.once().await;
    let told = world.subjects(DANA).pop().unwrap();
    assert!(told.contains("4 things to fix"), "{told}");
    // The first lines alone are a correction here, no record of their own.
    say(&world, company).await;
    let told = world.subjects(DANA).pop().unwrap();
    assert!(told.contains("3 things to fix"), "{told}");
    say(&world, &format!("[x] ICP criteria confirmed\r\n{row}\r\nnone mentioned")).await;
    let told = world.subjects(DANA).pop().unwrap();
    assert!(told.contains("ready to send"), "{told}");
}

/// Dana asks herself, whose mailbox is the agent's, for the form.
fn ask(world: &World, name: &str) {
    let letter = format!(
        "From: Dana Fox <{DANA}>\r\nTo: {DANA}\r\nSubject: handoff\r\nMessage-ID: <{name}@vendor.example>\r\n\
         Date: {}\r\n\r\nplease\r\n",
        world.truth.now().to_rfc2822(),
    );
    world.sandbox.submit(DANA, &[DANA], letter.as_bytes()).unwrap();
}

fn forms(world: &World) -> usize {
    world.subjects(DANA).iter().filter(|subject| subject.contains("fill in and reply")).count()
}

#[tokio::test]
async fn letters_that_came_before_the_agent_ever_ran_are_answered_those_of_long_ago_are_not() {
    let world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    ask(&world, "long-ago");
    world.pass(TimeDelta::days(10));
    ask(&world, "friday");
    world.pass(TimeDelta::days(2));
    ask(&world, "today");
    world.pass(TimeDelta::minutes(1));
    world.once().await;
    assert_eq!(forms(&world), 2, "{:?}", world.subjects(DANA));
    world.once().await;
    assert_eq!(forms(&world), 2, "once for each letter");
}

#[tokio::test]
async fn letters_that_another_database_has_answered_are_left_alone() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    ask(&world, "first");
    world.once().await;
    assert_eq!(forms(&world), 1);
    world.begin_anew();
    world.pass(TimeDelta::minutes(1));
    ask(&world, "second");
    world.pass(TimeDelta::minutes(1));
    world.once().await;
    assert_eq!(forms(&world), 2, "the second letter's alone: {:?}", world.subjects(DANA));
}

#[tokio::test]
async fn words_that_cite_nothing_but_the_id_of_a_provider_are_heard() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::microsoft(), false).await;
    world.handoff = world.hand_over().await;
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    assert_eq!(world.escalations(), 1);
    world.pass(TimeDelta::minutes(5));
    let close = world.answer(MORGAN, DANA, "close: they chose a competitor");
    assert!(!close.contains("baton-"), "the provider has put its own id in the place of ours: {close}");
    world.sandbox.submit(MORGAN, &[DANA], close.as_bytes()).unwrap();
    world.once().await;
    assert!(!world.judgement().await.open);
    assert_eq!(
        world.subjects(MORGAN).len(),
        2,
        "the flag, and what became of it: {:?}",
        world.subjects(MORGAN)
    );
}

/// Section 12: a corrected line counts after the handoff has closed, whatever else its people have open.
#[tokio::test]
async fn feedback_on_a_closed_handoff_is_corrected_while_the_same_ae_has_another() {
    let world = World::start().await;
    world.hand_over_another().await;
    world.once().await;
    world.pass(TimeDelta::days(8));
    world.once().await;
    for (words, score) in [("held 4", 4), ("held 2, James has left", 2)] {
        let is_asked = |subject: &String| subject.contains("Acme Corp") && subject.contains("meeting");
        let subjects = world.subjects(CALVIN);
        assert!(subjects.iter().any(is_asked), "{subjects:?}");
        let said = world.answer(CALVIN, DANA, words);
        world.sandbox.submit(CALVIN, &[DANA], said.as_bytes()).unwrap();
        world.pass(TimeDelta::minutes(1));
        world.once().await;
        let judgement = world.judgement().await;
        assert_eq!(judgement.feedback.score, Some(score), "{:?}", world.subjects(CALVIN));
        assert!(!judgement.open, "the touch was settled by its breach");
    }
}

/// Everybody who was invited declines while the SDR still thinks about it.
#[tokio::test]
async fn a_yes_to_what_mail_contradicts_by_then_sends_nothing() {
    let world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.once().await;
    let record = World::record();
    let letter = format!(
        "From: Dana Fox <{DANA}>\r\nTo: {DANA}\r\nSubject: handoff\r\nMessage-ID: <record@vendor.example>\r\n\
         Date: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
        world.truth.now().to_rfc2822(),
        record.replace('\n', "\r\n")
    );
    world.sandbox.submit(DANA, &[DANA], letter.as_bytes()).unwrap();
    world.once().await;
    let yes = world.answer(DANA, DANA, "send");
    world.pass(TimeDelta::minutes(5));
    let start = "20261201T150000Z";
    let declined = format!(
        "From: {SARAH}\r\nTo: {DANA}\r\nSubject: Declined: demo\r\nMessage-ID: <declined@acme.example>\r\nDate: {}\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\n\
         VERSION:2.0\r\nPRODID:-//acme//x\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:demo\r\nDTSTAMP:20261127T090000Z\r\n\
         DTSTART:{start}\r\nORGANIZER:mailto:{DANA}\r\nATTENDEE;PARTSTAT=DECLINED:mailto:{SARAH}\r\nEND:VEVENT\r\n\
         END:VCALENDAR\r\n",
        world.truth.now().to_rfc2822()
    );
    world.sandbox.submit(SARAH, &[DANA], declined.as_bytes()).unwrap();
    world.once().await;
    world.pass(TimeDelta::minutes(1));
    world.sandbox.submit(DANA, &[DANA], yes.as_bytes()).unwrap();
    world.once().await;
    let told = world.subjects(DANA);
    assert!(world.subjects(SARAH).is_empty(), "nothing leaves: {told:?}");
    let mails = world.sandbox.mailbox(DANA, "INBOX");
    let last = String::from_utf8_lossy(&mails.last().unwrap().raw).into_owned();
    assert!(last.contains("mail says otherwise") && last.contains("declined"), "{told:?}\n{last}");
}

/// The words of the last mail that Dana got.
fn last_words(world: &World) -> String {
    let mails = world.sandbox.mailbox(DANA, "INBOX");
    let parsed = mail_parser::MessageParser::default().parse(&mails.last().unwrap().raw).unwrap();
    parsed.body_text(0).unwrap().replace("\r\n", "\n")
}

async fn ask_for_status(world: &World, asked: &str) -> String {
    let letter = format!(
        "From: Dana Fox <{DANA}>\r\nTo: {DANA}\r\nSubject: status {asked}\r\nMessage-ID: <{}@vendor.example>\r\n\
         Date: {}\r\n\r\n\r\n",
        asked.replace(' ', "-"),
        world.truth.now().to_rfc2822(),
    );
    world.sandbox.submit(DANA, &[DANA], letter.as_bytes()).unwrap();
    world.pass(TimeDelta::minutes(1));
    world.once().await;
    last_words(world)
}

#[tokio::test]
async fn of_two_handoffs_of_one_company_the_list_offers_words_that_mean_one() {
    let world = World::start().await;
    world.sandbox.add_user("sam@acme.example", "pw");
    let first = world.handoff.clone();
    let other = World::record().replace("sarah@acme.example", "sam@acme.example").replace("12-01", "12-02");
    let SendOutcome::Sent(second) = world.send_record(other).await else { panic!("it leaves") };
    world.once().await;
    let list = ask_for_status(&world, "acme corp").await;
    assert!(list.contains(&first) && list.contains(&second.id), "{list}");
    let (_, offered) = list.split_once("subject \"status ").unwrap();
    let (offered, _) = offered.split_once('"').unwrap();
    assert!([&first, &second.id].into_iter().any(|id| id == offered), "{list}");
    for asked in [offered.to_owned(), format!("of {}, please", second.id), first.to_uppercase()] {
        let story = ask_for_status(&world, &asked).await;
        assert!(story.contains("just the story of Acme Corp"), "{asked}: {story}");
    }
}

#[tokio::test]
async fn a_company_whose_name_begins_like_another_is_meant_by_its_whole_name() {
    let world = World::start().await;
    world.sandbox.add_user("sarah@acme2.example", "pw");
    let other = World::record().replace("Acme Corp", "Acme").replace("acme.example", "acme2.example");
    assert!(matches!(world.send_record(other).await, SendOutcome::Sent(_)));
    world.once().await;
    for asked in ["acme", "acme corp"] {
        let story = ask_for_status(&world, asked).await;
        assert!(story.to_lowercase().contains(&format!("just the story of {asked} so far")), "{story}");
    }
    let list = ask_for_status(&world, "").await;
    assert!(!list.contains(&world.handoff), "a name that means one needs no id: {list}");
}

#[tokio::test]
async fn another_companys_record_is_no_correction_of_an_intro_that_is_to_leave_again() {
    let world = World::start().await;
    world.once().await;
    say(&world, "resend").await;
    assert!(last_words(&world).contains("once more"), "{:?}", world.subjects(DANA));
    let other = World::record().replace("Acme Corp", "Globex").replace("acme.example", "globex.example");
    say(&world, &other.replace('\n', "\r\n")).await;
    let told = last_words(&world);
    assert!(told.contains("record is of Globex, but"), "{told}");
    assert!(told.contains("in a new email"), "{told}");
    // The same people at another address, or the company under another name, are a correction.
    let corrected = World::record().replace("Acme Corp", "Acme Incorporated");
    say(&world, &corrected.replace('\n', "\r\n")).await;
    assert!(world.subjects(DANA).pop().unwrap().contains("ready to send"), "{}", last_words(&world));
}

#[tokio::test]
async fn a_letter_far_too_long_for_a_record_is_refused_and_not_sent_back_whole() {
    let world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.once().await;
    let letter = format!(
        "From: Dana Fox <{DANA}>\r\nTo: {DANA}\r\nSubject: handoff\r\nMessage-ID: <record@vendor.example>\r\n\
         Date: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}{}",
        world.truth.now().to_rfc2822(),
        World::record().replace('\n', "\r\n"),
        "Agenda: and so on, and on, and on\r\n".repeat(10_000)
    );
    world.sandbox.submit(DANA, &[DANA], letter.as_bytes()).unwrap();
    world.once().await;
    let told = last_words(&world);
    assert!(told.contains("too long for a handoff record"), "{}", told.chars().take(500).collect::<String>());
    assert!(told.len() < 20_000, "{}", told.len());
}
