//! The header of a raw mail, as a server touches it: what it reads to search, what it stamps on delivery.
//!
//! Works on bytes, so that a mail leaves as it came but for what a real server changes. Known limits:
//! encoded words (RFC 2047) are not decoded, so a search for an encoded name finds nothing.

use chrono::{DateTime, Utc};

/// One header field, folded lines included.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawHeaderField<'a> {
    /// The whole field with its line ends.
    pub raw: &'a [u8],
}

impl RawHeaderField<'_> {
    pub(crate) fn is(&self, name: &str) -> bool {
        let length = self.raw.iter().position(|b| *b == b':').unwrap_or(0);
        self.raw
            .get(..length)
            .is_some_and(|found| found.trim_ascii_end().eq_ignore_ascii_case(name.as_bytes()))
    }

    /// The value on one line, without the white space around it.
    pub(crate) fn value(&self) -> String {
        let start = self.raw.iter().position(|b| *b == b':').map_or(0, |colon| colon + 1);
        let value = String::from_utf8_lossy(self.raw.get(start..).unwrap_or_default()).into_owned();
        value.replace(['\r', '\n'], "").trim().to_owned()
    }
}

/// A mail cut into its header, the empty line included, and its body.
pub(super) fn split(raw: &[u8]) -> (&[u8], &[u8]) {
    if raw.starts_with(b"\r\n") {
        return raw.split_at(2);
    }
    match raw.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(at) => raw.split_at(at + 4),
        None => (raw, &[]),
    }
}

pub(super) fn fields(raw: &[u8]) -> Vec<RawHeaderField<'_>> {
    let (header, _) = split(raw);
    let mut starts = Vec::new();
    let mut offset = 0;
    for line in header.split_inclusive(|b| *b == b'\n') {
        let blank = line.trim_ascii().is_empty() && !line.starts_with(b" ") && !line.starts_with(b"\t");
        if blank {
            break;
        }
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            starts.push(offset);
        }
        offset += line.len();
    }
    let ends = starts.iter().copied().skip(1).chain([offset]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| header.get(*start..end))
        .map(|raw| RawHeaderField { raw })
        .collect()
}

/// Values of every field of that name, topmost first.
pub(super) fn values(raw: &[u8], name: &str) -> Vec<String> {
    fields(raw).iter().filter(|field| field.is(name)).map(RawHeaderField::value).collect()
}

/// The Message-ID with its angle brackets, where there is one.
pub(super) fn message_id(raw: &[u8]) -> Option<String> {
    values(raw, "Message-ID").into_iter().find(|id| !id.is_empty())
}

/// CRLF at the end of every line, also where the text came with bare line feeds.
pub(super) fn with_crlf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 32);
    let mut last = 0;
    for byte in raw {
        if *byte == b'\n' && last != b'\r' {
            out.push(b'\r');
        }
        out.push(*byte);
        last = *byte;
    }
    out
}

/// The mail under another Message-ID, with the old one kept as Microsoft 365 keeps it.
pub(super) fn with_message_id(raw: &[u8], id: &str) -> Vec<u8> {
    let (_, body) = split(raw);
    let mut out = Vec::with_capacity(raw.len() + 128);
    for field in fields(raw) {
        if field.is("Message-ID") {
            out.extend_from_slice(
                format!("X-Microsoft-Original-Message-ID: {}\r\n", field.value()).as_bytes(),
            );
        } else {
            out.extend_from_slice(field.raw);
        }
    }
    out.extend_from_slice(format!("Message-ID: {id}\r\n\r\n").as_bytes());
    out.extend_from_slice(body);
    out
}

/// What the last server writes above a mail that it delivers (RFC 5321 section 4.4, RFC 8601).
#[derive(Clone, Debug)]
pub(super) struct DeliveryStamp<'a> {
    /// Envelope sender, empty for the null return path.
    pub from: &'a str,
    pub to: &'a str,
    /// What the client called itself in EHLO.
    pub helo: &'a str,
    /// The server's own name, which is also its authserv-id.
    pub host: &'a str,
    /// The server's number for the mail.
    pub serial: u64,
    pub at: DateTime<Utc>,
    /// Results after the authserv-id, such as `dmarc=pass header.from=vendor.example`.
    pub authentication: Option<&'a str>,
}

/// The mail as it lies in the recipient's folder.
pub(super) fn stamped(raw: &[u8], stamp: &DeliveryStamp<'_>) -> Vec<u8> {
    let DeliveryStamp { from, to, helo, host, serial, at, authentication } = stamp;
    let mut out = format!(
        "Return-Path: <{from}>\r\nReceived: from {helo} ([127.0.0.1])\r\n\tby {host} with ESMTPSA id {serial:08X}\r\n\t\
         for <{to}>; {}\r\n",
        at.to_rfc2822()
    )
    .into_bytes();
    if let Some(results) = authentication {
        out.extend_from_slice(format!("Authentication-Results: {host};\r\n\t{results}\r\n").as_bytes());
    }
    // RFC 5321 section 4.4: a message that is delivered has exactly one Return-Path.
    for field in fields(raw).iter().filter(|field| !field.is("Return-Path")) {
        out.extend_from_slice(field.raw);
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(split(raw).1);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &[u8] =
        b"Return-Path: <old@x.example>\r\nSubject: a\r\n folded line\r\nMessage-ID: <1@x>\r\n\r\nbody\r\n";

    #[test]
    fn folded_fields_are_read_on_one_line() {
        assert_eq!(values(MAIL, "subject"), ["a folded line"]);
        assert_eq!(message_id(MAIL).as_deref(), Some("<1@x>"));
        assert_eq!(split(MAIL).1, b"body\r\n");
    }

    #[test]
    fn a_mail_without_body_or_header_is_no_trouble() {
        assert!(fields(b"").is_empty());
        assert!(fields(b"\r\nbody").is_empty());
        assert_eq!(values(b"Subject: x", "subject"), ["x"]);
        assert_eq!(split(b"Subject: x\r\n").1, b"");
    }

    #[test]
    fn a_replaced_id_leaves_the_old_one_behind() {
        let out = with_message_id(MAIL, "<2@y>");
        assert_eq!(message_id(&out).as_deref(), Some("<2@y>"));
        assert_eq!(values(&out, "X-Microsoft-Original-Message-ID"), ["<1@x>"]);
        assert_eq!(split(&out).1, b"body\r\n");
    }

    #[test]
    fn delivery_stamps_the_virtual_time_and_one_return_path() {
        let at = "2026-11-24T15:00:00Z".parse().unwrap();
        let stamp = DeliveryStamp {
            from: "",
            to: "a@b",
            helo: "h",
            host: "mx.b",
            serial: 7,
            at,
            authentication: Some("dmarc=pass"),
        };
        let out = stamped(MAIL, &stamp);
        assert_eq!(values(&out, "Return-Path"), ["<>"]);
        assert!(values(&out, "Received").concat().ends_with("for <a@b>; Tue, 24 Nov 2026 15:00:00 +0000"));
        assert_eq!(values(&out, "Authentication-Results"), ["mx.b;\tdmarc=pass"]);
        assert!(out.ends_with(b"\r\n\r\nbody\r\n"));
    }

    #[test]
    fn bare_line_feeds_become_line_ends() {
        assert_eq!(with_crlf(b"a\nb\r\n\nc"), b"a\r\nb\r\n\r\nc");
    }
}
