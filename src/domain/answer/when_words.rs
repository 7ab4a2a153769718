//! The days that an answer names: `Tue 1 Dec`, `1.12.`, `tomorrow`, `Thursday next week`.
//!
//! The record's own reader of dates is stricter and tells what is wrong; this one reads prose, in every language whose
//! answers are read, and says only what was found.

use chrono::{NaiveDate, Weekday};
use regex::Captures;

use super::rule::{RulePattern, date_lines, date_meaning, date_words, words};
use crate::language::{Line, Role, alternation_of};

/// A day as it was named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NamedDay {
    Date(NaiveDate),
    /// Month and day of no certain year.
    Yearless(u32, u32),
    /// `11/12`: both readings, month first in each pair.
    Either((u32, u32), (u32, u32)),
    OfMonth(u32),
    /// Days from today.
    InDays(i64),
    Weekday(Weekday),
    NextWeek(Weekday),
    /// No such day, or one that cannot be told.
    Unclear,
}

impl NamedDay {
    /// It says which day is meant by itself.
    pub(super) fn is_whole(&self) -> bool {
        matches!(
            self,
            NamedDay::Date(_) | NamedDay::Yearless(..) | NamedDay::InDays(_) | NamedDay::Either(..)
        )
    }

    pub(super) fn weekday(&self) -> Option<Weekday> {
        match self {
            NamedDay::Weekday(day) | NamedDay::NextWeek(day) => Some(*day),
            _ => None,
        }
    }
}

static ISO: RulePattern = RulePattern::new(|| r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:t|\b)".to_owned());
static DAY_MONTH: RulePattern = RulePattern::new(|| {
    let (ordinal, of, month) = (words(Role::Ordinals), words(Role::BeforeMonths), date_words(Role::Months));
    let day = format!(r"\b(\d{{1,2}})(?:{ordinal}|\.)?\s*(?:{of}\s*|-)?\s*({month})\b\.?");
    format!(r"{day}(?:,?\s*(?:{of}\s+|-)?(\d{{4}})\b)?")
});
static MONTH_DAY: RulePattern = RulePattern::new(|| {
    let (ordinal, the, month) = (words(Role::Ordinals), words(Role::BeforeDays), date_words(Role::Months));
    format!(r"\b({month})\b\.?\s*(?:{the}\s+)?(\d{{1,2}}){ordinal}?\b(?:,?\s*(\d{{4}})\b)?")
});
static DOTTED: RulePattern =
    RulePattern::new(|| r"\b(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4})\b|(\d{2})\b)?".to_owned());
static SLASHED: RulePattern = RulePattern::new(|| r"\b(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?\b".to_owned());
static DASHED: RulePattern = RulePattern::new(|| r"\b(\d{1,2})[-.](\d{1,2})[-.](\d{4})\b".to_owned());
static OF_MONTH: RulePattern = RulePattern::new(|| {
    format!(r"\b(?:{}\s+)?(\d{{1,2}}){}\b", words(Role::BeforeDays), words(Role::Ordinals))
});
static RELATIVE: RulePattern = RulePattern::new(|| {
    let (named, counted, week) = (words(Role::DaysAhead), words(Role::InDays), words(Role::InAWeek));
    format!(r"\b(?:({named})|({counted})|({week}))\b")
});

/// Names of weekdays that mean one wherever they stand.
fn weekday_names() -> String {
    let short = date_lines(Role::WeekdaysShort).filter(|(_, line)| !needs_date(line));
    let all = date_lines(Role::Weekdays).chain(short).map(|(_, line)| line);
    format!("({})", alternation_of(all))
}

/// Two letters are a weekday only with a capital and before a date: `Di 1.12.`
fn needs_date(line: &Line) -> bool {
    line.text().chars().count() <= 2
}

fn weekday_letters() -> String {
    let letters = date_lines(Role::WeekdaysShort).map(|(_, line)| line).filter(|line| needs_date(line));
    let capital = |text: &str| {
        let mut letters = text.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    };
    letters.filter_map(|line| capital(line.text())).collect::<Vec<_>>().join("|")
}

static NEXT_WEEK: RulePattern = RulePattern::new(|| {
    let (day, link, next) = (weekday_names(), words(Role::BeforeWeekdays), words(Role::NextWeek));
    format!(r"\b{day}\b\.?,?\s+(?:{link}\s+)?{next}\b|\b{next}\s*,?\s*(?:{link}\s+)?{day}\b\.?")
});
static WEEKDAY: RulePattern =
    RulePattern::new(|| format!(r"\b{}\b\.?|\b(?-i:({}))\b\.?,?\s+_", weekday_names(), weekday_letters()));
/// Says that the day lies further off than the words beside it.
static UNCLEAR: RulePattern = RulePattern::new(|| format!(r"\b{}\b", words(Role::UnclearDays)));

