//! What a delivery report says: of whom, what became of it, why, and which message came back.
//!
//! Reads the form of RFC 3464 and, where it is missing, the words of the report (qmail, Exim, Exchange, Google,
//! Yahoo and the like) up to the copy of the message that follows them (`bounce_text`). Whether a message is a
//! report at all is decided in `classify`. Limits: 100 recipients, 1,000 characters of a diagnostic, 200 ids.

use mail_parser::PartType;

use super::bounce_text;
use super::parsed_message::ParsedMessage;
use super::parts;
use super::thread;
use crate::domain::message::{Address, Bounce, BounceAction, BouncedRecipient, Headers, MessageId};

pub(crate) const MAX_RECIPIENTS: usize = 100;
const MAX_DIAGNOSTIC: usize = 1_000;
const MAX_IDS: usize = 200;

/// The report in `parsed`; `headers` are its own, `text` its own words.
pub(crate) fn report(parsed: &ParsedMessage<'_>, headers: &Headers, text: &str) -> Bounce {
    let returned = returned_fields(parsed, text);
    let mut recipients = status_recipients(parsed);
    let words = bounce_text::report_of(text);
    if recipients.is_empty() {
        recipients = bounce_text::recipients(parsed, headers, words, &addresses_of(&returned));
    }
    enrich(&mut recipients, words);
    let mut references = ids_of(&returned, "Message-ID");
    let mut original = references.first().cloned();
    for name in
        ["X-Microsoft-Original-Message-ID", "X-Google-Original-Message-ID", "References", "In-Reply-To"]
    {
        references.extend(ids_of(&returned, name));
    }
    for stated in stated_ids(parsed).into_iter().chain(bounce_text::stated_ids(text)) {
        original = original.or_else(|| Some(stated.clone()));
        references.push(stated);
    }
    let cited: Vec<MessageId> =
        headers.in_reply_to.iter().chain(headers.references.iter().rev()).cloned().collect();
    original = original.or_else(|| cited.first().cloned());
    references.extend(cited);
    Bounce { original_references: once(references, original.as_ref()), original, recipients }
}

/// The fields of the message that came back: from its part, from the report's text, else from anywhere in the body
/// (an attached text file, a part without a type).
fn returned_fields(parsed: &ParsedMessage<'_>, text: &str) -> ReportFields {
    let parse = |block: String| ParsedMessage::parse_headers(block.as_bytes()).owned_fields();
    let names_id =
        |fields: &ReportFields| fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("Message-ID"));
    let stated = returned_header(parsed)
        .map(parse)
        .filter(names_id)
        .or_else(|| bounce_text::returned_block(text).map(parse).filter(names_id));
    let anywhere = || bounce_text::block_with_id(&parts::whole_body(parsed)).map(parse);
    stated
        .or_else(anywhere)
        .or_else(|| returned_header(parsed).or_else(|| bounce_text::returned_block(text)).map(parse))
        .unwrap_or_default()
}

/// Every id once, without the original's own.
fn once(ids: Vec<MessageId>, original: Option<&MessageId>) -> Vec<MessageId> {
    let mut seen: Vec<MessageId> = Vec::new();
    for id in ids {
        if seen.len() < MAX_IDS && Some(&id) != original && !seen.contains(&id) {
            seen.push(id);
        }
    }
    seen
}

/// Name and unfolded value of each field.
pub(crate) type ReportFields = Vec<(String, String)>;

fn ids_of(fields: &ReportFields, name: &str) -> Vec<MessageId> {
    fields
        .iter()
        .filter(|(found, _)| found.eq_ignore_ascii_case(name))
        .flat_map(|(_, value)| thread::ids(value))
        .collect()
}

/// Addresses in To and Cc of the returned message.
fn addresses_of(fields: &ReportFields) -> Vec<Address> {
    let people =
        fields.iter().filter(|(name, _)| ["to", "cc"].iter().any(|known| name.eq_ignore_ascii_case(known)));
    people.flat_map(|(_, value)| bounce_text::addresses_in(value)).take(MAX_RECIPIENTS).collect()
}

/// The header block of the message that came back: an embedded message, or its headers alone.
fn returned_header(parsed: &ParsedMessage<'_>) -> Option<String> {
    let wanted = [
        "message/rfc822",
        "text/rfc822-headers",
        "message/global",
        "message/global-headers",
        "text/rfc822",
        "message/rfc822-headers",
        "text/x-message",
    ];
    let part = parsed
        .parts()
        .iter()
        .skip(1)
        .find(|part| wanted.iter().any(|wanted| parts::is_type(part, wanted)))?;
    let text = match &part.body {
        PartType::Multipart(_) => return None,
        _ => parts::text_of(part),
    };
    Some(bounce_text::header_block(&text).to_owned())
}

