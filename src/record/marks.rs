//! The text of a record without what lists, markdown and tables put around its words, byte for byte.
//!
//! Every mark is replaced by as many bytes that nobody sees, so that each offset still points into the file as the
//! person wrote it. Notes (`#` in the first column) become blanks, headings behind `#` stay. docs/behaviour.md section
//! 2: no mark reaches a name, a subject or the intro. Known limit: emphasis is known within one line.

use std::ops::Range;

use super::headings::{self, Section};
use super::links::{is_fence, is_quotation, quotation_mark, without_links, without_web_links};
use super::text::{BLANKED, trimmed};
use super::when::opens_date;

/// Marks of emphasis, the longer first.
const EMPHASIS: [&str; 8] = ["***", "**", "__", "==", STRUCK_OUT, "*", "_", "`"];
const STRUCK_OUT: &str = "~~";
const BULLETS: [char; 26] = [
    '-', '*', '+', '\u{2010}', '\u{25a0}', '\u{25a1}', '\u{25b8}', '\u{25c6}', '\u{2192}', '\u{2756}',
    '\u{27a2}', '\u{27a4}', '\u{f0a7}', '\u{f0b7}', '\u{f0d8}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2023}', '\u{25aa}', '\u{25e6}', '\u{b7}', '\u{25cf}', '\u{25cb}', '\u{2043}', '\u{25ba}',
];

/// The text that is read: as long as `text`, line by line.
pub(crate) fn without_marks(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut section = Section::Title;
    let is_quotation = is_quotation(text);
    for line in text.split_inclusive(['\n', '\r']) {
        let quoted = if is_quotation { quotation_mark(line) } else { 0 };
        out.push_str(&" ".repeat(quoted));
        let line = line.get(quoted..).unwrap_or("");
        if is_fence(line) || is_ruler(line) {
            out.push_str(&blanks(line));
            continue;
        }
        let line = with_heading_in_capitals(&without_note(line));
        let mut line = without_escapes(&without_links(&line));
        if section != Section::Pain {
            line = without_web_links(&line);
        }
        let line = without_emphasis(&line, section == Section::Pain);
        let found = headings::section(&line, &trimmed(&line, 0..line.len()), section);
        match found {
            Some(found) => {
                section = found.what;
                let line = if section == Section::Title {
                    without_marks_before(line, found.rest, true)
                } else {
                    line
                };
                out.push_str(&with_bars(&line, section));
            }
            None => {
                let line = without_mark_behind_label(&without_list_mark(&line, section), section);
                out.push_str(&with_bars(&line, section));
            }
        }
    }
    out
}

/// A note becomes blanks; a heading behind `#` loses only that.
fn without_note(line: &str) -> String {
    if !line.starts_with('#') {
        return line.to_owned();
    }
    let body = line.trim_end_matches(['\r', '\n']);
    let end = line.get(body.len()..).unwrap_or("");
    let title = body.trim_start_matches('#');
    let marks = body.len() - title.len();
    // `## 2. Next meeting: ##`
    let open = title.trim_end().trim_end_matches('#');
    let open = if open.ends_with(char::is_whitespace) { open } else { title };
    if !title.starts_with(':') && headings::is_markdown_heading(open) {
        let closing = " ".repeat(title.len() - open.len());
        return format!("{}{}{closing}{end}", " ".repeat(marks), name_in_capitals(open));
    }
    blanks(line)
}

/// Between sections, below a heading, above a signature: `-----`, `* * *`, `--`.
fn is_ruler(line: &str) -> bool {
    let mut signs = line.chars().filter(|c| !c.is_whitespace());
    let first = signs.next().filter(|c| matches!(c, '-' | '=' | '_' | '*'));
    first.is_some_and(|first| {
        signs.clone().count() >= if first == '-' { 1 } else { 2 } && signs.all(|sign| sign == first)
    })
}

/// A line of nothing, as long as this one.
fn blanks(line: &str) -> String {
    let body = line.trim_end_matches(['\r', '\n']);
    format!("{}{}", " ".repeat(body.len()), line.get(body.len()..).unwrap_or(""))
}

/// A heading is one in small letters, too, where a mark says so.
fn name_in_capitals(title: &str) -> String {
    let (name, rest) = title.split_at(title.find([':', '\u{ff1a}']).unwrap_or(title.len()));
    format!("{}{rest}", name.to_ascii_uppercase())
}

