//! The sendings of the intro as they left: to whom, and what the server that took or refused them said at
//! once. Reports that came by mail are `deliveries`' business. docs/behaviour.md section 3.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::super::address_book::among;
use super::super::fact::{DROPPED_BY_HAND, Fact, FactKind, HELD_BACK, LET_BE};
use super::super::handoff::Record;
use super::super::mails::{DroppedIntro, MailKey};
use super::super::message::{Address, MessageId};
use super::super::token;
use super::keys::intro_key;
use super::own_mails::OwnMails;
use super::participants::Participants;
use super::records::IntroRecords;

/// A sending of the intro.
#[derive(Clone, Debug, Default)]
pub(super) struct IntroSending {
    pub accepted: Option<DateTime<Utc>>,
    /// The server refused it for good.
    pub refused: Option<DateTime<Utc>>,
    pub to: Vec<Address>,
    pub ae: Option<Address>,
    pub ids: BTreeSet<MessageId>,
    /// Address and reason, with the failure's time.
    pub failed: BTreeMap<Address, (DateTime<Utc>, String)>,
}

impl IntroSending {
    /// The recipient that a report means, as it was written to.
    pub(crate) fn recipient(&self, address: &Address) -> Address {
        among(address, self.to.iter().chain(&self.ae)).unwrap_or(address).clone()
    }

    /// Whether the recipient that a report means is the AE.
    pub(crate) fn is_to_ae(&self, address: &Address) -> bool {
        self.ae.as_ref().is_some_and(|ae| self.recipient(address) == *ae)
    }

    /// What was known of it where a person gave it up, and no server refused it.
    pub(crate) fn dropped(&self) -> Option<DroppedIntro> {
        self.refused?;
        let all_are = |why: &str| self.failed.values().all(|(_, reason)| reason == why);
        match self.failed.is_empty() {
            true => None,
            false if all_are(DROPPED_BY_HAND) => Some(DroppedIntro::HasNotLeft),
            false if all_are(LET_BE) => Some(DroppedIntro::MayHaveLeft),
            false => None,
        }
    }

    /// Why baton held it back, where no server refused it.
    pub(crate) fn held_back(&self) -> Option<&str> {
        self.refused?;
        let mut reasons = self.failed.values().map(|(_, reason)| reason.strip_prefix(HELD_BACK));
        let first = reasons.next()??;
        reasons.all(|one| one == Some(first)).then_some(first)
    }

    fn failed_at(&self, address: &Address) -> Option<DateTime<Utc>> {
        self.failed.get(address).map(|(at, _)| *at)
    }

    pub(crate) fn all_to_failed(&self) -> Option<DateTime<Utc>> {
        let times: Option<Vec<_>> = self.to.iter().map(|address| self.failed_at(address)).collect();
        times.and_then(|times| times.into_iter().max())
    }

    pub(crate) fn ae_failed(&self) -> Option<DateTime<Utc>> {
        self.ae.as_ref().and_then(|address| self.failed_at(address))
    }
}

/// All sendings, by number.
#[derive(Clone, Debug)]
pub(super) struct Sendings {
    by_number: BTreeMap<u32, IntroSending>,
}

impl Sendings {
    pub(crate) fn read(
        own: &OwnMails,
        facts: &[Fact],
        records: &IntroRecords,
        participants: &Participants,
    ) -> Self {
        let mut by_number: BTreeMap<u32, IntroSending> = records
            .sendings()
            .map(|(number, record)| (number, sending(number, record, own, facts, participants)))
            .collect();
        put_in_order(&mut by_number);
        Self { by_number }
    }

    /// Since when the handoff is one: the first intro was accepted.
    pub(crate) fn handed_over(&self) -> Option<DateTime<Utc>> {
        self.by_number.values().filter_map(|sending| sending.accepted).min()
    }

    pub(crate) fn get(&self, number: u32) -> Option<&IntroSending> {
        self.by_number.get(&number)
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut IntroSending> {
        self.by_number.get_mut(&number)
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = (u32, &IntroSending)> {
        self.by_number.iter().map(|(number, sending)| (*number, sending))
    }

    /// Number of the sending that goes by this id.
    pub(crate) fn with_id(&self, id: &MessageId) -> Option<u32> {
        self.all().find(|(_, one)| one.ids.contains(id)).map(|(number, _)| number)
    }

    /// Number of the sending whose token the reference carries.
    pub(crate) fn with_token_of(&self, reference: &MessageId) -> Option<u32> {
        let token = token::in_id(reference)?;
        let mut all = self.all();
        all.find(|(_, one)| one.ids.iter().any(|id| token::in_id(id) == Some(token)))
            .map(|(number, _)| number)
    }

    /// When the last sending that left was accepted.
    pub(crate) fn last_accepted(&self) -> Option<DateTime<Utc>> {
        self.by_number.values().rev().find_map(|sending| sending.accepted)
    }

    /// The key of the last sending that left; where none has, of the last one.
    pub(crate) fn last_key(&self) -> Option<MailKey> {
        let left = self.all().rev().find(|(_, sending)| sending.accepted.is_some());
        left.or_else(|| self.all().next_back()).map(|(number, _)| intro_key(number))
    }
}

/// None left after the one that followed it: one that seems to left while the machine's clock was ahead.
fn put_in_order(sendings: &mut BTreeMap<u32, IntroSending>) {
    let mut next: Option<DateTime<Utc>> = None;
    for sending in sendings.values_mut().rev() {
        sending.accepted = sending.accepted.map(|at| next.map_or(at, |next| next.min(at)));
        next = sending.accepted.or(next);
    }
}

fn sending(
    number: u32,
    record: &Record,
    own: &OwnMails,
    facts: &[Fact],
    participants: &Participants,
) -> IntroSending {
    let key = intro_key(number);
    let own = own.get(&key);
    let accepted = own.and_then(|own| own.left_at);
    let ae = participants.ae_person_at(accepted.unwrap_or(DateTime::<Utc>::MAX_UTC));
    let mut sending = IntroSending {
        accepted,
        to: record.to.iter().map(|mailbox| mailbox.address.clone()).collect(),
        ae: ae.map(|person| person.address.clone()),
        ids: own.map(|own| own.ids.clone()).unwrap_or_default(),
        ..IntroSending::default()
    };
    for fact in facts {
        if let FactKind::MailRefused { key: refused_key, refused } = &fact.what
            && *refused_key == key
            && accepted.is_none()
        {
            sending.refused = Some(sending.refused.map_or(fact.at, |at| at.min(fact.at)));
            for (address, reason) in refused {
                let address = sending.recipient(address);
                sending.failed.entry(address).or_insert((fact.at, reason.clone()));
            }
        }
    }
    sending
}
