//! The parts of a message by what they are for: the author's text, the calendar, the report, what came back.
//!
//! Attached files and forwarded messages are not the author's words and are left out of the text. Looks at the outer
//! message only; a returned message is looked at for its headers. Limits: 1 MiB of the plain and of the HTML text.

use std::borrow::Cow;

use base64::Engine;
use mail_parser::{MessagePart, MimeHeaders, PartType};

use super::parsed_message::ParsedMessage;
use super::{charset, flowed};

const MAX_TEXT: usize = 1024 * 1024;

/// Messages within messages that are looked into.
const DEEPEST: u8 = 4;

/// A text/calendar or application/ics part.
#[derive(Debug)]
pub(crate) struct CalendarPart<'l> {
    pub text: Cow<'l, str>,
    /// The `method` parameter of its Content-Type.
    pub method: Option<String>,
    /// It came as a file: Content-Disposition attachment, or application/ics.
    pub is_file: bool,
    /// It is one of the forms of a multipart/alternative, or the whole message.
    pub is_main: bool,
}

/// The media type of a part, lower-case; `text/plain` where none is given (RFC 2045 section 5.2).
pub(crate) fn media_type(part: &MessagePart<'_>) -> String {
    part.content_type().map_or_else(
        || "text/plain".to_owned(),
        |found| {
            format!("{}/{}", found.c_type, found.c_subtype.as_deref().unwrap_or_default())
                .to_ascii_lowercase()
        },
    )
}

/// Whether the part's media type is `wanted` (lower-case, `type/subtype`), without allocating.
pub(crate) fn is_type(part: &MessagePart<'_>, wanted: &str) -> bool {
    is_any(part, &[wanted])
}

/// Whether it is one of `wanted`.
fn is_any(part: &MessagePart<'_>, wanted: &[&str]) -> bool {
    let Some(found) = part.content_type() else { return wanted.contains(&"text/plain") };
    let (main, subtype) = (found.c_type.as_ref(), found.c_subtype.as_deref().unwrap_or_default());
    // The lengths tell most apart.
    let mut alike = wanted.iter().filter(|one| one.len() == main.len() + 1 + subtype.len());
    alike.any(|one| {
        one.split_once('/').is_some_and(|(one_main, one_subtype)| {
            main.eq_ignore_ascii_case(one_main) && subtype.eq_ignore_ascii_case(one_subtype)
        })
    })
}

fn is_attachment(part: &MessagePart<'_>) -> bool {
    part.content_disposition().is_some_and(|disposition| disposition.is_attachment())
}

/// A text of the message, borrowed where one part holds all of it.
type PartText<'l> = Option<Cow<'l, str>>;

/// The author's plain text and HTML, each `None` where there is none.
pub(crate) fn texts<'l>(parsed: &'l ParsedMessage<'_>) -> (PartText<'l>, PartText<'l>) {
    let Some(message) = parsed.message() else { return (None, None) };
    let mut plain: PartText<'l> = None;
    let mut html: PartText<'l> = None;
    for id in &message.text_body {
        let Some(part) = parsed.parts().get(*id as usize).filter(|part| is_text(part)) else { continue };
        if let PartType::Text(text) = &part.body {
            append(&mut plain, unflowed(part, text));
        }
    }
    for id in &message.html_body {
        let Some(part) = parsed.parts().get(*id as usize) else { continue };
        if let PartType::Html(text) = &part.body {
            append(&mut html, clipped(text).into());
        }
    }
    if plain.is_none() && html.is_none() {
        plain = mislabelled(parsed).map(|text| match text {
            Cow::Borrowed(text) => Cow::Borrowed(clipped(text)),
            Cow::Owned(text) => Cow::Owned(clipped(&text).to_owned()),
        });
    }
    (plain, html)
}

