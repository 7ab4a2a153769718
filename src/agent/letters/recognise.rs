//! What is a letter: a person's mail to baton, or their answer to one of its mails. docs/behaviour.md section 13.
//!
//! Pure, but for the ids that providers give our mail, which the store knows. Whether it asks for anything is `plan`'s
//! business.

use chrono::{DateTime, Utc};

use crate::domain::judge::Policy;
use crate::domain::letter::{ForwardedMail, Letter};
use crate::domain::mails::MailKind;
use crate::domain::message::{Address, Authenticity, Headers, MessageBody, MessageId, MessageKind};
use crate::domain::people::Person;
use crate::domain::token;
use crate::mail::LetterText;
use crate::store::{ReadTransaction, Result as Stored};

use super::plan::is_delegate_of;

/// Whether the headers are worth a look at the text: a configured author, and us among those it is written to, or
/// an answer to a mail of ours.
pub(crate) fn may_be_letter(policy: &Policy, headers: &Headers) -> bool {
    // Of the three, who wrote it takes longest to tell.
    (is_to_agent(policy, headers) || cites_ours(headers)) && writer(policy, headers).is_some()
}

/// Whether it may answer a mail of ours under an id that a provider gave it: a configured author, and ids that no token
/// stands in.
pub(crate) fn may_answer_by_id(policy: &Policy, headers: &Headers) -> bool {
    !cites_ours(headers) && cited(headers).next().is_some() && writer(policy, headers).is_some()
}

/// Whether it does, as the store knows. Who answers the intro writes to nobody of ours.
pub(crate) fn answers_by_id(tx: &ReadTransaction<'_>, headers: &Headers) -> Stored<bool> {
    for id in cited(headers) {
        if let Some(row) = tx.row_with_id(id)? {
            return Ok(row.key.kind != MailKind::Intro);
        }
    }
    Ok(false)
}

/// What it answers first, then what it cites, the last first.
fn cited(headers: &Headers) -> impl Iterator<Item = &MessageId> {
    headers.in_reply_to.iter().chain(headers.references.iter().rev())
}

/// Where and when a copy of a letter was seen.
pub(crate) struct LetterPlace {
    /// The same for every copy.
    pub identity: String,
    /// When a server first had it.
    pub at: DateTime<Utc>,
    /// The copy lies in the author's own folder for sent mail, so that no server's verdict on it counts.
    pub is_sent: bool,
    /// The store knows that it answers a mail of ours.
    pub answers_by_id: bool,
}

/// The letter that a message is.
pub(crate) fn letter(
    policy: &Policy,
    headers: &Headers,
    body: &MessageBody,
    text: LetterText,
    place: LetterPlace,
) -> Option<Letter> {
    let LetterPlace { identity, at, is_sent, answers_by_id } = place;
    let answers_ours = answers_by_id || cites_ours(headers);
    if !(answers_by_id || may_be_letter(policy, headers))
        || !matches!(body.kind_by(true), MessageKind::Human | MessageKind::Reaction)
    {
        return None;
    }
    if headers.authenticity == Authenticity::Failed && !is_sent {
        tracing::warn!(%identity, "the server says that a letter's author is forged; it is left alone");
        return None;
    }
    let from = headers.from.first()?.address.clone();
    let writer = writer(policy, headers)?;
    // A delegate speaks for the AE in answers alone.
    let is_delegates = policy.person(&writer).is_some_and(|person| is_delegate_of(person, &from));
    if is_agents_own(policy, headers, &from, answers_ours) || (is_delegates && !answers_ours) {
        return None;
    }
    let bearing = headers.id.clone();
    let from_subject = token::in_subject(&headers.subject)
        .and_then(|found| token::reference(&found, policy.agent_address.domain()));
    Some(Letter {
        identity,
        message_id: bearing,
        at,
        writer,
        from,
        to: addresses(&headers.to),
        cc: headers.cc.iter().chain(&headers.bcc).map(|one| one.address.clone()).collect(),
        subject: headers.subject.clone(),
        base_subject: headers.base_subject.clone(),
        own_words: body.author_text.clone(),
        reaction: body.reaction.clone(),
        text: text.whole,
        attachments: text.attachments,
        forwarded_from: forwarded_from(policy, headers, body, text.forwarded.as_ref()),
        forwarded: text.forwarded.filter(|mail| is_outside(policy, &mail.from.address)),
        cited: cited(headers).cloned().chain(from_subject).collect(),
    })
}

