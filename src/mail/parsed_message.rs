//! A message taken apart by mail-parser, made safe first, with its header fields by name.
//!
//! mail-parser descends into embedded messages without a limit of its own and keeps every header line
//! and part, so hostile bytes are sanitized before it sees them (`sanitize`). Limits: 64 MiB of a message are
//! read; 20 embedded messages deep or wide, 100 multiparts, 4,000 part delimiters and 20,000 header-like lines in a
//! row are understood, what goes beyond stays undivided text. Embedded messages that are themselves base64 or
//! quoted-printable (RFC 2046 section 5.2.1 forbids it, some gateways do it) arrive as text.

use std::borrow::Cow;
use std::mem::discriminant;
use std::panic::catch_unwind;
use std::sync::LazyLock;

use mail_parser::{DateTime, Header, HeaderName, HeaderValue, Message, MessageParser, MessagePart, Received};
use memchr::{memchr, memchr_iter, memchr2, memchr2_iter};

use super::decoding;

/// Bytes of a message that are read at all.
pub(crate) const MAX_BYTES: usize = 64 * 1024 * 1024;
const MAX_EMBEDDED: usize = 20;
const MAX_MULTIPARTS: usize = 100;
const MAX_DELIMITERS: usize = 4_000;
const MAX_FIELDS: usize = 20_000;

/// What is taken apart of a header; of every other field the raw value is looked at where it is needed, which halves
/// the cost of a message.
static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
    MessageParser::new().with_minimal_headers().header_address(HeaderName::Sender).default_header_ignore()
});
static RECEIVED: LazyLock<MessageParser> =
    LazyLock::new(|| MessageParser::new().header_received(HeaderName::Received).default_header_ignore());

/// One message, parsed.
#[derive(Debug)]
pub(crate) struct ParsedMessage<'x> {
    raw: &'x [u8],
    message: Option<Message<'x>>,
}

impl<'x> ParsedMessage<'x> {
    /// `raw` must have gone through [`sanitize`]. Where mail-parser fails on it all the same, its header alone is read.
    pub(crate) fn parse(raw: &'x [u8]) -> Self {
        let whole = catch_unwind(|| PARSER.parse(raw));
        let mut message = whole.unwrap_or_else(|_| {
            tracing::warn!(bytes = raw.len(), "mail-parser failed on a message; only its header is read");
            catch_unwind(|| PARSER.parse_headers(raw)).ok().flatten()
        });
        if let Some(message) = &mut message {
            decoding::decode_again(message, raw, &PARSER);
        }
        Self { raw, message }
    }

    /// The header block alone; what follows a blank line is ignored.
    pub(crate) fn parse_headers(raw: &'x [u8]) -> Self {
        let mut message = catch_unwind(|| PARSER.parse_headers(raw)).ok().flatten();
        if let Some(message) = &mut message {
            decoding::decode_again(message, raw, &PARSER);
        }
        Self { raw, message }
    }

    pub(crate) fn parts(&self) -> &[MessagePart<'x>] {
        self.message.as_ref().map_or(&[], |message| &message.parts)
    }

    pub(crate) fn root(&self) -> Option<&MessagePart<'x>> {
        self.parts().first()
    }

    pub(crate) fn message(&self) -> Option<&Message<'x>> {
        self.message.as_ref()
    }

    pub(crate) fn raw(&self) -> &'x [u8] {
        self.raw
    }

    /// A Received field of this message, taken apart; `None` where `header` is none, or a broken one.
    pub(crate) fn received(&self, header: &Header<'x>) -> Option<Received<'x>> {
        received_in(self.raw.get(header.offset_field as usize..header.offset_end as usize)?)
    }

    /// The date of a Received field. What stands before it is most of the field and need not be taken apart for it.
    pub(crate) fn received_date(&self, header: &Header<'x>) -> Option<DateTime> {
        let field = self.raw.get(header.offset_field as usize..header.offset_end as usize)?;
        let Some(date) = date_part(field) else { return received_in(field)?.date };
        full_date(date).or_else(|| received_in(&[b"Received:", date].concat())?.date)
    }

    /// Every field of the outer header with its raw value, from the top.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&Header<'x>, &'x [u8])> {
        let raw = self.raw;
        self.root()
            .into_iter()
            .flat_map(move |part| part.headers.iter().map(move |header| (header, value_of(header, raw))))
    }

    /// Name and raw value of every field of the outer header, from the top.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&str, &'x [u8])> {
        self.headers().map(|(header, value)| (header.name.as_str(), value))
    }

    /// Name and unfolded value of every field, from the top; at most 2,000.
    pub(crate) fn owned_fields(&self) -> Vec<(String, String)> {
        self.fields().take(2_000).map(|(name, raw)| (name.to_owned(), unfold(raw).into_owned())).collect()
    }

    /// The topmost field of that name, unfolded, not decoded.
    pub(crate) fn field(&self, name: &str) -> Option<Cow<'x, str>> {
        self.all(name).next()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.named(name).next().is_some()
    }

    /// Every field of that name from the top, unfolded, not decoded.
    pub(crate) fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = Cow<'x, str>> + 's {
        self.named(name).map(|header| unfold(value_of(header, self.raw)))
    }

    fn named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Header<'x>> + 's {
        let headers = self.root().into_iter().flat_map(|part| &part.headers);
        let kind = FieldKind::of(name);
        headers.filter(move |header| kind.is(&header.name, name))
    }
}

