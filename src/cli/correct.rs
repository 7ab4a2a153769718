//! `baton touch`, `accept`, `meeting`, `feedback`, `close`: a person's corrections, each with its reason.

use std::io::Write;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::agent::app::App;
use crate::agent::intro_fate::IntroFate;
use crate::agent::reopen::{self, StaysClosed};
use crate::agent::statement;
use crate::domain::fact::{MeetingOutcome, StatementKind, TouchKind};
use crate::domain::judge::former_ae;
use crate::domain::length;
use crate::domain::message::MessageId;
use crate::domain::zone::{Zone, ZoneSource};

use super::args::{AcceptArgs, CloseArgs, Correction, FeedbackArgs, MeetingArgs, TouchArgs};
use super::failure::{Failure, REFUSED};
use super::json::utc;
use super::open::{self, CommandContext};
use super::show;
use crate::output;
use crate::store::{OpenPurpose, Scope};

/// Opens the app and finds the handoff that is corrected.
async fn open_handoff(context: &CommandContext, of: &Correction) -> Result<(Arc<App>, String), Failure> {
    if of.why.trim().is_empty() {
        return Err(Failure::new(REFUSED, "a correction needs its reason")
            .hint("for example --why \"called her, she is fine with Thursday\""));
    }
    let app = context.app_for(&context.config()?, OpenPurpose::Change)?;
    let id = open::handoff(&app, &of.id).await?.handoff.id;
    Ok((app, id))
}

async fn record_and_print(
    context: &CommandContext,
    app: &Arc<App>,
    id: &str,
    why: &str,
    says: StatementKind,
) -> Result<(), Failure> {
    statement::record_statement(app, id, why.trim(), says).await?;
    if context.json {
        return show::print(context, app, id).await;
    }
    writeln!(context.stdout(), "recorded; `baton show {id}` shows the whole story")?;
    Ok(())
}

fn message_id(text: Option<&String>) -> Result<Option<MessageId>, Failure> {
    text.map(|text| {
        MessageId::new(text).ok_or_else(|| Failure::new(REFUSED, format!("`{text}` is no Message-ID")))
    })
    .transpose()
}

async fn ae_zone(app: &Arc<App>, id: &str) -> Result<Arc<dyn Zone>, Failure> {
    let judged = open::judged_handoff(app, id).await?;
    let ae = judged.map(|judged| judged.judgement.ae);
    let person = ae.and_then(|ae| app.policy.person(&ae));
    Ok(person.map_or_else(|| app.default_zone.clone(), |person| person.working.zone.clone()))
}

/// `baton touch ID`.
pub async fn touch(context: &CommandContext, args: &TouchArgs) -> Result<(), Failure> {
    let (app, id) = open_handoff(context, &args.of).await?;
    let message = message_id(args.message.as_ref())?;
    let says = if args.not {
        StatementKind::NotTouched { message }
    } else {
        let kind = TouchKind::ALL.into_iter().find(|kind| kind.name() == args.kind);
        let at = match &args.at {
            Some(text) => open::instant(text, &*ae_zone(&app, &id).await?)?,
            None => context.now(),
        };
        if at > context.now() {
            return Err(Failure::new(REFUSED, "a touch cannot lie in the future"));
        }
        comes_after_the_intro(&app, &id, at).await?;
        StatementKind::Touched { at, kind: kind.unwrap_or(TouchKind::Stated), message }
    };
    let touched = match says {
        StatementKind::Touched { at, .. } => Some(at),
        _ => None,
    };
    record_and_print(context, &app, &id, &args.of.why, says).await?;
    let judged = open::judged_handoff(&app, &id).await?;
    if let (Some(judged), Some(at)) = (judged, touched)
        && let Some(former) = former_ae(&judged.stored.handoff, &judged.facts, at)
    {
        let (name, until, ae) = (former.name, utc(former.until), &judged.judgement.ae);
        writeln!(
            output::stderr(),
            "note: it counts for {name}, who had the handoff then; {ae} has had it since {until}"
        )?;
    }
    Ok(())
}

/// A touch answers the intro: what came before it, or comes while there is none, is no touch.
async fn comes_after_the_intro(app: &Arc<App>, id: &str, at: DateTime<Utc>) -> Result<(), Failure> {
    let sent_at = sent_at(app, id).await?;
    if sent_at <= at {
        return Ok(());
    }
    let refused = format!("a touch cannot lie before the intro, which left at {}", utc(sent_at));
    Err(Failure::new(REFUSED, refused).hint("give the time at which the AE wrote or called, as --at"))
}

