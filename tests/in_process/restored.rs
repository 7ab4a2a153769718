//! A database is restored, and nothing leaves twice: what may have left since waits for a person, also where it would wait
//! for somebody's working hours or follows from a mail that may have left. docs/behaviour.md section 15.

use baton::agent::send::SendOutcome;
use baton::agent::turn::judged;
use baton::domain::judge::TouchState;
use baton::sandbox::{ImapFault, ProviderHabits};
use baton::store::OutboxState;
use chrono::{DateTime, TimeDelta, Utc};

use super::world::{CALVIN, DANA, MORGAN, OPERATOR, RITA, SARAH, World};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The AE's mailbox is not watched, so that mail to AE and manager leaves no trace.
async fn handed_over() -> World {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), false).await;
    world.handoff = world.hand_over().await;
    world.once().await;
    world
}

/// Passes every half hour until then.
async fn runs_until(world: &World, until: &str) {
    while world.truth.now() < at(until) {
        world.pass(TimeDelta::minutes(30).min(at(until) - world.truth.now()));
        world.once().await;
    }
}

#[tokio::test]
async fn a_digest_that_left_before_a_restore_does_not_leave_again_the_next_morning() {
    let world = &mut handed_over().await;
    world.pass(at("2026-11-30T06:00:00Z") - world.truth.now());
    world.once().await;
    world.put_aside();
    runs_until(world, "2026-11-30T10:00:00Z").await;
    let told = world.subjects(MORGAN).len();
    world.pass(at("2026-11-30T20:00:00Z") - world.truth.now());
    world.restore();
    world.once().await;
    assert_eq!(world.told("the database was restored"), 1);
    runs_until(world, "2026-12-01T12:00:00Z").await;
    assert_eq!(world.subjects(MORGAN).len(), told, "{:?}", world.subjects(MORGAN));
}

#[tokio::test]
async fn what_goes_on_from_a_mail_that_may_have_left_may_have_left_as_well() {
    let world = &mut handed_over().await;
    // The meeting is at three in the afternoon.
    world.pass(at("2026-12-01T12:00:00Z") - world.truth.now());
    world.once().await;
    world.put_aside();
    runs_until(world, "2026-12-03T12:00:00Z").await;
    let told = |world: &World| (world.subjects(CALVIN), world.subjects(MORGAN));
    let before = told(world);
    assert!(before.0.len() >= 3, "request and reminder have left: {before:?}");
    world.pass(at("2026-12-03T20:00:00Z") - world.truth.now());
    world.restore();
    world.once().await;
    runs_until(world, "2026-12-04T18:00:00Z").await;
    assert_eq!(told(world), before);
}

/// An escalation is due once the last look was taken, which a database from before the deadline has not.
#[tokio::test]
async fn an_escalation_that_left_before_a_restore_and_has_no_copy_does_not_leave_again() {
    let world = &mut handed_over().await;
    world.put_aside();
    world.sandbox.imap_fault("APPEND", ImapFault::No("[SERVERBUG] internal error".to_owned()));
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Breached, 1));
    world.sandbox.clear_faults();
    world.restore();
    world.once().await;
    world.pass(TimeDelta::hours(2));
    world.once().await;
    assert_eq!((world.state().await, world.escalations()), (TouchState::Breached, 1));
    assert_eq!(world.told("the database was restored"), 1, "{:?}", world.subjects(OPERATOR));
}

/// Refused for good, it is tried again an hour later: after the backup.
#[tokio::test]
async fn a_refused_escalation_that_left_at_its_next_attempt_does_not_leave_again_after_a_restore() {
    let world = &mut handed_over().await;
    world.pass(TimeDelta::minutes(63));
    world.sandbox.refuse_recipient(MORGAN, "550 5.7.1 not now", 1);
    world.once().await;
    assert_eq!((world.row("escalation").await.state, world.escalations()), (OutboxState::Failed, 0));
    world.put_aside();
    world.sandbox.imap_fault("APPEND", ImapFault::No("[SERVERBUG] internal error".to_owned()));
    world.pass(TimeDelta::minutes(61));
    world.once().await;
    assert_eq!((world.row("escalation").await.state, world.escalations()), (OutboxState::Sent, 1));
    world.sandbox.clear_faults();
    world.restore();
    world.once().await;
    world.pass(TimeDelta::days(2));
    world.once().await;
    assert_eq!((world.row("escalation").await.state, world.escalations()), (OutboxState::Uncertain, 1));
    assert_eq!(world.told("the database was restored"), 1, "{:?}", world.subjects(OPERATOR));
    let judgement = world.judgement().await;
    let told: Vec<_> = judgement.story.iter().filter(|event| event.what == "escalation").collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].why, "nobody can tell whether the escalation mail to Morgan Hale has left");
}

