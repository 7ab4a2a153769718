//! Where past mail is read from: an account, an mbox, a Maildir. Nothing is written and nothing marked as read.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use crate::agent::AgentError;
use crate::agent::app::{App, with_account};
use crate::domain::audit::past::ReadMailbox;
use crate::imap::{FetchedBody, FolderName, ImapSession};
use crate::language::{Role, is_word};
use crate::mail::{DeliveryTrace, ReadOptions, delivery_trace, read_headers};

use super::index::{IndexedFolder, ListedMail, MailIndex, MailPlace};
use super::maildir_files::MaildirFiles;
use super::owners::owners;
use super::progress::Progress;
use super::reading::ReadingThread;
use super::{account, maildir, mbox};

/// The most of a message that is read, in bytes.
const LONGEST: u32 = 2 << 20;
/// Messages of files that are handed over together.
const TOGETHER: usize = 500;

/// Where past mail lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MailSource {
    /// Name of an account of the configuration.
    Account(String),
    Mbox(PathBuf),
    Maildir(PathBuf),
}

impl MailSource {
    /// What a person means by `text`: an account by its name or address, a person's by theirs, else a path.
    pub(crate) fn named(app: &App, text: &str) -> Option<Self> {
        let folded = text.trim().to_lowercase();
        let by_name = app.accounts.keys().find(|name| name.to_lowercase() == folded);
        let by_address =
            || app.accounts.values().find(|one| one.address.as_str() == folded).map(|one| &one.name);
        let by_person = || {
            let mut people = app.policy.people.iter();
            let person = people.find(|person| {
                person.name.to_lowercase() == folded
                    || person.aliases.iter().chain([&person.address]).any(|one| one.as_str() == folded)
            });
            person.and_then(|person| person.account.as_ref())
        };
        if let Some(account) = by_name.or_else(by_address).or_else(by_person) {
            return Some(MailSource::Account(account.clone()));
        }
        let path = Path::new(text);
        if path.is_file() {
            return Some(MailSource::Mbox(path.to_owned()));
        }
        // Apple Mail exports a folder of that form.
        let inside = path.join("mbox");
        if inside.is_file() {
            return Some(MailSource::Mbox(inside));
        }
        let is_maildir = maildir::folders(path).is_ok_and(|folders| !folders.is_empty());
        is_maildir.then(|| MailSource::Maildir(path.to_owned()))
    }

    /// As evidence and notes call it.
    pub(crate) fn label(&self) -> String {
        match self {
            MailSource::Account(name) => name.clone(),
            MailSource::Mbox(path) | MailSource::Maildir(path) => path.display().to_string(),
        }
    }
}

/// A source that has been listed and whose bodies can be fetched.
#[derive(Debug)]
pub(super) struct OpenSource {
    pub source: MailSource,
    pub options: ReadOptions,
    reading: ReadingThread,
    files: MaildirFiles,
    session: Option<ImapSession>,
    examined: Option<u32>,
}

impl OpenSource {
    pub(super) fn new(app: &App, source: MailSource, reading: ReadingThread) -> Result<Self, AgentError> {
        let options = match &source {
            MailSource::Account(name) => app.read_options(app.account(name)?),
            MailSource::Mbox(_) | MailSource::Maildir(_) => {
                let zones = app.zones.clone();
                ReadOptions {
                    authserv: None,
                    zones: Some(Arc::new(move |name: &str| zones.get(name))),
                    schedulers: Arc::clone(&app.tools),
                }
            }
        };
        Ok(Self { source, options, reading, files: MaildirFiles::default(), session: None, examined: None })
    }

