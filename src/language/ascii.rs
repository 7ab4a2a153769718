//! What is left of an expression where the text is ASCII, or ASCII in lower case, or in Latin letters: most text is, and
//! needs far smaller automata.
//!
//! The letters of other scripts, and every class and fold that knows them, go; ends of words become those of ASCII,
//! which the tables of states can follow. Without capitals most lines begin with fixed words, which are searched for
//! at once. On such text both expressions find the same.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition};

/// The characters of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Letters {
    Ascii,
    /// No capitals.
    LowerAscii,
    /// Latin letters with their marks, punctuation, signs and pictures.
    Latin,
}

/// What a text in [`Letters::Latin`] may hold: letters with marks on them or behind them, Vietnamese ones, signs such as
/// `™` and arrows, a byte order mark and what stands for bytes that nobody could read, pictures. Few ranges, whose bytes
/// lie side by side in UTF-8.
const LATIN: [(char, char); 5] = [
    ('\0', '\u{36f}'),
    ('\u{1e00}', '\u{1eff}'),
    ('\u{2000}', '\u{2bff}'),
    ('\u{fe00}', '\u{ffff}'),
    ('\u{1f000}', '\u{1faff}'),
];

/// Whether a text holds nothing else.
pub(super) fn is_latin(text: &str) -> bool {
    text.chars().all(|c| LATIN.iter().any(|(first, last)| (*first..=*last).contains(&c)))
}

impl Letters {
    fn class(self) -> ClassUnicode {
        let range = ClassUnicodeRange::new;
        match self {
            Letters::Ascii => ClassUnicode::new([range('\0', '\x7f')]),
            Letters::LowerAscii => ClassUnicode::new([range('\0', '@'), range('[', '\x7f')]),
            Letters::Latin => ClassUnicode::new(LATIN.map(|(first, last)| range(first, last))),
        }
    }

    fn has(self, text: &[u8]) -> bool {
        match self {
            Letters::Ascii | Letters::LowerAscii => text.is_ascii(),
            Letters::Latin => std::str::from_utf8(text).is_ok_and(is_latin),
        }
    }

    fn look(self, look: Look) -> Look {
        if self == Letters::Latin { look } else { in_ascii(look) }
    }
}

/// `hir` without what only other characters match; `None` where nothing is left.
pub(super) fn narrowed(hir: &Hir, letters: Letters) -> Option<Hir> {
    let narrowed = |hir: &Hir| narrowed(hir, letters);
    Some(match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(literal) => letters.has(&literal.0).then(|| Hir::literal(literal.0.clone()))?,
        HirKind::Class(Class::Unicode(class)) => {
            let mut class = class.clone();
            class.intersect(&letters.class());
            (!class.ranges().is_empty()).then(|| Hir::class(Class::Unicode(class)))?
        }
        HirKind::Class(Class::Bytes(class)) => Hir::class(Class::Bytes(class.clone())),
        HirKind::Look(look) => Hir::look(letters.look(*look)),
        HirKind::Repetition(repeated) => match narrowed(&repeated.sub) {
            Some(sub) => Hir::repetition(Repetition { sub: Box::new(sub), ..repeated.clone() }),
            None if repeated.min == 0 => Hir::empty(),
            None => return None,
        },
        // Groups are asked for by nobody here.
        HirKind::Capture(capture) => narrowed(&capture.sub)?,
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(narrowed).collect::<Option<_>>()?),
        HirKind::Alternation(parts) => {
            let left: Vec<Hir> = parts.iter().filter_map(narrowed).collect();
            (!left.is_empty()).then(|| Hir::alternation(left))?
        }
    })
}

fn in_ascii(look: Look) -> Look {
    match look {
        Look::WordUnicode => Look::WordAscii,
        Look::WordUnicodeNegate => Look::WordAsciiNegate,
        Look::WordStartUnicode => Look::WordStartAscii,
        Look::WordEndUnicode => Look::WordEndAscii,
        Look::WordStartHalfUnicode => Look::WordStartHalfAscii,
        Look::WordEndHalfUnicode => Look::WordEndHalfAscii,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use regex_automata::meta;
    use regex_automata::util::syntax;

    use super::*;

    fn left_of(expression: &str, letters: Letters) -> Option<meta::Regex> {
        let config = syntax::Config::new().case_insensitive(true);
        let left = narrowed(&syntax::parse_with(expression, &config).unwrap(), letters)?;
        Some(meta::Regex::builder().build_from_hir(&left).unwrap())
    }

    #[test]
    fn what_needs_other_letters_is_gone_and_the_rest_finds_the_same() {
        for letters in [Letters::Ascii, Letters::LowerAscii] {
            assert!(left_of("für dich", letters).is_none());
            assert!(left_of("(?:für){2}", letters).is_none());
            assert!(left_of("[äö]", letters).is_none());
        }
        for (expression, text) in [
            (r"\b(?:für|skip)\b", "to SKIP it"),
            (r"i['’]m (?:für)*away", "I'm away"),
            (r"\pL+ü?\s\w+", "an answer"),
        ] {
            let whole = meta::Regex::builder().build(&format!("(?i){expression}")).unwrap();
            let lower = text.to_lowercase();
            assert!(whole.is_match(text), "{expression}");
            assert_eq!(left_of(expression, Letters::Ascii).unwrap().find(text), whole.find(text));
            assert_eq!(left_of(expression, Letters::LowerAscii).unwrap().find(&lower), whole.find(&lower));
        }
    }

    #[test]
    fn of_latin_letters_all_is_found_that_was() {
        assert!(
            is_latin("Grüße aus Łódź – “schön” 👋™→ Nguyễn u\u{308}\u{feff}\u{fffd}")
                && !is_latin("Привет")
                && !is_latin("你好")
        );
        assert!(left_of("привет", Letters::Latin).is_none());
        let whole = meta::Regex::new(r"(?i)\b(?:\w+ grüße|привет|é\b)").unwrap();
        let latin = left_of(r"\b(?:\w+ grüße|привет|é\b)", Letters::Latin).unwrap();
        for text in ["viele GRÜSSE", "Viele GRÜßE, Zoë", "un café", "aéa", "ſo grüße", "k grüße"] {
            assert_eq!(latin.find(text), whole.find(text), "{text}");
        }
    }
}
