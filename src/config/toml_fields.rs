//! A TOML document as tables that are taken apart key by key, each with its place.
//!
//! Whatever is asked for is known; what nobody asked for is an unknown key, reported with the nearest right
//! name. A value of the wrong type is reported and then treated as absent.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::diagnostics::{Fault, SourceText, nearest};

use super::hiding;

/// A value and its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TomlValue<T> {
    pub value: T,
    pub span: Range<usize>,
}

/// The faults found so far, and the text that they quote.
#[derive(Debug)]
pub(crate) struct ConfigFaults {
    pub source: Arc<SourceText>,
    pub list: Vec<Fault>,
    pub warnings: Vec<Fault>,
    /// Files that the configuration names and that were read for it, whether or not they are there.
    pub files: Vec<PathBuf>,
}

impl ConfigFaults {
    pub(crate) fn new(source: Arc<SourceText>) -> Self {
        Self { source, list: Vec::new(), warnings: Vec::new(), files: Vec::new() }
    }

    pub(crate) fn error(&self, span: &Range<usize>, message: impl Into<String>) -> Fault {
        Fault::error(&self.source, span.clone(), message)
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.list.push(fault);
    }
}

/// Keys that belong to no table; whatever follows a `[table]` is part of it.
const OF_THE_WHOLE: [&str; 3] = ["database", "templates", "people_file"];

/// More broken lines than a person makes by mistake.
const MANY: usize = 5;

/// The document's tables, or every place where it is no TOML.
pub(crate) fn parse<'i>(
    name: &str,
    text: &'i str,
) -> (Arc<SourceText>, Result<Spanned<DeTable<'i>>, Vec<Fault>>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let source = Arc::new(SourceText::with_hidden(name, text, &hiding::secrets(text)));
    if errors.is_empty() {
        return (source, Ok(table));
    }
    let mut faults: Vec<Fault> = errors.iter().map(|error| syntax(&source, error)).collect();
    faults.dedup_by_key(|fault| fault.position().map(|position| position.line));
    if faults.len() > MANY {
        // One line after the other is wrong: another kind of file, and more of them would tell nothing.
        faults.truncate(1);
        let help = "most lines are not TOML; is this the configuration? `--config FILE` names another";
        faults = faults.into_iter().map(|fault| fault.help(help)).collect();
    }
    (source, Err(faults))
}

fn syntax(source: &Arc<SourceText>, error: &toml::de::Error) -> Fault {
    let span = error.span().unwrap_or(0..0);
    let message = error.message().lines().collect::<Vec<_>>().join(", ");
    let fault = Fault::error(source, span, format!("this is not TOML: {message}"));
    if message.contains("duplicate key") {
        fault.help("a key stands once in its table; keep one of the two")
    } else if message.contains("quoted") {
        fault.help("text stands in quotation marks: key = \"value\"")
    } else {
        fault.help("a line is `key = value`, a `[table]` or a `# comment`")
    }
}

/// One table, whose keys are asked for one by one.
#[derive(Debug)]
pub(crate) struct TomlFields<'t> {
    /// As a person names it: `[sla]`, `[accounts.dana]`, `[[people]]`.
    pub name: String,
    /// Its head, or the whole where it is written in braces.
    pub span: Range<usize>,
    entries: BTreeMap<&'t str, (Range<usize>, &'t Spanned<DeValue<'t>>)>,
    asked: Vec<&'static str>,
    /// Keys that must be there and are not, each with an example.
    lacking: Vec<(&'static str, String)>,
}

impl<'t> TomlFields<'t> {
    pub(crate) fn new(name: impl Into<String>, table: &'t DeTable<'t>, span: Range<usize>) -> Self {
        let entries =
            table.iter().map(|(key, value)| (key.get_ref().as_ref(), (key.span(), value))).collect();
        Self { name: name.into(), span, entries, asked: Vec::new(), lacking: Vec::new() }
    }

