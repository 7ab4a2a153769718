//! Recipients of a mail that left for whom the server did not take it: who they are, and when it is tried again for them
//! alone. docs/behaviour.md section 12.
//!
//! The mail itself counts as sent; most mails leave to everybody at once and have no row here.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::{
    LeaseState, ReadTransaction, Result, StoreError, WriteTransaction, instant, optional_instant, seconds,
};
use crate::domain::message::Address;

/// One recipient who has not got a mail that left to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MissingRecipient {
    /// The mail's row in the outbox.
    pub mail: i64,
    pub address: Address,
    /// What the server said last.
    pub answer: String,
    pub first_tried: DateTime<Utc>,
    pub attempts: u32,
    /// How often the address was refused for good.
    pub refusals: u32,
    /// `None`: it is not tried again by itself.
    pub next_attempt: Option<DateTime<Utc>>,
}

const TABLE: &str = "missing_recipients";

fn missing_row(row: &rusqlite::Row<'_>) -> Result<MissingRecipient> {
    Ok(MissingRecipient {
        mail: row.get(0)?,
        address: address(&row.get::<_, String>(1)?)?,
        answer: row.get(2)?,
        first_tried: instant(TABLE, row.get(3)?)?,
        attempts: row.get(4)?,
        refusals: row.get(5)?,
        next_attempt: optional_instant(TABLE, row.get(6)?)?,
    })
}

fn address(text: &str) -> Result<Address> {
    Address::new(text).ok_or_else(|| StoreError::Row { table: TABLE, key: text.to_owned() })
}

impl ReadTransaction<'_> {
    fn missing(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<MissingRecipient>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(parameters)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(missing_row(row)?);
        }
        Ok(found)
    }

    /// Whom a mail has not reached.
    pub(crate) fn missing_of(&self, mail: i64) -> Result<Vec<MissingRecipient>> {
        self.missing(
            "SELECT mail, address, answer, first_tried, attempts, refusals, next_attempt FROM missing_recipients
             WHERE mail = ?1",
            [mail],
        )
    }

    /// Mails that wait for a person, since they have not reached everybody and are refused or in doubt.
    pub(crate) fn mails_with_missing(&self) -> Result<Vec<i64>> {
        let sql = "SELECT DISTINCT mail FROM missing_recipients WHERE refusals > 0 OR next_attempt IS NULL";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whoever is tried again some time, the earliest first.
    pub(crate) fn missing_to_try(&self) -> Result<Vec<MissingRecipient>> {
        self.missing(
            "SELECT mail, address, answer, first_tried, attempts, refusals, next_attempt FROM missing_recipients
             WHERE next_attempt IS NOT NULL AND under_way = 0 ORDER BY next_attempt",
            [],
        )
    }

    /// Recipients whom a server has refused for good, of handoffs that are open and of none.
    pub(crate) fn refused_recipients(&self) -> Result<u64> {
        self.count(
            "SELECT count(*) FROM missing_recipients m CROSS JOIN outbox o ON o.seq = m.mail
             LEFT JOIN handoffs h ON h.id = o.handoff
             WHERE (m.refusals > 0 OR m.next_attempt IS NULL) AND (h.id IS NULL OR h.open)",
        )
    }
}

impl WriteTransaction<'_> {
    /// Notes who has not got a mail, in the place of what was known of it.
    pub(crate) fn note_missing(&self, missing: &MissingRecipient) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO missing_recipients (mail, address, answer, first_tried, attempts, refusals, next_attempt,
                     under_way) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)
                 ON CONFLICT (mail, address) DO UPDATE SET answer = ?3, first_tried = ?4, attempts = ?5, refusals = ?6,
                     next_attempt = ?7, under_way = 0",
            )?
            .execute(params![
                missing.mail,
                missing.address.as_str(),
                missing.answer,
                seconds(missing.first_tried),
                missing.attempts,
                missing.refusals,
                missing.next_attempt.map(seconds),
            ])?;
        Ok(())
    }

    /// The mail has reached this recipient, or is not to any more.
    pub(crate) fn forget_missing(&self, mail: i64, address: &Address) -> Result<()> {
        let sql = "DELETE FROM missing_recipients WHERE mail = ?1 AND address = ?2";
        self.connection.prepare_cached(sql)?.execute(params![mail, address.as_str()])?;
        Ok(())
    }

    /// The last piece is about to be handed to the network for this recipient alone. A lease of the database that was
    /// lost changes nothing.
    pub(crate) fn last_piece_begins_for(
        &self,
        mail: i64,
        address: &Address,
        owner: &str,
    ) -> Result<LeaseState> {
        if !self.is_leased_to(owner)? {
            return Ok(LeaseState::Lost);
        }
        let sql = "UPDATE missing_recipients SET under_way = 1
                   WHERE mail = ?1 AND address = ?2 AND under_way = 0 AND next_attempt IS NOT NULL";
        let changed = self.connection.prepare_cached(sql)?.execute(params![mail, address.as_str()])?;
        Ok(if changed == 1 { LeaseState::Held } else { LeaseState::Lost })
    }

    /// Those whose mail was under way when a process died: nobody can tell whether it has reached them.
    pub(crate) fn missing_under_way(&self) -> Result<Vec<MissingRecipient>> {
        self.missing(
            "SELECT mail, address, answer, first_tried, attempts, refusals, next_attempt FROM missing_recipients
             WHERE under_way = 1",
            [],
        )
    }

    /// What was only put off is tried now: whatever kept it may have passed.
    pub(crate) fn retry_missing_now(&self, now: DateTime<Utc>) -> Result<()> {
        let sql = "UPDATE missing_recipients SET next_attempt = ?1
                   WHERE next_attempt > ?1 AND next_attempt IS NOT NULL AND refusals = 0";
        self.connection.prepare_cached(sql)?.execute([seconds(now)])?;
        Ok(())
    }
}
