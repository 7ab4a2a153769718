//! The outbox: every mail that baton has made, from queued to sent, one row for each key, ever.
//!
//! States: `queued` until the sender leases the row; `sending` from then on, with phase `claimed` until the last
//! piece of it is about to be handed to the network and `data` after; then `sent`, `failed`, back to `queued` (deferred), or `uncertain`
//! where nobody can tell. `cancelled` rows are no longer wanted and may be wanted again. Bytes are frozen
//! once the phase is `data`.

use chrono::{DateTime, Utc};
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{OptionalExtension, params};

use crate::domain::mails::{Audience, MailKey, MailKind};
use crate::domain::message::{Address, Mailbox, MessageId};
use crate::domain::token;

use super::json::{Json, object};
use super::outbox_rows::OutboxRow;
use super::{Result, StoreError, WriteTransaction, column, seconds};

/// What became of a mail so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutboxState {
    Queued,
    Sending,
    Sent,
    Uncertain,
    Failed,
    Cancelled,
}

impl OutboxState {
    /// The name in `baton show --json`.
    pub fn name(self) -> &'static str {
        match self {
            OutboxState::Queued => "queued",
            OutboxState::Sending => "sending",
            OutboxState::Sent => "sent",
            OutboxState::Uncertain => "uncertain",
            OutboxState::Failed => "failed",
            OutboxState::Cancelled => "cancelled",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [
            OutboxState::Queued,
            OutboxState::Sending,
            OutboxState::Sent,
            OutboxState::Uncertain,
            OutboxState::Failed,
            OutboxState::Cancelled,
        ]
        .into_iter()
        .find(|state| state.name() == name)
    }
}

/// How far a row in `sending` has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendingPhase {
    /// No server has had the end of it, so none has taken it.
    Leased,
    /// Its last piece was about to be handed to the network, or was.
    Data,
}

/// Whether a leased row is still its sender's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseState {
    Held,
    /// Another process has given it a new state, as one that is ending does with all that is in `sending`.
    Lost,
}

/// The copy in the sender's Sent folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentCopyState {
    None,
    Due,
    Done,
}

impl SentCopyState {
    pub(super) fn name(self) -> &'static str {
        match self {
            SentCopyState::None => "none",
            SentCopyState::Due => "due",
            SentCopyState::Done => "done",
        }
    }

    pub(super) fn from_name(name: &str) -> Self {
        match name {
            "due" => SentCopyState::Due,
            "done" => SentCopyState::Done,
            _ => SentCopyState::None,
        }
    }
}

/// Whose mail it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    Handoff(String),
    /// It concerns no single handoff.
    Global,
    /// It answers a letter.
    Letter,
}

impl Scope {
    pub(super) fn key(&self) -> &str {
        match self {
            Scope::Handoff(id) => id,
            Scope::Global => "",
            Scope::Letter => LETTER_SCOPE,
        }
    }

    pub(super) fn handoff(&self) -> Option<&str> {
        match self {
            Scope::Handoff(id) => Some(id),
            Scope::Global | Scope::Letter => None,
        }
    }
}

/// The scope of answers to letters as it is stored; no handoff has such an id.
pub(super) const LETTER_SCOPE: &str = "@letter";

/// A mail that ought to exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMail {
    pub scope: Scope,
    pub key: MailKey,
    /// Account it leaves through, and the address it comes from.
    pub account: String,
    pub sender: Address,
    pub recipients: Recipients,
    pub not_before: Option<DateTime<Utc>>,
}

/// To and Cc.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipients {
    pub to: Vec<Mailbox>,
    pub cc: Vec<Mailbox>,
}

impl Recipients {
    /// Everybody it goes to, once each.
    pub fn addresses(&self) -> Vec<Address> {
        let mut all: Vec<Address> = Vec::new();
        for mailbox in self.to.iter().chain(&self.cc) {
            if !all.contains(&mailbox.address) {
                all.push(mailbox.address.clone());
            }
        }
        all
    }
}

object!(Recipients { to: "to", cc: "cc" });

/// Whether `make` made a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueOutcome {
    New(i64),
    /// It had been cancelled and is wanted again.
    Again(i64),
    /// There is one already, whatever became of it.
    Known,
}

