//! Reading one folder to the present: new mail by its headers, bodies where a handoff may claim them, older
//! mail of people who have become interesting.
//!
//! What was read and how far are committed together. A message that cannot be read is set aside after three
//! tries and the operator alerted; nothing else stops a folder. Known limits: of a message, the first `LONGEST`
//! bytes are looked at; one that cannot even be listed is found by stepping over it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::message::{CopyPlace, Headers, MessageBody, MessageCopy};
use crate::imap::{
    self, ExaminedFolder, Flags, FolderName, FolderUse, HeaderItem, ImapError, ImapSession, Search,
};
use crate::mail::{HeaderSummary, ReadOptions, read, read_headers};
use crate::store::{Lookback, TRIES};

use super::AgentError;
use super::app::{App, with_account};
use super::delivery::reconcile_global_outbox;
use super::interest::{self, Claims, Interest};
use super::turn::{LOOK_BACK_DAYS, settle};

/// How much of a message is read, in bytes.
const LONGEST: u32 = 2 << 20;

/// Messages that are committed together.
const BATCH: usize = 50;

/// A range is read again as long as reading it teaches ids, at most so often.
const PASSES: u32 = 3;

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
}

/// One message that is worth keeping.
struct KeptMessage {
    copy: MessageCopy,
    headers: Headers,
    interest: Interest,
    body: Option<MessageBody>,
}

/// Where reading stands within one folder.
struct FolderReading<'a> {
    app: &'a Arc<App>,
    folder: &'a WatchedFolder,
    options: ReadOptions,
    validity: u32,
    news: usize,
}

