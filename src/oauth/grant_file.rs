//! Where grants and tokens are kept: one file beside the database, for its owner alone.
//!
//! It is replaced as a whole, under a lock, so that a reader finds the old or the new one. A grant is refreshed under a
//! lock of its own, which lasts as long as the server takes: whoever comes second finds the first one's token. Both
//! locks hold across processes, and inside of one (`flock` belongs to an open file). Everything here blocks. Known
//! limit: the locks do not reach across machines, as the database does not.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use ring::digest;
use secrecy::zeroize::{Zeroize, Zeroizing};
use serde::{Deserialize, Serialize};

use crate::files;

/// Why the file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GrantFileError {
    #[error("the token file {} is open to others (mode {mode:o}): `chmod 600 {}`", path.display(), path.display())]
    OpenToOthers { path: PathBuf, mode: u32 },
    #[error("the token file {} cannot be used", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("the token file {} cannot be understood; delete it and run `baton login` again", path.display())]
    Damaged { path: PathBuf },
}

/// One grant, and the access token that it last gave.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredGrant {
    /// Which client it was given to; it counts for no other.
    pub client: String,
    /// Another one after every `baton login`.
    pub id: String,
    pub refresh_token: Option<String>,
    pub access_token: Option<String>,
    /// Seconds since 1970.
    pub expires_at: Option<i64>,
    /// Seconds that the access token was given for.
    pub lifetime: Option<i64>,
}

impl StoredGrant {
    /// Nothing yet, for this client.
    pub(crate) fn empty(client: String) -> Self {
        let mut grant = Self::default();
        grant.client = client;
        grant
    }
}

impl std::fmt::Debug for StoredGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredGrant")
            .field("client", &self.client)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl Drop for StoredGrant {
    fn drop(&mut self) {
        self.refresh_token.zeroize();
        self.access_token.zeroize();
    }
}

/// Grants by name.
pub(crate) type Grants = BTreeMap<String, StoredGrant>;

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GrantDocument {
    version: u32,
    grants: Grants,
}

const VERSION: u32 = 1;

/// The file and its locks.
#[derive(Clone, Debug)]
pub(crate) struct GrantFile {
    path: PathBuf,
}

/// Held while a grant is being refreshed.
#[derive(Debug)]
pub(crate) struct RefreshLock {
    _file: File,
}

impl GrantFile {
    pub(crate) fn beside(database: &Path) -> Self {
        Self { path: appended(database, ".tokens") }
    }

