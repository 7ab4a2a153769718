//! What baton's own mail proves where what it was written about is known no more: the database was restored from before it.
//!
//! A letter that the mailboxes have lost: the SDR's note that the AE has done it outlives the AE's word, and without it the
//! AE would be accused of what they had answered. And what a command had done: the record that went to another AE shows
//! that the handoff was given to them, and an intro that went once more to the same people that it was sent again. What
//! mailed words have done is read from the letters themselves. docs/behaviour.md sections 11 and 15.
//!
//! Known limits: the thanks for feedback are kept under the answer's own id, so that without the answer nobody can tell
//! which handoff they were for; of a record that was corrected when the intro was sent again nothing but the mail is left.

use std::collections::BTreeSet;

use chrono::{DateTime, SubsecRound, Utc};

use crate::domain::fact::{FactKind, Statement, StatementKind, TouchKind};
use crate::domain::mails::{MailKey, MailKind};
use crate::domain::message::{Address, Mailbox};
use crate::domain::people::TeamRole;
use crate::store::{
    NewFact, NewMail, OutboxRow, OutboxState, OwnMailSeen, Recipients, Result as Stored, Scope,
    WriteTransaction,
};

use super::app::App;
use super::letters::read_late;
use super::own_mails::left_before;
use super::statement;
use super::turn::{JudgedHandoff, judged, settle};

/// Notes for each open handoff what nothing but mail of our own shows. Everything must have been read, and every letter
/// answered. Returns how much.
pub(super) fn note_what_is_proved(app: &App, tx: &WriteTransaction<'_>) -> Stored<usize> {
    let mut noted = 0;
    for id in tx.open_handoffs()? {
        let Some(is) = judged(tx, &app.policy, &id, app.now())? else { continue };
        // An intro names who had it then.
        let of_handoff = note_sending(app, tx, &id, &is)?
            || note_next_ae(app, tx, &id, &is)?
            || note_reading(tx, &id, &is)?
            || note_word_of_ae(tx, &id, &is)?;
        if of_handoff {
            settle(tx, &app.policy, [id], app.now())?;
            noted += 1;
        }
    }
    Ok(noted)
}

/// Whether such a statement is a fact already.
fn is_noted(is: &JudgedHandoff, source: &str) -> bool {
    is.facts.iter().any(|fact| matches!(&fact.what, FactKind::Said(statement) if statement.id == source))
}

/// Numbers of the sendings that were asked for.
fn sendings(is: &JudgedHandoff) -> impl Iterator<Item = u32> {
    is.facts.iter().filter_map(|fact| match &fact.what {
        FactKind::IntroAsked { sending, .. } => Some(*sending),
        _ => None,
    })
}

