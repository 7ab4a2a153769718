//! Which watched folders have a living connection: while there is one, the server tells of new mail by itself, so the
//! mailbox counts as read although nothing had to be fetched. docs/behaviour.md section 15.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::imap::FolderName;

/// Of each account: the folders that are to be watched, and those that are.
type Folders = BTreeMap<String, (BTreeSet<FolderName>, BTreeSet<FolderName>)>;

/// Shared by the tasks that watch and the one that says so.
#[derive(Clone, Debug, Default)]
pub(crate) struct LiveConnections(Arc<Mutex<Folders>>);

/// One living connection; it counts until this is dropped.
#[derive(Debug)]
pub(crate) struct WatchedConnection {
    connections: LiveConnections,
    account: String,
    folder: FolderName,
}

impl LiveConnections {
    fn held(&self) -> MutexGuard<'_, Folders> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// These folders of the account are to be watched.
    pub(crate) fn expect(&self, account: &str, folders: impl Iterator<Item = FolderName>) {
        self.held().entry(account.to_owned()).or_default().0 = folders.collect();
    }

    /// The folder was read to the present, and its connection lives.
    pub(crate) fn begin(&self, account: &str, folder: &FolderName) -> WatchedConnection {
        self.held().entry(account.to_owned()).or_default().1.insert(folder.clone());
        WatchedConnection { connections: self.clone(), account: account.to_owned(), folder: folder.clone() }
    }

    /// Whether every folder of the account that is to be watched is.
    pub(crate) fn has_all_of(&self, account: &str) -> bool {
        self.held().get(account).is_some_and(|(wanted, live)| !wanted.is_empty() && wanted.is_subset(live))
    }
}

impl Drop for WatchedConnection {
    fn drop(&mut self) {
        if let Some((_, live)) = self.connections.held().get_mut(&self.account) {
            live.remove(&self.folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_seen_while_each_of_its_folders_is() {
        let connections = LiveConnections::default();
        let (inbox, sent) = (FolderName::inbox(), FolderName::new("Sent"));
        assert!(!connections.has_all_of("dana"));
        connections.expect("dana", [inbox.clone(), sent.clone()].into_iter());
        let first = connections.begin("dana", &inbox);
        assert!(!connections.has_all_of("dana"));
        let second = connections.begin("dana", &sent);
        assert!(connections.has_all_of("dana"));
        drop(first);
        assert!(!connections.has_all_of("dana"));
        drop(second);
    }
}
