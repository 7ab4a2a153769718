//! Reading messages: the headers of a whole range in one streamed FETCH, bodies in pieces under a cap.
//!
//! Only UID, FLAGS, INTERNALDATE, RFC822.SIZE and BODY.PEEK are ever asked for. BODYSTRUCTURE and ENVELOPE
//! are not: servers get them wrong, and the parser with them.

use async_imap::imap_proto::{AttributeValue, MessageSection, Response, SectionPath};
use chrono::{DateTime, FixedOffset};

use super::{error::ImapError, exec::ImapSession};

/// The most of a header that is read, in bytes; the rest is cut off.
const LONGEST_HEADER: u32 = 256 << 10;
/// Bodies come in pieces of this size, in bytes.
const PIECE: u32 = 512 << 10;

/// The flags that matter here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    pub seen: bool,
    pub draft: bool,
    pub deleted: bool,
}

/// One message of the open folder, by its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderItem {
    pub uid: u32,
    pub flags: Flags,
    /// When the server first had the message. Microsoft can leave it out.
    pub internal_date: Option<DateTime<FixedOffset>>,
    /// The whole message, in bytes, as the server counts.
    pub size: u32,
    /// The header as it is, with the empty line that ends it.
    pub header: Vec<u8>,
}

/// A message's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchedBody {
    Whole(Vec<u8>),
    /// Longer than the cap: its beginning, exactly as long as the cap.
    Cut(Vec<u8>),
    /// There is no message with this UID any more.
    Gone,
}

impl ImapSession {
    /// The headers of all messages of the open folder with UIDs from `first` to `last`, or to the end,
    /// each handed to `on` as it comes, in the server's order (mostly ascending).
    ///
    /// A message that was removed meanwhile is left out, without a word. After an error, what `on` has
    /// seen is right but not complete. The whole range shares one timeout (`CommandTimeouts::transfer`): read
    /// a large folder in several ranges.
    pub async fn headers(
        &mut self,
        first: u32,
        last: Option<u32>,
        mut on: impl FnMut(HeaderItem) + Send,
    ) -> Result<(), ImapError> {
        let last_text = last.map_or_else(|| "*".to_owned(), |last| last.to_string());
        let text = format!(
            "UID FETCH {first}:{last_text} (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.{LONGEST_HEADER}>)"
        );
        self.forget_news();
        self.exec(self.transfer("FETCH", text), |response| {
            if let Response::Fetch(_, attributes) = response
                && let Some(item) = header_item(attributes)
                // `n:*` with n past the end is `*:n`, which is the last message (RFC 3501, 9, seq-range).
                && item.uid >= first
                && last.is_none_or(|last| item.uid <= last)
            {
                on(item);
            }
        })
        .await?;
        Ok(())
    }

    /// One message of the open folder, at most `cap` bytes of it.
    pub async fn body(&mut self, uid: u32, cap: u32) -> Result<FetchedBody, ImapError> {
        let mut body: Vec<u8> = Vec::new();
        loop {
            let offset = u32::try_from(body.len()).unwrap_or(u32::MAX);
            // One byte more than the cap tells a message of that very length from a longer one.
            let want = PIECE.min(cap.saturating_add(1).saturating_sub(offset));
            let Some(piece) = self.piece(uid, offset, want).await? else {
                return Ok(FetchedBody::Gone);
            };
            let got = u32::try_from(piece.len()).unwrap_or(u32::MAX);
            body.extend_from_slice(&piece);
            if body.len() > cap as usize {
                body.truncate(cap as usize);
                return Ok(FetchedBody::Cut(body));
            }
            if got < want {
                return Ok(FetchedBody::Whole(body));
            }
        }
    }

    async fn piece(&mut self, uid: u32, offset: u32, length: u32) -> Result<Option<Vec<u8>>, ImapError> {
        let text = format!("UID FETCH {uid} (UID BODY.PEEK[]<{offset}.{length}>)");
        let mut found = None;
        self.exec(self.transfer("FETCH", text), |response| {
            if let Response::Fetch(_, attributes) = response
                && attributes.contains(&AttributeValue::Uid(uid))
            {
                found = attributes.iter().find_map(whole_section).or(found.take());
            }
        })
        .await?;
        Ok(found)
    }
}

fn whole_section(attribute: &AttributeValue<'_>) -> Option<Vec<u8>> {
    match attribute {
        // Past the end some servers say NIL instead of an empty string.
        AttributeValue::BodySection { section: None, data, .. } => {
            Some(data.as_deref().unwrap_or_default().to_vec())
        }
        _ => None,
    }
}

/// `None` for what is not an answer to us: changes of flags that the server reports on its own.
fn header_item(attributes: &[AttributeValue<'_>]) -> Option<HeaderItem> {
    let mut uid = None;
    let mut header = None;
    let mut flags = Flags::default();
    let mut internal_date = None;
    let mut size = 0;
    for attribute in attributes {
        match attribute {
            AttributeValue::Uid(value) => uid = Some(*value),
            AttributeValue::Rfc822Size(value) => size = *value,
            AttributeValue::InternalDate(text) => internal_date = date(text),
            AttributeValue::Flags(list) => {
                for flag in list {
                    flags.seen |= flag.eq_ignore_ascii_case("\\Seen");
                    flags.draft |= flag.eq_ignore_ascii_case("\\Draft");
                    flags.deleted |= flag.eq_ignore_ascii_case("\\Deleted");
                }
            }
            AttributeValue::BodySection {
                section: Some(SectionPath::Full(MessageSection::Header)),
                data,
                ..
            } => header = Some(data.as_deref().unwrap_or_default().to_vec()),
            _ => {}
        }
    }
    Some(HeaderItem { uid: uid?, flags, internal_date, size, header: header? })
}

/// RFC 3501 date-time: ` 1-Nov-2026 09:30:00 +0100`, the day padded with a space.
fn date(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_str(text.trim(), "%d-%b-%Y %H:%M:%S %z").ok()
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn internal_dates_are_read_with_either_padding() {
        for text in [" 1-Nov-2026 09:30:00 +0100", "01-Nov-2026 09:30:00 +0100"] {
            assert_eq!(date(text).unwrap().to_rfc3339(), "2026-11-01T09:30:00+01:00");
        }
        assert_eq!(date("-"), None);
    }
}
