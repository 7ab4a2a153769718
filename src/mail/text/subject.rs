//! The subject that a thread began with: without `Re:`, `AW:`, `Fwd:` and their kin in any language.
//!
//! Stacks of prefixes go. Tags of mail servers (`[External]`) go wherever they
//! stand, a list's tag only where a prefix follows it. RFC 5256 section 2.1 gives `(fwd)` and `[Fwd: ..]`.
//! Known limits: a subject that really begins with `I:` or `R:` loses that.

use super::lines::is_spaced_once;
use crate::domain::subject_prefix;
use crate::language::{Role, is_word};

/// The subject without prefixes, in its own spelling; empty where nothing else was there.
pub fn base_subject(subject: &str) -> String {
    let mut rest = subject.trim();
    loop {
        let shorter =
            without_prefix(rest).or_else(|| without_outside(rest)).or_else(|| without_list_tag(rest));
        match shorter.or_else(|| without_fwd_wrapper(rest)) {
            Some(shorter) => rest = shorter.trim(),
            None => break,
        }
    }
    if is_spaced_once(rest) {
        return rest.to_owned();
    }
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_bracket(c: char) -> bool {
    matches!(c, '[' | ']' | '(' | ')' | '{' | '}' | '【' | '】')
}

fn without_prefix(subject: &str) -> Option<&str> {
    subject_prefix::read(subject).map(|(_, rest)| rest)
}

/// Takes off `[External]`, `(EXT)`, `EXTERNAL:`, `*External*`.
fn without_outside(subject: &str) -> Option<&str> {
    let opened = subject.trim_start_matches(|c| is_bracket(c) || c == '*');
    let end = opened
        .char_indices()
        .take(32)
        .find(|(_, c)| is_bracket(*c) || matches!(c, '*' | ':'))
        .map(|(at, _)| at)?;
    let (tag, rest) = opened.split_at_checked(end)?;
    is_word(Role::OutsideTag, tag.trim()).then(|| {
        rest.trim_start_matches(|c: char| {
            is_bracket(c) && !matches!(c, '[' | '(' | '{') || matches!(c, '*' | ':' | '：' | '-' | ' ')
        })
    })
}

/// Takes off `[list]` where a prefix stands behind it.
fn without_list_tag(subject: &str) -> Option<&str> {
    let (tag, rest) = subject.strip_prefix('[')?.split_once(']')?;
    let rest = rest.trim_start();
    (tag.chars().count() <= 60 && (without_prefix(rest).is_some() || without_outside(rest).is_some()))
        .then_some(rest)
}

/// `[Fwd: subject]` and `subject (fwd)`.
fn without_fwd_wrapper(subject: &str) -> Option<&str> {
    if let Some(inner) = subject.strip_prefix('[').and_then(|inner| inner.strip_suffix(']')) {
        return without_prefix(inner).filter(|_| !inner.contains(']'));
    }
    let end = subject.len().checked_sub("(fwd)".len())?;
    let (before, last) = subject.split_at_checked(end)?;
    last.eq_ignore_ascii_case("(fwd)").then_some(before)
}
