//! What baton remembers, in one SQLite file: handoffs, facts, mail that concerns them, how far each folder
//! was read, and every mail that is to leave or has left.
//!
//! One connection writes, in IMMEDIATE transactions; others only read. Each has a thread of its own
//! (`connections`), to which a transaction goes as a closure. Nothing here decides anything and nothing here
//! reads a clock. Known limit: one file is for one machine (WAL needs shared memory, so not on a network file
//! system).

mod alerts;
mod attempts;
mod awaiting;
mod backup;
mod claims;
mod connections;
#[cfg(feature = "demo")]
mod counting;
mod database_file;
mod error;
mod folder_tails;
mod folders;
mod handoffs;
mod housekeeping;
mod json;
mod kept_answers;
mod lease;
mod letters;
mod matching;
mod messages;
mod missing;
mod opening;
mod outbox;
mod outbox_rows;
mod own_mail;
mod presence;
mod recent_messages;
mod record_owners;
mod redating;
mod room;
mod rows;
mod verdicts;
mod waiting_writers;
mod write_waits;

use std::cell::RefCell;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

pub(crate) use alerts::Alert;
pub use backup::{RestoreOutcome, RestoredDatabase, restore};
pub(crate) use claims::ClaimChange;
use connections::ConnectionThreads;
pub(crate) use connections::Priority;
#[cfg(feature = "demo")]
pub(crate) use counting::{statements_run, take_longest_write};
use database_file::DatabaseFile;
pub use database_file::{DeliveryLock, LockOutcome};
pub(crate) use database_file::{FilePresence, is_gone};
pub(crate) use error::Result;
pub use error::StoreError;
pub(crate) use folder_tails::FolderTail;
pub(crate) use folders::{FolderState, Lookback, StoredOutage, TRIES};
pub(crate) use handoffs::{NewFact, Projection, StoredHandoff};
pub(crate) use kept_answers::{KeptAnswer, KeptRefusal};
use lease::ProcessIdentity;
pub(crate) use lease::{BehindSince, LeaseOutcome, StopNotice};
pub(crate) use matching::ThreadKeys;
pub(crate) use messages::{event_key, message_identity};
pub(crate) use missing::MissingRecipient;
pub(crate) use opening::{DatabaseAbsence, OpenPurpose, check_folder};
use opening::{ScratchFolder, wait_for_lock};
use outbox::random_token;
pub use outbox::{
    LeaseState, NewMail, OutboxState, QueueOutcome, Recipients, Scope, SendingPhase, SentCopyState,
    random_suffix,
};
pub use outbox_rows::OutboxRow;
pub(crate) use own_mail::{OwnMailSeen, SealedId, TokenKey};
pub(crate) use presence::{AgentPresence, OutboxCounts, TouchCounts};
pub(crate) use recent_messages::Edition;
use recent_messages::{KnownMessages, RecentMessages};
use waiting_writers::WaitingWriters;
use write_waits::WriteWaits;

/// Every migration, oldest first. A file that was released is never edited, so some of its comments and words are
/// older than the code:
///
/// | where | what it says | what holds |
/// | --- | --- | --- |
/// | `claims.kind` | id, token, conversation, outside, inside, name | `id`, `token`, `conversation`, `address` (anybody's), `own` (of the company), `name` (who may be the AE), `record` (its records' titles) |
/// | `claims.kind` of a closed handoff | | `id`, `token`, `conversation`, `past-address`, `past-own`, `past-name`, `past-record` |
/// | `message_keys.kind` | bears, cites, token, conversation, party, name | `bears` (its own ids), `id` (its own and those that it cites), `token`, `conversation`, `name` (the author's), `record` (the titles of the records that it carries) |
/// | `outbox.phase` | claimed | leased: [`SendingPhase::Leased`] |
/// | `outbox.scope` | the empty string where a mail has no handoff | [`Scope::Global`] |
/// | `troubles`, `mended` | troubles, and when each was mended | [`Alert`], and when it was resolved |
///
/// What each column holds is kept in the snapshots of `stored_format_tests`, and a database of each format in
/// `fixtures/stored/`.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/001_first.sql"),
    concat!(
        include_str!("migrations/002_growth.sql"),
        include_str!("migrations/011_when_copies_were_read.sql"),
        include_str!("migrations/012_attempts.sql"),
        include_str!("migrations/020_letters.sql"),
        include_str!("migrations/030_what_was_shown.sql"),
        include_str!("migrations/045_one_agent.sql"),
        include_str!("migrations/060_other_ids.sql"),
        include_str!("migrations/070_sent_by_time.sql"),
    ),
    include_str!("migrations/080_missing_recipients.sql"),
];

