//! Until when somebody is away, from the words of an absence notice.
//!
//! Read in the languages whose files have words of return (`return` in language/*.toml). What the notice calls the
//! return (`back on`, `wieder ab`) goes before what it calls the end (`until`, `bis`), that before the end of a span
//! (`July 10-31`). Dates without year are the first on or after the notice's own date; a weekday is the next one. A
//! date in figures that can be read in two ways is the earlier of those not past. Relative spans (`for two weeks`)
//! and seasons give nothing. Looks at the first 4,000 characters.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use regex::Regex;

use crate::language::{Role, alternation, matcher, meanings};
use crate::pattern::{around_words, pattern};

const MAX_CHARS: usize = 4_000;

/// Words after (or before) which the day of return stands.
static RETURN: LazyLock<Regex> = LazyLock::new(|| {
    let (words, behind) = (alternation(Role::ReturnWords), alternation(Role::ReturnBehind));
    around_words(&format!(r"\b(?:{words}|{behind})\b"))
});

/// Words after which the last day, or the first day back, stands; those that part the ends of a span are `joins`.
static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    let (until, joins) = (alternation(Role::UntilWords), alternation(Role::SpanWords));
    around_words(&format!(r"(?:\b(?:{until}|(?P<joins>{joins}))\b)|(?P<dash>[-–—])"))
});

/// `July 10-31`, `24.-28. November`: a span with one month.
static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    let (to, ordinal, of) = (alternation(Role::DaySpanWords), ordinal(), alternation(Role::OfMonth));
    around_words(&format!(
        r"\b(?:(?P<before>\p{{L}}{{3,10}})\.? )?(?P<first>\d{{1,2}}){ordinal} ?(?:[-–—]|{to}) ?(?P<last>\d{{1,2}}){ordinal}(?: {of}?(?P<after>\p{{L}}{{3,10}}))?"
    ))
});

static ISO: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b"));
static FIGURES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(\d{1,2})([./-])(\d{1,2})(?:[./-](\d{4}|\d{2})?)?"));
static DAY_MONTH: LazyLock<Regex> = LazyLock::new(|| {
    let (ordinal, of) = (ordinal(), alternation(Role::OfMonth));
    around_words(&format!(r"\b(\d{{1,2}}){ordinal}\s?{of}?(\p{{L}}{{3,10}})\b\.?,?(?:\s?{of}?(\d{{4}}))?"))
});
static MONTH_DAY: LazyLock<Regex> = LazyLock::new(|| {
    let (article, ordinal) = (alternation(Role::BeforeDay), alternation(Role::OrdinalEndings));
    around_words(&format!(r"\b(\p{{L}}{{3,10}})\.?\s{article}?(\d{{1,2}}){ordinal}?\b(?:,?\s(\d{{4}}))?"))
});

/// What may follow the figure of a day.
fn ordinal() -> String {
    format!(r"(?:\.?{}|\.)?", alternation(Role::OrdinalEndings))
}

static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"\p{L}[\p{L}-]+"));

/// The day on which the author of an absence notice is back, or until which they are away. `sent` is the
/// notice's own date, without which only dates with a year can be read.
pub fn until(subject: &str, text: &str, sent: Option<DateTime<Utc>>) -> Option<NaiveDate> {
    let sent = sent.map(|at| at.date_naive());
    let text: String = text.chars().take(MAX_CHARS).collect();
    let all =
        format!("{}.\n{}", subject, text).to_lowercase().replace(['\u{a0}', '\t'], " ").replace('\r', "");
    let sentences = sentences(&all);
    let by_return = || sentences.iter().find_map(|sentence| at_return(sentence, sent));
    let by_end = || sentences.iter().find_map(|sentence| after_until(sentence, sent));
    let by_span = || sentences.iter().find_map(|sentence| in_span(sentence, sent));
    by_return().or_else(by_end).or_else(by_span)
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
            chars.get(..place).unwrap_or_default().iter().rev().take_while(|c| c.is_alphabetic()).count();
        let stop = matches!(c, '!' | '?' | '\u{1}' | ';')
            || (*c == '.' && next.is_whitespace() && !before.is_ascii_digit() && word > 4)
            || (*c == '.' && next == '\u{1}');
        if stop && found.len() < 200 {
            found.push(String::new());
        } else if let Some(last) = found.last_mut() {
            last.push(if *c == '\u{1}' { ' ' } else { *c });
        }
    }
    found
}

fn at_return(sentence: &str, sent: Option<NaiveDate>) -> Option<NaiveDate> {
    RETURN.find_iter(sentence).take(5).find_map(|word| {
        let before = sentence.get(..word.start()).unwrap_or_default();
        let verb = before.trim_end().rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        if matcher(Role::ReturnVerbs).is_whole(verb) {
            return None;
        }
        let after = sentence.get(word.end()..).unwrap_or_default();
        let before_it = matcher(Role::ReturnBehind).is_whole(word.as_str());
        date(head(after, 80), sent)
            .or_else(|| last_date(tail(before, 50), sent).filter(|_| before_it))
            .or_else(|| after_until(before, sent))
    })
}

fn after_until(sentence: &str, sent: Option<NaiveDate>) -> Option<NaiveDate> {
    UNTIL.captures_iter(sentence).take(60).find_map(|found| {
        let word = found.get(0)?;
        let after = sentence.get(word.end()..).unwrap_or_default();
        let joins = found.name("joins").or_else(|| found.name("dash")).is_some();
        let reach = if joins { 24 } else { 60 };
        // `to`, `al` and the like end a span only where it began with a date.
        if joins && date(tail(sentence.get(..word.start()).unwrap_or_default(), 40), sent).is_none() {
            return None;
        }
        date(head(after, reach), sent)
    })
}

