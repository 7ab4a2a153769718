//! Delivery: the only place that mail leaves from.
//!
//! A row is leased in a transaction of its own, in which its handoff is judged once more and the mail is
//! written; its bytes and phase are committed before DATA; what the server said is committed after. Known
//! limit: rows of one account leave one after the other.

use std::sync::Arc;

use crate::domain::mails::{Audience, Voice};
use crate::smtp::{self, DataDecision, Delivery, Submission};
use crate::store::{
    LeaseState, OutboxRow, OutboxState, Priority, Recipients, Result as Stored, Scope, WriteTransaction,
};

use super::app::App;
use super::attempt::{AttemptOutcome, alert_failure, record, settle_scope};
use super::credentials::CredentialError;
use super::global::wanted_global;
use super::rate_limit::is_rate_limited;
use super::render::render;
use super::turn::judged;
use super::{AgentError, error_chain};

/// A row that was taken, with everything that leaves.
struct LeasedMail {
    row: OutboxRow,
    voice: Voice,
    recipients: Vec<String>,
    bytes: Vec<u8>,
}

/// Sends everything of one account that may leave by now. Returns how many attempts were made.
pub(crate) async fn drain(app: &Arc<App>, account: &str) -> Result<usize, AgentError> {
    let mut attempts = 0;
    loop {
        let name = account.to_owned();
        let due = app
            .read(move |app, tx| {
                let mut rows = tx.sendable(app.now())?;
                rows.retain(|row| row.account == name);
                Ok(rows.into_iter().map(|row| row.seq).collect::<Vec<_>>())
            })
            .await?;
        let mut moved = false;
        for seq in due {
            if app.is_stopping() {
                return Ok(attempts);
            }
            let fate = deliver(app, seq).await?;
            attempts += usize::from(fate != AttemptOutcome::Nothing);
            moved |= fate != AttemptOutcome::Nothing;
        }
        if !moved {
            return Ok(attempts);
        }
    }
}

/// One attempt to send one row.
pub(crate) async fn deliver(app: &Arc<App>, seq: i64) -> Result<AttemptOutcome, AgentError> {
    let Some(leased) = app.write_with(Priority::Command, move |app, tx| lease(app, tx, seq)).await? else {
        return Ok(AttemptOutcome::Nothing);
    };
    let delivery = submit(app, &leased).await;
    let LeasedMail { row, voice, .. } = leased;
    tracing::info!(kind = row.key.kind.name(), about = %row.key.about, outcome = ?delivery, "handed over");
    app.write_with(Priority::Command, move |app, tx| record(app, tx, &row, voice, delivery)).await
}

async fn submit(app: &Arc<App>, leased: &LeasedMail) -> Delivery {
    let account = match app.account(&leased.row.account) {
        Ok(account) => account,
        Err(error) => return Delivery::LoginRefused { text: error.to_string() },
    };
    let endpoint = match app.server_login(account, &account.smtp).await {
        Ok(endpoint) => endpoint,
        Err(CredentialError::NeedsPerson { reason }) => return Delivery::LoginRefused { text: reason },
        Err(CredentialError::Later { reason }) => return Delivery::Unreachable { reason },
    };
    let submission = Submission {
        from: leased.row.sender.as_str(),
        recipients: &leased.recipients,
        bytes: &leased.bytes,
        on_refusal: match leased.row.audience {
            Audience::Public => smtp::RefusalPolicy::AllOrNobody,
            Audience::Internal | Audience::Record => smtp::RefusalPolicy::AcceptedRecipientsOnly,
        },
    };
    let seq = leased.row.seq;
    smtp::deliver(&endpoint, submission, app.smtp_deadlines, || async move {
        if app.is_stopping() {
            return DataDecision::Stop;
        }
        match app.write_with(Priority::Command, move |_, tx| tx.data_begins(seq)).await {
            Ok(LeaseState::Held) => DataDecision::Proceed,
            Ok(LeaseState::Lost) => {
                tracing::warn!(seq, "another process has taken the mail back, so nothing leaves");
                DataDecision::Stop
            }
            Err(error) => {
                tracing::error!(%error, "the phase could not be written, so nothing leaves");
                DataDecision::Stop
            }
        }
    })
    .await
    .at(&endpoint)
}

/// Takes the row, unless it need not or must not leave now.
fn lease(app: &App, tx: &WriteTransaction<'_>, seq: i64) -> Stored<Option<LeasedMail>> {
    let now = app.now();
    let Some(row) = tx.outbox_row(seq)? else { return Ok(None) };
    if row.state != OutboxState::Queued || row.next_attempt > now {
        return Ok(None);
    }
    let (wanted, judged) = match &row.scope {
        Scope::Handoff(id) => {
            let Some(judged) = judged(tx, &app.policy, id, now)? else { return Ok(None) };
            let wanted = judged.judgement.mails.iter().find(|mail| mail.key == row.key).cloned();
            (wanted, Some(judged))
        }
        Scope::Letter => (super::letters::wanted(tx, &row)?, None),
        Scope::Global => {
            let wanted = wanted_global(app, tx, now)?.mails;
            (wanted.into_iter().find(|mail| mail.key == row.key), None)
        }
    };
    let was_uncertain = row.uncertain_since.is_some();
    if let (true, Some(bytes)) = (was_uncertain, row.bytes.clone()) {
        // It may have left already: a recipient who gets it twice must get the same mail.
        let recipients = row.recipients.addresses().iter().map(|one| one.as_str().to_owned()).collect();
        let voice = wanted.as_ref().map_or(Voice::Agent, |mail| mail.from);
        tx.lease(seq, &bytes, &row.recipients, now)?;
        return Ok(Some(LeasedMail { row, voice, recipients, bytes }));
    }
    let Some(wanted) = wanted else {
        tx.cancel(seq)?;
        return Ok(None);
    };
    if wanted.not_before.is_some_and(|at| at > now) || is_rate_limited(app, tx, &row, &wanted, now)? {
        return Ok(None);
    }
    let bytes = match render(app, &row, &wanted, judged.as_ref(), now) {
        Ok(bytes) => bytes,
        Err(error) => {
            let reason = error_chain(&error);
            tx.failed(seq, now, &reason, &[])?;
            alert_failure(app, tx, &row, &reason)?;
            settle_scope(app, tx, &row.scope)?;
            return Ok(None);
        }
    };
    let recipients = Recipients { to: wanted.to.clone(), cc: wanted.cc.clone() };
    tx.lease(seq, &bytes, &recipients, now)?;
    let addresses = recipients.addresses().iter().map(|one| one.as_str().to_owned()).collect();
    let row = tx.outbox_row(seq)?.unwrap_or(row);
    Ok(Some(LeasedMail { row, voice: wanted.from, recipients: addresses, bytes }))
}
