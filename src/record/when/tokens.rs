//! A date line cut into words, each with its place, and what single words mean.
//!
//! Knows months, weekdays, clock times and lengths; puts nothing together. The words are those of every language
//! whose file has the units of a meeting's length.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use chrono::{NaiveTime, Weekday};

use crate::domain::length;
use crate::domain::zone_words::zone_word;
use crate::language::{Line, Role, lines, meaning_among};

/// A word of the line: its text in lower case and its place in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineWord {
    pub text: String,
    pub span: Range<usize>,
    /// A full stop follows, which is no part of the text: `26.11.`.
    pub stopped: bool,
}

/// Words between blanks, commas, semicolons and brackets, which are dropped.
pub(crate) fn words(line: &str) -> Vec<LineWord> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in line.char_indices().chain(std::iter::once((line.len(), ' '))) {
        let separates = c.is_whitespace()
            || c.is_control()
            || matches!(c, ';' | '(' | ')' | '[' | ']' | '|' | '"')
            || (c == ',' && !is_decimal(line, at));
        match (separates, start) {
            (false, None) => start = Some(at),
            (true, Some(from)) => {
                words.extend(word(line, from..at));
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// Whether the comma at `at` is that of `1,5 h`: between figures, and a unit of length behind them.
fn is_decimal(line: &str, at: usize) -> bool {
    let before = line.get(..at).is_some_and(|text| text.ends_with(|c: char| c.is_ascii_digit()));
    let behind = line.get(at + 1..).unwrap_or("");
    let rest = behind.trim_start_matches(|c: char| c.is_ascii_digit());
    let unit: String = rest.trim_start().chars().take_while(|c| c.is_alphabetic()).collect();
    before && rest.len() < behind.len() && unit_seconds(&unit.to_lowercase()).is_some()
}

fn word(line: &str, span: Range<usize>) -> Option<LineWord> {
    let text = line.get(span.clone())?;
    // A full stop ends `p.m.` as well as a sentence; neither it nor a colon at the end means anything here.
    let kept = text.trim_end_matches(['.', ':', '\u{2026}']);
    // A sign that stands alone only parts what is around it.
    if kept.chars().all(|c| matches!(c, '/' | '\u{b7}' | '\u{2022}' | '\u{22c5}')) {
        return None;
    }
    let stopped = text.get(kept.len()..).is_some_and(|end| end.starts_with('.'));
    let span = span.start..span.start + kept.len();
    let text = kept
        .replace(',', ".")
        .replace(['\u{2013}', '\u{2014}', '\u{2212}', '\u{2011}', '\u{2010}'], "-")
        .replace('\u{bd}', ".5")
        .replace('\u{bc}', ".25")
        .replace('\u{be}', ".75")
        .to_lowercase();
    let text = if text.starts_with('.') { format!("0{text}") } else { text };
    Some(LineWord { text, span, stopped })
}

/// What a role has in the languages that records are read in: those that know the units of a length.
fn readable(role: Role) -> impl Iterator<Item = (&'static str, &'static Line)> {
    static READ: LazyLock<HashSet<&str>> =
        LazyLock::new(|| lines(Role::UnitsOfTime).map(|(language, _)| language).collect());
    lines(role).filter(|(language, _)| READ.contains(language))
}

/// Whether `word` is one of the words of a role.
pub(crate) fn is_one_of(role: Role, word: &str) -> bool {
    readable(role).any(|(_, line)| line.text() == word)
}

/// Whether a word is one that only languages have in which the day stands before the month: `Uhr`, `à`, `jueves`.
pub(crate) fn is_of_day_first_language(word: &str) -> bool {
    // `ET` is a zone, and French for `and`.
    // Words of two letters are states and cities as well: `LA`, `CA`.
    let tells = (word.chars().count() > 2 || !word.is_ascii()) && zone_word(word).is_none();
    let languages =
        || TELLING_ROLES.iter().flat_map(|role| readable(*role)).filter(|(_, line)| line.text() == word);
    tells && languages().next().is_some() && languages().all(|(language, _)| language != "en")
}

/// Words of these tell the language of a date.
const TELLING_ROLES: [Role; 8] = [
    Role::Months,
    Role::Weekdays,
    Role::HourMarks,
    Role::BeforeHours,
    Role::HalvesOfDay,
    Role::DateFillers,
    Role::UnitsOfTime,
    Role::CentralEuropeanTime,
];

pub(crate) fn month(word: &str) -> Option<u32> {
    u32::try_from(meaning_among(readable(Role::Months), word)? + 1).ok()
}

/// The weekdays that `word` can name, mostly one; three to five letters are enough: `thurs`. Short names of two
/// letters are words of other languages as well, and count before a number alone.
pub(crate) fn weekdays(word: &str, before_number: bool) -> Vec<Weekday> {
    let letters = word.chars().count();
    // `per` is Italian for `for` before it is a Finnish Friday.
    let says_nothing = is_one_of(Role::DateFillers, word);
    let begins = |name: &str| !says_nothing && (3..=5).contains(&letters) && name.starts_with(word);
    let named = readable(Role::Weekdays).filter(|(_, line)| line.text() == word || begins(line.text()));
    let short = readable(Role::WeekdaysShort)
        .filter(|(_, line)| line.text() == word && (before_number || letters > 2));
    let mut found: Vec<Weekday> = Vec::new();
    for (_, line) in named.chain(short) {
        let day = line
            .group()
            .and_then(|group| u8::try_from(group).ok())
            .and_then(|day| Weekday::try_from(day).ok());
        found.extend(day.filter(|day| !found.contains(day)));
    }
    found
}

pub(crate) fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Mon => "Monday",
        Weekday::Tue => "Tuesday",
        Weekday::Wed => "Wednesday",
        Weekday::Thu => "Thursday",
        Weekday::Fri => "Friday",
        Weekday::Sat => "Saturday",
        Weekday::Sun => "Sunday",
    }
}

/// `26`, `26th`, `1st`.
pub(crate) fn day_of_month(word: &str) -> Option<u32> {
    let digits =
        readable(Role::Ordinals).find_map(|(_, ordinal)| word.strip_suffix(ordinal.text())).unwrap_or(word);
    (digits.len() <= 2).then(|| number(digits)).flatten()
}

/// A number of ASCII digits alone.
pub(crate) fn number(text: &str) -> Option<u32> {
    if text.is_empty() || text.len() > 9 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Half of the day that a time names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HalfOfDay {
    Am,
    Pm,
}

/// The longest name of a half of the day, in words: `de la tarde`.
const HALF_WORDS: usize = 3;

/// The half of the day that the words behind the first one name, and how many words that takes.
pub(crate) fn half_behind(words: &[LineWord]) -> (Option<HalfOfDay>, usize) {
    let behind: Vec<&str> = words.iter().skip(1).take(HALF_WORDS).map(|word| word.text.as_str()).collect();
    let named = |count: usize| {
        let name = behind.get(..count)?.join(" ");
        meaning_among(readable(Role::HalvesOfDay), &name).map(|place| (Some(half_of(place)), count))
    };
    (1..=HALF_WORDS).rev().find_map(named).unwrap_or((None, 0))
}

fn half_of(place: usize) -> HalfOfDay {
    if place == 0 { HalfOfDay::Am } else { HalfOfDay::Pm }
}

/// A clock time as it stands, not yet judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockToken {
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    pub half: Option<HalfOfDay>,
    /// The hour has one digit: without am or pm it may mean the afternoon.
    pub bare: bool,
    /// Only an hour, such as the `2` of `2-3pm`.
    pub hour_only: bool,
}

/// `14:00`, `14:00:30`, `2pm`, `2:30pm`, `14h30`, `14h00`, `noon`. A bare number is no time.
pub(crate) fn clock(word: &str) -> Option<ClockToken> {
    if is_one_of(Role::Noon, word) {
        return Some(ClockToken {
            hour: 12,
            minute: 0,
            second: 0,
            half: None,
            bare: false,
            hour_only: false,
        });
    }
    let (digits, half) = split_half(word);
    // `14:00h`, `14:00u`
    let digits =
        digits.strip_suffix(['h', 'u']).filter(|d| half.is_none() && d.contains(':')).unwrap_or(digits);
    // `14u30`, as it is written in Dutch.
    let digits = &digits.replacen('u', "h", 1);
    let digits = digits
        .strip_suffix('h')
        .filter(|d| half.is_none() && d.len() == 2)
        .map_or_else(|| digits.replacen('h', ":", 1), |hour| format!("{hour}:00"));
    let mut parts = digits.split(':');
    let hour_text = parts.next()?;
    let hour = number(hour_text).filter(|_| hour_text.len() <= 2)?;
    let minute_text = parts.next();
    let minute = two_digits(minute_text)?;
    let second_text = parts.next();
    let second = two_digits(second_text)?;
    if parts.next().is_some() || (minute_text.is_none() && half.is_none()) {
        return None;
    }
    let hour_only = minute_text.is_none();
    Some(ClockToken { hour, minute, second, half, bare: hour_text.len() == 1, hour_only })
}

/// `14.00`, as it is written between Oslo and Vienna, and `2.30pm`; exactly two digits behind the full stop.
pub(crate) fn dotted_clock(word: &str) -> Option<ClockToken> {
    let (digits, half) = split_half(word);
    let (hours, minutes) = digits.strip_suffix(['h', 'u']).unwrap_or(digits).split_once('.')?;
    if minutes.len() != 2 || number(minutes).is_none() {
        return None;
    }
    clock(&format!("{hours}:{minutes}")).map(|clock| ClockToken { half, ..clock })
}

fn two_digits(text: Option<&str>) -> Option<u32> {
    text.map_or(Some(0), |text| number(text).filter(|_| text.len() == 2))
}

fn split_half(word: &str) -> (&str, Option<HalfOfDay>) {
    let found = readable(Role::HalvesOfDay)
        .find_map(|(_, line)| Some((word.strip_suffix(line.text())?, line.group().map(half_of))));
    found.unwrap_or((word, None))
}

/// Why a clock time is not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ClockFault {
    /// No such hour, minute or second.
    OutOfRange,
    /// `14:00 pm`: two ways of counting at once.
    HalfAndTwentyFour,
    /// `2:00`: in the night or in the afternoon.
    EitherHalf,
}

