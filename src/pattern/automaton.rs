//! The lines of a role as one automaton, in no more memory than what is asked of it takes.
//!
//! Tables of states grow while texts are walked. Walked forwards, they tell whether there is a match and where it ends,
//! which is all that most roles are asked and most texts need. Where it begins is found by walking backwards through
//! tables of their own, as large again: those are made when the first match's begin is asked for.

use std::ops::Range;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::OnceLock;

use regex_automata::hybrid::dfa::{Cache, Config as TableConfig, DFA};
use regex_automata::nfa::thompson::pikevm::PikeVM;
use regex_automata::nfa::thompson::{Compiler, Config as StateConfig, NFA, WhichCaptures};
use regex_automata::util::iter::Searcher;
use regex_automata::util::pool::Pool;
use regex_automata::{Anchored, Input, Match, MatchError, MatchKind, meta};
use regex_syntax::hir::Hir;

/// Tables that are cleared so often, and then tell so few bytes of text for each of their states, are given up.
const FEWEST_CLEARED: usize = 3;
const FEWEST_BYTES: usize = 10;

/// See the module.
#[derive(Debug)]
pub(crate) enum Automaton {
    Tables(Box<TableAutomaton>),
    /// Slower and small.
    States(meta::Regex),
}

impl Automaton {
    /// `has_tables`: it is asked so much that tables of states are worth their memory. They cannot tell the ends of words
    /// in other letters than ASCII, so that lines that ask for those go without.
    #[expect(
        clippy::expect_used,
        reason = "the language files are compiled role by role by the tests of `language`"
    )]
    pub(crate) fn new(expression: &Hir, has_tables: bool) -> Self {
        if has_tables && !expression.properties().look_set().contains_word_unicode() {
            return Self::Tables(Box::new(TableAutomaton::new(expression)));
        }
        let config = meta::Config::new().hybrid(false).dfa(false).auto_prefilter(!has_tables);
        let states = meta::Regex::builder().configure(config).build_from_hir(expression);
        Self::States(states.expect("expressions of the language files"))
    }

    pub(crate) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Tables(tables) => tables.is_match(text),
            Self::States(states) => states.is_match(text),
        }
    }

    /// The first match. `expression`: what this was made from, once more.
    pub(crate) fn find(&self, text: &str, expression: impl Fn() -> Hir) -> Option<Range<usize>> {
        match self {
            Self::Tables(tables) => tables.find(&Input::new(text), &expression).map(|found| found.range()),
            Self::States(states) => states.find(text).map(|found| found.range()),
        }
    }

    /// All of them, from left to right and without overlap.
    pub(crate) fn find_all(&self, text: &str, expression: impl Fn() -> Hir) -> Vec<Range<usize>> {
        match self {
            Self::Tables(tables) => {
                let mut searcher = Searcher::new(Input::new(text));
                let next = || searcher.advance(|input| Ok(tables.find(input, &expression)));
                std::iter::from_fn(next).map(|found| found.range()).collect()
            }
            Self::States(states) => states.find_iter(text).map(|found| found.range()).collect(),
        }
    }
}

/// Tables that are walked in one direction, for each thread that walks them.
#[derive(Debug)]
pub(super) struct Walk {
    tables: DFA,
    caches: Pool<Cache, CacheMaker>,
}

type CacheMaker = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

impl Walk {
    #[expect(
        clippy::expect_used,
        reason = "the language files are compiled role by role by the tests of `language`"
    )]
    pub(super) fn new(expression: &Hir, is_backwards: bool) -> Self {
        let (captures, kind) = if is_backwards {
            (WhichCaptures::None, MatchKind::All)
        } else {
            (WhichCaptures::Implicit, MatchKind::LeftmostFirst)
        };
        let config = StateConfig::new().reverse(is_backwards).which_captures(captures);
        let states = Compiler::new().configure(config).build_from_hir(expression);
        let states = states.expect("expressions of the language files");
        let config = TableConfig::new()
            .match_kind(kind)
            .skip_cache_capacity_check(true)
            .unicode_word_boundary(true)
            .minimum_cache_clear_count(Some(FEWEST_CLEARED))
            .minimum_bytes_per_state(Some(FEWEST_BYTES));
        let tables = DFA::builder().configure(config).build_from_nfa(states);
        let tables = tables.expect("states without ends of words in other letters");
        let maker = tables.clone();
        let caches: CacheMaker = Box::new(move || maker.create_cache());
        Self { tables, caches: Pool::new(caches) }
    }

    /// Forwards: whether there is a match; an error where the tables cannot tell.
    pub(super) fn is_match(&self, text: &str) -> Result<bool, MatchError> {
        let found = self.tables.try_search_fwd(&mut self.caches.get(), &Input::new(text).earliest(true));
        found.map(|end| end.is_some())
    }
}

