//! Delivery: the only place that mail leaves from.
//!
//! A mail is judged and written beside everything else; then its row is leased in a transaction, in which the handoff
//! is judged once more. Right before the last piece of it is handed to the network its phase is committed; what the
//! server said is committed after. Several mails of an account leave at the same time, over connections that are used
//! again. A panic on the way is a failed attempt of that mail.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{FutureExt, StreamExt};

use crate::domain::fact::HELD_BACK;
use crate::domain::judge::MeetingState;
use crate::domain::mails::{Audience, MailBrief, MailKind, Voice, WantedMail};
use crate::smtp::{self, Delivery, Submission};
use crate::store::{
    OutboxRow, OutboxState, Priority, ReadTransaction, Recipients, Result as Stored, Scope, WriteTransaction,
};

use super::app::App;
use super::attempt::{AttemptOutcome, alert_failure, record, settle_scope};
use super::delivery_right::may_leave;
use super::disk;
use super::global::wanted_of_key;
use super::hand_over::hand_over;
use super::letters::{self, after_intro};
use super::look_first::{LookOutcome, look_before_attempt};
use super::rate_limit::is_rate_limited;
use super::remainder::send_remainders;
use super::render::{RefusedToWrite, check_audience_of_row, outgoing, record_of_intro, render};
use super::search::settle_as_left;
use super::send::{NOT_AS_SHOWN, take_back_sending};
use super::submission_pool::{CONNECTIONS, SubmissionPool};
use super::turn::{JudgedHandoff, judged};
use super::unwritten::DeliveryAnswer;
use super::{AgentError, error_chain, uncertain_intro};

/// What the server answered is written again after this, where the database cannot be written.
const WRITE_AGAIN: Duration = Duration::from_secs(1);
/// Whether the people of a handoff are configured again is asked after this.
const ASKED_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// A row that was taken, with everything that leaves.
struct LeasedMail {
    row: OutboxRow,
    voice: Voice,
    recipients: Vec<String>,
    /// How many of them, from the first on, it is addressed to; the others get a copy.
    addressees: usize,
    bytes: Vec<u8>,
}

/// A mail as it would leave by what was true when it was written.
struct WrittenMail {
    wanted: WantedMail,
    bytes: Result<Vec<u8>, RefusedToWrite>,
}

/// Sends everything of one account that may leave by now. Returns how many attempts were made.
pub(crate) async fn drain(app: &Arc<App>, account: &str) -> Result<usize, AgentError> {
    let pool = SubmissionPool::new(account);
    let attempts = drain_over(app, account, &pool).await;
    pool.close().await;
    attempts
}

/// The same over connections of this pool.
async fn drain_over(app: &Arc<App>, account: &str, pool: &SubmissionPool) -> Result<usize, AgentError> {
    let mut attempts = 0;
    loop {
        retry_refused(app, account).await?;
        let name = account.to_owned();
        let due = app.read(move |app, tx| tx.sendable_from(&name, app.now())).await?;
        let mut moved = false;
        let mut outcomes = futures::stream::iter(due)
            .map(|seq| async move {
                if app.is_stopping() { Ok(AttemptOutcome::Nothing) } else { attempt(app, pool, seq).await }
            })
            .buffer_unordered(CONNECTIONS.min(app.at_once));
        while let Some(outcome) = outcomes.next().await {
            let is_attempt = outcome? != AttemptOutcome::Nothing;
            attempts += usize::from(is_attempt);
            moved |= is_attempt;
        }
        attempts += send_remainders(app, pool).await?;
        if !moved || app.is_stopping() {
            return Ok(attempts);
        }
    }
}

/// Mail that was refused for good and whose time for another attempt has come.
async fn retry_refused(app: &Arc<App>, account: &str) -> Result<(), AgentError> {
    let name = account.to_owned();
    let due = app.read(move |app, tx| refused_due(tx, &name, app.now())).await?;
    if due.is_empty() {
        return Ok(());
    }
    app.write(move |app, tx| {
        let now = app.now();
        for seq in due {
            let Some(row) = tx.outbox_row(seq)?.filter(|row| row.state == OutboxState::Failed) else {
                continue;
            };
            tx.retry_refused(seq, now)?;
            settle_scope(app, tx, &row.scope)?;
        }
        Ok(())
    })
    .await
}

fn refused_due(tx: &ReadTransaction<'_>, account: &str, now: DateTime<Utc>) -> Stored<Vec<i64>> {
    let mut due = Vec::new();
    for (seq, at) in tx.refused_to_retry()? {
        if at <= now && tx.account_in_charge(seq)?.as_deref() == Some(account) {
            due.push(seq);
        }
    }
    Ok(due)
}

