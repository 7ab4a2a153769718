//! The last look before a breach: all folders of the watched accounts are searched for the AE's mail to the prospect, in
//! a session made for it: filters file mail away, and sessions can show a folder as it was. docs/behaviour.md section 7.
//!
//! Drafts and Trash are left out, with what lies below them. A folder that refuses or keeps silent is named, whatever it
//! is that it answers, as long as the account itself can be reached; an account that cannot be, and a watched folder that
//! refuses, keeps the look from being taken. Handoffs whose looks go through the same accounts share the sessions.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::{FutureExt, StreamExt};

use crate::clock::monotonic;
use crate::domain::judge::LastLook;
use crate::imap::{FolderUse, ImapError, ImapSession, ListedFolder, Search};
use crate::store::NewFact;

use super::AgentError;
use super::app::{App, with_account};
use super::reading::{WatchedFolder, read_found};
use super::turn::{judged, settle};

/// A folder that fails so often in one look refuses it.
const ATTEMPTS: u32 = 2;

/// A folder that does not answer within this is named, and holds nothing else up.
const FOLDER_TIMEOUT: Duration = Duration::from_secs(60);
/// How long the look through one account takes at most.
const LONGEST: Duration = Duration::from_secs(600);

/// What could not be taken is tried again after this.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(20);

/// Looks that are due now: the handoff's id and where to look.
pub async fn due(app: &Arc<App>) -> Result<Vec<(String, LastLook)>, AgentError> {
    app.read(|app, tx| {
        let now = app.now();
        let mut looks = Vec::new();
        for id in tx.awaiting_more_than_reading()? {
            let Some(judged) = judged(tx, &app.policy, &id, now)? else { continue };
            looks.extend(judged.judgement.last_look.map(|look| (id, look)));
        }
        Ok(looks)
    })
    .await
}

/// Takes one last look and notes that it was taken.
pub async fn take(app: &Arc<App>, id: &str, look: &LastLook) -> Result<(), AgentError> {
    take_all(app, &[(id.to_owned(), look.clone())]).await
}

/// Takes last looks that go through the same accounts, over one session for each account, and notes that they were
/// taken.
async fn take_all(app: &Arc<App>, looks: &[(String, LastLook)]) -> Result<(), AgentError> {
    let mut refused = Vec::new();
    let accounts: BTreeSet<&String> = looks.iter().flat_map(|(_, look)| &look.accounts).collect();
    for account in accounts {
        refused.extend(through(app, account, looks).await?);
    }
    let taken: Vec<(String, DateTime<Utc>)> =
        looks.iter().map(|(id, look)| (id.clone(), look.deadline)).collect();
    for some in taken.chunks(NOTED_AT_ONCE) {
        let (some, refused) = (some.to_vec(), refused.clone());
        app.write(move |app, tx| {
            let now = app.now();
            for (id, deadline) in &some {
                tx.add_fact(id, now, &NewFact::LastLook { deadline: *deadline, refused: refused.clone() })?;
            }
            settle(tx, &app.policy, some.into_iter().map(|(id, _)| id), now)
        })
        .await?;
    }
    Ok(())
}

/// How many groups of looks are taken at the same time.
const AT_ONCE: usize = 6;
/// How many looks share the sessions that they are taken over.
const TOGETHER: usize = 20;
/// How many of them are noted in one transaction.
const NOTED_AT_ONCE: usize = 8;

/// What came of the last looks that were due.
#[derive(Debug, Default)]
pub(crate) struct LastLooks {
    pub(crate) taken: usize,
    /// When to try again what could not be taken.
    pub(crate) retry: Option<DateTime<Utc>>,
}

