//! Rows of a CRM's export beside the handoffs that the mail shows: which row is which handoff. docs/behaviour.md section
//! 10.
//!
//! A row and a handoff are one by an address, by the mail domain or by the company, and by their time. Known limit: a
//! row that is dated more than two weeks from its intro is another handoff's.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, Utc};

use super::super::judge::Policy;
use super::super::message::{Address, Mailbox};
use super::super::people::{Person, TeamRole};
use super::intro::{Outsiders, person_of};
use super::past_handoff::PastHandoff;
use super::past_record::FoundRecord;
use super::{AuditSource, AuditedHandoff};

/// One row that could be read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CrmRow {
    /// Of the file, from 1.
    pub line: u64,
    pub company: String,
    /// As the row has them; empty where it has none.
    pub sdr: String,
    pub ae: String,
    pub prospects: Vec<Mailbox>,
    pub at: DateTime<Utc>,
    /// The last instant of the day, where the row gives no time.
    pub latest: Option<DateTime<Utc>>,
    /// Start and length; a day whose time is not known is a meeting of the whole day.
    pub meeting: Option<(DateTime<Utc>, Duration)>,
    pub record: Option<FoundRecord>,
}

/// A row that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SkippedRow {
    pub line: u64,
    pub reason: String,
}

/// What a row is compared with.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KnownHandoff {
    pub company: String,
    pub ae: String,
    pub addresses: Vec<Address>,
    pub at: DateTime<Utc>,
}

impl KnownHandoff {
    pub(crate) fn of_past(past: &PastHandoff) -> Self {
        let addresses = past.prospects.iter().map(|one| one.address.clone()).collect();
        Self { company: past.company.clone(), ae: past.ae.clone(), addresses, at: past.at }
    }

    pub(crate) fn of_own(own: &AuditedHandoff) -> Option<Self> {
        let addresses = own.prospects.clone();
        Some(Self { company: own.company.clone(), ae: own.ae.clone(), addresses, at: own.sent_at? })
    }
}

const MOST_DAYS_APART: i64 = 14;
/// Without an address in common they have to lie closer.
const MOST_DAYS_APART_BY_COMPANY: i64 = 7;

/// The configured person whom a cell means: by address, by name in any order, else by a first name that is one alone.
pub(crate) fn person_named(policy: &Policy, text: &str, role: TeamRole) -> Option<String> {
    let is_edge = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | ',' | ';');
    let addresses = text.split(is_edge).filter(|word| word.contains('@')).filter_map(Address::new);
    if let Some(person) = addresses.into_iter().find_map(|address| person_of(policy, &address)) {
        return Some(person.name.clone());
    }
    let words = |name: &str| -> BTreeSet<String> {
        let parts = name.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '-');
        parts.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    };
    let wanted = words(text);
    if wanted.is_empty() {
        return None;
    }
    let of_role = || policy.people.iter().filter(|person| person.roles.contains(&role));
    // `Reyes, Calvin (inactive)`
    let is_named = |person: &&Person| {
        let name = words(&person.name);
        name == wanted || name.len() > 1 && name.is_subset(&wanted)
    };
    let whole = of_role().find(is_named).or_else(|| policy.people.iter().find(is_named));
    let first = || {
        let mut bearing = of_role().filter(|person| words(person.first_name()) == wanted);
        bearing.next().filter(|_| bearing.next().is_none())
    };
    whole.or_else(first).map(|person| person.name.clone())
}

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowMatch {
    /// The handoff at this place.
    Handoff(usize),
    /// The same, of which a better row tells: exports have a row for each contact, or for each deal.
    Again(usize),
    /// The same handoff as the row at this place, which nothing else tells of.
    Row(usize),
    /// No handoff that is known.
    Alone,
}

/// What each row is about. No handoff is given to two rows as if each were its only one.
pub(crate) fn matched(rows: &[CrmRow], known: &[KnownHandoff], outsiders: &Outsiders) -> Vec<RowMatch> {
    let own = best_matches(rows, known, outsiders);
    let mut found: Vec<RowMatch> = Vec::new();
    for (row, place) in rows.iter().zip(&own) {
        if let Some(place) = place {
            found.push(RowMatch::Handoff(*place));
            continue;
        }
        let of_row = |handoff: usize| {
            let better = own.iter().position(|place| *place == Some(handoff));
            better.and_then(|better| rows.get(better))
        };
        let mut again = known.iter().enumerate().filter(|(place, handoff)| {
            let is_near = of_row(*place).is_some_and(|better| is_same_handoff(row, better));
            row.ae == handoff.ae && likeness(row, handoff, outsiders).is_some() && is_near
        });
        let again = again.next().map(|(place, _)| RowMatch::Again(place));
        let before = found
            .iter()
            .zip(rows)
            .position(|(what, before)| *what == RowMatch::Alone && is_same_handoff(row, before));
        found.push(again.or(before.map(RowMatch::Row)).unwrap_or(RowMatch::Alone));
    }
    found
}

/// Rows of one day at most apart.
const SAME_DAY: Duration = Duration::days(1);

/// Whether two rows are of one handoff: the same AE's and SDR's, about one contact within days, or about one company at
/// one time.
fn is_same_handoff(one: &CrmRow, other: &CrmRow) -> bool {
    let is_same = |one: &str, other: &str| one == other || one.is_empty() || other.is_empty();
    let apart = (one.at - other.at).abs();
    let addresses = |row: &CrmRow| -> BTreeSet<Address> {
        row.prospects.iter().map(|one| one.address.canonical()).collect()
    };
    let has_address = !addresses(one).is_disjoint(&addresses(other));
    let is_company =
        || !one.company.is_empty() && company_words(&one.company) == company_words(&other.company);
    one.ae == other.ae
        && is_same(&one.sdr, &other.sdr)
        && (has_address && apart <= Duration::days(MOST_DAYS_APART) || is_company() && apart < SAME_DAY)
}

