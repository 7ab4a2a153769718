//! One turn: the handoffs concerned are judged, inside the transaction that brought the news, and the outbox
//! is brought in line with what they want.
//!
//! Level-triggered: a turn looks at what is, never at what has just happened, so that one turn too many does
//! no harm. Nothing leaves in here. Known limit: judgements that feed each other (ids, aliases) are repeated
//! until nothing is new, at most `ROUNDS` times for each handoff; what is left then waits for the next turn.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::fact::{Fact, FactKind};
use crate::domain::judge::{FeedbackState, Judgement, Policy, TouchState, judge};
use crate::domain::mails::{Voice, WantedMail};
use crate::domain::message::Address;
use crate::store::{
    NewFact, NewMail, OutboxState, Projection, QueueOutcome, ReadTransaction, Recipients, Result, Scope,
    StoredHandoff, WriteTransaction,
};

/// How often one handoff is judged in a turn at most.
const ROUNDS: u32 = 12;

/// How far before a handoff its people's mail is read. docs/behaviour.md section 2.
pub(crate) const LOOK_BACK_DAYS: u32 = 90;

/// A handoff and what is true of it.
#[derive(Clone, Debug)]
pub struct JudgedHandoff {
    pub stored: StoredHandoff,
    pub facts: Vec<Fact>,
    pub judgement: Judgement,
}

