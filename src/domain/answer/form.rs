//! The three lines of a feedback request to fill in: outcome, score, anything wrong in the record.
//!
//! Inside a quotation only the lines as the request words them count; an author may shorten them
//! (`Outcome: held`). A line without a value answers nothing. Known limit: a value that stands more than one
//! empty line below its label is not found.

use crate::language::{Role, alternation, matcher};

use super::rule::{RulePattern, words};

/// What stands behind the labels, as it was written; empty where nothing does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FeedbackForm {
    pub outcome: String,
    pub score: String,
    pub wrong: String,
    /// What stands outside the form.
    pub rest: String,
}

/// Where a form stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormPlace {
    Words,
    Quotation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FormLine {
    Outcome,
    Score,
    Wrong,
}

/// Between the words of a label that was wrapped or is quoted once more.
const GAP: &str = r"[\s>|*_]+";
/// Before a label that somebody has written without what is in its brackets.
const SHORT_BEFORE: &str = r"(?:^|[\n,;.(*>|]|\s-)[ \t]*\b";

static OUTCOME: RulePattern = RulePattern::new(|| {
    format!(r"\b{}[\s>|*_]*\(([^()]{{0,60}})\)[*_]*[ \t]*[:=]?[*_]*", words(Role::FormOutcome))
});
static SCORE: RulePattern = RulePattern::new(|| {
    format!(r"\b{}[\s>|*_]*\(([^()]{{0,12}})\)[*_]*[ \t]*[:=]?[*_]*", words(Role::FormScore))
});
static WRONG: RulePattern = RulePattern::new(|| {
    format!(r"\b{}[*_]*[ \t]*[:=?][*_]*", alternation(Role::FormWrong).replace(' ', GAP))
});
static SHORT_OUTCOME: RulePattern =
    RulePattern::new(|| format!(r"{SHORT_BEFORE}{}\s*(?::|=|\s-\s)", words(Role::FormOutcome)));
static SHORT_SCORE: RulePattern = RulePattern::new(|| {
    let (label, short) = (words(Role::FormScore), words(Role::FormScoreShort));
    format!(r"{SHORT_BEFORE}(?:{label}|{short})\s*(?::|=|\s-\s)")
});
static SHORT_WRONG: RulePattern =
    RulePattern::new(|| format!(r"{SHORT_BEFORE}{}\s*(?::|=|\?|\s-\s)", words(Role::FormWrongShort)));
/// A line of a signature's or an original's beginning, or a link.
static MARKED_END: RulePattern = RulePattern::new(|| r"^[\s>|*_]*(?:--|__|-{3,}|https?://)".to_owned());
static SIGN_OFF: RulePattern = RulePattern::new(|| format!(r"^\W*{}\b[^\n]{{0,20}}$", words(Role::SignOffs)));

struct FormLabel {
    line: FormLine,
    start: usize,
    end: usize,
    /// What is in the brackets.
    choice: String,
}

pub(super) fn read(text: &str, place: FormPlace) -> FeedbackForm {
    let labels = labels(text, place);
    let mut form = FeedbackForm::default();
    let first = labels.first().map_or(text.len(), |label| label.start);
    form.rest = text.get(..first).unwrap_or_default().to_owned();
    for (at, label) in labels.iter().enumerate() {
        let end = labels.get(at + 1).map_or(text.len(), |next| next.start);
        let segment = text.get(label.end..end).unwrap_or_default();
        let is_used = !form.outcome.is_empty() || !form.score.is_empty();
        let (value, rest) = match label.line {
            FormLine::Wrong => correction(segment, place, is_used),
            FormLine::Outcome | FormLine::Score => one_line(segment),
        };
        form.rest.push('\n');
        form.rest.push_str(&rest);
        let value = if value.is_empty() { chosen(label) } else { value };
        let kept = match label.line {
            FormLine::Outcome => &mut form.outcome,
            FormLine::Score => &mut form.score,
            FormLine::Wrong => &mut form.wrong,
        };
        // The nearest copy of the form comes first; older ones stand below it.
        if kept.is_empty() {
            *kept = value;
        }
    }
    form
}

fn labels(text: &str, place: FormPlace) -> Vec<FormLabel> {
    let full = [(&OUTCOME, FormLine::Outcome), (&SCORE, FormLine::Score), (&WRONG, FormLine::Wrong)];
    let short = [
        (&SHORT_OUTCOME, FormLine::Outcome),
        (&SHORT_SCORE, FormLine::Score),
        (&SHORT_WRONG, FormLine::Wrong),
    ];
    let mut labels: Vec<FormLabel> = Vec::new();
    let shortened = short.iter().filter(|_| place == FormPlace::Words);
    for (pattern, line) in full.iter().chain(shortened) {
        let regex = pattern.regex();
        for found in regex.captures_iter(text) {
            let Some(whole) = found.get(0) else { continue };
            let is_known = labels.iter().any(|known| known.start < whole.end() && whole.start() < known.end);
            if !is_known {
                let choice = found.get(1).map_or("", |choice| choice.as_str()).trim().to_owned();
                labels.push(FormLabel { line: *line, start: whole.start(), end: whole.end(), choice });
            }
        }
    }
    labels.sort_by_key(|label| label.start);
    labels
}

