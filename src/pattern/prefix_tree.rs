//! Alternatives that begin alike, put together: `\bab|\bac` becomes `\b(?:a(?:b|c))`.
//!
//! A role's lines are hundreds of alternatives, of which nearly all begin with the end of a word and a letter. Tried one by
//! one, each asks at every place of a text for both; put together, a place is asked once. What is found, and which of
//! several alternatives is preferred, stays the same: one is moved past another only where no text can begin with both.

use regex_syntax::hir::{Class, Hir, HirKind};

/// The alternatives `parts` as one expression; see the module.
pub(crate) fn prefix_tree(parts: Vec<Hir>) -> Hir {
    tree(parts.into_iter().map(Alternative::new).collect())
}

fn tree(alternatives: Vec<Alternative>) -> Hir {
    let mut groups: Vec<Group> = Vec::new();
    for mut alternative in alternatives {
        let firsts = alternative.firsts();
        let head = alternative.rest.pop();
        // From the last one on, up to one that this may not be moved past.
        let mut place = None;
        for (at, group) in groups.iter().enumerate().rev() {
            if head.is_some() && group.head == head {
                place = Some(at);
                break;
            }
            if group.firsts.overlaps(firsts) {
                break;
            }
        }
        if let Some(group) = place.and_then(|at| groups.get_mut(at)) {
            group.firsts = group.firsts.with(firsts);
            group.rests.push(alternative);
        } else {
            groups.push(Group { head, firsts, rests: vec![alternative] });
        }
    }
    let joined = groups.into_iter().map(|group| {
        let Group { head, mut rests, .. } = group;
        let rest = match (rests.len(), rests.pop()) {
            (1, Some(only)) => only.whole(),
            (_, last) => tree(rests.into_iter().chain(last).collect()),
        };
        Hir::concat(head.into_iter().chain([rest]).collect())
    });
    Hir::alternation(joined.collect())
}

/// Alternatives that begin with the same.
struct Group {
    head: Option<Hir>,
    firsts: FirstLetters,
    rests: Vec<Alternative>,
}

/// What stands in a row in an alternative, the last first.
struct Alternative {
    rest: Vec<Hir>,
}

impl Alternative {
    fn new(hir: Hir) -> Self {
        let mut row = Vec::new();
        put_in_a_row(hir, &mut row);
        row.reverse();
        Self { rest: row }
    }

    fn whole(self) -> Hir {
        Hir::concat(self.rest.into_iter().rev().collect())
    }

    /// What its matches can begin with.
    fn firsts(&self) -> FirstLetters {
        let mut firsts = FirstLetters::default();
        for part in self.rest.iter().rev() {
            let (own, may_be_empty) = first_letters(part);
            firsts = firsts.with(own);
            if !may_be_empty {
                return firsts;
            }
        }
        FirstLetters::ALL
    }
}

/// The parts of `hir`, letter by letter.
fn put_in_a_row(hir: Hir, row: &mut Vec<Hir>) {
    match hir.into_kind() {
        HirKind::Empty => {}
        HirKind::Concat(parts) => parts.into_iter().for_each(|part| put_in_a_row(part, row)),
        HirKind::Capture(capture) => put_in_a_row(*capture.sub, row),
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(text) => {
                let letter = |letter: char| Hir::literal(letter.encode_utf8(&mut [0; 4]).as_bytes());
                row.extend(text.chars().map(letter));
            }
            Err(_) => row.push(Hir::literal(literal.0)),
        },
        HirKind::Class(class) => row.push(Hir::class(class)),
        HirKind::Look(look) => row.push(Hir::look(look)),
        HirKind::Repetition(repeated) => row.push(Hir::repetition(repeated)),
        HirKind::Alternation(parts) => row.push(Hir::alternation(parts)),
    }
}

/// A set of letters, or more than those: ASCII by itself, of all others what is left of their number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct FirstLetters([u128; 2]);

impl FirstLetters {
    const ALL: Self = Self([u128::MAX; 2]);

    fn range(first: char, last: char) -> Self {
        let (first, last) = (u32::from(first), u32::from(last));
        if last - first >= 128 {
            return if first >= 128 { Self([0, u128::MAX]) } else { Self::ALL };
        }
        (first..=last).fold(Self::default(), |letters, letter| letters.with(Self::one(letter)))
    }

    fn one(letter: u32) -> Self {
        let bit = 1 << (letter % 128);
        if letter < 128 { Self([bit, 0]) } else { Self([0, bit]) }
    }

