//! Regular expressions that are part of the program.

use regex::Regex;

/// A pattern that stands in the source; wrong ones are found by whichever test first uses them.
#[expect(clippy::expect_used, reason = "a constant, compiled by the tests of the file it stands in")]
pub(crate) fn pattern(text: &'static str) -> Regex {
    Regex::new(text).expect("constant pattern")
}

/// A rule's pattern around words of the language files (`language::alternation`), case aside. Those are part of the
/// program as well; the tests compile every role, and the rules' own tests each of these.
#[expect(
    clippy::expect_used,
    reason = "as constant as the language files, compiled by the tests of its rule"
)]
pub(crate) fn around_words(text: &str) -> Regex {
    Regex::new(&format!("(?i){text}")).expect("constant pattern around words")
}
