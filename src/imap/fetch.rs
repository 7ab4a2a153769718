//! Reading messages: headers of a range in one streamed FETCH, and what an answer to FETCH tells.
//!
//! Only UID, FLAGS, INTERNALDATE, RFC822.SIZE and BODY.PEEK are ever asked for. BODYSTRUCTURE and ENVELOPE
//! are not: servers get them wrong, and parsers with them.

use std::sync::LazyLock;

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{DateTime, FixedOffset};

use super::{
    error::ImapError,
    exec::ImapSession,
    grammar::{AnswerValue, Scanner, ServerAnswer},
};

/// The most of a header that is read, in bytes; the rest is cut off.
const LONGEST_HEADER: u32 = 256 << 10;

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
    /// The header as it is, or those of its fields that were asked for, with the empty line that ends it.
    pub header: Vec<u8>,
}

/// The items of a FETCH of headers; of no `fields`, the whole header.
pub(super) fn header_items(fields: &[&str], gives_pieces: bool) -> String {
    let section =
        if fields.is_empty() { "HEADER".to_owned() } else { format!("HEADER.FIELDS ({})", fields.join(" ")) };
    let piece = if gives_pieces { format!("<0.{LONGEST_HEADER}>") } else { String::new() };
    format!("(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[{section}]{piece})")
}

/// A range of UIDs as a command names it; of no `last`, to the end.
pub(super) fn uid_range(first: u32, last: Option<u32>) -> String {
    last.map_or_else(|| format!("{first}:*"), |last| format!("{first}:{last}"))
}

impl ImapSession {
    /// The headers of all messages of the open folder with UIDs from `first` to `last`, or to the end,
    /// each handed to `on` as it comes, in the server's order (mostly ascending).
    ///
    /// A message that was removed meanwhile is left out, without a word. After an error, what `on` has
    /// seen is right but not complete. The whole range shares one timeout (`CommandTimeouts::transfer`): read
    /// a large folder by `header_windows`.
    pub async fn headers(
        &mut self,
        first: u32,
        last: Option<u32>,
        mut on: impl FnMut(HeaderItem) + Send,
    ) -> Result<(), ImapError> {
        self.forget_news();
        loop {
            let gives_pieces = self.gives_pieces;
            let items = header_items(&[], gives_pieces);
            let text = format!("UID FETCH {} {items}", uid_range(first, last));
            let outcome = self.exec_through_bad(self.transfer("FETCH", text), |answer| {
                if let ServerAnswer::Fetch(data) = answer
                    && let Some(item) = HeaderItem::read(data)
                    // `n:*` with n past the end is `*:n`, which is the last message (RFC 3501, 9, seq-range).
                    && item.uid >= first
                    && last.is_none_or(|last| item.uid <= last)
                {
                    on(item);
                }
            });
            match outcome.await {
                Err(ImapError::Misunderstood { .. }) if gives_pieces => self.gives_pieces = false,
                Err(error @ ImapError::Misunderstood { .. }) => {
                    self.give_up();
                    return Err(error);
                }
                outcome => return outcome.map(drop),
            }
        }
    }

    /// The last message of the open folder by number, as FETCH shows it: its UID and INTERNALDATE.
    pub(crate) async fn last_message(
        &mut self,
    ) -> Result<Option<(u32, Option<DateTime<FixedOffset>>)>, ImapError> {
        if self.known_exists() == Some(0) {
            return Ok(None);
        }
        let mut found = None;
        self.exec_through_bad(self.command("FETCH", "UID FETCH * (UID INTERNALDATE)"), |answer| {
            if let ServerAnswer::Fetch(data) = answer {
                let data = FetchData::read(data);
                found = data.uid.map(|uid| (uid, data.internal_date)).or(found);
            }
        })
        .await?;
        Ok(found)
    }

