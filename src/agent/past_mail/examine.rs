//! The answers for past handoffs: the mail that concerns each is read, judged and let go again, a few handoffs at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::agent::AgentError;
use crate::domain::audit::AuditedHandoff;
use crate::domain::audit::past::{Coverage, ExaminedHandoff, PastMail, examined, unseen};
use crate::domain::audit::past_feedback::give_feedback;
use crate::domain::audit::past_handoff::PastHandoff;
use crate::domain::judge::Policy;
use crate::domain::message::{Message, MessageId};

use super::PastCase;
use super::bodies::MailBodies;
use super::index::{IndexedMail, KnownAddress, id_number};
use super::internal::{self, InternalMails};
use super::progress::Progress;
use super::threads::HandoffParties;

/// Handoffs, and messages, that lie in memory at the same time; more messages only where one handoff has them.
const TOGETHER: usize = 32;
const MESSAGES_TOGETHER: usize = 500;
/// A booking so long before or after an intro may be its meeting's.
const BOOKINGS: TimeDelta = TimeDelta::days(45);
/// A delivery failure comes within this.
const REPORTS: TimeDelta = TimeDelta::days(7);

/// One handoff, who it is between, and the messages of its thread.
#[derive(Debug)]
pub(super) struct HandoffMail {
    pub case: PastCase,
    pub parties: HandoffParties,
    /// Place of the SDR among the configured people.
    pub sdr: Option<usize>,
    pub thread: BTreeSet<usize>,
}

/// Answers for all of them.
pub(super) async fn examine(
    mail: &mut MailBodies,
    coverage: &Coverage,
    cases: Vec<PastCase>,
    now: DateTime<Utc>,
    progress: &mut Progress,
) -> Result<Vec<AuditedHandoff>, AgentError> {
    let policy = coverage.policy(&mail.app.policy);
    let handoffs: Vec<HandoffMail> =
        cases.into_iter().map(|case| with_parties(mail, &policy, case)).collect();
    let addresses = handoffs.iter().flat_map(|one| one.parties.prospects.iter().copied()).collect();
    mail.threads.watch(&mail.index, &addresses);
    learn_from_bodies(mail, &handoffs).await?;
    let InternalMails { mails, records } = internal::read(mail, &policy, &handoffs).await?;
    progress.begin("the mail of the handoffs", handoffs.len() as u64);
    let mut answers = Vec::new();
    let mut rest = handoffs.as_slice();
    while !rest.is_empty() {
        let concerning = next_concerning(mail, rest);
        let (some, behind) = rest.split_at(concerning.len());
        rest = behind;
        let all = concerning.iter().flatten().copied().collect();
        let messages = mail.messages(&all).await?;
        for (one, places) in some.iter().zip(&concerning) {
            let past = &one.case.past;
            let record = records.iter().find(|record| record.is_of(past)).cloned();
            let record = record.or_else(|| one.case.row.as_ref().and_then(|row| row.record.clone()));
            let messages = own_messages(mail, places, &messages);
            let elsewhere = elsewhere(mail, &handoffs, one, places, &messages);
            let known = PastMail { messages: messages.into_values().collect(), elsewhere, record };
            answers.push(answered(&policy, past, &known, coverage, now));
        }
        progress.reached(answers.len() as u64);
    }
    let past: Vec<PastHandoff> = handoffs.iter().map(|one| one.case.past.clone()).collect();
    give_feedback(&policy, &past, &mut answers, &mails, coverage, now);
    Ok(answers.into_iter().map(|one| one.handoff).collect())
}

/// What concerns each of the first handoffs: of as many as are taken together, at least of one.
fn next_concerning(mail: &MailBodies, handoffs: &[HandoffMail]) -> Vec<BTreeSet<usize>> {
    let mut found: Vec<BTreeSet<usize>> = Vec::new();
    let mut messages = 0;
    for one in handoffs.iter().take(TOGETHER) {
        let own = mail.threads.concerning(&mail.index, &one.parties);
        messages += own.len();
        if messages > MESSAGES_TOGETHER && !found.is_empty() {
            break;
        }
        found.push(own);
    }
    found
}

fn answered(
    policy: &Policy,
    past: &PastHandoff,
    known: &PastMail,
    coverage: &Coverage,
    now: DateTime<Utc>,
) -> ExaminedHandoff {
    let not_looked = |why: &str| {
        let mut one = unseen(past, why);
        if let Some(record) = &known.record {
            one.handoff.record = record.answer();
            one.handoff.evidence.push(record.sentence.clone());
        }
        one
    };
    if policy.person(&past.ae).is_none() {
        let name = if past.ae.is_empty() { "an AE without a name" } else { &past.ae };
        return not_looked(&format!(
            "{name} is not in the configuration, so neither mail nor working hours are known"
        ));
    }
    if past.prospects.is_empty() {
        return not_looked("the row names no address of a prospect, so no mail can be looked for");
    }
    examined(policy, past, known, coverage, now)
}

