//! What people ask of baton in so many words: requests about a handoff, and a yes or a no to what was shown.
//! docs/behaviour.md sections 13 and 14.
//!
//! Words in, meaning out. A request is the whole first sentence of the writer's own part and no question; a reason
//! follows a colon, a comma or in the next sentence. A yes is a yes and nothing else but greeting and thanks, since
//! more words may be a condition. Known limit: sentences in other letters than Latin ones are not cut apart.

use super::rule::{RulePattern, bare, bare_in_any_letters, words};
use super::{plain, without_ours};
use crate::language::{Role, is_word, matcher};
use crate::pattern::is_narrow_word;

/// What somebody asks for, about one handoff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Another AE takes over, by the name as it was written.
    OverTo {
        name: String,
    },
    Resend,
    Close {
        reason: Option<String>,
    },
    /// The first touch happened; `when` is how the writer says it, nothing: at the letter's own time.
    Touched {
        when: Option<String>,
        reason: Option<String>,
    },
    /// The words that say when.
    MeetingMoved {
        to: String,
    },
    MeetingCancelled,
}

/// An answer to an intro that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferAnswer {
    Yes,
    No,
    /// The draft, or what has not left yet, is taken back.
    Cancel,
}

static GREETING_LINE: RulePattern = RulePattern::new(|| {
    let greetings = words(Role::OfferGreeting);
    format!(r"^\W*{greetings}(?:\s+[\w.'-]+){{0,3}}\s*[,!.:]?\s*$")
});
/// A greeting before the words, in the same line: `Hi baton, over to Rita`.
static GREETING_BEFORE: RulePattern = RulePattern::new(|| {
    let greetings = words(Role::OfferGreeting);
    format!(r"^\W*{greetings}(?:\s+[\w.'-]+){{0,2}}\s*[,!]\s*")
});
static LINKED_ADDRESS: RulePattern = RulePattern::new(|| r"\s*<mailto:[^>\s]*>".to_owned());
static OVER_TO: RulePattern = RulePattern::new(|| {
    let (over, after) = (words(Role::RequestOverTo), words(Role::AfterNewAe));
    let name = r"[^\s,:;!?()]+";
    format!(r"^{over}\s+({name}(?:\s+{name}){{0,3}}?(?:\s*<{name})?)(?:\s*,?\s+{after})*$")
});
static RESEND: RulePattern = RulePattern::new(|| format!("^{}$", words(Role::RequestResend)));
static CLOSE: RulePattern = RulePattern::new(|| format!("^{}$", words(Role::RequestClose)));
static TOUCHED: RulePattern =
    RulePattern::new(|| format!(r"^{}(?:\s+(\S.*\d.*|\d.*|{}))?$", words(Role::RequestTouched), days_past()));
/// Where a colon and a reason follow, the words between say when, whether or not anybody can read them.
static TOUCHED_WHEN: RulePattern =
    RulePattern::new(|| format!(r"^{}\s+(\S.*)$", words(Role::RequestTouched)));
static MOVED: RulePattern =
    RulePattern::new(|| format!(r"^{}(?:\s+(.+))?$", words(Role::RequestMeetingMoved)));
static CANCELLED: RulePattern = RulePattern::new(|| format!("^{}$", words(Role::RequestMeetingCancelled)));
static NO_NAME: RulePattern = RulePattern::new(|| format!("^{}$", words(Role::NoNewAe)));
static COURTESY: RulePattern = RulePattern::new(|| {
    let courtesy = format!("(?:{}|{})", words(Role::OfferCourtesy), words(Role::OfferGreeting));
    format!(r"^\W*{courtesy}\b(?:\W*{courtesy}\b)*\W*$")
});
static YES: RulePattern = RulePattern::new(|| offer(&words(Role::OfferYes)));
static NO: RulePattern = RulePattern::new(|| offer(&words(Role::OfferNo)));
static CANCEL: RulePattern = RulePattern::new(|| offer(&words(Role::OfferCancel)));

static YES_WORD: RulePattern = RulePattern::new(|| format!("^{}$", words(Role::OfferYes)));
static NO_WORD: RulePattern = RulePattern::new(|| format!("^{}$", words(Role::OfferNo)));
static COURTESY_WORD: RulePattern =
    RulePattern::new(|| format!("^(?:{}|{})$", words(Role::OfferCourtesy), words(Role::OfferGreeting)));

