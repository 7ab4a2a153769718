//! SEARCH and FETCH on one message: does it match, and what of it is asked for.
//!
//! Known limits: text is compared as raw bytes (no encoded words, no transfer encodings); of a message's
//! parts only the whole, the header and the text can be fetched, no BODYSTRUCTURE, no ENVELOPE.

use std::num::NonZeroU32;

use chrono::NaiveDate;
use imap_codec::imap_types::IntoStatic;
use imap_codec::imap_types::core::{AString, IString, Literal, NString};
use imap_codec::imap_types::datetime::DateTime;
use imap_codec::imap_types::fetch::{MessageDataItem, MessageDataItemName, Section};
use imap_codec::imap_types::flag::{Flag, FlagFetch};
use imap_codec::imap_types::search::SearchKey;
use imap_codec::imap_types::sequence::{SeqOrUid, Sequence, SequenceSet};
use mail_parser::MessageParser;

use super::headers;
use super::mailbox::StoredMessage;

/// A message with its number in the session, and the highest of both kinds, which `*` stands for.
#[derive(Clone, Copy, Debug)]
pub(super) struct SearchCandidate<'a> {
    pub message: &'a StoredMessage,
    pub number: u32,
    pub last_number: u32,
    pub last_uid: u32,
}

/// RFC 9051 section 9, seq-range: `*` is the last, and `9:*` has it also where the last is below 9.
pub(super) fn contains(set: &SequenceSet, value: u32, last: u32) -> bool {
    let resolve = |end: &SeqOrUid| match end {
        SeqOrUid::Value(value) => value.get(),
        SeqOrUid::Asterisk => last,
    };
    set.0.as_ref().iter().any(|sequence| match sequence {
        Sequence::Single(one) => resolve(one) == value,
        Sequence::Range(a, b) => {
            let (a, b) = (resolve(a), resolve(b));
            (a.min(b)..=a.max(b)).contains(&value)
        }
    })
}

/// Whether a key is looked up in an index of words.
pub(super) fn goes_by_words(key: &SearchKey<'_>) -> bool {
    match key {
        SearchKey::And(keys) => keys.as_ref().iter().any(goes_by_words),
        SearchKey::Or(a, b) => goes_by_words(a) || goes_by_words(b),
        SearchKey::Not(inner) => goes_by_words(inner),
        SearchKey::From(_)
        | SearchKey::To(_)
        | SearchKey::Cc(_)
        | SearchKey::Bcc(_)
        | SearchKey::Subject(_)
        | SearchKey::Header(..)
        | SearchKey::Text(_)
        | SearchKey::Body(_) => true,
        _ => false,
    }
}

/// `Err` names a key that is not known here.
pub(super) fn matches(key: &SearchKey<'_>, candidate: SearchCandidate<'_>) -> Result<bool, String> {
    let message = candidate.message;
    let flag = |name: &str| message.flags.iter().any(|flag| flag.eq_ignore_ascii_case(name));
    let day = || message.internal_date.date_naive();
    let header = |name: &str, text: &AString<'_>| {
        headers::values(&message.raw, name).iter().any(|value| holds(value.as_bytes(), text))
    };
    Ok(match key {
        SearchKey::And(keys) => all_match(keys.as_ref(), candidate)?,
        SearchKey::Or(a, b) => matches(a, candidate)? || matches(b, candidate)?,
        SearchKey::Not(inner) => !matches(inner, candidate)?,
        SearchKey::All => true,
        SearchKey::SequenceSet(set) => contains(set, candidate.number, candidate.last_number),
        SearchKey::Uid(set) => contains(set, message.uid, candidate.last_uid),
        SearchKey::Since(date) => day() >= *date.as_ref(),
        SearchKey::Before(date) => day() < *date.as_ref(),
        SearchKey::On(date) => day() == *date.as_ref(),
        SearchKey::SentSince(date) => sent_day(&message.raw).is_some_and(|day| day >= *date.as_ref()),
        SearchKey::SentBefore(date) => sent_day(&message.raw).is_some_and(|day| day < *date.as_ref()),
        SearchKey::SentOn(date) => sent_day(&message.raw).is_some_and(|day| day == *date.as_ref()),
        SearchKey::From(text) => header("From", text),
        SearchKey::To(text) => header("To", text),
        SearchKey::Cc(text) => header("Cc", text),
        SearchKey::Bcc(text) => header("Bcc", text),
        SearchKey::Subject(text) => header("Subject", text),
        SearchKey::Header(name, text) => header(&String::from_utf8_lossy(name.as_ref()), text),
        SearchKey::Text(text) => holds(&message.raw, text),
        SearchKey::Body(text) => holds(headers::split(&message.raw).1, text),
        SearchKey::Larger(size) => message.raw.len() > *size as usize,
        SearchKey::Smaller(size) => message.raw.len() < *size as usize,
        SearchKey::Answered => flag("\\Answered"),
        SearchKey::Unanswered => !flag("\\Answered"),
        SearchKey::Deleted => flag("\\Deleted"),
        SearchKey::Undeleted => !flag("\\Deleted"),
        SearchKey::Draft => flag("\\Draft"),
        SearchKey::Undraft => !flag("\\Draft"),
        SearchKey::Flagged => flag("\\Flagged"),
        SearchKey::Unflagged => !flag("\\Flagged"),
        SearchKey::Seen => flag("\\Seen"),
        SearchKey::Unseen => !flag("\\Seen"),
        SearchKey::Keyword(name) => flag(name.as_ref()),
        SearchKey::Unkeyword(name) => !flag(name.as_ref()),
        other => return Err(format!("{other:?}")),
    })
}

