//! How far each watched folder was read, since when one cannot be, and what is still to be looked up in it.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use crate::domain::fact::{Fact, FactKind};
use crate::domain::message::{Address, CopyPlace};

use super::{ReadTransaction, Result, StoreError, WriteTransaction, instant, optional_instant, seconds};

/// Tries after which a message that cannot be read is set aside.
pub(crate) const TRIES: u32 = 3;

/// One folder, as far as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FolderState {
    pub account: String,
    pub folder: String,
    /// UIDVALIDITY and the first UID not read yet; `None`: never read.
    pub cursor: Option<(u32, u32)>,
    /// When the last successful read to the present began.
    pub read_until: Option<DateTime<Utc>>,
    pub failing_since: Option<DateTime<Utc>>,
}

/// A time in which an account could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredOutage {
    pub seq: i64,
    pub account: String,
    pub since: DateTime<Utc>,
    pub ended: Option<DateTime<Utc>>,
    pub error: String,
}

/// An address whose mail since `since` is to be looked up in a folder, for a handoff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lookback {
    pub handoff: String,
    pub address: Address,
    pub since: DateTime<Utc>,
}

impl ReadTransaction<'_> {
    /// Watched folders of one account.
    pub(crate) fn folders_of(&self, account: &str) -> Result<Vec<FolderState>> {
        self.folder_states("WHERE account = ?1 AND watched ORDER BY folder", [account])
    }

    pub(crate) fn folder(&self, account: &str, folder: &str) -> Result<Option<FolderState>> {
        Ok(self.folder_states("WHERE account = ?1 AND folder = ?2 AND watched", [account, folder])?.pop())
    }

    fn folder_states(&self, which: &str, parameters: impl rusqlite::Params) -> Result<Vec<FolderState>> {
        let sql = format!(
            "SELECT account, folder, uid_validity, next_uid, read_until, failing_since FROM folders {which}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement.query_map(parameters, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })?;
        rows.collect::<rusqlite::Result<
            Vec<(String, String, Option<u32>, Option<u32>, Option<i64>, Option<i64>)>,
        >>()?
        .into_iter()
        .map(|(account, folder, uid_validity, next_uid, read_until, failing_since)| {
            Ok(FolderState {
                account,
                folder,
                cursor: uid_validity.zip(next_uid),
                read_until: optional_instant("folders", read_until)?,
                failing_since: optional_instant("folders", failing_since)?,
            })
        })
        .collect()
    }

    /// Outages that last, and those that ended after `since`, oldest first.
    pub(crate) fn outages_since(&self, since: DateTime<Utc>) -> Result<Vec<StoredOutage>> {
        let mut outages = self.outage_rows("WHERE ended IS NULL", [])?;
        outages.extend(self.outage_rows("WHERE ended > ?1", [seconds(since)])?);
        outages.sort_by_key(|outage| outage.seq);
        Ok(outages)
    }

    /// The outage of an account that lasts.
    pub(super) fn lasting_outage(&self, account: &str) -> Result<Option<StoredOutage>> {
        Ok(self.outage_rows("WHERE account = ?1 AND ended IS NULL", [account])?.pop())
    }

    fn outage_rows(&self, which: &str, parameters: impl rusqlite::Params) -> Result<Vec<StoredOutage>> {
        let sql = format!("SELECT seq, account, since, ended, error FROM outages {which}");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let rows = statement
            .query_map(parameters, |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })?
            .collect::<rusqlite::Result<Vec<(i64, String, i64, Option<i64>, String)>>>()?;
        rows.into_iter()
            .map(|(seq, account, since, ended, error)| {
                Ok(StoredOutage {
                    seq,
                    account,
                    since: instant("outages", since)?,
                    ended: optional_instant("outages", ended)?,
                    error,
                })
            })
            .collect()
    }

    /// How far an account was read, and since when it cannot be.
    pub(crate) fn folder_facts(&self, account: &str) -> Result<Vec<Fact>> {
        let mut facts = Vec::new();
        let states = self.folders_of(account)?;
        let folders: Vec<String> = states.iter().map(|state| state.folder.clone()).collect();
        for FolderState { account, folder, read_until, .. } in states {
            let what = FactKind::FolderReadUntil { account, folder };
            facts.extend(read_until.map(|at| Fact { at, what }));
        }
        if !folders.is_empty() {
            // Which folders are watched is true now, whatever the time; the earliest instant says so.
            let what = FactKind::FoldersWatched { account: account.to_owned(), folders };
            facts.push(Fact { at: DateTime::UNIX_EPOCH, what });
        }
        if let Some(StoredOutage { account, since, ended, .. }) = self.lasting_outage(account)? {
            facts.push(Fact { at: since, what: FactKind::Outage { account, ended } });
        }
        Ok(facts)
    }

    /// What is still to be looked up in a folder.
    pub(crate) fn lookbacks(&self, account: &str, folder: &str) -> Result<Vec<Lookback>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT handoff, address, since FROM lookbacks WHERE account = ?1 AND folder = ?2 ORDER BY address",
        )?;
        let rows = statement
            .query_map([account, folder], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<Vec<(String, String, i64)>>>()?;
        rows.into_iter()
            .map(|(handoff, address, since)| {
                let address =
                    Address::new(&address).ok_or(StoreError::Row { table: "lookbacks", key: address })?;
                Ok(Lookback { handoff, address, since: instant("lookbacks", since)? })
            })
            .collect()
    }

    /// Handoffs for which something is still to be looked up in some folder.
    pub(crate) fn handoffs_to_look_up(&self) -> Result<Vec<String>> {
        self.strings("SELECT DISTINCT handoff FROM lookbacks", [])
    }

    /// How often reading a message has failed.
    pub(crate) fn poisoned(&self, place: &CopyPlace) -> Result<u32> {
        let sql = "SELECT tries FROM poison
                   WHERE account = ?1 AND folder = ?2 AND uid_validity = ?3 AND uid = ?4";
        let place = params![place.account, place.folder, place.uid_validity, place.uid];
        let tries = self.connection.prepare_cached(sql)?.query_row(place, |row| row.get(0)).optional()?;
        Ok(tries.unwrap_or(0))
    }

    /// Whether a message is known that lies at this place.
    pub(crate) fn has_copy(&self, place: &CopyPlace) -> Result<bool> {
        let sql =
            "SELECT 1 FROM copies WHERE account = ?1 AND folder = ?2 AND uid_validity = ?3 AND uid = ?4";
        let place = params![place.account, place.folder, place.uid_validity, place.uid];
        Ok(self.connection.prepare_cached(sql)?.exists(place)?)
    }
}

