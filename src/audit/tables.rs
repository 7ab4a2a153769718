//! The audit as CSV: one row for each handoff, with what its JSON has.

use crate::domain::audit::AuditedHandoff;

use super::csv::{self, TableCell};
use super::document::{self, ZoneOfAe};

const AUDIT: [&str; 16] = [
    "id",
    "company",
    "sdr",
    "ae",
    "prospects",
    "sent_at",
    "deadline",
    "record",
    "touch",
    "touch_at",
    "touch_kind",
    "feedback",
    "feedback_at",
    "source",
    "evidence",
    "line",
];

/// `baton audit --csv`.
pub(crate) fn audit(handoffs: &[AuditedHandoff], zone: ZoneOfAe<'_>) -> String {
    csv::table(&AUDIT, handoffs.iter().map(|one| row(one, zone)))
}

fn row(one: &AuditedHandoff, zone: ZoneOfAe<'_>) -> Vec<TableCell> {
    let maybe = |text: Option<String>| text.map_or(TableCell::Empty, TableCell::Text);
    let prospects: Vec<&str> = one.prospects.iter().map(|address| address.as_str()).collect();
    vec![
        maybe(one.id.clone()),
        TableCell::text(&one.company),
        TableCell::text(&one.sdr),
        TableCell::text(&one.ae),
        TableCell::text(prospects.join("; ")),
        maybe(one.sent_at.map(document::utc)),
        maybe(document::deadline(one, zone)),
        TableCell::text(one.record.name()),
        TableCell::text(one.touch.answer.name()),
        maybe(one.touch.at.map(document::utc)),
        maybe(one.touch.kind.map(|kind| kind.name().to_owned())),
        TableCell::text(one.feedback.answer.name()),
        maybe(one.feedback.at.map(document::utc)),
        TableCell::text(one.source.name()),
        TableCell::text(one.evidence.join("; ")),
        TableCell::number(one.line),
    ]
}
