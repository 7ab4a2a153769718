//! Where words of return stand in an absence notice, without a regular expression: with ends of words in every script,
//! that would walk a notice in other letters than ASCII state by state.
//!
//! Texts are lower-case (`plain`).

use std::iter;
use std::ops::Range;

use regex_syntax::is_word_character;

use crate::language::{Line, Role, alternation_of, lines, matcher};

/// Lower-case, with ASCII figures, plain blanks and without marks of direction.
pub(super) fn plain(text: &str) -> String {
    let figure = |c: char, zero: char| {
        let value = u32::from(c).checked_sub(u32::from(zero)).filter(|value| *value < 10)?;
        char::from_digit(value, 10)
    };
    let mapped = |c: char| match c {
        '\u{a0}' | '\u{202f}' | '\u{2009}' | '\u{3000}' | '\t' => ' ',
        '\u{ff0e}' => '.',
        '’' => '\'',
        '\u{ff0f}' => '/',
        '\u{ff0d}' | '\u{2010}' | '\u{2011}' => '-',
        other => {
            let zeros = ['\u{ff10}', '\u{660}', '\u{6f0}', '\u{966}'];
            zeros.into_iter().find_map(|zero| figure(other, zero)).unwrap_or(other)
        }
    };
    let is_mark = |c: &char| matches!(c, '\r' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{307}');
    text.chars().map(mapped).flat_map(char::to_lowercase).filter(|c| !is_mark(c)).collect()
}

/// Without one no date has a number.
pub(super) fn has_figures(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

/// Whether `word` is a verb that makes the word of return behind it speak of something else.
pub(super) fn is_other_return(word: &str) -> bool {
    matcher(Role::ReturnVerbs).is_whole(word)
}

/// A line of one of the roles that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FoundWord {
    /// With the blank behind a word that ends in a sign (`t.o.m. 4/12`).
    pub(super) place: Range<usize>,
    pub(super) role: Role,
}

/// The lines of `roles` in `text`, from left to right and without overlap. At one place the role that is named first goes
/// before the others, then the longer line. What [`whole_words`] finds, found faster.
pub(super) fn words_in<'t>(text: &'t str, roles: &'t [Role]) -> impl Iterator<Item = FoundWord> + 't {
    let mut from = 0;
    iter::from_fn(move || {
        let found = next_from(text, from, roles)?;
        from = found.place.end;
        Some(found)
    })
}

/// Whether any is in it.
pub(super) fn has_word(text: &str, roles: &[Role]) -> bool {
    next_from(text, 0, roles).is_some()
}

fn next_from(text: &str, from: usize, roles: &[Role]) -> Option<FoundWord> {
    let mut follows_letter = text.get(..from)?.chars().next_back().is_some_and(is_of_word);
    text.get(from..)?.char_indices().find_map(|(offset, first)| {
        let is_letter = is_of_word(first);
        let at_edge = from + offset == 0 || is_letter != follows_letter;
        follows_letter = is_letter;
        let is_joined = is_joined_script(first);
        if !at_edge && !is_joined {
            return None;
        }
        let rest = text.get(from + offset..)?;
        roles.iter().find_map(|role| {
            let end = matcher(*role)
                .all_at_start(rest)
                .find_map(|end| if is_joined { Some(end) } else { end_of_word(rest, end) })?;
            Some(FoundWord { place: from + offset..from + offset + end, role: *role })
        })
    })
}

/// Where a word ends that takes `text` up to `end`, if it does not go on there.
fn end_of_word(text: &str, end: usize) -> Option<usize> {
    let last = text.get(..end)?.chars().next_back()?;
    let Some(next) = text.get(end..)?.chars().next() else { return Some(end) };
    if is_of_word(last) != is_of_word(next) {
        return Some(end);
    }
    // A sign behind which a blank stands.
    next.is_whitespace().then_some(end + next.len_utf8())
}

fn is_of_word(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric() || character == '_';
    }
    is_word_character(character)
}

/// The lines of `role` as an alternation, with ends of words where they are in a script that parts words by blanks.
pub(super) fn whole_words(role: Role) -> String {
    let is_joined = |line: &&Line| line.text().chars().next().is_some_and(is_joined_script);
    let all = || lines(role).map(|(_, line)| line);
    let parted = alternation_of(all().filter(|line| !is_joined(line)));
    let joined = alternation_of(all().filter(is_joined));
    // An end in a sign (`t.o.m.`, `jusqu'`) is one by itself.
    format!(r"(?:(?:\b|^){parted}(?:\b|$|\s)|{joined})")
}

/// Chinese characters, kana, Hangul and Thai, which are written without blanks or take endings at once.
fn is_joined_script(letter: char) -> bool {
    matches!(letter, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::around_words;

    /// Every role that notices are searched for, by itself.
    const ROLES: [Role; 7] = [
        Role::ReturnWords,
        Role::ReturnBehind,
        Role::UntilWords,
        Role::UntilBehind,
        Role::SpanWords,
        Role::Weekdays,
        Role::Tomorrow,
    ];

    /// Each line of `role` in places where it is a word and where it is none.
    fn texts(role: Role) -> Vec<String> {
        let frames = [
            "{}",
            "x {} 4",
            "x{} 4",
            "x {}4",
            "({})",
            "4{}4 {} ",
            "é{} {}é",
            "と{}と",
            "-{}.",
            "{} {}\u{301}",
        ];
        let words = lines(role).map(|(_, line)| line.text().to_lowercase());
        words.flat_map(|word| frames.map(|frame| frame.replace("{}", &word))).collect()
    }

    #[test]
    fn words_are_found_where_the_regular_expression_finds_them() {
        for role in ROLES {
            let expression = around_words(&whole_words(role));
            for text in texts(role) {
                let right: Vec<Range<usize>> =
                    expression.find_iter(&text).map(|found| found.range()).collect();
                let found: Vec<Range<usize>> = words_in(&text, &[role]).map(|found| found.place).collect();
                assert_eq!(found, right, "{role:?} in `{text}`");
                assert_eq!(has_word(&text, &[role]), !right.is_empty(), "{role:?} in `{text}`");
            }
        }
    }

    #[test]
    fn the_role_named_first_goes_before_a_longer_line_of_another() {
        let found: Vec<Role> = words_in("until 4 december", &[Role::UntilWords, Role::SpanWords])
            .map(|found| found.role)
            .collect();
        assert_eq!(found, [Role::UntilWords]);
    }
}
