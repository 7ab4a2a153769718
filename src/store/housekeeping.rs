//! What is forgotten in time, a little at a time: mail that no handoff can claim any more, and the texts behind
//! handoffs that were closed long ago.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::domain::message::{DROPPED_TEXT, Message, MessageBody, MessageId};

use super::json::Json;
use super::{ReadTransaction, Result, WriteTransaction, seconds};

/// Up to which message the last pass over the memory has come.
const PRUNED_TO: &str = "pruned-to";

fn without_text(body: &MessageBody) -> MessageBody {
    let mark = |text: &str| if text.trim().is_empty() { String::new() } else { DROPPED_TEXT.to_owned() };
    MessageBody {
        author_text: mark(&body.author_text),
        quoted_text: String::new(),
        links: Vec::new(),
        chat_paste: None,
        ..body.clone()
    }
}

impl ReadTransaction<'_> {
    /// Some handoffs that were closed by `until` and of whose mail the texts are still kept, oldest first.
    pub(crate) fn texts_to_drop(&self, until: DateTime<Utc>, at_most: u32) -> Result<Vec<String>> {
        let sql = "SELECT id FROM handoffs WHERE closed_at <= ?1 AND closed_at IS NOT NULL AND keeps_texts
             ORDER BY closed_at LIMIT ?2";
        self.strings(sql, params![seconds(until), at_most])
    }

    /// Handoffs that were closed at `since` or later, and whose texts are still kept.
    pub(crate) fn handoffs_closed_since(&self, since: DateTime<Utc>) -> Result<Vec<String>> {
        let sql = "SELECT id FROM handoffs WHERE closed_at >= ?1 AND closed_at IS NOT NULL AND keeps_texts
             ORDER BY closed_at";
        self.strings(sql, [seconds(since)])
    }

    /// Whether there is one of [`Self::handoffs_closed_since`].
    pub(crate) fn has_closed_since(&self, since: DateTime<Utc>) -> Result<bool> {
        let sql =
            "SELECT 1 FROM handoffs WHERE closed_at >= ?1 AND closed_at IS NOT NULL AND keeps_texts LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.exists([seconds(since)])?)
    }

    /// Whether a handoff claims a message, or an open one may come to.
    fn may_be_claimed(&self, message: i64) -> Result<bool> {
        let asked = [
            "SELECT 1 FROM message_keys k CROSS JOIN claims c ON c.kind = k.kind AND c.key = k.key
             WHERE k.message = ?1 AND k.kind IN ('id', 'token', 'conversation', 'name') LIMIT 1",
            "SELECT 1 FROM message_people p CROSS JOIN claims c ON c.key = p.address
             WHERE p.message = ?1 AND c.kind IN ('address', 'past-address', 'own') LIMIT 1",
            "SELECT 1 FROM message_people p CROSS JOIN claims c ON c.key = p.address
             WHERE p.message = ?1 AND p.role = 'away' AND c.kind = 'past-own' LIMIT 1",
        ];
        for sql in asked {
            if self.connection.prepare_cached(sql)?.exists([message])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether another handoff may still be judged by the text of a message; by one `outside` of threads any handoff
    /// of its people's.
    fn is_text_of_other(&self, handoff: &str, message: i64, outside: bool) -> Result<bool> {
        let asked = [
            "SELECT 1 FROM message_keys k CROSS JOIN claims c ON c.kind = k.kind AND c.key = k.key
             CROSS JOIN handoffs h ON h.id = c.handoff
             WHERE k.message = ?1 AND k.kind IN ('id', 'token', 'conversation') AND c.handoff <> ?2 AND h.keeps_texts
             LIMIT 1",
            "SELECT 1 FROM message_people p CROSS JOIN claims c ON c.key = p.address
             CROSS JOIN handoffs h ON h.id = c.handoff
             WHERE p.message = ?1 AND c.kind IN ('address', 'past-address') AND c.handoff <> ?2 AND h.keeps_texts
             LIMIT 1",
        ];
        for sql in asked.into_iter().take(if outside { 2 } else { 1 }) {
            if self.connection.prepare_cached(sql)?.exists(params![message, handoff])? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl WriteTransaction<'_> {
    /// Drops mail that no handoff claims and no open one can come to claim, among the next `at_most` messages.
    /// Returns how much was dropped.
    pub(crate) fn prune(&self, at_most: u32) -> Result<usize> {
        let from: i64 = self.meta(PRUNED_TO)?.and_then(|value| value.parse().ok()).unwrap_or(0);
        let sql = "SELECT seq FROM messages WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let some: Vec<i64> = statement
            .query_map(params![from, at_most], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut dropped = 0;
        for message in &some {
            if !self.may_be_claimed(*message)? {
                self.connection.prepare_cached("DELETE FROM messages WHERE seq = ?1")?.execute([message])?;
                self.forget_read(*message);
                dropped += 1;
            }
        }
        // At the end it begins anew.
        let is_whole = some.len() == usize::try_from(at_most).unwrap_or(usize::MAX);
        let to = some.last().copied().filter(|_| is_whole).unwrap_or(0);
        if to != from {
            self.set_meta(PRUNED_TO, &to.to_string())?;
        }
        Ok(dropped)
    }

    /// Drops the texts of a handoff's mail and of what was sent for it, those of `kept` aside: verdicts rest on
    /// them.
    pub(crate) fn drop_texts(&self, handoff: &str, kept: &BTreeSet<MessageId>) -> Result<()> {
        let (thread, outside) = self.matched_apart(handoff)?;
        for seq in thread.iter().chain(&outside).copied() {
            let Some(message) = self.message(seq)? else { continue };
            let is_kept = |message: &Message| {
                message.headers.id.as_ref().is_none_or(|id| kept.contains(id))
                    || message.headers.earlier_ids.iter().any(|id| kept.contains(id))
            };
            let Some(body) = &message.body else { continue };
            let bare = without_text(body);
            if bare == *body
                || is_kept(&message)
                || self.is_text_of_other(handoff, seq, outside.contains(&seq))?
            {
                continue;
            }
            self.connection
                .prepare_cached("UPDATE messages SET body = ?2 WHERE seq = ?1")?
                .execute(params![seq, bare.to_column()])?;
            self.forget_read(seq);
        }
        self.connection
            .prepare_cached(
                "UPDATE outbox SET bytes = NULL WHERE scope = ?1 AND state = 'sent' AND sent_copy <> 'due'",
            )?
            .execute([handoff])?;
        self.connection
            .prepare_cached("UPDATE handoffs SET keeps_texts = 0 WHERE id = ?1")?
            .execute([handoff])?;
        Ok(())
    }
}
