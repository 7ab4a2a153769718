//! The report as one HTML page without outside resources: pictures drawn in the page, a table behind each of them, and
//! behind each number the handoffs that it counts.
//!
//! Numbers are those of the JSON document, which is also what the CSV is made from. Where a picture puts things is
//! reckoned here; how it looks is in `templates/report.html`.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value as TemplateValue};
use serde_json::{Value, json};

use chrono::{DateTime, Utc};

use crate::domain::audit::figures::of_role;
use crate::domain::audit::report::{Report, reference};
use crate::domain::audit::{AuditedHandoff, TouchAnswer};
use crate::domain::people::TeamRole;
use crate::domain::zone::Zone;

use super::document::role_name;
use super::report_document::cc_name;

const TEMPLATE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/report.html"));

/// Width and height of a picture in its own units.
const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 240.0;
/// Share of its place that a bar takes.
const BAR: f64 = 0.8;

/// The page, from a report and its JSON document. Times are shown in `zone`.
pub(crate) fn page(
    report: &Report,
    document: &Value,
    zone: &dyn Zone,
    now: DateTime<Utc>,
) -> Result<String, minijinja::Error> {
    let mut waiting: Vec<&AuditedHandoff> = report.handoffs.iter().filter(|one| one.waits).collect();
    waiting.sort_by_key(|one| one.deadline);
    let view = json!({
        "document": document,
        "written": zone.local(now).format("%a %-d %b %Y %H:%M").to_string(),
        "zone": zone.name(),
        "in_time": outcome_lists(&report.handoffs),
        "had_feedback": {
            "yes": which(&report.handoffs, |one| one.had_feedback() == Some(true)),
            "no": which(&report.handoffs, |one| one.had_feedback() == Some(false)),
        },
        "weeks": weeks(report),
        "times": times(report),
        "line": sla_line(report),
        "people": people(report, document),
        "handoffs": report.handoffs.iter().map(|one| handoff(one, zone)).collect::<Vec<_>>(),
        "waiting": waiting.iter().map(|one| handoff(one, zone)).collect::<Vec<_>>(),
        "picture": {"width": WIDTH, "height": HEIGHT},
    });
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax.trim_blocks(true).lstrip_blocks(true);
    // Only delimiters can make it fail, and those are the default ones.
    env.set_syntax(syntax.build().unwrap_or_default());
    env.add_filter("percent", |share: f64| format!("{:.0} %", share * 100.0));
    env.add_filter("span", words_for_seconds);
    env.add_filter("decimal", |number: f64| format!("{number:.1}"));
    env.add_template("report.html", TEMPLATE)?;
    env.get_template("report.html")?.render(template_value(&view))
}

fn template_value(json: &Value) -> TemplateValue {
    match json {
        Value::Null => TemplateValue::from(()),
        Value::Bool(yes) => TemplateValue::from(*yes),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => TemplateValue::from(whole),
            (None, Some(decimal)) => TemplateValue::from(decimal),
            (None, None) => TemplateValue::from(()),
        },
        Value::String(text) => TemplateValue::from(text.as_str()),
        Value::Array(list) => TemplateValue::from(list.iter().map(template_value).collect::<Vec<_>>()),
        Value::Object(fields) => {
            TemplateValue::from_pairs(fields.iter().map(|(key, value)| (key.as_str(), template_value(value))))
        }
    }
}

fn which(handoffs: &[AuditedHandoff], is: impl Fn(&AuditedHandoff) -> bool) -> Vec<String> {
    handoffs.iter().filter(|one| is(one)).map(reference).collect()
}

fn outcome_lists(handoffs: &[AuditedHandoff]) -> Value {
    let of = |answer: TouchAnswer| which(handoffs, |one| one.touch.answer == answer);
    json!({
        "in_time": of(TouchAnswer::InTime),
        "late": of(TouchAnswer::Late),
        "never": of(TouchAnswer::Never),
        "cannot_tell": of(TouchAnswer::CannotTell),
    })
}

/// `15 min`, `4 h`, `2 days`.
fn words_for_seconds(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 if seconds % 3_600 < 60 => format!("{} h", seconds / 3_600),
        3_600..172_800 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} days", (seconds as f64 / 86_400.0).round()),
    }
}

/// Where the bars of a picture stand: left edge and width of each.
fn places(count: usize) -> impl Iterator<Item = (f64, f64)> {
    let step = WIDTH / count.max(1) as f64;
    (0..count).map(move |number| (step * (number as f64 + (1.0 - BAR) / 2.0), step * BAR))
}

