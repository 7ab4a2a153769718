//! The last look before a breach: all folders of the watched accounts are searched for the AE's mail to the prospect, in
//! a session made for it: filters file mail away, and sessions can show a folder as it was. docs/behaviour.md section 7.
//!
//! Drafts and Trash are left out, with what lies below them. A folder that refuses or keeps silent is named, whatever it
//! is that it answers, as long as the account itself can be reached; an account that cannot be, and a watched folder that
//! refuses, keeps the look from being taken. One look through an account serves all handoffs that wait for it
//! (`shared_looks`).

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use tokio::task::JoinSet;

use crate::clock::monotonic;
use crate::domain::judge::LastLook;
use crate::imap::{FolderUse, ImapError, ImapSession, ListedFolder, Search};
use crate::store::{NewFact, ReadTransaction, Result as Stored};

use super::AgentError;
use super::app::{App, with_account};
use super::reading::{WatchedFolder, read_found};
use super::shared_looks::{AccountLook, SharedLooks, TakenLook, searches};
use super::turn::{judged, settle};

/// A folder that fails so often in one look refuses it.
const ATTEMPTS: u32 = 2;

/// How long last looks wait for servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookTimeouts {
    /// A folder that does not answer within this is named, and holds nothing else up.
    pub folder: Duration,
    /// How long the look through one account takes at most.
    pub account: Duration,
}

impl Default for LookTimeouts {
    fn default() -> Self {
        Self { folder: Duration::from_secs(60), account: Duration::from_secs(600) }
    }
}

/// What could not be taken is tried again after this, and where something has changed meanwhile, sooner.
const AGAIN_AFTER: TimeDelta = TimeDelta::seconds(20);
const AGAIN_NOT_BEFORE: TimeDelta = TimeDelta::seconds(2);

/// Who waits for something else is asked so often whether a look is due.
const ASKED_EVERY: TimeDelta = TimeDelta::seconds(5);

/// How many accounts are looked through at the same time.
const AT_ONCE: usize = 8;
/// How many looks are noted in one transaction.
const NOTED_AT_ONCE: usize = 4;

/// What came of last looks.
#[derive(Debug, Default)]
pub struct LastLooks {
    pub taken: usize,
    /// Why others could not be taken.
    pub failures: Vec<AgentError>,
}

type DueLooks = (Vec<(String, LastLook)>, Vec<String>);
type EndedLook = (AccountLook, Result<BTreeSet<String>, AgentError>);

/// Takes last looks, several accounts at the same time.
#[derive(Debug, Default)]
pub(crate) struct LookTaker {
    looks: SharedLooks,
    running: JoinSet<EndedLook>,
    /// When to try again what could not be taken.
    retry: Option<DateTime<Utc>>,
}

impl LookTaker {
    /// When something that could not be taken is to be tried again.
    pub(crate) fn retry(&self) -> Option<DateTime<Utc>> {
        self.retry
    }

    pub(crate) fn is_at_work(&self) -> bool {
        self.looks.is_at_work()
    }

    /// Begins every look that is due and not under way.
    pub(crate) async fn begin_due(&mut self, app: &Arc<App>) -> Result<(), AgentError> {
        let now = app.now();
        self.retry = self.retry.filter(|at| *at > now);
        let known = self.looks.known(now);
        let (due, others) = app.read(move |app, tx| due(app, tx, &known)).await?;
        if !others.is_empty() {
            // They wait for the clock, mostly.
            let until = now + ASKED_EVERY;
            self.looks.hold(others, until);
            self.retry_at(until);
        }
        // The looks begin after this: whatever came before it, they see.
        self.looks.add(due, now);
        self.begin(app);
        Ok(())
    }

    fn retry_at(&mut self, at: DateTime<Utc>) {
        self.retry = Some(self.retry.map_or(at, |retry| retry.min(at)));
    }

    fn begin(&mut self, app: &Arc<App>) {
        for look in self.looks.begin(AT_ONCE.min(app.at_once)) {
            let app = Arc::clone(app);
            self.running.spawn(async move {
                // A library that panics has failed in this look, and in this alone.
                let outcome = AssertUnwindSafe(through(&app, &look)).catch_unwind().await;
                let panicked = |_| Err(AgentError::ParserPanicked { account: look.account.clone() });
                let outcome = outcome.unwrap_or_else(panicked);
                (look, outcome)
            });
        }
    }

