//! What the running agent says of itself, and the counts behind `baton health` and `baton metrics`.
//!
//! The agent renews its row as long as it lives, so that others can tell from the database alone whether there is one.

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension;

use crate::domain::fact::{DROPPED_BY_HAND, LET_BE_ERROR};

use super::json::{Json, object};
use super::{ReadTransaction, Result, WriteTransaction, column};

/// The last agent on this database: one that lives, or the one that did last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AgentPresence {
    pub pid: u32,
    pub since: DateTime<Utc>,
    /// When it said last that it lives.
    pub alive_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// It was there for one pass, which ended at `alive_at`.
    pub is_pass: bool,
    /// Digest of the configuration that it acts on.
    pub configuration: String,
    /// Digest of one that it has found and does not take.
    pub refused: Option<String>,
    /// Accounts that are not watched over a living connection.
    pub unconnected: Vec<String>,
    /// Seconds after which a mailbox that is not read counts as out of sight.
    pub blind_after: u32,
}

object!(AgentPresence {
    pid: "pid",
    since: "since",
    alive_at: "alive_at",
    ended_at: "ended_at",
    is_pass: "is_pass",
    configuration: "configuration",
    refused: "refused",
    unconnected: "unconnected",
    blind_after: "blind_after",
});

/// Its key among the values of baton itself.
const AGENT: &str = "agent";

/// How many mails are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OutboxCounts {
    /// On their way included.
    pub queued: u64,
    pub uncertain: u64,
    pub failed: u64,
}

/// How the first touches of all handoffs ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TouchCounts {
    pub in_time: u64,
    pub late: u64,
}

impl ReadTransaction<'_> {
    pub(crate) fn agent_presence(&self) -> Result<Option<AgentPresence>> {
        self.meta(AGENT)?.map(|text| column("meta", &text)).transpose()
    }

    pub(super) fn count(&self, sql: &str) -> Result<u64> {
        let count: i64 = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    pub(crate) fn outbox_counts(&self) -> Result<OutboxCounts> {
        Ok(OutboxCounts {
            queued: self.count("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')")?,
            uncertain: self.count("SELECT count(*) FROM outbox WHERE state = 'uncertain'")?,
            failed: self.count("SELECT count(*) FROM outbox WHERE state = 'failed'")?,
        })
    }

    /// Mails to our own people that a server refused and nobody has let be: of handoffs that are open, and of none.
    pub(crate) fn undelivered_to_own_people(&self) -> Result<u64> {
        let sql = "SELECT count(*) FROM outbox o LEFT JOIN handoffs h ON h.id = o.handoff
             WHERE o.state = 'failed' AND o.audience <> 'public' AND (h.id IS NULL OR h.open)
                 AND coalesce(o.error, '') NOT IN (?1, ?2)";
        let by_hand = [DROPPED_BY_HAND, LET_BE_ERROR];
        let count: i64 = self.connection.prepare_cached(sql)?.query_row(by_hand, |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    pub(crate) fn count_open_handoffs(&self) -> Result<u64> {
        self.count("SELECT count(*) FROM handoffs WHERE open")
    }

    /// Touches of handoffs that are closed, by their last verdict.
    pub(crate) fn touches_of_closed(&self) -> Result<TouchCounts> {
        let sql = "SELECT total(NOT json_extract(verdict, '$.touch.late')), total(json_extract(verdict, '$.touch.late'))
             FROM handoffs WHERE NOT open AND json_extract(verdict, '$.touch.state') = 'touched'";
        let (in_time, late): (f64, f64) =
            self.connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let whole = |count: f64| if count > 0.0 { count.round() as u64 } else { 0 };
        Ok(TouchCounts { in_time: whole(in_time), late: whole(late) })
    }

    /// Digest of what a command has shown of an intro.
    pub(crate) fn shown_digest(&self, seq: i64) -> Result<Option<String>> {
        let mut statement =
            self.connection.prepare_cached("SELECT digest FROM outbox_shown WHERE seq = ?1")?;
        Ok(statement.query_row([seq], |row| row.get(0)).optional()?)
    }

    /// Accounts of which a folder is watched.
    pub(crate) fn watched_accounts(&self) -> Result<Vec<String>> {
        self.strings("SELECT DISTINCT account FROM folders WHERE watched", [])
    }

    /// Since when an account cannot be read, and why.
    pub(crate) fn outage_now(&self, account: &str) -> Result<Option<(DateTime<Utc>, String)>> {
        Ok(self.lasting_outage(account)?.map(|outage| (outage.since, outage.error)))
    }
}

impl WriteTransaction<'_> {
    /// The intro may leave only as it was shown.
    pub(crate) fn set_shown_digest(&self, seq: i64, digest: &str) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO outbox_shown (seq, digest) VALUES (?1, ?2)
             ON CONFLICT (seq) DO UPDATE SET digest = excluded.digest",
            )?
            .execute([&seq as &dyn rusqlite::ToSql, &digest])?;
        Ok(())
    }

    /// The handoff's intro, where it still waits, leaves as it is now.
    pub(crate) fn forget_what_was_shown(&self, handoff: &str) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM outbox_shown
             WHERE seq IN (SELECT seq FROM outbox WHERE handoff = ?1 AND kind = 'intro' AND state = 'queued')")?.execute([handoff])?;
        Ok(())
    }

    pub(crate) fn set_agent_presence(&self, presence: &AgentPresence) -> Result<()> {
        self.set_meta(AGENT, &presence.to_column())
    }
}
