//! How long a mail waits for its next attempt. docs/behaviour.md section 12.

use chrono::TimeDelta;

/// Deferred mail is tried again after this, then at intervals that double.
const FIRST_WAIT: TimeDelta = TimeDelta::seconds(5);
pub(super) const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(15);
/// And given up after this.
pub(super) const GIVES_UP_AFTER: TimeDelta = TimeDelta::days(2);
/// What is put off after a refusal counts as refused again after this, so that attempts follow each other as they are told to.
pub(super) const RETRY_GIVES_UP_AFTER: TimeDelta = TimeDelta::minutes(30);
/// A server that refuses the login is not asked again sooner.
pub(super) const LOGIN_WAIT: TimeDelta = TimeDelta::minutes(15);
/// A server that had had all of a mail when it put it off may have delivered it.
pub(super) const WAIT_AFTER_MESSAGE: TimeDelta = TimeDelta::minutes(2);
/// Mail to our own people that is refused for good is tried 1, 6 and 24 h after the first refusal; this lies between.
const REFUSAL_WAITS: [TimeDelta; 3] = [TimeDelta::hours(1), TimeDelta::hours(5), LONGEST_REFUSAL_WAIT];
pub(super) const LONGEST_REFUSAL_WAIT: TimeDelta = TimeDelta::hours(18);

/// How long mail waits that was put off so often.
pub(super) fn after_deferral(attempts: u32) -> TimeDelta {
    let doublings = attempts.saturating_sub(1).min(16);
    (FIRST_WAIT * 2_i32.saturating_pow(doublings)).min(LONGEST_WAIT)
}

/// How long mail to our own people waits that had been refused for good so often before, and whether that is the last
/// attempt; `None`: there is no other.
pub(super) fn after_refusal(refusals: u32) -> Option<(TimeDelta, bool)> {
    let done = usize::try_from(refusals).ok()?;
    REFUSAL_WAITS.get(done).map(|wait| (*wait, done + 1 == REFUSAL_WAITS.len()))
}
