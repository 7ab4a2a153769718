//! The agent of the week: what the daemon's tasks do, one after the other, until nothing moves any more.
//!
//! Like the daemon it keeps its sessions open, reads a folder when its server has news, and all of them when a
//! verdict waits for reading. Every few days it is started anew, with a whole `--once` pass. Known limit: tasks
//! that run at the same time, IDLE and backoff are not played; `tests/servers` does that.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use baton::agent::AgentError;
use baton::agent::app::App;
use baton::agent::delivery_right::take_lease;
use baton::agent::folders::watched;
use baton::agent::global::reconcile_global_outbox;
use baton::agent::last_look;
use baton::agent::once::{failed, run_once, send_from};
use baton::agent::reading::{WatchedFolder, read_folder};
use baton::agent::turn::settle;
use baton::imap::ImapSession;
use baton::sandbox::Sandbox;
use baton::store::{LockOutcome, OutboxState};

use super::cast::address;

/// A pass that goes on for so long brings itself about.
const MOST_ROUNDS: usize = 20;

/// Weekends, nights and all.
const BETWEEN_STARTS: TimeDelta = TimeDelta::days(4);

#[derive(Default)]
pub(crate) struct Agent {
    sessions: BTreeMap<String, (ImapSession, Vec<WatchedFolder>)>,
    /// How many mails a folder held when it was last read.
    read: BTreeMap<(String, String), usize>,
    /// The last verdict that all folders were read for.
    rung_for: Option<DateTime<Utc>>,
    started: Option<NaiveDate>,
}

impl Agent {
    /// Everything that is due now. Accounts that are `down` may fail, no other.
    pub(crate) async fn pass(&mut self, app: &Arc<App>, sandbox: &Sandbox, down: &BTreeSet<&'static str>) {
        let LockOutcome::Ours(_lock) = app.store.lock().unwrap() else { panic!("the lock is held") };
        // A `send` since the last pass has given it back.
        take_lease(app).await.unwrap();
        let today = app.now().date_naive();
        if self.started.is_none_or(|started| today - started >= BETWEEN_STARTS) {
            *self = Self { started: Some(today), ..Self::default() };
            let failures = run_once(app).await.unwrap();
            assert!(failures.keys().all(|account| down.contains(account.as_str())), "{failures:?}");
        }
        self.sessions.retain(|account, _| !down.contains(account.as_str()));
        for _ in 0..MOST_ROUNDS {
            self.judge(app).await;
            let read = self.read(app, sandbox, down).await;
            let sent = send(app).await;
            if !read && !sent {
                return;
            }
        }
        panic!("the agent does not come to rest at {}", app.now());
    }

    /// Reads what has news; everything where a verdict waits for it. Whether anything was read.
    async fn read(&mut self, app: &Arc<App>, sandbox: &Sandbox, down: &BTreeSet<&'static str>) -> bool {
        let awaited = app.read(|_, tx| tx.awaited()).await.unwrap();
        let all = awaited > self.rung_for;
        self.rung_for = awaited.max(self.rung_for);
        let mut any = false;
        for account in app.accounts.keys() {
            if let Err(error) = self.open(app, account).await {
                assert!(down.contains(account.as_str()), "{account}: {error}");
                failed(app, account, None, error).await.unwrap();
                continue;
            }
            let Some((session, folders)) = self.sessions.get_mut(account) else { continue };
            for folder in folders.iter() {
                let wire = folder.name.wire().to_owned();
                let holds = sandbox.mailbox(&address(account, ""), &wire).len();
                let before = self.read.insert((account.clone(), wire), holds);
                if all || before != Some(holds) {
                    read_folder(app, session, folder).await.unwrap();
                    any = true;
                }
            }
        }
        any
    }

    async fn open(&mut self, app: &Arc<App>, account: &str) -> Result<(), AgentError> {
        if !self.sessions.contains_key(account) {
            let mut session = app.connect(account).await?;
            let folders = watched(app, &mut session, account).await?;
            self.read.retain(|(one, _), _| one != account);
            self.sessions.insert(account.to_owned(), (session, folders));
        }
        Ok(())
    }

    async fn judge(&self, app: &Arc<App>) {
        let judged = app.write(|app, tx| {
            let now = app.now();
            settle(tx, &app.policy, tx.due(now)?, now)?;
            reconcile_global_outbox(app, tx, now)
        });
        judged.await.unwrap();
        let looks = last_look::take_due(app).await.unwrap();
        assert!(looks.failures.is_empty(), "{:?}", looks.failures);
    }
}

/// Sends what is due, and puts the copies that are owed into Sent. Whether anything moved.
async fn send(app: &Arc<App>) -> bool {
    let busy = app.read(|app, tx| {
        let mut rows = tx.sendable(app.now())?;
        rows.extend(tx.copies_due()?);
        rows.extend(tx.in_state(OutboxState::Uncertain)?);
        Ok(rows.into_iter().map(|row| row.account).collect::<BTreeSet<String>>())
    });
    let mut moved = 0;
    for account in busy.await.unwrap() {
        moved += send_from(app, &account).await.unwrap();
    }
    moved > 0
}
