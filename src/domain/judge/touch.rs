//! The clocks of a handoff and its first touch. docs/behaviour.md sections 4 and 5.
//!
//! A fold over what starts, stops and ends a clock, in the order of its own time; within one second
//! baton's own acts come first.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::super::fact::{Fact, FixedDeadline};
use super::super::outcomes::TouchKind;
use super::candidates::{TouchCandidate, TouchCandidates, says_held};
use super::correspondence::Correspondence;
use super::deadlines::DeadlineCounter;
use super::deliveries::Deliveries;
use super::feedback_answers::FeedbackAnswer;
use super::participants::Participants;
use super::seen_message::SeenMessage;

/// What mails about a clock that started then are kept under.
pub(super) fn clock_key(started: DateTime<Utc>) -> String {
    format!("clock {}", started.format("%Y-%m-%dT%H:%M:%SZ"))
}

/// One run of the SLA clock: from a start to its deadline, which is fixed at the start.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SlaClock {
    pub started: DateTime<Utc>,
    /// When its AE got the handoff: before it started, where a touch that reached nobody started it.
    pub handed_over: DateTime<Utc>,
    pub deadline: DateTime<Utc>,
    pub why: String,
    pub tenure: usize,
    /// Name of the AE of that tenure.
    pub ae: String,
    /// Sending of the intro that was the last one when it started.
    pub sending: u32,
    /// It was stopped before a touch: the intro had failed, or another clock took over.
    pub stopped: Option<DateTime<Utc>>,
}

impl SlaClock {
    /// What mails about this clock are kept under.
    pub(crate) fn key(&self) -> String {
        clock_key(self.started)
    }

    /// Whether it was a touch within the clock's time, by what was known while the clock ran: one whose failure
    /// started the clock is none.
    pub(crate) fn is_met_by(&self, candidate: &TouchCandidate) -> bool {
        candidate.tenure == self.tenure
            && candidate.at <= self.deadline
            && candidate.withdrawn.is_none_or(|at| at > self.started)
    }
}

/// The clocks and what stands as the first touch.
#[derive(Debug)]
pub(super) struct Touches {
    pub clocks: Vec<SlaClock>,
    /// In the order of their time.
    pub candidates: Vec<TouchCandidate>,
    /// Index of the candidate that is the touch of the current AE.
    standing: Option<usize>,
    /// The clock stands because the intro failed, since then.
    pub undelivered: Option<DateTime<Utc>>,
    /// The clock that runs, or that ran when the touch came.
    current: Option<usize>,
    /// Candidates that stood as the touch when they were withdrawn.
    withdrawn: Vec<usize>,
    /// The deadline of each clock by itself.
    pub fixed_deadlines: Vec<FixedDeadline>,
    /// Clocks whose deadline passed without a touch.
    missed: BTreeSet<usize>,
}

impl Touches {
    pub(crate) fn current_clock(&self) -> Option<&SlaClock> {
        self.current.and_then(|current| self.clocks.get(current))
    }

    /// The running clock, or the one that ran when the touch came; none while the intro is undelivered.
    pub(crate) fn clock_to_show(&self) -> Option<&SlaClock> {
        if self.touch().is_none() && self.undelivered.is_some() {
            return None;
        }
        self.current_clock()
    }

    pub(crate) fn touch(&self) -> Option<&TouchCandidate> {
        self.standing.and_then(|index| self.candidates.get(index))
    }

    /// The AE's word that stands as the touch, and the mail that gave it.
    pub(crate) fn stated_in<'s>(
        &'s self,
        mail: &'s Correspondence,
    ) -> Option<(&'s TouchCandidate, &'s SeenMessage)> {
        let touch = self.touch().filter(|touch| touch.kind == TouchKind::Stated)?;
        mail.seen.iter().find(|seen| seen.name() == touch.name).map(|seen| (touch, seen))
    }

    /// Candidates that stood as the touch when they were withdrawn.
    pub(crate) fn withdrawn(&self) -> impl Iterator<Item = &TouchCandidate> {
        self.withdrawn.iter().filter_map(|index| self.candidates.get(*index))
    }

    /// The message was withdrawn: it reached no prospect contact.
    pub(crate) fn is_withdrawn(&self, seen: &SeenMessage) -> bool {
        self.candidates.iter().any(|one| one.withdrawn.is_some() && one.name == seen.name())
    }

    /// The clock that runs now: no touch stands and the intro is not known to have failed.
    pub(crate) fn running(&self) -> Option<&SlaClock> {
        if self.standing.is_some() || self.undelivered.is_some() {
            return None;
        }
        self.current_clock().filter(|clock| clock.stopped.is_none())
    }

    /// Whether the clock's deadline passes or passed without a touch, by all that is known.
    pub(crate) fn is_missed(&self, clock: &SlaClock) -> bool {
        let index = self.clocks.iter().position(|one| one == clock);
        index.is_some_and(|index| self.missed.contains(&index))
    }

    /// Whether the touch is late: some clock of the same AE ran out before it.
    pub(crate) fn is_late(&self) -> bool {
        let Some(touch) = self.touch() else { return false };
        self.clocks.iter().enumerate().any(|(index, clock)| {
            clock.tenure == touch.tenure && self.missed.contains(&index) && clock.deadline < touch.at
        })
    }

    /// Whether the first touch is still awaited after something that happened at `at`, and was awaited then: by the clock
    /// that runs now, or by one of the same AE's that another has taken over from since, also while the intro was
    /// undelivered in between.
    pub(crate) fn awaits_since(&self, at: DateTime<Utc>) -> bool {
        if self.touch().is_some() {
            return false;
        }
        let Some(current) = self.current_clock().filter(|clock| clock.started > at) else { return true };
        let had_begun = |clock: &SlaClock| clock.tenure == current.tenure && clock.started <= at;
        let stood = |touch: &TouchCandidate| touch.at <= at && touch.withdrawn.is_none_or(|until| until > at);
        self.clocks.iter().any(had_begun) && !self.withdrawn().any(stood)
    }
}

