//! The answer to a letter, as it waits to be sent. docs/behaviour.md sections 13 and 14.

use chrono::{DateTime, Utc};

use super::mails::MailBrief;

/// What a mail that answers a letter says, and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LetterAnswer {
    /// Place of the letter in the store.
    pub letter: i64,
    /// Whom it answers.
    pub reader: String,
    pub at: DateTime<Utc>,
    pub draft: Option<String>,
    pub handoff: Option<String>,
    pub brief: MailBrief,
    /// Of a `record-ready`: the digest of the intro that it shows.
    pub shown: Option<String>,
}
