//! A form that is filled in with what the SDR's own mailbox proves. docs/behaviour.md section 13.
//!
//! - `named`: whom a subject or a command line names
//! - `conversation`: the mail with them, read and kept nowhere
//! - `meeting`, `place`, `agenda`: what its invitations say
//! - `people`, `sentences`: what its authors say
//! - `form`: the lines, with their notes
//!
//! What mail does not show stays empty, and nothing is guessed.

mod agenda;
mod conversation;
mod form;
mod meeting;
mod named;
mod people;
mod place;
mod sentences;
#[cfg(test)]
pub(super) mod tests;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::judge::Policy;
use crate::domain::letter::{FormOrigin, ForwardedMail};
use crate::domain::people::TeamRole;
use crate::record::{PrefilledFields, PrefilledNames, prefilled};

use super::AgentError;
use super::app::App;
use conversation::{SeenAuthor, SeenMail};
use form::FormSources;
use meeting::NextMeeting;
use named::NamedProspect;
pub(crate) use named::{names_a_mailbox, one_prospect_in};

/// What is asked for.
#[derive(Clone, Debug)]
pub(crate) struct FormRequest {
    /// The SDR's configured name.
    pub sdr: String,
    /// The AE's, where one was chosen.
    pub ae: Option<String>,
    /// An address, a mail domain, or words around one.
    pub named: String,
    /// A mail of the prospect's that came with the question.
    pub forwarded: Option<ForwardedMail>,
}

/// The record to fill in, and why it is as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FilledForm {
    pub record_text: String,
    pub origin: FormOrigin,
}

/// The empty record, filled in. An error is that of the mailbox.
pub(crate) async fn filled_form(app: &Arc<App>, request: FormRequest) -> Result<FilledForm, AgentError> {
    let prospect = match named::prospect(&app.policy, &request.named) {
        Ok(prospect) => prospect,
        Err(why) => return Ok(not_filled_in(app, &request, why)),
    };
    let account = app.policy.account_of(&request.sdr).map(str::to_owned);
    let mut mails = match &account {
        Some(account) => conversation::read(app, account, &prospect).await?,
        None => Vec::new(),
    };
    let now = app.now();
    mails.extend(forwarded(&request, &prospect, &mails, now));
    if mails.is_empty() && account.is_none() {
        let why = "your mailbox is not one that I may read".to_owned();
        return Ok(not_filled_in(app, &request, why));
    }
    if mails.is_empty() {
        let why = format!("your mailbox has no mail with {} from the last 90 days", prospect.shown);
        return Ok(not_filled_in(app, &request, why));
    }
    let composing = Arc::clone(app);
    // Hundreds of mails are searched for words.
    let composed =
        tokio::task::spawn_blocking(move || composed(&composing, &request, &prospect, &mails, now));
    composed.await.map_err(|error| match account {
        Some(account) if error.is_panic() => AgentError::ParserPanicked { account },
        _ => AgentError::Stopped,
    })
}

/// The empty record for somebody who named nobody.
pub(crate) fn blank_form(app: &App, sdr: &str) -> FilledForm {
    FilledForm { record_text: text(app, sdr, None, &PrefilledFields::default()), origin: FormOrigin::Blank }
}

/// The empty record, and why nothing is in it.
pub(crate) fn not_filled_in(app: &App, request: &FormRequest, why: String) -> FilledForm {
    let named = request.named.trim().to_owned();
    let opening = vec![format!("Nothing is filled in for {named}: {why}.")];
    let fields = PrefilledFields { opening, ..PrefilledFields::default() };
    let record_text = text(app, &request.sdr, request.ae.as_deref(), &fields);
    FilledForm { record_text, origin: FormOrigin::NotFilledIn { named, why } }
}

fn composed(
    app: &App,
    request: &FormRequest,
    prospect: &NamedProspect,
    mails: &[SeenMail],
    now: DateTime<Utc>,
) -> FilledForm {
    let zone = app.policy.person(&request.sdr).map(|person| person.working.zone.clone());
    let zone = zone.unwrap_or_else(|| app.default_zone.clone());
    let meeting = meeting::next_meeting(&app.policy, prospect, mails, now);
    let guests = meeting.as_ref().map(|meeting| meeting.guests.clone()).unwrap_or_default();
    let sources = FormSources {
        prospect,
        mails,
        meeting,
        people: people::people(prospect, mails, &guests),
        competitors: &app.record_rules.competitors,
        names_ae: request.ae.is_none(),
        zones: &app.zones,
        zone: &*zone,
    };
    let fields = sources.fields();
    let invited = sources.meeting.as_ref().and_then(NextMeeting::only_ae);
    let ae = request.ae.as_deref().or(invited);
    let record_text = text(app, &request.sdr, ae, &fields);
    FilledForm { record_text, origin: FormOrigin::Prospect(prospect.shown.clone()) }
}

fn text(app: &App, sdr: &str, ae: Option<&str>, fields: &PrefilledFields) -> String {
    let zone = app.policy.person(sdr).map(|person| person.working.zone.clone());
    let zone = zone.unwrap_or_else(|| app.default_zone.clone());
    let names = PrefilledNames {
        sdr: Some(sdr),
        ae: ae.or_else(|| only_ae(&app.policy)),
        extra_conditions: &app.record_rules.conditions,
    };
    prefilled(&names, fields, zone.local(app.now()).date_naive())
}

/// The AE, where there is no other.
fn only_ae(policy: &Policy) -> Option<&str> {
    let mut aes = policy.people.iter().filter(|person| person.roles.contains(&TeamRole::Ae));
    match (aes.next(), aes.next()) {
        (Some(ae), None) => Some(&ae.name),
        _ => None,
    }
}

/// The forwarded mail as part of the conversation, unless the mailbox has it.
fn forwarded(
    request: &FormRequest,
    prospect: &NamedProspect,
    mails: &[SeenMail],
    now: DateTime<Utc>,
) -> Option<SeenMail> {
    let mail = request.forwarded.as_ref().filter(|mail| prospect.has(&mail.from.address))?;
    let key = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).take(400).collect::<String>();
    let own = key(&mail.text);
    let is_known = mails.iter().any(|known| {
        let known_key = key(&known.text);
        known.prospect().is_some_and(|author| author.address == mail.from.address)
            && !known_key.is_empty()
            && (own.contains(&known_key) || known_key.contains(&own))
    });
    (!is_known).then(|| SeenMail {
        at: now,
        author: SeenAuthor::Prospect(mail.from.clone()),
        subject: String::new(),
        is_human: true,
        is_forwarded: true,
        text: mail.text.clone(),
        extras: mail.extras.clone(),
        calendar: None,
        details: crate::mail::InvitationDetails::default(),
    })
}