/// One attempt to send one row, over a connection of its own.
pub(crate) async fn deliver(app: &Arc<App>, seq: i64) -> Result<AttemptOutcome, AgentError> {
    let Some(account) = app.read(move |_, tx| tx.account_in_charge(seq)).await? else {
        return Ok(AttemptOutcome::Nothing);
    };
    let pool = SubmissionPool::new(&account);
    let outcome = attempt(app, &pool, seq).await;
    pool.close().await;
    outcome
}

/// One attempt to send one row. What panics has failed, and is named by how far it had come.
async fn attempt(app: &Arc<App>, pool: &SubmissionPool, seq: i64) -> Result<AttemptOutcome, AgentError> {
    caught(app, seq, try_to_send(app, pool, seq)).await
}

pub(super) async fn caught(
    app: &Arc<App>,
    seq: i64,
    attempt: impl Future<Output = Result<AttemptOutcome, AgentError>>,
) -> Result<AttemptOutcome, AgentError> {
    match AssertUnwindSafe(attempt).catch_unwind().await {
        Ok(outcome) => outcome,
        Err(_) => {
            tracing::error!(seq, "an attempt to send a mail ended in a panic, which is a fault of baton's");
            app.write_with(Priority::Command, move |app, tx| {
                tx.recover_row(seq, app.now())?;
                let Some(row) = tx.outbox_row(seq)? else { return Ok(AttemptOutcome::Nothing) };
                settle_scope(app, tx, &row.scope)?;
                Ok(AttemptOutcome::Deferred)
            })
            .await
        }
    }
}

async fn try_to_send(app: &Arc<App>, pool: &SubmissionPool, seq: i64) -> Result<AttemptOutcome, AgentError> {
    match look_before_attempt(app, seq).await? {
        LookOutcome::NotThere => {}
        LookOutcome::Settled => return Ok(AttemptOutcome::Sent),
        LookOutcome::Later => return Ok(AttemptOutcome::Nothing),
    }
    let written = app.read(move |app, tx| write_mail(app, tx, seq)).await?;
    let leased = app.write_with(Priority::BeforeLeaving, move |app, tx| lease(app, tx, seq, written)).await?;
    let Some(leased) = leased else { return Ok(AttemptOutcome::Nothing) };
    let delivery = submit(app, pool, &leased).await;
    let LeasedMail { row, voice, .. } = leased;
    tracing::info!(kind = row.key.kind.name(), about = %row.key.about, outcome = %delivery, "handed over");
    record_until_written(app, DeliveryAnswer { row, voice, delivery, at: app.now() }).await
}

/// What the server answered is kept until it can be written: a database that is locked or full for a while does not
/// make an accepted mail unknown. docs/behaviour.md section 15.
async fn record_until_written(app: &Arc<App>, answer: DeliveryAnswer) -> Result<AttemptOutcome, AgentError> {
    let seq = answer.row.seq;
    app.unwritten.hold(answer.clone());
    loop {
        let answer = answer.clone();
        let written = app.write_with(Priority::Command, move |app, tx| record(app, tx, answer));
        match written.await {
            // The agent may begin anew, and then writes it first.
            Err(AgentError::Store(error)) if error.may_pass() && app.is_stopping() => {
                return Err(AgentError::Store(error));
            }
            Err(AgentError::Store(error)) if error.may_pass() => {
                tracing::error!(%error, seq, "what became of a mail cannot be written yet");
                // Gives the reserve up, where that is what it takes.
                disk::is_full(app, &AgentError::Store(error));
            }
            ended => {
                app.unwritten.release(seq);
                return ended;
            }
        }
        tokio::time::sleep(WRITE_AGAIN).await;
    }
}

async fn submit(app: &Arc<App>, pool: &SubmissionPool, leased: &LeasedMail) -> Delivery {
    let is_awaited = leased.row.asked_until.is_some_and(|until| app.now() <= until);
    let submission = Submission {
        from: leased.row.sender.as_str(),
        recipients: &leased.recipients,
        bytes: &leased.bytes,
        on_refusal: match leased.row.audience {
            Audience::Public => smtp::RefusalPolicy::AllOrNobody,
            Audience::Internal | Audience::Record => {
                smtp::RefusalPolicy::OneAddressee { of: leased.addressees }
            }
        },
    };
    let seq = leased.row.seq;
    hand_over(app, pool, submission, is_awaited, move |app, tx, refused| {
        tx.last_piece_begins(seq, app.store.owner(), &refused)
    })
    .await
}

/// The mail that a row stands for, and its handoff as it is judged now.
fn wanted_now(
    app: &App,
    tx: &ReadTransaction<'_>,
    row: &OutboxRow,
    now: DateTime<Utc>,
) -> Stored<(Option<WantedMail>, Option<JudgedHandoff>)> {
    Ok(match &row.scope {
        Scope::Handoff(id) => {
            let judged = judged(tx, &app.policy, id, now)?;
            let mails = judged.as_ref().map(|judged| &judged.judgement.mails);
            let wanted = mails.and_then(|mails| mails.iter().find(|mail| mail.key == row.key).cloned());
            (wanted, judged)
        }
        Scope::Letter => match letters::wanted(tx, row)? {
            None => (uncertain_intro::wanted(app, tx, row)?, None),
            wanted => (wanted, None),
        },
        Scope::Global => (wanted_of_key(app, tx, &row.key, now)?, None),
    })
}

