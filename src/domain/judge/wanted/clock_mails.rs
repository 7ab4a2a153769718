//! What is said of a running clock and of one that ran out: reminder, escalation, late touch, withdrawal.
//! docs/behaviour.md section 7.

use chrono::{DateTime, Duration, Utc};

use super::super::super::mails::{
    MailBrief, MailKey, MailKind, TouchBrief, Voice, WantedMail, WithdrawalReason,
};
use super::super::super::message::Address;
use super::super::candidates::TouchCandidate;
use super::super::correspondence::Correspondence;
use super::super::deliveries::Deliveries;
use super::super::identities::Identities;
use super::super::judgement::{Acceptance, AcceptanceState, Meeting, MeetingState};
use super::super::policy::Policy;
use super::super::reading_progress::ReadingProgress;
use super::super::row::MessageRow;
use super::super::rows::Rows;
use super::super::touch::{SlaClock, Touches};
use super::draft::{MailDraft, brief};
use super::readers::Readers;

#[derive(Debug)]
pub(super) struct ClockMails<'a> {
    pub readers: Readers<'a>,
    pub policy: &'a Policy,
    pub mail: &'a Correspondence,
    pub identities: &'a Identities,
    pub rows: &'a Rows,
    pub deliveries: &'a Deliveries,
    pub touches: &'a Touches,
    pub progress: &'a ReadingProgress,
    pub meeting: &'a Meeting,
    pub acceptance: &'a Acceptance,
    /// The clock that may be called a breach.
    pub breach: Option<&'a SlaClock>,
}

