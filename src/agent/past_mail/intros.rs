//! Which of the candidates are intros: each is read once, however many copies there are, and weighed. An intro that is sent
//! again, and what follows in its thread, is no other handoff.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::agent::AgentError;
use crate::agent::free_memory::give_back;
use crate::domain::audit::AuditSource;
use crate::domain::audit::intro::{EarlierContact, IntroCandidate, IntroText, signs};
use crate::domain::audit::past_handoff::{FoundMeeting, MeetingFate, PastHandoff};
use crate::domain::judge::Policy;
use crate::domain::message::{Address, Mailbox, MessageKind};
use crate::domain::registered_domain::company_label;
use crate::domain::zone::ZoneSource;
use crate::language::Matchers;

use super::PastCase;
use super::bodies::{MailBodies, WholeMail};
use super::index::{MailIndex, id_number};
use super::named_meeting::{IntroWords, named_meeting};
use super::progress::Progress;
use super::threads::{HandoffParties, MailThreads};

/// Another mail of the same SDR that introduces the same AE to the same prospect within so many days is the same handoff.
const SAME_WITHIN_DAYS: i64 = 30;

/// Free memory goes back after so many texts: a walk over the heap takes less than reading a few of them.
const GIVEN_BACK_EVERY: u64 = 64;

/// The intros, the oldest first.
pub(super) async fn find(
    mail: &mut MailBodies,
    progress: &mut Progress,
) -> Result<Vec<PastCase>, AgentError> {
    let candidates = std::mem::take(&mut mail.index.candidates);
    let addresses: BTreeSet<_> = candidates
        .iter()
        .flat_map(|(_, one)| &one.prospects)
        .filter_map(|one| mail.index.existing_number(&one.address))
        .collect();
    mail.threads.watch(&mail.index, &addresses);
    // Of all copies the first one stands for the message.
    let mut by_message: BTreeMap<usize, IntroCandidate> = BTreeMap::new();
    for (place, candidate) in candidates {
        let first = mail.threads.copies(&mail.index, place).into_iter().min().unwrap_or(place);
        by_message.entry(first).or_insert(candidate);
    }
    let mut found = Vec::new();
    let mut done = 0;
    let matchers = Matchers::new();
    let (app, labels) = (std::sync::Arc::clone(&mail.app), mail.labels());
    mail.each(by_message.keys().copied().collect::<Vec<_>>(), |index, threads, whole| {
        let (policy, labels, matchers, zones) = (&app.policy, &labels, &matchers, &app.zones);
        let known = KnownMail { policy, index, threads, labels, matchers, zones };
        let candidate = by_message.get(&whole.place);
        found.extend(candidate.and_then(|candidate| weighed(&known, candidate, &whole)));
        done += 1;
        // What compiling the words and reading the first texts left between what stays.
        if done % GIVEN_BACK_EVERY == 0 {
            give_back();
        }
        progress.reached(done);
    })
    .await?;
    found.sort_by_key(|case: &PastCase| case.past.at);
    Ok(each_once(&mail.index, mail, found))
}

/// What a candidate is weighed by, its own text apart.
#[derive(Clone, Copy)]
struct KnownMail<'a> {
    policy: &'a Policy,
    index: &'a MailIndex,
    threads: &'a MailThreads,
    /// What the sources are called.
    labels: &'a [String],
    /// Nothing else needs the words of intros: they go when all are weighed.
    matchers: &'a Matchers,
    zones: &'a dyn ZoneSource,
}

