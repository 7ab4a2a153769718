//! Mail of our own that is seen in a mailbox and that this database has not sent: it comes from a copy of the database.
//!
//! What left before this process began to deliver is taken as left. What left after shows that another agent lives: the
//! one that began later sends nothing any more. docs/behaviour.md section 15.

use std::sync::Arc;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use crate::domain::mails::Audience;
use crate::store::{
    BehindSince, OutboxRow, OutboxState, OwnMailSeen, ReadTransaction, Result as Stored, StopNotice,
    WriteTransaction,
};

use super::AgentError;
use super::app::App;
use super::delivery_right::ANOTHER_AGENT;
use super::global::reconcile_global_outbox;
use super::search::settle_as_left;

/// Who sent a mail of our own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SentFrom {
    /// This process, or one on this database or a copy that has ended or may have.
    Before,
    /// Another agent that lives and began earlier.
    EarlierAgent,
    /// Another agent that lives and began later.
    LaterAgent,
}

/// Notes mails of our own that a reading has brought, those that are news: whether there are any.
pub(crate) async fn note(app: &Arc<App>, mails: Vec<OwnMailSeen>) -> Result<bool, AgentError> {
    if mails.is_empty() {
        return Ok(false);
    }
    let news = app
        .read(move |app, tx| {
            let mut news = Vec::new();
            for mail in mails {
                if is_news(app, tx, &mail)? {
                    news.push(mail);
                }
            }
            Ok(news)
        })
        .await?;
    if news.is_empty() {
        return Ok(false);
    }
    app.write(move |app, tx| {
        for mail in &news {
            note_one(app, tx, mail)?;
        }
        reconcile_global_outbox(app, tx, app.now()).map(|_| true)
    })
    .await
}

fn is_news(app: &App, tx: &ReadTransaction<'_>, mail: &OwnMailSeen) -> Stored<bool> {
    match tx.row_with_token(&mail.sealed.token)? {
        None => Ok(tx.own_mail_seen(&mail.sealed.token)?.is_none()),
        Some(row) => Ok(match row.state {
            OutboxState::Sending => false,
            OutboxState::Sent => {
                tx.row_with_id(&mail.message_id)?.is_none()
                    || (is_anothers(tx, &row, mail)? && sent_from(app, mail) != SentFrom::Before)
            }
            OutboxState::Queued | OutboxState::Cancelled | OutboxState::Failed | OutboxState::Uncertain => {
                true
            }
        }),
    }
}

/// Whether a mail that this database has sent was sent by another as well: under another seal.
fn is_anothers(tx: &ReadTransaction<'_>, row: &OutboxRow, mail: &OwnMailSeen) -> Stored<bool> {
    let Some(bytes) = tx.outbox_row(row.seq)?.and_then(|row| row.bytes) else { return Ok(false) };
    let text = String::from_utf8_lossy(&bytes);
    let prefix = crate::domain::token::reference_prefix(&row.token);
    Ok(text.contains(&prefix) && !text.contains(mail.reference.as_str()))
}

fn sent_from(app: &App, mail: &OwnMailSeen) -> SentFrom {
    let Some(begun) = app.delivers_since_exactly() else { return SentFrom::Before };
    let started = begun.timestamp_millis();
    if mail.sealed.started == started || mail.sealed.left_at <= begun {
        SentFrom::Before
    } else if mail.sealed.started < started {
        SentFrom::EarlierAgent
    } else {
        SentFrom::LaterAgent
    }
}

/// Whether it left before this process began to deliver.
pub(super) fn left_before(app: &App, mail: &OwnMailSeen) -> bool {
    sent_from(app, mail) == SentFrom::Before
}

