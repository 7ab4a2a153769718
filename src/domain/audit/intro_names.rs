//! Where a text names people, and what it makes of them by their names alone: a subject of two names, `Sarah, Calvin.
//! Calvin, Sarah.`, `Calvin - Sarah heads sales at Acme`. No words of a language are needed for that.

use std::ops::Range;

use super::super::message::Mailbox;
use super::super::people::Person;
use super::super::registered_domain::company_label;
use crate::language::{Matchers, Role, is_word, words};

/// Stands for the AE in the patterns of the language files.
pub(super) const PLAIN_NAME: &str = "Calvin";
/// For whoever is called so and is not the AE, and for `Calvin's` and `Calvin-friendly`.
const SOMEBODY_ELSE: &str = "Somebody";
/// What is put in between behind a name has at most so many words.
const MOST_WORDS_ASIDE: usize = 6;
/// A short form of a name has at least so many letters: `Cal`.
const FEWEST_OF_SHORT_FORM: usize = 3;
/// Names of fewer letters are taken for other words too easily, once endings are taken off.
const FEWEST_BEFORE_ENDING: usize = 5;
/// Words of at most so many letters join two names in a subject: `und`, `et`, `x`.
const LONGEST_JOINER: usize = 3;

/// Where a text names a person, in bytes: first name or last name, spelt as in the configuration, with the ending that some
/// languages put behind. Names are words of the language as well (`Will`, `Mark`): their capitals count.
pub(super) fn names(text: &str, person: &Person) -> Vec<Range<usize>> {
    let parts: Vec<&str> = person.name.split_whitespace().collect();
    let mut wanted: Vec<&str> = parts.first().into_iter().chain(parts.last()).copied().collect();
    wanted.dedup();
    let whole = wanted.iter().flat_map(|name| places_of(name, text));
    whole.chain(short_forms(person.first_name(), text)).collect()
}

/// Where a sentence holds the beginning of a first name as a name (`Cal`, `Chris`): with a capital, and not as its first
/// word, which has one anyway.
fn short_forms(name: &str, text: &str) -> Vec<Range<usize>> {
    let pieces = text.split_inclusive(|c| !is_part(c)).scan(0, |at, piece| {
        let start = *at;
        *at += piece.len();
        Some((start, piece.trim_end_matches(|c| !is_part(c))))
    });
    let words = pieces.filter(|(_, word)| !word.is_empty()).skip(1);
    let short = words.filter(|(_, word)| word.starts_with(char::is_uppercase) && is_short_form(word, name));
    short.map(|(start, word)| start..start + word.len()).collect()
}

/// Whether `word` is the beginning of `name`, case aside.
fn is_short_form(word: &str, name: &str) -> bool {
    let (word, name) = (word.to_lowercase(), name.to_lowercase());
    word.chars().count() >= FEWEST_OF_SHORT_FORM && word.len() < name.len() && name.starts_with(&word)
}

/// Where a text holds `name` as a word.
fn places_of(name: &str, text: &str) -> Vec<Range<usize>> {
    let letters = name.chars().count();
    if letters < 2 {
        return Vec::new();
    }
    let all = text.match_indices(name).filter_map(|(start, _)| {
        let end = start + name.len();
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        if before.is_some_and(is_part) {
            return None;
        }
        let behind = text.get(end..).unwrap_or_default();
        let ending = behind.split(|c| !is_part(c)).next().unwrap_or_default();
        let is_ending = letters >= FEWEST_BEFORE_ENDING && words(Role::IntroNameEnding).contains(&ending);
        if !ending.is_empty() && !is_ending {
            return None;
        }
        // `Calvin-friendly` is not Calvin.
        let mut rest = behind.get(ending.len()..).unwrap_or_default().chars();
        let is_compound = rest.next() == Some('-') && rest.next().is_some_and(char::is_alphabetic);
        (!is_compound).then_some(start..end + ending.len())
    });
    all.collect()
}

/// Whether a character would make one word with a letter of a name beside it. East Asian scripts part no words.
fn is_part(c: char) -> bool {
    let is_east_asian =
        matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    c.is_alphanumeric() && !is_east_asian
}

/// How a sentence is written anew with a plain name.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlainReading {
    /// A sentence before named the AE, so that `he` is the AE.
    pub is_known: bool,
    /// What is put in between behind a name is left out: `Rita Blum (in Cc) is`.
    pub cuts_asides: bool,
}

