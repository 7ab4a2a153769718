//! Messages: one row for each mail, however many copies of it are seen, and the keys by which a handoff can
//! claim it. Which handoffs do is asked in `matching`.
//!
//! A mail is its Message-ID, From and Date, since providers rewrite everything else; where it has no id, a
//! hash over its headers. Known limit: of copies whose bodies differ (Safe Links, banners) the first one
//! read is kept.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use ring::digest::{SHA256, digest};
use rusqlite::{OptionalExtension, params};

use crate::domain::message::{
    Address, Authenticity, CopyPlace, Headers, Mailbox, Message, MessageBody, MessageCopy, MessageId,
    MessageKind,
};
use crate::domain::record_title;
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

/// Fewer messages than this are read one by one.
pub(super) const FEW: usize = 8;

/// How a display name is compared: lower case, white space as one space.
pub(super) fn folded_name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The id under which messages about one event claim each other; no Message-ID has a blank.
pub(crate) fn event_key(uid: &str) -> String {
    format!("event {uid}")
}

/// What makes two copies one mail.
pub(crate) fn message_identity(headers: &Headers) -> String {
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

/// What a message bears and cites, as rows of `message_keys`.
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
    }
    for id in ids {
        keys.insert(("id", id.as_str().to_owned()));
        keys.extend(token::in_id(id).map(|token| ("token", token.to_owned())));
    }
    keys.extend(token::in_subject(&headers.subject).map(|token| ("token", token)));
    keys.extend(headers.conversation.iter().map(|key| ("conversation", key.clone())));
    keys.extend(headers.from.iter().map(|author| ("name", folded_name(&author.name))));
    let calendar = body.and_then(|body| body.calendar.as_ref());
    keys.extend(calendar.map(|calendar| ("id", event_key(&calendar.uid))));
    let texts = body.filter(|body| body.holds_record).map(|body| [&body.author_text, &body.quoted_text]);
    let records = texts.into_iter().flatten().flat_map(|text| record_title::records_in(text));
    keys.extend(records.map(|title| ("record", title)));
    keys
}

