//! Sentences that prospects wrote: those that may be their pain, and those that name a competitor.
//!
//! Which sentence is the pain, the SDR says; here greetings, thanks, times and links are left out and few of the rest
//! chosen, those that say most. Known limits: a sentence is told by its length and its form, not by what it means; a
//! competitor that is written otherwise than configured is not found.

use std::sync::LazyLock;

use crate::language::{Role, is_word, words};
use crate::mail::text::without_card;
use crate::pattern::{Pattern, pattern};
use crate::record::{QuotedSentences, one_line};

use super::conversation::SeenMail;

/// So many sentences are given to choose from.
const MOST: usize = 12;
/// Fewer words say no pain; more than these are a text. Characters, where words are not parted by blanks.
const LEAST_WORDS: usize = 4;
const MOST_WORDS: usize = 60;
const LEAST_WIDE: usize = 8;

static LINK_OR_ADDRESS: Pattern = LazyLock::new(|| pattern(r"(?i)https?://|www\.|\S@\S"));
static CLOCK: Pattern = LazyLock::new(|| pattern(r"(?i)\b\d{1,2}(?::\d{2}|\s?[ap]\.?m\b|\s?uhr\b|h\d{2})"));

/// The sentences of a mail's author, without the card at the end.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut paragraph = String::new();
    let text = without_card(text).trim_start();
    let (greeting, rest) = text.split_at(greeting_length(text));
    push(&mut greeting.to_owned(), &mut found);
    for line in rest.lines().map(str::trim).chain([""]) {
        let is_item = line.starts_with(['-', '*', '\u{2022}', '\u{2013}']) && line.len() > 2;
        if (line.is_empty() || is_item) && !paragraph.is_empty() {
            cut(&std::mem::take(&mut paragraph), &mut found);
        }
        if !paragraph.is_empty() {
            paragraph.push(' ');
        }
        paragraph.push_str(line.trim_start_matches(['-', '*', '\u{2022}', '\u{2013}', ' ']));
    }
    found
}

/// Words of a greeting, the name and titles included: `Good morning Ms. Dana Fox`.
const MOST_GREETING_WORDS: usize = 6;

/// Bytes of the greeting that a mail begins with, up to its sign or the end of its line: what stands behind it is no part
/// of it, on the same line or the next.
fn greeting_length(text: &str) -> usize {
    let line = text.lines().next().unwrap_or_default();
    let first = line.split(|c: char| !c.is_alphanumeric() && c != '\'').next().unwrap_or_default();
    if !is_greeting(first) {
        return 0;
    }
    let signs = [",", "!", ":", ";", "\u{ff0c}", "\u{3001}", " - ", " \u{2013} ", " \u{2014} "];
    let sign = signs.iter().filter_map(|sign| line.find(sign).map(|at| at + sign.len())).min();
    let end = sign.unwrap_or(line.len());
    let words = line.get(..end).unwrap_or_default().split_whitespace().count();
    if words <= MOST_GREETING_WORDS { end } else { 0 }
}

fn is_greeting(word: &str) -> bool {
    is_word(Role::Greeting, word) || words(Role::Greeting).contains(&word)
}

/// Ends of sentences: a sign, then a blank and no small letter; the signs of East Asia end one by themselves.
fn cut(paragraph: &str, found: &mut Vec<String>) {
    let mut sentence = String::new();
    let mut letters = paragraph.chars().peekable();
    while let Some(letter) = letters.next() {
        sentence.push(letter);
        let ends = match letter {
            '\u{3002}' | '\u{ff01}' | '\u{ff1f}' => true,
            '.' | '!' | '?' | '\u{2026}' => letters.peek().is_none_or(|next| next.is_whitespace()),
            _ => false,
        };
        let next = letters.clone().find(|c| !c.is_whitespace());
        if ends && !next.is_some_and(char::is_lowercase) && !ends_in_abbreviation(&sentence, next) {
            push(&mut sentence, found);
        }
    }
    push(&mut sentence, found);
}

/// `approx. 20`, `e.g. Salesforce`, `Mr. Ortiz`: a short word before the stop, or one letter.
fn ends_in_abbreviation(sentence: &str, next: Option<char>) -> bool {
    let Some(bare) = sentence.strip_suffix('.') else { return false };
    let last = bare.split_whitespace().next_back().unwrap_or_default();
    let is_title = last.len() <= 3
        && last.chars().next().is_some_and(char::is_uppercase)
        && !last.chars().any(|c| "aeiouy".contains(c));
    let counts = next.is_some_and(|next| next.is_ascii_digit())
        && last.chars().count() <= 6
        && last.chars().all(char::is_lowercase);
    counts
        || last.contains('.')
        || last.chars().count() == 1 && last.chars().all(char::is_alphabetic)
        || is_title
}

