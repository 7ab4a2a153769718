//! `baton run`: the agent, until it is told to stop, or for one pass.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::agent::app::App;
use crate::agent::daemon::RunEnd;
use crate::agent::delivery_right::Withheld;
use crate::agent::disk::{self, DatabasePause};
use crate::agent::kept_mailboxes::KeptMailboxes;
use crate::agent::reload::{ConfigWatch, missing_people};
use crate::agent::{AgentError, daemon, delivery_right, once, presence};
use crate::clock::monotonic;
use crate::config::Config;
use crate::store::{DeliveryLock, LockOutcome};

use super::args::{LogFormat, RunArgs};
use super::failure::{Failure, MAIL_SERVER, REFUSED};
use super::open::CommandContext;
use super::service::ServiceManager;
use super::terminal::print_note;

/// A `send` holds the lock for moments; an agent that is being restarted waits for that.
const LOCK_TIMEOUT: Duration = Duration::from_secs(10);
const TRY_EVERY: Duration = Duration::from_millis(100);
/// The lease of a process that has died elsewhere lapses within a minute.
const LEASE_TIMEOUT: Duration = Duration::from_secs(70);
const LEASE_LOOK: Duration = Duration::from_secs(1);

/// `baton run [--once]`.
pub(crate) async fn run(context: &CommandContext, args: &RunArgs) -> Result<(), Failure> {
    let mut stop = StopSignal::listen();
    let mut reload = ReloadSignal::listen();
    let config = context.config()?;
    let missing = config.missing_variables();
    if !missing.is_empty() {
        return Err(Failure::new(REFUSED, missing.join("\n  "))
            .hint("set it where baton runs (a service has an environment of its own), then start it again"));
    }
    let manager = ServiceManager::of_environment();
    let Started { app, lock, pause } = tokio::select! {
        started = start(context, &config, !args.once, &manager) => started?,
        () = stop.received() => return Ok(()),
    };
    if args.take_over {
        delivery_right::take_over(&app).await?;
    }
    let ended = match refuse_without_people(&app).await {
        Ok(()) if args.once => pass_once(&app, &mut stop).await,
        Ok(()) => {
            let begun = Begun { app: Arc::clone(&app), manager, pause };
            watch(context, args, &config, begun, &mut stop, &mut reload).await
        }
        refused => refused,
    };
    delivery_right::give_back(&app, lock).await;
    ended
}

/// The app, with the right to deliver.
struct Started {
    app: Arc<App>,
    lock: DeliveryLock,
    pause: Option<DatabasePause>,
}

/// Where `is_patient`, a database that cannot be had for now is waited for.
async fn start(
    context: &CommandContext,
    config: &Config,
    is_patient: bool,
    manager: &ServiceManager,
) -> Result<Started, Failure> {
    let mut pause: Option<DatabasePause> = None;
    loop {
        let failure = match deliverer(context, config).await {
            Ok((app, lock)) => return Ok(Started { app, lock, pause }),
            Err(failure) if is_patient && failure.is_passing => failure,
            Err(failure) => return Err(failure),
        };
        if pause.is_none() {
            manager.ready();
            tracing::error!(reason = failure.message, "waiting until the database can be opened");
        }
        pause.get_or_insert(DatabasePause { since: context.now(), reason: failure.message });
        manager.alive();
        tokio::time::sleep(disk::WAIT).await;
    }
}

async fn deliverer(context: &CommandContext, config: &Config) -> Result<(Arc<App>, DeliveryLock), Failure> {
    let app = context.app(config)?;
    let lock = lock(&app).await?;
    Ok((app, lock))
}

/// What the agent begins with.
struct Begun {
    app: Arc<App>,
    manager: ServiceManager,
    pause: Option<DatabasePause>,
}

/// `run --once`.
async fn pass_once(app: &Arc<App>, stop: &mut StopSignal) -> Result<(), Failure> {
    let Some(failures) = one_pass(app, stop).await? else { return Ok(()) };
    if app.read(|_, tx| delivery_right::withheld(tx)).await? == Some(Withheld::AnotherAgent) {
        return Err(AgentError::AnotherAgent.into());
    }
    let Some((_, error)) = failures.into_iter().next() else { return Ok(()) };
    let failure = Failure::from(error);
    Err(Failure { status: MAIL_SERVER, ..failure })
}

