//! A body as lines that know how deeply they are quoted, the form that every rule here works on.
//!
//! Plain text is cut at line ends and its `>` marks are counted; HTML comes from `html` in the same form.
//! Nothing is decided here about who wrote a line. A name before the mark (`Joe>`, `c>`) counts where two lines bear
//! it. Known limits: other marks (`|`, `:`) are no marks; a depth over 4,294,967,295 is that depth.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use memchr::{memchr, memchr_iter, memmem};

use super::inline_attribution;
use crate::pattern::{Pattern, pattern};

/// What programs put before a quoted line, and what people in Japan do by hand.
const MARKS: [char; 2] = ['>', '＞'];

/// One line of a body, without its quotation marks and without white space at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BodyLine<'a> {
    pub text: &'a str,
    /// `>` marks, and quote containers of HTML, around the line.
    pub depth: u32,
    /// HTML: `depth` comes from elements that mail programs keep for quotations, and from no block quotation.
    pub loose: bool,
    /// HTML: inside a block quotation that may be a quotation or mere indentation.
    pub indented: bool,
    /// HTML: inside an element that a mail program keeps for the signature.
    pub signature: bool,
}

impl BodyLine<'_> {
    pub(crate) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

/// Which part the lines come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodySource {
    Plain,
    Html,
}

/// What a line of a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineLabel {
    Own,
    Quoted,
    /// Signature, disclaimer, footer or banner: neither the author's words nor quotation.
    Extra,
}

/// Characters that are invisible and stand before or behind the text of a line: zero-width characters,
/// bidirectional marks, soft hyphens.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Puts the words of `text` behind those of `line`, single spaces between them.
pub(super) fn push_words(line: &mut String, text: &str) {
    let text = text.trim();
    // Every mail goes through here; nearly always a line can be taken as it is.
    let (whole, parted) = if is_spaced_once(text) { (text, "") } else { ("", text) };
    for word in Some(whole).filter(|whole| !whole.is_empty()).into_iter().chain(parted.split_whitespace()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
}

/// ASCII whose white space, other than at its ends, is single spaces. Looks at every byte, since that takes many at a time.
pub(super) fn is_spaced_once(text: &str) -> bool {
    let bytes = text.as_bytes();
    let next = bytes.get(1..).unwrap_or_default();
    let is_other = |one: u8, next: u8| !next.is_ascii() | (next < b' ') | ((one == b' ') & (next == b' '));
    !bytes.iter().zip(next).fold(false, |found, (one, next)| found | is_other(*one, *next))
}

/// The beginning of `text` in lower case, white space as single spaces, until that is `most` bytes long.
pub(crate) fn on_one_line(text: &str, most: usize) -> String {
    let mut line = String::with_capacity(most + 8);
    let is_plain = is_plain(text);
    let mut from = 0;
    for end in memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        if line.len() >= most {
            break;
        }
        let piece = text.get(from..end).unwrap_or_default();
        from = end + 1;
        if !is_plain {
            push_words(&mut line, piece);
            continue;
        }
        let piece = without_blanks(piece);
        if !piece.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(piece);
        }
    }
    line.truncate(line.floor_char_boundary(most));
    line.push(' ');
    if line.is_ascii() {
        line.make_ascii_lowercase();
        return line;
    }
    line.to_lowercase()
}

/// ASCII without the spaces and carriage returns at its ends.
fn without_blanks(text: &str) -> &str {
    let is_text = |byte: &u8| !matches!(byte, b' ' | b'\r');
    let from = text.bytes().position(|byte| is_text(&byte)).unwrap_or(text.len());
    let end = text.bytes().rposition(|byte| is_text(&byte)).map_or(from, |last| last + 1);
    text.get(from..end).unwrap_or_default()
}

/// ASCII whose white space is single spaces and line ends: nearly every text. Looks at all bytes at once, which is
/// cheaper than to look at each line's.
fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    let next = bytes.get(1..).unwrap_or_default();
    let is_other = |one: u8| !one.is_ascii() | ((one < b' ') & (one != b'\n') & (one != b'\r'));
    let parts = |one: u8, next: u8| ((one == b' ') & (next == b' ')) | ((one == b'\r') & (next != b'\n'));
    !bytes.first().is_some_and(|first| is_other(*first))
        && !bytes
            .iter()
            .zip(next)
            .fold(false, |found, (one, next)| found | is_other(*next) | parts(*one, *next))
}

