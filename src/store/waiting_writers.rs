//! How processes that wait to write make themselves known to the one that writes on and on.
//!
//! Who waits holds a shared lock on a small file beside the database; who has just written sees it by trying to lock
//! the file alone, which never waits. The system takes the locks of a process that dies, so there is nothing to go
//! stale. Known limit: where the file cannot be locked, somebody is always taken to wait.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::StoreError;

#[derive(Debug)]
pub(super) struct WaitingWriters {
    file: File,
}

/// Held for as long as the process waits.
#[derive(Debug)]
pub(super) struct WaitNotice<'a> {
    file: &'a File,
}

impl Drop for WaitNotice<'_> {
    fn drop(&mut self) {
        // A lock that cannot be given back ends with the process.
        let _ = self.file.unlock();
    }
}

impl WaitingWriters {
    pub(super) fn beside(database: &Path) -> Result<Self, StoreError> {
        let mut name = database.to_owned().into_os_string();
        name.push(".waiting");
        let path = PathBuf::from(name);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(file) => Ok(Self { file }),
            Err(source) => Err(StoreError::Lock { path, source }),
        }
    }

    /// Says that this process waits. `None`: somebody looks who waits in this very moment; to be tried again.
    pub(super) fn announce(&self) -> Option<WaitNotice<'_>> {
        self.file.try_lock_shared().ok().map(|()| WaitNotice { file: &self.file })
    }

    /// Whether another process, or another store of this one, waits to write. Not to be asked while announced.
    pub(super) fn is_anybody(&self) -> bool {
        match self.file.try_lock() {
            Ok(()) => self.file.unlock().is_err(),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        }
    }
}
