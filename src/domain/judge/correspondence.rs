//! The mail of a handoff as one list: each message with its author and its place in the thread.
//! docs/behaviour.md section 5, above its table and below it.

use std::collections::{BTreeMap, BTreeSet};

use super::super::address_book::AddressBook;
use super::super::fact::{Fact, FactKind};
use super::super::mails::{MailKey, MailKind};
use super::super::message::{Address, Mailbox, MessageId, MessageKind};
use super::super::token;
use super::directory::{Directory, is_same_name};
use super::merge::{merged, within_a_second};
use super::own_mails::OwnMails;
use super::records::IntroRecords;
use super::seen_message::SeenMessage;
use super::tenures::Tenures;

/// The prospect contacts, each once.
#[derive(Debug, Default)]
pub(super) struct Prospects {
    list: Vec<Mailbox>,
    /// Each as it is in `list`.
    book: AddressBook<Address>,
}

impl Prospects {
    /// Those of the records, the last one first; people of the configuration are none.
    fn of_records(records: &IntroRecords, directory: &Directory) -> Self {
        let mut prospects = Self::default();
        for record in records.all().rev() {
            let attendees =
                record.meeting.attendees.iter().filter(|one| !directory.is_colleague(&one.address));
            for mailbox in record.to.iter().chain(attendees) {
                if !directory.is_configured(&mailbox.address) {
                    prospects.add(mailbox.clone(), directory);
                }
            }
        }
        prospects
    }

    fn add(&mut self, mailbox: Mailbox, directory: &Directory) {
        let address = &mailbox.address;
        let is_new = if directory.shares_mailbox(address) {
            self.book.add_exactly(address, address.clone())
        } else {
            self.book.add(address, address.clone())
        };
        if is_new {
            self.list.push(mailbox);
        }
    }

    /// Which of the contacts it is, as the contact is known.
    pub(crate) fn find(&self, address: &Address) -> Option<&Address> {
        self.book.get(address)
    }

    fn is_known(&self, address: &Address) -> bool {
        self.book.get(address).is_some()
    }

    pub(crate) fn list(&self) -> &[Mailbox] {
        &self.list
    }
}

/// The thread of a handoff and who takes part in it.
#[derive(Debug)]
pub(super) struct Correspondence {
    /// In the order of their time.
    pub seen: Vec<SeenMessage>,
    /// Places in `seen` of the messages of each id.
    by_id: BTreeMap<MessageId, Vec<usize>>,
    pub own: OwnMails,
    pub thread_ids: BTreeSet<MessageId>,
    pub conversations: BTreeSet<String>,
    /// Subjects of the messages in the thread, without prefixes, in lower case.
    subjects: BTreeSet<String>,
    pub prospects: Prospects,
    pub intro_ids: BTreeSet<MessageId>,
}

/// What is in the messages themselves, baton's own recognised; a provider's new ids of those are learnt.
fn read_messages(facts: &[Fact], own: &mut OwnMails, tenures: &Tenures) -> Vec<SeenMessage> {
    let (mut elsewhere, mut records_of_others) = (BTreeSet::new(), BTreeSet::new());
    let mut others_prospects: BTreeMap<&MessageId, &[Address]> = BTreeMap::new();
    for fact in facts {
        match &fact.what {
            FactKind::InOtherThread { message } => {
                elsewhere.insert(message);
            }
            FactKind::RecordOfOther { message } => {
                records_of_others.insert(message);
            }
            FactKind::NamesOthersProspects { message, addresses } => {
                others_prospects.insert(message, addresses);
            }
            _ => {}
        }
    }
    merged(facts)
        .into_iter()
        .map(|(at, message)| {
            let copy_of = own.copy_of(&message.headers).cloned();
            if let (Some(key), Some(id)) = (&copy_of, &message.headers.id) {
                own.learn_id(key, id);
            }
            let mut seen = SeenMessage::new(at, message);
            let headers = seen.headers();
            let cites_token_alone = matches!(headers.references.as_slice(),
                [only] if token::is_reference(only) && headers.in_reply_to.is_empty());
            seen.is_batons = copy_of.is_some()
                || cites_token_alone
                || seen.ids.iter().any(|id| token::in_id(id).is_some());
            seen.in_other_thread = seen.ids.iter().any(|id| elsewhere.contains(id));
            seen.record_is_others = seen.ids.iter().any(|id| records_of_others.contains(id));
            let named = seen.ids.iter().filter_map(|id| others_prospects.get(id));
            seen.others_prospects = named.flat_map(|addresses| addresses.iter().cloned()).collect();
            seen.own = copy_of;
            seen.tenure = tenures.at(at);
            seen
        })
        .collect()
}

