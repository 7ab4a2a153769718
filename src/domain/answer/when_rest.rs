//! What a text says beside the day and the time that were read in it: the day in figures, and the place whose clock is meant.
//!
//! What is read stands there as a mark, so that nothing beside it is passed over: `Monday 7-12 at 2pm` is not the next
//! Monday, and `2pm, London` is not two o'clock at home. Known limit: a place that is neither in the tz database nor among
//! the other cities known is taken for another word (`2pm Zoom`).

use super::super::zone::Zone;
use super::super::zone_words::zone_word;
use super::rule::{RulePattern, date_lines, date_words, words};
use super::when_words::{NamedDay, day_first, either};
use crate::language::{Role, is_word, matcher, meanings};

/// Stands for a time of day that was read; a day is `_`.
pub(super) const TIME: &str = " \u{1} ";

/// Figures right beside a day: `_ 7-12`, `_ (07-12)`, `7.12 _`.
static FIGURES: RulePattern = RulePattern::new(|| {
    let figures = r"\b(\d{1,2})\s?[-./]\s?(\d{1,2})\b";
    format!(r"_[\s,.(]*{figures}|{figures}[\s,)]*_")
});
/// A number between a day and a time, or behind both: `Friday 13 \u{1}`.
static NUMBER: RulePattern = RulePattern::new(|| {
    let (at, the) = (words(Role::BeforeHours), words(Role::BeforeDays));
    let between = format!(r"_[\s,.(]*(?:{the}\s+)?(\d{{1,2}})[\s,.)]*(?:(?:{at}|@)\s*)?\x01");
    format!(r"{between}|\x01[^_\x01\d]{{0,12}}_\s+(\d{{1,2}})\s*(?:$|[,;)])")
});
/// `first _`, `_ after Thanksgiving`, `_ of January`: a weekday that is one of several.
static ONE_OF_SEVERAL: RulePattern = RulePattern::new(|| {
    let (any, event, within) = (words(Role::AnyWeekdays), words(Role::BeforeEvents), words(Role::InMonths));
    let article = format!(r"(?:(?:{}|[a-zà-ɏ]{{1,3}})\s+|l')?", words(Role::BeforeDays));
    let month = date_words(Role::Months);
    format!(r"\b{any}\s+_|_\s+{event}\s+{article}[a-zà-ɏ]{{3,}}|_\s+{within}\s*{article}{month}\b")
});
/// `next _`, `_ prochain`.
static NEXT: RulePattern = RulePattern::new(|| {
    let next = words(Role::NextWeekdays);
    format!(r"\b{next}\s+_|_\s+{next}\b")
});
/// What stands between a day and a time.
static BETWEEN: RulePattern = RulePattern::new(|| r"_([^_\x01]*)\x01".to_owned());
/// A number and the word behind it.
static COUNT: RulePattern = RulePattern::new(|| r"\b(\d{1,2})\s+([a-zà-ɏ]+)".to_owned());
/// A number with letters right behind it: the Dutch `4e`.
static JOINED: RulePattern = RulePattern::new(|| r"\b\d{1,2}([a-zà-ɏ]{1,3})\b".to_owned());
/// A name beside a day or a time: `\u{1}, London`, `\u{1} in New York`, `\u{1} hora de Madrid`.
static NAME: RulePattern = RulePattern::new(|| {
    let name = r"(?-i:[A-ZÀ-Þ])[A-Za-zÀ-ɏ]+";
    let before = format!(r"(?-i:[a-zà-ɏ]{{1,2}})\s+|{}\s+", words(Role::TimeOfPlace));
    let time = words(Role::TimeWords);
    format!(
        r"[_\x01][\s,;(]*(?:{before})?({name}(?:[ _-]{name}){{0,2}})(?:\s*$|\s*[,.;:!?)\x01_]|\s+{time}\b)"
    )
});

