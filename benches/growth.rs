//! What one event costs with 10, 100, 1,000 and 10,000 handoffs, half of them closed, and with threads of 10, 100 and
//! 1,000 messages: CPU of this process, mail servers included, in milliseconds, the median of five.
//!
//! `cargo bench --bench growth` prints two tables. `-- 100 1000` takes these numbers of handoffs, `-- threads` the
//! threads alone, `-- closed` 100 open handoffs with as many closed ones as the number says. It measures and asserts
//! nothing.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot set its stage has nothing to say"
)]

#[path = "../tests/growth/stage.rs"]
mod stage;

use rustix::time::{ClockId, clock_gettime};
use stage::{PAIRS, Stage};

const ROUNDS: usize = 5;

/// CPU of this process so far, in milliseconds.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .map_or_else(String::new, |kib| format!("{} MB", kib.parse::<u64>().unwrap() / 1024))
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

async fn measured(mut once: impl AsyncFnMut(usize)) -> f64 {
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        let before = cpu();
        once(round).await;
        times.push(cpu() - before);
    }
    median(times)
}

async fn sizes(open: usize, closed: usize) {
    let mut stage = Stage::set(open, closed, 6).await;
    let mut inbox = stage.inbox(0).await;
    stage.read(&mut inbox).await;
    let nothing = measured(async |_| stage.read(&mut inbox).await).await;
    let touch = measured(async |round| {
        stage.deliver(Some(round * PAIRS % open.max(1)));
        stage.read(&mut inbox).await;
    })
    .await;
    let foreign = measured(async |_| {
        while stage.next_foreign() % PAIRS != 0 {}
        stage.deliver(None);
        stage.read(&mut inbox).await;
    })
    .await;
    let status = measured(async |_| assert!(stage.status().await > 0)).await;
    let show = measured(async |_| assert!(stage.show(0).await > 0)).await;
    let show_closed = measured(async |_| assert!(stage.show(open).await > 0)).await;
    let send = measured(async |round| stage.hand_off(1_000_000 + round).await).await;
    stage.pass().await;
    let once = measured(async |_| stage.pass().await).await;
    println!(
        "{:>8} {:>8} {nothing:>10.2} {touch:>10.2} {foreign:>10.2} {status:>10.1} {show:>10.2} {show_closed:>12.2} {send:>10.2} {once:>10.1} {:>9}",
        open,
        closed,
        memory()
    );
}

async fn thread(messages: usize) {
    let before = cpu();
    let mut stage = Stage::set(1, 0, messages).await;
    let set = cpu() - before;
    let mut inbox = stage.inbox(0).await;
    stage.read(&mut inbox).await;
    let show = measured(async |_| assert!(stage.show(0).await > 0)).await;
    let touch = measured(async |_| {
        stage.deliver(Some(0));
        stage.read(&mut inbox).await;
    })
    .await;
    println!("{messages:>8} {set:>10.1} {show:>10.2} {touch:>10.2}");
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    let numbers: Vec<usize> = arguments.iter().filter_map(|one| one.parse().ok()).collect();
    let has = |word: &str| arguments.iter().any(|one| one == word);
    if !has("threads") {
        println!("CPU in ms: an event as the agent reads it in one folder, or as a command does it\n");
        println!(
            "{:>8} {:>8} {:>10} {:>10} {:>10} {:>10} {:>10} {:>12} {:>10} {:>10} {:>9}",
            "open",
            "closed",
            "nothing",
            "touch",
            "foreign",
            "status",
            "show",
            "show closed",
            "send",
            "once",
            "memory"
        );
        for number in if numbers.is_empty() { vec![10, 100, 1_000, 10_000] } else { numbers.clone() } {
            if has("closed") {
                sizes(100, number).await
            } else {
                sizes(number / 2, number - number / 2).await
            }
        }
    }
    if numbers.is_empty() || has("threads") {
        println!("\n{:>8} {:>10} {:>10} {:>10}", "messages", "all", "show", "one more");
        for messages in [10, 100, 1_000] {
            thread(messages).await;
        }
    }
}
