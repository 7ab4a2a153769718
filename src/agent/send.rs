//! `send` and `resend`: the intro and what it brings with it.
//!
//! Everything is committed before anything leaves. Then this process delivers, if no other holds the lock,
//! or wakes the one that does and waits for what it says. What can never leave leaves no handoff behind.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::fact::{Fact, FactKind};
use crate::domain::handoff::{Handoff, Record};
use crate::domain::judge::{judge, sending_of};
use crate::domain::mails::{MailKind, WantedMail};
use crate::domain::message::{Address, MessageId};
use crate::domain::token;
use crate::mail::compose::OutgoingMessage;
use crate::store::{
    NewFact, OutboxRow, OutboxState, ReadTransaction, Recipients, Result as Stored, Scope, SendingPhase,
    SentCopyState, StoredHandoff, WriteTransaction, random_suffix,
};

use super::AgentError;
use super::app::App;
use super::delivery::{deliver, drain};
use super::delivery_right;
use super::duplicates::{Duplicate, repeated};
use super::presence::{CHANGED_MEANWHILE, acts_on_the_same};
use super::render::{RefusedToWrite, outgoing};
use super::search::look_for_uncertain;
use super::sent_copy::keep_copies;
use super::turn::{JudgedHandoff, judged, sender_account, settle};

/// How long a `send` waits for the agent that holds the lock.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What became of an intro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    Sent(SentIntro),
    /// A server said `later`: the handoff stands, the clock does not run yet.
    Deferred {
        intro: SentIntro,
        reason: String,
    },
    /// Nobody can tell; baton looks for it.
    Uncertain {
        intro: SentIntro,
        reason: String,
    },
    /// The agent that holds the lock did not answer in time.
    Waiting {
        intro: SentIntro,
    },
    /// It can never leave, and has left to nobody. Addresses that were named, with the server's words.
    Refused {
        reason: String,
        addresses: Vec<(Address, String)>,
    },
}

/// What `baton send` prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentIntro {
    pub id: String,
    pub message_id: MessageId,
    pub sent_at: Option<DateTime<Utc>>,
    pub deadline: Option<DateTime<Utc>>,
    pub why: Option<String>,
}

/// The mails of a record as they would leave now: the intro and the record mail. Nothing is stored.
pub(crate) fn preview(app: &App, record: &Record) -> Result<Vec<OutgoingMessage>, RefusedToWrite> {
    let now = app.now();
    let handoff = Handoff { id: "preview".to_owned(), record: record.clone(), created_at: now };
    let mut facts = vec![Fact { at: now, what: FactKind::IntroAsked { sending: 1, record: None } }];
    let mut mails = Vec::new();
    for kind in [MailKind::Intro, MailKind::Record] {
        let judgement = judge(&app.policy, &handoff, &facts, now);
        let stored = StoredHandoff {
            handoff: handoff.clone(),
            record_text: String::new(),
            open: true,
            wake: None,
            awaiting: None,
        };
        let judged = JudgedHandoff { stored, facts: facts.clone(), judgement };
        let Some(wanted) = judged.judgement.mails.iter().find(|mail| mail.key.kind == kind).cloned() else {
            break;
        };
        let row = specimen(app, &judged, &wanted, now);
        mails.extend(row.as_ref().map(|row| outgoing(app, row, &wanted, Some(&judged), now)).transpose()?);
        let Some(row) = row else { break };
        facts.push(left(row, now));
    }
    Ok(mails)
}

/// Whom the record goes to when the intro leaves once more, of a corrected record where one is given: nobody who has this
/// text already.
pub(crate) fn record_readers_again(
    app: &App,
    judged: &JudgedHandoff,
    corrected: Option<&Record>,
) -> Vec<Address> {
    let now = app.now();
    let mut facts = judged.facts.clone();
    let (sending, record) = (next_sending(&facts), corrected.cloned().map(Box::new));
    facts.push(Fact { at: now, what: FactKind::IntroAsked { sending, record } });
    let mut judgement = judge(&app.policy, &judged.stored.handoff, &facts, now);
    if let Some(intro) = judgement.mails.iter().find(|mail| mail.key.kind == MailKind::Intro)
        && let Some(row) = specimen(app, judged, intro, now)
    {
        facts.push(left(row, now));
        judgement = judge(&app.policy, &judged.stored.handoff, &facts, now);
    }
    let is_made = |mail: &WantedMail| {
        judged.facts.iter().any(|fact| match &fact.what {
            FactKind::MailMade { key, .. } | FactKind::MailLeft { key, .. } => *key == mail.key,
            _ => false,
        })
    };
    let mut records = judgement.mails.iter().filter(|mail| mail.key.kind == MailKind::Record);
    let goes = records.find(|mail| !is_made(mail));
    let readers = goes.into_iter().flat_map(|mail| mail.to.iter().chain(&mail.cc));
    readers.map(|one| one.address.clone()).collect()
}

