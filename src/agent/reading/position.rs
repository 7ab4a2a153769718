//! Where reading goes on. UIDVALIDITY, UIDNEXT, the number of messages, what SEARCH finds and what FETCH gives are held
//! against each other and against what was seen before, since servers get each of them wrong.
//!
//! - Another UIDVALIDITY, a UIDNEXT that went back, or another message at a place that was read: the folder was made anew
//!   or restored from a backup. It is read afresh from the oldest open handoff on, and from where it was read up to; what
//!   was seen before is known again by its Message-ID. docs/behaviour.md section 15.
//! - The cursor follows what FETCH gave, never UIDNEXT; mail that the server announces and does not show is waited for.
//! - Where the numbers do not add up, the last messages are counted over: mail can turn up late, below UIDNEXT.
//!
//! Known limit: mail that turns up more than `FolderTail::LENGTH` UIDs below the newest is found by the last look alone.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::message::CopyPlace;
use crate::imap::{ExaminedFolder, HeaderItem, ImapError, ImapSession, Search, UidWindow};
use crate::mail::read_headers;
use crate::store::FolderTail;

use super::super::AgentError;
use super::super::letters::before_first_reading::{letters_since, note_first_reading};
use super::super::turn::LOOK_BACK_DAYS;
use super::listing::{ListingProgress, fingerprint};
use super::set_aside::LeftBehind;
use super::{FolderReading, FreshBegin, Thoroughness};

/// So much more of a folder that was made anew is read: both bounds are by this machine's clock, which may have been ahead
/// when they were noted, and what was seen before is known again.
const CLOCK_WAS_AHEAD: TimeDelta = TimeDelta::days(7);

/// What a message's fingerprint is made of.
const IDENTIFYING_FIELD: &str = "Message-ID";

/// So many remembered messages are compared with what lies at their places now.
const WITNESSES: usize = 3;

/// Where to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReadingPosition {
    /// The first UID that was not read.
    pub first: u32,
    /// The UID that the next message will have, as far as anything tells.
    pub uid_next: Option<u32>,
    /// How many messages the server says there are.
    pub exists: u32,
    /// Nothing came or went.
    pub is_unchanged: bool,
    /// Reading does not go on, it begins.
    pub is_afresh: bool,
    /// How closely the folder is looked at.
    pub how: Thoroughness,
}

