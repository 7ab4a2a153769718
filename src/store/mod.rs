//! What baton remembers, in one SQLite file: handoffs, facts, mail that concerns them, how far each folder
//! was read, and every mail that is to leave or has left.
//!
//! One connection writes, in IMMEDIATE transactions; others only read. Each has a thread of its own
//! (`connections`), to which a transaction goes as a closure. Nothing here decides anything and nothing here
//! reads a clock. Known limit: one file is for one machine (WAL needs shared memory, so not on a network file
//! system).

mod alerts;
mod attempts;
mod claims;
mod connections;
#[cfg(feature = "demo")]
mod counting;
mod folder_tails;
mod folders;
mod handoffs;
mod housekeeping;
mod json;
mod letters;
mod matching;
mod messages;
mod outbox;
mod outbox_rows;
mod presence;
mod room;
mod rows;
mod verdicts;
mod waiting_writers;

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use rusqlite_migration::{M, Migrations};

use crate::domain::message::Message;

pub(crate) use alerts::Alert;
pub(crate) use claims::ClaimChange;
use connections::ConnectionThreads;
pub(crate) use connections::Priority;
#[cfg(feature = "demo")]
pub(crate) use counting::statements_run;
pub(crate) use folder_tails::FolderTail;
pub(crate) use folders::{Lookback, StoredOutage, TRIES};
pub(crate) use handoffs::{NewFact, Projection, StoredHandoff};
pub(crate) use matching::ThreadKeys;
pub(crate) use messages::{event_key, message_identity};
pub use outbox::{
    LeaseState, NewMail, OutboxState, QueueOutcome, Recipients, Scope, SendingPhase, SentCopyState,
    random_suffix,
};
pub use outbox_rows::OutboxRow;
pub(crate) use presence::{AgentPresence, OutboxCounts, TouchCounts};
use waiting_writers::WaitingWriters;

/// Every migration, oldest first. A file that was released is never edited, so some of its comments and words are
/// older than the code:
///
/// | where | what it says | what holds |
/// | --- | --- | --- |
/// | `claims.kind` | id, token, conversation, outside, inside, name | `id`, `token`, `conversation`, `address` (anybody's), `own` (of the company), `name` (who may be the AE) |
/// | `claims.kind` of a closed handoff | | `id`, `token`, `conversation`, `past-address`, `past-own`, `past-name` |
/// | `message_keys.kind` | bears, cites, token, conversation, party, name | `bears` (its own ids), `id` (its own and those that it cites), `token`, `conversation`, `name` (the author's) |
/// | `outbox.phase` | claimed | leased: [`SendingPhase::Leased`] |
/// | `outbox.scope` | the empty string where a mail has no handoff | [`Scope::Global`] |
/// | `troubles`, `mended` | troubles, and when each was mended | [`Alert`], and when it was resolved |
///
/// What each column holds is kept in the snapshots of `stored_format_tests`, and a database of each format in
/// `fixtures/stored/`.
const MIGRATIONS: [&str; 2] = [
    include_str!("migrations/001_first.sql"),
    concat!(
        include_str!("migrations/002_growth.sql"),
        include_str!("migrations/011_when_copies_were_read.sql"),
        include_str!("migrations/012_attempts.sql"),
        include_str!("migrations/020_letters.sql"),
        include_str!("migrations/030_what_was_shown.sql"),
    ),
];

/// How long a writer waits for another process.
const BUSY: Duration = Duration::from_secs(5);
/// How often it tries meanwhile. SQLite's own handler soon tries ten times a second only, and so would wait in vain
/// for a process that writes one transaction after the other.
const TRY_LOCK_EVERY: Duration = Duration::from_millis(2);

/// Connections that only read. More would wait for the processor rather than for each other.
const READERS: usize = 3;

