//! `On Tuesday Ann wrote:` and its relatives: the lines with which a mail program introduces a quotation.
//!
//! No pattern for each language: a line (or up to four, when wrapped) is an attribution by what it holds,
//! a word for *wrote* in any language, an address, a date, a colon at its end, and by
//! whether quoted lines follow. Known limits: an attribution without word, address and date (`Ann:`) is
//! not seen; a language whose word is missing is still seen where date and address both stand there.

use std::sync::LazyLock;

use memchr::{memchr, memchr_iter};

use crate::language::{Role, alternation, words};

use super::lines::{BodyLine, is_invisible, next_text};
use crate::pattern::{Pattern, pattern};

/// Lines `first..=last` introduce a quotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribution {
    pub first: usize,
    pub last: usize,
    /// The lines joined, without invisible characters.
    pub text: String,
}

/// More lines than this are never one attribution.
const MOST_LINES: usize = 4;
/// Longer texts than this, in bytes, are never one attribution.
const LONGEST: usize = 600;
/// Longer ones need a known word for *wrote*.
const MOST_OF_COMPLETE: usize = 200;

static WROTE: Pattern = LazyLock::new(|| {
    let (verbs, infixes) = (alternation(Role::AttributionVerb), alternation(Role::AttributionInfix));
    pattern(&format!(r"(?i)(?:(?:^|[^\pL]){verbs}(?:[^\pL]|$)|{infixes})"))
});
/// The verb may carry an ending in brackets, such as `napsal(a)`.
static WROTE_AT_END: Pattern = LazyLock::new(|| {
    let (verbs, infixes) = (alternation(Role::AttributionVerb), alternation(Role::AttributionInfix));
    pattern(&format!(r"(?i)(?:(?:^|[^\pL]){verbs}|{infixes})(?:[(/]?-?\pL{{1,3}}\)?)?[\s:：.]*$"))
});
static OPENS: Pattern = LazyLock::new(|| {
    let (apart, joined) =
        (alternation(Role::AttributionOpening), alternation(Role::AttributionOpeningJoined));
    pattern(&format!(r"^(?:{apart}\s|{joined})"))
});
static DATE: Pattern = LazyLock::new(|| {
    let end = r"(?:[^\pL\d]|$)";
    let forms = [
        format!(r"(?:19|20|25)\d\d{end}"),
        format!(r"\d{{1,2}}[./-] ?\d{{1,2}}[./-] ?\d{{2,4}}{end}"),
        r"\d{1,2}[:h]\d\d".to_owned(),
        format!(r"\d{{1,2}}\.\d\d(?:\.\d\d)?{end}"),
    ];
    pattern(&format!(r"(?:^|[^\pL\d])(?:{})|\d{}", forms.join("|"), alternation(Role::DateSign)))
});
/// A day with its year, and a time of day, as programs write both.
static YEAR: Pattern = LazyLock::new(|| {
    let sign = alternation(Role::DateSign);
    pattern(&format!(
        r"(?:^|[^\pL\d])(?:(?:19|20|25)\d\d(?:[^\pL\d]|$|{sign})|\d{{1,2}}[./-] ?\d{{1,2}}[./-] ?\d{{2}}(?:[^\pL\d]|$))"
    ))
});
static CLOCK: Pattern = LazyLock::new(|| pattern(r"(?:^|[^\d.:])\d{1,2}[:.h∶]\d\d(?:[^\d]|$)"));
/// The time of day ends the line.
static CLOCK_LAST: Pattern =
    LazyLock::new(|| pattern(r"(?i)[^\d.:]\d{1,2}[:.h]\d\d(?:[:.]\d\d)?(?: ?[ap]\.?m\.?)?\)?\s*[:：]$"));
static ADDRESS: Pattern = LazyLock::new(|| pattern(r"[^\s<>@]@[^\s<>@]"));
static ADDRESS_IN_BRACKETS: Pattern =
    LazyLock::new(|| pattern(r"[<(\[]\s*(?:mailto:)?[^\s<>()@]+@[^\s<>()@]+?\s*[>)\]]"));