/// How long a command waits for another process that writes; the agent waits as long as it takes.
const BUSY: Duration = Duration::from_secs(30);
/// What took longer than this is told.
const LONG_WAIT: Duration = Duration::from_secs(5);
/// How often it tries meanwhile. SQLite's own handler soon tries ten times a second only, and so would wait in vain
/// for a process that writes one transaction after the other.
const TRY_LOCK_EVERY: Duration = Duration::from_millis(2);

/// And how often the agent does once that is no other process of baton's, which is soon done. On a busy machine many short
/// sleeps take far longer than they say.
const TRY_LONG_LOCK_EVERY: Duration = Duration::from_millis(20);

/// Connections that only read. More would wait for the processor rather than for each other.
const READERS: usize = 3;

/// Statements that a connection keeps ready.
const STATEMENTS_KEPT: usize = 256;

/// The open database. Share it behind an `Arc`.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    /// What the tokens and the seals of baton's mails are made with.
    key: TokenKey,
    /// This process, as it names itself in the database.
    process: ProcessIdentity,
    // Closed in this order: the last one to close tidies the file up, which takes one that may write.
    readers: ConnectionThreads,
    writer: ConnectionThreads,
    waiting: Arc<WaitingWriters>,
    waits: Arc<WriteWaits>,
    /// How the connection that writes is set.
    writes_durably: Arc<AtomicBool>,
    /// What it has read.
    recent: Arc<RecentMessages>,
    file: DatabaseFile,
    absence: Option<DatabaseAbsence>,
    /// Where the database is a copy, or an empty one in the place of none.
    _scratch: Option<ScratchFolder>,
}

impl Store {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Why there is no database at its place, where that is so.
    pub(crate) fn absence(&self) -> Option<DatabaseAbsence> {
        self.absence
    }

    /// Why this user cannot write the database where it lies; `None`: they can.
    pub(crate) fn why_not_writable(&self) -> Option<String> {
        database_file::why_not_writable(&self.path)
    }

    /// Writing waits for other programs as long as it takes: nobody stands at this process and waits.
    pub(crate) fn wait_without_end(&self) {
        self.waits.wait_without_end();
    }

    /// How long another program kept this one from writing, where that was long; told once.
    pub(crate) fn take_long_wait(&self) -> Option<Duration> {
        self.waits.take_long()
    }

    /// Whether the database's file is still the one that was opened.
    pub(crate) fn presence(&self) -> FilePresence {
        self.file.presence()
    }

