//! A database that may be older than the mailboxes is caught up with them before anything leaves.
//!
//! Every folder is read to the present. What is found of our own is taken as left; what may have left and shows no trace
//! waits for a person, named to the operator in one mail, together with the handoffs that only the mailboxes know.
//! docs/behaviour.md section 15. Known limit: what lay in nobody's mailbox that is read, or was deleted there, shows no
//! trace and waits, although it may never have left.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::mails::{MailKey, MailKind};
use crate::domain::message::{Address, MessageId};
use crate::domain::people::Person;
use crate::store::{
    BehindSince, OutboxRow, OutboxState, OwnMailSeen, Priority, ReadTransaction, Result as Stored, Scope,
    WriteTransaction,
};

use super::AgentError;
use super::adopted_mails::adopt_seen;
use super::app::App;
use super::daemon::{Wakeups, notify};
use super::delivery_right::{self, Withheld, withheld};
use super::global::{REPORTED_WITHIN, reconcile_global_outbox};
use super::global_mails::can_see_key;
use super::last_look;
use super::letters::after_intro::draft_behind;
use super::letters::{self, Knowledge};
use super::once::{self, Failures, settle_due};
use super::own_mails::{described, is_intro};
use super::proven_by_own_mail::note_what_is_proved;
use super::remainder;
use super::search::{find_trace, seen, settle_as_left};
use super::turn::judged;

/// Under this name the store remembers the alert about what waits.
pub(crate) const RESTORED: &str = "restored";

/// Judging and looking for traces is repeated as long as it brings something, at most so often.
const ROUNDS: usize = 8;
/// Mails and handoffs that are named one by one.
const NAMED: usize = 60;
/// When the database was the present it knows to so much: its lease was renewed as often.
const LEASE_LASTS: TimeDelta = TimeDelta::seconds(60);
/// How often the agent looks whether everything was read.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// How long a command waits for the agent to have caught up.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// How far the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CatchUp {
    /// It is the present, or has just become so.
    Present,
    /// These accounts are still to be read.
    Unread(Vec<String>),
}

/// Catches the database up with what was read. The lock and the lease must be held.
pub(crate) async fn step(app: &Arc<App>) -> Result<CatchUp, AgentError> {
    let Some((behind, unread)) = app.read(progress).await? else {
        return Ok(CatchUp::Present);
    };
    if !unread.is_empty() {
        return Ok(CatchUp::Unread(unread));
    }
    let since = behind.found_at.unwrap_or_else(|| app.now());
    let asked_for = app.read(move |_, tx| intros_since(tx, since)).await?;
    adopt_seen(app).await?;
    app.write(move |_, tx| take_up_refused(tx, since)).await?;
    let mut looked_for = BTreeSet::new();
    for _ in 0..ROUNDS {
        letters::answer_all(app, Knowledge::Growing).await?;
        // What is known now may bring in mail of which no more than the headers were read.
        if let Some((_, unread)) = app.read(progress).await?.filter(|(_, unread)| !unread.is_empty()) {
            return Ok(CatchUp::Unread(unread));
        }
        app.write(|app, tx| tx.judge_all_soon(app.now())).await?;
        settle_due(app, Priority::Background).await?;
        // What an escalation waits for, which may have left before.
        let looks = last_look::take_due(app).await?;
        if !looks.failures.is_empty() {
            let accounts = looks.failures.iter().filter_map(|error| error.account().map(str::to_owned));
            return Ok(CatchUp::Unread(accounts.collect()));
        }
        if find_traces(app, &mut looked_for).await? + adopt_seen(app).await? > 0 {
            continue;
        }
        if app.write(note_what_is_proved).await? > 0 {
            continue;
        }
        // What goes on from a mail that may have left may have left as well.
        let (of, asked) = (behind.clone(), asked_for.clone());
        if app.write(move |app, tx| hold(app, tx, &of, since, &asked)).await? == 0 {
            break;
        }
    }
    app.write(move |app, tx| conclude(app, tx, &behind, since, &asked_for)).await?;
    tracing::info!("the database is caught up with the mailboxes");
    Ok(CatchUp::Present)
}

