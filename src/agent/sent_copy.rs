//! The copy in the sender's Sent folder: whether one is owed, and putting it there.
//!
//! Some providers keep a copy by themselves; whether this one does is found out once and remembered. Known limit:
//! a provider that is slow to keep the first copy is taken for one that keeps none.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::mails::Voice;
use crate::imap::{FolderName, FolderUse, ImapSession, ListedFolder, SentCopy};
use crate::store::{OutboxRow, ReadTransaction, Result as Stored, SentCopyState};

use super::AgentError;
use super::app::{App, with_account};
use super::global::reconcile_global_outbox;
use super::search::find_in;

/// How long a provider may take to put its own copy into Sent, as long as nothing is known of it.
const PATIENCE: [Duration; 2] = [Duration::from_millis(700), Duration::from_millis(1500)];

/// A copy that could not be put there is tried again after this, then at intervals that double.
const FIRST_COPY_WAIT: TimeDelta = TimeDelta::seconds(30);
const LONGEST_COPY_WAIT: TimeDelta = TimeDelta::hours(6);
/// And given up where the server still refuses it after this.
const COPY_GIVEN_UP_AFTER: TimeDelta = TimeDelta::days(7);

/// Mail sent as the SDR leaves one copy in Sent, unless the provider keeps one by itself.
pub(crate) fn sent_copy_owed(
    app: &App,
    tx: &ReadTransaction<'_>,
    row: &OutboxRow,
    voice: Voice,
) -> Stored<SentCopyState> {
    if voice == Voice::Agent {
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

/// Puts the copies that are owed into the account's Sent folder. Returns how many are settled now. One that the server
/// refuses is tried again ever later and keeps no other from being put there.
pub(crate) async fn keep_copies(app: &Arc<App>, account: &str) -> Result<usize, AgentError> {
    let name = account.to_owned();
    let due = app.read(move |app, tx| tx.copies_due_of(&name, app.now())).await?;
    let mut kept = 0;
    let mut place = None;
    for row in due {
        let outcome = match place.take() {
            Some(place) => Ok(place),
            None => sent_place(app, account).await,
        };
        let outcome = match outcome {
            Ok((mut session, sent)) => {
                let copied = keep_copy(app, &mut session, &sent, &row).await;
                let goes_on = match &copied {
                    Ok(()) => true,
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
            Ok(()) => kept += 1,
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

/// The copy is tried again later, at intervals that double. What the server refuses, the operator hears once for each
/// account; a mailbox that cannot be reached is an outage, which is told as one.
async fn copy_failed(app: &Arc<App>, row: OutboxRow, error: AgentError) -> Result<(), AgentError> {
    tracing::warn!(%error, seq = row.seq, "the copy in Sent is still owed");
    let is_refused = matches!(&error, AgentError::Imap { source, .. } if source.leaves_the_session());
    app.write(move |app, tx| {
        let now = app.now();
        let failures = tx.attempt_notes(row.seq)?.copy_failures;
        let wait = (FIRST_COPY_WAIT * 2_i32.saturating_pow(failures.min(16))).min(LONGEST_COPY_WAIT);
        if is_refused && row.sent_at.is_some_and(|at| now - at >= COPY_GIVEN_UP_AFTER) {
            tx.copy_given_up(row.seq)?;
        }
        tx.note_attempt(row.seq, |notes| {
            notes.copy_failures = failures.saturating_add(1);
            notes.copy_retry_at = Some(now + wait);
        })?;
        if is_refused {
            let what = format!("copies of sent mail cannot be put into the mailbox of the account {}", row.account);
            let remedy = "The mail itself has left. Make room in the mailbox, or set `save_sent = false` for the \
                          account; baton keeps trying for a while, ever more rarely.";
            let detail = error.to_string();
            tx.raise_alert(&copies_subject(&row.account), &what, &detail, remedy, now)?;
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
    let is_sent = |folder: &&ListedFolder| folder.selectable && folder.usage == Some(FolderUse::Sent);
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

async fn keep_copy(
    app: &Arc<App>,
    session: &mut ImapSession,
    sent: &FolderName,
    row: &OutboxRow,
) -> Result<(), AgentError> {
    let key = sent_copy_key(&row.account);
    let known = app.read(move |_, tx| tx.meta(&key)).await?;
    let configured = app.account(&row.account)?.save_sent;
    let mut is_there = find_in(session, row, sent).await?.is_some();
    let ours = configured == Some(true) || known.as_deref() == Some(BY_BATON);
    let provider = configured.is_none() && known.as_deref() == Some(BY_PROVIDER);
    if !ours && !provider {
        for wait in PATIENCE {
            if is_there {
                break;
            }
            // The provider's own copy may be on its way.
            tokio::time::sleep(wait).await;
            is_there = find_in(session, row, sent).await?.is_some();
        }
    }
    let learnt = match (configured, is_there) {
        (Some(_), _) => None,
        (None, true) => Some(BY_PROVIDER),
        (None, false) => Some(BY_BATON),
    };
    let number = row.seq;
    let bytes = app.read(move |_, tx| Ok(tx.outbox_row(number)?.and_then(|row| row.bytes))).await?;
    if !is_there
        && !provider
        && let Some(bytes) = &bytes
    {
        let date = row.sent_at.map(|at| at.fixed_offset());
        with_account(&row.account, session.append(sent, bytes, true, date).await)?;
    }
    let (seq, key, is_new) = (row.seq, sent_copy_key(&row.account), known.is_none());
    let account = row.account.clone();
    app.write(move |app, tx| {
        if let (true, Some(learnt)) = (is_new, learnt) {
            tx.set_meta(&key, learnt)?;
        }
        tx.resolve_alert(&copies_subject(&account), app.now())?;
        tx.copy_done(seq)
    })
    .await
}
