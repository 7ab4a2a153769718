//! The agent that stays: one task for each watched folder, one for what leaves each account, one for time,
//! one that listens for other baton processes.
//!
//! Tasks tell each other only that something has changed; what has, everybody reads from the store. Known
//! limit: the list of an account's folders is asked for once, when the agent starts.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::monotonic;
use crate::imap::IdleEnd;
use crate::store::{OutboxState, Scope};

use super::AgentError;
use super::disk;
use super::house::App;
use super::look;
use super::once::{begin, failed, send_from, settle_all, watched};
use super::outlet::{fill_house, tell_orphans};
use super::reading::{WatchedFolder, read_folder};
use super::search::next_search;
use super::turn::settle;

/// IDLE is a hint: every folder is looked at this often in any case.
const POLL: Duration = Duration::from_secs(12 * 60);
/// And this often where the server has no IDLE.
const POLL_WITHOUT_IDLE: Duration = Duration::from_secs(60);

const SHORTEST_BACKOFF: Duration = Duration::from_secs(2);
const LONGEST_BACKOFF: Duration = Duration::from_secs(5 * 60);
/// While somebody's verdict hangs on being able to read.
const LONGEST_WHILE_AWAITED: Duration = Duration::from_secs(8);
/// A refused login is a state of its own: asked about rarely.
const LOGIN_BACKOFF: Duration = Duration::from_secs(15 * 60);
/// A connection that has lived so long has proved itself.
const PROVED: Duration = Duration::from_secs(5 * 60);

/// How often other processes' work is looked for.
const LISTEN_EVERY: Duration = Duration::from_millis(200);

/// How long a delivery that is under way may take to end when the agent is told to stop.
pub const FAREWELL: Duration = Duration::from_millis(3500);

/// What tasks tell each other.
#[derive(Clone, Debug)]
struct Wakeups {
    /// Something was committed: whoever acts on the store looks.
    turned: watch::Sender<u64>,
    /// Folders are to be read at once.
    read_now: watch::Sender<u64>,
}

fn ring(bell: &watch::Sender<u64>) {
    bell.send_modify(|count| *count = count.wrapping_add(1));
}

/// Runs until `stop` completes. The lock must be held.
///
/// A full disk ends nothing: once there is room, everything starts again from what was committed.
pub async fn run(house: &Arc<App>, stop: impl Future<Output = ()>) -> Result<(), AgentError> {
    let mut stop = std::pin::pin!(stop);
    loop {
        match watch_all(house, stop.as_mut()).await {
            Err(error) if disk::is_full(house, &error) => {}
            ended => return ended,
        }
        tokio::select! {
            () = stop.as_mut() => return Ok(()),
            () = tokio::time::sleep(disk::WAIT) => {}
        }
        house.stopping.store(false, Ordering::Relaxed);
    }
}

async fn watch_all(house: &Arc<App>, stop: impl Future<Output = ()>) -> Result<(), AgentError> {
    begin(house).await?;
    let bells = Wakeups { turned: watch::Sender::new(0), read_now: watch::Sender::new(0) };
    let mut readers = JoinSet::new();
    for account in house.accounts.keys() {
        readers.spawn(keep_account(Arc::clone(house), account.clone(), bells.clone()));
    }
    readers.spawn(keep_time(Arc::clone(house), bells.clone()));
    readers.spawn(listen(Arc::clone(house), bells.clone()));
    let mut outlets = JoinSet::new();
    for account in house.accounts.keys() {
        outlets.spawn(keep_outlet(Arc::clone(house), account.clone(), bells.clone()));
    }
    let ended = tokio::select! {
        () = stop => Ok(()),
        Some(outcome) = readers.join_next() => outcome.unwrap_or(Err(AgentError::Stopped)),
        Some(outcome) = outlets.join_next() => outcome.unwrap_or(Err(AgentError::Stopped)),
    };
    house.stopping.store(true, Ordering::Relaxed);
    readers.shutdown().await;
    ring(&bells.turned);
    let farewell = async { while outlets.join_next().await.is_some() {} };
    if tokio::time::timeout(FAREWELL, farewell).await.is_err() {
        outlets.shutdown().await;
    }
    let left = leave(house).await;
    ended.and(left)
}

