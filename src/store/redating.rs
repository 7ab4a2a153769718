//! Instants that a wrong clock gave, put right once it is known by how much it was wrong. docs/behaviour.md section 7.
//!
//! Of the handoffs that are open and of their mail; what the servers have stamped is right as it is.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;

use super::{Result, WriteTransaction, seconds};

/// What belongs to a handoff that is open.
const OF_OPEN: &str = "handoff IN (SELECT id FROM handoffs WHERE open)";

impl WriteTransaction<'_> {
    /// Moves what was dated at `from` or later back by `by`. Mails about a clock that started then are kept under its new
    /// start, so that none leaves a second time; its deadline is to be fixed anew.
    pub(crate) fn redate(&self, from: DateTime<Utc>, by: TimeDelta) -> Result<()> {
        let (from, by) = (seconds(from), by.num_seconds());
        let handoffs = "UPDATE handoffs SET created_at = created_at - ?2 WHERE open AND created_at >= ?1";
        self.connection.execute(handoffs, params![from, by])?;
        let deadlines = format!(
            "DELETE FROM facts WHERE source >= 'deadline:' AND source < 'deadline;' AND at >= ?1 AND {OF_OPEN}"
        );
        self.connection.execute(&deadlines, params![from])?;
        let facts = format!("UPDATE facts SET at = at - ?2 WHERE at >= ?1 AND {OF_OPEN}");
        self.connection.execute(&facts, params![from, by])?;
        let mails = format!(
            "UPDATE outbox SET
                 made_at = iif(made_at >= ?1, made_at - ?2, made_at),
                 first_tried = iif(first_tried >= ?1, first_tried - ?2, first_tried),
                 sent_at = iif(sent_at >= ?1, sent_at - ?2, sent_at)
             WHERE (made_at >= ?1 OR first_tried >= ?1 OR sent_at >= ?1) AND {OF_OPEN}"
        );
        self.connection.execute(&mails, params![from, by])?;
        let about = format!(
            "UPDATE OR IGNORE outbox
             SET about = 'clock ' || strftime('%Y-%m-%dT%H:%M:%SZ', unixepoch(substr(about, 7)) - ?2, 'unixepoch')
             WHERE about GLOB 'clock [0-9]*' AND unixepoch(substr(about, 7)) >= ?1 AND {OF_OPEN}"
        );
        self.connection.execute(&about, params![from, by])?;
        Ok(())
    }
}