fn weighed(mail: &KnownMail<'_>, candidate: &IntroCandidate, whole: &WholeMail) -> Option<PastCase> {
    let KnownMail { policy, index, threads, labels, matchers, zones } = *mail;
    if whole.body.kind_by(true) != MessageKind::Human {
        return None;
    }
    // A mailing may speak of the AE. What a tool sends to one prospect names them.
    let is_mailing = whole.body.kind != MessageKind::Human;
    if is_mailing && !candidate.prospects.iter().any(|one| is_addressed(one, &whole.body.author_text)) {
        return None;
    }
    let copies = threads.copies(index, whole.place);
    let at = copies.iter().filter_map(|place| Some(index.mail(*place)?.at)).min()?;
    let numbers = candidate.prospects.iter().filter_map(|one| index.existing_number(&one.address)).collect();
    let mut parties = HandoffParties { intro: None, at, ae: None, prospects: numbers };
    let person = |name: &str| policy.people.iter().position(|person| person.name == name);
    let headers = &whole.headers;
    let cited: Vec<u64> = headers.in_reply_to.iter().chain(&headers.references).map(id_number).collect();
    let contacts = candidate.aes.iter().map(|name| {
        parties.ae = person(name);
        threads.contact(index, &parties, person(&candidate.sdr), &cited)
    });
    let contact = contacts.min().unwrap_or(EarlierContact::None);
    let text = IntroText { subject: &headers.subject, words: &whole.body.author_text, contact };
    let signs = signs(policy, index.outsiders(), candidate, text, matchers)?;
    let id = whole.headers.id.clone();
    let prospects = candidate.prospects.clone();
    let names: Vec<&str> = prospects.iter().map(name_of).collect();
    let folder = index.folders.get(index.mail(whole.place)?.folder as usize)?;
    let label = labels.get(folder.source).map(String::as_str).unwrap_or_default();
    let cited = id.as_ref().map_or_else(String::new, |id| format!("<{id}>, "));
    let evidence = format!(
        "{} introduced {} to {}: {} ({cited}{label}/{})",
        candidate.sdr,
        signs.ae,
        names.join(" and "),
        signs.reasons.join("; "),
        crate::imap::FolderName::from_wire(folder.name.clone()),
    );
    let words = IntroWords { subject: &headers.subject, text: &whole.body.author_text, at };
    let named = named_meeting(words, zones, matchers);
    let past = PastHandoff {
        company: company_of(index.outsiders(), &prospects),
        sdr: candidate.sdr.clone(),
        ae: signs.ae,
        prospects,
        at,
        latest: None,
        intro: id.clone(),
        source: AuditSource::Mail,
        evidence: vec![evidence],
        meeting: None,
        named_meeting: named.map(|named| FoundMeeting {
            start: named.start,
            end: named.start + named.length,
            fate: MeetingFate::Planned,
            why: format!("the intro itself names the meeting: \u{201c}{}\u{201d}", named.words),
        }),
        line: None,
    };
    Some(PastCase { past, intro: id.as_ref().map(id_number), row: None })
}

/// Whether a text names somebody by a part of their name.
fn is_addressed(one: &Mailbox, text: &str) -> bool {
    let parts = one.name.split_whitespace().filter(|part| part.chars().count() > 1);
    let words = || text.split(|c: char| !c.is_alphanumeric() && c != '-');
    parts.into_iter().any(|part| words().any(|word| word == part))
}

fn name_of(one: &Mailbox) -> &str {
    if one.name.trim().is_empty() { one.address.as_str() } else { one.name.trim() }
}

/// The company by its mail domain: `sarah@eu.acme.example` is of Acme. At a freemail provider the person stands for it.
fn company_of(outsiders: &crate::domain::audit::intro::Outsiders, prospects: &[Mailbox]) -> String {
    let own = prospects.iter().find(|one| !outsiders.is_freemail(&one.address));
    let Some(own) = own else {
        return prospects.first().map(|one| name_of(one).to_owned()).unwrap_or_default();
    };
    let words: Vec<String> = company_label(own.address.domain())
        .split(['-', '_'])
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
            first + letters.as_str()
        })
        .collect();
    words.join(" ")
}

/// Each handoff once: the first mail counts.
fn each_once(index: &MailIndex, mail: &MailBodies, found: Vec<PastCase>) -> Vec<PastCase> {
    let mut kept: Vec<(PastCase, BTreeSet<usize>)> = Vec::new();
    for case in found {
        let own: Vec<usize> = case.intro.map(|id| mail.threads.copies_of_id(index, id)).unwrap_or_default();
        let is_known = kept.iter().any(|(other, thread)| {
            let same_pair = other.past.sdr == case.past.sdr && other.past.ae == case.past.ae;
            let addresses: Vec<Address> =
                other.past.prospects.iter().map(|one| one.address.canonical()).collect();
            let in_common =
                case.past.prospects.iter().any(|one| addresses.contains(&one.address.canonical()));
            let is_soon = case.past.at - other.past.at <= TimeDelta::days(SAME_WITHIN_DAYS);
            let is_same_message = case.intro.is_some() && case.intro == other.intro;
            same_pair
                && (is_same_message || own.iter().any(|place| thread.contains(place)) || in_common && is_soon)
        });
        if !is_known {
            let thread = case.intro.map(|id| mail.threads.thread(index, id)).unwrap_or_default();
            kept.push((case, thread));
        }
    }
    kept.into_iter().map(|(case, _)| case).collect()
}
