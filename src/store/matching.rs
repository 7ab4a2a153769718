//! Which mail is a handoff's, and which handoffs a mail concerns.
//!
//! A handoff has the mail of its own thread: what bears or cites an id, a token or a conversation that it claims. Of
//! mail outside every thread it has what names one of its prospect contacts, and its people's absences, as long as it
//! was open. A closed handoff is concerned by its thread alone. Whether that was so is told by
//! the time at which a server first had the mail.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, params};

use crate::domain::fact::{Fact, FactKind};
use crate::domain::message::{Address, Headers, Message, MessageBody, MessageId};
use crate::domain::token;

use super::messages::FEW;
use super::record_owners::RecordOwners;
use super::{ReadTransaction, Result, instant, optional_instant, seconds};

/// How far before a handoff its people's mail is read. docs/behaviour.md section 2.
const LOOK_BACK: TimeDelta = TimeDelta::days(90);

/// A server that dates mail ahead of our clock does so by no more.
const CLOCKS_DIFFER_BY: TimeDelta = TimeDelta::days(1);

/// By what a message can belong to a thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ThreadKeys {
    keys: BTreeSet<(&'static str, String)>,
}

impl ThreadKeys {
    /// What a message bears and cites.
    pub(crate) fn of_headers(headers: &Headers) -> Self {
        let mut keys = Self::default();
        let own = headers.id.iter().chain(&headers.earlier_ids);
        for id in own.chain(&headers.in_reply_to).chain(&headers.references) {
            keys.add_id(id.as_str(), token::in_id(id));
        }
        keys.keys.extend(token::in_subject(&headers.subject).map(|token| ("token", token)));
        keys.keys.extend(headers.conversation.iter().map(|key| ("conversation", key.clone())));
        keys
    }

    /// What a delivery report is about.
    pub(crate) fn of_report(body: &MessageBody) -> Self {
        let mut keys = Self::default();
        if let Some(bounce) = &body.bounce {
            for id in bounce.original.iter().chain(&bounce.original_references) {
                keys.add_id(id.as_str(), token::in_id(id));
            }
        }
        keys
    }

