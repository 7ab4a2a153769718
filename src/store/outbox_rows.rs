//! Rows of the outbox as they are read back, and the questions that are asked of them.
//!
//! What changes a row is in `outbox`. The bytes of a mail are read with a single row alone: they are what most of the
//! table is, and needed only where a mail leaves.

use chrono::{DateTime, Utc};
use rusqlite::{Row as SqlRow, params};

use crate::domain::fact::{Fact, FactKind};
use crate::domain::mail_kinds::ScopeKind;
use crate::domain::mails::{Audience, MailKey, MailKind};
use crate::domain::message::{Address, MessageId};

use super::outbox::{OutboxState, Recipients, Scope, SendingPhase, SentCopyState, audience_name};
use super::{ReadTransaction, Result, StoreError, column, instant, optional_instant, seconds};

/// One row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxRow {
    pub seq: i64,
    pub scope: Scope,
    pub key: MailKey,
    pub token: String,
    pub message_id: MessageId,
    pub state: OutboxState,
    pub phase: SendingPhase,
    pub account: String,
    pub sender: Address,
    pub audience: Audience,
    pub recipients: Recipients,
    /// Of a row that was read by itself.
    pub bytes: Option<Vec<u8>>,
    pub made_at: DateTime<Utc>,
    pub not_before: Option<DateTime<Utc>>,
    pub first_tried: Option<DateTime<Utc>>,
    pub attempts: u32,
    pub next_attempt: DateTime<Utc>,
    pub asked_until: Option<DateTime<Utc>>,
    pub other_ids: Vec<MessageId>,
    pub sent_at: Option<DateTime<Utc>>,
    pub error: Option<String>,
    pub refused: Vec<(Address, String)>,
    pub uncertain_since: Option<DateTime<Utc>>,
    pub searches: u32,
    pub sent_copy: SentCopyState,
    /// It may have left before the database was restored: a person says what becomes of it.
    pub may_have_left: bool,
}

impl OutboxRow {
    /// The handoff's id, or `house` (the value that is stored).
    pub fn scope_name(&self) -> &str {
        self.scope.handoff().unwrap_or("house")
    }
}

const COLUMNS: &str = "seq, handoff, kind, about, token, message_id, state, phase, account, sender, audience, \
     recipients, made_at, not_before, first_tried, attempts, next_attempt, asked_until, other_ids, \
     sent_at, error, refused, uncertain_since, searches, sent_copy, may_have_left";

/// By the places of the columns: a judgement reads a dozen rows, and to look for a name takes longer than to read.
fn parsed(row: &SqlRow<'_>) -> Result<OutboxRow> {
    let seq: i64 = row.get(0)?;
    let bad = || StoreError::Row { table: "outbox", key: seq.to_string() };
    let text = |at: usize| row.get::<_, String>(at);
    let time = |at: usize| -> Result<Option<DateTime<Utc>>> { optional_instant("outbox", row.get(at)?) };
    let audience = text(10)?;
    let kind = MailKind::from_name(&text(2)?).ok_or_else(bad)?;
    Ok(OutboxRow {
        seq,
        scope: scope(kind, row.get(1)?),
        key: MailKey { kind, about: text(3)? },
        token: text(4)?,
        message_id: MessageId::new(&text(5)?).ok_or_else(bad)?,
        state: OutboxState::from_name(&text(6)?).ok_or_else(bad)?,
        phase: if text(7)? == "data" { SendingPhase::Data } else { SendingPhase::Leased },
        account: text(8)?,
        sender: Address::new(&text(9)?).ok_or_else(bad)?,
        audience: [Audience::Public, Audience::Internal, Audience::Record]
            .into_iter()
            .find(|one| audience_name(*one) == audience)
            .ok_or_else(bad)?,
        recipients: column("outbox", &text(11)?)?,
        bytes: None,
        made_at: time(12)?.ok_or_else(bad)?,
        not_before: time(13)?,
        first_tried: time(14)?,
        attempts: row.get(15)?,
        next_attempt: time(16)?.ok_or_else(bad)?,
        asked_until: time(17)?,
        other_ids: column("outbox", &text(18)?)?,
        sent_at: time(19)?,
        error: row.get(20)?,
        refused: column("outbox", &text(21)?)?,
        uncertain_since: time(22)?,
        searches: row.get(23)?,
        sent_copy: SentCopyState::from_name(&text(24)?),
        may_have_left: row.get(25)?,
    })
}

