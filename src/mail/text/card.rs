//! What the visiting card below a mail says of its author: their title, and how the company writes its name.
//!
//! A title counts where a word of it is known, or by its place: behind the name in its line, or between the name and
//! the company. A company's name counts where it is the one that the mail domain is made of. Known limits: a company
//! whose name has nothing to do with its domain is not recognised; a title in a picture is none.

use std::sync::LazyLock;

use crate::language::{Role, alternation};
use crate::pattern::{Pattern, pattern};

use super::closing;

/// Lines with text that are looked at.
const MOST_LINES: usize = 20;
/// The longest title, in characters and in words.
const LONGEST_TITLE: usize = 60;
const MOST_WORDS: usize = 8;

/// The lines below a mail's words.
#[derive(Clone, Debug)]
pub(crate) struct VisitingCard<'a> {
    lines: Vec<&'a str>,
    /// Letters and digits of the company's part of the mail domain, lower-case: `acme` of `eu.acme.example`.
    company_key: String,
}

static TITLE_WORD: Pattern = LazyLock::new(|| {
    pattern(&format!(r"(?i)(?:^|[^\p{{L}}]){}(?:$|[^\p{{L}}])", alternation(Role::TitleWord)))
});

static TITLE_ENDING: Pattern = LazyLock::new(|| {
    pattern(&format!(r"(?i)\p{{L}}{{3,}}{}(?:$|[^\p{{L}}])", alternation(Role::TitleEnding)))
});

impl<'a> VisitingCard<'a> {
    /// `extras` is what was told apart from the author's words; a card that was not is at the end of `author_text`.
    pub(crate) fn new(author_text: &'a str, extras: &'a str, domain: &str) -> Self {
        let tail = closing_at(author_text).and_then(|at| author_text.get(at..)).unwrap_or_default();
        let lines = extras.lines().chain(tail.lines()).map(|line| line.trim_matches(is_frame));
        let lines = lines.filter(|line| !line.is_empty() && !closing::is_closing(line));
        Self { lines: lines.take(MOST_LINES).collect(), company_key: company_key(domain) }
    }

    /// The title that the card gives to the person of that name.
    pub(crate) fn title(&self, name: &str) -> Option<String> {
        self.lines.iter().enumerate().find_map(|(at, line)| {
            let behind = self.behind_name(line, name)?;
            let below = self.lines.get(at + 1..).unwrap_or_default();
            let parts = pieces(behind);
            for (place, piece) in parts.iter().enumerate() {
                let next = parts.get(place + 1).or_else(|| below.first());
                let is_between = next.is_some_and(|next| self.names_company(next));
                if let Some(title) = self.as_title(piece, is_between) {
                    return Some(title);
                }
            }
            self.title_below(below)
        })
    }

