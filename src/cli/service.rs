//! What a service manager (systemd) is told: ready, reloading, alive, stopping. sd_notify(3).
//!
//! Where no socket is named nothing is told. Known limit: only on Unix; of abstract sockets only Linux knows.

use std::sync::Arc;
use std::time::Duration;

use crate::agent::app::App;
use crate::clock::since_boot;

/// The service manager, where there is one.
#[derive(Debug)]
pub(crate) struct ServiceManager {
    #[cfg(unix)]
    socket: Option<(std::os::unix::net::UnixDatagram, std::os::unix::net::SocketAddr)>,
    /// How often it wants to hear that the agent is alive.
    watchdog: Option<Duration>,
}

impl ServiceManager {
    pub(crate) fn of_environment() -> Self {
        let microseconds = std::env::var("WATCHDOG_USEC").ok().and_then(|text| text.parse().ok());
        let is_ours =
            std::env::var("WATCHDOG_PID").ok().is_none_or(|pid| pid == std::process::id().to_string());
        Self {
            #[cfg(unix)]
            socket: socket(),
            // Half of what it waits for, so that one notice may come late.
            watchdog: microseconds.filter(|_| is_ours).map(|all: u64| Duration::from_micros(all / 2)),
        }
    }

    pub(crate) fn ready(&self) {
        self.tell("READY=1");
    }

    /// Where nothing can be asked whether all is well yet.
    pub(crate) fn alive(&self) {
        self.tell("WATCHDOG=1");
    }

    /// Ended by [`Self::ready`].
    pub(crate) fn reloading(&self) {
        self.tell(&format!("RELOADING=1\nMONOTONIC_USEC={}", since_boot().as_micros()));
    }

    pub(crate) fn stopping(&self) {
        self.tell("STOPPING=1");
    }

    /// Tells that the agent is alive for as long as its database answers. Never completes.
    pub(crate) async fn keep_alive(&self, app: &Arc<App>) {
        let Some(every) = self.watchdog else { return std::future::pending().await };
        loop {
            match app.read(|_, tx| tx.calls()).await {
                Ok(_) => self.alive(),
                Err(error) => tracing::warn!(%error, "the service manager is not told that all is well"),
            }
            tokio::time::sleep(every).await;
        }
    }

    #[cfg(unix)]
    fn tell(&self, state: &str) {
        let Some((socket, manager)) = &self.socket else { return };
        if let Err(error) = socket.send_to_addr(state.as_bytes(), manager) {
            tracing::warn!(%error, "the service manager cannot be told");
        }
    }

    #[cfg(not(unix))]
    fn tell(&self, _: &str) {}
}

#[cfg(unix)]
fn socket() -> Option<(std::os::unix::net::UnixDatagram, std::os::unix::net::SocketAddr)> {
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    let name = std::env::var("NOTIFY_SOCKET").ok().filter(|name| !name.is_empty())?;
    let manager = match name.strip_prefix('@') {
        #[cfg(target_os = "linux")]
        Some(name) => {
            use std::os::linux::net::SocketAddrExt;
            SocketAddr::from_abstract_name(name.as_bytes())
        }
        _ => SocketAddr::from_pathname(&name),
    };
    let bound = manager.and_then(|manager| Ok((UnixDatagram::unbound()?, manager)));
    bound.map_err(|error| tracing::warn!(%error, "$NOTIFY_SOCKET cannot be used")).ok()
}
