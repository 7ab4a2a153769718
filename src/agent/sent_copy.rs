//! The copy in the sender's Sent folder: whether one is owed, and putting it there.
//!
//! Some providers keep a copy by themselves; whether this one does is found out once and remembered. Known limit:
//! a provider that is slow to keep the first copy is taken for one that keeps none.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::mails::Voice;
use crate::imap::{FolderName, FolderUse, ImapSession, ListedFolder, SentCopy};
use crate::store::{OutboxRow, ReadTransaction, Result as Stored, SentCopyState};

use super::AgentError;
use super::app::{App, with_account};
use super::search::find_in;

/// How long a provider may take to put its own copy into Sent, as long as nothing is known of it.
const PATIENCE: [Duration; 2] = [Duration::from_millis(700), Duration::from_millis(1500)];

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

/// Puts the copies that are owed into the account's Sent folder. Returns how many are settled now.
pub(crate) async fn keep_copies(app: &Arc<App>, account: &str) -> Result<usize, AgentError> {
    let name = account.to_owned();
    let due = app.read(move |_, tx| tx.copies_due_of(&name)).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let mut session = app.connect(account).await?;
    let folders = with_account(account, session.folders().await)?;
    note_provider(app, account, &session).await?;
    let sent = match sent_folder(&folders) {
        Some(sent) => sent,
        None => {
            let sent = new_sent_folder(&folders);
            with_account(account, session.create(&sent).await)?;
            tracing::info!(account, folder = %sent, "the mailbox had no folder for sent mail; made one");
            sent
        }
    };
    let count = due.len();
    for row in due {
        let outcome = keep_copy(app, &mut session, &sent, &row).await;
        if let Err(error) = &outcome {
            tracing::warn!(%error, "the copy in Sent is still owed");
        }
        outcome?;
    }
    session.logout().await;
    Ok(count)
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
    app.write(move |_, tx| {
        if let (true, Some(learnt)) = (is_new, learnt) {
            tx.set_meta(&key, learnt)?;
        }
        tx.copy_done(seq)
    })
    .await
}
