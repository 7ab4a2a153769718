//! Whether a reply takes up something of the record: the same words, by their stems, common words aside.
//! docs/behaviour.md section 5, last bullet: shown for coaching, never part of the SLA.
//!
//! A text is read in the language whose small words it has most of. Scripts that put no blanks between words are compared
//! by pairs of characters. Known limits: a paraphrase that shares no word with the record is not seen; a record in another
//! language than the reply shares names and figures alone.

use std::collections::{BTreeSet, HashMap, HashSet};
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

/// One of them.
struct KnownLanguage {
    /// The bit that stands for it in `SMALL_WORDS`.
    bit: u16,
    algorithm: Algorithm,
}

/// The small words of all of them, and the languages that each is one of.
static SMALL_WORDS: LazyLock<HashMap<&'static str, u16>> = LazyLock::new(|| {
    let mut languages_of = HashMap::new();
    for (number, (code, _)) in LANGUAGES.iter().enumerate() {
        for word in stop_words::lookup(code).unwrap_or_default() {
            *languages_of.entry(*word).or_default() |= 1 << number;
        }
    }
    languages_of
});

/// Words that every mail or every first email has: they say nothing about this prospect.
static COMMON: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let english = stop_words::get(stop_words::Language::English).iter().map(|word| word.to_lowercase());
    let named = [Role::EverydayWord, Role::Weekdays, Role::Months].into_iter().flat_map(lines);
    english.chain(named.flat_map(|(_, line)| pieces(line.text(), false))).collect()
});

/// The language that a text is in.
fn language_of(text: &str) -> KnownLanguage {
    let mut counts = [0; LANGUAGES.len()];
    for word in pieces(text, false) {
        let languages = SMALL_WORDS.get(word.as_str()).copied().unwrap_or_default();
        for (number, count) in counts.iter_mut().enumerate() {
            *count += u32::from(languages >> number & 1);
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    let all = LANGUAGES.into_iter().zip(counts).enumerate();
    let mut those = all.filter(|(_, (_, count))| *count == most);
    let (number, ((_, algorithm), _)) = those.next().unwrap_or((0, (LANGUAGES[0], 0)));
    KnownLanguage { bit: 1 << number, algorithm }
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
        if word.is_ascii() {
            // Most are, and all of one is one run.
            let word = word.trim_matches('\'');
            if !word.is_empty() {
                found.push(word.to_ascii_lowercase());
            }
            continue;
        }
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
    let is_small = |word: &str| SMALL_WORDS.get(word).is_some_and(|languages| languages & language.bit != 0);
    let stemmer = Stemmer::create(language.algorithm);
    let is_english = matches!(language.algorithm, Algorithm::English);
    pieces(text, !is_english)
        .into_iter()
        .filter(|word| word.chars().count() > 2 || word.starts_with(|c| script(c) == Script::Unspaced))
        .filter(|word| !COMMON.contains(word) && !is_small(word))
        .map(|word| stemmer.stem(&word).into_owned())
        .collect()
}

/// The stems that `reply` has in common with any of `texts`; more than none makes a reply personal.
pub(crate) fn shared_stems(reply: &str, texts: &[&str]) -> BTreeSet<String> {
    let language = language_of(reply);
    let reply_stems = stems(reply, &language);
    texts.iter().flat_map(|text| stems(text, &language)).filter(|stem| reply_stems.contains(stem)).collect()
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

    /// Counted language by language, with no table of all of them.
    #[test]
    fn a_text_is_in_the_language_that_has_most_of_its_small_words() {
        for text in [
            PAIN,
            "",
            "Salesforce 20",
            "Die Vertriebler verlieren jeden Tag Zeit, und die Zahlen stimmen nicht.",
            "Nos commerciaux perdent vingt minutes par jour et l’équipe ne voit rien.",
            "Los vendedores pierden veinte minutos al día con los informes.",
            "I venditori perdono venti minuti al giorno con i rapporti.",
            "De verkopers verliezen elke dag tijd en de cijfers kloppen niet.",
            "Os vendedores perdem vinte minutos por dia com os relatórios.",
            "Säljarna förlorar tid varje dag och siffrorna stämmer inte.",
            "Myyjät menettävät joka päivä aikaa, ja luvut eivät pidä paikkaansa.",
            "Продавцы каждый день теряют время, и цифры не сходятся.",
            "de la con me a in die",
        ] {
            let words = pieces(text, false);
            let count = |code: &str| {
                let small = stop_words::lookup(code).unwrap();
                words.iter().filter(|word| small.contains(&word.as_str())).count()
            };
            let most = LANGUAGES.iter().map(|(code, _)| count(code)).max().unwrap();
            let first = LANGUAGES.iter().position(|(code, _)| count(code) == most).unwrap();
            assert_eq!(language_of(text).bit, 1 << first, "{text}");
        }
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
