//! An event of the story, and words that several kinds of event share.

use chrono::{DateTime, Utc};

use super::super::calendars::MeetingRevision;
use super::super::judgement::Event;
use super::super::participants::Participants;

/// An event without a message of its own.
pub(super) fn event(at: DateTime<Utc>, what: &'static str, why: String) -> Event {
    Event { at, what: what.into(), rule: None, message_id: None, folder: None, why }
}

pub(super) fn first_line(words: &str) -> String {
    let line = words.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
    let mut cut: String = line.chars().take(120).collect();
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut
}

/// `Thu 3 Dec 2026 14:00 America/New_York`, in the AE's zone.
pub(super) fn zoned(participants: Participants<'_>, at: DateTime<Utc>) -> String {
    match participants.ae_person().map(|ae| &ae.working.zone) {
        Some(zone) => format!("{} {}", zone.local(at).format("%a %-d %b %Y %H:%M"), zone.name()),
        None => at.format("%a %-d %b %Y %H:%M UTC").to_string(),
    }
}

/// What an event is called that tells of a change of the meeting.
pub(super) fn meeting_event(revision: &MeetingRevision) -> &'static str {
    if revision.cancelled { "meeting-cancelled" } else { "meeting-moved" }
}
