//! The mail with a prospect in the SDR's own mailbox, of the last 90 days. docs/behaviour.md section 2.
//!
//! One search in each watched folder, then headers, some hundred at a time, then the bodies of what the prospect or we
//! wrote. Nothing is kept. Known limits: the newest `MOST` such messages of each folder are read; an invitation that
//! names the prospect nowhere in its header is not found.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::judge::Policy;
use crate::domain::message::{Address, Authenticity, Calendar, Headers, Mailbox, MessageBody, MessageKind};
use crate::imap::{FetchedBody, HeaderItem, ImapSession, Search};
use crate::mail::header_fields::SUMMARY_FIELDS;
use crate::mail::{InvitationDetails, MailDetails, ReadOptions, read_headers};

use super::super::AgentError;
use super::super::app::{App, read_with_details, with_account};
use super::super::folders::folders_to_watch;
use super::super::turn::LOOK_BACK_DAYS;
use super::named::{NamedProspect, is_configured, is_ours};

/// Bodies of one folder that are read.
const MOST: usize = 300;
/// How much of a message is read, in bytes.
const LONGEST: u32 = 1 << 20;
/// Headers and bodies that are fetched together.
const HEADERS_TOGETHER: usize = 200;
const BODIES_TOGETHER: usize = 8;
/// So much of what an author wrote is looked at, in characters.
const LONGEST_TEXT: usize = 8_000;

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SeenAuthor {
    Prospect(Mailbox),
    Ours,
    /// A scheduling tool, for one of the two.
    Scheduler,
}

/// One message of the conversation.
#[derive(Clone, Debug)]
pub(super) struct SeenMail {
    pub at: DateTime<Utc>,
    pub author: SeenAuthor,
    pub subject: String,
    /// A person wrote it.
    pub is_human: bool,
    /// It was forwarded to us and not found in the mailbox, so that it proves nothing.
    pub is_forwarded: bool,
    pub text: String,
    /// Signature and footers.
    pub extras: String,
    pub calendar: Option<Calendar>,
    pub details: InvitationDetails,
}

impl SeenMail {
    /// The prospect who wrote it.
    pub(super) fn prospect(&self) -> Option<&Mailbox> {
        match &self.author {
            SeenAuthor::Prospect(mailbox) => Some(mailbox),
            _ => None,
        }
    }
}

/// The conversation in `account`, the oldest first.
pub(super) async fn read(
    app: &Arc<App>,
    account: &str,
    prospect: &NamedProspect,
) -> Result<Vec<SeenMail>, AgentError> {
    let reader =
        ConversationReader { app, account, prospect, options: app.read_options(app.account(account)?) };
    let mut session = app.connect(account).await?;
    let listed = with_account(account, session.folders().await)?;
    let (mut mails, mut known) = (Vec::new(), BTreeSet::new());
    for folder in folders_to_watch(app.account(account)?, &listed, &session) {
        with_account(account, session.examine(&folder).await)?;
        let wanted = reader.wanted(&mut session).await?;
        for some in wanted.chunks(BODIES_TOGETHER) {
            for (_, body) in with_account(account, session.bodies(some, LONGEST).await)? {
                mails.extend(reader.understand(body, &mut known).await?);
            }
        }
    }
    session.logout().await;
    mails.sort_by_key(|mail: &SeenMail| mail.at);
    Ok(mails)
}

struct ConversationReader<'a> {
    app: &'a Arc<App>,
    account: &'a str,
    prospect: &'a NamedProspect,
    options: ReadOptions,
}

