//! The mail of a handoff's facts, each message once: drafts dropped, copies merged, in the order of their own
//! time.
//! docs/behaviour.md section 5, above its table.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::super::fact::{Fact, FactKind};
use super::super::message::{Address, CopyPlace, Headers, Message, MessageCopy, MessageId};
use super::seen_message::bears;

/// Own time of a message: when a server first had it. docs/behaviour.md section 5.
pub(crate) fn own_time(message: &Message) -> Option<DateTime<Utc>> {
    message.copies.iter().map(had_at).min()
}

/// When the server had a copy: its INTERNALDATE, unless that was made later or lost.
fn had_at(copy: &MessageCopy) -> DateTime<Utc> {
    let day = Duration::days(1);
    let had = match copy.stamp {
        // It was imported.
        Some(stamp) if copy.internal_date - stamp > day => stamp,
        // A server has lost it. A Date is what the author's clock said.
        Some(stamp) if stamp - copy.internal_date > if copy.is_dated { day } else { Duration::zero() } => {
            stamp
        }
        _ => copy.internal_date,
    };
    // A server's clock is ahead.
    copy.read_at.map_or(had, |read| had.min(read))
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
    headers.authenticity = headers.authenticity.and(more.authenticity);
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

fn author(headers: &Headers) -> Option<&Address> {
    headers.from.first().map(|mailbox| &mailbox.address)
}

fn is_same(a: &Message, b: &Message) -> bool {
    let is_place_of_a = |place: &CopyPlace| a.copies.iter().any(|copy| copy.place == *place);
    if b.copies.iter().any(|copy| is_place_of_a(&copy.place)) {
        return true;
    }
    let is_id_of_a = |id: &MessageId| bears(&a.headers).any(|own| own == id);
    if !bears(&b.headers).any(is_id_of_a) || author(&a.headers) != author(&b.headers) {
        return false;
    }
    // The same id under another date is another message, unless a provider replaced ids on the way.
    a.headers.id != b.headers.id || a.headers.date == b.headers.date
}

/// Messages that were found to be different ones, by what could make another the same as one of them.
#[derive(Default)]
struct MergedMessages {
    list: Vec<Arc<Message>>,
    by_place: BTreeMap<CopyPlace, BTreeSet<usize>>,
    by_id: BTreeMap<MessageId, BTreeSet<usize>>,
}

impl MergedMessages {
    /// The earliest that is the same message.
    fn same_as(&self, message: &Message) -> Option<usize> {
        let at_place = message.copies.iter().filter_map(|copy| self.by_place.get(&copy.place));
        let with_id = bears(&message.headers).filter_map(|id| self.by_id.get(id));
        let candidates: BTreeSet<usize> = at_place.chain(with_id).flatten().copied().collect();
        candidates
            .into_iter()
            .find(|index| self.list.get(*index).is_some_and(|known| is_same(known, message)))
    }

    fn add(&mut self, message: Arc<Message>) {
        let same = self.same_as(&message);
        let index = same.unwrap_or(self.list.len());
        for copy in &message.copies {
            self.by_place.entry(copy.place.clone()).or_default().insert(index);
        }
        for id in bears(&message.headers) {
            self.by_id.entry(id.clone()).or_default().insert(index);
        }
        match self.list.get_mut(index) {
            Some(known) => absorb(Arc::make_mut(known), &message),
            None => self.list.push(message),
        }
    }
}

/// The same message without drafts and with its copies in the order of their time. Most are so already.
fn put_in_order(message: &Arc<Message>) -> Arc<Message> {
    let order = |copy: &MessageCopy| (copy.internal_date, copy.place.clone());
    let mut message = Arc::clone(message);
    if message.copies.iter().any(|copy| copy.is_draft) || !message.copies.is_sorted_by_key(order) {
        let copies = &mut Arc::make_mut(&mut message).copies;
        copies.retain(|copy| !copy.is_draft);
        copies.sort_by_key(order);
    }
    message
}

/// Every message of the facts with its own time.
pub(super) fn merged(facts: &[Fact]) -> Vec<(DateTime<Utc>, Arc<Message>)> {
    let mut messages: Vec<Arc<Message>> = facts
        .iter()
        .filter_map(|fact| match &fact.what {
            FactKind::MessageSeen(message) => Some(put_in_order(message)),
            _ => None,
        })
        .filter(|message| !message.copies.is_empty())
        .collect();
    messages.sort_by_cached_key(|message| {
        (own_time(message), message.headers.id.clone(), message.copies.first().map(|copy| copy.place.clone()))
    });
    let mut merged = MergedMessages::default();
    for message in messages {
        merged.add(message);
    }
    let mut timed: Vec<_> =
        merged.list.into_iter().filter_map(|message| own_time(&message).map(|at| (at, message))).collect();
    timed.sort_by(|(at, a), (other, b)| at.cmp(other).then_with(|| within_a_second(a, b)));
    timed
}

/// The order of messages of one second: by their own dates, then by where they lie, since a folder keeps the order in which
/// they came, then by their ids.
pub(super) fn within_a_second(a: &Message, b: &Message) -> Ordering {
    let place = |message: &'_ Message| message.copies.iter().map(|copy| copy.place.clone()).min();
    let by_date = a.headers.date.cmp(&b.headers.date);
    by_date.then_with(|| place(a).cmp(&place(b))).then_with(|| a.headers.id.cmp(&b.headers.id))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::message::Mailbox;
    use super::*;

    fn instant(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000 + seconds, 0).unwrap()
    }

    fn id(number: u8) -> MessageId {
        MessageId::new(&format!("{number}@vendor.example")).unwrap()
    }

    fn message() -> impl Strategy<Value = Message> {
        let ids = (prop::option::of(0u8..6), prop::collection::vec(0u8..6, 0..2));
        (ids, 0u8..2, prop::option::of(0i64..2), prop::collection::vec((0u32..8, 0i64..4), 1..3)).prop_map(
            |((own, earlier), author, date, places)| {
                let mut headers = Headers {
                    id: own.map(id),
                    earlier_ids: earlier.into_iter().map(id).collect(),
                    date: date.map(instant),
                    ..Headers::default()
                };
                let address = Address::new(&format!("{author}@vendor.example")).unwrap();
                headers.from = vec![Mailbox { name: String::new(), address }];
                let copies = places.into_iter().map(|(uid, at)| MessageCopy {
                    place: CopyPlace { account: "dana".into(), folder: "INBOX".into(), uid_validity: 1, uid },
                    internal_date: instant(at),
                    stamp: None,
                    is_dated: false,
                    read_at: None,
                    is_sent: false,
                    is_draft: false,
                });
                Message { headers, body: None, copies: copies.collect() }
            },
        )
    }

    proptest! {
        #[test]
        fn what_the_index_finds_is_what_comparing_with_every_message_finds(
            messages in prop::collection::vec(message(), 0..14),
        ) {
            let mut indexed = MergedMessages::default();
            let mut compared: Vec<Message> = Vec::new();
            for message in messages {
                indexed.add(Arc::new(message.clone()));
                match compared.iter_mut().find(|known| is_same(known, &message)) {
                    Some(known) => absorb(known, &message),
                    None => compared.push(message),
                }
            }
            let list: Vec<Message> = indexed.list.into_iter().map(Arc::unwrap_or_clone).collect();
            prop_assert_eq!(list, compared);
        }
    }

    /// Mail as it lies in a folder, all of it of one second.
    fn in_folder(number: u8, account: &str, uid: u32) -> Message {
        let place = CopyPlace { account: account.into(), folder: "Sent".into(), uid_validity: 1, uid };
        let copy = MessageCopy {
            place,
            internal_date: instant(0),
            stamp: None,
            is_dated: false,
            read_at: None,
            is_sent: true,
            is_draft: false,
        };
        Message {
            headers: Headers { id: Some(id(number)), date: Some(instant(0)), ..Headers::default() },
            copies: vec![copy],
            body: None,
        }
    }

    #[test]
    fn mail_of_one_second_stands_as_its_folder_has_it() {
        let (first, second) = (in_folder(2, "calvin", 7), in_folder(1, "calvin", 8));
        assert_eq!(within_a_second(&first, &second), Ordering::Less);
        let dated =
            Message { headers: Headers { date: Some(instant(-1)), ..second.headers.clone() }, ..second };
        assert_eq!(within_a_second(&first, &dated), Ordering::Greater, "their own dates count first");
    }
}