/// What is still to be read; `None`: the database is the present.
fn progress(app: &App, tx: &ReadTransaction<'_>) -> Stored<Option<(BehindSince, Vec<String>)>> {
    let Some(behind) = tx.behind()? else { return Ok(None) };
    let mut unread = Vec::new();
    for account in app.accounts.keys() {
        let folders = tx.folders_of(account)?;
        let is_read =
            folders.iter().all(|folder| folder.read_until >= behind.found_at && folder.read_until.is_some());
        if !is_read {
            unread.push(account.clone());
        }
    }
    Ok(Some((behind, unread)))
}

/// Refused mail whose next attempt was due before `since` may have left with it: it is looked for like any that waits.
fn take_up_refused(tx: &WriteTransaction<'_>, since: DateTime<Utc>) -> Stored<()> {
    for (seq, at) in tx.refused_to_retry()? {
        if at <= since {
            tx.retry_refused(seq, since)?;
        }
    }
    Ok(())
}

/// Intros that people have asked for since: they cannot have left before. A letter that is answered once more was written
/// before.
fn intros_since(tx: &ReadTransaction<'_>, since: DateTime<Utc>) -> Stored<BTreeSet<i64>> {
    let mut asked_for = BTreeSet::new();
    for row in tx.in_state(OutboxState::Queued)? {
        let is_new = is_intro(&row) && row.made_at >= since;
        if is_new && said_yes_at(tx, &row)?.is_none_or(|at| at >= since) {
            asked_for.insert(row.seq);
        }
    }
    Ok(asked_for)
}

/// When the letter was written that an intro leaves for; `None`: a command asked for it.
fn said_yes_at(tx: &ReadTransaction<'_>, row: &OutboxRow) -> Stored<Option<DateTime<Utc>>> {
    Ok(draft_behind(tx, row)?.map(|draft| draft.letter_at))
}

/// The intro that a letter brought before and brings once more: no token says so, but nothing else went to the same people
/// after the letter.
fn intro_of_letter(tx: &ReadTransaction<'_>, row: &OutboxRow) -> Stored<Option<(DateTime<Utc>, MessageId)>> {
    let Some(asked) = said_yes_at(tx, row)?.filter(|_| is_intro(row)) else { return Ok(None) };
    let to_same = |mail: &OwnMailSeen| {
        let named: BTreeSet<&Address> = mail.to.iter().chain(&mail.cc).collect();
        mail.sender == row.sender && named == row.recipients.addresses().iter().collect()
    };
    let seen = tx.unknown_intros()?.into_iter().find(|mail| mail.sealed.left_at >= asked && to_same(mail));
    Ok(seen.map(|mail| (mail.sealed.left_at, mail.message_id)))
}

/// Settles what has left by what the mailboxes hold. Returns how much.
async fn find_traces(app: &Arc<App>, looked_for: &mut BTreeSet<i64>) -> Result<usize, AgentError> {
    let rows = app
        .read(|_, tx| {
            let mut rows = Vec::new();
            for row in tx.in_state(OutboxState::Queued)? {
                let known = tx.own_mail_seen(&row.token)?;
                let trace = known.map(|mail| (mail.sealed.left_at, mail.message_id));
                let trace = match trace {
                    Some(trace) => Some(trace),
                    None => seen(tx, &row)?.map(|at| (at, row.message_id.clone())),
                };
                let trace = match trace {
                    Some(trace) => Some(trace),
                    None => intro_of_letter(tx, &row)?,
                };
                let trace = match trace {
                    Some(trace) => Some(trace),
                    None => tx.other_answer_seen(&row)?.map(|mail| (mail.sealed.left_at, mail.message_id)),
                };
                rows.push((row, trace));
            }
            Ok(rows)
        })
        .await?;
    let mut settled = 0;
    for (row, trace) in rows {
        let trace = match trace {
            Some(trace) => Some(trace),
            None if looked_for.insert(row.seq) && app.accounts.contains_key(&row.account) => {
                find_trace(app, &row).await?
            }
            None => None,
        };
        if let Some((at, id)) = trace {
            settled += 1;
            app.write(move |app, tx| settle_as_left(app, tx, &row, at, &id)).await?;
        }
    }
    Ok(settled)
}

