//! The one place where regular expressions are compiled, each once on first use; every room may name it.
//!
//! Patterns are parts of the program: they are in the source or are put together from the language files, never
//! from what somebody wrote. One that is wrong stops whichever test first uses it. What they say in some language
//! comes from `language`, which compiles whole roles by [`Automaton`].

mod automaton;
mod lazy_pattern;
mod prefix_tree;

use std::sync::{LazyLock, Mutex, PoisonError};

use regex_automata::Input;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson::{Compiler, Config, WhichCaptures};
use regex_automata::util::syntax;
use regex_syntax::hir::{Class, Dot, Hir, HirKind, Look, Repetition};

pub(crate) use automaton::Automaton;
pub(crate) use lazy_pattern::LazyPattern;
pub(crate) use prefix_tree::prefix_tree;

pub(crate) type Pattern = LazyLock<LazyPattern>;

/// A constant of the source, as it is.
pub(crate) fn pattern(text: &str) -> LazyPattern {
    LazyPattern::new(text, false)
}

/// A rule around words of the language files (`language::alternation`), case aside.
pub(crate) fn around_words(text: &str) -> LazyPattern {
    pattern(&format!("(?i){text}"))
}

/// Letters and figures of the languages that are read in answers. Unicode's own classes cost megabytes.
const WORD: &str = "[0-9A-Za-z_À-ɏ]";
const NO_WORD: &str = "[^0-9A-Za-z_À-ɏ]";

/// Letters and their marks, inside of a class: nearly Unicode's, which have 900 ranges and cost megabytes where they are
/// counted. Blocks of signs are left out, and single signs that end words or sentences in Greek, Armenian, Hebrew,
/// Arabic, the scripts of India, Thai and East Asia.
pub(crate) const LETTER: &str = concat!(
    "A-Za-z\u{aa}\u{b5}\u{ba}\u{c0}-\u{d6}\u{d8}-\u{f6}\u{f8}-\u{2c1}\u{2c6}-\u{2d1}\u{300}-\u{374}\u{376}-\u{37d}\u{37f}\u{386}\u{388}-\u{588}",
    "\u{591}-\u{5bd}\u{5bf}\u{5c1}\u{5c2}\u{5c4}\u{5c5}\u{5c7}-\u{5f2}\u{610}-\u{61a}\u{620}-\u{65f}\u{66e}-\u{6d3}\u{6d5}-\u{6ef}",
    "\u{6fa}-\u{963}\u{971}-\u{e3e}\u{e40}-\u{e4e}\u{e80}-\u{1fff}\u{2c00}-\u{2dff}\u{3005}\u{3006}",
    "\u{3031}-\u{3035}\u{3041}-\u{30fa}\u{30fc}-\u{31ff}\u{3400}-\u{d7ff}\u{f900}-\u{fdff}",
    "\u{fe70}-\u{fefc}\u{ff21}-\u{ff3a}\u{ff41}-\u{ff5a}\u{ff66}-\u{ffdc}\u{10000}-\u{1efff}\u{20000}-\u{3ffff}",
);

/// Whether a character is `\w` to [`for_short_texts`].
pub(crate) fn is_narrow_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || ('À'..='ɏ').contains(&character)
}

/// A rule around words for texts of a few lines, case aside: no table of states is worth its memory there, and `\w`,
/// `\W` and `\d` are narrow.
pub(crate) fn for_short_texts(text: &str) -> LazyPattern {
    let narrow = text.replace(r"\w", WORD).replace(r"\W", NO_WORD).replace(r"\d", "[0-9]");
    LazyPattern::new(&format!("(?i){narrow}"), true)
}

/// A line of the language files, parsed.
#[expect(
    clippy::expect_used,
    reason = "every line of the language files is parsed by the tests of `language`"
)]
pub(crate) fn expression(text: &str, folds_case: bool) -> Hir {
    let config = syntax::Config::new().case_insensitive(folds_case);
    syntax::parse_with(text, &config).expect("expression of the language files")
}

/// Says whether a text may match, not where: a third of the memory of an automaton that does.
#[derive(Debug)]
pub(crate) struct FirstLook {
    tables: DFA,
    /// Of threads that are not looking just now.
    caches: Mutex<Vec<Cache>>,
}

