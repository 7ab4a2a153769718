//! The right to deliver: the lock on the database's file, the lease in the database, and what withholds both.
//!
//! The caller holds the lock. Nothing leaves while the database is being caught up with the mailboxes (`catch_up`), or
//! after another agent was found to live on a copy of it (`own_mails`). docs/behaviour.md section 15.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::mails::MailKind;
use crate::store::{
    DeliveryLock, FilePresence, LeaseOutcome, LockOutcome, OutboxRow, ReadTransaction, Result as Stored,
    StoreError,
};

use super::AgentError;
use super::app::App;
use super::clock_trust;
use super::disk::{DatabasePause, tell_of_pause};

/// How often the file is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often the lease is renewed; it lapses after five times as much.
const RENEW_EVERY: Duration = Duration::from_secs(12);

/// How long giving the lease back may take: a database that is locked holds no process up that ends.
const GIVE_BACK: Duration = Duration::from_millis(300);

/// Under this name the store remembers the alert about another agent.
pub(crate) const ANOTHER_AGENT: &str = "another-agent";

/// What keeps everything from leaving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Withheld {
    /// The mailboxes have to be read first.
    UntilCaughtUp,
    /// Another agent lives on a copy of the database.
    AnotherAgent,
}

/// Takes the lease, which goes with the file's lock, and notes when this process began to deliver.
pub async fn take_lease(app: &Arc<App>) -> Result<(), AgentError> {
    check_file(app)?;
    clock_trust::recall(app).await?;
    let now = app.now();
    match app.store.take_lease(now).await? {
        LeaseOutcome::Taken => {
            app.begin_delivery();
            Ok(())
        }
        LeaseOutcome::Elsewhere { until } => {
            Err(AgentError::LeasedElsewhere { path: app.store.path().to_owned(), until })
        }
    }
}

/// Lock and lease, where nobody else has either.
pub(crate) async fn take_if_free(app: &Arc<App>) -> Result<Option<DeliveryLock>, AgentError> {
    let LockOutcome::Ours(lock) = app.store.lock()? else { return Ok(None) };
    match take_lease(app).await {
        Ok(()) => Ok(Some(lock)),
        Err(AgentError::LeasedElsewhere { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Gives lease and lock back. A lease that cannot be given back is that of a dead process soon.
pub(crate) async fn give_back(app: &Arc<App>, lock: DeliveryLock) {
    match tokio::time::timeout(GIVE_BACK, app.store.release_lease()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "the lease stays until it lapses"),
        Err(_) => tracing::warn!("the lease stays until it lapses, since the database is locked"),
    }
    drop(lock);
}

/// What keeps everything from leaving, for this database.
pub(crate) fn withheld(tx: &ReadTransaction<'_>) -> Stored<Option<Withheld>> {
    if tx.stopped()?.is_some() {
        return Ok(Some(Withheld::AnotherAgent));
    }
    Ok(tx.behind()?.map(|_| Withheld::UntilCaughtUp))
}

/// Whether this mail may leave from this process now.
pub(crate) fn may_leave(app: &App, tx: &ReadTransaction<'_>, row: &OutboxRow) -> Stored<bool> {
    if !tx.is_leased_to(app.store.owner())? {
        tracing::warn!(seq = row.seq, "the lease is not this process's, so nothing leaves");
        return Ok(false);
    }
    Ok(match withheld(tx)? {
        None => true,
        // What has happened is to be told all the same.
        Some(Withheld::AnotherAgent) => {
            row.key.kind == MailKind::Trouble && row.key.about.starts_with(ANOTHER_AGENT)
        }
        Some(Withheld::UntilCaughtUp) => false,
    })
}

/// An error where the database's file is not the one any more that was opened.
pub(crate) fn check_file(app: &App) -> Result<(), AgentError> {
    let path = || app.store.path().to_owned();
    match app.store.presence() {
        FilePresence::Same => Ok(()),
        FilePresence::Gone => Err(AgentError::DatabaseGone { path: path(), what: "is gone" }),
        FilePresence::Replaced => {
            Err(AgentError::DatabaseGone { path: path(), what: "was replaced by another file" })
        }
    }
}

/// Ends with an error once the file is gone or another process has the lease. Tells what kept the database locked.
pub(crate) async fn keep(app: Arc<App>) -> Result<(), AgentError> {
    let mut since_renewal = Duration::ZERO;
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        check_file(&app)?;
        if let Some(waited) = app.store.take_long_wait() {
            let since = app.now() - TimeDelta::from_std(waited).unwrap_or_default();
            let reason = "another program kept the database locked".to_owned();
            tell_of_pause(&app, DatabasePause { since, reason }).await?;
        }
        since_renewal += LOOK_EVERY;
        if since_renewal < RENEW_EVERY {
            continue;
        }
        since_renewal = Duration::ZERO;
        match app.store.renew_lease(app.now()).await {
            Ok(true) => {}
            Ok(false) => return Err(AgentError::LeaseLost { path: app.store.path().to_owned() }),
            // It is renewed soon; until then the lease goes on.
            Err(error) if error.may_pass() => {
                tracing::warn!(%error, "the lease cannot be renewed yet");
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Until when another process's lease is alive, for who has to wait for it.
pub(crate) async fn leased_elsewhere_until(app: &Arc<App>) -> Result<Option<DateTime<Utc>>, AgentError> {
    app.read(|app, tx| tx.leased_elsewhere(app.store.owner(), app.now())).await
}

/// The operator takes over from an agent on a copy: this database delivers again.
pub(crate) async fn take_over(app: &Arc<App>) -> Result<(), AgentError> {
    app.write_for_command(|app, tx| {
        if tx.stopped()?.is_some() {
            tx.forget_stopped()?;
            tx.resolve_alert(ANOTHER_AGENT, app.now())?;
        }
        Ok::<_, StoreError>(())
    })
    .await
}
