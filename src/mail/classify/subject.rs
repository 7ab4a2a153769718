//! Subjects that programs write by themselves, in the languages that Exchange and Gmail speak.
//!
//! Sources: the localised subject prefixes of Exchange's automatic replies, Lotus Notes' and GroupWise's forms,
//! the words of vacation programs; mail-facts.md section 5. All in lower case. A subject is weighed with what follows
//! the words: `Out of office: Re: demo` is a program's, `Out of office on Friday?` may be a person's.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use super::super::pattern::pattern;
use crate::domain::subject_prefix;

/// How sure a subject alone makes of an automatic answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubjectSignal {
    /// A form that programs write.
    Plainly,
    /// Words of absence; the text must say more.
    Perhaps,
    Nothing,
}

/// "Automatic reply" as Exchange writes it before the subject that it answers.
const AUTOMATIC: [&str; 62] = [
    "automatic reply",
    "automatic response",
    "automated reply",
    "automated response",
    "auto reply",
    "auto-reply",
    "autoreply",
    "auto response",
    "auto-response",
    "autoresponse",
    "auto-responder",
    "autoresponder",
    "out of office autoreply",
    "automatic email reply",
    "automatische antwort",
    "automatische antwortnachricht",
    "automatisch antwoord",
    "automatisch bericht",
    "réponse automatique",
    "reponse automatique",
    "respuesta automática",
    "respuesta automatica",
    "resposta automática",
    "resposta automatica",
    "resposta automàtica",
    "risposta automatica",
    "autosvar",
    "automatiskt svar",
    "automatisk svar",
    "automaattinen vastaus",
    "automaatvastus",
    "automatyczna odpowiedź",
    "odpowiedź automatyczna",
    "automatická odpověď",
    "automatická odpoveď",
    "automatikus válasz",
    "răspuns automat",
    "raspuns automat",
    "автоматический ответ",
    "автоответ",
    "автоматична відповідь",
    "автоматичен отговор",
    "аутоматски одговор",
    "automatski odgovor",
    "samodejni odgovor",
    "automātiska atbilde",
    "automatinis atsakymas",
    "αυτόματη απάντηση",
    "otomatik yanıt",
    "تلقائي",
    "רداً تلقائياً",
    "תשובה אוטומטית",
    "پاسخ خودکار",
    "自动答复",
    "自动回复",
    "自動回覆",
    "自動応答",
    "自動返信",
    "자동 회신",
    "자동 응답",
    "trả lời tự động",
    "balasan otomatis",
];

const AUTOMATIC_MORE: [&str; 49] = [
    "balasan automatik",
    "ตอบกลับอัตโนมัติ",
    "การตอบกลับอัตโนมัติ",
    "स्वचालित उत्तर",
    "erantzun automatikoa",
    "sjálfvirkt svar",
    "автоматты жауап",
    "رد تلقائي",
    "الرد التلقائي",
    "awtomatikong tugon",
    "автовідповідь",
    "automātiskā atbilde",
    "automaatne vastus",
    "מענה אוטומטי",
    "자동회신",
    "자동응답",
    "자동 답장",
    "부재 중 자동 회신",
    "tự động trả lời",
    "jawaban otomatis",
    "balas automatik",
    "स्वतः उत्तर",
    "स्वचालित जवाब",
    "स्वयंचलित उत्तर",
    "автоматски одговор",
    "аўтаматычны адказ",
    "автоматтык жооп",
    "avtomatik javob",
    "avtomatik cavab",
    "përgjigje automatike",
    "outomatiese antwoord",
    "ateb awtomatig",
    "ymateb awtomatig",
    "freagra uathoibríoch",
    "ավտոմատ պատասխան",
    "ავტომატური პასუხი",
    "স্বয়ংক্রিয় উত্তর",
    "தானியங்கு பதில்",
    "தானியங்கி பதில்",
    "స్వయంచాలక ప్రత్యుత్తరం",
    "ಸ್ವಯಂಚಾಲಿತ ಪ್ರತ್ಯುತ್ತರ",
    "യാന്ത്രിക മറുപടി",
    "આપોઆપ જવાબ",
    "jibu otomatiki",
    "خودکار جواب",
    "پاسخ اتوماتیک",
    "外出时的自动答复",
    "自動回信",
    "автоматичен отговор",
];

