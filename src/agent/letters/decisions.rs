//! What follows from an SDR's answer to an intro that was shown: a yes makes the handoff, `cancel` takes it back, and
//! whatever comes after that is told so. docs/behaviour.md section 13.

use std::sync::Arc;

use crate::domain::fact::StatementKind;
use crate::domain::letter::{DoneBrief, Draft, DraftState, Letter};
use crate::domain::mails::{MailBrief, MailKind};
use crate::store::{OutboxRow, OutboxState, Result as Stored, Scope, WriteTransaction};

use super::super::AgentError;
use super::super::app::App;
use super::super::duplicates;
use super::super::send;
use super::super::turn::judged;
use super::handed_in::shown_again;
use super::offers::{digest_of, first_lines, intro_of, is_contradicted, parse, show};
use super::plan::{OfferYes, SettledOffer};
use super::requests::printed_again;
use super::{Reply, respond};

/// The SDR said yes: the handoff is made as `baton send` makes it, if it would still leave as shown.
pub(super) async fn send(app: &Arc<App>, seq: i64, letter: Letter, yes: OfferYes) -> Result<(), AgentError> {
    let note = if is_contradicted(app, &yes.draft.record_text).await {
        Some("The intro would not leave as I had shown it: mail says otherwise by now".to_owned())
    } else {
        let (letter, yes) = (letter.clone(), yes.clone());
        app.write(move |app, tx| made(app, tx, seq, &letter, &yes)).await?
    };
    match note {
        None => Ok(()),
        Some(note) => show(app, seq, letter, shown_again(&yes.draft, note)).await,
    }
}

/// Makes the handoff, or says why it would not leave as it was shown.
fn made(
    app: &App,
    tx: &WriteTransaction<'_>,
    seq: i64,
    letter: &Letter,
    yes: &OfferYes,
) -> Stored<Option<String>> {
    let Ok(parsed) = parse(app, &yes.draft.record_text) else {
        return Ok(Some("It can't be sent any more as it was shown".to_owned()));
    };
    let record = parsed.record;
    if record.meeting.start <= letter.at.max(app.now()) {
        return Ok(Some("Your yes came after the meeting had begun".to_owned()));
    }
    match intro_of(app, &record) {
        Ok(intro) if digest_of(&intro) == yes.shown => {}
        _ => {
            return Ok(Some(
                "The intro would not leave as I had shown it: the configuration has changed".to_owned(),
            ));
        }
    }
    let handoff = match (&yes.draft.handoff, yes.draft.resends) {
        (Some(handoff), true) => {
            // What was shown as it stands is no correction, also where the meeting has another time by now.
            let stands = judged(tx, &app.policy, handoff, app.now())?
                .is_some_and(|judged| printed_again(app, &judged.judgement) == yes.draft.record_text);
            send::ask_again(app, tx, handoff, (!stands).then(|| Box::new(record)))?;
            handoff.clone()
        }
        _ => match send::ask_first(app, tx, record, yes.draft.record_text.clone(), false)? {
            Ok(asked) => asked.handoff,
            Err(_) => return Ok(Some("There is such a handoff already".to_owned())),
        },
    };
    let draft =
        Draft { state: DraftState::Sent, handoff: Some(handoff), letter_at: letter.at, ..yes.draft.clone() };
    tx.add_draft(&draft)?;
    tx.finish_letter(seq, Some(&draft.id))?;
    Ok(None)
}

/// `cancel`: an intro that has not left yet is taken back, and the handoff that it would have made is closed. The
/// draft is kept, and a later yes counts.
pub(super) async fn cancel(app: &Arc<App>, seq: i64, letter: Letter, draft: Draft) -> Result<(), AgentError> {
    app.write(move |app, tx| {
        if let (DraftState::Sent, Some(handoff)) = (draft.state, &draft.handoff) {
            if !take_back(app, tx, &letter, handoff, draft.resends)? {
                return settled(app, tx, seq, &letter, &SettledOffer::from(&draft));
            }
            let kept = draft.handoff.clone().filter(|_| draft.resends);
            tx.add_draft(&Draft { state: DraftState::Ready, handoff: kept, ..draft.clone() })?;
        }
        tx.finish_letter(seq, Some(&draft.id))
    })
    .await
}

