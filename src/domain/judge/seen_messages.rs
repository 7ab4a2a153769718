//! The mail of a handoff as one list: copies merged, each message with its own time, author and place in
//! the thread. behaviour.md section 5, above its table and below it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};

use super::super::fact::{Fact, FactKind};
use super::super::handoff::Record;
use super::super::mails::{MailKey, MailKind};
use super::super::message::{
    Address, Authenticity, Bounce, BounceAction, Calendar, CopyPlace, Headers, Mailbox, Message, MessageBody,
    MessageId, MessageKind,
};
use super::super::token;
use super::directory::{Directory, Tenures};

/// One of baton's own mails.
#[derive(Debug, Clone)]
pub(super) struct OwnMail {
    pub key: MailKey,
    pub message_id: MessageId,
    pub ids: BTreeSet<MessageId>,
    pub token: String,
    pub left_at: Option<DateTime<Utc>>,
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
        own
    }

    fn add(&mut self, key: &MailKey, message_id: &MessageId, token: &str, ids: &[MessageId]) {
        let mail = self.mails.entry(key.clone()).or_insert_with(|| OwnMail {
            key: key.clone(),
            message_id: message_id.clone(),
            ids: BTreeSet::from([message_id.clone()]),
            token: token.to_owned(),
            left_at: None,
            to: Vec::new(),
        });
        mail.ids.extend(ids.iter().cloned());
        for id in &mail.ids {
            self.by_id.insert(id.clone(), key.clone());
        }
        self.by_token.insert(token.to_owned(), key.clone());
    }

    /// A copy of the mail turned up under an id that a provider gave it.
    fn learn_id(&mut self, key: &MailKey, id: &MessageId) {
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

    fn named_by(&self, id: &MessageId) -> Option<&MailKey> {
        self.by_id.get(id).or_else(|| token::in_id(id).and_then(|token| self.by_token.get(token)))
    }

    /// The mail of which this message is a copy.
    fn copy_of(&self, headers: &Headers) -> Option<&MailKey> {
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

/// One message, merged from all its copies.
#[derive(Debug)]
pub(super) struct SeenMessage {
    pub message: Message,
    /// Its own time: when a server first had it.
    pub at: DateTime<Utc>,
    pub ids: BTreeSet<MessageId>,
    pub cites: BTreeSet<MessageId>,
    /// Set for a copy of one of baton's own mails.
    pub own: Option<MailKey>,
    /// baton's own, of this handoff or of another.
    pub is_batons: bool,
    pub in_thread: bool,
    pub in_other_thread: bool,
    /// Own mails other than the intro that it answers.
    pub answers: Vec<MailKey>,
    /// Index into the tenures: whose turn it was as AE.
    pub tenure: usize,
    pub cites_intro: bool,
}

impl SeenMessage {
    pub(crate) fn headers(&self) -> &Headers {
        &self.message.headers
    }

    pub(crate) fn body(&self) -> Option<&MessageBody> {
        self.message.body.as_ref()
    }

    pub(crate) fn kind(&self) -> Option<MessageKind> {
        self.body().map(|body| body.kind)
    }

    pub(crate) fn is_human(&self) -> bool {
        self.kind() == Some(MessageKind::Human)
    }

    pub(crate) fn words(&self) -> &str {
        self.body().map_or("", |body| body.author_text.as_str())
    }

    pub(crate) fn calendar(&self) -> Option<&Calendar> {
        self.body().filter(|body| body.kind == MessageKind::Calendar).and_then(|body| body.calendar.as_ref())
    }

    pub(crate) fn bounce(&self) -> Option<&Bounce> {
        self.body().filter(|body| body.kind == MessageKind::Bounce).and_then(|body| body.bounce.as_ref())
    }

    pub(crate) fn from(&self) -> Option<&Mailbox> {
        self.headers().from.first()
    }

    /// To and Cc.
    pub(crate) fn recipients(&self) -> impl Iterator<Item = &Mailbox> {
        self.headers().to.iter().chain(&self.headers().cc)
    }

    /// What names the message in keys and reports: its Message-ID, without one its place.
    pub(crate) fn name(&self) -> String {
        match (&self.headers().id, self.message.copies.first()) {
            (Some(id), _) => id.to_string(),
            (None, Some(copy)) => {
                let place = &copy.place;
                format!("{}/{}/{}/{}", place.account, place.folder, place.uid_validity, place.uid)
            }
            (None, None) => format!("unnamed {}", self.at.timestamp()),
        }
    }

    /// `account/folder` of the earliest copy.
    pub(crate) fn folder(&self) -> Option<String> {
        let copy = self.message.copies.iter().min_by_key(|copy| (copy.internal_date, &copy.place))?;
        Some(format!("{}/{}", copy.place.account, copy.place.folder))
    }

    pub(crate) fn in_account(&self, account: &str) -> bool {
        self.message.copies.iter().any(|copy| copy.place.account == account)
    }

    pub(crate) fn failed_recipients(&self) -> Vec<(Address, String)> {
        let recipients = self.bounce().map_or(&[][..], |bounce| bounce.recipients.as_slice());
        recipients
            .iter()
            .filter(|recipient| recipient.action == BounceAction::Failed)
            .map(|recipient| {
                let reason = recipient.diagnostic.clone().or_else(|| recipient.status.clone());
                (recipient.address.clone(), reason.unwrap_or_default())
            })
            .collect()
    }
}

/// Own time of a message: the earliest copy's INTERNALDATE; for an imported copy, whose topmost Received
/// stamp is more than a day older, that stamp. behaviour.md section 5.
fn own_time(message: &Message) -> Option<DateTime<Utc>> {
    message
        .copies
        .iter()
        .map(|copy| match copy.stamp {
            Some(stamp) if copy.internal_date - stamp > Duration::days(1) => stamp,
            _ => copy.internal_date,
        })
        .min()
}

fn absorb(into: &mut Message, other: &Message) {
    for copy in &other.copies {
        match into.copies.iter_mut().find(|known| known.place == copy.place) {
            Some(known) => known.is_sent |= copy.is_sent,
            None => into.copies.push(copy.clone()),
        }
    }
    if into.body.is_none() {
        into.body.clone_from(&other.body);
    }
    let (headers, more) = (&mut into.headers, &other.headers);
    if more.authenticity == Authenticity::Failed {
        headers.authenticity = Authenticity::Failed;
    }
    if let Some(id) = &more.id
        && headers.id.as_ref() != Some(id)
        && !headers.earlier_ids.contains(id)
    {
        headers.earlier_ids.push(id.clone());
    }
    for id in &more.earlier_ids {
        if !headers.earlier_ids.contains(id) {
            headers.earlier_ids.push(id.clone());
        }
    }
    for mailbox in &more.bcc {
        if !headers.bcc.contains(mailbox) {
            headers.bcc.push(mailbox.clone());
        }
    }
}

/// The ids that a mail itself goes by.
fn bears(headers: &Headers) -> impl Iterator<Item = &MessageId> {
    headers.id.iter().chain(&headers.earlier_ids)
}

fn ids_of(headers: &Headers) -> BTreeSet<MessageId> {
    bears(headers).cloned().collect()
}

fn is_same(a: &Message, b: &Message) -> bool {
    let is_place_of_a = |place: &CopyPlace| a.copies.iter().any(|copy| copy.place == *place);
    if b.copies.iter().any(|copy| is_place_of_a(&copy.place)) {
        return true;
    }
    let from = |headers: &Headers| headers.from.first().map(|mailbox| mailbox.address.clone());
    let is_id_of_a = |id: &MessageId| bears(&a.headers).any(|own| own == id);
    if !bears(&b.headers).any(is_id_of_a) || from(&a.headers) != from(&b.headers) {
        return false;
    }
    // The same id under another date is another message, unless a provider replaced ids on the way.
    a.headers.id != b.headers.id || a.headers.date == b.headers.date
}

/// Drops drafts, merges copies and sorts by own time.
fn merged(facts: &[Fact]) -> Vec<(DateTime<Utc>, Message)> {
    let mut messages: Vec<Message> = facts
        .iter()
        .filter_map(|fact| match &fact.what {
            FactKind::MessageSeen(message) => Some(message.as_ref().clone()),
            _ => None,
        })
        .map(|mut message| {
            message.copies.retain(|copy| !copy.is_draft);
            message.copies.sort_by(|a, b| (a.internal_date, &a.place).cmp(&(b.internal_date, &b.place)));
            message
        })
        .filter(|message| !message.copies.is_empty())
        .collect();
    messages.sort_by_key(|message| {
        (own_time(message), message.headers.id.clone(), message.copies.first().map(|copy| copy.place.clone()))
    });
    let mut groups: Vec<Message> = Vec::new();
    for message in messages {
        match groups.iter_mut().find(|known| is_same(known, &message)) {
            Some(known) => absorb(known, &message),
            None => groups.push(message),
        }
    }
    let mut timed: Vec<_> =
        groups.into_iter().filter_map(|message| own_time(&message).map(|at| (at, message))).collect();
    timed.sort_by_key(|(at, message)| (*at, message.headers.id.clone()));
    timed
}

/// The thread of a handoff and who takes part in it.
#[derive(Debug)]
pub(super) struct Correspondence {
    pub seen: Vec<SeenMessage>,
    pub own: OwnMails,
    pub thread_ids: BTreeSet<MessageId>,
    pub conversations: BTreeSet<String>,
    pub prospects: Vec<Mailbox>,
    pub intro_ids: BTreeSet<MessageId>,
}

impl Correspondence {
    pub(crate) fn is_prospect(&self, address: &Address) -> bool {
        let mailbox = address.mailbox();
        self.prospects.iter().any(|prospect| prospect.address.mailbox() == mailbox)
    }

    /// Prospect contacts in To and Cc.
    pub(crate) fn prospects_among<'s>(&self, seen: &'s SeenMessage) -> Vec<&'s Address> {
        seen.recipients()
            .map(|mailbox| &mailbox.address)
            .filter(|address| self.is_prospect(address))
            .collect()
    }

    pub(crate) fn by_prospect(&self, seen: &SeenMessage) -> bool {
        seen.from().is_some_and(|from| self.is_prospect(&from.address))
    }

    pub(crate) fn find(&self, id: &MessageId) -> Option<&SeenMessage> {
        self.seen.iter().find(|seen| seen.ids.contains(id))
    }

    /// Reads all mail of the facts: merges copies, knows baton's own, and places what belongs to the thread.
    pub(crate) fn read(
        facts: &[Fact],
        records: &[&Record],
        directory: &Directory,
        tenures: &Tenures,
    ) -> Self {
        let mut own = OwnMails::from_facts(facts);
        let elsewhere: BTreeSet<&MessageId> = facts
            .iter()
            .filter_map(|fact| match &fact.what {
                FactKind::InOtherThread { message } => Some(message),
                _ => None,
            })
            .collect();
        let mut seen: Vec<SeenMessage> = merged(facts)
            .into_iter()
            .map(|(at, message)| {
                let copy_of = own.copy_of(&message.headers).cloned();
                if let (Some(key), Some(id)) = (&copy_of, &message.headers.id) {
                    own.learn_id(key, id);
                }
                let headers = &message.headers;
                let ids = ids_of(headers);
                let is_batons = copy_of.is_some()
                    || ids.iter().any(|id| token::in_id(id).is_some())
                    || matches!(headers.references.as_slice(), [only] if token::is_reference(only)
                        && headers.in_reply_to.is_empty());
                SeenMessage {
                    at,
                    cites: headers.in_reply_to.iter().chain(&headers.references).cloned().collect(),
                    in_other_thread: ids.iter().any(|id| elsewhere.contains(id)),
                    own: copy_of,
                    is_batons,
                    ids,
                    in_thread: false,
                    answers: Vec::new(),
                    tenure: tenures.at(at),
                    cites_intro: false,
                    message,
                }
            })
            .collect();
        let mut intro_ids = BTreeSet::new();
        let mut intro_tokens = BTreeSet::new();
        for intro in own.of_kind(MailKind::Intro) {
            intro_ids.extend(intro.ids.iter().cloned());
            intro_tokens.insert(intro.token.clone());
        }
        for one in &mut seen {
            one.cites_intro = one.cites.iter().any(|id| {
                intro_ids.contains(id) || token::in_id(id).is_some_and(|token| intro_tokens.contains(token))
            });
            let mut answers: BTreeSet<MailKey> =
                one.cites.iter().filter_map(|id| own.named_by(id)).cloned().collect();
            if let Some(token) = token::in_subject(&one.message.headers.subject)
                && let Some(key) = own.by_token.get(&token)
            {
                answers.insert(key.clone());
            }
            one.answers = answers.into_iter().filter(|key| key.kind != MailKind::Intro).collect();
        }
        let mut result = Self {
            seen,
            own,
            thread_ids: intro_ids.clone(),
            conversations: BTreeSet::new(),
            prospects: known_prospects(records, directory),
            intro_ids,
        };
        result.place(directory);
        result.pass_answers_on();
        result.move_behind_the_intro(tenures);
        result
    }

    /// An answer to a forwarded mail of baton's answers that mail, also where a client cites the forward alone.
    fn pass_answers_on(&mut self) {
        loop {
            let known: BTreeMap<MessageId, Vec<MailKey>> = self
                .seen
                .iter()
                .filter(|one| !one.is_batons && !one.answers.is_empty() && !self.by_prospect(one))
                .filter(|one| self.prospects_among(one).is_empty())
                .flat_map(|one| one.ids.iter().map(|id| (id.clone(), one.answers.clone())))
                .collect();
            let mut changed = false;
            for one in self.seen.iter_mut().filter(|one| !one.is_batons && one.answers.is_empty()) {
                let inherited: BTreeSet<MailKey> =
                    one.cites.iter().filter_map(|id| known.get(id)).flatten().cloned().collect();
                changed |= !inherited.is_empty();
                one.answers = inherited.into_iter().collect();
            }
            if !changed {
                return;
            }
        }
    }

    /// What cites the intro is never before the handoff, whatever the servers' clocks say.
    fn move_behind_the_intro(&mut self, tenures: &Tenures) {
        let Some(since) = self.own.of_kind(MailKind::Intro).filter_map(|intro| intro.left_at).min() else {
            return;
        };
        let cites_thread = |one: &SeenMessage| one.in_thread && !one.cites.is_empty() && !one.is_batons;
        for one in self.seen.iter_mut().filter(|one| one.at < since && cites_thread(one)) {
            one.at = since;
            one.tenure = tenures.at(since);
        }
        self.seen.sort_by(|a, b| (a.at, &a.message.headers.id).cmp(&(b.at, &b.message.headers.id)));
    }

    /// Places messages in the thread until nothing changes any more: an id learnt from one may claim another,
    /// and a prospect in the thread may bring in a colleague of theirs.
    fn place(&mut self, directory: &Directory) {
        loop {
            let mut changed = false;
            for index in 0..self.seen.len() {
                let Some(one) = self.seen.get(index) else { continue };
                let belongs = one.own.as_ref().is_some_and(|key| key.kind == MailKind::Intro)
                    || one.cites_intro
                    || one.cites.iter().any(|id| self.thread_ids.contains(id))
                    || (one.cites.is_empty()
                        && one
                            .headers()
                            .conversation
                            .as_ref()
                            .is_some_and(|it| self.conversations.contains(it)));
                if !belongs || (one.is_batons && one.own.is_none()) {
                    continue;
                }
                let added: Vec<Mailbox> = if self.by_prospect(one) {
                    one.recipients()
                        .filter(|mailbox| {
                            directory.is_outside(mailbox) && !self.is_prospect(&mailbox.address)
                        })
                        .cloned()
                        .collect()
                } else {
                    Vec::new()
                };
                let ids = one.ids.clone();
                let conversation = one.headers().conversation.clone();
                changed |= !one.in_thread || !added.is_empty();
                for mailbox in added {
                    if !self.is_prospect(&mailbox.address) {
                        self.prospects.push(mailbox);
                    }
                }
                self.thread_ids.extend(ids);
                self.conversations.extend(conversation);
                if let Some(one) = self.seen.get_mut(index) {
                    one.in_thread = true;
                }
            }
            if !changed {
                return;
            }
        }
    }
}

fn known_prospects(records: &[&Record], directory: &Directory) -> Vec<Mailbox> {
    let mut prospects: Vec<Mailbox> = Vec::new();
    for record in records.iter().rev() {
        let attendees = record.meeting.attendees.iter().filter(|one| !directory.is_colleague(&one.address));
        for mailbox in record.to.iter().chain(attendees) {
            let is_known = prospects.iter().any(|known| known.address.mailbox() == mailbox.address.mailbox());
            if !is_known && !directory.is_configured(&mailbox.address) {
                prospects.push(mailbox.clone());
            }
        }
    }
    prospects
}
