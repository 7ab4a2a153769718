//! Regular expressions that are part of the program.

use regex::Regex;

/// A pattern that stands in the source; wrong ones are found by whichever test first uses them.
#[expect(clippy::expect_used, reason = "a constant, compiled by the tests of the file it stands in")]
pub(crate) fn pattern(text: &'static str) -> Regex {
    Regex::new(text).expect("constant pattern")
}
