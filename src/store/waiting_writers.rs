//! How processes that wait to write make themselves known to the one that writes on and on.
//!
//! Who waits holds a shared lock on a small file beside the database; who has just written sees it by trying to lock
//! the file alone, which never waits. The system takes the locks of a process that dies, so there is nothing to go
//! stale. Known limit: where the file cannot be locked, somebody is always taken to wait.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use super::database_file::beside;

#[derive(Debug)]
pub(super) struct WaitingWriters {
    file: Option<File>,
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
    /// Where the file cannot be made, nobody is known to wait.
    pub(super) fn beside(database: &Path) -> Self {
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Self { file: options.open(beside(database, ".waiting")).ok() }
    }

    /// Says that this process waits. `None`: somebody looks who waits in this very moment; to be tried again.
    pub(super) fn announce(&self) -> Option<WaitNotice<'_>> {
        let file = self.file.as_ref()?;
        file.try_lock_shared().ok().map(|()| WaitNotice { file })
    }

    /// Whether another process, or another store of this one, waits to write. Not to be asked while announced.
    pub(super) fn is_anybody(&self) -> bool {
        let Some(file) = &self.file else { return false };
        match file.try_lock() {
            Ok(()) => file.unlock().is_err(),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        }
    }
}