fn left(row: OutboxRow) -> FactKind {
    FactKind::MailLeft {
        to: row.recipients.addresses(),
        key: row.key,
        message_id: row.message_id,
        ids: row.other_ids,
        token: row.token,
    }
}

fn scope(kind: MailKind, handoff: Option<String>) -> Scope {
    match (handoff, kind.properties().scope) {
        (Some(handoff), _) => Scope::Handoff(handoff),
        (None, ScopeKind::Letter) => Scope::Letter,
        (None, ScopeKind::Global | ScopeKind::Handoff) => Scope::Global,
    }
}

impl ReadTransaction<'_> {
    fn rows(&self, condition: &str, parameters: impl rusqlite::Params) -> Result<Vec<OutboxRow>> {
        let sql = format!("SELECT {COLUMNS} FROM outbox WHERE {condition} ORDER BY +seq");
        let mut statement = self.connection.prepare_cached(&sql)?;
        statement.query_and_then(parameters, parsed)?.collect()
    }

    /// Every mail of a scope, oldest first.
    pub fn outbox(&self, scope: &Scope) -> Result<Vec<OutboxRow>> {
        self.rows("scope = ?1", [scope.key()])
    }

    /// Mail of a scope in a state, oldest first.
    pub(crate) fn outbox_in_state(&self, scope: &Scope, state: OutboxState) -> Result<Vec<OutboxRow>> {
        self.rows("scope = ?1 AND state = ?2", [scope.key(), state.name()])
    }

    /// The mail that bears this token.
    pub(crate) fn row_with_token(&self, token: &str) -> Result<Option<OutboxRow>> {
        Ok(self.rows("token = ?1", [token])?.pop())
    }

    /// The mail that baton gave this Message-ID.
    pub(crate) fn row_with_id(&self, id: &MessageId) -> Result<Option<OutboxRow>> {
        if let Some(row) = self.rows("message_id = ?1", [id.as_str()])?.pop() {
            return Ok(Some(row));
        }
        Ok(self.rows("seq = (SELECT seq FROM outbox_other_ids WHERE id = ?1)", [id.as_str()])?.pop())
    }

    /// One mail, with its bytes.
    pub fn outbox_row(&self, seq: i64) -> Result<Option<OutboxRow>> {
        let Some(row) = self.rows("seq = ?1", [seq])?.pop() else { return Ok(None) };
        let mut statement = self.connection.prepare_cached("SELECT bytes FROM outbox WHERE seq = ?1")?;
        let bytes = statement.query_row([seq], |row| row.get(0))?;
        Ok(Some(OutboxRow { bytes, ..row }))
    }

    /// Whether this owner was the last to take a mail.
    pub(crate) fn is_row_leased_to(&self, seq: i64, owner: &str) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM outbox WHERE seq = ?1 AND lease_owner = ?2)";
        Ok(self.connection.prepare_cached(sql)?.query_row(params![seq, owner], |row| row.get(0))?)
    }

    pub(crate) fn outbox_by_key(&self, scope: &Scope, key: &MailKey) -> Result<Option<OutboxRow>> {
        let rows = self.rows(
            "scope = ?1 AND kind = ?2 AND about = ?3",
            params![scope.key(), key.kind.name(), key.about],
        )?;
        Ok(rows.into_iter().next())
    }

    /// Mail that may leave by `now`, the longest waiting first.
    pub fn sendable(&self, now: DateTime<Utc>) -> Result<Vec<OutboxRow>> {
        self.rows("state = 'queued' AND next_attempt <= ?1 AND coalesce(not_before, 0) <= ?1", [seconds(now)])
    }

    /// When the next queued mail may leave.
    pub fn next_sending(&self) -> Result<Option<DateTime<Utc>>> {
        let sql = "SELECT min(max(next_attempt, coalesce(not_before, 0))) FROM outbox WHERE state = 'queued'";
        optional_instant("outbox", self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// Mail in a state, oldest first.
    pub fn in_state(&self, state: OutboxState) -> Result<Vec<OutboxRow>> {
        self.rows("state = ?1", [state.name()])
    }

    /// Mail of an account in a state, oldest first.
    pub(crate) fn in_state_of(&self, account: &str, state: OutboxState) -> Result<Vec<OutboxRow>> {
        self.rows("account = ?1 AND state = ?2", [account, state.name()])
    }

    /// Mail that failed while somebody was to hear of it, but until `now` has not.
    pub(crate) fn unattended_failures(&self, now: DateTime<Utc>) -> Result<Vec<OutboxRow>> {
        self.rows("asked_until < ?1 AND +state = 'failed'", [seconds(now)])
    }

    /// Mail that was sent and of which the copy in Sent is owed.
    pub fn copies_due(&self) -> Result<Vec<OutboxRow>> {
        self.rows("sent_copy = 'due' AND +state = 'sent'", [])
    }

    /// How many mails one address was sent since `since`.
    pub(crate) fn sent_to(&self, address: &Address, since: DateTime<Utc>) -> Result<u32> {
        let sql = "SELECT count(*) FROM deliveries WHERE address = ?1 AND at > ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![address.as_str(), seconds(since)], |row| row.get(0))?)
    }

    /// Each mail that has left to one address since `since`, or may have, and when; the first one first.
    pub(crate) fn deliveries_to(
        &self,
        address: &Address,
        since: DateTime<Utc>,
    ) -> Result<Vec<(i64, DateTime<Utc>)>> {
        let sql = "SELECT mail, at FROM deliveries WHERE address = ?1 AND at > ?2 ORDER BY at";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement
            .query_map(params![address.as_str(), seconds(since)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
        found.into_iter().map(|(mail, at)| Ok((mail, instant("deliveries", at)?))).collect()
    }

    /// How many mails of a scope were sent since `since`.
    pub(crate) fn sent_in(&self, scope: &Scope, since: DateTime<Utc>) -> Result<u32> {
        let sql = "SELECT count(*) FROM outbox WHERE scope = ?1 AND state IN ('sent', 'sending', 'uncertain')
             AND coalesce(sent_at, first_tried, made_at) > ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params![scope.key(), seconds(since)], |row| row.get(0))?)
    }

    /// Facts that follow from the outbox: which mails exist, left or were refused.
    pub(super) fn mail_facts(&self, handoff: &str) -> Result<Vec<Fact>> {
        let mut facts = Vec::new();
        for row in self.outbox(&Scope::Handoff(handoff.to_owned()))? {
            let made = FactKind::MailMade {
                key: row.key.clone(),
                message_id: row.message_id.clone(),
                token: row.token.clone(),
            };
            facts.push(Fact { at: row.made_at, what: made });
            match (row.state, row.sent_at) {
                (OutboxState::Sent, Some(at)) => facts.push(Fact { at, what: left(row) }),
                // What goes on from a mail goes on as if it had left, an intro aside. docs/behaviour.md section 15.
                (OutboxState::Uncertain, _) if row.key.kind != MailKind::Intro => {
                    let at = row.uncertain_since.unwrap_or(row.made_at);
                    // One of a restored database may have left at any time since the backup, but not before it was made.
                    let in_doubt = FactKind::MailInDoubt { key: row.key.clone() };
                    facts.push(Fact { at: at.max(row.made_at), what: in_doubt });
                    facts.push(Fact { at, what: left(row) });
                }
                // The command that asked takes such a mail back, with all that it would bring; until then it is no fact.
                (OutboxState::Failed, _) if row.asked_until.is_some() => {}
                (OutboxState::Failed, _) => facts.push(Fact {
                    at: row.next_attempt,
                    what: FactKind::MailRefused { key: row.key, refused: row.refused },
                }),
                _ => {}
            }
        }
        Ok(facts)
    }
}
