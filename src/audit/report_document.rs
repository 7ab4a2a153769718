//! The report as the JSON of docs/interface.md, and as a CSV that is made from it: one row for each number, so that the
//! two cannot differ.

use serde_json::{Value, json};

use crate::domain::audit::report::Report;
use crate::domain::judge::CcState;

use super::csv::{self, TableCell};
use super::document::{person, rounded};

/// `baton report --json`.
pub(crate) fn report(report: &Report) -> Value {
    let counted = |name: &str, ids: &[String]| json!({"what": name, "count": ids.len(), "handoffs": ids});
    let mut cc: Vec<Value> = report.cc.iter().map(|(state, ids)| counted(cc_name(*state), ids)).collect();
    cc.push(counted("kept in Cc after the first email", &report.lingering));
    json!({
        "since": report.since.map(|date| date.to_string()),
        "until": report.until.map(|date| date.to_string()),
        "handoffs": report.handoffs.len(),
        "in_time": rounded(report.in_time),
        "feedback_given": rounded(report.feedback_given),
        "weeks": report.weeks.iter().map(|week| json!({
            "week": week.name(),
            "handoffs": week.handoffs.len(),
            "in_time": rounded(week.in_time),
        })).collect::<Vec<_>>(),
        "people": report.people.iter().map(person).collect::<Vec<_>>(),
        "waiting": report.waiting,
        "coaching": report.coaching.iter().map(|point| json!({
            "what": point.what,
            "handoffs": point.handoffs,
        })).collect::<Vec<_>>(),
        "time_to_touch": report.times.iter().map(|group| json!({
            "up_to_s": group.up_to_s,
            "in_time": group.in_time.len(),
            "late": group.late.len(),
        })).collect::<Vec<_>>(),
        "median_allowed_s": report.allowed_s,
        "cc": cc,
        "feedback": report.feedback.iter().map(|(answer, ids)| counted(answer.name(), ids)).collect::<Vec<_>>(),
    })
}

/// What a verdict on the first email is called.
pub(crate) fn cc_name(state: CcState) -> &'static str {
    match state {
        CcState::Kept => "kept",
        CcState::MovedToBcc => "moved to Bcc",
        CcState::DroppedEarly => "dropped early",
        CcState::Waiting => "waiting",
        CcState::Dropped => "dropped",
        CcState::DroppedAssumed => "dropped (assumed)",
        CcState::Lingering => "lingering",
    }
}

/// The report as CSV: what a number is of, the number, and the handoffs behind it.
pub(crate) fn report_csv(document: &Value) -> String {
    let mut rows = Vec::new();
    for measure in ["since", "until", "handoffs", "in_time", "feedback_given", "median_allowed_s"] {
        rows.push(row("total", "", "", measure, field(document, measure)));
    }
    let list = |key: &str| field(document, key).as_array().cloned().unwrap_or_default();
    for week in list("weeks") {
        for measure in ["handoffs", "in_time"] {
            rows.push(row("week", text(field(&week, "week")), "", measure, field(&week, measure)));
        }
    }
    for person in list("people") {
        let measures = person.as_object().into_iter().flatten();
        for (measure, value) in measures.filter(|(key, _)| !matches!(key.as_str(), "name" | "role")) {
            rows.push(row(
                "person",
                text(field(&person, "name")),
                text(field(&person, "role")),
                measure,
                value,
            ));
        }
    }
    for group in list("time_to_touch") {
        let name = field(&group, "up_to_s")
            .as_i64()
            .map_or_else(|| "more".to_owned(), |end| format!("up to {end} s"));
        for measure in ["in_time", "late"] {
            rows.push(row("time to touch", &name, "", measure, field(&group, measure)));
        }
    }
    for section in ["cc", "feedback"] {
        for one in list(section) {
            rows.push(row(section, text(field(&one, "what")), "", "count", field(&one, "count")));
        }
    }
    for id in list("waiting") {
        rows.push(row("waiting", "", "", "handoff", &id));
    }
    for point in list("coaching") {
        for id in field(&point, "handoffs").as_array().into_iter().flatten() {
            rows.push(row("coaching", text(field(&point, "what")), "", "handoff", id));
        }
    }
    csv::table(&["section", "name", "role", "measure", "value"], rows)
}

fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn row(section: &str, name: &str, role: &str, measure: &str, value: &Value) -> Vec<TableCell> {
    let value = match value {
        Value::Null => TableCell::Empty,
        Value::Number(number) => TableCell::number(Some(number)),
        other => TableCell::text(text(other)),
    };
    vec![
        TableCell::text(section),
        TableCell::text(name),
        TableCell::text(role),
        TableCell::text(measure),
        value,
    ]
}
