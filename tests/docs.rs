//! The pages in `docs/` and at the top of the tree say what is so: names of code exist, links and paths lead
//! somewhere, sections that are cited are there.
//!
//! What stands between backticks in `docs/architecture.md` and looks like a name is looked for in `src`, as the end
//! of a whole path: `turn::settle` is found in `agent::turn::settle`. Known limit: a name of one word is found
//! wherever it is declared, in the right module or not.

#![expect(clippy::panic, reason = "a file that cannot be read or parsed fails the test, with its name")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use syn::visit::Visit;

const ARCHITECTURE: &str = "docs/architecture.md";

/// Beginnings of paths from the top of the tree.
const FOLDERS: [&str; 8] =
    ["src/", "tests/", "docs/", "fixtures/", "templates/", "benches/", "fuzz/", ".ci/"];

fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    for entry in entries {
        let path = entry.unwrap_or_else(|error| panic!("{error}")).path();
        match path.is_dir() {
            true if path.ends_with("target") || path.ends_with("corpus") => {}
            true => collect(&path, found),
            false => found.push(path),
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below these folders whose name ends in one of `endings`.
fn files(folders: &[&str], endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        collect(Path::new(folder), &mut found);
    }
    found.retain(|path| {
        path.extension().is_some_and(|end| endings.iter().any(|ending| end.to_str() == Some(*ending)))
    });
    found.sort();
    assert!(!found.is_empty(), "{folders:?} hold no {endings:?}");
    found
}

fn pages() -> Vec<PathBuf> {
    let mut found = files(&["docs", "tests", "fixtures"], &["md"]);
    found.extend(["README.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(PathBuf::from));
    found
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| panic!("{error}"))
}

/// What a page holds outside of its blocks of code.
fn prose(text: &str) -> String {
    let mut in_block = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// What stands between backticks.
fn code_spans(text: &str) -> Vec<String> {
    pattern("`([^`]+)`")
        .captures_iter(&prose(text))
        .filter_map(|found| Some(found.get(1)?.as_str().to_owned()))
        .collect()
}

/// The whole path of everything that a file declares.
struct Declarations {
    place: Vec<String>,
    found: BTreeSet<Vec<String>>,
}

impl Declarations {
    fn add(&mut self, name: &syn::Ident) {
        let path = self.place.iter().cloned().chain([name.to_string()]).collect();
        self.found.insert(path);
    }

    fn within(&mut self, name: String, visit: impl FnOnce(&mut Self)) {
        self.place.push(name);
        visit(self);
        self.place.pop();
    }
}

impl<'ast> Visit<'ast> for Declarations {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.sig.ident);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.add(&item.ident);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.add(&item.ident);
        self.within(item.ident.to_string(), |this| item.variants.iter().for_each(|one| this.add(&one.ident)));
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.add(&item.ident);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.add(&item.ident);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let syn::Type::Path(of) = &*item.self_ty else { return };
        let Some(last) = of.path.segments.last() else { return };
        self.within(last.ident.to_string(), |this| syn::visit::visit_item_impl(this, item));
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add(&item.sig.ident);
    }

    /// Types that a table makes: `enum Role { .. }` inside of a macro is seen by its words alone.
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        let text = item.mac.tokens.to_string();
        for found in pattern(r"\b(?:enum|struct) (\w+)").captures_iter(&text) {
            if let Some(name) = found.get(1) {
                self.add(&syn::Ident::new(name.as_str(), proc_macro2::Span::call_site()));
            }
        }
    }
}

/// Every declaration of `src`, tests aside, and every module, by the names from the crate's root on.
fn declarations() -> BTreeSet<Vec<String>> {
    let mut all = BTreeSet::new();
    for path in files(&["src"], &["rs"]) {
        let name = path.to_string_lossy().into_owned();
        if name.contains("/tests/") || name.ends_with("tests.rs") {
            continue;
        }
        let inside = name.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        let place: Vec<String> = inside.split('/').map(str::to_owned).collect();
        let file = syn::parse_file(&read(&path)).unwrap_or_else(|error| panic!("{name}: {error}"));
        all.insert(place.clone());
        let mut declarations = Declarations { place, found: BTreeSet::new() };
        declarations.visit_file(&file);
        all.append(&mut declarations.found);
    }
    assert!(all.len() > 1000, "the sources were not read");
    all
}

/// Names by their last part, so that a name is found by its end.
fn by_last_name(all: &BTreeSet<Vec<String>>) -> BTreeMap<&str, Vec<&[String]>> {
    let mut map: BTreeMap<&str, Vec<&[String]>> = BTreeMap::new();
    for path in all {
        if let Some(last) = path.last() {
            map.entry(last).or_default().push(path);
        }
    }
    map
}

fn exists(name: &str, declared: &BTreeMap<&str, Vec<&[String]>>) -> bool {
    let parts: Vec<String> = name.split("::").map(str::to_owned).collect();
    let last = parts.last().map(String::as_str).unwrap_or_default();
    declared.get(last).is_some_and(|paths| paths.iter().any(|path| path.ends_with(&parts)))
}