/// Takes every last look that is due, beside each other. `taken` is called whenever some were.
pub(crate) async fn take_due(app: &Arc<App>, mut taken: impl FnMut()) -> Result<LastLooks, AgentError> {
    let mut looks = LastLooks::default();
    let mut groups: BTreeMap<Vec<String>, Vec<(String, LastLook)>> = BTreeMap::new();
    for (id, look) in due(app).await? {
        groups.entry(look.accounts.clone()).or_default().push((id, look));
    }
    let groups: Vec<Vec<(String, LastLook)>> = groups
        .into_values()
        .flat_map(|group| group.chunks(TOGETHER).map(<[_]>::to_vec).collect::<Vec<_>>())
        .collect();
    let mut outcomes = futures::stream::iter(groups)
        .map(|group| async move {
            // A library that panics has failed in these looks, and in these alone.
            let taken = AssertUnwindSafe(take_all(app, &group)).catch_unwind().await;
            let account = group.first().and_then(|(_, look)| look.accounts.first()).cloned();
            let panicked = |_| Err(AgentError::ParserPanicked { account: account.unwrap_or_default() });
            (group.len(), taken.unwrap_or_else(panicked))
        })
        .buffer_unordered(AT_ONCE);
    while let Some((count, outcome)) = outcomes.next().await {
        match outcome {
            Ok(()) => {
                looks.taken += count;
                taken();
            }
            Err(error @ (AgentError::Store(_) | AgentError::Stopped)) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, looks = count, "last looks could not be taken yet");
                looks.retry = Some(app.now() + AGAIN_AFTER);
            }
        }
    }
    Ok(looks)
}

/// Looks through one account for all of the looks. Returns the folders that refused, as `account/folder`.
async fn through(
    app: &Arc<App>,
    account: &str,
    looks: &[(String, LastLook)],
) -> Result<Vec<String>, AgentError> {
    let name = account.to_owned();
    let watched: BTreeSet<String> = app
        .read(move |_, tx| Ok(tx.folders_of(&name)?.into_iter().map(|state| state.folder).collect()))
        .await?;
    let mut session = app.connect(account).await?;
    let begun = monotonic();
    let mut refused = Vec::new();
    let folders = with_account(account, session.folders().await)?;
    // The watched ones first: one that refuses is an outage, and the look has not been taken.
    let is_watched = |folder: &ListedFolder| watched.contains(folder.name.wire());
    let (first, others): (Vec<_>, Vec<_>) =
        folders.iter().filter(|folder| !is_left_out(folder, &folders)).partition(|folder| is_watched(folder));
    for folder in first.into_iter().chain(others) {
        let place =
            WatchedFolder { account: account.to_owned(), name: folder.name.clone(), usage: folder.usage };
        let left = LONGEST.saturating_sub(begun.elapsed());
        match look_into(app, &mut session, &place, looks, left).await {
            Ok(()) => {}
            Err(AgentError::Imap { source, .. }) if !is_watched(folder) => {
                tracing::warn!(account, folder = %folder.name, error = %source, "a folder refused the last look");
                refused.push(format!("{account}/{}", folder.name));
            }
            Err(error) => return Err(error),
        }
    }
    session.logout().await;
    Ok(refused)
}

/// Looks into one folder, within what is `left` of the time. A session that ended in it is made anew.
async fn look_into(
    app: &Arc<App>,
    session: &mut ImapSession,
    place: &WatchedFolder,
    looks: &[(String, LastLook)],
    left: Duration,
) -> Result<(), AgentError> {
    let mut attempt = 1;
    loop {
        let silent = || ImapError::Timeout { what: "the last look" };
        let searched =
            tokio::time::timeout(left.min(FOLDER_TIMEOUT), search(app, session, place, looks)).await;
        let is_silent = searched.is_err();
        let error = match searched.unwrap_or_else(|_| with_account(&place.account, Err(silent()))) {
            Err(AgentError::Imap { source, .. }) => source,
            ended => return ended,
        };
        let is_over = error.leaves_the_session();
        if !is_over && !left.is_zero() {
            // Whether it is the folder or the account: a new connection tells.
            *session = app.connect(&place.account).await?;
        }
        if is_over || is_silent || attempt == ATTEMPTS {
            return with_account(&place.account, Err(error));
        }
        attempt += 1;
    }
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
    looks: &[(String, LastLook)],
) -> Result<(), AgentError> {
    let mailbox = with_account(&folder.account, session.examine(&folder.name).await)?;
    if mailbox.exists == 0 {
        return Ok(());
    }
    for (_, look) in looks.iter().filter(|(_, look)| look.accounts.contains(&folder.account)) {
        let from = look.from.iter().map(|address| Search::new().from(address.as_str())).collect();
        let to = look
            .to
            .iter()
            .flat_map(|address| [Search::new().to(address.as_str()), Search::new().cc(address.as_str())]);
        let day = (look.since - TimeDelta::days(1)).date_naive();
        let wanted = Search::new().since(day).any(from).any(to.collect());
        let uids = with_account(&folder.account, session.search(&wanted).await)?;
        read_found(app, session, folder, mailbox.uid_validity, &uids).await?;
    }
    Ok(())
}
