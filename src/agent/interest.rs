//! Which mail is fetched, which is remembered by its headers, and which is nobody's business.
//!
//! Pure. The claims are a snapshot of the open handoffs' (and, by thread alone, the closed ones'); what a
//! message means is the judgement's.

use std::collections::HashSet;

use crate::domain::message::{Headers, Mailbox, MessageBody, MessageId, MessageKind};
use crate::domain::token;
use crate::mail::HeaderSummary;
use crate::store::event_key;

/// What handoffs claim, taken together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    ids: HashSet<String>,
    tokens: HashSet<String>,
    conversations: HashSet<String>,
    /// Addresses outside the configuration.
    addresses: HashSet<String>,
    /// AEs, SDRs and their delegates.
    own: HashSet<String>,
    /// AEs' names, lower case.
    names: HashSet<String>,
    /// Addresses of the accounts that are read.
    accounts: HashSet<String>,
}

/// What to do with a message whose headers were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Nothing of it is kept.
    None,
    /// Its headers are kept: an id or alias learnt later may claim it.
    Remember,
    /// Its body decides, which is kept only where it matters.
    Probe,
    /// A handoff claims it.
    Claim,
}

impl Claims {
    /// From the rows of `ReadTransaction::claims` and the addresses of the accounts.
    pub(crate) fn new(rows: Vec<(String, String, bool)>, accounts: impl IntoIterator<Item = String>) -> Self {
        let mut claims = Self { accounts: accounts.into_iter().collect(), ..Self::default() };
        for (kind, key, open) in rows {
            match (kind.as_str(), open) {
                ("id", _) => claims.ids.insert(key),
                ("token", _) => claims.tokens.insert(key),
                ("conversation", _) => claims.conversations.insert(key),
                ("address", true) => claims.addresses.insert(key),
                ("own", true) => claims.own.insert(key),
                ("name", true) => claims.names.insert(key),
                _ => false,
            };
        }
        claims
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty() && self.addresses.is_empty() && self.own.is_empty()
    }

    /// Whether these claims name a thread that `before` did not.
    pub(crate) fn teaches(&self, before: &Claims) -> bool {
        !self.ids.is_subset(&before.ids) || !self.conversations.is_subset(&before.conversations)
    }

    fn knows(&self, id: &MessageId) -> bool {
        self.ids.contains(id.as_str()) || token::in_id(id).is_some_and(|token| self.tokens.contains(token))
    }

    fn in_thread(&self, headers: &Headers) -> bool {
        let ids = headers.id.iter().chain(&headers.earlier_ids);
        let mut ids = ids.chain(&headers.in_reply_to).chain(&headers.references);
        ids.any(|id| self.knows(id))
            || token::in_subject(&headers.subject).is_some_and(|token| self.tokens.contains(&token))
            || headers.conversation.as_ref().is_some_and(|one| self.conversations.contains(one))
    }

    fn names_outsider(&self, headers: &Headers) -> bool {
        parties(headers).any(|one| self.addresses.contains(one.address.as_str()))
    }

    fn by_own(&self, headers: &Headers) -> bool {
        headers.from.iter().any(|one| self.own.contains(one.address.as_str()))
    }

    fn to_own(&self, headers: &Headers) -> bool {
        recipients(headers).any(|one| {
            self.own.contains(one.address.as_str()) || self.accounts.contains(one.address.as_str())
        })
    }

    fn bears_known_name(&self, headers: &Headers) -> bool {
        headers.from.iter().any(|one| {
            let name = one.name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            self.names.contains(&name)
        })
    }
}

fn recipients(headers: &Headers) -> impl Iterator<Item = &Mailbox> {
    headers.to.iter().chain(&headers.cc).chain(&headers.bcc)
}

fn parties(headers: &Headers) -> impl Iterator<Item = &Mailbox> {
    headers.from.iter().chain(&headers.sender).chain(&headers.reply_to).chain(recipients(headers))
}

/// What a message's headers make of it.
pub(crate) fn of_headers(summary: &HeaderSummary, claims: &Claims) -> Interest {
    let headers = &summary.headers;
    if claims.is_empty() {
        Interest::None
    } else if claims.in_thread(headers) || claims.names_outsider(headers) {
        Interest::Claim
    } else if summary.needs_body() || (claims.by_own(headers) && claims.to_own(headers)) {
        Interest::Probe
    } else if claims.bears_known_name(headers) {
        Interest::Remember
    } else {
        Interest::None
    }
}

/// What its body makes of a message that was fetched for it.
pub(crate) fn of_body(headers: &Headers, body: &MessageBody, claims: &Claims) -> Interest {
    if names_claimed(body, claims) {
        return Interest::Claim;
    }
    let among_own = claims.by_own(headers) && claims.to_own(headers);
    match body.kind {
        MessageKind::AutoReply | MessageKind::Reaction if among_own => Interest::Claim,
        _ if among_own || claims.bears_known_name(headers) => Interest::Remember,
        _ => Interest::None,
    }
}

fn names_claimed(body: &MessageBody, claims: &Claims) -> bool {
    let bounced = body.bounce.as_ref().is_some_and(|bounce| {
        bounce.original.iter().chain(&bounce.original_references).any(|id| claims.knows(id))
            || bounce.recipients.iter().any(|one| claims.addresses.contains(one.address.as_str()))
    });
    let invited = body.calendar.as_ref().is_some_and(|calendar| {
        let attendees = calendar.attendees.iter().map(|one| &one.address);
        claims.ids.contains(&event_key(&calendar.uid))
            || attendees.chain(&calendar.organizer).any(|one| claims.addresses.contains(one.as_str()))
    });
    let booked = body.scheduler.as_ref().is_some_and(|scheduler| {
        scheduler.addresses.iter().any(|address| claims.addresses.contains(address.as_str()))
    });
    bounced || invited || booked
}

/// Whether a message that nobody claims might be claimed by an id that this very reading brings.
pub(crate) fn cites_anything(headers: &Headers) -> bool {
    !headers.in_reply_to.is_empty() || !headers.references.is_empty()
}
