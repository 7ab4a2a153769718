//! The mail that somebody forwards: attached whole (message/rfc822), or quoted below its header lines.
//!
//! Known limits: of several attached mails the first is read; a mail that is forwarded inside of a forwarded mail is
//! part of that.

use mail_parser::PartType;

use super::parsed_message::{self, ParsedMessage};
use super::{ReadOptions, envelope, parts, text};
use crate::domain::letter::ForwardedMail;

/// The forwarded mail in a message; `None`: it has none.
pub(super) fn forwarded(parsed: &ParsedMessage<'_>) -> Option<ForwardedMail> {
    attached(parsed).or_else(|| quoted(parsed))
}

fn attached(parsed: &ParsedMessage<'_>) -> Option<ForwardedMail> {
    parsed.parts().iter().find_map(|part| match &part.body {
        PartType::Message(nested) => {
            let root = nested.parts.first()?;
            let bytes = nested.raw_message.get(root.offset_header as usize..root.offset_end as usize)?;
            whole(bytes)
        }
        PartType::Text(text) if parts::is_type(part, "text/x-message") => whole(text.as_bytes()),
        _ => None,
    })
}

fn whole(bytes: &[u8]) -> Option<ForwardedMail> {
    let sanitized = parsed_message::sanitize(bytes);
    let parsed = ParsedMessage::parse(&sanitized);
    let headers = envelope::headers(&parsed, &ReadOptions::default());
    let from = headers.from.into_iter().next()?;
    let (plain, html) = parts::texts(&parsed);
    let split = text::split(plain.as_deref(), html.as_deref());
    Some(ForwardedMail { from, text: split.author_text, extras: split.extras })
}

fn quoted(parsed: &ParsedMessage<'_>) -> Option<ForwardedMail> {
    let (plain, html) = parts::texts(parsed);
    let quoted = text::split(plain.as_deref(), html.as_deref()).quoted_text;
    let (from, body) = text::forwarded(&quoted)?;
    let split = text::split(Some(&body), None);
    Some(ForwardedMail { from, text: split.author_text, extras: split.extras })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Option<ForwardedMail> {
        forwarded(&ParsedMessage::parse(&parsed_message::sanitize(raw.as_bytes())))
    }

    #[test]
    fn an_attached_mail_goes_before_what_is_quoted() {
        let nested = "From: Sarah Lee <sarah@acme.example>\nSubject: x\n\nWe lose hours.\n\n-- \nSarah Lee\nVP Sales\n";
        let raw = format!(
            "From: dana@vendor.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nhandoff\n--b\nContent-Type: message/rfc822\n\n{nested}\n--b--\n"
        );
        let found = read(&raw).unwrap();
        assert_eq!((found.from.name.as_str(), found.text.as_str()), ("Sarah Lee", "We lose hours."));
        assert!(found.extras.contains("VP Sales"), "{found:?}");
    }

    #[test]
    fn the_newest_of_a_quoted_thread_is_the_one_that_is_forwarded() {
        let raw = "From: dana@vendor.example\n\nhandoff\n\n---------- Forwarded message ---------\nFrom: Sarah Lee <sarah@acme.example>\nDate: Tue, Nov 24, 2026 at 10:02 AM\nSubject: Re: Reporting\nTo: Dana <dana@vendor.example>\n\nWe lose hours.\n\nOn Mon, 23 Nov 2026 at 9:00, Dana <dana@vendor.example> wrote:\n> Do you lose days?\n";
        let found = read(raw).unwrap();
        assert_eq!(
            (found.from.address.as_str(), found.text.as_str()),
            ("sarah@acme.example", "We lose hours.")
        );
        assert_eq!(read("From: dana@vendor.example\n\nhandoff\n"), None);
    }
}