/// Words of one meaning, with signs and courtesies between and around them, from begin to end.
fn offer(meaning: &str) -> String {
    let courtesy = format!("(?:{}|{})", words(Role::OfferCourtesy), words(Role::OfferGreeting));
    format!(r"^(?:{courtesy}\b\W*)*{meaning}(?:\W+(?:{meaning}|{courtesy})\b)*\W*$")
}

/// Words for today and for days that have passed.
fn days_past() -> String {
    format!("(?:{}|{})", words(Role::Yesterday), words(Role::DaysAhead))
}

/// The request that the writer's own part begins with.
pub fn request(own_words: &str) -> Option<Request> {
    let text = plain(&without_ours(own_words));
    // A name that a program made a link of: `over to @Rita Vale<mailto:rita@vendor.example>`.
    let text = LINKED_ADDRESS.remove(&text);
    let text = GREETING_BEFORE.regex().replace(&text, "");
    in_text(&text).or_else(|| in_text(&with_second_line(&text)?))
}

/// Where the first line breaks off within its sentence, with the second one on it: `please give this` above `to Rita`.
fn with_second_line(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begin = first_said(&lines)?;
    let (first, second) = (lines.get(begin)?, lines.get(begin + 1)?);
    let breaks_off = !first.ends_with(['.', '!', '?', ':', ',', ';']);
    let below = lines.get(begin + 2..).unwrap_or_default().join("\n");
    (breaks_off && second.starts_with(char::is_lowercase)).then(|| format!("{first} {second}\n{below}"))
}

/// Place of the first line that is neither blank nor a greeting.
fn first_said(lines: &[&str]) -> Option<usize> {
    lines.iter().position(|line| !line.is_empty() && !GREETING_LINE.is_in(line))
}

fn in_text(text: &str) -> Option<Request> {
    let (sentence, rest) = first_sentence(text)?;
    let early = early_ends(&sentence).find_map(|end| {
        let (head, after) = sentence.split_at_checked(end)?;
        let behind: Vec<&str> = [after.trim()].into_iter().chain(rest.as_deref()).collect();
        of_sentence(head, Some(behind.join(" ")))
    });
    early.or_else(|| of_sentence(&sentence, rest))
}

/// Full stops behind which people go on in small letters (`close. they chose a rival`), by the byte behind each. Those of
/// `3 p.m. today`, `Dr. Moss` and `Tue. Dec 8` are none.
fn early_ends(sentence: &str) -> impl Iterator<Item = usize> + '_ {
    const LONGEST_ABBREVIATION: usize = 2;
    let is_abbreviated = |before: &str| {
        let last = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase();
        last.chars().count() <= LONGEST_ABBREVIATION
            || last.ends_with(|c: char| c.is_ascii_digit())
            || [Role::FormOfAddress, Role::Months, Role::Weekdays].iter().any(|role| is_word(*role, &last))
    };
    sentence.match_indices(". ").filter_map(move |(at, stop)| {
        let before = sentence.get(..at)?;
        (!is_abbreviated(before)).then_some(at + stop.len() - 1)
    })
}

/// The request that a sentence is. `rest`: what stands behind it.
fn of_sentence(sentence: &str, rest: Option<String>) -> Option<Request> {
    let (head, reason) = match reason_after(sentence) {
        Some((head, reason)) => (head, Some(reason)),
        None => (sentence, None),
    };
    if sentence.trim_end().ends_with('?') {
        return None;
    }
    let reason = reason.or(rest).filter(|reason| !bare(reason).is_empty());
    let is_explained = sentence.get(head.len()..).is_some_and(|behind| behind.starts_with(':'));
    // The words behind a comma may belong to the request itself: a day and its time, a name and its courtesy.
    whole(bare_in_any_letters(sentence))
        .or_else(|| with_reason(bare_in_any_letters(head), reason, is_explained))
}

/// Requests that take the whole sentence.
fn whole(sentence: &str) -> Option<Request> {
    if CANCELLED.is_in(sentence) {
        return Some(Request::MeetingCancelled);
    }
    if let Some(found) = MOVED.captures(sentence) {
        // Where the verb stands at the end, the time is inside of the words.
        let to = last_group(&found).unwrap_or_else(|| sentence.to_owned());
        return Some(Request::MeetingMoved { to });
    }
    if let Some(found) = OVER_TO.captures(sentence) {
        return Some(Request::OverTo { name: name_in(&found)? });
    }
    None
}