/// `**Next meeting**`: a heading that is emphasised as a whole and stands alone.
fn with_heading_in_capitals(line: &str) -> String {
    let bare = line.trim().trim_end_matches([':', '\u{ff1a}']);
    let is_bold = ["**", "__"].iter().any(|mark| {
        bare.strip_prefix(mark)
            .and_then(|inner| inner.strip_suffix(mark))
            .is_some_and(|inner| !inner.contains(mark))
    });
    if is_bold && headings::is_markdown_heading(line) { name_in_capitals(line) } else { line.to_owned() }
}

/// `\[x\]`, as programs write that escape markdown.
fn without_escapes(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let escapes = c == '\\'
            && chars.peek().is_some_and(|next| matches!(next, '[' | ']' | '*' | '_' | '#' | '-' | '|'));
        out.push(if escapes { BLANKED } else { c });
    }
    out
}

/// Marks that open and close emphasis; outside of what was said, also two stars that are left alone.
fn without_emphasis(line: &str, said: bool) -> String {
    let mut line = line.to_owned();
    for mark in EMPHASIS {
        let mut from = 0;
        while let Some((open, close)) = emphasised(&line, mark, from) {
            if mark == STRUCK_OUT {
                // What is struck out is not said.
                let whole = open.start..close.end;
                line.replace_range(whole.clone(), &BLANKED.to_string().repeat(whole.len()));
                from = whole.end;
                continue;
            }
            let blanked = BLANKED.to_string().repeat(mark.len());
            line.replace_range(close.clone(), &blanked);
            line.replace_range(open.clone(), &blanked);
            from = open.end;
        }
    }
    if said { line } else { line.replace("**", &BLANKED.to_string().repeat(2)) }
}

/// The next pair of `mark`s at or after `from`: around words, not inside of one.
fn emphasised(line: &str, mark: &str, from: usize) -> Option<(Range<usize>, Range<usize>)> {
    let places: Vec<usize> = line.get(from..)?.match_indices(mark).map(|(at, _)| from + at).collect();
    let before = |at: usize| line.get(..at).and_then(|text| text.chars().next_back());
    let after = |at: usize| line.get(at + mark.len()..).and_then(|text| text.chars().next());
    let opens = |at: usize| {
        before(at).is_none_or(|c| !c.is_alphanumeric() && !mark.contains(c))
            && after(at).is_some_and(|c| !c.is_whitespace() && !mark.contains(c))
    };
    // `_x_@acme.example` is an address.
    let closes = |at: usize| {
        before(at).is_some_and(|c| !c.is_whitespace() && !mark.contains(c))
            && after(at).is_none_or(|c| !c.is_alphanumeric() && c != '@' && !mark.contains(c))
    };
    places.iter().enumerate().find_map(|(index, &open)| {
        let close = *places.iter().skip(index + 1).find(|&&close| opens(open) && closes(close))?;
        Some((open..open + mark.len(), close..close + mark.len()))
    })
}

/// Letters that word processors show as bullets, in another font.
const LETTER_BULLETS: [char; 6] = ['o', '\u{a7}', '\u{d8}', '\u{fc}', 'v', 'q'];

/// Bytes of the mark that a label or a tick stands behind, whatever it is: `\u{b7} Format: Teams`, `o [x] ..`.
pub(super) fn mark_before_label(line: &str, section: Section) -> usize {
    let mark = list_mark(line);
    let letter = line.chars().next().filter(|first| LETTER_BULLETS.contains(first)).map_or(0, char::len_utf8);
    let width = if mark > 0 { mark } else { letter };
    let rest = line.get(width..).unwrap_or("");
    let span = trimmed(rest, 0..rest.len());
    let is_parted = rest.starts_with(char::is_whitespace);
    let is_tick = rest.trim_start().starts_with(['[', '\u{2610}', '\u{2611}', '\u{2612}']);
    let is_label = || headings::label(rest, &span, section).is_some_and(|found| found.slip.is_none());
    if width > 0 && is_parted && (is_tick || is_label()) { width } else { 0 }
}

/// The mark of a list at the begin of a line becomes blanks; what a prospect said stays as it is.
fn without_list_mark(line: &str, section: Section) -> String {
    let span = trimmed(line, 0..line.len());
    let text = line.get(span.clone()).unwrap_or("");
    let width = list_mark(text).max(mark_before_label(text, section));
    if width == 0 || section == Section::Pain || headings::looks_like_heading(line, &span) {
        return line.to_owned();
    }
    let mut line = line.to_owned();
    line.replace_range(span.start..span.start + width, &" ".repeat(width));
    line
}

