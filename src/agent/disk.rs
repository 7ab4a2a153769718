//! A disk that runs full is reported to the operator while there still is room to write it down, and once there is
//! none the agent waits instead of ending. docs/behaviour.md section 12, `trouble`.
//!
//! Nothing is decided or sent that could not be committed, so a full disk stops everything and loses nothing.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::AgentError;
use super::app::App;

/// Under this name the store remembers the alert.
const DISK: &str = "disk";

/// Less than this raises an alert. Small, so that a small disk that is big enough does not raise one for ever.
const LOW: u64 = 8 * 1024 * 1024;
/// With this much the alert is resolved.
const ENOUGH: u64 = 12 * 1024 * 1024;

/// How long the agent waits for room.
pub(crate) const WAIT: Duration = Duration::from_secs(10);

/// Looks at the disk; tells the operator once that it runs full.
pub(crate) async fn check(app: &Arc<App>) -> Result<(), AgentError> {
    let Some(room) = app.store.room() else { return Ok(()) };
    let alerts = app.read(|_, tx| tx.alerts()).await?;
    let is_alerted = alerts.iter().any(|alert| alert.subject == DISK && alert.resolved.is_none());
    if room >= ENOUGH {
        keep_reserve(app).await?;
    }
    if room < LOW && !is_alerted {
        app.write(move |app, tx| raise_disk_alert(app, tx, room)).await
    } else if room >= ENOUGH && is_alerted {
        app.write(|app, tx| tx.resolve_alert(DISK, app.now()).map(drop)).await
    } else {
        Ok(())
    }
}

/// Writing the reserve takes as long as the disk does.
async fn keep_reserve(app: &Arc<App>) -> Result<(), AgentError> {
    let owner = Arc::clone(app);
    let kept = tokio::task::spawn_blocking(move || owner.store.keep_reserve()).await;
    if let Err(error) = kept.map_err(|_| AgentError::Stopped)? {
        tracing::warn!(%error, "no reserve could be set aside beside the database");
    }
    Ok(())
}

/// Under this name the store remembers that it could not be written for a while.
const UNWRITABLE: &str = "database";

/// Since when the database cannot be opened or written, and why.
#[derive(Clone, Debug)]
pub(crate) struct DatabasePause {
    pub since: DateTime<Utc>,
    pub reason: String,
}

/// The operator hears once that nothing could be written for a while; by then it is over.
pub(crate) async fn tell_of_pause(
    app: &Arc<App>,
    DatabasePause { since, reason }: DatabasePause,
) -> Result<(), AgentError> {
    app.write(move |app, tx| {
        let now = app.now();
        let what = "the database could not be written for a while, and can be again";
        let span = format!("from {} to {}", since.format("%H:%M:%S"), now.format("%H:%M:%S UTC on %Y-%m-%d"));
        let remedy = "Find out what kept it from being written: a full disk, one that is mounted read-only, or a program \
                      that held it, such as a backup tool, which can use `baton backup`. Nothing was lost: what servers \
                      had answered was kept until it could be written.";
        // Each pause is told; one that the operator has not heard of yet makes room for the newer.
        tx.resolve_alert(UNWRITABLE, now)?;
        tx.raise_alert(UNWRITABLE, what, &format!("{span}: {reason}"), remedy, now).map(drop)
    })
    .await?;
    app.alert_raised.notify_one();
    Ok(())
}

fn raise_disk_alert(
    app: &App,
    tx: &crate::store::WriteTransaction<'_>,
    room: u64,
) -> crate::store::Result<()> {
    let path = app.store.path().display();
    let detail = format!("{} KiB are left where {path} is", room / 1024);
    let remedy = "Make room on that disk. Once it is full baton neither reads nor sends until there is room again; \
                  nothing is lost meanwhile.";
    tx.raise_alert(DISK, "the disk is nearly full", &detail, remedy, app.now())?;
    Ok(())
}

/// After a write found no room: gives up the reserve, which is enough to tell the operator.
pub(crate) fn is_full(app: &App, error: &AgentError) -> bool {
    let is_full = matches!(error, AgentError::Store(error) if error.is_disk_full());
    if is_full {
        let released = app.store.release_reserve();
        tracing::error!(released, %error, "the disk is full; waiting for room");
    }
    is_full
}