pub(super) fn all_match(keys: &[SearchKey<'_>], candidate: SearchCandidate<'_>) -> Result<bool, String> {
    for key in keys {
        if !matches(key, candidate)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Holds the text, whatever the case of its ASCII letters; the empty text is in everything.
fn holds(haystack: &[u8], text: &AString<'_>) -> bool {
    let needle: &[u8] = text.as_ref();
    needle.is_empty() || haystack.windows(needle.len()).any(|window| window.eq_ignore_ascii_case(needle))
}

fn sent_day(raw: &[u8]) -> Option<NaiveDate> {
    let parsed = MessageParser::default().parse_headers(raw)?;
    let date = parsed.date()?;
    NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
}

/// What a fetch of `name` gives of this message. `Err` names an item that is not known here.
pub(super) fn item(
    name: &MessageDataItemName<'_>,
    message: &StoredMessage,
) -> Result<MessageDataItem<'static>, String> {
    let raw = &message.raw;
    Ok(match name {
        MessageDataItemName::Uid => {
            MessageDataItem::Uid(NonZeroU32::new(message.uid).unwrap_or(NonZeroU32::MIN))
        }
        MessageDataItemName::Flags => MessageDataItem::Flags(
            message.flags.iter().filter_map(|flag| flag_of(flag)).map(FlagFetch::Flag).collect(),
        ),
        MessageDataItemName::InternalDate => MessageDataItem::InternalDate(
            DateTime::try_from(message.internal_date.fixed_offset()).map_err(|error| error.to_string())?,
        ),
        MessageDataItemName::Rfc822Size => {
            MessageDataItem::Rfc822Size(u32::try_from(raw.len()).unwrap_or(u32::MAX))
        }
        MessageDataItemName::Rfc822 => MessageDataItem::Rfc822(literal(raw)),
        MessageDataItemName::Rfc822Header => MessageDataItem::Rfc822Header(literal(headers::split(raw).0)),
        MessageDataItemName::Rfc822Text => MessageDataItem::Rfc822Text(literal(headers::split(raw).1)),
        MessageDataItemName::BodyExt { section, partial, .. } => {
            let bytes = section_bytes(section.as_ref(), raw)?;
            let (origin, bytes) = match partial {
                None => (None, bytes.as_slice()),
                Some((offset, length)) => {
                    let start = (*offset as usize).min(bytes.len());
                    let end = start.saturating_add(length.get() as usize).min(bytes.len());
                    (Some(*offset), bytes.get(start..end).unwrap_or_default())
                }
            };
            let section = section.clone().map(IntoStatic::into_static);
            MessageDataItem::BodyExt { section, origin, data: literal(bytes) }
        }
        other => return Err(format!("{other:?}")),
    })
}

fn section_bytes(section: Option<&Section<'_>>, raw: &[u8]) -> Result<Vec<u8>, String> {
    let named = |names: &[AString<'_>], field: &headers::RawHeaderField<'_>| {
        names.iter().any(|name| field.is(&String::from_utf8_lossy(name.as_ref())))
    };
    let chosen = |keep: &dyn Fn(&headers::RawHeaderField<'_>) -> bool| {
        let mut out: Vec<u8> =
            headers::fields(raw).iter().filter(|field| keep(field)).flat_map(|f| f.raw).copied().collect();
        out.extend_from_slice(b"\r\n");
        out
    };
    match section {
        None => Ok(raw.to_vec()),
        Some(Section::Header(None)) => Ok(headers::split(raw).0.to_vec()),
        Some(Section::Text(None)) => Ok(headers::split(raw).1.to_vec()),
        Some(Section::HeaderFields(None, names)) => Ok(chosen(&|field| named(names.as_ref(), field))),
        Some(Section::HeaderFieldsNot(None, names)) => Ok(chosen(&|field| !named(names.as_ref(), field))),
        Some(other) => Err(format!("{other:?}")),
    }
}

/// Always a literal, as real servers send it. A NUL cannot be in one; Dovecot writes 0x80 for it.
fn literal(bytes: &[u8]) -> NString<'static> {
    let bytes: Vec<u8> = bytes.iter().map(|byte| if *byte == 0 { 0x80 } else { *byte }).collect();
    NString(Literal::try_from(bytes).ok().map(IString::Literal))
}

pub(super) fn flag_of(flag: &str) -> Option<Flag<'static>> {
    Flag::try_from(flag).ok().map(IntoStatic::into_static)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_to_the_end_always_has_the_last_message() {
        let set = |text: &str| SequenceSet::try_from(text).unwrap();
        assert!(contains(&set("9:*"), 4, 4));
        assert!(contains(&set("*"), 4, 4));
        assert!(!contains(&set("9:*"), 3, 4));
        assert!(contains(&set("1:4294967295"), 3, 4));
        assert!(contains(&set("7,2:3"), 3, 4));
        assert!(!contains(&set("7,2:3"), 4, 4));
    }
}
