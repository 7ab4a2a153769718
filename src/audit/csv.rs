//! CSV as every spreadsheet reads it (RFC 4180), with no cell that one could take for a formula.

/// What a text must not begin with: spreadsheets run it, or skip it and run what follows.
const BEGINS_A_FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];
/// What a cell has to be quoted for. Some countries' spreadsheets separate cells by `;` or tab.
const NEEDS_QUOTES: [char; 6] = ['"', ',', ';', '\t', '\r', '\n'];

/// One cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TableCell {
    /// Anybody may have written it.
    Text(String),
    /// A number of ours, as it is to stand.
    Number(String),
    Empty,
}

impl TableCell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        TableCell::Text(text.into())
    }

    pub(crate) fn number(number: Option<impl ToString>) -> Self {
        number.map_or(TableCell::Empty, |number| TableCell::Number(number.to_string()))
    }

    fn write(&self, out: &mut String) {
        let text = match self {
            TableCell::Empty => return,
            TableCell::Number(number) => return out.push_str(number),
            TableCell::Text(text) if text.starts_with(BEGINS_A_FORMULA) => format!("'{text}"),
            TableCell::Text(text) => text.clone(),
        };
        if text.contains(NEEDS_QUOTES) {
            out.push_str(&format!("\"{}\"", text.replace('"', "\"\"")));
        } else {
            out.push_str(&text);
        }
    }
}

/// A heading and its rows.
pub(crate) fn table(heading: &[&str], rows: impl IntoIterator<Item = Vec<TableCell>>) -> String {
    let heading: Vec<TableCell> = heading.iter().map(|name| TableCell::text(*name)).collect();
    let mut out = String::new();
    for row in std::iter::once(heading).chain(rows) {
        for (number, cell) in row.iter().enumerate() {
            if number > 0 {
                out.push(',');
            }
            cell.write(&mut out);
        }
        out.push_str("\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_be_taken_for_a_formula_and_every_text_comes_back() {
        for text in [
            "=1+1",
            "+41 44 555",
            "-2",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "=cmd|' /C calc'!A0",
            "Acme, Inc.",
            "say \"hi\"",
            "a;=1",
            "Zoë",
        ] {
            let written = table(&["a", "b"], [vec![TableCell::text(text), TableCell::text("next")]]);
            let mut reader = csv_core::Reader::new();
            let mut cells = vec![];
            let (mut input, mut cell) = (written.as_bytes(), vec![0; 200]);
            loop {
                let (result, read, len) = reader.read_field(input, &mut cell);
                input = &input[read..];
                match result {
                    csv_core::ReadFieldResult::Field { .. } => {
                        cells.push(String::from_utf8(cell[..len].to_vec()).unwrap());
                    }
                    csv_core::ReadFieldResult::End => break,
                    _ => {}
                }
            }
            assert_eq!(cells.len(), 4, "{written:?}");
            assert!(!cells[2].starts_with(BEGINS_A_FORMULA), "{text:?}");
            assert_eq!(cells[2].trim_start_matches('\''), text);
        }
    }

    #[test]
    fn numbers_stay_numbers() {
        let row =
            vec![TableCell::number(Some(-1)), TableCell::number(None::<i32>), TableCell::number(Some(0.5))];
        assert_eq!(table(&["a", "b", "c"], [row]), "a,b,c\r\n-1,,0.5\r\n");
    }
}
