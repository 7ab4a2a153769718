//! Messages that carry a record, or answer one, with a prospect contact among their people.

use chrono::{DateTime, Utc};

use super::correspondence::Correspondence;
use super::seen_message::SeenMessage;

/// Since the handover, in the order of their time.
pub(super) fn record_leaks(mail: &Correspondence, handed_over: Option<DateTime<Utc>>) -> Vec<&SeenMessage> {
    mail.seen
        .iter()
        .filter(|seen| {
            let carries = seen.body().is_some_and(|body| body.holds_record)
                || seen.answers.iter().any(|key| key.kind.carries_record());
            let is_person = !seen.is_batons && handed_over.is_some_and(|since| seen.at >= since);
            is_person && carries && (mail.reaches_prospect(seen) || mail.by_prospect(seen))
        })
        .collect()
}