impl WriteTransaction<'_> {
    /// Makes the row for a mail, with a token and a Message-ID of its own; what is there already stays.
    pub(crate) fn make(&self, mail: &NewMail, now: DateTime<Utc>) -> Result<QueueOutcome> {
        if let Some(row) = self.outbox_by_key(&mail.scope, &mail.key)? {
            return self.make_again(&row, mail, now);
        }
        let token = self.new_token(mail)?;
        self.insert(mail, &token, now).map(QueueOutcome::New)
    }

    pub(super) fn insert(&self, mail: &NewMail, token: &str, now: DateTime<Utc>) -> Result<i64> {
        let message_id = token::message_id(token, mail.sender.domain())
            .ok_or_else(|| StoreError::Row { table: "outbox", key: mail.key.about.clone() })?;
        self.connection.prepare_cached("INSERT INTO outbox (scope, handoff, kind, about, token, message_id, state, account, sender, audience,
                recipients, made_at, not_before, next_attempt)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'queued', ?7, ?8, ?9, ?10, ?11, ?12, ?11)")?.execute(params![
                mail.scope.key(),
                mail.scope.handoff(),
                mail.key.kind.name(),
                mail.key.about,
                token,
                message_id.as_str(),
                mail.account,
                mail.sender.as_str(),
                audience_name(mail.key.kind.audience()),
                mail.recipients.to_column(),
                seconds(now),
                mail.not_before.map(seconds),
            ])?;
        Ok(self.connection.last_insert_rowid())
    }

    /// The token of a mail: where it follows from what is known, the same in every copy of the database, so that what a
    /// copy has sent is known. What people ask for, and what is counted in this database alone, is another mail there.
    fn new_token(&self, mail: &NewMail) -> Result<String> {
        let (kind, about) = (mail.key.kind, &mail.key.about);
        let Some(key) = self.token_key()? else { return random_token() };
        let token = match &mail.scope {
            Scope::Handoff(id) if kind != MailKind::Intro => key.of_handoff_mail(id, kind, about),
            Scope::Global if kind == MailKind::Digest => key.token(&format!("{} {about}", kind.name())),
            Scope::Handoff(_) | Scope::Global => None,
            Scope::Letter => match self.letter_answered(about)? {
                Some(letter) => key.of_answer(&letter, kind),
                None => None,
            },
        };
        match token {
            Some(token) if self.row_with_token(&token)?.is_none() => Ok(token),
            _ => random_token(),
        }
    }

    fn make_again(&self, row: &OutboxRow, mail: &NewMail, now: DateTime<Utc>) -> Result<QueueOutcome> {
        match row.state {
            OutboxState::Queued | OutboxState::Cancelled => {}
            OutboxState::Sending | OutboxState::Sent | OutboxState::Uncertain | OutboxState::Failed => {
                return Ok(QueueOutcome::Known);
            }
        }
        let again = row.state == OutboxState::Cancelled;
        let same = row.account == mail.account
            && row.sender == mail.sender
            && row.recipients == mail.recipients
            && row.not_before == mail.not_before;
        if again || !same {
            self.connection.prepare_cached("UPDATE outbox SET state = 'queued', account = ?2, sender = ?3, recipients = ?4, not_before = ?5,
                    next_attempt = CASE WHEN state = 'cancelled' THEN ?6 ELSE next_attempt END
                 WHERE seq = ?1")?.execute(params![
                    row.seq,
                    mail.account,
                    mail.sender.as_str(),
                    mail.recipients.to_column(),
                    mail.not_before.map(seconds),
                    seconds(now),
                ])?;
        }
        Ok(if again { QueueOutcome::Again(row.seq) } else { QueueOutcome::Known })
    }

    /// Changes a row, whatever its state.
    pub(super) fn set(&self, seq: i64, assignments: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<()> {
        let sql = format!("UPDATE outbox SET {assignments} WHERE seq = ?1");
        let mut all: Vec<&dyn rusqlite::ToSql> = vec![&seq];
        all.extend(parameters);
        self.connection.prepare_cached(&sql)?.execute(all.as_slice())?;
        Ok(())
    }

    /// Notes whom the mail was written to, and when, where it may have left; that it was not, where it has not.
    fn note_delivery(&self, seq: i64) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM deliveries WHERE mail = ?1")?.execute([seq])?;
        let sql = "SELECT recipients, coalesce(sent_at, first_tried, made_at) FROM outbox
             WHERE seq = ?1 AND state IN ('sent', 'sending', 'uncertain')";
        let row = self
            .connection
            .prepare_cached(sql)?
            .query_row([seq], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
            .optional()?;
        let Some((recipients, at)) = row else { return Ok(()) };
        let recipients: Recipients = column("outbox", &recipients)?;
        let sql = "INSERT INTO deliveries (address, at, mail) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let mut statement = self.connection.prepare_cached(sql)?;
        for address in recipients.addresses() {
            statement.execute(params![address.as_str(), at, seq])?;
        }
        Ok(())
    }

    /// A queued mail that nobody wants any more.
    pub(crate) fn cancel(&self, seq: i64) -> Result<()> {
        self.set(seq, "state = 'cancelled', asked_until = NULL", &[])
    }

    /// A `send` waits for this row's answer until `until`.
    pub(crate) fn ask(&self, seq: i64, until: DateTime<Utc>) -> Result<()> {
        self.set(seq, "asked_until = ?2", &[&seconds(until)])
    }

    /// Nobody waits for this row any more.
    pub(crate) fn stop_asking(&self, seq: i64) -> Result<()> {
        self.set(seq, "asked_until = NULL", &[])
    }

    /// Takes back a row of which nothing has left.
    pub(crate) fn remove_row(&self, seq: i64) -> Result<()> {
        self.connection.prepare_cached("DELETE FROM outbox WHERE seq = ?1")?.execute([seq])?;
        Ok(())
    }

    /// The sender `owner` takes the row, with the mail as it shall leave. Nothing has left yet.
    pub(crate) fn lease(
        &self,
        seq: i64,
        bytes: &[u8],
        recipients: &Recipients,
        owner: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.set(
            seq,
            "state = 'sending', phase = 'claimed', bytes = ?2, recipients = ?3, attempts = attempts + 1,
             first_tried = coalesce(first_tried, ?4), error = NULL, lease_owner = ?5",
            &[&bytes, &recipients.to_column(), &seconds(now), &owner],
        )?;
        self.note_delivery(seq)
    }

    /// Its last piece is about to be handed to the network: from here on bytes and row are beyond recall. A lease that
    /// was lost, of the row or of the database, changes nothing. `refused`: they do not get it, whatever becomes of it.
    pub(crate) fn last_piece_begins(
        &self,
        seq: i64,
        owner: &str,
        refused: &[(Address, String)],
    ) -> Result<LeaseState> {
        let sql = "UPDATE outbox SET phase = 'data', refused = ?3
             WHERE seq = ?1 AND state = 'sending' AND phase = 'claimed' AND lease_owner = ?2";
        if !self.is_leased_to(owner)? {
            return Ok(LeaseState::Lost);
        }
        let refused = refused.to_vec().to_column();
        let changed = self.connection.prepare_cached(sql)?.execute(params![seq, owner, refused])?;
        Ok(if changed == 1 { LeaseState::Held } else { LeaseState::Lost })
    }

    /// The server accepted it, as the ids in `ids` too. `copy` says what is owed to the Sent folder.
    pub(crate) fn sent(
        &self,
        seq: i64,
        at: DateTime<Utc>,
        ids: &[MessageId],
        copy: SentCopyState,
    ) -> Result<()> {
        self.set(
            seq,
            "state = 'sent', sent_at = ?2, other_ids = ?3, sent_copy = ?4, error = NULL, may_have_left = 0",
            &[&seconds(at), &ids.to_vec().to_column(), &copy.name()],
        )?;
        ids.iter().try_for_each(|id| self.goes_by_too(seq, id))?;
        self.note_delivery(seq)
    }

    /// A provider gave the mail this id, which answers to it may cite.
    pub(crate) fn goes_by_too(&self, seq: i64, id: &MessageId) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO outbox_other_ids (id, seq) VALUES (?1, ?2)";
        self.connection.prepare_cached(sql)?.execute(params![id.as_str(), seq])?;
        Ok(())
    }

    /// Not now: it is tried again at `next`.
    pub(crate) fn deferred(&self, seq: i64, next: DateTime<Utc>, error: &str) -> Result<()> {
        self.set(
            seq,
            "state = 'queued', phase = 'claimed', next_attempt = ?2, error = ?3",
            &[&seconds(next), &error],
        )?;
        self.note_delivery(seq)
    }

    /// Never: `refused` will not get it.
    pub(crate) fn failed(
        &self,
        seq: i64,
        at: DateTime<Utc>,
        error: &str,
        refused: &[(Address, String)],
    ) -> Result<()> {
        self.set(
            seq,
            "state = 'failed', next_attempt = ?2, error = ?3, refused = ?4, may_have_left = 0",
            &[&seconds(at), &error, &refused.to_vec().to_column()],
        )?;
        self.note_delivery(seq)
    }

    /// Nobody can tell: it may have left. It is looked for from `at` on.
    pub(crate) fn uncertain(&self, seq: i64, at: DateTime<Utc>, error: &str) -> Result<()> {
        self.set(
            seq,
            "state = 'uncertain', uncertain_since = ?2, next_attempt = ?2, searches = 0, error = ?3",
            &[&seconds(at), &error],
        )?;
        self.note_delivery(seq)
    }

    /// It may have left before the database was restored: it waits for a person.
    pub(crate) fn hold_as_restored(&self, seq: i64, at: DateTime<Utc>, why: &str) -> Result<()> {
        self.uncertain(seq, at, why)?;
        self.set(seq, "may_have_left = 1", &[])
    }

    /// It was looked for `searches` times and not found; the next search is at `next`.
    pub(crate) fn searched(&self, seq: i64, searches: u32, next: DateTime<Utc>) -> Result<()> {
        self.set(seq, "searches = ?2, next_attempt = ?3", &[&searches, &seconds(next)])
    }

    /// It could not be looked for; that is tried again at `next`.
    pub(crate) fn search_later(&self, seq: i64, next: DateTime<Utc>) -> Result<()> {
        self.set(seq, "next_attempt = ?2", &[&seconds(next)])
    }

    /// The identical bytes may leave once more.
    pub(crate) fn retry(&self, seq: i64, at: DateTime<Utc>) -> Result<()> {
        self.set(
            seq,
            "state = 'queued', phase = 'claimed', next_attempt = ?2, first_tried = NULL, attempts = 0,
             refused = '[]', asked_until = NULL, may_have_left = 0",
            &[&seconds(at)],
        )?;
        self.note_delivery(seq)
    }

    /// Deferred mail is tried now: whatever kept it may have been fixed. docs/behaviour.md section 12 sets only
    /// the longest that it may wait.
    pub(crate) fn retry_now(&self, now: DateTime<Utc>) -> Result<()> {
        self.connection.prepare_cached("UPDATE outbox SET next_attempt = ?1 WHERE state = 'queued' AND attempts > 0 AND next_attempt > ?1
                 AND NOT EXISTS (SELECT 1 FROM outbox_attempts
                                 WHERE outbox_attempts.seq = outbox.seq AND look_first = 1)")?.execute([seconds(now)])?;
        self.retry_missing_now(now)
    }

    pub(crate) fn copy_done(&self, seq: i64) -> Result<()> {
        self.set(seq, "sent_copy = 'done'", &[])
    }

    /// What a process that died left in `sending`: before its last piece it is queued again, after it uncertain.
    /// Returns the rows that are uncertain now.
    pub(crate) fn recover(&self, now: DateTime<Utc>) -> Result<Vec<i64>> {
        let mut uncertain = Vec::new();
        for row in self.in_state(OutboxState::Sending)? {
            uncertain.extend(self.recover_sending(&row, now)?);
        }
        Ok(uncertain)
    }

    /// The same for one row, whose sender has died.
    pub(crate) fn recover_row(&self, seq: i64, now: DateTime<Utc>) -> Result<()> {
        match self.outbox_row(seq)?.filter(|row| row.state == OutboxState::Sending) {
            Some(row) => self.recover_sending(&row, now).map(drop),
            None => Ok(()),
        }
    }

    fn recover_sending(&self, row: &OutboxRow, now: DateTime<Utc>) -> Result<Option<i64>> {
        match row.phase {
            SendingPhase::Leased => {
                self.deferred(row.seq, now, "baton ended before it was given to the server")?;
                Ok(None)
            }
            SendingPhase::Data => {
                self.uncertain(row.seq, now, "baton ended while it was being given to the server")?;
                Ok(Some(row.seq))
            }
        }
    }
}

/// 65 random bits as `token::LENGTH` characters.
pub(super) fn random_token() -> Result<String> {
    let mut bytes = [0_u8; token::LENGTH];
    SystemRandom::new().fill(&mut bytes).map_err(|_| StoreError::Random)?;
    let character = |byte: &u8| token::ALPHABET.get(usize::from(byte % 32)).map(|byte| char::from(*byte));
    Ok(bytes.iter().filter_map(character).collect())
}

/// A short random text for the end of a handoff's id.
pub fn random_suffix() -> Result<String> {
    Ok(random_token()?.chars().take(4).collect())
}

pub(super) fn audience_name(audience: Audience) -> &'static str {
    match audience {
        Audience::Public => "public",
        Audience::Internal => "internal",
        Audience::Record => "record",
    }
}
