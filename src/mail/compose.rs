//! A mail as bytes: RFC 5322 headers and a MIME body, text beside HTML, by lettre's builder.
//!
//! Sends nothing and words nothing. Values come from records and from other people's mail, so nothing here
//! can end a header line: names and subjects become one line, an id or address that is not one is refused.
//! Domains outside of ASCII are written as A-labels (RFC 5891); what stands before the `@` as it is, and then the mail is
//! one for servers with SMTPUTF8 (RFC 6531).

use chrono::{DateTime, Utc};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox as LettreMailbox, Message, MultiPart, SinglePart};
use thiserror::Error;

use crate::domain::message::{Mailbox, MessageId};

/// Longest subject, in characters: no server refuses a header of this length.
const LONGEST_SUBJECT: usize = 400;

/// RFC 5322 section 2.1.1: the line length that all of mail copes with; longer text is quoted-printable.
const LINE: usize = 78;

/// One mail, ready to be written down.
#[derive(Clone, Debug, PartialEq)]
pub struct OutgoingMessage {
    pub from: Mailbox,
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
    pub reply_to: Option<Mailbox>,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub message_id: MessageId,
    pub in_reply_to: Option<MessageId>,
    pub references: Vec<MessageId>,
    pub date: DateTime<Utc>,
    /// Bears the marks of automatic mail (RFC 3834): all but the intro.
    pub automatic: bool,
}

#[derive(Debug, Error)]
pub enum ComposeError {
    #[error("{address} is not an address that mail can be sent to")]
    Address { address: String },
    #[error("`{id}` cannot stand in a header as a message id")]
    MessageId { id: String },
    #[error("the mail has nobody in To")]
    NoRecipient,
    #[error("the mail could not be put together")]
    Build(#[source] lettre::error::Error),
}

/// The mail's bytes, lines ending in CRLF, no Bcc; no byte over 127 but in addresses that have one before the `@`.
pub fn compose(mail: &OutgoingMessage) -> Result<Vec<u8>, ComposeError> {
    if mail.to.is_empty() {
        return Err(ComposeError::NoRecipient);
    }
    let mut builder = Message::builder()
        .date(mail.date.into())
        .from(mailbox(&mail.from)?)
        .subject(subject(&mail.subject))
        .message_id(Some(angle(&mail.message_id)?));
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    for cc in &mail.cc {
        builder = builder.cc(mailbox(cc)?);
    }
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    if let Some(id) = &mail.in_reply_to {
        builder = builder.in_reply_to(angle(id)?);
    }
    if !mail.references.is_empty() {
        let ids = mail.references.iter().map(angle).collect::<Result<Vec<_>, _>>()?;
        builder = builder.references(ids.join(" "));
    }
    if mail.automatic {
        builder = builder
            .raw_header(fixed("Auto-Submitted", "auto-generated"))
            // Not `All`: it would also suppress the delivery failures that we must hear of (NDR).
            .raw_header(fixed("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"));
    }
    let body = MultiPart::alternative()
        .boundary(boundary(&mail.message_id, &mail.text, &mail.html))
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.text))
        .singlepart(part(ContentType::TEXT_HTML, &mail.html));
    Ok(builder.multipart(body).map_err(ComposeError::Build)?.formatted())
}

fn fixed(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn subject(text: &str) -> String {
    let line = one_line(text);
    if line.chars().count() <= LONGEST_SUBJECT {
        return line;
    }
    line.chars().take(LONGEST_SUBJECT - 1).chain(['\u{2026}']).collect()
}

fn mailbox(mailbox: &Mailbox) -> Result<LettreMailbox, ComposeError> {
    let name = one_line(&mailbox.name);
    let refused = || ComposeError::Address { address: one_line(mailbox.address.as_str()) };
    let (local, domain) = (mailbox.address.local(), mailbox.address.domain());
    let domain = if domain.is_ascii() {
        domain.to_owned()
    } else {
        idna::domain_to_ascii(domain).map_err(|_| refused())?
    };
    let address: lettre::Address = format!("{local}@{domain}").parse().map_err(|_| refused())?;
    Ok(LettreMailbox::new((!name.is_empty()).then_some(name), address))
}

fn angle(id: &MessageId) -> Result<String, ComposeError> {
    let text = id.as_str();
    if text.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte)) && text.len() < 900 {
        Ok(format!("<{text}>"))
    } else {
        Err(ComposeError::MessageId { id: one_line(text) })
    }
}

