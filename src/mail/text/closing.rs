//! `Best regards,` and the lines below it: where a letter ends and a visiting card begins.
//!
//! A closing with nothing but a name is how people end what they write and stays. With a title, a
//! telephone number, an address or a link below, closing and all is a signature; so is such a card
//! without a closing when it stands last. Known limits: a card without number, link, address or one of
//! the titles known is taken for text.

use std::sync::LazyLock;

use memchr::memchr_iter;

use crate::language::{Role, alternation, matcher, words};

use crate::pattern::{Pattern, pattern};

static CLOSING: Pattern =
    LazyLock::new(|| pattern(&format!(r"(?i)^[\s*_]*{}[\s,.!:*_–،，。！-]*$", alternation(Role::Closing))));

static CONTACT: Pattern = LazyLock::new(|| {
    let forms = [
        r"[A-Za-z0-9_]@[A-Za-z0-9]".to_owned(),
        r"^\W*(?:\w+\W+){0,2}(?:https?://|www\.)[^\s/]+/?\W*$".to_owned(),
        r"linkedin\.com/|calendly\.com/".to_owned(),
        r"\+\d[\d\s().-]{6,}".to_owned(),
        r"(?-u:\b)[0-9]{3}[\s.-][0-9]{3}[\s.-][0-9]{4}(?-u:\b)".to_owned(),
        r"\(\d{2,5}\)\s?\d{2,}".to_owned(),
        // not `\b` of ASCII, which stands beside no letter of other scripts
        format!(r"(?:^|[^\pL\d]){}\.?\s*[:.：]?\s*[+(\d（]", alternation(Role::ContactLabel)),
        format!(r"^{}\s?[:.]\s?[+(\d]", alternation(Role::ContactLetter)),
        r"\w\s\|\s\w".to_owned(),
    ];
    pattern(&format!("(?i){}", forms.join("|")))
});

static TITLE_ABBREVIATION: Pattern =
    LazyLock::new(|| pattern(&format!(r"(?-u:\b){}(?-u:\b)", alternation(Role::JobTitleAbbreviation))));

/// The line is a closing such as `Best regards,`.
pub(super) fn is_closing(text: &str) -> bool {
    text.len() < 60 && CLOSING.is_match(text)
}

/// The line could be a person's name: one to four words, each with a capital letter.
pub(super) fn is_name(text: &str) -> bool {
    let text = text
        .trim_matches(|c: char| matches!(c, '*' | '_' | '-' | '–' | '—' | '~' | ',') || c.is_whitespace());
    let mut count = 0;
    let named = text.split_whitespace().all(|word| {
        count += 1;
        word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '\'' | '’' | '-' | '“' | '”' | '"'))
            && (word.chars().any(char::is_uppercase) || words(Role::NameParticle).contains(&word))
    });
    named && (1..=4).contains(&count) && !text.ends_with(|c: char| c == '.' && count > 2)
}

/// The line begins with a name of two words or more, before a comma, a bar, a wide gap or its end.
fn leads_with_name(text: &str) -> bool {
    let end = ["  ", "\t", ",", "|", " - ", " – "]
        .iter()
        .filter_map(|gap| text.find(gap))
        .min()
        .unwrap_or(text.len());
    let name = text.get(..end).unwrap_or(text);
    let first = name.split_whitespace().next().unwrap_or_default();
    name.split_whitespace().count() >= 2 && is_name(name) && !words(Role::Greeting).contains(&first)
}

/// The line is a name, or begins with one.
pub(super) fn leads_with_a_name(text: &str) -> bool {
    is_name(text) || leads_with_name(text)
}

/// The line belongs on a visiting card: a number, a link, an address, a title.
pub(super) fn is_card(text: &str) -> bool {
    text.chars().count() <= 120
        && (may_hold_contact(text) && (CONTACT.is_match(text) || is_number(text))
            || (text.chars().count() <= 70 && names_title(text)))
}

/// The line has a telephone number or a link in it, whatever stands before.
pub(super) fn holds_contact(text: &str) -> bool {
    const FEWEST: usize = 7;
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_small = |word: &str| word.starts_with(char::is_lowercase) && word.chars().count() > 3;
    let is_number = digits >= FEWEST
        && text.split_whitespace().count() <= FEWEST
        && !text.split_whitespace().any(is_small);
    is_number || text.contains("://") || text.contains("www.")
}

/// A telephone number as people write it at home, alone or behind a short label: `070-123 45 67`, `Port. 06 12 34 56 78`.
fn is_number(text: &str) -> bool {
    const LONGEST_LABEL: usize = 12;
    static DATE: Pattern = LazyLock::new(|| pattern(r"^\d{1,2}([./ -])\d{1,2}[./ -](?:19|20)?\d\d$"));
    let number = text.trim().trim_start_matches(char::is_alphabetic);
    let label = text.trim().strip_suffix(number).unwrap_or_default();
    let number = number.strip_prefix(['.', ':', '：']).unwrap_or(number).trim();
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    label.chars().count() <= LONGEST_LABEL
        && number.starts_with(['0', '('])
        && (8..=15).contains(&digits)
        && number
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '\u{a0}' | '-' | '/' | '.' | '(' | ')'))
        && !DATE.is_match(number)
}

