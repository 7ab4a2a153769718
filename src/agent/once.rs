//! One full pass over everything due: every watched folder is read to the present, what follows is judged,
//! last looks are taken, mail that is due leaves, copies are put into Sent, and what all that brought is read
//! and sent in turn, until nothing moves any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::StreamExt;

use crate::imap::FolderName;
use crate::store::{Priority, ReadTransaction, Result as Stored, WriteTransaction};

use super::AgentError;
use super::app::App;
use super::attempt::alert_unattended_failures;
use super::catch_up::{self, CatchUp};
use super::clock_trust;
use super::delivery::drain;
use super::delivery_right::take_lease;
use super::disk;
use super::folders::watched;
use super::global::reconcile_global_outbox;
use super::housekeeping;
use super::last_look;
use super::letters::{answer_letters, expire_drafts};
use super::long_threads::settle_due_apart;
use super::presence;
use super::reading::read_folder;
use super::remainder;
use super::search::look_for_uncertain;
use super::sent_copy::{keep_copies, settle_copies};
use super::tokens::missing_grant_subject;
use super::turn::{judge_awaiting_soon, settle};

/// A pass that still moves after so many rounds ends all the same; the next one goes on.
const ROUNDS: usize = 8;

/// What a pass could not do: accounts and why.
pub(crate) type Failures = BTreeMap<String, AgentError>;

/// One full pass. The lock must be held.
pub async fn run_once(app: &Arc<App>) -> Result<Failures, AgentError> {
    let began = app.now();
    begin(app).await?;
    disk::check(app).await?;
    let mut failures = Failures::new();
    for _ in 0..ROUNDS {
        let mut moved = read_all(app, &mut failures).await?;
        match catch_up::step(app).await {
            // What it has found brings in mail that is still to be read.
            Ok(CatchUp::Unread(_)) if failures.is_empty() => moved += 1,
            Ok(_) => {}
            Err(error) => {
                let Some(account) = error.account().map(str::to_owned) else { return Err(error) };
                failures.insert(account, error);
            }
        }
        moved += usize::from(answer_letters(app).await?);
        settle_due(app, Priority::Background).await?;
        let looks = last_look::take_due(app).await?;
        moved += looks.taken;
        for error in looks.failures {
            let Some(account) = error.account().map(str::to_owned) else { return Err(error) };
            failures.insert(account, error);
        }
        moved += send_all(app, &mut failures).await?;
        if moved == 0 {
            break;
        }
    }
    settle_copies(app).await?;
    // What goes by age waits for a clock that is believed, and it is the reading that confirms one; and a letter that keeps
    // a draft may have come.
    expire_drafts(app).await?;
    housekeeping::drop_old_texts(app).await?;
    // Who has seen no mailbox at all has watched nothing.
    let read_since = move |app: &App, tx: &ReadTransaction<'_>| {
        let mut folders = Vec::new();
        for account in app.accounts.keys() {
            folders.extend(tx.folders_of(account)?);
        }
        Ok(folders.iter().any(|folder| folder.read_until >= Some(began)))
    };
    let has_read = failures.len() < app.accounts.len() || app.read(read_since).await?;
    if app.accounts.is_empty() || has_read {
        presence::note_pass(app).await?;
    }
    Ok(failures)
}

/// What has to be set right before anything else, judgements by a configuration that may have changed included.
pub(crate) async fn begin(app: &Arc<App>) -> Result<(), AgentError> {
    prepare_delivery(app).await?;
    clock_trust::ask_system(app).await?;
    app.write(|app, tx| tx.judge_all_soon(app.now())).await?;
    settle_due(app, Priority::Background).await
}

/// What has to be set right before anything leaves: rows that a process which died left half way, folders that are
/// not configured any more.
pub(crate) async fn prepare_delivery(app: &Arc<App>) -> Result<(), AgentError> {
    take_lease(app).await?;
    clock_trust::begin(app).await?;
    app.write(|app, tx| {
        let now = app.now();
        recover_rows(app, tx)?;
        tx.retry_now(now)?;
        alert_unattended_failures(app, tx)?;
        let names: Vec<&str> = app.accounts.keys().map(String::as_str).collect();
        tx.watch_only(&names)?;
        for name in names {
            if tx.folders_of(name)?.is_empty() {
                // Until the account could be asked, its INBOX stands for what is not read.
                tx.watch(name, &[FolderName::inbox().wire().to_owned()])?;
            }
        }
        Ok(())
    })
    .await?;
    app.unwritten.forget(app);
    Ok(())
}

/// What processes that died were sending, after what this one has to write: the lease must be held.
pub(crate) fn recover_rows(app: &App, tx: &WriteTransaction<'_>) -> Stored<()> {
    app.unwritten.write(app, tx)?;
    for seq in tx.recover(app.now())? {
        tracing::warn!(seq, "a mail may or may not have left when baton ended; it is looked for");
    }
    remainder::leave_unknown(app, tx, false)
}