#[test]
fn every_name_in_the_architecture_is_one_of_the_code() {
    let text = read(Path::new(ARCHITECTURE));
    let all = declarations();
    let declared = by_last_name(&all);
    let name = pattern(r"^[A-Za-z_]\w*(::\w+)*$");
    let path = pattern(r"^[\w.-]+(/[\w.-]+)*(/|\.(rs|toml|md))$");
    let mut checked = 0;
    let mut wrong = Vec::new();
    for span in code_spans(&text) {
        let is_right = if path.is_match(&span) {
            Path::new(&span).exists() || Path::new("src").join(&span).exists() || span == "acme.txt"
        } else if name.is_match(&span) {
            exists(&span, &declared)
        } else {
            continue;
        };
        checked += 1;
        if !is_right {
            wrong.push(span);
        }
    }
    assert!(wrong.is_empty(), "{ARCHITECTURE} names what is not there: {wrong:#?}");
    assert!(checked > 200, "the names were not found: {checked}");
}

#[test]
fn a_name_is_found_by_the_end_of_its_path() {
    let all = BTreeSet::from([["agent", "turn", "settle"].map(str::to_owned).to_vec()]);
    let declared = by_last_name(&all);
    assert!(exists("settle", &declared) && exists("turn::settle", &declared));
    assert!(!exists("once::settle", &declared) && !exists("turn::settled", &declared));
}

#[test]
fn the_architecture_names_every_room() {
    let text = read(Path::new(ARCHITECTURE));
    let root = read(Path::new("src/lib.rs"));
    let rooms = pattern(r"(?m)^(?:pub(?:\(crate\))? )?mod (\w+);");
    let silent: Vec<&str> = rooms
        .captures_iter(&root)
        .filter_map(|found| Some(found.get(1)?.as_str()))
        .filter(|room| !text.contains(&format!("\n| `{room}` |")))
        .collect();
    assert!(silent.is_empty(), "the table of rooms in {ARCHITECTURE} lacks {silent:?}");
}

/// The anchor that a heading gets on the page.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn anchors(page: &Path) -> BTreeSet<String> {
    let text = prose(&read(page));
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#'))).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let link = pattern(r"\]\(([^)\s]+)\)");
    let mut wrong = Vec::new();
    for page in pages() {
        let text = prose(&read(&page));
        for target in link.captures_iter(&text).filter_map(|found| Some(found.get(1)?.as_str())) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, place) = target.split_once('#').unwrap_or((target, ""));
            let at = match file {
                "" => page.clone(),
                file => page.parent().unwrap_or(Path::new("")).join(file),
            };
            if !at.exists() || !place.is_empty() && !anchors(&at).contains(place) {
                wrong.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_path_that_a_page_names_exists() {
    let path = pattern(r"^[\w.-]+(/[\w.-]+)+/?$");
    let placeholder = pattern("KIND|VERB");
    let mut wrong = Vec::new();
    // The architecture's own test knows that its paths may begin below `src`.
    for page in pages().into_iter().filter(|page| page != Path::new(ARCHITECTURE)) {
        for span in code_spans(&read(&page)) {
            let from_the_top = FOLDERS.iter().any(|folder| span.starts_with(folder));
            if from_the_top
                && path.is_match(&span)
                && !placeholder.is_match(&span)
                && !Path::new(&span).exists()
            {
                wrong.push(format!("{}: {span}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Code and data that cite the pages, comment marks and line ends taken out.
fn citing() -> Vec<(PathBuf, String)> {
    let wrapped = pattern(r"\n\s*(//[/!]?|#)?\s*");
    files(&["src", "tests", "benches", "fuzz"], &["rs", "toml", "py", "md"])
        .into_iter()
        .filter(|path| !path.ends_with("docs.rs"))
        .map(|path| {
            let text = wrapped.replace_all(&read(&path), " ").into_owned();
            (path, text)
        })
        .collect()
}

#[test]
fn every_section_that_is_cited_is_there() {
    let citation = pattern(r"docs/(\w+)\.md,? (?:section (\d+)|sections (\d+(?:(?:, | and | to )\d+)*))");
    let number = pattern(r"\d+");
    let heading = pattern(r"(?m)^## (\d+)\. ");
    let mut sections: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for page in files(&["docs"], &["md"]) {
        let name = page.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = read(&page);
        let numbers =
            heading.captures_iter(&text).filter_map(|found| Some(found.get(1)?.as_str().to_owned()));
        sections.insert(name, numbers.collect());
    }
    let mut checked = 0;
    let mut wrong = Vec::new();
    for (path, text) in citing() {
        for found in citation.captures_iter(&text) {
            let page = found.get(1).map_or("", |name| name.as_str());
            let cited = found.get(2).or(found.get(3)).map_or("", |numbers| numbers.as_str());
            checked += 1;
            let known = sections.get(page);
            if !number.find_iter(cited).all(|one| known.is_some_and(|known| known.contains(one.as_str()))) {
                wrong.push(format!("{}: docs/{page}.md, {cited}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(checked > 100, "the citations were not found: {checked}");
}

#[test]
fn pages_are_cited_by_their_path_from_the_top() {
    let citation = pattern(r"(?:\S*/)?\b(?:behaviour|interface|servers|architecture)\.md");
    let mut wrong = Vec::new();
    for (path, text) in citing() {
        let found = citation.find_iter(&text).map(|found| found.as_str());
        // A file that is included is named from the place of the one that includes it; the compiler looks for it.
        for found in found.filter(|found| !found.starts_with("include_str!(")) {
            let found = found.trim_start_matches(['(', '`', '"', '[']);
            if !Path::new(found).exists() {
                wrong.push(format!("{}: {found}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
