//! The connections that one account's mail leaves over: a few at a time, each used for one mail after the other.
//!
//! How many a server allows is learnt from its answers. A connection is asked whether it is still there before another
//! mail is given to it, so that none is lost with one that is not. None is kept beyond a burst: what a server goes by may
//! change meanwhile, and most mails leave alone.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::clock::monotonic;
use crate::smtp::{Delivery, SmtpConnection, SubmissionServer};

use super::app::App;
use super::credentials::CredentialError;

/// Connections of one account at the same time. What hosted providers allow is more; a burst gains little by it.
pub(crate) const CONNECTIONS: usize = 4;

/// As many mails leave over one connection; some servers allow no more.
const MAILS_EACH: u32 = 80;

/// An account that cannot be submitted to is not tried again by each mail of a burst.
const FAILURE_HOLDS: Duration = Duration::from_secs(3);

/// A connection and the mails that have left over it.
#[derive(Debug)]
struct PooledConnection {
    connection: SmtpConnection,
    mails: u32,
}

#[derive(Debug, Default)]
struct PoolState {
    idle: Vec<PooledConnection>,
    open: usize,
    last_failure: Option<(Instant, Delivery)>,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct SubmissionPool {
    account: String,
    allowed: Semaphore,
    state: Mutex<PoolState>,
}

/// A connection for one mail. Dropped, it is closed; [`PoolLease::give_back`] keeps it.
#[derive(Debug)]
pub(crate) struct PoolLease<'a> {
    pool: &'a SubmissionPool,
    pooled: Option<PooledConnection>,
    permit: Option<SemaphorePermit<'a>>,
}

/// A place among the open connections, which is given up unless it is kept.
struct OpenPlace<'a>(Option<&'a SubmissionPool>);

impl<'a> OpenPlace<'a> {
    fn take(pool: &'a SubmissionPool) -> Self {
        pool.held().open += 1;
        Self(Some(pool))
    }

    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for OpenPlace<'_> {
    fn drop(&mut self) {
        if let Some(pool) = self.0 {
            pool.held().open -= 1;
        }
    }
}

/// Why no connection was opened.
enum OpenFailure {
    /// The server allows no more than are open.
    TooMany,
    Account(Delivery),
}

impl SubmissionPool {
    pub(crate) fn new(account: &str) -> Self {
        Self { account: account.to_owned(), allowed: Semaphore::new(CONNECTIONS), state: Mutex::default() }
    }

    pub(crate) fn account(&self) -> &str {
        &self.account
    }

    fn held(&self) -> MutexGuard<'_, PoolState> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection that is ready for a mail: one that is idle, or a new one. `is_awaited`: a person waits for this
    /// mail, so a failure of a moment ago decides nothing.
    pub(crate) async fn connection(
        &self,
        app: &Arc<App>,
        is_awaited: bool,
    ) -> Result<PoolLease<'_>, Delivery> {
        loop {
            let Ok(permit) = self.allowed.acquire().await else { return Err(Delivery::Stopped) };
            let mut lease = PoolLease { pool: self, pooled: None, permit: Some(permit) };
            let idle = self.held().idle.pop();
            if let Some(pooled) = idle {
                // Dropped where it does not answer, also in the middle.
                lease.pooled = Some(pooled);
                if let Some(connection) = lease.connection()
                    && connection.reset().await
                {
                    return Ok(lease);
                }
                lease.close();
            }
            match self.opened(app, is_awaited).await {
                Ok(pooled) => {
                    lease.pooled = Some(pooled);
                    return Ok(lease);
                }
                Err(OpenFailure::TooMany) => {
                    // This mail waits for one of those that are open. One always keeps its permit.
                    if let Some(permit) = lease.permit.take() {
                        permit.forget();
                    }
                }
                Err(OpenFailure::Account(failure)) => return Err(failure),
            }
        }
    }

    async fn opened(&self, app: &Arc<App>, is_awaited: bool) -> Result<PooledConnection, OpenFailure> {
        if let (false, Some((at, failure))) = (is_awaited, self.held().last_failure.clone())
            && at.elapsed() < FAILURE_HOLDS
        {
            return Err(OpenFailure::Account(failure));
        }
        // One that is being opened counts: of several at the same time, all but one may be too many.
        let place = OpenPlace::take(self);
        let opened = self.open(app).await;
        match opened {
            Ok(connection) => {
                place.keep();
                self.held().last_failure = None;
                Ok(PooledConnection { connection, mails: 0 })
            }
            // It serves us, and not as often as this at the same time.
            Err(Delivery::Deferred { text, .. }) if self.held().open > 1 => {
                tracing::info!(account = %self.account, text, "the server allows no more connections");
                Err(OpenFailure::TooMany)
            }
            Err(failure) => {
                self.held().last_failure = Some((monotonic(), failure.clone()));
                Err(OpenFailure::Account(failure))
            }
        }
    }

    async fn open(&self, app: &Arc<App>) -> Result<SmtpConnection, Delivery> {
        let account =
            app.account(&self.account).map_err(|error| Delivery::LoginRefused { text: error.to_string() })?;
        let mut login = app.server_login(account, &account.smtp).await.map_err(|error| no_login(&error))?;
        let helo = account.helo.as_deref();
        let opened = SmtpConnection::open(SubmissionServer { login: &login, helo }, app.smtp_deadlines).await;
        if !matches!(opened, Err(Delivery::LoginRefused { .. }))
            || !app.renew(account, &mut login).await.map_err(|error| no_login(&error))?
        {
            return opened.map_err(|failure| failure.at(&login));
        }
        let opened = SmtpConnection::open(SubmissionServer { login: &login, helo }, app.smtp_deadlines).await;
        if matches!(opened, Err(Delivery::LoginRefused { .. })) {
            app.credentials.note_refused_renewal(&account.name, &login);
        }
        opened.map_err(|failure| failure.at(&login))
    }

    /// Says goodbye on what is open.
    pub(crate) async fn close(&self) {
        let idle = {
            let mut state = self.held();
            state.open -= state.idle.len();
            std::mem::take(&mut state.idle)
        };
        futures::future::join_all(idle.into_iter().map(|pooled| pooled.connection.leave())).await;
    }
}

/// An attempt without anything to log in with.
fn no_login(error: &CredentialError) -> Delivery {
    let text = error.to_string();
    match error {
        CredentialError::NeedsPerson { .. } => Delivery::LoginRefused { text },
        // The mailbox lacks the same grant, and whoever reads it tells the operator, once.
        CredentialError::NoGrant { .. }
        | CredentialError::Later { .. }
        | CredentialError::NoTokenYet { .. } => Delivery::Unreachable { reason: text },
    }
}

impl PoolLease<'_> {
    pub(crate) fn connection(&mut self) -> Option<&mut SmtpConnection> {
        self.pooled.as_mut().map(|pooled| &mut pooled.connection)
    }

    /// After a mail: the next may have the connection, unless something went otherwise than it should.
    pub(crate) fn give_back(mut self) {
        let Some(mut pooled) = self.pooled.take() else { return };
        pooled.mails += 1;
        let mut state = self.pool.held();
        if pooled.connection.is_usable() && pooled.mails < MAILS_EACH {
            state.idle.push(pooled);
        } else {
            state.open -= 1;
        }
    }
}

impl PoolLease<'_> {
    fn close(&mut self) {
        if self.pooled.take().is_some() {
            self.pool.held().open -= 1;
        }
    }
}

impl Drop for PoolLease<'_> {
    fn drop(&mut self) {
        self.close();
    }
}
