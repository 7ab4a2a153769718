//! Which ids a message has and which it answers: Message-ID, In-Reply-To, References, Thread-Index.
//!
//! Takes the headers as clients really write them: several ids, none, or free text (docs/servers.md section 5).
//! Joins nothing itself. Limits: an id is at most 998 characters (RFC 5322 section 2.1.1), a field
//! gives at most its last 500.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{GeneralPurposeConfig, STANDARD};

use super::encoded_words;
use crate::domain::message::MessageId;

pub(super) const MAX_ID: usize = 998;
const MAX_IDS: usize = 500;

/// Every id in a Message-ID, In-Reply-To or References field, in order, each once.
///
/// Ids are in angle brackets (RFC 5322 section 3.6.4), also folded in the middle, inside of encoded words, in brackets
/// that are doubled, written as HTML, or lost at either end of the field; where none is, words
/// with an `@` inside count, which old clients write bare. A bracket whose content has no `@` counts as an
/// id too, since some systems make such; free text beside brackets does not.
pub fn ids(value: &str) -> Vec<MessageId> {
    let value = written_out(value);
    let mut found = bracketed(&value);
    if found.is_empty() {
        found = value
            .split(|c: char| {
                c.is_whitespace() || matches!(c, ',' | ';' | '"' | '(' | ')' | '[' | ']' | '<' | '>')
            })
            .map(|word| word.trim_end_matches(['.', ':', '\'']))
            .filter(|word| is_bare_id(word))
            .filter_map(MessageId::new)
            .collect();
    }
    // Most fields hold one or two, for which a set is dear.
    if matches!(found.as_slice(), [one, other] if one == other) {
        found.truncate(1);
    } else if found.len() > 2 {
        let mut seen = std::collections::HashSet::new();
        found.retain(|id| seen.insert(id.clone()));
    }
    found.split_off(found.len().saturating_sub(MAX_IDS))
}

/// The field with its encoded words decoded, and its brackets where a web page's forms wrote them.
fn written_out(value: &str) -> Cow<'_, str> {
    let decoded = encoded_words::decoded(value);
    if !decoded.contains('<')
        && (decoded.contains("&lt;") || decoded.contains("%3C") || decoded.contains("%3c"))
    {
        let mut plain = decoded.into_owned();
        for (written, meant) in WRITTEN_BRACKETS {
            plain = plain.replace(written, meant);
        }
        return Cow::Owned(plain);
    }
    decoded
}

/// What forms make of brackets and the sign between them.
const WRITTEN_BRACKETS: [(&str, &str); 8] = [
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&amp;", "&"),
    ("%3C", "<"),
    ("%3c", "<"),
    ("%3E", ">"),
    ("%3e", ">"),
    ("%40", "@"),
];

fn bracketed(value: &str) -> Vec<MessageId> {
    let mut found = Vec::new();
    let Some((before, mut rest)) = value.split_once('<') else {
        return cut_at_the_front(value).into_iter().collect();
    };
    found.extend(cut_at_the_front(before));
    // what MH writes: `Message from Ann Lee <ann@vendor.example> of "Tue, 24 Nov 2026 09:12:00 EST." <id>`
    if let Some((_, after)) = rest.split_once('>').filter(|_| before.contains(char::is_alphabetic))
        && let Some((date, ids)) = after.split_once('<')
        && date.contains('"')
        && date.contains(|c: char| c.is_ascii_digit())
    {
        rest = ids;
    }
    loop {
        let Some((inside, next)) = rest.split_once('>') else {
            // a field that was cut off at its end: no blank is inside of what is left of an id
            found.extend(Some(rest.trim()).filter(|rest| is_bare_id(rest)).and_then(MessageId::new));
            break;
        };
        found.extend(inside_brackets(inside));
        let Some((_, after)) = next.split_once('<') else { break };
        rest = after;
    }
    found
}

/// The id before the first `>` of a field whose beginning was cut off.
fn cut_at_the_front(before: &str) -> Option<MessageId> {
    let (word, _) = before.split_once('>')?;
    is_bare_id(word.trim()).then(|| MessageId::new(word.trim())).flatten()
}

/// The ids between `<` and `>`: one, or several where a bracket in between was lost.
fn inside_brackets(inside: &str) -> impl Iterator<Item = MessageId> {
    let (others, last) = inside.rsplit_once('<').unwrap_or(("", inside));
    let pieces = others.split('<').filter(|piece| is_bare_id(piece.trim())).chain(std::iter::once(last));
    pieces.filter_map(|piece| {
        let piece = piece.trim();
        let piece = piece.strip_prefix("mailto:").unwrap_or(piece);
        let id = if piece.bytes().all(|byte| byte.is_ascii_graphic()) {
            Cow::Borrowed(piece)
        } else {
            Cow::Owned(piece.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect())
        };
        (id.len() <= MAX_ID).then(|| MessageId::new(&id)).flatten()
    })
}

fn is_bare_id(word: &str) -> bool {
    word.len() <= MAX_ID
        && word.split_once('@').is_some_and(|(left, right)| {
            !left.is_empty()
                && !right.is_empty()
                && right.chars().all(|c| c.is_alphanumeric() || ".-_[]:".contains(c))
        })
}

/// The one id of a Message-ID field: the first, brackets or not.
pub(crate) fn own_id(value: &str) -> Option<MessageId> {
    let value = written_out(value);
    if let Some(id) = bracketed(&value).into_iter().next() {
        return Some(id);
    }
    let word = value.split_whitespace().next()?;
    (word.len() <= MAX_ID).then(|| MessageId::new(word)).flatten()
}

