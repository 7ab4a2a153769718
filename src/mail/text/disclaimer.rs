//! Text that nobody wrote for this mail: confidentiality notes, virus scanners, list footers, adverts.
//!
//! Paragraphs are judged, from the end upwards, by phrases that such text uses and people do not; a block
//! between two equal rows of signs goes as a whole. Languages: English, German, French, Spanish, Italian,
//! Portuguese, Dutch, Polish, Swedish, Danish, Norwegian, Finnish, Russian. Known limits: a note in
//! another language, or one that uses none of the phrases, is taken for text.

use std::sync::LazyLock;

use regex::RegexSet;

use super::header_block::is_rule;

static BOILERPLATE: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    let any = |list: &str| format!("(?:{list})");
    RegexSet::new([
        // confidential
        any("intended (?:solely|only) for|intended recipient|(?:named|intended) addressee|solely for the (?:use|person|addressee|individual)|\
            received (?:this|it) (?:\\S+ )?(?:\\S+ )?(?:\\S+ )?(?:in error|by mistake|erroneously)|are private and intended|\
            confidentiality (?:notice|note)|legally privileged|privileged and(?:/or)? confidential|confidential and(?:/or)? (?:\\S+ )?privileged|\
            transmitted with it (?:are|is) (?:strictly )?(?:confidential|private)|attachments? (?:is|are|may be|may contain) (?:strictly )?confidential|\
            do not necessarily (?:represent|reflect)|views (?:or opinions )?expressed (?:in|herein)|contains? confidential information|\
            (?:message|e-?mail) (?:may be|is) (?:confidential|privileged)|dissemination, distribution|registered (?:office|in england)"),
        any("vertrauliche (?:und|informationen)|nicht der (?:richtige|beabsichtigte|vorgesehene) (?:adressat|empfänger)|irrtümlich erhalten|\
            diese e-?mail (?:enthält|ist) vertraulich|unbefugte weitergabe|amtsgericht .{2,40} hrb|handelsregister:? |\
            destiné exclusivement|destinataires? (?:désigné|visé|prévu)|reçu (?:ce message|ce mail|ce courriel|cet? e-?mail) par erreur|\
            strictement confidentiel|message et (?:toutes les |ses )?pièces jointes|n'êtes pas (?:le|la) destinataire"),
        any("destinado (?:exclusivamente|únicamente)|(?:recibido|recebido) (?:este|esta) (?:mensaje|correo|mensagem|e-?mail) por (?:error|engano|erro)|\
            puede contener información (?:confidencial|privilegiada)|pode conter informa|aviso (?:legal|de confidencialidad|de confidencialidade)|\
            uso esclusivo del destinatario|riservate e per uso|ricevut[oe] (?:questo messaggio|questa e-?mail|la presente) per errore|se ricevete questo messaggio|\
            ai sensi del (?:d\\. ?lgs|regolamento|gdpr)|informazioni (?:contenute|trasmesse) (?:in|nel|con)|non infetto"),
        any("uitsluitend bestemd voor|niet de (?:beoogde|bedoelde) ontvanger|ten onrechte (?:ontvangen|ontvangt)|przeznaczon[ay] (?:jest )?wyłącznie|\
            nie (?:jest|są) .{0,30}adresatem|avsedd (?:endast )?för|fått detta (?:meddelande|mejl|e-?mail) av misstag|er fortrolig|har mottatt denne|\
            modtaget denne .{0,20}ved en fejl|luottamuksellis|является конфиденциальн|содержит конфиденциальную"),
        // scanners and filters
        any("virus-free\\.|viren-?frei|scanned (?:for|by) (?:\\S+ )?(?:\\S+ )?(?:virus|viruses|mailscanner|messagelabs|mimecast|symantec)|checked for viruses|\
            swept (?:for|by) .{0,30}virus|certified virus free|no virus found|checked by avg|avast antivirus|e-?mail security system|\
            auf viren (?:geprüft|überprüft)|analys[ée] .{0,30}(?:virus|antivirus)|message has been (?:scanned|checked|swept)|messages? are routinely monitored|\
            may be (?:automatically )?(?:logged, )?monitored|will be monitored|e-?mail messages are routinely|please consider the environment|\
            think before (?:you )?print|before printing this|pensez à l'environnement|antes de imprimir|denken sie an die umwelt|prima di stampare"),
        // machines and lists
        any("(?:please )?do not reply to this (?:e-?mail|message)|to unsubscribe|unsubscribe from this|you received this message because|\
            you are receiving this|you're receiving this|mailing list (?:- )?\\S+@|mailman/(?:listinfo|options)|lists?info/|groups\\.google\\.com|\
            yahoo! groups links|list archives?:|manage your subscription|abmelden|se désinscrire|darse de baja"),
        any("do you yahoo!\\?|get your free|join msn|msn photos|protect your pc with|sign up for|hotmail\\.com/|sponsored by|this sf\\.net email|\
            free e-?mail (?:at|from)|yahoo! (?:mail|finance|health|autos|news|everything)|chat with friends online|mail\\.yahoo\\.com"),
    ])
    .ok()
});

static HEADING: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        r"^[\W_]*(?:disclaimer|confidentiality(?: notice| note)?|legal notice|important(?: notice)?|notice|privacy notice|haftungsausschluss|rechtlicher hinweis|vertraulichkeitshinweis|avertissement|avviso|aviso(?: legal)?|nota de confidencialidad|riservatezza|klauzula)[\W_]*$",
    ])
    .ok()
});

/// `text`: as `text_of` makes it.
fn is_boilerplate(text: &str) -> bool {
    BOILERPLATE.as_ref().is_some_and(|set| set.is_match(text))
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
    let fence = |one: &Paragraph| lines.get(one.0).map(|line| line.trim()).filter(|line| one.0 == one.1 && is_rule(line));
    let mut at = 0;
    while let Some(open) = paragraphs.get(at) {
        let close = fence(open).and_then(|sign| {
            paragraphs.iter().enumerate().skip(at + 1).take(MOST_FENCED).find(|(_, one)| fence(one) == Some(sign))
        });
        let Some((end, last)) = close else {
            at += 1;
            continue;
        };
        let boilerplate = |one: &Paragraph| is_boilerplate(&text_of(lines, *one));
        if paragraphs.iter().take(end).skip(at + 1).any(boilerplate) {
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
    for one in paragraphs.iter().rev() {
        // what stands below a fenced block is the author's, until it is shown not to be
        if marks.get(one.0).copied().unwrap_or_default() {
            break;
        }
        let text = text_of(lines, *one);
        let heading = start.is_some() && (is_rule(&text) || HEADING.as_ref().is_some_and(|set| set.is_match(&text)));
        if heading || is_boilerplate(&text) {
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
