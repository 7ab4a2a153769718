//! Mail that comes into a folder which stays open: where it concerns nobody, one FETCH and one look at the database are
//! all that it costs.
//!
//! The folder is not opened anew and nothing is written: how far it was read is kept in memory, and written down once for
//! many, since reading a mail twice does no harm. Whatever is not as plain as that (a number that does not add up, a mail
//! that may concern somebody, something that waits for a reading) is left to a reading of the folder.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::clock::monotonic;
use crate::imap::ImapSession;
use crate::store::{FolderState, FolderTail, ReadTransaction, Result as Stored};

use super::super::AgentError;
use super::super::app::{App, with_account};
use super::super::clock_trust;
use super::super::interest::{self, Interest};
use super::listing::{FEW, ListingProgress};
use super::{FolderReading, WatchedFolder};

/// What was read is written down after so many messages, or so much time.
const WRITTEN_AFTER: u32 = 50;
const WRITTEN_WITHIN: Duration = Duration::from_secs(60);

/// How far a folder was read that is still open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderInView {
    validity: u32,
    /// The first UID that was not read.
    next: u32,
    /// With as many messages as the server has announced.
    tail: FolderTail,
    /// Messages that were read and not written down, and since when there are some.
    unwritten: u32,
    unwritten_since: Option<Instant>,
}

impl FolderInView {
    pub(super) fn new(validity: u32, next: u32, tail: FolderTail) -> Self {
        Self { validity, next, tail, unwritten: 0, unwritten_since: None }
    }

    /// Whether the folder is to be read although nothing has come: something waits for a reading of it, or it counts as
    /// unread.
    pub(crate) fn is_asked_for(&self, tx: &ReadTransaction<'_>, folder: &WatchedFolder) -> Stored<bool> {
        let (account, wire) = (folder.account.as_str(), folder.name.wire());
        if is_reading_awaited(tx, account, wire, self.validity)? || tx.behind()?.is_some() {
            return Ok(true);
        }
        let is_unread = |state: &FolderState| state.failing_since.is_some() || state.read_until.is_none();
        Ok(tx.folders_of(account)?.iter().any(is_unread))
    }
}

/// What came of looking at what is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreshLook {
    /// So many messages have come, and none concerns anybody.
    Foreign(u32),
    /// The folder has to be read.
    ToBeRead,
}

/// Looks at what has come into the folder that the session has open.
pub async fn look_at_news(
    app: &Arc<App>,
    session: &mut ImapSession,
    folder: &WatchedFolder,
    open: &mut FolderInView,
) -> Result<FreshLook, AgentError> {
    clock_trust::check(app).await?;
    let known = open.tail.messages;
    let has_grown_by = |exists: Option<u32>| exists.and_then(|exists| exists.checked_sub(known)).unwrap_or(0);
    let new = usize::try_from(has_grown_by(session.known_exists())).unwrap_or(usize::MAX);
    if new == 0 || new > FEW || app.clock_watch.is_in_doubt() {
        return Ok(FreshLook::ToBeRead);
    }
    let mut items = Vec::new();
    match session.headers(open.next, None, |item| items.push(item)).await {
        Ok(()) => {}
        Err(error) if error.leaves_the_session() => return Ok(FreshLook::ToBeRead),
        Err(error) => return with_account(&folder.account, Err(error)),
    }
    let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
    if count == 0 || has_grown_by(session.known_exists()) != count {
        return Ok(FreshLook::ToBeRead);
    }
    let options = app.read_options(app.account(&folder.account)?);
    let reading = FolderReading::new(app, folder, options, open.validity);
    let sorting = reading.sorting(&app.claims);
    let (account, wire) = (folder.account.clone(), reading.wire());
    let foreign = app
        .read(move |app, tx| {
            if is_reading_awaited(tx, &account, &wire, sorting.validity)? {
                return Ok(None);
            }
            app.claims.follow(tx)?;
            let list = sorting.sort_out(items);
            Ok(if is_foreign(&list, tx)? { Some(list) } else { None })
        })
        .await?;
    let Some(list) = foreign else { return Ok(FreshLook::ToBeRead) };
    open.next = list.last.map_or(open.next, |last| last.saturating_add(1));
    open.tail.note(list.tail);
    open.tail.messages = known.saturating_add(count);
    open.unwritten = open.unwritten.saturating_add(count);
    let since = *open.unwritten_since.get_or_insert_with(monotonic);
    if open.unwritten >= WRITTEN_AFTER || since.elapsed() >= WRITTEN_WITHIN {
        write_down(app, folder, open).await?;
    }
    Ok(FreshLook::Foreign(count))
}

/// Whether a verdict waits for this account, or older mail is to be fetched from this folder.
fn is_reading_awaited(tx: &ReadTransaction<'_>, account: &str, folder: &str, validity: u32) -> Stored<bool> {
    Ok(tx.is_reading_awaited(account)?
        || !tx.lookbacks(account, folder)?.is_empty()
        || !tx.bodies_due(account, folder, validity)?.is_empty())
}

/// Whether all of it is nobody's business.
fn is_foreign(list: &ListingProgress, tx: &ReadTransaction<'_>) -> Stored<bool> {
    let is_whole = list.refused.is_empty() && list.without_header.is_empty() && !list.is_without_headers();
    if !is_whole || !list.own.is_empty() {
        return Ok(false);
    }
    for message in &list.found {
        let is_asked = message.interest == Interest::Ask && !message.may_be_letter;
        if !is_asked || interest::of_closed(&message.headers, tx)? != Interest::None {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes down how far the folder was read.
pub async fn write_down(
    app: &Arc<App>,
    folder: &WatchedFolder,
    open: &mut FolderInView,
) -> Result<(), AgentError> {
    if open.unwritten == 0 {
        return Ok(());
    }
    let (account, wire) = (folder.account.clone(), folder.name.wire().to_owned());
    let (validity, next, tail) = (open.validity, open.next, open.tail.clone());
    app.write(move |_, tx| {
        tx.move_cursor(&account, &wire, validity, next)?;
        tx.set_folder_tail(&account, &wire, &tail)
    })
    .await?;
    (open.unwritten, open.unwritten_since) = (0, None);
    Ok(())
}
