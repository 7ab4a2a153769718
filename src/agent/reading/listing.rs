//! Headers of a range: fetched in windows, sorted out on threads of their own while the next window comes, and what the
//! server refuses narrowed down to the messages that it cannot hand out.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};

use crate::clock::monotonic;
use crate::domain::message::{CopyPlace, Headers, MessageCopy};
use crate::imap::{FolderUse, HeaderItem, ImapError, ImapSession, Search, UidWindow};
use crate::mail::header_fields::SUMMARY_FIELDS;
use crate::mail::{HeaderSummary, ReadOptions, read_headers};
use crate::store::{FolderTail, OwnMailSeen};

use super::super::AgentError;
use super::super::app::App;
use super::super::clock_trust::ServerStamps;
use super::super::interest::{self, Claims, Interest};
use super::super::letters::before_first_reading::written_by_baton;
use super::super::letters::recognise::may_be_letter;
use super::super::parser_threads::{ParserEnd, on_parser_thread};
use super::bodies::{leave_out_unclaimed, may_be_of_closed};
use super::{FolderReading, KeptMessage, is_draft};

/// UIDs that are asked for at once.
pub(super) const WINDOW: u32 = 500;

/// Of more messages than this only the header fields that matter are fetched. Below it the whole header costs less than
/// their names, and no server gets it wrong.
pub(super) const FEW: usize = 48;

/// What was found is committed once it is so much, whatever else there is to list,
const ENOUGH_FOUND: usize = 1_000;

/// and after so long, so that what breaks off has not to be read once more from the beginning.
const LONG_ENOUGH: Duration = Duration::from_secs(5);

/// What Exchange hands out in the place of a message that it cannot convert.
const PLACEHOLDER: &str = "Retrieval using the IMAP4 protocol failed";

/// Windows that may wait to be sorted out.
const UNSORTED: usize = 2;

/// How many FETCHes may go into finding the messages that a server refuses.
const MOST_NARROWING: usize = 80;

/// What a listing has come to.
#[derive(Debug, Default)]
pub(super) struct ListingProgress {
    /// These windows were listed before: all of them are listed once more.
    is_repeated: bool,
    pub found: Vec<KeptMessage>,
    pub last: Option<u32>,
    /// How many messages came.
    pub count: u32,
    /// How many of them had neither an author nor an id nor a date.
    empty: u32,
    /// The server's own stamps.
    pub stamps: ServerStamps,
    /// Something that nobody claims cites other mail.
    pub ignored_citing: bool,
    /// The database was asked about something that no open handoff claims, and no closed one does.
    pub left_out: bool,
    /// The last messages, as a folder's tail remembers them.
    pub tail: Vec<(u32, String)>,
    /// Mail of our own, whichever database has sent it.
    pub own: Vec<OwnMailSeen>,
    /// When a baton with another database last wrote from the agent's mailbox.
    pub another_wrote: Option<DateTime<Utc>>,
    /// Messages that the server refuses while it hands out others, and why.
    pub refused: Vec<(u32, String)>,
    /// Messages of which an answer came, but no header.
    pub without_header: Vec<u32>,
    /// The UIDs of all that came.
    pub uids: Vec<u32>,
}

impl ListingProgress {
    /// Of windows that are listed once more, where this is a further pass.
    pub(super) fn of_pass(pass: u32) -> Self {
        Self { is_repeated: pass > 1, ..Self::default() }
    }

    /// Headers came, and nothing stood in any of them.
    pub(super) fn is_without_headers(&self) -> bool {
        self.empty == self.count && (self.count > 0 || !self.without_header.is_empty())
    }

    fn add(&mut self, mut other: ListingProgress) {
        self.found.append(&mut other.found);
        self.last = self.last.max(other.last);
        self.count += other.count;
        self.empty += other.empty;
        self.stamps.add(other.stamps);
        self.ignored_citing |= other.ignored_citing;
        self.left_out |= other.left_out;
        self.own.append(&mut other.own);
        self.another_wrote = self.another_wrote.max(other.another_wrote);
        self.tail.append(&mut other.tail);
        self.refused.append(&mut other.refused);
        self.without_header.append(&mut other.without_header);
        self.uids.append(&mut other.uids);
    }
}

/// What sorting out a header needs to know beside it.
#[derive(Clone, Debug)]
pub(super) struct Sorting {
    app: Arc<App>,
    account: String,
    folder: String,
    pub validity: u32,
    usage: Option<FolderUse>,
    options: ReadOptions,
    claims: Claims,
    now: DateTime<Utc>,
}

