//! Regular expressions, compiled once on first use.
//!
//! A pattern that does not compile never matches; tests and debug builds stop at it instead.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};

pub(super) type Pattern = LazyLock<Option<Regex>>;
pub(super) type PatternSet = LazyLock<Option<RegexSet>>;

pub(super) fn compile(source: &str) -> Option<Regex> {
    let compiled = Regex::new(source);
    debug_assert!(compiled.is_ok(), "{compiled:?}");
    compiled.ok()
}

pub(super) fn compile_set<S: AsRef<str>>(sources: &[S]) -> Option<RegexSet> {
    let compiled = RegexSet::new(sources);
    debug_assert!(compiled.is_ok(), "{compiled:?}");
    compiled.ok()
}

pub(super) fn holds(pattern: &Pattern, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

pub(super) fn any_holds(set: &PatternSet, text: &str) -> bool {
    set.as_ref().is_some_and(|set| set.is_match(text))
}
