//! The agent that stays: one task for each watched folder, one that gives work to the accounts that have some to send,
//! one for time, one for last looks, one that listens for other baton processes.
//!
//! Tasks notify each other only that something has changed; what has, everybody reads from the store. What watches a
//! mailbox is in `watching`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::clock::monotonic;
use crate::store::{Priority, Scope};

use super::app::App;
use super::attempt::alert_unattended_failures;
use super::catch_up;
use super::clock_trust;
use super::concerned;
use super::delivery_right;
use super::disk::{self, DatabasePause};
use super::dispatch;
use super::free_memory;
use super::global::reconcile_global_outbox;
use super::kept_mailboxes::{KeptMailboxes, PAUSE_WITHIN};
use super::last_look::LookTaker;
use super::letters;
use super::long_threads::settle_due_apart;
use super::narrator;
use super::once::{begin, recover_rows, settle_due};
use super::presence;
use super::turn::settle;
use super::watching::run_account;
use super::{AgentError, error_chain};

/// How often other processes' work is looked for.
const LISTEN_EVERY: Duration = Duration::from_millis(200);

/// How soon the tasks that act on the store hear of folders that were read for the first time.
const FIRST_READINGS_WITHIN: Duration = Duration::from_millis(200);

/// How long a delivery that is under way may take to end when another configuration is to hold: of what is cut off in its
/// last piece nobody knows the fate. `send` waits 15 s for the agent to have read the configuration, and who stops the
/// process meanwhile waits for this.
const HAND_OVER_GRACE: Duration = Duration::from_secs(9);

/// The same when the agent is told to stop.
pub(crate) const SHUTDOWN_GRACE: Duration = Duration::from_millis(3500);

/// When the last thing is written, counted from the stop. With what closing the database takes after that
/// (`store::connections`) it makes up the 5 s that docs/interface.md promises.
const STOP_BUDGET: Duration = Duration::from_millis(3900);

/// How tasks wake each other.
#[derive(Clone, Debug)]
pub(crate) struct Wakeups {
    /// Something was committed: the tasks that act on the store look.
    pub(super) store_changed: watch::Sender<u64>,
    /// Folders were read for the first time, and nothing was new in them.
    first_readings: watch::Sender<u64>,
    /// Folders of an account are to be read at once.
    read_now: Arc<BTreeMap<String, watch::Sender<ReadRequests>>>,
    /// Another configuration is to hold: those that watch come to an end in good order.
    handing_over: watch::Sender<bool>,
}

/// Why the agent ends, or goes on otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunEnd {
    Stop,
    /// By another configuration, with the sessions that there are.
    HandOver,
}

/// How often the folders of an account were asked to be read at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ReadRequests {
    any: u64,
    /// By a verdict: over a new connection, since a session can show a folder as it was when it began.
    pub(super) by_verdict: u64,
}

impl Wakeups {
    fn of<'a>(accounts: impl Iterator<Item = &'a String>) -> Self {
        let read_now =
            accounts.map(|account| (account.clone(), watch::Sender::new(ReadRequests::default()))).collect();
        Self {
            store_changed: watch::Sender::new(0),
            first_readings: watch::Sender::new(0),
            read_now: Arc::new(read_now),
            handing_over: watch::Sender::new(false),
        }
    }

    /// Completes once another configuration is to hold.
    pub(super) fn handing_over(&self) -> impl Future<Output = ()> + use<> {
        let mut channel = self.handing_over.subscribe();
        async move {
            // Whoever waits holds the channel open.
            let _ = channel.wait_for(|is_begun| *is_begun).await;
        }
    }

    pub(super) fn is_handing_over(&self) -> bool {
        *self.handing_over.borrow()
    }

    /// A folder was read for the first time, and nothing was new in it: that may be what something waits for.
    pub(super) fn note_first_reading(&self) {
        notify(&self.first_readings);
    }

    /// Tells when the folders of an account are to be read at once.
    pub(super) fn read_requests(&self, account: &str) -> watch::Receiver<ReadRequests> {
        let none = || watch::Sender::new(ReadRequests::default()).subscribe();
        self.read_now.get(account).map_or_else(none, watch::Sender::subscribe)
    }

    /// Has the folders of these accounts read at once.
    fn request_reading(&self, accounts: &BTreeSet<String>, is_for_verdict: bool) {
        for channel in accounts.iter().filter_map(|account| self.read_now.get(account)) {
            channel.send_modify(|requests| {
                requests.any = requests.any.wrapping_add(1);
                requests.by_verdict = requests.by_verdict.wrapping_add(u64::from(is_for_verdict));
            });
        }
    }
}

pub(super) fn notify(channel: &watch::Sender<u64>) {
    channel.send_modify(|count| *count = count.wrapping_add(1));
}

