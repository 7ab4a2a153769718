//! What an answer says was wrong in the record: the words that are left when outcome, score, greetings,
//! thanks and praise are taken away.
//!
//! After a meeting that was held, whatever else is said counts; else only words that plainly correct
//! something. Known limit: praise in unusual words is taken for a correction.

use super::{Pattern, pattern};

/// A clause that is left over, and what joins it to the next.
#[derive(Clone, Debug)]
pub(super) struct LeftoverClause {
    pub text: String,
    pub mark: String,
    /// Said before any outcome or score.
    pub is_before: bool,
    /// First of its line.
    pub begins_line: bool,
}

/// Says by itself that the record is wrong.
static PLAIN: Pattern = pattern!(
    r"\b(?:(?:has|have|had|'s|'ve)\s+(?:already\s+|since\s+|just\s+|long\s+)?(?:left|quit|retired|resigned|moved on|changed)|(?:left|quit)\s+(?:the\s+)?(?:company|firm|team|in|last)|no longer|not\s+(?:the|a|an|their|our|my|at|with)\b.*\b(?:any\s*more|cto|ceo|cfo|coo|cio|vp|head|lead|director|manager|owner|buyer|decision|title|company|name|number|phone|address|email|budget)|(?:is|was|are|were)\s+(?:in\s+)?(?:wrong|incorrect|outdated|out of date|missing|misspel(?:t|led)|false|inaccurate)|wrong\s+(?:\w+\s+)?(?:title|name|number|phone|address|e-?mail|company|budget|role|person|contact|date|time|pain|agenda|size|crm|spelling)|typo|incorrect|outdated|misspel(?:t|led)|(?:record|sheet|notes?|handoff|it)\s+(?:said|says|had|has|claims?|claimed|listed|lists)|should\s+(?:be|read|say)|is\s+now\s+(?:the|a|an|at)|(?:hat|haben)\s+.*\bverlassen|nicht mehr|stimmt nicht|falsch|a\s+quitté|n'est\s+plus|ya\s+no|ha\s+dejado|incorrect[oa])\b"
);
/// The whole clause says that there is nothing to say.
static NOTHING: Pattern = pattern!(concat!(
    r"^\W*(?:(?:no|nope|nah|yes|and|but|there\s+(?:is|was)|there's|really|absolutely|apart from that|otherwise|other than that|else|so far|as far as i know|from me|from my side)[\s,]+)*(?:",
    r"nothing(?:\s+(?:at all|else|really|much|much else|wrong|was|is|to|correct|add|report|fix|change|in|with|the|record|incorrect|off|missing|that i (?:know|saw|noticed|could see)|of|note|i (?:know|noticed|saw)))*",
    r"|none(?:\s+(?:at all|that i know of|really|from me))?|n\s*/\s*a|na|nil|nix|null|-+|not\s+(?:really|that i know(?:\s+of)?|at all|applicable|that i noticed)|no(?:t)?\s+(?:any\s+)?(?:corrections?|complaints?|issues?|errors?|problems?|changes?|mistakes?|comments?|notes?|remarks?|objections?|surprises?)(?:\s+(?:at all|from me|needed|necessary|on the record|in the record|so far|to report))*",
    r"|(?:(?:it|that|this|all|everything|everything else|the rest|rest|record|the record|data|info|the info|notes?|the notes|the handoff|the details|details|they|which|contacts?)\s*)?(?:'s|\s*\b(?:is|was|were|are|looks?|looked|seems?|seemed))?\s*(?:all|very|quite|just|pretty|absolutely|really|perfectly|100\s*%|totally|completely|mostly)?\s*(?:good|correct|fine|right|accurate|ok|okay|clear|true|as described|as (?:the |in the |per the )?(?:record|expected|described|planned|agreed|promised|stated)(?:\s+(?:said|says|stated))?|spot[ -]on|perfect|in order|matched|match|checks? out|checked out|up to date|complete|solid|as it should be|well|great)(?:\s+(?:in|with)?\s*(?:the\s+)?record)?(?:\s+(?:from|on)\s+(?:my|our)\s+(?:side|end))?",
    r"|nichts|keine?(?:\s+\w+)?|alles\s+(?:\w+\s+)?(?:gut|ok|okay|korrekt|richtig|bestens|prima|klar)|passt(?:\s+alles)?|stimmt(?:\s+alles)?|rien|aucune?(?:\s+\w+)?|tout\s+(?:est\s+|était\s+)?(?:bon|ok|correct|juste|bien)|rien à signaler|ras|nada|ningun[oa]?(?:\s+\w+)?|todo\s+(?:est[áa]\s+)?(?:bien|correcto|ok|perfecto)",
    r")(?:\s*(?:,|-)?\s*(?:thanks|thank you|cheers))?\W*$"
));
/// A clause that begins so is a courtesy, or about what comes next, not about the record.
static COURTEOUS: Pattern = pattern!(concat!(
    r"^\W*(?:(?:and|but|so|oh|ah|well|anyway|also|again|very)\s+)*(?:(?:many\s+|much\s+)?thanks|thank\b|thx|tks|ty\b|cheers|danke|vielen dank|merci|gracias|muchas gracias|obrigad|hi\b|hello|hey\b|hallo|bonjour|hola|dear\b|guten\s+(?:tag|morgen)|good\s+(?:morning|afternoon|evening|day)|best\b|kind\s+regards|(?:best|warm|kindest)\s+(?:regards|wishes)|regards|viele grüße|liebe grüße|beste grüße|mfg|lg\b|vg\b|cordialement|bien à vous|saludos|un saludo|yours|sincerely|sorry|apologies|my apologies|pardon|have a (?:good|great|nice)|talk (?:soon|later)|speak soon|see you|more (?:soon|later|details)|details (?:to follow|later|soon)|please find|as (?:discussed|planned|agreed|requested)|sent from|get outlook|appreciat|congrat|kudos|well done|hope|ping me|let me know|let's|happy to|feel free",
    r"|(?:i|we)(?:'ll|\s+will|'m going|\s+am going|\s+are going|'re going|\s+have\s+(?:a\s+)?(?:next|follow)|\s+agreed\s+(?:on\s+)?(?:a\s+)?(?:next|follow)|\s+booked|\s+scheduled)|\d+\s+\w+\s+(?:attended|joined|came|showed up|were there|were present)|(?:the\s+)?(?:call|meeting|it)\s+(?:lasted|took|ran)\b|(?:only\s+)?for\s+\d+|next\s+(?:steps?|meeting|call|one)|second\s+(?:meeting|call)|follow(?:ing)?[ -]?up|proposal\s+(?:next|to follow|goes|sent)|looking forward|keep it up|keep them coming|more of (?:these|those|this)|you rock|love(?:d)? (?:it|this|them)|wow|yay|nice one|good one)"
));
/// The whole clause is praise: every word of it is.
static PRAISE: Pattern = pattern!(concat!(
    r"^\W*(?:(?:a|an|the|it|it's|that|this|was|is|what|such|very|really|super|so|all|and|of|for|from|by|on|with|you|your|me|us|we|i|they|he|she|them|team|side|everyone|both|quite|pretty|extremely|totally|truly|again|overall|as always|one|well|much|most|far|too|to|be|in|at|my|our|",
    r"great|good|nice|excellent|fantastic|awesome|brilliant|perfect|lovely|amazing|solid|strong|super|superb|wonderful|outstanding|stellar|top|notch|spot|cool|sweet|fine|ok|okay|alright|decent|interesting|useful|helpful|productive|promising|positive|warm|friendly|engaged|impressed|happy|pleased|delighted|excited|keen|qualified|best|better|smooth|smoothly|fun|pleasure|sehr|gut|gute|gutes|guter|toll|tolles|klasse|prima|danke|für|das|der|die|bien|très|bon|bonne|muy|bueno|buena|excelente|",
    r"call|meeting|chat|conversation|lead|leads|job|work|intro|introduction|handoff|handover|prep|preparation|research|notes|record|session|discussion|discovery|fit|start|stuff|opportunity|prospect|one|ones|people|guys|company|team|gespräch|termin|arbeit|mate|done|indeed|thing|effort|teamwork|energy|vibe|vibes|meet|met|seemed|seems|were|are|had|have|got|really|lot)\b[\s,']*)+\W*$"
));
/// What goes on a phrase of the outcome: `held` `at 4pm`, `as planned`, `yesterday`.
static CIRCUMSTANCE: Pattern = pattern!(
    r"^\W*(?:at|on|with|in|by|as\s+(?:planned|scheduled|agreed|expected)|yesterday|today|this|last|via|over|for|from|to|until|per|online|remotely|early|earlier|late|later|just|now|already|too|again|indeed|again|o'clock|sharp|right|monday|tuesday|wednesday|thursday|friday|of|out\s+of|am|pm|and\s+(?:it\s+)?went|together|and\s+(?:i'd|i would|i)\s|points?|stars?|overall|then|after|before|though|mit|am|um|gestern|heute|avec|con|hier|ayer)\b"
);
static LEAD_IN: Pattern = pattern!(
    r"^(?:[\s\-,.;:/|*=>+)\]\x22`]|(?:fyi|and|but|however|also|though|although|only|because|since|just that|except(?:\s+that)?|plus|ps|p\.s\.?|one (?:thing|correction|note)|correction|note|und|aber|et|mais|y|pero)\b[\s,:\-]+)+"
);
static LABEL: Pattern = pattern!(
    r"^\W*(?:(?:anything\s+|what's\s+|what\s+(?:is|was)\s+)?wrong(?:\s+in\s+the\s+record)?|corrections?|record|outcome|score|result|feedback|comments?|remarks?|notes?|rating|meeting|call|answer|(?:score|rating|note)\W*\d[\d\s.,/½-]*|(?:about\s+|for\s+)?\d+\s*(?:min(?:ute)?s?|hrs?|hours?|h|minuten|stunden?|minutos|horas?))\W*$"
);
static NAME_ALONE: Pattern = pattern!(r"^\W*[A-Za-zÀ-ɏ'.-]+(?:\s+(?-i:[A-ZÀ-Þ])[A-Za-zÀ-ɏ'.-]*)?\W*$");
static SIGN_OFF: Pattern = pattern!(
    r"^\W*(?:thanks|thank you|many thanks|thx|cheers|best|regards|(?:best|kind|warm)\s+(?:regards|wishes)|danke|viele grüße|liebe grüße|beste grüße|lg|vg|mfg|merci|cordialement|gracias|saludos)\W*$"
);

