//! What can go wrong with the database, and what of it may pass by itself.

use std::path::PathBuf;

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database {} cannot be opened", path.display())]
    Open {
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    #[error("the database {} cannot be opened: its disk is full", path.display())]
    DiskFull { path: PathBuf, cause: rusqlite::Error },
    #[error("the database {} cannot be opened: its file system is mounted read-only", path.display())]
    ReadOnlyDisk { path: PathBuf, cause: rusqlite::Error },
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
    #[error("the database {} is gone: there was one, and nothing is made in its place", path.display())]
    Gone { path: PathBuf },
    #[error("the database {} may not be used by this user", path.display())]
    NotPermitted { path: PathBuf },
    #[error("the database {} is in use under another name, which a link or a mount has made", path.display())]
    OtherName { path: PathBuf },
    #[error("{} is no backup that can be put in place", path.display())]
    NoBackup {
        path: PathBuf,
        #[source]
        source: Box<StoreError>,
    },
    #[error("the backup cannot be put in the place of {}", path.display())]
    Restore {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("a read-only copy of the database cannot be made in {}", path.display())]
    Scratch {
        path: PathBuf,
        #[source]
        source: std::io::Error,
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
    #[error("{} is there already and is no backup of baton's, so it stays as it is", path.display())]
    OtherFile { path: PathBuf },
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

impl StoreError {
    /// Whether the same write may succeed later: the database is locked, full, or cannot be written for now.
    pub(crate) fn may_pass(&self) -> bool {
        use rusqlite::ErrorCode;
        let is_passing = matches!(
            self.sqlite_code(),
            Some(
                ErrorCode::DatabaseBusy
                    | ErrorCode::DatabaseLocked
                    | ErrorCode::ReadOnly
                    | ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::CannotOpen
            )
        );
        is_passing || matches!(self, StoreError::DiskFull { .. } | StoreError::ReadOnlyDisk { .. })
    }

    /// Whether opening the same database may succeed later although nobody changes the configuration: it is locked, its
    /// disk is full, or mounted read-only.
    pub(crate) fn may_be_opened_later(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        let is_locked = matches!(self.sqlite_code(), Some(DatabaseBusy | DatabaseLocked));
        is_locked || self.is_disk_full() || matches!(self, StoreError::ReadOnlyDisk { .. })
    }

    /// The disk has no room left for what was to be written.
    pub(crate) fn is_disk_full(&self) -> bool {
        matches!(self, StoreError::DiskFull { .. })
            || self.sqlite_code() == Some(rusqlite::ErrorCode::DiskFull)
    }

    /// What SQLite said, also while the format was brought up to date.
    fn sqlite_code(&self) -> Option<rusqlite::ErrorCode> {
        match self {
            StoreError::Sql(source) | StoreError::Open { source, .. } => source.sqlite_error_code(),
            StoreError::Migrate { source, .. } => match source.as_ref() {
                rusqlite_migration::Error::RusqliteError { err, .. } => err.sqlite_error_code(),
                _ => None,
            },
            _ => None,
        }
    }
}
