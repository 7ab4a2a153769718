//! Words by which the text of a message says that a program wrote it: absence, acknowledgement, challenge.
//!
//! Looked for in the beginning of the text, lower-case, on one line. People write words of absence too, so they
//! count only beside a mark of a machine or a subject (`auto_reply`).

use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use super::super::pattern::pattern;

/// Away, in the languages of `away` and a few more.
pub(crate) static ABSENCE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"out of (?:the |my )?office|out of town|on (?:my |annual |parental |maternity |paternity |sick |medical |a )*(?:leave|vacation|holidays?)\b|away from (?:the |my )?(?:office|desk|e-?mail|mail)|(?:am|be|is|'m|’m) (?:currently )?(?:away|travell?ing|unavailable)|away (?:until|from|on)|limited (?:access|e-?mail)|will (?:not )?return|no longer (?:with|work|employed)|upon my return|on my return|when i (?:get back|return)|nicht im (?:büro|haus)|abwesend|außer haus|im urlaub|bin (?:wieder|bis)|je suis (?:absent|actuellement)|absente? (?:du|jusqu)|en congés?|de retour|fuera de la oficina|estoy ausente|de vacaciones|de baja|fora do escritório|de férias|ausente|fuori (?:sede|ufficio)|in ferie|assente|sarò assente|afwezig|met vakantie|niet aanwezig|op vakantie|inte på kontoret|på semester|frånvarande|på ferie|ikke på kontoret|poissa|lomalla|nieobecn|na urlopie|poza biurem|mimo kancelář|dovolen|házon kívül|szabadság|в отпуске|отсутств|у відпустці|izinde|ofis dışında|不在|休暇|外出|休假|부재|휴가|concediu",
    )
});

/// "This is an automatic reply".
static AUTOMATIC: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"th(?:is|e following) (?:is|was|message is|e-?mail is|reply is)(?: an?)? (?:auto(?:matic(?:ally)?|mated)?[ -]?(?:generated )?)(?: ?e-?mail)? ?(?:reply|response|repl|acknowledg|answer|confirmation of receipt)|auto(?:matic|mated)? ?-?(?:reply|response|responder)\b|automatisch(?:e|es|er)? (?:antwort|generierte antwort|bericht|antwoord|erstellte)|réponse automatique|respuesta automática|resposta automática|risposta automatica|autosvar|automatyczna odpowiedź|автоматический ответ|自动(?:回复|答复)|自動(?:応答|返信|回覆)|자동 (?:응답|회신)",
    )
});

/// "Thank you, we will answer".
pub(crate) static RECEIVED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"thank(?:s| you) for (?:your |contacting|getting in touch|reaching out|writing|e-?mailing|the)|(?:have|has been|was) received|received your|will (?:get back|be in touch|respond|reply|endeavou?r)|(?:vielen )?dank für ihre|haben ihre .{0,40}erhalten|merci (?:pour|de) votre|avons bien reçu|gracias por (?:su|tu|contactar|escribir)|hemos recibido|obrigad[oa] (?:por|pelo)|recebemos|grazie per|abbiamo ricevuto|bedankt voor|hebben .{0,30}ontvangen|tack för",
    )
});

/// A sender is asked to prove to be one (Boxbe, TMDA, Bluebottle, Spam Arrest and the like).
static CHALLENGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:click|follow|visit|use|reply|complete|confirm)\b.{0,120}(?:have your (?:address|e-?mail|message)|to be (?:added|delivered)|ensure delivery|allowed list|white ?-?list|approved senders?|guest list|verify (?:that )?you)|(?:protected|guarded|screened) by (?:bluebottle|boxbe|spam ?arrest|tmda|mailblocks|choicemail|knowspam|vanquish|0spam|sendio|blue ?bottle)|not (?:yet )?(?:on|in) (?:my|the|his|her|their|.{0,40}'s) (?:guest|white|allowed|approved)[ -]?list|(?:guest|white) ?list .{0,60}(?:add|delivered|verif)|challenge[ -/]response|one-time (?:verification|confirmation)|(?:your|this) (?:message|e-?mail) (?:is|was|has been) (?:being )?(?:held|quarantined|parked|waiting)\b.{0,160}(?:confirm that|verify|click|reply to this)",
    )
});

/// Words without which no text challenges; found far faster than the whole pattern.
static CHALLENGE_WORDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"list|protected by|guarded by|screened by|challenge|have your |ensure delivery|to be added|to be delivered|verify|held|quarantin|parked|waiting|one-time|approved sender",
    )
});

/// A look at text as it stands, so that nearly all mail is done with before it is put into lower case: without these
/// pieces [`automatic_at`] finds nothing.
pub(crate) fn may_be_automatic(text: &str) -> bool {
    let any = |pieces: &[&str]| {
        pieces.iter().any(|piece| memmem::find(text.as_bytes(), piece.as_bytes()).is_some())
    };
    any(&["uto", "UTO"]) || !text.is_ascii() && any(&["вто", "ВТО", "自动", "自動", "자동"])
}

/// Whether lower-case words ask a sender to prove to be one.
pub(crate) fn challenges(words: &str) -> bool {
    CHALLENGE_WORDS.is_match(words) && CHALLENGE.is_match(words)
}

/// Where lower-case words call themselves an automatic reply.
pub(crate) fn automatic_at(words: &str) -> Option<usize> {
    let may = ["auto", "авто", "自动", "自動", "자동"].iter().any(|part| words.contains(part));
    if !may {
        return None;
    }
    AUTOMATIC.find(words).map(|found| found.start())
}

pub(crate) fn is_automatic(words: &str) -> bool {
    automatic_at(words).is_some()
}

/// `This is an automatically generated delivery status notification` and other words of a mail system.
pub(crate) static UNDELIVERED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?:could|can) ?not be delivered|couldn.t be delivered|undeliver(?:able|ed)|not (?:be )?(?:been )?delivered|unable to deliver|delivery (?:has )?(?:failed|failure|error|status)|failed to deliver|delivery to the following|wasn't able to deliver|weren't able to|permanent (?:fatal )?(?:error|failure)|mailbox (?:is )?(?:full|unavailable|not found)|user unknown|unknown user|no such (?:user|recipient|mailbox)|not a valid (?:user|recipient|address|mailbox)|does not exist|returned to sender|message (?:delayed|rejected)|not reach|recipients? (?:rejected|not found)|konnte nicht zugestellt|unzustellbar|n'a pas pu être|non remis|non distribu|no se (?:ha )?pud|no entregad|não (?:foi|pôde)|non è stato possibile|impossibile recapitare|kon niet worden|niet worden bezorgd|kunde inte levereras|kunne ikke leveres|не (?:было|может быть|удалось) достав|не доставлено|退信|无法(?:送达|投递)|配信(?:できません|に失敗)|送信できません|届けることができません|전송(?:되지|할 수)|전달되지",
    )
});

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
            assert!(ABSENCE.is_match(text), "{text}");
        }
        assert!(!ABSENCE.is_match("happy to help, see you on thursday"));
    }

    #[test]
    fn a_challenge_asks_the_sender_for_a_click() {
        assert!(challenges(
            "please click on the following link to have your address added to the recipient's allowed list"
        ));
        assert!(!challenges("click here to see the demo"));
    }

    #[test]
    fn an_automatic_reply_says_so() {
        assert!(is_automatic("this is an automated response to your message"));
        assert!(is_automatic("dies ist eine automatische antwort"));
        assert!(!is_automatic("this is our automation proposal"));
    }
}
