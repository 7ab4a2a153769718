//! Handoffs with their mail, as months of use leave them behind, made by the store's own operations: what the growth
//! benchmark and the growth test begin with. And what work was done since, counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::fact::{Statement, StatementKind};
use crate::domain::handoff::{DealRole, Handoff, Objection, PlannedMeeting, Record, Stakeholder};
use crate::domain::mails::{MailKey, MailKind};
use crate::domain::message::{
    Address, CopyPlace, Headers, Mailbox, MessageBody, MessageCopy, MessageId, MessageKind,
};
use crate::store::{
    NewFact, OutboxState, Result as Stored, Scope, SentCopyState, StoreError, WriteTransaction,
    statements_run, take_longest_write,
};

use super::AgentError;
use super::app::App;
use super::turn::settle;

/// Handoffs that are made in one transaction.
const AT_ONCE: usize = 20;

static JUDGEMENTS: AtomicU64 = AtomicU64::new(0);

/// A handoff was judged.
pub(crate) fn count_judgement() {
    JUDGEMENTS.fetch_add(1, Ordering::Relaxed);
}

static LOOKS: AtomicU64 = AtomicU64::new(0);

/// An account was looked through before somebody is accused.
pub(crate) fn count_look() {
    LOOKS.fetch_add(1, Ordering::Relaxed);
}

/// Work of this process so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkDone {
    /// SQL statements that were run.
    pub statements: u64,
    /// Handoffs that were judged, each time counted.
    pub judgements: u64,
    /// Accounts that were looked through before somebody is accused, each time counted.
    pub looks: u64,
}

impl WorkDone {
    pub fn now() -> Self {
        Self {
            statements: statements_run(),
            judgements: JUDGEMENTS.load(Ordering::Relaxed),
            looks: LOOKS.load(Ordering::Relaxed),
        }
    }

    pub fn since(self, before: Self) -> Self {
        Self {
            statements: self.statements - before.statements,
            judgements: self.judgements - before.judgements,
            looks: self.looks - before.looks,
        }
    }
}

/// The longest that one transaction of this process kept others from writing, since this was last asked: how much time
/// passed, and how much of it the processor worked for it.
pub fn longest_write() -> (Duration, Duration) {
    take_longest_write()
}

/// One handoff to make.
#[derive(Clone, Debug)]
pub struct SeededHandoff {
    /// What makes its company, its prospect and its id its own.
    pub number: usize,
    pub sdr: String,
    pub ae: String,
    /// When its intro was accepted.
    pub at: DateTime<Utc>,
    /// Mail of the AE and the prospect in its thread, one after the other, a minute apart.
    pub messages: usize,
    pub closed: bool,
}

/// Id of a seeded handoff.
pub fn id_of(number: usize) -> String {
    format!("acme{number}-seed")
}

/// Address of its prospect.
pub fn prospect_of(number: usize) -> String {
    format!("sarah@acme{number}.example")
}

/// Id of its intro.
pub fn intro_of(number: usize) -> String {
    format!("intro-{number}@vendor.example")
}

/// Makes the handoffs, each judged as of `now`.
pub async fn seed(
    app: &Arc<App>,
    handoffs: Vec<SeededHandoff>,
    now: DateTime<Utc>,
) -> Result<(), AgentError> {
    for some in handoffs.chunks(AT_ONCE) {
        let some = some.to_vec();
        app.write(move |app, tx| some.iter().try_for_each(|one| make(app, tx, one, now))).await?;
    }
    Ok(())
}

/// The record of a seeded handoff.
pub fn record_of(handoff: &SeededHandoff) -> Record {
    let sarah = person("Sarah Lee", &prospect_of(handoff.number));
    Record {
        company: format!("Acme {}", handoff.number),
        date: handoff.at.date_naive(),
        sdr: handoff.sdr.clone(),
        ae: handoff.ae.clone(),
        conditions: vec!["Calendar invite accepted".to_owned()],
        pain: "\"Our reps spend 20 minutes a day updating the CRM.\"".to_owned(),
        meeting: PlannedMeeting {
            start: handoff.at + TimeDelta::days(60),
            local_start: None,
            length_seconds: 1800,
            zone: "UTC".to_owned(),
            format: "Zoom".to_owned(),
            attendees: sarah.iter().cloned().collect(),
            agenda: "the reporting pain, then the dashboard".to_owned(),
        },
        stakeholders: vec![Stakeholder {
            name: "Sarah Lee".to_owned(),
            title: "VP Sales".to_owned(),
            role: DealRole::DecisionMaker,
        }],
        objections: vec![Objection { objection: "cost".to_owned(), handled: "ROI".to_owned() }],
        competitor: "none mentioned".to_owned(),
        to: sarah.into_iter().collect(),
        discussed: "we talked about the hours your reps lose".to_owned(),
        why_this_ae: "works with VPs of Sales".to_owned(),
        what_to_expect: "a short look, then the dashboard".to_owned(),
    }
}

