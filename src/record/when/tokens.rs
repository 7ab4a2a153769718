//! A date line cut into words, each with its place, and what single words mean.
//!
//! Knows months, weekdays, clock times and lengths; puts nothing together. The words are those of English in the
//! language files; names of months and weekdays in other languages are not read: a record is written in English,
//! and a name that two languages share would be a guess.

use std::ops::Range;

use chrono::{NaiveTime, Weekday};

use crate::domain::length;
use crate::language::{Line, Role, lines, meaning_among};

/// A word of the line: its text in lower case and its place in the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineWord {
    pub text: String,
    pub span: Range<usize>,
}

/// Words between blanks, commas, semicolons and brackets, which are dropped.
pub(crate) fn words(line: &str) -> Vec<LineWord> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in line.char_indices().chain(std::iter::once((line.len(), ' '))) {
        let separates =
            c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '(' | ')' | '[' | ']' | '|' | '"');
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

fn word(line: &str, span: Range<usize>) -> Option<LineWord> {
    let text = line.get(span.clone())?;
    // A full stop ends `p.m.` as well as a sentence; neither it nor a colon at the end means anything here.
    let kept = text.trim_end_matches(['.', ':']);
    if kept.is_empty() {
        return None;
    }
    let span = span.start..span.start + kept.len();
    let text = kept.replace(['\u{2013}', '\u{2014}', '\u{2212}', '\u{2011}', '\u{2010}'], "-").to_lowercase();
    Some(LineWord { text, span })
}

/// Records are written in it.
const ENGLISH: &str = "en";

/// What English has for a role.
fn english(role: Role) -> impl Iterator<Item = (&'static str, &'static Line)> {
    lines(role).filter(|(language, _)| *language == ENGLISH)
}

/// Whether `word` is one of the English words of a role.
pub(crate) fn is_english(role: Role, word: &str) -> bool {
    english(role).any(|(_, line)| line.text == word)
}

pub(crate) fn month(word: &str) -> Option<u32> {
    u32::try_from(meaning_among(english(Role::Months), word)? + 1).ok()
}

/// Three to five letters are enough: `thurs`.
pub(crate) fn weekday(word: &str) -> Option<Weekday> {
    let begins = |name: &str| (3..=5).contains(&word.len()) && name.starts_with(word);
    let (_, found) = english(Role::Weekdays).find(|(_, line)| line.text == word || begins(&line.text))?;
    Weekday::try_from(u8::try_from(found.group?).ok()?).ok()
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
    let digits = english(Role::Ordinals)
        .find_map(|(_, ordinal)| word.strip_suffix(ordinal.text.as_str()))
        .unwrap_or(word);
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

pub(crate) fn half(word: &str) -> Option<HalfOfDay> {
    meaning_among(english(Role::HalvesOfDay), word).map(half_of)
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
    if is_english(Role::Noon, word) {
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
    // `14:00h`
    let digits = digits.strip_suffix('h').filter(|d| half.is_none() && d.contains(':')).unwrap_or(digits);
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

/// `14.00`, as it is written between Oslo and Vienna; exactly two digits behind the full stop.
pub(crate) fn dotted_clock(word: &str) -> Option<ClockToken> {
    let (hours, minutes) = word.split_once('.')?;
    if minutes.len() != 2 || number(minutes).is_none() {
        return None;
    }
    clock(&format!("{hours}:{minutes}"))
}

fn two_digits(text: Option<&str>) -> Option<u32> {
    text.map_or(Some(0), |text| number(text).filter(|_| text.len() == 2))
}

fn split_half(word: &str) -> (&str, Option<HalfOfDay>) {
    let found = english(Role::HalvesOfDay)
        .find_map(|(_, line)| Some((word.strip_suffix(line.text.as_str())?, line.group.map(half_of))));
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
    let unit = meaning_among(english(Role::UnitsOfTime), word)?;
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
