//! A date line sorted into its parts: date, weekday, time, zone, length; and the words that are none.
//!
//! Every part keeps its place. Nothing is decided here; `resolve` puts the parts together.

use std::ops::Range;

use chrono::Weekday;

use crate::domain::zone_words::{ZoneWord, zone_word};
use crate::language::Role;

use super::dates::{self, DateReading};
use super::span::{self, Before, is_range};
use super::tokens::{self, ClockToken, LineWord};

/// A part and its place in the line.
#[derive(Clone, Debug)]
pub(crate) struct PlacedPart<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// What stands for the zone.
#[derive(Clone, Debug)]
pub(crate) enum ZonePart {
    /// `America/New_York`, as it is written.
    Iana(String),
    Word(ZoneWord),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub dates: Vec<PlacedPart<DateReading>>,
    /// Each can name several days.
    pub weekdays: Vec<PlacedPart<Vec<Weekday>>>,
    pub clocks: Vec<PlacedPart<ClockToken>>,
    /// The end of a span of time, `2-3pm`.
    pub until: Option<PlacedPart<ClockToken>>,
    pub zones: Vec<PlacedPart<ZonePart>>,
    /// Seconds.
    pub lengths: Vec<PlacedPart<u32>>,
    /// `16h` beside another time of day: hardly a length, and nothing says that it is the end.
    pub hour_or_length: Option<Range<usize>>,
    pub unknown: Vec<LineWord>,
}

/// Whoever writes `9h` beside a time of day for a longer meeting means something else.
const LONGEST_IN_HOURS: u32 = 8 * 3600;
const LAST_HOUR: u32 = 24 * 3600;
/// The longest name of a length: `one and a half hours`.
const LENGTH_WORDS: usize = 5;

/// Signs that say nothing by themselves.
const FILLERS: [&str; 3] = ["@", "-", "&"];
/// Words that say nothing where they stand alone.
const SAYS_NOTHING: [Role; 7] = [
    Role::DateFillers,
    Role::BeforeDays,
    Role::BeforeHours,
    Role::BeforeMonths,
    Role::HourMarks,
    Role::TimeWords,
    Role::UnitsOfTime,
];

pub(crate) fn collect(line: &str) -> Parts {
    let words = tokens::words(line);
    let mut parts = Parts::default();
    let mut at = 0;
    while let Some(rest) = words.get(at..).filter(|rest| !rest.is_empty()) {
        at += parts.take(line, rest).max(1);
    }
    parts.split_ranges();
    if parts.clocks.is_empty() {
        parts.take_hour_for_length(line);
    } else {
        parts.set_doubtful_length_aside(line);
    }
    let has_half = parts.clocks.iter().any(|clock| clock.value.half.is_some());
    if !has_half && words.iter().any(|word| tokens::is_of_day_first_language(&word.text)) {
        parts.dates.iter_mut().for_each(|date| date.value.take_day_first());
    }
    parts
}

impl Parts {
    /// Takes what stands first in `words`; returns how many words that was.
    fn take(&mut self, line: &str, words: &[LineWord]) -> usize {
        let Some(first) = words.first() else { return 1 };
        self.take_date(words)
            .or_else(|| self.take_clock(words))
            .or_else(|| self.take_length(words))
            .or_else(|| self.take_zone(line, words))
            .unwrap_or_else(|| {
                let text = first.text.as_str();
                if !FILLERS.contains(&text) && !SAYS_NOTHING.iter().any(|role| tokens::is_one_of(*role, text))
                {
                    self.unknown.push(first.clone());
                }
                1
            })
    }

    fn take_date(&mut self, words: &[LineWord]) -> Option<usize> {
        let first = words.first()?;
        let rest = words.get(1..).unwrap_or(&[]);
        let before_number =
            rest.first().is_some_and(|next| next.text.starts_with(|c: char| c.is_ascii_digit()));
        let days = tokens::weekdays(&first.text, before_number);
        // `mar` is March in `mar 3` and Tuesday in `mar 3 dic`.
        let is_month = tokens::month(&first.text).is_some() && dates::in_words(words).is_some();
        let date_follows = dates::in_words(rest).is_some()
            || rest.first().is_some_and(|next| dates::in_one_word(next).is_some());
        if !days.is_empty() && (!is_month || date_follows) {
            self.weekdays.push(PlacedPart { value: days, span: first.span.clone() });
            let Some((value, taken)) = dates::behind_weekday(rest).filter(|_| !date_follows) else {
                return Some(1);
            };
            self.dates.push(PlacedPart { value, span: over(rest, taken) });
            return Some(1 + taken);
        }
        if let Some(taken) = self.take_iso(first) {
            return Some(taken);
        }
        let (reading, taken) = match dates::in_one_word(first) {
            Some(reading) => (reading, 1),
            None => dates::in_words(words)?,
        };
        self.dates.push(PlacedPart { value: reading, span: over(words, taken) });
        Some(taken)
    }

