//! The outbox brought in line with the mails that concern no single handoff: outages, their end, alerts.
//!
//! What those mails are, `global_mails` decides; this asks the store for what it needs to know, and queues and
//! cancels. Level-triggered, as `turn` is.

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::{
    NewMail, OutboxState, QueueOutcome, ReadTransaction, Recipients, Result as Stored, Scope,
    WriteTransaction,
};

use super::app::App;
use super::global_mails::{self, AffectedHandoff};
use super::turn::judged;

/// The mails that concern no single handoff, by now.
pub fn wanted_global(
    app: &App,
    tx: &ReadTransaction<'_>,
    now: DateTime<Utc>,
) -> Stored<global_mails::GlobalMails> {
    let rows = tx.outbox(&Scope::Global)?;
    let was_sent = |key: &crate::domain::mails::MailKey| {
        let left = [OutboxState::Sending, OutboxState::Sent, OutboxState::Uncertain];
        rows.iter().any(|row| row.key == *key && left.contains(&row.state))
    };
    let outages = tx.outages()?;
    let mut open = Vec::new();
    let blind_after = TimeDelta::seconds(i64::from(app.policy.blind_after));
    // Whom it concerns matters once it is reported, and no sooner.
    let is_told = outages.iter().any(|outage| outage.ended.is_none() && outage.since + blind_after <= now);
    for id in if is_told { tx.open_handoffs()? } else { Vec::new() } {
        let Some(judged) = judged(tx, &app.policy, &id, now)? else { continue };
        let account = |name: &str| {
            app.policy.people.iter().find(|one| one.name == name).and_then(|one| one.account.clone())
        };
        let judgement = judged.judgement;
        let accounts = [account(&judgement.record.sdr), account(&judgement.ae)].into_iter().flatten();
        open.push(AffectedHandoff {
            accounts: accounts.chain([app.policy.agent_account.clone()]).collect(),
            company: judgement.record.company,
            sdr: judgement.record.sdr,
        });
    }
    Ok(global_mails::wanted(&app.policy, &open, &outages, &tx.alerts()?, &was_sent, now))
}

/// Brings the outbox in line with them. Returns when that could change by time alone.
pub fn reconcile_global_outbox(
    app: &App,
    tx: &WriteTransaction<'_>,
    now: DateTime<Utc>,
) -> Stored<Option<DateTime<Utc>>> {
    let wanted = wanted_global(app, tx, now)?;
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
    for row in tx.outbox(&Scope::Global)? {
        let is_wanted = wanted.mails.iter().any(|mail| mail.key == row.key);
        if row.state == OutboxState::Queued && !is_wanted && row.uncertain_since.is_none() {
            tx.cancel(row.seq)?;
        }
    }
    Ok(wanted.wake)
}
