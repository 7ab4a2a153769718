//! Delivery reports in words: recipients, reasons and ids from the text that mail systems write.
//!
//! Known by their layout, not by their maker: an address that opens a line is who it was for, what follows it is why,
//! a line that announces a copy, or header lines, end the report. Known limit: a report that names its
//! recipient only in the middle of prose gives every address of it. Looks at the first 2,000 lines.

use std::sync::LazyLock;

use super::bounce::MAX_RECIPIENTS;
use super::parsed_message::ParsedMessage;
use super::thread;
use crate::domain::message::{Address, BounceAction, BouncedRecipient, Headers, MessageId};
use crate::language::{Role, alternation, matcher};
use crate::pattern::{Pattern, around_words, pattern};

const MAX_LINES: usize = 2_000;

static ADDRESS: Pattern =
    LazyLock::new(|| pattern(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"));
static STATUS: Pattern =
    LazyLock::new(|| pattern(r"(?:^|[^\d.])([245]\.\d{1,3}\.\d{1,3})(?:[^\d.]|\.?$|\.\s)"));
static REPLY: Pattern = LazyLock::new(|| pattern(r"(?:^|[\s:<(])([45]\d\d[ -]\S[^\r\n]*)"));

/// Lines after which the returned message stands, or its header begins.
static COPY: Pattern = LazyLock::new(|| {
    around_words(&format!(
        r"(?m)^[\W_]*(?:{}|received: (?:from|by|\()|return-path: |mime-version: \d|x-[a-z-]+: )",
        alternation(Role::ReturnedCopy)
    ))
});

/// What the report itself says, without the message that it returns.
pub(crate) fn report_of(text: &str) -> &str {
    let announced = COPY.find_iter(text).map(|found| found.start()).find(|start| *start > 0);
    let report = announced.and_then(|start| text.get(..start)).unwrap_or(text);
    returned_header(report).and_then(|start| report.get(..start)).unwrap_or(report)
}

/// Where the header of the returned message begins that nothing announces: `From:` and what stands beside it, below words
/// that name an address.
fn returned_header(text: &str) -> Option<usize> {
    const FEWEST: usize = 3;
    static FIELD: Pattern = LazyLock::new(|| pattern(r"(?i)^[>| \t]*([a-z][a-z-]{1,30}): ?\S"));
    let mut at = 0;
    let mut block: Option<(usize, Vec<String>)> = None;
    for line in text.split_inclusive('\n').take(MAX_LINES) {
        let field = FIELD.captures(line).and_then(|found| found.get(1));
        match field.map(|name| name.as_str().to_ascii_lowercase()) {
            Some(name) => block.get_or_insert_with(|| (at, Vec::new())).1.push(name),
            None if block.is_some() && line.starts_with([' ', '\t']) && !line.trim().is_empty() => {}
            None => block = None,
        }
        if let Some((start, names)) = &block {
            let has = |name: &str| names.iter().any(|one| one == name);
            let is_written_by_programs = has("message-id") || has("date") || has("mime-version");
            if names.len() >= FEWEST && has("from") && is_written_by_programs {
                // What says that it failed, and why, may stand below.
                let (before, rest) = text.split_at_checked(*start)?;
                let below = rest.get(header_block(rest).len()..).unwrap_or_default();
                let says_so = |words: &str| {
                    REPLY.is_match(words)
                        || [Role::FailedText, Role::DelayedText]
                            .iter()
                            .any(|role| matcher(*role).is_in(words))
                        || matcher(Role::UndeliveredText).is_in(&words.to_lowercase())
                };
                return (ADDRESS.is_match(before) && (says_so(before) || !says_so(below))).then_some(*start);
            }
        }
        at += line.len();
    }
    None
}

/// The header block of a returned message that is in the report's text.
pub(crate) fn returned_block(text: &str) -> Option<String> {
    static HEADER: Pattern = LazyLock::new(|| {
        pattern(
            r"(?im)^[>| \t]*(?:received|return-path|message-id|from|date|subject|to|dkim-signature|mime-version): ?\S",
        )
    });
    let after = report_of(text).len();
    let rest = text.get(after..)?;
    let start = HEADER.find(rest)?.start();
    let block: String = rest
        .get(start..)?
        .lines()
        .take(MAX_LINES)
        .map(|line| line.trim_start_matches(['>', '|']))
        .map(|line| format!("{}\n", unindent(line)))
        .collect();
    Some(header_block(&block).to_owned())
}

/// The block of lines around the first `Message-ID:` line of a body.
pub(crate) fn block_with_id(body: &str) -> Option<String> {
    static LINE: Pattern = LazyLock::new(|| pattern(r"(?im)^message-id:\s*<[^>\s]{3,}>"));
    let at = LINE.find_iter(body).find(|line| line.len() <= thread::MAX_ID)?.start();
    let before = body.get(..at).unwrap_or_default();
    let start = before
        .rfind("\n\n")
        .map(|place| place + 2)
        .max(before.rfind("\n\r\n").map(|place| place + 3))
        .unwrap_or(0);
    Some(header_block(body.get(start..)?).to_owned())
}

/// Some systems indent the copy; a header's own folding is kept.
fn unindent(line: &str) -> &str {
    let trimmed = line.trim_start();
    let name = trimmed.split(':').next().unwrap_or_default();
    let is_field = trimmed.contains(':')
        && name.len() > 1
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_field { trimmed } else { line }
}

/// Up to the first empty line that follows a line with text.
pub(crate) fn header_block(text: &str) -> &str {
    let text = text.trim_start_matches(['\r', '\n', ' ']);
    let end = text.find("\n\n").into_iter().chain(text.find("\r\n\r\n")).min().unwrap_or(text.len());
    text.get(..end).unwrap_or(text)
}

/// Ids on `Message-ID:` lines anywhere in the text.
pub(crate) fn stated_ids(text: &str) -> Vec<MessageId> {
    static LINE: Pattern = LazyLock::new(|| {
        pattern(r"(?im)^[>|\s]*(?:original[ -])?message[ -]?id\s*(?:header)?\s*:\s*(<[^>\s]{3,}>)")
    });
    LINE.captures_iter(text)
        .filter_map(|found| found.get(1))
        .filter(|id| id.len() <= thread::MAX_ID)
        .take(20)
        .flat_map(|id| thread::ids(id.as_str()))
        .collect()
}

/// Every address in `text`, in order, each once.
pub(crate) fn addresses_in(text: &str) -> Vec<Address> {
    let mut found: Vec<Address> = Vec::new();
    for one in ADDRESS.find_iter(text).take(1_000) {
        // X.400 writes `dda:SMTP=sarah@acme.example`
        let text = one.as_str();
        let text = text
            .get(..5)
            .filter(|head| head.eq_ignore_ascii_case("smtp="))
            .and_then(|head| text.get(head.len()..))
            .unwrap_or(text);
        if let Some(address) = Address::new(text.trim_start_matches(['=', '/', '\'', '.']))
            && !found.contains(&address)
            && found.len() < 200
        {
            found.push(address);
        }
    }
    found
}

/// RFC 3463 status in `text`, such as `5.1.1`.
pub(crate) fn status_in(text: &str) -> Option<String> {
    STATUS.captures(text).and_then(|found| found.get(1)).map(|status| status.as_str().to_owned())
}

/// What a server answered, from its three digits on, joined over the lines that continue it.
pub(crate) fn diagnostic_in(words: &str) -> Option<String> {
    let found = REPLY.captures(words)?.get(1)?;
    let mut reply = found.as_str().trim().to_owned();
    for line in words.get(found.end()..).unwrap_or_default().lines().skip(1).take(3) {
        if line.trim().is_empty()
            || !line.starts_with([' ', '\t'])
                && !line.trim_start().starts_with(|c: char| c.is_ascii_digit() || c.is_lowercase())
        {
            break;
        }
        reply.push(' ');
        reply.push_str(line.trim());
    }
    Some(reply)
}

/// Whom the report is about, from `X-Failed-Recipients`, else from its words; `addressed` are To and Cc of
/// the returned message, which settle it where the words do not.
pub(crate) fn recipients(
    parsed: &ParsedMessage<'_>,
    headers: &Headers,
    words: &str,
    addressed: &[Address],
) -> Vec<BouncedRecipient> {
    let subject = headers.subject.as_str();
    let action = action(subject, words);
    let mut addresses: Vec<Address> =
        parsed.all("X-Failed-Recipients").flat_map(|value| addresses_in(&value)).collect();
    if addresses.is_empty() {
        addresses = named(headers, words, addressed);
    }
    addresses.truncate(MAX_RECIPIENTS);
    let several = addresses.len() > 1;
    addresses
        .into_iter()
        .map(|address| {
            let own = several.then(|| after_address(words, &address)).flatten().unwrap_or(words);
            let diagnostic = diagnostic_in(own);
            let status = diagnostic.as_deref().and_then(status_in).or_else(|| status_in(own));
            // a version number in a returned subject has the form of a status
            let status =
                status.filter(|status| !status.starts_with('2') || action == BounceAction::Delivered);
            BouncedRecipient {
                address,
                action,
                status,
                diagnostic: diagnostic.map(|text| text.chars().take(1_000).collect()),
            }
        })
        .collect()
}

fn action(subject: &str, words: &str) -> BounceAction {
    if matcher(Role::DeliveredText).is_in(subject) {
        return BounceAction::Delivered;
    }
    if matcher(Role::DelayedSubjects).is_in(subject) || matcher(Role::DelayedText).is_in(words) {
        return BounceAction::Delayed;
    }
    let failed = matcher(Role::FailedText);
    if !failed.is_in(words) && !failed.is_in(subject) && matcher(Role::DeliveredText).is_in(words) {
        BounceAction::Delivered
    } else {
        BounceAction::Failed
    }
}

fn after_address<'w>(words: &'w str, address: &Address) -> Option<&'w str> {
    let lower = words.to_ascii_lowercase();
    let start = lower.find(address.as_str())? + address.as_str().len();
    let rest = words.get(start..)?;
    let end = ADDRESS.find(rest).map_or(rest.len(), |next| next.start()).max(1);
    rest.get(..end)
}

