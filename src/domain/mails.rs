//! The mails that baton writes: what each is about, whom it goes to and what it has to say. docs/behaviour.md
//! section 12. What holds for all mail of a kind is in `mail_kinds`; wording is `templates`' business, delivery
//! the agent's.

use chrono::{DateTime, NaiveDate, Utc};

use super::handoff::Record;
pub use super::letter::{
    ConditionBrief, DoneBrief, FormOrigin, IntroBrief, LetterWriter, OverviewBrief, OverviewLine,
    RecordFault, RecordFaultsBrief, RecordFormBrief, RecordReadyBrief, SendFailedBrief, SendFailure,
};
use super::mail_kinds::mail_kinds;
pub use super::mail_kinds::{Audience, MailKind, Voice};
use super::message::{Address, Mailbox, MessageId};
use super::outcomes::{MeetingOutcome, TouchKind};

/// What a mail is and what it is about: one mail for each key, ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MailKey {
    pub kind: MailKind,
    /// Clock, message, AE, meeting, ... as section 12's last column says; stable over restarts.
    pub about: String,
}

/// One mail that ought to exist by now.
#[derive(Clone, Debug, PartialEq)]
pub struct WantedMail {
    pub key: MailKey,
    pub from: Voice,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    /// It waits for its reader's working hours until then; `None`: it leaves at once.
    pub not_before: Option<DateTime<Utc>>,
    pub brief: MailBrief,
}

/// Who owes the first touch by when.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockBrief {
    /// Name of the AE whom it runs for.
    pub ae: String,
    pub handed_over: DateTime<Utc>,
    pub deadline: DateTime<Utc>,
    pub why: String,
}

/// One mailbox that was read for a verdict.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadBrief {
    pub account: String,
    pub read_until: DateTime<Utc>,
}

/// The touch, as a mail tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct TouchBrief {
    pub at: DateTime<Utc>,
    pub kind: TouchKind,
    pub evidence: TouchEvidence,
}

/// How a touch is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TouchEvidence {
    /// A mail, whose time is that of the touch.
    Mail,
    /// A prospect's answer to a mail that nobody saw: it was before the answer.
    ProspectsAnswer,
    AesWord,
    /// Somebody else's word.
    AnothersWord,
}

/// The feedback that was understood.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FeedbackBrief {
    pub outcome: Option<MeetingOutcome>,
    pub score: Option<u8>,
    pub wrong: Option<String>,
    pub new_start: Option<DateTime<Utc>>,
}

/// What is asked where an answer to the feedback request was not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeedbackQuestion {
    /// It could not be read.
    Unreadable,
    /// `rescheduled`, but to when?
    NewTime,
}