/// Everybody whom a message names, and who is away by it, as rows of `message_people`: each address as it stands and
/// as the mailbox that it leads to.
fn people(headers: &Headers, body: Option<&MessageBody>) -> BTreeSet<(&'static str, Address)> {
    let mut named: Vec<&Address> = parties(headers).map(|one| &one.address).collect();
    if let Some(bounce) = body.and_then(|body| body.bounce.as_ref()) {
        named.extend(bounce.recipients.iter().map(|one| &one.address));
    }
    if let Some(calendar) = body.and_then(|body| body.calendar.as_ref()) {
        named.extend(calendar.organizer.iter().chain(calendar.attendees.iter().map(|one| &one.address)));
    }
    named.extend(body.and_then(|body| body.scheduler.as_ref()).iter().flat_map(|said| &said.addresses));
    let mut people: BTreeSet<(&'static str, Address)> = BTreeSet::new();
    for address in named {
        people.extend([("party", address.clone()), ("party", address.canonical())]);
    }
    if body.is_some_and(|body| body.kind == MessageKind::AutoReply) {
        for author in &headers.from {
            people.extend([("away", author.address.clone()), ("away", author.address.canonical())]);
        }
    }
    people
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

/// When the server had a copy: INTERNALDATE, unless the copy was imported or the server has lost it
/// (docs/behaviour.md section 5).
fn time(copy: &MessageCopy) -> DateTime<Utc> {
    match copy.stamp {
        Some(stamp) if copy.internal_date < stamp || copy.internal_date - stamp > TimeDelta::days(1) => stamp,
        _ => copy.internal_date,
    }
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

fn copy_of(row: &rusqlite::Row<'_>) -> Result<MessageCopy> {
    Ok(MessageCopy {
        place: CopyPlace {
            account: row.get(0)?,
            folder: row.get(1)?,
            uid_validity: row.get(2)?,
            uid: row.get(3)?,
        },
        internal_date: instant("copies", row.get(4)?)?,
        stamp: optional_instant("copies", row.get(5)?)?,
        is_sent: row.get(6)?,
        is_draft: row.get(7)?,
        is_dated: row.get(8)?,
        read_at: optional_instant("copies", row.get(9)?)?,
    })
}

impl WriteTransaction<'_> {
    /// Notes one copy of a mail, and its body where that was read.
    pub(crate) fn see(
        &self,
        headers: &Headers,
        body: Option<&MessageBody>,
        copy: &MessageCopy,
    ) -> Result<NotedMessage> {
        let identity = message_identity(headers);
        let known = self
            .connection
            .prepare_cached("SELECT seq, headers, body FROM messages WHERE identity = ?1")?
            .query_row([&identity], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, Option<String>>(2)?))
            })
            .optional()?;
        let (message, had_body, headers_news) = match known {
            None => {
                self.connection
                    .prepare_cached("INSERT INTO messages (identity, headers, body) VALUES (?1, ?2, ?3)")?
                    .execute(params![identity, headers.to_column(), body.map(Json::to_column)])?;
                let message = self.connection.last_insert_rowid();
                self.add_keys(message, headers, body, time(copy))?;
                (message, false, true)
            }
            Some((message, column_text, known_body)) => {
                let before: Headers = column("messages", &column_text)?;
                let after = merged(before.clone(), headers);
                let news = after != before;
                let at = self.seen_first(message)?.map_or(time(copy), |at| at.min(time(copy)));
                self.connection
                    .prepare_cached("UPDATE message_people SET at = ?2 WHERE message = ?1 AND at > ?2")?
                    .execute(params![message, seconds(at)])?;
                if news {
                    self.connection
                        .prepare_cached("UPDATE messages SET headers = ?2 WHERE seq = ?1")?
                        .execute(params![message, after.to_column()])?;
                    self.add_keys(message, &after, None, at)?;
                }
                if let (None, Some(body)) = (&known_body, body) {
                    self.set_body(message, headers, body, at)?;
                }
                (message, known_body.is_some(), news)
            }
        };
        let copy_news = self.add_copy(message, copy)?;
        let body_news = body.is_some() && !had_body;
        self.forget_read(message);
        if body.is_none() && !had_body && !self.concerned(message)?.is_empty() {
            self.want_body(message)?;
        }
        Ok(NotedMessage {
            message,
            news: copy_news || body_news || headers_news,
            has_body: had_body || body.is_some(),
        })
    }

    fn set_body(&self, message: i64, headers: &Headers, body: &MessageBody, at: DateTime<Utc>) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE messages SET body = ?2, body_due = 0 WHERE seq = ?1")?
            .execute(params![message, body.to_column()])?;
        self.add_keys(message, headers, Some(body), at)
    }

    /// A handoff has come to claim it, and its text is not known.
    pub(super) fn want_body(&self, message: i64) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE messages SET body_due = 1 WHERE seq = ?1 AND body IS NULL")?
            .execute([message])?;
        Ok(())
    }

    fn add_keys(
        &self,
        message: i64,
        headers: &Headers,
        body: Option<&MessageBody>,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO message_keys (kind, key, message) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?;
        for (kind, key) in keys(headers, body) {
            if !key.is_empty() {
                statement.execute(params![kind, key, message])?;
            }
        }
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO message_people (role, address, at, message) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?;
        for (role, address) in people(headers, body) {
            statement.execute(params![role, address.as_str(), seconds(at), message])?;
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

    /// The message. Within one transaction it is read once.
    pub(crate) fn message(&self, message: i64) -> Result<Option<Arc<Message>>> {
        if let Some(known) = self.messages.borrow().get(&message) {
            return Ok(Some(Arc::clone(known)));
        }
        let row = self
            .connection
            .prepare_cached("SELECT headers, body FROM messages WHERE seq = ?1")?
            .query_row([message], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)))
            .optional()?;
        let Some((headers, body)) = row else { return Ok(None) };
        let read = Arc::new(Message {
            headers: column("messages", &headers)?,
            body: body.map(|body| column("messages", &body)).transpose()?,
            copies: self.copies(message)?,
        });
        self.messages.borrow_mut().insert(message, Arc::clone(&read));
        Ok(Some(read))
    }

    /// The message has changed: it is read again when somebody asks for it.
    pub(super) fn forget_read(&self, message: i64) {
        self.messages.borrow_mut().remove(&message);
    }

    /// The same of all of them.
    pub(crate) fn forget_all_read(&self) {
        self.messages.borrow_mut().clear();
    }

    /// Whether the text of a message is known.
    pub(crate) fn has_body(&self, message: i64) -> Result<bool> {
        Ok(self
            .connection
            .prepare_cached("SELECT body IS NOT NULL FROM messages WHERE seq = ?1")?
            .query_row([message], |row| row.get(0))
            .optional()?
            .unwrap_or(false))
    }

    fn seen_first(&self, message: i64) -> Result<Option<DateTime<Utc>>> {
        let at = self
            .connection
            .prepare_cached(
                "SELECT min(CASE WHEN internal_date < stamp OR internal_date - stamp > 86400 THEN stamp
                    ELSE internal_date END) FROM copies WHERE message = ?1",
            )?
            .query_row([message], |row| row.get(0))?;
        optional_instant("copies", at)
    }

    /// Reads these messages, as far as they are not known, in a few statements.
    pub(super) fn read_messages(&self, wanted: &BTreeSet<i64>) -> Result<()> {
        let known = |seq: &i64| self.messages.borrow().contains_key(seq);
        let missing: Vec<i64> = wanted.iter().copied().filter(|seq| !known(seq)).collect();
        if missing.len() < FEW {
            return Ok(());
        }
        let numbers = serde_json::Value::from(missing).to_string();
        let mut copies: HashMap<i64, Vec<MessageCopy>> = HashMap::new();
        let mut statement = self.connection.prepare_cached(
            "SELECT p.account, p.folder, p.uid_validity, p.uid, p.internal_date, p.stamp, p.is_sent, p.is_draft,
                    p.is_dated, p.read_at, p.message
             FROM json_each(?1) n CROSS JOIN copies p ON p.message = n.value",
        )?;
        let mut rows = statement.query([&numbers])?;
        while let Some(row) = rows.next()? {
            copies.entry(row.get(10)?).or_default().push(copy_of(row)?);
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT m.seq, m.headers, m.body FROM json_each(?1) n CROSS JOIN messages m ON m.seq = n.value",
        )?;
        let mut rows = statement.query([&numbers])?;
        while let Some(row) = rows.next()? {
            let seq = row.get(0)?;
            let body: Option<String> = row.get(2)?;
            let read = Message {
                headers: column("messages", &row.get::<_, String>(1)?)?,
                body: body.map(|body| column("messages", &body)).transpose()?,
                copies: copies.remove(&seq).unwrap_or_default(),
            };
            self.messages.borrow_mut().insert(seq, Arc::new(read));
        }
        Ok(())
    }

    fn copies(&self, message: i64) -> Result<Vec<MessageCopy>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT account, folder, uid_validity, uid, internal_date, stamp, is_sent, is_draft, is_dated, read_at
             FROM copies WHERE message = ?1",
        )?;
        let mut rows = statement.query([message])?;
        let mut copies = Vec::new();
        while let Some(row) = rows.next()? {
            copies.push(copy_of(row)?);
        }
        Ok(copies)
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
            "SELECT p.message, p.uid FROM messages m CROSS JOIN copies p ON p.message = m.seq
             WHERE m.body_due AND p.account = ?1 AND p.folder = ?2 AND p.uid_validity = ?3
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
