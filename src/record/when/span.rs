//! The begin and the end of a meeting with a word or a dash between them: `de 9h à 10h`, `das 14h às 15h30`,
//! `dalle 14 alle 15`, `14-15 Uhr`, `between 2 and 3 pm`.
//!
//! An hour such as `9h` could be a length as well: beside a second hour it is a time of day. Known limit: two hours without any
//! mark (`9-10`) are a span only where the day stands before them.

use std::ops::Range;

use crate::language::Role;

use super::dates;
use super::parts::PlacedPart;
use super::tokens::{self, ClockToken, HalfOfDay, LineWord};

/// The begin, the end and how many words that took.
pub(super) type Span = (PlacedPart<ClockToken>, PlacedPart<ClockToken>, usize);

/// What is known of the line before the span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    pub has_date: bool,
    pub has_weekday: bool,
}

/// An hour at either end.
#[derive(Clone, Copy, Debug)]
struct HourPoint {
    clock: ClockToken,
    taken: usize,
    /// Its form says that it is an hour: `9h`, `9:00`, `9 Uhr`, `9 am`.
    marked: bool,
    /// The form of a length as well: `1h`, `1 h`.
    like_length: bool,
}

/// A length before or behind a time of day is seldom longer: `1h à 14h`, `14h - 2h`.
const SHORT_HOURS: u32 = 4;
/// Stand between two times by themselves.
const ARROWS: [&str; 4] = ["-", "->", "\u{2192}", "=>"];

/// The span that `words` begin with.
pub(super) fn span(words: &[LineWord], before: Before) -> Option<Span> {
    let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    let is_between = tokens::is_one_of(Role::RangeStarts, text(0));
    let opening = usize::from(is_between);
    let from_hour = opening + before_hour(words.get(opening..).unwrap_or(&[]), is_between);
    let rest = words.get(from_hour..)?;
    if let Some((from, to, taken)) = in_one_word(rest, before, from_hour > 0) {
        return Some((from, to, from_hour + taken));
    }
    let first = point(rest)?;
    let link_at = from_hour + first.taken;
    let link = text(link_at);
    let is_arrow = ARROWS.contains(&link);
    let is_link = is_arrow || is_range(link) || (is_between && tokens::is_one_of(Role::DateFillers, link));
    if !is_link {
        return None;
    }
    let behind_link = words.get(link_at + 1..)?;
    let second_at = link_at + 1 + before_hour(behind_link, true);
    let second = point(words.get(second_at..)?)?;
    let behind = words.get(second_at + second.taken..).unwrap_or(&[]);
    let is_told = first.marked || second.marked || is_between || from_hour > 0 || before.has_date;
    let is_unmarked_weekday = before.has_weekday && !is_arrow;
    if !(is_told || is_unmarked_weekday) || (!first.marked && !second.marked && has_time(behind)) {
        return None;
    }
    let is_hour_too = tokens::is_one_of(Role::BeforeHours, link);
    if first.like_length && first.clock.hour <= SHORT_HOURS && !is_between && (is_arrow || is_hour_too) {
        return None;
    }
    let is_shorter = second.clock.hour <= SHORT_HOURS && second.clock.hour < first.clock.hour;
    if is_arrow && second.like_length && is_shorter || is_unit(behind) {
        return None;
    }
    let (from, to) = halves_shared(first.clock, second.clock);
    let place = |at: usize, taken: usize| -> Option<Range<usize>> {
        Some(words.get(at)?.span.start..words.get(at + taken - 1)?.span.end)
    };
    Some((
        PlacedPart { value: from, span: place(from_hour, first.taken)? },
        PlacedPart { value: to, span: place(second_at, second.taken)? },
        second_at + second.taken,
    ))
}

/// `9h-10h`, `14-15 Uhr`, `2-3pm`, `9h/10h`. `is_told`: a word before says that hours follow.
fn in_one_word(words: &[LineWord], before: Before, is_told: bool) -> Option<Span> {
    let word = words.first()?;
    let text = word.text.strip_prefix('@').unwrap_or(&word.text);
    let ends = |separator: char| {
        let (from, to) = text.split_once(separator)?;
        Some((point_in(from)?, point_in(to)?))
    };
    let (mut from, mut to) = match ends('-') {
        Some(found) => found,
        None => ends('/').filter(|(from, to)| from.marked && to.marked)?,
    };
    let behind = words.get(1..).unwrap_or(&[]);
    let (half, half_words) = tokens::half_behind(words);
    let mark = usize::from(is_hour_mark(behind)).max(half_words);
    to.clock.half = to.clock.half.or(half);
    let is_marked = from.marked || to.marked || mark > 0;
    let is_told = is_told || before.has_date && !has_time(behind);
    let is_short_length = to.like_length && to.clock.hour <= SHORT_HOURS && to.clock.hour < from.clock.hour;
    if !(is_marked || is_told) || is_short_length || (mark == 0 && is_unit(behind)) {
        return None;
    }
    (from.clock, to.clock) = halves_shared(from.clock, to.clock);
    let span = word.span.clone();
    Some((
        PlacedPart { value: from.clock, span: span.clone() },
        PlacedPart { value: to.clock, span },
        1 + mark,
    ))
}