fn push(sentence: &mut String, found: &mut Vec<String>) {
    let text = one_line(&std::mem::take(sentence));
    if text.chars().any(char::is_alphanumeric) {
        found.push(text);
    }
}

/// How much a sentence may say of a pain; `None`: nothing at all.
fn weight(sentence: &str) -> Option<usize> {
    let count = sentence.split_whitespace().count();
    let wide = sentence
        .chars()
        .filter(|c| ('\u{3040}'..='\u{9fff}').contains(c) || ('\u{ac00}'..='\u{d7a3}').contains(c))
        .count();
    let is_long_enough = count >= LEAST_WORDS || wide >= LEAST_WIDE;
    let first = sentence.split(|c: char| !c.is_alphanumeric() && c != '\'').next().unwrap_or_default();
    let lower = sentence.to_lowercase();
    let is_courtesy = is_greeting(first) || words(Role::Thanks).iter().any(|word| lower.starts_with(word));
    if !is_long_enough || count > MOST_WORDS || is_courtesy || LINK_OR_ADDRESS.is_match(sentence) {
        return None;
    }
    let mut weight = 10 + count.max(wide / 2).min(25);
    if sentence.ends_with(['?', '\u{ff1f}']) {
        weight -= 8;
    }
    if CLOCK.is_match(sentence) {
        weight -= 8;
    }
    Some(weight)
}

/// The prospects' sentences that the SDR may choose the pain from, by mail, the oldest first. `source` says whose mail
/// it is, and of when.
pub(super) fn to_choose_from(
    mails: &[SeenMail],
    source: impl Fn(&SeenMail) -> String,
) -> Vec<QuotedSentences> {
    let mut all: Vec<(usize, usize, String, usize)> = Vec::new();
    let theirs = mails.iter().enumerate().filter(|(_, mail)| mail.is_human && mail.prospect().is_some());
    for (place, mail) in theirs {
        for (order, sentence) in sentences(&mail.text).into_iter().enumerate() {
            let is_new = !all.iter().any(|(_, _, known, _)| *known == sentence);
            if let Some(weight) = weight(&sentence).filter(|_| is_new) {
                all.push((place, order, sentence, weight));
            }
        }
    }
    all.sort_by_key(|(place, order, _, weight)| (std::cmp::Reverse(*weight), *place, *order));
    all.truncate(MOST);
    all.sort_by_key(|(place, order, ..)| (*place, *order));
    let mut quoted: Vec<(usize, QuotedSentences)> = Vec::new();
    for (place, _, sentence, _) in all {
        match quoted.last_mut() {
            Some((last, group)) if *last == place => group.sentences.push(sentence),
            _ => {
                let Some(mail) = mails.get(place) else { continue };
                quoted.push((place, QuotedSentences { source: source(mail), sentences: vec![sentence] }));
            }
        }
    }
    quoted.into_iter().map(|(_, group)| group).collect()
}

/// A competitor that a prospect named.
#[derive(Debug)]
pub(super) struct NamedCompetitor<'m> {
    /// As it is configured.
    pub name: String,
    pub mail: &'m SeenMail,
    pub sentence: String,
}

/// The configured competitors that the prospects named in their own words, each with the first sentence that does.
pub(super) fn competitors<'m>(configured: &[String], mails: &'m [SeenMail]) -> Vec<NamedCompetitor<'m>> {
    configured
        .iter()
        .filter(|name| !name.trim().is_empty())
        .filter_map(|name| {
            let theirs = mails.iter().filter(|mail| mail.is_human && mail.prospect().is_some());
            theirs
                .flat_map(|mail| sentences(&mail.text).into_iter().map(move |sentence| (mail, sentence)))
                .find(|(_, sentence)| names(sentence, name))
                .map(|(mail, sentence)| NamedCompetitor { name: name.clone(), mail, sentence })
        })
        .collect()
}