/// Which of baton's own mails each message cites; returns the ids of the intro.
fn find_citations(seen: &mut [SeenMessage], own: &OwnMails) -> BTreeSet<MessageId> {
    let mut intro_ids = BTreeSet::new();
    let mut intro_tokens = BTreeSet::new();
    for intro in own.of_kind(MailKind::Intro) {
        intro_ids.extend(intro.ids.iter().cloned());
        intro_tokens.insert(intro.token.clone());
    }
    for one in seen {
        one.cites_intro = one.cites.iter().any(|id| {
            intro_ids.contains(id) || token::in_id(id).is_some_and(|token| intro_tokens.contains(token))
        });
        let mut answers: BTreeSet<MailKey> =
            one.cites.iter().filter_map(|id| own.named_by(id)).cloned().collect();
        let by_subject = token::in_subject(&one.headers().subject);
        answers.extend(by_subject.and_then(|token| own.with_token(&token)).cloned());
        one.answers = answers.into_iter().filter(|key| key.kind != MailKind::Intro).collect();
    }
    intro_ids
}

impl Correspondence {
    /// Reads all mail of the facts: merges copies, knows baton's own, and places what belongs to the thread.
    pub(crate) fn read(
        facts: &[Fact],
        records: &IntroRecords,
        directory: &Directory,
        tenures: &Tenures,
    ) -> Self {
        let mut own = OwnMails::from_facts(facts);
        let mut seen = read_messages(facts, &mut own, tenures);
        let intro_ids = find_citations(&mut seen, &own);
        let mut mail = Self {
            seen,
            by_id: BTreeMap::new(),
            own,
            thread_ids: intro_ids.clone(),
            conversations: BTreeSet::new(),
            subjects: BTreeSet::new(),
            prospects: Prospects::of_records(records, directory),
            intro_ids,
        };
        mail.place(directory);
        mail.mark_known_authors(directory);
        mail.pass_answers_on();
        mail.move_behind_the_intro(tenures);
        for (index, one) in mail.seen.iter().enumerate() {
            for id in &one.ids {
                mail.by_id.entry(id.clone()).or_default().push(index);
            }
        }
        mail
    }

    pub(crate) fn is_prospect(&self, address: &Address) -> bool {
        self.prospects.is_known(address)
    }

    /// Whether it is the full name of a prospect contact.
    pub(crate) fn is_name_of_prospect(&self, name: &str) -> bool {
        let full = self.prospects.list.iter().filter(|one| one.name.split_whitespace().nth(1).is_some());
        full.into_iter().any(|one| is_same_name(name, &one.name))
    }

