//! What follows from one attempt to deliver a mail: its row's new state, the next attempt, the alert for the person
//! who has to know.
//!
//! Nothing leaves from here; `delivery` makes the attempts.

use chrono::TimeDelta;

use crate::domain::mails::Voice;
use crate::domain::message::Address;
use crate::smtp::{Delivery, RefusedRecipient};
use crate::store::{OutboxRow, OutboxState, Result as Stored, Scope, WriteTransaction};

use super::app::App;
use super::global::reconcile_global_outbox;
use super::rate_limit::resolve_rate_limits;
use super::sent_copy::sent_copy_owed;
use super::turn::settle;

/// Deferred mail is tried again after this, then at intervals that double. docs/behaviour.md section 12.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(5);
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);
/// And given up after this.
const GIVES_UP_AFTER: TimeDelta = TimeDelta::days(2);
/// A server that refuses the login is not asked again sooner.
const LOGIN_WAIT: TimeDelta = TimeDelta::minutes(15);

/// What became of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttemptOutcome {
    /// Not due, not wanted, or taken by somebody else.
    Nothing,
    Sent,
    Deferred,
    Failed,
    Uncertain,
}

/// Notes what the server said.
pub(crate) fn record(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    voice: Voice,
    delivery: Delivery,
) -> Stored<AttemptOutcome> {
    let now = app.now();
    let asked = row.asked_until.is_some_and(|until| now <= until);
    let fate = match delivery {
        Delivery::Accepted { provider_id, refused, .. } => {
            let ids: Vec<_> = provider_id.into_iter().collect();
            tx.sent(row.seq, now, &ids, sent_copy_owed(app, tx, row, voice)?)?;
            tx.resolve_alert(&format!("submission {}", row.account), now)?;
            tx.resolve_alert(&format!("mail {}", row.seq), now)?;
            resolve_rate_limits(tx, row, now)?;
            if !refused.is_empty() {
                alert_partial_refusal(app, tx, row, &refused)?;
            }
            AttemptOutcome::Sent
        }
        Delivery::Refused { text, recipients } => fail(app, tx, row, &text, &recipients, asked)?,
        Delivery::Deferred { text, .. } => defer(app, tx, row, &text, next_wait(row))?,
        Delivery::Unreachable { reason } if asked => fail(app, tx, row, &reason, &[], asked)?,
        Delivery::Unreachable { reason } => defer(app, tx, row, &reason, next_wait(row))?,
        Delivery::LoginRefused { text } | Delivery::CertificateRejected { reason: text } => {
            if asked {
                fail(app, tx, row, &text, &[], asked)?
            } else {
                let what = format!("mail of the account {} cannot leave", row.account);
                let remedy =
                    "Mend the login or the certificate in the configuration, then run `baton doctor`.";
                tx.raise_alert(&format!("submission {}", row.account), &what, &text, remedy, now)?;
                defer(app, tx, row, &text, LOGIN_WAIT)?
            }
        }
        Delivery::Uncertain { reason } => {
            tx.uncertain(row.seq, now, &reason)?;
            AttemptOutcome::Uncertain
        }
        // Nothing has left, and whoever took the row back has said what is to become of it.
        Delivery::Stopped if !is_sending(tx, row)? => return Ok(AttemptOutcome::Nothing),
        Delivery::Stopped => {
            tx.deferred(row.seq, now, "baton was ending")?;
            AttemptOutcome::Deferred
        }
    };
    if asked && fate != AttemptOutcome::Failed {
        // The person who asked reads the answer in the row; what becomes of the mail later is not reported to them.
        tx.stop_asking(row.seq)?;
    }
    settle_scope(app, tx, &row.scope)?;
    reconcile_global_outbox(app, tx, now)?;
    Ok(fate)
}

fn is_sending(tx: &WriteTransaction<'_>, row: &OutboxRow) -> Stored<bool> {
    Ok(tx.outbox_row(row.seq)?.is_some_and(|row| row.state == OutboxState::Sending))
}

fn next_wait(row: &OutboxRow) -> TimeDelta {
    let doublings = row.attempts.saturating_sub(1).min(16);
    (FIRST_WAIT * 2_i32.saturating_pow(doublings)).min(LONGEST_WAIT)
}

fn defer(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    reason: &str,
    wait: TimeDelta,
) -> Stored<AttemptOutcome> {
    let now = app.now();
    if row.first_tried.is_some_and(|first| now - first >= GIVES_UP_AFTER) {
        let reason = format!("tried for two days: {reason}");
        return fail(app, tx, row, &reason, &[], false);
    }
    tx.deferred(row.seq, now + wait, reason)?;
    Ok(AttemptOutcome::Deferred)
}

fn fail(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    reason: &str,
    recipients: &[RefusedRecipient],
    asked: bool,
) -> Stored<AttemptOutcome> {
    let refused: Vec<(Address, String)> = if recipients.is_empty() {
        row.recipients.addresses().into_iter().map(|address| (address, reason.to_owned())).collect()
    } else {
        let parsed = recipients.iter().filter(|one| one.permanent);
        parsed.filter_map(|one| Some((Address::new(&one.address)?, one.text.clone()))).collect()
    };
    tx.failed(row.seq, app.now(), reason, &refused)?;
    if !asked {
        alert_failure(app, tx, row, reason)?;
    }
    Ok(AttemptOutcome::Failed)
}

/// Raises an alert for each failure whose caller has gone. Returns their handoffs.
pub(crate) fn alert_unattended_failures(app: &App, tx: &WriteTransaction<'_>) -> Stored<Vec<String>> {
    let now = app.now();
    let mut handoffs = Vec::new();
    for row in tx.in_state(OutboxState::Failed)? {
        if row.asked_until.is_some_and(|until| until < now) {
            alert_failure(app, tx, &row, row.error.as_deref().unwrap_or_default())?;
            tx.stop_asking(row.seq)?;
            handoffs.push(row.scope_name().to_owned());
        }
    }
    Ok(handoffs)
}

pub(crate) fn alert_failure(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    reason: &str,
) -> Stored<()> {
    if row.scope == Scope::Global {
        // A mail about an alert that cannot leave must not ask for another one.
        tracing::error!(kind = row.key.kind.name(), reason, "a mail could not be sent");
        return Ok(());
    }
    let to: Vec<String> = row.recipients.addresses().iter().map(ToString::to_string).collect();
    let what = format!("a mail could not be sent: {} to {}", row.key.kind.name(), to.join(", "));
    let remedy = format!("Once the cause is mended, `baton outbox retry {}` sends it.", row.seq);
    tx.raise_alert(&format!("mail {}", row.seq), &what, reason, &remedy, app.now())?;
    Ok(())
}

fn alert_partial_refusal(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    refused: &[RefusedRecipient],
) -> Stored<()> {
    let detail: Vec<String> = refused.iter().map(|one| format!("{}: {}", one.address, one.text)).collect();
    let what = format!("a mail did not reach everybody: {}", row.key.kind.name());
    let remedy = "Check the address in the configuration.";
    tx.raise_alert(&format!("mail {}", row.seq), &what, &detail.join("; "), remedy, app.now())?;
    Ok(())
}

pub(crate) fn settle_scope(app: &App, tx: &WriteTransaction<'_>, scope: &Scope) -> Stored<()> {
    match scope {
        Scope::Handoff(id) => settle(tx, &app.policy, [id.clone()], app.now()),
        Scope::Global | Scope::Letter => Ok(()),
    }
}
