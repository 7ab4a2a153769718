//! What was seen or said, in the past tense. Facts are appended, never changed; everything else is
//! computed from them by `judge`. A fact is unique by its handoff and source.
//!
//! Known limit: watermarks and outages are kept by the store as one row for each folder and handed over as
//! facts; only their latest value exists.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::handoff::Record;
use super::mails::MailKey;
use super::message::{Address, Message, MessageId};
pub use super::outcomes::{MeetingOutcome, TouchKind};

/// Something that happened at `at`, by the clock of the one that had it first: the mail server for mail, the
/// person for a statement, baton for its own acts. Whole seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    pub at: DateTime<Utc>,
    pub what: FactKind,
}

/// The reason that stands for a server's answer where a person took a mail out of the outbox that had not left.
pub(crate) const DROPPED_BY_HAND: &str = "dropped by hand";
/// How the reason begins that stands for a server's answer where baton itself held an intro back.
pub(crate) const HELD_BACK: &str = "not sent: ";
/// The same for a mail of which nobody could tell whether it had left.
pub(crate) const LET_BE: &str = "let be";
/// What the outbox says of such a mail.
pub(crate) const LET_BE_ERROR: &str = "nobody knows whether it left; let be by hand";

#[derive(Clone, Debug, PartialEq)]
pub enum FactKind {
    /// A person asked that the intro leave: `send` is sending 1, each `resend` one more. `record` is the
    /// record that this sending is made from, where it was corrected.
    IntroAsked { sending: u32, record: Option<Box<Record>> },
    /// A row of the outbox exists: answers to it can be known by `token`, also before its fate is.
    MailMade { key: MailKey, message_id: MessageId, token: String },
    /// The SMTP server accepted a mail. `ids` are further ids that it goes by.
    MailLeft { key: MailKey, message_id: MessageId, ids: Vec<MessageId>, token: String, to: Vec<Address> },
    /// Nobody can tell whether a mail has left, though everything goes on as if it had.
    MailInDoubt { key: MailKey },
    /// A mail was refused for good; nobody of `refused` will get it.
    MailRefused { key: MailKey, refused: Vec<(Address, String)> },
    /// One mail in a watched folder, with every copy known of it. `at` is not used: a message's own time
    /// follows from its copies.
    MessageSeen(Arc<Message>),
    /// The message belongs to another handoff's thread.
    InOtherThread { message: MessageId },
    /// The record that the message carries is another handoff's, for which that is told.
    RecordOfOther { message: MessageId },
    /// The message, which may carry this handoff's record, names prospect contacts of others.
    NamesOthersProspects { message: MessageId, addresses: Vec<Address> },
    /// These folders of an account are watched, so all must be read before anybody is accused.
    FoldersWatched { account: String, folders: Vec<String> },
    /// A folder was read successfully up to the present at `at`.
    FolderReadUntil { account: String, folder: String },
    /// An outage: `at` is the first failed attempt. `ended` is the first good one after it.
    Outage { account: String, ended: Option<DateTime<Utc>> },
    /// A clock has started, and this is its deadline from then on.
    DeadlineFixed(FixedDeadline),
    /// The other folders of the watched accounts were looked through for the AE's mail to the prospect.
    LastLook { deadline: DateTime<Utc>, refused: Vec<String> },
    /// The wall clock jumped ahead and nothing has confirmed it yet.
    ClockInDoubt,
    /// An address was taught to be somebody's (row 16 answered `yes`).
    AliasTaught { person: String, address: Address },
    /// A person of the handoff had this address while it was open.
    AddressHeld { person: String, address: Address },
    /// An AE of the handoff had this delegate while it was open.
    DelegateHeld { ae: String, address: Address },
    /// A person's word, from the command line.
    Said(Statement),
}

/// A correction by `baton touch`, `accept`, `meeting`, `feedback`, `close` or `reassign`.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Unique for each call, so that the same words twice are two facts.
    pub id: String,
    pub why: String,
    pub says: StatementKind,
    /// The letter in which it was said; `None`: on the command line.
    pub letter: Option<MessageId>,
    /// When baton read that letter, where that was long after it was written: what it brings about begins then.
    pub read_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// The first touch happened at `at`, by what is known now.
    Touched {
        at: DateTime<Utc>,
        kind: TouchKind,
        message: Option<MessageId>,
    },
    /// This message is no touch (`None`: whatever was taken for the touch so far is none).
    NotTouched {
        message: Option<MessageId>,
    },
    Accepted {
        notes: Option<String>,
        owner_updated: bool,
    },
    NotAccepted,
    MeetingMoved {
        start: DateTime<Utc>,
        length_seconds: Option<u32>,
    },
    MeetingCancelled,
    Feedback {
        outcome: Option<MeetingOutcome>,
        score: Option<u8>,
        wrong: Option<String>,
    },
    Closed,
    Reopened,
    Reassigned {
        ae: String,
    },
}

/// The deadline of a clock, as it was counted at its start; row 13's floor is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedDeadline {
    pub started: DateTime<Utc>,
    pub ae: String,
    pub deadline: DateTime<Utc>,
    pub why: String,
}
