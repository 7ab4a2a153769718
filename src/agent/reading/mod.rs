//! Reading one folder to the present: new mail by its headers, bodies where a handoff may claim them, older
//! mail of people who have become interesting.
//!
//! What was read and how far are committed together. A message that cannot be read is set aside after three
//! tries and the operator alerted; nothing else stops a folder. No single number is trusted: see `position`. Known
//! limits: of a message, the first 2 MiB are looked at; one that breaks the connection is found by stepping over it.

mod bodies;
mod fresh;
mod listing;
mod older_mail;
mod position;
mod set_aside;
mod withheld;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::letter::Letter;
use crate::domain::message::{CopyPlace, Headers, MessageBody, MessageCopy};
use crate::imap::{Flags, FolderName, FolderUse, ImapError, ImapSession, Search, UidWindow};
use crate::mail::ReadOptions;
use crate::store::{FolderTail, Lookback, TRIES};

pub use self::fresh::{FolderInView, FreshLook, look_at_news, write_down};
use self::listing::ListingProgress;
pub(crate) use self::older_mail::read_found;
use super::AgentError;
use super::app::{App, with_account};
use super::clock_trust;
use super::global::reconcile_global_outbox;
use super::interest::{Claims, Interest};
use super::letters::before_first_reading::note_another;
use super::long_threads::{is_long, settle_apart};
use super::own_mails;
use super::returned_mail::{self, ReturnedMail};
use super::tokens::missing_grant_subject;
use super::turn::{settle, settle_after_reading};
use bodies::BATCH;
use set_aside::LeftBehind;

/// Handoffs that are judged together: others wait for the transaction to end.
const JUDGED_AT_ONCE: usize = 5;

/// A range is read again as long as reading it teaches ids, at most so often.
const PASSES: u32 = 3;

/// A watched folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedFolder {
    pub account: String,
    pub name: FolderName,
    pub usage: Option<FolderUse>,
}

/// What reading a folder brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Messages or copies that were not known.
    pub news: usize,
    /// Messages that have come since the last reading, whoever they concern.
    pub listed: u32,
    pub uid_next: Option<u32>,
    /// The server tells of mail that it does not show yet: look again soon.
    pub unsettled: bool,
}

/// How closely a folder is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thoroughness {
    /// Nothing more than asking whether there is news, where there is none.
    Usual,
    /// Its last messages are counted over, whatever the numbers say.
    Recount,
}

/// One message that is worth keeping.
#[derive(Debug)]
struct KeptMessage {
    copy: MessageCopy,
    headers: Headers,
    interest: Interest,
    /// In bytes, as the server counts.
    size: u32,
    body: Option<MessageBody>,
    /// It may be a letter to baton.
    may_be_letter: bool,
    /// It answers a mail of ours by an id that no token stands in.
    answers_by_id: bool,
    letter: Option<Letter>,
    /// It reports that a mail could not be delivered.
    report: Option<ReturnedMail>,
}

/// Where reading stands within one folder.
struct FolderReading<'a> {
    app: &'a Arc<App>,
    folder: &'a WatchedFolder,
    options: ReadOptions,
    validity: u32,
    news: usize,
    /// Handoffs that messages of earlier batches concern: they are judged once, with the last one.
    concerned: BTreeSet<String>,
    /// The end of the folder, as far as it was seen.
    tail: FolderTail,
    /// A message that the server refuses while it hands out others, and that is tried again.
    refusal: Option<String>,
    /// Behind the last message that was read.
    reached: u32,
    /// Where the cursor is to be moved once the reading has come to its end.
    cursor: Option<u32>,
    /// Messages that have come since the last reading.
    listed: u32,
    /// The UIDs of those that came, or that the server refused.
    accounted: Vec<u32>,
    left_behind: Option<LeftBehind>,
    /// The first message that is to be tried again: no cursor goes past it.
    held: Option<u32>,
    /// The last UID that the server has announced.
    end: Option<u32>,
    /// How often a message may fail before it is left out.
    tries_allowed: u32,
    /// What is claimed was taken over by the last look at the database, and nothing was written since.
    follows_claims: bool,
    began_afresh: Option<FreshBegin>,
}