/// Whether the row may be taken now, by itself.
fn is_due(row: &OutboxRow, now: DateTime<Utc>) -> bool {
    row.state == OutboxState::Queued && row.next_attempt <= now
}

/// Writes the mail of a row outside of the one transaction that others wait for. `None`: it is not wanted, or its
/// bytes stand already.
fn write_mail(app: &App, tx: &ReadTransaction<'_>, seq: i64) -> Stored<Option<WrittenMail>> {
    let now = app.now();
    let Some(row) = tx.outbox_row(seq)?.filter(|row| is_due(row, now)) else { return Ok(None) };
    let stand_in = tx.attempt_notes(seq)?.stand_in;
    let (Some(wanted), judged) = wanted_now(app, tx, &row, now)? else { return Ok(None) };
    let bytes = render(app, &row, stand_in.as_deref(), &wanted, judged.as_ref(), now);
    Ok(Some(WrittenMail { wanted, bytes }))
}

/// Takes the row, unless it need not or must not leave now.
fn lease(
    app: &App,
    tx: &WriteTransaction<'_>,
    seq: i64,
    written: Option<WrittenMail>,
) -> Stored<Option<LeasedMail>> {
    let now = app.now();
    let Some(row) = tx.outbox_row(seq)?.filter(|row| is_due(row, now)) else { return Ok(None) };
    if let Some(mail) = tx.own_mail_seen(&row.token)? {
        // A copy of this database has sent it.
        settle_as_left(app, tx, &row, mail.sealed.left_at, &mail.message_id)?;
        return Ok(None);
    }
    if !may_leave(app, tx, &row)? {
        return Ok(None);
    }
    let stand_in = tx.attempt_notes(seq)?.stand_in;
    let (wanted, judged) = match &written {
        // What the week before was like does not change any more, and takes many judgements to say.
        Some(written) if row.key.kind == MailKind::Digest => (Some(written.wanted.clone()), None),
        _ => wanted_now(app, tx, &row, now)?,
    };
    if wanted.is_none() && judged.is_none() && matches!(row.scope, Scope::Handoff(_)) {
        return Ok(None);
    }
    if judged.as_ref().is_some_and(|judged| !are_configured(app, judged)) {
        tracing::warn!(seq, "its SDR or AE is not configured, so the mail waits");
        tx.search_later(seq, now + ASKED_AGAIN)?;
        return Ok(None);
    }
    if let (true, Some(bytes)) = (row.uncertain_since.is_some(), row.bytes.clone()) {
        return lease_frozen(app, tx, row, wanted.as_ref(), bytes);
    }
    let Some(wanted) = wanted else {
        tx.cancel(seq)?;
        return Ok(None);
    };
    if let Some(at) = wanted.not_before.filter(|at| *at > now) {
        // Whoever asks what is due would find it due all the time.
        tx.search_later(seq, at)?;
        return Ok(None);
    }
    if is_rate_limited(app, tx, &row, &wanted, now)? {
        return Ok(None);
    }
    let bytes = match written {
        Some(written) if written.wanted == wanted => written.bytes,
        // Something has changed since it was written.
        _ => render(app, &row, stand_in.as_deref(), &wanted, judged.as_ref(), now),
    };
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(error) => {
            let reason = error_chain(&error);
            tx.failed(seq, now, &reason, &[])?;
            alert_failure(app, tx, &row, &reason)?;
            settle_scope(app, tx, &row.scope)?;
            return Ok(None);
        }
    };
    if let Some(reason) = held_back(app, tx, &row, &wanted, judged.as_ref(), now)? {
        hold_back(app, tx, &row, &wanted, reason)?;
        return Ok(None);
    }
    let recipients = Recipients { to: wanted.to.clone(), cc: wanted.cc.clone() };
    tx.lease(seq, &bytes, &recipients, app.store.owner(), now)?;
    tx.note_attempt(seq, |notes| notes.as_sdr = Some(wanted.from == Voice::Sdr))?;
    let addresses = recipients.addresses().iter().map(|one| one.as_str().to_owned()).collect();
    let mut row = tx.outbox_row(seq)?.unwrap_or(row);
    if let Some(account) = stand_in.as_deref().and_then(|name| app.accounts.get(name)) {
        row.sender = account.address.clone();
    }
    let addressees = recipients.to.len();
    Ok(Some(LeasedMail { row, voice: wanted.from, recipients: addresses, addressees, bytes }))
}

