//! The agent that stays: one task for each watched folder, one for what leaves each account, one for time,
//! one that listens for other baton processes.
//!
//! Tasks notify each other only that something has changed; what has, everybody reads from the store. Known
//! limit: the list of an account's folders is asked for once, when the agent starts.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ring::rand::{SecureRandom, SystemRandom};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::clock::monotonic;
use crate::imap::IdleEnd;
use crate::store::{OutboxState, Priority, Scope};

use super::AgentError;
use super::app::App;
use super::attempt::alert_unattended_failures;
use super::disk;
use super::folders::watched;
use super::global::reconcile_global_outbox;
use super::last_look;
use super::once::{begin, failed, send_from, settle_due};
use super::presence;
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
pub(crate) const SHUTDOWN_GRACE: Duration = Duration::from_millis(3500);

/// When the last thing is written, counted from the stop. With what closing the database takes after that
/// (`store::connections`) it makes up the 5 s that docs/interface.md promises.
const STOP_BUDGET: Duration = Duration::from_millis(4200);

/// How tasks wake each other.
#[derive(Clone, Debug)]
struct Wakeups {
    /// Something was committed: the tasks that act on the store look.
    store_changed: watch::Sender<u64>,
    /// Folders are to be read at once.
    read_now: watch::Sender<u64>,
}

fn notify(channel: &watch::Sender<u64>) {
    channel.send_modify(|count| *count = count.wrapping_add(1));
}

/// Runs until `stop` completes. The lock must be held.
///
/// A full disk ends nothing: once there is room, everything starts again from what was committed.
pub(crate) async fn run(app: &Arc<App>, stop: impl Future<Output = ()>) -> Result<(), AgentError> {
    let mut stop = std::pin::pin!(stop);
    loop {
        match watch_all(app, stop.as_mut()).await {
            // The stop was not received: that would be no error.
            Err(error) if disk::is_full(app, &error) => {}
            ended => return ended,
        }
        tokio::select! {
            () = stop.as_mut() => return Ok(()),
            () = tokio::time::sleep(disk::WAIT) => {}
        }
        app.stopping.store(false, Ordering::Relaxed);
    }
}

/// Watches until `stop` completes or a task fails. Once `stop` has completed, a full disk is no error any more.
async fn watch_all(app: &Arc<App>, stop: impl Future<Output = ()>) -> Result<(), AgentError> {
    let mut stop = std::pin::pin!(stop);
    tokio::select! {
        begun = begin(app) => begun?,
        () = stop.as_mut() => return Ok(()),
    }
    presence::announce(app).await?;
    let wakeups = Wakeups { store_changed: watch::Sender::new(0), read_now: watch::Sender::new(0) };
    let mut readers = JoinSet::new();
    for account in app.accounts.keys() {
        readers.spawn(run_account(Arc::clone(app), account.clone(), wakeups.clone()));
    }
    readers.spawn(run_timer(Arc::clone(app), wakeups.clone()));
    readers.spawn(listen(Arc::clone(app), wakeups.clone()));
    readers.spawn(presence::keep_announcing(Arc::clone(app)));
    let mut deliveries = JoinSet::new();
    for account in app.accounts.keys() {
        deliveries.spawn(run_delivery(Arc::clone(app), account.clone(), wakeups.clone()));
    }
    let ended = tokio::select! {
        () = stop.as_mut() => Ok(()),
        Some(outcome) = readers.join_next() => outcome.unwrap_or(Err(AgentError::Stopped)),
        Some(outcome) = deliveries.join_next() => outcome.unwrap_or(Err(AgentError::Stopped)),
    };
    let stopped = monotonic();
    app.stopping.store(true, Ordering::Relaxed);
    readers.shutdown().await;
    notify(&wakeups.store_changed);
    let finished = async { while deliveries.join_next().await.is_some() {} };
    if tokio::time::timeout(SHUTDOWN_GRACE, finished).await.is_err() {
        deliveries.shutdown().await;
    }
    let recovered = recover_interrupted(app, stopped).await;
    ended.and(recovered)
}

