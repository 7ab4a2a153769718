//! Messages that the connection which writes has read: a long thread is judged again with each mail in it, and most of it
//! is as it was.
//!
//! What a transaction knows is handed on to the next one, unless it was rolled back or another process has written in
//! between. Whoever changes a message has it forgotten (`forget_read`). Known limit: beyond a size all are forgotten.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::domain::message::Message;

use super::Result;

/// By their numbers.
pub(super) type KnownMessages = HashMap<i64, Arc<Message>>;

/// Bytes of text that are kept in memory.
const MOST: usize = 6 << 20;
/// What a message has beside its texts, about.
const BESIDE_TEXTS: usize = 1500;

#[derive(Debug, Default)]
pub(super) struct RecentMessages(Mutex<Recent>);

#[derive(Debug, Default)]
struct Recent {
    known: KnownMessages,
    /// So many they were when their size was last counted.
    counted: usize,
    edition: Edition,
}

/// Which state of the database it is: two transactions that find the same one find nothing changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edition {
    /// SQLite's count of what other processes have committed.
    others: i64,
    /// How often this one has.
    own: u64,
}

impl RecentMessages {
    fn held(&self) -> MutexGuard<'_, Recent> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, for a transaction that has begun, and which state of the database it finds.
    pub(super) fn take(&self, connection: &Connection) -> Result<(KnownMessages, Edition)> {
        let mut recent = self.held();
        let before = recent.edition;
        recent.edition.others =
            connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        let known = std::mem::take(&mut recent.known);
        let is_same = recent.edition == before;
        Ok((if is_same { known } else { KnownMessages::new() }, recent.edition))
    }

    /// Which state of the database the connection that writes finds.
    pub(super) fn edition(&self, connection: &Connection) -> Result<Edition> {
        let others = connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))?;
        Ok(Edition { others, ..self.held().edition })
    }

    /// A transaction is about to be committed.
    pub(super) fn begin_commit(&self) {
        self.held().edition.own += 1;
    }

    /// What a transaction knew that was committed.
    pub(super) fn keep(&self, known: KnownMessages) {
        let mut recent = self.held();
        if known.len() > recent.counted && known.values().map(|message| size(message)).sum::<usize>() > MOST {
            recent.counted = 0;
            return;
        }
        recent.counted = known.len();
        recent.known = known;
    }
}

fn size(message: &Message) -> usize {
    let texts = message.body.as_ref().map_or(0, |body| body.author_text.len() + body.quoted_text.len());
    texts.saturating_add(BESIDE_TEXTS)
}