fn person(name: &str, address: &str) -> Option<Mailbox> {
    Address::new(address).map(|address| Mailbox { name: name.to_owned(), address })
}

fn make(app: &App, tx: &WriteTransaction<'_>, seeded: &SeededHandoff, now: DateTime<Utc>) -> Stored<()> {
    let id = id_of(seeded.number);
    let handoff = Handoff { id: id.clone(), record: record_of(seeded), created_at: seeded.at };
    tx.add_handoff(&handoff, "HANDOFF RECORD")?;
    tx.add_fact(&id, seeded.at, &NewFact::IntroAsked { sending: 1, record: None })?;
    settle(tx, &app.policy, [id.clone()], seeded.at)?;
    leave(tx, &id, seeded, seeded.at)?;
    for number in 0..seeded.messages {
        write(app, tx, seeded, number)?;
    }
    if seeded.closed {
        let statement = Statement {
            id: format!("seed-{id}"),
            why: "done".to_owned(),
            says: StatementKind::Closed,
            letter: None,
            read_at: None,
        };
        tx.add_fact(&id, seeded.at + TimeDelta::hours(1), &NewFact::Said(statement))?;
    }
    settle(tx, &app.policy, [id.clone()], now)?;
    leave(tx, &id, seeded, now)
}

/// Whatever waits in the outbox of the handoff has left.
fn leave(tx: &WriteTransaction<'_>, id: &str, seeded: &SeededHandoff, at: DateTime<Utc>) -> Stored<()> {
    let intro = MailKey { kind: MailKind::Intro, about: "sending 1".to_owned() };
    for row in tx.outbox(&Scope::Handoff(id.to_owned()))? {
        if row.state == OutboxState::Queued {
            let other = MessageId::new(&intro_of(seeded.number)).filter(|_| row.key == intro);
            tx.lease(row.seq, &vec![b'x'; 4000], &row.recipients, "seed", at)?;
            tx.last_piece_begins(row.seq, "seed", &[])?;
            tx.sent(row.seq, at, &other.into_iter().collect::<Vec<_>>(), SentCopyState::None)?;
        }
    }
    Ok(())
}

/// One mail in the thread, by the AE and the prospect in turn.
fn write(app: &App, tx: &WriteTransaction<'_>, seeded: &SeededHandoff, number: usize) -> Stored<()> {
    let unknown = || StoreError::Row { table: "handoffs", key: seeded.ae.clone() };
    let ae = app.policy.person(&seeded.ae).ok_or_else(unknown)?;
    let sarah = person("Sarah Lee", &prospect_of(seeded.number)).ok_or_else(unknown)?;
    let calvin = Mailbox { name: ae.name.clone(), address: ae.address.clone() };
    let (from, to) = if number.is_multiple_of(2) { (calvin, sarah) } else { (sarah, calvin) };
    let name = |number: usize| MessageId::new(&format!("mail-{}-{number}@vendor.example", seeded.number));
    let mut references: Vec<MessageId> = MessageId::new(&intro_of(seeded.number)).into_iter().collect();
    references.extend((number.saturating_sub(10)..number).filter_map(name));
    let at = seeded.at + TimeDelta::minutes(i64::try_from(number).unwrap_or(i64::MAX).saturating_add(1));
    let headers = Headers {
        id: name(number),
        in_reply_to: references.last().cloned().into_iter().collect(),
        references,
        date: Some(at),
        received: Some(at),
        from: vec![from],
        to: vec![to],
        subject: "Re: Sarah, intro".to_owned(),
        base_subject: "Sarah, intro".to_owned(),
        ..Headers::default()
    };
    let place = CopyPlace {
        account: ae.account.clone().unwrap_or_default(),
        folder: "INBOX".to_owned(),
        uid_validity: 1,
        uid: u32::try_from(seeded.number * 10_000 + number).unwrap_or(u32::MAX),
    };
    let copy = MessageCopy {
        place,
        internal_date: at,
        stamp: Some(at),
        is_dated: false,
        read_at: None,
        is_sent: false,
        is_draft: false,
    };
    tx.see(&headers, Some(&human(number)), &copy).map(drop)
}

fn human(number: usize) -> MessageBody {
    let line = "Thursday works for me, and I will start with the hours that your reps lose every day.\n";
    MessageBody {
        kind: MessageKind::Human,
        kind_of_known: None,
        reasons: vec!["a person wrote it".to_owned()],
        author_text: line.repeat(2 + number % 5),
        quoted_text: line.repeat(5 + number % 20),
        quoted: true,
        quoted_authors: Vec::new(),
        links: Vec::new(),
        calendar: None,
        bounce: None,
        away_until: None,
        reaction: None,
        holds_record: false,
        attachments: Vec::new(),
        scheduler: None,
        quoted_mails: Vec::new(),
        chat_paste: None,
        video_link: None,
    }
}
