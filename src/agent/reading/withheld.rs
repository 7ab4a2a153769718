//! Messages that a server knows of and does not hand out: FETCH answers without them, or without their header, and says
//! OK. Nothing that was asked for and did not come counts as read.
//!
//! One of several is tried again and set aside as any other that cannot be read; where nothing at all comes the folder has
//! not been read. What FETCH shows counts, not the server's numbers: those are wrong too often.

use std::collections::HashSet;

use crate::imap::{ImapError, ImapSession, Search};
use crate::store::TRIES;

use super::super::AgentError;
use super::FolderReading;
use super::listing::ListingProgress;
use super::position::ReadingPosition;

/// To the operator.
pub(super) const WITHOUT_HEADER: &str = "the server shows it, and hands out nothing of it";

fn nothing_comes(count: usize) -> ImapError {
    let text = format!("it finds {count} messages here, and hands out none");
    ImapError::Refused { command: "FETCH", text }
}

impl FolderReading<'_> {
    /// Messages whose header came empty: refused, where others can be read.
    pub(super) async fn refuse_without_header(
        &self,
        session: &mut ImapSession,
        list: &mut ListingProgress,
    ) -> Result<(), AgentError> {
        let without = std::mem::take(&mut list.without_header);
        let Some(first) = without.first().copied() else { return Ok(()) };
        if list.count == 0 && !self.another_is_readable(session, first).await? {
            return self.named(Err(nothing_comes(without.len())));
        }
        list.refused.extend(without.into_iter().map(|uid| (uid, WITHOUT_HEADER.to_owned())));
        Ok(())
    }

    /// Of messages that SEARCH has found and a FETCH was to bring, those that did not come although they are there.
    pub(super) async fn withheld_of(
        &self,
        session: &mut ImapSession,
        asked: &[u32],
        came: &[u32],
    ) -> Result<Vec<(u32, String)>, AgentError> {
        let known: HashSet<u32> = came.iter().copied().collect();
        let missing: Vec<u32> = asked.iter().copied().filter(|uid| !known.contains(uid)).collect();
        let (Some(first), Some(last)) = (missing.iter().min(), missing.iter().max()) else {
            return Ok(Vec::new());
        };
        let mut shown: HashSet<u32> =
            self.named(session.uids_shown(*first, *last).await)?.into_iter().collect();
        if shown.is_empty() && came.is_empty() {
            self.expect_anything(session).await?;
        }
        // A search has found them a moment ago: one that still does knows of what FETCH passes over.
        let found = Search::new().uids(*first, Some(*last));
        shown.extend(self.named(session.search(&found).await)?);
        let withheld = missing.into_iter().filter(|uid| shown.contains(uid)).collect();
        self.refused_for_good(session, came, withheld).await
    }

    /// After a range was read to the end of the folder: the same of what the server counts and did not hand out.
    pub(super) async fn withheld_in_range(
        &mut self,
        session: &mut ImapSession,
        position: &ReadingPosition,
    ) -> Result<(), AgentError> {
        let is_short = if position.is_afresh {
            let announces_some = position.uid_next.is_none_or(|next| next > position.first);
            self.listed == 0 && position.exists > 0 && announces_some
        } else {
            position.exists > self.tail.messages
        };
        if !is_short {
            return Ok(());
        }
        let shown = self.named(session.uids_shown(position.first, u32::MAX).await)?;
        let came = std::mem::take(&mut self.accounted);
        if shown.is_empty() && came.is_empty() {
            return self.expect_anything(session).await;
        }
        let known: HashSet<u32> = came.iter().copied().collect();
        let withheld: Vec<u32> = shown.into_iter().filter(|uid| !known.contains(uid)).collect();
        for (uid, reason) in self.refused_for_good(session, &came, withheld).await? {
            match self.try_again(vec![(uid, reason)]).await? {
                Some(uid) => {
                    let next = self.cursor.unwrap_or(self.reached).min(uid);
                    (self.cursor, self.reached) = (Some(next), next);
                }
                // It is set aside, and counts as dealt with.
                None => self.tail.messages = self.tail.messages.saturating_add(1),
            }
        }
        Ok(())
    }

    /// Why each of these cannot be read, where others can be.
    async fn refused_for_good(
        &self,
        session: &mut ImapSession,
        came: &[u32],
        withheld: Vec<u32>,
    ) -> Result<Vec<(u32, String)>, AgentError> {
        let Some(first) = withheld.first().copied() else { return Ok(Vec::new()) };
        let is_tried = self.tries(first).await? >= TRIES;
        if came.is_empty() && !is_tried && !self.another_is_readable(session, first).await? {
            return self.named(Err(nothing_comes(withheld.len())));
        }
        Ok(withheld.into_iter().map(|uid| (uid, WITHOUT_HEADER.to_owned())).collect())
    }

    /// An error where the server finds messages in this folder and FETCH shows none of them.
    async fn expect_anything(&self, session: &mut ImapSession) -> Result<(), AgentError> {
        if session.known_exists() == Some(0) {
            return Ok(());
        }
        match session.last_message().await {
            Ok(None) => {}
            Ok(Some(_)) | Err(ImapError::Refused { .. } | ImapError::Misunderstood { .. }) => return Ok(()),
            Err(error) => return self.named(Err(error)),
        }
        let found = self.named(session.search(&Search::new().uids(1, None)).await)?;
        if found.is_empty() { Ok(()) } else { self.named(Err(nothing_comes(found.len()))) }
    }
}
