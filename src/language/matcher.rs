//! All lines of a role in one automaton, so that a text is walked once and not once for each line.

use regex_automata::meta;
use regex_automata::util::syntax;

use super::file::Line;
use super::role::{ReadAs, Role};

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
    automaton: Option<meta::Regex>,
    origin: Vec<(&'static str, Option<usize>)>,
}

impl Matcher {
    pub(super) fn new(role: Role, mut lines: Vec<(&'static str, &'static Line)>) -> Self {
        // Of two that begin at one place the longer is found; patterns keep their order.
        if role.read_as() != ReadAs::Pattern {
            lines.sort_by_key(|(_, line)| std::cmp::Reverse(line.text.len()));
        }
        let expressions: Vec<&str> = lines.iter().map(|(_, line)| line.expression.as_str()).collect();
        let has_tables = !role.is_for_short_texts();
        let automaton = meta::Regex::builder()
            .configure(meta::Config::new().hybrid(has_tables).dfa(has_tables))
            .syntax(syntax::Config::new().case_insensitive(true))
            .build_many(&expressions);
        debug_assert!(automaton.is_ok(), "{automaton:?}");
        Self {
            automaton: automaton.ok().filter(|_| !lines.is_empty()),
            origin: lines.iter().map(|(language, line)| (*language, line.group)).collect(),
        }
    }

    /// Whether any line stands in `text`.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.automaton.as_ref().is_some_and(|automaton| automaton.is_match(text))
    }

    /// Whether one line is all of `text`.
    pub(crate) fn is_all_of(&self, text: &str) -> bool {
        self.find(text).is_some_and(|hit| hit.start == 0 && hit.end == text.len())
    }

    /// The first line that stands in `text`.
    pub(crate) fn find(&self, text: &str) -> Option<Hit> {
        self.find_all(text).next()
    }

    /// Every line that stands in `text`, from left to right and without overlap.
    pub(crate) fn find_all<'s>(&'s self, text: &'s str) -> impl Iterator<Item = Hit> + 's {
        self.automaton.iter().flat_map(move |automaton| automaton.find_iter(text)).map(|found| {
            let (language, group) =
                self.origin.get(found.pattern().as_usize()).copied().unwrap_or(("", None));
            Hit { start: found.start(), end: found.end(), language, group }
        })
    }

    /// `text` with a blank in place of every line that stands in it.
    pub(crate) fn blotted(&self, text: &str) -> String {
        let mut rest = String::with_capacity(text.len());
        let mut from = 0;
        for hit in self.find_all(text) {
            rest.push_str(text.get(from..hit.start).unwrap_or_default());
            rest.push(' ');
            from = hit.end;
        }
        rest.push_str(text.get(from..).unwrap_or_default());
        rest
    }
}
