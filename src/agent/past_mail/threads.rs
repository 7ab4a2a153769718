//! Which messages of the index belong together: by the ids that they cite, and by the people that they go from and to.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::index::{AddressNumber, MailIndex};
use crate::domain::audit::intro::EarlierContact;

/// A thread of more messages is followed no further.
const LONGEST_THREAD: usize = 400;
/// Mail with a prospect before an intro says how it was prepared, for so long.
const BEFORE: TimeDelta = TimeDelta::days(90);
/// Of one handoff, at most so much of the prospects' mail from before it, and after it of the AE's and of all.
const MOST_BEFORE: usize = 60;
const MOST_BY_AE: usize = 60;
const MOST_AFTER: usize = 120;

/// Places in a list, sorted by the id that stands there: a fraction of what a map of lists would take.
#[derive(Debug, Default)]
struct PlacesById(Vec<u32>);

impl PlacesById {
    /// `id`: what stands at a place.
    fn of(places: impl Iterator<Item = usize>, id: impl Fn(usize) -> u64) -> Self {
        let mut sorted: Vec<u32> = places.filter_map(|place| u32::try_from(place).ok()).collect();
        sorted.sort_unstable_by_key(|place| (id(*place as usize), *place));
        sorted.shrink_to_fit();
        Self(sorted)
    }

