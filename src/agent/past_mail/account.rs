//! Lists the mail of an account: every folder that may hold mail of handoffs, opened for reading alone, headers in windows
//! of UIDs of which several are under way, taken apart while the next ones come.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::agent::AgentError;
use crate::agent::app::{App, with_account};
use crate::agent::turn::LOOK_BACK_DAYS;
use crate::clock::monotonic;
use crate::domain::audit::past::ReadMailbox;
use crate::imap::{FolderUse, HeaderItem, ImapError, ImapSession, ListedFolder, Search, UidWindow};
use crate::mail::ReadOptions;
use crate::mail::header_fields::SUMMARY_FIELDS;

use super::index::{IndexedFolder, ListedMail, MailIndex, MailPlace};
use super::progress::Progress;
use super::reading::{ReadingResult, ReadingThread};
use super::source::listed;

/// UIDs whose fields are asked for at once.
const WINDOW: usize = 500;
/// UIDs whose whole headers are: each may be ten times as large.
const WHOLE_WINDOW: usize = 200;

/// A server that answers sooner is next door.
const NEAR: Duration = Duration::from_millis(2);
/// So many answers are waited for: the soonest tells how far it is.
const ANSWERS: usize = 3;

/// What came of an account.
#[derive(Debug)]
pub(super) struct ListedAccount {
    pub session: ImapSession,
    pub mailboxes: Vec<ReadMailbox>,
    /// Folders that could not be read, and why.
    pub refused: Vec<String>,
}

/// Lists every folder that may hold mail of handoffs, from before `since` on as far as a handoff's story goes back.
pub(super) async fn list(
    app: &Arc<App>,
    name: &str,
    number: usize,
    since: Option<DateTime<Utc>>,
    (options, reading): (&ReadOptions, &ReadingThread),
    index: &mut MailIndex,
    progress: &mut Progress,
) -> Result<ListedAccount, AgentError> {
    let began = app.now();
    let mut session = app.connect(name).await?;
    let all = with_account(name, session.folders().await)?;
    // What is near sends a header sooner than it takes it apart (Dovecot keeps what it found for the next time). From afar
    // the bytes count.
    if with_account(name, is_near(&mut session).await)? {
        session.want_whole_headers();
    }
    let mut refused = Vec::new();
    let (mut holds_sent, mut holds_received) = (false, false);
    for folder in to_read(&all, session.can("X-GM-EXT-1")) {
        let place = IndexedFolder {
            source: number,
            name: folder.name.wire().to_owned(),
            uid_validity: 0,
            is_sent: folder.usage == Some(FolderUse::Sent),
        };
        progress.begin(&format!("{name}, {}", folder.name), 0);
        let listing = FolderListing { name, folder, options, reading, since };
        match listing.list(&mut session, place, index, progress).await {
            Ok(()) => {
                let usage = folder.usage;
                holds_sent |= matches!(usage, Some(FolderUse::Sent | FolderUse::All));
                holds_received |=
                    matches!(usage, Some(FolderUse::All | FolderUse::Inbox)) || folder.name.is_inbox();
            }
            Err(AgentError::Imap { source, .. })
                if matches!(source, ImapError::Refused { .. } | ImapError::FolderMissing { .. }) =>
            {
                refused.push(format!("{name}/{} could not be read: {source}", folder.name));
            }
            Err(error) => return Err(error),
        }
    }
    let address = &app.account(name)?.address;
    let owners = app.policy.people.iter().enumerate().filter(|(_, person)| {
        person.account.as_deref() == Some(name) || person.account.is_none() && person.has_address(address)
    });
    let mailboxes = owners.map(|(place, owner)| {
        let shows = super::owners::shown_by_account(index, number, place, began);
        ReadMailbox {
            label: name.to_owned(),
            owner: Some(owner.name.clone()),
            holds_sent: holds_sent && shows.holds_sent,
            holds_received,
            sent_from: shows.sent_from,
            received_from: shows.received_from,
            until: began,
        }
    });
    Ok(ListedAccount { session, mailboxes: mailboxes.collect(), refused })
}

