//! A new time in an answer, such as `Tue 1 Dec 14:00` or `next Thursday 3pm`.
//!
//! Never guesses: two days, two times, `11/12`, `at 3` or a name that several zones have are no time, and baton asks. Known
//! limits: `same time` is not known here; a date without its year that has just passed is none, although it comes again
//! next year.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use regex::Captures;

use super::super::zone::{FixedZone, Zone};
use super::super::zone_words::{ZoneWord, zone_word};
use super::plain;
use super::rule::{RulePattern, words};
use super::when_rest::{TIME, is_of_other_weekday, is_place, names_next_weekday, other_day, zone_beside};
use super::when_span::{BARE_SPAN, SPAN, of_bare_span, of_span};
use super::when_words::{NamedDay, days};
use crate::language::{Role, lines, matcher, meaning_among, meanings};

/// A meeting is not moved further ahead than this; a date without its year beyond it was meant as past.
const FURTHEST: TimeDelta = TimeDelta::days(330);

/// What stands before the new time in `moved from Thursday to Tue 1 Dec 14:00`.
static MOVED_TO: RulePattern =
    RulePattern::new(|| format!(r"^.*\b{}\b.*?\d.*?\s{}\s", words(Role::MovedFrom), words(Role::MovedTo)));

/// The name of a zone behind a time, as a group.
pub(super) fn zone_after() -> String {
    let offset = r"(?:utc|gmt)(?:\s*[+-]\d{1,2}(?::?\d{2})?)?\b|[+-]\d{2}:?\d{2}\b|z\b";
    let place = r"[A-Za-zÀ-ɏ]+(?:_[A-Za-zÀ-ɏ]+)*/[A-Za-z_]+(?:/[A-Za-z_]+)?";
    let american = r"(?:(?:e|c|m|p|ak|h)[sd]?t|eastern|central|mountain|pacific)\b";
    // These are words, too, so their capitals count.
    let capital = "(?-i:IST|WEST|WET|AST|MSK|BRT|ART|SAST)";
    let other = "cest|cet|bst|eest|eet|jst|kst|hkt|sgt|ae[sd]t|awst|nz[sd]t|gst|pkt|trt";
    let central = words(Role::CentralEuropeanTime);
    format!(r"(?:\s*[,(]?\s*({offset}|{place}|{american}|(?:{central}|{capital}|{other})\b))?")
}

/// Half of the day, as a group.
pub(super) fn half() -> String {
    format!(r"({})(?:\b|\s|$)", words(Role::HalvesOfDay))
}

/// Stand between two times.
fn until_words() -> String {
    format!("(?:{}|{})", words(Role::BetweenTimes), words(Role::RangeEnds))
}

/// `14:00`, `2:30 pm`, `14h30`, `14.30 Uhr`, and the end of a span after it.
static MINUTES: RulePattern = RulePattern::new(|| {
    let (until, half, zone) = (until_words(), half(), zone_after());
    let (mark, halves) = (words(Role::HourMarks), words(Role::HalvesOfDay));
    let begin = format!(r"\b(\d{{1,2}})(:|h|\.)(\d{{2}})(?::\d{{2}})?(\s*{mark}\b)?(?:\s*{half})?");
    let end = format!(r"\s*(?:-|{until})\s*\d{{1,2}}[:.h]\d{{2}}(?:\s*{mark}\b)?(?:\s*{halves})?");
    format!(r"{begin}(?:{end})?{zone}")
});
/// `3pm`, `3 p.m.`
static HALVES: RulePattern = RulePattern::new(|| {
    let (until, half, zone) = (until_words(), half(), zone_after());
    let end = format!(r"\s*(?:-|{until})\s*\d{{1,2}}(?:[:.]\d{{2}})?\s*{}\b", words(Role::HalvesOfDay));
    format!(r"\b(\d{{1,2}})\s*{half}(?:{end})?{zone}")
});
/// `14 Uhr`, `um 14 Uhr MEZ`, `14h`, `at 14`, `um 10`, `noon`.
static HOURS: RulePattern = RulePattern::new(|| {
    let (mark, until, zone) = (words(Role::HourMarks), until_words(), zone_after());
    let (at, noon) = (words(Role::BeforeHours), words(Role::Noon));
    // The word before comes along, or it would be read as the shorter form, without its mark and its zone.
    let begin = format!(r"(?:(?:\b{at}|@)\s*)?\b(\d{{1,2}})\s*(?:{mark}|h)\b");
    let marked = format!(r"{begin}(?:\s*(?:-|{until})\s*\d{{1,2}}\s*(?:{mark}|h)\b)?");
    format!(r"(?:{marked}|(?:\b{at}|@)\s*(\d{{1,2}})\b|\b({noon})\b){zone}")
});
static SOMEBODYS_TIME: RulePattern = RulePattern::new(|| {
    let (whose, time) = (words(Role::WhoseTime), words(Role::TimeWords));
    let place = r"(?-i:[A-ZÀ-Þ])[A-Za-zÀ-ɏ]+(?:[ _](?-i:[A-ZÀ-Þ])[A-Za-zÀ-ɏ]+)?(?:'s)?";
    format!(r"\b({whose}|{place})\s+{time}\b|\(([A-Za-zÀ-ɏ ]+)\)\s*$")
});

