//! Where, in a run of the author's lines, the words end and signature and footers begin.
//!
//! The rules, each its own: the delimiter line of RFC 3676 section 4.3 and its relatives; `Sent from my ..`
//! (`sent_from`); closings with a visiting card (`closing`); cards between rows of signs (`ruler`); `-Ann` alone;
//! disclaimers and list footers (`disclaimer`). Known limits: a delimiter other than `--` counts only where what follows is short and looks like a
//! visiting card or begins with a name; rows of signs between sections count only where a card stands below.

use crate::language::{Role, is_word};

use super::addressed::{MailPeople, is_picture};
use super::closing;
use super::disclaimer;
use super::lines::is_invisible;
use super::phrases::is_suspect;
use super::ruler::{self, bare, is_delimiter, is_ruler};
use super::sent_from::is_sent_from;

/// A line that can end the author's words all by itself.
struct TextEnding {
    at: usize,
    /// `Sent from my ..`, not a delimiter.
    sent_from: bool,
}

/// Marks the lines of `lines` that are not the author's words; `top`: the body begins with them.
pub(super) fn mark(lines: &[&str], top: bool, people: &MailPeople) -> Vec<bool> {
    let mut marks = disclaimer::mark(lines, people);
    let endings: Vec<TextEnding> =
        lines.iter().enumerate().filter_map(|(at, line)| ending(at, line)).collect();
    // signature, device line, delimiter, note: more rounds than this only a hostile body could need
    for _ in 0..8 {
        let end = marks.iter().rposition(|mark| !*mark).map_or(0, |last| last + 1);
        let rest = lines.get(..end).unwrap_or_default();
        let Some(start) = start(rest, &endings, top, people).filter(|start| *start < end) else {
            break;
        };
        // a line at the very top, with text below it, is not the end of anything
        let alone = !has_words(rest.get(..start).unwrap_or_default());
        let sent_from = endings.iter().any(|ending| ending.at == start && ending.sent_from);
        let below = rest.get(start + 1..).unwrap_or_default();
        let goes_on = || people.are_spoken_to(&below.join("\n"), is_suspect);
        let heads = sent_from && has_words(below) && (alone || goes_on());
        let until = if heads { start + 1 } else { end };
        marks.iter_mut().take(until).skip(start).for_each(|mark| *mark = true);
        if heads {
            break;
        }
    }
    marks
}

fn ending(at: usize, line: &str) -> Option<TextEnding> {
    let sent_from = is_sent_from(line);
    (sent_from || is_delimiter(line)).then_some(TextEnding { at, sent_from })
}

fn has_words(lines: &[&str]) -> bool {
    lines.iter().any(|line| !is_decoration(line))
}

/// A line that begins a signature, or stands in none but that.
pub(super) fn may_begin_signature(line: &str) -> bool {
    is_sent_from(line) || is_delimiter(line) || closing::is_closing(line) || closing::is_card(line.trim())
}

/// Where the first thing that ends the author's words stands.
fn start(lines: &[&str], endings: &[TextEnding], top: bool, people: &MailPeople) -> Option<usize> {
    let author = people.author.as_str();
    let ends = |ending: &&TextEnding| {
        let Some((line, below)) = lines.get(ending.at..).and_then(<[&str]>::split_first) else {
            return false;
        };
        // a row of signs at the very top parts a banner off, not a signature
        let parts = || !top || bare(line) == "--" || has_words(lines.get(..ending.at).unwrap_or_default());
        let above = || lines.get(..ending.at).unwrap_or_default();
        ending.sent_from || (ends_here(line, below, above) && parts())
    };
    let found = [
        endings.iter().find(ends).map(|ending| ending.at),
        closing::signature_start(lines, author),
        name_mark(lines),
        glued_mark(lines),
        own_card(lines, author),
        ruler::card_start(lines, people),
        trailing(lines),
    ];
    found.into_iter().flatten().min()
}

/// More lines with text than this are no signature, whatever stands above them.
const MOST_BELOW: usize = 60;

/// What follows the delimiter `line` is a signature.
fn ends_here<'a>(line: &str, below: &[&str], above: impl Fn() -> &'a [&'a str]) -> bool {
    let texts = || below.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    let is_plain = bare(line) == "--";
    let most = if is_plain { MOST_BELOW } else { 10 };
    let count = texts().take(most + 1).count();
    if count > most || (count == 0 && !is_plain) {
        return false;
    }
    // the same delimiter again, with text between: these are sections
    let length = below.iter().take_while(|other| bare(other) != bare(line)).count();
    let section = || below.iter().take(length).map(|line| line.trim()).filter(|line| !line.is_empty());
    let sections = has_words(below.get(length..).unwrap_or_default())
        || above().iter().any(|other| bare(other) == bare(line));
    let card = || section().any(closing::is_card);
    let named = || section().next().is_some_and(closing::leads_with_a_name) || is_short_card(section());
    // a list that goes on below the mark
    if section().next().is_some_and(closing::is_list_item) && !card() {
        return false;
    }
    if is_plain {
        return !sections || card() || (named() && section().count() > 1);
    }
    let sentence = |text: &str| {
        let words = text.split_whitespace().count();
        (words > 7 && text.ends_with(['.', '?', '!', ':', ',']))
            || (words > 2 && text.ends_with(['.', '?', '!', '。', '！', '？']) && !closing::is_card(text))
    };
    (card() || (!sections && named())) && texts().all(|text| text.chars().count() <= 90 && !sentence(text))
}