/// When the intro left; refused while there is none, since there is nothing to correct yet.
async fn sent_at(app: &Arc<App>, id: &str) -> Result<DateTime<Utc>, Failure> {
    let judged = open::judged_handoff(app, id).await?;
    if let Some(sent_at) = judged.and_then(|judged| judged.judgement.sent_at) {
        return Ok(sent_at);
    }
    let of = Scope::Handoff(id.to_owned());
    let fate = app.read(move |_, tx| Ok(IntroFate::of(&tx.outbox(&of)?))).await?;
    let refused = if fate.is_in_doubt() {
        format!("nobody can tell whether the intro of {id} has left")
    } else {
        format!("the intro of {id} has not left yet")
    };
    Err(Failure::new(REFUSED, refused).hint("`baton outbox` shows what it waits for"))
}

/// `baton accept ID`.
pub async fn accept(context: &CommandContext, args: &AcceptArgs) -> Result<(), Failure> {
    let (app, id) = open_handoff(context, &args.of).await?;
    let says = if args.not {
        StatementKind::NotAccepted
    } else {
        StatementKind::Accepted { notes: args.notes.clone(), owner_updated: args.owner_updated }
    };
    record_and_print(context, &app, &id, &args.of.why, says).await
}

/// `baton meeting ID`.
pub async fn meeting(context: &CommandContext, args: &MeetingArgs) -> Result<(), Failure> {
    let (app, id) = open_handoff(context, &args.of).await?;
    let says = match &args.start {
        None => StatementKind::MeetingCancelled,
        Some(text) => {
            let stored = open::handoff(&app, &id).await?;
            let zone = app.zones.zone(&stored.handoff.record.meeting.zone);
            let zone = zone.unwrap_or_else(|| app.default_zone.clone());
            let length_seconds = args
                .length
                .as_ref()
                .map(|text| {
                    length::strict(text).filter(|seconds| *seconds > 0).ok_or_else(|| {
                        Failure::new(REFUSED, format!("`{text}` is no length"))
                            .hint("write it like 30m or 1h")
                    })
                })
                .transpose()?;
            let start = open::instant(text, &*zone)?;
            StatementKind::MeetingMoved { start, length_seconds }
        }
    };
    record_and_print(context, &app, &id, &args.of.why, says).await
}

/// `baton feedback ID`.
pub async fn feedback(context: &CommandContext, args: &FeedbackArgs) -> Result<(), Failure> {
    let (app, id) = open_handoff(context, &args.of).await?;
    if args.outcome.is_none() && args.score.is_none() && args.wrong.is_none() {
        return Err(Failure::new(REFUSED, "the feedback says nothing")
            .hint("give at least one of --outcome, --score and --wrong"));
    }
    let outcome = args.outcome.as_ref().and_then(|name| {
        [MeetingOutcome::Held, MeetingOutcome::Rescheduled, MeetingOutcome::NoShow]
            .into_iter()
            .find(|one| one.name() == name)
    });
    let says = StatementKind::Feedback { outcome, score: args.score, wrong: args.wrong.clone() };
    record_and_print(context, &app, &id, &args.of.why, says).await
}

/// `baton close ID`.
pub async fn close(context: &CommandContext, args: &CloseArgs) -> Result<(), Failure> {
    let (app, id) = open_handoff(context, &args.of).await?;
    if !args.reopen {
        return record_and_print(context, &app, &id, &args.of.why, StatementKind::Closed).await;
    }
    if let Some(judged) = open::judged_handoff(&app, &id).await?
        && let Some(why) = reopen::stays_closed(&app.policy, &judged, context.now())
    {
        return Err(stays_closed(&id, why));
    }
    record_and_print(context, &app, &id, &args.of.why, StatementKind::Reopened).await
}

fn stays_closed(id: &str, why: StaysClosed) -> Failure {
    let (why, remedy) = match why {
        StaysClosed::AllIsSettled => (
            "its first touch is settled and its feedback is in, so nothing is left to watch",
            "`baton send FILE` hands the prospect over once more".to_owned(),
        ),
        StaysClosed::FeedbackOverdue => (
            "its feedback has been overdue for 14 days",
            format!(
                "`baton feedback {id} --outcome .. --why ..` notes what came of the meeting; `baton meeting {id} \
                 --start .. --why ..` says when the next one is, and then it can be opened again"
            ),
        ),
        StaysClosed::MeetingCancelled => (
            "its meeting has been cancelled for 14 days",
            format!(
                "`baton meeting {id} --start .. --why ..` says when it takes place after all, and then it can be \
                 opened again"
            ),
        ),
    };
    Failure::new(REFUSED, format!("the handoff {id} would close again at once: {why}")).hint(remedy)
}
