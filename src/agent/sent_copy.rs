//! The copy in the sender's Sent folder: whether one is owed, and putting it there.
//!
//! Some providers keep a copy by themselves, some of them only seconds after they took the mail. While nothing is known of
//! a provider its copy is looked for at growing intervals before baton puts one there; what was learnt is remembered, and
//! taken back where a second copy turns up after all. Nothing is ever deleted. Known limit: a provider that takes longer
//! than `LOOKS` leaves two copies of the mails that baton had put there before the second one turned up.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::mails::Voice;
use crate::imap::{FolderName, FolderUse, ImapError, ImapSession, ListedFolder, SentCopy};
use crate::store::{OutboxRow, ReadTransaction, Result as Stored, SentCopyState};

use super::AgentError;
use super::app::{App, with_account};
use super::clock_doubt::has_passed;
use super::global::reconcile_global_outbox;
use super::search::{copies_in, find_in};

/// While nothing is known of a provider, its own copy is looked for so many seconds after the mail has left. After the
/// last look baton's copy is put there.
const LOOKS: [i64; 4] = [1, 2, 4, 8];

/// A provider that is taken for one that keeps no copies is watched for a second copy for this long.
const CONFIRMED_AFTER: TimeDelta = TimeDelta::minutes(5);

/// A copy that could not be put there is tried again after this, then at intervals that double.
const FIRST_COPY_WAIT: TimeDelta = TimeDelta::seconds(30);
const LONGEST_COPY_WAIT: TimeDelta = TimeDelta::hours(6);
/// So often a mailbox may put a copy off before the operator hears.
const PUT_OFF_AT_MOST: u32 = 4;
/// And given up where the server still refuses it after this.
const COPY_GIVEN_UP_AFTER: TimeDelta = TimeDelta::days(7);

/// Mail sent as the SDR leaves one copy in Sent, unless the provider keeps one by itself; so does mail from an agent's
/// mailbox that is no person's. docs/behaviour.md section 12.
pub(crate) fn sent_copy_owed(
    app: &App,
    tx: &ReadTransaction<'_>,
    row: &OutboxRow,
    voice: Voice,
) -> Stored<SentCopyState> {
    let is_a_persons =
        || app.policy.people.iter().any(|person| person.account.as_deref() == Some(row.account.as_str()));
    if voice == Voice::Agent && is_a_persons() {
        return Ok(SentCopyState::None);
    }
    let kept_by_provider = match app.accounts.get(&row.account).map(|account| account.save_sent) {
        None | Some(Some(false)) => true,
        Some(Some(true)) => false,
        Some(None) => tx.meta(&sent_copy_key(&row.account))?.as_deref() == Some(BY_PROVIDER),
    };
    Ok(if kept_by_provider { SentCopyState::None } else { SentCopyState::Due })
}

/// Where it is remembered whether a provider keeps copies in Sent by itself.
pub(crate) fn sent_copy_key(account: &str) -> String {
    format!("sent-copy {account}")
}

/// That a copy of this mail is being put there, so that it is not taken for the provider's where the answer is lost.
fn appending_key(seq: i64) -> String {
    format!("sent-copy-appending {seq}")
}

/// The mail whose copy was put there last, while the provider may yet add a second one.
fn unconfirmed_key(account: &str) -> String {
    format!("sent-copy-unconfirmed {account}")
}

pub(crate) const BY_PROVIDER: &str = "provider";
pub(crate) const BY_BATON: &str = "baton";

/// Remembers of a provider that it keeps copies by itself.
pub(crate) async fn note_provider(
    app: &Arc<App>,
    account: &str,
    session: &ImapSession,
) -> Result<(), AgentError> {
    if session.quirks().sent_copy == SentCopy::ByProvider {
        let key = sent_copy_key(account);
        app.write(move |_, tx| tx.set_meta(&key, BY_PROVIDER)).await?;
    }
    Ok(())
}

/// What came of one copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SentCopyOutcome {
    /// It is there, or is the provider's to put there.
    Settled,
    /// The provider may yet put its own there.
    Awaited,
}

/// Whether the provider's own copy is still waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Patience {
    UntilLastLook,
    /// It was waited for long enough.
    Over,
}

/// Puts the copies that are owed into the account's Sent folder. Returns how many are settled now. One that the server
/// refuses is tried again ever later and keeps no other from being put there.
pub(crate) async fn keep_copies(app: &Arc<App>, account: &str) -> Result<usize, AgentError> {
    let name = account.to_owned();
    let due = app.read(move |app, tx| tx.copies_due_of(&name, app.now())).await?;
    keep_some(app, account, due, Patience::UntilLastLook).await
}

