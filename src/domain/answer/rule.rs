//! A rule's own regular expression: what stands around the words that the language files hold.
//!
//! Words alone are found by `language::matcher`; an expression is written here only where their place counts.

use std::sync::OnceLock;

use regex::{Captures, Regex, RegexBuilder};

use crate::language::{Line, Role, alternation, alternation_of, lines, meaning_among};

/// An expression over words, compiled when it is first used. Each is a constant, tested by compiling it: one that
/// did not compile would match nothing.
pub(super) struct RulePattern {
    text: fn() -> String,
    regex: OnceLock<Option<Regex>>,
}

impl RulePattern {
    pub(super) const fn new(text: fn() -> String) -> Self {
        Self { text, regex: OnceLock::new() }
    }

    pub(super) fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| compiled(&(self.text)())).as_ref()
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    pub(super) fn captures<'t>(&self, text: &'t str) -> Option<Captures<'t>> {
        self.regex().and_then(|regex| regex.captures(text))
    }

    pub(super) fn remove(&self, text: &str) -> String {
        self.regex().map_or_else(|| text.to_owned(), |regex| regex.replace_all(text, " ").into_owned())
    }
}

/// Letters and figures of the languages that are read here. Unicode's own classes cost megabytes.
const WORD: &str = "[0-9A-Za-z_À-ɏ]";
const NO_WORD: &str = "[^0-9A-Za-z_À-ɏ]";

/// Case does not count.
fn compiled(pattern: &str) -> Option<Regex> {
    let narrow = pattern.replace(r"\w", WORD).replace(r"\W", NO_WORD).replace(r"\d", "[0-9]");
    // Answers are short: no table of states is worth its memory.
    RegexBuilder::new(&narrow).case_insensitive(true).dfa_size_limit(0).build().ok()
}

fn is_of_a_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || ('À'..='ɏ').contains(&character)
}

/// From the first letter or figure to the last: patterns that begin with `^` and end with `$` mean these.
pub(super) fn bare(text: &str) -> &str {
    text.trim_matches(|character| !is_of_a_word(character))
}

/// The words of a role as one group, with any blanks between them.
pub(super) fn words(role: Role) -> String {
    any_blanks(&alternation(role))
}

/// The words of a role for one of the things that it lists, as one group.
pub(super) fn words_for(role: Role, group: usize) -> String {
    any_blanks(&alternation_of(lines(role).map(|(_, line)| line).filter(|line| line.group == Some(group))))
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