fn with_parties(mail: &MailBodies, policy: &Policy, case: PastCase) -> HandoffMail {
    let place = |name: &str| policy.people.iter().position(|person| person.name == name);
    let numbers = case.past.prospects.iter().filter_map(|one| mail.index.existing_number(&one.address));
    let parties = HandoffParties {
        intro: case.intro,
        at: case.past.at,
        ae: place(&case.past.ae),
        prospects: numbers.collect(),
    };
    let thread = case.intro.map(|id| mail.threads.thread(&mail.index, id)).unwrap_or_default();
    HandoffMail { sdr: place(&case.past.sdr), case, parties, thread }
}

/// Bookings and delivery failures say in their text whom and what they are about.
async fn learn_from_bodies(mail: &mut MailBodies, handoffs: &[HandoffMail]) -> Result<(), AgentError> {
    let is_near = |one: &IndexedMail, handoff: &HandoffMail| {
        let to_us = |number: &u32| {
            let KnownAddress { person, .. } = mail.index.known(*number);
            person.is_some() && (person == handoff.parties.ae || person == handoff.sdr)
        };
        let apart = one.at - handoff.parties.at;
        let is_booking = one.from_scheduler && apart.abs() <= BOOKINGS;
        let is_report = one.maybe_report && apart >= -TimeDelta::minutes(5) && apart <= REPORTS;
        (is_booking || is_report) && mail.index.to(one).iter().any(to_us)
    };
    let wanted: Vec<usize> = mail
        .index
        .mails()
        .filter(|(_, one)| one.from_scheduler || one.maybe_report)
        .filter(|(_, one)| handoffs.iter().any(|handoff| is_near(one, handoff)))
        .map(|(place, _)| place)
        .collect();
    let mut learnt: Vec<(usize, Vec<u32>, Vec<u64>)> = Vec::new();
    mail.each(wanted, |index, _, whole| {
        let booked = whole.body.scheduler.iter().flat_map(|one| &one.addresses);
        let bounced = whole.body.bounce.iter().flat_map(|one| one.recipients.iter().map(|one| &one.address));
        let addresses = booked.chain(bounced).filter_map(|one| index.existing_number(one)).collect();
        let cited =
            whole.body.bounce.iter().flat_map(|one| one.original.iter().chain(&one.original_references));
        learnt.push((whole.place, addresses, cited.map(id_number).collect()));
    })
    .await?;
    for (place, addresses, cited) in learnt {
        mail.threads.learn(place, &addresses, None);
        for id in cited {
            mail.threads.learn(place, &[], Some(id));
        }
    }
    Ok(())
}

/// Of the messages that were read those at these places, by the first of their copies.
fn own_messages(
    mail: &MailBodies,
    places: &BTreeSet<usize>,
    messages: &BTreeMap<usize, Arc<Message>>,
) -> BTreeMap<usize, Arc<Message>> {
    let first = |place: &usize| mail.threads.copies(&mail.index, *place).into_iter().min();
    places
        .iter()
        .filter_map(|place| first(place).or(Some(*place)))
        .filter_map(|place| Some((place, Arc::clone(messages.get(&place)?))))
        .collect()
}

/// Ids of messages that belong to the thread of another handoff, and not to this one's.
fn elsewhere(
    mail: &MailBodies,
    handoffs: &[HandoffMail],
    one: &HandoffMail,
    places: &BTreeSet<usize>,
    messages: &BTreeMap<usize, Arc<Message>>,
) -> Vec<MessageId> {
    let others = handoffs.iter().filter(|other| other.case.intro != one.case.intro);
    let others: Vec<&HandoffMail> =
        others.filter(|other| other.thread.iter().any(|place| places.contains(place))).collect();
    let is_elsewhere = |place: &usize| {
        let copies = mail.threads.copies(&mail.index, *place);
        let in_thread = |handoff: &HandoffMail| copies.iter().any(|copy| handoff.thread.contains(copy));
        !in_thread(one) && others.iter().any(|other| in_thread(other))
    };
    let found = messages.iter().filter(|(place, _)| is_elsewhere(place));
    found.filter_map(|(_, message)| message.headers.id.clone()).collect()
}
