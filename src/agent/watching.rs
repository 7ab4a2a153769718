//! Watching mailboxes: each account's folders are found out, and watched over connections of their own (`folder_watch`).
//!
//! An account has a connection for each of its folders (INBOX and Sent, mostly), or one for all of them in turn where
//! its server allows no more. Folders are listed again once a day, and often while there is none for sent mail.
//! A server that ends each IDLE at once, or announces what is no news, is asked at growing intervals. Where another
//! configuration is to hold, the sessions are handed over to it (`kept_mailboxes`). Known limit: no NOTIFY (RFC 5465).

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};

use crate::clock::monotonic;
use crate::imap::{FolderUse, ImapError, ImapSession};

use super::AgentError;
use super::app::App;
use super::backoff::Backoff;
use super::connecting::Urgency;
use super::daemon::{Wakeups, notify};
use super::folder_watch::{FolderGroup, FolderWatch, PausedWatch, WatchEnd};
use super::folders::watched;
use super::kept_mailboxes::{KeptMailbox, PAUSE_WITHIN};
use super::once::failed;
use super::reading::{Thoroughness, WatchedFolder};

/// While somebody's verdict hangs on being able to read.
const LONGEST_WHILE_AWAITED: Duration = Duration::from_secs(8);
/// A refused login is a state of its own: asked about rarely.
const LOGIN_BACKOFF: Duration = Duration::from_secs(15 * 60);
/// A connection that has lived so long has proved itself.
const PROVED: Duration = Duration::from_secs(5 * 60);

/// What the watch over one connection begins with.
enum GroupStart {
    Connect,
    Connected(Box<ImapSession>),
    Paused(Box<PausedWatch>),
}

/// Why the watch over one connection has ended.
enum GroupEnd {
    /// The folders of the account have to be found out again, or an errand needs the connections.
    PlanAgain,
    /// Another configuration is to hold. `None`: there was no session.
    Paused(Option<Box<PausedWatch>>),
}

/// Connections of an account that are to be watched over, and how many it was allowed when that was planned.
struct WatchPlan {
    groups: Vec<(FolderGroup, GroupStart)>,
    planned: usize,
}

/// Why the watch over an account has ended.
enum AccountEnd {
    PlanAgain,
    /// Another configuration is to hold. `None`: there is nothing to go on with.
    Paused(Option<KeptMailbox>),
}

/// Watches one account until the agent ends, or until another configuration is to hold: then the sessions are given
/// back with the account's name. `kept`: those of the configuration before.
pub(super) async fn run_account(
    app: Arc<App>,
    account: String,
    wakeups: Wakeups,
    kept: Option<KeptMailbox>,
) -> Result<(String, Option<KeptMailbox>), AgentError> {
    let mut backoff = Backoff::new();
    let mut changes = app.connections.changes(&account);
    let mut next = kept.map(WatchPlan::resumed);
    loop {
        let plan = match next.take() {
            Some(plan) => Ok(plan),
            None => {
                let planned = async {
                    while app.connections.is_room_wanted(&account) {
                        // The registry outlives its users.
                        let _ = changes.changed().await;
                    }
                    WatchPlan::made(&app, &account).await
                };
                tokio::select! {
                    plan = Box::pin(planned) => plan,
                    () = wakeups.handing_over() => return Ok((account, None)),
                }
            }
        };
        match plan {
            Ok(plan) => {
                backoff = Backoff::new();
                if let AccountEnd::Paused(kept) = watch_account(&app, &account, plan, &wakeups).await? {
                    return Ok((account, kept));
                }
            }
            Err(error) => Box::pin(pause(&app, &account, None, error, &mut backoff, &wakeups)).await?,
        }
    }
}

impl WatchPlan {
    /// Connects and finds out which folders there are. One without folders is for an account that only sends.
    async fn made(app: &Arc<App>, account: &str) -> Result<Self, AgentError> {
        let mut session = connect(app, account).await?;
        let folders = watched(app, &mut session, account).await?;
        let planned = app.connections.for_watching(account);
        if folders.is_empty() {
            session.logout().await;
            return Ok(Self { groups: Vec::new(), planned });
        }
        let misses_folder = app.account(account)?.folders.is_none()
            && !folders.iter().any(|folder| matches!(folder.usage, Some(FolderUse::Sent | FolderUse::All)));
        let mut first = Some(Box::new(session));
        let mut groups = Vec::new();
        for folders in grouped(folders, planned) {
            let start = first.take().map_or(GroupStart::Connect, GroupStart::Connected);
            let lists_folders = matches!(start, GroupStart::Connected(_));
            groups.push((FolderGroup { folders, lists_folders, misses_folder }, start));
        }
        Ok(Self { groups, planned })
    }