/// `is_explained`: a colon stands before the reason.
fn with_reason(head: &str, reason: Option<String>, is_explained: bool) -> Option<Request> {
    if let Some(found) = OVER_TO.captures(head) {
        return Some(Request::OverTo { name: name_in(&found)? });
    }
    if RESEND.is_in(head) {
        return Some(Request::Resend);
    }
    if CLOSE.is_in(head) {
        return Some(Request::Close { reason });
    }
    if let Some(found) = TOUCHED.captures(head) {
        return Some(Request::Touched { when: last_group(&found), reason });
    }
    if let Some(found) = TOUCHED_WHEN.captures(head).filter(|_| is_explained) {
        return Some(Request::Touched { when: last_group(&found), reason });
    }
    if CANCELLED.is_in(head) {
        return Some(Request::MeetingCancelled);
    }
    None
}

/// What stands in the place of the words' own group.
fn last_group(found: &regex::Captures<'_>) -> Option<String> {
    found.get(1).map(|group| group.as_str().trim().to_owned())
}

fn name_in(found: &regex::Captures<'_>) -> Option<String> {
    let written = last_group(found)?;
    // `Rita Vale <rita@vendor.example>`
    let name = written.split_once('<').map_or(written.as_str(), |(name, address)| {
        let name = name.trim();
        if name.is_empty() { address.trim_end_matches('>') } else { name }
    });
    (!NO_NAME.is_in(name)).then(|| name.to_owned())
}

/// What `writer` answers to an intro that was shown. `reaction`: the emoji, where the answer is one.
pub fn offer_answer(own_words: &str, reaction: Option<&str>, writer: &str) -> Option<OfferAnswer> {
    if let Some(reaction) = reaction {
        return is_assenting(reaction).then_some(OfferAnswer::Yes);
    }
    let text = with_thumbs_up(&plain(&without_ours(own_words)));
    let mut text: Vec<&str> = text.lines().filter(|line| !GREETING_LINE.is_in(line)).collect();
    while text.last().is_some_and(|line| line.trim().is_empty() || is_name_of(writer, line)) {
        text.pop();
    }
    let text = text.join("\n");
    let text = without_name(text.trim(), writer);
    if text.contains('?') {
        return None;
    }
    if text.chars().any(is_letter_elsewhere) {
        return in_other_letters(text, writer);
    }
    let said = bare(text);
    if said.is_empty() {
        return is_assent_in_signs(text).then_some(OfferAnswer::Yes);
    }
    // A thumbs-up above thanks and a closing.
    if text.contains(THUMBS_UP) && COURTESY.is_in(said) {
        let signs: String = text.chars().filter(|c| !c.is_alphabetic() && *c != ',').collect();
        return is_assent_in_signs(&signs).then_some(OfferAnswer::Yes);
    }
    // A sad face behind a yes makes no yes of it.
    if text.chars().any(|c| is_emoji(c) && !is_assent_sign(c)) {
        return None;
    }
    [(&CANCEL, OfferAnswer::Cancel), (&NO, OfferAnswer::No), (&YES, OfferAnswer::Yes)]
        .into_iter()
        .find(|(pattern, _)| pattern.is_in(said))
        .map(|(_, answer)| answer)
}

/// A letter that [`RulePattern`] takes for a sign: Cyrillic, kana, ..
fn is_letter_elsewhere(c: char) -> bool {
    c.is_alphabetic() && !is_narrow_word(c)
}

/// The same in letters other than Latin ones: word by word, since what stands between them is not known there.
fn in_other_letters(text: &str, writer: &str) -> Option<OfferAnswer> {
    let writer = writer.to_lowercase();
    let mut answer = None;
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if COURTESY_WORD.is_in(word) || writer.split_whitespace().any(|name| name == word.to_lowercase()) {
            continue;
        }
        let meanings = [(&NO_WORD, OfferAnswer::No), (&YES_WORD, OfferAnswer::Yes)]
            .into_iter()
            .find(|(p, _)| p.is_in(word));
        let (_, said) = meanings?;
        if answer.is_some_and(|before| before != said) {
            return None;
        }
        answer = Some(said);
    }
    answer
}

