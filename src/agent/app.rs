//! What every use case works with: the configuration as the agent needs it, the store, the clock, the
//! templates.
//!
//! Shared behind an `Arc` by every task. Transactions go to the database's own threads, so a task that waits for one
//! keeps no other from running.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};

use crate::clock::{Clock, Zones, monotonic};
use crate::config::{ConfiguredEndpoint, Protection};
use crate::domain::judge::Policy;
use crate::domain::message::{Address, Headers, MessageBody};
use crate::domain::zone::{Zone, ZoneSource};
use crate::files;
use crate::imap::{CommandTimeouts, FolderName, ImapError, ImapSession};
use crate::mail::scheduler::SchedulingTool;
use crate::mail::{LetterText, MailDetails, ReadOptions, details, letter_text, read};
use crate::store::{Priority, ReadTransaction, Store, StoreError, WriteTransaction};
use crate::templates::Templates;
use crate::tls::{Security, ServerLogin};

use super::AgentError;
use super::clock_trust::{self, ClockWatch};
use super::connecting::{Connections, Urgency, is_about_attempts, is_about_connections};
use super::credentials::{CredentialError, Credentials};
use super::interest::Claims;
use super::kept_mailboxes::MailboxAccess;
use super::last_look::LookTimeouts;
use super::live_connections::LiveConnections;
use super::parser_threads::{ParserEnd, on_parser_thread};
use super::unwritten::UnwrittenAnswers;

/// A mailbox that baton reads and sends from.
#[derive(Clone, Debug)]
pub struct MailAccount {
    pub name: String,
    pub address: Address,
    pub imap: ConfiguredEndpoint,
    pub smtp: ConfiguredEndpoint,
    /// The name that it logs in by.
    pub login: String,
    /// A PEM file of roots to trust beside the platform's.
    pub ca: Option<PathBuf>,
    /// Watched folders; `None`: INBOX and the `\Sent` folder, or `\All` alone where there is one at Gmail.
    pub folders: Option<Vec<FolderName>>,
    /// Whether baton keeps the copy in Sent; `None`: to be found out.
    pub save_sent: Option<bool>,
    pub authserv: Option<String>,
    /// The name to introduce oneself by at the submission server.
    pub helo: Option<String>,
}

/// How often an errand knocks at a server that allows no more connections, and how long it waits in between.
const CONNECT_TRIES: u32 = 4;
const BETWEEN_CONNECTS: Duration = Duration::from_millis(700);

/// Work that keeps others from writing for longer is logged, with its place in the code.
const LONG_WRITE: Duration = Duration::from_millis(50);

/// What the team demands of every record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordRules {
    /// Trigger conditions beyond the four of the playbook.
    pub conditions: Vec<String>,
    /// Rivals to look for in what prospects write.
    pub competitors: Vec<String>,
}

/// See the module.
#[derive(Debug)]
pub struct App {
    pub policy: Policy,
    pub record_rules: RecordRules,
    pub accounts: BTreeMap<String, MailAccount>,
    /// What the sessions with each account's mailbox depend on.
    pub(crate) access: BTreeMap<String, MailboxAccess>,
    pub credentials: Credentials,
    pub store: Arc<Store>,
    /// What mail the open handoffs claim, as last looked at.
    pub(crate) claims: Claims,
    pub clock: Clock,
    pub zones: Zones,
    pub default_zone: Arc<dyn Zone>,
    pub templates: Templates,
    /// Scheduling tools, the configured ones included.
    pub tools: Arc<[SchedulingTool]>,
    pub imap_deadlines: CommandTimeouts,
    pub smtp_deadlines: crate::smtp::SmtpTimeouts,
    pub look_deadlines: LookTimeouts,
    /// Digest of the configuration that this was made from.
    pub configuration: String,
    /// Which folders are being watched over a living connection.
    pub(crate) live_connections: LiveConnections,
    /// Whether it goes on from an earlier one of this process, whose configuration has changed since.
    pub(crate) is_reloaded: bool,
    /// An alert was raised or resolved outside of the agent's own tasks.
    pub(crate) alert_raised: tokio::sync::Notify,
    /// When this process began to deliver, in milliseconds since 1970; 0: it has not.
    pub delivers_since: AtomicI64,
    /// What servers answered and could not be written yet; written before anything else.
    pub(crate) unwritten: UnwrittenAnswers,
    /// Set when the process is to end: nothing new leaves.
    pub stopping: AtomicBool,
    pub connections: Connections,
    /// How many accounts a pass serves, and how many mails it hands over, at the same time at most. With one, what it
    /// does has a fixed order.
    pub at_once: usize,
    /// How the wall clock stood to the boot clock when they were last compared.
    pub(crate) clock_watch: ClockWatch,
}

