//! Subjects that programs write by themselves, in the languages that Exchange and Gmail speak.
//!
//! Sources: the localised subject prefixes of Exchange's automatic replies, Lotus Notes' and GroupWise's forms,
//! the words of vacation programs; mail-facts.md section 5. All in lower case. A subject is weighed with what follows
//! the words: `Out of office: Re: demo` is a program's, `Out of office on Friday?` may be a person's.

use std::sync::LazyLock;

use regex::Regex;

use super::super::pattern::pattern;

/// How sure a subject alone makes of an automatic answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
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

const AUTOMATIC_MORE: [&str; 10] = [
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

const ABSENCE_MORE: [&str; 26] = [
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
];

/// Words that make a subject a program's wherever they stand.
static ANYWHERE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:is|am|are|will be|i'm|i’m) (?:currently )?out of (?:the )?office(?: ?[.!(]| until| from| and| returning|$)|\((?:auto(?:mated|matic)?[ -]?(?:reply|response|answer)|automatische antwort|réponse automatique|respuesta automática|out of (?:the )?office)\)|\[auto[ -]?reply\]|out of office (?:auto[ -]?reply|reply|response|notification|notice|message|alert)|vacation (?:auto[ -]?reply|reply|response|message|alert|notice)|(?:auto[ -]?reply|automatic reply)$|ist (?:nicht im büro|außer haus|abwesend)(?: ?[.!(]|$)|est absente?(?: ?[.!(]| du bureau| jusqu|$)|non è in ufficio|no está en la oficina|不在にしております",
    )
});

static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:re|aw|sv|vs|vá|antw|antwort|r|rif|odp|ynt|yan|res|rép|ref|απ|σχετ|ответ|отв|回复|答复|回覆|השב|رد|fwd?|wg|tr|rv|enc|i|vb|vl|vs|pd|bls|trs|továbbítás|转发|轉寄|הועבר|إعادة توجيه|doorst|videre|reply|fs)(?:\s?[\[(]\d{1,3}[\])]|\^\d)?\s?[:：]",
    )
});

/// Whether a lower-case subject begins as answers or forwarded mail do, in any language.
pub fn has_prefix(subject: &str) -> bool {
    PREFIX.is_match(subject)
}

/// Whether a subject begins as forwarded mail does.
pub use crate::domain::answer::is_forward;

/// What a lower-case subject without tags says of its being automatic.
pub fn says(subject: &str) -> Says {
    for words in AUTOMATIC.iter().chain(&AUTOMATIC_MORE) {
        if let Some(after) = subject.strip_prefix(words) {
            return if ends_form(after) { Says::Plainly } else { Says::Perhaps };
        }
    }
    // `AUTO: Dana is out of the office (returning 09/18/2026)`, Lotus Notes.
    if subject.starts_with("auto:") {
        return Says::Plainly;
    }
    if ANYWHERE.is_match(subject) {
        return if has_prefix(subject) { Says::Perhaps } else { Says::Plainly };
    }
    absence(subject)
}

fn absence(subject: &str) -> Says {
    let mut found = Says::Nothing;
    for words in ABSENCE.iter().chain(&ABSENCE_MORE) {
        let Some(after) = subject.strip_prefix(words) else { continue };
        if after.starts_with(|c: char| c.is_alphabetic()) && words.is_ascii() {
            continue;
        }
        // One common word is a subject of people's too: `Vacation`, `Absence`, `Away`.
        let single = !words.contains([' ', '-'])
            && words.is_ascii()
            && !matches!(
                *words,
                "ooo" | "oof" | "abwesenheitsnotiz" | "afwezigheidsbericht" | "abwesenheitsmeldung"
            );
        if ends_form(after) && !(single && after.trim().is_empty()) {
            return Says::Plainly;
        }
        found = Says::Perhaps;
    }
    found
}

/// What may follow a program's words: nothing, a colon, a dash, a bracket, the answered subject.
fn ends_form(after: &str) -> bool {
    let after = after.trim_start_matches([' ', '\u{a0}']);
    after.is_empty()
        || after.starts_with([':', '：', '-', '–', '(', '[', '!', '.', '*', '|', '/', '\'', '"'])
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
            assert_eq!(says(subject), Says::Plainly, "{subject}");
        }
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
            assert_ne!(says(subject), Says::Nothing, "{subject}");
        }
        assert_eq!(says("out of office"), Says::Plainly);
        assert_eq!(says("dana fox/vendor is out of the office"), Says::Plainly);
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
            assert_eq!(says(subject), Says::Perhaps, "{subject}");
        }
        for subject in ["fyi, gone this weekend", "re: demo", "awaiting your answer", "vacationing"] {
            assert_eq!(says(subject), Says::Nothing, "{subject}");
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
