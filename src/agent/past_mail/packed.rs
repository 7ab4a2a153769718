//! The messages of an index in fifty bytes each: a mailbox holds hundreds of thousands, and all of them lie in memory.
//!
//! Known limits: instants are whole seconds from 1970 to 2106; of the recipients and of the ids that a message cites
//! the first 65,535 are kept, and the first 65,535 folders.

use chrono::{DateTime, Utc};

use super::index::{AddressNumber, IndexedMail, MailPlace};

const MAYBE_REPORT: u8 = 1;
const FROM_SCHEDULER: u8 = 2;
const MAYBE_RECORD: u8 = 4;
const DELIVERED: u8 = 8;
const LABELLED_SENT: u8 = 16;
/// It was delivered to nobody whom we know.
const NO_PERSON: u16 = u16::MAX;
/// There is no author.
const NOBODY: AddressNumber = AddressNumber::MAX;

#[derive(Clone, Copy, Debug)]
struct PackedMail {
    number: u64,
    /// 0 where there is none.
    id: u64,
    length: u32,
    internal_date: u32,
    at: u32,
    from: AddressNumber,
    cites: PooledList,
    to: PooledList,
    folder: u16,
    delivered_to: u16,
    marks: u8,
}

/// A part of a list that all messages share: a list for each would take its share of memory many times over.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PooledList {
    from: u32,
    length: u16,
}

impl PooledList {
    fn add<T: Copy>(pool: &mut Vec<T>, items: &[T]) -> Self {
        let from = u32::try_from(pool.len()).unwrap_or(u32::MAX);
        let length = u16::try_from(items.len()).unwrap_or(u16::MAX);
        pool.extend(items.iter().take(usize::from(length)));
        Self { from, length }
    }

    fn of<T>(self, pool: &[T]) -> &[T] {
        let from = self.from as usize;
        pool.get(from..from.saturating_add(usize::from(self.length))).unwrap_or_default()
    }
}

/// All messages of an index.
#[derive(Debug, Default)]
pub(super) struct PackedMails {
    mails: Vec<PackedMail>,
    cited: Vec<u64>,
    recipients: Vec<AddressNumber>,
}

impl PackedMails {
    pub(super) fn push(&mut self, mail: &IndexedMail, cites: &[u64], to: &[AddressNumber]) {
        let mark = |is: bool, mark: u8| if is { mark } else { 0 };
        self.mails.push(PackedMail {
            number: mail.place.number,
            id: mail.id.unwrap_or_default(),
            length: u32::try_from(mail.place.length).unwrap_or(u32::MAX),
            internal_date: seconds(mail.internal_date),
            at: seconds(mail.at),
            from: mail.from.unwrap_or(NOBODY),
            cites: PooledList::add(&mut self.cited, cites),
            to: PooledList::add(&mut self.recipients, to),
            folder: u16::try_from(mail.folder).unwrap_or(u16::MAX),
            delivered_to: mail.delivered_to.unwrap_or(NO_PERSON),
            marks: mark(mail.maybe_report, MAYBE_REPORT)
                | mark(mail.from_scheduler, FROM_SCHEDULER)
                | mark(mail.maybe_record, MAYBE_RECORD)
                | mark(mail.is_delivered, DELIVERED)
                | mark(mail.is_labelled_sent, LABELLED_SENT),
        });
    }

    /// The same of the messages at some places alone, in their order.
    pub(super) fn kept(&self, is_kept: impl Fn(usize) -> bool) -> Self {
        let all = || self.mails.iter().enumerate().filter(|(place, _)| is_kept(*place)).map(|(_, mail)| mail);
        let mut kept = Self { mails: Vec::with_capacity(all().count()), ..Self::default() };
        for mail in all() {
            let cites = PooledList::add(&mut kept.cited, mail.cites.of(&self.cited));
            let to = PooledList::add(&mut kept.recipients, mail.to.of(&self.recipients));
            kept.mails.push(PackedMail { cites, to, ..*mail });
        }
        kept.cited.shrink_to_fit();
        kept.recipients.shrink_to_fit();
        kept
    }

    pub(super) fn len(&self) -> usize {
        self.mails.len()
    }

    pub(super) fn get(&self, place: usize) -> Option<IndexedMail> {
        self.mails.get(place).map(unpacked)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = IndexedMail> + '_ {
        self.mails.iter().map(unpacked)
    }

