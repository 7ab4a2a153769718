//! The deadline of each clock, fixed at its start: one that was noted then stands, whatever the configuration
//! says since. docs/behaviour.md section 1. Counting is `sla`'s business, noting it the agent's.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::super::fact::FixedDeadline;
use super::super::fact::{Fact, FactKind};
use super::super::sla;
use super::directory::Directory;
use super::policy::Policy;

/// Counts deadlines, and knows those that were counted before.
#[derive(Debug)]
pub(super) struct DeadlineCounter<'a> {
    policy: &'a Policy,
    /// By the clock's start and its AE.
    noted: BTreeMap<(DateTime<Utc>, &'a str), &'a FixedDeadline>,
}

impl<'a> DeadlineCounter<'a> {
    pub(crate) fn new(policy: &'a Policy, facts: &'a [Fact]) -> Self {
        let noted = facts.iter().filter_map(|fact| match &fact.what {
            FactKind::DeadlineFixed(fixed) => Some(((fixed.started, fixed.ae.as_str()), fixed)),
            _ => None,
        });
        Self { policy, noted: noted.collect() }
    }

    /// Of a clock that starts at `started` for this AE. `None`: nobody of that name is configured.
    pub(crate) fn of(
        &self,
        directory: &Directory,
        ae: &str,
        started: DateTime<Utc>,
    ) -> Option<FixedDeadline> {
        if let Some(noted) = self.noted.get(&(started, ae)) {
            return Some((*noted).clone());
        }
        let counted = sla::deadline(&self.policy.sla, &directory.person(ae)?.working, started);
        Some(FixedDeadline { started, ae: ae.to_owned(), deadline: counted.at, why: counted.why })
    }
}
