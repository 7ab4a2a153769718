//! What the author's own words say: that they are automatic, that somebody is away, that the sender must prove to be
//! one; and what mail systems write of failed delivery.
//!
//! The words are in the language files. To mention an automatic reply is not to be one: words that call themselves
//! automatic begin a sentence, and are not between quotation marks.

use super::view::MessageView;
use crate::domain::message::Mailbox;
use crate::language::{Role, is_word, matcher, words as words_of};

/// Between what a sender is asked to do and what for, in characters.
const REACH: usize = 120;
/// Words before a colon or a comma that only lead over to what follows (`Please note: ..`, `Hello, ..`).
const LEADING_WORDS: usize = 3;
/// A line that is shorter ends where its author ended it.
const SHORT_LINE: usize = 40;
/// The same before a comma.
const LEADING_CLAUSE: usize = 4;
/// A heading that calls a text automatic is no longer, in bytes.
const LONGEST_HEADING: usize = 200;
/// Letters that a language may put behind a word's stem.
const LONGEST_ENDING: usize = 3;
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
    matcher(Role::AutomaticText).is_in(words) || matcher(Role::AutomaticSubjects).is_in(words)
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
    matcher(Role::AutomaticText).spans(words).into_iter().any(|found| {
        let behind = words.get(found.end..).unwrap_or_default();
        begins_sentence(without_lead_in(words.get(..found.start).unwrap_or_default()))
            && ends_with_mail(words.get(found).unwrap_or_default(), behind)
            && !is_denied(behind)
            && !is_asked(behind)
    })
}

/// How a text is marked as automatic beside its sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AutomaticMark {
    None,
    /// In brackets somewhere, as people tell of an answer that they got: `(automatic reply)`.
    Words,
    /// Before all that is said: `automatic reply: ..`.
    Label,
    /// Set off as a heading: `[automatic reply] ..`, `*** automatic reply ***`.
    Heading,
}

/// How words, in lower case, are marked.
pub(crate) fn automatic_mark(words: &str) -> AutomaticMark {
    let text = words.trim_start_matches(|c: char| !c.is_alphanumeric());
    let signs = words.get(..words.len() - text.len()).unwrap_or_default();
    let is_opened = signs.contains(['[', '(', '【', '（', '*', '#', '=', '※', '+', '~']);
    let begin = matcher(Role::AutomaticSubjects).all_at_start(text).map(|end| {
        let line = text.get(end..).unwrap_or_default().lines().next().unwrap_or_default();
        let rest = line.trim_start();
        let is_closed = line.contains([']', ')', '】', '）']) || rest.starts_with(['*', '#', '=', '+', '~']);
        if is_opened && is_closed {
            AutomaticMark::Heading
        } else if rest.is_empty() || rest.starts_with([':', '：', '-', '–', '—', '.', '。']) {
            AutomaticMark::Label
        } else {
            AutomaticMark::None
        }
    });
    let in_brackets = words.split(['[', '(', '【', '（']).skip(1).any(|rest| {
        let inside = rest.split([']', ')', '】', '）']).next().unwrap_or_default();
        inside.len() <= LONGEST_HEADING && matcher(Role::AutomaticSubjects).is_whole(inside.trim())
    });
    let bracketed = if in_brackets { AutomaticMark::Words } else { AutomaticMark::None };
    begin.chain([bracketed]).max().unwrap_or(AutomaticMark::None)
}

/// Whether words that call something automatic end with what a mail is called. `matched` may lack an ending; what it names
/// may be part of another name: `an automatic reply tracker`, `eine automatische Antwortvorlage`.
fn ends_with_mail(matched: &str, behind: &str) -> bool {
    let after = behind.trim_start_matches(char::is_lowercase);
    let ending = behind.get(..behind.len() - after.len()).unwrap_or_default();
    if ending.chars().count() > LONGEST_ENDING {
        return false;
    }
    let joined = after.strip_prefix(['-', '\u{2010}', '\u{2011}']);
    if joined.is_some_and(|rest| rest.starts_with(char::is_alphanumeric)) {
        return false;
    }
    let last = matched.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    if !is_word(Role::AutomaticNoun, last) {
        return true;
    }
    let next = after.trim_start_matches([' ', '\t', '\u{a0}']);
    let word: String = next.chars().take_while(|c| c.is_alphabetic()).collect();
    word.is_empty() || is_word(Role::AfterAutomaticNoun, &word)
}

/// Whether the rest of a sentence denies what stands before it, in languages that deny behind, or speaks of a function.
fn is_denied(behind: &str) -> bool {
    let end = behind.find(['.', '!', '?', '\n', '。', '！', '？', ',', '，', '、']).unwrap_or(behind.len());
    matcher(Role::AutomaticDenied).is_in(behind.get(..end).unwrap_or_default())
}

/// Whether a sentence goes on into a question, as nobody's statement about a mail itself does: `This message was generated
/// by your portal; can we look at it?`
fn is_asked(behind: &str) -> bool {
    let end = behind.find(['.', '!', '?', '\n', '。', '！', '？', '؟']).unwrap_or(behind.len());
    let (said, rest) = behind.split_at_checked(end).unwrap_or((behind, ""));
    // A subject that is repeated ends in a mark of its own.
    let quotes = said.contains(['"', '“', '”', '„', '«', '»', '「']);
    rest.starts_with(['?', '？', '؟']) && !quotes && !speaks_of_absence(rest)
}

