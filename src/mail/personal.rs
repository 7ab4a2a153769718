//! Whether a reply takes up something of the record: the same words, by their stems, common words aside.
//! docs/behaviour.md section 5, last bullet: shown for coaching, never part of the SLA.
//!
//! Known limits: English stems; a paraphrase that shares no word with the record is not seen.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use crate::language::{Role, words};

/// Words that every mail or every first email has: they say nothing about this prospect.
static COMMON: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let everyday = words(Role::EverydayWord).iter().map(|word| (*word).to_owned());
    let english = stop_words::get(stop_words::Language::English);
    english.iter().map(|word| (*word).to_lowercase()).chain(everyday).collect()
});

/// Stems of the words that say something: three letters or more, or digits.
fn stems(text: &str) -> BTreeSet<String> {
    let stemmer = Stemmer::create(Algorithm::English);
    text.split(|character: char| !character.is_alphanumeric() && character != '\'' && character != '’')
        .map(|word| word.replace('’', "'").trim_matches('\'').to_lowercase())
        .filter(|word| word.chars().count() > 2 && !COMMON.contains(word))
        .map(|word| stemmer.stem(&word).into_owned())
        .collect()
}

/// The stems that `reply` has in common with any of `texts`; more than none makes a reply personal.
pub(crate) fn shared_stems(reply: &str, texts: &[&str]) -> BTreeSet<String> {
    let reply_stems = stems(reply);
    texts.iter().flat_map(|text| stems(text)).filter(|stem| reply_stems.contains(stem)).collect()
}

/// Whether `words` take up something of the texts.
pub fn takes_up(words: &str, texts: &[&str]) -> bool {
    !shared_stems(words, texts).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIN: &str = "Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.";

    #[test]
    fn a_reply_that_names_the_pain_is_personal() {
        assert!(takes_up("Updates in Salesforce eating your reps' day is exactly what we fix.", &[PAIN]));
        assert!(takes_up("I'll show how the missing fields fill themselves.", &[PAIN]));
    }

    #[test]
    fn courtesy_and_logistics_are_not() {
        assert!(!takes_up("Hi Sarah, thanks Dana! Looking forward to our meeting on Thursday.", &[PAIN]));
        assert!(!takes_up("", &[PAIN]));
    }
}
