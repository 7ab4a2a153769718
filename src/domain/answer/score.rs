//! The score in an answer: 1 to 5, in figures, words or stars. `yes` is 5 and `no` is 1 where nothing else
//! is said.
//!
//! Known limits: a range (`4-5`) and a fraction (`4.5`) are no score, nor is anything beyond 1 to 5.

use regex::Captures;

use crate::language::{Role, matcher, meanings};

use super::rule::{RulePattern, bare, date_words, words, words_for};

/// A score and its place within its clause, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScoreMention {
    pub start: usize,
    pub end: usize,
    pub score: u8,
}

/// A score in a figure or a word, as a group of the expression around it.
fn number() -> String {
    format!("([1-5]|{})", words(Role::Numbers))
}

/// Behind a number that measures or dates something, or is one of two.
static MEASURED: RulePattern = RulePattern::new(|| {
    let (range, units, half) =
        (words(Role::RangeWords), words(Role::UnitsOfFigures), words(Role::HalvesOfDay));
    let months = date_words(Role::Months);
    format!(r"^(?:\s*(?:-|{range})\s*\d|\s*(?:{half}|{units}|%|€|\$)\b|\s*%|\s*€|\s+{months}\b)")
});
static OF_FIVE: RulePattern = RulePattern::new(|| {
    let (number, of, five) = (number(), words(Role::OutOf), words_for(Role::Numbers, 4));
    format!(r"(?:^|[^\w./,:+-]){number}\s*(?:/\s*|{of}\s+)(?:5|{five})\b")
});
static LABELLED: RulePattern = RulePattern::new(|| {
    let (labels, after, number) = (words(Role::ScoreLabels), words(Role::AfterScoreLabels), number());
    format!(r"\b{labels}\b(?:\s*\(1\s*-\s*5\))?(?:\s*(?:[:=-]|{after}))*\s*{number}\b")
});
static GIVEN: RulePattern = RulePattern::new(|| format!(r"{}\s+{}\b", words(Role::GivesScore), number()));
static AFTER_OUTCOME: RulePattern = RulePattern::new(|| {
    let (outcomes, roughly, number) = (words(Role::BeforeScores), words(Role::Roughly), number());
    format!(r"\b{outcomes}\s*[(\[=/]*\s*(?:{roughly}\s+)?{number}[)\]]?(?:\W|$)")
});
static ALONE: RulePattern = RulePattern::new(|| {
    let (before, after, number) = (words(Role::BeforeScoreAlone), words(Role::AfterScoreAlone), number());
    format!(r"^[\W_]*(?:{before}\s+)*{number}(?:\s*(?:\+|{after}))*[\W_]*$")
});
/// A word of two letters or more follows, or one of those that have one.
static LEADING: RulePattern = RulePattern::new(|| {
    format!(r"^[\W_]*{}(?:\s+[A-Z][a-z]|\s+{}\b|\s*\()", number(), words(Role::AfterFirstScore))
});
/// `4⭐`: a figure and what it counts.
static STARRED: RulePattern =
    RulePattern::new(|| format!(r"(?:^|[^\w./,:+-]){}\s*[★⭐🌟][\u{{fe0f}}]?(?:\W|$)", number()));
static STARS: RulePattern = RulePattern::new(|| r"[★⭐🌟][\u{fe0f}★⭐🌟 ]*".to_owned());
/// Times, dates, decimals, ranges and sums.
static NO_FIGURES: RulePattern = RulePattern::new(|| {
    let (range, worded) = (words(Role::RangeWords), words(Role::NoScoreFigures));
    let figures = r"\+\d+|\d+(?::\d+)+|\d+[.,]\d+|\d+(?:[./-]\d+)+|#\s*\d+|[$€£]\s*\d+|\d+\s*½";
    format!(r"{figures}|\d+\s*(?:-|{range})\s*\d+|{worded}")
});

/// The score that a clause gives.
pub(super) fn score(clause: &str) -> Option<ScoreMention> {
    if let Some(found) = STARRED.captures(clause) {
        return scored(&found, found.get(0).map(|whole| whole.end()));
    }
    if let Some(stars) = STARS.regex().find(clause) {
        let count = stars.as_str().chars().filter(|c| matches!(c, '★' | '⭐' | '🌟')).count();
        let score = u8::try_from(count).ok().filter(|count| (1..=5).contains(count))?;
        return Some(ScoreMention { start: stars.start(), end: stars.end(), score });
    }
    if let Some(found) = OF_FIVE.captures(clause) {
        let end = found.get(0)?.end();
        let is_count = is_counted(clause.get(end..).unwrap_or_default());
        return scored(&found, Some(end)).filter(|_| !is_count);
    }
    // Times, dates, decimals and ranges are blotted out, each with as many bytes.
    let blotted = NO_FIGURES
        .regex()
        .replace_all(clause, |found: &Captures<'_>| "_".repeat(found.get(0).map_or(0, |m| m.len())));
    [&LABELLED, &AFTER_OUTCOME, &GIVEN, &ALONE, &LEADING].into_iter().find_map(|pattern| {
        let found = scored(&pattern.captures(&blotted)?, None)?;
        let after = blotted.get(found.end..).unwrap_or_default();
        (!is_counted(after)).then_some(found)
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
    if let Ok(figure) = number.parse() {
        return Some(figure);
    }
    let place = meanings(Role::Numbers).get(&number.to_lowercase())?;
    u8::try_from(place + 1).ok()
}

/// Whether a number counts, measures or dates what follows it.
fn is_counted(after: &str) -> bool {
    // `a one-on-one`, `a 3-way call`.
    if after.strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphabetic)) {
        return true;
    }
    let is_apart = after.starts_with(char::is_whitespace);
    MEASURED.is_in(after) || (is_apart && matcher(Role::CountedThings).is_in(after.trim_start()))
}

/// 5 for a clause that is nothing but `yes`, 1 for `no`.
pub(super) fn yes_or_no_score(clause: &str) -> Option<u8> {
    if matcher(Role::Yes).is_all_of(bare(clause)) {
        return Some(5);
    }
    matcher(Role::No).is_all_of(bare(clause)).then_some(1)
}

/// 5 and 1 in the words by which the request explains them.
pub(super) fn as_the_request_words_it(clause: &str) -> Option<u8> {
    if matcher(Role::AllAsRecorded).is_in(bare(clause)) {
        return Some(5);
    }
    matcher(Role::HardlyAsRecorded).is_in(bare(clause)).then_some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let all = [
            &MEASURED,
            &OF_FIVE,
            &LABELLED,
            &GIVEN,
            &AFTER_OUTCOME,
            &ALONE,
            &LEADING,
            &STARRED,
            &STARS,
            &NO_FIGURES,
        ];
        for (at, pattern) in all.iter().enumerate() {
            assert!(!pattern.regex().as_str().is_empty(), "{at}");
        }
    }
}
