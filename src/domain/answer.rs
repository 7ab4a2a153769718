//! What people mean when they answer one of baton's mails. behaviour.md sections 5, 8 and 9.

use chrono::{DateTime, Utc};

use super::fact::Outcome;
use super::zone::Zone;

/// What the AE says of the handoff, in answer to the record, a reminder or a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Stance {
    /// "done", "called her this morning", "met them already".
    pub done: bool,
    /// "not mine", "please give this to somebody else".
    pub refuses: bool,
    /// Nothing but a question.
    pub only_asks: bool,
    /// "owner updated".
    pub owner_updated: bool,
    /// Nothing was said at all, or a reaction that is no assent.
    pub silent: bool,
}

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

/// Reads the AE's stance from the author's own words, or from a reaction's emoji.
pub fn stance(words: &str, reaction: Option<&str>) -> Stance {
    let _ = reaction;
    let lower = words.to_lowercase();
    Stance {
        done: lower.trim_start().starts_with("done"),
        refuses: lower.contains("not mine"),
        only_asks: lower.trim_end().ends_with('?'),
        owner_updated: lower.contains("owner updated"),
        silent: words.trim().is_empty() && reaction.is_none(),
    }
}

/// `yes` or `no` to a question, `None` where it is neither.
pub fn yes_or_no(words: &str) -> Option<bool> {
    let first = words.split_whitespace().next()?.to_lowercase();
    match first.trim_matches(|c: char| !c.is_alphanumeric()) {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
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
