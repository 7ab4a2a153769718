//! Whether a reply takes up something of the record: the same words, by their stems, common words aside.
//! docs/behaviour.md section 5, last bullet: shown for coaching, never part of the SLA.
//!
//! A text is read in the language whose small words it has most of. Scripts that put no blanks between words are compared
//! by pairs of characters. Known limits: a paraphrase that shares no word with the record is not seen; a record in another
//! language than the reply shares names and figures alone.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

use crate::language::{Role, lines};

/// The languages whose words are known by their stems; the first counts where a text tells none.
const LANGUAGES: [(&str, Algorithm); 15] = [
    ("en", Algorithm::English),
    ("de", Algorithm::German),
    ("fr", Algorithm::French),
    ("es", Algorithm::Spanish),
    ("it", Algorithm::Italian),
    ("nl", Algorithm::Dutch),
    ("pt", Algorithm::Portuguese),
    ("sv", Algorithm::Swedish),
    ("da", Algorithm::Danish),
    ("no", Algorithm::Norwegian),
    ("fi", Algorithm::Finnish),
    ("ro", Algorithm::Romanian),
    ("hu", Algorithm::Hungarian),
    ("ru", Algorithm::Russian),
    ("tr", Algorithm::Turkish),
];

/// One of them with its small words.
struct KnownLanguage {
    small_words: BTreeSet<&'static str>,
    algorithm: Algorithm,
}

static KNOWN_LANGUAGES: LazyLock<Vec<KnownLanguage>> = LazyLock::new(|| {
    let known = LANGUAGES.into_iter().filter_map(|(code, algorithm)| {
        let small_words = stop_words::lookup(code)?.iter().copied().collect();
        Some(KnownLanguage { small_words, algorithm })
    });
    known.collect()
});

/// Words that every mail or every first email has: they say nothing about this prospect.
static COMMON: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let english = stop_words::get(stop_words::Language::English).iter().map(|word| word.to_lowercase());
    let named = [Role::EverydayWord, Role::Weekdays, Role::Months].into_iter().flat_map(lines);
    english.chain(named.flat_map(|(_, line)| pieces(&line.text, false))).collect()
});

/// The small words and the stemmer of the language that a text is in.
fn language_of(text: &str) -> Option<&'static KnownLanguage> {
    let words = pieces(text, false);
    let mut best: Option<(&KnownLanguage, usize)> = None;
    for known in KNOWN_LANGUAGES.iter() {
        let count = words.iter().filter(|word| known.small_words.contains(word.as_str())).count();
        if best.is_none_or(|(_, most)| count > most) {
            best = Some((known, count));
        }
    }
    best.map(|(known, _)| known)
}

/// How the characters of a word are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    /// Words stand between blanks.
    Spaced,
    /// Every two characters that follow each other say something.
    Unspaced,
    /// Endings and particles of Japanese.
    Particles,
}

fn script(character: char) -> Script {
    match character {
        '\u{3040}'..='\u{309f}' => Script::Particles,
        '\u{30a0}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' => Script::Unspaced,
        _ => Script::Spaced,
    }
}

/// The words of a text in small letters, of scripts without blanks the pairs of characters. `elides`: what stands before
/// an apostrophe is a word of its own (`l'équipe`).
fn pieces(text: &str, elides: bool) -> Vec<String> {
    let mut found = Vec::new();
    let ends =
        |c: char| !c.is_alphanumeric() && (elides || !matches!(c, '\'' | '’')) && script(c) == Script::Spaced;
    for word in text.split(ends) {
        let word: Vec<char> = word.replace('’', "'").trim_matches('\'').to_lowercase().chars().collect();
        for run in word.chunk_by(|one, next| script(*one) == script(*next)) {
            match run.first().map(|first| script(*first)) {
                Some(Script::Spaced) => found.push(run.iter().collect()),
                Some(Script::Unspaced) => found.extend(run.windows(2).map(|pair| pair.iter().collect())),
                Some(Script::Particles) | None => {}
            }
        }
    }
    found
}

/// Stems of the words that say something: three letters or more, or digits, or a pair of characters.
fn stems(text: &str, language: &KnownLanguage) -> BTreeSet<String> {
    let stemmer = Stemmer::create(language.algorithm);
    let is_english = matches!(language.algorithm, Algorithm::English);
    pieces(text, !is_english)
        .into_iter()
        .filter(|word| word.chars().count() > 2 || word.starts_with(|c| script(c) == Script::Unspaced))
        .filter(|word| !COMMON.contains(word) && !language.small_words.contains(word.as_str()))
        .map(|word| stemmer.stem(&word).into_owned())
        .collect()
}

/// The stems that `reply` has in common with any of `texts`; more than none makes a reply personal.
pub(crate) fn shared_stems(reply: &str, texts: &[&str]) -> BTreeSet<String> {
    let Some(language) = language_of(reply) else { return BTreeSet::new() };
    let reply_stems = stems(reply, language);
    texts.iter().flat_map(|text| stems(text, language)).filter(|stem| reply_stems.contains(stem)).collect()
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

    #[test]
    fn other_languages_have_small_words_and_endings_of_their_own() {
        for (pain, personal, courtesy) in [
            (
                "Die Vertriebler verlieren jeden Tag Zeit, und die Zahlen stimmen nicht.",
                "Hallo Frau Lee, wir kümmern uns um die verlorene Zeit Ihrer Vertriebler.",
                "Hallo Frau Lee, die Einladung ist da, und ich freue mich auf Donnerstag. Wenn etwas nicht passt, sagen Sie es mir.",
            ),
            (
                "Nos commerciaux perdent vingt minutes par jour et l'équipe ne voit rien.",
                "Bonjour Sarah, je vous montre comment une équipe y voit clair.",
                "Bonjour Sarah, je suis ravi de faire votre connaissance et de vous voir jeudi.",
            ),
            (
                "Los vendedores pierden veinte minutos al día con los informes.",
                "Hola Sarah, veamos qué pasa con sus informes.",
                "Hola Sarah, un placer conocerla. Nos vemos el jueves con los compañeros.",
            ),
            (
                "営業担当者は毎日20分をSalesforceの更新に費やしています。",
                "リー様、更新の手間を減らす方法をご紹介します。",
                "リー様、木曜日によろしくお願いいたします。",
            ),
        ] {
            assert!(takes_up(personal, &[pain]), "{personal}");
            assert!(!takes_up(courtesy, &[pain]), "{courtesy}: {:?}", shared_stems(courtesy, &[pain]));
        }
    }
}
