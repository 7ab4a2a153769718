//! Past handoffs in mail that baton never sent: headers of everything, once, into a small index; bodies of what may be an
//! intro, and of the mail around those that are. docs/behaviour.md section 10.
//!
//! Nothing is written, to no mailbox and not to the database. Known limits: of a message, the first 2 MiB are looked at;
//! of a thread the first 400 messages.

mod account;
mod bodies;
mod examine;
mod index;
mod internal;
mod intros;
mod maildir;
mod maildir_files;
mod mbox;
mod named_meeting;
mod needed;
mod owners;
mod packed;
mod progress;
mod reading;
mod source;
mod threads;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::domain::audit::crm::{CrmRow, KnownHandoff, RowMatch, matched};
use crate::domain::audit::past::Coverage;
use crate::domain::audit::past_handoff::PastHandoff;
use crate::domain::audit::{AuditSource, AuditedHandoff, newest_first};
use crate::domain::message::MessageId;

use super::AgentError;
use super::app::App;
use super::audited::{AuditSpan, OwnHandoff, own_with_ids};
use super::free_memory::give_back;
use bodies::MailBodies;
use index::MailIndex;
use reading::ReadingThread;
use source::OpenSource;
use threads::MailThreads;

pub(crate) use progress::Progress;
pub(crate) use source::MailSource;