/// The record has gone to somebody who never had the handoff, as far as is known.
fn note_next_ae(app: &App, tx: &WriteTransaction<'_>, id: &str, is: &JudgedHandoff) -> Stored<bool> {
    let had_it = |name: &str| {
        is.stored.handoff.record.ae == name
            || is.facts.iter().any(|fact| match &fact.what {
                FactKind::Said(Statement { says: StatementKind::Reassigned { ae }, .. }) => ae == name,
                _ => false,
            })
    };
    let people = app.policy.people.iter();
    let others = people.filter(|person| person.roles.contains(&TeamRole::Ae) && !had_it(&person.name));
    for ae in others.filter(|person| person.name != is.judgement.record.sdr) {
        for sending in sendings(is) {
            let about = format!("{} text {sending}", ae.name);
            let Some(token) = app.store.key().of_handoff_mail(id, MailKind::Record, &about) else { continue };
            let Some(copy) = tx.own_mail_seen(&token)?.filter(|mail| left_before(app, mail)) else {
                continue;
            };
            tracing::info!(handoff = %id, ae = %ae.name, "who has it is known from baton's own mail alone");
            let why = "baton sent them the record at the time".to_owned();
            let says = StatementKind::Reassigned { ae: ae.name.clone() };
            let statement =
                Statement { id: source(&token), why, says, letter: Some(copy.message_id), read_at: None };
            statement::note(tx, id, copy.sealed.left_at.trunc_subsecs(0), statement)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// A letter that gave it to another AE seems to have been read late, and their record had left before.
fn note_reading(tx: &WriteTransaction<'_>, id: &str, is: &JudgedHandoff) -> Stored<bool> {
    let rows = tx.outbox(&Scope::Handoff(id.to_owned()))?;
    for fact in &is.facts {
        let FactKind::Said(letter) = &fact.what else { continue };
        let StatementKind::Reassigned { ae } = &letter.says else { continue };
        let Some(read_at) = letter.read_at else { continue };
        let is_theirs = |row: &&OutboxRow| {
            row.key.kind == MailKind::Record
                && row.state == OutboxState::Sent
                && row.key.about.rsplit_once(" text ").is_some_and(|(name, _)| name == ae)
        };
        let left = rows.iter().filter(is_theirs).filter_map(|row| row.sent_at);
        let Some(left_at) = left.filter(|left| *left >= fact.at && *left < read_at).min() else { continue };
        let source = format!("{} as read", letter.id);
        if is_noted(is, &source) {
            continue;
        }
        tracing::info!(handoff = %id, %ae, "when they were given it is known from baton's own mail");
        let why = letter.why.clone();
        let read_at = read_late(fact.at, left_at);
        let says = letter.says.clone();
        let statement = Statement { id: source, why, says, letter: letter.letter.clone(), read_at };
        tx.add_fact(id, fact.at, &NewFact::Said(statement))?;
        return Ok(true);
    }
    Ok(false)
}

/// An intro has left to the same people after the last one that is known.
fn note_sending(app: &App, tx: &WriteTransaction<'_>, id: &str, is: &JudgedHandoff) -> Stored<bool> {
    let rows = tx.outbox(&Scope::Handoff(id.to_owned()))?;
    let intros = rows.iter().filter(|row| row.key.kind == MailKind::Intro);
    let Some(last) = intros.max_by_key(|row| row.sent_at) else { return Ok(false) };
    let Some(last_left) = last.sent_at.filter(|_| last.state == OutboxState::Sent) else { return Ok(false) };
    let ae = app.policy.person(&is.judgement.ae).map(|person| &person.address);
    let asked: BTreeSet<&Address> =
        is.judgement.record.to.iter().map(|prospect| &prospect.address).chain(ae).collect();
    let is_next = |mail: &OwnMailSeen| {
        let named: BTreeSet<&Address> = mail.to.iter().chain(&mail.cc).collect();
        mail.sender == last.sender
            && named == asked
            && mail.sealed.left_at > last_left
            && left_before(app, mail)
    };
    let Some(mail) = tx.unknown_intros()?.into_iter().find(is_next) else { return Ok(false) };
    tracing::info!(handoff = %id, intro = %mail.message_id, "that it was sent again is known from the intro alone");
    let sending = sendings(is).max().unwrap_or(0) + 1;
    let left_at = mail.sealed.left_at.trunc_subsecs(0);
    let named = |list: Vec<Address>| {
        list.into_iter().map(|address| Mailbox { name: String::new(), address }).collect()
    };
    let new = NewMail {
        scope: Scope::Handoff(id.to_owned()),
        key: MailKey { kind: MailKind::Intro, about: format!("sending {sending}") },
        account: last.account.clone(),
        sender: mail.sender,
        recipients: Recipients { to: named(mail.to), cc: named(mail.cc) },
        not_before: None,
    };
    tx.adopt(&new, &mail.sealed.token, left_at, &[mail.message_id])?;
    tx.add_fact(id, left_at, &NewFact::IntroAsked { sending, record: None })?;
    Ok(true)
}

/// The AE's word is in no mailbox any more, and the note that told of it is.
fn note_word_of_ae(tx: &WriteTransaction<'_>, id: &str, is: &JudgedHandoff) -> Stored<bool> {
    let rows = tx.outbox(&Scope::Handoff(id.to_owned()))?;
    for row in rows.iter().filter(|row| row.key.kind == MailKind::Stated) {
        // Of a mail that this database made itself it knows the letter.
        let Some(copy) = tx.own_mail_seen(&row.token)? else { continue };
        if let Some((left_at, statement)) = missing_word(is, &rows, row, copy) {
            tracing::info!(handoff = %id, "the AE's word is known from baton's own mail alone");
            statement::note(tx, id, left_at, statement)?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// The word that this `stated` was written about, and since when it was known; `None`: its letter, or an earlier touch, is.
fn missing_word(
    is: &JudgedHandoff,
    rows: &[OutboxRow],
    row: &OutboxRow,
    copy: OwnMailSeen,
) -> Option<(DateTime<Utc>, Statement)> {
    let left_at = row.sent_at?;
    let source = source(&row.token);
    let is_seen = is.judgement.touch.at.is_some_and(|at| at <= left_at);
    if is_noted(is, &source) || is_seen || is.judgement.ae != row.key.about {
        return None;
    }
    let was_flagged = rows.iter().any(|one| {
        one.key.kind == MailKind::Escalation
            && one.state == OutboxState::Sent
            && one.sent_at.is_some_and(|at| at <= left_at)
    });
    // The mail may have been deferred: unless a breach was told before it, the word was in time.
    let at = match is.judgement.deadline {
        Some(deadline) if !was_flagged => left_at.min(deadline),
        _ => left_at,
    };
    let says = StatementKind::Touched { at, kind: TouchKind::Stated, message: None };
    let why =
        format!("baton told so at the time; {}'s own email is in no mailbox that is read", row.key.about);
    Some((left_at, Statement { id: source, why, says, letter: Some(copy.message_id), read_at: None }))
}

/// What makes the fact that a mail of ours proves unique.
fn source(token: &str) -> String {
    format!("own mail {token}")
}
