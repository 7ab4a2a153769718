//! The objections: pairs of `Objection:` and `How handled:`, or `none raised`.

use crate::diagnostics::Fault;
use crate::domain::handoff::Objection;

use super::fields::{RecordReader, names_nobody};
use super::headings::{RecordLabel, Section};
use super::layout::{LabelledValue, SectionBlock};
use super::text::clean;

const EXAMPLE: &str = "Objection: Asked about the cost / How handled: Said the demo covers it";
const OR_NONE: &str = "write `none raised` where there was none";

/// The objections; an empty list: none were raised. `None`: something is wrong, and reported.
pub(crate) fn read(reader: &mut RecordReader<'_>) -> Option<Vec<Objection>> {
    let block = reader.section(Section::Objections)?;
    let (said_none, unlabelled) = free_lines(reader, &block);
    let CollectedObjections { objections, none, complete } = pairs(reader);
    let none = none || said_none;
    let heading = block.heading;
    if none && !objections.is_empty() {
        let fault = Fault::error(&reader.source, heading, "there are objections, and `none raised`")
            .help("keep one of the two");
        reader.fault(fault);
        return None;
    }
    if !none && complete && objections.is_empty() && !unlabelled {
        let fault = Fault::error(&reader.source, heading, "no objection is listed")
            .unfilled()
            .help(OR_NONE)
            .example(EXAMPLE);
        reader.fault(fault);
        return None;
    }
    (complete && !unlabelled).then_some(objections)
}

/// Whether `none raised` stands alone in a line, and whether another line lacks its label.
fn free_lines(reader: &mut RecordReader<'_>, block: &SectionBlock) -> (bool, bool) {
    let (mut none, mut unlabelled) = (false, false);
    for line in &block.lines {
        if is_none_raised(reader.slice(line)) {
            none = true;
            continue;
        }
        unlabelled = true;
        let fault = Fault::error(
            &reader.source,
            line.clone(),
            "an objection needs its label, and a line that says how it was handled",
        )
        .help(OR_NONE)
        .example(EXAMPLE);
        reader.fault(fault);
    }
    (none, unlabelled)
}

struct CollectedObjections {
    objections: Vec<Objection>,
    /// `Objection: none raised`
    none: bool,
    complete: bool,
}

fn pairs(reader: &mut RecordReader<'_>) -> CollectedObjections {
    let mut found = CollectedObjections { objections: Vec::new(), none: false, complete: true };
    let mut values = reader.values_of(Section::Objections).into_iter().peekable();
    while let Some(value) = values.next() {
        if value.label == RecordLabel::Handled {
            let fault =
                Fault::error(&reader.source, value.name, "this `How handled:` belongs to no objection")
                    .example(EXAMPLE);
            reader.fault(fault);
            found.complete = false;
            continue;
        }
        let handled = values.next_if(|next| next.label == RecordLabel::Handled);
        if is_none_raised(reader.slice(&value.span)) {
            found.none = true;
            continue;
        }
        match pair(reader, value, handled) {
            Some(objection) => found.objections.push(objection),
            None => found.complete = false,
        }
    }
    found
}

fn pair(
    reader: &mut RecordReader<'_>,
    value: LabelledValue,
    handled: Option<LabelledValue>,
) -> Option<Objection> {
    let name = value.name.clone();
    let objection = reader.filled(value);
    let Some(handled) = handled else {
        let fault = Fault::error(&reader.source, name, "this objection has no `How handled:` line")
            .help("say in one line below it what you answered")
            .example("How handled: Said the demo covers ROI; did not push further.");
        reader.fault(fault);
        return None;
    };
    let handled = reader.filled(handled);
    let (objection, handled) = (objection?, handled?);
    Some(Objection {
        objection: clean(reader.slice(&objection.span)),
        handled: clean(reader.slice(&handled.span)),
    })
}

fn is_none_raised(text: &str) -> bool {
    names_nobody(&clean(text))
}
