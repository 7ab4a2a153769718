//! Whether the text of a message says that a program wrote it: absence, acknowledgement, challenge, non-delivery.
//!
//! Looked for in the beginning of the text, lower-case, on one line; the words are in the language files. People
//! write words of absence too, so they count only beside a mark of a machine or a subject (`auto_reply`).

use crate::language::{Role, matcher};

/// Between what a sender is asked to do and what for, in characters.
const REACH: usize = 120;

/// Somebody is away.
pub(crate) fn speaks_of_absence(words: &str) -> bool {
    matcher(Role::AbsenceText).is_in(words)
}

/// "Thank you, we will answer".
pub(crate) fn acknowledges(words: &str) -> bool {
    matcher(Role::ReceivedText).is_in(words)
}

/// A notice speaks to everybody: it promises an answer later, or names a deputy.
pub(crate) fn is_notice(words: &str) -> bool {
    matcher(Role::NoticeText).is_in(words)
}

/// Where words call themselves an automatic reply.
pub(crate) fn automatic_at(words: &str) -> Option<usize> {
    matcher(Role::AutomaticText).find(words).map(|found| found.start)
}

pub(crate) fn is_automatic(words: &str) -> bool {
    matcher(Role::AutomaticText).is_in(words)
}

/// Whether words ask a sender to prove to be one.
pub(crate) fn challenges(words: &str) -> bool {
    matcher(Role::ChallengeText).is_in(words)
        || matcher(Role::ChallengePurposes)
            .spans(words)
            .into_iter()
            .any(|purpose| asks(words.get(..purpose.start).unwrap_or_default()))
}

/// Whether one of the last words asks the reader to do something.
fn asks(before: &str) -> bool {
    matcher(Role::ChallengeAsks).spans(before).into_iter().any(|ask| {
        let between = before.get(ask.end..).unwrap_or_default();
        !between.starts_with(|c: char| c.is_alphanumeric() || c == '_')
            && between.chars().nth(REACH).is_none()
    })
}

/// Words of a mail system that could not deliver.
pub(crate) fn speaks_of_failed_delivery(words: &str) -> bool {
    matcher(Role::UndeliveredText).is_in(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_is_known_in_many_languages() {
        for text in [
            "i am out of the office until monday",
            "ich bin bis 30.11. nicht im büro",
            "je suis absent jusqu'au 3",
            "estaré fuera de la oficina",
            "jag är på semester",
            "sono in ferie",
            "ik ben afwezig",
            "estarei de férias",
        ] {
            assert!(speaks_of_absence(text), "{text}");
        }
        assert!(!speaks_of_absence("happy to help, see you on thursday"));
    }

    #[test]
    fn a_challenge_asks_the_sender_for_a_click() {
        assert!(challenges(
            "please click on the following link to have your address added to the recipient's allowed list"
        ));
        assert!(challenges("this mailbox is protected by boxbe. your message is waiting there."));
        assert!(!challenges("click here to see the demo"));
        assert!(!challenges("i will have your message translated"));
    }

    #[test]
    fn an_automatic_reply_says_so() {
        assert!(is_automatic("this is an automated response to your message"));
        assert!(is_automatic("dies ist eine automatische antwort"));
        assert!(!is_automatic("this is our automation proposal"));
    }
}
