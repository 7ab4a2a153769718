//! baton's own mails that a handoff knows: their ids and tokens, whom they went to, and when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::super::fact::{Fact, FactKind};
use super::super::mails::{MailKey, MailKind};
use super::super::message::{Address, Headers, MessageId};
use super::super::token;

/// One of baton's own mails.
#[derive(Debug, Clone)]
pub(super) struct OwnMail {
    pub key: MailKey,
    pub message_id: MessageId,
    pub ids: BTreeSet<MessageId>,
    pub token: String,
    pub left_at: Option<DateTime<Utc>>,
    /// Since when nobody can tell whether it has.
    pub in_doubt_since: Option<DateTime<Utc>>,
    pub to: Vec<Address>,
}

/// All of baton's own mails that a handoff knows.
#[derive(Debug, Default)]
pub(super) struct OwnMails {
    mails: BTreeMap<MailKey, OwnMail>,
    by_id: BTreeMap<MessageId, MailKey>,
    by_token: BTreeMap<String, MailKey>,
}

impl OwnMails {
    pub(crate) fn from_facts(facts: &[Fact]) -> Self {
        let mut own = Self::default();
        for fact in facts {
            match &fact.what {
                FactKind::MailMade { key, message_id, token } => own.add(key, message_id, token, &[]),
                FactKind::MailLeft { key, message_id, ids, token, to } => {
                    own.add(key, message_id, token, ids);
                    if let Some(mail) = own.mails.get_mut(key) {
                        mail.left_at = Some(mail.left_at.map_or(fact.at, |at| at.min(fact.at)));
                        mail.to.clone_from(to);
                    }
                }
                _ => {}
            }
        }
        for fact in facts {
            if let FactKind::MailInDoubt { key } = &fact.what
                && let Some(mail) = own.mails.get_mut(key)
            {
                mail.in_doubt_since = Some(fact.at);
            }
        }
        own
    }

    fn add(&mut self, key: &MailKey, message_id: &MessageId, token: &str, ids: &[MessageId]) {
        let mail = self.mails.entry(key.clone()).or_insert_with(|| OwnMail {
            key: key.clone(),
            message_id: message_id.clone(),
            ids: BTreeSet::from([message_id.clone()]),
            token: token.to_owned(),
            left_at: None,
            in_doubt_since: None,
            to: Vec::new(),
        });
        mail.ids.extend(ids.iter().cloned());
        for id in &mail.ids {
            self.by_id.insert(id.clone(), key.clone());
        }
        self.by_token.insert(token.to_owned(), key.clone());
    }

    /// A copy of the mail turned up under an id that a provider gave it.
    pub(crate) fn learn_id(&mut self, key: &MailKey, id: &MessageId) {
        if let Some(mail) = self.mails.get_mut(key) {
            mail.ids.insert(id.clone());
            self.by_id.insert(id.clone(), key.clone());
        }
    }

    pub(crate) fn get(&self, key: &MailKey) -> Option<&OwnMail> {
        self.mails.get(key)
    }

    pub(crate) fn of_kind(&self, kind: MailKind) -> impl Iterator<Item = &OwnMail> {
        self.mails.values().filter(move |mail| mail.key.kind == kind)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &OwnMail> {
        self.mails.values()
    }

    /// When the mail left, if it has.
    pub(crate) fn left(&self, kind: MailKind, about: &str) -> Option<DateTime<Utc>> {
        self.mails.get(&MailKey { kind, about: about.to_owned() }).and_then(|mail| mail.left_at)
    }

    pub(crate) fn named_by(&self, id: &MessageId) -> Option<&MailKey> {
        self.by_id.get(id).or_else(|| token::in_id(id).and_then(|token| self.by_token.get(token)))
    }

    /// The mail that a subject names by its token.
    pub(crate) fn with_token(&self, token: &str) -> Option<&MailKey> {
        self.by_token.get(token)
    }

    /// The mail of which this message is a copy.
    pub(crate) fn copy_of(&self, headers: &Headers) -> Option<&MailKey> {
        let own_ids = headers.id.iter().chain(&headers.earlier_ids);
        for id in own_ids {
            if !token::is_reference(id)
                && let Some(key) = self.named_by(id)
            {
                return Some(key);
            }
        }
        // A provider that replaces ids and keeps no trace of the old one: our own reference, and nothing else
        // is cited. An answer always cites the mail itself as well.
        match headers.references.as_slice() {
            [only] if token::is_reference(only) && headers.in_reply_to.is_empty() => self.named_by(only),
            _ => None,
        }
    }
}