fn addresses(list: &[crate::domain::message::Mailbox]) -> Vec<Address> {
    list.iter().map(|one| one.address.clone()).collect()
}

/// Name of the one configured person whose addresses all authors are; the operator's address where that is nobody's.
fn writer(policy: &Policy, headers: &Headers) -> Option<String> {
    let mut names = headers.from.iter().map(|one| author(policy, &one.address));
    let first = names.next()??;
    names.all(|name| name.as_deref() == Some(first.as_str())).then_some(first)
}

/// Whose an address is: as it stands in the configuration first, then as providers deliver it; their own before those
/// of others who speak for them.
fn author(policy: &Policy, address: &Address) -> Option<String> {
    let whose = |is_it: &dyn Fn(&Address) -> bool| {
        let own = |person: &&Person| is_it(&person.address) || person.aliases.iter().any(is_it);
        let speaks = |person: &&Person| person.delegates.iter().any(is_it);
        let person = policy.people.iter().find(own).or_else(|| policy.people.iter().find(speaks));
        let name = person.map(|person| person.name.clone());
        name.or_else(|| is_it(&policy.operator).then(|| policy.operator.to_string()))
    };
    whose(&|one| one == address).or_else(|| whose(&|one| one.is_same_mailbox_as(address)))
}

fn is_to_agent(policy: &Policy, headers: &Headers) -> bool {
    headers.to.iter().chain(&headers.cc).any(|one| one.address.is_same_mailbox_as(&policy.agent_address))
}

/// Whether it answers a mail of ours, by the forms of our ids: which one, the store knows.
fn cites_ours(headers: &Headers) -> bool {
    cited(headers).any(|id| token::in_id(id).is_some()) || token::in_subject(&headers.subject).is_some()
}

/// Where the agent's mailbox is a person's own, only what that person writes to nobody but themself is a letter, and
/// answers to mail of ours. What baton itself wrote is none.
fn is_agents_own(policy: &Policy, headers: &Headers, from: &Address, answers_ours: bool) -> bool {
    if headers.id.iter().chain(&headers.earlier_ids).any(|id| token::in_id(id).is_some()) {
        return true;
    }
    let Some(owner) = policy.person_writing_from(&policy.agent_address) else { return false };
    let is_owners = |address: &Address| author(policy, address).as_ref() == Some(&owner.name);
    let to_self_alone =
        headers.to.iter().chain(&headers.cc).chain(&headers.bcc).all(|one| is_owners(&one.address));
    !(answers_ours || is_owners(from) && to_self_alone)
}

fn is_outside(policy: &Policy, address: &Address) -> bool {
    policy.person_at(address).is_none() && *address != policy.agent_address
}

/// The author of the mail that was forwarded: the first outside address that the quotation names.
fn forwarded_from(
    policy: &Policy,
    headers: &Headers,
    body: &MessageBody,
    forwarded: Option<&ForwardedMail>,
) -> Option<Address> {
    let is_forward = crate::domain::answer::is_forward(&headers.subject) || forwarded.is_some();
    if !is_forward && body.quoted_authors.is_empty() {
        return None;
    }
    let quoted = body.quoted_authors.iter().map(|author| &author.address);
    forwarded
        .map(|mail| &mail.from.address)
        .into_iter()
        .chain(quoted)
        .find(|address| is_outside(policy, address))
        .cloned()
}
