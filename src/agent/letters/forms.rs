//! The empty record, filled in with what the SDR's own mailbox proves. docs/behaviour.md section 13.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::answer;
use crate::domain::judge::Policy;
use crate::domain::letter::{Letter, RecordFormBrief};
use crate::domain::mails::MailBrief;
use crate::domain::message::Address;
use crate::language::{Role, matcher};
use crate::mail::classify::automated::is_unread;

use super::super::AgentError;
use super::super::app::App;
use super::super::prefill::{self, FilledForm, FormRequest};
use super::plan::{Plan, behind};
use super::{Reply, respond};

/// The form that a letter asks for: by its subject, or by its words above a forwarded mail. Whom the subject names counts
/// first, then who wrote what is forwarded: `handoff Acme Corp` names nobody whose mail could be found.
pub(super) fn asked(policy: &Policy, letter: &Letter) -> Option<Plan> {
    let author = letter.forwarded_from.as_ref().and_then(|author| prospect_behind(policy, letter, author));
    if let Some(rest) = behind(&letter.base_subject, Role::SubjectHandoff) {
        let named = (!rest.is_empty()).then_some(rest);
        let leads_to_mail = named.as_deref().is_some_and(prefill::names_a_mailbox);
        return Some(Plan::Form { named: if leads_to_mail { named } else { author.or(named) } });
    }
    let is_forward = letter.forwarded_from.is_some() || answer::is_forward(&letter.subject);
    let words = answer::first_line(&letter.own_words).to_lowercase();
    let begins = matcher(Role::SubjectHandoff).all_at_start(&words).next().is_some();
    (is_forward && begins).then_some(Plan::Form { named: author })
}

/// Who wrote what is forwarded. A program, such as a CRM that notifies, is no prospect: whom its mail names is.
fn prospect_behind(policy: &Policy, letter: &Letter, author: &Address) -> Option<String> {
    if is_unread(author.local()) {
        return prefill::one_prospect_in(policy, &letter.text, author);
    }
    Some(author.to_string())
}

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
