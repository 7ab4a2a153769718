//! Handoffs that wait until mailboxes were read past an instant, or for more than that, and what they wait for.
//!
//! A handoff is ready once all of its accounts were read past its instant, whoever read them last.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::Rows;

use crate::domain::judge::AwaitedReading;

use super::json::{Json, object};
use super::{ReadTransaction, Result, column, optional_instant};

object!(AwaitedReading { past: "past", accounts: "accounts" });

impl ReadTransaction<'_> {
    /// Handoffs that wait for folders to be read, or for more than that.
    pub(crate) fn awaiting(&self) -> Result<Vec<String>> {
        self.strings("SELECT id FROM handoffs WHERE awaiting IS NOT NULL ORDER BY awaiting", [])
    }

    /// Handoffs that wait for more than folders to be read: a last look, or the clock to be confirmed.
    pub(crate) fn awaiting_more_than_reading(&self) -> Result<Vec<String>> {
        let sql = "SELECT id FROM handoffs WHERE awaiting IS NOT NULL AND awaiting_reading IS NULL
             ORDER BY awaiting";
        self.strings(sql, [])
    }

    /// Those of them for which a last look was taken: they may wait for the clock.
    pub(crate) fn awaiting_after_a_look(&self) -> Result<Vec<String>> {
        let sql = "SELECT h.id FROM handoffs h WHERE h.awaiting IS NOT NULL AND h.awaiting_reading IS NULL
                   AND EXISTS (SELECT 1 FROM facts f WHERE f.handoff = h.id
                               AND f.source >= 'last-look:' AND f.source < 'last-look;')
             ORDER BY h.awaiting";
        self.strings(sql, [])
    }

    /// Handoffs that wait, as far as what was read by now may have changed something for them.
    pub(crate) fn awaiting_no_longer(&self) -> Result<Vec<String>> {
        let sql = "SELECT id, awaiting_reading FROM handoffs WHERE awaiting IS NOT NULL ORDER BY awaiting";
        self.ready_of(self.connection.prepare_cached(sql)?.query([])?)
    }

    /// Handoffs that waited for nothing but reading, this account's among others, and whose accounts are all read.
    pub(crate) fn ready_after_reading(&self, account: &str) -> Result<Vec<String>> {
        let sql = "SELECT id, awaiting_reading FROM handoffs WHERE awaiting IS NOT NULL
                   AND instr(awaiting_reading, json_quote(?1)) ORDER BY awaiting";
        self.ready_of(self.connection.prepare_cached(sql)?.query([account])?)
    }

    /// Whether some handoff waits for this account to be read.
    pub(crate) fn is_reading_awaited(&self, account: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM handoffs WHERE awaiting IS NOT NULL
                   AND instr(awaiting_reading, json_quote(?1)) LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.exists([account])?)
    }

    fn ready_of(&self, mut rows: Rows<'_>) -> Result<Vec<String>> {
        let mut waiting: Vec<(String, Option<String>)> = Vec::new();
        while let Some(row) = rows.next()? {
            waiting.push((row.get(0)?, row.get(1)?));
        }
        let mut read_until: BTreeMap<String, Option<DateTime<Utc>>> = BTreeMap::new();
        let mut ready = Vec::new();
        for (id, reading) in waiting {
            let reading: Option<AwaitedReading> =
                reading.map(|text| column("handoffs", &text)).transpose()?;
            let mut is_read = true;
            for account in reading.iter().flat_map(|reading| &reading.accounts) {
                if !read_until.contains_key(account) {
                    read_until.insert(account.clone(), self.account_read_until(account)?);
                }
                let until = read_until.get(account).copied().flatten();
                is_read &= until >= reading.as_ref().map(|reading| reading.past);
            }
            if is_read {
                ready.push(id);
            }
        }
        Ok(ready)
    }

    /// The latest instant past which folders have to be read for some handoff.
    pub fn awaited(&self) -> Result<Option<DateTime<Utc>>> {
        let sql = "SELECT max(awaiting) FROM handoffs WHERE awaiting IS NOT NULL";
        optional_instant("handoffs", self.connection.query_row(sql, [], |row| row.get(0))?)
    }

    /// Accounts that handoffs wait for, and the latest instant past which each has to be read; those that were are left
    /// out.
    pub(crate) fn unread_accounts(&self) -> Result<BTreeMap<String, DateTime<Utc>>> {
        let sql = "SELECT DISTINCT awaiting_reading FROM handoffs
                   WHERE awaiting IS NOT NULL AND awaiting_reading IS NOT NULL";
        let mut awaited: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
        for text in self.strings(sql, [])? {
            let reading: AwaitedReading = column("handoffs", &text)?;
            for account in reading.accounts {
                let past = awaited.entry(account).or_insert(reading.past);
                *past = reading.past.max(*past);
            }
        }
        let mut unread = BTreeMap::new();
        for (account, past) in awaited {
            if self.account_read_until(&account)?.is_none_or(|until| until < past) {
                unread.insert(account, past);
            }
        }
        Ok(unread)
    }

    /// Until when all watched folders of an account were read; `None` where one never was.
    fn account_read_until(&self, account: &str) -> Result<Option<DateTime<Utc>>> {
        Ok(self.folders_of(account)?.into_iter().map(|state| state.read_until).min().flatten())
    }
}
