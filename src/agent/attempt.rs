//! What follows from one attempt to deliver a mail: its row's new state, the next attempt, the alert for the person
//! who has to know.
//!
//! Nothing leaves from here; `delivery` makes the attempts.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::mails::{Audience, MailKind, Voice};
use crate::domain::message::{Address, MessageId};
use crate::smtp::{Delivery, RefusedRecipient};
use crate::store::{
    OutboxRow, OutboxState, ReadTransaction, Result as Stored, Scope, SentCopyState, WriteTransaction,
};

use super::app::App;
use super::attempt_alerts::{alert_login_refused, alert_unreachable, subject, that_cannot_send};
use super::attempt_waits::{
    GIVES_UP_AFTER, LOGIN_WAIT, RETRY_GIVES_UP_AFTER, WAIT_AFTER_MESSAGE, after_deferral, after_refusal,
};
use super::clock_doubt::has_passed;
use super::global::reconcile_global_outbox;
use super::letters::after_intro::{self, draft_behind};
use super::rate_limit::resolve_rate_limits;
use super::remainder;
use super::sent_copy::sent_copy_owed;
use super::turn::settle;
use super::unwritten::DeliveryAnswer;

/// A mail to the operator that keeps being put off is tried from another account after so many attempts.
const ATTEMPTS_BEFORE_STAND_IN: u32 = 3;

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
pub(crate) fn record(app: &App, tx: &WriteTransaction<'_>, answer: DeliveryAnswer) -> Stored<AttemptOutcome> {
    let DeliveryAnswer { row, voice, delivery, at } = answer;
    let row = &row;
    let now = app.now();
    let Some(state) = tx.outbox_row(row.seq)?.map(|row| row.state) else {
        return Ok(AttemptOutcome::Nothing);
    };
    let is_ours = state == OutboxState::Sending && tx.is_row_leased_to(row.seq, app.store.owner())?;
    if !is_ours && !matches!(delivery, Delivery::Accepted { .. }) {
        // Whoever took the row back has said what is to become of it.
        return Ok(AttemptOutcome::Nothing);
    }
    let asked = row.asked_until.is_some_and(|until| now <= until);
    if matches!(delivery, Delivery::Refused { .. } | Delivery::Deferred { .. }) {
        // The account's server was reached, and took its login.
        let account = tx.account_in_charge(row.seq)?.unwrap_or_else(|| row.account.clone());
        tx.resolve_alert(&subject(&account), now)?;
    }
    let fate = match delivery {
        Delivery::Accepted { provider_id, refused, .. } => {
            accepted(app, tx, row, voice, provider_id, at)?;
            remainder::note(app, tx, row, &refused)?;
            AttemptOutcome::Sent
        }
        Delivery::Refused { text, recipients } => {
            // Refused as a whole: the server may have had all of it.
            let had_all = recipients.is_empty();
            tx.note_attempt(row.seq, |notes| notes.look_first = had_all)?;
            fail(app, tx, row, &text, &recipients, asked)?
        }
        Delivery::Deferred { text, message_was_sent: true, recipients } => {
            tx.note_attempt(row.seq, |notes| notes.look_first = true)?;
            let wait = after_deferral(row.attempts).max(WAIT_AFTER_MESSAGE);
            defer(app, tx, row, &text, &recipients, wait)?
        }
        Delivery::Unreachable { reason } if asked => fail(app, tx, row, &reason, &[], asked)?,
        Delivery::Unreachable { reason } => unreachable(app, tx, row, &reason)?,
        Delivery::Deferred { text: reason, recipients, .. } => {
            let is_operators = row.scope == Scope::Global && row.attempts >= ATTEMPTS_BEFORE_STAND_IN;
            if is_operators {
                use_next_account(app, tx, row)?;
            }
            defer(app, tx, row, &reason, &recipients, after_deferral(row.attempts))?
        }
        Delivery::LoginRefused { text } | Delivery::CertificateRejected { reason: text } => {
            if asked {
                fail(app, tx, row, &text, &[], asked)?
            } else {
                login_refused(app, tx, row, &text)?
            }
        }
        Delivery::Uncertain { reason } => {
            tx.uncertain(row.seq, now, &reason)?;
            // Who asked at a terminal reads so there; whoever asked by mail hears that the operator knows.
            let is_told = asked && draft_behind(tx, row)?.is_none();
            tx.note_attempt(row.seq, |notes| notes.doubt_told = is_told)?;
            AttemptOutcome::Uncertain
        }
        Delivery::Stopped => {
            tx.deferred(row.seq, now, "baton was ending")?;
            AttemptOutcome::Deferred
        }
    };
    if asked && after_intro::follow(app, tx, row.seq, fate)? {
        return Ok(fate);
    }
    if asked && fate != AttemptOutcome::Failed {
        // The person who asked reads the answer in the row; what becomes of the mail later is not reported to them.
        tx.stop_asking(row.seq)?;
    }
    settle_scope(app, tx, &row.scope)?;
    reconcile_global_outbox(app, tx, now)?;
    Ok(fate)
}

