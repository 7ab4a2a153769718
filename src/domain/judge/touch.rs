//! The clocks of a handoff and its first touch. behaviour.md sections 4 and 5.
//!
//! A fold over what starts, stops and ends a clock, in the order of its own time; within one second
//! baton's own acts come first.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::super::fact::FixedDeadline;
use super::super::fact::TouchKind;
use super::super::message::{Address, MessageId};
use super::deadlines::DeadlineCounter;
use super::directory::{Directory, Tenures};

/// One run of the SLA clock: from a start to its deadline, which is fixed at the start.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SlaClock {
    pub started: DateTime<Utc>,
    pub deadline: DateTime<Utc>,
    pub why: String,
    pub tenure: usize,
    /// Sending of the intro that was the last one when it started.
    pub sending: u32,
    /// It was stopped before a touch: the intro had failed, or another clock took over.
    pub stopped: Option<DateTime<Utc>>,
}

impl SlaClock {
    /// What mails about this clock are kept under.
    pub(crate) fn key(&self) -> String {
        format!("clock {}", self.started.format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

/// Something that may be the first touch.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TouchCandidate {
    pub at: DateTime<Utc>,
    pub kind: TouchKind,
    pub message_id: Option<MessageId>,
    /// Name of the message, as `SeenMessage::name`.
    pub name: String,
    pub tenure: usize,
    pub indirect: bool,
    /// Since when it is known that no prospect contact got it (row 13).
    pub withdrawn: Option<DateTime<Utc>>,
}

impl TouchCandidate {
    /// Whether it was a touch within that clock's time, by what was known while the clock ran: one whose
    /// failure started the clock is none.
    pub(crate) fn meets(&self, clock: &SlaClock) -> bool {
        self.tenure == clock.tenure
            && self.at <= clock.deadline
            && self.withdrawn.is_none_or(|at| at > clock.started)
    }
}

/// A sending of the intro.
#[derive(Clone, Debug, Default)]
pub(super) struct IntroSending {
    pub accepted: Option<DateTime<Utc>>,
    /// The server refused it for good.
    pub refused: Option<DateTime<Utc>>,
    pub to: Vec<Address>,
    pub ae: Option<Address>,
    pub ids: BTreeSet<MessageId>,
    /// Address and reason, with the failure's time.
    pub failed: BTreeMap<Address, (DateTime<Utc>, String)>,
}

impl IntroSending {
    fn failed_at(&self, address: &Address) -> Option<DateTime<Utc>> {
        self.failed.get(&address.mailbox()).map(|(at, _)| *at)
    }

    fn all_to_failed(&self) -> Option<DateTime<Utc>> {
        let times: Option<Vec<_>> = self.to.iter().map(|address| self.failed_at(address)).collect();
        times.and_then(|times| times.into_iter().max())
    }

    fn ae_failed(&self) -> Option<DateTime<Utc>> {
        self.ae.as_ref().and_then(|address| self.failed_at(address))
    }

    /// Since when the clock must stand: every `To` address failed, or the AE.
    pub(crate) fn undelivered_since(&self) -> Option<DateTime<Utc>> {
        match (self.all_to_failed(), self.ae_failed()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
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

/// The clocks and what stands as the first touch.
#[derive(Debug)]
pub(super) struct Touches {
    pub clocks: Vec<SlaClock>,
    pub candidates: Vec<TouchCandidate>,
    /// Index of the candidate that is the touch of the current AE.
    pub standing: Option<usize>,
    /// The clock stands because the intro failed, since then.
    pub undelivered: Option<DateTime<Utc>>,
    /// The clock that runs, or that ran when the touch came.
    pub current: Option<usize>,
    /// Candidates that stood as the touch when they were withdrawn.
    pub withdrawn: Vec<usize>,
    /// The deadline of each clock by itself.
    pub fixed: Vec<FixedDeadline>,
    /// Clocks whose deadline passed without a touch.
    missed: BTreeSet<usize>,
}

impl Touches {
    pub(crate) fn fold(
        deadlines: &DeadlineCounter<'_>,
        directory: &Directory,
        tenures: &Tenures,
        sendings: &BTreeMap<u32, IntroSending>,
        mut candidates: Vec<TouchCandidate>,
    ) -> Self {
        candidates.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
        let mut folded = Self {
            clocks: Vec::new(),
            candidates,
            standing: None,
            undelivered: None,
            current: None,
            withdrawn: Vec::new(),
            fixed: Vec::new(),
            missed: BTreeSet::new(),
        };
        let mut tenure = 0;
        let mut last_sending = 0;
        for (at, step) in folded.steps(tenures, sendings) {
            match step {
                TouchStep::Accepted(number) => {
                    last_sending = number;
                    folded.undelivered = None;
                    if folded.standing.is_none() {
                        folded.start(deadlines, directory, tenures, at, tenure, number, None);
                    }
                }
                TouchStep::Reassigned(to) => {
                    tenure = to;
                    folded.standing = None;
                    folded.stop(at);
                    let sending = sendings.get(&last_sending);
                    let has_reached = sending.is_some_and(|sending| {
                        sending.accepted.is_some() && sending.all_to_failed().is_none_or(|failed| failed > at)
                    });
                    if has_reached {
                        folded.undelivered = None;
                        folded.start(deadlines, directory, tenures, at, tenure, last_sending, None);
                    }
                }
                TouchStep::Undelivered(number) => {
                    if number >= last_sending {
                        folded.stand(at);
                    }
                }
                TouchStep::AeMissed(number) => {
                    let is_theirs = sendings.get(&number).is_some_and(|sending| {
                        sending
                            .ae
                            .as_ref()
                            .is_some_and(|address| directory.is_ae(tenures.ae(tenure), address))
                    });
                    if number >= last_sending && is_theirs {
                        folded.stand(at);
                    }
                }
                TouchStep::Touched(index) => {
                    let is_current = folded.candidates.get(index).is_some_and(|one| one.tenure == tenure);
                    if folded.standing.is_none() && is_current {
                        folded.standing = Some(index);
                    }
                }
                TouchStep::Withdrawn(index) if folded.standing == Some(index) => {
                    folded.withdrawn.push(index);
                    folded.standing = folded.next_standing(at, tenure);
                    if folded.standing.is_none() && folded.undelivered.is_none() {
                        let floor = folded.current_clock().map(|clock| clock.deadline);
                        folded.start(deadlines, directory, tenures, at, tenure, last_sending, floor);
                    }
                }
                TouchStep::Withdrawn(_) => {}
            }
        }
        folded.find_missed(directory, tenures, sendings);
        folded
    }

    fn steps(
        &self,
        tenures: &Tenures,
        sendings: &BTreeMap<u32, IntroSending>,
    ) -> Vec<(DateTime<Utc>, TouchStep)> {
        let mut steps = Vec::new();
        for (number, sending) in sendings {
            steps.extend(sending.accepted.map(|at| (at, 0, TouchStep::Accepted(*number))));
            let failed = sending.all_to_failed().or(sending.refused);
            steps.extend(failed.map(|at| (at, 2, TouchStep::Undelivered(*number))));
            steps.extend(sending.ae_failed().map(|at| (at, 2, TouchStep::AeMissed(*number))));
        }
        for (position, (at, _)) in tenures.changes().enumerate() {
            steps.push((at, 1, TouchStep::Reassigned(position + 1)));
        }
        for (index, candidate) in self.candidates.iter().enumerate() {
            steps.push((candidate.at, 3, TouchStep::Touched(index)));
            steps
                .extend(candidate.withdrawn.map(|at| (at.max(candidate.at), 4, TouchStep::Withdrawn(index))));
        }
        steps.sort_by_key(|(at, order, _)| (*at, *order));
        steps.into_iter().map(|(at, _, step)| (at, step)).collect()
    }

    fn next_standing(&self, at: DateTime<Utc>, tenure: usize) -> Option<usize> {
        self.candidates.iter().position(|one| {
            one.tenure == tenure && one.at <= at && one.withdrawn.is_none_or(|withdrawn| withdrawn > at)
        })
    }

    /// The intro has failed: the clock stands, unless a touch has stopped it before.
    fn stand(&mut self, at: DateTime<Utc>) {
        self.undelivered.get_or_insert(at);
        if self.standing.is_none() {
            self.stop(at);
        }
    }

    fn stop(&mut self, at: DateTime<Utc>) {
        if let Some(clock) = self.current.and_then(|current| self.clocks.get_mut(current)) {
            clock.stopped.get_or_insert(at);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "a clock is made from everything that it is fixed by")]
    fn start(
        &mut self,
        deadlines: &DeadlineCounter<'_>,
        directory: &Directory,
        tenures: &Tenures,
        at: DateTime<Utc>,
        tenure: usize,
        sending: u32,
        floor: Option<DateTime<Utc>>,
    ) {
        let Some(fixed) = deadlines.of(directory, tenures.ae(tenure), at) else { return };
        self.stop(at);
        let (deadline, why) = match floor {
            Some(floor) if floor > fixed.deadline => {
                (floor, format!("{}; never before the earlier deadline", fixed.why))
            }
            _ => (fixed.deadline, fixed.why.clone()),
        };
        self.fixed.push(fixed);
        self.current = Some(self.clocks.len());
        self.clocks.push(SlaClock { started: at, deadline, why, tenure, sending, stopped: None });
    }

    pub(crate) fn current_clock(&self) -> Option<&SlaClock> {
        self.current.and_then(|current| self.clocks.get(current))
    }

    pub(crate) fn touch(&self) -> Option<&TouchCandidate> {
        self.standing.and_then(|index| self.candidates.get(index))
    }

    /// The clock that runs now: no touch stands and the intro is not known to have failed.
    pub(crate) fn running(&self) -> Option<&SlaClock> {
        if self.standing.is_some() || self.undelivered.is_some() {
            return None;
        }
        self.current_clock().filter(|clock| clock.stopped.is_none())
    }

    fn find_missed(
        &mut self,
        directory: &Directory,
        tenures: &Tenures,
        sendings: &BTreeMap<u32, IntroSending>,
    ) {
        for (index, clock) in self.clocks.iter().enumerate() {
            let touched = self.candidates.iter().any(|candidate| candidate.meets(clock));
            let stopped = clock.stopped.is_some_and(|at| at <= clock.deadline);
            if !touched && !stopped && !reached_nobody(directory, tenures, sendings, clock) {
                self.missed.insert(index);
            }
        }
    }

    /// Whether the clock's deadline passes or passed without a touch, by all that is known.
    pub(crate) fn is_missed(&self, index: usize) -> bool {
        self.missed.contains(&index)
    }

    /// Whether the touch is late: some clock of the same AE ran out before it.
    pub(crate) fn is_late(&self) -> bool {
        let Some(touch) = self.touch() else { return false };
        self.clocks.iter().enumerate().any(|(index, clock)| {
            clock.tenure == touch.tenure && self.is_missed(index) && clock.deadline < touch.at
        })
    }
}

/// The intro had reached neither that clock's AE nor any prospect contact. An AE who took over later was
/// never among its recipients.
pub(super) fn reached_nobody(
    directory: &Directory,
    tenures: &Tenures,
    sendings: &BTreeMap<u32, IntroSending>,
    clock: &SlaClock,
) -> bool {
    sendings.get(&clock.sending).is_some_and(|sending| {
        let went_to_ae =
            sending.ae.as_ref().is_some_and(|address| directory.is_ae(tenures.ae(clock.tenure), address));
        sending.all_to_failed().is_some() && (!went_to_ae || sending.ae_failed().is_some())
    })
}
