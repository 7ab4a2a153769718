//! A begin and an end in an answer, of which the begin counts: `9 bis 10 Uhr`, `de 9h a 10h`, `dalle 9 alle 10`, `2-3pm`.
//!
//! A number before `à` or `a las` that nothing marks as an hour is rather the day (`vendredi 20 à 16h`), unless `de` or
//! `dalle` stands before it. Known limit: two bare numbers with a dash between them are no hours.

use regex::Captures;

use super::rule::{RulePattern, words};
use super::when::{TimeReading, clock, half, is_afternoon, part, words_at, zone_after};
use crate::language::{Line, Role, alternation_of, is_word, lines};

/// Either end: hour, minutes, mark, half of the day.
fn end() -> String {
    let mark = words(Role::HourMarks);
    format!(r"(\d{{1,2}})(?:[:.hu](\d{{2}}))?(?:\s*({mark}|h|u)\b)?(?:\s*{})?", half())
}

/// Words that stand before a begin: `from`, `dalle`, `das`; not those before a day (`le 9 à 10h`).
fn from_words() -> String {
    let is_before_days = |code: &str, line: &Line| {
        lines(Role::BeforeDays).any(|(other, day)| other == code && day.text() == line.text())
    };
    let fillers = lines(Role::DateFillers).chain(lines(Role::RangeStarts));
    alternation_of(fillers.filter(|(code, line)| !is_before_days(code, line)).map(|(_, line)| line))
}

/// `bis`, `a las`, `y las`, a dash.
fn link() -> String {
    let (until, range) = (words(Role::BetweenTimes), words(Role::RangeEnds));
    let (at, fillers) = (words(Role::BeforeHours), words(Role::DateFillers));
    let (word, second) = (format!("(?:{until}|{range}|{at}|{fillers})"), format!("(?:{at}|{fillers})"));
    format!(r"(\s*(?:->|-|→)\s*|\s+{word}(?:\s+{second})?\s+)")
}

/// Both ends, one of them at least marked as an hour.
pub(super) static SPAN: RulePattern = RulePattern::new(|| {
    let (from, end, link, zone) = (from_words(), end(), link(), zone_after());
    format!(r"(?:\b({from})\s+(?:{from}\s+)?)?\b{end}{link}\b{end}{zone}")
});
/// Two bare numbers behind a word that says so.
pub(super) static BARE_SPAN: RulePattern = RulePattern::new(|| {
    let (from, link, zone) = (from_words(), link(), zone_after());
    format!(r"\b{from}\s+(?:{from}\s+)?(\d{{1,2}}){link}(\d{{1,2}})\b{zone}")
});

/// A number that begins a longer meeting without a mark is hardly an hour.
const LONGEST_HOURS: u32 = 4;
/// Groups of [`SPAN`]: the word before, and the parts of both ends.
const FROM: usize = 1;
const LINK: usize = 6;
const ZONE: usize = 11;

pub(super) fn of_span(found: &Captures<'_>) -> TimeReading {
    let has = |groups: [usize; 3]| groups.iter().any(|at| found.get(*at).is_some());
    let (begin_marked, end_marked) = (has([3, 4, 5]), has([8, 9, 10]));
    let (Some(hour), Some(until)) = (part(found, 2), part(found, 7)) else { return TimeReading::NoTime };
    let is_dash = found.get(LINK).is_some_and(|link| link.as_str().trim().starts_with(['-', '→']));
    let is_and = !is_dash && !is_range(found);
    let is_from = found.get(FROM).is_some();
    let is_between = words_at(found, FROM).is_some_and(|word| is_word(Role::RangeStarts, &word));
    let is_day = !begin_marked && !is_from && !is_dash && is_at(found);
    if !begin_marked && !end_marked || is_day || is_and && !is_between || hour > 24 || until > 24 {
        return TimeReading::NoTime;
    }
    let end_half = is_afternoon(found, 10);
    // `11-1pm` begins in the morning.
    let from_end = end_half.filter(|_| hour <= 12).map(|is_after| is_after && hour % 12 <= until % 12);
    let half = is_afternoon(found, 5).or(from_end);
    let is_bare = found.get(2).is_some_and(|hour| hour.len() == 1) && half.is_none();
    if is_bare && (1..=6).contains(&hour) {
        // `1h à 14h` is a length and a time, `2:00 - 3:00` half a time.
        return if found.get(3).is_some() { TimeReading::Unclear } else { TimeReading::NoTime };
    }
    let in_day =
        |hour: u32, half: Option<bool>| half.map_or(hour, |after| hour % 12 + if after { 12 } else { 0 });
    let (begins, ends) = (in_day(hour, half), in_day(until, end_half.or(half.filter(|_| until <= 12))));
    if !begin_marked && !is_from && (begins >= ends || ends - begins > LONGEST_HOURS) {
        // `Friday 7 - 4pm` is rather the 7th.
        return if begins >= ends { TimeReading::NoTime } else { TimeReading::Unclear };
    }
    clock(hour, part(found, 3).unwrap_or(0), half, words_at(found, ZONE))
}

/// What joins both ends, in single blanks.
fn link_of(found: &Captures<'_>) -> Vec<String> {
    words_at(found, LINK).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// Whether it could stand before a single hour as well: `à`, `a las`.
fn is_at(found: &Captures<'_>) -> bool {
    let link = link_of(found);
    is_word(Role::BeforeHours, &link.join(" "))
        || link.first().is_some_and(|word| is_word(Role::BeforeHours, word))
}

fn is_range(found: &Captures<'_>) -> bool {
    link_of(found)
        .first()
        .is_some_and(|word| is_word(Role::RangeEnds, word) || is_word(Role::BetweenTimes, word))
}

/// `dalle 9 alle 10`: an hour where the text names no other.
pub(super) fn of_bare_span(found: &Captures<'_>) -> TimeReading {
    match (part(found, 1), part(found, 3)) {
        (Some(hour @ 7..=23), Some(until)) if hour < until && until <= 24 => {
            clock(hour, 0, None, words_at(found, 4))
        }
        _ => TimeReading::NoTime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for (at, pattern) in [&SPAN, &BARE_SPAN].iter().enumerate() {
            assert!(!pattern.regex().as_str().is_empty(), "{at}");
        }
    }
}
