//! What one event costs does not depend on how many handoffs were ever closed: statements and judgements, counted with
//! few and with a thousand closed ones.
//!
//! How long it takes is measured in `benches/growth.rs`; nothing here is timed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "outside a test function, but of tests alone")]

mod stage;

use baton::agent::seed::WorkDone;
use stage::Stage;

const OPEN: usize = 20;

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
