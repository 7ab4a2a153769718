//! Links that open a mail with the answer already in it (RFC 6068).
//!
//! Programs take only To, Cc, Subject and Body from such a link, and a mail opened by one cites nothing: the
//! token in the subject is what ties the answer to its question. Spaces are `%20`, never `+`, which mail
//! programs show as it is.

use std::fmt::Write as _;

use crate::domain::message::Address;

/// `mailto:` URI to `to` with a subject and a body. `keep` of RFC 3986's unreserved characters alone, so that
/// the link stays one word in text mail and needs no escaping in HTML but for `&`.
pub(crate) fn link(to: &Address, subject: &str, body: &str) -> String {
    let mut uri = String::from("mailto:");
    encode(to.as_str(), b"@", &mut uri);
    uri.push_str("?subject=");
    encode(subject, b"", &mut uri);
    uri.push_str("&body=");
    encode(body, b"", &mut uri);
    uri
}

fn encode(text: &str, keep: &[u8], out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_one_word_and_reads_back_as_what_went_in() {
        let to = Address::new("dana+baton@vendor.example").unwrap();
        let link =
            link(&to, "Acme & Söhne: feedback [baton 7k2fq0123456w]", "held 4, \"James\" has left\n100%");
        assert!(link.starts_with("mailto:dana%2Bbaton@vendor.example?subject=Acme%20%26%20S%C3%B6hne%3A"));
        assert!(!link.contains([' ', '+', '"', '<', '\n']));
        let parsed = url::Url::parse(&link).unwrap();
        let fields: Vec<(String, String)> = parsed.query_pairs().into_owned().collect();
        assert_eq!(
            fields,
            [
                ("subject".to_owned(), "Acme & Söhne: feedback [baton 7k2fq0123456w]".to_owned()),
                ("body".to_owned(), "held 4, \"James\" has left\n100%".to_owned())
            ]
        );
    }
}
