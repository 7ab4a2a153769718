//! Delivery: the only place that mail leaves from.
//!
//! A row is leased in a transaction of its own, in which its handoff is judged once more and the mail is
//! written; its bytes and phase are committed before DATA; what the server said is committed after. Known
//! limit: rows of one account leave one after the other.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::mail_kinds::RateLimit;
use crate::domain::mails::{Audience, Voice, WantedMail};
use crate::domain::message::Address;
use crate::smtp::{self, DataDecision, Delivery, RefusedRecipient, Submission};
use crate::store::{
    NewMail, OutboxRow, OutboxState, QueueOutcome, ReadTransaction, Recipients, Result as Stored, Scope,
    SentCopyState, WriteTransaction,
};

use super::AgentError;
use super::app::App;
use super::global_mails::{self, AffectedHandoff};
use super::render::render;
use super::turn::{judged, settle};

/// Deferred mail is tried again after this, then at intervals that double. behaviour.md section 12.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(5);
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);
/// And given up after this.
const GIVES_UP_AFTER: TimeDelta = TimeDelta::days(2);
/// A server that refuses the login is not asked again sooner.
const LOGIN_WAIT: TimeDelta = TimeDelta::minutes(15);

const A_DAY: TimeDelta = TimeDelta::days(1);
const MAILS_TO_A_PERSON_AND_DAY: u32 = 100;
const AN_HOUR: TimeDelta = TimeDelta::hours(1);
const MAILS_IN_A_THREAD_AND_HOUR: u32 = 10;

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

/// A row that was taken, with everything that leaves.
struct LeasedMail {
    row: OutboxRow,
    voice: Voice,
    recipients: Vec<String>,
    bytes: Vec<u8>,
}

/// Sends everything of one account that may leave by now. Returns how many attempts were made.
pub(crate) async fn drain(app: &Arc<App>, account: &str) -> Result<usize, AgentError> {
    let mut attempts = 0;
    loop {
        let name = account.to_owned();
        let due = app
            .read(move |app, view| {
                let mut rows = view.sendable(app.now())?;
                rows.retain(|row| row.account == name);
                Ok(rows.into_iter().map(|row| row.seq).collect::<Vec<_>>())
            })
            .await?;
        let mut moved = false;
        for seq in due {
            if app.is_stopping() {
                return Ok(attempts);
            }
            let fate = deliver(app, seq).await?;
            attempts += usize::from(fate != AttemptOutcome::Nothing);
            moved |= fate != AttemptOutcome::Nothing;
        }
        if !moved {
            return Ok(attempts);
        }
    }
}

/// One attempt to send one row.
pub(crate) async fn deliver(app: &Arc<App>, seq: i64) -> Result<AttemptOutcome, AgentError> {
    let Some(leased) = app.write(move |app, change| lease(app, change, seq)).await? else {
        return Ok(AttemptOutcome::Nothing);
    };
    let delivery = submit(app, &leased).await;
    let LeasedMail { row, voice, .. } = leased;
    tracing::info!(kind = row.key.kind.name(), about = %row.key.about, outcome = ?delivery, "handed over");
    app.write(move |app, change| record(app, change, &row, voice, delivery)).await
}

async fn submit(app: &Arc<App>, leased: &LeasedMail) -> Delivery {
    let account = match app.account(&leased.row.account) {
        Ok(account) => Arc::clone(&account.smtp),
        Err(error) => return Delivery::LoginRefused { text: error.to_string() },
    };
    let endpoint = match tokio::task::spawn_blocking(move || account()).await {
        Ok(Ok(endpoint)) => endpoint,
        Ok(Err(reason)) => return Delivery::LoginRefused { text: reason },
        Err(_) => return Delivery::Stopped,
    };
    let parcel = Submission {
        from: leased.row.sender.as_str(),
        recipients: &leased.recipients,
        bytes: &leased.bytes,
        audience: match leased.row.audience {
            Audience::Public => smtp::RefusalPolicy::AllOrNobody,
            Audience::Internal | Audience::Record => smtp::RefusalPolicy::WhoeverIsTaken,
        },
    };
    let seq = leased.row.seq;
    smtp::deliver(&endpoint, parcel, app.smtp_deadlines, || async move {
        if app.is_stopping() {
            return DataDecision::Stop;
        }
        match app.write(move |_, change| change.data_begins(seq)).await {
            Ok(()) => DataDecision::Ahead,
            Err(error) => {
                tracing::error!(%error, "the phase could not be written, so nothing leaves");
                DataDecision::Stop
            }
        }
    })
    .await
    .at(&endpoint)
}

