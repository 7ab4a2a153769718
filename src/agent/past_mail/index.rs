//! What an audit remembers of every message that may matter, in some hundred bytes: who wrote it to whom and when, which
//! messages it cites, and where it lies. Bodies are fetched afterwards, of the few that are needed.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use chrono::{DateTime, Utc};

use crate::domain::audit::intro::{self, IntroCandidate, Outsiders};
use crate::domain::judge::{Policy, own_time};
use crate::domain::message::{Address, CopyPlace, Headers, Message, MessageCopy, MessageId};
use crate::mail::{DeliveryTrace, HeaderSummary};

use super::packed::{PackedMails, PooledList};

/// Words of a subject under which a handoff record may be mailed by whoever is not its SDR.
const RECORD_SUBJECTS: [&str; 4] = ["handoff", "hand-off", "handover", "record"];

/// Stands for an address in the index.
pub(super) type AddressNumber = u32;

/// What is known of an address.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KnownAddress {
    /// Place of the person among the configured people.
    pub person: Option<usize>,
    /// Place of the person for whom this address writes.
    pub delegate_of: Option<usize>,
    pub outside: bool,
}

/// One folder that was read.
#[derive(Clone, Debug)]
pub(super) struct IndexedFolder {
    /// Place among the sources.
    pub source: usize,
    /// As its server or directory calls it.
    pub name: String,
    pub uid_validity: u32,
    pub is_sent: bool,
}

/// Where a message lies within its folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MailPlace {
    /// UID, offset in an mbox, place among the files of a Maildir.
    pub number: u64,
    /// Bytes, as far as they are known.
    pub length: u64,
}

/// One message.
#[derive(Clone, Copy, Debug)]
pub(super) struct IndexedMail {
    pub folder: u32,
    pub place: MailPlace,
    /// When the server had this copy, as it says.
    pub internal_date: DateTime<Utc>,
    /// When a server first had it.
    pub at: DateTime<Utc>,
    /// Of its Message-ID; `None` where it has none.
    pub id: Option<u64>,
    pub from: Option<AddressNumber>,
    pub maybe_report: bool,
    pub from_scheduler: bool,
    /// The subject speaks of a handoff or a record.
    pub maybe_record: bool,
    /// A server put this copy into a mailbox; of this person, where it says whose.
    pub is_delivered: bool,
    pub delivered_to: Option<u16>,
    /// An export says that it lay among the sent mail.
    pub is_labelled_sent: bool,
    /// To, Cc and Bcc.
    pub(super) to: PooledList,
}

/// All of them.
#[derive(Debug)]
pub(super) struct MailIndex {
    policy: Policy,
    outsiders: Outsiders,
    /// By a number for what the address is compared by.
    numbers: HashMap<u64, AddressNumber>,
    pub known: Vec<KnownAddress>,
    pub folders: Vec<IndexedFolder>,
    mails: PackedMails,
    /// Mails that may be intros by their headers.
    pub candidates: Vec<(usize, IntroCandidate)>,
    /// Messages that were looked at.
    pub looked_at: u64,
}

/// The number under which a Message-ID stands in the index; never 0.
pub(super) fn id_number(id: &MessageId) -> u64 {
    hash_of(id.as_str()).max(1)
}

fn hash_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// A message as its source hands it over.
#[derive(Debug)]
pub(super) struct ListedMail {
    pub place: MailPlace,
    /// Where the source tells it.
    pub internal_date: Option<DateTime<Utc>>,
    pub is_draft: bool,
    pub summary: HeaderSummary,
    /// How it came there, which is looked at in files.
    pub trace: DeliveryTrace,
}

impl MailIndex {
    pub(super) fn new(policy: &Policy) -> Self {
        Self {
            outsiders: Outsiders::of(policy),
            policy: policy.clone(),
            numbers: HashMap::new(),
            known: Vec::new(),
            folders: Vec::new(),
            mails: PackedMails::default(),
            candidates: Vec::new(),
            looked_at: 0,
        }
    }

    pub(super) fn outsiders(&self) -> &Outsiders {
        &self.outsiders
    }

    /// The number of a folder that is about to be read.
    pub(super) fn add_folder(&mut self, folder: IndexedFolder) -> u32 {
        self.folders.push(folder);
        u32::try_from(self.folders.len() - 1).unwrap_or(u32::MAX)
    }

    pub(super) fn number_of(&mut self, address: &Address) -> AddressNumber {
        let mailbox = address.canonical();
        let key = hash_of(mailbox.as_str());
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let place = |is: &dyn Fn(&Address) -> bool| -> Option<usize> {
            self.policy
                .people
                .iter()
                .position(|person| person.aliases.iter().chain([&person.address]).any(is))
        };
        let person = place(&|one| one == address).or_else(|| place(&|one| one.canonical() == mailbox));
        let delegate_of = self
            .policy
            .people
            .iter()
            .position(|person| person.delegates.iter().any(|one| one.canonical() == mailbox));
        let outside = self.outsiders.is_outside(address);
        let number = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        self.known.push(KnownAddress { person, delegate_of, outside });
        self.numbers.insert(key, number);
        number
    }

    /// The number of an address that stands in the mail.
    pub(super) fn existing_number(&self, address: &Address) -> Option<AddressNumber> {
        self.numbers.get(&hash_of(address.canonical().as_str())).copied()
    }

