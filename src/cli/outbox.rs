//! `baton outbox` and `baton backup`.

use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::agent::app::App;
use crate::agent::global::reconcile_global_outbox;
use crate::agent::turn::settle;
use crate::store::{OutboxRow, OutboxState, ReadTransaction, Result as Stored, Scope, WriteTransaction};

use super::args::{BackupArgs, OutboxAction, OutboxArgs};
use super::failure::{Failure, REFUSED};
use super::json::mail;
use super::open::CommandContext;

/// `baton outbox [retry|drop ID]`.
pub(crate) async fn outbox(context: &CommandContext, args: &OutboxArgs) -> Result<(), Failure> {
    let app = context.app(&context.config()?)?;
    let rows = app.read(|_, tx| waiting(tx)).await?;
    let (wanted, retry) = match &args.action {
        None => return list(context, &rows),
        Some(OutboxAction::Retry { id }) => (id, true),
        Some(OutboxAction::Drop { id }) => (id, false),
    };
    let id = wanted.trim_start_matches('<').trim_end_matches('>');
    let Some(row) = rows.iter().find(|row| row.seq.to_string() == id || row.message_id.as_str() == id) else {
        return Err(Failure::new(REFUSED, format!("no mail `{wanted}` waits in the outbox"))
            .hint("`baton outbox` lists what waits, with its number"));
    };
    if row.state == OutboxState::Sending {
        return Err(Failure::new(REFUSED, "that mail is being sent this very moment"));
    }
    let chosen = row.clone();
    app.write_for_command(move |app, tx| apply(app, tx, &chosen, retry)).await?;
    let mut out = anstream::stdout();
    if context.json {
        let seq = row.seq;
        let now_is = app.read(move |_, tx| tx.outbox_row(seq)).await?;
        writeln!(out, "{:#}", now_is.as_ref().map_or(Value::Null, document))?;
        return Ok(());
    }
    let done = if retry { "it leaves with the agent's next pass" } else { "it does not leave" };
    writeln!(out, "{} to {}: {done}", row.key.kind.name(), addresses(row))?;
    Ok(())
}

/// Every mail that has not left, or of which nobody knows.
fn waiting(tx: &ReadTransaction<'_>) -> Stored<Vec<OutboxRow>> {
    let mut rows = Vec::new();
    for state in [OutboxState::Queued, OutboxState::Sending, OutboxState::Uncertain, OutboxState::Failed] {
        rows.extend(tx.in_state(state)?);
    }
    Ok(rows)
}

/// Does what a person wants of a mail, and what follows from it.
fn apply(app: &App, tx: &WriteTransaction<'_>, row: &OutboxRow, retry: bool) -> Stored<()> {
    let now = app.now();
    if retry {
        tx.retry(row.seq, now)?;
    } else if row.state == OutboxState::Queued {
        tx.failed(row.seq, now, "dropped by hand", &refused_all(row, "dropped by hand"))?;
    } else {
        let why = "nobody knows whether it left; let be by hand";
        tx.failed(row.seq, now, why, &refused_all(row, "let be"))?;
    }
    tx.resolve_alert(&format!("mail {}", row.seq), now)?;
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
    let mut out = anstream::stdout().lock();
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

/// `baton backup FILE`.
pub(crate) async fn backup(context: &CommandContext, args: &BackupArgs) -> Result<(), Failure> {
    let app = context.app(&context.config()?)?;
    let place = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if place(&args.file) == place(app.store.path()) {
        return Err(Failure::new(REFUSED, "that is the database itself"));
    }
    app.store.back_up(&args.file).await?;
    let size = std::fs::metadata(&args.file).map_or(0, |data| data.len());
    let mut out = anstream::stdout().lock();
    if context.json {
        writeln!(out, "{:#}", json!({"file": args.file.display().to_string(), "bytes": size}))?;
    } else {
        writeln!(out, "wrote {} ({} KiB)", args.file.display(), size.div_ceil(1024))?;
    }
    Ok(())
}
