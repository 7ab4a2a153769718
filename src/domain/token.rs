//! The private token by which an answer to one of baton's own mails is known, whatever a provider made of
//! its Message-ID. docs/behaviour.md section 9.
//!
//! 13 characters of Crockford's base 32 (65 bits), which the store makes with the mail's row: an HMAC of what the mail is about,
//! so that copies of a database make the same one, or else at random. It is in the Message-ID, in References, and short
//! in the subject of mailto links.

use super::message::MessageId;

pub(crate) const LENGTH: usize = 13;
pub(crate) const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

fn is_token(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// Message-ID of the mail that bears `token`, sent from an address at `domain`.
pub fn message_id(token: &str, domain: &str) -> Option<MessageId> {
    MessageId::new(&format!("baton-{token}@{domain}"))
}

/// The id in its References header, which clients hand on in every answer; the store seals it.
pub fn reference(token: &str, domain: &str) -> Option<MessageId> {
    MessageId::new(&format!("baton-{token}.ref@{domain}"))
}

/// The same with a seal, which says when the mail left and from which process.
pub(crate) fn sealed_reference(token: &str, seal: &str, domain: &str) -> Option<MessageId> {
    MessageId::new(&format!("baton-{token}.{seal}.ref@{domain}"))
}

/// What every reference of this token begins with.
pub(crate) fn reference_prefix(token: &str) -> String {
    format!("baton-{token}.")
}

fn local_part(id: &MessageId) -> Option<&str> {
    let (local, _) = id.as_str().strip_prefix("baton-")?.split_once('@')?;
    Some(local)
}

/// The token in an id that `message_id`, `reference` or `sealed_reference` made.
pub(crate) fn in_id(id: &MessageId) -> Option<&str> {
    let local = local_part(id)?;
    let token = match local.strip_suffix(".ref") {
        Some(rest) => rest.split_once('.').map_or(rest, |(token, _)| token),
        None => local,
    };
    is_token(token).then_some(token)
}

/// Token and seal in an id that `sealed_reference` made.
pub(crate) fn sealed_in(id: &MessageId) -> Option<(&str, &str)> {
    let (token, seal) = local_part(id)?.strip_suffix(".ref")?.split_once('.')?;
    is_token(token).then_some((token, seal))
}

/// Whether the id is a reference: it names a mail's answers, never the mail itself.
pub(crate) fn is_reference(id: &MessageId) -> bool {
    in_id(id).is_some() && id.as_str().split_once('@').is_some_and(|(local, _)| local.ends_with(".ref"))
}

/// What is in the subject of a mailto link.
pub(crate) fn subject_mark(token: &str) -> String {
    format!("[baton {token}]")
}

/// The token in a subject that holds `subject_mark`, upper and lower case alike.
pub(crate) fn in_subject(subject: &str) -> Option<String> {
    let subject = subject.to_ascii_lowercase();
    let (_, rest) = subject.split_once("[baton ")?;
    let (token, _) = rest.split_once(']')?;
    is_token(token).then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_in_its_id_its_reference_and_its_subject() {
        let token = "7k2fq0123456w";
        let id = message_id(token, "vendor.example").unwrap();
        let reference = reference(token, "vendor.example").unwrap();
        assert_eq!(in_id(&id), Some(token));
        assert_eq!(in_id(&reference), Some(token));
        assert!(is_reference(&reference) && !is_reference(&id));
        let sealed = sealed_reference(token, "0123", "vendor.example").unwrap();
        assert_eq!((in_id(&sealed), sealed_in(&sealed)), (Some(token), Some((token, "0123"))));
        assert!(is_reference(&sealed) && sealed_in(&reference).is_none() && sealed_in(&id).is_none());
        assert!(sealed.as_str().starts_with(&reference_prefix(token)));
        assert_eq!(
            in_subject(&format!("Held, 4 {}", subject_mark(token).to_uppercase())),
            Some(token.to_owned())
        );
    }

    #[test]
    fn what_only_looks_like_a_token_is_none() {
        assert_eq!(in_id(&MessageId::new("baton-short@x").unwrap()), None);
        assert_eq!(in_subject("[baton of command] hello"), None);
    }
}