/// Judges a handoff by what the database holds.
pub fn judged(
    tx: &ReadTransaction<'_>,
    policy: &Policy,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Option<JudgedHandoff>> {
    let Some(stored) = tx.handoff(id)? else { return Ok(None) };
    let facts = tx.facts(id)?;
    let judgement = judge(policy, &stored.handoff, &facts, now);
    Ok(Some(JudgedHandoff { stored, facts, judgement }))
}

/// Judges these handoffs, and whichever others what they learn concerns, and writes what follows: their
/// claims, their outbox, and when to judge them again.
pub fn settle(
    tx: &WriteTransaction<'_>,
    policy: &Policy,
    handoffs: impl IntoIterator<Item = String>,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut work: VecDeque<String> = handoffs.into_iter().collect();
    let mut rounds: BTreeMap<String, u32> = BTreeMap::new();
    let mut closed = false;
    while let Some(id) = work.pop_front() {
        if work.contains(&id) {
            continue;
        }
        let round = rounds.entry(id.clone()).or_default();
        *round += 1;
        if *round > ROUNDS {
            tracing::warn!(handoff = %id, "the judgement has not come to rest; it goes on in the next turn");
            continue;
        }
        let Some(judged) = judged(tx, policy, &id, now)? else { continue };
        let again = apply(tx, policy, &judged, now, &mut work)?;
        closed |= judged.stored.open && !judged.judgement.open;
        if again {
            work.push_back(id);
        }
    }
    if closed {
        tx.prune()?;
    }
    Ok(())
}

/// Writes what one judgement says. Returns whether the handoff has to be judged again for it.
fn apply(
    tx: &WriteTransaction<'_>,
    policy: &Policy,
    judged: &JudgedHandoff,
    now: DateTime<Utc>,
    work: &mut VecDeque<String>,
) -> Result<bool> {
    let JudgedHandoff { stored, judgement, .. } = judged;
    let id = &stored.handoff.id;
    let new = tx.set_claims(id, &judgement.claim, &own_addresses(tx, policy)?)?;
    let mut again = new.threads || !new.addresses.is_empty();
    for message_id in &new.ids {
        work.extend(tx.handoffs_with(message_id)?.into_iter().filter(|other| other != id));
    }
    let since = stored.handoff.created_at - TimeDelta::days(i64::from(LOOK_BACK_DAYS));
    for address in &new.addresses {
        tx.look_back(id, address, since)?;
    }
    let mut taught = false;
    for (person, address) in &judgement.learnt_aliases {
        taught |= tx.teach_alias(person, address, now)?;
    }
    if taught {
        work.extend(tx.open_handoffs()?);
        again = true;
    }
    for fixed in &judgement.fixed_deadlines {
        if !judged.facts.iter().any(|fact| fact.what == FactKind::DeadlineFixed(fixed.clone())) {
            tx.add_fact(id, fixed.started, &NewFact::DeadlineFixed(fixed.clone()))?;
        }
    }
    if judgement.open {
        note_addresses(tx, policy, judged, now)?;
    }
    again |= reconcile_outbox(tx, policy, judged, now)?;
    let projection = Projection {
        open: judgement.open,
        // A wake that has come already would never let the daemon sleep.
        wake: judgement.wake.filter(|wake| *wake > now),
        awaiting: (judgement.open && awaits_reading(judgement, now)).then(|| {
            // The first judgement after its time has come says so for all.
            let came = stored.wake.filter(|wake| *wake <= now);
            came.max(stored.awaiting).unwrap_or(now)
        }),
    };
    tx.set_projection(id, projection)?;
    Ok(again)
}

/// What SDR and AE have while the handoff is open stays theirs in it, whatever the configuration says later.
fn note_addresses(
    tx: &WriteTransaction<'_>,
    policy: &Policy,
    judged: &JudgedHandoff,
    now: DateTime<Utc>,
) -> Result<()> {
    let JudgedHandoff { stored, judgement, facts, .. } = judged;
    let names = [&judgement.record.sdr, &judgement.ae];
    for person in names.into_iter().filter_map(|name| policy.person(name)) {
        for address in person.aliases.iter().chain([&person.address]) {
            let (name, address) = (person.name.clone(), address.clone());
            let held = FactKind::AddressHeld { person: name.clone(), address: address.clone() };
            if !facts.iter().any(|fact| fact.what == held) {
                tx.add_fact(&stored.handoff.id, now, &NewFact::AddressHeld { person: name, address })?;
            }
        }
    }
    Ok(())
}

/// Whether reading a folder, rather than time, is what the judgement waits for.
fn awaits_reading(judgement: &Judgement, now: DateTime<Utc>) -> bool {
    let touch = matches!(judgement.touch.state, TouchState::Waiting | TouchState::CannotSee)
        && judgement.deadline.is_some_and(|deadline| deadline <= now);
    let feedback = matches!(judgement.feedback.state, FeedbackState::Requested | FeedbackState::Overdue)
        && judgement.feedback.due.is_some_and(|due| due <= now);
    touch || feedback || judgement.last_look.is_some()
}

/// Every address of the company: mail among these is remembered, never claimed by address alone.
fn own_addresses(tx: &ReadTransaction<'_>, policy: &Policy) -> Result<BTreeSet<Address>> {
    let mut own: BTreeSet<Address> = policy.account_addresses.iter().cloned().collect();
    own.insert(policy.agent_address.clone());
    for person in &policy.people {
        own.insert(person.address.clone());
        own.extend(person.aliases.iter().chain(&person.delegates).cloned());
    }
    own.extend(tx.aliases()?.into_iter().map(|(_, _, address)| address));
    Ok(own)
}

/// The difference between the mails that ought to exist and those that do. Returns whether a row is new.
fn reconcile_outbox(
    tx: &WriteTransaction<'_>,
    policy: &Policy,
    judged: &JudgedHandoff,
    now: DateTime<Utc>,
) -> Result<bool> {
    let scope = Scope::Handoff(judged.stored.handoff.id.clone());
    let mut made = false;
    for wanted in &judged.judgement.mails {
        let (account, sender) = sender_account(policy, judged, wanted);
        let mail = NewMail {
            scope: scope.clone(),
            key: wanted.key.clone(),
            account,
            sender,
            recipients: Recipients { to: wanted.to.clone(), cc: wanted.cc.clone() },
            not_before: wanted.not_before,
        };
        made |= matches!(tx.make(&mail, now)?, QueueOutcome::New(_));
    }
    for row in tx.outbox(&scope)? {
        let wanted = judged.judgement.mails.iter().any(|mail| mail.key == row.key);
        if row.state == OutboxState::Queued && !wanted && row.uncertain_since.is_none() {
            tx.cancel(row.seq)?;
        }
    }
    Ok(made)
}

/// Account and address that a mail leaves from.
pub(crate) fn sender_account(
    policy: &Policy,
    judged: &JudgedHandoff,
    wanted: &WantedMail,
) -> (String, Address) {
    let agent = || (policy.agent_account.clone(), policy.agent_address.clone());
    match wanted.from {
        Voice::Agent => agent(),
        Voice::Sdr => policy
            .person(&judged.judgement.record.sdr)
            .and_then(|person| Some((person.account.clone()?, person.address.clone())))
            .unwrap_or_else(agent),
    }
}

/// Handoffs to judge because the time has come, or because they wait for a folder that was just read.
pub(crate) fn due_or_awaiting(tx: &ReadTransaction<'_>, now: DateTime<Utc>) -> Result<BTreeSet<String>> {
    let mut ids: BTreeSet<String> = tx.due(now)?.into_iter().collect();
    ids.extend(tx.awaiting()?);
    Ok(ids)
}
