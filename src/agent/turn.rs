//! One turn: the handoffs concerned are judged, inside the transaction that brought the news, and the outbox
//! is brought in line with what they want.
//!
//! Level-triggered: a turn looks at what is, never at what has just happened, so that one turn too many does
//! no harm. Nothing leaves in here. Known limit: judgements that feed each other (ids, aliases) are repeated
//! until nothing is new, at most `ROUNDS` times for each handoff; what is left then waits for the next turn.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::fact::{Fact, FactKind, Statement, StatementKind};
use crate::domain::judge::{ConfiguredAddresses, Judgement, Policy, judge};
use crate::domain::mails::{MailKey, Voice, WantedMail};
use crate::domain::message::Address;
use crate::store::{
    NewFact, NewMail, OutboxState, Projection, QueueOutcome, ReadTransaction, Recipients, Result, Scope,
    StoredHandoff, WriteTransaction,
};

use super::housekeeping::housekeep;

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

impl JudgedHandoff {
    /// Its verdicts and its story alone, without the mail that they were made from.
    fn without_facts(self) -> Self {
        Self { facts: Vec::new(), ..self }
    }
}

/// Judges a handoff by what the database holds.
pub fn judged(
    tx: &ReadTransaction<'_>,
    policy: &Policy,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Option<JudgedHandoff>> {
    let Some(stored) = tx.handoff(id)? else { return Ok(None) };
    judged_now(tx, policy, stored, now, &mut FolderFacts::new()).map(Some)
}

/// What is known of how far accounts were read, by account.
type FolderFacts = BTreeMap<String, Vec<Fact>>;

/// Judges a handoff that was read; `read` has what earlier ones have asked of this state of the database.
fn judged_now(
    tx: &ReadTransaction<'_>,
    policy: &Policy,
    stored: StoredHandoff,
    now: DateTime<Utc>,
    read: &mut FolderFacts,
) -> Result<JudgedHandoff> {
    #[cfg(feature = "demo")]
    super::seed::count_judgement();
    let mut facts = tx.facts(&stored.handoff.id)?;
    for account in accounts(policy, &stored, &facts) {
        let of_account = match read.entry(account) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let of_account = tx.folder_facts(place.key())?;
                place.insert(of_account)
            }
        };
        facts.extend(of_account.iter().cloned());
    }
    let judgement = judge(policy, &stored.handoff, &facts, now);
    Ok(JudgedHandoff { stored, facts, judgement })
}

/// A handoff to show: a closed one as it was last judged, any other judged now.
pub fn shown(
    tx: &ReadTransaction<'_>,
    policy: &Policy,
    id: &str,
    now: DateTime<Utc>,
) -> Result<Option<JudgedHandoff>> {
    shown_knowing(tx, policy, id, now, &mut FolderFacts::new())
}

fn shown_knowing(
    tx: &ReadTransaction<'_>,
    policy: &Policy,
    id: &str,
    now: DateTime<Utc>,
    read: &mut FolderFacts,
) -> Result<Option<JudgedHandoff>> {
    let Some(stored) = tx.handoff(id)? else { return Ok(None) };
    match tx.verdict(id)? {
        Some(judgement) => Ok(Some(JudgedHandoff { stored, facts: Vec::new(), judgement })),
        None => judged_now(tx, policy, stored, now, read).map(Some),
    }
}

/// Every open handoff to show, and with `closed` the closed ones, oldest first.
pub fn listed(
    tx: &ReadTransaction<'_>,
    policy: &Policy,
    closed: bool,
    now: DateTime<Utc>,
) -> Result<Vec<JudgedHandoff>> {
    let (mut all, mut read) = (Vec::new(), FolderFacts::new());
    for id in if closed { tx.handoff_ids()? } else { tx.open_handoffs()? } {
        all.extend(shown_knowing(tx, policy, &id, now, &mut read)?.map(JudgedHandoff::without_facts));
        // Hardly a mail is two handoffs', and there may be thousands of them.
        tx.forget_all_read();
    }
    Ok(all)
}

/// Accounts whose folders matter to a handoff, whoever has it as AE now.
fn accounts(policy: &Policy, stored: &StoredHandoff, facts: &[Fact]) -> BTreeSet<String> {
    let record = &stored.handoff.record;
    let reassigned = facts.iter().filter_map(|fact| match &fact.what {
        FactKind::Said(Statement { says: StatementKind::Reassigned { ae }, .. }) => Some(ae),
        _ => None,
    });
    let people = reassigned.chain([&record.sdr, &record.ae]);
    let accounts = people.filter_map(|name| policy.account_of(name));
    accounts.chain([policy.agent_account.as_str()]).map(str::to_owned).collect()
}

/// Judges these handoffs, and whichever others what they learn concerns, and writes what follows: their
/// claims, their outbox, and when to judge them again.
pub fn settle(
    tx: &WriteTransaction<'_>,
    policy: &Policy,
    handoffs: impl IntoIterator<Item = String>,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut turn = Turn::new(tx, policy, now);
    for id in handoffs {
        turn.add(id);
    }
    turn.run()?;
    housekeep(tx, policy, now)
}

