//! What mails about a sending or a meeting are kept under.
//! docs/behaviour.md section 12.

use chrono::{DateTime, Utc};

use super::super::mails::{MailKey, MailKind};
use super::tenures::Tenures;

/// Key of the intro's mail of one sending.
pub(super) fn intro_key(sending: u32) -> MailKey {
    MailKey { kind: MailKind::Intro, about: format!("sending {sending}") }
}

/// Inverse of `intro_key`.
pub(crate) fn sending_of(key: &MailKey) -> Option<u32> {
    key.about.strip_prefix("sending ")?.parse().ok().filter(|_| key.kind == MailKind::Intro)
}

/// What the mail with the record is kept under: once for each AE, each time that they have got the handoff, and each text,
/// by the first sending that it went with.
pub(super) fn record_about(tenures: &Tenures, tenure: usize, sending: u32) -> String {
    let about = format!("{} text {sending}", tenures.ae(tenure));
    match tenures.earlier(tenure) {
        0 => about,
        times => format!("{about} again {times}"),
    }
}

/// Key of the mails about a meeting's feedback.
pub(super) fn about_meeting(start: DateTime<Utc>) -> String {
    format!("meeting {}", start.format("%Y-%m-%dT%H:%M:%SZ"))
}

/// Key of the question for the new time of a meeting that was rescheduled.
pub(super) fn new_time_key(start: DateTime<Utc>) -> String {
    format!("{} new-time", about_meeting(start))
}

/// Whether a question was for a new time.
pub(super) fn is_new_time_key(about: &str) -> bool {
    about.ends_with(" new-time")
}

/// Inverse of `about_meeting`, also for the keys of questions and thanks that begin with it.
pub(super) fn meeting_of(key: &str) -> Option<DateTime<Utc>> {
    let stamp = key.strip_prefix("meeting ")?.split_whitespace().next()?;
    DateTime::parse_from_rfc3339(stamp).ok().map(|at| at.with_timezone(&Utc))
}
