//! Mail of unknown fate, looked for in mailboxes: whether it has left after all.
//!
//! A mail is looked for by its Message-ID and by the token in its References, since providers replace ids.
//! Known limit: a provider that neither keeps copies in Sent nor delivers to a mailbox that is read leaves no
//! trace to find; such a mail is held and the operator asked.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::mails::{MailKind, Voice};
use crate::domain::message::{Headers, MessageId};
use crate::domain::token;
use crate::imap::{FolderName, FolderUse, ImapSession, Search};
use crate::store::{OutboxRow, OutboxState, ReadTransaction, Scope, SentCopyState};

use super::AgentError;
use super::app::{App, with_account};
use super::global::reconcile_global_outbox;
use super::sent_copy::{BY_PROVIDER, note_provider, sent_copy_key, sent_copy_owed};
use super::turn::{judged, settle};

/// Minutes after an uncertain delivery at which it is looked for. docs/servers.md section 3, rule 22.
const SEARCHES: [i64; 4] = [0, 1, 5, 15];

/// So many of the messages that a search has found are looked at.
const MOST_HITS: usize = 500;

/// A search that could not be made is tried again after this.
const SEARCH_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// Settles every mail of unknown fate that has turned up in a folder read meanwhile, and looks for those whose
/// time has come. Returns how many were settled.
pub(crate) async fn look_for_uncertain(app: &Arc<App>, account: &str) -> Result<usize, AgentError> {
    let name = account.to_owned();
    let rows = app
        .read(move |_, tx| {
            let mut rows = Vec::new();
            for row in tx.in_state_of(&name, OutboxState::Uncertain)? {
                let copy = tx.copy_bearing(&row.message_id)?;
                // An answer to it proves it, too; it left when its delivery was cut off.
                let cited = tx.is_cited(&row.message_id)?.then_some(row.uncertain_since).flatten();
                rows.push((row, copy.or(cited)));
            }
            Ok(rows)
        })
        .await?;
    let mut settled = 0;
    for (row, seen) in rows {
        let found = match seen {
            Some(date) => Some(FoundCopy { date, in_sent: false, other_id: None }),
            None if !is_due(&row, app.now()) => continue,
            None => match find(app, &row).await {
                Ok(found) => found,
                Err(error) => {
                    // What could not be looked at proves nothing: this search is still to be made.
                    tracing::warn!(%error, "could not look for a mail of unknown fate");
                    let (seq, next) = (row.seq, app.now() + SEARCH_AGAIN);
                    app.write(move |_, tx| tx.search_later(seq, next)).await?;
                    continue;
                }
            },
        };
        settled += usize::from(found.is_some());
        conclude(app, row, found).await?;
    }
    Ok(settled)
}

fn is_due(row: &OutboxRow, now: DateTime<Utc>) -> bool {
    usize::try_from(row.searches).is_ok_and(|done| done < SEARCHES.len()) && row.next_attempt <= now
}

/// When the next search for a row is due; `None` once all were made.
pub(crate) fn next_search(row: &OutboxRow) -> Option<DateTime<Utc>> {
    let minutes = SEARCHES.get(usize::try_from(row.searches).ok()?)?;
    Some((row.uncertain_since? + TimeDelta::minutes(*minutes)).max(row.next_attempt))
}

/// Found means sent, at its copy's INTERNALDATE.
async fn conclude(app: &Arc<App>, row: OutboxRow, found: Option<FoundCopy>) -> Result<(), AgentError> {
    app.write(move |app, tx| {
        let now = app.now();
        match found {
            Some(found) => {
                let voice = written_as(app, tx, &row, now)?;
                let owed = sent_copy_owed(app, tx, &row, voice)?;
                let copy = if found.in_sent { SentCopyState::None } else { owed };
                let ids: Vec<MessageId> = found.other_id.into_iter().collect();
                tx.sent(row.seq, found.date, &ids, copy)?;
                tx.resolve_alert(&format!("mail {}", row.seq), now)?;
            }
            None => {
                let after = OutboxRow { searches: row.searches + 1, ..row.clone() };
                tx.searched(row.seq, next_search(&after).unwrap_or(now))?;
                if next_search(&after).is_none() {
                    give_up(tx, &row, now)?;
                } else if row.key.kind != MailKind::Intro {
                    // Of an intro in doubt `send` itself has told.
                    in_doubt(tx, &row, now)?;
                }
            }
        }
        if let Scope::Handoff(id) = &row.scope {
            settle(tx, &app.policy, [id.clone()], now)?;
        }
        reconcile_global_outbox(app, tx, now)?;
        Ok(())
    })
    .await
}

/// Who a row was written as: as its handoff wants it. One that is no longer wanted came from the SDR where its kind
/// does and the sender is the SDR's address.
///
/// Known limit: where the SDR's account is the agent's too, the sender alone does not tell them apart.
fn written_as(
    app: &App,
    tx: &ReadTransaction<'_>,
    row: &OutboxRow,
    now: DateTime<Utc>,
) -> crate::store::Result<Voice> {
    let usual = row.key.kind.properties().from;
    let Scope::Handoff(id) = &row.scope else { return Ok(usual) };
    let Some(judged) = judged(tx, &app.policy, id, now)? else { return Ok(usual) };
    if let Some(wanted) = judged.judgement.mails.iter().find(|mail| mail.key == row.key) {
        return Ok(wanted.from);
    }
    let sdr = app.policy.people.iter().find(|person| person.name == judged.judgement.record.sdr);
    let is_sdrs = sdr.is_some_and(|sdr| sdr.address == row.sender);
    Ok(if is_sdrs { usual } else { Voice::Agent })
}

