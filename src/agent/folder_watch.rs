//! Some folders of an account over one connection: read whenever there is reason to, and waited for by IDLE.
//!
//! A watch ends where its plan does not hold any more, and is paused where another configuration is to hold from now on:
//! then the session goes on with what is known of its folders (`PausedWatch`), and the next watch by that configuration
//! takes it up. What it reads and judges, it does by one configuration, from beginning to end.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::clock::monotonic;
use crate::imap::{IdleEnd, ImapSession};

use super::AgentError;
use super::app::{App, with_account};
use super::backoff::{doubled, random_part};
use super::daemon::{ReadRequests, Wakeups, notify};
use super::folders::watched;
use super::live_connections::WatchedConnection;
use super::reading::{
    FolderInView, FreshLook, Thoroughness, WatchedFolder, look_at_news, read_and_keep_open, write_down,
};

/// IDLE is a hint: every folder is looked at this often in any case.
const POLL: Duration = Duration::from_secs(12 * 60);
/// And this often where the server has no IDLE.
const POLL_WITHOUT_IDLE: Duration = Duration::from_secs(60);
/// How long one folder is waited for before the next, where several share a connection.
const TURN: Duration = Duration::from_secs(20);

/// Folders are listed again this often, and more often while one is missed.
const LIST_AGAIN: Duration = Duration::from_secs(24 * 60 * 60);
const LIST_WHILE_MISSED: Duration = Duration::from_secs(10);

/// A session that is no older shows a folder as it is.
const FRESH: Duration = Duration::from_secs(5);

/// An IDLE that ends sooner than this, for nothing, was no waiting.
const NO_WAITING: Duration = Duration::from_secs(2);
/// The longest wait before another one.
const LONGEST_SPIN: Duration = Duration::from_secs(60);
/// Mail that the server announces and does not show is looked for after 1 s, 2 s, 4 s and so on, so many times.
const LOOKS_FOR_UNSETTLED: u32 = 8;

/// The folders that share a connection.
#[derive(Clone, Debug)]
pub(super) struct FolderGroup {
    pub(super) folders: Vec<WatchedFolder>,
    /// This connection looks whether other folders are there.
    pub(super) lists_folders: bool,
    /// There is no folder for sent mail among the account's, and none is configured.
    pub(super) misses_folder: bool,
}

/// Why a watch has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WatchEnd {
    /// Other folders are there, or the connections that the server allows have changed.
    PlanAgain,
    /// A verdict waits, and the session may show the folder as it was when it began.
    Reconnect,
    /// Another configuration is to hold from now on.
    Pause,
}

/// A session between two configurations, and what is known of its folders.
#[derive(Debug)]
pub(super) struct PausedWatch {
    session: ImapSession,
    opened: Instant,
    spins: u32,
    unsettled: u32,
    looked: Instant,
    listed: Instant,
    open: Option<FolderInView>,
    live: Vec<WatchedConnection>,
    /// There was reason to read, and this closely.
    due: Option<Thoroughness>,
}

/// Some folders of an account, for as long as one connection lives.
pub(super) struct FolderWatch<'a> {
    app: &'a Arc<App>,
    session: ImapSession,
    group: &'a FolderGroup,
    wakeups: &'a Wakeups,
    read_now: watch::Receiver<ReadRequests>,
    /// What verdicts had asked for when the connection was opened, and when that was.
    opened_for: u64,
    opened: Instant,
    /// IDLEs in a row that ended at once, for nothing.
    spins: u32,
    /// The last reading found mail, whoever it concerns.
    found: bool,
    /// Looks in a row that found the server telling of mail that it does not show.
    unsettled: u32,
    /// When every folder was last read, and when the folders were listed.
    looked: Instant,
    listed: Instant,
    /// The folder that is being read.
    at: Option<WatchedFolder>,
    /// How far the one folder of the connection was read, which stays open.
    open: Option<FolderInView>,
    /// Once everything was read: the server tells of what is new from then on.
    live: Vec<WatchedConnection>,
    /// There is reason to read, and this closely.
    due: Option<Thoroughness>,
}

impl<'a> FolderWatch<'a> {
    /// Over a session that was just opened: everything is read first, as closely as is asked for.
    pub(super) fn new(
        app: &'a Arc<App>,
        session: ImapSession,
        group: &'a FolderGroup,
        wakeups: &'a Wakeups,
        how: Thoroughness,
    ) -> Self {
        let now = monotonic();
        let paused = PausedWatch {
            session,
            opened: now,
            spins: 0,
            unsettled: 0,
            looked: now,
            listed: now,
            open: None,
            live: Vec::new(),
            due: Some(how),
        };
        Self::resumed(app, paused, group, wakeups)
    }

