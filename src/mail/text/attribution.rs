//! `On Tuesday Ann wrote:` and its relatives: the lines with which a mail program introduces a quotation.
//!
//! No pattern for each language: a line (or up to four, when wrapped) is an attribution by what it holds,
//! a word for *wrote* in any of the languages below, an address, a date, a colon at its end, and by
//! whether quoted lines follow. Known limits: an attribution without word, address and date (`Ann:`) is
//! not seen; a language whose word is missing is still seen where date and address both stand there.

use std::sync::LazyLock;

use super::lines::{BodyLine, is_invisible, next_text};
use super::pattern::{Pattern, compile, holds};

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

/// Words for *wrote* that stand by themselves.
const WORDS: &str = "wrote|writes|écrit|escribió|escribe|escribiu|ha escrit|va escriure|escrit|напісаў|напісала|\
    написа|написал|написала|написав|написала|писал|пишет|пише|пишува|напиша|skrivet eo bet|skrivet gant|xutz'ib'aj|napsal|napsala|\
    napísal|napísala|ysgrifennodd|skrev|skriver|skreiv|skryf|geskryf|schrieb|schreibt|geschrieben|schreef|skreau|\
    napisał|napisała|pisze|napisa|napisal|napisala|napisao|napisala|piše|έγραψε|kirjutas|idatzi zuen|igorleak|\
    kirjoitti|scríobh|sgrìobh|írta|գրել է|գրել|menulis|tulis|skrifaði|scritto|scrive|წერს|დაწერა|yura|жазған|жазды|\
    rašė|parašė|rakstīja|membalas|escreveu|scrit|scris|scrie|shkroi|shkruajti|yazdı|yozdi|viết|כתב|כתבה|כתבו|\
    נכתב על ידי|كتب|كتبت|نوشت|نوشته|sumulat|aliandika|said";
/// Words for *wrote* that are written together with what stands around them.
const INFIXES: &str = "写道|写于|寫道|寫於|書きました|쓴 글|작성|เขียน|लिखा|লিখেছেন|எழுதியது";
/// What attributions begin with, where they begin with neither date nor name.
const OPENERS: &str = "On|Le|El|En|Am|Op|Den|Il|In data|Em|No dia|Às|O dia|Dnia|W dniu|Dne|Dňa|Na|На|Στις|Pada|Di|\
    Vào|Þann|La data|La|Më|Дана|Ar|D'an|Ri|Ils|Dje|В|У|Wiadomość";

static WROTE: Pattern =
    LazyLock::new(|| compile(&format!(r"(?i)(?:(?:^|[^\pL])(?:{WORDS})(?:[^\pL]|$)|{INFIXES})")));
static WROTE_AT_END: Pattern = LazyLock::new(|| {
    compile(&format!(
        r"(?i)(?:(?:^|[^\pL])(?:{WORDS})|(?:{INFIXES}))(?:\(?-?[[:alpha:]]{{1,3}}\)?)?[\s:：.]*$"
    ))
});
static OPENS: Pattern =
    LazyLock::new(|| compile(&format!(r"^(?:(?:{OPENERS})\s|[在於于على]|على |في |בתאריך|ב־|เมื่อ|თარიღი)")));
static DATE: Pattern = LazyLock::new(|| {
    compile(
        r"(?x) (?:^|[^\pL\d])(?:(?:19|20|25)\d\d(?:[^\pL\d]|$|[年년]) | \d{1,2}[./-]\ ?\d{1,2}[./-]\ ?\d{2,4}(?:[^\pL\d]|$)
        | \d{1,2}[:h]\d\d | \d{1,2}\.\d\d(?:\.\d\d)?(?:[^\pL\d]|$)) | \d[日일年년]",
    )
});
static ADDRESS: Pattern = LazyLock::new(|| compile(r"[^\s<>@]@[^\s<>@]"));
static ADDRESS_LAST: Pattern =
    LazyLock::new(|| compile(r#"[<(\[]?(?:mailto:)?[^\s<>@]+@[^\s<>@]+[>)\]"'\s]*[:：]?$"#));
static DATE_THEN_ADDRESS: Pattern = LazyLock::new(|| {
    compile(
        r"^(?:\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{4})\b[^<>\n]+<[^\s<>@]+@[^\s<>@]+>$",
    )
});

/// What one text shows of an attribution.
struct AttributionSigns {
    wrote: bool,
    wrote_last: bool,
    address: bool,
    address_last: bool,
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
    let date = DATE.as_ref().filter(|_| numbered).and_then(|date| date.find(text));
    let at = text.contains('@');
    let wrote = holds(&WROTE, text);
    AttributionSigns {
        wrote,
        wrote_last: wrote && holds(&WROTE_AT_END, text),
        address: at && holds(&ADDRESS, text),
        address_last: at && holds(&ADDRESS_LAST, text),
        date: date.is_some(),
        date_early: date.is_some_and(|found| found.start() < 60),
        colon: text.ends_with([':', '：']),
        full_stop: text.ends_with('.') && text.contains("գրել"),
        opener: holds(&OPENS, text),
        numbered,
    }
}

impl AttributionSigns {
    /// A wrapped attribution is whole once it has word and date.
    fn tells_more_than(&self, known: &AttributionSigns) -> bool {
        (self.wrote && !known.wrote) || (self.date && !known.date)
    }

    /// `followed`: quoted lines stand right below.
    fn attribute(&self, followed: bool) -> bool {
        let ends = self.colon || self.wrote_last || self.full_stop;
        if followed && ends && (self.wrote || self.address || self.date) {
            return true;
        }
        let said = self.wrote && ends;
        (said && self.address && self.date)
            || (said && self.date && self.date_early && (self.opener || self.wrote_last))
            || (said && self.address && (self.wrote_last || self.address_last))
            || (self.colon && self.address_last && self.date_early)
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

/// Yahoo's apps write the attribution and the quotation's beginning into one line.
const WITH_TEXT: &str = " wrote:   ";

/// Cheap first look: only such lines can end an attribution.
fn may_end(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| is_invisible(c) || c.is_whitespace());
    if text.is_empty() || text.len() > LONGEST {
        return false;
    }
    text.ends_with([':', '：'])
        || (text.ends_with('>') && text.starts_with(|c: char| c.is_ascii_digit()))
        || text.ends_with("--")
        || text.ends_with(['.', '։']) && text.contains("գրել")
        || text.ends_with("글")
        || text.ends_with("wrote")
        || text.ends_with("道")
        || text.contains(WITH_TEXT)
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
        text = match line.text.split_once(WITH_TEXT).filter(|_| count == 0) {
            Some((attribution, _)) => joined(attribution, "wrote:"),
            None => joined(line.text, &text),
        };
        if text.len() > LONGEST {
            break;
        }
        let signs = signs(&text);
        let whole = text.ends_with('>') && holds(&DATE_THEN_ADDRESS, &text);
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
    best.map(|(first, text, _)| Attribution { first, last, text })
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
        || (text.ends_with('.') && !text.ends_with(" г.") && !text.contains(char::is_numeric))
}
