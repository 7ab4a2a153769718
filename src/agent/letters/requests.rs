//! Words about a handoff, carried out. docs/behaviour.md section 14.
//!
//! What is done is a fact of the handoff with the letter as its evidence, once for each letter.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::answer::{self, Request};
use crate::domain::fact::{Statement, StatementKind, TouchKind};
use crate::domain::judge::{Judgement, MeetingState, former_ae};
use crate::domain::letter::{DoneBrief, Draft, DraftState, Letter};
use crate::domain::mails::{MailBrief, MailKind};
use crate::domain::message::Mailbox;
use crate::domain::people::{Person, TeamRole};
use crate::record::{Ticks, print};
use crate::store::{OutboxState, Result as Stored, Scope, WriteTransaction};
use crate::templates::words;

use super::super::AgentError;
use super::super::app::App;
use super::super::intro_fate::IntroFate;
use super::super::statement;
use super::super::turn::{JudgedHandoff, judged, settle};
use super::meeting_requests::{meeting_cancelled, meeting_moved};
use super::named::{NamedAe, named};
use super::offers::{first_lines, new_draft_id, show};
use super::plan::{AskedRequest, RecordOffer};
use super::request_outcome::{RequestOutcome, Standing, not_done, only, standing};
use super::stated::came_of;
use super::{Reply, respond};

/// A letter that was read within this counts as read when it was written.
const PROMPTLY: TimeDelta = TimeDelta::minutes(5);

/// When a letter of `written` was read, if that was long after.
pub(crate) fn read_late(written: DateTime<Utc>, read: DateTime<Utc>) -> Option<DateTime<Utc>> {
    Some(read).filter(|read| *read - written > PROMPTLY)
}

pub(super) async fn carry_out(
    app: &Arc<App>,
    seq: i64,
    letter: Letter,
    asked: AskedRequest,
) -> Result<(), AgentError> {
    let again = {
        let letter = letter.clone();
        app.write(move |app, tx| done(app, tx, seq, &letter, &asked)).await?
    };
    match again {
        None => Ok(()),
        Some(offer) => show(app, seq, letter, offer).await,
    }
}

/// Carries a request out, or says why not. Returns the record whose intro is to be shown once more.
fn done(
    app: &App,
    tx: &WriteTransaction<'_>,
    seq: i64,
    letter: &Letter,
    asked: &AskedRequest,
) -> Stored<Option<RecordOffer>> {
    let now = app.now();
    let Some(before) = judged(tx, &app.policy, &asked.handoff, now)? else {
        tx.finish_letter(seq, None)?;
        return Ok(None);
    };
    let who = standing(app, &before, letter);
    let outcome = match &asked.request {
        Request::OverTo { name } => over_to(app, &before, who, name),
        Request::Resend if who.is_sdr => resend(tx, &before)?,
        Request::Resend => only(&before, "only the SDR can have the intro sent again", "resend"),
        Request::Close { reason } => close(&before, who, reason.as_deref()),
        Request::Touched { when, reason } => {
            let fate = IntroFate::of(&tx.outbox(&Scope::Handoff(asked.handoff.clone()))?);
            touched(app, &before, who, letter, (when.as_deref(), reason.as_deref()), fate)
        }
        Request::MeetingMoved { to } => meeting_moved(app, &before, who, letter, to, asked.about),
        Request::MeetingCancelled => meeting_cancelled(app, &before, who, letter, asked.about),
    };
    let (done, outcome, instead) = match outcome {
        RequestOutcome::LeftAlone => {
            tx.finish_letter(seq, None)?;
            return Ok(None);
        }
        RequestOutcome::ShowAgain => return again(app, tx, letter, &before).map(Some),
        RequestOutcome::Stated { says, why } => {
            state(app, tx, &asked.handoff, letter, &why, says.clone())?;
            let Some(after) = judged(tx, &app.policy, &asked.handoff, now)? else {
                tx.finish_letter(seq, None)?;
                return Ok(None);
            };
            let (done, outcome) = came_of(app, &after, &says, letter);
            (done, outcome, Vec::new())
        }
        RequestOutcome::NotDone { outcome, instead } => (false, outcome, instead),
    };
    reply(app, tx, seq, letter, &before, done, outcome, instead)?;
    tx.finish_letter(seq, None)?;
    Ok(None)
}

/// A person's word as a fact, with the letter as its source and evidence.
pub(super) fn state(
    app: &App,
    tx: &WriteTransaction<'_>,
    handoff: &str,
    letter: &Letter,
    why: &str,
    says: StatementKind,
) -> Stored<()> {
    // Of two statements within one second the later one counts, so ids are in their order.
    let number = tx.count_facts(handoff)?;
    let statement = Statement {
        id: format!("{}-{number:06}-letter {}", letter.at.timestamp(), letter.identity),
        why: format!("{why} ({}, by email)", letter.writer),
        says,
        letter: letter.message_id.clone(),
        read_at: read_late(letter.at, app.now()),
    };
    statement::note(tx, handoff, letter.at, statement)?;
    settle(tx, &app.policy, [handoff.to_owned()], app.now())
}

