//! By what each handoff claims mail, as last judged.
//!
//! The kinds are named in the table at `super::MIGRATIONS`. A closed handoff keeps what it claimed by its people under
//! kinds of their own, so that no mail is looked up by them, and claims by its thread alone.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;

use crate::domain::judge::Claim;
use crate::domain::message::{Address, MessageId};

use super::{ReadTransaction, Result, WriteTransaction};

/// What a handoff claims now and did not before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NewClaims {
    pub ids: Vec<MessageId>,
    pub addresses: Vec<Address>,
    /// By an id, a token or a conversation that is new a message that is kept has come into the thread.
    pub threads: bool,
}

/// What one handoff claims since its claims last changed; nothing where it is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClaimChange {
    pub handoff: String,
    /// Kind and key.
    pub claims: Vec<(String, String)>,
}

/// The address as it stands, and the mailbox that it leads to: mail is compared by both.
fn spellings(address: &Address) -> BTreeSet<Address> {
    BTreeSet::from([address.clone(), address.canonical()])
}

/// Kind and key of everything that is claimed.
fn wanted_keys<'c>(
    claim: &'c Claim,
    is_own: impl Fn(&Address) -> bool,
    open: bool,
) -> BTreeSet<(&'static str, std::borrow::Cow<'c, str>)> {
    use std::borrow::Cow;
    let mut wanted = BTreeSet::new();
    wanted.extend(claim.ids.iter().map(|key| ("id", Cow::from(key.as_str()))));
    wanted.extend(claim.events.iter().map(|uid| ("id", Cow::from(super::messages::event_key(uid)))));
    wanted.extend(claim.tokens.iter().map(|key| ("token", Cow::from(key.as_str()))));
    wanted.extend(claim.conversations.iter().map(|key| ("conversation", Cow::from(key.as_str()))));
    let record = if open { "record" } else { "past-record" };
    wanted.extend(claim.records.iter().map(|key| (record, Cow::from(key.as_str()))));
    let name = if open { "name" } else { "past-name" };
    wanted.extend(claim.look_alikes.iter().map(|key| (name, Cow::from(super::messages::folded_name(key)))));
    let prospect = if open { "prospect" } else { "past-prospect" };
    for address in claim.prospects.iter().filter(|address| !is_own(address)) {
        wanted
            .extend(spellings(address).into_iter().map(|key| (prospect, Cow::from(key.as_str().to_owned()))));
    }
    for address in &claim.addresses {
        let kind = match (is_own(address), open) {
            (true, true) => "own",
            (true, false) => "past-own",
            (false, true) => "address",
            (false, false) => "past-address",
        };
        let keys = spellings(address).into_iter();
        wanted.extend(keys.map(|key| (kind, Cow::from(key.as_str().to_owned()))));
    }
    wanted
}

impl ReadTransaction<'_> {
    /// What a handoff claims: kind and key.
    pub(crate) fn claims_of(&self, handoff: &str) -> Result<BTreeSet<(String, String)>> {
        let mut statement =
            self.connection.prepare_cached("SELECT kind, key FROM claims WHERE handoff = ?1")?;
        let rows = statement.query_map([handoff], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether a handoff claims by that many ids or more.
    pub(crate) fn claims_as_many_ids(&self, handoff: &str, many: u32) -> Result<bool> {
        let sql = "SELECT 1 FROM claims WHERE handoff = ?1 AND kind = 'id' LIMIT 1 OFFSET ?2";
        Ok(self.connection.prepare_cached(sql)?.exists(params![handoff, many.saturating_sub(1)])?)
    }

    /// The number of the latest change of any handoff's claims.
    pub(crate) fn claims_version(&self) -> Result<i64> {
        Ok(self.meta("claims-version")?.and_then(|value| value.parse().ok()).unwrap_or(0))
    }

    /// Handoffs whose claims have changed since, as they stand now. From 0: every open one.
    pub(crate) fn claims_since(&self, version: i64) -> Result<Vec<ClaimChange>> {
        let sql = if version == 0 {
            "SELECT id, open FROM handoffs WHERE open"
        } else {
            "SELECT id, open FROM handoffs WHERE claims_version > ?1"
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?));
        let changed: Vec<(String, bool)> = if version == 0 {
            statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?
        } else {
            statement.query_map([version], read)?.collect::<rusqlite::Result<_>>()?
        };
        let change = |(handoff, open): (String, bool)| {
            let claims = if open { self.claims_of(&handoff)?.into_iter().collect() } else { Vec::new() };
            Ok(ClaimChange { handoff, claims })
        };
        changed.into_iter().map(change).collect()
    }
}