impl Sorting {
    pub(super) fn sort_out(&self, items: Vec<HeaderItem>) -> ListingProgress {
        let mut list = ListingProgress::default();
        let tail_from = items.len().saturating_sub(FolderTail::LENGTH);
        for (index, item) in items.into_iter().enumerate() {
            list.last = list.last.max(Some(item.uid));
            if item.header.is_empty() && item.size > 0 {
                list.without_header.push(item.uid);
                continue;
            }
            list.uids.push(item.uid);
            list.count += 1;
            let summary = match catch_unwind(AssertUnwindSafe(|| read_headers(&item.header, &self.options))) {
                Ok(summary) => summary,
                Err(_) => {
                    list.refused.push((item.uid, "its header cannot be taken apart".to_owned()));
                    continue;
                }
            };
            let headers = &summary.headers;
            if headers.subject.starts_with(PLACEHOLDER) {
                list.refused.push((item.uid, headers.subject.clone()));
                continue;
            }
            if !is_draft(self.usage, item.flags) {
                let copied_at = item.internal_date.map(|date| date.to_utc());
                let own = self.app.store.key().own_mail(headers).map(|own| OwnMailSeen { copied_at, ..own });
                if own.is_none() {
                    list.another_wrote = list.another_wrote.max(written_by_baton(&self.app.policy, headers));
                }
                list.own.extend(own);
            }
            let is_empty = headers.from.is_empty() && headers.id.is_none() && headers.date.is_none();
            list.empty += u32::from(is_empty);
            if index >= tail_from {
                list.tail.push((item.uid, fingerprint(&item, &summary)));
            }
            list.stamps.note(self.server_stamp(&item, headers), headers);
            list.ignored_citing |= interest::cites_anything(&summary.headers);
            let may_be_letter = may_be_letter(&self.app.policy, &summary.headers);
            match interest::of_headers(&summary, &self.claims) {
                Interest::None if !may_be_letter => {}
                interest => list.found.push(self.kept(&item, summary, interest)),
            }
        }
        list
    }

    /// When a server says that it had the message: whoever files a copy may date it as they like.
    fn server_stamp(&self, item: &HeaderItem, headers: &Headers) -> Option<DateTime<Utc>> {
        let is_filed = matches!(self.usage, Some(FolderUse::Sent | FolderUse::Drafts));
        let internal_date = item.internal_date.filter(|_| !is_filed);
        headers.received.max(internal_date.map(|date| date.with_timezone(&Utc)))
    }

    fn kept(&self, item: &HeaderItem, summary: HeaderSummary, interest: Interest) -> KeptMessage {
        let headers = summary.headers;
        let stamp = headers.received.or(headers.date);
        let internal_date = item.internal_date.map(|date| date.with_timezone(&Utc));
        // Microsoft can leave INTERNALDATE out; the topmost Received stamp is the same server's.
        let internal_date = internal_date.or(stamp).unwrap_or(self.now);
        let copy = MessageCopy {
            place: CopyPlace {
                account: self.account.clone(),
                folder: self.folder.clone(),
                uid_validity: self.validity,
                uid: item.uid,
            },
            internal_date,
            stamp,
            is_dated: headers.received.is_none(),
            read_at: Some(self.now),
            is_sent: self.usage == Some(FolderUse::Sent),
            is_draft: is_draft(self.usage, item.flags),
        };
        let may_be_letter = may_be_letter(&self.app.policy, &headers);
        KeptMessage {
            copy,
            headers,
            interest,
            size: item.size,
            body: None,
            may_be_letter,
            answers_by_id: false,
            letter: None,
            report: None,
        }
    }
}

