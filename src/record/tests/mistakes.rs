//! Likely mistakes of people who fill in a record, each with its whole message, to be read as a first-day SDR.

use super::{ACME, parse_text};
use crate::diagnostics::{FaultStyle, render};

/// What went wrong, and what was changed in the example, into what.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("AE misspelt", "AE: Calvin Reyes", "AE: Calvin Rayes"),
    ("an AE whom nobody knows", "AE: Calvin Reyes", "AE: Toni Braun"),
    ("the manager as the AE", "AE: Calvin Reyes", "AE: Morgan Hale"),
    ("an AE as the SDR", "SDR: Dana Fox", "SDR: Robin Vale"),
    ("nobody as the SDR", "SDR: Dana Fox", "SDR:"),
    ("no AE", "SDR: Dana Fox | AE: Calvin Reyes", "SDR: Dana Fox"),
    ("no company", "Acme Corp | 2026-11-24", "[Company] | 2026-11-24"),
    ("no date of the record", " | 2026-11-24", ""),
    ("the bar forgotten", "Acme Corp | 2026-11-24", "Acme Corp, 2026-11-24"),
    ("a condition not ticked", "[x] ICP criteria confirmed", "[ ] ICP criteria confirmed"),
    ("a condition reworded", "[x] ICP criteria confirmed", "[x] ICP confirmd"),
    ("a condition removed", "[x] Qualification threshold met\n", ""),
    (
        "a condition twice",
        "[x] ICP criteria confirmed",
        "[x] ICP criteria confirmed\n[x] ICP criteria confirmed",
    ),
    ("no box", "[x] ICP criteria confirmed", "ICP criteria confirmed"),
    ("a question in the box", "[x] ICP criteria confirmed", "[?] ICP criteria confirmed"),
    (
        "no pain",
        "\"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\"\n",
        "",
    ),
    (
        "a pain still to come",
        "\"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\"",
        "TBD",
    ),
    (
        "a summary for the pain",
        "\"Our reps spend 20 minutes a day updating Salesforce and still miss half the fields.\"",
        "They need better reporting",
    ),
    ("tomorrow", "2026-11-26 14:00 America/New_York", "tomorrow 2pm ET"),
    ("next week", "2026-11-26 14:00 America/New_York", "next Thursday 2pm ET"),
    ("words for a date", "2026-11-26 14:00 America/New_York", "after lunch on Friday"),
    ("nothing but words", "2026-11-26 14:00 America/New_York", "whenever it suits them"),
    ("the wrong weekday", "2026-11-26 14:00 America/New_York", "Fri 26 Nov 2026 2pm ET"),
    ("day or month first", "2026-11-26 14:00 America/New_York", "1/2/2027 2pm ET"),
    ("a day that is over", "2026-11-26 14:00 America/New_York", "2026-11-20 14:00 America/New_York"),
    ("which year", "2026-11-26 14:00 America/New_York", "20 Nov 2pm ET"),
    ("no such day", "2026-11-26 14:00 America/New_York", "31 Nov 2026 2pm ET"),
    ("no time", "2026-11-26 14:00 America/New_York", "2026-11-26 America/New_York"),
    ("night or afternoon", "2026-11-26 14:00 America/New_York", "2026-11-26 2:00 America/New_York"),
    ("hour 25", "2026-11-26 14:00 America/New_York", "2026-11-26 25:00 America/New_York"),
    ("no zone", "2026-11-26 14:00 America/New_York", "2026-11-26 14:00"),
    ("a zone misspelt", "2026-11-26 14:00 America/New_York", "2026-11-26 14:00 America/NewYork"),
    ("a zone of several countries", "2026-11-26 14:00 America/New_York", "2026-11-26 14:00 IST"),
    ("summer time in winter", "2026-11-26 14:00 America/New_York", "2026-11-26 14:00 EDT"),
    ("two lengths", "2026-11-26 14:00 America/New_York, 30 min", "2026-11-26 14:00-15:00 ET, 30 min"),
    ("a meeting of no length", "30 min", "0 min"),
    ("a day for a meeting", "30 min", "25 h"),
    ("a long meeting", "30 min", "15 h"),
    ("a far meeting", "2026-11-26 14:00 America/New_York", "2027-11-25 14:00 ET"),
    ("no format", "Format: Zoom\n", ""),
    ("a format still to come", "Format: Zoom", "Format: TBD"),
    ("a label misspelt", "Format: Zoom", "Fromat: Zoom"),
    ("a label without colon", "Format: Zoom", "Format Zoom"),
    ("a line twice", "Format: Zoom", "Format: Zoom\nFormat: Teams"),
    ("a line that does not belong", "Format: Zoom", "Format: Zoom\nLocation: online"),
    (
        "names without addresses",
        "Attendees: Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>",
        "Attendees: Sarah Lee, James Ortiz",
    ),
    ("an address without ending", "<james@acme.example>", "<james@acme>"),
    (
        "two addresses of which one is broken",
        "<sarah@acme.example>, James Ortiz <james@acme.example>",
        "<sarah@acme.example> and James Ortiz james@acme",
    ),
    (
        "only colleagues",
        "Attendees: Sarah Lee <sarah@acme.example>, James Ortiz <james@acme.example>",
        "Attendees: Calvin Reyes",
    ),
    ("two columns", "Sarah Lee | VP Sales | decision-maker", "Sarah Lee | decision-maker"),
    ("dashes for bars", "Sarah Lee | VP Sales | decision-maker", "Sarah Lee - VP Sales - decision-maker"),
    ("an influencer", "Sarah Lee | VP Sales | decision-maker", "Sarah Lee | VP Sales | Influencer"),
    ("an economic buyer", "Sarah Lee | VP Sales | decision-maker", "Sarah Lee | VP Sales | Economic buyer"),
    ("a boss", "Sarah Lee | VP Sales | decision-maker", "Sarah Lee | VP Sales | boss"),
    ("no stakeholder", "Sarah Lee | VP Sales | decision-maker\nJames Ortiz | Sales Ops | evaluator\n", ""),
    ("an objection without its answer", "\nHow handled: Said the demo covers ROI; did not push further.", ""),
    (
        "an objection without labels",
        "Objection: Asked about cost against the current tool.\nHow handled: Said the demo covers ROI; did not push further.",
        "They asked about cost",
    ),
    ("not discussed", "none mentioned", "not discussed"),
    ("nothing for a competitor", "none mentioned", "-"),
    ("a comma in a name", "To: Sarah Lee <sarah@acme.example>", "To: Lee, Sarah <sarah@acme.example>"),
    ("an address alone", "To: Sarah Lee <sarah@acme.example>", "To: sarah@acme.example"),
    ("a colleague as the prospect", "To: Sarah Lee <sarah@acme.example>", "To: Kim Ono <kim@vendor.example>"),
    (
        "the AE as the prospect",
        "To: Sarah Lee <sarah@acme.example>",
        "To: Calvin Reyes <calvin@vendor.example>",
    ),
    ("a name in capitals", "To: Sarah Lee <sarah@acme.example>", "To: SARAH LEE <sarah@acme.example>"),
    ("a shared mailbox", "To: Sarah Lee <sarah@acme.example>", "To: Sales <sales@acme.example>"),
    (
        "why this AE left out",
        "Why this AE: Calvin works exclusively with VP-level sales leaders consolidating CRMs\n",
        "",
    ),
    ("a fragment", "Discussed: we talked about the hours", "Discussed: the hours"),
    ("a section missing", "5. COMPETITOR MENTIONED:\nnone mentioned\n", ""),
    (
        "a section twice",
        "5. COMPETITOR MENTIONED:",
        "4. OBJECTIONS SURFACED:\nnone raised\n\n5. COMPETITOR MENTIONED:",
    ),
    ("a heading misspelt", "2. NEXT MEETING:", "2. NXT MEETING:"),
    ("a section of their own", "5. COMPETITOR MENTIONED:", "6. BUDGET:\nplenty\n\n5. COMPETITOR MENTIONED:"),
    ("a signature below", "Completed within SLA\n", "Completed within SLA\nSent from my phone\n"),
];

#[test]
fn every_likely_mistake_is_answered_with_what_to_do() {
    let mut out = String::new();
    for (what, from, to) in MISTAKES {
        assert!(ACME.contains(from), "{what}");
        let found = match parse_text(&ACME.replacen(from, to, 1)) {
            Ok(parsed) => parsed.warnings,
            Err(faults) => faults,
        };
        assert!(!found.is_empty(), "{what} is taken without a word");
        assert!(
            found.iter().all(|fault| !fault.help.is_empty() || fault.example.is_some()),
            "{what}: {found:?}"
        );
        out.push_str(&format!("== {what}\n{}\n", render(&found, FaultStyle::PLAIN)));
    }
    assert!(MISTAKES.len() >= 60);
    insta::assert_snapshot!("mistakes", out);
}