/// What clocks and touches are folded from, beside the candidates.
#[derive(Debug)]
pub(super) struct TouchInputs<'a> {
    pub facts: &'a [Fact],
    pub deadlines: DeadlineCounter<'a>,
    pub participants: Participants<'a>,
    pub deliveries: &'a Deliveries,
}

/// The touches by mail and statements alone. An answer to the feedback request says something of the touch as
/// well, and whether in time can only be known by the clocks that run without it.
#[derive(Debug)]
pub(super) struct TouchesBeforeFeedback {
    candidates: TouchCandidates,
    touches: Touches,
}

impl TouchesBeforeFeedback {
    pub(crate) fn fold(inputs: &TouchInputs, candidates: TouchCandidates) -> Self {
        let touches = fold(inputs, candidates.clone());
        Self { candidates, touches }
    }

    /// `held`, answered before the deadline while no touch is known, says that they have met; so it does while a touch stood
    /// of which it became known later that it reached nobody.
    pub(crate) fn with_held(self, inputs: &TouchInputs, answers: &[FeedbackAnswer]) -> Touches {
        let tenures = inputs.participants.tenures;
        let in_time = |answer: &&FeedbackAnswer| {
            let tenure = tenures.at(answer.at);
            let mut clocks = self.touches.clocks.iter().rev();
            clocks
                .find(|clock| clock.started <= answer.at && clock.tenure == tenure)
                .is_some_and(|clock| answer.at <= clock.deadline)
                || self.touches.withdrawn().any(|touch| {
                    let stood = touch.withdrawn.is_none_or(|until| until > answer.at);
                    touch.tenure == tenure && touch.at <= answer.at && stood
                })
        };
        let mut held = answers.iter().filter(|answer| says_held(answer)).filter(in_time).peekable();
        if held.peek().is_none() {
            return self.touches;
        }
        fold(inputs, self.candidates.with_held(held, tenures, inputs.facts))
    }
}

#[derive(Debug)]
enum TouchStep {
    Accepted(u32),
    Reassigned(usize),
    /// Every `To` address of the sending failed.
    Undelivered(u32),
    /// The intro did not reach the AE whom it named.
    AeMissed(u32),
    Touched(usize),
    Withdrawn(usize),
}

/// What happens to clocks, in the order of its time.
fn steps(inputs: &TouchInputs, candidates: &[TouchCandidate]) -> Vec<(DateTime<Utc>, TouchStep)> {
    let mut steps = Vec::new();
    for (number, sending) in inputs.deliveries.all() {
        if inputs.deliveries.is_given_up_beside_another(number) {
            continue;
        }
        steps.extend(sending.accepted.map(|at| (at, 0, TouchStep::Accepted(number))));
        let failed = sending.all_to_failed().or(sending.refused);
        steps.extend(failed.map(|at| (at, 2, TouchStep::Undelivered(number))));
        steps.extend(sending.ae_failed().map(|at| (at, 2, TouchStep::AeMissed(number))));
    }
    for (position, (at, _)) in inputs.participants.tenures.changes().enumerate() {
        steps.push((at, 1, TouchStep::Reassigned(position + 1)));
    }
    for (index, candidate) in candidates.iter().enumerate() {
        steps.push((candidate.at, 3, TouchStep::Touched(index)));
        let withdrawn = candidate.withdrawn.map(|at| at.max(candidate.at));
        steps.extend(withdrawn.map(|at| (at, 4, TouchStep::Withdrawn(index))));
    }
    steps.sort_by_key(|(at, order, _)| (*at, *order));
    steps.into_iter().map(|(at, _, step)| (at, step)).collect()
}

fn fold(inputs: &TouchInputs, candidates: TouchCandidates) -> Touches {
    let touches = Touches {
        clocks: Vec::new(),
        candidates: candidates.sorted(),
        standing: None,
        undelivered: None,
        current: None,
        withdrawn: Vec::new(),
        fixed_deadlines: Vec::new(),
        missed: BTreeSet::new(),
    };
    let mut fold = TouchFold { inputs, tenure: 0, last_sending: 0, touches };
    for (at, step) in steps(inputs, &fold.touches.candidates) {
        fold.take(at, &step);
    }
    fold.find_missed();
    fold.touches
}

