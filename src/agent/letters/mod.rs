//! Letters: what people write to baton, and what it answers. docs/behaviour.md sections 13 and 14.
//!
//! `recognise` says what is a letter, and the reading keeps it in the transaction that moves the folder's cursor.
//! `answer_letters` then takes one after the other: what it asks for is decided from the store (`plan`), what needs a
//! mailbox is looked up outside of any transaction, and everything that follows is written in one transaction with
//! the note that the letter was answered. So a letter is answered once, whatever crashes. Nothing leaves from here:
//! answers are rows of the outbox.
//!
//! - `handed_in`: the record that a letter holds, a draft with its corrections
//! - `another_company`: whether a record begins a draft of its own
//! - `offers`: `record-faults`, `record-ready`
//! - `decisions`: the answer to a `record-ready`
//! - `in_doubt`: answers about an intro in doubt that a command had sent
//! - `forms`: the empty record, filled in from a mailbox
//! - `requests`: words about a handoff, carried out as a person's statement
//! - `overview`: where the writer's handoffs stand

pub(crate) mod after_intro;
mod another_company;
pub(crate) mod before_first_reading;
mod decisions;
mod forms;
mod handed_in;
mod in_doubt;
mod meeting_requests;
mod named;
mod offers;
mod overview;
mod plan;
pub(crate) mod recognise;
mod request_outcome;
mod requests;
mod stated;

pub(crate) use offers::digest_of;
pub(crate) use requests::read_late;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::letter::{DRAFT_KEPT, Letter};
use crate::domain::letter_answer::LetterAnswer;
use crate::domain::mails::{MailBrief, MailKey, MailKind, WantedMail};
use crate::domain::message::Mailbox;
use crate::store::{
    NewMail, OutboxRow, QueueOutcome, ReadTransaction, Recipients, Result as Stored, Scope, WriteTransaction,
};

use super::AgentError;
use super::adopted_mails::adopt_answered;
use super::app::App;
use super::clock_doubt::old_before;
use super::daemon::{Wakeups, notify};
use before_first_reading::LetterTurn;
use plan::Plan;

/// Answers for each person within an hour; letters beyond that are dropped.
const ANSWERS_AN_HOUR: u32 = 20;

/// How often drafts are looked at that may have expired.
const LOOK_AGAIN: Duration = Duration::from_secs(600);

/// Answers letters whenever some have come, until the agent ends.
pub(crate) async fn run(app: Arc<App>, wakeups: Wakeups) -> Result<(), AgentError> {
    let mut store_changed = wakeups.store_changed.subscribe();
    loop {
        store_changed.mark_unchanged();
        match answer_letters(&app).await {
            Ok(true) => notify(&wakeups.store_changed),
            Ok(false) => {}
            Err(error) if error.account().is_some() => {
                tracing::warn!(%error, "a letter has to wait for its answer");
            }
            Err(error) => return Err(error),
        }
        // After the letters, one of which may keep a draft.
        expire_drafts(&app).await?;
        tokio::select! {
            _ = store_changed.changed() => {}
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
    }
}

/// Answers every letter that waits. Returns whether there was one.
pub(crate) async fn answer_letters(app: &Arc<App>) -> Result<bool, AgentError> {
    // Whether a letter was answered before is known once every folder was read.
    if app.read(|_, tx| tx.behind()).await?.is_some() {
        return Ok(false);
    }
    answer_all(app, Knowledge::Whole).await
}

/// How much of our own mail is known, which a letter may answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Knowledge {
    /// The database is being caught up with the mailboxes. What is no letter by now stays and is looked at again.
    Growing,
    Whole,
}

/// The same also while the database is being caught up with the mailboxes.
pub(crate) async fn answer_all(app: &Arc<App>, knowledge: Knowledge) -> Result<bool, AgentError> {
    let letters = app.read(|_, tx| tx.letters_to_answer()).await?;
    let mut any = false;
    for (seq, letter) in letters {
        if app.is_stopping() {
            return Ok(any);
        }
        let turn = {
            let letter = letter.clone();
            app.read(move |app, tx| before_first_reading::turn_of(app, tx, &letter)).await?
        };
        match turn {
            LetterTurn::Answered => {}
            LetterTurn::Waits => continue,
            LetterTurn::Anothers => {
                tracing::info!(letter = %letter.identity, "a letter that was another database's to answer");
                app.write(move |_, tx| tx.finish_letter(seq, None)).await?;
                continue;
            }
        }
        any = true;
        adopt_answered(app, &letter).await?;
        answer(app, seq, letter, knowledge).await?;
    }
    Ok(any)
}

/// Drafts that nobody said yes to are given up: their records and the texts of their letters are forgotten.
pub(crate) async fn expire_drafts(app: &Arc<App>) -> Result<(), AgentError> {
    app.write(|app, tx| match old_before(tx, DRAFT_KEPT, app.now())? {
        Some(before) => tx.expire_drafts(before).map(drop),
        None => Ok(()),
    })
    .await
}