/// `2026-12-08T14:00:00-05:00`, `2026-12-08 19:00Z`: an instant, whatever the zone.
static INSTANT: RulePattern = RulePattern::new(|| {
    let (date, time) = (r"\b(\d{4}-\d{2}-\d{2})", r"(\d{2}:\d{2})(:\d{2})?(?:\.\d+)?");
    format!(r"{date}(t|\s){time}\s?(z|[+-]\d{{2}}:?\d{{2}})(?:\W|$)")
});
/// A time of day and the zone named beside it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TimeOfDay {
    time: NaiveTime,
    zone: Option<String>,
}

/// The instant that `words` name, counted from `at` in `zone`; `None` where there is none or several
/// readings are possible. A day of the week is the next such day after `at`; today's is unclear as long as the hour is ahead.
pub fn new_start(words: &str, at: DateTime<Utc>, zone: &dyn Zone) -> Option<DateTime<Utc>> {
    let text = plain(words).replace('\n', " ");
    if let Some(start) = written_instant(&text) {
        return (start > at).then_some(start);
    }
    let moved = MOVED_TO.regex().find(&text).and_then(|found| text.get(found.end()..));
    moved.and_then(|text| one_start(text, at, zone)).or_else(|| one_start(&text, at, zone))
}

fn one_start(whole: &str, at: DateTime<Utc>, zone: &dyn Zone) -> Option<DateTime<Utc>> {
    let today = zone.local(at).date_naive();
    let (mut days, text) = days(whole);
    let (clocks, rest) = clocks(&text)?;
    if !days.iter().any(NamedDay::is_whole) {
        days.extend(other_day(&rest, whole));
    }
    let is_weekday = days.iter().all(|day| matches!(day, NamedDay::Weekday(_)));
    if is_weekday && is_of_other_weekday(&rest) {
        return None;
    }
    let beside = named_in(&text, &rest, zone);
    let is_next = names_next_weekday(&rest);
    let mut starts = candidates(&days, today, is_next)?.into_iter().filter_map(|date| {
        let start = same_instant(date, &clocks, beside.as_deref(), zone)?;
        let is_near = start - at < FURTHEST || is_dated(&days);
        (start > at && is_near).then_some(start)
    });
    let start = starts.next()?;
    starts.next().is_none().then_some(start)
}

/// The instant that all of these times of a day are: `2:30pm EST / 11:30am PST`. `beside`: the zone of those without one.
fn same_instant(
    date: NaiveDate,
    clocks: &[TimeOfDay],
    beside: Option<&str>,
    zone: &dyn Zone,
) -> Option<DateTime<Utc>> {
    let mut instants = clocks
        .iter()
        .map(|clock| instant(NaiveDateTime::new(date, clock.time), clock.zone.as_deref().or(beside), zone));
    let first = instants.next()??;
    instants.all(|other| other == Some(first)).then_some(first)
}

/// How far back a touch is stated.
const FURTHEST_BACK: TimeDelta = TimeDelta::days(90);

/// The latest instant up to `at` that `words` name: `at 3pm`, `yesterday at 15:30`, `Tuesday 2pm`. `None` where
/// there is none or several days are named.
pub fn past_time(words: &str, at: DateTime<Utc>, zone: &dyn Zone) -> Option<DateTime<Utc>> {
    let text = plain(words).replace('\n', " ");
    if let Some(found) = written_instant(&text) {
        return (found <= at && at - found < FURTHEST_BACK).then_some(found);
    }
    let today = zone.local(at).date_naive();
    let (days, rest) = days(&text);
    let Some((clocks, behind)) = clocks(&rest) else {
        // `today`, and nothing else, is now.
        return (days == [NamedDay::InDays(0)] && rest.trim() == "_").then_some(at);
    };
    let name = named_in(&rest, &behind, zone);
    let is_yesterday = matcher(Role::Yesterday).is_in(&text.to_lowercase());
    let dates = past_dates(&days, today, is_yesterday)?;
    let instants = dates
        .into_iter()
        .filter_map(|date| same_instant(date, &clocks, name.as_deref(), zone).filter(|found| *found <= at));
    instants.max().filter(|found| at - *found < FURTHEST_BACK)
}

fn past_dates(days: &[NamedDay], today: NaiveDate, is_yesterday: bool) -> Option<Vec<NaiveDate>> {
    let back = |count: i64| today.checked_sub_signed(TimeDelta::days(count));
    match days {
        [] if is_yesterday => Some(back(1).into_iter().collect()),
        [] => Some([Some(today), back(1)].into_iter().flatten().collect()),
        [NamedDay::Date(date)] => Some(vec![*date]),
        [NamedDay::InDays(0)] => Some(vec![today]),
        [NamedDay::Weekday(day)] => {
            Some((0..=7).filter_map(back).filter(|date| date.weekday() == *day).collect())
        }
        [NamedDay::Weekday(weekday), NamedDay::Yearless(month, day)]
        | [NamedDay::Yearless(month, day), NamedDay::Weekday(weekday)] => Some(
            last_years(*month, *day, today).into_iter().filter(|date| date.weekday() == *weekday).collect(),
        ),
        [NamedDay::Yearless(month, day)] => Some(last_years(*month, *day, today)),
        _ => None,
    }
}

/// This year's day and the last year's, without what is to come.
fn last_years(month: u32, day: u32, today: NaiveDate) -> Vec<NaiveDate> {
    let years = [today.year(), today.year() - 1];
    years
        .iter()
        .filter_map(|year| NaiveDate::from_ymd_opt(*year, month, day))
        .filter(|date| *date <= today)
        .collect()
}