impl WriteTransaction<'_> {
    /// Replaces what the handoff claims. `is_own`: of its addresses those that belong to configured people: mail
    /// between them is remembered, not claimed. One that is not `open` claims by its thread alone. Returns what is
    /// new of it.
    pub(crate) fn set_claims(
        &self,
        id: &str,
        claim: &Claim,
        is_own: impl Fn(&Address) -> bool,
        open: bool,
    ) -> Result<NewClaims> {
        let wanted = wanted_keys(claim, is_own, open);
        let mut had: BTreeMap<(String, String), ()> =
            self.claims_of(id)?.into_iter().map(|key| (key, ())).collect();
        let mut new = NewClaims::default();
        let mut added = Vec::new();
        for (kind, key) in &wanted {
            if had.remove(&((*kind).to_owned(), key.clone().into_owned())).is_some() {
                continue;
            }
            new.threads = new.threads || self.brings_into_thread(id, kind, key)?;
            added.push((kind, key));
        }
        let mut changed = !added.is_empty();
        for (kind, key) in added {
            self.connection
                .prepare_cached("INSERT INTO claims (kind, key, handoff) VALUES (?1, ?2, ?3)")?
                .execute(params![kind, key, id])?;
            self.want_bodies(kind, key)?;
            match *kind {
                "address" => {
                    let address = Address::new(key);
                    new.addresses.extend(address.filter(|address| claim.addresses.contains(address)));
                }
                "id" => new.ids.extend(MessageId::new(key)),
                _ => {}
            }
        }
        for (kind, key) in had.into_keys() {
            changed = true;
            self.connection
                .prepare_cached("DELETE FROM claims WHERE kind = ?1 AND key = ?2 AND handoff = ?3")?
                .execute(params![kind, key, id])?;
        }
        if changed {
            let version = self.claims_version()? + 1;
            self.set_meta("claims-version", &version.to_string())?;
            self.connection
                .prepare_cached("UPDATE handoffs SET claims_version = ?2 WHERE id = ?1")?
                .execute(params![id, version])?;
        }
        Ok(new)
    }

    /// Whether a message that is kept bears or cites this, and is not in the handoff's thread by what it claims so far.
    fn brings_into_thread(&self, handoff: &str, kind: &str, key: &str) -> Result<bool> {
        if !matches!(kind, "id" | "token" | "conversation") {
            return Ok(false);
        }
        let sql = "SELECT 1 FROM message_keys n WHERE n.kind = ?1 AND n.key = ?2 AND NOT EXISTS (
                SELECT 1 FROM message_keys k CROSS JOIN claims c
                    ON c.kind = k.kind AND c.key = k.key AND c.handoff = ?3
                WHERE k.message = n.message AND k.kind IN ('id', 'token', 'conversation'))
             LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.exists(params![kind, key, handoff])?)
    }

    /// Remembered mail that is claimed by this from now on: its text is to be fetched.
    fn want_bodies(&self, kind: &str, key: &str) -> Result<()> {
        let sql = match kind {
            "id" | "token" | "conversation" => {
                "UPDATE messages SET body_due = 1 WHERE body IS NULL AND NOT body_due AND seq IN (
                    SELECT message FROM message_keys WHERE kind = ?1 AND key = ?2)"
            }
            "address" => {
                "UPDATE messages SET body_due = 1 WHERE body IS NULL AND NOT body_due AND ?1 = 'address' AND seq IN (
                    SELECT message FROM message_people WHERE role = 'party' AND address = ?2)"
            }
            _ => return Ok(()),
        };
        let due = self.connection.prepare_cached(sql)?.execute([kind, key])?;
        if due > 0 && kind != "address" { self.read_again(kind, key) } else { Ok(()) }
    }

    /// Folders in which texts of the thread are still to be fetched were not read up to there: nobody is accused before
    /// that is done.
    fn read_again(&self, kind: &str, key: &str) -> Result<()> {
        let sql = "SELECT p.account, p.folder, min(p.internal_date) FROM message_keys k
             CROSS JOIN messages m ON m.seq = k.message CROSS JOIN copies p ON p.message = k.message
             WHERE k.kind = ?1 AND k.key = ?2 AND m.body_due GROUP BY p.account, p.folder";
        let mut statement = self.connection.prepare_cached(sql)?;
        let folders = statement.query_map([kind, key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let folders: Vec<(String, String, i64)> = folders.collect::<rusqlite::Result<_>>()?;
        let sql = "UPDATE folders SET read_until = ?3 WHERE account = ?1 AND folder = ?2 AND read_until > ?3";
        for (account, folder, first) in folders {
            self.connection.prepare_cached(sql)?.execute(params![account, folder, first])?;
        }
        Ok(())
    }
}
