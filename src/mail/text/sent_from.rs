//! `Sent from my iPhone` and the like: the line that a program puts under what was written with it.
//!
//! The line must be that and nothing more, so that `Sent from my desk, much easier than the phone.` stays text; a link
//! in brackets, wherever it stands in the line, is no part of it. Known limits: a device name of more than six words is
//! not recognised.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use memchr::{memchr_iter, memchr3};

use crate::language::{Role, alternation};

use super::addressed::names_a_day;
use super::lines::{is_invisible, is_spaced_once};
use crate::pattern::{FirstLook, Pattern, expression, pattern};

/// What may stand before the words, and behind all.
const BEGIN: &str = r"^[\s*_(\[]*";
const END: &str = r"[.!\s*_)\]]*(?:\(?<?https?://\S+)?\s*$";
/// A device or a program: up to six words without a comma, other than one before a second name.
const THING: &str = r"[^\s,.;:!?][^,;:!?\n]{0,60}?(?:, (?:an? )?(?-i:\p{Lu})[^,;:!?\n]{0,40}?)?";
/// A link in brackets, and what is shown for one in Markdown.
static LINK: Pattern = LazyLock::new(|| {
    pattern(
        r"\[(?P<shown>[^\[\]]{1,60})\]\(\s*https?://[^\s()]*\s*\)|\s?[<(\[]\s*(?:https?://|www\.|mailto:)[^\s<>]*\s*[>)\]]",
    )
});

/// Cheap first look, for most lines are none: the words alone.
static MAY_BE: LazyLock<FirstLook> = LazyLock::new(|| {
    let (begin, sentence) = (alternation(Role::SentFromBegin), alternation(Role::SentFromSentence));
    let words = format!("{BEGIN}(?:{begin}|{sentence})|{}", alternation(Role::SentFromEnd));
    FirstLook::new(&expression(&words, true))
});
static HTTP: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("http"));
static SENT_FROM: Pattern = LazyLock::new(|| {
    // `Sent from my phone, please excuse typos`
    let excuse = alternation(Role::SentFromSentence);
    let excuse = format!("(?P<excuse>[,;.!–-]+ ?{excuse})?");
    let verb_first = format!("{} ?{THING}", alternation(Role::SentFromBegin));
    let verb_last = format!("{THING} ?{}", alternation(Role::SentFromEnd));
    let sentence = alternation(Role::SentFromSentence);
    pattern(&format!("(?i){BEGIN}(?:(?:{verb_first}|{verb_last}){excuse}|{sentence}){END}"))
});

static ADDRESS: Pattern = LazyLock::new(|| pattern(r"https?://\S+"));

/// Longer lines are sentences; an excuse behind a device is one as well.
const MOST_WORDS: usize = 11;
const MOST_WITH_EXCUSE: usize = 18;

/// The line is such a line and nothing else.
pub(super) fn is_sent_from(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    if text.is_empty() || text.len() > 500 {
        return false;
    }
    let text = without_links(text);
    let link = HTTP.find(text.as_bytes());
    // a device and a link: longer lines are sentences
    let before_link = link.and_then(|at| text.get(..at)).unwrap_or(&text);
    let words = count_words(before_link);
    let is_it = |text: &str| {
        MAY_BE.may_match(text)
            && SENT_FROM
                .captures(text)
                .is_some_and(|found| words <= MOST_WORDS || found.name("excuse").is_some())
    };
    // a program that names itself by its address alone
    let by_address = || link.is_some() && is_it(&ADDRESS.replace(&text, "link"));
    text.len() <= 250
        && (1..=MOST_WITH_EXCUSE).contains(&words)
        && (is_it(&text) || by_address())
        && !names_a_day(&text)
}

/// More than those that are asked for need not be told apart.
fn count_words(text: &str) -> usize {
    let text = text.trim();
    if is_spaced_once(text) && !text.is_empty() {
        return memchr_iter(b' ', text.as_bytes()).count() + 1;
    }
    text.split_whitespace().take(MOST_WITH_EXCUSE + 1).count()
}

fn without_links(text: &str) -> Cow<'_, str> {
    let is_in_brackets = memchr3(b'[', b'(', b'<', text.as_bytes()).is_some();
    if !(is_in_brackets && (text.contains("//") || text.contains("mailto:") || text.contains("www."))) {
        return Cow::Borrowed(text);
    }
    LINK.replace_all(text, "$shown")
}
