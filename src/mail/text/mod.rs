//! What the author of a mail wrote: without quotation, signature, disclaimer and client banners.
//!
//! A body becomes lines (`lines`, `html`), quotation is found (`quotation`, which asks `attribution` and
//! `header_block`), and from what remains banner, signature and footers are taken (`banner`, `signature`).
//! `subject` stands beside that. Nothing here decodes MIME, undoes format=flowed or unwraps links.
//!
//! Limits: of a part only the first 2 MiB are read, of its lines the first 50,000; each step takes time and
//! memory in proportion to what is read, and nothing recurses. Other known limits are in each file.

mod addressed;
mod armour;
mod attribution;
mod authors;
mod banner;
mod below;
mod card;
mod closing;
mod containers;
mod disclaimer;
mod elements;
mod forwarded;
mod header_block;
mod html;
mod inline_attribution;
mod lines;
mod links;
mod notes;
mod phrases;
mod quotation;
mod ruler;
mod sent_from;
mod signature;
mod subject;
mod tags;

pub(crate) use addressed::MailPeople;
pub(crate) use authors::Author;
pub(crate) use below::stands_below_text;
pub(crate) use card::{VisitingCard, without_card};
pub(crate) use forwarded::forwarded;
pub(crate) use lines::on_one_line;
pub use subject::base_subject;

use lines::{BodyLine, BodySource, LineLabel};
use quotation::Quotation;

/// A body taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SplitBody {
    /// What the author wrote, lines joined by `\n`, without white space around it.
    pub author_text: String,
    /// The quotation with its marks removed, attributions kept.
    pub quoted_text: String,
    /// There is a quotation.
    pub quoted: bool,
    /// Whom the quotation names as authors.
    pub quoted_authors: Vec<Author>,
    /// Web links in the author's own part, as they stand there (not unwrapped), each once.
    pub author_links: Vec<String>,
    /// Signature, footers and banners of the author's own part.
    pub extras: String,
    /// The author's own part begins with a picture.
    pub opens_with_picture: bool,
}

/// Most bytes of a part that are read.
const LONGEST: usize = 2 * 1024 * 1024;
/// Most lines of a part that are read.
const MOST_LINES: usize = 50_000;

/// Takes a body apart. `plain` and `html` are the decoded parts of one message, format=flowed undone;
/// either may be missing.
///
/// HTML is preferred, since it says what is quotation where plain text only hints at it; but a part that
/// holds less than half of the other's text is an empty shell, a footer or a note that points to the other.
pub fn split(plain: Option<&str>, html: Option<&str>) -> SplitBody {
    split_by(&MailPeople::default(), plain, html)
}

/// The same of a mail between these people: a visiting card that begins with the author's name is their own, what speaks to
/// a reader is no note.
pub(crate) fn split_by(people: &MailPeople, plain: Option<&str>, html: Option<&str>) -> SplitBody {
    let plain = plain.map(beginning).filter(|text| !text.trim().is_empty()).map(armour::without_armour);
    let plain = plain.as_deref().map(lines::with_whole_links);
    let plain = plain.as_deref();
    let Some(html) = html.map(beginning).filter(|text| !text.trim().is_empty()) else {
        return plain.map(|text| of_plain(people, text)).unwrap_or_default();
    };
    let document = html::read(html);
    let split = split_html(people, &document, plain);
    SplitBody { opens_with_picture: document.opens_with_picture, ..split }
}

