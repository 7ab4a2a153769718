//! An event of the story, and words that several kinds of event share.

use chrono::{DateTime, Utc};

use super::super::judgement::Event;

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