    /// Goes on where a watch by an earlier configuration was paused.
    pub(super) fn resumed(
        app: &'a Arc<App>,
        paused: PausedWatch,
        group: &'a FolderGroup,
        wakeups: &'a Wakeups,
    ) -> Self {
        let account = group.folders.first().map_or("", |folder| folder.account.as_str());
        let read_now = wakeups.read_requests(account);
        let opened_for = read_now.borrow().by_verdict;
        let PausedWatch { session, opened, spins, unsettled, looked, listed, open, live, due } = paused;
        Self {
            app,
            session,
            group,
            wakeups,
            opened_for,
            opened,
            read_now,
            spins,
            found: false,
            unsettled,
            looked,
            listed,
            at: None,
            open,
            live,
            due,
        }
    }

    /// For the next configuration.
    pub(super) fn paused(self) -> PausedWatch {
        let Self { session, opened, spins, unsettled, looked, listed, open, live, due, .. } = self;
        PausedWatch { session, opened, spins, unsettled, looked, listed, open, live, due }
    }

    /// The folder in which reading has failed.
    pub(super) fn failed_in(&self) -> Option<WatchedFolder> {
        self.at.clone()
    }

    pub(super) async fn log_out(self) {
        Box::pin(self.session.logout()).await;
    }

    fn account(&self) -> &'a str {
        self.group.folders.first().map_or("", |folder| folder.account.as_str())
    }

    /// Reads whenever there is reason to.
    pub(super) async fn run(&mut self, misses_one: bool) -> Result<WatchEnd, AgentError> {
        // What is needed for a moment is on the heap for that moment: most watches only wait, thousands of them.
        if misses_one && Box::pin(self.is_planned_otherwise()).await? {
            return Ok(WatchEnd::PlanAgain);
        }
        let mut is_first = true;
        if self.due.is_none() && !Box::pin(self.is_all_quiet()).await? {
            self.due = Some(Thoroughness::Usual);
        }
        loop {
            if let Some(how) = self.due {
                let news = Box::pin(self.read_all(how)).await?;
                if news > 0 || how == Thoroughness::Recount {
                    notify(&self.wakeups.store_changed);
                } else if is_first {
                    self.wakeups.note_first_reading();
                }
                self.due = None;
            }
            is_first = false;
            if self.must_list_again() && Box::pin(self.is_planned_otherwise()).await? {
                return Ok(WatchEnd::PlanAgain);
            }
            self.due = self.wait().await?;
            if self.wakeups.is_handing_over() {
                return Ok(WatchEnd::Pause);
            }
            let asked = self.read_now.borrow().by_verdict;
            if asked != self.opened_for && self.opened.elapsed() >= FRESH {
                return Ok(WatchEnd::Reconnect);
            }
            self.opened_for = asked;
        }
    }

    /// Whether a watch that was paused has nothing to read: the server tells of what is new, nothing has come, and nothing
    /// waits for a reading by the new configuration.
    async fn is_all_quiet(&mut self) -> Result<bool, AgentError> {
        let (Some(open), [folder]) = (&self.open, self.group.folders.as_slice()) else { return Ok(false) };
        if self.live.is_empty() || self.looked.elapsed() >= POLL {
            return Ok(false);
        }
        let (folder, open) = (folder.clone(), open.clone());
        let is_asked_for = self.app.read(move |_, tx| open.is_asked_for(tx, &folder)).await?;
        Ok(!is_asked_for && !with_account(self.account(), self.session.has_come().await)?)
    }

    /// Reads every folder, the first one last: that is the one which stays open.
    async fn read_all(&mut self, how: Thoroughness) -> Result<usize, AgentError> {
        if how == Thoroughness::Usual && self.is_read_by_news().await? {
            return Ok(0);
        }
        self.read_now.mark_unchanged();
        self.looked = monotonic();
        let (mut news, mut unsettled) = (0, false);
        self.found = false;
        for folder in self.group.folders.iter().rev() {
            self.at = Some(folder.clone());
            let (gain, open) = read_and_keep_open(self.app, &mut self.session, folder, how).await?;
            self.open = open.filter(|_| self.group.folders.len() == 1);
            tracing::debug!(account = %folder.account, folder = %folder.name, news = gain.news, "read to the present");
            news += gain.news;
            self.found |= gain.news > 0 || gain.listed > 0;
            unsettled |= gain.unsettled;
        }
        self.at = None;
        if self.live.is_empty() {
            let live =
                |folder: &WatchedFolder| self.app.live_connections.begin(&folder.account, &folder.name);
            self.live = self.group.folders.iter().map(live).collect();
        }
        self.unsettled = if unsettled { self.unsettled.saturating_add(1) } else { 0 };
        Ok(news)
    }

    /// Whether all that is new was looked at and concerns nobody, so that the folder need not be read.
    async fn is_read_by_news(&mut self) -> Result<bool, AgentError> {
        let (Some(mut open), [folder]) = (self.open.take(), self.group.folders.as_slice()) else {
            return Ok(false);
        };
        let is_due = self.looked.elapsed() >= POLL || self.read_now.has_changed().unwrap_or(true);
        if !is_due
            && let FreshLook::Foreign(_) =
                look_at_news(self.app, &mut self.session, folder, &mut open).await?
        {
            tracing::debug!(account = %folder.account, folder = %folder.name, news = 0, "read to the present");
            self.found = true;
            self.open = Some(open);
            return Ok(true);
        }
        write_down(self.app, folder, &mut open).await?;
        Ok(false)
    }

    /// Waits until there is reason to read again; how closely. `None`: there is none, but another configuration.
    async fn wait(&mut self) -> Result<Option<Thoroughness>, AgentError> {
        if self.found {
            self.spins = 0;
        }
        if self.spins > 0 {
            let wait = doubled(Duration::from_millis(500), self.spins, LONGEST_SPIN);
            if tokio::time::timeout(wait, self.signal()).await.is_ok() {
                return Ok(self.asked());
            }
        }
        loop {
            let began = monotonic();
            let at_most = self.longest_wait();
            let signal = self.signal();
            let woke = with_account(self.account(), self.session.idle(at_most, signal).await)?;
            let is_soon = began.elapsed() < NO_WAITING.min(at_most);
            match woke {
                IdleEnd::Asked => return Ok(self.asked()),
                IdleEnd::Changed | IdleEnd::Ended => {
                    self.spins = if is_soon && !self.found { self.spins.saturating_add(1) } else { 0 };
                    return Ok(Some(Thoroughness::Usual));
                }
                IdleEnd::Refused => {
                    // Nothing tells of new mail: what counts is when it was fetched.
                    self.live.clear();
                    let signal = self.signal();
                    if tokio::time::timeout(POLL_WITHOUT_IDLE.min(at_most), signal).await.is_ok() {
                        return Ok(self.asked());
                    }
                    return Ok(Some(Thoroughness::Usual));
                }
                IdleEnd::Deadline => {
                    if let Some(how) = Box::pin(self.renewed()).await? {
                        return Ok(Some(how));
                    }
                }
            }
        }
    }

    /// Completes when the folders are to be read at once, or another configuration is to hold.
    fn signal(&self) -> impl Future<Output = ()> + use<> {
        let (mut read_now, handing_over) = (self.read_now.clone(), self.wakeups.handing_over());
        async move {
            tokio::select! {
                // The channel lives as long as the tasks.
                _ = read_now.changed() => {}
                () = handing_over => {}
            }
        }
    }

    /// After that: how closely the folders are to be read, if at all.
    fn asked(&self) -> Option<Thoroughness> {
        let is_asked = self.read_now.has_changed().unwrap_or(true) || !self.wakeups.is_handing_over();
        is_asked.then_some(Thoroughness::Recount)
    }

    /// An IDLE was over. Where nothing is due, asking whether anything came is enough to go on waiting.
    async fn renewed(&mut self) -> Result<Option<Thoroughness>, AgentError> {
        if self.unsettled > 0 || self.looked.elapsed() >= POLL {
            return Ok(Some(Thoroughness::Recount));
        }
        if self.group.folders.len() > 1 || self.must_list_again() {
            return Ok(Some(Thoroughness::Usual));
        }
        let has_news = with_account(self.account(), self.session.has_come().await)?;
        Ok(has_news.then_some(Thoroughness::Usual))
    }

    /// Renewals are spread over their period: thousands of connections that began together do not go on together.
    fn longest_wait(&self) -> Duration {
        let mut longest = self.session.longest_idle().min(POLL).mul_f64(0.6 + random_part() * 0.4);
        if self.group.folders.len() > 1 {
            longest = longest.min(TURN);
        }
        if self.group.lists_folders && self.group.misses_folder {
            longest = longest.min(LIST_WHILE_MISSED);
        }
        if (1..=LOOKS_FOR_UNSETTLED).contains(&self.unsettled) {
            longest = longest.min(doubled(Duration::from_millis(500), self.unsettled, LONGEST_SPIN));
        }
        longest
    }

    fn must_list_again(&self) -> bool {
        let every = if self.group.misses_folder { LIST_WHILE_MISSED } else { LIST_AGAIN };
        self.group.lists_folders && self.listed.elapsed() >= every.mul_f64(0.9)
    }

    /// Lists the folders; whether others are to be watched than before.
    async fn is_planned_otherwise(&mut self) -> Result<bool, AgentError> {
        self.listed = monotonic();
        let account = self.account().to_owned();
        let name = account.clone();
        let before: BTreeSet<String> = self
            .app
            .read(move |_, tx| {
                let folders = tx.folders_of(&name)?.into_iter();
                Ok(folders.map(|state| state.folder).collect())
            })
            .await?;
        let after = watched(self.app, &mut self.session, &account).await?;
        let after: BTreeSet<String> = after.into_iter().map(|folder| folder.name.wire().to_owned()).collect();
        Ok(after != before)
    }
}