/// Whether a queued mail may have left before this start. `waits`: it has waited for working hours ever since the
/// database was the present. `old_outages`: the ends of outages that began before.
fn may_have_left(
    row: &OutboxRow,
    since: DateTime<Utc>,
    asked_for: &BTreeSet<i64>,
    old_outages: &[MailKey],
    waits: bool,
) -> bool {
    let is_of_now = match row.key.kind {
        // What is counted in this database alone, from now on; but an outage that it knows may have ended since.
        MailKind::Trouble | MailKind::CannotSee | MailKind::CanSee => {
            row.made_at >= since && !old_outages.contains(&row.key)
        }
        _ => asked_for.contains(&row.seq),
    };
    !is_of_now && !waits
}

/// Whether a mail that waits for its reader's working hours waits for the same ones as when the database was the
/// present: no working hours have been since, in which it could have left.
fn has_waited_since(
    app: &App,
    tx: &ReadTransaction<'_>,
    row: &OutboxRow,
    behind: &BehindSince,
    since: DateTime<Utc>,
) -> Stored<bool> {
    let (Some(opens), Some(as_of)) = (row.not_before.filter(|at| *at > since), behind.as_of) else {
        return Ok(false);
    };
    // The AE's hours count for feedback that the manager reads.
    let handoff = match &row.scope {
        Scope::Handoff(id) => judged(tx, &app.policy, id, app.now())?,
        Scope::Global | Scope::Letter => None,
    };
    let ae = handoff.map(|judged| judged.judgement.record.ae);
    let is_reader = |person: &Person| {
        ae.as_ref() == Some(&person.name)
            || row.recipients.to.iter().any(|to| person.has_address(&to.address))
    };
    let readers = app.policy.people.iter().filter(|person| is_reader(person));
    let hours: Vec<_> =
        readers.map(|person| &person.working).filter(|hours| hours.next_open(since) == opens).collect();
    Ok(!hours.is_empty() && hours.iter().all(|hours| hours.next_open(as_of) == opens))
}

/// Holds what may have left, as if it had at the first moment at which it could: when the database was the present.
/// Returns how much.
fn hold(
    app: &App,
    tx: &WriteTransaction<'_>,
    behind: &BehindSince,
    since: DateTime<Utc>,
    asked_for: &BTreeSet<i64>,
) -> Stored<usize> {
    let left_at = behind.as_of.unwrap_or(since).min(app.now());
    let outages = tx.outages_since(since - REPORTED_WITHIN)?;
    let present = behind.as_of.map_or(since, |as_of| since.min(as_of + LEASE_LASTS));
    let old_outages: Vec<MailKey> =
        outages.iter().filter(|outage| outage.since < present).map(can_see_key).collect();
    let mut held = 0;
    for row in tx.in_state(OutboxState::Queued)? {
        let waits = has_waited_since(app, tx, &row, behind, since)?;
        if may_have_left(&row, since, asked_for, &old_outages, waits) {
            tx.hold_as_restored(row.seq, left_at, "it may have left before the database was restored")?;
            held += 1;
        }
    }
    remainder::leave_unknown(app, tx, true)?;
    Ok(held)
}

fn conclude(
    app: &App,
    tx: &WriteTransaction<'_>,
    behind: &BehindSince,
    since: DateTime<Utc>,
    asked_for: &BTreeSet<i64>,
) -> Stored<()> {
    let now = app.now();
    hold(app, tx, behind, since, asked_for)?;
    let mut waiting = tx.in_state(OutboxState::Uncertain)?;
    waiting.retain(|row| row.may_have_left);
    let intros = tx.unknown_intros()?;
    tx.caught_up()?;
    if !waiting.is_empty() || !intros.is_empty() {
        alert(tx, behind, &waiting, &intros, now)?;
    }
    tx.judge_all_soon(now)?;
    reconcile_global_outbox(app, tx, now).map(drop)
}

