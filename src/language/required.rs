//! Pieces of text without one of which an expression matches nothing. They are looked for first, many bytes at a time:
//! in most texts there is none, and the expression need not be run.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use regex_automata::util::prefilter::Prefilter;
use regex_automata::{MatchKind, Span};
use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Larger sets are no faster to look for than tables of states, and take long to prepare.
const MOST: usize = 64;
/// No more than these are looked at on the way to those.
const MOST_ON_THE_WAY: usize = 256;
/// No more are written out for parts that stand in a row.
const MOST_IN_A_ROW: usize = 32;
/// Texts of this many bytes are in every other text. Longer ones are rare all alike.
const COMMON: usize = 2;
const RARE: usize = 4;
/// Classes of more characters are passed over.
const LETTERS: usize = 4;

/// What a text must hold one of.
#[derive(Debug)]
pub(super) struct Required(Prefilter);

impl Required {
    /// `None` where no few pieces are required.
    pub(super) fn of(hir: &Hir) -> Option<Self> {
        // What must stand at the begin of a text is looked for there alone.
        if hir.properties().look_set_prefix().contains(Look::Start) {
            return None;
        }
        let pieces = known(hir).pieces().filter(|pieces| pieces.len() <= MOST)?;
        Prefilter::new(MatchKind::LeftmostFirst, &pieces).map(Self)
    }

    /// They are found faster than an automaton walks.
    pub(super) fn is_fast(&self) -> bool {
        self.0.is_fast()
    }

    /// Whether `text`, folded, holds one.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.find(text.as_bytes(), Span::from(0..text.len())).is_some()
    }
}

/// The same of capital and small letters, of straight and curly apostrophes. Pieces and texts are folded alike, so that
/// nothing is missed whatever becomes of a letter.
fn folded(letter: char) -> char {
    match letter {
        '’' => '\'',
        _ if letter.is_ascii() => letter.to_ascii_lowercase(),
        // By way of the capital, which several small letters share (`ς`, `σ`).
        _ => {
            let capital = only_one(letter.to_uppercase()).unwrap_or(letter);
            only_one(capital.to_lowercase()).unwrap_or(letter)
        }
    }
}

fn only_one(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}

pub(super) fn folded_text(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        text.chars().map(folded).collect()
    } else if has_capitals(text) {
        text.to_ascii_lowercase().into()
    } else {
        text.into()
    }
}

/// Looks at every byte of a piece, since that takes many at a time.
pub(super) fn has_capitals(text: &str) -> bool {
    let is_in = |piece: &[u8]| piece.iter().fold(false, |found, byte| found | byte.is_ascii_uppercase());
    text.as_bytes().chunks(128).any(is_in)
}

type Pieces = Vec<Vec<u8>>;

/// What is known of the texts that an expression matches.
enum Known {
    /// They are these and no others.
    Whole(Pieces),
    /// Each holds one of these, or may hold anything.
    Part(Option<Pieces>),
}

impl Known {
    fn pieces(self) -> Option<Pieces> {
        match self {
            Known::Whole(texts) => fewest(texts),
            Known::Part(pieces) => pieces,
        }
    }
}

fn known(hir: &Hir) -> Known {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Known::Whole(vec![Vec::new()]),
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).map_or(Known::Part(None), |text| {
            Known::Whole(vec![text.chars().map(folded).collect::<String>().into_bytes()])
        }),
        HirKind::Class(class) => letters(class).map_or(Known::Part(None), Known::Whole),
        HirKind::Capture(capture) => known(&capture.sub),
        HirKind::Repetition(repeated) if repeated.min > 0 => Known::Part(known(&repeated.sub).pieces()),
        HirKind::Repetition(repeated) => match known(&repeated.sub) {
            Known::Whole(mut texts) if repeated.max == Some(1) => {
                texts.push(Vec::new());
                Known::Whole(texts)
            }
            _ => Known::Part(None),
        },
        HirKind::Concat(parts) => in_a_row(parts),
        HirKind::Alternation(parts) => one_of(parts),
    }
}

/// The characters of a class of few.
fn letters(class: &Class) -> Option<Pieces> {
    let Class::Unicode(class) = class else { return None };
    let all = || class.ranges().iter().flat_map(|range| range.start()..=range.end());
    // Each may be there in several forms.
    let mut few: Vec<char> = all().take(4 * LETTERS + 1).map(folded).collect();
    let is_all = few.len() <= 4 * LETTERS;
    few.sort_unstable();
    few.dedup();
    (is_all && few.len() <= LETTERS)
        .then(|| few.into_iter().map(|letter| letter.to_string().into_bytes()).collect())
}

fn one_of(parts: &[Hir]) -> Known {
    let mut whole = Pieces::new();
    let mut held = Some(Pieces::new());
    let mut is_whole = true;
    for part in parts {
        let known = known(part);
        match &known {
            Known::Whole(texts) => whole.extend(texts.iter().cloned()),
            Known::Part(_) => is_whole = false,
        }
        held = held.zip(known.pieces()).map(|(all, more)| [all, more].concat());
    }
    if is_whole && whole.len() <= MOST_IN_A_ROW {
        Known::Whole(whole)
    } else {
        Known::Part(held.and_then(fewest))
    }
}

