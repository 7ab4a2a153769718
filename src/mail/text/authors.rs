//! Whom a quotation names as its authors: the addresses in attributions and `From:` lines, with the date
//! where it names day, time and offset, else with the local time of the person who quoted it.
//!
//! Dates are read with the month's name in any language, and in ISO and other all-number forms that begin with the
//! year. Known limits: a date with a zone's abbreviation other than UTC and GMT is no date; a name without an address
//! is nobody.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, TimeZone, Utc};
use regex::Captures;

use crate::domain::message::Address;
use crate::language::{Role, alternation, meanings};

use super::lines::LineLabel;
use super::quotation::Quotation;
use crate::pattern::{LETTER, Pattern, pattern};

static ISO: Pattern = LazyLock::new(|| pattern(r"\b([0-9]{4})[-./]([0-9]{1,2})[-./]([0-9]{1,2})\b"));
static DAY_MONTH: Pattern = LazyLock::new(|| {
    let joiner = alternation(Role::DateJoiner);
    pattern(&format!(
        r"\b(?P<d>\d{{1,2}})\.?\s+(?:{joiner}\s+)?(?P<m>[{LETTER}]{{3,10}})\.?,?\s+(?:{joiner}\s+)?(?P<y>\d{{4}})\b"
    ))
});
static MONTH_DAY: Pattern = LazyLock::new(|| {
    let ordinal = alternation(Role::DateOrdinal);
    pattern(&format!(r"\b(?P<m>[{LETTER}]{{3,10}})\.?\s+(?P<d>\d{{1,2}}){ordinal}?,?\s+(?P<y>\d{{4}})\b"))
});
static TIME: Pattern = LazyLock::new(|| {
    pattern(
        r"(?ix)\b(?P<h>\d{1,2})[:.](?P<min>\d{2})(?:[:.](?P<s>\d{2}))?\s*(?P<half>[ap]\.?m\.?)?\s*
        \(?(?:(?:GMT|UTC)?\s?(?P<sign>[+−-])(?P<oh>\d{1,2}):?(?P<om>\d{2})|(?P<zero>Z|UTC|GMT)\b)?",
    )
});

/// Somebody whom a quotation names as author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    pub address: Address,
    pub at: Option<DateTime<Utc>>,
    /// The local time of the person who quoted, where no offset is named.
    pub local: Option<NaiveDateTime>,
}

impl Author {
    fn new(address: Address, date: &str) -> Self {
        match instant(date) {
            Some(QuotedTime::Instant(at)) => Self { address, at: Some(at), local: None },
            Some(QuotedTime::Local(local)) => Self { address, at: None, local: Some(local) },
            None => Self { address, at: None, local: None },
        }
    }
}

enum QuotedTime {
    Instant(DateTime<Utc>),
    Local(NaiveDateTime),
}

/// The authors, each with a date once, in the order in which the quotation names them.
pub(super) fn of(quotation: &Quotation) -> Vec<Author> {
    let quoted = |at: usize| quotation.labels.get(at) == Some(&LineLabel::Quoted);
    let attributed = quotation.attributions.iter().filter(|one| quoted(one.first));
    let named = quotation.blocks.iter().filter(|one| quoted(one.first));
    let mut found: Vec<(usize, Author)> = attributed
        .filter_map(|one| Some((one.first, Author::new(address(&one.text)?, &one.text))))
        .chain(named.filter_map(|one| Some((one.first, Author::new(address(&one.from)?, &one.date)))))
        .collect();
    found.sort_by_key(|(first, _)| *first);
    let mut authors: Vec<Author> = Vec::new();
    for (_, author) in found {
        // a hostile quotation could name thousands
        if authors.len() < 200 && !authors.contains(&author) {
            authors.push(author);
        }
    }
    authors
}

