//! A server that had had all of a mail and said no may have delivered it all the same: before another attempt a copy is
//! looked for. docs/behaviour.md section 12.

use std::sync::Arc;

use chrono::TimeDelta;

use crate::store::{OutboxRow, OutboxState};

use super::AgentError;
use super::app::App;
use super::attempt_waits::{GIVES_UP_AFTER, LONGEST_WAIT};
use super::search::{SEARCH_AGAIN, copy_seen, look, seen, settle_found};

/// What a look before another attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookOutcome {
    /// No copy, or nothing that asks for a look: the mail may leave.
    NotThere,
    /// It had left; its row says so now.
    Settled,
    /// It could not be looked for, and must not leave before it was.
    Later,
}

/// Known limit: a mail whose copy only a mailbox could show that cannot be read for two days leaves without a look.
pub(crate) async fn look_before_attempt(app: &Arc<App>, seq: i64) -> Result<LookOutcome, AgentError> {
    let row = app
        .read(move |app, tx| {
            let row = tx.outbox_row(seq)?;
            let row = row.filter(|row| row.state == OutboxState::Queued && row.next_attempt <= app.now());
            let Some(row) = row else { return Ok(None) };
            let seen = seen(tx, &row)?;
            Ok(tx.attempt_notes(seq)?.look_first.then_some((row, seen)))
        })
        .await?;
    let Some((row, seen)) = row else { return Ok(LookOutcome::NotThere) };
    let looked = match seen {
        Some(date) => Ok(copy_seen(date)),
        None => look(app, &row).await,
    };
    let looked = match looked {
        Ok(looked) => looked,
        Err(error @ (AgentError::Store(_) | AgentError::Stopped)) => return Err(error),
        Err(error) => {
            tracing::warn!(%error, seq, "a mail waits, since its copy could not be looked for");
            return look_later(app, row).await;
        }
    };
    if let Some(copy) = looked.copy {
        app.write(move |app, tx| settle_found(app, tx, &row, copy)).await?;
        return Ok(LookOutcome::Settled);
    }
    let is_young = row.first_tried.is_some_and(|at| app.now() - at < GIVES_UP_AFTER);
    if looked.is_partial && !looked.proves_absence && is_young {
        return look_later(app, row).await;
    }
    Ok(LookOutcome::NotThere)
}

/// The longer it has waited, the more rarely it is looked for.
async fn look_later(app: &Arc<App>, row: OutboxRow) -> Result<LookOutcome, AgentError> {
    app.write(move |app, tx| {
        let now = app.now();
        let waited = row.first_tried.map_or(TimeDelta::zero(), |first| now - first);
        tx.search_later(row.seq, now + (waited / 4).clamp(SEARCH_AGAIN, LONGEST_WAIT))
    })
    .await?;
    Ok(LookOutcome::Later)
}
