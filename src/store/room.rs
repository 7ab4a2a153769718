//! The disk space that the database has, and a reserve beside it that is given up when there is none left, so
//! that an alert can still be written down and sent.
//!
//! Known limit: another program that fills the disk may take the reserve's place first; then nothing can be told until
//! somebody makes room, and nothing is lost either.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use rustix::fs::{StatVfs, StatVfsMountFlags};

use super::Store;
use super::database_file::beside;

/// Enough for the few pages that an alert and its mail take, many times over.
const RESERVE: usize = 1024 * 1024;

/// SQLite's shared memory and a first page of its log.
const LEAST: u64 = 64 * 1024;

impl Store {
    /// Bytes that this user can still write on the database's disk; `None` where the system does not say.
    pub(crate) fn room(&self) -> Option<u64> {
        room(self.file.place())
    }

    /// Sets space aside, unless it is. Real blocks, since a sparse file would reserve nothing.
    pub(crate) fn keep_reserve(&self) -> std::io::Result<()> {
        let path = reserve_of(self.file.place());
        let whole = u64::try_from(RESERVE).unwrap_or(u64::MAX);
        if std::fs::metadata(&path).is_ok_and(|data| data.len() >= whole) {
            return Ok(());
        }
        let mut file = private_file(&path)?;
        let filled = file.write_all(&vec![b'.'; RESERVE]).and_then(|()| File::sync_all(&file));
        if filled.is_err() {
            // Half a reserve is no use to anybody.
            std::fs::remove_file(&path)?;
        }
        filled
    }

    /// Gives the reserve up. Returns whether there was one.
    pub(crate) fn release_reserve(&self) -> bool {
        release_reserve(self.file.place())
    }
}

/// The disk of a database, and how it is mounted.
fn disk_of(database: &Path) -> Option<StatVfs> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty());
    rustix::fs::statvfs(folder.unwrap_or_else(|| ".".as_ref())).ok()
}

fn room(database: &Path) -> Option<u64> {
    let disk = disk_of(database)?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// Too little room is left for what every connection needs.
pub(super) fn is_full(database: &Path) -> bool {
    room(database).is_some_and(|room| room < LEAST)
}

pub(super) fn is_read_only(database: &Path) -> bool {
    disk_of(database).is_some_and(|disk| disk.f_flag.contains(StatVfsMountFlags::RDONLY))
}

fn reserve_of(database: &Path) -> PathBuf {
    beside(database, ".reserve")
}

/// Gives the reserve of this database up. Returns whether there was one.
pub(super) fn release_reserve(database: &Path) -> bool {
    std::fs::remove_file(reserve_of(database)).is_ok()
}

/// A new file, or an old one without its contents, that its owner alone can read.
pub(super) fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
