//! Letters that came to the agent's mailbox before it was ever read. They are answered like all others, unless a baton with
//! another database has written from that mailbox since: then they were that one's. docs/behaviour.md section 13.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::judge::Policy;
use crate::domain::letter::Letter;
use crate::domain::message::Headers;
use crate::domain::token;
use crate::store::{ReadTransaction, Result as Stored, WriteTransaction};

use super::super::app::App;

/// People write to the agent as soon as they know its address, over a weekend before it runs for the first time as well.
const LETTERS_KEPT_WAITING: TimeDelta = TimeDelta::days(3);

/// When the agent's mailbox was read for the first time.
const FIRST_READING: &str = "letters: first reading";
/// When a baton with another database last wrote from the agent's mailbox.
const ANOTHER_WROTE: &str = "letters: another baton wrote";

/// Since when letters count where a folder of this account is read for the first time.
pub(crate) fn letters_since(app: &App, account: &str) -> Option<DateTime<Utc>> {
    (account == app.policy.agent_account).then(|| app.now() - LETTERS_KEPT_WAITING)
}

pub(crate) fn note_first_reading(app: &App, tx: &WriteTransaction<'_>, account: &str) -> Stored<()> {
    if account == app.policy.agent_account && tx.meta(FIRST_READING)?.is_none() {
        tx.set_meta(FIRST_READING, &app.now().to_rfc3339())?;
    }
    Ok(())
}

/// When the mail was written, if a baton wrote it from the agent's address. Whether that was this one, the caller knows.
pub(crate) fn written_by_baton(policy: &Policy, headers: &Headers) -> Option<DateTime<Utc>> {
    let agent = policy.agent_address.canonical();
    let is_agents = headers.from.iter().any(|one| one.address.canonical() == agent);
    let mut ids = headers.id.iter().chain(&headers.references);
    (is_agents && ids.any(|id| token::sealed_in(id).is_some())).then_some(headers.date).flatten()
}

pub(crate) fn note_another(tx: &WriteTransaction<'_>, wrote: DateTime<Utc>) -> Stored<()> {
    if read(tx, ANOTHER_WROTE)?.is_none_or(|known| known < wrote) {
        tx.set_meta(ANOTHER_WROTE, &wrote.to_rfc3339())?;
    }
    Ok(())
}

/// What is to become of a letter that may have come before the first reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LetterTurn {
    Answered,
    /// Until every folder of the agent's account was read.
    Waits,
    /// Another baton has answered it, or has found that it needs no answer.
    Anothers,
}

pub(super) fn turn_of(app: &App, tx: &ReadTransaction<'_>, letter: &Letter) -> Stored<LetterTurn> {
    if read(tx, FIRST_READING)?.is_none_or(|first| letter.at >= first) {
        return Ok(LetterTurn::Answered);
    }
    let folders = tx.folders_of(&app.policy.agent_account)?;
    if folders.iter().any(|folder| folder.read_until.is_none()) {
        return Ok(LetterTurn::Waits);
    }
    let is_anothers = read(tx, ANOTHER_WROTE)?.is_some_and(|wrote| letter.at <= wrote);
    Ok(if is_anothers { LetterTurn::Anothers } else { LetterTurn::Answered })
}

fn read(tx: &ReadTransaction<'_>, key: &str) -> Stored<Option<DateTime<Utc>>> {
    let value = tx.meta(key)?;
    Ok(value.and_then(|value| DateTime::parse_from_rfc3339(&value).ok()).map(|at| at.with_timezone(&Utc)))
}
