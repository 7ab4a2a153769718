//! Whether an agent runs: what it says of itself in the database while it lives, and what others read off that.
//!
//! It renews what it says every few seconds. One that has died without a word counts as gone once it has been silent
//! for longer than `ALIVE_FOR`. A full pass of `run --once` counts as an agent for `blind_after`.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::{AgentPresence, LockOutcome, ReadTransaction, Result as Stored, WriteTransaction};

use super::AgentError;
use super::app::App;

const SAID_EVERY: Duration = Duration::from_secs(12);

/// How long saying that it ends may take.
const LAST_WORD: Duration = Duration::from_millis(300);

/// An agent that has been silent for so long is gone: within 60 s of its end.
const ALIVE_FOR: TimeDelta = TimeDelta::seconds(45);

/// Until when an account's mailbox was read, and since when it cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MailboxReading {
    pub account: String,
    pub read_until: Option<DateTime<Utc>>,
    pub failing_since: Option<DateTime<Utc>>,
    pub error: Option<String>,
}

/// What is known of the last agent, and how far the mailboxes were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WatchState {
    pub presence: Option<AgentPresence>,
    pub is_running: bool,
    pub mailboxes: Vec<MailboxReading>,
    /// Another agent lives on a copy of the database, so nothing leaves, whoever watches.
    pub is_stopped: bool,
}

impl AgentPresence {
    /// Whether it can be believed to live at `now`.
    pub(crate) fn is_running(&self, now: DateTime<Utc>) -> bool {
        if self.is_pass {
            return now - self.alive_at <= TimeDelta::seconds(i64::from(self.blind_after));
        }
        self.ended_at.is_none() && now - self.alive_at <= ALIVE_FOR
    }
}

/// The last agent, and the mailboxes of these accounts.
pub(crate) fn watch_state(
    tx: &ReadTransaction<'_>,
    accounts: &[String],
    now: DateTime<Utc>,
) -> Stored<WatchState> {
    let presence = tx.agent_presence()?;
    let is_running = presence.as_ref().is_some_and(|agent| agent.is_running(now));
    let watching = presence.as_ref().filter(|agent| is_running && !agent.is_pass);
    let mut mailboxes = Vec::new();
    for account in accounts {
        let folders = tx.folders_of(account)?;
        let read: Option<Vec<DateTime<Utc>>> = folders.iter().map(|folder| folder.read_until).collect();
        let read_until = read.and_then(|all| all.into_iter().min());
        let connected = watching.filter(|agent| !agent.unconnected.contains(account));
        let failing = folders.iter().filter_map(|folder| folder.failing_since).min();
        let outage = tx.outage_now(account)?;
        mailboxes.push(MailboxReading {
            account: account.clone(),
            // While the connection lives, the server would have told of anything new: also where what was noted of a
            // reading was forgotten because a wrong clock had dated it.
            read_until: read_until.max(connected.map(|agent| agent.alive_at)),
            failing_since: outage.as_ref().map(|(since, _)| *since).or(failing),
            error: outage.map(|(_, error)| error),
        });
    }
    Ok(WatchState { presence, is_running, mailboxes, is_stopped: tx.stopped()?.is_some() })
}

/// What is said, beside that there is an agent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Announcement {
    /// It begins to watch.
    Begin,
    /// It still does.
    Goes,
    /// It was there for one pass, which has ended.
    Pass,
}

/// The agent says that it watches from now on.
pub(crate) async fn announce(app: &Arc<App>) -> Result<(), AgentError> {
    // Who goes on by another configuration has begun already.
    let what = if app.is_reloaded { Announcement::Goes } else { Announcement::Begin };
    app.write(move |app, tx| say(app, tx, what)).await
}

/// A full pass has ended.
pub(crate) async fn note_pass(app: &Arc<App>) -> Result<(), AgentError> {
    app.write(|app, tx| say(app, tx, Announcement::Pass)).await
}

fn say(app: &App, tx: &WriteTransaction<'_>, what: Announcement) -> Stored<()> {
    let now = app.now();
    let pid = std::process::id();
    let goes_on = |agent: &AgentPresence| agent.pid == pid && agent.ended_at.is_none();
    let before = tx.agent_presence()?.filter(|agent| what == Announcement::Goes && goes_on(agent));
    let accounts = app.accounts.keys();
    tx.set_agent_presence(&AgentPresence {
        pid,
        since: before.as_ref().map_or(now, |agent| agent.since),
        alive_at: now,
        ended_at: None,
        is_pass: what == Announcement::Pass,
        configuration: app.configuration.clone(),
        refused: before.and_then(|agent| agent.refused).filter(|refused| *refused != app.configuration),
        unconnected: accounts.filter(|name| !app.live_connections.has_all_of(name)).cloned().collect(),
        blind_after: app.policy.blind_after,
    })
}

