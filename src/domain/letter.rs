//! What baton answers to letters: the vocabulary of docs/behaviour.md sections 13 and 14.
//!
//! A letter is a mail that a configured person writes to baton. These types say what an answer has to say; who may
//! ask for what, and what a letter means, is decided in `agent::letters`.

use chrono::{DateTime, TimeDelta, Utc};

use super::message::{Address, Mailbox, MessageId};

/// Why a form is as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormOrigin {
    /// Nobody was named.
    Blank,
    /// It is filled in with what mail with this prospect proves: an address, or a company's domain.
    Prospect(String),
    /// Somebody was named for whom nothing can be filled in, and why, a sentence.
    NotFilledIn { named: String, why: String },
}

/// The record to fill in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFormBrief {
    pub origin: FormOrigin,
    /// The form as `baton new` writes it, notes included.
    pub record_text: String,
}

/// One thing to fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFault {
    /// The line as its author wrote it; `None`: the record as a whole.
    pub line: Option<String>,
    pub reason: String,
    /// What to do about it, may be empty.
    pub help: Vec<String>,
    pub example: Option<String>,
}

/// Why a record cannot leave yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordFaultsBrief {
    pub company: Option<String>,
    /// What came before the faults: why a yes did not count, and who wrote it.
    pub note: Option<String>,
    pub faults: Vec<RecordFault>,
    pub warnings: Vec<RecordFault>,
    /// What of the letter was taken over, and what could not be read.
    pub understood: Vec<String>,
    pub not_understood: Vec<String>,
    /// Words that can be answered beside the corrected lines: `close` and `resend` for a duplicate.
    pub offers: Vec<String>,
    /// The record as it was read.
    pub record_text: String,
}

/// The intro as it would leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntroBrief {
    pub from: Mailbox,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    pub subject: String,
    pub text: String,
}

/// A trigger condition and what mail says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionBrief {
    pub text: String,
    /// A sentence that names the mail; `None`: ticked, and mail says nothing.
    pub proved_by: Option<String>,
}

/// A record that may leave, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordReadyBrief {
    pub company: String,
    pub ae: String,
    pub note: Option<String>,
    pub intro: IntroBrief,
    /// The first touch's deadline if it were sent now; `None`: its clock would not start.
    pub deadline: Option<DateTime<Utc>>,
    pub deadline_why: String,
    pub conditions: Vec<ConditionBrief>,
    pub warnings: Vec<RecordFault>,
    pub understood: Vec<String>,
    pub not_understood: Vec<String>,
    /// The intro of an open handoff leaves once more.
    pub again: bool,
    pub record_text: String,
}

/// What became of an intro that was to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendFailure {
    /// It has left to nobody, and no handoff remains.
    Refused,
    /// A server said `later`: the handoff stands, the clock does not run yet.
    Deferred,
    /// Nobody can tell; it must not be sent again.
    Uncertain,
}

/// What was to be sent could not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SendFailedBrief {
    pub company: String,
    pub failure: SendFailure,
    pub reason: String,
    /// Addresses that were named, with the server's words.
    pub addresses: Vec<(Address, String)>,
    pub record_text: String,
    /// It was to be sent again, and its handoff stands as before.
    pub stands: Option<bool>,
}

/// What was asked for has been done, or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoneBrief {
    pub company: String,
    /// The words that were read.
    pub words: String,
    /// Whether it was done.
    pub done: bool,
    /// What is so now, or why it could not be done: a sentence.
    pub outcome: String,
    /// What to answer instead, sentences; may be empty.
    pub instead: Vec<String>,
    /// The SDR has a copy.
    pub sdr: String,
}

/// One open handoff of the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverviewLine {
    pub company: String,
    /// The handoff's id, where the company's name means several of the reader's.
    pub id: Option<String>,
    pub sdr: String,
    pub ae: String,
    /// How it stands, a fragment: `waiting for Calvin's first email, due today, 5:00 pm`.
    pub state: String,
    /// What waits for the reader in it, a fragment: `reply to Sarah`.
    pub part: Option<String>,
}