/// The walk forwards, and the one backwards where it was needed.
#[derive(Debug)]
pub(crate) struct TableAutomaton {
    forwards: Walk,
    backwards: OnceLock<Walk>,
}

impl TableAutomaton {
    fn new(expression: &Hir) -> Self {
        Self { forwards: Walk::new(expression, false), backwards: OnceLock::new() }
    }

    fn is_match(&self, text: &str) -> bool {
        let found = self.forwards.is_match(text);
        found.unwrap_or_else(|_| step_by_step(self.forwards.tables.get_nfa(), &Input::new(text)).is_some())
    }

    fn find(&self, input: &Input<'_>, expression: &dyn Fn() -> Hir) -> Option<Match> {
        let found = self.try_find(input, expression);
        found.unwrap_or_else(|_| step_by_step(self.forwards.tables.get_nfa(), input))
    }

    fn try_find(&self, input: &Input<'_>, expression: &dyn Fn() -> Hir) -> Result<Option<Match>, MatchError> {
        let Walk { tables, caches } = &self.forwards;
        let Some(end) = tables.try_search_fwd(&mut caches.get(), input)? else { return Ok(None) };
        let before = input.start()..end.offset();
        if before.is_empty() || tables.get_nfa().is_always_start_anchored() {
            return Ok(Some(Match::new(end.pattern(), before)));
        }
        let back = self.backwards.get_or_init(|| Walk::new(&expression(), true));
        let way = input.clone().span(before).anchored(Anchored::Yes).earliest(false);
        let start = back.tables.try_search_rev(&mut back.caches.get(), &way)?;
        Ok(start.map(|start| Match::new(end.pattern(), start.offset()..end.offset())))
    }
}

/// What tables that were given up would have found.
fn step_by_step(states: &NFA, input: &Input<'_>) -> Option<Match> {
    let states = PikeVM::new_from_nfa(states.clone()).ok()?;
    states.find(&mut states.create_cache(), input.clone())
}

#[cfg(test)]
mod tests {
    use super::super::expression;
    use super::*;

    const LINES: [&str; 6] =
        [r"one|two", r"a*", r"^a|b$", r"(?-u:\b)ab(?-u:\b)|abc", r"x\w{2,3}y|é+", r"\bab\b|\bé"];
    const TEXTS: [&str; 8] =
        ["", "a TWO one", "aab", "ab abc xaby xabcdy", "éé ab é", "xééy ab", "baaa b", "one\ntwo\n"];

    #[test]
    fn an_automaton_finds_the_same_with_tables_and_without() {
        for line in LINES {
            let made = || expression(line, true);
            let (tables, states) = (Automaton::new(&made(), true), Automaton::new(&made(), false));
            for text in TEXTS {
                let found = tables.find_all(text, made);
                assert_eq!(found, states.find_all(text, made), "{line} in {text}");
                assert_eq!(tables.find(text, made), found.first().cloned(), "{line} in {text}");
                assert_eq!(tables.find(text, made), states.find(text, made), "{line} in {text}");
                assert_eq!(tables.is_match(text), !found.is_empty(), "{line} in {text}");
            }
        }
    }

    #[test]
    fn what_finds_begins_is_made_when_one_is_asked_for() {
        let made = || expression("one|two", true);
        let Automaton::Tables(tables) = Automaton::new(&made(), true) else { panic!("no tables") };
        assert!(tables.is_match("a two") && tables.find(&Input::new("three"), &made).is_none());
        assert!(tables.backwards.get().is_none());
        assert_eq!(tables.find(&Input::new("a two"), &made).map(|found| found.range()), Some(2..5));
        assert!(tables.backwards.get().is_some());
        let ends_of_words = expression(r"\bone\b", true);
        assert!(matches!(Automaton::new(&ends_of_words, true), Automaton::States(_)));
    }

    #[test]
    fn what_is_given_up_is_found_step_by_step() {
        let Automaton::Tables(tables) = Automaton::new(&expression("a+b?", true), true) else {
            panic!("no tables")
        };
        let found = step_by_step(tables.forwards.tables.get_nfa(), &Input::new("caab"));
        assert_eq!(found.map(|found| found.range()), Some(1..4));
    }
}
