//! Until when somebody is away, from the words of an absence notice.
//!
//! Read in the languages whose files have words of return (`return` in language/*.toml); `away_dates` reads the dates.
//! What the notice calls the return (`back on`, `wieder ab`) goes before what it calls the end (`until`, `bis`), that
//! before the end of a span (`July 10-31`). Lengths of an absence (`for two weeks`) and seasons give nothing. Looks at the
//! first 4,000 characters.

use std::ops::Range;
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};

use super::away_dates::{DateReader, begins_with_time, month, ordinal};
use super::away_words::{has_figures, has_word, is_other_return, plain, words_in};
use super::figure_order::{order_in, order_of};
use crate::language::{Role, alternation, is_word, matcher, words};
use crate::pattern::{LETTER, Pattern, around_words, pattern};

const MAX_CHARS: usize = 4_000;

/// Characters within which a date begins behind a word of two letters.
const SHORT_REACH: usize = 18;

/// Words after (or before) which the day of return stands.
const RETURN: [Role; 2] = [Role::ReturnWords, Role::ReturnBehind];

/// What the last day, or the first day back, stands behind.
#[derive(Clone, Debug)]
struct Until {
    place: Range<usize>,
    /// It parts the ends of a span.
    joins: bool,
}

/// Words of an end, and words and dashes that part the ends of a span, from left to right.
fn untils(sentence: &str) -> Vec<Until> {
    let words = words_in(sentence, &[Role::UntilWords, Role::SpanWords])
        .map(|found| Until { place: found.place, joins: found.role == Role::SpanWords });
    let mut all: Vec<Until> = words.collect();
    let dashes: Vec<Until> = sentence
        .match_indices(['-', '–', '—', '~', '～', '〜'])
        .map(|(at, dash)| Until { place: at..at + dash.len(), joins: true })
        .filter(|dash| {
            all.iter().all(|word| dash.place.end <= word.place.start || word.place.end <= dash.place.start)
        })
        .collect();
    all.extend(dashes);
    all.sort_by_key(|one| one.place.start);
    all
}

/// `July 10-31`, `24.-28. November`: a span with one month.
static SPAN: Pattern = LazyLock::new(|| {
    let (to, ordinal, of) = (alternation(Role::DaySpanWords), ordinal(), alternation(Role::OfMonth));
    around_words(&format!(
        r"\b(?:(?P<before>(?-i:[{LETTER}]){{3,14}})\.? )?(?P<first>\d{{1,2}}){ordinal} ?(?:[-–—]|{to}) ?(?P<last>\d{{1,2}}){ordinal}(?: {of}?(?P<after>(?-i:[{LETTER}]){{3,14}}))?"
    ))
});

/// The day on which the author of an absence notice is back, or until which they are away. `sent` is the
/// notice's own date, without which only dates with a year can be read.
pub fn until(subject: &str, text: &str, sent: Option<DateTime<Utc>>) -> Option<NaiveDate> {
    let text: String = text.chars().take(MAX_CHARS).collect();
    let all = plain(&format!("{subject}.\n{text}"));
    let reader = DateReader {
        sent: sent.map(|at| at.date_naive()),
        order: order_in(&all),
        usual: None,
        skips_next_week: skips_next_week(&all),
    };
    let sentences = sentences(&all);
    let kept = without_offers(&sentences);
    // `We are at our summit until December 4 and back on December 7.`
    let back = || {
        let dropped = sentences.iter().filter(|sentence| !kept.contains(sentence));
        dropped.into_iter().find_map(|sentence| at_return(sentence, reader, Whose::Anybodys))
    };
    until_in(&kept, reader).or_else(back)
}

fn until_in(sentences: &[String], reader: DateReader) -> Option<NaiveDate> {
    let found = |find: fn(&str, DateReader, Whose) -> Option<NaiveDate>, whose| {
        sentences.iter().find_map(|sentence| find(sentence, reader, whose))
    };
    if let Some(back) = found(at_return, Whose::Authors) {
        return Some(back);
    }
    let is_spoken = |sentence: &&String| speaks_of_absence(sentence);
    let of_absence = || {
        let mut speaking = sentences.iter().filter(is_spoken);
        speaking.find_map(|sentence| at_end(sentence, reader, Whose::Anybodys))
    };
    let end_away = found(at_end, Whose::Authors).or_else(of_absence);
    let anybodys = |find: fn(&str, DateReader, Whose) -> Option<NaiveDate>| {
        let mut placed = sentences.iter().enumerate();
        placed.find_map(|(place, sentence)| Some((place, find(sentence, reader, Whose::Anybodys)?)))
    };
    let end_said = if end_away.is_none() { anybodys(at_end) } else { None };
    let end = end_away.or(end_said.map(|(_, end)| end));
    // Nobody is back before the last day away: that is somebody else.
    let is_later = |back: NaiveDate, end: NaiveDate| {
        // `away again from 21 December to 2 January`
        let begins = |sentence: &String| {
            let dates: Vec<NaiveDate> = reader.dates(sentence).into_iter().map(|named| named.date).collect();
            dates.contains(&end) && dates.iter().any(|date| back < *date && *date < end)
        };
        sentences.iter().any(begins)
    };
    // `Back December 7. .. We are open until December 23.`: what is not said to be an absence is something else.
    let is_other_end = |place: usize| end_said.is_some_and(|(ends, _)| place < ends);
    let is_own = |(place, back): &(usize, NaiveDate)| {
        end.is_none_or(|end| *back >= end || is_later(*back, end)) || is_other_end(*place)
    };
    // `I am on leave. Rita is back on Monday.`
    let is_spoken_by_author = sentences.iter().any(|one| has_word(one, &[Role::AbsentAuthor]));
    let is_of_another = |(place, _): &(usize, NaiveDate)| {
        const MOST_BEFORE: usize = 3;
        let said = sentences.get(*place).map(String::as_str).unwrap_or_default();
        let subject = words_in(said, &[Role::ThirdPerson]).next();
        let is_subject = subject.is_some_and(|found| {
            said.get(..found.place.start).is_some_and(|lead| lead.split_whitespace().count() <= MOST_BEFORE)
        });
        is_spoken_by_author && is_subject && !has_word(said, &[Role::AbsentAuthor])
    };
    let back =
        anybodys(at_return).filter(|found| is_own(found) && !is_of_another(found)).map(|(_, back)| back);
    // `I am out of the office. Meet us at the fair, December 1-3!`
    let says_so = sentences.iter().any(|sentence| speaks_of_absence(sentence));
    let by_span = || {
        let about = sentences.iter().filter(|one| !says_so || speaks_of_absence(one));
        about.into_iter().find_map(|sentence| in_span(sentence, reader))
    };
    back.or_else(|| end.or_else(by_span).map(|last| resumed(sentences, last, reader)))
}

