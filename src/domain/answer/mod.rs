//! What people mean when they answer one of baton's mails. behaviour.md sections 5, 8 and 9.
//!
//! Words in, meaning out: nothing here knows who wrote or which mail was answered. English is read in many
//! forms, German, French and Spanish in the common ones.
//!
//! Known limits: irony; an assent that is worded as a question counts as a question.

mod clauses;
mod correction;
mod feedback;
#[cfg(test)]
mod feedback_tests;
mod form;
mod ours;
mod outcome;
mod score;
mod stance;
mod when;
mod when_words;

pub use feedback::{FeedbackWords, feedback};
pub(crate) use ours::without_ours;
pub use stance::{Stance, stance, yes_or_no};
pub use when::new_start;

pub(crate) use super::subject_prefix::is_forward;

use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

/// A pattern of this module. Each is a constant, tested by compiling in `every_pattern_compiles`: a
/// pattern that did not compile would match nothing.
pub(crate) struct Pattern(LazyLock<Option<Regex>, fn() -> Option<Regex>>);

impl Pattern {
    pub(crate) const fn new(make: fn() -> Option<Regex>) -> Self {
        Self(LazyLock::new(make))
    }

    pub(crate) fn regex(&self) -> Option<&Regex> {
        self.0.as_ref()
    }

    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }

    pub(crate) fn captures<'t>(&self, text: &'t str) -> Option<regex::Captures<'t>> {
        self.regex().and_then(|regex| regex.captures(text))
    }

    pub(crate) fn remove(&self, text: &str) -> String {
        self.regex().map_or_else(|| text.to_owned(), |regex| regex.replace_all(text, " ").into_owned())
    }
}

/// Letters and figures of the languages that are read here. Unicode's own classes cost megabytes.
const WORD: &str = "[0-9A-Za-z_À-ɏ]";
const NO_WORD: &str = "[^0-9A-Za-z_À-ɏ]";

pub(crate) fn compiled(pattern: &str) -> Option<Regex> {
    let narrow = pattern.replace(r"\w", WORD).replace(r"\W", NO_WORD).replace(r"\d", "[0-9]");
    // Answers are short: no table of states is worth its memory.
    RegexBuilder::new(&narrow).case_insensitive(true).dfa_size_limit(0).build().ok()
}

/// `Pattern` of a literal, case aside.
macro_rules! pattern {
    ($text:expr) => {
        $crate::domain::answer::Pattern::new(|| $crate::domain::answer::compiled($text))
    };
}
pub(crate) use pattern;

/// Straight quotes and plain spaces, without what has no width, so that patterns need one form each.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|character| {
            !matches!(character, '\u{fe0f}' | '\u{20e3}' | '\u{200b}' | '\u{feff}' | '\u{ad}')
        })
        .map(|character| match character {
            '’' | '‘' | 'ʼ' => '\'',
            '“' | '”' | '„' => '"',
            '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
            '–' | '—' | '−' => '-',
            other => other,
        })
        .collect()
}
