//! The days that an absence notice names: dates in words and figures, days of the month, weekdays, spans of time.
//!
//! A text is lower-case, its figures ASCII (`plain`). Dates without year are the first on or after the notice's own
//! date, or up to two weeks before it. A day of the month beside a weekday is the next such day that falls on it; where
//! neither of the next two does, the number counts. A date in figures is in the order that the text itself or its language
//! shows; what is still open is the earlier reading of those not past.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use regex::Captures;

use super::away_words::{FoundWord, has_figures, has_word, whole_words, words_in};
use super::figure_order::FigureOrder;
use crate::language::{Line, Role, alternation, alternation_of, is_word, lines, meanings};
use crate::pattern::{LETTER, LazyPattern, Pattern, around_words, pattern};

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
    /// What the text itself shows of figures with slashes.
    pub(super) order: Option<FigureOrder>,
    /// How the language of the words beside a date writes figures.
    pub(super) usual: Option<FigureOrder>,
    /// The notice says that all of next week is part of the absence, so that `Monday` is a week later.
    pub(super) skips_next_week: bool,
}

/// The signs behind the figures of a year, a month or a day.
fn sign(group: usize) -> String {
    let of_group = lines(Role::ReturnDateSigns).filter(|(_, line)| line.group() == Some(group));
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
/// `7 tháng 12 năm 2026`: a month by its number.
static NUMBERED_MONTH: Pattern = LazyLock::new(|| {
    let of_group = |group: usize| {
        let found = lines(Role::BeforeFigures).filter(move |(_, line)| line.group() == Some(group));
        alternation_of(found.map(|(_, line)| line))
    };
    let (month, year) = (of_group(0), of_group(1));
    around_words(&format!(r"\b(\d{{1,2}}),? {month} (\d{{1,2}})\b(?:,? {year} (\d{{4}})\b)?"))
});
/// `7 ธ.ค. 2569`: a month by an abbreviation with full stops inside.
static DOTTED_MONTH: Pattern = LazyLock::new(|| {
    let dotted = |line: &&Line| line.text().trim_end_matches('.').contains('.');
    let months = alternation_of(lines(Role::Months).map(|(_, line)| line).filter(dotted));
    around_words(&format!(r"\b(\d{{1,2}}) ?({months}) ?(?:(\d{{4}})\b)?"))
});
static FIGURES: Pattern = LazyLock::new(|| {
    pattern(
        r"(?-u:\b)(\d{1,2})([./-])( ?)(\d{1,2})(?:[./](?: ?(\d{4})(?-u:\b)|(\d{2})(?-u:\b))?|-(\d{4})(?-u:\b))?",
    )
});
static DAY_MONTH: Pattern = LazyLock::new(|| {
    let (ordinal, of) = (ordinal(), alternation(Role::OfMonth));
    around_words(&format!(
        r"\b(\d{{1,2}}){ordinal}\s?[-/]?{of}?((?-i:[{LETTER}]){{3,14}})\b\.?,?(?:\s?[-/]?{of}?(\d{{4}})\b)?"
    ))
});
static MONTH_DAY: Pattern = LazyLock::new(|| {
    let (article, ordinal) = (alternation(Role::BeforeDay), alternation(Role::OrdinalEndings));
    around_words(&format!(
        r"(?:\b(\d{{4}})\.? )?\b((?-i:[{LETTER}]){{3,14}})\.?\s{article}?(\d{{1,2}}){ordinal}?\b(?:,?\s(\d{{4}})\b)?"
    ))
});
static WEEKDAY_DAY: Pattern = LazyLock::new(|| {
    let (weekday, article) = (whole_words(Role::Weekdays), alternation(Role::BeforeDay));
    around_words(&format!(r"({weekday})[.,]?\s{{0,2}}(?:{article})?(\d{{1,2}}){}", ordinal()))
});
/// The rest of `9 to 5`.
static HOURS: Pattern = LazyLock::new(|| {
    let to = [Role::DaySpanWords, Role::SpanWords, Role::UntilWords].map(alternation).join("|");
    around_words(&format!(r"^ ?(?:[-–—]|{to}) ?\d{{1,2}}(?:[^\d./]|\.?$)"))
});
static DAY_ALONE: Pattern = LazyLock::new(|| {
    let (article, ending) = (alternation(Role::BeforeDay), alternation(Role::OrdinalEndings));
    around_words(&format!(r"(?:(?:^|\s){article}(\d{{1,2}}){}|(?:^|\s)(\d{{1,2}}){ending})", ordinal()))
});
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

/// Characters before a figure within which a date begins that it belongs to, and a few more; behind a figure, within which
/// one ends.
const REACH_BEFORE: usize = 48;
const REACH_BEHIND: usize = 64;

/// The parts of `text` in which dates with figures can stand.
fn around_figures(text: &str) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices(|c: char| c.is_ascii_digit()) {
        let before = text.get(..at).unwrap_or_default().char_indices().rev().nth(REACH_BEFORE - 1);
        let behind = text.get(at..).unwrap_or_default().char_indices().nth(REACH_BEHIND);
        let start = before.map_or(0, |(start, _)| start);
        let end = behind.map_or(text.len(), |(length, _)| at + length);
        match parts.last_mut().filter(|last| start <= last.end) {
            Some(last) => last.end = end,
            None => parts.push(start..end),
        }
    }
    parts
}