/// Takes the row, unless it need not or must not leave now.
fn lease(app: &App, change: &WriteTransaction<'_>, seq: i64) -> Stored<Option<LeasedMail>> {
    let now = app.now();
    let Some(row) = change.outbox_row(seq)? else { return Ok(None) };
    if row.state != OutboxState::Queued || row.next_attempt > now {
        return Ok(None);
    }
    let (wanted, judged) = match &row.scope {
        Scope::Handoff(id) => {
            let Some(judged) = judged(change, &app.policy, id, now)? else { return Ok(None) };
            let wanted = judged.judgement.mails.iter().find(|mail| mail.key == row.key).cloned();
            (wanted, Some(judged))
        }
        Scope::Global => {
            let wanted = wanted_global(app, change, now)?.mails;
            (wanted.into_iter().find(|mail| mail.key == row.key), None)
        }
    };
    let was_uncertain = row.uncertain_since.is_some();
    if let (true, Some(bytes)) = (was_uncertain, row.bytes.clone()) {
        // It may have left already: whoever gets it twice must get the same mail.
        let recipients = row.recipients.addresses().iter().map(|one| one.as_str().to_owned()).collect();
        let voice = wanted.as_ref().map_or(Voice::Agent, |mail| mail.from);
        change.lease(seq, &bytes, &row.recipients, now)?;
        return Ok(Some(LeasedMail { row, voice, recipients, bytes }));
    }
    let Some(wanted) = wanted else {
        change.cancel(seq)?;
        return Ok(None);
    };
    if wanted.not_before.is_some_and(|at| at > now) || is_rate_limited(app, change, &row, &wanted, now)? {
        return Ok(None);
    }
    let bytes = match render(app, &row, &wanted, judged.as_ref(), now) {
        Ok(bytes) => bytes,
        Err(error) => {
            let reason = error_chain(&error);
            change.failed(seq, now, &reason, &[])?;
            alert_failure(app, change, &row, &reason)?;
            settle_scope(app, change, &row.scope)?;
            return Ok(None);
        }
    };
    let recipients = Recipients { to: wanted.to.clone(), cc: wanted.cc.clone() };
    change.lease(seq, &bytes, &recipients, now)?;
    let addresses = recipients.addresses().iter().map(|one| one.as_str().to_owned()).collect();
    let row = change.outbox_row(seq)?.unwrap_or(row);
    Ok(Some(LeasedMail { row, voice: wanted.from, recipients: addresses, bytes }))
}

fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}

/// Too many mails to one person or in one thread wait. behaviour.md section 12.
fn is_rate_limited(
    app: &App,
    change: &WriteTransaction<'_>,
    row: &OutboxRow,
    wanted: &WantedMail,
    now: DateTime<Utc>,
) -> Stored<bool> {
    if row.key.kind.properties().rate == RateLimit::Exempt {
        return Ok(false);
    }
    let mut crowded: Option<&Address> = None;
    for mailbox in wanted.to.iter().chain(&wanted.cc) {
        if change.sent_to(&mailbox.address, now - A_DAY)? >= MAILS_TO_A_PERSON_AND_DAY {
            crowded = Some(&mailbox.address);
        }
    }
    let in_thread = row.scope != Scope::Global
        && change.sent_in(&row.scope, now - AN_HOUR)? >= MAILS_IN_A_THREAD_AND_HOUR;
    let (subject, what) = match (crowded, &row.scope) {
        (Some(address), _) => (
            rate_limit_subject(address.as_str()),
            format!("{address} has had {MAILS_TO_A_PERSON_AND_DAY} mails within a day"),
        ),
        (None, Scope::Handoff(id)) if in_thread => (
            rate_limit_subject(id),
            format!("the handoff {id} has had {MAILS_IN_A_THREAD_AND_HOUR} mails within an hour"),
        ),
        _ => return Ok(false),
    };
    change.deferred(row.seq, now + LONGEST_WAIT, &what)?;
    let remedy = "Nothing is lost: the mail leaves when there is room again. Look at the handoffs behind it with \
                  `baton status`.";
    change.raise_alert(&subject, "mail waits", &what, remedy, now)?;
    reconcile_global_outbox(app, change, now)?;
    Ok(true)
}

/// The alert of a person or a handoff that has had too many mails.
fn rate_limit_subject(whom: &str) -> String {
    format!("too many mails {whom}")
}

/// After a mail has left: where there is room for more, the alert is resolved.
fn resolve_rate_limits(change: &WriteTransaction<'_>, row: &OutboxRow, now: DateTime<Utc>) -> Stored<()> {
    for address in row.recipients.addresses() {
        if change.sent_to(&address, now - A_DAY)? < MAILS_TO_A_PERSON_AND_DAY {
            change.resolve_alert(&rate_limit_subject(address.as_str()), now)?;
        }
    }
    if change.sent_in(&row.scope, now - AN_HOUR)? < MAILS_IN_A_THREAD_AND_HOUR {
        change.resolve_alert(&rate_limit_subject(row.scope_name()), now)?;
    }
    Ok(())
}