/// The server has it, since `at`.
fn accepted(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    voice: Voice,
    provider_id: Option<MessageId>,
    at: DateTime<Utc>,
) -> Stored<()> {
    let now = app.now();
    let ids: Vec<_> = provider_id.into_iter().collect();
    let account = tx.account_in_charge(row.seq)?.unwrap_or_else(|| row.account.clone());
    // What leaves from another account belongs into nobody's folder.
    let copy =
        if account == row.account { sent_copy_owed(app, tx, row, voice)? } else { SentCopyState::None };
    tx.sent(row.seq, at, &ids, copy)?;
    tx.note_attempt(row.seq, |notes| {
        notes.look_first = false;
        notes.retry_at = None;
    })?;
    tx.resolve_alert(&subject(&account), now)?;
    tx.resolve_alert(&format!("mail {}", row.seq), now)?;
    resolve_rate_limits(tx, row, now)
}

/// The account cannot send until somebody changes something.
fn login_refused(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    reason: &str,
) -> Stored<AttemptOutcome> {
    let account = tx.account_in_charge(row.seq)?.unwrap_or_else(|| row.account.clone());
    alert_login_refused(app, tx, &account, reason)?;
    if row.scope == Scope::Global && use_next_account(app, tx, row)? {
        return from_next_account(app, tx, row, reason);
    }
    defer(app, tx, row, reason, &[], LOGIN_WAIT)
}

/// Another account has its turn at once.
fn from_next_account(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    reason: &str,
) -> Stored<AttemptOutcome> {
    tx.deferred(row.seq, app.now(), reason)?;
    Ok(AttemptOutcome::Deferred)
}

/// The account's server cannot be reached: it is looked for again soon, and the operator hears once that lasts.
fn unreachable(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    reason: &str,
) -> Stored<AttemptOutcome> {
    let account = tx.account_in_charge(row.seq)?.unwrap_or_else(|| row.account.clone());
    let lasts = TimeDelta::seconds(app.policy.blind_after.into());
    let is_lasting = |first| has_passed(tx, first, lasts, app.now());
    if row.scope != Scope::Global && row.first_tried.map(is_lasting).transpose()? == Some(true) {
        alert_unreachable(app, tx, &account, reason)?;
    }
    // What the operator has to know may leave from another account at once, since nothing of it has left.
    let is_urgent = matches!(row.key.kind, MailKind::Trouble | MailKind::CannotSee);
    let takes_turns = is_urgent || row.attempts >= ATTEMPTS_BEFORE_STAND_IN;
    if row.scope == Scope::Global && takes_turns && use_next_account(app, tx, row)? {
        return from_next_account(app, tx, row, reason);
    }
    defer(app, tx, row, reason, &[], after_deferral(row.attempts))
}

/// The operator hears through any account that works: the next attempt is made from the next account. `false`: all
/// have had their turn.
fn use_next_account(app: &App, tx: &WriteTransaction<'_>, row: &OutboxRow) -> Stored<bool> {
    let now_used = tx.account_in_charge(row.seq)?.unwrap_or_else(|| row.account.clone());
    let others = app.accounts.keys().filter(|name| **name != row.account);
    let all: Vec<&String> = std::iter::once(&row.account).chain(others).collect();
    let used = all.iter().position(|name| **name == now_used).unwrap_or(0);
    let next = all.get(used + 1).map(|name| (*name).clone());
    let has_another = next.is_some();
    tx.note_attempt(row.seq, |notes| notes.stand_in = next)?;
    Ok(has_another)
}

/// An account other than the mail's own from which nothing is known to be refused.
fn another_account(app: &App, tx: &ReadTransaction<'_>, row: &OutboxRow) -> Stored<Option<String>> {
    let refused = that_cannot_send(tx)?;
    let is_refused = |name: &str| refused.iter().any(|one| one == name);
    let agents = std::iter::once(&app.policy.agent_account);
    let all = agents.chain(app.accounts.keys());
    Ok(all.filter(|name| **name != row.account).find(|name| !is_refused(name)).cloned())
}

