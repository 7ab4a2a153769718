//! baton's own handoffs with the answers of the audit. docs/behaviour.md section 10.
//!
//! A handoff whose intro has not left is none yet, and is left out.

use chrono::{DateTime, Utc};

use crate::domain::audit::own::{audited, preparation};
use crate::domain::audit::{AuditedHandoff, newest_first};
use crate::domain::judge::Policy;
use crate::domain::message::Address;
use crate::store::{ReadTransaction, Result as Stored};

use super::turn::shown;

/// Which handoffs are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AuditSpan {
    /// The intro was accepted at this instant or later.
    pub since: Option<DateTime<Utc>>,
    /// The intro was accepted before this instant.
    pub until: Option<DateTime<Utc>>,
    /// So many of the newest.
    pub last: Option<usize>,
}

/// The handoffs of a span with their answers as of `now`, newest first.
pub(crate) fn own_handoffs(
    tx: &ReadTransaction<'_>,
    policy: &Policy,
    span: AuditSpan,
    now: DateTime<Utc>,
) -> Stored<Vec<AuditedHandoff>> {
    let mut found = Vec::new();
    for id in tx.handoff_ids()?.iter().rev() {
        if span.last.is_some_and(|last| found.len() >= last) {
            break;
        }
        let Some(judged) = shown(tx, policy, id, now)? else { continue };
        let Some(sent_at) = judged.judgement.sent_at else { continue };
        if span.since.is_some_and(|since| sent_at < since) || span.until.is_some_and(|until| sent_at >= until) {
            continue;
        }
        let facts = if judged.facts.is_empty() { tx.facts(id)? } else { judged.facts };
        let sdr: Vec<&Address> = policy
            .person(&judged.judgement.record.sdr)
            .map(|sdr| sdr.aliases.iter().chain([&sdr.address]).collect())
            .unwrap_or_default();
        let preparation = preparation(&judged.judgement, &sdr, &facts);
        found.push(audited(id, &judged.judgement, preparation, now));
    }
    newest_first(&mut found);
    Ok(found)
}
