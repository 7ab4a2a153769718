//! The lease in the database: which process delivers, renewed as long as it lives and named in every row that is being
//! sent.
//!
//! The lock on the file comes first. Who holds it takes the lease of a process of this machine at once, which must be
//! dead; the lease of any other lapses 60 s after it was renewed last. With the lease the database says whether it has
//! come from elsewhere: it remembers on which file it was and how far it had come.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::database_file::{self, FileIdentity};
use super::json::{Json, object};
use super::{
    Priority, ReadTransaction, Result, Store, StoreError, WriteTransaction, column, random_token,
    write_durably, write_on,
};

/// A lease that was not renewed for so long has lapsed.
const LASTS: TimeDelta = TimeDelta::seconds(60);

/// Keys among the values of baton itself.
const LEASE: &str = "lease";
const GENERATION: &str = "generation";
const FILE: &str = "file";
const BEHIND: &str = "behind";
const STOPPED: &str = "stopped";

/// This process, as it names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ProcessIdentity {
    owner: String,
    pid: u32,
    machine: String,
    boot: String,
    file: String,
}

impl ProcessIdentity {
    pub(super) fn new(file: FileIdentity) -> Result<Self> {
        let system = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        Ok(Self {
            owner: random_token()?,
            pid: std::process::id(),
            machine: system("/etc/machine-id"),
            boot: system("/proc/sys/kernel/random/boot_id"),
            file: file.inode.to_string(),
        })
    }
}

/// The lease as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StoredLease {
    owner: String,
    pid: u32,
    machine: String,
    boot: String,
    file: String,
    renewed_at: DateTime<Utc>,
}

object!(StoredLease {
    owner: "owner",
    pid: "pid",
    machine: "machine",
    boot: "boot",
    file: "file",
    renewed_at: "renewed_at",
});

impl StoredLease {
    /// Whether its process must be dead, asked by who holds the lock of the file.
    fn is_dead(&self, me: &ProcessIdentity) -> bool {
        let same_boot = !me.boot.is_empty() && self.boot == me.boot;
        let same_machine = !me.machine.is_empty() && self.machine == me.machine;
        match same_boot {
            true => self.file == me.file,
            false => same_machine,
        }
    }
}

/// Where the database was when it was used last: what a copy of it is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct StoredPlace {
    machine: String,
    file: String,
}

object!(StoredPlace { machine: "machine", file: "file" });

/// The database may be older than the mailboxes: what has left since is not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BehindSince {
    /// When it was the present, as far as it says.
    pub as_of: Option<DateTime<Utc>>,
    /// How that is known, as a clause.
    pub why: String,
    /// Since when it is being caught up.
    pub found_at: Option<DateTime<Utc>>,
}

object!(BehindSince { as_of: "as_of", why: "why", found_at: "found_at" });

/// Another agent lives on a copy of the database, and this one sends nothing any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StopNotice {
    pub at: DateTime<Utc>,
    /// The mail that shows it.
    pub mail: String,
}

object!(StopNotice { at: "at", mail: "mail" });

/// Whether the lease is this process's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LeaseOutcome {
    Taken,
    /// Another process's is alive until then, unless it is renewed.
    Elsewhere {
        until: DateTime<Utc>,
    },
}

impl ReadTransaction<'_> {
    fn value<T: Json>(&self, key: &str) -> Result<Option<T>> {
        self.meta(key)?.map(|text| column("meta", &text)).transpose()
    }

    fn generation(&self) -> Result<u64> {
        Ok(self.meta(GENERATION)?.and_then(|value| value.parse().ok()).unwrap_or(0))
    }

    /// Whether the lease is that of this owner.
    pub(crate) fn is_leased_to(&self, owner: &str) -> Result<bool> {
        Ok(self.value::<StoredLease>(LEASE)?.is_some_and(|lease| lease.owner == owner))
    }

    pub(crate) fn behind(&self) -> Result<Option<BehindSince>> {
        self.value(BEHIND)
    }

    pub(crate) fn stopped(&self) -> Result<Option<StopNotice>> {
        self.value(STOPPED)
    }

    /// Until when a lease other than this owner's is alive.
    pub(crate) fn leased_elsewhere(&self, owner: &str, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>> {
        let lease = self.value::<StoredLease>(LEASE)?.filter(|lease| lease.owner != owner);
        // One from ahead of our clock lapses like one of this moment.
        Ok(lease.map(|lease| lease.renewed_at.min(now) + LASTS).filter(|until| *until > now))
    }
}

