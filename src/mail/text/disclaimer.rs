//! Text that nobody wrote for this mail: confidentiality notes, virus scanners, list footers, adverts.
//!
//! Paragraphs are judged, from the end upwards, by phrases that such text uses and people do not; a block
//! between two equal rows of signs goes as a whole. Languages: English, German, French, Spanish, Italian,
//! Portuguese, Dutch, Polish, Swedish, Danish, Norwegian, Finnish, Russian. Known limits: a note in
//! another language, or one that uses none of the phrases, is taken for text.

use std::sync::LazyLock;

use super::header_block::is_rule;
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
    "checked for viruses",
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
    "scanned for viruses",
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

static NOTICES: Pattern = LazyLock::new(|| table(NOTICE));
static NOTICE_BEGINNINGS: Pattern = LazyLock::new(|| table(&NOTICE_PARTS.map(|(first, _)| first)));
static FOOTERS: Pattern = LazyLock::new(|| table(FOOTER));
static ADVERTS: Pattern = LazyLock::new(|| table(ADVERT));
static HEADING: Pattern = LazyLock::new(|| {
    compile(
        r"^[\W_]*(?:disclaimer|confidentiality(?: notice| note)?|legal notice|important(?: notice)?|notice|privacy notice|haftungsausschluss|rechtlicher hinweis|vertraulichkeitshinweis|avertissement|avviso|aviso(?: legal)?|nota de confidencialidad|riservatezza|klauzula)[\W_]*$",
    )
});

fn is_notice(text: &str) -> bool {
    let in_parts = |(first, second): &(&str, &str)| {
        text.split_once(first).is_some_and(|(_, rest)| rest.contains(second))
    };
    holds(&NOTICES, text) || (holds(&NOTICE_BEGINNINGS, text) && NOTICE_PARTS.iter().any(in_parts))
}

/// The paragraph at `place` is nobody's writing.
fn is_boilerplate(lines: &[&str], paragraphs: &[Paragraph], place: usize, text: &str) -> bool {
    let above = place.checked_sub(1).and_then(|above| paragraphs.get(above));
    let ruled = above.and_then(|above| lines.get(above.0)).is_some_and(|line| is_rule(line));
    let last = place + 1 == paragraphs.len();
    is_notice(text)
        || (above.is_some() && holds(&FOOTERS, text))
        || (ruled && last && text.len() <= 400 && holds(&ADVERTS, text))
}

/// Lines `.0..=.1` of a text that is looked at are one paragraph.
type Paragraph = (usize, usize);

fn paragraphs(lines: &[&str]) -> Vec<Paragraph> {
    let mut found: Vec<Paragraph> = Vec::new();
    let mut begun: Option<usize> = None;
    for (at, line) in lines.iter().enumerate() {
        let blank = line.trim().is_empty();
        // a row of signs is a paragraph of its own
        if blank || is_rule(line) {
            found.extend(begun.take().map(|first| (first, at.saturating_sub(1))));
            if !blank {
                found.push((at, at));
            }
        } else if begun.is_none() {
            begun = Some(at);
        }
    }
    found.extend(begun.map(|first| (first, lines.len().saturating_sub(1))));
    found
}

/// In lower case, words apart by one space: so that the patterns need to know one form only.
fn text_of(lines: &[&str], (first, last): Paragraph) -> String {
    let mut text = String::new();
    for word in lines.get(first..=last).unwrap_or_default().iter().flat_map(|line| line.split_whitespace()) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&word.to_lowercase());
    }
    text
}

/// Lines that are disclaimers and footers at the end, or fenced ones anywhere: `true` for each of them.
pub(super) fn mark(lines: &[&str]) -> Vec<bool> {
    let mut marks = vec![false; lines.len()];
    let paragraphs = paragraphs(lines);
    mark_fenced(lines, &paragraphs, &mut marks);
    mark_tail(lines, &paragraphs, &mut marks);
    marks
}

fn fill(marks: &mut [bool], (first, last): Paragraph) {
    marks.iter_mut().take(last + 1).skip(first).for_each(|mark| *mark = true);
}

/// A fenced block of more paragraphs than this is not looked at.
const MOST_FENCED: usize = 16;
/// Up to this many paragraphs may stand below the last one that is boilerplate, if they are short.
const STRAGGLERS: usize = 4;

/// A block between two equal rows of signs that holds boilerplate.
fn mark_fenced(lines: &[&str], paragraphs: &[Paragraph], marks: &mut [bool]) {
    let fence = |one: &Paragraph| {
        lines.get(one.0).map(|line| line.trim()).filter(|line| one.0 == one.1 && is_rule(line))
    };
    let mut at = 0;
    while let Some(open) = paragraphs.get(at) {
        let close = fence(open).and_then(|sign| {
            paragraphs
                .iter()
                .enumerate()
                .skip(at + 1)
                .take(MOST_FENCED)
                .find(|(_, one)| fence(one) == Some(sign))
        });
        let Some((end, last)) = close else {
            at += 1;
            continue;
        };
        let boilerplate = |(place, one): (usize, &Paragraph)| {
            is_boilerplate(lines, paragraphs, place, &text_of(lines, *one))
        };
        if paragraphs.iter().enumerate().take(end).skip(at + 1).any(boilerplate) {
            fill(marks, (open.0, last.1));
            at = end + 1;
        } else {
            at = end;
        }
    }
}

/// The last paragraphs, as long as they are boilerplate, headings of it, or what hangs below it.
fn mark_tail(lines: &[&str], paragraphs: &[Paragraph], marks: &mut [bool]) {
    let mut start = None;
    let mut passed = 0;
    for (place, one) in paragraphs.iter().enumerate().rev() {
        // what stands below a fenced block is the author's, until it is shown not to be
        match marks.get(one.0) {
            Some(true) if passed > 0 => break,
            Some(true) => continue,
            _ => {}
        }
        let text = text_of(lines, *one);
        let heading = start.is_some() && (is_rule(&text) || (text.len() < 80 && holds(&HEADING, &text)));
        if heading || is_boilerplate(lines, paragraphs, place, &text) {
            start = Some(one.0);
            passed = 0;
        } else if !is_rule(&text) {
            passed += 1;
            let short = text.len() <= 160 && !text.ends_with('?');
            if start.is_some() || passed > STRAGGLERS || !short {
                break;
            }
        }
    }
    if let Some(start) = start {
        fill(marks, (start, lines.len().saturating_sub(1)));
    }
}
