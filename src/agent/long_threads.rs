//! Handoffs with long threads, judged outside of the transaction that others wait for: on a reader's state of the
//! database, and written where nothing was written since.
//!
//! What such a judgement has to take in is committed first, and the handoff is due from then on, so that whatever ends
//! the process in between, it is judged. Where others write all the while, it is judged within the transaction in the
//! end, like any other.

use std::sync::Arc;

use crate::store::{ReadTransaction, Result as Stored};

use super::AgentError;
use super::app::App;
use super::turn::{judged, settle, settle_judged};

/// Handoffs that claim by so many ids are judged apart. Others take a few milliseconds.
const LONG: u32 = 150;

/// So often it is tried while others write.
const TRIES: u32 = 4;
/// And so often it is judged again for what a judgement has taught.
const ROUNDS: u32 = 12;

/// What came of writing what a judgement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ApartOutcome {
    Settled,
    /// It has to be judged again for what it has taught.
    Again,
    /// Something was written since, or its time was up.
    Outdated,
}

/// Whether this handoff's thread is so long that it is judged apart.
pub(crate) fn is_long(tx: &ReadTransaction<'_>, id: &str) -> Stored<bool> {
    tx.claims_as_many_ids(id, LONG)
}

/// Judges those that are due, whose threads are long.
pub(crate) async fn settle_due_apart(app: &Arc<App>) -> Result<(), AgentError> {
    let due = app
        .read(|app, tx| {
            let mut long = Vec::new();
            for id in tx.due(app.now())? {
                if is_long(tx, &id)? {
                    long.push(id);
                }
            }
            Ok(long)
        })
        .await?;
    settle_apart(app, due).await
}

/// Judges these, one after the other.
pub(crate) async fn settle_apart(app: &Arc<App>, handoffs: Vec<String>) -> Result<(), AgentError> {
    for id in handoffs {
        settle_one(app, &id).await?;
    }
    Ok(())
}

async fn settle_one(app: &Arc<App>, id: &str) -> Result<(), AgentError> {
    let (mut outdated, mut rounds) = (0, 0);
    while outdated < TRIES && rounds < ROUNDS {
        match judge_and_write(app, id).await? {
            ApartOutcome::Settled => return Ok(()),
            ApartOutcome::Again => rounds += 1,
            ApartOutcome::Outdated => outdated += 1,
        }
    }
    let id = id.to_owned();
    app.write(move |app, tx| settle(tx, &app.policy, [id], app.now())).await
}

async fn judge_and_write(app: &Arc<App>, id: &str) -> Result<ApartOutcome, AgentError> {
    let before = app.store.edition().await?;
    let name = id.to_owned();
    let judged = app.read(move |app, tx| judged(tx, &app.policy, &name, app.now())).await?;
    let Some(judged) = judged else { return Ok(ApartOutcome::Settled) };
    app.write(move |app, tx| {
        let now = app.now();
        if tx.edition() != before || judged.judgement.wake.is_some_and(|wake| wake <= now) {
            return Ok(ApartOutcome::Outdated);
        }
        let is_again = settle_judged(tx, &app.policy, &judged, now)?;
        if is_again {
            // Whatever becomes of this, it is due.
            tx.judge_soon(&judged.stored.handoff.id, now)?;
        }
        Ok(if is_again { ApartOutcome::Again } else { ApartOutcome::Settled })
    })
    .await
}
