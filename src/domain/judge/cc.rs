//! The Cc verdicts: did the SDR stay on the AE's first email and leave after it. behaviour.md section 6.

use chrono::{DateTime, Utc};

use super::directory::Directory;
use super::rows::{AeWriting, MessageRow};
use super::seen_messages::{Correspondence, SeenMessage};
use super::{Cc, CcState};

/// The verdict, and the mail that last decided it.
pub(super) struct CcVerdict {
    pub cc: Cc,
    /// Time of the AE's first email to the prospect.
    pub first_at: Option<DateTime<Utc>>,
    /// Name and time of the mail that keeps the SDR although it should not.
    pub lingering: Option<(String, DateTime<Utc>)>,
    /// Name of each of the AE's mails to the prospect, and what it was about the SDR.
    pub steps: Vec<(String, CcState)>,
}

/// What a mail was about the SDR, as a clause of the sentence about that mail.
pub(super) fn in_words(state: CcState, sdr: &str) -> String {
    match state {
        CcState::Kept => format!("{sdr} still in Cc, as it should be"),
        CcState::MovedToBcc => format!("{sdr} moved to Bcc"),
        CcState::DroppedEarly => format!("{sdr} already left out"),
        CcState::Dropped | CcState::DroppedAssumed => format!("{sdr} no longer in Cc: the drop-off"),
        CcState::Lingering => format!("{sdr} still in Cc"),
        CcState::Waiting => String::new(),
    }
}

pub(super) struct CcQuestion<'a> {
    pub mail: &'a Correspondence,
    pub directory: &'a Directory<'a>,
    pub rows: &'a [(usize, MessageRow)],
    pub tenure: usize,
    pub sdr_account: Option<&'a str>,
    pub ae_account: Option<&'a str>,
    /// The meeting has begun.
    pub meeting_begun: bool,
    /// Names of messages that reached no prospect contact (row 13) or carry a record.
    pub aside: &'a dyn Fn(&SeenMessage) -> bool,
}

pub(super) fn verdict(question: &CcQuestion) -> CcVerdict {
    let mut result = CcVerdict {
        cc: Cc { state: CcState::Waiting, first: None },
        first_at: None,
        lingering: None,
        steps: Vec::new(),
    };
    let written = question
        .rows
        .iter()
        .filter(|(_, row)| {
            matches!(row, MessageRow::Wrote(AeWriting::Reply | AeWriting::NewThread | AeWriting::Video))
        })
        .filter_map(|(index, _)| question.mail.seen.get(*index))
        .filter(|seen| seen.tenure == question.tenure && !(question.aside)(seen));
    for seen in written {
        let keeps_sdr = seen.recipients().any(|mailbox| question.directory.is_sdr(&mailbox.address));
        if result.first_at.is_none() {
            // In a mailbox that both share, the copy in Sent is the AE's own.
            let reached_sdr = question.sdr_account.is_some_and(|account| {
                let is_shared = Some(account) == question.ae_account;
                let mut copies = seen.message.copies.iter().filter(|copy| copy.place.account == account);
                copies.any(|copy| !is_shared || !copy.is_sent)
            });
            let first = match (keeps_sdr, reached_sdr) {
                (true, _) => CcState::Kept,
                (false, true) => CcState::MovedToBcc,
                (false, false) => CcState::DroppedEarly,
            };
            result.first_at = Some(seen.at);
            result.cc = Cc { state: first, first: Some(first) };
        } else if keeps_sdr {
            result.cc.state = CcState::Lingering;
            result.lingering = Some((seen.name(), seen.at));
        } else {
            result.cc.state = CcState::Dropped;
            result.lingering = None;
        }
        result.steps.push((seen.name(), result.cc.state));
    }
    if result.cc.state == CcState::Kept && question.ae_account.is_none() && question.meeting_begun {
        result.cc.state = CcState::DroppedAssumed;
    }
    result
}