    /// Waits for the end of the next look through an account. Never ends where none is under way.
    pub(super) async fn ended(&mut self) -> Result<EndedLook, AgentError> {
        match self.running.join_next().await {
            Some(ended) => ended.map_err(|_| AgentError::Stopped),
            None => std::future::pending().await,
        }
    }

    /// Notes what came of it. `taken` is called whenever some handoffs were judged by it.
    pub(super) async fn note(
        &mut self,
        app: &Arc<App>,
        (look, outcome): EndedLook,
        mut taken: impl FnMut(),
    ) -> Result<LastLooks, AgentError> {
        let mut looks = LastLooks::default();
        match outcome {
            Ok(refused) => {
                let done = self.looks.end(&look, &refused);
                self.begin(app);
                looks.taken = done.len();
                for some in done.chunks(NOTED_AT_ONCE) {
                    note_taken(app, some.to_vec()).await?;
                    taken();
                }
            }
            Err(error @ (AgentError::Store(_) | AgentError::Stopped)) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, looks = look.looks.len(), "last looks could not be taken yet");
                let now = app.now();
                self.looks.fail(&look, now + AGAIN_NOT_BEFORE);
                self.retry_at(now + AGAIN_AFTER);
                self.begin(app);
                looks.failures.push(error);
            }
        }
        Ok(looks)
    }
}

/// Takes every last look that is due now.
pub async fn take_due(app: &Arc<App>) -> Result<LastLooks, AgentError> {
    let mut taker = LookTaker::default();
    taker.begin_due(app).await?;
    let mut all = LastLooks::default();
    while taker.is_at_work() {
        let ended = taker.ended().await?;
        let looks = taker.note(app, ended, || {}).await?;
        all.taken += looks.taken;
        all.failures.extend(looks.failures);
    }
    Ok(all)
}

/// Looks that are due now, those of `known` handoffs aside: the handoff's id and where to look. And handoffs that wait
/// for something else.
fn due(app: &App, tx: &ReadTransaction<'_>, known: &BTreeSet<String>) -> Stored<DueLooks> {
    let now = app.now();
    let (mut looks, mut others) = (Vec::new(), Vec::new());
    for id in tx.awaiting_more_than_reading()?.into_iter().filter(|id| !known.contains(id)) {
        let look = judged(tx, &app.policy, &id, now)?.and_then(|judged| judged.judgement.last_look);
        match look {
            Some(look) => looks.push((id, look)),
            None => others.push(id),
        }
    }
    Ok((looks, others))
}

/// Notes looks that were taken, and judges their handoffs by them.
async fn note_taken(app: &Arc<App>, taken: Vec<TakenLook>) -> Result<(), AgentError> {
    app.write(move |app, tx| {
        let now = app.now();
        let mut handoffs = Vec::new();
        for TakenLook { handoff, deadline, refused } in taken {
            tx.add_fact(&handoff, now, &NewFact::LastLook { deadline, refused })?;
            handoffs.push(handoff);
        }
        settle(tx, &app.policy, handoffs, now)
    })
    .await
}

/// A search by words goes by an index, which may lag or be broken; of so few messages the headers tell.
const FEW: usize = 200;

