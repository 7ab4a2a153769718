//! Messages that cannot be read: tried three times, then set aside, so that one of them stops no folder. A last look
//! before a verdict tries them again.
//!
//! Before a message is set aside another one has to be readable. Known limit: one that cannot even be listed is
//! found by stepping over it.

use crate::domain::message::CopyPlace;
use crate::imap::{FolderName, ImapError, ImapSession, Search, UidWindow};
use crate::store::{ReadTransaction, Result as Stored, TRIES};

use super::super::AgentError;
use super::FolderReading;

/// Fewer UIDs than this are not halved to find the one at which a connection ends.
const FEW: u32 = 8;
/// So much of another message has to come, in bytes.
const A_LITTLE: u32 = 4 << 10;

/// Nothing tells whether it is this message or all of them.
fn nothing_else() -> ImapError {
    let text = "it hands out no other message, either".to_owned();
    ImapError::Refused { command: "FETCH", text }
}

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

fn alert_subject(place: &CopyPlace) -> String {
    format!("message {}/{}/{}", place.account, place.folder, place.uid)
}

impl FolderReading<'_> {
    /// A message that was set aside could be read after all.
    pub(super) async fn no_longer_set_aside(&self, place: CopyPlace) -> Result<(), AgentError> {
        self.app.write(move |app, tx| tx.resolve_alert(&alert_subject(&place), app.now())).await.map(drop)
    }

    pub(super) async fn poison(&self, place: CopyPlace, reason: String) -> Result<u32, AgentError> {
        self.app
            .write(move |app, tx| {
                let tries = tx.poison(&place, &reason)?;
                if tries == TRIES {
                    let what = format!("a message cannot be read: {} in {}", place.uid, place.folder);
                    let subject = alert_subject(&place);
                    let remedy = "baton goes on without it. If it is an answer to a handoff, tell it with \
                                  `baton touch`, `accept` or `feedback`.";
                    tx.raise_alert(&subject, &what, &reason, remedy, app.now())?;
                }
                Ok(tries)
            })
            .await
    }

    /// A message that cannot even be listed broke the connection, or the connection broke by itself: the next
    /// reading goes as far as this one came, or where nothing came half as far, until one begins with the culprit, which is
    /// stepped over after three tries. Dovecot says BYE at a message whose file is damaged.
    pub(super) async fn note_failed_range(
        &self,
        window: UidWindow,
        came: Option<u32>,
        error: &AgentError,
    ) -> Result<(), AgentError> {
        if !matches!(error, AgentError::Imap { .. }) {
            return Ok(());
        }
        let key = self.limit_key();
        let first = window.first;
        // Of a few the first is in question, and then the next.
        let count = window.last.and_then(|last| last.checked_sub(first)).filter(|count| *count >= FEW);
        let half = count.map(|count| first + count / 2);
        if let Some(limit) = came.or(half) {
            return self.app.write(move |_, tx| tx.set_meta(&key, &limit.to_string())).await;
        }
        let tries = self.poison(self.place(first), error.to_string()).await?;
        if tries == TRIES {
            // Not even its header can be had: it is not asked for once more.
            self.poison(self.place(first), error.to_string()).await?;
        }
        Ok(())
    }

    /// Messages that the server refuses while it hands out others: tried again by the next readings, and set aside in
    /// the end. The first of those that are still to be tried.
    pub(super) async fn try_again(&mut self, refused: Vec<(u32, String)>) -> Result<Option<u32>, AgentError> {
        let mut first = None;
        for (uid, reason) in refused {
            let allowed = self.tries_allowed;
            let is_over = self.tries(uid).await? >= allowed;
            if is_over || self.poison(self.place(uid), reason.clone()).await? >= allowed {
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
        let allowed = self.tries_allowed;
        self.app
            .read(move |_, tx| {
                let mut readable = ReadableUids::default();
                for place in places {
                    match tx.poisoned(&place)? {
                        0 => readable.uids.push(place.uid),
                        tries if tries < allowed => {
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

    /// Before the try that sets a message aside, another one has to be readable, in this folder or, where it is alone
    /// there, in another: a server that is out of order would have every message set aside, one after the other.
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
        let after = after.iter().find(|other| **other > uid);
        for witness in before.last().into_iter().chain(after) {
            if self.tries(*witness).await? == 0 {
                return self.read_whole(session, *witness).await;
            }
        }
        self.is_another_folder_readable(session).await
    }

    /// Reads a message that nothing is known against, as a message is read.
    async fn read_whole(&self, session: &mut ImapSession, uid: u32) -> Result<(), AgentError> {
        let mut came = false;
        self.named(session.headers(uid, Some(uid), |item| came |= !item.header.is_empty()).await)?;
        if came {
            self.named(session.body(uid, A_LITTLE).await)?;
            return Ok(());
        }
        self.named(Err(nothing_else()))
    }

    /// The same of the newest message of some other folder. The folder itself is open again afterwards.
    async fn is_another_folder_readable(&self, session: &mut ImapSession) -> Result<(), AgentError> {
        let account = self.folder.account.clone();
        let folders = self.app.read(move |_, tx| tx.folders_of(&account)).await?;
        let others = folders.into_iter().map(|state| FolderName::from_wire(state.folder));
        for other in others.filter(|other| *other != self.folder.name) {
            if self.named(session.examine(&other).await)?.exists == 0 {
                continue;
            }
            if let Some((uid, _)) = self.named(session.last_message().await)? {
                self.read_whole(session, uid).await?;
                return self.named(session.examine(&self.folder.name).await).map(drop);
            }
        }
        self.named(Err(nothing_else()))
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
