//! What people mean when they answer one of baton's mails. docs/behaviour.md sections 5, 8 and 9.
//!
//! Words in, meaning out: nothing here knows who wrote or which mail was answered; whose names may be mentioned is given
//! ([`KnownNames`]). What people write is in the
//! language files, English in many forms, twelve other languages in the common ones; here is what follows from the order
//! of the words, what is denied, and what was said first.
//!
//! Known limits: irony; an assent that is worded as a question counts as a question; answers in
//! other letters than Latin ones. What is part of a word here (`pattern::is_narrow_word`) ends at U+024F, and all else
//! is trimmed away like signs, so that words in Cyrillic, Greek, Chinese or Japanese are not found, whatever a language
//! file says.

mod clauses;
mod correction;
mod done;
mod feedback;
#[cfg(test)]
mod feedback_tests;
mod form;
mod names;
mod ours;
mod outcome;
mod request;
mod rule;
mod score;
mod signature;
mod stance;
#[cfg(test)]
mod tests;
mod when;
mod when_rest;
mod when_span;
mod when_words;

pub use feedback::{FeedbackAsked, FeedbackWords, feedback};
pub use names::KnownNames;
pub(crate) use ours::without_ours;
pub use request::{OfferAnswer, Request, offer_answer, request};
pub(crate) use request::{first_line, without_courtesies, without_signed_names};
pub(crate) use signature::without_signature;
pub use stance::{InsteadOfFeedback, Stance, instead_of_feedback, stance, yes_or_no};
pub use when::{new_start, past_time};

pub(crate) use super::subject_prefix::is_forward;
/// Straight quotes and plain spaces, without what has no width, so that patterns need one form each.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|character| {
            !matches!(character, '\u{fe0f}' | '\u{20e3}' | '\u{200b}' | '\u{feff}' | '\u{ad}')
        })
        .map(|character| match character {
            '’' | '‘' | 'ʼ' => '\'',
            '“' | '”' | '„' => '"',
            '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
            '–' | '—' | '−' => '-',
            other => other,
        })
        .collect()
}
