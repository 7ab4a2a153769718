//! The weekly digest: each manager's week before, in their working hours, once. docs/behaviour.md section 12.
//!
//! Level-triggered like all global mail: what has not left by closing time waits until the manager works again, in the
//! same week.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::domain::audit::digest::{DigestTime, digest, digest_time, missed_week, week_before};
use crate::domain::audit::{AuditedHandoff, weeks};
use crate::domain::mails::{MailBrief, MailKey, MailKind, Voice, WantedMail};
use crate::domain::message::Mailbox;
use crate::domain::people::{Person, TeamRole};
use crate::store::{OutboxState, ReadTransaction, Result as Stored, Scope};

use super::app::App;
use super::audited::audited_handoff;
use super::concerned::people_of;
use super::global_mails::GlobalMails;

/// A handoff that was closed longer ago is in no digest any more.
const TWO_WEEKS: TimeDelta = TimeDelta::days(14);

/// Which digests are put together: each has a part of all handoffs judged.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DigestChoice<'k> {
    /// Those that wait for nothing but to be queued.
    NotQueued,
    /// The one of this key.
    Only(&'k MailKey),
    All,
}

/// The digests that ought to leave now, and when the next could.
pub(crate) fn wanted_digests(
    app: &App,
    tx: &ReadTransaction<'_>,
    choice: DigestChoice<'_>,
    now: DateTime<Utc>,
) -> Stored<GlobalMails> {
    let mut wanted = GlobalMails::default();
    let mut week = DigestedHandoffs { app, tx, now, managers: BTreeMap::new(), audited: BTreeMap::new() };
    let managers = app.policy.people.iter().filter(|person| person.roles.contains(&TeamRole::Manager));
    // Without a handoff none is wanted; a new one is an event of its own.
    let is_near = tx.oldest_open()?.is_some() || tx.has_closed_since(now - TWO_WEEKS)?;
    for manager in managers {
        // A week that is due, and when its digest may leave at the earliest; when to look again.
        let (due, next) = match digest_time(&manager.working, now) {
            DigestTime::Now { monday } => (Some((monday, None)), manager.working.following_open(now)),
            // What this week's first hours have not brought waits for its next ones.
            DigestTime::Later { at } => {
                (missed_week(&manager.working, now, at).map(|monday| (monday, Some(at))), at)
            }
        };
        if let Some((monday, not_before)) = due {
            let name = weeks::week_name(monday);
            match state_of(tx, manager, &name, choice)? {
                DigestState::ToBeMade if is_near => match week.digest_of(manager, monday)? {
                    Some(mail) => wanted.mails.push(WantedMail { not_before, ..mail }),
                    None => wanted.empty_digests.push((manager.name.clone(), name)),
                },
                DigestState::Queued => wanted.queued.push(key(manager, &name)),
                DigestState::ToBeMade | DigestState::Settled => {}
            }
        }
        if is_near {
            wanted.wake = Some(wanted.wake.map_or(next, |wake| wake.min(next)));
        }
    }
    Ok(wanted)
}

fn key(manager: &Person, week: &str) -> MailKey {
    MailKey { kind: MailKind::Digest, about: format!("{} {week}", manager.name) }
}

/// Under this name the store remembers the last week in which there was nothing to tell a manager.
pub(crate) fn empty_week_name(manager: &str) -> String {
    format!("empty-digest {manager}")
}

/// What has become of a week's digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DigestState {
    /// It has left or may have, or there was nothing to say: what the week before was like does not change any more.
    Settled,
    /// It waits to leave, and is looked at once more before it does.
    Queued,
    ToBeMade,
}

fn state_of(
    tx: &ReadTransaction<'_>,
    manager: &Person,
    week: &str,
    choice: DigestChoice<'_>,
) -> Stored<DigestState> {
    let key = key(manager, week);
    if matches!(choice, DigestChoice::Only(only) if *only != key)
        || tx.meta(&empty_week_name(&manager.name))?.as_deref() == Some(week)
    {
        return Ok(DigestState::Settled);
    }
    let state = tx.outbox_by_key(&Scope::Global, &key)?.map(|row| row.state);
    Ok(match (state, choice) {
        (Some(OutboxState::Queued), DigestChoice::NotQueued) => DigestState::Queued,
        (None | Some(OutboxState::Queued | OutboxState::Cancelled), _) => DigestState::ToBeMade,
        (Some(_), _) => DigestState::Settled,
    })
}

/// The handoffs that digests are made of, each judged once for all managers.
struct DigestedHandoffs<'a, 't> {
    app: &'a App,
    tx: &'a ReadTransaction<'t>,
    now: DateTime<Utc>,
    /// The managers of everybody who was ever SDR or AE of a handoff.
    managers: BTreeMap<String, BTreeSet<String>>,
    audited: BTreeMap<String, Option<AuditedHandoff>>,
}

impl DigestedHandoffs<'_, '_> {
    fn digest_of(&mut self, manager: &Person, monday: NaiveDate) -> Stored<Option<WantedMail>> {
        let key = key(manager, &weeks::week_name(monday));
        let zone = &*manager.working.zone;
        let (from, until) = week_before(monday, zone);
        let mut handoffs: Vec<AuditedHandoff> = Vec::new();
        for id in self.tx.open_handoffs()?.into_iter().chain(self.tx.handoffs_closed_since(from)?) {
            if self.may_be_of(&id, manager, until)? {
                let of_manager = self.audited(&id)?.filter(|one| self.is_of(one, manager));
                handoffs.extend(of_manager);
            }
        }
        let brief = digest(&handoffs, monday, zone);
        Ok(brief.map(|brief| WantedMail {
            key,
            from: Voice::Agent,
            to: vec![Mailbox { name: manager.name.clone(), address: manager.address.clone() }],
            cc: Vec::new(),
            not_before: None,
            brief: MailBrief::Digest(Box::new(brief)),
        }))
    }

    fn is_of(&self, handoff: &AuditedHandoff, manager: &Person) -> bool {
        let managers =
            [&handoff.ae, &handoff.sdr].map(|name| self.app.policy.person(name)?.manager.as_deref());
        managers.contains(&Some(manager.name.as_str()))
    }

    /// Whether a handoff that was made before `until` may be one of this manager's, without judging it.
    fn may_be_of(&mut self, id: &str, manager: &Person, until: DateTime<Utc>) -> Stored<bool> {
        if !self.managers.contains_key(id) {
            let mut managers = BTreeSet::new();
            if let Some(stored) = self.tx.handoff(id)?.filter(|stored| stored.handoff.created_at < until) {
                let people = people_of(self.tx, stored)?;
                let theirs = people.iter().filter_map(|name| self.app.policy.person(name)?.manager.clone());
                managers.extend(theirs);
            }
            self.managers.insert(id.to_owned(), managers);
        }
        Ok(self.managers.get(id).is_some_and(|managers| managers.contains(&manager.name)))
    }

    fn audited(&mut self, id: &str) -> Stored<Option<AuditedHandoff>> {
        if let Some(known) = self.audited.get(id) {
            return Ok(known.clone());
        }
        let audited = audited_handoff(self.tx, &self.app.policy, id, self.now)?;
        self.audited.insert(id.to_owned(), audited.clone());
        Ok(audited)
    }
}
