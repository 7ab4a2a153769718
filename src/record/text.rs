//! From the bytes of a file to text with stable offsets, and from a stretch of it to a clean value.
//!
//! Comment lines (`#` in the first column) become blanks of the same length, so that every offset still
//! points into the file as the person sees it.

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostics::{Fault, SourceText};

/// The text of a file that was handed in, without a byte order mark. Anything but UTF-8 is refused, with
/// the place of the first byte that is none.
pub(crate) fn decode(path: &str, bytes: &[u8]) -> Result<String, Vec<Fault>> {
    if let Some(what) = not_text(bytes) {
        return Err(vec![
            Fault::of_file(path, format!("this is {what}, not text in UTF-8"))
                .help("save it as plain text in UTF-8, or start with `baton new`"),
        ]);
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(without_mark(text).to_owned()),
        Err(error) => Err(vec![not_utf8(path, bytes, error.valid_up_to())]),
    }
}

/// The text without the byte order mark that Windows programs put in front.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn not_text(bytes: &[u8]) -> Option<&'static str> {
    const SIGNATURES: [(&[u8], &str); 6] = [
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a Word document or another packed file"),
        (b"\xd0\xcf\x11\xe0", "an old Word document"),
        (b"{\\rtf", "an RTF document"),
        (b"\xff\xfe", "UTF-16"),
        (b"\xfe\xff", "UTF-16"),
    ];
    let known = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature));
    match known {
        Some((_, what)) => Some(what),
        None if bytes.contains(&0) => Some("a binary file"),
        None => None,
    }
}

fn not_utf8(path: &str, bytes: &[u8], valid: usize) -> Fault {
    let head = bytes.get(..valid).and_then(|head| std::str::from_utf8(head).ok()).unwrap_or_default();
    let tail: String = bytes.get(valid..).unwrap_or_default().iter().map(|byte| char::from(*byte)).collect();
    let source = Arc::new(SourceText::new(path, format!("{}{tail}", without_mark(head))));
    let start = without_mark(head).len();
    let letter = tail.chars().next().unwrap_or(' ');
    Fault::error(&source, start..start + letter.len_utf8(), "the file is not in UTF-8")
        .label(format!("perhaps `{letter}` in Latin-1"))
        .help("save it again with the encoding UTF-8")
}

/// The text with every comment line blanked, byte for byte.
pub(crate) fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if line.starts_with('#') {
            let ending = line.len() - line.trim_end_matches(['\r', '\n']).len();
            out.extend(std::iter::repeat_n(' ', line.len() - ending));
            out.push_str(line.get(line.len() - ending..).unwrap_or("\n"));
        } else {
            out.push_str(line);
        }
    }
    out
}

/// One line of the working text, trimmed: never blank.
pub(crate) fn lines(text: &str) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    // A lone CR ends a line too: old spreadsheets export so.
    for line in text.split_inclusive(['\n', '\r']) {
        lines.push(trimmed(text, start..start + line.len()));
        start += line.len();
    }
    lines.retain(|span| !span.is_empty());
    lines
}

/// `span` without the blanks around it; blanks alone give an empty span at its start.
pub(crate) fn trimmed(text: &str, span: Range<usize>) -> Range<usize> {
    let slice = text.get(span.clone()).unwrap_or("");
    let kept = slice.trim_matches(is_blank);
    if kept.is_empty() {
        return span.start..span.start;
    }
    let start = span.start + (slice.len() - slice.trim_start_matches(is_blank).len());
    start..start + kept.len()
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_invisible(c)
}

/// Characters without width that web pages and chat programs leave behind.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// A value in one line: blanks of every kind and line breaks become single spaces.
pub(crate) fn clean(slice: &str) -> String {
    let mut out = String::with_capacity(slice.len());
    for c in slice.chars().filter(|c| !is_invisible(*c)) {
        if !(c.is_whitespace() || c.is_control()) {
            out.push(c);
        } else if !out.ends_with(' ') && !out.is_empty() {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// A value that keeps its line breaks, each line clean, without blank lines around or between.
pub(crate) fn clean_lines(slice: &str) -> String {
    let lines: Vec<String> = slice.split(['\n', '\r']).map(clean).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Whether a value only holds a place: `TBD`, `n/a`, `[Name]`, or nothing with a letter or digit.
pub(crate) fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 16] = [
        "tbd",
        "tba",
        "tbc",
        "todo",
        "to do",
        "fixme",
        "n/a",
        "n.a",
        "na",
        "to be determined",
        "to be done",
        "to be confirmed",
        "to be announced",
        "fill in",
        "placeholder",
        "lorem ipsum",
    ];
    let value = value.trim();
    if !value.chars().any(char::is_alphanumeric) {
        return true;
    }
    let bracketed = [('[', ']'), ('<', '>'), ('{', '}')]
        .iter()
        .any(|(open, close)| value.starts_with(*open) && value.ends_with(*close) && !value.contains('@'));
    let bare = value.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let all_x = bare.len() >= 2 && bare.chars().all(|c| c == 'x');
    let opens = ["TBD", "TBC", "TBA", "TODO", "FIXME"].iter().any(|word| {
        value.strip_prefix(word).is_some_and(|rest| {
            rest.trim_start().starts_with([':', '-', '(', ',', '.', ';', '?', '\u{2013}'])
        })
    });
    bracketed || all_x || opens || WORDS.contains(&bare.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_values() {
        for text in [
            "",
            "-",
            "...",
            "?",
            "???",
            "\u{2014}",
            "TBD",
            "tbd.",
            "TODO",
            "(todo)",
            "n/a",
            "N/A",
            "n.a.",
            "NA",
            "xxx",
            "[Name]",
            "<agenda>",
            "TBD - ask Sarah",
            "TODO: agenda",
            "\u{1f44d}",
            "\"\"",
            "TBC",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "Zoom",
            "x-ray review",
            "none",
            "3",
            "unknown",
            "TODO list walkthrough",
            "\u{5317}\u{4eac}",
            "Naples",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn comments_are_blanked_without_moving_anything() {
        let text = "# caf\u{e9}\r\nSDR: x\n#y\n #z\n";
        let blanked = without_comments(text);
        assert_eq!(blanked.len(), text.len());
        assert_eq!(blanked.find("SDR"), text.find("SDR"));
        assert!(!blanked.contains('y') && blanked.contains("#z"));
    }

    #[test]
    fn values_lose_what_nobody_sees() {
        assert_eq!(clean("  a\u{a0}\tb\r\n c\u{200b}d "), "a b cd");
        assert_eq!(clean_lines("a \r\n\r\n b\n"), "a\nb");
        assert_eq!(clean(""), "");
    }

    #[test]
    fn what_is_not_utf8_text_is_named() {
        let message = |bytes: &[u8]| decode("r.txt", bytes).unwrap_err()[0].to_string();
        assert_eq!(message(b"%PDF-1.7"), "r.txt: this is a PDF, not text in UTF-8");
        assert_eq!(message(b"\xff\xfeH\0"), "r.txt: this is UTF-16, not text in UTF-8");
        assert_eq!(message(b"one\ncaf\xe9 x"), "r.txt:2:4: the file is not in UTF-8");
        assert_eq!(message(b"a\0b"), "r.txt: this is a binary file, not text in UTF-8");
        assert_eq!(decode("r.txt", b"\xef\xbb\xbfok"), Ok("ok".to_owned()));
    }
}
