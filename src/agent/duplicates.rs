//! The handoff that a record repeats: the same record, another open handoff to the same people, an intro that only the
//! mailboxes know. docs/behaviour.md sections 3 and 15.

use std::sync::Arc;

use crate::domain::address_book::is_one_mailbox;
use crate::domain::freemail::is_freemail;
use crate::domain::handoff::Record;
use crate::domain::judge::TouchState;
use crate::domain::mails::MailKind;
use crate::domain::message::{Address, Mailbox, MessageId};
use crate::domain::registered_domain::registered_domain;
use crate::store::{OutboxRow, OutboxState, ReadTransaction, Result as Stored, Scope};

use super::AgentError;
use super::app::App;
use super::intro_fate::IntroFate;
use super::turn::{JudgedHandoff, judged};

/// Why a handoff is refused as a duplicate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Duplicate {
    /// The same record was sent as this handoff.
    SameRecord(String),
    /// This open handoff goes to the same AE and writes to this address.
    SameProspect(String, Address),
    /// Only the mailboxes know it: an intro with this id went to this address.
    InMailbox(MessageId, Address),
}

/// The handoff that a record repeats.
pub(crate) async fn duplicate(app: &Arc<App>, record: &Record) -> Result<Option<Duplicate>, AgentError> {
    let record = record.clone();
    app.read(move |app, tx| repeated(app, tx, &record)).await
}

/// The other handoff that a corrected record of this one would repeat.
pub(crate) async fn other_handoff(
    app: &Arc<App>,
    handoff: &str,
    record: &Record,
) -> Result<Option<Duplicate>, AgentError> {
    let (handoff, record) = (handoff.to_owned(), record.clone());
    app.read(move |app, tx| to_same_prospect(app, tx, &record, Some(&handoff))).await
}

impl Duplicate {
    /// The handoff that is repeated, where the database knows it.
    pub(super) fn handoff(&self) -> Option<&str> {
        match self {
            Duplicate::SameRecord(id) | Duplicate::SameProspect(id, _) => Some(id),
            Duplicate::InMailbox(..) => None,
        }
    }
}

/// What is under way with the intro that a record repeats, where it may still leave or nobody knows whether it has:
/// sent again now, it could reach the prospect twice.
pub(crate) async fn unsettled(
    app: &Arc<App>,
    duplicate: &Duplicate,
) -> Result<Option<OutboxState>, AgentError> {
    let Some(id) = duplicate.handoff().map(str::to_owned) else { return Ok(None) };
    app.read(move |_, tx| {
        let rows = tx.outbox(&Scope::Handoff(id))?;
        let mut states = rows.iter().filter(|row| row.key.kind == MailKind::Intro).map(|row| row.state);
        Ok(states.find(|state| {
            matches!(state, OutboxState::Queued | OutboxState::Sending | OutboxState::Uncertain)
        }))
    })
    .await
}

/// Whether a record that is said to correct another is no correction of it: another company, and nobody at an address or
/// a domain that the other one names.
pub(crate) fn is_of_another_handoff(app: &App, record: &Record, corrected: &Record) -> bool {
    let words =
        |text: &str| -> String { text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect() };
    if words(&record.company) == words(&corrected.company) {
        return false;
    }
    let known: Vec<&Address> = prospects(app, record).collect();
    let is_known = |new: &Address| known.iter().any(|old| is_one_prospect(old, new));
    !prospects(app, corrected).any(is_known)
}

fn prospects<'r>(app: &App, record: &'r Record) -> impl Iterator<Item = &'r Address> {
    let named = record.to.iter().chain(&record.meeting.attendees).map(|one| &one.address);
    named.filter(|address| !app.policy.addresses().is_company(address))
}

/// Whether two addresses are one mailbox, or lie at one company.
pub(super) fn is_one_prospect(one: &Address, other: &Address) -> bool {
    is_one_mailbox(one, other) || is_one_company(one, other)
}

fn is_one_company(one: &Address, other: &Address) -> bool {
    let domain = registered_domain(one.domain());
    domain == registered_domain(other.domain()) && !is_freemail(one.domain())
}