/// The addresses that the words give as recipients.
fn named(headers: &Headers, words: &str, addressed: &[Address]) -> Vec<Address> {
    let is_system = |address: &Address| {
        [Role::SystemAddresses, Role::HelpAddresses]
            .iter()
            .any(|role| matcher(*role).is_whole(address.local()))
            || headers.from.iter().any(|from| from.address == *address)
            || headers.to.iter().any(|to| to.address == *address)
    };
    let mut opening: Vec<Address> = Vec::new();
    let mut other: Vec<Address> = Vec::new();
    let mut announced: Vec<Address> = Vec::new();
    let mut is_below = false;
    for line in words.lines().take(MAX_LINES) {
        let lower = line.to_ascii_lowercase();
        if lower.contains("message-id") || lower.contains("message id") {
            continue;
        }
        for address in addresses_in(line) {
            let first = line.trim_start_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase();
            let names =
                first.starts_with(address.as_str()) || lower.contains(&format!("smtp={}", address.as_str()));
            let list = if is_below && names {
                &mut announced
            } else if opens(line, &address) || stands_for(line, &opening) {
                &mut opening
            } else {
                &mut other
            };
            if !is_system(&address) && !list.contains(&address) {
                list.push(address);
            }
        }
        is_below |= announces(line);
    }
    // The lines of the returned message's own header stand above those that name who was not reached.
    if announced.iter().any(|address| !opening.contains(address)) {
        opening = announced;
    }
    let confirmed: Vec<Address> =
        opening.iter().chain(&other).filter(|address| addressed.contains(address)).cloned().collect();
    for found in [opening, confirmed, other] {
        if !found.is_empty() {
            return found;
        }
    }
    let open: Vec<Address> = addressed.iter().filter(|address| !is_system(address)).cloned().collect();
    if open.len() == 1 { open } else { Vec::new() }
}