    /// What a line says behind the person's name; `None`: it does not begin with it.
    fn behind_name<'l>(&self, line: &'l str, name: &str) -> Option<&'l str> {
        let parts: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
        let (first, last) = (parts.first()?, parts.last()?);
        let end = line.find([',', '|', '\u{2022}', '\u{b7}', '/', '(', '\u{2013}', '\u{2014}']);
        let end = end.or_else(|| line.find(" - ")).unwrap_or(line.len());
        let (head, behind) = line.split_at(end);
        let found: Vec<String> = head.split_whitespace().map(str::to_lowercase).collect();
        let is_theirs = found.first() == Some(first) && (found.len() == 1 || found.last() == Some(last));
        (is_theirs && found.len() <= parts.len() + 2).then_some(behind)
    }

    /// The name that the card begins with, where the address is made of it: `sarah` of `sarah.lee@acme.example`.
    pub(crate) fn name(&self, local: &str) -> Option<String> {
        let fits = |line: &&&str| {
            let found: Vec<String> = line.split_whitespace().map(key).collect();
            let of_address =
                |word: &String| word.chars().count() > 1 && local.to_lowercase().contains(word.as_str());
            (2..=4).contains(&found.len()) && found.iter().any(of_address)
        };
        let line = self.lines.iter().take(3).find(|line| closing::is_name(line) && fits(line))?;
        Some((*line).to_owned())
    }

    fn title_below(&self, below: &[&str]) -> Option<String> {
        for (at, line) in below.iter().take(3).enumerate() {
            for piece in pieces(line) {
                let is_between = at == 0 && below.get(1).is_some_and(|next| self.names_company(next));
                if let Some(title) = self.as_title(piece, is_between) {
                    return Some(title);
                }
            }
        }
        None
    }

    /// The piece as a title, without the company; where nothing of it is known, only if its place says so.
    fn as_title(&self, piece: &str, by_place: bool) -> Option<String> {
        let title = self.without_company(piece);
        let title = title.trim_matches(is_frame);
        let is_short =
            title.chars().count() <= LONGEST_TITLE && title.split_whitespace().count() <= MOST_WORDS;
        let is_other =
            title.chars().any(|c| c.is_ascii_digit() || matches!(c, '@' | ':' | '?' | '!' | '<' | '>'))
                || title.contains("www.")
                || title.ends_with('.')
                || self.names_company(title);
        if title.is_empty() || !is_short || is_other {
            return None;
        }
        let is_known =
            closing::names_title(title) || TITLE_WORD.is_match(title) || TITLE_ENDING.is_match(title);
        let is_written_so = title.chars().next().is_some_and(char::is_uppercase) && title.chars().count() > 2;
        (is_known || (by_place && is_written_so)).then(|| title.to_owned())
    }

    /// `VP Sales at Acme Corp`, `VP Sales @ Acme`, `VP Sales, Acme`: without what names the company at the end.
    fn without_company<'l>(&self, piece: &'l str) -> &'l str {
        let words: Vec<(usize, &str)> = piece
            .split_whitespace()
            .map(|word| (word.as_ptr() as usize - piece.as_ptr() as usize, word))
            .collect();
        let begins = |(_, word): &&(usize, &str)| self.is_company(word);
        let Some(place) = words.iter().position(|word| begins(&word)).filter(|place| *place > 0) else {
            return piece;
        };
        // The small word or sign that joins them goes along.
        let joiner = place.checked_sub(1).and_then(|before| words.get(before));
        let joined = joiner.filter(|(_, word)| {
            word.chars().count() <= 4 && !word.chars().any(char::is_uppercase) && place > 1
        });
        let end = joined.or_else(|| words.get(place)).map_or(piece.len(), |(at, _)| *at);
        piece.get(..end).unwrap_or(piece)
    }

    fn names_company(&self, line: &str) -> bool {
        self.company_in(line).is_some()
    }

    fn is_company(&self, words: &str) -> bool {
        !self.company_key.is_empty() && key(words) == self.company_key
    }

    /// The piece of a line that is the company's name: it begins with the words that the domain is made of.
    fn company_in(&self, line: &str) -> Option<String> {
        pieces(line).into_iter().find_map(|piece| {
            let piece = piece.trim_matches(is_frame);
            let is_link = piece.contains('@') || piece.contains("://") || piece.starts_with("www.");
            if is_link || piece.split_whitespace().any(|word| word.contains('.') && is_host(word)) {
                return None;
            }
            let mut begun = String::new();
            let found = piece.split_whitespace().any(|word| {
                begun.push_str(word);
                self.is_company(&begun)
            });
            (found && piece.split_whitespace().count() <= 6).then(|| piece.to_owned())
        })
    }

    /// How the company writes its name.
    pub(crate) fn company(&self) -> Option<String> {
        self.lines.iter().find_map(|line| {
            self.company_in(line).or_else(|| {
                // `VP Sales at Acme Corp`
                pieces(line).into_iter().find_map(|piece| {
                    let title = self.without_company(piece);
                    let rest = piece.get(title.len()..).unwrap_or_default();
                    let behind = rest.split_once(' ').map_or(rest, |(_, behind)| behind);
                    [rest, behind].into_iter().find_map(|words| self.company_in(words))
                })
            })
        })
    }
}

/// `acme.example` in a line of words.
fn is_host(word: &str) -> bool {
    let ending = word.trim_end_matches(is_frame).rsplit('.').next().unwrap_or_default();
    ending.len() >= 2 && ending.chars().all(|c| c.is_ascii_lowercase())
}

/// The words of a mail without the card at their end.
pub(crate) fn without_card(author_text: &str) -> &str {
    closing_at(author_text).and_then(|at| author_text.get(..at)).unwrap_or(author_text).trim_end()
}

/// Where the closing begins that few short lines follow.
fn closing_at(text: &str) -> Option<usize> {
    let mut at = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        lines.push((at, line.trim()));
        at += line.len();
    }
    let below = lines.iter().rev().filter(|(_, line)| !line.is_empty()).take(10);
    let mut found = None;
    for (at, line) in below {
        if closing::is_closing(line) {
            found = Some(*at);
            break;
        }
        if line.chars().count() > 90 || line.split_whitespace().count() > 12 {
            break;
        }
    }
    found
}

fn is_frame(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '*' | '_'
                | ','
                | ';'
                | '|'
                | '-'
                | '\u{2013}'
                | '\u{2014}'
                | '\u{2022}'
                | '\u{b7}'
                | '/'
                | '('
                | ')'
                | '~'
        )
}

