//! The meeting that an intro names in its own words: `When: Thursday, November 12, 2:00 pm to 2:30 pm EST (New York)`, `our
//! call is on 12 Nov at 14:00 CET`.
//!
//! It has to be plain: day, time of day and time zone stand together, in words of a meeting, behind a label, or on the
//! weekday that the subject names; no other time stands beside them, and nothing is asked, offered or due by then. Where
//! two meetings are named, none is. Known limits: a time without a zone is nobody's time; what a link leads to is not
//! read.

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc, Weekday};

use crate::domain::zone::{Zone, ZoneSource};
use crate::domain::zone_words::zone_word;
use crate::language::{Matchers, Role, is_word, meanings};
use crate::record::{MeetingTime, read_meeting_time};

/// So much of a text is looked at, in bytes.
const LONGEST: usize = 16 << 10;
/// The most words that a time takes.
const MOST_WORDS: usize = 18;
/// A label has no more words: `Your meeting with Calvin:`.
const LABEL_WORDS: usize = 5;
/// Shorter names of weekdays are words of other languages as well.
const WEEKDAY_LETTERS: usize = 5;

/// A meeting and the words that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NamedMeeting {
    pub start: DateTime<Utc>,
    pub length: Duration,
    pub words: String,
}

/// What an intro says.
#[derive(Clone, Copy, Debug)]
pub(super) struct IntroWords<'a> {
    pub subject: &'a str,
    /// Its author's own.
    pub text: &'a str,
    /// When it was sent: the meeting comes after that.
    pub at: DateTime<Utc>,
}

/// How plainly a meeting is named, the plainest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Plainness {
    NotPlain,
    /// By where it stands.
    ByPlace,
    /// In words of a meeting.
    ByWords,
}

/// A time within a passage.
struct TimeInText {
    span: Range<usize>,
    time: MeetingTime,
}

/// The one meeting that is named most plainly.
pub(super) fn named_meeting(
    intro: IntroWords<'_>,
    zones: &dyn ZoneSource,
    matchers: &Matchers,
) -> Option<NamedMeeting> {
    let zones = &ZonesInText::of(&intro, zones);
    let mut found: Vec<(Plainness, NamedMeeting)> = Vec::new();
    for passage in std::iter::once(intro.subject.to_owned()).chain(passages(intro.text)) {
        for written in times(&passage, zones, intro.at) {
            let weekday = zones.zone(&written.time.zone).map(|zone| zone.local(written.time.start).weekday());
            let behind = passage.get(written.span.end..).unwrap_or_default();
            let around = Surroundings {
                before: sentence_end(passage.get(..written.span.start).unwrap_or_default()),
                behind: without_same_time(behind, &written.time, zones, intro.at),
                weekday,
                subject: intro.subject,
            };
            let plain = plainness(&around, matchers);
            let length = Duration::seconds(i64::from(written.time.length_seconds));
            let words = passage.get(written.span).unwrap_or_default();
            let words = words.trim_end_matches(['.', ',', ';', ':', '(']).trim_end().to_owned();
            found.push((plain, NamedMeeting { start: written.time.start, length, words }));
        }
    }
    let best = found.iter().map(|(plain, _)| *plain).max().filter(|plain| *plain > Plainness::NotPlain)?;
    let mut named = found.into_iter().filter(|(plain, _)| *plain == best).map(|(_, meeting)| meeting);
    let first = named.next()?;
    named.all(|other| other.start == first.start).then_some(first)
}

/// Zones of which only those have names whose city an intro names: all of them would be gone through for every few words.
struct ZonesInText<'z> {
    zones: &'z dyn ZoneSource,
    names: Vec<String>,
}

impl<'z> ZonesInText<'z> {
    fn of(intro: &IntroWords<'_>, zones: &'z dyn ZoneSource) -> Self {
        let text = format!("{}\n{}", intro.subject, intro.text).to_lowercase();
        let names = zones.names().into_iter().filter(|name| {
            let city = name.rsplit('/').next().unwrap_or(name).to_lowercase();
            // A city of two words may be wrapped.
            text.contains(city.split('_').next().unwrap_or_default())
        });
        Self { zones, names: names.collect() }
    }
}

