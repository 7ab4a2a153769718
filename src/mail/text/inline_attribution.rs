//! Attributions that share a line with what they part: `Thursday works. On Tue, 24 Nov 2026 at 10:05, Ann <ann@..> wrote:`,
//! and what a program that lost its line ends wrote behind the colon.
//!
//! Such a line is cut, so that every other rule finds an attribution where it looks for one. Known limits: the opening is
//! one of the language files', with an address, or with quoted lines below; of a line the first 20 openings are tried.

use memchr::memchr;

use super::attribution::{is_complete, openings};
use super::lines::BodyLine;

/// The lines, those cut that hold an attribution and more.
pub(super) fn parted(lines: Vec<BodyLine<'_>>) -> Vec<BodyLine<'_>> {
    let cuts: Vec<(usize, Cut)> = (0..lines.len()).filter_map(|at| Some((at, cut(&lines, at)?))).collect();
    if cuts.is_empty() {
        return lines;
    }
    let mut cuts = cuts.into_iter().peekable();
    let mut parted = Vec::with_capacity(lines.len() + 4);
    for (at, line) in lines.into_iter().enumerate() {
        let Some((_, cut)) = cuts.next_if(|(place, _)| *place == at) else {
            parted.push(line);
            continue;
        };
        let before = line.text.get(..cut.begin).map(|text| text.trim_end().trim_end_matches('-'));
        let pieces = [before, line.text.get(cut.begin..cut.end), line.text.get(cut.end..)];
        let texts = pieces.into_iter().flatten().map(str::trim).filter(|text| !text.is_empty());
        parted.extend(texts.map(|text| BodyLine { text, ..line }));
    }
    parted
}

/// Where the attribution in a line begins and ends.
struct Cut {
    begin: usize,
    end: usize,
}

fn cut(lines: &[BodyLine<'_>], at: usize) -> Option<Cut> {
    let line = lines.get(at)?;
    let text = line.text;
    let below = lines.get(at + 1);
    let is_wrapped = below.is_some_and(|next| next.depth == line.depth && next.text.ends_with(':'));
    // few lines are looked at any closer
    if !text.contains(|c: char| c.is_ascii_digit())
        || !(memchr(b':', text.as_bytes()).is_some() || is_wrapped)
        || !(memchr(b'@', text.as_bytes()).is_some() || text.ends_with(':') || is_wrapped)
    {
        return None;
    }
    let follows = |at: usize| lines.get(at).is_some_and(|next| next.depth > line.depth);
    std::iter::once(0).chain(openings(text)).find_map(|begin| {
        let tail = text.get(begin..)?;
        let ends = begin > 0 && (text.ends_with(':') && is_complete(tail, follows(at + 1)));
        let goes_on = || {
            let next = below.filter(|_| begin > 0 && is_wrapped)?;
            is_complete(&format!("{tail} {}", next.text), follows(at + 2)).then_some(())
        };
        if ends || goes_on().is_some() {
            return Some(Cut { begin, end: text.len() });
        }
        let colon = tail
            .match_indices(": ")
            .map(|(colon, _)| colon + 1)
            .find(|colon| tail.get(..*colon).is_some_and(|head| is_complete(head, false)))?;
        Some(Cut { begin, end: begin + colon })
    })
}

#[cfg(test)]
mod tests {
    use super::super::split;

    fn own(text: &str) -> (String, bool) {
        let split = split(Some(text), None);
        (split.author_text, split.quoted)
    }

    #[test]
    fn an_attribution_behind_the_authors_words_is_quotation() {
        for attribution in [
            "On Tue, Nov 24, 2026 at 10:05 AM, Sarah Lee <sarah@acme.example> wrote:",
            "On Tue, 24 Nov 2026 at 10:05, sarah@acme.example wrote:",
            "Am Di., 24. Nov. 2026 um 10:05 Uhr schrieb Sarah Lee <sarah@acme.example>:",
            "Le mar. 24 nov. 2026 à 10:05, Sarah Lee <sarah@acme.example> a écrit :",
            "Op di 24 nov 2026 om 10:05 schreef Sarah Lee <sarah@acme.example>:",
            "El mar, 24 nov 2026 a las 10:05, Sarah Lee (<sarah@acme.example>) escribió:",
        ] {
            let wanted = ("Thursday works for us.".to_owned(), true);
            for gap in [" ", "--- ", "  "] {
                let below = format!("Thursday works for us.{gap}{attribution}\n> Could we meet?\n");
                assert_eq!(own(&below), wanted, "{below}");
                let without_marks = format!("Thursday works for us.{gap}{attribution}\nCould we meet?\n");
                assert_eq!(own(&without_marks), wanted, "{without_marks}");
            }
            let flattened = format!("Thursday works for us.\n{attribution} Could we meet?\n");
            assert_eq!(own(&flattened), wanted, "{flattened}");
        }
        let wrapped = "Thursday works. On Tue, Nov 24, 2026 at 10:05 AM, Sarah Lee <sarah@acme.example>\nwrote:\n> Hi\n";
        assert_eq!(own(wrapped), ("Thursday works.".to_owned(), true));
    }

    #[test]
    fn what_people_write_of_a_day_stays_theirs() {
        for text in [
            "On Tuesday at 10:05 we spoke. On Thursday, 26 November 2026 Sarah wrote: the price is fine.",
            "Please note. On 24 November 2026 our office (sales@acme.example) moves: see the map.",
            "Good news: On 24/11/2026 at 10:00 the team at sarah@acme.example agreed.",
        ] {
            assert_eq!(own(text), (text.to_owned(), false));
        }
    }
}
