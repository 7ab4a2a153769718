//! Watching mailboxes: each account's folders are found out, read whenever there is reason to, and waited for by IDLE.
//!
//! An account has a connection for each of its folders (INBOX and Sent, mostly), or one for all of them in turn where
//! its server allows no more. Folders are listed again once a day, and often while there is none for sent mail.
//! A server that ends each IDLE at once, or announces what is no news, is asked at growing intervals. Known limit: no
//! NOTIFY (RFC 5465).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::clock::monotonic;
use crate::imap::{FolderUse, IdleEnd, ImapError, ImapSession};

use super::AgentError;
use super::app::{App, with_account};
use super::backoff::{Backoff, doubled, random_part};
use super::connecting::Urgency;
use super::daemon::{ReadRequests, Wakeups, notify};
use super::folders::watched;
use super::live_connections::WatchedConnection;
use super::once::failed;
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

/// While somebody's verdict hangs on being able to read.
const LONGEST_WHILE_AWAITED: Duration = Duration::from_secs(8);
/// A refused login is a state of its own: asked about rarely.
const LOGIN_BACKOFF: Duration = Duration::from_secs(15 * 60);
/// A connection that has lived so long has proved itself.
const PROVED: Duration = Duration::from_secs(5 * 60);

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
struct FolderGroup {
    folders: Vec<WatchedFolder>,
    /// This connection looks whether other folders are there.
    lists_folders: bool,
    /// There is no folder for sent mail among the account's, and none is configured.
    misses_folder: bool,
}

/// Why the folders of an account have to be found out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WatchEnd {
    /// Other folders are there, or the connections that the server allows have changed.
    PlanAgain,
    /// An errand needs the connections.
    StandBack,
    /// A verdict waits, and the session may show the folder as it was when it began.
    Reconnect,
}

/// Watches one account until the agent ends.
pub(super) async fn run_account(app: Arc<App>, account: String, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut backoff = Backoff::new();
    let mut changes = app.connections.changes(&account);
    loop {
        while app.connections.is_room_wanted(&account) {
            // The registry outlives its users.
            let _ = changes.changed().await;
        }
        let outcome = match connect(&app, &account).await {
            Ok(mut session) => watched(&app, &mut session, &account).await.map(|found| (session, found)),
            Err(error) => Err(error),
        };
        match outcome {
            Ok((session, folders)) => {
                backoff = Backoff::new();
                if folders.is_empty() {
                    // An account without a folder to watch only sends.
                    session.logout().await;
                    return std::future::pending().await;
                }
                watch_account(&app, &account, session, folders, &wakeups).await?;
            }
            Err(error) => pause(&app, &account, None, error, &mut backoff, &wakeups).await?,
        }
    }
}

async fn connect(app: &Arc<App>, account: &str) -> Result<ImapSession, AgentError> {
    let name = account.to_owned();
    let urgency = app
        .read(move |app, tx| {
            for id in tx.awaiting()? {
                let Some(stored) = tx.handoff(&id)? else { continue };
                let record = &stored.handoff.record;
                let people = [&record.sdr, &record.ae];
                if people.iter().any(|person| app.policy.account_of(person) == Some(name.as_str())) {
                    return Ok(Urgency::Verdict);
                }
            }
            Ok(Urgency::Watching)
        })
        .await?;
    app.connect_to_watch(account, urgency).await
}

