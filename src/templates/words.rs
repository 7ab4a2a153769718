//! How people write names, dates, times and lists: every phrase that a mail shares with another.
//!
//! English alone. Known limit: a first name is the first word that is no title, or what follows the comma in
//! `Lee, Sarah`; names whose family name comes first are taken the wrong way round.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};

use crate::domain::zone::Zone;

const TITLES: [&str; 12] =
    ["dr", "dr.", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "prof", "prof.", "professor", "sir"];

/// What a person is called: `Sarah` for `Sarah Lee`, `Dr. Sarah Lee` and `Lee, Sarah`.
pub(crate) fn first_name(name: &str) -> &str {
    let given = match name.split_once(',') {
        Some((_, after)) if !after.trim().is_empty() => after,
        _ => name,
    };
    let is_title = |word: &&str| TITLES.contains(&word.to_lowercase().as_str());
    given
        .split_whitespace()
        .find(|word| !is_title(word))
        .or_else(|| given.split_whitespace().next())
        .unwrap_or(name)
}

/// `Sarah`, `Sarah and James`, `Sarah, James and Ana`; empty for none.
pub(crate) fn join_and<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [start @ .., last] => {
            let start: Vec<&str> = start.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", start.join(", "), last.as_ref())
        }
    }
}

/// One line without control characters: what a subject, a name or a label may hold. Marks that turn the
/// direction of the text around them (U+202A to U+202E, U+2066 to U+2069) are dropped with them.
pub(crate) fn one_line(text: &str) -> String {
    let kept: String = text
        .chars()
        .filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'))
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Several lines, each without control characters, no blank ones at either end.
pub(crate) fn lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(one_line).collect();
    lines.join("\n").trim().to_owned()
}

/// A fragment as a sentence: first letter large, a full stop where none of its kind stands.
pub(crate) fn sentence(text: &str) -> String {
    let text = one_line(text);
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => ended(&first.to_uppercase().chain(letters).collect::<String>()),
        None => text,
    }
}

/// With a full stop at its end, where none of its kind stands.
pub(crate) fn ended(text: &str) -> String {
    let mut sentence = text.to_owned();
    let end = sentence.trim_end_matches(['"', '\u{201d}', '\'', '\u{2019}', ')']).chars().last();
    if !matches!(end, Some('.' | '!' | '?' | '\u{2026}' | ':')) {
        sentence.push('.');
    }
    sentence
}

/// A fragment without its closing full stop, as the middle of a sentence.
pub(crate) fn fragment(text: &str) -> String {
    one_line(text).trim_end_matches(['.', ';', ',']).to_owned()
}

/// `1 handoff`, `2 handoffs`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// `New York` for `America/New_York`; `UTC` stays; `UTC-05:00` for an offset.
pub(crate) fn city(zone: &dyn Zone) -> String {
    let name = zone.name();
    if name.starts_with(['+', '-']) {
        return format!("UTC{name}");
    }
    name.rsplit('/').next().unwrap_or(name).replace('_', " ")
}

/// `Tuesday 24 November`, with the year where it is another than `now`'s.
pub(crate) fn date(date: NaiveDate, now: NaiveDate) -> String {
    let words = date.format("%A %-d %B").to_string();
    if date.year() == now.year() { words } else { format!("{words} {}", date.year()) }
}

fn time_of(local: DateTime<FixedOffset>) -> String {
    let (afternoon, hour) = local.hour12();
    let half = if afternoon { "pm" } else { "am" };
    match local.second() {
        0 => format!("{hour}:{:02} {half}", local.minute()),
        second => format!("{hour}:{:02}:{second:02} {half}", local.minute()),
    }
}

/// `5:00 pm`.
pub(crate) fn time(at: DateTime<Utc>, zone: &dyn Zone) -> String {
    time_of(zone.local(at))
}

/// `Tuesday 24 November` of an instant.
pub(crate) fn day(at: DateTime<Utc>, zone: &dyn Zone, now: DateTime<Utc>) -> String {
    date(zone.local(at).date_naive(), zone.local(now).date_naive())
}

/// `Tuesday 24 November, 5:00 pm (New York)`.
pub(crate) fn when(at: DateTime<Utc>, zone: &dyn Zone, now: DateTime<Utc>) -> String {
    format!("{}, {} ({})", day(at, zone, now), time(at, zone), city(zone))
}

/// `when`, and the other's time beside it where their clocks differ:
/// `Tuesday 24 November, 11:00 pm (Madrid), 5:00 pm in New York`.
pub(crate) fn when_beside(
    at: DateTime<Utc>,
    zone: &dyn Zone,
    other: &dyn Zone,
    now: DateTime<Utc>,
) -> String {
    let base = when(at, zone, now);
    if zone.offset_at(at) == other.offset_at(at) {
        return base;
    }
    let (mine, theirs) = (zone.local(at), other.local(at));
    let weekday = if mine.date_naive() == theirs.date_naive() {
        String::new()
    } else {
        format!("{} ", theirs.format("%A"))
    };
    format!("{base}, {weekday}{} in {}", time_of(theirs), city(other))
}