impl WriteTransaction<'_> {
    /// From now on nothing leaves before every folder was read.
    pub(crate) fn set_behind(&self, behind: &BehindSince) -> Result<()> {
        self.set_meta(BEHIND, &behind.to_column())
    }

    pub(crate) fn caught_up(&self) -> Result<()> {
        self.forget_meta(BEHIND)
    }

    pub(crate) fn set_stopped(&self, notice: &StopNotice) -> Result<()> {
        self.set_meta(STOPPED, &notice.to_column())
    }

    pub(crate) fn forget_stopped(&self) -> Result<()> {
        self.forget_meta(STOPPED)
    }

    /// Nobody holds the lease of a copy.
    pub(super) fn forget_lease(&self) -> Result<()> {
        self.forget_meta(LEASE)
    }

    /// Writes the lease, and returns the generation that it begins.
    fn write_lease(&self, me: &ProcessIdentity, now: DateTime<Utc>) -> Result<u64> {
        let lease = StoredLease {
            owner: me.owner.clone(),
            pid: me.pid,
            machine: me.machine.clone(),
            boot: me.boot.clone(),
            file: me.file.clone(),
            renewed_at: now,
        };
        self.set_meta(LEASE, &lease.to_column())?;
        let next = self.generation()? + 1;
        self.set_meta(GENERATION, &next.to_string())?;
        Ok(next)
    }

    /// Whether the database has come from elsewhere, or is older than one that was here. `marked`: how far that was.
    fn origin(&self, me: &ProcessIdentity, marked: Option<u64>) -> Result<Option<&'static str>> {
        let here = StoredPlace { machine: me.machine.clone(), file: me.file.clone() };
        let before: Option<StoredPlace> = self.value(FILE)?;
        self.set_meta(FILE, &here.to_column())?;
        Ok(match before {
            Some(before) if before != here => Some("it is a copy of another file"),
            _ if marked.is_some_and(|marked| marked > self.generation().unwrap_or(0)) => {
                Some("it is older than the one that was in its place")
            }
            _ => None,
        })
    }

    /// The lease of a process that there is not.
    #[cfg(test)]
    pub(super) fn lease_to(&self, owner: &str, now: DateTime<Utc>) -> Result<()> {
        let [machine, boot, file] = ["machine", "boot", "17"].map(str::to_owned);
        let me = ProcessIdentity { owner: owner.to_owned(), pid: 17, machine, boot, file };
        self.write_lease(&me, now).map(drop)
    }

    fn take_lease(
        &self,
        me: &ProcessIdentity,
        marked: Option<u64>,
        now: DateTime<Utc>,
    ) -> Result<(LeaseOutcome, u64)> {
        let lease: Option<StoredLease> = self.value(LEASE)?;
        let is_ours = lease.as_ref().is_some_and(|lease| lease.owner == me.owner);
        let is_dead = lease.as_ref().is_some_and(|lease| lease.is_dead(me));
        if let (false, Some(until)) = (is_dead, self.leased_elsewhere(&me.owner, now)?) {
            return Ok((LeaseOutcome::Elsewhere { until }, self.generation()?));
        }
        if !is_ours {
            let why = self.origin(me, marked)?;
            let behind = self.behind()?;
            if let (None, Some(why)) = (&behind, why) {
                let as_of = lease
                    .map(|lease| lease.renewed_at)
                    .or(self.agent_presence()?.map(|agent| agent.alive_at));
                self.set_behind(&BehindSince { as_of, why: why.to_owned(), found_at: None })?;
            }
        }
        if let Some(behind) = self.behind()?.filter(|behind| behind.found_at.is_none() || !is_ours) {
            self.set_behind(&BehindSince { found_at: Some(now), ..behind })?;
        }
        Ok((LeaseOutcome::Taken, self.write_lease(me, now)?))
    }
}

impl Store {
    /// The name under which this process delivers.
    pub(crate) fn owner(&self) -> &str {
        &self.process.owner
    }

    /// Takes the lease, or renews it. The file's lock must be held.
    pub(crate) async fn take_lease(&self, now: DateTime<Utc>) -> Result<LeaseOutcome> {
        let me = self.process.clone();
        let place = self.file.place().to_owned();
        let (waiting, waits) = (Arc::clone(&self.waiting), Arc::clone(&self.waits));
        let durable = Arc::clone(&self.writes_durably);
        self.writer
            .run(Priority::Command, move |connection| {
                write_durably(connection, &durable, true)?;
                let marked = database_file::marked_generation(&place);
                let (outcome, generation) =
                    write_on(connection, &waiting, &waits, |tx| tx.take_lease(&me, marked, now))?;
                note_generation(&place, generation);
                Ok(outcome)
            })
            .await
    }

    /// Renews the lease. `false`: it is another's by now.
    pub(crate) async fn renew_lease(&self, now: DateTime<Utc>) -> Result<bool> {
        let me = self.process.clone();
        let place = self.file.place().to_owned();
        let (waiting, waits) = (Arc::clone(&self.waiting), Arc::clone(&self.waits));
        let durable = Arc::clone(&self.writes_durably);
        self.writer
            .run(Priority::Command, move |connection| {
                write_durably(connection, &durable, true)?;
                let renewed = write_on(connection, &waiting, &waits, |tx| {
                    let is_ours = tx.is_leased_to(&me.owner)?;
                    Ok::<_, StoreError>(if is_ours { Some(tx.write_lease(&me, now)?) } else { None })
                })?;
                if let Some(generation) = renewed {
                    note_generation(&place, generation);
                }
                Ok(renewed.is_some())
            })
            .await
    }

    /// Gives the lease back, where it is this process's.
    pub(crate) async fn release_lease(&self) -> Result<()> {
        let owner = self.process.owner.clone();
        self.write(
            Priority::Command,
            move |tx| if tx.is_leased_to(&owner)? { tx.forget_lease() } else { Ok(()) },
        )
        .await
    }
}

/// After what it says was committed, so that it is never ahead of the database that is in its place.
fn note_generation(place: &std::path::Path, generation: u64) {
    if let Err(error) = database_file::mark(place, generation) {
        tracing::warn!(%error, "the marker beside the database cannot be written");
    }
}
