//! How long functions, string literals and files of `src` may be: short enough to be read in one go.

#![expect(clippy::panic, reason = "a file that cannot be read or parsed fails the test, with its name")]

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::Visit;

/// Lines of one function, signature and braces included.
const LONGEST_FUNCTION: usize = 80;
/// Lines of a file above its test module.
const LONGEST_FILE: usize = 500;
/// Characters of one line of a string literal, and of a whole regular expression.
const LONGEST_LITERAL: usize = 200;

fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    for entry in entries {
        let path = entry.unwrap_or_else(|error| panic!("{error}")).path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Path and text of every source file that is not all test.
fn sources() -> Vec<(String, String)> {
    let mut paths = Vec::new();
    collect(Path::new("src"), &mut paths);
    paths.sort();
    assert!(paths.len() > 50, "the sources were not found");
    paths
        .into_iter()
        .map(|path| (path.to_string_lossy().into_owned(), path))
        .filter(|(name, _)| !name.contains("/tests/") && !name.ends_with("tests.rs"))
        .map(|(name, path)| {
            let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, text)
        })
        .collect()
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || (attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Path>().is_ok_and(|argument| argument.is_ident("test")))
    })
}

#[derive(Default)]
struct LongFunctions {
    found: Vec<String>,
}

impl LongFunctions {
    fn measure(&mut self, name: &syn::Ident, whole: proc_macro2::Span) {
        let lines = whole.end().line.saturating_sub(name.span().start().line) + 1;
        if lines > LONGEST_FUNCTION {
            self.found.push(format!("line {}: `{name}` has {lines} lines", name.span().start().line));
        }
    }
}

impl<'ast> Visit<'ast> for LongFunctions {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if !is_for_tests(&module.attrs) {
            syn::visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        if !is_for_tests(&function.attrs) {
            self.measure(&function.sig.ident, function.block.span());
            syn::visit::visit_item_fn(self, function);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        if !is_for_tests(&function.attrs) {
            self.measure(&function.sig.ident, function.block.span());
            syn::visit::visit_impl_item_fn(self, function);
        }
    }
}

fn long_functions(text: &str) -> Vec<String> {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{error}"));
    let mut visitor = LongFunctions::default();
    visitor.visit_file(&file);
    visitor.found
}

/// Line and text of every literal, inside of macros too; attributes (and so doc comments) and test modules aside.
fn literals(tokens: TokenStream, found: &mut Vec<(usize, String)>) {
    let mut tokens = tokens.into_iter().peekable();
    let mut tests_follow = false;
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                if tokens.peek().is_some_and(|next| matches!(next, TokenTree::Punct(_))) {
                    tokens.next();
                }
                if let Some(TokenTree::Group(attribute)) = tokens.peek() {
                    let text = attribute.stream().to_string().replace(' ', "");
                    tests_follow = text == "cfg(test)" || text == "test";
                    tokens.next();
                }
            }
            TokenTree::Group(group) => {
                let is_body = group.delimiter() == proc_macro2::Delimiter::Brace;
                if !(tests_follow && is_body) {
                    literals(group.stream(), found);
                }
                tests_follow &= !is_body;
            }
            TokenTree::Literal(literal) => found.push((literal.span().start().line, literal.to_string())),
            TokenTree::Punct(mark) if mark.as_char() == ';' => tests_follow = false,
            _ => {}
        }
    }
}

fn is_too_long(literal: &str) -> bool {
    let longest_line = literal.lines().map(|line| line.trim().chars().count()).max().unwrap_or_default();
    let is_pattern = ["(?:", "(?i", "(?x", "(?-", "(?P"].iter().any(|begin| literal.contains(begin))
        || literal.contains(r"\b") && literal.starts_with('r');
    longest_line > LONGEST_LITERAL || is_pattern && literal.chars().count() > LONGEST_LITERAL
}

fn long_literals(text: &str) -> Vec<String> {
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{error}"));
    let mut found = Vec::new();
    literals(tokens, &mut found);
    found
        .into_iter()
        .filter(|(_, literal)| is_too_long(literal))
        .map(|(line, literal)| format!("line {line}: {} characters", literal.chars().count()))
        .collect()
}

fn fail_on(check: impl Fn(&str) -> Vec<String>) {
    let wrong: Vec<String> = sources()
        .into_iter()
        .flat_map(|(name, text)| check(&text).into_iter().map(move |what| format!("{name}, {what}")))
        .collect();
    assert!(wrong.is_empty(), "{} too long:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_function_is_longer_than_a_screen_or_two() {
    fail_on(long_functions);
}

#[test]
fn no_literal_is_too_long_to_be_reviewed() {
    fail_on(long_literals);
}

#[test]
fn no_file_is_too_long_to_have_one_purpose() {
    fail_on(|text| {
        let body = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
        let lines = body.lines().count();
        if lines > LONGEST_FILE { vec![format!("{lines} lines")] } else { Vec::new() }
    });
}

#[test]
fn the_checks_find_what_is_too_long() {
    let function = format!("fn long() {{\n{}}}\n", "call();\n".repeat(LONGEST_FUNCTION));
    assert_eq!(long_functions(&function).len(), 1);
    assert_eq!(long_functions(&format!("#[cfg(test)]\nmod tests {{ {function} }}")).len(), 0);
    let words = "word ".repeat(50);
    assert_eq!(long_literals(&format!("static WORDS: P = pattern!(r\"{words}\");")).len(), 1);
    assert_eq!(long_literals(&format!("/// {words}\nfn short() {{}}")).len(), 0);
    assert_eq!(
        long_literals(&format!("#[cfg(test)]\nmod tests {{ const A: &str = \"{words}\"; }}")).len(),
        0
    );
}
