//! Which mail is fetched, which is remembered by its headers, and which is nobody's business.
//!
//! What the open handoffs claim is kept in memory and follows the database change by change, so that looking at a
//! message costs the same however many handoffs there are. Of closed ones the database is asked, by what a message
//! cites, and only where it cites anything. What a message means is the judgement's.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::domain::message::{Address, Headers, Mailbox, MessageBody, MessageId, MessageKind};
use crate::domain::token;
use crate::mail::HeaderSummary;
use crate::store::{ClaimChange, ReadTransaction, Result as Stored, ThreadKeys, event_key};

/// What the open handoffs claim, taken together. Clones are the same claims.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claims {
    open: Arc<RwLock<OpenClaims>>,
}

#[derive(Debug, Default)]
struct OpenClaims {
    /// The change of the database that was taken over last.
    version: i64,
    of_handoffs: HashMap<String, Vec<(String, String)>>,
    /// Key, and how many handoffs claim it, by kind: `id`, `token`, `conversation`, `address` (outside the
    /// configuration), `own` (AEs, SDRs and their delegates), `name` (AEs' names, lower case).
    keys: HashMap<String, HashMap<String, u32>>,
    /// Counts up whenever an id or a conversation is new.
    lessons: u64,
    /// Addresses of the accounts that are read.
    accounts: HashSet<Address>,
}

/// What to do with a message whose headers were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interest {
    /// Nothing of it is kept.
    None,
    /// No open handoff claims it; whether a closed one does, the database knows (`of_closed`).
    Ask,
    /// Its headers are kept: an id or alias learnt later may claim it.
    Remember,
    /// Its body decides, which is kept only where it matters.
    Probe,
    /// A handoff claims it.
    Claim,
}

impl OpenClaims {
    fn has(&self, kind: &str, key: &str) -> bool {
        self.keys.get(kind).is_some_and(|keys| keys.contains_key(key))
    }

    /// There is no handoff yet, open or closed.
    fn is_unused(&self) -> bool {
        self.version == 0
    }

    fn replace(&mut self, change: ClaimChange) {
        let ClaimChange { handoff, mut claims } = change;
        // Whose record a mail carries, and whom it reaches, the database is asked.
        claims.retain(|(kind, _)| !matches!(kind.as_str(), "record" | "prospect"));
        let before = self.of_handoffs.remove(&handoff).unwrap_or_default();
        for (kind, key) in &claims {
            let keys = self.keys.entry(kind.clone()).or_default();
            let count = keys.entry(key.clone()).or_default();
            if *count == 0 && matches!(kind.as_str(), "id" | "conversation") {
                self.lessons += 1;
            }
            *count += 1;
        }
        for (kind, key) in before {
            let Some(keys) = self.keys.get_mut(&kind) else { continue };
            let left = keys.get(&key).map_or(0, |count| count.saturating_sub(1));
            if left == 0 {
                keys.remove(&key);
            } else {
                keys.insert(key, left);
            }
        }
        if !claims.is_empty() {
            self.of_handoffs.insert(handoff, claims);
        }
    }

    fn knows(&self, id: &MessageId) -> bool {
        self.has("id", id.as_str()) || token::in_id(id).is_some_and(|token| self.has("token", token))
    }

    fn in_thread(&self, headers: &Headers) -> bool {
        let ids = headers.id.iter().chain(&headers.earlier_ids);
        let mut ids = ids.chain(&headers.in_reply_to).chain(&headers.references);
        ids.any(|id| self.knows(id))
            || token::in_subject(&headers.subject).is_some_and(|token| self.has("token", &token))
            || headers.conversation.as_ref().is_some_and(|one| self.has("conversation", one))
    }

    /// As the address stands, or as the mailbox that it leads to.
    fn has_address(&self, kind: &str, address: &Address) -> bool {
        self.has(kind, address.as_str())
            || address.other_canonical().is_some_and(|one| self.has(kind, one.as_str()))
    }

    fn names_outsider(&self, headers: &Headers) -> bool {
        parties(headers).any(|one| self.has_address("address", &one.address))
    }

    fn by_own(&self, headers: &Headers) -> bool {
        headers.from.iter().any(|one| self.has_address("own", &one.address))
    }

    fn to_own(&self, headers: &Headers) -> bool {
        recipients(headers).any(|one| {
            self.has_address("own", &one.address) || self.accounts.contains(&one.address.canonical())
        })
    }

    fn bears_known_name(&self, headers: &Headers) -> bool {
        headers.from.iter().any(|one| {
            let name = one.name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            self.has("name", &name)
        })
    }