/// Waits for the copies that providers may yet keep by themselves, and puts the others there: after a full pass every
/// copy is in Sent. docs/behaviour.md section 3.
pub(crate) async fn settle_copies(app: &Arc<App>) -> Result<(), AgentError> {
    // What could not be reached before is tried once in any case.
    let mut waits_until = DateTime::<Utc>::MAX_UTC;
    for _ in LOOKS {
        let awaited = app.read(move |app, tx| awaited_copies(app, tx, waits_until)).await?;
        let Some(next) = awaited.iter().map(|(_, at)| *at).min() else { return Ok(()) };
        let wait = (next - app.now()).max(TimeDelta::zero());
        app.clock.pause(wait.to_std().unwrap_or(Duration::ZERO)).await;
        let due = awaited.into_iter().filter(|(_, at)| *at <= next).map(|(row, _)| row);
        keep_by_account(app, due.collect(), Patience::UntilLastLook).await?;
        waits_until = app.now() + LONGEST_LOOK;
    }
    let left = app.read(move |app, tx| awaited_copies(app, tx, waits_until)).await?;
    keep_by_account(app, left.into_iter().map(|(row, _)| row).collect(), Patience::Over).await
}

/// No interval between two looks is longer.
const LONGEST_LOOK: TimeDelta = TimeDelta::seconds(4);

/// Mails whose copies no server has refused and that are not waited for longer than `waits_until`, and when each is to be
/// looked for.
fn awaited_copies(
    app: &App,
    tx: &ReadTransaction<'_>,
    waits_until: DateTime<Utc>,
) -> Stored<Vec<(OutboxRow, DateTime<Utc>)>> {
    let now = app.now();
    let mut awaited = Vec::new();
    for account in app.accounts.keys() {
        for row in tx.copies_due_of(account, waits_until)? {
            if tx.attempt_notes(row.seq)?.copy_failures == 0 {
                let at = next_look(&row, now).unwrap_or(now);
                awaited.push((row, at));
            }
        }
    }
    Ok(awaited)
}

/// The same as [`keep_some`] for mails of several accounts.
async fn keep_by_account(
    app: &Arc<App>,
    mut rows: Vec<OutboxRow>,
    patience: Patience,
) -> Result<(), AgentError> {
    while let Some(account) = rows.first().map(|row| row.account.clone()) {
        let (of_account, others) = rows.into_iter().partition(|row| row.account == account);
        rows = others;
        keep_some(app, &account, of_account, patience).await?;
    }
    Ok(())
}

async fn keep_some(
    app: &Arc<App>,
    account: &str,
    due: Vec<OutboxRow>,
    patience: Patience,
) -> Result<usize, AgentError> {
    let mut kept = 0;
    let mut place = None;
    for row in due {
        let outcome = match place.take() {
            Some(place) => Ok(place),
            None => sent_place(app, account).await,
        };
        let outcome = match outcome {
            Ok((mut session, sent)) => {
                let copied = keep_copy(app, &mut session, &sent, &row, patience).await;
                let goes_on = match &copied {
                    Ok(_) => true,
                    Err(AgentError::Imap { source, .. }) => source.leaves_the_session(),
                    Err(_) => false,
                };
                if goes_on {
                    place = Some((session, sent));
                }
                copied
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(SentCopyOutcome::Settled) => kept += 1,
            Ok(SentCopyOutcome::Awaited) => {}
            Err(error @ (AgentError::Store(_) | AgentError::Stopped)) => return Err(error),
            Err(error) => copy_failed(app, row, error).await?,
        }
    }
    if let Some((session, _)) = place {
        session.logout().await;
    }
    Ok(kept)
}

/// A session, and the folder that copies belong into.
async fn sent_place(app: &Arc<App>, account: &str) -> Result<(ImapSession, FolderName), AgentError> {
    let mut session = app.connect(account).await?;
    let folders = with_account(account, session.folders().await)?;
    note_provider(app, account, &session).await?;
    if let Some(sent) = sent_folder(&folders) {
        return Ok((session, sent));
    }
    let sent = new_sent_folder(&folders);
    with_account(account, session.create(&sent).await)?;
    tracing::info!(account, folder = %sent, "the mailbox had no folder for sent mail; made one");
    Ok((session, sent))
}

/// The copy is tried again later. What the server refuses is tried at intervals that double, and the operator hears once
/// for each account; a mailbox that cannot be reached is an outage, which is told as one.
async fn copy_failed(app: &Arc<App>, row: OutboxRow, error: AgentError) -> Result<(), AgentError> {
    tracing::warn!(%error, seq = row.seq, "the copy in Sent is still owed");
    let AgentError::Imap { source, .. } = &error else {
        return copy_later(app, row, error.to_string(), CopyFailure::Outage).await;
    };
    let failure = match source {
        ImapError::Misunderstood { .. } => CopyFailure::Refused,
        refused if refused.leaves_the_session() => CopyFailure::Refused,
        ImapError::Temporary { .. } => CopyFailure::PutOff,
        _ => CopyFailure::Outage,
    };
    let reason = error.to_string();
    copy_later(app, row, reason, failure).await
}

/// What a mailbox had against a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CopyFailure {
    Refused,
    /// It asks to try later. Where it keeps asking, that is a refusal.
    PutOff,
    Outage,
}

