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

const OPENING: &str = "\
# Fill this in, then `baton check` it. Lines that begin with # are notes to you; leave or delete them.
# The AE gets everything below. The prospect gets only what stands under WARM INTRO EMAIL and the
# meeting's time, format, attendees and agenda: never objections, competitor or roles.

# The company, and the date on which you hand over.
";

const EXPLAINED: [&str; 4] = [
    "# Put an x into each box once it is true: [x]. All of them are needed.\n\
     # At least one person at the prospect has accepted the meeting's invitation, in their calendar.",
    "# ICP is the ideal customer profile. The company fits it in company size and industry, and the person\n\
     # you talked to fits it in role level: someone who decides, or who works for them.",
    "# The threshold is the score, or the named criteria, from which your team calls a lead qualified.",
    "# You have spoken with them, or exchanged real messages. A cold calendar drop (an invitation to\n\
     # somebody who has never answered you) is no contact.",
];

const FIELDS: &str = "
1. PAIN (prospect's exact words):
# The very sentence the prospect said, in quotation marks. Not your summary of it.


2. NEXT MEETING:
# Date, time and time zone, and how long it takes (30 min if you leave that out), for example
# 2026-11-26 14:00 America/New_York, 30 min
Date/Time: 
# Zoom, Teams, phone, or the place where you meet.
Format: 
# Everyone who has confirmed, with addresses: Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>
Attendees: 
# What was agreed to talk about, in one sentence.
Agenda: 

3. STAKEHOLDER MAP:
# Everybody you know of in the account, also those you have not talked to, one in a line:
# Sarah Lee | VP Sales | decision-maker
# Roles: decision-maker, evaluator, gatekeeper, end user, champion. The title may be: unknown
Name | Title | Role in deal
--- | --- | ---

4. OBJECTIONS SURFACED:
# What they pushed back on, and what you answered. Repeat the two lines for each. If there was nothing,
# replace both lines with: none raised
Objection: 
How handled: 

5. COMPETITOR MENTIONED:
# Who was named, also in passing. If nobody was, write: none mentioned


WARM INTRO EMAIL:
# This is what the prospect reads, so write it to them. Each line is one sentence of the mail.
# The people it goes to, with their names. The AE is put in copy for you.
To: 
# What you talked about and what they were interested in.
Discussed: 
# What makes this AE the right person for them. Leave it empty if the AE has a standing line for it.
Why this AE: 
# What will happen in the meeting.
What to expect: 

# baton ticks these two.
WARM INTRO EMAIL STATUS: [ ] Sent by SDR
AE FIRST TOUCH: [ ] Completed within SLA
";
