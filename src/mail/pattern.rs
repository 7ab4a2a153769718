//! The regular expressions of this room's own rules, compiled once on first use. What they say in some language comes
//! from `language`.

use std::sync::LazyLock;

use regex::Regex;

pub(crate) type Pattern = LazyLock<Regex>;

/// Compiles what stands in the source or is put together from the language files; what is wrong is found by whichever
/// test first uses it.
#[expect(clippy::expect_used, reason = "part of the program, compiled by the tests of the file it stands in")]
pub(crate) fn pattern(text: &str) -> Regex {
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