async fn copy_later(
    app: &Arc<App>,
    row: OutboxRow,
    reason: String,
    failure: CopyFailure,
) -> Result<(), AgentError> {
    app.write(move |app, tx| {
        let now = app.now();
        let failures = tx.attempt_notes(row.seq)?.copy_failures;
        let is_refused = match failure {
            CopyFailure::Refused => true,
            CopyFailure::PutOff => failures >= PUT_OFF_AT_MOST,
            CopyFailure::Outage => false,
        };
        let wait = (FIRST_COPY_WAIT * 2_i32.saturating_pow(failures.min(16))).min(LONGEST_COPY_WAIT);
        let is_old = |at| has_passed(tx, at, COPY_GIVEN_UP_AFTER, now);
        if is_refused && row.sent_at.map(is_old).transpose()? == Some(true) {
            tx.copy_given_up(row.seq)?;
            tx.forget_meta(&appending_key(row.seq))?;
        }
        tx.note_attempt(row.seq, |notes| {
            notes.copy_failures = failures.saturating_add(u32::from(failure != CopyFailure::Outage));
            notes.copy_retry_at = Some(now + wait);
        })?;
        if is_refused {
            let what = format!("copies of sent mail cannot be put into the mailbox of the account {}", row.account);
            let remedy = "The mail itself has left. Make room in the mailbox, or set `save_sent = false` for the \
                          account; baton keeps trying for a while, ever more rarely.";
            tx.raise_alert(&copies_subject(&row.account), &what, &reason, remedy, now)?;
            reconcile_global_outbox(app, tx, now)?;
        }
        Ok(())
    })
    .await
}

/// The alert about copies that an account's mailbox refuses.
fn copies_subject(account: &str) -> String {
    format!("copies {account}")
}

/// The folder marked `\Sent`, or the one named so.
fn sent_folder(folders: &[ListedFolder]) -> Option<FolderName> {
    let is_sent =
        |folder: &&ListedFolder| folder.selectable && folder.is_own && folder.usage == Some(FolderUse::Sent);
    folders.iter().find(is_sent).map(|folder| folder.name.clone())
}

/// Where mail programs would put it: beside INBOX, or below it on servers that have everything there.
fn new_sent_folder(folders: &[ListedFolder]) -> FolderName {
    let mut below = folders.iter().filter(|folder| !folder.name.is_inbox()).peekable();
    let prefix =
        below.peek().and_then(|folder| folder.delimiter).map(|delimiter| format!("INBOX{delimiter}"));
    match prefix {
        Some(prefix) if below.all(|folder| folder.name.wire().starts_with(&prefix)) => {
            FolderName::from_wire(format!("{prefix}Sent"))
        }
        _ => FolderName::new("Sent"),
    }
}

/// Who puts the copies of an account there, as far as anything is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keeper {
    Provider,
    Baton,
    Unknown,
}

/// What is known of an account's copies.
struct CopyKnowledge {
    keeper: Keeper,
    /// It is what was learnt, not what the configuration says.
    is_learnt: bool,
    /// A copy of this very mail may have been put there by an attempt whose end nobody saw.
    may_be_ours: bool,
    /// A mail of which the provider might have added a second copy.
    unconfirmed: Option<OutboxRow>,
}

fn knowledge(app: &App, tx: &ReadTransaction<'_>, row: &OutboxRow) -> Stored<CopyKnowledge> {
    let configured = app.accounts.get(&row.account).and_then(|account| account.save_sent);
    let learnt = tx.meta(&sent_copy_key(&row.account))?;
    let keeper = match (configured, learnt.as_deref()) {
        (Some(true), _) => Keeper::Baton,
        (Some(false), _) => Keeper::Provider,
        (None, Some(BY_PROVIDER)) => Keeper::Provider,
        (None, Some(BY_BATON)) => Keeper::Baton,
        (None, _) => Keeper::Unknown,
    };
    let unconfirmed = tx.meta(&unconfirmed_key(&row.account))?.and_then(|seq| seq.parse().ok());
    Ok(CopyKnowledge {
        keeper,
        is_learnt: configured.is_none(),
        may_be_ours: tx.meta(&appending_key(row.seq))?.is_some(),
        unconfirmed: unconfirmed.map_or(Ok(None), |seq| tx.outbox_row(seq))?,
    })
}