/// Who deletes what does not apply leaves `Outcome (held):`.
fn chosen(label: &FormLabel) -> String {
    match label.line {
        FormLine::Outcome if !label.choice.contains([',', '/', '|']) => label.choice.clone(),
        FormLine::Score if label.choice.chars().count() == 1 => label.choice.clone(),
        _ => String::new(),
    }
}

/// Whether a line begins something else below the form: an attribution, a signature, a footer.
fn ends_form(line: &str) -> bool {
    MARKED_END.is_in(line) || matcher(Role::BelowForm).is_in(tidy(line))
}

fn tidy(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '|' | '*' | '_'))
}

/// The value on the label's line or on the next, and what follows it.
fn one_line(segment: &str) -> (String, String) {
    let mut lines = segment.lines();
    // The label's own line, the next, and one more where an empty one lies between.
    for line in lines.by_ref().take(3) {
        let value = tidy(line);
        if ends_form(line) {
            return (String::new(), line.to_owned());
        }
        if !value.is_empty() {
            return (value.to_owned(), lines.collect::<Vec<_>>().join("\n"));
        }
    }
    (String::new(), lines.collect::<Vec<_>>().join("\n"))
}

/// The value of the last line may go on over several lines, up to an empty one.
fn correction(segment: &str, place: FormPlace, is_used: bool) -> (String, String) {
    let mut value: Vec<&str> = Vec::new();
    let mut rest: Vec<&str> = Vec::new();
    for (at, line) in segment.lines().enumerate() {
        let text = tidy(line);
        let is_over =
            !rest.is_empty() || ends_form(line) || (place == FormPlace::Words && SIGN_OFF.is_in(text));
        let is_late = value.is_empty() && (at > 2 || (at == 2 && !is_used));
        if is_over || is_late || (text.is_empty() && !value.is_empty()) {
            rest.push(line);
        } else if !text.is_empty() {
            value.push(text);
        }
    }
    (value.join("\n"), rest.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        let all =
            [&OUTCOME, &SCORE, &WRONG, &SHORT_OUTCOME, &SHORT_SCORE, &SHORT_WRONG, &MARKED_END, &SIGN_OFF];
        for (at, pattern) in all.iter().enumerate() {
            assert!(!pattern.regex().as_str().is_empty(), "{at}");
        }
    }

    fn values(text: &str) -> [String; 3] {
        let form = read(text, FormPlace::Quotation);
        [form.outcome, form.score, form.wrong]
    }

    #[test]
    fn values_stand_beside_or_below_their_labels() {
        for text in [
            "Outcome (held, rescheduled, no-show): held\nScore (1-5): 4\nAnything wrong in the record: James has left",
            "Outcome (held, rescheduled, no-show):\nheld\nScore (1-5):\n4\nAnything wrong in the record:\nJames has left",
            "Outcome (held, rescheduled, no-show):\n\nheld\n\nScore (1-5):\n\n4\n\nAnything wrong in the record:\n\nJames has left",
            "Outcome (held, rescheduled, no-show): held Score (1-5): 4 Anything wrong in the record: James has left",
            "*Outcome (held, rescheduled, no-show):* held\n*Score (1-5):* 4\n*Anything wrong in the record:* James has left",
            "> Outcome (held, rescheduled,\n> no-show): held\n> Score (1-5): 4\n> Anything wrong in the\n> record: James has left",
            "Outcome (held): \nScore (4):\nAnything wrong in the record: James has left\n\nOn Mon, Calvin wrote:",
        ] {
            assert_eq!(values(text), ["held", "4", "James has left"], "{text}");
        }
    }

    #[test]
    fn labels_without_a_value_hold_none() {
        for text in [
            "Outcome (held, rescheduled, no-show):\nScore (1-5):\nAnything wrong in the record:",
            "Outcome (held, rescheduled, no-show):\nScore (1-5):\nAnything wrong in the record:\n\nThis email is confidential.",
            "Outcome (held, rescheduled, no-show):\nScore (1-5):\nAnything wrong in the record:\n\nAcme GmbH, Berlin",
            "Outcome (held, rescheduled, no-show): Score (1-5): Anything wrong in the record:",
            "Outcome: held\nScore: 4 of 5\nWrong in the record: James has left",
        ] {
            assert_eq!(values(text), ["", "", ""], "{text}");
        }
    }
}
