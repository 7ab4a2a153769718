//! Gives work to the accounts that have some: mail that may leave, mail of unknown fate to look for, copies for Sent.
//!
//! One task looks at what is due whenever something was committed, and one task at a time works for each account that
//! has something to do; an account without any costs nothing, however many there are. What leaves and what is looked for
//! and copied in the mailbox go on beside each other.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use tokio::task::{JoinError, JoinSet};

use super::AgentError;
use super::app::App;
use super::daemon::{Wakeups, notify, sleep_until};
use super::delivery::drain;
use super::search::{look_for_uncertain, searches_of_accounts};
use super::sent_copy::keep_copies;

/// Work that failed for a reason of its own is tried again after this.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(30);

/// How long the first look at every mailbox may keep mail waiting.
const FIRST_LOOK: Duration = Duration::from_secs(10);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What an account is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum AccountTask {
    /// Mail leaves from it.
    Delivery,
    /// Its mailbox is searched, or gets copies.
    Mailbox,
}

/// An account and what it is at.
type Assignment = (String, AccountTask);

/// What came of an assignment: how much has moved.
type AssignmentOutcome = (Assignment, Result<usize, AgentError>);

/// Who is at work, and who need not be asked again until something changes.
#[derive(Default)]
struct Dispatcher {
    at_work: BTreeSet<Assignment>,
    running: JoinSet<AssignmentOutcome>,
    /// What is due and did not move is not wanted, or waits for something else.
    unmoved: BTreeSet<Assignment>,
    /// When what failed is tried again.
    retries: BTreeMap<Assignment, DateTime<Utc>>,
}

/// Runs until the process is to end; then what is under way ends, and nothing new begins.
pub(crate) async fn run(app: Arc<App>, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut store_changed = wakeups.store_changed.subscribe();
    let mut dispatcher = Dispatcher::default();
    first_look(&app).await?;
    loop {
        store_changed.mark_unchanged();
        if app.is_stopping() {
            return dispatcher.finish().await;
        }
        let wake = match dispatcher.assign(&app).await {
            Ok(wake) => wake,
            Err(error) => return dispatcher.end_with(&app, error).await,
        };
        tokio::select! {
            _ = store_changed.changed() => dispatcher.unmoved.clear(),
            Some(ended) = dispatcher.running.join_next() => {
                match dispatcher.note(&app, ended) {
                    Ok(0) => {}
                    // This task wakes by it, too, once more than needed.
                    Ok(_) => notify(&wakeups.store_changed),
                    Err(error) => return dispatcher.end_with(&app, error).await,
                }
            }
            () = sleep_until(&app, wake) => dispatcher.unmoved.clear(),
        }
    }
}

/// Before the first mail leaves, every mailbox is looked at once, unless that takes long: they may know of mail that an
/// older database does not, with nothing beside it that says so. docs/behaviour.md section 15.
async fn first_look(app: &Arc<App>) -> Result<(), AgentError> {
    let Some(since) = app.delivers_since().filter(|_| !app.is_reloaded) else { return Ok(()) };
    let mut left = FIRST_LOOK;
    let mut unread: Vec<String> = app.accounts.keys().cloned().collect();
    while !left.is_zero() && !app.is_stopping() {
        unread = app.read(move |_, tx| without_read(unread, tx, since)).await?;
        if unread.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(LOOK_EVERY).await;
        left = left.saturating_sub(LOOK_EVERY);
    }
    Ok(())
}

/// Leaves out, from the end, the accounts whose folders were all read since, or could not be; up to one that was not.
fn without_read(
    mut accounts: Vec<String>,
    tx: &crate::store::ReadTransaction<'_>,
    since: DateTime<Utc>,
) -> crate::store::Result<Vec<String>> {
    // Whole seconds are what the database keeps.
    let since = since.timestamp();
    while let Some(account) = accounts.last() {
        let is_done = |folder: &crate::store::FolderState| {
            folder.failing_since.is_some() || folder.read_until.is_some_and(|at| at.timestamp() >= since)
        };
        if !tx.folders_of(account)?.iter().all(is_done) {
            break;
        }
        accounts.pop();
    }
    Ok(accounts)
}