fn is_dated(days: &[NamedDay]) -> bool {
    days.iter().any(|day| matches!(day, NamedDay::Date(_)))
}

/// The dates that all named days agree on; `None` where they contradict each other. `is_next`: a day of the week alone is
/// not today.
fn candidates(days: &[NamedDay], today: NaiveDate, is_next: bool) -> Option<Vec<NaiveDate>> {
    let weekdays: Vec<Weekday> = days.iter().filter_map(|day| day.weekday()).collect();
    let mut dates: Option<Vec<NaiveDate>> = None;
    for day in days {
        let of_day = match day {
            NamedDay::Weekday(_) => continue,
            NamedDay::Unclear => return None,
            NamedDay::Date(date) => vec![*date],
            NamedDay::InDays(count) => vec![today.checked_add_signed(TimeDelta::days(*count))?],
            NamedDay::Yearless(month, day) => next_years(*month, *day, today),
            NamedDay::Either((m, d), (n, e)) => {
                let both = [next_years(*m, *d, today), next_years(*n, *e, today)].concat();
                both.into_iter().filter(|_| !weekdays.is_empty()).collect()
            }
            NamedDay::OfMonth(day) => next_months(*day, today),
            NamedDay::NextWeek(weekday) => {
                let ahead = 7 - i64::from(today.weekday().num_days_from_monday())
                    + i64::from(weekday.num_days_from_monday());
                vec![today.checked_add_signed(TimeDelta::days(ahead))?]
            }
        };
        let agreed = match dates {
            None => of_day,
            Some(known) => known.into_iter().filter(|date| of_day.contains(date)).collect(),
        };
        dates = Some(agreed);
    }
    if let Some(dates) = dates {
        return Some(
            dates.into_iter().filter(|date| weekdays.iter().all(|day| *day == date.weekday())).collect(),
        );
    }
    let first = weekdays.first()?;
    let ahead = (i64::from(first.num_days_from_monday()) - i64::from(today.weekday().num_days_from_monday())
        + 6)
    .rem_euclid(7)
        + 1;
    let date = today.checked_add_signed(TimeDelta::days(ahead))?;
    // Today's name is today and next week, until the hour is over.
    let this_day = Some(today).filter(|today| today.weekday() == *first && !is_next);
    weekdays.iter().all(|day| day == first).then(|| this_day.into_iter().chain([date]).collect())
}

/// This year's day and the next year's, without what has passed.
fn next_years(month: u32, day: u32, today: NaiveDate) -> Vec<NaiveDate> {
    (0..=1)
        .filter_map(|years| NaiveDate::from_ymd_opt(today.year() + years, month, day))
        .filter(|date| *date >= today && *date - today < FURTHEST)
        .collect()
}

/// This month's day, else the next month's that has one.
fn next_months(day: u32, today: NaiveDate) -> Vec<NaiveDate> {
    (0..=2)
        .filter_map(|months| {
            let first = today.with_day(1)?.checked_add_months(chrono::Months::new(months))?;
            first.with_day(day)
        })
        .find(|date| *date > today)
        .into_iter()
        .collect()
}

/// The times of day in `text`, and the text with each replaced by a mark; `None` where there is none, or one that is unclear.
fn clocks(text: &str) -> Option<(Vec<TimeOfDay>, String)> {
    // Two bare numbers are hours where nothing else is one.
    let (bare, without) = take_times(text, &[(&BARE_SPAN, of_bare_span)]);
    let readers: [(&RulePattern, TimeReader); 4] =
        [(&SPAN, of_span), (&MINUTES, of_minutes), (&HALVES, of_halves), (&HOURS, of_hours)];
    let (mut clocks, mut rest) = (bare, without);
    if clocks.is_empty() || !take_times(&rest, &readers).0.is_empty() {
        (clocks, rest) = take_times(text, &readers);
    }
    let clocks: Vec<TimeOfDay> = clocks.into_iter().collect::<Option<_>>()?;
    (!clocks.is_empty()).then_some((clocks, rest))
}

type TimeReader = fn(&Captures<'_>) -> TimeReading;

/// What `readers` find one after the other, `None` for what is unclear, and the text with each replaced by a mark.
fn take_times(text: &str, readers: &[(&RulePattern, TimeReader)]) -> (Vec<Option<TimeOfDay>>, String) {
    let mut rest = text.to_owned();
    let mut clocks = Vec::new();
    for (pattern, read) in readers {
        let regex = pattern.regex();
        rest = regex
            .replace_all(&rest, |found: &Captures<'_>| match read(found) {
                TimeReading::NoTime => found.get(0).map_or("", |whole| whole.as_str()).to_owned(),
                TimeReading::Unclear => {
                    clocks.push(None);
                    TIME.to_owned()
                }
                TimeReading::Time(clock) => {
                    clocks.push(Some(clock));
                    TIME.to_owned()
                }
            })
            .into_owned();
    }
    (clocks, rest)
}

pub(super) enum TimeReading {
    Time(TimeOfDay),
    /// `at 3`, `25:00`.
    Unclear,
    /// Something that only looks like a time.
    NoTime,
}

pub(super) fn part(found: &Captures<'_>, at: usize) -> Option<u32> {
    found.get(at)?.as_str().parse().ok()
}