/// One task for each connection, the first of which is open; until the plan has to be made anew.
async fn watch_account(
    app: &Arc<App>,
    account: &str,
    session: ImapSession,
    folders: Vec<WatchedFolder>,
    wakeups: &Wakeups,
) -> Result<(), AgentError> {
    let planned = app.connections.for_watching(account);
    let misses_folder = app.account(account)?.folders.is_none()
        && !folders.iter().any(|folder| matches!(folder.usage, Some(FolderUse::Sent | FolderUse::All)));
    app.live_connections.expect(account, folders.iter().map(|folder| folder.name.clone()));
    let mut first = Some(session);
    let mut tasks: JoinSet<Result<WatchEnd, AgentError>> = JoinSet::new();
    let mut changes = app.connections.changes(account);
    changes.mark_unchanged();
    for folders in grouped(folders, planned) {
        let (app, wakeups, session) = (Arc::clone(app), wakeups.clone(), first.take());
        let group = FolderGroup { folders, lists_folders: session.is_some(), misses_folder };
        tasks.spawn(async move { run_group(&app, group, session, &wakeups).await });
    }
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended {
                Some(Ok(Ok(_))) | None => break,
                Some(Ok(Err(error))) => return Err(error),
                // A panic in one task is a failed attempt of that task. Its cause is logged by the panic itself.
                Some(Err(error)) if error.is_panic() => break,
                Some(Err(_)) => return Err(AgentError::Stopped),
            },
            _ = changes.changed() => {
                if app.connections.is_room_wanted(account) || app.connections.for_watching(account) < planned.min(2) {
                    break;
                }
            }
        }
    }
    tasks.shutdown().await;
    Ok(())
}

/// Folders by connection: two connections at most, INBOX alone on the first.
fn grouped(folders: Vec<WatchedFolder>, connections: usize) -> Vec<Vec<WatchedFolder>> {
    let mut folders = folders.into_iter();
    let mut groups: Vec<Vec<WatchedFolder>> = folders.next().map(|first| vec![first]).into_iter().collect();
    for folder in folders {
        if groups.len() < connections.min(2) {
            groups.push(vec![folder]);
        } else if let Some(last) = groups.last_mut() {
            last.push(folder);
        }
    }
    groups
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

/// Watches the folders of one connection, whatever becomes of it.
async fn run_group(
    app: &Arc<App>,
    group: FolderGroup,
    mut session: Option<ImapSession>,
    wakeups: &Wakeups,
) -> Result<WatchEnd, AgentError> {
    let mut backoff = Backoff::new();
    let mut how = Thoroughness::Usual;
    let mut misses_one = false;
    let folders = &group.folders;
    let Some(account) = folders.first().map(|folder| folder.account.clone()) else {
        return Ok(WatchEnd::PlanAgain);
    };
    loop {
        let connected = match session.take() {
            Some(session) => Ok(session),
            None => connect(app, &account).await,
        };
        let since = monotonic();
        let mut at = None;
        let outcome = match connected {
            Ok(session) => {
                let mut watch = FolderWatch::new(app, session, &group, wakeups);
                let ended = watch.run(how, misses_one).await;
                at = watch.at.take();
                if let Ok(WatchEnd::Reconnect) = &ended {
                    watch.session.logout().await;
                }
                ended
            }
            Err(error) => Err(error),
        };
        match outcome {
            Ok(WatchEnd::Reconnect) => how = Thoroughness::Recount,
            Ok(end) => return Ok(end),
            Err(error) => {
                if since.elapsed() >= PROVED {
                    backoff = Backoff::new();
                }
                misses_one = is_about_missing_folder(&error);
                // What ends the connection concerns every folder that shares it.
                let one = at.or_else(|| folders.first().filter(|_| folders.len() == 1).cloned());
                pause(app, &account, one.as_ref(), error, &mut backoff, wakeups).await?;
                if app.connections.is_room_wanted(&account) {
                    return Ok(WatchEnd::StandBack);
                }
            }
        }
    }
}

/// A folder that was there is not: it may have another name now.
fn is_about_missing_folder(error: &AgentError) -> bool {
    matches!(error, AgentError::Imap { source: ImapError::FolderMissing { .. }, .. })
}

/// Some folders of an account, for as long as one connection lives.
struct FolderWatch<'a> {
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
}

impl<'a> FolderWatch<'a> {
    fn new(app: &'a Arc<App>, session: ImapSession, group: &'a FolderGroup, wakeups: &'a Wakeups) -> Self {
        let account = group.folders.first().map_or("", |folder| folder.account.as_str());
        let (read_now, now) = (wakeups.read_requests(account), monotonic());
        let opened_for = read_now.borrow().by_verdict;
        Self {
            app,
            session,
            group,
            wakeups,
            opened_for,
            opened: now,
            read_now,
            spins: 0,
            found: false,
            unsettled: 0,
            looked: now,
            listed: now,
            at: None,
            open: None,
            live: Vec::new(),
        }
    }