/// The text of a message whose Content-Type is none (`text`, as programs wrote before MIME, or a multipart without a
/// boundary): plain text, as RFC 2045 section 5.2 has it.
fn mislabelled<'x>(parsed: &'x ParsedMessage<'_>) -> Option<Cow<'x, str>> {
    let root = parsed.root()?;
    let stated = root.content_type()?;
    // `text`, and `text/plain charset=utf-8` without what parts them
    let is_bare_subtype = stated.c_subtype.as_deref().is_none_or(|subtype| {
        let mut words = subtype.split_whitespace();
        words.next().is_some_and(|first| first.eq_ignore_ascii_case("plain")) && words.next().is_some()
    });
    let is_bare = stated.c_type.eq_ignore_ascii_case("text") && is_bare_subtype;
    let is_undivided = is_multipart(root) && stated.attribute("boundary").is_none();
    match &root.body {
        PartType::Text(text) | PartType::Html(text) if is_bare => Some(Cow::Borrowed(text.as_ref())),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) if is_bare => {
            Some(String::from_utf8_lossy(bytes))
        }
        _ => is_undivided.then(|| whole_body(parsed)),
    }
}

/// The beginning of the first plain text, at most `bytes` of it, flowed lines left as they are; `None` where there
/// is none.
pub(crate) fn plain_start<'l>(parsed: &'l ParsedMessage<'_>, bytes: usize) -> Option<&'l str> {
    let ids = parsed.message()?.text_body.iter();
    let part = ids.filter_map(|id| parsed.parts().get(*id as usize)).find(|part| is_text(part))?;
    let PartType::Text(text) = &part.body else { return None };
    text.get(..text.floor_char_boundary(bytes))
}

/// The body as it stands, where its parts could not be told apart; its first 64 KiB.
pub(crate) fn undivided(parsed: &ParsedMessage<'_>) -> String {
    let broken =
        parsed.root().is_some_and(|root| matches!(&root.body, PartType::Multipart(_)) || is_multipart(root))
            && parsed.parts().iter().skip(1).all(|part| !part.is_text() || part.is_empty());
    if !broken {
        return String::new();
    }
    let body = whole_body(parsed);
    body.char_indices().nth(64 * 1024).and_then(|(end, _)| body.get(..end)).unwrap_or(&body).to_owned()
}

/// The bytes after the header as text, undecoded; 1 MiB of them.
pub(crate) fn whole_body<'x>(parsed: &ParsedMessage<'x>) -> Cow<'x, str> {
    let start = parsed.root().map_or(0, |root| root.offset_body as usize);
    let body = parsed.raw().get(start..).unwrap_or_default();
    String::from_utf8_lossy(body.get(..MAX_TEXT).unwrap_or(body))
}

fn is_multipart(part: &MessagePart<'_>) -> bool {
    part.content_type().is_some_and(|found| found.c_type.eq_ignore_ascii_case("multipart"))
}

/// Text that people write; not a calendar, a report, or a header block.
fn is_text(part: &MessagePart<'_>) -> bool {
    !is_attachment(part)
        && part.content_type().is_none_or(|found| {
            found.c_type.eq_ignore_ascii_case("text")
                && matches!(
                    found.c_subtype.as_deref().unwrap_or("plain").to_ascii_lowercase().as_str(),
                    "plain" | "enriched" | "richtext" | "markdown" | ""
                )
        })
}

fn unflowed<'t>(part: &MessagePart<'_>, text: &'t str) -> Cow<'t, str> {
    let text = clipped(text);
    let parameter = |name: &str, value: &str| {
        part.content_type()
            .and_then(|found| found.attribute(name))
            .is_some_and(|found| found.eq_ignore_ascii_case(value))
    };
    if parameter("format", "flowed") {
        Cow::Owned(flowed::unflow(text, parameter("delsp", "yes")))
    } else {
        Cow::Borrowed(text)
    }
}

fn append<'l>(all: &mut PartText<'l>, text: Cow<'l, str>) {
    match all {
        None => *all = Some(text),
        Some(before) if before.len() + text.len() <= MAX_TEXT => {
            let before = before.to_mut();
            if !before.ends_with('\n') {
                before.push('\n');
            }
            before.push_str(&text);
        }
        Some(_) => {}
    }
}

