//! A record out of a mail: the lines as their writer meant them.
//!
//! Mail programs quote, wrap, turn addresses into links and add greetings and signatures. What comes out is a text
//! that [`super::parse`] reads as it reads a file. docs/behaviour.md section 13. Known limit: a line that was wrapped
//! inside of a word stays two words.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::LazyLock;

use super::headings::{self, LabelledLine, RecordLabel, Section};
use super::{marks, text};
use crate::language::{Role, lines};
use crate::pattern::{Pattern, pattern};

/// `sarah@acme.example<mailto:sarah@acme.example>`, also with a blank between: the address stays.
static MAILTO_BEHIND: Pattern =
    LazyLock::new(|| pattern(r"(?i)([\w.+'%-]+@[\w.-]+\w)\s*[<\[(]\s*mailto:[^\s>\])]+\s*[>\])]"));
/// `[sarah@acme.example](mailto:sarah@acme.example)`.
static MARKDOWN_LINK: Pattern =
    LazyLock::new(|| pattern(r"(?i)\[([^\]\[]+)\]\(\s*(?:mailto:|https?://)[^)\s]+\s*\)"));
/// The same in a list of addresses, where a name stands before it: `Sarah Lee [sarah@acme.example](mailto:..)`.
static MARKDOWN_ADDRESS: Pattern =
    LazyLock::new(|| pattern(r"(?i)<?\[\s*([\w.+'%-]+@[\w.-]+\w)\s*\]\(\s*mailto:[^)\s]+\s*\)>?"));
/// `<mailto:sarah@acme.example>` alone.
static MAILTO_ALONE: Pattern = LazyLock::new(|| pattern(r"(?i)<\s*mailto:([^\s>?]+)(?:\?[^>]*)?\s*>"));
/// A web address behind the words that a program made a link of.
static LINK_BEHIND: Pattern = LazyLock::new(|| pattern(r"(\w)<(https?://[^\s>]+)>"));
/// Marks of quotation at the begin of a line, a bar before text included.
static QUOTE_MARKS: Pattern = LazyLock::new(|| pattern(r"^(?:[ \t]*[>›»][ \t]?)+"));

/// Notes that baton writes into a form: never read.
const NOTE: &str = "#:";

/// The record that a text of a mail holds, its lines mended; `None`: there is none.
pub(crate) fn record_in(mail_text: &str) -> Option<String> {
    record_above(mail_text, None)
}

/// Whether a line is what people and programs put right below a text: a closing, a name, a disclaimer.
pub(crate) type IsBelowText<'a> = &'a dyn Fn(&str) -> bool;

/// The same of a text that its author may have signed.
pub(crate) fn record_in_signed(mail_text: &str, is_below_text: IsBelowText<'_>) -> Option<String> {
    record_above(mail_text, Some(is_below_text))
}

fn record_above(mail_text: &str, is_below_text: Option<IsBelowText<'_>>) -> Option<String> {
    let plain = unlinked(mail_text);
    let plain = plain.replace("\r\n", "\n");
    let lines: Vec<&str> = plain.split(['\n', '\r']).collect();
    // What the writer wrote goes before what they quote, wherever the quotation stands.
    let own = lines.iter().position(|line| !is_marked(line) && opens_record(without_marks(line)));
    let quoted = || lines.iter().position(|line| opens_record(without_marks(line)));
    let (begin, end) = match own {
        Some(begin) => {
            let is_own = |line: &str| !is_marked(line) && !line.trim().is_empty();
            (begin, lines.iter().rposition(|line| is_own(line)).map_or(begin, |last| last + 1))
        }
        None => (quoted()?, lines.len()),
    };
    let lines: Vec<&str> = lines.get(begin..end)?.iter().map(|line| without_marks(line)).collect();
    Some(lines_of(&lines, is_below_text))
}

/// The record that these lines are, without their marks, from its first line on.
pub(super) fn record_of(lines: &[&str]) -> String {
    lines_of(lines, None)
}