impl App {
    /// The present, whole seconds: the wall clock's, unless that was set back and nothing says that this is right.
    pub fn now(&self) -> DateTime<Utc> {
        self.exact_now().trunc_subsecs(0)
    }

    /// The same with fractions.
    pub(crate) fn exact_now(&self) -> DateTime<Utc> {
        self.clock.exact_now() + self.clock_watch.behind(&self.clock, clock_trust::tolerance(self))
    }

    /// Waits until that is `at` or later.
    pub(crate) async fn sleep_until(&self, at: DateTime<Utc>) {
        let behind = self.clock_watch.behind(&self.clock, clock_trust::tolerance(self));
        self.clock.sleep_until(at - behind).await;
    }

    pub(crate) fn account(&self, name: &str) -> Result<&MailAccount, AgentError> {
        self.accounts.get(name).ok_or_else(|| AgentError::NoAccount { account: name.to_owned() })
    }

    /// The zone of that name, or the machine's where the rules know none.
    pub(crate) fn zone_or_default(&self, name: &str) -> Arc<dyn Zone> {
        self.zones.zone(name).unwrap_or_else(|| self.default_zone.clone())
    }

    /// The zone of a person's clock.
    pub(crate) fn zone_of(&self, person: &str) -> Arc<dyn Zone> {
        let person = self.policy.person(person);
        person.map_or_else(|| self.default_zone.clone(), |person| person.working.zone.clone())
    }

    /// When this process began to deliver, to the millisecond; `None`: it has not.
    pub(crate) fn delivers_since_exactly(&self) -> Option<DateTime<Utc>> {
        let at = self.delivers_since.load(Ordering::Relaxed);
        DateTime::from_timestamp_millis(at).filter(|_| at != 0)
    }

    /// The same as all other instants are, whole seconds.
    pub(crate) fn delivers_since(&self) -> Option<DateTime<Utc>> {
        self.delivers_since_exactly().map(|at| at.trunc_subsecs(0))
    }