fn note_one(app: &App, tx: &WriteTransaction<'_>, mail: &OwnMailSeen) -> Stored<()> {
    let row = tx.row_with_token(&mail.sealed.token)?;
    if let Some(row) = row.as_ref().filter(|row| row.state == OutboxState::Sent)
        && !is_anothers(tx, row, mail)?
    {
        // Our own, under the id that a provider gave it.
        return tx.goes_by_too(row.seq, &mail.message_id);
    }
    let from = sent_from(app, mail);
    match from {
        SentFrom::EarlierAgent => stop(app, tx, mail)?,
        SentFrom::LaterAgent => {
            tracing::warn!(id = %mail.message_id, "an agent that began later sends from a copy of the database");
        }
        SentFrom::Before => {}
    }
    match row {
        Some(row) if matches!(row.state, OutboxState::Sent | OutboxState::Sending) => Ok(()),
        Some(row) => settle_as_left(app, tx, &row, when_it_left(&row, mail), &mail.message_id),
        None => {
            let is_new = tx.note_own_mail(mail)?;
            if is_new && from == SentFrom::Before {
                note_unknown(app, tx, mail)?;
            }
            Ok(())
        }
    }
}

/// Of a mail of unknown fate its copy tells when it left, by INTERNALDATE, unless that is the time of an import or of a
/// server whose clock is behind. Of others, and of those, the attempt counts.
fn when_it_left(row: &OutboxRow, mail: &OwnMailSeen) -> DateTime<Utc> {
    const IMPORTED_AFTER: TimeDelta = TimeDelta::days(1);
    let attempt = mail.sealed.left_at.trunc_subsecs(0);
    let is_copys = |at: &DateTime<Utc>| {
        row.state == OutboxState::Uncertain && (attempt..=attempt + IMPORTED_AFTER).contains(at)
    };
    mail.copied_at.filter(is_copys).unwrap_or(attempt)
}

/// A mail that left before this process began and that the database has no row of.
fn note_unknown(app: &App, tx: &WriteTransaction<'_>, mail: &OwnMailSeen) -> Stored<()> {
    if tx.behind()?.is_some() || app.delivers_since().is_none() {
        // Named with everything else once every folder was read.
        return Ok(());
    }
    let now = app.now();
    if mail.sealed.is_intro {
        // Also one that a server refused, and delivered all the same.
        let what = "a handoff is known to the mailboxes alone";
        let remedy = "The database has no record of it, so nothing is watched and nothing will be sent about it. The \
                      same record is refused as a duplicate; `baton send --again` sends it all the same.";
        let subject = format!("own mail {}", mail.sealed.token);
        return tx.raise_alert(&subject, what, &described(mail), remedy, now).map(drop);
    }
    tracing::warn!(id = %mail.message_id, "the mailboxes know mail of baton's that the database does not");
    let why = "the mailboxes hold mail of baton's that it does not know".to_owned();
    tx.set_behind(&BehindSince { as_of: None, why, found_at: app.delivers_since() })
}

/// An intro that only a mailbox knows, as the operator reads it.
pub(crate) fn described(mail: &OwnMailSeen) -> String {
    let to: Vec<&str> = mail.to.iter().map(|address| address.as_str()).collect();
    let left = mail.sealed.left_at.format("%Y-%m-%d %H:%M:%S UTC");
    format!(
        "\u{201c}{}\u{201d} to {}, left {left}, Message-ID <{}>",
        mail.subject,
        to.join(", "),
        mail.message_id
    )
}

/// This process sends nothing any more, and the operator hears why.
fn stop(app: &App, tx: &WriteTransaction<'_>, mail: &OwnMailSeen) -> Stored<()> {
    if tx.stopped()?.is_some() {
        return Ok(());
    }
    let now = app.now();
    tracing::error!(id = %mail.message_id, "another agent sends from a copy of the database; this one stops sending");
    tx.set_stopped(&StopNotice { at: now, mail: mail.message_id.as_str().to_owned() })?;
    let what = "another agent is running on a copy of the database, so this one has stopped sending";
    let detail = format!(
        "an email that this database does not know has left after this agent was started: {}",
        described(mail)
    );
    let remedy = "End one of the two. If this one is to go on, end the other and start this one with `baton run \
                  --take-over`; until then nothing leaves from here.";
    tx.raise_alert(ANOTHER_AGENT, what, &detail, remedy, now).map(drop)
}

/// Whether this is an intro, which shows that a handoff was made.
pub(crate) fn is_intro(row: &OutboxRow) -> bool {
    row.audience == Audience::Public
}
