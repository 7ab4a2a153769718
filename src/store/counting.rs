//! How many SQL statements are run, how long transactions wait for the one lock that writes and how long they hold it: for
//! the growth test and the benchmarks. What is long is logged.
//!
//! Known limit: on a busy machine the time that passes is longer than what the transaction needs; both are kept.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};
use rustix::time::{ClockId, clock_gettime};

static STATEMENTS: AtomicU64 = AtomicU64::new(0);
/// Of the longest transaction, in microseconds: time that passed, and processor time of its thread.
static LONGEST_PASSED: AtomicU64 = AtomicU64::new(0);
static LONGEST_BUSY: AtomicU64 = AtomicU64::new(0);

/// What holds the lock for longer is logged. docs/behaviour.md section 15, cost.
const LONG: Duration = Duration::from_millis(50);

/// One that waits for longer says so, too.
const WAITED: Duration = Duration::from_millis(1);

/// The transaction that a thread is about to begin, or has begun.
#[derive(Clone, Copy)]
struct WriteAttempt {
    /// When it first asked for the lock.
    asked: Duration,
    /// When it asked last, which is when it got it.
    began: Duration,
    /// Processor time of the thread by then.
    work: Duration,
}

thread_local! {
    static ATTEMPT: Cell<Option<WriteAttempt>> = const { Cell::new(None) };
}

/// How many statements this process has run.
pub(crate) fn statements_run() -> u64 {
    STATEMENTS.load(Ordering::Relaxed)
}

/// The longest that one transaction of this process held the lock since this was last asked: how much time passed, and
/// how much of it the processor worked for it.
pub(crate) fn take_longest_write() -> (Duration, Duration) {
    let take = |longest: &AtomicU64| Duration::from_micros(longest.swap(0, Ordering::Relaxed));
    (take(&LONGEST_PASSED), take(&LONGEST_BUSY))
}

pub(super) fn count_statements(connection: &Connection) {
    let events = TraceEventCodes::SQLITE_TRACE_STMT | TraceEventCodes::SQLITE_TRACE_PROFILE;
    connection.trace_v2(events, Some(note));
}

fn note(event: TraceEvent<'_>) {
    match event {
        TraceEvent::Stmt(_, sql) => {
            STATEMENTS.fetch_add(1, Ordering::Relaxed);
            if sql.starts_with("BEGIN IMMEDIATE") {
                let began = read(ClockId::Monotonic);
                let asked = ATTEMPT.get().map_or(began, |earlier| earlier.asked);
                ATTEMPT.set(Some(WriteAttempt { asked, began, work: read(ClockId::ThreadCPUTime) }));
            }
        }
        TraceEvent::Profile(statement, _) => {
            let ends = statement.sql();
            if ends.starts_with("COMMIT") || ends.starts_with("ROLLBACK") {
                note_end();
            }
        }
        _ => {}
    }
}

fn note_end() {
    let Some(attempt) = ATTEMPT.take() else { return };
    let passed = read(ClockId::Monotonic).saturating_sub(attempt.began);
    let busy = read(ClockId::ThreadCPUTime).saturating_sub(attempt.work);
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    LONGEST_PASSED.fetch_max(micros(passed), Ordering::Relaxed);
    LONGEST_BUSY.fetch_max(micros(busy), Ordering::Relaxed);
    if passed > LONG {
        tracing::debug!(?passed, ?busy, "a write transaction took long");
    }
    let waited = attempt.began.saturating_sub(attempt.asked);
    if waited > WAITED {
        tracing::debug!(?waited, "a write transaction waited for its turn");
    }
}

fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}
