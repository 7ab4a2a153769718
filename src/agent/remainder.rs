//! Whoever a server did not take a mail for while others got it: tried again for them alone, as any mail to our own people
//! that is put off or refused. docs/behaviour.md section 12.
//!
//! The mail counts as sent from the moment it left to the others. Known limit: the last attempt is made from the mail's
//! own account, since what leaves from another one has another text.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::mails::{Audience, MailKind};
use crate::smtp::{self, Delivery, RefusedRecipient, Submission};
use crate::store::{
    MissingRecipient, OutboxRow, OutboxState, Priority, ReadTransaction, Result as Stored, Scope,
    WriteTransaction,
};

use super::AgentError;
use super::app::App;
use super::attempt_alerts::alert_login_refused;
use super::attempt_alerts::subject;
use super::attempt_waits::{GIVES_UP_AFTER, LOGIN_WAIT, WAIT_AFTER_MESSAGE, after_deferral, after_refusal};
use super::clock_doubt::has_passed;
use super::delivery_right::may_leave;
use super::disk;
use super::hand_over::hand_over;
use super::render::is_ours;
use super::submission_pool::SubmissionPool;
use crate::domain::message::Address;

/// What the server answered is written again after this, where the database cannot be written.
const WRITE_AGAIN: Duration = Duration::from_secs(1);

/// Notes who has not got a mail that has just left to others.
pub(super) fn note(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    refused: &[RefusedRecipient],
) -> Stored<()> {
    let refused =
        refused.iter().filter_map(|one| Some((Address::new(&one.address)?, &one.text, one.permanent)));
    for (address, answer, permanent) in refused {
        let missing = new(app.now(), row, address, answer);
        put_off(app, tx, row, missing, permanent, TimeDelta::zero())?;
    }
    Ok(())
}

/// The same of a mail whose answer was lost, and that was found to have left.
pub(super) fn note_of_lost_answer(app: &App, tx: &WriteTransaction<'_>, row: &OutboxRow) -> Stored<()> {
    if row.audience == Audience::Public {
        return Ok(());
    }
    for (address, answer) in &row.refused {
        let missing = new(app.now(), row, address.clone(), answer);
        put_off(app, tx, row, missing, false, TimeDelta::zero())?;
    }
    Ok(())
}

fn new(now: DateTime<Utc>, row: &OutboxRow, address: Address, answer: &str) -> MissingRecipient {
    MissingRecipient {
        mail: row.seq,
        address,
        answer: answer.to_owned(),
        first_tried: now,
        attempts: 1,
        refusals: 0,
        next_attempt: None,
    }
}

/// Sends what is due to those who have not got it, from the account of this pool. Returns how many attempts were made.
pub(super) async fn send_remainders(app: &Arc<App>, pool: &SubmissionPool) -> Result<usize, AgentError> {
    let account = pool.account().to_owned();
    let due = app.read(move |app, tx| due(tx, &account, app.now())).await?;
    let mut attempts = 0;
    for missing in due {
        if app.is_stopping() {
            break;
        }
        attempts += usize::from(send(app, pool, missing).await?);
    }
    Ok(attempts)
}

fn due(tx: &ReadTransaction<'_>, account: &str, now: DateTime<Utc>) -> Stored<Vec<MissingRecipient>> {
    let mut due = Vec::new();
    for missing in tx.missing_to_try()? {
        if missing.next_attempt.is_some_and(|at| at <= now)
            && tx.account_in_charge(missing.mail)?.as_deref() == Some(account)
        {
            due.push(missing);
        }
    }
    Ok(due)
}

/// A mail as it left, and who it left from.
struct SentMail {
    row: OutboxRow,
    sender: Address,
    bytes: Vec<u8>,
}

