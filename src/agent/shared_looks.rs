//! Which last looks are waiting for which accounts, so that one look through an account serves every handoff that waits
//! for it. docs/behaviour.md section 7.
//!
//! A look through an account serves those whose deadline had passed when it began, and that waited by then; whoever comes
//! later has the next one. Known limit: what one account has refused is asked of all accounts again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::judge::LastLook;
use crate::domain::message::Address;
use crate::imap::Search;

use super::spelling::spellings;

/// Whose look it is, and for which deadline.
pub(super) type LookName = (String, DateTime<Utc>);

/// A look through one account, and whom it serves.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AccountLook {
    pub account: String,
    pub looks: Vec<(LookName, LastLook)>,
}

/// A look that has gone through all of its accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TakenLook {
    pub handoff: String,
    pub deadline: DateTime<Utc>,
    /// Folders that refused, as `account/folder`.
    pub refused: Vec<String>,
}

#[derive(Debug)]
struct WaitingLook {
    look: LastLook,
    /// Accounts that have not been looked through for it.
    left: BTreeSet<String>,
    refused: BTreeSet<String>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct SharedLooks {
    waiting: BTreeMap<LookName, WaitingLook>,
    /// Accounts that are being looked through.
    busy: BTreeSet<String>,
    /// Handoffs that are not asked for before this: their looks could not be taken, or they wait for something else.
    held: BTreeMap<String, DateTime<Utc>>,
}

impl SharedLooks {
    /// Handoffs whose looks are under way, or were tried a moment ago.
    pub(super) fn known(&self, now: DateTime<Utc>) -> BTreeSet<String> {
        let held = self.held.iter().filter(|(_, until)| **until > now).map(|(handoff, _)| handoff);
        self.waiting.keys().map(|(handoff, _)| handoff).chain(held).cloned().collect()
    }

    /// Takes in looks that are due. One whose deadline is still to come is none.
    pub(super) fn add(&mut self, due: Vec<(String, LastLook)>, now: DateTime<Utc>) {
        self.held.retain(|_, until| *until > now);
        for (handoff, look) in due.into_iter().filter(|(_, look)| look.deadline <= now) {
            let left = look.accounts.iter().cloned().collect();
            let name = (handoff, look.deadline);
            self.waiting.entry(name).or_insert(WaitingLook { look, left, refused: BTreeSet::new() });
        }
    }

    pub(super) fn is_at_work(&self) -> bool {
        !self.busy.is_empty()
    }

    /// Looks that begin now, with those under way at most `at_once`; first the account that most wait for.
    pub(super) fn begin(&mut self, at_once: usize) -> Vec<AccountLook> {
        let mut wanted: BTreeMap<&String, Vec<(LookName, LastLook)>> = BTreeMap::new();
        for (name, waiting) in &self.waiting {
            for account in waiting.left.iter().filter(|account| !self.busy.contains(*account)) {
                wanted.entry(account).or_default().push((name.clone(), waiting.look.clone()));
            }
        }
        let mut wanted: Vec<AccountLook> = wanted
            .into_iter()
            .map(|(account, looks)| AccountLook { account: account.clone(), looks })
            .collect();
        wanted.sort_by_key(|one| std::cmp::Reverse(one.looks.len()));
        wanted.truncate(at_once.saturating_sub(self.busy.len()));
        self.busy.extend(wanted.iter().map(|one| one.account.clone()));
        wanted
    }

    /// A look through an account was taken. Returns those that have gone through all of theirs by it.
    pub(super) fn end(&mut self, taken: &AccountLook, refused: &BTreeSet<String>) -> Vec<TakenLook> {
        self.busy.remove(&taken.account);
        let mut done = Vec::new();
        for (name, _) in &taken.looks {
            let Some(waiting) = self.waiting.get_mut(name) else { continue };
            waiting.left.remove(&taken.account);
            waiting.refused.extend(refused.iter().cloned());
            if waiting.left.is_empty()
                && let Some(waiting) = self.waiting.remove(name)
            {
                let refused = waiting.refused.into_iter().collect();
                done.push(TakenLook { handoff: name.0.clone(), deadline: name.1, refused });
            }
        }
        done
    }

    /// A look through an account could not be taken: whom it was to serve tries again later.
    pub(super) fn fail(&mut self, failed: &AccountLook, until: DateTime<Utc>) {
        self.busy.remove(&failed.account);
        for (name, _) in &failed.looks {
            self.waiting.remove(name);
            self.held.insert(name.0.clone(), until);
        }
    }

