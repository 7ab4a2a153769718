//! What a judgement says: the verdicts, the story, and what is to be done next.

use std::borrow::Cow;
use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::super::fact::FixedDeadline;
use super::super::handoff::Record;
use super::super::mails::{HandoffBrief, WantedMail};
use super::super::message::{Address, Mailbox, MessageId};
use super::super::outcomes::{MeetingOutcome, TouchKind};

/// State of the first touch. docs/interface.md, `baton show`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TouchState {
    Waiting,
    Touched,
    Breached,
    CannotSee,
    Undelivered,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Touch {
    pub state: TouchState,
    pub kind: Option<TouchKind>,
    pub at: Option<DateTime<Utc>>,
    pub late: bool,
    pub indirect: bool,
    pub personal: Option<bool>,
    pub message_id: Option<MessageId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CcState {
    Waiting,
    Kept,
    MovedToBcc,
    DroppedEarly,
    Dropped,
    DroppedAssumed,
    Lingering,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Cc {
    pub state: CcState,
    /// Verdict on the AE's first email: kept, moved to Bcc or dropped early.
    pub first: Option<CcState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AcceptanceState {
    None,
    Accepted,
    Refused,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Acceptance {
    pub state: AcceptanceState,
    pub at: Option<DateTime<Utc>>,
    pub owner_updated: bool,
    pub notes: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MeetingState {
    Planned,
    Moved,
    Cancelled,
    Over,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Meeting {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub state: MeetingState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeedbackState {
    NotDue,
    Requested,
    Received,
    Overdue,
    NotOwed,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Feedback {
    pub state: FeedbackState,
    pub outcome: Option<MeetingOutcome>,
    pub score: Option<u8>,
    pub wrong: Option<String>,
    pub at: Option<DateTime<Utc>>,
    pub due: Option<DateTime<Utc>>,
}

/// One event of the handoff's story, with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub at: DateTime<Utc>,
    /// A short name, such as `touch`, `prospect-wrote`, `intro-accepted`.
    pub what: Cow<'static, str>,
    /// Row of docs/behaviour.md section 5.
    pub rule: Option<u8>,
    pub message_id: Option<MessageId>,
    /// `account/folder`.
    pub folder: Option<String>,
    pub why: String,
}

/// The last look that is due: search the other folders of these accounts for mail from `from` to `to`.
#[derive(Clone, Debug, PartialEq)]
pub struct LastLook {
    pub deadline: DateTime<Utc>,
    pub accounts: Vec<String>,
    pub from: Vec<Address>,
    pub to: Vec<Address>,
    pub since: DateTime<Utc>,
}

/// The judgement waits until every watched folder of these accounts was read past an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwaitedReading {
    pub past: DateTime<Utc>,
    pub accounts: BTreeSet<String>,
}

/// What mail an open handoff may claim: the agent fetches and remembers by it.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Claim {
    /// Ids that make a message part of the thread, tokens and ids of baton's own mails included.
    pub ids: BTreeSet<MessageId>,
    pub tokens: BTreeSet<String>,
    /// UIDs of the meeting's invitations: an answer to one may name nobody but its author.
    pub events: BTreeSet<String>,
    pub conversations: BTreeSet<String>,
    /// AE (aliases and delegates), SDR, prospect contacts, addresses that were asked about.
    pub addresses: BTreeSet<Address>,
    /// The prospect contacts alone: a record of another handoff that reaches one is told there.
    pub prospects: BTreeSet<Address>,
    /// Names whose bearer may be the AE under another address.
    pub look_alikes: BTreeSet<String>,
    /// Its records, as `record_title` names them: whoever gets one, it is told for this handoff.
    pub records: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Acceptance of the first intro.
    pub sent_at: Option<DateTime<Utc>>,
    /// A failure of the last intro is known, whether or not the handoff is undelivered for it.
    pub intro_failed: bool,
    pub deadline: Option<DateTime<Utc>>,
    pub deadline_why: Option<String>,
    /// Of every clock so far. The code that judges notes those that are new, so that they stay what they are.
    pub fixed_deadlines: Vec<FixedDeadline>,
    /// The record as last corrected.
    pub record: Record,
    pub ae: String,
    pub prospects: Vec<Mailbox>,
    pub touch: Touch,
    pub cc: Cc,
    pub acceptance: Acceptance,
    pub meeting: Meeting,
    pub feedback: Feedback,
    pub away_until: Option<NaiveDate>,
    pub open: bool,
    pub story: Vec<Event>,
    /// Every mail that ought to exist by now.
    pub mails: Vec<WantedMail>,
    /// When the judgement could change by time alone.
    pub wake: Option<DateTime<Utc>>,
    pub last_look: Option<LastLook>,
    /// Since when an escalation waits for nothing but the clock to be confirmed.
    pub awaits_clock: Option<DateTime<Utc>>,
    /// When reading could change the judgement, whatever it brings.
    pub awaits: Option<AwaitedReading>,
    pub claim: Claim,
    /// Aliases taught by the SDR's `yes` (row 16): person and address.
    pub learnt_aliases: Vec<(String, Address)>,
    /// Mails whose words it rests on, by their ids: answers to baton's own mails.
    pub evidence: BTreeSet<MessageId>,
    /// One line on what happens next, and when.
    pub next: Option<(DateTime<Utc>, String)>,
    pub brief: HandoffBrief,
}

impl Judgement {
    /// The record as an intro would leave with now.
    pub fn current_record(&self) -> Record {
        self.with_present_meeting(self.record.clone())
    }

    /// A record of this handoff with the meeting's present time, unless it gives another time than the record in force.
    pub fn with_present_meeting(&self, mut record: Record) -> Record {
        let planned = &self.record.meeting;
        if record.meeting.start == planned.start && planned.start != self.meeting.start {
            let length = (self.meeting.end - self.meeting.start).num_seconds();
            record.meeting.start = self.meeting.start;
            record.meeting.local_start = None;
            record.meeting.length_seconds = u32::try_from(length).unwrap_or(record.meeting.length_seconds);
        }
        record
    }
}
