//! The language files: a table is read when one of its roles is first asked for.
//!
//! A file that is wrong (an unknown role, a class that is missing, a pattern without an example) is a fault of the
//! program, which the tests of this folder find; in a release such a line is left out.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use include_dir::{Dir, File, include_dir};
use toml::{Table, Value};

use super::notation::{Classes, escaped, expression};
use super::role::{ReadAs, Role};
use super::tables;

pub(super) static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/language");

/// One line of a language file. Some twenty thousand lie in memory.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Words as they are in the file; of a pattern its regular expression.
    text: Box<str>,
    is_pattern: bool,
    /// Which of several things it names, in roles that list them: the month less one.
    group: Option<u16>,
    #[cfg(test)]
    pub(crate) tested: TestedLine,
}

/// What the tests read of a pattern.
#[cfg(test)]
#[derive(Clone, Debug, Default)]
pub(crate) struct TestedLine {
    /// As it is in the file.
    pub(crate) pattern: Option<String>,
    /// What must match it and no other line of this role and language.
    pub(crate) example: Option<String>,
}

impl Line {
    fn words(text: &str, group: Option<usize>) -> Self {
        Self {
            text: text.into(),
            is_pattern: false,
            group: group.and_then(|group| u16::try_from(group).ok()),
            #[cfg(test)]
            tested: TestedLine::default(),
        }
    }

    /// Of roles whose lines are words: as they are in the file.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its regular expression.
    pub(crate) fn expression(&self) -> Cow<'_, str> {
        if self.is_pattern { Cow::from(&*self.text) } else { escaped(&self.text).into() }
    }

    /// Which of several things it names.
    pub(crate) fn group(&self) -> Option<usize> {
        self.group.map(usize::from)
    }

    /// As it is in the file, whatever it is.
    #[cfg(test)]
    pub(crate) fn written(&self) -> &str {
        self.tested.pattern.as_deref().unwrap_or(&self.text)
    }
}

/// One language's words.
#[derive(Debug)]
pub(crate) struct Source {
    /// ISO 639-1, with a region where that differs (`zh-hant`); the file's name.
    pub(crate) code: String,
    /// In English.
    pub(crate) name: String,
    /// The language parts its words by blanks.
    blanks: bool,
    sections: Vec<SourceTable>,
    /// Classes that every table may use.
    shared: OnceLock<Classes>,
    /// What is wrong before the first table; the tests read it.
    #[cfg(test)]
    head: (Table, Vec<String>),
}

/// A table of a file, with those below it.
#[derive(Debug)]
struct SourceTable {
    name: &'static str,
    /// As they stand in the file.
    pieces: Vec<&'static str>,
    lines: OnceLock<HashMap<Role, Vec<Line>>>,
}

impl Source {
    pub(crate) fn lines(&self, role: Role) -> &[Line] {
        let Some(section) = self.section(role.place().0) else { return &[] };
        let lines = section.lines.get_or_init(|| self.lines_of(section, &mut Vec::new()));
        lines.get(&role).map_or(&[], Vec::as_slice)
    }

    fn section(&self, name: &str) -> Option<&SourceTable> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// The tables whose names are wanted.
    pub(super) fn tables(&self, is_wanted: impl Fn(&str) -> bool, faults: &mut Vec<String>) -> Table {
        let wanted = self.sections.iter().filter(|section| is_wanted(section.name));
        let text: String = wanted.flat_map(|section| &section.pieces).copied().collect();
        table(&self.code, &text, faults)
    }

    fn shared(&self) -> &Classes {
        self.shared.get_or_init(|| {
            let table = self.tables(|name| name == "classes", &mut Vec::new());
            classes(&self.code, &table, self.blanks, &Classes::new(), &mut Vec::new())
        })
    }

    fn lines_of(&self, section: &SourceTable, faults: &mut Vec<String>) -> HashMap<Role, Vec<Line>> {
        let table = self.tables(|name| name == section.name, faults);
        let Some(table) = table.get(section.name).and_then(Value::as_table) else { return HashMap::new() };
        let own = classes(&self.code, table, self.blanks, self.shared(), faults);
        let mut found = HashMap::new();
        for role in Role::ALL.into_iter().filter(|role| role.place().0 == section.name) {
            let key = role.place().1;
            let Some(value) = table.get(key) else { continue };
            let mut fault =
                |what: String| faults.push(format!("{}.toml, {}.{key}: {what}", self.code, section.name));
            let mut lines = lines_of_role(role, value, &own, self.blanks, &mut fault);
            lines.shrink_to_fit();
            found.insert(role, lines);
        }
        found
    }
}

/// All languages, by code.
pub(super) fn languages() -> &'static [Source] {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(|| sources(FILES.files()));
    &ALL
}

/// The sources among `files`, by their names.
pub(super) fn sources(files: impl Iterator<Item = &'static File<'static>>) -> Vec<Source> {
    let mut files: Vec<_> =
        files.filter(|file| file.path().extension().is_some_and(|end| end == "toml")).collect();
    files.sort_by_key(|file| file.path());
    let code = |file: &File<'_>| {
        file.path().file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    };
    files.into_iter().map(|file| read(&code(file), file.contents_utf8().unwrap_or_default())).collect()
}