/// Takes the intro back that waits to leave. Returns whether there was one.
fn take_back(
    app: &App,
    tx: &WriteTransaction<'_>,
    letter: &Letter,
    handoff: &str,
    is_resent: bool,
) -> Stored<bool> {
    let rows = tx.outbox(&Scope::Handoff(handoff.to_owned()))?;
    let waiting =
        rows.iter().rfind(|row| row.key.kind == MailKind::Intro && row.state == OutboxState::Queued);
    match waiting {
        // The first intro stands, and so does the handoff.
        Some(row) if is_resent => send::take_back_sending(app, tx, handoff, row).map(|()| true),
        _ if !is_resent && duplicates::has_not_left(&rows) => {
            let why = "cancelled before the intro left";
            super::requests::state(app, tx, handoff, letter, why, StatementKind::Closed)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// A yes, a no or a correction after the handoff was made.
pub(super) async fn used_up(
    app: &Arc<App>,
    seq: i64,
    letter: Letter,
    offer: SettledOffer,
    asked_by: Option<i64>,
) -> Result<(), AgentError> {
    app.write(move |app, tx| {
        // Words that ask for nothing are answered once for each mail of ours.
        let was_told = asked_by.map(|row| format!("words not read: {row} {}", letter.writer));
        if let Some(key) = &was_told {
            if tx.meta(key)?.is_some() {
                return tx.finish_letter(seq, offer.draft.as_deref());
            }
            tx.set_meta(key, &letter.identity)?;
        }
        settled(app, tx, seq, &letter, &offer)
    })
    .await
}

/// Says what became of an offer from which nothing follows any more.
fn settled(
    app: &App,
    tx: &WriteTransaction<'_>,
    seq: i64,
    letter: &Letter,
    offer: &SettledOffer,
) -> Stored<()> {
    let (outcome, instead) = what_became_of(tx, offer)?;
    let brief = MailBrief::Done(DoneBrief {
        company: offer.company.clone(),
        words: first_lines(&letter.own_words),
        done: false,
        outcome,
        instead,
        sdr: offer.sdr.clone(),
    });
    let mut reply = Reply::to_writer(letter, brief);
    reply.handoff.clone_from(&offer.handoff);
    respond(app, tx, seq, letter, reply)?;
    tx.finish_letter(seq, offer.draft.as_deref())
}

/// Why nothing follows from a draft any more, and what can be written instead.
fn what_became_of(tx: &WriteTransaction<'_>, offer: &SettledOffer) -> Stored<(String, Vec<String>)> {
    let Some(handoff) = &offer.handoff else {
        let instead = vec!["a new email with the record in it starts again".to_owned()];
        let company = &offer.company;
        let outcome = if offer.expired {
            format!(
                "the draft for {company} has expired: I keep a record for 14 days after your last email about it"
            )
        } else {
            format!("the draft for {company} was dropped")
        };
        return Ok((outcome, instead));
    };
    let close = "close: and why".to_owned();
    let rows = tx.outbox(&Scope::Handoff(handoff.clone()))?;
    let newest = rows.iter().rfind(|row| row.key.kind == MailKind::Intro);
    let made = format!("{} was handed off already, as {handoff}", offer.company);
    let resend = "resend, to send the intro once more".to_owned();
    Ok(match newest.map(|row| row.state) {
        // Whoever reads this has it behind them, unless a server puts it off: of that they are told by itself.
        Some(OutboxState::Queued | OutboxState::Sending) if newest.is_some_and(is_first_attempt) => {
            let outcome =
                "its intro is leaving now, as I showed it, and nothing you wrote after your yes changes it";
            // One that waits for something else can still be taken back.
            let queued = newest.filter(|row| row.state == OutboxState::Queued);
            let cancel = queued.map(|_| "cancel, if it hasn't left by then".to_owned());
            (format!("{made}; {outcome}"), cancel.into_iter().chain([close, resend]).collect())
        }
        Some(OutboxState::Uncertain) => {
            let outcome = "nobody can tell yet whether its intro has left, so please don't send it again";
            (format!("{made}; {outcome}"), vec![close])
        }
        Some(OutboxState::Queued | OutboxState::Sending) => {
            let outcome = "its intro hasn't left yet, and I keep trying to send it";
            (format!("{made}; {outcome}"), vec!["cancel, so that it doesn't leave".to_owned(), close])
        }
        _ => (made, vec![close, resend]),
    })
}

/// Whether no attempt to send a row has failed yet.
fn is_first_attempt(row: &OutboxRow) -> bool {
    row.attempts == u32::from(row.state == OutboxState::Sending)
}