    /// Whether the key is there, whatever its type.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The key's value where it is text. It is not asked for by this.
    pub(crate) fn text_of(&self, key: &str) -> Option<&'t str> {
        let (_, value) = self.entries.get(key)?;
        value.get_ref().as_str()
    }

    /// Place of the key, else of the table's head.
    pub(crate) fn key_span(&self, key: &str) -> Range<usize> {
        self.entries.get(key).map_or(self.span.clone(), |(span, _)| span.clone())
    }

    /// Notes that the key is known although nobody reads it.
    pub(crate) fn ask(&mut self, key: &'static str) {
        self.asked.push(key);
    }

    fn take(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.asked.push(key);
        self.entries.get(key).map(|(_, value)| *value)
    }

    pub(crate) fn string(
        &mut self,
        key: &'static str,
        faults: &mut ConfigFaults,
    ) -> Option<TomlValue<String>> {
        let value = self.take(key)?;
        self.as_string(key, value, faults)
    }

    fn as_string(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        faults: &mut ConfigFaults,
    ) -> Option<TomlValue<String>> {
        match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                let fault = faults
                    .error(&value.span(), format!("`{key}` is empty"))
                    .help("fill it in, or leave the line out");
                faults.add(fault);
                None
            }
            DeValue::String(text) => Some(TomlValue { value: text.trim().to_owned(), span: value.span() }),
            _ => {
                wrong_type(key, value, "text in quotation marks", faults);
                None
            }
        }
    }

    /// A string that must be there; `example` is a whole line.
    pub(crate) fn required(
        &mut self,
        key: &'static str,
        example: &str,
        faults: &mut ConfigFaults,
    ) -> Option<TomlValue<String>> {
        if !self.has(key) {
            self.asked.push(key);
            self.missing(key, example);
            return None;
        }
        self.string(key, faults)
    }

    /// Notes that the key is missing. [`Self::finish`] reports it, unless it is there misspelt.
    pub(crate) fn missing(&mut self, key: &'static str, example: &str) {
        self.lacking.push((key, example.to_owned()));
    }

    pub(crate) fn boolean(
        &mut self,
        key: &'static str,
        faults: &mut ConfigFaults,
    ) -> Option<TomlValue<bool>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Boolean(is) => Some(TomlValue { value: *is, span: value.span() }),
            _ => {
                wrong_type(key, value, "`true` or `false`", faults);
                None
            }
        }
    }

    /// Strings in brackets; one string alone is taken for a list of one.
    pub(crate) fn strings(
        &mut self,
        key: &'static str,
        faults: &mut ConfigFaults,
    ) -> Option<Vec<TomlValue<String>>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Array(items) => {
                Some(items.iter().filter_map(|item| self.as_string(key, item, faults)).collect())
            }
            DeValue::String(_) => self.as_string(key, value, faults).map(|one| vec![one]),
            _ => {
                wrong_type(key, value, "a list of texts, such as [\"one\", \"two\"]", faults);
                None
            }
        }
    }

    /// Strings or dates in brackets, dates as text.
    pub(crate) fn strings_or_dates(
        &mut self,
        key: &'static str,
        faults: &mut ConfigFaults,
    ) -> Option<Vec<TomlValue<String>>> {
        let value = self.take(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            wrong_type(key, value, "a list, such as [\"2026-11-26\", \"holidays.ics\"]", faults);
            return None;
        };
        let read = |item: &Spanned<DeValue<'_>>, faults: &mut ConfigFaults| match item.get_ref() {
            DeValue::Datetime(date) => Some(TomlValue { value: date.to_string(), span: item.span() }),
            _ => self.as_string(key, item, faults),
        };
        Some(items.iter().filter_map(|item| read(item, faults)).collect())
    }

    /// A length such as `"4h"`; a bare `0` is taken too.
    pub(crate) fn length_text(
        &mut self,
        key: &'static str,
        faults: &mut ConfigFaults,
    ) -> Option<TomlValue<String>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Integer(number) if number.as_str() == "0" => {
                Some(TomlValue { value: "0".to_owned(), span: value.span() })
            }
            DeValue::String(_) => self.as_string(key, value, faults),
            _ => {
                wrong_type(key, value, "a length with its unit, such as \"60m\" or \"4h\"", faults);
                None
            }
        }
    }

    /// A time of day, in quotation marks or as a TOML time.
    pub(crate) fn time_text(
        &mut self,
        key: &'static str,
        faults: &mut ConfigFaults,
    ) -> Option<TomlValue<String>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Datetime(time) if time.date.is_none() => {
                Some(TomlValue { value: time.to_string(), span: value.span() })
            }
            DeValue::String(_) => self.as_string(key, value, faults),
            _ => {
                wrong_type(key, value, "a time of day, such as \"17:00\"", faults);
                None
            }
        }
    }

    pub(crate) fn table(&mut self, key: &'static str, faults: &mut ConfigFaults) -> Option<TomlFields<'t>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Table(table) => {
                Some(TomlFields::new(format!("[{key}]"), table, head(value.span(), faults)))
            }
            _ => {
                wrong_type(key, value, &format!("a table that begins with [{key}]"), faults);
                None
            }
        }
    }

    /// A table or a string under one key; `None` where it is neither or not there.
    pub(crate) fn table_or_string(
        &mut self,
        key: &'static str,
        faults: &mut ConfigFaults,
    ) -> Option<Result<TomlFields<'t>, TomlValue<String>>> {
        let value = self.take(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Ok(TomlFields::new(key, table, value.span()))),
            DeValue::String(text) => Some(Err(TomlValue { value: text.to_string(), span: value.span() })),
            _ => {
                wrong_type(key, value, "a table in braces", faults);
                None
            }
        }
    }

    /// `[key.a]`, `[key.b]`: names with their tables, in the order of the file.
    pub(crate) fn named_tables(
        &mut self,
        key: &'static str,
        faults: &mut ConfigFaults,
    ) -> Vec<(TomlValue<String>, TomlFields<'t>)> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let DeValue::Table(tables) = value.get_ref() else {
            wrong_type(key, value, &format!("tables that begin with [{key}.NAME]"), faults);
            return Vec::new();
        };
        let mut found = Vec::new();
        for (name, value) in tables {
            let text = name.get_ref().to_string();
            let DeValue::Table(table) = value.get_ref() else {
                wrong_type(&text, value, &format!("a table that begins with [{key}.{text}]"), faults);
                continue;
            };
            let fields = TomlFields::new(format!("[{key}.{text}]"), table, head(value.span(), faults));
            found.push((TomlValue { value: text, span: name.span() }, fields));
        }
        found.sort_by_key(|(name, _)| name.span.start);
        found
    }

    /// `[[key]]`, in the order of the file.
    pub(crate) fn tables(&mut self, key: &'static str, faults: &mut ConfigFaults) -> Vec<TomlFields<'t>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            wrong_type(key, value, &format!("tables that begin with [[{key}]]"), faults);
            return Vec::new();
        };
        let mut found = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::Table(table) => {
                    found.push(TomlFields::new(format!("[[{key}]]"), table, head(item.span(), faults)))
                }
                _ => wrong_type(key, item, &format!("a table that begins with [[{key}]]"), faults),
            }
        }
        found
    }

    /// Reports every key that nobody asked for, and every one that is missing.
    pub(crate) fn finish(self, faults: &mut ConfigFaults) {
        let unknown: Vec<_> = self.entries.iter().filter(|(key, _)| !self.asked.contains(*key)).collect();
        for (key, (span, _)) in &unknown {
            let fault = faults.error(span, format!("{} has no key `{key}`", self.name));
            let fault = match nearest(key, self.asked.iter().copied()) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None if OF_THE_WHOLE.contains(key) => {
                    fault.help(format!("`{key}` stands at the top of the file, above the first [table]"))
                }
                None => fault.help(format!("its keys are {}", self.asked.join(", "))),
            };
            faults.add(fault);
        }
        for (key, example) in self.lacking {
            let misspelt =
                unknown.iter().any(|(written, _)| nearest(written, self.asked.iter().copied()) == Some(key));
            if !misspelt {
                let message = format!("{} lacks `{key}`", self.name);
                faults.add(faults.error(&self.span, message).example(example));
            }
        }
    }
}

/// The first line of a table's span: its head is enough to show which one is meant.
fn head(span: Range<usize>, faults: &ConfigFaults) -> Range<usize> {
    let text = faults.source.text().get(span.clone()).unwrap_or("");
    let length = text.find('\n').unwrap_or(text.len());
    span.start..span.start + length
}

fn wrong_type(key: &str, value: &Spanned<DeValue<'_>>, wanted: &str, faults: &mut ConfigFaults) {
    let found = match value.get_ref() {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let fault = faults.error(&value.span(), format!("`{key}` is {wanted}")).label(format!("this is {found}"));
    faults.add(fault);
}
