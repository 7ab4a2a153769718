//! Which lines are quotation: marked ones, attributions, header blocks, and all that hangs on them.
//!
//! Below an attribution with marked lines only those are quotation, so that answers under and between
//! them stay the author's. Below one without marks, and below a header block or `Original Message`, all
//! the rest is quotation; but plain text that begins with an attribution and has no marks at all was
//! written below it. Known limits: answers inside an unmarked quotation cannot be told from it.

use crate::domain::message::Address;
use crate::language::{Role, is_word};

use super::attribution::{self, Attribution};
use super::header_block::{self, BodyHeaderBlock};
use super::lines::{self, BodyLine, BodySource, LineLabel, next_text};
use super::notes;

/// Where a body is quotation, and what introduces it there.
#[derive(Debug, Default)]
pub(super) struct Quotation {
    /// One for each line.
    pub labels: Vec<LineLabel>,
    pub attributions: Vec<Attribution>,
    pub blocks: Vec<BodyHeaderBlock>,
}

/// Labels every line as the author's or quoted.
pub(super) fn find(lines: &[BodyLine<'_>], source: BodySource) -> Quotation {
    let labels = lines.iter().map(first_label).collect();
    let blocks = blocks(lines, source);
    let mut quotation = Quotation { labels, attributions: attribution::find(lines), blocks };
    mark_bars(lines, &mut quotation.labels);
    mark_introduced(lines, &mut quotation, bare_top(lines, source));
    mark_addresses(lines, &mut quotation);
    mark_notes(lines, &mut quotation.labels);
    mark_gaps(lines, &mut quotation.labels);
    quotation
}

fn first_label(line: &BodyLine<'_>) -> LineLabel {
    if line.depth > 0 {
        LineLabel::Quoted
    } else if line.signature {
        LineLabel::Extra
    } else {
        LineLabel::Own
    }
}

/// Where nothing else was written, words in an element that programs keep for quotations are the author's as far as
/// nothing in it shows a quotation: an introduction, a block quotation, marks. Programs leave the cursor in there.
/// Returns whether there are such.
pub(super) fn release(lines: &[BodyLine<'_>], quotation: &mut Quotation) -> bool {
    let mut introduced = vec![false; lines.len()];
    let attributed = quotation.attributions.iter().map(|one| one.first..=one.last);
    for part in attributed.chain(quotation.blocks.iter().map(|one| one.first..=one.last)) {
        introduced.iter_mut().take(part.end() + 1).skip(*part.start()).for_each(|mark| *mark = true);
    }
    let introduces = |at: usize| introduced.get(at) == Some(&true) || is_marker(lines, at);
    let is_marked = |line: &BodyLine<'_>| !line.loose || line.indented || line.text.starts_with('>');
    let mut released = Vec::new();
    let (mut at, mut before) = (0, None);
    while let Some(line) = lines.get(at) {
        if line.is_blank() || line.depth == 0 {
            before = if line.is_blank() { before } else { Some(at) };
            at += 1;
            continue;
        }
        let length = lines.iter().skip(at).take_while(|line| line.depth > 0 || line.is_blank()).count();
        let region = || lines.iter().enumerate().skip(at).take(length).filter(|(_, line)| !line.is_blank());
        let shows = |(at, line): &(usize, &BodyLine<'_>)| {
            is_marked(line) || introduces(*at) || may_introduce(line.text)
        };
        let is_introduced = before.is_some_and(introduces);
        let head = region().take_while(|one| !shows(one)).count();
        if !is_introduced {
            released.extend(region().take(head).map(|(at, _)| at));
        }
        // Answers between and below what is marked right behind its introduction; below a header block, and where the
        // original is not marked, all is quotation.
        let has_block = quotation.blocks.iter().any(|one| (at..at + length).contains(&one.first));
        let unmarked = region().skip(head).take_while(|(_, line)| !is_marked(line)).filter(|one| !shows(one));
        let has_unmarked_original = has_block || is_introduced && head > 0 || unmarked.count() > 0;
        if !has_unmarked_original {
            let below = region().skip_while(|(_, line)| !is_marked(line));
            released.extend(below.filter(|one| !shows(one)).map(|(at, _)| at));
        }
        before = Some(at + length - 1);
        at += length;
    }
    released.retain(|at| lines.get(*at).is_some_and(|line| !line.signature));
    for at in &released {
        if let Some(label) = quotation.labels.get_mut(*at) {
            *label = LineLabel::Own;
        }
    }
    !released.is_empty()
}

/// A line that is no words to anybody and may introduce a quotation in a form that is not known.
fn may_introduce(text: &str) -> bool {
    let figures = text.chars().filter(char::is_ascii_digit).count();
    text.ends_with([':', '：'])
        || text.contains('@')
        || figures > 5
        || !text.chars().any(char::is_alphanumeric)
}

pub(super) fn blocks(lines: &[BodyLine<'_>], source: BodySource) -> Vec<BodyHeaderBlock> {
    let mut found: Vec<BodyHeaderBlock> = Vec::new();
    for first in 0..lines.len() {
        if found.last().is_some_and(|block| first <= block.last) {
            continue;
        }
        let in_table =
            || (source == BodySource::Html).then(|| header_block::in_table(lines, first)).flatten();
        let block = header_block::at(lines, first).or_else(in_table);
        found.extend(block.or_else(|| header_block::in_unknown_language(lines, first)));
    }
    found
}

/// Three or more lines that begin with `| ` are an old way to mark a quotation, unless they are a table.
fn mark_bars(lines: &[BodyLine<'_>], labels: &mut [LineLabel]) {
    let barred =
        |line: &BodyLine<'_>| line.depth == 0 && line.text.starts_with('|') && !line.text.ends_with('|');
    let mut at = 0;
    while at < lines.len() {
        let length = lines.iter().skip(at).take_while(|line| barred(line) || line.text == "|").count();
        if length >= 3 && lines.get(at).is_some_and(barred) {
            labels.iter_mut().skip(at).take(length).for_each(|label| *label = LineLabel::Quoted);
        }
        at += length.max(1);
    }
}

/// Foxmail puts the address of whom it quotes alone above its header block.
fn mark_addresses(lines: &[BodyLine<'_>], quotation: &mut Quotation) {
    for block in &quotation.blocks {
        let before = (0..block.first).rev().find(|at| lines.get(*at).is_some_and(|line| !line.is_blank()));
        let text = |at: usize| lines.get(at).map_or("", |line| line.text.trim());
        let is_address = |at: &usize| {
            let text = text(*at).trim_matches(['<', '>']);
            let is_alone = !text.contains(char::is_whitespace) && Address::new(text).is_some();
            let (from, text) = (block.from.to_lowercase(), text.to_lowercase());
            let local = text.split('@').next().unwrap_or_default();
            let name = from.split(['<', '@']).next().unwrap_or_default();
            let names_local = words_of(name).any(|word| word.chars().count() > 2 && local.contains(word));
            is_alone && (from.contains(&text) || names_local)
        };
        if let Some(label) = before.filter(is_address).and_then(|at| quotation.labels.get_mut(at)) {
            *label = LineLabel::Quoted;
        }
    }
}

/// Below a heading of Lotus Notes all the rest is quotation.
fn mark_notes(lines: &[BodyLine<'_>], labels: &mut [LineLabel]) {
    let own = |at: usize| labels.get(at) == Some(&LineLabel::Own);
    let first = (0..lines.len()).filter(|at| own(*at)).find_map(|at| notes::heading(lines, at));
    if let Some(first) = first {
        labels.iter_mut().skip(first).for_each(|label| *label = LineLabel::Quoted);
    }
}

/// Below `-----Original Message-----` at `marker`: the last of the header lines that stand there.
fn last_header(lines: &[BodyLine<'_>], marker: usize) -> usize {
    let headers =
        |(_, line): &(usize, &BodyLine<'_>)| line.is_blank() || header_block::field(line.text).is_some();
    let below = lines.iter().enumerate().skip(marker + 1).take(12).take_while(headers);
    below.filter(|(_, line)| !line.is_blank()).last().map_or(marker, |(at, _)| at)
}

/// What quotation an introduction brings.
enum QuotationReach<'a> {
    /// The lines of the introduction alone: what follows is marked by itself.
    Until(usize),
    /// All lines from there on that bear this mark.
    Signed(usize, &'a str),
    /// Everything to the end.
    End,
}

fn mark_introduced(lines: &[BodyLine<'_>], quotation: &mut Quotation, bare_top: Option<usize>) {
    let mut attributions = quotation.attributions.iter().filter(|one| outside(lines, one.first)).peekable();
    let mut blocks = quotation.blocks.iter().filter(|one| outside(lines, one.first)).peekable();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        while attributions.next_if(|one| one.first < at).is_some() {}
        while blocks.next_if(|one| one.first < at).is_some() {}
        let reach = if let Some(one) = attributions.next_if(|one| one.first == at) {
            match below(lines, &quotation.labels, one.last) {
                QuotationReach::End if bare_top == Some(one.first) && !is_signed_by(lines, one) => {
                    Some(QuotationReach::Until(one.last + 1))
                }
                reach => Some(reach),
            }
        } else if let Some(one) = blocks.next_if(|one| one.first == at) {
            Some(below(lines, &quotation.labels, one.last))
        } else if line.depth == 0 && is_marker(lines, at) {
            // A help desk's own mail begins with it.
            let is_head = header_block::is_reply_above(line.text) && next_text(lines, 0) == Some(at);
            Some(if is_head {
                QuotationReach::Until(at + 1)
            } else {
                below(lines, &quotation.labels, last_header(lines, at))
            })
        } else {
            None
        };
        let end = match reach {
            Some(QuotationReach::End) => lines.len(),
            Some(QuotationReach::Until(end)) => end,
            Some(QuotationReach::Signed(next, mark)) => {
                let marked =
                    lines.iter().zip(&mut quotation.labels).skip(next).filter(|(line, _)| bears(line, mark));
                marked.for_each(|(_, label)| *label = LineLabel::Quoted);
                next
            }
            None => at,
        };
        quotation.labels.iter_mut().take(end).skip(at).for_each(|label| *label = LineLabel::Quoted);
        at = end.max(at + 1);
    }
}

/// The first line with text, where an attribution there leads to no quotation: plain text without a single
/// mark was written by somebody who answered below and took the quoted words out.
fn bare_top(lines: &[BodyLine<'_>], source: BodySource) -> Option<usize> {
    let marked = lines.iter().any(|line| line.depth > 0);
    if source == BodySource::Html || marked { None } else { next_text(lines, 0) }
}

/// Whether what stands below an attribution ends with the name of whom it names, alone in the last line.
fn is_signed_by(lines: &[BodyLine<'_>], attribution: &Attribution) -> bool {
    const MOST_WORDS: usize = 3;
    let is_date = |word: &str| {
        let word = word.to_lowercase();
        [Role::Months, Role::Weekdays, Role::WeekdaysShort].into_iter().any(|role| is_word(role, &word))
    };
    let names: Vec<&str> = words_of(&attribution.text)
        .filter(|word| word.starts_with(char::is_uppercase) && !is_date(word))
        .collect();
    let below = || lines.iter().skip(attribution.last + 1).filter(|line| !line.is_blank());
    below().count() > 1
        && below().next_back().is_some_and(|line| {
            let words: Vec<&str> = words_of(line.text).collect();
            (1..=MOST_WORDS).contains(&words.len())
                && words.iter().all(|word| names.contains(word))
                && !line.text.ends_with([',', '!', '?'])
        })
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn outside(lines: &[BodyLine<'_>], at: usize) -> bool {
    lines.get(at).is_some_and(|line| line.depth == 0)
}

fn is_marker(lines: &[BodyLine<'_>], at: usize) -> bool {
    let Some(line) = lines.get(at) else {
        return false;
    };
    header_block::is_marker(line.text)
        || lines::is_groupwise(line.text)
        || (attribution::is_dashed(line.text)
            && lines.get(at + 1).is_some_and(|next| header_block::field(next.text).is_some()))
        || (header_block::is_rule(line.text)
            && next_text(lines, at + 1).is_some_and(|next| header_block::is_foreign_block(lines, next)))
}

/// What the introduction that ends at `last` brings.
fn below<'a>(lines: &[BodyLine<'a>], labels: &[LineLabel], last: usize) -> QuotationReach<'a> {
    let Some(next) = next_text(lines, last + 1) else {
        return QuotationReach::End;
    };
    match lines.get(next) {
        Some(line) if line.depth > 0 || labels.get(next) == Some(&LineLabel::Quoted) => {
            QuotationReach::Until(next)
        }
        Some(line) if line.indented => {
            let length = lines.iter().skip(next).take_while(|line| line.indented || line.is_blank()).count();
            QuotationReach::Until(next + length)
        }
        _ => match signed(lines, next) {
            None => QuotationReach::End,
            Some(mark) => QuotationReach::Signed(next, mark),
        },
    }
}

/// The mark with which the line at `first` begins, where it is no list's, such as `=>` or
/// `--]`; a mark of one sign needs two lines with it.
fn signed<'a>(lines: &[BodyLine<'a>], first: usize) -> Option<&'a str> {
    let text = lines.get(first)?.text;
    let length = text.bytes().take(3).take_while(|byte| b"|=>:}%#~+]-".contains(byte)).count();
    let mark = text.get(..length).unwrap_or_default().trim_end_matches(['=', '+', '-']);
    let bearing = || lines.iter().skip(first).filter(|line| bears(line, mark)).take(2).count();
    (!mark.is_empty() && (mark.len() > 1 || bearing() > 1)).then_some(mark)
}

fn bears(line: &BodyLine<'_>, mark: &str) -> bool {
    line.depth == 0
        && line
            .text
            .strip_prefix(mark)
            .is_some_and(|rest| rest.is_empty() || mark.len() > 1 || rest.starts_with([' ', '\t']))
}

/// Blank lines between two quoted ones are quoted too.
fn mark_gaps(lines: &[BodyLine<'_>], labels: &mut [LineLabel]) {
    let mut last_text: Option<usize> = None;
    for at in 0..lines.len() {
        if lines.get(at).is_none_or(BodyLine::is_blank) {
            continue;
        }
        let here = labels.get(at).copied().unwrap_or(LineLabel::Own);
        if let Some(before) = last_text
            && here != LineLabel::Own
            && labels.get(before) == Some(&here)
        {
            labels.iter_mut().take(at).skip(before + 1).for_each(|label| *label = here);
        }
        last_text = Some(at);
    }
}