pub(super) fn words_at(found: &Captures<'_>, at: usize) -> Option<String> {
    found.get(at).map(|found| found.as_str().to_lowercase())
}

pub(super) fn is_afternoon(found: &Captures<'_>, at: usize) -> Option<bool> {
    Some(*meanings(Role::HalvesOfDay).get(&words_at(found, at)?)? == 1)
}

fn of_minutes(found: &Captures<'_>) -> TimeReading {
    let (Some(hour), Some(minute)) = (part(found, 1), part(found, 3)) else { return TimeReading::Unclear };
    let half = is_afternoon(found, 5);
    let is_decimal = words_at(found, 2).as_deref() == Some(".") && half.is_none() && found.get(4).is_none();
    if is_decimal && !(7..=23).contains(&hour) {
        return TimeReading::NoTime;
    }
    let is_bare_morning = half.is_none()
        && found.get(1).is_some_and(|hour| hour.as_str().len() == 1)
        && (1..=6).contains(&hour);
    if is_bare_morning {
        return TimeReading::Unclear;
    }
    clock(hour, minute, half, words_at(found, 6))
}

fn of_halves(found: &Captures<'_>) -> TimeReading {
    part(found, 1)
        .map_or(TimeReading::Unclear, |hour| clock(hour, 0, is_afternoon(found, 2), words_at(found, 3)))
}

fn of_hours(found: &Captures<'_>) -> TimeReading {
    if found.get(3).is_some() {
        return clock(12, 0, None, words_at(found, 4));
    }
    let is_marked = found.get(1).is_some();
    match part(found, 1).or_else(|| part(found, 2)) {
        Some(hour @ 7..=23) => clock(hour, 0, None, words_at(found, 4)),
        // `in 2h` is a length, `at 3` half of a time.
        Some(_) if is_marked => TimeReading::NoTime,
        _ => TimeReading::Unclear,
    }
}

pub(super) fn clock(hour: u32, minute: u32, afternoon: Option<bool>, zone: Option<String>) -> TimeReading {
    let hour = match afternoon {
        Some(_) if !(1..=12).contains(&hour) => return TimeReading::Unclear,
        Some(true) => hour % 12 + 12,
        Some(false) => hour % 12,
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, 0)
        .map_or(TimeReading::Unclear, |time| TimeReading::Time(TimeOfDay { time, zone }))
}

/// `New York time`, `their time`; `(New York)` or `Berlin` beside the time, where there is such a place. `text` has marks for
/// its days, `rest` for its times, too.
fn named_in(text: &str, rest: &str, zone: &dyn Zone) -> Option<String> {
    if let Some(found) = SOMEBODYS_TIME.captures(text) {
        let plain = |name: &str| name.trim_end_matches("'s").to_lowercase();
        if let Some(name) = found.get(1) {
            let name = plain(name.as_str());
            if !matcher(Role::OwnTime).is_all_of(&name) {
                return Some(name);
            }
            // `local time Tokyo`
            if !matcher(Role::TimeOfPlace).is_in(&rest.to_lowercase()) {
                return None;
            }
        }
        let in_brackets = found.get(2).map(|name| plain(name.as_str()));
        if let Some(name) = in_brackets.filter(|name| zone_word(name).is_some() || is_place(name, zone)) {
            return Some(name);
        }
    }
    zone_beside(rest, zone)
}

/// The instant that a text gives in the form of RFC 3339. `14:00-14:30` behind a blank is a span, as long as it ends
/// after it begins.
fn written_instant(text: &str) -> Option<DateTime<Utc>> {
    let found = INSTANT.captures(text)?;
    let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
    let (time, end) = (part(3), part(5).trim_start_matches('-'));
    if part(2) != "T" && part(2) != "t" && part(5).starts_with('-') && end > time {
        return None;
    }
    let seconds = found.get(4).map_or(":00", |seconds| seconds.as_str());
    let local = format!("{} {time}{seconds}", part(1));
    let local = NaiveDateTime::parse_from_str(&local, "%Y-%m-%d %H:%M:%S").ok()?;
    Some(FixedZone::new(offset(&part(5).to_lowercase())?).instant(local))
}

/// The instant of a local time in the zone of that name: `zone` itself, or another of its database; `None` where the name
/// means several or none.
fn instant(local: NaiveDateTime, name: Option<&str>, zone: &dyn Zone) -> Option<DateTime<Utc>> {
    let here = zone.instant(local);
    let Some(name) = name else { return Some(here) };
    if let Some(offset) = offset(name) {
        return Some(FixedZone::new(offset).instant(local));
    }
    if is_named(name, &zone.name().to_lowercase(), &zone.abbreviation_at(here).to_lowercase()) {
        return Some(here);
    }
    match zone_word(name) {
        Some(ZoneWord::Named(iana) | ZoneWord::Season(iana, _)) => {
            zone.other(iana).map(|zone| zone.instant(local))
        }
        Some(ZoneWord::Offset(offset)) => Some(FixedZone::new(offset).instant(local)),
        Some(ZoneWord::Ambiguous(_)) => None,
        None => zone.other(name).map(|zone| zone.instant(local)),
    }
}