    /// Lists all of its mail into the index. Returns whose mail it holds, and what could not be read.
    pub(super) async fn list(
        &mut self,
        app: &Arc<App>,
        number: usize,
        since: Option<DateTime<Utc>>,
        index: &mut MailIndex,
        progress: &mut Progress,
    ) -> Result<(Vec<ReadMailbox>, Vec<String>), AgentError> {
        match self.source.clone() {
            MailSource::Account(name) => {
                let listed =
                    account::list(app, &name, number, since, (&self.options, &self.reading), index, progress)
                        .await?;
                self.session = Some(listed.session);
                Ok((listed.mailboxes, listed.refused))
            }
            MailSource::Mbox(path) => {
                self.list_mbox(&path, number, index, progress).await?;
                Ok((owners(&app.policy, index, number, &self.source.label()), Vec::new()))
            }
            MailSource::Maildir(path) => {
                self.list_maildir(&path, number, index, progress).await?;
                Ok((owners(&app.policy, index, number, &self.source.label()), Vec::new()))
            }
        }
    }

    async fn list_mbox(
        &mut self,
        path: &Path,
        number: usize,
        index: &mut MailIndex,
        progress: &mut Progress,
    ) -> Result<(), AgentError> {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let is_sent = is_word(Role::SentFolder, &stem);
        let folder = index.add_folder(IndexedFolder { source: number, name: stem, uid_validity: 1, is_sent });
        let size = std::fs::metadata(path).map_or(0, |about| about.len());
        progress.begin(&self.source.label(), size);
        let (sender, mut receiver) = mpsc::channel::<(Vec<ListedMail>, u64)>(4);
        let (from, options) = (path.to_owned(), self.options.clone());
        let reader = self.reading.begin(move || {
            let mut batch = Vec::new();
            let mut at_byte = 0;
            mbox::each(&from, |one, at| {
                at_byte = at;
                batch.extend(listed_of_file(&one.header, one.place, one.delivered, &options));
                batch.len() < TOGETHER || sender.blocking_send((std::mem::take(&mut batch), at)).is_ok()
            })?;
            // Whoever does not listen any more wants nothing.
            let _ = sender.blocking_send((batch, at_byte));
            Ok(())
        });
        while let Some((batch, at)) = receiver.recv().await {
            batch.into_iter().for_each(|mail| index.add(folder, mail));
            progress.reached(at);
        }
        reader.done().await?.map_err(|error| unreadable(path, &error))
    }

    async fn list_maildir(
        &mut self,
        path: &Path,
        number: usize,
        index: &mut MailIndex,
        progress: &mut Progress,
    ) -> Result<(), AgentError> {
        for one in maildir::folders(path).map_err(|error| unreadable(path, &error))? {
            let maildir::MaildirFolder { name, path: place, is_sent } = one;
            let files = self.files.add(&place).map_err(|error| unreadable(&place, &error))?;
            let folder = index.add_folder(IndexedFolder {
                source: number,
                name: name.clone(),
                uid_validity: 1,
                is_sent,
            });
            progress.begin(&format!("{}, {name}", self.source.label()), files.len() as u64);
            let mut done = 0;
            for first in files.clone().step_by(TOGETHER) {
                let numbers = first..files.end.min(first + TOGETHER);
                done += numbers.len() as u64;
                let some: Vec<(usize, PathBuf)> =
                    numbers.filter_map(|number| Some((number, self.files.path(number)?))).collect();
                let options = self.options.clone();
                let batch = self.reading.begin(move || {
                    let each = some.iter().filter_map(|(number, path)| {
                        // Mail that is moved or deleted meanwhile is not there any more.
                        let (header, length) = maildir::header(path).ok()?;
                        let place = MailPlace { number: *number as u64, length };
                        listed_of_file(&header, place, maildir::delivered(path), &options)
                    });
                    each.collect::<Vec<_>>()
                });
                batch.done().await?.into_iter().for_each(|mail| index.add(folder, mail));
                progress.reached(done);
            }
        }
        Ok(())
    }

