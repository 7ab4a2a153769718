//! The headers of a message as the rest of baton knows them: ids, dates, people, subject.
//!
//! Takes broken forms where their meaning is plain (a bare name with an address inside one encoded word,
//! a list of groups, several To fields). Of fields that may stand once, the topmost counts; several From fields name
//! several authors. Limits: 2,000 addresses in a field, 2,000 characters of a subject or a name.

use std::mem::discriminant;

use chrono::{DateTime, FixedOffset, Utc};
use mail_parser::{Addr, HeaderName, HeaderValue};

use super::authenticity;
use super::options::ReadOptions;
use super::parsed_message::ParsedMessage;
use super::text::base_subject;
use super::thread;
use crate::domain::message::{Address, Headers, Mailbox, MessageId};

const MAX_ADDRESSES: usize = 2_000;
const MAX_CHARS: usize = 2_000;

/// The headers of `parsed`.
pub(crate) fn headers(parsed: &ParsedMessage<'_>, options: &ReadOptions) -> Headers {
    let subject = subject(parsed);
    let from = authors(parsed);
    Headers {
        id: parsed.field("Message-ID").and_then(|value| thread::own_id(&value)),
        earlier_ids: earlier_ids(parsed),
        in_reply_to: ids(parsed, "In-Reply-To"),
        references: ids(parsed, "References"),
        conversation: conversation(parsed),
        date: date(parsed, &HeaderName::Date),
        received: received(parsed),
        sender: first(parsed, &HeaderName::Sender).into_iter().next(),
        reply_to: first(parsed, &HeaderName::ReplyTo),
        to: every(parsed, &HeaderName::To),
        cc: every(parsed, &HeaderName::Cc),
        bcc: every(parsed, &HeaderName::Bcc),
        base_subject: base_subject(&subject),
        subject,
        authenticity: authenticity::verdict(parsed, &from, options.authserv.as_deref()),
        from,
    }
}

/// Outlook's conversation, else Gmail's thread, which its exports and some of its tools write into the header.
fn conversation(parsed: &ParsedMessage<'_>) -> Option<String> {
    let outlook = parsed.field("Thread-Index").and_then(|value| thread::conversation(&value));
    outlook.or_else(|| parsed.field("X-GM-THRID").and_then(|value| thread::gmail_thread(&value)))
}

/// Headers in which providers keep the id that they replaced (docs/servers.md section 4).
const EARLIER_IDS: [&str; 4] = [
    "X-Microsoft-Original-Message-ID",
    "X-Google-Original-Message-ID",
    "X-MS-Exchange-Original-Message-ID",
    "X-Original-Message-ID",
];

fn earlier_ids(parsed: &ParsedMessage<'_>) -> Vec<MessageId> {
    let mut found: Vec<MessageId> = Vec::new();
    for name in EARLIER_IDS {
        for value in parsed.all(name).take(5) {
            if let Some(id) = thread::own_id(&value)
                && !found.contains(&id)
            {
                found.push(id);
            }
        }
    }
    found
}

fn ids(parsed: &ParsedMessage<'_>, name: &str) -> Vec<MessageId> {
    let mut values = parsed.all(name).take(10);
    let Some(first) = values.next() else { return Vec::new() };
    let Some(second) = values.next() else { return thread::ids(&first) };
    let all: Vec<_> = [first, second].into_iter().chain(values).collect();
    thread::ids(&all.join(" "))
}

fn values<'l>(
    parsed: &'l ParsedMessage<'_>,
    name: &'l HeaderName<'_>,
) -> impl Iterator<Item = &'l HeaderValue<'l>> {
    // Quicker than to compare names, which are those that mail-parser knows.
    let wanted = discriminant(name);
    parsed
        .root()
        .into_iter()
        .flat_map(|part| part.headers.iter())
        .filter(move |header| discriminant(&header.name) == wanted)
        .map(|header| &header.value)
}

/// The subject, decoded (RFC 2047), on one line.
fn subject(parsed: &ParsedMessage<'_>) -> String {
    let text = values(parsed, &HeaderName::Subject).next().and_then(HeaderValue::as_text).unwrap_or_default();
    one_line(text)
}

