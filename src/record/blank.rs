//! The empty record of `baton new`, each line explained to somebody who was hired on Monday.
//!
//! Explanations are notes (`#:`), shorter than 60 characters so that no mail program wraps them, with a blank line
//! between them and the place to write; docs/behaviour.md section 13. They are lines which [`super::parse`] passes over; nothing in it has to be deleted.

use std::fmt::Write as _;

use chrono::NaiveDate;

use super::conditions::CONDITIONS;
use super::fields::next_week;
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
        writeln!(out, "{explained}\n\n[ ] {condition}\n")?;
    }
    if !names.extra_conditions.is_empty() {
        writeln!(out, "#: Your team asks for this as well:\n")?;
    }
    for condition in names.extra_conditions {
        writeln!(out, "[ ] {condition}")?;
    }
    out.push_str(&FIELDS.replace("{date}", &next_week(today).to_string()));
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
