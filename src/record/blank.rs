//! The empty record of `baton new`, each line explained to somebody who was hired on Monday.
//!
//! Explanations are notes (`#:`), shorter than 60 characters so that no mail program wraps them, with a blank line
//! between them and the place to write; docs/behaviour.md section 13. They are lines which [`super::parse`] passes over; nothing in it has to be deleted.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::conditions::CONDITIONS;
use super::fields::next_week;
use super::headings::Section;
use super::prefilled::{PrefilledFields, one_line, write_note};

/// What is known before the record is filled in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PrefilledNames<'a> {
    pub sdr: Option<&'a str>,
    pub ae: Option<&'a str>,
    /// Conditions that the team demands beyond the four.
    pub extra_conditions: &'a [String],
}

/// An empty record dated `today`, ending in a line break.
pub(crate) fn blank(names: &PrefilledNames<'_>, today: NaiveDate) -> String {
    prefilled(names, &PrefilledFields::default(), today)
}

/// The same with what is known already.
pub(crate) fn prefilled(names: &PrefilledNames<'_>, fields: &PrefilledFields, today: NaiveDate) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _ = write(names, fields, today, &mut out);
    out
}

fn write(
    names: &PrefilledNames<'_>,
    fields: &PrefilledFields,
    today: NaiveDate,
    out: &mut String,
) -> std::fmt::Result {
    fields.opening.iter().for_each(|note| write_note(note, out));
    out.push_str(OPENING);
    let company = fields.company.as_ref();
    let notes = company.into_iter().flat_map(|line| &line.notes).chain(&fields.ae_notes);
    notes.for_each(|note| write_note(note, out));
    let company = company.map(|line| one_line(&line.value).replace('|', "/")).unwrap_or_default();
    writeln!(out, "\n{} {company} | {today}", Section::Title.heading())?;
    writeln!(out, "SDR: {} | AE: {}", names.sdr.unwrap_or(""), names.ae.unwrap_or(""))?;
    writeln!(out, "\n{}", Section::Conditions.heading())?;
    for (place, (condition, explained)) in CONDITIONS.iter().zip(EXPLAINED).enumerate() {
        writeln!(out, "{explained}")?;
        let proof = fields.proof(place);
        proof.into_iter().for_each(|how| write_note(how, out));
        writeln!(out, "\n[{}] {condition}\n", if proof.is_some() { "x" } else { " " })?;
    }
    if !names.extra_conditions.is_empty() {
        writeln!(out, "#: Your team asks for this as well:\n")?;
    }
    for condition in names.extra_conditions {
        writeln!(out, "[ ] {condition}")?;
    }
    out.push_str(&fields.filled(FIELDS, next_week(today)));
    Ok(())
}

const OPENING: &str = include_str!("blank_opening.txt");

const EXPLAINED: [&str; 4] = [
    "#: Put an x into each box once it is true: [x]. All of\n\
     #: them are needed. The first: at least one person at the\n\
     #: prospect has accepted the meeting's invitation.",
    "#: ICP is the ideal customer profile. The company fits it\n\
     #: in company size and industry, and the person you talked\n\
     #: to in role level: someone who decides, or who works for\n\
     #: someone who does.",
    "#: The threshold is the score, or the named criteria, from\n\
     #: which your team calls a lead qualified.",
    "#: You have spoken with them, or exchanged real messages.\n\
     #: A cold calendar drop (an invitation to somebody who has\n\
     #: never answered you) doesn't count.",
];

/// Begins with the blank line after the conditions.
const FIELDS: &str = include_str!("blank_fields.txt");