impl FirstLook {
    #[expect(
        clippy::expect_used,
        reason = "the language files are compiled role by role by the tests of `language`"
    )]
    pub(crate) fn new(expression: &Hir) -> Self {
        let config = Config::new().which_captures(WhichCaptures::None);
        let states = Compiler::new().configure(config).build_from_hir(&loosened(expression));
        let states = states.expect("expressions of the language files");
        let config = DFA::config().skip_cache_capacity_check(true);
        let tables = DFA::builder().configure(config).build_from_nfa(states);
        let tables = tables.expect("states without ends of words");
        Self { tables, caches: Mutex::default() }
    }

    pub(crate) fn may_match(&self, text: &str) -> bool {
        let caches = || self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        let known = caches().pop();
        let mut cache = known.unwrap_or_else(|| self.tables.create_cache());
        let found = self.tables.try_search_fwd(&mut cache, &Input::new(text).earliest(true));
        caches().push(cache);
        // Whoever gives up has not seen that there is none.
        found.map_or(true, |found| found.is_some())
    }
}

/// More ranges than these make a class wide: `\s` is none, `\w` and `\W` are.
const WIDE: usize = 20;
/// Counts beyond this are no longer told apart in a first look.
const FEW: u32 = 3;

/// What matches wherever `hir` does, and more, in few states: it asks for no ends of words, for no wide classes, and does
/// not count. Tables of states cannot tell the ends of words in other letters than ASCII, nor do they hold all that such
/// letters need, so that a first look at such a text is far cheaper with this.
fn loosened(hir: &Hir) -> Hir {
    let all = |parts: &[Hir]| parts.iter().map(loosened).collect();
    match hir.kind() {
        HirKind::Look(look) if !is_end(*look) => Hir::empty(),
        HirKind::Class(Class::Unicode(class)) if class.ranges().len() > WIDE => Hir::dot(Dot::AnyChar),
        HirKind::Repetition(repeated) => {
            let max = repeated.max.filter(|max| *max <= FEW);
            let sub = Box::new(loosened(&repeated.sub));
            Hir::repetition(Repetition { min: repeated.min.min(FEW), max, sub, ..repeated.clone() })
        }
        HirKind::Capture(capture) => loosened(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(all(parts)),
        HirKind::Alternation(parts) => Hir::alternation(all(parts)),
        _ => hir.clone(),
    }
}

/// Of a text or of a line.
fn is_end(look: Look) -> bool {
    matches!(look, Look::Start | Look::End | Look::StartLF | Look::EndLF | Look::StartCRLF | Look::EndCRLF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_nearly_unicodes() {
        let (letter, unicodes) = (pattern(&format!("^[{LETTER}]$")), pattern(r"^[\p{L}\p{M}]$"));
        let is = |regex: &LazyPattern, character: char| regex.is_match(character.encode_utf8(&mut [0; 4]));
        for character in "aZéßñŁőΩжאبकไทあ漢가ー々𠮷".chars().filter(|c| c.is_alphabetic())
        {
            assert!(is(&letter, character), "{character}");
        }
        for character in "0_ ,.;:!?·—–…“”„«»()[]@;׃،؛؟।、。「」・（）：；！？🎉👍㍻①".chars()
        {
            assert!(!is(&letter, character), "{character}");
        }
        let everyday = '\u{0}'..='\u{52f}';
        let others = everyday.filter(|c| is(&letter, *c) != is(&unicodes, *c));
        assert_eq!(others.collect::<String>(), "ˠˡˢˣˤˬˮ\u{378}\u{379}\u{38b}\u{38d}\u{3a2}϶\u{482}");
    }

    #[test]
    fn short_texts_know_the_letters_of_western_languages_alone() {
        let word = for_short_texts(r"^\w+$");
        assert!(word.is_match("Müller_7") && !word.is_match("Иван") && !word.is_match("٣"));
        for character in "aZ0_éÀɏ-д٣ ".chars() {
            assert_eq!(word.is_match(&character.to_string()), is_narrow_word(character), "{character}");
        }
        assert!(!pattern("^a$").is_match("A") && around_words("^a$").is_match("A"));
    }

    #[test]
    fn a_first_look_finds_more_and_misses_nothing() {
        let exact = expression(r"^\bweg\b|(?:\bfort\b|a\B)+$|\bhin.{2,40}\w{4}und", true);
        let loose = FirstLook::new(&exact);
        for text in ["weg", "Weg é", "é fort", "fort ab", "ba", "é fortaa", "hin  éééé und", "hin éé ééééund"]
        {
            assert!(loose.may_match(text) || !Automaton::new(&exact, true).is_match(text), "{text}");
        }
        assert!(loose.may_match("wegen") && loose.may_match("sofort") && !loose.may_match("im weg é"));
    }
}