/// The marks of a list, a quotation or a heading at the begin of a label's value become blanks: `Agenda: - walk through`.
fn without_mark_behind_label(line: &str, section: Section) -> String {
    let span = trimmed(line, 0..line.len());
    let line = line.to_owned();
    if matches!(section, Section::Title | Section::Pain) {
        return line;
    }
    let Some(found) = headings::label(&line, &span, section).filter(|found| found.slip.is_none()) else {
        return line;
    };
    without_marks_before(line, found.rest, matches!(section, Section::Meeting | Section::Intro))
}

/// Blanks in place of the marks that a value begins with; `has_boxes`: a box is one of them.
fn without_marks_before(line: String, value: Range<usize>, has_boxes: bool) -> String {
    let mut line = line;
    let mut at = value.start;
    while let Some(rest) = line.get(at..value.end) {
        let heading = rest.len() - rest.trim_start_matches('#').len();
        // `# of seats` counts them.
        let is_heading =
            rest.get(heading..).is_some_and(|rest| rest.starts_with(' ') && !rest.starts_with(" of "));
        let heading = if is_heading { heading } else { 0 };
        let tick = if has_boxes { box_mark(rest) } else { 0 };
        let width = list_mark(rest).max(quotation_mark(rest)).max(heading).max(tick);
        if width == 0 {
            break;
        }
        line.replace_range(at..at + width, &" ".repeat(width));
        at = trimmed(&line, at..value.end).start;
    }
    line
}

/// Bytes of the box that `text` begins with, ticked or not: `[x] `, `☑ `.
pub(crate) fn box_mark(text: &str) -> usize {
    const BOXES: [&str; 9] = ["[ ]", "[]", "[x]", "[X]", "☐", "☑", "☒", "✅", "✔"];
    let found = BOXES.into_iter().find(|one| text.starts_with(one)).map_or(0, str::len);
    let rest = text.get(found..).unwrap_or("");
    if rest.starts_with(char::is_whitespace) && rest.chars().any(char::is_alphanumeric) { found } else { 0 }
}

/// Bytes of the list mark that `text` begins with: `- `, `• `, `1. `, `a) `.
pub(crate) fn list_mark(text: &str) -> usize {
    let Some(first) = text.chars().next() else { return 0 };
    let behind = |at: usize| text.get(at..).unwrap_or("");
    let is_text = |rest: &str| rest.chars().any(char::is_alphanumeric) || rest.contains(['[', '\u{2610}']);
    if BULLETS.contains(&first) {
        let rest = behind(first.len_utf8());
        // A sign that is nothing but a bullet needs no blank behind it.
        let parted =
            rest.starts_with(char::is_whitespace) || matches!(first, '\u{2022}' | '\u{25cf}' | '\u{25aa}');
        return if parted && is_text(rest) { first.len_utf8() } else { 0 };
    }
    let opening = usize::from(first == '(');
    let label = behind(opening);
    let digits = label.len() - label.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    // `(x)` is a tick, and `(a)` a list's mark.
    let is_tick = opening == 1 && label.starts_with(['x', 'v']);
    let is_letter = digits == 0
        && !is_tick
        && label.starts_with(|c: char| c.is_ascii_lowercase())
        && label.get(1..).is_some_and(|rest| rest.starts_with(')'));
    let width = opening + if is_letter { 1 } else { digits };
    let rest = behind(width + 1);
    let counts = is_letter || (1..=2).contains(&digits);
    let stop = behind(width).chars().next();
    let ends = stop == Some(')') || (stop == Some('.') && opening == 0 && !opens_date(text));
    if counts && ends && rest.starts_with(char::is_whitespace) && is_text(rest) { width + 1 } else { 0 }
}

/// A bar that is not the keyboard's: of box drawings, full width, of mathematics.
pub(crate) fn is_drawn_bar(c: char) -> bool {
    matches!(
        c,
        '\u{2502}'
            | '\u{2503}'
            | '\u{2506}'
            | '\u{2507}'
            | '\u{250a}'
            | '\u{250b}'
            | '\u{2551}'
            | '\u{254e}'
            | '\u{254f}'
            | '\u{ff5c}'
            | '\u{ffe8}'
            | '\u{a6}'
            | '\u{1c0}'
            | '\u{2016}'
            | '\u{2223}'
            | '\u{2225}'
            | '\u{23aa}'
            | '\u{23ae}'
            | '\u{23d0}'
            | '\u{2758}'
            | '\u{2759}'
            | '\u{275a}'
    )
}

