//! The database's file: which one it is, whether it is still there, the lock on it, and the marker beside it.
//!
//! The lock is on the file itself (flock, which SQLite does not use), so whatever name leads to the file, there is one
//! lock. The marker says that a database has been here, so that none is made in the place of one that is gone, and how
//! far it had come, so that an older one in its place is known. Known limit: on a network file system flock may hold on
//! one machine alone; there the lease in the database is what counts.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Flock, FlockOffsetType, FlockType, fcntl_getlk};

use super::{Result, StoreError};

/// Symbolic links that are followed to a file that may not exist yet.
const MOST_LINKS: usize = 16;

/// The byte of SQLite's `-shm` file that every connection has locked for as long as it lives (SQLite's `os_unix.c`,
/// `UNIX_SHM_DMS`).
const SHM_IN_USE: u64 = 128;

/// Of SQLite's file header: its length, where it says how the file is written, and what it says there where that is
/// without a `-wal` file.
const HEADER: usize = 100;
const WRITE_VERSION: usize = 18;
const KEEPS_NO_LOG: u8 = 1;

/// Which file it is, whatever leads to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FileIdentity {
    device: u64,
    pub(crate) inode: u64,
}

/// What is found where the database was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilePresence {
    Same,
    Gone,
    /// Another file has its name.
    Replaced,
}

/// Files whose lock this process holds. A lock of our own is no sign of another process.
static HELD_HERE: Mutex<BTreeSet<FileIdentity>> = Mutex::new(BTreeSet::new());

fn held_here() -> MutexGuard<'static, BTreeSet<FileIdentity>> {
    HELD_HERE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The database's file, as it was when it was opened.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    /// Where it is, symbolic links aside.
    place: PathBuf,
    identity: FileIdentity,
    /// Opened when the lock is first asked for, and never closed before SQLite has closed its own: closing one of a
    /// process's descriptors ends all its POSIX locks on the file.
    opened: Mutex<Option<Arc<File>>>,
}

/// Held by the one process that delivers, for as long as it does.
#[derive(Debug)]
pub struct DeliveryLock {
    file: Arc<File>,
    identity: FileIdentity,
}

impl Drop for DeliveryLock {
    fn drop(&mut self) {
        held_here().remove(&self.identity);
        // A lock that cannot be given back ends with the process.
        let _ = self.file.unlock();
    }
}

/// Whether this process may deliver.
#[derive(Debug)]
pub enum LockOutcome {
    Ours(DeliveryLock),
    /// Another process holds it.
    Elsewhere,
}

fn identity_of(data: &fs::Metadata) -> FileIdentity {
    use std::os::unix::fs::MetadataExt;
    FileIdentity { device: data.dev(), inode: data.ino() }
}

/// Where a path leads to, symbolic links followed, also where there is no file yet.
pub(super) fn real_place(path: &Path) -> PathBuf {
    let mut place = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&place) else { break };
        place = match place.parent() {
            Some(folder) => folder.join(target),
            None => target,
        };
    }
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    match (folder.unwrap_or(Path::new(".")).canonicalize(), place.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => place,
    }
}

/// A file that belongs to the database and lies beside it.
pub(super) fn beside(place: &Path, ending: &str) -> PathBuf {
    let mut name = place.to_owned().into_os_string();
    name.push(ending);
    name.into()
}

fn marker(place: &Path) -> PathBuf {
    beside(place, ".marker")
}

/// Why this user cannot write the file, or make those that SQLite keeps beside it.
pub(super) fn why_not_writable(path: &Path) -> Option<String> {
    let place = real_place(path);
    let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty());
    let needed = [Some(place.as_path()), folder];
    needed.into_iter().flatten().find_map(|needed| {
        let error = rustix::fs::access(needed, rustix::fs::Access::WRITE_OK).err()?;
        Some(format!("{}: {}", needed.display(), std::io::Error::from(error)))
    })
}

/// Whether a database was made at this path and is there no more.
pub(crate) fn is_gone(path: &Path) -> bool {
    let place = real_place(path);
    !place.exists() && is_marked(&place)
}

/// Whether a database has been here.
pub(super) fn is_marked(place: &Path) -> bool {
    marker(place).exists()
}

/// The generation that the database here had come to; `None`: nothing says so.
pub(super) fn marked_generation(place: &Path) -> Option<u64> {
    let text = fs::read_to_string(marker(place)).ok()?;
    text.lines().find_map(|line| line.strip_prefix("generation ")?.trim().parse().ok())
}

/// Says that a database is here, and which generation it has come to.
pub(super) fn mark(place: &Path, generation: u64) -> std::io::Result<()> {
    let text = format!(
        "A database of baton is kept beside this file. Where it is gone, none is made in its place: `baton restore` \
         puts a backup there, and who wants to begin anew removes this file.\ngeneration {generation}\n"
    );
    write_private(&marker(place), text.as_bytes())
}

/// Writes a small file that its owner alone can read.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = fs::OpenOptions::new();
    options.create(true).truncate(true).write(true).mode(0o600);
    options.open(path)?.write_all(bytes)
}

