//! What the author's own words say: that they are automatic, that somebody is away, that the sender must prove to be
//! one; and what mail systems write of failed delivery.
//!
//! The words are in the language files. To mention an automatic reply is not to be one: words that call themselves
//! automatic begin a sentence, and are not between quotation marks.

use super::view::MessageView;
use crate::domain::message::Mailbox;
use crate::language::{Role, matcher};

/// Between what a sender is asked to do and what for, in characters.
const REACH: usize = 120;
/// Words before a colon or a comma that only lead over to what follows (`Please note: ..`, `Hello, ..`).
const LEADING_WORDS: usize = 3;
/// A line that is shorter ends where its author ended it.
const SHORT_LINE: usize = 40;
/// Words of a greeting with title and full name.
const GREETING_WORDS: usize = 5;

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

/// Whether a sentence is a question; what stands inside of an address is none.
pub(crate) fn asks_something(words: &str) -> bool {
    words.match_indices(['?', '？', '؟', '\u{37e}']).any(|(at, sign)| {
        words
            .get(at + sign.len()..)
            .is_none_or(|rest| rest.is_empty() || !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    })
}

/// Whether words may call themselves automatic; cheaper than to take a text apart.
pub(crate) fn may_be_automatic(words: &str) -> bool {
    matcher(Role::AutomaticText).is_in(words)
}

/// Whether words may challenge their reader, by what programs write.
pub(crate) fn may_challenge(words: &str) -> bool {
    matcher(Role::ChallengeText).is_in(words)
}

/// Whether words that call themselves automatic call themselves an answer.
pub(crate) fn call_themselves_replies(words: &str) -> bool {
    matcher(Role::AutomaticSubjects).is_in(words)
}

/// Whether a sentence of an author's own words, in lower case, calls itself automatic.
pub(crate) fn call_themselves_automatic(words: &str) -> bool {
    matcher(Role::AutomaticText)
        .spans(words)
        .into_iter()
        .any(|found| begins_sentence(words.get(..found.start).unwrap_or_default()))
}

/// Whether a sentence begins behind `before`.
fn begins_sentence(before: &str) -> bool {
    let opened = |c: char| {
        matches!(
            c,
            ' ' | '\t' | '\u{a0}' | '*' | '_' | '(' | '[' | '-' | '–' | '—' | '•' | '|' | '【' | '（' | '«'
        )
    };
    let before = before.trim_end_matches(opened);
    let Some(last) = before.chars().next_back() else { return true };
    match last {
        '.' | '!' | '?' | ';' | '。' | '！' | '？' | '…' | '~' | '=' => true,
        ':' | ',' | '：' | '，' | '、' => {
            let sentence = before.rsplit(['.', '!', '?', '\n', '。', '！', '？']).next().unwrap_or_default();
            sentence.split_whitespace().count() <= LEADING_WORDS && sentence.chars().count() <= SHORT_LINE
        }
        '\n' | '\r' => {
            let mut lines = before.trim_end_matches('\r').strip_suffix('\n').unwrap_or(before).rsplit('\n');
            let line = lines.next().unwrap_or_default().trim();
            line.chars().count() < SHORT_LINE
                || line.ends_with(|c: char| !(c.is_alphanumeric() || matches!(c, ',' | '"' | '“' | '”')))
        }
        _ => false,
    }
}

/// Whether the first line of the author's own text speaks to one of the recipients by name, as programs that answer
/// by themselves do not.
pub(crate) fn greets_reader(view: &MessageView<'_, '_>) -> bool {
    let text = &view.split().author_text;
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let greeting = first
        .split([',', '!', ':', ';', '.', '，', '！', '：', '、', '。', '-', '–', '—'])
        .next()
        .unwrap_or_default()
        .to_lowercase();
    let words: Vec<&str> = greeting.split_whitespace().collect();
    let Some(opening) = words.first() else { return false };
    if words.len() > GREETING_WORDS {
        return false;
    }
    let headers = view.headers;
    let authors: Vec<String> = headers.from.iter().flat_map(names_of).collect();
    let is_reader = |word: &str| {
        let mut names = headers.to.iter().chain(&headers.cc).flat_map(names_of);
        names.any(|name| !authors.contains(&name) && is_named(word, &name))
    };
    let greets = matcher(Role::Greeting).is_all_of(opening);
    is_reader(opening) || greets && words.iter().skip(1).any(|word| is_reader(word))
}

/// A name with what some languages join to it (`田中様`, `민수님`).
fn is_named(word: &str, name: &str) -> bool {
    word == name || !name.is_ascii() && word.starts_with(name)
}

/// The words of a display name, or those of an address that has none; in lower case.
fn names_of(mailbox: &Mailbox) -> Vec<String> {
    let shown = if mailbox.name.trim().is_empty() { mailbox.address.local() } else { &mailbox.name };
    let words = shown.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| word.chars().count() > 2 || !word.is_ascii() && !word.is_empty()).collect()
}

/// Whether an author's own words are a challenge as programs write it: they say what holds a message up, and how its sender
/// frees it.
pub(crate) fn challenge_in_form(words: &str) -> bool {
    matcher(Role::ChallengeText).is_in(words)
        && (words.contains("http") || words.contains("www.") || matcher(Role::ChallengeAsks).is_in(words))
}

/// Whether words of a mail system or of another program ask a sender to prove to be one.
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
    fn a_challenge_says_what_holds_a_message_up_and_what_frees_it() {
        assert!(challenge_in_form(
            "this mailbox is protected by boxbe. click here: https://www.boxbe.com/crs"
        ));
        assert!(challenge_in_form(
            "your message is being held. please click the link below to have it delivered"
        ));
        for text in [
            "click here to see the demo",
            "i will have your message translated",
            "could you reply with the addresses of whoever else ought to be added to the invite?",
            "our it will whitelist your domain, please confirm",
            "use this link to join the guest list for our dinner: https://vendor.example/dinner",
            "please verify that you got the deck, then click accept on the invite",
        ] {
            assert!(!challenge_in_form(text), "{text}");
        }
    }

    #[test]
    fn an_automatic_reply_says_so_of_itself() {
        for text in [
            "this is an automated response to your message",
            "dies ist eine automatische antwort",
            "hello,\n\nthis is an automatic reply. i am away.",
            "i am away until monday. (this is an automatic reply.)",
            "note: this is an automated response to your message \"demo\"",
            "back on monday\nthis message was generated automatically",
        ] {
            assert!(call_themselves_automatic(text), "{text}");
        }
    }

    #[test]
    fn to_mention_an_automatic_reply_is_not_to_be_one() {
        for text in [
            "this is our automation proposal",
            "your auto-reply reached me too, so take your time",
            "you wrote \"this is an automatic reply\", and yet here you are",
            "this is not an automatic reply, i do write myself",
            "i wondered whether this is an automatic reply",
            "ich habe ihre automatische antwort bekommen",
            "votre réponse automatique m'est parvenue",
            "su respuesta automática me llegó",
            "ditt autosvar nådde mig",
            "je automatisch antwoord kwam aan",
        ] {
            assert!(!call_themselves_automatic(text), "{text}");
        }
    }
}
