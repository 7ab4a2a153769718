//! The days that an answer names: `Tue 1 Dec`, `1.12.`, `tomorrow`, `Thursday next week`.
//!
//! The record's own reader of dates is stricter and tells what is wrong; this one reads prose, in four languages, and
//! says only what was found.

use chrono::{NaiveDate, Weekday};
use regex::Captures;

use super::{Pattern, pattern};

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
    pub(crate) fn weekday(&self) -> Option<Weekday> {
        match self {
            NamedDay::Weekday(day) | NamedDay::NextWeek(day) => Some(*day),
            _ => None,
        }
    }
}

macro_rules! month {
    () => {
        r"(jan(?:uary|uar|vier|v)?|ene(?:ro)?|feb(?:ruary|ruar|rero)?|f[ée]vr?(?:ier)?|mar(?:ch|s|zo)?|märz?|mrz|apr(?:il)?|avr(?:il)?|abr(?:il)?|may|mai|mayo|june?|juni|juin|junio|july?|juli|juil(?:let)?|julio|aug(?:ust)?|ago(?:sto)?|ao[ûu]t|sept?(?:ember|embre)?|septiembre|o[ck]t(?:ober|obre|ubre)?|nov(?:ember|embre|iembre)?|de[cz](?:ember)?|d[ée]c(?:embre)?|dic(?:iembre)?)\b\.?"
    };
}

static ISO: Pattern = pattern!(r"\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:t|\b)");
static DAY_MONTH: Pattern = pattern!(concat!(
    r"\b(\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s*(?:of\s+|de\s+|d'|-)?\s*",
    month!(),
    r"(?:,?\s*(?:de\s+|-)?(\d{4})\b)?"
));
static MONTH_DAY: Pattern =
    pattern!(concat!(r"\b", month!(), r"\s*(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s*(\d{4})\b)?"));
static DOTTED: Pattern = pattern!(r"\b(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4})\b|(\d{2})\b)?");
static SLASHED: Pattern = pattern!(r"\b(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?\b");
static DASHED: Pattern = pattern!(r"\b(\d{1,2})[-.](\d{1,2})[-.](\d{4})\b");
static OF_MONTH: Pattern = pattern!(r"\bthe\s+(\d{1,2})(?:st|nd|rd|th)\b|\b(\d{1,2})(?:st|nd|rd|th)\b");
static RELATIVE: Pattern = pattern!(
    r"\b(day after tomorrow|übermorgen|après-demain|pasado mañana|today|heute|aujourd'hui|hoy|this (?:morning|afternoon)|tomorrow|tmrw|tmr|demain|in (?:a|one) week(?:'s time)?|in (\d{1,2}) days?|a week (?:from )?today|morgen|mañana)\b"
);
macro_rules! weekday {
    () => {
        r"(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo)"
    };
}
static NEXT_WEEK: Pattern = pattern!(concat!(
    r"\b",
    weekday!(),
    r"\b\.?,?\s+(?:of\s+)?next\s+week\b|\bnext\s+week\s*,?\s*(?:on\s+)?",
    weekday!(),
    r"\b\.?|\bnächste\w*\s+woche\s+(?:am\s+)?",
    weekday!(),
    r"\b"
));
static WEEKDAY: Pattern =
    pattern!(concat!(r"\b", weekday!(), r"\b\.?|\b(?-i:(Mo|Di|Mi|Do|Fr|Sa|So))\b\.?,?\s+_"));
/// Says that the day lies further off than the words beside it.
static UNCLEAR: Pattern = pattern!(
    r"\b(?:weeks?|woche[n]?|semaine|semana|fortnight|month|monat|mois|either|or|oder|ou|tba|tbd|tbc)\b"
);

type DayReader = fn(&Captures<'_>) -> Option<NamedDay>;

/// Every day that `text` names, and the text with each replaced by `_`.
pub(super) fn days(text: &str) -> (Vec<NamedDay>, String) {
    let mut all = Vec::new();
    let mut rest = text.to_owned();
    let readers: [(&Pattern, DayReader); 11] = [
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
            let day = number(found, 1).or_else(|| number(found, 2))?;
            Some(if (1..=31).contains(&day) { NamedDay::OfMonth(day) } else { NamedDay::Unclear })
        }),
        (&RELATIVE, |found| Some(NamedDay::InDays(ahead(found)?))),
        (&NEXT_WEEK, |found| Some(NamedDay::NextWeek(any_weekday(found)?))),
        (&WEEKDAY, |found| Some(NamedDay::Weekday(any_weekday(found)?))),
        (&UNCLEAR, |_| Some(NamedDay::Unclear)),
    ];
    for (pattern, read) in readers {
        let Some(regex) = pattern.regex() else { continue };
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
fn day_first(day: u32, month: u32, year: Option<u32>) -> NamedDay {
    named(month, day, year)
}

fn either(first: u32, second: u32, year: Option<u32>) -> NamedDay {
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
    let name = found.get(at)?.as_str().to_lowercase();
    let starts = |all: &[&str]| all.iter().any(|start| name.starts_with(start));
    let months: [&[&str]; 12] = [
        &["jan", "ene"],
        &["feb", "fév", "fev"],
        &["mar", "mär", "mrz"],
        &["apr", "avr", "abr"],
        &["may", "mai"],
        &["jun", "juin"],
        &["jul", "juil"],
        &["aug", "ago", "aoû", "aou"],
        &["sep"],
        &["oct", "okt"],
        &["nov"],
        &["dec", "dez", "déc", "dic"],
    ];
    months.iter().zip(1..).find(|(all, _)| starts(all)).map(|(_, month)| month)
}

fn ahead(found: &Captures<'_>) -> Option<i64> {
    let words = found.get(1)?.as_str().to_lowercase();
    if let Some(days) = number(found, 2) {
        return Some(i64::from(days));
    }
    Some(match words.as_str() {
        "today" | "heute" | "aujourd'hui" | "hoy" => 0,
        "day after tomorrow" | "übermorgen" | "après-demain" | "pasado mañana" => 2,
        words if words.starts_with("this ") => 0,
        words if words.contains("week") => 7,
        _ => 1,
    })
}

fn any_weekday(found: &Captures<'_>) -> Option<Weekday> {
    let name = found.iter().skip(1).flatten().next()?.as_str().to_lowercase();
    Some(match name.as_str() {
        "mo" => Weekday::Mon,
        "di" => Weekday::Tue,
        "mi" => Weekday::Wed,
        "do" => Weekday::Thu,
        "fr" => Weekday::Fri,
        "sa" => Weekday::Sat,
        "so" => Weekday::Sun,
        other => match other.chars().take(3).collect::<String>().as_str() {
            "mon" | "lun" => Weekday::Mon,
            "tue" | "die" | "mar" => Weekday::Tue,
            "wed" | "mit" | "mer" | "mie" | "mié" => Weekday::Wed,
            "thu" | "don" | "jeu" | "jue" => Weekday::Thu,
            "fri" | "fre" | "ven" | "vie" => Weekday::Fri,
            "sat" | "sam" | "son" | "sab" | "sáb" if other != "sonntag" => Weekday::Sat,
            _ => Weekday::Sun,
        },
    })
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
            assert!(pattern.regex().is_some(), "{at}");
        }
    }
}
