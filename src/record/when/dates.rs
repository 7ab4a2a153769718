//! Calendar dates as people write them: `2026-11-26`, `26.11.2026`, `Nov 26, 2026`, `26 de noviembre de 2026`.
//!
//! Gives every reading that the words allow; which of them is meant is decided elsewhere.

use chrono::NaiveDate;

use crate::language::Role;

use super::span::{has_time, is_before_time};
use super::tokens::{LineWord, day_of_month, is_one_of, month, number};

/// What a date can mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DateReading {
    /// One of these days, the day read first before the month; none where there is no such day.
    AnyOf(Vec<NaiveDate>),
    /// Month and day of the year, without the year.
    NoYear(Vec<(u32, u32)>),
    /// A day of the month alone: `Monday the 7th`.
    OfMonth(u32),
}

impl DateReading {
    /// Whether one of the readings is that day, or the one before or after.
    pub(crate) fn is_about(&self, day: NaiveDate) -> bool {
        match self {
            Self::AnyOf(days) => days.iter().any(|date| (*date - day).num_days().abs() <= 1),
            Self::NoYear(_) | Self::OfMonth(_) => false,
        }
    }

    /// Of two readings the one whose day stands before its month.
    pub(crate) fn take_day_first(&mut self) {
        match self {
            Self::AnyOf(days) if days.len() == 2 => days.truncate(1),
            Self::NoYear(days) if days.len() == 2 => days.truncate(1),
            Self::AnyOf(_) | Self::NoYear(_) | Self::OfMonth(_) => {}
        }
    }
}

fn any_of(days: impl IntoIterator<Item = (u32, u32, u32)>) -> DateReading {
    let mut found = Vec::new();
    for (year, month, day) in days {
        let date = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
        found.extend(date.filter(|date| !found.contains(date)));
    }
    DateReading::AnyOf(found)
}

/// A date in one word: `2026-11-26`, `26/11/2026`, `26-Nov-2026`, `11/26`, `26.11.`.
pub(crate) fn in_one_word(word: &LineWord) -> Option<DateReading> {
    of_text(&word.text, word.stopped)
}

