//! What confidentiality notes, virus scanners, list footers and adverts say: tables of phrases.
//!
//! Languages: English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Danish,
//! Norwegian, Finnish, Russian. Texts are compared in lower case, words apart by one space. Known limits:
//! a note in another language, or one that uses none of the phrases, is not recognised.

use std::sync::LazyLock;

use super::pattern::{Pattern, compile, holds};

/// What confidentiality notes and scanners say and people do not, in lower case.
const NOTICE: &[&str] = &[
    // English
    "intended solely for",
    "intended only for",
    "intended exclusively for",
    "intended recipient",
    "named addressee",
    "intended addressee",
    "solely for the use of",
    "solely for the addressee",
    "solely for the person",
    "solely for the individual",
    "are private and intended",
    "confidentiality notice",
    "confidentiality note",
    "legally privileged",
    "privileged and confidential",
    "privileged and/or confidential",
    "confidential and privileged",
    "confidential and/or privileged",
    "confidential and may be privileged",
    "transmitted with it are",
    "attachments are confidential",
    "attachments is confidential",
    "attachments may contain confidential",
    "do not necessarily represent",
    "do not necessarily reflect",
    "does not necessarily reflect",
    "views expressed in",
    "views or opinions",
    "message is confidential",
    "message may be confidential",
    "email is confidential",
    "e-mail is confidential",
    "email may be confidential",
    "dissemination, distribution",
    "distribution or copying of this",
    "registered office:",
    "registered in england",
    "please consider the environment",
    "think before you print",
    "think before print",
    "before printing this",
    // German, French
    "vertrauliche und",
    "vertrauliche informationen",
    "nicht der richtige adressat",
    "nicht der beabsichtigte empfänger",
    "nicht der vorgesehene empfänger",
    "irrtümlich erhalten",
    "irrtümlich zugesandt",
    "diese e-mail ist vertraulich",
    "unbefugte weitergabe",
    "handelsregister:",
    "registergericht",
    "denken sie an die umwelt",
    "destiné exclusivement",
    "destinataire désigné",
    "destinataire visé",
    "destinataire prévu",
    "message par erreur",
    "courriel par erreur",
    "mail par erreur",
    "strictement confidentiel",
    "n'êtes pas le destinataire",
    "n’êtes pas le destinataire",
    "message et toutes les pièces jointes",
    "message et ses pièces jointes",
    "pensez à l'environnement",
    "pensez à l’environnement",
    // Spanish, Portuguese, Italian
    "destinado exclusivamente",
    "destinado únicamente",
    "mensaje por error",
    "correo por error",
    "mensagem por engano",
    "mensagem por erro",
    "información confidencial y",
    "información privilegiada",
    "pode conter informa",
    "aviso legal",
    "aviso de confidencial",
    "antes de imprimir",
    "uso esclusivo del destinatario",
    "riservate e per uso",
    "questo messaggio per errore",
    "questa e-mail per errore",
    "la presente per errore",
    "ai sensi del d.lgs",
    "ai sensi del regolamento",
    "informazioni contenute in questo messaggio",
    "informazioni contenute nella presente",
    "prima di stampare",
    "non infetto",
    // Dutch, Polish, the Scandinavian languages, Finnish, Russian
    "uitsluitend bestemd voor",
    "niet de beoogde ontvanger",
    "niet de bedoelde ontvanger",
    "ten onrechte ontvang",
    "przeznaczona wyłącznie",
    "przeznaczony wyłącznie",
    "przeznaczona jest wyłącznie",
    "niniejsza wiadomość",
    "avsett endast för",
    "meddelande av misstag",
    "mejl av misstag",
    "denne e-posten er fortrolig",
    "denne e-mail er fortrolig",
    "luottamuksellis",
    "является конфиденциальн",
    "содержит конфиденциальную",
    // scanners and filters
    "virus-free.",
    "virenfrei.",
    "has been checked for viruses",
    "has been scanned for viruses",
    "swept for computer viruses",
    "swept by",
    "certified virus free",
    "no virus found",
    "checked by avg",
    "avast antivirus",
    "email security system",
    "e-mail security system",
    "auf viren geprüft",
    "auf viren überprüft",
    "message has been scanned",
    "email has been scanned",
    "e-mail has been scanned",
    "scanned by messagelabs",
    "scanned by mailscanner",
    "are routinely monitored",
    "automatically logged, monitored",
    "may be monitored",
];
/// The same, in two parts that stand in this order.
const NOTICE_PARTS: [(&str, &str); 15] = [
    ("received this", " in error"),
    ("received this", " by mistake"),
    ("received it", " in error"),
    ("message", "contains confidential information"),
    ("mail", "contains confidential information"),
    ("communication", "may contain confidential"),
    ("amtsgericht", "hrb"),
    ("recibido", " por error"),
    ("recebeu", " por engano"),
    ("reçu ce", " par erreur"),
    ("ricevuto", " per errore"),
    ("nie jest", "adresatem"),
    ("modtaget denne", " ved en fejl"),
    ("mottatt denne", " ved en feil"),
    ("diese e-mail", " enthält vertrauliche"),
];
/// What people may say as well: it counts with other text above.
const FOOTER: &[&str] = &[
    "do not reply to this email",
    "do not reply to this e-mail",
    "do not reply to this message",
    "to unsubscribe",
    "unsubscribe from this",
    "you received this message because",
    "you are receiving this email",
    "you are receiving this e-mail",
    "you are receiving this message",
    "you're receiving this",
    "mailman/listinfo",
    "mailman/options",
    "groups.google.com",
    "yahoo! groups links",
    "list archive:",
    "list archives:",
    "manage your subscription",
    "vom newsletter abmelden",
    "pour se désinscrire",
    "para darse de baja",
];
/// What lists and free mail write: it counts right below a row of signs, as the last paragraph.
const ADVERT: &[&str] = &[
    "mailing list",
    "do you yahoo!",
    "get your free",
    "msn photos",
    "protect your pc with",
    "sign up for",
    "hotmail.com",
    "sponsored by",
    "free email",
    "free e-mail",
    "chat with friends",
    "http://",
    "https://",
];

