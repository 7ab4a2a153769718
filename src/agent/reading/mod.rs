//! Reading one folder to the present: new mail by its headers, bodies where a handoff may claim them, older
//! mail of people who have become interesting.
//!
//! What was read and how far are committed together. A message that cannot be read is set aside after three
//! tries and the operator alerted; nothing else stops a folder. No single number is trusted: see `position`. Known
//! limits: of a message, the first `LONGEST` bytes are looked at; one that breaks the connection is found by
//! stepping over it.

mod listing;
mod older_mail;
mod position;
mod set_aside;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::message::{CopyPlace, Headers, MessageBody, MessageCopy};
use crate::imap::{self, Flags, FolderName, FolderUse, ImapError, ImapSession, Search, UidWindow};
use crate::mail::ReadOptions;
use crate::store::{FolderTail, TRIES};

use self::listing::ListingProgress;
pub(crate) use self::older_mail::read_found;
use super::AgentError;
use super::app::{App, read_message, with_account};
use super::global::reconcile_global_outbox;
use super::interest::{self, Claims, Interest};
use super::turn::settle;

/// How much of a message is read, in bytes.
const LONGEST: u32 = 2 << 20;

/// Messages that are committed together.
const BATCH: usize = 100;
/// Bodies that lie side by side in memory, in bytes and in number.
const BODIES_BYTES: u64 = 2 << 20;
const BODIES: usize = 48;

/// A range is read again as long as reading it teaches ids, at most so often.
const PASSES: u32 = 3;

/// Windows that are listed before what they brought is committed.
const STRETCH: usize = 20;

/// A watched folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedFolder {
    pub account: String,
    pub name: FolderName,
    pub usage: Option<FolderUse>,
}

/// What reading a folder brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Messages or copies that were not known.
    pub news: usize,
    pub uid_next: Option<u32>,
    /// The server tells of mail that it does not show yet: look again soon.
    pub unsettled: bool,
}

/// How closely a folder is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thoroughness {
    /// Nothing more than asking whether there is news, where there is none.
    Usual,
    /// Its last messages are counted over, whatever the numbers say.
    Recount,
}

/// One message that is worth keeping.
#[derive(Debug)]
struct KeptMessage {
    copy: MessageCopy,
    headers: Headers,
    interest: Interest,
    /// In bytes, as the server counts.
    size: u32,
    body: Option<MessageBody>,
}

/// Where reading stands within one folder.
struct FolderReading<'a> {
    app: &'a Arc<App>,
    folder: &'a WatchedFolder,
    options: ReadOptions,
    validity: u32,
    news: usize,
    /// The end of the folder, as far as it was seen.
    tail: FolderTail,
    /// A message that the server refuses while it hands out others, and that is tried again.
    refusal: Option<String>,
}

/// Reads a folder to the present and says so.
pub async fn read_folder(
    app: &Arc<App>,
    session: &mut ImapSession,
    folder: &WatchedFolder,
) -> Result<ReadSummary, AgentError> {
    let awaited = app.read(|_, tx| tx.awaited()).await?.is_some();
    let how = if awaited { Thoroughness::Recount } else { Thoroughness::Usual };
    read_folder_as(app, session, folder, how).await
}

/// The same, as closely as is asked for.
pub(crate) async fn read_folder_as(
    app: &Arc<App>,
    session: &mut ImapSession,
    folder: &WatchedFolder,
    how: Thoroughness,
) -> Result<ReadSummary, AgentError> {
    let account = app.account(&folder.account)?;
    app.check_clock().await?;
    let began = app.now();
    let mailbox = with_account(&folder.account, session.examine(&folder.name).await)?;
    let options = app.read_options(account);
    let mut reading = FolderReading::new(app, folder, options, mailbox.uid_validity);
    let position = reading.position(session, &mailbox, how).await?;
    let mut unsettled = false;
    if !position.is_unchanged {
        reading.range(session, position.first, position.uid_next).await?;
        unsettled = reading.reconcile(session, &position, how).await?;
    }
    reading.look_back(session).await?;
    reading.missing_bodies(session).await?;
    if let Some(text) = reading.refusal.take() {
        return reading.named(Err(ImapError::Refused { command: "FETCH", text }));
    }
    let (name, wire) = (folder.account.clone(), folder.name.wire().to_owned());
    app.write(move |app, tx| {
        let now = app.now();
        tx.folder_read(&name, &wire, began, now)?;
        tx.resolve_alert(&format!("mailbox {name}"), now)?;
        settle(tx, &app.policy, super::turn::due_or_awaiting(tx, now)?, now)?;
        reconcile_global_outbox(app, tx, now)?;
        Ok(())
    })
    .await?;
    Ok(ReadSummary { news: reading.news, uid_next: position.uid_next, unsettled })
}

impl<'a> FolderReading<'a> {
    fn new(app: &'a Arc<App>, folder: &'a WatchedFolder, options: ReadOptions, validity: u32) -> Self {
        let tail = FolderTail { uid_validity: validity, ..FolderTail::default() };
        Self { app, folder, options, validity, news: 0, tail, refusal: None }
    }
}