impl DatabaseFile {
    /// The file at a path; `None`: there is none.
    pub(super) fn at(path: &Path) -> Result<Option<Self>> {
        let place = real_place(path);
        let data = match fs::metadata(&place) {
            Ok(data) => data,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(StoreError::NotPermitted { path: path.to_owned() });
            }
            Err(source) => return Err(StoreError::Make { path: path.to_owned(), source }),
        };
        // To open a pipe would wait for somebody at its other end.
        if !data.is_file() {
            return Err(StoreError::NoDatabase { path: path.to_owned() });
        }
        if rustix::fs::access(&place, rustix::fs::Access::READ_OK).is_err() {
            return Err(StoreError::NotPermitted { path: path.to_owned() });
        }
        Ok(Some(Self { place, identity: identity_of(&data), opened: Mutex::default() }))
    }

    /// Whether the file is somebody else's and may only be read. One's own file, or a whole file system, that cannot be
    /// written is waited for instead.
    pub(super) fn is_for_reading_alone(&self) -> bool {
        use std::os::unix::fs::MetadataExt;
        let is_denied =
            rustix::fs::access(&self.place, rustix::fs::Access::WRITE_OK) == Err(rustix::io::Errno::ACCESS);
        let owner = fs::metadata(&self.place).map(|data| data.uid());
        is_denied && owner.is_ok_and(|owner| owner != rustix::process::geteuid().as_raw())
    }

    pub(super) fn place(&self) -> &Path {
        &self.place
    }

    pub(super) fn identity(&self) -> FileIdentity {
        self.identity
    }

    /// Whether the file that was opened is still the one that has its name.
    pub(super) fn presence(&self) -> FilePresence {
        match fs::metadata(&self.place) {
            Ok(data) if identity_of(&data) == self.identity => FilePresence::Same,
            Ok(_) => FilePresence::Replaced,
            Err(error) if error.kind() == ErrorKind::NotFound => FilePresence::Gone,
            // Whoever cannot look does not know, and SQLite will say what it cannot do.
            Err(_) => FilePresence::Same,
        }
    }

    fn open(&self) -> Result<Arc<File>> {
        let failed = |source| StoreError::Lock { path: self.place.clone(), source };
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &*opened {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(File::open(&self.place).map_err(failed)?);
        // Kept whatever it is: it must not be closed.
        *opened = Some(Arc::clone(&file));
        if identity_of(&file.metadata().map_err(failed)?) != self.identity {
            return Err(StoreError::Gone { path: self.place.clone() });
        }
        Ok(file)
    }

    /// A `-wal` file beside a database that keeps none belongs to another one that was here before, as where a backup was
    /// copied into its place by hand. SQLite would take it for this one's. To be asked before SQLite opens the file.
    pub(super) fn set_stray_log_aside(&self) -> Result<()> {
        use std::os::unix::fs::FileExt;
        let (log, shm) = (beside(&self.place, "-wal"), beside(&self.place, "-shm"));
        let mut header = [0_u8; HEADER];
        if !log.exists() || self.open()?.read_exact_at(&mut header, 0).is_err() {
            return Ok(());
        }
        if header.get(WRITE_VERSION) == Some(&KEEPS_NO_LOG) {
            tracing::warn!(log = %log.display(), "a log of another database is set aside");
            let moved = fs::rename(&log, beside(&self.place, ".stray-wal"));
            moved.map_err(|source| StoreError::Make { path: self.place.clone(), source })?;
            // Made again from nothing; where there is none, there is nothing to remove.
            let _ = fs::remove_file(shm);
        }
        Ok(())
    }

    /// Takes the lock of the process that delivers, without waiting.
    pub(super) fn lock(&self) -> Result<LockOutcome> {
        let file = self.open()?;
        let mut held = held_here();
        if held.contains(&self.identity) {
            return Ok(LockOutcome::Elsewhere);
        }
        match file.try_lock() {
            Ok(()) => {
                held.insert(self.identity);
                Ok(LockOutcome::Ours(DeliveryLock { file, identity: self.identity }))
            }
            Err(TryLockError::WouldBlock) => Ok(LockOutcome::Elsewhere),
            Err(TryLockError::Error(source)) => Err(StoreError::Lock { path: self.place.clone(), source }),
        }
    }

    /// Whether another process delivers on this file by another name: its changes are in a `-wal` file beside that name,
    /// so nobody may read or write by this one. To be asked before SQLite opens the file.
    pub(super) fn is_used_by_another_name(&self) -> Result<bool> {
        if held_here().contains(&self.identity) {
            return Ok(false);
        }
        let file = self.open()?;
        match file.try_lock_shared() {
            Ok(()) => {
                file.unlock().map_err(|source| StoreError::Lock { path: self.place.clone(), source })?;
                return Ok(false);
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(source)) => {
                return Err(StoreError::Lock { path: self.place.clone(), source });
            }
        }
        let Ok(shm) = File::open(beside(&self.place, "-shm")) else { return Ok(true) };
        let wanted = Flock {
            start: SHM_IN_USE,
            length: 1,
            pid: None,
            typ: FlockType::WriteLock,
            offset_type: FlockOffsetType::Set,
        };
        let user = fcntl_getlk(&shm, &wanted);
        Ok(user.is_ok_and(|user| user.is_none()))
    }
}
