//! Mail between AE and SDR that no outsider got: handoff records, and what the AE wrote after the meeting.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::agent::AgentError;
use crate::domain::address_book::among;
use crate::domain::answer::{FeedbackAsked, KnownNames, feedback, stance};
use crate::domain::audit::past_feedback::{FeedbackReader, InternalMail};
use crate::domain::audit::past_record::{FoundRecord, RecordState};
use crate::domain::judge::Policy;
use crate::domain::message::{Address, MessageKind};
use crate::domain::people::TeamRole;
use crate::record::{self, ParseContext};

use super::bodies::{MailBodies, WholeMail};
use super::examine::HandoffMail;
use super::index::{IndexedMail, MailIndex};

/// A record is mailed within so many days of its handoff.
const RECORDS: TimeDelta = TimeDelta::days(14);
/// So much of a text is looked at for names.
const LONGEST: usize = 8 << 10;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct InternalMails {
    pub mails: Vec<InternalMail>,
    pub records: Vec<FoundRecord>,
}

/// Reads what may be one or the other, of the pairs of these handoffs.
pub(super) async fn read(
    mail: &mut MailBodies,
    policy: &Policy,
    handoffs: &[HandoffMail],
) -> Result<InternalMails, AgentError> {
    let mut seen = BTreeSet::new();
    let wanted: Vec<usize> = mail
        .index
        .mails()
        .filter(|(_, one)| mail.index.is_internal(one))
        .filter(|(_, one)| {
            let may_bring_record = one.maybe_record || is_by_sdr(mail, policy, one);
            handoffs.iter().any(|handoff| {
                is_wanted((&mail.index, &policy.agent_address), one, may_bring_record, handoff)
            })
        })
        // Of several copies one is enough.
        .filter(|(_, one)| one.id.is_none_or(|id| seen.insert(id)))
        .map(|(place, _)| place)
        .collect();
    let app = std::sync::Arc::clone(&mail.app);
    let mut found = InternalMails::default();
    mail.each(wanted, |index, _, whole| {
        let Some(one) = index.mail(whole.place) else { return };
        if let Some(record) = record_of(&app, policy, &one, &whole) {
            found.records.push(record);
        } else if let Some(mail) = internal_mail(index, policy, handoffs, &one, &whole) {
            found.mails.push(mail);
        }
    })
    .await?;
    found.records.sort_by_key(|record| record.at);
    Ok(found)
}

/// Whether an SDR wrote a mail, whoever of them, or the agent, which mails records for all of them.
fn is_by_sdr(mail: &MailBodies, policy: &Policy, one: &IndexedMail) -> bool {
    let Some(from) = one.from else { return false };
    let author = mail.index.known(from);
    let person = author.person.or(author.delegate_of).and_then(|place| policy.people.get(place));
    person.is_some_and(|person| person.roles.contains(&TeamRole::Sdr))
        || mail.index.existing_number(&policy.agent_address) == Some(from)
}

fn is_to_agent(index: &MailIndex, agent: &Address, one: &IndexedMail) -> bool {
    index.existing_number(agent).is_some_and(|agent| index.to(one).contains(&agent))
}

fn is_wanted(
    (index, agent): (&MailIndex, &Address),
    one: &IndexedMail,
    may_bring_record: bool,
    handoff: &HandoffMail,
) -> bool {
    let Some(author) = one.from.map(|from| index.known(from)) else { return false };
    let reaches = |person: Option<usize>| {
        person.is_some() && index.to(one).iter().any(|number| index.known(*number).person == person)
    };
    let (ae, sdr) = (handoff.parties.ae, handoff.sdr);
    let by_ae = ae.is_some() && (author.person == ae || author.delegate_of == ae);
    if by_ae {
        // What may be feedback, to the SDR or to baton that asked for it.
        return one.at >= handoff.parties.at && (reaches(sdr) || is_to_agent(index, agent, one));
    }
    may_bring_record && (one.at - handoff.parties.at).abs() <= RECORDS && reaches(ae)
}