    fn get(&self, wanted: u64, id: impl Fn(usize) -> u64) -> impl Iterator<Item = usize> {
        let begin = self.0.partition_point(|place| id(*place as usize) < wanted);
        let rest = self.0.get(begin..).unwrap_or_default();
        rest.iter().map(|place| *place as usize).take_while(move |place| id(*place) == wanted)
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct MailThreads {
    /// Where an id is cited, among all that is cited.
    citing: PlacesById,
    /// Those of which only the text tells.
    learnt: HashMap<u64, Vec<usize>>,
    /// Copies of the message with an id.
    bearing: PlacesById,
    /// Messages from or to the addresses that matter.
    with: HashMap<AddressNumber, Vec<usize>>,
}

/// Who a handoff is between.
#[derive(Clone, Debug)]
pub(super) struct HandoffParties {
    pub intro: Option<u64>,
    pub at: DateTime<Utc>,
    /// Places of the people among those configured.
    pub ae: Option<usize>,
    pub prospects: Vec<AddressNumber>,
}

impl MailThreads {
    pub(super) fn of(index: &MailIndex) -> Self {
        let bearing = index.mails().filter(|(_, mail)| mail.id.is_some()).map(|(place, _)| place);
        Self {
            citing: PlacesById::of(0..index.packed().all_cited().len(), cited_at(index)),
            bearing: PlacesById::of(bearing, id_at(index)),
            ..Self::default()
        }
    }

    /// Remembers the mail from and to these addresses.
    pub(super) fn watch(&mut self, index: &MailIndex, addresses: &BTreeSet<AddressNumber>) {
        self.with = addresses.iter().map(|address| (*address, Vec::new())).collect();
        for (place, mail) in index.mails() {
            for number in mail.from.iter().chain(index.to(&mail)) {
                if let Some(list) = self.with.get_mut(number)
                    && list.last() != Some(&place)
                {
                    list.push(place);
                }
            }
        }
    }

    /// A message turned out to be about an address, or about a message, that its headers do not name.
    pub(super) fn learn(&mut self, place: usize, addresses: &[AddressNumber], cited: Option<u64>) {
        for address in addresses {
            if let Some(list) = self.with.get_mut(address) {
                list.push(place);
            }
        }
        if let Some(id) = cited {
            self.learnt.entry(id).or_default().push(place);
        }
    }

    /// All copies of a message.
    pub(super) fn copies(&self, index: &MailIndex, place: usize) -> Vec<usize> {
        let id = index.mail(place).and_then(|mail| mail.id);
        id.map_or_else(|| vec![place], |id| self.copies_of_id(index, id))
    }

    /// All copies of the message with this id.
    pub(super) fn copies_of_id(&self, index: &MailIndex, id: u64) -> Vec<usize> {
        self.bearing.get(id, id_at(index)).collect()
    }

    /// What cites a message, and what cites that, the message's copies included.
    pub(super) fn thread(&self, index: &MailIndex, id: u64) -> BTreeSet<usize> {
        let mut found: BTreeSet<usize> = self.bearing.get(id, id_at(index)).collect();
        let mut seen = BTreeSet::from([id]);
        let mut ids = vec![id];
        while let Some(id) = ids.pop() {
            let learnt = self.learnt.get(&id).into_iter().flatten().copied();
            let citing = self.citing.get(id, cited_at(index)).map(|place| index.packed().citing(place));
            for place in citing.chain(learnt) {
                if found.len() >= LONGEST_THREAD {
                    return found;
                }
                found.insert(place);
                let own = index.mail(place).and_then(|mail| mail.id);
                ids.extend(own.filter(|own| seen.insert(*own)));
            }
        }
        found
    }

    /// The copies of these messages, everything that cites one of them, and what cites that, however much it is.
    pub(super) fn all_behind(&self, index: &MailIndex, mut ids: Vec<u64>) -> BTreeSet<usize> {
        let mut seen: HashSet<u64> = ids.iter().copied().collect();
        let mut found = BTreeSet::new();
        while let Some(id) = ids.pop() {
            found.extend(self.copies_of_id(index, id));
            for place in self.citing.get(id, cited_at(index)).map(|place| index.packed().citing(place)) {
                found.insert(place);
                let own = index.mail(place).and_then(|mail| mail.id);
                ids.extend(own.filter(|own| seen.insert(*own)));
            }
        }
        found
    }

    /// Mail from or to an address.
    pub(super) fn with(&self, address: AddressNumber) -> &[usize] {
        self.with.get(&address).map_or(&[], Vec::as_slice)
    }

    /// Everything that concerns a handoff: its thread, and the mail with its prospects around it.
    pub(super) fn concerning(&self, index: &MailIndex, parties: &HandoffParties) -> BTreeSet<usize> {
        let mut found = parties.intro.map(|id| self.thread(index, id)).unwrap_or_default();
        let mut around: Vec<(DateTime<Utc>, usize, bool)> = Vec::new();
        for place in parties.prospects.iter().flat_map(|address| self.with(*address)) {
            let Some(mail) = index.mail(*place) else { continue };
            let author = mail.from.map(|from| index.known(from)).unwrap_or_default();
            let by_ae =
                parties.ae.is_some() && (author.person == parties.ae || author.delegate_of == parties.ae);
            around.push((mail.at, *place, by_ae));
        }
        around.sort_unstable();
        around.dedup();
        let since = parties.at - BEFORE;
        let before = around.iter().filter(|(at, ..)| *at < parties.at && *at >= since);
        // The first contact says how long it took, the last mail what was agreed.
        let before: Vec<usize> = before.map(|(_, place, _)| *place).collect();
        found.extend(before.iter().take(MOST_BEFORE / 2));
        found.extend(before.iter().rev().take(MOST_BEFORE / 2));
        let after = || around.iter().filter(|(at, ..)| *at >= parties.at - TimeDelta::minutes(5));
        found.extend(after().filter(|(.., by_ae)| *by_ae).take(MOST_BY_AE).map(|(_, place, _)| place));
        found.extend(after().take(MOST_AFTER).map(|(_, place, _)| place));
        found
    }

    /// How AE and prospects had been in touch before. `cited`: what the mail in question cites.
    pub(super) fn contact(
        &self,
        index: &MailIndex,
        parties: &HandoffParties,
        sdr: Option<usize>,
        cited: &[u64],
    ) -> EarlierContact {
        let before = parties.at - TimeDelta::minutes(5);
        let is_person = |person: Option<usize>| {
            move |number: AddressNumber| person.is_some() && index.known(number).person == person
        };
        let (is_ae, is_sdr) = (is_person(parties.ae), is_person(sdr));
        let is_prospect = |number: AddressNumber| parties.prospects.contains(&number);
        let (mut by_ae, mut to_ae, mut with_sdr) = (false, false, false);
        for place in parties.prospects.iter().flat_map(|address| self.with(*address)) {
            let Some(mail) = index.mail(*place).filter(|mail| mail.at < before) else { continue };
            let Some(from) = mail.from else { continue };
            let reaches = |is: &dyn Fn(AddressNumber) -> bool| index.to(&mail).iter().any(|one| is(*one));
            let (from_ae, from_prospect) = (is_ae(from), is_prospect(from));
            if !(from_ae && reaches(&is_prospect) || from_prospect && reaches(&is_ae)) {
                continue;
            }
            if mail.id.is_some_and(|id| cited.contains(&id)) {
                return EarlierContact::InThread;
            }
            by_ae |= from_ae;
            to_ae |= from_prospect;
            with_sdr |= reaches(&is_sdr);
        }
        match (by_ae, to_ae) {
            (false, false) => EarlierContact::None,
            (true, true) => EarlierContact::Mutual,
            _ if with_sdr => EarlierContact::Mutual,
            _ => EarlierContact::OneSided,
        }
    }
}

/// The id of the message at a place.
fn id_at(index: &MailIndex) -> impl Fn(usize) -> u64 + Copy + '_ {
    |place| index.mail(place).and_then(|mail| mail.id).unwrap_or_default()
}

/// The id at a place among all that is cited.
fn cited_at(index: &MailIndex) -> impl Fn(usize) -> u64 + Copy + '_ {
    |place| index.packed().all_cited().get(place).copied().unwrap_or_default()
}
