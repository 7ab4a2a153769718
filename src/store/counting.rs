//! How many SQL statements are run: for the growth test and the growth benchmark.

use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

static STATEMENTS: AtomicU64 = AtomicU64::new(0);

/// How many statements this process has run.
pub(crate) fn statements_run() -> u64 {
    STATEMENTS.load(Ordering::Relaxed)
}

pub(super) fn count_statements(connection: &Connection) {
    let count = |_: TraceEvent<'_>| {
        STATEMENTS.fetch_add(1, Ordering::Relaxed);
    };
    connection.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(count));
}