/// First readings are told of together: at a start there are thousands, and after each of them every task would look at
/// the whole store.
async fn tell_of_first_readings(wakeups: Wakeups) -> Result<(), AgentError> {
    let mut readings = wakeups.first_readings.subscribe();
    loop {
        // The channel lives as long as this task.
        let _ = readings.changed().await;
        tokio::time::sleep(FIRST_READINGS_WITHIN).await;
        readings.mark_unchanged();
        notify(&wakeups.store_changed);
    }
}

/// Runs until `stop` completes. The lock must be held. `narrates`: somebody reads along. `kept`: mailboxes of the
/// configuration before, which are taken out; those of this one are put in where another is to hold. `pause`: how long the
/// database could not be had before.
///
/// A database that is full or cannot be written for a while ends nothing: once it can, everything starts again from
/// what was committed.
pub(crate) async fn run(
    app: &Arc<App>,
    narrates: bool,
    kept: &mut KeptMailboxes,
    pause: &mut Option<DatabasePause>,
    stop: impl Future<Output = RunEnd>,
) -> Result<(), AgentError> {
    let ended = run_until(app, narrates, kept, pause, stop).await;
    app.unwritten.keep(app).await;
    ended
}

async fn run_until(
    app: &Arc<App>,
    narrates: bool,
    kept: &mut KeptMailboxes,
    pause: &mut Option<DatabasePause>,
    stop: impl Future<Output = RunEnd>,
) -> Result<(), AgentError> {
    let mut stop = std::pin::pin!(stop);
    app.store.wait_without_end();
    loop {
        match watch_all(app, narrates, pause, kept, stop.as_mut()).await {
            // The stop was not received: that would be no error.
            Err(error) if disk::is_full(app, &error) => {}
            Err(AgentError::Store(error)) if error.may_pass() => {
                delivery_right::check_file(app)?;
                if pause.is_none() {
                    tracing::error!(%error, "the database cannot be written; waiting until it can");
                }
                let reason = error_chain(&error);
                pause.get_or_insert_with(|| DatabasePause { since: app.now(), reason });
            }
            ended => return ended,
        }
        tokio::select! {
            _ = stop.as_mut() => return Ok(()),
            () = tokio::time::sleep(disk::WAIT) => {}
        }
        app.stopping.store(false, Ordering::Relaxed);
    }
}

/// Watches until `stop` completes or a task fails. Once `stop` has completed, a full disk is no error any more.
/// `pause`: what the operator has not heard of yet.
async fn watch_all(
    app: &Arc<App>,
    narrates: bool,
    pause: &mut Option<DatabasePause>,
    kept: &mut KeptMailboxes,
    stop: impl Future<Output = RunEnd>,
) -> Result<(), AgentError> {
    let mut stop = std::pin::pin!(stop);
    // Before anything is judged: what is asked for from now on is heard.
    let heard = app.read(|_, tx| tx.calls()).await?;
    tokio::select! {
        begun = begin(app) => begun?,
        _ = stop.as_mut() => return Ok(()),
    }
    if let Some(over) = pause.clone() {
        disk::tell_of_pause(app, over).await?;
        *pause = None;
    }
    presence::announce(app).await?;
    let wakeups = Wakeups::of(app.accounts.keys());
    let mut watchers = JoinSet::new();
    for account in app.accounts.keys() {
        watchers.spawn(run_account(Arc::clone(app), account.clone(), wakeups.clone(), kept.take(account)));
    }
    let mut readers = JoinSet::new();
    readers.spawn(tell_of_first_readings(wakeups.clone()));
    readers.spawn(run_timer(Arc::clone(app), wakeups.clone()));
    readers.spawn(run_last_looks(Arc::clone(app), wakeups.clone()));
    readers.spawn(letters::run(Arc::clone(app), wakeups.clone()));
    readers.spawn(listen(Arc::clone(app), wakeups.clone(), heard));
    readers.spawn(presence::keep_announcing(Arc::clone(app)));
    readers.spawn(clock_trust::keep_asking(Arc::clone(app)));
    readers.spawn(delivery_right::keep(Arc::clone(app)));
    readers.spawn(free_memory::keep_giving_back());
    readers.spawn(catch_up::run(Arc::clone(app), wakeups.clone()));
    if narrates {
        readers.spawn(narrator::run(Arc::clone(app), wakeups.clone()));
    }
    let mut deliveries = JoinSet::new();
    deliveries.spawn(dispatch::run(Arc::clone(app), wakeups.clone()));
    let ended = tokio::select! {
        end = stop.as_mut() => Ok(end),
        Some(outcome) = watchers.join_next() => match outcome {
            Ok(Err(error)) => Err(error),
            Ok(Ok(_)) | Err(_) => Err(AgentError::Stopped),
        },
        Some(outcome) = readers.join_next() => outcome.unwrap_or(Err(AgentError::Stopped)).map(|()| RunEnd::Stop),
        Some(outcome) = deliveries.join_next() => outcome.unwrap_or(Err(AgentError::Stopped)).map(|()| RunEnd::Stop),
    };
    let stopped = monotonic();
    app.stopping.store(true, Ordering::Relaxed);
    wakeups.handing_over.send_replace(matches!(ended, Ok(RunEnd::HandOver)));
    readers.shutdown().await;
    notify(&wakeups.store_changed);
    let finished = async {
        let all = async { while deliveries.join_next().await.is_some() {} };
        let grace = if wakeups.is_handing_over() { HAND_OVER_GRACE } else { SHUTDOWN_GRACE };
        if tokio::time::timeout(grace, all).await.is_err() {
            deliveries.shutdown().await;
        }
    };
    let paused = async {
        if wakeups.is_handing_over() {
            // Each keeps within a time of its own, unless the database keeps it waiting.
            let all = async {
                while let Some(outcome) = watchers.join_next().await {
                    if let Ok(Ok((account, Some(mailbox)))) = outcome {
                        kept.put(account, mailbox);
                    }
                }
            };
            let _ = tokio::time::timeout(PAUSE_WITHIN * 2, all).await;
        }
        watchers.shutdown().await;
    };
    tokio::join!(finished, paused);
    let recovered = recover_interrupted(app, stopped).await;
    ended.and(recovered)
}

