//! Messages that carry a record, or answer one, with a prospect contact among their people, be it of this handoff or of
//! another.

use chrono::{DateTime, Utc};

use super::correspondence::Correspondence;
use super::seen_message::SeenMessage;

/// Messages that brought this handoff's record to a prospect contact, since the handover, in the order of their time.
pub(super) fn record_leaks(mail: &Correspondence, handed_over: Option<DateTime<Utc>>) -> Vec<&SeenMessage> {
    let mut brought = records_brought(mail, handed_over);
    brought.retain(|seen| !seen.record_is_others || answers_record(seen));
    brought
}

/// The same with those that brought another handoff's, for which that is told.
pub(super) fn records_brought(
    mail: &Correspondence,
    handed_over: Option<DateTime<Utc>>,
) -> Vec<&SeenMessage> {
    mail.seen
        .iter()
        .filter(|seen| {
            let carries = seen.body().is_some_and(|body| body.holds_record) || answers_record(seen);
            let is_person = !seen.is_batons && handed_over.is_some_and(|since| seen.at >= since);
            let reaches =
                mail.reaches_prospect(seen) || mail.by_prospect(seen) || !seen.others_prospects.is_empty();
            is_person && carries && reaches
        })
        .collect()
}

fn answers_record(seen: &SeenMessage) -> bool {
    seen.answers.iter().any(|key| key.kind.carries_record())
}
