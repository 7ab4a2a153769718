//! When the demo's story is played: as it is written, or whole weeks away from that, so that weekdays stay.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::script::{DAYS, ENDS};
use crate::domain::zone::Zone;

/// The script's instants and days, moved by whole weeks.
#[derive(Clone, Debug)]
pub(crate) struct DemoCalendar {
    weeks: i64,
    zone: Arc<dyn Zone>,
}

impl DemoCalendar {
    pub(crate) fn as_written(zone: Arc<dyn Zone>) -> Self {
        Self { weeks: 0, zone }
    }

    /// In the last week of those in which the story is over by `now`.
    pub(crate) fn before(now: DateTime<Utc>, zone: Arc<dyn Zone>) -> Self {
        let weeks = (now - written(ENDS)).num_seconds().div_euclid(TimeDelta::weeks(1).num_seconds());
        Self { weeks, zone }
    }

    /// One of the script's instants. The local time is what stays, whatever the clocks do in between.
    pub(crate) fn instant(&self, text: &str) -> DateTime<Utc> {
        let local = self.zone.local(written(text)).naive_local();
        self.zone.instant(local + TimeDelta::weeks(self.weeks))
    }

    /// One of the script's texts, with its days moved.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut moved = text.to_owned();
        if self.weeks == 0 {
            return moved;
        }
        // By way of marks, since one day may become what another was.
        for (index, (day, _, _)) in DAYS.iter().enumerate() {
            moved = moved.replace(day, &format!("\u{1}{index}\u{1}"));
        }
        for (index, (_, form, day)) in DAYS.iter().enumerate() {
            let date =
                NaiveDate::from_ymd_opt(2026, 12, *day).unwrap_or_default() + TimeDelta::weeks(self.weeks);
            moved = moved.replace(&format!("\u{1}{index}\u{1}"), &date.format(form).to_string());
        }
        moved
    }
}

/// The script's own instants, which are written down in this program.
fn written(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).map_or(DateTime::UNIX_EPOCH, |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use super::super::script::{ACME, BEGINS, SCENES, ZONE};
    use super::*;
    use crate::clock::Zones;

    #[test]
    fn the_scripts_instants_can_be_read_and_come_in_order() {
        let all: Vec<_> = SCENES.iter().map(|scene| written(scene.at)).collect();
        assert!(all.is_sorted() && written(BEGINS) <= all[0] && written(BEGINS) > DateTime::UNIX_EPOCH);
        assert!(*all.last().unwrap() < written(ENDS));
    }

    #[test]
    fn what_is_kept_lies_in_the_past_on_the_same_weekdays_and_times_of_day() {
        let zone = Zones::built_in().get(ZONE).unwrap();
        for (now, begins, date) in [
            ("2026-12-09T17:59:59Z", "2026-11-24T09:00", "2026-11-24"),
            ("2027-07-07T12:00:00Z", "2027-06-22T09:00", "2027-06-22"),
            ("2026-12-16T18:00:00Z", "2026-12-08T09:00", "2026-12-08"),
        ] {
            let calendar = DemoCalendar::before(written(now), zone.clone());
            let local = zone.local(calendar.instant(BEGINS));
            assert_eq!(local.format("%Y-%m-%dT%H:%M").to_string(), begins);
            assert!(calendar.instant(ENDS) <= written(now));
            assert!(calendar.text(ACME).starts_with(&format!("HANDOFF RECORD: Acme Corp | {date}\n")));
        }
        assert_eq!(
            DemoCalendar::before(written("2027-07-07T12:00:00Z"), zone)
                .text("rescheduled to Tue 8 Dec 11:00"),
            "rescheduled to Tue 29 Jun 11:00"
        );
    }
}
