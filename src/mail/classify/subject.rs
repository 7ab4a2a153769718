//! What a subject says of its being a program's: the forms of Exchange, Gmail, Notes, GroupWise, vacation programs.
//!
//! The words are in the language files, all in lower case; docs/servers.md section 5. A subject is weighed with what
//! follows them: `Out of office: Re: demo` is a program's, `Out of office on Friday?` may be a person's.

use std::ops::Range;

use crate::domain::message::Mailbox;
use crate::domain::subject_prefix;
use crate::language::{Role, matcher};

/// How sure a subject alone makes of an automatic answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SubjectSignal {
    Nothing,
    /// Words of absence, or of automatic replies; the text must say more.
    Perhaps,
    /// Words of absence and nothing else, or before what is answered: a person may be as short.
    Plainly,
    /// A form that only programs write.
    Form,
}

/// Signs that open a tag, or a row of them, before a program's words: `[Auto-Reply] demo`, `*** Autosvar ***`.
const OPENING_SIGNS: [char; 14] = ['[', '(', '{', '【', '（', '〔', '<', '«', '*', '-', '~', '=', '#', ' '];
/// Signs that part a program's words from the answered subject.
const PARTING_SIGNS: [char; 8] = ['-', '–', '—', '|', '/', '*', '!', '.'];
/// Brackets, with what closes them.
const BRACKETS: [(char, char); 6] =
    [('[', ']'), ('(', ')'), ('{', '}'), ('【', '】'), ('（', '）'), ('〔', '〕')];
/// Words of a name before `is out of the office`.
const NAME_WORDS: usize = 6;

/// Whether a subject begins as answers or forwarded mail do, in any language.
pub(crate) fn has_prefix(subject: &str) -> bool {
    subject_prefix::read(subject).is_some()
}

/// Whether a subject begins as forwarded mail does.
pub(crate) use crate::domain::subject_prefix::is_forward;

/// What a lower-case subject without tags, of a mail by `author`, says of its being automatic.
pub(crate) fn signal(subject: &str, author: Option<&Mailbox>) -> SubjectSignal {
    // Whoever answers an automatic reply, or passes it on, keeps its subject.
    if has_prefix(subject) {
        return SubjectSignal::Nothing;
    }
    let bare = subject.trim_start_matches(OPENING_SIGNS);
    if let Some(found) = automatic(bare) {
        return found;
    }
    if matcher(Role::AutomaticAnywhere).is_in(subject) || in_brackets(subject) {
        return SubjectSignal::Form;
    }
    // What states an absence without its author's name may be a program's words alone.
    let stated = states_absence(subject, author);
    if stated == Some(SubjectSignal::Form) {
        return SubjectSignal::Form;
    }
    let found = if automatic_inside(subject) { SubjectSignal::Perhaps } else { absence(bare) };
    stated.map_or(found, |stated| stated.max(found))
}

/// The subject begins with a program's name for its answers.
fn automatic(subject: &str) -> Option<SubjectSignal> {
    let mut replies = rests(Role::AutomaticSubjects, subject).map(|(_, after)| after).peekable();
    replies.peek()?;
    let is_form = replies.any(|after| ends_reply(after) || names_sender(after));
    Some(if is_form { SubjectSignal::Form } else { SubjectSignal::Perhaps })
}

/// Such a name somewhere else: a person may ask about it.
fn automatic_inside(subject: &str) -> bool {
    matcher(Role::AutomaticSubjects).is_in(subject)
}

/// A program's words alone between brackets, wherever they stand: `Demo (Automatische Antwort)`.
fn in_brackets(subject: &str) -> bool {
    BRACKETS.into_iter().any(|(open, close)| {
        subject.split(open).skip(1).filter_map(|rest| rest.split_once(close)).any(|(inside, _)| {
            let inside = inside.trim();
            [Role::AutomaticSubjects, Role::AbsenceSubjects, Role::AbsenceWords]
                .into_iter()
                .any(|role| matcher(role).is_whole(inside))
        })
    })
}

/// `Calvin Reyes/Vendor is out of the office`: a form where it names its own author, or does so as Notes writes names.
fn states_absence(subject: &str, author: Option<&Mailbox>) -> Option<SubjectSignal> {
    let found = matcher(Role::AbsenceStatements).spans(subject);
    let is_form = |name: &str| {
        let words = || name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let is_authors = author.is_some_and(|author| {
            let of_author = format!("{} {}", author.name.to_lowercase(), author.address.local());
            let names: Vec<&str> = of_author.split(|c: char| !c.is_alphanumeric()).collect();
            words().any(|word| word.chars().count() > 1 && names.contains(&word))
        });
        let is_notes = name.contains('/') && !name.contains("://");
        words().count() <= NAME_WORDS && (is_authors || is_notes)
    };
    let names_author = found.iter().any(|span| subject.get(..span.start).is_some_and(is_form));
    // `AUTO: Re: demo`: before what is answered nobody else writes it.
    let behind = |span: &Range<usize>| subject.get(span.end..).unwrap_or_default();
    let begins = |span: &Range<usize>| {
        subject.get(..span.start).is_some_and(|before| before.trim_start_matches(OPENING_SIGNS).is_empty())
    };
    let is_before_answer = found
        .iter()
        .any(|span| begins(span) && has_prefix(behind(span).trim_start_matches([' ', ':', '：'])));
    let is_form = names_author || is_before_answer;
    (!found.is_empty()).then_some(if is_form { SubjectSignal::Form } else { SubjectSignal::Perhaps })
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
    let parts_answer = |after: &str| ends_form(after) && !after.trim().is_empty();
    if whole_words(Role::AbsenceSubjects, subject)
        .chain(whole_words(Role::AbsenceWords, subject))
        .chain(whole_words(Role::HolidaySubjects, subject))
        .any(before_answer)
    {
        return SubjectSignal::Form;
    }
    if whole_words(Role::AbsenceSubjects, subject).any(ends_form)
        || whole_words(Role::AbsenceWords, subject).any(parts_answer)
    {
        return SubjectSignal::Plainly;
    }
    let speaks = [Role::AbsenceSubjects, Role::AbsenceWords, Role::HolidaySubjects]
        .into_iter()
        .any(|role| whole_words(role, subject).next().is_some());
    if speaks { SubjectSignal::Perhaps } else { SubjectSignal::Nothing }
}