async fn send(app: &Arc<App>, pool: &SubmissionPool, missing: MissingRecipient) -> Result<bool, AgentError> {
    let of = missing.clone();
    let mail = app.write_with(Priority::BeforeLeaving, move |app, tx| as_it_left(app, tx, &of)).await?;
    let Some(SentMail { row, sender, bytes }) = mail else { return Ok(false) };
    let recipients = [missing.address.as_str().to_owned()];
    let submission = Submission {
        from: sender.as_str(),
        recipients: &recipients,
        bytes: &bytes,
        on_refusal: smtp::RefusalPolicy::AllOrNobody,
    };
    let (seq, address) = (missing.mail, missing.address.clone());
    let delivery = hand_over(app, pool, submission, false, move |app, tx, _| {
        tx.last_piece_begins_for(seq, &address, app.store.owner())
    })
    .await;
    tracing::info!(kind = row.key.kind.name(), to = %missing.address, outcome = %delivery, "handed over again");
    record_until_written(app, row, missing, delivery).await?;
    Ok(true)
}

/// What the server answered is kept until it can be written. docs/behaviour.md section 15.
async fn record_until_written(
    app: &Arc<App>,
    row: OutboxRow,
    missing: MissingRecipient,
    delivery: Delivery,
) -> Result<(), AgentError> {
    loop {
        let (of, whom, answer) = (row.clone(), missing.clone(), delivery.clone());
        let written = app.write_with(Priority::Command, move |app, tx| record(app, tx, &of, whom, answer));
        match written.await {
            Err(AgentError::Store(error)) if error.may_pass() && !app.is_stopping() => {
                tracing::error!(%error, seq = row.seq, "what became of a mail cannot be written yet");
                disk::is_full(app, &AgentError::Store(error));
            }
            ended => return ended,
        }
        tokio::time::sleep(WRITE_AGAIN).await;
    }
}

/// The mail, where it may leave now to somebody who has not got it. Whom nobody knows any more gets nothing, and about a
/// handoff that is closed there is nothing more to say.
fn as_it_left(app: &App, tx: &WriteTransaction<'_>, missing: &MissingRecipient) -> Stored<Option<SentMail>> {
    let Some(row) = tx.outbox_row(missing.mail)?.filter(|row| row.state == OutboxState::Sent) else {
        return Ok(None);
    };
    if !may_leave(app, tx, &row)? {
        return Ok(None);
    }
    let is_wanted = is_ours(&app.policy, &missing.address) && !is_over(tx, &row)?;
    let Some(bytes) = row.bytes.clone().filter(|_| is_wanted) else {
        forget(app, tx, missing)?;
        return Ok(None);
    };
    let stand_in = tx.attempt_notes(row.seq)?.stand_in;
    let account = stand_in.as_deref().and_then(|name| app.accounts.get(name));
    let sender = account.map_or_else(|| row.sender.clone(), |account| account.address.clone());
    Ok(Some(SentMail { row, sender, bytes }))
}

/// Whether the handoff is closed, and the mail none of those that may leave then. docs/behaviour.md section 12.
fn is_over(tx: &ReadTransaction<'_>, row: &OutboxRow) -> Stored<bool> {
    let Scope::Handoff(id) = &row.scope else { return Ok(false) };
    let may_leave_late =
        matches!(row.key.kind, MailKind::FeedbackThanks | MailKind::Withdrawal | MailKind::Done);
    Ok(!may_leave_late && tx.handoff(id)?.is_some_and(|stored| !stored.open))
}

/// Notes what the server said of one recipient.
fn record(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    mut missing: MissingRecipient,
    delivery: Delivery,
) -> Stored<()> {
    missing.attempts += 1;
    match delivery {
        Delivery::Accepted { .. } => {
            let account = tx.account_in_charge(row.seq)?.unwrap_or_else(|| row.account.clone());
            tx.resolve_alert(&subject(&account), app.now())?;
            forget(app, tx, &missing)
        }
        Delivery::Refused { text, .. } => {
            put_off(app, tx, row, MissingRecipient { answer: text, ..missing }, true, TimeDelta::zero())
        }
        Delivery::Deferred { text, message_was_sent: false, .. } | Delivery::Unreachable { reason: text } => {
            put_off(app, tx, row, MissingRecipient { answer: text, ..missing }, false, TimeDelta::zero())
        }
        Delivery::LoginRefused { text } | Delivery::CertificateRejected { reason: text } => {
            let account = tx.account_in_charge(row.seq)?.unwrap_or_else(|| row.account.clone());
            alert_login_refused(app, tx, &account, &text)?;
            put_off(app, tx, row, MissingRecipient { answer: text, ..missing }, false, LOGIN_WAIT)
        }
        // A server that had had all of it may have delivered it: it is given time to say so.
        Delivery::Deferred { text, .. } => {
            put_off(app, tx, row, MissingRecipient { answer: text, ..missing }, false, WAIT_AFTER_MESSAGE)
        }
        Delivery::Uncertain { reason: text } => {
            leave_in_doubt(app, tx, MissingRecipient { answer: text, ..missing })
        }
        // Nothing has left, or another process has taken it.
        Delivery::Stopped => Ok(()),
    }
}

