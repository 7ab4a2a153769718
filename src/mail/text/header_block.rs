//! `From: .. Sent: .. To: .. Subject: ..` blocks and lines such as `-----Original Message-----`, in the
//! languages that mail programs write them in.
//!
//! A block is known by its labels, at least three different ones of which one is *From*; below a row of
//! underscores or dashes any `label: value` lines will do, so that an unknown language is recognised as
//! well. Known limits: a list such as `From: Paris / To: Rome / Date: ..` is no block as long as it names
//! neither an address nor a subject.

use std::collections::HashMap;
use std::sync::LazyLock;

use memchr::{memchr, memchr2};

use crate::language::{Role, alternation, lines, matcher};

use super::lines::{BodyLine, is_invisible};
use crate::pattern::{Pattern, pattern};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyHeaderField {
    From,
    Date,
    To,
    Cc,
    Subject,
    Other,
}

/// A block of header lines inside a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BodyHeaderBlock {
    pub first: usize,
    pub last: usize,
    /// Values of the *From* and the *Date* line.
    pub from: String,
    pub date: String,
}

/// The fields that the groups of the labels' role name, in their order.
const FIELDS: [BodyHeaderField; 6] = [
    BodyHeaderField::From,
    BodyHeaderField::To,
    BodyHeaderField::Subject,
    BodyHeaderField::Date,
    BodyHeaderField::Cc,
    BodyHeaderField::Other,
];

static LABELS: LazyLock<HashMap<String, BodyHeaderField>> = LazyLock::new(|| {
    let mut labels: Vec<(usize, String)> = lines(Role::HeaderLabel)
        .map(|(_, line)| (line.group().unwrap_or(FIELDS.len()), line.text().to_lowercase()))
        .collect();
    // of two fields that share a label the earlier is meant, and written last
    labels.sort_by(|one, other| other.cmp(one));
    labels.into_iter().filter_map(|(group, label)| Some((label, *FIELDS.get(group)?))).collect()
});

/// Two signs or more before and behind words: which words, is another rule's.
static DASHED: Pattern = LazyLock::new(|| pattern(r"^[\s*]*(?:[-—–_=]\s?){2,}[^—–_=]*[-—–_=*\s]{2,}$"));
static BEGIN_FORWARD: Pattern =
    LazyLock::new(|| pattern(&format!(r"(?i)^[\s*-]*{}[\s*]*$", alternation(Role::ForwardMarker))));

/// `-- Please type your reply above this line --`, as help desks ask for.
static REPLY_ABOVE: Pattern =
    LazyLock::new(|| pattern(&format!(r"(?i)^\W*.{{0,40}}{}\b.{{0,40}}$", alternation(Role::ReplyAbove))));

/// `Ann Lee ---24.11.2026 10:05:00---Hello`, as Lotus Notes puts above the header lines.
static SUMMARY: Pattern =
    LazyLock::new(|| pattern(r"^[^-].{0,80}?---\s?\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\s.{0,24}?---"));

/// The line says that the original or a forwarded message follows.
pub(super) fn is_marker(text: &str) -> bool {
    let text = text.trim();
    if memchr(b'-', text.as_bytes()).is_some() && text.contains("---") && SUMMARY.is_match(text) {
        return true;
    }
    if text.len() > 200 {
        return false;
    }
    let dashed =
        text.starts_with(['-', '*', '_', '—', '–', '=']) && text.ends_with(['-', '*', '_', '—', '–', '=']);
    let asked = dashed || text.starts_with('#') || text.ends_with('#');
    // few lines are worth a pattern
    let announces = text.ends_with(|c: char| c == ':' || !c.is_ascii());
    (asked && REPLY_ABOVE.is_match(text))
        || (dashed && DASHED.is_match(text) && matcher(Role::OriginalMarker).is_in(text))
        || (announces && BEGIN_FORWARD.is_match(text))
}

/// The line asks for an answer above it.
pub(super) fn is_reply_above(text: &str) -> bool {
    REPLY_ABOVE.is_match(text.trim())
}

/// The line is nothing but a row of one sign, eight or more.
pub(super) fn is_rule(text: &str) -> bool {
    let text = text.trim();
    let mut chars = text.chars();
    chars.next().is_some_and(|sign| matches!(sign, '_' | '-' | '=' | '*' | '—' | '–' | '─'))
        && text.chars().count() >= 8
        && chars.all(|c| matches!(c, '_' | '-' | '=' | '*' | '—' | '–' | '─' | ' '))
}

