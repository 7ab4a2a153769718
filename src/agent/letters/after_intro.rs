//! What became of an intro that a letter asked for: told by `send-failed`, and no handoff remains of one that left to
//! nobody. docs/behaviour.md section 13.

use crate::domain::judge::sending_of;
use crate::domain::letter::{Draft, DraftState, SendFailedBrief, SendFailure};
use crate::domain::letter_answer::LetterAnswer;
use crate::domain::mails::{MailBrief, MailKey, MailKind};
use crate::domain::message::{Address, Mailbox};
use crate::mail::compose::OutgoingMessage;
use crate::store::{OutboxRow, ReadTransaction, Recipients, Result as Stored, Scope, WriteTransaction};

use super::super::app::App;
use super::super::attempt::AttemptOutcome;
use super::offers::digest_of;
use super::queue;

/// Whether an intro that a letter asked for is the one that was shown; any other may leave as it is.
pub(crate) fn is_as_shown(
    tx: &ReadTransaction<'_>,
    row: &OutboxRow,
    intro: &OutgoingMessage,
) -> Stored<bool> {
    let Some(draft) = draft_behind(tx, row)? else { return Ok(true) };
    let is_given_on = match &row.scope {
        Scope::Handoff(handoff) => tx.reassigned_to(handoff)?.is_some(),
        Scope::Global | Scope::Letter => false,
    };
    // Whoever gave the handoff to another AE while its intro waited means the intro as it is since then.
    if is_given_on && !draft.resends {
        return Ok(true);
    }
    // Of one that was put off, its SDR knows that it leaves later, as it is by then.
    if tx.outbox_by_key(&Scope::Letter, &fate_key(&draft, row.seq))?.is_some() {
        return Ok(true);
    }
    let answer = newest_offer(tx, &draft)?;
    Ok(answer.and_then(|answer| answer.shown).is_none_or(|shown| shown == digest_of(intro)))
}

/// What the draft's SDR said yes to: the newest `record-ready`. A `send-failed` offers the same once more.
fn newest_offer(tx: &ReadTransaction<'_>, draft: &Draft) -> Stored<Option<LetterAnswer>> {
    let newest = tx.newest_version(&draft.id)?.map(|row| tx.outbox_row(row)).transpose()?.flatten();
    newest.map_or(Ok(None), |row| tx.letter_answer(row.seq, row.key.kind))
}

/// The mail that says what became of an attempt to send an intro.
fn fate_key(draft: &Draft, intro: i64) -> MailKey {
    MailKey { kind: MailKind::SendFailed, about: format!("{} {intro}", draft.id) }
}

/// The draft that an intro was made from: the handoff's first sending from one that made the handoff, a later one from one
/// that was to send it again. What a command sends again is made from none.
pub(crate) fn draft_behind(tx: &ReadTransaction<'_>, row: &OutboxRow) -> Stored<Option<Draft>> {
    let (Scope::Handoff(handoff), Some(sending)) = (&row.scope, sending_of(&row.key)) else {
        return Ok(None);
    };
    let draft = tx.draft_of_handoff(handoff)?.filter(|draft| draft.state == DraftState::Sent);
    Ok(draft.filter(|draft| draft.resends == (sending > 1)))
}

/// After the first attempt to send an intro that a letter asked for. Returns whether its handoff was taken back.
pub(crate) fn follow(app: &App, tx: &WriteTransaction<'_>, row: i64, fate: AttemptOutcome) -> Stored<bool> {
    let failure = match fate {
        AttemptOutcome::Failed => SendFailure::Refused,
        AttemptOutcome::Deferred => SendFailure::Deferred,
        AttemptOutcome::Uncertain => SendFailure::Uncertain,
        AttemptOutcome::Sent | AttemptOutcome::Nothing => return Ok(false),
    };
    let Some(row) = tx.outbox_row(row)? else { return Ok(false) };
    let reason = row.error.clone().unwrap_or_default();
    // Where no server was asked about a recipient, none of them is to blame.
    let mut refused = if failure == SendFailure::Refused { row.refused.clone() } else { Vec::new() };
    refused.retain(|(_, answer)| *answer != reason);
    tell(app, tx, &row, failure, &reason, &refused)
}

/// Tells the SDR, and takes the handoff back where the intro has left to nobody. Returns whether it did.
fn tell(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    failure: SendFailure,
    reason: &str,
    refused: &[(Address, String)],
) -> Stored<bool> {
    let Some(draft) = draft_behind(tx, row)? else { return Ok(false) };
    let Some(shown) = newest_offer(tx, &draft)? else { return Ok(false) };
    let now = app.now();
    let is_first = !draft.resends;
    let takes_back = failure == SendFailure::Refused;
    if takes_back {
        match (&row.scope, is_first) {
            (Scope::Handoff(handoff), true) => tx.remove_handoff(handoff)?,
            (Scope::Handoff(handoff), false) => super::super::send::take_back_sending(app, tx, handoff, row)?,
            (Scope::Global | Scope::Letter, _) => {}
        }
        let kept = if is_first { None } else { draft.handoff.clone() };
        tx.add_draft(&Draft { state: DraftState::Ready, handoff: kept, ..draft.clone() })?;
    }
    let brief = SendFailedBrief {
        company: draft.company.clone(),
        failure,
        reason: reason.to_owned(),
        addresses: refused.to_vec(),
        record_text: draft.record_text.clone(),
        stands: (takes_back && !is_first).then_some(true),
    };
    let answer = LetterAnswer {
        letter: shown.letter,
        reader: draft.sdr.clone(),
        at: now,
        draft: Some(draft.id.clone()),
        handoff: draft.handoff.clone().filter(|_| !takes_back || !is_first),
        brief: MailBrief::SendFailed(Box::new(brief)),
        // The same answers work on this mail; what it would send is what was shown.
        shown: shown.shown.filter(|_| takes_back),
    };
    let Some(sdr) = app.policy.person(&draft.sdr) else { return Ok(takes_back) };
    let to = Mailbox { name: sdr.name.clone(), address: sdr.address.clone() };
    let key = fate_key(&draft, row.seq);
    queue(app, tx, key, Recipients { to: vec![to], cc: Vec::new() }, &answer, now)?;
    Ok(takes_back)
}