/// A boundary of the message's own, so that one mail always gives the same bytes; lengthened until it stands
/// in neither part.
fn boundary(id: &MessageId, text: &str, html: &str) -> String {
    // FNV-1a: no secret, only different from mail to mail.
    let hash = id
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let mut boundary = format!("=_{hash:016x}");
    while text.contains(&boundary) || html.contains(&boundary) {
        boundary.push('_');
    }
    boundary
}

fn part(content_type: ContentType, text: &str) -> SinglePart {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let plain = text.is_ascii() && text.lines().all(|line| line.len() <= LINE && !line.ends_with(' '));
    let encoding =
        if plain { ContentTransferEncoding::SevenBit } else { ContentTransferEncoding::QuotedPrintable };
    let body = Body::new_with_encoding(text, encoding).unwrap_or_else(|bytes| {
        // Seven bits were refused after all (a NUL byte): base64 carries anything.
        Body::new(bytes)
    });
    SinglePart::builder().header(content_type).body(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::Address;
    use mail_parser::MessageParser;

    fn mailbox(name: &str, address: &str) -> Mailbox {
        Mailbox { name: name.into(), address: Address::new(address).unwrap() }
    }

    fn sample() -> OutgoingMessage {
        OutgoingMessage {
            from: mailbox("Dana Fox", "dana@vendor.example"),
            to: vec![mailbox("Sarah Lee", "sarah@acme.example")],
            cc: vec![mailbox("Calvin Reyes", "calvin@vendor.example")],
            reply_to: None,
            subject: "Sarah, intro to Calvin + Thursday's agenda".into(),
            text: "Hi Sarah,\n\nshort.\n".into(),
            html: "<p>Hi Sarah,</p>\n<p>short.</p>\n".into(),
            message_id: MessageId::new("baton-7k2fq0123456w@vendor.example").unwrap(),
            in_reply_to: None,
            references: Vec::new(),
            date: DateTime::from_timestamp(1_795_532_400, 0).unwrap(),
            automatic: false,
        }
    }

    fn text(mail: &OutgoingMessage) -> String {
        String::from_utf8(compose(mail).unwrap()).unwrap()
    }

    #[test]
    fn an_intro_bears_the_headers_of_a_persons_mail_and_no_others() {
        insta::assert_snapshot!("intro_bytes", text(&sample()).replace("\r\n", "\n"));
    }

    #[test]
    fn automatic_mail_says_so_and_asks_for_no_automatic_answer() {
        let mail = text(&OutgoingMessage {
            automatic: true,
            references: vec![
                MessageId::new("baton-7k2fq0123456w.ref@vendor.example").unwrap(),
                MessageId::new("another@vendor.example").unwrap(),
            ],
            in_reply_to: MessageId::new("another@vendor.example"),
            reply_to: Some(mailbox("", "agent@vendor.example")),
            ..sample()
        });
        assert!(mail.contains("\r\nAuto-Submitted: auto-generated\r\n"));
        assert!(mail.contains("\r\nX-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply\r\n"));
        assert!(mail.contains("\r\nReply-To: agent@vendor.example\r\n"));
        let parsed = MessageParser::default().parse(mail.as_bytes()).unwrap();
        assert_eq!(
            parsed.references().as_text_list().unwrap(),
            ["baton-7k2fq0123456w.ref@vendor.example", "another@vendor.example"]
        );
    }

    #[test]
    fn what_is_not_ascii_or_long_comes_back_as_it_went_in() {
        let subject = format!("Zoë, intro to Łukasz + {}🚀", "a very long agenda, ".repeat(12));
        let mail = OutgoingMessage {
            from: mailbox("Dana \"the Fox\" Fuchs, M.A.", "dana@vendor.example"),
            to: vec![
                mailbox("Zoë Müller-Lüdenscheidt", "zoe@acme.example"),
                mailbox("שרה לוי", "s@acme.example"),
            ],
            subject: subject.clone(),
            text: format!("Grüße 🚀\n\n{}\n.\nFrom here on\ntrailing  \n", "wörter ".repeat(80)),
            html: format!("<p>Grüße</p>{}", "x".repeat(3000)),
            ..sample()
        };
        let bytes = compose(&mail).unwrap();
        assert!(bytes.is_ascii());
        let wire = String::from_utf8(bytes.clone()).unwrap();
        assert!(wire.split("\r\n").all(|line| line.len() <= LINE && !line.contains(['\r', '\n'])), "{wire}");
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(parsed.subject().unwrap(), subject);
        let names: Vec<_> = parsed.to().unwrap().iter().map(|to| to.name.as_deref().unwrap()).collect();
        assert_eq!(names, ["Zoë Müller-Lüdenscheidt", "שרה לוי"]);
        let from = parsed.from().unwrap().first().unwrap();
        assert_eq!(from.name.as_deref(), Some("Dana \"the Fox\" Fuchs, M.A."));
        assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n"), mail.text);
        assert_eq!(parsed.body_html(0).unwrap().replace("\r\n", "\n"), mail.html);
    }

    #[test]
    fn nothing_that_a_record_says_can_add_a_header() {
        let mail = OutgoingMessage {
            from: mailbox("Dana\r\nBcc: evil@x.example", "dana@vendor.example"),
            subject: "Acme\r\nBcc: evil@x.example\n\n<p>body".into(),
            automatic: true,
            ..sample()
        };
        let wire = text(&mail);
        assert!(!wire.to_lowercase().contains("\nbcc:"));
        let parsed = MessageParser::default().parse(wire.as_bytes()).unwrap();
        assert_eq!(parsed.subject().unwrap(), "Acme Bcc: evil@x.example <p>body");
        assert!(parsed.bcc().is_none());
    }

    #[test]
    fn a_domain_outside_of_ascii_is_an_a_label_and_the_rest_of_an_address_stays() {
        let to = vec![mailbox("Sarah Lee", "sarah@b\u{fc}cher.example")];
        let wire = compose(&OutgoingMessage { to, ..sample() }).unwrap();
        assert!(wire.is_ascii());
        assert!(String::from_utf8(wire).unwrap().contains("<sarah@xn--bcher-kva.example>"));
        let to = vec![mailbox("S\u{f8}ren", "s\u{f8}ren@acme.example")];
        let wire = String::from_utf8(compose(&OutgoingMessage { to, ..sample() }).unwrap()).unwrap();
        assert!(wire.contains("s\u{f8}ren@acme.example"), "{wire}");
    }

    #[test]
    fn an_id_or_an_address_that_is_none_is_refused() {
        let id = MessageId::new("a b\r\nBcc: x@y.example").unwrap();
        let refused = compose(&OutgoingMessage { references: vec![id], ..sample() });
        assert!(matches!(refused, Err(ComposeError::MessageId { .. })));
        let to = vec![mailbox("", "sarah@ac,me.example")];
        assert!(matches!(compose(&OutgoingMessage { to, ..sample() }), Err(ComposeError::Address { .. })));
        assert!(matches!(
            compose(&OutgoingMessage { to: Vec::new(), ..sample() }),
            Err(ComposeError::NoRecipient)
        ));
    }

    #[test]
    fn a_body_cannot_end_its_own_part() {
        let boundary = boundary(&sample().message_id, "", "");
        let text_part = format!("--{boundary}--\nstill here\n");
        let bytes = compose(&OutgoingMessage { text: text_part.clone(), ..sample() }).unwrap();
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n"), text_part);
    }
}
