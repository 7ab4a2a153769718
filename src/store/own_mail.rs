//! Mail of baton's own: tokens that follow from what a mail is about, the seal by which a database knows a mail that it
//! has no row of, and those that were seen so.
//!
//! The key lives in the database, so every copy of it makes the same tokens for the same mails and knows each other's
//! seals; nobody else does. A seal says when the mail left, which process it left from, and whether it is an intro.
//! docs/behaviour.md section 15, a restored or lagging database.

use chrono::{DateTime, Utc};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::{OptionalExtension, params};

use crate::domain::mails::MailKind;
use crate::domain::message::{Address, Headers, MessageId};
use crate::domain::token;

use super::json::Json;
use super::outbox::{NewMail, Scope, SentCopyState};
use super::{OutboxRow, ReadTransaction, Result, StoreError, WriteTransaction, column, instant, seconds};

const KEY: &str = "token-key";
/// Characters of a seal: start and leaving in milliseconds, what it is, and the proof.
const STARTED: usize = 9;
const LEFT: usize = 9;
const PROOF: usize = 10;

/// The secret of a database.
#[derive(Clone)]
pub(crate) struct TokenKey {
    key: Option<hmac::Key>,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey")
    }
}

/// What the seal of a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SealedId {
    pub token: String,
    /// When the process that sent it began to deliver, in milliseconds since 1970.
    pub started: i64,
    /// To the millisecond in a seal, whole seconds in the database.
    pub left_at: DateTime<Utc>,
    pub is_intro: bool,
}

/// A mail of our own that was seen in a mailbox and of which the outbox has no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnMailSeen {
    pub sealed: SealedId,
    /// As it bears it, which a provider may have changed.
    pub message_id: MessageId,
    /// The sealed id that it cites.
    pub reference: MessageId,
    pub sender: Address,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub subject: String,
    /// INTERNALDATE of the copy that was read just now; not kept.
    pub copied_at: Option<DateTime<Utc>>,
}

fn encoded(number: u64, length: usize) -> String {
    let digit = |place: usize| number.checked_shr(u32::try_from(5 * place).unwrap_or(64)).unwrap_or(0) % 32;
    (0..length).rev().filter_map(|place| character(digit(place))).collect()
}

fn character(digit: u64) -> Option<char> {
    token::ALPHABET.get(usize::try_from(digit).ok()?).map(|byte| char::from(*byte))
}

fn decoded(text: &str) -> Option<u64> {
    text.bytes().try_fold(0_u64, |number, byte| {
        let digit = token::ALPHABET.iter().position(|one| *one == byte)?;
        number.checked_mul(32)?.checked_add(u64::try_from(digit).ok()?)
    })
}

impl TokenKey {
    /// Of a database that has none yet: it makes no mail.
    pub(super) fn none() -> Self {
        Self { key: None }
    }