    fn names_claimed(&self, body: &MessageBody) -> bool {
        let is_claimed = |address: &Address| self.has_address("address", address);
        let bounced = body.bounce.as_ref().is_some_and(|bounce| {
            bounce.original.iter().chain(&bounce.original_references).any(|id| self.knows(id))
                || bounce.recipients.iter().any(|one| is_claimed(&one.address))
        });
        let invited = body.calendar.as_ref().is_some_and(|calendar| {
            let attendees = calendar.attendees.iter().map(|one| &one.address);
            self.has("id", &event_key(&calendar.uid)) || attendees.chain(&calendar.organizer).any(is_claimed)
        });
        let booked =
            body.scheduler.as_ref().is_some_and(|scheduler| scheduler.addresses.iter().any(is_claimed));
        bounced || invited || booked
    }
}

impl Claims {
    /// `accounts`: addresses of the accounts that are read.
    pub(crate) fn new<'a>(accounts: impl IntoIterator<Item = &'a Address>) -> Self {
        let accounts = accounts.into_iter().map(Address::canonical).collect();
        Self { open: Arc::new(RwLock::new(OpenClaims { accounts, ..OpenClaims::default() })) }
    }

    fn held(&self) -> RwLockReadGuard<'_, OpenClaims> {
        // Nothing panics while it is held.
        self.open.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what has changed in the database.
    pub(crate) fn follow(&self, tx: &ReadTransaction<'_>) -> Stored<()> {
        let (to, from) = (tx.claims_version()?, self.held().version);
        if to == from {
            return Ok(());
        }
        let changes = tx.claims_since(from)?;
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        // Another task may have come further meanwhile.
        if open.version < to {
            open.version = to;
            for change in changes {
                open.replace(change);
            }
        }
        Ok(())
    }

    /// How often they came to name a thread that they did not name before.
    pub(crate) fn lessons(&self) -> u64 {
        self.held().lessons
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
    let (headers, claims) = (&summary.headers, claims.held());
    if claims.in_thread(headers) || claims.names_outsider(headers) {
        Interest::Claim
    } else if summary.needs_body() || (claims.by_own(headers) && claims.to_own(headers)) {
        if claims.is_unused() { Interest::None } else { Interest::Probe }
    } else if claims.bears_known_name(headers) {
        Interest::Remember
    } else if cites_anything(headers) && !claims.is_unused() {
        Interest::Ask
    } else {
        Interest::None
    }
}

/// What its body makes of a message that was fetched for it.
pub(crate) fn of_body(headers: &Headers, body: &MessageBody, claims: &Claims) -> Interest {
    let claims = claims.held();
    if claims.names_claimed(body) {
        return Interest::Claim;
    }
    let among_own = claims.by_own(headers) && claims.to_own(headers);
    match body.kind_by(among_own) {
        MessageKind::AutoReply | MessageKind::Reaction if among_own => Interest::Claim,
        _ if among_own || claims.bears_known_name(headers) => Interest::Remember,
        _ => Interest::None,
    }
}

/// Whether a closed handoff claims a message by its thread.
pub(crate) fn of_closed(headers: &Headers, tx: &ReadTransaction<'_>) -> Stored<Interest> {
    let is_claimed = tx.is_claimed(&ThreadKeys::of_headers(headers))?;
    Ok(if is_claimed { Interest::Claim } else { Interest::None })
}

/// Whether a message that nobody claims might be claimed by an id that this very reading brings.
pub(crate) fn cites_anything(headers: &Headers) -> bool {
    !headers.in_reply_to.is_empty() || !headers.references.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(handoff: &str, claims: &[(&str, &str)]) -> ClaimChange {
        let claims = claims.iter().map(|(kind, key)| ((*kind).to_owned(), (*key).to_owned())).collect();
        ClaimChange { handoff: handoff.to_owned(), claims }
    }

    #[test]
    fn what_two_handoffs_claim_is_claimed_until_both_are_closed() {
        let mut claims = OpenClaims::default();
        let sarah = ("address", "sarah@acme.example");
        claims.replace(change("acme-1", &[sarah, ("id", "intro-1@x")]));
        claims.replace(change("acme-2", &[sarah]));
        claims.replace(change("acme-1", &[sarah, ("id", "intro-1@x"), ("id", "reply@x")]));
        assert!(claims.has("id", "reply@x") && claims.has("id", "intro-1@x"));
        assert_eq!(claims.lessons, 2, "each id is learnt once");
        claims.replace(change("acme-1", &[]));
        assert!(!claims.has("id", "reply@x") && claims.has("address", "sarah@acme.example"));
        claims.replace(change("acme-2", &[]));
        assert!(!claims.has("address", "sarah@acme.example") && claims.of_handoffs.is_empty());
    }

    #[test]
    fn an_address_is_claimed_under_each_spelling_of_its_mailbox() {
        let mut claims = OpenClaims::default();
        claims.replace(change(
            "acme-1",
            &[("address", "sarah.lee@gmail.com"), ("address", "sarahlee@gmail.com")],
        ));
        for spelling in ["sarah.lee@gmail.com", "SarahLee+x@gmail.com", "s.arahlee@googlemail.com"] {
            assert!(claims.has_address("address", &Address::new(spelling).unwrap()), "{spelling}");
        }
        assert!(!claims.has_address("address", &Address::new("sarah@gmail.com").unwrap()));
    }
}
