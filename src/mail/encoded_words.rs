//! Encoded words (RFC 2047) as programs really write them: with labels that no table lists, a character cut in two
//! between words, blanks inside, and raw bytes beside them.
//!
//! Words of one charset that follow each other are decoded as one. What is no encoded word stays as it is. Known
//! limit: a word without its `?=` is text.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail_parser::decoders::base64::base64_decode;
use memchr::{memchr, memchr_iter, memmem};

use super::charset;

/// Longest label of a charset, with its language.
const LONGEST_LABEL: usize = 75;

/// A piece of a field.
enum FieldPiece<'f> {
    Raw(&'f [u8]),
    Word { label: &'f str, bytes: Vec<u8> },
}

/// `field` with every encoded word in UTF-8, one for each run of them, and its other bytes as UTF-8; `None` where it
/// needs neither.
pub(crate) fn in_utf_8(field: &[u8], region: Option<&str>) -> Option<Vec<u8>> {
    let pieces = pieces(field);
    let fits = |piece: &FieldPiece<'_>| match piece {
        FieldPiece::Raw(bytes) => std::str::from_utf8(bytes).is_ok() && memchr(0x1b, bytes).is_none(),
        FieldPiece::Word { label, bytes } => {
            label.eq_ignore_ascii_case("utf-8") && std::str::from_utf8(bytes).is_ok()
        }
    };
    if pieces.iter().all(fits) {
        return None;
    }
    let mut written = Vec::with_capacity(field.len() * 2);
    for piece in joined(pieces) {
        match piece {
            FieldPiece::Raw(bytes) => {
                written.extend_from_slice(charset::decode(bytes, None, region).as_bytes())
            }
            FieldPiece::Word { label, bytes } => {
                let text = charset::decode(&bytes, Some(label), region);
                written.extend_from_slice(
                    format!("=?utf-8?B?{}?=", STANDARD.encode(text.as_bytes())).as_bytes(),
                );
            }
        }
    }
    Some(written)
}

/// `text` with its encoded words replaced by what they say.
pub(crate) fn decoded(text: &str) -> Cow<'_, str> {
    // Quicker than to look for both signs, as there hardly is one of the first.
    let follows = |at: usize| text.as_bytes().get(at + 1) == Some(&b'?');
    if !memchr_iter(b'=', text.as_bytes()).any(follows) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    for piece in joined(pieces(text.as_bytes())) {
        match piece {
            FieldPiece::Raw(bytes) => plain.push_str(&String::from_utf8_lossy(bytes)),
            FieldPiece::Word { label, bytes } => plain.push_str(&charset::decode(&bytes, Some(label), None)),
        }
    }
    Cow::Owned(plain)
}

fn pieces(field: &[u8]) -> Vec<FieldPiece<'_>> {
    let mut found = Vec::new();
    let (mut raw_from, mut at) = (0, 0);
    while let Some(begin) = memmem::find(field.get(at..).unwrap_or_default(), b"=?").map(|found| found + at) {
        let Some((word, end)) = word_at(field, begin) else {
            at = begin + 2;
            continue;
        };
        found.extend(raw(field, raw_from..begin));
        found.push(word);
        (raw_from, at) = (end, end);
    }
    found.extend(raw(field, raw_from..field.len()));
    found
}

fn raw(field: &[u8], range: Range<usize>) -> Option<FieldPiece<'_>> {
    field.get(range).filter(|bytes| !bytes.is_empty()).map(FieldPiece::Raw)
}

/// The encoded word that begins at `begin`, and where it ends.
fn word_at(field: &[u8], begin: usize) -> Option<(FieldPiece<'_>, usize)> {
    let inside = field.get(begin + 2..)?;
    let label_end = memchr(b'?', inside.get(..LONGEST_LABEL).unwrap_or(inside))?;
    let label = std::str::from_utf8(inside.get(..label_end)?).ok()?;
    if label.is_empty() || label.contains(char::is_whitespace) {
        return None;
    }
    let (encoding, data) = inside.get(label_end + 1..)?.split_first_chunk::<2>()?;
    if encoding.last() != Some(&b'?') {
        return None;
    }
    let length = memmem::find(data, b"?=")?;
    let written = data.get(..length)?;
    let bytes = match encoding.first() {
        Some(b'b' | b'B') => base64_decode(written)?,
        Some(b'q' | b'Q') => from_q(written),
        _ => return None,
    };
    let end = begin + 2 + label_end + 1 + 2 + length + 2;
    Some((FieldPiece::Word { label: label.split('*').next().unwrap_or(label), bytes }, end))
}

/// RFC 2047 section 4.2; line ends inside are folding.
fn from_q(written: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(written.len());
    let mut rest = written;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'_' => bytes.push(b' '),
            b'\r' | b'\n' => {}
            b'=' => {
                let digit = |at: usize| rest.get(at).and_then(|byte| char::from(*byte).to_digit(16));
                match (digit(0), digit(1)) {
                    (Some(high), Some(low)) => {
                        bytes.extend(u8::try_from(high * 16 + low));
                        rest = rest.get(2..).unwrap_or_default();
                    }
                    _ => bytes.push(b'='),
                }
            }
            other => bytes.push(*other),
        }
    }
    bytes
}

/// Words that only white space parts belong together; those of one charset become one.
fn joined(pieces: Vec<FieldPiece<'_>>) -> Vec<FieldPiece<'_>> {
    let mut out: Vec<FieldPiece<'_>> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let FieldPiece::Word { label, bytes } = piece else {
            out.push(piece);
            continue;
        };
        if let [.., FieldPiece::Word { .. }, FieldPiece::Raw(between)] = out.as_slice()
            && between.iter().all(u8::is_ascii_whitespace)
        {
            out.pop();
        }
        match out.last_mut() {
            Some(FieldPiece::Word { label: before, bytes: known }) if before.eq_ignore_ascii_case(label) => {
                known.extend(bytes);
            }
            _ => out.push(FieldPiece::Word { label, bytes }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_charset_are_decoded_as_one() {
        assert_eq!(decoded("=?utf-8?q?Gr=C3?=\r\n =?UTF-8?q?=BC=C3=9Fe?= x"), "Grüße x");
        assert_eq!(decoded("=?utf-8?b?w7w=?= =?iso-8859-1?q?=FC?="), "üü");
    }

    #[test]
    fn what_is_no_word_stays() {
        for text in ["a =? b", "=?x?y?z?=", "=?utf-8?q?open", "1 =?= 2", "=?utf-8 x?q?a?="] {
            assert_eq!(decoded(text), text);
        }
    }

    #[test]
    fn fields_of_plain_utf_8_are_left_alone() {
        assert_eq!(in_utf_8("Grüße =?utf-8?q?=C3=BC?=".as_bytes(), None), None);
        assert_eq!(
            in_utf_8(b"Gr\xfc\xdfe aus M\xfcnchen", Some("de")).as_deref(),
            Some("Grüße aus München".as_bytes())
        );
        assert_eq!(
            in_utf_8(b"=?cp932?B?j9CJ7g==?=", None).as_deref(),
            Some(b"=?utf-8?B?57S55LuL?=".as_slice())
        );
    }
}
