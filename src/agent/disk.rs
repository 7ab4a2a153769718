//! A disk that runs full is told to the operator while there still is room to write it down, and once there is
//! none the agent waits instead of ending. behaviour.md section 12, `trouble`.
//!
//! Nothing is decided or sent that could not be committed, so a full disk stops everything and loses nothing.

use std::sync::Arc;
use std::time::Duration;

use super::AgentError;
use super::house::App;

/// Under this name the store remembers the trouble.
const DISK: &str = "disk";

/// Less than this is told. Small, so that a small disk that is big enough is no trouble for ever.
const LOW: u64 = 8 * 1024 * 1024;
/// With this much the trouble is over.
const ENOUGH: u64 = 12 * 1024 * 1024;

/// How long the agent waits for room.
pub const WAIT: Duration = Duration::from_secs(10);

/// Looks at the disk; tells the operator once that it runs full.
pub async fn check(house: &Arc<App>) -> Result<(), AgentError> {
    let Some(room) = house.store.room() else { return Ok(()) };
    let told = house.read(|_, view| view.troubles()).await?;
    let is_told = told.iter().any(|trouble| trouble.subject == DISK && trouble.mended.is_none());
    if room >= ENOUGH
        && let Err(error) = house.store.keep_reserve()
    {
        tracing::warn!(%error, "no reserve could be set aside beside the database");
    }
    if room < LOW && !is_told {
        house.write(move |house, change| tell(house, change, room)).await
    } else if room >= ENOUGH && is_told {
        house.write(|house, change| change.mended(DISK, house.now())).await
    } else {
        Ok(())
    }
}

fn tell(house: &App, change: &crate::store::WriteTransaction<'_>, room: u64) -> crate::store::Result<()> {
    let path = house.store.path().display();
    let detail = format!("{} KiB are left where {path} is", room / 1024);
    let remedy = "Make room on that disk. Once it is full baton neither reads nor sends until there is room again; \
                  nothing is lost meanwhile.";
    change.trouble(DISK, "the disk is nearly full", &detail, remedy, house.now())?;
    Ok(())
}

/// After a write found no room: gives up the reserve, which is enough to tell the operator.
pub fn is_full(house: &App, error: &AgentError) -> bool {
    let is_full = matches!(error, AgentError::Store(error) if error.is_disk_full());
    if is_full {
        let released = house.store.release_reserve();
        tracing::error!(released, %error, "the disk is full; waiting for room");
    }
    is_full
}
