//! What an event and a command cost with 10, 100, 1,000 and 10,000 handoffs, half of them closed, in the mailboxes of
//! twenty pairs; and with threads of 10, 100 and 1,000 messages. It measures and asserts nothing.
//!
//! `cargo bench --bench growth` prints four tables:
//! - events as the agent reads them in one folder: CPU of this process without that of the mail servers, which have a
//!   thread of their own, in milliseconds; the median of fifteen;
//! - commands, a start and the running agent: the built program, a process of its own;
//! - how long after delivery a verdict is committed, beside a client that waits on the same mailbox; and how long
//!   commands wait for their turn to write while mail keeps coming;
//! - threads.
//!
//! `-- 100 1000` takes these numbers of handoffs, `-- closed` 100 open ones with as many closed ones as the number says;
//! `-- events`, `-- program`, `-- verdict`, `-- threads` print that table alone, `-- works` what held the database for more
//! than 50 ms as well.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot set its stage has nothing to say; it measures real time"
)]

mod measure;
#[path = "../tests/growth/stage.rs"]
mod stage;
mod verdict;

use std::time::Duration;

use baton::agent::seed;
use measure::{Agent, memory, pause, percentile, run_often};
use rustix::time::{ClockId, clock_gettime};
use stage::{PAIRS, Stage};

const ROUNDS: usize = 15;

/// CPU of this process so far without that of one thread, in milliseconds.
fn cpu_without(thread: u32) -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let all = time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6;
    let stat = std::fs::read_to_string(format!("/proc/self/task/{thread}/schedstat")).unwrap();
    all - stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
}

async fn measured(thread: u32, mut once: impl AsyncFnMut(usize)) -> f64 {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let before = cpu_without(thread);
        once(round).await;
        times.push(cpu_without(thread) - before);
    }
    percentile(times, 50)
}

async fn events(open: usize, closed: usize) {
    let mut stage = Stage::set(open, closed, 6).await;
    let servers = stage.servers;
    let mut inbox = stage.inbox(0).await;
    stage.read(&mut inbox).await;
    let nothing = measured(servers, async |_| stage.read(&mut inbox).await).await;
    seed::longest_write();
    let touch = measured(servers, async |round| {
        stage.deliver(Some(round * PAIRS % open.max(1)));
        stage.read(&mut inbox).await;
    })
    .await;
    let foreign = measured(servers, async |_| {
        while stage.next_foreign() % PAIRS != 0 {}
        stage.deliver(None);
        stage.read(&mut inbox).await;
    })
    .await;
    let status = measured(servers, async |_| assert!(stage.status().await > 0)).await;
    let show = measured(servers, async |_| assert!(stage.show(0).await > 0)).await;
    let show_closed = measured(servers, async |_| assert!(stage.show(open).await > 0)).await;
    let send = measured(servers, async |round| stage.hand_off(1_000_000 + round).await).await;
    stage.pass().await;
    let once = measured(servers, async |_| stage.pass().await).await;
    let (passed, busy) = seed::longest_write();
    println!(
        "{open:>8} {closed:>8} {nothing:>9.2} {touch:>9.2} {foreign:>9.2} {status:>9.1} {show:>9.2} {show_closed:>12.2} \
         {send:>9.2} {once:>9.1} {:>7.0} MB {:>7.1} {:>7.1}",
        memory(std::process::id(), "VmRSS"),
        passed.as_secs_f64() * 1e3,
        busy.as_secs_f64() * 1e3
    );
}

/// Words of a command.
fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// Writes a record of a new handoff and gives the command that sends it. The number makes it another company.
fn to_send(stage: &Stage, number: usize) -> Vec<String> {
    let meeting = chrono::Utc::now() + chrono::TimeDelta::days(4);
    let record = include_str!("handoff.txt")
        .replace("dana fox", &stage::sdr(number))
        .replace("calvin fox", &stage::ae(number))
        .replace("morgan fox", &stage::ae(number + 1))
        .replace("Acme Corp", &format!("Newcomer {number}"))
        .replace("acme.example", &format!("newcomer{number}.example"))
        .replace("{start}", &meeting.format("%Y-%m-%d %H:%M").to_string());
    stage.sandbox.add_user(&format!("sarah@newcomer{number}.example"), "secret");
    stage.sandbox.add_user(&format!("james@newcomer{number}.example"), "secret");
    let name = format!("record{number}.txt");
    std::fs::write(stage.dir().join(&name), record).unwrap();
    words(&format!("send {name} --yes --again --json"))
}

/// The agent reads two folders of each of these mailboxes and of its own.
const FOLDERS: usize = 2 * (2 * PAIRS + 1);

