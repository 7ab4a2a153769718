//! Messages: one row for each mail, however many copies of it are seen, and the keys by which a handoff can
//! claim it.
//!
//! A mail is its Message-ID, From and Date, since providers rewrite everything else; where it has no id, a
//! hash over its headers. Known limit: of copies whose bodies differ (Safe Links, banners) the first one
//! read is kept.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use rusqlite::{OptionalExtension, params};

use crate::domain::fact::{Fact, FactKind};
use crate::domain::message::{
    Authenticity, CopyPlace, Headers, Mailbox, Message, MessageBody, MessageCopy, MessageId,
};
use crate::domain::token;

use super::json::Json;
use super::{ReadTransaction, Result, WriteTransaction, column, instant, optional_instant, seconds};

/// A message after a copy of it was noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotedMessage {
    pub message: i64,
    /// This copy was not known, or the body was not.
    pub news: bool,
    pub has_body: bool,
}

/// A message of which a handoff needs the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BodyDue {
    pub message: i64,
    pub place: CopyPlace,
}

/// A message that belongs to a handoff by its ids, tokens or conversation, by an address outside the
/// configuration, or by being automatic mail of one of its people.
const MATCHED: &str = "
    SELECT k.message FROM claims c JOIN message_keys k ON k.kind = c.kind AND k.key = c.key
    WHERE c.handoff = ?1 AND c.kind IN ('id', 'token', 'conversation', 'address')
    UNION
    SELECT k.message FROM claims c JOIN message_keys k ON k.kind = 'author' AND k.key = c.key
    JOIN messages m ON m.seq = k.message
    WHERE c.handoff = ?1 AND c.kind = 'own' AND m.body IS NOT NULL";

/// How a display name is compared: lower case, white space as one space.
pub(super) fn folded_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The id under which messages about one event claim each other; no Message-ID has a blank.
pub(crate) fn event_key(uid: &str) -> String {
    format!("event {uid}")
}

/// What makes two copies one mail.
fn identity(headers: &Headers) -> String {
    let from = headers.from.first().map_or("", |mailbox| mailbox.address.as_str());
    let date = headers.date.map(|date| date.timestamp().to_string()).unwrap_or_default();
    match &headers.id {
        Some(id) => format!("{id} {from} {date}"),
        None => {
            let bare = Headers { received: None, authenticity: Authenticity::Unknown, ..headers.clone() };
            let hash = digest(&SHA256, bare.to_column().as_bytes());
            let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            format!("#{hex}")
        }
    }
}

/// Everything by which a message can be claimed, as rows of `message_keys`.
fn keys(headers: &Headers, body: Option<&MessageBody>) -> BTreeSet<(&'static str, String)> {
    let mut keys = BTreeSet::new();
    let mut ids: Vec<&MessageId> = Vec::new();
    for id in headers.id.iter().chain(&headers.earlier_ids) {
        keys.insert(("bears", id.as_str().to_owned()));
        ids.push(id);
    }
    ids.extend(headers.in_reply_to.iter().chain(&headers.references));
    if let Some(bounce) = body.and_then(|body| body.bounce.as_ref()) {
        ids.extend(bounce.original.iter().chain(&bounce.original_references));
        keys.extend(bounce.recipients.iter().map(|one| ("address", one.address.as_str().to_owned())));
    }
    for id in ids {
        keys.insert(("id", id.as_str().to_owned()));
        keys.extend(token::in_id(id).map(|token| ("token", token.to_owned())));
    }
    keys.extend(token::in_subject(&headers.subject).map(|token| ("token", token)));
    keys.extend(headers.conversation.iter().map(|key| ("conversation", key.clone())));
    keys.extend(parties(headers).map(|one| ("address", one.address.as_str().to_owned())));
    for author in &headers.from {
        keys.insert(("author", author.address.as_str().to_owned()));
        keys.insert(("name", folded_name(&author.name)));
    }
    if let Some(calendar) = body.and_then(|body| body.calendar.as_ref()) {
        keys.insert(("id", event_key(&calendar.uid)));
        keys.extend(calendar.organizer.iter().map(|address| ("address", address.as_str().to_owned())));
        keys.extend(calendar.attendees.iter().map(|one| ("address", one.address.as_str().to_owned())));
    }
    if let Some(scheduler) = body.and_then(|body| body.scheduler.as_ref()) {
        keys.extend(scheduler.addresses.iter().map(|address| ("address", address.as_str().to_owned())));
    }
    keys
}

