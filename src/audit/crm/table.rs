//! A CSV file as CRMs and spreadsheets write it: separated by comma, semicolon or tab, line breaks and separators within
//! quotes, blank lines in between. A quote that is never closed costs its own line, not those behind it.

use csv_core::{ReadFieldResult, ReaderBuilder};

/// One row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextRow {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    pub cells: Vec<String>,
    /// A quote in it is never closed; its cells are not known.
    pub is_cut: bool,
}

/// What may separate cells.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// The rows of a file, blank ones left out; the first has the headings.
pub(crate) fn rows(text: &str) -> Vec<TextRow> {
    let mut first_line = 1;
    let mut text = text;
    let mut separator = None;
    // Excel's own word for its separator.
    if let Some((line, rest)) = text.split_once('\n')
        && let Some(named) = line.trim().strip_prefix("sep=")
    {
        separator = named.bytes().next().filter(|one| SEPARATORS.contains(one));
        (text, first_line) = (rest, 2);
    }
    let separator = separator.unwrap_or_else(|| most_used(text));
    let mut cell = vec![0; text.len().max(1)];
    let mut found: Vec<TextRow> = Vec::new();
    let mut line = first_line;
    loop {
        let blank = text.len() - text.trim_start_matches(['\n', '\r']).len();
        line += line_ends(text.get(..blank).unwrap_or_default());
        text = text.get(blank..).unwrap_or_default();
        if text.is_empty() {
            return found;
        }
        let (cells, length) = first_row(text, separator, &mut cell);
        let own = text.get(..length).unwrap_or(text);
        if let Some((first, behind)) = own.trim_end_matches(['\n', '\r']).split_once('\n')
            && let Some(width) = found.first().map(|headings| headings.cells.len())
            && (cells.len() != width || own.matches('"').count() % 2 == 1)
            && let Some(next) = behind.lines().find(|line| !line.trim().is_empty())
            && first_row(next, separator, &mut cell).0.len() == width
        {
            found.push(TextRow { line, cells: vec![first.trim_end().to_owned()], is_cut: true });
            text = text.get(first.len()..).unwrap_or_default();
            continue;
        }
        if cells.iter().any(|cell| !cell.is_empty()) {
            found.push(TextRow { line, cells, is_cut: false });
        }
        line += line_ends(own);
        text = text.get(length..).unwrap_or_default();
    }
}

fn line_ends(text: &str) -> u64 {
    text.bytes().filter(|byte| *byte == b'\n').count() as u64
}

/// The cells of the first row of a text, and how many bytes it takes. `cell` has room for any of them.
fn first_row(text: &str, separator: u8, cell: &mut [u8]) -> (Vec<String>, usize) {
    let mut reader = ReaderBuilder::new().delimiter(separator).build();
    let mut input = text.as_bytes();
    let mut cells = Vec::new();
    // A cell that the end of the file cuts off comes in two pieces.
    let mut bytes: Vec<u8> = Vec::new();
    loop {
        let (result, read, written) = reader.read_field(input, cell);
        input = input.get(read..).unwrap_or_default();
        bytes.extend_from_slice(cell.get(..written).unwrap_or_default());
        match result {
            ReadFieldResult::Field { record_end } => {
                cells.push(String::from_utf8_lossy(&bytes).trim().to_owned());
                bytes.clear();
                if record_end {
                    return (cells, text.len() - input.len());
                }
            }
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
            ReadFieldResult::End => return (cells, text.len()),
        }
    }
}

/// The separator that the headings have the most of.
fn most_used(text: &str) -> u8 {
    let mut counts = [0_usize; SEPARATORS.len()];
    let mut quoted = false;
    for byte in text.trim_start().bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            byte => {
                for (count, separator) in counts.iter_mut().zip(SEPARATORS) {
                    *count += usize::from(byte == separator);
                }
            }
        }
    }
    let counted = counts.iter().zip(SEPARATORS);
    counted.rev().max_by_key(|(count, _)| **count).map_or(b',', |(_, separator)| separator)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(u64, Vec<String>)> {
        rows(text).into_iter().map(|row| (row.line, row.cells)).collect()
    }

    #[test]
    fn every_separator_is_found_and_rows_keep_the_lines_that_they_begin_on() {
        for separator in [",", ";", "\t"] {
            let text =
                "Company|Owner\r\n\"Acme|Inc\nBerlin\"|Calvin\r\n\r\nGlobex|Rita\r\n".replace('|', separator);
            let acme = format!("Acme{separator}Inc\nBerlin");
            let expected = [
                (1, vec!["Company".to_owned(), "Owner".to_owned()]),
                (2, vec![acme, "Calvin".to_owned()]),
                (5, vec!["Globex".to_owned(), "Rita".to_owned()]),
            ];
            assert_eq!(read(&text), expected);
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_its_own_line_alone() {
        for tail in ["3,c\n4,d\n", "\"3\",\"c\"\n4,d\n", "\r\n3,\"c\"\r\n4,d"] {
            let read = rows(&format!("a,b\n1,a\n2,\"b\n{tail}"));
            let kept: Vec<&str> =
                read.iter().filter(|row| !row.is_cut).map(|row| row.cells[0].as_str()).collect();
            assert_eq!(kept, ["a", "1", "3", "4"], "{tail}");
            let cut: Vec<u64> = read.iter().filter(|row| row.is_cut).map(|row| row.line).collect();
            assert_eq!(cut, [3], "{tail}");
        }
        // Line breaks within quotes are none.
        assert_eq!(
            rows("a,b\n\"1\n1,1\",x\n2,y\n").iter().map(|row| row.line).collect::<Vec<_>>(),
            [1, 2, 4]
        );
    }

    #[test]
    fn a_file_may_name_its_separator_and_lack_its_last_line_end() {
        let expected =
            [(2, vec!["a,b".to_owned(), "c".to_owned()]), (3, vec!["1".to_owned(), "2".to_owned()])];
        assert_eq!(read("sep=;\na,b;c\n1;2"), expected);
        assert_eq!(read(""), []);
    }
}
