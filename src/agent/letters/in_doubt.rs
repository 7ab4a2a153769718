//! Answers to mails about a handoff that stands and has no draft behind it: to the `send-failed` that tells an SDR of an
//! intro in doubt which a command sent, and corrections in answer to the `record` mail. docs/behaviour.md sections 13 and 14.

use crate::domain::answer::{self, OfferAnswer};
use crate::domain::letter::Letter;
use crate::domain::mails::MailKind;
use crate::store::{OutboxRow, ReadTransaction, Result as Stored, Scope, StoredHandoff};

use super::super::app::App;
use super::super::uncertain_intro::intro_in_doubt;
use super::handed_in::{corrects, handed_in, names_corrections};
use super::plan::{AskedRequest, Plan, SettledOffer, is_among_ourselves, request_in, writer_roles};

/// What a letter asks for that answers `row`.
pub(super) fn plan(app: &App, tx: &ReadTransaction<'_>, letter: &Letter, row: &OutboxRow) -> Stored<Plan> {
    let Some(intro) = intro_in_doubt(tx, row)? else { return Ok(Plan::Nothing) };
    let Scope::Handoff(handoff) = &intro.scope else { return Ok(Plan::Nothing) };
    let Some(stored) = tx.handoff(handoff)? else { return Ok(Plan::Nothing) };
    if let Some(request) = request_in(letter)
        && is_among_ourselves(app, tx, letter, row)?
    {
        let handoff = stored.handoff.id;
        let asked = AskedRequest { handoff, about: MailKind::SendFailed, request };
        return Ok(Plan::Request(Box::new(asked)));
    }
    if !writer_roles(&app.policy, letter).is_sdr {
        return Ok(Plan::Nothing);
    }
    let is_own = stored.handoff.record.sdr == letter.writer;
    match answer::offer_answer(&letter.own_words, letter.reaction.as_deref(), &letter.writer) {
        Some(OfferAnswer::Yes) if is_own => return Ok(used_up(&stored, None)),
        Some(_) => return Ok(Plan::Nothing),
        None => {}
    }
    if let Some(offer) = handed_in(tx, letter)? {
        return Ok(Plan::Record(Box::new(offer)));
    }
    if !is_own {
        return Ok(Plan::Nothing);
    }
    let asked_by = (!corrects(app, letter, &stored.record_text)).then_some(row.seq);
    Ok(used_up(&stored, asked_by))
}

/// What a letter asks for whose writer corrects lines of the record in answer to the `record` mail: the intro has left,
/// and the answer says so.
pub(super) fn corrected_too_late(
    app: &App,
    tx: &ReadTransaction<'_>,
    letter: &Letter,
    handoff: &str,
) -> Stored<Option<Plan>> {
    let Some(stored) = tx.handoff(handoff)? else { return Ok(None) };
    let is_own = stored.handoff.record.sdr == letter.writer;
    Ok((is_own && names_corrections(app, letter, &stored.record_text)).then(|| used_up(&stored, None)))
}

fn used_up(stored: &StoredHandoff, asked_by: Option<i64>) -> Plan {
    let offer = SettledOffer {
        draft: None,
        company: stored.handoff.record.company.clone(),
        sdr: stored.handoff.record.sdr.clone(),
        handoff: Some(stored.handoff.id.clone()),
        expired: false,
    };
    Plan::UsedUp { offer, asked_by }
}