fn weekdays(text: &str) -> impl Iterator<Item = Range<usize>> {
    words_in(text, &[Role::Weekdays]).map(|found| found.place)
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
        if weekdays(text).next().is_some_and(|found| is_further_off(text, &found)) {
            return None;
        }
        let weekday = || {
            let found = weekdays(text).next()?;
            let day = weekday(text.get(found.clone())?.trim())?;
            Some((found.start, self.next_weekday(day, has_word(text, &[Role::NextWeekReturn]))?))
        };
        let tomorrow = || {
            // `the day after tomorrow` goes before the word that it holds.
            let found = words_in(text, &[Role::DayAfterTomorrow, Role::Tomorrow]).next()?;
            let ahead = if found.role == Role::DayAfterTomorrow { 2 } else { 1 };
            Some((found.place.start, self.sent?.checked_add_days(Days::new(ahead))?))
        };
        let found = [self.later(text), weekday(), tomorrow()];
        let named = found.into_iter().flatten().min_by_key(|(place, _)| *place);
        named.or_else(|| self.day_alone(text)).or_else(|| {
            let found = words_in(text, &[Role::NextWeekReturn]).next()?;
            Some((found.place.start, self.next_weekday(Weekday::Mon, true)?))
        })
    }

    /// `Monday`, at the end of what stands before `to`.
    pub(super) fn ends_in_weekday(text: &str) -> bool {
        let text = text.trim_end();
        weekdays(text).take(20).last().is_some_and(|found| found.end >= text.len())
    }

    /// The last of several such days: `today and tomorrow at a fair, on Monday`.
    fn loose_last(self, text: &str) -> Option<NaiveDate> {
        let weekday = weekdays(text).take(20).last();
        if weekday.as_ref().is_some_and(|found| is_further_off(text, found)) {
            return None;
        }
        let behind = weekday.and_then(|found| text.get(found.start..)).and_then(|rest| self.loose(rest));
        behind.or_else(|| self.loose(text)).map(|(_, date)| date)
    }

    fn later(self, text: &str) -> Option<(usize, NaiveDate)> {
        if !has_word(text, &[Role::ReturnAfter, Role::ReturnAfterBehind]) {
            return None;
        }
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
        if in_next_week || self.skips_next_week {
            let weeks = if self.skips_next_week { 14 } else { 7 };
            let ahead = weeks - sent.weekday().num_days_from_monday() + day.num_days_from_monday();
            return sent.checked_add_days(Days::new(u64::from(ahead)));
        }
        (1..=7).filter_map(|ahead| sent.checked_add_days(Days::new(ahead))).find(|date| date.weekday() == day)
    }

    /// `the 7th`: the next such day of a month.
    fn day_alone(self, text: &str) -> Option<(usize, NaiveDate)> {
        if !has_figures(text) {
            return None;
        }
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
        if !has_figures(text) {
            return None;
        }
        let first = SIGNED.captures(text)?;
        let end = SIGNED_END.captures(text.get(first.get(0)?.end()..)?)?;
        self.resolve(None, number(&first, 1)?, number(&end, 1)?)
    }

    /// Every date in `text` that has a month, or a weekday and a number, by place.
    pub(super) fn dates(self, text: &str) -> Vec<NamedDate> {
        self.dates_in(text, &around_figures(text))
    }

    /// The same of parts of `text`.
    fn dates_in(self, text: &str, parts: &[Range<usize>]) -> Vec<NamedDate> {
        let mut found = Vec::new();
        let mut all = |regex: &LazyPattern,
                       is_partial: bool,
                       read: &dyn Fn(&Captures<'_>, &str) -> Option<NaiveDate>| {
            let captures = parts.iter().flat_map(|part| {
                let within = text.get(part.clone()).unwrap_or_default();
                regex.captures_iter(within).map(|one| (part.start, one))
            });
            for (start, one) in captures.take(40) {
                let place = one.get(0).map(|whole| start + whole.start()..start + whole.end());
                let date = place.and_then(|place| Some((read(&one, text.get(place.end..)?)?, place)));
                found.extend(date.map(|(date, place)| NamedDate { place, date, is_partial }));
            }
        };
        all(&YEAR_FIRST, false, &|one, _| {
            NaiveDate::from_ymd_opt(year(one, 1)?, number(one, 2)?, number(one, 3)?)
        });
        all(&SIGNED, false, &|one, behind| {
            let last = SIGNED_END.captures(behind).and_then(|end| number(&end, 1));
            self.resolve(None, number(one, 1)?, last.or_else(|| number(one, 2))?)
        });
        all(&FIGURES, false, &|one, behind| self.in_figures(one, behind));
        all(&NUMBERED_MONTH, false, &|one, _| self.resolve(year(one, 3), number(one, 2)?, number(one, 1)?));
        all(&DOTTED_MONTH, false, &|one, _| {
            self.resolve(year(one, 3), one.get(2).and_then(|word| month(word.as_str()))?, number(one, 1)?)
        });
        all(&DAY_MONTH, false, &|one, _| {
            self.resolve(year(one, 3), one.get(2).and_then(|word| month(word.as_str()))?, number(one, 1)?)
        });
        all(&MONTH_DAY, false, &|one, _| {
            let year = year(one, 4).or_else(|| year(one, 1));
            self.resolve(year, one.get(2).and_then(|word| month(word.as_str()))?, number(one, 3)?)
        });
        all(&WEEKDAY_DAY, true, &|one, behind| {
            let day = weekday(one.get(1)?.as_str().trim())?;
            let number = number(one, 2).filter(|_| !is_time_or_count(behind))?;
            // `Monday to Friday, 9 to 5`
            if HOURS.is_match(behind) {
                return None;
            }
            let next: Vec<NaiveDate> = self.days_of_month(number).take(2).collect();
            next.iter().find(|date| date.weekday() == day).or(next.first()).copied()
        });
        without_overlaps(found)
    }

    /// `30.11.`, `11/30/2026`, `30/11`: with full stops day first, with slashes either. `7.12` and `7-12` are dates where the
    /// words beside them are of a language that has one order alone.
    fn in_figures(self, found: &Captures<'_>, behind: &str) -> Option<NaiveDate> {
        let (one, two) = (number(found, 1)?, number(found, 4)?);
        let separator = found.get(2)?.as_str();
        let whole = found.get(0)?.as_str();
        let year = year(found, 5).or_else(|| year(found, 6)).or_else(|| year(found, 7));
        let is_spaced = found.get(3).is_some_and(|blank| !blank.is_empty());
        let is_decimal =
            separator == "." && year.is_none() && !whole.ends_with('.') && (whole.len() < 5 || is_spaced);
        let is_dashed = separator == "-" && year.is_none();
        let is_other = || self.usual.is_none() || is_time_or_count(behind) || begins_with_month(behind);
        if separator != "." && is_spaced || (is_dashed || is_decimal) && is_other() {
            return None;
        }
        let day_first = self.resolve(year, two, one);
        let month_first = self.resolve(year, one, two);
        // whatever is done with slashes
        if separator == "." && self.usual != Some(FigureOrder::MonthFirst) {
            return day_first;
        }
        match (day_first, month_first) {
            (Some(day_first), Some(month_first)) => Some(match self.order.or(self.usual) {
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

/// A weekday that is not the next one: before figures that cannot be read (`Monday 31/12-2`), or with words that name a later
/// one beside it (`the Monday after next`, `Montag, KW 50`, `the first Monday in December`).
fn is_further_off(text: &str, weekday: &Range<usize>) -> bool {
    static FIGURES_BEHIND: Pattern = LazyLock::new(|| {
        let article = alternation(Role::BeforeDay);
        around_words(&format!(r"^[.,]?\s{{0,2}}(?:{article})?\d{{1,2}} ?[./-] ?\d{{1,2}}"))
    });
    static WEEK: Pattern = LazyLock::new(|| {
        around_words(&format!(r"^[,\s(]*(?:\w+ )?{}\.? ?\d", whole_words(Role::WeekNumber)))
    });
    let behind = text.get(weekday.end..).unwrap_or_default();
    let before = text.get(..weekday.start).unwrap_or_default();
    let has_figures = has_figures(behind);
    let is_date = || {
        let found = FIGURES_BEHIND.find(behind);
        found.is_some_and(|day| !is_time_or_count(behind.get(day.end()..).unwrap_or_default()))
    };
    let end = behind.find([',', ';', '.', ':', '!', '?', '(']).unwrap_or(behind.len());
    let clause = behind.get(..end).unwrap_or_default();
    let near: String = clause.split_whitespace().take(4).flat_map(|word| [word, " "]).collect();
    let lead = before.rsplit([',', ';', '.', ':', '(']).next().unwrap_or_default();
    let mut lead: Vec<&str> = lead.split_whitespace().rev().take(3).collect();
    lead.reverse();
    // Short words, such as `or`, part two days.
    let is_long = |found: &FoundWord, text: &str| {
        let word = text.get(found.place.clone()).unwrap_or_default().trim();
        word.chars().count() > 4 || is_word(Role::WeekNumber, word)
    };
    let qualifies = |text: &str| {
        let mut found = words_in(text, &[Role::LaterDays, Role::UnclearDays]);
        let is_unclear = found.any(|found| is_long(&found, text));
        is_unclear && !has_word(text, &[Role::NextWeekReturn])
    };
    // `Monday in December`
    let mut behind_it = near.split_whitespace();
    let is_of_month = behind_it.next().is_some_and(|word| word.chars().count() <= 3)
        && behind_it.next().is_some_and(|word| month(word).is_some());
    has_figures && (is_date() || WEEK.is_match(behind))
        || is_of_month
        || qualifies(&near)
        || LATER.is_match(&near)
        || qualifies(&lead.join(" "))
}

/// `7-12 december`: two days of it.
fn begins_with_month(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    text.starts_with(' ') && words.take(2).any(|word| month(word).is_some())
}

fn is_number(text: &str) -> bool {
    text.trim_start().starts_with(|c: char| c.is_ascii_digit())
}

/// `6 pm, Monday through Friday`.
pub(super) fn begins_with_time(text: &str) -> bool {
    let text = text.trim_start();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < text.len() && !rest.starts_with(['/', '.', '-']) && is_time_or_count(rest)
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

#[cfg(test)]
mod tests {
    use super::super::away_words::plain;
    use super::*;

    /// Notices with dates in every form, far from each other and close together.
    fn notices() -> Vec<String> {
        let dates = [
            "2026-12-07",
            "2026年12月7日",
            "12月1日-7日",
            "30.11.2026",
            "30.11.",
            "11/30/2026",
            "7 december",
            "7. prosince 2026",
            "7 de diciembre de 2026",
            "december 7, 2026",
            "2026 december 7-ig",
            "monday the 7th",
            "montag, den 7.",
            "gruodžio 7 d.",
            "giovedì il giorno 7 dicembre",
            "segunda-feira, dia 7",
            "7 Δεκεμβρίου",
            "7 tháng 12 năm 2026",
            "7 ธ.ค. 2569",
        ];
        let filler = "ich bin bis auf weiteres nicht im büro und lese meine nachrichten nur gelegentlich; ";
        let near = dates.iter().map(|date| format!("x {date} y"));
        let far = dates.iter().map(|date| format!("{filler}{date} {filler}{filler}{date}{filler}"));
        let all = [&filler.repeat(2), &dates.join(" "), filler, &dates.join(filler)].concat();
        near.chain(far).chain([all]).map(|text| plain(&text)).collect()
    }

    #[test]
    fn no_date_stands_outside_of_the_parts_around_figures() {
        let reader = DateReader {
            sent: NaiveDate::from_ymd_opt(2026, 11, 24),
            order: None,
            usual: None,
            skips_next_week: false,
        };
        for text in notices() {
            let whole = 0..text.len();
            let right = reader.dates_in(&text, std::slice::from_ref(&whole));
            let found = reader.dates(&text);
            let shown = |dates: &[NamedDate]| {
                dates.iter().map(|one| (one.place.clone(), one.date)).collect::<Vec<_>>()
            };
            assert_eq!(shown(&found), shown(&right), "{text}");
            assert!(!found.is_empty(), "{text}");
        }
    }

    #[test]
    fn what_stands_beside_a_figure_in_a_date_is_within_reach() {
        let longest =
            |role: Role| lines(role).map(|(_, line)| line.text().chars().count()).max().unwrap_or_default();
        // `{year}. {month}. {article}` and `{weekday}.  {article}`, each with ends of words.
        let before = longest(Role::Weekdays).max(14 + 2) + longest(Role::BeforeDay) + 6;
        assert!(before < REACH_BEFORE, "{before}");
        // `{ordinal} -{of}{month}., -{of}{year}`.
        let behind = longest(Role::OrdinalEndings) + 2 * longest(Role::OfMonth) + 14 + 4 + 12;
        assert!(behind < REACH_BEHIND, "{behind}");
    }
}