impl ZoneSource for ZonesInText<'_> {
    fn zone(&self, name: &str) -> Option<Arc<dyn Zone>> {
        self.zones.zone(name)
    }

    fn names(&self) -> Vec<String> {
        self.names.clone()
    }
}

/// Lines of a text, wrapped ones put together.
fn passages(text: &str) -> Vec<String> {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut found: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.get(..end).unwrap_or_default().lines() {
        let line = line.trim().trim_start_matches(['-', '*', '•', '>', '–', '·']).trim_start();
        let is_label = label_of(line).is_some();
        match found.last_mut().filter(|_| goes_on && !is_label && !line.is_empty()) {
            Some(passage) => {
                passage.push(' ');
                passage.push_str(line);
            }
            None if !line.is_empty() => found.push(line.to_owned()),
            None => {}
        }
        goes_on = !line.is_empty() && !line.ends_with(['.', '!', '?', ':']);
        // A date, and the time of day below it.
        goes_on |= is_label && line.ends_with(':');
    }
    with_day_and_time_together(found)
}

/// `Date: Thursday, 12 November` and `Time: 2:00 pm ET` stand below each other.
fn with_day_and_time_together(passages: Vec<String>) -> Vec<String> {
    let pairs = passages.windows(2).filter_map(|pair| {
        let [first, second] = pair else { return None };
        let (day, time) = (label_of(first)?, label_of(second)?);
        let is_day = |text: &str| text.split_whitespace().any(begins_time) && !has_clock(text);
        let label = first.strip_suffix(day)?;
        (is_day(day) && has_clock(time)).then(|| format!("{label}{day} {time}"))
    });
    let pairs: Vec<String> = pairs.collect();
    passages.into_iter().chain(pairs).collect()
}

/// What stands behind a short label and its colon.
fn label_of(line: &str) -> Option<&str> {
    let (label, value) = line.split_once(':')?;
    let is_time = label.ends_with(|c: char| c.is_ascii_digit());
    (!is_time && label.split_whitespace().count() <= LABEL_WORDS).then(|| value.trim())
}

/// Every time that a passage names and that is still to come, the longest words for each.
fn times(passage: &str, zones: &dyn ZoneSource, at: DateTime<Utc>) -> Vec<TimeInText> {
    if !passage.contains(|c: char| c.is_ascii_digit()) {
        return Vec::new();
    }
    let words = words(passage);
    let mut found = Vec::new();
    let mut place = 0;
    while place < words.len() {
        let last = words.len().min(place + MOST_WORDS);
        let first = words.get(place).and_then(|span| passage.get(span.clone()));
        let is_begin = first.is_some_and(begins_time);
        // What belongs to a time of day that would be cut in two.
        let goes_on = |end: usize| {
            let word = words.get(end).and_then(|span| passage.get(span.clone()));
            let word = word.map(|word| bare(word).to_lowercase()).unwrap_or_default();
            zone_word(&word).is_some() || is_word(Role::HalvesOfDay, &word)
        };
        let read = |end: usize| {
            let span = words.get(place)?.start..words.get(end)?.end;
            let time = read_meeting_time(passage.get(span.clone())?, zones, at).ok()?;
            Some((end, TimeInText { span, time }))
        };
        let longest = if is_begin {
            (place + 1..last).rev().filter(|end| !goes_on(end + 1)).find_map(read)
        } else {
            None
        };
        let Some((end, longest)) = longest else {
            place += 1;
            continue;
        };
        // Without what says nothing at its end.
        let same = |end: usize| read(end).filter(|(_, shorter)| shorter.time == longest.time);
        let (_, written) = (place + 1..=end).find_map(same).unwrap_or((end, longest));
        if written.time.start >= at {
            found.push(written);
        }
        place = end + 1;
    }
    found
}

fn words(passage: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in passage.char_indices().chain([(passage.len(), ' ')]) {
        match start {
            Some(from) if c.is_whitespace() => {
                found.push(from..at);
                start = None;
            }
            None if !c.is_whitespace() => start = Some(at),
            _ => {}
        }
    }
    found
}