async fn keep_copy(
    app: &Arc<App>,
    session: &mut ImapSession,
    sent: &FolderName,
    row: &OutboxRow,
    patience: Patience,
) -> Result<SentCopyOutcome, AgentError> {
    let of = row.clone();
    let mut known = app.read(move |app, tx| knowledge(app, tx, &of)).await?;
    if known.is_learnt && known.keeper == Keeper::Baton {
        known.keeper = confirmed_keeper(app, session, sent, known.unconfirmed.take()).await?;
    }
    if find_in(session, row, sent).await?.is_some() {
        let learnt = (known.is_learnt && !known.may_be_ours).then_some(BY_PROVIDER);
        return settled(app, row, learnt).await;
    }
    match known.keeper {
        Keeper::Provider => return settled(app, row, None).await,
        Keeper::Unknown if patience == Patience::UntilLastLook => {
            let (of, now) = (row.clone(), app.now());
            if let Some(at) = next_look(&of, now) {
                let note = move |_: &App, tx: &crate::store::WriteTransaction<'_>| {
                    tx.note_attempt(of.seq, |notes| notes.copy_retry_at = Some(at))
                };
                app.write(note).await?;
                return Ok(SentCopyOutcome::Awaited);
            }
        }
        Keeper::Unknown | Keeper::Baton => {}
    }
    let number = row.seq;
    let bytes = app
        .write(move |app, tx| {
            tx.set_meta(&appending_key(number), &app.now().timestamp().to_string())?;
            Ok(tx.outbox_row(number)?.and_then(|row| row.bytes))
        })
        .await?;
    if let Some(bytes) = &bytes {
        let date = row.sent_at.map(|at| at.fixed_offset());
        let mut appended = session.append(sent, bytes, true, date).await;
        let wants_folder = |text: &str| text.to_ascii_lowercase().contains("[trycreate]");
        if matches!(&appended, Err(ImapError::FolderMissing { text, .. }) if wants_folder(text)) {
            // It is listed, and not there (RFC 3501 section 6.3.11).
            with_account(&row.account, session.create(sent).await)?;
            appended = session.append(sent, bytes, true, date).await;
        }
        with_account(&row.account, appended)?;
    }
    settled(app, row, known.is_learnt.then_some(BY_BATON)).await
}

/// When the provider's own copy is looked for again; `None` after the last look.
fn next_look(row: &OutboxRow, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let sent_at = row.sent_at?;
    LOOKS.iter().map(|seconds| sent_at + TimeDelta::seconds(*seconds)).find(|at| *at > now)
}

/// Whether a provider that was taken for one that keeps no copies keeps them after all: of a mail whose copy baton put
/// there, two are there now.
async fn confirmed_keeper(
    app: &Arc<App>,
    session: &mut ImapSession,
    sent: &FolderName,
    unconfirmed: Option<OutboxRow>,
) -> Result<Keeper, AgentError> {
    let Some(row) = unconfirmed else { return Ok(Keeper::Baton) };
    let is_doubled = copies_in(session, &row, sent, 2).await?.len() > 1;
    let is_confirmed = row.sent_at.is_none_or(|at| app.now() - at >= CONFIRMED_AFTER);
    if !is_doubled && !is_confirmed {
        return Ok(Keeper::Baton);
    }
    app.write(move |_, tx| {
        if is_doubled {
            tracing::info!(account = row.account, "the provider keeps copies in Sent by itself after all");
            tx.set_meta(&sent_copy_key(&row.account), BY_PROVIDER)?;
        }
        tx.forget_meta(&unconfirmed_key(&row.account))
    })
    .await?;
    Ok(if is_doubled { Keeper::Provider } else { Keeper::Baton })
}

/// Notes that nothing more is owed, and what was learnt of the provider.
async fn settled(
    app: &Arc<App>,
    row: &OutboxRow,
    learnt: Option<&'static str>,
) -> Result<SentCopyOutcome, AgentError> {
    let (seq, account) = (row.seq, row.account.clone());
    app.write(move |app, tx| {
        let key = sent_copy_key(&account);
        if let Some(learnt) = learnt {
            let is_new = tx.meta(&key)?.as_deref() != Some(learnt);
            if is_new {
                tx.set_meta(&key, learnt)?;
            }
            if is_new && learnt == BY_BATON {
                tx.set_meta(&unconfirmed_key(&account), &seq.to_string())?;
            }
        }
        tx.forget_meta(&appending_key(seq))?;
        tx.copy_done(seq)?;
        // Others that are taken meanwhile are no end of a refusal.
        if !tx.is_any_copy_refused(&account)? {
            tx.resolve_alert(&copies_subject(&account), app.now())?;
        }
        Ok(())
    })
    .await?;
    Ok(SentCopyOutcome::Settled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_counted_from_when_the_mail_left() {
        assert_eq!(LOOKS.windows(2).map(|pair| pair[1] - pair[0]).max(), Some(LONGEST_LOOK.num_seconds()));
    }
}
