//! Remembers the earliest future instant that a judgement asked about: when it could change by time alone.

use std::cell::Cell;

use chrono::{DateTime, Utc};

/// `now`, and the earliest later instant that was compared with it.
#[derive(Debug)]
pub(super) struct Wake {
    pub now: DateTime<Utc>,
    next: Cell<Option<DateTime<Utc>>>,
}

impl Wake {
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        Self { now, next: Cell::new(None) }
    }

    /// Whether `at` has come; if not, the judgement is to be made again then.
    pub(crate) fn has_come(&self, at: DateTime<Utc>) -> bool {
        if at <= self.now {
            return true;
        }
        self.next.set(Some(self.next.get().map_or(at, |next| next.min(at))));
        false
    }

    pub(crate) fn next(&self) -> Option<DateTime<Utc>> {
        self.next.get()
    }
}
