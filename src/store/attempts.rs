//! What further attempts at a mail have to know, and which accounts have something to do.
//!
//! Most mails leave at the first attempt and have no row here. Rows of the outbox are not read whole for any question
//! that is asked for each account at every event.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::outbox::SentCopyState;
use super::{OutboxRow, ReadTransaction, Result, WriteTransaction, optional_instant, seconds};

/// What is known of a mail's attempts beside its row in the outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttemptNotes {
    /// A server had all of it and said that it does not take it: a copy is looked for before the next attempt.
    pub look_first: bool,
    /// How often it was refused for good.
    pub refusals: u32,
    /// When a refused mail is tried all the same.
    pub retry_at: Option<DateTime<Utc>>,
    /// The account that it leaves from instead of its own.
    pub stand_in: Option<String>,
    /// Whether it was written as the SDR; `None`: it has not been written yet.
    pub as_sdr: Option<bool>,
    /// A command has told a person that its fate is unknown.
    pub doubt_told: bool,
    pub copy_failures: u32,
    pub copy_retry_at: Option<DateTime<Utc>>,
}

/// What an account has to do, and when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct AccountWork {
    /// When its next mail may leave.
    pub(crate) delivery: Option<DateTime<Utc>>,
    /// When the next copy is due in its Sent folder.
    pub(crate) copy: Option<DateTime<Utc>>,
}

fn earlier(one: &mut Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) {
    *one = [*one, other].into_iter().flatten().min();
}

impl ReadTransaction<'_> {
    pub fn attempt_notes(&self, seq: i64) -> Result<AttemptNotes> {
        let sql = "SELECT look_first, refusals, retry_at, stand_in, as_sdr, doubt_told, copy_failures, copy_retry_at
                   FROM outbox_attempts WHERE seq = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([seq])?;
        let Some(row) = rows.next()? else { return Ok(AttemptNotes::default()) };
        Ok(AttemptNotes {
            look_first: row.get(0)?,
            refusals: row.get(1)?,
            retry_at: optional_instant("outbox_attempts", row.get(2)?)?,
            stand_in: row.get(3)?,
            as_sdr: row.get(4)?,
            doubt_told: row.get(5)?,
            copy_failures: row.get(6)?,
            copy_retry_at: optional_instant("outbox_attempts", row.get(7)?)?,
        })
    }

    /// Mail that may leave from an account by `now`, the longest waiting first.
    pub(crate) fn sendable_from(&self, account: &str, now: DateTime<Utc>) -> Result<Vec<i64>> {
        let sql = "SELECT o.seq FROM outbox o LEFT JOIN outbox_attempts a ON a.seq = o.seq
                   WHERE o.state = 'queued' AND o.next_attempt <= ?1 AND coalesce(o.not_before, 0) <= ?1
                       AND coalesce(a.stand_in, o.account) = ?2
                   ORDER BY o.seq";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![seconds(now), account], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The account that a mail leaves from.
    pub(crate) fn account_in_charge(&self, seq: i64) -> Result<Option<String>> {
        let sql = "SELECT coalesce(a.stand_in, o.account) FROM outbox o
                   LEFT JOIN outbox_attempts a ON a.seq = o.seq WHERE o.seq = ?1";
        Ok(self.connection.prepare_cached(sql)?.query_row([seq], |row| row.get(0)).optional()?)
    }

    /// What every account has to do from now on, those aside that have nothing.
    pub(crate) fn work_of_accounts(&self) -> Result<BTreeMap<String, AccountWork>> {
        let mut work: BTreeMap<String, AccountWork> = BTreeMap::new();
        let sql = "SELECT coalesce(a.stand_in, o.account), min(max(o.next_attempt, coalesce(o.not_before, 0)))
                   FROM outbox o LEFT JOIN outbox_attempts a ON a.seq = o.seq WHERE o.state = 'queued' GROUP BY 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let at = optional_instant("outbox", row.get(1)?)?;
            earlier(&mut work.entry(row.get(0)?).or_default().delivery, at);
        }
        for (seq, at) in self.refused_to_retry()? {
            if let Some(account) = self.account_in_charge(seq)? {
                earlier(&mut work.entry(account).or_default().delivery, Some(at));
            }
        }
        for missing in self.missing_to_try()? {
            if let Some(account) = self.account_in_charge(missing.mail)? {
                earlier(&mut work.entry(account).or_default().delivery, missing.next_attempt);
            }
        }
        let sql = "SELECT o.account, min(coalesce(a.copy_retry_at, 0))
                   FROM outbox o LEFT JOIN outbox_attempts a ON a.seq = o.seq
                   WHERE o.sent_copy = 'due' AND +o.state = 'sent' GROUP BY 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let at = optional_instant("outbox_attempts", row.get(1)?)?;
            earlier(&mut work.entry(row.get(0)?).or_default().copy, at);
        }
        Ok(work)
    }

    /// Mail of an account of which the copy in Sent may be tried by `now`.
    pub(crate) fn copies_due_of(&self, account: &str, now: DateTime<Utc>) -> Result<Vec<OutboxRow>> {
        let sql = "SELECT o.seq FROM outbox o LEFT JOIN outbox_attempts a ON a.seq = o.seq
                   WHERE o.sent_copy = 'due' AND +o.state = 'sent' AND o.account = ?1
                       AND coalesce(a.copy_retry_at, 0) <= ?2
                   ORDER BY o.seq";
        let mut statement = self.connection.prepare_cached(sql)?;
        let seqs = statement.query_map(params![account, seconds(now)], |row| row.get(0))?;
        let seqs = seqs.collect::<rusqlite::Result<Vec<i64>>>()?;
        let rows = seqs.into_iter().filter_map(|seq| self.outbox_row(seq).transpose());
        rows.collect()
    }

    /// Whether an account's mailbox has refused a copy that is owed to it.
    pub(crate) fn is_any_copy_refused(&self, account: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM outbox o CROSS JOIN outbox_attempts a ON a.seq = o.seq
                   WHERE o.sent_copy = 'due' AND +o.state = 'sent' AND o.account = ?1 AND a.copy_failures > 0
                   LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.exists([account])?)
    }

    /// Refused mail, and when it is tried all the same, the earliest first.
    pub(crate) fn refused_to_retry(&self) -> Result<Vec<(i64, DateTime<Utc>)>> {
        let sql = "SELECT a.seq, a.retry_at FROM outbox_attempts a JOIN outbox o ON o.seq = a.seq
                   WHERE a.retry_at IS NOT NULL AND o.state = 'failed' ORDER BY a.retry_at";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let rows = rows.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
        let known = rows.into_iter().filter_map(|(seq, at)| {
            optional_instant("outbox_attempts", Some(at)).map(|at| at.map(|at| (seq, at))).transpose()
        });
        known.collect()
    }

    /// The newest mail that left from this account since `since` and of which its provider keeps the copy.
    pub(crate) fn kept_by_provider_since(
        &self,
        account: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<OutboxRow>> {
        let sql = "SELECT seq FROM outbox WHERE +state = 'sent' AND account = ?1 AND sent_copy = 'none'
                       AND sent_at >= ?2 AND uncertain_since IS NULL
                   ORDER BY sent_at DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let seq = statement.query_row(params![account, seconds(since)], |row| row.get(0)).optional()?;
        seq.map_or(Ok(None), |seq| self.outbox_row(seq))
    }
}