fn clipped(text: &str) -> &str {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// What comes with a mail and is nobody's file: invitations, and the marks of who signed it.
const NO_FILES: [&str; 5] = [
    "text/calendar",
    "application/ics",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
];

/// Pictures of signatures are smaller, in bytes; telephones show photographs inline.
const SMALLEST_PHOTOGRAPH: usize = 40_000;
const PHOTOGRAPHS: [&str; 4] = ["image/jpeg", "image/heic", "image/heif", "image/webp"];

/// A file that somebody sent, also where it is shown within the mail: a photograph, a document, a recording.
fn is_file(part: &MessagePart<'_>) -> bool {
    let media =
        |kind: &str| part.content_type().is_some_and(|content| content.c_type.eq_ignore_ascii_case(kind));
    let is_document = || media("audio") || media("video") || is_type(part, "application/pdf");
    let is_photograph = || is_any(part, &PHOTOGRAPHS) && part.contents().len() >= SMALLEST_PHOTOGRAPH;
    !is_any(part, &NO_FILES) && (is_attachment(part) || is_document() || is_photograph())
}

/// Names of the files that came with it; at most 50.
pub(crate) fn attachments(parsed: &ParsedMessage<'_>) -> Vec<String> {
    parsed
        .parts()
        .iter()
        .filter(|part| is_file(part))
        .map(|part| part.attachment_name().unwrap_or("unnamed").to_owned())
        .take(50)
        .collect()
}

/// Whether `test` is true of the text of something attached: a file, whatever its media type says, or a
/// message that was forwarded whole, with what is attached to that.
pub(crate) fn any_attached_text(parsed: &ParsedMessage<'_>, test: &dyn Fn(&str) -> bool) -> bool {
    let Some(message) = parsed.message() else { return false };
    let bodies: Vec<usize> =
        message.text_body.iter().chain(&message.html_body).map(|id| *id as usize).collect();
    let mut parts = parsed.parts().iter().enumerate();
    parts.any(|(at, part)| (is_attachment(part) || !bodies.contains(&at)) && is_text_in(part, test, 0))
}

/// The texts of attached text files, at most `most` of them.
pub(crate) fn attached_texts(parsed: &ParsedMessage<'_>, most: usize) -> Vec<String> {
    let Some(message) = parsed.message() else { return Vec::new() };
    let bodies: Vec<usize> =
        message.text_body.iter().chain(&message.html_body).map(|id| *id as usize).collect();
    let parts = parsed.parts().iter().enumerate();
    parts
        .filter(|(at, part)| is_attachment(part) || !bodies.contains(at))
        .filter(|(_, part)| {
            matches!(part.body, PartType::Text(_) | PartType::Binary(_) | PartType::InlineBinary(_))
        })
        .filter(|(_, part)| !is_type(part, "text/calendar"))
        .filter_map(|(_, part)| attached_text(part))
        .filter(|text| !text.contains('\0'))
        .take(most)
        .collect()
}

/// The text of an attached file. Programs call a text file whatever they like, and say nothing of its charset then.
fn attached_text(part: &MessagePart<'_>) -> Option<String> {
    let (PartType::Binary(bytes) | PartType::InlineBinary(bytes)) = &part.body else {
        return Some(text_of(part).into_owned());
    };
    let bytes = bytes.get(..MAX_TEXT).unwrap_or(bytes);
    if let [0xff, 0xfe, ..] | [0xfe, 0xff, ..] = bytes {
        return Some(text_of_bytes(bytes).into_owned());
    }
    // UTF-16 without a mark of its order: every other byte of Latin text is 0.
    let zeros = |from: usize| bytes.iter().skip(from).step_by(2).take(200).filter(|byte| **byte == 0).count();
    let enough = (bytes.len() / 2).min(200) / 2;
    let order: Option<fn(&[u8; 2]) -> u16> = match (zeros(0), zeros(1)) {
        (0, little) if little > enough => Some(|two| u16::from_le_bytes(*two)),
        (big, 0) if big > enough => Some(|two| u16::from_be_bytes(*two)),
        _ => None,
    };
    if let Some(order) = order {
        let units: Vec<u16> = bytes.as_chunks::<2>().0.iter().map(order).collect();
        return Some(String::from_utf16_lossy(&units));
    }
    let label = part.content_type().and_then(|found| found.attribute("charset"));
    (!bytes.contains(&0)).then(|| charset::decode(bytes, label, None).into_owned())
}

fn is_text_in(part: &MessagePart<'_>, test: &dyn Fn(&str) -> bool, depth: u8) -> bool {
    match &part.body {
        PartType::Message(nested) => {
            depth < DEEPEST && nested.parts.iter().any(|part| is_text_in(part, test, depth + 1))
        }
        PartType::Multipart(_) => false,
        _ => test(&text_of(part)),
    }
}

/// Every calendar part, in order; at most 10.
pub(crate) fn calendars<'l>(parsed: &'l ParsedMessage<'_>) -> Vec<CalendarPart<'l>> {
    let parts = parsed.parts();
    let mut found = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let calendar = is_any(part, &["text/calendar", "text/x-vcalendar", "text/vcalendar"]);
        if !calendar && !is_any(part, &CALENDAR_FILES) && !has_ics_name(part) && !is_bare_calendar(part) {
            continue;
        }
        let text = match &part.body {
            PartType::Text(text) | PartType::Html(text) => Cow::Borrowed(text.as_ref()),
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => text_of_bytes(bytes),
            PartType::Message(_) | PartType::Multipart(_) => continue,
        };
        let text = decoded(text);
        found.push(CalendarPart {
            text,
            method: part.content_type().and_then(|found| found.attribute("method")).map(str::to_owned),
            is_file: is_attachment(part)
                || !calendar && (has_ics_name(part) || is_any(part, &CALENDAR_FILES)),
            is_main: place == 0 || is_alternative(parts, place),
        });
        if found.len() == 10 {
            break;
        }
    }
    found
}

