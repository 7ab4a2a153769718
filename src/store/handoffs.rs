//! Handoffs, the facts that only they have, what they claim, and the facts as the judgement takes them.
//!
//! Facts that can be read off another table (mail seen, mail that left, folders read) are not kept twice:
//! `facts` puts them together. What a message must match to be a handoff's is decided here by keys alone;
//! what it means is the judgement's.

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use rusqlite::{OptionalExtension, Row as SqlRow, params};
use serde_json::{Value, json};

use crate::domain::fact::{Fact, FactKind, FixedDeadline, Statement, StatementKind};
use crate::domain::handoff::{Handoff, Record};
use crate::domain::judge::AwaitedReading;
use crate::domain::message::Address;

use super::json::{Json, StoredValue, field};
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Projection {
    pub open: bool,
    /// When time alone may change it.
    pub wake: Option<DateTime<Utc>>,
    /// Since when it waits for folders to be read.
    pub awaiting: Option<DateTime<Utc>>,
    /// What that is, where nothing but reading it can change the judgement.
    pub awaiting_reading: Option<AwaitedReading>,
}

/// A fact that is kept with its handoff.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NewFact {
    IntroAsked { sending: u32, record: Option<Box<Record>> },
    LastLook { deadline: DateTime<Utc>, refused: Vec<String> },
    DeadlineFixed(FixedDeadline),
    AddressHeld { person: String, address: Address },
    DelegateHeld { ae: String, address: Address },
    Said(Statement),
}

impl NewFact {
    /// What makes the fact unique within its handoff.
    fn source(&self) -> String {
        match self {
            NewFact::IntroAsked { sending, .. } => format!("intro-asked:{sending}"),
            NewFact::LastLook { deadline, .. } => format!("last-look:{}", seconds(*deadline)),
            NewFact::DeadlineFixed(fixed) => format!("deadline:{}:{}", seconds(fixed.started), fixed.ae),
            NewFact::AddressHeld { person, address } => format!("address:{address}:{person}"),
            NewFact::DelegateHeld { ae, address } => format!("delegate:{address}:{ae}"),
            NewFact::Said(statement) => format!("said:{}", statement.id),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            NewFact::IntroAsked { .. } => "intro-asked",
            NewFact::LastLook { .. } => "last-look",
            NewFact::DeadlineFixed(_) => "deadline-fixed",
            NewFact::AddressHeld { .. } => "address-held",
            NewFact::DelegateHeld { .. } => "delegate-held",
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
            NewFact::AddressHeld { person, address } => {
                json!({"person": person, "address": address.to_json()})
            }
            NewFact::DelegateHeld { ae, address } => json!({"ae": ae, "address": address.to_json()}),
            NewFact::Said(statement) => statement.to_json(),
        }
    }

    fn read(kind: &str, data: &StoredValue<'_>) -> Option<FactKind> {
        Some(match kind {
            "intro-asked" => FactKind::IntroAsked {
                sending: field(data, "sending")?,
                record: field::<Option<Record>>(data, "record")?.map(Box::new),
            },
            "last-look" => {
                FactKind::LastLook { deadline: field(data, "deadline")?, refused: field(data, "refused")? }
            }
            "deadline-fixed" => FactKind::DeadlineFixed(FixedDeadline::from_json(data)?),
            "address-held" => {
                FactKind::AddressHeld { person: field(data, "person")?, address: field(data, "address")? }
            }
            "delegate-held" => {
                FactKind::DelegateHeld { ae: field(data, "ae")?, address: field(data, "address")? }
            }
            "said" => FactKind::Said(Statement::from_json(data)?),
            _ => return None,
        })
    }
}

type RawHandoffRow = (String, String, String, i64, bool, Option<i64>, Option<i64>);

fn stored(row: &SqlRow<'_>) -> rusqlite::Result<RawHandoffRow> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
}

/// How many handoffs one transaction judges because their time has come: others wait for it to end.
const AT_ONCE: u32 = 5;

const COLUMNS: &str = "id, record_text, record, created_at, open, wake, awaiting";