/// A mail as if it had left.
fn left(row: OutboxRow, at: DateTime<Utc>) -> Fact {
    let to = row.recipients.addresses();
    let what = FactKind::MailLeft {
        to,
        key: row.key,
        message_id: row.message_id,
        ids: Vec::new(),
        token: row.token,
    };
    Fact { at, what }
}

/// The number that the next sending of the intro has.
fn next_sending(facts: &[Fact]) -> u32 {
    let asked = facts.iter().filter_map(|fact| match &fact.what {
        FactKind::IntroAsked { sending, .. } => Some(*sending),
        _ => None,
    });
    asked.max().unwrap_or(0) + 1
}

/// A row that is not in the outbox, to show a mail by.
fn specimen(app: &App, judged: &JudgedHandoff, wanted: &WantedMail, now: DateTime<Utc>) -> Option<OutboxRow> {
    let token = "0".repeat(token::LENGTH);
    let (account, sender) = sender_account(&app.policy, judged, wanted);
    Some(OutboxRow {
        seq: 0,
        scope: Scope::Global,
        key: wanted.key.clone(),
        message_id: token::message_id(&token, sender.domain())?,
        token,
        state: OutboxState::Queued,
        phase: SendingPhase::Leased,
        account,
        sender,
        audience: wanted.key.kind.audience(),
        recipients: Recipients { to: wanted.to.clone(), cc: wanted.cc.clone() },
        bytes: None,
        made_at: now,
        not_before: None,
        first_tried: None,
        attempts: 0,
        next_attempt: now,
        asked_until: None,
        other_ids: Vec::new(),
        sent_at: None,
        error: None,
        refused: Vec::new(),
        uncertain_since: None,
        searches: 0,
        sent_copy: SentCopyState::None,
        may_have_left: false,
    })
}

/// `acme-7k2f` for `Acme Corp`.
fn new_id(tx: &ReadTransaction<'_>, company: &str) -> crate::store::Result<String> {
    let word: String = company
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .find(|word| !word.is_empty())
        .unwrap_or("handoff")
        .chars()
        .take(16)
        .collect();
    loop {
        let id = format!("{word}-{}", random_suffix()?);
        if tx.handoff(&id)?.is_none() {
            return Ok(id);
        }
    }
}

/// An intro that was committed and has yet to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingIntro {
    pub handoff: String,
    pub sending: u32,
    row: i64,
}

/// Commits a handoff and its intro. `Err(Duplicate)` where it repeats another, unless `again`.
pub async fn commit(
    app: &Arc<App>,
    record: Record,
    record_text: String,
    again: bool,
) -> Result<Result<PendingIntro, Duplicate>, AgentError> {
    commit_as_shown(app, record, record_text, again, None).await
}

/// The same for an intro that somebody has agreed to: it leaves as it was `shown`, or not at all.
pub(crate) async fn commit_as_shown(
    app: &Arc<App>,
    record: Record,
    record_text: String,
    again: bool,
    shown: Option<String>,
) -> Result<Result<PendingIntro, Duplicate>, AgentError> {
    let asked = app.write_for_command(move |app, tx| {
        if !acts_on_the_same(app, tx)? {
            return Ok(None);
        }
        let asked = ask_first(app, tx, record, record_text, again)?;
        if let (Ok(intro), Some(shown)) = (&asked, shown) {
            tx.set_shown_digest(intro.row, &shown)?;
        }
        Ok(Some(asked))
    });
    asked.await?.ok_or(AgentError::OtherConfiguration { why: CHANGED_MEANWHILE })
}

/// Why an intro does not leave: it would not be the one that somebody has agreed to.
pub(crate) const NOT_AS_SHOWN: &str = "the configuration has changed since the intro was shown";

/// The same within a transaction.
pub(super) fn ask_first(
    app: &App,
    tx: &WriteTransaction<'_>,
    record: Record,
    record_text: String,
    again: bool,
) -> Stored<Result<PendingIntro, Duplicate>> {
    if !again && let Some(duplicate) = repeated(app, tx, &record)? {
        return Ok(Err(duplicate));
    }
    let now = app.now();
    let handoff = Handoff { id: new_id(tx, &record.company)?, record, created_at: now };
    let id = handoff.id.clone();
    tx.add_handoff(&handoff, &record_text)?;
    ask(app, tx, &id, 1, None, now).map(Ok)
}

