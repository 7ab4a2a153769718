//! What a configuration is as a whole: its file and the files that it names, and a digest of them all.
//!
//! Two processes with the same digest act on the same configuration. Comments and the order of keys do not count, nor
//! does where the files lie. Passwords are no part of it: they are read when they are needed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ring::digest::{Context, SHA256};

use crate::diagnostics::Fault;
use crate::files;

use super::{Config, Surroundings, parse_with_files, text_of};

/// A configuration as it was found at one moment.
#[derive(Debug)]
pub(crate) struct ConfigReading {
    pub config: Result<Config, Vec<Fault>>,
    pub digest: String,
    /// The file itself and the files and folders that it names.
    pub files: Vec<PathBuf>,
}

/// Reads the file and all that it names. Known limit: a file that is replaced in the very moment between two readings
/// of it may count by its newer text; the agent waits until nothing has changed for a while.
pub(crate) fn read_all(path: &Path, surroundings: &Surroundings<'_>) -> ConfigReading {
    let text = match text_of(path) {
        Ok(text) => text,
        Err(faults) => {
            let digest = hex(Context::new(&SHA256));
            return ConfigReading { config: Err(faults), digest, files: vec![path.to_owned()] };
        }
    };
    let (config, named) = parse_with_files(&text, path, surroundings);
    let named: BTreeSet<PathBuf> = named.into_iter().collect();
    let digest = digest_of(&text, path, &named);
    let config = config.map(|config| Config { digest: digest.clone(), ..config });
    let files = std::iter::once(path.to_owned()).chain(named).collect();
    ConfigReading { config, digest, files }
}

fn digest_of(text: &str, path: &Path, named: &BTreeSet<PathBuf>) -> String {
    let mut all = Context::new(&SHA256);
    // Keys in one order, and without comments.
    let table = text.trim_start_matches('\u{feff}').parse::<toml::Table>();
    add(&mut all, table.map_or_else(|_| text.to_owned(), |table| table.to_string()).as_bytes());
    let dir = path.parent().unwrap_or(Path::new(""));
    for file in named {
        add(&mut all, file.strip_prefix(dir).unwrap_or(file).as_os_str().as_encoded_bytes());
        for part in parts_of(file) {
            add(&mut all, part.file_name().unwrap_or_default().as_encoded_bytes());
            match files::read(&part, files::MOST_BYTES) {
                Ok(content) => add(&mut all, &content),
                Err(_) => add(&mut all, b"\0"),
            }
        }
    }
    hex(all)
}

/// A file is itself; of a folder the files that lie in it count.
pub(crate) fn parts_of(path: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(path) else { return vec![path.to_owned()] };
    let files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<PathBuf> = files.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// With its length, so that no two lists of parts are the same bytes.
fn add(all: &mut Context, part: &[u8]) {
    all.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
    all.update(part);
}

fn hex(all: Context) -> String {
    all.finish().as_ref().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// The database that a file names, also where the rest of the file cannot be used: what watches over the agent has to
/// find it all the same.
pub(crate) fn database_of(path: &Path) -> PathBuf {
    let bytes = files::read(path, files::MOST_BYTES).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let named = |text: &str| -> Option<String> {
        let table = text.trim_start_matches('\u{feff}').parse::<toml::Table>().ok()?;
        table.get("database")?.as_str().map(str::to_owned)
    };
    let whole = named(&text);
    let line = || text.lines().find(|line| line.trim_start().starts_with("database")).and_then(named);
    let name = whole.or_else(line).unwrap_or_else(|| "baton.db".to_owned());
    path.parent().unwrap_or(Path::new("")).join(name)
}