fn over_to(app: &App, judged: &JudgedHandoff, who: Standing, name: &str) -> RequestOutcome {
    if who.is_ae && !(who.is_manager || who.is_operator) {
        // A refusal that names somebody: the judgement reads it, SDR and manager are told.
        return RequestOutcome::LeftAlone;
    }
    if !(who.is_sdr || who.is_manager || who.is_operator) {
        let outcome = "only the SDR, a manager of the two or the operator can give it to another AE";
        return only(judged, outcome, &format!("over to {name}"));
    }
    let aes: Vec<&Person> =
        app.policy.people.iter().filter(|person| person.roles.contains(&TeamRole::Ae)).collect();
    let others =
        aes.iter().filter(|ae| ae.name != judged.judgement.ae && ae.name != judged.judgement.record.sdr);
    let instead: Vec<String> = others.map(|ae| format!("over to {}", ae.name)).collect();
    let ae = match named(&aes, name) {
        NamedAe::One(ae) => ae,
        NamedAe::Nobody => {
            return RequestOutcome::NotDone { outcome: format!("there is no AE called {name}"), instead };
        }
        NamedAe::Several => {
            return RequestOutcome::NotDone {
                outcome: format!("more than one AE is called {name}; please write the full name"),
                instead,
            };
        }
    };
    if ae.name == judged.judgement.ae {
        let outcome = format!("{} has it already", ae.name);
        return RequestOutcome::NotDone { outcome, instead };
    }
    if ae.name == judged.judgement.record.sdr {
        let outcome = format!("{} is its SDR, so they can't be its AE as well", ae.name);
        return RequestOutcome::NotDone { outcome, instead };
    }
    if !judged.judgement.open {
        return not_done("this handoff is closed", &[]);
    }
    RequestOutcome::Stated {
        says: StatementKind::Reassigned { ae: ae.name.clone() },
        why: format!("over to {}", ae.name),
    }
}

/// An intro that is still to leave needs no other.
fn resend(tx: &WriteTransaction<'_>, judged: &JudgedHandoff) -> Stored<RequestOutcome> {
    if !judged.judgement.open {
        return Ok(not_done("this handoff is closed", &["a new email with the record in it starts afresh"]));
    }
    if judged.judgement.meeting.state == MeetingState::Cancelled {
        let outcome = "the meeting was cancelled, and the intro says that it is confirmed";
        return Ok(not_done(outcome, &["meeting moved to: and its new day and time"]));
    }
    let rows = tx.outbox(&Scope::Handoff(judged.stored.handoff.id.clone()))?;
    let is_waiting = rows.iter().any(|row| {
        row.key.kind == MailKind::Intro && matches!(row.state, OutboxState::Queued | OutboxState::Sending)
    });
    if is_waiting {
        let outcome = "the intro hasn't left yet, and I keep trying to send it";
        return Ok(not_done(outcome, &["close: and why, so that it doesn't leave"]));
    }
    Ok(RequestOutcome::ShowAgain)
}

fn close(judged: &JudgedHandoff, who: Standing, reason: Option<&str>) -> RequestOutcome {
    if !(who.is_sdr || who.is_manager) {
        return only(judged, "only the SDR or a manager of the two can close it", "close: and why");
    }
    if !judged.judgement.open {
        return not_done("this handoff is closed already", &[]);
    }
    match reason {
        Some(reason) => RequestOutcome::Stated { says: StatementKind::Closed, why: reason.to_owned() },
        None => not_done("closing needs a reason", &["close: they chose a competitor"]),
    }
}

fn touched(
    app: &App,
    judged: &JudgedHandoff,
    who: Standing,
    letter: &Letter,
    (when, reason): (Option<&str>, Option<&str>),
    fate: IntroFate,
) -> RequestOutcome {
    if who.is_ae {
        // The AE's own word is a `done`, which the judgement reads.
        return RequestOutcome::LeftAlone;
    }
    if !(who.is_sdr || who.is_manager) {
        let outcome = "only the SDR or a manager of the two can say so; the AE writes \u{201c}done\u{201d}";
        return only(judged, outcome, "touched at 3pm: and what happened");
    }
    let Some(reason) = reason else {
        return not_done("I need a reason to count it", &["touched at 3pm: Calvin called her"]);
    };
    let zone = app.zone_of(&letter.writer);
    let at = match when {
        None => letter.at,
        Some(words) => match answer::past_time(words, letter.at, &*zone) {
            Some(at) => at,
            None => {
                return not_done(
                    format!("I can't tell which time \u{201c}{words}\u{201d} is"),
                    &["touched at 3pm: Calvin called her", "touched yesterday at 15:30: they met"],
                );
            }
        },
    };
    let Some(at) = judged.judgement.sent_at.and_then(|sent| in_the_minute_of(at, sent)) else {
        let sent = judged.judgement.sent_at.map(|sent| words::when(sent, &*zone, app.now()));
        let outcome = match sent {
            Some(sent) => {
                format!("{} is before the intro was sent ({sent})", words::when(at, &*zone, app.now()))
            }
            None if fate.is_in_doubt() => "nobody can tell whether the intro has left".to_owned(),
            None => "the intro hasn't been sent yet".to_owned(),
        };
        return not_done(outcome, &["touched: and what happened, if it was just now"]);
    };
    let at = match former_ae(&judged.stored.handoff, &judged.facts, at) {
        Some(former) if former.until <= letter.at => in_the_minute_of(at, former.until).unwrap_or(at),
        _ => at,
    };
    let says = StatementKind::Touched { at, kind: TouchKind::Stated, message: None };
    RequestOutcome::Stated { says, why: reason.to_owned() }
}

