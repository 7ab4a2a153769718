//! All lines of a role in one automaton, so that a text is walked once and not once for each line.

use std::ops::Range;
use std::sync::OnceLock;

use regex_automata::meta;

use super::file::Line;
use super::role::Role;
use crate::pattern::automaton;

/// Where a line was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Bytes of the text.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The language's code.
    pub(crate) language: &'static str,
    /// Which of several things the line names, in roles that list them.
    pub(crate) group: Option<usize>,
}

/// The lines of a role, compiled together. Case does not count.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    lines: Vec<(&'static str, &'static Line)>,
    /// The lines in lower case, where they are words and not patterns: enough to see how a text begins.
    words: Vec<String>,
    has_tables: bool,
    /// All lines as one alternation: where any of them stands, no matter which.
    any: OnceLock<Option<meta::Regex>>,
    /// Each line for itself, which costs memory for each line at each state.
    each: OnceLock<Option<meta::Regex>>,
}

impl Matcher {
    pub(super) fn new(role: Role, mut lines: Vec<(&'static str, &'static Line)>) -> Self {
        let mut words = Vec::new();
        // Of two that begin at one place the longer is found; patterns keep their order.
        if !role.read_as().has_examples() {
            lines.sort_by_key(|(_, line)| std::cmp::Reverse(line.text.len()));
            words = lines.iter().map(|(_, line)| line.text.to_lowercase()).collect();
        }
        Self { lines, words, has_tables: !role.is_for_short_texts(), ..Self::default() }
    }

    fn expressions(&self) -> Vec<&'static str> {
        self.lines.iter().map(|(_, line)| line.expression.as_str()).collect()
    }

    fn any(&self) -> Option<&meta::Regex> {
        let compiled = || automaton(&[&format!("(?:{})", self.expressions().join("|"))], self.has_tables);
        self.any.get_or_init(|| (!self.lines.is_empty()).then(compiled)).as_ref()
    }

    fn each(&self) -> Option<&meta::Regex> {
        let compiled = || automaton(&self.expressions(), self.has_tables);
        self.each.get_or_init(|| (!self.lines.is_empty()).then(compiled)).as_ref()
    }

    /// Whether any line is in `text`.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.any().is_some_and(|automaton| automaton.is_match(text))
    }

    /// Where lines are in `text`, in bytes, from left to right and without overlap.
    pub(crate) fn spans<'s>(&'s self, text: &'s str) -> impl Iterator<Item = Range<usize>> + 's {
        self.any().into_iter().flat_map(move |automaton| automaton.find_iter(text)).map(|found| found.range())
    }

    /// `text` with a blank in place of every line that is in it.
    pub(crate) fn blotted(&self, text: &str) -> String {
        let mut rest = String::with_capacity(text.len());
        let mut from = 0;
        for span in self.spans(text) {
            rest.push_str(text.get(from..span.start).unwrap_or_default());
            rest.push(' ');
            from = span.end;
        }
        rest.push_str(text.get(from..).unwrap_or_default());
        rest
    }

    /// The first line that is in `text`.
    pub(crate) fn find(&self, text: &str) -> Option<Hit> {
        self.find_all(text).next()
    }

    /// Every line that is in `text` and which it is, from left to right and without overlap.
    pub(crate) fn find_all<'s>(&'s self, text: &'s str) -> impl Iterator<Item = Hit> + 's {
        self.each().into_iter().flat_map(move |automaton| automaton.find_iter(text)).map(|found| {
            let (language, group) = self.origin(found.pattern().as_usize());
            Hit { start: found.start(), end: found.end(), language, group }
        })
    }

    /// Every line that `text` (in lower case) begins with, the longest first. For words and phrases, not for patterns.
    pub(crate) fn all_at_start<'s>(&'s self, text: &'s str) -> impl Iterator<Item = Hit> + 's {
        self.words.iter().enumerate().filter_map(move |(place, word)| {
            let end = end_of(word, text)?;
            let (language, group) = self.origin(place);
            Some(Hit { start: 0, end, language, group })
        })
    }

    /// The longest line that `text` (in lower case) begins with. For words and phrases.
    pub(crate) fn at_start(&self, text: &str) -> Option<Hit> {
        self.all_at_start(text).next()
    }

    /// Whether `text` (in lower case) is one of the lines and nothing else. For words and phrases.
    pub(crate) fn is_whole(&self, text: &str) -> bool {
        self.at_start(text).is_some_and(|hit| hit.end == text.len())
    }

    /// The same of a text in any case.
    pub(crate) fn is_all_of(&self, text: &str) -> bool {
        self.is_whole(&text.to_lowercase())
    }

    fn origin(&self, place: usize) -> (&'static str, Option<usize>) {
        self.lines.get(place).map_or(("", None), |(language, line)| (*language, line.group))
    }
}

/// Where `word` ends, if `text` begins with it; apostrophes are straight or curly, as in the notation.
fn end_of(word: &str, text: &str) -> Option<usize> {
    if let Some(rest) = text.strip_prefix(word) {
        return Some(text.len() - rest.len());
    }
    let mut rest = text.chars();
    let straight = |c: char| if c == '’' { '\'' } else { c };
    (word.contains(['\'', '’']) && word.chars().all(|c| rest.next().map(straight) == Some(straight(c))))
        .then(|| text.len() - rest.as_str().len())
}
