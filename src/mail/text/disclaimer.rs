//! Text that nobody wrote for this mail: confidentiality notes, virus scanners, list footers, adverts.
//!
//! Paragraphs are judged from the end upwards, by phrases that such text uses and people do not (`phrases`);
//! a block between two equal rows of signs goes as a whole. Known limits: those of the phrases; boilerplate
//! with the author's words in the same paragraph takes them along, unless they speak to the reader (`addressed`).

use super::addressed::MailPeople;
use super::banner;
use super::header_block::is_rule;
use super::lines::push_words;
use super::phrases::{is_advert, is_footer, is_heading, is_notice, is_suspect};
use super::signature::is_decoration;

/// The paragraph at `place` is nobody's writing; `last`: all below it is none either.
fn is_boilerplate(
    lines: &[&str],
    people: &MailPeople,
    paragraphs: &[Paragraph],
    place: usize,
    text: &str,
    last: bool,
) -> bool {
    let above = place.checked_sub(1).and_then(|above| paragraphs.get(above));
    let ruled = above.and_then(|above| lines.get(above.0)).is_some_and(|line| is_rule(line));
    let label = || {
        let line = paragraphs.get(place).filter(|one| one.0 == one.1).and_then(|one| lines.get(one.0));
        line.is_some_and(|line| banner::is_label(line))
    };
    // As it was written, without short words above it.
    let is_said = || {
        paragraphs.get(place).is_some_and(|one| {
            let own = lines.get(one.0 + words_above(lines, *one)..=one.1).unwrap_or_default();
            people.are_spoken_to(&own.join(" "), is_suspect)
        })
    };
    label()
        || (is_notice(text) || above.is_some() && is_footer(text)) && !is_said()
        || (ruled && last && text.len() <= 400 && is_advert(text))
}

/// Lines `.0..=.1` of a text that is looked at are one paragraph.
type Paragraph = (usize, usize);

fn paragraphs(lines: &[&str]) -> Vec<Paragraph> {
    let mut found: Vec<Paragraph> = Vec::new();
    let mut begun: Option<usize> = None;
    for (at, line) in lines.iter().enumerate() {
        let blank = line.trim().is_empty();
        // a row of signs is a paragraph of its own
        if blank || is_rule(line) {
            found.extend(begun.take().map(|first| (first, at.saturating_sub(1))));
            if !blank {
                found.push((at, at));
            }
        } else if begun.is_none() {
            begun = Some(at);
        }
    }
    found.extend(begun.map(|first| (first, lines.len().saturating_sub(1))));
    found
}

/// In lower case, words apart by one space: so that the patterns need to know one form only.
fn text_of(lines: &[&str], (first, last): Paragraph) -> String {
    let lines = lines.get(first..=last).unwrap_or_default();
    let mut text = String::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        push_words(&mut text, line);
    }
    if text.is_ascii() {
        text.make_ascii_lowercase();
        return text;
    }
    text.to_lowercase()
}

/// Lines that are disclaimers and footers at the end, or fenced ones anywhere: `true` for each of them.
pub(super) fn mark(lines: &[&str], people: &MailPeople) -> Vec<bool> {
    let mut marks = vec![false; lines.len()];
    let paragraphs = paragraphs(lines);
    mark_fenced(lines, people, &paragraphs, &mut marks);
    mark_tail(lines, people, &paragraphs, &mut marks);
    marks
}

fn fill(marks: &mut [bool], (first, last): Paragraph) {
    marks.iter_mut().take(last + 1).skip(first).for_each(|mark| *mark = true);
}

/// How many lines at the beginning of a boilerplate paragraph are none: mail programs put no blank line
/// between `Best, Ann` and the note that the server appends.
fn words_above(lines: &[&str], (first, last): Paragraph) -> usize {
    const SHORT: usize = 50;
    let delimited = lines.get(first).is_some_and(|line| is_decoration(line));
    let own = |at: &usize| {
        lines.get(*at).is_some_and(|line| line.chars().count() <= SHORT)
            && !is_suspect(&text_of(lines, (*at, *at)))
    };
    if delimited { 0 } else { (first..last).take_while(own).count() }
}

/// A fenced block of more paragraphs than this is not looked at.
const MOST_FENCED: usize = 16;
/// Up to this many paragraphs may stand below the last one that is boilerplate, if they are short.
const STRAGGLERS: usize = 4;

/// A block between two equal rows of signs that holds boilerplate.
fn mark_fenced(lines: &[&str], people: &MailPeople, paragraphs: &[Paragraph], marks: &mut [bool]) {
    let fence = |one: &Paragraph| {
        lines.get(one.0).map(|line| line.trim()).filter(|line| one.0 == one.1 && is_rule(line))
    };
    let mut at = 0;
    while let Some(open) = paragraphs.get(at) {
        let close = fence(open).and_then(|sign| {
            paragraphs
                .iter()
                .enumerate()
                .skip(at + 1)
                .take(MOST_FENCED)
                .find(|(_, one)| fence(one) == Some(sign))
        });
        let Some((end, last)) = close else {
            at += 1;
            continue;
        };
        let boilerplate = |(place, one): (usize, &Paragraph)| {
            is_boilerplate(
                lines,
                people,
                paragraphs,
                place,
                &text_of(lines, *one),
                place + 1 == paragraphs.len(),
            )
        };
        if paragraphs.iter().enumerate().take(end).skip(at + 1).any(boilerplate) {
            fill(marks, (open.0, last.1));
            at = end + 1;
        } else {
            at = end;
        }
    }
}

/// The last paragraphs, as long as they are boilerplate, headings of it, or what hangs below it.
fn mark_tail(lines: &[&str], people: &MailPeople, paragraphs: &[Paragraph], marks: &mut [bool]) {
    let mut start = None;
    let mut passed = 0;
    for (place, one) in paragraphs.iter().enumerate().rev() {
        // what stands below a fenced block is the author's, until it is shown not to be
        match marks.get(one.0) {
            Some(true) if passed > 0 => break,
            Some(true) => continue,
            _ => {}
        }
        let text = text_of(lines, *one);
        let heading = start.is_some() && (is_rule(&text) || (text.len() < 80 && is_heading(&text)));
        let last = place + 1 == paragraphs.len() || (start.is_some() && passed == 0);
        if heading || is_boilerplate(lines, people, paragraphs, place, &text, last) {
            let above = if heading { 0 } else { words_above(lines, *one) };
            start = Some(one.0 + above);
            passed = 0;
            if above > 0 {
                break;
            }
        } else if !is_rule(&text) {
            passed += 1;
            let short = text.len() <= 160 && !text.ends_with('?');
            if start.is_some() || passed > STRAGGLERS || !short {
                break;
            }
        }
    }
    if let Some(start) = start {
        fill(marks, (start, lines.len().saturating_sub(1)));
    }
}