/// A stated time has no seconds: within the minute in which `began` lies (the intro left, another AE took over) it is
/// not before it. `None`: it is.
fn in_the_minute_of(at: DateTime<Utc>, began: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (at + TimeDelta::minutes(1) > began).then(|| at.max(began))
}

/// The record as it is shown before its intro leaves again.
pub(super) fn printed_again(app: &App, judgement: &Judgement) -> String {
    let ticks = Ticks { intro_sent: false, first_touch: false };
    print(&judgement.current_record(), &ticks, &app.zones)
}

fn again(
    app: &App,
    tx: &WriteTransaction<'_>,
    letter: &Letter,
    judged: &JudgedHandoff,
) -> Stored<RecordOffer> {
    let record = &judged.judgement.record;
    let draft = Draft {
        id: new_draft_id(tx)?,
        sdr: record.sdr.clone(),
        company: record.company.clone(),
        state: DraftState::Faulty,
        record_text: printed_again(app, &judged.judgement),
        handoff: Some(judged.stored.handoff.id.clone()),
        resends: true,
        made_at: app.now(),
        letter_at: letter.at,
    };
    Ok(RecordOffer {
        record_text: draft.record_text.clone(),
        resends: draft.handoff.clone(),
        draft: Some(draft),
        ..RecordOffer::default()
    })
}

#[expect(clippy::too_many_arguments, reason = "each is a part of the one mail that is made")]
fn reply(
    app: &App,
    tx: &WriteTransaction<'_>,
    seq: i64,
    letter: &Letter,
    judged: &JudgedHandoff,
    done: bool,
    outcome: String,
    instead: Vec<String>,
) -> Stored<()> {
    let record = &judged.judgement.record;
    let brief = MailBrief::Done(DoneBrief {
        company: record.company.clone(),
        words: first_lines(&letter.own_words),
        done,
        outcome,
        instead,
        sdr: record.sdr.clone(),
    });
    let mut answer = Reply::to_writer(letter, brief);
    answer.handoff = Some(judged.stored.handoff.id.clone());
    if let Some(sdr) = app.policy.person(&record.sdr).filter(|sdr| sdr.name != letter.writer) {
        answer.cc.push(Mailbox { name: sdr.name.clone(), address: sdr.address.clone() });
    }
    respond(app, tx, seq, letter, answer)
}

/// Words about a handoff in answer to a mail that is about none, or about several.
pub(super) async fn which_handoff(app: &Arc<App>, seq: i64, letter: Letter) -> Result<(), AgentError> {
    app.write(move |app, tx| {
        let brief = MailBrief::Done(DoneBrief {
            company: String::new(),
            words: first_lines(&letter.own_words),
            done: false,
            outcome: "I can't tell which handoff you mean".to_owned(),
            instead: vec!["the same words, in answer to an email about that handoff".to_owned()],
            sdr: String::new(),
        });
        respond(app, tx, seq, &letter, Reply::to_writer(&letter, brief))?;
        tx.finish_letter(seq, None)
    })
    .await
}

/// Words were asked for, and these are none: said once for each mail of ours.
pub(super) async fn not_read(
    app: &Arc<App>,
    seq: i64,
    letter: Letter,
    handoff: String,
    about: MailKind,
    asked_by: i64,
) -> Result<(), AgentError> {
    app.write(move |app, tx| {
        let key = format!("words not read: {asked_by} {}", letter.writer);
        if let Some(judged) = judged(tx, &app.policy, &handoff, app.now())?
            && tx.meta(&key)?.is_none()
        {
            let instead: &[&str] = match about {
                MailKind::WhoIsThis => &["yes", "no"],
                _ => &["over to and the name of another AE", "close: and why"],
            };
            let instead = instead.iter().map(|&line| line.to_owned()).collect();
            let outcome = "I couldn't make out what you want me to do".to_owned();
            reply(app, tx, seq, &letter, &judged, false, outcome, instead)?;
            tx.set_meta(&key, &letter.identity)?;
        }
        tx.finish_letter(seq, None)
    })
    .await
}