/// Cuts a file into its tables; each is parsed when it is needed.
pub(super) fn read(code: &str, text: &'static str) -> Source {
    let (head, tables) = tables::cut(text);
    let mut faults = Vec::new();
    let head = table(code, head, &mut faults);
    let section = |(name, pieces)| SourceTable { name, pieces, lines: OnceLock::new() };
    Source {
        code: code.to_owned(),
        name: head.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        blanks: head.get("blanks").and_then(Value::as_bool).unwrap_or(true),
        sections: tables.into_iter().map(section).collect(),
        shared: OnceLock::new(),
        #[cfg(test)]
        head: (head, faults),
    }
}

fn table(code: &str, text: &str, faults: &mut Vec<String>) -> Table {
    text.parse::<Table>().unwrap_or_else(|error| {
        faults.push(format!("{code}.toml: {error}"));
        Table::new()
    })
}

fn lines_of_role(
    role: Role,
    value: &Value,
    classes: &Classes,
    blanks: bool,
    fault: &mut dyn FnMut(String),
) -> Vec<Line> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    match role.read_as() {
        ReadAs::Group(size) => {
            if items.len() != size {
                fault(format!("{} lists instead of {size}", items.len()));
            }
            let group = |(group, words)| strings(words).map(move |word| Line::words(word, Some(group)));
            items.iter().enumerate().flat_map(group).collect()
        }
        ReadAs::Phrase | ReadAs::Word => strings(value).map(|words| Line::words(words, None)).collect(),
        ReadAs::Pattern | ReadAs::Fragment => {
            let has_edges = blanks && role.read_as() == ReadAs::Pattern;
            items.iter().filter_map(|pair| pattern_line(pair, classes, has_edges, fault)).collect()
        }
    }
}

/// A line that is written as `["pattern", "example"]`.
fn pattern_line(
    pair: &Value,
    classes: &Classes,
    has_edges: bool,
    fault: &mut dyn FnMut(String),
) -> Option<Line> {
    let mut pair = strings(pair);
    let (Some(pattern), Some(_example)) = (pair.next(), pair.next()) else {
        fault(format!("a pattern is written [\"pattern\", \"example\"], not {:?}", pair.next()));
        return None;
    };
    let expression = expression(pattern, classes, has_edges).map_err(fault).ok()?;
    Some(Line {
        text: expression.into(),
        is_pattern: true,
        group: None,
        #[cfg(test)]
        tested: TestedLine { pattern: Some(pattern.to_owned()), example: Some(_example.to_owned()) },
    })
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str)
}

/// `classes` of the file or of one section: lists of words, or of patterns over other classes.
fn classes(code: &str, table: &Table, blanks: bool, shared: &Classes, faults: &mut Vec<String>) -> Classes {
    let mut classes = shared.clone();
    let Some(named) = table.get("classes").and_then(Value::as_table) else { return classes };
    // A class may use others: as many rounds as there are classes settle every order.
    let mut open: Vec<(&String, &Value)> = named.iter().collect();
    for _ in 0..named.len() {
        open.retain(|(name, words)| {
            let written: Result<Vec<String>, String> = strings(words)
                .map(|word| {
                    expression(word, &classes, blanks).map(|_| ()).and_then(|()| inner(word, &classes))
                })
                .collect();
            match written {
                Ok(alternatives) => {
                    classes.insert((*name).clone(), format!("(?:{})", alternatives.join("|")));
                    false
                }
                Err(_) => true,
            }
        });
    }
    for (name, words) in open {
        let why =
            strings(words).find_map(|word| expression(word, &classes, blanks).err()).unwrap_or_default();
        faults.push(format!("{code}.toml, classes.{name}: {why}"));
    }
    classes
}

/// A class's word without ends of words: the pattern that it is in sets those.
fn inner(word: &str, classes: &Classes) -> Result<String, String> {
    expression(word, classes, false)
}

/// What the tests of this folder ask for.
#[cfg(test)]
impl Source {
    /// Why a role has no words here, by `table.key`, `table.*` or `*`.
    pub(crate) fn missing(&self) -> HashMap<String, String> {
        let table = self.tables(|name| name == "missing", &mut Vec::new());
        let missing = table.get("missing").and_then(Value::as_table);
        let reason = |why: &Value| why.as_str().unwrap_or_default().to_owned();
        missing.into_iter().flatten().map(|(role, why)| (role.clone(), reason(why))).collect()
    }

    /// What is wrong with the file; tables that `is_known` hold no lines.
    pub(crate) fn faults(&self, is_known: impl Fn(&str) -> bool) -> Vec<String> {
        let (head, faults) = &self.head;
        let mut faults = faults.clone();
        let stray = head.keys().filter(|key| !matches!(key.as_str(), "name" | "blanks"));
        faults.extend(stray.map(|key| format!("{}.toml: `{key}` is no table of roles", self.code)));
        let shared = self.tables(|name| name == "classes", &mut faults);
        classes(&self.code, &shared, self.blanks, &Classes::new(), &mut faults);
        let of_roles = |name: &str| name != "classes" && name != "missing" && !is_known(name);
        for section in self.sections.iter().filter(|section| of_roles(section.name)) {
            self.lines_of(section, &mut faults);
        }
        for (section, value) in &self.tables(of_roles, &mut Vec::new()) {
            let is_role = |key: &str| Role::ALL.iter().any(|role| role.place() == (section.as_str(), key));
            let keys = value.as_table().into_iter().flat_map(Table::keys);
            let unknown = keys.filter(|key| *key != "classes" && !is_role(key));
            faults
                .extend(unknown.map(|key| format!("{}.toml: no role is called {section}.{key}", self.code)));
        }
        faults
    }
}
