//! The house rules that a compiler does not know: imports run one way, every file says what it is for, none
//! outgrows its purpose. `src/lib.rs` tells the rooms.

#![expect(clippy::panic, reason = "a tree that cannot be read fails the test, with the file's name")]

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
    ("src/domain/judge/case.rs", "everything that verdicts, mails and story are told from"),
    ("src/domain/judge/seen_messages.rs", "merging and placing of mail, which know each other"),
];

/// Which rooms a room may name. Rooms that are not listed may be named by all.
const MAY_NAME: [(&str, &[&str]); 12] = [
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
            for named in line.split("crate::").skip(1) {
                let named: String = named.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let is_room =
                    MAY_NAME.iter().any(|(name, _)| *name == named) || named == "agent" || named == "cli";
                if is_room && !allowed.contains(&named.as_str()) {
                    wrong.push(format!("{path}:{}: {room} names {named}", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_reads_a_clock_outside_its_room() {
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