/// `this week and next week`, `diese und nächste Woche`.
fn skips_next_week(text: &str) -> bool {
    static BOTH: Pattern = LazyLock::new(|| {
        let (and, next) = (alternation(Role::SpanWords), alternation(Role::NextWeekReturn));
        around_words(&format!(r"\b{and} (?:all of |the whole of |ganze )?{next}\b"))
    });
    // `away this week and next week back in the office`
    let is_back_then = |behind: &str| {
        let clause = behind.split(['.', ',', ';', '!', '\n']).next().unwrap_or_default();
        let near: String = clause.split_whitespace().take(3).flat_map(|word| [word, " "]).collect();
        has_word(&near, &RETURN)
    };
    has_word(text, &[Role::NextWeekReturn])
        && BOTH.find(text).is_some_and(|found| !is_back_then(text.get(found.end()..).unwrap_or_default()))
}

fn speaks_of_absence(sentence: &str) -> bool {
    matcher(Role::AbsenceText).is_in(sentence)
}

/// Without `Register by December 11 for our webinar`, where another sentence speaks of an absence.
fn without_offers(sentences: &[String]) -> Vec<String> {
    let speaks = sentences.iter().any(|sentence| speaks_of_absence(sentence));
    let offers = |sentence: &String| {
        has_word(sentence, &[Role::OfferWords])
            && !speaks_of_absence(sentence)
            && !has_word(sentence, &[Role::AbsentAuthor])
    };
    sentences.iter().filter(|sentence| !(speaks && offers(sentence))).cloned().collect()
}

/// Whose return or absence is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// Of whom the words say `I`, a stand-in's aside.
    Authors,
    Anybodys,
}

impl Whose {
    /// Whether words behind `before`, in their clause, are about them.
    fn is_said(self, before: &str) -> bool {
        let clause = before.rsplit([',', ';', '(', ':']).next().unwrap_or_default();
        // `until 4. The team`, not `ab dem 1. Dezember`.
        let ends_sentence = |(at, _): &(usize, &str)| {
            let next = clause.get(at + 1..).unwrap_or_default().trim_start();
            let word: String = next.chars().take_while(|c| c.is_alphabetic()).collect();
            !word.is_empty() && month(&word).is_none() && !is_word(Role::Weekdays, &word)
        };
        let sentence = clause.rmatch_indices(". ").find(ends_sentence).map_or(0, |(at, _)| at);
        let clause = clause.get(sentence..).unwrap_or_default();
        self == Whose::Anybodys || has_word(clause, &[Role::AbsentAuthor])
    }
}

/// The day that is named beside the last one away and follows it within days is the one back, whatever words stand
/// there: `until 4 December. From the 7th of December I gladly answer`. Not where something else ends on it.
fn resumed(sentences: &[String], last: NaiveDate, reader: DateReader) -> NaiveDate {
    let dates = |sentence: &String| {
        let named: Vec<NaiveDate> = reader.dates(sentence).into_iter().map(|named| named.date).collect();
        let other_end = at_end(sentence, reader, Whose::Anybodys).filter(|_| !named.contains(&last));
        named.into_iter().filter(move |date| Some(*date) != other_end)
    };
    sentences.iter().flat_map(dates).find(|date| resumes(last, *date)).unwrap_or(last)
}

/// Whether a day follows the last one away within a long weekend.
fn resumes(last: NaiveDate, day: NaiveDate) -> bool {
    const LONGEST_WEEKEND: i64 = 5;
    (1..=LONGEST_WEEKEND).contains(&(day - last).num_days())
}

/// Splits at sentence ends, not at the full stop of an ordinal or an abbreviation (`30. November`, `Nov. 30`).
fn sentences(text: &str) -> Vec<String> {
    let joined = text.replace("\n\n", "\u{1}").replace('\n', " ");
    let mut found = vec![String::new()];
    let chars: Vec<char> = joined.chars().collect();
    for (place, c) in chars.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|at| chars.get(at)).copied().unwrap_or(' ');
        let next = chars.get(place + 1).copied().unwrap_or(' ');
        let word =
            || chars.get(..place).unwrap_or_default().iter().rev().take_while(|c| c.is_alphabetic()).count();
        let stop = matches!(c, '!' | '?' | '\u{1}' | ';' | '。' | '！' | '？' | '।')
            || (*c == '.' && next.is_whitespace() && !before.is_ascii_digit() && word() > 4)
            || (*c == '.' && next == '\u{1}')
            || (*c == '.'
                && next.is_whitespace()
                && ends_before(before, chars.get(place + 1..).unwrap_or_default()))
            || (*c == '.'
                && next.is_whitespace()
                && begins_with_author(chars.get(place + 1..).unwrap_or_default()))
            || (*c == '.'
                && next.is_whitespace()
                && (2..=4).contains(&word())
                && !is_abbreviation(&word_before(&chars, place))
                && begins_no_date(chars.get(place + 1..).unwrap_or_default()));
        // `bis einschl. 1. Dezember`
        let abbreviates = || {
            *c == '.'
                && found.last().is_some_and(|begun| {
                    words(Role::UntilWords)
                        .iter()
                        .any(|word| word.strip_suffix('.').is_some_and(|word| begun.ends_with(word)))
                })
        };
        if stop && found.len() < 200 && !abbreviates() {
            // `bis 7.12.`: the full stop is the date's as well.
            if let Some(last) = found.last_mut().filter(|_| *c == '.' && before.is_ascii_digit()) {
                last.push('.');
            }
            found.push(String::new());
        } else if let Some(last) = found.last_mut() {
            last.push(if *c == '\u{1}' { ' ' } else { *c });
        }
    }
    found
}