/// How a field is told by its name. mail-parser knows many, and those need no comparing of letters.
enum FieldKind {
    Known(HeaderName<'static>),
    /// None that mail-parser knows.
    Foreign,
    Any,
}

impl FieldKind {
    fn of(name: &str) -> Self {
        match name {
            "Message-ID" => Self::Known(HeaderName::MessageId),
            "In-Reply-To" => Self::Known(HeaderName::InReplyTo),
            "References" => Self::Known(HeaderName::References),
            "Authentication-Results" => Self::Known(HeaderName::AuthenticationResults),
            "ARC-Authentication-Results" => Self::Known(HeaderName::ArcAuthenticationResults),
            _ if name.starts_with("X-") || name == "Thread-Index" => Self::Foreign,
            _ => Self::Any,
        }
    }

    fn is(&self, found: &HeaderName<'_>, name: &str) -> bool {
        match (self, found) {
            (Self::Any, _) => found.as_str().eq_ignore_ascii_case(name),
            (Self::Known(known), _) => discriminant(known) == discriminant(found),
            (Self::Foreign, HeaderName::Other(found)) => found.eq_ignore_ascii_case(name),
            (Self::Foreign, _) => false,
        }
    }
}

fn value_of<'x>(header: &Header<'_>, raw: &'x [u8]) -> &'x [u8] {
    raw.get(header.offset_start as usize..header.offset_end as usize).unwrap_or_default()
}

fn received_in(field: &[u8]) -> Option<Received<'_>> {
    let parsed = catch_unwind(|| RECEIVED.parse_headers(field)).ok().flatten()?;
    let value = parsed.parts.into_iter().next()?.headers.into_iter().next()?.value;
    if let HeaderValue::Received(received) = value { Some(*received) } else { None }
}

/// What stands behind the only `;` of a Received field, the sign included. `None` where it may be part of a comment or
/// of a quoted text.
fn date_part(field: &[u8]) -> Option<&[u8]> {
    let at = memchr(b';', field)?;
    let (before, date) = field.split_at_checked(at)?;
    let is_only = date.get(1..).is_some_and(|rest| memchr(b';', rest).is_none());
    let depth = memchr2_iter(b'(', b')', before).try_fold(0_usize, |depth, at| {
        if before.get(at) == Some(&b'(') { Some(depth + 1) } else { depth.checked_sub(1) }
    });
    (is_only && depth == Some(0) && memchr(b'"', before).is_none()).then_some(date)
}

/// `; Tue, 24 Nov 2026 15:04:06 +0000 (UTC)`, the form that nearly all servers write.
fn full_date(date: &[u8]) -> Option<DateTime> {
    let text = std::str::from_utf8(date).ok()?.trim_start_matches(';').trim();
    let (text, zone_name) = text.split_once(" (").unwrap_or((text, ")"));
    let is_name = zone_name.strip_suffix(')')?.bytes().all(|byte| byte.is_ascii_uppercase());
    let (weekday, text) = text.split_once(", ")?;
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let number = |text: &str, length: usize| {
        let is_number = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<u16>().ok()).flatten()
    };
    let two = |text: &str| number(text, 2).and_then(|found| u8::try_from(found).ok());
    let (day, month, year) = (words.next()?, words.next()?, number(words.next()?, 4)?);
    let mut clock = words.next()?.split(':');
    let (hour, minute, second) = (two(clock.next()?)?, two(clock.next()?)?, two(clock.next()?)?);
    let (sign, zone) = words.next()?.split_at_checked(1)?;
    let (tz_hour, tz_minute) = zone.split_at_checked(2)?;
    let found = DateTime {
        year,
        month: u8::try_from(MONTHS.iter().position(|name| *name == month)? + 1).ok()?,
        day: if day.len() == 1 { number(day, 1).and_then(|day| u8::try_from(day).ok())? } else { two(day)? },
        hour,
        minute,
        second,
        tz_before_gmt: sign == "-" && zone != "0000",
        tz_hour: two(tz_hour)?,
        tz_minute: two(tz_minute)?,
    };
    let is_whole = words.next().is_none() && clock.next().is_none();
    (is_name && is_whole && year >= 1000 && WEEKDAYS.contains(&weekday) && matches!(sign, "+" | "-"))
        .then_some(found)
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// A field's value on one line (RFC 5322 section 2.2.3), white space around it removed.
pub(crate) fn unfold(raw: &[u8]) -> Cow<'_, str> {
    // Nearly every field is UTF-8; checking that is several times faster than mending it.
    let text = std::str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed);
    match text {
        Cow::Borrowed(text) => unfolded(text.trim()),
        Cow::Owned(text) => Cow::Owned(unfolded(text.trim()).into_owned()),
    }
}

