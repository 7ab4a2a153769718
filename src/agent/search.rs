//! Mail of unknown fate, looked for in mailboxes: whether it has left after all.
//!
//! A mail is looked for by its Message-ID and by the token in its References, since providers replace ids. Its absence is
//! proved by a mailbox that would hold it: one that it went to, or the Sent folder of a provider that is seen to keep
//! copies. Known limit: a provider that neither keeps copies in Sent nor delivers to a mailbox that is read leaves no
//! trace to find; such a mail is held and the operator asked.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::mails::{Audience, Voice};
use crate::domain::message::{Headers, MessageId};
use crate::domain::token;
use crate::imap::{FolderName, FolderUse, ImapSession, ListedFolder, Search};
use crate::store::{OutboxRow, OutboxState, ReadTransaction, Scope, SentCopyState, WriteTransaction};

use super::AgentError;
use super::app::{App, MailAccount, with_account};
use super::attempt::settle_scope;
use super::catch_up::resolve_alert;
use super::clock_doubt::passed_since;
use super::global::reconcile_global_outbox;
use super::remainder;
use super::sent_copy::{BY_PROVIDER, note_provider, sent_copy_key, sent_copy_owed};
use super::spelling::spellings;
use super::turn::judged;
use super::uncertain_intro::tell_sdr;

/// Minutes after an uncertain delivery at which it is looked for. docs/servers.md section 3, rule 22.
const SEARCHES: [i64; 4] = [0, 1, 5, 15];

/// So many of the messages that a search has found are looked at.
const MOST_HITS: usize = 500;

/// A search that could not be made is tried again after this.
pub(super) const SEARCH_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// How long mail of unknown fate is looked for, once an hour after the searches of [`SEARCHES`].
const SEARCHED_FOR: i64 = 48;

/// The operator hears within a minute, also where no mailbox can be searched meanwhile.
const TOLD_AFTER: TimeDelta = TimeDelta::seconds(40);

/// So far back a mail is looked for that shows whether a provider still keeps copies by itself.
const CONTROL: TimeDelta = TimeDelta::days(7);

/// Settles every mail of unknown fate that has turned up in a folder read meanwhile, and looks for those whose
/// time has come. Returns how many brought something.
pub(crate) async fn look_for_uncertain(app: &Arc<App>, account: &str) -> Result<usize, AgentError> {
    let name = account.to_owned();
    let rows = app
        .read(move |_, tx| {
            let mut rows = Vec::new();
            for row in tx.in_state_of(&name, OutboxState::Uncertain)? {
                let seen = seen(tx, &row)?;
                rows.push((row, seen));
            }
            Ok(rows)
        })
        .await?;
    let mut settled = 0;
    for (row, seen) in rows {
        let looked = match seen {
            Some(date) => copy_seen(date),
            None if !is_due(&row, app.now()) => continue,
            None => match look(app, &row).await {
                Ok(looked) => looked,
                Err(error) => {
                    search_failed(app, row, error).await?;
                    continue;
                }
            },
        };
        settled += usize::from(conclude(app, row, looked).await?);
    }
    Ok(settled)
}

/// When a copy of the mail was delivered to a folder that is read, or that it must have left since somebody cites it.
pub(crate) fn seen(tx: &ReadTransaction<'_>, row: &OutboxRow) -> crate::store::Result<Option<DateTime<Utc>>> {
    let copy = tx.copy_bearing(&row.message_id)?;
    // An answer to it proves it, too; it left when its delivery was cut off.
    let left = row.uncertain_since.or(row.first_tried);
    let cited = if tx.is_cited(&row.message_id)? { left } else { None };
    Ok(copy.or(cited))
}

/// What could not be looked at proves nothing: this search is still to be made.
async fn search_failed(app: &Arc<App>, row: OutboxRow, error: AgentError) -> Result<(), AgentError> {
    if matches!(error, AgentError::Store(_) | AgentError::Stopped) {
        return Err(error);
    }
    tracing::warn!(%error, "could not look for a mail of unknown fate");
    app.write(move |app, tx| {
        let now = app.now();
        if row.may_have_left {
            return tx.search_later(row.seq, now + SEARCH_AGAIN);
        }
        if row.uncertain_since.is_some_and(|since| now - since >= TOLD_AFTER) {
            in_doubt(tx, &row, now)?;
            tell_sdr(app, tx, &row)?;
            reconcile_global_outbox(app, tx, now)?;
            return tx.search_later(row.seq, now + SEARCH_AGAIN);
        }
        tx.search_later(row.seq, now + TOLD_AFTER)
    })
    .await
}