/// `recipients`: whom the server has put off, where it named them.
fn defer(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    reason: &str,
    recipients: &[RefusedRecipient],
    wait: TimeDelta,
) -> Stored<AttemptOutcome> {
    let now = app.now();
    let put_off: Vec<RefusedRecipient> =
        recipients.iter().map(|one| RefusedRecipient { permanent: true, ..one.clone() }).collect();
    // Two days of this count as a refusal. An attempt after one has less time, but for the last, whose account a server may
    // never have heard of.
    let refusals = tx.attempt_notes(row.seq)?.refusals;
    let is_between = refusals > 0 && after_refusal(refusals).is_some();
    let (lasts, told) =
        if is_between { (RETRY_GIVES_UP_AFTER, "half an hour") } else { (GIVES_UP_AFTER, "two days") };
    let is_over = |first| has_passed(tx, first, lasts, now);
    if row.first_tried.map(is_over).transpose()? == Some(true) {
        let reason = format!("tried for {told}: {reason}");
        return fail(app, tx, row, &reason, &put_off, false);
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
        let is_tried_again = plan_retry(app, tx, row)?;
        alert_failure_of(app, tx, row, reason, is_tried_again)?;
    }
    Ok(AttemptOutcome::Failed)
}

/// Mail to our own people is tried again although it was refused for good: quotas pass, filters are mended. The last time
/// from another account. docs/behaviour.md section 12.
fn plan_retry(app: &App, tx: &WriteTransaction<'_>, row: &OutboxRow) -> Stored<bool> {
    if row.audience == Audience::Public {
        return Ok(false);
    }
    let refusals = tx.attempt_notes(row.seq)?.refusals;
    if row.scope == Scope::Global && use_next_account(app, tx, row)? {
        let now = app.now();
        tx.note_attempt(row.seq, |notes| notes.retry_at = Some(now))?;
        return Ok(true);
    }
    let Some((wait, is_last)) = after_refusal(refusals) else { return Ok(false) };
    let stand_in = if is_last && row.scope != Scope::Global { another_account(app, tx, row)? } else { None };
    let at = app.now() + wait;
    tx.note_attempt(row.seq, |notes| {
        notes.refusals += 1;
        notes.retry_at = Some(at);
        notes.stand_in = stand_in;
    })?;
    Ok(true)
}

/// Raises an alert for each failure whose caller has gone. Returns their handoffs.
pub(crate) fn alert_unattended_failures(app: &App, tx: &WriteTransaction<'_>) -> Stored<Vec<String>> {
    let now = app.now();
    let mut handoffs = Vec::new();
    for row in tx.unattended_failures(now)? {
        alert_failure(app, tx, &row, row.error.as_deref().unwrap_or_default())?;
        tx.stop_asking(row.seq)?;
        handoffs.push(row.scope_name().to_owned());
    }
    Ok(handoffs)
}

pub(crate) fn alert_failure(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    reason: &str,
) -> Stored<()> {
    alert_failure_of(app, tx, row, reason, false)
}

fn alert_failure_of(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    reason: &str,
    is_tried_again: bool,
) -> Stored<()> {
    if row.scope == Scope::Global {
        // A mail about an alert that cannot leave must not ask for another one.
        tracing::error!(kind = row.key.kind.name(), reason, "a mail could not be sent");
        return Ok(());
    }
    let to: Vec<String> = row.recipients.addresses().iter().map(ToString::to_string).collect();
    let what = format!("a mail could not be sent: {} to {}", row.key.kind.name(), to.join(", "));
    let by_hand = format!("Once the cause is fixed, `baton outbox retry {}` sends it.", row.seq);
    let remedy = if is_tried_again {
        format!("{by_hand} baton tries again by itself 1, 6 and 24 hours after the first refusal.")
    } else {
        by_hand
    };
    tx.raise_alert(&format!("mail {}", row.seq), &what, reason, &remedy, app.now())?;
    Ok(())
}

pub(crate) fn settle_scope(app: &App, tx: &WriteTransaction<'_>, scope: &Scope) -> Stored<()> {
    match scope {
        Scope::Handoff(id) => settle(tx, &app.policy, [id.clone()], app.now()),
        Scope::Global | Scope::Letter => Ok(()),
    }
}