/// The meeting as it stands now.
#[derive(Clone, Debug, PartialEq)]
pub struct MeetingBrief {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

/// What a mail has to say, for each kind; who is who comes from the handoff.
#[derive(Clone, Debug, PartialEq)]
pub enum MailBrief {
    Intro {
        sending: u32,
    },
    Record {
        clock: Option<ClockBrief>,
        corrected: bool,
    },
    Reminder {
        clock: ClockBrief,
        prospect_wrote: Option<DateTime<Utc>>,
        meeting_first: bool,
    },
    Escalation {
        clock: ClockBrief,
        read: Vec<ReadBrief>,
        /// Folders that refused the last look.
        refused: Vec<String>,
        ae_watched: bool,
        /// Addresses that an open question of row 15 or 16 is about.
        asked_about: Vec<Address>,
        away_until: Option<NaiveDate>,
        prospect_wrote: Option<DateTime<Utc>>,
        /// When the AE wrote what came back undelivered.
        came_back: Option<DateTime<Utc>>,
        /// When whoever is AE now wrote to the prospect before the handoff was theirs.
        wrote_before: Option<DateTime<Utc>>,
    },
    LateTouch {
        clock: ClockBrief,
        touch: TouchBrief,
    },
    Withdrawal {
        clock: ClockBrief,
        reason: WithdrawalReason,
    },
    NotReceived {
        at: DateTime<Utc>,
        to: Vec<Address>,
        empty: bool,
    },
    Away {
        until: Option<NaiveDate>,
        clock: ClockBrief,
    },
    IntroBounced {
        failed: Vec<(Address, String)>,
        /// What is known to be no address from other reports.
        also_failed: Vec<Address>,
        clock: ClockAfterFailure,
        /// A person gave it up, and no server.
        dropped: Option<DroppedIntro>,
    },
    TouchBounced {
        at: DateTime<Utc>,
        failed: Vec<(Address, String)>,
        /// `None`: another touch stands, or the intro has failed.
        clock: Option<ClockBrief>,
    },
    Suspicious {
        from: Address,
        at: DateTime<Utc>,
        subject: String,
    },
    WhoIsThis {
        name: String,
        address: Address,
        at: DateTime<Utc>,
        words: String,
    },
    Stated {
        at: DateTime<Utc>,
        words: String,
    },
    Refused {
        at: DateTime<Utc>,
        words: String,
    },
    Lingering {
        at: DateTime<Utc>,
    },
    Chatter {
        at: DateTime<Utc>,
        found: String,
    },
    RecordLeaked {
        at: DateTime<Utc>,
        to: Vec<Address>,
    },
    MeetingDeclined {
        meeting: MeetingBrief,
        declined: Vec<Mailbox>,
    },
    FeedbackRequest {
        meeting: MeetingBrief,
        due: DateTime<Utc>,
    },
    FeedbackQuestion {
        question: FeedbackQuestion,
        meeting: MeetingBrief,
        words: String,
    },
    FeedbackThanks {
        feedback: FeedbackBrief,
        meeting: MeetingBrief,
        words: String,
    },
    FeedbackReminder {
        meeting: MeetingBrief,
        due: DateTime<Utc>,
    },
    FeedbackOverdue {
        /// Name of the AE who owes it: another may have the handoff by now.
        ae: String,
        meeting: MeetingBrief,
        due: DateTime<Utc>,
        read: Vec<ReadBrief>,
    },
    CannotSee {
        account: String,
        since: DateTime<Utc>,
        companies: Vec<String>,
    },
    CanSee {
        account: String,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    },
    Trouble {
        what: String,
        detail: String,
        remedy: String,
    },
    Digest(Box<DigestBrief>),
    TimeCheck {
        /// Since when the clock is in doubt.
        since: DateTime<Utc>,
    },
    RecordForm(Box<RecordFormBrief>),
    RecordFaults(Box<RecordFaultsBrief>),
    RecordReady(Box<RecordReadyBrief>),
    SendFailed(Box<SendFailedBrief>),
    Done(DoneBrief),
    Overview(Box<OverviewBrief>),
    Help {
        /// What this reader may write.
        reader: LetterWriter,
    },
}

macro_rules! briefs_by_kind {
    ($({ $kind:ident $name:literal $title:literal $($column:tt)* })+) => {
        impl MailBrief {
            /// The kind of mail that says it: each kind has a brief of its own.
            pub(crate) fn kind(&self) -> MailKind {
                match self {
                    $(MailBrief::$kind { .. } => MailKind::$kind,)+
                }
            }
        }
    };
}

mail_kinds!(briefs_by_kind);

/// Why an escalation was wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum WithdrawalReason {
    /// The touch was in time after all.
    Touched(TouchBrief),
    /// The intro had reached neither the AE nor a prospect contact.
    NotDelivered,
    /// The clock had been stopped before its deadline.
    Stopped,
}

/// A manager's week.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DigestBrief {
    pub from: Option<NaiveDate>,
    pub until: Option<NaiveDate>,
    /// Handoffs that were new in the week.
    pub handoffs: usize,
    /// How many of them were touched in time, of those of which that is known.
    pub in_time: (usize, usize),
    /// How much feedback was given, of what was due in the week.
    pub feedback: (usize, usize),
    /// Whose first touch is still awaited, the most urgent first.
    pub waiting: Vec<DigestWaiting>,
    /// One sentence each, the most urgent first.
    pub coaching: Vec<String>,
}

/// A handoff whose first touch is awaited.
#[derive(Clone, Debug, PartialEq)]
pub struct DigestWaiting {
    pub company: String,
    pub sdr: String,
    pub ae: String,
    pub deadline: Option<DateTime<Utc>>,
}

/// What was known of an intro when a person gave it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DroppedIntro {
    /// It has left to nobody.
    HasNotLeft,
    /// Nobody could tell whether it had left.
    MayHaveLeft,
}

/// What a failure of the intro means for the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClockAfterFailure {
    /// It stands until the intro is sent again.
    Stopped,
    /// Others have the intro: it runs on.
    RunsOn,
    /// A touch ended it before; `reached_others`: some of the prospect contacts have the intro.
    Touched { reached_others: bool },
    /// It was an earlier sending that failed.
    SentAgain,
    /// Only an AE who has the handoff no more did not get it.
    FormerAe { touched: bool },
}

/// Everything about the handoff that any mail may mention.
#[derive(Clone, Debug, PartialEq)]
pub struct HandoffBrief {
    pub id: String,
    pub record: Record,
    /// Name of the AE now responsible.
    pub ae: String,
    /// Name of the AE whom the last intro introduced.
    pub introduced: String,
    pub meeting: MeetingBrief,
    pub is_cancelled: bool,
    pub sent_at: Option<DateTime<Utc>>,
    pub intro_id: Option<MessageId>,
}