/// What was cut off is named for what it is now rather than at the next start.
pub async fn leave(house: &Arc<App>) -> Result<(), AgentError> {
    house.write(|house, change| change.recover(house.now()).map(drop)).await
}

/// Waits longer after each failure, with jitter, so that many tasks do not come back as one.
#[derive(Debug)]
struct Backoff {
    next: Duration,
}

impl Backoff {
    fn new() -> Self {
        Self { next: SHORTEST_BACKOFF }
    }

    fn wait(&mut self) -> Duration {
        let wait = self.next;
        // Half as long again, not twice: a server that was away for a minute is found within another half.
        self.next = (self.next * 3 / 2).min(LONGEST_BACKOFF);
        let mut byte = [0_u8; 1];
        // Without randomness there is no jitter, which does no harm.
        let _ = SystemRandom::new().fill(&mut byte);
        let [byte] = byte;
        wait.mul_f64(0.75 + f64::from(byte) / 512.0)
    }
}

/// Finds out which folders of an account to watch, and watches each in a task of its own.
async fn keep_account(house: Arc<App>, account: String, bells: Wakeups) -> Result<(), AgentError> {
    let mut backoff = Backoff::new();
    let folders = loop {
        let outcome = match house.connect(&account).await {
            Ok(mut session) => {
                let folders = watched(&house, &mut session, &account).await;
                session.logout().await;
                folders
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(folders) => break folders,
            Err(error) => pause(&house, &account, None, error, &mut backoff, &bells).await?,
        }
    };
    let mut tasks = JoinSet::new();
    for folder in folders {
        tasks.spawn(keep_folder(Arc::clone(&house), folder, bells.clone()));
    }
    match tasks.join_next().await {
        Some(outcome) => outcome.unwrap_or(Err(AgentError::Stopped)),
        // An account without a folder to watch only sends.
        None => std::future::pending().await,
    }
}

/// Notes the failure and waits before the next attempt, or until everything is to be read.
async fn pause(
    house: &Arc<App>,
    account: &str,
    folder: Option<&WatchedFolder>,
    error: AgentError,
    backoff: &mut Backoff,
    bells: &Wakeups,
) -> Result<(), AgentError> {
    let error = failed(house, account, folder.map(|folder| &folder.name), error).await?;
    ring(&bells.turned);
    let awaited = house.read(|_, view| view.awaited()).await?.is_some();
    let wait = match backoff.wait() {
        _ if error.is_refused_login() => LOGIN_BACKOFF,
        wait if awaited => wait.min(LONGEST_WHILE_AWAITED),
        wait => wait,
    };
    tracing::warn!(%error, ?wait, "cannot read; trying again later");
    tokio::time::sleep(wait).await;
    Ok(())
}

async fn keep_folder(house: Arc<App>, folder: WatchedFolder, bells: Wakeups) -> Result<(), AgentError> {
    let mut backoff = Backoff::new();
    loop {
        let Err(error) = watch_folder(&house, &folder, &mut backoff, &bells).await;
        pause(&house, &folder.account, Some(&folder), error, &mut backoff, &bells).await?;
    }
}

/// Reads the folder whenever there is reason to, for as long as one connection lives.
async fn watch_folder(
    house: &Arc<App>,
    folder: &WatchedFolder,
    backoff: &mut Backoff,
    bells: &Wakeups,
) -> Result<std::convert::Infallible, AgentError> {
    let mut session = house.connect(&folder.account).await?;
    let since = monotonic();
    let mut read_now = bells.read_now.subscribe();
    loop {
        read_now.mark_unchanged();
        let gain = read_folder(house, &mut session, folder).await?;
        tracing::debug!(account = %folder.account, folder = %folder.name, news = gain.news, "read to the present");
        ring(&bells.turned);
        if since.elapsed() >= PROVED {
            *backoff = Backoff::new();
        }
        let asked = async {
            // The bell lives as long as the tasks.
            let _ = read_now.changed().await;
        };
        let woke = session
            .idle(POLL, asked)
            .await
            .map_err(|source| AgentError::Imap { account: folder.account.clone(), source })?;
        if woke == IdleEnd::Refused {
            let _ = tokio::time::timeout(POLL_WITHOUT_IDLE, read_now.changed()).await;
        }
    }
}

/// Judges again whenever time alone may have changed a judgement, and takes last looks.
async fn keep_time(house: Arc<App>, bells: Wakeups) -> Result<(), AgentError> {
    let mut turned = bells.turned.subscribe();
    let mut rung_for = None;
    loop {
        turned.mark_unchanged();
        house.check_clock().await?;
        disk::check(&house).await?;
        let (mut moved, awaited, wake) = house
            .write(|house, change| {
                let now = house.now();
                let mut due = change.due(now)?;
                due.extend(tell_orphans(house, change)?);
                let told = change.outbox(&Scope::Global)?.len();
                let mut moved = !due.is_empty();
                settle(change, &house.policy, due, now)?;
                let house_wake = fill_house(house, change, now)?;
                // An outage that has lasted long enough concerns no handoff's own time.
                moved |= change.outbox(&Scope::Global)?.len() > told;
                let wake = [change.next_wake()?, house_wake].into_iter().flatten().min();
                Ok((moved, change.awaited()?, wake))
            })
            .await?;
        if awaited > rung_for {
            // A deadline has passed: nobody is accused before every folder was read past it.
            rung_for = awaited;
            ring(&bells.read_now);
        }
        let mut retry: Option<DateTime<Utc>> = None;
        for (id, look) in look::due(&house).await? {
            match look::take(&house, &id, &look).await {
                Ok(()) => moved = true,
                Err(error @ (AgentError::Store(_) | AgentError::Stopped)) => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, handoff = %id, "the last look could not be taken yet");
                    retry = Some(house.now() + chrono::TimeDelta::seconds(20));
                }
            }
        }
        if moved {
            ring(&bells.turned);
        }
        let wake = [wake, retry].into_iter().flatten().min();
        tokio::select! {
            _ = turned.changed() => {}
            () = sleep_until(&house, wake) => {}
        }
    }
}