pub(super) fn repeated(app: &App, tx: &ReadTransaction<'_>, record: &Record) -> Stored<Option<Duplicate>> {
    for id in tx.handoffs_of_record(record)? {
        if !was_cancelled(app, tx, &id)? {
            return Ok(Some(Duplicate::SameRecord(id)));
        }
    }
    if let Some(duplicate) = known_to_mailboxes(app, tx, record)? {
        return Ok(Some(duplicate));
    }
    to_same_prospect(app, tx, record, None)
}

/// Another open handoff than `except` to the same AE and an address in common.
fn to_same_prospect(
    app: &App,
    tx: &ReadTransaction<'_>,
    record: &Record,
    except: Option<&str>,
) -> Stored<Option<Duplicate>> {
    let spelt = record.to.iter().flat_map(|one| [one.address.clone(), one.address.canonical()]);
    let others = tx.open_with(&spelt.collect::<Vec<_>>())?.into_iter();
    for id in others.filter(|id| except != Some(id.as_str())) {
        let Some(JudgedHandoff { judgement, .. }) = judged(tx, &app.policy, &id, app.now())? else {
            continue;
        };
        let is_theirs =
            |to: &&Mailbox| judgement.record.to.iter().any(|one| is_one_mailbox(&one.address, &to.address));
        let common = record.to.iter().find(is_theirs);
        if let (true, true, Some(common)) = (judgement.open, judgement.ae == record.ae, common) {
            return Ok(Some(Duplicate::SameProspect(id, common.address.clone())));
        }
    }
    Ok(None)
}

/// Whether a handoff was closed before its intro had left to anybody: it is as if it had never been.
fn was_cancelled(app: &App, tx: &ReadTransaction<'_>, id: &str) -> Stored<bool> {
    let is_open = judged(tx, &app.policy, id, app.now())?.is_none_or(|judged| judged.judgement.open);
    Ok(!is_open && has_not_left(&tx.outbox(&Scope::Handoff(id.to_owned()))?))
}

/// Whether no intro among a handoff's mails has left, nor may have.
pub(super) fn has_not_left(rows: &[OutboxRow]) -> bool {
    let mut intros = rows.iter().filter(|row| row.key.kind == MailKind::Intro);
    intros.all(|row| matches!(row.state, OutboxState::Queued | OutboxState::Failed | OutboxState::Cancelled))
}

/// Why an intro that is sent again may reach somebody twice. docs/behaviour.md section 14.
pub(crate) fn resend_doubt(
    app: &App,
    tx: &ReadTransaction<'_>,
    handoff: &str,
) -> Stored<Option<&'static str>> {
    let rows = tx.outbox(&Scope::Handoff(handoff.to_owned()))?;
    let is_uncertain =
        rows.iter().any(|row| row.key.kind == MailKind::Intro && row.state == OutboxState::Uncertain);
    if is_uncertain || IntroFate::of(&rows).is_in_doubt() {
        return Ok(Some("nobody can tell yet whether the last intro has left, so they may get it twice"));
    }
    let has_failed = judged(tx, &app.policy, handoff, app.now())?.is_some_and(|judged| {
        let judgement = &judged.judgement;
        let is_undelivered = judgement.touch.state == TouchState::Undelivered;
        is_undelivered || judgement.intro_failed || judgement.sent_at.is_none()
    });
    Ok((!has_failed).then_some("no failure of the last intro is known, so they may have it twice"))
}

/// The intro of a handoff that this database does not know, to the same AE and an address in common.
fn known_to_mailboxes(app: &App, tx: &ReadTransaction<'_>, record: &Record) -> Stored<Option<Duplicate>> {
    let intros = tx.unknown_intros()?;
    let Some(ae) = app.policy.person(&record.ae).filter(|_| !intros.is_empty()) else { return Ok(None) };
    for intro in intros.into_iter().filter(|intro| intro.cc.iter().any(|address| ae.has_address(address))) {
        let is_theirs = |to: &&Mailbox| intro.to.iter().any(|one| is_one_mailbox(one, &to.address));
        let common = record.to.iter().find(is_theirs);
        if let Some(common) = common {
            return Ok(Some(Duplicate::InMailbox(intro.message_id, common.address.clone())));
        }
    }
    Ok(None)
}