impl ClockToken {
    pub(crate) fn time(self) -> Result<NaiveTime, ClockFault> {
        let hour = match self.half {
            Some(_) if self.hour > 12 && self.hour < 24 => return Err(ClockFault::HalfAndTwentyFour),
            Some(_) if self.hour == 0 => return Err(ClockFault::HalfAndTwentyFour),
            Some(HalfOfDay::Am) => self.hour % 12,
            Some(HalfOfDay::Pm) => self.hour % 12 + 12,
            // Nobody meets at five in the morning, but `9:30` is how half of the world writes half past nine.
            None if self.bare && (1..=6).contains(&self.hour) => return Err(ClockFault::EitherHalf),
            None => self.hour,
        };
        NaiveTime::from_hms_opt(hour, self.minute, self.second).ok_or(ClockFault::OutOfRange)
    }
}

/// Seconds in a word such as `30min`, `1h`, `1h30`, `1h30m`, `20s`, `1.5h`; `None`: no length.
pub(crate) fn length(word: &str) -> Option<u32> {
    length::lenient(word, unit_seconds)
}

/// Seconds of a unit of length by any of its names.
pub(crate) fn unit_seconds(word: &str) -> Option<f64> {
    let unit = meaning_among(readable(Role::UnitsOfTime), word)?;
    [1.0, 60.0, 3600.0].get(unit).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_places() {
        let line = "Thu, 26 Nov\u{a0}2026 (2 p.m.)";
        let found = words(line);
        let texts: Vec<_> = found.iter().map(|w| w.text.as_str()).collect();
        assert_eq!(texts, ["thu", "26", "nov", "2026", "2", "p.m"]);
        assert!(found.iter().all(|w| line.get(w.span.clone()).is_some()));
    }

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, seconds) in [
            ("30min", 1800),
            ("1h", 3600),
            ("1h30", 5400),
            ("1h30m", 5400),
            ("20s", 20),
            ("1.5h", 5400),
            ("90m", 5400),
            ("45minutes", 2700),
            ("0min", 0),
            ("30-minute", 1800),
        ] {
            assert_eq!(length(text), Some(seconds), "{text}");
        }
        for text in ["", "30", "h", "30m1h", "30xy", "1h30x", "2026", "."] {
            assert_eq!(length(text), None, "{text}");
        }
    }

    #[test]
    fn clock_times_are_read_in_both_countings() {
        let time = |text: &str| clock(text).map(ClockToken::time);
        let hms = |h, m, s| Some(Ok(NaiveTime::from_hms_opt(h, m, s).unwrap()));
        assert_eq!(time("14:00"), hms(14, 0, 0));
        assert_eq!(time("14:00:30"), hms(14, 0, 30));
        assert_eq!(time("2pm"), hms(14, 0, 0));
        assert_eq!(time("12am"), hms(0, 0, 0));
        assert_eq!(time("12pm"), hms(12, 0, 0));
        assert_eq!(time("2:30p.m"), hms(14, 30, 0));
        assert_eq!(time("9:30"), hms(9, 30, 0));
        assert_eq!(time("14h30"), hms(14, 30, 0));
        assert_eq!(time("14h"), hms(14, 0, 0));
        assert_eq!(time("14:00h"), hms(14, 0, 0));
        assert_eq!(dotted_clock("14.30").map(ClockToken::time), hms(14, 30, 0));
        assert_eq!(dotted_clock("26.11.2026"), None);
        assert_eq!(time("noon"), hms(12, 0, 0));
        assert_eq!(time("2:00"), Some(Err(ClockFault::EitherHalf)));
        assert_eq!(time("14:00pm"), Some(Err(ClockFault::HalfAndTwentyFour)));
        assert_eq!(time("25:00"), Some(Err(ClockFault::OutOfRange)));
        assert_eq!(time("2026"), None);
        assert_eq!(time("2"), None);
    }
}