fn is_filler(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// The lines of a text/plain body.
pub(super) fn of_plain(text: &str) -> Vec<BodyLine<'_>> {
    let mut lines: Vec<BodyLine<'_>> = Vec::new();
    for raw in text.lines() {
        let raw = raw.trim_end_matches(is_filler);
        let open = lines.last().is_some_and(|before: &BodyLine<'_>| leaves_address_open(before.text));
        lines.push(if open { continued_address(raw, &lines) } else { marked(raw) });
    }
    mark_named(&mut lines);
    join_wrapped(&mut lines);
    inline_attribution::parted(lines)
}

/// The same for marks that stand in the text of an HTML document, as some programs write their text there: three lines
/// in a row.
pub(super) fn mark_literal(lines: &mut [BodyLine<'_>]) {
    const FEWEST: usize = 3;
    let bears =
        |line: &BodyLine<'_>| line.depth == 0 && line.text.starts_with(MARKS) && !is_groupwise(line.text);
    let mut at = 0;
    while at < lines.len() {
        let run = lines.iter().skip(at).take_while(|line| bears(line)).count();
        if run >= FEWEST {
            for line in lines.iter_mut().skip(at).take(run) {
                *line = BodyLine { signature: line.signature, ..marked(line.text) };
            }
        }
        at += run.max(1);
    }
}

/// `>>> Ann Lee <ann@vendor.example> 11/24/2026 10:05 AM >>>`, as GroupWise writes above a quotation without marks.
pub(super) fn is_groupwise(text: &str) -> bool {
    let inside = || text.trim_matches('>');
    text.starts_with(">>>")
        && text.ends_with(">>>")
        && inside().contains(char::is_alphabetic)
        && inside().contains(|c: char| c.is_ascii_digit())
}

/// `>>> www.acme.example <<<`: signs on both sides are an ornament.
fn is_ornament(text: &str) -> bool {
    text.starts_with(">>") && text.ends_with("<<")
}

/// The same text with links in brackets whole that a program wrapped, so that no `>` at a line's begin is taken for a
/// mark: Apple Mail breaks before the closing bracket, Gmail behind the opening one.
pub(super) fn with_whole_links(text: &str) -> Cow<'_, str> {
    if memmem::find(text.as_bytes(), b"://").is_none() || memchr(b'<', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    WRAPPED_LINK.replace_all(text, "<${link}>")
}

static WRAPPED_LINK: Pattern =
    LazyLock::new(|| pattern(r"<(?:[ \t]*\r?\n[ \t]*)?(?P<link>https?://[^\s<>]+)(?:[ \t]*\r?\n[ \t]*)?>"));

/// `Joe> ` is a mark where more than one line bears it, as some programs cite.
fn mark_named(lines: &mut [BodyLine<'_>]) {
    let mut counts: HashMap<&str, u32> = HashMap::new();
    for (name, _) in lines.iter().filter(|line| line.depth == 0).filter_map(|line| after_name(line.text)) {
        *counts.entry(name).or_default() += 1;
    }
    if !counts.values().any(|count| *count > 1) {
        return;
    }
    for line in lines.iter_mut().filter(|line| line.depth == 0) {
        if let Some((_, text)) =
            after_name(line.text).filter(|(name, _)| counts.get(name).is_some_and(|count| *count > 1))
        {
            *line = BodyLine { text, depth: 1, ..*line };
        }
    }
}

/// The name before a mark, and the text behind it: up to twelve letters, at the line's begin.
fn after_name(line: &str) -> Option<(&str, &str)> {
    let at = memchr(b'>', line.as_bytes().get(..40).unwrap_or(line.as_bytes()))?;
    let (name, rest) = line.split_at_checked(at)?;
    let name = name.trim_start();
    let letters = !name.is_empty() && name.chars().count() <= 12 && name.chars().all(char::is_alphabetic);
    let rest = rest.trim_start_matches('>');
    letters.then(|| (name, rest.strip_prefix(' ').unwrap_or(rest)))
}

/// Takes the `>` marks off a line. `>From` is how mbox files write a line that begins with `From`.
fn marked(raw: &str) -> BodyLine<'_> {
    if raw.starts_with(">>") && (is_groupwise(raw) || is_ornament(raw)) {
        return BodyLine { text: raw, ..BodyLine::default() };
    }
    if raw.starts_with(">From ") && !raw.contains('@') {
        return BodyLine { text: raw.trim_start_matches('>'), ..BodyLine::default() };
    }
    let mut depth = 0_u32;
    let mut rest = raw;
    while let Some(tail) = rest.trim_start().strip_prefix(MARKS) {
        depth = depth.saturating_add(1);
        rest = tail;
    }
    if depth == 0 {
        return after_initials(raw).map_or(BodyLine { text: raw, ..BodyLine::default() }, |text| BodyLine {
            text,
            depth: 1,
            ..BodyLine::default()
        });
    }
    BodyLine { text: rest.strip_prefix(' ').unwrap_or(rest), depth, ..BodyLine::default() }
}

/// `LK> ` is a mark too: up to three capitals, as some Unix programs cite.
fn after_initials(raw: &str) -> Option<&str> {
    let text = raw.trim_start();
    let initials = text.bytes().take(4).take_while(u8::is_ascii_uppercase).count();
    let (_, rest) = text.split_at_checked(initials).filter(|_| (2..=3).contains(&initials))?;
    rest.strip_prefix('>')
        .filter(|rest| rest.is_empty() || rest.starts_with(' '))
        .map(|rest| rest.strip_prefix(' ').unwrap_or(rest))
}

/// The line ends in `<` or `<part of an address`: an attribution was wrapped inside the brackets.
fn leaves_address_open(text: &str) -> bool {
    text.rsplit_once('<').is_some_and(|(_, tail)| {
        tail.chars().count() < 100 && !tail.contains(char::is_whitespace) && !tail.contains('>')
    })
}

/// In `Joe <joe@example.com` / `> wrote:` the second line's last mark closes the address.
fn continued_address<'a>(raw: &'a str, lines: &[BodyLine<'a>]) -> BodyLine<'a> {
    let line = marked(raw);
    let expected = lines.last().map_or(0, |before| before.depth);
    if line.depth != expected.saturating_add(1) {
        return line;
    }
    let mut rest = raw;
    for _ in 0..expected {
        rest = rest.trim_start().strip_prefix('>').unwrap_or(rest);
    }
    BodyLine { text: rest.trim_start(), depth: expected, ..BodyLine::default() }
}

/// A quoted line that was wrapped lost its mark: a single line between two marked ones that goes on in
/// lower case where the one before it was full.
fn join_wrapped(lines: &mut [BodyLine<'_>]) {
    const FULL: usize = 58;
    for at in 1..lines.len().saturating_sub(1) {
        let (Some(before), Some(line), Some(after)) = (lines.get(at - 1), lines.get(at), lines.get(at + 1))
        else {
            continue;
        };
        let between = before.depth > 0 && after.depth > 0 && line.depth == 0 && !line.is_blank();
        let goes_on = line.text.starts_with(|c: char| c.is_lowercase()) && !before.text.ends_with('?');
        let depth = before.depth;
        if between
            && goes_on
            && before.text.chars().count() >= FULL
            && let Some(line) = lines.get_mut(at)
        {
            line.depth = depth;
        }
    }
}

/// Index of the first line at or after `from` that is not blank.
pub(super) fn next_text(lines: &[BodyLine<'_>], from: usize) -> Option<usize> {
    lines.iter().enumerate().skip(from).find(|(_, line)| !line.is_blank()).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_white_space_becomes_one_space_and_the_line_ends_where_it_is_long_enough() {
        for text in [
            "Hi\tSarah,\r\n\r\n  the   Demo\x0c is \n \n at 3\n",
            "a",
            "  a  b ",
            "",
            " \n ",
            "A b\x1cc",
            "a\rb \r\nc\r",
            " a \r\n B.\r\n\r\nc",
            "\ta\nb",
        ] {
            let joined = text.split_ascii_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            for most in 0..=joined.len() + 2 {
                let wanted = format!("{} ", joined.get(..most).unwrap_or(&joined));
                assert_eq!(on_one_line(text, most), wanted, "{text:?} {most}");
                let foreign = on_one_line(&format!("{text} \u{e9}"), most.min(joined.len()));
                assert_eq!(foreign, format!("{} ", joined.get(..most).unwrap_or(&joined)), "{text:?} {most}");
            }
        }
        assert_eq!(on_one_line("Caf\u{c9}\u{3000}\u{a0}au\x0blait", 99), "caf\u{e9} au lait ");
    }
}