fn in_a_row(parts: &[Hir]) -> Known {
    let mut best: Option<Pieces> = None;
    // What the last parts match together.
    let mut row: Pieces = vec![Vec::new()];
    let mut is_whole = true;
    for part in parts {
        let texts = match known(part) {
            Known::Whole(texts) => texts,
            Known::Part(pieces) => {
                best = better(best, pieces);
                best = better(best, fewest(std::mem::take(&mut row)));
                row.push(Vec::new());
                is_whole = false;
                continue;
            }
        };
        if row.len() * texts.len() <= MOST_IN_A_ROW {
            row = row
                .iter()
                .flat_map(|begin| texts.iter().map(|end| [begin.as_slice(), end].concat()))
                .collect();
        } else {
            best = better(best, fewest(std::mem::replace(&mut row, texts)));
            is_whole = false;
        }
    }
    if is_whole { Known::Whole(row) } else { Known::Part(better(best, fewest(row))) }
}

/// Without those that hold another: where they are, that is as well. `None` where one is common or all are too many.
fn fewest(mut pieces: Pieces) -> Option<Pieces> {
    pieces.sort_by(|one, other| one.len().cmp(&other.len()).then_with(|| one.cmp(other)));
    pieces.dedup();
    let mut kept = Pieces::new();
    for piece in pieces {
        if !kept.iter().any(|short| memchr::memmem::find(&piece, short).is_some()) {
            kept.push(piece);
        }
    }
    (kept.len() <= MOST_ON_THE_WAY && kept.iter().all(|piece| piece.len() > COMMON)).then_some(kept)
}

/// Words that are in every other text.
static EVERYDAY: LazyLock<HashSet<&[u8]>> = LazyLock::new(|| {
    stop_words::get(stop_words::Language::English).iter().map(|word| word.as_bytes()).collect()
});

/// Rare pieces first, then few. Of equals the last: what a sentence is about stands behind `this is`.
fn better(one: Option<Pieces>, other: Option<Pieces>) -> Option<Pieces> {
    let rank = |pieces: &Pieces| {
        let shortest = pieces.iter().map(Vec::len).min().unwrap_or_default();
        let is_rare = !pieces.iter().any(|piece| EVERYDAY.contains(piece.trim_ascii()));
        (is_rare, shortest.min(RARE), std::cmp::Reverse(pieces.len()))
    };
    match (one, other) {
        (Some(one), Some(other)) => Some(if rank(&other) >= rank(&one) { other } else { one }),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use regex_automata::util::syntax;

    use super::*;

    fn pieces_of(expression: &str) -> Option<Vec<String>> {
        let pieces = known(&syntax::parse(expression).unwrap()).pieces()?;
        Some(pieces.into_iter().map(|piece| String::from_utf8(piece).unwrap()).collect())
    }

    #[test]
    fn what_every_match_holds_is_told() {
        for (expression, pieces) in [
            (r"autosvar|auto(?:matic)?\s*reply|risposta automatica", &["autosvar", "reply"][..]),
            (r"this is (?:an )?auto(?:mated)?\s*-?reply", &["reply"]),
            (r"(?:guest|white)[ -]?list.{0,60}(?:add|verif)", &["guestlist", "whitelist"]),
            (r"\bon (?:my |sick )*leave(?:[^a-z]|$)", &["leave"]),
            (r"(?:absent){2}\d", &["absent"]),
            (r"gone [0-9]+ days", &[" days"]),
            (r"this\s(?:is|was)\s(?:an\s)?auto", &["auto"]),
            (r"(?:absent|travelling)\s+this\s[0-9]", &["absent", "travelling"]),
            (r"(?i)ABWESEND|ΑΠΩΝ ΣΉΜΕΡΑ|isn['’]t in", &["isn't in", "abwesend", "απων σήμερα"]),
        ] {
            let found = pieces_of(expression).unwrap();
            for piece in pieces {
                assert!(found.iter().any(|one| one == piece), "{expression}: {found:?}");
            }
            assert!(found.len() <= 6, "{expression}: {found:?}");
        }
        for expression in ["away|(?:absent)?", r"a\w+b", "away|[a-z]+", "(?:away)*", "on|away", ""] {
            assert_eq!(pieces_of(expression), None, "{expression}");
        }
    }

    #[test]
    fn a_text_without_any_is_told_from_one_with_one() {
        let required = |expression: &str| Required::of(&syntax::parse(expression).unwrap());
        let until = required("(?:away|absent) until .*").unwrap();
        assert!(until.is_in("i am away until monday") && until.is_in("absent until friday"));
        assert!(!until.is_in("i am here") && !until.is_in(""));
        assert!(required("^away|^absent").is_none());
    }

    #[test]
    fn every_text_that_an_expression_matches_holds_a_piece() {
        for (expression, texts) in [
            ("straße", &["STRAẞE", "Straße"][..]),
            ("késő|disk", &["KÉSŐ", "DISK", "di\u{17f}\u{212a}"]),
            ("λόγος", &["ΛΌΓΟΣ", "λόγοσ", "Λόγος"]),
            ("isn['’]t", &["ISN’T", "isn't"]),
            ("ijs|ǆep|ﬁn", &["IJS", "ǅep", "ﬁN"]),
        ] {
            let hir = syntax::parse_with(expression, &syntax::Config::new().case_insensitive(true)).unwrap();
            let required = Required::of(&hir).unwrap();
            let whole = regex_automata::meta::Regex::builder().build_from_hir(&hir).unwrap();
            for text in texts {
                assert!(whole.is_match(text) && required.is_in(&folded_text(text)), "{expression} in {text}");
            }
        }
    }
}