/// Columns parted by `|` alone, in the parts of the record that have columns.
fn with_bars(line: &str, section: Section) -> String {
    if !matches!(section, Section::Title | Section::Stakeholders) {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if is_drawn_bar(c) {
            out.push('|');
            out.extend(std::iter::repeat_n(BLANKED, c.len_utf8() - 1));
        } else {
            out.push(c);
        }
    }
    if out.contains('|') {
        return out;
    }
    let words = trimmed(&out, 0..out.len());
    let columns = out.get(words.clone()).unwrap_or("").replace('\t', "|");
    out.replace_range(words, &columns);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::text::clean;

    fn cleaned(line: &str) -> String {
        let marked = format!("2. NEXT MEETING:\n{line}\n");
        let out = without_marks(&marked);
        assert_eq!(out.len(), marked.len(), "{line}");
        clean(out.lines().nth(1).unwrap())
    }

    #[test]
    fn marks_of_lists_and_emphasis_are_gone_and_nothing_else() {
        for (line, expected) in [
            ("- Sarah Lee <sarah@acme.example>", "Sarah Lee <sarah@acme.example>"),
            ("\u{2022}Sarah", "Sarah"),
            ("\u{2013} Sarah", "Sarah"),
            ("1. Sarah", "Sarah"),
            ("12) Sarah", "Sarah"),
            ("a) Sarah", "Sarah"),
            ("**Format:** Zoom", "Format: Zoom"),
            ("__Format__: _Zoom_", "Format: Zoom"),
            ("* **Format:** Zoom", "Format: Zoom"),
            ("***Zoom***, then `Teams`", "Zoom, then Teams"),
            ("Format: **Zoom", "Format: Zoom"),
            ("5 * 3 * 2", "5 * 3 * 2"),
            ("first_last_x@acme.example", "first_last_x@acme.example"),
            ("_x_@acme.example", "_x_@acme.example"),
            ("\\[x\\] done", "[x] done"),
            ("26. November 2026, 14 Uhr", "26. November 2026, 14 Uhr"),
            ("26. 11. 2026", "26. 11. 2026"),
            ("-", "-"),
            ("--- | ---", "--- | ---"),
            ("3 things", "3 things"),
        ] {
            assert_eq!(cleaned(line), expected, "{line}");
        }
    }

    #[test]
    fn marks_behind_a_label_are_gone_too() {
        for (line, expected) in [
            ("Agenda: - walk through", "Agenda: walk through"),
            ("Agenda: 1. walk through", "Agenda: walk through"),
            ("Agenda: 1) walk through 2) demo", "Agenda: walk through 2) demo"),
            ("- Agenda: * walk through", "Agenda: walk through"),
            ("**Agenda:** \u{2022} walk through", "Agenda: walk through"),
            ("Agenda: > - walk through", "Agenda: walk through"),
            ("Agenda: ## walk through", "Agenda: walk through"),
            ("Agenda: ~~walk~~ demo", "Agenda: demo"),
            ("Agenda: # of seats, pricing", "Agenda: # of seats, pricing"),
            ("Agenda: #1 of three", "Agenda: #1 of three"),
            ("Agenda: -20% churn", "Agenda: -20% churn"),
            ("Date/Time: 26. November 2026, 14 Uhr", "Date/Time: 26. November 2026, 14 Uhr"),
        ] {
            assert_eq!(cleaned(line), expected, "{line}");
        }
    }

    #[test]
    fn what_was_said_keeps_its_marks() {
        let text = "1. PAIN:\n- \"we lose 2 * 3 days\"\n";
        assert_eq!(without_marks(text), text);
    }

    #[test]
    fn columns_may_be_parted_by_any_bar_or_by_tabs() {
        for row in ["A \u{2502} B \u{2502} C", "A \u{ff5c} B \u{ff5c} C", "A\tB\tC", "A \u{2016} B \u{a6} C"]
        {
            let text = format!("3. STAKEHOLDER MAP:\n{row}\n");
            let out = without_marks(&text);
            assert_eq!((out.len(), out.matches('|').count()), (text.len(), 2), "{row}");
        }
    }

    #[test]
    fn a_heading_behind_a_mark_is_one_and_a_note_is_none() {
        let text = "# HANDOFF RECORD: Acme\r\n## 1. Pain\r\n## Stakeholders\n# caf\u{e9}\n#: PAIN\n #z\n";
        let out = without_marks(text);
        assert_eq!(out.len(), text.len());
        assert!(
            out.contains("  HANDOFF RECORD: Acme\r\n")
                && out.contains("1. PAIN")
                && out.contains("STAKEHOLDERS")
        );
        assert!(!out.contains("caf") && out.matches("PAIN").count() == 1 && out.contains("#z"));
    }
}