/// Whether a line is a greeting, thanks, or its writer's name, and says nothing else.
fn is_courtesy(line: &str, writer: &str) -> bool {
    GREETING_LINE.is_in(line) || COURTESY.is_in(line) || is_name_of(writer, line)
}

/// A writer's own words with a blank line for each greeting, thanks and name: they are no part of what stands above.
pub(crate) fn without_courtesies(own_words: &str, writer: &str) -> String {
    let lines = own_words.lines().map(|line| if is_courtesy(line, writer) { "" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

/// The first line that says something, without a greeting before it: `Hi baton, handoff please`.
pub(crate) fn first_line(own_words: &str) -> String {
    let lines = own_words.lines().map(str::trim);
    let line = lines.filter(|line| !line.is_empty()).find(|line| !GREETING_LINE.is_in(line));
    GREETING_BEFORE.regex().replace(line.unwrap_or_default(), "").into_owned()
}

/// Whether a line is nothing but the name that its writer puts below a mail: `Dana`, `- Dana Fox`, `D. Fox`, `DF`, `D.`
pub(super) fn is_name_of(writer: &str, line: &str) -> bool {
    let line = bare_in_any_letters(line).to_lowercase();
    let writer = writer.to_lowercase();
    let words: Vec<&str> = writer.split_whitespace().collect();
    let initials: String = words.iter().filter_map(|word| word.chars().next()).collect();
    let first_and_initial = match words.as_slice() {
        [first, .., last] => last.chars().next().map(|initial| format!("{first} {initial}")),
        _ => None,
    };
    let is_initial = initials.chars().next().is_some_and(|first| line.chars().eq([first]));
    let initial_and_last = match words.as_slice() {
        [first, .., last] => {
            first.chars().next().map(|initial| [format!("{initial} {last}"), format!("{initial}. {last}")])
        }
        _ => None,
    };
    !line.is_empty()
        && (line == writer
            || words.first().is_some_and(|first| line == *first)
            || line == initials
            || is_initial
            || initial_and_last.is_some_and(|names| names.contains(&line))
            || first_and_initial.is_some_and(|name| line == name))
}

/// Without the name that a writer puts behind a dash at the end of a line: `Over to Rita - Dana`. A name without one may
/// be what was asked for.
pub(crate) fn without_signed_names(own_words: &str, writer: &str) -> String {
    let unsigned = |line: &str| {
        let dash = line.rfind(['-', '\u{2013}', '\u{2014}']);
        let signed = dash.and_then(|at| Some((line.get(..at)?, line.get(at..)?)));
        let head = signed.filter(|(head, name)| head.ends_with([' ', '-']) && is_name_of(writer, name));
        head.map_or(line, |(head, _)| head.trim_end_matches([' ', '-'])).to_owned()
    };
    own_words.lines().map(unsigned).collect::<Vec<_>>().join("\n")
}

/// Without the writer's name behind the last words, on the same line: `Send it - Dana`, `Go ahead. Thanks, Dana Fox`.
/// Nothing but a name stays.
pub(super) fn without_name<'a>(text: &'a str, writer: &str) -> &'a str {
    const MOST_WORDS: usize = 4;
    let begins =
        text.char_indices().rev().filter(|(_, c)| !is_narrow_word(*c)).map(|(at, c)| at + c.len_utf8());
    let heads = begins.take(MOST_WORDS * 2).filter_map(|at| Some((text.get(..at)?, text.get(at..)?)));
    // The longest name: `Dana Fox` rather than `Fox`.
    // A single letter is a name on a line of its own alone: `plan D`.
    let is_name = |name: &str| bare(name).chars().count() > 1 && is_name_of(writer, name);
    let named = heads.filter(|(head, name)| !bare(head).is_empty() && is_name(name)).last();
    named.map_or(text, |(head, _)| head.trim_end())
}

/// The thumbs-up that people type in figures and letters is the sign: `+1`, `:+1:`, `:thumbsup:`. A telephone number
/// begins with none.
fn with_thumbs_up(text: &str) -> String {
    let begins_number =
        |next: &&str| next.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '(' | '-'));
    let mut out = String::with_capacity(text.len());
    let mut words = text.split_inclusive(char::is_whitespace).peekable();
    while let Some(word) = words.next() {
        let typed = word.trim_end().trim_end_matches(['.', '!', ',']);
        // Behind it may stand which skin it has: `:+1::skin-tone-3:`.
        let code = typed.strip_prefix(':').filter(|rest| rest.ends_with(':'));
        let code = code.and_then(|code| code.split(':').next()).unwrap_or_default();
        let is_sign = matches!(code, "+1" | "thumbsup" | "thumbs_up" | "thumbs-up")
            || (typed == "+1" && !words.peek().is_some_and(begins_number));
        if is_sign {
            out.push(THUMBS_UP);
            out.push_str(word.get(typed.len()..).unwrap_or_default());
        } else {
            out.push_str(word);
        }
    }
    out
}