/// A sign or a figure without which no form of `CONTACT` is there. Most lines are sentences and have none.
fn may_hold_contact(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_sign = |byte: u8| {
        matches!(byte, b'@' | b'/' | b'+' | b'(' | b'|') | byte.is_ascii_digit() | !byte.is_ascii()
    };
    bytes.iter().fold(false, |found, byte| found | is_sign(*byte))
        || memchr_iter(b'.', bytes).any(|at| {
            at.checked_sub(1)
                .and_then(|last| bytes.get(last))
                .is_some_and(|last| last.eq_ignore_ascii_case(&b'w'))
        })
}

pub(super) fn names_title(text: &str) -> bool {
    TITLE_ABBREVIATION.is_match(text) || matcher(Role::JobTitle).is_in(text)
}

/// Longest visiting card, in lines with text.
const LONGEST: usize = 14;

/// A line with text near the end, judged once.
struct ClosingLine<'a> {
    text: &'a str,
    card: bool,
    /// Could be in a signature: short, and no sentence.
    fits: bool,
}

fn judged(text: &str) -> ClosingLine<'_> {
    let card = is_card(text) || (text.len() <= 70 && text.contains(" @ "));
    let sentence = text.split_whitespace().count() > 7 && text.ends_with(['.', '?', '!']);
    let asks = text.ends_with('?') && !text.contains('/');
    let fits = text.chars().count() <= 120 && !sentence && !asks && !is_postscript(text);
    ClosingLine { text, card, fits }
}

/// The line could be in a signature: short, and no sentence.
pub(super) fn fits(text: &str) -> bool {
    judged(text).fits
}

/// `P.S. One more thing` is written, wherever it stands.
fn is_postscript(text: &str) -> bool {
    let begin: String = text.chars().take(5).filter(|c| c.is_alphanumeric()).collect();
    words(Role::Postscript).iter().any(|mark| begin.starts_with(mark)) && text.split_whitespace().count() > 2
}

/// The line thanks and ends there: what stands below it is a name.
fn is_thanks(text: &str) -> bool {
    let starts_so = |text: &str| words(Role::Thanks).iter().any(|word| text.starts_with(word));
    text.split_whitespace().nth(4).is_none() && starts_so(&text.to_lowercase())
}

/// Rows of a table of people, `Sarah Lee | VP Sales | champion`: two or more with as many bars, of whom none is the
/// author. A card says several things of one person.
fn are_rows_of_others(lines: &[&str], author: &str) -> bool {
    let names: Vec<String> = author.split_whitespace().map(str::to_lowercase).collect();
    let rows: Vec<Vec<&str>> = lines
        .iter()
        .map(|line| line.trim().trim_matches('|').split('|').map(str::trim).collect())
        .filter(|row: &Vec<&str>| row != &[""])
        .collect();
    let bars = rows.first().map_or(0, Vec::len);
    // `dfox` is all that some mail says of Dana Fox.
    let is_authors = |word: &str| {
        let word = word.to_lowercase();
        names.iter().any(|name| *name == word || (word.chars().count() > 2 && name.contains(&word)))
    };
    let names_author = |name: &str| name.split_whitespace().any(is_authors);
    let is_row = |row: &Vec<&str>| {
        let name = row.first().copied().unwrap_or_default();
        row.len() == bars && leads_with_name(name) && !names_author(name)
    };
    !names.is_empty() && rows.len() > 1 && bars > 1 && rows.iter().all(is_row)
}

/// Index in `lines` from which a signature stands at their end, where one does. `author` is the name of who wrote it, if
/// that is known.
pub(super) fn signature_start(lines: &[&str], author: &str) -> Option<usize> {
    let texts = lines.iter().enumerate().rev().filter(|(_, line)| !line.trim().is_empty()).take(LONGEST + 1);
    // from the last line upwards, as far as the lines could be a signature's
    let mut start = None;
    let (mut cards, mut others, mut gaps) = (0_usize, 0_usize, 0_usize);
    for (at, line) in texts {
        let line = judged(line.trim());
        let above = at.checked_sub(1).and_then(|above| lines.get(above)).map(|above| above.trim());
        let below_thanks = above.is_some_and(is_thanks);
        // A card that the body begins with has nothing to stand apart from: it is all there is.
        let apart = below_thanks || above.is_none_or(str::is_empty);
        if cards + others > 0 && is_closing(line.text) {
            return if cards > 0 { Some(at) } else { start };
        }
        // without a closing: a name with a card around it or below it, apart from the text above
        let named = || {
            cards + usize::from(line.card) >= 2
                && cards + 1 >= others
                && (leads_with_name(line.text) || (below_thanks && is_name(line.text)))
        };
        let are_rows = || are_rows_of_others(lines.get(at..).unwrap_or_default(), author);
        if apart && gaps == 0 && named() && !are_rows() {
            start = Some(at);
        }
        gaps += usize::from(apart);
        if !line.fits {
            break;
        }
        if line.card {
            cards += 1;
        } else {
            others += 1;
        }
    }
    start
}

/// `text` without the closing and the name at its end: `held 4` of `held 4\n\nBest,\nCalvin`.
pub(super) fn without(text: &str) -> &str {
    let mut rest = text.trim_end();
    for _ in 0..6 {
        let (above, line) = rest.rsplit_once('\n').unwrap_or(("", rest));
        if is_closing(line) {
            return above.trim_end();
        }
        if !(line.trim().is_empty() || is_name(line)) {
            break;
        }
        rest = above;
    }
    text
}
