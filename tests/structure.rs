//! Rules about the source tree that the compiler does not check: imports go one way, every file opens with its
//! purpose, no file is too long, and no two types share a name.
//!
//! A room is a top-level module of the crate, such as `mail` or `store`; `src/lib.rs` lists them.

#![expect(clippy::panic, reason = "a tree that cannot be read fails the test, with the file's name")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Lines without the tests; a longer file needs a reason, and stands in `LONG_WITH_REASON`.
const MOST_LINES: usize = 450;

/// Files that are longer, and why.
const LONG_WITH_REASON: [(&str, &str); 6] = [
    ("src/store/outbox.rs", "one table and every way in which a row of it changes"),
    ("src/agent/reading.rs", "one folder read to the present, from listing to commit"),
    ("src/agent/delivery.rs", "the one place that mail leaves from"),
    ("src/domain/judge/wanted.rs", "section 12's table, one function for each mail"),
    ("src/domain/judge/case.rs", "everything that verdicts, mails and story are made from"),
    ("src/domain/judge/seen_messages.rs", "merging and placing of mail, which know each other"),
];

/// May be named by every room, and names none.
const NAMED_BY_ALL: &str = "language";

/// Which rooms a room may name. Rooms that are not listed may be named by all.
const MAY_NAME: [(&str, &[&str]); 13] = [
    (NAMED_BY_ALL, &[NAMED_BY_ALL]),
    ("domain", &["domain"]),
    ("mail", &["domain", "mail"]),
    ("record", &["domain", "record", "diagnostics"]),
    ("templates", &["domain", "templates", "mail"]),
    ("store", &["domain", "store"]),
    ("imap", &["domain", "imap", "tls", "clock"]),
    ("smtp", &["domain", "smtp", "tls", "clock"]),
    ("tls", &["tls"]),
    ("clock", &["domain", "clock"]),
    ("diagnostics", &["diagnostics"]),
    ("config", &["domain", "config", "record", "diagnostics", "clock"]),
    ("sandbox", &["sandbox"]),
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    for entry in entries {
        let path = entry.map(|entry| entry.path()).unwrap_or_else(|error| panic!("{error}"));
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(Path::new("src"), &mut found);
    assert!(found.len() > 50, "the sources were not found");
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path.to_string_lossy().into_owned(), text)
        })
        .collect()
}

fn is_test_file(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("tests.rs")
}

/// The part of a file above its test module.
fn body(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod ").next().unwrap_or(text)
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let silent: Vec<String> = all_sources()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(path, _)| path)
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn no_file_outgrows_its_purpose() {
    let long: Vec<String> = all_sources()
        .into_iter()
        .filter(|(path, _)| !is_test_file(path) && !LONG_WITH_REASON.iter().any(|(known, _)| known == path))
        .map(|(path, text)| (body(&text).lines().count(), path))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

/// The names that a line mentions right after `crate::`, also where it reaches the crate's root by `super::`.
///
/// `depth` is how many modules the file lies below the root: so many times `super::` is the root itself.
fn rooms_named(line: &str, depth: usize) -> Vec<String> {
    let up = "super::".repeat(depth);
    let crossing = line
        .match_indices(&up)
        .filter(|(at, _)| !line.get(..*at).unwrap_or_default().ends_with("super::"))
        .map(|(at, _)| line.get(at + up.len()..).unwrap_or_default());
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    line.split("crate::")
        .skip(1)
        .chain(crossing)
        .flat_map(|text| match text.strip_prefix('{') {
            Some(list) => list.split(',').map(|one| name(one.trim())).collect(),
            None => vec![name(text)],
        })
        .collect()
}

/// How many modules a file's own module lies below the crate's root: `src/mail/read.rs` two.
fn depth_of(path: &str) -> usize {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inside.split('/').count()
}

#[test]
fn imports_run_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in all_sources() {
        let room = path.trim_start_matches("src/").split(['/', '.']).next().unwrap_or_default().to_owned();
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == room) else { continue };
        if is_test_file(&path) {
            continue;
        }
        for (number, line) in body(&text).lines().enumerate() {
            let line = line.trim();
            if line.starts_with("//") {
                continue;
            }
            for named in rooms_named(line, depth_of(&path)) {
                let is_room =
                    MAY_NAME.iter().any(|(name, _)| *name == named) || named == "agent" || named == "cli";
                if is_room && named != NAMED_BY_ALL && !allowed.contains(&named.as_str()) {
                    wrong.push(format!("{path}:{}: {room} names {named}", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_path_through_super_that_reaches_the_root_names_a_room() {
    assert_eq!(rooms_named("use super::super::store::Store;", depth_of("src/mail/read.rs")), ["store"]);
    assert_eq!(
        rooms_named("use super::super::{tls, store};", depth_of("src/mail/mod.rs") + 1),
        ["tls", "store"]
    );
    assert_eq!(rooms_named("use super::text::split;", depth_of("src/mail/read.rs")), Vec::<String>::new());
}

/// The name that a line declares as a type, if it does: a struct, an enum, a trait or an alias.
fn declared_type(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ").map(|(_, rest)| rest)?,
        Some(rest) => rest.trim_start(),
        None => line,
    };
    let rest = ["struct ", "enum ", "trait ", "type "].iter().find_map(|word| line.strip_prefix(word))?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    rest.get(..end)
}

/// Types that a trait demands of each of its implementations.
const ASSOCIATED: [&str; 3] = ["Target", "Handle", "Response"];

#[test]
fn no_two_types_share_a_name() {
    let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in all_sources().iter().filter(|(path, _)| !is_test_file(path)) {
        // Twice in one file is one type for two platforms.
        for name in body(text).lines().filter_map(declared_type).filter(|name| !ASSOCIATED.contains(name)) {
            places.entry(name.to_owned()).or_default().insert(path.clone());
        }
    }
    places.retain(|_, paths| paths.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn only_the_clock_module_reads_a_clock() {
    let wrong: Vec<String> = all_sources()
        .into_iter()
        .filter(|(path, _)| !path.starts_with("src/clock") && !is_test_file(path))
        .filter(|(_, text)| {
            ["Utc::now()", "Local::now()", "SystemTime::now()", "Instant::now()"]
                .iter()
                .any(|call| body(text).contains(call))
        })
        .map(|(path, _)| path)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
