//! Copies of the database, and putting one in its place.
//!
//! A copy bears a mark with its instant: what is started on it reads every folder before it sends anything. What was in
//! the place of a copy is kept beside it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::database_file::{DatabaseFile, beside, is_marked, real_place};
use super::lease::BehindSince;
use super::opening::{bring_up_to_date, check_format, copy_with_log, make_private, open_error, open_file};
use super::{DeliveryLock, LockOutcome, Priority, Result, Store, StoreError, WriteTransaction};

/// What came of putting a backup in place.
#[derive(Debug)]
pub enum RestoreOutcome {
    Done(RestoredDatabase),
    /// An agent runs on the database.
    InUse,
}

/// A backup that is in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestoredDatabase {
    /// When it was the present, where it says so.
    pub as_of: Option<DateTime<Utc>>,
    /// Where the database is that was there before.
    pub kept: Option<PathBuf>,
}

impl Store {
    /// Writes a consistent copy to `to`, also while others write, marked with the instant `now`. An earlier copy is
    /// replaced once this one is whole; whatever else is there stays.
    pub async fn back_up(&self, to: &Path, now: DateTime<Utc>) -> Result<()> {
        let to = to.to_owned();
        self.readers.run(Priority::Background, move |connection| back_up_from(connection, &to, now)).await
    }
}

fn back_up_from(source: &Connection, to: &Path, now: DateTime<Utc>) -> Result<()> {
    let failed = |source| StoreError::BackupFile { path: to.to_owned(), source };
    if !may_be_replaced(&real_place(to)) {
        return Err(StoreError::OtherFile { path: to.to_owned() });
    }
    let part = beside(&real_place(to), ".part");
    let copied = copy_to(source, &part, now).map_err(|error| match error {
        StoreError::Make { source, .. } => failed(source),
        StoreError::Sql(source) => StoreError::Backup { path: to.to_owned(), source },
        other => other,
    });
    let copied = copied.and_then(|()| {
        fs::File::open(&part).and_then(|file| file.sync_all()).map_err(failed)?;
        fs::rename(&part, real_place(to)).map_err(failed)
    });
    if copied.is_err() {
        // Half a copy is no use to anybody; where it cannot be removed either, the error says why.
        let _ = fs::remove_file(&part);
    }
    copied
}

