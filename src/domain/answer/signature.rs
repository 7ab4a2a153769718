//! The names that people put below and behind what they answer.

use super::correction;
use super::request::{is_name_of, without_name};
use super::rule::{RulePattern, words};
use crate::language::{Role, matcher};

/// `Mit freundlichen Grüßen`, alone in its line.
static CLOSING: RulePattern = RulePattern::new(|| format!(r"^\W*{}\W*$", words(Role::Closing)));

/// Words without their writer's signature: a line below the first that is nothing but a closing or one of the `writers`'
/// names, and what follows it, unless that corrects something, goes on in small letters or is a postscript. A name behind
/// the last sentence goes too.
///
/// Known limit: an answer may go on below its writer's name (`Held. / Calvin / Oh, and 4 out of 5`). Whoever finds too
/// little in what is left looks at the whole text.
pub(crate) fn without_signature<'n>(text: &str, writers: impl Iterator<Item = &'n str>) -> String {
    let writers: Vec<&str> = writers.filter(|name| !name.trim().is_empty()).collect();
    let (mut is_signed, mut is_postscript, mut says_something) = (false, false, false);
    let mut kept: Vec<&str> = Vec::new();
    for line in text.lines() {
        let ends = CLOSING.is_in(line) || writers.iter().any(|writer| is_signed_by(writer, line));
        is_signed |= says_something && ends;
        is_postscript |= is_signed && begins_postscript(line);
        if !is_signed || is_postscript || line.trim().is_empty() || !ends && goes_on(line) {
            kept.push(line);
        }
        says_something |= !line.trim().is_empty();
    }
    if let Some(last) = kept.iter_mut().rfind(|line| !line.trim().is_empty()) {
        *last = unsigned(last, &writers);
    }
    kept.join("\n")
}

/// `Calvin`, `Calvin Reyes`, `Reyes, Calvin`.
fn is_signed_by(writer: &str, line: &str) -> bool {
    let turned = line.split_once(',').map(|(last, first)| format!("{} {}", first.trim(), last.trim()));
    is_name_of(writer, line) || turned.is_some_and(|name| name.contains(' ') && is_name_of(writer, &name))
}

/// No line of a card.
fn goes_on(line: &str) -> bool {
    correction::is_plain(line) || line.trim_start().starts_with(char::is_lowercase) && !line.contains('@')
}

fn begins_postscript(line: &str) -> bool {
    let first = line.split([':', ',', ' ']).find(|word| !word.is_empty()).unwrap_or_default();
    matcher(Role::Postscript).is_all_of(&first.to_lowercase())
}

/// `Held 4. Calvin`: the name stands behind the end of a sentence.
fn unsigned<'l>(line: &'l str, writers: &[&str]) -> &'l str {
    let heads = writers.iter().map(|writer| without_name(line, writer));
    heads
        .filter(|head| head.len() < line.len() && head.ends_with(['.', '!', '-', '\u{2013}', '\u{2014}']))
        .min_by_key(|head| head.len())
        .unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_and_behind_an_answer_go_and_nothing_else() {
        for (words, left) in [
            ("held 4\n\nCalvin\nVendor Inc., 12 Main St, New York", "held 4"),
            ("held 4\n\nReyes, Calvin", "held 4"),
            ("held 4. Calvin", "held 4."),
            ("no-show!\n-- Calvin Reyes\nAccount Executive | Vendor", "no-show!"),
            ("Calvin here.\nheld 4", "Calvin here.\nheld 4"),
            ("held 4\nCalvin\n\nPS: the CFO is Ann", "held 4\n\nPS: the CFO is Ann"),
            ("held 4\nCalvin\nJames has left", "held 4\nJames has left"),
            ("held 4, they asked for Calvin", "held 4, they asked for Calvin"),
            ("Calvin Reyes", "Calvin Reyes"),
            ("held 4\nEric Arms\nVendor", "held 4"),
            ("held 4\n\nMit freundlichen Grüßen\nVendor GmbH\nHRB 4 München", "held 4"),
            ("held 4\n\nBelle journée,\nC.", "held 4"),
            ("held 4\n\nUn saludo,\nCalvin Reyes", "held 4"),
            ("held 4\nA presto\nthe CFO has left", "held 4\nthe CFO has left"),
            ("held 4, the best of all", "held 4, the best of all"),
            ("held 4\nCalvin\nwe talked to the CFO as well", "held 4\nwe talked to the CFO as well"),
        ] {
            let writers = ["Eric Arms", "Calvin Reyes", ""];
            let found = without_signature(words, writers.into_iter());
            assert_eq!(found.trim(), left, "{words}");
        }
    }
}
