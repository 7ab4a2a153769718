//! `baton outbox`: mail that has not left or is uncertain, and what a person wants of it.

use std::io::Write;

use serde_json::{Value, json};

use crate::agent::app::App;
use crate::agent::catch_up::resolve_alert;
use crate::agent::global::reconcile_global_outbox;
use crate::agent::remainder;
use crate::agent::turn::settle;
use crate::domain::fact::{DROPPED_BY_HAND, LET_BE, LET_BE_ERROR};
use crate::domain::mails::Audience;
use crate::store::{
    OpenPurpose, OutboxRow, OutboxState, ReadTransaction, Result as Stored, Scope, WriteTransaction,
};

use super::args::{OutboxAction, OutboxArgs, WaitingMail};
use super::failure::{Failure, REFUSED};
use super::json::mail;
use super::open::CommandContext;

/// `baton outbox [retry|drop ID]`.
pub(crate) async fn outbox(context: &CommandContext, args: &OutboxArgs) -> Result<(), Failure> {
    let config = context.config()?;
    let (which, retry) = match &args.action {
        None => {
            let app = context.app_for(&config, OpenPurpose::Look)?;
            return list(context, &app.read(|_, tx| waiting(tx)).await?);
        }
        Some(OutboxAction::Retry(which)) => (which, true),
        Some(OutboxAction::Drop(which)) => (which, false),
    };
    let app = context.app_for(&config, OpenPurpose::Change)?;
    let rows = app.read(|_, tx| to_be_decided(tx)).await?;
    let chosen = chosen(rows, which)?;
    app.write_for_command({
        let chosen = chosen.clone();
        move |app, tx| chosen.iter().try_for_each(|row| apply(app, tx, row, retry))
    })
    .await?;
    if context.json {
        let seqs: Vec<i64> = chosen.iter().map(|row| row.seq).collect();
        let now_are = app.read(move |_, tx| {
            seqs.iter().map(|seq| tx.outbox_row(*seq)).collect::<Stored<Vec<Option<OutboxRow>>>>()
        });
        let documents: Vec<Value> =
            now_are.await?.iter().map(|row| row.as_ref().map_or(Value::Null, document)).collect();
        let document = match documents.as_slice() {
            [one] if which.id.is_some() && !which.is_all() => one.clone(),
            all => Value::from(all.to_vec()),
        };
        writeln!(context.stdout(), "{document:#}")?;
        return Ok(());
    }
    for row in &chosen {
        let done = match row.state {
            _ if retry => "it leaves with the agent's next pass",
            OutboxState::Uncertain => "it isn't sent again, but it may have left already",
            OutboxState::Sent => "it isn't sent again to those who haven't got it",
            _ => "it does not leave",
        };
        writeln!(context.stdout(), "{} to {}: {done}", row.key.kind.name(), addresses(row))?;
    }
    if chosen.is_empty() {
        writeln!(context.stdout(), "nothing is uncertain or refused")?;
    }
    Ok(())
}

/// The mails that are meant: one, or all that wait for a person.
fn chosen(rows: Vec<(OutboxRow, bool)>, which: &WaitingMail) -> Result<Vec<OutboxRow>, Failure> {
    if which.is_all() {
        let waiting = rows.into_iter().filter(|(row, is_open)| *is_open && waits_for_a_person(row));
        return Ok(waiting.map(|(row, _)| row).collect());
    }
    let rows = rows.into_iter().map(|(row, _)| row);
    let wanted = which.id.as_deref().unwrap_or_default();
    let id = wanted.trim_start_matches('<').trim_end_matches('>');
    let mut rows = rows;
    let found = rows.find(|row| row.seq.to_string() == id || row.message_id.as_str() == id);
    match found {
        None => Err(Failure::new(REFUSED, format!("no mail `{wanted}` waits in the outbox"))
            .hint("`baton outbox` lists what waits, with its number")),
        Some(row) if row.state == OutboxState::Sending => {
            Err(Failure::new(REFUSED, "that mail is being sent this very moment"))
        }
        Some(row) => Ok(vec![row]),
    }
}