/// Everybody whom the headers name.
fn parties(headers: &Headers) -> impl Iterator<Item = &Mailbox> {
    headers
        .from
        .iter()
        .chain(&headers.sender)
        .chain(&headers.reply_to)
        .chain(&headers.to)
        .chain(&headers.cc)
        .chain(&headers.bcc)
}

/// What two copies say together; the same whichever came first.
fn merged(known: Headers, other: &Headers) -> Headers {
    let mut earlier_ids: BTreeSet<MessageId> = known.earlier_ids.iter().cloned().collect();
    earlier_ids.extend(other.earlier_ids.iter().cloned());
    let authenticity = known.authenticity.and(other.authenticity);
    let bcc = if known.bcc.is_empty() { other.bcc.clone() } else { known.bcc };
    let received = match (known.received, other.received) {
        (Some(one), Some(two)) => Some(one.min(two)),
        (one, two) => one.or(two),
    };
    let conversation = known.conversation.or_else(|| other.conversation.clone());
    Headers {
        earlier_ids: earlier_ids.into_iter().collect(),
        authenticity,
        bcc,
        received,
        conversation,
        ..known
    }
}

impl WriteTransaction<'_> {
    /// Notes one copy of a mail, and its body where that was read.
    pub(crate) fn see(
        &self,
        headers: &Headers,
        body: Option<&MessageBody>,
        copy: &MessageCopy,
    ) -> Result<NotedMessage> {
        let identity = identity(headers);
        let known = self
            .connection
            .query_row("SELECT seq, headers, body FROM messages WHERE identity = ?1", [&identity], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
            })
            .optional()?;
        let (message, had_body, headers_news) = match known {
            None => {
                self.connection.execute(
                    "INSERT INTO messages (identity, headers, body) VALUES (?1, ?2, ?3)",
                    params![identity, headers.to_column(), body.map(Json::to_column)],
                )?;
                let message = self.connection.last_insert_rowid();
                self.add_keys(message, headers, body)?;
                (message, false, true)
            }
            Some((message, column_text, known_body)) => {
                let before: Headers = column("messages", &column_text)?;
                let after = merged(before.clone(), headers);
                let news = after != before;
                if news {
                    self.connection.execute(
                        "UPDATE messages SET headers = ?2 WHERE seq = ?1",
                        params![message, after.to_column()],
                    )?;
                    self.add_keys(message, &after, None)?;
                }
                if let (None, Some(body)) = (&known_body, body) {
                    self.set_body(message, headers, body)?;
                }
                (message, known_body.is_some(), news)
            }
        };
        let copy_news = self.add_copy(message, copy)?;
        let body_news = body.is_some() && !had_body;
        Ok(NotedMessage {
            message,
            news: copy_news || body_news || headers_news,
            has_body: had_body || body.is_some(),
        })
    }

    fn set_body(&self, message: i64, headers: &Headers, body: &MessageBody) -> Result<()> {
        self.connection
            .execute("UPDATE messages SET body = ?2 WHERE seq = ?1", params![message, body.to_column()])?;
        self.add_keys(message, headers, Some(body))
    }

    fn add_keys(&self, message: i64, headers: &Headers, body: Option<&MessageBody>) -> Result<()> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO message_keys (kind, key, message) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?;
        for (kind, key) in keys(headers, body) {
            if !key.is_empty() {
                statement.execute(params![kind, key, message])?;
            }
        }
        Ok(())
    }

    fn add_copy(&self, message: i64, copy: &MessageCopy) -> Result<bool> {
        let added = self
            .connection
            .prepare_cached(
                "INSERT INTO copies
                 (account, folder, uid_validity, uid, message, internal_date, stamp, is_sent, is_draft, is_dated, read_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                copy.place.account,
                copy.place.folder,
                copy.place.uid_validity,
                copy.place.uid,
                message,
                seconds(copy.internal_date),
                copy.stamp.map(seconds),
                copy.is_sent,
                copy.is_draft,
                copy.is_dated,
                copy.read_at.map(seconds),
            ])?;
        Ok(added > 0)
    }

    /// Drops the memory of mail that no handoff has claimed and no open one can claim any more.
    pub(crate) fn prune(&self) -> Result<usize> {
        Ok(self.connection.execute(
            "DELETE FROM messages WHERE seq NOT IN (
                SELECT k.message FROM claims c JOIN message_keys k ON k.kind = c.kind AND k.key = c.key
                WHERE c.kind IN ('id', 'token', 'conversation', 'address')
                UNION
                SELECT k.message FROM claims c JOIN handoffs h ON h.id = c.handoff
                JOIN message_keys k ON k.key = c.key
                    AND ((c.kind = 'own' AND k.kind = 'address') OR (c.kind = 'name' AND k.kind = 'name'))
                WHERE h.open AND c.kind IN ('own', 'name')
             )",
            [],
        )?)
    }
}

