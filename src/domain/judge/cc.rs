//! The Cc verdicts: did the SDR stay on the AE's first email and leave after it. docs/behaviour.md section 6.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::correspondence::Correspondence;
use super::judgement::{Cc, CcState};
use super::participants::Participants;
use super::row::MessageRow;
use super::rows::Rows;
use super::seen_message::SeenMessage;
use super::touch::Touches;

/// The verdict, and the mail that last decided it.
#[derive(Debug)]
pub(super) struct CcVerdict {
    pub cc: Cc,
    /// Time of the AE's first email to the prospect.
    pub first_at: Option<DateTime<Utc>>,
    /// Name and time of the mail that keeps the SDR although it should not.
    pub lingering: Option<(String, DateTime<Utc>)>,
    /// What each of the AE's mails to the prospect was about the SDR, by its name.
    pub steps: BTreeMap<String, CcState>,
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

#[derive(Debug)]
pub(super) struct CcInputs<'a> {
    pub mail: &'a Correspondence,
    pub rows: &'a Rows,
    pub participants: Participants<'a>,
    pub touches: &'a Touches,
    /// The meeting has begun.
    pub meeting_begun: bool,
}

impl CcInputs<'_> {
    /// The mails of the AE who has the handoff that reached a prospect contact decide.
    pub(crate) fn verdict(&self) -> CcVerdict {
        let mut result = CcVerdict {
            cc: Cc { state: CcState::Waiting, first: None },
            first_at: None,
            lingering: None,
            steps: BTreeMap::new(),
        };
        let written = self
            .rows
            .of(self.mail)
            .filter(|(_, row)| matches!(row, MessageRow::Wrote(_)))
            .map(|(seen, _)| seen)
            .filter(|seen| seen.tenure == self.participants.tenures.last())
            .filter(|seen| !self.touches.is_withdrawn(seen));
        for seen in written {
            let mut recipients = seen.recipients();
            let keeps_sdr = recipients.any(|mailbox| self.participants.directory.is_sdr(&mailbox.address));
            if result.first_at.is_none() {
                let first = self.of_first(seen, keeps_sdr);
                result.first_at = Some(seen.at);
                result.cc = Cc { state: first, first: Some(first) };
            } else if keeps_sdr {
                result.cc.state = CcState::Lingering;
                result.lingering = Some((seen.name().to_owned(), seen.at));
            } else {
                result.cc.state = CcState::Dropped;
                result.lingering = None;
            }
            result.steps.entry(seen.name().to_owned()).or_insert(result.cc.state);
        }
        let is_ae_watched = self.participants.ae_account().is_some();
        if result.cc.state == CcState::Kept && !is_ae_watched && self.meeting_begun {
            result.cc.state = CcState::DroppedAssumed;
        }
        result
    }

    /// What the AE's first email was about the SDR.
    fn of_first(&self, seen: &SeenMessage, keeps_sdr: bool) -> CcState {
        // In a mailbox that both share, the copy in Sent is the AE's own.
        let reached_sdr = self.participants.sdr_account().is_some_and(|account| {
            let is_shared = Some(account) == self.participants.ae_account();
            let mut copies = seen.message.copies.iter().filter(|copy| copy.place.account == account);
            copies.any(|copy| !is_shared || !copy.is_sent)
        });
        match (keeps_sdr, reached_sdr) {
            (true, _) => CcState::Kept,
            (false, true) => CcState::MovedToBcc,
            (false, false) => CcState::DroppedEarly,
        }
    }
}