/// For each row the place of the handoff that it fits best, if any; no handoff is given twice.
fn best_matches(rows: &[CrmRow], known: &[KnownHandoff], outsiders: &Outsiders) -> Vec<Option<usize>> {
    let mut pairs: Vec<(i64, usize, usize)> = Vec::new();
    for (row_place, row) in rows.iter().enumerate() {
        for (place, handoff) in known.iter().enumerate() {
            if let Some(worth) = likeness(row, handoff, outsiders) {
                pairs.push((worth, row_place, place));
            }
        }
    }
    pairs.sort_by_key(|(worth, row, place)| (std::cmp::Reverse(*worth), *row, *place));
    let mut of_row = vec![None; rows.len()];
    let mut taken = BTreeSet::new();
    for (_, row, place) in pairs {
        if let Some(slot @ None) = of_row.get_mut(row)
            && taken.insert(place)
        {
            *slot = Some(place);
        }
    }
    of_row
}

/// How much a row and a handoff are alike; `None`: they are not.
fn likeness(row: &CrmRow, handoff: &KnownHandoff, outsiders: &Outsiders) -> Option<i64> {
    let apart = if handoff.at < row.at {
        row.at - handoff.at
    } else {
        (handoff.at - row.latest.unwrap_or(row.at)).max(Duration::zero())
    };
    let own: Vec<Address> = row.prospects.iter().map(|one| one.address.canonical()).collect();
    let has_address = handoff.addresses.iter().any(|one| own.contains(&one.canonical()));
    let domains: BTreeSet<&str> =
        own.iter().filter(|one| !outsiders.is_freemail(one)).map(Address::domain).collect();
    let has_domain = handoff.addresses.iter().any(|one| domains.contains(one.domain()));
    let has_company = is_same_company(&row.company, handoff);
    let (worth, most_days) = match (has_address, has_domain, has_company) {
        (true, ..) => (3_000_000, MOST_DAYS_APART),
        (_, true, _) => (2_000_000, MOST_DAYS_APART_BY_COMPANY),
        (.., true) => (1_000_000, MOST_DAYS_APART_BY_COMPANY),
        _ => return None,
    };
    let is_same_ae = row.ae == handoff.ae;
    // Owners change, so that another AE alone does not part them; two AEs at one company do.
    if apart > Duration::days(most_days) || !is_same_ae && !has_address {
        return None;
    }
    Some(worth + i64::from(is_same_ae) * 500_000 - apart.num_minutes())
}

/// The same name, endings such as `Inc.` aside, or the name of the mail domain.
fn is_same_company(company: &str, handoff: &KnownHandoff) -> bool {
    let own = company_words(company);
    if own.is_empty() {
        return false;
    }
    let labels = handoff.addresses.iter().filter_map(|one| one.domain().split('.').next());
    company_words(&handoff.company) == own || labels.into_iter().any(|label| label == own.concat())
}

/// Legal forms and the like, which people leave out.
const LEGAL_FORMS: [&str; 20] = [
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "co",
    "company",
    "ltd",
    "limited",
    "llc",
    "llp",
    "plc",
    "gmbh",
    "ag",
    "kg",
    "sa",
    "sas",
    "sarl",
    "bv",
    "spa",
    "srl",
];

fn company_words(name: &str) -> Vec<String> {
    let name = name.to_lowercase().replace('.', "");
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    let kept: Vec<String> =
        words.iter().filter(|word| !LEGAL_FORMS.contains(&word.as_str())).cloned().collect();
    if kept.is_empty() { words } else { kept }
}

impl CrmRow {
    /// The row as a handoff of which the mail shows no intro.
    pub(crate) fn alone(&self) -> PastHandoff {
        PastHandoff {
            company: self.company.clone(),
            sdr: self.sdr.clone(),
            ae: self.ae.clone(),
            prospects: self.prospects.clone(),
            at: self.at,
            latest: self.latest,
            intro: None,
            source: AuditSource::Crm,
            evidence: vec![format!("line {} of the CRM's file; no intro was found in the mail", self.line)],
            meeting: self.meeting,
            named_meeting: None,
            line: Some(self.line),
        }
    }

    /// What the row adds to a handoff of which another row tells already.
    pub(crate) fn add_again(&self, past: &mut PastHandoff) {
        past.meeting = past.meeting.or(self.meeting);
        past.evidence.push(format!("line {} of the CRM's file is about the same handoff", self.line));
        if past.intro.is_none() {
            let is_new = |one: &&Mailbox| !past.prospects.iter().any(|known| known.address == one.address);
            let new: Vec<Mailbox> = self.prospects.iter().filter(is_new).cloned().collect();
            past.prospects.extend(new);
        }
    }

    /// What the row adds to an intro that the mail shows, whose time counts.
    pub(crate) fn add_to(&self, past: &mut PastHandoff) {
        past.source = AuditSource::Both;
        past.line = Some(self.line);
        if !self.company.is_empty() {
            past.company.clone_from(&self.company);
        }
        past.meeting = past.meeting.or(self.meeting);
        past.evidence.push(format!("line {} of the CRM's file is about the same handoff", self.line));
    }
}
