//! What the domain needs of a time zone. The rules themselves come from `clock`.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone, Utc};

/// One time zone's rules. behaviour.md section 4 says how gaps and overlaps count.
pub trait Zone: fmt::Debug + Send + Sync {
    /// IANA name, such as `America/New_York`.
    fn name(&self) -> &str;

    /// Offset in force at `at`.
    fn offset_at(&self, at: DateTime<Utc>) -> FixedOffset;

    /// Abbreviation in force at `at`, such as `EST` (or `-03` where a zone has none).
    fn abbreviation_at(&self, at: DateTime<Utc>) -> String;

    /// The instant of a local time: one that a clock change skips is the first instant after the gap,
    /// one that occurs twice the later.
    fn instant(&self, local: NaiveDateTime) -> DateTime<Utc>;

    /// `at` as people in this zone read it.
    fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        self.offset_at(at).from_utc_datetime(&at.naive_utc())
    }
}