/// Statements that a connection keeps ready.
const STATEMENTS_KEPT: usize = 128;

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database {} cannot be opened", path.display())]
    Open {
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    #[error("{} is no database", path.display())]
    NoDatabase { path: PathBuf },
    #[error("the database {} cannot be created", path.display())]
    Make {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error(
        "the database {} was written by a newer version of baton (its format is {found}, this version knows {known})",
        path.display()
    )]
    Newer { path: PathBuf, found: i64, known: usize },
    #[error("the database {} cannot be brought to this version's format", path.display())]
    Migrate {
        path: PathBuf,
        #[source]
        source: Box<rusqlite_migration::Error>,
    },
    #[error("the lock file {} cannot be used", path.display())]
    Lock {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the database cannot be read or written")]
    Sql(#[from] rusqlite::Error),
    #[error("a row of {table} cannot be understood: {key}")]
    Row { table: &'static str, key: String },
    #[error("a copy of the database cannot be written to {}", path.display())]
    Backup {
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    #[error("a copy of the database cannot be written to {}", path.display())]
    BackupFile {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("the database {} is damaged: {said}", path.display())]
    Damaged { path: PathBuf, said: String },
    #[error("the system gives no random numbers")]
    Random,
    #[error("the system gives no thread for the database")]
    Thread {
        #[source]
        source: std::io::Error,
    },
    #[error("work on the database ended in a panic")]
    Panicked,
}

pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// The open database. Share it behind an `Arc`.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    // Closed in this order: the last one to close tidies the file up, which takes one that may write.
    readers: ConnectionThreads,
    writer: ConnectionThreads,
    waiting: Arc<WaitingWriters>,
}

/// Held by the one process that delivers, for as long as it does.
#[derive(Debug)]
pub struct DeliveryLock {
    _file: File,
}

/// Whether this process may deliver.
#[derive(Debug)]
pub enum LockOutcome {
    Ours(DeliveryLock),
    /// Another process holds it.
    Elsewhere,
}

impl Store {
    /// Opens the database, making it (readable by its owner alone) or bringing it up to date as needed. Blocks
    /// meanwhile.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        make_private(path)?;
        let mut writer = connect(path)?;
        let found: i64 = writer
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .map_err(|source| StoreError::Open { path: path.to_owned(), source })?;
        if usize::try_from(found).is_ok_and(|found| found > MIGRATIONS.len()) {
            return Err(StoreError::Newer { path: path.to_owned(), found, known: MIGRATIONS.len() });
        }
        let migrations = Migrations::new(MIGRATIONS.iter().map(|sql| M::up(sql)).collect());
        migrations
            .to_latest(&mut writer)
            // Another process may have done it in the same moment; then there is nothing left to do.
            .or_else(|_| migrations.to_latest(&mut writer))
            .map_err(|source| StoreError::Migrate { path: path.to_owned(), source: Box::new(source) })?;
        let waiting = Arc::new(WaitingWriters::beside(path)?);
        if read_on(&mut writer, |tx| tx.has_unkeyed_handoffs())? {
            write_on(&mut writer, &waiting, |tx| tx.key_handoffs())?;
        }
        let readers = (0..READERS).map(|_| connect_reader(path)).collect::<Result<_>>()?;
        Ok(Self {
            path: path.to_owned(),
            readers: ConnectionThreads::of_readers(readers)?,
            writer: ConnectionThreads::of_writer(writer, Arc::clone(&waiting))?,
            waiting,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes the lock of the process that delivers, without waiting.
    pub fn lock(&self) -> Result<LockOutcome> {
        let mut name = self.path.clone().into_os_string();
        name.push(".lock");
        let path = PathBuf::from(name);
        let failed = |source| StoreError::Lock { path: path.clone(), source };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(LockOutcome::Ours(DeliveryLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(LockOutcome::Elsewhere),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Runs `work` in one transaction; whatever it changed is kept only where it ends well. It is done also where
    /// the future is dropped before its end.
    pub(crate) async fn write<T, E>(
        &self,
        priority: Priority,
        work: impl FnOnce(&WriteTransaction<'_>) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let waiting = Arc::clone(&self.waiting);
        self.writer.run(priority, move |connection| write_on(connection, &waiting, work)).await
    }

    /// Runs `work` on one consistent state of the database.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&ReadTransaction<'_>) -> std::result::Result<T, E> + Send + 'static,
    ) -> std::result::Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        self.readers.run(Priority::Background, move |connection| read_on(connection, work)).await
    }

    /// Whether the file is whole, as SQLite sees it.
    pub(crate) async fn check(&self) -> Result<()> {
        let check = |connection: &mut Connection| -> Result<String> {
            Ok(connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?)
        };
        let said = self.readers.run(Priority::Background, check).await?;
        if said == "ok" { Ok(()) } else { Err(StoreError::Damaged { path: self.path.clone(), said }) }
    }

    /// Changes whenever another process has committed, so that its work is noticed without reading anything.
    pub(crate) async fn data_version(&self) -> Result<i64> {
        // The writer's, since SQLite counts for each connection what others have committed.
        let version = |connection: &mut Connection| -> Result<i64> {
            Ok(connection.query_row("PRAGMA data_version", [], |row| row.get(0))?)
        };
        self.writer.run(Priority::Command, version).await
    }

    /// Writes a consistent copy to `to`, also while others write. An existing file is replaced.
    pub(crate) async fn back_up(&self, to: &Path) -> Result<()> {
        let to = to.to_owned();
        self.readers.run(Priority::Background, move |connection| back_up_from(connection, &to)).await
    }
}

/// Runs `work` in a transaction once no other process writes. Who has to wait says so, to get its turn.
fn write_on<T, E: From<StoreError>>(
    connection: &mut Connection,
    waiting: &WaitingWriters,
    work: impl FnOnce(&WriteTransaction<'_>) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    // The waiting for the lock is done here; whatever else may be busy waits in SQLite's own handler.
    connection.busy_handler(None).map_err(StoreError::from)?;
    let begun = begin_writing(connection, waiting);
    connection.busy_handler(Some(wait_for_lock)).map_err(StoreError::from)?;
    let transaction = begun.map_err(StoreError::from)?;
    let outcome = work(&WriteTransaction { read: ReadTransaction::on(&transaction) })?;
    transaction.commit().map_err(StoreError::from)?;
    Ok(outcome)
}

fn begin_writing<'c>(
    connection: &'c Connection,
    waiting: &WaitingWriters,
) -> rusqlite::Result<Transaction<'c>> {
    let mut notice = None;
    let mut left = BUSY;
    loop {
        match Transaction::new_unchecked(connection, TransactionBehavior::Immediate) {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && !left.is_zero() =>
            {
                notice = notice.or_else(|| waiting.announce());
                std::thread::sleep(TRY_LOCK_EVERY);
                left = left.saturating_sub(TRY_LOCK_EVERY);
            }
            ended => return ended,
        }
    }
}

fn read_on<T, E: From<StoreError>>(
    connection: &mut Connection,
    work: impl FnOnce(&ReadTransaction<'_>) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    let transaction = connection.transaction().map_err(StoreError::from)?;
    work(&ReadTransaction::on(&transaction))
}

fn back_up_from(source: &Connection, to: &Path) -> Result<()> {
    let failed = |source| StoreError::Backup { path: to.to_owned(), source };
    make_private(to).map_err(|error| match error {
        StoreError::Make { path, source } => StoreError::BackupFile { path, source },
        other => other,
    })?;
    let mut target = Connection::open(to).map_err(failed)?;
    let backup = rusqlite::backup::Backup::new(source, &mut target).map_err(failed)?;
    backup.run_to_completion(256, Duration::from_millis(5), None).map_err(failed)?;
    drop(backup);
    target.pragma_update(None, "journal_mode", "DELETE").map_err(failed)
}

/// Makes the file, if there is none, so that only its owner can read what mail it will hold.
fn make_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|source| StoreError::Make { path: path.to_owned(), source })
}

/// The connection that writes. It makes the database a WAL, which readers then find.
fn connect(path: &Path) -> Result<Connection> {
    let connection = open_file(path)?;
    let failed = |source: rusqlite::Error| open_error(path, source);
    make_wal(&connection).map_err(failed)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    Ok(connection)
}

/// Two that make one file a WAL at the same time would wait for each other, so SQLite refuses one of them at once,
/// whatever its busy timeout. So the waiting is done here, until the other one is done.
fn make_wal(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_handler(None)?;
    let mut left = BUSY;
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && !left.is_zero() =>
            {
                std::thread::sleep(TRY_LOCK_EVERY);
                left = left.saturating_sub(TRY_LOCK_EVERY);
            }
            ended => return ended.and_then(|()| connection.busy_handler(Some(wait_for_lock))),
        }
    }
}

/// Another process writes: waits a moment. `tries` counts how often it did for this lock.
fn wait_for_lock(tries: i32) -> bool {
    let waited = TRY_LOCK_EVERY.saturating_mul(tries.unsigned_abs());
    if waited < BUSY {
        std::thread::sleep(TRY_LOCK_EVERY);
    }
    waited < BUSY
}

fn connect_reader(path: &Path) -> Result<Connection> {
    let connection = open_file(path)?;
    connection.pragma_update(None, "query_only", true).map_err(|source| open_error(path, source))?;
    Ok(connection)
}

fn open_file(path: &Path) -> Result<Connection> {
    let failed = |source: rusqlite::Error| open_error(path, source);
    let connection = Connection::open(path).map_err(failed)?;
    connection.busy_handler(Some(wait_for_lock)).map_err(failed)?;
    #[cfg(feature = "demo")]
    counting::count_statements(&connection);
    // The default of 16 is less than one judgement asks.
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    // A quarter of the default: everything here is small and the agent has to stay small, too.
    connection.pragma_update(None, "cache_size", -512).map_err(failed)?;
    Ok(connection)
}

fn open_error(path: &Path, source: rusqlite::Error) -> StoreError {
    match source.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => StoreError::NoDatabase { path: path.to_owned() },
        _ => StoreError::Open { path: path.to_owned(), source },
    }
}

/// One consistent state of the database, to read.
#[derive(Debug)]
pub struct ReadTransaction<'c> {
    connection: &'c Connection,
    /// Messages that were read in this transaction.
    messages: RefCell<HashMap<i64, Arc<Message>>>,
}

impl<'c> ReadTransaction<'c> {
    fn on(connection: &'c Connection) -> Self {
        Self { connection, messages: RefCell::default() }
    }
}

/// One transaction, to read and to write.
#[derive(Debug)]
pub struct WriteTransaction<'c> {
    read: ReadTransaction<'c>,
}

