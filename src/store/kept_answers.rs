//! What servers answered and the database could not take before the process had to end, in a file beside it: the next
//! process that delivers writes it down first.
//!
//! Known limit: where the folder cannot be written either, nothing is kept, and the mail is looked for like any whose
//! fate is unknown.

use std::fs;
use std::io::{self, Write};

use chrono::{DateTime, Utc};

use crate::domain::message::MessageId;

use super::Store;
use super::database_file::beside;
use super::json::{Json, StoredValue, object};
use super::room::private_file;

/// A mail that its server has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptAnswer {
    pub seq: String,
    /// As the row had it, since another database may be in the place by then.
    pub message_id: MessageId,
    pub at: DateTime<Utc>,
    pub answer: String,
    /// As the provider has named it.
    pub provider_id: Option<MessageId>,
    pub refused: Vec<KeptRefusal>,
}

object!(KeptAnswer {
    seq: "seq",
    message_id: "message_id",
    at: "at",
    answer: "answer",
    provider_id: "provider_id",
    refused: "refused",
});

/// Somebody for whom the server has not taken it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeptRefusal {
    pub address: String,
    pub permanent: bool,
    pub text: String,
}

object!(KeptRefusal { address: "address", permanent: "permanent", text: "text" });

impl Store {
    /// Keeps these in the place of what was kept before.
    pub(crate) fn keep_answers(&self, answers: &[KeptAnswer]) -> io::Result<()> {
        let place = beside(self.file.place(), ".answers");
        let part = beside(&place, ".part");
        let lines: String = answers.iter().map(|one| format!("{}\n", one.to_column())).collect();
        let mut file = private_file(&part)?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()?;
        fs::rename(part, place)
    }

    /// What cannot be read is said, and its mail looked for.
    pub(crate) fn kept_answers(&self) -> Vec<KeptAnswer> {
        let place = beside(self.file.place(), ".answers");
        let text = match fs::read_to_string(&place) {
            Ok(text) => text,
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::warn!(%error, place = %place.display(), "answers that were kept cannot be read");
                }
                return Vec::new();
            }
        };
        let read = |line: &str| {
            let kept = StoredValue::read(line).and_then(|value| KeptAnswer::from_json(&value));
            if kept.is_none() {
                tracing::warn!(place = %place.display(), "an answer that was kept is damaged");
            }
            kept
        };
        text.lines().filter_map(read).collect()
    }

    /// They are written down.
    pub(crate) fn forget_kept_answers(&self) {
        // One that stays is written once more, which changes nothing.
        let _ = fs::remove_file(beside(self.file.place(), ".answers"));
    }
}