fn internal_mail(
    index: &MailIndex,
    policy: &Policy,
    handoffs: &[HandoffMail],
    one: &IndexedMail,
    whole: &WholeMail,
) -> Option<InternalMail> {
    let author = index.known(one.from?);
    let ae = policy.people.get(author.person.or(author.delegate_of)?)?;
    let to: Vec<usize> = index.to(one).iter().filter_map(|number| index.known(*number).person).collect();
    let of_pair = |handoff: &&HandoffMail| {
        handoff.case.past.ae == ae.name && handoff.sdr.is_some_and(|sdr| to.contains(&sdr))
    };
    let sdr = handoffs.iter().find(of_pair).map(|handoff| handoff.case.past.sdr.clone());
    let to_agent = sdr.is_none() && is_to_agent(index, &policy.agent_address, one);
    if sdr.is_none() && !to_agent {
        return None;
    }
    let body = &whole.body;
    if body.kind_by(true) != MessageKind::Human {
        return None;
    }
    let cites = handoffs.iter().enumerate();
    let cites = cites.filter(|(_, handoff)| handoff.thread.contains(&whole.place)).map(|(place, _)| place);
    let words = feedback(
        &body.author_text,
        &body.quoted_text,
        FeedbackAsked::Meeting,
        one.at,
        ae.working.zone.as_ref(),
    );
    let mut text = format!("{}\n{}\n{}", whole.headers.subject, body.author_text, body.quoted_text);
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    Some(InternalMail {
        at: one.at,
        ae: ae.name.clone(),
        reader: sdr.map_or(FeedbackReader::Agent, FeedbackReader::Sdr),
        says_done: to_agent && stance(&body.author_text, None, &names_of(policy, handoffs, &ae.name)).done,
        message_id: whole.headers.id.clone(),
        text: text.to_lowercase(),
        cites: cites.collect(),
        outcome: words.outcome,
        score: words.score,
    })
}

/// Whom an AE may speak of.
fn names_of(policy: &Policy, handoffs: &[HandoffMail], ae: &str) -> KnownNames {
    let own = || handoffs.iter().map(|handoff| &handoff.case.past).filter(|past| past.ae == ae);
    let prospects = own().flat_map(|past| past.prospects.iter().map(|one| one.name.as_str()));
    let colleagues = policy.people.iter().map(|person| person.name.as_str());
    KnownNames::new(prospects, own().map(|past| past.company.as_str()), colleagues)
}

/// The record that a mail holds, in its text or as a file.
fn record_of(
    app: &crate::agent::app::App,
    policy: &Policy,
    one: &IndexedMail,
    whole: &WholeMail,
) -> Option<FoundRecord> {
    let letter = whole.record.as_ref()?;
    let texts = std::iter::once(&letter.whole).chain(&letter.attachments);
    let text = texts.filter_map(|text| record::record_in(text)).next()?;
    let cited = whole.headers.id.as_ref().map_or_else(String::new, |id| format!(" (<{id}>)"));
    let context = ParseContext {
        people: &policy.people,
        zones: &app.zones,
        now: one.at,
        extra_conditions: &[],
        path: "the record",
    };
    match record::parse(&text, &context) {
        Ok(parsed) => {
            let record = parsed.record;
            let length = TimeDelta::seconds(i64::from(record.meeting.length_seconds));
            let named = record.to.iter().chain(&record.meeting.attendees);
            Some(FoundRecord {
                at: one.at,
                state: RecordState::Complete,
                sentence: format!("a complete handoff record was mailed{cited}"),
                addresses: named.map(|one| one.address.clone()).collect(),
                company: record.company,
                has_ticks: true,
                pain: record.pain,
                agenda: record.meeting.agenda,
                meeting: Some((record.meeting.start, length)),
            })
        }
        Err(faults) => {
            let lacks: Vec<String> = faults.iter().take(3).map(|fault| fault.message.clone()).collect();
            Some(FoundRecord {
                at: one.at,
                state: RecordState::Incomplete,
                sentence: format!(
                    "the handoff record that was mailed is not complete: {}{cited}",
                    lacks.join("; ")
                ),
                addresses: addresses_in(policy, &text),
                company: company_in(&text),
                has_ticks: false,
                pain: String::new(),
                agenda: String::new(),
                meeting: None,
            })
        }
    }
}

/// `HANDOFF RECORD: Acme Corp | 2026-11-24`
fn company_in(text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    let company = first.split_once(':').map_or("", |(_, rest)| rest);
    company.split('|').next().unwrap_or_default().trim().to_owned()
}

/// Addresses in a text that are nobody's of ours.
fn addresses_in(policy: &Policy, text: &str) -> Vec<Address> {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '(' | ')' | '"' | ':');
    let known: Vec<&Address> = policy.people.iter().map(|person| &person.address).collect();
    let found = text.split(is_edge).filter(|word| word.contains('@')).filter_map(Address::new);
    found.filter(|one| among(one, known.iter().copied()).is_none()).collect()
}