/// Looks through one account for all of the looks. Returns the folders that refused, as `account/folder`.
async fn through(app: &Arc<App>, wanted: &AccountLook) -> Result<BTreeSet<String>, AgentError> {
    let account = wanted.account.as_str();
    #[cfg(feature = "demo")]
    super::seed::count_look();
    let searches = searches(wanted.looks.iter().map(|(_, look)| look));
    let name = account.to_owned();
    let watched: BTreeSet<String> = app
        .read(move |_, tx| Ok(tx.folders_of(&name)?.into_iter().map(|state| state.folder).collect()))
        .await?;
    let mut session = app.connect(account).await?;
    let begun = monotonic();
    let mut refused = BTreeSet::new();
    let folders = with_account(account, session.folders().await)?;
    // The watched ones first: one that refuses is an outage, and the look has not been taken.
    let is_watched = |folder: &ListedFolder| watched.contains(folder.name.wire());
    let (first, others): (Vec<_>, Vec<_>) =
        folders.iter().filter(|folder| !is_left_out(folder, &folders)).partition(|folder| is_watched(folder));
    for folder in first.into_iter().chain(others) {
        let place =
            WatchedFolder { account: account.to_owned(), name: folder.name.clone(), usage: folder.usage };
        let left = app.look_deadlines.account.saturating_sub(begun.elapsed());
        // All of a watched folder was read.
        let few = if is_watched(folder) { 0 } else { FEW };
        let question = FolderQuestion { place: &place, searches: &searches, few };
        match look_into(app, &mut session, question, left).await {
            Ok(false) => {}
            Ok(true) => {
                refused.insert(format!("{account}/{}", folder.name));
            }
            Err(AgentError::Imap { source, .. }) if !is_watched(folder) => {
                tracing::warn!(account, folder = %folder.name, error = %source, "a folder refused the last look");
                refused.insert(format!("{account}/{}", folder.name));
            }
            Err(error) => return Err(error),
        }
    }
    session.logout().await;
    Ok(refused)
}

/// What is asked of one folder.
#[derive(Clone, Copy)]
struct FolderQuestion<'a> {
    place: &'a WatchedFolder,
    searches: &'a [Search],
    /// Of up to so many messages since then the headers are read, whatever a search finds in them.
    few: usize,
}

/// Looks into one folder, within what is `left` of the time. A session that ended in it is made anew. Whether it holds
/// messages that were meant and cannot be read.
async fn look_into(
    app: &Arc<App>,
    session: &mut ImapSession,
    question: FolderQuestion<'_>,
    left: Duration,
) -> Result<bool, AgentError> {
    let place = question.place;
    let mut attempt = 1;
    loop {
        let error = match search(app, session, question, left).await {
            Err(AgentError::Imap { source, .. }) => source,
            ended => return ended,
        };
        let is_silent = matches!(error, ImapError::Timeout { what: SILENT });
        let is_over = error.leaves_the_session();
        if !is_over && !left.is_zero() {
            // Whether it is the folder or the account: a new connection tells.
            *session = app.connect(&place.account).await?;
        }
        if is_over || is_silent || attempt == ATTEMPTS {
            return with_account(&place.account, Err(error));
        }
        attempt += 1;
    }
}

/// Drafts (outboxes and templates among them) and Trash, what lies below them, mere nodes of the tree, and what is other
/// people's.
fn is_left_out(folder: &ListedFolder, all: &[ListedFolder]) -> bool {
    let is_aside = |folder: &ListedFolder| matches!(folder.usage, Some(FolderUse::Drafts | FolderUse::Trash));
    let is_below = |parent: &ListedFolder| {
        let rest = folder.name.wire().strip_prefix(parent.name.wire());
        rest.zip(parent.delimiter).is_some_and(|(rest, delimiter)| rest.starts_with(delimiter))
    };
    !folder.selectable
        || !folder.is_own
        || is_aside(folder)
        || all.iter().any(|parent| is_aside(parent) && is_below(parent))
}

/// What did not answer in time.
const SILENT: &str = "the last look";

async fn search(
    app: &Arc<App>,
    session: &mut ImapSession,
    question: FolderQuestion<'_>,
    left: Duration,
) -> Result<bool, AgentError> {
    let FolderQuestion { place: folder, searches, few } = question;
    let begun = monotonic();
    // Each answer has its time, however many are asked for.
    let time = || left.saturating_sub(begun.elapsed()).min(app.look_deadlines.folder);
    let late = || with_account(&folder.account, Err(ImapError::Timeout { what: SILENT }));
    let opened = tokio::time::timeout(time(), session.examine(&folder.name)).await;
    let mailbox = match opened {
        Ok(opened) => with_account(&folder.account, opened)?,
        Err(_) => return late(),
    };
    let mut holds_unread = false;
    if mailbox.exists == 0 {
        return Ok(false);
    }
    for wanted in searches {
        let found = async {
            let uids = with_account(&folder.account, session.search_in_few(wanted, few).await)?;
            if uids.is_empty() {
                return Ok(false);
            }
            read_found(app, session, folder, mailbox.uid_validity, &uids).await
        };
        holds_unread |= tokio::time::timeout(time(), found).await.unwrap_or_else(|_| late())?;
    }
    Ok(holds_unread)
}
