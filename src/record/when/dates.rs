//! Calendar dates as people write them: `2026-11-26`, `26.11.2026`, `Nov 26, 2026`, `26th of November 2026`.
//!
//! Day and month in figures with the year last are taken only where one of them can be no month, or where
//! a weekday decides. Years have four digits.

use chrono::NaiveDate;

use crate::language::Role;

use super::tokens::{LineWord, day_of_month, is_english, month, number};

/// What a date can mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DateReading {
    One(NaiveDate),
    /// Day first, month first.
    Either(NaiveDate, NaiveDate),
    /// There is no such day.
    NoSuchDay,
    /// The year has two digits; what it would be with four.
    ShortYear(Option<NaiveDate>),
    /// Day and month without a year.
    NoYear {
        month: u32,
        day: u32,
    },
}

fn date(year: u32, month: u32, day: u32) -> DateReading {
    let found = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
    found.map_or(DateReading::NoSuchDay, DateReading::One)
}

/// A date in one word: `2026-11-26`, `26/11/2026`, `26-Nov-2026`, `11/26`.
pub(crate) fn in_one_word(word: &str) -> Option<DateReading> {
    let separator = word.chars().find(|c| matches!(c, '-' | '/' | '.'))?;
    let parts: Vec<&str> = word.split(separator).collect();
    match parts.as_slice() {
        [a, b, c] => three_parts(a, b, c),
        [a, b] if separator == '/' => {
            let (a, b) = (number(a)?, number(b)?);
            let (month, day) = if a > 12 { (b, a) } else { (a, b) };
            ((1..=12).contains(&month) && (1..=31).contains(&day))
                .then_some(DateReading::NoYear { month, day })
        }
        _ => None,
    }
}

fn three_parts(a: &str, b: &str, c: &str) -> Option<DateReading> {
    if let Some(month) = month(b) {
        return match (a.len(), c.len()) {
            (4, _) => Some(date(number(a)?, month, day_of_month(c)?)),
            (_, 4) => Some(date(number(c)?, month, day_of_month(a)?)),
            _ => Some(short_year(number(c)?, month, day_of_month(a)?)),
        };
    }
    let (x, y, z) = (number(a)?, number(b)?, number(c)?);
    match (a.len(), c.len()) {
        (4, _) => Some(date(x, y, z)),
        (1 | 2, 4) => Some(day_or_month_first(x, y, z)),
        (1 | 2, 2) if b.len() <= 2 => Some(match day_or_month_first(x, y, 2000 + z) {
            DateReading::One(date) => DateReading::ShortYear(Some(date)),
            _ => DateReading::ShortYear(None),
        }),
        _ => None,
    }
}

fn short_year(year: u32, month: u32, day: u32) -> DateReading {
    match date(2000 + year, month, day) {
        DateReading::One(date) => DateReading::ShortYear(Some(date)),
        _ => DateReading::ShortYear(None),
    }
}

fn day_or_month_first(a: u32, b: u32, year: u32) -> DateReading {
    match (date(year, b, a), date(year, a, b)) {
        (DateReading::One(day_first), DateReading::One(month_first)) if day_first != month_first => {
            DateReading::Either(day_first, month_first)
        }
        (DateReading::One(date), _) | (_, DateReading::One(date)) => DateReading::One(date),
        _ => DateReading::NoSuchDay,
    }
}

/// A date in several words from the start of `words`, and how many it took: `26 Nov 2026`,
/// `November 26th, 2026`, `26th of November`, `2026 Nov 26`.
pub(crate) fn in_words(words: &[LineWord]) -> Option<(DateReading, usize)> {
    let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    let year = |at: usize| number(text(at)).filter(|_| text(at).len() == 4);
    if let (Some(year), Some(month), Some(day)) = (year(0), month(text(1)), day_of_month(text(2))) {
        return Some((date(year, month, day), 3));
    }
    let (month, day, taken) = if let (Some(month), Some(day)) = (month(text(0)), day_of_month(text(1))) {
        (month, day, 2)
    } else if let (Some(day), Some(month)) = (day_of_month(text(0)), month(text(1))) {
        (month, day, 2)
    } else if let (Some(day), true, Some(month)) =
        (day_of_month(text(0)), is_english(Role::BeforeMonths, text(1)), month(text(2)))
    {
        (month, day, 3)
    } else {
        return None;
    };
    if let Some(year) = year(taken) {
        return Some((date(year, month, day), taken + 1));
    }
    // `Nov 26 '26`, but not the hour of `Nov 26 14:00`.
    match text(taken).strip_prefix(['\'', '\u{2019}']).and_then(number) {
        Some(year) => Some((short_year(year, month, day), taken + 1)),
        None => Some((DateReading::NoYear { month, day }, taken)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::when::tokens::words;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn figures_are_taken_where_only_one_reading_exists() {
        let the_26th = Some(DateReading::One(day(2026, 11, 26)));
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
        ] {
            assert_eq!(in_one_word(text), the_26th, "{text}");
        }
        assert_eq!(in_one_word("11/11/2026"), Some(DateReading::One(day(2026, 11, 11))));
        assert_eq!(
            in_one_word("11/12/2026"),
            Some(DateReading::Either(day(2026, 12, 11), day(2026, 11, 12)))
        );
        assert_eq!(in_one_word("2026-02-30"), Some(DateReading::NoSuchDay));
        assert_eq!(in_one_word("26.11.26"), Some(DateReading::ShortYear(Some(day(2026, 11, 26)))));
        assert_eq!(in_one_word("11/26"), Some(DateReading::NoYear { month: 11, day: 26 }));
        assert_eq!(in_one_word("america/new_york"), None);
        assert_eq!(in_one_word("-05:00"), None);
    }

    #[test]
    fn names_of_months_are_taken_in_every_order() {
        for (text, taken) in [
            ("26 nov 2026", 3),
            ("nov 26 2026", 3),
            ("26th of november 2026", 4),
            ("2026 nov 26", 3),
            ("november 26th 2026 14:00", 3),
        ] {
            assert_eq!(in_words(&words(text)), Some((DateReading::One(day(2026, 11, 26)), taken)), "{text}");
        }
        assert_eq!(in_words(&words("nov 26 14:00")), Some((DateReading::NoYear { month: 11, day: 26 }, 2)));
        assert_eq!(in_words(&words("30 min")), None);
    }
}