/// Reads a folder to the present and says so.
pub async fn read_folder(
    app: &Arc<App>,
    session: &mut ImapSession,
    folder: &WatchedFolder,
) -> Result<ReadSummary, AgentError> {
    let account = app.account(&folder.account)?;
    app.check_clock().await?;
    let began = app.now();
    let mailbox = with_account(&folder.account, session.examine(&folder.name).await)?;
    let options = app.read_options(account);
    let mut reading = FolderReading { app, folder, options, validity: mailbox.uid_validity, news: 0 };
    let first = reading.first_uid(session, mailbox).await?;
    if mailbox.uid_next.is_none_or(|next| next > first) {
        reading.range(session, first, mailbox.uid_next).await?;
    }
    reading.look_back(session).await?;
    reading.missing_bodies(session).await?;
    let (name, wire) = (folder.account.clone(), folder.name.wire().to_owned());
    app.write(move |app, change| {
        let now = app.now();
        change.folder_read(&name, &wire, began, now)?;
        change.resolve_alert(&format!("mailbox {name}"), now)?;
        settle(change, &app.policy, super::turn::due_or_awaiting(change, now)?, now)?;
        reconcile_global_outbox(app, change, now)?;
        Ok(())
    })
    .await?;
    Ok(ReadSummary { news: reading.news, uid_next: mailbox.uid_next })
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

    async fn claims(&self) -> Result<Claims, AgentError> {
        self.app
            .read(|app, view| {
                let accounts = app.policy.account_addresses.iter().chain([&app.policy.agent_address]);
                Ok(Claims::new(view.claims()?, accounts.map(|address| address.as_str().to_owned())))
            })
            .await
    }

    /// The first UID not read yet. A folder that is new, or was made anew, is read from the oldest open
    /// handoff on: what arrived since may be an answer. What was seen before is known again by its Message-ID.
    async fn first_uid(&self, session: &mut ImapSession, mailbox: ExaminedFolder) -> Result<u32, AgentError> {
        let (account, wire) = (self.folder.account.clone(), self.wire());
        let (cursor, oldest) = self
            .app
            .read(move |_, view| {
                let state = view.folder(&account, &wire)?;
                Ok((state.and_then(|state| state.cursor), view.oldest_open()?))
            })
            .await?;
        if let Some((validity, next)) = cursor {
            if validity == self.validity {
                return Ok(next);
            }
            tracing::info!(account = %self.folder.account, folder = %self.folder.name,
                "the folder was made anew (UIDVALIDITY); its messages are known again by their ids");
        }
        let first = match oldest {
            Some(oldest) => {
                // The server's day may be another than ours.
                let day = (oldest - TimeDelta::days(1)).date_naive();
                self.named(session.search(&Search::new().since(day)).await)?.first().copied()
            }
            None => None,
        };
        let first = match (first, mailbox.uid_next) {
            (Some(first), _) => first,
            (None, Some(next)) => next,
            (None, None) => {
                let all = self.named(session.search(&Search::new().uids(1, None)).await)?;
                all.last().map_or(1, |last| last.saturating_add(1))
            }
        };
        let (account, wire, validity) = (self.folder.account.clone(), self.wire(), self.validity);
        self.app
            .write(move |_, change| {
                change.look_back_in(&account, &wire, LOOK_BACK_DAYS)?;
                change.move_cursor(&account, &wire, validity, first)
            })
            .await?;
        Ok(first)
    }

    /// Reads everything from `first` on and moves the cursor behind it.
    async fn range(
        &mut self,
        session: &mut ImapSession,
        first: u32,
        uid_next: Option<u32>,
    ) -> Result<(), AgentError> {
        let mut first = first;
        if let Some(limit) = self.limit().await?.filter(|limit| *limit >= first) {
            self.stretch(session, first, Some(limit), limit.saturating_add(1)).await?;
            first = limit.saturating_add(1);
        }
        if self.tries(first).await? >= TRIES {
            let left = self.named(session.search(&Search::new().uids(first, None)).await)?;
            first = left.get(1).copied().unwrap_or(first.saturating_add(1));
        } else {
            self.is_it_the_message(session, first).await?;
        }
        self.stretch(session, first, None, uid_next.unwrap_or(0)).await
    }

    /// Reads one stretch, as often as reading it teaches ids. The cursor ends behind it, at `next` or later.
    async fn stretch(
        &mut self,
        session: &mut ImapSession,
        first: u32,
        last: Option<u32>,
        next: u32,
    ) -> Result<(), AgentError> {
        let mut pass = 0;
        loop {
            pass += 1;
            let claims = self.claims().await?;
            let mut list = ListingProgress::default();
            if let Err(error) = self.list(session, &claims, first, last, &mut list).await {
                self.note_failed_range(first, list.last, &error).await?;
                return Err(error);
            }
            let next = next.max(list.last.map_or(first, |last| last.saturating_add(1)));
            self.confirm_clock(list.latest).await?;
            self.fetch_and_commit(session, list.found, &claims).await?;
            let taught = self.claims().await?.teaches(&claims);
            if !(taught && list.ignored_citing && pass < PASSES) {
                return self.commit(Vec::new(), Some(next)).await;
            }
        }
    }

    /// A server that stamps mail with our present has our time.
    async fn confirm_clock(&self, latest: Option<DateTime<Utc>>) -> Result<(), AgentError> {
        let grace = TimeDelta::seconds(i64::from(self.app.policy.grace));
        match latest {
            Some(latest) if latest + grace >= self.app.now() => {
                self.app.write(|app, change| app.trust_clock(change)).await
            }
            _ => Ok(()),
        }
    }

    /// Headers of a range, sorted out as they come.
    async fn list(
        &self,
        session: &mut ImapSession,
        claims: &Claims,
        first: u32,
        last: Option<u32>,
        list: &mut ListingProgress,
    ) -> Result<(), AgentError> {
        let outcome = session
            .headers(first, last, |item| {
                list.last = Some(list.last.map_or(item.uid, |last| last.max(item.uid)));
                list.latest = list.latest.max(item.internal_date.map(|date| date.with_timezone(&Utc)));
                let summary = read_headers(&item.header, &self.options);
                match interest::of_headers(&summary, claims) {
                    Interest::None => list.ignored_citing |= interest::cites_anything(&summary.headers),
                    interest => list.found.push(self.found(&item, summary, interest)),
                }
            })
            .await;
        self.named(outcome)
    }

    fn found(&self, item: &HeaderItem, summary: HeaderSummary, interest: Interest) -> KeptMessage {
        let headers = summary.headers;
        let stamp = headers.received.or(headers.date);
        let internal_date = item.internal_date.map(|date| date.with_timezone(&Utc));
        // Microsoft can leave INTERNALDATE out; the topmost Received stamp is the same server's.
        let internal_date = internal_date.or(stamp).unwrap_or_else(|| self.app.now());
        let copy = MessageCopy {
            place: self.place(item.uid),
            internal_date,
            stamp,
            is_sent: self.folder.usage == Some(FolderUse::Sent),
            is_draft: is_draft(self.folder.usage, item.flags),
        };
        KeptMessage { copy, headers, interest, body: None }
    }

    /// Fetches the bodies that matter and commits, batch by batch.
    async fn fetch_and_commit(
        &mut self,
        session: &mut ImapSession,
        found: Vec<KeptMessage>,
        claims: &Claims,
    ) -> Result<(), AgentError> {
        let mut batch = Vec::new();
        for mut message in found {
            if message.interest != Interest::Remember
                && !self.is_known_with_body(&message).await?
                && !self.fetch(session, &mut message, claims).await?
            {
                continue;
            }
            if message.interest != Interest::None {
                batch.push(message);
            }
            if batch.len() >= BATCH {
                self.commit(std::mem::take(&mut batch), None).await?;
            }
        }
        self.commit(batch, None).await
    }

    async fn is_known_with_body(&self, message: &KeptMessage) -> Result<bool, AgentError> {
        let place = message.copy.place.clone();
        self.app
            .read(move |_, view| {
                let Some(seq) = view.message_at(&place)? else { return Ok(false) };
                Ok(view.message(seq)?.is_some_and(|message| message.body.is_some()))
            })
            .await
    }

    /// Fetches one body. False: the message is gone or set aside.
    async fn fetch(
        &self,
        session: &mut ImapSession,
        message: &mut KeptMessage,
        claims: &Claims,
    ) -> Result<bool, AgentError> {
        let place = message.copy.place.clone();
        let tries = self.app.read(move |_, view| view.poisoned(&place)).await?;
        if tries >= TRIES {
            // Its headers may still be of use.
            return Ok(message.interest == Interest::Claim);
        }
        let bytes = match session.body(message.copy.place.uid, LONGEST).await {
            Ok(imap::FetchedBody::Whole(bytes) | imap::FetchedBody::Cut(bytes)) => bytes,
            Ok(imap::FetchedBody::Gone) => return Ok(false),
            Err(error) => {
                let reason = error.to_string();
                let lost = self.named::<bool>(Err(error));
                self.poison(message.copy.place.clone(), reason).await?;
                return lost;
            }
        };
        let (headers, body) = read(&bytes, &self.options);
        message.headers = headers;
        if message.interest == Interest::Probe {
            message.interest = interest::of_body(&message.headers, &body, claims);
        }
        message.body = (message.interest == Interest::Claim).then_some(body);
        Ok(true)
    }

    async fn poison(&self, place: CopyPlace, reason: String) -> Result<u32, AgentError> {
        self.app
            .write(move |app, change| {
                let tries = change.poison(&place, &reason)?;
                if tries == TRIES {
                    let what = format!("a message cannot be read: {} in {}", place.uid, place.folder);
                    let subject = format!("message {}/{}/{}", place.account, place.folder, place.uid);
                    let remedy = "baton goes on without it. If it is an answer to a handoff, tell it with \
                                  `baton touch`, `accept` or `feedback`.";
                    change.raise_alert(&subject, &what, &reason, remedy, app.now())?;
                }
                Ok(tries)
            })
            .await
    }

    /// A message that cannot even be listed broke the connection, or the connection broke by itself: the next
    /// reading goes as far as this one came, and the one after begins with the culprit, which is stepped over
    /// after three tries. Dovecot says BYE at a message whose file is damaged.
    async fn note_failed_range(
        &self,
        first: u32,
        last: Option<u32>,
        error: &AgentError,
    ) -> Result<(), AgentError> {
        if !matches!(error, AgentError::Imap { .. }) {
            return Ok(());
        }
        let key = self.limit_key();
        match last {
            Some(last) => self.app.write(move |_, change| change.set_meta(&key, &last.to_string())).await,
            None => self.poison(self.place(first), error.to_string()).await.map(drop),
        }
    }

    /// How often a message could not be read.
    async fn tries(&self, uid: u32) -> Result<u32, AgentError> {
        let place = self.place(uid);
        self.app.read(move |_, view| view.poisoned(&place)).await
    }

    async fn not_set_aside(&self, uids: &[u32]) -> Result<ReadableUids, AgentError> {
        let places: Vec<CopyPlace> = uids.iter().map(|uid| self.place(*uid)).collect();
        self.app
            .read(move |_, view| {
                let mut readable = ReadableUids::default();
                for place in places {
                    match view.poisoned(&place)? {
                        0 => readable.uids.push(place.uid),
                        tries if tries < TRIES => {
                            readable.uids.push(place.uid);
                            readable.stumbled_over.push(place.uid);
                        }
                        _ => {}
                    }
                }
                Ok(readable)
            })
            .await
    }

    /// Before the try that sets a message aside, another one has to be readable: a server that is out of order
    /// would have every message set aside, one after the other.
    async fn is_it_the_message(&self, session: &mut ImapSession, uid: u32) -> Result<(), AgentError> {
        if self.tries(uid).await? + 1 != TRIES {
            return Ok(());
        }
        let before = match uid.checked_sub(1).filter(|last| *last > 0) {
            Some(last) => self.named(session.search(&Search::new().uids(1, Some(last))).await)?,
            None => Vec::new(),
        };
        let after = self.named(session.search(&Search::new().uids(uid, None)).await)?;
        for witness in [before.last(), after.get(1)].into_iter().flatten() {
            if self.tries(*witness).await? == 0 {
                return self.named(session.headers(*witness, Some(*witness), |_| {}).await);
            }
        }
        Ok(())
    }

    fn limit_key(&self) -> String {
        format!("read-only-to {}/{}/{}", self.folder.account, self.folder.name.wire(), self.validity)
    }

    async fn limit(&self) -> Result<Option<u32>, AgentError> {
        let key = self.limit_key();
        let value = self.app.read(move |_, view| view.meta(&key)).await?;
        Ok(value.and_then(|value| value.parse().ok()))
    }

    /// Notes what was found, moves the cursor where `next` is given, and judges whom it concerns: in one
    /// transaction.
    async fn commit(&mut self, found: Vec<KeptMessage>, next: Option<u32>) -> Result<(), AgentError> {
        if found.is_empty() && next.is_none() {
            return Ok(());
        }
        let (account, wire, validity) = (self.folder.account.clone(), self.wire(), self.validity);
        self.news += self
            .app
            .write(move |app, change| {
                let mut concerned = Vec::new();
                let mut news = 0;
                for message in found {
                    let seen = change.see(&message.headers, message.body.as_ref(), &message.copy)?;
                    if seen.news {
                        news += 1;
                        concerned.extend(change.concerned(seen.message)?);
                    }
                }
                if let Some(next) = next {
                    change.move_cursor(&account, &wire, validity, next)?;
                }
                concerned.sort();
                concerned.dedup();
                settle(change, &app.policy, concerned, app.now())?;
                Ok(news)
            })
            .await?;
        Ok(())
    }

    /// Older mail of people who have come to matter.
    async fn look_back(&mut self, session: &mut ImapSession) -> Result<(), AgentError> {
        let (account, wire) = (self.folder.account.clone(), self.wire());
        let due = self.app.read(move |_, view| view.lookbacks(&account, &wire)).await?;
        for some in due.chunks(10) {
            let Some(since) = some.iter().map(|one| one.since).min() else { continue };
            let uids = self.named(session.search(&with_anybody(some, since)).await)?;
            self.fetch_uids(session, &uids).await?;
            let (account, wire, done) = (self.folder.account.clone(), self.wire(), some.to_vec());
            self.app.write(move |_, change| change.looked_back(&account, &wire, &done)).await?;
        }
        Ok(())
    }

    /// Reads single messages that a search has found.
    pub(crate) async fn fetch_uids(
        &mut self,
        session: &mut ImapSession,
        uids: &[u32],
    ) -> Result<(), AgentError> {
        let claims = self.claims().await?;
        let mut list = ListingProgress::default();
        let readable = self.not_set_aside(uids).await?;
        for uid in &readable.stumbled_over {
            self.is_it_the_message(session, *uid).await?;
        }
        for run in runs(&readable.uids) {
            let heard = list.last;
            if let Err(error) = self.list(session, &claims, run.0, Some(run.1), &mut list).await {
                let came_to = list.last.filter(|last| Some(*last) != heard);
                let culprit = came_to.map_or(run.0, |last| last.saturating_add(1));
                self.poison(self.place(culprit.min(run.1)), error.to_string()).await?;
                return Err(error);
            }
        }
        let wanted: Vec<KeptMessage> =
            list.found.into_iter().filter(|one| uids.binary_search(&one.copy.place.uid).is_ok()).collect();
        self.fetch_and_commit(session, wanted, &claims).await
    }

    /// Texts of messages of which only the headers were remembered until a handoff claimed them.
    async fn missing_bodies(&mut self, session: &mut ImapSession) -> Result<(), AgentError> {
        loop {
            let (account, wire, validity) = (self.folder.account.clone(), self.wire(), self.validity);
            let due = self.app.read(move |_, view| view.bodies_due(&account, &wire, validity)).await?;
            let before = self.news;
            let uids: Vec<u32> = due.iter().map(|one| one.place.uid).collect();
            self.fetch_uids(session, &uids).await?;
            if uids.is_empty() || self.news == before {
                return Ok(());
            }
        }
    }
}

