//! The score in an answer: 1 to 5, in figures, words or stars. `yes` is 5 and `no` is 1 where nothing else
//! is said.
//!
//! Known limits: a range (`4-5`) and a fraction (`4.5`) are no score, nor is anything beyond 1 to 5.

use regex::Captures;

use super::{Pattern, pattern};

/// A score and its place within its clause, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScoreMention {
    pub start: usize,
    pub end: usize,
    pub score: u8,
}

macro_rules! number {
    () => {
        r"([1-5]|one|two|three|four|five|eins|zwei|drei|vier|fünf|deux|trois|quatre|cinq|dos|tres|cuatro|cinco)"
    };
}

/// What follows a number that counts or dates something.
macro_rules! counted {
    () => {
        concat!(
            r"(?:\s*(?:-|or|to|bis|oder|ou|o)\s*\d",
            r"|\s*(?:am|pm|a\.m|p\.m|uhr|h|o'clock|hrs?|hours?|min|mins|minutes?|days?|weeks?|months?|years?|st|nd|rd|th|k|m|x|%|€|\$)\b",
            r"|\s*%|\s*€",
            r"|\s+(?:(?:of\s+)?(?:us|them|the|their|our|other|more|new|different|key|\w+(?:ers|ing|al|ior))\s+)?(?:people|persons?|stakeholders?|attendees?|participants?|times?|calls?|meetings?|guys|folks|colleagues|users?|seats|reps|sites|companies|questions?|topics?|things?|persone|personas|personnes|leute)\b",
            r"|\s+of\s+(?:us|them|the|their|our|my)\b|\s+(?:others|more)\b",
            r"|\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|january|february|march|april|june|july|august|september|october|november|december|januar|februar|märz|mai|juni|juli|oktober|dezember)\b)"
        )
    };
}

static COUNTED_AFTER: Pattern = pattern!(concat!(r"^", counted!()));
static OF_FIVE: Pattern = pattern!(concat!(
    r"(?:^|[^\w./,:+-])",
    number!(),
    r"\s*(?:/\s*|(?:out\s+)?of\s+|von\s+|sur\s+|de\s+|over\s+)(?:5|five|fünf|cinq|cinco)\b"
));
static LABELLED: Pattern = pattern!(concat!(
    r"\b(?:score|scored|rating|rated|rate|grade|note|nota|bewertung|punktzahl|puntuaci[oó]n)\b(?:\s*\(1\s*-\s*5\))?(?:\s*(?:[:=-]|is|was|of|would be|it|this|them|a|an|at|with|the|meeting|call|given))*\s*",
    number!(),
    r"\b"
));
static GIVEN: Pattern = pattern!(concat!(
    r"(?:\b(?:give|giving|gave|deserves?|it's|that's|call)\s+(?:(?:it|this|that|you|them|the\s+\w+)\s+)?(?:a|an)\s+(?:\w+\s+)?|\b(?:a|an)\s+(?:solid|strong|clear|weak|good|firm|easy|low|high|generous|full|straight)\s+|\b(?:i'd|i would|i)\s+(?:say|give|rate)\s+(?:it\s+|the\s+\w+\s+)?(?:a\s+|an\s+)?|\bwith\s+(?:a|an)\s+)",
    number!(),
    r"\b"
));
static AFTER_OUTCOME: Pattern = pattern!(concat!(
    r"\b(?:held|happened|took place|stattgefunden|fand statt|durchgeführt|celebrad[oa]|celebr[oó]|realizad[oa]|tuvo lugar|eu lieu|went well|went ok|went okay|went fine|went great|went badly|yes|no-show|met)\s*[(\[=/]*\s*(?:(?:a|as a|maybe|say|roughly|about)\s+)?",
    number!(),
    r"[)\]]?(?:\W|$)"
));
static ALONE: Pattern = pattern!(concat!(
    r"^[\W_]*(?:(?:a|un|ein|ok|okay|good|great|perfect|fine|strong|excellent|i think|i guess|it was|ich gebe|je donne|je mets|le doy|actually|rather|make it|make that|sorry|oops|i meant?|about|maybe|probably|perhaps|i'd say|i would say|say|so|just|only|solid|note|points?|punkte|gave it|and|und|et|y|ein|eine|une?|it|it's|overall)\s+)*",
    number!(),
    r"(?:\s*(?:\+|stars?|points?|punkte|sterne?|étoiles?|estrellas?|for\s+(?:me|now|you|the\s+record)|from\s+me|overall|i'd say|i guess|i think|indeed|please|again|then|instead))*[\W_]*$"
));
static LEADING: Pattern = pattern!(concat!(
    r"^[\W_]*",
    number!(),
    r"(?:\s+(?:great|good|nice|excellent|fantastic|perfect|solid|thanks|thank|thx|cheers|held|because|as|since|and|for|stars?|all|everything|very|super|well|wrong|only|not|the|their|his|her|they|he|she|it|we|i|no\b)\b|\s*\(|\s+[A-Z][a-z])"
));
/// `4⭐`: a figure and what it counts.
static STARRED: Pattern =
    pattern!(concat!(r"(?:^|[^\w./,:+-])", number!(), r"\s*[★⭐🌟][\u{fe0f}]?(?:\W|$)"));