#[tokio::test]
async fn the_end_of_an_outage_that_was_told_before_a_restore_is_not_told_again() {
    let world = &mut handed_over().await;
    world.sandbox.stop_imap().await;
    assert_eq!(world.once_failing().await, ["dana"]);
    world.pass(TimeDelta::minutes(31));
    world.once_failing().await;
    assert_eq!(world.told("can't be read"), 1);
    world.put_aside();
    world.sandbox.start_imap().await.unwrap();
    world.once().await;
    assert_eq!(world.told("can be read again"), 1);
    world.pass(TimeDelta::minutes(5));
    world.restore();
    world.once().await;
    assert_eq!(world.told("the database was restored"), 1);
    assert_eq!(world.told("can be read again"), 1);
}

#[tokio::test]
async fn a_record_by_mail_whose_intro_only_the_mailboxes_know_is_answered() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.once().await;
    world.put_aside();
    world.handoff = world.hand_over().await;
    world.once().await;
    world.pass(TimeDelta::minutes(10));
    world.restore();
    world.once().await;
    let record = World::record();
    let letter = format!(
        "From: Dana Fox <{DANA}>\r\nTo: {DANA}\r\nSubject: handoff\r\nMessage-ID: <again@vendor.example>\r\n\
         Date: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
        world.truth.now().to_rfc2822(),
        record.replace('\n', "\r\n")
    );
    world.sandbox.submit(DANA, &[DANA], letter.as_bytes()).unwrap();
    world.once().await;
    let answers: Vec<String> = world
        .subjects(DANA)
        .into_iter()
        .filter(|one| one.contains("to fix") || one.contains("fix"))
        .collect();
    assert_eq!(answers.len(), 1, "{:?}", world.subjects(DANA));
    let mails = world.sandbox.mailbox(DANA, "INBOX");
    let last = String::from_utf8_lossy(&mails.last().unwrap().raw).into_owned();
    assert!(last.contains("baton send --again"), "what there is to do: {last}");
    assert_eq!(world.subjects(SARAH).len(), 1, "the intro leaves once");
}

/// What a database that is restored later knows: Acme was handed over. Then the AE is reminded.
async fn reminded_after_a_backup(watched: bool) -> World {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), watched).await;
    world.remind();
    world.handoff = world.hand_over().await;
    world.once().await;
    world.put_aside();
    world.pass(TimeDelta::minutes(51));
    world.once().await;
    world
}

#[tokio::test]
async fn an_answer_to_a_mail_that_left_after_the_backup_is_an_answer() {
    // With a copy of the reminder in a mailbox that is read, and where nothing but the answer shows it.
    for watched in [true, false] {
        let mut world = reminded_after_a_backup(watched).await;
        let done = world.answer(CALVIN, DANA, "Done, I called her.");
        world.sandbox.submit(CALVIN, &[DANA], done.as_bytes()).unwrap();
        world.once().await;
        assert_eq!(world.state().await, TouchState::Touched);
        world.pass(TimeDelta::minutes(20));
        world.restore();
        world.once().await;
        world.pass(TimeDelta::hours(3));
        world.once().await;
        let told = (world.state().await, world.subjects(MORGAN));
        assert_eq!(told, (TouchState::Touched, Vec::new()), "watched: {watched}");
    }
}

#[tokio::test]
async fn an_answer_that_comes_after_the_restore_is_one_as_well() {
    for watched in [true, false] {
        let mut world = reminded_after_a_backup(watched).await;
        let (done, written) = (world.answer(CALVIN, DANA, "Done, I called her."), world.truth.now());
        world.pass(TimeDelta::minutes(10));
        world.restore();
        world.once().await;
        // The server shows it only now.
        world.sandbox.append(DANA, "INBOX", done.as_bytes(), &[], written).unwrap();
        world.once().await;
        world.pass(TimeDelta::hours(3));
        world.once().await;
        let told = (world.state().await, world.subjects(MORGAN));
        assert_eq!(told, (TouchState::Touched, Vec::new()), "watched: {watched}");
    }
}

