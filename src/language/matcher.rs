//! All lines of a role in one automaton, so that a text is walked once and not once for each line.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::OnceLock;

use regex_syntax::hir::Hir;

use super::ascii::{self, Letters};
use super::file::Line;
use super::required::{Required, folded_text, has_capitals};
use super::role::Role;
use crate::pattern::{Automaton, FirstLook, expression, prefix_tree};

/// The lines of a role, compiled together. Case does not count.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    lines: Vec<&'static Line>,
    /// The lines in lower case, where they are words and not patterns: enough to see how a text begins.
    words: Vec<Word>,
    /// Which of them begin with a character, the longest first; the characters in order.
    by_first: Vec<(char, Vec<usize>)>,
    has_tables: bool,
    /// The same for texts in ASCII, whose tables are small.
    has_ascii_tables: bool,
    /// Capitals count somewhere in the lines.
    has_capitals: bool,
    /// All lines as one alternation.
    whole: OnceLock<Option<RoleAutomaton>>,
    /// What is looked at first, where the ends of words take the tables of states away.
    loose: OnceLock<Option<FirstLook>>,
    /// What of them texts in Latin letters need: Unicode's classes cost megabytes.
    latin: OnceLock<Option<RoleAutomaton>>,
    /// The smaller one that ASCII needs (in lower case, unless capitals count), as most texts are. Each is made when such
    /// a text is first looked at.
    ascii: OnceLock<Option<RoleAutomaton>>,
}

/// All lines as an automaton, and what is looked for before it is run.
#[derive(Debug)]
struct RoleAutomaton {
    required: Option<Required>,
    automaton: Automaton,
    made_for: MadeFor,
}

/// The texts that an automaton is for.
#[derive(Clone, Copy, Debug)]
enum MadeFor {
    All,
    Latin,
    Ascii,
}

impl RoleAutomaton {
    /// Whether `text` holds what every match holds.
    fn may_match(&self, text: &str, is_folded: bool) -> bool {
        self.required.as_ref().is_none_or(|required| {
            let folded = if is_folded { text.into() } else { folded_text(text) };
            required.is_in(&folded)
        })
    }
}

impl Matcher {
    pub(super) fn new(role: Role, mut lines: Vec<&'static Line>) -> Self {
        let mut words = Vec::new();
        // Of two that begin at one place the longer is found; patterns keep their order.
        if !role.read_as().has_examples() {
            lines.sort_by_key(|line| std::cmp::Reverse(line.text().len()));
            words = lines.iter().map(|line| Word::new(line.text())).collect();
        }
        let mut by_first: BTreeMap<char, Vec<usize>> = BTreeMap::new();
        for (place, word) in words.iter().enumerate() {
            if let Some(first) = word.text.chars().next() {
                by_first.entry(straight(first)).or_default().push(place);
            }
        }
        Self {
            has_capitals: lines.iter().any(|line| line.expression().contains("(?-i")),
            has_tables: !role.is_for_short_texts(),
            has_ascii_tables: !role.is_for_single_answers(),
            lines,
            words,
            by_first: by_first.into_iter().collect(),
            ..Self::default()
        }
    }

    fn first_look(&self) -> Option<FirstLook> {
        let all = self.has_tables.then(|| prefix_tree(self.all_expressions()))?;
        // Tables of states cannot tell the ends of words in other letters.
        let is_slow = all.properties().look_set().contains_word_unicode();
        is_slow.then(|| FirstLook::new(&all))
    }

    /// What is looked for in such texts; `None` where no line can be in them.
    fn alternatives(&self, made_for: MadeFor) -> Option<Vec<Hir>> {
        let alternatives = match made_for {
            MadeFor::All => self.all_expressions(),
            MadeFor::Latin => self.latin_expressions(),
            MadeFor::Ascii => self.ascii_expressions(),
        };
        (!alternatives.is_empty()).then_some(alternatives)
    }

    fn compiled(&self, made_for: MadeFor) -> Option<RoleAutomaton> {
        let alternatives = self.alternatives(made_for)?;
        let is_ascii = matches!(made_for, MadeFor::Ascii);
        let is_worth_it = is_ascii || !self.has_tables;
        let all = || Hir::alternation(alternatives.clone());
        let required = is_worth_it.then(|| Required::of(&all())).flatten();
        let required = required.filter(|required| !self.has_tables || required.is_fast());
        let has_tables = if is_ascii { self.has_ascii_tables } else { self.has_tables };
        let automaton = Automaton::new(&prefix_tree(alternatives), has_tables);
        Some(RoleAutomaton { required, automaton, made_for })
    }

    fn all_expressions(&self) -> Vec<Hir> {
        self.lines.iter().map(|line| parsed(line, true)).collect()
    }

    fn latin_expressions(&self) -> Vec<Hir> {
        self.lines.iter().filter_map(|line| ascii::narrowed(&parsed(line, true), Letters::Latin)).collect()
    }

