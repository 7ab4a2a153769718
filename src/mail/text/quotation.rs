//! Which lines are quotation: marked ones, attributions, header blocks, and all that hangs on them.
//!
//! Below an attribution with marked lines only those are quotation, so that answers under and between
//! them stay the author's. Below one without marks, and below a header block or `Original Message`, all
//! the rest is quotation. Known limits: answers inside an unmarked quotation cannot be told from it.

use super::attribution::{self, Attribution};
use super::header_block::{self, Block};
use super::lines::{Label, Line, next_text};

/// Where a body is quotation, and what introduces it there.
#[derive(Debug, Default)]
pub(super) struct Quotation {
    /// One for each line.
    pub labels: Vec<Label>,
    pub attributions: Vec<Attribution>,
    pub blocks: Vec<Block>,
}

/// Labels every line as the author's or quoted.
pub(super) fn find(lines: &[Line<'_>]) -> Quotation {
    let labels = lines.iter().map(first_label).collect();
    let mut quotation = Quotation { labels, attributions: attribution::find(lines), blocks: blocks(lines) };
    mark_bars(lines, &mut quotation.labels);
    mark_introduced(lines, &mut quotation);
    mark_gaps(lines, &mut quotation.labels);
    quotation
}

fn first_label(line: &Line<'_>) -> Label {
    if line.depth > 0 {
        Label::Quoted
    } else if line.signature {
        Label::Extra
    } else {
        Label::Own
    }
}

fn blocks(lines: &[Line<'_>]) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    for first in 0..lines.len() {
        if found.last().is_some_and(|block| first <= block.last) {
            continue;
        }
        found.extend(header_block::at(lines, first));
    }
    found
}

/// Three or more lines that begin with `| ` are an old way to mark a quotation, unless they are a table.
fn mark_bars(lines: &[Line<'_>], labels: &mut [Label]) {
    let barred = |line: &Line<'_>| line.depth == 0 && line.text.starts_with('|') && !line.text.ends_with('|');
    let mut at = 0;
    while at < lines.len() {
        let length = lines.iter().skip(at).take_while(|line| barred(line) || line.text == "|").count();
        if length >= 3 && lines.get(at).is_some_and(barred) {
            labels.iter_mut().skip(at).take(length).for_each(|label| *label = Label::Quoted);
        }
        at += length.max(1);
    }
}

/// What quotation an introduction brings.
enum Reach {
    /// The lines of the introduction alone: what follows is marked by itself.
    Until(usize),
    /// Everything to the end.
    End,
}

fn mark_introduced(lines: &[Line<'_>], quotation: &mut Quotation) {
    let mut attributions = quotation.attributions.iter().filter(|one| outside(lines, one.first)).peekable();
    let mut blocks = quotation.blocks.iter().filter(|one| outside(lines, one.first)).peekable();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        while attributions.next_if(|one| one.first < at).is_some() {}
        while blocks.next_if(|one| one.first < at).is_some() {}
        let reach = if let Some(one) = attributions.next_if(|one| one.first == at) {
            Some(below(lines, &quotation.labels, one.last))
        } else if let Some(one) = blocks.next_if(|one| one.first == at) {
            Some(below(lines, &quotation.labels, one.last))
        } else if line.depth == 0 && is_marker(lines, at) {
            Some(below(lines, &quotation.labels, at))
        } else {
            None
        };
        let end = match reach {
            Some(Reach::End) => lines.len(),
            Some(Reach::Until(end)) => end,
            None => at,
        };
        quotation.labels.iter_mut().take(end).skip(at).for_each(|label| *label = Label::Quoted);
        at = end.max(at + 1);
    }
}

fn outside(lines: &[Line<'_>], at: usize) -> bool {
    lines.get(at).is_some_and(|line| line.depth == 0)
}

fn is_marker(lines: &[Line<'_>], at: usize) -> bool {
    let Some(line) = lines.get(at) else { return false };
    header_block::is_marker(line.text)
        || (header_block::is_rule(line.text)
            && next_text(lines, at + 1).is_some_and(|next| header_block::is_foreign_block(lines, next)))
}

/// What the introduction that ends at `last` brings.
fn below(lines: &[Line<'_>], labels: &[Label], last: usize) -> Reach {
    let Some(next) = next_text(lines, last + 1) else { return Reach::End };
    match lines.get(next) {
        Some(line) if line.depth > 0 || labels.get(next) == Some(&Label::Quoted) => Reach::Until(next),
        Some(line) if line.indented => {
            let length = lines.iter().skip(next).take_while(|line| line.indented || line.is_blank()).count();
            Reach::Until(next + length)
        }
        _ => match signed(lines, next) {
            0 | 1 => Reach::End,
            length => Reach::Until(next + length),
        },
    }
}

/// How many lines from `first` on begin with one and the same sign that is no list's, such as `=>` or `:`.
fn signed(lines: &[Line<'_>], first: usize) -> usize {
    let sign = |text: &str| text.bytes().take(3).take_while(|byte| b"|=>:}%#~+".contains(byte)).count();
    let Some(mark) =
        lines.get(first).and_then(|line| line.text.split_at_checked(sign(line.text))).map(|(mark, _)| mark)
    else {
        return 0;
    };
    if mark.is_empty() {
        return 0;
    }
    lines.iter().skip(first).take_while(|line| line.depth == 0 && line.text.starts_with(mark)).count()
}

/// Blank lines between two quoted ones are quoted too.
fn mark_gaps(lines: &[Line<'_>], labels: &mut [Label]) {
    let mut last_text: Option<usize> = None;
    for at in 0..lines.len() {
        if lines.get(at).is_none_or(Line::is_blank) {
            continue;
        }
        let here = labels.get(at).copied();
        if let Some(before) = last_text {
            if here == labels.get(before).copied() && here != Some(Label::Own) {
                let fill = here.unwrap_or(Label::Own);
                labels.iter_mut().take(at).skip(before + 1).for_each(|label| *label = fill);
            }
        }
        last_text = Some(at);
    }
}
