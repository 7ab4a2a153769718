//! Handoffs by calendar week (Monday to Sunday), in the reader's zone.

use chrono::{Datelike, Days, NaiveDate};

use super::super::zone::Zone;
use super::AuditedHandoff;
use super::figures::share;

/// One calendar week.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WeekFigures {
    pub monday: NaiveDate,
    pub handoffs: Vec<AuditedHandoff>,
    /// Share in time among those that are settled.
    pub in_time: Option<f64>,
}

impl WeekFigures {
    /// `2026-W48` (ISO 8601).
    pub(crate) fn name(&self) -> String {
        week_name(self.monday)
    }
}

/// The week of a date: `2026-W48` (ISO 8601).
pub(crate) fn week_name(date: NaiveDate) -> String {
    let week = date.iso_week();
    format!("{}-W{:02}", week.year(), week.week())
}

/// The Monday of a date's week.
pub(crate) fn monday_of(date: NaiveDate) -> NaiveDate {
    let past = u64::from(date.weekday().num_days_from_monday());
    date.checked_sub_days(Days::new(past)).unwrap_or(date)
}

/// Every week from the first handoff's to the last one's, those without any included.
pub(crate) fn by_week(handoffs: &[AuditedHandoff], zone: &dyn Zone) -> Vec<WeekFigures> {
    let week = |one: &AuditedHandoff| one.sent_at.map(|at| monday_of(zone.local(at).date_naive()));
    let mut dated: Vec<(NaiveDate, &AuditedHandoff)> =
        handoffs.iter().filter_map(|one| Some((week(one)?, one))).collect();
    dated.sort_by_key(|(monday, _)| *monday);
    let (Some((first, _)), Some((last, _))) = (dated.first(), dated.last()) else { return Vec::new() };
    let (first, last) = (*first, *last);
    first
        .iter_weeks()
        .take_while(|monday| *monday <= last)
        .map(|monday| {
            let of_week = dated.iter().filter(|(week, _)| *week == monday);
            let own: Vec<AuditedHandoff> = of_week.map(|(_, one)| (*one).clone()).collect();
            let in_time = share(own.iter().map(AuditedHandoff::was_in_time));
            WeekFigures { monday, handoffs: own, in_time }
        })
        .collect()
}