/// Where a reading that begins afresh begins.
struct FreshBegin {
    first: u32,
    /// Messages that a search has found from there on.
    uids: Vec<u32>,
    /// Whose mail was to be looked for when it began: what is listed is sorted out by all of them.
    lookbacks: Vec<Lookback>,
}

/// Reads a folder to the present and says so.
pub async fn read_folder(
    app: &Arc<App>,
    session: &mut ImapSession,
    folder: &WatchedFolder,
) -> Result<ReadSummary, AgentError> {
    read_as_needed(app, session, folder, None).await.map(|(summary, _)| summary)
}

/// The same, and how far it was read, for as long as the session has it open; `None` where that is not certain.
pub async fn read_and_keep_open(
    app: &Arc<App>,
    session: &mut ImapSession,
    folder: &WatchedFolder,
    how: Thoroughness,
) -> Result<(ReadSummary, Option<FolderInView>), AgentError> {
    read_as_needed(app, session, folder, Some(how)).await
}

/// The same; `how`: `None`: as closely as is needed for what waits.
async fn read_as_needed(
    app: &Arc<App>,
    session: &mut ImapSession,
    folder: &WatchedFolder,
    how: Option<Thoroughness>,
) -> Result<(ReadSummary, Option<FolderInView>), AgentError> {
    let account = app.account(&folder.account)?;
    clock_trust::check(app).await?;
    let began = app.now();
    let mailbox = with_account(&folder.account, session.examine(&folder.name).await)?;
    let options = app.read_options(account);
    let mut reading = FolderReading::new(app, folder, options, mailbox.uid_validity);
    let position = reading.position(session, &mailbox, how).await?;
    reading.reached = position.first;
    let mut unsettled = false;
    if !position.is_unchanged {
        reading.range(session, position.first, position.uid_next).await?;
        reading.withheld_in_range(session, &position).await?;
        unsettled = reading.reconcile(session, &position).await?;
    }
    reading.older_mail(session).await?;
    if let Some(text) = reading.refusal.take() {
        let cursor = reading.cursor.take();
        reading.commit(Vec::new(), cursor).await?;
        return reading.named(Err(ImapError::Refused { command: "FETCH", text }));
    }
    let is_certain = !unsettled && reading.tail.messages == position.exists;
    let open = is_certain.then(|| FolderInView::new(reading.validity, reading.reached, reading.tail.clone()));
    let (name, wire) = (folder.account.clone(), folder.name.wire().to_owned());
    let FolderReading { validity, cursor, tail, news, listed, .. } = reading;
    let ended = app.write(move |app, tx| {
        let now = app.now();
        if let Some(next) = cursor {
            tx.move_cursor(&name, &wire, validity, next)?;
            tx.set_folder_tail(&name, &wire, &tail)?;
        }
        let outage_ended = tx.folder_read(&name, &wire, began, now)?;
        let mut resolved = tx.resolve_alert(&format!("mailbox {name}"), now)?;
        if let Some(login) = app.credentials.login_in_use(&name) {
            resolved |= tx.resolve_alert(&missing_grant_subject(&login), now)?;
        }
        let after = settle_after_reading(tx, &app.policy, &name, outage_ended, now)?;
        if outage_ended || resolved || after.judged {
            reconcile_global_outbox(app, tx, now)?;
        }
        Ok(after)
    });
    // What is left to be judged is news to whoever does that.
    let news = news + usize::from(ended.await?.left);
    Ok((ReadSummary { news, listed, uid_next: position.uid_next, unsettled }, open))
}

impl<'a> FolderReading<'a> {
    fn new(app: &'a Arc<App>, folder: &'a WatchedFolder, options: ReadOptions, validity: u32) -> Self {
        let tail = FolderTail { uid_validity: validity, ..FolderTail::default() };
        Self {
            app,
            folder,
            options,
            validity,
            news: 0,
            concerned: BTreeSet::new(),
            tail,
            refusal: None,
            reached: 0,
            cursor: None,
            listed: 0,
            accounted: Vec::new(),
            left_behind: None,
            end: None,
            held: None,
            tries_allowed: TRIES,
            follows_claims: false,
            began_afresh: None,
        }
    }
}

