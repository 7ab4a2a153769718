//! The record that each sending of the intro is made from: a corrected one holds until the next.
//! docs/behaviour.md section 3.

use std::collections::BTreeMap;

use super::super::fact::{Fact, FactKind};
use super::super::handoff::{Handoff, Record};
use super::super::message::Address;

/// The records of a handoff, by the number of the sending.
#[derive(Debug)]
pub(super) struct IntroRecords<'a> {
    /// What the handoff was asked for with.
    first: &'a Record,
    by_sending: BTreeMap<u32, &'a Record>,
}

impl<'a> IntroRecords<'a> {
    pub(crate) fn from_facts(handoff: &'a Handoff, facts: &'a [Fact]) -> Self {
        let mut asked: BTreeMap<u32, Option<&Record>> = BTreeMap::new();
        for fact in facts {
            if let FactKind::IntroAsked { sending, record } = &fact.what {
                let slot = asked.entry(*sending).or_default();
                *slot = slot.or(record.as_deref());
            }
        }
        let mut current = &handoff.record;
        let by_sending = asked
            .into_iter()
            .map(|(sending, corrected)| {
                current = corrected.unwrap_or(current);
                (sending, current)
            })
            .collect();
        Self { first: &handoff.record, by_sending }
    }

    pub(crate) fn of_sending(&self, sending: u32) -> Option<&'a Record> {
        self.by_sending.get(&sending).copied()
    }

    /// Number and record of each sending, in order.
    pub(crate) fn sendings(&self) -> impl DoubleEndedIterator<Item = (u32, &'a Record)> {
        self.by_sending.iter().map(|(number, record)| (*number, *record))
    }

    /// A corrected record holds from the moment that a person gives it, whenever it leaves.
    pub(crate) fn current(&self) -> &'a Record {
        self.by_sending.values().last().copied().unwrap_or(self.first)
    }

    /// Whom the records name, prospect contacts and attendees.
    pub(crate) fn addresses(&self) -> Vec<Address> {
        let named = self.all().flat_map(|record| record.to.iter().chain(&record.meeting.attendees));
        named.map(|mailbox| mailbox.address.clone()).collect()
    }

    /// Every record there was, the first one first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &'a Record> {
        std::iter::once(self.first).chain(self.by_sending.values().copied())
    }
}

/// The record that this sending's intro is made from.
pub(crate) fn record_of_sending<'a>(handoff: &'a Handoff, facts: &'a [Fact], sending: u32) -> &'a Record {
    IntroRecords::from_facts(handoff, facts).of_sending(sending).unwrap_or(&handoff.record)
}