    /// Prospect contacts in To and Cc.
    pub(crate) fn prospects_among<'s>(&self, seen: &'s SeenMessage) -> Vec<&'s Address> {
        seen.recipients()
            .map(|mailbox| &mailbox.address)
            .filter(|address| self.is_prospect(address))
            .collect()
    }

    /// Prospect contacts in To, Cc or Bcc.
    pub(crate) fn reaches_prospect(&self, seen: &SeenMessage) -> bool {
        self.is_blind_copied(seen) || seen.recipients().any(|mailbox| self.is_prospect(&mailbox.address))
    }

    /// A prospect contact is in Bcc.
    pub(crate) fn is_blind_copied(&self, seen: &SeenMessage) -> bool {
        seen.headers().bcc.iter().any(|hidden| self.is_prospect(&hidden.address))
    }

    /// One prospect contact is all of its authors.
    pub(crate) fn by_prospect(&self, seen: &SeenMessage) -> bool {
        let first = seen.from().and_then(|from| self.prospects.find(&from.address));
        first.is_some() && seen.has_authors(|address| self.prospects.find(address) == first)
    }

    /// A prospect contact wrote it, by all that is known.
    pub(crate) fn is_written_by_prospect(&self, seen: &SeenMessage) -> bool {
        self.by_prospect(seen) && !seen.fails_authenticity(None)
    }

    /// The message that goes by this id.
    pub(crate) fn find(&self, id: &MessageId) -> Option<&SeenMessage> {
        self.by_id.get(id).and_then(|places| self.seen.get(*places.first()?))
    }

    /// The messages that this one cites, in the order of their time.
    pub(crate) fn cited_by<'s>(&'s self, seen: &'s SeenMessage) -> impl Iterator<Item = &'s SeenMessage> {
        let cited: BTreeSet<usize> =
            seen.cites.iter().filter_map(|id| self.by_id.get(id)).flatten().copied().collect();
        cited.into_iter().filter_map(|index| self.seen.get(index))
    }

    /// Whether a message is read as an answer to baton's mails: a person's or a reaction, from nobody outside.
    pub(crate) fn is_answer(&self, seen: &SeenMessage) -> bool {
        !seen.is_batons
            && !seen.answers.is_empty()
            && matches!(seen.kind(), Some(MessageKind::Human | MessageKind::Reaction))
            && !self.by_prospect(seen)
    }

    /// Whether it is an answer and nothing else: one that reaches a prospect contact is judged by the rows too.
    pub(crate) fn is_only_answer(&self, seen: &SeenMessage) -> bool {
        self.is_answer(seen) && self.prospects_among(seen).is_empty()
    }

    /// Whose mail is a program's on better evidence alone. docs/behaviour.md section 5, "A machine or a person".
    fn mark_known_authors(&mut self, directory: &Directory) {
        for one in &mut self.seen {
            let authors = &one.message.headers.from;
            let is_known = |from: &Mailbox| {
                directory.is_configured(&from.address)
                    || one.in_thread && self.prospects.is_known(&from.address)
            };
            one.is_by_known = !authors.is_empty() && authors.iter().all(is_known);
        }
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
        self.seen.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| within_a_second(&a.message, &b.message)));
    }

    /// Places messages in the thread until nothing changes any more: an id learnt from one may claim another,
    /// and a prospect in the thread may bring in a colleague of theirs.
    fn place(&mut self, directory: &Directory) {
        loop {
            let mut changed = false;
            for index in 0..self.seen.len() {
                changed |= self.place_one(index, directory);
            }
            if !changed {
                return;
            }
        }
    }

    fn belongs(&self, one: &SeenMessage) -> bool {
        let is_intro = one.own.as_ref().is_some_and(|key| key.kind == MailKind::Intro);
        let is_in_conversation = || {
            let conversation = one.headers().conversation.as_ref();
            // never alone: programs keep it for a new subject as well
            one.cites.is_empty()
                && conversation.is_some_and(|it| self.conversations.contains(it))
                && self.subjects.contains(&one.headers().base_subject.to_lowercase())
        };
        let is_of_thread = is_intro
            || one.cites_intro
            || one.cites.iter().any(|id| self.thread_ids.contains(id))
            || is_in_conversation();
        is_of_thread && !(one.is_batons && one.own.is_none())
    }

    /// Whether anything was learnt from the message.
    fn place_one(&mut self, index: usize, directory: &Directory) -> bool {
        let Some(one) = self.seen.get(index).filter(|one| self.belongs(one)) else { return false };
        let added: Vec<Mailbox> = if self.is_written_by_prospect(one) {
            one.recipients()
                .filter(|mailbox| directory.is_outside(mailbox) && !self.is_prospect(&mailbox.address))
                .cloned()
                .collect()
        } else {
            Vec::new()
        };
        let ids = one.ids.clone();
        let conversation = one.headers().conversation.clone();
        let subject = Some(one.headers().base_subject.to_lowercase()).filter(|subject| !subject.is_empty());
        let changed = !one.in_thread || !added.is_empty();
        for mailbox in added {
            self.prospects.add(mailbox, directory);
        }
        self.thread_ids.extend(ids);
        self.conversations.extend(conversation);
        self.subjects.extend(subject);
        if let Some(one) = self.seen.get_mut(index) {
            one.in_thread = true;
        }
        changed
    }
}