impl FolderReading<'_> {
    fn wire(&self) -> String {
        self.folder.name.wire().to_owned()
    }

    fn place(&self, uid: u32) -> CopyPlace {
        CopyPlace {
            account: self.folder.account.clone(),
            folder: self.wire(),
            uid_validity: self.validity,
            uid,
        }
    }

    fn named<T>(&self, outcome: Result<T, ImapError>) -> Result<T, AgentError> {
        with_account(&self.folder.account, outcome)
    }

    async fn claims(&self) -> Result<Claims, AgentError> {
        self.app
            .read(|app, tx| {
                app.claims.follow(tx)?;
                Ok(app.claims.clone())
            })
            .await
    }

    /// The same, where the last look at the database has not brought it.
    async fn claims_by_now(&mut self) -> Result<Claims, AgentError> {
        match std::mem::take(&mut self.follows_claims) {
            true => Ok(self.app.claims.clone()),
            false => self.claims().await,
        }
    }

    /// Reads everything from `first` on and moves the cursor behind what came.
    async fn range(
        &mut self,
        session: &mut ImapSession,
        first: u32,
        uid_next: Option<u32>,
    ) -> Result<(), AgentError> {
        let mut first = first;
        self.end = uid_next.and_then(|next| next.checked_sub(1));
        let LeftBehind { limit, mut tries, .. } = self.left_behind(first).await?;
        // A message that is in question is asked for alone, the last time to know it by its header at least.
        let limit = if (1..=TRIES).contains(&tries) { Some(first) } else { limit };
        if let Some(limit) = limit.filter(|limit| *limit >= first && tries <= TRIES) {
            self.is_it_the_message(session, first, tries).await?;
            let reached = UidWindow { first, last: Some(limit) };
            self.stretch(session, &[reached], false, limit.checked_add(1)).await?;
            first = limit.saturating_add(1);
            tries = self.tries(first).await?;
        }
        if tries > TRIES {
            let left = self.named(session.search(&Search::new().uids(first, None)).await)?;
            first = left.iter().copied().find(|uid| *uid > first).unwrap_or(first.saturating_add(1));
        } else {
            self.is_it_the_message(session, first, tries).await?;
        }
        let (windows, many) = self.windows_to_the_end(session, first, uid_next).await?;
        let mut left = windows.as_slice();
        while !left.is_empty() {
            let next = left.last().and_then(|window| window.last?.checked_add(1));
            let read = self.stretch(session, left, many, next).await?;
            left = left.get(read..).unwrap_or_default();
        }
        Ok(())
    }

    /// Reads some windows from the first on, as often as reading them teaches ids: how many, which is one at least. The
    /// cursor ends behind the last message that came, or at `next` where that is later and they were all of them, and
    /// before any that is to be tried again.
    async fn stretch(
        &mut self,
        session: &mut ImapSession,
        windows: &[UidWindow],
        many: bool,
        next: Option<u32>,
    ) -> Result<usize, AgentError> {
        let Some(first) = windows.first().map(|window| window.first) else { return Ok(0) };
        let (mut windows, all, whole) = (windows, windows.len(), next);
        let mut pass = 0;
        loop {
            pass += 1;
            let claims = self.claims_by_now().await?;
            let lessons = claims.lessons();
            let mut list = ListingProgress::of_pass(pass);
            let listed = match self.list(session, &claims, windows, many, &mut list).await {
                Ok(listed) => listed.max(1),
                Err(error) => {
                    // What was read so far is read, whatever comes next.
                    if let Some(next) = self.cursor.take() {
                        self.commit(Vec::new(), Some(next)).await?;
                    }
                    let end = windows.first().and_then(|window| window.last).or(self.end);
                    let end = end.unwrap_or(first.saturating_add(listing::WINDOW));
                    self.note_failed_range(UidWindow { first, last: Some(end) }, list.last, &error).await?;
                    return Err(error);
                }
            };
            if many && list.is_without_headers() && !session.gives_whole_headers() {
                // The server does not give single fields, and does not say so.
                session.want_whole_headers();
                pass -= 1;
                continue;
            }
            // Another pass reads the same ones.
            windows = windows.get(..listed).unwrap_or(windows);
            let end = || windows.last().and_then(|window| window.last?.checked_add(1));
            let next = if windows.len() < all { end() } else { whole };
            // What is claimed by now was looked at with what came, unless it is about to change.
            self.follows_claims = !many && list.count > 0 && list.own.is_empty();
            let behind = list.last.map_or(first, |last| last.saturating_add(1));
            let mut next = next.map_or(behind, |next| next.max(behind));
            self.accounted.extend(list.uids.iter().chain(list.refused.iter().map(|(uid, _)| uid)));
            if let Some(uid) = self.try_again(std::mem::take(&mut list.refused)).await? {
                self.held = Some(self.held.map_or(uid, |held| held.min(uid)));
            }
            next = self.held.map_or(next, |held| next.min(held));
            clock_trust::confirm_by_stamps(self.app, std::mem::take(&mut list.stamps)).await?;
            // A mail of our own may bring a thread to which something belongs that was left out before it was noted.
            let was_left_out =
                own_mails::note(self.app, std::mem::take(&mut list.own)).await? && list.left_out;
            if let Some(wrote) = list.another_wrote {
                self.app.write(move |_, tx| note_another(tx, wrote)).await?;
            }
            self.tail.note(list.tail);
            let count = if pass == 1 { list.count } else { 0 };
            self.tail.messages = self.tail.messages.saturating_add(count);
            self.listed = self.listed.saturating_add(count);
            self.fetch_and_commit(session, list.found, &claims).await?;
            let may_be_taught = list.ignored_citing && pass < PASSES;
            if may_be_taught && (was_left_out || self.claims_by_now().await?.lessons() > lessons) {
                continue;
            }
            self.reached = next;
            if many || !self.concerned.is_empty() {
                self.commit(Vec::new(), Some(next)).await?;
            } else {
                // A few messages that concern nobody are noted together with the end of the reading.
                self.cursor = Some(next);
            }
            return Ok(windows.len());
        }
    }

    /// Notes what was found, moves the cursor where `next` is given, and judges whom it concerns: in one
    /// transaction. With a full batch whom it concerns is noted only, since more may follow.
    async fn commit(&mut self, found: Vec<KeptMessage>, next: Option<u32>) -> Result<(), AgentError> {
        let is_full = found.len() >= BATCH;
        if next.is_some() {
            self.cursor = None;
        }
        if found.is_empty() && next.is_none() && self.concerned.is_empty() {
            return Ok(());
        }
        self.follows_claims = false;
        let (account, wire, validity) = (self.folder.account.clone(), self.wire(), self.validity);
        let mut concerned = std::mem::take(&mut self.concerned);
        let tail = self.tail.clone();
        let (news, long);
        (news, self.concerned, long) = self
            .app
            .write(move |app, tx| {
                let (mut news, mut is_alerted) = (0, false);
                for message in found {
                    if let Some(report) = &message.report {
                        is_alerted |= returned_mail::note(app, tx, report)?;
                    }
                    // A letter that concerns no handoff wakes whoever answers it, too.
                    if let Some(letter) = &message.letter {
                        news += usize::from(tx.add_letter(letter)?);
                    }
                    if message.interest == Interest::None {
                        continue;
                    }
                    let seen = tx.see(&message.headers, message.body.as_ref(), &message.copy)?;
                    if seen.news {
                        news += 1;
                        concerned.extend(tx.concerned(seen.message)?);
                    }
                }
                if let Some(next) = next {
                    tx.move_cursor(&account, &wire, validity, next)?;
                    tx.set_folder_tail(&account, &wire, &tail)?;
                }
                let now = app.now();
                // What this transaction does not judge is due in one that follows, whatever becomes of this reading.
                let judged = if is_full { 0 } else { JUDGED_AT_ONCE };
                let (mut here, mut long) = (Vec::new(), Vec::new());
                for (number, id) in concerned.iter().enumerate() {
                    if number >= judged {
                        tx.judge_soon(id, now)?;
                    } else if is_long(tx, id)? {
                        tx.judge_soon(id, now)?;
                        long.push(id.clone());
                    } else {
                        here.push(id.clone());
                    }
                }
                settle(tx, &app.policy, here, now)?;
                if is_alerted {
                    news += 1;
                    reconcile_global_outbox(app, tx, now)?;
                }
                Ok((news, if is_full { concerned } else { BTreeSet::new() }, long))
            })
            .await?;
        self.news += news;
        settle_apart(self.app, long).await
    }
}

fn is_draft(usage: Option<FolderUse>, flags: Flags) -> bool {
    flags.draft || usage == Some(FolderUse::Drafts)
}
