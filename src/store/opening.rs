//! Opening the database: made where there has been none, brought to this version's format, or only looked at.
//!
//! Commands that only read look at the file without writing anything; where that cannot be done (no shared memory can be
//! made beside it, or its format is older), at a copy of it in a folder of their own, which goes with them. They answer
//! as for an empty database where there is none. Known limit: such a copy costs as much disk as the database.

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use super::connections::ConnectionThreads;
use super::database_file::{self, DatabaseFile, beside, real_place};
use super::lease::ProcessIdentity;
use super::own_mail::TokenKey;
use super::room;
use super::waiting_writers::WaitingWriters;
use super::write_waits::WriteWaits;
use super::{
    BUSY, LockOutcome, MIGRATIONS, READERS, Result, STATEMENTS_KEPT, Store, StoreError, TRY_LOCK_EVERY,
    read_on, write_on,
};

/// What a database is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenPurpose {
    /// `init`, `send`, `run`: it is made where neither it nor its marker is.
    Make,
    /// Commands that change what is there: none is made.
    Change,
    /// Commands that only read.
    Look,
}

/// Why a store is an empty one that goes with this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatabaseAbsence {
    /// No database has been made here.
    NotMade,
    /// One has been here, and is gone.
    Gone,
}

/// A folder of this process that goes with it.
#[derive(Debug)]
pub(super) struct ScratchFolder {
    path: PathBuf,
}

impl ScratchFolder {
    fn new() -> Result<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let name = format!("baton-{}", super::random_token()?);
        let path = std::env::temp_dir().join(name);
        let made = std::fs::DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|source| StoreError::Scratch { path: path.clone(), source })?;
        Ok(Self { path })
    }
}