impl Dispatcher {
    /// Gives work to whoever has some that is due. Returns when the next will be.
    async fn assign(&mut self, app: &Arc<App>) -> Result<Option<DateTime<Utc>>, AgentError> {
        let now = app.now();
        let due = app.read(move |_, tx| due_times(tx, now)).await?;
        let mut wake = None;
        for (assignment, at) in due {
            let at = self.retries.get(&assignment).map_or(at, |retry| at.max(*retry));
            if at > now {
                wake = [wake, Some(at)].into_iter().flatten().min();
            } else if app.accounts.contains_key(&assignment.0) && !self.unmoved.contains(&assignment) {
                self.retries.remove(&assignment);
                self.start(app, assignment);
            }
        }
        Ok(wake)
    }

    fn start(&mut self, app: &Arc<App>, assignment: Assignment) {
        if !self.at_work.insert(assignment.clone()) {
            return;
        }
        let app = Arc::clone(app);
        let (account, task) = assignment.clone();
        self.running.spawn(async move {
            let work = async {
                match task {
                    AccountTask::Delivery => drain(&app, &account).await,
                    AccountTask::Mailbox => work_in_mailbox(&app, &account).await,
                }
            };
            // A library that panics has failed in this work, and in this alone.
            let outcome = AssertUnwindSafe(work).catch_unwind().await;
            let panicked = |_| Err(AgentError::ParserPanicked { account: assignment.0.clone() });
            let outcome = outcome.unwrap_or_else(panicked);
            (assignment, outcome)
        });
    }

    /// Notes what came of an assignment. Returns how much has moved.
    fn note(&mut self, app: &App, ended: Result<AssignmentOutcome, JoinError>) -> Result<usize, AgentError> {
        let (assignment, outcome) = ended.map_err(|_| AgentError::Stopped)?;
        self.at_work.remove(&assignment);
        match outcome {
            Ok(0) => {
                self.unmoved.insert(assignment);
                Ok(0)
            }
            Ok(moved) => Ok(moved),
            Err(error @ (AgentError::Store(_) | AgentError::Stopped)) => Err(error),
            Err(error) => {
                tracing::warn!(%error, "a copy or a search has to wait");
                self.retries.insert(assignment, app.now() + AGAIN_AFTER);
                Ok(0)
            }
        }
    }

    /// Ends for an error: nothing new begins, and what is under way hears what becomes of it.
    async fn end_with(self, app: &App, error: AgentError) -> Result<(), AgentError> {
        app.stopping.store(true, Ordering::Relaxed);
        if let Err(another) = self.finish().await {
            tracing::error!(error = %another, "while ending");
        }
        Err(error)
    }

    /// Waits for what is under way: a mail whose end is being sent has to hear what becomes of it.
    async fn finish(mut self) -> Result<(), AgentError> {
        while let Some(ended) = self.running.join_next().await {
            let (_, outcome) = ended.map_err(|_| AgentError::Stopped)?;
            if let Err(error @ AgentError::Store(_)) = outcome {
                return Err(error);
            }
        }
        Ok(())
    }
}

fn due_times(
    tx: &crate::store::ReadTransaction<'_>,
    now: DateTime<Utc>,
) -> crate::store::Result<BTreeMap<Assignment, DateTime<Utc>>> {
    let mut due: BTreeMap<Assignment, DateTime<Utc>> = BTreeMap::new();
    let mut add = |account: String, task: AccountTask, at: DateTime<Utc>| {
        due.entry((account, task)).and_modify(|earliest| *earliest = at.min(*earliest)).or_insert(at);
    };
    for (account, work) in tx.work_of_accounts()? {
        if let Some(at) = work.delivery {
            add(account.clone(), AccountTask::Delivery, at);
        }
        if let Some(at) = work.copy {
            add(account, AccountTask::Mailbox, at);
        }
    }
    for (account, at) in searches_of_accounts(tx, now)? {
        add(account, AccountTask::Mailbox, at);
    }
    Ok(due)
}

/// Looks for mail of unknown fate, and puts copies into Sent.
async fn work_in_mailbox(app: &Arc<App>, account: &str) -> Result<usize, AgentError> {
    let found = look_for_uncertain(app, account).await?;
    Ok(found + keep_copies(app, account).await?)
}