/// What tells one message at a place from another: its Message-ID, else when it came. Sizes are no help, since some
/// servers estimate them.
pub(super) fn fingerprint(item: &HeaderItem, summary: &HeaderSummary) -> String {
    let text = match &summary.headers.id {
        Some(id) => id.as_str().to_owned(),
        None => format!("{:?}", item.internal_date.map(|date| date.timestamp())),
    };
    let hash = digest(&SHA256, text.as_bytes());
    hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl FolderReading<'_> {
    pub(super) fn sorting(&self, claims: &Claims) -> Arc<Sorting> {
        Arc::new(Sorting {
            app: Arc::clone(self.app),
            account: self.folder.account.clone(),
            folder: self.wire(),
            validity: self.validity,
            usage: self.folder.usage,
            options: self.options.clone(),
            claims: claims.clone(),
            now: self.app.now(),
        })
    }

    /// Headers of these windows, sorted out as they come, up to where it is enough to be committed: how many windows that
    /// were, one at least. After an error, `list.last` says how far it came.
    pub(super) async fn list(
        &self,
        session: &mut ImapSession,
        claims: &Claims,
        windows: &[UidWindow],
        many: bool,
        list: &mut ListingProgress,
    ) -> Result<usize, AgentError> {
        let fields: &[&str] = if many { &SUMMARY_FIELDS } else { &[] };
        let sorting = self.sorting(claims);
        let (mut refused, mut listed) = (Vec::new(), 0);
        let mut unsorted = VecDeque::new();
        let began = monotonic();
        let mut stream = self.named(session.header_windows(windows.iter().copied(), fields))?;
        loop {
            let window = match stream.next().await {
                Ok(Some(window)) => window,
                Ok(None) => break,
                Err(error) => {
                    list.last = list.last.max(stream.last_seen());
                    return self.named(Err(error));
                }
            };
            listed += 1;
            if let Some(error) = window.refused {
                let seen: Vec<u32> = window.items.iter().map(|item| item.uid).collect();
                refused.push((window.window, seen, error));
            }
            if !many {
                list.add(self.sorted_and_asked(&sorting, window.items).await?);
                continue;
            }
            unsorted.push_back(tokio::spawn(sorted_beside(Arc::clone(&sorting), window.items)));
            if unsorted.len() > UNSORTED
                && let Some(first) = unsorted.pop_front()
            {
                list.add(first.await.map_err(|_| AgentError::Stopped)??);
            }
            let is_enough = list.found.len() >= ENOUGH_FOUND || began.elapsed() > LONG_ENOUGH;
            if is_enough && !list.is_repeated {
                stream.ask_no_more();
            }
        }
        for last in unsorted {
            list.add(last.await.map_err(|_| AgentError::Stopped)??);
        }
        if many && !refused.is_empty() {
            session.want_whole_headers();
        }
        for (window, seen, error) in refused {
            self.narrow(session, &sorting, (window, seen, error), list).await?;
        }
        if many && list.is_without_headers() && !session.gives_whole_headers() {
            // They are asked for in another way.
            return Ok(listed);
        }
        self.refuse_without_header(session, list).await?;
        Ok(listed)
    }

    /// A few headers, sorted out by the thread that asks the database about them, which is cheaper for a mail that
    /// concerns nobody than to hand it over twice.
    async fn sorted_and_asked(
        &self,
        sorting: &Arc<Sorting>,
        items: Vec<HeaderItem>,
    ) -> Result<ListingProgress, AgentError> {
        let sorting = Arc::clone(sorting);
        self.app
            .read(move |app, tx| {
                let mut list = sorting.sort_out(items);
                // Mail of our own is noted first: it may bring claims.
                if list.own.is_empty() {
                    let count = list.found.len();
                    list.found = leave_out_unclaimed(std::mem::take(&mut list.found), tx)?;
                    list.left_out = list.found.len() < count;
                }
                app.claims.follow(tx)?;
                Ok(list)
            })
            .await
    }

    /// A window that the server refused, halved until the messages are found that it cannot hand out.
    async fn narrow(
        &self,
        session: &mut ImapSession,
        sorting: &Arc<Sorting>,
        (window, seen, error): (UidWindow, Vec<u32>, ImapError),
        list: &mut ListingProgress,
    ) -> Result<(), AgentError> {
        if matches!(error, ImapError::Misunderstood { .. }) {
            // It may know no pieces, without which whole headers can be had.
            session.want_no_pieces();
        }
        let uids = self.named(session.search(&Search::new().uids(window.first, window.last)).await)?;
        let mut left: Vec<Vec<u32>> = vec![uids.into_iter().filter(|uid| !seen.contains(uid)).collect()];
        let mut readable = !seen.is_empty();
        let mut bad = Vec::new();
        let mut asked = 0;
        while let Some(some) = left.pop() {
            let (Some(first), Some(last)) = (some.first().copied(), some.last().copied()) else { continue };
            asked += 1;
            if asked > MOST_NARROWING {
                return self.named(Err(error));
            }
            let whole = UidWindow { first, last: Some(last) };
            let mut stream = self.named(session.header_windows([whole], &[]))?;
            while let Some(window) = self.named(stream.next().await)? {
                if let Some(refusal) = window.refused {
                    if some.len() == 1 {
                        bad.push((first, refusal.to_string()));
                    } else {
                        let (lower, upper) = some.split_at(some.len() / 2);
                        left.push(upper.to_vec());
                        left.push(lower.to_vec());
                    }
                } else {
                    readable |= !window.items.is_empty();
                    let worker = Arc::clone(sorting);
                    let sorted = on_parser_thread(move || worker.sort_out(window.items));
                    list.add(sorted.await.map_err(stopped)?);
                }
            }
        }
        if !readable && !bad.is_empty() && !self.another_is_readable(session, window.first).await? {
            // Not this message: the server hands out nothing at all.
            return self.named(Err(error));
        }
        list.refused.append(&mut bad);
        Ok(())
    }

    /// Whether the server hands out the header of some message before this one.
    pub(super) async fn another_is_readable(
        &self,
        session: &mut ImapSession,
        uid: u32,
    ) -> Result<bool, AgentError> {
        let Some(last) = uid.checked_sub(1).filter(|last| *last > 0) else { return Ok(false) };
        let before = self.named(session.search(&Search::new().uids(1, Some(last))).await)?;
        let Some(witness) = before.last().copied() else { return Ok(false) };
        let mut came = false;
        match session.headers(witness, Some(witness), |_| came = true).await {
            Ok(()) => Ok(came),
            Err(ImapError::Refused { .. }) => Ok(false),
            Err(error) => self.named(Err(error)),
        }
    }

    /// Windows from `first` to the end, so that each holds `WINDOW` messages; whether that is many.
    pub(super) async fn windows_to_the_end(
        &self,
        session: &mut ImapSession,
        first: u32,
        uid_next: Option<u32>,
    ) -> Result<(Vec<UidWindow>, bool), AgentError> {
        let end = uid_next.unwrap_or(u32::MAX);
        if end.saturating_sub(first) as usize <= FEW {
            return Ok((vec![UidWindow { first, last: None }], false));
        }
        // UIDs may lie far apart. Whatever a search leaves out lies in one of the windows all the same; of one by day that is
        // little where its UIDs lie close together.
        let begin = self.began_afresh.as_ref().map(|begin| &begin.uids);
        let uids = match begin.filter(|uids| uids.first() == Some(&first) && is_close(uids, end)) {
            Some(uids) => Cow::Borrowed(uids),
            None => Cow::Owned(self.named(session.search(&Search::new().uids(first, None)).await)?),
        };
        let many = uids.len() > FEW;
        let mut windows = Vec::new();
        let mut from = first;
        for end in uids.chunks(WINDOW as usize).filter_map(|some| some.last().copied()) {
            windows.push(UidWindow { first: from, last: Some(end) });
            let Some(next) = end.checked_add(1) else { return Ok((windows, many)) };
            from = next;
        }
        windows.push(UidWindow { first: from, last: None });
        Ok((windows, many))
    }
}

