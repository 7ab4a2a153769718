//! All lines of a role in one automaton, so that a text is walked once and not once for each line.

use std::sync::OnceLock;

use regex_automata::meta;
use regex_automata::util::syntax;

use super::file::Line;
use super::role::ReadAs;

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
#[derive(Debug)]
pub(crate) struct Matcher {
    lines: Vec<(&'static str, &'static Line)>,
    /// The lines in lower case, where they are words and not patterns.
    words: Vec<String>,
    /// Made when a text is searched: to see how a text begins, `words` is enough.
    automaton: OnceLock<Option<meta::Regex>>,
}

impl Matcher {
    pub(super) fn new(read_as: ReadAs, mut lines: Vec<(&'static str, &'static Line)>) -> Self {
        let mut words = Vec::new();
        // Of two that begin at one place the longer is found; patterns keep their order.
        if !read_as.has_examples() {
            lines.sort_by_key(|(_, line)| std::cmp::Reverse(line.text.len()));
            words = lines.iter().map(|(_, line)| line.text.to_lowercase()).collect();
        }
        Self { lines, words, automaton: OnceLock::new() }
    }

    fn automaton(&self) -> Option<&meta::Regex> {
        self.automaton.get_or_init(|| self.compile()).as_ref()
    }

    fn compile(&self) -> Option<meta::Regex> {
        let expressions: Vec<&str> = self.lines.iter().map(|(_, line)| line.expression.as_str()).collect();
        let automaton = meta::Regex::builder()
            .syntax(syntax::Config::new().case_insensitive(true))
            .build_many(&expressions);
        debug_assert!(automaton.is_ok(), "{automaton:?}");
        automaton.ok().filter(|_| !expressions.is_empty())
    }

    /// Whether any line stands in `text`.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.automaton().is_some_and(|automaton| automaton.is_match(text))
    }

    /// The first line that stands in `text`.
    pub(crate) fn find(&self, text: &str) -> Option<Hit> {
        self.find_all(text).next()
    }

    /// Every line that stands in `text`, from left to right and without overlap.
    pub(crate) fn find_all<'s>(&'s self, text: &'s str) -> impl Iterator<Item = Hit> + 's {
        self.automaton().into_iter().flat_map(move |automaton| automaton.find_iter(text)).map(|found| {
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
