//! What the domain needs of a time zone. The rules themselves come from `clock`.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, FixedOffset, NaiveDateTime, TimeZone, Utc};

/// One time zone's rules. docs/behaviour.md section 4 says how gaps and overlaps count.
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

    /// Another zone of the same database, by its IANA name or its city in any case, such as `europe/berlin` or
    /// `new york`; `None` where there is none, or no database behind this zone.
    fn other(&self, _name: &str) -> Option<Arc<dyn Zone>> {
        None
    }

    /// `at` as people in this zone read it.
    fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        self.offset_at(at).from_utc_datetime(&at.naive_utc())
    }
}

/// Where zones come from: `clock` in the program, a table of a few in tests.
pub trait ZoneSource {
    /// The zone of an IANA name, exactly as it is spelt, or of an offset such as `+01:00`.
    fn zone(&self, name: &str) -> Option<Arc<dyn Zone>>;

    /// Every name that `zone` knows, to find the one that was meant.
    fn names(&self) -> Vec<String>;

    /// The zone of a city by a name that none of those has, in lower case with blanks: `roma`.
    fn of_city(&self, _city: &str) -> Option<Arc<dyn Zone>> {
        None
    }
}

/// Finds the rules of a zone by its IANA name.
pub(crate) type ZoneLookup = Arc<dyn Fn(&str) -> Option<Arc<dyn Zone>> + Send + Sync>;

/// A zone that never changes its offset, named by it: `+01:00`, `-03:30`, `UTC` for none.
#[derive(Clone, Debug)]
pub(crate) struct FixedZone {
    name: String,
    offset: FixedOffset,
}

impl FixedZone {
    pub(crate) fn new(offset: FixedOffset) -> Self {
        let name = if offset.local_minus_utc() == 0 { "UTC".to_owned() } else { offset.to_string() };
        Self { name, offset }
    }

    /// `UTC`, `+01:00` or `-03:30`, with sign and colon.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        if name == "UTC" {
            return FixedOffset::east_opt(0).map(Self::new);
        }
        let (sign, digits) = match name.strip_prefix('+') {
            Some(digits) => (1, digits),
            None => (-1, name.strip_prefix('-')?),
        };
        let (hours, minutes) = digits.split_once(':')?;
        let two = |text: &str| (text.len() == 2).then(|| text.parse::<u8>().ok()).flatten();
        let (hours, minutes) = (i32::from(two(hours)?), i32::from(two(minutes)?));
        if hours > 14 || minutes > 59 {
            return None;
        }
        FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60)).map(Self::new)
    }
}

impl Zone for FixedZone {
    fn name(&self) -> &str {
        &self.name
    }

    fn offset_at(&self, _at: DateTime<Utc>) -> FixedOffset {
        self.offset
    }

    fn abbreviation_at(&self, _at: DateTime<Utc>) -> String {
        self.name.clone()
    }

    fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let shift = chrono::TimeDelta::seconds(i64::from(self.offset.local_minus_utc()));
        local.checked_sub_signed(shift).unwrap_or(local).and_utc()
    }
}