/// The fold at one point in time.
struct TouchFold<'a> {
    inputs: &'a TouchInputs<'a>,
    tenure: usize,
    last_sending: u32,
    touches: Touches,
}

impl TouchFold<'_> {
    fn take(&mut self, at: DateTime<Utc>, step: &TouchStep) {
        match step {
            TouchStep::Accepted(number) => {
                self.last_sending = *number;
                self.touches.undelivered = None;
                if self.touches.standing.is_none() {
                    self.start(at, None);
                }
            }
            TouchStep::Reassigned(to) => self.reassign(at, *to),
            TouchStep::Undelivered(number) => self.stand(at, *number),
            TouchStep::AeMissed(number) => {
                let sending = self.inputs.deliveries.get(*number);
                let ae = sending.and_then(|sending| sending.ae.as_ref());
                if ae.is_some_and(|address| self.inputs.participants.is_ae(self.tenure, address)) {
                    self.stand(at, *number);
                }
            }
            TouchStep::Touched(index) => {
                let candidate = self.touches.candidates.get(*index);
                let is_current = candidate.is_some_and(|one| one.tenure == self.tenure);
                if self.touches.standing.is_none() && is_current {
                    self.touches.standing = Some(*index);
                }
            }
            TouchStep::Withdrawn(index) if self.touches.standing == Some(*index) => {
                self.withdraw(at, *index);
            }
            TouchStep::Withdrawn(_) => {}
        }
    }

    /// Another AE's clock starts, unless the intro had failed by then.
    fn reassign(&mut self, at: DateTime<Utc>, tenure: usize) {
        self.tenure = tenure;
        self.touches.standing = None;
        self.stop(at);
        let sending = self.inputs.deliveries.get(self.last_sending);
        let has_reached = sending.is_some_and(|sending| {
            sending.accepted.is_some() && sending.all_to_failed().is_none_or(|failed| failed > at)
        });
        if has_reached {
            self.touches.undelivered = None;
            self.start(at, None);
        }
    }

    /// The touch reached nobody: the next one stands, or a clock starts again.
    fn withdraw(&mut self, at: DateTime<Utc>, index: usize) {
        self.touches.withdrawn.push(index);
        self.touches.standing = self.touches.candidates.iter().position(|one| {
            one.tenure == self.tenure && one.at <= at && one.withdrawn.is_none_or(|withdrawn| withdrawn > at)
        });
        if self.touches.standing.is_none() && self.touches.undelivered.is_none() {
            let floor = self.touches.current_clock().map(|clock| clock.deadline);
            self.start(at, floor);
        }
    }

    /// The last intro has failed: the clock stands, unless a touch has stopped it before.
    fn stand(&mut self, at: DateTime<Utc>, sending: u32) {
        if sending < self.last_sending {
            return;
        }
        self.touches.undelivered.get_or_insert(at);
        if self.touches.standing.is_none() {
            self.stop(at);
        }
    }

    fn stop(&mut self, at: DateTime<Utc>) {
        let clock = self.touches.current.and_then(|current| self.touches.clocks.get_mut(current));
        if let Some(clock) = clock {
            clock.stopped.get_or_insert(at);
        }
    }

    /// Starts a clock of the AE whose turn it is; its deadline is never before `floor`.
    fn start(&mut self, at: DateTime<Utc>, floor: Option<DateTime<Utc>>) {
        let TouchInputs { deadlines, participants, .. } = self.inputs;
        let ae = participants.tenures.ae(self.tenure);
        let from = at.max(participants.tenures.owes_from(self.tenure));
        let Some(fixed) = deadlines.of(participants.directory, ae, from) else { return };
        self.stop(at);
        let (deadline, why) = match floor {
            Some(floor) if floor > fixed.deadline => {
                (floor, format!("{}; never before the earlier deadline", fixed.why))
            }
            _ => (fixed.deadline, fixed.why.clone()),
        };
        self.touches.fixed_deadlines.push(fixed);
        let before = self.touches.current_clock().filter(|_| floor.is_some());
        let handed_over = before.map_or(at, |clock| clock.handed_over);
        self.touches.current = Some(self.touches.clocks.len());
        self.touches.clocks.push(SlaClock {
            started: at,
            handed_over,
            deadline,
            why,
            tenure: self.tenure,
            ae: ae.to_owned(),
            sending: self.last_sending,
            stopped: None,
        });
    }

    fn find_missed(&mut self) {
        let TouchInputs { deliveries, participants, .. } = self.inputs;
        let touches = &self.touches;
        let is_missed = |clock: &SlaClock| {
            !touches.candidates.iter().any(|candidate| clock.is_met_by(candidate))
                && clock.stopped.is_none_or(|at| at > clock.deadline)
                && !deliveries.reached_nobody(clock.sending, clock.tenure, participants)
        };
        let clocks = touches.clocks.iter().enumerate();
        let missed = clocks.filter(|(_, clock)| is_missed(clock)).map(|(index, _)| index).collect();
        self.touches.missed = missed;
    }
}