/// `Back on December 7 (Monday). Call James`, `Back on December 7. Register for ..`: behind a bracket or a figure a full stop
/// ends a sentence where no date goes on, and behind a figure where another matter begins.
fn ends_before(before: char, rest: &[char]) -> bool {
    before == ')' && begins_no_date(rest)
        || before.is_ascii_digit() && is_word(Role::OfferWords, &first_word(rest))
}

fn word_before(chars: &[char], place: usize) -> String {
    let before = chars.get(..place).unwrap_or_default();
    let length = before.iter().rev().take_while(|c| c.is_alphabetic()).count();
    before.iter().skip(before.len() - length).collect()
}

/// `Dec.`, `Mon.`, `Dr.`
fn is_abbreviation(word: &str) -> bool {
    [Role::FormOfAddress, Role::Months, Role::Weekdays].into_iter().any(|role| is_word(role, word))
}

/// What follows is neither a day nor a month, which an abbreviation stands before: `bis ca. 7. Dezember`, `approx. Monday`.
fn begins_no_date(rest: &[char]) -> bool {
    let word = first_word(rest);
    !word.is_empty() && ![Role::Months, Role::Weekdays].into_iter().any(|role| is_word(role, &word))
}

fn first_word(rest: &[char]) -> String {
    rest.iter().skip_while(|c| c.is_whitespace()).take_while(|c| c.is_alphabetic()).take(20).collect()
}

/// `I return` behind a full stop that might be an abbreviation's or a figure's.
fn begins_with_author(rest: &[char]) -> bool {
    is_word(Role::FirstPerson, &first_word(rest))
}

/// The order of figures in the language of a word.
fn in_order_of(reader: DateReader, word: &str, roles: &[Role]) -> DateReader {
    DateReader { usual: order_of(word.trim(), roles), ..reader }
}

fn at_return(sentence: &str, reader: DateReader, whose: Whose) -> Option<NaiveDate> {
    words_in(sentence, &RETURN).take(5).find_map(|found| {
        let word = sentence.get(found.place.clone())?;
        let before = sentence.get(..found.place.start).unwrap_or_default();
        let verb = before.trim_end().rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        let after = sentence.get(found.place.end..).unwrap_or_default();
        let is_said = whose.is_said(before) || whose.is_said(word);
        if is_other_return(verb) || !is_said || begins_with_time(after) || is_away_again(before, after) {
            return None;
        }
        let reader = in_order_of(reader, word, &RETURN);
        let before_it = matcher(Role::ReturnBehind).is_whole(word.trim());
        let behind = reader.first(head(after, 80));
        // `am 7. Dezember wieder, James ab 30. November`, but `bis 6. Dezember. Wieder da am 7. Dezember`
        let right_before = dated_with(before, reader, usize::MAX, MOST_RIGHT_BEHIND)
            .filter(|day| before_it && !behind.is_some_and(|behind| resumes(*day, behind)));
        right_before
            .or(behind)
            .or_else(|| reader.last(tail(before, 50)).filter(|_| before_it))
            .or_else(|| dated_with(before, reader, MOST_BEFORE_DATE, MOST_BEHIND_DATE))
            .or_else(|| at_end(before, reader, whose))
    })
}

/// `je serai de nouveau absente`
fn is_away_again(before: &str, after: &str) -> bool {
    let last = before.trim_end().rsplit(' ').next().filter(|word| !word.ends_with(',')).unwrap_or_default();
    let next: Vec<&str> = after.split_whitespace().take(2).collect();
    let joined = format!("{last} {}", next.join(" "));
    let is_away = matcher(Role::AbsenceText);
    is_away.is_in(&joined) && !is_away.is_in(last)
}

/// `On December 7 I will be`: the words that may stand before the day that opens a sentence, and behind it.
const MOST_BEFORE_DATE: usize = 4;
const MOST_BEHIND_DATE: usize = 5;
/// `am 7. Dezember im Büro wieder`.
const MOST_RIGHT_BEHIND: usize = 2;

/// The last day in `before` with at most so many words before and behind it.
fn dated_with(before: &str, reader: DateReader, most_before: usize, most_behind: usize) -> Option<NaiveDate> {
    let is_to_come = |date: NaiveDate| reader.sent.is_none_or(|sent| date >= sent);
    let named = reader.dates(before).into_iter().next_back().filter(|named| is_to_come(named.date))?;
    let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).filter(|one| !one.is_empty()).count();
    let lead = before.get(..named.place.start)?.rsplit(". ").next()?;
    let gap = before.get(named.place.end..)?;
    (words(lead) <= most_before && words(gap) <= most_behind).then_some(named.date)
}

fn at_end(sentence: &str, reader: DateReader, whose: Whose) -> Option<NaiveDate> {
    after_until(sentence, reader, whose).or_else(|| before_until(sentence, reader, whose))
}

fn after_until(sentence: &str, reader: DateReader, whose: Whose) -> Option<NaiveDate> {
    let all = untils(sentence);
    all.iter().take(60).find_map(|Until { place, joins }| {
        let (joins, word) = (*joins, sentence.get(place.clone())?);
        if !whose.is_said(sentence.get(..place.start).unwrap_or_default()) {
            return None;
        }
        let reader = in_order_of(reader, word, &[Role::UntilWords, Role::SpanWords]);
        let after = sentence.get(place.end..).unwrap_or_default();
        let reach = if joins { 24 } else { 60 };
        // `do`, `до` and the like are until only where the day follows at once.
        let is_short = word.trim().chars().count() <= 2;
        // `do dia 23/11 até o dia 06/12`: the word that ends in one language begins in another.
        if is_short
            && !joins
            && let Some(end) = end_behind(sentence, place.end, &all, reader)
        {
            return Some(end);
        }
        let within = if is_short { SHORT_REACH } else { reach };
        // `to`, `al` and the like end a span only where it began with a date.
        let before = tail(sentence.get(..place.start).unwrap_or_default(), 40);
        let is_habit = || is_habit(sentence, before, head(after, reach), reader);
        if joins && (reader.first(before).is_none() || begins_with_time(after))
            || (joins || DateReader::ends_in_weekday(before)) && is_habit()
        {
            return None;
        }
        reader.first_within(head(after, reach), within)
    })
}

