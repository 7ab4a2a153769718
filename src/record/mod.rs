//! The handoff record: text to fields and back, with every fault of a file named in one go.
//!
//! The same text is what the SDR fills in, what the AE is sent and what `baton show` prints.
//! docs/behaviour.md section 2. [`parse`] knows people, zones and the time only as arguments; it reads no file
//! and no clock. `parse(print(record))` gives the record back.
//!
//! Known limits: roles are read in English. A line of the pain that is itself a heading of the
//! record ends the pain. The warning about an interpreted pain is a guess from its words.

mod addresses;
mod amend;
mod blank;
mod conditions;
mod fields;
mod from_mail;
mod headings;
mod intro;
mod known_lines;
mod layout;
mod links;
mod marks;
mod objections;
mod people;
mod prefilled;
mod print;
mod prospect_view;
mod returned;
mod stakeholders;
mod text;
mod warnings;
mod when;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::diagnostics::{Fault, SourceText};
use crate::domain::handoff::Record;
use crate::domain::people::Person;
use crate::domain::zone::Zone;

pub(crate) use crate::domain::zone::ZoneSource;
pub(crate) use addresses::{address_of, show as show_mailbox};
pub(crate) use amend::amend;
pub(crate) use blank::{PrefilledNames, blank, prefilled};
pub(crate) use conditions::{CONDITIONS, CONTACT_ESTABLISHED, INVITE_ACCEPTED, condition_of};
pub(crate) use from_mail::{
    comparable, holds_record, is_title_alone, record_in, record_in_signed, records_in,
};
pub(crate) use prefilled::{
    PrefilledFields, PrefilledLine, PrefilledStakeholder, QuotedSentences, address_list, one_line,
};
pub use print::{Ticks, print};
pub(crate) use returned::{ReturnedRecord, returned};
pub(crate) use text::decode;
pub(crate) use when::{MeetingTime, read as read_meeting_time, show_length};

/// What a record is read against.
#[derive(Clone, Copy)]
pub struct ParseContext<'a> {
    /// Everybody in the configuration.
    pub people: &'a [Person],
    pub zones: &'a dyn ZoneSource,
    /// A meeting at or before it is in the past.
    pub now: DateTime<Utc>,
    /// Conditions that the team demands beyond the four of the playbook.
    pub extra_conditions: &'a [String],
    /// Name of the file, as the person knows it; quoted in the faults.
    pub path: &'a str,
}

impl std::fmt::Debug for ParseContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParseContext")
            .field("path", &self.path)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// A record that may be sent, and what is unwise in it.
#[derive(Clone, Debug)]
pub struct Parsed {
    pub record: Record,
    pub warnings: Vec<Fault>,
    source: Arc<SourceText>,
    meeting: Range<usize>,
}

impl Parsed {
    /// The warning that the meeting comes before the SLA `deadline`, where it does: the AE's reminder then
    /// comes before the meeting. `zone` is the AE's.
    pub(crate) fn before_deadline(&self, deadline: DateTime<Utc>, zone: &dyn Zone) -> Option<Fault> {
        warnings::before_deadline(&self.record, deadline, zone, &self.source, self.meeting.clone())
    }
}

/// Reads a record. Every fault of the text is returned in one go, in the order of the file, with line,
/// column, reason and an example of what is right. docs/behaviour.md section 2.
pub fn parse(text: &str, ctx: &ParseContext<'_>) -> Result<Parsed, Vec<Fault>> {
    if text.len() > MOST_BYTES {
        return Err(vec![too_long(ctx.path)]);
    }
    let text = text::without_mark(text);
    let source = Arc::new(SourceText::new(ctx.path, text));
    let working = marks::without_marks(text);
    let layout = layout::read(&source, &working);
    if layout.sections.len() < 2 && !layout.sections.contains_key(&headings::Section::Title) {
        return Err(vec![not_a_record(&source, &working)]);
    }
    fields::read(&source, &working, layout, ctx)
}

/// Hundreds of times as long as records are: what is longer is another file.
pub(crate) const MOST_BYTES: usize = 256 * 1024;

pub(crate) fn too_long(path: &str) -> Fault {
    Fault::of_file(path, format!("this is too long for a handoff record: over {} KiB", MOST_BYTES / 1024))
        .help("check that it is the right file; `baton new FILE` writes an empty record")
}

fn not_a_record(source: &Arc<SourceText>, text: &str) -> Fault {
    let fault = match text::lines(text).into_iter().next() {
        Some(line) => {
            Fault::error(source, line, "this is not a handoff record").label("a record begins otherwise")
        }
        None => Fault::of_file(source.name(), "the file is empty"),
    };
    fault
        .help("`baton new FILE` writes an empty record with every line explained")
        .example("HANDOFF RECORD: Acme Corp | 2026-11-24")
}
