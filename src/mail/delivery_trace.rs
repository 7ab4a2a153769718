//! How a copy of a message came to where it lies, by the fields that servers and exports add to it: what was delivered
//! bears them, a copy that its author's program saved does not.
//!
//! Needed where nothing else tells whose mailbox a file of mail is. Known limit: an export that drops these fields
//! leaves a delivered message that looks like a saved copy.

use super::encoded_words;
use crate::domain::message::Address;
use crate::language::{Role, is_word};

/// Fields in which servers name the mailbox that they deliver to.
const DELIVERY_FIELDS: [&str; 6] =
    ["delivered-to", "x-delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to"];
const RECEIVED: &str = "received";
/// The labels that a message has at Gmail, in an export of it.
const LABELS: &str = "x-gmail-labels";
/// How a message is handed in, by its author or a program of theirs (RFC 3848), and not from one server to another.
const SUBMISSION: [&str; 9] =
    ["esmtpa", "esmtpsa", "utf8smtpa", "utf8smtpsa", "asmtp", "http", "httprest", "mapi", "local"];

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeliveryTrace {
    /// Whom it was delivered to, the last delivery first.
    pub delivered_to: Vec<Address>,
    /// A server got it from another one, or put it into a mailbox.
    pub is_delivered: bool,
    /// The export says that it lay among the sent mail; among the drafts.
    pub is_labelled_sent: bool,
    pub is_labelled_draft: bool,
}

/// Reads the header of a message.
pub(crate) fn delivery_trace(header: &[u8]) -> DeliveryTrace {
    let mut found = DeliveryTrace::default();
    for (name, value) in fields(&String::from_utf8_lossy(header)) {
        if DELIVERY_FIELDS.contains(&name.as_str()) {
            found.is_delivered = true;
            found.delivered_to.extend(addresses_in(&value));
        } else if name == RECEIVED {
            let lower = value.to_ascii_lowercase();
            if !is_submission(&lower) {
                found.is_delivered = true;
                found.delivered_to.extend(recipient_of(&lower));
            }
        } else if name == LABELS {
            let labels = encoded_words::decoded(&value).into_owned();
            let is_any = |role: Role| labels.split(',').any(|label| is_word(role, label.trim()));
            found.is_labelled_sent |= is_any(Role::SentFolder);
            found.is_labelled_draft |= is_any(Role::DraftsFolder);
        }
    }
    found
}

/// Names in lower case and unfolded values of the fields that matter here, up to the blank line.
fn fields(header: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut is_wanted = false;
    for line in header.lines().take_while(|line| !line.is_empty()) {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = found.last_mut().filter(|_| is_wanted) {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            let name = name.trim();
            let mut wanted = DELIVERY_FIELDS.iter().chain([&RECEIVED, &LABELS]);
            is_wanted = wanted.any(|field| field.eq_ignore_ascii_case(name));
            if is_wanted {
                found.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
    }
    found
}

/// Whether a `Received` line in lower case is that of a message's first server, to which its author gave it.
fn is_submission(line: &str) -> bool {
    let mut words = line.split(|c: char| c.is_whitespace() || c == ';');
    let is_program = line.contains("from userid ");
    is_program
        || words.any(|word| word == "with") && words.next().is_some_and(|how| SUBMISSION.contains(&how))
}

/// `for <dana@vendor.example>`
fn recipient_of(line: &str) -> Option<Address> {
    let (_, behind) = line.split_once(" for ")?;
    addresses_in(behind.split_whitespace().next()?).next()
}

fn addresses_in(text: &str) -> impl Iterator<Item = Address> + '_ {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';');
    text.split(is_edge).filter(|word| word.contains('@')).filter_map(Address::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(header: &str) -> (Vec<String>, bool) {
        let found = delivery_trace(header.as_bytes());
        (found.delivered_to.iter().map(ToString::to_string).collect(), found.is_delivered)
    }

    #[test]
    fn what_was_delivered_says_so_and_to_whom() {
        for (header, expected) in [
            // Postfix, a list in between.
            (
                "Return-Path: <a@b.example>\r\nX-Original-To: team@vendor.example\r\nDelivered-To: dana@vendor.example\r\n\r\n",
                vec!["team@vendor.example", "dana@vendor.example"],
            ),
            (
                "Received: from mx.acme.example by mail.vendor.example (Postfix) with ESMTPS id 4F;\n\tTue, 24 Nov 2026 09:00:00 +0000\n\n",
                vec![],
            ),
            (
                "Received: from a by b with LMTP id x\n\tfor <dana@vendor.example>; Tue, 24 Nov 2026 09:00:00 +0000\n\n",
                vec!["dana@vendor.example"],
            ),
            // Exchange: from mailbox to mailbox.
            (
                "Received: from A.prod by B.prod with HTTPS; Tue, 24 Nov 2026 09:00:00 +0000\nReceived: from A.prod ([fe80::1]) by A.prod with mapi id 15.20; x\n\n",
                vec![],
            ),
            // One server for all: the author's hand and the mailbox.
            (
                "Delivered-To: rita@vendor.example\nReceived: from laptop by mail with ESMTPSA id 1; x\n\n",
                vec!["rita@vendor.example"],
            ),
        ] {
            assert_eq!(
                trace(header),
                (expected.iter().map(|one| (*one).to_owned()).collect(), true),
                "{header}"
            );
        }
    }

    #[test]
    fn a_copy_that_its_author_saved_was_not_delivered() {
        for header in [
            "From: a@b.example\nTo: c@d.example\nSubject: x\n\nReceived: from x by y with SMTP\n",
            "Received: from [192.168.1.2] (c-73.example.net [73.1.2.3])\n\tby smtp.gmail.com with ESMTPSA id x1\n\tfor <sarah@acme.example>; x\n\n",
            "Received: from A.prod ([fe80::1]) by A.prod ([fe80::1]) with mapi id 15.20.1; x\n\n",
            "Received: by host.example (Postfix, from userid 1000) id 7; x\n\n",
            "Received: by 10.1.2.3 with HTTP; x\n\n",
        ] {
            assert_eq!(trace(header), (Vec::new(), false), "{header}");
        }
    }

    #[test]
    fn labels_of_an_export_name_the_folder() {
        let labels = |text: &str| {
            let found = delivery_trace(format!("X-Gmail-Labels: {text}\n\n").as_bytes());
            (found.is_labelled_sent, found.is_labelled_draft)
        };
        assert_eq!(labels("Sent,Opened,Deals"), (true, false));
        assert_eq!(labels("=?UTF-8?Q?Gesendet,Ge=C3=B6ffnet?="), (true, false));
        assert_eq!(labels("Inbox,Important"), (false, false));
        assert_eq!(labels("Drafts"), (false, true));
    }
}