/// Whether a zone of that IANA name and abbreviation may be called `name`.
fn is_named(name: &str, iana: &str, abbreviation: &str) -> bool {
    let city = iana.rsplit('/').next().unwrap_or(iana);
    let central = meaning_among(lines(Role::CentralEuropeanTime), name);
    let is_generic = |word: &str, first: &str| {
        (name == word || name == format!("{first}t"))
            && abbreviation.len() == 3
            && abbreviation.starts_with(first)
            && abbreviation.ends_with('t')
    };
    name == iana
        || name.replace(' ', "_") == city
        || name == abbreviation
        || central.is_some_and(|season| abbreviation == if season == 0 { "cet" } else { "cest" })
        || [("eastern", "e"), ("central", "c"), ("mountain", "m"), ("pacific", "p")]
            .iter()
            .any(|(word, first)| is_generic(word, first) && iana.starts_with("america/"))
}

/// `utc`, `gmt`, `z`, `utc+2`, `-05:00`, `+0530`; in lower case.
fn offset(name: &str) -> Option<FixedOffset> {
    let digits = name.trim_start_matches("utc").trim_start_matches("gmt").trim();
    if matches!(digits, "" | "z") {
        return FixedOffset::east_opt(0);
    }
    let (sign, digits) = match digits.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, digits.strip_prefix('-')?),
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    (hours <= 14 && minutes < 60)
        .then(|| FixedOffset::east_opt(sign * (hours * 3600 + minutes * 60)))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;
    use std::sync::Arc;

    /// New York's rules around the turn of 2026.
    #[derive(Debug)]
    struct NewYork;

    impl Zone for NewYork {
        fn name(&self) -> &str {
            "America/New_York"
        }

        fn offset_at(&self, at: DateTime<Utc>) -> FixedOffset {
            let summer =
                NaiveDate::from_ymd_opt(2027, 3, 14).unwrap()..NaiveDate::from_ymd_opt(2027, 11, 7).unwrap();
            let hours = if summer.contains(&at.date_naive()) { -4 } else { -5 };
            FixedOffset::east_opt(hours * 3600).unwrap()
        }

        fn abbreviation_at(&self, at: DateTime<Utc>) -> String {
            if self.offset_at(at).local_minus_utc() == -5 * 3600 { "EST" } else { "EDT" }.to_owned()
        }

        fn instant(&self, local: NaiveDateTime) -> DateTime<Utc> {
            let offset = self.offset_at(local.and_utc());
            offset.from_local_datetime(&local).unwrap().with_timezone(&Utc)
        }

        /// Winter in three others.
        fn other(&self, name: &str) -> Option<Arc<dyn Zone>> {
            let hours = match name.to_lowercase().as_str() {
                "europe/paris" | "europe/berlin" | "berlin" => 1,
                "america/los_angeles" | "los angeles" => -8,
                "asia/tokyo" => 9,
                _ => return None,
            };
            Some(Arc::new(FixedZone::new(FixedOffset::east_opt(hours * 3600)?)))
        }
    }

    /// Thursday 26 November 2026, 15:30 in New York.
    fn at() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 26, 20, 30, 0).unwrap()
    }

    fn read(words: &str) -> Option<String> {
        new_start(words, at(), &NewYork)
            .map(|start| NewYork.local(start).format("%Y-%m-%d %H:%M").to_string())
    }

    #[test]
    fn every_pattern_compiles() {
        let all = [&MOVED_TO, &MINUTES, &HALVES, &HOURS, &SOMEBODYS_TIME, &INSTANT];
        for (at, pattern) in all.iter().enumerate() {
            assert!(!pattern.regex().as_str().is_empty(), "{at}");
        }
    }

    #[test]
    fn a_zone_beside_the_time_is_the_one_that_counts() {
        for (words, expected) in [
            ("Tue 1 Dec 14:00 PT", "2026-12-01 17:00"),
            ("Tue 1 Dec 2pm PST", "2026-12-01 17:00"),
            ("Tuesday 1 Dec, 2pm Pacific", "2026-12-01 17:00"),
            ("Tue 1 Dec 2pm Los Angeles time", "2026-12-01 17:00"),
            ("Di 1.12. 15 Uhr MEZ", "2026-12-01 09:00"),
            ("am 1.12.2026 um 15 Uhr MEZ", "2026-12-01 09:00"),
            ("1 décembre à 15h Europe/Berlin", "2026-12-01 09:00"),
            ("1 dicembre alle 15h CET", "2026-12-01 09:00"),
            ("1 december om 15 uur Europe/Berlin", "2026-12-01 09:00"),
            ("1 de dezembro às 15h Europe/Berlin", "2026-12-01 09:00"),
            ("Tue 1 Dec 15:00 CET", "2026-12-01 09:00"),
            ("2026-12-01 15:00 Europe/Berlin", "2026-12-01 09:00"),
            ("Tue 1 Dec 15:00 (Berlin)", "2026-12-01 09:00"),
            ("Wed 2 Dec 9:00 JST", "2026-12-01 19:00"),
            ("Tue 1 Dec 2pm Eastern", "2026-12-01 14:00"),
            ("Tue 1 Dec at 15:00 Berlin", "2026-12-01 09:00"),
            ("Tue 1 Dec, 15:00, in Berlin", "2026-12-01 09:00"),
            ("Tue 1 Dec 2pm in Los Angeles", "2026-12-01 17:00"),
            ("Tue 1 Dec 2pm New York", "2026-12-01 14:00"),
            ("Tue 1 Dec 2pm Zoom", "2026-12-01 14:00"),
            ("Tue 1 Dec 2pm (they asked)", "2026-12-01 14:00"),
            ("Tue 1 Dec 2 p.m. Pacific", "2026-12-01 17:00"),
            ("Tue 1 Dec 2 p.m. PT", "2026-12-01 17:00"),
            ("14:00 on Tue 1 Dec, Los Angeles", "2026-12-01 17:00"),
            ("Di 1.12. 15 Uhr Berlin", "2026-12-01 09:00"),
            ("Di 1.12. 15 Uhr (Berlin) geht bei allen", "2026-12-01 09:00"),
            ("mardi 1 décembre 15h heure de Berlin", "2026-12-01 09:00"),
            ("el 1 de diciembre a las 15:00 hora de Berlin", "2026-12-01 09:00"),
            ("Tue 1 Dec 15:00 local time Berlin", "2026-12-01 09:00"),
            ("Tue 1 Dec 2:00pm EST / 11:00am PST", "2026-12-01 14:00"),
            ("Tue 1 Dec 2pm OK for all", "2026-12-01 14:00"),
            ("2026-12-01T14:00:00-05:00", "2026-12-01 14:00"),
            ("2026-12-01T15:00+01:00", "2026-12-01 09:00"),
            ("2026-12-01T19:00:00Z", "2026-12-01 14:00"),
            ("2026-12-01 15:00:00 +01:00", "2026-12-01 09:00"),
            ("2026-12-01 14:00-05:00", "2026-12-01 14:00"),
            ("2026-12-01 14:00-14:30", "2026-12-01 14:00"),
        ] {
            assert_eq!(read(words).as_deref(), Some(expected), "{words}");
        }
        for words in [
            "Tue 1 Dec 14:00 Mars/Olympus",
            "Tue 1 Dec 14:00 IST",
            "Tue 1 Dec 2pm their time",
            "Tue 1 Dec 2pm QYZT",
            "Tue 1 Dec 2pm EST / 10am PST",
        ] {
            assert_eq!(read(words), None, "{words}");
        }
    }

    #[test]
    fn a_time_that_has_been_is_the_latest_of_that_name() {
        let read = |words: &str| {
            past_time(words, at(), &NewYork).map(|at| NewYork.local(at).format("%d %H:%M").to_string())
        };
        for (words, expected) in [
            ("today", "26 15:30"),
            ("at 3pm", "26 15:00"),
            ("at 4pm", "25 16:00"),
            ("yesterday at 9:30", "25 09:30"),
            ("at 8pm CET", "26 14:00"),
            ("2026-11-26T18:00:00Z", "26 13:00"),
        ] {
            assert_eq!(read(words).as_deref(), Some(expected), "{words}");
        }
        for words in ["just so", "2026-11-27T18:00:00Z", "at 25:00"] {
            assert_eq!(read(words), None, "{words}");
        }
    }

    #[test]
    fn a_day_and_a_time_are_an_instant() {
        for (words, expected) in [
            ("Tue 1 Dec 14:00", "2026-12-01 14:00"),
            ("rescheduled to Tue 1 Dec 14:00", "2026-12-01 14:00"),
            ("Tuesday, 1 December, 2pm", "2026-12-01 14:00"),
            ("Tuesday December 1st at 2:30 p.m.", "2026-12-01 14:30"),
            ("Dec 1 at 2 PM", "2026-12-01 14:00"),
            ("December 1, 2026 at 14:00", "2026-12-01 14:00"),
            ("1.12. 14 Uhr", "2026-12-01 14:00"),
            ("am 1.12.2026 um 14:00 Uhr", "2026-12-01 14:00"),
            ("verschoben auf Di 1.12. 14.30 Uhr", "2026-12-01 14:30"),
            ("1. Dezember, 14 Uhr", "2026-12-01 14:00"),
            ("reporté au mardi 1er décembre à 14h", "2026-12-01 14:00"),
            ("mardi 1 décembre 14h30", "2026-12-01 14:30"),
            ("reprogramada para el martes 1 de diciembre a las 14:00", "2026-12-01 14:00"),
            ("2026-12-01 14:00", "2026-12-01 14:00"),
            ("2026-12-01T14:00", "2026-12-01 14:00"),
            ("2026-12-01 14:00 America/New_York", "2026-12-01 14:00"),
            ("2026-12-01T19:00:00Z", "2026-12-01 14:00"),
            ("2026-12-01 14:00 -05:00", "2026-12-01 14:00"),
            ("1 Dec 7pm UTC", "2026-12-01 14:00"),
            ("Tue 1 Dec 20:00 UTC+1", "2026-12-01 14:00"),
            ("Tue 1 Dec 2pm EST", "2026-12-01 14:00"),
            ("Tue 1 Dec 2pm ET", "2026-12-01 14:00"),
            ("Tue 1 Dec 14:00 (New York)", "2026-12-01 14:00"),
            ("Tue 1 Dec 2pm Eastern time", "2026-12-01 14:00"),
            ("1 Dec 2pm New York time", "2026-12-01 14:00"),
            ("1 Dec 2pm my time", "2026-12-01 14:00"),
            ("12/13 at 2pm", "2026-12-13 14:00"),
            ("13/12 at 2pm", "2026-12-13 14:00"),
            ("12/12 2pm", "2026-12-12 14:00"),
            ("Wed 12/2 2pm", "2026-12-02 14:00"),
            ("Thu 3/12 2pm", "2026-12-03 14:00"),
            ("next Thursday 3pm", "2026-12-03 15:00"),
            ("Thursday 3pm", "2026-12-03 15:00"),
            ("Friday at 10", "2026-11-27 10:00"),
            ("Monday 9:30", "2026-11-30 09:30"),
            ("Monday at 10am", "2026-11-30 10:00"),
            ("tomorrow 10:00", "2026-11-27 10:00"),
            ("tomorrow at noon", "2026-11-27 12:00"),
            ("today 5pm", "2026-11-26 17:00"),
            ("morgen um 10 Uhr", "2026-11-27 10:00"),
            ("demain à 10h", "2026-11-27 10:00"),
            ("mañana a las 10", "2026-11-27 10:00"),
            ("Wednesday next week at 11am", "2026-12-02 11:00"),
            ("next week Wednesday 11am", "2026-12-02 11:00"),
            ("Thursday the 3rd at 2pm", "2026-12-03 14:00"),
            ("the 3rd at 2pm", "2026-12-03 14:00"),
            ("Dec 1, 2-3pm", "2026-12-01 14:00"),
            ("Dec 1, 11:30-12:30 pm", "2026-12-01 11:30"),
            ("Dec 1, 14:00-15:00", "2026-12-01 14:00"),
            ("Dec 1 from 14:00 to 15:00", "2026-12-01 14:00"),
            ("Dec 1 2pm to 3pm", "2026-12-01 14:00"),
            ("5 January 10:00", "2027-01-05 10:00"),
            ("moved from 26 Nov 14:00 to 1 Dec 14:00", "2026-12-01 14:00"),
            ("Thursday's call was moved from Thursday 2pm to Monday 3pm", "2026-11-30 15:00"),
            ("in 5 days at 10:00", "2026-12-01 10:00"),
            ("1st of December, 2pm", "2026-12-01 14:00"),
            ("Tue, Dec 1 @ 2pm", "2026-12-01 14:00"),
            ("12-Dec-2026 10:00", "2026-12-12 10:00"),
            ("Tue 1 Dec 14:00 for 30 minutes", "2026-12-01 14:00"),
            ("15 July 2027, 10am", "2027-07-15 10:00"),
        ] {
            assert_eq!(read(words).as_deref(), Some(expected), "{words}");
        }
    }

    #[test]
    fn a_day_in_figures_beside_a_weekday_is_not_passed_over() {
        for (words, expected) in [
            ("maandag 7-12 14:00", "2026-12-07 14:00"),
            ("el lunes 7-12 a las 14:00", "2026-12-07 14:00"),
            ("lundi (07-12) à 14h", "2026-12-07 14:00"),
            ("Friday 4 at 2pm", "2026-12-04 14:00"),
            ("Friday 4, 2pm", "2026-12-04 14:00"),
            ("2pm on Friday 4", "2026-12-04 14:00"),
            ("Friday, two of us, for 30 minutes, 2pm", "2026-11-27 14:00"),
            ("Friday for 30 minutes at 2pm", "2026-11-27 14:00"),
        ] {
            assert_eq!(read(words).as_deref(), Some(expected), "{words}");
        }
        for words in [
            "Tuesday 7-12 at 2pm",
            "dinsdag 7-12 14:00",
            "Montag in 14 Tagen um 14 Uhr",
            "in 14 Tagen, am Montag um 14 Uhr",
            "übernächsten Montag 14 Uhr",
            "Monday after next at 2pm",
            "the following Monday at 2pm",
            "Monday week at 2pm",
            "a week from Monday, 2pm",
            "lundi en quinze à 14h",
            "Friday 5 at 2pm",
        ] {
            assert_eq!(read(words), None, "{words}");
        }
    }

    #[test]
    fn the_begin_of_a_span_is_the_time() {
        for (words, expected) in [
            ("verschoben auf Di 1.12. 9 bis 10 Uhr", "2026-12-01 09:00"),
            ("verschoben auf Di 1.12. von 9 bis 10 Uhr", "2026-12-01 09:00"),
            ("verschoben auf Di 1.12. 9-10 Uhr", "2026-12-01 09:00"),
            ("verschoben auf Di 1.12., zwischen 9 und 10 Uhr", "2026-12-01 09:00"),
            ("meeting moved to Di 1.12. 9 bis 10 Uhr", "2026-12-01 09:00"),
            ("rinviato a martedì 1 dicembre dalle 9 alle 10", "2026-12-01 09:00"),
            ("rinviato a martedì 1 dicembre dalle ore 9 alle ore 10", "2026-12-01 09:00"),
            ("meeting moved to martedì 1 dicembre dalle 9 alle 10", "2026-12-01 09:00"),
            ("rinviato a martedì 1 dicembre dalle 9:30 alle 10", "2026-12-01 09:30"),
            ("verzet naar di 1 dec van 9 tot 10 uur", "2026-12-01 09:00"),
            ("verzet naar di 1 dec 9u tot 10u", "2026-12-01 09:00"),
            ("aplazado al martes 1 de diciembre de 9h a 10h", "2026-12-01 09:00"),
            ("aplazado al martes 1 de diciembre de 9 a 10", "2026-12-01 09:00"),
            ("aplazado al martes 1 de diciembre de 9 a 10 h CET", "2026-12-01 03:00"),
            ("aplazado al martes 1 de diciembre de las 9 a las 10h", "2026-12-01 09:00"),
            ("remarcado para terça 1 dez das 9h às 10h", "2026-12-01 09:00"),
            ("remarcado para terça 1 dez das 9 às 10", "2026-12-01 09:00"),
            ("reporté au mardi 1er décembre de 9h à 10h", "2026-12-01 09:00"),
            ("reporté au mardi 1er décembre de 9h30 à 10h", "2026-12-01 09:30"),
            ("reporté au mardi 1er décembre entre 9h et 10h", "2026-12-01 09:00"),
            ("Dec 1 9-10am ET", "2026-12-01 09:00"),
            ("Dec 1 from 9 to 10am ET", "2026-12-01 09:00"),
            ("Dec 1 between 9 and 10am PT", "2026-12-01 12:00"),
            ("Dec 1 from 9 to 10", "2026-12-01 09:00"),
            ("Dec 1 9h to 10h", "2026-12-01 09:00"),
            ("Dec 1 11am-12:30pm", "2026-12-01 11:00"),
            ("we grew from 10 to 15 people, so Tue 1 Dec at 14:00", "2026-12-01 14:00"),
        ] {
            assert_eq!(read(words).as_deref(), Some(expected), "{words}");
        }
    }

    #[test]
    fn a_number_before_the_hour_is_the_day() {
        for (words, expected) in [
            ("Freitag den 4. um 16 Uhr MEZ", "2026-12-04 10:00"),
            ("Freitag, den 4., 16 Uhr MEZ", "2026-12-04 10:00"),
            ("Freitag 4. 16 Uhr MEZ", "2026-12-04 10:00"),
            ("vendredi 4 à 16h CET", "2026-12-04 10:00"),
            ("vendredi le 4 à 16h CET", "2026-12-04 10:00"),
            ("viernes 4 a las 16h CET", "2026-12-04 10:00"),
            ("viernes 4 a las 16:00 CET", "2026-12-04 10:00"),
            ("venerdì 4 alle 16 CET", "2026-12-04 10:00"),
            ("sexta 4 às 16h CET", "2026-12-04 10:00"),
            ("vrijdag de 4 om 16 uur CET", "2026-12-04 10:00"),
            ("Friday the 4th, 4pm CET", "2026-12-04 10:00"),
        ] {
            assert_eq!(read(words).as_deref(), Some(expected), "{words}");
        }
        for words in [
            "Freitag den 20. um 16 Uhr MEZ",
            "vendredi 20 à 16h CET",
            "viernes 20 a las 16h CET",
            "venerdì 20 alle 16 CET",
            "sexta 20 às 16h CET",
            "vrijdag 20 om 16 uur CET",
            "vrijdag de 20e om 16 uur CET",
            "vendredi 9 à 16h CET",
            "Friday 7 - 4pm",
        ] {
            assert_eq!(read(words), None, "{words}");
        }
    }

    #[test]
    fn a_weekday_that_is_one_of_several_is_no_day() {
        for words in [
            "some Friday in December, 10am ET",
            "first Monday in December 2pm ET",
            "the first Monday of January at 2pm",
            "Thursday after Thanksgiving, 2pm ET",
            "the Tuesday before the board meeting, 2pm",
            "another Friday, 2pm",
            "am ersten Montag im Dezember um 14 Uhr",
            "Montag nach Neujahr, 14 Uhr",
            "le premier lundi de décembre à 14h",
            "lundi après les fêtes, 14h",
            "el primer lunes de diciembre a las 14:00",
            "il primo lunedì di dicembre alle 14",
            "eerste maandag van december om 14 uur",
            "a primeira sexta de dezembro às 14h",
            // Thursday afternoon, half past three: still ahead today.
            "Thursday 4pm ET",
            "moved to Thursday 5pm",
        ] {
            assert_eq!(read(words), None, "{words}");
        }
        for (words, expected) in [
            ("Thursday 9am", "2026-12-03 09:00"),
            ("next Thursday 5pm", "2026-12-03 17:00"),
            ("jeudi prochain à 17h", "2026-12-03 17:00"),
            ("nächsten Donnerstag um 17 Uhr", "2026-12-03 17:00"),
            ("Thursday 3 Dec 5pm", "2026-12-03 17:00"),
            ("Friday after 2:00 pm is fine, so Friday 2:00 pm", "2026-11-27 14:00"),
        ] {
            assert_eq!(read(words).as_deref(), Some(expected), "{words}");
        }
    }

    #[test]
    fn what_is_unclear_is_no_time() {
        for words in [
            "",
            "rescheduled",
            "11/12 14:00",
            "Tue 12/1 2pm",
            "11/12",
            "3pm",
            "14:00",
            "Tue 1 Dec",
            "next week",
            "Thursday",
            "Tue 2 Dec 14:00",
            "either Tue 3pm or Wed 2pm",
            "Tue 3pm or Wed 3pm",
            "Tue or Wed 3pm",
            "Thursday at 3",
            "Tue 1 Dec 2:00",
            "Tue 1 Dec 2pm their time",
            "Tue 1 Dec 2pm London time",
            "30 Feb 14:00",
            "Tue 1 Dec 25:00",
            "2026-13-01 14:00",
            "2025-12-01 14:00",
            "25 Nov 14:00",
            "today 10:00",
            "Thursday in two weeks at 3pm",
            "some time in January",
            "1.5 hours",
            "held 4",
            "4/5",
            "Tue 1 Dec 2pm and Wed 2 Dec 2pm",
            "waited 20 minutes",
        ] {
            assert_eq!(read(words), None, "{words}");
        }
    }
}