    /// `2026-11-26t14:00:00-05:00` (RFC 3339), also without seconds or offset.
    fn take_iso(&mut self, word: &LineWord) -> Option<usize> {
        let (date, rest) = word.text.split_once('t').filter(|(date, _)| date.len() == 10)?;
        let reading = dates::before_time(date)?;
        let start = word.span.start;
        let time_start = start + date.len() + 1;
        let before = self.clocks.len();
        self.take_clock_with_zone(rest, time_start)?;
        if self.clocks.len() == before {
            return None;
        }
        self.dates.push(PlacedPart { value: reading, span: start..start + date.len() });
        Some(1)
    }

    /// `14:00`, `14:00z`, `14:00:00+01:00`.
    fn take_clock_with_zone(&mut self, text: &str, start: usize) -> Option<()> {
        let cut = text.find(['+', '-', 'z']).unwrap_or(text.len());
        let (time, zone) = text.split_at_checked(cut)?;
        // A fraction of a second, as machines write it, is cut off.
        let time = time.split_once('.').map_or(time, |(whole, _)| whole);
        let clock = tokens::clock(time)?;
        let zone_span = start + cut..start + text.len();
        match zone {
            "" => {}
            zone => match zone_word(zone)? {
                word @ (ZoneWord::Offset(_) | ZoneWord::Named(_)) => {
                    self.zones.push(PlacedPart { value: ZonePart::Word(word), span: zone_span });
                }
                _ => return None,
            },
        }
        self.clocks.push(PlacedPart { value: clock, span: start..start + time.len() });
        Some(())
    }

    fn take_clock(&mut self, words: &[LineWord]) -> Option<usize> {
        let first = words.first()?;
        let text = first.text.strip_prefix('@').unwrap_or(&first.text);
        let start = first.span.start + (first.text.len() - text.len());
        let (next_half, half_words) = tokens::half_behind(words);
        let before = Before { has_date: !self.dates.is_empty(), has_weekday: !self.weekdays.is_empty() };
        if self.clocks.is_empty()
            && let Some((from, until, taken)) = span::span(words, before)
        {
            self.clocks.push(from);
            self.until = Some(until);
            return Some(taken);
        }
        if let Some(taken) = self.take_hour(words) {
            return Some(taken);
        }
        let hour_alone = tokens::number(text).filter(|hour| *hour <= 24 && text.len() <= 2);
        if let (Some(half), Some(hour)) = (next_half, hour_alone) {
            let bare = text.len() == 1;
            let clock = ClockToken { hour, minute: 0, second: 0, half: Some(half), bare, hour_only: true };
            self.clocks.push(PlacedPart { value: clock, span: start..over(words, 1 + half_words).end });
            return Some(1 + half_words);
        }
        if let Some(clock) = self.four_figures(text, words) {
            self.clocks.push(PlacedPart { value: clock, span: start..first.span.end });
            return Some(1);
        }
        // With a time known already, `1h30` is a length, `1u30` in Dutch.
        let may_be_length =
            tokens::length(text).or_else(|| tokens::length(&text.replacen('u', "h", 1))).is_some();
        if !self.clocks.is_empty() && may_be_length {
            return None;
        }
        let dotted = tokens::dotted_clock(text).filter(|_| !is_length(words, !self.clocks.is_empty()));
        if let Some(mut clock) = tokens::clock(text).or(dotted) {
            let taken = if clock.half.is_none() { 1 + half_words } else { 1 };
            clock.half = clock.half.or(next_half);
            self.clocks.push(PlacedPart { value: clock, span: start..over(words, taken).end });
            return Some(taken);
        }
        self.take_clock_with_zone(text, start).map(|()| 1)
    }

    /// `1430 ET`: four figures before a zone or a word for the hour, where no other time of day stands.
    fn four_figures(&self, text: &str, words: &[LineWord]) -> Option<ClockToken> {
        let behind = words.get(1..).unwrap_or(&[]);
        let next = behind.first().map_or("", |word| word.text.as_str());
        let (text, marked) = text.strip_suffix('h').map_or((text, false), |figures| (figures, true));
        let is_time = marked
            || zone_word(next).is_some()
            || next.contains('/')
            || tokens::is_one_of(Role::HourMarks, next)
            || tokens::unit_seconds(next) == Some(3600.0);
        if text.len() != 4 || !is_time || !self.clocks.is_empty() || span::has_time(behind) {
            return None;
        }
        let number = tokens::number(text).filter(|number| number / 100 < 24 && number % 100 < 60)?;
        Some(ClockToken {
            hour: number / 100,
            minute: number % 100,
            second: 0,
            half: None,
            bare: false,
            hour_only: false,
        })
    }