/// Whether words correct the record by themselves, with no outcome beside them.
pub(super) fn is_plain(text: &str) -> bool {
    PLAIN.is_in(text) && !NOTHING.is_in(text)
}

/// Whether what follows an outcome's words belongs to them.
pub(super) fn is_circumstance(text: &str) -> bool {
    CIRCUMSTANCE.is_in(text) && !PLAIN.is_in(text)
}

/// The correction among the clauses that are left over. `is_held`: the meeting took place, so that all that
/// is said after it counts.
pub(super) fn of_rest(rest: &[LeftoverClause], is_held: bool) -> Option<String> {
    let mut said = String::new();
    let (mut signed_off, mut is_introduced) = (false, false);
    for (at, piece) in rest.iter().enumerate() {
        let is_signature = rest.iter().skip(at).all(|piece| piece.begins_line && is_name_alone(&piece.text));
        signed_off |= piece.begins_line && SIGN_OFF.is_in(&piece.text) && piece.mark.contains(['\n', ',']);
        // `Next step: demo on Tuesday` is one thing said.
        let is_aside = std::mem::replace(
            &mut is_introduced,
            piece.mark.starts_with(':') && COURTEOUS.is_in(&piece.text),
        );
        let counts = is_plain(&piece.text)
            || (is_held
                && !is_aside
                && !piece.is_before
                && !signed_off
                && !is_signature
                && has_content(&piece.text));
        if counts {
            said.push_str(&piece.text);
            said.push_str(&piece.mark);
        }
    }
    cleaned(&said)
}