fn of_text(word: &str, stopped: bool) -> Option<DateReading> {
    let separator = word.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let parts: Vec<&str> = word.split(separator).collect();
    match parts.as_slice() {
        [a, b, c] => three_parts(a, b, c),
        [a, b] => {
            let (a, b) = (number(a)?, number(b)?);
            let day_first = (1..=31).contains(&a) && (1..=12).contains(&b);
            match separator {
                '/' => no_year(a, b),
                // `14.30` is a time of day.
                '.' if (stopped || a > 24) && day_first => Some(DateReading::NoYear(vec![(b, a)])),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What stands behind a weekday and is a date only there, and how many words that took: `7-12`, `12.7`, `the 7th`, `den 20.`,
/// `20` before a time. A word before a time of day must not be an hour itself.
pub(super) fn behind_weekday(words: &[LineWord]) -> Option<(DateReading, usize)> {
    let at = words.iter().take(1).take_while(|word| is_one_of(Role::BeforeDays, &word.text)).count();
    let word = words.get(at)?;
    let behind = words.get(at + 1..).unwrap_or(&[]);
    if let Some((a, b)) = word.text.split_once(['-', '.']) {
        let (a, b) = (number(a)?, number(b)?);
        return no_year(a, b).filter(|_| has_time(behind)).map(|reading| (reading, at + 1));
    }
    let day = day_of_month(&word.text).filter(|day| (1..=31).contains(day))?;
    let is_ordinal = number(&word.text).is_none();
    let is_told = is_ordinal
        || (word.stopped || at > 0) && has_time(behind)
        || is_before_time(words.get(at..).unwrap_or(&[]));
    let is_month_behind = in_words(words.get(at..).unwrap_or(&[])).is_some();
    (is_told && !is_month_behind).then_some((DateReading::OfMonth(day), at + 1))
}

/// The readings of two figures, the day read first before the month.
fn no_year(a: u32, b: u32) -> Option<DateReading> {
    let possible = |(month, day): &(u32, u32)| (1..=12).contains(month) && (1..=31).contains(day);
    let mut days: Vec<(u32, u32)> = [(b, a), (a, b)].into_iter().filter(possible).collect();
    days.dedup();
    (!days.is_empty()).then_some(DateReading::NoYear(days))
}

/// The date of `2026-11-26t14:00`.
pub(crate) fn before_time(text: &str) -> Option<DateReading> {
    of_text(text, false)
}

fn three_parts(a: &str, b: &str, c: &str) -> Option<DateReading> {
    let year = |text: &str| number(text).map(|year| if text.len() == 2 { 2000 + year } else { year });
    if let Some(month) = month(b) {
        return match (a.len(), c.len()) {
            (4, _) => Some(any_of([(number(a)?, month, day_of_month(c)?)])),
            (_, 2 | 4) => Some(any_of([(year(c)?, month, day_of_month(a)?)])),
            _ => None,
        };
    }
    let (x, y, z) = (number(a)?, number(b)?, year(c)?);
    match (a.len(), c.len()) {
        (4, _) => Some(any_of([(x, y, number(c)?)])),
        (1 | 2, 4) => Some(any_of([(z, y, x), (z, x, y)])),
        (2, 2) if b.len() <= 2 => Some(any_of([(z, y, x), (z, x, y), (2000 + x, y, number(c)?)])),
        (1, 2) if b.len() <= 2 => Some(any_of([(z, y, x), (z, x, y)])),
        _ => None,
    }
}

/// A date in several words from the start of `words`, and how many it took: `26 Nov 2026`,
/// `November 26th, 2026`, `26 de noviembre de 2026`, `2026 Nov 26`.
pub(crate) fn in_words(words: &[LineWord]) -> Option<(DateReading, usize)> {
    let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    // `26 Nov 1430` is no year of a meeting.
    let year = |at: usize| number(text(at)).filter(|year| text(at).len() == 4 && (1900..2400).contains(year));
    let joins = |at: usize| usize::from(is_one_of(Role::BeforeMonths, text(at)));
    if let (Some(year), Some(month), Some(day)) = (year(0), month(text(1)), day_of_month(text(2))) {
        return Some((any_of([(year, month, day)]), 3));
    }
    let (month, day, taken) = if let (Some(month), Some(day)) = (month(text(0)), day_of_month(text(1))) {
        (month, day, 2)
    } else if let (Some(month), true, Some(day)) =
        (month(text(0)), is_one_of(Role::BeforeDays, text(1)), day_of_month(text(2)))
    {
        // `Dec the 7th`
        (month, day, 3)
    } else {
        let at = 1 + joins(1);
        (month(text(at))?, day_of_month(text(0))?, at + 1)
    };
    let at = taken + joins(taken);
    if let Some(year) = year(at) {
        return Some((any_of([(year, month, day)]), at + 1));
    }
    // `Nov 26 '26`, but not the hour of `Nov 26 14:00`.
    match text(taken).strip_prefix(['\'', '\u{2019}']).and_then(number) {
        Some(year) => Some((any_of([(2000 + year, month, day)]), taken + 1)),
        None => Some((DateReading::NoYear(vec![(month, day)]), taken)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::when::tokens::words;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn one_word(text: &str) -> Option<DateReading> {
        words(text).first().and_then(in_one_word)
    }

    #[test]
    fn figures_give_every_reading_that_exists() {
        let the_26th = Some(DateReading::AnyOf(vec![day(2026, 11, 26)]));
        for text in [
            "2026-11-26",
            "2026/11/26",
            "2026.11.26",
            "26.11.2026",
            "26/11/2026",
            "11/26/2026",
            "26-11-2026",
            "26-nov-2026",
            "2026-nov-26",
            "26.11.26",
            "26-nov-26",
        ] {
            assert_eq!(one_word(text), the_26th, "{text}");
        }
        assert_eq!(one_word("11/11/2026"), Some(DateReading::AnyOf(vec![day(2026, 11, 11)])));
        assert_eq!(
            one_word("11/12/2026"),
            Some(DateReading::AnyOf(vec![day(2026, 12, 11), day(2026, 11, 12)]))
        );
        assert_eq!(one_word("2026-02-30"), Some(DateReading::AnyOf(vec![])));
        assert_eq!(one_word("11/26"), Some(DateReading::NoYear(vec![(11, 26)])));
        assert_eq!(one_word("3/12"), Some(DateReading::NoYear(vec![(12, 3), (3, 12)])));
        assert_eq!(one_word("3.12."), Some(DateReading::NoYear(vec![(12, 3)])));
        assert_eq!(one_word("14.30"), None);
        assert_eq!(one_word("america/new_york"), None);
        assert_eq!(one_word("-05:00"), None);
    }

    #[test]
    fn names_of_months_are_taken_in_every_order_and_language() {
        for (text, taken) in [
            ("26 nov 2026", 3),
            ("nov 26 2026", 3),
            ("26th of november 2026", 4),
            ("2026 nov 26", 3),
            ("november 26th 2026 14:00", 3),
            ("26. november 2026", 3),
            ("26 novembre 2026", 3),
            ("26 de noviembre de 2026", 5),
            ("26 de novembro de 2026", 5),
            ("26 novembre 2026 alle", 3),
        ] {
            let expected = Some((DateReading::AnyOf(vec![day(2026, 11, 26)]), taken));
            assert_eq!(in_words(&words(text)), expected, "{text}");
        }
        let expected = Some((DateReading::NoYear(vec![(11, 26)]), 2));
        assert_eq!(in_words(&words("nov 26 14:00")), expected);
        assert_eq!(in_words(&words("30 min")), None);
    }
}