fn is_due(row: &OutboxRow, now: DateTime<Utc>) -> bool {
    next_search(row).is_some_and(|at| at <= now)
}

/// When the next search for a row is due; `None` once all were made.
pub(crate) fn next_search(row: &OutboxRow) -> Option<DateTime<Utc>> {
    let done = i64::from(row.searches);
    let hours = done - i64::try_from(SEARCHES.len()).unwrap_or_default() + 1;
    let after = match SEARCHES.get(usize::try_from(row.searches).ok()?) {
        Some(minutes) => TimeDelta::minutes(*minutes),
        None if hours <= SEARCHED_FOR => TimeDelta::hours(hours),
        None => return None,
    };
    Some((row.uncertain_since? + after).max(row.next_attempt))
}

/// `row` once it was looked for at `now`, and when it is looked for again. A search stands for all that were due by then,
/// as far as the clock is believed.
fn after_search(
    tx: &ReadTransaction<'_>,
    row: &OutboxRow,
    now: DateTime<Utc>,
) -> crate::store::Result<(u32, DateTime<Utc>)> {
    let since = row.uncertain_since.unwrap_or(now);
    let known = since + passed_since(tx, since, now)?;
    let mut after = OutboxRow { next_attempt: since, ..row.clone() };
    while next_search(&after).is_some_and(|at| at <= known) {
        after.searches += 1;
    }
    let next = next_search(&after).map_or(now, |at| at.max(now + SEARCH_AGAIN));
    Ok((after.searches, next))
}

/// Accounts with mail of unknown fate, and when each has to look for it: at once where it was seen meanwhile.
pub(crate) fn searches_of_accounts(
    tx: &ReadTransaction<'_>,
    now: DateTime<Utc>,
) -> crate::store::Result<Vec<(String, DateTime<Utc>)>> {
    let mut searches = Vec::new();
    for row in tx.in_state(OutboxState::Uncertain)? {
        let at = if seen(tx, &row)?.is_some() { Some(now) } else { next_search(&row) };
        searches.extend(at.map(|at| (row.account, at)));
    }
    Ok(searches)
}

/// Found means sent, at its copy's INTERNALDATE.
pub(super) fn settle_found(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    found: FoundCopy,
) -> crate::store::Result<()> {
    let now = app.now();
    let voice = written_as(app, tx, row, now)?;
    let owed = sent_copy_owed(app, tx, row, voice)?;
    let copy = if found.in_sent { SentCopyState::None } else { owed };
    // Whom that attempt was refused for is known of one alone that came to its last piece.
    let is_partly_refused = match row.state {
        OutboxState::Uncertain => !row.may_have_left,
        OutboxState::Queued => tx.attempt_notes(row.seq)?.look_first,
        OutboxState::Sending | OutboxState::Sent | OutboxState::Failed | OutboxState::Cancelled => false,
    };
    let ids: Vec<MessageId> = found.other_id.into_iter().collect();
    tx.sent(row.seq, found.date, &ids, copy)?;
    tx.note_attempt(row.seq, |notes| {
        notes.look_first = false;
        notes.retry_at = None;
    })?;
    tx.resolve_alert(&format!("mail {}", row.seq), now)?;
    if is_partly_refused {
        remainder::note_of_lost_answer(app, tx, row)?;
    }
    settle_scope(app, tx, &row.scope)?;
    reconcile_global_outbox(app, tx, now).map(drop)
}

/// The same for a mail that a copy of this database has sent.
pub(crate) fn settle_as_left(
    app: &App,
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    at: DateTime<Utc>,
    id: &MessageId,
) -> crate::store::Result<()> {
    let other_id = (*id != row.message_id).then(|| id.clone());
    settle_found(app, tx, row, FoundCopy { date: at, in_sent: false, other_id })?;
    resolve_alert(app, tx)
}