/// Whether a time may begin with a word: a figure, or a day, month or hour by its name.
fn begins_time(word: &str) -> bool {
    let name = bare(word);
    let roles = [Role::Weekdays, Role::WeekdaysShort, Role::Months, Role::Noon];
    word.contains(|c: char| c.is_ascii_digit()) || roles.iter().any(|role| is_word(*role, name))
}

/// Without what stands around it.
fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// What stands around a time.
struct Surroundings<'a> {
    before: &'a str,
    behind: &'a str,
    /// Of the time, in its zone.
    weekday: Option<Weekday>,
    subject: &'a str,
}

fn plainness(place: &Surroundings<'_>, matchers: &Matchers) -> Plainness {
    let Surroundings { before, weekday, subject, .. } = *place;
    let (behind, is_question) = sentence_begin(place.behind);
    let around = [before, behind];
    let is_in = |role: Role| around.iter().any(|text| matchers.of(role).is_in(text));
    let is_other = |text: &&str| has_clock(text) || names_other_day(text, weekday);
    if is_question || is_in(Role::IntroProposal) || is_due(before) || around.iter().any(is_other) {
        return Plainness::NotPlain;
    }
    if is_in(Role::IntroMeeting) {
        return Plainness::ByWords;
    }
    let is_alone = !before.contains(char::is_alphanumeric) || label_of(before).is_some_and(str::is_empty);
    let is_in_subject = weekday.is_some_and(|weekday| names_day(subject, |day| day == weekday));
    if is_alone || is_in_subject { Plainness::ByPlace } else { Plainness::NotPlain }
}

/// Without the same time in another zone: `11am PT / 2pm ET`.
fn without_same_time<'a>(
    behind: &'a str,
    time: &MeetingTime,
    zones: &dyn ZoneSource,
    at: DateTime<Utc>,
) -> &'a str {
    let is_sign = |c: char| c.is_whitespace() || matches!(c, '/' | '(' | '|' | '=' | ',' | '–' | '-');
    let rest = behind.trim_start_matches(is_sign);
    let Some(zone) = zones.zone(&time.zone) else { return behind };
    let day = zone.local(time.start).date_naive();
    let same = words(rest).into_iter().take(4).find_map(|span| {
        let other = rest.get(..span.end)?;
        let days = [day.pred_opt()?, day, day.succ_opt()?];
        let is_same = |day: NaiveDate| {
            read_meeting_time(&format!("{day} {other}"), zones, at)
                .is_ok_and(|other| other.start == time.start)
        };
        let end = span.end + usize::from(rest.get(span.end..)?.starts_with(')'));
        days.into_iter().any(is_same).then_some(end)
    });
    same.and_then(|end| rest.get(end..)).unwrap_or(behind)
}

/// Behind the last full stop that ends a sentence, and not `Dr` or `p.m`.
fn sentence_end(text: &str) -> &str {
    let ends = text.match_indices(['.', '!', '?']).filter(|(at, _)| {
        let (before, behind) = text.split_at(*at);
        let letters = before.chars().rev().take_while(|c| c.is_alphanumeric()).count();
        let is_abbreviated = letters < 3 && before.ends_with(char::is_lowercase);
        behind.chars().nth(1).is_some_and(char::is_whitespace) && !is_abbreviated
    });
    let from = ends.map(|(at, sign)| at + sign.len()).next_back().unwrap_or(0);
    text.get(from..).unwrap_or_default().trim()
}

/// Up to the end of the sentence, and whether that is a question.
fn sentence_begin(text: &str) -> (&str, bool) {
    let mut ends = text.match_indices(['.', '!', '?', '？']).filter(|(at, sign)| {
        text.get(at + sign.len()..)
            .is_some_and(|behind| behind.is_empty() || behind.starts_with(char::is_whitespace))
    });
    match ends.next() {
        Some((at, sign)) => (text.get(..at).unwrap_or_default().trim(), matches!(sign, "?" | "？")),
        None => (text.trim(), false),
    }
}

/// Whether something is to be done by the time that follows.
fn is_due(before: &str) -> bool {
    let words: Vec<String> = before.split_whitespace().map(|word| bare(word).to_lowercase()).collect();
    (1..=3).any(|count| {
        let last = words.len().checked_sub(count).and_then(|from| words.get(from..)).unwrap_or_default();
        !last.is_empty() && is_word(Role::UntilWords, &last.join(" "))
    })
}

