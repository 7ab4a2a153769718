//! Reading one folder to the present: new mail by its headers, bodies where a handoff may claim them, older
//! mail of people who have become interesting.
//!
//! What was read and how far are committed together. A message that cannot be read is set aside after three
//! tries and the operator alerted; nothing else stops a folder. Known limits: of a message, the first `LONGEST`
//! bytes are looked at; one that cannot even be listed is found by stepping over it.

mod older_mail;
mod set_aside;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::message::{CopyPlace, Headers, MessageBody, MessageCopy};
use crate::imap::{
    self, ExaminedFolder, Flags, FolderName, FolderUse, HeaderItem, ImapError, ImapSession, Search,
};
use crate::mail::{HeaderSummary, ReadOptions, read_headers};
use crate::store::{TRIES, ThreadKeys};

pub(crate) use self::older_mail::read_found;
use super::AgentError;
use super::app::{App, read_message, with_account};
use super::global::reconcile_global_outbox;
use super::interest::{self, Claims, Interest};
use super::tokens::missing_grant_subject;
use super::turn::{LOOK_BACK_DAYS, settle};

/// How much of a message is read, in bytes.
const LONGEST: u32 = 2 << 20;

/// Messages that are committed together.
const BATCH: usize = 50;

/// Handoffs that are judged together.
const JUDGED_AT_ONCE: usize = 50;

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
    /// Handoffs that messages of earlier batches concern: they are judged once, with the last one.
    concerned: BTreeSet<String>,
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
    let mut reading = FolderReading {
        app,
        folder,
        options,
        validity: mailbox.uid_validity,
        news: 0,
        concerned: BTreeSet::new(),
    };
    let first = reading.first_uid(session, mailbox).await?;
    if mailbox.uid_next.is_none_or(|next| next > first) {
        reading.range(session, first, mailbox.uid_next).await?;
    }
    reading.look_back(session).await?;
    reading.missing_bodies(session).await?;
    let (name, wire) = (folder.account.clone(), folder.name.wire().to_owned());
    app.write(move |app, tx| {
        let now = app.now();
        tx.folder_read(&name, &wire, began, now)?;
        tx.resolve_alert(&format!("mailbox {name}"), now)?;
        if let Some(login) = app.credentials.login_in_use(&name) {
            tx.resolve_alert(&missing_grant_subject(&login), now)?;
        }
        settle(tx, &app.policy, super::turn::due_or_awaiting(tx, now)?, now)?;
        reconcile_global_outbox(app, tx, now)?;
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
            .read(|app, tx| {
                app.claims.follow(tx)?;
                Ok(app.claims.clone())
            })
            .await
    }

    /// The first UID not read yet. A folder that is new, or was made anew, is read from the oldest open
    /// handoff on: what arrived since may be an answer. What was seen before is known again by its Message-ID.
    async fn first_uid(&self, session: &mut ImapSession, mailbox: ExaminedFolder) -> Result<u32, AgentError> {
        let (account, wire) = (self.folder.account.clone(), self.wire());
        let (cursor, oldest) = self
            .app
            .read(move |_, tx| {
                let state = tx.folder(&account, &wire)?;
                Ok((state.and_then(|state| state.cursor), tx.oldest_open()?))
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
            .write(move |_, tx| {
                tx.look_back_in(&account, &wire, LOOK_BACK_DAYS)?;
                tx.move_cursor(&account, &wire, validity, first)
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
            let lessons = claims.lessons();
            let mut list = ListingProgress::default();
            if let Err(error) = self.list(session, &claims, first, last, &mut list).await {
                self.note_failed_range(first, list.last, &error).await?;
                return Err(error);
            }
            let next = next.max(list.last.map_or(first, |last| last.saturating_add(1)));
            self.confirm_clock(list.latest).await?;
            self.fetch_and_commit(session, list.found, &claims).await?;
            let taught = self.claims().await?.lessons() > lessons;
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
                self.app.write(|app, tx| app.trust_clock(tx)).await
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
                list.ignored_citing |= interest::cites_anything(&summary.headers);
                match interest::of_headers(&summary, claims) {
                    Interest::None => {}
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
            is_dated: headers.received.is_none(),
            read_at: Some(self.app.now()),
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
        let found = self.without_unclaimed(found).await?;
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

    /// Leaves out what no open handoff claims and, as the database says, no closed one either.
    async fn without_unclaimed(&self, found: Vec<KeptMessage>) -> Result<Vec<KeptMessage>, AgentError> {
        if !found.iter().any(|message| message.interest == Interest::Ask) {
            return Ok(found);
        }
        self.app
            .read(move |_, tx| {
                let mut claimed = Vec::new();
                for mut message in found {
                    if message.interest == Interest::Ask {
                        message.interest = interest::of_closed(&message.headers, tx)?;
                    }
                    if message.interest != Interest::None {
                        claimed.push(message);
                    }
                }
                Ok(claimed)
            })
            .await
    }

    /// Whether a delivery report is about mail in the thread of a handoff that is closed.
    async fn is_report_to_closed(&self, body: &MessageBody) -> Result<bool, AgentError> {
        let keys = ThreadKeys::of_report(body);
        if keys.is_empty() { Ok(false) } else { self.app.read(move |_, tx| tx.is_claimed(&keys)).await }
    }

    async fn is_known_with_body(&self, message: &KeptMessage) -> Result<bool, AgentError> {
        let place = message.copy.place.clone();
        self.app.read(move |_, tx| tx.message_at(&place)?.map_or(Ok(false), |seq| tx.has_body(seq))).await
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
            if message.interest != Interest::Claim && self.is_report_to_closed(&body).await? {
                message.interest = Interest::Claim;
            }
        }
        message.body = (message.interest == Interest::Claim).then_some(body);
        Ok(true)
    }

    /// Notes what was found, moves the cursor where `next` is given, and judges whom it concerns: in one
    /// transaction. With a full batch whom it concerns is noted only, since more may follow.
    async fn commit(&mut self, found: Vec<KeptMessage>, next: Option<u32>) -> Result<(), AgentError> {
        let is_full = found.len() >= BATCH;
        if found.is_empty() && next.is_none() && self.concerned.is_empty() {
            return Ok(());
        }
        let (account, wire, validity) = (self.folder.account.clone(), self.wire(), self.validity);
        let mut concerned = std::mem::take(&mut self.concerned);
        let news;
        (news, self.concerned) = self
            .app
            .write(move |app, tx| {
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
                }
                let now = app.now();
                // What this transaction does not judge is due in one that follows, whatever becomes of this reading.
                let judged = if is_full { 0 } else { JUDGED_AT_ONCE };
                for id in concerned.iter().skip(judged) {
                    tx.judge_soon(id, now)?;
                }
                settle(tx, &app.policy, concerned.iter().take(judged).cloned(), now)?;
                Ok((news, if is_full { concerned } else { BTreeSet::new() }))
            })
            .await?;
        self.news += news;
        Ok(())
    }
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
