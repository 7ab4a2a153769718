//! Tables that fit the terminal: words wrap within their column and never break. Where the longest words do not fit side
//! by side, each row becomes a list of its cells.
//!
//! Known limit: a single word that is wider than the terminal stays whole, so that it can be copied.

use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::terminal::{BAD, GOOD, HEADING, hanging, visible};

/// Columns between two columns of text.
const GAP: usize = 2;

/// The text of a cell, and whether it is good news or bad.
#[derive(Clone, Debug)]
pub(super) struct FittedCell {
    text: String,
    good: Option<bool>,
}

impl FittedCell {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), good: None }
    }

    pub(super) fn coloured(text: impl Into<String>, good: Option<bool>) -> Self {
        Self { text: text.into(), good }
    }
}

/// Headings and rows. What has no heading belongs to the cell before it.
#[derive(Clone, Debug)]
pub(super) struct FittedTable {
    pub head: Vec<&'static str>,
    pub rows: Vec<Vec<FittedCell>>,
    /// Headings are bold.
    pub is_styled: bool,
}

impl FittedTable {
    /// The table for a terminal of so many columns; as wide as it is where that is not known.
    pub(super) fn text(&self, columns: Option<usize>) -> String {
        let needed: usize =
            (0..self.head.len()).map(|place| self.longest_word(place) + self.gap(place)).sum();
        match columns {
            Some(columns) if needed > columns => self.list(columns),
            columns => self.table(columns),
        }
    }

    /// Blanks behind a column; none behind the last.
    fn gap(&self, place: usize) -> usize {
        if place + 1 < self.head.len() { GAP } else { 0 }
    }

    fn longest_word(&self, place: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(place)).map(|cell| cell.text.as_str());
        let texts = cells.chain(self.head.get(place).copied());
        texts.flat_map(str::split_whitespace).map(visible).max().unwrap_or_default()
    }

    fn table(&self, columns: Option<usize>) -> String {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        // `anstream` takes the colours out again where there may be none.
        table.enforce_styling();
        if let Some(columns) = columns {
            table.set_width(width(columns));
        }
        table.set_header(self.head.iter().map(|words| match self.is_styled {
            true => Cell::new(words).add_attribute(Attribute::Bold),
            false => Cell::new(words),
        }));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| match cell.good {
                Some(true) => Cell::new(&cell.text).fg(Color::DarkGreen),
                Some(false) => Cell::new(&cell.text).fg(Color::DarkRed),
                None => Cell::new(&cell.text),
            }));
        }
        for (place, column) in table.column_iter_mut().enumerate() {
            let gap = self.gap(place);
            column.set_padding((0, width(gap)));
            let least = Width::Fixed(width(self.longest_word(place) + gap));
            column.set_constraint(ColumnConstraint::LowerBoundary(least));
        }
        table.to_string().lines().map(|line| without_blanks_behind(line) + "\n").collect()
    }

    fn list(&self, columns: usize) -> String {
        let label = self.head.iter().skip(1).map(|words| visible(words)).max().unwrap_or_default();
        let mut out = String::new();
        for row in &self.rows {
            let mut cells = self.head.iter().zip(row);
            let mut first = cells.next().map(|(_, cell)| cell.text.clone()).unwrap_or_default();
            let is_of_first = |head: &&str| head.is_empty();
            let rest: Vec<_> = cells.collect();
            for (_, cell) in rest.iter().filter(|(head, _)| is_of_first(head)) {
                first.push_str(&format!(", {}", cell.text));
            }
            let heading = if self.is_styled { HEADING } else { anstyle::Style::new() };
            out.push_str(&hanging("", "  ", &first, heading, columns));
            for (head, cell) in rest.iter().filter(|(head, cell)| !is_of_first(head) && !cell.text.is_empty())
            {
                let style = match cell.good {
                    Some(true) => GOOD,
                    Some(false) => BAD,
                    None => anstyle::Style::new(),
                };
                let lead = format!("  {head:<label$}  ");
                out.push_str(&hanging(&lead, &" ".repeat(visible(&lead)), &cell.text, style, columns));
            }
        }
        out
    }
}

fn width(columns: usize) -> u16 {
    u16::try_from(columns).unwrap_or(u16::MAX)
}

/// A line without the blanks at its end, which may stand within colours.
fn without_blanks_behind(line: &str) -> String {
    let (mut end, mut is_escape, mut escapes) = (0, false, String::new());
    for (at, character) in line.char_indices() {
        is_escape |= character == '\u{1b}';
        if is_escape {
            escapes.push(character);
            is_escape = !character.is_ascii_alphabetic();
        } else if character != ' ' {
            end = at + character.len_utf8();
            escapes.clear();
        }
    }
    line.get(..end).unwrap_or(line).to_owned() + &escapes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> FittedTable {
        let row = |cells: [&str; 4]| cells.map(FittedCell::new).into();
        FittedTable {
            head: vec!["COMPANY", "", "FIRST TOUCH", "WHY"],
            rows: vec![
                row([
                    "Acme-Corporation-Holdings",
                    "AE",
                    "in time, after 2 h 5 min",
                    "Calvin answered in the thread",
                ]),
                row(["Globex", "AE", "", "nobody knows"]),
            ],
            is_styled: true,
        }
    }

    fn plain(columns: Option<usize>) -> String {
        anstream::adapter::strip_str(&table().text(columns)).to_string()
    }

    #[test]
    fn words_wrap_and_never_break_whatever_the_width() {
        let all = plain(None);
        let words: Vec<&str> = all.split_whitespace().collect();
        for columns in 40..140 {
            let text = plain(Some(columns));
            for line in text.lines() {
                assert!(visible(line) <= columns, "{columns}: {line}");
            }
            for word in text.split_whitespace() {
                let word = word.trim_end_matches(',');
                assert!(words.iter().any(|whole| whole.trim_end_matches(',') == word), "{columns}: {word}");
            }
        }
    }

    #[test]
    fn no_blanks_stand_at_the_end_of_a_line_whatever_its_colours() {
        for columns in [None, Some(60), Some(100)] {
            let text = plain(columns);
            assert!(text.lines().all(|line| line.trim_end() == line), "{text:?}");
        }
        assert_eq!(
            without_blanks_behind("\u{1b}[1mA  B \u{1b}[0m \u{1b}[0m"),
            "\u{1b}[1mA  B\u{1b}[0m\u{1b}[0m"
        );
    }

    #[test]
    fn a_narrow_terminal_gets_a_list() {
        assert_eq!(
            plain(Some(40)),
            "Acme-Corporation-Holdings, AE\n  FIRST TOUCH  in time, after 2 h 5 min\n  WHY          Calvin answered in the\n\
             \u{20}              thread\nGlobex, AE\n  WHY          nobody knows\n"
        );
        assert!(plain(Some(60)).starts_with("COMPANY"));
    }
}