/// `14:00`, `2pm`, `2 p.m.`
fn has_clock(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_half = |text: &str| is_word(Role::HalvesOfDay, text);
    let words: Vec<&str> = text.split_whitespace().map(bare).collect();
    let is_clock = |word: &str| {
        let digits = word.bytes().take_while(u8::is_ascii_digit).count();
        let (hour, rest) = word.split_at(digits);
        let minute = rest.strip_prefix(':').and_then(|rest| rest.get(..2));
        is_number(hour) && (minute.is_some_and(is_number) || is_half(rest))
    };
    let in_two = |pair: &[&str]| matches!(pair, [hour, half] if is_number(hour) && is_half(half));
    words.iter().any(|word| is_clock(word)) || words.windows(2).any(in_two)
}

/// Whether a text names a day other than `weekday`, by its weekday or by day and month.
fn names_other_day(text: &str, weekday: Option<Weekday>) -> bool {
    let words: Vec<&str> = text.split_whitespace().map(bare).collect();
    let is_number = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    let is_date = |pair: &[&str]| match pair {
        [first, second] => {
            is_number(first) && is_word(Role::Months, second)
                || is_word(Role::Months, first) && is_number(second)
        }
        _ => false,
    };
    words.windows(2).any(is_date) || names_day(text, |day| Some(day) != weekday)
}