/// One automaton for a table of phrases.
fn table(phrases: &[&str]) -> Option<regex::Regex> {
    compile(&phrases.iter().map(|phrase| regex::escape(phrase)).collect::<Vec<_>>().join("|"))
}

/// What such notes say and people say now and then: two of them make a note.
const HINTS: &[&str] = &[
    "for the attention of the addressee",
    "for the sole use of",
    "for the exclusive use of",
    "addressee only",
    "not the addressee",
    "unauthorised",
    "unauthorized",
    "legal privilege",
    "confidential",
    "privileged",
    "no liability",
    "accept liability",
    "accepts liability",
    "liability for any",
    "responsibility for any",
    "notify the sender",
    "notify us immediately",
    "inform the sender",
    "contact the sender",
    "delete it from your",
    "delete this email",
    "delete this e-mail",
    "delete this message",
    "delete the message",
    "delete the email",
    "destroy all copies",
    "destroy this",
    "disclosure, copying",
    "copying or distribution",
    "use, disclosure",
    "opinions expressed",
    "contents of this email",
    "contents of this e-mail",
    "contents of this message",
    "content of this email",
    "this e-mail and any",
    "this email and any",
    "this message and any",
    "information contained in this",
    "by return email",
    "by return e-mail",
    "not secure",
    "guaranteed to be secure",
    "computer virus",
    "viruses",
    "monitored",
    "recorded and",
    "freedom of information act",
    "disclaimer",
    "vertraulich",
    "absender",
    "empfänger",
    "vernichten sie",
    "löschen sie",
    "unbefugt",
    "confidentiel",
    "expéditeur",
    "destinataire",
    "confidencial",
    "destinatario",
    "destinatário",
    "remitente",
    "remetente",
    "riservat",
    "mittente",
    "vertrouwelijk",
    "afzender",
    "poufne",
    "adresat",
    "nadawc",
    "konfidentiell",
    "fortrolig",
    "avsändaren",
    "afsender",
    "конфиденциальн",
    "отправител",
];

static NOTICES: Pattern = LazyLock::new(|| table(NOTICE));
static NOTICE_BEGINNINGS: Pattern = LazyLock::new(|| table(&NOTICE_PARTS.map(|(first, _)| first)));
static HINTED: Pattern = LazyLock::new(|| table(HINTS));
pub(super) static FOOTERS: Pattern = LazyLock::new(|| table(FOOTER));
pub(super) static ADVERTS: Pattern = LazyLock::new(|| table(ADVERT));
pub(super) static HEADING: Pattern = LazyLock::new(|| {
    compile(
        r"^[\W_]*(?:disclaimer|confidentiality(?: notice| note)?|legal notice|important(?: notice)?|notice|privacy notice|haftungsausschluss|rechtlicher hinweis|vertraulichkeitshinweis|avertissement|avviso|aviso(?: legal)?|nota de confidencialidad|riservatezza|klauzula)[\W_]*$",
    )
});

/// Text that speaks as only such notes do.
pub(super) fn is_notice(text: &str) -> bool {
    let in_parts = |(first, second): &(&str, &str)| {
        text.split_once(first).is_some_and(|(_, rest)| rest.contains(second))
    };
    holds(&NOTICES, text)
        || (holds(&NOTICE_BEGINNINGS, text) && NOTICE_PARTS.iter().any(in_parts))
        || is_hinted(text)
}

/// Three different hints, or two in what speaks of itself.
fn is_hinted(text: &str) -> bool {
    let Some(hints) = HINTED.as_ref() else {
        return false;
    };
    let mut found: Vec<&str> = Vec::new();
    for hint in hints.find_iter(text).map(|hint| hint.as_str()) {
        if !found.contains(&hint) {
            found.push(hint);
        }
        if found.len() >= 3 {
            return true;
        }
    }
    let names_itself = [
        "this email",
        "this e-mail",
        "this message",
        "this mail",
        "diese e-mail",
        "diese nachricht",
        "dieser e-mail",
        "ce message",
        "ce courriel",
        "cet e-mail",
        "este mensaje",
        "este correo",
        "esta mensagem",
        "este e-mail",
        "questo messaggio",
        "questa e-mail",
        "dit bericht",
        "deze e-mail",
        "ta wiadomość",
        "tej wiadomości",
        "detta meddelande",
        "denne e-mail",
        "это сообщение",
    ];
    found.len() == 2 && names_itself.iter().any(|word| text.contains(word))
}

/// Text that says anything that a note or footer says.
pub(super) fn is_suspect(text: &str) -> bool {
    holds(&NOTICES, text)
        || holds(&HINTED, text)
        || holds(&FOOTERS, text)
        || holds(&HEADING, text)
        || holds(&ADVERTS, text)
}
