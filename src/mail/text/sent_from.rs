//! `Sent from my iPhone` and the like: the line that a program puts under what was written with it.
//!
//! The line must be that and nothing more, so that `Sent from my desk, much easier than the phone.` stays text. Known
//! limits: a device name of more than six words is not recognised.

use std::sync::LazyLock;

use crate::language::{Role, alternation};

use crate::pattern::{Pattern, pattern};

/// What may stand before the words, and behind all.
const BEGIN: &str = r"^[\s*_(\[]*";
const END: &str = r"[.!\s*_)\]]*(?:\(?<?https?://\S+)?\s*$";
/// A device or a program: up to six words without a comma.
const THING: &str = r"[^\s,.;:!?][^,;:!?\n]{0,60}?";

/// Cheap first look, for most lines are none: the words alone.
static MAY_BE: Pattern = LazyLock::new(|| {
    let (begin, sentence) = (alternation(Role::SentFromBegin), alternation(Role::SentFromSentence));
    pattern(&format!("(?i){BEGIN}(?:{begin}|{sentence})|{}", alternation(Role::SentFromEnd)))
});
static SENT_FROM: Pattern = LazyLock::new(|| {
    let verb_first = format!("{} ?{THING}", alternation(Role::SentFromBegin));
    let verb_last = format!("{THING} ?{}", alternation(Role::SentFromEnd));
    let sentence = alternation(Role::SentFromSentence);
    pattern(&format!("(?i){BEGIN}(?:{verb_first}|{verb_last}|{sentence}){END}"))
});

/// The line is such a line and nothing else.
pub(super) fn is_sent_from(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.len() > 250 {
        return false;
    }
    // a device and a link: longer lines are sentences
    let before_link = text.split_once("http").map_or(text, |(before, _)| before);
    let words = before_link.split_whitespace().take(12).count();
    (1..=11).contains(&words) && MAY_BE.is_match(text) && SENT_FROM.is_match(text)
}