impl ReadTransaction<'_> {
    pub(crate) fn handoff(&self, id: &str) -> Result<Option<StoredHandoff>> {
        let sql = format!("SELECT {COLUMNS} FROM handoffs WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.query_row([id], stored).optional()?.map(read_handoff).transpose()
    }

    /// Every handoff, oldest first.
    pub fn handoffs(&self) -> Result<Vec<StoredHandoff>> {
        self.stored_handoffs("ORDER BY seq", [])
    }

    fn stored_handoffs(&self, which: &str, parameters: impl rusqlite::Params) -> Result<Vec<StoredHandoff>> {
        let sql = format!("SELECT {COLUMNS} FROM handoffs {which}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(parameters, stored)?.collect::<rusqlite::Result<Vec<_>>>()?;
        rows.into_iter().map(read_handoff).collect()
    }

    /// Ids of the handoffs that were open when last judged.
    pub(crate) fn open_handoffs(&self) -> Result<Vec<String>> {
        self.strings("SELECT id FROM handoffs WHERE open ORDER BY created_at, seq", [])
    }

    /// Ids of all handoffs, oldest first.
    pub(crate) fn handoff_ids(&self) -> Result<Vec<String>> {
        self.strings("SELECT id FROM handoffs ORDER BY seq", [])
    }

    /// Id and company of every handoff.
    pub(crate) fn handoff_names(&self) -> Result<Vec<(String, String)>> {
        let sql = "SELECT id, json_extract(record, '$.company') FROM handoffs";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?)
    }

    /// Handoffs of the company of this name, whatever the case.
    pub(crate) fn handoffs_of_company(&self, company: &str) -> Result<Vec<StoredHandoff>> {
        self.stored_handoffs("WHERE company_key = ?1 ORDER BY seq", [company_key(company)])
    }

    /// Handoffs whose id begins so.
    pub(crate) fn handoffs_beginning(&self, id: &str) -> Result<Vec<StoredHandoff>> {
        self.stored_handoffs("WHERE id >= ?1 AND id < ?1 || char(1114111) ORDER BY seq", [id])
    }

    /// Handoffs of companies whose name begins so, whatever the case.
    pub(crate) fn handoffs_of_company_beginning(&self, company: &str) -> Result<Vec<StoredHandoff>> {
        let key = company_key(company);
        self.stored_handoffs(
            "WHERE company_key >= ?1 AND company_key < ?1 || char(1114111) ORDER BY seq",
            [key],
        )
    }

    /// The handoffs that were made from this very record, the first one first.
    pub(crate) fn handoffs_of_record(&self, record: &Record) -> Result<Vec<String>> {
        self.strings("SELECT id FROM handoffs WHERE record_hash = ?1 ORDER BY seq", [record_hash(record)])
    }

    /// Whether handoffs of an older format are without what they are found by.
    pub(super) fn has_unkeyed_handoffs(&self) -> Result<bool> {
        let sql = "SELECT 1 FROM handoffs WHERE record_hash IS NULL LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.exists([])?)
    }

    /// Handoffs whose judgement time alone may have changed by `now`, or that were left to be judged.
    /// Not more than one transaction can judge; the others are due after that.
    pub fn due(&self, now: DateTime<Utc>) -> Result<Vec<String>> {
        let sql = "SELECT id FROM handoffs WHERE wake <= ?1 ORDER BY wake LIMIT ?2";
        self.strings(sql, params![seconds(now), AT_ONCE])
    }

    /// The earliest instant at which time alone may change a judgement.
    pub fn next_wake(&self) -> Result<Option<DateTime<Utc>>> {
        let wake = self.connection.query_row(
            "SELECT min(wake) FROM handoffs WHERE wake IS NOT NULL",
            [],
            |row| row.get(0),
        )?;
        optional_instant("handoffs", wake)
    }

    /// When the oldest open handoff was made: mail before it can be nobody's answer.
    pub(crate) fn oldest_open(&self) -> Result<Option<DateTime<Utc>>> {
        let sql = "SELECT min(created_at) FROM handoffs WHERE open";
        optional_instant("handoffs", self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Everything that is known about a handoff, in no particular order, folders and outages aside (`folder_facts`).
    pub fn facts(&self, id: &str) -> Result<Vec<Fact>> {
        let mut facts = self.own_facts(id)?;
        facts.extend(self.mail_facts(id)?);
        facts.extend(self.message_facts(id)?);
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

    /// Name of the AE whom a person gave the handoff to last; `None`: nobody did.
    pub(crate) fn reassigned_to(&self, id: &str) -> Result<Option<String>> {
        let mut last: Option<(DateTime<Utc>, String, String)> = None;
        for fact in self.own_facts(id)? {
            if let FactKind::Said(Statement { id, says: StatementKind::Reassigned { ae }, .. }) = fact.what {
                last = last.max(Some((fact.at, id, ae)));
            }
        }
        Ok(last.map(|(_, _, ae)| ae))
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
                let data = StoredValue::read(&data).ok_or_else(unreadable)?;
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

/// What a company is found by.
fn company_key(company: &str) -> String {
    company.trim().to_lowercase()
}

/// The same for two records that say the same.
fn record_hash(record: &Record) -> String {
    let hash = digest(&SHA256, record.to_column().as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
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
        self.connection
            .prepare_cached(
                "INSERT INTO handoffs (id, record_text, record, created_at, company_key, record_hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                handoff.id,
                record_text,
                handoff.record.to_column(),
                seconds(handoff.created_at),
                company_key(&handoff.record.company),
                record_hash(&handoff.record),
            ])?;
        Ok(())
    }

    /// Gives handoffs of an older format what they are found by.
    pub(super) fn key_handoffs(&self) -> Result<()> {
        for stored in self.stored_handoffs("WHERE record_hash IS NULL", [])? {
            let record = &stored.handoff.record;
            self.connection
                .prepare_cached("UPDATE handoffs SET company_key = ?2, record_hash = ?3 WHERE id = ?1")?
                .execute(params![stored.handoff.id, company_key(&record.company), record_hash(record)])?;
        }
        Ok(())
    }

    /// Takes back a handoff of which nothing has left, with all that hangs on it.
    pub(crate) fn remove_handoff(&self, id: &str) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM handoffs WHERE id = ?1")?.execute([id])?;
        Ok(())
    }

    /// Adds a fact; one that is known already stays as it was.
    pub(crate) fn add_fact(&self, handoff: &str, at: DateTime<Utc>, fact: &NewFact) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO facts (handoff, source, at, kind, data) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (handoff, source) DO NOTHING",
            )?
            .execute(params![handoff, fact.source(), seconds(at), fact.kind(), fact.data().to_string()])?;
        Ok(())
    }

    /// Takes back the asking for an intro that was refused before it could leave.
    pub(crate) fn remove_intro_asked(&self, handoff: &str, sending: u32) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM facts WHERE handoff = ?1 AND source = ?2")?
            .execute(params![handoff, format!("intro-asked:{sending}")])?;
        Ok(())
    }

    /// Takes back last looks that were dated since then by a wrong clock.
    pub(crate) fn forget_looks_since(&self, handoff: &str, since: DateTime<Utc>) -> Result<()> {
        let sql = "DELETE FROM facts
             WHERE handoff = ?1 AND source >= 'last-look:' AND source < 'last-look;' AND at >= ?2";
        self.connection.prepare_cached(sql)?.execute(params![handoff, seconds(since)])?;
        Ok(())
    }

    /// Whether the alias is news.
    pub(crate) fn teach_alias(&self, person: &str, address: &Address, at: DateTime<Utc>) -> Result<bool> {
        let added = self
            .connection
            .prepare_cached(
                "INSERT INTO aliases (person, address, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute(params![person, address.as_str(), seconds(at)])?;
        Ok(added > 0)
    }

    /// Notes what the last judgement said about the handoff itself.
    pub(crate) fn set_projection(&self, id: &str, projection: Projection) -> Result<()> {
        let Projection { open, wake, awaiting, awaiting_reading } = projection;
        let reading = awaiting_reading.map(|reading| reading.to_column());
        // Most judgements say what the one before them said.
        let sql =
            "UPDATE handoffs SET open = ?2, wake = ?3, awaiting = ?4, awaiting_reading = ?5 WHERE id = ?1
             AND NOT (open = ?2 AND wake IS ?3 AND awaiting IS ?4 AND awaiting_reading IS ?5)";
        self.connection.prepare_cached(sql)?.execute(params![
            id,
            open,
            wake.map(seconds),
            awaiting.map(seconds),
            reading
        ])?;
        Ok(())
    }

    /// Since when the handoff is closed, or that it is open (again).
    pub(crate) fn set_closed(&self, id: &str, closed_at: Option<DateTime<Utc>>) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE handoffs SET closed_at = ?2 WHERE id = ?1")?
            .execute(params![id, closed_at.map(seconds)])?;
        Ok(())
    }

    /// Every open handoff is to be judged: what was learnt may concern each of them.
    pub(crate) fn judge_all_soon(&self, now: DateTime<Utc>) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE handoffs SET wake = ?1 WHERE open AND (wake IS NULL OR wake > ?1)")?
            .execute([seconds(now)])?;
        Ok(())
    }

    /// The handoff is judged at the end of this transaction's work or soon after it, not by this transaction.
    pub(crate) fn judge_soon(&self, id: &str, now: DateTime<Utc>) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE handoffs SET wake = ?2 WHERE id = ?1 AND (wake IS NULL OR wake > ?2)")?
            .execute(params![id, seconds(now)])?;
        Ok(())
    }
}
