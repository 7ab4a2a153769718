//! What the answers add up to: each person's figures, and the failures by how often they occurred.
//!
//! A share is of the handoffs for which its question is settled; it is absent where none is.

use std::collections::BTreeMap;

use super::super::people::TeamRole;
use super::{AuditedHandoff, FeedbackAnswer, RecordAnswer, TouchAnswer};

/// The figures of one person in one role.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PersonFigures {
    pub name: String,
    pub role: TeamRole,
    pub handoffs: usize,
    /// Shares, from 0 to 1.
    pub in_time: Option<f64>,
    pub personal: Option<f64>,
    pub acknowledged: Option<f64>,
    pub feedback: Option<f64>,
    /// Seconds from the intro to the first touch.
    pub median_s: Option<i64>,
    pub worst_s: Option<i64>,
    pub mean_score: Option<f64>,
    /// Median of the days from the first contact to the handoff.
    pub days_to_handoff: Option<f64>,
    pub proved: u32,
    pub only_ticked: u32,
}

/// What went wrong, how often, and in which share of the handoffs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct FailureCount {
    pub kind: FailureKind,
    pub count: usize,
    pub share: f64,
}

/// What can go wrong, in the order in which it is to be put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum FailureKind {
    IncompleteRecord,
    NoRecord,
    LateTouch,
    NoTouch,
    NoFeedback,
    LateFeedback,
}

impl FailureKind {
    const ALL: [FailureKind; 6] = [
        FailureKind::IncompleteRecord,
        FailureKind::NoRecord,
        FailureKind::LateTouch,
        FailureKind::NoTouch,
        FailureKind::NoFeedback,
        FailureKind::LateFeedback,
    ];

    /// As JSON and people have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            FailureKind::IncompleteRecord => "the record was incomplete",
            FailureKind::NoRecord => "no record was found",
            FailureKind::LateTouch => "the first touch was late",
            FailureKind::NoTouch => "there was no first touch",
            FailureKind::NoFeedback => "the SDR got no feedback",
            FailureKind::LateFeedback => "the feedback was late",
        }
    }

    /// What to do first about it.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            FailureKind::IncompleteRecord | FailureKind::NoRecord => {
                "let no handoff leave without all five fields of the record"
            }
            FailureKind::LateTouch | FailureKind::NoTouch => {
                "agree on the deadline of the first touch, and let a manager hear of every one that is missed"
            }
            FailureKind::NoFeedback | FailureKind::LateFeedback => {
                "ask the AE for outcome, score and what was wrong within a day of each first meeting"
            }
        }
    }

    fn happened(self, handoff: &AuditedHandoff) -> bool {
        match self {
            FailureKind::IncompleteRecord => handoff.record == RecordAnswer::Incomplete,
            FailureKind::NoRecord => handoff.record == RecordAnswer::NotFound,
            FailureKind::LateTouch => handoff.touch.answer == TouchAnswer::Late,
            FailureKind::NoTouch => handoff.touch.answer == TouchAnswer::Never,
            FailureKind::NoFeedback => handoff.feedback.answer == FeedbackAnswer::Never,
            FailureKind::LateFeedback => handoff.feedback.answer == FeedbackAnswer::Late,
        }
    }
}

/// The failures that occurred, the most frequent first; of equally frequent ones what is to be put right first.
pub(crate) fn failures(handoffs: &[AuditedHandoff]) -> Vec<FailureCount> {
    let mut found: Vec<FailureCount> = FailureKind::ALL
        .into_iter()
        .map(|kind| {
            let count = handoffs.iter().filter(|one| kind.happened(one)).count();
            FailureCount { kind, count, share: ratio(count, handoffs.len()) }
        })
        .filter(|one| one.count > 0)
        .collect();
    found.sort_by_key(|one| (std::cmp::Reverse(one.count), one.kind));
    found
}

/// Figures of every AE, then of every SDR, by name.
pub(crate) fn people(handoffs: &[AuditedHandoff]) -> Vec<PersonFigures> {
    let mut all = Vec::new();
    for role in [TeamRole::Ae, TeamRole::Sdr] {
        let mut by_name: BTreeMap<&str, Vec<&AuditedHandoff>> = BTreeMap::new();
        for handoff in handoffs {
            by_name.entry(of_role(handoff, role)).or_default().push(handoff);
        }
        by_name.remove("");
        all.extend(by_name.into_iter().map(|(name, own)| figures(name, role, &own)));
    }
    all
}

/// Name of the handoff's AE or SDR.
pub(crate) fn of_role(handoff: &AuditedHandoff, role: TeamRole) -> &str {
    match role {
        TeamRole::Ae => &handoff.ae,
        TeamRole::Sdr => &handoff.sdr,
        TeamRole::Manager => "",
    }
}

fn figures(name: &str, role: TeamRole, own: &[&AuditedHandoff]) -> PersonFigures {
    let seconds: Vec<f64> = own.iter().filter_map(|one| Some(one.seconds_to_touch()? as f64)).collect();
    let scores: Vec<f64> = own.iter().filter_map(|one| one.feedback.score.map(f64::from)).collect();
    let days: Vec<f64> = own.iter().filter_map(|one| one.days_to_handoff()).collect();
    let preparations = || own.iter().filter_map(|one| one.preparation.as_ref());
    PersonFigures {
        name: name.to_owned(),
        role,
        handoffs: own.len(),
        in_time: share(own.iter().map(|one| one.was_in_time())),
        personal: share(own.iter().map(|one| one.touch.personal)),
        acknowledged: share(own.iter().map(|one| one.acknowledged)),
        feedback: share(own.iter().map(|one| one.had_feedback())),
        median_s: median(&seconds).map(|median| median.round() as i64),
        worst_s: own.iter().filter_map(|one| one.seconds_to_touch()).max(),
        mean_score: (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64),
        days_to_handoff: median(&days),
        proved: preparations().map(|one| one.proved).sum(),
        only_ticked: preparations().map(|one| one.only_ticked).sum(),
    }
}

/// Share of yes among the answers that are settled.
pub(crate) fn share(answers: impl Iterator<Item = Option<bool>>) -> Option<f64> {
    let settled: Vec<bool> = answers.flatten().collect();
    let yes = settled.iter().filter(|yes| **yes).count();
    (!settled.is_empty()).then(|| ratio(yes, settled.len()))
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The middle one; of an even number the mean of the two in the middle.
pub(crate) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    let lower = *sorted.get(sorted.len() / 2 - 1)?;
    Some((lower + upper) / 2.0)
}
