//! The weekly digest: each manager's week before, in their working hours, once. docs/behaviour.md section 12.
//!
//! Level-triggered like all global mail: what has not left by closing time waits until the manager works again, in the
//! same week.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::domain::audit::digest::{DigestTime, digest, digest_time, missed_week, week_before};
use crate::domain::audit::{AuditedHandoff, weeks};
use crate::domain::mails::{MailBrief, MailKey, MailKind, Voice, WantedMail};
use crate::domain::message::Mailbox;
use crate::domain::people::{Person, TeamRole};
use crate::store::{OutboxState, ReadTransaction, Result as Stored, Scope};

use super::app::App;
use super::audited::audited_handoff;
use super::global_mails::GlobalMails;

/// A handoff that was closed longer ago is in no digest any more.
const TWO_WEEKS: TimeDelta = TimeDelta::days(14);

/// The digests that ought to leave now, and when the next could.
pub(crate) fn wanted_digests(app: &App, tx: &ReadTransaction<'_>, now: DateTime<Utc>) -> Stored<GlobalMails> {
    let mut wanted = GlobalMails::default();
    let managers = app.policy.people.iter().filter(|person| person.roles.contains(&TeamRole::Manager));
    // Without a handoff none is wanted; a new one is an event of its own.
    let is_near = tx.oldest_open()?.is_some() || !tx.handoffs_closed_since(now - TWO_WEEKS)?.is_empty();
    for manager in managers {
        let next = match digest_time(&manager.working, now) {
            DigestTime::Now { monday } => {
                let week = weeks::week_name(monday);
                if is_near && !is_settled(tx, manager, &week)? {
                    match digest_of(app, tx, manager, monday, now)? {
                        Some(mail) => wanted.mails.push(mail),
                        None => wanted.empty_digests.push((manager.name.clone(), week)),
                    }
                }
                manager.working.following_open(now)
            }
            DigestTime::Later { at } => {
                // What this week's first hours have not brought waits for its next ones.
                if let Some(monday) = missed_week(&manager.working, now, at)
                    && is_near
                    && !is_settled(tx, manager, &weeks::week_name(monday))?
                {
                    let mail = digest_of(app, tx, manager, monday, now)?;
                    wanted.mails.extend(mail.map(|mail| WantedMail { not_before: Some(at), ..mail }));
                }
                at
            }
        };
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

/// It has left or may have, or there was nothing to say: what the week before was like does not change any more.
fn is_settled(tx: &ReadTransaction<'_>, manager: &Person, week: &str) -> Stored<bool> {
    if tx.meta(&empty_week_name(&manager.name))?.as_deref() == Some(week) {
        return Ok(true);
    }
    let row = tx.outbox_by_key(&Scope::Global, &key(manager, week))?;
    Ok(row.is_some_and(|row| !matches!(row.state, OutboxState::Queued | OutboxState::Cancelled)))
}

fn digest_of(
    app: &App,
    tx: &ReadTransaction<'_>,
    manager: &Person,
    monday: NaiveDate,
    now: DateTime<Utc>,
) -> Stored<Option<WantedMail>> {
    let key = key(manager, &weeks::week_name(monday));
    let zone = &*manager.working.zone;
    let (from, _) = week_before(monday, zone);
    let mut handoffs: Vec<AuditedHandoff> = Vec::new();
    for id in tx.open_handoffs()?.into_iter().chain(tx.handoffs_closed_since(from)?) {
        let Some(audited) = audited_handoff(tx, &app.policy, &id, now)? else { continue };
        let managers = [&audited.ae, &audited.sdr].map(|name| app.policy.person(name)?.manager.as_deref());
        if managers.contains(&Some(manager.name.as_str())) {
            handoffs.push(audited);
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