/// One mail to the operator names everything.
fn alert(
    tx: &WriteTransaction<'_>,
    behind: &BehindSince,
    waiting: &[OutboxRow],
    intros: &[OwnMailSeen],
    now: DateTime<Utc>,
) -> Stored<()> {
    let as_of = match behind.as_of {
        Some(at) => format!(" (of {})", at.format("%Y-%m-%d %H:%M:%S UTC")),
        None => String::new(),
    };
    let mut lines = vec![format!("The database{as_of} is older than the mailboxes: {}.", behind.why)];
    if !waiting.is_empty() {
        lines.push("These emails may have left before, and no mailbox shows it; they wait:".to_owned());
        lines.extend(waiting.iter().map(|row| {
            let to: Vec<String> = row.recipients.addresses().iter().map(ToString::to_string).collect();
            let about = match &row.scope {
                Scope::Handoff(handoff) => format!(" ({handoff})"),
                Scope::Global | Scope::Letter => String::new(),
            };
            format!("{}: {} to {}{about}", row.seq, row.key.kind.name(), to.join(", "))
        }));
    }
    if !intros.is_empty() {
        lines.push("These handoffs are known to the mailboxes alone, and are not watched:".to_owned());
        lines.extend(intros.iter().map(described));
    }
    if let Some(more) = lines.len().checked_sub(NAMED).filter(|more| *more > 0) {
        lines.truncate(NAMED);
        lines.push(format!("and {more} more"));
    }
    let remedy = "Ask the readers. `baton outbox retry ID` sends an email, `baton outbox drop ID` lets it be; `baton \
                  outbox retry --all` and `baton outbox drop --all` do so with all that wait. The record of a handoff \
                  that only the mailboxes know is refused as a duplicate.";
    let what = "the database was restored, and some of what has left since is not certain";
    tx.resolve_alert(RESTORED, now)?;
    tx.raise_alert(RESTORED, what, &lines.join("\n"), remedy, now).map(drop)
}

/// Catches up in the agent, as its folders are read; ends once that is done.
pub(crate) async fn run(app: Arc<App>, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut store_changed = wakeups.store_changed.subscribe();
    loop {
        store_changed.mark_unchanged();
        let was_behind = app.read(|_, tx| tx.behind()).await?.is_some();
        match step(&app).await {
            Ok(CatchUp::Present) if was_behind => notify(&wakeups.store_changed),
            Ok(CatchUp::Present) => {}
            Ok(CatchUp::Unread(accounts)) => {
                tracing::info!(accounts = accounts.join(", "), "nothing leaves before these are read");
            }
            Err(error) if error.account().is_some() => {
                tracing::warn!(%error, "the database is still behind the mailboxes");
            }
            Err(error) => return Err(error),
        }
        tokio::select! {
            _ = store_changed.changed() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }
}

/// What a command that sends does first: where no agent runs, it catches the database up itself; else it waits for the
/// agent to have done so.
pub(crate) async fn before_command(app: &Arc<App>) -> Result<(), AgentError> {
    let mut left = PATIENCE;
    loop {
        if let Some(lock) = delivery_right::take_if_free(app).await? {
            let caught_up = catch_up_here(app).await;
            delivery_right::give_back(app, lock).await;
            return caught_up;
        }
        match app.read(|_, tx| withheld(tx)).await? {
            None => return Ok(()),
            Some(Withheld::AnotherAgent) => return Err(stopped()),
            Some(Withheld::UntilCaughtUp) if left.is_zero() => {
                return Err(AgentError::Behind {
                    why: "the agent is still reading the mailboxes".to_owned(),
                });
            }
            Some(Withheld::UntilCaughtUp) => {}
        }
        tokio::time::sleep(LOOK_EVERY).await;
        left = left.saturating_sub(LOOK_EVERY);
    }
}

fn stopped() -> AgentError {
    AgentError::AnotherAgent
}

async fn catch_up_here(app: &Arc<App>) -> Result<(), AgentError> {
    match app.read(|_, tx| withheld(tx)).await? {
        None => return Ok(()),
        Some(Withheld::AnotherAgent) => return Err(stopped()),
        Some(Withheld::UntilCaughtUp) => {}
    }
    app.write(once::recover_rows).await?;
    app.unwritten.forget(app);
    let mut failures = Failures::new();
    once::read_all(app, &mut failures).await?;
    match step(app).await? {
        CatchUp::Present => Ok(()),
        CatchUp::Unread(accounts) => Err(failures.into_values().next().unwrap_or_else(|| {
            AgentError::Behind { why: format!("these could not be read: {}", accounts.join(", ")) }
        })),
    }
}

/// Once nothing waits any more, the operator has nothing to do.
pub(crate) fn resolve_alert(app: &App, tx: &WriteTransaction<'_>) -> Stored<()> {
    let uncertain = tx.in_state(OutboxState::Uncertain)?;
    if !uncertain.iter().any(|row| row.may_have_left) {
        tx.resolve_alert(RESTORED, app.now())?;
    }
    Ok(())
}
