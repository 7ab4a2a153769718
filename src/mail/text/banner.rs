//! `CAUTION: this email originated from outside`, `Classification: Internal`: what a company's mail server and the
//! sensitivity labels of its mail programs write above a mail; labels also below.
//!
//! Warnings only at the very top, in paragraphs that say so; a label is a paragraph of its own. Known limits: a banner
//! that shares its paragraph with the author's first words takes only its own lines with it where it is in lines of its
//! own; a label of one word that people answer with (`Public`) is taken for an answer where nothing marks it.

use std::sync::LazyLock;

use super::addressed::MailPeople;
use crate::language::{Role, alternation, is_word, matcher};
use crate::pattern::{Pattern, pattern};

static LABEL_NAME: Pattern =
    LazyLock::new(|| pattern(&format!(r"(?i)^{}\s*(?:[:：=|–-]\s*|\s)\S", alternation(Role::LabelName))));
static LABEL_WORD: Pattern =
    LazyLock::new(|| pattern(&format!(r"(?i)(?:^|[^\pL]){}(?:[^\pL]|$)", alternation(Role::LabelWord))));
static LABEL_ANSWER: Pattern =
    LazyLock::new(|| pattern(&format!(r"(?i)(?:^|[^\pL]){}(?:[^\pL]|$)", alternation(Role::LabelAnswer))));

/// `C2 - Internal`: a class by its number.
static CLASS: Pattern = LazyLock::new(|| pattern(r"^[CS]\d\b"));

/// The line, which is a paragraph of its own, is a sensitivity label and nothing else.
pub(super) fn is_label(line: &str) -> bool {
    const MOST_WORDS: usize = 8;
    let line = line.trim_matches(|c: char| c.is_whitespace() || c == '*');
    if line.len() > 120 || line.ends_with(['.', '?', '!', ',', '。', '？']) {
        return false;
    }
    let words = || line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    if !(1..=MOST_WORDS).contains(&words().take(MOST_WORDS + 1).count()) {
        return false;
    }
    let pairs =
        [('[', ']'), ('【', '】'), ('(', ')'), ('<', '>'), ('«', '»'), ('{', '}'), ('#', '#'), ('/', '/')];
    let bracketed = pairs.iter().any(|(open, close)| line.starts_with(*open) && line.ends_with(*close));
    let inside = line.trim_matches(|c: char| !c.is_alphanumeric());
    let marked = bracketed || LABEL_NAME.is_match(line) || CLASS.is_match(line);
    let says = LABEL_WORD.is_match(line);
    if marked && (says || LABEL_ANSWER.is_match(line) || (bracketed && is_word(Role::OutsideTag, inside))) {
        return true;
    }
    // beside the words of labels there may be a company's name
    says && (is_in_capitals(line) || (words().count() <= 5 && words_beside(line)))
}

/// What is left of a label's line without its words are names and figures.
fn words_beside(line: &str) -> bool {
    let rest = LABEL_WORD.replace_all(line, " ");
    rest.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .all(|word| word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()))
}

fn is_in_capitals(line: &str) -> bool {
    !line.contains(char::is_lowercase) && line.contains(char::is_uppercase)
}

/// How many of the first lines are banners.
pub(super) fn length(lines: &[&str], people: &MailPeople) -> usize {
    let mut end = 0;
    let mut at = 0;
    // a banner has a few lines; below that nothing is one
    while at < lines.len().min(8) {
        let Some(line) = lines.get(at) else { break };
        at += 1;
        if is_parting(line) {
            continue;
        }
        let alone = lines.get(at).is_none_or(|next| next.trim().is_empty());
        // No banner names a reader or a day.
        let is_said = || people.are_told(line, |_| false);
        let is_banner = line.len() <= 800 && (warns(line) && !is_said() || (alone && is_label(line)));
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
    let line = line.trim();
    line != "--" && line.chars().all(|c| matches!(c, '-' | '_' | '=' | '*'))
}

/// The line calls the mail one from outside: by a sentence, or by a tag alone such as `[EXTERNAL]`.
fn warns(line: &str) -> bool {
    matcher(Role::OutsideWarning).is_in(line)
        || is_word(Role::OutsideTag, line.trim_matches(|c: char| !c.is_alphanumeric()))
}