/// Whether a text names a weekday of which `is` holds.
fn names_day(text: &str, is: impl Fn(Weekday) -> bool) -> bool {
    let days =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= WEEKDAY_LETTERS);
    let mut named = days.filter_map(|word| {
        let place = meanings(Role::Weekdays).get(&word.to_lowercase())?;
        Weekday::try_from(u8::try_from(*place).ok()?).ok()
    });
    named.any(is)
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use crate::clock::Zones;

    use super::*;

    static MATCHERS: LazyLock<Matchers> = LazyLock::new(Matchers::new);
    static ZONES: LazyLock<Zones> = LazyLock::new(Zones::built_in);

    /// On Tuesday, 3 November 2026.
    fn named(subject: &str, text: &str) -> Option<(String, i64)> {
        let at = "2026-11-03T15:00:00Z".parse().unwrap();
        let found = named_meeting(IntroWords { subject, text, at }, &*ZONES, &MATCHERS)?;
        Some((found.start.format("%m-%d %H:%M").to_string(), found.length.num_minutes()))
    }

    #[test]
    fn a_meeting_is_read_in_the_forms_that_people_write() {
        for (text, start, minutes) in [
            (
                "Your meeting is confirmed:\n\nWhen: Thursday, November 12, 2:00 pm to 2:30 pm EST (New York)\nFormat: Zoom\nAgenda: the dashboard",
                "11-12 19:00",
                30,
            ),
            (
                "Our meeting is on Thursday, November 12, 2:00 pm to 2:45 pm EST (New York), on Zoom.",
                "11-12 19:00",
                45,
            ),
            ("Meeting: Thu 12 Nov 2026, 14:00 America/New_York", "11-12 19:00", 30),
            ("The call is set for Nov 12, 2-3pm ET.", "11-12 19:00", 60),
            ("He'll run the demo on Thursday, November 12th at 11:00 AM PT (45 min).", "11-12 19:00", 45),
            (
                "We had a good talk last week. Our next call, for which James joins,\nis on Thursday, November 12,\n2:00 pm EST. Bring your numbers.",
                "11-12 19:00",
                30,
            ),
            ("Date: Thursday, November 12\nTime: 2:00 pm ET\nMeeting link: below", "11-12 19:00", 30),
            ("When:\nThursday, November 12, 2:00 pm ET", "11-12 19:00", 30),
            ("Termin: Donnerstag, 12. November, 14 Uhr CET", "11-12 13:00", 30),
            ("Unser Gespräch findet am Donnerstag, 12.11.2026, um 14:00 Uhr MEZ statt.", "11-12 13:00", 30),
            ("Le rendez-vous est prévu le jeudi 12 novembre à 14h CET.", "11-12 13:00", 30),
            ("La reunión es el jueves 12 de noviembre a las 14:00 CET.", "11-12 13:00", 30),
            ("De afspraak is op donderdag 12 november om 14:00 CET.", "11-12 13:00", 30),
            ("Mötet är torsdag 12 november kl. 14:00 CET.", "11-12 13:00", 30),
            ("A reunião é na quinta-feira, 12 de novembro, às 14:00 CET.", "11-12 13:00", 30),
            ("La riunione è giovedì 12 novembre alle 14:00 CET.", "11-12 13:00", 30),
            ("\u{1f4c5} Thursday, November 12 | 2:00 \u{2013} 2:30 PM EST", "11-12 19:00", 30),
            ("See you Thursday, Nov 12 @ 2 PM (ET) for the demo!", "11-12 19:00", 30),
            ("Le rendez-vous : le jeudi 12 novembre à 14 h (heure de Paris).", "11-12 13:00", 30),
            ("Schůzka je ve čtvrtek 12. listopadu ve 14:00 CET.", "11-12 13:00", 30),
            // The same time in another zone.
            ("Our call: Thursday, Nov 12 at 11am PT / 2pm ET", "11-12 19:00", 30),
            ("The demo is on Nov 12, 2:00 pm EST (8:00 pm CET), on Zoom.", "11-12 19:00", 30),
            // An older one beside it is over.
            (
                "Our first call was on Thu 29 Oct 2026, 2pm ET. The demo is on Thu 12 Nov 2026, 2pm ET.",
                "11-12 19:00",
                30,
            ),
        ] {
            assert_eq!(named("Sarah, intro to Calvin", text), Some((start.to_owned(), minutes)), "{text}");
        }
    }

    #[test]
    fn zones_are_named_by_their_cities() {
        for text in [
            "Our call is on Thursday, November 12, 2pm New York time.",
            "Our call is on Thursday, November 12, 14:00 america/new_york.",
            "Our call is on Thursday, November 12, at 1:00 pm (Chicago), on Zoom.",
        ] {
            assert_eq!(named("Intro to Calvin", text), Some(("11-12 19:00".to_owned(), 30)), "{text}");
        }
    }

    #[test]
    fn the_weekday_of_the_subject_tells_of_the_meeting() {
        let subject = "Sarah, intro to Calvin + Thursday's agenda";
        for text in ["We meet on Thursday at 2pm ET.", "You're set for 5 November 2026 14:00 EST."] {
            assert_eq!(named(subject, text), Some(("11-05 19:00".to_owned(), 30)), "{text}");
        }
        assert_eq!(named("Intro to Calvin", "The fair opens on Thursday at 2pm ET."), None);
        assert_eq!(named(subject, "The fair opens on Friday at 2pm ET."), None);
    }

    #[test]
    fn what_is_not_plain_is_no_meeting() {
        for text in [
            // No zone, no day, no time of day.
            "Our meeting: Thursday, November 12, 2:00 pm.",
            "The call is at 2pm ET.",
            "Our meeting is on Thursday, November 12, New York.",
            // Asked, offered, due.
            "Does a call on Thursday, November 12, 2pm ET work for you?",
            "Calvin could do a call on Thursday, November 12, 2pm ET.",
            "I suggest a meeting on Thursday, November 12, 2pm ET.",
            "Please confirm the meeting before Thursday, November 12, 2pm ET.",
            "The agenda stays open until Thursday, November 12, 2pm ET.",
            "Ich schlage einen Termin vor: Donnerstag, 12. November, 14 Uhr CET",
            "Je vous propose une réunion le jeudi 12 novembre à 14h CET.",
            // One of two.
            "Our call: Thursday, November 12 or Friday, November 13 at 2pm ET",
            "Our call: Nov 12 or Nov 13 at 2pm ET",
            "Call with Calvin: Thu 12 Nov 2026, 2pm ET\nDemo: Fri 13 Nov 2026, 2pm ET",
            "Our call: Thursday, November 12, 2pm ET or 4pm ET",
            "Our call: Thursday, November 12, 11am PT / 3pm ET",
            // Something else's, and over.
            "Our offices close on Thursday, November 12, 2pm EST this year.",
            "We had our first call on Thu 29 Oct 2026, 2pm ET.",
            "",
        ] {
            assert_eq!(named("Sarah, intro to Calvin", text), None, "{text}");
        }
    }
}
