//! `Best regards,` and the lines below it: where a letter ends and a visiting card begins.
//!
//! A closing with nothing but a name is how people end what they write and stays. With a title, a
//! telephone number, an address or a link below, closing and all is a signature; so is such a card
//! without a closing when it stands last. Known limits: a card without number, link, address or one of
//! the titles below is taken for text.

use super::pattern::{Pattern, compile, holds};
use std::sync::LazyLock;

static CLOSING: Pattern = LazyLock::new(|| {
    compile(
        r"(?ix)^[\s*_]*(?:
        (?:(?:with|my)\ )?(?:(?:best|kind|kindest|warm|warmest|many|all\ the|thanks\ and|thanks\ &)\ )*
            (?:regards|wishes|best|rgds|cheers|brgds|br|kr|bw) (?:\ (?:from|to)\ .{1,20})?
        | (?:best|kind)\ regards\ /\ .{3,30} | (?:yours|respectfully|cordially|warmly|sincerely|take\ care|talk\ soon|speak\ soon)
        | (?:mit\ )?(?:(?:viele|liebe|beste|freundliche|freundlichen|schöne|herzliche|besten|lieben|vielen)\ )*(?:grüße|gruß|grüßen|grüsse|grüssen|gruss)
        | mfg | vg | lg | (?:bien\ )?cordialement | (?:bien\ )?à\ (?:vous|toi) | sincères\ salutations | salutations | amicalement
        | (?:un\ )?(?:cordial\ )?saludos?(?:\ cordiales)? | atentamente | atte | (?:cordiali|distinti)\ saluti | saluti
        | (?:com\ os\ melhores\ )?cumprimentos | atenciosamente | att | abraços? | (?:met\ )?(?:vriendelijke|hartelijke)\ groet(?:en)?
        | groet(?:en|jes)? | mvg | (?:med\ )?(?:vänliga?|vennlig|venlig|bästa)\ hälsning(?:ar)? | (?:med\ )?(?:vennlig|venlig)\ hilsen | hälsningar | mvh
        | (?:ystävällisin\ )?terveisin | pozdrawiam | z\ poważaniem | с\ уважением | з\ повагою | s\ pozdravem | saygılarımla | üdvözlettel
        | cu\ stimă | με\ εκτίμηση | 此致 | よろしくお願いします
        )[\s,.!*_–-]*$",
    )
});

static CONTACT: Pattern = LazyLock::new(|| {
    compile(
        r"(?ix) [A-Za-z0-9_]@[A-Za-z0-9] | ^\W*(?:\w+\W+){0,2}(?:https?://|www\.)[^\s/]+/?\W*$ | linkedin\.com/ | calendly\.com/ | \+\d[\d\s().-]{6,} | (?-u:\b)[0-9]{3}[\s.-][0-9]{3}[\s.-][0-9]{4}(?-u:\b) | \(\d{2,5}\)\s?\d{2,}
        | (?-u:\b)(?:tel|phone|mobile|mob|cell|fax|direct|office|telefon|mobil|tél|telefono|móvil|celular|skype|linkedin)(?-u:\b)\.?\s*[:.]? \s*[+(\d]
        | ^[mtfpdcow]\s?[:.]\s?[+(\d] | \w\s\|\s\w",
    )
});

static TITLE: Pattern = LazyLock::new(|| {
    compile(
        r"(?x)(?i:(?-u:\b)(?:account\ executive|account\ manager|sales\ (?:manager|director|development|executive|rep|representative|lead|engineer|ops|operations)
        |business\ development|vice\ president|head\ of|chief\ \w+\ officer|co-?founder|founder|managing\ director|product\ manager
        |project\ manager|customer\ success|solutions?\ (?:engineer|consultant|architect)|software\ engineer|geschäftsführer(?:in)?
        |directeur|directrice|director(?:a)?\ (?:de|general)|vertriebsleiter(?:in)?|general\ manager|marketing\ manager)(?-u:\b))
        |(?-u:\b)(?:CEO|CTO|CFO|COO|CRO|CMO|CIO|SVP|EVP|VP|SDR|AE|BDR)(?-u:\b)",
    )
});

/// The line is a closing such as `Best regards,`.
pub(super) fn is_closing(text: &str) -> bool {
    text.len() < 60 && holds(&CLOSING, text)
}

/// The line could be a person's name: one to four words, each with a capital letter.
pub(super) fn is_name(text: &str) -> bool {
    let text = text
        .trim_matches(|c: char| matches!(c, '*' | '_' | '-' | '–' | '—' | '~' | ',') || c.is_whitespace());
    let mut words = 0;
    let named = text.split_whitespace().all(|word| {
        words += 1;
        word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '\'' | '’' | '-' | '“' | '”' | '"'))
            && (word.chars().any(char::is_uppercase)
                || matches!(word, "von" | "van" | "de" | "der" | "da" | "del" | "la"))
    });
    named && (1..=4).contains(&words) && !text.ends_with(|c: char| c == '.' && words > 2)
}