    /// It begins to deliver, unless it has already.
    pub(crate) fn begin_delivery(&self) {
        let at = self.exact_now().timestamp_millis();
        // Whoever was first is right.
        let _ = self.delivers_since.compare_exchange(0, at, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// A new connection to an account's mailbox, for something that cannot wait: a person, a verdict, mail that is to
    /// leave. Where the server allows no more connections, those that watch the account make room.
    pub async fn connect(&self, account: &str) -> Result<ImapSession, AgentError> {
        if let Some(wait) = self.connections.held_for(account) {
            // Whoever has other things to do does them meanwhile.
            let text = format!("the server wants to be left alone for {} s more", wait.as_secs() + 1);
            return with_account(account, Err(ImapError::Temporary { text }));
        }
        match self.connect_to_watch(account, Urgency::Verdict).await {
            Err(AgentError::Imap { source: ImapError::Temporary { text }, .. })
                if is_about_connections(&text) || self.connections.is_full(account) =>
            {
                let room = self.connections.make_room(account).await;
                // The server may take a moment to notice that a connection has ended.
                for _ in 1..CONNECT_TRIES {
                    if let Ok(mut session) = self.connect_to_watch(account, Urgency::Verdict).await {
                        session.keep(room);
                        return Ok(session);
                    }
                    tokio::time::sleep(BETWEEN_CONNECTS).await;
                }
                // What the server said first counts, whatever became of the other attempts.
                let said = ImapError::Temporary { text };
                let outcome = self.connect_to_watch(account, Urgency::Verdict).await;
                let mut session = outcome.or_else(|_| with_account(account, Err(said)))?;
                session.keep(room);
                Ok(session)
            }
            outcome => outcome,
        }
    }

    /// The same for a connection that stays, or that can wait. What the server says of how often and how many is minded.
    pub(crate) async fn connect_to_watch(
        &self,
        account: &str,
        urgency: Urgency,
    ) -> Result<ImapSession, AgentError> {
        let account = self.account(account)?;
        if let Some(wait) = self.connections.held_for(&account.name) {
            tokio::time::sleep(wait).await;
        }
        let no_login = |source| AgentError::Credentials { account: account.name.clone(), source };
        let mut endpoint = self.server_login(account, &account.imap).await.map_err(no_login)?;
        let turn = self.connections.turn(&account.imap.host, urgency).await;
        let mut outcome = ImapSession::connect(&endpoint, self.imap_deadlines).await;
        if matches!(outcome, Err(ImapError::LoginRefused { .. }))
            && self.renew(account, &mut endpoint).await.map_err(no_login)?
        {
            outcome = ImapSession::connect(&endpoint, self.imap_deadlines).await;
            if matches!(outcome, Err(ImapError::LoginRefused { .. })) {
                self.credentials.note_refused_renewal(&account.name, &endpoint);
            }
        }
        drop(turn);
        match &outcome {
            Err(ImapError::Temporary { text }) if is_about_connections(text) => {
                self.connections.learn_limit(&account.name);
            }
            Err(ImapError::Temporary { text }) if is_about_attempts(text) => {
                let wait = self.connections.hold_off(&account.name);
                tracing::warn!(account = account.name, ?wait, text, "the server wants to be left alone");
            }
            Err(
                ImapError::Temporary { text }
                | ImapError::LoginRefused { text, .. }
                | ImapError::Unreachable { reason: text, .. },
            ) if self.connections.refused(&account.name) => {
                outcome = Err(ImapError::Temporary { text: text.clone() });
            }
            Err(ImapError::Closed { .. }) if self.connections.refused(&account.name) => {
                let text = "the server ended the connection during the login".to_owned();
                outcome = Err(ImapError::Temporary { text });
            }
            _ => {}
        }
        let mut session = with_account(&account.name, outcome)?;
        session.keep(self.connections.opened(&account.name));
        Ok(session)
    }

    /// After a refused login, gives the endpoint another token; whether there is one. A server may end a token before
    /// its time.
    pub(crate) async fn renew(
        &self,
        account: &MailAccount,
        endpoint: &mut ServerLogin,
    ) -> Result<bool, CredentialError> {
        let renewed = self.credentials.renewed(&account.name, endpoint, self.now()).await?;
        let is_renewed = renewed.is_some();
        if let Some(auth) = renewed {
            endpoint.auth = auth;
        }
        Ok(is_renewed)
    }

    /// What one connection to this server of an account needs, its secret freshly fetched.
    pub(crate) async fn server_login(
        &self,
        account: &MailAccount,
        server: &ConfiguredEndpoint,
    ) -> Result<ServerLogin, CredentialError> {
        let auth = self.credentials.credentials(&account.name, self.now()).await?;
        let extra_ca = match &account.ca {
            Some(path) => Some(files::read_aside(path).await.map_err(|error| {
                CredentialError::NeedsPerson { reason: format!("{} cannot be read: {error}", path.display()) }
            })?),
            None => None,
        };
        Ok(ServerLogin {
            host: server.host.clone(),
            port: server.port,
            security: match server.protection {
                Protection::Tls => Security::Tls,
                Protection::StartTls => Security::StartTls,
                Protection::Plain => Security::Plain,
            },
            extra_ca,
            login: account.login.clone(),
            auth,
        })
    }

    /// How mail of this account is read.
    pub(crate) fn read_options(&self, account: &MailAccount) -> ReadOptions {
        let zones = self.zones.clone();
        ReadOptions {
            authserv: account.authserv.clone(),
            zones: Some(Arc::new(move |name: &str| zones.get(name))),
            schedulers: Arc::clone(&self.tools),
        }
    }

    /// Runs `work` in one transaction: what the agent does by itself.
    pub async fn write<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&App, &WriteTransaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, AgentError> {
        self.write_with(Priority::Background, work).await
    }

    /// Runs `work` in one transaction for which a person waits.
    pub(crate) async fn write_for_command<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&App, &WriteTransaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, AgentError> {
        self.write_with(Priority::Command, work).await
    }

    pub(crate) async fn write_with<T: Send + 'static>(
        self: &Arc<Self>,
        priority: Priority,
        work: impl FnOnce(&App, &WriteTransaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, AgentError> {
        let (app, name) = (Arc::clone(self), std::any::type_name_of_val(&work));
        let timed = move |tx: &WriteTransaction<'_>| {
            let began = monotonic();
            let outcome = work(&app, tx);
            let passed = began.elapsed();
            if passed > LONG_WRITE {
                tracing::debug!(?passed, work = name, "work in a write transaction took long");
            }
            outcome
        };
        Ok(self.store.write(priority, timed).await?)
    }

    /// Reads one state of the database.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&App, &ReadTransaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, AgentError> {
        let app = Arc::clone(self);
        Ok(self.store.read(move |tx| work(&app, tx)).await?)
    }
}

/// Reads a message of `account`. It may be megabytes long, which would hold up every task of an async thread.
pub(crate) async fn read_message(
    account: &str,
    bytes: Vec<u8>,
    options: ReadOptions,
) -> Result<(Headers, MessageBody), AgentError> {
    parsed(account, move || read(&bytes, &options)).await
}

/// The same with what a form needs beside it.
pub(crate) async fn read_with_details(
    account: &str,
    bytes: Vec<u8>,
    options: ReadOptions,
) -> Result<(Headers, MessageBody, MailDetails), AgentError> {
    parsed(account, move || {
        let (headers, body) = read(&bytes, &options);
        (headers, body, details(&bytes))
    })
    .await
}

/// The whole text of a message that may be a letter.
pub(crate) async fn read_letter_text(account: &str, bytes: Vec<u8>) -> Result<LetterText, AgentError> {
    parsed(account, move || letter_text(&bytes)).await
}

/// Runs a parser on a thread for that. One message that makes it panic is no reason to end.
async fn parsed<T: Send + 'static>(
    account: &str,
    parser: impl FnOnce() -> T + Send + 'static,
) -> Result<T, AgentError> {
    on_parser_thread(parser).await.map_err(|end| match end {
        ParserEnd::Panicked => AgentError::ParserPanicked { account: account.to_owned() },
        ParserEnd::NoThreads => AgentError::Stopped,
    })
}

/// Names an IMAP error's account.
pub(crate) fn with_account<T>(account: &str, outcome: Result<T, ImapError>) -> Result<T, AgentError> {
    outcome.map_err(|source| AgentError::Imap { account: account.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_parser_that_panics_is_the_failure_of_one_message() {
        let outcome = parsed("dana", || -> usize { panic!("on purpose") }).await;
        assert!(matches!(outcome, Err(AgentError::ParserPanicked { account }) if account == "dana"));
        assert!(matches!(parsed("dana", || 1).await, Ok(1)));
    }
}
