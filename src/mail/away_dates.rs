//! The days that an absence notice names: dates in words and figures, days of the month, weekdays, spans of time.
//!
//! A text is lower-case, its figures ASCII (`plain`). Dates without year are the first on or after the notice's own
//! date, or up to two weeks before it. A day of the month beside a weekday is the next such day that falls on it; where
//! neither of the next two does, the number counts. A date in figures is in the order that the text itself or its language
//! shows; what is still open is the earlier reading of those not past.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use regex::Captures;

use crate::language::{Line, Role, alternation, alternation_of, is_word, lines, matcher, meanings};
use crate::pattern::{LETTER, LazyPattern, Pattern, around_words, pattern};

/// Whether the day or the month stands first in figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FigureOrder {
    DayFirst,
    MonthFirst,
}

/// Languages that write the month first, whichever sign parts it from the day.
const MONTH_FIRST: [&str; 4] = ["hu", "ja", "ko", "zh"];

/// The order in which the language of `word`, a line of one of `roles`, writes figures; English has both.
pub(super) fn order_of(word: &str, roles: &[Role]) -> Option<FigureOrder> {
    let codes = || roles.iter().filter_map(|role| codes_of(*role).get(word)).flatten();
    if codes().any(|code| *code == "en") {
        return None;
    }
    let first = codes().next()?;
    Some(if MONTH_FIRST.contains(first) { FigureOrder::MonthFirst } else { FigureOrder::DayFirst })
}

/// The languages of each line of `role`, in order, made once: there are too many to ask each for a word.
fn codes_of(role: Role) -> &'static HashMap<&'static str, Vec<&'static str>> {
    static ALL: [OnceLock<HashMap<&str, Vec<&str>>>; Role::COUNT] = [const { OnceLock::new() }; Role::COUNT];
    static NONE: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(HashMap::new);
    ALL.get(role as usize).map_or(&*NONE, |slot| {
        slot.get_or_init(|| {
            let mut codes: HashMap<&str, Vec<&str>> = HashMap::new();
            for (code, line) in lines(role) {
                codes.entry(line.text.as_str()).or_default().push(code);
            }
            codes
        })
    })
}

/// The lines of `role` as an alternation, with ends of words where they are in a script that parts words by blanks.
pub(super) fn whole_words(role: Role) -> String {
    let is_joined = |line: &&Line| line.text.chars().next().is_some_and(is_joined_script);
    let all = || lines(role).map(|(_, line)| line);
    let parted = alternation_of(all().filter(|line| !is_joined(line)));
    let joined = alternation_of(all().filter(is_joined));
    // An end in a sign (`t.o.m.`, `jusqu'`) is one by itself.
    format!(r"(?:(?:\b|^){parted}(?:\b|$|\s)|{joined})")
}

