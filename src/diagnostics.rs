//! What is wrong with a text that a person wrote: where it stands, why it is refused, what is right.
//!
//! `record` and `config` make lists of these; `cli` prints them. A fault quotes the line that it is about,
//! so the code that makes a [`SourceText`] from a text that may hold a password hides it first
//! (`SourceText::with_hidden`). Known limit: the quoted text is one file; a fault never points into two.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Origin, Renderer, Snippet, normalize_untrusted_str};

/// A text with the name under which the person knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceText {
    name: String,
    text: String,
}

impl fmt::Debug for SourceText {
    // The text of a whole file in every failed assertion helps nobody.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}

impl SourceText {
    pub(crate) fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// The same text with every byte in `spans` shown as `*`. Offsets stay as they are.
    pub(crate) fn with_hidden(name: impl Into<String>, text: &str, spans: &[Range<usize>]) -> Self {
        let mut shown = String::with_capacity(text.len());
        for (at, c) in text.char_indices() {
            let hidden = spans.iter().any(|span| span.contains(&at));
            if hidden && c != '\n' && c != '\r' {
                shown.extend(std::iter::repeat_n('*', c.len_utf8()));
            } else {
                shown.push(c);
            }
        }
        Self { name: name.into(), text: shown }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset, both from 1, the column in characters.
    pub(crate) fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..self.floor(offset)).unwrap_or(&self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Position { line, column }
    }

    fn floor(&self, offset: usize) -> usize {
        let mut at = offset.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// A place in a text: line and column from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The text is refused.
    Error,
    /// The text is taken all the same.
    Warning,
}

impl Severity {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// One thing that is wrong, or unwise, in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub severity: Severity,
    pub source: Arc<SourceText>,
    /// Bytes of the source that it is about; `None`: the file as a whole.
    pub span: Option<Range<usize>>,
    /// What is wrong and why, one sentence without a full stop.
    pub message: String,
    /// What stands beside the marked place, may be empty.
    pub label: String,
    /// What to do about it.
    pub help: Vec<String>,
    /// How a right line looks.
    pub example: Option<String>,
    /// Nothing is wrong with what was written: nothing was written there yet.
    pub unfilled: bool,
}

impl Fault {
    pub(crate) fn error(source: &Arc<SourceText>, span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            source: Arc::clone(source),
            span: Some(span),
            message: message.into(),
            label: String::new(),
            help: Vec::new(),
            example: None,
            unfilled: false,
        }
    }

    pub(crate) fn warning(source: &Arc<SourceText>, span: Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(source, span, message) }
    }

    /// A fault of a file as a whole, for example one that cannot be read.
    pub(crate) fn of_file(name: impl Into<String>, message: impl Into<String>) -> Self {
        let source = Arc::new(SourceText::new(name, ""));
        Self { span: None, ..Self::error(&source, 0..0, message) }
    }

    #[must_use]
    pub(crate) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    #[must_use]
    pub(crate) fn example(mut self, example: impl Into<String>) -> Self {
        self.example = Some(example.into());
        self
    }

    /// Says that this place waits to be filled in.
    #[must_use]
    pub(crate) fn unfilled(mut self) -> Self {
        self.unfilled = true;
        self
    }

    pub(crate) fn file(&self) -> &str {
        self.source.name()
    }

    /// Where it begins; `None`: the file as a whole.
    pub(crate) fn position(&self) -> Option<Position> {
        self.span.as_ref().map(|span| self.source.position(span.start))
    }
}