#[tokio::test]
async fn a_managers_words_in_answer_to_a_flag_that_left_after_the_backup_are_heard() {
    let mut world = handed_over().await;
    world.put_aside();
    world.pass(TimeDelta::minutes(63));
    world.once().await;
    assert_eq!(world.escalations(), 1);
    world.pass(TimeDelta::minutes(5));
    let close = world.answer(MORGAN, DANA, "close: they chose a competitor");
    world.sandbox.submit(MORGAN, &[DANA], close.as_bytes()).unwrap();
    world.once().await;
    world.pass(TimeDelta::minutes(5));
    world.restore();
    world.once().await;
    let (id, now) = (world.handoff.clone(), world.clock.now());
    let is_open =
        world.app.read(move |app, tx| Ok(judged(tx, &app.policy, &id, now)?.unwrap().judgement.open));
    assert!(!is_open.await.unwrap(), "it was closed by the manager's word");
    let flags = world.subjects(MORGAN).iter().filter(|one| one.contains("not touched yet")).count();
    assert_eq!(flags, 1, "{:?}", world.subjects(MORGAN));
}

#[tokio::test]
async fn an_intro_that_a_letter_had_sent_again_after_the_backup_does_not_leave_once_more() {
    for keeps_sent in [true, false] {
        let habits = ProviderHabits { keeps_sent, ..ProviderHabits::default() };
        let mut world = World::set(TimeDelta::zero(), habits, true).await;
        world.handoff = world.hand_over().await;
        world.once().await;
        world.put_aside();
        for words in ["resend", "send"] {
            let said = world.answer(DANA, DANA, words);
            world.sandbox.submit(DANA, &[DANA], said.as_bytes()).unwrap();
            world.pass(TimeDelta::minutes(1));
            world.once().await;
        }
        let again = world.truth.now();
        assert_eq!(world.subjects(SARAH).len(), 2, "{:?}", world.subjects(DANA));
        world.pass(TimeDelta::minutes(10));
        world.restore();
        world.once().await;
        world.pass(TimeDelta::minutes(10));
        world.once().await;
        assert_eq!(world.subjects(SARAH).len(), 2, "the prospect gets it no third time");
        assert_eq!(world.told("the database was restored"), 0, "{:?}", world.subjects(OPERATOR));
        let (id, now) = (world.handoff.clone(), world.clock.now());
        let judged = world.app.read(move |app, tx| Ok(judged(tx, &app.policy, &id, now)?.unwrap().judgement));
        let deadline = judged.await.unwrap().deadline.unwrap();
        assert!((deadline - again).num_minutes() >= 59, "the clock of the second sending runs: {deadline}");
    }
}

#[tokio::test]
async fn a_word_of_the_aes_that_only_our_own_note_shows_is_one() {
    for escalates in [false, true] {
        let mut world = handed_over().await;
        world.put_aside();
        world.pass(TimeDelta::minutes(if escalates { 63 } else { 30 }));
        world.once().await;
        let flags = world.subjects(MORGAN);
        let done = world.answer(CALVIN, DANA, "Done, I called her.");
        world.sandbox.submit(CALVIN, &[DANA], done.as_bytes()).unwrap();
        world.once().await;
        let told = world.subjects(MORGAN);
        assert_eq!(world.subjects(DANA).len(), 3, "record, word and note: {:?}", world.subjects(DANA));
        // Her mailbox loses the record and the AE's word, and the note about it stays.
        world.sandbox.recreate(DANA, "INBOX", 2).unwrap();
        world.pass(TimeDelta::minutes(5));
        world.restore();
        world.once().await;
        world.pass(TimeDelta::hours(3));
        world.once().await;
        let is = (world.state().await, world.judgement().await.touch.late, world.subjects(MORGAN));
        assert_eq!(is, (TouchState::Touched, escalates, told), "flagged before: {flags:?}");
    }
}

#[tokio::test]
async fn who_got_a_handoff_by_command_and_that_its_intro_left_again_is_known_by_our_own_mail() {
    for given in [false, true] {
        let mut world = handed_over().await;
        world.put_aside();
        world.pass(TimeDelta::minutes(20));
        world.send_again().await;
        world.once().await;
        if given {
            world.pass(TimeDelta::minutes(10));
            world.give_to_rita().await;
            world.once().await;
        }
        let before = (world.judgement().await, world.subjects(MORGAN), world.subjects(SARAH));
        world.pass(TimeDelta::minutes(5));
        world.restore();
        world.once().await;
        let after = (world.judgement().await, world.subjects(MORGAN), world.subjects(SARAH));
        assert_eq!((after.0.ae, after.0.deadline), (before.0.ae, before.0.deadline), "given: {given}");
        assert_eq!((after.1, after.2), (before.1, before.2), "nothing leaves twice");
        assert_eq!(world.told("the database was restored"), 0, "{:?}", world.subjects(OPERATOR));
    }
}