/// The sentence with `Calvin` for every name of the AE, and for pronouns once the AE is known. `Rita's` is not Rita, unless
/// it is `Rita is`.
pub(super) fn with_plain_name(sentence: &str, ae: &Person, reading: PlainReading) -> String {
    let mut out = String::with_capacity(sentence.len());
    let mut from = 0;
    let mut is_known = reading.is_known;
    let mut spans = names(sentence, ae);
    spans.sort_by_key(|span| span.start);
    for span in spans {
        let behind = sentence.get(span.end..).unwrap_or_default();
        if span.start < from || is_possessive(behind) {
            continue;
        }
        let before = sentence.get(from..span.start).unwrap_or_default();
        push(&mut out, before, is_known);
        is_known = true;
        push_name(&mut out);
        from = span.end + if reading.cuts_asides { aside(behind) } else { 0 };
        from += relative(sentence.get(from..).unwrap_or_default());
    }
    push(&mut out, sentence.get(from..).unwrap_or_default(), is_known);
    out
}

/// `'s`, which is no `is`.
fn is_possessive(behind: &str) -> bool {
    let Some(rest) = behind.strip_prefix("'s").or_else(|| behind.strip_prefix("’s")) else { return false };
    let next =
        rest.split_whitespace().next().unwrap_or_default().trim_matches(|c: char| !c.is_alphanumeric());
    !is_word(Role::IntroAfterIs, next)
}

/// Adds text, with the plain name for pronouns where they stand for the AE. What follows a name is parted from it: `Calvin
/// 'll`, `Calvin 's`.
fn push(out: &mut String, text: &str, is_known: bool) {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = if c.is_alphabetic() {
            rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len())
        } else {
            c.len_utf8()
        };
        let (word, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let stands_for_ae =
            is_known && (is_word(Role::IntroPronoun, word) || is_word(Role::IntroObject, word));
        if stands_for_ae {
            push_name(out);
        } else if word == PLAIN_NAME {
            out.push_str(SOMEBODY_ELSE);
        } else {
            if matches!(c, '\'' | '’') && out.ends_with(PLAIN_NAME) {
                out.push(' ');
            }
            out.push_str(word);
        }
        rest = behind;
    }
}

/// Adds the plain name, once where one follows upon the other: `Calvin Reyes`, `Calvin, he`.
fn push_name(out: &mut String) {
    let before = out.trim_end_matches([' ', ',']);
    if before.ends_with(PLAIN_NAME) {
        out.truncate(before.len());
    } else {
        out.push_str(PLAIN_NAME);
    }
}

/// The bytes of `, who` at the begin of a text.
fn relative(text: &str) -> usize {
    let rest = text.trim_start().trim_start_matches(',').trim_start();
    let length = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let word = rest.get(..length).unwrap_or_default();
    if is_word(Role::IntroRelative, word) { text.len() - rest.len() + length } else { 0 }
}

/// The bytes of what is put in between at the begin of a text, in brackets or between commas.
fn aside(text: &str) -> usize {
    let blank = text.len() - text.trim_start().len();
    let rest = text.trim_start();
    let bracketed = rest.strip_prefix('(').and_then(|inner| Some((inner.find(')')? + 2, inner.find(')')?)));
    let enclosed = || rest.strip_prefix(',').and_then(|inner| Some((inner.find(',')? + 2, inner.find(',')?)));
    let Some((length, inside)) = bracketed.or_else(enclosed) else { return 0 };
    let words = rest.get(1..inside + 1).unwrap_or_default().split_whitespace().count();
    if words <= MOST_WORDS_ASIDE { blank + length } else { 0 }
}

/// The names of both sides, as words in small letters.
#[derive(Debug)]
pub(super) struct BothSides {
    ae: Vec<String>,
    prospects: Vec<String>,
    /// Of their companies, by mail domain.
    companies: Vec<String>,
}

impl BothSides {
    pub(super) fn of(ae: &Person, prospects: &[Mailbox]) -> Self {
        let label = |domain: &str| company_label(domain).to_lowercase();
        let domains = prospects.iter().map(|one| one.address.domain()).chain([ae.address.domain()]);
        Self {
            ae: words_of(&ae.name),
            prospects: prospects.iter().flat_map(names_of).collect(),
            companies: domains.map(label).collect(),
        }
    }

    /// Whether a subject is the names of both and nothing else: `Sarah / Calvin`, `Acme: Sarah and Calvin`.
    pub(super) fn are_all_of(&self, subject: &str) -> bool {
        let all = words_of(subject);
        let is = |list: &[String], word: &String| list.contains(word);
        let joins =
            |word: &String| word.chars().count() <= LONGEST_JOINER && word.chars().all(char::is_alphabetic);
        all.iter().any(|word| is(&self.ae, word))
            && all.iter().any(|word| is(&self.prospects, word))
            && all.iter().all(|word| {
                is(&self.ae, word) || is(&self.prospects, word) || is(&self.companies, word) || joins(word)
            })
    }

