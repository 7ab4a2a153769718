//! Whether a paragraph is a confidentiality note, a virus scanner's line, a list's footer or an advert, by what it
//! says.
//!
//! Texts are given in lower case, words apart by one space. Known limits: a note that uses none of the phrases of the
//! language files is not recognised.

use std::sync::LazyLock;

use crate::language::{Role, is_word, matcher, words};

use crate::pattern::{Pattern, pattern};

/// Notes that are known by two parts, in this order.
static PARTS: LazyLock<Vec<(&str, &str)>> =
    LazyLock::new(|| words(Role::NoticeParts).iter().filter_map(|parts| parts.split_once(" .. ")).collect());

/// Any first part: without one the pairs need no look.
static FIRST_PARTS: Pattern = LazyLock::new(|| {
    let parts: Vec<String> = PARTS.iter().map(|(first, _)| regex::escape(first)).collect();
    pattern(&parts.join("|"))
});

/// Text that speaks as only such notes do.
pub(super) fn is_notice(text: &str) -> bool {
    let in_parts = |(first, second): &(&str, &str)| {
        text.split_once(first).is_some_and(|(_, rest)| rest.contains(second))
    };
    matcher(Role::Notice).is_in(text)
        || (FIRST_PARTS.is_match(text) && PARTS.iter().any(in_parts))
        || is_hinted(text)
}

/// Three different hints, or two in what speaks of itself.
fn is_hinted(text: &str) -> bool {
    let mut found: Vec<&str> = Vec::new();
    for hit in matcher(Role::NoticeHint).spans(text) {
        let hint = text.get(hit).unwrap_or_default();
        if !found.contains(&hint) {
            found.push(hint);
        }
        if found.len() >= 3 {
            return true;
        }
    }
    found.len() == 2 && matcher(Role::NamesItself).is_in(text)
}

/// What lists add, and people may say as well.
pub(super) fn is_footer(text: &str) -> bool {
    matcher(Role::ListFooter).is_in(text)
}

pub(super) fn is_advert(text: &str) -> bool {
    matcher(Role::Advert).is_in(text)
}

/// The heading of a note, alone in its paragraph.
pub(super) fn is_heading(text: &str) -> bool {
    is_word(Role::NoticeHeading, text.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// Text that says anything that a note or footer says.
pub(super) fn is_suspect(text: &str) -> bool {
    matcher(Role::Notice).is_in(text)
        || matcher(Role::NoticeHint).is_in(text)
        || is_footer(text)
        || is_heading(text)
        || is_advert(text)
}
