//! `baton resend`: the intro once more, of the record as it stands or of a corrected one.

use crate::agent::app::App;
use crate::agent::catch_up;
use crate::agent::duplicates::{is_of_another_handoff, other_handoff, resend_doubt};
use crate::agent::presence;
use crate::agent::send;
use crate::domain::handoff::Record;
use crate::domain::judge::{Judgement, MeetingState};
use crate::store::OpenPurpose;

use super::args::ResendArgs;
use super::failure::{Failure, REFUSED};
use super::open::{self, CommandContext};
use super::send::{LeavingMails, agreed, closed, print_outcome, record, repeats};

/// `baton resend ID [FILE]`.
pub(crate) async fn resend(context: &CommandContext, args: &ResendArgs) -> Result<(), Failure> {
    let config = context.config()?;
    let corrected = args.file.as_deref().map(|path| record(context, &config, path)).transpose()?;
    let app = context.app_for(&config, OpenPurpose::Change)?;
    let id = open::handoff(&app, &args.id).await?.handoff.id;
    let Some(judged) = open::judged_handoff(&app, &id).await? else {
        return Err(Failure::new(REFUSED, format!("there is no handoff `{}`", args.id)));
    };
    if !judged.judgement.open {
        return Err(closed(&id));
    }
    if let Some(corrected) = &corrected {
        may_correct(&app, &id, &judged.judgement, corrected)?;
    }
    catch_up::before_command(&app).await?;
    let judged = open::judged_handoff(&app, &id).await?.unwrap_or(judged);
    let resent = corrected.clone().unwrap_or_else(|| judged.judgement.record.clone());
    if resent.meeting.start == judged.judgement.record.meeting.start {
        may_confirm(&id, &judged.judgement)?;
    }
    let resent = judged.judgement.with_present_meeting(resent);
    let had = &judged.judgement.record.to;
    let is_wider = resent.to.iter().any(|one| had.iter().all(|other| other.address != one.address));
    if is_wider && let Some(duplicate) = other_handoff(&app, &id, &resent).await? {
        return Err(repeats(&app, &duplicate).await?);
    }
    presence::agree(&app).await?;
    let resent_id = id.clone();
    let doubt = app.read(move |app, tx| resend_doubt(app, tx, &resent_id)).await?;
    let mut leaving = LeavingMails::of(&app, &resent)?;
    leaving.record_readers = send::record_readers_again(&app, &judged, corrected.as_ref());
    let shown = agreed(&leaving, doubt, args.yes)?;
    let asked = send::commit_again_as_shown(&app, &id, corrected, Some(shown)).await?;
    let outcome = send::carry_out(&app, &asked).await?;
    print_outcome(context, &app, &resent.ae, outcome, "the handoff is as it was; fix it and resend").await
}

/// A corrected record stays the record of the same handoff.
fn may_correct(app: &App, id: &str, judgement: &Judgement, corrected: &Record) -> Result<(), Failure> {
    if corrected.sdr != judgement.record.sdr || corrected.ae != judgement.ae {
        return Err(Failure::new(REFUSED, "a corrected record keeps its SDR and AE")
            .hint(format!("`baton reassign {id} --ae NAME` gives it to another AE")));
    }
    if is_of_another_handoff(app, &judgement.record, corrected) {
        let company = &judgement.record.company;
        return Err(Failure::new(
            REFUSED,
            format!("that record is of {}, and {id} is the handoff of {company}", corrected.company),
        )
        .hint("`baton send FILE` makes a handoff of its own of it")
        .hint(format!(
            "a corrected record keeps the company's name, or an address or the domain of those at {company}"
        )));
    }
    Ok(())
}

/// A meeting that was cancelled or is over is confirmed to nobody.
fn may_confirm(id: &str, judgement: &Judgement) -> Result<(), Failure> {
    let why = match judgement.meeting.state {
        MeetingState::Cancelled => "was cancelled",
        MeetingState::Over => "is over",
        MeetingState::Planned | MeetingState::Moved => return Ok(()),
    };
    let failure = Failure::new(REFUSED, format!("the meeting of {id} {why}, and the intro confirms it"));
    Err(failure
        .hint(format!("`baton resend {id} FILE` sends the intro of a corrected record, with a new time")))
}
