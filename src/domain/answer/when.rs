//! A new time in an answer, such as `Tue 1 Dec 14:00` or `next Thursday 3pm`.

use chrono::{DateTime, Utc};

use super::super::zone::Zone;

/// The instant that `words` name, counted from `at` in `zone`; `None` where there is none or several
/// readings are possible.
pub fn new_start(words: &str, at: DateTime<Utc>, zone: &dyn Zone) -> Option<DateTime<Utc>> {
    let _ = (words, at, zone);
    None
}
