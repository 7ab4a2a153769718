//! Which recipients of which sending did not get the intro, by all reports (row 12 of docs/behaviour.md section
//! 5), and which of the AE's mails reached no prospect contact (row 13).

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::super::address_book::among;
use super::super::mails::MailKey;
use super::super::message::{Address, MessageId};
use super::correspondence::Correspondence;
use super::participants::Participants;
use super::row::MessageRow;
use super::rows::Rows;
use super::seen_message::{SeenMessage, reports_failure};
use super::sendings::{IntroSending, Sendings};

/// The sendings of the intro with every failure that was reported.
#[derive(Debug)]
pub(super) struct Deliveries {
    sendings: Sendings,
}

impl Deliveries {
    pub(crate) fn read(sendings: &Sendings, mail: &Correspondence, rows: &Rows) -> Self {
        let mut sendings = sendings.clone();
        for (seen, row) in rows.of(mail).filter(|(seen, _)| reports_failure(seen)) {
            let MessageRow::IntroFailed { sending } = row else { continue };
            if let Some(sending) = sendings.get_mut(*sending) {
                let at = sending.accepted.map_or(seen.at, |accepted| accepted.max(seen.at));
                for (address, reason) in failed_of(sending, seen) {
                    let address = sending.recipient(&address);
                    let slot = sending.failed.entry(address).or_insert((at, reason.clone()));
                    if at < slot.0 {
                        *slot = (at, reason);
                    }
                }
            }
        }
        Self { sendings }
    }

    pub(crate) fn get(&self, number: u32) -> Option<&IntroSending> {
        self.sendings.get(number)
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = (u32, &IntroSending)> {
        self.sendings.all()
    }

    /// When the last sending that left was accepted.
    pub(crate) fn last_accepted(&self) -> Option<DateTime<Utc>> {
        self.sendings.last_accepted()
    }

    /// Whether somebody is known not to have got the last intro, or a server refused it.
    pub(crate) fn last_failed(&self) -> bool {
        let last_left = self.all().rev().find(|(_, sending)| sending.accepted.is_some());
        let is_refused = |sending: &IntroSending| sending.refused.is_some() && sending.dropped().is_none();
        last_left.is_some_and(|(_, sending)| !sending.failed.is_empty())
            || self.all().next_back().is_some_and(|(_, sending)| is_refused(sending))
    }

    /// A person gave this sending up, and one before it had left: that one stands.
    pub(crate) fn is_given_up_beside_another(&self, number: u32) -> bool {
        self.get(number).is_some_and(|sending| sending.dropped().is_some())
            && self.all().any(|(other, sending)| other < number && sending.accepted.is_some())
    }

    /// The key of the last sending that left; where none has, of the last one.
    pub(crate) fn last_key(&self) -> Option<MailKey> {
        self.sendings.last_key()
    }

    /// The intro of that sending had reached neither the AE of the tenure nor any prospect contact. An AE who
    /// took over later was never among its recipients.
    pub(crate) fn reached_nobody(&self, number: u32, tenure: usize, participants: &Participants) -> bool {
        self.get(number).is_some_and(|sending| {
            let went_to_ae = sending.ae.as_ref().is_some_and(|address| participants.is_ae(tenure, address));
            sending.all_to_failed().is_some() && (!went_to_ae || sending.ae_failed().is_some())
        })
    }
}

/// Address and reason of each failed recipient; a report that names none is about everybody.
pub(super) fn failed_of(sending: &IntroSending, report: &SeenMessage) -> Vec<(Address, String)> {
    let failed = report.failed_recipients();
    if failed.is_empty() {
        return sending.to.iter().map(|address| (address.clone(), String::new())).collect();
    }
    failed
}

/// Each report that a mail of the AE's failed, with the id of that mail.
pub(super) fn touch_failures<'m>(
    mail: &'m Correspondence,
    rows: &'m Rows,
) -> Vec<(&'m SeenMessage, &'m MessageId)> {
    let failed = rows.of(mail).filter_map(|(report, row)| match row {
        MessageRow::TouchFailed { message } => Some((report, message)),
        _ => None,
    });
    failed.filter(|(report, _)| reports_failure(report)).collect()
}

/// When it was known that none of the message's prospect contacts got it.
pub(super) fn undelivered_at(
    mail: &Correspondence,
    failures: &[(&SeenMessage, &MessageId)],
    seen: &SeenMessage,
) -> Option<DateTime<Utc>> {
    if failures.is_empty() {
        return None;
    }
    let wanted: BTreeSet<Address> = mail.prospects_among(seen).into_iter().cloned().collect();
    let mut failed: BTreeMap<Address, DateTime<Utc>> = BTreeMap::new();
    for (report, _) in failures.iter().filter(|(_, message)| seen.ids.contains(*message)) {
        let named: Vec<Address> = report
            .failed_recipients()
            .into_iter()
            .filter_map(|(address, _)| among(&address, wanted.iter()).cloned())
            .collect();
        let names_nobody = report.failed_recipients().is_empty();
        let named = if names_nobody { wanted.iter().cloned().collect() } else { named };
        for address in named {
            let slot = failed.entry(address).or_insert(report.at);
            *slot = (*slot).min(report.at);
        }
    }
    let times: Option<Vec<_>> = wanted.iter().map(|address| failed.get(address).copied()).collect();
    times?.into_iter().max()
}
