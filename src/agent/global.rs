//! The outbox brought in line with the mails that concern no single handoff: outages, their end, alerts, digests.
//!
//! What those mails are, `global_mails` decides; this asks the store for what it needs to know, and queues and
//! cancels. Level-triggered, as `turn` is.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::handoff::Record;
use crate::domain::mails::{MailKey, WantedMail};
use crate::store::{
    NewMail, OutboxState, QueueOutcome, ReadTransaction, Recipients, Result as Stored, Scope,
    WriteTransaction,
};

use super::app::App;
use super::clock_trust;
use super::digest::{DigestChoice, empty_week_name, wanted_digests};
use super::global_mails::{self, AffectedHandoff};
use super::returned_mail;

/// That a mailbox can be read again is reported within this time, or never.
pub(super) const REPORTED_WITHIN: TimeDelta = TimeDelta::days(14);

/// The mails that concern no single handoff, by now.
pub fn wanted_global(
    app: &App,
    tx: &ReadTransaction<'_>,
    now: DateTime<Utc>,
) -> Stored<global_mails::GlobalMails> {
    wanted_with(app, tx, DigestChoice::All, now)
}

/// The one of them of this key.
pub(crate) fn wanted_of_key(
    app: &App,
    tx: &ReadTransaction<'_>,
    key: &MailKey,
    now: DateTime<Utc>,
) -> Stored<Option<WantedMail>> {
    let mails = wanted_with(app, tx, DigestChoice::Only(key), now)?.mails;
    Ok(mails.into_iter().find(|mail| mail.key == *key))
}

fn wanted_with(
    app: &App,
    tx: &ReadTransaction<'_>,
    digests: DigestChoice<'_>,
    now: DateTime<Utc>,
) -> Stored<global_mails::GlobalMails> {
    let was_sent = |key: &MailKey| {
        let left = [OutboxState::Sending, OutboxState::Sent, OutboxState::Uncertain];
        let row = tx.outbox_by_key(&Scope::Global, key)?;
        Ok(row.is_some_and(|row| left.contains(&row.state)))
    };
    let outages = tx.outages_since(now - REPORTED_WITHIN)?;
    let mut open = Vec::new();
    let blind_after = TimeDelta::seconds(i64::from(app.policy.blind_after));
    // Whom it concerns matters once it is reported, and no sooner.
    let is_told = outages.iter().any(|outage| outage.ended.is_none() && outage.since + blind_after <= now);
    for id in if is_told { tx.open_handoffs()? } else { Vec::new() } {
        let Some(stored) = tx.handoff(&id)? else { continue };
        let Record { company, sdr, ae, .. } = stored.handoff.record;
        let ae = tx.reassigned_to(&id)?.unwrap_or(ae);
        let accounts = [app.policy.account_of(&sdr), app.policy.account_of(&ae)].into_iter().flatten();
        let accounts = accounts.chain([app.policy.agent_account.as_str()]).map(str::to_owned).collect();
        open.push(AffectedHandoff { accounts, company, sdr });
    }
    let mut wanted = global_mails::wanted(&app.policy, &open, &outages, &tx.alerts()?, &was_sent, now)?;
    let (time_checks, clock_wake) = clock_trust::wanted(app, tx, now)?;
    wanted.mails.extend(time_checks);
    let digests = wanted_digests(app, tx, digests, now)?;
    wanted.mails.extend(digests.mails);
    wanted.queued = digests.queued;
    wanted.empty_digests = digests.empty_digests;
    wanted.wake = [wanted.wake, clock_wake, digests.wake].into_iter().flatten().min();
    Ok(wanted)
}

/// Brings the outbox in line with them. Returns when that could change by time alone.
pub fn reconcile_global_outbox(
    app: &App,
    tx: &WriteTransaction<'_>,
    now: DateTime<Utc>,
) -> Stored<Option<DateTime<Utc>>> {
    clock_trust::alert_where_held(app, tx, now)?;
    let mail_stays = returned_mail::settle(app, tx, now)?;
    let wanted = wanted_with(app, tx, DigestChoice::NotQueued, now)?;
    for (manager, week) in &wanted.empty_digests {
        tx.set_meta(&empty_week_name(manager), week)?;
    }
    for mail in &wanted.mails {
        let new = NewMail {
            scope: Scope::Global,
            key: mail.key.clone(),
            account: app.policy.agent_account.clone(),
            sender: app.policy.agent_address.clone(),
            recipients: Recipients { to: mail.to.clone(), cc: mail.cc.clone() },
            not_before: mail.not_before,
        };
        if let QueueOutcome::New(_) = tx.make(&new, now)? {
            tracing::info!(kind = mail.key.kind.name(), about = %mail.key.about, "queued");
        }
    }
    for row in tx.outbox_in_state(&Scope::Global, OutboxState::Queued)? {
        let is_wanted =
            wanted.mails.iter().map(|mail| &mail.key).chain(&wanted.queued).any(|key| *key == row.key);
        if !is_wanted && row.uncertain_since.is_none() {
            tx.cancel(row.seq)?;
        }
    }
    Ok([wanted.wake, mail_stays].into_iter().flatten().min())
}
