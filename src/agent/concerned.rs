//! Which accounts something concerns, so that not all of them are read for it.

use std::collections::BTreeSet;

use crate::domain::fact::{FactKind, StatementKind};
use crate::store::{ReadTransaction, Result, StoredHandoff};

use super::app::App;

/// The accounts of the people of each handoff that awaits reading or more, and of those whose people's older mail is
/// still to be looked up.
pub(crate) fn awaiting_or_looked_up(app: &App, tx: &ReadTransaction<'_>) -> Result<BTreeSet<String>> {
    let mut handoffs = tx.awaiting()?;
    handoffs.extend(tx.handoffs_to_look_up()?);
    accounts_of(app, tx, handoffs)
}

/// The accounts by which these handoffs are judged: the SDR's, those of all who were AE, the agent's.
fn accounts_of(app: &App, tx: &ReadTransaction<'_>, handoffs: Vec<String>) -> Result<BTreeSet<String>> {
    let mut accounts = BTreeSet::new();
    for id in handoffs {
        let Some(stored) = tx.handoff(&id)? else { continue };
        let people = people_of(tx, stored)?;
        accounts.extend(people.iter().filter_map(|name| app.policy.account_of(name)).map(str::to_owned));
        accounts.insert(app.policy.agent_account.clone());
    }
    Ok(accounts)
}

/// Everybody who was SDR or AE of a handoff.
pub(crate) fn people_of(tx: &ReadTransaction<'_>, stored: StoredHandoff) -> Result<Vec<String>> {
    let facts = tx.own_facts(&stored.handoff.id)?;
    let mut people = vec![stored.handoff.record.sdr, stored.handoff.record.ae];
    for fact in facts {
        match fact.what {
            FactKind::IntroAsked { record: Some(record), .. } => people.extend([record.sdr, record.ae]),
            FactKind::Said(statement) => {
                if let StatementKind::Reassigned { ae } = statement.says {
                    people.push(ae);
                }
            }
            _ => {}
        }
    }
    Ok(people)
}