/// The label and the value of a header line.
pub(super) fn field(text: &str) -> Option<(BodyHeaderField, &str)> {
    let (label, value) = label_and_value(text)?;
    let label: String =
        label.chars().filter(|c| !is_invisible(*c)).map(|c| if c == '\u{a0}' { ' ' } else { c }).collect();
    LABELS.get(&label.trim().to_lowercase()).map(|field| (*field, value))
}

/// The two cells of a table's row: `| From | Ann Lee |`.
fn cells(text: &str) -> Option<(&str, &str)> {
    let (label, value) = text.trim().strip_prefix('|')?.strip_suffix('|')?.split_once('|')?;
    let label = label.trim_matches(|c: char| matches!(c, '*' | ':' | '：') || c.is_whitespace());
    (!label.is_empty() && label.len() <= 64).then(|| (label, value.trim()))
}

fn label_and_value(text: &str) -> Option<(&str, &str)> {
    if text.starts_with('|') {
        return cells(text);
    }
    // 0xef begins the full-width colon
    let bytes = text.as_bytes();
    let at = memchr2(b':', 0xef, bytes.get(..64).unwrap_or(bytes))?;
    let (label, value) = text.split_at_checked(at)?;
    if !value.starts_with([':', '：']) {
        return None;
    }
    let label = label.trim_matches(|c: char| matches!(c, '*' | '_') || c.is_whitespace() || is_invisible(c));
    let value = value.trim_start_matches([':', '：', '*', '_', ' ', '\t', '\u{a0}']).trim();
    (!label.is_empty()).then_some((label, value))
}

/// Every line is asked, and hardly one has an address.
fn holds_at(text: &str) -> bool {
    memchr(b'@', text.as_bytes()).is_some()
}

