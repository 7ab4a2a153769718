//! The last look before a breach: the other folders of the watched accounts are searched for the AE's mail
//! to the prospect, since filters file mail away. docs/behaviour.md section 7.
//!
//! Drafts and Trash are left out, with what lies below them. A folder that refuses is named, whatever it is that
//! it answers, as long as the account itself can be reached; an account that cannot be keeps the look from
//! being taken.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::domain::judge::LastLook;
use crate::imap::{FolderUse, ImapSession, ListedFolder, Search};
use crate::store::NewFact;

use super::AgentError;
use super::app::{App, with_account};
use super::reading::{WatchedFolder, read_found};
use super::turn::{judged, settle};

/// A folder that fails so often in one look refuses it.
const ATTEMPTS: u32 = 2;

/// Looks that are due now: the handoff's id and where to look.
pub async fn due(app: &Arc<App>) -> Result<Vec<(String, LastLook)>, AgentError> {
    app.read(|app, tx| {
        let now = app.now();
        let mut looks = Vec::new();
        for id in tx.awaiting()? {
            let Some(judged) = judged(tx, &app.policy, &id, now)? else { continue };
            looks.extend(judged.judgement.last_look.map(|look| (id, look)));
        }
        Ok(looks)
    })
    .await
}

/// Takes one last look and notes that it was taken.
pub async fn take(app: &Arc<App>, id: &str, look: &LastLook) -> Result<(), AgentError> {
    let mut refused = Vec::new();
    for account in &look.accounts {
        refused.extend(through(app, account, look).await?);
    }
    let (id, deadline) = (id.to_owned(), look.deadline);
    app.write(move |app, tx| {
        let now = app.now();
        tx.add_fact(&id, now, &NewFact::LastLook { deadline, refused })?;
        settle(tx, &app.policy, [id], now)
    })
    .await
}

/// Looks through one account. Returns the folders that refused, as `account/folder`.
async fn through(app: &Arc<App>, account: &str, look: &LastLook) -> Result<Vec<String>, AgentError> {
    let name = account.to_owned();
    let watched: BTreeSet<String> = app
        .read(move |_, tx| Ok(tx.folders_of(&name)?.into_iter().map(|state| state.folder).collect()))
        .await?;
    let mut session = app.connect(account).await?;
    let mut refused = Vec::new();
    let folders = with_account(account, session.folders().await)?;
    for folder in &folders {
        if is_left_out(folder, &folders) || watched.contains(folder.name.wire()) {
            continue;
        }
        let place =
            WatchedFolder { account: account.to_owned(), name: folder.name.clone(), usage: folder.usage };
        for attempt in 1..=ATTEMPTS {
            match search(app, &mut session, &place, look).await {
                Ok(()) => break,
                Err(AgentError::Imap { source, .. }) => {
                    tracing::warn!(account, folder = %folder.name, error = %source, "a folder refused the last look");
                    if source.leaves_the_session() || attempt == ATTEMPTS {
                        refused.push(format!("{account}/{}", folder.name));
                    }
                    if source.leaves_the_session() {
                        break;
                    }
                    // Whether it is the folder or the account: a new connection tells.
                    session = app.connect(account).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }
    session.logout().await;
    Ok(refused)
}

/// Drafts and Trash, what lies below them, and mere nodes of the tree.
fn is_left_out(folder: &ListedFolder, all: &[ListedFolder]) -> bool {
    let is_aside = |folder: &ListedFolder| matches!(folder.usage, Some(FolderUse::Drafts | FolderUse::Trash));
    let is_below = |parent: &ListedFolder| {
        let rest = folder.name.wire().strip_prefix(parent.name.wire());
        rest.zip(parent.delimiter).is_some_and(|(rest, delimiter)| rest.starts_with(delimiter))
    };
    !folder.selectable || is_aside(folder) || all.iter().any(|parent| is_aside(parent) && is_below(parent))
}

async fn search(
    app: &Arc<App>,
    session: &mut ImapSession,
    folder: &WatchedFolder,
    look: &LastLook,
) -> Result<(), AgentError> {
    let mailbox = with_account(&folder.account, session.examine(&folder.name).await)?;
    if mailbox.exists == 0 {
        return Ok(());
    }
    let from = look.from.iter().map(|address| Search::new().from(address.as_str())).collect();
    let to = look
        .to
        .iter()
        .flat_map(|address| [Search::new().to(address.as_str()), Search::new().cc(address.as_str())]);
    let day = (look.since - TimeDelta::days(1)).date_naive();
    let wanted = Search::new().since(day).any(from).any(to.collect());
    let uids = with_account(&folder.account, session.search(&wanted).await)?;
    read_found(app, session, folder, mailbox.uid_validity, &uids).await?;
    Ok(())
}