/// A copy of the mail in the mailboxes where one would lie: when it left, and the id that it bears.
pub(crate) async fn find_trace(
    app: &Arc<App>,
    row: &OutboxRow,
) -> Result<Option<(DateTime<Utc>, MessageId)>, AgentError> {
    let looked = look(app, row).await?;
    let id = |copy: &FoundCopy| copy.other_id.clone().unwrap_or_else(|| row.message_id.clone());
    Ok(looked.copy.map(|copy| (copy.date, id(&copy))))
}

/// Whether something follows that is to be sent or done now.
async fn conclude(app: &Arc<App>, row: OutboxRow, looked: LookedAt) -> Result<bool, AgentError> {
    app.write(move |app, tx| {
        let now = app.now();
        if let Some(found) = looked.copy {
            settle_found(app, tx, &row, found)?;
            resolve_alert(app, tx)?;
            return Ok(true);
        }
        if row.may_have_left {
            // A person says what becomes of it; a copy may still turn up.
            let (searches, next) = after_search(tx, &row, now)?;
            tx.searched(row.seq, searches, next)?;
            return Ok(false);
        }
        let (searches, next) = after_search(tx, &row, now)?;
        tx.searched(row.seq, searches, next)?;
        let is_over = usize::try_from(searches).is_ok_and(|done| done >= SEARCHES.len());
        if is_over && looked.proves_absence {
            tracing::info!(seq = row.seq, "a mail of unknown fate is proved not to have left");
            tx.retry_as_new(row.seq, now)?;
            tx.resolve_alert(&format!("mail {}", row.seq), now)?;
        } else {
            // Where a command has told a person, that person knows for now.
            if is_over || !tx.attempt_notes(row.seq)?.doubt_told {
                in_doubt(tx, &row, now)?;
            }
            tell_sdr(app, tx, &row)?;
        }
        settle_scope(app, tx, &row.scope)?;
        reconcile_global_outbox(app, tx, now)?;
        Ok(true)
    })
    .await
}

/// Who a row was written as, which its lease has noted. Of one from before that was noted: as its handoff wants it, and
/// one that is no longer wanted came from the SDR where its kind does and the sender is the SDR's address.
pub(super) fn written_as(
    app: &App,
    tx: &ReadTransaction<'_>,
    row: &OutboxRow,
    now: DateTime<Utc>,
) -> crate::store::Result<Voice> {
    let usual = row.key.kind.properties().from;
    if let Some(as_sdr) = tx.attempt_notes(row.seq)?.as_sdr {
        return Ok(if as_sdr { Voice::Sdr } else { Voice::Agent });
    }
    let Scope::Handoff(id) = &row.scope else { return Ok(usual) };
    let Some(judged) = judged(tx, &app.policy, id, now)? else { return Ok(usual) };
    if let Some(wanted) = judged.judgement.mails.iter().find(|mail| mail.key == row.key) {
        return Ok(wanted.from);
    }
    let sdr = app.policy.people.iter().find(|person| person.name == judged.judgement.record.sdr);
    let is_sdrs = sdr.is_some_and(|sdr| sdr.address == row.sender);
    Ok(if is_sdrs { usual } else { Voice::Agent })
}

