//! A handoff that baton did not make, as it was found, and its meeting.

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
    /// The meeting that the intro names. What is no more than that makes no invitation one to a known meeting.
    pub named_meeting: Option<FoundMeeting>,
    pub line: Option<u64>,
}

/// A meeting, and the message that tells of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FoundMeeting {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub fate: MeetingFate,
    /// One sentence.
    pub why: String,
}

/// What became of a meeting before it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MeetingFate {
    Planned,
    Cancelled,
    /// Another time was asked for, and which one it became nobody can tell.
    Unsettled,
}