/// Whether the words of a name stand in a sentence, parted from others. A word of every day is a name only where it is
/// written as one: `Close`, not `close`, and not at the begin of a sentence.
fn names(sentence: &str, name: &str) -> bool {
    let (text, wanted) = (parted(sentence), parted(name));
    let folded = |letter: &char| letter.to_lowercase().next().unwrap_or(*letter);
    let is_part = |letter: Option<&char>| letter.is_some_and(|letter| letter.is_alphanumeric());
    let is_everyday = is_word(Role::EverydayName, name);
    !wanted.is_empty()
        && text.windows(wanted.len()).enumerate().any(|(at, found)| {
            let before = at.checked_sub(1).and_then(|before| text.get(before));
            let is_whole = !is_part(before) && !is_part(text.get(at + wanted.len()));
            let begins = !text.iter().take(at).any(|letter| letter.is_alphanumeric());
            let is_written_so = !begins && found.first().is_some_and(|first| first.is_uppercase());
            is_whole
                && (!is_everyday || is_written_so)
                && found.iter().map(folded).eq(wanted.iter().map(folded))
        })
}

/// The letters, with one blank for all that parts words: `Pipe-Drive`, `Pipe  Drive`.
fn parted(text: &str) -> Vec<char> {
    let spaced = text.replace(['-', '\u{a0}', '\u{2011}'], " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_into_the_sentences_that_its_author_wrote() {
        let text = "Hi Dana,\n\nOur reps spend 20 minutes a day updating\nSalesforce and still miss half the fields. It costs approx. 3.5 hours a week, e.g. on Mondays.\n\n- reports are late\n- nobody trusts them\n\nBest,\nSarah";
        assert_eq!(
            sentences(text),
            [
                "Hi Dana,",
                "Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.",
                "It costs approx. 3.5 hours a week, e.g. on Mondays.",
                "reports are late",
                "nobody trusts them",
            ]
        );
        assert_eq!(
            sentences("\u{6211}\u{5011}\u{5f88}\u{6162}\u{3002}\u{5831}\u{8868}\u{932f}\u{3002}").len(),
            2
        );
        assert_eq!(sentences("Mr. Ortiz knows. J. R. too."), ["Mr. Ortiz knows.", "J. R. too."]);
    }

    #[test]
    fn what_stands_behind_a_greeting_is_no_part_of_it() {
        let pain = "Our reps spend two hours a day updating the CRM.";
        for greeting in [
            "Hi Dana,\n\n",
            "Hi Dana,\n",
            "Hi Dana, ",
            "Hello Dana\n",
            "\n\nHey Dana - ",
            "Dear Ms. Fox: ",
            "Good morning Dana!\n",
            "Hallo Dana,\r\n",
            "Bonjour Dana,\n",
            "",
        ] {
            let found = sentences(&format!("{greeting}{pain}\nBest,\nPat"));
            assert!(found.iter().any(|sentence| sentence == pain), "{greeting:?}: {found:?}");
            assert_eq!(found.iter().filter(|sentence| weight(sentence).is_some()).count(), 1, "{found:?}");
        }
        // A sentence that only begins so is whole.
        let whole = "Good reports about what our reps do all day, that is what we miss.";
        assert_eq!(sentences(whole), [whole]);
    }

    #[test]
    fn courtesy_times_and_links_are_no_pain() {
        let pain = weight("We lose half the fields every week.").unwrap();
        for sentence in [
            "Hi Dana, hope you are well today",
            "Thanks a lot for your time",
            "See https://acme.example/x for more details",
            "OK then",
        ] {
            assert_eq!(weight(sentence), None, "{sentence}");
        }
        for sentence in ["Would Thursday suit you all well?", "Let us talk at 2:30 pm on Thursday."] {
            assert!(weight(sentence).unwrap() < pain, "{sentence}");
        }
    }

    #[test]
    fn a_competitor_is_a_word_of_its_own() {
        for (sentence, name, expected) in [
            ("We use salesforce today.", "Salesforce", true),
            ("SALESFORCE's price doubled.", "Salesforce", true),
            ("We are salesforced to death.", "Salesforce", false),
            ("We compared Pipe Drive and others.", "Pipe Drive", true),
            ("We want to close the deal.", "Close", false),
            ("Close the deal first.", "Close", false),
            ("We looked at Close last year.", "Close", true),
            ("Dynamics 365 is slow.", "Dynamics 365", true),
            ("C++ is slow", "C++", true),
            ("Wir nutzen HubSpot-Formulare.", "HubSpot", true),
        ] {
            assert_eq!(names(sentence, name), expected, "{sentence} {name}");
        }
    }
}
