//! The sentences of what may be an intro, each as it is and with a plain name for the AE.

use std::cell::OnceCell;
use std::ops::Range;

use super::super::people::Person;
use super::intro_names::{PLAIN_NAME, PlainReading, names, with_plain_name};
use crate::language::{Matchers, Role, is_word};

/// So many sentences behind the AE's name, `he` is the AE.
const KNOWN_FOR: usize = 2;
/// They end sentences in East Asian scripts, which have no blanks behind them.
const WIDE_ENDS: [char; 3] = ['。', '！', '？'];

/// One sentence.
#[derive(Debug)]
pub(super) struct IntroSentence<'m> {
    pub raw: String,
    pub names_ae: bool,
    /// One of those before names the AE.
    pub is_behind_ae: bool,
    /// With `Calvin` for the AE.
    named: String,
    /// The same without what is put in between behind the name.
    named_without_asides: String,
    matchers: &'m Matchers,
    /// Both without what only looks like an intro, once somebody asks: most sentences need no more than a look for the
    /// name.
    plain: OnceCell<String>,
    without_asides: OnceCell<String>,
    /// Where words for the AE stand in `plain`: `my colleague`.
    colleagues: OnceCell<Vec<Range<usize>>>,
}

impl IntroSentence<'_> {
    /// With `Calvin` for the AE, and without what only looks like an intro.
    pub(super) fn plain(&self) -> &str {
        self.plain.get_or_init(|| self.without_mentions(&self.named))
    }

    /// The same without what is put in between behind the name.
    pub(super) fn without_asides(&self) -> &str {
        if self.named_without_asides == self.named {
            return self.plain();
        }
        self.without_asides.get_or_init(|| self.without_mentions(&self.named_without_asides))
    }

    fn without_mentions(&self, text: &str) -> String {
        self.matchers.of(Role::IntroMention).blotted(text)
    }

    /// Where words for the AE stand in `plain`, in bytes.
    pub(super) fn colleagues(&self) -> &[Range<usize>] {
        self.colleagues.get_or_init(|| self.matchers.of(Role::IntroColleague).spans(self.plain()))
    }

    /// Whether `Calvin` may stand in `plain`: most sentences need not be read for that.
    pub(super) fn may_name_ae(&self) -> bool {
        self.named.contains(PLAIN_NAME)
    }

    /// Whether it may speak of the AE.
    pub(super) fn is_near_ae(&self) -> bool {
        self.names_ae || self.is_behind_ae
    }
}

/// A text as sentences about `ae`.
pub(super) fn read<'m>(text: &str, ae: &Person, matchers: &'m Matchers) -> Vec<IntroSentence<'m>> {
    let text = with_capital_names(text, ae);
    let mut found: Vec<IntroSentence<'m>> = Vec::new();
    for raw in sentences(&text) {
        let before = found.len().saturating_sub(KNOWN_FOR)..found.len();
        let is_behind_ae = found.get(before).is_some_and(|some| some.iter().any(|one| one.names_ae));
        let named =
            |cuts_asides| with_plain_name(&raw, ae, PlainReading { is_known: is_behind_ae, cuts_asides });
        let mut sentence = IntroSentence {
            named: named(false),
            named_without_asides: named(true),
            names_ae: false,
            is_behind_ae,
            matchers,
            plain: OnceCell::new(),
            without_asides: OnceCell::new(),
            colleagues: OnceCell::new(),
            raw,
        };
        sentence.names_ae = names_ae(&sentence, ae);
        found.push(sentence);
    }
    found
}

/// Whether a sentence names the AE. Who is only mentioned (`Calvin and I`) is not spoken of in what follows.
fn names_ae(sentence: &IntroSentence<'_>, ae: &Person) -> bool {
    let raw = &sentence.raw;
    if !sentence.is_behind_ae {
        return if sentence.may_name_ae() {
            sentence.plain().contains(PLAIN_NAME)
        } else {
            !names(raw, ae).is_empty()
        };
    }
    // `he` is the AE in it, and names nobody.
    let named = with_plain_name(raw, ae, PlainReading { is_known: false, cuts_asides: false });
    if named.contains(PLAIN_NAME) {
        sentence.without_mentions(&named).contains(PLAIN_NAME)
    } else {
        !names(raw, ae).is_empty()
    }
}

/// Whoever writes without any capitals writes names so, too.
fn with_capital_names(text: &str, ae: &Person) -> String {
    if text.chars().any(char::is_uppercase) {
        return text.to_owned();
    }
    let first = ae.first_name();
    let small = first.to_lowercase();
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (start, found) in text.match_indices(&small) {
        let end = start + found.len();
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let behind = text.get(end..).and_then(|behind| behind.chars().next());
        if !is_letter(before) && !is_letter(behind) {
            out.push_str(text.get(from..start).unwrap_or_default());
            out.push_str(first);
            from = end;
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Sentences of a text whose lines may be wrapped.
fn sentences(text: &str) -> Vec<String> {
    let wide = |text: String, end: &char| text.replace(*end, &format!("{end} "));
    let text = WIDE_ENDS.iter().fold(text.replace("\r\n", "\n"), wide);
    let mut found = Vec::new();
    for paragraph in text.split("\n\n") {
        let mut sentence = String::new();
        let mut words = paragraph.split_whitespace().peekable();
        while let Some(word) = words.next() {
            if !sentence.is_empty() {
                sentence.push(' ');
            }
            sentence.push_str(word);
            let is_end = word.ends_with(['.', '!', '?', ';']) && word.chars().count() > 2;
            let is_title = words.peek().is_some_and(|next| is_title(word, next));
            if is_end && !is_title || word.ends_with(WIDE_ENDS) {
                found.push(std::mem::take(&mut sentence));
            }
        }
        found.push(sentence);
    }
    found.retain(|sentence| !sentence.trim().is_empty());
    found
}

/// `Lic.` before `Calvin`.
fn is_title(word: &str, next: &str) -> bool {
    let title = word.strip_suffix('.').is_some_and(|letters| is_word(Role::FormOfAddress, letters));
    title && next.starts_with(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_wide_ends() {
        assert_eq!(sentences("copio al Lic. Calvin. Gracias."), ["copio al Lic. Calvin.", "Gracias."]);
        assert_eq!(sentences("今日は。Calvinです。"), ["今日は。", "Calvinです。"]);
        assert_eq!(sentences("one\ntwo\n\nthree"), ["one two", "three"]);
        assert_eq!(sentences("Ok. Fine, a.b."), ["Ok.", "Fine, a.b."]);
    }
}