fn split_html(people: &MailPeople, document: &html::Document, plain: Option<&str>) -> SplitBody {
    let mut lines = bounded(document.lines());
    lines::mark_literal(&mut lines);
    let Some(plain) = plain else {
        return take_apart(people, &lines, &document.links, BodySource::Html);
    };
    let length = |lines: &[BodyLine<'_>]| lines.iter().map(|line| line.text.len()).sum::<usize>();
    let most = length(&lines) * 2;
    // Taking marks and line ends off only shortens it, so that it need not be cut into lines to know.
    if most >= plain.len() {
        return take_apart(people, &lines, &document.links, BodySource::Html);
    }
    let plain_lines = bounded(lines::of_plain(plain));
    if most >= length(&plain_lines) {
        take_apart(people, &lines, &document.links, BodySource::Html)
    } else {
        take_apart(people, &plain_lines, &[], BodySource::Plain)
    }
}

fn of_plain(people: &MailPeople, text: &str) -> SplitBody {
    take_apart(people, &bounded(lines::of_plain(text)), &[], BodySource::Plain)
}

/// The text of an HTML document, one line for each line shown, quotations included.
pub fn html_to_text(html: &str) -> String {
    let document = html::read(beginning(html));
    let lines = document.lines();
    lines.iter().map(|line| line.text).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The same with a mark before each line of a quotation, as plain text has it. A quotation that nothing but a header block
/// introduces has none there either.
pub(crate) fn html_to_marked_text(html: &str) -> String {
    let document = html::read(beginning(html));
    let mut lines = bounded(document.lines());
    lines::mark_literal(&mut lines);
    let mut quotation = quotation::find(&lines, BodySource::Html);
    if is_greeting_alone(&author_text(&MailPeople::default(), &lines, &quotation.labels)) {
        quotation::release(&lines, &mut quotation);
    }
    let mut text = String::new();
    for (line, label) in lines.iter().zip(&quotation.labels) {
        let mark = match (line.depth > 0 && *label == LineLabel::Quoted, line.is_blank()) {
            (false, _) => "",
            (true, true) => ">",
            (true, false) => "> ",
        };
        text.push_str(mark);
        text.push_str(line.text);
        text.push('\n');
    }
    text.trim().to_owned()
}

fn beginning(text: &str) -> &str {
    let end = text.floor_char_boundary(LONGEST);
    text.get(..end).unwrap_or(text)
}

fn bounded(mut lines: Vec<BodyLine<'_>>) -> Vec<BodyLine<'_>> {
    lines.truncate(MOST_LINES);
    lines
}

fn take_apart(
    people: &MailPeople,
    lines: &[BodyLine<'_>],
    links: &[(usize, String)],
    source: BodySource,
) -> SplitBody {
    let mut quotation = quotation::find(lines, source);
    let quoted_authors = authors::of(&quotation);
    mark_extras(people, lines, &mut quotation);
    let mut author_text = author_text(people, lines, &quotation.labels);
    if author_text.is_empty() && unmark_words_in_signature(people, lines, &mut quotation) {
        author_text = text_of(lines, &quotation.labels, LineLabel::Own);
    }
    if is_greeting_alone(&author_text) {
        let before = quotation.labels.clone();
        if quotation::release(lines, &mut quotation) {
            mark_extras(people, lines, &mut quotation);
            let released = self::author_text(people, lines, &quotation.labels);
            if is_greeting_alone(&released) {
                quotation.labels = before;
            } else {
                author_text = released;
            }
        }
    }
    let quoted =
        |(line, label): &(&BodyLine<'_>, &LineLabel)| **label == LineLabel::Quoted && !line.is_blank();
    SplitBody {
        quoted: lines.iter().zip(&quotation.labels).any(|pair| quoted(&pair)),
        quoted_text: text_of(lines, &quotation.labels, LineLabel::Quoted),
        author_links: author_links(&author_text, links, &quotation.labels),
        extras: text_of(lines, &quotation.labels, LineLabel::Extra),
        quoted_authors,
        author_text,
        opens_with_picture: false,
    }
}

/// `Hi Sarah,` or nothing at all: what was written stands elsewhere.
fn is_greeting_alone(text: &str) -> bool {
    const MOST_WORDS: usize = 4;
    text.is_empty()
        || !text.contains('\n')
            && text.ends_with([',', '，', '、'])
            && text.split_whitespace().count() <= MOST_WORDS
}

/// Labels signatures, footers and banners in each run of the author's lines.
fn mark_extras(people: &MailPeople, lines: &[BodyLine<'_>], quotation: &mut Quotation) {
    let labels = &mut quotation.labels;
    let mut first = 0;
    while first < labels.len() {
        let length = labels.iter().skip(first).take_while(|label| **label == LineLabel::Own).count();
        if length == 0 {
            first += 1;
            continue;
        }
        let run: Vec<&str> = lines.iter().skip(first).take(length).map(|line| line.text).collect();
        let banner = if first == 0 { banner::length(&run, people) } else { 0 };
        let marks = signature::mark(run.get(banner..).unwrap_or_default(), first == 0, people);
        let all = std::iter::repeat_n(true, banner).chain(marks);
        for (label, mark) in labels.iter_mut().skip(first).zip(all) {
            if mark {
                *label = LineLabel::Extra;
            }
        }
        first += length;
    }
}

/// Programs leave the cursor inside of the signature: where nothing else was written, what stands at its head and speaks to
/// the reader is the author's. Whether there is such.
fn unmark_words_in_signature(people: &MailPeople, lines: &[BodyLine<'_>], quotation: &mut Quotation) -> bool {
    let is_extra = |at: &usize| quotation.labels.get(*at) == Some(&LineLabel::Extra);
    let first = (0..lines.len()).find(is_extra).unwrap_or(lines.len());
    let head: Vec<usize> = (first..lines.len())
        .take_while(is_extra)
        .take_while(|at| lines.get(*at).is_some_and(|line| !signature::may_begin_signature(line.text)))
        .collect();
    let text: Vec<&str> = head.iter().filter_map(|at| lines.get(*at)).map(|line| line.text).collect();
    let is_said = lines.get(first).is_some_and(|line| line.signature)
        && people.are_told(&text.join("\n"), phrases::is_suspect);
    if is_said {
        for at in head {
            if let Some(label) = quotation.labels.get_mut(at) {
                *label = LineLabel::Own;
            }
        }
    }
    is_said
}

/// The lines of one label, at most two blank lines in a row.
fn text_of(lines: &[BodyLine<'_>], labels: &[LineLabel], wanted: LineLabel) -> String {
    let wants =
        |(line, label): (&BodyLine<'_>, &LineLabel)| (*label == wanted).then_some(line.text.len() + 1);
    let mut text = String::with_capacity(lines.iter().zip(labels).filter_map(wants).sum());
    let (mut gap, mut crossed) = (0, false);
    for (line, label) in lines.iter().zip(labels) {
        if *label != wanted || line.is_blank() {
            gap += 1;
            crossed |= *label != wanted;
            continue;
        }
        if !text.is_empty() {
            // where something was taken out, one blank line tells
            let breaks = if crossed { 2 } else { gap.min(2) + 1 };
            (0..breaks).for_each(|_| text.push('\n'));
        }
        (gap, crossed) = (0, false);
        text.push_str(line.text);
    }
    text.trim().to_owned()
}

fn author_text(people: &MailPeople, lines: &[BodyLine<'_>], labels: &[LineLabel]) -> String {
    let text = text_of(lines, labels, LineLabel::Own);
    // a closing and a name alone say nothing
    let rest = closing::without(&text);
    // `Cheers!` is thanks
    let is_exclaimed = || text.ends_with('!') && text.split_whitespace().count() == 1;
    let is_nothing = if rest.is_empty() { !is_exclaimed() } else { people.is_signature(rest) };
    if is_nothing { String::new() } else { text }
}

fn author_links(author_text: &str, links: &[(usize, String)], labels: &[LineLabel]) -> Vec<String> {
    let own = links.iter().filter(|(at, _)| labels.get(*at).is_none_or(|label| *label == LineLabel::Own));
    let mut found: Vec<String> = Vec::new();
    for link in own.map(|(_, link)| link.clone()).chain(links::of(author_text)) {
        if found.len() < 500 && !found.contains(&link) {
            found.push(link);
        }
    }
    found
}

#[cfg(test)]
mod language_tests;
#[cfg(test)]
mod tests;
