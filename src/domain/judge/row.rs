//! The rows of docs/behaviour.md section 5 and their numbers.

use chrono::{DateTime, Utc};

use super::super::message::MessageId;

/// What a message was found to be.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum MessageRow {
    /// 1, 2, 10: the AE wrote to a prospect contact.
    Wrote(AeWriting),
    /// 3: the prospect was not among the recipients.
    MissedProspect,
    /// 4: the AE is away.
    Away,
    /// 5: an invitation by the AE, or a prospect's reply to one.
    Invite,
    /// 6: about the record's own meeting.
    OwnMeeting,
    /// 7: the AE's calendar reply, a receipt or a reaction.
    ReceiptOrReaction,
    /// 8: a scheduling tool's confirmation.
    Scheduled,
    /// 9: nothing but quotation and signature.
    QuotationOnly,
    /// 11: a prospect wrote; `Some`: and that proves an earlier touch.
    ProspectWrote(Option<TouchProof>),
    /// 12: the intro could not be delivered to these addresses.
    IntroFailed { sending: u32 },
    /// 13: the AE's message could not be delivered.
    TouchFailed { message: MessageId },
    /// 14: a colleague of the AE.
    Colleague,
    /// 15: From is the AE, but the server says otherwise.
    Suspicious,
    /// 16: an outside address under the AE's name.
    LookAlike,
    /// 17: before the handoff.
    BeforeHandoff,
    /// The SDR wrote.
    SdrWrote,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AeWriting {
    Reply,
    NewThread,
    Video,
}

/// Row 11: how a prospect's mail proves that the AE has written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TouchProof {
    pub at: Option<DateTime<Utc>>,
    pub how: TouchProofKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TouchProofKind {
    Quoted,
    UnseenId,
}

impl MessageRow {
    /// The row's number.
    pub(crate) fn number(&self) -> Option<u8> {
        Some(match self {
            MessageRow::Wrote(AeWriting::Reply) => 1,
            MessageRow::Wrote(AeWriting::NewThread) => 2,
            MessageRow::Wrote(AeWriting::Video) => 10,
            MessageRow::MissedProspect => 3,
            MessageRow::Away => 4,
            MessageRow::Invite => 5,
            MessageRow::OwnMeeting => 6,
            MessageRow::ReceiptOrReaction => 7,
            MessageRow::Scheduled => 8,
            MessageRow::QuotationOnly => 9,
            MessageRow::ProspectWrote(_) => 11,
            MessageRow::IntroFailed { .. } => 12,
            MessageRow::TouchFailed { .. } => 13,
            MessageRow::Colleague => 14,
            MessageRow::Suspicious => 15,
            MessageRow::LookAlike => 16,
            MessageRow::BeforeHandoff => 17,
            MessageRow::SdrWrote => return None,
        })
    }
}