    /// `14 Uhr`, `14 h 30`, `um 14`, `a las 14`.
    fn take_hour(&mut self, words: &[LineWord]) -> Option<usize> {
        let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
        let hour = |at: usize| tokens::number(text(at)).filter(|hour| *hour <= 24 && text(at).len() <= 2);
        let is_mark = |at: usize| tokens::is_one_of(Role::HourMarks, text(at));
        let rest = |at: usize| words.get(at..).unwrap_or(&[]);
        let time_follows = |at: usize| rest(at).iter().any(|word| tokens::clock(&word.text).is_some());
        let (at, minute, taken) = if let (Some(_), true) = (hour(0), is_mark(1)) {
            let is_length = tokens::unit_seconds(text(1)).is_some();
            if is_length && (!self.clocks.is_empty() || time_follows(2)) {
                return None;
            }
            let minute = tokens::number(text(2)).filter(|minute| *minute < 60 && text(2).len() == 2);
            let next_is_unit = tokens::unit_seconds(text(3)).is_some() || tokens::month(text(3)).is_some();
            match minute.filter(|_| !next_is_unit) {
                Some(minute) => (0, minute, 3),
                None => (0, 0, 2),
            }
        } else {
            let at = [1, 2].into_iter().find(|count| {
                let before: Vec<&str> = words.iter().take(*count).map(|word| word.text.as_str()).collect();
                tokens::is_one_of(Role::BeforeHours, &before.join(" "))
            })?;
            let is_date = dates::in_words(rest(at)).is_some();
            let is_other = tokens::half_behind(rest(at)).0.is_some() || is_mark(at + 1);
            let is_length = tokens::unit_seconds(text(at + 1)).is_some();
            if !self.clocks.is_empty() || hour(at).is_none() || is_date || is_other || is_length {
                return None;
            }
            (at, 0, at + 1)
        };
        let bare = text(at).len() == 1;
        // `2 Uhr nachmittags`
        let (half, half_words) = tokens::half_behind(rest(taken - 1));
        let taken = taken + half_words;
        let clock = ClockToken { hour: hour(at)?, minute, second: 0, half, bare, hour_only: false };
        let start = words.get(at)?.span.start;
        self.clocks.push(PlacedPart { value: clock, span: start..over(words, taken).end });
        Some(taken)
    }

    fn take_length(&mut self, words: &[LineWord]) -> Option<usize> {
        let first = |count: usize| {
            words.iter().take(count).map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
        };
        let named = [(Role::HoursAndAHalf, 5400), (Role::HalfHours, 1800), (Role::WholeHours, 3600)];
        let fixed = named.into_iter().find_map(|(role, seconds)| {
            let count = (1..=LENGTH_WORDS)
                .rev()
                .find(|count| words.len() >= *count && tokens::is_one_of(role, &first(*count)))?;
            Some((seconds, count))
        });
        // `14u, 1u30`: Dutch hours, of which the first is the time of day.
        let in_dutch = || {
            let word = words.first().filter(|_| !self.clocks.is_empty())?;
            tokens::length(&word.text.replacen('u', "h", 1)).map(|seconds| (seconds, 1))
        };
        let (seconds, taken) = fixed.or_else(|| length_in_words(words)).or_else(in_dutch)?;
        self.lengths.push(PlacedPart { value: seconds, span: over(words, taken) });
        Some(taken)
    }

    fn take_zone(&mut self, line: &str, words: &[LineWord]) -> Option<usize> {
        let first = words.first()?;
        if first.text.contains('/') && first.text.contains(|c: char| c.is_ascii_alphabetic()) {
            let written = line.get(first.span.clone())?.to_owned();
            self.zones.push(PlacedPart { value: ZonePart::Iana(written), span: first.span.clone() });
            return Some(1);
        }
        let next = words.get(1).map_or("", |word| word.text.as_str());
        let (name, taken) = match (first.text.as_str(), next) {
            ("central", "european") => ("cet", 2),
            ("eastern", "european") => ("eet", 2),
            ("western", "european") => ("wet", 2),
            (name, _) => (name, 1),
        };
        // A sign alone in front of a number belongs to neither: only `+01:00` as one word is an offset.
        let word = zone_word(name)?;
        let span = over(words, taken);
        if let (ZoneWord::Offset(_), Some(last)) = (&word, self.zones.last_mut())
            && matches!(last.value, ZonePart::Word(ZoneWord::Named("UTC" | "GMT")))
        {
            // `UTC +1`
            *last = PlacedPart { value: ZonePart::Word(word), span: last.span.start..span.end };
            return Some(taken);
        }
        self.zones.push(PlacedPart { value: ZonePart::Word(word), span });
        Some(taken)
    }

