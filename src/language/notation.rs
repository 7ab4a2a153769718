//! The notation of patterns in language files: regular expressions, shorter where language is concerned.
//!
//! | written | means |
//! | --- | --- |
//! | a blank | one or more blanks or line ends |
//! | `{name}` | one of the words that `[classes]` (or the section's own, `[answer.classes]`) lists under `name` |
//! | `{name}? ` | the same, or nothing, the blank behind it included |
//! | `(a\|b)` | a group without capture |
//! | `(a\|b)? ` at the begin of a word | one of these words, or none, the blank behind it included |
//! | `'` | a straight or a curly apostrophe |
//! | a letter, digit or `{name}` at either end | the end of a word there, in languages that part words by blanks |
//!
//! Groups count by their first and last letter, and what is optional at the end counts: `(call|phone) her`,
//! `{i} call(ed)?`. In roles that are read as fragments the ends are open.
//!
//! All else is the syntax of the crate regex; matching ignores case.

use std::collections::HashMap;

/// Word classes by name, each already an alternation.
pub(super) type Classes = HashMap<String, String>;

/// `pattern` as a regular expression. `blanks`: the language parts its words by blanks.
///
/// # Errors
/// Says which class is not there, or which bracket is not closed.
pub(super) fn expression(pattern: &str, classes: &Classes, blanks: bool) -> Result<String, String> {
    let written = written_out(pattern, classes)?;
    if !blanks {
        return Ok(written);
    }
    let edge = |is_word: bool| if is_word { r"\b" } else { "" };
    Ok(format!("{}(?:{written}){}", edge(begins_with_word(pattern)), edge(ends_with_word(pattern))))
}

fn begins_with_word(pattern: &str) -> bool {
    let inside = pattern.trim_start_matches('(');
    let inside = if inside.len() < pattern.len() && inside.starts_with('?') {
        inside.split_once(':').map_or("", |(_, body)| body)
    } else {
        inside
    };
    let class = inside.strip_prefix('{');
    inside.starts_with(char::is_alphanumeric)
        || class.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
}

fn ends_with_word(pattern: &str) -> bool {
    let inside = pattern.trim_end_matches(['?', ')']);
    let (before, last) = match inside.char_indices().next_back() {
        Some((at, last)) => (inside.get(..at).unwrap_or_default(), last),
        None => return false,
    };
    if last == '}' {
        let name = before.rsplit('{').next().unwrap_or_default();
        return name.starts_with(|c: char| c.is_ascii_lowercase());
    }
    // `\d` and `\)` are no letters; `\w+` and `[a-z]` at the end say themselves where they end.
    last.is_alphanumeric() && !before.ends_with('\\')
}

fn written_out(pattern: &str, classes: &Classes) -> Result<String, String> {
    let mut out = String::with_capacity(pattern.len() * 2);
    let mut rest = pattern;
    let mut at_word = true;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        match c {
            '\\' => {
                let escaped = after.chars().next().map_or(0, char::len_utf8);
                out.push_str(rest.get(..1 + escaped).unwrap_or(rest));
                rest = after.get(escaped..).unwrap_or_default();
                at_word = false;
                continue;
            }
            '[' => {
                let end = class_end(rest).ok_or_else(|| format!("`[` is not closed in `{pattern}`"))?;
                out.push_str(rest.get(..end).unwrap_or(rest));
                rest = rest.get(end..).unwrap_or_default();
                at_word = false;
                continue;
            }
            '{' if after.starts_with(|c: char| c.is_ascii_lowercase()) => {
                let end = after.find('}').ok_or_else(|| format!("`{{` is not closed in `{pattern}`"))?;
                let name = after.get(..end).unwrap_or_default();
                let class = classes.get(name).ok_or_else(|| format!("no class `{name}` for `{pattern}`"))?;
                rest = after.get(end + 1..).unwrap_or_default();
                rest = optional(&mut out, class, rest, at_word);
                at_word = false;
                continue;
            }
            '(' => {
                let end = group_end(rest).ok_or_else(|| format!("`(` is not closed in `{pattern}`"))?;
                let inner = rest.get(1..end - 1).unwrap_or_default();
                rest = rest.get(end..).unwrap_or_default();
                if let Some(special) = inner.strip_prefix('?') {
                    let (flags, body) = special.split_once(':').unwrap_or((special, ""));
                    let body = written_out(body, classes)?;
                    rest = optional(&mut out, &format!("(?{flags}:{body})"), rest, at_word);
                } else {
                    let body = written_out(inner, classes)?;
                    rest = optional(&mut out, &format!("(?:{body})"), rest, at_word);
                }
                at_word = false;
                continue;
            }
            ' ' => out.push_str(r"\s+"),
            '\'' | '’' => out.push_str("['’]"),
            other => out.push(other),
        }
        at_word = matches!(c, ' ' | '^' | '|');
        rest = after;
    }
    Ok(out)
}

