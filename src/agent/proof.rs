//! Trigger conditions that mail can prove: the accepted invitation and the meaningful contact.
//! docs/behaviour.md section 2.
//!
//! Reads back in the watched folders of SDR and AE and stores nothing. Known limits: the newest `MOST`
//! messages of each folder are looked at; a reply that names no start counts for the record's meeting.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::address_book::among;
use crate::domain::handoff::Record;
use crate::domain::message::{
    Address, Authenticity, CalendarMethod, Headers, Mailbox, MessageBody, MessageKind, PartStat,
};
use crate::imap::{self, Search};
use crate::record;
use crate::templates::words;

use super::AgentError;
use super::app::{App, read_message, with_account};
use super::folders::folders_to_watch;
use super::spelling::spellings;
use super::turn::LOOK_BACK_DAYS;

const MOST: usize = 300;
/// How much of a message is read, in bytes.
const LONGEST: u32 = 1 << 20;
/// How long the login of another account than the SDR's is waited for.
const OTHERS_LOGIN: std::time::Duration = std::time::Duration::from_secs(4);
/// Messages that are fetched together.
const TOGETHER: usize = 16;

/// What mail says of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProofVerdict {
    Proved,
    /// Every prospect attendee who answered has declined since.
    Contradicted,
}

/// Which of the four conditions mail says something about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    InvitationAccepted,
    MeaningfulContact,
}

impl Condition {
    /// Its line in the record.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Condition::InvitationAccepted => record::INVITE_ACCEPTED,
            Condition::MeaningfulContact => record::CONTACT_ESTABLISHED,
        }
    }
}

/// A condition that mail says something about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConditionProof {
    pub condition: Condition,
    pub verdict: ProofVerdict,
    /// The message, without angle brackets.
    pub message_id: Option<String>,
    /// One sentence: `Sarah Lee accepted on Mon 23 Nov 2026 10:02`.
    pub why: String,
}

/// For whom proofs are put into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProofReader {
    /// At a terminal, in the machine's zone.
    Operator,
    /// In mail, as dates are written where they are.
    Sdr,
}

/// An answer to an invitation: when, which, the message.
#[derive(Clone, Debug)]
struct InvitationAnswer {
    at: DateTime<Utc>,
    partstat: PartStat,
    message_id: Option<String>,
}

/// What was found so far.
#[derive(Debug, Default)]
struct Evidence {
    /// The last answer of each prospect attendee.
    answers: BTreeMap<Address, InvitationAnswer>,
    /// The first human message from a prospect contact in the SDR's mailbox.
    contact: Option<(DateTime<Utc>, Address, Option<String>)>,
}

/// What mail proves of the record.
pub(crate) async fn proofs(
    app: &Arc<App>,
    record: &Record,
    reader: ProofReader,
) -> Result<Vec<ConditionProof>, AgentError> {
    let account = |name: &str| app.policy.account_of(name).map(str::to_owned);
    let sdr = account(&record.sdr);
    let mut accounts: Vec<String> = [sdr.clone(), account(&record.ae)].into_iter().flatten().collect();
    accounts.dedup();
    let mut evidence = Evidence::default();
    for account in accounts {
        let is_sdrs = Some(&account) == sdr.as_ref();
        let question =
            ProofQuestion { app, account: &account, is_sdrs, record, contacts: contacts(app, record) };
        gather(&question, &mut evidence).await?;
    }
    Ok(judged(app, record, reader, evidence))
}

fn is_configured(app: &App, address: &Address) -> bool {
    app.policy.person_at(address).is_some()
}

/// Prospect contacts of the record: `To` and `Attendees`, people of the configuration aside.
fn contacts(app: &App, record: &Record) -> Vec<Mailbox> {
    let mut contacts: Vec<Mailbox> = Vec::new();
    for one in record.to.iter().chain(&record.meeting.attendees) {
        if !is_configured(app, &one.address) && !contacts.iter().any(|known| known.address == one.address) {
            contacts.push(one.clone());
        }
    }
    contacts
}

fn judged(app: &App, record: &Record, reader: ProofReader, evidence: Evidence) -> Vec<ConditionProof> {
    let name = |address: &Address| {
        let known = contacts(app, record).into_iter().find(|one| one.address == *address);
        known.filter(|one| !one.name.is_empty()).map_or_else(|| address.to_string(), |one| one.name)
    };
    let day = |at: DateTime<Utc>| match reader {
        ProofReader::Operator => app.default_zone.local(at).format("%a %-d %b %Y %H:%M").to_string(),
        ProofReader::Sdr => {
            let sdr = app.policy.person(&record.sdr);
            words::when(at, sdr.map_or(&*app.default_zone, |sdr| &*sdr.working.zone), app.now())
        }
    };
    let mut proofs = Vec::new();
    let accepted = evidence.answers.iter().find(|(_, answer)| answer.partstat == PartStat::Accepted);
    let declined = |answer: &InvitationAnswer| answer.partstat == PartStat::Declined;
    if let Some((address, answer)) = accepted {
        proofs.push(ConditionProof {
            condition: Condition::InvitationAccepted,
            verdict: ProofVerdict::Proved,
            message_id: answer.message_id.clone(),
            why: format!("{} accepted on {}", name(address), day(answer.at)),
        });
    } else if !evidence.answers.is_empty() && evidence.answers.values().all(declined) {
        let last = evidence.answers.iter().max_by_key(|(_, answer)| answer.at);
        proofs.extend(last.map(|(address, answer)| ConditionProof {
            condition: Condition::InvitationAccepted,
            verdict: ProofVerdict::Contradicted,
            message_id: answer.message_id.clone(),
            why: format!(
                "everybody who answered has declined, the last {} on {}",
                name(address),
                day(answer.at)
            ),
        }));
    }
    proofs.extend(evidence.contact.map(|(at, address, message_id)| ConditionProof {
        condition: Condition::MeaningfulContact,
        verdict: ProofVerdict::Proved,
        message_id,
        why: format!("{} wrote on {}", name(&address), day(at)),
    }));
    proofs
}