/// How many words stand before an hour and say nothing more: `um`, `a las`, `alle ore`.
fn before_hour(words: &[LineWord], with_fillers: bool) -> usize {
    let text = |count: usize| words.iter().take(count).map(|word| word.text.as_str()).collect::<Vec<_>>();
    let named = [3, 2, 1]
        .into_iter()
        .find(|count| tokens::is_one_of(Role::BeforeHours, &text(*count).join(" ")) && words.len() > *count);
    let fillers = || {
        let is_filler = |word: &&LineWord| tokens::is_one_of(Role::DateFillers, &word.text);
        if with_fillers { words.iter().take(2).take_while(is_filler).count() } else { 0 }
    };
    named.unwrap_or(0).max(fillers())
}

/// The hour that `words` begin with, its marks included.
fn point(words: &[LineWord]) -> Option<HourPoint> {
    let first = words.first()?;
    if dates::in_one_word(first).is_some() || dates::in_words(words).is_some() {
        return None;
    }
    let mut point = point_in(first.text.strip_prefix('@').unwrap_or(&first.text))?;
    let behind = words.get(1..).unwrap_or(&[]);
    if is_hour_mark(behind) {
        point.like_length = !point.marked && behind.first().is_some_and(|mark| mark.text == "h");
        if let Some(minute) = minute_behind(words).filter(|_| !point.marked) {
            point.clock.minute = minute;
            point.taken += 1;
        }
        point.taken += 1;
        point.marked = true;
    }
    let (half, half_words) = tokens::half_behind(words.get(point.taken - 1..).unwrap_or(&[]));
    if half.is_some() && point.clock.half.is_none() {
        (point.clock.half, point.marked) = (half, true);
        point.taken += half_words;
    }
    Some(point)
}

/// `30` of `14 h 30`, but not of `14 h 30 min`.
fn minute_behind(words: &[LineWord]) -> Option<u32> {
    let minute = words.get(2).filter(|word| word.text.len() == 2)?;
    let next = words.get(3).map_or("", |word| word.text.as_str());
    let is_other = tokens::unit_seconds(next).is_some() || tokens::month(next).is_some();
    tokens::number(&minute.text).filter(|minute| *minute < 60 && !is_other)
}

fn point_in(text: &str) -> Option<HourPoint> {
    if let Some(clock) = tokens::clock(text).or_else(|| tokens::dotted_clock(text)) {
        let like_length = text.ends_with('h') && !text.contains([':', '.']);
        return Some(HourPoint { clock, taken: 1, marked: true, like_length });
    }
    let digits = text.strip_suffix(['h', 'u']);
    let number = digits.unwrap_or(text);
    let hour = tokens::number(number).filter(|hour| *hour <= 24 && number.len() <= 2)?;
    let (bare, marked) = (number.len() == 1, digits.is_some());
    let clock = ClockToken { hour, minute: 0, second: 0, half: None, bare, hour_only: !marked };
    Some(HourPoint { clock, taken: 1, marked, like_length: marked })
}

fn is_hour_mark(words: &[LineWord]) -> bool {
    words.first().is_some_and(|word| tokens::is_one_of(Role::HourMarks, &word.text))
}

/// A unit of length that is no mark of an hour: `14:00 - 30 min`.
fn is_unit(words: &[LineWord]) -> bool {
    words.first().is_some_and(|word| tokens::unit_seconds(&word.text).is_some()) && !is_hour_mark(words)
}

/// Whether a time of day stands among `words`.
pub(super) fn has_time(words: &[LineWord]) -> bool {
    let is_time = |at: usize| words.get(at..).and_then(point).is_some_and(|point| point.marked);
    (0..words.len()).any(is_time)
}

/// Whether a time of day follows the number that `words` begin with, so that it is none itself: `18 à 16h`, `18 9-10 Uhr`,
/// `18 de 9 a 10h`; not `9 Uhr`, `9 am`, `9 a 10h`.
pub(super) fn is_before_time(words: &[LineWord]) -> bool {
    let behind = words.get(1..).unwrap_or(&[]);
    let at_word = before_hour(behind, false);
    let link = behind.first().map_or("", |word| word.text.as_str());
    let is_hour = is_hour_mark(behind) || tokens::half_behind(words).0.is_some();
    if is_hour || (at_word == 0 && is_range(link)) {
        return false;
    }
    let at = before_hour(behind, true);
    let hour = behind.get(at..).and_then(point);
    let before = Before { has_date: true, has_weekday: true };
    hour.is_some_and(|hour| hour.marked || at_word > 0)
        || span(behind.get(at..).unwrap_or(&[]), before).is_some()
}

/// `bis` in `14 bis 15 Uhr`.
pub(super) fn is_range(word: &str) -> bool {
    tokens::is_one_of(Role::RangeEnds, word) || tokens::is_one_of(Role::BetweenTimes, word)
}

/// Each end takes the half of the day that only the other one names, so that it ends after it begins: `2-3pm`, `11-1pm`,
/// `9am to 10`.
fn halves_shared(mut from: ClockToken, mut to: ClockToken) -> (ClockToken, ClockToken) {
    let other = |half: HalfOfDay| match half {
        HalfOfDay::Am => HalfOfDay::Pm,
        HalfOfDay::Pm => HalfOfDay::Am,
    };
    let is_twelve = |clock: ClockToken| (1..=12).contains(&clock.hour);
    let is_in_order = from.hour % 12 <= to.hour % 12;
    match (from.half, to.half) {
        (None, Some(half)) if is_twelve(from) => {
            from.half = Some(if is_in_order { half } else { HalfOfDay::Am });
        }
        (Some(half), None) if is_twelve(to) => to.half = Some(if is_in_order { half } else { other(half) }),
        _ => {}
    }
    (from, to)
}