    /// Which UIDs of this range the open folder shows, by FETCH.
    pub(crate) async fn uids_shown(&mut self, first: u32, last: u32) -> Result<Vec<u32>, ImapError> {
        let text = format!("UID FETCH {} (UID)", uid_range(first, Some(last)));
        let mut found = Vec::new();
        self.exec(self.transfer("FETCH", text), |answer| {
            if let ServerAnswer::Fetch(data) = answer {
                let uid = FetchData::read(data).uid;
                found.extend(uid.filter(|uid| (first..=last).contains(uid)));
            }
        })
        .await?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// The UIDs of the open folder with when each message came, by FETCH alone.
    pub(super) async fn dates(&mut self) -> Result<Vec<(u32, Option<DateTime<FixedOffset>>)>, ImapError> {
        let mut found = Vec::new();
        if self.known_exists() == Some(0) {
            return Ok(found);
        }
        self.exec(self.transfer("FETCH", "UID FETCH 1:* (UID INTERNALDATE)"), |answer| {
            if let ServerAnswer::Fetch(data) = answer {
                let data = FetchData::read(data);
                found.extend(data.uid.map(|uid| (uid, data.internal_date)));
            }
        })
        .await?;
        Ok(found)
    }
}

impl HeaderItem {
    /// `None` for what is not an answer to us: changes of flags that the server reports on its own.
    pub(super) fn read(data: &[u8]) -> Option<Self> {
        let data = FetchData::read(data);
        let mut header = data.header?.bytes();
        // A server that gives the whole message for some of its fields.
        header.truncate(header_length(&header));
        Some(Self {
            uid: data.uid?,
            flags: data.flags,
            internal_date: data.internal_date,
            size: data.size,
            header,
        })
    }
}

/// The length of a header with the empty line that ends it.
fn header_length(bytes: &[u8]) -> usize {
    let crlf = memchr::memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4);
    crlf.unwrap_or(bytes.len())
}

/// What one FETCH answer tells, as far as we ever ask.
#[derive(Debug, Default)]
pub(super) struct FetchData<'l> {
    pub(super) uid: Option<u32>,
    flags: Flags,
    internal_date: Option<DateTime<FixedOffset>>,
    size: u32,
    header: Option<AnswerValue<'l>>,
    pub(super) body: Option<AnswerValue<'l>>,
}

/// The names of what we ask for.
const ASKED: [&str; 8] =
    ["UID", "FLAGS", "INTERNALDATE", "RFC822.SIZE", "BODY[", "RFC822.HEADER", "BODY.PEEK[", "RFC822"];

impl<'l> FetchData<'l> {
    /// Steps over what it cannot understand to the next name of what was asked for.
    pub(super) fn read(answer: &'l [u8]) -> Self {
        let mut data = Self::default();
        let mut scanner = Scanner::new(answer);
        scanner.blanks();
        scanner.eat(b'(');
        loop {
            scanner.blanks();
            let Some(first) = scanner.rest().first() else { return data };
            if !starts_asked(scanner.rest()) {
                if *first == b')' && scanner.rest().len() == 1 {
                    return data;
                }
                // An item that nobody asked for, or what is left of one that could not be read.
                if scanner.until(b" ()").is_empty() && scanner.value().is_none() {
                    scanner.eat(b')');
                }
                continue;
            }
            data.take(&mut scanner);
        }
    }

    fn take(&mut self, scanner: &mut Scanner<'l>) {
        let name = scanner.until(b" [(").to_ascii_uppercase();
        if scanner.eat(b'[') {
            let section = scanner.until(b"]").to_ascii_uppercase();
            scanner.eat(b']');
            // `<0>`, or `<0.262144>` where the server repeats the question.
            scanner.until(b" ");
            let value = scanner.value();
            if section.starts_with(b"HEADER") {
                self.header = value.or(self.header);
            } else if section.is_empty() {
                self.body = value.or(self.body);
            }
            return;
        }
        if name == b"FLAGS" {
            // No flag may hold a parenthesis, and where one does the list ends all the same.
            scanner.blanks();
            if !scanner.eat(b'(') {
                scanner.value();
                return;
            }
            let list = scanner.until(b")");
            scanner.eat(b')');
            for flag in list.split(u8::is_ascii_whitespace) {
                self.flags.seen |= flag.eq_ignore_ascii_case(b"\\Seen");
                self.flags.draft |= flag.eq_ignore_ascii_case(b"\\Draft");
                self.flags.deleted |= flag.eq_ignore_ascii_case(b"\\Deleted");
            }
            return;
        }
        let Some(value) = scanner.value() else { return };
        match name.as_slice() {
            b"UID" => self.uid = value.number().or(self.uid),
            b"RFC822.SIZE" => self.size = value.number().unwrap_or(self.size),
            b"INTERNALDATE" => self.internal_date = date(&String::from_utf8_lossy(&value.bytes())),
            b"RFC822.HEADER" => self.header = Some(value),
            b"RFC822" => self.body = Some(value),
            _ => {}
        }
    }
}

