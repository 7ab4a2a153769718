//! `people_file`: people from a CSV file (RFC 4180), a line each, whose columns are the keys of a person.
//!
//! A row becomes a table of the same form as `[[people]]`, with the place of every cell, so that one reader names the
//! faults of both. Spreadsheets write commas, semicolons or tabs between the columns; whichever the first line has the
//! most of is meant. Cells of columns that nobody knows are never quoted: they may hold anything.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::diagnostics::{Fault, SourceText, nearest};
use crate::files;

use super::toml_fields::{ConfigFaults, TomlFields, TomlValue};
use super::values::unreadable;

/// The columns that a file may have, and whether a cell is a list.
const COLUMNS: [(&str, bool); 14] = [
    ("name", false),
    ("roles", true),
    ("address", false),
    ("aliases", true),
    ("delegates", true),
    ("account", false),
    ("provider", false),
    ("manager", false),
    ("introduce", false),
    ("signature", false),
    ("zone", false),
    ("workdays", true),
    ("hours", false),
    ("holidays", true),
];

/// Between the items of a list.
const LIST_SEPARATOR: char = ';';

/// A file of people, taken apart.
#[derive(Debug)]
pub(crate) struct PeopleFile {
    /// Those of the file's form.
    pub faults: Vec<Fault>,
    pub source: Arc<SourceText>,
    rows: Vec<PersonRow>,
}

/// One line, or several where a cell holds line breaks.
#[derive(Debug)]
struct PersonRow {
    cells: DeTable<'static>,
    span: Range<usize>,
}

impl PeopleFile {
    /// The rows as tables.
    pub(crate) fn tables(&self) -> Vec<TomlFields<'_>> {
        self.rows.iter().map(|row| TomlFields::new("this line", &row.cells, row.span.clone())).collect()
    }
}

/// Reads the file that `text` names. `None` where it cannot be read; then the reason is in `faults`.
pub(crate) fn read(text: &TomlValue<String>, dir: &Path, faults: &mut ConfigFaults) -> Option<PeopleFile> {
    let path = dir.join(&text.value);
    faults.files.push(path.clone());
    let name = path.display().to_string();
    match files::read(&path, files::MOST_BYTES).map(|bytes| decoded(&name, &bytes)) {
        Ok(Ok(content)) => Some(parse(&name, &content)),
        Ok(Err(fault)) => {
            faults.add(*fault);
            None
        }
        Err(error) => {
            let fault = unreadable(faults, text, &path, &error);
            faults.add(fault);
            None
        }
    }
}

/// Spreadsheets save "CSV" in Windows-1252 and "Unicode text" in UTF-16.
fn decoded(name: &str, bytes: &[u8]) -> Result<String, Box<Fault>> {
    crate::record::decode(name, bytes).map_err(|_| {
        let fault = Fault::of_file(name, "this is no text file");
        Box::new(fault.help("save the table as \"CSV UTF-8\""))
    })
}

/// Who is in a file, as far as a new configuration has to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PeopleInFile {
    pub count: usize,
    pub sdrs: usize,
    /// Address of the first SDR, else of the first person, whose mailbox is an account.
    pub first_mailbox: Option<String>,
    pub first_address: Option<String>,
    pub addresses: Vec<String>,
    /// The first provider that a line names.
    pub provider: Option<String>,
}

/// Looks into a file of people; what is wrong in it shows when the configuration is read.
pub(crate) fn people_of(path: &Path) -> Result<PeopleInFile, Box<Fault>> {
    let name = path.display().to_string();
    let bytes = files::read(path, files::MOST_BYTES).map_err(|error| {
        Box::new(Fault::of_file(&name, format!("the file of people cannot be read: {error}")))
    })?;
    let file = parse(&name, &decoded(&name, &bytes)?);
    let mut faults = ConfigFaults::new(Arc::clone(&file.source));
    let mut people = PeopleInFile { count: file.rows.len(), ..PeopleInFile::default() };
    let mut first_sdr = None;
    for mut row in file.tables() {
        let address = row.string("address", &mut faults).map(|text| text.value);
        let is_sdr = row
            .strings("roles", &mut faults)
            .is_some_and(|roles| roles.iter().any(|role| role.value.eq_ignore_ascii_case("sdr")));
        people.sdrs += usize::from(is_sdr);
        let provider = row.string("provider", &mut faults).map(|text| text.value);
        people.provider = people.provider.or_else(|| provider.clone());
        if provider.is_some() {
            if is_sdr && first_sdr.is_none() {
                first_sdr.clone_from(&address);
            }
            people.first_mailbox = people.first_mailbox.or_else(|| address.clone());
        }
        people.addresses.extend(address.clone());
        people.first_address = people.first_address.or(address);
    }
    people.first_mailbox = first_sdr.or(people.first_mailbox);
    Ok(people)
}

