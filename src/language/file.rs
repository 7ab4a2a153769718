//! The language files: read once, every line with the place it came from.
//!
//! A file that is wrong (an unknown role, a class that is missing, a pattern without an example) is a fault of the
//! program, which the tests of this folder find; in a release such a line is left out.

use std::collections::HashMap;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};
use toml::{Table, Value};

use super::notation::{Classes, escaped, expression};
use super::role::{ReadAs, Role};

pub(super) static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/language");

/// One line of a language file.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// As it is in the file.
    pub(crate) text: String,
    /// Its regular expression.
    pub(crate) expression: String,
    /// What must match it and no other line of this role and language; the tests read it.
    #[cfg(test)]
    pub(crate) example: Option<String>,
    /// Which of several things it names, in roles that list them: the month less one.
    pub(crate) group: Option<usize>,
}

/// One language's words.
#[derive(Debug)]
pub(crate) struct Source {
    /// ISO 639-1, with a region where that differs (`zh-hant`); the file's name.
    pub(crate) code: String,
    /// In English.
    pub(crate) name: String,
    lines: HashMap<Role, Vec<Line>>,
    /// Why a role has no words here: `table.key` or `*`; the tests read it.
    #[cfg(test)]
    pub(crate) missing: HashMap<String, String>,
}

impl Source {
    pub(crate) fn lines(&self, role: Role) -> &[Line] {
        self.lines.get(&role).map_or(&[], Vec::as_slice)
    }
}

/// All languages, by code.
pub(super) fn languages() -> &'static [Source] {
    static ALL: LazyLock<Vec<Source>> = LazyLock::new(|| read_all().0);
    &ALL
}

/// All languages, and what is wrong with their files.
pub(super) fn read_all() -> (Vec<Source>, Vec<String>) {
    let (mut sources, mut faults) = (Vec::new(), Vec::new());
    let mut files: Vec<_> = FILES.files().collect();
    files.sort_by_key(|file| file.path());
    for file in files {
        let path = file.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let code = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let text = file.contents_utf8().unwrap_or_default();
        sources.push(read(&code, text, &mut faults));
    }
    (sources, faults)
}

pub(super) fn read(code: &str, text: &str, faults: &mut Vec<String>) -> Source {
    from_table(code, &table(code, text, faults), faults)
}

pub(super) fn table(code: &str, text: &str, faults: &mut Vec<String>) -> Table {
    text.parse::<Table>().unwrap_or_else(|error| {
        faults.push(format!("{code}.toml: {error}"));
        Table::new()
    })
}

pub(super) fn from_table(code: &str, table: &Table, faults: &mut Vec<String>) -> Source {
    let blanks = table.get("blanks").and_then(Value::as_bool).unwrap_or(true);
    let mut source = Source {
        code: code.to_owned(),
        name: table.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
        lines: HashMap::new(),
        #[cfg(test)]
        missing: reasons(table),
    };
    let shared = classes(code, table, blanks, &Classes::new(), faults);
    let of_sections: HashMap<&str, Classes> = table
        .iter()
        .filter_map(|(section, value)| Some((section.as_str(), value.as_table()?)))
        .filter(|(_, value)| value.contains_key("classes"))
        .map(|(section, value)| (section, classes(code, value, blanks, &shared, faults)))
        .collect();
    for role in Role::ALL {
        let (section, key) = role.place();
        let classes = of_sections.get(section).unwrap_or(&shared);
        let Some(value) = table.get(section).and_then(|section| section.get(key)) else { continue };
        let mut found = Vec::new();
        let mut fault = |what: String| faults.push(format!("{code}.toml, {section}.{key}: {what}"));
        match role.read_as() {
            ReadAs::Group(size) => {
                let groups = value.as_array().map(Vec::as_slice).unwrap_or_default();
                if groups.len() != size {
                    fault(format!("{} lists instead of {size}", groups.len()));
                }
                for (group, words) in groups.iter().enumerate() {
                    found.extend(strings(words).map(|word| Line {
                        text: word.to_owned(),
                        expression: escaped(word),
                        #[cfg(test)]
                        example: None,
                        group: Some(group),
                    }));
                }
            }
            ReadAs::Phrase | ReadAs::Word => found.extend(strings(value).map(|phrase| Line {
                text: phrase.to_owned(),
                expression: escaped(phrase),
                #[cfg(test)]
                example: None,
                group: None,
            })),
            ReadAs::Pattern | ReadAs::Fragment => {
                for pair in value.as_array().map(Vec::as_slice).unwrap_or_default() {
                    let mut pair = strings(pair);
                    let (Some(pattern), Some(_example)) = (pair.next(), pair.next()) else {
                        fault(format!(
                            "a pattern is written [\"pattern\", \"example\"], not {pair:?}",
                            pair = pair.next()
                        ));
                        continue;
                    };
                    match expression(pattern, classes, blanks && role.read_as() == ReadAs::Pattern) {
                        Ok(expression) => found.push(Line {
                            text: pattern.to_owned(),
                            expression,
                            #[cfg(test)]
                            example: Some(_example.to_owned()),
                            group: None,
                        }),
                        Err(what) => fault(what),
                    }
                }
            }
        }
        source.lines.insert(role, found);
    }
    unknown_keys(code, table, faults);
    source
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

#[cfg(test)]
fn reasons(table: &Table) -> HashMap<String, String> {
    let missing = table.get("missing").and_then(Value::as_table);
    missing
        .into_iter()
        .flatten()
        .map(|(role, why)| (role.clone(), why.as_str().unwrap_or_default().to_owned()))
        .collect()
}

fn unknown_keys(code: &str, table: &Table, faults: &mut Vec<String>) {
    for (section, value) in table {
        if matches!(section.as_str(), "name" | "blanks" | "classes" | "missing") {
            continue;
        }
        for key in value.as_table().into_iter().flat_map(Table::keys) {
            if key != "classes"
                && !Role::ALL.iter().any(|role| role.place() == (section.as_str(), key.as_str()))
            {
                faults.push(format!("{code}.toml: no role is called {section}.{key}"));
            }
        }
        if !value.is_table() {
            faults.push(format!("{code}.toml: `{section}` is no table of roles"));
        }
    }
}