static ADDRESS_LAST: Pattern =
    LazyLock::new(|| pattern(r#"[<(\[]?(?:mailto:)?[^\s<>@]+@[^\s<>@]+[>)\]"'\s]*[:：]?$"#));
static DATE_THEN_ADDRESS: Pattern = LazyLock::new(|| {
    pattern(
        r"^(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4})\b[^<>\n]+<[^\s<>@]+@[^\s<>@]+>$",
    )
});

/// What one text shows of an attribution.
struct AttributionSigns {
    wrote: bool,
    wrote_last: bool,
    address: bool,
    address_last: bool,
    /// An address in brackets, a day with its year and a time of day, in a line that ends in a colon.
    complete: bool,
    /// A day with its year, and a time of day behind which nothing but a colon follows.
    clock_last: bool,
    date: bool,
    date_early: bool,
    colon: bool,
    /// Armenian ends such lines with a full stop.
    full_stop: bool,
    opener: bool,
    numbered: bool,
}

fn signs(text: &str) -> AttributionSigns {
    let numbered = text.contains(char::is_numeric);
    let date = numbered.then(|| DATE.find(text)).flatten();
    let at = text.contains('@');
    let wrote = WROTE.is_match(text);
    let colon = text.ends_with([':', '：']);
    let dated = colon && date.is_some() && text.len() <= MOST_OF_COMPLETE && YEAR.is_match(text);
    AttributionSigns {
        wrote,
        wrote_last: wrote && WROTE_AT_END.is_match(text),
        address: at && ADDRESS.is_match(text),
        address_last: at && ADDRESS_LAST.is_match(text),
        complete: dated && at && names_sender_and_time(text),
        clock_last: dated && wrote && CLOCK_LAST.is_match(text) && verb_follows_name(text),
        date: date.is_some(),
        date_early: date.is_some_and(|found| found.start() < 60),
        colon,
        full_stop: text.ends_with('.') && holds_any(text, Role::AttributionStop),
        opener: OPENS.is_match(text),
        numbered,
    }
}

/// An address in brackets behind nothing but a name, a date or a known opening, and a time of day: what people write
/// of somebody begins with other words.
fn names_sender_and_time(text: &str) -> bool {
    const MOST_WORDS: usize = 4;
    let Some(address) = ADDRESS_IN_BRACKETS.find(text) else { return false };
    let before = text.get(..address.start()).unwrap_or_default();
    let is_name = before.split_whitespace().count() <= MOST_WORDS
        && before.split_whitespace().all(|word| !word.starts_with(char::is_lowercase));
    (is_name || text.starts_with(char::is_numeric) || OPENS.is_match(text)) && CLOCK.is_match(text)
}

/// `Ann Lee wrote ..`, not `I wrote ..` nor a sentence that has come to the word later.
fn verb_follows_name(text: &str) -> bool {
    const MOST_WORDS: usize = 4;
    let Some(verb) = WROTE.find(text) else { return false };
    let before = text.get(..verb.start()).unwrap_or_default();
    let first = before.split_whitespace().next().unwrap_or_default();
    before.split_whitespace().count() <= MOST_WORDS
        && first.chars().nth(1).is_some()
        && !first.starts_with(char::is_lowercase)
}

impl AttributionSigns {
    /// A wrapped attribution is whole once it has word and date.
    fn tells_more_than(&self, known: &AttributionSigns) -> bool {
        (self.wrote && !known.wrote) || (self.date && !known.date)
    }

    /// `followed`: quoted lines stand right below.
    fn attribute(&self, followed: bool) -> bool {
        let ends = self.colon || self.wrote_last || self.full_stop;
        if followed
            && ((ends && (self.wrote || self.address || self.date)) || (self.date_early && self.address_last))
        {
            return true;
        }
        let is_statement = self.wrote && ends;
        (is_statement && self.address && self.date)
            || (is_statement && self.date && self.date_early && (self.opener || self.wrote_last))
            || (is_statement && self.address && (self.wrote_last || self.address_last))
            || (self.colon && self.address_last && self.date_early)
            || self.complete
            || (is_statement && self.clock_last)
    }
}

/// Every attribution in `lines`, at any depth, in order and without overlap.
pub(super) fn find(lines: &[BodyLine<'_>]) -> Vec<Attribution> {
    let mut found: Vec<Attribution> = Vec::new();
    let mut free_from = 0;
    for (last, line) in lines.iter().enumerate() {
        if !may_end(line.text) {
            continue;
        }
        if let Some(attribution) = ending_at(lines, free_from, last) {
            free_from = last + 1;
            found.push(attribution);
        }
    }
    found
}

/// `-----Ann Lee/Vendor wrote: -----`, as Lotus Notes puts above its header lines.
pub(super) fn is_dashed(text: &str) -> bool {
    let dashes = |text: &str| text.len() - text.trim_start_matches('-').len() >= 4;
    text.ends_with("----")
        && dashes(text)
        && text.len() <= MOST_OF_COMPLETE
        && WROTE_AT_END.is_match(text.trim_matches(|c: char| c == '-' || c.is_whitespace()))
}

/// All that a program writes before a quotation: an opening, a day with its time, a verb, an address; without the address
/// where quoted lines follow.
pub(super) fn is_complete(text: &str, followed: bool) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    let signs = signs(&joined(text, ""));
    let names = signs.wrote_last || signs.wrote && signs.address_last;
    signs.opener
        && signs.colon
        && names
        && signs.date_early
        && (followed || signs.address && CLOCK.is_match(text))
}

/// Where openings of attributions stand in a line, behind something else.
pub(super) fn openings(text: &str) -> impl Iterator<Item = usize> {
    static INSIDE: Pattern = LazyLock::new(|| {
        // those without a blank stand behind names as well
        pattern(&format!(r"[\s.!?,;:)-]{}\s", alternation(Role::AttributionOpening)))
    });
    let places: Vec<usize> = INSIDE
        .find_iter(text)
        .take(20)
        .filter_map(|found| Some(found.start() + text.get(found.start()..)?.chars().next()?.len_utf8()))
        .collect();
    places.into_iter()
}

fn holds_any(text: &str, role: Role) -> bool {
    words(role).iter().any(|word| text.contains(word))
}

/// Words for *wrote* that end an attribution, by their last byte: every line is asked for them.
static ENDS: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| {
    let all = words(Role::AttributionEnd);
    let by_last = |byte| all.iter().copied().filter(|word| word.bytes().last() == Some(byte)).collect();
    (0..=u8::MAX).map(by_last).collect()
});

fn ends_with_verb(text: &str) -> bool {
    let likely = text.bytes().last().and_then(|last| ENDS.get(usize::from(last)));
    likely.is_some_and(|words| words.iter().any(|word| text.ends_with(word)))
}

/// The attribution in a line of Yahoo's apps, which write the quotation's beginning behind it, three blanks between.
fn before_text(line: &str) -> Option<&str> {
    memchr_iter(b':', line.as_bytes()).find_map(|at| {
        let before =
            line.get(..at).filter(|_| line.get(at..).is_some_and(|rest| rest.starts_with(":   ")))?;
        let verb = words(Role::AttributionEnd).iter().find_map(|verb| before.strip_suffix(verb))?;
        verb.ends_with(' ').then(|| line.get(..=at)).flatten()
    })
}

/// Cheap first look: only such lines can end an attribution.
fn may_end(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| is_invisible(c) || c.is_whitespace());
    if text.is_empty() || text.len() > LONGEST {
        return false;
    }
    text.ends_with([':', '：'])
        || (text.ends_with('>') && text.starts_with(|c: char| c.is_ascii_digit()))
        || text.ends_with("--")
        || text.ends_with(['.', '։']) && holds_any(text, Role::AttributionStop)
        || ends_with_verb(text)
        || memchr(b'@', text.as_bytes()).is_some() && ADDRESS_LAST.is_match(text)
        || before_text(text).is_some()
}

