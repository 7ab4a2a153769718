//! Whether the AE has acknowledged the record. docs/behaviour.md section 8.

use chrono::{DateTime, Utc};

use super::super::fact::{Fact, FactKind, StatementKind};
use super::judgement::{Acceptance, AcceptanceState};
use super::stances::{AnswerStance, Stances};
use super::tenures::Tenures;

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum AcceptanceStep<'a> {
    Accepted(&'a str),
    Refused(&'a str),
    Taken { notes: Option<&'a str> },
    Withdrawn,
}

/// The acceptance of the AE who has the handoff. The first assent counts, and a refusal also after it.
pub(super) fn acceptance(stances: &Stances, facts: &[Fact], tenures: &Tenures) -> Acceptance {
    let tenure = tenures.last();
    let of_tenure = |said: &&AnswerStance| said.tenure == tenure;
    // Within one second mail comes before what a person says of it, and that in its order.
    let mut steps: Vec<(DateTime<Utc>, &str, AcceptanceStep)> = Vec::new();
    for said in stances.accepted.iter().filter(of_tenure) {
        steps.push((said.at, "", AcceptanceStep::Accepted(&said.words)));
    }
    for said in stances.refused.iter().filter(of_tenure) {
        steps.push((said.at, "", AcceptanceStep::Refused(&said.words)));
    }
    let mut owner_updated = stances.owner_updated.iter().any(|said| said.tenure == tenure);
    let since = tenures.changes().last().map_or(DateTime::<Utc>::MIN_UTC, |(at, _)| at);
    for fact in facts.iter().filter(|fact| fact.at >= since) {
        let FactKind::Said(statement) = &fact.what else { continue };
        let step = match &statement.says {
            StatementKind::Accepted { notes, owner_updated: owner } => {
                owner_updated |= *owner;
                AcceptanceStep::Taken { notes: notes.as_deref() }
            }
            StatementKind::NotAccepted => AcceptanceStep::Withdrawn,
            _ => continue,
        };
        steps.push((fact.at, &statement.id, step));
    }
    steps.sort();
    let none = Acceptance { state: AcceptanceState::None, at: None, owner_updated, notes: None };
    steps.into_iter().fold(none, |result, (at, _, step)| after(result, at, step))
}

fn after(before: Acceptance, at: DateTime<Utc>, step: AcceptanceStep) -> Acceptance {
    let owner_updated = before.owner_updated;
    let is_accepted = before.state == AcceptanceState::Accepted;
    let (state, at, notes) = match step {
        AcceptanceStep::Accepted(_) if is_accepted => return before,
        AcceptanceStep::Accepted(words) => (AcceptanceState::Accepted, Some(at), Some(words)),
        AcceptanceStep::Refused(words) => (AcceptanceState::Refused, Some(at), Some(words)),
        // Of one that stands, a correction changes what it names.
        AcceptanceStep::Taken { notes } if is_accepted => {
            return Acceptance { notes: notes.map(str::to_owned).or(before.notes), ..before };
        }
        AcceptanceStep::Taken { notes } => (AcceptanceState::Accepted, Some(at), notes),
        AcceptanceStep::Withdrawn => (AcceptanceState::None, None, None),
    };
    Acceptance { state, at, owner_updated, notes: notes.map(str::to_owned) }
}
