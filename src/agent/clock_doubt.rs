//! What follows while this machine's clock is in doubt, and what waits. docs/behaviour.md section 7.
//!
//! `clock_trust` says when the clock is in doubt; here stands what that means for whatever cannot be taken back.

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::{ReadTransaction, Result as Stored, WriteTransaction};

/// Under this name the store remembers since when the clock is in doubt; the operator's alert about a jump has it, too.
pub(super) const IN_DOUBT: &str = "clock-in-doubt";

/// Since when no sign has confirmed the clock. A clock that is set once more while it is in doubt begins another doubt, but
/// has confirmed nothing: where every pass finds it set ahead again, no doubt lasts, and a sign is awaited all the same.
const WITHOUT_SIGN: &str = "clock-without-sign";

/// Since when the clock is in doubt.
pub(super) fn in_doubt_since(tx: &ReadTransaction<'_>) -> Stored<Option<DateTime<Utc>>> {
    instant(tx, IN_DOUBT)
}

/// Since when no sign has come, at the latest since the clock is in doubt.
pub(super) fn without_sign_since(tx: &ReadTransaction<'_>) -> Stored<Option<DateTime<Utc>>> {
    Ok(instant(tx, WITHOUT_SIGN)?.or(in_doubt_since(tx)?))
}

fn instant(tx: &ReadTransaction<'_>, key: &str) -> Stored<Option<DateTime<Utc>>> {
    let since = tx.meta(key)?.and_then(|since| since.parse().ok());
    Ok(since.and_then(|since| DateTime::from_timestamp(since, 0)))
}

/// The clock is in doubt from now on, whether it was before or not.
pub(super) fn begin_doubt(tx: &WriteTransaction<'_>, now: DateTime<Utc>) -> Stored<()> {
    // One that was set back says nothing of a time that has not come.
    let since = without_sign_since(tx)?.filter(|since| *since <= now).unwrap_or(now);
    tx.set_meta(WITHOUT_SIGN, &since.timestamp().to_string())?;
    tx.set_meta(IN_DOUBT, &now.timestamp().to_string())
}

/// A sign has come.
pub(super) fn end_doubt(tx: &WriteTransaction<'_>) -> Stored<()> {
    tx.forget_meta(WITHOUT_SIGN)?;
    tx.forget_meta(IN_DOUBT)
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