/// One bar in two parts, from the bottom: top edge and height of each.
fn stacked(lower: usize, upper: usize, most: usize) -> Value {
    let unit = HEIGHT / most.max(1) as f64;
    let (low, high) = (lower as f64 * unit, upper as f64 * unit);
    json!({"low_y": HEIGHT - low, "low_h": low, "high_y": HEIGHT - low - high, "high_h": high})
}

fn weeks(report: &Report) -> Vec<Value> {
    let bars = places(report.weeks.len());
    let most = report.weeks.iter().map(|week| week.handoffs.len()).max().unwrap_or_default();
    report
        .weeks
        .iter()
        .zip(bars)
        .map(|(week, (x, width))| {
            let in_time = which(&week.handoffs, |one| one.was_in_time() == Some(true));
            let missed = which(&week.handoffs, |one| one.was_in_time() == Some(false));
            json!({
                "name": week.name(),
                "monday": week.monday.format("%-d %b %Y").to_string(),
                "bar": stacked(in_time.len(), missed.len(), most),
                "x": x, "width": width,
                "in_time": in_time,
                "missed": missed,
                "unsettled": which(&week.handoffs, |one| one.was_in_time().is_none()),
                "share": super::document::rounded(week.in_time),
            })
        })
        .collect()
}

fn times(report: &Report) -> Vec<Value> {
    let most = report.times.iter().map(|one| one.in_time.len() + one.late.len()).max().unwrap_or_default();
    let mut above = None;
    report
        .times
        .iter()
        .zip(places(report.times.len()))
        .map(|(group, (x, width))| {
            let from = std::mem::replace(&mut above, group.up_to_s);
            let name = match (from, group.up_to_s) {
                (_, Some(end)) => format!("up to {}", words_for_seconds(end)),
                (Some(from), None) => format!("over {}", words_for_seconds(from)),
                (None, None) => "any".to_owned(),
            };
            json!({
                "name": name,
                "bar": stacked(group.in_time.len(), group.late.len(), most),
                "x": x, "width": width,
                "in_time": group.in_time,
                "late": group.late,
            })
        })
        .collect()
}

/// Where the median of what the SLA allowed stands among the groups of times.
fn sla_line(report: &Report) -> Option<f64> {
    let allowed = report.allowed_s?;
    let step = WIDTH / report.times.len().max(1) as f64;
    let mut from = 0;
    for (number, group) in report.times.iter().enumerate() {
        match group.up_to_s {
            Some(end) if allowed > end => from = end,
            Some(end) => {
                let within = (allowed - from) as f64 / (end - from).max(1) as f64;
                return Some(step * (number as f64 + within));
            }
            None => return Some(step * (number as f64 + 0.5)),
        }
    }
    None
}

/// Each person's figures of the document, with the handoffs behind them.
fn people(report: &Report, document: &Value) -> Vec<Value> {
    let figures = document.get("people").and_then(Value::as_array).into_iter().flatten();
    report
        .people
        .iter()
        .zip(figures)
        .map(|(person, figures)| {
            let own: Vec<AuditedHandoff> = report
                .handoffs
                .iter()
                .filter(|one| of_role(one, person.role) == person.name)
                .cloned()
                .collect();
            let worst = own.iter().max_by_key(|one| one.seconds_to_touch());
            json!({
                "figures": figures,
                "title": if person.role == TeamRole::Ae { "AE" } else { "SDR" },
                "key": format!("{}-{}", role_name(person.role), person.name),
                "all": which(&own, |_| true),
                "missed": which(&own, |one| one.was_in_time() == Some(false)),
                "worst": worst.map(reference).into_iter().collect::<Vec<_>>(),
                "impersonal": which(&own, |one| one.touch.personal == Some(false)),
                "unread": which(&own, |one| one.acknowledged == Some(false)),
                "no_feedback": which(&own, |one| one.had_feedback() == Some(false)),
                "scored": which(&own, |one| one.feedback.score.is_some()),
            })
        })
        .collect()
}

fn handoff(one: &AuditedHandoff, zone: &dyn Zone) -> Value {
    let local = |at: DateTime<Utc>| zone.local(at).format("%a %-d %b %Y %H:%M").to_string();
    json!({
        "id": reference(one),
        "company": one.company,
        "sdr": one.sdr,
        "ae": one.ae,
        "sent": one.sent_at.map(local),
        "deadline": one.deadline.map(local),
        "touch": one.touch.answer.name(),
        "touch_kind": one.touch.kind.map(|kind| kind.name()),
        "touch_after": one.seconds_to_touch(),
        "cc": one.cc_first.map(cc_name),
        "feedback": one.feedback.answer.name(),
        "score": one.feedback.score,
        "evidence": one.evidence,
    })
}
