//! The SLA clock: when a first touch is due, and why. docs/behaviour.md section 4.
//!
//! Total: every policy gives a deadline for every instant, later than that instant (unless its length is
//! 0). The `why` line first says what would hold without holidays, then what each holiday changes.
//!
//! Known limit: for an AE without any working day in the next 400 years the playbook's next morning is
//! tomorrow's, and working hours are plain time. The line says so.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

use super::people::WorkingTime;
use super::working::{HORIZON_DAYS, later, whole_second};
use super::zone::Zone;

/// More skipped days than these are summed up in the `why` line.
const HOLIDAYS_TOLD: usize = 3;

/// How a deadline is counted. Times of day are local times of the AE's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlaPolicy {
    /// Before `noon` of a working day: the same day at `same_day`. Otherwise the next working day at
    /// `next_morning`.
    Playbook { noon: NaiveTime, same_day: NaiveTime, next_morning: NaiveTime },
    /// So many seconds of the AE's working hours.
    BusinessHours { seconds: u32 },
    /// So many seconds of plain time.
    Elapsed { seconds: u32 },
}

impl Default for SlaPolicy {
    /// The playbook with the times of its SLA table: 12:00, 17:00 and 10:00.
    fn default() -> SlaPolicy {
        let hour = |hour| NaiveTime::MIN + TimeDelta::hours(hour);
        SlaPolicy::Playbook { noon: hour(12), same_day: hour(17), next_morning: hour(10) }
    }
}

impl SlaPolicy {
    /// The policy's name in the configuration.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            SlaPolicy::Playbook { .. } => "playbook",
            SlaPolicy::BusinessHours { .. } => "business-hours",
            SlaPolicy::Elapsed { .. } => "elapsed",
        }
    }
}

/// When a first touch is due, and how that came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// Whole seconds. A touch in this very second is in time.
    pub at: DateTime<Utc>,
    /// One line, such as `Fri 13:05 Europe/Madrid -> Mon 10:00; Mon is a holiday -> Tue 10:00`.
    pub why: String,
}

/// Deadline for a handoff completed at `at`, counted in the AE's zone, days and hours; fractions of a
/// second are dropped. docs/behaviour.md section 4.
pub fn deadline(policy: &SlaPolicy, working: &WorkingTime, at: DateTime<Utc>) -> Deadline {
    let at = whole_second(at);
    let wording = DeadlineWording { zone: &*working.zone, start: working.zone.local(at).date_naive() };
    let begin = format!("{} {}", wording.instant(at), working.zone.name());
    match *policy {
        SlaPolicy::Playbook { noon, same_day, next_morning } => {
            let first = first_day(working, at, noon, same_day, next_morning);
            playbook(working, &wording, at, first, next_morning, begin)
        }
        SlaPolicy::BusinessHours { seconds } => business_hours(working, &wording, at, seconds, &begin),
        SlaPolicy::Elapsed { seconds } => {
            let due = later(at, seconds);
            Deadline { at: due, why: format!("{begin} + {} -> {}", length(seconds), wording.instant(due)) }
        }
    }
}

/// A local time at which a touch would be due if its day is no holiday.
type LocalDeadline = (NaiveDate, NaiveTime);

/// What the table of the playbook says without holidays.
fn first_day(
    working: &WorkingTime,
    at: DateTime<Utc>,
    noon: NaiveTime,
    same_day: NaiveTime,
    next_morning: NaiveTime,
) -> Option<LocalDeadline> {
    let today = working.zone.local(at).date_naive();
    let due_today = working.zone.instant(today.and_time(same_day));
    let before_noon = at < working.zone.instant(today.and_time(noon));
    // `noon` may be configured later than `same_day`; a deadline that has passed is none.
    if working.is_workday(today) && before_noon && at < due_today {
        return Some((today, same_day));
    }
    next_workday(working, today).map(|day| (day, next_morning))
}

fn playbook(
    working: &WorkingTime,
    wording: &DeadlineWording<'_>,
    at: DateTime<Utc>,
    first: Option<LocalDeadline>,
    morning: NaiveTime,
    begin: String,
) -> Deadline {
    let mut skipped = Vec::new();
    let mut candidate = first;
    while let Some((day, time)) = candidate {
        let due = working.zone.instant(day.and_time(time));
        if !working.holidays.contains(&day) && due > at {
            let why = format!("{begin}{} -> {}", wording.moved_by(&skipped), wording.wanted(day, time));
            return Deadline { at: due, why };
        }
        skipped.push((day, time));
        candidate = next_workday(working, day).map(|day| (day, morning));
    }
    let tomorrow = wording.start.succ_opt().unwrap_or(wording.start);
    let due = working.zone.instant(tomorrow.and_time(morning)).max(at);
    let why = format!(
        "{begin}; no working day in sight, so the next day counts -> {}",
        wording.wanted(tomorrow, morning)
    );
    Deadline { at: due, why }
}