fn unfolded(text: &str) -> Cow<'_, str> {
    if memchr2(b'\n', b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len());
    text.split(['\n', '\r']).for_each(|piece| line.push_str(piece));
    Cow::Owned(line)
}

/// The same message without what makes a parser recurse or swell; borrowed where nothing was found, which
/// is nearly always. An mbox `From ` line and empty lines at the top are left out. Positions of all else stay the same.
pub(crate) fn sanitize(raw: &[u8]) -> Cow<'_, [u8]> {
    let raw = raw.get(..MAX_BYTES).unwrap_or(raw);
    let raw = without_preamble(raw);
    let mut changed = Cow::Borrowed(raw);
    sanitize_types(raw, &mut changed);
    sanitize_lines(raw, &mut changed);
    changed
}

fn without_preamble(raw: &[u8]) -> &[u8] {
    let mut start = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    // Gmail's own export, among others, begins with a line of spaces.
    while let Some(end) = memchr(b'\n', start)
        .filter(|end| start.get(..*end).is_some_and(|line| line.iter().all(u8::is_ascii_whitespace)))
    {
        start = start.get(end + 1..).unwrap_or_default();
    }
    if start.starts_with(b"From ") || start.starts_with(b">From ") {
        return memchr(b'\n', start).and_then(|end| start.get(end + 1..)).unwrap_or_default();
    }
    start
}

/// Renames media types that mail-parser would descend into once too often; each new name is as long as the old.
fn sanitize_types(raw: &[u8], changed: &mut Cow<'_, [u8]>) {
    let (mut embedded, mut multiparts) = (0_usize, 0_usize);
    for slash in memchr_iter(b'/', raw) {
        // HTML and encoded data are full of slashes, few of which stand behind such a word.
        let last = slash.checked_sub(1).and_then(|at| raw.get(at)).map(u8::to_ascii_lowercase);
        if !matches!(last, Some(b'e' | b't')) {
            continue;
        }
        let before = |word: &[u8]| {
            slash
                .checked_sub(word.len())
                .and_then(|at| raw.get(at..slash))
                .is_some_and(|found| found.eq_ignore_ascii_case(word))
        };
        let after = |word: &[u8]| {
            raw.get(slash + 1..slash + 1 + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word))
        };
        if before(b"message") && (after(b"rfc822") || after(b"global")) {
            embedded += 1;
            if embedded > MAX_EMBEDDED || is_encoded(raw, slash) {
                overwrite(changed, slash - 7, b"text/x-message");
            }
        } else if before(b"multipart") {
            multiparts += 1;
            if multiparts > MAX_MULTIPARTS {
                overwrite(changed, slash - 9, b"x-toomany");
            } else if after(b"digest") {
                overwrite(changed, slash + 1, b"mixed ");
            }
        }
    }
}

/// Whether the header block around `at` announces base64 or quoted-printable; looks 2,000 bytes each way.
fn is_encoded(raw: &[u8], at: usize) -> bool {
    let before = raw.get(at.saturating_sub(2_000)..at).unwrap_or_default();
    let after = raw.get(at..raw.len().min(at + 2_000)).unwrap_or_default();
    let start = last_blank_line(before);
    let end = first_blank_line(after);
    let near = [before.get(start..).unwrap_or_default(), after.get(..end).unwrap_or_default()]
        .concat()
        .to_ascii_lowercase();
    memchr::memmem::find(&near, b"base64").is_some()
        || memchr::memmem::find(&near, b"quoted-printable").is_some()
}

