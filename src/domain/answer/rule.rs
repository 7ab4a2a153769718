//! A rule's own regular expression: what stands around the words that the language files hold.
//!
//! Words alone are found by `language::matcher`; an expression is written here only where their place counts.

use std::sync::OnceLock;

use regex::Captures;

use crate::language::{Line, Role, alternation, alternation_of, lines, meaning_among};
use crate::pattern::{LazyPattern, for_short_texts, is_narrow_word};

/// An expression over words, compiled when it is first used. Case does not count, answers are short.
pub(super) struct RulePattern {
    text: fn() -> String,
    regex: OnceLock<LazyPattern>,
}

impl RulePattern {
    pub(super) const fn new(text: fn() -> String) -> Self {
        Self { text, regex: OnceLock::new() }
    }

    pub(super) fn regex(&self) -> &LazyPattern {
        self.regex.get_or_init(|| for_short_texts(&(self.text)()))
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        self.regex().is_match(text)
    }

    pub(super) fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.regex().captures(text)
    }

    pub(super) fn remove(&self, text: &str) -> String {
        self.regex().replace_all(text, " ").into_owned()
    }
}

/// From the first letter or figure to the last: patterns that begin with `^` and end with `$` mean these.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches(|character| !is_narrow_word(character))
}

/// The same whatever letters they are: names are written in all.
pub(super) fn bare_in_any_letters(text: &str) -> &str {
    text.trim_matches(|character: char| !character.is_alphanumeric() && character != '_')
}

/// The words of a role as one group, with any blanks between them.
pub(super) fn words(role: Role) -> String {
    any_blanks(&alternation(role))
}

/// The words of a role for one of the things that it lists, as one group.
pub(super) fn words_for(role: Role, group: usize) -> String {
    any_blanks(&alternation_of(lines(role).map(|(_, line)| line).filter(|line| line.group() == Some(group))))
}

fn any_blanks(expression: &str) -> String {
    expression.replace(' ', r"\s+")
}

/// A role's words in the languages whose dates are read: those that have words for today and tomorrow.
pub(super) fn date_lines(role: Role) -> impl Iterator<Item = (&'static str, &'static Line)> {
    lines(role).filter(|(code, _)| lines(Role::DaysAhead).any(|(known, _)| known == *code))
}

pub(super) fn date_words(role: Role) -> String {
    any_blanks(&alternation_of(date_lines(role).map(|(_, line)| line)))
}

/// Which of the things that a role of dates lists `word` names.
pub(super) fn date_meaning(role: Role, word: &str) -> Option<usize> {
    meaning_among(date_lines(role), &word.to_lowercase())
}