/// A day that is named in figures beside those that were read; [`NamedDay::Unclear`] where they say another day and it
/// cannot be told which. `whole`: the text before it was read.
pub(super) fn other_day(rest: &str, whole: &str) -> Option<NamedDay> {
    let number = |text: &str| text.parse::<u32>().ok();
    if let Some(found) = FIGURES.captures(rest) {
        let mut figures = found.iter().skip(1).flatten().filter_map(|figure| number(figure.as_str()));
        let (first, second) = (figures.next()?, figures.next()?);
        let day =
            if is_english(whole) { either(first, second, None) } else { day_first(first, second, None) };
        return Some(day);
    }
    if let Some(found) = NUMBER.captures(rest) {
        let day = found.iter().skip(1).flatten().next().and_then(|day| number(day.as_str()))?;
        return Some(if (1..=31).contains(&day) { NamedDay::OfMonth(day) } else { NamedDay::Unclear });
    }
    // `Monday in 14 days at`, `in 14 days, on Monday`; not `for 30 minutes`.
    let is_ahead = COUNT.regex().captures_iter(rest).any(|found| {
        let unit = found.get(2).map(|unit| unit.as_str().to_lowercase()).unwrap_or_default();
        meanings(Role::ReturnUnits).contains_key(unit.as_str())
    });
    let is_other = BETWEEN.captures(rest).is_some_and(|found| {
        let between = found.get(1).map_or("", |between| between.as_str());
        let is_no_unit = |unit: Option<regex::Match<'_>>| {
            unit.is_some_and(|unit| !is_word(Role::UnitsOfTime, &unit.as_str().to_lowercase()))
        };
        COUNT.regex().captures_iter(between).any(|count| is_no_unit(count.get(2)))
            || JOINED.regex().captures_iter(between).any(|joined| is_no_unit(joined.get(1)))
    });
    let is_later = || matcher(Role::LaterDays).is_in(&rest.to_lowercase());
    (is_ahead || is_other || is_later()).then_some(NamedDay::Unclear)
}

/// Whether the weekday is one of several, and which is not told in figures.
pub(super) fn is_of_other_weekday(rest: &str) -> bool {
    ONE_OF_SEVERAL.is_in(rest)
}

/// Whether the weekday is said not to be today's.
pub(super) fn names_next_weekday(rest: &str) -> bool {
    NEXT.is_in(rest)
}

/// Whether a weekday stands there in English, which has both orders of figures.
fn is_english(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphabetic());
    let is_day = |word: &str| {
        let all = date_lines(Role::Weekdays).chain(date_lines(Role::WeekdaysShort));
        all.into_iter().any(|(code, line)| code == "en" && line.text() == word)
    };
    words.any(is_day)
}

/// The zone that a name beside day or time means, in lower case; a name that can only be a zone's and is not known, too.
pub(super) fn zone_beside(rest: &str, zone: &dyn Zone) -> Option<String> {
    NAME.regex().captures_iter(rest).find_map(|found| {
        let found = found.get(1)?.as_str();
        // `2pm, Charlotte Weber asked for it`: the whole name is a place, or none is.
        let is_known = is_zone(found) || is_place(&found.to_lowercase(), zone) || looks_like_zone(found);
        is_known.then(|| found.to_lowercase())
    })
}

/// `PT`, `UK`, `Pacific`; not `Et`, which is a word.
fn is_zone(name: &str) -> bool {
    let is_spelled_out = || ["Eastern", "Central", "Mountain", "Pacific"].contains(&name);
    let is_short =
        || name.chars().all(|c| c.is_ascii_uppercase()) && zone_word(&name.to_lowercase()).is_some();
    is_short() || is_spelled_out()
}

/// `XYZT`.
fn looks_like_zone(word: &str) -> bool {
    (3..=4).contains(&word.len()) && word.ends_with('T') && word.chars().all(|c| c.is_ascii_uppercase())
}

/// Whether a name is that of `zone`'s city or of another place of its database; short ones are words (`Met`, `West`).
pub(super) fn is_place(name: &str, zone: &dyn Zone) -> bool {
    let city = zone.name().rsplit('/').next().unwrap_or_default().to_lowercase();
    name.replace(' ', "_") == city || (name.chars().count() > 3 && zone.other(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for (at, pattern) in
            [&FIGURES, &NUMBER, &ONE_OF_SEVERAL, &NEXT, &BETWEEN, &COUNT, &JOINED, &NAME].iter().enumerate()
        {
            assert!(!pattern.regex().as_str().is_empty(), "{at}");
        }
    }
}