    /// How far the AE is spoken to before the prospect, which presents one to the other: 3 for `Calvin - Sarah heads sales`
    /// and `Sarah, Calvin. Calvin, Sarah.`, 2 for `Calvin, Sarah needs an offer` and `Calvin, over to you`.
    pub(super) fn weight_of_address(&self, sentences: &[&str], matchers: &Matchers) -> i32 {
        let mut weight = 0;
        let (mut to_ae, mut to_prospect) = (false, false);
        for sentence in sentences {
            let Some((addressed, mark, rest)) = addressed(sentence) else { continue };
            let (addressed, rest) = (words_of(without_greeting(addressed)), words_of(rest));
            let is_all = |list: &[String], words: &[String]| {
                !words.is_empty() && words.iter().all(|word| list.contains(word))
            };
            if is_all(&self.prospects, &addressed) {
                to_prospect |= is_all(&self.ae, &rest);
            }
            let is_short = matches!(addressed.as_slice(), [word] if self.is_short_form_of_ae(word));
            if !is_short && !is_all(&self.ae, &addressed) {
                continue;
            }
            to_ae |= is_all(&self.prospects, &rest);
            let names_prospect = rest.iter().take(2).any(|word| self.prospects.contains(word));
            weight = weight.max(match mark {
                ',' | ':' if names_prospect => 2,
                ',' if !rest.is_empty() && !is_explained(sentence, &rest, matchers) => 2,
                ',' | ':' => 0,
                _ if names_prospect => 3,
                _ => 0,
            });
        }
        if to_ae && to_prospect { 3 } else { weight }
    }

    fn is_short_form_of_ae(&self, word: &str) -> bool {
        !self.prospects.iter().any(|name| name == word)
            && self.ae.first().is_some_and(|name| is_short_form(word, name))
    }

    /// Whether the prospect is presented to somebody who is neither the AE nor `author`: `meet Joyce. Joyce, Sarah bakes`.
    pub(super) fn presents_another(&self, sentences: &[&str], author: &str) -> bool {
        let known = words_of(author);
        let is_told_of = |name: &str| {
            let behind_a_blank = |sentence: &&str| {
                places_of(name, sentence)
                    .iter()
                    .any(|place| sentence.get(..place.start).is_some_and(|before| before.ends_with(' ')))
            };
            sentences.iter().any(behind_a_blank)
        };
        sentences.iter().any(|sentence| {
            let Some((addressed, _, rest)) = addressed(sentence) else { return false };
            let addressed = without_greeting(addressed).trim();
            let name = addressed.split(' ').next_back().unwrap_or_default();
            let is_known = |word: &String| {
                let is_in = |names: &[String]| names.contains(word);
                is_in(&self.ae) || is_in(&self.prospects) || is_in(&known) || self.is_short_form_of_ae(word)
            };
            name.starts_with(char::is_uppercase)
                && !words_of(addressed).iter().any(is_known)
                && words_of(rest).iter().take(2).any(|word| self.prospects.contains(word))
                && is_told_of(name)
        })
    }
}

/// `Calvin` of `Dear Calvin`.
fn without_greeting(addressed: &str) -> &str {
    let words = addressed.trim_start();
    words.split_once(' ').filter(|(word, _)| is_word(Role::Greeting, word)).map_or(words, |(_, name)| name)
}

/// `Calvin, who runs`, `Calvin, our specialist`, `Calvin, in Cc`: said of him, not to him.
fn is_explained(sentence: &str, rest: &[String], matchers: &Matchers) -> bool {
    rest.first().is_some_and(|word| is_word(Role::IntroRelative, word))
        || matchers.of(Role::IntroColleague).is_in(sentence)
        || matchers.of(Role::IntroCopied).is_in(sentence)
}

/// The name that a sentence begins with, what sets it off, and the rest.
fn addressed(sentence: &str) -> Option<(&str, char, &str)> {
    let (at, mark) =
        sentence.char_indices().find(|(_, c)| matches!(c, ',' | '，' | '、' | ':' | '-' | '–' | '—'))?;
    let before = sentence.get(..at)?;
    let rest = sentence.get(at + mark.len_utf8()..)?;
    let mark = if matches!(mark, '，' | '、') { ',' } else { mark };
    (before.split_whitespace().count() <= 2).then_some((before, mark, rest))
}

/// The words of a prospect's name; of the address, where there is none.
fn names_of(one: &Mailbox) -> Vec<String> {
    let name = words_of(&one.name);
    if name.is_empty() { words_of(one.address.as_str().split('@').next().unwrap_or_default()) } else { name }
}

fn words_of(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’');
    // `Emily's lab` is hers.
    let words = words.map(|word| word.trim_end_matches("'s").trim_end_matches("’s"));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}