/// The later day behind the first one that follows `from`, where a word of an end parts the two.
fn end_behind(sentence: &str, from: usize, untils: &[Until], reader: DateReader) -> Option<NaiveDate> {
    let first = reader.dates(sentence.get(from..)?).into_iter().next()?;
    let begun = from + first.place.end;
    let next = untils.iter().find(|one| one.place.start >= begun)?;
    let is_near = sentence.get(begun..next.place.start)?.trim().is_empty();
    let end = reader.first_within(head(sentence.get(next.place.end..)?, 60), SHORT_REACH)?;
    (is_near && end > first.date).then_some(end)
}

/// `I work Monday to Thursday`: two days of the week part no absence where nothing in the sentence speaks of one.
fn is_habit(sentence: &str, before: &str, after: &str, reader: DateReader) -> bool {
    let is_weekday = |text: &str| reader.dates(text).is_empty();
    is_weekday(before) && is_weekday(after) && !matcher(Role::AbsenceText).is_in(sentence)
}

/// In languages that put `until` behind the day, close to it.
fn before_until(sentence: &str, reader: DateReader, whose: Whose) -> Option<NaiveDate> {
    words_in(sentence, &[Role::UntilBehind]).take(20).find_map(|found| {
        if !whose.is_said(sentence.get(..found.place.start).unwrap_or_default()) {
            return None;
        }
        let reader = in_order_of(reader, sentence.get(found.place.clone())?, &[Role::UntilBehind]);
        reader.last(tail(sentence.get(..found.place.start).unwrap_or_default(), 40))
    })
}

fn in_span(sentence: &str, reader: DateReader) -> Option<NaiveDate> {
    if !has_figures(sentence) {
        return None;
    }
    let named = SPAN.captures_iter(sentence).take(5).find_map(|found| {
        let last: u32 = found.name("last")?.as_str().parse().ok()?;
        let month = ["after", "before"]
            .into_iter()
            .find_map(|name| found.name(name).and_then(|word| month(word.as_str())))?;
        reader.resolve(None, month, last)
    });
    named.or_else(|| reader.signed_span(sentence)).or_else(|| in_figures(sentence, reader))
}

/// The last day of `26.-27.11.`.
fn in_figures(sentence: &str, reader: DateReader) -> Option<NaiveDate> {
    static FIGURES: Pattern = LazyLock::new(|| pattern(r"\b\d{1,2}\. ?[-–—] ?(\d{1,2})\. ?(\d{1,2})\."));
    let found = FIGURES.captures(sentence)?;
    let figure = |group: usize| found.get(group)?.as_str().parse().ok();
    reader.resolve(None, figure(2)?, figure(1)?)
}