/// The next of the person's weekdays after `day`, holidays included.
fn next_workday(working: &WorkingTime, day: NaiveDate) -> Option<NaiveDate> {
    if working.workdays.is_empty() {
        return None;
    }
    day.iter_days().skip(1).take(HORIZON_DAYS).find(|day| working.is_workday(*day))
}

fn business_hours(
    working: &WorkingTime,
    wording: &DeadlineWording<'_>,
    at: DateTime<Utc>,
    seconds: u32,
    begin: &str,
) -> Deadline {
    let Some(due) = working.working_seconds_after(at, seconds) else {
        let due = later(at, seconds);
        let length = length(seconds);
        return Deadline {
            at: due,
            why: format!(
                "{begin}; no {length} of working hours in sight, so plain time counts -> {}",
                wording.instant(due)
            ),
        };
    };
    let without_holidays = WorkingTime { holidays: std::collections::BTreeSet::new(), ..working.clone() };
    let naive = without_holidays.add_working_seconds(at, seconds);
    let opening = without_holidays.next_open(at);
    let counted_from =
        if opening > at { format!(", counted from {}", wording.instant(opening)) } else { String::new() };
    let hours = format!("{}-{}", minute(working.opens), minute(working.closes));
    let mut why =
        format!("{begin}{counted_from} + {} within {hours} -> {}", length(seconds), wording.instant(naive));
    if naive != due {
        let last = working.zone.local(due).date_naive();
        let skipped: Vec<NaiveDate> = working
            .holidays
            .range(wording.start.min(last)..=last)
            .copied()
            .filter(|day| working.is_workday(*day))
            .collect();
        why.push_str(&format!("; {} -> {}", wording.holidays(&skipped), wording.instant(due)));
    }
    Deadline { at: due, why }
}

/// Words for instants, as somebody reads them who knows when the clock started.
struct DeadlineWording<'a> {
    zone: &'a dyn Zone,
    /// The local date of the start.
    start: NaiveDate,
}

impl DeadlineWording<'_> {
    /// `Mon 10:00`; with seconds, date or abbreviation where it would be unclear without.
    fn instant(&self, at: DateTime<Utc>) -> String {
        let local = self.zone.local(at).naive_local();
        let wording = format!("{} {}", self.day(local.date()), clock_time(local.time()));
        if self.occurs_twice(at) { format!("{wording} {}", self.zone.abbreviation_at(at)) } else { wording }
    }

    /// A local time that was aimed at; where a clock change skips it, also what it became.
    fn wanted(&self, day: NaiveDate, time: NaiveTime) -> String {
        let due = self.zone.instant(day.and_time(time));
        if self.zone.local(due).naive_local() == day.and_time(time) {
            return self.instant(due);
        }
        format!("{} {}; a clock change skips that -> {}", self.day(day), clock_time(time), self.instant(due))
    }

    /// `Mon`; from a week on with the date, in another year with the year.
    fn day(&self, day: NaiveDate) -> String {
        let near = (day - self.start).num_days().abs() < 7;
        let form = match (near, day.year() == self.start.year()) {
            (true, _) => "%a",
            (false, true) => "%a %-d %b",
            (false, false) => "%a %-d %b %Y",
        };
        day.format(form).to_string()
    }

    /// The part of the line that tells how holidays moved the deadline on.
    fn moved_by(&self, skipped: &[LocalDeadline]) -> String {
        let days: Vec<NaiveDate> = skipped.iter().map(|(day, _)| *day).collect();
        match skipped {
            [(day, time), ..] if skipped.len() > HOLIDAYS_TOLD => {
                format!(" -> {}; {}", self.wanted(*day, *time), self.holidays(&days))
            }
            _ => skipped
                .iter()
                .map(|(day, time)| {
                    format!(" -> {}; {} is a holiday", self.wanted(*day, *time), self.day(*day))
                })
                .collect(),
        }
    }

    fn holidays(&self, days: &[NaiveDate]) -> String {
        match days {
            [] => "a holiday".to_owned(),
            [day] => format!("{} is a holiday", self.day(*day)),
            [one, other] => format!("{} and {} are holidays", self.day(*one), self.day(*other)),
            [first, .., last] => format!(
                "{} working days from {} to {} are holidays",
                days.len(),
                self.day(*first),
                self.day(*last)
            ),
        }
    }

    /// Whether a clock change makes the local time of `at` occur twice.
    fn occurs_twice(&self, at: DateTime<Utc>) -> bool {
        let local = self.zone.local(at).naive_local();
        [-4, 4].into_iter().filter_map(|hours| at.checked_add_signed(TimeDelta::hours(hours))).any(|near| {
            let other = self.zone.offset_at(near);
            let twin = local.checked_sub_offset(other).map(|utc| utc.and_utc());
            twin.is_some_and(|twin| twin != at && self.zone.local(twin).naive_local() == local)
        })
    }
}

fn clock_time(time: NaiveTime) -> String {
    time.format(if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" }).to_string()
}

fn minute(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// `4h`, `1h 30m`, `10s`.
fn length(seconds: u32) -> String {
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if said.is_empty() { "0s".to_owned() } else { said.join(" ") }
}
