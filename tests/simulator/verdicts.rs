//! What docs/behaviour.md says that is true of a handoff in the end, beside the first touch: Cc, acceptance, feedback, and
//! the row of every letter in its story.

use baton::domain::judge::{AcceptanceState, CcState, FeedbackState, Judgement};
use chrono::{DateTime, Utc};

use super::asked::of_kind;
use super::cast::{ALIAS, DANA, RITA};
use super::model::{Case, Trial, Visible};
use super::plan::{Kind, SdrPlace, Words};

impl Case {
    pub(super) fn verdicts(&self, trial: &Trial<'_, '_>, is: &Judgement, found: &mut Vec<String>) {
        let has_lost =
            trial.world.restored.is_some() || trial.has_clock_fault || self.closed_by_hand.is_some();
        if has_lost || self.undelivered.is_some() {
            return;
        }
        let visible = trial.visible(self.number);
        // What lay in a mailbox that could not be reached until it was closed is not asked about any more.
        let is_seen = |one: &&Visible<'_>| {
            self.closed.is_none_or(|at| one.shown < at && trial.has_clean_pass(one.shown, at))
        };
        let seen: Vec<&Visible<'_>> = visible.iter().filter(is_seen).collect();
        self.story(trial, &seen, is, found);
        self.acceptance(&visible, is, found);
        self.answer(&visible, is, found);
        if seen.len() == visible.len() && !self.is_unclear {
            self.cc(trial, &visible, is, found);
        }
    }

    /// Section 5: each letter has its row.
    fn story(&self, trial: &Trial<'_, '_>, seen: &[&Visible<'_>], is: &Judgement, found: &mut Vec<String>) {
        for one in seen.iter().filter(|one| !one.is_filed) {
            let Some(row) = row_of(&one.of.letter.kind) else { continue };
            // What is from before the handoff has no row: the intro may have left hours after the yes to it.
            if one.at < self.clocks[0].starts {
                continue;
            }
            // What nobody has seen is reported about for nothing.
            let is_of_seen = one.of.about.is_none_or(|about| {
                let id = &trial.world.happened[about].id;
                seen.iter().any(|other| !other.is_filed && other.of.id == *id)
            });
            if !is_of_seen {
                continue;
            }
            // Nobody gave it to Rita, and an address that nobody has any more is a colleague's.
            let is_by_colleague = |kind: &Kind| match kind {
                Kind::Touch { by: RITA, .. } => true,
                Kind::Touch { by: ALIAS, .. } => !trial.alias_counts(self.clocks[0].starts),
                _ => false,
            };
            let is_failed_colleagues = one.of.letter.kind == Kind::TouchBounces
                && one
                    .of
                    .about
                    .is_some_and(|about| is_by_colleague(&trial.world.happened[about].letter.kind));
            if is_failed_colleagues {
                continue;
            }
            let row = if is_by_colleague(&one.of.letter.kind) { 14 } else { row };
            let of_letter: Vec<Option<u8>> = is
                .story
                .iter()
                .filter(|event| event.message_id.as_ref().is_some_and(|id| id.as_str() == one.of.id))
                .map(|event| event.rule)
                .collect();
            if !of_letter.contains(&Some(row)) {
                found.push(format!("LOST: {:?} has the rows {of_letter:?}, not {row}", one.of.letter.kind));
            }
        }
    }

    /// Section 8.
    fn acceptance(&self, visible: &[Visible<'_>], is: &Judgement, found: &mut Vec<String>) {
        let taken = of_kind(visible, |kind| *kind == Kind::Accepts).map(|one| one.shown).min();
        let state = is.acceptance.state;
        let is_seen = taken.is_some_and(|shown| self.closed.is_none_or(|at| shown < at));
        if is_seen && state != AcceptanceState::Accepted {
            found.push(format!("MISSED: the AE took the record, and it is {state:?}"));
        }
        let may = of_kind(visible, |kind| {
            matches!(kind, Kind::Accepts | Kind::SaysDone | Kind::Feedback | Kind::Says { .. })
        });
        if may.count() == 0 && state != AcceptanceState::None {
            found.push(format!("FALSE: nobody took the record, and it is {state:?}"));
        }
    }

    /// Section 9: what was answered.
    fn answer(&self, visible: &[Visible<'_>], is: &Judgement, found: &mut Vec<String>) {
        let is_moved = of_kind(visible, |kind| {
            let is_said = matches!(kind, Kind::Says { what: Words::MeetingMoved { .. }, .. });
            is_said || matches!(kind, Kind::Invite | Kind::Invitation(_))
        });
        if is_moved.count() > 0 {
            return;
        }
        let Some(answer) = of_kind(visible, |kind| *kind == Kind::Feedback).next() else { return };
        let score = [4, 5, 3][usize::from(answer.of.letter.form.words % 3)];
        let is = &is.feedback;
        if is.state != FeedbackState::Received || is.score != Some(score) {
            found.push(format!(
                "MISSED: feedback is {:?} with {:?}, not received with {score}",
                is.state, is.score
            ));
        }
    }

    /// Section 6.
    fn cc(&self, trial: &Trial<'_, '_>, visible: &[Visible<'_>], is: &Judgement, found: &mut Vec<String>) {
        let is_withdrawn =
            |at: DateTime<Utc>| self.touches.iter().any(|touch| touch.at == at && touch.withdrawn.is_some());
        let mut written: Vec<(DateTime<Utc>, SdrPlace, bool)> = visible
            .iter()
            .filter_map(|one| match one.of.letter.kind {
                Kind::Touch { by: RITA, .. } => None,
                Kind::Touch { by, .. } if by == ALIAS && !trial.alias_counts(self.clocks[0].starts) => None,
                Kind::Touch { sdr, .. } if !is_withdrawn(one.at) => {
                    Some((one.at, sdr, one.of.copies.iter().any(|copy| copy.who == DANA)))
                }
                _ => None,
            })
            .collect();
        written.sort_by_key(|(at, ..)| *at);
        if written.windows(2).any(|two| two[0].0 == two[1].0) {
            return;
        }
        let mut state = CcState::Waiting;
        for (place, (_, sdr, reached_sdr)) in written.iter().enumerate() {
            state = match (place, sdr) {
                (0, SdrPlace::Cc) => CcState::Kept,
                (0, _) if *reached_sdr => CcState::MovedToBcc,
                (0, _) => CcState::DroppedEarly,
                (_, SdrPlace::Cc) => CcState::Lingering,
                (_, _) => CcState::Dropped,
            };
        }
        let has_begun = trial.world.running().now() >= is.meeting.start;
        if self.cancelled(trial).is_some() {
            return;
        }
        if state == CcState::Kept && !trial.plan.ae_watched && has_begun {
            state = CcState::DroppedAssumed;
        }
        if is.cc.state != state {
            found.push(format!("FALSE: Cc is {:?}, not {state:?}", is.cc.state));
        }
    }
}

/// The row of docs/behaviour.md section 5, where the story tells it.
fn row_of(kind: &Kind) -> Option<u8> {
    Some(match kind {
        Kind::Touch { video: true, .. } => 10,
        Kind::Touch { in_thread: true, .. } => 1,
        Kind::Touch { .. } => 2,
        Kind::Aside => 3,
        Kind::Absence { .. } => 4,
        Kind::Invite => 5,
        Kind::Invitation(_) => 6,
        Kind::Receipt => 7,
        Kind::Empty => 9,
        Kind::ProspectWrites => 11,
        Kind::IntroBounces { .. } => 12,
        Kind::TouchBounces => 13,
        Kind::ColleagueWrites => 14,
        Kind::Forged => 15,
        Kind::UnknownAddress => 16,
        _ => return None,
    })
}
