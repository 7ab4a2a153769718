//! What people tell baton about a handoff, from the command line: each a fact with its reason.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::fact::{Statement, StatementKind};
use crate::store::{NewFact, Result as Stored, WriteTransaction, random_suffix};

use super::AgentError;
use super::app::App;
use super::presence::{CHANGED_MEANWHILE, acts_on_the_same, agree};
use super::send::deliver_what_is_due;
use super::turn::settle;

/// Notes what a person says about a handoff, judges, and sends (or has the agent send) what follows.
pub async fn record_statement(
    app: &Arc<App>,
    id: &str,
    why: &str,
    says: StatementKind,
) -> Result<(), AgentError> {
    let (handoff, why) = (id.to_owned(), why.to_owned());
    agree(app).await?;
    let noted = app.write_for_command(move |app, tx| {
        if !acts_on_the_same(app, tx)? {
            return Ok(None);
        }
        let now = app.now();
        // Of two statements within one second the later one counts, so ids are in their order.
        let number = tx.count_facts(&handoff)?;
        let unique = format!("{}-{number:06}-{}", now.timestamp(), random_suffix()?);
        let statement = Statement { id: unique, why, says, letter: None, read_at: None };
        note(tx, &handoff, now, statement)?;
        settle(tx, &app.policy, [handoff], now)?;
        tx.call().map(Some)
    });
    noted.await?.ok_or(AgentError::OtherConfiguration { why: CHANGED_MEANWHILE })?;
    deliver_what_is_due(app, id).await
}

/// Adds the fact. Whoever gives a handoff to another AE means the intro as it is then, not the one that was shown
/// before.
pub(crate) fn note(
    tx: &WriteTransaction<'_>,
    handoff: &str,
    at: DateTime<Utc>,
    statement: Statement,
) -> Stored<()> {
    if matches!(statement.says, StatementKind::Reassigned { .. }) {
        tx.forget_what_was_shown(handoff)?;
    }
    tx.add_fact(handoff, at, &NewFact::Said(statement))
}