/// Whether an emoji, or the words by which a program describes it, is a thumbs-up.
fn is_assenting(reaction: &str) -> bool {
    let mut emoji = reaction.chars().filter(|c| is_emoji(*c)).peekable();
    emoji.peek().is_some() && emoji.all(|c| c == THUMBS_UP || is_modifier(c))
}

const THUMBS_UP: char = '👍';

/// Whether a text is nothing but such signs, one of them more than a full stop.
pub(super) fn is_assent_in_signs(text: &str) -> bool {
    let mut signs = text.chars().filter(|c| !c.is_whitespace()).peekable();
    signs.peek().is_some() && signs.all(is_assent_sign) && text.chars().any(is_emoji)
}

/// Signs that people type for `yes`.
fn is_assent_sign(c: char) -> bool {
    matches!(c, THUMBS_UP | '👌' | '✅' | '✔' | '☑' | '🙏' | '🙂' | '😊' | '!' | '.') || is_modifier(c)
}

/// Skin tones and joiners.
fn is_modifier(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}' | '\u{200d}' | '\u{fe0f}')
}

fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}')
}

/// The first sentence behind the greeting, and what follows it.
fn first_sentence(text: &str) -> Option<(String, Option<String>)> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let lines = lines.get(first_said(&lines)?..)?;
    let length = lines.iter().position(|line| line.is_empty()).unwrap_or(lines.len());
    let (paragraph, below) = lines.split_at(length);
    let mut sentence = String::new();
    let mut rest: Vec<String> = Vec::new();
    for line in paragraph {
        if !rest.is_empty() || ends_sentence(&sentence) {
            rest.push((*line).to_owned());
            continue;
        }
        if !sentence.is_empty() {
            sentence.push(' ');
        }
        sentence.push_str(line);
        if let Some(end) = sentence_end(&sentence) {
            let after = sentence.split_off(end);
            if !after.trim().is_empty() {
                rest.push(after.trim().to_owned());
            }
        }
    }
    rest.extend(below.iter().filter(|line| !line.is_empty()).map(|line| (*line).to_owned()));
    let rest = rest.join(" ");
    Some((sentence, (!rest.is_empty()).then_some(rest)))
}

/// A short line is a sentence without its full stop; a long one was wrapped.
fn ends_sentence(line: &str) -> bool {
    const WRAPPED: usize = 55;
    let length = line.chars().count();
    !line.is_empty() && (length < WRAPPED || line.ends_with(['.', '!', '?']))
}

/// The byte behind the sign that ends the first sentence, where more follows it.
fn sentence_end(text: &str) -> Option<usize> {
    let mut characters = text.char_indices().peekable();
    while let Some((at, sign)) = characters.next() {
        let (_, next) = characters.peek()?;
        if !matches!(sign, '.' | '!' | '?') || !next.is_whitespace() {
            continue;
        }
        let follows = text.get(at + 1..).unwrap_or_default().trim_start();
        // `3 p.m. today`: a small letter goes on with the sentence; so does the day of `8. Dezember`, `Tue. Dec 8`.
        let before = text.get(..at).unwrap_or_default();
        let last = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        if sign == '.' && (is_within_date(before, follows) || is_word(Role::FormOfAddress, last)) {
            continue;
        }
        if sign != '.' || !follows.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit()) {
            return Some(at + sign.len_utf8());
        }
    }
    None
}

/// Whether a full stop between these is a date's: `8. Dezember`, `Tue. Dec 8`.
fn is_within_date(before: &str, after: &str) -> bool {
    let after = after.to_lowercase();
    let names_day =
        matcher(Role::Months).at_start(&after).or_else(|| matcher(Role::Weekdays).at_start(&after));
    let last = before.rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
    let is_numbered = last.ends_with(|c: char| c.is_ascii_digit());
    names_day.is_some() && (is_numbered || matcher(Role::Weekdays).is_whole(&last))
}

