//! One message as a handoff sees it: merged from its copies, with its own time, and its place in the thread
//! once that is known.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::super::mails::MailKey;
use super::super::message::{
    Address, Authenticity, Bounce, BounceAction, Calendar, Headers, Mailbox, Message, MessageBody, MessageId,
    MessageKind,
};

/// The ids that a mail itself goes by.
pub(super) fn bears(headers: &Headers) -> impl Iterator<Item = &MessageId> {
    headers.id.iter().chain(&headers.earlier_ids)
}

fn name_of(message: &Message, at: DateTime<Utc>) -> String {
    match (&message.headers.id, message.copies.first()) {
        (Some(id), _) => id.to_string(),
        (None, Some(copy)) => {
            let place = &copy.place;
            format!("{}/{}/{}/{}", place.account, place.folder, place.uid_validity, place.uid)
        }
        (None, None) => format!("unnamed {}", at.timestamp()),
    }
}

/// One message, merged from all its copies.
#[derive(Debug)]
pub(super) struct SeenMessage {
    pub message: Arc<Message>,
    /// Its own time: when a server first had it.
    pub at: DateTime<Utc>,
    /// What names it in keys and reports: its Message-ID, without one its place.
    name: String,
    pub ids: BTreeSet<MessageId>,
    pub cites: BTreeSet<MessageId>,
    /// Set for a copy of one of baton's own mails.
    pub own: Option<MailKey>,
    /// baton's own, of this handoff or of another.
    pub is_batons: bool,
    pub in_thread: bool,
    pub in_other_thread: bool,
    /// The record that it carries is another handoff's, for which that is told.
    pub record_is_others: bool,
    /// Prospect contacts of other handoffs among its people; known where it may carry this one's record.
    pub others_prospects: Vec<Address>,
    /// Own mails other than the intro that it answers.
    pub answers: Vec<MailKey>,
    /// Index into the tenures: whose turn it was as AE.
    pub tenure: usize,
    pub cites_intro: bool,
    /// Its authors are configured, or it is a prospect contact's in the thread: a program's on better evidence alone.
    pub is_by_known: bool,
}

impl SeenMessage {
    /// A message that nothing is known of yet but itself.
    pub(crate) fn new(at: DateTime<Utc>, message: Arc<Message>) -> Self {
        let headers = &message.headers;
        Self {
            at,
            name: name_of(&message, at),
            ids: bears(headers).cloned().collect(),
            cites: headers.in_reply_to.iter().chain(&headers.references).cloned().collect(),
            own: None,
            is_batons: false,
            in_thread: false,
            in_other_thread: false,
            record_is_others: false,
            others_prospects: Vec::new(),
            answers: Vec::new(),
            tenure: 0,
            cites_intro: false,
            is_by_known: false,
            message,
        }
    }

    pub(crate) fn headers(&self) -> &Headers {
        &self.message.headers
    }

    pub(crate) fn body(&self) -> Option<&MessageBody> {
        self.message.body.as_ref()
    }

    pub(crate) fn kind(&self) -> Option<MessageKind> {
        self.body().map(|body| body.kind_by(self.is_by_known))
    }

    pub(crate) fn is_human(&self) -> bool {
        self.kind() == Some(MessageKind::Human)
    }

    pub(crate) fn words(&self) -> &str {
        self.body().map_or("", |body| body.author_text.as_str())
    }

    pub(crate) fn calendar(&self) -> Option<&Calendar> {
        self.body()
            .filter(|_| self.kind() == Some(MessageKind::Calendar))
            .and_then(|body| body.calendar.as_ref())
    }

    pub(crate) fn bounce(&self) -> Option<&Bounce> {
        self.body().filter(|_| self.kind() == Some(MessageKind::Bounce)).and_then(|body| body.bounce.as_ref())
    }

    pub(crate) fn from(&self) -> Option<&Mailbox> {
        self.headers().from.first()
    }

    /// Whether every author is such an address. A mail that names several authors is a person's only where all of
    /// them are that person's (docs/behaviour.md section 5).
    pub(crate) fn has_authors(&self, is_theirs: impl Fn(&Address) -> bool) -> bool {
        let from = &self.headers().from;
        !from.is_empty() && from.iter().all(|author| is_theirs(&author.address))
    }

    /// The receiving server says that the author did not write it, and the Sent folder of the author's own account
    /// has no copy (row 15).
    pub(crate) fn fails_authenticity(&self, own_account: Option<&str>) -> bool {
        let is_in_sent = || {
            let mut copies = self.message.copies.iter();
            copies.any(|copy| copy.is_sent && Some(copy.place.account.as_str()) == own_account)
        };
        self.headers().authenticity == Authenticity::Failed && !is_in_sent()
    }

    /// To and Cc.
    pub(crate) fn recipients(&self) -> impl Iterator<Item = &Mailbox> {
        self.headers().to.iter().chain(&self.headers().cc)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `account/folder` of the earliest copy.
    pub(crate) fn folder(&self) -> Option<String> {
        let copy = self.message.copies.iter().min_by_key(|copy| (copy.internal_date, &copy.place))?;
        Some(format!("{}/{}", copy.place.account, copy.place.folder))
    }

    pub(crate) fn in_account(&self, account: &str) -> bool {
        self.message.copies.iter().any(|copy| copy.place.account == account)
    }

    pub(crate) fn failed_recipients(&self) -> Vec<(Address, String)> {
        let recipients = self.bounce().map_or(&[][..], |bounce| bounce.recipients.as_slice());
        recipients
            .iter()
            .filter(|recipient| recipient.action == BounceAction::Failed)
            .map(|recipient| {
                let reason = recipient.diagnostic.clone().or_else(|| recipient.status.clone());
                (recipient.address.clone(), reason.unwrap_or_default())
            })
            .collect()
    }
}

/// Whether a report says that delivery failed, not that it is late or done.
pub(super) fn reports_failure(seen: &SeenMessage) -> bool {
    seen.bounce().is_some_and(|bounce| {
        bounce.recipients.is_empty()
            || bounce.recipients.iter().any(|recipient| recipient.action == BounceAction::Failed)
    })
}