async fn sleep_until(house: &App, at: Option<DateTime<Utc>>) {
    /// Even with nothing to wait for, the clock is compared now and then.
    const CHECK: chrono::TimeDelta = chrono::TimeDelta::seconds(60);
    let latest = house.now() + CHECK;
    house.clock.sleep_until(at.map_or(latest, |at| at.min(latest))).await;
}

/// Sends what is due from one account, whenever there is something.
async fn keep_outlet(house: Arc<App>, account: String, bells: Wakeups) -> Result<(), AgentError> {
    let mut turned = bells.turned.subscribe();
    loop {
        turned.mark_unchanged();
        let mut retry = None;
        match send_from(&house, &account).await {
            Ok(0) => {}
            // This task wakes by it, too, once more than needed.
            Ok(_) => ring(&bells.turned),
            Err(error @ (AgentError::Store(_) | AgentError::Stopped)) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "a copy or a search has to wait");
                retry = Some(house.now() + chrono::TimeDelta::seconds(30));
            }
        }
        if house.stopping.load(Ordering::Relaxed) {
            return Ok(());
        }
        let name = account.clone();
        let next = house
            .read(move |house, view| {
                let now = house.now();
                let queued =
                    view.in_state(OutboxState::Queued)?.into_iter().filter(|row| row.account == name);
                let sending =
                    queued.map(|row| row.next_attempt.max(row.not_before.unwrap_or(row.next_attempt)));
                let uncertain =
                    view.in_state(OutboxState::Uncertain)?.into_iter().filter(|row| row.account == name);
                let searches = uncertain.filter_map(|row| next_search(&row));
                // What is due and did not move is not wanted, or waits for another task.
                Ok(sending.chain(searches).filter(|at| *at > now).min())
            })
            .await?;
        let wake = [next, retry].into_iter().flatten().min();
        tokio::select! {
            _ = turned.changed() => {}
            () = sleep_until(&house, wake) => {}
        }
    }
}

/// Notices when another baton process asks for something.
async fn listen(house: Arc<App>, bells: Wakeups) -> Result<(), AgentError> {
    let mut version = house.store.data_version()?;
    let mut calls = house.read(|_, view| view.calls()).await?;
    let mut every = tokio::time::interval(LISTEN_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let now = house.store.data_version()?;
        if now == version {
            continue;
        }
        version = now;
        let asked = house.read(|_, view| view.calls()).await?;
        if asked != calls {
            calls = asked;
            settle_all(&house).await?;
            ring(&bells.turned);
            ring(&bells.read_now);
        }
    }
}