/// The line begins with a name of two words or more, before a comma, a bar, a wide gap or its end.
fn leads_with_name(text: &str) -> bool {
    let end = ["  ", "\t", ",", "|", " - ", " – "]
        .iter()
        .filter_map(|gap| text.find(gap))
        .min()
        .unwrap_or(text.len());
    let name = text.get(..end).unwrap_or(text);
    let greets =
        ["Dear", "Hi", "Hello", "Hey", "Hallo", "Liebe", "Lieber", "Bonjour", "Hola", "Ciao", "Good"];
    let first = name.split_whitespace().next().unwrap_or_default();
    name.split_whitespace().count() >= 2 && is_name(name) && !greets.contains(&first)
}

/// The line belongs on a visiting card: a number, a link, an address, a title.
fn is_card(text: &str) -> bool {
    text.chars().count() <= 120
        && (holds(&CONTACT, text) || (text.chars().count() <= 70 && holds(&TITLE, text)))
}

/// Longest visiting card, in lines with text.
const LONGEST: usize = 14;

/// A line with text near the end, judged once.
struct ClosingLine<'a> {
    text: &'a str,
    card: bool,
    /// Could stand in a signature: short, and no sentence.
    fits: bool,
}

fn judged(text: &str) -> ClosingLine<'_> {
    let card = is_card(text) || (text.len() <= 70 && text.contains(" @ "));
    let sentence = text.split_whitespace().count() > 7 && text.ends_with(['.', '?', '!']);
    let asks = text.ends_with('?') && !text.contains('/');
    let fits = text.chars().count() <= 120 && !sentence && !asks && !is_postscript(text);
    ClosingLine { text, card, fits }
}

/// `P.S. One more thing` is written, wherever it stands.
fn is_postscript(text: &str) -> bool {
    let begin: String = text.chars().take(5).filter(|c| c.is_alphanumeric()).collect();
    ["PS", "PPS", "NB"].iter().any(|mark| begin.starts_with(mark)) && text.split_whitespace().count() > 2
}

/// The line thanks and ends there: what stands below it is a name.
fn is_thanks(text: &str) -> bool {
    const THANKS: &[&str] = &[
        "thank",
        "cheers",
        "danke",
        "vielen dank",
        "merci",
        "gracias",
        "muchas gracias",
        "grazie",
        "obrigad",
        "bedankt",
        "dank",
        "tack",
        "takk",
        "tak",
        "kiitos",
        "dzięk",
        "спасибо",
        "děkuj",
    ];
    let lower = text.to_lowercase();
    text.split_whitespace().count() <= 4 && THANKS.iter().any(|word| lower.starts_with(word))
}

/// Index in `lines` from which a signature stands at their end, where one does.
pub(super) fn signature_start(lines: &[&str]) -> Option<usize> {
    let texts = lines.iter().enumerate().rev().filter(|(_, line)| !line.trim().is_empty()).take(LONGEST + 1);
    // from the last line upwards, as far as the lines could be a signature's
    let mut start = None;
    let (mut cards, mut others, mut gaps) = (0_usize, 0_usize, 0_usize);
    for (at, line) in texts {
        let line = judged(line.trim());
        let above = at.checked_sub(1).and_then(|above| lines.get(above)).map(|above| above.trim());
        let below_thanks = above.is_some_and(is_thanks);
        let apart = below_thanks || above.is_some_and(str::is_empty);
        if cards + others > 0 && is_closing(line.text) {
            return if cards > 0 { Some(at) } else { start };
        }
        // without a closing: a name with a card around it or below it, apart from the text above
        let named = (leads_with_name(line.text) || (below_thanks && is_name(line.text)))
            && cards + usize::from(line.card) >= 2
            && cards + 1 >= others;
        if apart && gaps == 0 && named {
            start = Some(at);
        }
        gaps += usize::from(apart);
        if !line.fits {
            break;
        }
        if line.card {
            cards += 1;
        } else {
            others += 1;
        }
    }
    start
}

/// `text` without the closing and the name at its end: `held 4` of `held 4\n\nBest,\nCalvin`.
pub(super) fn without(text: &str) -> &str {
    let mut rest = text.trim_end();
    for _ in 0..6 {
        let (above, line) = rest.rsplit_once('\n').unwrap_or(("", rest));
        if is_closing(line) {
            return above.trim_end();
        }
        if !(line.trim().is_empty() || is_name(line)) {
            break;
        }
        rest = above;
    }
    text
}