/// The mail that it answers is known once it is found who had the handoff by then.
#[tokio::test]
async fn a_word_about_whoever_got_a_handoff_by_command_after_the_backup_is_heard() {
    let mut world = handed_over().await;
    world.put_aside();
    world.pass(TimeDelta::minutes(20));
    world.give_to_rita().await;
    world.once().await;
    world.pass(TimeDelta::minutes(10));
    let said = world.answer(DANA, DANA, "touched: Rita called her");
    world.sandbox.submit(DANA, &[DANA], said.as_bytes()).unwrap();
    world.once().await;
    let before = (world.judgement().await.ae, world.state().await, world.subjects(DANA));
    assert_eq!(before.1, TouchState::Touched, "{:?}", before.2);
    world.pass(TimeDelta::minutes(5));
    world.restore();
    world.once().await;
    world.pass(TimeDelta::hours(3));
    world.once().await;
    let after = (world.judgement().await.ae, world.state().await, world.subjects(DANA));
    assert_eq!(after, before, "nothing is lost, nothing is told twice");
    assert!(world.subjects(MORGAN).is_empty(), "{:?}", world.subjects(MORGAN));
}

/// By then the meeting of the record lies in the past, which would be told.
#[tokio::test]
async fn a_letter_that_was_answered_after_the_backup_is_not_answered_otherwise() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.once().await;
    world.put_aside();
    world.pass(TimeDelta::minutes(10));
    let letter = format!(
        "From: Dana Fox <{DANA}>\r\nTo: {DANA}\r\nSubject: handoff\r\nMessage-ID: <shown@vendor.example>\r\n\
         Date: {}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}",
        world.truth.now().to_rfc2822(),
        World::record().replace('\n', "\r\n")
    );
    world.sandbox.submit(DANA, &[DANA], letter.as_bytes()).unwrap();
    world.once().await;
    let told = world.subjects(DANA);
    assert!(told.iter().any(|one| one.contains("ready to send")), "{told:?}");
    // The meeting is at three in the afternoon of the first.
    world.pass(at("2026-12-02T12:00:00Z") - world.truth.now());
    world.restore();
    world.once().await;
    world.pass(TimeDelta::hours(3));
    world.once().await;
    assert_eq!(world.subjects(DANA), told);
    assert_eq!(world.told("the database was restored"), 0, "{:?}", world.subjects(OPERATOR));
}

/// `over to` that was obeyed before: the AE's time runs from when her record left, not from when it is read once more.
#[tokio::test]
async fn a_letter_that_gave_it_to_another_ae_before_a_restore_gives_her_no_time_anew() {
    let mut world = handed_over().await;
    world.pass(TimeDelta::minutes(5));
    world.once().await;
    world.put_aside();
    let over = world.answer(DANA, DANA, "over to Rita");
    world.sandbox.submit(DANA, &[DANA], over.as_bytes()).unwrap();
    world.pass(TimeDelta::minutes(1));
    world.once().await;
    let before = (world.judgement().await, world.subjects(RITA), world.subjects(DANA));
    assert_eq!((before.0.ae.as_str(), before.1.len()), ("Rita Voss", 1));
    world.pass(TimeDelta::minutes(30));
    world.restore();
    world.once().await;
    let after = (world.judgement().await, world.subjects(RITA), world.subjects(DANA));
    assert_eq!((after.0.ae, after.0.deadline), (before.0.ae, before.0.deadline));
    assert_eq!((after.1, after.2), (before.1, before.2));
}