/// Commits one more sending of a handoff's intro, of a corrected record where one is given.
pub async fn commit_again(
    app: &Arc<App>,
    id: &str,
    record: Option<Record>,
) -> Result<PendingIntro, AgentError> {
    commit_again_as_shown(app, id, record, None).await
}

/// The same for an intro that somebody has agreed to.
pub(crate) async fn commit_again_as_shown(
    app: &Arc<App>,
    id: &str,
    record: Option<Record>,
    shown: Option<String>,
) -> Result<PendingIntro, AgentError> {
    let handoff = id.to_owned();
    let asked = app.write_for_command(move |app, tx| {
        if !acts_on_the_same(app, tx)? {
            return Ok(None);
        }
        let asked = ask_again(app, tx, &handoff, record.map(Box::new))?;
        if let Some(shown) = shown {
            tx.set_shown_digest(asked.row, &shown)?;
        }
        Ok(Some(asked))
    });
    asked.await?.ok_or(AgentError::OtherConfiguration { why: CHANGED_MEANWHILE })
}

/// The same within a transaction.
pub(super) fn ask_again(
    app: &App,
    tx: &WriteTransaction<'_>,
    id: &str,
    record: Option<Box<Record>>,
) -> Stored<PendingIntro> {
    let sending = next_sending(&tx.facts(id)?);
    ask(app, tx, id, sending, record, app.now())
}

/// A sending that has left to nobody is taken back; what was before it stands.
pub(super) fn take_back_sending(
    app: &App,
    tx: &WriteTransaction<'_>,
    id: &str,
    row: &OutboxRow,
) -> Stored<()> {
    if let Some(sending) = sending_of(&row.key) {
        tx.remove_intro_asked(id, sending)?;
    }
    tx.remove_row(row.seq)?;
    settle(tx, &app.policy, [id.to_owned()], app.now())
}

fn ask(
    app: &App,
    tx: &WriteTransaction<'_>,
    id: &str,
    sending: u32,
    record: Option<Box<Record>>,
    now: DateTime<Utc>,
) -> Stored<PendingIntro> {
    tx.add_fact(id, now, &NewFact::IntroAsked { sending, record })?;
    settle(tx, &app.policy, [id.to_owned()], now)?;
    let rows = tx.outbox(&Scope::Handoff(id.to_owned()))?;
    let intro =
        rows.into_iter().rfind(|row| row.key.kind == MailKind::Intro && row.state == OutboxState::Queued);
    let row = intro.map_or(0, |row| row.seq);
    // Longer than any delivery takes; a sender that stops waiting earlier takes it back.
    tx.ask(row, now + TimeDelta::minutes(20))?;
    tx.call()?;
    Ok(PendingIntro { handoff: id.to_owned(), sending, row })
}

/// Delivers what was asked for, or has it delivered, and says what became of it.
pub async fn carry_out(app: &Arc<App>, asked: &PendingIntro) -> Result<SendOutcome, AgentError> {
    let mut left = PATIENCE;
    loop {
        if let Some(lock) = delivery_right::take_if_free(app).await? {
            let outcome = deliver_here(app, asked).await;
            delivery_right::give_back(app, lock).await;
            return outcome;
        }
        if left.is_zero() || !is_waiting(app, asked).await? {
            return conclude(app, asked).await;
        }
        tokio::time::sleep(LOOK_EVERY).await;
        left = left.saturating_sub(LOOK_EVERY);
    }
}

/// The lock and the lease must be held.
async fn deliver_here(app: &Arc<App>, asked: &PendingIntro) -> Result<SendOutcome, AgentError> {
    super::once::prepare_delivery(app).await?;
    deliver(app, asked.row).await?;
    let outcome = conclude(app, asked).await?;
    finish(app, asked).await;
    Ok(outcome)
}

/// Whether the intro has not been tried yet.
async fn is_waiting(app: &Arc<App>, asked: &PendingIntro) -> Result<bool, AgentError> {
    let row = app.read({
        let seq = asked.row;
        move |_, tx| tx.outbox_row(seq)
    });
    Ok(row.await?.is_some_and(|row| match row.state {
        OutboxState::Queued => !was_deferred(&row),
        OutboxState::Sending => true,
        OutboxState::Sent | OutboxState::Uncertain | OutboxState::Failed | OutboxState::Cancelled => false,
    }))
}