/// Notes what the server said.
fn record(
    app: &App,
    change: &WriteTransaction<'_>,
    row: &OutboxRow,
    voice: Voice,
    delivery: Delivery,
) -> Stored<AttemptOutcome> {
    let now = app.now();
    let asked = row.asked_until.is_some_and(|until| now <= until);
    let fate = match delivery {
        Delivery::Accepted { provider_id, refused, .. } => {
            let ids: Vec<_> = provider_id.into_iter().collect();
            change.sent(row.seq, now, &ids, sent_copy_owed(app, change, row, voice)?)?;
            change.resolve_alert(&format!("submission {}", row.account), now)?;
            change.resolve_alert(&format!("mail {}", row.seq), now)?;
            resolve_rate_limits(change, row, now)?;
            if !refused.is_empty() {
                alert_partial_refusal(app, change, row, &refused)?;
            }
            AttemptOutcome::Sent
        }
        Delivery::Refused { text, recipients } => fail(app, change, row, &text, &recipients, asked)?,
        Delivery::Deferred { text, .. } => defer(app, change, row, &text, next_wait(row))?,
        Delivery::Unreachable { reason } if asked => fail(app, change, row, &reason, &[], asked)?,
        Delivery::Unreachable { reason } => defer(app, change, row, &reason, next_wait(row))?,
        Delivery::LoginRefused { text } | Delivery::CertificateRejected { reason: text } => {
            if asked {
                fail(app, change, row, &text, &[], asked)?
            } else {
                let what = format!("mail of the account {} cannot leave", row.account);
                let remedy =
                    "Mend the login or the certificate in the configuration, then run `baton doctor`.";
                change.raise_alert(&format!("submission {}", row.account), &what, &text, remedy, now)?;
                defer(app, change, row, &text, LOGIN_WAIT)?
            }
        }
        Delivery::Uncertain { reason } => {
            change.uncertain(row.seq, now, &reason)?;
            AttemptOutcome::Uncertain
        }
        Delivery::Stopped => {
            change.deferred(row.seq, now, "baton was ending")?;
            AttemptOutcome::Deferred
        }
    };
    if asked && fate != AttemptOutcome::Failed {
        // Whoever asked reads the answer in the row. What becomes of the mail from now on they do not hear.
        change.stop_asking(row.seq)?;
    }
    settle_scope(app, change, &row.scope)?;
    reconcile_global_outbox(app, change, now)?;
    Ok(fate)
}

fn next_wait(row: &OutboxRow) -> TimeDelta {
    let doublings = row.attempts.saturating_sub(1).min(16);
    (FIRST_WAIT * 2_i32.saturating_pow(doublings)).min(LONGEST_WAIT)
}

fn defer(
    app: &App,
    change: &WriteTransaction<'_>,
    row: &OutboxRow,
    reason: &str,
    wait: TimeDelta,
) -> Stored<AttemptOutcome> {
    let now = app.now();
    if row.first_tried.is_some_and(|first| now - first >= GIVES_UP_AFTER) {
        let reason = format!("tried for two days: {reason}");
        return fail(app, change, row, &reason, &[], false);
    }
    change.deferred(row.seq, now + wait, reason)?;
    Ok(AttemptOutcome::Deferred)
}

fn fail(
    app: &App,
    change: &WriteTransaction<'_>,
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
    change.failed(row.seq, app.now(), reason, &refused)?;
    if !asked {
        alert_failure(app, change, row, reason)?;
    }
    Ok(AttemptOutcome::Failed)
}

/// Raises an alert for each failure whose caller has gone. Returns their handoffs.
pub(crate) fn alert_unattended_failures(app: &App, change: &WriteTransaction<'_>) -> Stored<Vec<String>> {
    let now = app.now();
    let mut handoffs = Vec::new();
    for row in change.in_state(OutboxState::Failed)? {
        if row.asked_until.is_some_and(|until| until < now) {
            alert_failure(app, change, &row, row.error.as_deref().unwrap_or_default())?;
            change.stop_asking(row.seq)?;
            handoffs.push(row.scope_name().to_owned());
        }
    }
    Ok(handoffs)
}

pub(crate) fn alert_failure(
    app: &App,
    change: &WriteTransaction<'_>,
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
    change.raise_alert(&format!("mail {}", row.seq), &what, reason, &remedy, app.now())?;
    Ok(())
}