/// The operator hears at once, and once: an alert that is open already stays the same one.
fn in_doubt(tx: &WriteTransaction<'_>, row: &OutboxRow, now: DateTime<Utc>) -> crate::store::Result<()> {
    if row.scope == Scope::Global {
        return notice_in_doubt(tx, row, now);
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

/// A notice to the operator in doubt: one more mail says so, which would be lost only if that went the same way.
fn notice_in_doubt(
    tx: &WriteTransaction<'_>,
    row: &OutboxRow,
    now: DateTime<Utc>,
) -> crate::store::Result<()> {
    const NOTICE: &str = "notice ";
    if row.key.about.starts_with(NOTICE) {
        return Ok(());
    }
    let (kind, about) = (row.key.kind.name(), &row.key.about);
    let what = format!("nobody can tell whether a notice to you has left: {kind}, about {about}");
    let detail = row.error.clone().unwrap_or_default();
    let remedy = format!("If you have not got it, `baton outbox retry {}` sends it once more.", row.seq);
    tx.raise_alert(&format!("{NOTICE}{}", row.seq), &what, &detail, &remedy, now).map(drop)
}

/// A copy of the mail, wherever it lay.
#[derive(Clone, Debug)]
pub(crate) struct FoundCopy {
    date: DateTime<Utc>,
    in_sent: bool,
    /// The id that the provider gave it.
    other_id: Option<MessageId>,
}

/// What a look through mailboxes has shown.
pub(super) struct LookedAt {
    pub copy: Option<FoundCopy>,
    /// No copy lies where one would, had it left.
    pub proves_absence: bool,
    /// A mailbox that it went to could not be looked through.
    pub is_partial: bool,
}

impl LookedAt {
    fn found(copy: FoundCopy) -> Self {
        Self { copy: Some(copy), proves_absence: false, is_partial: false }
    }
}

/// Of a copy in a folder that is read, or of an answer to it.
pub(super) fn copy_seen(date: DateTime<Utc>) -> LookedAt {
    LookedAt::found(FoundCopy { date, in_sent: false, other_id: None })
}

/// Looks through Sent, All Mail and INBOX of the account that it left from, and through the mailboxes that it went to.
pub(super) async fn look(app: &Arc<App>, row: &OutboxRow) -> Result<LookedAt, AgentError> {
    let mut session = app.connect(&row.account).await?;
    let folders = with_account(&row.account, session.folders().await)?;
    note_provider(app, &row.account, &session).await?;
    for usage in [FolderUse::Sent, FolderUse::All, FolderUse::Inbox] {
        for folder in folders.iter().filter(|folder| folder.selectable && folder.usage == Some(usage)) {
            if let Some(mut found) = find_in(&mut session, row, &folder.name).await? {
                found.in_sent = usage != FolderUse::Inbox;
                session.logout().await;
                return Ok(LookedAt::found(found));
            }
        }
    }
    let keeps_copies = provider_keeps_copies(app, &mut session, row, &folders).await?;
    session.logout().await;
    let (mut proves_absence, mut is_partial) = (keeps_copies, false);
    for account in readers(app, row) {
        match look_through_reader(app, &account, row).await {
            Ok(Some(found)) => return Ok(LookedAt::found(found)),
            // A copy may come late; what would then reach a prospect twice is not risked on it.
            Ok(None) => proves_absence |= row.audience != Audience::Public,
            Err(error @ (AgentError::Store(_) | AgentError::Stopped)) => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "could not look for a mail where it went to");
                is_partial = true;
            }
        }
    }
    Ok(LookedAt { copy: None, proves_absence, is_partial })
}

/// Accounts, other than its own, of people whom the mail goes to.
fn readers(app: &App, row: &OutboxRow) -> Vec<String> {
    let is_fresh = row.uncertain_since.is_some_and(|since| app.now() - since < SEARCH_AGAIN);
    if row.state == OutboxState::Uncertain && row.searches == 0 && is_fresh {
        // It may be on its way there; what is read of those mailboxes by itself shows it soon enough.
        return Vec::new();
    }
    let mut recipients = row.recipients.addresses();
    // Who was refused has no copy whether or not the others have one.
    recipients.retain(|one| row.refused.iter().all(|(refused, _)| *refused != *one));
    let goes_to = |account: &&MailAccount| recipients.contains(&account.address);
    let accounts = app.accounts.values().filter(goes_to).filter(|account| account.name != row.account);
    accounts.map(|account| account.name.clone()).collect()
}

/// Every folder of a mailbox that the mail went to: filters file mail away.
async fn look_through_reader(
    app: &Arc<App>,
    account: &str,
    row: &OutboxRow,
) -> Result<Option<FoundCopy>, AgentError> {
    let mut session = app.connect(account).await?;
    let folders = with_account(account, session.folders().await)?;
    let mut found = None;
    for folder in folders.iter().filter(|folder| folder.selectable) {
        found = find_in(&mut session, row, &folder.name).await?;
        if found.is_some() {
            break;
        }
    }
    session.logout().await;
    Ok(found)
}