impl<'c> Deref for WriteTransaction<'c> {
    type Target = ReadTransaction<'c>;

    fn deref(&self) -> &ReadTransaction<'c> {
        &self.read
    }
}

impl ReadTransaction<'_> {
    /// A value of baton itself, by its key.
    pub(crate) fn meta(&self, key: &str) -> Result<Option<String>> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// How often another process has asked the delivering one to look.
    pub(crate) fn calls(&self) -> Result<u64> {
        Ok(self.meta("calls")?.and_then(|value| value.parse().ok()).unwrap_or(0))
    }
}

impl WriteTransaction<'_> {
    pub(crate) fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        self.connection.execute(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            params![key, value],
        )?;
        Ok(())
    }

    pub(crate) fn forget_meta(&self, key: &str) -> Result<()> {
        self.connection.execute("DELETE FROM meta WHERE key = ?1", [key])?;
        Ok(())
    }

    /// Asks the delivering process to look at what this transaction leaves behind.
    pub(crate) fn call(&self) -> Result<()> {
        self.set_meta("calls", &(self.calls()? + 1).to_string())
    }
}

fn seconds(at: DateTime<Utc>) -> i64 {
    at.timestamp()
}

fn instant(table: &'static str, seconds: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, 0).ok_or_else(|| StoreError::Row { table, key: seconds.to_string() })
}

fn optional_instant(table: &'static str, value: Option<i64>) -> Result<Option<DateTime<Utc>>> {
    value.map(|value| instant(table, value)).transpose()
}

/// Reads a structured column.
fn column<T: json::Json>(table: &'static str, text: &str) -> Result<T> {
    T::from_column(text).ok_or_else(|| StoreError::Row { table, key: text.chars().take(60).collect() })
}

#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod stored_format_tests;
#[cfg(test)]
mod tests;