fn put_off(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    mut missing: MissingRecipient,
    permanent: bool,
    at_least: TimeDelta,
) -> Stored<()> {
    let now = app.now();
    // Two days of deferral count as a refusal.
    let is_refused = permanent
        || missing.refusals == 0 && has_passed(tx, missing.first_tried, GIVES_UP_AFTER, now)?
        || missing.refusals > 0;
    if !is_refused {
        missing.next_attempt = Some(now + after_deferral(missing.attempts).max(at_least));
        return tx.note_missing(&missing);
    }
    missing.next_attempt = after_refusal(missing.refusals).map(|(wait, _)| now + wait);
    missing.refusals += 1;
    tx.note_missing(&missing)?;
    let what = format!("a mail did not reach everybody: {}", row.key.kind.name());
    let detail = format!("{}: {}", missing.address, missing.answer);
    let by_hand = format!(
        "Check the address in the configuration. `baton outbox retry {0}` tries once more, `baton outbox drop {0}` lets it be.",
        missing.mail
    );
    let remedy = match missing.next_attempt {
        Some(_) => {
            format!("{by_hand} baton tries again by itself 1, 6 and 24 hours after the first refusal.")
        }
        None => by_hand,
    };
    tx.raise_alert(&alert_of(&missing), &what, &detail, &remedy, now)?;
    Ok(())
}

/// Nobody can tell whether it has arrived, so it is not sent again.
fn leave_in_doubt(app: &App, tx: &WriteTransaction<'_>, missing: MissingRecipient) -> Stored<()> {
    tx.note_missing(&MissingRecipient { next_attempt: None, ..missing.clone() })?;
    let what = "a mail may not have reached everybody";
    let detail = format!("{}: {}", missing.address, missing.answer);
    let remedy = format!(
        "Ask whether it arrived at {}. `baton outbox retry {1}` sends it once more, `baton outbox drop {1}` lets it be.",
        missing.address, missing.mail
    );
    tx.raise_alert(&alert_of(&missing), what, &detail, &remedy, app.now())?;
    Ok(())
}

/// What was under way when a process died, and with `all` everything: a database that is older than the mailboxes does not
/// know whom a mail has reached since.
pub(super) fn leave_unknown(app: &App, tx: &WriteTransaction<'_>, all: bool) -> Stored<()> {
    let mut unknown = tx.missing_under_way()?;
    if all {
        unknown.extend(tx.missing_to_try()?);
    }
    for missing in unknown {
        let answer = "nobody can tell whether it has arrived meanwhile".to_owned();
        leave_in_doubt(app, tx, MissingRecipient { answer, ..missing })?;
    }
    Ok(())
}

/// Lets all be whom a mail has not reached, or tries them once more, as a person wants.
pub(crate) fn decide(app: &App, tx: &WriteTransaction<'_>, mail: i64, retry: bool) -> Stored<()> {
    for missing in tx.missing_of(mail)? {
        if retry {
            let next_attempt = Some(app.now());
            tx.note_missing(&MissingRecipient { next_attempt, refusals: 0, attempts: 0, ..missing.clone() })?;
            tx.resolve_alert(&alert_of(&missing), app.now())?;
        } else {
            forget(app, tx, &missing)?;
        }
    }
    Ok(())
}

fn forget(app: &App, tx: &WriteTransaction<'_>, missing: &MissingRecipient) -> Stored<()> {
    tx.forget_missing(missing.mail, &missing.address)?;
    tx.resolve_alert(&alert_of(missing), app.now())?;
    Ok(())
}

fn alert_of(missing: &MissingRecipient) -> String {
    format!("mail {} to {}", missing.mail, missing.address)
}