/// What an audit is about.
#[derive(Debug)]
pub(crate) struct PastQuestion {
    pub sources: Vec<MailSource>,
    /// A person has named the sources: one that cannot be read is a failure. The others are done without.
    pub is_named: bool,
    /// Of a CRM's export.
    pub rows: Vec<CrmRow>,
    /// baton's own handoffs that none of the mail shows are listed, too.
    pub with_own: bool,
    pub span: AuditSpan,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct PastAnswer {
    /// Newest first.
    pub handoffs: Vec<AuditedHandoff>,
    /// What could not be read, a sentence each.
    pub notes: Vec<String>,
    /// Older handoffs that were found and are not among them.
    pub left_out: usize,
    /// Messages that were looked at.
    pub messages: u64,
}

/// A handoff that is to be answered for.
#[derive(Debug)]
enum ListedHandoff {
    Own(Box<AuditedHandoff>),
    Past(Box<PastCase>),
}

/// A past handoff, with the messages that are its intro.
#[derive(Clone, Debug)]
pub(super) struct PastCase {
    pub past: PastHandoff,
    /// The number of its id in the index.
    pub intro: Option<u64>,
    pub row: Option<CrmRow>,
}

impl PastCase {
    /// Of several rows the one that has fields of the record tells of it.
    fn take_record(&mut self, row: &CrmRow) {
        if self.row.as_ref().is_none_or(|known| known.record.is_none() && row.record.is_some()) {
            self.row = Some(row.clone());
        }
    }
}

/// Reads the sources and answers for the handoffs of the span.
pub(crate) async fn past_handoffs(
    app: &Arc<App>,
    question: PastQuestion,
    progress: &mut Progress,
) -> Result<PastAnswer, AgentError> {
    let now = app.now();
    let mut answer = PastAnswer::default();
    let mut index = MailIndex::new(&app.policy);
    let mut coverage = Coverage::default();
    let reading = ReadingThread::start()?;
    let mut sources = Vec::new();
    for (number, source) in question.sources.iter().enumerate() {
        let mut open = OpenSource::new(app, source.clone(), reading.clone())?;
        match open.list(app, number, question.span.since, &mut index, progress).await {
            Ok((mailboxes, refused)) => {
                coverage.mailboxes.extend(mailboxes);
                answer.notes.extend(refused);
            }
            Err(error) if !question.is_named && error.account().is_some() => {
                answer.notes.push(format!("{} was not read: {}", source.label(), super::error_chain(&error)));
            }
            Err(error) => return Err(error),
        }
        sources.push(open);
    }
    answer.messages = index.looked_at;
    needed::keep_needed(&mut index, &question.rows);
    // Most of the index, before what reads the texts takes its place.
    give_back();
    let threads = MailThreads::of(&index);
    let mut mail = MailBodies { app: Arc::clone(app), index, threads, sources, reading };
    progress.begin("what may be intros", mail.index.candidates.len() as u64);
    let intros = intros::find(&mut mail, progress).await?;
    // Half of what has been needed so far.
    give_back();
    let own = app.read(move |app, tx| own_with_ids(tx, &app.policy, now)).await?;
    let listed = combined(&mail.index, intros, own, &question);
    let (own, cases) = within(listed, &question.span, &mut answer);
    let examined = examine::examine(&mut mail, &coverage, cases, now, progress).await?;
    answer.handoffs = own.into_iter().chain(examined).collect();
    newest_first(&mut answer.handoffs);
    for source in mail.sources {
        source.close().await;
    }
    progress.end();
    Ok(answer)
}

/// Intros, baton's own handoffs and rows, each handoff once.
fn combined(
    index: &MailIndex,
    mut intros: Vec<PastCase>,
    own: Vec<OwnHandoff>,
    question: &PastQuestion,
) -> Vec<ListedHandoff> {
    let mut listed: Vec<(AuditedHandoff, bool)> = Vec::new();
    for OwnHandoff { mut handoff, ids } in own {
        let before = intros.len();
        intros.retain(|case| !is_of(case, &handoff, &ids));
        let is_in_mail = intros.len() < before;
        if is_in_mail {
            handoff.source = AuditSource::Both;
        }
        listed.push((handoff, is_in_mail));
    }
    let known: Vec<KnownHandoff> = intros
        .iter()
        .map(|case| KnownHandoff::of_past(&case.past))
        .chain(listed.iter().filter_map(|(own, _)| KnownHandoff::of_own(own)))
        .collect();
    let places = matched(&question.rows, &known, index.outsiders());
    // By the places of their rows.
    let mut alone: BTreeMap<usize, PastCase> = BTreeMap::new();
    for (number, (row, place)) in question.rows.iter().zip(places).enumerate() {
        match place {
            RowMatch::Handoff(place) if place < intros.len() => {
                if let Some(case) = intros.get_mut(place) {
                    row.add_to(&mut case.past);
                    case.take_record(row);
                }
            }
            RowMatch::Handoff(place) => {
                if let Some((own, is_known)) = listed.get_mut(place - intros.len()) {
                    own.source = AuditSource::Both;
                    own.line = Some(row.line);
                    *is_known = true;
                }
            }
            RowMatch::Again(place) => {
                if let Some(case) = intros.get_mut(place) {
                    row.add_again(&mut case.past);
                    case.take_record(row);
                }
            }
            RowMatch::Row(place) => {
                if let Some(case) = alone.get_mut(&place) {
                    row.add_again(&mut case.past);
                    case.take_record(row);
                }
            }
            RowMatch::Alone => {
                alone.insert(number, PastCase { past: row.alone(), intro: None, row: Some(row.clone()) });
            }
        }
    }
    let is_listed = |(_, is_known): &(AuditedHandoff, bool)| *is_known || question.with_own;
    let own = listed.into_iter().filter(is_listed).map(|(own, _)| ListedHandoff::Own(Box::new(own)));
    let past = intros.into_iter().chain(alone.into_values()).map(|case| ListedHandoff::Past(Box::new(case)));
    own.chain(past).collect()
}

/// Whether an intro that lies in the mail is that of a handoff that baton made.
fn is_of(case: &PastCase, own: &AuditedHandoff, ids: &BTreeSet<MessageId>) -> bool {
    if case.past.intro.as_ref().is_some_and(|id| ids.contains(id)) {
        return true;
    }
    // A provider may have given it another id.
    let is_near = own.sent_at.is_some_and(|at| (at - case.past.at).num_minutes().abs() <= 10);
    let is_to = |one: &crate::domain::message::Mailbox| own.prospects.contains(&one.address);
    is_near && own.sdr == case.past.sdr && own.ae == case.past.ae && case.past.prospects.iter().any(is_to)
}

/// The newest of those within the span, baton's own apart.
fn within(
    listed: Vec<ListedHandoff>,
    span: &AuditSpan,
    answer: &mut PastAnswer,
) -> (Vec<AuditedHandoff>, Vec<PastCase>) {
    let at = |one: &ListedHandoff| match one {
        ListedHandoff::Own(own) => own.sent_at,
        ListedHandoff::Past(case) => Some(case.past.at),
    };
    let mut listed: Vec<ListedHandoff> = listed
        .into_iter()
        .filter(|one| at(one).is_none_or(|at| span.since.is_none_or(|since| at >= since)))
        .collect();
    listed.sort_by_key(|one| std::cmp::Reverse(at(one)));
    let last = span.last.unwrap_or(usize::MAX);
    answer.left_out = listed.len().saturating_sub(last);
    listed.truncate(last);
    let (mut own, mut cases) = (Vec::new(), Vec::new());
    for one in listed {
        match one {
            ListedHandoff::Own(handoff) => own.push(*handoff),
            ListedHandoff::Past(case) => cases.push(*case),
        }
    }
    (own, cases)
}
