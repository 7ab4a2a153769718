//! What baton could see: watermarks, outages, the last look. Blind is not breached. docs/behaviour.md section 7.
//!
//! Whoever asks whether everything was read past an instant leaves a note where it was not, as `wake` does of time: the
//! judgement then waits for reading, and for nothing else.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};

use super::super::fact::{Fact, FactKind};
use super::super::mails::ReadBrief;
use super::judgement::AwaitedReading;

/// An outage of one account: since when, and until when where it is over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AccountOutage {
    pub began: DateTime<Utc>,
    pub ended: Option<DateTime<Utc>>,
    pub account: String,
}

/// How far the accounts of one handoff have been read.
#[derive(Debug, Default)]
pub(super) struct ReadingProgress {
    accounts: BTreeSet<String>,
    folders: BTreeMap<String, BTreeSet<String>>,
    read_until: BTreeMap<(String, String), DateTime<Utc>>,
    outages: BTreeSet<AccountOutage>,
    looks: BTreeMap<DateTime<Utc>, BTreeSet<String>>,
    pub clock_in_doubt: bool,
    /// The latest instant that was asked about and up to which not everything has been read.
    unread: Cell<Option<DateTime<Utc>>>,
}

impl ReadingProgress {
    pub(crate) fn from_facts(facts: &[Fact], accounts: BTreeSet<String>) -> Self {
        let mut sight = Self { accounts, ..Self::default() };
        for fact in facts {
            match &fact.what {
                FactKind::FoldersWatched { account, folders } => {
                    sight.folders.entry(account.clone()).or_default().extend(folders.iter().cloned());
                }
                FactKind::FolderReadUntil { account, folder } => {
                    let slot = sight.read_until.entry((account.clone(), folder.clone())).or_insert(fact.at);
                    *slot = (*slot).max(fact.at);
                }
                FactKind::Outage { account, ended } => {
                    sight.outages.insert(AccountOutage {
                        began: fact.at,
                        ended: *ended,
                        account: account.clone(),
                    });
                }
                FactKind::LastLook { deadline, refused } => {
                    sight.looks.entry(*deadline).or_default().extend(refused.iter().cloned());
                }
                FactKind::ClockInDoubt => sight.clock_in_doubt = true,
                _ => {}
            }
        }
        sight
    }

    pub(crate) fn accounts(&self) -> &BTreeSet<String> {
        &self.accounts
    }

    /// Until when all watched folders of an account have been read; `None` where one never was.
    fn account_read_until(&self, account: &str) -> Option<DateTime<Utc>> {
        let folders = self.folders.get(account).filter(|folders| !folders.is_empty())?;
        let times: Option<Vec<_>> = folders
            .iter()
            .map(|folder| self.read_until.get(&(account.to_owned(), folder.clone())).copied())
            .collect();
        times?.into_iter().min()
    }

    /// Every watched folder of the handoff was read at or after `at`.
    pub(crate) fn has_read(&self, at: DateTime<Utc>) -> bool {
        let has_read = !self.accounts.is_empty()
            && self
                .accounts
                .iter()
                .all(|account| self.account_read_until(account).is_some_and(|until| until >= at));
        if !has_read {
            self.unread.set(self.unread.get().max(Some(at)));
        }
        has_read
    }

    /// What reading could change of all that was asked here.
    pub(crate) fn awaits(&self) -> Option<AwaitedReading> {
        let accounts = self.accounts.clone();
        self.unread.get().map(|past| AwaitedReading { past, accounts })
    }

    pub(crate) fn mailboxes(&self) -> Vec<ReadBrief> {
        self.accounts
            .iter()
            .filter_map(|account| {
                self.account_read_until(account)
                    .map(|read_until| ReadBrief { account: account.clone(), read_until })
            })
            .collect()
    }

    /// Folders that refused the last look of this deadline; `None` while it has not been taken.
    pub(crate) fn last_look(&self, deadline: DateTime<Utc>) -> Option<&BTreeSet<String>> {
        self.looks.get(&deadline)
    }

    /// Outages of the handoff's accounts that last.
    fn lasting(&self) -> impl Iterator<Item = &AccountOutage> {
        let is_over = |outage: &AccountOutage| {
            outage.ended.is_some()
                || self.outages.iter().any(|other| {
                    other.account == outage.account && other.began == outage.began && other.ended.is_some()
                })
        };
        self.outages.iter().filter(move |outage| self.accounts.contains(&outage.account) && !is_over(outage))
    }

    /// When the verdict becomes `cannot-see` by the outage that has lasted longest: after `blind_after`
    /// seconds, or past the deadline.
    pub(crate) fn blind_from(&self, deadline: DateTime<Utc>, blind_after: u32) -> Option<DateTime<Utc>> {
        let blind_after = Duration::seconds(i64::from(blind_after));
        let past_deadline = deadline + Duration::seconds(1);
        self.lasting().map(|outage| (outage.began + blind_after).min(past_deadline.max(outage.began))).min()
    }
}
