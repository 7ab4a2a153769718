//! An intro of which nobody can tell whether it has left: its SDR hears so, whoever asked for it and by whatever way, and is
//! asked not to send it again. docs/behaviour.md section 15.
//!
//! What a letter asked for is answered by `letters::after_intro` as soon as it is known; everything else is told here once
//! the first search has found nothing. The mail says what is true when it leaves; where the intro has been found by then,
//! it does not leave. What is answered to it is read by `letters::in_doubt`.

use crate::domain::letter::{SendFailedBrief, SendFailure};
use crate::domain::mails::{MailBrief, MailKey, MailKind, Voice, WantedMail};
use crate::domain::message::Mailbox;
use crate::store::{
    NewMail, OutboxRow, OutboxState, ReadTransaction, Recipients, Result as Stored, Scope, StoredHandoff,
    WriteTransaction,
};

use super::app::App;
use super::letters::after_intro::draft_behind;

const ABOUT: &str = "uncertain intro ";

/// Tells the SDR, once.
pub(super) fn tell_sdr(app: &App, tx: &WriteTransaction<'_>, row: &OutboxRow) -> Stored<()> {
    let Some((handoff, sdr)) = handoff_and_sdr(app, tx, row)? else { return Ok(()) };
    if is_told_by_letter(tx, row)? {
        return Ok(());
    }
    let mail = NewMail {
        scope: Scope::Letter,
        key: MailKey { kind: MailKind::SendFailed, about: format!("{ABOUT}{}", row.seq) },
        account: app.policy.agent_account.clone(),
        sender: app.policy.agent_address.clone(),
        recipients: Recipients { to: vec![sdr], cc: Vec::new() },
        not_before: None,
    };
    tracing::info!(handoff = %handoff.handoff.id, "the SDR hears that the intro may or may not have left");
    tx.make(&mail, app.now()).map(drop)
}

/// What such a mail has to say now; `None`: the intro's fate is known, or the mail is another one.
pub(super) fn wanted(app: &App, tx: &ReadTransaction<'_>, row: &OutboxRow) -> Stored<Option<WantedMail>> {
    let Some(intro) = intro_in_doubt(tx, row)?.filter(|intro| intro.state == OutboxState::Uncertain) else {
        return Ok(None);
    };
    let Some((handoff, sdr)) = handoff_and_sdr(app, tx, &intro)? else { return Ok(None) };
    Ok(Some(WantedMail {
        key: row.key.clone(),
        from: Voice::Agent,
        to: vec![sdr],
        cc: Vec::new(),
        not_before: None,
        brief: MailBrief::SendFailed(Box::new(SendFailedBrief {
            company: handoff.handoff.record.company,
            failure: SendFailure::Uncertain,
            reason: intro.error.unwrap_or_default(),
            addresses: Vec::new(),
            record_text: handoff.record_text,
            stands: None,
        })),
    }))
}

/// The intro that such a mail tells of, whatever became of it since.
pub(super) fn intro_in_doubt(tx: &ReadTransaction<'_>, row: &OutboxRow) -> Stored<Option<OutboxRow>> {
    let intro = row.key.about.strip_prefix(ABOUT).and_then(|seq| seq.parse().ok());
    intro.map_or(Ok(None), |seq| tx.outbox_row(seq))
}

/// The handoff of an intro, and its SDR.
fn handoff_and_sdr(
    app: &App,
    tx: &ReadTransaction<'_>,
    row: &OutboxRow,
) -> Stored<Option<(StoredHandoff, Mailbox)>> {
    let (Scope::Handoff(id), MailKind::Intro) = (&row.scope, row.key.kind) else { return Ok(None) };
    let Some(handoff) = tx.handoff(id)? else { return Ok(None) };
    let sdr = app.policy.person(&handoff.handoff.record.sdr);
    let sdr = sdr.map(|sdr| Mailbox { name: sdr.name.clone(), address: sdr.address.clone() });
    Ok(sdr.map(|sdr| (handoff, sdr)))
}

/// Whether the answer to a letter has said it already.
fn is_told_by_letter(tx: &ReadTransaction<'_>, row: &OutboxRow) -> Stored<bool> {
    let Some(draft) = draft_behind(tx, row)? else { return Ok(false) };
    let key = MailKey { kind: MailKind::SendFailed, about: format!("{} {}", draft.id, row.seq) };
    let Some(told) = tx.outbox_by_key(&Scope::Letter, &key)? else { return Ok(false) };
    let answer = tx.letter_answer(told.seq, MailKind::SendFailed)?;
    Ok(answer.is_some_and(|answer| {
        matches!(answer.brief, MailBrief::SendFailed(brief) if brief.failure == SendFailure::Uncertain)
    }))
}