/// Reads messages that a search in a folder that is not watched has found.
pub(crate) async fn read_found(
    app: &Arc<App>,
    session: &mut ImapSession,
    folder: &WatchedFolder,
    validity: u32,
    uids: &[u32],
) -> Result<usize, AgentError> {
    let account = app.account(&folder.account)?;
    let options = app.read_options(account);
    let mut reading = FolderReading { app, folder, options, validity, news: 0 };
    reading.fetch_uids(session, uids).await?;
    Ok(reading.news)
}

/// Of messages that are to be read, those that were not set aside.
#[derive(Default)]
struct ReadableUids {
    uids: Vec<u32>,
    /// The ones among them that could not be read before.
    stumbled_over: Vec<u32>,
}

/// What a listing has come to.
#[derive(Default)]
struct ListingProgress {
    found: Vec<KeptMessage>,
    last: Option<u32>,
    /// The latest stamp of the server's own.
    latest: Option<DateTime<Utc>>,
    /// Something that nobody claims cites other mail.
    ignored_citing: bool,
}

fn is_draft(usage: Option<FolderUse>, flags: Flags) -> bool {
    flags.draft || usage == Some(FolderUse::Drafts)
}

fn with_anybody(lookbacks: &[Lookback], since: DateTime<Utc>) -> Search {
    let ways = lookbacks.iter().flat_map(|one| {
        let address = one.address.as_str();
        [Search::new().from(address), Search::new().to(address), Search::new().cc(address)]
    });
    Search::new().since((since - TimeDelta::days(1)).date_naive()).any(ways.collect())
}

/// Ascending UIDs as runs without gaps, so that a FETCH names each run once.
fn runs(uids: &[u32]) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some(run) if run.1.checked_add(1) == Some(*uid) => run.1 = *uid,
            _ => runs.push((*uid, *uid)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uids_without_gaps_are_one_run() {
        assert_eq!(runs(&[1, 2, 3, 7, 9, 10]), [(1, 3), (7, 7), (9, 10)]);
        assert_eq!(runs(&[]), []);
    }
}