fn lines_of(lines: &[&str], is_below_text: Option<IsBelowText<'_>>) -> String {
    let lines: Vec<&str> = lines.iter().copied().filter(|line| !is_note(line)).collect();
    whole_lines(&lines, is_below_text).join("\n") + "\n"
}

/// Whether a text of a mail holds a record at all.
pub(crate) fn holds_record(mail_text: &str) -> bool {
    mail_text.split(['\n', '\r']).any(|line| opens_record(without_marks(line)))
}

/// Whether a record has no section yet: its first lines alone, as people write them anew to correct them.
pub(crate) fn is_title_alone(record: &str) -> bool {
    record.lines().all(|line| section_of(line.trim()).is_none_or(|section| section == Section::Title))
}

/// How many records the writer's own lines hold.
pub(crate) fn records_in(mail_text: &str) -> usize {
    let lines = mail_text.split(['\n', '\r']);
    lines.filter(|line| !is_marked(line) && opens_record(without_marks(line))).count()
}

pub(super) fn is_marked(line: &str) -> bool {
    QUOTE_MARKS.is_match(line)
}

/// The same text with addresses and links as people wrote them.
pub(crate) fn unlinked(text: &str) -> String {
    // Most texts have none, and need none of the patterns.
    if !text.contains("://") && !text.to_ascii_lowercase().contains("mailto:") {
        return text.to_owned();
    }
    let text = MAILTO_BEHIND.replace_all(text, "$1");
    let text = with_listed_addresses(&text);
    let text = MARKDOWN_LINK.replace_all(&text, "$1");
    let text = MAILTO_ALONE.replace_all(&text, "<$1>");
    LINK_BEHIND.replace_all(&text, "$1 ($2)").into_owned()
}

/// Addresses that a program made links of in `To` and `Attendees`, in the brackets behind a name.
fn with_listed_addresses(text: &str) -> Cow<'_, str> {
    if !text.contains("](") {
        return Cow::Borrowed(text);
    }
    let mut is_list = false;
    let lines = text.split('\n').map(|line| {
        let bare = without_marks(line).trim();
        if let Some(found) = label_of(bare) {
            is_list = matches!(found.what, RecordLabel::To | RecordLabel::Attendees);
        } else if section_of(bare).is_some() {
            is_list = false;
        }
        if is_list { MARKDOWN_ADDRESS.replace_all(line, "<$1>") } else { Cow::Borrowed(line) }
    });
    Cow::Owned(lines.collect::<Vec<_>>().join("\n"))
}

/// The label that a line begins with, whatever mark stands before it.
fn label_of(line: &str) -> Option<LabelledLine<RecordLabel>> {
    let line = line.get(marks::mark_before_label(line, Section::Intro)..).unwrap_or(line).trim();
    headings::label(line, &(0..line.len()), Section::Intro).filter(|found| found.slip.is_none())
}

pub(crate) fn without_marks(line: &str) -> &str {
    let behind = QUOTE_MARKS.find(line).map_or(0, |marks| marks.end());
    let line = line.get(behind..).unwrap_or(line);
    line.trim_matches(|c: char| c == '\u{feff}' || c == '\u{200b}').trim_end()
}

/// A heading of ours without the marks that programs and people put before it.
fn heading_text(line: &str) -> &str {
    line.trim_start_matches(['#', '*', '_', ' ', '\t', '\u{a0}'])
}

pub(super) fn is_note(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with(NOTE) || (line.starts_with('#') && section_of(line).is_none())
}

pub(super) fn section_of(line: &str) -> Option<Section> {
    let line = heading_text(line);
    headings::section(line, &(0..line.len()), Section::Title)
        .filter(|found| found.slip.is_none())
        .map(|it| it.what)
}

pub(super) fn opens_record(line: &str) -> bool {
    let line = heading_text(line);
    line.get(.."handoff record".len()).is_some_and(|start| start.eq_ignore_ascii_case("handoff record"))
        && section_of(line) == Some(Section::Title)
}