/// Writes what follows from a judgement that was made before this transaction, of what stands in the database now.
/// Returns whether the handoff has to be judged again for it.
pub(crate) fn settle_judged(
    tx: &WriteTransaction<'_>,
    policy: &Policy,
    judged: &JudgedHandoff,
    now: DateTime<Utc>,
) -> Result<bool> {
    let mut turn = Turn::new(tx, policy, now);
    turn.taught = taught_addresses(tx)?;
    let again = turn.apply(judged)?;
    // Others that what it has learnt concerns.
    turn.run()?;
    housekeep(tx, policy, now)?;
    Ok(again)
}

/// The handoffs that are judged in one transaction.
struct Turn<'t> {
    tx: &'t WriteTransaction<'t>,
    policy: &'t Policy,
    now: DateTime<Utc>,
    company: &'t ConfiguredAddresses,
    /// Addresses that were taught to be somebody's of the company.
    taught: BTreeSet<Address>,
    waiting: VecDeque<String>,
    /// What is in `waiting`.
    added: BTreeSet<String>,
    rounds: BTreeMap<String, u32>,
}

impl<'t> Turn<'t> {
    fn new(tx: &'t WriteTransaction<'t>, policy: &'t Policy, now: DateTime<Utc>) -> Self {
        Self {
            tx,
            policy,
            now,
            company: policy.addresses(),
            taught: BTreeSet::new(),
            waiting: VecDeque::new(),
            added: BTreeSet::new(),
            rounds: BTreeMap::new(),
        }
    }

    fn add(&mut self, id: String) {
        if self.added.insert(id.clone()) {
            self.waiting.push_back(id);
        }
    }

    fn run(mut self) -> Result<()> {
        if !self.waiting.is_empty() {
            self.taught = taught_addresses(self.tx)?;
        }
        while let Some(id) = self.waiting.pop_front() {
            self.added.remove(&id);
            let round = self.rounds.entry(id.clone()).or_default();
            *round += 1;
            if *round > ROUNDS {
                tracing::warn!(handoff = %id, "the judgement has not come to rest; it goes on in the next turn");
                continue;
            }
            let Some(judged) = judged(self.tx, self.policy, &id, self.now)? else { continue };
            if self.apply(&judged)? {
                self.add(id);
            }
        }
        Ok(())
    }