    /// `9h` where no other time of day stands: an hour of the clock, as it is written from Lisbon to Amsterdam, no length.
    fn take_hour_for_length(&mut self, line: &str) {
        let hour = |span: &Range<usize>| {
            let written = line.get(span.clone())?.to_lowercase();
            let hour = written.strip_suffix(['h', 'u'])?.trim_end();
            tokens::number(hour).filter(|number| *number <= 24).map(|number| (number, hour.len() == 1))
        };
        let length = self.lengths.iter().position(|length| hour(&length.span).is_some());
        let unknown = self.unknown.iter().position(|word| hour(&word.span).is_some());
        let span = match (length, unknown) {
            (Some(at), _) => self.lengths.remove(at).span,
            (None, Some(at)) => self.unknown.remove(at).span,
            (None, None) => return,
        };
        if let Some((hour, bare)) = hour(&span) {
            let value = ClockToken { hour, minute: 0, second: 0, half: None, bare, hour_only: false };
            self.clocks.push(PlacedPart { value, span });
        }
    }

    /// A length of many hours in the form of an hour of the clock, beside a time of day: `15h, 16h`. With a blank it is the
    /// length that it says, unless the time of day has that form, too: `14:00, 15 h`.
    fn set_doubtful_length_aside(&mut self, line: &str) {
        let written = |span: &Range<usize>| line.get(span.clone()).unwrap_or_default().to_lowercase();
        let has_mark = self.clocks.iter().any(|clock| written(&clock.span).contains(['h', 'u']));
        let is_hour = |length: &PlacedPart<u32>| {
            let written = written(&length.span);
            let may_be = |c: char| c.is_ascii_digit() || matches!(c, 'h' | 'u') || c == ' ' && has_mark;
            written.chars().all(may_be) && (LONGEST_IN_HOURS + 1..=LAST_HOUR).contains(&length.value)
        };
        let found = self.lengths.iter().position(is_hour);
        self.hour_or_length = found.map(|at| self.lengths.remove(at).span);
    }

    /// `2:00 pm - 2:30 pm` and `14:00 to 14:30` come as two times.
    fn split_ranges(&mut self) {
        if self.until.is_some() || self.clocks.len() != 2 {
            return;
        }
        self.unknown.retain(|word| !is_range(&word.text));
        let until = self.clocks.pop();
        if let (Some(until), Some(from)) = (&until, self.clocks.first_mut())
            && from.value.half.is_none()
            && from.value.bare
        {
            from.value.half = until.value.half;
        }
        self.until = until;
    }
}

fn over(words: &[LineWord], taken: usize) -> Range<usize> {
    let first = words.first().map_or(0, |word| word.span.start);
    let last = words.get(taken.saturating_sub(1)).or(words.last()).map_or(first, |word| word.span.end);
    first..last
}

/// `1.50 h` beside a time of day; `14.30 h` alone is one.
fn is_length(words: &[LineWord], has_time: bool) -> bool {
    let unit = words.get(1).and_then(|word| tokens::unit_seconds(&word.text));
    let time_follows = || words.iter().skip(1).any(|word| tokens::clock(&word.text).is_some());
    // The end of a span of time is no small number: `14.00 - 15.30 h`.
    let hours = words.first().and_then(|word| word.text.split('.').next()?.parse::<u32>().ok());
    let is_small = has_time && hours.is_some_and(|hours| hours < 5);
    unit.is_some_and(|seconds| is_small || seconds < 3600.0 || time_follows())
}

/// `30 min`, `1 hour 30 min`, `1 h 30`, `90min`.
fn length_in_words(words: &[LineWord]) -> Option<(u32, usize)> {
    let text = |at: usize| words.get(at).map_or("", |word| word.text.as_str());
    let mut joined = String::new();
    let mut taken = 0;
    let mut best = None;
    while taken < 4 {
        let word = text(taken);
        let starts_with_figure = word.starts_with(|c: char| c.is_ascii_digit());
        let is_unit = tokens::unit_seconds(word).is_some() && !joined.is_empty();
        if word.is_empty() || !(starts_with_figure || is_unit) {
            break;
        }
        joined.push_str(word);
        taken += 1;
        if let Some(seconds) = tokens::length(&joined) {
            best = Some((seconds, taken));
        }
    }
    best
}
