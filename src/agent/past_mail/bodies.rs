//! Fetches and reads the messages of the index that are needed whole, folder by folder, a few at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::agent::AgentError;
use crate::agent::app::App;
use crate::domain::message::{Headers, Message, MessageBody};
use crate::mail::{LetterText, letter_text, read};

use super::index::MailIndex;
use super::reading::ReadingThread;
use super::source::OpenSource;
use super::threads::MailThreads;

/// Messages of which the bodies lie in memory at the same time.
const TOGETHER: usize = 32;

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
        mut take: impl FnMut(&MailIndex, WholeMail),
    ) -> Result<(), AgentError> {
        let mut by_folder: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for place in places {
            if let Some(mail) = self.index.mails.get(place) {
                by_folder.entry(mail.folder).or_default().push(place);
            }
        }
        for (number, mut wanted) in by_folder {
            let Some(folder) = self.index.folders.get(number as usize).cloned() else { continue };
            let Some(source) = self.sources.get_mut(folder.source) else { continue };
            let position = |place: &usize| self.index.mails.get(*place).map(|mail| mail.place.number);
            wanted.sort_by_key(position);
            for some in wanted.chunks(TOGETHER) {
                let places: Vec<_> =
                    some.iter().filter_map(|one| Some(self.index.mails.get(*one)?.place)).collect();
                let fetched = source.bodies(&self.app, (number, &folder), &places).await?;
                let raw: Vec<(usize, Vec<u8>)> = fetched
                    .into_iter()
                    .filter_map(|(place, bytes)| {
                        let is_it = |one: &&usize| position(one) == Some(place.number);
                        Some((*some.iter().find(is_it)?, bytes))
                    })
                    .collect();
                let options = source.options.clone();
                let read = self.reading.begin(move || {
                    // One that brings its parser down is left out.
                    let each = raw.into_iter().filter_map(|(place, bytes)| {
                        catch_unwind(AssertUnwindSafe(|| {
                            let (headers, body) = read(&bytes, &options);
                            let record = body.holds_record.then(|| letter_text(&bytes));
                            WholeMail { place, headers, body, record }
                        }))
                        .ok()
                    });
                    each.collect::<Vec<_>>()
                });
                for mail in read.done().await? {
                    take(&self.index, mail);
                }
            }
        }
        Ok(())
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
        let labels: Vec<String> = self.sources.iter().map(|one| one.source.label()).collect();
        let mut found = BTreeMap::new();
        self.each(wanted.keys().copied().collect::<Vec<_>>(), |index, mail| {
            let copies = wanted.get(&mail.place).into_iter().flatten().filter_map(|place| {
                let copy = index.mails.get(*place)?;
                let source = index.folders.get(copy.folder as usize)?.source;
                index.copy(copy, &mail.headers, labels.get(source)?)
            });
            let copies = copies.collect();
            let message = Message { headers: mail.headers, body: Some(mail.body), copies };
            found.insert(mail.place, Arc::new(message));
        })
        .await?;
        Ok(found)
    }
}
