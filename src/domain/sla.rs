//! The SLA clock: when a first touch is due, and why. behaviour.md section 4.

use chrono::NaiveTime;

/// How a deadline is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlaPolicy {
    Playbook { noon: NaiveTime, same_day: NaiveTime, next_morning: NaiveTime },
    BusinessHours { seconds: u32 },
    Elapsed { seconds: u32 },
}