/// `Thursday 26 November, 2:00 pm to 2:30 pm (New York time, EST)`.
pub(crate) fn span(start: DateTime<Utc>, end: DateTime<Utc>, zone: &dyn Zone, now: DateTime<Utc>) -> String {
    let end_day = if zone.local(start).date_naive() == zone.local(end).date_naive() {
        String::new()
    } else {
        format!("{} ", zone.local(end).format("%A"))
    };
    format!(
        "{}, {} to {end_day}{} ({})",
        day(start, zone, now),
        time(start, zone),
        time(end, zone),
        zone_words(start, zone)
    )
}

/// `New York time, EST`; `UTC`; `Sao Paulo time, UTC-3` where the zone has no letters of its own.
fn zone_words(at: DateTime<Utc>, zone: &dyn Zone) -> String {
    let city = city(zone);
    let abbreviation = zone.abbreviation_at(at);
    if abbreviation.eq_ignore_ascii_case(&city) || abbreviation == zone.name() {
        return city;
    }
    if abbreviation.starts_with(['+', '-']) {
        let digits = abbreviation.trim_start_matches(['+', '-']).trim_start_matches('0');
        let sign = abbreviation.chars().next().unwrap_or('+');
        let digits = if digits.is_empty() { "0" } else { digits };
        return format!("{city} time, UTC{sign}{digits}");
    }
    format!("{city} time, {abbreviation}")
}

/// When something happened, as one says it: `this morning`, `yesterday`, `Friday`, `12 November`.
pub(crate) fn ago(at: DateTime<Utc>, zone: &dyn Zone, now: DateTime<Utc>) -> String {
    let (then, today) = (zone.local(at), zone.local(now));
    let days = today.date_naive().signed_duration_since(then.date_naive());
    if days <= TimeDelta::zero() {
        return match then.hour() {
            0..=11 => "this morning".to_owned(),
            12..=16 => "this afternoon".to_owned(),
            _ => "this evening".to_owned(),
        };
    }
    match days.num_days() {
        1 => "yesterday".to_owned(),
        2..=6 => then.format("%A").to_string(),
        _ if then.year() == today.year() => then.format("%-d %B").to_string(),
        _ => then.format("%-d %B %Y").to_string(),
    }
}

/// A length of time in the words of a note: `20 minutes`, `2 hours`, `3 days`; rounded down.
pub(crate) fn length(span: TimeDelta) -> String {
    let minutes = span.num_minutes();
    match minutes {
        ..=0 => "less than a minute".to_owned(),
        60 => "an hour".to_owned(),
        1..=119 => count(usize::try_from(minutes).unwrap_or(0), "minute"),
        120..=2879 => count(usize::try_from(span.num_hours()).unwrap_or(0), "hour"),
        _ => count(usize::try_from(span.num_days()).unwrap_or(0), "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_name_is_what_people_are_called() {
        for (name, first) in [
            ("Sarah Lee", "Sarah"),
            ("Dr. Sarah Lee", "Sarah"),
            ("Lee, Sarah", "Sarah"),
            ("Jean-Luc Picard", "Jean-Luc"),
            ("Cher", "Cher"),
            ("Dr.", "Dr."),
            ("שרה לוי", "שרה"),
        ] {
            assert_eq!(first_name(name), first);
        }
    }

    #[test]
    fn a_fragment_becomes_a_sentence_with_one_end() {
        for (text, read) in [
            ("we talked", "We talked."),
            ("We talked.", "We talked."),
            ("did we?", "Did we?"),
            ("\"we talked.\"", "\"we talked.\""),
            ("ålesund", "Ålesund."),
            ("", ""),
        ] {
            assert_eq!(sentence(text), read);
        }
    }

    #[test]
    fn one_line_is_one_line_whatever_went_in() {
        assert_eq!(one_line(" a\r\nBcc: b\u{202e}\tc\u{2028}d "), "a Bcc: b c d");
        assert_eq!(lines("\n a \r\n\r\nb\n"), "a\n\nb");
    }

    #[test]
    fn lengths_read_as_people_say_them() {
        for (minutes, read) in [
            (-5, "less than a minute"),
            (1, "1 minute"),
            (60, "an hour"),
            (90, "90 minutes"),
            (240, "4 hours"),
            (2880, "2 days"),
        ] {
            assert_eq!(length(TimeDelta::minutes(minutes)), read);
        }
    }

    #[test]
    fn what_ends_with_a_mark_of_its_own_gets_no_full_stop() {
        for (text, expected) in [("a demo", "a demo."), ("a demo!", "a demo!"), ("ready?\"", "ready?\"")] {
            assert_eq!(ended(&fragment(text)), expected);
        }
    }
}