/// The attribution whose last line is `last`, at its likeliest beginning.
fn ending_at(lines: &[BodyLine<'_>], free_from: usize, last: usize) -> Option<Attribution> {
    let end = lines.get(last)?;
    let follower = next_text(lines, last + 1).and_then(|at| lines.get(at));
    let followed = follower.is_some_and(|line| line.depth > end.depth || (line.indented && !end.indented));
    let mut text = String::new();
    let mut best: Option<(usize, String, AttributionSigns)> = None;
    for count in 0..MOST_LINES {
        let Some(first) = last.checked_sub(count).filter(|first| *first >= free_from) else {
            break;
        };
        let Some(line) = lines.get(first) else { break };
        if line.is_blank() || line.depth != end.depth || (count > 0 && ends_sentence(line.text)) {
            break;
        }
        let added = before_text(line.text).filter(|_| count == 0).unwrap_or(line.text);
        text = joined(added, &text);
        if text.len() > LONGEST {
            break;
        }
        let signs = signs(&text);
        let whole = text.ends_with('>') && DATE_THEN_ADDRESS.is_match(&text);
        if !(whole || signs.attribute(followed)) {
            continue;
        }
        let begins = (signs.opener && signs.numbered)
            || whole
            || (signs.date_early && text.starts_with(|c: char| c.is_numeric()));
        let better = best.as_ref().is_none_or(|(_, _, known)| begins || signs.tells_more_than(known));
        if better {
            best = Some((first, text.clone(), signs));
        }
        if begins {
            break;
        }
    }
    let (first, text, signs) = best?;
    let wrapped = (followed && !signs.address).then(|| wrapped_sender(lines, free_from, first)).flatten();
    let wrapped = wrapped.map(|(first, sender)| (first, joined(&sender, &text)));
    let (first, text) = wrapped.unwrap_or((first, text));
    Some(Attribution { first, last, text })
}

/// The sender in the lines right above, where a program has wrapped behind the address or inside of it: a name of a few
/// words, an address in brackets, and a few words more.
fn wrapped_sender(lines: &[BodyLine<'_>], free_from: usize, below: usize) -> Option<(usize, String)> {
    const MOST_ABOVE: usize = 2;
    const MOST_BEFORE: usize = 6;
    let depth = lines.get(below)?.depth;
    let above = (free_from..below).rev().take(MOST_ABOVE);
    for first in above {
        let line = lines.get(first).filter(|line| line.depth == depth && !line.is_blank())?;
        let Some((before, address)) = line.text.split_once('<') else { continue };
        let is_name = before.split_whitespace().count() <= MOST_BEFORE
            && !before.trim().is_empty()
            && !before.contains(['!', '?', ':', ';'])
            && address.contains('@');
        let all: Vec<&str> = lines.get(first..below)?.iter().map(|line| line.text).collect();
        return is_name.then(|| (first, all.join(" ")));
    }
    None
}

/// One line put before another, without invisible characters and without dashes around it.
fn joined(line: &str, rest: &str) -> String {
    let mut text: String =
        line.chars().filter(|c| !is_invisible(*c)).map(|c| if c == '\u{a0}' { ' ' } else { c }).collect();
    if !rest.is_empty() {
        // an address that was wrapped after its bracket is put together again
        if !(text.ends_with('<') || text.ends_with('(') || rest.starts_with('>')) {
            text.push(' ');
        }
        text.push_str(rest);
    }
    text.trim_matches(|c: char| matches!(c, '-' | '*' | '_' | '|') || c.is_whitespace()).to_owned()
}

fn ends_sentence(text: &str) -> bool {
    text.ends_with(['!', '?'])
        || (text.ends_with('.') && !ends_with_abbreviation(text) && !text.contains(char::is_numeric))
}

fn ends_with_abbreviation(text: &str) -> bool {
    let before = words(Role::AttributionAbbreviation).iter().find_map(|word| text.strip_suffix(word));
    before.is_some_and(|before| before.ends_with(' '))
}
