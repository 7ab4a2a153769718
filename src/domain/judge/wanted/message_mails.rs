//! Mails that a single message calls for: rows 3, 4, 9, 15 and 16, and the AE's word that it is done or not
//! theirs. docs/behaviour.md sections 5 and 8.

use super::super::super::mails::{MailBrief, MailKind, Voice, WantedMail};
use super::super::correspondence::Correspondence;
use super::super::judgement::{Acceptance, AcceptanceState};
use super::super::row::MessageRow;
use super::super::rows::Rows;
use super::super::seen_message::SeenMessage;
use super::super::stances::{AnswerStance, Stances};
use super::super::touch::Touches;
use super::draft::{MailDraft, brief};
use super::readers::Readers;

#[derive(Debug)]
pub(super) struct MessageMails<'a> {
    pub readers: Readers<'a>,
    pub mail: &'a Correspondence,
    pub stances: &'a Stances,
    pub rows: &'a Rows,
    pub touches: &'a Touches,
    pub acceptance: &'a Acceptance,
}

impl MessageMails<'_> {
    pub(crate) fn add_to(&self, mails: &mut Vec<Option<WantedMail>>) {
        self.row_mails(mails);
        self.stance_mails(mails);
    }

    /// Mails that a single message calls for: rows 3, 4, 9, 15 and 16.
    fn row_mails(&self, mails: &mut Vec<Option<WantedMail>>) {
        for (seen, row) in self
            .rows
            .of(self.mail)
            .filter(|(seen, _)| seen.tenure == self.readers.participants.tenures.last())
        {
            let awaited = self.touches.awaits_since(seen.at);
            mails.push(match row {
                MessageRow::MissedProspect => self.not_received(seen, false).filter(|_| awaited),
                MessageRow::QuotationOnly => self.not_received(seen, true).filter(|_| awaited),
                MessageRow::Away => self.away(seen).filter(|_| awaited),
                MessageRow::Suspicious => self.suspicious(seen),
                // The answer may still make it the touch, whichever clock runs now.
                MessageRow::LookAlike => self.who_is_this(seen).filter(|_| self.touches.touch().is_none()),
                MessageRow::Wrote(_)
                | MessageRow::Invite
                | MessageRow::OwnMeeting
                | MessageRow::ReceiptOrReaction
                | MessageRow::Scheduled
                | MessageRow::ProspectWrote(_)
                | MessageRow::IntroFailed { .. }
                | MessageRow::TouchFailed { .. }
                | MessageRow::Colleague
                | MessageRow::BeforeHandoff
                | MessageRow::SdrWrote => None,
            });
        }
    }

    fn not_received(&self, seen: &SeenMessage, empty: bool) -> Option<WantedMail> {
        let to = seen.recipients().map(|mailbox| mailbox.address.clone()).collect();
        MailDraft::new(
            MailKind::NotReceived,
            seen.name().to_owned(),
            Voice::Agent,
            MailBrief::NotReceived { at: seen.at, to, empty },
        )
        .to(self.readers.ae())
        .cc(self.readers.sdr())
        .done()
    }

    fn away(&self, seen: &SeenMessage) -> Option<WantedMail> {
        let until = seen.body().and_then(|body| body.away_until);
        let clock = self.touches.current_clock()?;
        let about = match until {
            Some(date) => format!("{} until {date}", self.readers.ae_name()),
            None => self.readers.ae_name(),
        };
        MailDraft::new(MailKind::Away, about, Voice::Agent, MailBrief::Away { until, clock: brief(clock) })
            .to(self.readers.sdr())
            .cc(self.readers.manager())
            .done()
    }

    fn suspicious(&self, seen: &SeenMessage) -> Option<WantedMail> {
        let from = seen.from()?.address.clone();
        let subject = seen.headers().subject.clone();
        let brief = MailBrief::Suspicious { from, at: seen.at, subject };
        MailDraft::new(MailKind::Suspicious, seen.name().to_owned(), Voice::Agent, brief)
            .to(self.readers.sdr())
            .to(self.readers.operator())
            .done()
    }

    fn who_is_this(&self, seen: &SeenMessage) -> Option<WantedMail> {
        let from = seen.from()?;
        let brief = MailBrief::WhoIsThis {
            name: from.name.clone(),
            address: from.address.clone(),
            at: seen.at,
            words: seen.words().to_owned(),
        };
        MailDraft::new(MailKind::WhoIsThis, from.address.to_string(), Voice::Agent, brief)
            .to(self.readers.sdr())
            .done()
    }

    /// Who has said since that it is theirs, or been in touch, has the handoff: somebody else is not looked for. A remark
    /// takes nothing back.
    fn is_taken_back(&self, refusal: &AnswerStance) -> bool {
        let is_since = |said: &&AnswerStance| said.at > refusal.at;
        let is_said = self.stances.taken_on.iter().any(|said| is_since(&said))
            || !self.stances.accepted.iter().any(|said| is_since(&said));
        self.acceptance.state == AcceptanceState::Accepted && is_said
            || self.touches.touch().is_some_and(|touch| touch.at > refusal.at)
    }

    fn stance_mails(&self, mails: &mut Vec<Option<WantedMail>>) {
        if let Some((touch, seen)) = self.touches.stated_in(self.mail) {
            let brief = MailBrief::Stated { at: touch.at, words: seen.words().trim().to_owned() };
            mails.push(
                MailDraft::new(MailKind::Stated, self.readers.ae_name(), Voice::Agent, brief)
                    .to(self.readers.sdr())
                    .done(),
            );
        }
        let of_ae = |said: &&AnswerStance| said.tenure == self.readers.participants.tenures.last();
        let refused = self.stances.refused.iter().rfind(of_ae).filter(|said| !self.is_taken_back(said));
        if let Some(said) = refused {
            let brief = MailBrief::Refused { at: said.at, words: said.words.clone() };
            mails.push(
                MailDraft::new(MailKind::Refused, self.readers.ae_name(), Voice::Agent, brief)
                    .to(self.readers.sdr())
                    .cc(self.readers.manager())
                    .done(),
            );
        }
    }
}
