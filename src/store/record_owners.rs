//! Whose record a message carries, and whom of other handoffs it reaches. docs/behaviour.md section 8.
//!
//! A record may go to a prospect contact of another handoff, which sees the mail by its people: it is told for the handoff
//! whose record it is. Only of mail that carries a record, or answers a mail of ours, is anything asked, and of each title
//! and address once.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use rusqlite::params;

use crate::domain::fact::FactKind;
use crate::domain::message::{Address, Headers, Message, MessageId};
use crate::domain::token;

use super::{ReadTransaction, Result, optional_instant};

/// One of the handoffs whose record has a title.
#[derive(Clone, Debug)]
struct RecordOwner {
    handoff: String,
    /// Since when it tells of what gets out: it is open, and this is when its intro left. `MIN_UTC`: it has told already.
    tells_from: Option<DateTime<Utc>>,
}

/// What is known for one handoff while its mail is read.
#[derive(Debug)]
pub(super) struct RecordOwners<'a> {
    handoff: &'a str,
    /// Messages that carry its own record: all of a thread in which that is quoted.
    own: BTreeSet<i64>,
    owners: HashMap<String, Vec<RecordOwner>>,
    claimants: HashMap<Address, BTreeSet<String>>,
}

impl<'a> RecordOwners<'a> {
    pub(super) fn of(tx: &ReadTransaction<'_>, handoff: &'a str) -> Result<Self> {
        let own = tx.with_its_record(handoff)?;
        Ok(Self { handoff, own, owners: HashMap::new(), claimants: HashMap::new() })
    }

    /// The messages that carry its record.
    pub(super) fn own(&self) -> &BTreeSet<i64> {
        &self.own
    }

    /// What a message means for others; nothing where it has no id to name it by.
    pub(super) fn facts(
        &mut self,
        tx: &ReadTransaction<'_>,
        seq: i64,
        message: &Message,
        is_in_thread: bool,
    ) -> Result<Vec<FactKind>> {
        let Some(at) = message.copies.iter().map(|copy| copy.internal_date).min() else {
            return Ok(Vec::new());
        };
        let headers = &message.headers;
        let is_ours = |id: &MessageId| token::in_id(id).is_some();
        let Some(id) = headers.id.clone().filter(|id| !is_ours(id)) else { return Ok(Vec::new()) };
        let carries = message.body.as_ref().is_some_and(|body| body.holds_record);
        let answers = is_in_thread
            && (headers.in_reply_to.iter().chain(&headers.references).any(is_ours)
                || token::in_subject(&headers.subject).is_some());
        if !carries && !answers {
            return Ok(Vec::new());
        }
        let is_own = self.own.contains(&seq);
        let mut facts = Vec::new();
        if carries
            && !is_own
            && self.owners_in(tx, seq)?.iter().any(|owner| owner.tells_from.is_some_and(|from| from <= at))
        {
            facts.push(FactKind::RecordOfOther { message: id.clone() });
        }
        if is_own || answers {
            let addresses = self.of_others(tx, headers, seq)?;
            if !addresses.is_empty() {
                facts.push(FactKind::NamesOthersProspects { message: id, addresses });
            }
        }
        Ok(facts)
    }

    /// Whose the records are that a message carries.
    fn owners_in(&mut self, tx: &ReadTransaction<'_>, seq: i64) -> Result<Vec<RecordOwner>> {
        let mut owners = Vec::new();
        for title in tx.record_titles(seq)? {
            owners.extend(self.owners_of(tx, title)?);
        }
        Ok(owners)
    }

    fn owners_of(&mut self, tx: &ReadTransaction<'_>, title: String) -> Result<Vec<RecordOwner>> {
        if let Some(known) = self.owners.get(&title) {
            return Ok(known.clone());
        }
        let owners = tx.owners_of_record(&title)?;
        self.owners.insert(title, owners.clone());
        Ok(owners)
    }

    /// Who is a prospect contact of a handoff that owns no record of the message, and not of this one.
    fn of_others(&mut self, tx: &ReadTransaction<'_>, headers: &Headers, seq: i64) -> Result<Vec<Address>> {
        let parties = headers.from.iter().chain(&headers.to).chain(&headers.cc).chain(&headers.bcc);
        let addresses: BTreeSet<&Address> = parties.map(|one| &one.address).collect();
        let mut owners = None;
        let mut found = Vec::new();
        for address in addresses {
            if !self.claimants.contains_key(address) {
                self.claimants.insert(address.clone(), tx.prospect_of(address)?);
            }
            let claimants = self.claimants.get(address).cloned().unwrap_or_default();
            if claimants.is_empty() || claimants.contains(self.handoff) {
                continue;
            }
            if owners.is_none() {
                owners = Some(self.owners_in(tx, seq)?);
            }
            let is_owner = |id: &String| owners.iter().flatten().any(|owner| owner.handoff == *id);
            if claimants.iter().any(|id| !is_owner(id)) {
                found.push(address.clone());
            }
        }
        Ok(found)
    }
}

impl ReadTransaction<'_> {
    fn record_titles(&self, message: i64) -> Result<Vec<String>> {
        self.strings("SELECT key FROM message_keys WHERE message = ?1 AND kind = 'record'", [message])
    }

    fn owners_of_record(&self, title: &str) -> Result<Vec<RecordOwner>> {
        let sql = "SELECT c.handoff,
                       CASE WHEN h.open THEN (SELECT min(i.sent_at) FROM outbox i
                           WHERE i.handoff = c.handoff AND i.kind = 'intro' AND i.state = 'sent') END,
                       EXISTS (SELECT 1 FROM outbox o
                           WHERE o.handoff = c.handoff AND o.kind = 'record-leaked' AND o.state <> 'cancelled')
                   FROM claims c CROSS JOIN handoffs h ON h.id = c.handoff
                   WHERE c.kind IN ('record', 'past-record') AND c.key = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([title])?;
        let mut owners = Vec::new();
        while let Some(row) = rows.next()? {
            let has_told: bool = row.get(2)?;
            let since = optional_instant("outbox", row.get(1)?)?;
            let tells_from = if has_told { Some(DateTime::<Utc>::MIN_UTC) } else { since };
            owners.push(RecordOwner { handoff: row.get(0)?, tells_from });
        }
        Ok(owners)
    }

    /// The handoffs that have the address as a prospect contact's.
    fn prospect_of(&self, address: &Address) -> Result<BTreeSet<String>> {
        let sql =
            "SELECT handoff FROM claims WHERE kind IN ('prospect', 'past-prospect') AND key IN (?1, ?2)";
        let found = self.strings(sql, params![address.as_str(), address.canonical().as_str()])?;
        Ok(found.into_iter().collect())
    }

    /// Messages that carry a record of the handoff.
    fn with_its_record(&self, handoff: &str) -> Result<BTreeSet<i64>> {
        let sql =
            "SELECT k.message FROM claims c CROSS JOIN message_keys k ON k.kind = 'record' AND k.key = c.key
             WHERE c.handoff = ?1 AND c.kind IN ('record', 'past-record')";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map([handoff], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }
}
