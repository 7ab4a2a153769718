//! What to coach, each with the handoffs that show it, and the pitfalls of the playbook: too early, records ignored,
//! over-qualified. docs/behaviour.md section 10.
//!
//! The most urgent first: what the prospect feels, then what the SDR misses, then habits.

use super::super::judge::CcState;
use super::super::outcomes::MeetingOutcome;
use super::super::people::TeamRole;
use super::figures::{PersonFigures, median, of_role, people};
use super::{AuditedHandoff, FeedbackAnswer, TouchAnswer};

/// A share of acknowledged records below this means that the record is ignored.
const ACKNOWLEDGED_ENOUGH: f64 = 0.5;
/// So many AEs who ignore records are no matter of persons any more.
const SEVERAL: usize = 2;
/// Scores below this say that a handoff was too early.
const LOWEST_GOOD_SCORE: u8 = 3;
/// Days to handoff are far above the team's at this many times its median, and so many days above it.
const FAR_ABOVE: f64 = 2.0;
const DAYS_ABOVE: f64 = 3.0;

/// One thing to talk about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CoachingPoint {
    /// One sentence without its full stop; it names people by their names.
    pub what: String,
    /// Ids of the handoffs that show it, the newest first; companies where baton did not make them.
    pub handoffs: Vec<String>,
}

/// What to coach, by what `handoffs` (newest first) show.
pub(crate) fn coaching(handoffs: &[AuditedHandoff]) -> Vec<CoachingPoint> {
    let figures = people(handoffs);
    let mut points = Vec::new();
    points.extend(each(handoffs, &figures, TeamRole::Ae, "the first touch was late or is missing", |one| {
        matches!(one.touch.answer, TouchAnswer::Late | TouchAnswer::Never)
    }));
    points.extend(each(handoffs, &figures, TeamRole::Ae, "feedback was late or is missing", |one| {
        matches!(one.feedback.answer, FeedbackAnswer::Late | FeedbackAnswer::Never)
    }));
    points.extend(too_early(handoffs, &figures));
    points.extend(ignored_records(handoffs, &figures));
    points.extend(over_qualified(handoffs, &figures));
    let role = TeamRole::Ae;
    points.extend(each(handoffs, &figures, role, "the SDR was left out of the first email", |one| {
        one.cc_first == Some(CcState::DroppedEarly)
    }));
    points.extend(each(handoffs, &figures, role, "the SDR was kept in Cc after the first email", |one| {
        one.cc == CcState::Lingering
    }));
    points.extend(each(handoffs, &figures, role, "the first touch took up nothing of the record", |one| {
        one.touch.personal == Some(false)
    }));
    points
}

/// A point for each person of a role whose handoffs show something; who shows it most comes first.
fn each(
    handoffs: &[AuditedHandoff],
    figures: &[PersonFigures],
    role: TeamRole,
    what: &str,
    shows: impl Fn(&AuditedHandoff) -> bool,
) -> Vec<CoachingPoint> {
    let mut points: Vec<CoachingPoint> = figures
        .iter()
        .filter(|person| person.role == role)
        .map(|person| CoachingPoint {
            what: format!("{}: {what}", person.name),
            handoffs: names(handoffs.iter().filter(|one| of_role(one, role) == person.name && shows(one))),
        })
        .filter(|point| !point.handoffs.is_empty())
        .collect();
    points.sort_by_key(|point| std::cmp::Reverse(point.handoffs.len()));
    points
}

fn names<'a>(handoffs: impl Iterator<Item = &'a AuditedHandoff>) -> Vec<String> {
    handoffs.map(|one| one.id.clone().unwrap_or_else(|| one.company.clone())).collect()
}

/// No-shows, low scores, and conditions that were ticked although mail shows neither an accepted invitation nor a word
/// from the prospect.
fn too_early(handoffs: &[AuditedHandoff], figures: &[PersonFigures]) -> Vec<CoachingPoint> {
    let what = "handed off too early (a no-show, a score under 3, or conditions that no mail proves)";
    each(handoffs, figures, TeamRole::Sdr, what, |one| {
        one.feedback.outcome == Some(MeetingOutcome::NoShow)
            || one.feedback.score.is_some_and(|score| score < LOWEST_GOOD_SCORE)
            // Without any mail of before the handoff, mail says nothing of the conditions; without a record nobody ticked any.
            || one.preparation.as_ref().is_some_and(|known| {
                known.proved == 0 && known.only_ticked > 0 && known.first_contact.is_some()
            })
    })
}

fn ignored_records(handoffs: &[AuditedHandoff], figures: &[PersonFigures]) -> Vec<CoachingPoint> {
    let ignoring: Vec<&PersonFigures> = figures
        .iter()
        .filter(|one| one.role == TeamRole::Ae)
        .filter(|one| one.acknowledged.is_some_and(|share| share < ACKNOWLEDGED_ENOUGH))
        .collect();
    let shown =
        |name: &str| names(handoffs.iter().filter(|one| one.ae == name && one.acknowledged == Some(false)));
    if ignoring.len() < SEVERAL {
        return ignoring
            .iter()
            .map(|one| CoachingPoint {
                what: format!("{}: under half of the records were acknowledged", one.name),
                handoffs: shown(&one.name),
            })
            .collect();
    }
    let who: Vec<&str> = ignoring.iter().map(|one| one.name.as_str()).collect();
    let handoffs = names(
        handoffs.iter().filter(|one| who.contains(&one.ae.as_str()) && one.acknowledged == Some(false)),
    );
    let what = format!("{} acknowledged under half of their records: the record may be too long", list(&who));
    vec![CoachingPoint { what, handoffs }]
}

fn over_qualified(handoffs: &[AuditedHandoff], figures: &[PersonFigures]) -> Vec<CoachingPoint> {
    let all: Vec<f64> = handoffs.iter().filter_map(AuditedHandoff::days_to_handoff).collect();
    let Some(team) = median(&all) else { return Vec::new() };
    let limit = (team * FAR_ABOVE).max(team + DAYS_ABOVE);
    figures
        .iter()
        .filter(|one| one.role == TeamRole::Sdr)
        .filter_map(|one| Some((one, one.days_to_handoff.filter(|days| *days >= limit)?)))
        .map(|(one, days)| CoachingPoint {
            what: format!(
                "{}: over-qualified, {days:.0} days from first contact to handoff; the team takes {team:.0}",
                one.name
            ),
            handoffs: names(handoffs.iter().filter(|handoff| {
                handoff.sdr == one.name && handoff.days_to_handoff().is_some_and(|days| days >= limit)
            })),
        })
        .collect()
}

/// `A, B and C`.
fn list(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