    /// All grants; none where there is no file yet.
    pub(crate) fn read(&self) -> Result<Grants, GrantFileError> {
        self.check()?;
        let content = match files::read(&self.path, files::MOST_BYTES) {
            Ok(content) => Zeroizing::new(content),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Grants::new()),
            Err(source) => return Err(self.failed(source)),
        };
        match serde_json::from_slice::<GrantDocument>(&content) {
            Ok(document) if document.version == VERSION => Ok(document.grants),
            _ => Err(GrantFileError::Damaged { path: self.path.clone() }),
        }
    }

    /// Whether the file is its owner's alone, or not there.
    #[cfg(unix)]
    pub(crate) fn check(&self) -> Result<(), GrantFileError> {
        use std::os::unix::fs::PermissionsExt;
        match fs::metadata(&self.path) {
            Ok(metadata) if metadata.permissions().mode() & 0o077 == 0 => Ok(()),
            Ok(metadata) => Err(GrantFileError::OpenToOthers {
                path: self.path.clone(),
                mode: metadata.permissions().mode() & 0o777,
            }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(source) => Err(self.failed(source)),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn check(&self) -> Result<(), GrantFileError> {
        Ok(())
    }

    /// Changes one grant and keeps all others as they are at that moment.
    pub(crate) fn change(
        &self,
        grant: &str,
        change: impl FnOnce(Option<&StoredGrant>) -> Option<StoredGrant>,
    ) -> Result<(), GrantFileError> {
        let lock = self.open_private(&appended(&self.path, ".lock"), false)?;
        lock.lock().map_err(|source| self.failed(source))?;
        let mut grants = self.read()?;
        match change(grants.get(grant)) {
            Some(new) => drop(grants.insert(grant.to_owned(), new)),
            None => drop(grants.remove(grant)),
        }
        let document = GrantDocument { version: VERSION, grants };
        let text = serde_json::to_vec_pretty(&document).map(Zeroizing::new);
        let text = text.map_err(|error| self.failed(error.into()))?;
        let new = appended(&self.path, ".new");
        let mut file = self.open_private(&new, true)?;
        let written = file.write_all(&text).and_then(|()| file.sync_all());
        written.and_then(|()| fs::rename(&new, &self.path)).map_err(|source| self.failed(source))
    }

    /// The right to refresh a grant; `None` while another has it.
    pub(crate) fn try_lock(&self, grant: &str) -> Result<Option<RefreshLock>, GrantFileError> {
        let folder = appended(&self.path, ".locks");
        fs::create_dir_all(&folder).map_err(|source| self.failed(source))?;
        let file = self.open_private(&folder.join(fingerprint(&[grant])), false)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(RefreshLock { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(self.failed(source)),
        }
    }

    fn failed(&self, source: std::io::Error) -> GrantFileError {
        GrantFileError::Io { path: self.path.clone(), source }
    }

    fn open_private(&self, path: &Path, afresh: bool) -> Result<File, GrantFileError> {
        if afresh {
            match fs::remove_file(path) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(self.failed(source));
                }
                _ => {}
            }
        }
        let mut options = OpenOptions::new();
        options.create(!afresh).create_new(afresh).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).map_err(|source| self.failed(source))
    }
}

fn appended(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A short name for these texts together.
pub(crate) fn fingerprint(texts: &[&str]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for text in texts {
        context.update(text.as_bytes());
        context.update(&[0]);
    }
    context.finish().as_ref().iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn grant(token: &str) -> StoredGrant {
        let mut grant = StoredGrant::empty("c".to_owned());
        grant.refresh_token = Some(token.to_owned());
        grant
    }

    #[test]
    fn the_file_is_its_owners_alone_and_refused_otherwise() {
        let dir = tempfile::tempdir().unwrap();
        let file = GrantFile::beside(&dir.path().join("baton.db"));
        assert_eq!(file.read().unwrap(), Grants::new());
        file.change("account dana", |before| before.cloned().or(Some(grant("one")))).unwrap();
        file.change("account calvin", |_| Some(grant("two"))).unwrap();
        assert_eq!(file.read().unwrap().len(), 2);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file.path), 0o600);
        for wide in [0o640, 0o604, 0o660, 0o602] {
            fs::set_permissions(&file.path, fs::Permissions::from_mode(wide)).unwrap();
            let error = file.read().unwrap_err();
            assert!(error.to_string().contains("chmod 600"), "{error}");
            assert!(file.change("x", |_| None).is_err());
        }
        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&file.path, "{\"version\":1,\"grants\":{\"a\":{\"refresh_token\":\"hunter2\"}}}").unwrap();
        let error = file.read().unwrap_err();
        assert!(matches!(error, GrantFileError::Damaged { .. }) && !format!("{error:?}").contains("hunter2"));
        assert!(!format!("{:?}", grant("hunter2")).contains("hunter2"));
    }

    #[test]
    fn one_refreshes_a_grant_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let file = GrantFile::beside(&dir.path().join("baton.db"));
        let first = file.try_lock("account dana").unwrap();
        assert!(first.is_some() && file.try_lock("account dana").unwrap().is_none());
        assert!(file.try_lock("account calvin").unwrap().is_some());
        drop(first);
        assert!(file.try_lock("account dana").unwrap().is_some());
    }
}
