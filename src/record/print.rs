//! A record as text, in the one form that people, mails and `baton show` share. docs/behaviour.md section 2.

use std::fmt::Write as _;

use crate::domain::handoff::Record;
use crate::domain::zone::{FixedZone, Zone, ZoneSource};

use super::addresses;
use super::headings::Section;
use super::when;

/// The two boxes at the end, which are baton's to tick.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ticks {
    pub intro_sent: bool,
    pub first_touch: bool,
}

/// The record as text, ending in a line break. `zones` gives the meeting's zone; a zone that it does not
/// know is shown in UTC. [`super::parse`] gives the record back.
pub fn print(record: &Record, ticks: &Ticks, zones: &dyn ZoneSource) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _ = write(record, ticks, zones, &mut out);
    out
}

fn write(record: &Record, ticks: &Ticks, zones: &dyn ZoneSource, out: &mut String) -> std::fmt::Result {
    writeln!(out, "{} {} | {}", Section::Title.heading(), record.company, record.date)?;
    writeln!(out, "SDR: {} | AE: {}", record.sdr, record.ae)?;
    writeln!(out, "\n{}", Section::Conditions.heading())?;
    for condition in &record.conditions {
        writeln!(out, "[x] {condition}")?;
    }
    writeln!(out, "\n{}\n{}", Section::Pain.heading(), free(&record.pain))?;
    meeting(record, zones, out)?;
    writeln!(out, "\n{}\nName | Title | Role in deal\n--- | --- | ---", Section::Stakeholders.heading())?;
    for person in &record.stakeholders {
        writeln!(out, "{} | {} | {}", person.name, person.title, person.role.name())?;
    }
    writeln!(out, "\n{}", Section::Objections.heading())?;
    if record.objections.is_empty() {
        writeln!(out, "none raised")?;
    }
    for objection in &record.objections {
        writeln!(out, "Objection: {}\nHow handled: {}", objection.objection, objection.handled)?;
    }
    writeln!(out, "\n{}\n{}", Section::Competitor.heading(), free(&record.competitor))?;
    writeln!(out, "\n{}\nTo: {}", Section::Intro.heading(), list(&record.to))?;
    writeln!(out, "Discussed: {}", record.discussed)?;
    if !record.why_this_ae.is_empty() {
        writeln!(out, "Why this AE: {}", record.why_this_ae)?;
    }
    writeln!(out, "What to expect: {}", record.what_to_expect)?;
    writeln!(out, "\n{} {} Sent by SDR", Section::IntroStatus.heading(), tick(ticks.intro_sent))?;
    writeln!(out, "{} {} Completed within SLA", Section::FirstTouch.heading(), tick(ticks.first_touch))
}

fn meeting(record: &Record, zones: &dyn ZoneSource, out: &mut String) -> std::fmt::Result {
    let meeting = &record.meeting;
    let utc = FixedZone::parse("UTC");
    let zone = zones.zone(&meeting.zone);
    let zone: Option<&dyn Zone> = zone.as_deref().or(utc.as_ref().map(|utc| utc as &dyn Zone));
    let start = zone.map_or_else(|| meeting.start.to_rfc3339(), |zone| when::show(meeting.start, zone));
    writeln!(out, "\n{}", Section::Meeting.heading())?;
    writeln!(out, "Date/Time: {start}, {}", when::show_length(meeting.length_seconds))?;
    writeln!(
        out,
        "Format: {}\nAttendees: {}\nAgenda: {}",
        meeting.format,
        list(&meeting.attendees),
        meeting.agenda
    )
}

/// Text that stands on lines of its own; a line that would be a comment is moved in by one.
fn free(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| if line.starts_with('#') { format!(" {line}") } else { line.to_owned() })
        .collect();
    lines.join("\n")
}

fn list(mailboxes: &[crate::domain::message::Mailbox]) -> String {
    mailboxes.iter().map(addresses::show).collect::<Vec<_>>().join(", ")
}

fn tick(ticked: bool) -> &'static str {
    if ticked { "[x]" } else { "[ ]" }
}
