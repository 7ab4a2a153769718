//! What the operator has to fix: each is reported once until it is resolved.

use chrono::{DateTime, Utc};
use rusqlite::params;

use super::{ReadTransaction, Result, WriteTransaction, instant, optional_instant, seconds};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alert {
    pub seq: i64,
    /// What it is about, such as `login dana`; one lasts at a time for each.
    pub subject: String,
    pub what: String,
    pub detail: String,
    pub remedy: String,
    pub since: DateTime<Utc>,
    pub resolved: Option<DateTime<Utc>>,
}

impl ReadTransaction<'_> {
    /// Every alert that lasts, oldest first.
    pub(crate) fn alerts(&self) -> Result<Vec<Alert>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, subject, what, detail, remedy, since, mended FROM troubles WHERE mended IS NULL ORDER BY +seq",
        )?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get(0)?,
                    row.get(1)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                    row.get(6)?,
                ))
            })?
            .collect::<rusqlite::Result<Vec<(i64, String, String, String, String, i64, Option<i64>)>>>()?;
        rows.into_iter()
            .map(|(seq, subject, what, detail, remedy, since, resolved)| {
                Ok(Alert {
                    seq,
                    subject,
                    what,
                    detail,
                    remedy,
                    since: instant("troubles", since)?,
                    resolved: optional_instant("troubles", resolved)?,
                })
            })
            .collect()
    }
}

impl WriteTransaction<'_> {
    /// Raises an alert. Returns whether it is a new one.
    pub(crate) fn raise_alert(
        &self,
        subject: &str,
        what: &str,
        detail: &str,
        remedy: &str,
        at: DateTime<Utc>,
    ) -> Result<bool> {
        let added = self
            .connection
            .prepare_cached(
                "INSERT INTO troubles (subject, what, detail, remedy, since) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO NOTHING",
            )?
            .execute(params![subject, what, detail, remedy, seconds(at)])?;
        Ok(added > 0)
    }

    /// Returns whether there was such an alert.
    pub(crate) fn resolve_alert(&self, subject: &str, at: DateTime<Utc>) -> Result<bool> {
        let sql = "UPDATE troubles SET mended = ?2 WHERE subject = ?1 AND mended IS NULL";
        let resolved = self.connection.prepare_cached(sql)?.execute(params![subject, seconds(at)])?;
        Ok(resolved > 0)
    }
}