fn alert_partial_refusal(
    app: &App,
    change: &WriteTransaction<'_>,
    row: &OutboxRow,
    refused: &[RefusedRecipient],
) -> Stored<()> {
    let detail: Vec<String> = refused.iter().map(|one| format!("{}: {}", one.address, one.text)).collect();
    let what = format!("a mail did not reach everybody: {}", row.key.kind.name());
    let remedy = "Check the address in the configuration.";
    change.raise_alert(&format!("mail {}", row.seq), &what, &detail.join("; "), remedy, app.now())?;
    Ok(())
}

/// Mail sent as the SDR leaves one copy in Sent, unless the provider keeps one by itself.
pub(crate) fn sent_copy_owed(
    app: &App,
    view: &ReadTransaction<'_>,
    row: &OutboxRow,
    voice: Voice,
) -> Stored<SentCopyState> {
    if voice == Voice::Agent {
        return Ok(SentCopyState::None);
    }
    let kept_by_provider = match app.accounts.get(&row.account).map(|account| account.save_sent) {
        None | Some(Some(false)) => true,
        Some(Some(true)) => false,
        Some(None) => view.meta(&sent_copy_key(&row.account))?.as_deref() == Some(BY_PROVIDER),
    };
    Ok(if kept_by_provider { SentCopyState::None } else { SentCopyState::Due })
}

/// Where it is remembered whether a provider keeps copies in Sent by itself.
pub(crate) fn sent_copy_key(account: &str) -> String {
    format!("sent-copy {account}")
}

pub(crate) const BY_PROVIDER: &str = "provider";
pub(crate) const BY_BATON: &str = "baton";

fn settle_scope(app: &App, change: &WriteTransaction<'_>, scope: &Scope) -> Stored<()> {
    match scope {
        Scope::Handoff(id) => settle(change, &app.policy, [id.clone()], app.now()),
        Scope::Global => Ok(()),
    }
}

/// The mails that concern no single handoff, by now.
pub fn wanted_global(
    app: &App,
    view: &ReadTransaction<'_>,
    now: DateTime<Utc>,
) -> Stored<global_mails::GlobalMails> {
    let rows = view.outbox(&Scope::Global)?;
    let was_sent = |key: &crate::domain::mails::MailKey| {
        let left = [OutboxState::Sending, OutboxState::Sent, OutboxState::Uncertain];
        rows.iter().any(|row| row.key == *key && left.contains(&row.state))
    };
    let outages = view.outages()?;
    let mut open = Vec::new();
    let blind_after = TimeDelta::seconds(i64::from(app.policy.blind_after));
    // Whom it concerns matters once it is reported, and no sooner.
    let is_told = outages.iter().any(|outage| outage.ended.is_none() && outage.since + blind_after <= now);
    for id in if is_told { view.open_handoffs()? } else { Vec::new() } {
        let Some(judged) = judged(view, &app.policy, &id, now)? else { continue };
        let account = |name: &str| app.policy.account_of(name).map(str::to_owned);
        let judgement = judged.judgement;
        let accounts = [account(&judgement.record.sdr), account(&judgement.ae)].into_iter().flatten();
        open.push(AffectedHandoff {
            accounts: accounts.chain([app.policy.agent_account.clone()]).collect(),
            company: judgement.record.company,
            sdr: judgement.record.sdr,
        });
    }
    Ok(global_mails::wanted(&app.policy, &open, &outages, &view.alerts()?, &was_sent, now))
}

/// Brings the outbox in line with them. Returns when that could change by time alone.
pub fn reconcile_global_outbox(
    app: &App,
    change: &WriteTransaction<'_>,
    now: DateTime<Utc>,
) -> Stored<Option<DateTime<Utc>>> {
    let wanted = wanted_global(app, change, now)?;
    for mail in &wanted.mails {
        let new = NewMail {
            scope: Scope::Global,
            key: mail.key.clone(),
            account: app.policy.agent_account.clone(),
            sender: app.policy.agent_address.clone(),
            recipients: Recipients { to: mail.to.clone(), cc: mail.cc.clone() },
            not_before: mail.not_before,
        };
        if let QueueOutcome::New(_) = change.make(&new, now)? {
            tracing::info!(kind = mail.key.kind.name(), about = %mail.key.about, "queued");
        }
    }
    for row in change.outbox(&Scope::Global)? {
        let is_wanted = wanted.mails.iter().any(|mail| mail.key == row.key);
        if row.state == OutboxState::Queued && !is_wanted && row.uncertain_since.is_none() {
            change.cancel(row.seq)?;
        }
    }
    Ok(wanted.wake)
}