/// What was cut off is named for what it is now, unless the disk is full or the database is busy for longer than
/// is left since the process was `stopped`; then the next start does so.
pub(crate) async fn recover_interrupted(app: &Arc<App>, stopped: Instant) -> Result<(), AgentError> {
    let recover = app.write_with(Priority::Command, |app, tx| tx.recover(app.now()).map(drop));
    match tokio::time::timeout(STOP_BUDGET.saturating_sub(stopped.elapsed()), recover).await {
        Ok(Err(AgentError::Store(error))) if error.is_disk_full() => {
            tracing::error!(%error, "what was cut off could not be noted; the next start does so");
            Ok(())
        }
        Ok(outcome) => outcome,
        Err(_) => Ok(()),
    }
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
async fn run_account(app: Arc<App>, account: String, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut backoff = Backoff::new();
    let folders = loop {
        let outcome = match app.connect(&account).await {
            Ok(mut session) => {
                let folders = watched(&app, &mut session, &account).await;
                session.logout().await;
                folders
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(folders) => break folders,
            Err(error) => pause(&app, &account, None, error, &mut backoff, &wakeups).await?,
        }
    };
    app.connections.expect(&account, folders.iter().map(|folder| folder.name.clone()));
    let mut tasks = JoinSet::new();
    for folder in folders {
        tasks.spawn(run_folder(Arc::clone(&app), folder, wakeups.clone()));
    }
    match tasks.join_next().await {
        Some(outcome) => outcome.unwrap_or(Err(AgentError::Stopped)),
        // An account without a folder to watch only sends.
        None => std::future::pending().await,
    }
}

/// Notes the failure and waits before the next attempt, or until everything is to be read.
async fn pause(
    app: &Arc<App>,
    account: &str,
    folder: Option<&WatchedFolder>,
    error: AgentError,
    backoff: &mut Backoff,
    wakeups: &Wakeups,
) -> Result<(), AgentError> {
    let error = failed(app, account, folder.map(|folder| &folder.name), error).await?;
    notify(&wakeups.store_changed);
    let awaited = app.read(|_, tx| tx.awaited()).await?.is_some();
    let wait = match backoff.wait() {
        _ if error.is_refused_login() => LOGIN_BACKOFF,
        wait if awaited => wait.min(LONGEST_WHILE_AWAITED),
        wait => wait,
    };
    tracing::warn!(%error, ?wait, "cannot read; trying again later");
    tokio::select! {
        () = tokio::time::sleep(wait) => {}
        () = app.credentials.new_grant(account), if error.is_refused_login() => {
            tracing::info!(account, "there is a new grant");
            *backoff = Backoff::new();
            app.write(|app, tx| tx.retry_now(app.now())).await?;
            notify(&wakeups.store_changed);
        }
    }
    Ok(())
}

async fn run_folder(app: Arc<App>, folder: WatchedFolder, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut backoff = Backoff::new();
    loop {
        let Err(error) = watch_folder(&app, &folder, &mut backoff, &wakeups).await;
        pause(&app, &folder.account, Some(&folder), error, &mut backoff, &wakeups).await?;
    }
}

/// Reads the folder whenever there is reason to, for as long as one connection lives.
async fn watch_folder(
    app: &Arc<App>,
    folder: &WatchedFolder,
    backoff: &mut Backoff,
    wakeups: &Wakeups,
) -> Result<std::convert::Infallible, AgentError> {
    let mut session = app.connect(&folder.account).await?;
    let since = monotonic();
    let mut read_now = wakeups.read_now.subscribe();
    let mut live = None;
    loop {
        read_now.mark_unchanged();
        let gain = read_folder(app, &mut session, folder).await?;
        tracing::debug!(account = %folder.account, folder = %folder.name, news = gain.news, "read to the present");
        notify(&wakeups.store_changed);
        live.get_or_insert_with(|| app.connections.begin(&folder.account, &folder.name));
        if since.elapsed() >= PROVED {
            *backoff = Backoff::new();
        }
        let asked = async {
            // The channel lives as long as the tasks.
            let _ = read_now.changed().await;
        };
        let woke = session
            .idle(POLL, asked)
            .await
            .map_err(|source| AgentError::Imap { account: folder.account.clone(), source })?;
        if woke == IdleEnd::Refused {
            // Nothing tells of new mail: what counts is when it was fetched.
            live = None;
            let _ = tokio::time::timeout(POLL_WITHOUT_IDLE, read_now.changed()).await;
        }
    }
}

/// Judges again whenever time alone may have changed a judgement, and takes last looks.
async fn run_timer(app: Arc<App>, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut store_changed = wakeups.store_changed.subscribe();
    let mut reading_requested_for = None;
    loop {
        store_changed.mark_unchanged();
        app.check_clock().await?;
        disk::check(&app).await?;
        let (moved, awaited, wake) = app
            .write(|app, tx| {
                let now = app.now();
                let mut due = tx.due(now)?;
                due.extend(alert_unattended_failures(app, tx)?);
                let before = tx.outbox(&Scope::Global)?.len();
                let mut moved = !due.is_empty();
                settle(tx, &app.policy, due, now)?;
                let global_wake = reconcile_global_outbox(app, tx, now)?;
                // An outage that has lasted long enough concerns no handoff's own time.
                moved |= tx.outbox(&Scope::Global)?.len() > before;
                let wake = [tx.next_wake()?, global_wake].into_iter().flatten().min();
                Ok((moved, tx.awaited()?, wake))
            })
            .await?;
        if awaited > reading_requested_for {
            // A deadline has passed: nobody is accused before every folder was read past it.
            reading_requested_for = awaited;
            notify(&wakeups.read_now);
        }
        let looks = take_last_looks(&app).await?;
        if moved || looks.taken > 0 {
            notify(&wakeups.store_changed);
        }
        let wake = [wake, looks.retry].into_iter().flatten().min();
        tokio::select! {
            _ = store_changed.changed() => {}
            () = app.alert_raised.notified() => {}
            () = sleep_until(&app, wake) => {}
        }
    }
}

/// What came of the last looks that were due.
#[derive(Debug, Default)]
struct LastLooks {
    taken: usize,
    /// When to try again what could not be taken.
    retry: Option<DateTime<Utc>>,
}

/// Takes the last looks that are due, one after the other. An account that fails is not asked again by the next ones:
/// where it takes long to fail, everything else that waits for a time would wait for each of them.
async fn take_last_looks(app: &Arc<App>) -> Result<LastLooks, AgentError> {
    let mut looks = LastLooks::default();
    let mut failed_accounts = BTreeSet::new();
    for (id, look) in last_look::due(app).await? {
        let is_out_of_reach = look.accounts.iter().any(|account| failed_accounts.contains(account));
        let outcome = if is_out_of_reach { None } else { Some(last_look::take(app, &id, &look).await) };
        match outcome {
            Some(Ok(())) => {
                looks.taken += 1;
                continue;
            }
            Some(Err(error @ (AgentError::Store(_) | AgentError::Stopped))) => return Err(error),
            Some(Err(error)) => {
                tracing::warn!(%error, handoff = %id, "the last look could not be taken yet");
                failed_accounts.extend(error.account().map(str::to_owned));
            }
            None => tracing::debug!(handoff = %id, "the last look waits for an account that is out of reach"),
        }
        looks.retry = Some(app.now() + chrono::TimeDelta::seconds(20));
    }
    Ok(looks)
}

async fn sleep_until(app: &App, at: Option<DateTime<Utc>>) {
    /// Even with nothing to wait for, the clock is compared now and then.
    const CHECK: chrono::TimeDelta = chrono::TimeDelta::seconds(60);
    let latest = app.now() + CHECK;
    app.clock.sleep_until(at.map_or(latest, |at| at.min(latest))).await;
}

/// Sends what is due from one account, whenever there is something.
async fn run_delivery(app: Arc<App>, account: String, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut store_changed = wakeups.store_changed.subscribe();
    loop {
        store_changed.mark_unchanged();
        let mut retry = None;
        match send_from(&app, &account).await {
            Ok(0) => {}
            // This task wakes by it, too, once more than needed.
            Ok(_) => notify(&wakeups.store_changed),
            Err(error @ (AgentError::Store(_) | AgentError::Stopped)) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "a copy or a search has to wait");
                retry = Some(app.now() + chrono::TimeDelta::seconds(30));
            }
        }
        if app.stopping.load(Ordering::Relaxed) {
            return Ok(());
        }
        let name = account.clone();
        let next = app
            .read(move |app, tx| {
                let now = app.now();
                // What is due and did not move is not wanted, or waits for another task.
                let sending = tx.next_sending_from(&name, now)?;
                let uncertain = tx.in_state_of(&name, OutboxState::Uncertain)?;
                let searches = uncertain.iter().filter_map(next_search).filter(|at| *at > now);
                Ok(searches.chain(sending).min())
            })
            .await?;
        let wake = [next, retry].into_iter().flatten().min();
        tokio::select! {
            _ = store_changed.changed() => {}
            () = sleep_until(&app, wake) => {}
        }
    }
}

/// Notices when another baton process asks for something.
async fn listen(app: Arc<App>, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut version = app.store.data_version().await?;
    let mut calls = app.read(|_, tx| tx.calls()).await?;
    let mut every = tokio::time::interval(LISTEN_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let now = app.store.data_version().await?;
        if now == version {
            continue;
        }
        version = now;
        let asked = app.read(|_, tx| tx.calls()).await?;
        if asked != calls {
            calls = asked;
            settle_due(&app, Priority::Command).await?;
            notify(&wakeups.store_changed);
            notify(&wakeups.read_now);
        }
    }
}
