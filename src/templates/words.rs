//! How people write names, dates, times and lists: every phrase that a mail shares with another.
//!
//! English alone.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, TimeDelta, Timelike, Utc};

use crate::domain::people::given_name;
use crate::domain::zone::Zone;

/// What a person is called, see [`given_name`].
pub(crate) fn first_name(name: &str) -> &str {
    given_name(name)
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

/// `this or that`, `this, that or the other`.
pub(crate) fn join_or<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [start @ .., before, last] => {
            let start: Vec<&str> = start.iter().chain([before]).map(AsRef::as_ref).collect();
            format!("{} or {}", start.join(", "), last.as_ref())
        }
        _ => join_and(items),
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

/// A fragment as a sentence: first letter large, a full stop where none of its kind stands. An address stays as it is.
pub(crate) fn sentence(text: &str) -> String {
    let text = one_line(text);
    if text.split_whitespace().next().is_some_and(|word| word.contains('@')) {
        return ended(&text);
    }
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

/// Why a deadline is what it is, without seconds: `Sat 08:09:48 America/New_York` is `Sat 08:09 America/New_York`.
pub(crate) fn deadline_why(why: &str) -> String {
    let without_seconds = |word: &str| -> String {
        let end = word.find(|c: char| !(c.is_ascii_digit() || c == ':')).unwrap_or(word.len());
        let (time, rest) = word.split_at_checked(end).unwrap_or((word, ""));
        match time.split(':').collect::<Vec<_>>().as_slice() {
            [hour, minute, seconds] if seconds.len() == 2 => format!("{hour}:{minute}{rest}"),
            _ => word.to_owned(),
        }
    };
    one_line(why).split(' ').map(without_seconds).collect::<Vec<_>>().join(" ")
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

/// Whether people where this zone is write the month before the day.
fn is_american(zone: &dyn Zone) -> bool {
    let name = zone.name();
    name.starts_with("America/") || name.starts_with("US/") || OTHER_AMERICAN_ZONES.contains(&name)
}

const OTHER_AMERICAN_ZONES: [&str; 9] =
    ["Pacific/Honolulu", "Pacific/Guam", "EST", "MST", "HST", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT"];

/// Day and month, for people in `zone`: `November 24` or `24 November`, with the year where it is another than
/// that of `today`.
pub(crate) fn day_and_month(date: NaiveDate, zone: &dyn Zone, today: NaiveDate) -> String {
    let is_this_year = date.year() == today.year();
    let form = match (is_american(zone), is_this_year) {
        (true, true) => "%B %-d",
        (true, false) => "%B %-d, %Y",
        (false, true) => "%-d %B",
        (false, false) => "%-d %B %Y",
    };
    date.format(form).to_string()
}

/// `Tuesday, November 24` or `Tuesday 24 November`, by where the reader is.
pub(crate) fn date(date: NaiveDate, zone: &dyn Zone, now: DateTime<Utc>) -> String {
    let comma = if is_american(zone) { "," } else { "" };
    let today = zone.local(now).date_naive();
    format!("{}{comma} {}", date.format("%A"), day_and_month(date, zone, today))
}

fn time_of(local: DateTime<FixedOffset>) -> String {
    let (afternoon, hour) = local.hour12();
    let half = if afternoon { "pm" } else { "am" };
    format!("{hour}:{:02} {half}", local.minute())
}

/// `5:00 pm`.
pub(crate) fn time(at: DateTime<Utc>, zone: &dyn Zone) -> String {
    time_of(zone.local(at))
}

/// `Tuesday, November 24` of an instant.
pub(crate) fn day(at: DateTime<Utc>, zone: &dyn Zone, now: DateTime<Utc>) -> String {
    date(zone.local(at).date_naive(), zone, now)
}

/// What has just happened: `Tuesday, 1:20 pm`; with its date where the weekday alone could be another week's.
pub(crate) fn recently(at: DateTime<Utc>, zone: &dyn Zone, now: DateTime<Utc>) -> String {
    let then = zone.local(at).date_naive();
    let days = zone.local(now).date_naive().signed_duration_since(then).num_days();
    let day = if (0..=6).contains(&days) { then.format("%A").to_string() } else { date(then, zone, now) };
    format!("{day}, {}", time(at, zone))
}

/// The same, and the time alone where it was on the day of `now`: `5:02 pm`.
pub(crate) fn until_when(at: DateTime<Utc>, zone: &dyn Zone, now: DateTime<Utc>) -> String {
    if zone.local(at).date_naive() == zone.local(now).date_naive() {
        time(at, zone)
    } else {
        recently(at, zone, now)
    }
}

/// `Tuesday, November 24, 5:00 pm (New York)`.
pub(crate) fn when(at: DateTime<Utc>, zone: &dyn Zone, now: DateTime<Utc>) -> String {
    format!("{}, {} ({})", day(at, zone, now), time(at, zone), city(zone))
}

/// `when`, and the other's time beside it where their clocks differ:
/// `Tuesday 24 November, 11:00 pm (Madrid; 5:00 pm in New York)`.
pub(crate) fn when_beside(
    at: DateTime<Utc>,
    zone: &dyn Zone,
    other: &dyn Zone,
    now: DateTime<Utc>,
) -> String {
    format!("{}, {} ({})", day(at, zone, now), time(at, zone), place_beside(at, zone, other))
}

/// `New York`, or `Madrid; 5:00 pm in New York` where their clocks differ.
pub(crate) fn place_beside(at: DateTime<Utc>, zone: &dyn Zone, other: &dyn Zone) -> String {
    if zone.offset_at(at) == other.offset_at(at) {
        return city(zone);
    }
    let (mine, theirs) = (zone.local(at), other.local(at));
    let weekday = if mine.date_naive() == theirs.date_naive() {
        String::new()
    } else {
        format!("{} ", theirs.format("%A"))
    };
    format!("{}; {weekday}{} in {}", city(zone), time_of(theirs), city(other))
}

/// `Thursday, November 26, 2:00 pm to 2:30 pm EST (New York)`.
pub(crate) fn span(start: DateTime<Utc>, end: DateTime<Utc>, zone: &dyn Zone, now: DateTime<Utc>) -> String {
    let end_day = if zone.local(start).date_naive() == zone.local(end).date_naive() {
        String::new()
    } else {
        format!("{} ", zone.local(end).format("%A"))
    };
    let (day, from, to) = (day(start, zone, now), time(start, zone), time(end, zone));
    format!("{day}, {from} to {end_day}{to}{}", zone_words(start, zone))
}

/// What follows a time: ` EST (New York)`; ` UTC`; ` UTC-3 (Sao Paulo)` where the zone has no letters of its own.
fn zone_words(at: DateTime<Utc>, zone: &dyn Zone) -> String {
    let city = city(zone);
    let abbreviation = zone.abbreviation_at(at);
    if abbreviation.eq_ignore_ascii_case(&city) || abbreviation == zone.name() {
        return format!(" ({city})");
    }
    if abbreviation.starts_with(['+', '-']) {
        return format!(" {} ({city})", offset_words(&abbreviation));
    }
    format!(" {abbreviation} ({city})")
}

/// `UTC-3` for `-03`, `UTC+5:45` for `+0545`, `UTC` for `+00`.
fn offset_words(offset: &str) -> String {
    let (sign, figures) = offset.split_at_checked(1).unwrap_or(("", offset));
    let (hours, minutes) = figures.split_at_checked(2).unwrap_or((figures, ""));
    let (hours, minutes) = (hours.trim_start_matches('0'), minutes.trim_start_matches(':'));
    let hours = if hours.is_empty() { "0" } else { hours };
    match minutes.trim_matches('0') {
        "" if hours == "0" => "UTC".to_owned(),
        "" => format!("UTC{sign}{hours}"),
        _ => format!("UTC{sign}{hours}:{minutes}"),
    }
}

/// When something happened, as one says it: `this morning`, `yesterday`, `Friday`, `November 12`.
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
        _ => day_and_month(then.date_naive(), zone, today.date_naive()),
    }
}

/// A length of time in the words of a note: `20 minutes`, `2 hours`, `3 days`; to the nearest minute, hours and
/// days rounded down.
pub(crate) fn length(span: TimeDelta) -> String {
    let minutes = (span + TimeDelta::seconds(30)).num_minutes();
    match minutes {
        ..=0 => "less than a minute".to_owned(),
        60 => "an hour".to_owned(),
        1..=119 => count(usize::try_from(minutes).unwrap_or(0), "minute"),
        120..=2879 => count(usize::try_from(minutes / 60).unwrap_or(0), "hour"),
        _ => count(usize::try_from(minutes / (24 * 60)).unwrap_or(0), "day"),
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
            ("sarah@acme.example has it", "sarah@acme.example has it."),
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
    fn a_deadlines_reason_has_no_seconds() {
        assert_eq!(
            deadline_why("Sat 08:09:48 America/New_York -> Mon 10:00:00; Mon is a holiday"),
            "Sat 08:09 America/New_York -> Mon 10:00; Mon is a holiday"
        );
        assert_eq!(deadline_why("Fri 13:05 Europe/Madrid, 1:2"), "Fri 13:05 Europe/Madrid, 1:2");
    }

    #[test]
    fn dates_are_written_as_they_are_where_the_reader_is() {
        use crate::templates::samples::world_zones;
        let at = |day, hour, minute| {
            let local = NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(hour, minute, 0).unwrap();
            world_zones().0.instant(local)
        };
        let (new_york, madrid) = world_zones();
        let now = at(24, 12, 0);
        assert_eq!(when(at(24, 17, 0), &new_york, now), "Tuesday, November 24, 5:00 pm (New York)");
        assert_eq!(when(at(24, 17, 0), &madrid, now), "Tuesday 24 November, 11:00 pm (Madrid)");
        assert_eq!(recently(at(18, 13, 20), &new_york, now), "Wednesday, 1:20 pm");
        assert_eq!(recently(at(17, 13, 20), &new_york, now), "Tuesday, November 17, 1:20 pm");
        assert_eq!(until_when(at(24, 9, 2), &new_york, now), "9:02 am");
        assert_eq!(ago(at(12, 9, 0), &new_york, now), "November 12");
        assert_eq!(ago(at(12, 9, 0), &madrid, now), "12 November");
        let next_year = NaiveDate::from_ymd_opt(2027, 1, 5).unwrap();
        assert_eq!(date(next_year, &new_york, now), "Tuesday, January 5, 2027");
        assert_eq!(date(next_year, &madrid, now), "Tuesday 5 January 2027");
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