/// The report that the record mail has not reached Calvin, in Dana's mailbox.
fn record_comes_back(world: &World) {
    let mails = world.sandbox.mailbox(CALVIN, "INBOX");
    let texts = mails.iter().map(|mail| String::from_utf8_lossy(&mail.raw).replace("\r\n", "\n"));
    let record = texts.into_iter().find(|text| text.contains("handoff record")).unwrap();
    let (header, _) = record.split_once("\n\n").unwrap();
    let report = format!(
        "From: Mail Delivery System <mailer-daemon@mx.vendor.example>\nTo: {DANA}\nSubject: Undelivered Mail Returned to Sender\n\
         Date: {}\nMessage-ID: <report@mx.vendor.example>\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"dsn\"\n\n--dsn\n\n\
         It could not be delivered.\n\n--dsn\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.vendor.example\n\n\
         Final-Recipient: rfc822; {CALVIN}\nAction: failed\nStatus: 5.1.1\n\n--dsn\nContent-Type: text/rfc822-headers\n\n\
         {header}\n\n--dsn--\n",
        world.truth.now().to_rfc2822()
    );
    world.sandbox.submit(OPERATOR, &[DANA], report.replace('\n', "\r\n").as_bytes()).unwrap();
}

#[tokio::test]
async fn mail_that_came_back_before_a_restore_is_not_told_again() {
    let world = &mut World::start().await;
    world.once().await;
    world.put_aside();
    world.pass(TimeDelta::minutes(5));
    record_comes_back(world);
    for _ in 0..2 {
        world.once().await;
        assert_eq!(
            world.told("a mail came back: record to Calvin Reyes"),
            1,
            "{:?}",
            world.subjects(OPERATOR)
        );
    }
    assert_eq!(world.state().await, TouchState::Waiting);
    world.pass(TimeDelta::minutes(5));
    world.restore();
    for _ in 0..2 {
        world.once().await;
        assert_eq!(world.told("a mail came back"), 1, "{:?}", world.subjects(OPERATOR));
    }
}

/// Mail of every kind within three days: reminder, flag, note, request, digest, answers to letters, another handoff.
#[tokio::test]
async fn three_days_of_mail_after_a_backup_leave_nothing_twice() {
    let mut world = World::set(TimeDelta::zero(), ProviderHabits::default(), true).await;
    world.remind();
    world.pass(at("2026-11-28T15:00:00Z") - world.truth.now());
    world.once().await;
    // The meeting is on Monday.
    let record = World::record().replace("2026-12-01", "2026-11-30");
    let SendOutcome::Sent(intro) = world.send_record(record).await else { panic!("it leaves") };
    world.handoff = intro.id;
    world.once().await;
    world.back_up().await;
    for minutes in [51, 12] {
        world.pass(TimeDelta::minutes(minutes));
        world.once().await;
    }
    let done = world.answer(CALVIN, DANA, "Done, I called her.");
    world.sandbox.submit(CALVIN, &[DANA], done.as_bytes()).unwrap();
    world.once().await;
    let asked = format!(
        "From: Dana Fox <{DANA}>\r\nTo: {DANA}\r\nSubject: status\r\nMessage-ID: <status@vendor.example>\r\nDate: {}\r\n\r\n",
        world.truth.now().to_rfc2822()
    );
    world.sandbox.submit(DANA, &[DANA], asked.as_bytes()).unwrap();
    world.once().await;
    world.pass(TimeDelta::hours(2));
    world.hand_over_another().await;
    world.once().await;
    runs_until(&world, "2026-12-01T16:00:00Z").await;
    let globex = "sarah@globex.example";
    let told = |world: &World| [SARAH, CALVIN, DANA, MORGAN, globex].map(|who| world.subjects(who));
    let (before, operators) = (told(&world), world.subjects(OPERATOR));
    println!("{before:#?}");
    for (reader, words) in
        [(1, "due"), (1, "go?"), (2, "open handoffs"), (3, "not touched yet"), (3, "andoffs")]
    {
        assert!(before[reader].iter().any(|one| one.contains(words)), "{words}: {before:#?}");
    }
    world.restore_backup();
    for _ in 0..3 {
        world.once().await;
        world.pass(TimeDelta::minutes(20));
    }
    assert_eq!(told(&world), before);
    assert_eq!(world.told("the database was restored"), 1, "{:?}", world.subjects(OPERATOR));
    assert_eq!(world.subjects(OPERATOR).len(), operators.len() + 1, "{:?}", world.subjects(OPERATOR));
    let gap = world.sandbox.mailbox(OPERATOR, "INBOX").pop().unwrap();
    let gap = String::from_utf8_lossy(&gap.raw).replace("=\r\n", "");
    assert!(
        gap.contains("Globex") || gap.contains("globex.example"),
        "the handoff that only mailboxes know: {gap}"
    );
}
