//! From the bytes of a file to text with stable offsets, and from a stretch of it to a clean value.
//!
//! Known limit: a file in another encoding of one byte than Windows-1252 is read as if it were in that one.

use std::ops::Range;

use crate::diagnostics::Fault;

/// What a mark becomes that is no part of a value: one byte that no value keeps.
pub(crate) const BLANKED: char = '\u{7f}';

/// The text of a file that was handed in, without a byte order mark: UTF-8, UTF-16 with a mark or without, else
/// Windows-1252. What is no text at all is refused.
pub(crate) fn decode(path: &str, bytes: &[u8]) -> Result<String, Vec<Fault>> {
    let refused = |what: &str| {
        vec![
            Fault::of_file(path, format!("this is {what}, not a text file"))
                .help("save it as plain text, or start with `baton new`"),
        ]
    };
    if let Some(what) = document(bytes) {
        return Err(refused(what));
    }
    let text = match utf16(bytes) {
        Some(encoding) => encoding.decode(bytes).0,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0,
        },
    };
    let is_binary =
        |c: char| c < '\t' || ('\u{e}'..'\u{1b}').contains(&c) || c == char::REPLACEMENT_CHARACTER;
    if text.chars().filter(|c| is_binary(*c)).count() > text.len() / 100 {
        return Err(refused("a binary file"));
    }
    Ok(without_mark(&text).to_owned())
}

/// UTF-16 by its byte order mark, or by the zeros in every other byte of a text that is mostly Latin.
fn utf16(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    if bytes.starts_with(b"\xff\xfe") {
        return Some(encoding_rs::UTF_16LE);
    }
    if bytes.starts_with(b"\xfe\xff") {
        return Some(encoding_rs::UTF_16BE);
    }
    let zeros = |at: usize| bytes.iter().skip(at).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let pairs = bytes.len() / 2;
    if pairs < 2 || !bytes.len().is_multiple_of(2) {
        return None;
    }
    if odd * 2 > pairs && even * 10 < odd {
        return Some(encoding_rs::UTF_16LE);
    }
    (even * 2 > pairs && odd * 10 < even).then_some(encoding_rs::UTF_16BE)
}

/// The text without the byte order mark that Windows programs put in front.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn document(bytes: &[u8]) -> Option<&'static str> {
    const SIGNATURES: [(&[u8], &str); 6] = [
        (b"%PDF", "a PDF"),
        (b"PK\x03\x04", "a Word document or another packed file"),
        (b"\xd0\xcf\x11\xe0", "an old Word document"),
        (b"{\\rtf", "an RTF document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
    ];
    SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature)).map(|(_, what)| *what)
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
    matches!(c, BLANKED | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
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
    const WORDS: [&str; 15] = [
        "tbd",
        "tba",
        "tbc",
        "todo",
        "to do",
        "fixme",
        "n/a",
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
    let undotted = bare.replace(". ", "").replace('.', "");
    let all_x = bare.len() >= 2 && bare.chars().all(|c| c == 'x');
    let opens = ["TBD", "TBC", "TBA", "TODO", "FIXME"].iter().any(|word| {
        value.strip_prefix(word).is_some_and(|rest| {
            rest.trim_start().starts_with([':', '-', '(', ',', '.', ';', '?', '\u{2013}'])
        })
    });
    bracketed || all_x || opens || [bare, undotted].iter().any(|word| WORDS.contains(&word.as_str()))
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
            "t.b.d.",
            "T. B. A.",
            "t.b.c",
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
            "T. Bad & Sons",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    #[test]
    fn values_lose_what_nobody_sees() {
        assert_eq!(clean("  a\u{a0}\tb\r\n c\u{200b}d "), "a b cd");
        assert_eq!(clean_lines("a \r\n\r\n b\n"), "a\nb");
        assert_eq!(clean(""), "");
    }

    #[test]
    fn text_is_read_in_every_encoding_that_windows_writes() {
        for text in ["\u{201c}caf\u{e9}\u{201d}", "HANDOFF RECORD: \u{dc}ber"] {
            let units: Vec<u16> = text.encode_utf16().collect();
            let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
            let expected = Ok(text.to_owned());
            assert_eq!(decode("r", &[b"\xff\xfe".as_slice(), &little].concat()), expected);
            assert_eq!(decode("r", &[b"\xfe\xff".as_slice(), &big].concat()), expected);
            assert_eq!(decode("r", &encoding_rs::WINDOWS_1252.encode(text).0), expected);
            assert_eq!(decode("r", text.as_bytes()), expected);
        }
        let plain = "HANDOFF RECORD: Acme".encode_utf16();
        let bytes: Vec<u8> = plain.flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode("r", &bytes), Ok("HANDOFF RECORD: Acme".to_owned()));
        assert_eq!(decode("r", b"\xef\xbb\xbfok"), Ok("ok".to_owned()));
    }

    #[test]
    fn what_is_no_text_is_named() {
        let message = |bytes: &[u8]| decode("r.txt", bytes).unwrap_err()[0].to_string();
        assert_eq!(message(b"%PDF-1.7"), "r.txt: this is a PDF, not a text file");
        assert_eq!(message(b"a\0b"), "r.txt: this is a binary file, not a text file");
    }
}