/// A name and a title in a script without capitals and blanks: up to four short lines, none of which says anything.
fn is_short_card<'a>(mut lines: impl Iterator<Item = &'a str>) -> bool {
    const LONGEST_NAME: usize = 4;
    const LONGEST_TITLE: usize = 16;
    let is_letter =
        |c: char| matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}');
    let name = lines.next().unwrap_or_default();
    let others: Vec<&str> = lines.take(4).collect();
    (2..=LONGEST_NAME).contains(&name.chars().count())
        && name.chars().all(is_letter)
        && (1..4).contains(&others.len())
        && others.iter().all(|line| {
            line.chars().count() <= LONGEST_TITLE
                && line.chars().all(|c| is_letter(c) || c.is_ascii() || c == '　')
        })
}

/// `-Ann` or `~ Ann Lee` as the last line.
fn name_mark(lines: &[&str]) -> Option<usize> {
    let at = lines.iter().rposition(|line| !line.trim().is_empty())?;
    let line = lines.get(at)?.trim();
    let name = line.strip_prefix(['-', '–', '—', '~'])?.trim_start_matches(['-', ' ']);
    let above = lines.get(..at).unwrap_or_default();
    // a list of names is no signature, and an answer of one word is no name
    let in_list =
        above.iter().rev().find(|line| !line.trim().is_empty()).is_some_and(|line| {
            line.trim_start().starts_with(['-', '–', '—']) || line.trim_end().ends_with(':')
        });
    (!in_list
        && !is_word(Role::OneWordAnswer, name)
        && closing::is_name(name)
        && name.starts_with(char::is_uppercase)
        && has_words(above))
    .then_some(at)
}

/// The author's full name, apart from the text above it, with a number, a link or an address below: no closing is needed
/// to know whose card that is. One that is announced (`Call me:`) is said.
fn own_card(lines: &[&str], author: &str) -> Option<usize> {
    const MOST_LINES: usize = 14;
    let names = words_of(author);
    // a first name alone says little; in scripts without blanks the name is one word
    if names.len() < 2 && names.iter().all(|name| name.is_ascii()) {
        return None;
    }
    let names_author = |name: &str| {
        let found = words_of(name);
        found.len() <= names.len() + 2 && names.iter().all(|name| found.contains(name))
    };
    // `Lee, Ann | Acme`, and `Ann Lee, Acme`
    // Nearly all lines are done with by this alone.
    let may_be_own = |line: &str| {
        let line = line.to_lowercase();
        names.iter().all(|name| line.contains(name.as_str()))
    };
    let is_own = |line: &str| {
        if !may_be_own(line) {
            return false;
        }
        let end = line.find(['|', '(', '\u{2013}']).or_else(|| line.find(" - ")).unwrap_or(line.len());
        let name = line.get(..end).unwrap_or_default();
        names_author(name) || name.split_once(',').is_some_and(|(name, _)| names_author(name))
    };
    let first = lines.len().saturating_sub(2 * MOST_LINES);
    let at = first + lines.get(first..)?.iter().rposition(|line| is_own(line))?;
    let name = lines.get(at)?.trim();
    // a picture of the company stands above the name
    let pictures = lines.get(..at)?.iter().rev().take_while(|line| is_picture(line.trim())).count();
    let at = at - pictures;
    let above = lines.get(..at).unwrap_or_default();
    let below = || lines.iter().skip(at + 1).map(|line| line.trim()).filter(|line| !line.is_empty());
    let announced = above.iter().rev().find(|line| !line.trim().is_empty())?.trim_end().ends_with(':');
    let apart = above.last().is_some_and(|line| line.trim().is_empty() || closing::is_closing(line));
    let card = closing::is_card(name) || below().any(closing::is_card);
    (apart && !announced && card && below().count() <= MOST_LINES && below().all(closing::fits)).then_some(at)
}

/// The words of a name, in lower case, without what stands in brackets behind it.
fn words_of(name: &str) -> Vec<String> {
    let name = name.split('(').next().unwrap_or_default();
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 1);
    words.map(str::to_lowercase).collect()
}