    /// What is cited by id.
    pub(crate) fn of_ids<'i>(ids: impl IntoIterator<Item = &'i MessageId>) -> Self {
        let mut keys = Self::default();
        for id in ids {
            keys.add_id(id.as_str(), token::in_id(id));
        }
        keys
    }

    fn add_id(&mut self, id: &str, token: Option<&str>) {
        self.keys.insert(("id", id.to_owned()));
        self.keys.extend(token.map(|token| ("token", token.to_owned())));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

impl ReadTransaction<'_> {
    /// Whether some handoff, closed or not, claims one of these.
    pub(crate) fn is_claimed(&self, keys: &ThreadKeys) -> Result<bool> {
        let sql = "SELECT 1 FROM claims WHERE kind = ?1 AND key = ?2 LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        for (kind, key) in &keys.keys {
            if statement.exists([*kind, key.as_str()])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn numbers(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<BTreeSet<i64>> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_map(parameters, |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    /// The thread of a handoff.
    fn in_thread(&self, handoff: &str) -> Result<BTreeSet<i64>> {
        let sql =
            "SELECT k.message FROM claims c CROSS JOIN message_keys k ON k.kind = c.kind AND k.key = c.key
             WHERE c.handoff = ?1 AND c.kind IN ('id', 'token', 'conversation')";
        self.numbers(sql, [handoff])
    }

    /// Mail outside its thread, and outside every other, that names a prospect contact.
    fn outside_threads(
        &self,
        handoff: &str,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<BTreeSet<i64>> {
        let sql = "SELECT p.message FROM claims c
             CROSS JOIN message_people p ON p.role = 'party' AND p.address = c.key AND p.at BETWEEN ?2 AND ?3
             WHERE c.handoff = ?1 AND c.kind IN ('address', 'past-address')";
        self.numbers(sql, params![handoff, seconds(from), seconds(to)])
    }

    fn absences(&self, handoff: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<BTreeSet<i64>> {
        let sql = "SELECT p.message FROM claims c
             CROSS JOIN message_people p ON p.role = 'away' AND p.address = c.key AND p.at BETWEEN ?2 AND ?3
             WHERE c.handoff = ?1 AND c.kind IN ('own', 'past-own')";
        self.numbers(sql, params![handoff, seconds(from), seconds(to)])
    }

    /// From when to when mail of its people counts.
    fn span(&self, handoff: &str) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>> {
        let span = self
            .connection
            .prepare_cached("SELECT created_at, closed_at FROM handoffs WHERE id = ?1")?
            .query_row([handoff], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?)))
            .optional()?;
        let Some((created_at, closed_at)) = span else { return Ok(None) };
        let closed_at = optional_instant("handoffs", closed_at)?;
        let until = closed_at.map_or(DateTime::<Utc>::MAX_UTC, |at| at + CLOCKS_DIFFER_BY);
        Ok(Some((instant("handoffs", created_at)?, until)))
    }

    /// The mail of its thread, and other mail that concerns it.
    pub(super) fn matched_apart(&self, handoff: &str) -> Result<(BTreeSet<i64>, BTreeSet<i64>)> {
        self.matched_by(handoff, &mut OtherThreads::of(handoff))
    }

    fn matched_by(
        &self,
        handoff: &str,
        elsewhere: &mut OtherThreads<'_>,
    ) -> Result<(BTreeSet<i64>, BTreeSet<i64>)> {
        let Some((created_at, until)) = self.span(handoff)? else { return Ok(Default::default()) };
        let thread = self.in_thread(handoff)?;
        let mut outside = BTreeSet::new();
        let named = self.outside_threads(handoff, created_at - LOOK_BACK, until)?;
        if thread.len() + named.len() >= FEW {
            self.read_messages(&thread.union(&named).copied().collect())?;
            elsewhere.learn_own(self)?;
        }
        for seq in named {
            if !thread.contains(&seq)
                && let Some(message) = self.message(seq)?
                && !elsewhere.claim(self, &message)?
            {
                outside.insert(seq);
            }
        }
        // An absence is about the person, whatever it answers (docs/behaviour.md section 5).
        let absences = self.absences(handoff, created_at - LOOK_BACK, until)?;
        outside.extend(absences.difference(&thread));
        Ok((thread, outside))
    }

    /// The mail that concerns a handoff as facts, and which of its thread another handoff claims, too.
    pub(super) fn message_facts(&self, handoff: &str) -> Result<Vec<Fact>> {
        let mut elsewhere = OtherThreads::of(handoff);
        let mut owners = RecordOwners::of(self, handoff)?;
        let (thread, outside) = self.matched_by(handoff, &mut elsewhere)?;
        let mut facts = Vec::new();
        for seq in thread.iter().chain(&outside) {
            let Some(message) = self.message(*seq)? else { continue };
            let Some(at) = message.copies.iter().map(|copy| copy.internal_date).min() else { continue };
            let is_in_thread = thread.contains(seq);
            if let Some(id) = &message.headers.id
                && is_in_thread
                && elsewhere.claim(self, &message)?
            {
                facts.push(Fact { at, what: FactKind::InOtherThread { message: id.clone() } });
            }
            let of_records = owners.facts(self, *seq, &message, is_in_thread)?;
            facts.extend(of_records.into_iter().map(|what| Fact { at, what }));
            facts.push(Fact { at, what: FactKind::MessageSeen(message) });
        }
        let known = |seq: &i64| thread.contains(seq) || outside.contains(seq);
        facts.extend(self.leaks_elsewhere(handoff, &mut owners, &mut elsewhere, known)?);
        Ok(facts)
    }

    /// Mail that is not the handoff's own and carries its record to prospect contacts of others.
    fn leaks_elsewhere(
        &self,
        handoff: &str,
        owners: &mut RecordOwners<'_>,
        elsewhere: &mut OtherThreads<'_>,
        is_known: impl Fn(&i64) -> bool,
    ) -> Result<Vec<Fact>> {
        let others: Vec<i64> = owners.own().iter().copied().filter(|seq| !is_known(seq)).collect();
        if others.is_empty() {
            return Ok(Vec::new());
        }
        let Some((created_at, until)) = self.span(handoff)? else { return Ok(Vec::new()) };
        let mut facts = Vec::new();
        for seq in others {
            let Some(message) = self.message(seq)? else { continue };
            let Some(at) = message.copies.iter().map(|copy| copy.internal_date).min() else { continue };
            let of_records = owners.facts(self, seq, &message, false)?;
            if at < created_at - LOOK_BACK || at > until || of_records.is_empty() {
                continue;
            }
            if let Some(id) = &message.headers.id
                && elsewhere.claim(self, &message)?
            {
                facts.push(Fact { at, what: FactKind::InOtherThread { message: id.clone() } });
            }
            facts.extend(of_records.into_iter().map(|what| Fact { at, what }));
            facts.push(Fact { at, what: FactKind::MessageSeen(message) });
        }
        Ok(facts)
    }

    fn is_claimed_by_other(&self, handoff: &str, kind: &str, key: &str) -> Result<bool> {
        let sql = "SELECT 1 FROM claims WHERE kind = ?1 AND key = ?2 AND handoff <> ?3 LIMIT 1";
        Ok(self.connection.prepare_cached(sql)?.exists([kind, key, handoff])?)
    }

    /// Handoffs that a message concerns, as they were last judged: those in whose thread it is, closed ones too;
    /// where it is in none, the open ones of the people whom it names. An absence concerns every open one of who is
    /// away, a record every open one whose it is.
    pub(crate) fn concerned(&self, message: i64) -> Result<Vec<String>> {
        let mut concerned = self.strings(
            "SELECT DISTINCT c.handoff FROM message_keys k CROSS JOIN claims c ON c.kind = k.kind AND c.key = k.key
             WHERE k.message = ?1 AND k.kind IN ('id', 'token')",
            [message],
        )?;
        let people =
            "SELECT DISTINCT c.handoff FROM message_people p CROSS JOIN claims c ON c.key = p.address
             WHERE p.message = ?1 AND p.role = ?2 AND c.kind = ?3";
        if concerned.is_empty() {
            concerned.extend(self.strings(
                "SELECT DISTINCT c.handoff FROM message_keys k CROSS JOIN claims c ON c.kind = k.kind AND c.key = k.key
                 WHERE k.message = ?1 AND k.kind = 'conversation'",
                [message],
            )?);
            concerned.extend(self.strings(people, params![message, "party", "address"])?);
        }
        concerned.extend(self.strings(people, params![message, "away", "own"])?);
        concerned.extend(self.strings(
            "SELECT DISTINCT c.handoff FROM message_keys k CROSS JOIN claims c ON c.kind = k.kind AND c.key = k.key
             WHERE k.message = ?1 AND k.kind = 'record'",
            [message],
        )?);
        concerned.sort();
        concerned.dedup();
        Ok(concerned)
    }

    /// Open handoffs that claim mail by one of these addresses.
    pub(crate) fn open_with<'a>(
        &self,
        addresses: impl IntoIterator<Item = &'a Address>,
    ) -> Result<BTreeSet<String>> {
        let mut found = BTreeSet::new();
        for address in addresses {
            let sql = "SELECT handoff FROM claims WHERE kind = 'address' AND key = ?1";
            found.extend(self.strings(sql, [address.as_str()])?);
        }
        Ok(found)
    }
}

/// Which mail is of another handoff's thread. The messages of one thread cite the same few ids, so each is asked for
/// once.
struct OtherThreads<'a> {
    handoff: &'a str,
    known: BTreeMap<&'static str, HashMap<String, bool>>,
}

impl<'a> OtherThreads<'a> {
    fn of(handoff: &'a str) -> Self {
        Self { handoff, known: BTreeMap::new() }
    }

    fn claim(&mut self, tx: &ReadTransaction<'_>, message: &Message) -> Result<bool> {
        for id in ids_of(message) {
            if self.claims(tx, "id", id.as_str())?
                || token::in_id(id).map_or(Ok(false), |token| self.claims(tx, "token", token))?
            {
                return Ok(true);
            }
        }
        token::in_subject(&message.headers.subject)
            .map_or(Ok(false), |token| self.claims(tx, "token", &token))
    }

    /// Asks for all that the handoff itself claims at once: nearly all that its mail cites.
    fn learn_own(&mut self, tx: &ReadTransaction<'_>) -> Result<()> {
        let sql = "SELECT kind, key, EXISTS (SELECT 1 FROM claims o
                       WHERE o.kind = c.kind AND o.key = c.key AND o.handoff <> c.handoff)
                   FROM claims c WHERE handoff = ?1 AND kind IN ('id', 'token')";
        let mut statement = tx.connection.prepare_cached(sql)?;
        let mut rows = statement.query([self.handoff])?;
        while let Some(row) = rows.next()? {
            let kind: String = row.get(0)?;
            let kind = if kind == "id" { "id" } else { "token" };
            self.known.entry(kind).or_default().insert(row.get(1)?, row.get(2)?);
        }
        Ok(())
    }

    fn claims(&mut self, tx: &ReadTransaction<'_>, kind: &'static str, key: &str) -> Result<bool> {
        let of_kind = self.known.entry(kind).or_default();
        if let Some(is_claimed) = of_kind.get(key) {
            return Ok(*is_claimed);
        }
        let is_claimed = tx.is_claimed_by_other(self.handoff, kind, key)?;
        of_kind.insert(key.to_owned(), is_claimed);
        Ok(is_claimed)
    }
}

/// What a message bears, cites, or reports on.
fn ids_of(message: &Message) -> impl Iterator<Item = &MessageId> {
    let headers = &message.headers;
    let bounce = message.body.as_ref().and_then(|body| body.bounce.as_ref());
    let reported =
        bounce.into_iter().flat_map(|bounce| bounce.original.iter().chain(&bounce.original_references));
    let own = headers.id.iter().chain(&headers.earlier_ids);
    own.chain(&headers.in_reply_to).chain(&headers.references).chain(reported)
}