/// The address in angle brackets, else the first one.
pub(super) fn address(text: &str) -> Option<Address> {
    text.split('<')
        .skip(1)
        .find_map(|rest| first_address(rest.split('>').next()?))
        .or_else(|| first_address(text))
}

/// The first word that is an address, whatever brackets and quotation marks stand around it.
fn first_address(text: &str) -> Option<Address> {
    let outer = |c: char| {
        c.is_whitespace()
            || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | ',' | ';' | ':' | '：' | '“' | '”')
    };
    text.split(outer).filter(|word| word.len() <= 320 && word.contains('@')).find_map(|word| {
        let word = word.trim_matches(|c| matches!(c, '.' | '\'' | '*'));
        let (local, domain) = word.split_once('@')?;
        (!local.is_empty() && domain.contains('.') && !domain.contains('@')).then(|| Address::new(word))?
    })
}

/// The instant that `text` names, or the local time where it names no zone at all.
fn instant(text: &str) -> Option<QuotedTime> {
    let day = day(text)?;
    let time = TIME.captures_iter(text).last()?;
    let number = |name: &str| time.name(name).and_then(|found| found.as_str().parse::<u32>().ok());
    let mut hour = number("h")?;
    if let Some(half) = time.name("half") {
        let afternoon = half.as_str().starts_with(['p', 'P']);
        hour = hour % 12 + if afternoon { 12 } else { 0 };
    }
    let local = day.and_hms_opt(hour, number("min")?, number("s").unwrap_or(0))?;
    let seconds = match (time.name("zero"), time.name("sign")) {
        (Some(_), _) => 0,
        (None, Some(_)) => offset(&time)?,
        (None, None) if names_a_zone(text.get(time.get(0)?.end()..)?) => return None,
        (None, None) => return Some(QuotedTime::Local(local)),
    };
    let at = FixedOffset::east_opt(seconds)?.from_local_datetime(&local).single()?;
    Some(QuotedTime::Instant(at.with_timezone(&Utc)))
}

/// Whether what follows a time is a zone's abbreviation, such as ` (CEST)`.
fn names_a_zone(rest: &str) -> bool {
    let word: String = rest
        .trim_start_matches(|c: char| c.is_whitespace() || c == '(')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    (2..=5).contains(&word.len()) && word.chars().all(|c| c.is_ascii_uppercase())
}

/// Seconds east of Greenwich.
fn offset(time: &Captures<'_>) -> Option<i32> {
    let number = |name: &str| time.name(name).and_then(|found| found.as_str().parse::<i32>().ok());
    let seconds = number("oh")? * 3600 + number("om")? * 60;
    Some(if time.name("sign")?.as_str() == "+" { seconds } else { -seconds })
}

fn day(text: &str) -> Option<NaiveDate> {
    if let Some(found) = ISO.captures(text) {
        let number = |at: usize| found.get(at).and_then(|found| found.as_str().parse::<u32>().ok());
        return NaiveDate::from_ymd_opt(i32::try_from(number(1)?).ok()?, number(2)?, number(3)?);
    }
    [&DAY_MONTH, &MONTH_DAY].into_iter().find_map(|form| {
        form.captures_iter(text).find_map(|found| {
            let number = |name: &str| found.name(name).and_then(|found| found.as_str().parse::<u32>().ok());
            NaiveDate::from_ymd_opt(
                i32::try_from(number("y")?).ok()?,
                month(found.name("m")?.as_str())?,
                number("d")?,
            )
        })
    })
}

/// The number of a month by its name or the beginning of it, where no other month's name begins so.
fn month(name: &str) -> Option<u32> {
    let known = meanings(Role::Months);
    let name = name.to_lowercase();
    let place = known.get(&name).copied().or_else(|| {
        let mut begun = known.iter().filter(|(word, _)| word.starts_with(&name)).map(|(_, place)| *place);
        let first = begun.next()?;
        begun.all(|place| place == first).then_some(first)
    })?;
    u32::try_from(place + 1).ok()
}