async fn is_near(session: &mut ImapSession) -> Result<bool, ImapError> {
    for _ in 0..ANSWERS {
        let asked = monotonic();
        session.has_come().await?;
        if asked.elapsed() < NEAR {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Everything but drafts, trash and junk, and what lies below those; at Gmail the folder that holds all of it.
fn to_read(all: &[ListedFolder], is_gmail: bool) -> Vec<&ListedFolder> {
    let gmail_all = all.iter().find(|one| one.selectable && one.usage == Some(FolderUse::All));
    if let Some(folder) = gmail_all.filter(|_| is_gmail) {
        return vec![folder];
    }
    let is_aside = |one: &ListedFolder| {
        matches!(one.usage, Some(FolderUse::Drafts | FolderUse::Trash | FolderUse::Junk))
    };
    let is_below = |one: &ListedFolder, parent: &ListedFolder| {
        let rest = one.name.wire().strip_prefix(parent.name.wire());
        rest.zip(parent.delimiter).is_some_and(|(rest, delimiter)| rest.starts_with(delimiter))
    };
    all.iter()
        .filter(|one| one.selectable && !is_aside(one))
        .filter(|one| !all.iter().any(|parent| is_aside(parent) && is_below(one, parent)))
        .collect()
}

/// One folder that is being listed.
struct FolderListing<'a> {
    name: &'a str,
    folder: &'a ListedFolder,
    options: &'a ReadOptions,
    reading: &'a ReadingThread,
    since: Option<DateTime<Utc>>,
}

impl FolderListing<'_> {
    async fn list(
        &self,
        session: &mut ImapSession,
        place: IndexedFolder,
        index: &mut MailIndex,
        progress: &mut Progress,
    ) -> Result<(), AgentError> {
        let examined = with_account(self.name, session.examine(&self.folder.name).await)?;
        if examined.exists == 0 {
            return Ok(());
        }
        let number = index.add_folder(IndexedFolder { uid_validity: examined.uid_validity, ..place });
        let mut wanted = Search::new().uids(1, None);
        if let Some(since) = self.since {
            let back = since - TimeDelta::days(i64::from(LOOK_BACK_DAYS) + 2);
            wanted = wanted.since(back.date_naive());
        }
        let uids = with_account(self.name, session.search(&wanted).await)?;
        progress.begin(&format!("{}, {}", self.name, self.folder.name), uids.len() as u64);
        let is_empty = self.headers(session, &uids, number, index, progress).await?;
        if is_empty && !uids.is_empty() && !session.gives_whole_headers() {
            // The server does not give single fields, and does not say so.
            session.want_whole_headers();
            self.headers(session, &uids, number, index, progress).await?;
        }
        Ok(())
    }

    /// Reads the headers of all these; whether nothing stood in any.
    async fn headers(
        &self,
        session: &mut ImapSession,
        uids: &[u32],
        number: u32,
        index: &mut MailIndex,
        progress: &mut Progress,
    ) -> Result<bool, AgentError> {
        let mut is_empty = true;
        let mut done = 0;
        let mut sorting: Option<ReadingResult<Vec<ListedMail>>> = None;
        let size = if session.gives_whole_headers() { WHOLE_WINDOW } else { WINDOW };
        let window = |some: &[u32]| Some(UidWindow { first: *some.first()?, last: Some(*some.last()?) });
        let windows = uids.chunks(size).filter_map(window);
        let mut coming = with_account(self.name, session.header_windows(windows, &SUMMARY_FIELDS))?;
        loop {
            let window = with_account(self.name, coming.next().await)?;
            if let Some(task) = sorting.take() {
                for mail in task.done().await? {
                    let headers = &mail.summary.headers;
                    is_empty &= headers.from.is_empty() && headers.id.is_none() && headers.date.is_none();
                    index.add(number, mail);
                    done += 1;
                }
                progress.reached(done);
            }
            let Some(window) = window else { return Ok(is_empty) };
            if let Some(error) = window.refused.filter(|_| window.items.is_empty()) {
                return with_account(self.name, Err(error));
            }
            let (options, is_drafts) = (self.options.clone(), self.folder.usage == Some(FolderUse::Drafts));
            sorting = Some(self.reading.begin(move || {
                window.items.into_iter().filter_map(|item| of_item(item, &options, is_drafts)).collect()
            }));
        }
    }
}

fn of_item(item: HeaderItem, options: &ReadOptions, is_drafts: bool) -> Option<ListedMail> {
    let place = MailPlace { number: u64::from(item.uid), length: u64::from(item.size) };
    let internal_date = item.internal_date.map(|date| date.to_utc());
    let mail = listed(&item.header, place, internal_date, options)?;
    Some(ListedMail { is_draft: is_drafts || item.flags.draft, ..mail })
}