impl WriteTransaction<'_> {
    /// Changes what is known of a mail's attempts.
    pub(crate) fn note_attempt(&self, seq: i64, change: impl FnOnce(&mut AttemptNotes)) -> Result<()> {
        let before = self.attempt_notes(seq)?;
        let mut notes = before.clone();
        change(&mut notes);
        if notes == before {
            return Ok(());
        }
        self.connection
            .prepare_cached(
                "INSERT INTO outbox_attempts (seq, look_first, refusals, retry_at, stand_in, as_sdr, doubt_told,
                     copy_failures, copy_retry_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
                 ON CONFLICT (seq) DO UPDATE SET look_first = ?2, refusals = ?3, retry_at = ?4, stand_in = ?5,
                     as_sdr = ?6, doubt_told = ?7, copy_failures = ?8, copy_retry_at = ?9",
            )?
            .execute(params![
                seq,
                notes.look_first,
                notes.refusals,
                notes.retry_at.map(seconds),
                notes.stand_in,
                notes.as_sdr,
                notes.doubt_told,
                notes.copy_failures,
                notes.copy_retry_at.map(seconds),
            ])?;
        Ok(())
    }

    /// A refused mail is not tried by itself any more.
    pub(crate) fn not_again(&self, seq: i64) -> Result<()> {
        self.note_attempt(seq, |notes| notes.retry_at = None)
    }

    /// A refused mail is tried once more.
    pub(crate) fn retry_refused(&self, seq: i64, at: DateTime<Utc>) -> Result<()> {
        self.set(
            seq,
            "state = 'queued', phase = 'claimed', next_attempt = ?2, first_tried = NULL, attempts = 0,
             refused = '[]', asked_until = NULL, uncertain_since = NULL",
            &[&seconds(at)],
        )?;
        self.note_attempt(seq, |notes| notes.retry_at = None)
    }

    /// It is proved not to have left: it is like one that was never tried, and leaves only if it is still wanted.
    pub(crate) fn retry_as_new(&self, seq: i64, at: DateTime<Utc>) -> Result<()> {
        self.set(
            seq,
            "state = 'queued', phase = 'claimed', next_attempt = ?2, first_tried = NULL, attempts = 0,
             refused = '[]', asked_until = NULL, uncertain_since = NULL, searches = 0, error = NULL",
            &[&seconds(at)],
        )?;
        self.note_attempt(seq, |notes| notes.look_first = false)
    }

    /// The copy in Sent is given up.
    pub(crate) fn copy_given_up(&self, seq: i64) -> Result<()> {
        self.set(seq, "sent_copy = ?2", &[&SentCopyState::None.name()])
    }
}
