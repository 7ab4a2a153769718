//! Loading: which file takes the place of which built-in template, and whether it can be rendered.
//!
//! A template is checked twice: every variable that it names anywhere must exist for its kind, and it must
//! render with each sample of its kind. All faults of all files are reported at once, with file and line.
//! Known limit: the line of an unknown variable in a branch that no sample takes is that of its first mention.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use mail_parser::decoders::html::html_to_text;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind};
use thiserror::Error;

use super::samples::{self, Sample};
use super::{BUILT_IN, Origin, RenderError, Rendered, SHARED, SUBJECT, Templates, environment};
use crate::domain::mails::MailKind;
use crate::files;

/// The page around every HTML mail, and what in it the mail fills.
const PAGE: &str = "base.html";
const CONTENT: &str = "block content";

/// What is wrong with an overriding template.
#[derive(Debug, Error)]
pub enum TemplateError {
    #[error("the templates folder {} cannot be read", folder.display())]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("{} cannot be read", file.display())]
    File { file: PathBuf, source: std::io::Error },
    #[error("{} takes the place of no template{}", file.display(), proposal(nearest.as_deref()))]
    Unknown { file: PathBuf, nearest: Option<String> },
    #[error("{}:{line}: {reason}", file.display())]
    Wrong { file: PathBuf, line: usize, reason: String },
}

fn proposal(nearest: Option<&str>) -> String {
    nearest.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default()
}

struct TemplateSource {
    name: &'static str,
    text: String,
    origin: Origin,
}

impl TemplateSource {
    fn file(&self) -> PathBuf {
        match &self.origin {
            Origin::BuiltIn => Path::new("templates").join(self.name),
            Origin::File(file) => file.clone(),
        }
    }

    fn wrong(&self, line: usize, reason: impl Into<String>) -> TemplateError {
        TemplateError::Wrong { file: self.file(), line, reason: reason.into() }
    }

    fn kind(&self) -> Option<MailKind> {
        self.name.rsplit_once('.').and_then(|(stem, _)| MailKind::from_name(stem))
    }
}

/// `Templates::load`.
pub(crate) fn load(folder: Option<&Path>) -> Result<Templates, Vec<TemplateError>> {
    let mut faults = Vec::new();
    let sources = collect(folder, &mut faults);
    let origins = sources.iter().map(|source| (source.name, source.origin.clone())).collect();
    let mut templates = Templates { env: OnceLock::new(), origins };
    // What is compiled in was checked by the tests.
    if sources.iter().any(|source| source.origin != Origin::BuiltIn) {
        templates.env = compiled(&sources, &mut faults).into();
        faults.extend(faults_of(&templates, &sources));
    }
    if faults.is_empty() { Ok(templates) } else { Err(faults) }
}

fn compiled(sources: &[TemplateSource], faults: &mut Vec<TemplateError>) -> Environment<'static> {
    let mut env = environment();
    for source in sources {
        let Err(fault) = compile(&mut env, source) else { continue };
        faults.push(fault);
        // The built-in one is used instead, so that the other files are checked all the same.
        let stand_in = TemplateSource { text: built_in(source.name), origin: Origin::BuiltIn, ..*source };
        faults.extend(compile(&mut env, &stand_in).err());
    }
    env
}

/// What is compiled in, as the tests have found it free of faults.
pub(super) fn built_in_alone() -> Environment<'static> {
    compiled(&collect(None, &mut Vec::new()), &mut Vec::new())
}

/// Checks every template of `templates`, built in or not, against the samples.
pub(crate) fn check_all(templates: &Templates) -> Vec<TemplateError> {
    let read = |(name, origin): &(&'static str, Origin)| {
        let text = match origin {
            Origin::BuiltIn => built_in(name),
            Origin::File(file) => without_windows_marks(&files::read_text(file).unwrap_or_default()),
        };
        TemplateSource { name, text, origin: origin.clone() }
    };
    faults_of(templates, &templates.origins.iter().map(read).collect::<Vec<_>>())
}

fn built_in(name: &str) -> String {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()).unwrap_or_default()
}