/// Media types under which programs attach a calendar.
const CALENDAR_FILES: [&str; 4] =
    ["application/ics", "application/calendar", "application/x-ics", "application/vnd.calendar"];

/// A calendar that is called plain text: some gateways rename what they don't know.
fn is_bare_calendar(part: &MessagePart<'_>) -> bool {
    let PartType::Text(text) = &part.body else { return false };
    let start = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).get(..15).unwrap_or_default();
    start.eq_ignore_ascii_case("BEGIN:VCALENDAR")
}

/// UTF-16 by its mark, else UTF-8.
fn text_of_bytes(bytes: &[u8]) -> Cow<'_, str> {
    let units = |pair: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes
            .chunks_exact(2)
            .skip(1)
            .map(|two| match two {
                [one, other] => pair([*one, *other]),
                _ => 0,
            })
            .collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    match bytes {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes),
    }
}

/// The calendar inside of base64 whose Content-Transfer-Encoding got lost on the way.
fn decoded(text: Cow<'_, str>) -> Cow<'_, str> {
    // `BEGIN:VCALENDAR` in base64.
    if !text.trim_start().starts_with("QkVHSU46VkNBTEVOREFS") {
        return text;
    }
    let letters: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(letters.trim_end_matches('='));
    match bytes {
        Ok(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        Err(_) => text,
    }
}

fn has_ics_name(part: &MessagePart<'_>) -> bool {
    part.attachment_name().is_some_and(|name| name.len() > 4 && name.to_ascii_lowercase().ends_with(".ics"))
}

/// Whether the part at `place` is one of the forms of a multipart/alternative.
fn is_alternative(parts: &[MessagePart<'_>], place: usize) -> bool {
    parts.iter().any(|parent| {
        is_type(parent, "multipart/alternative")
            && parent
                .sub_parts()
                .is_some_and(|children| children.iter().any(|child| *child as usize == place))
    })
}

/// The first part of that media type, anywhere in the outer message.
pub(crate) fn first_of<'l, 'x>(parsed: &'l ParsedMessage<'x>, wanted: &str) -> Option<&'l MessagePart<'x>> {
    parsed.parts().iter().find(|part| is_type(part, wanted))
}

/// Whether a part of the outer message has one of these media types.
pub(crate) fn has_any(parsed: &ParsedMessage<'_>, wanted: &[&str]) -> bool {
    parsed.parts().iter().any(|part| is_any(part, wanted))
}

/// The text of a part, whatever its type; a nested message gives its raw header block.
pub(crate) fn text_of<'l>(part: &'l MessagePart<'_>) -> Cow<'l, str> {
    match &part.body {
        PartType::Text(text) | PartType::Html(text) => Cow::Borrowed(clipped(text)),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            String::from_utf8_lossy(bytes.get(..MAX_TEXT).unwrap_or(bytes))
        }
        PartType::Message(message) => {
            let start = message.parts.first().map_or(0, |root| root.offset_header as usize);
            let end = message.parts.first().map_or(0, |root| root.offset_body as usize);
            String::from_utf8_lossy(
                message.raw_message.get(start..end.min(start + MAX_TEXT)).unwrap_or_default(),
            )
        }
        PartType::Multipart(_) => Cow::Borrowed(""),
    }
}