impl FolderReading<'_> {
    fn wire(&self) -> String {
        self.folder.name.wire().to_owned()
    }

    fn place(&self, uid: u32) -> CopyPlace {
        CopyPlace {
            account: self.folder.account.clone(),
            folder: self.wire(),
            uid_validity: self.validity,
            uid,
        }
    }

    fn named<T>(&self, outcome: Result<T, ImapError>) -> Result<T, AgentError> {
        with_account(&self.folder.account, outcome)
    }

    async fn claims(&self) -> Result<Arc<Claims>, AgentError> {
        self.app
            .read(|app, tx| {
                let accounts = app.policy.account_addresses.iter().chain([&app.policy.agent_address]);
                let accounts = accounts.map(|address| address.as_str().to_owned());
                Ok(Arc::new(Claims::new(tx.claims()?, accounts)))
            })
            .await
    }

    /// Reads everything from `first` on and moves the cursor behind what came.
    async fn range(
        &mut self,
        session: &mut ImapSession,
        first: u32,
        uid_next: Option<u32>,
    ) -> Result<(), AgentError> {
        let mut first = first;
        if let Some(limit) = self.limit().await?.filter(|limit| *limit >= first) {
            let reached = UidWindow { first, last: Some(limit) };
            self.stretch(session, &[reached], false, limit.checked_add(1)).await?;
            first = limit.saturating_add(1);
        }
        if self.tries(first).await? >= TRIES {
            let left = self.named(session.search(&Search::new().uids(first, None)).await)?;
            first = left.iter().copied().find(|uid| *uid > first).unwrap_or(first.saturating_add(1));
        } else {
            self.is_it_the_message(session, first).await?;
        }
        let (windows, many) = self.windows(session, first, None, uid_next).await?;
        for some in windows.chunks(STRETCH) {
            let next = some.last().and_then(|window| window.last?.checked_add(1));
            self.stretch(session, some, many, next).await?;
        }
        Ok(())
    }

    /// Reads some windows, as often as reading them teaches ids. The cursor ends behind the last message that came, or at
    /// `next` where that is later, and before any that is to be tried again.
    async fn stretch(
        &mut self,
        session: &mut ImapSession,
        windows: &[UidWindow],
        many: bool,
        next: Option<u32>,
    ) -> Result<(), AgentError> {
        let Some(first) = windows.first().map(|window| window.first) else { return Ok(()) };
        let mut pass = 0;
        loop {
            pass += 1;
            let claims = self.claims().await?;
            let mut list = ListingProgress::default();
            if let Err(error) = self.list(session, &claims, windows, many, &mut list).await {
                self.note_failed_range(first, list.last, &error).await?;
                return Err(error);
            }
            if many && list.is_without_headers() && !session.gives_whole_headers() {
                // The server does not give single fields, and does not say so.
                session.want_whole_headers();
                continue;
            }
            let behind = list.last.map_or(first, |last| last.saturating_add(1));
            let mut next = next.map_or(behind, |next| next.max(behind));
            if let Some(uid) = self.try_again(std::mem::take(&mut list.refused)).await? {
                next = next.min(uid);
            }
            self.confirm_clock(list.latest).await?;
            self.tail.note(list.tail);
            self.tail.messages = self.tail.messages.saturating_add(if pass == 1 { list.count } else { 0 });
            self.fetch_and_commit(session, list.found, &claims).await?;
            let taught = list.ignored_citing && pass < PASSES && self.claims().await?.teaches(&claims);
            if !taught {
                return self.commit(Vec::new(), Some(next)).await;
            }
        }
    }

    /// A server that stamps mail with our present has our time.
    async fn confirm_clock(&self, latest: Option<DateTime<Utc>>) -> Result<(), AgentError> {
        let grace = TimeDelta::seconds(i64::from(self.app.policy.grace));
        match latest {
            Some(latest) if latest + grace >= self.app.now() => {
                self.app.write(|app, tx| app.trust_clock(tx)).await
            }
            _ => Ok(()),
        }
    }

    /// Fetches the bodies that matter and commits, batch by batch.
    async fn fetch_and_commit(
        &mut self,
        session: &mut ImapSession,
        found: Vec<KeptMessage>,
        claims: &Claims,
    ) -> Result<(), AgentError> {
        let mut known = self.known_with_body(&found).await?.into_iter();
        let mut batch = Vec::new();
        let mut wanted = Vec::new();
        let mut bytes = 0;
        for message in found {
            let is_known = known.next().unwrap_or(false);
            if message.interest == Interest::Remember || is_known {
                batch.push(message);
            } else {
                bytes += u64::from(message.size.min(LONGEST));
                wanted.push(message);
            }
            if wanted.len() >= BODIES || bytes >= BODIES_BYTES {
                batch.extend(self.fetch_all(session, std::mem::take(&mut wanted), claims).await?);
                bytes = 0;
            }
            if batch.len() >= BATCH {
                self.commit(std::mem::take(&mut batch), None).await?;
            }
        }
        batch.extend(self.fetch_all(session, wanted, claims).await?);
        self.commit(batch, None).await
    }

    /// Which of these have their text already.
    async fn known_with_body(&self, found: &[KeptMessage]) -> Result<Vec<bool>, AgentError> {
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let places: Vec<CopyPlace> = found.iter().map(|one| one.copy.place.clone()).collect();
        self.app
            .read(move |_, tx| {
                let mut known = Vec::with_capacity(places.len());
                for place in &places {
                    let message = match tx.message_at(place)? {
                        Some(seq) => tx.message(seq)?,
                        None => None,
                    };
                    known.push(message.is_some_and(|message| message.body.is_some()));
                }
                Ok(known)
            })
            .await
    }

    /// Fetches the bodies of these, several in one round trip. What is gone, set aside or nobody's is left out.
    async fn fetch_all(
        &mut self,
        session: &mut ImapSession,
        messages: Vec<KeptMessage>,
        claims: &Claims,
    ) -> Result<Vec<KeptMessage>, AgentError> {
        let uids: Vec<u32> = messages.iter().map(|one| one.copy.place.uid).collect();
        let readable = self.not_set_aside(&uids).await?;
        let together: Vec<u32> =
            readable.uids.iter().copied().filter(|uid| !readable.stumbled_over.contains(uid)).collect();
        let mut bodies = match session.bodies(&together, LONGEST).await {
            Ok(bodies) => bodies,
            // One by one it shows which it is.
            Err(error) if error.leaves_the_session() => Vec::new(),
            Err(error) => {
                if together.len() > 1 {
                    self.note_tried_together(&together, &error).await?;
                } else if let Some(uid) = together.first() {
                    self.poison(self.place(*uid), error.to_string()).await?;
                }
                return self.named(Err(error));
            }
        };
        let mut kept = Vec::new();
        for mut message in messages {
            let uid = message.copy.place.uid;
            let came = bodies.iter().position(|(one, _)| *one == uid).map(|at| bodies.swap_remove(at).1);
            let is_there = match came {
                Some(body) => self.understand(&mut message, body, claims).await?,
                None => self.fetch(session, &mut message, claims).await?,
            };
            if is_there && message.interest != Interest::None {
                kept.push(message);
            }
        }
        Ok(kept)
    }

    /// Fetches one body. False: the message is gone or set aside.
    async fn fetch(
        &self,
        session: &mut ImapSession,
        message: &mut KeptMessage,
        claims: &Claims,
    ) -> Result<bool, AgentError> {
        let place = message.copy.place.clone();
        let tries = self.app.read(move |_, tx| tx.poisoned(&place)).await?;
        if tries >= TRIES {
            // Its headers may still be of use.
            return Ok(message.interest == Interest::Claim);
        }
        match session.body(message.copy.place.uid, LONGEST).await {
            Ok(body) => self.understand(message, body, claims).await,
            Err(error) => {
                let reason = error.to_string();
                let lost = self.named::<bool>(Err(error));
                self.poison(message.copy.place.clone(), reason).await?;
                lost
            }
        }
    }

    /// Takes a body apart. False: there is none any more.
    async fn understand(
        &self,
        message: &mut KeptMessage,
        body: imap::FetchedBody,
        claims: &Claims,
    ) -> Result<bool, AgentError> {
        let bytes = match body {
            imap::FetchedBody::Whole(bytes) | imap::FetchedBody::Cut(bytes) => bytes,
            imap::FetchedBody::Gone => return Ok(false),
        };
        let (headers, body) = match read_message(&self.folder.account, bytes, self.options.clone()).await {
            Err(error @ AgentError::ParserPanicked { .. }) => {
                self.poison(message.copy.place.clone(), error.to_string()).await?;
                return Err(error);
            }
            outcome => outcome?,
        };
        message.headers = headers;
        if message.interest == Interest::Probe {
            message.interest = interest::of_body(&message.headers, &body, claims);
        }
        message.body = (message.interest == Interest::Claim).then_some(body);
        Ok(true)
    }

    /// Notes what was found, moves the cursor where `next` is given, and judges whom it concerns: in one
    /// transaction.
    async fn commit(&mut self, found: Vec<KeptMessage>, next: Option<u32>) -> Result<(), AgentError> {
        if found.is_empty() && next.is_none() {
            return Ok(());
        }
        let (account, wire, validity) = (self.folder.account.clone(), self.wire(), self.validity);
        let tail = self.tail.clone();
        self.news += self
            .app
            .write(move |app, tx| {
                let mut concerned = Vec::new();
                let mut news = 0;
                for message in found {
                    let seen = tx.see(&message.headers, message.body.as_ref(), &message.copy)?;
                    if seen.news {
                        news += 1;
                        concerned.extend(tx.concerned(seen.message)?);
                    }
                }
                if let Some(next) = next {
                    tx.move_cursor(&account, &wire, validity, next)?;
                    tx.set_folder_tail(&account, &wire, &tail)?;
                }
                concerned.sort();
                concerned.dedup();
                settle(tx, &app.policy, concerned, app.now())?;
                Ok(news)
            })
            .await?;
        Ok(())
    }
}

fn is_draft(usage: Option<FolderUse>, flags: Flags) -> bool {
    flags.draft || usage == Some(FolderUse::Drafts)
}
