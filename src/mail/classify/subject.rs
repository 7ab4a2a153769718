//! What a subject says of its being a program's: the forms of Exchange, Gmail, Notes, GroupWise, vacation programs.
//!
//! The words are in the language files, all in lower case; docs/servers.md section 5. A subject is weighed with what
//! follows them: `Out of office: Re: demo` is a program's, `Out of office on Friday?` may be a person's.

use crate::domain::subject_prefix;
use crate::language::{Role, matcher};

/// How sure a subject alone makes of an automatic answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubjectSignal {
    /// A form that programs write.
    Plainly,
    /// Words of absence; the text must say more.
    Perhaps,
    Nothing,
}

/// Whether a subject begins as answers or forwarded mail do, in any language.
pub(crate) fn has_prefix(subject: &str) -> bool {
    subject_prefix::read(subject).is_some()
}

/// Whether a subject begins as forwarded mail does.
pub(crate) use crate::domain::subject_prefix::is_forward;

/// What a lower-case subject without tags says of its being automatic.
pub(crate) fn signal(subject: &str) -> SubjectSignal {
    // `[Auto-Reply] demo`: a tag like that is no list's name.
    let subject = subject.strip_prefix(['[', '(']).unwrap_or(subject);
    let mut replies = rests(Role::AutomaticSubjects, subject).map(|(_, after)| after).peekable();
    if replies.peek().is_some() {
        let plain = replies.any(|after| ends_form(after) || names_sender(after));
        return if plain { SubjectSignal::Plainly } else { SubjectSignal::Perhaps };
    }
    if matcher(Role::AutomaticAnywhere).is_in(subject) {
        return if has_prefix(subject) { SubjectSignal::Perhaps } else { SubjectSignal::Plainly };
    }
    absence(subject)
}

/// The words of `role` that `subject` begins with, each with what follows it.
fn rests(role: Role, subject: &str) -> impl Iterator<Item = (&str, &str)> {
    matcher(role).all_at_start(subject).filter_map(|end| subject.split_at_checked(end))
}

/// The same where a word ends there. Scripts without blanks end words nowhere, so only plain letters are looked at.
fn whole_words(role: Role, subject: &str) -> impl Iterator<Item = &str> {
    rests(role, subject)
        .filter(|(words, after)| !(words.is_ascii() && after.starts_with(char::is_alphabetic)))
        .map(|(_, after)| after)
}

/// `Autoreply from Calvin Reyes`.
fn names_sender(after: &str) -> bool {
    let name = after
        .strip_prefix(' ')
        .and_then(|after| rests(Role::SenderNamed, after).find_map(|(_, name)| name.strip_prefix(' ')));
    name.is_some_and(|name| name.split_whitespace().count() <= 3)
}

fn absence(subject: &str) -> SubjectSignal {
    let before_answer = |after: &str| {
        after.trim_start().strip_prefix([':', '：']).map(str::trim_start).is_some_and(has_prefix)
    };
    let is_plain = whole_words(Role::AbsenceSubjects, subject).any(ends_form)
        || whole_words(Role::AbsenceWords, subject).any(|after| ends_form(after) && !after.trim().is_empty())
        || whole_words(Role::HolidaySubjects, subject).any(before_answer);
    if is_plain {
        return SubjectSignal::Plainly;
    }
    let speaks = [Role::AbsenceSubjects, Role::AbsenceWords, Role::HolidaySubjects]
        .into_iter()
        .any(|role| whole_words(role, subject).next().is_some());
    if speaks { SubjectSignal::Perhaps } else { SubjectSignal::Nothing }
}

/// What may follow a program's words: nothing, a colon, a dash, a bracket, the answered subject.
fn ends_form(after: &str) -> bool {
    let after = after.trim_start_matches([' ', '\u{a0}']);
    after.is_empty()
        || after.starts_with([':', '：', '-', '–', '(', '[', ']', ')', '!', '.', '*', '|', '/', '\'', '"'])
        || matcher(Role::FormEnds).at_start(after).is_some()
        || has_prefix(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localised_automatic_replies_are_plain() {
        for subject in [
            "automatic reply: demo",
            "automatische antwort: demo",
            "réponse automatique : demo",
            "respuesta automática: demo",
            "自动答复: demo",
            "自動応答: demo",
            "автоответ: demo",
            "auto: away",
            "autosvar: demo",
            "risposta automatica: demo",
            "automaattinen vastaus: demo",
            "otomatik yanıt: demo",
        ] {
            assert_eq!(signal(subject), SubjectSignal::Plainly, "{subject}");
        }
    }

    #[test]
    fn the_languages_of_exchange_and_gmail_are_all_known() {
        for subject in [
            "автовідповідь: demo",
            "automātiskā atbilde: demo",
            "מענה אוטומטי: demo",
            "자동회신: demo",
            "tự động trả lời: demo",
            "jawaban otomatis: demo",
            "स्वतः उत्तर: demo",
            "përgjigje automatike: demo",
            "ավտոմատ պատասխան: demo",
            "ავტომატური პასუხი: demo",
            "স্বয়ংক্রিয় উত্তর: demo",
            "autoreply from calvin reyes",
            "[auto-reply] demo",
            "işyeri dışında: demo",
            "外出时的自动答复: demo",
            "calvin reyes está fuera de la oficina",
            "calvin reyes è assente",
            "i'm out of the office: demo",
            "thank you for your email - out of office",
        ] {
            assert_eq!(signal(subject), SubjectSignal::Plainly, "{subject}");
        }
    }

    #[test]
    fn a_holiday_before_an_answered_subject_is_a_programs() {
        assert_eq!(signal("vacaciones: re: demo"), SubjectSignal::Plainly);
        assert_eq!(signal("vacaciones: calendario de 2027"), SubjectSignal::Perhaps);
        assert_eq!(signal("automatic reply from outlook never leaves my mailbox"), SubjectSignal::Perhaps);
    }

    #[test]
    fn forms_of_absence_are_plain() {
        for subject in [
            "out of office: re: demo",
            "out of office autoreply: demo",
            "ooo: demo",
            "dermot beirne/dublin is out of the office.",
            "abwesenheitsnotiz",
            "vacation alert! re: update",
            "away from my mail",
            "i'm away from my mail",
            "re: blah (automatic response)",
            "fuori sede: demo",
            "out of the office",
        ] {
            assert_ne!(signal(subject), SubjectSignal::Nothing, "{subject}");
        }
        assert_eq!(signal("out of office"), SubjectSignal::Plainly);
        assert_eq!(signal("dana fox/vendor is out of the office"), SubjectSignal::Plainly);
    }

    #[test]
    fn people_write_about_absence_too() {
        for subject in [
            "out of office on friday?",
            "ooo tomorrow",
            "vacation",
            "away this weekend",
            "re: sarah is out of the office",
        ] {
            assert_eq!(signal(subject), SubjectSignal::Perhaps, "{subject}");
        }
        for subject in ["fyi, gone this weekend", "re: demo", "awaiting your answer", "vacationing"] {
            assert_eq!(signal(subject), SubjectSignal::Nothing, "{subject}");
        }
    }

    #[test]
    fn answers_are_known_by_their_prefix() {
        assert!(
            has_prefix("re[2]: x") && has_prefix("aw: x") && has_prefix("antw : x") && has_prefix("回复：x")
        );
        assert!(!has_prefix("reading: x"));
        assert!(is_forward("wg: x") && !is_forward("re: x"));
    }
}