/// Lines put together again where a program wrapped them, up to the record's end.
fn whole_lines(lines: &[&str], is_below_text: Option<IsBelowText<'_>>) -> Vec<String> {
    let mut whole: Vec<String> = Vec::new();
    let mut section = Section::Title;
    let mut goes_on = false;
    let mut after_blank = false;
    let mut has_intro = false;
    let last_intro = OnceCell::new();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim();
        let goes_on_below = || goes_on_in(lines.get(at + 1..).unwrap_or_default());
        // Dashes below the head of a table are no signature's.
        let is_below_head = section == Section::Stakeholders && is_line_of_dashes(trimmed);
        let is_signature =
            !is_labelled(trimmed) && !is_below_head && is_below_text.is_some_and(|is_one| is_one(trimmed));
        // Who signs is known: what else stands below a label without a value is that.
        let is_value = || is_below_text.is_some() && is_label_alone(last_written(&whole));
        if !(whole.is_empty() || trimmed.is_empty())
            && (is_signature || ends_record(trimmed, section, after_blank) && !is_value())
            && !goes_on_below()
        {
            break;
        }
        if trimmed.is_empty() || is_ruler(trimmed, section) {
            goes_on = false;
            after_blank = true;
            if whole.last().is_some_and(|last| !last.is_empty()) {
                whole.push(String::new());
            }
            continue;
        }
        let found = section_of(trimmed);
        if found == Some(Section::Title) && !whole.is_empty() {
            // Another record.
            break;
        }
        if let Some(found) = found {
            section = found;
            whole.push(heading_text(trimmed).to_owned());
        } else if goes_on && !begins_line(trimmed, section) {
            if let Some(last) = whole.last_mut() {
                last.push(' ');
                last.push_str(trimmed);
            }
        } else {
            whole.push(trimmed.to_owned());
        }
        after_blank = false;
        goes_on = match found {
            Some(_) => may_go_on(trimmed),
            // A table's row is whole once it has all its columns.
            None => !(section == Section::Stakeholders && has_all_columns(whole.last())),
        };
        // Who changes the order of the sections has the intro below its status.
        let is_last =
            || last_intro.get_or_init(|| place_of_last_intro(lines)).is_none_or(|intro| intro <= at);
        if section == Section::FirstTouch && (has_intro || is_last()) {
            break;
        }
        has_intro |= section == Section::Intro;
    }
    while whole.last().is_some_and(String::is_empty) {
        whole.pop();
    }
    whole
}

/// Of the first record in these lines.
fn place_of_last_intro(lines: &[&str]) -> Option<usize> {
    let begin = lines.iter().position(|line| !line.trim().is_empty())?;
    let behind = lines.iter().enumerate().skip(begin + 1).take_while(|(_, line)| !opens_record(line));
    behind.filter(|(_, line)| opens_intro(line)).last().map(|(place, _)| place)
}

fn is_line_of_dashes(line: &str) -> bool {
    line.contains('-') && line.chars().all(|c| matches!(c, '-' | '_' | '=') || c.is_whitespace())
}

fn opens_intro(line: &str) -> bool {
    section_of(line.trim()) == Some(Section::Intro)
}

/// Whether a heading's line was wrapped, or has a value that may go on: nothing of a section stands in its heading's
/// line otherwise.
fn may_go_on(heading: &str) -> bool {
    let is_open = heading.matches('(').count() > heading.matches(')').count();
    let line = heading_text(heading);
    let rest = headings::section(line, &(0..line.len()), Section::Title).map_or(0..0, |found| found.rest);
    is_open || !rest.is_empty()
}

fn is_bar_or_tab(c: char) -> bool {
    matches!(c, '|' | '\t') || marks::is_drawn_bar(c)
}

