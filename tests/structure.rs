//! Rules about the source tree that the compiler does not check: imports go one way, every file opens with its
//! purpose, and no two types share a name. How long things may be: `sizes.rs`.
//!
//! A room is a top-level module of the crate, such as `mail` or `store`; `src/lib.rs` lists them.

#![expect(clippy::panic, reason = "a tree that cannot be read fails the test, with the file's name")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// May be named by every room, and name none but each other, in this order.
const NAMED_BY_ALL: [&str; 2] = ["language", "pattern"];

/// Which rooms a room may name. `agent` and `cli`, which are not listed, may name all.
const MAY_NAME: [(&str, &[&str]); 18] = [
    ("language", &["language", "pattern"]),
    ("pattern", &["pattern"]),
    ("domain", &["domain"]),
    ("mail", &["domain", "mail"]),
    ("record", &["domain", "record", "diagnostics"]),
    ("templates", &["domain", "files", "templates"]),
    ("store", &["domain", "store"]),
    ("imap", &["imap", "tls"]),
    ("smtp", &["domain", "smtp", "tls"]),
    ("oauth", &["files", "oauth", "tls"]),
    ("tls", &["tls"]),
    ("clock", &["domain", "clock"]),
    ("diagnostics", &["diagnostics"]),
    ("files", &["files"]),
    ("output", &["output"]),
    ("config", &["domain", "config", "files", "record", "diagnostics"]),
    ("audit", &["domain", "audit"]),
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
                let is_for_all =
                    NAMED_BY_ALL.contains(&named.as_str()) && !NAMED_BY_ALL.contains(&room.as_str());
                if is_room && !is_for_all && !allowed.contains(&named.as_str()) {
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

/// Modules of `domain` that count as one file here, and why.
const ONE_UNIT: [(&str, &str); 1] =
    [("domain::answer", "one subject, words in and meaning out: its files share what mod.rs defines")];

/// Every path that begins with `text`, whose braces are written out: `a::{b, c::d}` is `a::b` and `a::c::d`.
/// The second value is what follows.
fn written_out(mut text: &str) -> (Vec<Vec<String>>, &str) {
    let mut path: Vec<String> = Vec::new();
    loop {
        text = text.trim_start();
        if let Some(mut list) = text.strip_prefix('{') {
            let mut paths = Vec::new();
            loop {
                list = list.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
                if list.is_empty() || list.starts_with('}') {
                    return (paths, list.strip_prefix('}').unwrap_or(list));
                }
                let (inner, rest) = written_out(list);
                paths.extend(inner.into_iter().map(|inner| [path.clone(), inner].concat()));
                list = if rest.len() < list.len() { rest } else { "" };
            }
        }
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        let (name, rest) = text.split_at(end);
        if !name.is_empty() {
            path.push(name.to_owned());
        }
        match rest.strip_prefix("::") {
            Some(rest) => text = rest,
            // What a name is imported as, and `*`.
            None => return (vec![path], rest.trim_start_matches(|c: char| c != ',' && c != '}' && c != ';')),
        }
    }
}

/// The modules that a module's code names, each as a path below the crate's root.
fn modules_named(module: &str, code: &str, modules: &BTreeSet<String>) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for (at, _) in code.match_indices("::") {
        let before = code.get(..at).unwrap_or_default();
        let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').map_or(0, |found| found + 1);
        let first = before.get(start..).unwrap_or_default();
        // Only where a path begins.
        if first.is_empty() || before.get(..start).unwrap_or_default().ends_with("::") {
            continue;
        }
        let is_child = modules.contains(&format!("{module}::{first}"));
        if !is_child && !matches!(first, "super" | "crate" | "self") {
            continue;
        }
        for path in written_out(code.get(start..).unwrap_or_default()).0 {
            let mut place: Vec<&str> =
                if first == "crate" { Vec::new() } else { module.split("::").collect() };
            for name in path.iter().map(String::as_str) {
                match name {
                    "super" => drop(place.pop()),
                    "crate" | "self" => {}
                    name => place.push(name),
                }
            }
            let prefixes = (1..=place.len()).rev().filter_map(|length| place.get(..length));
            named.extend(prefixes.map(|prefix| prefix.join("::")).find(|prefix| modules.contains(prefix)));
        }
    }
    named.remove(module);
    named
}

/// What is left of a graph once everything was taken out that nothing leads to or that leads nowhere.
fn circles(mut graph: BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, BTreeSet<String>> {
    loop {
        let before = graph.len();
        let targets: BTreeSet<String> = graph.values().flatten().cloned().collect();
        graph.retain(|module, named| targets.contains(module) && !named.is_empty());
        let left: BTreeSet<String> = graph.keys().cloned().collect();
        for named in graph.values_mut() {
            named.retain(|name| left.contains(name));
        }
        if graph.len() == before {
            return graph;
        }
    }
}

fn without_comments(code: &str) -> String {
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |all, line| all + line + "\n")
}

#[test]
fn no_files_of_the_domain_import_each_other_in_a_circle() {
    let files: BTreeMap<String, String> = all_sources()
        .into_iter()
        .filter(|(path, _)| path.starts_with("src/domain/") && !is_test_file(path))
        .map(|(path, text)| {
            let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
            (inside.replace('/', "::"), without_comments(body(&text)))
        })
        .collect();
    let modules: BTreeSet<String> = files.keys().cloned().collect();
    let unit = |module: &str| {
        let whole = ONE_UNIT.iter().find(|(unit, _)| module.starts_with(unit));
        whole.map_or(module, |(unit, _)| unit).to_owned()
    };
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, code) in &files {
        let named =
            modules_named(module, code, &modules).iter().map(|name| unit(name)).collect::<BTreeSet<_>>();
        graph.entry(unit(module)).or_default().extend(named);
    }
    for (module, named) in &mut graph {
        named.remove(module);
    }
    assert!(graph.values().map(BTreeSet::len).sum::<usize>() > 100, "the imports were not read");
    let circles = circles(graph);
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn a_circle_is_found_and_what_hangs_on_it_is_not_named() {
    let modules = BTreeSet::from(["d", "d::a", "d::b", "d::b::c"].map(str::to_owned));
    let named =
        |module: &str, code: &str| modules_named(module, code, &modules).into_iter().collect::<Vec<_>>();
    assert_eq!(named("d::a", "use super::{b::{c::Thing, Other as One}, Top};"), ["d", "d::b", "d::b::c"]);
    assert_eq!(named("d::b", "c::thing(super::a::x(), crate::d::a::*)"), ["d::a", "d::b::c"]);
    assert_eq!(named("d::b::c", "use super::super::a::{self, b};"), ["d::a"]);
    let graph = [("x", vec!["y"]), ("y", vec!["z", "leaf"]), ("z", vec!["y"]), ("leaf", vec![])];
    let graph = graph.map(|(from, to)| (from.to_owned(), to.into_iter().map(str::to_owned).collect()));
    assert_eq!(circles(graph.into()).into_keys().collect::<Vec<_>>(), ["y", "z"]);
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

/// A client of the sandbox's mail server sends a pattern of folder names, which is no part of the program.
const COMPILES_WHAT_CLIENTS_SEND: &str = "src/sandbox/folders.rs";

#[test]
fn only_the_pattern_module_compiles_patterns() {
    let wrong: Vec<String> = all_sources()
        .into_iter()
        .filter(|(path, _)| path != "src/pattern.rs" && !path.starts_with("src/pattern/"))
        .filter(|(path, _)| path != COMPILES_WHAT_CLIENTS_SEND)
        .filter(|(path, _)| !is_test_file(path))
        .filter(|(_, text)| {
            ["Regex::new(", "RegexBuilder", "RegexSet", "Regex::builder("]
                .iter()
                .any(|call| body(text).contains(call))
        })
        .map(|(path, _)| path)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?}");
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

/// Where a text names standard output or standard error, or prints, other than through `output`. Whether it is a
/// terminal, and how wide, may be asked by everybody.
fn prints(text: &str) -> Vec<String> {
    const WAYS: [&str; 9] = [
        "stdout()",
        "stderr()",
        "println!",
        "print!(",
        "anstream::Auto",
        "anstream::std",
        "io::Stdout",
        "io::Stderr",
        "/dev/tty",
    ];
    let harmless =
        ["output::stdout", "output::stderr", "context.stdout", "columns_of_stderr()", "error.use_stderr()"];
    without_comments(text)
        .lines()
        .filter(|line| {
            let allowed = ["std::io::stdout().is_terminal()", "std::io::stderr().is_terminal()"]
                .into_iter()
                .chain(["terminal_size_of(std::io::stdout())", "terminal_size_of(std::io::stderr())"])
                .chain(harmless);
            let left = allowed.fold((*line).to_owned(), |left, way| left.replace(way, ""));
            WAYS.iter().any(|way| left.contains(way)) && !left.contains("fn stdout(")
        })
        .map(|line| line.trim().to_owned())
        .collect()
}

#[test]
fn only_the_output_module_prints() {
    let wrong: Vec<String> = all_sources()
        .into_iter()
        // A build script speaks to cargo.
        .filter(|(path, _)| path != "src/output.rs" && path != "src/language/build.rs" && !is_test_file(path))
        .flat_map(|(path, text)| prints(body(&text)).into_iter().map(move |line| format!("{path}: {line}")))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_prints_past_the_output_module_is_found() {
    for line in [
        "writeln!(std::io::stdout(), \"x\")?;",
        "let mut out = io::stderr().lock();",
        "eprintln!(\"{name}\");",
        "print!(\"x\");",
        "anstream::eprint!(\"x\");",
        "let mut out = anstream::stdout().lock();",
        "if std::io::stdout().is_terminal() { stdout().write_all(b) }",
    ] {
        assert_eq!(prints(line).len(), 1, "{line}");
    }
    for line in [
        "let is_shown = std::io::stderr().is_terminal();",
        "writeln!(context.stdout(), \"x\")?;",
        "writeln!(output::stderr(), \"x\")?;",
        "// println! is for nobody",
    ] {
        assert!(prints(line).is_empty(), "{line}");
    }
}