/// `before` without words that only lead over to what follows.
fn without_lead_in(before: &str) -> &str {
    let end = before.trim_end_matches([' ', '\t', '\r', '\n', ':', ',']);
    let found = words_of(Role::AutomaticLeadIn).iter().filter_map(|lead| end.strip_suffix(lead));
    found.min_by_key(|rest| rest.len()).unwrap_or(before)
}

/// Whether a sentence begins behind `before`.
fn begins_sentence(before: &str) -> bool {
    let opened = |c: char| {
        matches!(
            c,
            ' ' | '\t' | '\u{a0}' | '*' | '_' | '(' | '[' | '-' | '–' | '—' | '•' | '|' | '【' | '（' | '※'
        )
    };
    let all = before;
    let before = before.trim_end_matches(opened);
    let signs = all.get(before.len()..).unwrap_or_default();
    if signs.contains(['(', '[', '【', '（']) {
        return true;
    }
    if before.ends_with(['«', '»', '“', '„', '"', '‚', '‘', '「', '『', '<']) {
        return false;
    }
    let Some(last) = before.chars().next_back() else { return true };
    match last {
        '.' | '!' | '?' | ';' | '。' | '！' | '？' | '…' | '~' | '=' => true,
        ':' | ',' | '：' | '，' | '、' => {
            let sentence = before.rsplit(['.', '!', '?', '\n', '。', '！', '？']).next().unwrap_or_default();
            let most = if matches!(last, ':' | '：') { LEADING_WORDS } else { LEADING_CLAUSE };
            sentence.split_whitespace().count() <= most && sentence.chars().count() <= SHORT_LINE
                || acknowledges(sentence)
                || matcher(Role::Thanks).at_start(sentence.trim_start()).is_some()
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
            "please note that this is an automatic reply. i'm away.",
            "i am out of the office until november 30 (this is an automatic reply)",
            "thank you for your message, this is an automatic reply.",
            "this is my out of office auto-reply. back on november 30.",
            "this automated reply is to let you know i'm away.",
            "this is a system-generated message.",
            "bitte beachten sie, dass dies eine automatische antwort ist.",
            "dies ist eine automatisch generierte nachricht",
            "merci de noter que ceci est une réponse automatique.",
            "le informamos que este es un mensaje automático.",
            "questa è un'email automatica.",
            "dit is een geautomatiseerd bericht.",
            "toto je automatická odpověď.",
            "это автоответ.",
            "※このメールは自動返信です。",
            "此为自动回复。",
            "자동응답 메일입니다.",
            "bu otomatik bir mesajdır.",
        ] {
            assert!(call_themselves_automatic(text), "{text}");
        }
    }

    #[test]
    fn to_mention_an_automatic_reply_is_not_to_be_one() {
        for text in [
            "this is our automation proposal",
            "your auto-reply reached me too, so take your time",
            "this message was generated automatically by your portal and sent to james; can we look at it on thursday?",
            "this is an automated message from your crm, did james get one as well?",
            "ce message a été généré automatiquement par votre portail ; peut-on en parler jeudi ?",
            "you wrote \"this is an automatic reply\", and yet here you are",
            "this is not an automatic reply, i do write myself",
            "i wondered whether this is an automatic reply",
            "james answered: « this is an automatic reply » and nothing else",
            "джеймс ответил: «это автоматический ответ»",
            "ich habe ihre automatische antwort bekommen",
            "votre réponse automatique m'est parvenue",
            "su respuesta automática me llegó",
            "ditt autosvar nådde mig",
            "je automatisch antwoord kwam aan",
            "this is an automatic reply tracker for your reps",
            "this is an automated message queue, which james asked about",
            "this is an automatic e-mail parser",
            "this is a system message board",
            "dies ist eine automatische auswertung für ihre reps",
            "dies ist eine automatische antwortzeit-messung für ihre reps",
            "dies ist eine automatische e-mail-erfassung",
            "das ist ein automatischer bericht",
            "dit is een automatische koppeling voor je team",
            "toto je automatické řešení pro vaše obchodníky",
            "это автоматический отчёт для вашей команды",
            "ez egy automatikus jelentés",
            "tämä on automaattinen raportti",
            "이것은 자동 회신이 아닙니다.",
            "bu otomatik bir yanıt değildir.",
            "bu e-posta otomatik olarak gönderilmedi.",
            "这封邮件不是自动回复，是我本人写的。",
            "本邮件并非系统自动发送，请放心回复。",
            "这是自动回复功能的介绍",
            "このメールは自動返信ではありません。",
        ] {
            assert!(!call_themselves_automatic(text), "{text}");
        }
    }

    #[test]
    fn a_program_that_repeats_a_question_is_a_program() {
        for words in [
            "this is an automatic reply to your message \"can we do thursday?\" i am away until december 7.",
            "this is an automated response to your email about demo on thursday? i am out of the office until december 7.",
        ] {
            assert!(call_themselves_automatic(words), "{words}");
        }
        assert!(!call_themselves_automatic(
            "this message was generated automatically by your portal, can we look at it?"
        ));
    }
}
