//! The mail that a quotation begins with: who wrote it, and what.
//!
//! A header block in any language, or an attribution, whichever comes first; what stands above it is none of it.

use super::lines::{self, BodySource};
use super::{attribution, authors, quotation};
use crate::domain::message::{Address, Mailbox};

/// The author and the text of the first mail in `quoted_text`, whose marks are gone. The author has no name where only
/// an attribution names them.
pub(crate) fn forwarded(quoted_text: &str) -> Option<(Mailbox, String)> {
    let lines = lines::of_plain(quoted_text);
    let blocks = quotation::blocks(&lines, BodySource::Html);
    let block = blocks.iter().find_map(|block| {
        let address = authors::address(&block.from)?;
        Some((block.first, block.last, Mailbox { name: name_before(&block.from, &address), address }))
    });
    let attributions = attribution::find(&lines);
    let attributed = attributions.iter().find_map(|one| {
        let address = authors::address(&one.text)?;
        Some((one.first, one.last, Mailbox { name: String::new(), address }))
    });
    let (_, last, from) = [block, attributed].into_iter().flatten().min_by_key(|(first, ..)| *first)?;
    let body: Vec<&str> = lines.iter().skip(last + 1).map(|line| line.text).collect();
    Some((from, body.join("\n").trim().to_owned()))
}

/// `Sarah Lee` of `"Sarah Lee" <sarah@acme.example>` and of `Sarah Lee [mailto:sarah@acme.example]`.
fn name_before(from: &str, address: &Address) -> String {
    let end = from.find(['<', '[', '(']).unwrap_or(from.len());
    let name = from.get(..end).unwrap_or_default();
    let name = name
        .trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '*' | '\u{201c}' | '\u{201d}'));
    if name.contains('@') || name.eq_ignore_ascii_case(address.as_str()) {
        String::new()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mail_of_a_quotation_is_read_in_the_forms_of_mail_programs() {
        for head in [
            "---------- Forwarded message ---------\nFrom: Sarah Lee <sarah@acme.example>\nDate: Tue, Nov 24, 2026 at 10:02 AM\nSubject: Reporting\nTo: Dana Fox <dana@vendor.example>",
            "Von: Sarah Lee <sarah@acme.example>\nGesendet: Dienstag, 24. November 2026 10:02\nAn: Dana Fox <dana@vendor.example>\nBetreff: Reporting",
            "De : Sarah Lee [mailto:sarah@acme.example]\nEnvoy\u{e9} : mardi 24 novembre 2026 10:02\n\u{c0} : Dana Fox\nObjet : Reporting",
            "Begin forwarded message:\n\nFrom: \"Sarah Lee\" <sarah@acme.example>\nSubject: Reporting\nDate: 24 November 2026 at 10:02:00 GMT\nTo: dana@vendor.example",
            "-------- Weitergeleitete Nachricht --------\nBetreff: Reporting\nDatum: Tue, 24 Nov 2026 10:02:00 +0000\nVon: Sarah Lee <sarah@acme.example>\nAn: Dana Fox <dana@vendor.example>",
        ] {
            let (from, body) = forwarded(&format!("{head}\n\nWe lose hours.\n\nSarah")).unwrap();
            assert_eq!(
                (from.name.as_str(), from.address.as_str()),
                ("Sarah Lee", "sarah@acme.example"),
                "{head}"
            );
            assert_eq!(body, "We lose hours.\n\nSarah");
        }
        assert_eq!(forwarded("nothing of the kind"), None);
    }

    #[test]
    fn an_attribution_gives_the_address_alone() {
        let text = "On Tue, 24 Nov 2026 at 10:02, Sarah Lee <sarah@acme.example> wrote:\n\nWe lose hours.";
        let (from, body) = forwarded(text).unwrap();
        assert_eq!((from.name.as_str(), from.address.as_str()), ("", "sarah@acme.example"));
        assert_eq!(body, "We lose hours.");
    }
}