/// The block that begins at `first` in the rows of a table without colons: `From Ann Lee <ann@..>`, line upon line.
pub(super) fn in_table(lines: &[BodyLine<'_>], first: usize) -> Option<BodyHeaderBlock> {
    let start = lines.get(first).filter(|line| holds_at(line.text))?;
    let (top, from) = row(start.text).filter(|(field, _)| *field == BodyHeaderField::From)?;
    if !from.contains('@') {
        return None;
    }
    let mut block = BodyHeaderBlock { first, last: first, from: from.to_owned(), date: String::new() };
    let mut seen = vec![top];
    for (at, line) in lines.iter().enumerate().skip(first + 1).take(8) {
        let Some((field, value)) = row(line.text).filter(|(field, _)| !seen.contains(field)) else { break };
        if field == BodyHeaderField::Date {
            value.clone_into(&mut block.date);
        }
        seen.push(field);
        block.last = at;
    }
    let rows = [BodyHeaderField::Date, BodyHeaderField::To, BodyHeaderField::Subject];
    (rows.iter().filter(|field| seen.contains(field)).count() >= 2).then_some(block)
}

/// A row's label and value: the first word or two are a label.
fn row(text: &str) -> Option<(BodyHeaderField, &str)> {
    let mut blanks = text.match_indices(' ').map(|(at, _)| at);
    [blanks.next(), blanks.next()].into_iter().flatten().find_map(|at| {
        let (label, value) = text.split_at_checked(at)?;
        LABELS.get(&label.to_lowercase()).map(|field| (*field, value.trim()))
    })
}

/// The block that begins at line `first`, if one does.
pub(super) fn at(lines: &[BodyLine<'_>], first: usize) -> Option<BodyHeaderBlock> {
    let start = lines.get(first)?;
    field(start.text)?;
    let mut block = BodyHeaderBlock { first, last: first, from: String::new(), date: String::new() };
    let (mut seen, mut address, mut loose) = ([false; 5], false, 0);
    let mut order: Vec<BodyHeaderField> = Vec::new();
    for (at, line) in lines.iter().enumerate().skip(first).take(24) {
        if line.depth != start.depth {
            break;
        }
        if line.is_blank() {
            let next = lines.get(at + 1);
            if next.is_some_and(|next| next.depth == start.depth && field(next.text).is_some()) {
                continue;
            }
            break;
        }
        address |= line.text.contains('@');
        match field(line.text) {
            Some((field, value)) => {
                loose = 0;
                order.push(field);
                note(&mut block, &mut seen, field, value);
            }
            // a long value that was wrapped
            None if loose < 3 && block.last + 1 == at => {
                loose += 1;
                if loose == 1 && block.from.is_empty() && seen == [true, false, false, false, false] {
                    block.from = line.text.trim().to_owned();
                }
            }
            None => break,
        }
        block.last = at;
    }
    let knows = address || is_windows_mail(&order, &block.date);
    accept(block, seen, knows, loose)
}

/// Three lines in the order in which programs write them, the second with day, year and time: Windows' own program names
/// no address and leaves an empty subject out. A journey is written from, to, on.
fn is_windows_mail(order: &[BodyHeaderField], date: &str) -> bool {
    let date = || date.chars().filter(|c| !is_invisible(*c)).collect::<String>();
    order.starts_with(&[BodyHeaderField::From, BodyHeaderField::Date, BodyHeaderField::To])
        && DATED.is_match(&date())
}

fn note(block: &mut BodyHeaderBlock, seen: &mut [bool; 5], field: BodyHeaderField, value: &str) {
    // `A : b Objet : c` carries two fields in one line
    if SUBJECT_INSIDE.is_match(value) {
        seen[4] = true;
    }
    match field {
        // Breton and Italian share a word: the second `Da:` of a block is the recipient's line
        BodyHeaderField::From if seen[0] => seen[2] = true,
        BodyHeaderField::From => {
            seen[0] = true;
            block.from = value.to_owned();
        }
        BodyHeaderField::Date => {
            seen[1] = true;
            block.date = value.to_owned();
        }
        BodyHeaderField::To => seen[2] = true,
        BodyHeaderField::Cc => seen[3] = true,
        BodyHeaderField::Subject => seen[4] = true,
        BodyHeaderField::Other => {}
    }
}

static SUBJECT_INSIDE: Pattern = LazyLock::new(|| {
    let subject =
        |group: Option<usize>| group.and_then(|group| FIELDS.get(group)) == Some(&BodyHeaderField::Subject);
    let labels: Vec<_> = lines(Role::HeaderLabel)
        .filter(|(_, line)| subject(line.group()))
        .map(|(_, line)| line.expression())
        .collect();
    pattern(&format!(r"(?i)\s(?:{})\s?:", labels.join("|")))
});

fn accept(
    mut block: BodyHeaderBlock,
    seen: [bool; 5],
    address: bool,
    loose: usize,
) -> Option<BodyHeaderBlock> {
    let [from, date, to, cc, subject] = seen;
    let others = [date, to, cc, subject].iter().filter(|seen| **seen).count();
    if loose > 1 {
        // lines of the text below were taken for wrapped values
        block.last = block.last.saturating_sub(loose - 1);
    }
    (from && others >= 2 && (address || subject)).then_some(block)
}

/// A block whose labels nobody knows: four lines of them in the order in which all programs write them, a name with an
/// address, a day with a time, an address again, and something else.
pub(super) fn in_unknown_language(lines: &[BodyLine<'_>], first: usize) -> Option<BodyHeaderBlock> {
    let starts = first.checked_sub(1).and_then(|above| lines.get(above)).is_none_or(BodyLine::is_blank);
    let top = lines.get(first).filter(|line| starts && holds_at(line.text))?;
    let value = |at: usize| {
        let line = lines.get(first + at).filter(|line| line.depth == top.depth)?;
        let (label, value) = label_and_value(line.text)?;
        let is_label = !label.contains(['@', '/', '.', '>', '<']) && label.split_whitespace().count() <= 3;
        (is_label && !value.is_empty()).then_some(value)
    };
    let (from, date, to) = (value(0)?, value(1)?, value(2)?);
    let followed = value(3).is_some() && lines.get(first + 4).is_none_or(|line| line.depth == top.depth);
    (followed && ADDRESSED.is_match(from) && DATED.is_match(date) && ADDRESSED.is_match(to))
        .then(|| BodyHeaderBlock { first, last: first + 3, from: from.to_owned(), date: date.to_owned() })
}

static ADDRESSED: Pattern = LazyLock::new(|| pattern(r"[^\s<>@]+@[^\s<>@]+\.[^\s<>@]"));
static DATED: Pattern = LazyLock::new(|| {
    pattern(r"(?:(?:19|20|25)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d\d).{0,30}?(?:[^\d]|\b)\d{1,2}[:.]\d\d")
});

/// Lines of an unknown language below a row of signs: three `label: value` lines, the first with an address.
pub(super) fn is_foreign_block(lines: &[BodyLine<'_>], first: usize) -> bool {
    let depth = lines.get(first).map_or(0, |line| line.depth);
    let mut labelled =
        lines.iter().skip(first).take(8).filter(|line| !line.is_blank() && line.depth == depth);
    let Some(top) = labelled.next() else {
        return false;
    };
    let has_label =
        |line: &BodyLine<'_>| label_and_value(line.text).is_some_and(|(_, value)| !value.is_empty());
    has_label(top) && top.text.contains('@') && labelled.take(2).filter(|line| has_label(line)).count() == 2
}
