//! What follows while this machine's clock is in doubt, and what waits. docs/behaviour.md section 7.
//!
//! `clock_trust` says when the clock is in doubt; here stands what that means for whatever cannot be taken back.

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::{ReadTransaction, Result as Stored};

/// Under this name the store remembers since when the clock is in doubt; the operator's alert about a jump has it, too.
pub(super) const IN_DOUBT: &str = "clock-in-doubt";

/// Since when the clock is in doubt.
pub(super) fn in_doubt_since(tx: &ReadTransaction<'_>) -> Stored<Option<DateTime<Utc>>> {
    let since = tx.meta(IN_DOUBT)?.and_then(|since| since.parse().ok());
    Ok(since.and_then(|since| DateTime::from_timestamp(since, 0)))
}

/// How much time has passed since `from`. While the clock is in doubt only what it has shown since then counts: one that was
/// set ahead makes everything old at once.
pub(super) fn passed_since(
    tx: &ReadTransaction<'_>,
    from: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Stored<TimeDelta> {
    Ok(now - in_doubt_since(tx)?.map_or(from, |since| from.max(since)))
}

/// Whether `span` has passed since `from`, so that what cannot be taken back may follow.
pub(super) fn has_passed(
    tx: &ReadTransaction<'_>,
    from: DateTime<Utc>,
    span: TimeDelta,
    now: DateTime<Utc>,
) -> Stored<bool> {
    Ok(passed_since(tx, from, now)? >= span)
}

/// What is older than `age` may be dropped, by the time that it was dated at; `None`: nothing yet, since the clock is in
/// doubt.
pub(super) fn old_before(
    tx: &ReadTransaction<'_>,
    age: TimeDelta,
    now: DateTime<Utc>,
) -> Stored<Option<DateTime<Utc>>> {
    let before = now - age;
    Ok(has_passed(tx, before, age, now)?.then_some(before))
}