async fn program(open: usize, closed: usize, shows_works: bool) {
    let mut stage = Stage::set_at(chrono::Utc::now(), open, closed, 6).await;
    stage.sandbox.add_user("ops@vendor.example", "secret");
    let dir = stage.dir().to_owned();
    let (first, last) = (seed::id_of(0), seed::id_of(open));
    let command =
        |times: usize, text: String| tokio::task::block_in_place(|| run_often(&dir, times, |_| words(&text)));
    let status = command(5, "status --json".to_owned());
    let show = command(10, format!("show {first} --json"));
    let show_closed = command(10, format!("show {last} --json"));
    let once = command(4, "run --once".to_owned());
    let send = tokio::task::block_in_place(|| run_often(&dir, 5, |round| to_send(&stage, round)));
    let mut agent = Agent::start(&dir);
    let started = agent.has_read(FOLDERS).await;
    let start_cpu = agent.cpu();
    agent.has_come_to_rest().await;
    let resident = agent.memory();
    let send_beside =
        tokio::task::block_in_place(|| run_often(&dir, 5, |round| to_send(&stage, 100 + round)));
    agent.has_come_to_rest().await;
    let foreign = each(&mut stage, &agent, 400, |_| None).await;
    let touch = each(&mut stage, &agent, 100, |round| Some(round % open.max(1))).await;
    let long = agent.take_long_writes();
    println!(
        "{open:>6} {closed:>6} {:>6.0} {:>4.0} MB {:>6.1} {:>7.1} {:>6.0} {:>4.0} MB {:>6.0} {:>6.2} {:>7.2} {started:>6.2} {start_cpu:>6.0} \
         {resident:>4.0} MB {touch:>6.2} {foreign:>6.2}  {}",
        status.cpu_ms,
        status.peak_mb,
        show.cpu_ms,
        show_closed.cpu_ms,
        once.cpu_ms,
        once.peak_mb,
        send.cpu_ms,
        send.seconds,
        send_beside.seconds,
        measure::longest(&long)
    );
    if shows_works {
        measure::print_long_works(&long);
    }
    for warning in agent.seen().warnings.iter().take(3) {
        println!("  {warning}");
    }
}

/// CPU of the running agent for each of some mails, each of which it has read before the next comes, in milliseconds.
async fn each(
    stage: &mut Stage,
    agent: &Agent,
    mails: usize,
    thread: impl Fn(usize) -> Option<usize>,
) -> f64 {
    let before = agent.cpu();
    for round in 0..mails {
        stage.clock.set(chrono::Utc::now());
        agent.reads_for(|| drop(stage.deliver(thread(round)))).await;
    }
    pause(Duration::from_secs(1)).await;
    (agent.cpu() - before) / mails as f64
}

async fn thread(messages: usize) {
    let mut stage = Stage::set(1, 0, messages).await;
    let servers = stage.servers;
    let mut inbox = stage.inbox(0).await;
    stage.read(&mut inbox).await;
    let show = measured(servers, async |_| assert!(stage.show(0).await > 0)).await;
    let touch = measured(servers, async |_| {
        stage.deliver(Some(0));
        stage.read(&mut inbox).await;
    })
    .await;
    println!("{messages:>8} {show:>10.2} {touch:>10.2}");
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    let numbers: Vec<usize> = arguments.iter().filter_map(|one| one.parse().ok()).collect();
    let has = |word: &str| arguments.iter().any(|one| one == word);
    let tables = ["events", "program", "verdict", "threads"];
    let wants = |table: &str| has(table) || !tables.iter().any(|one| has(one));
    let split = |number: usize| {
        if has("closed") { (100, number) } else { (number / 2, number - number / 2) }
    };
    let sizes = if numbers.is_empty() { vec![10, 100, 1_000, 10_000] } else { numbers };
    if wants("events") {
        println!(
            "\nCPU in ms of an event as the agent reads it in one folder, or of what a command asks for\n"
        );
        println!(
            "    open   closed   nothing     touch   foreign    status      show  show closed      send      once     memory  \
             longest write, its CPU"
        );
        for (open, closed) in sizes.iter().copied().map(split) {
            events(open, closed).await;
        }
    }
    if wants("program") {
        println!(
            "\nThe program: CPU in ms, `send` alone and beside the agent and the start also in seconds\n"
        );
        println!(
            "  open closed status          show  closed   once           send  alone  beside  start    CPU     RSS  touch \
             foreign  writes over 50 ms"
        );
        for (open, closed) in sizes.iter().copied().map(split) {
            program(open, closed, has("works")).await;
        }
    }
    if wants("verdict") {
        verdict::print(&sizes.iter().copied().map(split).collect::<Vec<_>>()).await;
    }
    if wants("threads") {
        println!("\nA thread: CPU in ms\n\nmessages       show   one more");
        for messages in [10, 100, 1_000] {
            thread(messages).await;
        }
    }
}