impl fmt::Display for Fault {
    /// One line: `file:line:column: what is wrong`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file())?;
        if let Some(Position { line, column }) = self.position() {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// By file, and in the order in which they are in it.
pub(crate) fn sort(faults: &mut [Fault]) {
    faults.sort_by_key(|fault| {
        (fault.file().to_owned(), fault.span.as_ref().map(|span| (span.start, span.end)))
    });
}

/// How faults are shown to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultStyle {
    pub colour: bool,
    /// Columns of the terminal; longer source lines are cut around the marked place.
    pub width: usize,
}

impl FaultStyle {
    /// For pipes, logs and tests.
    pub(crate) const PLAIN: Self = Self { colour: false, width: 140 };
}

/// So many places that wait to be filled in are a list: a form that somebody has only begun is no text full of
/// mistakes.
const MANY_UNFILLED: usize = 6;

/// The faults as a person reads them: each with its line quoted, the place marked, and what is right. Where much of a
/// form is not filled in yet, that is a list of two lines each. Ends with a line break unless there is nothing to say.
pub(crate) fn render(faults: &[Fault], style: FaultStyle) -> String {
    let renderer = if style.colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(style.width);
    let is_form = faults.iter().filter(|fault| fault.unfilled).count() >= MANY_UNFILLED;
    let (unfilled, written): (Vec<&Fault>, Vec<&Fault>) =
        faults.iter().partition(|fault| is_form && fault.unfilled);
    let mut parts: Vec<String> =
        written.into_iter().map(|fault| render_one(fault, &renderer, style.width) + "\n").collect();
    if !unfilled.is_empty() {
        parts.push(render_unfilled(&unfilled));
    }
    parts.join("\n")
}

/// What waits to be filled in: each place with how a right line looks.
fn render_unfilled(faults: &[&Fault]) -> String {
    let mut out = String::from("Not filled in yet, each with an example:\n\n");
    for fault in faults {
        out.push_str(&format!("  {}\n", normalize_untrusted_str(&fault.to_string())));
        if let Some(example) = &fault.example {
            out.push_str(&format!("      {}\n", normalize_untrusted_str(example)));
        }
    }
    out
}

fn render_one(fault: &Fault, renderer: &Renderer, width: usize) -> String {
    let level = match fault.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = match &fault.span {
        Some(span) => {
            let text = fault.source.text();
            let span = fault.source.floor(span.start)..fault.source.floor(span.end);
            let mark = AnnotationKind::Primary.span(span);
            let mark = if fault.label.is_empty() { mark } else { mark.label(fault.label.as_str()) };
            level
                .primary_title(fault.message.as_str())
                .element(Snippet::source(text).path(fault.source.name()).annotation(mark))
        }
        None => level.primary_title(fault.message.as_str()).element(Origin::path(fault.source.name())),
    };
    for help in &fault.help {
        group = group.element(Level::HELP.message(wrapped(&normalize_untrusted_str(help), width)));
    }
    if let Some(example) = &fault.example {
        // Not broken: it is there to be copied.
        let example = normalize_untrusted_str(example);
        group = group.element(Level::HELP.with_name("example").message(example));
    }
    renderer.render(&[group])
}

/// `text` broken between words, so that it fits a terminal of `width` columns beside its frame.
fn wrapped(text: &str, width: usize) -> String {
    const FRAME: usize = 14;
    let width = width.min(110).saturating_sub(FRAME).max(30);
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

/// The faults for other programs: an array of `{"severity","file","line","column","message","help":
/// [..],"example"}`; line and column are null for a file as a whole.
pub(crate) fn to_json(faults: &[Fault]) -> serde_json::Value {
    faults
        .iter()
        .map(|fault| {
            let position = fault.position();
            serde_json::json!({
                "severity": fault.severity.name(),
                "file": fault.file(),
                "line": position.map(|p| p.line),
                "column": position.map(|p| p.column),
                "message": fault.message,
                "help": fault.help,
                "example": fault.example,
            })
        })
        .collect()
}

/// The candidate nearest to `word` by spelling, if any is near enough to be what was meant.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (spelling_likeness(&word, &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, candidate)| candidate)
}

/// 1.0 for equal words, 0.0 for words with nothing in common. Transposed letters count as one slip.
fn spelling_likeness(a: &str, b: &str) -> f64 {
    if a.len().min(b.len()) >= 4 && (a.starts_with(b) || b.starts_with(a)) {
        return 0.9;
    }
    // One word of several, as a first name stands for a person.
    let words = b.split_whitespace().filter(|_| !a.contains(' ') && b.contains(' '));
    let of_a_word = words.map(|word| strsim::normalized_damerau_levenshtein(a, word) * 0.9);
    of_a_word.fold(strsim::normalized_damerau_levenshtein(a, b), f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Arc<SourceText> {
        Arc::new(SourceText::new("acme.txt", text))
    }

    #[test]
    fn a_position_counts_lines_and_characters_from_one() {
        let source = SourceText::new("x", "ä\nöü: z");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position("ä\nö".len()), Position { line: 2, column: 2 });
        assert_eq!(source.position(999), Position { line: 2, column: 6 });
    }

    #[test]
    fn a_fault_quotes_its_line_and_says_what_is_right() {
        let source = source("one\nFormat:\nthree\n");
        let fault = Fault::error(&source, 4..11, "the format is missing")
            .label("nothing here")
            .help("say how the meeting takes place")
            .example("Format: Zoom");
        insta::assert_snapshot!(render(&[fault], FaultStyle::PLAIN), @r"
        error: the format is missing
         --> acme.txt:2:1
          |
        2 | Format:
          | ^^^^^^^ nothing here
          |
          = help: say how the meeting takes place
          = example: Format: Zoom
        ");
    }

    #[test]
    fn a_form_that_is_only_begun_is_a_list_after_what_is_wrong() {
        let text = "A:\nB:\nC:\nD:\nE:\nF:\nodd\n";
        let source = source(text);
        let empty = |at: usize| {
            let name = text.get(at..=at).unwrap();
            Fault::error(&source, at..at + 2, format!("`{name}` is empty"))
                .unfilled()
                .example(format!("{name}: x"))
        };
        let mut faults: Vec<Fault> = (0..6).map(|line| empty(line * 3)).collect();
        faults.push(Fault::error(&source, 18..21, "odd"));
        insta::assert_snapshot!(render(&faults, FaultStyle::PLAIN), @r"
        error: odd
         --> acme.txt:7:1
          |
        7 | odd
          | ^^^

        Not filled in yet, each with an example:

          acme.txt:1:1: `A` is empty
              A: x
          acme.txt:2:1: `B` is empty
              B: x
          acme.txt:3:1: `C` is empty
              C: x
          acme.txt:4:1: `D` is empty
              D: x
          acme.txt:5:1: `E` is empty
              E: x
          acme.txt:6:1: `F` is empty
              F: x
        ");
        let few = render(&faults[1..], FaultStyle::PLAIN);
        assert!(few.starts_with("error: `B` is empty\n"), "{few}");
    }

    #[test]
    fn a_place_at_the_very_end_of_a_text_can_be_marked() {
        let source = source("one\n");
        let shown = render(&[Fault::error(&source, 4..4, "something is missing")], FaultStyle::PLAIN);
        assert!(shown.contains("acme.txt"), "{shown}");
    }

    #[test]
    fn long_advice_is_broken_between_words() {
        let source = source("one");
        let fault = Fault::error(&source, 0..3, "odd").help("word ".repeat(30).trim());
        let shown = render(&[fault], FaultStyle { colour: false, width: 80 });
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        let source = source("one");
        let fault = Fault::warning(&source, 0..3, "odd");
        assert!(
            render(std::slice::from_ref(&fault), FaultStyle { colour: true, width: 80 }).contains('\u{1b}')
        );
        assert!(!render(&[fault], FaultStyle::PLAIN).contains('\u{1b}'));
    }

    #[test]
    fn hidden_bytes_are_never_shown() {
        let text = "password = \"hünter2\"";
        let start = text.find("hünter2").unwrap();
        let hidden = start..start + "hünter2".len();
        let source = Arc::new(SourceText::with_hidden("baton.toml", text, &[hidden]));
        let shown = render(&[Fault::error(&source, 0..8, "no")], FaultStyle::PLAIN);
        assert!(!shown.contains("nter2"), "{shown}");
        assert_eq!(source.text().len(), text.len());
    }

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let names = ["Dana Fox", "Calvin Reyes"];
        assert_eq!(nearest("Dana Foxx", names), Some("Dana Fox"));
        assert_eq!(nearest("Clavin Reyes", names), Some("Calvin Reyes"));
        assert_eq!(nearest("Calvn", names), Some("Calvin Reyes"));
        assert_eq!(nearest("Somebody Else", names), None);
    }
}
