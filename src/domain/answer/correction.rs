//! What an answer says was wrong in the record: the words that are left when outcome, score, greetings,
//! thanks and praise are taken away.
//!
//! After a meeting that was held, whatever else is said counts; else only words that plainly correct
//! something. Known limit: praise in unusual words is taken for a correction.

use crate::language::{Role, matcher};

use super::rule::{RulePattern, bare, date_words, words};

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

/// What goes on a phrase of the outcome by naming its day: `held` `Thursday`.
static ON_WEEKDAY: RulePattern = RulePattern::new(|| format!(r"^\W*{}\b", date_words(Role::Weekdays)));
/// The whole clause says that there is nothing to say.
static NOTHING: RulePattern = RulePattern::new(|| {
    let (before, after) = (words(Role::BeforeNothing), words(Role::AfterNothing));
    let nothing = words(Role::NothingWrong);
    format!(r"^\W*(?:{before}[\s,]+)*{nothing}(?:\s*[,-]?\s*{after})?\W*$")
});
/// A clause that begins so is a courtesy, or about what comes next, not about the record.
static COURTEOUS: RulePattern =
    RulePattern::new(|| format!(r"^\W*(?:{}\s+)*{}", words(Role::BeforeCourtesies), words(Role::Courteous)));
/// What follows it is about something else, unless it corrects.
static POSTSCRIPT: RulePattern = RulePattern::new(|| format!(r"^\W*(?:{})\W*$", words(Role::Postscript)));
static ALL_PRAISE: RulePattern = RulePattern::new(|| format!(r"^(?:{}\b[\s,']*)+$", words(Role::Praise)));
static LEAD_IN: RulePattern =
    RulePattern::new(|| format!(r"^(?:[\s\-,.;:/|*=>+)\]\x22`]|{}\b[\s,:\-]+)+", words(Role::LeadIns)));
static NAME_ALONE: RulePattern =
    RulePattern::new(|| r"^\W*[A-Za-zÀ-ɏ'.-]+(?:\s+(?-i:[A-ZÀ-Þ])[A-Za-zÀ-ɏ'.-]*)?\W*$".to_owned());

/// Whether words correct the record by themselves, with no outcome beside them.
pub(super) fn is_plain(text: &str) -> bool {
    corrects(text) && !NOTHING.is_in(text)
}

/// Whether words say that nothing was wrong: more than a bare `no`, which answers other questions as well.
pub(super) fn says_nothing(text: &str) -> bool {
    let has_word = || text.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().count() >= 4);
    has_word() && is_nothing(text)
}

/// `nothing, all good`: each part says so.
fn is_nothing(text: &str) -> bool {
    let mut parts =
        text.split([',', ';', '.', '!']).map(str::trim).filter(|part| !part.is_empty()).peekable();
    let is_one = |part: &str| {
        NOTHING.is_in(part) || ALL_PRAISE.is_in(bare(part)) || matcher(Role::WentWell).is_in(bare(part))
    };
    NOTHING.is_in(text) || parts.peek().is_some_and(|first| NOTHING.is_in(first)) && parts.all(is_one)
}

/// Whether what follows an outcome's words belongs to them.
pub(super) fn is_circumstance(text: &str) -> bool {
    let is_circumstance = matcher(Role::Circumstances).is_in(bare(text)) || ON_WEEKDAY.is_in(text);
    is_circumstance && !corrects(text)
}

fn corrects(text: &str) -> bool {
    matcher(Role::Corrects).is_in(text)
}

/// The correction among the clauses that are left over. `is_held`: the meeting took place, so that all that
/// is said after it counts.
pub(super) fn of_rest(rest: &[LeftoverClause], is_held: bool) -> Option<String> {
    let mut said = String::new();
    let (mut signed_off, mut is_introduced) = (false, false);
    for (at, piece) in rest.iter().enumerate() {
        let is_signature = rest.iter().skip(at).all(|piece| piece.begins_line && is_name_alone(&piece.text));
        let ends_in_name = || rest.iter().skip(at + 1).all(|piece| is_name_alone(&piece.text));
        signed_off |= matcher(Role::SignOffs).is_all_of(bare(&piece.text))
            && piece.mark.contains(['\n', ','])
            && (piece.begins_line || ends_in_name());
        // `Next step: demo on Tuesday` is one thing said.
        let is_aside = std::mem::replace(
            &mut is_introduced,
            piece.mark.starts_with(':') && (COURTEOUS.is_in(&piece.text) || POSTSCRIPT.is_in(&piece.text)),
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
        && !NOTHING.is_in(text)
        && !COURTEOUS.is_in(text)
        && !ALL_PRAISE.is_in(bare(text))
        && !matcher(Role::LabelsAlone).is_in(bare(text))
        && !matcher(Role::AfterScoreAlone).is_all_of(bare(text))
}

/// The value of the form's third line.
pub(super) fn of_line(value: &str) -> Option<String> {
    let value = value.trim();
    if is_nothing(value) || (COURTEOUS.is_in(value) && !corrects(value)) {
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
    let text = match LEAD_IN.regex().find(&joined) {
        Some(lead_in) => joined.get(lead_in.end()..).unwrap_or_default(),
        None => &joined,
    };
    let text = text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '=' | '.' | '|' | '*' | '"' | '`' | '>')
    });
    let inside = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let text = inside.filter(|text| !text.contains(['(', ')'])).unwrap_or(text);
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
        let all = [&ON_WEEKDAY, &NOTHING, &COURTEOUS, &ALL_PRAISE, &LEAD_IN, &NAME_ALONE];
        for (at, pattern) in all.iter().enumerate() {
            assert!(!pattern.regex().as_str().is_empty(), "{at}");
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