static STARS: Pattern = pattern!(r"[★⭐🌟][\u{fe0f}★⭐🌟 ]*");
static NO_FIGURES: Pattern = pattern!(
    r"\+\d+|\d+(?::\d+)+|\d+[.,]\d+|\d+(?:[./-]\d+)+|\d+\s*(?:-|or|to|bis)\s*\d+|\d+\s*(?:/|out\s+of|of)\s*(?:[6-9]|\d\d+)\b|\d+\s*(?:½|(?:and|&)\s+a\s+half)|between\s+\d+\s+and\s+\d+|#\s*\d+|[$€£]\s*\d+"
);

/// The score that a clause gives.
pub(super) fn score(clause: &str) -> Option<ScoreMention> {
    if let Some(found) = STARRED.captures(clause) {
        return scored(&found, found.get(0).map(|whole| whole.end()));
    }
    if let Some(stars) = STARS.regex().and_then(|regex| regex.find(clause)) {
        let count = stars.as_str().chars().filter(|c| matches!(c, '★' | '⭐' | '🌟')).count();
        let score = u8::try_from(count).ok().filter(|count| (1..=5).contains(count))?;
        return Some(ScoreMention { start: stars.start(), end: stars.end(), score });
    }
    if let Some(found) = OF_FIVE.captures(clause) {
        let end = found.get(0)?.end();
        let is_count = COUNTED_AFTER.is_in(clause.get(end..).unwrap_or_default());
        return scored(&found, Some(end)).filter(|_| !is_count);
    }
    // Times, dates, decimals and ranges are blotted out, each with as many bytes.
    let blotted = NO_FIGURES.regex().map_or_else(
        || clause.to_owned(),
        |regex| {
            regex
                .replace_all(clause, |found: &Captures<'_>| "_".repeat(found.get(0).map_or(0, |m| m.len())))
                .into_owned()
        },
    );
    [&LABELLED, &AFTER_OUTCOME, &GIVEN, &ALONE, &LEADING].into_iter().find_map(|pattern| {
        let found = scored(&pattern.captures(&blotted)?, None)?;
        let after = blotted.get(found.end..).unwrap_or_default();
        (!COUNTED_AFTER.is_in(after)).then_some(found)
    })
}

fn scored(found: &Captures<'_>, end: Option<usize>) -> Option<ScoreMention> {
    let number = found.get(1)?;
    Some(ScoreMention {
        start: number.start(),
        end: end.unwrap_or(number.end()),
        score: value(number.as_str())?,
    })
}

fn value(number: &str) -> Option<u8> {
    Some(match number.to_lowercase().as_str() {
        "1" | "one" | "eins" => 1,
        "2" | "two" | "zwei" | "deux" | "dos" => 2,
        "3" | "three" | "drei" | "trois" | "tres" => 3,
        "4" | "four" | "vier" | "quatre" | "cuatro" => 4,
        "5" | "five" | "fünf" | "cinq" | "cinco" => 5,
        _ => return None,
    })
}

static YES: Pattern = pattern!(r"^\W*(?:yes|yep|yeah|yup|y|ja|oui|s[ií]|sim)\W*$");
static NO: Pattern = pattern!(r"^\W*(?:no|nope|nah|n|nein|non|não)\W*$");

/// 5 for a clause that is nothing but `yes`, 1 for `no`.
pub(super) fn yes_or_no_score(clause: &str) -> Option<u8> {
    if YES.is_in(clause) {
        return Some(5);
    }
    NO.is_in(clause).then_some(1)
}

static ALL: Pattern = pattern!(
    r"^\W*everything\s+(?:was|is)\s+(?:exactly\s+|just\s+)?(?:as|like|what)\s+(?:in\s+)?the\s+(?:record|sheet|notes?)\b"
);
static HARDLY: Pattern = pattern!(
    r"^\W*(?:hardly anything|nothing|almost nothing)\s+(?:was|is)\s+(?:as|like|what)\s+(?:in\s+)?the\s+(?:record|sheet|notes?)\b"
);

/// 5 and 1 in the words by which the request explains them.
pub(super) fn as_the_request_words_it(clause: &str) -> Option<u8> {
    if ALL.is_in(clause) {
        return Some(5);
    }
    HARDLY.is_in(clause).then_some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let all = [
            &COUNTED_AFTER,
            &OF_FIVE,
            &LABELLED,
            &GIVEN,
            &AFTER_OUTCOME,
            &ALONE,
            &LEADING,
            &STARS,
            &NO_FIGURES,
            &YES,
            &NO,
            &ALL,
            &HARDLY,
        ];
        for (at, pattern) in all.iter().enumerate() {
            assert!(pattern.regex().is_some(), "{at}");
        }
    }
}