fn has_all_columns(line: Option<&String>) -> bool {
    let is_bar = is_bar_or_tab;
    line.is_some_and(|line| {
        let inner = line.trim_matches(|c: char| is_bar(c) || c == ' ');
        inner.chars().filter(|c| is_bar(*c)).count() >= 2 && !line.trim_end().ends_with(is_bar_at_end(line))
    })
}

/// A row that begins with a bar ends with one as well; another row's bar at the end means that its last column was
/// wrapped away.
fn is_bar_at_end(line: &str) -> char {
    if line.trim_start().starts_with('|') { '\0' } else { '|' }
}

/// Whether a line is one of its own rather than the rest of the one above.
fn begins_line(line: &str, section: Section) -> bool {
    if line.starts_with(['[', '☐', '☑', '☒', '✓', '✔', '✅', '•'])
        || line.starts_with("- ")
        || line.starts_with("* ")
        || marks::mark_before_label(line, section) > 0
    {
        return true;
    }
    if section == Section::Stakeholders {
        return line.contains(is_bar_or_tab);
    }
    let is_label = headings::label(line, &(0..line.len()), section).is_some_and(|found| found.slip.is_none());
    is_label && !section.is_free_text() || is_unknown_label(line, section)
}

/// Whether a line names something that the record has no place for, where every line has a label: `Competition: Gizmodrome`
/// below the format is no rest of it, and must not reach the prospect.
pub(super) fn is_unknown_label(line: &str, section: Section) -> bool {
    let is_labelled =
        matches!(section, Section::Conditions | Section::Meeting | Section::Objections | Section::Intro);
    is_labelled && headings::looks_like_label(line.get(marks::list_mark(line)..).unwrap_or(line))
}

/// What stands below a record and is no part of it: a signature, or anything behind the last label's paragraph.
pub(super) fn ends_record(line: &str, section: Section, after_blank: bool) -> bool {
    if is_ruler(line, section) || line.starts_with("-- ") {
        return section != Section::Stakeholders;
    }
    let is_ours = section_of(line).is_some()
        || headings::label(line, &(0..line.len()), Section::Intro).is_some_and(|found| found.slip.is_none());
    section == Section::Intro && after_blank && !is_ours
}

fn last_written(lines: &[String]) -> &str {
    lines.iter().rfind(|line| !line.is_empty()).map_or("", String::as_str)
}

/// Whether one of these lines is a label of the intro or a heading below it, so that the record is not over above. A header
/// block has a `To:` as well.
pub(super) fn goes_on_in(below: &[&str]) -> bool {
    const MOST_LINES: usize = 200;
    let is_end = |line: &str| opens_record(line) || line == "--" || opens_header_block(line);
    let is_of_record = |line: &str| {
        let label = label_of(line).filter(|found| found.what.section() == Section::Intro);
        matches!(section_of(line), Some(section) if section != Section::Title)
            || label.is_some_and(|found| found.what != RecordLabel::To)
    };
    let below = below.iter().map(|line| without_marks(line).trim());
    below.take(MOST_LINES).take_while(|line| !is_end(line)).any(is_of_record)
}

/// `From: ..` above a mail that is quoted without marks.
fn opens_header_block(line: &str) -> bool {
    static LABELS: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let of_author = lines(Role::HeaderLabel).filter(|(_, line)| line.group() == Some(0));
        of_author.map(|(_, line)| line.text().to_lowercase()).collect()
    });
    let label =
        line.split_once(':').map(|(label, _)| label.trim_matches(['*', ' ', '\u{a0}']).to_lowercase());
    label.is_some_and(|label| LABELS.contains(&label))
}

/// Whether a line is of the record by its heading or its label.
fn is_labelled(line: &str) -> bool {
    section_of(line).is_some() || label_of(line).is_some()
}

fn is_label_alone(line: &str) -> bool {
    label_of(line).is_some_and(|found| found.rest.is_empty() && found.what.section() == Section::Intro)
}

