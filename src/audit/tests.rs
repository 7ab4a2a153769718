//! The report's three forms hold the same numbers, and a page that anybody may have written names into stays a page.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::domain::audit::report::{Report, report};
use crate::domain::audit::{
    AuditSource, AuditedFeedback, AuditedHandoff, AuditedTouch, FeedbackAnswer, Preparation, RecordAnswer,
    TouchAnswer,
};
use crate::domain::judge::CcState;
use crate::domain::message::Address;
use crate::domain::outcomes::{MeetingOutcome, TouchKind};
use crate::domain::zone::FixedZone;

use super::{document, page, report_document, tables};

fn zone() -> FixedZone {
    FixedZone::new(chrono::FixedOffset::east_opt(3600).unwrap())
}

fn begin() -> DateTime<Utc> {
    "2026-01-05T09:00:00Z".parse().unwrap()
}

/// A year of handoffs whose outcomes differ by their numbers.
fn year(count: i64) -> Vec<AuditedHandoff> {
    let aes = ["Calvin Reyes", "Rita <b>Moss</b>", "Zoë Ångström"];
    (0..count)
        .map(|number| {
            let sent_at = begin() + TimeDelta::minutes(number * 525_600 / count);
            let minutes = (number * 37 % 480) + 2;
            let (answer, at) = match number % 11 {
                0 => (TouchAnswer::Never, None),
                1 => (TouchAnswer::CannotTell, None),
                _ if minutes > 240 => (TouchAnswer::Late, Some(sent_at + TimeDelta::minutes(minutes))),
                _ => (TouchAnswer::InTime, Some(sent_at + TimeDelta::minutes(minutes))),
            };
            let feedback = [FeedbackAnswer::InTime, FeedbackAnswer::Late, FeedbackAnswer::Never];
            AuditedHandoff {
                id: Some(format!("acme-{number}")),
                company: format!("=Acme <script>{number}"),
                sdr: ["Dana Fox", "@Sam"][usize::try_from(number % 2).unwrap()].to_owned(),
                ae: aes[usize::try_from(number % 3).unwrap()].to_owned(),
                prospects: vec![Address::new("sarah@acme.example").unwrap()],
                sent_at: Some(sent_at),
                deadline: Some(sent_at + TimeDelta::hours(4)),
                record: RecordAnswer::Complete,
                touch: AuditedTouch {
                    answer,
                    at,
                    kind: at.map(|_| TouchKind::Reply),
                    personal: at.map(|_| number % 4 > 0),
                },
                feedback: AuditedFeedback {
                    answer: feedback[usize::try_from(number % 3).unwrap()],
                    at: None,
                    due: None,
                    outcome: Some(MeetingOutcome::Held),
                    score: u8::try_from(number % 5 + 1).ok(),
                },
                acknowledged: Some(number % 3 > 0),
                cc_first: at.map(|_| CcState::Kept),
                cc: CcState::Dropped,
                preparation: Some(Preparation {
                    first_contact: Some(sent_at - TimeDelta::days(number % 9)),
                    proved: 1,
                    only_ticked: 1,
                }),
                waits: answer == TouchAnswer::CannotTell,
                source: AuditSource::Baton,
                evidence: vec![format!("Calvin wrote \"hello\" & more in {number}")],
                line: None,
            }
        })
        .collect()
}

fn of(handoffs: Vec<AuditedHandoff>) -> Report {
    report(handoffs, (None, None), begin().date_naive(), &zone())
}

fn html(report: &Report) -> String {
    page::page(report, &report_document::report(report), &zone(), begin()).unwrap()
}

/// The cells of a CSV.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![]];
    let (mut reader, mut input, mut cell) = (csv_core::Reader::new(), text.as_bytes(), vec![0; 4000]);
    loop {
        let (result, read, len) = reader.read_field(input, &mut cell);
        input = &input[read..];
        let csv_core::ReadFieldResult::Field { record_end } = result else {
            if result == csv_core::ReadFieldResult::End {
                break;
            }
            continue;
        };
        rows.last_mut().unwrap().push(String::from_utf8(cell[..len].to_vec()).unwrap());
        if record_end {
            rows.push(vec![]);
        }
    }
    rows.retain(|row| !row.is_empty());
    rows
}

