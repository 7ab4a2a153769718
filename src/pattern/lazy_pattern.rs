//! A rule's pattern, of which no more is compiled than what is asked of it.
//!
//! Most rules are only asked whether they are in a text. That takes tables that are walked forwards; where a match begins,
//! and what its groups hold, takes as much again and more.

use std::ops::Deref;
use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};
use regex_automata::meta;
use regex_automata::util::syntax;

use super::automaton::Walk;

/// For everything but [`is_match`](Self::is_match) it is a [`Regex`].
#[derive(Debug)]
pub(crate) struct LazyPattern {
    text: String,
    is_for_short_texts: bool,
    question: OnceLock<AskedPattern>,
    whole: OnceLock<Regex>,
}

/// What says whether a pattern is in a text, not where.
#[derive(Debug)]
enum AskedPattern {
    /// `states`: for texts that tables cannot tell, since the ends of words in other letters matter.
    Tables { walk: Box<Walk>, states: OnceLock<meta::Regex> },
    /// Slower and small.
    States(meta::Regex),
}

impl LazyPattern {
    /// Without tables of states it is slower and small.
    pub(super) fn new(text: &str, is_for_short_texts: bool) -> Self {
        let (question, whole) = (OnceLock::new(), OnceLock::new());
        Self { text: text.to_owned(), is_for_short_texts, question, whole }
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        if let Some(whole) = self.whole.get()
            && self.question.get().is_none()
        {
            return whole.is_match(text);
        }
        match self.question.get_or_init(|| self.asked()) {
            AskedPattern::States(states) => states.is_match(text),
            AskedPattern::Tables { walk, states } => {
                walk.is_match(text).unwrap_or_else(|_| states.get_or_init(|| self.states()).is_match(text))
            }
        }
    }

    #[expect(
        clippy::expect_used,
        reason = "part of the program, compiled by the tests of the file it stands in"
    )]
    fn asked(&self) -> AskedPattern {
        if self.is_for_short_texts {
            return AskedPattern::States(self.states());
        }
        let parsed = syntax::parse(&self.text).expect("constant pattern");
        AskedPattern::Tables { walk: Box::new(Walk::new(&parsed, false)), states: OnceLock::new() }
    }

    #[expect(
        clippy::expect_used,
        reason = "part of the program, compiled by the tests of the file it stands in"
    )]
    fn states(&self) -> meta::Regex {
        let config = meta::Config::new().hybrid(false).dfa(false);
        meta::Regex::builder().configure(config).build(&self.text).expect("constant pattern")
    }
}

impl Deref for LazyPattern {
    type Target = Regex;

    #[expect(
        clippy::expect_used,
        reason = "part of the program, compiled by the tests of the file it stands in"
    )]
    fn deref(&self) -> &Regex {
        self.whole.get_or_init(|| {
            let mut builder = RegexBuilder::new(&self.text);
            if self.is_for_short_texts {
                builder.dfa_size_limit(0);
            }
            builder.build().expect("constant pattern")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: [&str; 7] = ["", "one", "Straße", "ein Wort é", "é fort", "wort 12", "ort"];

    #[test]
    fn a_pattern_says_the_same_whatever_it_is_asked_first() {
        for expression in [r"(?i)\bfort\b", r"^\W*(\w+)$", "o(?:n|r)t?", r"\d{2}$|ß", r"(?i)WORT\B"] {
            for is_for_short_texts in [true, false] {
                let (asked, found) = (
                    LazyPattern::new(expression, is_for_short_texts),
                    LazyPattern::new(expression, is_for_short_texts),
                );
                for text in TEXTS {
                    let is_there = found.find(text).is_some();
                    assert_eq!(asked.is_match(text), is_there, "{expression} in {text}");
                    assert_eq!(found.is_match(text), is_there, "{expression} in {text}");
                }
                assert!(asked.whole.get().is_none() && found.question.get().is_none());
                assert_eq!(asked.as_str(), expression);
            }
        }
    }
}
