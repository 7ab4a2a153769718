//! What every use case works with: the configuration as the agent needs it, the store, the clock, the
//! templates.
//!
//! Shared behind an `Arc` by every task. Secrets are fetched when a connection needs them and kept nowhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::clock::{Clock, Zones};
use crate::domain::judge::Policy;
use crate::domain::message::Address;
use crate::domain::zone::Zone;
use crate::imap::{Deadlines, FolderName, ImapError, Session};
use crate::mail::ReadOptions;
use crate::store::{Change, Store, StoreError, View};
use crate::templates::Templates;
use crate::tls::Endpoint;

use super::AgentError;

/// Makes an endpoint, its secret freshly fetched. The error is for people, without the secret.
pub type Dial = Arc<dyn Fn() -> Result<Endpoint, String> + Send + Sync>;

/// A mailbox that baton reads and sends from.
#[derive(Clone)]
pub struct Account {
    pub name: String,
    pub address: Address,
    pub imap: Dial,
    pub smtp: Dial,
    /// Watched folders; `None`: INBOX and the `\Sent` folder, or `\All` alone where there is one at Gmail.
    pub folders: Option<Vec<FolderName>>,
    /// Whether baton keeps the copy in Sent; `None`: to be found out.
    pub save_sent: Option<bool>,
    pub authserv: Option<String>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("name", &self.name).finish_non_exhaustive()
    }
}

/// See the module.
#[derive(Debug)]
pub struct House {
    pub policy: Policy,
    pub accounts: BTreeMap<String, Account>,
    pub store: Store,
    pub clock: Clock,
    pub zones: Zones,
    pub default_zone: Arc<dyn Zone>,
    pub templates: Templates,
    pub imap_deadlines: Deadlines,
    pub smtp_deadlines: crate::smtp::Deadlines,
}

impl House {
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn account(&self, name: &str) -> Result<&Account, AgentError> {
        self.accounts.get(name).ok_or_else(|| AgentError::NoAccount { account: name.to_owned() })
    }

    /// A new connection to an account's mailbox.
    pub async fn connect(&self, account: &str) -> Result<Session, AgentError> {
        let account = self.account(account)?;
        let dial = Arc::clone(&account.imap);
        // A secret may come from a program that takes its time.
        let endpoint = tokio::task::spawn_blocking(move || dial()).await.map_err(|_| AgentError::Stopped)?;
        let endpoint =
            endpoint.map_err(|reason| AgentError::Secret { account: account.name.clone(), reason })?;
        Session::connect(&endpoint, self.imap_deadlines)
            .await
            .map_err(|source| AgentError::Imap { account: account.name.clone(), source })
    }

    /// How mail of this account is read.
    pub fn read_options(&self, account: &Account) -> ReadOptions {
        let zones = self.zones.clone();
        ReadOptions {
            authserv: account.authserv.clone(),
            zones: Some(Arc::new(move |name: &str| zones.get(name))),
            ..ReadOptions::default()
        }
    }

    /// Runs `work` in one transaction, off the async threads.
    pub async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&House, &Change<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, AgentError> {
        let house = Arc::clone(self);
        tokio::task::spawn_blocking(move || house.store.write(|change| work(&house, change)))
            .await
            .map_err(|_| AgentError::Stopped)?
            .map_err(AgentError::Store)
    }

    /// Reads one state of the database, off the async threads.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&House, &View<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, AgentError> {
        let house = Arc::clone(self);
        tokio::task::spawn_blocking(move || house.store.read(|view| work(&house, view)))
            .await
            .map_err(|_| AgentError::Stopped)?
            .map_err(AgentError::Store)
    }
}

/// Names an IMAP error's account.
pub fn at<T>(account: &str, outcome: Result<T, ImapError>) -> Result<T, AgentError> {
    outcome.map_err(|source| AgentError::Imap { account: account.to_owned(), source })
}