fn collect(folder: Option<&Path>, faults: &mut Vec<TemplateError>) -> Vec<TemplateSource> {
    let mut files = BTreeMap::new();
    if let Some(folder) = folder {
        match std::fs::read_dir(folder) {
            Ok(entries) => {
                for entry in entries.flatten() {
                    files.insert(entry.file_name().to_string_lossy().into_owned(), entry.path());
                }
            }
            Err(source) => faults.push(TemplateError::Folder { folder: folder.to_owned(), source }),
        }
    }
    let mut sources = Vec::new();
    for &(name, built_in) in BUILT_IN {
        let (text, origin) = match files.remove(name) {
            None => (built_in.to_owned(), Origin::BuiltIn),
            Some(file) => match files::read_text(&file) {
                Ok(text) => (without_windows_marks(&text), Origin::File(file)),
                Err(source) => {
                    faults.push(TemplateError::File { file, source });
                    continue;
                }
            },
        };
        sources.push(TemplateSource { name, text, origin });
    }
    for (name, file) in files {
        if name.ends_with(".txt") || name.ends_with(".html") {
            faults.push(TemplateError::Unknown { nearest: nearest(&name), file });
        }
    }
    sources
}

/// A byte order mark would be the first thing that readers see.
fn without_windows_marks(text: &str) -> String {
    text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
}

fn nearest(name: &str) -> Option<String> {
    BUILT_IN
        .iter()
        .map(|(known, _)| (strsim::damerau_levenshtein(known, name), *known))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map(|(_, known)| known.to_owned())
}

/// Splits the subject off a kind's text template and compiles both. The body keeps its line numbers.
fn compile(env: &mut Environment<'static>, source: &TemplateSource) -> Result<(), TemplateError> {
    let is_text_mail = source.kind().is_some() && source.name.ends_with(".txt");
    let first = source.text.lines().next().unwrap_or_default();
    let subject = first.strip_prefix("Subject:").map(str::trim);
    let text = match (is_text_mail, source.kind() == Some(MailKind::Intro), subject) {
        (false, _, _) | (true, true, None) => source.text.clone(),
        (true, true, Some(_)) => {
            return Err(source.wrong(1, "the intro's subject is fixed; leave its Subject line out"));
        }
        (true, false, None | Some("")) => {
            return Err(
                source.wrong(1, "the first line must be the subject, such as `Subject: {{ company }}: ...`")
            );
        }
        (true, false, Some(subject)) => {
            add(env, source, format!("{}{SUBJECT}", source.name), subject.to_owned())?;
            source.text.split_once('\n').map_or_else(String::new, |(_, rest)| format!("\n{rest}"))
        }
    };
    add(env, source, source.name.to_owned(), text)
}

fn add(
    env: &mut Environment<'static>,
    source: &TemplateSource,
    name: String,
    text: String,
) -> Result<(), TemplateError> {
    env.add_template_owned(name, text)
        .map_err(|error| source.wrong(error.line().unwrap_or(1), reason(&error)))
}

fn faults_of(templates: &Templates, sources: &[TemplateSource]) -> Vec<TemplateError> {
    let mut faults = Vec::new();
    let samples = samples::samples();
    for source in sources {
        let Some(kind) = source.kind() else { continue };
        let samples: Vec<&Sample> = samples.iter().filter(|sample| sample.mail.key.kind == kind).collect();
        let unknown = unknown_variables(templates, source, &samples);
        if unknown.is_empty() {
            faults.extend(
                samples.iter().find_map(|sample| rendering_fault(templates, sources, source, sample)),
            );
        } else {
            faults.extend(unknown);
        }
    }
    // A wrong shared template shows in every mail that takes it in.
    let mut seen = BTreeSet::new();
    faults.retain(|fault| seen.insert(fault.to_string()));
    faults
}

/// Every variable that the template names and no mail of its kind has.
fn unknown_variables(
    templates: &Templates,
    source: &TemplateSource,
    samples: &[&Sample],
) -> Vec<TemplateError> {
    let Some(known) = samples.first().and_then(|sample| sample.variables().ok()) else { return Vec::new() };
    let known: BTreeMap<&str, &Value> = known.iter().collect();
    let mut faults = Vec::new();
    for name in [source.name.to_owned(), format!("{}{SUBJECT}", source.name)] {
        let Ok(template) = templates.env().get_template(&name) else { continue };
        let mut used: Vec<String> = template.undeclared_variables(true).into_iter().collect();
        used.sort();
        for path in used {
            let root = path.split('.').next().unwrap_or(&path);
            let is_global = templates.env().globals().any(|(global, _)| global == root);
            if is_global || root == "subject" || exists(&known, &path) {
                continue;
            }
            let nearest = nearest_variable(&known, &path);
            let reason = format!("unknown variable `{path}`{}", proposal(nearest.as_deref()));
            faults.push(source.wrong(first_mention(&source.text, &path), reason));
        }
    }
    faults
}