impl WriteTransaction<'_> {
    /// From now on exactly these folders of the account are watched. Returns whether one is new.
    pub(crate) fn watch(&self, account: &str, folders: &[String]) -> Result<bool> {
        let before: Vec<String> =
            self.strings("SELECT folder FROM folders WHERE account = ?1 AND watched", [account])?;
        self.connection
            .prepare_cached("UPDATE folders SET watched = 0 WHERE account = ?1")?
            .execute([account])?;
        for folder in folders {
            self.connection
                .prepare_cached(
                    "INSERT INTO folders (account, folder, watched) VALUES (?1, ?2, 1)
                 ON CONFLICT (account, folder) DO UPDATE SET watched = 1",
                )?
                .execute(params![account, folder])?;
        }
        Ok(folders.iter().any(|folder| !before.contains(folder)))
    }

    /// Accounts that are not configured any more are not watched.
    pub(crate) fn watch_only(&self, accounts: &[&str]) -> Result<()> {
        for account in self.strings("SELECT DISTINCT account FROM folders WHERE watched", [])? {
            if !accounts.contains(&account.as_str()) {
                self.connection
                    .prepare_cached("UPDATE folders SET watched = 0 WHERE account = ?1")?
                    .execute([account])?;
            }
        }
        Ok(())
    }

    /// Moves the cursor behind what this transaction has noted.
    pub(crate) fn move_cursor(
        &self,
        account: &str,
        folder: &str,
        uid_validity: u32,
        next_uid: u32,
    ) -> Result<()> {
        let sql = "UPDATE folders SET uid_validity = ?3, next_uid = ?4 WHERE account = ?1 AND folder = ?2";
        self.connection.prepare_cached(sql)?.execute(params![account, folder, uid_validity, next_uid])?;
        Ok(())
    }

    /// The folder was read to the present by a reading that began at `began` and ended at `ended`. Ends the
    /// account's outage where no other folder of it is failing. Returns whether one has ended.
    pub(crate) fn folder_read(
        &self,
        account: &str,
        folder: &str,
        began: DateTime<Utc>,
        ended: DateTime<Utc>,
    ) -> Result<bool> {
        let sql = "UPDATE folders SET read_until = max(coalesce(read_until, ?3), ?3), failing_since = NULL
                   WHERE account = ?1 AND folder = ?2";
        self.connection.prepare_cached(sql)?.execute(params![account, folder, seconds(began)])?;
        let sql = "UPDATE outages SET ended = ?2 WHERE account = ?1 AND ended IS NULL AND NOT EXISTS (
                       SELECT 1 FROM folders WHERE account = ?1 AND watched AND failing_since IS NOT NULL)";
        let ended = self.connection.prepare_cached(sql)?.execute(params![account, seconds(ended)])?;
        Ok(ended > 0)
    }

    /// Until when the account's folders were read is not known, where that was noted since then by a wrong clock.
    pub(crate) fn forget_readings_since(&self, account: &str, since: DateTime<Utc>) -> Result<()> {
        self.connection
            .prepare_cached("UPDATE folders SET read_until = NULL WHERE account = ?1 AND read_until >= ?2")?
            .execute(params![account, seconds(since)])?;
        Ok(())
    }

    /// The folder could not be read at `at`. Returns whether an outage of the account began.
    pub(crate) fn folder_failed(
        &self,
        account: &str,
        folder: &str,
        at: DateTime<Utc>,
        error: &str,
    ) -> Result<bool> {
        self.connection.prepare_cached("UPDATE folders SET failing_since = coalesce(failing_since, ?3) WHERE account = ?1 AND folder = ?2")?.execute(params![account, folder, seconds(at)])?;
        let began = self
            .connection
            .prepare_cached(
                "INSERT INTO outages (account, since, error) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute(params![account, seconds(at), error])?;
        if began == 0 {
            // What keeps it from being read is seldom what ended the connection.
            let sql = "UPDATE outages SET error = ?2 WHERE account = ?1 AND ended IS NULL AND error <> ?2";
            self.connection.prepare_cached(sql)?.execute(params![account, error])?;
        }
        Ok(began > 0)
    }

    /// Asks for an address's mail since `since` in every watched folder.
    pub(crate) fn look_back(&self, handoff: &str, address: &Address, since: DateTime<Utc>) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO lookbacks (account, folder, address, handoff, since)
             SELECT account, folder, ?1, ?2, ?3 FROM folders WHERE watched
             ON CONFLICT DO UPDATE SET since = min(since, excluded.since)",
            )?
            .execute(params![address.as_str(), handoff, seconds(since)])?;
        Ok(())
    }

    /// Asks for everything that open handoffs claim by address in a folder that is new, as far back for each
    /// handoff as `days` before it was made.
    pub(crate) fn look_back_in(&self, account: &str, folder: &str, days: u32) -> Result<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO lookbacks (account, folder, address, handoff, since)
             SELECT ?1, ?2, c.key, h.id, h.created_at - ?3 * 86400
             FROM claims c CROSS JOIN handoffs h ON h.id = c.handoff
             WHERE c.kind = 'address' ON CONFLICT DO NOTHING",
            )?
            .execute(params![account, folder, days])?;
        Ok(())
    }

    pub(crate) fn looked_back(&self, account: &str, folder: &str, done: &[Lookback]) -> Result<()> {
        for lookback in done {
            self.connection.prepare_cached("DELETE FROM lookbacks WHERE account = ?1 AND folder = ?2 AND address = ?3 AND handoff = ?4")?.execute(params![account, folder, lookback.address.as_str(), lookback.handoff])?;
        }
        Ok(())
    }

    /// Reading a message failed once more. Returns how often by now.
    pub(crate) fn poison(&self, place: &CopyPlace, error: &str) -> Result<u32> {
        Ok(self.connection.query_row(
            "INSERT INTO poison (account, folder, uid_validity, uid, tries, error) VALUES (?1, ?2, ?3, ?4, 1, ?5)
             ON CONFLICT DO UPDATE SET tries = tries + 1, error = excluded.error RETURNING tries",
            params![place.account, place.folder, place.uid_validity, place.uid, error],
            |row| row.get(0),
        )?)
    }
}
