//! How long writing waits for other programs that hold the database, and what of that is to be told.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::LONG_WAIT;

#[derive(Debug, Default)]
pub(super) struct WriteWaits {
    is_endless: AtomicBool,
    /// The wait that is going on was said in the log.
    is_logged: AtomicBool,
    /// Of the longest wait that nobody has been told of; 0: there is none.
    longest_ms: AtomicU64,
}

impl WriteWaits {
    pub(super) fn wait_without_end(&self) {
        self.is_endless.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_endless(&self) -> bool {
        self.is_endless.load(Ordering::Relaxed)
    }

    /// It has waited for so long, and goes on waiting.
    pub(super) fn note(&self, waited: Duration) {
        if waited >= LONG_WAIT && !self.is_logged.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "another program keeps the database locked; nothing is read or sent until it is free"
            );
        }
    }

    pub(super) fn end(&self, waited: Duration) {
        self.is_logged.store(false, Ordering::Relaxed);
        if waited >= LONG_WAIT {
            let waited = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
            self.longest_ms.fetch_max(waited, Ordering::Relaxed);
        }
    }

    pub(super) fn take_long(&self) -> Option<Duration> {
        let waited = self.longest_ms.swap(0, Ordering::Relaxed);
        (waited > 0).then(|| Duration::from_millis(waited))
    }
}