type DayReader = fn(&Captures<'_>) -> Option<NamedDay>;

/// Every day that `text` names, and the text with each replaced by `_`.
pub(super) fn days(text: &str) -> (Vec<NamedDay>, String) {
    let mut all = Vec::new();
    let mut rest = text.to_owned();
    let readers: [(&RulePattern, DayReader); 11] = [
        (&ISO, |found| Some(date(number(found, 1)?, number(found, 2)?, number(found, 3)?))),
        (&DASHED, |found| Some(day_first(number(found, 1)?, number(found, 2)?, number(found, 3)))),
        (&DAY_MONTH, |found| Some(named(month(found, 2)?, number(found, 1)?, number(found, 3)))),
        (&MONTH_DAY, |found| Some(named(month(found, 1)?, number(found, 2)?, number(found, 3)))),
        (&DOTTED, |found| {
            let year = number(found, 3).or_else(|| number(found, 4));
            Some(day_first(number(found, 1)?, number(found, 2)?, year))
        }),
        (&SLASHED, |found| Some(either(number(found, 1)?, number(found, 2)?, number(found, 3)))),
        (&OF_MONTH, |found| {
            let day = number(found, 1)?;
            Some(if (1..=31).contains(&day) { NamedDay::OfMonth(day) } else { NamedDay::Unclear })
        }),
        (&RELATIVE, |found| Some(NamedDay::InDays(ahead(found)?))),
        (&NEXT_WEEK, |found| Some(NamedDay::NextWeek(any_weekday(found)?))),
        (&WEEKDAY, |found| Some(NamedDay::Weekday(any_weekday(found)?))),
        (&UNCLEAR, |_| Some(NamedDay::Unclear)),
    ];
    for (pattern, read) in readers {
        let regex = pattern.regex();
        rest = regex
            .replace_all(&rest, |found: &Captures<'_>| match read(found) {
                Some(day) => {
                    all.push(day);
                    " _ ".to_owned()
                }
                None => found.get(0).map_or("", |whole| whole.as_str()).to_owned(),
            })
            .into_owned();
    }
    (all, rest)
}

fn number(found: &Captures<'_>, at: usize) -> Option<u32> {
    found.get(at)?.as_str().parse().ok()
}

fn date(year: u32, month: u32, day: u32) -> NamedDay {
    let year = if year < 100 { year + 2000 } else { year };
    let found = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
    found.map_or(NamedDay::Unclear, NamedDay::Date)
}

fn named(month: u32, day: u32, year: Option<u32>) -> NamedDay {
    match year {
        Some(year) => date(year, month, day),
        // A leap year has every day there is.
        None if NaiveDate::from_ymd_opt(2024, month, day).is_some() => NamedDay::Yearless(month, day),
        None => NamedDay::Unclear,
    }
}

/// `1.12.`: who writes dots writes the day first.
pub(super) fn day_first(day: u32, month: u32, year: Option<u32>) -> NamedDay {
    named(month, day, year)
}

pub(super) fn either(first: u32, second: u32, year: Option<u32>) -> NamedDay {
    match (named(first, second, year), named(second, first, year)) {
        (one, other) if one == other => one,
        (NamedDay::Unclear, only) | (only, NamedDay::Unclear) => only,
        (NamedDay::Yearless(..), NamedDay::Yearless(..)) => {
            NamedDay::Either((first, second), (second, first))
        }
        _ => NamedDay::Unclear,
    }
}

fn month(found: &Captures<'_>, at: usize) -> Option<u32> {
    let place = date_meaning(Role::Months, found.get(at)?.as_str())?;
    u32::try_from(place + 1).ok()
}

fn ahead(found: &Captures<'_>) -> Option<i64> {
    if let Some(named) = found.get(1) {
        return i64::try_from(date_meaning(Role::DaysAhead, named.as_str())?).ok();
    }
    match found.get(2) {
        Some(counted) => {
            let figures: String = counted.as_str().chars().filter(char::is_ascii_digit).collect();
            figures.parse().ok()
        }
        None => Some(7),
    }
}

fn any_weekday(found: &Captures<'_>) -> Option<Weekday> {
    let name = found.iter().skip(1).flatten().next()?.as_str();
    let place = date_meaning(Role::Weekdays, name).or_else(|| date_meaning(Role::WeekdaysShort, name))?;
    Weekday::try_from(u8::try_from(place).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let all = [
            &ISO, &DAY_MONTH, &MONTH_DAY, &DOTTED, &SLASHED, &DASHED, &OF_MONTH, &RELATIVE, &NEXT_WEEK,
            &WEEKDAY, &UNCLEAR,
        ];
        for (at, pattern) in all.iter().enumerate() {
            assert!(!pattern.regex().as_str().is_empty(), "{at}");
        }
    }
}