#[test]
fn page_csv_and_json_hold_the_same_numbers() {
    let report = of(year(97));
    let json = report_document::report(&report);
    let csv = rows(&report_document::report_csv(&json));
    let value = |section: &str, name: &str, measure: &str| -> Vec<String> {
        csv.iter()
            .filter(|row| row[0] == section && row[1] == name && row[3] == measure)
            .map(|row| row[4].clone())
            .collect()
    };
    let html = html(&report);
    let percent = |share: &Value| format!("{:.0} %", share.as_f64().unwrap() * 100.0);
    assert_eq!(value("total", "", "handoffs"), ["97"]);
    assert_eq!(value("total", "", "in_time"), [json["in_time"].to_string()]);
    assert!(html.contains(&percent(&json["in_time"])));
    let weeks = json["weeks"].as_array().unwrap();
    assert_eq!(weeks.len(), 52);
    assert_eq!(weeks.iter().map(|week| week["handoffs"].as_u64().unwrap()).sum::<u64>(), 97);
    for week in weeks {
        let name = week["week"].as_str().unwrap();
        assert_eq!(value("week", name, "handoffs"), [week["handoffs"].to_string()]);
        let of_week = html.split(&format!("<th scope=\"row\">{name}</th>")).nth(1).unwrap();
        let of_week = of_week.split("</tr>").next().unwrap();
        assert!(of_week.contains(&format!(">{}<", week["handoffs"])), "{name}");
        assert!(week["in_time"].is_null() || of_week.contains(&percent(&week["in_time"])), "{name}");
    }
    for person in json["people"].as_array().unwrap() {
        let name = person["name"].as_str().unwrap();
        let shown = if name.starts_with('@') { format!("'{name}") } else { name.to_owned() };
        for measure in ["handoffs", "in_time", "median_s", "worst_s", "personal", "mean_score"] {
            assert_eq!(value("person", &shown, measure), [person[measure].to_string()], "{name} {measure}");
        }
    }
    let waiting: Vec<&str> =
        json["waiting"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(value("waiting", "", "handoff"), waiting);
    let groups = json["time_to_touch"].as_array().unwrap();
    let touched: u64 =
        groups.iter().map(|one| one["in_time"].as_u64().unwrap() + one["late"].as_u64().unwrap()).sum();
    assert_eq!(touched, report.handoffs.iter().filter(|one| one.touch.at.is_some()).count() as u64);
}

#[test]
fn the_page_needs_nothing_from_outside_and_takes_no_markup_from_names() {
    let html = html(&of(year(30)));
    for outside in ["http://", "https://", "src=", "@import", "url(", "<script", "<b>Moss"] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert!(html.contains("&lt;script&gt;"));
    for link in html.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(html.contains(&format!("id=\"{link}\"")), "{link} leads nowhere");
    }
}

#[test]
fn a_page_without_handoffs_is_one_too() {
    let empty = of(Vec::new());
    assert!(html(&empty).contains("No handoffs in this span."));
    let json = report_document::report(&empty);
    assert_eq!((&json["handoffs"], &json["in_time"]), (&Value::from(0), &Value::Null));
}

#[test]
fn no_cell_of_the_audit_is_a_formula_and_its_json_has_every_field() {
    let handoffs = year(12);
    let nowhere = |_: &str| None;
    for row in rows(&tables::audit(&handoffs, &nowhere)) {
        assert_eq!(row.len(), 16);
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
    let json = document::audit(&handoffs, &[], &nowhere);
    let first = &json["handoffs"][0];
    assert_eq!(first["source"], "baton");
    assert_eq!(first["record"], "complete");
    for (share, field) in [("people", "in_time"), ("failures", "share")] {
        let value = json[share][0][field].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&value), "{share}");
    }
    assert_eq!(json["skipped"], Value::Array(Vec::new()));
}

/// Writes a page of a year's handoffs to the file that `BATON_REPORT_PAGE` names, to be looked at.
#[test]
fn a_year_of_two_thousand_handoffs_is_one_page() {
    let html = html(&of(year(2000)));
    assert!(html.len() < 6_000_000, "{} bytes", html.len());
    if let Some(path) = std::env::var_os("BATON_REPORT_PAGE") {
        std::fs::write(path, html).unwrap();
    }
}
