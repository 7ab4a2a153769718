//! The names by which an answer speaks of a handoff's two sides, marked so that the words of every language can tell
//! them apart: whom an AE called decides whether anything is done.
//!
//! Known limits: names that are declined (`Sarahille`) and nicknames are not known.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::language::{Role, is_word};

/// Stands in the place of a prospect or their company.
pub(super) const PROSPECT: &str = "prospect_";
/// Stands in the place of one's own people.
pub(super) const COLLEAGUE: &str = "colleague_";

/// Shortest name that is known when it is written small.
const SHORTEST_WRITTEN_SMALL: usize = 4;

/// The names that are known in a handoff. Without any, whoever is named is a stranger.
#[derive(Clone, Debug, Default)]
pub struct KnownNames {
    /// By their first word, the longest first.
    by_first: BTreeMap<String, Vec<KnownName>>,
}

#[derive(Clone, Debug)]
struct KnownName {
    /// In lower case.
    words: Vec<String>,
    mark: &'static str,
}

impl KnownNames {
    /// Whole names: of people on the prospect's side, of their companies, and of one's own people. A first name that both
    /// sides have is the prospect's, who is spoken of.
    pub fn new<'n>(
        prospects: impl IntoIterator<Item = &'n str>,
        companies: impl IntoIterator<Item = &'n str>,
        colleagues: impl IntoIterator<Item = &'n str>,
    ) -> Self {
        let mut names = Self::default();
        for name in prospects {
            names.add_person(name, PROSPECT);
        }
        for company in companies {
            let words = words_of(company);
            let first = words.first().filter(|word| word.chars().count() >= SHORTEST_WRITTEN_SMALL).cloned();
            names.add(words, PROSPECT);
            names.add(first.into_iter().collect(), PROSPECT);
        }
        for name in colleagues {
            names.add_person(name, COLLEAGUE);
        }
        for known in names.by_first.values_mut() {
            known.sort_by_key(|name| std::cmp::Reverse(name.words.len()));
        }
        names
    }

    fn add_person(&mut self, name: &str, mark: &'static str) {
        let words = words_of(name);
        for part in [words.first(), words.last()].into_iter().flatten() {
            if part.chars().count() > 1 {
                self.add(vec![part.clone()], mark);
            }
        }
        self.add(words, mark);
    }

    fn add(&mut self, words: Vec<String>, mark: &'static str) {
        let Some(first) = words.first().cloned() else { return };
        let known = self.by_first.entry(first).or_default();
        if known.iter().all(|name| name.words != words) {
            known.push(KnownName { words, mark });
        }
    }

    /// `text` with a mark in the place of every name that is known, the form of address before it included.
    pub(super) fn marked(&self, text: &str) -> String {
        if self.by_first.is_empty() {
            return text.to_owned();
        }
        let words = word_places(text);
        let mut marked = String::with_capacity(text.len());
        let (mut from, mut at) = (0, 0);
        while let Some(word) = words.get(at) {
            let Some(name) = self.name_at(text, &words, at) else {
                at += 1;
                continue;
            };
            let before = text.get(from..word.start).unwrap_or_default();
            marked.push_str(without_form_of_address(before));
            marked.push_str(name.mark);
            at += name.words.len();
            from = words.get(at - 1).map_or(word.end, |last| last.end);
        }
        marked.push_str(text.get(from..).unwrap_or_default());
        marked
    }

    fn name_at(&self, text: &str, words: &[Range<usize>], at: usize) -> Option<&KnownName> {
        let word = |place: usize| text.get(words.get(place)?.clone());
        let first = word(at)?;
        let known = self.by_first.get(&first.to_lowercase())?;
        // The two words before it, and what stands between.
        let before = at.checked_sub(2).and_then(|previous| words.get(previous)).map_or(0, |word| word.start);
        let before = without_form_of_address(text.get(before..words.get(at)?.start)?);
        let name = known.iter().find(|name| {
            let is_word = |(place, part): (usize, &String)| {
                word(at + place).is_some_and(|word| word.to_lowercase() == *part)
            };
            name.words.iter().enumerate().all(is_word)
        })?;
        let is_certain = name.words.len() > 1
            || (first.starts_with(char::is_uppercase) && !begins_sentence(before))
            || (first.chars().count() >= SHORTEST_WRITTEN_SMALL && !is_word(Role::NamesOrWords, first));
        is_certain.then_some(name)
    }
}

fn words_of(name: &str) -> Vec<String> {
    word_places(name).into_iter().filter_map(|place| name.get(place)).map(str::to_lowercase).collect()
}

/// Where the words of a text are, in bytes.
fn word_places(text: &str) -> Vec<Range<usize>> {
    let mut places: Vec<Range<usize>> = Vec::new();
    for (at, letter) in text.char_indices().filter(|(_, letter)| letter.is_alphanumeric()) {
        match places.last_mut() {
            Some(last) if last.end == at => last.end += letter.len_utf8(),
            _ => places.push(at..at + letter.len_utf8()),
        }
    }
    places
}

/// Every word begins with a capital there.
fn begins_sentence(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '\t', '"', '\'', '(', '*', '-']);
    before.is_empty() || before.ends_with(['.', '!', '?', ':', ';', '\n', '\r'])
}

/// `called Ms. ` without its last word.
fn without_form_of_address(before: &str) -> &str {
    let trimmed = before.trim_end().trim_end_matches('.');
    let last = trimmed.rsplit(char::is_whitespace).next().unwrap_or_default();
    let is_address = before.ends_with(char::is_whitespace) && is_word(Role::FormOfAddress, last);
    if is_address { trimmed.get(..trimmed.len() - last.len()).unwrap_or(before) } else { before }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_sides_are_marked_wherever_they_are_certain() {
        let names = KnownNames::new(
            ["Sarah Lee", "Will Mark"],
            ["Acme Corp", "First National"],
            ["Calvin Reyes", "Dana Fox", "Sarah Kim"],
        );
        for (text, marked) in [
            ("Called Sarah", "Called prospect_"),
            ("called sarah lee's mobile", "called prospect_'s mobile"),
            ("Spoke to Ms. Lee at Acme", "Spoke to prospect_ at prospect_"),
            ("Habe mit Frau Lee gesprochen", "Habe mit prospect_ gesprochen"),
            ("Told Sarah Kim about it", "Told colleague_ about it"),
            ("Thanks Dana, called her", "Thanks colleague_, called her"),
            ("mailed sarah.lee@acme.com", "mailed prospect_@prospect_.com"),
            ("Will call her", "Will call her"),
            ("will do. Called Will", "will do. Called prospect_"),
            ("Mark my words", "Mark my words"),
            ("First things first", "First things first"),
            ("the lee side", "the lee side"),
            ("Sarahs call", "Sarahs call"),
        ] {
            assert_eq!(names.marked(text), marked, "{text}");
        }
        assert_eq!(KnownNames::default().marked("Called Sarah"), "Called Sarah");
    }
}