    /// What the tokens and the seals of baton's mails are made with.
    pub(crate) fn key(&self) -> &TokenKey {
        &self.key
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
        let (waiting, waits) = (Arc::clone(&self.waiting), Arc::clone(&self.waits));
        let (durable, recent) = (Arc::clone(&self.writes_durably), Arc::clone(&self.recent));
        let work = move |connection: &mut Connection| {
            write_durably(connection, &durable, priority == Priority::Command)?;
            write_knowing(connection, &waiting, &waits, Some(&recent), work)
        };
        self.writer.run(priority, work).await
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

    /// Which state of the database whoever reads from now on finds, or a later one.
    pub(crate) async fn edition(&self) -> Result<Edition> {
        let recent = Arc::clone(&self.recent);
        self.writer.run(Priority::Command, move |connection| recent.edition(connection)).await
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
}

/// Sets whether what is committed is on the disk before anybody hears of it. Where it is not, a power cut takes the last
/// transactions back, and never one without those after it: the file stays one that there was.
fn write_durably(connection: &Connection, is_set: &AtomicBool, is_durable: bool) -> Result<()> {
    if is_set.load(Ordering::Relaxed) != is_durable {
        connection.pragma_update(None, "synchronous", if is_durable { "FULL" } else { "NORMAL" })?;
        is_set.store(is_durable, Ordering::Relaxed);
    }
    Ok(())
}

/// Runs `work` in a transaction once no other process writes. Who has to wait says so, to get its turn.
fn write_on<T, E: From<StoreError>>(
    connection: &mut Connection,
    waiting: &WaitingWriters,
    waits: &WriteWaits,
    work: impl FnOnce(&WriteTransaction<'_>) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    write_knowing(connection, waiting, waits, None, work)
}

/// The same with the messages that earlier transactions have read.
fn write_knowing<T, E: From<StoreError>>(
    connection: &mut Connection,
    waiting: &WaitingWriters,
    waits: &WriteWaits,
    recent: Option<&RecentMessages>,
    work: impl FnOnce(&WriteTransaction<'_>) -> std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    // The waiting for the lock is done here; whatever else may be busy waits in SQLite's own handler.
    connection.busy_handler(None).map_err(StoreError::from)?;
    let begun = begin_writing(connection, waiting, waits);
    connection.busy_handler(Some(wait_for_lock)).map_err(StoreError::from)?;
    let transaction = begun.map_err(StoreError::from)?;
    let (known, edition) = recent.map(|recent| recent.take(&transaction)).transpose()?.unwrap_or_default();
    let read = ReadTransaction { connection: &transaction, messages: RefCell::new(known) };
    let tx = WriteTransaction { read, edition };
    let outcome = work(&tx)?;
    let known = tx.read.messages.into_inner();
    if let Some(recent) = recent {
        recent.begin_commit();
    }
    transaction.commit().map_err(StoreError::from)?;
    // What a transaction has read that was rolled back may be what it had changed.
    if let Some(recent) = recent {
        recent.keep(known);
    }
    Ok(outcome)
}

fn begin_writing<'c>(
    connection: &'c Connection,
    waiting: &WaitingWriters,
    waits: &WriteWaits,
) -> rusqlite::Result<Transaction<'c>> {
    let mut notice = None;
    let mut waited = Duration::ZERO;
    loop {
        match Transaction::new_unchecked(connection, TransactionBehavior::Immediate) {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && (waits.is_endless() || waited < BUSY) =>
            {
                notice = notice.or_else(|| waiting.announce());
                let is_long = waits.is_endless() && waited >= LONG_WAIT / 5;
                let pause = if is_long { TRY_LONG_LOCK_EVERY } else { TRY_LOCK_EVERY };
                std::thread::sleep(pause);
                waited = waited.saturating_add(pause);
                waits.note(waited);
            }
            ended => {
                waits.end(waited);
                return ended;
            }
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

/// One consistent state of the database, to read.
#[derive(Debug)]
pub struct ReadTransaction<'c> {
    connection: &'c Connection,
    /// Messages that were read in this transaction.
    messages: RefCell<KnownMessages>,
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
    edition: Edition,
}

impl<'c> WriteTransaction<'c> {
    fn on(connection: &'c Connection) -> Self {
        Self { read: ReadTransaction::on(connection), edition: Edition::default() }
    }
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
    /// Which state of the database it began with.
    pub(crate) fn edition(&self) -> Edition {
        self.edition
    }

    pub(crate) fn set_meta(&self, key: &str, value: &str) -> Result<()> {
        self.connection.prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")?.execute(params![key, value])?;
        Ok(())
    }

    pub(crate) fn forget_meta(&self, key: &str) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([key])?;
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
mod one_agent_tests;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod stored_format_tests;
#[cfg(test)]
mod tests;