async fn answer(app: &Arc<App>, seq: i64, letter: Letter, knowledge: Knowledge) -> Result<(), AgentError> {
    let plan = {
        let letter = letter.clone();
        app.read(move |app, tx| plan::plan(app, tx, &letter)).await?
    };
    if matches!(plan, Plan::Nothing) {
        tracing::debug!(letter = %letter.identity, from = %letter.from, "mail that is no letter");
    } else {
        tracing::info!(letter = %letter.identity, from = %letter.from, plan = plan.name(), "letter");
    }
    match plan {
        Plan::Nothing if knowledge == Knowledge::Growing => Ok(()),
        Plan::Nothing => app.write(move |_, tx| tx.finish_letter(seq, None)).await,
        Plan::Form { named } => forms::answer(app, seq, letter, named).await,
        Plan::Record(offer) => offers::show(app, seq, letter, *offer).await,
        Plan::Yes(yes) => decisions::send(app, seq, letter, *yes).await,
        Plan::No { draft } => app.write(move |_, tx| tx.finish_letter(seq, Some(&draft))).await,
        Plan::Cancel { draft } => decisions::cancel(app, seq, letter, draft).await,
        Plan::UsedUp { offer, asked_by } => decisions::used_up(app, seq, letter, offer, asked_by).await,
        Plan::Request(asked) => requests::carry_out(app, seq, letter, *asked).await,
        Plan::WhichHandoff => requests::which_handoff(app, seq, letter).await,
        Plan::NotRead { handoff, about, asked_by } => {
            requests::not_read(app, seq, letter, handoff, about, asked_by).await
        }
        Plan::Overview { asked } => overview::answer(app, seq, letter, asked).await,
        Plan::Help => help(app, seq, letter).await,
    }
}

/// What can be written.
async fn help(app: &Arc<App>, seq: i64, letter: Letter) -> Result<(), AgentError> {
    app.write(move |app, tx| {
        let reader = plan::writer_roles(&app.policy, &letter);
        let reply = Reply::to_writer(&letter, MailBrief::Help { reader });
        respond(app, tx, seq, &letter, reply)?;
        tx.finish_letter(seq, None)
    })
    .await
}

/// One answer to a letter.
struct Reply {
    to: Mailbox,
    cc: Vec<Mailbox>,
    draft: Option<String>,
    handoff: Option<String>,
    brief: MailBrief,
    shown: Option<String>,
}

impl Reply {
    fn to_writer(letter: &Letter, brief: MailBrief) -> Self {
        let to = Mailbox { name: letter.writer.clone(), address: letter.from.clone() };
        Self { to, cc: Vec::new(), draft: None, handoff: None, brief, shown: None }
    }
}

/// Makes the mail that answers a letter, unless its writer has had too many.
fn respond(app: &App, tx: &WriteTransaction<'_>, seq: i64, letter: &Letter, reply: Reply) -> Stored<()> {
    let now = app.now();
    if tx.answers_since(&letter.writer, now - TimeDelta::hours(1))? >= ANSWERS_AN_HOUR {
        let what = format!("{} wrote more than {ANSWERS_AN_HOUR} letters within an hour", letter.writer);
        let detail = format!("the last one, \u{201c}{}\u{201d}, was not answered", letter.subject);
        let remedy =
            "Check whether a program answers baton's mail. Letters are answered again within the hour.";
        tx.raise_alert(&format!("letters {}", letter.writer), &what, &detail, remedy, now)?;
        super::global::reconcile_global_outbox(app, tx, now)?;
        return Ok(());
    }
    tx.resolve_alert(&format!("letters {}", letter.writer), now)?;
    let to = configured(app, reply.to);
    let key = MailKey { kind: reply.brief.kind(), about: format!("letter {seq}") };
    let answer = LetterAnswer {
        letter: seq,
        reader: letter.writer.clone(),
        at: now,
        draft: reply.draft,
        handoff: reply.handoff,
        brief: reply.brief,
        shown: reply.shown,
    };
    queue(app, tx, key, Recipients { to: vec![to], cc: reply.cc }, &answer, now)
}

/// Answers go to the address in the configuration, whichever alias was written from.
fn configured(app: &App, to: Mailbox) -> Mailbox {
    match app.policy.person(&to.name) {
        Some(person) => Mailbox { name: person.name.clone(), address: person.address.clone() },
        None => Mailbox { name: String::new(), address: app.policy.operator.clone() },
    }
}

fn queue(
    app: &App,
    tx: &WriteTransaction<'_>,
    key: MailKey,
    recipients: Recipients,
    answer: &LetterAnswer,
    now: DateTime<Utc>,
) -> Stored<()> {
    let mail = NewMail {
        scope: Scope::Letter,
        key,
        account: app.policy.agent_account.clone(),
        sender: app.policy.agent_address.clone(),
        recipients,
        not_before: None,
    };
    if let QueueOutcome::New(row) = tx.make(&mail, now)? {
        tx.add_letter_answer(row, answer)?;
    }
    Ok(())
}

/// What a row that answers a letter has to say.
pub(crate) fn wanted(tx: &ReadTransaction<'_>, row: &OutboxRow) -> Stored<Option<WantedMail>> {
    let answer = tx.letter_answer(row.seq, row.key.kind)?;
    Ok(answer.map(|answer| WantedMail {
        key: row.key.clone(),
        from: MailKind::properties(row.key.kind).from,
        to: row.recipients.to.clone(),
        cc: row.recipients.cc.clone(),
        not_before: None,
        brief: answer.brief,
    }))
}