/// Chinese characters, kana, Hangul and Thai, which are written without blanks or take endings at once.
fn is_joined_script(letter: char) -> bool {
    matches!(letter, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// Lower-case, with ASCII figures, plain blanks and without marks of direction.
pub(super) fn plain(text: &str) -> String {
    let figure = |c: char, zero: char| {
        let value = u32::from(c).checked_sub(u32::from(zero)).filter(|value| *value < 10)?;
        char::from_digit(value, 10)
    };
    let mapped = |c: char| match c {
        '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{3000}' | '\t' => ' ',
        '\u{ff0e}' => '.',
        '’' => '\'',
        '\u{ff0f}' => '/',
        '\u{ff0d}' | '\u{2010}' | '\u{2011}' => '-',
        other => {
            let zeros = ['\u{ff10}', '\u{660}', '\u{6f0}'];
            zeros.into_iter().find_map(|zero| figure(other, zero)).unwrap_or(other)
        }
    };
    let is_mark = |c: &char| matches!(c, '\r' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{307}');
    text.chars().map(mapped).flat_map(char::to_lowercase).filter(|c| !is_mark(c)).collect()
}

/// A day and where it stands.
#[derive(Clone, Debug)]
pub(super) struct NamedDate {
    pub(super) place: Range<usize>,
    pub(super) date: NaiveDate,
    /// A weekday and a day of the month, or a weekday alone: anything fuller goes before it.
    is_partial: bool,
}

/// What dates are read with.
#[derive(Clone, Copy, Debug)]
pub(super) struct DateReader {
    /// The notice's own date; without it only dates with a year can be read.
    pub(super) sent: Option<NaiveDate>,
    pub(super) order: Option<FigureOrder>,
}

/// The signs behind the figures of a year, a month or a day.
fn sign(group: usize) -> String {
    let of_group = lines(Role::ReturnDateSigns).filter(|(_, line)| line.group == Some(group));
    alternation_of(of_group.map(|(_, line)| line))
}

/// `2026-12-07`, `2026. 12. 07.`, `2026年12月7日`.
static YEAR_FIRST: Pattern = LazyLock::new(|| {
    let (year, month) = (sign(0), sign(1));
    around_words(&format!(
        r"(\d{{4}}) ?(?:[-./]|{year}) ?(\d{{1,2}}) ?(?:[-./]|{month}) ?(\d{{1,2}})(?:[^\d]|$)"
    ))
});
/// `12月7日`.
static SIGNED: Pattern = LazyLock::new(|| {
    let (month, day) = (sign(1), sign(2));
    around_words(&format!(r"(\d{{1,2}}) ?{month} ?(\d{{1,2}}) ?{day}?"))
});
/// The rest of `12月1日-7日`.
static SIGNED_END: Pattern = LazyLock::new(|| {
    let (day, to) = (sign(2), alternation(Role::DaySpanWords));
    around_words(&format!(r"^(?: ?\([^)]{{1,6}}\))? ?(?:[-–—~～〜]|{to}) ?(\d{{1,2}}) ?{day}"))
});
/// A number that ends a text, with what may follow a day's figure.
static DAY_AT_END: Pattern =
    LazyLock::new(|| around_words(&format!(r"(?:^|[^\d./:-])(\d{{1,2}})(?:\.| ?{})?\s*$", sign(2))));
static FIGURES: Pattern =
    LazyLock::new(|| pattern(r"\b(\d{1,2})([./-])( ?)(\d{1,2})(?:[./-](?: ?(\d{4})\b|(\d{2})\b)?)?"));
static DAY_MONTH: Pattern = LazyLock::new(|| {
    let (ordinal, of) = (ordinal(), alternation(Role::OfMonth));
    around_words(&format!(
        r"\b(\d{{1,2}}){ordinal}\s?-?{of}?((?-i:[{LETTER}]){{3,14}})\b\.?,?(?:\s?-?{of}?(\d{{4}})\b)?"
    ))
});
static MONTH_DAY: Pattern = LazyLock::new(|| {
    let (article, ordinal) = (alternation(Role::BeforeDay), alternation(Role::OrdinalEndings));
    around_words(&format!(
        r"(?:\b(\d{{4}})\.? )?\b((?-i:[{LETTER}]){{3,14}})\.?\s{article}?(\d{{1,2}}){ordinal}?\b(?:,?\s(\d{{4}})\b)?"
    ))
});
static WEEKDAY_DAY: Pattern = LazyLock::new(|| {
    let (weekday, article) = (weekday_names(), alternation(Role::BeforeDay));
    around_words(&format!(r"({weekday})[.,]?\s{{0,2}}(?:{article})?(\d{{1,2}}){}", ordinal()))
});
static DAY_ALONE: Pattern = LazyLock::new(|| {
    let (article, ending) = (alternation(Role::BeforeDay), alternation(Role::OrdinalEndings));
    around_words(&format!(r"(?:(?:^|\s){article}(\d{{1,2}}){}|(?:^|\s)(\d{{1,2}}){ending})", ordinal()))
});
static WEEKDAY: Pattern = LazyLock::new(|| around_words(&weekday_names()));
static NEXT_WEEK: Pattern = LazyLock::new(|| around_words(&whole_words(Role::NextWeekReturn)));
static TOMORROW: Pattern = LazyLock::new(|| around_words(&whole_words(Role::Tomorrow)));
/// `in two weeks`, `2 hafta sonra`.
static LATER: Pattern = LazyLock::new(|| {
    let amount = format!(
        r"(?:(\d{{1,2}})|({}))\s?({})",
        whole_words(Role::ReturnCounts),
        whole_words(Role::ReturnUnits)
    );
    let (before, behind) = (whole_words(Role::ReturnAfter), whole_words(Role::ReturnAfterBehind));
    let one = format!(r"{before}\s?({})", whole_words(Role::ReturnUnits));
    around_words(&format!(r"{before}\s?{amount}|{amount}\s?{behind}|{one}"))
});

fn weekday_names() -> String {
    whole_words(Role::Weekdays)
}

/// What may follow the figure of a day.
pub(super) fn ordinal() -> String {
    format!(r"(?:\.?{}|\.)?", alternation(Role::OrdinalEndings))
}

/// A month by its name or abbreviation.
pub(super) fn month(word: &str) -> Option<u32> {
    meanings(Role::Months).get(word).and_then(|place| u32::try_from(place + 1).ok())
}

fn number(found: &Captures<'_>, group: usize) -> Option<u32> {
    found.get(group)?.as_str().parse().ok()
}

fn year(found: &Captures<'_>, group: usize) -> Option<i32> {
    let year: i32 = found.get(group)?.as_str().parse().ok()?;
    Some(match year {
        ..100 => 2_000 + year,
        // Thailand counts from the Buddha's death.
        2_500..2_700 => year - 543,
        _ => year,
    })
}

impl DateReader {
    /// The first day in `text`, whatever its form.
    pub(super) fn first(self, text: &str) -> Option<NaiveDate> {
        self.first_within(text, usize::MAX)
    }

    /// The same where it begins within so many characters.
    pub(super) fn first_within(self, text: &str, characters: usize) -> Option<NaiveDate> {
        let dated = self.dates(text).into_iter().next().map(|found| (found.place.start, found.date));
        let (start, date) = dated.or_else(|| self.loose(text))?;
        (text.get(..start)?.chars().count() <= characters).then_some(date)
    }

    /// The last day in `text`; a bare number at its end is a day of the month named before it (`12月1日から7`).
    pub(super) fn last(self, text: &str) -> Option<NaiveDate> {
        let Some(dated) = self.dates(text).into_iter().next_back() else {
            return self.loose_last(text);
        };
        let end = DAY_AT_END
            .captures(text)
            .filter(|end| end.get(1).is_some_and(|day| day.start() >= dated.place.end));
        let day = end.and_then(|end| number(&end, 1)).and_then(|day| dated.date.with_day(day));
        Some(day.filter(|day| *day >= dated.date).unwrap_or(dated.date))
    }

    /// A day that only the date of the notice tells: a number of weeks ahead, a weekday, a day of the month, tomorrow.
    fn loose(self, text: &str) -> Option<(usize, NaiveDate)> {
        let weekday = || {
            let found = WEEKDAY.find(text)?;
            let day = weekday(found.as_str().trim())?;
            Some((found.start(), self.next_weekday(day, NEXT_WEEK.is_match(text))?))
        };
        let tomorrow = || Some((TOMORROW.find(text)?.start(), self.sent?.checked_add_days(Days::new(1))?));
        let found = [self.later(text), weekday(), tomorrow()];
        let named = found.into_iter().flatten().min_by_key(|(place, _)| *place);
        named.or_else(|| self.day_alone(text)).or_else(|| {
            let found = NEXT_WEEK.find(text)?;
            Some((found.start(), self.next_weekday(Weekday::Mon, true)?))
        })
    }

    /// `Monday`, at the end of what stands before `to`.
    pub(super) fn ends_in_weekday(text: &str) -> bool {
        let text = text.trim_end();
        WEEKDAY.find_iter(text).take(20).last().is_some_and(|found| found.end() >= text.len())
    }

    /// The last of several such days: `today and tomorrow at a fair, on Monday`.
    fn loose_last(self, text: &str) -> Option<NaiveDate> {
        let weekday = WEEKDAY.find_iter(text).take(20).last();
        let behind = weekday.and_then(|found| text.get(found.start()..)).and_then(|rest| self.loose(rest));
        behind.or_else(|| self.loose(text)).map(|(_, date)| date)
    }

    fn later(self, text: &str) -> Option<(usize, NaiveDate)> {
        let found = LATER.captures(text)?;
        let whole = found.get(0)?;
        let part =
            |group: usize| found.get(group).or_else(|| found.get(group + 3)).map(|part| part.as_str().trim());
        let count = match (part(1), part(2)) {
            (Some(figures), _) => figures.parse::<u32>().ok()?,
            (None, Some(word)) => u32::try_from(meanings(Role::ReturnCounts).get(word)? + 1).ok()?,
            // `za tydzień` is one; `in week 50` is none of these.
            (None, None) if is_number(text.get(whole.end()..)?) => return None,
            (None, None) => 1,
        };
        let sent = self.sent?;
        let unit = part(3).or_else(|| found.get(7).map(|part| part.as_str().trim()))?;
        let date = match meanings(Role::ReturnUnits).get(unit)? {
            0 => sent.checked_add_days(Days::new(u64::from(count))),
            1 => sent.checked_add_days(Days::new(u64::from(count) * 7)),
            _ => sent.checked_add_months(Months::new(count)),
        };
        Some((whole.start(), date?))
    }

    /// The next such weekday after the notice; `in_next_week`: the one of the week that begins next Monday.
    fn next_weekday(self, day: Weekday, in_next_week: bool) -> Option<NaiveDate> {
        let sent = self.sent?;
        if in_next_week {
            let ahead = 7 - sent.weekday().num_days_from_monday() + day.num_days_from_monday();
            return sent.checked_add_days(Days::new(u64::from(ahead)));
        }
        (1..=7).filter_map(|ahead| sent.checked_add_days(Days::new(ahead))).find(|date| date.weekday() == day)
    }

    /// `the 7th`: the next such day of a month.
    fn day_alone(self, text: &str) -> Option<(usize, NaiveDate)> {
        let found = DAY_ALONE.captures(text)?;
        let whole = found.get(0)?;
        let is_day = !is_time_or_count(text.get(whole.end()..).unwrap_or_default());
        let day = number(&found, 1).or_else(|| number(&found, 2)).filter(|_| is_day)?;
        Some((whole.start(), self.days_of_month(day).next()?))
    }

    /// The next days with that number, from the notice on.
    fn days_of_month(self, day: u32) -> impl Iterator<Item = NaiveDate> {
        let sent = self.sent;
        let first = sent.and_then(|sent| sent.with_day(1));
        let months = (0..=5).filter_map(move |ahead| first?.checked_add_months(Months::new(ahead)));
        months
            .filter_map(move |month| month.with_day(day))
            .filter(move |date| sent.is_some_and(|sent| *date >= sent))
    }

    /// The last day of `12月1日-7日`.
    pub(super) fn signed_span(self, text: &str) -> Option<NaiveDate> {
        let first = SIGNED.captures(text)?;
        let end = SIGNED_END.captures(text.get(first.get(0)?.end()..)?)?;
        self.resolve(None, number(&first, 1)?, number(&end, 1)?)
    }

    /// Every date in `text` that has a month, or a weekday and a number, by place.
    pub(super) fn dates(self, text: &str) -> Vec<NamedDate> {
        let mut found = Vec::new();
        let mut all =
            |regex: &LazyPattern, is_partial: bool, read: &dyn Fn(&Captures<'_>) -> Option<NaiveDate>| {
                for one in regex.captures_iter(text).take(40) {
                    let place = one.get(0).map(|whole| whole.range());
                    let date = place.zip(read(&one));
                    found.extend(date.map(|(place, date)| NamedDate { place, date, is_partial }));
                }
            };
        all(&YEAR_FIRST, false, &|one| {
            NaiveDate::from_ymd_opt(year(one, 1)?, number(one, 2)?, number(one, 3)?)
        });
        all(&SIGNED, false, &|one| {
            let end = one.get(0).and_then(|whole| text.get(whole.end()..)).unwrap_or_default();
            let last = SIGNED_END.captures(end).and_then(|end| number(&end, 1));
            self.resolve(None, number(one, 1)?, last.or_else(|| number(one, 2))?)
        });
        all(&FIGURES, false, &|one| self.in_figures(one));
        all(&DAY_MONTH, false, &|one| {
            self.resolve(year(one, 3), one.get(2).and_then(|word| month(word.as_str()))?, number(one, 1)?)
        });
        all(&MONTH_DAY, false, &|one| {
            let year = year(one, 4).or_else(|| year(one, 1));
            self.resolve(year, one.get(2).and_then(|word| month(word.as_str()))?, number(one, 3)?)
        });
        all(&WEEKDAY_DAY, true, &|one| {
            let behind = one.get(0).and_then(|whole| text.get(whole.end()..)).unwrap_or_default();
            let day = weekday(one.get(1)?.as_str().trim())?;
            let number = number(one, 2).filter(|_| !is_time_or_count(behind))?;
            let next: Vec<NaiveDate> = self.days_of_month(number).take(2).collect();
            next.iter().find(|date| date.weekday() == day).or(next.first()).copied()
        });
        without_overlaps(found)
    }

    /// `30.11.`, `11/30/2026`, `30/11`: with full stops day first, with slashes either.
    fn in_figures(self, found: &Captures<'_>) -> Option<NaiveDate> {
        let (one, two) = (number(found, 1)?, number(found, 4)?);
        let separator = found.get(2)?.as_str();
        let whole = found.get(0)?.as_str();
        let year = year(found, 5).or_else(|| year(found, 6));
        let is_spaced = found.get(3).is_some_and(|blank| !blank.is_empty());
        let is_decimal =
            separator == "." && year.is_none() && !whole.ends_with('.') && (whole.len() < 5 || is_spaced);
        if separator == "-" && year.is_none() || separator != "." && is_spaced || is_decimal {
            return None;
        }
        let day_first = self.resolve(year, two, one);
        let month_first = self.resolve(year, one, two);
        if separator == "." && self.order != Some(FigureOrder::MonthFirst) {
            return day_first;
        }
        match (day_first, month_first) {
            (Some(day_first), Some(month_first)) => Some(match self.order {
                Some(FigureOrder::DayFirst) => day_first,
                Some(FigureOrder::MonthFirst) => month_first,
                None => {
                    let (early, late) = (day_first.min(month_first), day_first.max(month_first));
                    if self.sent.is_some_and(|sent| early < sent) { late } else { early }
                }
            }),
            (one, two) => one.or(two),
        }
    }

    /// The date, with the year in which it comes next where none is given.
    pub(super) fn resolve(self, year: Option<i32>, month: u32, day: u32) -> Option<NaiveDate> {
        if let Some(year) = year {
            return NaiveDate::from_ymd_opt(year, month, day);
        }
        let sent = self.sent?;
        let this = NaiveDate::from_ymd_opt(sent.year(), month, day);
        // A notice that is still sent in the last days of an absence, or after it, names a date just past.
        this.filter(|date| *date + Days::new(14) >= sent)
            .or_else(|| NaiveDate::from_ymd_opt(sent.year() + 1, month, day))
    }
}

/// The order that the figures of a text show: one of two numbers is no month.
pub(super) fn order_in(text: &str) -> Option<FigureOrder> {
    FIGURES.captures_iter(text).take(40).find_map(|found| {
        let (one, two) = (number(&found, 1)?, number(&found, 4)?);
        let is_date = found.get(2).is_some_and(|sign| sign.as_str() == "/");
        match (one, two) {
            (13..=31, 1..=12) if is_date => Some(FigureOrder::DayFirst),
            (1..=12, 13..=31) if is_date => Some(FigureOrder::MonthFirst),
            _ => None,
        }
    })
}

fn is_number(text: &str) -> bool {
    text.trim_start().starts_with(|c: char| c.is_ascii_digit())
}

/// Whether what follows a number makes it a time of day or a count of something.
fn is_time_or_count(behind: &str) -> bool {
    let trimmed = behind.trim_start();
    let word: String = trimmed.chars().take_while(|c| c.is_alphabetic() || *c == '.').collect();
    let word = word.trim_end_matches('.');
    let is_clock = trimmed.starts_with([':', '%', '/'])
        || behind.starts_with('.') && trimmed.chars().nth(1).is_some_and(|c| c.is_ascii_digit())
        || behind.starts_with(|c: char| c.is_ascii_digit());
    is_clock
        || word == "h"
        || [Role::HourMarks, Role::HalvesOfDay, Role::ReturnUnits].iter().any(|role| is_word(*role, word))
}

/// In the order of their places; of two at one place the fuller and longer.
fn without_overlaps(mut found: Vec<NamedDate>) -> Vec<NamedDate> {
    found.sort_by_key(|one| (one.is_partial, one.place.start, std::cmp::Reverse(one.place.end)));
    let mut kept: Vec<NamedDate> = Vec::new();
    for one in found {
        if kept.iter().all(|other| one.place.end <= other.place.start || other.place.end <= one.place.start) {
            kept.push(one);
        }
    }
    kept.sort_by_key(|one| one.place.start);
    kept
}

fn weekday(word: &str) -> Option<Weekday> {
    meanings(Role::Weekdays).get(word).and_then(|place| u8::try_from(*place).ok()?.try_into().ok())
}

/// Whether `word` is a verb that makes the word of return behind it speak of something else.
pub(super) fn is_other_return(word: &str) -> bool {
    matcher(Role::ReturnVerbs).is_whole(word)
}