/// Writes `item`, which takes the blank behind it along where it is an optional word of its own.
fn optional<'a>(out: &mut String, item: &str, rest: &'a str, at_word: bool) -> &'a str {
    if at_word && let Some(after) = rest.strip_prefix("? ") {
        out.push_str(&format!(r"(?:{item}\s+)?"));
        return after;
    }
    out.push_str(item);
    rest
}

/// Behind the bracket that closes the one at the begin of `text`.
fn group_end(text: &str) -> Option<usize> {
    let (mut depth, mut escaped, mut in_class) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' if !in_class => in_class = true,
            ']' if in_class => in_class = false,
            '(' if !in_class => depth += 1,
            ')' if !in_class => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

fn class_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ']' if at > 1 => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Letter for letter, as a regular expression.
pub(super) fn escaped(phrase: &str) -> String {
    let mut out = String::with_capacity(phrase.len() + 8);
    for c in phrase.chars() {
        if matches!(
            c,
            '\\' | '.'
                | '+'
                | '*'
                | '?'
                | '('
                | ')'
                | '|'
                | '['
                | ']'
                | '{'
                | '}'
                | '^'
                | '$'
                | '#'
                | '&'
                | '-'
                | '~'
        ) {
            out.push('\\');
        }
        match c {
            '\'' | '’' => out.push_str("['’]"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes() -> Classes {
        [("i".to_owned(), "(?:i|we)".to_owned()), ("soon".to_owned(), "(?:soon|later)".to_owned())].into()
    }

    #[test]
    fn a_blank_parts_words_and_an_optional_word_takes_its_blank_along() {
        let written = expression("{i} {soon}? call(ed|s)? her", &classes(), true).unwrap();
        assert_eq!(written, r"\b(?:(?:i|we)\s+(?:(?:soon|later)\s+)?call(?:ed|s)?\s+her)\b");
    }

    #[test]
    fn letters_at_the_edges_are_ends_of_words_where_blanks_part_words() {
        assert_eq!(expression("abc", &classes(), true).unwrap(), r"\b(?:abc)\b");
        assert_eq!(expression("abc", &classes(), false).unwrap(), "abc");
        assert_eq!(expression(r"a\d", &classes(), true).unwrap(), r"\b(?:a\d)");
        assert_eq!(expression("(a|b)c(d)?", &classes(), true).unwrap(), r"\b(?:(?:a|b)c(?:d)?)\b");
        assert_eq!(expression("{i} a{1,2}", &classes(), true).unwrap(), r"\b(?:(?:i|we)\s+a{1,2})");
        assert_eq!(expression("(?-i:[A-Z])[a-z]?", &classes(), true).unwrap(), "(?:(?-i:[A-Z])[a-z]?)");
        assert_eq!(expression("^a!?", &classes(), true).unwrap(), "(?:^a!?)");
    }

    #[test]
    fn what_is_not_there_or_not_closed_is_named() {
        assert!(expression("{you} x", &classes(), true).unwrap_err().contains("you"));
        assert!(expression("(a", &classes(), true).is_err());
        assert!(expression("[a", &classes(), true).is_err());
    }

    #[test]
    fn an_apostrophe_is_straight_or_curly() {
        assert_eq!(expression("i'm", &classes(), false).unwrap(), "i['’]m");
        assert_eq!(escaped("d'accord (a)"), r"d['’]accord \(a\)");
    }
}
