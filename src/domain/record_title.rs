//! The first line of a handoff record, by which a mail that carries one tells whose it is. docs/behaviour.md sections 2
//! and 8.
//!
//! Known limit: a title that a mail program wrapped, and one in an attached file, tell nothing.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::handoff::Record;

const OPENING: &str = "HANDOFF RECORD:";
/// What stands before it where it is quoted or set apart.
const MARKS: [char; 6] = ['>', '|', ' ', '\t', '*', '\u{feff}'];

/// Whether a text carries the first line of a record, also behind quotation marks or a tag.
pub(crate) fn holds_record(text: &str) -> bool {
    titles(text).next().is_some()
}

/// The records that a text carries, by company and date; by the company alone where the date is written otherwise than
/// baton writes it.
pub(crate) fn records_in(text: &str) -> BTreeSet<String> {
    let key = |title: &str| {
        let (company, date) = title.rsplit_once('|').unwrap_or((title, ""));
        let date = NaiveDate::parse_from_str(date.trim().trim_end_matches('*'), "%Y-%m-%d").ok();
        match date {
            Some(date) => key_of(company, date),
            None => folded(if date_is_missing(title) { title } else { company }),
        }
    };
    titles(text).map(key).filter(|key| !key.is_empty()).collect()
}

/// Under what a record is found in `records_in`.
pub(crate) fn keys_of(record: &Record) -> [String; 2] {
    [key_of(&record.company, record.date), folded(&record.company)]
}

fn date_is_missing(title: &str) -> bool {
    !title.contains('|')
}

fn key_of(company: &str, date: NaiveDate) -> String {
    format!("{} | {date}", folded(company))
}

fn folded(company: &str) -> String {
    let bare = company.trim_matches(|c: char| c.is_whitespace() || c == '*');
    bare.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What stands behind the opening words of each title.
fn titles(text: &str) -> impl Iterator<Item = &str> {
    let lines = if text.contains(OPENING) { text.lines() } else { "".lines() };
    lines.filter_map(|line| {
        let opens = line.trim_start_matches(MARKS).strip_prefix(OPENING);
        let behind_tag = || line.split_once(">HANDOFF RECORD:").map(|(_, rest)| rest);
        let rest = opens.or_else(behind_tag)?;
        Some(rest.split_once('<').map_or(rest, |(title, _)| title))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_known_by_company_and_date_however_it_is_quoted() {
        let keys = |text: &str| records_in(text).into_iter().collect::<Vec<_>>();
        for title in [
            "HANDOFF RECORD: Acme  Corp | 2026-11-24",
            "Hi,\n> > HANDOFF RECORD: ACME Corp | 2026-11-24\n> SDR: Dana",
            "**HANDOFF RECORD: Acme Corp | 2026-11-24**",
            "<p>HANDOFF RECORD: Acme Corp | 2026-11-24</p>",
        ] {
            assert_eq!(keys(title), ["acme corp | 2026-11-24"], "{title}");
        }
        assert_eq!(keys("HANDOFF RECORD: A|B | 2026-11-24"), ["a|b | 2026-11-24"]);
        for title in ["HANDOFF RECORD: Acme Corp | 24 Nov", "HANDOFF RECORD: Acme Corp"] {
            assert_eq!(keys(title), ["acme corp"], "{title}");
        }
        for text in ["", "the HANDOFF RECORD: of Acme", "HANDOFF RECORD:", "handoff record"] {
            assert_eq!(keys(text), Vec::<String>::new(), "{text}");
        }
    }
}
