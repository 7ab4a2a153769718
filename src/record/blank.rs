//! The empty record of `baton new`, each line explained to somebody who was hired on Monday.
//!
//! Explanations are comment lines, which [`super::parse`] passes over; nothing in it has to be deleted.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::conditions::CONDITIONS;
use super::headings::Section;

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
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _ = write(names, today, &mut out);
    out
}

fn write(names: &PrefilledNames<'_>, today: NaiveDate, out: &mut String) -> std::fmt::Result {
    out.push_str(OPENING);
    writeln!(out, "{}  | {today}", Section::Title.heading())?;
    writeln!(out, "SDR: {} | AE: {}", names.sdr.unwrap_or(""), names.ae.unwrap_or(""))?;
    writeln!(out, "\n{}", Section::Conditions.heading())?;
    for (condition, explained) in CONDITIONS.iter().zip(EXPLAINED) {
        writeln!(out, "{explained}\n[ ] {condition}")?;
    }
    if !names.extra_conditions.is_empty() {
        writeln!(out, "# Your team asks for this as well:")?;
    }
    for condition in names.extra_conditions {
        writeln!(out, "[ ] {condition}")?;
    }
    out.push_str(FIELDS);
    Ok(())
}

const OPENING: &str = include_str!("blank_opening.txt");

const EXPLAINED: [&str; 4] = [
    "# Put an x into each box once it is true: [x]. All of them are needed.\n\
     # At least one person at the prospect has accepted the meeting's invitation, in their calendar.",
    "# ICP is the ideal customer profile. The company fits it in company size and industry, and the person\n\
     # you talked to fits it in role level: someone who decides, or who works for them.",
    "# The threshold is the score, or the named criteria, from which your team calls a lead qualified.",
    "# You have spoken with them, or exchanged real messages. A cold calendar drop (an invitation to\n\
     # somebody who has never answered you) is no contact.",
];

/// Begins with the blank line after the conditions.
const FIELDS: &str = include_str!("blank_fields.txt");