    /// What is left of them in ASCII. Without capitals in the text, case is folded only for a line that has some itself.
    fn ascii_expressions(&self) -> Vec<Hir> {
        let letters = if self.has_capitals { Letters::Ascii } else { Letters::LowerAscii };
        let is_phrases = !self.words.is_empty();
        let is_foreign = |line: &Line| is_phrases && line.text().chars().any(|c| !c.is_ascii() && c != '’');
        let lines = self.lines.iter().filter(|line| !is_foreign(line));
        lines
            .filter_map(|line| {
                let folds_case = letters == Letters::Ascii || has_capitals(&line.expression());
                ascii::narrowed(&parsed(line, folds_case), letters)
            })
            .collect()
    }

    /// The automaton for `text`, and the text as that wants it, as long as `text` and alike in its places. `None` where no
    /// line can be in it.
    fn automaton<'t>(&self, text: &'t str) -> Option<(&RoleAutomaton, Cow<'t, str>)> {
        if !text.is_ascii() {
            let loose = self.loose.get_or_init(|| self.first_look());
            if loose.as_ref().is_some_and(|loose| !loose.may_match(text)) {
                return None;
            }
            let whole = if ascii::is_latin(text) {
                self.latin.get_or_init(|| self.compiled(MadeFor::Latin)).as_ref()?
            } else {
                self.whole.get_or_init(|| self.compiled(MadeFor::All)).as_ref()?
            };
            return whole.may_match(text, false).then_some((whole, text.into()));
        }
        let ascii = self.ascii.get_or_init(|| self.compiled(MadeFor::Ascii)).as_ref()?;
        let is_ready = self.has_capitals || !has_capitals(text);
        let text: Cow<'t, str> = if is_ready { text.into() } else { text.to_ascii_lowercase().into() };
        ascii.may_match(&text, !self.has_capitals).then_some((ascii, text))
    }

    /// What an automaton was made from.
    fn expression(&self, of: &RoleAutomaton) -> Hir {
        self.alternatives(of.made_for).map_or_else(Hir::fail, Hir::alternation)
    }

    /// Whether any line is in `text`.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.automaton(text).is_some_and(|(own, text)| own.automaton.is_match(&text))
    }

    /// Where lines are in `text`, in bytes, from left to right and without overlap.
    pub(crate) fn spans(&self, text: &str) -> Vec<Range<usize>> {
        let found = self.automaton(text);
        found.map_or_else(Vec::new, |(own, text)| own.automaton.find_all(&text, || self.expression(own)))
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

    /// Where the first line is in `text`.
    pub(crate) fn find(&self, text: &str) -> Option<Range<usize>> {
        let (own, text) = self.automaton(text)?;
        own.automaton.find(&text, || self.expression(own))
    }

    /// Where each line ends that `text` (in lower case) begins with, the longest first. For words and phrases, not for patterns.
    pub(crate) fn all_at_start<'s>(&'s self, text: &'s str) -> impl Iterator<Item = usize> + 's {
        let first = text.chars().next().map(straight);
        let places = first.map_or(&[][..], |first| self.beginning_with(first)).iter();
        places.filter_map(move |place| self.words.get(*place)?.end_in(text))
    }

    fn beginning_with(&self, first: char) -> &[usize] {
        let place = self.by_first.binary_search_by_key(&first, |(first, _)| *first).ok();
        place.and_then(|place| self.by_first.get(place)).map_or(&[], |(_, places)| places)
    }

    /// Where the longest line ends that `text` (in lower case) begins with. For words and phrases.
    pub(crate) fn at_start(&self, text: &str) -> Option<usize> {
        self.all_at_start(text).next()
    }

    /// Whether `text` (in lower case) is one of the lines and nothing else. For words and phrases.
    pub(crate) fn is_whole(&self, text: &str) -> bool {
        self.at_start(text) == Some(text.len())
    }

    /// The same of a text in any case.
    pub(crate) fn is_all_of(&self, text: &str) -> bool {
        self.is_whole(&text.to_lowercase())
    }
}

fn parsed(line: &Line, folds_case: bool) -> Hir {
    expression(&line.expression(), folds_case)
}

/// Apostrophes are straight or curly, as in the notation.
fn straight(c: char) -> char {
    if c == '’' { '\'' } else { c }
}

/// A line of words in lower case.
#[derive(Debug)]
struct Word {
    text: String,
    /// It may be written with the other apostrophe.
    has_apostrophe: bool,
}

impl Word {
    fn new(line: &str) -> Self {
        Self { text: line.to_lowercase(), has_apostrophe: line.contains(['\'', '’']) }
    }

    /// Where it ends, if `text` begins with it.
    fn end_in(&self, text: &str) -> Option<usize> {
        if text.starts_with(self.text.as_str()) {
            return Some(self.text.len());
        }
        let mut rest = text.chars();
        (self.has_apostrophe && self.text.chars().all(|c| rest.next().map(straight) == Some(straight(c))))
            .then(|| text.len() - rest.as_str().len())
    }
}