/// Bytes 6 to 21 of Thread-Index, in hexadecimal: the conversation's GUID ([MS-OXOMSG] section 2.2.1.3).
pub fn conversation(value: &str) -> Option<String> {
    const FORGIVING: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, FORGIVING);
    let text: String = value.chars().filter(|c| !c.is_whitespace()).take(4_096).collect();
    let bytes = engine.decode(&text).or_else(|_| STANDARD.decode(&text)).ok()?;
    let guid = bytes.get(6..22)?;
    Some(guid.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Gmail's number of a thread, marked so that it is never taken for Outlook's.
pub(crate) fn gmail_thread(value: &str) -> Option<String> {
    let number: u64 = value.trim().parse().ok()?;
    (number > 0).then(|| format!("gmail-{number:x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(value: &str) -> Vec<String> {
        ids(value).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ids_stand_in_brackets_with_or_without_space_between() {
        assert_eq!(
            texts("<a@x.example> <b@x.example><c@x.example>"),
            ["a@x.example", "b@x.example", "c@x.example"]
        );
    }

    #[test]
    fn free_text_around_an_id_is_left_out() {
        assert_eq!(
            texts("Your message of \"Tue, 24 Nov 2026 10:00:00 EST.\" <a@x.example>"),
            ["a@x.example"]
        );
        assert_eq!(texts("<m3y@x.example> (Calvin Reyes's message of \"Tue\")"), ["m3y@x.example"]);
        let by_mh = "Message from Ann Lee <ann@x.example> of \"Tue, 24 Nov 2026 09:12:00 EST.\"";
        assert_eq!(texts(&format!("{by_mh} <a@x.example>")), ["a@x.example"]);
        assert_eq!(texts(&format!("{by_mh} <a@x.example> <b@x.example>")), ["a@x.example", "b@x.example"]);
    }

    #[test]
    fn free_text_alone_gives_no_id() {
        assert!(texts("your mail of yesterday").is_empty());
        assert!(texts("<>").is_empty());
        assert!(texts("").is_empty());
    }

    #[test]
    fn a_bare_id_counts_where_no_bracket_stands() {
        assert_eq!(texts("abc@x.example"), ["abc@x.example"]);
    }

    #[test]
    fn an_id_folded_in_the_middle_is_mended() {
        assert_eq!(texts("<very.long\t id@x.example>"), ["very.longid@x.example"]);
    }

    #[test]
    fn ids_in_encoded_words_are_read_however_they_were_cut() {
        assert_eq!(texts("=?utf-8?q?=3Ca=40x=2Eexa?= =?utf-8?q?mple=3E?="), ["a@x.example"]);
        assert_eq!(texts("=?us-ascii?B?PGFAeC5leGFtcGxlPg==?="), ["a@x.example"]);
        assert_eq!(texts("<a@x.example> =?UTF-8?Q?=3Cb@x.example=3E?="), ["a@x.example", "b@x.example"]);
        assert_eq!(own_id("=?utf-8?Q?=3Cabc=40x.example=3E?=").unwrap().as_str(), "abc@x.example");
    }

    #[test]
    fn ids_with_broken_brackets_are_read() {
        assert_eq!(texts("<<a@x.example>>"), ["a@x.example"]);
        assert_eq!(texts("<a@x.example <b@x.example>"), ["a@x.example", "b@x.example"]);
        assert_eq!(texts("< a@x.example >"), ["a@x.example"]);
        assert_eq!(texts("&lt;a@x.example&gt;"), ["a@x.example"]);
        assert_eq!(texts("%3Ca%40x.example%3E"), ["a@x.example"]);
        assert_eq!(texts("[a@x.example]"), ["a@x.example"]);
    }

    #[test]
    fn a_field_cut_off_at_an_end_keeps_what_is_whole() {
        assert_eq!(texts("<a@x.example> <b@x.example"), ["a@x.example", "b@x.example"]);
        assert_eq!(texts("a@x.example> <b@x.example>"), ["a@x.example", "b@x.example"]);
        assert_eq!(texts("<a@x.example> <b"), ["a@x.example"]);
        assert_eq!(texts("said Dana -> <a@x.example>"), ["a@x.example"]);
    }

    #[test]
    fn an_id_is_named_once() {
        assert_eq!(texts("<a@x> <b@x> <a@x>"), ["a@x", "b@x"]);
    }

    #[test]
    fn a_broken_own_id_is_taken_as_it_stands() {
        assert_eq!(own_id("abc@x.example (comment)").unwrap().as_str(), "abc@x.example");
        assert_eq!(own_id("<no-domain>").unwrap().as_str(), "no-domain");
        assert!(own_id("  <> ").is_none());
    }

    #[test]
    fn thread_index_names_the_conversation_of_a_reply_too() {
        let head = [1_u8, 0xda, 1, 2, 3, 4];
        let guid: Vec<u8> = (0..16).collect();
        let first = STANDARD.encode([&head[..], &guid].concat());
        let reply = STANDARD.encode([&head[..], &guid, &[9; 5]].concat());
        assert_eq!(conversation(&first), conversation(&reply));
        assert_eq!(conversation(&first).unwrap(), "000102030405060708090a0b0c0d0e0f");
        assert_eq!(conversation("AQ=="), None);
        assert_eq!((gmail_thread(" 255").as_deref(), gmail_thread("x")), (Some("gmail-ff"), None));
    }
}
