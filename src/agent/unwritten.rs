//! What servers answered and the database could not take yet: a database that is locked or full for a while does not make
//! an accepted mail unknown. Where the process has to end first, it is kept beside the database for the next one.
//! docs/behaviour.md section 15.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use crate::domain::mails::Voice;
use crate::smtp::{Delivery, RefusedRecipient};
use crate::store::{KeptAnswer, KeptRefusal, OutboxRow, OutboxState, Result as Stored, WriteTransaction};

use super::app::App;
use super::attempt::record;
use super::search::written_as;

/// What a server said of a mail, and when.
#[derive(Clone, Debug)]
pub(crate) struct DeliveryAnswer {
    pub row: OutboxRow,
    pub voice: Voice,
    pub delivery: Delivery,
    pub at: DateTime<Utc>,
}

/// Those that are not written yet. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct UnwrittenAnswers {
    answers: Arc<Mutex<Vec<DeliveryAnswer>>>,
}

impl UnwrittenAnswers {
    fn held(&self) -> MutexGuard<'_, Vec<DeliveryAnswer>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Before it is written: whoever would write it may be cut off.
    pub(super) fn hold(&self, answer: DeliveryAnswer) {
        self.held().push(answer);
    }

    /// It is written.
    pub(super) fn release(&self, seq: i64) {
        self.held().retain(|answer| answer.row.seq != seq);
    }

    /// Writes them, and what an earlier process has kept, before what was being sent is named for what it is. To be
    /// forgotten once that is committed.
    pub(crate) fn write(&self, app: &App, tx: &WriteTransaction<'_>) -> Stored<()> {
        for answer in self.held().clone() {
            let state = tx.outbox_row(answer.row.seq)?.map(|row| row.state);
            // What was cut off may have been written all the same.
            let is_accepted = matches!(answer.delivery, Delivery::Accepted { .. });
            if state == Some(OutboxState::Sending) || is_accepted && state == Some(OutboxState::Uncertain) {
                record(app, tx, answer)?;
            }
        }
        for kept in app.store.kept_answers() {
            write_kept(app, tx, kept)?;
        }
        Ok(())
    }

    pub(crate) fn forget(&self, app: &App) {
        self.held().clear();
        app.store.forget_kept_answers();
    }

    /// Keeps what is not written beside the database: the process ends.
    pub(crate) async fn keep(&self, app: &Arc<App>) {
        let kept: Vec<KeptAnswer> = self.held().iter().filter_map(kept).collect();
        if kept.is_empty() {
            return;
        }
        let count = kept.len();
        let owner = Arc::clone(app);
        let written = tokio::task::spawn_blocking(move || owner.store.keep_answers(&kept)).await;
        match written.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
            Ok(()) => {
                tracing::warn!(count, "what servers answered is kept beside the database for the next start")
            }
            Err(error) => tracing::error!(%error, count, "what servers answered could not be kept"),
        }
    }
}

/// What was refused or put off has not left, and is found by looking; what was taken may be in nobody's mailbox that is
/// read.
fn kept(answer: &DeliveryAnswer) -> Option<KeptAnswer> {
    let Delivery::Accepted { answer: text, provider_id, refused } = &answer.delivery else { return None };
    let refused = refused.iter().cloned();
    let refused =
        refused.map(|RefusedRecipient { address, permanent, text }| KeptRefusal { address, permanent, text });
    Some(KeptAnswer {
        seq: answer.row.seq.to_string(),
        message_id: answer.row.message_id.clone(),
        at: answer.at,
        answer: text.clone(),
        provider_id: provider_id.clone(),
        refused: refused.collect(),
    })
}

fn write_kept(app: &App, tx: &WriteTransaction<'_>, kept: KeptAnswer) -> Stored<()> {
    let Ok(seq) = kept.seq.parse() else { return Ok(()) };
    let Some(row) = tx.outbox_row(seq)?.filter(|row| row.message_id == kept.message_id) else {
        return Ok(());
    };
    if !matches!(row.state, OutboxState::Sending | OutboxState::Uncertain) {
        return Ok(());
    }
    let voice = written_as(app, tx, &row, kept.at)?;
    let refused = kept.refused.into_iter();
    let refused =
        refused.map(|KeptRefusal { address, permanent, text }| RefusedRecipient { address, permanent, text });
    let delivery =
        Delivery::Accepted { answer: kept.answer, provider_id: kept.provider_id, refused: refused.collect() };
    record(app, tx, DeliveryAnswer { row, voice, delivery, at: kept.at }).map(drop)
}
