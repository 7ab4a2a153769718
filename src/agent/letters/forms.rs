//! The empty record, filled in with what the SDR's own mailbox proves. docs/behaviour.md section 13.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::letter::{Letter, RecordFormBrief};
use crate::domain::mails::MailBrief;

use super::super::AgentError;
use super::super::app::App;
use super::super::prefill::{self, FilledForm, FormRequest};
use super::{Reply, respond};

/// Other letters wait meanwhile.
const LONGEST_LOOK: Duration = Duration::from_secs(120);

pub(super) async fn answer(
    app: &Arc<App>,
    seq: i64,
    letter: Letter,
    named: Option<String>,
) -> Result<(), AgentError> {
    let form = form(app, &letter, named).await?;
    app.write(move |app, tx| {
        let FilledForm { origin, record_text } = form;
        let brief = MailBrief::RecordForm(Box::new(RecordFormBrief { origin, record_text }));
        respond(app, tx, seq, &letter, Reply::to_writer(&letter, brief))?;
        tx.finish_letter(seq, None)
    })
    .await
}

/// The form; a mailbox that cannot be read leaves it empty, and it says so.
async fn form(app: &Arc<App>, letter: &Letter, named: Option<String>) -> Result<FilledForm, AgentError> {
    let Some(named) = named else { return Ok(prefill::blank_form(app, &letter.writer)) };
    let request =
        FormRequest { sdr: letter.writer.clone(), ae: None, named, forwarded: letter.forwarded.clone() };
    let why = match tokio::time::timeout(LONGEST_LOOK, prefill::filled_form(app, request.clone())).await {
        Ok(Err(error)) if error.account().is_some() => {
            tracing::warn!(%error, "a form is not filled in");
            "your mailbox couldn't be read just now; ask again in a while"
        }
        Ok(outcome) => return outcome,
        Err(_) => {
            tracing::warn!("a form is not filled in: the mailbox takes too long");
            "reading your mailbox took too long; ask again in a while"
        }
    };
    Ok(prefill::not_filled_in(app, &request, why.to_owned()))
}