/// The agent, until it is told to stop, by whatever configuration holds.
async fn watch(
    context: &CommandContext,
    args: &RunArgs,
    config: &Config,
    begun: Begun,
    stop: &mut StopSignal,
    reload: &mut ReloadSignal,
) -> Result<(), Failure> {
    let Begun { mut app, manager, mut pause } = begun;
    let names: Vec<&str> = app.accounts.keys().map(String::as_str).collect();
    let narrates = std::io::stderr().is_terminal() && args.log != Some(LogFormat::Json);
    if narrates {
        print_note(format!("watching the mailboxes of {}; Ctrl-C ends it\n", names.join(", ")));
    }
    tracing::info!(accounts = names.len(), "the agent watches");
    let mut watch = ConfigWatch::over(config, context.zones.clone()).await;
    manager.ready();
    let mut kept = KeptMailboxes::default();
    loop {
        let mut next = None;
        let stop_or_reload = async {
            tokio::select! {
                () = stop.received() => manager.stopping(),
                () = manager.keep_alive(&app) => {}
                new = watch.next(&app, async || reload.received().await) => {
                    next = Some(new);
                    return RunEnd::HandOver;
                }
            }
            RunEnd::Stop
        };
        daemon::run(&app, narrates, &mut kept, &mut pause, stop_or_reload).await?;
        match next {
            Some(new) => {
                manager.reloading();
                let new = Arc::new(new?);
                kept.hand_over(&app, &new);
                app = new;
                manager.ready();
            }
            None => break,
        }
    }
    Ok(presence::note_end(&app).await?)
}

/// An open handoff whose people are not configured cannot be looked after, and nothing is made for them.
async fn refuse_without_people(app: &Arc<App>) -> Result<(), Failure> {
    let missing = app.read(|app, tx| missing_people(tx, &app.policy, None)).await?;
    if missing.is_empty() {
        return Ok(());
    }
    Err(Failure::new(REFUSED, missing.join("\n  "))
        .hint("put them back into the configuration; `baton reassign` and `baton close` need no agent"))
}

/// One pass; `None` where it was told to stop. What is under way then may end by itself, but not for long.
async fn one_pass(app: &Arc<App>, stop: &mut StopSignal) -> Result<Option<once::Failures>, AgentError> {
    let mut pass = std::pin::pin!(once::run_once(app));
    tokio::select! {
        failures = &mut pass => return failures.map(Some),
        () = stop.received() => {}
    }
    let stopped = monotonic();
    app.stopping.store(true, Ordering::Relaxed);
    let _ = tokio::time::timeout(daemon::SHUTDOWN_GRACE, pass).await;
    let recovered = daemon::recover_interrupted(app, stopped).await;
    app.unwritten.keep(app).await;
    recovered.map(|()| None)
}

/// The file's lock, and the lease in the database.
async fn lock(app: &Arc<App>) -> Result<DeliveryLock, Failure> {
    let mut left = LOCK_TIMEOUT;
    let lock = loop {
        if let LockOutcome::Ours(lock) = app.store.lock()? {
            break lock;
        }
        if left == LOCK_TIMEOUT {
            tracing::info!("another baton is delivering; waiting until it has ended");
        }
        if left.is_zero() {
            return Err(AgentError::Locked(app.store.path().to_owned()).into());
        }
        tokio::time::sleep(TRY_EVERY).await;
        left = left.saturating_sub(TRY_EVERY);
    };
    let mut left = LEASE_TIMEOUT;
    while let Some(until) = delivery_right::leased_elsewhere_until(app).await? {
        match delivery_right::take_lease(app).await {
            Ok(()) => break,
            Err(AgentError::LeasedElsewhere { .. }) if !left.is_zero() => {}
            Err(error) => return Err(error.into()),
        }
        if left == LEASE_TIMEOUT {
            tracing::warn!(%until, "the lease of another baton is alive; nothing is sent until it has lapsed");
        }
        tokio::time::sleep(LEASE_LOOK).await;
        left = left.saturating_sub(LEASE_LOOK);
    }
    Ok(lock)
}

/// SIGINT and SIGTERM, from the moment on that they are listened to: one that comes while the agent is still
/// getting ready ends it as orderly as any other.
#[cfg(unix)]
struct StopSignal {
    signals: Option<[tokio::signal::unix::Signal; 2]>,
}

#[cfg(unix)]
impl StopSignal {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let signals =
            signal(SignalKind::interrupt()).and_then(|one| Ok([one, signal(SignalKind::terminate())?]));
        if let Err(error) = &signals {
            tracing::warn!(%error, "signals cannot be listened to");
        }
        Self { signals: signals.ok() }
    }

    async fn received(&mut self) {
        let Some([interrupt, terminate]) = &mut self.signals else { return std::future::pending().await };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct StopSignal;

#[cfg(not(unix))]
impl StopSignal {
    fn listen() -> Self {
        Self
    }

    async fn received(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// SIGHUP: the configuration is to be read again.
#[cfg(unix)]
struct ReloadSignal {
    signal: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl ReloadSignal {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let signal = signal(SignalKind::hangup());
        if let Err(error) = &signal {
            tracing::warn!(%error, "SIGHUP cannot be listened to");
        }
        Self { signal: signal.ok() }
    }

    async fn received(&mut self) {
        match &mut self.signal {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    }
}

#[cfg(not(unix))]
struct ReloadSignal;

#[cfg(not(unix))]
impl ReloadSignal {
    fn listen() -> Self {
        Self
    }

    async fn received(&mut self) {
        std::future::pending().await
    }
}
