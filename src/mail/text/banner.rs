//! `CAUTION: this email originated from outside`: what a company's mail server writes above a mail.
//!
//! Only at the very top, only in paragraphs that say so. Known limits: English, German, French, Spanish,
//! Italian, Portuguese and Dutch wording; a banner that shares its paragraph with the author's first words
//! takes only its own lines with it where it stands in lines of its own.

use super::pattern::{PatternSet, any_holds, compile_set};
use std::sync::LazyLock;

static BANNER: PatternSet = LazyLock::new(|| {
    compile_set(&[
        r"(?i)(?:e-?mail|message|mail|sender)\b.{0,40}\b(?:originat\w+|came|comes|received|sent|is) (?:from )?(?:outside|(?:an )?external)\b",
        r"(?i)^\W*\[?(?:external(?: (?:e-?mail|sender|message|mail))?|ext|outside e-?mail|externe? (?:e-?mail|nachricht|mail)|externer absender|courriel externe|expéditeur externe|correo externo|email externo|mail esterna|externe afzender)\]?\s*[:!*\]]*\W*$",
        r"(?i)do not click (?:on )?(?:any )?links or open (?:any )?attachments",
        r"(?i)^\W*(?:caution|warning|attention|achtung|vorsicht|avertissement|precaución|atención|attenzione|atenção|let op)\W.{0,40}\b(?:extern\w*|esterna|esterno|extérieur)\b",
        r"(?i)do not click (?:on )?(?:any )?links?\b.{0,60}\bunless you (?:recogni[sz]e|know|trust)",
        r"(?i)\bdiese (?:e-?mail|nachricht|mail)\b.{0,40}(?:von außerhalb|außerhalb (?:der|ihrer|unserer|des)|von extern|externen? absender)",
        r"(?i)\b(?:ce (?:message|courriel|mail)|cet e-?mail)\b.{0,40}(?:de l[’']extérieur|expéditeur externe|externe à)",
        r"(?i)\b(?:este (?:mensaje|correo|e-?mail)|esta mensagem)\b.{0,60}(?:fuera de (?:la|su|nuestra)|remitente externo|remetente externo|fora da)",
        r"(?i)\b(?:questo messaggio|questa (?:e-?mail|mail))\b.{0,60}(?:dall[’']esterno|mittente esterno|esterno all)",
        r"(?i)\b(?:dit bericht|deze (?:e-?mail|mail))\b.{0,40}(?:van buiten|buiten (?:de|uw|onze) organisatie|externe afzender)",
        r"(?i)you don[’']?t often get (?:e-?mail|mail) from|some people who received this message don[’']?t often get",
        r"(?i)learn why this is important|lernen sie, warum dies wichtig ist|découvrez pourquoi ce(?:la|ci) est important",
        r"(?i)^\W*this sender (?:is|might be) (?:from )?outside|zjqcmqryf|proofpoint banner",
    ])
});

/// How many of the first lines are banners.
pub(super) fn length(lines: &[&str]) -> usize {
    let mut end = 0;
    let mut at = 0;
    // a banner has a few lines; below that nothing is one
    while at < lines.len().min(8) {
        let Some(line) = lines.get(at) else { break };
        at += 1;
        if is_parting(line) {
            continue;
        }
        let is_banner = line.len() <= 500 && any_holds(&BANNER, line);
        // the second half of a banner that was wrapped
        let goes_on = end > 0
            && end + 1 == at
            && line.starts_with(char::is_lowercase)
            && lines.get(at).is_none_or(|next| next.trim().is_empty());
        if !(is_banner || goes_on) {
            break;
        }
        end = at;
    }
    // the line that parts the banner off belongs to it
    let parting = lines.iter().skip(end).take_while(|line| is_parting(line)).count();
    if end > 0 { end + parting } else { 0 }
}

fn is_parting(line: &str) -> bool {
    line.trim().chars().all(|c| matches!(c, '-' | '_' | '=' | '*'))
}