/// "Out of office" and its kin.
const ABSENCE: [&str; 70] = [
    "out of office",
    "out of the office",
    "out-of-office",
    "out of town",
    "ooo",
    "ooto",
    "oof",
    "vacation",
    "on vacation",
    "vacation alert",
    "away from office",
    "away from the office",
    "away from my mail",
    "away from my email",
    "away on vacation",
    "on leave",
    "annual leave",
    "on holiday",
    "maternity leave",
    "parental leave",
    "i am away",
    "i'm away",
    "away until",
    "away",
    "absence",
    "abwesenheitsnotiz",
    "abwesenheit",
    "abwesenheitsmeldung",
    "abwesenheitsassistent",
    "abwesend",
    "nicht im büro",
    "urlaub",
    "im urlaub",
    "absence du bureau",
    "absent du bureau",
    "absente du bureau",
    "absent",
    "absente",
    "message d'absence",
    "message d’absence",
    "en congé",
    "en congés",
    "fuera de la oficina",
    "fuera de oficina",
    "ausente",
    "de vacaciones",
    "fora do escritório",
    "ausência",
    "ausência temporária",
    "de férias",
    "fuori sede",
    "fuori ufficio",
    "assente",
    "in ferie",
    "afwezig",
    "afwezigheid",
    "afwezigheidsbericht",
    "buiten kantoor",
    "niet aanwezig",
    "frånvaro",
    "frånvarande",
    "inte på kontoret",
    "ikke på kontoret",
    "ikke til stede",
    "fraværende",
    "fravær",
    "poissa",
    "poissaoloilmoitus",
    "poza biurem",
    "nieobecność",
];

const ABSENCE_MORE: [&str; 52] = [
    "mimo kancelář",
    "nepřítomnost",
    "nepřítomen",
    "mimo kancelárie",
    "házon kívül",
    "távollét",
    "ofis dışında",
    "iş yeri dışında",
    "нет на работе",
    "вне офиса",
    "отсутствие",
    "отпуск",
    "поза офісом",
    "εκτός γραφείου",
    "不在",
    "不在通知",
    "外出",
    "外出通知",
    "不在办公室",
    "不在辦公室",
    "부재 중",
    "부재중",
    "מחוץ למשרד",
    "خارج المكتب",
    "în afara biroului",
    "izvan ureda",
    "abwesenheitsbenachrichtigung",
    "ausente de la oficina",
    "ausência do escritório",
    "frånvarobesked",
    "frånvaromeddelande",
    "poissa toimistosta",
    "poissa töistä",
    "poissaoloviesti",
    "mimo kanceláře",
    "işyeri dışında",
    "отсутствие на рабочем месте",
    "不在です",
    "不在のお知らせ",
    "外出中",
    "외출 중",
    "odsoten",
    "odsotna",
    "odsutan",
    "odsutna",
    "absent de la birou",
    "on annual leave",
    "away on holiday",
    "away on annual leave",
    "no longer with",
    "no longer at",
    "no longer working",
];

/// Words that people put before a colon as well (`Holiday: the plan for May`); a program's only before an answer.
const BEFORE_ANSWERS: [&str; 10] = [
    "holiday",
    "holidays",
    "congés",
    "en vacances",
    "vacances",
    "vacaciones",
    "férias",
    "ferie",
    "vakantie",
    "semester",
];

/// Words that make a subject a program's wherever they stand.
static ANYWHERE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:is|am|are|will be|i'm|i’m) (?:currently )?out of (?:the )?office(?: ?[.!(:]| re:| until| from| and| returning|$)|\((?:auto(?:mated|matic)?[ -]?(?:reply|response|answer)|automatische antwort|réponse automatique|respuesta automática|out of (?:the )?office)\)|\[auto[ -]?reply\]|out of office (?:auto[ -]?reply|reply|response|notification|notice|message|alert)|vacation (?:auto[ -]?reply|reply|response|message|alert|notice)|(?:auto[ -]?reply|automatic reply)$|ist (?:nicht im büro|außer haus|abwesend)(?: ?[.!(]|$)|est absente?(?: ?[.!(]| du bureau| jusqu|$)|[-–|:] out of (?:the )?office$|(?:está (?:fuera de la oficina|ausente|fora do escritório)|è (?:assente|fuori sede|fuori ufficio)|is afwezig|är (?:inte på kontoret|frånvarande)|er (?:ikke på kontoret|fraværende)|on poissa|jest nieobecn[ay])(?: ?[.!(]| (?:hasta|fino|tot|até|till|til|do)|$)|non è in ufficio|no está en la oficina|不在にしております",
    )
});