    /// The bytes of some messages of one folder; what is not there any more is left out.
    pub(super) async fn bodies(
        &mut self,
        app: &Arc<App>,
        (number, folder): (u32, &IndexedFolder),
        places: &[MailPlace],
    ) -> Result<Vec<(MailPlace, Vec<u8>)>, AgentError> {
        match self.source.clone() {
            MailSource::Account(name) => {
                let outcome = self.account_bodies(app, &name, (number, folder), places).await;
                match outcome {
                    // A connection that ended is made once more.
                    Err(AgentError::Imap { .. }) => {
                        self.session = None;
                        self.account_bodies(app, &name, (number, folder), places).await
                    }
                    outcome => outcome,
                }
            }
            MailSource::Mbox(path) => {
                let places = places.to_vec();
                let from = path.clone();
                let read = spawn_blocking(move || {
                    let mut file = crate::files::open(&from)?;
                    places.into_iter().map(|place| Ok((place, mbox::message(&mut file, place)?))).collect()
                });
                finished(&path, read.await)
            }
            MailSource::Maildir(_) => {
                let wanted: Vec<(MailPlace, PathBuf)> = places
                    .iter()
                    .filter_map(|place| Some((*place, self.files.path(usize::try_from(place.number).ok()?)?)))
                    .collect();
                let read = spawn_blocking(move || {
                    let each = wanted.into_iter();
                    each.filter_map(|(place, path)| Some((place, maildir::message(&path).ok()?))).collect()
                });
                read.await.map_err(|_| AgentError::Stopped)
            }
        }
    }

    async fn account_bodies(
        &mut self,
        app: &Arc<App>,
        name: &str,
        (number, folder): (u32, &IndexedFolder),
        places: &[MailPlace],
    ) -> Result<Vec<(MailPlace, Vec<u8>)>, AgentError> {
        if self.session.is_none() {
            self.session = Some(app.connect(name).await?);
            self.examined = None;
        }
        let Some(session) = self.session.as_mut() else { return Ok(Vec::new()) };
        if self.examined != Some(number) {
            with_account(name, session.examine(&FolderName::from_wire(folder.name.clone())).await)?;
            self.examined = Some(number);
        }
        let uids: Vec<u32> = places.iter().filter_map(|place| u32::try_from(place.number).ok()).collect();
        let bodies = with_account(name, session.bodies(&uids, LONGEST).await)?;
        Ok(bodies
            .into_iter()
            .filter_map(|(uid, body)| match body {
                FetchedBody::Whole(bytes) | FetchedBody::Cut(bytes) => {
                    Some((MailPlace { number: u64::from(uid), length: 0 }, bytes))
                }
                FetchedBody::Gone => None,
            })
            .collect())
    }

    /// Ends the connection.
    pub(super) async fn close(self) {
        if let Some(session) = self.session {
            session.logout().await;
        }
    }
}

/// A message by its header. One that brings its parser down is left out.
pub(super) fn listed(
    header: &[u8],
    place: MailPlace,
    internal_date: Option<DateTime<Utc>>,
    options: &ReadOptions,
) -> Option<ListedMail> {
    let summary = catch_unwind(AssertUnwindSafe(|| read_headers(header, options))).ok()?;
    Some(ListedMail { place, internal_date, is_draft: false, summary, trace: DeliveryTrace::default() })
}

/// The same of a message of a file, with what its header tells of how it came there.
pub(super) fn listed_of_file(
    header: &[u8],
    place: MailPlace,
    internal_date: Option<DateTime<Utc>>,
    options: &ReadOptions,
) -> Option<ListedMail> {
    let mail = listed(header, place, internal_date, options)?;
    let trace = delivery_trace(header);
    Some(ListedMail { is_draft: trace.is_labelled_draft, trace, ..mail })
}

fn unreadable(path: &Path, error: &std::io::Error) -> AgentError {
    AgentError::NotPossible { what: format!("{} cannot be read: {error}", path.display()) }
}

fn finished<T>(
    path: &Path,
    outcome: Result<std::io::Result<T>, tokio::task::JoinError>,
) -> Result<T, AgentError> {
    outcome.map_err(|_| AgentError::Stopped)?.map_err(|error| unreadable(path, &error))
}
