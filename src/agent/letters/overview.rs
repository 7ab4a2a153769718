//! Where the writer's open handoffs stand, by mail. docs/behaviour.md section 14.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::judge::{AcceptanceState, Event, FeedbackState, Judgement, TouchState};
use crate::domain::letter::{Letter, OverviewBrief, OverviewLine};
use crate::domain::mails::MailBrief;
use crate::domain::people::given_name;
use crate::store::{ReadTransaction, Result as Stored, Scope};
use crate::templates::words;

use super::super::AgentError;
use super::super::app::App;
use super::super::intro_fate::IntroFate;
use super::super::turn::{JudgedHandoff, judged};
use super::plan::writer_roles;
use super::{Reply, respond};

pub(super) async fn answer(
    app: &Arc<App>,
    seq: i64,
    letter: Letter,
    asked: Option<String>,
) -> Result<(), AgentError> {
    app.write(move |app, tx| {
        let now = app.now();
        let mut mine = Vec::new();
        for id in tx.open_handoffs()? {
            let Some(judged) = judged(tx, &app.policy, &id, now)? else { continue };
            if judged.judgement.open && concerns(app, &letter, &judged.judgement) {
                mine.push(judged);
            }
        }
        mine.sort_by_key(|one| urgency(&one.judgement));
        let matching = matching(&mine, asked.as_deref());
        let story = match (matching.as_slice(), &asked) {
            ([one], Some(_)) => one.judgement.story.iter().map(|event| (event.at, told(event))).collect(),
            _ => Vec::new(),
        };
        let mut of_company: HashMap<String, usize> = HashMap::new();
        for one in &mine {
            *of_company.entry(company(one)).or_default() += 1;
        }
        let mut lines = Vec::new();
        for one in &matching {
            let is_shared = of_company.get(&company(one)).is_some_and(|count| *count > 1);
            let id = is_shared.then(|| one.stored.handoff.id.clone());
            lines.push(OverviewLine { id, ..line(app, &letter, one, last_intro(tx, one)?) });
        }
        // Words in answer to the story of one handoff are about that one.
        let only = match (matching.as_slice(), &asked) {
            ([one], Some(_)) => Some(one.stored.handoff.id.clone()),
            _ => None,
        };
        let brief = MailBrief::Overview(Box::new(OverviewBrief { asked, lines, story }));
        respond(app, tx, seq, &letter, Reply { handoff: only, ..Reply::to_writer(&letter, brief) })?;
        tx.finish_letter(seq, None)
    })
    .await
}

/// What happened, for people.
fn told(event: &Event) -> String {
    match &*event.what {
        "clock-started" => {
            format!("the clock for the first email started ({})", words::deadline_why(&event.why))
        }
        _ => event.why.clone(),
    }
}

/// An SDR's and AE's own, a manager's people's, all of them for the operator.
fn concerns(app: &App, letter: &Letter, judgement: &Judgement) -> bool {
    let writer = letter.writer.as_str();
    let manages =
        |name: &str| app.policy.person(name).and_then(|person| person.manager.as_deref()) == Some(writer);
    writer_roles(&app.policy, letter).is_operator
        || judgement.record.sdr == writer
        || judgement.ae == writer
        || manages(&judgement.record.sdr)
        || manages(&judgement.ae)
}

/// The handoffs that `status acme` means, the likeliest sort alone: those whose ids are named, a company of just that
/// name, words of a company among others (`status of acme, please`).
fn matching<'j>(mine: &'j [JudgedHandoff], asked: Option<&str>) -> Vec<&'j JudgedHandoff> {
    let Some(asked) = asked.map(str::to_lowercase) else { return mine.iter().collect() };
    let sorts: [fn(&JudgedHandoff, &str) -> bool; 3] = [has_id, has_company, is_named];
    let found = sorts.iter().map(|is_meant| mine.iter().filter(|one| is_meant(one, &asked)).collect());
    found.into_iter().find(|found: &Vec<_>| !found.is_empty()).unwrap_or_default()
}

/// An id among the words, whatever stands around it.
fn has_id(judged: &JudgedHandoff, asked: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '-';
    asked.split(|c| !is_part(c)).any(|word| word == judged.stored.handoff.id)
}

fn has_company(judged: &JudgedHandoff, asked: &str) -> bool {
    company(judged) == asked.trim()
}

/// As names of companies are compared.
fn company(judged: &JudgedHandoff) -> String {
    judged.judgement.record.company.trim().to_lowercase()
}

fn is_named(judged: &JudgedHandoff, asked: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let company = &judged.judgement.record.company;
    let first = words(company).into_iter().next();
    company.to_lowercase().contains(asked) || first.is_some_and(|first| words(asked).contains(&first))
}