/// Ids that the report's own fields give.
fn stated_ids(parsed: &ParsedMessage<'_>) -> Vec<MessageId> {
    let outer = ["X-Original-Message-ID", "Original-Message-ID", "X-Failed-Message-ID"];
    let mut found: Vec<MessageId> =
        outer.iter().filter_map(|name| parsed.field(name)).flat_map(|value| thread::ids(&value)).collect();
    if let Some(part) = status_part(parsed) {
        let text = parts::text_of(part);
        let fields = groups(&text).into_iter().flatten();
        found.extend(
            fields
                .filter(|(name, _)| name.to_ascii_lowercase().ends_with("message-id"))
                .flat_map(|(_, value)| thread::ids(&value)),
        );
    }
    found
}

fn status_part<'l, 'x>(parsed: &'l ParsedMessage<'x>) -> Option<&'l mail_parser::MessagePart<'x>> {
    ["message/delivery-status", "message/global-delivery-status", "text/delivery-status"]
        .iter()
        .find_map(|wanted| parts::first_of(parsed, wanted))
}

/// The per-recipient groups of message/delivery-status (RFC 3464 section 2.3).
fn status_recipients(parsed: &ParsedMessage<'_>) -> Vec<BouncedRecipient> {
    let Some(part) = status_part(parsed) else { return Vec::new() };
    let text = parts::text_of(part);
    let mut found: Vec<BouncedRecipient> = Vec::new();
    for group in groups(&text) {
        if let Some(one) = recipient(&group)
            && found.len() < MAX_RECIPIENTS
            && !found.iter().any(|known| known.address == one.address)
        {
            found.push(one);
        }
    }
    found
}

/// Groups of fields with an empty line between them.
fn groups(text: &str) -> Vec<ReportFields> {
    let mut found: Vec<ReportFields> = vec![Vec::new()];
    for line in text.lines().take(5_000) {
        if line.trim().is_empty() {
            found.push(Vec::new());
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = found.last_mut().and_then(|group| group.last_mut())
                && value.len() < 4_000
            {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':')
            && let Some(group) = found.last_mut()
        {
            group.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    found
}

fn recipient(group: &ReportFields) -> Option<BouncedRecipient> {
    let value = |name: &str| {
        group.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    };
    // The address as the sender wrote it goes before where forwarding led it.
    let address = ["Original-Recipient", "Final-Recipient", "X-Actual-Recipient"]
        .iter()
        .filter_map(|name| value(name))
        .find_map(typed_address)?;
    let status = value("Status").and_then(bounce_text::status_in);
    let action = value("Action").and_then(action_named).unwrap_or_else(|| {
        match status.as_deref().and_then(|status| status.chars().next()) {
            Some('4') => BounceAction::Delayed,
            Some('2') => BounceAction::Delivered,
            _ => BounceAction::Failed,
        }
    });
    let diagnostic = value("Diagnostic-Code").map(|code| {
        code.split_once(';').filter(|(kind, _)| !kind.trim().contains(' ')).map_or(code, |(_, words)| words)
    });
    Some(BouncedRecipient { address, action, status, diagnostic: diagnostic.and_then(clean) })
}

/// `rfc822; a@b`, also `rfc822;<a@b>` and a bare address (RFC 3464 section 2.1.2).
fn typed_address(value: &str) -> Option<Address> {
    let bare = value.split_once(';').map_or(value, |(_, address)| address).trim();
    Address::new(bare.trim_matches(['"', '\'']))
        .or_else(|| bounce_text::addresses_in(bare).into_iter().next())
}

fn action_named(value: &str) -> Option<BounceAction> {
    let word = value.trim().to_ascii_lowercase();
    Some(match word.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default() {
        "failed" | "failure" | "fail" | "expired" => BounceAction::Failed,
        "delayed" | "deferred" | "delay" => BounceAction::Delayed,
        "delivered" | "success" | "deliverable" => BounceAction::Delivered,
        "relayed" => BounceAction::Relayed,
        "expanded" => BounceAction::Expanded,
        _ => return None,
    })
}

fn clean(text: &str) -> Option<String> {
    let text: String =
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_DIAGNOSTIC).collect();
    (!text.is_empty()).then_some(text)
}

/// Fills in what a report's fields left out from its words, where it concerns one recipient.
fn enrich(recipients: &mut [BouncedRecipient], words: &str) {
    let [only] = recipients else { return };
    let fits = |status: &String| {
        !status.starts_with('2') || !matches!(only.action, BounceAction::Failed | BounceAction::Delayed)
    };
    if only.diagnostic.is_none() {
        only.diagnostic = bounce_text::diagnostic_in(words).as_deref().and_then(clean);
    }
    if only.status.is_none() {
        only.status = only
            .diagnostic
            .as_deref()
            .and_then(bounce_text::status_in)
            .or_else(|| bounce_text::status_in(words))
            .filter(fits);
    }
}