fn first_blank_line(text: &[u8]) -> usize {
    let plain = memchr::memmem::find(text, b"\n\n");
    let crlf = memchr::memmem::find(text, b"\n\r\n");
    plain.unwrap_or(text.len()).min(crlf.unwrap_or(text.len()))
}

fn last_blank_line(text: &[u8]) -> usize {
    let plain = memchr::memmem::rfind(text, b"\n\n");
    let crlf = memchr::memmem::rfind(text, b"\n\r\n");
    plain.max(crlf).unwrap_or(0)
}

/// Unmakes header lines and part delimiters beyond their limits.
fn sanitize_lines(raw: &[u8], changed: &mut Cow<'_, [u8]>) {
    if memchr_iter(b'\n', raw).count() < MAX_DELIMITERS {
        return;
    }
    let (mut start, mut fields, mut delimiters) = (0_usize, 0_usize, 0_usize);
    while let Some(rest) = raw.get(start..).filter(|rest| !rest.is_empty()) {
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..length).unwrap_or_default();
        if line.starts_with(b"--") {
            delimiters += 1;
            fields = 0;
            if delimiters > MAX_DELIMITERS {
                overwrite(changed, start, b"~~");
            }
        } else if line.first().is_some_and(|first| !first.is_ascii_whitespace()) {
            fields += 1;
            if fields > MAX_FIELDS
                && let Some(colon) = memchr(b':', line)
            {
                overwrite(changed, start + colon, b" ");
            }
        } else if line.iter().all(u8::is_ascii_whitespace) {
            fields = 0;
        }
        start += length + 1;
    }
}

fn overwrite(bytes: &mut Cow<'_, [u8]>, at: usize, with: &[u8]) {
    if let Some(place) = bytes.to_mut().get_mut(at..at + with.len()) {
        place.copy_from_slice(with);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_message_is_not_copied() {
        let raw = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x--\r\n";
        assert!(matches!(sanitize(raw), Cow::Borrowed(_)));
    }

    #[test]
    fn an_mbox_line_is_no_header() {
        assert_eq!(&*sanitize(b"From x@y Mon Nov 23 10:00:00 2026\nFrom: a@b\n\n"), b"From: a@b\n\n");
    }

    #[test]
    fn empty_lines_before_the_header_are_skipped() {
        assert_eq!(&*sanitize(b"    \n\r\nFrom: a@b\n\nhi"), b"From: a@b\n\nhi");
    }

    #[test]
    fn ten_thousand_nested_messages_are_read_without_recursion() {
        let raw = "Content-Type: message/rfc822\n\n".repeat(10_000);
        let sanitized = sanitize(raw.as_bytes());
        let parsed = ParsedMessage::parse(&sanitized);
        assert!(parsed.root().is_some());
    }

    #[test]
    fn an_encoded_embedded_message_becomes_text() {
        let raw =
            b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKeQo=\n";
        assert!(sanitize(raw).starts_with(b"Content-Type: text/x-message\n"));
    }

    #[test]
    fn the_date_of_a_received_field_is_that_of_the_whole_field() {
        let date = "Tue, 24 Nov 2026 15:04:06 +0000 (UTC)";
        for before in [
            "from a.example (a.example [192.0.2.1])\r\n\tby b.example (Postfix) with ESMTPS id 1\r\n\tfor <c@b.example>;",
            "by b.example (a; b) with SMTP id 7;",
            "by b.example (a) b) with SMTP;",
            "by b.example (a (b) with SMTP;",
            "by b.example \"a ( b\" id 7;",
            "by b.example; by c.example;",
            "id;",
            "for ;",
            ";",
            "",
        ] {
            for after in [
                date,
                "Tue,  3 Nov 2026 05:04:06 -0130",
                "Wed, 4 Nov 2026 05:04:06 -0000 (GMT)",
                "Wed, 4 Nov 0099 05:04:06 +0000",
                "Wed, 4 Nov 2026 05:04:06 +9999",
                "Tue, 24 nov 2026 15:04:06 +0000 (2)",
                "24 Nov 26 15:04:06 -0130",
                "by 24 Nov 2026 15:04",
                "tomorrow",
                "",
            ] {
                let raw = format!("Received: {before} {after}\r\nSubject: x\r\n\r\n");
                let parsed = ParsedMessage::parse(raw.as_bytes());
                let header = &parsed.root().unwrap().headers[0];
                let whole = parsed.received(header).and_then(|received| received.date);
                assert_eq!(parsed.received_date(header), whole, "{before} {after}");
            }
        }
    }

    #[test]
    fn a_folded_field_reads_as_one_line() {
        assert_eq!(unfold(b" one\r\n two\r\n"), "one two");
    }
}
