//! What OpenPGP puts around a text that it signs in clear (RFC 4880 section 7): the heading, the signature, and `- ` before
//! lines that begin with a dash.
//!
//! Known limits: what stands outside of the signed part, a list's footer for one, is taken for text as well; nothing is
//! verified.

use std::borrow::Cow;

const HEADING: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const END: &str = "-----END PGP SIGNATURE-----";

/// The text without its armour.
pub(super) fn without_armour(text: &str) -> Cow<'_, str> {
    // Quoted, or spoken of, it is no heading.
    let mut begins = 0;
    let heading = text.split_inclusive('\n').find(|line| {
        let is_heading = line.trim_end() == HEADING;
        begins += if is_heading { 0 } else { line.len() };
        is_heading
    });
    let Some(heading) = heading else { return Cow::Borrowed(text) };
    let signed = text.get(begins + heading.len()..).unwrap_or_default();
    let mut lines = signed.lines().peekable();
    while lines.next_if(|line| is_armour_header(line)).is_some() {}
    let _ = lines.next_if(|line| line.trim().is_empty());
    let mut plain = String::with_capacity(text.len());
    plain.push_str(text.get(..begins).unwrap_or_default());
    let mut in_signature = false;
    for line in lines {
        match line.trim_end() {
            SIGNATURE => in_signature = true,
            END => in_signature = false,
            _ if !in_signature => {
                plain.push_str(line.strip_prefix("- ").filter(|rest| rest.starts_with('-')).unwrap_or(line));
                plain.push('\n');
            }
            _ => {}
        }
    }
    Cow::Owned(plain)
}

/// `Hash: SHA256`
fn is_armour_header(line: &str) -> bool {
    let is_name = |name: &str| {
        matches!(name, "Hash" | "Version" | "Comment" | "Charset" | "MessageID" | "NotDashEscaped")
    };
    line.split_once(':').is_some_and(|(name, _)| is_name(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_in_clear_is_all_that_is_left() {
        let signature = "-----BEGIN PGP SIGNATURE-----\nVersion: 2\n\niQEzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n";
        let text = format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nThursday works.\n- -- \nCalvin\n- one\n{signature}"
        );
        assert_eq!(without_armour(&text), "Thursday works.\n-- \nCalvin\n- one\n");
        assert_eq!(without_armour(&text.replace('\n', "\r\n")), "Thursday works.\n-- \nCalvin\n- one\n");
        assert_eq!(without_armour("Thursday works."), "Thursday works.");
        let bare = text.replace("Hash: SHA256\n\n", "Hash: SHA256\n");
        assert_eq!(without_armour(&bare), "Thursday works.\n-- \nCalvin\n- one\n");
    }

    #[test]
    fn a_heading_that_is_quoted_or_spoken_of_is_none() {
        for text in [
            "On Tue Sarah wrote:\n> -----BEGIN PGP SIGNED MESSAGE-----\n> Hash: SHA256\n>\n> Can you?\n\nThursday at two works.\n",
            "Your mail began with -----BEGIN PGP SIGNED MESSAGE----- and nothing else.\nCould you send it again?\n\nThanks\n",
        ] {
            assert_eq!(without_armour(text), text);
        }
    }
}
