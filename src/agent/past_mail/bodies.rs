//! Fetches and reads the messages of the index that are needed whole, folder by folder, a few at a time: while some are
//! taken apart, the next ones come.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::agent::AgentError;
use crate::agent::app::App;
use crate::domain::message::{Headers, Message, MessageBody};
use crate::mail::{LetterText, ReadOptions, letter_text, read};

use super::index::{MailIndex, MailPlace};
use super::reading::{ReadingResult, ReadingThread};
use super::source::OpenSource;
use super::threads::MailThreads;

/// Messages, and bytes of them, that are fetched together; twice as much lies in memory at the same time.
const TOGETHER: usize = 64;
const BYTES_TOGETHER: u64 = 1 << 20;

/// Everything that is known of the mail, and where more of it comes from.
#[derive(Debug)]
pub(super) struct MailBodies {
    pub app: Arc<App>,
    pub index: MailIndex,
    pub threads: MailThreads,
    pub sources: Vec<OpenSource>,
    pub reading: ReadingThread,
}

/// One message that was read whole.
#[derive(Debug)]
pub(super) struct WholeMail {
    /// Its place in the index.
    pub place: usize,
    pub headers: Headers,
    pub body: MessageBody,
    /// All of its text, where it holds a handoff record.
    pub record: Option<LetterText>,
}

impl MailBodies {
    /// Reads messages and hands each to `take`; what is not there any more is left out.
    pub(super) async fn each(
        &mut self,
        places: impl IntoIterator<Item = usize>,
        mut take: impl FnMut(&MailIndex, &MailThreads, WholeMail),
    ) -> Result<(), AgentError> {
        let Self { app, index, threads, sources, reading } = self;
        let mut under_way: Option<ReadingResult<Vec<WholeMail>>> = None;
        for (number, wanted) in by_folder(index, places) {
            let Some(folder) = index.folders.get(number as usize) else { continue };
            let Some(source) = sources.get_mut(folder.source) else { continue };
            for some in batches(&wanted) {
                let places: Vec<MailPlace> = some.iter().map(|(_, place)| *place).collect();
                let fetched = source.bodies(app, (number, folder), &places).await?;
                let options = source.options.clone();
                let numbers: BTreeMap<u64, usize> =
                    some.iter().map(|(one, place)| (place.number, *one)).collect();
                let next = reading.begin(move || read_all(&numbers, fetched, &options));
                if let Some(before) = under_way.replace(next) {
                    before.done().await?.into_iter().for_each(|mail| take(index, threads, mail));
                }
            }
        }
        if let Some(last) = under_way {
            last.done().await?.into_iter().for_each(|mail| take(index, threads, mail));
        }
        Ok(())
    }

    /// What the sources are called.
    pub(super) fn labels(&self) -> Vec<String> {
        self.sources.iter().map(|one| one.source.label()).collect()
    }

    /// Messages as the judgement takes them, each read once and with all of its copies.
    pub(super) async fn messages(
        &mut self,
        places: &BTreeSet<usize>,
    ) -> Result<BTreeMap<usize, Arc<Message>>, AgentError> {
        let mut first_of = BTreeMap::new();
        for place in places {
            let copies = self.threads.copies(&self.index, *place);
            let first = copies.iter().copied().min().unwrap_or(*place);
            first_of.insert(*place, (first, copies));
        }
        let wanted: BTreeMap<usize, Vec<usize>> = first_of.into_values().collect();
        let labels = self.labels();
        let mut found = BTreeMap::new();
        self.each(wanted.keys().copied().collect::<Vec<_>>(), |index, _, mail| {
            let copies = wanted.get(&mail.place).into_iter().flatten().filter_map(|place| {
                let copy = index.mail(*place)?;
                let source = index.folders.get(copy.folder as usize)?.source;
                index.copy(&copy, &mail.headers, labels.get(source)?)
            });
            let copies = copies.collect();
            let message = Message { headers: mail.headers, body: Some(mail.body), copies };
            found.insert(mail.place, Arc::new(message));
        })
        .await?;
        Ok(found)
    }
}

/// A message of the index, and where it lies in its folder.
type PlacedMail = (usize, MailPlace);

/// Each folder's messages in the order in which they lie there.
fn by_folder(index: &MailIndex, places: impl IntoIterator<Item = usize>) -> BTreeMap<u32, Vec<PlacedMail>> {
    let mut found: BTreeMap<u32, Vec<PlacedMail>> = BTreeMap::new();
    for place in places {
        if let Some(mail) = index.mail(place) {
            found.entry(mail.folder).or_default().push((place, mail.place));
        }
    }
    for wanted in found.values_mut() {
        wanted.sort_by_key(|(_, place)| place.number);
    }
    found
}

/// Cut into what is fetched together.
fn batches(wanted: &[PlacedMail]) -> Vec<&[PlacedMail]> {
    let mut found = Vec::new();
    let mut rest = wanted;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fits = |(_, place): &&PlacedMail| {
            bytes += place.length;
            bytes <= BYTES_TOGETHER
        };
        let count = rest.iter().take(TOGETHER).take_while(fits).count().max(1);
        let (some, behind) = rest.split_at(count);
        found.push(some);
        rest = behind;
    }
    found
}

/// Takes messages apart. One that brings its parser down is left out.
fn read_all(
    numbers: &BTreeMap<u64, usize>,
    fetched: Vec<(MailPlace, Vec<u8>)>,
    options: &ReadOptions,
) -> Vec<WholeMail> {
    let each = fetched.into_iter().filter_map(|(at, bytes)| {
        let place = *numbers.get(&at.number)?;
        catch_unwind(AssertUnwindSafe(|| {
            let (headers, body) = read(&bytes, options);
            let record = body.holds_record.then(|| letter_text(&bytes));
            WholeMail { place, headers, body, record }
        }))
        .ok()
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_fetched_together_as_long_as_they_are_small() {
        let placed = |length: u64| (0, MailPlace { number: 0, length });
        let many: Vec<PlacedMail> = (0..150).map(|_| placed(2_000)).collect();
        assert_eq!(batches(&many).iter().map(|some| some.len()).collect::<Vec<_>>(), [64, 64, 22]);
        let large: Vec<PlacedMail> = [700_000, 700_000, 9 << 20, 10, 20].map(placed).into();
        assert_eq!(batches(&large).iter().map(|some| some.len()).collect::<Vec<_>>(), [1, 1, 1, 2]);
        assert!(batches(&[]).is_empty());
    }
}