/// Says it again and again, for as long as the agent runs.
pub(crate) async fn keep_announcing(app: Arc<App>) -> Result<(), AgentError> {
    loop {
        tokio::time::sleep(SAID_EVERY).await;
        match app.write(|app, tx| say(app, tx, Announcement::Goes)).await {
            Ok(()) => {}
            // It is said again soon; what acts on the database decides how to wait for it.
            Err(AgentError::Store(error)) if error.may_pass() => {
                tracing::warn!(%error, "that the agent lives cannot be written down");
            }
            Err(error) => return Err(error),
        }
    }
}

/// The agent ends as it was told to.
pub(crate) async fn note_end(app: &Arc<App>) -> Result<(), AgentError> {
    let note = app.write_for_command(|app, tx| {
        let Some(agent) = tx.agent_presence()?.filter(|agent| agent.pid == std::process::id()) else {
            return Ok(());
        };
        tx.set_agent_presence(&AgentPresence { ended_at: Some(app.now()), ..agent })
    });
    // A database that is locked holds no process up that ends.
    tokio::time::timeout(LAST_WORD, note).await.unwrap_or(Ok(()))
}

/// The agent has found a configuration that it does not take (`None`: there is none any more).
pub(crate) async fn note_refused(app: &Arc<App>, digest: Option<String>) -> Result<(), AgentError> {
    app.write(move |_, tx| match tx.agent_presence()? {
        Some(agent) => tx.set_agent_presence(&AgentPresence { refused: digest, ..agent }),
        None => Ok(()),
    })
    .await
}

/// How long a running agent may take to read a configuration that has just been changed.
const RELOADS_WITHIN: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Waits until the running agent, if there is one, acts on the same configuration as this process; else says why
/// nothing may be done. docs/behaviour.md section 15.
pub(crate) async fn agree(app: &Arc<App>) -> Result<(), AgentError> {
    let mut left = RELOADS_WITHIN;
    loop {
        let (same, refused) = app
            .read(|app, tx| {
                let agent = tx.agent_presence()?;
                let refused = agent.and_then(|agent| agent.refused);
                Ok((acts_on_the_same(app, tx)?, refused.as_ref() == Some(&app.configuration)))
            })
            .await?;
        if same {
            return Ok(());
        }
        if refused {
            return Err(AgentError::OtherConfiguration { why: "the running agent does not take this one" });
        }
        if left.is_zero() {
            return Err(AgentError::OtherConfiguration { why: "the running agent acts on another one" });
        }
        tokio::time::sleep(LOOK_EVERY).await;
        left = left.saturating_sub(LOOK_EVERY);
    }
}

/// Why a command does nothing although both agreed when it began.
pub(crate) const CHANGED_MEANWHILE: &str = "the running agent has read another one meanwhile";

/// Whether no agent acts on another configuration than this process.
pub(crate) fn acts_on_the_same(app: &App, tx: &ReadTransaction<'_>) -> Stored<bool> {
    let agent = tx.agent_presence()?.filter(|agent| !agent.is_pass && agent.is_running(app.now()));
    if agent.is_none_or(|agent| agent.configuration == app.configuration) {
        return Ok(true);
    }
    // One that has just been killed still seems to live, but holds no lock.
    Ok(matches!(app.store.lock()?, LockOutcome::Ours(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Priority, Store};

    #[tokio::test]
    async fn a_mailbox_whose_connection_lives_is_read_although_a_wrong_clock_had_dated_its_reading() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("baton.db")).unwrap();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        for (unconnected, read_until) in [(Vec::new(), Some(now)), (vec!["dana".to_owned()], None)] {
            let state = store.write(Priority::Command, move |tx| {
                tx.watch("dana", &["INBOX".to_owned()])?;
                let ahead = now + TimeDelta::hours(3);
                tx.folder_read("dana", "INBOX", ahead, ahead)?;
                tx.forget_readings_since("dana", ahead)?;
                tx.set_agent_presence(&AgentPresence {
                    pid: 1,
                    since: now,
                    alive_at: now,
                    ended_at: None,
                    is_pass: false,
                    configuration: String::new(),
                    refused: None,
                    unconnected,
                    blind_after: 1800,
                })?;
                watch_state(tx, &["dana".to_owned()], now)
            });
            assert_eq!(state.await.unwrap().mailboxes[0].read_until, read_until);
        }
    }
}
