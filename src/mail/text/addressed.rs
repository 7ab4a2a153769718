//! Whether words that stand where a note, a banner or a signature stands are said to the reader of this mail: by the
//! reader's name, by a day of the week, by a question.
//!
//! `The attached quote is confidential. I'll walk you through it on Thursday.` has a note's words and is none. Known
//! limit: one sentence that names neither reader nor day and asks nothing is taken for a note where it has a note's words.

use std::sync::LazyLock;

use crate::domain::message::Mailbox;
use crate::language::{Role, is_word, matcher};
use crate::pattern::{Pattern, pattern};

/// Whoever writes a mail, and whoever gets it.
#[derive(Clone, Debug, Default)]
pub(crate) struct MailPeople {
    /// The author's name; empty where none is known.
    pub author: String,
    /// Words of the readers' names, as names are written.
    readers: Vec<String>,
}

/// Readers beyond these are not asked for.
const MOST_READERS: usize = 20;
/// Shorter words of names in Latin letters may be others.
const SHORTEST_NAME: usize = 3;
/// Shorter names of days may be part of anything.
const SHORTEST_DAY: usize = 4;
/// Longer paragraphs, in bytes, are nobody's words to a reader.
const LONGEST: usize = 600;

impl MailPeople {
    pub(crate) fn new<'m>(author: Option<&Mailbox>, readers: impl Iterator<Item = &'m Mailbox>) -> Self {
        let author = author.map(shown_name).unwrap_or_default();
        let own: Vec<String> = words(&author).map(str::to_lowercase).collect();
        let names = readers.take(MOST_READERS).map(shown_name);
        let readers = names.flat_map(|name| words(&name).map(capitalised).collect::<Vec<_>>());
        let readers = readers.filter(|word| {
            (word.chars().count() >= SHORTEST_NAME || !word.is_ascii()) && !own.contains(&word.to_lowercase())
        });
        Self { readers: readers.collect(), author }
    }

    /// Somebody's name alone.
    #[cfg(test)]
    pub(super) fn author(name: &str) -> Self {
        Self { author: name.to_owned(), readers: Vec::new() }
    }

    /// Whether a paragraph, as it was written, is said to a reader. `is_known`: a sentence, in lower case, is of a note or
    /// banner.
    pub(super) fn are_spoken_to(&self, paragraph: &str, is_known: impl Fn(&str) -> bool) -> bool {
        self.are_told(paragraph, &is_known)
            || paragraph.len() <= LONGEST
                && sentences(paragraph)
                    .any(|one| one.ends_with(['?', '？', '؟']) && !is_known(&one.to_lowercase()))
    }

    /// The same without questions, which adverts ask as well.
    pub(super) fn are_told(&self, paragraph: &str, is_known: impl Fn(&str) -> bool) -> bool {
        paragraph.len() <= LONGEST && (self.is_any_named(paragraph) || names_one_day(paragraph, is_known))
    }

    /// Whether a text is the author's name, with a closing before it or a card's line, and pictures: nothing was written.
    pub(super) fn is_signature(&self, text: &str) -> bool {
        const MOST_LINES: usize = 8;
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines().count() <= MOST_LINES && lines().all(|line| is_picture(line) || self.is_own_name(line))
            || self.is_own_card(text)
    }

    /// `Regards Calvin Reyes`, `MfG/Calvin`: a closing and the author's name in one line.
    fn closes_with_own_name(&self, line: &str) -> bool {
        let own: Vec<String> = words(&self.author).map(str::to_lowercase).collect();
        let end = line.trim_end_matches(|c: char| !c.is_alphanumeric());
        let parts = end.char_indices().filter(|(_, c)| !c.is_alphanumeric());
        let mut splits = parts.filter_map(|(at, c)| Some((end.get(..at)?, end.get(at + c.len_utf8()..)?)));
        splits.any(|(closing, name)| {
            let mut names = words(name).map(str::to_lowercase).peekable();
            let closing = closing.trim_end_matches([',', '/', ' ']);
            names.peek().is_some()
                && names.all(|name| own.contains(&name))
                && super::closing::is_closing(closing)
        })
    }

    /// The author's full name and what stands below it on a visiting card, with a number or an address: no sentence.
    fn is_own_card(&self, text: &str) -> bool {
        const MOST_LINES: usize = 12;
        const LONGEST_LINE: usize = 90;
        const LONGEST_WITH_LINKS: usize = 300;
        const MOST_BEHIND_NAME: usize = 3;
        let own: Vec<String> = words(&self.author).map(str::to_lowercase).collect();
        let lines = text.lines().map(str::trim).filter(|line| !is_ruled(line) && !is_picture(line));
        let lines: Vec<&str> = lines.collect();
        let Some((first, rest)) = lines.split_first().filter(|_| own.len() > 1 && lines.len() <= MOST_LINES)
        else {
            return false;
        };
        let end = first.find(['(', ',', '|', '/', '–', '—', '•', '·']).or_else(|| first.find(" - "));
        let (head, behind) = first.split_at_checked(end.unwrap_or(first.len())).unwrap_or((first, ""));
        let is_headed =
            words(head).map(str::to_lowercase).eq(own) && words(behind).count() <= MOST_BEHIND_NAME;
        let is_sentence = |line: &&&str| {
            let last = words(line).last().unwrap_or_default().chars().count();
            let is_linked = line.contains("://");
            line.chars().count() > if is_linked { LONGEST_WITH_LINKS } else { LONGEST_LINE }
                || line.ends_with(['!', '?'])
                || line.ends_with('.') && last > 4
                || line.starts_with(char::is_lowercase) && words(line).count() > MOST_BEHIND_NAME
                || words(line).any(|word| {
                    let role = if is_linked { Role::AbsentAuthor } else { Role::FirstPerson };
                    is_word(role, &word.to_lowercase())
                })
                || !(is_linked || line.contains('@')) && small_words(line) > 1
        };
        let is_contact = |line: &&&str| super::closing::is_card(line) || super::closing::holds_contact(line);
        is_headed
            && rest.iter().any(|line| is_contact(&line))
            && !lines.iter().any(|line| is_sentence(&line))
            && !self.are_told(text, |_| false)
    }

    /// Whether a visiting card may be the author's: it names no reader and no day, and has something of their name where that
    /// can be compared.
    pub(super) fn may_own_card(&self, card: &str) -> bool {
        let lower = card.to_lowercase();
        let mut own = words(&self.author).filter(|word| word.chars().count() >= SHORTEST_NAME).peekable();
        let is_latin = |text: &str| text.chars().filter(|c| c.is_alphabetic()).all(|c| c < '\u{250}');
        let is_comparable = own.peek().is_some() && is_latin(card) && is_latin(&self.author);
        !self.are_told(card, |_| false)
            && (!is_comparable || own.any(|word| lower.contains(&word.to_lowercase())))
    }

    /// `Calvin`, `VG Calvin`, `Calvin Reyes | Account Executive | +1 555 0100`.
    fn is_own_name(&self, line: &str) -> bool {
        let own: Vec<String> = words(&self.author).map(str::to_lowercase).collect();
        let is_own = |word: &str| own.contains(&word.to_lowercase());
        let all: Vec<&str> = words(line).collect();
        let first = all.first();
        let is_name = !all.is_empty()
            && (all.iter().all(|word| is_own(word)) || is_shortened(&all, &own) && !is_answer(line));
        let is_card = || {
            line.contains('|')
                && own.len() > 1
                && first.is_some_and(|word| is_own(word))
                && all.iter().take(own.len()).all(|word| is_own(word))
                && super::closing::is_card(line)
        };
        is_name || self.closes_with_own_name(line) || is_card()
    }

    fn is_any_named(&self, text: &str) -> bool {
        words(text).any(|word| self.readers.iter().any(|name| name == word))
    }
}