/// `--Ann Lee` and up to four short lines below it, as people write who sign by hand.
fn glued_mark(lines: &[&str]) -> Option<usize> {
    const MOST_BELOW_NAME: usize = 4;
    const LONGEST_BELOW_NAME: usize = 60;
    let named = |line: &str| {
        let name = line.trim().strip_prefix("--").map(|name| name.trim_start_matches('-'));
        name.is_some_and(|name| name.contains(' ') && !name.starts_with(' ') && closing::is_name(name))
    };
    let at = lines.iter().rposition(|line| named(line))?;
    let below = || lines.iter().skip(at + 1).map(|line| line.trim()).filter(|line| !line.is_empty());
    let is_short = |line: &str| {
        line.chars().count() <= LONGEST_BELOW_NAME
            && (!line.ends_with(['.', '!', '?', ':', ';']) || closing::is_card(line))
    };
    let others = lines.iter().take(at).any(|line| named(line));
    (!others
        && (1..=MOST_BELOW_NAME).contains(&below().count())
        && below().all(is_short)
        && has_words(lines.get(..at).unwrap_or_default()))
    .then_some(at)
}

/// Rows of signs and empty lines at the end.
fn trailing(lines: &[&str]) -> Option<usize> {
    let end = lines.iter().rposition(|line| !is_decoration(line)).map_or(0, |last| last + 1);
    lines.iter().skip(end).any(|line| !line.trim().is_empty()).then_some(end)
}

/// The line shows nothing that a person would write: white space, a row of signs, a tracker's mark.
pub(super) fn is_decoration(line: &str) -> bool {
    let line = line.trim_matches(|c: char| c.is_whitespace() || is_invisible(c) || c == 'ᐧ');
    let mut chars = line.chars();
    match chars.next() {
        None => true,
        Some(sign) => {
            line.len() > 1
                && matches!(sign, '-' | '_' | '=' | '*' | '#' | '~' | '+' | '—' | '–' | '─')
                && chars.all(|c| c == sign || c == ' ')
                || is_ruler(line)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MailPeople, split_by};

    fn own(author: &str, text: &str) -> String {
        split_by(&MailPeople::author(author), Some(text), None).author_text
    }

    #[test]
    fn the_authors_own_card_needs_no_closing() {
        for card in [
            "Alex Doe\nLeiter Vertrieb\n\nAcme GmbH\nMusterstr. 1\n10115 Berlin\nTel.: +49 30 123456",
            "Alex DOE\nResponsable grands comptes\nPort. 06 12 34 56 78",
            "DOE Dott. Alex\nCommercialista\n\nVia Mazzini, 53\nTel. 0423/972429",
            "Doe, Alex | Acme AB\n070-123 45 67",
            "Alex Doe (she/her)\nSalgschef\nalex@acme.example",
            "[cid:logo.png@01DB]\nAlex Doe\n+49 30 123456",
            "[Acme logo]\nAlex Doe\nalex@acme.example",
        ] {
            let text = format!("Thursday at two works.\n\n{card}\n");
            assert_eq!(own("Alex Doe", &text), "Thursday at two works.", "{card}");
        }
        assert_eq!(own("张伟", "周四两点可以。\n\n张伟\n销售总监\n电话：010-12345678\n"), "周四两点可以。");
    }

    #[test]
    fn somebody_elses_card_and_ones_own_number_are_said() {
        for text in [
            "Please write to her.\n\nSarah Lee\nsarah@acme.example",
            "My card for the guest list:\n\nAlex Doe\n+1 555 0100",
            "These will come.\n\nAlex Doe\nSarah Lee\nJames Ortiz",
            "Two things.\n\nAlex Doe\nalex@acme.example is the login, and the demo must not begin before nine o'clock.",
        ] {
            assert_eq!(own("Alex Doe", text), text);
        }
    }

    #[test]
    fn rows_about_others_are_said() {
        let rows = "Sarah Lee | VP Sales | champion\nJames Ortiz | Sales Ops | end user";
        assert_eq!(own("Dana Fox", rows), rows);
        let greeted = format!("Hi,\n\n{rows}");
        assert_eq!(own("Dana Fox", &greeted), greeted);
        assert_eq!(
            own("Dana Fox", &format!("{rows}\n\nBest,\nDana Fox\nSDR | Vendor\n+1 555 123 4567")),
            rows
        );
        assert_eq!(own("dana", rows), rows);
        assert_eq!(own("slee", &format!("Thursday works.\n\n{rows}")), "Thursday works.");
        assert_eq!(own("Sarah Lee", &format!("Thursday works.\n\n{rows}")), "Thursday works.");
        assert_eq!(
            own("Dana Fox", "Thursday works.\n\nDana Fox | SDR\nVendor Inc | New York"),
            "Thursday works."
        );
    }

    #[test]
    fn signs_on_a_name_are_a_hand_written_mark() {
        assert_eq!(own("", "Thursday works.\n\n--Alex Doe\nAcme Corp\n"), "Thursday works.");
        let sections =
            "Two things.\n--Price List\nWe price by team, not by head.\n--Next Steps\nThursday at two.";
        assert_eq!(own("", sections), sections);
    }
}