/// The name, or the part of a known name, that was probably meant.
fn nearest_variable(known: &BTreeMap<&str, &Value>, path: &str) -> Option<String> {
    let (root, part) = path.split_once('.').map_or((path, None), |(root, part)| (root, Some(part)));
    let choices: Vec<String> = match (part, known.get(root)) {
        (Some(_), Some(value)) => {
            value.try_iter().into_iter().flatten().map(|key| format!("{root}.{key}")).collect()
        }
        _ => known.keys().map(|name| (*name).to_owned()).collect(),
    };
    let meant = if known.contains_key(root) { path } else { root };
    choices
        .into_iter()
        .map(|choice| (strsim::damerau_levenshtein(&choice, meant), choice))
        .min()
        .filter(|(distance, _)| *distance <= meant.chars().count() / 3)
        .map(|(_, choice)| choice)
}

fn exists(known: &BTreeMap<&str, &Value>, path: &str) -> bool {
    let mut parts = path.split('.');
    let Some(root) = parts.next().and_then(|root| known.get(root)) else { return false };
    let mut value = (*root).clone();
    for part in parts {
        // What may be absent (a manager) has no parts to look at; the rendering tells.
        if value.is_none() {
            return true;
        }
        value = match value.get_attr(part) {
            Ok(inner) if !inner.is_undefined() => inner,
            _ => return false,
        };
    }
    true
}

fn first_mention(text: &str, name: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let whole = |line: &str| {
        line.match_indices(name).any(|(at, found)| {
            let before = line.get(..at).and_then(|before| before.chars().last());
            let after = line.get(at + found.len()..).and_then(|after| after.chars().next());
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    };
    text.lines().position(|line| line.contains('{') && whole(line)).map_or(1, |line| line + 1)
}

fn rendering_fault(
    templates: &Templates,
    sources: &[TemplateSource],
    source: &TemplateSource,
    sample: &Sample,
) -> Option<TemplateError> {
    let error = match sample.render(templates) {
        Ok(rendered) => return blank_fault(sources, source, &rendered),
        Err(error) => error,
    };
    let RenderError::Template { template, source: cause } = &error else {
        return Some(source.wrong(1, error.to_string()));
    };
    // The other half of the mail is reported with its own file.
    if template.trim_end_matches(SUBJECT) != source.name {
        return None;
    }
    // The innermost cause names the shared template that it lies in.
    let mut deepest: &Error = cause;
    while let Some(inner) = std::error::Error::source(deepest).and_then(|inner| inner.downcast_ref::<Error>())
    {
        deepest = inner;
    }
    let name = deepest.name().unwrap_or(source.name).trim_end_matches(SUBJECT);
    let at = sources.iter().find(|other| other.name == name && SHARED.contains(&name)).unwrap_or(source);
    Some(at.wrong(deepest.line().unwrap_or(1), reason(deepest)))
}

/// A mail that shows nothing is no mail: the file is empty, or the page that it fills leaves out what it is given.
fn blank_fault(
    sources: &[TemplateSource],
    source: &TemplateSource,
    rendered: &Rendered,
) -> Option<TemplateError> {
    let is_blank = |text: &str| !text.contains(char::is_alphanumeric);
    if source.name.ends_with(".txt") {
        return is_blank(&rendered.text).then(|| source.wrong(1, "it comes out empty"));
    }
    let page = sources.iter().find(|other| other.name == PAGE && !has_block(&other.text));
    match page {
        Some(page) if source.text.contains(PAGE) => Some(
            page.wrong(1, format!("it leaves out `{{% {CONTENT} %}}`, so that every HTML email is empty")),
        ),
        _ => is_blank(&html_to_text(&rendered.html)).then(|| source.wrong(1, "it comes out empty")),
    }
}

/// Blanks do not count in tags.
fn has_block(text: &str) -> bool {
    let bare: String = text.split_whitespace().collect();
    bare.contains(&CONTENT.replace(' ', ""))
}

fn reason(error: &Error) -> String {
    let detail = error.detail().map(str::to_owned);
    match error.kind() {
        ErrorKind::UndefinedError => "unknown variable or part of one".to_owned(),
        ErrorKind::TemplateNotFound => {
            detail.unwrap_or_else(|| "it takes in a template that does not exist".to_owned())
        }
        ErrorKind::OutOfFuel => "it goes round in loops for too long".to_owned(),
        kind => detail.unwrap_or_else(|| kind.to_string()),
    }
}