/// Who waits for somebody comes first, by when something is due.
pub(crate) fn urgency(judgement: &Judgement) -> (bool, u8, DateTime<Utc>) {
    let state = match judgement.touch.state {
        TouchState::Breached => 0,
        TouchState::Undelivered => 1,
        TouchState::CannotSee => 2,
        TouchState::Waiting => 3,
        TouchState::Touched if judgement.feedback.state == FeedbackState::Overdue => 3,
        TouchState::Touched => 4,
    };
    let due = match judgement.touch.state {
        TouchState::Touched => judgement.next.as_ref().map(|(at, _)| *at).or(judgement.feedback.due),
        _ => judgement.deadline,
    };
    (!judgement.open, state, due.unwrap_or(DateTime::<Utc>::MAX_UTC))
}

/// What became of the last intro; read only where the judgement cannot say.
fn last_intro(tx: &ReadTransaction<'_>, one: &JudgedHandoff) -> Stored<IntroFate> {
    match one.judgement.deadline {
        Some(_) => Ok(IntroFate::Left),
        None => Ok(IntroFate::of(&tx.outbox(&Scope::Handoff(one.stored.handoff.id.clone()))?)),
    }
}

/// What waits for the reader and for nobody else: the AE's first email and feedback, the SDR's intro that did not arrive,
/// a handoff that its AE has passed back. A fragment.
fn readers_part(letter: &Letter, judgement: &Judgement, intro: IntroFate) -> Option<String> {
    let writer = letter.writer.as_str();
    let (is_sdr, is_ae) = (judgement.record.sdr == writer, judgement.ae == writer);
    let prospect =
        judgement.prospects.first().map(|one| given_name(&one.name)).filter(|name| !name.is_empty());
    let prospect = prospect.unwrap_or(&judgement.record.company);
    let is_touched = judgement.touch.state == TouchState::Touched;
    if judgement.acceptance.state == AcceptanceState::Refused && !is_touched {
        let first = given_name(&judgement.ae);
        return (!is_ae).then(|| {
            format!("{first} has passed it back, so answer my email about that with \"over to\" and a name")
        });
    }
    match judgement.touch.state {
        TouchState::Waiting | TouchState::Breached if is_ae && judgement.deadline.is_some() => {
            Some(format!("reply to {prospect}"))
        }
        TouchState::Undelivered if is_sdr && intro != IntroFate::LetBe => {
            Some("the intro has not arrived: answer my email about that with \"resend\"".to_owned())
        }
        TouchState::Touched if is_ae => match judgement.feedback.state {
            FeedbackState::Requested | FeedbackState::Overdue => {
                Some("tell me how the meeting went".to_owned())
            }
            FeedbackState::NotDue | FeedbackState::NotOwed | FeedbackState::Received => None,
        },
        _ => None,
    }
}

fn line(app: &App, letter: &Letter, one: &JudgedHandoff, intro: IntroFate) -> OverviewLine {
    let judgement = &one.judgement;
    let zone = app.policy.person(&letter.writer).map(|person| person.working.zone.clone());
    let zone = zone.unwrap_or_else(|| app.default_zone.clone());
    let when = |at: DateTime<Utc>| words::when(at, &*zone, app.now());
    let first = given_name(&judgement.ae);
    let touch = &judgement.touch;
    let mut state = match (touch.state, judgement.deadline) {
        (TouchState::Touched, _) if touch.late => "the first email came late".to_owned(),
        (TouchState::Touched, _) => "touched in time".to_owned(),
        (TouchState::Breached, Some(due)) => {
            format!("overdue: no first email from {first}, it was due {}", when(due))
        }
        (TouchState::Waiting, Some(due)) => format!("waiting for {first}'s first email, due {}", when(due)),
        (TouchState::CannotSee, _) => "unclear: a mailbox can't be read right now".to_owned(),
        (TouchState::Undelivered, _) if intro == IntroFate::LetBe => {
            "nobody can tell whether the intro arrived; the clock is stopped".to_owned()
        }
        (TouchState::Undelivered, _) => "the intro was not delivered; the clock is stopped".to_owned(),
        (TouchState::Breached | TouchState::Waiting, None) if intro == IntroFate::Unknown => {
            "the intro may or may not have left; I'm looking for it".to_owned()
        }
        (TouchState::Breached | TouchState::Waiting, None) => "the intro hasn't left yet".to_owned(),
    };
    match judgement.feedback.state {
        FeedbackState::Overdue => state.push_str("; feedback is overdue"),
        FeedbackState::Requested => match judgement.feedback.due {
            Some(due) => state.push_str(&format!("; feedback is due {}", when(due))),
            None => state.push_str("; feedback was asked for"),
        },
        FeedbackState::Received => state.push_str("; feedback is in"),
        FeedbackState::NotDue | FeedbackState::NotOwed => {}
    }
    OverviewLine {
        id: None,
        company: judgement.record.company.clone(),
        sdr: judgement.record.sdr.clone(),
        ae: judgement.ae.clone(),
        state,
        part: readers_part(letter, judgement, intro),
    }
}
