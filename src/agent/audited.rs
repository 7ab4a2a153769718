//! baton's own handoffs with the answers of the audit. docs/behaviour.md section 10.
//!
//! A handoff whose intro has not left is none yet, and is left out.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::domain::audit::own::{audited, preparation};
use crate::domain::audit::{AuditedHandoff, newest_first};
use crate::domain::judge::Policy;
use crate::domain::message::{Address, MessageId};
use crate::store::{ReadTransaction, Result as Stored};

use super::turn::{JudgedHandoff, shown};

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
    // Of those of which only the newest are wanted: when the intro left, and a place in the order of making.
    let mut by_time = Vec::new();
    for (place, id) in tx.handoff_ids()?.into_iter().enumerate() {
        let Some(judged) = shown(tx, policy, &id, now)? else { continue };
        let Some(sent_at) = judged.judgement.sent_at else { continue };
        let is_early = span.since.is_some_and(|since| sent_at < since);
        let is_late = span.until.is_some_and(|until| sent_at >= until);
        match span.last {
            _ if is_early || is_late => {}
            Some(_) => by_time.push((sent_at, place, id)),
            None => found.push(with_answers(tx, policy, judged, now)?),
        }
    }
    // An intro may have waited while those of later handoffs left.
    by_time.sort_unstable_by(|one, other| other.cmp(one));
    for (.., id) in by_time.into_iter().take(span.last.unwrap_or_default()) {
        found.extend(audited_handoff(tx, policy, &id, now)?);
    }
    newest_first(&mut found);
    Ok(found)
}

/// A handoff that baton made, and the ids that its intro goes by.
#[derive(Clone, Debug)]
pub(crate) struct OwnHandoff {
    pub handoff: AuditedHandoff,
    pub ids: BTreeSet<MessageId>,
}

/// All of baton's own handoffs, to be told from those that mailboxes show.
pub(crate) fn own_with_ids(
    tx: &ReadTransaction<'_>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Stored<Vec<OwnHandoff>> {
    let mut found = Vec::new();
    for id in tx.handoff_ids()? {
        let Some(judged) = shown(tx, policy, &id, now)? else { continue };
        if judged.judgement.sent_at.is_none() {
            continue;
        }
        let mut ids = judged.judgement.claim.ids.clone();
        ids.extend(judged.judgement.brief.intro_id.clone());
        found.push(OwnHandoff { handoff: with_answers(tx, policy, judged, now)?, ids });
    }
    Ok(found)
}

/// One handoff with its answers as of `now`; `None` where its intro has not left.
pub(crate) fn audited_handoff(
    tx: &ReadTransaction<'_>,
    policy: &Policy,
    id: &str,
    now: DateTime<Utc>,
) -> Stored<Option<AuditedHandoff>> {
    let judged = shown(tx, policy, id, now)?.filter(|judged| judged.judgement.sent_at.is_some());
    judged.map(|judged| with_answers(tx, policy, judged, now)).transpose()
}

fn with_answers(
    tx: &ReadTransaction<'_>,
    policy: &Policy,
    judged: JudgedHandoff,
    now: DateTime<Utc>,
) -> Stored<AuditedHandoff> {
    let JudgedHandoff { stored, facts, judgement } = judged;
    let id = &stored.handoff.id;
    let facts = if facts.is_empty() { tx.facts(id)? } else { facts };
    let sdr: Vec<&Address> = policy
        .person(&judgement.record.sdr)
        .map(|sdr| sdr.aliases.iter().chain([&sdr.address]).collect())
        .unwrap_or_default();
    let preparation = preparation(&judgement, &sdr, &facts);
    Ok(audited(id, &judgement, preparation, now))
}