    pub(super) fn known(&self, number: AddressNumber) -> KnownAddress {
        self.known.get(number as usize).copied().unwrap_or_default()
    }

    /// Takes one message in, if anybody of ours has to do with it.
    pub(super) fn add(&mut self, folder: u32, mail: ListedMail) {
        self.looked_at += 1;
        if mail.is_draft {
            return;
        }
        let ListedMail { place, internal_date, summary, trace, .. } = mail;
        let headers = &summary.headers;
        let from = headers.from.first().map(|one| self.number_of(&one.address));
        let boxes = headers.to.iter().chain(&headers.cc).chain(&headers.bcc);
        let mut to: Vec<AddressNumber> = boxes.map(|one| self.number_of(&one.address)).collect();
        to.dedup();
        let is_ours = |number: &AddressNumber| {
            let known = self.known(*number);
            known.person.is_some() || known.delegate_of.is_some() || !known.outside
        };
        if !from.iter().chain(&to).any(is_ours) {
            return;
        }
        let Some((internal_date, at)) = times(headers, internal_date) else { return };
        if let Some(candidate) = intro::candidate(&self.policy, &self.outsiders, headers) {
            self.candidates.push((self.mails.len(), candidate));
        }
        let cites = headers.in_reply_to.iter().chain(&headers.references).map(id_number);
        let mut cites: Vec<u64> = cites.collect();
        cites.sort_unstable();
        cites.dedup();
        let subject = headers.subject.to_lowercase();
        let mail = IndexedMail {
            folder,
            place,
            internal_date,
            at,
            id: headers.id.as_ref().map(id_number),
            from,
            maybe_report: summary.maybe_report,
            from_scheduler: summary.from_scheduler,
            maybe_record: RECORD_SUBJECTS.iter().any(|word| subject.contains(word)),
            is_delivered: trace.is_delivered,
            delivered_to: self.person_of_any(&trace.delivered_to),
            is_labelled_sent: trace.is_labelled_sent,
            to: PooledList::default(),
        };
        self.mails.push(&mail, &cites, &to);
    }

    /// The first person of ours whose address is among these.
    fn person_of_any(&mut self, addresses: &[Address]) -> Option<u16> {
        let numbers: Vec<AddressNumber> = addresses.iter().map(|one| self.number_of(one)).collect();
        let mut people = numbers.into_iter().filter_map(|number| self.known(number).person);
        people.next().and_then(|person| u16::try_from(person).ok())
    }

    /// How many people of ours are known.
    pub(super) fn people(&self) -> usize {
        self.policy.people.len()
    }

    /// Leaves out the messages that are not needed.
    pub(super) fn keep(&mut self, needed: &[bool]) {
        let is_needed = |place: usize| needed.get(place).copied().unwrap_or_default();
        let mut places = vec![0; needed.len()];
        let mut kept = 0;
        for (old, new) in places.iter_mut().enumerate() {
            *new = kept;
            kept += usize::from(is_needed(old));
        }
        self.candidates.retain(|(place, _)| is_needed(*place));
        for (place, _) in &mut self.candidates {
            *place = places.get(*place).copied().unwrap_or_default();
        }
        self.mails = self.mails.kept(is_needed);
    }

    /// Whether nobody but us wrote it and got it.
    pub(super) fn is_internal(&self, mail: &IndexedMail) -> bool {
        let is_ours = |number: &AddressNumber| !self.known(*number).outside;
        mail.from.is_some_and(|from| is_ours(&from)) && self.to(mail).iter().all(is_ours)
    }

    pub(super) fn mail(&self, place: usize) -> Option<IndexedMail> {
        self.mails.get(place)
    }

    /// All of them with their places.
    pub(super) fn mails(&self) -> impl Iterator<Item = (usize, IndexedMail)> + '_ {
        self.mails.iter().enumerate()
    }

    pub(super) fn packed(&self) -> &PackedMails {
        &self.mails
    }

    /// Whom a message goes to.
    pub(super) fn to(&self, mail: &IndexedMail) -> &[AddressNumber] {
        self.mails.to(mail)
    }

    /// One message of the index as a copy that the judgement knows.
    pub(super) fn copy(&self, mail: &IndexedMail, headers: &Headers, label: &str) -> Option<MessageCopy> {
        let folder = self.folders.get(mail.folder as usize)?;
        let place = CopyPlace {
            account: label.to_owned(),
            folder: folder.name.clone(),
            uid_validity: folder.uid_validity,
            uid: u32::try_from(mail.place.number).unwrap_or(u32::MAX),
        };
        Some(MessageCopy {
            place,
            internal_date: mail.internal_date,
            stamp: headers.received.or(headers.date),
            is_dated: headers.received.is_none(),
            read_at: None,
            is_sent: folder.is_sent,
            is_draft: false,
        })
    }
}

/// What the server says, and when a server first had the message by all that is known.
fn times(headers: &Headers, internal_date: Option<DateTime<Utc>>) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let stamp = headers.received.or(headers.date);
    let internal_date = internal_date.or(stamp)?;
    let copy = MessageCopy {
        place: CopyPlace { account: String::new(), folder: String::new(), uid_validity: 0, uid: 0 },
        internal_date,
        stamp,
        is_dated: headers.received.is_none(),
        read_at: None,
        is_sent: false,
        is_draft: false,
    };
    let message = Message { headers: Headers::default(), body: None, copies: vec![copy] };
    Some((internal_date, own_time(&message)?))
}
