//! What one event costs does not depend on how many handoffs were ever closed: statements and judgements, counted with
//! few and with a thousand closed ones.
//!
//! How long it takes is measured in `benches/growth.rs`; nothing here is timed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "outside a test function, but of tests alone")]

mod stage;

use baton::agent::reading::FreshLook;
use baton::agent::seed::WorkDone;
use chrono::TimeDelta;
use stage::Stage;
use tokio::sync::Mutex;

const OPEN: usize = 20;

/// Work is counted for the whole process, so the tests take turns.
static TURN: Mutex<()> = Mutex::const_new(());

/// The work of each kind of event.
#[derive(Debug)]
struct Costs {
    touch: WorkDone,
    foreign: WorkDone,
    nothing: WorkDone,
    status: WorkDone,
    show: WorkDone,
    show_closed: WorkDone,
    send: WorkDone,
    once: WorkDone,
}

async fn costs(closed: usize) -> Costs {
    let mut stage = Stage::set(OPEN, closed, 4).await;
    let mut inbox = stage.inbox(0).await;
    // Whatever is done once only.
    stage.read(&mut inbox).await;
    let mut last = WorkDone::now();
    let mut taken = || {
        let now = WorkDone::now();
        let work = now.since(last);
        last = now;
        work
    };
    stage.read(&mut inbox).await;
    let nothing = taken();
    stage.deliver(Some(0));
    stage.read(&mut inbox).await;
    let touch = taken();
    // To the same mailbox: the numbers of handoffs and of letters choose it.
    while stage.next_foreign() % stage::PAIRS != 0 {}
    stage.deliver(None);
    stage.read(&mut inbox).await;
    let foreign = taken();
    assert_eq!(stage.status().await, OPEN);
    let status = taken();
    assert!(stage.show(0).await > 4);
    let show = taken();
    assert!(stage.show(OPEN).await > 4);
    let show_closed = taken();
    stage.hand_off(1_000_000).await;
    let send = taken();
    stage.pass().await;
    taken();
    stage.pass().await;
    let once = taken();
    Costs { touch, foreign, nothing, status, show, show_closed, send, once }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_event_costs_does_not_grow_with_what_is_closed() {
    let _turn = TURN.lock().await;
    let few = costs(20).await;
    let many = costs(980).await;
    eprintln!("{few:#?}\n{many:#?}");
    let pairs = [
        ("a touch", few.touch, many.touch),
        ("a foreign mail", few.foreign, many.foreign),
        ("a reading without news", few.nothing, many.nothing),
        ("status", few.status, many.status),
        ("show", few.show, many.show),
        ("show of a closed one", few.show_closed, many.show_closed),
        ("send", few.send, many.send),
        ("a pass without news", few.once, many.once),
    ];
    for (what, few, many) in pairs {
        assert_eq!(few.judgements, many.judgements, "{what}");
        // Now and then a little is forgotten.
        assert!(many.statements <= few.statements + few.statements / 10 + 10, "{what}: {few:?}, {many:?}");
    }
    assert!(many.touch.judgements <= 3, "{:?}", many.touch);
    assert_eq!(many.foreign.judgements, 0);
    assert_eq!(many.nothing.judgements, 0);
    assert_eq!(many.show_closed.judgements, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_that_concerns_nobody_is_no_false_alarm_of_the_server() {
    let _turn = TURN.lock().await;
    let mut stage = Stage::set(1, 0, 1).await;
    let mut inbox = stage.inbox(0).await;
    stage.read(&mut inbox).await;
    assert_eq!(stage.read_and_count(&mut inbox).await, (0, 0));
    while stage.next_foreign() % stage::PAIRS != 0 {}
    stage.deliver(None);
    assert_eq!(stage.read_and_count(&mut inbox).await, (1, 0), "who waits goes on waiting, without a pause");
    assert_eq!(stage.read_and_count(&mut inbox).await, (0, 0), "and it is not read again");
    stage.deliver(Some(0));
    assert_eq!(stage.read_and_count(&mut inbox).await, (1, 1));
}

/// Handoffs that come to their deadline at the same minute share what they wait for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadlines_at_one_minute_take_one_look_through_each_account() {
    const BURST: usize = 60;
    let _turn = TURN.lock().await;
    let mut stage = Stage::set(BURST, 0, 0).await;
    stage.clock.set(stage.clock.now() + TimeDelta::days(2));
    let before = WorkDone::now();
    stage.pass().await;
    let work = WorkDone::now().since(before);
    eprintln!("{work:#?}");
    let accounts = u64::try_from(2 * stage::PAIRS + 1).unwrap();
    assert_eq!(work.looks, accounts, "not one for each handoff and account");
    let before = WorkDone::now();
    stage.pass().await;
    assert_eq!(WorkDone::now().since(before).looks, 0, "and never again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_mail_in_an_open_folder_costs_one_look_at_the_database() {
    let _turn = TURN.lock().await;
    let mut stage = Stage::set(OPEN, 20, 4).await;
    let mut inbox = stage.inbox(0).await;
    stage.read(&mut inbox).await;
    stage.read_on(&mut inbox).await;
    for round in 0..2 {
        while stage.next_foreign() % stage::PAIRS != 0 {}
        stage.deliver(None);
        let before = WorkDone::now();
        assert_eq!(stage.look_at_news(&mut inbox).await, FreshLook::Foreign(1));
        let work = WorkDone::now().since(before);
        // The first time what is claimed is learnt.
        assert!((round == 0 || work.statements <= 10) && work.judgements == 0, "{work:?}");
    }
    stage.deliver(Some(0));
    assert_eq!(stage.look_at_news(&mut inbox).await, FreshLook::ToBeRead, "it concerns somebody");
    assert_eq!(stage.read_and_count(&mut inbox).await, (3, 1), "what was not written down is read again");
    stage.read_on(&mut inbox).await;
    assert_eq!(stage.look_at_news(&mut inbox).await, FreshLook::ToBeRead, "nothing has come");
    stage.read_on(&mut inbox).await;
    while stage.next_foreign() % stage::PAIRS != 0 {}
    stage.deliver(None);
    assert_eq!(stage.look_at_news(&mut inbox).await, FreshLook::Foreign(1));
    stage.write_down(&mut inbox).await;
    assert_eq!(stage.read_and_count(&mut inbox).await, (0, 0));
}

/// The judgement of a long thread is made apart, and says what it says of a short one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_more_mail_in_a_long_thread_is_judged_once_and_read_in_a_few_statements() {
    let _turn = TURN.lock().await;
    let mut stage = Stage::set(1, 0, 400).await;
    let mut inbox = stage.inbox(0).await;
    stage.read(&mut inbox).await;
    let told = stage.show(0).await;
    for more in 1..=2 {
        stage.deliver(Some(0));
        let before = WorkDone::now();
        stage.read(&mut inbox).await;
        let work = WorkDone::now().since(before);
        eprintln!("{work:?}");
        assert!(work.judgements <= 2 && work.statements <= 130, "{work:?}");
        assert_eq!(stage.show(0).await, told + more);
    }
    assert!(!stage.is_anything_due().await, "nothing is left to be judged");
}

/// What is found is committed when it is enough, long before all of a large folder is listed; the rest follows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_reading_that_finds_much_is_committed_on_the_way_and_misses_nothing() {
    /// More than are asked for before anything has come.
    const FOREIGN: usize = 22_000;
    /// More than are committed together.
    const IN_THREAD: usize = 1_100;
    let _turn = TURN.lock().await;
    let mut stage = Stage::set(1, 0, 0).await;
    let mut inbox = stage.inbox(0).await;
    for _ in 0..IN_THREAD {
        stage.deliver(Some(0));
    }
    stage.deliver_foreign(0, FOREIGN);
    stage.deliver(Some(0));
    let total = u32::try_from(IN_THREAD + FOREIGN + 1).unwrap();
    assert_eq!(stage.read_and_count(&mut inbox).await, (total, IN_THREAD + 1));
    assert_eq!(stage.read_and_count(&mut inbox).await, (0, 0), "and it is read to its end");
}

/// A folder that is read afresh is listed from the open handoffs on, and searched before that: each mail is found once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_mail_of_a_prospect_is_found_below_where_a_reading_begins_afresh() {
    let _turn = TURN.lock().await;
    let mut stage = Stage::set(1, 0, 0).await;
    let now = stage.clock.now();
    stage.deliver_at(Some(0), now - TimeDelta::days(10));
    // Longer ago than anybody's mail is looked for.
    stage.deliver_at(Some(0), now - TimeDelta::days(120));
    stage.deliver(Some(0));
    stage.deliver_foreign(0, 3);
    stage.sandbox.renumber(&stage::ae_address(0), "INBOX").unwrap();
    let mut inbox = stage.inbox(0).await;
    let (listed, news) = stage.read_and_count(&mut inbox).await;
    assert_eq!((listed, news), (4, 2), "from the new one on, and the older one of the prospect");
    // The same where the whole folder is listed.
    stage.sandbox.recreate(&stage::ae_address(0), "INBOX", 2).unwrap();
    let mut inbox = stage.inbox(0).await;
    assert_eq!(stage.read_and_count(&mut inbox).await.0, 4);
}
