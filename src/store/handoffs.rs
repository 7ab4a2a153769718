//! Handoffs, the facts that only they have, what they claim, and the facts as the judgement takes them.
//!
//! Facts that can be read off another table (mail seen, mail that left, folders read) are not kept twice:
//! `facts` puts them together. What a message must match to be a handoff's is decided here by keys alone;
//! what it means is the judgement's.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row as SqlRow, params};
use serde_json::{Value, json};

use crate::domain::fact::{Fact, FactKind, FixedDeadline, Statement};
use crate::domain::handoff::{Handoff, Record};
use crate::domain::judge::Claim;
use crate::domain::message::{Address, MessageId};

use super::json::{Json, field};
use super::{
    ReadTransaction, Result, StoreError, WriteTransaction, column, instant, optional_instant, seconds,
};

/// A handoff and the very text that it was handed in as.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredHandoff {
    pub handoff: Handoff,
    pub record_text: String,
    /// As last judged.
    pub open: bool,
    pub wake: Option<DateTime<Utc>>,
    /// As last judged: it waits for every folder to be read past this instant.
    pub awaiting: Option<DateTime<Utc>>,
}

/// What is kept of a judgement, to know when to judge again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Projection {
    pub open: bool,
    /// When time alone may change it.
    pub wake: Option<DateTime<Utc>>,
    /// It waits for every folder to be read past this instant.
    pub awaiting: Option<DateTime<Utc>>,
}

/// A fact that is kept with its handoff.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NewFact {
    IntroAsked { sending: u32, record: Option<Box<Record>> },
    LastLook { deadline: DateTime<Utc>, refused: Vec<String> },
    DeadlineFixed(FixedDeadline),
    Said(Statement),
}

impl NewFact {
    /// What makes the fact unique within its handoff.
    fn source(&self) -> String {
        match self {
            NewFact::IntroAsked { sending, .. } => format!("intro-asked:{sending}"),
            NewFact::LastLook { deadline, .. } => format!("last-look:{}", seconds(*deadline)),
            NewFact::DeadlineFixed(fixed) => format!("deadline:{}:{}", seconds(fixed.started), fixed.ae),
            NewFact::Said(statement) => format!("said:{}", statement.id),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            NewFact::IntroAsked { .. } => "intro-asked",
            NewFact::LastLook { .. } => "last-look",
            NewFact::DeadlineFixed(_) => "deadline-fixed",
            NewFact::Said(_) => "said",
        }
    }

    fn data(&self) -> Value {
        match self {
            NewFact::IntroAsked { sending, record } => {
                json!({"sending": sending, "record": record.as_ref().map(|record| record.to_json())})
            }
            NewFact::LastLook { deadline, refused } => {
                json!({"deadline": deadline.to_json(), "refused": refused.to_json()})
            }
            NewFact::DeadlineFixed(fixed) => fixed.to_json(),
            NewFact::Said(statement) => statement.to_json(),
        }
    }

    fn read(kind: &str, data: &Value) -> Option<FactKind> {
        Some(match kind {
            "intro-asked" => FactKind::IntroAsked {
                sending: field(data, "sending")?,
                record: field::<Option<Record>>(data, "record")?.map(Box::new),
            },
            "last-look" => {
                FactKind::LastLook { deadline: field(data, "deadline")?, refused: field(data, "refused")? }
            }
            "deadline-fixed" => FactKind::DeadlineFixed(FixedDeadline::from_json(data)?),
            "said" => FactKind::Said(Statement::from_json(data)?),
            _ => return None,
        })
    }
}

type RawHandoffRow = (String, String, String, i64, bool, Option<i64>, Option<i64>);

