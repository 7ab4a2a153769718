//! Lines that stand right below what somebody wrote, without a blank line between, and are no part of it.
//!
//! One line is judged by itself: a closing, thanks, its author's name, a card's line, the line of a program, a note that
//! nobody wrote, a postscript. Known limits: those of the words that each of these is known by; what people say in a
//! sentence of their own (`Let me know if anything is missing`) is text.

use super::{closing, phrases, ruler, sent_from};
use crate::domain::answer;

/// Whether a line ends what its author wrote above it.
pub(crate) fn stands_below_text(line: &str, author: &str) -> bool {
    let line = line.trim();
    let is_begin = line.starts_with(|c: char| c.is_uppercase() || !c.is_alphanumeric());
    closing::is_closing(line)
        || ruler::is_delimiter(line)
        || sent_from::is_sent_from(line)
        || is_note(&line.to_lowercase())
        || is_number(line)
        // Small letters go on with a sentence: `and thanks to Sarah`.
        || is_begin && (closing::is_thanks(line) || closing::is_postscript(line) || is_of_author(line, author))
}

fn is_note(text: &str) -> bool {
    phrases::is_notice(text) || phrases::is_footer(text) || phrases::is_heading(text)
}

/// The author's name, thanks and greetings around it, or a card that begins with it: `Sam Abel | SDR`.
fn is_of_author(line: &str, author: &str) -> bool {
    let is_parted = |rest: &str| {
        let rest = rest.trim_start();
        rest.starts_with(|c: char| {
            matches!(c, '|' | ',' | '/' | '\u{2022}' | '\u{b7}' | '\u{2013}' | '\u{2014}')
        }) || rest.starts_with("- ")
    };
    let behind = || line.strip_prefix(author).filter(|_| !author.is_empty());
    answer::without_courtesies(line, author).trim().is_empty() || behind().is_some_and(is_parted)
}

/// Nothing but a telephone number.
fn is_number(line: &str) -> bool {
    const FEWEST: usize = 7;
    line.bytes().filter(u8::is_ascii_digit).count() >= FEWEST
        && line.starts_with(['+', '(', '0'])
        && line
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | ' ' | '\u{a0}' | '-' | '/' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_known_by_its_first_line_and_a_sentence_goes_on() {
        for line in [
            "Best regards,",
            "Mit freundlichen Gr\u{fc}\u{df}en",
            "Thanks!",
            "Thanks, Sam",
            "Cheers, Sam",
            "Sam",
            "- Sam Abel",
            "Sam Abel",
            "Sam Abel | SDR | Vendor Inc.",
            "Sam Abel, SDR at Vendor",
            "--",
            "__________",
            "Sent from my iPhone",
            "Get Outlook for iOS<https://aka.ms/o0ukef>",
            "Von meinem Samsung Galaxy gesendet",
            "CONFIDENTIALITY NOTICE: This e-mail is intended only for the addressee.",
            "+1 415 555 0100",
            "P.S. price is the issue",
        ] {
            assert!(stands_below_text(line, "Sam Abel"), "{line}");
        }
        for line in [
            "and a demo of the dashboard",
            "thanks to Sarah",
            "Sam will show you the dashboard",
            "now",
            "A short demo",
            "https://zoom.example/j/1",
            "2026-11-26 14:00",
            "Sarah Lee, James Ortiz",
            "Zoom",
        ] {
            assert!(!stands_below_text(line, "Sam Abel"), "{line}");
        }
        assert!(!stands_below_text("| a", ""));
    }
}
