//! How a name can be spelt by keyboards and programs that lack its letters: `Müller`, `Muller`, `Mueller`.
//!
//! Latin letters alone. Known limit: `Mueller` and `Muller` are two names, as either may be somebody's own.

/// Each row: a letter, and what it is with marks.
const MARKED: [(char, &str); 22] = [
    ('a', "àáâãäåāăąǎ"),
    ('c', "çćĉċč"),
    ('d', "ďđ"),
    ('e', "èéêëēĕėęě"),
    ('g', "ĝğġģ"),
    ('h', "ĥħ"),
    ('i', "ìíîïĩīĭįı"),
    ('j', "ĵ"),
    ('k', "ķ"),
    ('l', "ĺļľŀł"),
    ('n', "ñńņňŋ"),
    ('o', "òóôõöøōŏő"),
    ('r', "ŕŗř"),
    ('s', "śŝşšș"),
    ('t', "ţťŧț"),
    ('u', "ùúûüũūŭůűų"),
    ('w', "ŵ"),
    ('y', "ýÿŷ"),
    ('z', "źżž"),
    ('\'', "’ʼ"),
    ('-', "‐‑–"),
    (' ', "\u{a0}"),
];
/// Letters that are written as two, from Vienna to Oslo.
const DOUBLED: [(char, &str); 8] =
    [('ä', "ae"), ('ö', "oe"), ('ü', "ue"), ('ß', "ss"), ('ø', "oe"), ('å', "aa"), ('æ', "ae"), ('œ', "oe")];

/// Lower case, Latin letters without their marks: `muller`, `gross`.
pub(crate) fn without_marks(text: &str) -> String {
    let letters = text.to_lowercase().replace('ß', "ss").replace('æ', "ae").replace('œ', "oe");
    let letters = letters.chars().filter(|letter| !is_mark(*letter));
    letters.map(|letter| plain_of(letter).unwrap_or(letter)).collect()
}

/// The same with two letters for one where German and its neighbours have that: `mueller`.
pub(crate) fn with_doubled_letters(text: &str) -> String {
    let mut spelt = String::new();
    for letter in composed(&text.to_lowercase()) {
        match DOUBLED.iter().find(|(one, _)| *one == letter) {
            Some((_, two)) => spelt.push_str(two),
            None => spelt.push(letter),
        }
    }
    without_marks(&spelt)
}

/// The letters with their dots and rings, which some programs write as letters of their own (`u` and U+0308).
fn composed(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = Vec::new();
    for letter in text.chars() {
        let with_mark = match (letters.last(), letter) {
            (Some('a'), '\u{308}') => Some('ä'),
            (Some('o'), '\u{308}') => Some('ö'),
            (Some('u'), '\u{308}') => Some('ü'),
            (Some('a'), '\u{30a}') => Some('å'),
            _ => None,
        };
        match with_mark {
            Some(composed) => {
                letters.pop();
                letters.push(composed);
            }
            None => letters.push(letter),
        }
    }
    letters
}

/// Whether a character marks the letter before it.
pub(crate) fn is_mark(letter: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&letter)
}

fn plain_of(letter: char) -> Option<char> {
    MARKED.iter().find(|(_, marked)| marked.contains(letter)).map(|(plain, _)| *plain)
}

/// Whether two words are one name in some spelling of both.
pub(crate) fn is_same_word(one: &str, other: &str) -> bool {
    if one.is_ascii() && other.is_ascii() {
        return one.eq_ignore_ascii_case(other);
    }
    let spellings = |word: &str| [without_marks(word), with_doubled_letters(word)];
    let others = spellings(other);
    spellings(one).iter().any(|spelt| others.contains(spelt))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_in_each_of_its_spellings() {
        for (one, other) in [
            ("Müller", "Mueller"),
            ("Müller", "MULLER"),
            ("Mu\u{308}ller", "Mueller"),
            ("Groß", "GROSS"),
            ("Jörg", "Joerg"),
            ("Łukasz", "Lukasz"),
            ("Zoë", "Zoe"),
            ("Åse", "Aase"),
            ("Søren", "Soren"),
            ("Søren", "Soeren"),
            ("Núñez", "Nunez"),
            ("François", "Francois"),
            ("Conceição", "Conceicao"),
        ] {
            assert!(is_same_word(one, other) && is_same_word(other, one), "{one} {other}");
        }
        for (one, other) in [("Bauer", "Baur"), ("Mueller", "Muller"), ("Müller", "Miller"), ("Joel", "Jol")]
        {
            assert!(!is_same_word(one, other), "{one} {other}");
        }
    }
}