fn stored(row: &SqlRow<'_>) -> rusqlite::Result<RawHandoffRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

const COLUMNS: &str = "id, record_text, record, created_at, open, wake, awaiting";

impl ReadTransaction<'_> {
    pub(crate) fn handoff(&self, id: &str) -> Result<Option<StoredHandoff>> {
        let sql = format!("SELECT {COLUMNS} FROM handoffs WHERE id = ?1");
        self.connection.query_row(&sql, [id], stored).optional()?.map(read_handoff).transpose()
    }

    /// Every handoff, oldest first.
    pub fn handoffs(&self) -> Result<Vec<StoredHandoff>> {
        let sql = format!("SELECT {COLUMNS} FROM handoffs ORDER BY seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map([], stored)?.collect::<rusqlite::Result<Vec<_>>>()?;
        rows.into_iter().map(read_handoff).collect()
    }

    /// Ids of the handoffs that were open when last judged.
    pub(crate) fn open_handoffs(&self) -> Result<Vec<String>> {
        self.strings("SELECT id FROM handoffs WHERE open ORDER BY seq", [])
    }

    /// Handoffs whose judgement time alone may have changed by `now`.
    pub fn due(&self, now: DateTime<Utc>) -> Result<Vec<String>> {
        self.strings("SELECT id FROM handoffs WHERE wake <= ?1 ORDER BY wake", [seconds(now)])
    }

    /// Handoffs that wait for a folder to be read.
    pub(crate) fn awaiting(&self) -> Result<Vec<String>> {
        self.strings("SELECT id FROM handoffs WHERE awaiting IS NOT NULL ORDER BY seq", [])
    }

    /// The latest instant past which folders have to be read for some handoff.
    pub fn awaited(&self) -> Result<Option<DateTime<Utc>>> {
        let sql = "SELECT max(awaiting) FROM handoffs";
        optional_instant("handoffs", self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// The earliest instant at which time alone may change a judgement.
    pub fn next_wake(&self) -> Result<Option<DateTime<Utc>>> {
        let wake = self.connection.query_row("SELECT min(wake) FROM handoffs", [], |row| row.get(0))?;
        optional_instant("handoffs", wake)
    }

    /// When the oldest open handoff was made: mail before it can be nobody's answer.
    pub(crate) fn oldest_open(&self) -> Result<Option<DateTime<Utc>>> {
        let sql = "SELECT min(created_at) FROM handoffs WHERE open";
        optional_instant("handoffs", self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Every claim: its kind, its key, and whether the handoff was open when last judged.
    pub(crate) fn claims(&self) -> Result<Vec<(String, String, bool)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT c.kind, c.key, max(h.open) FROM claims c JOIN handoffs h ON h.id = c.handoff GROUP BY c.kind, c.key",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Everything that is known about a handoff, in no particular order.
    pub(crate) fn facts(&self, id: &str) -> Result<Vec<Fact>> {
        let mut facts = self.own_facts(id)?;
        facts.extend(self.mail_facts(id)?);
        facts.extend(self.message_facts(id)?);
        facts.extend(self.folder_facts()?);
        facts.extend(
            self.aliases()?
                .into_iter()
                .map(|(at, person, address)| Fact { at, what: FactKind::AliasTaught { person, address } }),
        );
        if let Some(since) = self.meta("clock-in-doubt")?.and_then(|value| value.parse().ok()) {
            facts.push(Fact { at: instant("meta", since)?, what: FactKind::ClockInDoubt });
        }
        Ok(facts)
    }

    /// How many facts were added to a handoff so far; those that follow from mail are not among them.
    pub(crate) fn count_facts(&self, id: &str) -> Result<u32> {
        let sql = "SELECT count(*) FROM facts WHERE handoff = ?1";
        Ok(self.connection.query_row(sql, [id], |row| row.get(0))?)
    }

    pub(crate) fn own_facts(&self, id: &str) -> Result<Vec<Fact>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT at, kind, data FROM facts WHERE handoff = ?1 ORDER BY seq")?;
        let rows = statement
            .query_map([id], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?
            .collect::<rusqlite::Result<Vec<(i64, String, String)>>>()?;
        rows.into_iter()
            .map(|(at, kind, data)| {
                let unreadable = || StoreError::Row { table: "facts", key: format!("{id} {kind}") };
                let data: Value = serde_json::from_str(&data).map_err(|_| unreadable())?;
                let what = NewFact::read(&kind, &data).ok_or_else(unreadable)?;
                Ok(Fact { at: instant("facts", at)?, what })
            })
            .collect()
    }

    /// Addresses taught to be somebody's: since when it is known, whose, which.
    pub(crate) fn aliases(&self) -> Result<Vec<(DateTime<Utc>, String, Address)>> {
        let mut statement = self.connection.prepare_cached("SELECT at, person, address FROM aliases")?;
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))?
            .collect::<rusqlite::Result<Vec<(i64, String, String)>>>()?;
        rows.into_iter()
            .map(|(at, person, address)| {
                let address =
                    Address::new(&address).ok_or(StoreError::Row { table: "aliases", key: address })?;
                Ok((instant("aliases", at)?, person, address))
            })
            .collect()
    }

    pub(super) fn strings(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map(parameters, |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }
}

fn read_handoff(
    (id, record_text, record, created_at, open, wake, awaiting): RawHandoffRow,
) -> Result<StoredHandoff> {
    let handoff =
        Handoff { record: column("handoffs", &record)?, created_at: instant("handoffs", created_at)?, id };
    Ok(StoredHandoff {
        handoff,
        record_text,
        open,
        wake: optional_instant("handoffs", wake)?,
        awaiting: optional_instant("handoffs", awaiting)?,
    })
}

impl WriteTransaction<'_> {
    pub(crate) fn add_handoff(&self, handoff: &Handoff, record_text: &str) -> Result<()> {
        self.connection.execute(
            "INSERT INTO handoffs (id, record_text, record, created_at) VALUES (?1, ?2, ?3, ?4)",
            params![handoff.id, record_text, handoff.record.to_column(), seconds(handoff.created_at)],
        )?;
        Ok(())
    }

    /// Takes back a handoff of which nothing has left, with all that hangs on it.
    pub(crate) fn remove_handoff(&self, id: &str) -> Result<()> {
        self.connection.execute("DELETE FROM handoffs WHERE id = ?1", [id])?;
        Ok(())
    }

    /// Adds a fact; one that is known already stays as it was.
    pub(crate) fn add_fact(&self, handoff: &str, at: DateTime<Utc>, fact: &NewFact) -> Result<()> {
        self.connection.execute(
            "INSERT INTO facts (handoff, source, at, kind, data) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (handoff, source) DO NOTHING",
            params![handoff, fact.source(), seconds(at), fact.kind(), fact.data().to_string()],
        )?;
        Ok(())
    }

    /// Takes back the asking for an intro that was refused before it could leave.
    pub(crate) fn remove_intro_asked(&self, handoff: &str, sending: u32) -> Result<()> {
        self.connection.execute(
            "DELETE FROM facts WHERE handoff = ?1 AND source = ?2",
            params![handoff, format!("intro-asked:{sending}")],
        )?;
        Ok(())
    }

    /// Whether the alias is news.
    pub(crate) fn teach_alias(&self, person: &str, address: &Address, at: DateTime<Utc>) -> Result<bool> {
        let added = self.connection.execute(
            "INSERT INTO aliases (person, address, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            params![person, address.as_str(), seconds(at)],
        )?;
        Ok(added > 0)
    }

    /// Notes what the last judgement said about the handoff itself.
    pub(crate) fn set_projection(&self, id: &str, projection: Projection) -> Result<()> {
        let Projection { open, wake, awaiting } = projection;
        self.connection.execute(
            "UPDATE handoffs SET open = ?2, wake = ?3, awaiting = ?4 WHERE id = ?1",
            params![id, open, wake.map(seconds), awaiting.map(seconds)],
        )?;
        Ok(())
    }

    /// Replaces what the handoff claims. `own` are those of its addresses that belong to configured people:
    /// mail between them is remembered, not claimed. Returns what is new of it.
    pub(crate) fn set_claims(&self, id: &str, claim: &Claim, own: &BTreeSet<Address>) -> Result<NewClaims> {
        let mut wanted: BTreeSet<(&str, String)> = BTreeSet::new();
        wanted.extend(claim.ids.iter().map(|key| ("id", key.as_str().to_owned())));
        wanted.extend(claim.tokens.iter().map(|key| ("token", key.clone())));
        wanted.extend(claim.conversations.iter().map(|key| ("conversation", key.clone())));
        wanted.extend(claim.look_alikes.iter().map(|key| ("name", super::messages::folded_name(key))));
        wanted.extend(claim.addresses.iter().map(|key| {
            let kind = if own.contains(key) { "own" } else { "address" };
            (kind, key.as_str().to_owned())
        }));
        let mut had: BTreeMap<(String, String), ()> = BTreeMap::new();
        let mut statement =
            self.connection.prepare_cached("SELECT kind, key FROM claims WHERE handoff = ?1")?;
        for row in statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))? {
            had.insert(row?, ());
        }
        let mut new = NewClaims::default();
        for (kind, key) in &wanted {
            if had.remove(&((*kind).to_owned(), key.clone())).is_some() {
                continue;
            }
            self.connection
                .prepare_cached("INSERT INTO claims (kind, key, handoff) VALUES (?1, ?2, ?3)")?
                .execute(params![kind, key, id])?;
            match *kind {
                "address" => new.addresses.extend(Address::new(key)),
                "own" | "name" => {}
                "id" => {
                    new.ids.extend(MessageId::new(key));
                    new.threads = true;
                }
                _ => new.threads = true,
            }
        }
        for (kind, key) in had.into_keys() {
            self.connection
                .prepare_cached("DELETE FROM claims WHERE kind = ?1 AND key = ?2 AND handoff = ?3")?
                .execute(params![kind, key, id])?;
        }
        Ok(new)
    }
}

/// What a handoff claims now and did not before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NewClaims {
    pub ids: Vec<MessageId>,
    pub addresses: Vec<Address>,
    /// An id, a token or a conversation is new: messages may have come to belong to the thread.
    pub threads: bool,
}