    fn of_column(text: &str) -> Self {
        Self { key: Some(hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes())) }
    }

    /// `length` characters that nobody can make without the key.
    fn tag(&self, text: &str, length: usize) -> Option<String> {
        let tag = hmac::sign(self.key.as_ref()?, text.as_bytes());
        Some(tag.as_ref().iter().filter_map(|byte| character(u64::from(byte % 32))).take(length).collect())
    }

    /// In constant time: by the tags of both, which say nothing of how much of them agrees.
    fn is_same(&self, expected: &str, given: &str) -> bool {
        self.key.as_ref().is_some_and(|key| {
            let tag = hmac::sign(key, expected.as_bytes());
            hmac::verify(key, given.as_bytes(), tag.as_ref()).is_ok()
        })
    }

    /// The token of a mail about a handoff: the same in every copy of the database.
    pub(crate) fn of_handoff_mail(&self, handoff: &str, kind: MailKind, about: &str) -> Option<String> {
        self.token(&format!("{handoff} {} {about}", kind.name()))
    }

    /// The same of the answer to a letter, by its identity.
    pub(super) fn of_answer(&self, letter: &str, kind: MailKind) -> Option<String> {
        self.token(&format!("{} {letter}", kind.name()))
    }

    /// The token of a mail that is about `what`: the same in every copy of the database.
    pub(super) fn token(&self, what: &str) -> Option<String> {
        self.tag(&format!("token {what}"), token::LENGTH)
    }

    /// The id by which a mail is known in References, sealed.
    pub(crate) fn sealed_reference(&self, sealed: &SealedId, domain: &str) -> Option<MessageId> {
        let number = |number: i64| u64::try_from(number).unwrap_or(0);
        let started = encoded(number(sealed.started), STARTED);
        let left = encoded(number(sealed.left_at.timestamp_millis()), LEFT);
        let plain = format!("{started}{left}{}", if sealed.is_intro { '1' } else { '0' });
        let proof = self.tag(&format!("seal {} {plain}", sealed.token), PROOF)?;
        token::sealed_reference(&sealed.token, &format!("{plain}{proof}"), domain)
    }

    /// What the seal in an id says, where it is one that this key has made.
    pub(crate) fn unsealed(&self, id: &MessageId) -> Option<SealedId> {
        let (token, seal) = token::sealed_in(id)?;
        let (plain, proof) = seal.split_at_checked(STARTED + LEFT + 1)?;
        let expected = self.tag(&format!("seal {token} {plain}"), PROOF)?;
        if !self.is_same(&expected, proof) {
            return None;
        }
        let (started, rest) = plain.split_at_checked(STARTED)?;
        let (left, what) = rest.split_at_checked(LEFT)?;
        Some(SealedId {
            token: token.to_owned(),
            started: i64::try_from(decoded(started)?).ok()?,
            left_at: DateTime::from_timestamp_millis(i64::try_from(decoded(left)?).ok()?)?,
            is_intro: what == "1",
        })
    }

    /// The mail itself, where these are the headers of one that a database with this key has sent. Who answers it cites
    /// it, and so is known.
    pub(crate) fn own_mail(&self, headers: &Headers) -> Option<OwnMailSeen> {
        if !headers.in_reply_to.is_empty() {
            return None;
        }
        let [reference] = headers.references.as_slice() else { return None };
        let sealed = self.unsealed(reference)?;
        let list = |boxes: &[crate::domain::message::Mailbox]| {
            boxes.iter().map(|one| one.address.clone()).collect::<Vec<_>>()
        };
        Some(OwnMailSeen {
            sealed,
            message_id: headers.id.clone()?,
            reference: reference.clone(),
            sender: headers.from.first()?.address.clone(),
            to: list(&headers.to),
            cc: list(&headers.cc),
            subject: headers.subject.clone(),
            copied_at: None,
        })
    }
}

