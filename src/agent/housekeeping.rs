//! Forgets in time what nobody needs any more, a little at once: mail that no handoff can claim, and the texts behind
//! handoffs that were closed long ago. docs/behaviour.md section 15, cost.
//!
//! Turns do it beside their work, a full pass at its end: a machine that runs passes alone may make one a day. What goes by
//! age waits until the clock is believed.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::judge::Policy;
use crate::store::{Priority, ReadTransaction, Result, WriteTransaction};

use super::AgentError;
use super::app::App;
use super::clock_doubt::old_before;
use super::turn::{judged, keep_verdict};

/// How long after a handoff was closed the texts of its mail are kept.
const TEXTS_KEPT: TimeDelta = TimeDelta::days(30);

/// Under these names the store remembers when something was last forgotten.
const PRUNED: &str = "housekept-at";
const TEXTS_DROPPED: &str = "texts-dropped-at";
const HOUSEKEEP_EVERY: TimeDelta = TimeDelta::minutes(10);
const PRUNED_AT_ONCE: u32 = 200;
const HANDOFFS_AT_ONCE: u32 = 2;

/// How many transactions a full pass gives to it.
const TURNS_OF_A_PASS: u32 = 50;

/// Forgets a little, every now and then.
pub(super) fn housekeep(tx: &WriteTransaction<'_>, policy: &Policy, now: DateTime<Utc>) -> Result<()> {
    if is_due(tx, PRUNED, now)? {
        tx.set_meta(PRUNED, &now.timestamp().to_string())?;
        tx.prune(PRUNED_AT_ONCE)?;
    }
    if is_due(tx, TEXTS_DROPPED, now)?
        && let Some(before) = old_before(tx, TEXTS_KEPT, now)?
    {
        tx.set_meta(TEXTS_DROPPED, &now.timestamp().to_string())?;
        drop_some_texts(tx, policy, before, now)?;
    }
    Ok(())
}

fn is_due(tx: &ReadTransaction<'_>, work: &str, now: DateTime<Utc>) -> Result<bool> {
    let last = tx.meta(work)?.and_then(|at| at.parse().ok());
    let last = last.and_then(|at| DateTime::from_timestamp(at, 0));
    Ok(last.is_none_or(|last| last > now || now - last >= HOUSEKEEP_EVERY))
}

/// Returns how many handoffs it was.
fn drop_some_texts(
    tx: &WriteTransaction<'_>,
    policy: &Policy,
    before: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<usize> {
    let some = tx.texts_to_drop(before, HANDOFFS_AT_ONCE)?;
    for id in &some {
        let Some(judged) = judged(tx, policy, id, now)? else { continue };
        // A version that did not keep verdicts may have closed it.
        keep_verdict(tx, id, &judged.judgement)?;
        tx.drop_texts(id, &judged.judgement.evidence)?;
    }
    Ok(some.len())
}

/// The share of a full pass.
pub(super) async fn drop_old_texts(app: &Arc<App>) -> std::result::Result<(), AgentError> {
    for _ in 0..TURNS_OF_A_PASS {
        let dropped = app
            .write_with(Priority::Background, |app, tx| {
                let now = app.now();
                match old_before(tx, TEXTS_KEPT, now)? {
                    Some(before) => drop_some_texts(tx, &app.policy, before, now),
                    None => Ok(0),
                }
            })
            .await?;
        if dropped == 0 || app.is_stopping() {
            return Ok(());
        }
    }
    Ok(())
}
