//! What happens to a handoff beside its first touch: the SDR corrects the record before the intro leaves, the intro leaves
//! once more, another AE gets the handoff, an invitation moves the meeting or calls it off.
//!
//! From random numbers of its own, so that the rest of a plan stays as it is.

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;

use super::cast::{DANA, MORGAN, RITA};
use super::model::deadline;
use super::plan::{Act, Invitation, Kind, Plan, SdrPlace, Step, Words};

/// When a handoff is made, if all goes well.
fn made_at(plan: &Plan, number: usize) -> DateTime<Utc> {
    let makes = |step: &&Step| match &step.what {
        Act::HandOver(one) => *one == number,
        Act::Write(letter) => {
            letter.handoff == number && letter.kind == Kind::SaysSend { by: DANA, is_forged: false }
        }
        _ => false,
    };
    plan.steps.iter().find(makes).map_or(plan.begins, |step| step.at)
}

fn handed_in_at(plan: &Plan, number: usize) -> Option<DateTime<Utc>> {
    let is_it = |step: &&Step| matches!(&step.what, Act::Write(letter) if letter.handoff == number && letter.kind == Kind::HandsIn);
    plan.steps.iter().find(is_it).map(|step| step.at)
}

/// Adds to each handoff of a plan, or does not.
pub(crate) fn plan(rng: &mut Rng, plan: &mut Plan) {
    for number in 0..plan.handoffs.len() {
        let at = made_at(plan, number);
        let due = deadline(plan, plan.sla, at);
        if let Some(from) = handed_in_at(plan, number).filter(|_| rng.u8(0..3) == 0) {
            let when = from + (at - from) * rng.i32(1..100) / 100;
            plan.write(rng, number, when, Kind::Corrects);
        }
        let some_time = |rng: &mut Rng| at + (due - at) * rng.i32(1..150) / 100;
        match rng.u8(0..24) {
            0..=2 => {
                let when = some_time(rng);
                resent(rng, plan, number, when);
            }
            3 | 4 => {
                let when = some_time(rng);
                reassigned(rng, plan, number, when);
            }
            5..=8 if !has_new_time(plan, number) => invited(rng, plan, number, at),
            _ => {}
        }
        let last = plan.steps.iter().map(|step| step.at).max().unwrap_or(at);
        plan.ends = plan.ends.max(last + TimeDelta::minutes(10));
    }
}

/// Somebody's words move its meeting.
fn has_new_time(plan: &Plan, number: usize) -> bool {
    plan.steps.iter().any(|step| match &step.what {
        Act::Write(letter) => {
            letter.handoff == number
                && matches!(letter.kind, Kind::Says { what: Words::MeetingMoved { .. }, .. })
        }
        _ => false,
    })
}

fn resent(rng: &mut Rng, plan: &mut Plan, number: usize, when: DateTime<Utc>) {
    if rng.bool() {
        let at = when - TimeDelta::seconds(rng.i64(20..600));
        let at = at.max(made_at(plan, number) + TimeDelta::seconds(20));
        plan.write(rng, number, at, Kind::IntroBounces { all: true });
    }
    if rng.bool() {
        plan.steps.push(Step { at: when, what: Act::Resend(number) });
    } else {
        plan.write(rng, number, when, Kind::Says { by: DANA, what: Words::Resend });
        let yes = when + TimeDelta::seconds(rng.i64(30..3600));
        plan.write(rng, number, yes, Kind::SaysSend { by: DANA, is_forged: false });
    }
    let next = deadline(plan, plan.sla, when);
    plan.ends = plan.ends.max(next + TimeDelta::minutes(rng.i64(5..300)));
}

fn reassigned(rng: &mut Rng, plan: &mut Plan, number: usize, when: DateTime<Utc>) {
    if rng.bool() {
        plan.steps.push(Step { at: when, what: Act::Reassign(number) });
    } else {
        let by = if rng.u8(0..3) == 0 { MORGAN } else { DANA };
        plan.write(rng, number, when, Kind::Says { by, what: Words::OverToRita });
    }
    let due = deadline(plan, plan.sla, when);
    for _ in 0..rng.usize(0..3) {
        let at = when + (due - when) * rng.i32(1..130) / 100;
        let sdr = [SdrPlace::Cc, SdrPlace::Cc, SdrPlace::Bcc, SdrPlace::Nowhere][rng.usize(0..4)];
        let in_thread = rng.bool();
        plan.write(rng, number, at, Kind::Touch { by: RITA, in_thread, sdr, video: false });
    }
    plan.ends = plan.ends.max(due + TimeDelta::minutes(rng.i64(5..300)));
}

fn invited(rng: &mut Rng, plan: &mut Plan, number: usize, at: DateTime<Utc>) {
    let meeting = plan.handoffs[number].meeting;
    let first = at + TimeDelta::minutes(rng.i64(1..40));
    if first >= meeting {
        return;
    }
    plan.write(rng, number, first, Kind::Invitation(Invitation::First));
    let when = first + (meeting - first) * rng.i32(1..100) / 100;
    let to = meeting + TimeDelta::hours(rng.i64(1..60));
    match rng.u8(0..4) {
        0 | 1 => plan.write(rng, number, when, Kind::Invitation(Invitation::Moved { to })),
        2 => plan.write(rng, number, when, Kind::Invitation(Invitation::Cancelled)),
        _ => return,
    }
    if rng.bool() {
        plan.ends = plan.ends.max(to + TimeDelta::hours(rng.i64(1..40)));
    }
}