/// Whether absence from Sent proves anything: the provider keeps copies by itself, and that of another mail that has
/// left lately lies there. A prospect's mail is not risked on it.
async fn provider_keeps_copies(
    app: &Arc<App>,
    session: &mut ImapSession,
    row: &OutboxRow,
    folders: &[ListedFolder],
) -> Result<bool, AgentError> {
    if row.audience == Audience::Public {
        return Ok(false);
    }
    let (account, key, now) = (row.account.clone(), sent_copy_key(&row.account), app.now());
    let control = app
        .read(move |_, tx| {
            if tx.meta(&key)?.as_deref() != Some(BY_PROVIDER) {
                return Ok(None);
            }
            tx.kept_by_provider_since(&account, now - CONTROL)
        })
        .await?;
    let Some(control) = control else { return Ok(false) };
    let keeps = |folder: &&ListedFolder| {
        folder.selectable && matches!(folder.usage, Some(FolderUse::Sent | FolderUse::All))
    };
    for folder in folders.iter().filter(keeps) {
        if find_in(session, &control, &folder.name).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The copy in one folder.
pub(crate) async fn find_in(
    session: &mut ImapSession,
    row: &OutboxRow,
    folder: &FolderName,
) -> Result<Option<FoundCopy>, AgentError> {
    Ok(copies_in(session, row, folder, 1).await?.pop())
}

/// The copies in one folder, `most` of them at most. What a search gives counts only where the message is the mail, by its
/// id or its token: some servers ignore what is asked.
pub(crate) async fn copies_in(
    session: &mut ImapSession,
    row: &OutboxRow,
    folder: &FolderName,
    most: usize,
) -> Result<Vec<FoundCopy>, AgentError> {
    with_account(&row.account, session.examine(folder).await)?;
    let mut ways = vec![Search::new().message_id(row.message_id.as_str())];
    // An answer cites it, too; it comes from others.
    let reference = token::reference_prefix(&row.token);
    let from = spellings(&row.sender, Search::from).into_iter();
    ways.extend(from.map(|search| search.header("References", reference.as_str())));
    for header in ORIGINAL_IDS {
        ways.push(Search::new().header(header, row.message_id.as_str()));
    }
    let wanted = match row.first_tried {
        // The server's day may be another than ours.
        Some(tried) => Search::new().since((tried - TimeDelta::days(1)).date_naive()).any(ways),
        None => Search::new().any(ways),
    };
    let uids = with_account(&row.account, session.search(&wanted).await)?;
    let mut copies = Vec::new();
    // Some servers find more than was asked for, so the newest are looked at one by one.
    for uid in uids.into_iter().rev().take(MOST_HITS) {
        let read = session
            .headers(uid, Some(uid), |item| {
                let summary = crate::mail::read_headers(&item.header, &crate::mail::ReadOptions::default());
                if !is_copy_of(row, &summary.headers) {
                    return;
                }
                let other_id = summary.headers.id.filter(|id| *id != row.message_id);
                let date = item
                    .internal_date
                    .map(|date| date.with_timezone(&Utc))
                    .or(row.uncertain_since)
                    .or(row.sent_at);
                copies.extend(date.map(|date| FoundCopy { date, in_sent: false, other_id }));
            })
            .await;
        with_account(&row.account, read)?;
        if copies.len() >= most {
            break;
        }
    }
    Ok(copies)
}

/// Whether these headers are the mail's own: by its id, also where a provider has put another in its place, or by its
/// token in mail of its sender.
fn is_copy_of(row: &OutboxRow, headers: &Headers) -> bool {
    let bears = headers.id.iter().chain(&headers.earlier_ids).any(|id| *id == row.message_id);
    let is_reference =
        |id: &&MessageId| token::is_reference(id) && token::in_id(id) == Some(row.token.as_str());
    let cites = headers.references.iter().any(|id| is_reference(&id));
    bears || cites && headers.from.iter().any(|from| from.address == row.sender)
}

/// Where providers that replace a Message-ID keep the old one.
const ORIGINAL_IDS: [&str; 2] = ["X-Microsoft-Original-Message-ID", "X-Google-Original-Message-ID"];
