//! Whose turn it was as AE: the record's AE, then the AE whom a person gave the handoff to. docs/behaviour.md
//! section 1.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::super::fact::{Fact, FactKind, StatementKind};
use super::super::handoff::Handoff;

/// Who had a handoff before its present AE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormerAe {
    pub name: String,
    /// When the present AE got it.
    pub until: DateTime<Utc>,
}

/// Who had the handoff at `at`, where it was given away since.
pub(crate) fn former_ae(handoff: &Handoff, facts: &[Fact], at: DateTime<Utc>) -> Option<FormerAe> {
    let tenures = Tenures::from_facts(&handoff.record.ae, facts);
    let (then, last) = (tenures.at(at), tenures.last());
    (then < last).then(|| FormerAe { name: tenures.ae(then).to_owned(), until: tenures.since(last) })
}

/// The AEs of a handoff, one after the other.
#[derive(Debug)]
pub(super) struct Tenures {
    /// Name of the AE and since when; the first counts from the beginning of time.
    list: Vec<(DateTime<Utc>, String)>,
    /// When baton read who has it, where that was long after it was said, by tenure.
    read_at: BTreeMap<usize, DateTime<Utc>>,
}

impl Tenures {
    pub(crate) fn from_facts(first: &str, facts: &[Fact]) -> Self {
        let mut changes = BTreeMap::new();
        for fact in facts {
            if let FactKind::Said(statement) = &fact.what
                && let StatementKind::Reassigned { ae } = &statement.says
            {
                changes.insert((fact.at, &statement.id), (ae, statement.read_at));
            }
        }
        let mut list = vec![(DateTime::<Utc>::MIN_UTC, first.to_owned())];
        let mut late: BTreeMap<usize, DateTime<Utc>> = BTreeMap::new();
        for ((at, _), (ae, read_at)) in changes {
            if list.last().is_some_and(|(_, current)| current != ae) {
                late.extend(read_at.map(|read_at| (list.len(), read_at)));
                list.push((at, ae.to_owned()));
            } else if let Some(known) = late.get_mut(&(list.len() - 1)) {
                // Said once more, or found to have been read before.
                *known = read_at.unwrap_or(at).min(*known);
            }
        }
        Self { list, read_at: late }
    }

    /// From when on the AE of a tenure has the time of the SLA: nobody owes anything before they can know of it.
    pub(crate) fn owes_from(&self, tenure: usize) -> DateTime<Utc> {
        let since = self.since(tenure);
        self.read_at.get(&tenure).map_or(since, |read_at| since.max(*read_at))
    }

    /// Index of the tenure in force at `at`. baton's own acts come first within a second.
    pub(crate) fn at(&self, at: DateTime<Utc>) -> usize {
        self.list.iter().rposition(|(since, _)| *since <= at).unwrap_or(0)
    }

    /// When a tenure began; the first at the beginning of time.
    pub(crate) fn since(&self, tenure: usize) -> DateTime<Utc> {
        self.list.get(tenure).map_or(DateTime::<Utc>::MIN_UTC, |(since, _)| *since)
    }

    pub(crate) fn last(&self) -> usize {
        self.list.len().saturating_sub(1)
    }

    pub(crate) fn ae(&self, tenure: usize) -> &str {
        self.list.get(tenure).map_or("", |(_, ae)| ae.as_str())
    }

    /// How often the AE of a tenure had the handoff before.
    pub(crate) fn earlier(&self, tenure: usize) -> usize {
        (0..tenure).filter(|earlier| self.ae(*earlier) == self.ae(tenure)).count()
    }

    pub(crate) fn current_ae(&self) -> &str {
        self.ae(self.last())
    }

    /// Every change of AE: when, and to whom.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (DateTime<Utc>, &str)> {
        self.list.iter().skip(1).map(|(at, ae)| (*at, ae.as_str()))
    }
}
