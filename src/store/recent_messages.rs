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
    /// SQLite's count of what others have committed.
    version: i64,
}

impl RecentMessages {
    fn held(&self) -> MutexGuard<'_, Recent> {
        // Nothing panics while it is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known, for a transaction that has begun.
    pub(super) fn take(&self, connection: &Connection) -> Result<KnownMessages> {
        let version =
            connection.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get::<_, i64>(0))?;
        let mut recent = self.held();
        let known = std::mem::take(&mut recent.known);
        let is_same = std::mem::replace(&mut recent.version, version) == version;
        Ok(if is_same { known } else { KnownMessages::new() })
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