    fn account(&self) -> &'a str {
        self.group.folders.first().map_or("", |folder| folder.account.as_str())
    }

    /// Reads whenever there is reason to.
    async fn run(&mut self, how: Thoroughness, misses_one: bool) -> Result<WatchEnd, AgentError> {
        if misses_one && self.is_planned_otherwise().await? {
            return Ok(WatchEnd::PlanAgain);
        }
        let mut how = how;
        let mut is_first = true;
        loop {
            let news = self.read_all(how).await?;
            if news > 0 || is_first || how == Thoroughness::Recount {
                notify(&self.wakeups.store_changed);
            }
            is_first = false;
            if self.must_list_again() && self.is_planned_otherwise().await? {
                return Ok(WatchEnd::PlanAgain);
            }
            how = self.wait().await?;
            let asked = self.read_now.borrow().by_verdict;
            if asked != self.opened_for && self.opened.elapsed() >= FRESH {
                return Ok(WatchEnd::Reconnect);
            }
            self.opened_for = asked;
        }
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

    /// Waits until there is reason to read again; how closely.
    async fn wait(&mut self) -> Result<Thoroughness, AgentError> {
        if self.found {
            self.spins = 0;
        }
        if self.spins > 0 {
            let wait = doubled(Duration::from_millis(500), self.spins, LONGEST_SPIN);
            if tokio::time::timeout(wait, self.read_now.changed()).await.is_ok() {
                return Ok(Thoroughness::Recount);
            }
        }
        loop {
            let began = monotonic();
            let at_most = self.longest_wait();
            let mut read_now = self.read_now.clone();
            let asked = async move {
                // The channel lives as long as the tasks.
                let _ = read_now.changed().await;
            };
            let woke = with_account(self.account(), self.session.idle(at_most, asked).await)?;
            let is_soon = began.elapsed() < NO_WAITING.min(at_most);
            match woke {
                IdleEnd::Asked => return Ok(Thoroughness::Recount),
                IdleEnd::Changed | IdleEnd::Ended => {
                    self.spins = if is_soon && !self.found { self.spins.saturating_add(1) } else { 0 };
                    return Ok(Thoroughness::Usual);
                }
                IdleEnd::Refused => {
                    // Nothing tells of new mail: what counts is when it was fetched.
                    self.live.clear();
                    let asked = tokio::time::timeout(POLL_WITHOUT_IDLE.min(at_most), self.read_now.changed());
                    let is_asked = asked.await.is_ok();
                    return Ok(if is_asked { Thoroughness::Recount } else { Thoroughness::Usual });
                }
                IdleEnd::Deadline => {
                    if let Some(how) = self.renewed().await? {
                        return Ok(how);
                    }
                }
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imap::FolderName;

    fn folder(name: &str) -> WatchedFolder {
        WatchedFolder { account: "dana".to_owned(), name: FolderName::new(name), usage: None }
    }

    fn names(groups: Vec<Vec<WatchedFolder>>) -> Vec<Vec<String>> {
        let name = |folder: WatchedFolder| folder.name.to_string();
        groups.into_iter().map(|group| group.into_iter().map(name).collect()).collect()
    }

    #[test]
    fn folders_share_connections_where_there_are_not_enough() {
        let folders = || ["INBOX", "Sent", "Sent Messages"].map(folder).to_vec();
        assert_eq!(names(grouped(folders(), usize::MAX)), [vec!["INBOX"], vec!["Sent", "Sent Messages"]]);
        assert_eq!(names(grouped(folders(), 1)), [vec!["INBOX", "Sent", "Sent Messages"]]);
        assert_eq!(names(grouped(vec![folder("All")], 5)), [vec!["All"]]);
        assert!(grouped(Vec::new(), 2).is_empty());
    }
}