impl Drop for ScratchFolder {
    fn drop(&mut self) {
        // What cannot be removed lies in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// The connections of a store, and what they are on.
struct OpenedFile {
    file: DatabaseFile,
    writer: Connection,
    readers: Vec<Connection>,
    scratch: Option<ScratchFolder>,
    absence: Option<DatabaseAbsence>,
}

impl Store {
    /// Opens the database, making it (readable by its owner alone) or bringing it up to date as needed. Blocks
    /// meanwhile.
    #[cfg(test)]
    pub(crate) fn open(path: &Path) -> Result<Self> {
        Self::open_for(path, OpenPurpose::Make)
    }

    /// The same for what a command needs of it.
    pub(crate) fn open_for(path: &Path, purpose: OpenPurpose) -> Result<Self> {
        let found = DatabaseFile::at(path)?;
        let place = real_place(path);
        let opened = match (found, purpose) {
            (None, OpenPurpose::Make) if database_file::is_marked(&place) => {
                return Err(StoreError::Gone { path: path.to_owned() });
            }
            (None, OpenPurpose::Make) => made(path, &place)?,
            (None, OpenPurpose::Change) => {
                check_folder(path)?;
                empty(path, &place)?
            }
            (None, OpenPurpose::Look) => empty(path, &place)?,
            (Some(file), _) if file.is_used_by_another_name()? => {
                return Err(StoreError::OtherName { path: path.to_owned() });
            }
            (Some(file), OpenPurpose::Make | OpenPurpose::Change) if file.is_for_reading_alone() => {
                return Err(StoreError::NotPermitted { path: path.to_owned() });
            }
            (Some(file), OpenPurpose::Make | OpenPurpose::Change) => opened_with_reserve(path, file)?,
            (Some(file), OpenPurpose::Look) => opened_to_look(path, file)?,
        };
        Self::on(path, opened)
    }

    fn on(path: &Path, opened: OpenedFile) -> Result<Self> {
        let OpenedFile { file, mut writer, readers, scratch, absence } = opened;
        let waiting = Arc::new(WaitingWriters::beside(file.place()));
        let waits = Arc::new(WriteWaits::default());
        let (key, is_unkeyed) =
            read_on(&mut writer, |tx| Ok::<_, StoreError>((tx.token_key()?, tx.has_unkeyed_handoffs()?)))?;
        let key = match key {
            Some(key) if !is_unkeyed => key,
            _ if writer.is_readonly("main")? => key.unwrap_or_else(TokenKey::none),
            _ => write_on(&mut writer, &waiting, &waits, |tx| {
                tx.key_handoffs()?;
                tx.made_token_key()
            })?,
        };
        Ok(Self {
            path: path.to_owned(),
            key,
            process: ProcessIdentity::new(file.identity())?,
            readers: ConnectionThreads::of_readers(readers)?,
            writer: ConnectionThreads::of_writer(writer, Arc::clone(&waiting))?,
            waiting,
            waits,
            writes_durably: Arc::new(AtomicBool::new(true)),
            recent: Arc::default(),
            file,
            absence,
            _scratch: scratch,
        })
    }

    /// Takes the lock of the process that delivers, without waiting.
    pub fn lock(&self) -> Result<LockOutcome> {
        self.file.lock()
    }
}

fn made(path: &Path, place: &Path) -> Result<OpenedFile> {
    make_private(place).map_err(|error| match error {
        StoreError::Make { source, .. } => StoreError::Make { path: path.to_owned(), source },
        other => other,
    })?;
    let file = DatabaseFile::at(path)?.ok_or_else(|| StoreError::Gone { path: path.to_owned() })?;
    let opened = opened_to_write(path, file)?;
    database_file::mark(place, 0).map_err(|source| StoreError::Make { path: path.to_owned(), source })?;
    Ok(opened)
}

/// A folder that there is not is no place where a database will be.
pub(crate) fn check_folder(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.map(std::fs::metadata) {
        Some(Err(source)) => Err(StoreError::Make { path: path.to_owned(), source }),
        Some(Ok(_)) | None => Ok(()),
    }
}

/// An empty database that is gone with this process.
fn empty(path: &Path, missing: &Path) -> Result<OpenedFile> {
    let scratch = ScratchFolder::new()?;
    let place = scratch.path.join("empty.db");
    make_private(&place)?;
    let absence = match database_file::is_marked(missing) {
        true => DatabaseAbsence::Gone,
        false => DatabaseAbsence::NotMade,
    };
    Ok(OpenedFile { absence: Some(absence), ..opened_in(path, &place, scratch)? })
}

fn opened_in(path: &Path, place: &Path, scratch: ScratchFolder) -> Result<OpenedFile> {
    let file = DatabaseFile::at(place)?.ok_or_else(|| StoreError::Gone { path: path.to_owned() })?;
    Ok(OpenedFile { scratch: Some(scratch), ..opened_to_write(path, file)? })
}

/// On a disk that is full, the reserve is given up for it.
fn opened_with_reserve(path: &Path, file: DatabaseFile) -> Result<OpenedFile> {
    let place = file.place().to_owned();
    match opened_to_write(path, file) {
        Err(error) if error.is_disk_full() && room::release_reserve(&place) => {
            let file = DatabaseFile::at(path)?.ok_or_else(|| StoreError::Gone { path: path.to_owned() })?;
            opened_to_write(path, file)
        }
        opened => opened,
    }
}

fn opened_to_write(path: &Path, file: DatabaseFile) -> Result<OpenedFile> {
    file.set_stray_log_aside()?;
    let mut writer = connect_writer(file.place())?;
    bring_up_to_date(path, &mut writer)?;
    let readers = (0..READERS).map(|_| connect_reader(file.place())).collect::<Result<_>>()?;
    Ok(OpenedFile { file, writer, readers, scratch: None, absence: None })
}

/// Brings the database to this version's format.
pub(super) fn bring_up_to_date(path: &Path, connection: &mut Connection) -> Result<()> {
    check_format(path, connection)?;
    let migrations = Migrations::new(MIGRATIONS.iter().map(|sql| M::up(sql)).collect());
    migrations
        .to_latest(connection)
        // Another process may have done it in the same moment; then there is nothing left to do.
        .or_else(|_| migrations.to_latest(connection))
        .map_err(|source| StoreError::Migrate { path: path.to_owned(), source: Box::new(source) })
}

/// The number of the database's format; an error where a newer version wrote it.
pub(super) fn check_format(path: &Path, connection: &Connection) -> Result<usize> {
    let found: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .map_err(|source| open_error(path, source))?;
    match usize::try_from(found) {
        Ok(format) if format <= MIGRATIONS.len() => Ok(format),
        _ => Err(StoreError::Newer { path: path.to_owned(), found, known: MIGRATIONS.len() }),
    }
}

/// Without writing anything; else on a copy.
fn opened_to_look(path: &Path, file: DatabaseFile) -> Result<OpenedFile> {
    if let Err(error) = file.set_stray_log_aside() {
        tracing::debug!(%error, "it stays where it is");
    }
    match connections_to_look(file.place()) {
        Ok(Some((writer, readers))) => {
            return Ok(OpenedFile { file, writer, readers, scratch: None, absence: None });
        }
        Err(error @ (StoreError::Newer { .. } | StoreError::NoDatabase { .. })) => return Err(error),
        Ok(None) | Err(_) => {}
    }
    opened_copy(path, file.place())
}

fn opened_copy(path: &Path, place: &Path) -> Result<OpenedFile> {
    let scratch = ScratchFolder::new()?;
    let copy = scratch.path.join("copy.db");
    copy_with_log(place, &copy)
        .map_err(|source| StoreError::Scratch { path: scratch.path.clone(), source })?;
    opened_in(path, &copy, scratch)
}

/// A store on a copy, as where the database cannot be opened in its place.
#[cfg(test)]
pub(super) fn copied_to_look(path: &Path) -> Result<Store> {
    Store::on(path, opened_copy(path, path)?)
}

/// Copies a database, and what of it is not in its own file yet.
pub(super) fn copy_with_log(from: &Path, to: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    for ending in ["", "-wal"] {
        let (from, to) = (beside(from, ending), beside(to, ending));
        if ending.is_empty() || from.exists() {
            std::fs::copy(&from, &to)?;
            std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

/// Connections that only read; `None` where the format is an older one.
fn connections_to_look(place: &Path) -> Result<Option<(Connection, Vec<Connection>)>> {
    let connect = || open_file(place, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let first = connect()?;
    if check_format(place, &first)? < MIGRATIONS.len() {
        return Ok(None);
    }
    // Only a statement shows whether the file can be read as it lies.
    first
        .query_row("SELECT EXISTS (SELECT 1 FROM meta WHERE key = '')", [], |_| Ok(()))
        .map_err(|source| open_error(place, source))?;
    let readers = (0..READERS).map(|_| connect()).collect::<Result<_>>()?;
    Ok(Some((first, readers)))
}

/// Makes the file, if there is none, so that only its owner can read what mail it will hold.
pub(super) fn make_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|source| StoreError::Make { path: path.to_owned(), source })
}

/// The connection that writes. It makes the database a WAL, which readers then find.
pub(super) fn connect_writer(path: &Path) -> Result<Connection> {
    let connection = open_file(path, OpenFlags::default())?;
    let failed = |source: rusqlite::Error| open_error(path, source);
    make_wal(&connection).map_err(failed)?;
    connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    // What is dropped is not to be found in the file's free pages either.
    connection.pragma_update(None, "secure_delete", true).map_err(failed)?;
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
pub(super) fn wait_for_lock(tries: i32) -> bool {
    let waited = TRY_LOCK_EVERY.saturating_mul(tries.unsigned_abs());
    if waited < BUSY {
        std::thread::sleep(TRY_LOCK_EVERY);
    }
    waited < BUSY
}

fn connect_reader(path: &Path) -> Result<Connection> {
    let connection = open_file(path, OpenFlags::default())?;
    connection.pragma_update(None, "query_only", true).map_err(|source| open_error(path, source))?;
    Ok(connection)
}

pub(super) fn open_file(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let failed = |source: rusqlite::Error| open_error(path, source);
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_handler(Some(wait_for_lock)).map_err(failed)?;
    #[cfg(feature = "demo")]
    super::counting::count_statements(&connection);
    // The default of 16 is less than one judgement asks.
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    // A quarter of the default: everything here is small and the agent has to stay small, too.
    connection.pragma_update(None, "cache_size", -512).map_err(failed)?;
    Ok(connection)
}

/// Why a file cannot be opened. SQLite speaks of a failed read where a disk is full and of a missing file where one is
/// mounted read-only.
pub(super) fn open_error(path: &Path, source: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, NotADatabase, ReadOnly, SystemIoFailure};
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(NotADatabase) => StoreError::NoDatabase { path },
        Some(CannotOpen | ReadOnly | SystemIoFailure | DiskFull) if room::is_read_only(&path) => {
            StoreError::ReadOnlyDisk { path, cause: source }
        }
        Some(CannotOpen | SystemIoFailure | DiskFull) if room::is_full(&path) => {
            StoreError::DiskFull { path, cause: source }
        }
        _ => StoreError::Open { path, source },
    }
}
