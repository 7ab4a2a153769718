//! Instants that a wrong clock gave, put right once it is known by how much it was wrong. docs/behaviour.md section 7.
//!
//! Of the handoffs that are open and of their mail; what the servers have stamped is right as it is.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{ToSql, params};

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

    /// Puts off no mail longer than it would be by a right clock: that was `by` ahead from `since`, and shows `now` again.
    /// Mail that is not about a handoff is looked at at once: its time is found anew. `longest`: nothing that was refused was
    /// to wait longer before `since`.
    pub(crate) fn clock_set_back(
        &self,
        since: DateTime<Utc>,
        by: TimeDelta,
        longest: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let (refused_from, by, now) =
            (seconds((since - by + longest).max(now)), by.num_seconds(), seconds(now));
        let run = |sql, parameters: &[&dyn ToSql]| -> Result<()> {
            self.connection.prepare_cached(sql)?.execute(parameters)?;
            Ok(())
        };
        run(
            "UPDATE outbox SET next_attempt = max(?1, next_attempt - ?2), first_tried = min(first_tried, ?1),
                 uncertain_since = min(uncertain_since, ?1), asked_until = min(asked_until, max(?1, asked_until - ?2))
             WHERE state IN ('queued', 'uncertain') AND next_attempt > ?1",
            &[&now, &by],
        )?;
        run(
            "UPDATE outbox SET not_before = NULL WHERE state = 'queued' AND handoff IS NULL AND not_before > ?1",
            &[&now],
        )?;
        run(
            "UPDATE outbox_attempts SET copy_retry_at = max(?1, copy_retry_at - ?2)
             WHERE copy_retry_at > ?1 AND seq IN (SELECT seq FROM outbox WHERE sent_copy = 'due')",
            &[&now, &by],
        )?;
        run(
            "UPDATE outbox_attempts SET retry_at = max(?1, retry_at - ?2) WHERE retry_at > ?3",
            &[&now, &by, &refused_from],
        )?;
        run(
            "UPDATE missing_recipients
             SET next_attempt = max(?1, next_attempt - ?2), first_tried = min(first_tried, ?1)
             WHERE next_attempt > ?1 AND next_attempt IS NOT NULL",
            &[&now, &by],
        )
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