fn was_deferred(row: &OutboxRow) -> bool {
    row.attempts > 0 || row.error.is_some()
}

/// What the outbox says of the intro, which is told to the person now: what becomes of it from now on is the agent's
/// to tell. Both in one transaction, so that a refusal is told by one of the two, and by one alone.
async fn conclude(app: &Arc<App>, asked: &PendingIntro) -> Result<SendOutcome, AgentError> {
    let asked = asked.clone();
    app.write_for_command(move |app, tx| {
        let outcome = outcome(app, tx, &asked)?;
        tx.stop_asking(asked.row)?;
        Ok(outcome)
    })
    .await
}

/// What the outbox says of the intro. One that can never leave is taken back with everything about it.
fn outcome(app: &App, tx: &WriteTransaction<'_>, asked: &PendingIntro) -> Stored<SendOutcome> {
    let Some(row) = tx.outbox_row(asked.row)? else {
        return Ok(SendOutcome::Refused { reason: "it was withdrawn".to_owned(), addresses: Vec::new() });
    };
    let judged = judged(tx, &app.policy, &asked.handoff, app.now())?;
    let intro = SentIntro {
        id: asked.handoff.clone(),
        message_id: row.message_id.clone(),
        sent_at: row.sent_at,
        deadline: judged.as_ref().and_then(|judged| judged.judgement.deadline),
        why: judged.and_then(|judged| judged.judgement.deadline_why),
    };
    let reason = row.error.clone().unwrap_or_default();
    Ok(match row.state {
        OutboxState::Sent => SendOutcome::Sent(intro),
        OutboxState::Uncertain => SendOutcome::Uncertain { intro, reason },
        OutboxState::Queued if was_deferred(&row) => SendOutcome::Deferred { intro, reason },
        OutboxState::Queued | OutboxState::Sending => SendOutcome::Waiting { intro },
        OutboxState::Failed | OutboxState::Cancelled => {
            if asked.sending == 1 {
                tx.remove_handoff(&asked.handoff)?;
            } else {
                tx.remove_intro_asked(&asked.handoff, asked.sending)?;
                tx.remove_row(row.seq)?;
                settle(tx, &app.policy, [asked.handoff.clone()], app.now())?;
            }
            SendOutcome::Refused { reason, addresses: row.refused }
        }
    })
}

/// How long whoever sends waits for the copy in Sent.
const COPY_PATIENCE: Duration = Duration::from_secs(15);

/// What follows an intro at once: the record mail, the copy in Sent. What fails here is tried again by the
/// agent.
async fn finish(app: &Arc<App>, asked: &PendingIntro) {
    let accounts = accounts_with_work(app, &asked.handoff).await.unwrap_or_default();
    for account in accounts {
        let work = async {
            look_for_uncertain(app, &account).await?;
            drain(app, &account).await?;
            // A mailbox that keeps silent is no reason for a person to wait; what was begun is looked for first next time.
            tokio::time::timeout(COPY_PATIENCE, keep_copies(app, &account)).await.unwrap_or(Ok(0))
        };
        if let Err(error) = work.await {
            tracing::warn!(%error, "left to the agent");
        }
    }
}

/// Accounts from which mail of this handoff is due.
async fn accounts_with_work(app: &Arc<App>, id: &str) -> Result<Vec<String>, AgentError> {
    let scope = Scope::Handoff(id.to_owned());
    app.read(move |_, tx| {
        let mut accounts: Vec<String> = tx
            .outbox(&scope)?
            .into_iter()
            .filter(|row| {
                matches!(row.state, OutboxState::Queued | OutboxState::Uncertain)
                    || row.sent_copy == SentCopyState::Due
            })
            .map(|row| row.account)
            .collect();
        accounts.sort();
        accounts.dedup();
        Ok(accounts)
    })
    .await
}

/// Sends what a handoff has due, where no other process delivers; that one was called already.
pub(crate) async fn deliver_what_is_due(app: &Arc<App>, id: &str) -> Result<(), AgentError> {
    let Some(lock) = delivery_right::take_if_free(app).await? else { return Ok(()) };
    let delivered = async {
        for account in accounts_with_work(app, id).await? {
            drain(app, &account).await?;
        }
        Ok(())
    };
    let delivered = delivered.await;
    delivery_right::give_back(app, lock).await;
    delivered
}