/// Whether the SDR and the AE of a handoff are configured: for others no mail is made.
fn are_configured(app: &App, judged: &JudgedHandoff) -> bool {
    let people = [&judged.judgement.record.sdr, &judged.judgement.ae];
    people.iter().all(|name| app.policy.person(name).is_some())
}

/// Why an intro does not leave now or later, where that is so.
fn held_back(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    wanted: &WantedMail,
    judged: Option<&JudgedHandoff>,
    now: DateTime<Utc>,
) -> Stored<Option<&'static str>> {
    if let Some(reason) = no_longer_true(wanted, judged, now) {
        return Ok(Some(reason));
    }
    Ok((!is_as_shown(app, tx, row, wanted, judged, now)?).then_some(NOT_AS_SHOWN))
}

/// It has left to nobody. A first one that nobody has been told to wait for is taken back with its handoff; behind another
/// that has arrived it is as if it had not been asked for.
fn hold_back(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    wanted: &WantedMail,
    reason: &'static str,
) -> Stored<()> {
    let now = app.now();
    let MailBrief::Intro { sending } = wanted.brief else { return Ok(()) };
    if let (Scope::Handoff(handoff), true) = (&row.scope, sending > 1 && reason != NOT_AS_SHOWN)
        && tx.outbox(&row.scope)?.iter().any(|one| one.seq != row.seq && is_sent_intro(one))
    {
        tracing::warn!(seq = row.seq, reason, "the intro does not leave again");
        return take_back_sending(app, tx, handoff, row);
    }
    let to = wanted.to.iter().map(|one| (one.address.clone(), format!("{HELD_BACK}{reason}")));
    tx.failed(row.seq, now, reason, &to.collect::<Vec<_>>())?;
    let is_awaited = reason == NOT_AS_SHOWN || row.asked_until.is_some_and(|until| now <= until);
    if !(is_awaited && after_intro::follow(app, tx, row.seq, AttemptOutcome::Failed)?) {
        settle_scope(app, tx, &row.scope)?;
    }
    Ok(())
}

fn is_sent_intro(row: &OutboxRow) -> bool {
    row.key.kind == MailKind::Intro && row.state == OutboxState::Sent
}

/// Why an intro that has waited would tell the prospect something that is not so any more.
fn no_longer_true(
    wanted: &WantedMail,
    judged: Option<&JudgedHandoff>,
    now: DateTime<Utc>,
) -> Option<&'static str> {
    let MailBrief::Intro { sending } = wanted.brief else { return None };
    let judged = judged?;
    let named = record_of_intro(judged, sending).meeting.start;
    let meeting = &judged.judgement.meeting;
    if meeting.state == MeetingState::Cancelled {
        Some("the meeting has been cancelled since")
    } else if sending == 1 && meeting.start != named {
        Some("the meeting has been moved since, and the intro names the time before")
    } else if named <= now {
        Some("it could not leave before the meeting that it confirms")
    } else {
        None
    }
}

/// Whether an intro that somebody said yes to would leave as it was shown to them.
fn is_as_shown(
    app: &App,
    tx: &ReadTransaction<'_>,
    row: &OutboxRow,
    wanted: &WantedMail,
    judged: Option<&JudgedHandoff>,
    now: DateTime<Utc>,
) -> Stored<bool> {
    let shown = tx.shown_digest(row.seq)?;
    let is_agreed_on = shown.is_some() || after_intro::draft_behind(tx, row)?.is_some();
    if row.key.kind != MailKind::Intro || !is_agreed_on {
        return Ok(true);
    }
    match outgoing(app, row, wanted, judged, now) {
        Ok(intro) if shown.is_some() => Ok(shown == Some(letters::digest_of(&intro))),
        Ok(intro) => after_intro::is_as_shown(tx, row, &intro),
        Err(_) => Ok(false),
    }
}

/// A mail that may have left already and that a person wants sent once more: whoever gets it twice must get the same.
fn lease_frozen(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: OutboxRow,
    wanted: Option<&WantedMail>,
    bytes: Vec<u8>,
) -> Stored<Option<LeasedMail>> {
    let now = app.now();
    if let Err(error) = check_audience_of_row(app, &row) {
        let reason = error_chain(&error);
        tx.failed(row.seq, now, &reason, &[])?;
        alert_failure(app, tx, &row, &reason)?;
        settle_scope(app, tx, &row.scope)?;
        return Ok(None);
    }
    let recipients = row.recipients.addresses().iter().map(|one| one.as_str().to_owned()).collect();
    let voice = wanted.map_or(Voice::Agent, |mail| mail.from);
    tx.lease(row.seq, &bytes, &row.recipients, app.store.owner(), now)?;
    let addressees = row.recipients.to.len();
    Ok(Some(LeasedMail { row, voice, recipients, addressees, bytes }))
}
