//! A handoff record that lies in a mailbox or in the rows of a CRM, as far as an audit asks.

use chrono::{DateTime, Duration, Utc};

use super::super::message::Address;
use super::RecordAnswer;
use super::past_handoff::PastHandoff;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordState {
    Complete,
    Incomplete,
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FoundRecord {
    pub at: DateTime<Utc>,
    pub state: RecordState,
    /// Where it was found and what it lacks, in plain words.
    pub sentence: String,
    pub company: String,
    /// Its SDR ticked the trigger conditions.
    pub has_ticks: bool,
    /// Addresses that it names.
    pub addresses: Vec<Address>,
    pub pain: String,
    pub agenda: String,
    pub meeting: Option<(DateTime<Utc>, Duration)>,
}

/// A record is made shortly before its handoff, or written down shortly after.
const MOST_DAYS_APART: i64 = 14;

impl FoundRecord {
    pub(crate) fn answer(&self) -> RecordAnswer {
        match self.state {
            RecordState::Complete => RecordAnswer::Complete,
            RecordState::Incomplete => RecordAnswer::Incomplete,
        }
    }

    /// Whether it is the record of this handoff: by an address, else by the company.
    pub(crate) fn is_of(&self, past: &PastHandoff) -> bool {
        let apart = (self.at - past.at).num_days().abs();
        let names_prospect = past.prospects.iter().any(|one| self.addresses.contains(&one.address));
        let company = self.company.to_lowercase();
        apart <= MOST_DAYS_APART
            && (names_prospect || !company.is_empty() && company == past.company.to_lowercase())
    }
}