/// `CR` and `Calvin R` of Calvin Reyes.
fn is_shortened(found: &[&str], own: &[String]) -> bool {
    let initials: Vec<char> = own.iter().filter_map(|word| word.chars().next()).collect();
    let (Some(first), Some(last)) = (own.first(), initials.last()) else { return false };
    let is_letter = |word: &str, letter: char| word.to_lowercase().chars().eq([letter]);
    let is_capital = |word: &&str| word.chars().all(char::is_uppercase);
    match found {
        [word] => {
            own.len() > 1 && is_capital(word) && word.to_lowercase().chars().eq(initials.iter().copied())
        }
        [name, word] => {
            own.len() > 1 && name.to_lowercase() == *first && is_capital(word) && is_letter(word, *last)
        }
        _ => false,
    }
}

fn is_answer(line: &str) -> bool {
    is_word(Role::OneWordAnswer, line.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// Words in small letters, longer than those that join others.
fn small_words(line: &str) -> usize {
    const JOINING: usize = 3;
    words(line).filter(|word| word.starts_with(char::is_lowercase) && word.chars().count() > JOINING).count()
}

/// A blank line, or one of nothing but signs that part.
fn is_ruled(line: &str) -> bool {
    line.chars().all(|c| c.is_ascii_punctuation() || c.is_whitespace() || "—–─═＝＿・•·".contains(c))
}

/// What programs write in place of a picture: `[cid:image001.png@01DA]`, `[image: Vendor]`, `<image001.png>`, `[Logo]`.
pub(super) fn is_picture(line: &str) -> bool {
    static PICTURE: Pattern = LazyLock::new(|| {
        pattern(
            r"(?i)^(?:\[(?:cid:|image:|inline image)[^\]]*\]|<image\d+\.[a-z]+>|\[[^\]]{0,40}\b(?:logo|image)\])$",
        )
    });
    PICTURE.is_match(line)
}

/// A name, or what stands for one in the address.
fn shown_name(one: &Mailbox) -> String {
    match one.name.trim() {
        "" => one.address.local().replace(['.', '_', '-', '+'], " "),
        name => name.to_owned(),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// Sentences and lines.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?', '。', '！', '？', '؟', '\n'])
        .map(str::trim)
        .filter(|one| !one.is_empty())
}

/// One day of the week is named, in a sentence that is of no note. Hours of business name two.
fn names_one_day(text: &str, is_known: impl Fn(&str) -> bool) -> bool {
    let days = |text: &str| {
        let found = matcher(Role::Weekdays).spans(text);
        let is_word = |span: &std::ops::Range<usize>| {
            let before = text.get(..span.start).and_then(|text| text.chars().next_back());
            let behind = text.get(span.end..).and_then(|text| text.chars().next());
            let is_apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() || !c.is_lowercase());
            let day = text.get(span.clone()).unwrap_or_default();
            let is_long = day.chars().count() >= SHORTEST_DAY || !day.is_ascii() && day.chars().count() > 1;
            is_long && is_apart(before) && is_apart(behind)
        };
        found.iter().filter(|span| is_word(span)).count()
    };
    let lower = text.to_lowercase();
    days(&lower) == 1 && sentences(&lower).any(|one| days(one) == 1 && !is_known(one))
}

/// Whether a line names a day of the week.
pub(super) fn names_a_day(line: &str) -> bool {
    names_one_day(line, |_| false)
}

#[cfg(test)]
mod tests {
    use super::super::split_by;
    use super::*;

    fn own(text: &str) -> String {
        let sarah = Mailbox {
            name: "Sarah Lee".to_owned(),
            address: crate::domain::message::Address::new("sarah@acme.example").unwrap(),
        };
        let author = Mailbox { name: "Calvin Reyes".to_owned(), address: sarah.address.clone() };
        split_by(&MailPeople::new(Some(&author), [&sarah].into_iter()), Some(text), None).author_text
    }

    #[test]
    fn what_is_said_to_the_reader_is_no_note_whatever_words_it_has() {
        for text in [
            "Hi Sarah, the attached pricing is confidential and intended solely for you. Let's go through it.",
            "The information in this email is confidential, Sarah, so please don't share the roadmap.",
            "Diese E-Mail ist vertraulich, Sarah: Wir planen 10 % Rabatt.",
            "Ce message est confidentiel, Sarah. Je vous appelle jeudi.",
            "The attached quote is confidential and intended only for Acme. I'll walk you through it on Thursday.",
            "You don't often get email from me, so let me be brief: Thursday at 2 works.",
            "This message came from outside your usual circle, I know. Dana introduced us. Thursday 2pm?",
            "Please consider the environment before printing the contract. Shall I bring a copy?",
            "Sent from the airport. Thursday 2pm works.",
            "Diese Nachricht ist vertraulich. Passt Donnerstag?",
        ] {
            assert_eq!(own(text), text);
        }
        assert_eq!(own("Sent from my new office.\nThursday 2pm?"), "Thursday 2pm?");
    }

    #[test]
    fn notes_and_banners_go_as_before() {
        for note in [
            "This email and any attachments are confidential and intended solely for the addressee. If you are not the \
             intended recipient, please delete it.",
            "Please consider the environment before printing this e-mail.",
            "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, löschen Sie sie.",
            "Our offices are open Monday to Friday. This email is confidential and intended solely for the addressee.",
            "Envoyé de mon iPhone",
        ] {
            assert_eq!(own(&format!("Thursday works, Sarah.\n\n{note}")), "Thursday works, Sarah.", "{note}");
            assert_eq!(own(note), "", "{note}");
        }
        let banner = "CAUTION: This email originated from outside of the organization.";
        assert_eq!(own(&format!("{banner}\n\nSee you Thursday.")), "See you Thursday.");
    }

    #[test]
    fn a_name_and_pictures_say_nothing() {
        for text in [
            "Calvin",
            "VG Calvin",
            "CR",
            "Calvin R.",
            "[cid:image001.png@01DA]",
            "[Vendor Logo]",
            "<image001.png>",
            "Calvin Reyes | Account Executive | Vendor Inc. | +1 555 0100",
            "Calvin Reyes\n[image: Vendor]",
        ] {
            assert_eq!(own(text), "", "{text}");
        }
        for card in [
            "Calvin Reyes (he/him)\nAccount Executive\nVendor Inc.\n555-010-2000",
            "Calvin Reyes\nIngénieur commercial\nVendor SAS\n12 rue de la Paix, 75002 Paris\nTél. : +33 1 55 55 01 00",
            "Calvin Reyes\nVendor GmbH\nBesuchen Sie unser Webinar: https://vendor.example/webinar",
        ] {
            assert_eq!(own(card), "", "{card}");
            assert_eq!(own(&format!("Thursday works.\n\n{card}")).lines().next(), Some("Thursday works."));
        }
        assert_eq!(own("Calvin Reyes\ncan be called at 555-010-2000.").lines().count(), 2);
        assert_eq!(
            own("Calvin Reyes\nI recorded this for you: https://loom.example/share/abc").lines().count(),
            2
        );
        assert_eq!(own("Calvin Reyes\nThe deck is attached\nhttps://vendor.example/deck").lines().count(), 3);
        assert_eq!(own("Cheers!"), "Cheers!");
        for text in
            ["Sarah", "Calvin will call", "[x] done", "VG Sarah", "Yes", "OK", "CC", "Calvin S.", "cr"]
        {
            assert_eq!(own(text), text);
        }
    }
}
