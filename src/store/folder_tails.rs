//! The end of each folder as it was last read, and places that a restored mailbox has given to other mail.
//!
//! Of mail that concerns no handoff nothing but a UID and a hash is kept.

use rusqlite::params;

use super::{ReadTransaction, Result, StoreError, WriteTransaction};

/// The end of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FolderTail {
    pub uid_validity: u32,
    /// How many messages of the folder were accounted for.
    pub messages: u32,
    /// The last messages that were seen: UID and hash, ascending.
    pub last: Vec<(u32, String)>,
}

impl FolderTail {
    /// How many messages are remembered.
    pub(crate) const LENGTH: usize = 32;

    /// Notes messages that were seen; of one UID, what was seen last.
    pub(crate) fn note(&mut self, seen: impl IntoIterator<Item = (u32, String)>) {
        for (uid, hash) in seen {
            match self.last.binary_search_by_key(&uid, |(known, _)| *known) {
                Ok(at) => {
                    if let Some(known) = self.last.get_mut(at) {
                        known.1 = hash;
                    }
                }
                Err(at) => self.last.insert(at, (uid, hash)),
            }
            let over = self.last.len().saturating_sub(Self::LENGTH);
            self.last.drain(..over);
        }
    }

    pub(crate) fn knows(&self, uid: u32) -> bool {
        self.last.binary_search_by_key(&uid, |(known, _)| *known).is_ok()
    }

    /// UIDVALIDITY and count on the first line, then `uid hash` for each message.
    fn to_text(&self) -> String {
        let mut text = format!("{} {}", self.uid_validity, self.messages);
        for (uid, hash) in &self.last {
            text.push_str(&format!("\n{uid} {hash}"));
        }
        text
    }

    fn of_text(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(|line| line.split_once(' '));
        let (uid_validity, messages) = lines.next()??;
        let last = lines.map(|line| line.and_then(|(uid, hash)| Some((uid.parse().ok()?, hash.to_owned()))));
        Some(Self {
            uid_validity: uid_validity.parse().ok()?,
            messages: messages.parse().ok()?,
            last: last.collect::<Option<_>>()?,
        })
    }
}

fn key(account: &str, folder: &str) -> String {
    format!("folder-tail {account}/{folder}")
}

impl ReadTransaction<'_> {
    pub(crate) fn folder_tail(&self, account: &str, folder: &str) -> Result<Option<FolderTail>> {
        let key = key(account, folder);
        let Some(text) = self.meta(&key)? else { return Ok(None) };
        FolderTail::of_text(&text).map(Some).ok_or(StoreError::Row { table: "meta", key })
    }
}

impl WriteTransaction<'_> {
    pub(crate) fn set_folder_tail(&self, account: &str, folder: &str, tail: &FolderTail) -> Result<()> {
        self.set_meta(&key(account, folder), &tail.to_text())
    }

    /// The mailbox was restored under the same UIDVALIDITY: what was seen in it stays seen, under a UIDVALIDITY that
    /// no server gives, so that its UIDs can stand for other mail. What could not be read is tried afresh.
    pub(crate) fn release_places(&self, account: &str, folder: &str, uid_validity: u32) -> Result<()> {
        // Downwards from the highest there is: servers count seconds since 1970, or upwards from 1.
        let lowest: u32 = self.connection.query_row(
            "SELECT coalesce(min(uid_validity), 4294967295) FROM copies
             WHERE account = ?1 AND folder = ?2 AND uid_validity > 4294900000",
            [account, folder],
            |row| row.get(0),
        )?;
        let place = params![account, folder, uid_validity];
        self.connection.prepare_cached("UPDATE copies SET uid_validity = ?4 WHERE account = ?1 AND folder = ?2 AND uid_validity = ?3")?.execute(params![account, folder, uid_validity, lowest.saturating_sub(1)])?;
        self.forget_all_read();
        self.connection
            .prepare_cached("DELETE FROM poison WHERE account = ?1 AND folder = ?2 AND uid_validity = ?3")?
            .execute(place)?;
        self.forget_meta(&key(account, folder))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_keeps_the_last_messages_in_order_whatever_order_they_come_in() {
        let mut tail = FolderTail::default();
        tail.note((1..100).rev().map(|uid| (uid, format!("h{uid}"))));
        assert_eq!(tail.last.len(), FolderTail::LENGTH);
        assert_eq!(tail.last.first().unwrap().0, 100 - 32);
        tail.note([(99, "other".to_owned())]);
        assert_eq!(tail.last.last().unwrap(), &(99, "other".to_owned()));
        assert!(tail.knows(99) && !tail.knows(5));
        assert_eq!(FolderTail::of_text(&tail.to_text()), Some(tail));
        assert_eq!(FolderTail::of_text(&FolderTail::default().to_text()), Some(FolderTail::default()));
        assert_eq!(FolderTail::of_text("1"), None);
    }
}