impl ReadTransaction<'_> {
    /// The message with one of its copies at this place.
    pub(crate) fn message_at(&self, place: &CopyPlace) -> Result<Option<i64>> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT message FROM copies WHERE account = ?1 AND folder = ?2 AND uid_validity = ?3 AND uid = ?4",
            )?
            .query_row(params![place.account, place.folder, place.uid_validity, place.uid], |row| row.get(0))
            .optional()?)
    }

    pub(crate) fn message(&self, message: i64) -> Result<Option<Message>> {
        let row = self
            .connection
            .prepare_cached("SELECT headers, body FROM messages WHERE seq = ?1")?
            .query_row([message], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)))
            .optional()?;
        let Some((headers, body)) = row else { return Ok(None) };
        Ok(Some(Message {
            headers: column("messages", &headers)?,
            body: body.map(|body| column("messages", &body)).transpose()?,
            copies: self.copies(message)?,
        }))
    }

    fn copies(&self, message: i64) -> Result<Vec<MessageCopy>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT account, folder, uid_validity, uid, internal_date, stamp, is_sent, is_draft, is_dated, read_at
             FROM copies WHERE message = ?1",
        )?;
        let rows = statement.query_map([message], |row| {
            let place = CopyPlace {
                account: row.get(0)?,
                folder: row.get(1)?,
                uid_validity: row.get(2)?,
                uid: row.get(3)?,
            };
            let (internal_date, stamp, read_at): (i64, Option<i64>, Option<i64>) =
                (row.get(4)?, row.get(5)?, row.get(9)?);
            let (is_sent, is_draft, is_dated) = (row.get(6)?, row.get(7)?, row.get(8)?);
            Ok(instant("copies", internal_date).and_then(|internal_date| {
                Ok(MessageCopy {
                    place,
                    internal_date,
                    stamp: optional_instant("copies", stamp)?,
                    is_dated,
                    read_at: optional_instant("copies", read_at)?,
                    is_sent,
                    is_draft,
                })
            }))
        })?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().collect()
    }

    fn matched(&self, handoff: &str) -> Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(MATCHED)?;
        Ok(statement.query_map([handoff], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    /// The mail that concerns a handoff, and which of it belongs to another one's thread.
    pub(super) fn message_facts(&self, handoff: &str) -> Result<Vec<Fact>> {
        let mut facts = Vec::new();
        for seq in self.matched(handoff)? {
            let Some(message) = self.message(seq)? else { continue };
            let Some(at) = message.copies.iter().map(|copy| copy.internal_date).min() else { continue };
            if let Some(id) = &message.headers.id
                && self.in_other_thread(handoff, seq)?
            {
                facts.push(Fact { at, what: FactKind::InOtherThread { message: id.clone() } });
            }
            facts.push(Fact { at, what: FactKind::MessageSeen(Arc::new(message)) });
        }
        Ok(facts)
    }

    fn in_other_thread(&self, handoff: &str, message: i64) -> Result<bool> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT EXISTS (
                    SELECT 1 FROM message_keys k JOIN claims c ON c.kind = k.kind AND c.key = k.key
                    WHERE k.message = ?2 AND k.kind IN ('id', 'token') AND c.handoff <> ?1)",
            )?
            .query_row(params![handoff, message], |row| row.get(0))?)
    }

    /// Handoffs that a message concerns, as they were last judged.
    pub(crate) fn concerned(&self, message: i64) -> Result<Vec<String>> {
        self.strings(
            "SELECT c.handoff FROM message_keys k JOIN claims c ON c.kind = k.kind AND c.key = k.key
             WHERE k.message = ?1 AND c.kind IN ('id', 'token', 'conversation', 'address')
             UNION
             SELECT c.handoff FROM message_keys k JOIN claims c ON c.kind = 'own' AND c.key = k.key
             JOIN messages m ON m.seq = k.message
             WHERE k.message = ?1 AND k.kind = 'author' AND m.body IS NOT NULL",
            [message],
        )
    }

    /// Handoffs with mail that bears or cites `id`.
    pub(crate) fn handoffs_with(&self, id: &MessageId) -> Result<Vec<String>> {
        self.strings(
            "SELECT DISTINCT c.handoff FROM message_keys i
             JOIN message_keys k ON k.message = i.message
             JOIN claims c ON c.kind = k.kind AND c.key = k.key
             WHERE i.kind = 'id' AND i.key = ?1 AND c.kind IN ('id', 'token', 'conversation', 'address')",
            [id.as_str()],
        )
    }

    /// The earliest copy of a mail that bears `id`, in any watched folder read so far.
    pub(crate) fn copy_bearing(&self, id: &MessageId) -> Result<Option<DateTime<Utc>>> {
        let date = self.connection.query_row(
            "SELECT min(c.internal_date) FROM message_keys k JOIN copies c ON c.message = k.message
             WHERE k.kind = 'bears' AND k.key = ?1",
            [id.as_str()],
            |row| row.get(0),
        )?;
        optional_instant("copies", date)
    }

    /// Whether mail of somebody else cites `id`, so that the mail which bears it must have left.
    pub(crate) fn is_cited(&self, id: &MessageId) -> Result<bool> {
        Ok(self.connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM message_keys WHERE kind = 'id' AND key = ?1)",
            [id.as_str()],
            |row| row.get(0),
        )?)
    }

    /// Messages in a folder that a handoff claims and of which only the headers are known.
    pub(crate) fn bodies_due(&self, account: &str, folder: &str, uid_validity: u32) -> Result<Vec<BodyDue>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT DISTINCT p.message, p.uid FROM copies p
             JOIN messages m ON m.seq = p.message AND m.body IS NULL
             JOIN message_keys k ON k.message = m.seq
             JOIN claims c ON c.kind = k.kind AND c.key = k.key
             WHERE p.account = ?1 AND p.folder = ?2 AND p.uid_validity = ?3
                AND c.kind IN ('id', 'token', 'conversation', 'address')
                AND NOT EXISTS (
                    SELECT 1 FROM poison x WHERE x.account = p.account AND x.folder = p.folder
                    AND x.uid_validity = p.uid_validity AND x.uid = p.uid AND x.tries >= 3)
             ORDER BY p.uid",
        )?;
        let place =
            |uid| CopyPlace { account: account.to_owned(), folder: folder.to_owned(), uid_validity, uid };
        Ok(statement
            .query_map(params![account, folder, uid_validity], |row| {
                Ok(BodyDue { message: row.get(0)?, place: place(row.get(1)?) })
            })?
            .collect::<rusqlite::Result<_>>()?)
    }
}