/// Judges every handoff that time or reading may have changed, some in each transaction.
pub(crate) async fn settle_due(app: &Arc<App>, priority: Priority) -> Result<(), AgentError> {
    let now = app.now();
    app.write_with(priority, move |_, tx| judge_awaiting_soon(tx, now)).await?;
    loop {
        settle_due_apart(app).await?;
        let is_done = app
            .write_with(priority, move |app, tx| {
                settle(tx, &app.policy, tx.due(now)?, now)?;
                reconcile_global_outbox(app, tx, now)?;
                Ok(tx.due(now)?.is_empty())
            })
            .await?;
        if is_done {
            return Ok(());
        }
    }
}

/// Reads every account, all at the same time. Returns how much was news.
pub(crate) async fn read_all(app: &Arc<App>, failures: &mut Failures) -> Result<usize, AgentError> {
    let reads = app.accounts.keys().map(|account| async move { (account, read_account(app, account).await) });
    let mut outcomes = futures::stream::iter(reads).buffered(app.at_once);
    let mut news = 0;
    while let Some((account, outcome)) = outcomes.next().await {
        match outcome {
            Ok(found) => {
                news += found;
                failures.remove(account);
            }
            Err(error @ (AgentError::Store(_) | AgentError::Stopped)) => return Err(error),
            Err(error) => {
                failures.insert(account.clone(), error);
            }
        }
    }
    Ok(news)
}

async fn read_account(app: &Arc<App>, account: &str) -> Result<usize, AgentError> {
    let mut session = match app.connect(account).await {
        Ok(session) => session,
        Err(error) => return Err(failed(app, account, None, error).await?),
    };
    let folders = match watched(app, &mut session, account).await {
        Ok(folders) => folders,
        Err(error) => return Err(failed(app, account, None, error).await?),
    };
    let mut news = 0;
    let mut failure = None;
    for folder in folders {
        match read_folder(app, &mut session, &folder).await {
            Ok(gain) => news += gain.news,
            Err(error) => {
                // A folder that is missing hides nothing that lies in the others.
                let goes_on = match &error {
                    AgentError::Imap { source, .. } => source.leaves_the_session(),
                    AgentError::ParserPanicked { .. } => true,
                    _ => false,
                };
                let error = failed(app, account, Some(&folder.name), error).await?;
                if !goes_on {
                    return Err(error);
                }
                failure = Some(error);
            }
        }
    }
    session.logout().await;
    failure.map_or(Ok(news), Err)
}

/// Notes that an account (or one folder of it) could not be read; gives the error back.
pub async fn failed(
    app: &Arc<App>,
    account: &str,
    folder: Option<&FolderName>,
    error: AgentError,
) -> Result<AgentError, AgentError> {
    if matches!(error, AgentError::Store(_) | AgentError::Stopped) {
        return Err(error);
    }
    let (account, folder) = (account.to_owned(), folder.map(|name| name.wire().to_owned()));
    let (reason, refused) = (error.to_string(), error.is_refused_login());
    let grant = error.missing_grant().map(str::to_owned);
    app.write(move |app, tx| {
        let now = app.now();
        let all = tx.folders_of(&account)?;
        for state in all.into_iter().filter(|state| folder.as_ref().is_none_or(|name| *name == state.folder))
        {
            tx.folder_failed(&account, &state.folder, now, &reason)?;
        }
        if let Some(login) = grant {
            // One alert for all accounts of one grant.
            let what = format!("nobody has given consent for `{login}`, so its mailboxes cannot be opened");
            let remedy = format!("Run `baton login {login}` where baton runs; the agent notices by itself.");
            tx.raise_alert(&missing_grant_subject(&login), &what, &reason, &remedy, now)?;
        } else if refused {
            let what = format!("the mailbox of the account {account} cannot be opened");
            let remedy = "Fix the login or the certificate in the configuration, then run `baton doctor`.";
            tx.raise_alert(&format!("mailbox {account}"), &what, &reason, remedy, now)?;
        }
        judge_awaiting_soon(tx, now)?;
        settle(tx, &app.policy, tx.due(now)?, now)?;
        reconcile_global_outbox(app, tx, now)?;
        Ok(())
    })
    .await?;
    Ok(error)
}

/// Sends what is due from every account, at the same time. Returns how much moved.
async fn send_all(app: &Arc<App>, failures: &mut Failures) -> Result<usize, AgentError> {
    let sends = app.accounts.keys().map(|account| async move { (account, send_from(app, account).await) });
    let mut outcomes = futures::stream::iter(sends).buffered(app.at_once);
    let mut moved = 0;
    while let Some((account, outcome)) = outcomes.next().await {
        match outcome {
            Ok(some) => moved += some,
            Err(error @ (AgentError::Store(_) | AgentError::Stopped)) => return Err(error),
            Err(error) => {
                failures.insert(account.clone(), error);
            }
        }
    }
    Ok(moved)
}

/// Everything that leaves an account: mail that is due, searches for mail of unknown fate, copies in Sent.
pub async fn send_from(app: &Arc<App>, account: &str) -> Result<usize, AgentError> {
    // First, since what is found makes mail about it needless.
    let found = look_for_uncertain(app, account).await?;
    let sent = drain(app, account).await?;
    let copied = keep_copies(app, account).await?;
    Ok(sent + found + copied)
}