/// Many headers, sorted out while others come. What nobody claims goes at once, unless mail of our own came with it, which
/// may bring claims and is noted first.
async fn sorted_beside(sorting: Arc<Sorting>, items: Vec<HeaderItem>) -> Result<ListingProgress, AgentError> {
    let worker = Arc::clone(&sorting);
    let mut list = on_parser_thread(move || worker.sort_out(items)).await.map_err(stopped)?;
    if list.own.is_empty() && list.found.iter().any(may_be_of_closed) {
        let count = list.found.len();
        let found = std::mem::take(&mut list.found);
        list.found = sorting.app.read(move |_, tx| leave_out_unclaimed(found, tx)).await?;
        list.left_out = list.found.len() < count;
    }
    Ok(list)
}

/// Whether no window of these holds more than twice of what it is to hold, whatever lies between them.
fn is_close(uids: &[u32], end: u32) -> bool {
    let windows = uids.chunks(WINDOW as usize);
    let ends = windows.clone().skip(1).filter_map(|some| some.first().copied()).chain([end]);
    let begins = windows.filter_map(|some| some.first().copied());
    begins.zip(ends).all(|(from, to)| to.saturating_sub(from) <= 2 * WINDOW)
}

/// One header that brings its parser down is refused alone; what is left is the end of the process.
fn stopped(_: ParserEnd) -> AgentError {
    AgentError::Stopped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_by_day_tells_windows_where_it_leaves_little_out() {
        let without_gaps: Vec<u32> = (10..1_310).collect();
        assert!(is_close(&without_gaps, 1_310) && is_close(&without_gaps, 2_000));
        assert!(!is_close(&without_gaps, 9_000), "what lies behind the last was not found");
        let with_a_gap: Vec<u32> = (10..300).chain(2_000..2_100).collect();
        assert!(!is_close(&with_a_gap, 2_100));
        let every_other: Vec<u32> = (0..800).map(|number| 2 * number).collect();
        assert!(is_close(&every_other, 1_600));
    }
}
