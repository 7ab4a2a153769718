//! A handoff that baton did not make, as it was found.

use chrono::{DateTime, Duration, Utc};

use super::super::message::{Mailbox, MessageId};
use super::AuditSource;

/// A handoff that was found in the mail, or that a CRM tells of.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PastHandoff {
    pub company: String,
    pub sdr: String,
    pub ae: String,
    pub prospects: Vec<Mailbox>,
    pub at: DateTime<Utc>,
    /// The last instant at which it may have been, where only its day is known.
    pub latest: Option<DateTime<Utc>>,
    pub intro: Option<MessageId>,
    /// Where it is known from.
    pub source: AuditSource,
    /// One sentence each.
    pub evidence: Vec<String>,
    /// Start of the meeting and its length, where something other than an invitation tells.
    pub meeting: Option<(DateTime<Utc>, Duration)>,
    pub line: Option<u64>,
}