    /// Goes on with the sessions of the configuration before.
    fn resumed(kept: KeptMailbox) -> Self {
        let KeptMailbox { groups, planned } = kept;
        let start = |watch: Option<Box<PausedWatch>>| watch.map_or(GroupStart::Connect, GroupStart::Paused);
        Self { groups: groups.into_iter().map(|(group, watch)| (group, start(watch))).collect(), planned }
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

/// One task for each connection, until the plan has to be made anew or another configuration is to hold.
async fn watch_account(
    app: &Arc<App>,
    account: &str,
    plan: WatchPlan,
    wakeups: &Wakeups,
) -> Result<AccountEnd, AgentError> {
    let WatchPlan { groups, planned } = plan;
    if groups.is_empty() {
        wakeups.handing_over().await;
        return Ok(AccountEnd::Paused(Some(KeptMailbox { groups: Vec::new(), planned })));
    }
    let folders = groups.iter().flat_map(|(group, _)| &group.folders);
    app.live_connections.expect(account, folders.map(|folder| folder.name.clone()));
    let mut changes = app.connections.changes(account);
    changes.mark_unchanged();
    let mut kept: Vec<(FolderGroup, Option<Box<PausedWatch>>)> = Vec::new();
    // The first of them lists the folders.
    let mut is_plan_certain = false;
    let mut tasks: JoinSet<(usize, Result<GroupEnd, AgentError>)> = JoinSet::new();
    for (number, (group, start)) in groups.into_iter().enumerate() {
        kept.push((group.clone(), None));
        let (app, wakeups) = (Arc::clone(app), wakeups.clone());
        tasks.spawn(async move { (number, run_group(&app, group, start, &wakeups).await) });
    }
    let mut too_late = pin!(async {
        wakeups.handing_over().await;
        tokio::time::sleep(PAUSE_WITHIN).await;
    });
    loop {
        tokio::select! {
            ended = tasks.join_next() => match ended.map(ended_group).transpose()? {
                Some(Some((number, watch))) => {
                    is_plan_certain |= number == 0;
                    if let Some((_, place)) = kept.get_mut(number) {
                        *place = watch;
                    }
                }
                Some(None) => break,
                None => return Ok(AccountEnd::paused(kept, planned)),
            },
            _ = changes.changed() => {
                if app.connections.is_room_wanted(account) || app.connections.for_watching(account) < planned.min(2) {
                    break;
                }
            }
            // Whoever is in the middle of something begins anew; all do, where that may be a list of other folders.
            () = too_late.as_mut() => {
                tasks.shutdown().await;
                let kept = if is_plan_certain { kept } else { Vec::new() };
                return Ok(AccountEnd::paused(kept, planned));
            }
        }
    }
    tasks.shutdown().await;
    Ok(AccountEnd::PlanAgain)
}

impl AccountEnd {
    fn paused(groups: Vec<(FolderGroup, Option<Box<PausedWatch>>)>, planned: usize) -> Self {
        let has_session = groups.iter().any(|(_, watch)| watch.is_some());
        Self::Paused(has_session.then_some(KeptMailbox { groups, planned }))
    }
}

/// Which watch was paused, with its session; `None`: the plan has to be made anew.
type EndedWatch = Option<(usize, Option<Box<PausedWatch>>)>;

fn ended_group(
    ended: Result<(usize, Result<GroupEnd, AgentError>), JoinError>,
) -> Result<EndedWatch, AgentError> {
    match ended {
        Ok((number, outcome)) => Ok(match outcome? {
            GroupEnd::Paused(watch) => Some((number, watch)),
            GroupEnd::PlanAgain => None,
        }),
        // A panic in one task is a failed attempt of that task. Its cause is logged by the panic itself.
        Err(error) if error.is_panic() => Ok(None),
        Err(_) => Err(AgentError::Stopped),
    }
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

/// Notes the failure and waits before the next attempt, or until another configuration is to hold.
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
        () = wakeups.handing_over() => {}
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
    start: GroupStart,
    wakeups: &Wakeups,
) -> Result<GroupEnd, AgentError> {
    let mut backoff = Backoff::new();
    let mut how = Thoroughness::Usual;
    let mut misses_one = false;
    let mut start = start;
    let folders = &group.folders;
    let Some(account) = folders.first().map(|folder| folder.account.clone()) else {
        return Ok(GroupEnd::PlanAgain);
    };
    loop {
        let watch = match std::mem::replace(&mut start, GroupStart::Connect) {
            GroupStart::Paused(paused) => Ok(FolderWatch::resumed(app, *paused, &group, wakeups)),
            GroupStart::Connected(session) => Ok(FolderWatch::new(app, *session, &group, wakeups, how)),
            GroupStart::Connect => tokio::select! {
                // What is needed for a moment is on the heap for that moment.
                connected = Box::pin(connect(app, &account)) => {
                    connected.map(|session| FolderWatch::new(app, session, &group, wakeups, how))
                }
                () = wakeups.handing_over() => return Ok(GroupEnd::Paused(None)),
            },
        };
        let since = monotonic();
        let mut at = None;
        let error = match watch {
            Ok(mut watch) => match watch.run(misses_one).await {
                Ok(WatchEnd::PlanAgain) => return Ok(GroupEnd::PlanAgain),
                Ok(WatchEnd::Pause) => return Ok(GroupEnd::Paused(Some(Box::new(watch.paused())))),
                Ok(WatchEnd::Reconnect) => {
                    watch.log_out().await;
                    how = Thoroughness::Recount;
                    continue;
                }
                Err(error) => {
                    at = watch.failed_in();
                    error
                }
            },
            Err(error) => error,
        };
        if since.elapsed() >= PROVED {
            backoff = Backoff::new();
        }
        misses_one = is_about_missing_folder(&error);
        // What ends the connection concerns every folder that shares it.
        let one = at.or_else(|| folders.first().filter(|_| folders.len() == 1).cloned());
        Box::pin(pause(app, &account, one.as_ref(), error, &mut backoff, wakeups)).await?;
        if app.connections.is_room_wanted(&account) {
            return Ok(GroupEnd::PlanAgain);
        }
    }
}

/// A folder that was there is not: it may have another name now.
fn is_about_missing_folder(error: &AgentError) -> bool {
    matches!(error, AgentError::Imap { source: ImapError::FolderMissing { .. }, .. })
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

    #[tokio::test]
    async fn a_watch_that_panics_is_planned_anew() {
        let mut tasks = JoinSet::new();
        tasks.spawn(async { (0, Ok(GroupEnd::PlanAgain)) });
        tasks.spawn(async { panic!("on purpose") });
        while let Some(ended) = tasks.join_next().await {
            assert!(matches!(ended_group(ended), Ok(None)));
        }
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
