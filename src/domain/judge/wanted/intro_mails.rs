//! The intro, the record that goes with it, and what is said of their failures (rows 12 and 13).

use super::super::super::mails::{ClockAfterFailure, DroppedIntro, MailBrief, MailKind, Voice, WantedMail};
use super::super::super::message::Address;
use super::super::super::outcomes::TouchKind;
use super::super::candidates::TouchCandidate;
use super::super::correspondence::Correspondence;
use super::super::deliveries::{Deliveries, failed_of};
use super::super::keys::{intro_key, record_about};
use super::super::records::IntroRecords;
use super::super::row::MessageRow;
use super::super::rows::Rows;
use super::super::seen_message::{SeenMessage, reports_failure};
use super::super::sendings::IntroSending;
use super::super::touch::Touches;
use super::draft::{MailDraft, brief};
use super::readers::Readers;

#[derive(Debug)]
pub(super) struct IntroMails<'a> {
    pub readers: Readers<'a>,
    pub records: &'a IntroRecords<'a>,
    pub mail: &'a Correspondence,
    pub rows: &'a Rows,
    pub deliveries: &'a Deliveries,
    pub touches: &'a Touches,
}

impl IntroMails<'_> {
    /// The last sending that was asked for; an earlier one that has not left gives way to it.
    pub(crate) fn intro(&self) -> Option<WantedMail> {
        let (sending, record) = self.records.sendings().next_back()?;
        let key = intro_key(sending);
        let mut draft = MailDraft::new(key.kind, key.about, Voice::Sdr, MailBrief::Intro { sending });
        for prospect in &record.to {
            draft = draft.to(Some(prospect.clone()));
        }
        draft.cc(self.readers.ae()).done()
    }

    /// The record goes to each AE once for each text, and once more to one who gets the handoff back.
    pub(crate) fn record_mail(&self) -> Option<WantedMail> {
        let accepted = self.deliveries.all().filter(|(_, sending)| sending.accepted.is_some());
        let mut first = None;
        let mut text_of = None;
        let mut previous = None;
        for (number, _) in accepted {
            first.get_or_insert(number);
            let record = self.records.of_sending(number);
            if record != previous {
                text_of = Some(number);
                previous = record;
            }
        }
        let number = text_of?;
        let is_awaited = self.touches.undelivered.is_none() && self.touches.touch().is_none();
        let clock = self.touches.current_clock().filter(|_| is_awaited).map(brief);
        let brief = MailBrief::Record { clock, corrected: Some(number) != first };
        let tenures = self.readers.participants.tenures;
        let about = record_about(tenures, tenures.last(), number);
        MailDraft::new(MailKind::Record, about, Voice::Agent, brief)
            .to(self.readers.ae())
            .cc(self.readers.sdr())
            .done()
    }

    /// Rows 12 and 13, and an intro that the server refused after it had been deferred.
    pub(crate) fn add_failures(&self, mails: &mut Vec<Option<WantedMail>>) {
        for (seen, row) in self.rows.of(self.mail).filter(|(seen, _)| reports_failure(seen)) {
            let MessageRow::IntroFailed { sending: number } = row else { continue };
            let Some(sending) = self.deliveries.get(*number) else { continue };
            let failed = failed_of(sending, seen);
            let clock = self.clock_after_failure(*number, sending, &failed);
            mails.push(self.intro_bounced(seen.name().to_owned(), failed, sending, clock, None));
        }
        for (number, sending) in self.deliveries.all().filter(|(_, sending)| sending.refused.is_some()) {
            let failed: Vec<_> =
                sending.failed.iter().map(|(address, (_, why))| (address.clone(), why.clone())).collect();
            let clock = self.clock_after_failure(number, sending, &failed);
            let dropped = sending.dropped();
            // Nobody waits any more for what was given up.
            if dropped.is_none() || clock != ClockAfterFailure::SentAgain {
                mails.push(self.intro_bounced(intro_key(number).about, failed, sending, clock, dropped));
            }
        }
        let tenure = self.readers.participants.tenures.last();
        for touch in self.touches.withdrawn().filter(|touch| touch.tenure == tenure) {
            let is_about = |row: &MessageRow| match row {
                MessageRow::TouchFailed { message } => touch.message_id.as_ref() == Some(message),
                _ => false,
            };
            let reports = self.rows.of(self.mail).filter(|(_, row)| is_about(row));
            let failed: Vec<_> = reports.flat_map(|(seen, _)| seen.failed_recipients()).collect();
            if self.is_reached_since(touch, &failed) {
                continue;
            }
            let clock = self.touches.running().map(brief);
            let brief = MailBrief::TouchBounced { at: touch.at, failed, clock };
            let draft = MailDraft::new(MailKind::TouchBounced, touch.name.clone(), Voice::Agent, brief);
            mails.push(draft.to(self.readers.ae()).cc(self.readers.sdr()).done());
        }
    }

    /// Whether the AE has written to all of them again since it was known that nobody got it, or been in touch otherwise.
    fn is_reached_since(&self, touch: &TouchCandidate, failed: &[(Address, String)]) -> bool {
        let reaches_all = |seen: &SeenMessage| {
            let among = |address: &Address| seen.recipients().any(|to| to.address == *address);
            failed.iter().all(|(address, _)| among(address))
        };
        let is_later = |one: &&TouchCandidate| {
            one.tenure == touch.tenure && one.withdrawn.is_none() && Some(one.at) > touch.withdrawn
        };
        self.touches.candidates.iter().filter(is_later).any(|one| match one.kind {
            TouchKind::Stated | TouchKind::Scheduled => true,
            _ => self.mail.seen.iter().any(|seen| seen.name() == one.name && reaches_all(seen)),
        })
    }

    fn clock_after_failure(
        &self,
        number: u32,
        sending: &IntroSending,
        failed: &[(Address, String)],
    ) -> ClockAfterFailure {
        let is_repeated =
            self.deliveries.all().any(|(other, sending)| other > number && sending.accepted.is_some());
        let participants = &self.readers.participants;
        let is_present_ae = |ae: &Address| participants.is_ae(participants.tenures.last(), ae);
        let misses_ae = sending.ae_failed().is_some() && sending.ae.as_ref().is_some_and(is_present_ae);
        let is_undelivered = if self.deliveries.is_given_up_beside_another(number) {
            self.touches.undelivered.is_some()
        } else {
            sending.all_to_failed().is_some() || sending.refused.is_some() || misses_ae
        };
        let is_about_ae = failed.iter().all(|(address, _)| sending.is_to_ae(address));
        if is_repeated {
            ClockAfterFailure::SentAgain
        } else if is_about_ae && !failed.is_empty() && !is_undelivered {
            ClockAfterFailure::FormerAe { touched: self.touches.touch().is_some() }
        } else if self.touches.touch().is_some() {
            ClockAfterFailure::Touched { reached_others: !is_undelivered }
        } else if is_undelivered {
            ClockAfterFailure::Stopped
        } else {
            ClockAfterFailure::RunsOn
        }
    }

    fn intro_bounced(
        &self,
        about: String,
        failed: Vec<(Address, String)>,
        sending: &IntroSending,
        clock: ClockAfterFailure,
        dropped: Option<DroppedIntro>,
    ) -> Option<WantedMail> {
        let is_new =
            |address: &&Address| failed.iter().all(|(known, _)| sending.recipient(known) != **address);
        let also_failed = sending.failed.keys().filter(is_new).cloned().collect();
        let brief = MailBrief::IntroBounced { failed, also_failed, clock, dropped };
        MailDraft::new(MailKind::IntroBounced, about, Voice::Agent, brief)
            .to(self.readers.sdr())
            .cc(self.readers.ae())
            .done()
    }
}
