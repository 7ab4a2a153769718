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
    let Some((above, signed)) = text.split_once(HEADING) else { return Cow::Borrowed(text) };
    let mut lines = signed.lines().skip(1);
    // `Hash: SHA256`, up to an empty line
    let _ = lines.by_ref().find(|line| line.trim().is_empty());
    let mut plain = String::with_capacity(text.len());
    plain.push_str(above);
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
    }
}