/// Not found by the last search: resent where its absence from Sent proves that it never left, else held.
fn give_up(
    tx: &crate::store::WriteTransaction<'_>,
    row: &OutboxRow,
    now: DateTime<Utc>,
) -> crate::store::Result<()> {
    if tx.meta(&sent_copy_key(&row.account))?.as_deref() == Some(BY_PROVIDER) {
        return tx.retry(row.seq, now);
    }
    in_doubt(tx, row, now)
}

/// The operator hears at once, and once: an alert that is open already stays the same one.
fn in_doubt(
    tx: &crate::store::WriteTransaction<'_>,
    row: &OutboxRow,
    now: DateTime<Utc>,
) -> crate::store::Result<()> {
    if row.scope == Scope::Global {
        // A mail about an alert must not ask for another one.
        return Ok(());
    }
    let to: Vec<String> = row.recipients.addresses().iter().map(ToString::to_string).collect();
    let what =
        format!("nobody can tell whether a mail has left: {} to {}", row.key.kind.name(), to.join(", "));
    let detail = row.error.clone().unwrap_or_default();
    let remedy = format!(
        "baton looks for it for a quarter of an hour. Then ask one of its readers: `baton outbox retry {0}` \
         sends it once more, `baton outbox drop {0}` lets it be.",
        row.seq
    );
    tx.raise_alert(&format!("mail {}", row.seq), &what, &detail, &remedy, now).map(drop)
}

/// A copy of the mail, wherever it lay.
pub(crate) struct FoundCopy {
    date: DateTime<Utc>,
    in_sent: bool,
    /// The id that the provider gave it.
    other_id: Option<MessageId>,
}

/// Looks through Sent, All Mail and INBOX of the account that it left from.
async fn find(app: &Arc<App>, row: &OutboxRow) -> Result<Option<FoundCopy>, AgentError> {
    let mut session = app.connect(&row.account).await?;
    let folders = with_account(&row.account, session.folders().await)?;
    note_provider(app, &row.account, &session).await?;
    let looked_at = [FolderUse::Sent, FolderUse::All, FolderUse::Inbox];
    for usage in looked_at {
        for folder in folders.iter().filter(|folder| folder.selectable && folder.usage == Some(usage)) {
            if let Some(mut found) = find_in(&mut session, row, &folder.name).await? {
                found.in_sent = usage != FolderUse::Inbox;
                session.logout().await;
                return Ok(Some(found));
            }
        }
    }
    session.logout().await;
    Ok(None)
}

pub(crate) async fn find_in(
    session: &mut ImapSession,
    row: &OutboxRow,
    folder: &FolderName,
) -> Result<Option<FoundCopy>, AgentError> {
    with_account(&row.account, session.examine(folder).await)?;
    let mut ways = vec![Search::new().message_id(row.message_id.as_str())];
    if let Some(reference) = token::reference(&row.token, row.sender.domain()) {
        // An answer cites it, too; those come from others.
        ways.push(Search::new().from(row.sender.as_str()).header("References", reference.as_str()));
    }
    for header in ["X-Microsoft-Original-Message-ID", "X-Google-Original-Message-ID"] {
        ways.push(Search::new().header(header, row.message_id.as_str()));
    }
    let wanted = match row.first_tried {
        // The server's day may be another than ours.
        Some(tried) => Search::new().since((tried - TimeDelta::days(1)).date_naive()).any(ways),
        None => Search::new().any(ways),
    };
    let uids = with_account(&row.account, session.search(&wanted).await)?;
    // Some servers find more than was asked for, so the newest are looked at one by one.
    for uid in uids.into_iter().rev().take(MOST_HITS) {
        let mut found = None;
        let read = session
            .headers(uid, Some(uid), |item| {
                let summary = crate::mail::read_headers(&item.header, &crate::mail::ReadOptions::default());
                if !is_copy_of(row, &summary.headers) {
                    return;
                }
                let other_id = summary.headers.id.filter(|id| *id != row.message_id);
                let date = item.internal_date.map(|date| date.with_timezone(&Utc)).or(row.uncertain_since);
                found = date.map(|date| FoundCopy { date, in_sent: false, other_id });
            })
            .await;
        with_account(&row.account, read)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Whether these headers are the mail's own: by its id, also where a provider has put another in its place, or by its
/// token in mail of its sender.
fn is_copy_of(row: &OutboxRow, headers: &Headers) -> bool {
    let bears = headers.id.iter().chain(&headers.earlier_ids).any(|id| *id == row.message_id);
    let reference = token::reference(&row.token, row.sender.domain());
    let cites = reference.is_some_and(|reference| headers.references.contains(&reference));
    bears || cites && headers.from.iter().any(|from| from.address == row.sender)
}