/// Whether here stands, as a whole word, the name of something that we ask for.
fn starts_asked(rest: &[u8]) -> bool {
    ASKED.iter().any(|name| {
        let (bytes, length) = (name.as_bytes(), name.len());
        rest.get(..length).is_some_and(|start| start.eq_ignore_ascii_case(bytes))
            && (name.ends_with('[') || matches!(rest.get(length), Some(b' ' | b'(')))
    })
}

/// RFC 3501 date-time: ` 1-Nov-2026 09:30:00 +0100`, the day padded with a space.
fn date(text: &str) -> Option<DateTime<FixedOffset>> {
    static FORM: LazyLock<Vec<Item<'static>>> =
        LazyLock::new(|| StrftimeItems::new("%d-%b-%Y %H:%M:%S %z").collect());
    let mut parsed = Parsed::new();
    parse(&mut parsed, text.trim(), FORM.iter()).ok()?;
    parsed.to_datetime().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_dates_are_read_with_either_padding() {
        for text in [" 1-Nov-2026 09:30:00 +0100", "01-Nov-2026 09:30:00 +0100"] {
            assert_eq!(date(text).unwrap().to_rfc3339(), "2026-11-01T09:30:00+01:00");
        }
        assert_eq!(date("-"), None);
    }

    #[test]
    fn a_message_is_read_whatever_stands_around_what_was_asked_for() {
        for answer in [
            "(UID 7 FLAGS (\\Seen (old) RFC822.SIZE 9 BODY[HEADER]<0> {4}\r\nA:b\n)",
            "(FLAGS (\\Seen old)) UID 7 RFC822.SIZE 9 BODY[HEADER]<0.262144> {4}\r\nA:b\n)",
            "(UID 7 FLAGS (\\Seen \"two words) RFC822.SIZE 9 BODY[HEADER] \"A:b\n\")",
            "(UID 7 FLAGS NIL FLAGS (\\Seen) RFC822.SIZE 9 BODY[HEADER] {4}\r\nA:b\n)",
            "(UID 7 FLAGS (\\seen Report\\ Spam) RFC822.SIZE 9 RFC822.HEADER {4}\r\nA:b\n)",
            "(MODSEQ (12) X-ODD ((a) (b (c))) UID 7 X-GM-LABELS (\"a)\" b) RFC822.SIZE 9 FLAGS (\\Seen) BODY[HEADER] {4}\r\nA:b\n)",
            "(UID 7 FLAGS (\\Seen) RFC822.SIZE 9 BODY[HEADER.FIELDS (\"From\" UID)]<0> {4+}\r\nA:b\n EMAILID (M1))",
            "(INTERNALDATE NIL BODYSTRUCTURE (\"unbalanced UID 7 FLAGS (\\Seen) RFC822.SIZE 9 BODY[HEADER] {4}\r\nA:b\n)",
        ] {
            let read = HeaderItem::read(answer.as_bytes());
            // What an unclosed quotation mark has swallowed cannot be had again.
            if answer.contains("unbalanced") {
                assert_eq!(read, None);
                continue;
            }
            let item = read.unwrap_or_else(|| panic!("{answer}"));
            assert_eq!((item.uid, item.size, item.flags.seen), (7, 9, true), "{answer}");
            assert_eq!(item.header, b"A:b\n", "{answer}");
        }
    }

    #[test]
    fn names_inside_of_literals_are_no_names() {
        let answer = b"(BODY[HEADER] {14}\r\nUID 9 FLAGS ()) UID 7)";
        assert_eq!(HeaderItem::read(answer).unwrap().uid, 7);
    }
}
