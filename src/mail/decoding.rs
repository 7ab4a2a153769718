//! What mail-parser could not decode, decoded again: texts of parts (base64 with more behind it: `base64_text`), and the subject, names and addresses of the
//! outer header.
//!
//! Most mail is UTF-8 that says so and is passed over at the price of a look. Known limit: messages within the
//! message keep what mail-parser read.

use std::borrow::Cow;
use std::cell::LazyCell;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{
    Encoding, Header, HeaderName, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};
use memchr::{memchr, memchr2, memmem};

use super::base64_text;
use super::charset;
use super::encoded_words;

/// Fields that people write in.
fn is_written(name: &HeaderName<'_>) -> bool {
    matches!(
        name,
        HeaderName::Subject
            | HeaderName::From
            | HeaderName::Sender
            | HeaderName::ReplyTo
            | HeaderName::To
            | HeaderName::Cc
            | HeaderName::Bcc
    )
}

/// Decodes again what `message`, parsed from `raw` by `parser`, holds of doubtful text.
pub(super) fn decode_again<'x>(message: &mut Message<'x>, raw: &'x [u8], parser: &MessageParser) {
    let from = message.parts.first().and_then(|root| author(root, raw));
    let region = LazyCell::new(|| from.and_then(region));
    let region = || region.as_deref();
    if let Some(root) = message.parts.first_mut() {
        for header in root.headers.iter_mut().filter(|header| is_written(&header.name)) {
            if let Some(value) = field(header, raw, region, parser) {
                header.value = value;
            }
        }
    }
    if message.parts.iter().any(|part| part.is_encoding_problem) {
        base64_text::decode_beginnings(message, raw, region());
    }
    for part in &mut message.parts {
        if let Some(text) = text(part, raw, region) {
            match &mut part.body {
                PartType::Text(body) | PartType::Html(body) => *body = text,
                _ => {}
            }
        }
    }
}

/// The From field.
fn author<'x>(root: &MessagePart<'_>, raw: &'x [u8]) -> Option<&'x [u8]> {
    let from = root.headers.iter().find(|header| matches!(header.name, HeaderName::From))?;
    raw.get(from.offset_start as usize..from.offset_end as usize)
}

/// The last label of the domain in a From field: languages have their regions.
fn region(value: &[u8]) -> Option<String> {
    let at = memchr::memrchr(b'@', value)?;
    let domain: Vec<u8> = value
        .get(at + 1..)?
        .iter()
        .copied()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        .collect();
    let last = domain.rsplit(|byte| *byte == b'.').next()?;
    String::from_utf8(last.to_ascii_lowercase()).ok()
}

/// The value of a header field, where its bytes say more than was read.
fn field<'x, 'r>(
    header: &Header<'x>,
    raw: &'x [u8],
    region: impl Fn() -> Option<&'r str>,
    parser: &MessageParser,
) -> Option<HeaderValue<'x>> {
    let value = raw.get(header.offset_start as usize..header.offset_end as usize)?;
    let is_plain = |value| memchr2(0x1b, b'=', value).is_none();
    let plain = value.is_ascii()
        && (is_plain(value) || memchr(0x1b, value).is_none() && memmem::find(value, b"=?").is_none());
    if plain {
        return None;
    }
    let written = encoded_words::in_utf_8(value, region())?;
    let line = [header.name.as_str().as_bytes(), b":", &written, b"\n\n"].concat();
    let parsed = std::panic::catch_unwind(|| parser.parse_headers(&line).map(Message::into_owned)).ok()??;
    Some(parsed.parts.into_iter().next()?.headers.into_iter().next()?.value)
}

/// `quoted-printable;`, `"base64"`, `base-64`: an encoding in a form that is none.
fn miswritten_encoding(part: &MessagePart<'_>) -> Option<Encoding> {
    let written = part.content_transfer_encoding().filter(|_| matches!(part.encoding, Encoding::None))?;
    let is_around = |c: char| c.is_whitespace() || matches!(c, ';' | '"' | '\'' | '.');
    match written.trim_matches(is_around).to_ascii_lowercase().as_str() {
        "quoted-printable" | "quoted_printable" | "quotedprintable" | "qp" => Some(Encoding::QuotedPrintable),
        "base64" | "base-64" | "base_64" => Some(Encoding::Base64),
        _ => None,
    }
}

fn text<'x, 'r>(
    part: &MessagePart<'x>,
    raw: &'x [u8],
    region: impl Fn() -> Option<&'r str>,
) -> Option<Cow<'x, str>> {
    let (decoded, is_html) = match &part.body {
        PartType::Text(text) => (text, false),
        PartType::Html(text) => (text, true),
        _ => return None,
    };
    let label = part.content_type().and_then(|found| found.attribute("charset"));
    let miswritten = miswritten_encoding(part);
    let written = raw.get(part.offset_body as usize..part.offset_end as usize)?;
    let is_cut = || matches!(part.encoding, Encoding::Base64) && base64_text::lacks_padding(written);
    if miswritten.is_none() && !charset::is_doubtful(decoded, label) && !is_cut() {
        return None;
    }
    let bytes = match miswritten.unwrap_or(part.encoding) {
        Encoding::None => Cow::Borrowed(written),
        Encoding::QuotedPrintable => Cow::Owned(quoted_printable_decode(written)?),
        Encoding::Base64 => Cow::Owned(base64_decode(written)?),
    };
    let label = label.or_else(|| charset::label_in_html(&bytes).filter(|_| is_html));
    let text = match bytes {
        Cow::Borrowed(bytes) => charset::decode(bytes, label, region()),
        Cow::Owned(ref bytes) => Cow::Owned(charset::decode(bytes, label, region()).into_owned()),
    };
    (text != *decoded).then_some(text)
}