/// The reader's open handoffs, most urgent first, or the story of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverviewBrief {
    /// What was asked for after `status`.
    pub asked: Option<String>,
    pub lines: Vec<OverviewLine>,
    /// The story, where one handoff was asked for and found: time and sentence.
    pub story: Vec<(DateTime<Utc>, String)>,
}

/// What a person may write to baton.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetterWriter {
    pub is_sdr: bool,
    pub is_ae: bool,
    pub is_manager: bool,
    pub is_operator: bool,
}

/// A mail of somebody else's inside of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardedMail {
    pub from: Mailbox,
    /// What its author wrote.
    pub text: String,
    /// Signature, footers and banners of it.
    pub extras: String,
}

/// One letter, as it was read. Addresses and words are as in its headers and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// The same for every copy.
    pub identity: String,
    pub message_id: Option<MessageId>,
    /// When a server first had it.
    pub at: DateTime<Utc>,
    /// The configured name of its author, or the operator's address where that is nobody's.
    pub writer: String,
    pub from: Address,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub subject: String,
    pub base_subject: String,
    /// What the author wrote, quotation and signature aside.
    pub own_words: String,
    /// The emoji, where it is a reaction.
    pub reaction: Option<String>,
    /// Everything that can be read in it, quotations with their marks, tables with bars.
    pub text: String,
    /// Texts that are attached.
    pub attachments: Vec<String>,
    /// The author of the mail that it forwards.
    pub forwarded_from: Option<Address>,
    /// That mail; `None` also where the letter was kept before it was.
    pub forwarded: Option<ForwardedMail>,
    /// What it answers, by id.
    pub cited: Vec<MessageId>,
}

/// How long drafts are kept without a letter. docs/behaviour.md section 13.
pub(crate) const DRAFT_KEPT: TimeDelta = TimeDelta::days(14);

/// How far a draft has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum DraftState {
    Faulty,
    /// It could leave.
    Ready,
    /// Nobody said yes in time.
    Expired,
    /// A handoff was made from it.
    Sent,
    /// Its SDR or the operator dropped it.
    Dropped,
}

impl DraftState {
    pub(crate) const ALL: [DraftState; 5] =
        [DraftState::Faulty, DraftState::Ready, DraftState::Expired, DraftState::Sent, DraftState::Dropped];

    /// The name in `baton drafts --json`, and in the store.
    pub(crate) fn name(self) -> &'static str {
        match self {
            DraftState::Faulty => "faulty",
            DraftState::Ready => "ready",
            DraftState::Expired => "expired",
            DraftState::Sent => "sent",
            DraftState::Dropped => "dropped",
        }
    }

    /// Whether letters still change it.
    pub(crate) fn is_kept(self) -> bool {
        matches!(self, DraftState::Faulty | DraftState::Ready)
    }
}

/// A record that was handed in by mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    /// Short and unique, such as `draft-7k2f`.
    pub id: String,
    pub sdr: String,
    /// What the record calls the company; may be empty.
    pub company: String,
    pub state: DraftState,
    /// The record as it was read last.
    pub record_text: String,
    /// The handoff made from it, or the one whose intro leaves once more.
    pub handoff: Option<String>,
    pub resends: bool,
    pub made_at: DateTime<Utc>,
    /// Of its last letter.
    pub letter_at: DateTime<Utc>,
}

impl Draft {
    /// The draft as it stands at `now`: it expires by time alone, whenever that is written down.
    pub(crate) fn standing_at(self, now: DateTime<Utc>) -> Self {
        let is_over = self.state.is_kept() && self.letter_at + DRAFT_KEPT <= now;
        if is_over { Self { state: DraftState::Expired, ..self } } else { self }
    }

    /// Nothing of its record is kept any more.
    pub(crate) fn is_gone(&self) -> bool {
        self.state == DraftState::Expired && self.record_text.is_empty()
    }
}