/// A line at its bars and dots; a comma parts only where nothing else does.
fn pieces(line: &str) -> Vec<&str> {
    let parted: Vec<&str> =
        line.split(['|', '\u{2022}', '\u{b7}', '\t']).flat_map(|part| part.split(" - ")).collect();
    let parted = parted.into_iter().flat_map(|part| part.split(['\u{2013}', '\u{2014}']));
    parted
        .flat_map(at_commas)
        .map(str::trim)
        .filter(|piece| !piece.trim_matches(is_frame).is_empty())
        .collect()
}

/// `VP, Sales` is one title, `VP Sales, Acme Corp` a title and a company: a comma parts what has two words before it.
fn at_commas(piece: &str) -> Vec<&str> {
    match piece.split_once(',') {
        Some((before, behind)) if before.split_whitespace().count() >= 2 && !behind.trim().is_empty() => {
            let mut all = vec![before];
            all.extend(at_commas(behind));
            all
        }
        _ => vec![piece],
    }
}

/// Letters and digits alone, lower-case.
fn key(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Registries sell names below these, as below `co.uk`.
const SECOND_LEVELS: [&str; 6] = ["com", "net", "org", "gov", "edu", "firm"];

/// The label of a domain that a company chose: the one before the ending, `co` and the like left out.
fn company_key(domain: &str) -> String {
    let labels: Vec<&str> = domain.split('.').collect();
    let is_ending = |label: &str| label.len() <= 2 || SECOND_LEVELS.contains(&label);
    let chosen = labels.iter().rev().skip(1).find(|label| !is_ending(label));
    key(chosen.or_else(|| labels.first()).copied().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(card: &str, name: &str) -> (Option<String>, Option<String>) {
        let card = VisitingCard::new("", card, "acme.example");
        (card.title(name), card.company())
    }

    #[test]
    fn titles_and_companies_are_read_in_the_forms_that_people_write() {
        for (card, title, company) in [
            ("Sarah Lee\nVP Sales\nAcme Corp\n+1 212 555 0100", "VP Sales", "Acme Corp"),
            ("Sarah Lee | VP Sales | Acme Corp", "VP Sales", "Acme Corp"),
            ("Sarah Lee, VP Sales, Acme Corp", "VP Sales", "Acme Corp"),
            ("Sarah Lee\nVP Sales at Acme Corp", "VP Sales", "Acme Corp"),
            ("Sarah\nVP, Sales\nwww.acme.example", "VP, Sales", ""),
            ("*Sarah Lee*\n*Director of Operations*\nsarah@acme.example", "Director of Operations", ""),
            ("Sarah Lee\nRevenue Wizard\nACME Inc.", "Revenue Wizard", "ACME Inc."),
            ("Sarah Lee \u{b7} Einkaufsleiterin \u{b7} Acme GmbH", "Einkaufsleiterin", "Acme GmbH"),
            ("Sarah M. Lee (she/her)\nResponsable des achats\nAcme SA", "Responsable des achats", "Acme SA"),
            ("Sarah Lee - Head of RevOps @ Acme", "Head of RevOps", "Acme"),
        ] {
            let found = read(card, "Sarah Lee");
            assert_eq!(found.0.as_deref(), Some(title), "{card}");
            assert_eq!(found.1.as_deref().unwrap_or_default(), company, "{card}");
        }
    }

    #[test]
    fn what_a_card_does_not_say_is_no_title() {
        for card in [
            "Sarah Lee\nAcme Corp\n+1 212 555 0100",
            "Sarah Lee\nGlobal Transport\n5 Main Street",
            "Sarah Lee | Global Transport | Berlin",
            "Sarah Lee\nsarah@acme.example",
            "Sarah Lee\nhttps://acme.example",
            "James Ortiz\nSales Ops\nAcme Corp",
            "Sent from my iPhone",
            "",
        ] {
            assert_eq!(read(card, "Sarah Lee").0, None, "{card}");
        }
    }

    #[test]
    fn a_name_counts_where_the_address_is_made_of_it() {
        let name = |card: &str| VisitingCard::new("", card, "acme.example").name("sarah.lee");
        assert_eq!(name("Sarah Lee\nVP Sales").as_deref(), Some("Sarah Lee"));
        assert_eq!(name("Kind Words\nActs"), None);
        assert_eq!(name("Sarah"), None);
    }

    #[test]
    fn a_card_that_was_taken_for_words_is_found_behind_the_closing() {
        let text = "We lose half the fields.\n\nBest regards,\nSarah Lee\nRevenue Wizard\nAcme Corp";
        let card = VisitingCard::new(text, "", "mail.acme.co.uk");
        assert_eq!(card.title("Sarah Lee").as_deref(), Some("Revenue Wizard"));
        assert_eq!(without_card(text), "We lose half the fields.");
    }
}