/// A cell, as it is meant and where it is.
#[derive(Clone, Debug)]
struct CsvCell {
    text: String,
    /// Without its quotation marks.
    span: Range<usize>,
}

fn parse(name: &str, content: &str) -> PeopleFile {
    let text = content.strip_prefix('\u{feff}').unwrap_or(content);
    let mut records = records(text);
    let empty = |record: &Vec<CsvCell>| record.iter().all(|cell| cell.text.trim().is_empty());
    records.retain(|record| !empty(record));
    let mut records = records.into_iter();
    let header = records.next().unwrap_or_default();
    let records: Vec<Vec<CsvCell>> = records.collect();
    let columns: Vec<Option<(&'static str, bool)>> = header.iter().map(column).collect();
    let hidden: Vec<Range<usize>> = records
        .iter()
        .flat_map(|record| record.iter().enumerate())
        .filter(|(index, _)| columns.get(*index).copied().flatten().is_none())
        .map(|(_, cell)| cell.span.clone())
        .collect();
    let source = Arc::new(SourceText::with_hidden(name, text, &hidden));
    let mut faults = ConfigFaults::new(source);
    check_header(&header, &columns, &mut faults);
    let rows = records.iter().map(|record| row(record, &columns, &mut faults)).collect();
    PeopleFile { faults: faults.list, source: faults.source, rows }
}

fn column(cell: &CsvCell) -> Option<(&'static str, bool)> {
    let written = cell.text.trim().to_lowercase();
    COLUMNS.into_iter().find(|(name, _)| *name == written)
}

fn check_header(header: &[CsvCell], columns: &[Option<(&'static str, bool)>], faults: &mut ConfigFaults) {
    let names = || COLUMNS.into_iter().map(|(name, _)| name);
    let example = "name,roles,address,provider,zone,manager";
    if header.is_empty() {
        let fault = Fault::of_file(faults.source.name(), "the file is empty")
            .help("its first line names the columns, every other line is a person")
            .example(example);
        faults.add(fault);
        return;
    }
    for (index, cell) in header.iter().enumerate() {
        let known = columns.get(index).copied().flatten();
        let fault = match known {
            Some((name, _)) => {
                let same = |other: &Option<(&str, bool)>| other.is_some_and(|(other, _)| other == name);
                if !columns.iter().take(index).any(same) {
                    continue;
                }
                faults
                    .error(&cell.span, format!("there are two columns `{name}`"))
                    .help("keep one of the two")
            }
            None if cell.text.trim().is_empty() => {
                faults.error(&cell.span, "this column has no name").help("name it, or delete it")
            }
            None => {
                let fault = faults.error(&cell.span, format!("there is no column `{}`", cell.text.trim()));
                match nearest(cell.text.trim(), names()) {
                    Some(near) => fault.help(format!("did you mean `{near}`?")),
                    None => fault.help(format!("the columns are {}", names().collect::<Vec<_>>().join(", "))),
                }
            }
        };
        faults.add(fault);
    }
    for needed in ["name", "roles", "address"] {
        let is_there = columns.iter().flatten().any(|(name, _)| *name == needed);
        let is_misspelt = header.iter().any(|cell| nearest(cell.text.trim(), names()) == Some(needed));
        // `[defaults]` may give everybody their roles.
        if !is_there && !is_misspelt && needed != "roles" {
            let last = header.last().map_or(0, |cell| cell.span.end);
            let fault = faults.error(&(0..last), format!("the column `{needed}` is missing"));
            faults.add(fault.help("the first line names the columns").example(example));
        }
    }
}

fn row(record: &[CsvCell], columns: &[Option<(&'static str, bool)>], faults: &mut ConfigFaults) -> PersonRow {
    let span =
        record.first().map_or(0, |cell| cell.span.start)..record.last().map_or(0, |cell| cell.span.end);
    let mut cells = DeTable::new();
    for (index, cell) in record.iter().enumerate() {
        let Some(column) = columns.get(index) else {
            if !cell.text.trim().is_empty() {
                let fault = faults
                    .error(&cell.span, "this line has more cells than there are columns")
                    .help("a cell with a separator in it needs quotation marks; items of a list are separated by `;`");
                faults.add(fault);
            }
            continue;
        };
        let Some((name, is_list)) = *column else { continue };
        if cell.text.trim().is_empty() {
            continue;
        }
        let value = if is_list { list(cell) } else { string(&cell.text, cell.span.clone()) };
        cells.entry(Spanned::new(cell.span.clone(), Cow::Borrowed(name))).or_insert(value);
    }
    PersonRow { cells, span }
}

fn string(text: &str, span: Range<usize>) -> Spanned<DeValue<'static>> {
    Spanned::new(span, DeValue::String(Cow::Owned(text.trim().to_owned())))
}

fn list(cell: &CsvCell) -> Spanned<DeValue<'static>> {
    let mut items = DeArray::new();
    let mut start = cell.span.start;
    for item in cell.text.split(LIST_SEPARATOR) {
        let blanks = item.len() - item.trim_start().len();
        // Off by the doubled quotation marks before it, which no address or date has.
        let begins = (start + blanks).min(cell.span.end);
        let ends = (begins + item.trim().len()).min(cell.span.end);
        if !item.trim().is_empty() {
            items.push(string(item, begins..ends));
        }
        start += item.len() + LIST_SEPARATOR.len_utf8();
    }
    Spanned::new(cell.span.clone(), DeValue::Array(items))
}

/// What is between the columns: whichever the first line has the most of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    // Of equals the last is taken.
    b"\t;,".iter().copied().max_by_key(count).unwrap_or(b',')
}

fn records(text: &str) -> Vec<Vec<CsvCell>> {
    let mut reader: Reader = ReaderBuilder::new().delimiter(delimiter(text)).build();
    let bytes = text.as_bytes();
    // No cell is longer than the text, and one of no length would be taken for a full one.
    let mut buffer = vec![0_u8; bytes.len() + 1];
    let (mut at, mut begins) = (0, 0);
    let mut records = Vec::new();
    let mut record = Vec::new();
    let mut written = 0;
    loop {
        let (outcome, read, wrote) = reader
            .read_field(bytes.get(at..).unwrap_or_default(), buffer.get_mut(written..).unwrap_or_default());
        at += read;
        written += wrote;
        match outcome {
            // The end of the text is told by an empty input, once more.
            ReadFieldResult::InputEmpty => {}
            ReadFieldResult::OutputFull | ReadFieldResult::End => break,
            ReadFieldResult::Field { record_end } => {
                let cell = String::from_utf8_lossy(buffer.get(..written).unwrap_or_default()).into_owned();
                record.push(CsvCell { span: content_of(text, begins..at), text: cell });
                written = 0;
                begins = at;
                if record_end {
                    records.push(std::mem::take(&mut record));
                }
            }
        }
    }
    records
}

/// A cell's place without what is around it: separators, line ends, blanks, quotation marks.
fn content_of(text: &str, raw: Range<usize>) -> Range<usize> {
    let piece = text.get(raw.clone()).unwrap_or_default();
    let is_around = |c: char| matches!(c, ',' | ';' | '\t' | '\r' | '\n' | '"') || c.is_whitespace();
    let begins = raw.start + (piece.len() - piece.trim_start_matches(is_around).len());
    let ends = raw.start + piece.trim_end_matches(is_around).len();
    if begins < ends { begins..ends } else { raw.start..raw.start }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<(String, String)>> {
        let shown = |cell: CsvCell| (cell.text, text.get(cell.span).unwrap_or("?").to_owned());
        records(text).into_iter().map(|record| record.into_iter().map(shown).collect()).collect()
    }

    #[test]
    fn every_cell_is_found_with_its_place_whatever_separates_them() {
        for delimiter in [",", ";", "\t"] {
            let text = "name,address,zone\r\n\"Fox, \"\"D\"\" Dana\", dana@vendor.example ,\nLee,,UTC"
                .replace(',', delimiter);
            let text = text.replace(&format!("Fox{delimiter}"), "Fox,");
            let all = cells(&text);
            assert_eq!(all.len(), 3, "{delimiter:?} {all:?}");
            assert_eq!(all[1][0].0, "Fox, \"D\" Dana");
            assert_eq!(all[1][1].1, "dana@vendor.example");
            assert_eq!(all[2][2], ("UTC".to_owned(), "UTC".to_owned()));
            assert_eq!(all[2][1].1, "");
        }
    }

    #[test]
    fn items_of_a_list_have_their_places() {
        let text = "aliases\na@v.example; b@v.example ;;c@v.example\n";
        let file = parse("people.csv", text);
        assert_eq!(file.faults.len(), 2, "name and address are missing");
        let mut faults = ConfigFaults::new(Arc::new(SourceText::new("people.csv", text)));
        let mut tables = file.tables();
        let list = tables[0].strings("aliases", &mut faults).unwrap();
        let found: Vec<_> =
            list.iter().map(|item| (item.value.as_str(), text.get(item.span.clone()).unwrap())).collect();
        let address = |text| (text, text);
        assert_eq!(found, [address("a@v.example"), address("b@v.example"), address("c@v.example")]);
    }
}
