//! What is known of the terminal, and text that fits it: widths, colours, broken lines.
//!
//! Colours are only written into text here; `output` takes them out where standard output is no terminal, is a dumb
//! one, or where NO_COLOR is set. Known limit: the width is asked for once, not followed.

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use crate::output;

pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
pub(crate) const WAITS: Style = AnsiColor::Yellow.on_default();
pub(crate) const HEADING: Style = Style::new().bold();
pub(crate) const QUIET: Style = Style::new().dimmed();

/// Columns of what is no terminal and says nothing about itself: a pipe, a file, a log.
const UNKNOWN: usize = 120;
/// Longer lines are hard to read, however wide the terminal is.
const READABLE: usize = 120;
const NARROWEST: usize = 40;

/// `text` in a style; not at all where it is empty.
pub(crate) fn painted(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Columns for text on standard output: those that are known, else those of the terminal that a pager would
/// show it on, else enough.
pub(crate) fn columns() -> usize {
    known_columns().or_else(columns_of_stderr).unwrap_or(UNKNOWN).clamp(NARROWEST, READABLE)
}

/// $COLUMNS, else those of the terminal; `None` in a pipe or a file.
pub(crate) fn known_columns() -> Option<usize> {
    asked_for().or_else(|| {
        let is_terminal = std::io::stdout().is_terminal();
        is_terminal.then(|| terminal_size::terminal_size_of(std::io::stdout())).flatten().map(size)
    })
}

/// The same for standard error; `None` where nothing is known.
pub(crate) fn columns_of_stderr() -> Option<usize> {
    asked_for().or_else(|| {
        let is_terminal = std::io::stderr().is_terminal();
        is_terminal.then(|| terminal_size::terminal_size_of(std::io::stderr())).flatten().map(size)
    })
}

fn asked_for() -> Option<usize> {
    let columns: usize = std::env::var("COLUMNS").ok()?.trim().parse().ok()?;
    (columns > 0).then_some(columns)
}

fn size((width, _): (terminal_size::Width, terminal_size::Height)) -> usize {
    usize::from(width.0)
}

/// Prints something for a person beside the result. Nobody is left to tell where standard error is closed.
pub(crate) fn print_note(text: impl Display) {
    let _ = write!(output::stderr(), "{text}");
}

/// `text` broken between words into lines of at most `width` columns. A longer word stays whole, so that
/// it can be copied. Styles within it take no room. Always at least one line.
pub(crate) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && visible(&line) + 1 + visible(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// A whole text for a terminal of `columns`: each line broken between words, what hangs on a list's mark or a quotation's
/// below it. As it is where no width is known.
pub(crate) fn paragraphs(text: &str, columns: Option<usize>) -> String {
    let Some(columns) = columns else { return text.to_owned() };
    let mut out = String::new();
    for line in text.lines() {
        if visible(line) <= columns {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let blanks: String = line.chars().take_while(|c| *c == ' ').collect();
        let words = line.trim_start();
        let (first, rest, words) = match (words.strip_prefix("- "), words.strip_prefix("> ")) {
            (Some(item), _) => (format!("{blanks}- "), format!("{blanks}  "), item),
            (_, Some(quoted)) => (format!("{blanks}> "), format!("{blanks}> "), quoted),
            (None, None) => (blanks.clone(), blanks.clone(), words),
        };
        out.push_str(&hanging(&first, &rest, words, Style::new(), columns));
    }
    out
}

/// `text` behind `first`, its further lines behind `rest`; both of the same width. Ends with a line break.
pub(crate) fn hanging(first: &str, rest: &str, text: &str, style: Style, columns: usize) -> String {
    let room = columns.saturating_sub(visible(first)).max(20);
    let mut out = String::new();
    for (number, line) in wrapped(text, room).iter().enumerate() {
        let lead = if number == 0 { first } else { rest };
        out.push_str(format!("{lead}{}", painted(style, line)).trim_end());
        out.push('\n');
    }
    out
}

/// Columns that `text` takes; colours take none.
pub(crate) fn visible(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().width()
}

/// `text` cut to `width` columns, with a mark where something is missing.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for character in text.chars() {
        out.push(character);
        if out.width() >= width {
            out.pop();
            break;
        }
    }
    out.push('…');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_broken_between_words_and_otherwise_as_it_is() {
        let text = "Hi Sarah,\n\nwe talked about the hours your reps lose\n- got it: you have read the record\n> quoted as it was written by them\n";
        assert_eq!(
            paragraphs(text, Some(24)),
            "Hi Sarah,\n\nwe talked about the\nhours your reps lose\n- got it: you have read\n  the record\n> quoted as it was\n> written by them\n"
        );
        assert_eq!(paragraphs(text, None), text);
    }

    #[test]
    fn lines_are_broken_between_words_and_colours_take_no_room() {
        let text = format!("one {} three", painted(BAD, "two"));
        assert_eq!(wrapped(&text, 7).len(), 2);
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), [""]);
        assert_eq!(wrapped("averylongword x", 4), ["averylongword", "x"]);
    }

    #[test]
    fn further_lines_stand_below_the_text_of_the_first() {
        let lines = hanging("  label  ", "         ", "some words that go on and on", Style::new(), 30);
        assert_eq!(lines, "  label  some words that go on\n         and on\n");
    }

    #[test]
    fn a_cut_says_that_something_is_missing() {
        assert_eq!(cut("Acme Corp", 9), "Acme Corp");
        assert_eq!(cut("Acme Corp", 5), "Acme…");
        assert_eq!(cut("日本語", 5), "日本…");
    }
}