/// Uncertain, or refused to our own people. An intro that was refused is handed off anew, or by `resend`.
fn waits_for_a_person(row: &OutboxRow) -> bool {
    let is_let_be =
        row.error.as_deref().is_some_and(|error| [DROPPED_BY_HAND, LET_BE_ERROR].contains(&error));
    match row.state {
        OutboxState::Uncertain => true,
        OutboxState::Failed => row.audience != Audience::Public && !is_let_be,
        OutboxState::Sent => true,
        _ => false,
    }
}

/// Every mail that has not left, or of which nobody knows.
fn waiting(tx: &ReadTransaction<'_>) -> Stored<Vec<OutboxRow>> {
    let mut rows = Vec::new();
    for state in [OutboxState::Queued, OutboxState::Sending, OutboxState::Uncertain, OutboxState::Failed] {
        rows.extend(tx.in_state(state)?);
    }
    Ok(rows)
}

/// The same, and what has left and has not reached everybody; each with whether what it is about is still open.
fn to_be_decided(tx: &ReadTransaction<'_>) -> Stored<Vec<(OutboxRow, bool)>> {
    let mut rows = waiting(tx)?;
    for seq in tx.mails_with_missing()? {
        rows.extend(tx.outbox_row(seq)?);
    }
    let open = |row: OutboxRow| {
        let is_open = match &row.scope {
            Scope::Handoff(id) => {
                row.state == OutboxState::Uncertain || tx.handoff(id)?.is_some_and(|one| one.open)
            }
            Scope::Global | Scope::Letter => true,
        };
        Ok((row, is_open))
    };
    rows.into_iter().map(open).collect()
}

/// Does what a person wants of a mail, and what follows from it.
fn apply(app: &App, tx: &WriteTransaction<'_>, row: &OutboxRow, retry: bool) -> Stored<()> {
    let now = app.now();
    if row.state == OutboxState::Sent {
        // It has left, and not reached everybody.
        remainder::decide(app, tx, row.seq, retry)?;
        reconcile_global_outbox(app, tx, now)?;
        return tx.call();
    }
    if retry {
        tx.retry(row.seq, now)?;
    } else if matches!(row.state, OutboxState::Queued | OutboxState::Failed) {
        tx.failed(row.seq, now, DROPPED_BY_HAND, &refused_all(row, DROPPED_BY_HAND))?;
        tx.not_again(row.seq)?;
    } else {
        tx.failed(row.seq, now, LET_BE_ERROR, &refused_all(row, LET_BE))?;
    }
    tx.resolve_alert(&format!("mail {}", row.seq), now)?;
    resolve_alert(app, tx)?;
    if let Scope::Handoff(id) = &row.scope {
        settle(tx, &app.policy, [id.clone()], now)?;
    }
    reconcile_global_outbox(app, tx, now)?;
    tx.call()
}

fn refused_all(row: &OutboxRow, why: &str) -> Vec<(crate::domain::message::Address, String)> {
    row.recipients.addresses().into_iter().map(|address| (address, why.to_owned())).collect()
}

fn addresses(row: &OutboxRow) -> String {
    row.recipients.addresses().iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// A mail of the outbox, with what `retry` and `drop` know it by.
fn document(row: &OutboxRow) -> Value {
    let mut document = mail(row);
    if let Some(object) = document.as_object_mut() {
        object.insert("id".to_owned(), json!(row.seq));
        object.insert("handoff".to_owned(), json!(row.scope_name()));
        object.insert("attempts".to_owned(), json!(row.attempts));
    }
    document
}

fn list(context: &CommandContext, rows: &[OutboxRow]) -> Result<(), Failure> {
    let mut out = context.stdout();
    if context.json {
        let document: Value = rows.iter().map(document).collect();
        writeln!(out, "{document:#}")?;
    } else if rows.is_empty() {
        writeln!(out, "the outbox is empty")?;
    }
    if !context.json {
        for row in rows {
            let error = row.error.as_deref().unwrap_or_default();
            let (kind, state) = (row.key.kind.name(), row.state.name());
            writeln!(
                out,
                "{:>5}  {state:<10}{kind:<18}{}  {}  {error}",
                row.seq,
                addresses(row),
                row.scope_name()
            )?;
        }
    }
    Ok(())
}