    /// Writes what one judgement says. Returns whether the handoff has to be judged again for it.
    fn apply(&mut self, judged: &JudgedHandoff) -> Result<bool> {
        let Self { tx, policy, now, .. } = *self;
        let JudgedHandoff { stored, judgement, .. } = judged;
        let id = &stored.handoff.id;
        // While a restored database is caught up with the mailboxes, what would close a handoff may be the half of it.
        let is_open = judgement.open || (stored.open && tx.behind()?.is_some());
        if stored.open != is_open {
            tx.set_closed(id, (!is_open).then_some(now))?;
        }
        // Every address of the company: mail among these is remembered, never claimed by address alone.
        let is_own = |address: &Address| self.company.is_company(address) || self.taught.contains(address);
        let new = tx.set_claims(id, &judgement.claim, is_own, is_open)?;
        let mut again = new.threads || !new.addresses.is_empty();
        if !new.ids.is_empty() {
            // What was outside every thread may have been another handoff's, and is this one's now.
            for other in tx.open_with(&named_in_mail(&judged.facts))? {
                if other != *id {
                    self.add(other);
                }
            }
        }
        let since = stored.handoff.created_at - TimeDelta::days(i64::from(LOOK_BACK_DAYS));
        for address in &new.addresses {
            tx.look_back(id, address, since)?;
        }
        if self.teach(&judgement.learnt_aliases)? {
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
        tx.set_projection(id, Projection { open: is_open, ..projection(judged, now) })?;
        keep_verdict(tx, id, judgement)?;
        Ok(again)
    }

    /// Whether an alias is news; then whatever is open is judged with it.
    fn teach(&mut self, aliases: &[(String, Address)]) -> Result<bool> {
        let mut taught = false;
        for (person, address) in aliases {
            taught |= self.tx.teach_alias(person, address, self.now)?;
        }
        if taught {
            self.taught = taught_addresses(self.tx)?;
            self.tx.judge_all_soon(self.now)?;
        }
        Ok(taught)
    }
}

/// Keeps the judgement of a handoff that is closed. Whether a touch was personal is told from its text: once that is
/// dropped, what was told before stands.
pub(super) fn keep_verdict(tx: &WriteTransaction<'_>, id: &str, judgement: &Judgement) -> Result<()> {
    let touch = &judgement.touch;
    if judgement.open || touch.personal.is_some() || touch.message_id.is_none() {
        return tx.set_verdict(id, judgement);
    }
    let known = tx.verdict(id)?.filter(|known| known.touch.message_id == touch.message_id);
    let Some(personal) = known.and_then(|known| known.touch.personal) else {
        return tx.set_verdict(id, judgement);
    };
    let mut kept = judgement.clone();
    kept.touch.personal = Some(personal);
    tx.set_verdict(id, &kept)
}

fn projection(judged: &JudgedHandoff, now: DateTime<Utc>) -> Projection {
    let JudgedHandoff { stored, judgement, .. } = judged;
    let reading = judgement.awaits.clone().filter(|_| judgement.open);
    let awaits_more = judgement.open && (judgement.last_look.is_some() || judgement.awaits_clock.is_some());
    let past = reading.as_ref().map(|reading| reading.past);
    let awaiting = (reading.is_some() || awaits_more).then(|| {
        let since = stored.awaiting.filter(|since| past.is_none_or(|past| *since >= past));
        since.unwrap_or(now)
    });
    Projection {
        open: judgement.open,
        // A wake that has come already would never let the daemon sleep.
        wake: judgement.wake.filter(|wake| *wake > now),
        awaiting,
        awaiting_reading: reading.filter(|_| !awaits_more),
    }
}

/// Everybody whom the mail of a handoff is from or to.
fn named_in_mail(facts: &[Fact]) -> BTreeSet<Address> {
    let messages = facts.iter().filter_map(|fact| match &fact.what {
        FactKind::MessageSeen(message) => Some(message),
        _ => None,
    });
    let people = messages.flat_map(|message| {
        let headers = &message.headers;
        headers.from.iter().chain(&headers.to).chain(&headers.cc).map(|one| &one.address)
    });
    let distinct: BTreeSet<&Address> = people.collect();
    distinct.into_iter().cloned().collect()
}

/// What SDR and AE have, delegates among it, while the handoff is open stays theirs in it, whatever the configuration says later.
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
    let Some(ae) = policy.person(&judgement.ae) else { return Ok(()) };
    for address in &ae.delegates {
        let (name, address) = (ae.name.clone(), address.clone());
        let held = FactKind::DelegateHeld { ae: name.clone(), address: address.clone() };
        if !facts.iter().any(|fact| fact.what == held) {
            tx.add_fact(&stored.handoff.id, now, &NewFact::DelegateHeld { ae: name, address })?;
        }
    }
    Ok(())
}

fn taught_addresses(tx: &ReadTransaction<'_>) -> Result<BTreeSet<Address>> {
    Ok(tx.aliases()?.into_iter().map(|(_, _, address)| address).collect())
}

/// The difference between the mails that ought to exist and those that do. Returns whether a row is new.
fn reconcile_outbox(
    tx: &WriteTransaction<'_>,
    policy: &Policy,
    judged: &JudgedHandoff,
    now: DateTime<Utc>,
) -> Result<bool> {
    let scope = Scope::Handoff(judged.stored.handoff.id.clone());
    let rows = tx.outbox(&scope)?;
    let beyond_recall: BTreeSet<&MailKey> = rows
        .iter()
        .filter(|row| !matches!(row.state, OutboxState::Queued | OutboxState::Cancelled))
        .map(|row| &row.key)
        .collect();
    let mut made = false;
    for wanted in judged.judgement.mails.iter().filter(|mail| !beyond_recall.contains(&mail.key)) {
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
    for row in &rows {
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

/// How many handoffs one transaction judges because they have waited for the same: others wait for it to end.
const READY_AT_ONCE: usize = 5;

/// What followed from an account's being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AfterReading {
    /// Handoffs were judged that had waited for it.
    pub judged: bool,
    /// Others are due at once.
    pub left: bool,
}

/// Judges handoffs that had to wait until this account was read, some of them; what is left is due at once.
///
/// What waits for a last look or for the clock waits for nothing that reading brings, unless an outage has ended by it.
pub(crate) fn settle_after_reading(
    tx: &WriteTransaction<'_>,
    policy: &Policy,
    account: &str,
    outage_ended: bool,
    now: DateTime<Utc>,
) -> Result<AfterReading> {
    let mut ready = tx.ready_after_reading(account)?;
    let mut later = ready.split_off(ready.len().min(READY_AT_ONCE));
    if outage_ended {
        later.extend(tx.awaiting_more_than_reading()?);
    }
    later.iter().try_for_each(|id| tx.judge_soon(id, now))?;
    let after = AfterReading { judged: !ready.is_empty(), left: !later.is_empty() };
    settle(tx, policy, ready, now)?;
    Ok(after)
}

/// Everything that waits, as far as something may have changed for it, is due at once.
pub(crate) fn judge_awaiting_soon(tx: &WriteTransaction<'_>, now: DateTime<Utc>) -> Result<()> {
    tx.awaiting_no_longer()?.iter().try_for_each(|id| tx.judge_soon(id, now))
}