/// A sentence cut at the first colon or comma that is not part of a time: what is asked, and why.
fn reason_after(sentence: &str) -> Option<(&str, String)> {
    let cut = sentence.char_indices().find(|(at, sign)| {
        let after = sentence.get(at + 1..).unwrap_or_default();
        let is_in_time = *sign == ':' && after.starts_with(|c: char| c.is_ascii_digit());
        matches!(sign, ':' | ',') && !is_in_time
    });
    let (head, reason) = match cut {
        Some((at, _)) => (sentence.get(..at)?, sentence.get(at + 1..)?),
        None => sentence
            .split_once(" - ")
            .or_else(|| sentence.split_once(" because "))
            .or_else(|| in_brackets(sentence))?,
    };
    Some((head, reason.trim().to_owned()))
}

/// `over to Rita (Calvin is out)`: what stands before the brackets at the end, and what is in them.
fn in_brackets(sentence: &str) -> Option<(&str, &str)> {
    let within = sentence.trim_end_matches(['.', '!', ' ']).strip_suffix(')')?;
    within.split_once(" (")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(name: &str) -> Option<Request> {
        Some(Request::OverTo { name: name.to_owned() })
    }

    fn close(reason: &str) -> Option<Request> {
        Some(Request::Close { reason: (!reason.is_empty()).then(|| reason.to_owned()) })
    }

    fn touched(when: &str, reason: &str) -> Option<Request> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some(Request::Touched { when: some(when), reason: some(reason) })
    }

    #[test]
    fn the_first_sentence_asks_for_one_thing() {
        for (words, request_read) in [
            ("over to Rita", over("Rita")),
            ("Over to Rita Vale.", over("Rita Vale")),
            ("Hi baton,\n\nreassign to rita please\n\nThanks, Dana", over("rita")),
            ("please give this to Rita", over("Rita")),
            ("Over to Rita, thank you so much", over("Rita")),
            ("over to Rita thanks", over("Rita")),
            ("Please hand it over to Rita, Calvin is on leave.", over("Rita")),
            ("Reassign this one to Rita. Calvin is away until Monday.", over("Rita")),
            ("over to Rita Vale (Calvin is out)", over("Rita Vale")),
            ("Close it (they chose a competitor).", close("they chose a competitor")),
            ("touched at 3pm (Calvin called her)", touched("at 3pm", "Calvin called her")),
            ("bitte übergeben an Rita", over("Rita")),
            ("Hi, please give this to Rita", over("Rita")),
            ("Hello baton, over to Rita Vale.", over("Rita Vale")),
            ("over to 山田 太郎", over("山田 太郎")),
            ("Over to Иван: Calvin is away", over("Иван")),
            ("over to rita@vendor.example", over("rita@vendor.example")),
            ("over to @Rita", over("@Rita")),
            ("over to @Rita Vale<mailto:rita@vendor.example>", over("@Rita Vale")),
            ("over to Rita Vale <rita@vendor.example>", over("Rita Vale")),
            ("Over to Rita Vale <rita@vendor.example>, she knows them", over("Rita Vale")),
            ("over to <rita@vendor.example>. Calvin is out", over("rita@vendor.example")),
            ("please hand it over to Rita Vale <rita@vendor.example> please", over("Rita Vale")),
            ("please give this\nto Rita", over("Rita")),
            ("Hi,\n\nplease hand this one over\nto Rita Vale: Calvin is out\n\nDana", over("Rita Vale")),
            ("meeting\ncancelled, they left", Some(Request::MeetingCancelled)),
            ("over to Rita for now", over("Rita")),
            ("Please give this one to Rita as Calvin is out", over("Rita")),
            ("over to rita. he is on leave", over("rita")),
            ("Over to Rita. he is on leave: till friday", over("Rita")),
            ("over to Rita. cheers, Dana", over("Rita")),
            ("reassign to rita. reason: leave", over("rita")),
            ("over to Dr. Rita Vale", over("Dr. Rita Vale")),
            ("close. they chose a rival", close("they chose a rival")),
            ("Close. lost: they chose a rival", close("lost: they chose a rival")),
            ("touched. he called her", touched("", "he called her")),
            ("touched at 3 p.m. yesterday: he called", touched("at 3 p.m. yesterday", "he called")),
            ("meeting cancelled. sarah is ill", Some(Request::MeetingCancelled)),
            ("schließen. sie haben sich anders entschieden", close("sie haben sich anders entschieden")),
            ("resend", Some(Request::Resend)),
            ("Please resend the intro.", Some(Request::Resend)),
            ("send it again please", Some(Request::Resend)),
            ("close: they went silent", close("they went silent")),
            ("Close, they chose a competitor.", close("they chose a competitor.")),
            ("close it. They went silent.", close("They went silent.")),
            ("Close", close("")),
            ("Close. May is too late for them", close("May is too late for them")),
            ("touched", touched("", "")),
            ("touched at 3pm: Calvin called her", touched("at 3pm", "Calvin called her")),
            (
                "Touched yesterday at 15:30, he met her at the fair",
                touched("yesterday at 15:30", "he met her at the fair"),
            ),
            ("touched at noon: he rang her", touched("at noon", "he rang her")),
            ("touched an hour ago: they met", touched("an hour ago", "they met")),
            ("touched already: Calvin called", touched("", "Calvin called")),
            ("touched at 3 p.m. today. Calvin called.", touched("at 3 p.m. today", "Calvin called.")),
            (
                "meeting moved to Tuesday 1 Dec, 2pm ET",
                Some(Request::MeetingMoved { to: "Tuesday 1 Dec, 2pm ET".into() }),
            ),
            (
                "The meeting has been rescheduled to Fri 4 Dec 10:00.",
                Some(Request::MeetingMoved { to: "Fri 4 Dec 10:00".into() }),
            ),
            (
                "Termin verschoben auf Dienstag, 8. Dezember, 14 Uhr",
                Some(Request::MeetingMoved { to: "Dienstag, 8. Dezember, 14 Uhr".into() }),
            ),
            (
                "Der Termin wurde auf Di 8.12. 14 Uhr verschoben.",
                Some(Request::MeetingMoved { to: "Der Termin wurde auf Di 8.12. 14 Uhr verschoben".into() }),
            ),
            (
                "Meeting moved from Wednesday to Tue. Dec 8, 2pm",
                Some(Request::MeetingMoved { to: "Tue. Dec 8, 2pm".into() }),
            ),
            ("The meeting was cancelled by Sarah", Some(Request::MeetingCancelled)),
            (
                "Réunion reportée au 8 décembre à 14h",
                Some(Request::MeetingMoved { to: "8 décembre à 14h".into() }),
            ),
            (
                "Reunión aplazada al 8 de diciembre a las 14:00",
                Some(Request::MeetingMoved { to: "8 de diciembre a las 14:00".into() }),
            ),
            (
                "Afspraak verplaatst naar 8 december 14:00",
                Some(Request::MeetingMoved { to: "8 december 14:00".into() }),
            ),
            (
                "Reunião adiada para 8 de dezembro às 14h",
                Some(Request::MeetingMoved { to: "8 de dezembro às 14h".into() }),
            ),
            ("Call annullata", Some(Request::MeetingCancelled)),
            ("Demo abgesagt", Some(Request::MeetingCancelled)),
            ("Bitte an Rita übergeben", over("Rita")),
            ("Donnez-le à Rita", over("Rita")),
            ("Der Termin wurde auf Wunsch abgesagt", Some(Request::MeetingCancelled)),
            ("meeting cancelled", Some(Request::MeetingCancelled)),
            ("The call was called off, they have no budget", Some(Request::MeetingCancelled)),
        ] {
            assert_eq!(request(words), request_read, "{words}");
        }
    }

    #[test]
    fn what_people_say_to_each_other_asks_for_nothing() {
        for words in [
            "Over to you!",
            "over to you, Calvin",
            "Should we give this to Rita?",
            "over to Rita?",
            "I will close the deal on Friday.",
            "Close to a decision, I think",
            "Touched by your words, thanks",
            "Can you resend?",
            "The meeting went well.",
            "Please give the deck to Sarah",
            "Let me know when the meeting moved",
            "I would rather\nclose it",
            "I gave the deck\nto Rita",
            "What about Calvin?\nover to Rita",
            "Thanks! Close it when you can.",
            "",
            "👍",
        ] {
            assert_eq!(request(words), None, "{words}");
        }
    }

    #[test]
    fn a_name_behind_a_dash_is_no_part_of_what_is_asked() {
        for (words, left) in [
            ("Over to Rita - Dana", "Over to Rita"),
            ("over to Rita \u{2014} Dana Fox\n\nfor you", "over to Rita\n\nfor you"),
            ("Over to Anne-Dana", "Over to Anne-Dana"),
            ("over to Dana", "over to Dana"),
            ("close: they left - sadly", "close: they left - sadly"),
        ] {
            assert_eq!(without_signed_names(words, "Dana Fox"), left, "{words}");
        }
    }

    #[test]
    fn a_yes_is_a_yes_and_nothing_else() {
        for words in [
            "send",
            "Send it!",
            "yes",
            "Yes, please send it",
            "go ahead",
            "Go ahead and send",
            "looks good, send it",
            "Looks great to me. Send!",
            "👍",
            "👍🏽",
            "Thumbs up",
            "thumbs-up from me!",
            "+1",
            ":+1:",
            ":thumbsup: thanks",
            "yes :+1::skin-tone-3:!",
            "Hi,\n+1\n\nDana",
            "Daumen hoch!",
            "Pouce levé, merci",
            "ok send",
            "Hi baton,\n\nsend it please.\n\nThanks!",
            "LGTM",
            "Yes!\n\nMany thanks",
            "ja bitte senden",
            "oui, envoyez-le",
            "Sí, envíalo",
            "yes 👍",
            "Send as shown",
            "Hello,\nsend",
            "Go ahead\n\nMany thanks,\nDana",
            "send it\n\n- Dana F.",
            "Yes\n\nThank you\nDana Fox",
            "Send it\n\nBest,\nD.",
            "Yes\n\nD",
            "👍\n\nBest,\nD.",
            "👍 thanks!\n\nDana",
            "Hi,\n👍🏽\n\nMany thanks\nDana Fox",
            "go ahead\n\nD. Fox",
            "Send it - Dana",
            "send, Dana Fox",
            "Go ahead. Thanks, Dana",
            "Bitte so senden, danke! Dana",
            "Merci, allez-y. Cordialement, Dana",
            "Puedes enviarlo. Un saludo, Dana",
            "Invia pure, grazie",
            "Verstuur maar, bedankt!",
            "Sim, pode enviar",
            "да, отправляйте, спасибо",
            "はい、送信してください",
            "好的，请发送。",
        ] {
            assert_eq!(offer_answer(words, None, "Dana Fox"), Some(OfferAnswer::Yes), "{words}");
        }
        assert_eq!(offer_answer("", Some("👍"), "Dana Fox"), Some(OfferAnswer::Yes));
        assert_eq!(
            offer_answer("Dana reacted to your message", Some("👍🏻"), "Dana Fox"),
            Some(OfferAnswer::Yes)
        );
        for words in ["no", "Not yet", "No, not yet.", "please wait", "don't send it", "nein", "pas encore"] {
            assert_eq!(offer_answer(words, None, "Dana Fox"), Some(OfferAnswer::No), "{words}");
        }
        for words in ["cancel", "Cancel it please", "scrap it, thanks", "annuler"] {
            assert_eq!(offer_answer(words, None, "Dana Fox"), Some(OfferAnswer::Cancel), "{words}");
        }
    }

    #[test]
    fn a_condition_or_a_question_is_no_yes() {
        for words in [
            "send it tomorrow",
            "yes, but change the time",
            "yes if Calvin agrees",
            "send?",
            "Yes\nTo: Sarah <s@acme.example>",
            "looks good apart from the time",
            "send it to James as well",
            "is this right?",
            "yes 😢",
            "",
            ".",
            "...",
            "!",
            "maybe",
            "To: Sarah",
            "ok, one question first",
            "yes no",
            "Yes, но подождите",
            "はい、でも待ってください",
            "да нет",
            "send it\nMonday",
            "Send it\n\nCalvin",
            "send it to Dana",
            "Send it - Calvin",
            "Thanks 🙏",
            "thanks, Dana",
            "👍 thanks 😢",
            "👍 to the format",
            "+1 to the format",
            "+1 555 0100",
            "thumbs down",
            "thumbs up for Rita",
            "send plan D",
        ] {
            assert_eq!(offer_answer(words, None, "Dana Fox"), None, "{words}");
        }
        assert_eq!(offer_answer("", Some("👎"), "Dana Fox"), None);
        assert_eq!(offer_answer("", Some("😂"), "Dana Fox"), None);
    }
}