/// Whether nothing is lost by a copy in this place: nothing is there, an empty file, or an earlier copy that no agent
/// has worked on.
fn may_be_replaced(place: &Path) -> bool {
    let Ok(found) = fs::metadata(place) else {
        return true;
    };
    if !found.is_file() || is_marked(place) {
        return false;
    }
    let is_ours = || {
        let file = open_file(place, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        check_format(place, &file).ok()?;
        file.table_exists(None, "handoffs").ok().filter(|is_there| *is_there)
    };
    found.len() == 0 || is_ours().is_some()
}

fn copy_to(source: &Connection, part: &Path, now: DateTime<Utc>) -> Result<()> {
    if part.exists() {
        fs::remove_file(part).map_err(|source| StoreError::Make { path: part.to_owned(), source })?;
    }
    make_private(part)?;
    let mut target = open_file(part, OpenFlags::default())?;
    let backup = rusqlite::backup::Backup::new(source, &mut target)?;
    backup.run_to_completion(256, Duration::from_millis(5), None)?;
    drop(backup);
    mark_as_behind(&mut target, now)?;
    Ok(target.pragma_update(None, "journal_mode", "DELETE")?)
}

/// Marks a copy: it was the present at `as_of`. Returns what an earlier mark says, which stays.
fn mark_as_behind(copy: &mut Connection, as_of: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
    let transaction = Transaction::new(copy, TransactionBehavior::Immediate)?;
    let tx = WriteTransaction::on(&transaction);
    let known = tx.behind()?;
    if known.is_none() {
        let why = "it is a backup".to_owned();
        tx.set_behind(&BehindSince { as_of: Some(as_of), why, found_at: None })?;
    }
    tx.forget_lease()?;
    drop(tx);
    transaction.commit()?;
    Ok(known.map_or(Some(as_of), |behind| behind.as_of))
}

/// Puts the backup `from` in the place of the database `to`, unless an agent runs on that.
pub fn restore(from: &Path, to: &Path, now: DateTime<Utc>) -> Result<RestoreOutcome> {
    let place = real_place(to);
    let current = DatabaseFile::at(to)?;
    let lock: Option<DeliveryLock> = match current.as_ref().map(DatabaseFile::lock).transpose()? {
        Some(LockOutcome::Elsewhere) => return Ok(RestoreOutcome::InUse),
        Some(LockOutcome::Ours(lock)) => Some(lock),
        None => None,
    };
    let part = beside(&place, ".part");
    let failed = |source| StoreError::Restore { path: to.to_owned(), source };
    remove_if_there(&part).map_err(failed)?;
    let outcome = prepared(from, &part).and_then(|as_of| {
        let kept = match &current {
            Some(_) => {
                take_in_log(&place);
                Some(set_aside(&place, now).map_err(failed)?)
            }
            None => None,
        };
        fs::rename(&part, &place).map_err(failed)?;
        Ok(RestoreOutcome::Done(RestoredDatabase { as_of, kept }))
    });
    for left in ["", "-wal", "-shm", "-journal"] {
        remove_if_there(&beside(&part, left)).map_err(failed)?;
    }
    drop(lock);
    outcome
}

fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A copy of the backup that can be put in place: whole, of a format that this version knows, and marked.
fn prepared(from: &Path, part: &Path) -> Result<Option<DateTime<Utc>>> {
    let refused = |source| StoreError::NoBackup { path: from.to_owned(), source: Box::new(source) };
    copy_with_log(from, part).map_err(|source| StoreError::BackupFile { path: from.to_owned(), source })?;
    let modified = fs::metadata(from).and_then(|data| data.modified()).ok().map(DateTime::<Utc>::from);
    let checked = || -> Result<Option<DateTime<Utc>>> {
        let mut copy = open_file(part, OpenFlags::default())?;
        let said: String = copy
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(|source| open_error(from, source))?;
        if said != "ok" {
            return Err(StoreError::Damaged { path: from.to_owned(), said });
        }
        if check_format(from, &copy)? == 0 {
            return Err(StoreError::NoDatabase { path: from.to_owned() });
        }
        bring_up_to_date(from, &mut copy)?;
        let as_of = mark_as_behind(&mut copy, modified.unwrap_or_default())?;
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        Ok(as_of)
    };
    let as_of = checked().map_err(refused)?;
    fs::File::open(part)
        .and_then(|file| file.sync_all())
        .map_err(|source| StoreError::BackupFile { path: from.to_owned(), source })?;
    Ok(as_of)
}

/// Brings all of the database into its own file, so that being killed between two of its files loses nothing. One that
/// is damaged, or that another process reads at this moment, keeps its log.
fn take_in_log(place: &Path) {
    let taken = open_file(place, OpenFlags::default()).and_then(|database| {
        Ok(database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0))?)
    });
    if !matches!(taken, Ok(0)) {
        tracing::warn!(?taken, "the log of the database stays beside it");
    }
}

/// Keeps what is there beside it, and last what of it is not in its own file yet. The database itself stays in its place
/// where the disk allows one file two names, so that there is one at every moment; a log that could not be taken in is
/// missing there until the other one has come.
fn set_aside(place: &Path, now: DateTime<Utc>) -> std::io::Result<PathBuf> {
    let name = format!(".before-{}", now.format("%Y%m%dT%H%M%SZ"));
    let mut kept = beside(place, &name);
    let mut count = 1;
    while kept.exists() {
        count += 1;
        kept = beside(place, &format!("{name}-{count}"));
    }
    if fs::hard_link(place, &kept).is_err() {
        fs::rename(place, &kept)?;
    }
    let log = beside(place, "-wal");
    if log.exists() {
        fs::rename(log, beside(&kept, "-wal"))?;
    }
    remove_if_there(&beside(place, "-shm"))?;
    Ok(kept)
}