fn has_content(text: &str) -> bool {
    // `3 or 4` is no more than a score that could not be told.
    text.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().count() >= 3)
        && ![&NOTHING, &COURTEOUS, &PRAISE, &LABEL].iter().any(|pattern| pattern.is_in(text))
}

/// The value of the form's third line.
pub(super) fn of_line(value: &str) -> Option<String> {
    let value = value.trim();
    if NOTHING.is_in(value) || (COURTEOUS.is_in(value) && !PLAIN.is_in(value)) {
        return None;
    }
    if super::score::yes_or_no_score(value).is_some() {
        return None;
    }
    cleaned(value)
}

/// The AE's words without what joined them to the rest of the answer.
fn cleaned(said: &str) -> Option<String> {
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let joined = lines.join("\n");
    let text = match LEAD_IN.regex().and_then(|regex| regex.find(&joined)) {
        Some(lead_in) => joined.get(lead_in.end()..).unwrap_or_default(),
        None => &joined,
    };
    let text = text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '=' | '.' | '|' | '*' | '"' | '`' | '>')
    });
    let bare = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let text = bare.filter(|text| !text.contains(['(', ')'])).unwrap_or(text);
    text.chars().any(char::is_alphanumeric).then(|| one_line(text))
}

fn one_line(text: &str) -> String {
    let mut line = String::new();
    for part in text.split('\n').map(str::trim).filter(|part| !part.is_empty()) {
        if !line.is_empty() {
            line.push_str(if line.ends_with(['.', '!', ',', ';', ':']) { " " } else { "; " });
        }
        line.extend(part.split_whitespace().flat_map(|word| [word, " "]));
        line.truncate(line.trim_end().len());
    }
    line
}

/// A clause that is nothing but somebody's name: an address at the top or a name at the bottom.
pub(super) fn is_name_alone(text: &str) -> bool {
    NAME_ALONE.is_in(text) && text.chars().find(|c| c.is_alphabetic()).is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let all =
            [&PLAIN, &NOTHING, &COURTEOUS, &PRAISE, &CIRCUMSTANCE, &LEAD_IN, &LABEL, &NAME_ALONE, &SIGN_OFF];
        for (at, pattern) in all.iter().enumerate() {
            assert!(pattern.regex().is_some(), "{at}");
        }
    }

    #[test]
    fn nothing_is_said_in_many_ways() {
        for words in [
            "nothing",
            "Nothing wrong",
            "none",
            "None.",
            "n/a",
            "N/A",
            "na",
            "all good",
            "All good, thanks",
            "-",
            "--",
            "everything was correct",
            "all correct",
            "record was accurate",
            "the record was spot on",
            "no corrections",
            "no",
            "nope",
            "nil",
            "nichts",
            "rien",
            "nada",
            "alles gut",
            "everything as the record said",
            "no issues",
            "nothing to add",
            "Nothing that I noticed",
            "not really",
            "looks good",
            "",
        ] {
            assert_eq!(of_line(words), None, "{words}");
        }
        for words in [
            "James has left",
            "The title is wrong",
            "nothing about budget was true",
            "Not the CTO",
            "no budget",
        ] {
            assert_eq!(of_line(words).as_deref(), Some(words), "{words}");
        }
    }
}