/// What was cut off is named for what it is now, unless the disk is full or the database is busy for longer than
/// is left since the process was `stopped`; then the next start does so.
pub(crate) async fn recover_interrupted(app: &Arc<App>, stopped: Instant) -> Result<(), AgentError> {
    let recover = app.write_with(Priority::Command, recover_rows);
    match tokio::time::timeout(STOP_BUDGET.saturating_sub(stopped.elapsed()), recover).await {
        Ok(Err(AgentError::Store(error))) if error.may_pass() => {
            tracing::error!(%error, "what was cut off could not be noted; the next start does so");
            Ok(())
        }
        Ok(Ok(())) => {
            app.unwritten.forget(app);
            Ok(())
        }
        Ok(outcome) => outcome,
        Err(_) => Ok(()),
    }
}

/// Judges again whenever time alone may have changed a judgement.
async fn run_timer(app: Arc<App>, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut store_changed = wakeups.store_changed.subscribe();
    let mut requested = BTreeMap::new();
    loop {
        store_changed.mark_unchanged();
        clock_trust::check(&app).await?;
        disk::check(&app).await?;
        settle_due_apart(&app).await?;
        let (moved, unread, wake) = app
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
                let next = tx.next_wake()?;
                // One reading of an account serves all handoffs that are due, so they are judged first.
                let is_all_judged = next.is_none_or(|wake| wake > now);
                let unread = if is_all_judged { Some(tx.unread_accounts()?) } else { None };
                Ok((moved, unread, [next, global_wake].into_iter().flatten().min()))
            })
            .await?;
        if let Some(unread) = unread {
            // A deadline has passed: nobody is accused before every folder was read past it.
            let is_new = |account: &String, past| requested.get(account).is_none_or(|at| *at < past);
            let new = unread.iter().filter(|(account, past)| is_new(account, **past));
            wakeups.request_reading(&new.map(|(account, _)| account.clone()).collect(), true);
            requested = unread;
        }
        if moved {
            notify(&wakeups.store_changed);
        }
        tokio::select! {
            _ = store_changed.changed() => {}
            () = app.alert_raised.notified() => {}
            () = sleep_until(&app, wake) => {}
        }
    }
}

/// Takes last looks whenever some are due. On its own, since a mailbox that is slow keeps nothing else waiting.
async fn run_last_looks(app: Arc<App>, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut store_changed = wakeups.store_changed.subscribe();
    let mut looks = LookTaker::default();
    loop {
        store_changed.mark_unchanged();
        looks.begin_due(&app).await?;
        let retry = looks.retry();
        tokio::select! {
            _ = store_changed.changed() => {}
            ended = looks.ended() => {
                looks.note(&app, ended?, || notify(&wakeups.store_changed)).await?;
            }
            () = sleep_until(&app, retry) => {}
        }
    }
}

pub(crate) async fn sleep_until(app: &App, at: Option<DateTime<Utc>>) {
    /// Even with nothing to wait for, the clock is compared now and then.
    const CHECK: TimeDelta = TimeDelta::seconds(60);
    let latest = app.now() + CHECK;
    app.sleep_until(at.map_or(latest, |at| at.min(latest))).await;
}

/// Notices when another baton process asks for something.
/// `heard`: the calls that were there when everything was last judged.
async fn listen(app: Arc<App>, wakeups: Wakeups, heard: u64) -> Result<(), AgentError> {
    let (mut version, mut calls) = (None, heard);
    let mut every = tokio::time::interval(LISTEN_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let now = Some(app.store.data_version().await?);
        if now == version {
            continue;
        }
        version = now;
        let asked = app.read(|_, tx| tx.calls()).await?;
        if asked != calls {
            calls = asked;
            settle_due(&app, Priority::Command).await?;
            notify(&wakeups.store_changed);
            wakeups.request_reading(&app.read(concerned::awaiting_or_looked_up).await?, false);
        }
    }
}
