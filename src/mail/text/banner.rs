//! `CAUTION: this email originated from outside`: what a company's mail server writes above a mail.
//!
//! Only at the very top, only in paragraphs that say so. Known limits: a banner that shares its paragraph with the
//! author's first words takes only its own lines with it where it is in lines of its own.

use crate::language::{Role, is_word, matcher};

/// How many of the first lines are banners.
pub(super) fn length(lines: &[&str]) -> usize {
    let mut end = 0;
    let mut at = 0;
    // a banner has a few lines; below that nothing is one
    while at < lines.len().min(8) {
        let Some(line) = lines.get(at) else { break };
        at += 1;
        if is_parting(line) {
            continue;
        }
        let is_banner = line.len() <= 500 && warns(line);
        // the second half of a banner that was wrapped
        let goes_on = end > 0
            && end + 1 == at
            && line.starts_with(char::is_lowercase)
            && lines.get(at).is_none_or(|next| next.trim().is_empty());
        if !(is_banner || goes_on) {
            break;
        }
        end = at;
    }
    // the line that parts the banner off belongs to it
    let parting = lines.iter().skip(end).take_while(|line| is_parting(line)).count();
    if end > 0 { end + parting } else { 0 }
}

fn is_parting(line: &str) -> bool {
    line.trim().chars().all(|c| matches!(c, '-' | '_' | '=' | '*'))
}

/// The line calls the mail one from outside: by a sentence, or by a tag alone such as `[EXTERNAL]`.
fn warns(line: &str) -> bool {
    matcher(Role::OutsideWarning).is_in(line)
        || is_word(Role::OutsideTag, line.trim_matches(|c: char| !c.is_alphanumeric()))
}