impl FolderReading<'_> {
    /// `how`: `None`: as closely as is needed for what waits.
    pub(super) async fn position(
        &mut self,
        session: &mut ImapSession,
        mailbox: &ExaminedFolder,
        how: Option<Thoroughness>,
    ) -> Result<ReadingPosition, AgentError> {
        let (place, limit_key) = (self.place(0), self.limit_key());
        let (how, state, tail, oldest, left_behind) = self
            .app
            .read(move |app, tx| {
                let how = match how {
                    Some(how) => how,
                    None if tx.awaited()?.is_some() => Thoroughness::Recount,
                    None => Thoroughness::Usual,
                };
                // What comes is sorted out by these.
                app.claims.follow(tx)?;
                let (account, wire) = (&place.account, &place.folder);
                let state = tx.folder(account, wire)?;
                let next = state.as_ref().and_then(|state| state.cursor).map_or(0, |(_, next)| next);
                let left_behind = LeftBehind::of(tx, &limit_key, CopyPlace { uid: next, ..place.clone() })?;
                Ok((how, state, tx.folder_tail(account, wire)?, tx.oldest_open()?, left_behind))
            })
            .await?;
        self.follows_claims = true;
        self.left_behind = Some(left_behind);
        let tail = tail.filter(|tail| tail.uid_validity == self.validity);
        let uid_next = match mailbox.uid_next {
            Some(next) => Some(next),
            None => self.behind_the_last(session).await?.or((mailbox.exists == 0).then_some(1)),
        };
        let Some((validity, next)) = state.as_ref().and_then(|state| state.cursor) else {
            let since = oldest.into_iter().chain(letters_since(self.app, &self.folder.account)).min();
            return self.afresh(session, mailbox, uid_next, since, how).await;
        };
        // Of a folder that was read before, also what has come since then may be news: a letter to baton needs no handoff.
        let unread = oldest.into_iter().chain(state.and_then(|state| state.read_until)).min();
        let unread = unread.map(|since| since - CLOCK_WAS_AHEAD);
        if validity != self.validity {
            tracing::info!(account = %self.folder.account, folder = %self.folder.name,
                "the folder was made anew (UIDVALIDITY); its messages are known again by their ids");
            return self.afresh(session, mailbox, uid_next, unread, how).await;
        }
        if self.was_restored(session, uid_next, next, tail.as_ref(), how).await? {
            tracing::warn!(account = %self.folder.account, folder = %self.folder.name,
                "the folder holds other mail than before at places that were read; it is read afresh");
            let (account, wire, validity) = (self.folder.account.clone(), self.wire(), self.validity);
            self.app.write(move |_, tx| tx.release_places(&account, &wire, validity)).await?;
            return self.afresh(session, mailbox, uid_next, unread, how).await;
        }
        let is_counted = tail.as_ref().is_some_and(|tail| tail.messages == mailbox.exists);
        let is_unchanged = how == Thoroughness::Usual && is_counted && uid_next == Some(next);
        if let Some(tail) = tail {
            self.tail = tail;
        } else {
            self.learn_tail(session, next, mailbox.exists).await?;
        }
        let exists = mailbox.exists;
        Ok(ReadingPosition { first: next, uid_next, exists, is_unchanged, is_afresh: false, how })
    }

    /// One more than the UID of the last message, by FETCH.
    async fn behind_the_last(&self, session: &mut ImapSession) -> Result<Option<u32>, AgentError> {
        match session.last_message().await {
            Ok(last) => Ok(last.and_then(|(uid, _)| uid.checked_add(1))),
            Err(ImapError::Refused { .. } | ImapError::Misunderstood { .. }) => Ok(None),
            Err(error) => self.named(Err(error)),
        }
    }

    /// Whether the folder, under its old UIDVALIDITY, is not the one that was read up to `next`.
    async fn was_restored(
        &self,
        session: &mut ImapSession,
        uid_next: Option<u32>,
        next: u32,
        tail: Option<&FolderTail>,
        how: Thoroughness,
    ) -> Result<bool, AgentError> {
        if uid_next.is_some_and(|given| given < next) {
            // A server may be late with UIDNEXT alone.
            let behind = self.behind_the_last(session).await?;
            if behind.is_none_or(|behind| behind < next) {
                return Ok(true);
            }
        }
        // Most sessions cannot be given another mailbox; some servers open it anew behind one.
        let is_first = session.is_first_look(&self.folder.name);
        if !is_first && how == Thoroughness::Usual {
            return Ok(false);
        }
        let Some(tail) = tail else { return Ok(false) };
        let witnesses: Vec<&(u32, String)> =
            tail.last.iter().rev().filter(|(uid, _)| *uid < next).take(WITNESSES).collect();
        let differs = self.witnesses_differ(session, &witnesses, &[IDENTIFYING_FIELD]).await?;
        // Some servers do not give single fields, and do not say so.
        Ok(differs && self.witnesses_differ(session, &witnesses, &[]).await?)
    }

    /// Whether another message lies at the place of one of these, by these fields of its header or all of it. Servers have
    /// single fields of known mail at hand; for whole headers Dovecot goes through the names of a maildir's files.
    async fn witnesses_differ(
        &self,
        session: &mut ImapSession,
        witnesses: &[&(u32, String)],
        fields: &[&str],
    ) -> Result<bool, AgentError> {
        let uids: Vec<u32> = witnesses.iter().map(|(uid, _)| *uid).collect();
        let found = match session.headers_of(&uids, fields).await {
            Ok(found) => found,
            // It may know no single fields.
            Err(ImapError::Misunderstood { .. }) if !fields.is_empty() => return Ok(true),
            // It is the reading that deals with messages which cannot be had.
            Err(error) if error.leaves_the_session() => return Ok(false),
            Err(error) => return self.named(Err(error)),
        };
        let is_another = |item: &HeaderItem| {
            let hash = fingerprint(item, &read_headers(&item.header, &self.options));
            witnesses.iter().any(|(uid, known)| *uid == item.uid && *known != hash)
        };
        Ok(found.iter().any(is_another))
    }

    /// A folder that is new is read from the oldest open handoff on, the agent's own from the letters of the last days, one
    /// that was made anew from a week before there and before where it was read up to: what arrived since may be an answer.
    /// What was seen before is known again by its Message-ID.
    async fn afresh(
        &mut self,
        session: &mut ImapSession,
        mailbox: &ExaminedFolder,
        uid_next: Option<u32>,
        since: Option<DateTime<Utc>>,
        how: Thoroughness,
    ) -> Result<ReadingPosition, AgentError> {
        let found = match since {
            Some(since) if mailbox.exists > 0 => {
                // The server's day may be another than ours.
                let day = (since - TimeDelta::days(1)).date_naive();
                self.named(session.search(&Search::new().since(day)).await)?
            }
            _ => Vec::new(),
        };
        let end = match uid_next {
            Some(next) => next,
            None => self.behind_the_last(session).await?.unwrap_or(1),
        };
        let first = found.first().copied().unwrap_or(end);
        let is_unchanged = found.is_empty() && uid_next.is_some();
        session.is_first_look(&self.folder.name);
        self.tail = FolderTail { uid_validity: self.validity, ..FolderTail::default() };
        self.learn_tail(session, first, mailbox.exists).await?;
        let (account, wire, validity) = (self.folder.account.clone(), self.wire(), self.validity);
        let tail = self.tail.clone();
        let lookbacks = self
            .app
            .write(move |app, tx| {
                note_first_reading(app, tx, &account)?;
                tx.look_back_in(&account, &wire, LOOK_BACK_DAYS)?;
                tx.move_cursor(&account, &wire, validity, first)?;
                tx.set_folder_tail(&account, &wire, &tail)?;
                tx.lookbacks(&account, &wire)
            })
            .await?;
        self.began_afresh = Some(FreshBegin { first, uids: found, lookbacks });
        // What is listed is sorted out by what is claimed now.
        self.follows_claims = false;
        let exists = mailbox.exists;
        Ok(ReadingPosition { first, uid_next, exists, is_unchanged, is_afresh: true, how })
    }

    /// The messages right below `next`, where nothing is known of them yet.
    async fn learn_tail(
        &mut self,
        session: &mut ImapSession,
        next: u32,
        exists: u32,
    ) -> Result<(), AgentError> {
        self.tail.messages = exists;
        let length = u32::try_from(FolderTail::LENGTH).unwrap_or(u32::MAX);
        let Some(last) = next.checked_sub(1).filter(|last| *last > 0 && exists > 0) else { return Ok(()) };
        let first = last.saturating_sub(length).max(1);
        let mut seen = Vec::new();
        let mut windows =
            self.named(session.header_windows([UidWindow { first, last: Some(last) }], &["Message-ID"]))?;
        while let Some(window) = self.named(windows.next().await)? {
            for item in window.items {
                let summary = read_headers(&item.header, &self.options);
                // One without an id could not be told from one of which the server gives no single field.
                if summary.headers.id.is_some() {
                    seen.push((item.uid, fingerprint(&item, &summary)));
                }
            }
        }
        self.tail.note(seen);
        Ok(())
    }

    /// After reading: whether the server holds more than it showed. Mail that has turned up below the cursor is read.
    pub(super) async fn reconcile(
        &mut self,
        session: &mut ImapSession,
        position: &ReadingPosition,
    ) -> Result<bool, AgentError> {
        let before = self.tail.clone();
        let adds_up = self.tail.messages >= position.exists || position.is_afresh;
        if !adds_up || position.how == Thoroughness::Recount {
            self.count_over(session, position.first).await?;
        }
        let missing = position.exists.saturating_sub(self.tail.messages);
        let last = self.tail.last.last().map_or(0, |(last, _)| last.saturating_add(1));
        let is_behind = position.uid_next.is_some_and(|next| next > last.max(position.first));
        if position.is_afresh || self.tail.messages > position.exists {
            self.tail.messages = position.exists;
        }
        if self.tail != before {
            let (account, wire, tail) = (self.folder.account.clone(), self.wire(), self.tail.clone());
            self.app.write(move |_, tx| tx.set_folder_tail(&account, &wire, &tail)).await?;
        }
        Ok(!position.is_afresh && (missing > 0 || is_behind))
    }

    /// Reads what has turned up among the last messages below `first`.
    async fn count_over(&mut self, session: &mut ImapSession, first: u32) -> Result<(), AgentError> {
        let length = u32::try_from(FolderTail::LENGTH).unwrap_or(u32::MAX);
        let from = first.saturating_sub(length).max(1);
        let Some(last) = first.checked_sub(1).filter(|last| *last > 0) else { return Ok(()) };
        let shown = self.named(session.uids_shown(from, last).await)?;
        let late: Vec<u32> = shown.into_iter().filter(|uid| !self.tail.knows(*uid)).collect();
        if late.is_empty() {
            return Ok(());
        }
        tracing::info!(account = %self.folder.account, folder = %self.folder.name, ?late,
            "messages turned up late, below others that were read");
        let claims = self.claims().await?;
        let mut list = ListingProgress::default();
        let windows: Vec<UidWindow> =
            late.iter().map(|uid| UidWindow { first: *uid, last: Some(*uid) }).collect();
        self.list(session, &claims, &windows, false, &mut list).await?;
        self.tail.messages = self.tail.messages.saturating_add(list.count);
        self.tail.note(list.tail);
        self.try_again(list.refused).await?;
        self.fetch_and_commit(session, list.found, &claims).await
    }
}
