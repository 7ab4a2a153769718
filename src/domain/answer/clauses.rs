//! An answer's words cut into sentences and clauses, each with the mark that follows it.
//!
//! Known limits: a comma between digits cuts nothing, so `held 4,5 of us` stays whole; a wrapped line is
//! joined only where the next one goes on in lower case.

use crate::language::{Role, matcher};

use super::rule::{RulePattern, words};

/// Words between two marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clause {
    pub text: String,
    /// What stands between this clause and the next: `, `, ` but `.
    pub mark: String,
}

/// Clauses up to a full stop, an exclamation or question mark, or the end of a line.
#[derive(Clone, Debug, Default)]
pub(super) struct Sentence {
    pub clauses: Vec<Clause>,
    pub asks: bool,
}

static BUT: RulePattern = RulePattern::new(|| format!(r"\s+{}\s+", words(Role::ButWords)));
static NUMBERED: RulePattern = RulePattern::new(|| r"(?m)^[ \t]*[1-9][.)][ \t]+".to_owned());

/// Longest line, in characters, that nobody's mail program has wrapped.
const SHORT_LINE: usize = 50;

pub(super) fn sentences(text: &str) -> Vec<Sentence> {
    let text = unnumbered(&unwrapped(text));
    let characters: Vec<char> = text.chars().collect();
    let mut all: Vec<Sentence> = Vec::new();
    let (mut sentence, mut clause) = (Sentence::default(), String::new());
    for (at, &character) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| characters.get(before)).copied();
        let after = characters.get(at + 1).copied();
        let is_abbreviated = character == '.' && ends_abbreviated(&clause);
        match mark(before, character, after) {
            _ if is_abbreviated => clause.push(character),
            EndMark::None => clause.push(character),
            EndMark::Clause => sentence.close(&mut clause, character),
            EndMark::Sentence => {
                sentence.asks |= character == '?';
                sentence.close(&mut clause, character);
                let whole = std::mem::take(&mut sentence);
                end_line(&mut all, whole.clauses.is_empty() && character == '\n');
                all.push(whole);
            }
        }
    }
    sentence.close(&mut clause, '\n');
    all.push(sentence);
    all.retain(|sentence| !sentence.clauses.is_empty());
    all
}

/// Whether a full stop behind `clause` is that of a word before an hour: `kl. 4`.
fn ends_abbreviated(clause: &str) -> bool {
    let last = clause.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    !last.is_empty() && matcher(Role::BeforeHours).is_all_of(&format!("{last}."))
}

/// A line that ends in a full stop ends twice.
fn end_line(all: &mut [Sentence], ends: bool) {
    let last = all.iter_mut().rev().find_map(|sentence| sentence.clauses.last_mut());
    if let Some(last) = last.filter(|last| ends && !last.mark.contains('\n')) {
        last.mark.push('\n');
    }
}

enum EndMark {
    None,
    Clause,
    Sentence,
}

fn mark(before: Option<char>, character: char, after: Option<char>) -> EndMark {
    let is_gap = |neighbour: Option<char>| neighbour.is_none_or(char::is_whitespace);
    let is_digit = |neighbour: Option<char>| neighbour.is_some_and(|c| c.is_ascii_digit());
    match character {
        '\n' | '?' | '!' => EndMark::Sentence,
        '.' if is_gap(after) => EndMark::Sentence,
        ';' | '|' => EndMark::Clause,
        ',' if !(is_digit(before) && is_digit(after)) => EndMark::Clause,
        ':' | '=' if !(is_digit(before) && is_digit(after)) => EndMark::Clause,
        '-' if is_gap(before) || is_gap(after) => EndMark::Clause,
        _ => EndMark::None,
    }
}

impl Sentence {
    fn close(&mut self, clause: &mut String, mark: char) {
        let whole = std::mem::take(clause);
        let mark = match mark {
            '\n' => "\n".to_owned(),
            '-' => " - ".to_owned(),
            other => format!("{other} "),
        };
        let mut rest = whole.as_str();
        while let Some(found) = BUT.regex().find(rest) {
            self.push(rest.get(..found.start()).unwrap_or_default(), found.as_str());
            rest = rest.get(found.end()..).unwrap_or_default();
        }
        self.push(rest, &mark);
    }

    fn push(&mut self, text: &str, mark: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.clauses.push(Clause { text: text.to_owned(), mark: mark.to_owned() });
        }
    }
}

/// Lines that a mail program has wrapped, whole again.
pub(super) fn unwrapped(text: &str) -> String {
    let mut whole = String::new();
    let mut last_length = 0;
    for line in text.lines().map(str::trim) {
        let goes_on = last_length >= SHORT_LINE && line.chars().next().is_some_and(char::is_lowercase);
        if !whole.is_empty() {
            whole.push(if goes_on { ' ' } else { '\n' });
        }
        whole.push_str(line);
        last_length = line.chars().count();
    }
    whole
}

/// `1. James has left` in a list is no score.
fn unnumbered(text: &str) -> String {
    let count = NUMBERED.regex().find_iter(text).count();
    if count >= 2 { NUMBERED.remove(text) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert!([&BUT, &NUMBERED].iter().all(|pattern| !pattern.regex().as_str().is_empty()));
    }

    fn cut(text: &str) -> Vec<Vec<String>> {
        sentences(text)
            .into_iter()
            .map(|sentence| sentence.clauses.into_iter().map(|clause| clause.text).collect())
            .collect()
    }

    #[test]
    fn clauses_end_at_marks_and_sentences_at_stops() {
        assert_eq!(cut("Held. 4/5. James has left"), [vec!["Held"], vec!["4/5"], vec!["James has left"]]);
        assert_eq!(cut("held 4, James has left"), [vec!["held 4", "James has left"]]);
        assert_eq!(cut("4 - great call but no budget"), [vec!["4", "great call", "no budget"]]);
        assert_eq!(cut("no-show at 14:00"), [vec!["no-show at 14:00"]]);
        assert_eq!(cut("held\n4,5"), [vec!["held"], vec!["4,5"]]);
        assert_eq!(cut("1. James has left\n2. Wrong title"), [vec!["James has left"], vec!["Wrong title"]]);
    }
}
