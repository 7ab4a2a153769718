//! Mails that concern no single handoff: what could not be seen, that it can be seen again, and what the
//! operator has to fix.
//!
//! `wanted` is pure, as the judgement is: from what the store holds to the mails that ought to exist by now.
//! The weekly digest is in `digest`.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::judge::Policy;
use crate::domain::mails::{MailBrief, MailKey, MailKind, Voice, WantedMail};
use crate::domain::message::{Address, Mailbox};
use crate::store::{Alert, Result as Stored, StoredOutage};

/// An open handoff, as far as an outage concerns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AffectedHandoff {
    pub company: String,
    pub sdr: String,
    /// Accounts whose folders must be read for it.
    pub accounts: BTreeSet<String>,
}

/// Mails that ought to exist by now, and when that could change by time alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GlobalMails {
    pub mails: Vec<WantedMail>,
    pub wake: Option<DateTime<Utc>>,
    /// Digests that are queued, and were not put together again.
    pub queued: Vec<MailKey>,
    /// Digests for which there is nothing to say: manager and week. Noted, nobody asks again.
    pub empty_digests: Vec<(String, String)>,
}

/// `was_sent` says whether a mail of this key has left or may have.
pub(crate) fn wanted(
    policy: &Policy,
    open: &[AffectedHandoff],
    outages: &[StoredOutage],
    alerts: &[Alert],
    was_sent: &dyn Fn(&MailKey) -> Stored<bool>,
    now: DateTime<Utc>,
) -> Stored<GlobalMails> {
    let mut wanted = GlobalMails::default();
    let blind_after = TimeDelta::seconds(i64::from(policy.blind_after));
    for outage in outages {
        match outage.ended {
            None if outage.since + blind_after > now => {
                let at = outage.since + blind_after;
                wanted.wake = Some(wanted.wake.map_or(at, |wake| wake.min(at)));
            }
            None => wanted.mails.extend(cannot_see(policy, open, outage)),
            Some(ended) => {
                let operator = cannot_see_key(outage, &policy.operator);
                if was_sent(&operator)? {
                    wanted.mails.push(can_see(policy, outage, ended));
                }
            }
        }
    }
    for alert in alerts.iter().filter(|alert| alert.resolved.is_none()) {
        wanted.mails.push(WantedMail {
            key: MailKey { kind: MailKind::Trouble, about: format!("{} #{}", alert.subject, alert.seq) },
            from: Voice::Agent,
            to: vec![nameless(&policy.operator)],
            cc: Vec::new(),
            not_before: None,
            brief: MailBrief::Trouble {
                what: alert.what.clone(),
                detail: alert.detail.clone(),
                remedy: alert.remedy.clone(),
            },
        });
    }
    Ok(wanted)
}

fn nameless(address: &Address) -> Mailbox {
    Mailbox { name: String::new(), address: address.clone() }
}

fn cannot_see_key(outage: &StoredOutage, reader: &Address) -> MailKey {
    MailKey { kind: MailKind::CannotSee, about: format!("outage {} {reader}", outage.seq) }
}

/// The mail that says that an outage is over.
pub(crate) fn can_see_key(outage: &StoredOutage) -> MailKey {
    MailKey { kind: MailKind::CanSee, about: format!("outage {}", outage.seq) }
}

/// One mail to each SDR with an open handoff that the account matters to, and one to the operator.
fn cannot_see(policy: &Policy, open: &[AffectedHandoff], outage: &StoredOutage) -> Vec<WantedMail> {
    let affected: Vec<&AffectedHandoff> =
        open.iter().filter(|handoff| handoff.accounts.contains(&outage.account)).collect();
    if affected.is_empty() {
        return Vec::new();
    }
    let mut readers = vec![(nameless(&policy.operator), affected.clone())];
    for person in &policy.people {
        let own: Vec<&AffectedHandoff> =
            affected.iter().filter(|handoff| handoff.sdr == person.name).copied().collect();
        let is_operator = person.address == policy.operator || person.aliases.contains(&policy.operator);
        if !own.is_empty() && !is_operator {
            let mailbox = Mailbox { name: person.name.clone(), address: person.address.clone() };
            readers.push((mailbox, own));
        }
    }
    let companies = |handoffs: Vec<&AffectedHandoff>| {
        let names: BTreeSet<String> = handoffs.into_iter().map(|one| one.company.clone()).collect();
        names.into_iter().collect()
    };
    readers
        .into_iter()
        .map(|(reader, handoffs)| WantedMail {
            key: cannot_see_key(outage, &reader.address),
            from: Voice::Agent,
            to: vec![reader],
            cc: Vec::new(),
            not_before: None,
            brief: MailBrief::CannotSee {
                account: outage.account.clone(),
                since: outage.since,
                companies: companies(handoffs),
            },
        })
        .collect()
}

fn can_see(policy: &Policy, outage: &StoredOutage, ended: DateTime<Utc>) -> WantedMail {
    WantedMail {
        key: can_see_key(outage),
        from: Voice::Agent,
        to: vec![nameless(&policy.operator)],
        cc: Vec::new(),
        not_before: None,
        brief: MailBrief::CanSee { account: outage.account.clone(), since: outage.since, until: ended },
    }
}