    /// These handoffs are not to be asked for before then.
    pub(super) fn hold(&mut self, handoffs: Vec<String>, until: DateTime<Utc>) {
        self.held.extend(handoffs.into_iter().map(|handoff| (handoff, until)));
    }
}

/// Addresses of prospect contacts that one search asks for; each is asked for twice, in To and in Cc.
const CONTACTS_AT_ONCE: usize = 15;

/// What has to be searched for in one folder: mail of the same authors is asked for together. What is found may be more
/// than was asked for, and is sorted out by its headers.
pub(super) fn searches<'l>(looks: impl IntoIterator<Item = &'l LastLook>) -> Vec<Search> {
    let mut by_author: BTreeMap<Vec<&Address>, (DateTime<Utc>, BTreeSet<&Address>)> = BTreeMap::new();
    for look in looks {
        let from: BTreeSet<&Address> = look.from.iter().collect();
        let (since, to) =
            by_author.entry(from.into_iter().collect()).or_insert_with(|| (look.since, BTreeSet::new()));
        *since = look.since.min(*since);
        to.extend(&look.to);
    }
    let mut searches = Vec::new();
    for (from, (since, to)) in by_author {
        // The server's day may be another than ours.
        let day = (since - TimeDelta::days(1)).date_naive();
        let to: Vec<&Address> = to.into_iter().collect();
        for some in to.chunks(CONTACTS_AT_ONCE) {
            let from = from.iter().flat_map(|address| spellings(address, Search::from)).collect();
            let to = some.iter().flat_map(|address| {
                [Search::to, Search::cc].into_iter().flat_map(|field| spellings(address, field))
            });
            searches.push(Search::new().since(day).any(from).any(to.collect()));
        }
    }
    searches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_796_040_000 + minute * 60, 0).unwrap()
    }

    fn look(deadline: i64, accounts: &[&str], to: &str) -> LastLook {
        LastLook {
            deadline: at(deadline),
            accounts: accounts.iter().map(|name| (*name).to_owned()).collect(),
            from: vec![Address::new("calvin@vendor.example").unwrap()],
            to: vec![Address::new(to).unwrap()],
            since: at(deadline - 60),
        }
    }

    fn served(look: &AccountLook) -> Vec<&str> {
        look.looks.iter().map(|((handoff, _), _)| handoff.as_str()).collect()
    }

    #[test]
    fn one_look_through_an_account_serves_all_that_wait_for_it() {
        let mut looks = SharedLooks::default();
        let due = (0..40).map(|number| {
            let accounts = ["agent".to_owned(), format!("ae{}", number % 4)];
            let accounts: Vec<&str> = accounts.iter().map(String::as_str).collect();
            (format!("acme-{number}"), look(0, &accounts, "sarah@acme.example"))
        });
        looks.add(due.collect(), at(1));
        let begun = looks.begin(16);
        assert_eq!(begun.len(), 5, "an account each");
        assert_eq!((begun[0].account.as_str(), begun[0].looks.len()), ("agent", 40));
        assert_eq!(looks.begin(16), [], "nothing twice");
        let none = BTreeSet::new();
        assert_eq!(looks.end(&begun[0], &none), [], "their other account is still to come");
        let refused = BTreeSet::from(["ae0/Odd".to_owned()]);
        let taken = looks.end(&begun[1], &refused);
        assert_eq!(taken.len(), 10);
        assert!(taken.iter().all(|one| one.refused == ["ae0/Odd"] && one.deadline == at(0)));
    }

    #[test]
    fn a_verdict_never_uses_a_look_that_began_before_its_deadline_or_before_it_waited() {
        let mut looks = SharedLooks::default();
        let early = ("acme-1".to_owned(), look(0, &["agent"], "sarah@acme.example"));
        let late = ("other-2".to_owned(), look(5, &["agent"], "jo@other.example"));
        looks.add(vec![early, late.clone()], at(1));
        let begun = looks.begin(16);
        assert_eq!(served(&begun[0]), ["acme-1"], "the other's deadline is still to come");
        // It comes while the account is being looked through.
        looks.add(vec![late], at(6));
        assert_eq!(looks.begin(16), [], "the account is busy");
        let none = BTreeSet::new();
        let taken: Vec<String> = looks.end(&begun[0], &none).into_iter().map(|one| one.handoff).collect();
        assert_eq!(taken, ["acme-1"]);
        let begun = looks.begin(16);
        assert_eq!(served(&begun[0]), ["other-2"], "by a look of its own");
        assert_eq!(looks.end(&begun[0], &none).len(), 1);
        assert!(!looks.is_at_work() && looks.known(at(6)).is_empty());
    }

    #[test]
    fn what_could_not_be_taken_is_tried_again_and_holds_no_other_up() {
        let mut looks = SharedLooks::default();
        let due = vec![
            ("acme-1".to_owned(), look(0, &["agent", "calvin"], "sarah@acme.example")),
            ("other-2".to_owned(), look(0, &["agent", "eve"], "jo@other.example")),
        ];
        looks.add(due.clone(), at(1));
        let begun = looks.begin(2);
        assert_eq!(begun.len(), 2, "no more at the same time");
        let (agent, calvin) = (&begun[0], &begun[1]);
        looks.fail(calvin, at(2));
        assert_eq!(looks.known(at(1)), BTreeSet::from(["acme-1".to_owned(), "other-2".to_owned()]));
        looks.end(agent, &BTreeSet::new());
        let begun = looks.begin(2);
        assert_eq!(begun[0].account, "eve");
        assert_eq!(looks.end(&begun[0], &BTreeSet::new())[0].handoff, "other-2");
        assert_eq!(looks.known(at(3)), BTreeSet::new());
        looks.add(due, at(3));
        let begun = looks.begin(2);
        assert_eq!(begun[0].account, "agent", "all of its accounts anew");
    }

    #[test]
    fn mail_of_one_author_to_many_contacts_is_asked_for_together() {
        let looks: Vec<LastLook> =
            (0..25).map(|number| look(number, &[], &format!("sarah@acme{number}.example"))).collect();
        assert_eq!(searches(&looks).len(), 2);
        let mut others = looks.clone();
        others[3].from = vec![Address::new("eve@vendor.example").unwrap()];
        assert_eq!(searches(&others).len(), 3);
        let alone = searches(&looks[..1]);
        let day = (at(-60) - TimeDelta::days(1)).date_naive();
        let to = Search::new().to("sarah").to("acme0.example");
        let cc = Search::new().cc("sarah").cc("acme0.example");
        let expected = Search::new()
            .since(day)
            .any(vec![Search::new().from("calvin").from("vendor.example")])
            .any(vec![to, cc]);
        assert_eq!(alone, [expected]);
        // Wide alternatives: the earliest of all.
        let mut early = looks.clone();
        early[20].since = at(-10_000);
        let day = (at(-10_000) - TimeDelta::days(1)).date_naive();
        assert!(searches(&early).iter().all(|one| format!("{one:?}").contains(&day.to_string())));
    }
}
