//! The sentences of the warm intro, from the lines that an SDR wrote: `the hours your reps lose` becomes `We talked about
//! the hours your reps lose.`, `he's the best` stays a sentence of its own. docs/behaviour.md section 2.
//!
//! What is warned about and what leaves are made here alike. The words are in `intro_words.txt`. Known limits: English,
//! as the built-in intro is; a line is told by its first words alone.

const WORDS: &str = include_str!("intro_words.txt");

/// Whether `word`, in small letters, is in the list `name`.
fn is_in(name: &str, word: &str) -> bool {
    let lists = WORDS.lines().filter_map(|line| line.split_once(": ")).filter(|(list, _)| *list == name);
    lists.flat_map(|(_, words)| words.split(' ')).any(|known| known == word)
}

/// In one line, without the quotation marks around all of it and without what ends it in a list: `fixed,`, `fixed..`.
fn tidied(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = text.trim_end_matches([',', ';', ' ']);
    let bare = bare.strip_suffix("..").filter(|rest| !rest.ends_with('.')).unwrap_or(bare);
    let inner = bare.strip_prefix(QUOTES).and_then(|rest| rest.trim_end_matches('.').strip_suffix(QUOTES));
    inner.filter(|inner| !inner.contains(QUOTES)).unwrap_or(bare).trim().to_owned()
}

const QUOTES: [char; 6] = ['"', '\u{201c}', '\u{201d}', '\u{201e}', '\u{ab}', '\u{bb}'];

/// `Discussed` as the prospect reads it.
pub(crate) fn discussed(text: &str) -> String {
    let text = tidied(text);
    let words = plain_words(&text);
    let word = |index: usize| words.get(index).map_or("", String::as_str);
    let is_about = is_in("topic", word(0));
    // `the hours your reps lose`, `the two weeks that every forecast takes you`.
    let is_thing = is_in("noun", word(0))
        && (is_in("relative", word(2)) || is_in("relative", word(3)) && word(3) != "your");
    if is_about || is_thing {
        let about = if word(0) == "about" { "" } else { "about " };
        return ended(&format!("We talked {about}{}", with_small_letter(&text)));
    }
    ended(&with_capital(&text))
}

/// `Why this AE` as the prospect reads it, about the AE who is called `ae`.
pub(crate) fn why_this_ae(text: &str, ae: &str) -> String {
    let text = tidied(text);
    let words = plain_words(&text);
    let first = words.first().map_or("", String::as_str);
    let is_named = words.iter().any(|word| *word == ae.to_lowercase());
    let has_subject = !text.starts_with(char::is_lowercase)
        || text.to_lowercase().starts_with(&ae.to_lowercase())
        || is_in("subject", first);
    if text.is_empty() || has_subject {
        return ended(&with_capital(&text));
    }
    if is_in("noun", first) {
        let speaks_of_another = is_named || words.iter().any(|word| is_in("subject", word));
        let sentence = if speaks_of_another { with_capital(&text) } else { format!("{ae} is {text}") };
        return ended(&sentence);
    }
    ended(&format!("{ae} {text}"))
}

/// In small letters, straight apostrophes within.
fn plain_words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase().replace('\u{2019}', "'");
    let words = lower.split(|c: char| !(c.is_alphanumeric() || c == '\''));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn with_capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// `The hours` within a sentence; `CRM upkeep` stays.
fn with_small_letter(text: &str) -> String {
    let mut letters = text.chars();
    let is_acronym = text.chars().nth(1).is_some_and(char::is_uppercase);
    match letters.next() {
        Some(first) if !is_acronym => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

/// With a full stop at its end, where none of its kind stands.
fn ended(text: &str) -> String {
    let end = text.trim_end_matches(['"', '\u{201d}', '\'', '\u{2019}', ')']).chars().last();
    match end {
        None | Some('.' | '!' | '?' | '\u{2026}' | ':') => text.to_owned(),
        Some(_) => format!("{text}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_discussed_reads_as_a_sentence() {
        for (written, read) in [
            ("we talked about the hours", "We talked about the hours."),
            (
                "the hours your reps lose to CRM upkeep",
                "We talked about the hours your reps lose to CRM upkeep.",
            ),
            ("The hours your reps lose", "We talked about the hours your reps lose."),
            (
                "the two weeks that every forecast takes",
                "We talked about the two weeks that every forecast takes.",
            ),
            (
                "how every forecast takes you two weeks",
                "We talked about how every forecast takes you two weeks.",
            ),
            ("About your CRM", "We talked about your CRM."),
            ("the reporting takes your team too long", "The reporting takes your team too long."),
            ("the team told us about it", "The team told us about it."),
            ("your reps lose hours", "Your reps lose hours."),
            ("CRM upkeep eats your reps' time!", "CRM upkeep eats your reps' time!"),
            ("\u{201c}we talked about the hours\u{201d}.", "We talked about the hours."),
            ("we want it fixed..", "We want it fixed."),
            ("we want it fixed,", "We want it fixed."),
            ("we want it fixed...", "We want it fixed..."),
            ("\"CRM\" and \"ERP\" cost you hours", "\"CRM\" and \"ERP\" cost you hours."),
        ] {
            assert_eq!(discussed(written), read);
        }
    }

    #[test]
    fn the_reason_for_the_ae_is_a_sentence_about_the_ae_however_it_was_written() {
        for (written, read) in [
            ("Calvin works with VPs", "Calvin works with VPs."),
            ("works exclusively with VPs.", "Calvin works exclusively with VPs."),
            ("he knows CRMs inside out!", "He knows CRMs inside out!"),
            ("he's the best we have", "He's the best we have."),
            ("she\u{2019}s led ten teams", "She\u{2019}s led ten teams."),
            ("they'll know what to do", "They'll know what to do."),
            ("an expert in CRMs", "Calvin is an expert in CRMs."),
            ("our CRM lead", "Calvin is our CRM lead."),
            ("the team he leads has done this twice", "The team he leads has done this twice."),
            ("our reps love Calvin", "Our reps love Calvin."),
            ("because you asked for him", "Because you asked for him."),
            ("20 years of CRM work", "20 years of CRM work."),
            ("knows the \"old way\"", "Calvin knows the \"old way\"."),
            ("", ""),
        ] {
            assert_eq!(why_this_ae(written, "Calvin"), read);
        }
    }
}