    pub(super) fn to(&self, mail: &IndexedMail) -> &[AddressNumber] {
        mail.to.of(&self.recipients)
    }

    /// Every id that a message cites, in the order of the messages.
    pub(super) fn all_cited(&self) -> &[u64] {
        &self.cited
    }

    /// The message that cites what stands at this place of `all_cited`.
    pub(super) fn citing(&self, place: usize) -> usize {
        // Those that cite nothing begin where the next one does.
        self.mails.partition_point(|mail| mail.cites.from as usize <= place).saturating_sub(1)
    }
}

fn unpacked(mail: &PackedMail) -> IndexedMail {
    let is = |mark: u8| mail.marks & mark > 0;
    IndexedMail {
        folder: u32::from(mail.folder),
        place: MailPlace { number: mail.number, length: u64::from(mail.length) },
        internal_date: instant(mail.internal_date),
        at: instant(mail.at),
        id: Some(mail.id).filter(|id| *id > 0),
        from: Some(mail.from).filter(|from| *from != NOBODY),
        maybe_report: is(MAYBE_REPORT),
        from_scheduler: is(FROM_SCHEDULER),
        maybe_record: is(MAYBE_RECORD),
        is_delivered: is(DELIVERED),
        delivered_to: Some(mail.delivered_to).filter(|person| *person != NO_PERSON),
        is_labelled_sent: is(LABELLED_SENT),
        to: mail.to,
    }
}

fn seconds(at: DateTime<Utc>) -> u32 {
    u32::try_from(at.timestamp().max(0)).unwrap_or(u32::MAX)
}

fn instant(seconds: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(i64::from(seconds), 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(number: u64, at: &str, from: Option<AddressNumber>) -> IndexedMail {
        let at: DateTime<Utc> = at.parse().unwrap();
        IndexedMail {
            folder: 3,
            place: MailPlace { number, length: 70 },
            internal_date: at,
            at,
            id: (number > 1).then_some(number),
            from,
            maybe_report: number == 1,
            from_scheduler: number == 2,
            maybe_record: number == 3,
            is_delivered: number == 1,
            delivered_to: (number == 2).then_some(7),
            is_labelled_sent: number == 3,
            to: PooledList::default(),
        }
    }

    #[test]
    fn a_message_comes_out_as_it_went_in() {
        assert!(size_of::<PackedMail>() <= 56, "{}", size_of::<PackedMail>());
        let mut mails = PackedMails::default();
        let given = [
            (mail(1, "2026-03-02T09:30:00Z", Some(0)), vec![], vec![4, 5]),
            (mail(2, "1970-01-01T00:00:00Z", None), vec![7, 8], vec![]),
            (mail(3 << 40, "2105-01-01T00:00:00Z", Some(9)), vec![], vec![]),
            (mail(3, "2026-03-02T09:30:01Z", Some(9)), vec![7], vec![1]),
        ];
        for (mail, cites, to) in &given {
            mails.push(mail, cites, to);
        }
        for (place, (mail, _, to)) in given.iter().enumerate() {
            let found = mails.get(place).unwrap();
            assert_eq!(mails.to(&found), to);
            assert_eq!((found.folder, found.place), (mail.folder, mail.place));
            assert_eq!((found.at, found.internal_date), (mail.at, mail.internal_date));
            assert_eq!((found.id, found.from), (mail.id, mail.from));
            let marks = |one: &IndexedMail| (one.maybe_report, one.from_scheduler, one.maybe_record);
            assert_eq!(marks(&found), marks(mail));
            let trace = |one: &IndexedMail| (one.is_delivered, one.delivered_to, one.is_labelled_sent);
            assert_eq!(trace(&found), trace(mail));
        }
        assert_eq!(mails.all_cited(), [7, 8, 7]);
        assert_eq!([0, 1, 2].map(|place| mails.citing(place)), [1, 1, 3]);
        assert_eq!((mails.len(), mails.iter().count()), (4, 4));
        let some = mails.kept(|place| place != 1);
        assert_eq!((some.len(), some.all_cited(), some.citing(0)), (3, &[7][..], 2));
        assert_eq!(some.get(1).unwrap().place, given[2].0.place);
        assert_eq!(some.to(&some.get(2).unwrap()), [1]);
        let before = mail(1, "1969-12-31T23:00:00Z", None);
        mails.push(&before, &[], &[]);
        assert_eq!(mails.get(4).unwrap().at.timestamp(), 0);
    }
}
