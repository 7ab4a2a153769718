//! Mail of our own that has left and of which the database has no row, since it was restored from before: whose it is.
//!
//! A mail's token follows from what it is about, in every copy of the database alike, so that each mail that an open
//! handoff may have had is known by it again, also where it would be wanted no more. A mailbox shows such a mail by a copy
//! of it; where none does, a letter that answers it says that it has left. docs/behaviour.md section 15.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};

use crate::domain::judge::{PossibleMail, possible_mails};
use crate::domain::letter::Letter;
use crate::domain::mails::Voice;
use crate::domain::message::{Address, Mailbox, MessageId};
use crate::domain::token;
use crate::store::{
    NewMail, OutboxState, OwnMailSeen, ReadTransaction, Recipients, Result as Stored, Scope, WriteTransaction,
};

use super::AgentError;
use super::app::App;
use super::own_mails::left_before;
use super::search::settle_as_left;
use super::turn::settle;

/// What shows that a mail has left.
#[derive(Clone, Debug)]
struct LeftTrace {
    at: DateTime<Utc>,
    /// The id that it bears, where a copy was seen.
    id: Option<MessageId>,
    sender: Option<Address>,
    recipients: Recipients,
}

impl LeftTrace {
    fn of_copy(mail: OwnMailSeen) -> Self {
        let named = |list: Vec<Address>| {
            list.into_iter().map(|address| Mailbox { name: String::new(), address }).collect()
        };
        Self {
            at: mail.sealed.left_at.trunc_subsecs(0),
            id: Some(mail.message_id),
            sender: Some(mail.sender),
            recipients: Recipients { to: named(mail.to), cc: named(mail.cc) },
        }
    }

    /// It went at least to whoever answers it, and had left by then.
    fn of_answer(app: &App, letter: &Letter, cited: &MessageId) -> Self {
        let sealed = app.store.key().unsealed(cited).map(|sealed| sealed.left_at.trunc_subsecs(0));
        let reader = Mailbox { name: letter.writer.clone(), address: letter.from.clone() };
        Self {
            at: sealed.unwrap_or(letter.at).min(letter.at),
            id: None,
            sender: None,
            recipients: Recipients { to: vec![reader], cc: Vec::new() },
        }
    }
}

/// A mail that has left, and the handoff that had it.
struct AdoptedMail {
    handoff: String,
    mail: PossibleMail,
    token: String,
    trace: LeftTrace,
    /// Who it comes from where no copy says so.
    sdr: String,
}

/// Gives each mail of which a copy was seen its row. Returns how many.
pub(super) async fn adopt_seen(app: &Arc<App>) -> Result<usize, AgentError> {
    let found = app.read(|app, tx| {
        let seen = tx.unknown_mails()?.into_iter().filter(|mail| left_before(app, mail));
        let traces = seen.map(|mail| (mail.sealed.token.clone(), LeftTrace::of_copy(mail))).collect();
        adoptable(app, tx, traces)
    });
    let found = found.await?;
    adopt(app, found).await
}

/// Gives a mail that this letter answers its row, where it has none.
pub(super) async fn adopt_answered(app: &Arc<App>, letter: &Letter) -> Result<(), AgentError> {
    if !letter.cited.iter().any(|id| token::in_id(id).is_some()) {
        return Ok(());
    }
    let letter = letter.clone();
    let found = app.read(move |app, tx| adoptable(app, tx, answered(app, tx, &letter)?)).await?;
    adopt(app, found).await.map(drop)
}

async fn adopt(app: &Arc<App>, found: Vec<AdoptedMail>) -> Result<usize, AgentError> {
    if found.is_empty() {
        return Ok(0);
    }
    app.write(move |app, tx| {
        for one in &found {
            adopt_one(app, tx, one)?;
        }
        let handoffs: BTreeSet<String> = found.iter().map(|one| one.handoff.clone()).collect();
        settle(tx, &app.policy, handoffs, app.now())?;
        Ok(found.len())
    })
    .await
}

/// What a letter shows of the mail that it answers and of which the outbox has no row, by the mail's token.
fn answered(app: &App, tx: &ReadTransaction<'_>, letter: &Letter) -> Stored<BTreeMap<String, LeftTrace>> {
    let mut traces: BTreeMap<String, LeftTrace> = BTreeMap::new();
    for cited in &letter.cited {
        let Some(token) = token::in_id(cited) else { continue };
        if tx.row_with_token(token)?.is_some() {
            continue;
        }
        let trace = match tx.own_mail_seen(token)?.filter(|mail| left_before(app, mail)) {
            Some(mail) => LeftTrace::of_copy(mail),
            None => LeftTrace::of_answer(app, letter, cited),
        };
        let known = traces.entry(token.to_owned()).or_insert_with(|| trace.clone());
        known.at = known.at.min(trace.at);
    }
    Ok(traces)
}

/// Which of these, by their tokens, are mails that an open handoff may have had.
fn adoptable(
    app: &App,
    tx: &ReadTransaction<'_>,
    mut traces: BTreeMap<String, LeftTrace>,
) -> Stored<Vec<AdoptedMail>> {
    let mut found = Vec::new();
    // Nearly always.
    if traces.is_empty() {
        return Ok(found);
    }
    let key = app.store.key();
    for id in tx.open_handoffs()? {
        let Some(stored) = tx.handoff(&id)? else { continue };
        for mail in possible_mails(&app.policy, &stored.handoff, &tx.facts(&id)?) {
            let Some(token) = key.of_handoff_mail(&id, mail.key.kind, &mail.made_about) else { continue };
            if let Some(trace) = traces.remove(&token) {
                let (handoff, sdr) = (id.clone(), stored.handoff.record.sdr.clone());
                found.push(AdoptedMail { handoff, mail, token, trace, sdr });
            }
        }
    }
    Ok(found)
}

fn adopt_one(app: &App, tx: &WriteTransaction<'_>, one: &AdoptedMail) -> Stored<()> {
    let AdoptedMail { handoff, mail, token, trace, .. } = one;
    let scope = Scope::Handoff(handoff.clone());
    let row = match tx.row_with_token(token)? {
        Some(row) => Some(row),
        None => tx.outbox_by_key(&scope, &mail.key)?,
    };
    if let Some(row) = row {
        let id = trace.id.as_ref().unwrap_or(&row.message_id);
        return match row.state {
            OutboxState::Sent | OutboxState::Sending => Ok(()),
            _ => settle_as_left(app, tx, &row, trace.at, id),
        };
    }
    tracing::info!(kind = mail.key.kind.name(), about = %mail.key.about, %handoff, "a mail that had left is known again");
    let (account, sender) = left_from(app, one);
    let ids: Vec<MessageId> = trace.id.iter().cloned().collect();
    let recipients = trace.recipients.clone();
    let new = NewMail { scope, key: mail.key.clone(), account, sender, recipients, not_before: None };
    tx.adopt(&new, token, trace.at, &ids)
}

/// Account and address that it came from.
fn left_from(app: &App, one: &AdoptedMail) -> (String, Address) {
    let seen = one.trace.sender.as_ref();
    if let Some(account) = app.accounts.values().find(|account| Some(&account.address) == seen) {
        return (account.name.clone(), account.address.clone());
    }
    let sdr = app.policy.person(&one.sdr).filter(|_| one.mail.key.kind.properties().from == Voice::Sdr);
    match sdr.and_then(|sdr| Some((sdr.account.clone()?, sdr.address.clone()))) {
        Some(sdrs) => sdrs,
        None => (app.policy.agent_account.clone(), app.policy.agent_address.clone()),
    }
}
