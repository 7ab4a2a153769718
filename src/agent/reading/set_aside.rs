//! Messages that cannot be read: tried three times, then set aside, so that one of them stops no folder.
//!
//! Before a message is set aside another one has to be readable. Known limit: one that cannot even be listed is
//! found by stepping over it.

use crate::domain::message::CopyPlace;
use crate::imap::{ImapError, ImapSession, Search};
use crate::store::{ReadTransaction, Result as Stored, TRIES};

use super::super::AgentError;
use super::FolderReading;

/// Of messages that are to be read, those that were not set aside.
#[derive(Default)]
pub(super) struct ReadableUids {
    pub uids: Vec<u32>,
    /// The ones among them that could not be read before.
    pub stumbled_over: Vec<u32>,
}

/// What earlier readings have left behind for one that begins with a certain message.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeftBehind {
    uid: u32,
    /// How far it may go at first.
    pub limit: Option<u32>,
    /// How often that message could not be read.
    pub tries: u32,
}

impl LeftBehind {
    pub(super) fn of(tx: &ReadTransaction<'_>, limit_key: &str, place: CopyPlace) -> Stored<Self> {
        let limit = tx.meta(limit_key)?.and_then(|value| value.parse().ok());
        Ok(Self { uid: place.uid, limit, tries: tx.poisoned(&place)? })
    }
}

impl FolderReading<'_> {
    pub(super) async fn poison(&self, place: CopyPlace, reason: String) -> Result<u32, AgentError> {
        self.app
            .write(move |app, tx| {
                let tries = tx.poison(&place, &reason)?;
                if tries == TRIES {
                    let what = format!("a message cannot be read: {} in {}", place.uid, place.folder);
                    let subject = format!("message {}/{}/{}", place.account, place.folder, place.uid);
                    let remedy = "baton goes on without it. If it is an answer to a handoff, tell it with \
                                  `baton touch`, `accept` or `feedback`.";
                    tx.raise_alert(&subject, &what, &reason, remedy, app.now())?;
                }
                Ok(tries)
            })
            .await
    }

    /// A message that cannot even be listed broke the connection, or the connection broke by itself: the next
    /// reading goes as far as this one came, and the one after begins with the culprit, which is stepped over
    /// after three tries. Dovecot says BYE at a message whose file is damaged.
    pub(super) async fn note_failed_range(
        &self,
        first: u32,
        last: Option<u32>,
        error: &AgentError,
    ) -> Result<(), AgentError> {
        if !matches!(error, AgentError::Imap { .. }) {
            return Ok(());
        }
        let key = self.limit_key();
        match last {
            Some(last) => self.app.write(move |_, tx| tx.set_meta(&key, &last.to_string())).await,
            None => self.poison(self.place(first), error.to_string()).await.map(drop),
        }
    }

    /// Messages that the server refuses while it hands out others: tried again by the next readings, and set aside in
    /// the end. The first of those that are still to be tried.
    pub(super) async fn try_again(&mut self, refused: Vec<(u32, String)>) -> Result<Option<u32>, AgentError> {
        let mut first = None;
        for (uid, reason) in refused {
            if self.tries(uid).await? >= TRIES || self.poison(self.place(uid), reason.clone()).await? >= TRIES
            {
                continue;
            }
            first = Some(first.map_or(uid, |first: u32| first.min(uid)));
            self.refusal = Some(reason);
        }
        Ok(first)
    }

    /// One of these broke the connection: from now on each is asked for alone, which shows which it is.
    pub(super) async fn note_tried_together(
        &self,
        uids: &[u32],
        error: &ImapError,
    ) -> Result<(), AgentError> {
        for uid in uids {
            self.poison(self.place(*uid), error.to_string()).await?;
        }
        Ok(())
    }

    /// How often a message could not be read.
    pub(super) async fn tries(&self, uid: u32) -> Result<u32, AgentError> {
        let place = self.place(uid);
        self.app.read(move |_, tx| tx.poisoned(&place)).await
    }

    pub(super) async fn not_set_aside(&self, uids: &[u32]) -> Result<ReadableUids, AgentError> {
        if uids.is_empty() {
            return Ok(ReadableUids::default());
        }
        let places: Vec<CopyPlace> = uids.iter().map(|uid| self.place(*uid)).collect();
        self.app
            .read(move |_, tx| {
                let mut readable = ReadableUids::default();
                for place in places {
                    match tx.poisoned(&place)? {
                        0 => readable.uids.push(place.uid),
                        tries if tries < TRIES => {
                            readable.uids.push(place.uid);
                            readable.stumbled_over.push(place.uid);
                        }
                        _ => {}
                    }
                }
                Ok(readable)
            })
            .await
    }

    /// Before the try that sets a message aside, another one has to be readable: a server that is out of order
    /// would have every message set aside, one after the other.
    pub(super) async fn is_it_the_message(
        &self,
        session: &mut ImapSession,
        uid: u32,
        tries: u32,
    ) -> Result<(), AgentError> {
        if tries + 1 != TRIES {
            return Ok(());
        }
        let before = match uid.checked_sub(1).filter(|last| *last > 0) {
            Some(last) => self.named(session.search(&Search::new().uids(1, Some(last))).await)?,
            None => Vec::new(),
        };
        let after = self.named(session.search(&Search::new().uids(uid, None)).await)?;
        for witness in [before.last(), after.get(1)].into_iter().flatten() {
            if self.tries(*witness).await? == 0 {
                return self.named(session.headers(*witness, Some(*witness), |_| {}).await);
            }
        }
        Ok(())
    }

    pub(super) fn limit_key(&self) -> String {
        format!("read-only-to {}/{}/{}", self.folder.account, self.folder.name.wire(), self.validity)
    }

    /// What earlier readings have left behind for one that begins with this message.
    pub(super) async fn left_behind(&mut self, uid: u32) -> Result<LeftBehind, AgentError> {
        match self.left_behind.take().filter(|known| known.uid == uid) {
            Some(known) => Ok(known),
            None => {
                let (key, place) = (self.limit_key(), self.place(uid));
                self.app.read(move |_, tx| LeftBehind::of(tx, &key, place)).await
            }
        }
    }
}
