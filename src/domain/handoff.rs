//! A handoff and the record that it was made from. docs/behaviour.md sections 1 and 2.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::message::Mailbox;

/// Role of a stakeholder in the deal. docs/behaviour.md section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DealRole {
    DecisionMaker,
    Evaluator,
    Gatekeeper,
    EndUser,
    Champion,
}

impl DealRole {
    pub(crate) fn name(self) -> &'static str {
        match self {
            DealRole::DecisionMaker => "decision-maker",
            DealRole::Evaluator => "evaluator",
            DealRole::Gatekeeper => "gatekeeper",
            DealRole::EndUser => "end user",
            DealRole::Champion => "champion",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stakeholder {
    pub name: String,
    /// `unknown` where the record says so.
    pub title: String,
    pub role: DealRole,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    pub objection: String,
    pub handled: String,
}

/// The first meeting, as the record has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedMeeting {
    pub start: DateTime<Utc>,
    /// What clocks in `zone` show then; `None` in records from before it was kept.
    pub local_start: Option<NaiveDateTime>,
    /// Whole seconds, more than 0.
    pub length_seconds: u32,
    /// IANA name of the zone that the record gives the time in.
    pub zone: String,
    pub format: String,
    pub attendees: Vec<Mailbox>,
    pub agenda: String,
}

/// A handoff record that passed every check. Names are as the file has them, people's as configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub company: String,
    /// The date in the record's first line.
    pub date: NaiveDate,
    pub sdr: String,
    pub ae: String,
    /// The trigger conditions, all ticked.
    pub conditions: Vec<String>,
    pub pain: String,
    pub meeting: PlannedMeeting,
    pub stakeholders: Vec<Stakeholder>,
    /// Empty: none raised.
    pub objections: Vec<Objection>,
    /// `none mentioned`, or who was named.
    pub competitor: String,
    /// Whom the intro is written to, at least one, each with a name.
    pub to: Vec<Mailbox>,
    pub discussed: String,
    pub why_this_ae: String,
    pub what_to_expect: String,
}

impl Record {
    /// The same with another AE. What it says of the former one is not true of them: their standing line takes
    /// its place, or nothing.
    #[must_use]
    pub(crate) fn given_to(&self, ae: &str, introduce: Option<&str>) -> Self {
        if self.ae == ae {
            return self.clone();
        }
        let why_this_ae = introduce.unwrap_or_default().to_owned();
        Self { ae: ae.to_owned(), why_this_ae, ..self.clone() }
    }
}

/// One prospect account going from one SDR to one AE, as it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Handoff {
    /// Short and unique, such as `acme-7k2f`.
    pub id: String,
    /// The record that it was sent with first; later ones are facts.
    pub record: Record,
    pub created_at: DateTime<Utc>,
}
