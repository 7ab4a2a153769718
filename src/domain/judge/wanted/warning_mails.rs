//! Warnings to AE and SDR: the SDR is still in Cc, a record is in the wrong hands. docs/behaviour.md sections 6
//! and 12.

use super::super::super::mails::{MailBrief, MailKind, Voice, WantedMail};
use super::super::super::message::Address;
use super::super::cc::CcVerdict;
use super::super::correspondence::Correspondence;
use super::super::judgement::CcState;
use super::super::seen_message::SeenMessage;
use super::draft::MailDraft;
use super::readers::Readers;

#[derive(Debug)]
pub(super) struct WarningMails<'a> {
    pub readers: Readers<'a>,
    pub mail: &'a Correspondence,
    pub cc: &'a CcVerdict,
    /// Messages that brought this handoff's record to a prospect contact, and those that brought any.
    pub leaks: &'a [&'a SeenMessage],
    pub brought: &'a [&'a SeenMessage],
}

impl WarningMails<'_> {
    pub(crate) fn add_to(&self, mails: &mut Vec<Option<WantedMail>>) {
        mails.push(self.lingering());
        mails.push(self.record_leaked());
    }

    /// Mail that carried a record to a prospect contact gets `record-leaked` and nothing beside it.
    fn lingering(&self) -> Option<WantedMail> {
        let (name, at) = self.cc.lingering.as_ref()?;
        let leaked = self.brought.iter().any(|seen| seen.name() == name);
        if self.cc.cc.state != CcState::Lingering || leaked {
            return None;
        }
        MailDraft::new(
            MailKind::Lingering,
            self.readers.ae_name(),
            Voice::Agent,
            MailBrief::Lingering { at: *at },
        )
        .to(self.readers.ae())
        .cc(self.readers.sdr())
        .not_before(self.readers.working_hours(self.readers.participants.ae_person()))
        .done()
    }

    fn record_leaked(&self) -> Option<WantedMail> {
        let seen = self.leaks.first()?;
        let mut to: Vec<Address> = self.mail.prospects_among(seen).into_iter().cloned().collect();
        let hidden = seen.headers().bcc.iter().map(|mailbox| &mailbox.address);
        to.extend(hidden.filter(|address| self.mail.is_prospect(address)).cloned());
        to.extend(seen.others_prospects.iter().cloned());
        if to.is_empty() {
            to.extend(seen.from().map(|from| from.address.clone()));
        }
        let brief = MailBrief::RecordLeaked { at: seen.at, to };
        MailDraft::new(MailKind::RecordLeaked, "handoff".to_owned(), Voice::Agent, brief)
            .to(self.readers.ae())
            .to(self.readers.sdr())
            .done()
    }
}