/// `did not reach the following recipient(s):`, in any language.
fn announces(line: &str) -> bool {
    let line = line.trim_end();
    line.ends_with([':', '：']) && matcher(Role::UndeliveredText).is_in(&line.to_lowercase())
}

/// `(expanded from: sales@acme.example)` below a recipient: the address as the sender wrote it.
fn stands_for(line: &str, above: &[Address]) -> bool {
    let line = line.trim();
    !above.is_empty() && line.starts_with('(') && line.ends_with(')')
}

/// Whether the address opens its line, as `<a@b>:`, `a@b`, `To: a@b` do.
fn opens(line: &str, address: &Address) -> bool {
    let lower = line.to_ascii_lowercase();
    let Some(at) = lower.find(address.as_str()) else { return false };
    let before = lower
        .get(..at)
        .unwrap_or_default()
        .trim()
        .trim_end_matches(['<', '"', '\'', '(', '*', '-', '•', '>', ' ', '[']);
    let after = lower.get(at + address.as_str().len()..).unwrap_or_default();
    let before = before.trim_end_matches(|c: char| c == ':' || c.is_whitespace());
    let label = before.is_empty() || matcher(Role::RecipientLabels).is_whole(before);
    let closed = after.trim_start_matches(['>', '"', '\'', ')', ']']);
    let alone = closed.trim_matches([' ', ',', '>']).is_empty();
    label
        && (!after.starts_with([',', ' '])
            || alone
            || closed.trim_start().starts_with([':', '(', '-', '.', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::bounce::report;
    use crate::mail::envelope;
    use crate::mail::options::ReadOptions;

    fn read(raw: &str) -> crate::domain::message::Bounce {
        let parsed = ParsedMessage::parse(raw.as_bytes());
        let headers = envelope::headers(&parsed, &ReadOptions::default());
        let text = crate::mail::parts::texts(&parsed).0.unwrap_or_default();
        report(&parsed, &headers, &text)
    }

    #[test]
    fn qmail_names_the_recipient_the_reason_and_the_message() {
        let found = read(
            "From: MAILER-DAEMON@mx.acme.example\nTo: dana@vendor.example\nSubject: failure notice\n\nHi. This is the qmail-send program at mx.acme.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<sarah@acme.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nReturn-Path: <dana@vendor.example>\nMessage-ID: <intro@vendor.example>\nReferences: <token@vendor.example>\nTo: sarah@acme.example\nSubject: Sarah\n\nhi\n",
        );
        let one = found.recipients.first().unwrap();
        assert_eq!(
            (one.address.as_str(), one.action, one.status.as_deref()),
            ("sarah@acme.example", BounceAction::Failed, Some("5.1.1"))
        );
        assert_eq!(found.original.unwrap().as_str(), "intro@vendor.example");
        assert_eq!(found.original_references.first().map(MessageId::as_str), Some("token@vendor.example"));
    }

    #[test]
    fn exim_names_the_recipient_in_a_header_and_quotes_the_server() {
        let found = read(
            "From: Mailer-Daemon@mx.vendor.example\nTo: dana@vendor.example\nX-Failed-Recipients: sarah@acme.example\nSubject: Mail delivery failed: returning message to sender\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  sarah@acme.example\n    SMTP error from remote mail server after RCPT TO:<sarah@acme.example>:\n    host mx.acme.example [192.0.2.1]: 550 5.7.1 No thanks\n\n------ This is a copy of the message, including all the headers. ------\n\nMessage-Id: <intro@vendor.example>\n\n",
        );
        let one = found.recipients.first().unwrap();
        assert_eq!(
            (one.status.as_deref(), one.diagnostic.as_deref()),
            (Some("5.7.1"), Some("550 5.7.1 No thanks"))
        );
        assert_eq!(found.original.unwrap().as_str(), "intro@vendor.example");
    }

    #[test]
    fn who_was_not_reached_is_named_below_the_line_that_says_so() {
        for announcement in
            ["did not reach the following recipient(s):", "konnte nicht zugestellt werden an:"]
        {
            let found = read(&format!(
                "From: System Administrator <postmaster@mx.acme.example>\nTo: dana@vendor.example\nSubject: Undeliverable: Release 2.0.12\nContent-Type: text/plain; charset=utf-8\n\nYour message\n\n  To: list@acme.example\n  Subject: Release 2.0.12\n\n{announcement}\n\nsarah@acme.example on Tue, 24 Nov 2026 10:00:00 +0000\n    The recipient name is not recognized\n"
            ));
            let named: Vec<_> = found.recipients.iter().map(|one| one.address.as_str()).collect();
            assert_eq!(named, ["sarah@acme.example"], "{announcement}");
            assert_eq!(found.recipients.first().unwrap().status, None);
        }
    }

    /// Nothing announces the copy, or words that nobody knows do.
    #[test]
    fn who_stands_in_the_header_of_the_returned_message_has_not_failed() {
        let header = "From: Dana Fox <dana@vendor.example>\nTo: Sarah Lee <sarah@acme.example>\nCc: Calvin Reyes <calvin@vendor.example>\nSubject: intro\nDate: Tue, 24 Nov 2026 10:04:00 -0500\nMessage-ID: <intro@vendor.example>\n";
        let quoted: String = header.lines().map(|line| format!("> {line}\n")).collect();
        for copy in [header.to_owned(), format!("Nachricht im Original folgt.\n{header}"), quoted] {
            let found = read(&format!(
                "From: postmaster@acme.example\nTo: dana@vendor.example\nSubject: Delivery failure\n\nYour message could not be delivered to sarah@acme.example:\n550 5.1.1 User unknown\n\n{copy}"
            ));
            let named: Vec<_> = found.recipients.iter().map(|one| one.address.as_str()).collect();
            assert_eq!(named, ["sarah@acme.example"], "{copy}");
            assert_eq!(found.original.unwrap().as_str(), "intro@vendor.example");
        }
    }

    #[test]
    fn an_alias_that_was_followed_failed_as_well() {
        let found = read(
            "From: MAILER-DAEMON@mx.acme.example\nTo: dana@vendor.example\nSubject: Returned mail\n\n   ----- The following addresses had permanent fatal errors -----\nsarah@home.example\n    (expanded from: sarah@acme.example)\n",
        );
        let named: Vec<_> = found.recipients.iter().map(|one| one.address.as_str()).collect();
        assert_eq!(named, ["sarah@home.example", "sarah@acme.example"]);
    }

    #[test]
    fn a_warning_is_a_delay() {
        let found = read(
            "From: Mailer-Daemon@mx.vendor.example\nTo: dana@vendor.example\nSubject: Warning: message 1abc delayed 24 hours\n\nThis message was created automatically. The address to which the message has not yet been delivered is:\n\n  sarah@acme.example\n    Delay reason: timeout\n",
        );
        assert_eq!(found.recipients.first().map(|one| one.action), Some(BounceAction::Delayed));
    }

    #[test]
    fn the_fields_of_a_report_go_before_its_words() {
        let found = read(
            "From: MAILER-DAEMON@mx.vendor.example\nTo: dana@vendor.example\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\n<sarah@acme.example>: host said: 550\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.vendor.example\n\nFinal-Recipient: rfc822; Sarah@acme.example\nOriginal-Recipient: rfc822;<sarah@acme.example>\nAction: failed\nStatus: 5.1.1 (bad)\nDiagnostic-Code: smtp; 550 5.1.1\n no such user\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <intro@vendor.example>\nTo: sarah@acme.example\n\nhi\n--b--\n",
        );
        let one = found.recipients.first().unwrap();
        assert_eq!(
            (one.address.as_str(), one.status.as_deref(), one.diagnostic.as_deref()),
            ("sarah@acme.example", Some("5.1.1"), Some("550 5.1.1 no such user"))
        );
        assert_eq!(found.recipients.len(), 1);
        assert_eq!(found.original.unwrap().as_str(), "intro@vendor.example");
    }

    #[test]
    fn an_id_cited_outside_counts_where_none_stands_inside() {
        let found = read(
            "From: MAILER-DAEMON@x.example\nTo: dana@vendor.example\nSubject: Failure Notice\nReferences: <intro@vendor.example>\n\nSorry.\n",
        );
        assert_eq!(found.original.unwrap().as_str(), "intro@vendor.example");
    }
}