/// Whether a subject begins as answers or forwarded mail do, in any language.
pub(crate) fn has_prefix(subject: &str) -> bool {
    subject_prefix::read(subject).is_some()
}

/// Whether a subject begins as forwarded mail does.
pub(crate) use crate::domain::subject_prefix::is_forward;

/// Words of a table by their first character, so that a subject meets few of them.
type PrefixTable = LazyLock<HashMap<char, Vec<&'static str>>>;

fn table(lists: &[&[&'static str]]) -> HashMap<char, Vec<&'static str>> {
    let mut table: HashMap<char, Vec<&'static str>> = HashMap::new();
    for words in lists.iter().copied().flatten() {
        if let Some(first) = words.chars().next() {
            table.entry(first).or_default().push(words);
        }
    }
    table
}

static AUTOMATICS: PrefixTable = LazyLock::new(|| table(&[&AUTOMATIC, &AUTOMATIC_MORE]));
static ABSENCES: PrefixTable = LazyLock::new(|| table(&[&ABSENCE, &ABSENCE_MORE, &BEFORE_ANSWERS]));

/// The words of `table` that `subject` may begin with.
fn candidates(table: &'static PrefixTable, subject: &str) -> impl Iterator<Item = &'static str> {
    let first = subject.chars().next();
    first.and_then(|first| table.get(&first)).into_iter().flatten().copied()
}

/// What a lower-case subject without tags says of its being automatic.
pub(crate) fn signal(subject: &str) -> SubjectSignal {
    // `[Auto-Reply] demo`: a tag like that is no list's name.
    let subject = subject.strip_prefix(['[', '(']).unwrap_or(subject);
    for words in candidates(&AUTOMATICS, subject) {
        if let Some(after) = subject.strip_prefix(words) {
            return if ends_form(after) || names_sender(after) {
                SubjectSignal::Plainly
            } else {
                SubjectSignal::Perhaps
            };
        }
    }
    // `AUTO: Dana is out of the office (returning 09/18/2026)`, Lotus Notes.
    if subject.starts_with("auto:") {
        return SubjectSignal::Plainly;
    }
    if ANYWHERE.is_match(subject) {
        return if has_prefix(subject) { SubjectSignal::Perhaps } else { SubjectSignal::Plainly };
    }
    absence(subject)
}

/// `Autoreply from Calvin Reyes`.
fn names_sender(after: &str) -> bool {
    after.strip_prefix(" from ").is_some_and(|name| name.split_whitespace().count() <= 3)
}

fn absence(subject: &str) -> SubjectSignal {
    let mut found = SubjectSignal::Nothing;
    for words in candidates(&ABSENCES, subject) {
        let Some(after) = subject.strip_prefix(words) else { continue };
        if after.starts_with(|c: char| c.is_alphabetic()) && words.is_ascii() {
            continue;
        }
        if BEFORE_ANSWERS.contains(&words) {
            let answered = after.trim_start().strip_prefix([':', '：']).map(str::trim_start);
            if answered.is_some_and(has_prefix) {
                return SubjectSignal::Plainly;
            }
            found = SubjectSignal::Perhaps;
            continue;
        }
        // One common word is a subject of people's too: `Vacation`, `Absence`, `Away`.
        let single = !words.contains([' ', '-'])
            && words.is_ascii()
            && !matches!(
                words,
                "ooo" | "oof" | "abwesenheitsnotiz" | "afwezigheidsbericht" | "abwesenheitsmeldung"
            );
        if ends_form(after) && !(single && after.trim().is_empty()) {
            return SubjectSignal::Plainly;
        }
        found = SubjectSignal::Perhaps;
    }
    found
}

/// What may follow a program's words: nothing, a colon, a dash, a bracket, the answered subject.
fn ends_form(after: &str) -> bool {
    let after = after.trim_start_matches([' ', '\u{a0}']);
    after.is_empty()
        || after.starts_with([':', '：', '-', '–', '(', '[', ']', ')', '!', '.', '*', '|', '/', '\'', '"'])
        || [
            "re:",
            "re ",
            "fw:",
            "fwd:",
            "aw:",
            "sv:",
            "autoreply",
            "auto-reply",
            "auto reply",
            "reply",
            "response",
            "notification",
            "message",
            "notice",
        ]
        .iter()
        .any(|next| after.starts_with(next))
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