impl ConversationReader<'_> {
    fn since(&self) -> DateTime<Utc> {
        self.app.now() - TimeDelta::days(i64::from(LOOK_BACK_DAYS))
    }

    /// The UIDs of the open folder whose bodies are worth reading, the newest `MOST`, ascending.
    async fn wanted(&self, session: &mut ImapSession) -> Result<Vec<u32>, AgentError> {
        let domain = self.prospect.domain.as_str();
        let new = Search::new;
        let ways =
            vec![new().from(domain), new().to(domain), new().cc(domain), new().header("Reply-To", domain)];
        // The day is the server's, whose zone is not known.
        let since = (self.since() - TimeDelta::days(1)).date_naive();
        let found = with_account(self.account, session.search(&new().since(since).any(ways)).await)?;
        let mut wanted = Vec::new();
        for some in found.rchunks(HEADERS_TOGETHER) {
            let items = session.headers_of(some, &SUMMARY_FIELDS).await;
            let items = with_account(self.account, items)?;
            wanted.extend(items.iter().filter(|item| self.is_wanted(item)).map(|item| item.uid));
            if wanted.len() >= MOST {
                break;
            }
        }
        wanted.sort_unstable();
        let older = wanted.len().saturating_sub(MOST);
        Ok(wanted.split_off(older))
    }

    fn is_wanted(&self, item: &HeaderItem) -> bool {
        let is_old = item.internal_date.is_some_and(|date| date < self.since());
        if is_old || item.flags.draft || item.flags.deleted {
            return false;
        }
        let headers = read_headers(&item.header, &self.options).headers;
        author(&self.app.policy, self.prospect, &headers, true).is_some()
    }

    async fn understand(
        &self,
        body: FetchedBody,
        known: &mut BTreeSet<String>,
    ) -> Result<Option<SeenMail>, AgentError> {
        let bytes = match body {
            FetchedBody::Whole(bytes) | FetchedBody::Cut(bytes) => bytes,
            FetchedBody::Gone => return Ok(None),
        };
        let (headers, body, details) = read_with_details(self.account, bytes, self.options.clone()).await?;
        let is_new = headers.id.as_ref().is_none_or(|id| known.insert(id.as_str().to_owned()));
        Ok(is_new.then(|| self.seen(headers, body, details)).flatten())
    }

    fn seen(&self, headers: Headers, body: MessageBody, details: MailDetails) -> Option<SeenMail> {
        let is_scheduler = body.scheduler.is_some();
        let author = author(&self.app.policy, self.prospect, &headers, is_scheduler)?;
        // What we wrote says nothing of them, an invitation aside.
        if body.calendar.is_none() && !matches!(author, SeenAuthor::Prospect(_)) {
            return None;
        }
        // A clock that is ahead of ours puts nothing into the future.
        let now = self.app.now();
        let at = headers.received.or(headers.date).unwrap_or(now).min(now);
        (at >= self.since()).then(|| SeenMail {
            at,
            author,
            subject: headers.subject,
            is_human: body.kind == MessageKind::Human,
            is_forwarded: false,
            text: body.author_text.chars().take(LONGEST_TEXT).collect(),
            extras: details.extras,
            calendar: body.calendar,
            details: details.invitation.unwrap_or_default(),
        })
    }
}

/// Who wrote it, by all that the receiving server says; `None`: nobody who counts here.
fn author(
    policy: &Policy,
    prospect: &NamedProspect,
    headers: &Headers,
    may_be_scheduler: bool,
) -> Option<SeenAuthor> {
    if headers.authenticity == Authenticity::Failed {
        return None;
    }
    let from = headers.from.first()?;
    let all = |test: &dyn Fn(&Address) -> bool| headers.from.iter().all(|one| test(&one.address));
    if all(&|address| prospect.has(address)) {
        return Some(SeenAuthor::Prospect(from.clone()));
    }
    if all(&|address| is_configured(policy, address) || is_ours(policy, address.domain())) {
        return Some(SeenAuthor::Ours);
    }
    let concerns = headers.reply_to.iter().chain(&headers.to).chain(&headers.cc);
    let mut concerns = concerns.map(|one| &one.address);
    (may_be_scheduler && concerns.any(|address| prospect.has(address))).then_some(SeenAuthor::Scheduler)
}
