//! A CSV file as CRMs and spreadsheets write it: separated by comma, semicolon or tab, line breaks and separators within
//! quotes, blank lines in between.

use csv_core::{ReadFieldResult, ReaderBuilder};

/// One row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TextRow {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    pub cells: Vec<String>,
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
    let mut reader = ReaderBuilder::new().delimiter(separator).build();
    let mut input = text.as_bytes();
    let mut cell = vec![0; text.len().max(1)];
    let (mut found, mut cells) = (Vec::new(), Vec::new());
    // A cell that the end of the file cuts off comes in two pieces.
    let mut bytes: Vec<u8> = Vec::new();
    let mut line = first_line;
    loop {
        if cells.is_empty() {
            // Line breaks before a row are the ends of blank lines, which the reader passes over.
            let blank = input.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
            line = first_line + reader.line() - 1 + blank.filter(|byte| **byte == b'\n').count() as u64;
        }
        let (result, read, written) = reader.read_field(input, &mut cell);
        input = input.get(read..).unwrap_or_default();
        bytes.extend_from_slice(cell.get(..written).unwrap_or_default());
        match result {
            ReadFieldResult::Field { record_end } => {
                cells.push(String::from_utf8_lossy(&bytes).trim().to_owned());
                bytes.clear();
                if record_end {
                    let cells = std::mem::take(&mut cells);
                    if cells.iter().any(|cell| !cell.is_empty()) {
                        found.push(TextRow { line, cells });
                    }
                }
            }
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
            ReadFieldResult::End => return found,
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
    fn a_file_may_name_its_separator_and_lack_its_last_line_end() {
        let expected =
            [(2, vec!["a,b".to_owned(), "c".to_owned()]), (3, vec!["1".to_owned(), "2".to_owned()])];
        assert_eq!(read("sep=;\na,b;c\n1;2"), expected);
        assert_eq!(read(""), []);
    }
}