fn in_span(sentence: &str, sent: Option<NaiveDate>) -> Option<NaiveDate> {
    SPAN.captures_iter(sentence).take(5).find_map(|found| {
        let last: u32 = found.name("last")?.as_str().parse().ok()?;
        let month = ["after", "before"]
            .into_iter()
            .find_map(|name| found.name(name).and_then(|word| month(word.as_str())))?;
        resolve(None, month, last, sent)
    })
}

fn head(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

fn tail(text: &str, chars: usize) -> &str {
    let skip = text.chars().count().saturating_sub(chars);
    text.char_indices().nth(skip).and_then(|(start, _)| text.get(start..)).unwrap_or(text)
}

/// The first date in `text`: with a month, in figures, else a weekday's name.
fn date(text: &str, sent: Option<NaiveDate>) -> Option<NaiveDate> {
    dates(text, sent).into_iter().next().or_else(|| weekday_in(text, sent))
}

fn last_date(text: &str, sent: Option<NaiveDate>) -> Option<NaiveDate> {
    dates(text, sent).into_iter().next_back().or_else(|| weekday_in(text, sent))
}

/// Every date with a month in it, by place.
fn dates(text: &str, sent: Option<NaiveDate>) -> Vec<NaiveDate> {
    let mut found: Vec<(usize, NaiveDate)> = Vec::new();
    for one in ISO.captures_iter(text) {
        found.extend(
            number(&one, 1)
                .zip(number(&one, 2))
                .zip(number(&one, 3))
                .and_then(|((year, month), day)| resolve(i32::try_from(year).ok(), month, day, sent))
                .map(|date| (start(&one), date)),
        );
    }
    if found.is_empty() {
        for one in FIGURES.captures_iter(text) {
            found.extend(in_figures(&one, sent).map(|date| (start(&one), date)));
        }
    }
    for one in DAY_MONTH.captures_iter(text) {
        let parts = number(&one, 1).zip(one.get(2).and_then(|word| month(word.as_str())));
        found.extend(
            parts
                .and_then(|(day, month)| resolve(year(&one, 3), month, day, sent))
                .map(|date| (start(&one), date)),
        );
    }
    for one in MONTH_DAY.captures_iter(text) {
        let parts = one.get(1).and_then(|word| month(word.as_str())).zip(number(&one, 2));
        found.extend(
            parts
                .and_then(|(month, day)| resolve(year(&one, 3), month, day, sent))
                .map(|date| (start(&one), date)),
        );
    }
    found.sort_by_key(|(place, _)| *place);
    found.into_iter().map(|(_, date)| date).collect()
}

fn start(found: &regex::Captures<'_>) -> usize {
    found.get(0).map_or(0, |whole| whole.start())
}

fn number(found: &regex::Captures<'_>, group: usize) -> Option<u32> {
    found.get(group)?.as_str().parse().ok()
}

fn year(found: &regex::Captures<'_>, group: usize) -> Option<i32> {
    let year: i32 = found.get(group)?.as_str().parse().ok()?;
    Some(if year < 100 { 2_000 + year } else { year })
}

/// `30.11.`, `11/30/2026`, `30/11`: with full stops day first, with slashes either.
fn in_figures(found: &regex::Captures<'_>, sent: Option<NaiveDate>) -> Option<NaiveDate> {
    let (one, two) = (number(found, 1)?, number(found, 3)?);
    let separator = found.get(2)?.as_str();
    let whole = found.get(0)?.as_str();
    let year = year(found, 4);
    if separator == "-" && year.is_none()
        || separator == "." && year.is_none() && !whole.ends_with('.') && whole.len() < 5
    {
        return None;
    }
    let day_first = resolve(year, two, one, sent);
    if separator == "." {
        return day_first;
    }
    let month_first = resolve(year, one, two, sent);
    match (day_first, month_first) {
        (Some(one), Some(two)) => {
            let (early, late) = (one.min(two), one.max(two));
            Some(if sent.is_some_and(|sent| early < sent) { late } else { early })
        }
        (one, two) => one.or(two),
    }
}

/// The date, with the year in which it comes next where none is given.
fn resolve(year: Option<i32>, month: u32, day: u32, sent: Option<NaiveDate>) -> Option<NaiveDate> {
    if let Some(year) = year {
        return NaiveDate::from_ymd_opt(year, month, day);
    }
    let sent = sent?;
    let this = NaiveDate::from_ymd_opt(sent.year(), month, day);
    // A notice that is still sent in the last days of an absence, or after it, names a date just past.
    this.filter(|date| *date + Days::new(14) >= sent)
        .or_else(|| NaiveDate::from_ymd_opt(sent.year() + 1, month, day))
}

fn weekday_in(text: &str, sent: Option<NaiveDate>) -> Option<NaiveDate> {
    let sent = sent?;
    WORD.find_iter(text).take(12).find_map(|word| {
        if matcher(Role::Tomorrow).is_whole(word.as_str()) {
            return sent.checked_add_days(Days::new(1));
        }
        let day = weekday(word.as_str())?;
        (1..=7).filter_map(|ahead| sent.checked_add_days(Days::new(ahead))).find(|date| date.weekday() == day)
    })
}

/// A month by its name or abbreviation.
fn month(word: &str) -> Option<u32> {
    meanings(Role::Months).get(word).and_then(|place| u32::try_from(place + 1).ok())
}

fn weekday(word: &str) -> Option<Weekday> {
    meanings(Role::Weekdays).get(word).and_then(|place| u8::try_from(*place).ok()?.try_into().ok())
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
}
