//! Instants that a wrong clock gave, put right once it is known by how much it was wrong. docs/behaviour.md section 7.
//!
//! Of the handoffs that are open and of their mail; what the servers have stamped is right as it is.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;

use super::{Result, WriteTransaction, seconds};

impl WriteTransaction<'_> {
    /// Moves what was dated at `from` or later back by `by`. Mails about a clock that started then are kept under its new
    /// start, so that none leaves a second time; its deadline is to be fixed anew.
    pub(crate) fn redate(&self, from: DateTime<Utc>, by: TimeDelta) -> Result<()> {
        for handoff in self.open_handoffs()? {
            self.redate_one(&handoff, seconds(from), by.num_seconds())?;
        }
        Ok(())
    }

    fn redate_one(&self, handoff: &str, from: i64, by: i64) -> Result<()> {
        self.connection
            .prepare_cached("DELETE FROM facts WHERE handoff = ?1 AND source >= 'deadline:' AND source < 'deadline;' AND at >= ?2")?
            .execute(params![handoff, from])?;
        for sql in [
            "UPDATE facts SET at = at - ?3 WHERE handoff = ?1 AND at >= ?2",
            "UPDATE handoffs SET created_at = created_at - ?3 WHERE id = ?1 AND created_at >= ?2",
            "UPDATE outbox SET made_at = made_at - ?3 WHERE handoff = ?1 AND made_at >= ?2",
            "UPDATE outbox SET first_tried = first_tried - ?3 WHERE handoff = ?1 AND first_tried >= ?2",
            "UPDATE outbox SET sent_at = sent_at - ?3 WHERE handoff = ?1 AND sent_at >= ?2",
            "UPDATE OR IGNORE outbox
             SET about = 'clock ' || strftime('%Y-%m-%dT%H:%M:%SZ', unixepoch(substr(about, 7)) - ?3, 'unixepoch')
             WHERE handoff = ?1 AND about GLOB 'clock [0-9]*' AND unixepoch(substr(about, 7)) >= ?2",
        ] {
            self.connection.prepare_cached(sql)?.execute(params![handoff, from, by])?;
        }
        Ok(())
    }
}
