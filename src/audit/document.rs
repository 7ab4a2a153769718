//! The audit as the JSON of docs/interface.md. Fields may be added, never changed.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::domain::audit::AuditedHandoff;
use crate::domain::audit::crm::SkippedRow;
use crate::domain::audit::figures::{FailureCount, PersonFigures, failures, people};
use crate::domain::people::TeamRole;
use crate::domain::zone::Zone;

/// The zone in which an AE's deadlines are shown.
pub(crate) type ZoneOfAe<'a> = &'a dyn Fn(&str) -> Option<Arc<dyn Zone>>;

/// RFC 3339 in UTC, whole seconds.
pub(crate) fn utc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// RFC 3339 with the offset of the AE's zone.
pub(crate) fn deadline(handoff: &AuditedHandoff, zone: ZoneOfAe<'_>) -> Option<String> {
    let at = handoff.deadline?;
    Some(match zone(&handoff.ae) {
        Some(zone) => zone.local(at).to_rfc3339_opts(SecondsFormat::Secs, true),
        None => utc(at),
    })
}

/// Four decimals are enough for a share, and the same in every form of a document.
pub(crate) fn rounded(share: Option<f64>) -> Option<f64> {
    share.map(|share| (share * 10_000.0).round() / 10_000.0)
}

pub(crate) fn role_name(role: TeamRole) -> &'static str {
    match role {
        TeamRole::Sdr => "sdr",
        TeamRole::Ae => "ae",
        TeamRole::Manager => "manager",
    }
}

/// `baton audit --json`.
pub(crate) fn audit(handoffs: &[AuditedHandoff], skipped: &[SkippedRow], zone: ZoneOfAe<'_>) -> Value {
    json!({
        "handoffs": handoffs.iter().map(|one| handoff(one, zone)).collect::<Vec<_>>(),
        "people": people(handoffs).iter().map(person).collect::<Vec<_>>(),
        "failures": failures(handoffs).iter().map(failure).collect::<Vec<_>>(),
        "skipped": skipped.iter().map(|row| json!({"line": row.line, "reason": row.reason})).collect::<Vec<_>>(),
    })
}

fn handoff(one: &AuditedHandoff, zone: ZoneOfAe<'_>) -> Value {
    json!({
        "id": one.id,
        "company": one.company,
        "sdr": one.sdr,
        "ae": one.ae,
        "prospects": one.prospects.iter().map(|address| address.as_str()).collect::<Vec<_>>(),
        "sent_at": one.sent_at.map(utc),
        "deadline": deadline(one, zone),
        "record": one.record.name(),
        "touch": {
            "answer": one.touch.answer.name(),
            "at": one.touch.at.map(utc),
            "kind": one.touch.kind.map(|kind| kind.name()),
        },
        "feedback": {
            "answer": one.feedback.answer.name(),
            "at": one.feedback.at.map(utc),
        },
        "source": one.source.name(),
        "evidence": one.evidence,
        "line": one.line,
    })
}

/// One person's figures.
pub(crate) fn person(one: &PersonFigures) -> Value {
    json!({
        "name": one.name,
        "role": role_name(one.role),
        "handoffs": one.handoffs,
        "in_time": rounded(one.in_time),
        "median_s": one.median_s,
        "worst_s": one.worst_s,
        "personal": rounded(one.personal),
        "acknowledged": rounded(one.acknowledged),
        "feedback": rounded(one.feedback),
        "mean_score": rounded(one.mean_score),
        "days_to_handoff": rounded(one.days_to_handoff),
        "conditions_proved": one.proved,
        "conditions_only_ticked": one.only_ticked,
    })
}

fn failure(one: &FailureCount) -> Value {
    json!({"what": one.kind.name(), "count": one.count, "share": rounded(Some(one.share))})
}