/// Whose mail is read for which record.
struct ProofQuestion<'a> {
    app: &'a Arc<App>,
    account: &'a str,
    /// The account is the SDR's, whose human mail proves the contact.
    is_sdrs: bool,
    record: &'a Record,
    contacts: Vec<Mailbox>,
}

async fn gather(question: &ProofQuestion<'_>, evidence: &mut Evidence) -> Result<(), AgentError> {
    let ProofQuestion { app, account, is_sdrs, contacts, .. } = question;
    let ways = contacts.iter().flat_map(|one| spellings(&one.address, Search::from)).collect();
    let since = (app.now() - TimeDelta::days(i64::from(LOOK_BACK_DAYS) + 1)).date_naive();
    let wanted = Search::new().since(since).any(ways);
    let connecting = app.connect(account);
    let mut session = if *is_sdrs {
        connecting.await?
    } else {
        // The record leaves from the SDR's mailbox: another's password program holds nothing up.
        match tokio::time::timeout(OTHERS_LOGIN, connecting).await {
            Ok(session) => session?,
            Err(_) => {
                tracing::warn!(account, "its login takes too long to say what its mail proves");
                return Ok(());
            }
        }
    };
    let known = with_account(account, session.folders().await)?;
    for folder in folders_to_watch(app.account(account)?, &known, &session) {
        with_account(account, session.examine(&folder).await)?;
        let uids = with_account(account, session.search(&wanted).await)?;
        // Newest first.
        let newest: Vec<u32> = uids.into_iter().rev().take(MOST).collect();
        for some in newest.chunks(TOGETHER) {
            let mut bodies = with_account(account, session.bodies(some, LONGEST).await)?;
            bodies.sort_unstable_by_key(|(uid, _)| std::cmp::Reverse(*uid));
            for (_, body) in bodies {
                weigh(question, body, evidence).await?;
            }
        }
    }
    session.logout().await;
    Ok(())
}

async fn weigh(
    question: &ProofQuestion<'_>,
    body: imap::FetchedBody,
    evidence: &mut Evidence,
) -> Result<(), AgentError> {
    let ProofQuestion { app, account, is_sdrs, record, contacts } = question;
    let bytes = match body {
        imap::FetchedBody::Whole(bytes) | imap::FetchedBody::Cut(bytes) => bytes,
        imap::FetchedBody::Gone => return Ok(()),
    };
    let (headers, body) = read_message(account, bytes, app.read_options(app.account(account)?)).await?;
    let Some(author) = author(&headers, contacts) else { return Ok(()) };
    let Some(when) = headers.received.or(headers.date) else { return Ok(()) };
    let message_id = headers.id.as_ref().map(|id| id.as_str().to_owned());
    if let Some(partstat) = answer(&body, &headers, record) {
        // Newest first: of two within one second the one with the higher UID is the later.
        let known = evidence.answers.get(&author);
        if known.is_none_or(|known| known.at < when) {
            evidence.answers.insert(
                author.clone(),
                InvitationAnswer { at: when, partstat, message_id: message_id.clone() },
            );
        }
    }
    let is_earlier = evidence.contact.as_ref().is_none_or(|(at, ..)| when < *at);
    if *is_sdrs && body.kind == MessageKind::Human && is_earlier {
        evidence.contact = Some((when, author, message_id));
    }
    Ok(())
}

/// The contact who wrote it: the only author, by all that the receiving server says.
fn author(headers: &Headers, contacts: &[Mailbox]) -> Option<Address> {
    let known = |address: &Address| among(address, contacts.iter().map(|one| &one.address)).cloned();
    let author = known(&headers.from.first()?.address)?;
    let is_theirs = headers.from.iter().all(|from| known(&from.address).as_ref() == Some(&author));
    (is_theirs && headers.authenticity != Authenticity::Failed).then_some(author)
}

/// What the author answered to the invitation to the record's meeting.
fn answer(body: &MessageBody, headers: &Headers, record: &Record) -> Option<PartStat> {
    let calendar =
        body.calendar.as_ref().filter(|calendar| calendar.method == Some(CalendarMethod::Reply))?;
    if calendar.start.is_some_and(|start| start != record.meeting.start) {
        return None;
    }
    let author = &headers.from.first()?.address;
    let of_author = calendar.attendees.iter().find(|attendee| attendee.address == *author);
    of_author.or_else(|| calendar.attendees.first()).map(|attendee| attendee.partstat)
}
