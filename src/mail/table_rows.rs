//! Tables of a letter as lines: a row of three cells or more with bars between them, a label and its value beside each
//! other. docs/behaviour.md section 13.
//!
//! Only tables that hold no other are rewritten, and only rows whose cells are one short line each: what lays a page out
//! stays as it is. Known limit: a cell of several paragraphs is no cell of a record.

use std::borrow::Cow;

/// A cell that is longer lays a page out.
const LONGEST_CELL: usize = 400;

/// The same HTML with the rows of such tables as blocks of their own.
pub(crate) fn with_rows_as_lines(html: &str) -> Cow<'_, str> {
    let folded = html.to_ascii_lowercase();
    let mut out = String::new();
    let mut done = 0;
    for (end, _) in folded.match_indices("</table") {
        let Some(begin) = folded.get(done..end).and_then(|before| before.rfind("<table")) else { continue };
        let begin = done + begin;
        let inside = html.get(begin..end).zip(folded.get(begin..end));
        let Some(lines) = inside.and_then(|(html, folded)| lines_of(html, folded)) else { continue };
        out.push_str(html.get(done..begin).unwrap_or_default());
        out.push_str(&lines);
        done = folded.get(end..).and_then(|rest| rest.find('>')).map_or(html.len(), |at| end + at + 1);
    }
    if done == 0 {
        return Cow::Borrowed(html);
    }
    out.push_str(html.get(done..).unwrap_or_default());
    Cow::Owned(out)
}

/// The rows of one table; `None`: it is none of records.
fn lines_of(html: &str, folded: &str) -> Option<String> {
    let rows: Vec<(usize, usize)> = spans(folded, &["<tr"]);
    let mut lines = String::new();
    for (from, to) in rows {
        let (row, folded_row) = (html.get(from..to)?, folded.get(from..to)?);
        let cells: Vec<String> = spans(folded_row, &["<td", "<th"])
            .into_iter()
            .map(|(from, to)| cell(row.get(from..to)?, folded_row.get(from..to)?))
            .collect::<Option<_>>()?;
        let between = match cells.len() {
            0 => continue,
            1 => return None,
            2 => " ",
            _ => " | ",
        };
        lines.push_str(&format!("<div>{}</div>\n", cells.join(between)));
    }
    (!lines.is_empty()).then_some(lines)
}

/// From each of these tags to the next one.
fn spans(folded: &str, tags: &[&str]) -> Vec<(usize, usize)> {
    let is_tag = |at: usize, tag: &str| {
        let behind = folded.as_bytes().get(at + tag.len());
        behind.is_none_or(|byte| matches!(byte, b'>' | b' ' | b'\t' | b'\n' | b'\r' | b'/'))
    };
    let found = tags
        .iter()
        .flat_map(|tag| folded.match_indices(tag).map(|(at, _)| at).filter(move |at| is_tag(*at, tag)));
    let mut begins: Vec<usize> = found.collect();
    begins.sort_unstable();
    let ends = begins.iter().skip(1).copied().chain([folded.len()]);
    begins.iter().copied().zip(ends).collect()
}

/// What a cell says, its entities untouched; `None`: more than one line.
fn cell(html: &str, folded: &str) -> Option<String> {
    let blocks = folded.matches("<p").count() - folded.matches("<pre").count();
    let is_lined = blocks > 1 || folded.matches("<div").count() > 1 || folded.contains("<li");
    let mut text = String::new();
    let mut tag: Option<String> = None;
    for letter in html.chars() {
        match (letter, &mut tag) {
            ('<', _) => tag = Some(String::new()),
            ('>', Some(written)) => {
                text.push_str(box_of(written));
                tag = None;
            }
            (_, Some(written)) => written.push(letter),
            (_, None) => text.push(letter),
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = words.join(" ");
    (!is_lined && text.len() <= LONGEST_CELL).then_some(text)
}

/// A box that is one, as people type it.
fn box_of(tag: &str) -> &'static str {
    let tag = attributes_apart(tag);
    let mut attributes = tag.split_whitespace();
    if attributes.next() != Some("input") || !attributes.clone().any(|one| one == "type=checkbox") {
        return "";
    }
    let is_ticked = attributes.any(|one| one.split('=').next() == Some("checked"));
    if is_ticked { "[x] " } else { "[ ] " }
}

/// A tag in small letters without quotation marks, its attributes parted by blanks and nothing else.
fn attributes_apart(tag: &str) -> String {
    let mut out = String::with_capacity(tag.len());
    let mut quote = None;
    // `checked=""`: a value of nothing ends there.
    let mut has_value = false;
    let mut letters = tag.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('"' | '\'', None) => quote = Some(letter),
            (closing, Some(open)) if closing == open => {
                quote = None;
                has_value = true;
                continue;
            }
            (blank, Some(_)) if blank.is_whitespace() => out.push('_'),
            // `type = "checkbox"`
            (blank, None) if blank.is_whitespace() => {
                let is_beside_sign = out.ends_with('=') && !has_value || letters.peek() == Some(&'=');
                if !is_beside_sign {
                    out.push(' ');
                }
            }
            ('/', None) => out.push(' '),
            (letter, _) => out.push(letter.to_ascii_lowercase()),
        }
        has_value = false;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_ticked_by_its_own_attribute_alone() {
        for (tag, shown) in [
            ("input type=\"checkbox\" checked", "[x] "),
            ("INPUT checked='' type = 'checkbox' /", "[x] "),
            ("input type=checkbox checked=checked", "[x] "),
            ("input type=\"checkbox\" aria-checked=\"false\"", "[ ] "),
            ("input type=\"checkbox\" class=\"un checked\" name=checked_1", "[ ] "),
            ("input type=\"text\" value=\"checkbox\" checked", ""),
        ] {
            assert_eq!(box_of(tag), shown, "{tag}");
        }
    }

    #[test]
    fn a_row_becomes_a_line_with_bars_and_a_label_stands_beside_its_value() {
        let html = "<p>Map</p><TABLE border=1><tbody><tr><th>Name</th><th>Title</th><th>Role</th></tr>\
            <tr><td><p class=MsoNormal>Sarah Lee</p></td><td>VP&nbsp;Sales</td><td> champion\n</td></tr></tbody></TABLE>\
            <table><tr><td>Format:</td><td>Zoom</td></tr></table><p>End</p>";
        assert_eq!(
            with_rows_as_lines(html),
            "<p>Map</p><div>Name | Title | Role</div>\n<div>Sarah Lee | VP&nbsp;Sales | champion</div>\n\
             <div>Format: Zoom</div>\n<p>End</p>"
        );
    }

    #[test]
    fn what_lays_a_page_out_stays_as_it_is() {
        for html in [
            "<table><tr><td><p>One</p><p>Two</p></td><td>x</td><td>y</td></tr></table>",
            "<table><tr><td>A whole mail</td></tr></table>",
            "no table at all",
            "</table><table>",
        ] {
            assert_eq!(with_rows_as_lines(html), html);
        }
        let nested =
            "<table><tr><td><table><tr><td>a</td><td>b</td><td>c</td></tr></table></td></tr></table>";
        assert_eq!(with_rows_as_lines(nested), "<table><tr><td><div>a | b | c</div>\n</td></tr></table>");
    }
}