/// What parts sections, and a signature from a text. Below the head of a table it is a part of that.
fn is_ruler(line: &str, section: Section) -> bool {
    section != Section::Stakeholders && (matches!(line, "--" | "—") || is_rule(line))
}

fn is_rule(line: &str) -> bool {
    line.chars().count() >= 5 && line.chars().all(|c| matches!(c, '-' | '_' | '=' | '*' | '─'))
}

/// A text's lines without blanks at their ends, for comparing what came back with what was sent.
pub(crate) fn comparable(record: &str) -> String {
    let lines = record.lines().filter(|line| !is_note(line)).map(text::clean).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = include_str!("fixtures/acme.txt");

    fn same(mail: &str) {
        let found = record_in(mail).unwrap();
        assert_eq!(comparable(&found), comparable(RECORD), "{mail}");
    }

    #[test]
    fn a_record_is_the_same_however_a_program_quotes_it() {
        same(RECORD);
        same(&RECORD.replace('\n', "\r\n"));
        let quoted: String = RECORD.lines().map(|line| format!("> {line}\n")).collect();
        same(&format!(
            "Here you go.\n\nOn Tue, 24 Nov 2026 at 09:00, baton <baton@vendor.example> wrote:\n{quoted}"
        ));
        same(&quoted.replace("> ", ">> "));
        same(&format!("Hi baton,\n\n{RECORD}\n-- \nDana Fox\nSDR, Vendor\n+1 555 0100\n"));
        same(&format!("Hello\n\n{RECORD}\nBest regards\nDana\n\nThis email is confidential.\n"));
        same(&RECORD.replace("1. PAIN", "## 1. PAIN").replace("HANDOFF RECORD:", "# HANDOFF RECORD:"));
        same(&RECORD.replace("2. NEXT MEETING:", "#: When you meet.\n\n2. NEXT MEETING:"));
    }

    #[test]
    fn addresses_that_became_links_are_addresses() {
        for (linked, plain) in [
            ("Sarah Lee <sarah@acme.example<mailto:sarah@acme.example>>", "Sarah Lee <sarah@acme.example>"),
            ("Sarah Lee sarah@acme.example <mailto:sarah@acme.example>", "Sarah Lee sarah@acme.example"),
            ("Sarah Lee <mailto:sarah@acme.example>", "Sarah Lee <sarah@acme.example>"),
            ("Sarah Lee [sarah@acme.example](mailto:sarah@acme.example)", "Sarah Lee sarah@acme.example"),
            ("Sarah <sarah@acme.example [mailto:sarah@acme.example]>", "Sarah <sarah@acme.example>"),
            ("Zoom<https://zoom.example/j/1>", "Zoom (https://zoom.example/j/1)"),
        ] {
            assert_eq!(unlinked(linked), plain);
        }
        same(&RECORD.replace("<sarah@acme.example>", "<sarah@acme.example<mailto:sarah@acme.example>>"));
        for linked in [
            "[sarah@acme.example](mailto:sarah@acme.example)",
            "<[sarah@acme.example](mailto:sarah@acme.example)>",
        ] {
            same(&RECORD.replace("<sarah@acme.example>", linked));
        }
        let apart = "To:\n\nSarah Lee [sarah@acme.example](mailto:sarah@acme.example)";
        assert_eq!(unlinked(apart), "To:\n\nSarah Lee <sarah@acme.example>");
        let elsewhere = "Agenda: ask [sarah@acme.example](mailto:sarah@acme.example)";
        assert_eq!(unlinked(elsewhere), "Agenda: ask sarah@acme.example");
    }

    #[test]
    fn the_value_of_a_label_may_stand_in_a_paragraph_of_its_own() {
        let apart = |labels: &[&str]| {
            let lines = RECORD.lines().map(|line| match line.split_once(": ") {
                Some((label, value)) if labels.contains(&label) => format!("{label}:\n\n{value}\n\n"),
                _ => format!("{line}\n"),
            });
            lines.collect::<String>()
        };
        let on_one_line = |record: &str| record.replace(":\n\n", ": ");
        let intro = ["To", "Discussed", "Why this AE", "What to expect"];
        let all = [
            "Date/Time",
            "Format",
            "Attendees",
            "Agenda",
            "To",
            "Discussed",
            "Why this AE",
            "What to expect",
        ];
        for labels in intro.iter().map(std::slice::from_ref).chain([&intro[..], &all[..]]) {
            let found = record_in(&apart(labels)).unwrap();
            assert_eq!(comparable(&on_one_line(&found)), comparable(RECORD), "{labels:?}");
            let quoted: String = apart(labels).lines().map(|line| format!("> {line}\n")).collect();
            assert_eq!(record_in(&quoted), Some(found), "{labels:?}");
        }
        // Two paragraphs are one value, or a fault: what stands below them is there.
        let two = RECORD.replace("CRM upkeep, and you", "CRM upkeep,\n\nand you");
        assert!(record_in(&two).unwrap().contains("\nWhat to expect: "), "{two}");
        // A signature below is no value, nor is the quotation of another record.
        let bare = RECORD.split("\nWhat to expect:").next().unwrap();
        for below in ["", "From: baton\nTo: Dana Fox\nSubject: Acme\n\n", "-- \n"] {
            let text = format!("{bare}\nWhat to expect:\n\nBest,\nDana\n\n{below}{RECORD}");
            let found = record_in(&text).unwrap();
            assert_eq!(comparable(&found), comparable(&format!("{bare}\nWhat to expect:")), "{below}");
        }
    }

    #[test]
    fn lines_that_were_wrapped_are_whole_again() {
        let wrapped: String = RECORD.lines().map(|line| wrap(line, 40)).collect();
        same(&wrapped);
        let quoted: String = wrapped.lines().map(|line| format!("> {line}\n")).collect();
        same(&quoted);
    }

    fn wrap(line: &str, width: usize) -> String {
        let mut out = String::new();
        let mut length = 0;
        for word in line.split(' ') {
            if length > 0 && length + word.len() > width && !word.starts_with(['|', '-', '[']) {
                out.push('\n');
                length = 0;
            } else if length > 0 {
                out.push(' ');
            }
            out.push_str(word);
            length += word.len() + 1;
        }
        out.push('\n');
        out
    }

    #[test]
    fn what_people_sign_with_is_no_part_of_a_record() {
        let is_below =
            |line: &str| ["Best,", "Dana", "Sent from my phone", "A disclaimer: keep out"].contains(&line);
        let bare = RECORD.split("\nWARM INTRO EMAIL STATUS").next().unwrap().trim_end();
        let (above, conditions, below) = parts(RECORD);
        let conditions_last = format!("{above}\n\n{}\n\n{conditions}", below.trim());
        let status_first =
            RECORD.replace("\nWARM INTRO EMAIL:", &format!("\n{}\n\nWARM INTRO EMAIL:", status()));
        let status_first = status_first.rsplit_once("\nWARM INTRO EMAIL STATUS").unwrap().0.trim_end();
        for signature in [
            "",
            "\nBest,\nDana",
            "\n\nBest,\nDana",
            "\nSent from my phone",
            "\nA disclaimer: keep out",
            "\n-- \nDana",
        ] {
            for record in [bare, RECORD.trim_end(), &conditions_last, status_first] {
                let found = record_in_signed(&format!("{record}{signature}\n"), &is_below).unwrap();
                assert_eq!(comparable(&found), comparable(record), "{signature}");
            }
            // The value of the last label in a paragraph of its own.
            let apart = bare.replace("What to expect: ", "What to expect:\n\n");
            let found = record_in_signed(&format!("{apart}{signature}\n"), &is_below).unwrap();
            assert_eq!(comparable(&found), comparable(&apart), "{signature}");
        }
        let open = bare.rsplit_once(" a 30-minute").unwrap().0;
        let found = record_in_signed(&format!("{open}\n\nBest,\nDana\n"), &is_below).unwrap();
        assert_eq!(comparable(&found), comparable(open));
        let ruled = RECORD.replace("\n3. STAKEHOLDER", "\n-----\n3. STAKEHOLDER");
        same(&ruled);
        let outlook = format!(
            "{bare}\n\nDana\n\nVon: Calvin\nAn: Dana\nBetreff: Acme\n\nMeeting: Thursday\nDiscussed: all\n"
        );
        assert_eq!(comparable(&record_in_signed(&outlook, &is_below).unwrap()), comparable(bare));
    }

    /// A record cut around its conditions.
    fn parts(record: &str) -> (&str, &str, &str) {
        let (above, rest) = record.split_once("\nTRIGGER").unwrap();
        let (conditions, below) = rest.split_once("\n\n1. PAIN").unwrap();
        let begin = above.len() + 1;
        let end = begin + "TRIGGER".len() + conditions.len();
        assert!(below.starts_with(" (prospect"));
        let below = record.get(end..).unwrap();
        (
            above.trim_end(),
            record.get(begin..end).unwrap(),
            below.split("\nWARM INTRO EMAIL STATUS").next().unwrap(),
        )
    }

    fn status() -> &'static str {
        let at = RECORD.find("WARM INTRO EMAIL STATUS").unwrap();
        RECORD.get(at..).unwrap().trim_end()
    }

    #[test]
    fn a_line_with_an_unknown_label_is_no_rest_of_the_one_above() {
        for line in [
            "Competitors: Gizmodrome",
            "Budget: 10k",
            "\u{25aa} Internal note: price sensitive",
            "**Score:** 4",
        ] {
            for above in ["Format: Zoom", "Date/Time: 2026-11-26 14:00 America/New_York, 30 min"] {
                let found = record_in(&RECORD.replace(above, &format!("{above}\n{line}"))).unwrap();
                assert!(found.contains(&format!("{above}\n{line}\n")), "{found}");
            }
        }
    }

    #[test]
    fn labels_behind_any_bullet_begin_a_line() {
        for mark in [
            "\u{b7}\t",
            "\u{b7} ",
            "\u{25aa} ",
            "\u{2013} ",
            "o ",
            "o\t",
            "\u{27a2} ",
            "1. ",
            "a) ",
            "\u{25a0} ",
            "\u{a7} ",
            "\u{f0b7} ",
            "\u{2192} ",
        ] {
            let marked = |line: &str| {
                let is_label =
                    ["Date/Time:", "Format:", "Attendees:", "Agenda:", "Objection:", "To:", "Discussed:"]
                        .iter()
                        .any(|label| line.starts_with(label));
                let rest = line.strip_prefix("[x]").map(|rest| format!("{mark}[x]{rest}"));
                rest.unwrap_or_else(|| if is_label { format!("{mark}{line}") } else { line.to_owned() })
            };
            let written: Vec<String> = RECORD.lines().map(marked).collect();
            let found = record_in(&written.join("\n")).unwrap();
            let bare = |record: &str| comparable(&marks::without_marks(record));
            assert_eq!(bare(&found), bare(RECORD), "{mark:?}");
        }
    }

    #[test]
    fn a_mail_without_a_record_has_none() {
        for text in ["", "Hi, can you hand off Acme?", "the handoff record of Acme is wrong", "To: Sarah"] {
            assert_eq!(record_in(text), None, "{text}");
            assert!(!holds_record(text));
        }
    }

    #[test]
    fn a_record_ends_where_its_last_line_ends() {
        let bare = RECORD.split("\nWARM INTRO EMAIL STATUS").next().unwrap();
        let found =
            record_in(&format!("{bare}\n\nDana Fox\nSDR at Vendor\nBook a time: https://x.example\n"))
                .unwrap();
        assert_eq!(comparable(&found), comparable(bare));
    }
}
