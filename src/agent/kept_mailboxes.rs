//! Mailboxes whose sessions outlive the configuration by which they were opened.
//!
//! Where another configuration is to hold, whoever watches a mailbox gives its sessions back. The next configuration goes
//! on with those that would be no others by it; the rest are closed, and opened anew. docs/reload.md.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ring::digest::{SHA256, digest};

use crate::config::{Account, Config, ConfiguredAuth, ConfiguredEndpoint, TokenFlow};

use super::app::App;
use super::folder_watch::{FolderGroup, PausedWatch};

/// How long a watch may take to come to a point at which its session can be given back. One that is in the middle of
/// much mail is ended, and begins anew.
pub(super) const PAUSE_WITHIN: Duration = Duration::from_millis(1500);

/// The sessions of one account.
#[derive(Debug)]
pub(super) struct KeptMailbox {
    /// In the order in which they were planned.
    pub(super) groups: Vec<(FolderGroup, Option<Box<PausedWatch>>)>,
    /// How many connections the account was allowed then.
    pub(super) planned: usize,
}

/// See the module. By the name of the account.
#[derive(Debug, Default)]
pub(crate) struct KeptMailboxes(BTreeMap<String, KeptMailbox>);

impl KeptMailboxes {
    pub(super) fn put(&mut self, account: String, mailbox: KeptMailbox) {
        self.0.insert(account, mailbox);
    }

    pub(super) fn take(&mut self, account: &str) -> Option<KeptMailbox> {
        self.0.remove(account)
    }

    /// Closes those that the new configuration has not, or reaches otherwise than the old one.
    pub(crate) fn hand_over(&mut self, old: &App, new: &App) {
        let changed = |account: &String| new.access.get(account) != old.access.get(account);
        for account in new.access.keys().filter(|account| changed(account)) {
            new.connections.forget_limits(account);
        }
        self.0.retain(|account, _| new.access.contains_key(account) && !changed(account));
    }
}

/// What the sessions with an account's mailbox depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MailboxAccess {
    imap: ConfiguredEndpoint,
    login: String,
    auth: ConfiguredAuth,
    /// Whose grant is used where the account has none of its own.
    shared_grant: Option<String>,
    folders: Option<Vec<String>>,
    ca: Option<NamedFile>,
    /// A service account's key.
    key: Option<NamedFile>,
}

/// A file that the configuration names, and a digest of what is in it (`None`: it cannot be read).
type NamedFile = (PathBuf, Option<Vec<u8>>);

impl MailboxAccess {
    /// Those of all accounts. Reads each certificate and key file once.
    pub(crate) fn of_all(config: &Config) -> BTreeMap<String, Self> {
        let mut files = BTreeMap::new();
        let accounts = config.accounts.iter();
        accounts.map(|(name, account)| (name.clone(), Self::of(account, &mut files))).collect()
    }

    fn of(account: &Account, files: &mut BTreeMap<PathBuf, Option<Vec<u8>>>) -> Self {
        let mut named = |path: &Path| -> NamedFile {
            let content = files.entry(path.to_owned()).or_insert_with(|| {
                let content = crate::files::read(path, crate::files::MOST_BYTES).ok()?;
                Some(digest(&SHA256, &content).as_ref().to_vec())
            });
            (path.to_owned(), content.clone())
        };
        let key_file = match &account.auth {
            ConfiguredAuth::OAuth2(oauth2) => match &oauth2.flow {
                TokenFlow::ServiceAccount { key_file, .. } => Some(key_file),
                TokenFlow::ClientCredentials { .. } | TokenFlow::Consent(_) => None,
            },
            ConfiguredAuth::Password(_) => None,
        };
        Self {
            imap: account.imap.clone(),
            login: account.login.clone(),
            auth: account.auth.clone(),
            shared_grant: account.shared_grant.clone(),
            folders: account.folders.clone(),
            ca: account.ca.as_deref().map(&mut named),
            key: key_file.map(|path| named(path)),
        }
    }
}