/// What may follow a program's name for its answers: nothing, a colon, a bracket, the answered subject.
fn ends_reply(after: &str) -> bool {
    let after = after.trim_start_matches([' ', '\u{a0}']);
    let closed =
        after.trim_start_matches(['*', '-', '~', '=', '#', ']', ')', '}', '>', '】', '）', '〕', '»']);
    after.is_empty()
        || after.starts_with([':', '：', ']', ')', '}', '>', '】', '）', '〕', '»'])
        || closed.is_empty()
        || after.starts_with("***")
        || matcher(Role::FormEnds).at_start(after).is_some()
        || has_prefix(after)
}

/// What may follow a program's words of absence.
fn ends_form(after: &str) -> bool {
    ends_reply(after)
        || after.trim_start_matches([' ', '\u{a0}']).starts_with(PARTING_SIGNS)
        || after.trim_start().starts_with(['(', '[', '\'', '"'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::Address;

    fn says(subject: &str) -> SubjectSignal {
        let address = Address::new("calvin@vendor.example").unwrap();
        signal(subject, Some(&Mailbox { name: "Calvin Reyes".to_owned(), address }))
    }

    #[test]
    fn localised_automatic_replies_are_forms() {
        for subject in [
            "automatic reply: demo",
            "automatische antwort: demo",
            "réponse automatique : demo",
            "respuesta automática: demo",
            "自动答复: demo",
            "自動応答: demo",
            "автоответ: demo",
            "autosvar: demo",
            "risposta automatica: demo",
            "automaattinen vastaus: demo",
            "otomatik yanıt: demo",
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
            "外出时的自动答复: demo",
        ] {
            assert_eq!(says(subject), SubjectSignal::Form, "{subject}");
        }
    }

    #[test]
    fn a_programs_words_between_brackets_are_a_form_in_any_language() {
        for subject in [
            "[auto-reply] demo",
            "[automatische antwort] demo",
            "(risposta automatica) demo",
            "【自動返信】打ち合わせの件",
            "*** autosvar *** demo",
            "demo (automatische antwort)",
            "demo [réponse automatique]",
            "打ち合わせの件【自動応答】",
            "{respuesta automática} demo",
            "[abwesend] demo",
            "(afwezig) re: demo",
        ] {
            assert_eq!(says(subject), SubjectSignal::Form, "{subject}");
        }
    }

    #[test]
    fn a_statement_of_absence_is_a_form_where_it_names_its_author() {
        for subject in [
            "calvin reyes is out of the office",
            "calvin reyes está fuera de la oficina",
            "calvin reyes è assente",
            "calvin reyes ist nicht im büro.",
            "auto: calvin reyes is out of the office (returning 09/18/2026)",
            "dermot beirne/dublin is out of the office.",
        ] {
            assert_eq!(says(subject), SubjectSignal::Form, "{subject}");
        }
        for subject in ["sarah is out of the office until monday", "sarah lee ist nicht im büro"] {
            assert_eq!(says(subject), SubjectSignal::Perhaps, "{subject}");
        }
    }

    #[test]
    fn a_holiday_before_an_answered_subject_is_a_programs() {
        assert_eq!(says("vacaciones: re: demo"), SubjectSignal::Form);
        assert_eq!(says("auto: re: demo"), SubjectSignal::Form);
        assert_eq!(says("auto: aw: demo"), SubjectSignal::Form);
        assert_eq!(says("auto: parts for the fleet"), SubjectSignal::Perhaps);
        assert_eq!(says("dana is out of the office re: your demo"), SubjectSignal::Perhaps);
        assert_eq!(says("vacaciones: calendario de 2027"), SubjectSignal::Perhaps);
        assert_eq!(says("automatic reply from outlook never leaves my mailbox"), SubjectSignal::Perhaps);
        assert_eq!(says("auto reply - how do we set this up"), SubjectSignal::Perhaps);
        assert_eq!(says("question about your automatic reply"), SubjectSignal::Perhaps);
    }

    #[test]
    fn words_of_absence_and_nothing_else_are_plain() {
        for subject in [
            "out of office: demo",
            "ooo: demo",
            "abwesenheitsnotiz",
            "vacation alert! re: update",
            "away from my mail",
            "i'm away from my mail",
            "fuori sede: demo",
            "out of the office",
            "işyeri dışında: demo",
        ] {
            assert!(says(subject) >= SubjectSignal::Plainly, "{subject}");
        }
    }

    #[test]
    fn people_write_about_absence_too() {
        for subject in ["out of office on friday?", "ooo tomorrow", "vacation", "away this weekend"] {
            assert_eq!(says(subject), SubjectSignal::Perhaps, "{subject}");
        }
        for subject in [
            "re: sarah is out of the office",
            "re: demo (automatic response)",
            "sv: autosvar: demo",
            "aw: [abwesend] demo",
            "fyi, gone this weekend",
            "re: demo",
            "awaiting your answer",
            "vacationing",
        ] {
            assert_eq!(says(subject), SubjectSignal::Nothing, "{subject}");
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
