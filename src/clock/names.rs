//! Names of time zones: which a directory holds, and which one was meant by a wrong one.
//!
//! Known limit: what is proposed is a guess by spelling and by city, not by geography.

use std::fs;
use std::io::Read;
use std::path::Path;

/// `posix` repeats the database, `right` counts leap seconds; neither names zones of its own.
const NOT_ZONES: [&str; 6] = ["posix", "right", "posixrules", "localtime", "Factory", "SystemV"];

/// Deepest name there is: `America/Argentina/Buenos_Aires`.
const DEEPEST: usize = 3;

/// Names of all TZif files below `dir`, in no order.
pub(super) fn in_directory(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    collect(dir, "", 1, &mut names);
    names
}

fn collect(dir: &Path, prefix: &str, depth: usize, names: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let file = entry.file_name();
        let Some(file) = file.to_str().filter(|file| !NOT_ZONES.contains(file)) else { continue };
        let path = entry.path();
        if path.is_dir() {
            if depth < DEEPEST {
                collect(&path, &format!("{prefix}{file}/"), depth + 1, names);
            }
        } else if is_tzif(&path) {
            names.push(format!("{prefix}{file}"));
        }
    }
}

fn is_tzif(path: &Path) -> bool {
    let mut magic = [0; 4];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut magic)).is_ok() && magic == *b"TZif"
}

/// The first line of a text file, at most 200 bytes of it.
pub(super) fn first_line(path: &Path) -> Option<String> {
    let mut start = Vec::new();
    fs::File::open(path).ok()?.take(200).read_to_end(&mut start).ok()?;
    String::from_utf8_lossy(&start).lines().next().map(str::to_owned)
}

/// The name in `names` that is nearest to `wrong`, by the whole name or by its city alone.
pub(super) fn nearest(wrong: &str, names: &[String]) -> Option<String> {
    let wrong = plain(wrong);
    if wrong.is_empty() {
        return None;
    }
    let best = names
        .iter()
        .map(|name| (likeness(&wrong, name), name))
        .max_by(|one, other| one.0.total_cmp(&other.0));
    best.filter(|(likeness, _)| *likeness > 0.72).map(|(_, name)| name.clone())
}

/// 1 for the same letters; a little less where only the city is the same.
fn likeness(wrong: &str, name: &str) -> f64 {
    let whole = strsim::normalized_damerau_levenshtein(wrong, &plain(name));
    let city = name.rsplit('/').next().unwrap_or(name);
    let city_of_wrong = wrong.rsplit('/').next().unwrap_or(wrong);
    whole.max(0.95 * strsim::normalized_damerau_levenshtein(city_of_wrong, &plain(city)))
}

/// Lower-case letters, digits and `/`: `New York`, `new_york` and `NewYork` are one.
fn plain(name: &str) -> String {
    name.to_lowercase().chars().filter(|letter| letter.is_alphanumeric() || *letter == '/').collect()
}