impl ClockMails<'_> {
    pub(crate) fn add_to(&self, mails: &mut Vec<Option<WantedMail>>) {
        mails.push(self.reminder());
        mails.push(self.escalation());
        mails.extend(self.follow_ups());
    }

    /// docs/behaviour.md section 7: before the deadline, or before the meeting where that is earlier.
    fn reminder(&self) -> Option<WantedMail> {
        let clock = self.touches.running()?;
        let before = Duration::seconds(i64::from(self.policy.remind_before));
        let meeting = Some(self.meeting.start)
            .filter(|start| *start > clock.started && *start < clock.deadline)
            .filter(|_| self.meeting.state != MeetingState::Cancelled);
        let target = meeting.unwrap_or(clock.deadline);
        let is_pointless = before.is_zero()
            || target - clock.started < before * 2
            || self.acceptance.state == AcceptanceState::Refused;
        let wake = &self.readers.wake;
        if is_pointless || !wake.has_come(target - before) || wake.has_come(clock.deadline) {
            return None;
        }
        let brief = MailBrief::Reminder {
            clock: brief(clock),
            prospect_wrote: self.rows.prospect_wrote(self.mail),
            // One that should have left before the meeting, and leaves after it has begun, asks for the first email.
            meeting_first: meeting.is_some_and(|start| !wake.has_come(start)),
        };
        MailDraft::new(MailKind::Reminder, clock.key(), Voice::Agent, brief).to(self.readers.ae()).done()
    }

    fn escalation(&self) -> Option<WantedMail> {
        let clock = self.breach?;
        let mut asked_about: Vec<Address> = self
            .rows
            .of(self.mail)
            .filter(|(seen, row)| {
                seen.tenure == clock.tenure && matches!(row, MessageRow::LookAlike | MessageRow::Suspicious)
            })
            .filter_map(|(seen, _)| seen.from().map(|from| from.address.clone()))
            .filter(|address| !self.identities.is_settled(address))
            .collect();
        asked_about.sort();
        asked_about.dedup();
        let brief = MailBrief::Escalation {
            clock: brief(clock),
            read: self.progress.mailboxes(),
            refused: self.refused_folders(clock),
            ae_watched: self.readers.participants.ae_account().is_some(),
            asked_about,
            away_until: self.rows.away_until(self.mail, self.readers.participants.tenures.last()),
            prospect_wrote: self.rows.prospect_wrote(self.mail),
            came_back: self.came_back(clock),
            wrote_before: self.wrote_before(clock),
        };
        self.to_manager(MailKind::Escalation, clock, brief)
    }

    /// When the AE last wrote what reached nobody.
    fn came_back(&self, clock: &SlaClock) -> Option<DateTime<Utc>> {
        let of_tenure = self.touches.candidates.iter().filter(|one| one.tenure == clock.tenure);
        of_tenure.filter(|one| one.withdrawn.is_some()).map(|one| one.at).max()
    }

    /// When whoever is AE now last wrote to the prospect before the handoff was theirs, which nobody is to say they did not.
    fn wrote_before(&self, clock: &SlaClock) -> Option<DateTime<Utc>> {
        let participants = &self.readers.participants;
        let of_them = self.rows.of(self.mail).filter(|(seen, row)| {
            seen.tenure < clock.tenure
                && matches!(row, MessageRow::Wrote(_) | MessageRow::Colleague)
                && self.mail.reaches_prospect(seen)
                && participants.is_written_by_ae_of(seen, clock.tenure)
        });
        of_them.map(|(seen, _)| seen.at).max()
    }

    fn refused_folders(&self, clock: &SlaClock) -> Vec<String> {
        self.progress
            .last_look(clock.deadline)
            .map(|refused| refused.iter().cloned().collect())
            .unwrap_or_default()
    }

    /// Late touches and withdrawals, for each escalation that has left.
    fn follow_ups(&self) -> Vec<Option<WantedMail>> {
        let escalations = self.mail.own.of_kind(MailKind::Escalation).filter(|own| own.left_at.is_some());
        escalations
            .map(|own| {
                // Of two clocks that started in one second the first ran for no time, so nothing was said of it.
                match self.touches.clocks.iter().rev().find(|clock| clock.key() == own.key.about) {
                    Some(clock) if self.touches.is_missed(clock) => self.late_touch(clock),
                    Some(clock) => self.withdrawal(clock),
                    // By what is known now, that clock never started.
                    None => self.touches.current_clock().and_then(|clock| {
                        let mail = self.withdrawal(clock)?;
                        let key = MailKey { kind: mail.key.kind, about: own.key.about.clone() };
                        Some(WantedMail { key, ..mail })
                    }),
                }
            })
            .collect()
    }

    fn late_touch(&self, clock: &SlaClock) -> Option<WantedMail> {
        let standing = self.touches.touch().filter(|touch| touch.tenure == clock.tenure);
        // Who has lost the handoff since may have been in touch before.
        let is_former = clock.tenure != self.readers.participants.tenures.last();
        let mut candidates = self.touches.candidates.iter();
        let former = candidates.find(|one| one.tenure == clock.tenure && one.withdrawn.is_none());
        let touch = standing.or(former.filter(|_| is_former))?;
        let touch = told(touch);
        let brief = MailBrief::LateTouch { clock: brief(clock), touch };
        self.to_manager(MailKind::LateTouch, clock, brief)
    }

    fn withdrawal(&self, clock: &SlaClock) -> Option<WantedMail> {
        let touched = self.touches.candidates.iter().find(|one| clock.is_met_by(one)).map(told);
        let participants = &self.readers.participants;
        let reason = match touched {
            Some(touch) => WithdrawalReason::Touched(touch),
            None if self.deliveries.reached_nobody(clock.sending, clock.tenure, participants) => {
                WithdrawalReason::NotDelivered
            }
            None => WithdrawalReason::Stopped,
        };
        let brief = MailBrief::Withdrawal { clock: brief(clock), reason };
        self.to_manager(MailKind::Withdrawal, clock, brief)
    }

    /// Mail about a clock, to the manager of the AE whom it ran for; written as the SDR, unless the SDR is who
    /// gets it.
    fn to_manager(&self, kind: MailKind, clock: &SlaClock, brief: MailBrief) -> Option<WantedMail> {
        let participants = &self.readers.participants;
        let manager = participants.manager_of(participants.tenures.ae(clock.tenure));
        let voice = if participants.directory.is_sdr(&manager.address) { Voice::Agent } else { Voice::Sdr };
        MailDraft::new(kind, clock.key(), voice, brief).to(Some(manager)).done()
    }
}
fn told(touch: &TouchCandidate) -> TouchBrief {
    TouchBrief { at: touch.at, kind: touch.kind, evidence: touch.evidence }
}
