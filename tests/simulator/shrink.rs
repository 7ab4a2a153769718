//! Makes the story of a failing seed short: drops what it does not need to fail.

use super::plan::{Act, Plan};

/// How often a plan is played again at most.
const MOST_TRIES: usize = 250;

/// The plan without whatever it does not need for `fails`.
pub(crate) fn shrunk(plan: Plan, mut fails: impl FnMut(&Plan) -> bool) -> Plan {
    let mut plan = plan;
    let mut tries = 0;
    let mut chunk = plan.steps.len().div_ceil(2).max(1);
    loop {
        let mut place = 0;
        let mut is_shorter = false;
        while place < plan.steps.len() && tries < MOST_TRIES {
            let mut smaller = plan.clone();
            let end = (place + chunk).min(smaller.steps.len());
            smaller.steps.drain(place..end);
            tries += 1;
            if fails(&smaller) {
                plan = smaller;
                is_shorter = true;
            } else {
                place = end;
            }
        }
        if tries >= MOST_TRIES || (chunk == 1 && !is_shorter) {
            break;
        }
        chunk = if is_shorter { chunk } else { chunk.div_ceil(2) };
    }
    plan
}

/// The plan as a numbered list.
pub(crate) fn told(plan: &Plan) -> String {
    let mut lines = vec![format!(
        "seed {}: {:?} in {}, holiday {:?}, AE {}, agent {}, providers {:?} and {:?}",
        plan.seed,
        plan.sla,
        plan.zone.name,
        plan.holiday,
        if plan.ae_watched { "watched" } else { "not watched" },
        if plan.own_agent { "of its own" } else { "the SDR's" },
        plan.sdr_habit,
        plan.ae_habit
    )];
    for (number, step) in plan.steps.iter().enumerate() {
        let what = match &step.what {
            Act::HandOver(handoff) => {
                format!(
                    "handoff {handoff}, meeting {}",
                    plan.handoffs[*handoff].meeting.format("%a %d %H:%M")
                )
            }
            Act::Write(letter) => {
                let copies: Vec<String> = letter
                    .copies
                    .iter()
                    .map(|copy| {
                        format!(
                            "{} {:?} after {} min, stamped late: {}",
                            copy.who,
                            copy.place,
                            copy.shown_after.num_minutes(),
                            copy.stamped_late
                        )
                    })
                    .collect();
                format!(
                    "handoff {}: {:?} ({}) {:?}",
                    letter.handoff,
                    letter.kind,
                    copies.join("; "),
                    letter.form
                )
            }
            Act::Resend(handoff) => format!("handoff {handoff} is sent again"),
            Act::Reassign(handoff) => format!("handoff {handoff} goes to Rita"),
            Act::Fault(fault) => format!("{fault:?}"),
        };
        lines.push(format!("{}. {} {what}", number + 1, step.at.format("%a %d %H:%M:%S")));
    }
    lines.push(format!("until {}", plan.ends.format("%a %d %H:%M:%S")));
    lines.join("\n")
}
