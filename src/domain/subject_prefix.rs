//! `Re:`, `AW:`, `Fwd:` and their kin before a subject, in the languages of the usual mail programs.
//!
//! Counts (`Re[2]:`, `Re^3:`) and full-width colons are read. Known limits: programs that forward under the bare
//! subject are not known by it; a subject that really begins with `I:` or `R:` is taken for an Italian prefix.

use crate::language::{Role, meanings};

/// What a prefix says of the mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SubjectPrefix {
    Reply,
    Forward,
}

/// Longer words than this, in characters, are no prefix.
const LONGEST: usize = 24;

/// The prefix that `subject` begins with, and what stands behind its colon.
pub(crate) fn read(subject: &str) -> Option<(SubjectPrefix, &str)> {
    let colon = |c: char| matches!(c, ':' | '：' | '︰');
    let (at, _) = subject.char_indices().take(LONGEST).find(|(_, c)| colon(*c))?;
    let (written, rest) = subject.split_at_checked(at)?;
    let word = without_count(written.trim())?;
    let word: String = word.chars().map(narrow).collect();
    let word = word.to_lowercase();
    let prefix = if meanings(Role::ReplyPrefix).contains_key(&word) {
        SubjectPrefix::Reply
    } else if meanings(Role::ForwardPrefix).contains_key(&word) {
        SubjectPrefix::Forward
    } else {
        return None;
    };
    Some((prefix, rest.trim_start_matches([':', '：', '︰', ' '])))
}

/// `ＲＥ`, as East Asian programs write it, in plain letters.
fn narrow(letter: char) -> char {
    const APART: u32 = 0xFEE0;
    match letter {
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(u32::from(letter) - APART).unwrap_or(letter),
        _ => letter,
    }
}

/// `Re` of `Re[2]`, `Re (3)`, `Re^4`, `Re2` and `Odp.`, but nothing of `Ref 12` and `R2`.
fn without_count(written: &str) -> Option<&str> {
    let counts = |c: char| {
        c.is_ascii_digit()
            || c.is_whitespace()
            || matches!(c, '[' | ']' | '(' | ')' | '{' | '}' | '【' | '】' | '^' | '*' | '#' | '-' | '.')
    };
    let word = written.trim_end_matches(counts);
    let count = written.get(word.len()..)?;
    let digits = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let apart = count.starts_with(char::is_whitespace) && digits(count.trim_start());
    let letter = word.chars().nth(1).is_none() && digits(count);
    (!apart && !letter).then_some(word)
}

/// Whether a subject is a forwarded mail's. Tags such as `[External]` before the prefix are passed over.
pub(crate) fn is_forward(subject: &str) -> bool {
    let mut rest = subject.trim_start();
    while let Some((tag, after)) = rest.strip_prefix('[').and_then(|tagged| tagged.split_once(']')) {
        if tag.chars().count() > 40 {
            break;
        }
        rest = after.trim_start();
    }
    read(rest).is_some_and(|(prefix, _)| prefix == SubjectPrefix::Forward)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forward_is_known_by_its_prefix() {
        for subject in ["Fwd: x", "FW: x", "WG: x", "TR : x", "[EXT] Fwd: x", "转发：x"] {
            assert!(is_forward(subject), "{subject}");
        }
        for subject in ["Re: x", "AW: Fwd: x", "[internal] Acme: x", "I think so", "Forward: march", "VS: x"]
        {
            assert!(!is_forward(subject), "{subject}");
        }
    }

    #[test]
    fn what_stands_behind_the_prefix_is_given() {
        for subject in ["Re[2]: x", "Re (3) : x", "RE^4:x", "Re2: x", "Odp.: x", "AW：x"] {
            assert_eq!(read(subject), Some((SubjectPrefix::Reply, "x")), "{subject}");
        }
        for subject in ["Ref 12: x", "R2: x", "Reading: x", "Re x", ": x"] {
            assert_eq!(read(subject), None, "{subject}");
        }
    }
}
