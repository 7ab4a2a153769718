//! The three questions of the audit, asked of past handoffs: was the record complete, was the first touch in time, did
//! the SDR get feedback. docs/behaviour.md section 10.
//!
//! `own` answers them for handoffs that baton made, from their judgements. `intro` tells which mails of a mailbox are
//! warm intros; `past` and its neighbours answer for those, by the same judgement. `figures` counts, `coaching` says what
//! to talk about, `weeks` groups by week.

pub(crate) mod coaching;
pub(crate) mod crm;
pub(crate) mod digest;
pub(crate) mod figures;
pub(crate) mod intro;
mod intro_names;
mod intro_text;
pub(crate) mod own;
pub(crate) mod past;
pub(crate) mod past_feedback;
pub(crate) mod past_handoff;
pub(crate) mod past_meeting;
pub(crate) mod past_record;
pub(crate) mod report;
#[cfg(test)]
mod tests;
pub(crate) mod weeks;

use chrono::{DateTime, Utc};

use super::judge::CcState;
use super::message::Address;
use super::outcomes::{MeetingOutcome, TouchKind};

/// Whether a complete handoff record exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum RecordAnswer {
    Complete,
    Incomplete,
    /// Mail shows none, which does not say that there was none.
    NotFound,
}

impl RecordAnswer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            RecordAnswer::Complete => "complete",
            RecordAnswer::Incomplete => "incomplete",
            RecordAnswer::NotFound => "no record found",
        }
    }
}

/// Whether the first touch came within the SLA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum TouchAnswer {
    InTime,
    Late,
    Never,
    /// The clock still runs, or nobody could have seen the touch; the evidence says which.
    CannotTell,
}

impl TouchAnswer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            TouchAnswer::InTime => "in time",
            TouchAnswer::Late => "late",
            TouchAnswer::Never => "never",
            TouchAnswer::CannotTell => "cannot tell",
        }
    }
}

/// Whether the SDR got feedback within 24 hours of the meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FeedbackAnswer {
    InTime,
    Late,
    Never,
    NotDue,
    CannotTell,
}

impl FeedbackAnswer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            FeedbackAnswer::InTime => "in time",
            FeedbackAnswer::Late => "late",
            FeedbackAnswer::Never => "never",
            FeedbackAnswer::NotDue => "not due",
            FeedbackAnswer::CannotTell => "cannot tell",
        }
    }
}

/// Where an audited handoff is known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AuditSource {
    /// baton made it.
    Baton,
    /// An intro that lies in a mailbox.
    Mail,
    /// A row of a CRM's export.
    Crm,
    /// Two of them.
    Both,
}

impl AuditSource {
    pub(crate) fn name(self) -> &'static str {
        match self {
            AuditSource::Baton => "baton",
            AuditSource::Mail => "mail",
            AuditSource::Crm => "crm",
            AuditSource::Both => "both",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AuditedTouch {
    pub answer: TouchAnswer,
    pub at: Option<DateTime<Utc>>,
    pub kind: Option<TouchKind>,
    pub personal: Option<bool>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AuditedFeedback {
    pub answer: FeedbackAnswer,
    pub at: Option<DateTime<Utc>>,
    pub due: Option<DateTime<Utc>>,
    pub outcome: Option<MeetingOutcome>,
    pub score: Option<u8>,
}

/// How the SDR prepared the handoff, as far as mail shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Preparation {
    /// The first mail between SDR and a prospect contact, before the handoff.
    pub first_contact: Option<DateTime<Utc>>,
    /// Trigger conditions that mail proves.
    pub proved: u32,
    /// Those that the SDR ticked and mail does not prove, although it could have.
    pub only_ticked: u32,
}

/// One handoff with its answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AuditedHandoff {
    /// `None`: baton did not make it.
    pub id: Option<String>,
    pub company: String,
    pub sdr: String,
    pub ae: String,
    pub prospects: Vec<Address>,
    pub sent_at: Option<DateTime<Utc>>,
    pub deadline: Option<DateTime<Utc>>,
    pub record: RecordAnswer,
    pub touch: AuditedTouch,
    pub feedback: AuditedFeedback,
    /// `None`: nobody could have seen it.
    pub acknowledged: Option<bool>,
    /// The verdict on the AE's first email, and the last one.
    pub cc_first: Option<CcState>,
    pub cc: CcState,
    pub preparation: Option<Preparation>,
    /// The prospect waits for the AE's first touch.
    pub waits: bool,
    pub source: AuditSource,
    /// One sentence each, in plain words.
    pub evidence: Vec<String>,
    /// The row of the CRM's file.
    pub line: Option<u64>,
}

impl AuditedHandoff {
    /// Seconds from the intro to the first touch.
    pub(crate) fn seconds_to_touch(&self) -> Option<i64> {
        Some((self.touch.at? - self.sent_at?).num_seconds().max(0))
    }

    /// Seconds from the intro to the deadline.
    pub(crate) fn seconds_allowed(&self) -> Option<i64> {
        Some((self.deadline? - self.sent_at?).num_seconds().max(0))
    }

    /// Days from the first contact to the handoff.
    pub(crate) fn days_to_handoff(&self) -> Option<f64> {
        let first = self.preparation.as_ref()?.first_contact?;
        Some((self.sent_at? - first).num_seconds().max(0) as f64 / 86_400.0)
    }

    /// Whether the touch was in time, where that is settled.
    pub(crate) fn was_in_time(&self) -> Option<bool> {
        match self.touch.answer {
            TouchAnswer::InTime => Some(true),
            TouchAnswer::Late | TouchAnswer::Never => Some(false),
            TouchAnswer::CannotTell => None,
        }
    }

    /// Whether the SDR got the feedback that was owed, late or not, where that is settled.
    pub(crate) fn had_feedback(&self) -> Option<bool> {
        match self.feedback.answer {
            FeedbackAnswer::InTime | FeedbackAnswer::Late => Some(true),
            FeedbackAnswer::Never => Some(false),
            FeedbackAnswer::NotDue | FeedbackAnswer::CannotTell => None,
        }
    }
}

/// Newest first; those without an intro that left come first of all.
pub(crate) fn newest_first(handoffs: &mut [AuditedHandoff]) {
    handoffs.sort_by(|a, b| {
        let at = |one: &AuditedHandoff| one.sent_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
        at(b).cmp(&at(a)).then_with(|| a.id.cmp(&b.id))
    });
}