fn head(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn tail(text: &str, chars: usize) -> &str {
    let skip = text.chars().count().saturating_sub(chars);
    text.char_indices().nth(skip).and_then(|(start, _)| text.get(start..)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    /// A notice sent on Tuesday, 24 November 2026.
    fn away(text: &str) -> String {
        until("", text, Utc.with_ymd_and_hms(2026, 11, 24, 10, 0, 0).single())
            .map(|date| date.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn english_notices_are_read() {
        assert_eq!(away("I am out of the office until Monday, November 30th."), "2026-11-30");
        assert_eq!(away("I'm on leave and will be back on 3 December."), "2026-12-03");
        assert_eq!(
            away("I will be out of the office starting 11/23/2026 and will not return until 11/30/2026."),
            "2026-11-30"
        );
        assert_eq!(away("Away from 23 November to 27 November."), "2026-11-27");
        assert_eq!(away("Travelling November 23-27. I will get back to you as soon as I can."), "2026-11-27");
        assert_eq!(
            away("On vacation until December 1, back in the office on Wednesday, December 2nd."),
            "2026-12-02"
        );
        assert_eq!(away("I am out of office, returning Monday."), "2026-11-30");
        assert_eq!(away("Back on January 4"), "2027-01-04");
        assert_eq!(away("I will be out of the office Nov 23 - Nov 27."), "2026-11-27");
        assert_eq!(away("Out 11/23-11/27, back 11/30."), "2026-11-30");
        assert_eq!(away("Out between 23 November and 4 December."), "2026-12-04");
        assert_eq!(away("Return date: 30/11/2026"), "2026-11-30");
        assert_eq!(away("Back: 7 Dec"), "2026-12-07");
        assert_eq!(away("I am out of the office until 2026-12-07"), "2026-12-07");
    }

    #[test]
    fn whose_return_it_is_is_told_apart() {
        for (text, day) in [
            (
                "I am out of the office. Rita is back on November 27 and can help. I return December 1.",
                "2026-12-01",
            ),
            ("Rita is away until November 27. I am away until December 1.", "2026-12-01"),
            (
                "Rita ist ab 27. November wieder da. Ich bin ab dem 1. Dezember wieder erreichbar.",
                "2026-12-01",
            ),
            ("My colleague Rita returns on November 27. I return on December 1.", "2026-12-01"),
            ("Rita is my stand-in until December 15. I am back on December 1.", "2026-12-01"),
            (
                "Rita is out until December 11, so please wait for me; I am out until November 27.",
                "2026-11-27",
            ),
            ("Meine Kollegin ist bis zum 11.12. im Urlaub, ich bis zum 27.11.", "2026-11-27"),
            ("Calvin Reyes is away until December 1.", "2026-12-01"),
            ("I am out until December 4, but my colleague Rita will be back on November 25.", "2026-12-04"),
            ("I am away until December 4, James Lang (back Monday) will assist.", "2026-12-04"),
            ("I will be away until December 4. The rest of the team returns on November 30.", "2026-12-04"),
            ("Ich bin bis 4.12. im Urlaub. Frau Moreno ist ab 25.11. wieder da.", "2026-12-04"),
            ("Je suis absent jusqu'au 4 décembre. Rita sera de retour le 25 novembre.", "2026-12-04"),
        ] {
            assert_eq!(away(text), day, "{text}");
        }
    }

    #[test]
    fn the_day_after_tomorrow_and_abbreviations_are_read() {
        for (text, day) in [
            ("I'll be back the day after tomorrow.", "2026-11-26"),
            ("I am out until the day after tomorrow.", "2026-11-26"),
            ("Ich bin übermorgen wieder da.", "2026-11-26"),
            ("Je serai de retour après-demain.", "2026-11-26"),
            ("Vuelvo pasado mañana.", "2026-11-26"),
            ("Volto depois de amanhã.", "2026-11-26"),
            ("Ik ben overmorgen weer terug.", "2026-11-26"),
            ("Ich bin bis einschl. 01.12.2026 abwesend.", "2026-12-01"),
            ("Abwesend bis einschl. 1. Dezember", "2026-12-01"),
        ] {
            assert_eq!(away(text), day, "{text}");
        }
    }

    #[test]
    fn a_day_before_the_word_for_return_is_read() {
        for text in [
            "On December 7 I will be back.",
            "Our office is closed on November 26. On December 7 I will be back.",
            "Le 7 décembre, je serai de retour.",
            "El 7 de diciembre estaré de vuelta.",
            "Dal 7 dicembre sono di nuovo raggiungibile.",
            "Ich bin am 7. Dezember wieder im Büro. James vertritt mich bis 4. Dezember.",
            "Ich bin ab dem 7.12. wieder da. In dringenden Fällen: James (ab 30.11. im Büro).",
            "Je serai de nouveau absente du 21 décembre au 2 janvier. Je serai de retour le 7 décembre.",
            "Regreso el lunes 7 de diciembre de 2026. Estaré ausente otra vez del 21 de diciembre al 2 de enero.",
            "I'm away until Mon 7/Dec.",
        ] {
            assert_eq!(away(text), "2026-12-07", "{text}");
        }
    }

    #[test]
    fn opening_hours_and_fairs_are_no_absence() {
        for text in [
            "Thank you. Our office hours: Monday to Friday 9 to 5.",
            "Thank you. Office hours Mon-Fri 8-17.",
            "Danke. Unsere Bürozeiten: Montag bis Freitag 9 bis 17 Uhr.",
            "Merci. Du lundi au vendredi de 9 à 17 heures.",
            "Thank you. Our team is available from 9 am to 6 pm, Monday through Friday.",
            "I am out of the office.\n\nMeet us at SaaS Expo, December 1-3, booth 12!",
        ] {
            assert_eq!(away(text), "", "{text}");
        }
        assert_eq!(away("Out of office December 1-3"), "2026-12-03");
    }

    #[test]
    fn the_dates_of_offers_and_events_are_nobodys_return() {
        for notice in [
            "I am out of the office until December 7.",
            "I'm on annual leave, returning December 7.",
            "On PTO, returning December 7.",
            "I'm OOO. Back Dec 7.",
            "I am on vacation. Back on Monday, December 7 (in the morning).",
            "Ich bin bis 7. Dezember im Urlaub.",
            "Im Urlaub, zurück am 7. Dezember.",
            "Je suis absent jusqu'au 7 décembre.",
        ] {
            for offer in [
                "Register by December 9 for our webinar on December 10.",
                "Early bird pricing ends soon: sign up until December 18!",
                "Join our summit on 9 December.",
                "The offer is valid until 31 December 2026.",
                "Unsere Aktion läuft bis 18. Dezember.",
                "Anmeldung zum Workshop bis 10. Dezember.",
                "Offre valable jusqu'au 20 décembre !",
                "Our showroom is open until December 23.",
            ] {
                let text = format!("{notice}\n\n{offer}");
                assert_eq!(away(&text), "2026-12-07", "{text}");
            }
        }
        assert_eq!(away("I am on vacation, back on December 7. Register by December 9."), "2026-12-07");
        assert_eq!(away("At a summit until December 4."), "2026-12-04");
        assert_eq!(
            away("Out of office. We are at our summit until December 4 and back on December 7."),
            "2026-12-07"
        );
        assert_eq!(away("I am at our summit until December 4."), "2026-12-04");
    }

    #[test]
    fn full_stops_put_the_day_first_whatever_slashes_do() {
        let text = "AUTO: Calvin Reyes ist abwesend (Rückkehr am 07.12.2026).\nNote: this answers your message sent on 11/24/2026.";
        assert_eq!(away(text), "2026-12-07");
        let subject = "AUTO: Calvin Reyes est absent(e) du bureau (retour 07/12/2026)";
        assert_eq!(away(&format!("{subject}.\nEnvoyé le 24/11/2026 09:12:11.")), "2026-12-07");
    }

    #[test]
    fn german_notices_are_read() {
        assert_eq!(away("Ich bin bis zum 30. November 2026 nicht im Büro."), "2026-11-30");
        assert_eq!(
            away("Ich bin vom 23.11. bis 27.11.2026 im Urlaub. Ab dem 30.11.2026 bin ich wieder erreichbar."),
            "2026-11-30"
        );
        assert_eq!(away("Ich bin am Montag, den 30. November, wieder im Büro."), "2026-11-30");
        assert_eq!(away("Ich bin bis einschließlich Freitag abwesend."), "2026-11-27");
        assert_eq!(away("Meine Rückkehr ist am 30. November 2026."), "2026-11-30");
        assert_eq!(away("Ich bin bis zum 27.11. im Urlaub und am 30.11.2026 wieder im Büro."), "2026-11-30");
    }

    #[test]
    fn spanish_french_and_portuguese_notices_are_read() {
        assert_eq!(away("Estaré fuera de la oficina hasta el 30 de noviembre."), "2026-11-30");
        assert_eq!(away("Estoy de vacaciones. Regreso el lunes 30 de noviembre de 2026."), "2026-11-30");
        assert_eq!(away("Je suis absent jusqu'au 30 novembre inclus."), "2026-11-30");
        assert_eq!(away("Je serai de retour le 1er décembre."), "2026-12-01");
        assert_eq!(away("Absente du 23/11 au 30/11/2026."), "2026-11-30");
        assert_eq!(away("Je reprendrai mes fonctions le 30 novembre 2026."), "2026-11-30");
        assert_eq!(away("Me incorporaré el día 30 de noviembre."), "2026-11-30");
        assert_eq!(away("Estarei de férias de 23/11 a 04/12/2026."), "2026-12-04");
        assert_eq!(away("Estou de férias, retornando em 30/11/2026."), "2026-11-30");
        assert_eq!(away("Estarei fora do escritório até 30 de novembro."), "2026-11-30");
        assert_eq!(away("Estou de férias e volto na segunda-feira."), "2026-11-30");
    }

    #[test]
    fn italian_dutch_and_swedish_notices_are_read() {
        assert_eq!(away("Sono fuori ufficio fino al 30 novembre."), "2026-11-30");
        assert_eq!(away("Rientrerò il 1 dicembre 2026."), "2026-12-01");
        assert_eq!(away("Sarò di nuovo in ufficio lunedì 30 novembre."), "2026-11-30");
        assert_eq!(
            away("Jag är borta från kontoret mellan den 23 november och den 4 december."),
            "2026-12-04"
        );
        assert_eq!(away("Ik ben afwezig tot en met 30 november."), "2026-11-30");
        assert_eq!(away("Maandag 30 november ben ik weer op kantoor."), "2026-11-30");
        assert_eq!(away("Jag är på semester till och med 27 november."), "2026-11-27");
        assert_eq!(away("Jag är tillbaka måndag den 30 november."), "2026-11-30");
    }

    #[test]
    fn figures_without_year_are_read_wherever_they_stand() {
        for text in [
            "Ich bin im Urlaub bis 7.12.\n\nCalvin Reyes",
            "Ich bin bis Montag, den 7.12.\n\nCalvin",
            "Ich bin bis 7.12 im Urlaub.",
            "Jag är tillbaka måndag 7.12.\n\nCalvin",
            "Palaan töihin maanantaina 7.12.\n\nCalvin",
            "Torno lunedì 7.12.\n\nCalvin",
            "Olen lomalla 7.12. asti.\n\nCalvin",
            "Ik ben afwezig t/m 7-12.",
            "Ik ben er weer op maandag 7-12",
            "Regreso el lunes 7-12",
            "De retour le lundi 7-12.",
            "Od 7.12 będę ponownie dostępny",
            "W biurze będę od 7.12.2026",
            "K dispozici budu od 7. prosince",
            "Vastaan viesteihin 7.12. jälkeen",
            "Буду на работе 7 декабря",
            "12月7日から通常通り対応いたします",
            "12月7日以降に返信いたします",
            "我将于12/7回到办公室",
            "12月7日后回复",
        ] {
            assert_eq!(away(text), "2026-12-07", "{text}");
        }
        // What else two figures are is no day, and what cannot be read is not the next Monday.
        for text in [
            "Ich bin bis 7.12 Uhr nicht da.",
            "Out until we ship 7.12",
            "Ik ben afwezig tot 7-12 uur.",
            "Back Monday 31-12",
        ] {
            assert_eq!(away(text), "", "{text}");
        }
        assert_eq!(away("Ik ben afwezig van 7-12 december."), "2026-12-12");
        assert_eq!(away("Ich bin bis Montag 9-12 Uhr nicht da."), "2026-11-30");
    }

    #[test]
    fn a_weekday_that_is_not_the_next_one_is_not_taken_for_it() {
        for text in [
            "I am back on the Monday after next.",
            "I will be back the first Monday in December.",
            "I am back Monday week.",
            "Back a week from Monday.",
            "Ich bin am übernächsten Montag wieder da.",
            "Ich bin ab Montag, KW 50, wieder im Büro.",
            "Ich bin bis Montag in einer Woche weg.",
            "Je serai de retour lundi en huit.",
            "Ik ben maandag over twee weken terug.",
            "Jag är tillbaka måndag v. 50.",
            "Jeg er tilbage mandag i uge 50.",
        ] {
            assert!(matches!(away(text).as_str(), "" | "2026-12-07"), "{text}: {}", away(text));
        }
        for text in [
            "I will be out the rest of this week and all of next week. Back on Monday.",
            "Ich bin diese und nächste Woche im Urlaub und ab Montag wieder da.",
        ] {
            assert_eq!(away(text), "2026-12-07", "{text}");
        }
        for text in ["Out of office this week, back on Monday.", "I return Monday in the morning."] {
            assert_eq!(away(text), "2026-11-30", "{text}");
        }
    }

    #[test]
    fn days_of_others_and_of_events_are_not_the_authors_return() {
        for text in [
            "I am on leave. Rita is back on Monday and can help.",
            "I am on leave. My colleague Rita is available from Monday, Nov 30.",
            "I am out with no return date yet. My manager Morgan returns on December 3.",
            "Ich bin bis auf Weiteres krank. Frau Vale ist ab Montag wieder erreichbar.",
            "Je suis en arrêt maladie. Rita est de retour lundi.",
            "Estoy de baja. Rita vuelve el 3 de diciembre.",
            "Sono in malattia. Rita rientra lunedì.",
            "Ik ben ziek. Mijn collega Rita is er vanaf maandag weer.",
            "I am travelling. Meet me at booth 12 at SaaStock until December 3!",
            "I am out of the office until further notice. Invoices until Dec 15 go to Rita.",
            "Je suis en congé. Notre salon a lieu du 1er au 3 décembre.",
            "I am out of office. The promo code is valid until December 15.",
        ] {
            assert_eq!(away(text), "", "{text}");
        }
        for text in [
            "Calvin is out of the office. He is back on November 30.",
            "I am out of the office. The office reopens on November 30.",
            "Ich bin im Urlaub. Ab 30.11. ist mein Postfach wieder besetzt.",
            "I am away. My first day back is November 30.",
        ] {
            assert_eq!(away(text), "2026-11-30", "{text}");
        }
    }

    #[test]
    fn spans_in_portuguese_and_spanish_are_read_to_their_end() {
        for text in [
            "Estarei ausente do dia 23/11 até o dia 06/12.",
            "Estou de férias do dia 23 de novembro até o dia 6 de dezembro.",
            "Estarei ausente do dia 23/11 ao dia 06/12.",
            "Estarei ausente entre 23 de novembro e 6 de dezembro.",
            "Estarei ausente entre os dias 23/11 e 06/12.",
            "Estaré ausente entre los días 23/11 y 06/12.",
            "Sarò assente dal 23.11 al 6.12.\n\nCalvin",
            "11/23~12/6休假",
        ] {
            assert_eq!(away(text), "2026-12-06", "{text}");
        }
        assert_eq!(away("A partir del día 7 de diciembre estaré disponible."), "2026-12-07");
    }

    #[test]
    fn the_day_named_beside_the_last_one_away_is_the_one_back() {
        for text in [
            "Ich bin bis zum 27.11.2026 außer Haus. Ab dem 30.11.2026 beantworte ich Ihre Nachricht gerne.",
            "Nos bureaux seront fermés jusqu'au 27 novembre ; ils rouvrent dès le 30 novembre.",
            "Away until Friday, 27 November. From Monday, 30 November I am all yours.",
            "Onze kantoren zijn gesloten tot en met 27 november. Op 30 november staan wij voor u klaar.",
            "Ik ben afwezig t/m 27-11-2026, op 30-11-2026 lees ik mijn mail.",
        ] {
            assert_eq!(away(text), "2026-11-30", "{text}");
        }
        assert_eq!(away("Away until 27 November. Our fair opens on 9 December."), "2026-11-27");
    }

    #[test]
    fn a_span_of_days_and_the_day_behind_tomorrow_are_read() {
        assert_eq!(away("Olen koulutuksessa 26.–27.11."), "2026-11-27");
        assert_eq!(away("Unterwegs 30.11. - 2.12., danke."), "2026-12-02");
        assert_eq!(
            away("Heute und morgen bin ich auf einer Messe, am Montag bin ich wieder da."),
            "2026-11-30"
        );
    }

    #[test]
    fn working_days_are_no_absence() {
        assert_eq!(away("Thank you for your mail. I work Monday to Thursday."), "");
        assert_eq!(away("Meine Arbeitstage sind Montag bis Mittwoch."), "");
        assert_eq!(away("I am out of the office Wednesday to Friday."), "2026-11-27");
    }

    #[test]
    fn what_says_no_date_gives_none() {
        assert_eq!(away("I am out of the office and will get back to you on my return."), "");
        assert_eq!(away("I have limited access to email, call me at 555-123-4567."), "");
        assert_eq!(away("I am away. I will get back to you by Friday, 27 November."), "");
        assert_eq!(until("", "back on 3 December", None), None);
    }

    #[test]
    fn a_subject_may_say_it_all() {
        assert_eq!(
            until(
                "AUTO: Dana is out of the office (returning 12/18/2026)",
                "",
                Utc.with_ymd_and_hms(2026, 11, 24, 10, 0, 0).single()
            )
            .unwrap()
            .to_string(),
            "2026-12-18"
        );
    }

    #[test]
    fn a_weekday_and_a_day_of_the_month_are_that_day() {
        for (text, right) in [
            ("I am away until Friday, December 4th and back Monday the 7th.", "2026-12-07"),
            ("Back on Monday 7th.", "2026-12-07"),
            ("I return Mon 14.", "2026-12-14"),
            ("Back on the 7th.", "2026-12-07"),
            ("Tôi sẽ quay lại vào thứ Sáu.", "2026-11-27"),
            ("Je serai de retour le lundi 7.", "2026-12-07"),
            ("Je suis absent jusqu’au vendredi 11 inclus.", "2026-12-11"),
            ("Ich bin am Montag, den 7. wieder im Büro.", "2026-12-07"),
            ("Vuelvo el lunes 7.", "2026-12-07"),
            ("Rientro lunedì 14.", "2026-12-14"),
            ("Volto na segunda-feira, dia 7.", "2026-12-07"),
            ("Maandag de 7e ben ik terug.", "2026-12-07"),
            ("Jeg er tilbage mandag den 7.", "2026-12-07"),
            ("Jag är tillbaka måndag den 14:e.", "2026-12-14"),
            // Neither the next 8th nor the one after is a Monday: the number counts.
            ("Back Monday the 8th.", "2026-12-08"),
            ("Back on Monday at 9am.", "2026-11-30"),
            ("Ich bin Montag 8 Uhr wieder da.", "2026-11-30"),
        ] {
            assert_eq!(away(text), right, "{text}");
        }
    }

    #[test]
    fn notices_of_northern_and_eastern_europe_are_read() {
        for text in [
            "Jeg holder ferie og er tilbage på kontoret mandag den 7. december.",
            "Jeg er på ferie fra den 1. december til og med den 7. december.",
            "Jeg er på ferie og tilbake på kontoret 7. desember.",
            "Jeg har fri til 7. desember, og er på kontoret igjen da.",
            "Jag är åter på kontoret den 7 december.",
            "Jag är ledig t.o.m. 7/12.",
            "Olen lomalla ja palaan töihin 7. joulukuuta.",
            "Olen poissa toimistosta 7.12.2026 asti.",
            "Olen lomalla 1.–7.12. ja luen sähköpostia harvoin, palaan maanantaina 7.12.",
            "Jestem na urlopie do 7 grudnia 2026 r.",
            "Wracam do biura w poniedziałek 7 grudnia.",
            "Jsem na dovolené do 7. prosince.",
            "V kanceláři budu zpět 7. 12. 2026.",
            "Som na dovolenke do 7. decembra.",
            "Späť v kancelárii budem v pondelok 7. decembra.",
            "Szabadságon vagyok december 7-ig.",
            "2026. december 7-én térek vissza az irodába.",
            "Szabadságon vagyok 2026.12.01. és 2026.12.07. között.",
            "Sunt în concediu până la 7 decembrie.",
            "Revin la birou luni, 7 decembrie 2026.",
            "Я в отпуске до 7 декабря.",
            "Нахожусь в отпуске с 1 по 7 декабря включительно.",
            "Вернусь на работу 07.12.2026.",
            "Я у відпустці до 7 грудня.",
            "Повернуся в офіс у понеділок, 7 грудня.",
            "В отпуск съм до 7 декември.",
            "Налазим се на одмору до 7. децембра.",
            "Na godišnjem sam odmoru do 7. prosinca.",
            "Odsoten sem do 7. decembra.",
            "Olen puhkusel kuni 7. detsembrini.",
            "Atostogauju iki gruodžio 7 d.",
            "Esmu atvaļinājumā līdz 7. decembrim.",
            "Θα λείπω μέχρι τις 7 Δεκεμβρίου.",
            "Επιστρέφω στο γραφείο τη Δευτέρα 7 Δεκεμβρίου.",
        ] {
            assert_eq!(away(text), "2026-12-07", "{text}");
        }
    }

    #[test]
    fn notices_of_other_scripts_and_regions_are_read() {
        for text in [
            "7 Aralık 2026 tarihine kadar izindeyim.",
            "İzindeyim, 7 Aralık’ta ofise döneceğim.",
            "12月7日まで休暇をいただいております。",
            "休暇中です。12月7日(月)に出社します。",
            "12月1日から7日まで不在にしております。",
            "１２月７日に戻ります。",
            "我正在休假,12月7日返回办公室。",
            "我将于2026年12月1日至12月7日外出。",
            "我在12月1日-7日休假。",
            "我在休假,直到12月7日。",
            "저는 12월 7일까지 휴가입니다.",
            "2026년 12월 7일에 복귀합니다.",
            "אני בחופשה עד 7 בדצמבר.",
            "אני מחוץ למשרד ואחזור ביום שני, 7 בדצמבר.",
            "أنا في إجازة حتى 7 ديسمبر 2026.",
            "أنا خارج المكتب وسأعود يوم الاثنين ٧ ديسمبر.",
            "Estaré de vacaciones del 1 al 7 de diciembre.",
            "Estarei de férias até ao dia 7 de dezembro.",
            "Estic de vacances fins al 7 de desembre.",
            "Saya cuti sampai 7 Desember 2026.",
            "Tôi nghỉ phép đến ngày 07/12/2026.",
            "ลาพักร้อนถึง 7 ธันวาคม 2569",
            "Ik ben afwezig t/m 7-12-2026.",
            "Tôi nghỉ phép và sẽ đi làm lại vào ngày 7 tháng 12.",
            "Tôi vắng mặt cho đến hết ngày 7 tháng 12 năm 2026.",
            "Tôi đi công tác, trở lại văn phòng ngày 7/12/2026.",
            "ลาพักร้อนถึงวันที่ 7 ธ.ค. 2569",
            "กลับมาทำงานวันที่ 7 ธ.ค.",
            "تا ۷ دسامبر ۲۰۲۶ در دفتر نیستم.",
            "7 दिसम्बर तक कार्यालय में नहीं हूँ।",
            "७ दिसंबर २०२६ तक अवकाश पर हूँ।",
            "Я у відрядженні, буду на роботі 7 грудня.",
        ] {
            assert_eq!(away(text), "2026-12-07", "{text}");
        }
    }

    #[test]
    fn a_number_of_weeks_and_the_next_week_are_counted_from_the_notice() {
        for (text, right) in [
            ("I am travelling and will be back in two weeks.", "2026-12-08"),
            ("Back in 10 days.", "2026-12-04"),
            ("I'll be back in a month.", "2026-12-24"),
            ("I am away and back tomorrow.", "2026-11-25"),
            ("I will be back next week.", "2026-11-30"),
            ("I will be back Thursday next week.", "2026-12-03"),
            ("Ich bin in zwei Wochen wieder da.", "2026-12-08"),
            ("Je serai de retour dans trois jours.", "2026-11-27"),
            ("Vuelvo dentro de una semana.", "2026-12-01"),
            ("Ik ben over 2 weken terug.", "2026-12-08"),
            ("Jeg er tilbage om en uge.", "2026-12-01"),
            ("Palaan kahden viikon kuluttua.", "2026-12-08"),
            ("Wracam za tydzień.", "2026-12-01"),
            ("Vrátím se za dva týdny.", "2026-12-08"),
            ("Két hét múlva visszatérek.", "2026-12-08"),
            ("Вернусь через неделю.", "2026-12-01"),
            ("İki hafta sonra döneceğim.", "2026-12-08"),
            ("2週間後に戻ります。", "2026-12-08"),
            ("我两周后回来。", "2026-12-08"),
            ("来週月曜日に出社します。", "2026-11-30"),
            ("下周一返回。", "2026-11-30"),
            ("2주 후에 복귀합니다.", "2026-12-08"),
            ("I am back in week 50.", ""),
        ] {
            assert_eq!(away(text), right, "{text}");
        }
    }

    #[test]
    fn figures_are_read_in_the_order_of_the_language_or_of_the_text() {
        for (text, right) in [
            ("Je suis absent jusqu'au 3/12.", "2026-12-03"),
            ("Estoy fuera hasta el 12/1/2027.", "2027-01-12"),
            ("Ich bin bis 03.12. abwesend.", "2026-12-03"),
            ("Estarei ausente até 4/12.", "2026-12-04"),
            ("Szabadságon vagyok 12/7-ig.", "2026-12-07"),
            ("12/7まで休暇です。", "2026-12-07"),
            ("Out from 11/23/2026 to 12/3/2026.", "2026-12-03"),
            ("Out from 23/11/2026 to 3/12/2026.", "2026-12-03"),
            ("Away until 2026/12/03.", "2026-12-03"),
        ] {
            assert_eq!(away(text), right, "{text}");
        }
    }

    #[test]
    fn words_that_name_no_end_give_none() {
        for text in [
            "What I do is described at our site. We opened on 7 December 2020.",
            "Je réponds dans deux jours.",
            "I will respond back in 2 days.",
            "Ich lese meine Mails derzeit nicht. Nächste Woche ist Messe.",
        ] {
            assert_eq!(away(text), "", "{text}");
        }
    }
}