    fn with(self, other: Self) -> Self {
        Self([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    fn overlaps(self, other: Self) -> bool {
        self.0[0] & other.0[0] != 0 || self.0[1] & other.0[1] != 0
    }
}

/// What a match of `hir` can begin with, and whether it can be empty.
fn first_letters(hir: &Hir) -> (FirstLetters, bool) {
    let of_all = |parts: &[Hir]| {
        parts.iter().fold((FirstLetters::default(), false), |(letters, is_empty), part| {
            let (own, may_be_empty) = first_letters(part);
            (letters.with(own), is_empty || may_be_empty)
        })
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (FirstLetters::default(), true),
        HirKind::Literal(literal) => {
            let first = std::str::from_utf8(&literal.0).ok().and_then(|text| text.chars().next());
            (first.map_or(FirstLetters::ALL, |first| FirstLetters::one(first.into())), false)
        }
        HirKind::Class(Class::Unicode(class)) => {
            let ranges = class.ranges().iter();
            let letters = ranges.fold(FirstLetters::default(), |letters, range| {
                letters.with(FirstLetters::range(range.start(), range.end()))
            });
            (letters, false)
        }
        HirKind::Class(Class::Bytes(_)) => (FirstLetters::ALL, false),
        HirKind::Repetition(repeated) => {
            let (letters, may_be_empty) = first_letters(&repeated.sub);
            (letters, may_be_empty || repeated.min == 0)
        }
        HirKind::Capture(capture) => first_letters(&capture.sub),
        HirKind::Concat(parts) => {
            let mut letters = FirstLetters::default();
            for part in parts {
                let (own, may_be_empty) = first_letters(part);
                letters = letters.with(own);
                if !may_be_empty {
                    return (letters, false);
                }
            }
            (letters, true)
        }
        HirKind::Alternation(parts) => of_all(parts),
    }
}

#[cfg(test)]
mod tests {
    use regex_automata::meta;

    use super::super::expression;
    use super::*;

    fn parsed(lines: &[&str]) -> Vec<Hir> {
        lines.iter().map(|line| expression(line, true)).collect()
    }

    fn regex(hir: &Hir) -> meta::Regex {
        meta::Regex::builder().build_from_hir(hir).unwrap()
    }

    #[test]
    fn the_same_is_found_and_the_same_is_preferred() {
        let texts = [
            "",
            "a",
            "ab",
            "abc",
            "b",
            "ba",
            "xab",
            "c ab",
            "é",
            "éa",
            "eab",
            "abab",
            "bcab a",
            "ab ca éb",
            "Ab aBc",
        ];
        for lines in [
            &[r"\bab\b", r"\babc", r"\ba"][..],
            &["a", "ab", "abc"],
            &["abc", "b", "ab", "a"],
            &["ab", "[a-c]b?", "abc"],
            &["a?b", "ab", "b"],
            &["", "a", "ab"],
            &["ab", "", "abc"],
            &["(?:a|b)c", "(?:a|b)", "ab"],
            &["éa", "é", r"\bab", r"\bé"],
            &["a*b", "a*c", "b", "a+"],
            &[r"^ab", r"^a", r"b$", r"a$"],
        ] {
            let plain = regex(&Hir::alternation(parsed(lines)));
            let joined = regex(&prefix_tree(parsed(lines)));
            for text in texts {
                let found = |regex: &meta::Regex| regex.find_iter(text).map(|found| found.range()).collect();
                let (plain, joined): (Vec<_>, Vec<_>) = (found(&plain), found(&joined));
                assert_eq!(joined, plain, "{lines:?} in {text}");
            }
        }
    }

    #[test]
    fn a_beginning_is_asked_for_once() {
        let joined = prefix_tree(parsed(&[r"\bmeet\b", r"\byes\b", r"\bmerge\b", r"\bme\b"]));
        assert_eq!(
            joined.to_string().matches(r"\b").count(),
            5,
            "one at the begin, one for each end: {joined}"
        );
        assert_eq!(joined.to_string().matches("[Mm]").count(), 1, "{joined}");
        // `b` may not go past what begins with it, too.
        let kept = prefix_tree(parsed(&["(?-i:bx)", "(?-i:[a-c])", "(?-i:by)"]));
        assert_eq!(kept.to_string().matches('b').count(), 2, "{kept}");
        assert!(FirstLetters::range('а', 'я').overlaps(FirstLetters::range('д', 'д')));
        assert!(!FirstLetters::range('а', 'я').overlaps(FirstLetters::range('a', 'z')));
        assert_eq!(FirstLetters::range('a', '\u{fff}'), FirstLetters::ALL);
    }
}