impl ReadTransaction<'_> {
    pub(super) fn token_key(&self) -> Result<Option<TokenKey>> {
        Ok(self.meta(KEY)?.map(|text| TokenKey::of_column(&text)))
    }

    /// The mail of our own with this token that was seen and that the outbox does not know.
    pub(crate) fn own_mail_seen(&self, token: &str) -> Result<Option<OwnMailSeen>> {
        Ok(self.own_mails("token = ?1", [token])?.pop())
    }

    /// Other mails than intros that only the mailboxes know.
    pub(crate) fn unknown_mails(&self) -> Result<Vec<OwnMailSeen>> {
        self.own_mails(
            "NOT is_intro AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.token = own_mails.token)",
            [],
        )
    }

    /// Intros that only the mailboxes know, oldest first.
    pub(crate) fn unknown_intros(&self) -> Result<Vec<OwnMailSeen>> {
        self.own_mails(
            "is_intro AND NOT EXISTS (SELECT 1 FROM outbox_other_ids WHERE id = message_id) ORDER BY left_at",
            [],
        )
    }

    fn own_mails(&self, condition: &str, parameters: impl rusqlite::Params) -> Result<Vec<OwnMailSeen>> {
        let sql = format!(
            "SELECT token, started, left_at, is_intro, message_id, sender, recipients, copied, subject, reference
             FROM own_mails WHERE {condition}"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(parameters)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let token: String = row.get(0)?;
            let bad = || StoreError::Row { table: "own_mails", key: token.clone() };
            let text = |place: usize| row.get::<_, String>(place);
            found.push(OwnMailSeen {
                message_id: MessageId::new(&text(4)?).ok_or_else(bad)?,
                reference: MessageId::new(&text(9)?).ok_or_else(bad)?,
                sender: Address::new(&text(5)?).ok_or_else(bad)?,
                to: column("own_mails", &text(6)?)?,
                cc: column("own_mails", &text(7)?)?,
                subject: text(8)?,
                copied_at: None,
                sealed: SealedId {
                    started: row.get(1)?,
                    left_at: instant("own_mails", row.get(2)?)?,
                    is_intro: row.get(3)?,
                    token,
                },
            });
        }
        Ok(found)
    }

    /// The identity of the letter that a mail about `about` answers.
    pub(super) fn letter_answered(&self, about: &str) -> Result<Option<String>> {
        let seq = about.strip_prefix("letter ").and_then(|seq| seq.parse().ok());
        seq.map_or(Ok(None), |seq| self.identity_of_letter(seq))
    }

    /// Another answer to the letter that `row` answers, of which a mailbox tells: what was to be said then.
    pub(crate) fn other_answer_seen(&self, row: &OutboxRow) -> Result<Option<OwnMailSeen>> {
        let Some(key) = self.token_key()?.filter(|_| row.scope == Scope::Letter) else { return Ok(None) };
        let Some(letter) = self.letter_answered(&row.key.about)? else { return Ok(None) };
        for kind in MailKind::ALL.into_iter().filter(|kind| *kind != row.key.kind) {
            let token = key.of_answer(&letter, kind);
            if let Some(seen) = token.and_then(|token| self.own_mail_seen(&token).transpose()).transpose()? {
                return Ok(Some(seen));
            }
        }
        Ok(None)
    }

    /// The text that the token of a letter's answer follows from; its number is this database's alone.
    pub(super) fn identity_of_letter(&self, seq: i64) -> Result<Option<String>> {
        let mut statement = self.connection.prepare_cached("SELECT identity FROM letters WHERE seq = ?1")?;
        Ok(statement.query_row([seq], |row| row.get(0)).optional()?)
    }
}

impl WriteTransaction<'_> {
    /// The database's key, made where it has none.
    pub(super) fn made_token_key(&self) -> Result<TokenKey> {
        if let Some(key) = self.token_key()? {
            return Ok(key);
        }
        let mut bytes = [0_u8; 32];
        SystemRandom::new().fill(&mut bytes).map_err(|_| StoreError::Random)?;
        let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.set_meta(KEY, &text)?;
        Ok(TokenKey::of_column(&text))
    }

    /// Makes the row of a mail that has left by what mailboxes show, under the token that it bore; `ids`: further ids that
    /// it goes by.
    pub(crate) fn adopt(
        &self,
        mail: &NewMail,
        token: &str,
        left_at: DateTime<Utc>,
        ids: &[MessageId],
    ) -> Result<()> {
        let seq = self.insert(mail, token, left_at)?;
        self.sent(seq, left_at, ids, SentCopyState::None)
    }

    /// Notes a mail of our own of which the outbox has no row. Returns whether it is news.
    pub(crate) fn note_own_mail(&self, mail: &OwnMailSeen) -> Result<bool> {
        let added = self.connection.prepare_cached("INSERT INTO own_mails (token, started, left_at, is_intro, message_id, sender, recipients, copied, subject,
                reference) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING")?.execute(params![
                mail.sealed.token,
                mail.sealed.started,
                seconds(mail.sealed.left_at),
                mail.sealed.is_intro,
                mail.message_id.as_str(),
                mail.sender.as_str(),
                mail.to.to_column(),
                mail.cc.to_column(),
                mail.subject,
                mail.reference.as_str(),
            ])?;
        Ok(added > 0)
    }
}