fn one_line(text: &str) -> String {
    if text.len() <= MAX_CHARS && is_one_line(text.as_bytes()) {
        return text.to_owned();
    }
    let mut line = String::with_capacity(text.len().min(MAX_CHARS));
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if line.len() + word.len() > MAX_CHARS {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// ASCII without control characters, words parted by single blanks: nearly every subject and name.
fn is_one_line(text: &[u8]) -> bool {
    let next = text.get(1..).unwrap_or_default();
    let is_odd = |one: u8| !(b' '..0x7f).contains(&one);
    text.first() != Some(&b' ')
        && text.last() != Some(&b' ')
        && !text.iter().fold(false, |found, one| found | is_odd(*one))
        && !text.iter().zip(next).fold(false, |found, (one, next)| found | ((*one == b' ') & (*next == b' ')))
}

/// The topmost date field of that name; `None` where it is no date.
fn date(parsed: &ParsedMessage<'_>, name: &HeaderName<'_>) -> Option<DateTime<Utc>> {
    let date = values(parsed, name).next().and_then(HeaderValue::as_datetime).copied();
    date.or_else(|| with_whole_month(&parsed.field(name.as_str())?)).as_ref().and_then(instant)
}

/// `24 November 2026 10:31:07 -0500`, where RFC 5322 section 3.3 has three letters.
fn with_whole_month(value: &str) -> Option<mail_parser::DateTime> {
    const LETTERS: usize = 3;
    let is_long = |word: &&str| word.len() > LETTERS && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let month = value.split(' ').find(is_long)?;
    mail_parser::DateTime::parse_rfc822(&value.replacen(month, month.get(..LETTERS)?, 1))
}

fn received(parsed: &ParsedMessage<'_>) -> Option<DateTime<Utc>> {
    let mut headers = parsed.root()?.headers.iter();
    let topmost = headers.find(|header| matches!(header.name, HeaderName::Received))?;
    parsed.received_date(topmost).as_ref().and_then(instant)
}

/// The offset that the author's Date names.
pub(super) fn offset(parsed: &ParsedMessage<'_>) -> Option<FixedOffset> {
    let date = values(parsed, &HeaderName::Date).next().and_then(HeaderValue::as_datetime)?;
    let seconds = i32::from(date.tz_hour) * 3600 + i32::from(date.tz_minute) * 60;
    FixedOffset::east_opt(if date.tz_before_gmt { -seconds } else { seconds })
}

pub(super) fn instant(date: &mail_parser::DateTime) -> Option<DateTime<Utc>> {
    if !date.is_valid() {
        return None;
    }
    DateTime::from_timestamp(date.to_timestamp(), 0)
}

fn first(parsed: &ParsedMessage<'_>, name: &HeaderName<'_>) -> Vec<Mailbox> {
    values(parsed, name).next().map(mailboxes).unwrap_or_default()
}

/// All that From names. A second field is not the mail program's: whoever put it there is believed as little as the first.
fn authors(parsed: &ParsedMessage<'_>) -> Vec<Mailbox> {
    let mut authors: Vec<Mailbox> = Vec::new();
    for author in every(parsed, &HeaderName::From) {
        if !authors.iter().any(|known| known.address == author.address) {
            authors.push(author);
        }
    }
    authors
}

fn every(parsed: &ParsedMessage<'_>, name: &HeaderName<'_>) -> Vec<Mailbox> {
    values(parsed, name).take(10).flat_map(mailboxes).take(MAX_ADDRESSES).collect()
}

fn mailboxes(value: &HeaderValue<'_>) -> Vec<Mailbox> {
    let Some(list) = value.as_address() else { return Vec::new() };
    list.iter().take(MAX_ADDRESSES).filter_map(mailbox).collect()
}

/// One address with its name. Where the address is missing but is inside the name (`=?utf-8?q?Ann_<a@b>?=`),
/// it is taken from there.
pub(crate) fn mailbox(found: &Addr<'_>) -> Option<Mailbox> {
    let name = found.name.as_deref().unwrap_or_default();
    if let Some(text) = found.address.as_deref() {
        let text = text.trim().trim_matches(|c| matches!(c, '<' | '>' | '"' | '\'' | ',' | ';'));
        let text = text.strip_prefix("mailto:").unwrap_or(text);
        let address = Address::new(text).or_else(|| text.split_whitespace().find_map(Address::new))?;
        return Some(Mailbox { name: clean_name(name), address });
    }
    let word = name
        .split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ','))
        .find(|word| word.contains('@'))?;
    let address = Address::new(word)?;
    Some(Mailbox { name: clean_name(&name.replace(word, "").replace(['<', '>'], "")), address })
}

fn clean_name(name: &str) -> String {
    one_line(name).trim_matches(|c| matches!(c, '"' | '\'')).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_from_fields_name_several_authors() {
        let raw = b"From: Dana Fox <dana@vendor.example>\r\nTo: baton@vendor.example\r\nFrom: pete@vendor.example\r\n\
                    From: <DANA@vendor.example>\r\n\r\nHello\r\n";
        let parsed = ParsedMessage::parse(raw);
        let authors = headers(&parsed, &ReadOptions::default()).from;
        let addresses: Vec<&str> = authors.iter().map(|author| author.address.as_str()).collect();
        assert_eq!(addresses, ["dana@vendor.example", "pete@vendor.example"]);
    }

    #[test]
    fn a_month_may_be_written_out() {
        for date in [
            "Tue, 24 November 2026 10:31:07 -0500",
            "24 November 2026 10:31:07 -0500",
            "Tue, 24 Nov 2026 10:31:07 -0500",
        ] {
            let raw = format!("From: dana@vendor.example\r\nDate: {date}\r\n\r\nHello\r\n");
            let parsed = ParsedMessage::parse(raw.as_bytes());
            let found = headers(&parsed, &ReadOptions::default()).date.map(|at| at.to_rfc3339());
            assert_eq!(found.as_deref(), Some("2026-11-24T15:31:07+00:00"), "{date}");
        }
    }
}
