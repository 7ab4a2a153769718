//! The disk space that the database has, and a reserve beside it that is given up when there is none left, so
//! that an alert can still be written down and sent.
//!
//! Known limit: another program that fills the disk may take the reserve's place first; then nothing can be told until
//! somebody makes room, and nothing is lost either.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::Store;
use super::database_file::beside;

/// Enough for the few pages that an alert and its mail take, many times over.
const RESERVE: usize = 1024 * 1024;

impl Store {
    /// Bytes that this user can still write on the database's disk; `None` where the system does not say.
    pub(crate) fn room(&self) -> Option<u64> {
        let folder = self.file.place().parent().filter(|folder| !folder.as_os_str().is_empty());
        let disk = rustix::fs::statvfs(folder.unwrap_or_else(|| ".".as_ref())).ok()?;
        disk.f_bavail.checked_mul(disk.f_frsize)
    }

    fn reserve_path(&self) -> PathBuf {
        beside(self.file.place(), ".reserve")
    }

    /// Sets space aside, unless it is. Real blocks, since a sparse file would reserve nothing.
    pub(crate) fn keep_reserve(&self) -> std::io::Result<()> {
        let path = self.reserve_path();
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
        std::fs::remove_file(self.reserve_path()).is_ok()
    }
}

/// A new file, or an old one without its contents, that its owner alone can read.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
